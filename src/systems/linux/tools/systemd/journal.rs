//! `journalctl`, `dmesg`, `logger`: the log as its readers show it. Where `/var/log/journal` is not there, the journal of
//! earlier boots is gone, as journald's `Storage=auto` has it.

use super::{Options, stamp, stamp_in, unit_name};
use crate::sim::{Instant, Span};
use crate::systems::linux::clock;
use crate::systems::linux::fs::Cred;
use crate::systems::linux::model::Linux;
use crate::systems::linux::model::log::{Facility, Line};
use crate::systems::linux::proc::{Ended, Proc};
use crate::systems::linux::tools::dates;
use crate::systems::linux::tools::getopt::Given;

/// How a line is shown.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// As in `/var/log/messages`.
    Short,
    /// The same, with time zone and microseconds left as they are: ISO 8601.
    Iso,
    /// With microseconds.
    Precise,
    /// With seconds since the boot.
    Monotonic,
    /// The text alone.
    Cat,
}

const OPTIONS: Options = Options {
    short: "u:fn::b::kp:S:U:rxeaqt:o:hg:N",
    long: &[
        ("unit:", 'u'),
        ("follow", 'f'),
        ("lines::", 'n'),
        ("boot::", 'b'),
        ("dmesg", 'k'),
        ("priority:", 'p'),
        ("since:", 'S'),
        ("until:", 'U'),
        ("reverse", 'r'),
        ("catalog", 'x'),
        ("pager-end", 'e'),
        ("all", 'a'),
        ("quiet", 'q'),
        ("identifier:", 't'),
        ("output:", 'o'),
        ("no-pager", 'P'),
        ("no-tail", 'T'),
        ("full", 'l'),
        ("list-boots", 'L'),
        ("disk-usage", 'D'),
        ("utc", 'Z'),
        ("no-hostname", 'H'),
        ("help", 'h'),
        ("version", 'V'),
        ("vacuum-size:", '1'),
        ("vacuum-time:", '2'),
        ("rotate", '3'),
        ("flush", '4'),
        ("header", '5'),
        ("grep:", 'g'),
        ("user", '6'),
        ("system", '7'),
    ],
};

/// Whether the journal outlives a boot.
fn is_persistent(linux: &Linux) -> bool {
    linux.fs.lookup(&Cred::ROOT, "/", "/var/log/journal").is_ok()
}

/// What of the log is asked for.
struct Wanted {
    units: Vec<String>,
    idents: Vec<String>,
    boot: Option<u32>,
    kernel: bool,
    priorities: (u8, u8),
    since: Option<Instant>,
    until: Option<Instant>,
}

impl Wanted {
    fn has(&self, line: &Line) -> bool {
        let unit = |unit: &String| line.unit.as_ref() == Some(unit);
        (self.units.is_empty() || self.units.iter().any(unit))
            && (self.idents.is_empty() || self.idents.contains(&line.ident))
            && self.boot.is_none_or(|boot| line.boot == boot)
            && (!self.kernel || line.facility == Facility::Kernel)
            && (self.priorities.0..=self.priorities.1).contains(&line.priority)
            && self.since.is_none_or(|since| line.at >= since)
            && self.until.is_none_or(|until| line.at <= until)
    }
}

const PRIORITIES: [&str; 8] = ["emerg", "alert", "crit", "err", "warning", "notice", "info", "debug"];

fn priority(text: &str) -> Option<u8> {
    let named = PRIORITIES.iter().position(|name| {
        *name == text || (*name == "warning" && text == "warn") || (*name == "err" && text == "error")
    });
    named.and_then(|place| u8::try_from(place).ok()).or_else(|| text.parse().ok().filter(|number| *number < 8))
}

/// `journalctl`
pub async fn journalctl(p: &mut Proc, arguments: &[String]) -> Ended {
    // `-n 5` and `-b -1` take their value from the next word only where it looks like one.
    let mut words: Vec<String> = Vec::new();
    let mut rest = arguments.iter().peekable();
    while let Some(word) = rest.next() {
        let number =
            |next: &&String| next.trim_start_matches(['-', '+']).parse::<u64>().is_ok() || next.as_str() == "all";
        let takes = word.starts_with('-') && !word.starts_with("--") && word.ends_with(['n', 'b'])
            || word == "--lines"
            || word == "--boot";
        match rest.next_if(|next| takes && number(next)) {
            Some(next) if word.starts_with("--") => words.push(format!("{word}={next}")),
            Some(next) => words.push(format!("{word}{next}")),
            None => words.push(word.clone()),
        }
    }
    let given = match OPTIONS.read(&words, false) {
        Ok(given) => given,
        Err(text) => return p.fail(&text).await,
    };
    for (letter, name) in [
        ('h', "--help"),
        ('V', "--version"),
        ('1', "--vacuum-size"),
        ('2', "--vacuum-time"),
        ('5', "--header"),
        ('g', "--grep"),
        ('6', "--user"),
    ] {
        if given.has(letter) {
            return p.gap(&format!("journalctl {name}"));
        }
    }
    if given.has('3') || given.has('4') {
        return Ok(0);
    }
    if let Some(word) = given.operands.first() {
        if word.contains('=') || word.starts_with('/') {
            return p.gap("journalctl with a match");
        }
        p.err(&format!("Failed to add match '{word}': Invalid argument\n")).await?;
        return Ok(1);
    }
    let wanted = match wanted(p, &given) {
        Ok(wanted) => wanted,
        Err(text) => {
            p.err(&format!("{text}\n")).await?;
            return Ok(1);
        }
    };
    if given.has('L') {
        return list_boots(p).await;
    }
    if given.has('D') {
        return p.gap("journalctl --disk-usage");
    }
    let form = match given.value('o').unwrap_or("short") {
        "short" => Form::Short,
        "short-iso" => Form::Iso,
        "short-precise" => Form::Precise,
        "short-monotonic" => Form::Monotonic,
        "cat" => Form::Cat,
        other => return p.gap(&format!("journalctl -o {other}")),
    };
    show(p, &given, &wanted, form).await
}

fn wanted(p: &Proc, given: &Given) -> Result<Wanted, String> {
    let (boots, persistent) = p.peek(|linux| (linux.boots, is_persistent(linux)));
    let mut boot = if persistent { None } else { Some(boots) };
    if given.has('b') || given.has('k') {
        let offset = given.value('b').unwrap_or("0");
        let offset: i64 = match offset {
            "all" => i64::MIN,
            text => text.parse().map_err(|_| format!("Failed to parse relative boot ID number '{text}'"))?,
        };
        if offset != 0 && !persistent {
            return Err("Specifying boot ID or boot offset has no effect, no persistent journal was found.".to_owned());
        }
        boot = match offset {
            i64::MIN => None,
            offset => {
                let number = if offset > 0 { offset } else { i64::from(boots) + offset };
                let number = u32::try_from(number).ok().filter(|number| (1..=boots).contains(number));
                Some(number.ok_or_else(|| {
                    format!("Data from the specified boot ({offset}) is not available: No such boot ID in journal")
                })?)
            }
        };
    }
    let priorities = match given.value('p') {
        None => (0, 7),
        Some(text) => {
            let (from, to) = text.split_once("..").unwrap_or(("0", text));
            let wrong = || format!("Unknown log level {text}");
            (priority(from).ok_or_else(wrong)?, priority(to).ok_or_else(wrong)?)
        }
    };
    let moment = |letter: char| match given.value(letter) {
        None => Ok(None),
        Some(text) => {
            let zone = p.peek(|linux| linux.zone.clone());
            let at = dates::parse(text, p.now(), &zone);
            at.map(Some).ok_or_else(|| format!("Failed to parse timestamp: {text}"))
        }
    };
    Ok(Wanted {
        units: given.values('u').map(unit_name).collect(),
        idents: given.values('t').map(str::to_owned).collect(),
        boot,
        kernel: given.has('k'),
        priorities,
        since: moment('S')?,
        until: moment('U')?,
    })
}

async fn show(p: &mut Proc, given: &Given, wanted: &Wanted, form: Form) -> Ended {
    let follows = given.has('f');
    let most = match given.value('n') {
        Some("all") => None,
        Some(text) => match text.parse::<usize>() {
            Ok(most) => Some(most),
            Err(_) => {
                p.err(&format!("Failed to parse lines '{text}'\n")).await?;
                return Ok(1);
            }
        },
        None if given.has('n') || follows && !given.has('T') => Some(10),
        None if given.has('e') => Some(1_000),
        None => None,
    };
    let (mut lines, span) = p.peek(|linux| {
        let kept = linux.log.lines().filter(|line| is_persistent(linux) || line.boot == linux.boots);
        let mut kept = kept.peekable();
        let first = kept.peek().map(|line| line.at);
        let lines: Vec<Line> = kept.filter(|line| wanted.has(line)).cloned().collect();
        (lines, first.zip(linux.log.lines().next_back().map(|line| line.at)))
    });
    if let Some(most) = most {
        lines.drain(..lines.len().saturating_sub(most));
    }
    if let Some((first, last)) = span.filter(|_| !given.has('q')) {
        let head = match follows {
            true => format!("-- Logs begin at {}. --\n", stamp(p, first)),
            false => format!("-- Logs begin at {}, end at {}. --\n", stamp(p, first), stamp(p, last)),
        };
        p.out(&head).await?;
    }
    if given.has('r') {
        lines.reverse();
    }
    if lines.is_empty() && !follows && !given.has('q') {
        p.out("-- No entries --\n").await?;
    }
    let mut before = lines.first().map(|line| line.boot);
    for line in &lines {
        if before.replace(line.boot) != Some(line.boot) {
            p.out("-- Reboot --\n").await?;
        }
        let text = shown(p, line, form);
        p.out(&text).await?;
        p.tick().await?;
    }
    if !follows {
        return Ok(0);
    }
    // New lines are looked for as often as `tail -f` does it.
    let mut seen = p.peek(|linux| linux.log.written());
    loop {
        p.pass(Span::millis(500)).await?;
        let fresh: Vec<Line> = p.peek(|linux| {
            let fresh = linux.log.behind(seen).filter(|line| wanted.has(line)).cloned().collect();
            seen = linux.log.written();
            fresh
        });
        for line in &fresh {
            let text = shown(p, line, form);
            p.out(&text).await?;
        }
    }
}

async fn list_boots(p: &mut Proc) -> Ended {
    let boots: Vec<(u32, Instant, Instant)> = p.peek(|linux| {
        let mut boots: Vec<(u32, Instant, Instant)> = Vec::new();
        for line in linux.log.lines().filter(|line| is_persistent(linux) || line.boot == linux.boots) {
            match boots.last_mut() {
                Some((boot, _, last)) if *boot == line.boot => *last = line.at,
                _ => boots.push((line.boot, line.at, line.at)),
            }
        }
        boots
    });
    let host = p.peek(|linux| linux.hostname.clone());
    for (boot, first, last) in &boots {
        let offset = i64::from(*boot) - i64::from(p.peek(|linux| linux.boots));
        let id = crate::payload::Sha256::of(format!("{host}\0{boot}").as_bytes()).to_string();
        p.out(&format!("{offset:2} {} {}—{}\n", &id[..32], stamp(p, *first), stamp(p, *last))).await?;
    }
    Ok(0)
}

/// A line as it is shown, with its end.
pub fn shown(p: &Proc, line: &Line, form: Form) -> String {
    let (host, booted) = p.peek(|linux| (linux.hostname.clone(), linux.booted));
    let when = match form {
        Form::Cat => return format!("{}\n", line.text),
        Form::Short => stamp_in(p, line.at, "%b %d %H:%M:%S"),
        Form::Iso => stamp_in(p, line.at, "%Y-%m-%dT%H:%M:%S%z"),
        Form::Precise => {
            let micros = line.at.utc().microsecond();
            format!("{}.{micros:06}", stamp_in(p, line.at, "%b %d %H:%M:%S"))
        }
        Form::Monotonic => {
            let micros = line.at.since(booted).as_micros();
            format!("[{:5}.{:06}]", micros / 1_000_000, micros % 1_000_000)
        }
    };
    let pid = line.pid.map_or(String::new(), |pid| format!("[{pid}]"));
    format!("{when} {host} {}{pid}: {}\n", line.ident, line.text)
}

/// `dmesg`
pub async fn dmesg(p: &mut Proc, arguments: &[String]) -> Ended {
    const OPTIONS: Options = Options {
        short: "TtHwkxl:f:LcCDEn:hV",
        long: &[
            ("ctime", 'T'),
            ("notime", 't'),
            ("human", 'H'),
            ("follow", 'w'),
            ("kernel", 'k'),
            ("decode", 'x'),
            ("level:", 'l'),
            ("color::", 'L'),
            ("nopager", 'P'),
            ("help", 'h'),
            ("version", 'V'),
        ],
    };
    let given = match OPTIONS.read(arguments, false) {
        Ok(given) => given,
        Err(text) => return misused(p, &text).await,
    };
    for letter in "HwxfcCDEnhV".chars() {
        if given.has(letter) {
            return p.gap(&format!("dmesg -{letter}"));
        }
    }
    let levels: Option<Vec<u8>> = given.value('l').map(|list| list.split(',').filter_map(priority).collect());
    let (lines, booted, zone) = p.peek(|linux| {
        let own = linux.log.lines().filter(|line| line.boot == linux.boots && line.facility == Facility::Kernel);
        let own = own.filter(|line| levels.as_ref().is_none_or(|levels| levels.contains(&line.priority)));
        (own.cloned().collect::<Vec<Line>>(), linux.booted, linux.zone.clone())
    });
    for line in lines {
        let text = if given.has('t') {
            format!("{}\n", line.text)
        } else if given.has('T') {
            let at = line.at.utc().unix_timestamp();
            format!("[{}] {}\n", clock::format("%a %b %e %H:%M:%S %Y", at, 0, &zone), line.text)
        } else {
            let micros = line.at.since(booted).as_micros();
            format!("[{:5}.{:06}] {}\n", micros / 1_000_000, micros % 1_000_000, line.text)
        };
        p.out(&text).await?;
    }
    Ok(0)
}

async fn misused(p: &mut Proc, text: &str) -> Ended {
    p.complain(text).await?;
    let name = p.name.clone();
    p.err(&format!("Try '{name} --help' for more information.\n")).await?;
    Ok(1)
}

/// `logger`
pub async fn logger(p: &mut Proc, arguments: &[String]) -> Ended {
    const OPTIONS: Options = Options {
        short: "ip:t:sf:n:P:",
        long: &[("id::", 'i'), ("priority:", 'p'), ("tag:", 't'), ("stderr", 's'), ("file:", 'f'), ("server:", 'n')],
    };
    let given = match OPTIONS.read(arguments, true) {
        Ok(given) => given,
        Err(text) => return misused(p, &text).await,
    };
    if given.has('n') || given.has('f') {
        return p.gap("logger to another place");
    }
    let level = given.value('p').unwrap_or("user.notice");
    let (facility, name) = level.split_once('.').unwrap_or(("user", level));
    let Some(priority) = priority(name) else {
        return p.fail(&format!("unknown priority name: {name}")).await;
    };
    let facility = match facility {
        "kern" => Facility::Kernel,
        "auth" | "authpriv" => Facility::Auth,
        "cron" => Facility::Cron,
        "daemon" => Facility::Daemon,
        "user" | "local0" | "local1" | "local2" | "local3" | "local4" | "local5" | "local6" | "local7" | "mail"
        | "syslog" => Facility::User,
        other => return p.fail(&format!("unknown facility name: {other}")).await,
    };
    let mut texts = vec![given.operands.join(" ")];
    if given.operands.is_empty() {
        let input = p.read_all(0).await?;
        texts = String::from_utf8_lossy(&input).lines().map(str::to_owned).collect();
    }
    let ident = given.value('t').unwrap_or(&p.user).to_owned();
    let pid = given.has('i').then_some(p.pid);
    for text in texts {
        p.tick().await?;
        if given.has('s') {
            let number = pid.map_or(String::new(), |pid| format!("[{pid}]"));
            p.err(&format!("{ident}{number}: {text}\n")).await?;
        }
        let at = p.now();
        let ident = ident.clone();
        p.linux(|linux| {
            let boot = linux.boots;
            linux.log(Line { at, boot, facility, priority, ident, pid, unit: None, text });
        });
    }
    Ok(0)
}

/// The lines that go into a file in `/var/log`.
fn lines_of<'l>(linux: &'l Linux, name: &'l str) -> impl DoubleEndedIterator<Item = &'l Line> {
    linux.log.lines().filter(move |line| match name {
        "secure" => line.facility == Facility::Auth,
        "cron" => line.facility == Facility::Cron,
        _ => !matches!(line.facility, Facility::Auth | Facility::Cron) || linux.distro.systemd.is_none(),
    })
}

/// When the last line of a file in `/var/log` was written.
#[must_use]
pub fn last(linux: &Linux, name: &str) -> Option<Instant> {
    lines_of(linux, name).next_back().map(|line| line.at)
}

/// The text of a file in `/var/log`, as the daemon of the log writes it.
#[must_use]
pub fn file(linux: &Linux, name: &str) -> String {
    let host = linux.hostname.split('.').next().unwrap_or_default();
    let lines = lines_of(linux, name).map(|line| {
        let at = clock::format("%b %e %H:%M:%S", line.at.utc().unix_timestamp(), 0, &linux.zone);
        let pid = line.pid.map_or(String::new(), |pid| format!("[{pid}]"));
        format!("{at} {host} {}{pid}: {}\n", line.ident, line.text)
    });
    lines.collect()
}
