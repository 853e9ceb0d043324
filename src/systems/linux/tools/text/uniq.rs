//! `uniq` and `comm` as in GNU coreutils 8.30.

use std::cmp::Ordering;

use crate::systems::linux::io::Cut;
use crate::systems::linux::proc::{Ended, Mode, Proc};
use crate::systems::linux::tools::argmatch::argument;
use crate::systems::linux::tools::files::collate;
use crate::systems::linux::tools::getopt::{Given, Spec};
use crate::systems::linux::tools::input::{self, Lines, Out, given};
use crate::systems::linux::tools::{Tool, tool};

/// The programs of this file.
pub static TOOLS: &[Tool] = &[tool!("comm", comm), tool!("uniq", uniq)];

const ALL: char = '\u{1}';
const GROUP: char = '\u{2}';
const UNIQ: Spec = Spec {
    short: "cdDf:is:uw:z",
    long: &[
        ("count", 'c'),
        ("repeated", 'd'),
        ("all-repeated::", ALL),
        ("group::", GROUP),
        ("skip-fields:", 'f'),
        ("ignore-case", 'i'),
        ("skip-chars:", 's'),
        ("unique", 'u'),
        ("check-chars:", 'w'),
        ("zero-terminated", 'z'),
    ],
    gaps: "",
};

/// What of a line is compared.
struct Part {
    fields: usize,
    skip: usize,
    most: usize,
    fold: bool,
}

impl Part {
    fn of(&self, line: &[u8]) -> Vec<u8> {
        let mut at = 0;
        for _ in 0..self.fields.min(line.len()) {
            at += line[at..].iter().take_while(|byte| byte.is_ascii_whitespace()).count();
            at += line[at..].iter().take_while(|byte| !byte.is_ascii_whitespace()).count();
        }
        let rest = &line[at.saturating_add(self.skip).min(line.len())..];
        let part = &rest[..self.most.min(rest.len())];
        if self.fold { part.to_ascii_lowercase() } else { part.to_vec() }
    }
}

async fn uniq(p: &mut Proc, arguments: &[String]) -> Ended {
    let arguments = input::modern(arguments, "-f");
    let given = given!(p, &UNIQ, &arguments, 1);
    let number = |letter: char, what: &str, usual: usize| match given.value(letter) {
        None => Ok(usual),
        Some(text) => match input::size(text) {
            Some(number) => Ok(usize::try_from(number).unwrap_or(usize::MAX)),
            None => Err(format!("{text}: invalid number of {what}")),
        },
    };
    let numbers = (
        number('f', "fields to skip", 0),
        number('s', "bytes to skip", 0),
        number('w', "bytes to compare", usize::MAX),
    );
    let part = match numbers {
        (Ok(fields), Ok(skip), Ok(most)) => Part { fields, skip, most, fold: given.has('i') },
        (Err(complaint), ..) | (_, Err(complaint), _) | (.., Err(complaint)) => {
            return input::failed(p, &complaint, 1).await;
        }
    };
    if let Some(extra) = given.operands.get(2) {
        return input::misused(p, &format!("extra operand {}", input::quoted(extra)), 1).await;
    }
    let all = given.has('D') || given.has(ALL);
    let mut group = None;
    if given.has(GROUP) {
        const METHODS: [&str; 4] = ["prepend", "append", "separate", "both"];
        group = match argument(Some(given.value(GROUP).unwrap_or("separate")), "--group", &METHODS) {
            Ok(method) => Some(method),
            Err(text) => return input::misused(p, &text, 1).await,
        };
        if all || ['c', 'd', 'u'].into_iter().any(|letter| given.has(letter)) {
            return input::misused(p, "--group is mutually exclusive with -c/-d/-D/-u", 1).await;
        }
    }
    if all && given.has('c') {
        let text = "printing all duplicated lines and repeat counts is meaningless";
        return input::misused(p, text, 1).await;
    }
    let source = given.operands.first().map_or("-", String::as_str);
    let fd = match input::open(p, source) {
        Ok(fd) => fd,
        Err(errno) => return input::unread(p, "", source, errno, 1).await,
    };
    if let Some(target) = given.operands.get(1).filter(|target| *target != "-") {
        match p.open(target, Mode::Write) {
            Ok(open) => p.files.set(1, Some(open)),
            Err(errno) => return input::unread(p, "", target, errno, 1).await,
        };
    }
    if let Some(method) = group {
        let method = method.to_owned();
        return parted(p, fd, &given, &part, &method).await;
    }
    groups(p, fd, &given, &part, all).await
}

/// All lines, an empty one between groups, and before and behind them as `method` says.
async fn parted(p: &mut Proc, fd: u32, given: &Given, part: &Part, method: &str) -> Ended {
    let end = if given.has('z') { 0 } else { b'\n' };
    let mut out = Out::default();
    let mut lines = Lines::new(fd, end);
    let mut known: Option<Vec<u8>> = None;
    while let Some(line) = lines.next(p, &mut out).await? {
        let text = input::chop(&line, end);
        let key = part.of(text);
        let between = known.as_ref().is_some_and(|known| *known != key);
        if between || known.is_none() && matches!(method, "prepend" | "both") {
            out.push(&[end]);
        }
        out.push(text);
        out.push(&[end]);
        known = Some(key);
    }
    if known.is_some() && matches!(method, "append" | "both") {
        out.push(&[end]);
    }
    out.flush(p).await?;
    Ok(0)
}

async fn groups(p: &mut Proc, fd: u32, given: &Given, part: &Part, all: bool) -> Ended {
    let end = if given.has('z') { 0 } else { b'\n' };
    let (counts, repeated, single) = (given.has('c'), given.has('d'), given.has('u'));
    let method = given.value(ALL).unwrap_or("none").to_owned();
    let mut out = Out::default();
    let mut lines = Lines::new(fd, end);
    let mut group: Option<(Vec<u8>, Vec<u8>, u64)> = None;
    let mut groups = 0;
    let show = |out: &mut Out, line: &[u8], count: u64| {
        if if count > 1 { single && !all } else { repeated || all } {
            return;
        }
        if counts {
            out.text(&format!("{count:7} "));
        }
        out.push(line);
        out.push(&[end]);
    };
    loop {
        let line = lines.next(p, &mut out).await?;
        let text = line.as_deref().map(|line| input::chop(line, end).to_vec());
        let key = text.as_deref().map(|text| part.of(text));
        if let (Some((first, known, count)), Some(key), Some(text)) = (&mut group, &key, &text)
            && known == key
        {
            *count += 1;
            if all && !single {
                if *count == 2 {
                    if method == "prepend" || method == "separate" && groups > 0 {
                        out.push(&[end]);
                    }
                    groups += 1;
                    out.push(first);
                    out.push(&[end]);
                }
                out.push(text);
                out.push(&[end]);
            }
            continue;
        }
        if let Some((first, _, count)) = group.take()
            && !all
        {
            show(&mut out, &first, count);
        }
        match (text, key) {
            (Some(text), Some(key)) => group = Some((text, key, 1)),
            _ => break,
        }
    }
    out.flush(p).await?;
    Ok(0)
}

const CHECK: char = '\u{1}';
const NOCHECK: char = '\u{2}';
const DELIMITER: char = '\u{3}';
const TOTAL: char = '\u{4}';
const COMM: Spec = Spec {
    short: "123z",
    long: &[
        ("check-order", CHECK),
        ("nocheck-order", NOCHECK),
        ("output-delimiter:", DELIMITER),
        ("total", TOTAL),
        ("zero-terminated", 'z'),
    ],
    gaps: "",
};

/// One of the two sorted files.
struct Side {
    lines: Lines,
    line: Option<Vec<u8>>,
    /// The last two lines are in the wrong order.
    disorder: bool,
    /// It was said that it is not sorted.
    said: bool,
}

impl Side {
    async fn next(&mut self, p: &mut Proc, out: &mut Out, end: u8) -> Result<bool, Cut> {
        let language = collate::has_language(p);
        let line = self.lines.next(p, out).await?.map(|line| input::chop(&line, end).to_vec());
        // At the end the last two lines are judged again, since what has no counterpart may have been seen meanwhile.
        if line.is_some() {
            self.disorder = matches!((&self.line, &line), (Some(before), Some(now)) if collate::compare_bytes(before, now, language).is_gt());
        }
        self.line = line;
        Ok(self.disorder)
    }
}

/// Operands that are missing or too many, as `comm` and `join` say it.
pub(super) async fn two<'a>(p: &mut Proc, given: &'a Given) -> Result<Result<[&'a str; 2], u8>, Cut> {
    let text = match &given.operands[..] {
        [a, b] => return Ok(Ok([a, b])),
        [] => "missing operand".to_owned(),
        [a] => format!("missing operand after {}", input::quoted(a)),
        [_, _, extra, ..] => format!("extra operand {}", input::quoted(extra)),
    };
    input::misused(p, &text, 1).await.map(Err)
}

async fn comm(p: &mut Proc, arguments: &[String]) -> Ended {
    let given = given!(p, &COMM, arguments, 1);
    let names = match two(p, &given).await? {
        Ok(names) => names,
        Err(status) => return Ok(status),
    };
    let end = if given.has('z') { 0 } else { b'\n' };
    let mut out = Out::default();
    let mut sides = Vec::new();
    for name in names {
        match input::open(p, name) {
            Ok(fd) => {
                let mut side = Side { lines: Lines::new(fd, end), line: None, disorder: false, said: false };
                side.next(p, &mut out, end).await?;
                sides.push(side);
            }
            Err(errno) => return input::unread(p, "", name, errno, 1).await,
        }
    }
    let gap = given.value(DELIMITER).unwrap_or("\t").to_owned();
    let shown = ['1', '2', '3'].map(|column| !given.has(column));
    let language = collate::has_language(p);
    let mut totals = [0_u64; 3];
    let mut unpaired = false;
    loop {
        let column = match (&sides[0].line, &sides[1].line) {
            (None, None) => break,
            (Some(_), None) => 0,
            (None, Some(_)) => 1,
            (Some(a), Some(b)) => match collate::compare_bytes(a, b, language) {
                Ordering::Less => 0,
                Ordering::Greater => 1,
                Ordering::Equal => 2,
            },
        };
        unpaired |= column < 2;
        totals[column] += 1;
        if shown[column] {
            for before in &shown[..column] {
                if *before {
                    out.text(&gap);
                }
            }
            let line = &sides[usize::from(column == 1)].line;
            out.push(line.as_deref().unwrap_or_default());
            out.push(&[end]);
        }
        for (at, side) in sides.iter_mut().enumerate() {
            if column != 2 && column != at {
                continue;
            }
            let disorder = side.next(p, &mut out, end).await?;
            if disorder && !given.has(NOCHECK) && !side.said && (unpaired || given.has(CHECK)) {
                side.said = true;
                out.flush(p).await?;
                p.complain(&format!("file {} is not in sorted order", at + 1)).await?;
                if given.has(CHECK) {
                    return Ok(1);
                }
            }
        }
    }
    if given.has(TOTAL) {
        out.text(&format!("{}{gap}{}{gap}{}{gap}total\n", totals[0], totals[1], totals[2]));
    }
    out.flush(p).await?;
    Ok(u8::from(sides.iter().any(|side| side.said)))
}
