//! Passwords in command lines: blotted out before anything else sees the line, so that no history, screen, journal or
//! file of appsh can hold one. People will type real ones.

use std::borrow::Cow;

/// What stands in place of a password.
const BLOT: &str = "********";

/// The line with the value of each `--password` (in any of its spellings) blotted out.
#[must_use]
pub fn blot(line: &str) -> Cow<'_, str> {
    if !line.contains("--") {
        return Cow::Borrowed(line);
    }
    let (mut out, mut rest, mut value_is_next) = (String::new(), line, false);
    while !rest.is_empty() {
        let word = rest.trim_start();
        out.push_str(&rest[..rest.len() - word.len()]);
        let (word, after) = word.split_at(word_len(word));
        let bare: String = word.chars().filter(|c| !matches!(c, '\'' | '"' | '\\')).collect();
        let secret = names_a_password(bare.split('=').next().unwrap_or_default());
        if value_is_next && !word.is_empty() {
            out.push_str(BLOT);
        } else if let Some((name, _)) = word.split_once('=').filter(|_| secret) {
            out.extend([name, "=", BLOT]);
        } else {
            out.push_str(word);
        }
        value_is_next = secret && !value_is_next && !bare.contains('=');
        rest = after;
    }
    if out == line { Cow::Borrowed(line) } else { Cow::Owned(out) }
}

/// Whether an option's value is a password. The appliance takes options by any beginning of their name.
fn names_a_password(option: &str) -> bool {
    let begins = |name: &str| option.len() > 2 && name.starts_with(option);
    option.starts_with("--pass") || begins("--password") || begins("--passwd")
}

/// Bytes of the word at the beginning of `text`, quotes and backslashes included.
fn word_len(text: &str) -> usize {
    let (mut quote, mut escaped) = (None, false);
    for (at, c) in text.char_indices() {
        match (quote, c) {
            _ if escaped => escaped = false,
            (None | Some('"'), '\\') => escaped = true,
            (Some(open), _) if c == open => quote = None,
            (Some(_), _) => {}
            (None, '\'' | '"') => quote = Some(c),
            (None, _) if c.is_whitespace() => return at,
            (None, _) => {}
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_are_blotted_out_and_nothing_else() {
        let check = |line: &str, expect: &str| assert_eq!(blot(line), expect, "{line}");
        check("user.add --username a --password s3cret --role x", "user.add --username a --password ******** --role x");
        check("x --password='two words' y", "x --password=******** y");
        check("x --password \"two \\\" words\" y", "x --password ******** y");
        check("x  --passwd   a\\ b  y", "x  --passwd   ********  y");
        check("x '--password' s", "x '--password' ********");
        check("x --password \"open s3cret", "x --password ********");
        check("x --password", "x --password");
        check("x --pas s3cret", "x --pas ********");
        check("x --pa=s3cret", "x --pa=********");
        check("x --p s3cret --port 1 -- y", "x --p ******** --port 1 -- y");
        check("x --password --password y", "x --password ******** y");
        check("software-packages stage --iso", "software-packages stage --iso");
        check("ä --ö ü", "ä --ö ü");
        check("", "");
    }
}
