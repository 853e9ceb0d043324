//! `touch`: times of files.

use super::cli::{Cli, HELP, VERSION, wrong};
use super::show::{curly, quoted};
use super::{dates, meta, refuse};
use crate::sim::Instant;
use crate::systems::linux::fs::Errno;
use crate::systems::linux::proc::{Ended, Mode, Proc};
use crate::systems::linux::tools::getopt::{Given, Spec};
use crate::systems::linux::tools::{Tool, tool};

/// The programs of this file.
pub static TOOLS: &[Tool] = &[tool!("touch", touch)];

const TIME: char = '\u{10}';

const CLI: Cli = Cli {
    spec: Spec {
        short: "acd:fhmr:t:",
        long: &[
            ("date:", 'd'),
            ("help", HELP),
            ("no-create", 'c'),
            ("no-dereference", 'h'),
            ("reference:", 'r'),
            ("time:", TIME),
            ("version", VERSION),
        ],
    },
    gaps: "",
    wrong: 1,
};

async fn touch(p: &mut Proc, arguments: &[String]) -> Ended {
    let given = match CLI.read(p, arguments).await? {
        Ok(given) => given,
        Err(status) => return Ok(status),
    };
    let (mut reads, mut writes) = (given.has('a'), given.has('m'));
    match given.value(TIME) {
        None => {}
        Some("atime" | "access" | "use") => reads = true,
        Some("mtime" | "modify") => writes = true,
        Some(other) => {
            let words = ["atime|access|use", "mtime|modify"];
            let text = super::listing::argument(Some(other), "--time", &words).err().unwrap_or_default();
            return wrong(p, &text, 1).await;
        }
    }
    if !reads && !writes {
        (reads, writes) = (true, true);
    }
    let (atime, mtime) = match times(p, &given) {
        Ok(times) => times,
        Err(text) => return p.fail(&text).await,
    };
    if given.operands.is_empty() {
        return wrong(p, "missing file operand", 1).await;
    }
    let mut status = 0;
    for path in &given.operands {
        p.tick().await?;
        let follow = !given.has('h');
        if meta(p, path, follow).is_err() {
            if given.has('c') || given.has('h') {
                continue;
            }
            if let Err(errno) = p.open(path, Mode::Append) {
                // A directory's name with a slash behind it cannot be made.
                let name = quoted(p, path);
                let what = if errno == Errno::Isdir { "setting times of" } else { "cannot touch" };
                let errno = if errno == Errno::Isdir { Errno::Noent } else { errno };
                status = refuse(p, &format!("{what} {name}"), errno).await?;
                continue;
            }
        }
        let Ok(stat) = meta(p, path, follow) else { continue };
        let (atime, mtime) = (reads.then_some(atime), writes.then_some(mtime));
        if let Err(errno) = p.fs(|fs, now| fs.set_times(&p.cred, stat.ino, atime, mtime, now)) {
            let name = quoted(p, path);
            let what = if errno == Errno::Acces || errno == Errno::Rofs { "cannot touch" } else { "setting times of" };
            status = refuse(p, &format!("{what} {name}"), errno).await?;
        }
    }
    Ok(status)
}

/// The times that files get.
fn times(p: &Proc, given: &Given) -> Result<(Instant, Instant), String> {
    let now = p.now();
    let zone = p.peek(|linux| linux.zone.offset);
    let sources = ['d', 'r', 't'].iter().filter(|letter| given.has(**letter)).count();
    if sources > 1 && given.has('t') {
        return Err("cannot specify times from more than one source".to_owned());
    }
    let mut times = (now, now);
    if let Some(path) = given.value('r') {
        let stat = meta(p, path, !given.has('h'))
            .map_err(|errno| format!("failed to get attributes of {}: {}", quoted(p, path), errno.text()))?;
        times = (stat.atime, stat.mtime);
    }
    if let Some(text) = given.value('d') {
        let at = |base| dates::parse(text, base, zone).ok_or_else(|| format!("invalid date format {}", curly(text)));
        times = (at(times.0)?, at(times.1)?);
    }
    if let Some(text) = given.value('t') {
        let at = dates::stamp(text, now, zone).ok_or_else(|| format!("invalid date format {}", curly(text)))?;
        times = (at, at);
    }
    Ok(times)
}
