//! `split` as in GNU coreutils 8.30: by lines, bytes, lines of a size, and into a number of parts.

use crate::systems::linux::io::Cut;
use crate::systems::linux::proc::{Ended, Mode, Proc};
use crate::systems::linux::tools::getopt::{Given, Spec};
use crate::systems::linux::tools::input::{self, given};
use crate::systems::linux::tools::{Tool, tool};

/// The programs of this file.
pub static TOOLS: &[Tool] = &[tool!("split", split)];

const VERBOSE: char = '\u{1}';
const SUFFIX: char = '\u{2}';
const FILTER: char = '\u{3}';
const SPEC: Spec = Spec {
    short: "a:b:C:dl:n:t:ux",
    long: &[
        ("suffix-length:", 'a'),
        ("bytes:", 'b'),
        ("line-bytes:", 'C'),
        ("numeric-suffixes::", 'd'),
        ("lines:", 'l'),
        ("number:", 'n'),
        ("verbose", VERBOSE),
        ("additional-suffix:", SUFFIX),
        ("filter:", FILTER),
        ("hex-suffixes::", 'x'),
    ],
    gaps: "e --elide-empty-files --unbuffered --separator:",
};

/// The names of the parts.
struct Names {
    prefix: String,
    suffix: String,
    digits: &'static [u8],
    length: Option<usize>,
    next: usize,
}

impl Names {
    /// The next name; nothing when all are used up. Without a given length, suffixes grow before the last letter is used
    /// in front.
    fn next(&mut self) -> Option<String> {
        let (base, number) = (self.digits.len(), self.next);
        self.next += 1;
        let (mut length, mut rest, mut lead) = (self.length.unwrap_or(2), number, 0);
        if self.length.is_none() {
            // xaa … xyz, xzaaa … xzyzz, xzzaaaa …
            loop {
                let room = (base - 1) * base.pow(u32::try_from(length).ok()?.saturating_sub(1));
                if rest < room {
                    break;
                }
                rest -= room;
                lead += 1;
                length += 1;
            }
        }
        let mut letters = vec![0; length];
        for letter in letters.iter_mut().rev() {
            *letter = self.digits[rest % base];
            rest /= base;
        }
        if rest > 0 {
            return None;
        }
        let lead: String = std::iter::repeat_n(char::from(self.digits[base - 1]), lead).collect();
        Some(format!("{}{lead}{}{}", self.prefix, String::from_utf8_lossy(&letters), self.suffix))
    }
}

/// What a part is.
enum Part {
    Lines(usize),
    Bytes(usize),
    LineBytes(usize),
    /// So many parts, at the ends of lines or not.
    Number(usize, bool),
}

fn part(given: &Given) -> Result<Part, String> {
    let kinds: Vec<_> = given.options.iter().filter(|(letter, _)| "lbCn".contains(*letter)).collect();
    let (letter, value) = match kinds[..] {
        [] => return Ok(Part::Lines(1000)),
        [(letter, value)] => (*letter, value.as_deref().unwrap_or_default()),
        _ => return Err("cannot split in more than one way".to_owned()),
    };
    let number = |text: &str| input::size(text).and_then(|size| usize::try_from(size).ok()).filter(|size| *size > 0);
    let wrong = |what: &str| format!("invalid number of {what}: {}", input::quoted(value));
    match letter {
        'l' => number(value).map(Part::Lines).ok_or_else(|| wrong("lines")),
        'b' => number(value).map(Part::Bytes).ok_or_else(|| wrong("bytes")),
        'C' => number(value).map(Part::LineBytes).ok_or_else(|| wrong("bytes")),
        _ => match value.strip_prefix("l/") {
            Some(count) => number(count).map(|count| Part::Number(count, true)),
            None => number(value).map(|count| Part::Number(count, false)),
        }
        .ok_or_else(|| wrong("chunks")),
    }
}

fn parts<'a>(bytes: &'a [u8], part: &Part) -> Vec<&'a [u8]> {
    let lines: Vec<&[u8]> = bytes.split_inclusive(|byte| *byte == b'\n').collect();
    let joined = |groups: Vec<usize>| {
        let mut from = 0;
        let cut = groups.into_iter().map(|length| {
            from += length;
            &bytes[from - length..from]
        });
        cut.collect::<Vec<_>>()
    };
    match part {
        Part::Bytes(size) => bytes.chunks(*size).collect(),
        Part::Lines(count) => {
            joined(lines.chunks(*count).map(|group| group.iter().map(|line| line.len()).sum()).collect())
        }
        Part::LineBytes(size) => {
            let mut lengths: Vec<usize> = Vec::new();
            for line in lines.iter().flat_map(|line| line.chunks(*size)) {
                match lengths.last_mut() {
                    Some(last) if *last + line.len() <= *size => *last += line.len(),
                    _ => lengths.push(line.len()),
                }
            }
            joined(lengths)
        }
        Part::Number(count, whole) => {
            let size = bytes.len() / count;
            let mut ends: Vec<usize> = (1..*count).map(|number| number * size).collect();
            ends.push(bytes.len());
            if *whole {
                for end in &mut ends {
                    let rest = &bytes[end.saturating_sub(1)..];
                    let line = rest
                        .iter()
                        .position(|byte| *byte == b'\n')
                        .map_or(bytes.len(), |at| end.saturating_sub(1) + at + 1);
                    *end = if *end == 0 { 0 } else { line };
                }
            }
            let mut from = 0;
            let cut = ends.into_iter().map(|end| {
                let part = &bytes[from.min(end)..end];
                from = from.max(end);
                part
            });
            cut.collect()
        }
    }
}

async fn split(p: &mut Proc, arguments: &[String]) -> Ended {
    let arguments = input::modern(arguments, "-l");
    let given = given!(p, &SPEC, &arguments, 1);
    if given.has(FILTER) || given.has('t') {
        return p.gap("split with this option");
    }
    let part = match part(&given) {
        Ok(part) => part,
        Err(complaint) if complaint.starts_with("cannot") => return input::misused(p, &complaint, 1).await,
        Err(complaint) => return input::failed(p, &complaint, 1).await,
    };
    if let Some(extra) = given.operands.get(2) {
        return input::misused(p, &format!("extra operand {}", input::quoted(extra)), 1).await;
    }
    let length = match given.value('a').map(|text| (text, text.parse::<usize>())) {
        None => None,
        Some((_, Ok(length @ 1..=100))) => Some(length),
        Some((text, _)) => {
            return input::failed(p, &format!("invalid suffix length: {}", input::quoted(text)), 1).await;
        }
    };
    let file = given.operands.first().map_or("-", String::as_str);
    let bytes = match input::read_all(p, file).await? {
        Ok(bytes) => bytes,
        Err(errno) => {
            let text = format!("cannot open {} for reading: {}", input::quoted_name(p, file), errno.text());
            return input::failed(p, &text, 1).await;
        }
    };
    let digits: &[u8] = match given.last_of("dx") {
        Some('d') => b"0123456789",
        Some(_) => b"0123456789abcdef",
        None => b"abcdefghijklmnopqrstuvwxyz",
    };
    let mut names = Names {
        prefix: given.operands.get(1).cloned().unwrap_or_else(|| "x".to_owned()),
        suffix: given.value(SUFFIX).unwrap_or_default().to_owned(),
        digits,
        length,
        next: given.value('d').and_then(|start| start.parse().ok()).unwrap_or(0),
    };
    for part in parts(&bytes, &part) {
        let Some(name) = names.next() else { return input::failed(p, "output file suffixes exhausted", 1).await };
        if given.has(VERBOSE) {
            p.out(&format!("creating file {}\n", input::quoted_name(p, &name))).await?;
        }
        if let Err(text) = put(p, &name, part).await? {
            return input::failed(p, &text, 1).await;
        }
    }
    Ok(0)
}

async fn put(p: &mut Proc, name: &str, bytes: &[u8]) -> Result<Result<(), String>, Cut> {
    p.tick().await?;
    let open = match p.open(name, Mode::Write) {
        Ok(open) => open,
        Err(errno) => return Ok(Err(input::trouble(p, name, errno))),
    };
    let fd = p.files.free(10);
    p.files.set(fd, Some(open));
    p.write(fd, bytes).await?;
    p.files.set(fd, None);
    Ok(match p.write_error.take() {
        None => Ok(()),
        Some(errno) => Err(input::trouble(p, name, errno)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn suffixes_grow() {
        let mut names = Names {
            prefix: "x".into(),
            suffix: String::new(),
            digits: b"abcdefghijklmnopqrstuvwxyz",
            length: None,
            next: 0,
        };
        let all: Vec<String> = std::iter::from_fn(|| names.next()).take(652).collect();
        assert_eq!((all[0].as_str(), all[25].as_str(), all[26].as_str()), ("xaa", "xaz", "xba"));
        assert_eq!((all[649].as_str(), all[650].as_str(), all[651].as_str()), ("xyz", "xzaaa", "xzaab"));
        let mut names = Names { prefix: "x".into(), suffix: ".t".into(), digits: b"01", length: Some(1), next: 1 };
        assert_eq!((names.next(), names.next()), (Some("x1.t".to_owned()), None));
    }

    #[test]
    fn parts_are_whole_lines_where_asked() {
        let check = |part: Part, expect: &[&str]| {
            let found: Vec<_> = parts(b"aa\nb\ncc\n", &part).into_iter().map(String::from_utf8_lossy).collect();
            assert_eq!(found, expect);
        };
        check(Part::Lines(2), &["aa\nb\n", "cc\n"]);
        check(Part::Bytes(3), &["aa\n", "b\nc", "c\n"]);
        check(Part::LineBytes(5), &["aa\nb\n", "cc\n"]);
        check(Part::Number(2, false), &["aa\nb", "\ncc\n"]);
        check(Part::Number(2, true), &["aa\nb\n", "cc\n"]);
    }
}
