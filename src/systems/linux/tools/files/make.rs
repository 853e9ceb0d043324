//! `mkdir`, `mkfifo`, `mknod`, `mktemp`, `truncate`, `sync`: new files of all kinds.

use super::super::input::{given, misused};
use super::show::{self, curly, is_modern, quoted};
use super::{join, meta, refuse};
use crate::systems::linux::fs::{Errno, Kind, Open as How};
use crate::systems::linux::io::{Cut, Open};
use crate::systems::linux::mode;
use crate::systems::linux::proc::{Ended, Mode, Proc};
use crate::systems::linux::tools::getopt::Spec;
use crate::systems::linux::tools::{Tool, tool};

/// The programs of this file.
pub static TOOLS: &[Tool] = &[
    tool!("mkdir", mkdir),
    tool!("mkfifo", mkfifo),
    tool!("mknod", mknod),
    tool!("mktemp", mktemp),
    tool!("truncate", truncate),
    tool!("fallocate", fallocate),
    tool!("sync", sync),
];

const MKDIR: Spec =
    Spec { short: "pm:v", long: &[("mode:", 'm'), ("parents", 'p'), ("verbose", 'v')], gaps: "Z --context::" };

async fn mkdir(p: &mut Proc, arguments: &[String]) -> Ended {
    let given = given!(p, &MKDIR, arguments, 1);
    if given.operands.is_empty() {
        return misused(p, "missing operand", 1).await;
    }
    let usual = 0o777 & !p.umask;
    let bits = match given.value('m') {
        None => usual,
        Some(text) => match mode::change(text, 0o777, true, p.umask) {
            Some(bits) => bits,
            None => return p.fail(&format!("invalid mode {}", curly(text))).await,
        },
    };
    let mut status = 0;
    for path in &given.operands {
        p.tick().await?;
        let made = if given.has('p') {
            parents(p, path, usual | 0o300, bits, given.has('v')).await?
        } else {
            one(p, path, bits, given.has('v')).await?
        };
        if let Err((path, errno)) = made {
            status = refuse(p, &format!("cannot create directory {}", curly(&path)), errno).await?;
        }
    }
    Ok(status)
}

type Made = Result<(), (String, Errno)>;

async fn one(p: &mut Proc, path: &str, bits: u16, verbose: bool) -> Result<Made, Cut> {
    if let Err(errno) = p.fs(|fs, now| fs.mkdir(&p.cred, &p.cwd, path, bits, now)) {
        return Ok(Err((path.to_owned(), errno)));
    }
    if verbose {
        let name = if is_modern(p) { quoted(p, path) } else { curly(path) };
        p.out(&format!("mkdir: created directory {name}\n")).await?;
    }
    Ok(Ok(()))
}

/// `mkdir -p`
async fn parents(p: &mut Proc, path: &str, above: u16, bits: u16, verbose: bool) -> Result<Made, Cut> {
    let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
    let mut at = if path.starts_with('/') { "/".to_owned() } else { String::new() };
    for (index, part) in parts.iter().enumerate() {
        p.tick().await?;
        at = if at.is_empty() { (*part).to_owned() } else { join(&at, part) };
        let last = index + 1 == parts.len();
        match meta(p, &at, true) {
            Ok(meta) if meta.is_dir() => continue,
            Ok(_) if !last => return Ok(Err((at, Errno::Notdir))),
            Ok(_) => return Ok(Err((at, Errno::Exist))),
            Err(_) => {}
        }
        let made = one(p, &at, if last { bits } else { above }, verbose).await?;
        if made.is_err() {
            return Ok(made);
        }
    }
    Ok(if parts.is_empty() && !path.starts_with('/') { Err((path.to_owned(), Errno::Noent)) } else { Ok(()) })
}

const NODE: Spec = Spec { short: "m:", long: &[("mode:", 'm')], gaps: "Z --context::" };

async fn mkfifo(p: &mut Proc, arguments: &[String]) -> Ended {
    let given = given!(p, &NODE, arguments, 1);
    if given.operands.is_empty() {
        return misused(p, "missing operand", 1).await;
    }
    let Some(bits) = mode::change(given.value('m').unwrap_or("a=rw"), 0o666, false, p.umask) else {
        return p.fail("invalid mode").await;
    };
    let bits = if given.has('m') { bits } else { bits & !p.umask };
    let mut status = 0;
    for path in &given.operands {
        if let Err(errno) = p.fs(|fs, now| fs.mknod(&p.cred, &p.cwd, path, Kind::Fifo, bits, now)) {
            let name = quoted(p, path);
            status = refuse(p, &format!("cannot create fifo {name}"), errno).await?;
        }
    }
    Ok(status)
}

async fn mknod(p: &mut Proc, arguments: &[String]) -> Ended {
    let given = given!(p, &NODE, arguments, 1);
    let Some(bits) = mode::change(given.value('m').unwrap_or("a=rw"), 0o666, false, p.umask) else {
        return p.fail("invalid mode").await;
    };
    let bits = if given.has('m') { bits } else { bits & !p.umask };
    let operands: Vec<&str> = given.operands.iter().map(String::as_str).collect();
    let number = |text: &str| text.parse::<u32>().ok();
    let (path, kind) = match operands[..] {
        [] => return misused(p, "missing operand", 1).await,
        [path] => return misused(p, &format!("missing operand after {}", curly(path)), 1).await,
        [path, "p"] => (path, Kind::Fifo),
        [_, "p", extra, ..] => {
            p.complain(&format!("extra operand {}", curly(extra))).await?;
            return hint(p, "Fifos do not have major and minor device numbers.").await;
        }
        [_, last] | [_, _, last] => {
            p.complain(&format!("missing operand after {}", curly(last))).await?;
            return hint(p, "Special files require major and minor device numbers.").await;
        }
        [path, letter @ ("b" | "c" | "u"), major, minor] => match (number(major), number(minor)) {
            (Some(major), Some(minor)) if letter == "b" => (path, Kind::Block { major, minor }),
            (Some(major), Some(minor)) => (path, Kind::Char { major, minor }),
            (None, _) => return p.fail(&format!("invalid major device number {}", curly(major))).await,
            _ => return p.fail(&format!("invalid minor device number {}", curly(minor))).await,
        },
        [_, kind, _, _] => return misused(p, &format!("invalid device type {}", curly(kind)), 1).await,
        [_, _, _, _, extra, ..] => return misused(p, &format!("extra operand {}", curly(extra)), 1).await,
    };
    match p.fs(|fs, now| fs.mknod(&p.cred, &p.cwd, path, kind, bits, now)) {
        Ok(_) => Ok(0),
        Err(errno) => {
            let name = show::colon(p, path);
            refuse(p, &name, errno).await
        }
    }
}

/// What `mknod` says between a complaint and where help is to be had.
async fn hint(p: &mut Proc, text: &str) -> Ended {
    let name = p.name.clone();
    p.err(&format!("{text}\nTry '{name} --help' for more information.\n")).await?;
    Ok(1)
}

const MKTEMP: Spec = Spec {
    short: "dp::qtuV",
    long: &[("directory", 'd'), ("dry-run", 'u'), ("quiet", 'q'), ("suffix:", '\u{10}'), ("tmpdir::", 'p')],
    gaps: "",
};

async fn mktemp(p: &mut Proc, arguments: &[String]) -> Ended {
    // `-p` alone takes its value from the next word, `--tmpdir` does not.
    let mut words = Vec::with_capacity(arguments.len());
    let mut rest = arguments.iter();
    while let Some(word) = rest.next() {
        match (word.as_str(), rest.clone().next()) {
            ("-p", Some(value)) => {
                words.push(format!("-p{value}"));
                rest.next();
            }
            ("-p", None) => return misused(p, "option requires an argument -- 'p'", 1).await,
            _ => words.push(word.clone()),
        }
    }
    let given = given!(p, &MKTEMP, &words, 1);
    if given.operands.len() > 1 {
        return misused(p, "too many templates", 1).await;
    }
    let template = given.operands.first().map_or("tmp.XXXXXXXXXX", String::as_str);
    let (stem, suffix) = match given.value('\u{10}') {
        Some(suffix) => (template, suffix),
        None => template.rfind('X').map_or((template, ""), |at| template.split_at(at + 1)),
    };
    let count = stem.len() - stem.trim_end_matches('X').len();
    if count < 3 {
        return p.fail(&format!("too few X's in template {}", curly(template))).await;
    }
    let tmp = p.env("TMPDIR").filter(|text| !text.is_empty()).unwrap_or("/tmp").to_owned();
    let dir = match given.value('p') {
        _ if given.has('t') => Some(tmp),
        Some(dir) => Some(dir.to_owned()),
        None if given.has('p') || given.operands.is_empty() => Some(tmp),
        None => None,
    };
    let place = |name: &str| dir.as_deref().map_or(name.to_owned(), |dir| join(dir, name));
    for attempt in 0..100 {
        let name = place(&format!("{}{}{suffix}", &stem[..stem.len() - count], letters(p, count, attempt)));
        let made = if given.has('u') {
            if meta(p, &name, false).is_ok() { Err(Errno::Exist) } else { Ok(()) }
        } else if given.has('d') {
            p.fs(|fs, now| fs.mkdir(&p.cred, &p.cwd, &name, 0o700, now)).map(drop)
        } else {
            let how = How { write: true, create: Some(0o600), exclusive: true, ..How::default() };
            p.fs(|fs, now| fs.open(&p.cred, &p.cwd, &name, how, now)).map(drop)
        };
        match made {
            Ok(()) => {
                p.out(&format!("{name}\n")).await?;
                return Ok(0);
            }
            Err(Errno::Exist) => {}
            Err(_) if given.has('q') => return Ok(1),
            Err(errno) => {
                let kind = if given.has('d') { "directory" } else { "file" };
                let what = format!("failed to create {kind} via template {}", curly(&place(template)));
                return refuse(p, &what, errno).await;
            }
        }
    }
    Ok(1)
}

/// Letters that nobody guesses, and that are the same whenever the same lab does the same.
fn letters(p: &Proc, count: usize, attempt: u32) -> String {
    const LETTERS: &[u8; 62] = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
    let (hostname, now) = (p.peek(|linux| linux.hostname.clone()), p.now());
    let mut text = String::new();
    for block in 0..count.div_ceil(16) {
        let seed = format!("mktemp {hostname} {} {} {attempt} {block}", now.utc().unix_timestamp_nanos(), p.pid);
        let digest = crate::payload::Sha256::of(seed.as_bytes()).to_string();
        let pairs = digest.as_bytes().chunks(4).take(count - text.len());
        text.extend(pairs.map(|digits| {
            let number = digits.iter().fold(0, |number, digit| number * 16 + usize::from(*digit) % 16);
            char::from(LETTERS[number % LETTERS.len()])
        }));
    }
    text
}

const TRUNCATE: Spec =
    Spec { short: "cs:r:", long: &[("no-create", 'c'), ("reference:", 'r'), ("size:", 's')], gaps: "o --io-blocks" };

async fn truncate(p: &mut Proc, arguments: &[String]) -> Ended {
    let given = given!(p, &TRUNCATE, arguments, 1);
    let mut length = given.value('r').map(|_| 0);
    if let Some(path) = given.value('r') {
        match meta(p, path, true) {
            Ok(meta) => length = Some(meta.size),
            Err(errno) => {
                let name = quoted(p, path);
                return refuse(p, &format!("cannot stat {name}"), errno).await;
            }
        }
    }
    let mut sign = ' ';
    if let Some(text) = given.value('s') {
        let text = text.trim_start();
        let bare = text.trim_start_matches(['+', '-', '<', '>', '/', '%']);
        let Some(number) = show::size(bare) else {
            return p.fail(&format!("Invalid number: {}", curly(text))).await;
        };
        sign = text.chars().next().filter(|sign| !sign.is_ascii_alphanumeric()).unwrap_or(' ');
        if matches!(sign, '/' | '%') && number == 0 {
            return p.fail("division by zero").await;
        }
        length = Some(number);
    }
    let Some(length) = length else {
        return misused(p, &format!("you must specify either {} or {}", curly("--size"), curly("--reference")), 1)
            .await;
    };
    if given.operands.is_empty() {
        return misused(p, "missing file operand", 1).await;
    }
    let mut status = 0;
    for path in &given.operands {
        if given.has('c') && meta(p, path, true).is_err() {
            continue;
        }
        let name = quoted(p, path);
        let ino = match p.open(path, Mode::Append).as_deref() {
            Ok(Open::File(file)) => file.ino,
            Ok(_) => {
                p.complain(&format!("failed to truncate {name} at {length} bytes: {}", Errno::Inval.text())).await?;
                status = 1;
                continue;
            }
            Err(errno) => {
                status = refuse(p, &format!("cannot open {name} for writing"), *errno).await?;
                continue;
            }
        };
        let old = p.peek(|linux| linux.fs.size(ino)).unwrap_or(0);
        let length = match sign {
            '+' => old.saturating_add(length),
            '-' => old.saturating_sub(length),
            '<' => old.min(length),
            '>' => old.max(length),
            '/' => old / length * length,
            '%' => old.div_ceil(length).saturating_mul(length),
            _ => length,
        };
        if let Err(errno) = p.fs(|fs, now| fs.truncate(&p.cred, ino, length, now)) {
            status = refuse(p, &format!("failed to truncate {name} at {length} bytes"), errno).await?;
        }
    }
    Ok(status)
}

/// `fallocate` (util-linux): a file takes space that nobody has written to. Of the file systems here only ext3 does not know how.
async fn fallocate(p: &mut Proc, arguments: &[String]) -> Ended {
    const OPTIONS: Spec = Spec {
        short: "l:n",
        long: &[("length:", 'l'), ("keep-size", 'n')],
        gaps: "o: --offset: c --collapse-range d --dig-holes i --insert-range p --punch-hole v --verbose x --posix z --zero-range",
    };
    let given = given!(p, &OPTIONS, arguments, 1);
    if given.has('n') {
        return p.gap("fallocate -n");
    }
    let length = given.value('l').map(|text| show::size(text).filter(|length| *length > 0));
    if length == Some(None) {
        return p.fail("invalid length value specified").await;
    }
    let path = match &given.operands[..] {
        [path] => path,
        [] => return p.fail("no filename specified").await,
        _ => return p.fail("unexpected number of arguments").await,
    };
    let Some(length) = length.flatten() else { return p.fail("no length argument specified").await };
    let ino = match p.open(path, Mode::Append).as_deref() {
        Ok(Open::File(file)) => file.ino,
        Ok(_) => return p.fail("fallocate failed: No such device").await,
        Err(errno) => return p.fail(&format!("cannot open {path}: {}", errno.text())).await,
    };
    let ext3 = p.peek(|linux| linux.fs.mount_of(linux.fs.node(ino).mount).is_some_and(|mount| mount.fstype == "ext3"));
    let longer = length.max(p.peek(|linux| linux.fs.size(ino)).unwrap_or(0));
    let taken = if ext3 { Err(Errno::Opnotsupp) } else { p.fs(|fs, now| fs.zero(&p.cred, ino, longer, now)) };
    match taken {
        Ok(()) => Ok(0),
        Err(errno) => p.fail(&format!("fallocate failed: {}", errno.text())).await,
    }
}

async fn sync(p: &mut Proc, arguments: &[String]) -> Ended {
    for path in arguments.iter().filter(|word| !word.starts_with('-')) {
        if let Err(errno) = meta(p, path, true) {
            let name = quoted(p, path);
            return refuse(p, &format!("error opening {name}"), errno).await;
        }
    }
    Ok(0)
}
