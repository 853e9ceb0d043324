//! Regular expressions of awk in the words of POSIX: awk's escapes become characters, in brackets too, where POSIX has
//! none; `\y` is what others call `\b`.

use super::text;

/// The expression as POSIX writes it.
#[must_use]
pub fn written(pattern: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(pattern.len());
    let mut at = 0;
    while at < pattern.len() {
        let (byte, rest) = (pattern[at], &pattern[at + 1..]);
        at += 1;
        match byte {
            b'[' => at = brackets(pattern, at, &mut out),
            b'\\' => match (rest.first().copied(), text::escape(rest)) {
                (None, _) => out.extend_from_slice(b"\\\\"),
                (Some(letter @ (b'\\' | b'/' | b'"')), _) => {
                    literal(letter, &mut out);
                    at += 1;
                }
                (Some(letter), Some((byte, length))) if letter != b'b' => {
                    literal(byte, &mut out);
                    at += length;
                }
                (Some(letter), _) => {
                    out.extend([b'\\', if letter == b'y' { b'b' } else { letter }]);
                    at += 1;
                }
            },
            byte if byte == b'\n' => literal(byte, &mut out),
            byte => out.push(byte),
        }
    }
    out
}

/// A character that stands for itself.
fn literal(byte: u8, out: &mut Vec<u8>) {
    match byte {
        b'\n' => out.extend_from_slice(b"[\n]"),
        byte if b"^$.*[]\\+?(){}|".contains(&byte) => out.extend([b'\\', byte]),
        byte => out.push(byte),
    }
}

/// A bracket expression whose `[` stands before `at`: where it ends.
fn brackets(pattern: &[u8], mut at: usize, out: &mut Vec<u8>) -> usize {
    out.push(b'[');
    for first in [b'^', b']'] {
        if pattern.get(at) == Some(&first) {
            out.push(first);
            at += 1;
        }
    }
    while let Some(byte) = pattern.get(at).copied() {
        at += 1;
        match byte {
            b']' => {
                out.push(b']');
                return at;
            }
            b'[' if matches!(pattern.get(at), Some(b':' | b'.' | b'=')) => {
                let end =
                    pattern[at + 1..].iter().position(|byte| *byte == b']').map_or(pattern.len(), |end| at + end + 2);
                out.push(b'[');
                out.extend_from_slice(&pattern[at..end]);
                at = end;
            }
            b'\\' => {
                let rest = &pattern[at..];
                let (byte, length) = text::escape(rest).unwrap_or((rest.first().copied().unwrap_or(b'\\'), 1));
                at += length;
                // Where these stand alone they would mean something else.
                if b"]^-".contains(&byte) {
                    out.extend([b'[', b'.', byte, b'.', b']']);
                } else {
                    out.push(byte);
                }
            }
            byte => out.push(byte),
        }
    }
    at.min(pattern.len())
}
