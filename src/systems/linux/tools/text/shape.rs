//! `expand`, `fold`, `nl`, `unexpand` as in GNU coreutils 8.30; `colrm` and `rev` of util-linux 2.32.

use std::num::IntErrorKind;

use super::fields::characters;
use crate::systems::linux::proc::{Ended, HELD, Proc};
use crate::systems::linux::tools::getopt::{Given, Spec};
use crate::systems::linux::tools::input::{self, Lines, Out, given};
use crate::systems::linux::tools::regex::{Options, Regex, Syntax};
use crate::systems::linux::tools::{Tool, tool};

/// The programs of this file.
pub static TOOLS: &[Tool] = &[
    tool!("colrm", colrm),
    tool!("expand", expand),
    tool!("fold", fold),
    tool!("nl", nl),
    tool!("rev", rev),
    tool!("unexpand", unexpand),
];

/// Passes each line of all operands through a closure.
pub(super) async fn each_line(
    p: &mut Proc,
    files: &[String],
    end: u8,
    mut change: impl FnMut(&[u8], &mut Out),
) -> Ended {
    let mut out = Out::default();
    let mut status = 0;
    for file in files {
        match input::open(p, file) {
            Ok(fd) => {
                let mut lines = Lines::new(fd, end);
                while let Some(line) = lines.next(p, &mut out).await? {
                    change(&line, &mut out);
                }
                input::close(p, fd);
            }
            Err(errno) => {
                out.flush(p).await?;
                status = input::unread(p, "", file, errno, 1).await?;
            }
        }
    }
    out.flush(p).await?;
    Ok(status)
}

async fn rev(p: &mut Proc, arguments: &[String]) -> Ended {
    let mut status = 0;
    let files = if arguments.is_empty() { vec!["-".to_owned()] } else { arguments.to_vec() };
    if let Some(option) = files.iter().find(|word| word.len() > 1 && word.starts_with('-')) {
        p.complain(&format!("invalid option -- '{}'", option[1..].chars().next().unwrap_or('-'))).await?;
        return input::failed(p, "Try 'rev --help' for more information.", 1).await;
    }
    for file in files {
        match input::open(p, &file) {
            Ok(fd) => {
                let (mut lines, mut out) = (Lines::new(fd, b'\n'), Out::default());
                while let Some(line) = lines.next(p, &mut out).await? {
                    let text = input::chop(&line, b'\n');
                    characters(text).into_iter().rev().for_each(|part| out.push(part));
                    out.push(&line[text.len()..]);
                }
                out.flush(p).await?;
                input::close(p, fd);
            }
            Err(errno) => status = input::failed(p, &format!("cannot open {file}: {}", errno.text()), 1).await?,
        }
    }
    Ok(status)
}

/// `colrm`: columns from a first to a last one are left out of what is read.
async fn colrm(p: &mut Proc, arguments: &[String]) -> Ended {
    if let Some(option) = arguments.iter().find(|word| word.len() > 1 && word.starts_with('-')) {
        return p.gap(&format!("colrm {option}"));
    }
    let mut bounds = [0, usize::MAX];
    for ((bound, word), which) in bounds.iter_mut().zip(arguments).zip(["first", "second"]) {
        match word.parse() {
            Ok(column) => *bound = column,
            Err(_) => return input::failed(p, &format!("{which} argument: '{word}'"), 1).await,
        }
    }
    let [first, last] = bounds;
    if first == 0 {
        return each_line(p, &["-".to_owned()], b'\n', |line, out| out.push(line)).await;
    }
    each_line(p, &["-".to_owned()], b'\n', |line, out| {
        let text = input::chop(line, b'\n');
        let mut column = 0;
        for part in characters(text) {
            let width = if part == b"\t" { 8 - column % 8 } else { 1 };
            for place in column + 1..=column + width {
                if place < first || place > last {
                    out.push(if part == b"\t" { b" " } else { part });
                }
            }
            column += width;
        }
        out.push(&line[text.len()..]);
    })
    .await
}

const FOLD: Spec = Spec { short: "bsw:", long: &[("bytes", 'b'), ("spaces", 's'), ("width:", 'w')], gaps: "" };

async fn fold(p: &mut Proc, arguments: &[String]) -> Ended {
    let arguments = input::modern(arguments, "-w");
    let given = given!(p, &FOLD, &arguments, 1);
    let text = given.value('w').unwrap_or("80");
    let width = match text.parse::<usize>() {
        Ok(width @ 1..) => width,
        _ => return input::failed(p, &format!("invalid number of columns: {}", input::quoted(text)), 1).await,
    };
    let (bytes, spaces) = (given.has('b'), given.has('s'));
    each_line(p, &input::files(&given), b'\n', |line, out| fold_line(line, width, bytes, spaces, out)).await
}

fn fold_line(line: &[u8], width: usize, bytes: bool, spaces: bool, out: &mut Out) {
    let text = input::chop(line, b'\n');
    let advance = |column: usize, part: &[u8]| match part {
        _ if bytes => column + 1,
        b"\x08" => column.saturating_sub(1),
        b"\r" => 0,
        b"\t" => column + 8 - column % 8,
        _ => column + 1,
    };
    let parts: Vec<&[u8]> = if bytes { text.chunks(1).collect() } else { characters(text) };
    let (mut column, mut held): (usize, Vec<&[u8]>) = (0, Vec::new());
    for part in parts {
        loop {
            let next = advance(column, part);
            if next <= width || held.is_empty() {
                held.push(part);
                column = next;
                break;
            }
            let blank = held.iter().rposition(|part| matches!(*part, b" " | b"\t")).filter(|_| spaces);
            let rest = held.split_off(blank.map_or(held.len(), |blank| blank + 1));
            held.iter().for_each(|part| out.push(part));
            out.push(b"\n");
            held = rest;
            column = held.iter().fold(0, |column, part| advance(column, part));
        }
    }
    held.iter().for_each(|part| out.push(part));
    out.push(&line[text.len()..]);
}

const NL: Spec = Spec {
    short: "b:d:f:h:i:l:n:ps:v:w:",
    long: &[
        ("body-numbering:", 'b'),
        ("section-delimiter:", 'd'),
        ("footer-numbering:", 'f'),
        ("header-numbering:", 'h'),
        ("line-increment:", 'i'),
        ("join-blank-lines:", 'l'),
        ("number-format:", 'n'),
        ("no-renumber", 'p'),
        ("number-separator:", 's'),
        ("starting-line-number:", 'v'),
        ("number-width:", 'w'),
    ],
    gaps: "",
};

/// Which lines get a number.
enum Style {
    All,
    Nonempty,
    Never,
    Matching(Box<Regex>),
}

fn style(given: &Given, letter: char, usual: &str, what: &str) -> Result<Style, String> {
    let text = given.value(letter).unwrap_or(usual);
    match text {
        "a" => Ok(Style::All),
        "t" => Ok(Style::Nonempty),
        "n" => Ok(Style::Never),
        text => match text.strip_prefix('p') {
            Some(pattern) => {
                Regex::new(pattern, Syntax::Basic, Options::default()).map(|r| Style::Matching(Box::new(r)))
            }
            None => Err(format!("invalid {what} numbering style: {}", input::quoted(text))),
        },
    }
}

async fn nl(p: &mut Proc, arguments: &[String]) -> Ended {
    let given = given!(p, &NL, arguments, 1);
    let number = |letter: char, usual: i64, what: &str| match given.value(letter) {
        None => Ok(usual),
        Some(text) => text.parse::<i64>().map_err(|_| format!("invalid {what}: {}", input::quoted(text))),
    };
    let read = || -> Result<_, String> {
        let styles =
            [style(&given, 'h', "n", "header")?, style(&given, 'b', "t", "body")?, style(&given, 'f', "n", "footer")?];
        let start = number('v', 1, "starting line number")?;
        let step = number('i', 1, "line number increment")?;
        let join = number('l', 1, "line number of blank lines")?.max(1);
        let width = number('w', 6, "line number field width")?;
        if width < 1 {
            let text = given.value('w').unwrap_or_default();
            return Err(format!("invalid line number field width: {}", input::quoted(text)));
        }
        let format = given.value('n').unwrap_or("rn").to_owned();
        if !matches!(format.as_str(), "ln" | "rn" | "rz") {
            return Err(format!("invalid line numbering format: {}", input::quoted(&format)));
        }
        Ok((styles, start, step, join, usize::try_from(width).unwrap_or(6).min(1000), format))
    };
    let (styles, start, step, join, width, format) = match read() {
        Ok(read) => read,
        Err(complaint) => return input::failed(p, &complaint, 1).await,
    };
    let separator = given.value('s').unwrap_or("\t").to_owned();
    let mark = match given.value('d') {
        None => "\\:".to_owned(),
        Some(one) if one.chars().count() == 1 => format!("{one}:"),
        Some(mark) => mark.to_owned(),
    };
    let keeps = given.has('p');
    let (mut section, mut next, mut blanks) = (1, start, 0);
    each_line(p, &input::files(&given), b'\n', |line, out| {
        let text = input::chop(line, b'\n');
        let head = (1..=3).find(|count| !mark.is_empty() && text == mark.repeat(*count).as_bytes());
        if let Some(count) = head {
            section = 3 - count;
            if !keeps {
                next = start;
            }
            return out.push(b"\n");
        }
        let numbered = match &styles[section] {
            Style::All if text.is_empty() => {
                blanks += 1;
                blanks % join == 0
            }
            Style::All => true,
            Style::Nonempty => !text.is_empty(),
            Style::Never => false,
            Style::Matching(regex) => regex.is_match(text),
        };
        if !text.is_empty() || numbered {
            blanks = 0;
        }
        if numbered {
            out.text(&match format.as_str() {
                "ln" => format!("{next:<width$}{separator}"),
                "rz" => format!("{next:0width$}{separator}"),
                _ => format!("{next:>width$}{separator}"),
            });
            next = next.saturating_add(step);
        } else {
            out.text(&" ".repeat(width + separator.len()));
        }
        out.push(text);
        out.push(b"\n");
    })
    .await
}

const EXPAND: Spec = Spec { short: "it:", long: &[("initial", 'i'), ("tabs:", 't')], gaps: "" };
const FIRST: char = '\u{1}';
const UNEXPAND: Spec = Spec { short: "at:", long: &[("all", 'a'), ("first-only", FIRST), ("tabs:", 't')], gaps: "" };

/// Tab stops: a list, behind which each so-manyth column is one (or none).
struct Stops {
    list: Vec<usize>,
    every: usize,
}

impl Stops {
    fn read(given: &Given) -> Result<Self, String> {
        let mut list: Vec<usize> = Vec::new();
        for text in given.values('t') {
            for part in text.split([',', ' ', '\t']).filter(|part| !part.is_empty()) {
                match part.parse::<usize>() {
                    Ok(0) => return Err("tab size cannot be 0".to_owned()),
                    Ok(stop) if list.last().is_some_and(|last| *last >= stop) => {
                        return Err("tab sizes must be ascending".to_owned());
                    }
                    Ok(stop) => list.push(stop),
                    Err(error) if *error.kind() == IntErrorKind::PosOverflow => {
                        return Err(format!("tab stop is too large {}", input::quoted(part)));
                    }
                    Err(_) => {
                        return Err(format!("tab size contains invalid character(s): {}", input::quoted(part)));
                    }
                }
            }
        }
        Ok(match list[..] {
            [] => Self { list, every: 8 },
            [every] => Self { list: Vec::new(), every },
            _ => Self { list, every: 0 },
        })
    }

    /// The first stop behind a column; nothing behind the last.
    fn after(&self, column: usize) -> Option<usize> {
        if self.every > 0 {
            return Some(column.saturating_add(self.every - column % self.every));
        }
        self.list.iter().copied().find(|stop| *stop > column)
    }
}

async fn expand(p: &mut Proc, arguments: &[String]) -> Ended {
    let arguments = input::modern(arguments, "-t");
    let given = given!(p, &EXPAND, &arguments, 1);
    let stops = match Stops::read(&given) {
        Ok(stops) => stops,
        Err(complaint) => return input::failed(p, &complaint, 1).await,
    };
    let initial = given.has('i');
    each_line(p, &input::files(&given), b'\n', |line, out| {
        let (mut column, mut leading) = (0_usize, true);
        for part in characters(line) {
            if part == b"\t" && (leading || !initial) {
                let next = stops.after(column).unwrap_or(column.saturating_add(1));
                out.blanks(next - column);
                column = next;
                continue;
            }
            leading &= matches!(part, b" " | b"\t");
            column = if part == b"\x08" { column.saturating_sub(1) } else { column.saturating_add(1) };
            out.push(part);
        }
    })
    .await
}

async fn unexpand(p: &mut Proc, arguments: &[String]) -> Ended {
    let given = given!(p, &UNEXPAND, arguments, 1);
    let stops = match Stops::read(&given) {
        Ok(stops) => stops,
        Err(complaint) => return input::failed(p, &complaint, 1).await,
    };
    if stops.list.last().is_some_and(|last| *last > HELD) || stops.every > HELD {
        return p.fail("memory exhausted").await;
    }
    let all = (given.has('a') || given.has('t')) && !given.has(FIRST);
    each_line(p, &input::files(&given), b'\n', |line, out| tabbed(line, &stops, all, out)).await
}

/// Blanks up to a tab stop become a tab, unless it is a single blank before a letter.
fn tabbed(line: &[u8], stops: &Stops, all: bool, out: &mut Out) {
    let (mut column, mut leading, mut pending) = (0_usize, true, 0_usize);
    let mut run_tabs = false;
    for part in characters(line) {
        let blank = matches!(part, b" " | b"\t");
        if blank && (leading || all) {
            let next = stops.after(column);
            if part == b"\t" {
                (column, pending) = (next.unwrap_or(column.saturating_add(1)), 0);
                out.push(b"\t");
                run_tabs = true;
                continue;
            }
            column = column.saturating_add(1);
            pending += 1;
            if next == Some(column) && (pending > 1 || run_tabs || leading && pending > 0 && column > 1) {
                out.push(b"\t");
                (pending, run_tabs) = (0, true);
            }
            continue;
        }
        out.text(&" ".repeat(pending));
        (pending, run_tabs) = (0, false);
        leading &= blank;
        column = column.saturating_add(1);
        out.push(part);
    }
    out.text(&" ".repeat(pending));
}
