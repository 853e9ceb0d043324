//! Keys out of the bytes that a terminal sends: UTF-8, control characters, and the escape sequences of xterm and its kin.

use std::collections::VecDeque;

/// A key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Key {
    /// A character.
    Char(char),
    /// Enter.
    Enter,
    /// Tab.
    Tab,
    /// Backspace.
    Backspace,
    /// Delete.
    Delete,
    /// An arrow.
    Left,
    /// An arrow.
    Right,
    /// An arrow.
    Up,
    /// An arrow.
    Down,
    /// Home.
    Home,
    /// End.
    End,
    /// A word to the left: Alt-B or Ctrl-Left.
    WordLeft,
    /// A word to the right: Alt-F or Ctrl-Right.
    WordRight,
    /// Alt-Backspace.
    DeleteWordLeft,
    /// Alt-D.
    DeleteWordRight,
    /// The word to the right in capitals: Alt-U.
    Upper,
    /// In small letters: Alt-L.
    Lower,
    /// With a capital at its beginning: Alt-C.
    Capital,
    /// What was cut out before what was just put in: Alt-Y.
    YankOlder,
    /// The last word of the line before: Alt-. or Alt-_.
    LastWord,
    /// A letter (small) with Ctrl.
    Ctrl(char),
    /// Escape, and all that means nothing here.
    Other,
}

/// Bytes that were typed, and not yet taken as keys.
#[derive(Debug, Default)]
pub struct Keys {
    bytes: VecDeque<u8>,
}

/// The start of a key of which the rest is missing.
struct Unfinished;

impl Keys {
    /// More was typed.
    pub fn push(&mut self, bytes: &[u8]) {
        self.bytes.extend(bytes);
    }

    /// What is typed again before all that was typed since.
    pub fn put_back(&mut self, text: &str) {
        for byte in text.bytes().rev() {
            self.bytes.push_front(byte);
        }
    }

    /// Whether something was typed that is not a whole key.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// While a command runs, Ctrl-C cuts it off together with all that was typed before it.
    pub fn take_interrupt(&mut self) -> bool {
        let at = self.bytes.iter().rposition(|byte| *byte == 3);
        self.bytes.drain(..at.map_or(0, |at| at + 1));
        at.is_some()
    }

    /// While a command runs, Ctrl-Z does not wait until somebody asks for a key.
    pub fn take_suspend(&mut self) -> bool {
        let at = self.bytes.iter().position(|byte| *byte == 0x1a);
        at.is_some_and(|at| self.bytes.remove(at).is_some())
    }

    /// While a command runs, Ctrl-] does not wait either.
    pub fn take_escape(&mut self) -> bool {
        let at = self.bytes.iter().position(|byte| *byte == 0x1d);
        at.is_some_and(|at| self.bytes.remove(at).is_some())
    }

    /// While a command runs, the keys that leave a multiplexer: its own with Ctrl, then `d`.
    pub fn take_detach(&mut self, prefix: char) -> bool {
        let control = prefix as u8 & 0x1f;
        let keys = self.bytes.make_contiguous();
        let at = keys.windows(2).position(|pair| pair[0] == control && matches!(pair[1], b'd' | 4));
        self.bytes.drain(at.map_or(0..0, |at| at..at + 2));
        at.is_some()
    }

    /// While a command runs, a line for the director does not wait until the command asks or ends.
    pub fn take_director_line(&mut self) -> Option<String> {
        let end = self.bytes.iter().position(|byte| matches!(byte, b'\r' | b'\n'))?;
        if self.bytes.front() != Some(&b'%') {
            return None;
        }
        let mut line = String::new();
        for character in String::from_utf8_lossy(&self.bytes.drain(..=end).collect::<Vec<u8>>()).chars() {
            match character {
                '\u{7f}' | '\u{8}' => drop(line.pop()),
                other if other.is_control() => {}
                other => line.push(other),
            }
        }
        Some(line)
    }

    /// Takes the next key. Of a key that has only begun, nothing is taken before the rest is there or `nothing_follows`.
    pub fn next(&mut self, nothing_follows: bool) -> Option<Key> {
        let bytes = self.bytes.make_contiguous();
        match parse(bytes) {
            Ok((key, length)) => {
                self.bytes.drain(..length);
                Some(key)
            }
            Err(Unfinished) if nothing_follows && !self.bytes.is_empty() => {
                self.bytes.clear();
                Some(Key::Other)
            }
            Err(Unfinished) => None,
        }
    }
}

fn parse(bytes: &[u8]) -> Result<(Key, usize), Unfinished> {
    let key = match bytes {
        [] => return Err(Unfinished),
        // Some terminals paste both.
        [b'\r', b'\n', ..] => return Ok((Key::Enter, 2)),
        [b'\r' | b'\n', ..] => Key::Enter,
        [b'\t', ..] => Key::Tab,
        [0x7f | 0x08, ..] => Key::Backspace,
        [0x1b, rest @ ..] => return escape(rest).map(|(key, length)| (key, length + 1)),
        [control @ 1..=0x1a, ..] => Key::Ctrl(char::from(control + b'a' - 1)),
        [0x1d, ..] => Key::Ctrl(']'),
        [0..=0x1f, ..] => Key::Other,
        _ => return character(bytes),
    };
    Ok((key, 1))
}

fn escape(rest: &[u8]) -> Result<(Key, usize), Unfinished> {
    let key = match rest {
        [] => return Err(Unfinished),
        [b'[' | b'O', sequence @ ..] => return control_sequence(sequence).map(|(key, length)| (key, length + 1)),
        [b'b' | b'B', ..] => Key::WordLeft,
        [b'f' | b'F', ..] => Key::WordRight,
        [b'd' | b'D', ..] => Key::DeleteWordRight,
        [b'u' | b'U', ..] => Key::Upper,
        [b'l' | b'L', ..] => Key::Lower,
        [b'c' | b'C', ..] => Key::Capital,
        [b'y' | b'Y', ..] => Key::YankOlder,
        [b'.' | b'_', ..] => Key::LastWord,
        [0x7f | 0x08, ..] => Key::DeleteWordLeft,
        _ => Key::Other,
    };
    Ok((key, 1))
}

/// Parameters up to the letter that ends the sequence.
fn control_sequence(sequence: &[u8]) -> Result<(Key, usize), Unfinished> {
    let end = sequence.iter().position(|byte| (0x40..=0x7e).contains(byte)).ok_or(Unfinished)?;
    let parameters = &sequence[..end];
    let key = match (parameters, sequence[end]) {
        (b"1;5" | b"5", b'D') => Key::WordLeft,
        (b"1;5" | b"5", b'C') => Key::WordRight,
        (_, b'A') => Key::Up,
        (_, b'B') => Key::Down,
        (_, b'C') => Key::Right,
        (_, b'D') => Key::Left,
        (_, b'H') | (b"1" | b"7", b'~') => Key::Home,
        (_, b'F') | (b"4" | b"8", b'~') => Key::End,
        (b"3", b'~') => Key::Delete,
        _ => Key::Other,
    };
    Ok((key, end + 1))
}

/// One character; a byte that begins none is read as Latin-1, as in a script.
fn character(bytes: &[u8]) -> Result<(Key, usize), Unfinished> {
    let length = match bytes[0] {
        0xc2..=0xdf => 2,
        0xe0..=0xef => 3,
        0xf0..=0xf4 => 4,
        _ => 1,
    };
    let here = &bytes[..length.min(bytes.len())];
    match std::str::from_utf8(here) {
        Ok(text) => Ok((text.chars().next().map_or(Key::Other, Key::Char), length)),
        Err(error) if error.error_len().is_none() && bytes.len() < length => Err(Unfinished),
        Err(_) => Ok((Key::Char(char::from(bytes[0])), 1)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_become_keys_and_halves_wait() {
        let check = |bytes: &[u8], expect: &[Key], left: bool| {
            let mut keys = Keys::default();
            keys.push(bytes);
            let found: Vec<Key> = std::iter::from_fn(|| keys.next(false)).collect();
            assert_eq!((found.as_slice(), !keys.is_empty()), (expect, left), "{bytes:?}");
        };
        check(b"a\r", &[Key::Char('a'), Key::Enter], false);
        check(b"\r\n\n", &[Key::Enter, Key::Enter], false);
        check("é€".as_bytes(), &[Key::Char('é'), Key::Char('€')], false);
        check(b"\xe2\x82", &[], true);
        check(b"\xe9\x41", &[Key::Char('\u{e9}'), Key::Char('A')], false);
        check(b"\x1b[A\x1bOB\x1b[1;5C\x1b[3~", &[Key::Up, Key::Down, Key::WordRight, Key::Delete], false);
        check(b"\x1b", &[], true);
        check(b"\x1b[3", &[], true);
        check(b"\x03\x04\x1a", &[Key::Ctrl('c'), Key::Ctrl('d'), Key::Ctrl('z')], false);
    }

    #[test]
    fn an_escape_that_nothing_follows_is_a_key() {
        let mut keys = Keys::default();
        keys.push(b"\x1b");
        assert_eq!(keys.next(true), Some(Key::Other));
        assert_eq!(keys.next(true), None);
    }

    #[test]
    fn a_line_for_the_director_is_taken_as_a_whole() {
        let mut keys = Keys::default();
        keys.push(b"%disk\x7fc eject");
        assert_eq!(keys.take_director_line(), None);
        keys.push(b"\ryes\r");
        assert_eq!(keys.take_director_line().as_deref(), Some("%disc eject"));
        assert_eq!(keys.take_director_line(), None);
        assert_eq!(keys.next(false), Some(Key::Char('y')));
    }

    #[test]
    fn ctrl_c_drops_what_was_typed_ahead_of_it() {
        let mut keys = Keys::default();
        keys.push(b"abc\x03de");
        assert!(keys.take_interrupt());
        assert_eq!(keys.next(false), Some(Key::Char('d')));
        assert!(!keys.take_interrupt());
        keys.push(b"\x1af");
        assert!(keys.take_suspend() && !keys.take_suspend());
        assert_eq!(keys.next(false), Some(Key::Char('e')));
    }

    #[test]
    fn the_keys_that_leave_a_multiplexer_are_taken_together() {
        let mut keys = Keys::default();
        keys.push(b"xd\x02c\x02");
        assert!(!keys.take_detach('b') && !keys.take_detach('a'));
        keys.push(b"dy");
        assert!(keys.take_detach('b') && !keys.take_detach('b'));
        let left: Vec<Key> = std::iter::from_fn(|| keys.next(false)).collect();
        assert_eq!(left, [Key::Char('x'), Key::Char('d'), Key::Ctrl('b'), Key::Char('c'), Key::Char('y')]);
    }
}
