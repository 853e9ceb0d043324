//! Lines out of bytes: long ones, bad ones, and ones that end in a key, without losing any and in bounded memory.

use std::borrow::Cow;
use std::io::{self, BufRead, BufReader, Read};

/// No command of any appliance comes near this length.
const LONGEST: usize = 1 << 20;
const BUFFER: usize = 1 << 17;

/// A source of lines.
pub struct Input {
    /// What it is called in messages.
    pub name: String,
    bytes: BufReader<Box<dyn Read + Send>>,
    line: Vec<u8>,
    count: u64,
}

/// A line, and what was odd about it.
#[derive(Debug, PartialEq, Eq)]
pub struct Line<'a> {
    /// What is typed.
    pub text: Cow<'a, str>,
    /// The key that ends it.
    pub key: Key,
    /// Its number, from 1.
    pub number: u64,
    /// What is wrong with it, to be told.
    pub complaint: Option<Complaint>,
}

/// What ends a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Key {
    /// Enter.
    Enter,
    /// Ctrl-C.
    Interrupt,
    /// Ctrl-Z.
    Suspend,
    /// Ctrl-].
    Escape,
    /// Ctrl-D.
    EndOfInput,
}

/// What can be wrong with a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Complaint {
    /// It ended in CR LF; the CR was left out.
    CarriageReturn,
    /// This byte, and maybe others, is not UTF-8; each was read as Latin-1.
    NotUtf8(u8),
    /// It is too long to be a command, and was not typed.
    TooLong,
}

impl Complaint {
    /// The complaint as a sentence.
    #[must_use]
    pub fn text(self, number: u64) -> String {
        match self {
            Self::CarriageReturn => format!("line {number} ends in CR LF; only LF is typed, here and below"),
            Self::NotUtf8(byte) => format!("line {number}: byte 0x{byte:02x} is not UTF-8; read as Latin-1"),
            Self::TooLong => format!("line {number} is longer than {LONGEST} bytes; it was not typed"),
        }
    }
}

impl Input {
    /// Lines out of `bytes`.
    #[must_use]
    pub fn new(name: impl Into<String>, bytes: Box<dyn Read + Send>) -> Self {
        Self { name: name.into(), bytes: BufReader::with_capacity(BUFFER, bytes), line: Vec::new(), count: 0 }
    }

    /// Whether the next line is here already: else, asking for it may block.
    #[must_use]
    pub fn has_line(&self) -> bool {
        self.bytes.buffer().contains(&b'\n')
    }

    /// The next line; none at the end.
    ///
    /// # Errors
    /// When the source cannot be read.
    pub fn read(&mut self) -> io::Result<Option<Line<'_>>> {
        self.line.clear();
        let too_long = self.fill()?;
        if self.line.is_empty() {
            return Ok(None);
        }
        self.count += 1;
        let number = self.count;
        if too_long {
            return Ok(Some(Line { text: "".into(), key: Key::Enter, number, complaint: Some(Complaint::TooLong) }));
        }
        let (mut bytes, mut complaint) = (self.line.as_slice(), None);
        if let Some(shorter) = bytes.strip_suffix(b"\n") {
            bytes = shorter;
        }
        if let Some(shorter) = bytes.strip_suffix(b"\r") {
            (bytes, complaint) = (shorter, Some(Complaint::CarriageReturn));
        }
        let (bytes, key) = match bytes {
            [rest @ .., 3] => (rest, Key::Interrupt),
            [rest @ .., 0x1a] => (rest, Key::Suspend),
            [rest @ .., 0x1d] => (rest, Key::Escape),
            [rest @ .., 4] => (rest, Key::EndOfInput),
            all => (all, Key::Enter),
        };
        let text = match std::str::from_utf8(bytes) {
            Ok(text) => text.into(),
            Err(_) => {
                let (text, first) = latin(bytes);
                complaint = Some(Complaint::NotUtf8(first));
                text.into()
            }
        };
        Ok(Some(Line { text, key, number, complaint }))
    }

    /// Reads up to the end of the line. Of a line that is too long the rest is skipped.
    fn fill(&mut self) -> io::Result<bool> {
        let mut too_long = false;
        loop {
            let here = match self.bytes.fill_buf() {
                Ok(here) => here,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(error),
            };
            let end = here.iter().position(|byte| *byte == b'\n').map(|at| at + 1);
            let taken = end.unwrap_or(here.len());
            if self.line.len() + taken > LONGEST {
                too_long = true;
                self.line.truncate(1);
                self.line.push(b'-');
            } else {
                self.line.extend_from_slice(&here[..taken]);
            }
            self.bytes.consume(taken);
            if end.is_some() || taken == 0 {
                return Ok(too_long);
            }
        }
    }
}

/// UTF-8 as far as it goes, and each byte that is none as Latin-1; the first such byte.
fn latin(bytes: &[u8]) -> (String, u8) {
    let (mut text, mut first) = (String::new(), None);
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        for byte in chunk.invalid() {
            first.get_or_insert(*byte);
            text.push(char::from(*byte));
        }
    }
    (text, first.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(bytes: &[u8]) -> Vec<(String, Key, Option<Complaint>)> {
        let mut input = Input::new("test", Box::new(io::Cursor::new(bytes.to_vec())));
        let mut lines = Vec::new();
        while let Some(line) = input.read().expect("memory can be read") {
            lines.push((line.text.into_owned(), line.key, line.complaint));
        }
        lines
    }

    #[test]
    fn odd_lines_are_told_and_nothing_is_lost() {
        let check = |bytes: &[u8], expect: &[(&str, Key, Option<Complaint>)]| {
            let expect: Vec<_> = expect.iter().map(|(text, key, odd)| ((*text).to_owned(), *key, *odd)).collect();
            assert_eq!(lines(bytes), expect, "{bytes:?}");
        };
        check(b"", &[]);
        check(b"a\n\nb", &[("a", Key::Enter, None), ("", Key::Enter, None), ("b", Key::Enter, None)]);
        check(b"a\r\nb\n", &[("a", Key::Enter, Some(Complaint::CarriageReturn)), ("b", Key::Enter, None)]);
        check(b"caf\xe9 \xc3\xa9\n", &[("caf\u{e9} \u{e9}", Key::Enter, Some(Complaint::NotUtf8(0xe9)))]);
        check(b"x\x03\n\x04", &[("x", Key::Interrupt, None), ("", Key::EndOfInput, None)]);
    }

    #[test]
    fn a_line_without_end_is_skipped_in_bounded_memory() {
        let mut bytes = vec![b'x'; 5 * LONGEST];
        bytes.extend_from_slice(b"\nhelp\n");
        let found = lines(&bytes);
        assert_eq!(found[0].2, Some(Complaint::TooLong));
        assert_eq!(found[1], ("help".to_owned(), Key::Enter, None));
        assert_eq!(found.len(), 2);
    }
}
