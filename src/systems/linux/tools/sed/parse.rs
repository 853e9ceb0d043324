//! Reads scripts of `sed` as GNU sed does, with its complaints and the places that they name.

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

    fn act(&mut self, letter: u8, addresses: usize) -> Parsed<Act> {
        let most = match letter {
            b':' | b'}' | b'#' => 0,
            b'q' | b'Q' => 1,
            _ => 2,
        };
        if addresses > most {
            let text = match letter {
                b':' => ": doesn't want any addresses",
                b'}' => "unexpected `}'",
                b'#' => "comments don't accept any addresses",
                _ => "command only uses one address",
            };
            return self.wrong(text);
        }
        if self.dialect.sandbox && matches!(letter, b'e' | b'r' | b'R' | b'w' | b'W') {
            return self.wrong("e/r/w commands disabled in sandbox mode");
        }
        let here = self.script.commands.len();
        let simple = match letter {
            b'{' => {
                self.open.push((here, self.at));
                return Ok(Act::Open(here));
            }
            b'}' => {
                let Some((begin, _)) = self.open.pop() else { return self.wrong("unexpected `}'") };
                self.script.commands[begin].act = Act::Open(here);
                Act::Nothing
            }
            b':' => return self.label_here(here),
            b'b' | b't' | b'T' => return Ok(self.jump(letter, here)),
            b'a' | b'i' | b'c' => return self.text_command(letter),
            b'r' | b'R' | b'w' | b'W' => return self.file_command(letter),
            b's' => return self.substitute(),
            b'y' => self.translate()?,
            b'q' | b'Q' | b'l' | b'L' => {
                self.blanks();
                let number = self.number();
                let status = u8::try_from(number.unwrap_or(0) & 0xff).unwrap_or(0);
                match letter {
                    b'l' => Act::List(number.map(|number| usize::try_from(number).unwrap_or(usize::MAX))),
                    letter => Act::Quit(letter == b'q', status),
                }
            }
            b'v' => {
                let version = self.word();
                if later(&version) {
                    return self.wrong("expected newer version of sed");
                }
                Act::Nothing
            }
            b'e' => {
                while self.next_if(|byte| byte != b'\n').is_some() {}
                Act::Execute
            }
            b'=' => Act::Number,
            b'd' => Act::Delete,
            b'D' => Act::DeleteFirst,
            b'F' => Act::FileName,
            b'g' | b'G' => Act::Get(letter == b'G'),
            b'h' | b'H' => Act::Hold(letter == b'H'),
            b'n' => Act::Next,
            b'N' => Act::NextToo,
            b'p' => Act::Print,
            b'P' => Act::PrintFirst,
            b'x' => Act::Exchange,
            b'z' => Act::Zap,
            letter => {
                return self.wrong(&format!("unknown command: `{}'", char::from(letter)));
            }
        };
        self.ended()?;
        Ok(simple)
    }

    /// A word up to a blank, a semicolon or the end of a block.
    fn word(&mut self) -> Vec<u8> {
        self.blanks();
        let begin = self.at;
        while self.next_if(|byte| !byte.is_ascii_whitespace() && !b";}".contains(&byte)).is_some() {}
        self.text[begin..self.at].to_vec()
    }

    fn label_here(&mut self, here: usize) -> Parsed<Act> {
        let label = self.word();
        if label.is_empty() {
            return self.wrong("\":\" lacks a label");
        }
        self.blanks();
        self.labels.insert(label, here);
        Ok(Act::Nothing)
    }

    fn jump(&mut self, letter: u8, here: usize) -> Act {
        let label = self.word();
        if !label.is_empty() {
            self.jumps.push((here, label));
        }
        match letter {
            b'b' => Act::Branch(None),
            letter => Act::Test(letter == b't', None),
        }
    }

    fn text_command(&mut self, letter: u8) -> Parsed<Act> {
        const EXPECTED: &str = "expected \\ after `a', `c' or `i'";
        self.blanks();
        if self.peek().is_none_or(|byte| byte == b'\n') {
            return self.wrong(EXPECTED);
        }
        if self.next_if(|byte| byte == b'\\').is_some() {
            let kept = self.at;
            self.blanks();
            if self.next_if(|byte| byte == b'\n').is_none() {
                self.at = kept;
            }
        }
        // Behind `a\` nothing may follow at all: then there is no line.
        let line: &[u8] = if self.peek().is_some() { b"\n" } else { b"" };
        let mut text = Vec::new();
        while let Some(byte) = self.next() {
            match byte {
                b'\n' => break,
                b'\\' => match self.next() {
                    None => {}
                    Some(b'\n') => text.push(b'\n'),
                    Some(next) => text.extend([b'\\', next]),
                },
                byte => text.push(byte),
            }
        }
        let mut text = escape::plain(&text);
        text.extend(line);
        Ok(match letter {
            b'a' => Act::Append(text),
            b'i' => Act::Insert(text),
            _ => Act::Change(text),
        })
    }

    /// A file name, which goes to the end of the line.
    fn file_name(&mut self) -> Parsed<String> {
        self.blanks();
        let begin = self.at;
        while self.next_if(|byte| byte != b'\n').is_some() {}
        if begin == self.at {
            return self.wrong("missing filename in r/R/w/W commands");
        }
        Ok(String::from_utf8_lossy(&self.text[begin..self.at]).into_owned())
    }

    /// A file that is written to: its place among those.
    pub(super) fn written(&mut self) -> Parsed<usize> {
        let name = self.file_name()?;
        let known = self.script.written.iter().position(|written| *written == name);
        Ok(known.unwrap_or_else(|| {
            self.script.written.push(name);
            self.script.written.len() - 1
        }))
    }

    fn file_command(&mut self, letter: u8) -> Parsed<Act> {
        Ok(match letter {
            b'r' => Act::ReadFile(self.file_name()?),
            b'R' => Act::ReadLine(self.file_name()?),
            letter => Act::Write(self.written()?, letter == b'W'),
        })
    }

    fn substitute(&mut self) -> Parsed<Act> {
        let substitute = super::substitute::parse(self)?;
        self.ended()?;
        Ok(Act::Substitute(Box::new(substitute)))
    }

    fn translate(&mut self) -> Parsed<Act> {
        const UNTERMINATED: &str = "unterminated `y' command";
        let delimiter = self.next().filter(|byte| *byte != b'\n' && *byte != b'\\');
        let Some(delimiter) = delimiter else { return self.wrong(UNTERMINATED) };
        let Some(from) = self.slashed(delimiter, false) else { return self.wrong(UNTERMINATED) };
        let Some(to) = self.slashed(delimiter, false) else { return self.wrong(UNTERMINATED) };
        let characters = |text: &[u8]| escape::characters(&escape::plain(text));
        let (from, to) = (characters(&from), characters(&to));
        if from.len() != to.len() {
            return self.wrong("strings for `y' command are different lengths");
        }
        Ok(Act::Translate(from.into_iter().zip(to).collect()))
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

/// Whether a version is later than ours.
fn later(version: &[u8]) -> bool {
    let text = String::from_utf8_lossy(version);
    let mut numbers = text.split('.').map(|part| part.parse::<u32>().unwrap_or(0));
    (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0)) > (4, 5)
}
