//! `cut` and `paste` as in GNU coreutils 8.30; `cut -c` counts characters, as in Red Hat's build.

use crate::systems::linux::proc::{Ended, Proc};
use crate::systems::linux::tools::getopt::{Given, Spec};
use crate::systems::linux::tools::input::{self, Lines, Out, given};
use crate::systems::linux::tools::{Tool, tool};

/// The programs of this file.
pub static TOOLS: &[Tool] = &[tool!("cut", cut), tool!("paste", paste)];

const COMPLEMENT: char = '\u{1}';
const OUTPUT: char = '\u{2}';
const CUT: Spec = Spec {
    short: "b:c:d:f:nsz",
    long: &[
        ("bytes:", 'b'),
        ("characters:", 'c'),
        ("delimiter:", 'd'),
        ("fields:", 'f'),
        ("only-delimited", 's'),
        ("zero-terminated", 'z'),
        ("complement", COMPLEMENT),
        ("output-delimiter:", OUTPUT),
    ],
    gaps: "",
};

/// What `cut` keeps.
struct Plan {
    /// `b`, `c` or `f`
    unit: char,
    ranges: Vec<(usize, usize)>,
    delimiter: Vec<u8>,
    output: Option<Vec<u8>>,
    only: bool,
    end: u8,
}

async fn cut(p: &mut Proc, arguments: &[String]) -> Ended {
    let given = given!(p, &CUT, arguments, 1);
    let plan = match plan(&given) {
        Ok(plan) => plan,
        Err(complaint) => return input::misused(p, &complaint, 1).await,
    };
    let mut out = Out::default();
    let mut status = 0;
    for file in input::files(&given) {
        let fd = match input::open(p, &file) {
            Ok(fd) => fd,
            Err(errno) => {
                out.flush(p).await?;
                status = input::unread(p, "", &file, errno, 1).await?;
                continue;
            }
        };
        let mut lines = Lines::new(fd, plan.end);
        while let Some(line) = lines.next(p, &mut out).await? {
            if let Some(kept) = plan.keep(input::chop(&line, plan.end)) {
                out.push(&kept);
                out.push(&[plan.end]);
            }
        }
        input::close(p, fd);
    }
    out.flush(p).await?;
    Ok(status)
}

fn plan(given: &Given) -> Result<Plan, String> {
    let lists: Vec<_> = given.options.iter().filter(|(letter, _)| "bcf".contains(*letter)).collect();
    let (unit, list) = match lists[..] {
        [] => return Err("you must specify a list of bytes, characters, or fields".to_owned()),
        [(unit, list)] => (*unit, list.as_deref().unwrap_or_default()),
        _ => return Err("only one type of list may be specified".to_owned()),
    };
    let delimiter = given.value('d');
    if delimiter.is_some_and(|text| text.chars().count() > 1) {
        return Err("the delimiter must be a single character".to_owned());
    }
    if delimiter.is_some() && unit != 'f' {
        return Err("an input delimiter may be specified only when operating on fields".to_owned());
    }
    if given.has('s') && unit != 'f' {
        return Err("suppressing non-delimited lines makes sense\n\tonly when operating on fields".to_owned());
    }
    let mut ranges = ranges(list, unit == 'f')?;
    if given.has(COMPLEMENT) {
        ranges = complement(&ranges);
    }
    let delimiter = delimiter.map_or(vec![b'\t'], |text| if text.is_empty() { vec![0] } else { text.into() });
    let output = given.value(OUTPUT).map(|text| text.as_bytes().to_vec());
    Ok(Plan { unit, ranges, delimiter, output, only: given.has('s'), end: if given.has('z') { 0 } else { b'\n' } })
}

/// `1,3-5,7-`: sorted ranges, of which none touches another.
fn ranges(list: &str, fields: bool) -> Result<Vec<(usize, usize)>, String> {
    let (range, value, zero) = match fields {
        true => ("field range", "field value", "fields are numbered from 1"),
        false => ("byte or character range", "byte/character position", "byte/character positions are numbered from 1"),
    };
    let mut found = Vec::new();
    for part in list.split([',', ' ', '\t']) {
        let number = |text: &str| -> Result<usize, String> {
            let digits = !text.is_empty() && text.chars().all(|c| c.is_ascii_digit());
            if !digits {
                return Err(format!("invalid {value} {}", input::quoted(text)));
            }
            let number = text.parse().unwrap_or(usize::MAX);
            if number == 0 { Err(zero.to_owned()) } else { Ok(number) }
        };
        let (low, high) = match part.split_once('-') {
            Some(("", "")) => return Err("invalid range with no endpoint: -".to_owned()),
            Some((low, "")) => (number(low)?, usize::MAX),
            Some(("", high)) => (1, number(high)?),
            Some((_, high)) if high.contains('-') => return Err(format!("invalid {range}")),
            Some((low, high)) => (number(low)?, number(high)?),
            None if part.is_empty() => return Err(zero.to_owned()),
            None => (number(part)?, number(part)?),
        };
        if high < low {
            return Err("invalid decreasing range".to_owned());
        }
        found.push((low, high));
    }
    found.sort_unstable();
    let mut merged: Vec<(usize, usize)> = Vec::new();
    for (low, high) in found {
        match merged.last_mut() {
            Some(last) if low <= last.1 => last.1 = last.1.max(high),
            _ => merged.push((low, high)),
        }
    }
    Ok(merged)
}

fn complement(ranges: &[(usize, usize)]) -> Vec<(usize, usize)> {
    let (mut gaps, mut next) = (Vec::new(), 1);
    for (low, high) in ranges {
        if *low > next {
            gaps.push((next, low - 1));
        }
        next = high.saturating_add(1);
    }
    if next < usize::MAX {
        gaps.push((next, usize::MAX));
    }
    gaps
}

impl Plan {
    /// What is kept of a line; nothing when it is left out.
    fn keep(&self, line: &[u8]) -> Option<Vec<u8>> {
        let parts: Vec<&[u8]> = match self.unit {
            'f' => {
                let parts = split(line, &self.delimiter);
                if parts.len() == 1 {
                    return (!self.only).then(|| line.to_vec());
                }
                parts
            }
            'c' => characters(line),
            _ => line.chunks(1).collect(),
        };
        let mut kept = Vec::new();
        let joint: &[u8] = match &self.output {
            Some(output) => output,
            None if self.unit == 'f' => &self.delimiter,
            None => b"",
        };
        let mut first = true;
        for (low, high) in &self.ranges {
            let end = parts.len().min(*high);
            let Some(chosen) = parts.get(low - 1..end) else { continue };
            for (at, part) in chosen.iter().enumerate() {
                if !first && (self.unit == 'f' || at == 0) {
                    kept.extend_from_slice(joint);
                }
                first = false;
                kept.extend_from_slice(part);
            }
        }
        Some(kept)
    }
}

/// The characters of a line; what is none counts byte by byte.
pub(super) fn characters(line: &[u8]) -> Vec<&[u8]> {
    let mut parts = Vec::new();
    for chunk in line.utf8_chunks() {
        let valid = chunk.valid();
        parts.extend(valid.char_indices().map(|(at, c)| &valid.as_bytes()[at..at + c.len_utf8()]));
        parts.extend(chunk.invalid().chunks(1));
    }
    parts
}

fn split<'a>(line: &'a [u8], delimiter: &[u8]) -> Vec<&'a [u8]> {
    let (mut parts, mut from, mut at) = (Vec::new(), 0, 0);
    while at + delimiter.len() <= line.len() {
        if line[at..].starts_with(delimiter) {
            parts.push(&line[from..at]);
            at += delimiter.len();
            from = at;
        } else {
            at += 1;
        }
    }
    parts.push(&line[from..]);
    parts
}

const PASTE: Spec =
    Spec { short: "d:sz", long: &[("delimiters:", 'd'), ("serial", 's'), ("zero-terminated", 'z')], gaps: "" };

/// What `paste` reads.
enum Source {
    Standard,
    File(Lines),
    Ended,
}

impl Source {
    fn lines<'a>(&'a mut self, standard: &'a mut Lines) -> Option<&'a mut Lines> {
        match self {
            Self::Standard => Some(standard),
            Self::File(lines) => Some(lines),
            Self::Ended => None,
        }
    }
}

async fn paste(p: &mut Proc, arguments: &[String]) -> Ended {
    let given = given!(p, &PASTE, arguments, 1);
    let Some(delimiters) = delimiters(given.value('d').unwrap_or("\\t")) else {
        let list = given.value('d').unwrap_or_default();
        return input::failed(p, &format!("delimiter list ends with an unescaped backslash: {list}"), 1).await;
    };
    let end = if given.has('z') { 0 } else { b'\n' };
    // All `-` read the one standard input in turns.
    let mut standard = Lines::new(0, end);
    let mut sources = Vec::new();
    let mut status = 0;
    for file in input::files(&given) {
        match input::open(p, &file) {
            Ok(0) => sources.push(Source::Standard),
            Ok(fd) => sources.push(Source::File(Lines::new(fd, end))),
            Err(errno) => {
                status = input::unread(p, "", &file, errno, 1).await?;
                if !given.has('s') {
                    return Ok(status);
                }
            }
        }
    }
    let joint = |at: usize| -> &[u8] { delimiters.get(at % delimiters.len().max(1)).map_or(b"", Vec::as_slice) };
    let mut out = Out::default();
    if given.has('s') {
        for mut source in sources {
            let Some(lines) = source.lines(&mut standard) else { continue };
            let mut at = 0;
            while let Some(line) = lines.next(p, &mut out).await? {
                if at > 0 {
                    out.push(joint(at - 1));
                }
                out.push(input::chop(&line, end));
                at += 1;
            }
            out.push(&[end]);
        }
        out.flush(p).await?;
        return Ok(status);
    }
    loop {
        let mut row = Vec::new();
        let mut any = false;
        for (at, source) in sources.iter_mut().enumerate() {
            if at > 0 {
                row.extend_from_slice(joint(at - 1));
            }
            let Some(lines) = source.lines(&mut standard) else { continue };
            match lines.next(p, &mut out).await? {
                Some(line) => {
                    any = true;
                    row.extend_from_slice(input::chop(&line, end));
                }
                None => *source = Source::Ended,
            }
        }
        if !any {
            break;
        }
        out.push(&row);
        out.push(&[end]);
    }
    out.flush(p).await?;
    Ok(status)
}

/// The list behind `-d`: characters, `\n`, `\t`, `\0` for none.
fn delimiters(list: &str) -> Option<Vec<Vec<u8>>> {
    let mut found = Vec::new();
    let mut chars = list.chars();
    while let Some(c) = chars.next() {
        let c = match c {
            '\\' => match chars.next()? {
                '0' => {
                    found.push(Vec::new());
                    continue;
                }
                'n' => '\n',
                't' => '\t',
                'r' => '\r',
                'b' => '\x08',
                'f' => '\x0c',
                'v' => '\x0b',
                other => other,
            },
            c => c,
        };
        found.push(c.to_string().into_bytes());
    }
    Some(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_of_fields() {
        let check = |list: &str, expect: Result<&[(usize, usize)], &str>| {
            assert_eq!(ranges(list, true), expect.map(<[_]>::to_vec).map_err(str::to_owned), "{list}");
        };
        check("1,3-5,4-7", Ok(&[(1, 1), (3, 7)]));
        check("-2,9-", Ok(&[(1, 2), (9, usize::MAX)]));
        check("0", Err("fields are numbered from 1"));
        check("3-1", Err("invalid decreasing range"));
        check("-", Err("invalid range with no endpoint: -"));
        check("a", Err("invalid field value ‘a’"));
        check("1-2-3", Err("invalid field range"));
        assert_eq!(complement(&[(2, 3), (5, usize::MAX)]), [(1, 1), (4, 4)]);
    }
}
