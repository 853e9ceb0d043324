//! The remarks at the top of a transcript: which lab it belongs to, when it starts, and where its texts come from.

use nom::bytes::complete::{tag, take_while1};
use nom::character::complete::{char, u16 as number, u64 as seed};
use nom::combinator::{all_consuming, rest};
use nom::sequence::{delimited, separated_pair};
use nom::{IResult, Parser};

use super::format::Complaint;
use crate::sim::Instant;

/// The keys which mean something.
const KEYS: &[&str] = &["lab", "machine", "start", "seed", "terminal", "disc", "evidence", "normalize"];

/// Stands between what a disc is called and where it is.
const ELSEWHERE: &str = " -> ";

/// How many columns and rows a terminal may have.
const SIDE: std::ops::RangeInclusive<u16> = 1..=1000;

/// What the head says.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Head<'a> {
    /// Name of a bundled lab, or the path of a lab file.
    pub lab: Option<&'a str>,
    /// The machine that sessions open on.
    pub machine: Option<&'a str>,
    /// When virtual time starts.
    pub start: Option<Instant>,
    /// From which number chance grows.
    pub seed: Option<u64>,
    /// Columns and rows of the terminal.
    pub terminal: Option<(u16, u16)>,
    /// Discs that may be read; the first one is in the drive.
    pub discs: Vec<NamedDisc<'a>>,
    /// Where the texts come from.
    pub evidence: Vec<&'a str>,
    /// What is compared by its shape only.
    pub normalize: Normalize,
}

/// A disc that a transcript may read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NamedDisc<'a> {
    /// What it is called in the lab, as in `%disc attach`: a bundled payload, or a file.
    pub name: &'a str,
    /// Where the file is, seen from the transcript's folder.
    pub file: &'a str,
}

impl<'a> NamedDisc<'a> {
    /// Reads `NAME`, or `NAME -> FILE` where the file is called something else from here.
    fn read(value: &'a str) -> Self {
        let (name, file) = value.split_once(ELSEWHERE).unwrap_or((value, value));
        Self { name: name.trim_end(), file: file.trim_start() }
    }

    /// The disc that a remark below the head names.
    pub(super) fn of_remark(remark: &'a str) -> Option<Self> {
        let (_, (key, value)) = keyed(remark).ok()?;
        (key == "disc").then(|| Self::read(value.trim_end()))
    }
}

/// The remark that names a disc.
#[must_use]
pub fn disc_remark(name: &str, file: &str) -> String {
    if name == file { format!("# disc: {name}") } else { format!("# disc: {name}{ELSEWHERE}{file}") }
}

/// What is compared less strictly than to the byte.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Normalize {
    /// Time stamps, by their shape.
    pub timestamps: bool,
    /// Blocks of `key: value` and JSON objects, as sets.
    pub order: bool,
}

impl Normalize {
    /// Whether anything is.
    #[must_use]
    pub fn any(self) -> bool {
        self.timestamps || self.order
    }
}

impl<'a> Head<'a> {
    /// Reads the remarks of a head, from the first line of the file on.
    pub(super) fn read(remarks: impl Iterator<Item = &'a str>) -> Result<Self, Vec<Complaint>> {
        let (mut head, mut complaints, mut seen) = (Self::default(), Vec::new(), Vec::new());
        for (index, remark) in remarks.enumerate() {
            let Ok((_, (key, value))) = keyed(remark) else { continue };
            let value = value.trim_end();
            let once = !matches!(key, "disc" | "evidence");
            let taken = if once && seen.contains(&key) {
                Err(format!("`{key}` stands here for the second time"))
            } else {
                head.take(key, value)
            };
            seen.push(key);
            if let Err(text) = taken {
                complaints.push(Complaint { line: index + 1, text });
            }
        }
        if complaints.is_empty() { Ok(head) } else { Err(complaints) }
    }

    fn take(&mut self, key: &str, value: &'a str) -> Result<(), String> {
        match key {
            "lab" => self.lab = Some(value),
            "machine" => self.machine = Some(value),
            "start" => self.start = Some(Instant::parse(value)?),
            "seed" => {
                let (_, number) = all_consuming(seed::<&str, nom::error::Error<&str>>)
                    .parse(value)
                    .map_err(|_| format!("{value:?} is no seed; write a number such as 7"))?;
                self.seed = Some(number);
            }
            "terminal" => self.terminal = Some(terminal(value)?),
            "disc" => self.discs.push(NamedDisc::read(value)),
            "evidence" => self.evidence.push(value),
            "normalize" => self.normalize = normalize(value)?,
            other => {
                if let Some(meant) = KEYS.iter().find(|known| nearly(other, known)) {
                    return Err(format!("`{other}` is no key of a transcript; `{meant}` is"));
                }
            }
        }
        Ok(())
    }
}

/// `# key: value`; any other remark is free text.
fn keyed(remark: &str) -> IResult<&str, (&str, &str)> {
    let key = take_while1(|c: char| c.is_ascii_alphabetic());
    (delimited(tag("# "), key, tag(":")), nom::sequence::preceded(nom::character::complete::space0, rest)).parse(remark)
}

/// Reads the size of a terminal such as `80x24`; here and on the command line.
///
/// # Errors
/// How it is written.
pub fn terminal(value: &str) -> Result<(u16, u16), String> {
    let mut size = all_consuming(separated_pair(number::<&str, nom::error::Error<&str>>, char('x'), number));
    match size.parse(value) {
        Ok((_, (columns, rows))) if SIDE.contains(&columns) && SIDE.contains(&rows) => Ok((columns, rows)),
        _ => Err(format!("{value:?} is no terminal size; write it as 80x24, with 1 to 1000 columns and rows")),
    }
}

fn normalize(value: &str) -> Result<Normalize, String> {
    let mut normalize = Normalize::default();
    for word in value.split([',', ' ']).filter(|word| !word.is_empty()) {
        match word {
            "timestamps" => normalize.timestamps = true,
            "order" => normalize.order = true,
            other => return Err(format!("{other:?} cannot be normalized; timestamps and order can")),
        }
    }
    Ok(normalize)
}

/// Whether a word is a key with one letter changed, lost, added, or in the wrong case.
fn nearly(word: &str, key: &str) -> bool {
    if word.eq_ignore_ascii_case(key) {
        return true;
    }
    let (word, key) = (word.as_bytes(), key.as_bytes());
    let same = word.iter().zip(key).take_while(|(a, b)| a == b).count();
    let (word, key) = (&word[same..], &key[same..]);
    match word.len().cmp(&key.len()) {
        std::cmp::Ordering::Less => key[1..] == *word,
        std::cmp::Ordering::Equal => word.get(1..) == key.get(1..),
        std::cmp::Ordering::Greater => word[1..] == *key,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Head<'_>, Vec<Complaint>> {
        Head::read(text.lines())
    }

    #[test]
    fn keys_are_read_and_other_remarks_are_free_text() {
        let head = read(
            "# source: a blog\n# date of run: 2015\n# lab: vcsa-6.0\n# machine: vcsa01\n# start: 2015-10-08T02:43:36Z\n# seed: \
             7\n# terminal: 132x50\n# disc: a.iso\n# disc: b.iso -> ../b c.iso\n# evidence: a blog\n# evidence: inferred\n# normalize: \
             timestamps, order\n# note: this\n#",
        )
        .expect("a good head");
        assert_eq!((head.lab, head.machine, head.seed), (Some("vcsa-6.0"), Some("vcsa01"), Some(7)));
        assert_eq!(head.terminal, Some((132, 50)));
        let discs = [("a.iso", "a.iso"), ("b.iso", "../b c.iso")].map(|(name, file)| NamedDisc { name, file });
        assert_eq!((head.discs, head.evidence), (discs.to_vec(), vec!["a blog", "inferred"]));
        for disc in discs {
            let remark = disc_remark(disc.name, disc.file);
            assert_eq!(NamedDisc::of_remark(&remark), Some(disc), "{remark}");
        }
        assert!(head.normalize.timestamps && head.normalize.order);
        assert_eq!(head.start, Instant::parse("2015-10-08T02:43:36Z").ok());
    }

    #[test]
    fn mistakes_are_named_with_their_line() {
        let check = |text: &str, line: usize, expect: &str| {
            let complaints = read(text).expect_err(text);
            assert_eq!(complaints[0].line, line, "{text}");
            assert!(complaints[0].text.contains(expect), "{text}: {}", complaints[0].text);
        };
        check("# lab: x\n# start: yesterday", 2, "RFC 3339");
        check("# seed: many", 1, "no seed");
        check("# seed: 99999999999999999999", 1, "no seed");
        check("# terminal: 80", 1, "80x24");
        check("# terminal: 0x24", 1, "80x24");
        check("# terminal: 80x1001", 1, "80x24");
        check("# normalize: digits", 1, "timestamps and order");
        check("# lab: x\n# lab: y", 2, "second time");
        check("# disk: x.iso", 1, "`disc` is");
        check("# Lab: x", 1, "`lab` is");
        check("# labb: x", 1, "`lab` is");
        check("# eed: 1", 1, "`seed` is");
    }
}
