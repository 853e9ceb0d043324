//! What `${…}` does with a text: `#`, `%`, `/`, `^`, `,`, `@`.

use crate::bash::pattern::Pattern;
use crate::bash::quote;
use crate::systems::linux::ledger::MEMORY;

/// What is done with a text.
pub(super) enum Transform {
    Trim { suffix: bool, longest: bool, pattern: Pattern },
    Replace { which: char, empty: bool, pattern: Pattern, with: String },
    Case { to: char, all: bool, pattern: Option<Pattern> },
    Letter(char),
}

impl Transform {
    /// The text that comes out.
    pub(super) fn apply(&self, text: &str) -> String {
        match self {
            Self::Trim { suffix: false, longest, pattern } => {
                let end = if *longest { pattern.longest_prefix(text) } else { pattern.shortest_prefix(text) };
                text[end.unwrap_or(0)..].to_owned()
            }
            Self::Trim { suffix: true, longest, pattern } => {
                let start = if *longest { pattern.longest_suffix(text) } else { pattern.shortest_suffix(text) };
                text[..start.unwrap_or(text.len())].to_owned()
            }
            Self::Replace { which: '#', pattern, with, .. } => match pattern.longest_prefix(text) {
                Some(end) => format!("{with}{}", &text[end..]),
                None => text.to_owned(),
            },
            Self::Replace { which: '%', pattern, with, .. } => match pattern.longest_suffix(text) {
                Some(start) => format!("{}{with}", &text[..start]),
                None => text.to_owned(),
            },
            Self::Replace { empty: true, .. } => text.to_owned(),
            Self::Replace { which, pattern, with, .. } => replace(text, pattern, with, *which == '*'),
            Self::Case { to, all, pattern } => change_case(text, *to, *all, pattern.as_ref()),
            Self::Letter('Q') => quote::shell_quote(text),
            Self::Letter('E') => quote::ansi_c(text),
            Self::Letter('U') => text.to_uppercase(),
            Self::Letter('L') => text.to_lowercase(),
            Self::Letter('u') => change_case(text, '^', false, None),
            Self::Letter(_) => text.to_owned(),
        }
    }
}

fn replace(text: &str, pattern: &Pattern, with: &str, all: bool) -> String {
    let mut replaced = String::with_capacity(text.len());
    let mut at = 0;
    while let Some(found) = pattern.find(text, at) {
        if found.is_empty() {
            // An empty match moves on by one character.
            let Some(next) = text[found.end..].chars().next() else { break };
            replaced.push_str(&text[at..found.end + next.len_utf8()]);
            at = found.end + next.len_utf8();
            continue;
        }
        replaced.push_str(&text[at..found.start]);
        replaced.push_str(with);
        at = found.end;
        // More than a shell may hold is refused by whoever asked.
        if !all || replaced.len() as u64 > MEMORY {
            break;
        }
    }
    replaced.push_str(&text[at..]);
    replaced
}

fn change_case(text: &str, to: char, all: bool, pattern: Option<&Pattern>) -> String {
    let mut changed = String::with_capacity(text.len());
    for (at, character) in text.chars().enumerate() {
        let fits = pattern.is_none_or(|pattern| pattern.matches(character.encode_utf8(&mut [0; 4])));
        let upper = match to {
            '^' => true,
            ',' => false,
            _ => character.is_lowercase(),
        };
        match (fits && (all || at == 0), upper) {
            (false, _) => changed.push(character),
            (true, true) => changed.extend(character.to_uppercase()),
            (true, false) => changed.extend(character.to_lowercase()),
        }
    }
    changed
}
