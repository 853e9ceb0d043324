//! History expansion at a keyboard: `!!`, `!$`, `!n`, `!string`, `^old^new` (bash(1), "HISTORY EXPANSION").

/// What a typed line comes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Expanded {
    /// Nothing in it was an event.
    Same,
    /// This line, which bash shows before it runs it; only shows it, if `true`.
    Line(String, bool),
    /// bash's complaint, without its name.
    Wrong(String),
}

/// So long may a line get by events, in bytes: each may double it.
const LONGEST: usize = 64 << 10;

/// What `:s` has put in place of what.
type Substituted = Option<(String, String)>;

/// Expands a line against the lines typed before, the oldest first, of which `forgotten` older ones are gone; `last` is what
/// was substituted last.
#[must_use]
pub fn expand(line: &str, history: &[String], forgotten: usize, last: &mut Substituted) -> Expanded {
    // `^old^new^` is `!!:s^old^new^`.
    let quick = line.starts_with('^').then(|| format!("!!:s{line}"));
    let line = quick.as_deref().unwrap_or(line);
    let mut out = String::with_capacity(line.len());
    let (mut rest, mut changed, mut shows) = (line, false, false);
    let (mut single, mut double) = (false, false);
    while let Some(character) = rest.chars().next() {
        let after = &rest[character.len_utf8()..];
        match character {
            '\\' if !single => {
                let next = after.chars().next();
                out.push('\\');
                out.extend(next);
                rest = &after[next.map_or(0, char::len_utf8)..];
                continue;
            }
            '\'' if !double => single = !single,
            '"' if !single => double = !double,
            '!' if !single && !inhibited(&out) && begins(after, double) => {
                let event = match Event::read(after, &out, history, forgotten, last) {
                    Ok(event) => event,
                    Err(complaint) => return Expanded::Wrong(complaint),
                };
                if out.len() + event.text.len() > LONGEST {
                    return Expanded::Wrong(too_long());
                }
                out.push_str(&event.text);
                (changed, shows, rest) = (true, shows | event.shows, event.rest);
                continue;
            }
            _ => {}
        }
        out.push(character);
        rest = after;
    }
    if changed { Expanded::Line(out, shows) } else { Expanded::Same }
}

/// What is said of a line that events make too long.
fn too_long() -> String {
    format!("the line would be longer than {} KiB: no more than that is modelled", LONGEST >> 10)
}

/// Whether what stands before a `!` gives it another meaning: `$!`, `${!name}`, `[!a]`.
fn inhibited(before: &str) -> bool {
    before.ends_with(['$', '[']) || before.ends_with("${")
}

/// Whether what follows a `!` is an event.
fn begins(after: &str, double: bool) -> bool {
    match after.chars().next() {
        None | Some(' ' | '\t' | '\n' | '=' | '(') => false,
        Some(next) => !double || next != '"',
    }
}

struct Event<'a> {
    text: String,
    shows: bool,
    rest: &'a str,
}

impl<'a> Event<'a> {
    fn read(
        after: &'a str,
        before: &str,
        history: &[String],
        forgotten: usize,
        last: &mut Substituted,
    ) -> Result<Self, String> {
        let (line, name, mut rest) = event(after, before, history, forgotten);
        let Some(line) = line else { return Err(format!("!{name}: event not found")) };
        let words = words(&line);
        let mut text = line.clone();
        let designator = rest
            .strip_prefix(':')
            .filter(|rest| rest.starts_with(|first: char| first.is_ascii_digit() || "^$*-".contains(first)));
        let shorthand = designator.is_none() && rest.starts_with(['^', '$', '*']);
        if let Some(at) = designator.or_else(|| shorthand.then_some(rest)) {
            let (chosen, behind) = choose(at, &words);
            text = chosen.ok_or_else(|| {
                let spec = &at[..at.len() - behind.len()];
                format!(":{spec}: bad word specifier")
            })?;
            rest = behind;
        }
        let mut shows = false;
        while let Some(modifier) = rest.strip_prefix(':') {
            let (every, modifier) = match modifier.chars().next() {
                Some(every @ ('g' | 'a' | 'G')) => (Some(every), &modifier[1..]),
                _ => (None, modifier),
            };
            let Some(letter) = modifier.chars().next() else { break };
            let mut behind = &modifier[letter.len_utf8()..];
            match letter {
                'h' => text = text.rsplit_once('/').map_or(text.clone(), |(head, _)| head.to_owned()),
                't' => text = text.rsplit('/').next().unwrap_or_default().to_owned(),
                'r' => text = text.rsplit_once('.').map_or(text.clone(), |(root, _)| root.to_owned()),
                'e' => text = text.rfind('.').map_or(String::new(), |at| text[at..].to_owned()),
                'p' => shows = true,
                'q' => text = crate::bash::quote::shell_quote(&text),
                'x' => text = quoted_words(&text),
                's' | '&' => {
                    let whole = behind;
                    if letter == 's' {
                        let Some((old, new, rest)) = pair(behind, last) else { break };
                        (*last, behind) = (Some((old, new)), rest);
                    }
                    let spec = &whole[..whole.len() - behind.len()];
                    let grows = last.as_ref().filter(|(old, _)| !old.is_empty());
                    let grown = grows.map_or(0, |(old, new)| text.matches(old.as_str()).count() * new.len());
                    if text.len() + grown > LONGEST {
                        return Err(too_long());
                    }
                    let done = last.as_ref().and_then(|(old, new)| substitute(&text, old, new, every));
                    text = done.ok_or_else(|| format!(":{letter}{spec}: substitution failed"))?;
                }
                _ => return Err(format!("{letter}: unrecognized history modifier")),
            }
            if text.len() > LONGEST {
                return Err(too_long());
            }
            rest = behind;
        }
        Ok(Self { text, shows, rest })
    }
}

/// The two texts behind `:s`, and what follows them: a backslash keeps what stands between them from its meaning, an empty
/// first one is that of the last time, and `&` in the second is the first.
fn pair<'a>(text: &'a str, last: &Substituted) -> Option<(String, String, &'a str)> {
    let mark = text.chars().next()?;
    let mut parts = [String::new(), String::new()];
    let mut rest = &text[mark.len_utf8()..];
    for part in &mut parts {
        while let Some(character) = rest.chars().next() {
            rest = &rest[character.len_utf8()..];
            match rest.chars().next() {
                Some(next) if character == '\\' && next == mark => {
                    part.push(next);
                    rest = &rest[next.len_utf8()..];
                }
                _ if character == mark => break,
                _ => part.push(character),
            }
        }
    }
    let [mut old, new] = parts;
    if old.is_empty() {
        old = last.as_ref().map(|(old, _)| old.clone()).unwrap_or_default();
    }
    let new = new.replace("\\&", "\0").replace('&', &old).replace('\0', "&");
    Some((old, new, rest))
}

/// A text with another in place of what stands in it once, every time (`g`, `a`), or once in each word (`G`).
fn substitute(text: &str, old: &str, new: &str, every: Option<char>) -> Option<String> {
    if old.is_empty() || !text.contains(old) {
        return None;
    }
    Some(match every {
        None => text.replacen(old, new, 1),
        Some('G') => text.split(' ').map(|word| word.replacen(old, new, 1)).collect::<Vec<_>>().join(" "),
        Some(_) => text.replace(old, new),
    })
}

/// A text whose words are each in quotes.
fn quoted_words(text: &str) -> String {
    let text = text.replace('\'', "'\\''");
    let quoted = |character| match character {
        ' ' | '\t' | '\n' => format!("'{character}'"),
        other => String::from(other),
    };
    format!("'{}'", text.chars().map(quoted).collect::<String>())
}

/// The line that an event stands for, the event's name, and what follows it.
fn event<'a>(after: &'a str, before: &str, history: &[String], forgotten: usize) -> (Option<String>, &'a str, &'a str) {
    let last = history.last().cloned();
    // The line that is being typed.
    if let Some(rest) = after.strip_prefix('#') {
        return (Some(before.to_owned()), "#", rest);
    }
    if let Some(rest) = after.strip_prefix('!') {
        return (last, "!", rest);
    }
    if after.starts_with(['$', '^', '*', ':']) {
        return (last, &after[..1], after);
    }
    if let Some(text) = after.strip_prefix('?') {
        let end = text.find('?').unwrap_or(text.len());
        let found = history.iter().rev().find(|line| line.contains(&text[..end])).cloned();
        return (found, &after[..=end], text.get(end + 1..).unwrap_or_default());
    }
    let digits = after.strip_prefix('-').unwrap_or(after);
    let end = digits.find(|character: char| !character.is_ascii_digit()).unwrap_or(digits.len());
    if end > 0 {
        let end = end + after.len() - digits.len();
        let (name, rest) = after.split_at(end);
        let at = match name.strip_prefix('-') {
            Some(back) => back.parse::<usize>().ok().and_then(|back| history.len().checked_sub(back)),
            None => name.parse::<usize>().ok().and_then(|number| number.checked_sub(forgotten + 1)),
        };
        return (at.and_then(|at| history.get(at)).cloned(), name, rest);
    }
    let end = after.find(|character: char| " \t\n:;&|<>()$*^\"'".contains(character)).unwrap_or(after.len());
    let (name, rest) = after.split_at(end);
    let found = history.iter().rev().find(|line| !name.is_empty() && line.starts_with(name));
    (found.cloned(), name, rest)
}

/// The words of a line (readline's `history_tokenize`).
/// The last word of a line, as Alt-. puts it in.
pub fn last_word(line: &str) -> &str {
    words(line).last().copied().unwrap_or_default()
}

fn words(line: &str) -> Vec<&str> {
    let mut words = Vec::new();
    let mut rest = line.trim_start();
    while !rest.is_empty() {
        let end = word_end(rest.as_bytes());
        words.push(&rest[..end]);
        rest = rest[end..].trim_start();
    }
    words
}

/// Where the first word of a text ends: an operator is one by itself.
fn word_end(text: &[u8]) -> usize {
    let at = |place: usize| text.get(place).copied().unwrap_or_default();
    let digits = |from: usize| from + text[from..].iter().take_while(|byte| byte.is_ascii_digit()).count();
    if matches!(at(0), b'(' | b')') {
        return 1;
    }
    let number = digits(0);
    let mut place = if matches!(at(number), b'<' | b'>') { number } else { 0 };
    let (sign, next) = (at(place), at(place + 1));
    let mut open = 0;
    match (sign, next) {
        (b'<', b'<') if matches!(at(place + 2), b'-' | b'<') => return place + 3,
        (b'<' | b'>' | b';' | b'&' | b'|', _) if next == sign => return place + 2,
        (b'<' | b'>', b'&') => {
            let end = digits(place + 2);
            return end + usize::from(at(end) == b'-');
        }
        (b'&', b'>') | (b'>', b'|') => return place + 2,
        (b'<' | b'>', b'(') => (place, open) = (place + 2, 1),
        (b'<' | b'>' | b';' | b'&' | b'|', _) => return place + 1,
        _ => place = 0,
    }
    let mut quote = 0;
    while place < text.len() {
        match at(place) {
            b'\\' if quote != b'\'' => place += 1,
            byte if quote != 0 => quote = if byte == quote { 0 } else { quote },
            b'(' if open > 0 => open += 1,
            b')' if open > 0 => open -= 1,
            _ if open > 0 => {}
            b'<' | b'>' | b'$' | b'!' | b'@' | b'?' | b'+' | b'*' if at(place + 1) == b'(' => {
                (place, open) = (place + 1, 1);
            }
            b' ' | b'\t' | b'\n' | b';' | b'&' | b'(' | b')' | b'|' | b'<' | b'>' => return place,
            byte @ (b'\'' | b'"' | b'`') => quote = byte,
            _ => {}
        }
        place += 1;
    }
    text.len()
}

/// The words that a designator chooses, and what follows it.
fn choose<'a>(at: &'a str, words: &[&str]) -> (Option<String>, &'a str) {
    let last = words.len().saturating_sub(1);
    let range = |from: usize, to: usize| {
        let fits = from <= to && to <= last;
        fits.then(|| words[from..=to].join(" "))
    };
    let number = |text: &'a str| -> (Option<usize>, &'a str) {
        if let Some(rest) = text.strip_prefix('$') {
            return (Some(last), rest);
        }
        if let Some(rest) = text.strip_prefix('^') {
            return (Some(1), rest);
        }
        let end = text.find(|character: char| !character.is_ascii_digit()).unwrap_or(text.len());
        (text[..end].parse().ok(), &text[end..])
    };
    if let Some(rest) = at.strip_prefix('*') {
        return (Some(range(1, last).unwrap_or_default()), rest);
    }
    let (from, rest) = number(at);
    let from = from.unwrap_or(0);
    if let Some(rest) = rest.strip_prefix('*') {
        return (range(from, last), rest);
    }
    match rest.strip_prefix('-') {
        Some(behind) => {
            let (to, behind) = number(behind);
            (range(from, to.unwrap_or(last.saturating_sub(1))), behind)
        }
        None => (range(from, from), rest),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_line_grows_without_end() {
        let check = |line: &str, history: &[String]| {
            let expanded = expand(line, history, 0, &mut None);
            assert_eq!(expanded, Expanded::Wrong(too_long()), "{line}");
        };
        check(&format!("abcdefgh {}", "!#".repeat(40)), &[]);
        check(&format!("!!{}", ":gs/a/aaaaaaaaaa/".repeat(12)), &["a".repeat(60)]);
        check(&"!!".repeat(1_000), &["a".repeat(1_000)]);
    }

    #[test]
    fn a_name_has_a_letter() {
        let history = ["echo b".to_owned()];
        let complaint = Expanded::Wrong("!: event not found".to_owned());
        for line in ["echo hi!;echo b", "echo !&", "echo !|cat"] {
            assert_eq!(expand(line, &history, 0, &mut None), complaint, "{line}");
        }
    }

    #[test]
    fn a_line_has_words_and_operators() {
        let check = |line: &str, expect: &[&str]| assert_eq!(words(line), expect, "{line}");
        check("a 'b c'd | e>f 2>&1;g&& h", &["a", "'b c'd", "|", "e", ">", "f", "2>&1", ";", "g", "&&", "h"]);
        check("(a $(b c) <(d e) x\\ y)", &["(", "a", "$(b c)", "<(d e)", "x\\ y", ")"]);
        check("f() {\n cat <<-E\n1\n}", &["f", "(", ")", "{", "cat", "<<-", "E", "1", "}"]);
        check("3>&- 4x >|y ls *.é 'ö", &["3>&-", "4x", ">|", "y", "ls", "*.é", "'ö"]);
    }

    #[test]
    fn events_stand_for_lines_typed_before() {
        let history = ["cat /etc/hosts", "systemctl status sshd", "echo a 'b c' d"].map(str::to_owned);
        let check = |line: &str, expect: Expanded| assert_eq!(expand(line, &history, 0, &mut None), expect, "{line}");
        let becomes = |line: &str| Expanded::Line(line.to_owned(), false);
        let wrong = |text: &str| Expanded::Wrong(text.to_owned());
        check("!!", becomes("echo a 'b c' d"));
        check("sudo !!; x", becomes("sudo echo a 'b c' d; x"));
        check("!1", becomes("cat /etc/hosts"));
        check("!-2", becomes("systemctl status sshd"));
        check("!sys", becomes("systemctl status sshd"));
        check("!?hosts?", becomes("cat /etc/hosts"));
        check("ls !$", becomes("ls d"));
        check("ls !cat:1", becomes("ls /etc/hosts"));
        check("ls !cat:$:h", becomes("ls /etc"));
        check("!!:1-2", becomes("echo a 'b c'".trim_start_matches("echo ")));
        check("echo !*", becomes("echo a 'b c' d"));
        check("!1:s/hosts/passwd/", becomes("cat /etc/passwd"));
        check("!1:p", Expanded::Line("cat /etc/hosts".to_owned(), true));
        check("^a^x", becomes("echo x 'b c' d"));
        check("^zz^x", wrong(":s^zz^x: substitution failed"));
        check("a b !#", becomes("a b a b "));
        check("a b !#:1 c", becomes("a b b c"));
        check("echo !1:x", becomes("echo 'cat' '/etc/hosts'"));
        check("!1:s/hosts/&.old/", becomes("cat /etc/hosts.old"));
        check("!1:gs/t/T/:&", wrong(":&: substitution failed"));
        check("!1:gs/\\/e/x/", becomes("cat xtc/hosts"));
        check("^a^x^ y", becomes("echo x 'b c' d y"));
        check("!nope", wrong("!nope: event not found"));
        check("!99", wrong("!99: event not found"));
        check("!!:9", wrong(":9: bad word specifier"));
        for same in [
            "echo hi!",
            "[ ! -f x ]",
            "echo '!!'",
            "echo \\!!",
            "x != y",
            "echo \"done!\"",
            "wait $!; x",
            "${!a}",
            "[!a]",
        ] {
            check(same, Expanded::Same);
        }
    }
}
