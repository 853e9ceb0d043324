//! `dmesg`: what the kernel has written since the boot (util-linux; the layouts are those of 2.23 and 2.32).

use super::Options;
use super::journal::priority;
use crate::sim::{Instant, Span};
use crate::systems::linux::clock::{self, Zone};
use crate::systems::linux::model::Linux;
use crate::systems::linux::model::log::{Facility, Line};
use crate::systems::linux::proc::{Ended, Proc};
use crate::systems::linux::tools::input::given;

/// How the time of a line is shown.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Time {
    /// Seconds since the boot.
    Boot,
    /// Not at all.
    None,
    /// As `date` shows it.
    Clock,
    /// The minute where it is a new one, else the seconds since the line before.
    Relative,
}

/// `dmesg`
pub async fn dmesg(p: &mut Proc, arguments: &[String]) -> Ended {
    const OPTIONS: Options = Options {
        short: "TteHwkxl:f:LP",
        long: &[
            ("ctime", 'T'),
            ("notime", 't'),
            ("reltime", 'e'),
            ("human", 'H'),
            ("follow", 'w'),
            ("kernel", 'k'),
            ("decode", 'x'),
            ("level:", 'l'),
            ("facility:", 'f'),
            ("color::", 'L'),
            ("nopager", 'P'),
        ],
        gaps: "F: p r S s: u d --buffer-size: --clear --console-level: --console-off --console-on --file: --syslog \
               --raw --read-clear --show-delta --noescape --userspace --time-format: c C D E n: h V",
    };
    if p.peek(Linux::is_host) {
        return ring(p, arguments).await;
    }
    let given = given!(p, &OPTIONS, arguments, 1);
    let mut levels: Option<Vec<u8>> = None;
    for name in given.values('l').flat_map(|list| list.split(',')) {
        let Some(level) = priority(name) else { return p.fail(&format!("unknown level '{name}'")).await };
        levels.get_or_insert_default().push(level);
    }
    let others = given.values('f').flat_map(|list| list.split(',')).all(|facility| facility != "kern");
    if given.has('f') && others {
        // Only the kernel writes here.
        return Ok(0);
    }
    let time = match given.last_of("tTeH") {
        Some('t') => Time::None,
        Some('T') => Time::Clock,
        Some(_) => Time::Relative,
        None => Time::Boot,
    };
    let wanted = |linux: &Linux, line: &Line| {
        line.boot == linux.boots
            && line.facility == Facility::Kernel
            && levels.as_ref().is_none_or(|levels| levels.contains(&line.priority))
    };
    let (lines, mut seen) = p.peek(|linux| {
        let own: Vec<Line> = linux.log.lines().filter(|line| wanted(linux, line)).cloned().collect();
        (own, linux.log.written())
    });
    let mut before = None;
    for line in &lines {
        let text = shown(p, line, (time, given.has('x')), &mut before);
        p.out(&text).await?;
        p.tick().await?;
    }
    while given.has('w') {
        p.pass(Span::millis(500)).await?;
        let fresh: Vec<Line> = p.peek(|linux| {
            let fresh = linux.log.behind(seen).filter(|line| wanted(linux, line)).cloned().collect();
            seen = linux.log.written();
            fresh
        });
        for line in &fresh {
            let text = shown(p, line, (time, given.has('x')), &mut before);
            p.out(&text).await?;
        }
    }
    Ok(0)
}

/// That of ESXi, which shows the lines as they stand in the log.
async fn ring(p: &mut Proc, arguments: &[String]) -> Ended {
    if !arguments.is_empty() {
        return p.gap(&format!("dmesg {}", arguments.join(" ")));
    }
    p.inferred();
    let text = p.peek(Linux::host_ring);
    p.out(&text).await?;
    Ok(0)
}

/// A line as it is shown, with its end; `before` is the moment of the one before.
fn shown(p: &Proc, line: &Line, (time, decodes): (Time, bool), before: &mut Option<Instant>) -> String {
    let (booted, zone) = p.peek(|linux| (linux.booted, linux.zone.clone()));
    let seconds = |at: Instant| at.utc().unix_timestamp();
    let level = ["emerg", "alert", "crit", "err", "warn", "notice", "info", "debug"];
    let level = level.get(usize::from(line.priority)).copied().unwrap_or("debug");
    let decoded = if decodes { format!("{:<6}:{level:<6}: ", "kern") } else { String::new() };
    let last = before.replace(line.at);
    let stamp = match time {
        Time::None => String::new(),
        Time::Clock => format!("[{}] ", clock::format("%a %b %e %H:%M:%S %Y", seconds(line.at), 0, &zone)),
        Time::Boot => {
            let micros = line.at.since(booted).as_micros();
            format!("[{:5}.{:06}] ", micros / 1_000_000, micros % 1_000_000)
        }
        Time::Relative => relative(line.at, last, &zone),
    };
    format!("{decoded}{stamp}{}\n", line.text)
}

/// The minute, or how long after the line before.
fn relative(at: Instant, last: Option<Instant>, zone: &Zone) -> String {
    let minute = |at: Instant| clock::format("%b%e %H:%M", at.utc().unix_timestamp(), 0, zone);
    match last {
        Some(last) if minute(last) == minute(at) => {
            let micros = at.since(last).as_micros();
            let delta = format!("+{}.{:06}", micros / 1_000_000, micros % 1_000_000);
            format!("[{delta:>11}] ")
        }
        _ => format!("[{}] ", minute(at)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_told_by_the_minute_and_then_by_what_has_passed() {
        let at = |text: &str| Instant::parse(text).expect("a time");
        let check = |now: &str, last: Option<&str>, expect: &str| {
            assert_eq!(relative(at(now), last.map(at), &Zone::utc()), expect, "{now}");
        };
        check("2022-03-05T15:48:00Z", None, "[Mar 5 15:48] ");
        check("2022-03-05T15:48:02.5Z", Some("2022-03-05T15:48:01Z"), "[  +1.500000] ");
        check("2022-03-05T15:48:22.5Z", Some("2022-03-05T15:48:01Z"), "[ +21.500000] ");
        check("2022-03-15T15:49:00Z", Some("2022-03-15T15:48:59Z"), "[Mar15 15:49] ");
    }
}
