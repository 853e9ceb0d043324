//! Programs about time: `date` (coreutils), `sleep`, `timedatectl` (systemd).

use super::argmatch::argument;
use super::getopt::{NOTHING, Spec as Options};
use super::input::{self, given, misused};
use super::{Tool, busybox, parse_datetime, quotes, tool};
use crate::sim::Span;
use crate::systems::linux::clock::{self, Zone, zones};
use crate::systems::linux::fs::{Cred, Errno};
use crate::systems::linux::proc::{Ended, Proc};
use crate::systems::linux::tools::systemd::stamp_in;

/// The programs of this file.
pub static TOOLS: &[Tool] =
    &[tool!("date", date), tool!("sleep", sleep), tool!("timedatectl", timedatectl), tool!("hwclock", hwclock)];

/// The zone in which a program shows time: `TZ`, or the machine's.
pub fn zone(p: &Proc) -> Zone {
    p.peek(|linux| Zone::named(p.env("TZ"), &linux.zone))
}

async fn date(p: &mut Proc, arguments: &[String]) -> Ended {
    const OPTIONS: Options = Options {
        short: "d:f:I::Rr:s:u",
        long: &[
            ("date:", 'd'),
            ("file:", 'f'),
            ("iso-8601::", 'I'),
            ("rfc-email", 'R'),
            ("rfc-2822", 'R'),
            ("rfc-822", 'R'),
            ("rfc-3339:", '3'),
            ("reference:", 'r'),
            ("set:", 's'),
            ("utc", 'u'),
            ("universal", 'u'),
            ("uct", 'u'),
        ],
        gaps: "--debug",
    };
    let given = given!(p, &OPTIONS, arguments, 1);
    let sources = ['d', 'f', 'r'].into_iter().filter(|source| given.has(*source)).count();
    if sources > 1 {
        return misused(p, "the options to specify dates for printing are mutually exclusive", 1).await;
    }
    if let Some(word) = given.operands.get(1) {
        return misused(p, &format!("extra operand ‘{word}’"), 1).await;
    }
    let mut form = None;
    if let Some(word) = given.operands.first() {
        let Some(text) = word.strip_prefix('+') else {
            return match sources {
                0 if word.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.') => p.gap("date that sets the clock"),
                0 => p.fail(&format!("invalid date ‘{word}’")).await,
                _ => misused(p, &format!("the argument ‘{word}’ lacks a leading '+';\nwhen using an option to specify date(s), any non-option\nargument must be a format string beginning with '+'"), 1).await,
            };
        };
        form = Some(text.to_owned());
    }
    let form = match (form, given.last_of("IR3")) {
        (Some(_), Some(_)) => return p.fail("multiple output formats specified").await,
        (Some(form), None) => form,
        (None, Some('R')) => "%a, %d %b %Y %H:%M:%S %z".to_owned(),
        (None, Some('I')) => {
            const FORMS: [(&str, &str); 5] = [
                ("hours", "%Y-%m-%dT%H%:z"),
                ("minutes", "%Y-%m-%dT%H:%M%:z"),
                ("date", "%Y-%m-%d"),
                ("seconds", "%Y-%m-%dT%H:%M:%S%:z"),
                ("ns", "%Y-%m-%dT%H:%M:%S,%N%:z"),
            ];
            match chosen(&FORMS, "--iso-8601", given.value('I').unwrap_or("date")) {
                Ok(form) => form.to_owned(),
                Err(text) => return misused(p, &text, 1).await,
            }
        }
        (None, Some(_)) => {
            const FORMS: [(&str, &str); 3] =
                [("date", "%Y-%m-%d"), ("seconds", "%Y-%m-%d %H:%M:%S%:z"), ("ns", "%Y-%m-%d %H:%M:%S.%N%:z")];
            match chosen(&FORMS, "--rfc-3339", given.value('3').unwrap_or_default()) {
                Ok(form) => form.to_owned(),
                Err(text) => return misused(p, &text, 1).await,
            }
        }
        (None, None) => "%a %b %e %H:%M:%S %Z %Y".to_owned(),
    };
    let zone = zone(p);
    let zone = if given.has('u') { Zone::utc().by_clock_of(&zone) } else { zone };
    let now = p.now().utc();
    if let Some(text) = given.value('s') {
        let (reads, plain) = (zone.reads(now.unix_timestamp()), zone.without_clock());
        let Some((wanted, _)) = parse_datetime::read(text, (reads, now.nanosecond()), &plain) else {
            return p.fail(&format!("invalid date ‘{text}’")).await;
        };
        if !p.cred.is_root() {
            p.complain("cannot set date: Operation not permitted").await?;
        } else {
            p.world(|world, id| world.set_clock(id, wanted.saturating_sub(now.unix_timestamp())));
        }
        p.out(&format!("{}\n", clock::format(&form, wanted, 0, &plain))).await?;
        return Ok(u8::from(!p.cred.is_root()));
    }
    // What the clock shows is shown by the zone alone.
    let (now, from_clock) = ((zone.reads(now.unix_timestamp()), now.nanosecond()), zone);
    let zone = from_clock.without_clock();
    if let Some(file) = given.value('f') {
        return each_line(p, file, |text| {
            let (seconds, nanos) = parse_datetime::read(text, now, &zone)?;
            Some(clock::format(&form, seconds, nanos, &zone))
        })
        .await;
    }
    let (seconds, nanos) = match (given.value('d'), given.value('r')) {
        (Some(text), _) => match parse_datetime::read(text, now, &zone) {
            Some(moment) => moment,
            None => return p.fail(&format!("invalid date ‘{text}’")).await,
        },
        (None, Some(path)) => match p.lookup(path) {
            Ok(ino) => {
                let at = p.peek(|linux| linux.fs.node(ino).mtime).utc();
                (from_clock.reads(at.unix_timestamp()), at.nanosecond())
            }
            Err(errno) => return p.fail(&format!("{path}: {}", errno.text())).await,
        },
        (None, None) => now,
    };
    let text = clock::format(&form, seconds, nanos, &zone);
    p.out(&format!("{text}\n")).await?;
    Ok(0)
}

/// `date -f`: one date for each line of a file.
async fn each_line(p: &mut Proc, file: &str, shown: impl Fn(&str) -> Option<String>) -> Ended {
    let text = match input::read_all(p, file).await? {
        Ok(text) => String::from_utf8_lossy(&text).into_owned(),
        Err(errno) => return p.fail(&format!("{file}: {}", errno.text())).await,
    };
    let mut status = 0;
    for line in text.lines() {
        match shown(line) {
            Some(text) => p.out(&format!("{text}\n")).await?,
            None => status = p.fail(&format!("invalid date ‘{line}’")).await?,
        }
    }
    Ok(status)
}

/// The form of a word, or of its beginning.
fn chosen(forms: &[(&'static str, &'static str)], option: &str, word: &str) -> Result<&'static str, String> {
    let words: Vec<&str> = forms.iter().map(|(name, _)| *name).collect();
    let word = argument(Some(word), option, &words)?;
    Ok(forms.iter().find(|(name, _)| *name == word).map_or("", |(_, form)| form))
}

/// A span as `sleep` and `timeout` read it: a number with a fraction, and `s`, `m`, `h` or `d`.
#[must_use]
pub fn span(text: &str) -> Option<Span> {
    let (number, factor) = match text.as_bytes().last()? {
        b's' => (&text[..text.len() - 1], 1_000_000),
        b'm' => (&text[..text.len() - 1], 60_000_000),
        b'h' => (&text[..text.len() - 1], 3_600_000_000),
        b'd' => (&text[..text.len() - 1], 86_400_000_000_u64),
        _ => (text, 1_000_000),
    };
    let (whole, part) = number.split_once('.').unwrap_or((number, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if number == "infinity" || number == "inf" {
        return Some(Span::micros(u64::MAX));
    }
    if !digits(whole) || !digits(part) || whole.is_empty() && part.is_empty() {
        return None;
    }
    let whole: u64 = if whole.is_empty() { 0 } else { whole.parse().unwrap_or(u64::MAX) };
    let part: u64 = format!("{part:0<6.6}").parse().ok()?;
    Some(Span::micros(whole.saturating_mul(factor).saturating_add(part.saturating_mul(factor / 1_000_000))))
}

async fn sleep(p: &mut Proc, arguments: &[String]) -> Ended {
    let given = given!(p, &NOTHING, arguments, 1);
    if given.operands.is_empty() {
        return misused(p, "missing operand", 1).await;
    }
    let mut total = Span::ZERO;
    let mut wrong = false;
    for text in &given.operands {
        match span(text) {
            Some(span) => total = total + span,
            None => {
                p.complain(&format!("invalid time interval ‘{text}’")).await?;
                wrong = true;
            }
        }
    }
    if wrong {
        if !busybox::is_applet(p, &p.name) {
            let text = quotes::try_help(p);
            p.err(&text).await?;
        }
        return Ok(1);
    }
    p.pass(total).await?;
    Ok(0)
}

async fn timedatectl(p: &mut Proc, arguments: &[String]) -> Ended {
    let words: Vec<&str> = arguments.iter().map(String::as_str).filter(|word| *word != "--no-pager").collect();
    match words[..] {
        [] | ["status"] => {
            let text = shown(p);
            p.inferred();
            p.out(&text).await?;
            Ok(0)
        }
        ["list-timezones"] => {
            for name in zones::names() {
                p.out(&format!("{name}\n")).await?;
            }
            p.inferred();
            Ok(0)
        }
        ["set-timezone", name] => set_zone(p, name).await,
        ["set-timezone"] => {
            p.err("Too few arguments.\n").await?;
            Ok(1)
        }
        ["set-ntp", value] => {
            let on = matches!(value, "yes" | "true" | "1" | "on");
            if !on && !matches!(value, "no" | "false" | "0" | "off") {
                p.err(&format!("Failed to parse NTP setting: {value}\n")).await?;
                return Ok(1);
            }
            let verb = if on { "start" } else { "stop" };
            let unit = ntp_unit(p);
            p.world(|world, id| match verb {
                "start" => crate::systems::linux::events::start_unit(world, id, unit),
                _ => crate::systems::linux::events::stop_unit(world, id, unit),
            });
            let now = p.now();
            let _ = p.linux(|linux| linux.set_enabled(unit, on, now));
            Ok(0)
        }
        ["set-time" | "set-local-rtc", ..] => p.gap(&format!("timedatectl {}", words[0])),
        [option, ..] if option.starts_with('-') => p.gap(&format!("timedatectl {option}")),
        [verb, ..] => {
            p.err(&format!("Unknown operation {verb}.\n")).await?;
            Ok(1)
        }
    }
}

/// Who keeps the clock.
fn ntp_unit(p: &Proc) -> &'static str {
    if p.peek(|linux| linux.unit("chronyd.service").is_some()) { "chronyd.service" } else { "ntpd.service" }
}

fn shown(p: &Proc) -> String {
    let now = p.now();
    let zone = p.peek(|linux| linux.zone.clone());
    let utc = |form: &str| clock::format(form, now.utc().unix_timestamp(), 0, &Zone::utc().by_clock_of(&zone));
    let local = stamp_in(p, now, "%a %Y-%m-%d %H:%M:%S %Z");
    let here = stamp_in(p, now, "%Z, %z");
    let up = p.peek(|linux| linux.unit_is_up(ntp_unit_of(linux)));
    let (title, rtc) = (zone.title().to_owned(), utc("%a %Y-%m-%d %H:%M:%S"));
    let all = format!(
        "Local time: {local}\nUniversal time: {}\nRTC time: {rtc}\nTime zone: {title} ({here})\n",
        utc("%a %Y-%m-%d %H:%M:%S UTC")
    );
    let rest = if p.peek(|linux| linux.distro.systemd == Some(219)) {
        format!(
            "NTP enabled: {0}\nNTP synchronized: {0}\nRTC in local TZ: no\nDST active: {1}\n",
            if up { "yes" } else { "no" },
            if zone.at(now.utc().unix_timestamp()).offset == zone.offset && zone.place.is_empty() {
                "n/a"
            } else if zone.at(now.utc().unix_timestamp()).offset == zone.offset {
                "no"
            } else {
                "yes"
            }
        )
    } else {
        format!(
            "System clock synchronized: {}\nNTP service: {}\nRTC in local TZ: no\n",
            if up { "yes" } else { "no" },
            if up { "active" } else { "inactive" }
        )
    };
    let rows: Vec<(&str, &str)> = all.lines().chain(rest.lines()).filter_map(|line| line.split_once(": ")).collect();
    let widest = rows.iter().map(|(key, _)| key.len()).max().unwrap_or(0);
    let widest = if p.peek(|linux| linux.distro.systemd == Some(219)) { widest } else { widest.max(25) };
    rows.iter().map(|(key, value)| format!("{key:>widest$}: {value}\n")).collect()
}

fn ntp_unit_of(linux: &crate::systems::linux::model::Linux) -> &'static str {
    if linux.unit("chronyd.service").is_some() { "chronyd.service" } else { "ntpd.service" }
}

async fn set_zone(p: &mut Proc, name: &str) -> Ended {
    if !p.cred.is_root() {
        p.err("Failed to set time zone: Interactive authentication required.\n").await?;
        return Ok(1);
    }
    let Some(zone) = zones::find(name) else {
        p.err(&format!("Failed to set time zone: Invalid time zone '{name}'\n")).await?;
        return Ok(1);
    };
    p.linux(|linux| linux.zone = zone.by_clock_of(&linux.zone));
    let link = "/etc/localtime";
    let target = format!("../usr/share/zoneinfo/{name}");
    let _ = p.fs(|fs, now| {
        match fs.unlink(&Cred::ROOT, "/", link, now) {
            Ok(()) | Err(Errno::Noent) => {}
            Err(errno) => return Err(errno),
        }
        let link = fs.symlink(&Cred::ROOT, "/", &target, link, now)?;
        let label = fs.lookup(&Cred::ROOT, "/", "/usr/share/zoneinfo").ok().and_then(|dir| fs.node(dir).label.clone());
        fs.set_label(link, label);
        Ok(())
    });
    Ok(0)
}

async fn hwclock(p: &mut Proc, arguments: &[String]) -> Ended {
    if !matches!(arguments, [] | [_]) || arguments.first().is_some_and(|word| !matches!(word.as_str(), "-r" | "--show"))
    {
        return p.gap(&format!("hwclock {}", arguments.join(" ")));
    }
    // Before 2.32 the clock was told in words, and how long its second had lasted.
    let new = p.peek(|linux| linux.distro.has("util-linux", (2, 32, 0)));
    if new {
        let text = stamp_in(p, p.now(), "%Y-%m-%d %H:%M:%S.%6N%:z");
        p.out(&format!("{text}\n")).await?;
        return Ok(0);
    }
    let text = stamp_in(p, p.now(), "%a %d %b %Y %I:%M:%S %p %Z");
    let waited = p.now().utc().unix_timestamp().rem_euclid(997) * 1_003;
    p.inferred();
    p.out(&format!("{text}  -0.{waited:06} seconds\n")).await?;
    Ok(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_read_as_sleep_reads_them() {
        let check = |text: &str, expect: Option<u64>| assert_eq!(span(text).map(Span::as_micros), expect, "{text}");
        check("5", Some(5_000_000));
        check("0.5", Some(500_000));
        check(".25s", Some(250_000));
        check("1m", Some(60_000_000));
        check("1.5h", Some(5_400_000_000));
        check("x", None);
        check("", None);
        check("-1", None);
        check("5x", None);
    }
}
