//! `cat` and `tac` as in GNU coreutils 8.30.

use crate::systems::linux::io::{Cut, Open};
use crate::systems::linux::proc::{CHUNK, Ended, Proc};
use crate::systems::linux::tools::getopt::{Given, Spec};
use crate::systems::linux::tools::input::{self, Lines, Out, given};
use crate::systems::linux::tools::{Tool, tool};

/// The programs of this file.
pub static TOOLS: &[Tool] = &[tool!("cat", cat), tool!("tac", tac)];

const CAT: Spec = Spec {
    short: "AbeEnstTuv",
    long: &[
        ("number-nonblank", 'b'),
        ("number", 'n'),
        ("squeeze-blank", 's'),
        ("show-nonprinting", 'v'),
        ("show-ends", 'E'),
        ("show-tabs", 'T'),
        ("show-all", 'A'),
    ],
    gaps: "",
};

/// What of a text is shown otherwise than it is.
struct Look {
    number: bool,
    nonblank: bool,
    squeeze: bool,
    ends: bool,
    tabs: bool,
    visible: bool,
    /// The number of the last line.
    line: u64,
    /// Blank lines in sequence.
    blanks: u32,
    /// The last line has not ended.
    open: bool,
}

impl Look {
    fn new(given: &Given) -> Self {
        let has = |letters: &str| letters.chars().any(|letter| given.has(letter));
        Self {
            number: has("n") && !has("b"),
            nonblank: has("b"),
            squeeze: has("s"),
            ends: has("AeE"),
            tabs: has("AtT"),
            visible: has("Aetv"),
            line: 0,
            blanks: 0,
            open: false,
        }
    }

    fn plain(&self) -> bool {
        !(self.number || self.nonblank || self.squeeze || self.ends || self.tabs || self.visible)
    }

    fn show(&mut self, line: &[u8], out: &mut Out) {
        let text = input::chop(line, b'\n');
        let blank = text.is_empty() && !self.open;
        self.blanks = if blank { self.blanks.saturating_add(1) } else { 0 };
        if self.squeeze && self.blanks > 1 {
            return;
        }
        if !self.open && (self.number || self.nonblank && !blank) {
            self.line += 1;
            out.text(&format!("{:6}\t", self.line));
        }
        for byte in text {
            self.byte(*byte, out);
        }
        self.open = text.len() == line.len();
        if !self.open {
            out.push(if self.ends { b"$\n" } else { b"\n" });
        }
    }

    fn byte(&self, byte: u8, out: &mut Out) {
        if byte == b'\t' {
            return out.push(if self.tabs { b"^I" } else { b"\t" });
        }
        if !self.visible {
            return out.push(&[byte]);
        }
        if byte >= 128 {
            out.push(b"M-");
        }
        match byte & 127 {
            control @ ..32 => out.push(&[b'^', control + 64]),
            127 => out.push(b"^?"),
            byte => out.push(&[byte]),
        }
    }
}

async fn cat(p: &mut Proc, arguments: &[String]) -> Ended {
    let given = given!(p, &CAT, arguments, 1);
    let mut look = Look::new(&given);
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
        if fills_itself(p, fd) {
            out.flush(p).await?;
            status = input::failed(p, &format!("{file}: input file is output file"), 1).await?;
            continue;
        }
        if look.plain() {
            copy(p, fd).await?;
        } else {
            let mut lines = Lines::new(fd, b'\n');
            while let Some(line) = lines.next(p, &mut out).await? {
                look.show(&line, &mut out);
            }
        }
        input::close(p, fd);
    }
    out.flush(p).await?;
    Ok(status)
}

/// Passes on what comes, cutting no character in two.
async fn copy(p: &mut Proc, fd: u32) -> Result<(), Cut> {
    let mut rest = Vec::new();
    loop {
        let bytes = p.read(fd, CHUNK).await?;
        if bytes.is_empty() {
            return p.write(1, &rest).await;
        }
        rest.extend_from_slice(&bytes);
        let end = match std::str::from_utf8(&rest) {
            Err(error) if error.error_len().is_none() => error.valid_up_to(),
            _ => rest.len(),
        };
        let kept = rest.split_off(end);
        p.write(1, &rest).await?;
        rest = kept;
    }
}

/// Whether a descriptor reads the file that standard output appends to, so that it would never end.
fn fills_itself(p: &Proc, fd: u32) -> bool {
    let (Some(reads), Some(writes)) = (p.files.get(fd), p.files.get(1)) else { return false };
    let (Open::File(reads), Open::File(writes)) = (&**reads, &**writes) else { return false };
    reads.machine == writes.machine
        && reads.ino == writes.ino
        && p.peek(|linux| linux.fs.size(reads.ino)).unwrap_or(0) > reads.at.load(std::sync::atomic::Ordering::Relaxed)
}

const TAC: Spec = Spec { short: "bs:", long: &[("before", 'b'), ("separator:", 's')], gaps: "r --regex" };

async fn tac(p: &mut Proc, arguments: &[String]) -> Ended {
    let given = given!(p, &TAC, arguments, 1);
    let separator = given.value('s').unwrap_or("\n").as_bytes().to_vec();
    let separator = if separator.is_empty() { vec![0] } else { separator };
    let mut status = 0;
    for file in input::files(&given) {
        match input::read_all(p, &file).await? {
            Ok(bytes) => {
                input::bounded(&bytes, separator[0])?;
                let mut out = Out::default();
                for record in records(&bytes, &separator, given.has('b')).into_iter().rev() {
                    out.push(record);
                    out.spill(p).await?;
                }
                out.flush(p).await?;
            }
            Err(crate::systems::linux::fs::Errno::Isdir) => {
                status = input::failed(p, &format!("{file}: read error: Is a directory"), 1).await?;
            }
            Err(errno) => {
                let text = format!("failed to open {} for reading: {}", input::quoted_name(p, &file), errno.text());
                status = input::failed(p, &text, 1).await?;
            }
        }
    }
    Ok(status)
}

/// A text cut behind (or before) each separator.
fn records<'a>(bytes: &'a [u8], separator: &[u8], before: bool) -> Vec<&'a [u8]> {
    let (mut records, mut from, mut at) = (Vec::new(), 0, 0);
    while at + separator.len() <= bytes.len() {
        if !bytes[at..].starts_with(separator) {
            at += 1;
            continue;
        }
        let end = if before { at } else { at + separator.len() };
        if end > from {
            records.push(&bytes[from..end]);
        }
        from = end;
        at += separator.len();
    }
    if from < bytes.len() {
        records.push(&bytes[from..]);
    }
    records
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_keep_their_separators() {
        let check = |text: &str, separator: &str, before: bool, expect: &[&str]| {
            let found = records(text.as_bytes(), separator.as_bytes(), before);
            let found: Vec<_> = found.into_iter().map(String::from_utf8_lossy).collect();
            assert_eq!(found, expect);
        };
        check("a\nb\nc", "\n", false, &["a\n", "b\n", "c"]);
        check("a--b--", "--", false, &["a--", "b--"]);
        check("a--b--", "--", true, &["a", "--b", "--"]);
        check("", "\n", false, &[]);
    }
}
