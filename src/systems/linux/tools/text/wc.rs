//! `wc` as in GNU coreutils 8.30.

use crate::systems::linux::fs::Errno;
use crate::systems::linux::io::{Cut, Open};
use crate::systems::linux::made_files;
use crate::systems::linux::proc::{CHUNK, Ended, Proc};
use crate::systems::linux::tools::getopt::Spec;
use crate::systems::linux::tools::input::{self, given};
use crate::systems::linux::tools::{Tool, tool};

/// The programs of this file.
pub static TOOLS: &[Tool] = &[tool!("wc", wc)];

const SPEC: Spec = Spec {
    short: "clLmw",
    long: &[("bytes", 'c'), ("chars", 'm'), ("lines", 'l'), ("max-line-length", 'L'), ("words", 'w')],
    gaps: "--files0-from:",
};

/// Lines, words, characters, bytes, longest line: in this order they are shown.
type Counts = [u64; 5];

#[derive(Default)]
struct Counter {
    counts: Counts,
    in_word: bool,
    width: u64,
    /// The beginning of a character whose end was not read yet.
    rest: Vec<u8>,
}

impl Counter {
    fn add(&mut self, bytes: &[u8]) {
        self.counts[3] += bytes.len() as u64;
        self.rest.extend_from_slice(bytes);
        let all = std::mem::take(&mut self.rest);
        let whole = match std::str::from_utf8(&all) {
            Err(error) if error.error_len().is_none() && !bytes.is_empty() => error.valid_up_to(),
            _ => all.len(),
        };
        for chunk in all[..whole].utf8_chunks() {
            chunk.valid().chars().for_each(|c| self.character(c));
        }
        self.rest = all[whole..].to_vec();
    }

    fn character(&mut self, c: char) {
        let [lines, words, chars, _, longest] = &mut self.counts;
        *chars += 1;
        match c {
            '\n' => {
                *lines += 1;
                self.width = 0;
            }
            '\r' | '\x0c' => self.width = 0,
            '\t' => self.width += 8 - self.width % 8,
            c if !c.is_control() => self.width += 1,
            _ => {}
        }
        *longest = (*longest).max(self.width);
        if c.is_whitespace() {
            self.in_word = false;
        } else if !c.is_control() && !self.in_word {
            self.in_word = true;
            *words += 1;
        }
    }
}

async fn wc(p: &mut Proc, arguments: &[String]) -> Ended {
    let given = given!(p, &SPEC, arguments, 1);
    let mut shown = ['l', 'w', 'm', 'c', 'L'].map(|letter| given.has(letter));
    if shown == [false; 5] {
        shown = [true, true, false, true, false];
    }
    let files = input::files(&given);
    let width = width(p, &files, &shown);
    let mut total = Counts::default();
    let mut status = 0;
    for file in &files {
        let counts = match input::open(p, file) {
            Ok(fd) => {
                let only_bytes = shown == [false, false, false, true, false];
                let counts = match p.left(fd).filter(|_| only_bytes) {
                    // Nothing has to be read for that.
                    Some(bytes) => {
                        p.skip(fd, bytes);
                        [0, 0, 0, bytes, 0]
                    }
                    None => count(p, fd).await?,
                };
                input::close(p, fd);
                counts
            }
            Err(errno) => {
                status = input::unread(p, "", file, errno, 1).await?;
                if errno != Errno::Isdir {
                    continue;
                }
                Counts::default()
            }
        };
        for (at, (sum, count)) in total.iter_mut().zip(counts).enumerate() {
            *sum = if at == 4 { (*sum).max(count) } else { sum.wrapping_add(count) };
        }
        let name = if given.operands.is_empty() { None } else { Some(file.as_str()) };
        p.out(&line(&counts, &shown, width, name)).await?;
    }
    if files.len() > 1 {
        p.out(&line(&total, &shown, width, Some("total"))).await?;
    }
    Ok(status)
}

async fn count(p: &mut Proc, fd: u32) -> Result<Counts, Cut> {
    let mut counter = Counter::default();
    loop {
        let bytes = p.read(fd, CHUNK).await?;
        counter.add(&bytes);
        if bytes.is_empty() {
            return Ok(counter.counts);
        }
    }
}

fn line(counts: &Counts, shown: &[bool; 5], width: usize, name: Option<&str>) -> String {
    let numbers = counts.iter().zip(shown).filter(|(_, shown)| **shown).map(|(count, _)| format!("{count:width$}"));
    let mut text = numbers.collect::<Vec<_>>().join(" ");
    if let Some(name) = name {
        text.push(' ');
        text.push_str(name);
    }
    text + "\n"
}

/// The width of the columns: as wide as the sizes of the files together, 7 where one of them has no size beforehand.
fn width(p: &Proc, files: &[String], shown: &[bool; 5]) -> usize {
    if files.len() == 1 && shown.iter().filter(|shown| **shown).count() == 1 {
        return 1;
    }
    let (mut sum, mut least) = (0_u64, 1);
    for file in files {
        let size = match file.as_str() {
            "-" => match p.files.get(0).map(|open| &**open) {
                Some(Open::File(file)) => p.world(|world, _| Some(made_files::size(world, file.machine, file.ino))),
                _ => None,
            },
            file => match p.lookup(file) {
                Ok(ino)
                    if p.peek(|linux| matches!(linux.fs.node(ino).kind, crate::systems::linux::fs::Kind::File(_))) =>
                {
                    p.world(|world, id| Some(made_files::size(world, id, ino)))
                }
                Ok(_) => None,
                Err(_) => continue,
            },
        };
        match size {
            Some(size) => sum = sum.wrapping_add(size),
            None => least = 7,
        }
    }
    sum.to_string().len().max(least)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_those_of_wc() {
        let check = |chunks: &[&[u8]], expect: Counts| {
            let mut counter = Counter::default();
            chunks.iter().for_each(|chunk| counter.add(chunk));
            counter.add(b"");
            assert_eq!(counter.counts, expect);
        };
        check(&[b"a b\nc"], [1, 3, 5, 5, 3]);
        check(&[b"\xc3", b"\xa4x y\n"], [1, 2, 5, 6, 4]);
        check(&[b"a\tb\n\xff"], [1, 2, 4, 5, 9]);
        check(&[], [0; 5]);
    }
}
