//! What `grep` prints of what it finds.

use std::collections::VecDeque;

use super::{BINARY_FILES, COLOR};
use crate::systems::linux::proc::HELD;
use crate::systems::linux::tools::getopt::Given;
use crate::systems::linux::tools::input::{self, Out};
use crate::systems::linux::tools::regex::Regex;

/// So many lines of context are kept at most.
const CONTEXT: usize = 100_000;

/// What is wanted.
pub(super) struct Report {
    names: bool,
    numbers: bool,
    offsets: bool,
    only: bool,
    tab: bool,
    null: bool,
    color: bool,
    count: bool,
    /// `l` or `L`.
    list: Option<char>,
    silent: bool,
    text: bool,
    without: bool,
    before: usize,
    after: usize,
    separates: bool,
    /// So many lines are enough.
    pub(super) most: u64,
}

impl Report {
    pub(super) fn read(given: &Given) -> Result<Self, String> {
        let length = |text: &str| {
            let digits = !text.is_empty() && text.chars().all(|c| c.is_ascii_digit());
            let bad = || format!("{text}: invalid context length argument");
            if digits { Ok(text.parse().unwrap_or(CONTEXT).min(CONTEXT)) } else { Err(bad()) }
        };
        let digits: String = given.options.iter().map(|(letter, _)| *letter).filter(char::is_ascii_digit).collect();
        let both = match given.value('C') {
            Some(text) => Some(length(text)?),
            None if digits.is_empty() => None,
            None => Some(length(&digits)?),
        };
        let side = |letter: char| given.value(letter).map(length).transpose().map(|own| own.or(both));
        let (before, after) = (side('B')?, side('A')?);
        let most = match given.value('m') {
            None => u64::MAX,
            Some(text) => match text.parse::<i64>() {
                Ok(number) => u64::try_from(number).unwrap_or(u64::MAX),
                Err(_) => return Err("invalid max count".to_owned()),
            },
        };
        let color = given.value(COLOR);
        if color.is_some_and(|when| {
            !["always", "yes", "force", "never", "no", "none", "auto", "tty", "if-tty"].contains(&when)
        }) {
            return Err("unknown color".to_owned());
        }
        let (text, without) = match given.value(BINARY_FILES) {
            None => (given.has('a'), given.has('I')),
            Some("text") => (true, false),
            Some("without-match") => (false, true),
            Some("binary") => (false, false),
            Some(_) => return Err("unknown binary-files type".to_owned()),
        };
        let only = given.has('o');
        Ok(Self {
            names: false,
            numbers: given.has('n'),
            offsets: given.has('b'),
            only,
            tab: given.has('T'),
            null: given.has('Z'),
            color: matches!(color, Some("always" | "yes" | "force")),
            count: given.has('c'),
            list: given.last_of("lL"),
            silent: given.has('q'),
            text,
            without,
            before: if only { 0 } else { before.unwrap_or(0) },
            after: if only { 0 } else { after.unwrap_or(0) },
            separates: !only && (before.is_some() || after.is_some()),
            most,
        })
    }

    pub(super) fn names(&mut self, names: bool) {
        self.names = names;
    }

    /// Whether lines are not printed.
    pub(super) fn quiet(&self) -> bool {
        self.silent || self.count || self.list.is_some()
    }

    pub(super) fn first_is_enough(&self) -> bool {
        self.silent || self.list.is_some()
    }

    pub(super) fn guards_binary(&self) -> bool {
        !self.text
    }

    pub(super) fn skips_binary(&self) -> bool {
        self.without
    }

    pub(super) fn wants_after(&self) -> bool {
        self.after > 0
    }

    pub(super) fn file(&self, name: &str) -> File {
        File { name: name.to_owned(), number: 0, offset: 0, held: VecDeque::new(), bytes: 0, due: 0, printed: None }
    }

    /// What is said of a file as a whole.
    pub(super) fn summary(&self, out: &mut Out, name: &str, count: u64) {
        if self.silent {
            return;
        }
        if self.count && self.list.is_none() {
            if self.names {
                self.name(out, name, ':');
            }
            out.text(&format!("{count}\n"));
        }
        if self.list.is_some_and(|letter| (letter == 'l') == (count > 0)) {
            self.painted(out, "35", name.as_bytes());
            out.push(if self.null { b"\0" } else { b"\n" });
        }
    }

    fn painted(&self, out: &mut Out, color: &str, text: &[u8]) {
        if self.color {
            out.text(&format!("\x1b[{color}m\x1b[K"));
            out.push(text);
            out.text("\x1b[m\x1b[K");
        } else {
            out.push(text);
        }
    }

    fn name(&self, out: &mut Out, name: &str, mark: char) {
        self.painted(out, "35", name.as_bytes());
        if self.null {
            out.push(b"\0");
        } else {
            self.painted(out, "36", mark.to_string().as_bytes());
        }
    }

    /// What stands before a line.
    fn head(&self, out: &mut Out, name: &str, number: u64, offset: u64, mark: char) {
        if self.names {
            self.name(out, name, mark);
        }
        let width = |wide: usize| if self.tab { wide } else { 0 };
        for (shown, value, wide) in [(self.numbers, number, 4), (self.offsets, offset, 6)] {
            if shown {
                let wide = width(wide);
                self.painted(out, "32", format!("{value:>wide$}").as_bytes());
                self.painted(out, "36", mark.to_string().as_bytes());
            }
        }
        if self.tab && (self.names || self.numbers || self.offsets) {
            out.push(b"\t");
        }
    }
}

/// A file while it is searched.
pub(super) struct File {
    name: String,
    number: u64,
    offset: u64,
    /// Lines that may be context before a match, and how many bytes they are.
    held: VecDeque<(u64, u64, Vec<u8>)>,
    bytes: usize,
    /// How many lines of context are due behind a match.
    due: usize,
    /// The number of the line that was printed last.
    printed: Option<u64>,
}

impl File {
    /// Passes over a line.
    pub(super) fn skip(&mut self, line: &[u8]) {
        self.number += 1;
        self.offset += line.len() as u64;
    }

    /// A line that is not selected; whether it was wanted as context.
    pub(super) fn context(&mut self, report: &Report, out: &mut Out, line: &[u8], delimiter: u8) -> bool {
        let offset = self.offset;
        self.skip(line);
        if report.quiet() {
            return false;
        }
        if self.due > 0 {
            self.due -= 1;
            self.print(report, out, (self.number, offset, line), '-', delimiter);
            return true;
        }
        if report.before > 0 {
            self.bytes += line.len();
            while self.held.len() >= report.before || self.bytes > HELD && !self.held.is_empty() {
                self.bytes -= self.held.pop_front().map_or(0, |(.., line)| line.len());
            }
            self.held.push_back((self.number, offset, line.to_vec()));
        }
        false
    }

    /// A line that is selected.
    pub(super) fn selected(
        &mut self,
        report: &Report,
        out: &mut Out,
        line: &[u8],
        delimiter: u8,
        regex: Option<&Regex>,
    ) {
        let offset = self.offset;
        self.skip(line);
        let first = self.held.front().map_or(self.number, |(number, ..)| *number);
        if report.separates && self.printed.is_some_and(|printed| printed + 1 < first) {
            report.painted(out, "36", b"--");
            out.push(b"\n");
        }
        while let Some((number, offset, line)) = self.held.pop_front() {
            self.print(report, out, (number, offset, &line), '-', delimiter);
        }
        self.bytes = 0;
        self.due = report.after;
        self.printed = Some(self.number);
        let text = input::chop(line, delimiter);
        if report.only {
            if let Some(regex) = regex {
                each(regex, text, |range| {
                    report.head(out, &self.name, self.number, offset + range.start as u64, ':');
                    report.painted(out, "01;31", &text[range]);
                    out.push(&[delimiter]);
                });
            }
            return;
        }
        report.head(out, &self.name, self.number, offset, ':');
        match regex.filter(|_| report.color) {
            None => out.push(text),
            Some(regex) => {
                let mut shown = 0;
                each(regex, text, |range| {
                    out.push(&text[shown..range.start]);
                    report.painted(out, "01;31", &text[range.clone()]);
                    shown = range.end;
                });
                out.push(&text[shown..]);
            }
        }
        out.push(&[delimiter]);
    }

    fn print(&mut self, report: &Report, out: &mut Out, line: (u64, u64, &[u8]), mark: char, delimiter: u8) {
        let (number, offset, text) = line;
        report.head(out, &self.name, number, offset, mark);
        out.push(input::chop(text, delimiter));
        out.push(&[delimiter]);
        self.printed = Some(number);
    }
}

/// All matches in a line that are not empty.
fn each(regex: &Regex, text: &[u8], mut seen: impl FnMut(std::ops::Range<usize>)) {
    let mut at = 0;
    while at < text.len() {
        let Some(range) = regex.find_at(text, at) else { return };
        if range.is_empty() {
            at = range.end + 1;
            continue;
        }
        at = range.end;
        seen(range);
    }
}
