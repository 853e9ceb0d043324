//! The command `s`: how it is read, and what it does to a line.

use super::escape;
use super::parse::{Parsed, Parser};
use super::script::{Case, Piece, Substitute};
use crate::systems::linux::tools::regex::{Groups, Regex};

/// Reads what stands behind the letter.
pub(super) fn parse(parser: &mut Parser<'_>) -> Parsed<Substitute> {
    const UNTERMINATED: &str = "unterminated `s' command";
    let Some(delimiter) = parser.next().filter(|byte| *byte != b'\n' && *byte != b'\\') else {
        return parser.wrong(UNTERMINATED);
    };
    let Some(raw) = parser.slashed(delimiter, true) else { return parser.wrong(UNTERMINATED) };
    let Some(replacement) = parser.slashed(delimiter, false) else { return parser.wrong(UNTERMINATED) };
    let mut substitute = Substitute {
        pattern: None,
        replacement: pieces(&replacement, delimiter),
        global: false,
        count: 0,
        print: false,
        execute: false,
        written: None,
    };
    let (mut nocase, mut multiline) = (false, false);
    loop {
        match parser.peek() {
            Some(b'i' | b'I') => nocase = true,
            Some(b'm' | b'M') => multiline = true,
            Some(b'e') => substitute.execute = true,
            Some(b'p') if substitute.print => return repeated(parser, "multiple `p' options to `s' command"),
            Some(b'p') => substitute.print = true,
            Some(b'g') if substitute.global => return repeated(parser, "multiple `g' options to `s' command"),
            Some(b'g') => substitute.global = true,
            Some(b'0'..=b'9') => {
                if substitute.count > 0 {
                    return repeated(parser, "multiple number options to `s' command");
                }
                substitute.count = parser.number().unwrap_or(0);
                if substitute.count == 0 {
                    return parser.wrong("number option to `s' command may not be zero");
                }
                continue;
            }
            Some(b'w') => {
                parser.next();
                if parser.dialect.sandbox {
                    return parser.wrong("e/r/w commands disabled in sandbox mode");
                }
                substitute.written = Some(parser.written()?);
                break;
            }
            None | Some(b'}' | b'#' | b'\n' | b';' | b'\r') => break,
            Some(b' ' | b'\t') => {}
            Some(_) => return repeated(parser, "unknown option to `s'"),
        }
        parser.next();
    }
    if substitute.execute && parser.dialect.sandbox {
        return parser.wrong("e/r/w commands disabled in sandbox mode");
    }
    substitute.pattern = parser.pattern(&raw, nocase, multiline)?;
    if let Some(regex) = &substitute.pattern {
        let highest =
            substitute.replacement.iter().map(|piece| if let Piece::Group(group) = piece { *group } else { 0 });
        let highest = highest.max().unwrap_or(0);
        if highest > regex.groups() {
            return parser.wrong(&format!("invalid reference \\{highest} on `s' command's RHS"));
        }
    }
    Ok(substitute)
}

fn repeated<T>(parser: &mut Parser<'_>, text: &str) -> Parsed<T> {
    parser.next();
    parser.wrong(text)
}

/// The parts of a replacement.
fn pieces(raw: &[u8], delimiter: u8) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut text = Vec::new();
    let mut at = 0;
    let mut put = |text: &mut Vec<u8>, piece: Piece| {
        if !text.is_empty() {
            pieces.push(Piece::Text(std::mem::take(text)));
        }
        pieces.push(piece);
    };
    while at < raw.len() {
        let byte = raw[at];
        at += 1;
        if byte == b'&' && delimiter != b'&' {
            put(&mut text, Piece::Group(0));
        } else if byte == b'\\' {
            let Some(next) = raw.get(at).copied() else { break };
            let case = match next {
                b'U' => Some(Case::Upper),
                b'L' => Some(Case::Lower),
                b'E' => Some(Case::AsIs),
                b'u' => Some(Case::UpperNext),
                b'l' => Some(Case::LowerNext),
                _ => None,
            };
            if let Some(case) = case {
                put(&mut text, Piece::Case(case));
                at += 1;
            } else if next.is_ascii_digit() {
                put(&mut text, Piece::Group(usize::from(next - b'0')));
                at += 1;
            } else if let Some((byte, length)) = escape::one(&raw[at..]) {
                text.push(byte);
                at += length;
            } else {
                text.push(next);
                at += 1;
            }
        } else {
            text.push(byte);
        }
    }
    if !text.is_empty() {
        pieces.push(Piece::Text(text));
    }
    pieces
}

/// Letters on their way into the result.
struct Letters {
    out: Vec<u8>,
    lasting: Case,
    next: Option<Case>,
}

impl Letters {
    fn push(&mut self, text: &[u8]) {
        if self.lasting == Case::AsIs && self.next.is_none() {
            self.out.extend_from_slice(text);
            return;
        }
        for chunk in text.utf8_chunks() {
            for character in chunk.valid().chars() {
                match self.next.take().unwrap_or(self.lasting) {
                    Case::Upper | Case::UpperNext => self.put(character.to_uppercase()),
                    Case::Lower | Case::LowerNext => self.put(character.to_lowercase()),
                    Case::AsIs => self.put(std::iter::once(character)),
                }
            }
            self.out.extend_from_slice(chunk.invalid());
        }
    }

    fn put(&mut self, characters: impl Iterator<Item = char>) {
        let mut bytes = [0; 4];
        characters.for_each(|character| self.out.extend_from_slice(character.encode_utf8(&mut bytes).as_bytes()));
    }
}

/// What `s` makes of a line, in steps: each call does one match. A line may have very many.
pub struct Work<'a> {
    line: &'a [u8],
    how: &'a Substitute,
    regex: &'a Regex,
    from: usize,
    /// Where the last match ended.
    ended: Option<usize>,
    count: u64,
    letters: Letters,
    replaced: bool,
}

impl<'a> Work<'a> {
    /// Begins with a line.
    pub fn new(line: &'a [u8], how: &'a Substitute, regex: &'a Regex) -> Self {
        let letters = Letters { out: Vec::new(), lasting: Case::AsIs, next: None };
        Self { line, how, regex, from: 0, ended: None, count: 0, letters, replaced: false }
    }

    /// Deals with the next match; `false` when there is none.
    pub fn step(&mut self) -> bool {
        let Some(groups) = self.regex.captures_at(self.line, self.from) else { return false };
        let Some(found) = groups.first().cloned().flatten() else { return false };
        let again = found.is_empty() && self.ended == Some(found.start);
        self.letters.out.extend_from_slice(&self.line[self.from..found.start]);
        let mut going = true;
        if !again {
            self.count += 1;
            if self.count >= self.how.count.max(1) {
                self.replaced = true;
                self.replace(&groups);
                going = self.how.global;
            } else {
                self.letters.out.extend_from_slice(&self.line[found.clone()]);
            }
        }
        self.from = found.end;
        self.ended = Some(found.end);
        if going && found.is_empty() {
            if found.end >= self.line.len() {
                return false;
            }
            let length = length_of_first(&self.line[found.end..]);
            self.letters.out.extend_from_slice(&self.line[found.end..found.end + length]);
            self.from += length;
        }
        going
    }

    fn replace(&mut self, groups: &Groups) {
        self.letters.lasting = Case::AsIs;
        self.letters.next = None;
        for piece in &self.how.replacement {
            match piece {
                Piece::Text(text) => self.letters.push(text),
                Piece::Group(group) => {
                    if let Some(Some(range)) = groups.get(*group) {
                        self.letters.push(&self.line[range.clone()]);
                    }
                }
                Piece::Case(case @ (Case::UpperNext | Case::LowerNext)) => self.letters.next = Some(*case),
                Piece::Case(case) => self.letters.lasting = *case,
            }
        }
        self.letters.lasting = Case::AsIs;
        self.letters.next = None;
    }

    /// How large the result is so far.
    pub fn len(&self) -> usize {
        self.letters.out.len()
    }

    /// The line as it is now, if it was changed.
    pub fn result(mut self) -> Option<Vec<u8>> {
        if !self.replaced {
            return None;
        }
        self.letters.out.extend_from_slice(&self.line[self.from..]);
        Some(self.letters.out)
    }
}

/// How many bytes the first character of a text has.
fn length_of_first(text: &[u8]) -> usize {
    let most = &text[..text.len().min(4)];
    let chunk = most.utf8_chunks().next();
    chunk.and_then(|chunk| chunk.valid().chars().next()).map_or(1, char::len_utf8)
}
