//! `du`: the space that trees take on their disks.

use super::super::input::{given, misused};
use std::collections::BTreeSet;

use super::show::{self, curly, quoted};
use super::{DEEPEST, join, meta, names, refuse};
use crate::bash::pattern::{Options, Pattern};
use crate::systems::linux::fs::Ino;
use crate::systems::linux::io::Cut;
use crate::systems::linux::proc::{Ended, Proc};
use crate::systems::linux::tools::getopt::{Given, Spec};
use crate::systems::linux::tools::{Tool, tool};

/// The programs of this file.
pub static TOOLS: &[Tool] = &[tool!("du", du)];

const APPARENT: char = '\u{10}';
const SI: char = '\u{11}';
const EXCLUDE: char = '\u{12}';

const CLI: Spec = Spec {
    short: "0abB:cd:DHhklLmPsSx",
    long: &[
        ("all", 'a'),
        ("apparent-size", APPARENT),
        ("block-size:", 'B'),
        ("bytes", 'b'),
        ("count-links", 'l'),
        ("dereference", 'L'),
        ("dereference-args", 'D'),
        ("exclude:", EXCLUDE),
        ("human-readable", 'h'),
        ("max-depth:", 'd'),
        ("no-dereference", 'P'),
        ("null", '0'),
        ("one-file-system", 'x'),
        ("separate-dirs", 'S'),
        ("si", SI),
        ("summarize", 's'),
        ("total", 'c'),
    ],
    gaps: "t: X: --exclude-from: --files0-from: --inodes --threshold: --time:: --time-style:",
};

/// How sizes are counted and shown.
struct Counter {
    all: bool,
    apparent: bool,
    depth: usize,
    unit: Unit,
    one_file_system: bool,
    separate: bool,
    links: bool,
    follow: bool,
    excluded: Vec<Pattern>,
    end: &'static str,
    /// Files with several names that were counted.
    seen: BTreeSet<Ino>,
    total: u64,
    good: bool,
}

/// In which unit sizes are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// In blocks of so many bytes.
    Block(u64),
    /// The same with the block's name behind the number, as `-BM` has it.
    Named(u64),
    /// With a letter, in powers of this.
    Human(u64),
}

impl Unit {
    /// A size in this unit, rounded up.
    pub fn show(self, bytes: u64) -> String {
        match self {
            Self::Block(block) => bytes.div_ceil(block.max(1)).to_string(),
            Self::Named(block) => {
                let name = block_name(block);
                format!(
                    "{}{}",
                    bytes.div_ceil(block.max(1)),
                    name.trim_start_matches(|digit: char| digit.is_ascii_digit())
                )
            }
            Self::Human(base) => show::human(bytes, base),
        }
    }

    /// What `-h`, `-k`, `-m`, `-B` and the like ask for; an error where it is none.
    ///
    /// # Errors
    /// The complaint.
    pub fn read(given: &Given, usual: u64, si: char) -> Result<Self, String> {
        let last = given.options.iter().rev().find(|(letter, _)| "hkmbB".contains(*letter) || *letter == si);
        Ok(match last {
            None => Self::Block(usual),
            Some(('h', _)) => Self::Human(1024),
            Some(('k', _)) => Self::Block(1024),
            Some(('m', _)) => Self::Block(1 << 20),
            Some(('b', _)) => Self::Block(1),
            Some(('B', value)) => {
                let text = value.as_deref().unwrap_or_default();
                match show::size(text).filter(|size| *size > 0) {
                    Some(size) if text.starts_with(|digit: char| digit.is_ascii_digit()) => Self::Block(size),
                    Some(size) => Self::Named(size),
                    None => return Err(format!("invalid -B argument {}", show::shell(text, true))),
                }
            }
            Some(_) => Self::Human(1000),
        })
    }
}

/// A block size as `df` writes it above the column: `1K`, `1M`, `500`, `1kB`.
pub fn block_name(block: u64) -> String {
    for (unit, letter) in [(1 << 40, "T"), (1 << 30, "G"), (1 << 20, "M"), (1 << 10, "K")] {
        if block >= unit && block.is_multiple_of(unit) {
            return format!("{}{letter}", block / unit);
        }
    }
    for (unit, letter) in [(1_000_000_000, "GB"), (1_000_000, "MB"), (1000, "kB")] {
        if block >= unit && block.is_multiple_of(unit) {
            return format!("{}{letter}", block / unit);
        }
    }
    format!("{block}B")
}

async fn du(p: &mut Proc, arguments: &[String]) -> Ended {
    let given = given!(p, &CLI, arguments, 1);
    let unit = match Unit::read(&given, 1024, SI) {
        Ok(unit) => unit,
        Err(text) => return p.fail(&text).await,
    };
    let mut depth = usize::MAX;
    if let Some(text) = given.value('d') {
        match text.parse() {
            Ok(number) => depth = number,
            Err(_) => return misused(p, &format!("invalid maximum depth {}", curly(text)), 1).await,
        }
    }
    if given.has('s') {
        if given.has('a') {
            return misused(p, "cannot both summarize and show all entries", 1).await;
        }
        if given.has('d') && depth != 0 {
            let text = format!("warning: summarizing conflicts with --max-depth={depth}");
            return misused(p, &text, 1).await;
        }
        depth = 0;
    }
    let pattern = |text: &str| Pattern::new(text, Options::default());
    let mut counter = Counter {
        all: given.has('a'),
        apparent: given.has(APPARENT) || given.has('b'),
        depth,
        unit,
        one_file_system: given.has('x'),
        separate: given.has('S'),
        links: given.has('l'),
        follow: given.has('L'),
        excluded: given.values(EXCLUDE).map(pattern).collect(),
        end: if given.has('0') { "\0" } else { "\n" },
        seen: BTreeSet::new(),
        total: 0,
        good: true,
    };
    let here = [".".to_owned()];
    let operands = if given.operands.is_empty() { &here[..] } else { &given.operands };
    let follow = given.has('D') || given.has('H') || given.has('L');
    for path in operands {
        counter.count(p, path, follow).await?;
    }
    if given.has('c') {
        let total = counter.unit.show(counter.total);
        p.out(&format!("{total}\ttotal{}", counter.end)).await?;
    }
    Ok(u8::from(!counter.good))
}

/// A directory that is being counted.
struct Level {
    path: String,
    rest: Vec<String>,
    own: u64,
    below: u64,
}

impl Counter {
    async fn count(&mut self, p: &mut Proc, path: &str, follow: bool) -> Result<(), Cut> {
        let mut levels: Vec<Level> = Vec::new();
        let mut next = Some(path.to_owned());
        let mount = meta(p, path, follow).map(|meta| meta.mount);
        loop {
            p.tick().await?;
            if let Some(at) = next.take() {
                let level = levels.len();
                if let Some(size) = self.enter(p, at, level, follow && level == 0, mount.ok(), &mut levels).await? {
                    match levels.last_mut() {
                        Some(above) => above.own = above.own.saturating_add(size),
                        None => self.total = self.total.saturating_add(size),
                    }
                }
            } else if let Some(level) = levels.pop() {
                let below = level.own.saturating_add(level.below);
                let whole = if self.separate { level.own } else { below };
                if levels.len() <= self.depth {
                    self.print(p, whole, &level.path).await?;
                }
                match levels.last_mut() {
                    Some(above) => above.below = above.below.saturating_add(below),
                    None => self.total = self.total.saturating_add(below),
                }
            }
            match levels.last_mut() {
                None => return Ok(()),
                Some(level) => next = level.rest.pop().map(|name| join(&level.path, &name)),
            }
        }
    }

    /// A file with its size; a directory is put on the stack.
    async fn enter(
        &mut self,
        p: &mut Proc,
        path: String,
        level: usize,
        follow: bool,
        mount: Option<usize>,
        levels: &mut Vec<Level>,
    ) -> Result<Option<u64>, Cut> {
        let last = super::base(&path);
        if self.excluded.iter().any(|pattern| pattern.matches(last) || pattern.matches(&path)) {
            return Ok(None);
        }
        let stat = match meta(p, &path, follow || self.follow) {
            Ok(stat) => stat,
            Err(errno) => {
                let name = quoted(p, &path);
                refuse(p, &format!("cannot access {name}"), errno).await?;
                self.good = false;
                return Ok(None);
            }
        };
        if self.one_file_system && Some(stat.mount) != mount {
            return Ok(None);
        }
        if (!stat.is_dir() && stat.nlink > 1 || level == 0) && !self.links && !self.seen.insert(stat.ino) {
            return Ok(None);
        }
        let size = if self.apparent { stat.size } else { stat.allocated };
        if !stat.is_dir() {
            if level == 0 || self.all && level <= self.depth {
                self.print(p, size, &path).await?;
            }
            return Ok(Some(size));
        }
        let found = if level < DEEPEST { names(p, &path) } else { Ok(Vec::new()) };
        let mut rest = Vec::new();
        match found {
            Ok(found) => rest = found,
            Err(errno) => {
                let name = quoted(p, &path);
                refuse(p, &format!("cannot read directory {name}"), errno).await?;
                self.good = false;
            }
        }
        rest.reverse();
        levels.push(Level { path, rest, own: size, below: 0 });
        Ok(None)
    }

    async fn print(&self, p: &mut Proc, size: u64, path: &str) -> Result<(), Cut> {
        p.out(&format!("{}\t{path}{}", self.unit.show(size), self.end)).await
    }
}
