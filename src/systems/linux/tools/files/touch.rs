//! `touch`: times of files.

use super::super::input::{given, misused};
use super::show::{curly, quoted};
use super::{meta, refuse};
use crate::sim::Instant;
use crate::systems::linux::clock::Zone;
use crate::systems::linux::fs::Errno;
use crate::systems::linux::proc::{Ended, Mode, Proc};
use crate::systems::linux::tools::argmatch::argument;
use crate::systems::linux::tools::date::zone;
use crate::systems::linux::tools::getopt::{Given, Spec};
use crate::systems::linux::tools::parse_datetime;
use crate::systems::linux::tools::{Tool, tool};

/// The programs of this file.
pub static TOOLS: &[Tool] = &[tool!("touch", touch)];

const TIME: char = '\u{10}';

const CLI: Spec = Spec {
    short: "acd:fhmr:t:",
    long: &[("date:", 'd'), ("no-create", 'c'), ("no-dereference", 'h'), ("reference:", 'r'), ("time:", TIME)],
    gaps: "",
};

async fn touch(p: &mut Proc, arguments: &[String]) -> Ended {
    let given = given!(p, &CLI, arguments, 1);
    let (mut reads, mut writes) = (given.has('a'), given.has('m'));
    match given.value(TIME) {
        None => {}
        Some("atime" | "access" | "use") => reads = true,
        Some("mtime" | "modify") => writes = true,
        Some(other) => {
            let words = ["atime|access|use", "mtime|modify"];
            let text = argument(Some(other), "--time", &words).err().unwrap_or_default();
            return misused(p, &text, 1).await;
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
        return misused(p, "missing file operand", 1).await;
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
    let zone = zone(p);
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
        let at = |base| {
            parse_datetime::named(text, base, &zone).ok_or_else(|| format!("invalid date format {}", curly(text)))
        };
        times = (at(times.0)?, at(times.1)?);
    }
    if let Some(text) = given.value('t') {
        let at = stamp(text, now, &zone).ok_or_else(|| format!("invalid date format {}", curly(text)))?;
        times = (at, at);
    }
    Ok(times)
}

/// `-t`: `[[CC]YY]MMDDhhmm[.ss]`
fn stamp(text: &str, now: Instant, zone: &Zone) -> Option<Instant> {
    let (digits, seconds) = text.split_once('.').unwrap_or((text, "00"));
    if !digits.bytes().chain(seconds.bytes()).all(|byte| byte.is_ascii_digit()) || seconds.len() != 2 {
        return None;
    }
    let (year, rest) = match digits.len() {
        8 => (now.utc().year(), digits),
        10 => {
            let year: i32 = digits[..2].parse().ok()?;
            (if year < 69 { 2000 + year } else { 1900 + year }, &digits[2..])
        }
        12 => (digits[..4].parse().ok()?, &digits[4..]),
        _ => return None,
    };
    let [month, day, hour, minute] = [0, 2, 4, 6].map(|at| &rest[at..at + 2]);
    // A leap second is taken for the one before.
    let seconds = if seconds == "60" { "59" } else { seconds };
    parse_datetime::named(&format!("{year:04}-{month}-{day} {hour}:{minute}:{seconds}"), now, zone)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stamps_are_read() {
        let now = Instant::parse("2022-03-14T20:00:00Z").expect("a good time");
        let check = |text: &str, expect: Option<&str>| {
            let expect = expect.map(|text| Instant::parse(text).expect("a good time"));
            assert_eq!(stamp(text, now, &Zone::utc()), expect, "{text}");
        };
        check("202001020304.05", Some("2020-01-02T03:04:05Z"));
        check("01020304", Some("2022-01-02T03:04:00Z"));
        check("2001020304", Some("2020-01-02T03:04:00Z"));
        check("13020304", None);
        check("x", None);
    }
}
