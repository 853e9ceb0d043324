//! Escapes in scripts of `sed`: `\t`, `\x41`, `\cX` and their like become characters before anything else is read, as GNU
//! sed does it; those that a regular expression could take for its own keep a backslash.

use super::super::regex::{Options, Regex, Syntax};

/// A character that an escape stands for, and how many bytes follow the backslash.
fn escaped(rest: &[u8]) -> Option<(u8, usize)> {
    let number = |digits: usize, base: u32| {
        let digits: &[u8] = &rest[1..rest.len().min(digits + 1)];
        let count = digits.iter().take_while(|byte| char::from(**byte).is_digit(base)).count();
        let text = std::str::from_utf8(&digits[..count]).ok()?;
        let number = u32::from_str_radix(text, base).ok()?;
        Some(((number & 0xff) as u8, count + 1))
    };
    match rest.first()? {
        b'a' => Some((7, 1)),
        b'f' => Some((12, 1)),
        b'n' => Some((b'\n', 1)),
        b't' => Some((b'\t', 1)),
        b'v' => Some((11, 1)),
        b'r' => Some((b'\r', 1)),
        b'd' => number(3, 10),
        b'o' => number(3, 8),
        b'x' => number(2, 16),
        b'c' => rest.get(1).map(|control| (control.to_ascii_uppercase() ^ 0x40, 2)),
        _ => None,
    }
}

/// Compiles a regular expression.
///
/// # Errors
/// What is wrong with it.
pub fn regex(raw: &[u8], extended: bool, nocase: bool, multiline: bool) -> Result<Regex, String> {
    let mut text = Vec::with_capacity(raw.len());
    let mut at = 0;
    while at < raw.len() {
        if raw[at] != b'\\' {
            text.push(raw[at]);
            at += 1;
            continue;
        }
        let numeric = matches!(raw.get(at + 1), Some(b'd' | b'o' | b'x'));
        match escaped(&raw[at + 1..]) {
            Some((byte, length)) => {
                if numeric && b"^$.*[]\\/+?(){}|".contains(&byte) {
                    text.push(b'\\');
                }
                text.push(byte);
                at += length + 1;
            }
            None => {
                text.push(b'\\');
                text.extend(raw.get(at + 1));
                at += 2;
            }
        }
    }
    let syntax = if extended { Syntax::Extended } else { Syntax::Basic };
    Regex::new(
        &String::from_utf8_lossy(&text),
        syntax,
        Options { nocase, multiline, strict: true, ..Options::default() },
    )
}

/// A text in which a backslash makes the next character itself, unless it begins an escape.
#[must_use]
pub fn plain(raw: &[u8]) -> Vec<u8> {
    let mut text = Vec::with_capacity(raw.len());
    let mut at = 0;
    while at < raw.len() {
        match (raw[at], escaped(&raw[at + 1..])) {
            (b'\\', Some((byte, length))) => {
                text.push(byte);
                at += length + 1;
            }
            (b'\\', _) => {
                text.extend(raw.get(at + 1));
                at += 2;
            }
            (byte, _) => {
                text.push(byte);
                at += 1;
            }
        }
    }
    text
}

/// One escape of a replacement, if it is one of these.
#[must_use]
pub fn one(rest: &[u8]) -> Option<(u8, usize)> {
    escaped(rest)
}

/// The characters of a text; a byte that is none is one of its own.
#[must_use]
pub fn characters(text: &[u8]) -> Vec<Vec<u8>> {
    let mut characters = Vec::new();
    for chunk in text.utf8_chunks() {
        characters.extend(chunk.valid().chars().map(|character| character.to_string().into_bytes()));
        characters.extend(chunk.invalid().iter().map(|byte| vec![*byte]));
    }
    characters
}
