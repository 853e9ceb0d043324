//! `basename`, `dirname`, `readlink`, `realpath`: names of files as texts.

use std::path::Path;

use super::super::input::{given, misused};
use super::show::{colon, curly};
use super::{base, join, meta, parent, refuse, relative};
use crate::systems::linux::fs::Errno;
use crate::systems::linux::proc::{Ended, Proc};
use crate::systems::linux::tools::getopt::Spec;
use crate::systems::linux::tools::{Tool, tool};

/// The programs of this file.
pub static TOOLS: &[Tool] =
    &[tool!("basename", basename), tool!("dirname", dirname), tool!("readlink", readlink), tool!("realpath", realpath)];

const BASENAME: Spec = Spec { short: "as:z", long: &[("multiple", 'a'), ("suffix:", 's'), ("zero", 'z')], gaps: "" };

async fn basename(p: &mut Proc, arguments: &[String]) -> Ended {
    let given = given!(p, &BASENAME, arguments, 1);
    let end = if given.has('z') { "\0" } else { "\n" };
    let (names, suffix) = match &given.operands[..] {
        [] => return misused(p, "missing operand", 1).await,
        all if given.has('a') || given.has('s') => (all, given.value('s').unwrap_or_default()),
        [_, _, extra, ..] => return misused(p, &format!("extra operand {}", curly(extra)), 1).await,
        [_, suffix] => (&given.operands[..1], suffix.as_str()),
        one => (one, ""),
    };
    for name in names {
        let name = base(name);
        let bare = name.strip_suffix(suffix).filter(|bare| !bare.is_empty()).unwrap_or(name);
        p.out(&format!("{bare}{end}")).await?;
    }
    Ok(0)
}

const DIRNAME: Spec = Spec { short: "z", long: &[("zero", 'z')], gaps: "" };

async fn dirname(p: &mut Proc, arguments: &[String]) -> Ended {
    let given = given!(p, &DIRNAME, arguments, 1);
    if given.operands.is_empty() {
        return misused(p, "missing operand", 1).await;
    }
    let end = if given.has('z') { "\0" } else { "\n" };
    for path in &given.operands {
        let above = parent(path).to_owned();
        p.out(&format!("{above}{end}")).await?;
    }
    Ok(0)
}

/// How much of a path must be there.
#[derive(Clone, Copy, PartialEq, Eq)]
enum There {
    All,
    AllButLast,
    Nothing,
}

/// A path without links, `.` and `..`.
fn canonical(p: &Proc, path: &str, there: There) -> Result<String, Errno> {
    let whole = p.peek(|linux| match there {
        There::All => linux.fs.canonical(&p.cred, &p.cwd, path),
        _ => linux.fs.canonical_new(&p.cred, &p.cwd, path),
    });
    if there != There::Nothing || whole.is_ok() || path.is_empty() {
        return whole;
    }
    // What is not there is taken as it is written.
    let full = if path.starts_with('/') { path.to_owned() } else { join(&p.cwd, path) };
    let mut at = String::from("/");
    for part in full.split('/').filter(|part| !part.is_empty() && *part != ".") {
        let next = if part == ".." { parent(&at).to_owned() } else { join(&at, part) };
        at = p.peek(|linux| linux.fs.canonical_new(&p.cred, "/", &next)).unwrap_or(next);
    }
    Ok(at)
}

const READLINK: Spec = Spec {
    short: "efmnqsvz",
    long: &[
        ("canonicalize", 'f'),
        ("canonicalize-existing", 'e'),
        ("canonicalize-missing", 'm'),
        ("no-newline", 'n'),
        ("quiet", 'q'),
        ("silent", 's'),
        ("verbose", 'v'),
        ("zero", 'z'),
    ],
    gaps: "",
};

async fn readlink(p: &mut Proc, arguments: &[String]) -> Ended {
    let given = given!(p, &READLINK, arguments, 1);
    if given.operands.is_empty() {
        return misused(p, "missing operand", 1).await;
    }
    let several = given.operands.len() > 1;
    if given.has('n') && several {
        p.complain("ignoring --no-newline with multiple arguments").await?;
    }
    let end = match (given.has('z'), given.has('n') && !several) {
        (true, _) => "\0",
        (false, true) => "",
        (false, false) => "\n",
    };
    let mut status = 0;
    for path in &given.operands {
        let text = match given.last_of("efm") {
            Some('e') => canonical(p, path, There::All),
            Some('f') => canonical(p, path, There::AllButLast),
            Some(_) => canonical(p, path, There::Nothing),
            None => p.peek(|linux| linux.fs.readlink(&p.cred, &p.cwd, path).map(str::to_owned)),
        };
        match text {
            Ok(text) => p.out(&format!("{text}{end}")).await?,
            Err(errno) => {
                status = 1;
                if given.last_of("qsv") == Some('v') {
                    refuse(p, &colon(p, path), errno).await?;
                }
            }
        }
    }
    Ok(status)
}

const RELATIVE_TO: char = '\u{10}';
const RELATIVE_BASE: char = '\u{11}';

const REALPATH: Spec = Spec {
    short: "emPqsz",
    long: &[
        ("canonicalize-existing", 'e'),
        ("canonicalize-missing", 'm'),
        ("no-symlinks", 's'),
        ("physical", 'P'),
        ("quiet", 'q'),
        ("relative-base:", RELATIVE_BASE),
        ("relative-to:", RELATIVE_TO),
        ("strip", 's'),
        ("zero", 'z'),
    ],
    gaps: "L --logical",
};

async fn realpath(p: &mut Proc, arguments: &[String]) -> Ended {
    let given = given!(p, &REALPATH, arguments, 1);
    if given.operands.is_empty() {
        return misused(p, "missing operand", 1).await;
    }
    let there = match given.last_of("em") {
        Some('e') => There::All,
        Some(_) => There::Nothing,
        None => There::AllButLast,
    };
    let mut ends = [None, None];
    for (end, letter) in ends.iter_mut().zip([RELATIVE_TO, RELATIVE_BASE]) {
        if let Some(directory) = given.value(letter) {
            *end = match canonical(p, directory, there) {
                Ok(path) => Some(path),
                Err(errno) => return refuse(p, &colon(p, directory), errno).await,
            };
        }
    }
    let [to, base] = ends;
    let is_below = |path: &str, base: &str| Path::new(path).starts_with(base);
    // Where the start is not below the base, nothing is.
    let from = match (to, &base) {
        (Some(to), Some(base)) if !is_below(&to, base) => None,
        (to, base) => to.or_else(|| base.clone()),
    };
    let end = if given.has('z') { "\0" } else { "\n" };
    let mut status = 0;
    for path in &given.operands {
        let text = if given.has('s') {
            let whole = if path.starts_with('/') { path.clone() } else { join(&p.cwd, path) };
            match meta(p, path, true) {
                Err(errno) if there == There::All => Err(errno),
                _ => Ok(normal(&whole)),
            }
        } else {
            canonical(p, path, there)
        };
        match text {
            Ok(text) => {
                let from = from.as_ref().filter(|_| base.as_ref().is_none_or(|base| is_below(&text, base)));
                let text = from.map_or(text.clone(), |from| relative(&text, from));
                p.out(&format!("{text}{end}")).await?;
            }
            Err(errno) => {
                status = 1;
                if !given.has('q') {
                    refuse(p, &colon(p, path), errno).await?;
                }
            }
        }
    }
    Ok(status)
}

/// An absolute path without `.` and `..`, links left as they are.
fn normal(path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/').filter(|part| !part.is_empty() && *part != ".") {
        if part == ".." {
            parts.pop();
        } else {
            parts.push(part);
        }
    }
    format!("/{}", parts.join("/"))
}
