//! Runs a script of `sed`: cycle by cycle, command by command.

mod files;

use std::collections::BTreeMap;
use std::sync::Arc;

use super::super::host::{Host, Reader};
use super::super::regex::Regex;
use super::input::{Input, Line, Stop};
use super::output::{self, Output, STANDARD};
use super::script::{Act, Address, Command, End, Pattern, Script, Substitute};
use super::substitute::Work;
use crate::systems::linux::io::Cut;
use crate::systems::linux::proc::{CHUNK, HELD, Mode};

/// How a script is run.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// Nothing is printed by itself.
    pub quiet: bool,
    /// Each file on its own.
    pub separate: bool,
    /// Files are edited in place; the old ones are kept under this suffix, unless it is empty.
    pub in_place: Option<String>,
    /// Lines end in a zero byte.
    pub zeros: bool,
    /// Nothing is read ahead, nothing held back.
    pub unbuffered: bool,
    /// How long lines of `l` may be.
    pub length: usize,
}

/// What a range is at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Range {
    Outside,
    /// Inside, until a line or until something that has no number.
    Inside(Option<u64>),
}

/// What waits for the end of the cycle.
enum Later {
    Text(usize),
    File(usize),
    Line(Vec<u8>, bool),
}

/// How a command leaves the script.
enum Then {
    Go(usize),
    /// The cycle ends with what is in the pattern space.
    End,
    /// It ends without printing.
    Drop,
    /// The script begins again without a new line.
    Again,
    Quit(u8),
}

/// A script at work.
pub struct Run<'a, H> {
    host: &'a mut H,
    script: &'a Script,
    settings: &'a Settings,
    input: Input,
    pub(super) out: Output,
    ranges: Vec<Range>,
    space: Vec<u8>,
    /// Whether the line had an end.
    terminated: bool,
    hold: Vec<u8>,
    replaced: bool,
    last_regex: Option<Arc<Regex>>,
    later: Vec<Later>,
    /// The files of `R`, which go on where they were.
    reading: BTreeMap<String, Option<Reader>>,
    editing: Option<(u32, String)>,
}

type Done<T> = Result<T, Stop>;

impl<'a, H: Host> Run<'a, H> {
    /// Gets ready to work on these files.
    pub fn new(host: &'a mut H, script: &'a Script, settings: &'a Settings, files: &[String]) -> Self {
        let delimiter = if settings.zeros { 0 } else { b'\n' };
        let separate = settings.separate || settings.in_place.is_some();
        let ranges = first_ranges(script);
        Self {
            host,
            script,
            settings,
            input: Input::new(files, delimiter, separate, settings.unbuffered),
            out: Output::new(delimiter, settings.unbuffered),
            ranges,
            space: Vec::new(),
            terminated: true,
            hold: Vec::new(),
            replaced: false,
            last_regex: None,
            later: Vec::new(),
            reading: BTreeMap::new(),
            editing: None,
        }
    }

    /// Works through all lines: the exit status.
    pub async fn run(mut self) -> Result<u8, Cut> {
        let ended = self.cycles().await;
        match ended {
            Ok(status) => {
                self.out.flush(self.host).await?;
                Ok(if status == 0 && self.input.failed { 2 } else { status })
            }
            Err(Stop::End) => {
                self.out.flush(self.host).await?;
                Ok(if self.input.failed { 2 } else { 0 })
            }
            Err(Stop::Trouble(text, status)) => {
                self.out.flush(self.host).await?;
                self.host.write(2, format!("sed: {text}\n").as_bytes()).await?;
                Ok(status)
            }
            Err(Stop::Cut(cut)) => Err(cut),
        }
    }

    async fn cycles(&mut self) -> Done<u8> {
        for name in &self.script.written {
            if let Err(errno) = self.out.add(self.host, name) {
                return Err(Stop::Trouble(format!("couldn't open file {name}: {}", errno.text()), 4));
            }
        }
        let mut again = false;
        loop {
            if !again && !self.read().await? {
                return Ok(0);
            }
            let then = self.script_once().await?;
            again = matches!(then, Then::Again);
            match then {
                Then::Quit(status) => {
                    self.leave().await?;
                    return Ok(status);
                }
                Then::Drop | Then::Again => {}
                _ => self.print_by_itself().await?,
            }
            self.do_later().await?;
        }
    }

    async fn print_by_itself(&mut self) -> Result<(), Cut> {
        if self.settings.quiet || self.script.quiet {
            return Ok(());
        }
        self.out.line(self.host, STANDARD, &self.space, self.terminated).await
    }

    /// The next line comes into the pattern space; `false` when there is none.
    async fn read(&mut self) -> Done<bool> {
        let Some(line) = self.next_line().await? else { return Ok(false) };
        self.replaced = false;
        (self.space, self.terminated) = (line.text, line.terminated);
        Ok(true)
    }

    async fn next_line(&mut self) -> Done<Option<Line>> {
        loop {
            if self.out.held() > 0 && self.settings.unbuffered {
                self.out.flush(self.host).await?;
            }
            let mut complaints = Vec::new();
            let next = self.input.next(self.host, &mut complaints).await;
            for text in complaints {
                self.out.flush(self.host).await?;
                self.host.write(2, format!("sed: {text}\n").as_bytes()).await?;
            }
            if std::mem::take(&mut self.input.begun) {
                self.begin_file().await?;
            }
            match next {
                Ok(line) => return Ok(Some(line)),
                Err(Stop::End) => {
                    if std::mem::take(&mut self.input.finished) {
                        self.finish_file().await?;
                    }
                    if !self.input.has_files() {
                        return Ok(None);
                    }
                }
                Err(Stop::Trouble(text, _)) if self.settings.in_place.is_some() => {
                    let name = text.trim_start_matches("read error on ").trim_end_matches(": Is a directory");
                    return Err(Stop::Trouble(format!("couldn't edit {name}: not a regular file"), 4));
                }
                Err(other) => return Err(other),
            }
        }
    }

    async fn script_once(&mut self) -> Done<Then> {
        let script = self.script;
        let mut at = 0;
        while let Some(command) = script.commands.get(at) {
            self.host.tick().await?;
            if self.space.len() > HELD || self.hold.len() > HELD {
                return Err(Stop::Cut(Cut::Limit("held input")));
            }
            let chosen = self.selects(at, command).await? != command.negated;
            at += 1;
            if !chosen {
                if let Act::Open(close) = command.act {
                    at = close;
                }
                continue;
            }
            match self.act(at - 1, command).await? {
                Then::Go(next) => at = next,
                then => return Ok(then),
            }
        }
        Ok(Then::End)
    }

    /// Whether the line at hand is one that the command is for, before `!`.
    async fn selects(&mut self, at: usize, command: &Command) -> Done<bool> {
        let Some(from) = &command.from else { return Ok(true) };
        let Some(to) = &command.to else { return self.is_at(from).await };
        let number = self.input.number;
        if let Range::Inside(until) = self.ranges[at] {
            let (inside, ends) = match (to, until) {
                (_, Some(until)) => (number <= until, number >= until),
                (End::Regex(pattern), None) => (true, self.matches(pattern)?),
                (_, None) => (true, self.input.is_last(self.host).await?),
            };
            if ends {
                self.ranges[at] = Range::Outside;
            }
            return Ok(inside);
        }
        if !self.is_at(from).await? {
            return Ok(false);
        }
        let until = match to {
            End::Line(line) => Some(*line),
            End::Plus(count) => Some(number.saturating_add(*count)),
            End::Multiple(0) => Some(number),
            End::Multiple(of) => Some(number.div_ceil(*of).saturating_mul(*of)),
            End::Last | End::Regex(_) => None,
        };
        if until.is_none_or(|until| until > number) {
            self.ranges[at] = Range::Inside(until);
        }
        Ok(true)
    }

    async fn is_at(&mut self, address: &Address) -> Done<bool> {
        let number = self.input.number;
        Ok(match address {
            Address::Line(line) => number == *line,
            Address::Step(first, step) => number >= *first && (number - first).is_multiple_of(*step),
            Address::Last => self.input.is_last(self.host).await?,
            Address::Regex(pattern) => self.matches(pattern)?,
        })
    }

    fn matches(&mut self, pattern: &Pattern) -> Done<bool> {
        let regex = self.regex(pattern)?;
        Ok(regex.is_match(&self.space))
    }

    /// The expression, or the last one used.
    fn regex(&mut self, pattern: &Pattern) -> Done<Arc<Regex>> {
        if let Some(regex) = pattern {
            self.last_regex = Some(Arc::clone(regex));
        }
        let none = || Stop::Trouble("-e expression #1, char 0: no previous regular expression".to_owned(), 1);
        self.last_regex.clone().ok_or_else(none)
    }

    async fn act(&mut self, at: usize, command: &Command) -> Done<Then> {
        let next = at + 1;
        match &command.act {
            Act::Nothing | Act::Open(_) => {}
            Act::Number => {
                let text = format!("{}\n", self.input.number);
                self.out.text(self.host, STANDARD, text.as_bytes()).await?;
            }
            Act::Append(_) => self.later.push(Later::Text(at)),
            Act::ReadFile(_) => self.later.push(Later::File(at)),
            Act::ReadLine(name) => self.read_line(name).await?,
            Act::Insert(text) => self.out.text(self.host, STANDARD, text).await?,
            Act::Change(text) => {
                // Of a range, the text takes the place once.
                if command.to.is_none() || command.negated || self.ranges[at] == Range::Outside {
                    self.out.text(self.host, STANDARD, text).await?;
                }
                return Ok(Then::Drop);
            }
            Act::Branch(target) => return Ok(target.map_or(Then::End, Then::Go)),
            Act::Test(wanted, target) => {
                if std::mem::take(&mut self.replaced) == *wanted {
                    return Ok(target.map_or(Then::End, Then::Go));
                }
            }
            Act::Delete => return Ok(Then::Drop),
            Act::DeleteFirst => {
                let Some(end) = self.first_end() else { return Ok(Then::Drop) };
                self.space.drain(..=end);
                return Ok(Then::Again);
            }
            Act::Execute => self.host.gap("sed's command e"),
            Act::FileName => {
                let text = format!("{}\n", self.input.name);
                self.out.text(self.host, STANDARD, text.as_bytes()).await?;
            }
            Act::Get(add) => put(&mut self.space, &self.hold, *add),
            Act::Hold(add) => put(&mut self.hold, &self.space, *add),
            Act::List(length) => {
                let text = output::listed(&self.space, length.unwrap_or(self.settings.length));
                self.out.text(self.host, STANDARD, &text).await?;
            }
            Act::Next | Act::NextToo => return self.next_within(matches!(command.act, Act::NextToo), next).await,
            Act::Print => self.out.line(self.host, STANDARD, &self.space, self.terminated).await?,
            Act::PrintFirst => {
                let end = self.first_end();
                let first = &self.space[..end.unwrap_or(self.space.len())];
                self.out.line(self.host, STANDARD, first, end.is_some() || self.terminated).await?;
            }
            Act::Quit(prints, status) => {
                if *prints {
                    self.print_by_itself().await?;
                    self.do_later().await?;
                }
                return Ok(Then::Quit(*status));
            }
            Act::Substitute(how) => self.substitute(how).await?,
            Act::Write(file, first) => {
                let end = if *first { self.first_end() } else { None };
                let text = &self.space[..end.unwrap_or(self.space.len())];
                self.out.line(self.host, file + 1, text, end.is_some() || self.terminated).await?;
            }
            Act::Exchange => std::mem::swap(&mut self.space, &mut self.hold),
            Act::Translate(table) => self.space = translated(&self.space, table),
            Act::Zap => self.space.clear(),
        }
        Ok(Then::Go(next))
    }

    fn first_end(&self) -> Option<usize> {
        self.space.iter().position(|byte| *byte == self.out.delimiter)
    }

    /// `n` and `N`: where there is no next line, the script ends, and what is there is printed.
    async fn next_within(&mut self, joins: bool, next: usize) -> Done<Then> {
        if self.input.is_last(self.host).await? && !(self.input.has_files() && self.separate()) {
            self.print_by_itself().await?;
            self.do_later().await?;
            self.leave().await?;
            return Err(Stop::End);
        }
        if !joins {
            self.print_by_itself().await?;
        }
        self.do_later().await?;
        let Some(line) = self.next_line().await? else {
            if joins {
                self.print_by_itself().await?;
            }
            return Err(Stop::End);
        };
        self.terminated = line.terminated;
        if joins {
            self.space.push(self.out.delimiter);
            self.space.extend_from_slice(&line.text);
        } else {
            self.space = line.text;
        }
        Ok(Then::Go(next))
    }

    fn separate(&self) -> bool {
        self.settings.separate || self.settings.in_place.is_some()
    }

    async fn read_line(&mut self, name: &str) -> Done<()> {
        if !self.reading.contains_key(name) {
            let fd = if name == "/dev/stdin" { Ok(0) } else { self.host.open(name, Mode::Read) };
            self.reading.insert(name.to_owned(), fd.ok().map(Reader::new));
        }
        let Some(Some(reader)) = self.reading.get_mut(name) else { return Ok(()) };
        if let Some((line, _)) = reader.line(self.host, self.out.delimiter).await? {
            self.later.push(Later::Line(line, true));
        }
        Ok(())
    }

    async fn substitute(&mut self, how: &Substitute) -> Done<()> {
        let regex = self.regex(&how.pattern)?;
        let mut work = Work::new(&self.space, how, &regex);
        while work.step() {
            self.host.tick().await?;
            if work.len() > HELD {
                return Err(Stop::Cut(Cut::Limit("held input")));
            }
        }
        let Some(result) = work.result() else { return Ok(()) };
        self.space = result;
        self.replaced = true;
        if how.execute {
            self.host.gap("sed's flag e of the command s");
        }
        if how.print {
            self.out.line(self.host, STANDARD, &self.space, self.terminated).await?;
        }
        if let Some(file) = how.written {
            self.out.line(self.host, file + 1, &self.space, self.terminated).await?;
        }
        Ok(())
    }
}

/// Ranges that begin before the first line are inside from the beginning.
fn first_ranges(script: &Script) -> Vec<Range> {
    let first = |command: &Command| match command.from {
        Some(Address::Line(0)) => Range::Inside(None),
        _ => Range::Outside,
    };
    script.commands.iter().map(first).collect()
}

/// `g`, `G`, `h`, `H`
fn put(to: &mut Vec<u8>, from: &[u8], add: bool) {
    if add {
        to.push(b'\n');
    } else {
        to.clear();
    }
    to.extend_from_slice(from);
}

fn translated(text: &[u8], table: &[(Vec<u8>, Vec<u8>)]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let find = |character: &[u8]| table.iter().find(|(from, _)| from == character).map(|(_, to)| to.as_slice());
    for chunk in text.utf8_chunks() {
        let mut bytes = [0; 4];
        for character in chunk.valid().chars() {
            let character = character.encode_utf8(&mut bytes).as_bytes();
            out.extend_from_slice(find(character).unwrap_or(character));
        }
        for byte in chunk.invalid() {
            let byte = std::slice::from_ref(byte);
            out.extend_from_slice(find(byte).unwrap_or(byte));
        }
    }
    out
}

/// So much is held back before it is written.
pub(super) const HELD_BACK: usize = CHUNK;
