//! `grep` as in GNU grep 3.1 and its other names. Colour is given only when it is asked for with `always`. Directories are
//! read in the order of their names. A pattern file's and several patterns' back-references count from the first pattern.

mod files;
mod report;

use std::sync::Arc;

use crate::systems::linux::fs::Errno;
use crate::systems::linux::io::{Cut, Open};
use crate::systems::linux::proc::{CHUNK, Ended, HELD, Proc};
use crate::systems::linux::tools::deflate;
use crate::systems::linux::tools::getopt::{Given, Spec};
use crate::systems::linux::tools::input::{self, Lines, Out, given};
use crate::systems::linux::tools::regex::{Options, Regex, Syntax};
use crate::systems::linux::tools::{Tool, tool};
use report::Report;

/// The programs of this file.
pub static TOOLS: &[Tool] = &[tool!("egrep", egrep), tool!("fgrep", fgrep), tool!("grep", grep), tool!("zgrep", zgrep)];

const SPEC: Spec = Spec {
    short: "EFGPivclLnoqshHrRwxaA:B:C:m:e:f:bzZyIT0123456789d:D:uU",
    long: &[
        ("extended-regexp", 'E'),
        ("fixed-strings", 'F'),
        ("basic-regexp", 'G'),
        ("perl-regexp", 'P'),
        ("ignore-case", 'i'),
        ("invert-match", 'v'),
        ("count", 'c'),
        ("files-with-matches", 'l'),
        ("files-without-match", 'L'),
        ("line-number", 'n'),
        ("only-matching", 'o'),
        ("quiet", 'q'),
        ("silent", 'q'),
        ("no-messages", 's'),
        ("no-filename", 'h'),
        ("with-filename", 'H'),
        ("recursive", 'r'),
        ("dereference-recursive", 'R'),
        ("word-regexp", 'w'),
        ("line-regexp", 'x'),
        ("text", 'a'),
        ("after-context:", 'A'),
        ("before-context:", 'B'),
        ("context:", 'C'),
        ("max-count:", 'm'),
        ("regexp:", 'e'),
        ("file:", 'f'),
        ("byte-offset", 'b'),
        ("null-data", 'z'),
        ("null", 'Z'),
        ("initial-tab", 'T'),
        ("directories:", 'd'),
        ("devices:", 'D'),
        ("line-buffered", 'u'),
        ("binary", 'U'),
        ("binary-files:", '\u{1}'),
        ("include:", '\u{2}'),
        ("exclude:", '\u{3}'),
        ("exclude-dir:", '\u{4}'),
        ("color::", '\u{5}'),
        ("colour::", '\u{5}'),
        ("label:", '\u{6}'),
        ("exclude-from:", '\u{7}'),
    ],
    gaps: "--fixed-regexp --group-separator: --no-group-separator --unix-byte-offsets",
};
const BINARY_FILES: char = '\u{1}';
const INCLUDE: char = '\u{2}';
const EXCLUDE: char = '\u{3}';
const EXCLUDE_DIR: char = '\u{4}';
const COLOR: char = '\u{5}';
const LABEL: char = '\u{6}';
const EXCLUDE_FROM: char = '\u{7}';

async fn egrep(p: &mut Proc, arguments: &[String]) -> Ended {
    run(p, arguments, Syntax::Extended).await
}

async fn fgrep(p: &mut Proc, arguments: &[String]) -> Ended {
    run(p, arguments, Syntax::Fixed).await
}

async fn grep(p: &mut Proc, arguments: &[String]) -> Ended {
    run(p, arguments, Syntax::Basic).await
}

async fn zgrep(p: &mut Proc, arguments: &[String]) -> Ended {
    search(p, arguments, Syntax::Basic, true).await
}

async fn usage(p: &mut Proc) -> Ended {
    p.err("Usage: grep [OPTION]... PATTERN [FILE]...\nTry 'grep --help' for more information.\n").await?;
    Ok(2)
}

async fn run(p: &mut Proc, arguments: &[String], syntax: Syntax) -> Ended {
    search(p, arguments, syntax, false).await
}

async fn search(p: &mut Proc, arguments: &[String], mut syntax: Syntax, unpacks: bool) -> Ended {
    "grep".clone_into(&mut p.name);
    if let Some(word) =
        arguments.iter().take_while(|word| *word != "--").find(|word| *word == "--help" || *word == "-V")
    {
        return p.gap(&format!("grep {word}"));
    }
    let given = given!(p, &SPEC, arguments, |complaint| {
        p.complain(&complaint).await?;
        usage(p).await
    });
    match given.last_of("EFGP") {
        Some('E') => syntax = Syntax::Extended,
        Some('F') => syntax = Syntax::Fixed,
        Some('P') => syntax = Syntax::Perl,
        Some(_) => syntax = Syntax::Basic,
        None => {}
    }
    let mut operands = given.operands.clone();
    let patterns = match patterns(p, &given, &mut operands).await? {
        Ok(patterns) => patterns,
        Err(status) => return Ok(status),
    };
    let options = Options {
        nocase: given.has('i') || given.has('y'),
        multiline: given.has('z'),
        word: given.has('w'),
        line: given.has('x'),
        ..Options::default()
    };
    let regex = match &patterns {
        None => None,
        Some(text) if syntax == Syntax::Perl && text.contains('\n') => {
            return input::failed(p, "the -P option only supports a single pattern", 2).await;
        }
        Some(text) => match Regex::new(text, syntax, options) {
            Ok(regex) => Some(regex),
            Err(message) => return input::failed(p, &message, 2).await,
        },
    };
    let report = match Report::read(&given) {
        Ok(report) => report,
        Err(complaint) => return input::failed(p, &complaint, 2).await,
    };
    let mut search = Search { unpacks, regex, report, given, out: Out::default(), matched: false, troubled: false };
    search.files(p, operands).await?;
    search.out.flush(p).await?;
    Ok(match search {
        Search { matched: true, troubled: true, given, .. } if given.has('q') => 0,
        Search { troubled: true, .. } => 2,
        Search { matched, .. } => u8::from(!matched),
    })
}

/// The patterns, one a line; none at all when a file of patterns is empty. Without `-e` and `-f` the first operand is it.
async fn patterns(p: &mut Proc, given: &Given, operands: &mut Vec<String>) -> Result<Result<Option<String>, u8>, Cut> {
    let mut patterns: Vec<String> = given.values('e').map(str::to_owned).collect();
    for file in given.values('f') {
        match input::read_all(p, file).await? {
            Ok(bytes) => {
                let lines = input::split_lines(&bytes, b'\n');
                patterns.extend(lines.iter().map(|line| String::from_utf8_lossy(line).into_owned()));
            }
            Err(errno) => return input::failed(p, &format!("{file}: {}", errno.text()), 2).await.map(Err),
        }
    }
    if !given.has('e') && !given.has('f') {
        if operands.is_empty() {
            return usage(p).await.map(Err);
        }
        patterns.push(operands.remove(0));
    }
    Ok(Ok((!patterns.is_empty()).then(|| patterns.join("\n"))))
}

/// A search under way.
pub(super) struct Search {
    /// Compressed files are searched for what is in them.
    unpacks: bool,
    regex: Option<Regex>,
    report: Report,
    given: Given,
    out: Out,
    matched: bool,
    troubled: bool,
}

impl Search {
    async fn trouble(&mut self, p: &mut Proc, text: &str) -> Result<(), Cut> {
        self.troubled = true;
        if self.given.has('s') {
            return Ok(());
        }
        self.out.flush(p).await?;
        p.complain(text).await
    }

    /// Searches a file; its name as it is shown.
    async fn file(&mut self, p: &mut Proc, file: &str) -> Result<(), Cut> {
        let fd = match input::open(p, file) {
            Ok(fd) => fd,
            Err(Errno::Isdir) if self.given.value('d') == Some("skip") => return Ok(()),
            Err(errno) => return self.trouble(p, &format!("{file}: {}", errno.text())).await,
        };
        if !self.given.has('q') && writes_to(p, fd) {
            input::close(p, fd);
            return self.trouble(p, &format!("{file}: input file is also the output")).await;
        }
        if self.unpacks {
            unpack(p, fd).await?;
        }
        let label = self.given.value(LABEL).unwrap_or("(standard input)");
        let name = if file == "-" { label.to_owned() } else { file.to_owned() };
        let count = self.stream(p, fd, &name).await?;
        input::close(p, fd);
        let matched = count > 0;
        self.matched |= if self.given.has('L') { !matched } else { matched };
        self.report.summary(&mut self.out, &name, count);
        self.out.spill(p).await
    }

    /// Searches what a descriptor gives: the number of selected lines.
    async fn stream(&mut self, p: &mut Proc, fd: u32, name: &str) -> Result<u64, Cut> {
        let delimiter = if self.given.has('z') { 0 } else { b'\n' };
        let (invert, most) = (self.given.has('v'), self.report.most);
        let mut lines = Lines::new(fd, delimiter);
        let mut binary = !self.given.has('z') && lines.first(p, &mut self.out).await?.contains(&0);
        let mut file = self.report.file(name);
        if most == 0 {
            return Ok(0);
        }
        if binary && self.report.skips_binary() {
            return Ok(0);
        }
        if binary && self.report.guards_binary() {
            lines.zap();
        }
        let mut count = 0;
        while let Some(line) = lines.next(p, &mut self.out).await? {
            if self.regex.as_ref().is_some_and(Regex::backtracks) {
                p.tick().await?;
            }
            let text = input::chop(&line, delimiter);
            binary |= delimiter != 0 && text.contains(&0);
            let hit = count < most && self.regex.as_ref().is_some_and(|regex| regex.is_match(text)) != invert;
            if !hit {
                if !file.context(&self.report, &mut self.out, &line, delimiter) && count >= most {
                    break;
                }
                continue;
            }
            count += 1;
            if self.report.quiet() {
                if self.report.first_is_enough() {
                    break;
                }
                file.skip(&line);
                continue;
            }
            if self.report.guards_binary() && (binary || std::str::from_utf8(text).is_err()) {
                self.out.text(&format!("Binary file {name} matches\n"));
                break;
            }
            let regex = self.regex.as_ref().filter(|_| !invert);
            file.selected(&self.report, &mut self.out, &line, delimiter, regex);
            if count >= most && !self.report.wants_after() {
                break;
            }
        }
        Ok(count)
    }
}

/// Puts what is in a compressed file in its place; a damaged one gives what could be read of it.
async fn unpack(p: &mut Proc, fd: u32) -> Result<(), Cut> {
    let bytes = p.read_all(fd).await?;
    let mut text = Vec::new();
    if bytes.starts_with(&deflate::MAGIC) {
        let mut unpacker = deflate::Unpacker::new();
        for chunk in bytes.chunks(CHUNK) {
            p.tick().await?;
            text.extend(unpacker.push(chunk)?.0);
            if text.len() > HELD {
                return Err(Cut::Limit("held input"));
            }
        }
        text.extend(unpacker.finish()?.0);
    } else {
        text = bytes;
    }
    p.files.set(fd, Some(Arc::new(Open::text(text))));
    Ok(())
}

/// Whether standard output is the very file that this descriptor reads.
fn writes_to(p: &Proc, fd: u32) -> bool {
    let (Some(reads), Some(writes)) = (p.files.get(fd), p.files.get(1)) else { return false };
    match (&**reads, &**writes) {
        (Open::File(reads), Open::File(writes)) => reads.machine == writes.machine && reads.ino == writes.ino,
        _ => false,
    }
}
