//! The tables of cron: when their commands come due, and what they run (crontab(5) of cronie 1.4 and 1.5, and of the cron of SLES 11).

use serde::{Deserialize, Serialize};
use time::{Date, Duration, OffsetDateTime};

use super::Linux;
use super::log::{Facility, Line};
use crate::sim::{Instant, Span};
use crate::systems::linux::distro::Vendor;
use crate::systems::linux::fs::{Cred, Ino};

/// The units of the daemon.
pub const UNITS: [&str; 2] = ["crond.service", "cron.service"];

/// Where the jobs of a day, a week and a month lie, which `anacron` runs.
const PERIODS: [&str; 3] = ["/etc/cron.daily", "/etc/cron.weekly", "/etc/cron.monthly"];

/// What the distribution itself runs each hour.
const HOURLY: &str = "/etc/cron.hourly";

/// So many days are looked at for the next one that matches: February may make it wait for four years.
const DAYS: u32 = 4 * 366;

/// What the daemon is at.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cron {
    /// When it looks at its tables next, if it has to.
    pub due: Option<Instant>,
    /// The tables as it has read them: their paths, and when they were changed last. Nothing before it has.
    pub seen: Option<Vec<(String, Instant)>>,
    /// In which life of the machine it has run what is to run at the boot.
    pub booted: u32,
}

impl Cron {
    /// Whether it has nothing to tell.
    #[must_use]
    pub fn is_idle(&self) -> bool {
        *self == Self::default()
    }
}

/// A table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    /// Its path.
    pub path: String,
    /// Whose it is; nobody's where each line names its user.
    pub user: Option<String>,
    /// When it was changed last.
    pub changed: Instant,
    /// Its file.
    pub ino: Ino,
}

/// A line of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// When it comes due.
    pub when: When,
    /// As whom it runs.
    pub user: String,
    /// What it runs, and what it reads.
    pub command: String,
    /// The variables that stand above it.
    pub environment: Vec<(String, String)>,
}

/// When a line comes due: the minutes, hours, days, months and weekdays as bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// When the machine has booted.
    Boot,
    /// At these moments.
    At([u64; 5], bool),
}

/// What is wrong with a table: at which line, and what.
pub type Wrong = (usize, &'static str);

/// The name of each field in messages, its least and its most, and its words.
const FIELDS: [(&str, u32, u32, &[&str]); 5] = [
    ("bad minute", 0, 59, &[]),
    ("bad hour", 0, 23, &[]),
    ("bad day-of-month", 1, 31, &[]),
    ("bad month", 1, 12, &["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]),
    ("bad day-of-week", 0, 7, &["sun", "mon", "tue", "wed", "thu", "fri", "sat"]),
];

/// The bits that a field stands for.
fn bits(text: &str, (_, least, most, names): (&str, u32, u32, &[&str])) -> Option<u64> {
    let number = |word: &str| {
        let named = names.iter().zip(least..).find(|(name, _)| name.eq_ignore_ascii_case(word)).map(|(_, at)| at);
        named.or_else(|| word.parse().ok()).filter(|number| (least..=most).contains(number))
    };
    let mut all = 0;
    for part in text.split(',') {
        let (range, step) = part.split_once('/').map_or((part, Some(1)), |(range, step)| (range, step.parse().ok()));
        let (from, to) = match range.split_once('-') {
            _ if range == "*" => (least, most),
            Some((from, to)) => (number(from)?, number(to)?),
            None => {
                let only = number(range)?;
                (only, if part.contains('/') { return None } else { only })
            }
        };
        let step = step.filter(|step| *step > 0)?;
        if from > to {
            return None;
        }
        all |= (from..=to).step_by(step).fold(0, |bits, at| bits | 1 << at);
    }
    Some(all)
}

/// What a word such as `@daily` stands for.
fn named(word: &str) -> Option<&'static str> {
    Some(match word {
        "@yearly" | "@annually" => "0 0 1 1 *",
        "@monthly" => "0 0 1 * *",
        "@weekly" => "0 0 * * 0",
        "@daily" | "@midnight" => "0 0 * * *",
        "@hourly" => "0 * * * *",
        _ => return None,
    })
}

/// The first word of a text, and the rest.
fn word(text: &str) -> (&str, &str) {
    let text = text.trim_start_matches([' ', '\t']);
    let end = text.find([' ', '\t']).unwrap_or(text.len());
    (&text[..end], &text[end..])
}

impl When {
    /// Reads the fields before a command: they, and what stands behind them.
    fn read(line: &str) -> Result<(Self, &str), &'static str> {
        let (first, rest) = word(line);
        if first == "@reboot" {
            return Ok((Self::Boot, rest));
        }
        if first.starts_with('@') {
            let (when, _) = Self::read(named(first).ok_or("bad time specifier")?)?;
            return Ok((when, rest));
        }
        let (mut all, mut rest, mut star) = ([0; 5], line, false);
        for (field, (at, bound)) in all.iter_mut().zip(FIELDS.into_iter().enumerate()) {
            let (text, behind) = word(rest);
            *field = bits(text, bound).ok_or(bound.0)?;
            star |= matches!(at, 2 | 4) && text.starts_with('*');
            rest = behind;
        }
        // Sunday is the seventh day as well as the first.
        all[4] |= (all[4] >> 7 & 1) | (all[4] & 1) << 7;
        Ok((Self::At(all, star), rest))
    }

    /// Whether it comes due at a minute of the clock. Of the two kinds of days one is enough where both are named.
    fn matches(self, at: OffsetDateTime) -> bool {
        let Self::At([minutes, hours, days, months, weekdays], star) = self else { return false };
        let has = |bits: u64, at: u8| bits >> at & 1 == 1;
        has(minutes, at.minute()) && has(hours, at.hour()) && Self::has_day((days, months, weekdays, star), at)
    }

    fn has_day((days, months, weekdays, star): (u64, u64, u64, bool), at: OffsetDateTime) -> bool {
        let has = |bits: u64, at: u8| bits >> at & 1 == 1;
        let (by_date, by_weekday) = (has(days, at.day()), has(weekdays, at.weekday().number_days_from_sunday()));
        has(months, u8::from(at.month())) && if star { by_date && by_weekday } else { by_date || by_weekday }
    }

    /// The first minute from one of the clock on at which it comes due.
    fn next(self, from: OffsetDateTime) -> Option<OffsetDateTime> {
        let Self::At([_, _, days, months, weekdays], star) = self else { return None };
        let mut at = from;
        for _ in 0..DAYS {
            if Self::has_day((days, months, weekdays, star), at) {
                let today = at.date();
                while at.date() == today {
                    if self.matches(at) {
                        return Some(at);
                    }
                    at += Duration::minutes(1);
                }
            } else {
                at = (at + Duration::days(1)).replace_time(time::Time::MIDNIGHT);
            }
        }
        None
    }
}

/// Reads a table, of a user or of the system.
///
/// # Errors
/// The first line that is none: nothing of the table counts.
pub fn read(text: &str, user: Option<&str>) -> Result<Vec<Entry>, Wrong> {
    let (mut entries, mut environment) = (Vec::new(), Vec::<(String, String)>::new());
    for (line, number) in text.lines().zip(1..) {
        let line = line.trim_start_matches([' ', '\t']);
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        if let Some((name, value)) = assignment(line) {
            environment.retain(|(known, _)| *known != name);
            environment.push((name, value));
            continue;
        }
        let (when, rest) = When::read(line.trim_start_matches('-')).map_err(|wrong| (number, wrong))?;
        let (user, command) = match user {
            Some(user) => (user, rest),
            None => word(rest),
        };
        if user.is_empty() {
            return Err((number, "bad username"));
        }
        let command = command.trim_start_matches([' ', '\t']);
        if command.is_empty() {
            return Err((number, "bad command"));
        }
        let environment = environment.clone();
        entries.push(Entry { when, user: user.to_owned(), command: command.to_owned(), environment });
    }
    Ok(entries)
}

/// A line that sets a variable.
fn assignment(line: &str) -> Option<(String, String)> {
    let bare = |text: &str| {
        let text = text.trim();
        let inner = |quote: char| text.strip_prefix(quote).and_then(|rest| rest.strip_suffix(quote));
        inner('"').or_else(|| inner('\'')).unwrap_or(text).to_owned()
    };
    let (name, value) = line.split_once('=')?;
    let name = bare(name);
    let is_name = name.starts_with(|letter: char| letter.is_ascii_alphabetic() || letter == '_')
        && name.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_');
    is_name.then(|| (name, bare(value)))
}

impl Entry {
    /// What it runs, and what that reads: a `%` is the end of a line, and what stands behind the first is input.
    #[must_use]
    pub fn split(&self) -> (String, String) {
        let mut parts = vec![String::new()];
        let mut letters = self.command.chars().peekable();
        while let Some(letter) = letters.next() {
            let last = parts.len() - 1;
            match letter {
                '\\' if letters.peek() == Some(&'%') => parts[last].extend(letters.next()),
                '%' => parts.push(String::new()),
                _ => parts[last].push(letter),
            }
        }
        let input = parts.split_off(1);
        let input = input.iter().map(|line| format!("{line}\n")).collect();
        (parts.concat(), input)
    }

    /// A variable that stands above it.
    #[must_use]
    pub fn variable(&self, name: &str) -> Option<&str> {
        self.environment.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

impl Linux {
    /// Where the tables of users lie.
    #[must_use]
    pub fn crontabs(&self) -> &'static str {
        if self.distro.vendor == Vendor::Suse { "/var/spool/cron/tabs" } else { "/var/spool/cron" }
    }

    /// One of the programs around cron writes in the log.
    pub fn cron_logs(&mut self, at: Instant, (ident, pid): (&str, Option<u32>), priority: u8, text: String) {
        let (boot, ident) = (self.boots, ident.to_owned());
        self.log(Line { at, boot, facility: Facility::Cron, priority, ident, pid, unit: None, text, host: None });
    }

    /// The unit of the daemon of cron, if it is up.
    #[must_use]
    pub fn cron_unit(&self) -> Option<&'static str> {
        UNITS.into_iter().find(|unit| self.unit_is_up(unit))
    }

    /// The tables: the system's, those of packages, those of users. Names with a dot or a `~` at an end are none.
    #[must_use]
    pub fn cron_tables(&self) -> Vec<Table> {
        let mut all = Vec::new();
        let mut add = |path: String, user: Option<String>, ino: Ino| {
            let node = self.fs.node(ino);
            if !node.is_dir() {
                all.push(Table { path, user, changed: node.mtime, ino });
            }
        };
        if let Ok(ino) = self.fs.lookup(&Cred::ROOT, "/", "/etc/crontab") {
            add("/etc/crontab".to_owned(), None, ino);
        }
        for (dir, personal) in [("/etc/cron.d", false), (self.crontabs(), true)] {
            for (name, ino) in self.listed(dir) {
                let hidden = name.starts_with('.') || name.starts_with('#') || name.ends_with('~');
                let parted = [".rpmsave", ".rpmorig", ".rpmnew"].iter().any(|end| name.ends_with(end));
                if !hidden && !parted {
                    add(format!("{dir}/{name}"), personal.then(|| name.clone()), ino);
                }
            }
        }
        all
    }

    /// The files of a directory, links followed.
    fn listed(&self, dir: &str) -> Vec<(String, Ino)> {
        let Ok(ino) = self.fs.lookup(&Cred::ROOT, "/", dir) else { return Vec::new() };
        let entries = self.fs.node(ino).entries().into_iter().flatten();
        let found = |name: &str| self.fs.lookup(&Cred::ROOT, dir, name).ok();
        entries.filter_map(|(name, _)| Some((name.to_string(), found(name)?))).collect()
    }

    /// What a change of says something new to the daemon: its tables, and the directories around them.
    #[must_use]
    pub fn cron_places(&self) -> Vec<Ino> {
        let dirs = ["/etc", "/etc/cron.d", HOURLY, self.crontabs()].into_iter().chain(PERIODS);
        let dirs = dirs.filter_map(|dir| self.fs.lookup(&Cred::ROOT, "/", dir).ok());
        dirs.chain(self.cron_tables().into_iter().map(|table| table.ino)).collect()
    }

    /// Whether what the distribution runs each hour has nothing to do: nobody has added a job to its own.
    fn is_quiet_hour(&self) -> bool {
        self.listed(HOURLY).iter().all(|(name, _)| name == "0anacron")
            && PERIODS.iter().all(|dir| self.listed(dir).is_empty())
    }

    /// The lines of all tables that are whole, and what is wrong with the others.
    #[must_use]
    pub fn cron_entries(&self) -> (Vec<Entry>, Vec<(Table, Wrong)>) {
        let (mut entries, mut wrong) = (Vec::new(), Vec::new());
        let quiet = self.is_quiet_hour();
        for table in self.cron_tables() {
            if table.user.as_ref().is_some_and(|user| self.user(user).is_none()) {
                continue;
            }
            let text = self.text(&table.path).unwrap_or_default();
            match read(&text, table.user.as_deref()) {
                Ok(own) => entries.extend(own),
                Err(why) => wrong.push((table, why)),
            }
        }
        entries.retain(|entry| !(quiet && entry.command == format!("run-parts {HOURLY}")));
        (entries, wrong)
    }

    /// A moment as the machine's clock shows it, to the minute.
    fn clock_of(&self, at: Instant) -> Option<OffsetDateTime> {
        let clock = self.zone.reads(at.utc().unix_timestamp());
        OffsetDateTime::from_unix_timestamp(clock + i64::from(self.zone.at(clock).offset)).ok()
    }

    /// The lines that come due at a moment.
    #[must_use]
    pub fn cron_due(&self, entries: Vec<Entry>, now: Instant) -> Vec<Entry> {
        let Some(clock) = self.clock_of(now) else { return Vec::new() };
        entries.into_iter().filter(|entry| entry.when.matches(clock)).collect()
    }

    /// The moment at which the daemon wakes at its next minute: a second into it.
    #[must_use]
    pub fn cron_minute(&self, now: Instant) -> Option<Instant> {
        let clock = self.clock_of(now)?;
        let past = i64::from(clock.second());
        let span = if past < 1 { 1 - past } else { 61 - past };
        Some(now + Span::secs(span.unsigned_abs()) - Span::micros(u64::from(now.utc().microsecond())))
    }

    /// When the next line of a table comes due after a moment.
    #[must_use]
    pub fn cron_next(&self, entries: &[Entry], now: Instant) -> Option<Instant> {
        let first = self.cron_minute(now)?;
        let from = self.clock_of(first)?;
        let next = entries.iter().filter_map(|entry| entry.when.next(from)).min()?;
        Some(first + Span::secs((next - from).whole_seconds().unsigned_abs()))
    }
}

impl Linux {
    /// When the jobs of a period (`daily`, `weekly`, `monthly`) ran last, as `anacron` notes it: on a machine on which nobody has
    /// added any, when there would have been a turn, at three in the morning.
    #[must_use]
    pub fn anacron_stamp(&self, period: &str, now: Instant) -> String {
        let Some(clock) = self.clock_of(now) else { return String::new() };
        let day = (clock - Duration::hours(4)).date();
        let day = match period {
            "weekly" => day - Duration::days(i64::from(day.to_julian_day().rem_euclid(7))),
            "monthly" => day.replace_day(1).unwrap_or(day),
            _ => day,
        };
        stamp(day)
    }

    /// The day and the hour that the machine's clock shows.
    #[must_use]
    pub fn today(&self, now: Instant) -> Option<(Date, u8)> {
        self.clock_of(now).map(|clock| (clock.date(), clock.hour()))
    }
}

/// A day as `anacron` notes it.
#[must_use]
pub fn stamp(day: Date) -> String {
    format!("{:04}{:02}{:02}\n", day.year(), u8::from(day.month()), day.day())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_are_read() {
        let check = |text: &str, user: Option<&str>, expect: Result<&[(&str, &str)], Wrong>| {
            let pairs = |all: Vec<Entry>| all.into_iter().map(|entry| (entry.user, entry.command)).collect::<Vec<_>>();
            let owned = |(user, command): &(&str, &str)| ((*user).to_owned(), (*command).to_owned());
            let expect = expect.map(|all| all.iter().map(owned).collect::<Vec<_>>());
            assert_eq!(read(text, user).map(pairs), expect, "{text}");
        };
        check("# x\nA=1\n*/5 * * * * root echo  a\n", None, Ok(&[("root", "echo  a")]));
        check("@daily echo a\n0 0 * jan,mar mon-fri b", Some("bob"), Ok(&[("bob", "echo a"), ("bob", "b")]));
        check("\n60 * * * * x\n", Some("bob"), Err((2, "bad minute")));
        check("0 24 * * * x\n", Some("bob"), Err((1, "bad hour")));
        check("0 0 0 * * x\n", Some("bob"), Err((1, "bad day-of-month")));
        check("0 0 1 13 * x\n", Some("bob"), Err((1, "bad month")));
        check("0 0 1 1 x\n", Some("bob"), Err((1, "bad day-of-week")));
        check("* * * * *\n", Some("bob"), Err((1, "bad command")));
        check("@often x\n", Some("bob"), Err((1, "bad time specifier")));
        let entry = read("* * * * * a\\%b%c%d\n", Some("bob")).expect("a good table").remove(0);
        assert_eq!(entry.split(), ("a%b".to_owned(), "c\nd\n".to_owned()));
    }

    #[test]
    fn lines_come_due() {
        let check = |when: &str, from: &str, expect: Option<&str>| {
            let at = |text: &str| Instant::parse(text).expect("a time").utc().to_offset(time::UtcOffset::UTC);
            let (when, _) = When::read(when).expect("good fields");
            assert_eq!(when.next(at(from)), expect.map(at), "{when:?} from {from}");
        };
        check("* * * * *", "2022-03-14T20:00:00Z", Some("2022-03-14T20:00:00Z"));
        check("30 2 * * *", "2022-03-14T20:00:00Z", Some("2022-03-15T02:30:00Z"));
        check("0 0 29 2 *", "2022-03-14T20:00:00Z", Some("2024-02-29T00:00:00Z"));
        check("0 0 31 2 *", "2022-03-14T20:00:00Z", None);
        // A Monday or the 20th, a Sunday.
        check("0 0 20 * 1", "2022-03-15T00:00:00Z", Some("2022-03-20T00:00:00Z"));
        check("0 0 20 * *", "2022-03-15T00:00:00Z", Some("2022-03-20T00:00:00Z"));
        check("0 6 * * 7", "2022-03-15T00:00:00Z", Some("2022-03-20T06:00:00Z"));
    }
}
