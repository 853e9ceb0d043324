//! `journalctl`: the log as its readers show it. Where `/var/log/journal` is not there, the journal of
//! earlier boots is gone, as journald's `Storage=auto` has it.

use super::catalog;
use super::matches::Matches;
use super::record::{Form, How, shown};
use super::{Options, is_old, stamp, unit_name};
use crate::bash::pattern::Pattern;
use crate::sim::{Instant, Span};
use crate::systems::linux::fs::Cred;
use crate::systems::linux::made_files;
use crate::systems::linux::model::Linux;
use crate::systems::linux::model::log::{Facility, Line};
use crate::systems::linux::proc::{Ended, Proc};
use crate::systems::linux::tools::getopt::Given;
use crate::systems::linux::tools::input::given;
use crate::systems::linux::tools::parse_datetime;
use crate::systems::linux::tools::regex::{self, Regex};

const OPTIONS: Options = Options {
    short: "u:fn::b::kp:S:U:rxeaqt:o:g:NF:l",
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
        ("vacuum-size:", '1'),
        ("vacuum-time:", '2'),
        ("rotate", '3'),
        ("flush", '4'),
        ("grep:", 'g'),
        ("case-sensitive::", 'c'),
        ("field:", 'F'),
        ("fields", 'N'),
        ("system", '7'),
    ],
    gaps: "h --header --user --verify",
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
    matches: Matches,
    /// `--grep`
    pattern: Option<Regex>,
}

impl Wanted {
    fn has(&self, linux: &Linux, line: &Line) -> bool {
        let unit = |wanted: &String| line.unit.as_ref().is_some_and(|unit| is_wanted(unit, wanted));
        (self.units.is_empty() || self.units.iter().any(unit))
            && (self.idents.is_empty() || self.idents.contains(&line.ident))
            && self.boot.is_none_or(|boot| line.boot == boot)
            && (!self.kernel || line.facility == Facility::Kernel)
            && (self.priorities.0..=self.priorities.1).contains(&line.priority)
            && self.since.is_none_or(|since| line.at >= since)
            && self.until.is_none_or(|until| line.at <= until)
            && self.pattern.as_ref().is_none_or(|pattern| pattern.is_match(line.text.as_bytes()))
            && self.matches.have(linux, line)
    }
}

/// Whether a unit's name is a pattern of the shell.
fn is_pattern(name: &str) -> bool {
    name.contains(['*', '?', '['])
}

fn is_wanted(unit: &str, wanted: &str) -> bool {
    unit == wanted || is_pattern(wanted) && Pattern::new(wanted, Default::default()).matches(unit)
}

const PRIORITIES: [&str; 8] = ["emerg", "alert", "crit", "err", "warning", "notice", "info", "debug"];

/// The number of a level by its name or number.
pub fn priority(text: &str) -> Option<u8> {
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
    let given = given!(p, &OPTIONS, &words, |text| p.fail(&text).await);
    // What came with systemd 237.
    if let Some(name) = [('g', "grep"), ('c', "case-sensitive")].into_iter().find(|(letter, _)| given.has(*letter))
        && p.peek(|linux| linux.distro.systemd < Some(237))
    {
        return p.fail(&format!("unrecognized option '--{}'", name.1)).await;
    }
    if given.has('3') || given.has('4') {
        return Ok(0);
    }
    if !may_read(p) {
        if !given.has('q') {
            p.err(HINT).await?;
            let old = is_old(p);
            p.err(if old { OLD_GROUPS } else { GROUPS }).await?;
        }
        p.err("No journal files were opened due to insufficient permissions.\n").await?;
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
        return disk_usage(p).await;
    }
    if given.has('1') || given.has('2') {
        return vacuum(p, &given).await;
    }
    if given.has('F') || given.has('N') {
        return fields(p, given.value('F'), &wanted).await;
    }
    let form = match Form::find(given.value('o').unwrap_or("short")) {
        Some(form) => form,
        None if given.value('o') == Some("help") => return p.gap("journalctl -o help"),
        None => {
            p.err(&format!("Unknown output format '{}'.\n", given.value('o').unwrap_or_default())).await?;
            return Ok(1);
        }
    };
    show(p, &given, &wanted, form).await
}

const HINT: &str = "Hint: You are currently not seeing messages from other users and the system.\n";
const OLD_GROUPS: &str =
    "      Users in the 'systemd-journal' group can see all messages. Pass -q to\n      turn off this notice.\n";
const GROUPS: &str = "      Users in groups 'adm', 'systemd-journal', 'wheel' can see all messages.\n      Pass -q to turn off this notice.\n";

/// Whether the files of the journal are readable: for root, the journal's group and, as the rights of `/run/log/journal` have it
/// from 239 on, those who administer the machine. Users have no files of their own, as where the journal is not kept.
pub fn may_read(p: &Proc) -> bool {
    let groups: &[&str] = if is_old(p) { &["systemd-journal"] } else { &["systemd-journal", "adm", "wheel"] };
    p.cred.is_root()
        || p.peek(|linux| {
            let own =
                |gid: u32| linux.groups().iter().any(|group| group.gid == gid && groups.contains(&group.name.as_str()));
            own(p.cred.gid) || p.cred.groups.iter().any(|gid| own(*gid))
        })
}

/// The size of a journal file: journald makes it larger in steps of 8 MiB; a line takes about so many bytes of it (inferred).
const STEP: u64 = 8 << 20;
const BYTES_OF_LINE: u64 = 700;

/// `--disk-usage`
async fn disk_usage(p: &mut Proc) -> Ended {
    let lines = p.peek(|linux| kept(linux).count() as u64);
    let size = (lines * BYTES_OF_LINE).div_ceil(STEP).max(1) * STEP;
    let place = if is_old(p) { "on disk" } else { "in the file system" };
    p.inferred();
    p.out(&format!("Archived and active journals take up {}.0M {place}.\n", size >> 20)).await?;
    Ok(0)
}

/// Whether a text is a size as systemd reads it: a number, perhaps with a fraction, and the letter of a power of 1024.
fn is_size(text: &str) -> bool {
    let text = text.trim();
    let number = text.strip_suffix(|letter| "BKMGTPE".contains(letter)).unwrap_or(text).trim_end();
    let (whole, part) = number.split_once('.').unwrap_or((number, "0"));
    [whole, part].iter().all(|digits| !digits.is_empty() && digits.bytes().all(|digit| digit.is_ascii_digit()))
}

/// `--vacuum-size` and `--vacuum-time`: only files that are full are removed, of which there is none: the log that is kept
/// here is as large as one.
async fn vacuum(p: &mut Proc, given: &Given) -> Ended {
    let (size, time) = (given.value('1'), given.value('2'));
    let wrong = size.filter(|text| !is_size(text)).map(|text| format!("size: {text}"));
    let wrong = wrong.or_else(|| time.filter(|text| Span::parse(text).is_err()).map(|text| format!("time: {text}")));
    if let Some(wrong) = wrong {
        p.err(&format!("Failed to parse vacuum {wrong}\n")).await?;
        return Ok(1);
    }
    let id = p.world(|world, id| made_files::text(world, id, "linux/machine-id")).trim().to_owned();
    let root = if p.peek(is_persistent) { "/var/log/journal" } else { "/run/log/journal" };
    let places =
        if is_old(p) { vec!["on disk".to_owned()] } else { vec![format!("from {root}/{id}"), format!("from {root}")] };
    p.inferred();
    for place in places {
        p.err(&format!("Vacuuming done, freed 0B of archived journals {place}.\n")).await?;
    }
    Ok(0)
}

/// The lines that are still there.
fn kept(linux: &Linux) -> impl DoubleEndedIterator<Item = &Line> {
    let all = is_persistent(linux);
    linux.log.lines().filter(move |line| all || line.boot == linux.boots)
}

/// `-F`, the values of a field, and `-N`, the names of all.
async fn fields(p: &mut Proc, name: Option<&str>, wanted: &Wanted) -> Ended {
    let mut found: Vec<String> = p.peek(|linux| {
        let lines = kept(linux).filter(|line| wanted.has(linux, line));
        let fields = lines.flat_map(|line| super::record::fields(linux, line));
        match name {
            Some(name) => fields.filter(|(key, _)| *key == name).map(|(_, value)| value).collect(),
            None => fields.map(|(key, _)| key.to_owned()).collect(),
        }
    });
    found.sort();
    found.dedup();
    for value in &found {
        p.out(&format!("{value}\n")).await?;
    }
    Ok(0)
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
            let at = parse_datetime::systemd_time(text, p.now(), &zone);
            at.map(Some).ok_or_else(|| format!("Failed to parse timestamp: {text}"))
        }
    };
    let pattern = match given.value('g') {
        None => None,
        Some(text) => {
            // A pattern without a capital letter means either case.
            let either = match given.value('c') {
                Some(text) => matches!(text, "no" | "false" | "0" | "off"),
                None => !given.has('c') && !text.chars().any(char::is_uppercase),
            };
            Some(regex::extended(text, either).ok_or_else(|| format!("Bad pattern \"{text}\""))?)
        }
    };
    let whole = |name| if is_pattern(name) { name.to_owned() } else { unit_name(name) };
    let units: Vec<String> = given.values('u').map(whole).collect();
    let known = |linux: &Linux| {
        let names = || kept(linux).filter_map(|line| line.unit.as_deref());
        units.iter().any(|wanted| !is_pattern(wanted) || names().any(|unit| is_wanted(unit, wanted)))
    };
    if !units.is_empty() && !p.peek(known) {
        return Err("Failed to add filter for units: No data available".to_owned());
    }
    let matches = Matches::read(p, &given.operands)?;
    Ok(Wanted {
        matches,
        pattern,
        units,
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
        let mut kept = kept(linux).peekable();
        let first = kept.peek().map(|line| line.at);
        let lines: Vec<Line> = kept.filter(|line| wanted.has(linux, line)).cloned().collect();
        (lines, first.zip(linux.log.lines().next_back().map(|line| line.at)))
    });
    if let Some(most) = most {
        lines.drain(..lines.len().saturating_sub(most));
    }
    let told = form.has_heads() && !given.has('q');
    if let Some((first, last)) = span.filter(|_| told) {
        let head = match follows {
            true => format!("-- Logs begin at {}. --\n", stamp(p, first)),
            false => format!("-- Logs begin at {}, end at {}. --\n", stamp(p, first), stamp(p, last)),
        };
        p.out(&head).await?;
    }
    if given.has('r') {
        lines.reverse();
    }
    if lines.is_empty() && !follows && told {
        p.out("-- No entries --\n").await?;
    }
    let how = How { host: !given.has('H'), utc: given.has('Z') };
    let explains = given.has('x') && form.has_heads();
    let below = |p: &Proc, line: &Line| if explains { catalog::explained(p, line) } else { String::new() };
    let mut before = lines.first().map(|line| line.boot);
    for line in &lines {
        if before.replace(line.boot) != Some(line.boot) && told {
            p.out("-- Reboot --\n").await?;
        }
        let text = shown(p, line, form, how) + &below(p, line);
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
            let fresh = linux.log.behind(seen).filter(|line| wanted.has(linux, line)).cloned().collect();
            seen = linux.log.written();
            fresh
        });
        for line in &fresh {
            let text = shown(p, line, form, how) + &below(p, line);
            p.out(&text).await?;
        }
    }
}

async fn list_boots(p: &mut Proc) -> Ended {
    let boots: Vec<(u32, Instant, Instant)> = p.peek(|linux| {
        let mut boots: Vec<(u32, Instant, Instant)> = Vec::new();
        for line in kept(linux) {
            match boots.last_mut() {
                Some((boot, _, last)) if *boot == line.boot => *last = line.at,
                _ => boots.push((line.boot, line.at, line.at)),
            }
        }
        boots
    });
    for (boot, first, last) in &boots {
        let offset = i64::from(*boot) - i64::from(p.peek(|linux| linux.boots));
        let id = p.peek(|linux| linux.boot_id(*boot));
        p.out(&format!("{offset:2} {id} {}—{}\n", stamp(p, *first), stamp(p, *last))).await?;
    }
    Ok(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_those_of_systemd() {
        let check = |text: &str, expect: bool| assert_eq!(is_size(text), expect, "{text:?}");
        check("500M", true);
        check("1.5G", true);
        check("1.5 G", true);
        check("4096", true);
        check("500MB", false);
        check("1.G", false);
        check("M", false);
        check("5xyz", false);
        check("", false);
    }
}
