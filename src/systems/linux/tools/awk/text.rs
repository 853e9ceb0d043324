//! Characters in texts that need not be UTF-8: a byte that belongs to no character counts as one.

/// How many bytes the first character has.
fn first(text: &[u8]) -> usize {
    let most = &text[..text.len().min(4)];
    let chunk = most.utf8_chunks().next();
    chunk.and_then(|chunk| chunk.valid().chars().next()).map_or(1, char::len_utf8)
}

/// How many characters a text has.
#[must_use]
pub fn length(text: &[u8]) -> usize {
    text.utf8_chunks().map(|chunk| chunk.valid().chars().count() + chunk.invalid().len()).sum()
}

/// Where the character with this number begins, counted from 0; the end of the text beyond.
#[must_use]
pub fn offset(text: &[u8], characters: usize) -> usize {
    if text.is_ascii() {
        return characters.min(text.len());
    }
    let mut at = 0;
    for _ in 0..characters {
        if at >= text.len() {
            break;
        }
        at += first(&text[at..]);
    }
    at
}

/// The characters, each by its bytes.
pub fn characters(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let begin = at;
        (begin < text.len()).then(|| {
            at += first(&text[begin..]);
            &text[begin..at]
        })
    })
}

/// A text with its letters changed.
#[must_use]
pub fn cased(text: &[u8], upper: bool) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    for chunk in text.utf8_chunks() {
        let valid = if upper { chunk.valid().to_uppercase() } else { chunk.valid().to_lowercase() };
        out.extend_from_slice(valid.as_bytes());
        out.extend_from_slice(chunk.invalid());
    }
    out
}

/// What the escapes of a string stand for: the byte, and how many bytes follow the backslash. Nothing where the
/// backslash means nothing.
#[must_use]
pub fn escape(rest: &[u8]) -> Option<(u8, usize)> {
    let number = |from: usize, most: usize, base: u32| {
        let digits = rest[from..].iter().take(most).take_while(|byte| char::from(**byte).is_digit(base)).count();
        let text = std::str::from_utf8(&rest[from..from + digits]).ok()?;
        u32::from_str_radix(text, base).ok().map(|number| ((number & 0xff) as u8, from + digits))
    };
    match rest.first()? {
        b'\\' => Some((b'\\', 1)),
        b'"' => Some((b'"', 1)),
        b'/' => Some((b'/', 1)),
        b'a' => Some((7, 1)),
        b'b' => Some((8, 1)),
        b'f' => Some((12, 1)),
        b'n' => Some((b'\n', 1)),
        b'r' => Some((b'\r', 1)),
        b't' => Some((b'\t', 1)),
        b'v' => Some((11, 1)),
        b'0'..=b'7' => number(0, 3, 8),
        b'x' => number(1, 2, 16),
        _ => None,
    }
}

/// A text with its escapes replaced, as in `-v` and operands.
#[must_use]
pub fn unescaped(raw: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(raw.len());
    let mut at = 0;
    while at < raw.len() {
        if raw[at] == b'\\'
            && let Some((byte, length)) = escape(&raw[at + 1..])
        {
            out.push(byte);
            at += length + 1;
        } else {
            out.push(raw[at]);
            at += 1;
        }
    }
    out
}
