//! In which style `ls` writes the names of files.

use super::show;
use crate::systems::linux::proc::Proc;
use crate::systems::linux::tools::argmatch::argument;
use crate::systems::linux::tools::getopt::Given;

/// How names are written (gnulib's `quotearg`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quoting {
    /// As they are.
    Literal,
    /// As the shell reads them: in quotes always, or where it must be; what does not print as it is, or escaped.
    Shell { always: bool, escapes: bool },
    /// As in C, between quotes, or without them.
    C { quotes: bool },
    /// As in C between quotes where something has to be escaped.
    Maybe,
    /// Between the quotes of the language.
    Locale,
}

impl Quoting {
    /// What the options and the environment ask for.
    ///
    /// # Errors
    /// What coreutils say of a wrong word.
    pub fn wanted(p: &Proc, given: &Given, usual: Self) -> Result<Self, String> {
        const STYLES: [&str; 10] = [
            "literal",
            "shell",
            "shell-always",
            "shell-escape",
            "shell-escape-always",
            "c",
            "c-maybe",
            "escape",
            "locale",
            "clocale",
        ];
        let style = |word: &str| match word {
            "literal" => Self::Literal,
            word if word.starts_with("shell") => {
                Self::Shell { always: word.ends_with("always"), escapes: word.contains("escape") }
            }
            "c" => Self::C { quotes: true },
            "c-maybe" => Self::Maybe,
            "escape" => Self::C { quotes: false },
            _ => Self::Locale,
        };
        let option = given.options.iter().rev().find(|(letter, _)| "QbN\u{1b}".contains(*letter));
        match option.map(|(letter, value)| (letter, value.as_deref())) {
            Some(('Q', _)) => Ok(Self::C { quotes: true }),
            Some(('b', _)) => Ok(Self::C { quotes: false }),
            Some(('N', _)) => Ok(Self::Literal),
            Some((_, word)) => argument(word, "--quoting-style", &STYLES).map(style),
            None => {
                let known = p.env("QUOTING_STYLE").filter(|word| STYLES.contains(word));
                Ok(known.map_or(usual, style))
            }
        }
    }

    /// A name in this style.
    #[must_use]
    pub fn of(self, name: &str) -> String {
        match self {
            Self::Literal => name.to_owned(),
            Self::Shell { always, escapes } if escapes || !name.contains(char::is_control) => show::shell(name, always),
            Self::Shell { .. } => format!("'{}'", name.replace('\'', "'\\''")),
            Self::Maybe if !name.contains(|letter: char| letter == '"' || letter.is_control()) => name.to_owned(),
            Self::Maybe => Self::C { quotes: true }.of(name),
            Self::C { quotes: true } => format!("\"{}\"", escaped(name, false, true)),
            Self::C { quotes: false } => escaped(name, true, false),
            Self::Locale => format!("‘{}’", escaped(name, false, false)),
        }
    }
}

/// A name as the C language would have it in a string, without the quotes; `\ ` for a space where `blanks` are escaped, too,
/// `\"` where quotes stand around it.
fn escaped(name: &str, blanks: bool, quotes: bool) -> String {
    let mut text = String::new();
    for character in name.chars() {
        match character {
            '\u{7}'..='\r' => text.extend(['\\', char::from(b"abtnvfr"[(u32::from(character) - 7) as usize])]),
            '\\' => text.push_str("\\\\"),
            ' ' if blanks => text.push_str("\\ "),
            '"' if quotes => text.push_str("\\\""),
            other if other.is_control() => text.push_str(&format!("\\{:03o}", u32::from(other))),
            other => text.push(other),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_escaped_as_in_c() {
        let name = "a \"b\"\t\\\u{1}";
        assert_eq!(escaped(name, true, false), "a\\ \"b\"\\t\\\\\\001");
        assert_eq!(escaped(name, false, true), "a \\\"b\\\"\\t\\\\\\001");
    }
}
