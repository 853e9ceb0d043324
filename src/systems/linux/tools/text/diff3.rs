//! `diff3` as in GNU diffutils 3.6: what differs among three files, their merging (`-m`) and scripts for `ed` that merge them.

use std::ops::Range;

use super::diff::script::{Change, changes};
use crate::systems::linux::proc::{Ended, Proc};
use crate::systems::linux::tools::getopt::Spec;
use crate::systems::linux::tools::input::{self, Out, given, misused_named};
use crate::systems::linux::tools::{Tool, tool};

/// The program of this file.
pub static TOOLS: &[Tool] = &[tool!("diff3", diff3)];

const STRIP: char = '\u{1}';
const SPEC: Spec = Spec {
    short: "aeimvxAEL:TX3",
    long: &[
        ("text", 'a'),
        ("show-all", 'A'),
        ("ed", 'e'),
        ("show-overlap", 'E'),
        ("label:", 'L'),
        ("merge", 'm'),
        ("initial-tab", 'T'),
        ("overlap-only", 'x'),
        ("easy-only", '3'),
        ("strip-trailing-cr", STRIP),
    ],
    gaps: "--diff-program: v",
};

/// Which of the files differs from the two others, by its place; or all three do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Odd {
    One(usize),
    All,
}

/// A place where not all three are equal: the lines of each, in the order of the command line.
struct Block {
    lines: [Range<usize>; 3],
    odd: Odd,
}

/// Which blocks a merge takes, and how it shows those in which both sides have changed.
#[derive(Default)]
struct Merge {
    shows_second: bool,
    flags: bool,
    overlaps_only: bool,
    simple_only: bool,
    ends_as_ed: bool,
}

struct Three {
    names: [String; 3],
    /// Lines with their ends.
    lines: [Vec<Vec<u8>>; 3],
    blocks: Vec<Block>,
}

async fn diff3(p: &mut Proc, arguments: &[String]) -> Ended {
    let given = given!(p, &SPEC, arguments, |complaint| misused_named(p, &complaint).await);
    let scripts = "AeExX3".chars().filter(|letter| given.has(*letter)).count();
    let labels: Vec<String> = given.values('L').map(str::to_owned).collect();
    let merges = given.has('m');
    if scripts > 1 || given.has('i') && merges || !labels.is_empty() && scripts == 0 && !merges {
        return misused_named(p, "incompatible options").await;
    }
    if labels.len() > 3 {
        return input::failed(p, "too many file label options", 2).await;
    }
    let files = match &given.operands[..] {
        [one, two, three] => [one.clone(), two.clone(), three.clone()],
        operands => {
            let text = match operands.get(3) {
                Some(extra) => format!("extra operand '{extra}'"),
                None => format!("missing operand after '{}'", operands.last().map_or("diff3", String::as_str)),
            };
            return misused_named(p, &text).await;
        }
    };
    let mut lines = [Vec::new(), Vec::new(), Vec::new()];
    for (file, lines) in files.iter().zip(&mut lines) {
        if file != "-" && input::is_dir(p, file) {
            return input::failed(p, &format!("{file}: Is a directory"), 2).await;
        }
        let text = match input::read_all(p, file).await? {
            Ok(text) => text,
            Err(errno) => return input::unread(p, "", file, errno, 2).await,
        };
        input::bounded(&text, b'\n')?;
        if !given.has('a') && text.iter().take(4096).any(|byte| *byte == 0) {
            return p.gap("diff3 of files that are not text");
        }
        *lines = text.split_inclusive(|byte| *byte == b'\n').map(<[u8]>::to_vec).collect();
        if given.has(STRIP) {
            for line in lines.iter_mut().filter(|line| line.ends_with(b"\r\n")) {
                line.remove(line.len() - 2);
            }
        }
    }
    let names = std::array::from_fn(|at| labels.get(at).unwrap_or(&files[at]).clone());
    let edits = scripts > 0;
    let common = if edits || merges { 1 } else { 2 };
    let blocks = blocks(&lines, common);
    let three = Three { names, lines, blocks };
    let mut out = Out::default();
    let merge = Merge {
        shows_second: given.has('A') || merges && !edits,
        flags: "AE".chars().any(|letter| given.has(letter)) || merges && !edits,
        overlaps_only: given.has('x') || given.has('X'),
        simple_only: given.has('3'),
        ends_as_ed: given.has('i'),
    };
    let conflicts = match (merges, edits) {
        (true, _) => three.merged(&merge, &mut out),
        (false, true) => three.script(&merge, &mut out),
        (false, false) => {
            three.show(if given.has('T') { "\t" } else { "  " }, &mut out);
            false
        }
    };
    out.flush(p).await?;
    Ok(u8::from(conflicts))
}

/// Where the files differ, found by comparing two of them with the one in common.
fn blocks(lines: &[Vec<Vec<u8>>; 3], common: usize) -> Vec<Block> {
    let others = [0, 3 - common];
    let threads = others.map(|other| changes(&lines[other], &lines[common]));
    let (mut at, mut found) = ([0, 0], Vec::new());
    // What the two others are ahead of the one in common behind the last block.
    let mut ahead = [0_isize; 2];
    loop {
        let next = |thread: usize, at: &[usize; 2]| threads[thread].get(at[thread]);
        let mut thread = match (next(0, &at), next(1, &at)) {
            (None, None) => return found,
            (None, Some(_)) => 1,
            (Some(_), None) => 0,
            (Some(first), Some(second)) => usize::from(first.b.start > second.b.start),
        };
        let mut used: [Vec<&Change>; 2] = [Vec::new(), Vec::new()];
        let base = &threads[thread][at[thread]];
        let (low, mut high) = (base.b.start, base.b.end);
        used[thread].push(base);
        at[thread] += 1;
        while let Some(other) = next(1 - thread, &at).filter(|other| other.b.start <= high) {
            used[1 - thread].push(other);
            at[1 - thread] += 1;
            if other.b.end > high {
                high = other.b.end;
                thread = 1 - thread;
            }
        }
        let mut ranges = [0..0, 0..0, 0..0];
        ranges[common] = low..high;
        for (index, other) in others.into_iter().enumerate() {
            let moved = |line: usize, ahead: isize| line.saturating_add_signed(ahead);
            let start = match used[index].first() {
                Some(first) => moved(low, first.a.start as isize - first.b.start as isize),
                None => moved(low, ahead[index]),
            };
            let end = match used[index].last() {
                Some(last) => moved(high, last.a.end as isize - last.b.end as isize),
                None => moved(high, ahead[index]),
            };
            ahead[index] = end as isize - high as isize;
            ranges[other] = start..end;
        }
        let same = || lines[others[0]][ranges[others[0]].clone()] == lines[others[1]][ranges[others[1]].clone()];
        let odd = match (used[0].is_empty(), used[1].is_empty()) {
            (true, _) => Odd::One(others[1]),
            (_, true) => Odd::One(others[0]),
            _ if same() => Odd::One(common),
            _ => Odd::All,
        };
        found.push(Block { lines: ranges, odd });
    }
}

impl Three {
    fn show(&self, indent: &str, out: &mut Out) {
        for block in &self.blocks {
            let (order, silent) = match block.odd {
                Odd::All => ([0, 1, 2], None),
                Odd::One(0) => ([0, 1, 2], Some(1)),
                Odd::One(1) => ([0, 2, 1], Some(0)),
                Odd::One(_) => ([0, 1, 2], Some(0)),
            };
            match block.odd {
                Odd::All => out.text("====\n"),
                Odd::One(file) => out.text(&format!("===={}\n", file + 1)),
            }
            for file in order {
                let range = &block.lines[file];
                out.text(&match range.len() {
                    0 => format!("{}:{}a\n", file + 1, range.start),
                    1 => format!("{}:{}c\n", file + 1, range.end),
                    _ => format!("{}:{},{}c\n", file + 1, range.start + 1, range.end),
                });
                if silent == Some(file) {
                    continue;
                }
                for line in &self.lines[file][range.clone()] {
                    out.text(indent);
                    out.push(line);
                    if !line.ends_with(b"\n") {
                        out.text("\n\\ No newline at end of file\n");
                    }
                }
            }
        }
    }

    fn put(&self, block: &Block, file: usize, out: &mut Out) {
        self.lines[file][block.lines[file].clone()].iter().for_each(|line| out.push(line));
    }

    /// The first file with what has changed from the second to the third: whether there were conflicts.
    fn merged(&self, merge: &Merge, out: &mut Out) -> bool {
        let (mut at, mut conflicts) = (0, false);
        let [first, second, third] = &self.names;
        for block in &self.blocks {
            let Some(conflict) = merge.takes(block.odd) else { continue };
            self.lines[0][at..block.lines[0].start].iter().for_each(|line| out.push(line));
            at = block.lines[0].end;
            if conflict {
                conflicts = true;
                if block.odd == Odd::All {
                    out.text(&format!("<<<<<<< {first}\n"));
                    self.put(block, 0, out);
                }
                if merge.shows_second {
                    let mark = if block.odd == Odd::All { "|||||||" } else { "<<<<<<<" };
                    out.text(&format!("{mark} {second}\n"));
                    self.put(block, 1, out);
                }
                out.text("=======\n");
            }
            self.put(block, 2, out);
            if conflict {
                out.text(&format!(">>>>>>> {third}\n"));
            }
        }
        self.lines[0][at..].iter().for_each(|line| out.push(line));
        conflicts
    }

    /// What makes the same of the first file when `ed` is told it, from its end to its beginning.
    fn script(&self, merge: &Merge, out: &mut Out) -> bool {
        let mut conflicts = false;
        let [first, second, third] = &self.names;
        for block in self.blocks.iter().rev() {
            let Some(conflict) = merge.takes(block.odd) else { continue };
            let (low, high) = (block.lines[0].start + 1, block.lines[0].end);
            let (older, yours) = (block.lines[1].len(), block.lines[2].len());
            if conflict {
                conflicts = true;
                out.text(&format!("{high}a\n"));
                let mut dots = false;
                if block.odd == Odd::All {
                    if merge.shows_second {
                        out.text(&format!("||||||| {second}\n"));
                        dots |= self.dotted(block, 1, out);
                    }
                    out.text("=======\n");
                    dots |= self.dotted(block, 2, out);
                }
                out.text(&format!(">>>>>>> {third}\n"));
                undot(out, dots, high + 2, older + yours + 1);
                out.text(&format!("{}a\n", low - 1));
                out.text(&format!("<<<<<<< {}\n", if block.odd == Odd::All { first } else { second }));
                let mut dots = false;
                if block.odd == Odd::One(1) {
                    dots = self.dotted(block, 1, out);
                    out.text("=======\n");
                }
                undot(out, dots, low + 1, older);
            } else if yours == 0 {
                out.text(&if low == high { format!("{low}d\n") } else { format!("{low},{high}d\n") });
            } else {
                out.text(&match block.lines[0].len() {
                    0 => format!("{high}a\n"),
                    1 => format!("{high}c\n"),
                    _ => format!("{low},{high}c\n"),
                });
                let dots = self.dotted(block, 2, out);
                undot(out, dots, low, yours);
            }
        }
        if merge.ends_as_ed {
            out.text("w\nq\n");
        }
        conflicts
    }

    /// Lines of text for `ed`: a dot at the beginning of one is doubled. Whether there was one.
    fn dotted(&self, block: &Block, file: usize, out: &mut Out) -> bool {
        let mut dots = false;
        for line in &self.lines[file][block.lines[file].clone()] {
            if line.starts_with(b".") {
                dots = true;
                out.text(".");
            }
            out.push(line);
        }
        dots
    }
}

impl Merge {
    /// Whether a block is merged, and then whether as a conflict.
    fn takes(&self, odd: Odd) -> Option<bool> {
        match odd {
            Odd::One(0) => None,
            Odd::One(1) => self.shows_second.then_some(true),
            Odd::One(_) => (!self.overlaps_only).then_some(false),
            Odd::All => (!self.simple_only).then_some(self.flags),
        }
    }
}

/// The end of text for `ed`, and the removal of doubled dots.
fn undot(out: &mut Out, dots: bool, start: usize, count: usize) {
    out.text(".\n");
    if dots {
        out.text(&match count {
            1 => format!("{start}s/^\\.//\n"),
            _ => format!("{start},{}s/^\\.//\n", start + count - 1),
        });
    }
}
