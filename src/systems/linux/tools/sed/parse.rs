//! Reads scripts of `sed` as GNU sed does, with its complaints and the places that they name.

mod command;

use std::collections::BTreeMap;

use super::escape;
use super::script::{Act, Address, Command, End, Script};

/// A piece of the script: a `-e` or the content of a `-f`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// The file's name.
    pub file: Option<String>,
    /// The text.
    pub text: Vec<u8>,
}

/// How a script is read.
#[derive(Clone, Copy, Debug, Default)]
pub struct Dialect {
    /// Extended regular expressions.
    pub extended: bool,
    /// Nothing that reads, writes or runs.
    pub sandbox: bool,
    /// Lines end in a zero byte, so that anchors see no others.
    pub zeros: bool,
}

/// Longest script, in bytes.
const LONGEST: usize = 1 << 20;

/// Reads a script.
///
/// # Errors
/// What GNU sed says of it, without its name, and its exit status.
pub fn parse(sources: &[Source], dialect: Dialect) -> Result<Script, (String, u8)> {
    let mut text = Vec::new();
    let mut begins = Vec::new();
    for source in sources {
        begins.push(text.len());
        text.extend_from_slice(&source.text);
        // What ends in a newline already has its own.
        if source.file.is_none() || !source.text.ends_with(b"\n") {
            text.push(b'\n');
        }
    }
    text.pop();
    if text.len() > LONGEST {
        return Err(("couldn't allocate memory".to_owned(), 4));
    }
    let script = Script { quiet: text == b"#n" || text.starts_with(b"#n\n"), ..Script::default() };
    let mut parser = Parser {
        text: &text,
        at: 0,
        sources,
        begins,
        dialect,
        script,
        open: Vec::new(),
        labels: BTreeMap::new(),
        jumps: Vec::new(),
    };
    parser.commands().map_err(|text| (text, 1))?;
    parser.closed().map_err(|text| (text, 1))?;
    parser.linked().map_err(|text| (text, 4))
}

/// A parser at a place of the script.
pub(super) struct Parser<'a> {
    text: &'a [u8],
    at: usize,
    sources: &'a [Source],
    begins: Vec<usize>,
    pub(super) dialect: Dialect,
    pub(super) script: Script,
    /// Blocks that are open: their command and where they begin.
    open: Vec<(usize, usize)>,
    labels: BTreeMap<Vec<u8>, usize>,
    /// Commands that jump to labels.
    jumps: Vec<(usize, Vec<u8>)>,
}

pub(super) type Parsed<T> = Result<T, String>;

impl Parser<'_> {
    /// A complaint about what was just read.
    pub(super) fn wrong<T>(&self, text: &str) -> Parsed<T> {
        Err(format!("{}{text}", self.place(self.at)))
    }

    /// A place of the script as messages name it.
    fn place(&self, at: usize) -> String {
        let which = self.begins.iter().rposition(|begin| *begin <= at).unwrap_or(0);
        let begin = self.begins.get(which).copied().unwrap_or(0);
        match &self.sources.get(which).and_then(|source| source.file.as_ref()) {
            Some(file) => {
                let line = self.text[begin..at].iter().filter(|byte| **byte == b'\n').count() + 1;
                format!("file {file} line {line}: ")
            }
            None => {
                let number = self.sources[..=which].iter().filter(|source| source.file.is_none()).count();
                format!("-e expression #{number}, char {}: ", at - begin)
            }
        }
    }

    /// The beginning of the piece that the place `at` is in, which messages call character 0.
    fn nowhere<T>(&self, at: usize, text: &str) -> Parsed<T> {
        let begin = self.begins.iter().rfind(|begin| **begin <= at).copied().unwrap_or(0);
        Err(format!("{}{text}", self.place(begin)))
    }

    pub(super) fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    pub(super) fn next(&mut self) -> Option<u8> {
        let byte = self.peek()?;
        self.at += 1;
        Some(byte)
    }

    fn next_if(&mut self, wanted: impl Fn(u8) -> bool) -> Option<u8> {
        let byte = self.peek().filter(|byte| wanted(*byte))?;
        self.at += 1;
        Some(byte)
    }

    fn blanks(&mut self) {
        while self.next_if(|byte| byte.is_ascii_whitespace() && byte != b'\n').is_some() {}
    }

    pub(super) fn number(&mut self) -> Option<u64> {
        let mut number = u64::from(self.next_if(|byte| byte.is_ascii_digit())? - b'0');
        while let Some(digit) = self.next_if(|byte| byte.is_ascii_digit()) {
            number = number.saturating_mul(10).saturating_add(u64::from(digit - b'0'));
        }
        Some(number)
    }

    fn commands(&mut self) -> Parsed<()> {
        loop {
            while self.next_if(|byte| byte.is_ascii_whitespace() || byte == b';').is_some() {}
            if self.peek().is_none() {
                return Ok(());
            }
            if self.next_if(|byte| byte == b'#').is_some() {
                while self.next().is_some_and(|byte| byte != b'\n') {}
                continue;
            }
            self.command()?;
        }
    }

    fn command(&mut self) -> Parsed<()> {
        let from = self.address()?;
        let mut to = None;
        if from.is_some() {
            self.blanks();
            if self.next_if(|byte| byte == b',').is_some() {
                self.blanks();
                to = Some(self.end()?);
            }
        }
        if let Some(Address::Line(0)) = from
            && !matches!(to, Some(End::Regex(_)))
        {
            // The command's letter is read when this is noticed.
            self.blanks();
            self.at += usize::from(self.peek().is_some());
            return self.wrong("invalid usage of line address 0");
        }
        self.blanks();
        let mut negated = false;
        while self.next_if(|byte| byte == b'!').is_some() {
            if negated {
                return self.wrong("multiple `!'s");
            }
            negated = true;
            self.blanks();
        }
        let Some(letter) = self.next_if(|byte| byte != b'\n' || from.is_none()) else {
            return self.wrong("missing command");
        };
        let addresses = usize::from(from.is_some()) + usize::from(to.is_some());
        let act = self.act(letter, addresses)?;
        self.script.commands.push(Command { from, to, negated, act });
        Ok(())
    }

    fn address(&mut self) -> Parsed<Option<Address>> {
        if let Some(first) = self.number() {
            self.blanks();
            if self.next_if(|byte| byte == b'~').is_some() {
                self.blanks();
                let step = self.number().unwrap_or(0);
                return Ok(Some(if step == 0 { Address::Line(first) } else { Address::Step(first, step) }));
            }
            return Ok(Some(Address::Line(first)));
        }
        match self.peek() {
            Some(b'$') => {
                self.at += 1;
                Ok(Some(Address::Last))
            }
            Some(b'/' | b'\\') => Ok(Some(Address::Regex(self.address_regex()?))),
            Some(b'+' | b'~') => {
                self.at += 1;
                self.blanks();
                match self.number().unwrap_or(0) {
                    0 => Ok(None),
                    _ => self.wrong("invalid usage of +N or ~N as first address"),
                }
            }
            _ => Ok(None),
        }
    }

    fn end(&mut self) -> Parsed<End> {
        if let Some(sign) = self.next_if(|byte| byte == b'+' || byte == b'~') {
            self.blanks();
            let number = self.number().unwrap_or(0);
            return Ok(if sign == b'+' { End::Plus(number) } else { End::Multiple(number) });
        }
        Ok(match self.address()? {
            Some(Address::Line(line) | Address::Step(line, _)) => End::Line(line),
            Some(Address::Last) => End::Last,
            Some(Address::Regex(pattern)) => End::Regex(pattern),
            None => {
                self.at += usize::from(self.peek().is_some());
                return self.wrong("unexpected `,'");
            }
        })
    }

    fn address_regex(&mut self) -> Parsed<super::script::Pattern> {
        let mut delimiter = self.next().unwrap_or(b'/');
        if delimiter == b'\\' {
            match self.next().filter(|byte| *byte != b'\n') {
                Some(own) => delimiter = own,
                None => return self.wrong("unterminated address regex"),
            }
        }
        let Some(raw) = self.slashed(delimiter, true) else { return self.wrong("unterminated address regex") };
        let (mut nocase, mut multiline) = (false, false);
        while let Some(flag) = self.next_if(|byte| byte == b'I' || byte == b'M') {
            nocase |= flag == b'I';
            multiline |= flag == b'M';
        }
        self.pattern(&raw, nocase, multiline)
    }

    /// What stands before the next delimiter; nothing where none comes. A delimiter that is escaped is itself, and so is
    /// one in the brackets of a regular expression.
    pub(super) fn slashed(&mut self, delimiter: u8, regex: bool) -> Option<Vec<u8>> {
        let mut raw = Vec::new();
        loop {
            let byte = self.next()?;
            match byte {
                _ if byte == delimiter => return Some(raw),
                b'\n' if regex => return None,
                b'[' if regex => {
                    raw.push(byte);
                    self.brackets(&mut raw)?;
                }
                b'\\' => {
                    let next = self.next()?;
                    if next == b'n' && regex && delimiter != b'n' {
                        raw.push(b'\n');
                    } else if next == delimiter {
                        raw.push(next);
                    } else {
                        raw.extend([b'\\', next]);
                    }
                }
                byte => raw.push(byte),
            }
        }
    }

    /// The rest of a bracket expression.
    fn brackets(&mut self, raw: &mut Vec<u8>) -> Option<()> {
        raw.extend(self.next_if(|byte| byte == b'^'));
        raw.extend(self.next_if(|byte| byte == b']'));
        loop {
            let byte = self.next()?;
            raw.push(byte);
            match byte {
                b']' => return Some(()),
                b'\\' if self.next_if(|byte| byte == b'n').is_some() => {
                    raw.pop();
                    raw.push(b'\n');
                }
                b'[' => {
                    let Some(kind) = self.next_if(|byte| b".:=".contains(&byte)) else { continue };
                    raw.push(kind);
                    while !raw.ends_with(&[kind, b']']) || raw.ends_with(&[b'[', kind, b']']) {
                        raw.push(self.next()?);
                    }
                }
                _ => {}
            }
        }
    }

    /// Compiles a regular expression.
    pub(super) fn pattern(&self, raw: &[u8], nocase: bool, multiline: bool) -> Parsed<super::script::Pattern> {
        if raw.is_empty() {
            return Ok(None);
        }
        match escape::regex(raw, self.dialect.extended, nocase, multiline && !self.dialect.zeros) {
            Ok(regex) => Ok(Some(std::sync::Arc::new(regex))),
            Err(text) => self.wrong(&text),
        }
    }

    /// The end of a command.
    fn ended(&mut self) -> Parsed<()> {
        self.blanks();
        match self.peek() {
            None | Some(b'}' | b'#') => Ok(()),
            Some(b'\n' | b';') => {
                self.at += 1;
                Ok(())
            }
            Some(_) => {
                self.at += 1;
                self.wrong("extra characters after command")
            }
        }
    }

    /// All blocks are closed.
    fn closed(&mut self) -> Parsed<()> {
        self.open.pop().map_or(Ok(()), |(_, at)| self.nowhere(at, "unmatched `{'"))
    }

    /// All jumps lead somewhere.
    fn linked(mut self) -> Parsed<Script> {
        for (command, label) in std::mem::take(&mut self.jumps) {
            let Some(place) = self.labels.get(&label) else {
                return Err(format!("can't find label for jump to `{}'", String::from_utf8_lossy(&label)));
            };
            match &mut self.script.commands[command].act {
                Act::Branch(target) | Act::Test(_, target) => *target = Some(*place),
                _ => {}
            }
        }
        Ok(self.script)
    }
}
