//! `split` as in GNU coreutils 8.30: by lines, bytes, lines of a size, and into a number of parts.

use crate::systems::linux::io::Cut;
use crate::systems::linux::proc::{Ended, HELD, Mode, Proc};
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
    /// The number of the next one; none when even numbers are used up.
    next: Option<u64>,
}

impl Names {
    /// The next name; nothing when all are used up. Without a given length, suffixes grow before the last letter is used
    /// in front.
    fn next(&mut self) -> Option<String> {
        let (base, number) = (self.digits.len() as u64, self.next?);
        self.next = number.checked_add(1);
        let (mut length, mut rest, mut lead) = (self.length.unwrap_or(2), number, 0);
        if self.length.is_none() {
            // xaa … xyz, xzaaa … xzyzz, xzzaaaa …
            let room = |length: usize| base.checked_pow(u32::try_from(length).ok()? - 1)?.checked_mul(base - 1);
            while let Some(room) = room(length).filter(|room| rest >= *room) {
                rest -= room;
                lead += 1;
                length += 1;
            }
        }
        let mut letters = vec![0; length];
        for letter in letters.iter_mut().rev() {
            *letter = self.digits[usize::try_from(rest % base).unwrap_or(0)];
            rest /= base;
        }
        if rest > 0 {
            return None;
        }
        let lead: String = std::iter::repeat_n(char::from(self.digits[base as usize - 1]), lead).collect();
        Some(format!("{}{lead}{}{}", self.prefix, String::from_utf8_lossy(&letters), self.suffix))
    }
}

/// How long the suffixes have to be for so many parts, the first of which has this number.
fn needed(count: u64, start: Option<u64>, base: u64) -> usize {
    let mut last = start.filter(|start| *start < count).map_or(count - 1, |start| count.saturating_add(start) - 1);
    let mut length = 1;
    while last >= base {
        last /= base;
        length += 1;
    }
    length
}

/// What a part is.
#[derive(Clone, Copy)]
enum Part {
    Lines(usize),
    Bytes(usize),
    LineBytes(usize),
    /// So many parts, at the ends of lines or not; one of them only, on standard output.
    Number(u64, bool, Option<u64>),
}

/// Why a command line is refused.
enum Refusal {
    /// With the hint at `--help`.
    Misused(String),
    Failed(String),
    Gap,
}

fn part(given: &Given) -> Result<Part, Refusal> {
    let kinds: Vec<_> = given.options.iter().filter(|(letter, _)| "lbCn".contains(*letter)).collect();
    let (letter, value) = match kinds[..] {
        [] => return Ok(Part::Lines(1000)),
        [(letter, value)] => (*letter, value.as_deref().unwrap_or_default()),
        _ => return Err(Refusal::Misused("cannot split in more than one way".to_owned())),
    };
    let number = |text: &str, takes: bool, most: u64, what: &str| {
        input::number(text, takes, 1..=most, &format!("invalid number of {what}")).map_err(Refusal::Failed)
    };
    let amount = |takes: bool, most: u64, what: &str| {
        number(value, takes, most, what).map(|size| usize::try_from(size).unwrap_or(usize::MAX))
    };
    match letter {
        'l' => return amount(false, u64::MAX, "lines").map(Part::Lines),
        'b' => return amount(true, i64::MAX as u64, "bytes").map(Part::Bytes),
        'C' => return amount(true, i64::MAX as u64, "bytes").map(Part::LineBytes),
        _ => {}
    }
    let (whole, counts) = value.strip_prefix("l/").map_or((false, value), |counts| (true, counts));
    if value.starts_with("r/") {
        return Err(Refusal::Gap);
    }
    let Some((one, count)) = counts.split_once('/') else {
        return number(counts, false, u64::MAX, "chunks").map(|count| Part::Number(count, whole, None));
    };
    let count = number(count, false, u64::MAX, "chunks")?;
    let one = input::number(one, false, 1..=count, "invalid chunk number").map_err(Refusal::Failed)?;
    Ok(Part::Number(count, whole, Some(one)))
}

/// The parts in turn: there may be more than could be held.
fn parts<'a>(bytes: &'a [u8], part: Part) -> Box<dyn Iterator<Item = &'a [u8]> + Send + 'a> {
    let lines = || bytes.split_inclusive(|byte| *byte == b'\n');
    let joined = |lengths: Vec<usize>| {
        let mut from = 0;
        lengths.into_iter().map(move |length| {
            from += length;
            &bytes[from - length..from]
        })
    };
    match part {
        Part::Bytes(size) => Box::new(bytes.chunks(size)),
        Part::Lines(count) => {
            let lines: Vec<&[u8]> = lines().collect();
            let lengths = lines.chunks(count).map(|group| group.iter().map(|line| line.len()).sum());
            Box::new(joined(lengths.collect()))
        }
        Part::LineBytes(size) => {
            let mut lengths: Vec<usize> = Vec::new();
            for line in lines().flat_map(|line| line.chunks(size)) {
                match lengths.last_mut() {
                    Some(last) if *last + line.len() <= size => *last += line.len(),
                    _ => lengths.push(line.len()),
                }
            }
            Box::new(joined(lengths))
        }
        Part::Number(count, whole, _) => {
            let size = usize::try_from(bytes.len() as u64 / count).unwrap_or(0);
            let end = move |number: u64| match usize::try_from(number) {
                Ok(number) if number as u64 != count => whole_end(bytes, number * size, whole),
                _ => bytes.len(),
            };
            let mut from = 0;
            Box::new((1..=count).map(move |number| {
                let end = end(number);
                let part = &bytes[from.min(end)..end];
                from = from.max(end);
                part
            }))
        }
    }
}

/// Where a part ends that would end here, if it has to be at the end of a line.
fn whole_end(bytes: &[u8], end: usize, whole: bool) -> usize {
    let Some(before) = end.checked_sub(1).filter(|_| whole) else { return end };
    bytes[before..].iter().position(|byte| *byte == b'\n').map_or(bytes.len(), |at| before + at + 1)
}

/// The names for these parts.
fn names(given: &Given, part: Part) -> Result<Names, Refusal> {
    let digits: &[u8] = match given.last_of("dx") {
        Some('d') => b"0123456789",
        Some(_) => b"0123456789abcdef",
        None => b"abcdefghijklmnopqrstuvwxyz",
    };
    let start = given.last_of("dx").and_then(|letter| given.value(letter));
    if let Some(start) = start.filter(|start| start.bytes().any(|digit| !digits.contains(&digit))) {
        let kind = if digits.len() == 10 { "numerical" } else { "hexadecimal" };
        return Err(Refusal::Misused(format!("{}: invalid start value for {kind} suffix", input::quoted(start))));
    }
    let start = start.map(|start| start.trim_start_matches('0'));
    let number =
        start.map(|start| u64::from_str_radix(start, digits.len() as u32).ok().or(start.is_empty().then_some(0)));
    let length = match given.value('a') {
        None => 0,
        Some(text) => input::number(text, false, 0..=u64::MAX, "invalid suffix length").map_err(Refusal::Failed)?,
    };
    if length > HELD as u64 {
        return Err(Refusal::Failed("memory exhausted".to_owned()));
    }
    let least = match part {
        Part::Number(count, _, _) => needed(count, number.flatten(), digits.len() as u64),
        _ => 0,
    };
    let length = match usize::try_from(length).unwrap_or(0) {
        0 if least == 0 && start.is_none() => None,
        0 => Some(least.max(2)),
        length if length < least => {
            return Err(Refusal::Failed(format!("the suffix length needs to be at least {least}")));
        }
        length => Some(length),
    };
    if start.zip(length).is_some_and(|(start, length)| start.len() > length) {
        let text = "numerical suffix start value is too large for the suffix length";
        return Err(Refusal::Misused(text.to_owned()));
    }
    Ok(Names {
        prefix: given.operands.get(1).cloned().unwrap_or_else(|| "x".to_owned()),
        suffix: given.value(SUFFIX).unwrap_or_default().to_owned(),
        digits,
        length,
        next: number.map_or(Some(0), |number| number),
    })
}

async fn split(p: &mut Proc, arguments: &[String]) -> Ended {
    let arguments = input::modern(arguments, "-l");
    let given = given!(p, &SPEC, &arguments, 1);
    if given.has(FILTER) || given.has('t') {
        return p.gap("split with this option");
    }
    let (part, mut names) = match part(&given).and_then(|part| Ok((part, names(&given, part)?))) {
        Ok(read) => read,
        Err(Refusal::Misused(complaint)) => return input::misused(p, &complaint, 1).await,
        Err(Refusal::Failed(complaint)) => return input::failed(p, &complaint, 1).await,
        Err(Refusal::Gap) => return p.gap("split -n r/N"),
    };
    if let Some(extra) = given.operands.get(2) {
        return input::misused(p, &format!("extra operand {}", input::quoted(extra)), 1).await;
    }
    let file = given.operands.first().map_or("-", String::as_str);
    let bytes = match input::read_all(p, file).await? {
        Ok(bytes) => bytes,
        Err(errno) => {
            let text = format!("cannot open {} for reading: {}", input::quoted_name(p, file), errno.text());
            return input::failed(p, &text, 1).await;
        }
    };
    if let Part::Number(count, whole, Some(one)) = part {
        let number = usize::try_from(one - 1).unwrap_or(usize::MAX);
        // Of parts that are not even a byte each, all but the last are empty.
        let one = match bytes.len() as u64 >= count {
            true => parts(&bytes, Part::Number(count, whole, None)).nth(number).unwrap_or_default(),
            false if one == count => &bytes[..],
            false => &[],
        };
        p.write(1, one).await?;
        return Ok(0);
    }
    for part in parts(&bytes, part) {
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
            next: Some(0),
        };
        let all: Vec<String> = std::iter::from_fn(|| names.next()).take(652).collect();
        assert_eq!((all[0].as_str(), all[25].as_str(), all[26].as_str()), ("xaa", "xaz", "xba"));
        assert_eq!((all[649].as_str(), all[650].as_str(), all[651].as_str()), ("xyz", "xzaaa", "xzaab"));
        let mut names =
            Names { prefix: "x".into(), suffix: ".t".into(), digits: b"01", length: Some(1), next: Some(1) };
        assert_eq!((names.next(), names.next()), (Some("x1.t".to_owned()), None));
    }

    #[test]
    fn numbers_of_parts_make_suffixes_longer() {
        let check =
            |count: u64, start: Option<u64>, expect: usize| assert_eq!(needed(count, start, 26), expect, "{count}");
        check(1, None, 1);
        check(676, None, 2);
        check(677, None, 3);
        check(676, Some(5), 3);
        check(i64::MAX as u64, None, 14);
        check(u64::MAX, Some(9), 14);
    }

    #[test]
    fn parts_are_whole_lines_where_asked() {
        let check = |part: Part, expect: &[&str]| {
            let found: Vec<_> = parts(b"aa\nb\ncc\n", part).map(String::from_utf8_lossy).collect();
            assert_eq!(found, expect);
        };
        check(Part::Lines(2), &["aa\nb\n", "cc\n"]);
        check(Part::Bytes(3), &["aa\n", "b\nc", "c\n"]);
        check(Part::LineBytes(5), &["aa\nb\n", "cc\n"]);
        check(Part::Number(2, false, None), &["aa\nb", "\ncc\n"]);
        check(Part::Number(2, true, None), &["aa\nb\n", "cc\n"]);
        let many = parts(b"aa\nb\ncc\n", Part::Number(u64::MAX, true, None)).take(5);
        assert!(many.eq([b""; 5]));
    }
}
