//! `tail` as in GNU coreutils 8.30. What it follows it looks at once a virtual second.

use std::collections::VecDeque;
use std::sync::atomic::Ordering;

use super::head::{header, pass_on};
use crate::sim::Span;
use crate::systems::linux::fs::{Content, Errno};
use crate::systems::linux::io::{Cut, Open};
use crate::systems::linux::made_files;
use crate::systems::linux::proc::{CHUNK, Ended, HELD, Proc};
use crate::systems::linux::tools::getopt::{Given, Spec};
use crate::systems::linux::tools::input::{self, Lines, Out, given};
use crate::systems::linux::tools::{Tool, tool};

/// The programs of this file.
pub static TOOLS: &[Tool] = &[tool!("tail", tail)];

const PID: char = '\u{1}';
const RETRY: char = '\u{2}';
const SPEC: Spec = Spec {
    short: "0123456789c:n:fFqvs:z",
    long: &[
        ("bytes:", 'c'),
        ("lines:", 'n'),
        ("follow::", 'f'),
        ("quiet", 'q'),
        ("silent", 'q'),
        ("verbose", 'v'),
        ("sleep-interval:", 's'),
        ("zero-terminated", 'z'),
        ("pid:", PID),
        ("retry", RETRY),
    ],
    gaps: "--max-unchanged-stats:",
};

/// So many steps is one look at the files that are followed.
const LOOK: u32 = 200;

/// How much is wanted.
#[derive(Clone, Copy)]
struct Part {
    lines: bool,
    /// From the so-manyth on.
    from: bool,
    count: u64,
}

/// A file that is followed.
struct Followed {
    name: String,
    /// Its descriptor; none while it is not there.
    fd: Option<u32>,
}

/// The old form, `-5`, `+5`, with `b`, `c` or `l` and `f` behind it: with one file at most it means this in the new one.
fn modern(arguments: &[String]) -> Vec<String> {
    let fits = match arguments {
        [_] => true,
        [_, file] => file == "-" || !file.starts_with('-'),
        [_, dashes, ..] => dashes == "--" && arguments.len() <= 3,
        [] => false,
    };
    let word = arguments.first().map_or("", String::as_str);
    let old = match word.split_at_checked(1) {
        Some(("-", rest)) if !rest.is_empty() && rest != "c" => rest,
        Some(("+", rest)) => rest,
        _ => return arguments.to_vec(),
    };
    let (number, letters) = old.split_at(old.find(|c: char| !c.is_ascii_digit()).unwrap_or(old.len()));
    let (unit, follows) = match letters.strip_suffix('f') {
        Some(unit) => (unit, true),
        None => (letters, false),
    };
    if !fits || !matches!(unit, "" | "b" | "c" | "l") {
        return arguments.to_vec();
    }
    let number = if number.is_empty() { "10" } else { number };
    let sign = if word.starts_with('+') { "+" } else { "" };
    let (option, unit) = match unit {
        "b" => ("-c", "b"),
        "c" => ("-c", ""),
        _ => ("-n", ""),
    };
    let mut words = vec![option.to_owned(), format!("{sign}{number}{unit}")];
    words.extend(follows.then(|| "-f".to_owned()));
    words.extend_from_slice(&arguments[1..]);
    words
}

async fn tail(p: &mut Proc, arguments: &[String]) -> Ended {
    let arguments = modern(arguments);
    let given = given!(p, &SPEC, &arguments, |text| {
        match arguments.iter().find_map(|word| word.strip_prefix('-')?.chars().next().filter(char::is_ascii_digit)) {
            Some(digit) => input::failed(p, &format!("option used in invalid context -- {digit}"), 1).await,
            None => input::misused(p, &text, 1).await,
        }
    });
    if let Some((digit, _)) = given.options.iter().find(|(letter, _)| letter.is_ascii_digit()) {
        return input::failed(p, &format!("option used in invalid context -- {digit}"), 1).await;
    }
    let part = match part(&given) {
        Ok(part) => part,
        Err(complaint) => return input::failed(p, &complaint, 1).await,
    };
    let pid = match given.value(PID).map(|pid| input::number(pid, false, 0..=i32::MAX as u64, "invalid PID")) {
        None => None,
        Some(Ok(pid)) => u32::try_from(pid).ok(),
        Some(Err(complaint)) => return input::failed(p, &complaint, 1).await,
    };
    let pause = match given.value('s').map(|text| (text, text.parse::<f64>())) {
        None => Span::secs(1),
        Some((_, Ok(secs))) if (0.0..1e9).contains(&secs) => Span::millis((secs * 1000.0) as u64).max(Span::millis(10)),
        Some((text, _)) => {
            return input::failed(p, &format!("invalid number of seconds: {}", input::quoted(text)), 1).await;
        }
    };
    let files = input::files(&given);
    let headers = match given.last_of("qv") {
        Some(letter) => letter == 'v',
        None => files.len() > 1,
    };
    let by_name = given.has('F') || given.value('f') == Some("name");
    let (mut status, mut first, mut followed) = (0, true, Vec::new());
    for file in files {
        let opened = input::open(p, &file);
        if let Err(errno) = opened
            && errno != Errno::Isdir
        {
            let text = format!("cannot open {} for reading: {}", input::quoted_name(p, &file), errno.text());
            status = input::failed(p, &text, 1).await?;
            followed.push(Followed { name: file, fd: None });
            continue;
        }
        if headers {
            header(p, &file, &mut first).await?;
        }
        match opened {
            Ok(fd) => {
                print(p, fd, part, if given.has('z') { 0 } else { b'\n' }).await?;
                followed.push(Followed { name: file, fd: Some(fd) });
            }
            Err(errno) => {
                let text = format!("error reading {}: {}", input::quoted_name(p, &file), errno.text());
                status = input::failed(p, &text, 1).await?;
            }
        }
    }
    if given.has('f') || given.has('F') {
        let retry = given.has('F') || given.has(RETRY);
        // What came through a pipe has ended.
        followed.retain(|file| file.fd.is_none_or(|fd| is_file(p, fd)) && (retry || file.fd.is_some()));
        return follow(p, followed, Follow { headers, by_name, pause, pid }, status).await;
    }
    Ok(status)
}

fn part(given: &Given) -> Result<Part, String> {
    let Some(letter) = given.last_of("nc") else { return Ok(Part { lines: true, from: false, count: 10 }) };
    let text = given.value(letter).unwrap_or_default();
    let (from, digits) = match text.strip_prefix('+') {
        Some(digits) => (true, digits),
        None => (false, text.strip_prefix('-').unwrap_or(text)),
    };
    let what = if letter == 'n' { "invalid number of lines" } else { "invalid number of bytes" };
    let count = input::number(if from { text } else { digits }, true, 0..=u64::MAX, what)?;
    Ok(Part { lines: letter == 'n', from, count })
}

async fn print(p: &mut Proc, fd: u32, part: Part, delimiter: u8) -> Result<(), Cut> {
    let mut out = Out::default();
    if part.lines {
        let mut lines = Lines::new(fd, delimiter);
        let mut held: VecDeque<Vec<u8>> = VecDeque::new();
        let (mut number, mut bytes) = (0_u64, 0);
        while let Some(line) = lines.next(p, &mut out).await? {
            number += 1;
            if part.from {
                if number >= part.count {
                    out.push(&line);
                }
                continue;
            }
            bytes += line.len() + input::LINE;
            held.push_back(line);
            if held.len() as u64 > part.count {
                bytes -= held.pop_front().map_or(0, |line| line.len() + input::LINE);
            }
            if bytes > HELD {
                return Err(Cut::Limit("held input"));
            }
        }
        for line in held {
            out.push(&line);
        }
    } else if part.from {
        let mut skip = usize::try_from(part.count.saturating_sub(1)).unwrap_or(usize::MAX);
        if let Some(left) = p.left(fd) {
            p.skip(fd, left.min(skip as u64));
            skip = 0;
        }
        loop {
            let bytes = p.read(fd, CHUNK).await?;
            if bytes.is_empty() {
                break;
            }
            let passed = skip.min(bytes.len());
            skip -= passed;
            out.push(&bytes[passed..]);
            out.flush(p).await?;
        }
    } else if let Some(left) = p.left(fd) {
        p.skip(fd, left.saturating_sub(part.count));
        pass_on(p, fd, part.count).await?;
    } else {
        let most = usize::try_from(part.count).unwrap_or(usize::MAX).min(HELD);
        let mut held: Vec<u8> = Vec::new();
        loop {
            let bytes = p.read(fd, CHUNK).await?;
            if bytes.is_empty() {
                break;
            }
            held.extend_from_slice(&bytes);
            if held.len() > most.saturating_add(CHUNK) {
                held.drain(..held.len() - most);
            }
        }
        out.push(&held[held.len().saturating_sub(most)..]);
    }
    out.flush(p).await
}

/// How files are followed.
struct Follow {
    headers: bool,
    by_name: bool,
    pause: Span,
    pid: Option<u32>,
}

async fn follow(p: &mut Proc, mut files: Vec<Followed>, how: Follow, status: u8) -> Ended {
    if files.is_empty() {
        if status != 0 {
            p.complain("no files remaining").await?;
        }
        return Ok(status);
    }
    let mut last = files.len() - 1;
    loop {
        if how.pid.is_some_and(|pid| p.peek(|linux| linux.processes.get(pid).is_none())) {
            return Ok(status);
        }
        // A look counts for many steps, so that one that nobody stops ends within a bearable time of the computer's.
        for _ in 0..LOOK {
            p.tick().await?;
        }
        p.pass(how.pause).await?;
        for (at, file) in files.iter_mut().enumerate() {
            if how.by_name {
                reopen(p, file).await?;
            }
            let Some(fd) = file.fd else { continue };
            match size(p, fd) {
                Some((size, at)) if size < at => {
                    from_the_beginning(p, fd);
                    p.complain(&format!("{}: file truncated", file.name)).await?;
                }
                Some((size, at)) if size == at => continue,
                _ => {}
            }
            loop {
                let bytes = p.read(fd, CHUNK).await?;
                if bytes.is_empty() {
                    break;
                }
                if how.headers && std::mem::replace(&mut last, at) != at {
                    header(p, &file.name, &mut false).await?;
                }
                p.write(1, &bytes).await?;
            }
        }
    }
}

fn is_file(p: &Proc, fd: u32) -> bool {
    p.files.get(fd).is_some_and(|open| matches!(**open, Open::File(_)))
}

/// How long a file is now, and how much of it was read; nothing of what is no file.
fn size(p: &Proc, fd: u32) -> Option<(u64, u64)> {
    let Open::File(file) = &**p.files.get(fd)? else { return None };
    let size = p.world(|world, _| match world.linux(file.machine).fs.content(file.ino) {
        Some(Content::Made(name)) => Some(made_files::make(world, file.machine, name).len() as u64),
        Some(content) => content.size(),
        None => None,
    });
    Some((size.unwrap_or(0), file.at.load(Ordering::Relaxed)))
}

fn from_the_beginning(p: &Proc, fd: u32) {
    if let Some(Open::File(file)) = p.files.get(fd).map(AsRef::as_ref) {
        file.at.store(0, Ordering::Relaxed);
    }
}

/// Looks which file bears the name now.
async fn reopen(p: &mut Proc, file: &mut Followed) -> Result<(), Cut> {
    let name = input::quoted_name(p, &file.name);
    let now = p.lookup(&file.name);
    let open = file.fd.and_then(|fd| p.files.get(fd)).map(|open| match &**open {
        Open::File(file) => Some(file.ino),
        _ => None,
    });
    match (open, now) {
        (Some(_), Err(errno)) => {
            if let Some(fd) = file.fd.take() {
                input::close(p, fd);
            }
            p.complain(&format!("{name} has become inaccessible: {}", errno.text())).await
        }
        (Some(Some(old)), Ok(new)) if old != new => {
            if let Some(fd) = file.fd.take() {
                input::close(p, fd);
            }
            file.fd = input::open(p, &file.name).ok();
            p.complain(&format!("{name} has been replaced;  following new file")).await
        }
        (None, Ok(_)) => {
            file.fd = input::open(p, &file.name).ok();
            p.complain(&format!("{name} has appeared;  following new file")).await
        }
        _ => Ok(()),
    }
}
