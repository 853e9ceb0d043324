//! `chattr` and `lsattr` (e2fsprogs 1.42 to 1.45): the attributes that nobody may change a file (`i`) or only add to it (`a`), and
//! those that mean nothing more than that they are set. How wide a line is is inferred.

use super::{DEEPEST, join, meta, names};
use crate::systems::linux::fs::Errno;
use crate::systems::linux::io::Cut;
use crate::systems::linux::proc::{Ended, Proc};
use crate::systems::linux::tools::getopt::Spec;
use crate::systems::linux::tools::input::given;
use crate::systems::linux::tools::{Tool, tool};

/// The programs of this file.
pub static TOOLS: &[Tool] = &[tool!("chattr", chattr), tool!("lsattr", lsattr)];

/// In the order in which they are shown.
const LETTERS: &str = "suSDiadAc";
/// What the kernel knows besides.
const OTHERS: &str = "CFPTtjeE";

/// File systems without attributes.
const WITHOUT: [&str; 6] = ["tmpfs", "devtmpfs", "proc", "sysfs", "nfs", "iso9660"];

fn wide(p: &Proc) -> usize {
    p.peek(|linux| if linux.distro.has("coreutils", (8, 30, 0)) || linux.distro.major >= 8 { 20 } else { 16 })
}

/// Whether the file system that a file is on has attributes.
fn keeps(p: &Proc, path: &str) -> bool {
    let Ok(found) = meta(p, path, true) else { return true };
    p.peek(|linux| linux.fs.mount_of(found.mount).is_none_or(|mount| !WITHOUT.contains(&mount.fstype.as_str())))
}

async fn usage(p: &mut Proc) -> Ended {
    p.err("Usage: chattr [-RVf] [-+=aAcCdDeijsStTu] [-v version] files...\n").await?;
    Ok(1)
}

/// What is done to attributes: added, taken away, or set to exactly these.
#[derive(Default)]
struct Change {
    added: String,
    taken: String,
    exactly: Option<String>,
}

async fn chattr(p: &mut Proc, arguments: &[String]) -> Ended {
    let (mut recursive, mut quiet, mut change) = (false, false, Change::default());
    let mut words = arguments;
    while let Some((word, rest)) = words.split_first() {
        let Some(sign) = word.chars().next().filter(|sign| "+-=".contains(*sign)) else { break };
        words = rest;
        let letters = &word[1..];
        if word == "--" {
            break;
        }
        for letter in letters.chars() {
            match (sign, letter) {
                ('-', 'R') => recursive = true,
                ('-', 'f') => quiet = true,
                ('-', 'V' | 'v' | 'p') => return p.gap(&format!("chattr -{letter}")),
                (_, letter) if OTHERS.contains(letter) => return p.gap(&format!("chattr {sign}{letter}")),
                (_, letter) if !LETTERS.contains(letter) => return usage(p).await,
                ('+', letter) => change.added.push(letter),
                ('-', letter) => change.taken.push(letter),
                _ => change.exactly.get_or_insert_default().push(letter),
            }
        }
        if sign == '=' {
            change.exactly.get_or_insert_default();
        }
    }
    if words.is_empty() {
        return usage(p).await;
    }
    if change.added.is_empty() && change.taken.is_empty() && change.exactly.is_none() {
        p.err("Must use '-v', =, - or +\n").await?;
        return Ok(1);
    }
    if change.exactly.is_some() && !(change.added.is_empty() && change.taken.is_empty()) {
        p.err("= is incompatible with - and +\n").await?;
        return Ok(1);
    }
    if change.added.chars().any(|letter| change.taken.contains(letter)) {
        p.err("Can't both set and unset same flag.\n").await?;
        return Ok(1);
    }
    let mut status = 0;
    for path in words {
        status |= set(p, path, &change, recursive, quiet).await?;
    }
    Ok(status)
}

async fn set(p: &mut Proc, top: &str, change: &Change, recursive: bool, quiet: bool) -> Ended {
    let mut status = 0;
    let mut left = vec![(top.to_owned(), 0)];
    while let Some((path, depth)) = left.pop() {
        p.tick().await?;
        let done = meta(p, &path, false).map_err(|errno| (errno, "stat"));
        let done = done.and_then(|found| {
            if !found.is_dir() && !found.is_file() {
                return Err((Errno::Opnotsupp, "flags"));
            }
            let (cred, ino) = (p.cred.clone(), found.ino);
            // What only the superuser may change.
            let old =
                p.peek(|linux| "ia".chars().map(|letter| linux.fs.node(ino).has_attribute(letter)).collect::<Vec<_>>());
            let changed = p.fs(|fs, now| {
                fs.set_extra(&cred, ino, now, |extra, _| {
                    let kept: String =
                        extra.attributes.chars().filter(|letter| !change.taken.contains(*letter)).collect();
                    let wanted = change.exactly.clone().unwrap_or(kept + &change.added);
                    extra.attributes = LETTERS.chars().filter(|letter| wanted.contains(*letter)).collect();
                })
            });
            let is =
                p.peek(|linux| "ia".chars().map(|letter| linux.fs.node(ino).has_attribute(letter)).collect::<Vec<_>>());
            if changed.is_ok() && old != is && !cred.is_root() {
                let _ = p.fs(|fs, now| {
                    fs.set_extra(&cred, ino, now, |extra, _| {
                        extra.attributes.retain(|letter| letter != 'i' && letter != 'a');
                        extra
                            .attributes
                            .extend("ia".chars().zip(&old).filter(|(_, had)| **had).map(|(letter, _)| letter));
                    })
                });
                return Err((Errno::Perm, "flags"));
            }
            changed.map_err(|errno| (errno, "flags"))?;
            Ok(found)
        });
        match done {
            Ok(_) if !keeps(p, &path) => {
                p.err(&format!("{}: Inappropriate ioctl for device while reading flags on {path}\n", p.name.clone()))
                    .await?;
                status = 1;
            }
            Ok(found) if recursive && found.is_dir() && depth < DEEPEST => {
                let inner = names(p, &path).unwrap_or_default();
                left.extend(inner.iter().rev().map(|name| (join(&path, name), depth + 1)));
            }
            Ok(_) => {}
            Err((errno, what)) => {
                if !quiet {
                    let doing = match what {
                        "stat" => "trying to stat",
                        _ if errno == Errno::Opnotsupp => "reading flags on",
                        _ => "setting flags on",
                    };
                    p.err(&format!("chattr: {} while {doing} {path}\n", errno.text())).await?;
                }
                status = 1;
            }
        }
    }
    Ok(status)
}

async fn lsattr(p: &mut Proc, arguments: &[String]) -> Ended {
    const OPTIONS: Spec = Spec { short: "adR", long: &[], gaps: "l p v V" };
    let given = given!(p, &OPTIONS, arguments, |complaint| {
        p.complain(&complaint).await?;
        p.err("Usage: lsattr [-RVadlpv] [files...]\n").await?;
        Ok(1)
    });
    p.inferred();
    let files = if given.operands.is_empty() { vec![".".to_owned()] } else { given.operands.clone() };
    let mut status = 0;
    for file in &files {
        match meta(p, file, false) {
            Err(errno) => {
                p.err(&format!("lsattr: {} while trying to stat {file}\n", errno.text())).await?;
                status = 1;
            }
            Ok(found) if found.is_dir() && !given.has('d') => {
                status |= listed(p, file, given.has('a'), given.has('R')).await?;
            }
            Ok(_) => status |= line(p, file).await?,
        }
    }
    Ok(status)
}

/// The files of a directory.
async fn listed(p: &mut Proc, dir: &str, all: bool, recursive: bool) -> Ended {
    let (mut status, mut left) = (0, vec![(dir.to_owned(), true)]);
    while let Some((dir, first)) = left.pop() {
        p.tick().await?;
        if !first {
            p.out(&format!("\n{dir}:\n")).await?;
        }
        let found = match names(p, &dir) {
            Ok(found) => found,
            Err(errno) => {
                p.err(&format!("lsattr: {} while reading directory {dir}\n", errno.text())).await?;
                status = 1;
                continue;
            }
        };
        let dots = if all { vec![".".to_owned(), "..".to_owned()] } else { Vec::new() };
        for name in dots.into_iter().chain(found) {
            if !all && name.starts_with('.') {
                continue;
            }
            let path = format!("{}/{name}", dir.trim_end_matches('/'));
            status |= line(p, &path).await?;
            let inner =
                recursive && name != "." && name != ".." && meta(p, &path, false).is_ok_and(|found| found.is_dir());
            if inner && left.len() < DEEPEST {
                left.push((path, false));
            }
        }
    }
    Ok(status)
}

async fn line(p: &mut Proc, path: &str) -> Result<u8, Cut> {
    let found = match meta(p, path, false) {
        Ok(found) => found,
        Err(errno) => {
            p.err(&format!("lsattr: {} while trying to stat {path}\n", errno.text())).await?;
            return Ok(1);
        }
    };
    if !found.is_dir() && !found.is_file() {
        p.err(&format!("lsattr: Operation not supported While reading flags on {path}\n")).await?;
        return Ok(1);
    }
    if !keeps(p, path) {
        p.err(&format!("lsattr: Inappropriate ioctl for device While reading flags on {path}\n")).await?;
        return Ok(1);
    }
    let shown = LETTERS.chars().map(|letter| {
        let has = p.peek(|linux| linux.fs.node(found.ino).has_attribute(letter));
        if has { letter } else { '-' }
    });
    let shown: String = shown.collect();
    let width = wide(p);
    p.out(&format!("{shown:-<width$} {path}\n")).await?;
    Ok(0)
}
