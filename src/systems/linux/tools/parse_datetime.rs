//! Texts that name a moment, as `date -d` and `touch -d` read them (GNU parse_datetime): dates, times of day, zones, days of
//! the week, and sums of relative spans. `journalctl --since` reads the same and a few words of systemd.time(7).

use time::{Date, Month, OffsetDateTime, Weekday};

use crate::sim::{Instant, Span};
use crate::systems::linux::clock::Zone;

/// A moment in seconds since 1970 and nanoseconds.
pub type Moment = (i64, u32);

/// What a text has named so far.
#[derive(Default)]
struct Named {
    date: Option<(i32, u8, u8)>,
    time: Option<(u8, u8, u8, u32)>,
    offset: Option<i32>,
    weekday: Option<(Weekday, i64)>,
    months: i64,
    days: i64,
    seconds: i64,
    midnight: bool,
    /// The relative span that stands last, for `ago`.
    last: Vec<(Unit, i64)>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Unit {
    Second,
    Minute,
    Hour,
    Day,
    Week,
    Month,
    Year,
}

/// The moment that a text names, seen from `now`; nothing where it names none.
#[must_use]
pub fn read(text: &str, now: Moment, zone: &Zone) -> Option<Moment> {
    let text = text.trim();
    if let Some(number) = text.strip_prefix('@') {
        let (whole, part) = number.split_once('.').unwrap_or((number, ""));
        return Some((whole.parse().ok()?, fraction(part)?));
    }
    let mut named = Named::default();
    let words = split(text)?;
    named.midnight = words.is_empty();
    let mut at = 0;
    while at < words.len() {
        at += take(&mut named, &words[at..])?;
    }
    resolve(&named, now, zone)
}

/// Digits behind a point as nanoseconds.
fn fraction(digits: &str) -> Option<u32> {
    if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    format!("{:0<9.9}", digits).parse().ok()
}

/// Words, in lower case; what is joined by `T` or stands between digits and letters is taken apart.
fn split(text: &str) -> Option<Vec<String>> {
    const LONGEST: usize = 200;
    if text.len() > LONGEST {
        return None;
    }
    let lower = text.to_ascii_lowercase().replace(',', " ");
    let mut words = Vec::new();
    for word in lower.split_whitespace() {
        let mut rest = word;
        // 2022-03-14T20:00:00Z
        if let Some((date, time)) = word.split_once('t')
            && date.len() >= 8
            && date.starts_with(|c: char| c.is_ascii_digit())
            && time.starts_with(|c: char| c.is_ascii_digit())
        {
            words.push(date.to_owned());
            rest = time;
        }
        // A time with its zone: 20:00+02:00, 20:00z, 8pm.
        if rest.contains(':') && !rest.starts_with(['+', '-']) {
            let end = rest.find(|c: char| !(c.is_ascii_digit() || c == ':' || c == '.')).unwrap_or(rest.len());
            words.push(rest[..end].to_owned());
            rest = &rest[end..];
        } else if !rest.contains(['-', '/']) || rest.starts_with('-') {
            // 2days, +3hours, 8pm
            let sign = usize::from(rest.starts_with(['+', '-']));
            let digits = sign + rest[sign..].bytes().take_while(u8::is_ascii_digit).count();
            if digits > sign && rest[digits..].starts_with(|c: char| c.is_ascii_alphabetic()) {
                words.push(rest[..digits].to_owned());
                rest = &rest[digits..];
            }
        }
        if !rest.is_empty() {
            words.push(rest.to_owned());
        }
    }
    Some(words)
}

/// Takes what the first words name: how many they were.
fn take(named: &mut Named, words: &[String]) -> Option<usize> {
    let word = words[0].as_str();
    let next = words.get(1).map(String::as_str);
    if word == "+" || word == "-" {
        // A sign that stands alone belongs to the number behind it.
        let joined = format!("{word}{}", next?);
        let mut rest = vec![joined];
        rest.extend(words[2..].iter().cloned());
        return Some(take(named, &rest)? + 1);
    }
    if let Some(time) = time(word) {
        named.time = Some(time);
        return match next {
            Some(half @ ("am" | "pm" | "a.m." | "p.m.")) => {
                named.time = Some(twelve(time, half.starts_with('p'))?);
                Some(2)
            }
            Some(zone) if zone.starts_with(['+', '-']) && offset(zone).is_some() => {
                named.offset = offset(zone);
                Some(2)
            }
            _ => Some(1),
        };
    }
    if let Some(date) = date(word) {
        named.date = Some(date);
        return Some(1);
    }
    if let Some(month) = month(word) {
        let day: u8 = next?.parse().ok()?;
        let year =
            words.get(2).and_then(|year| year.parse().ok()).filter(|_| words.get(2).is_some_and(|w| w.len() == 4));
        named.date = Some((year.unwrap_or(0), month, day));
        return Some(if year.is_some() { 3 } else { 2 });
    }
    if let Some(step) = simple(named, word, next) {
        return Some(step);
    }
    number(named, words)
}

/// Words that stand for themselves.
fn simple(named: &mut Named, word: &str, next: Option<&str>) -> Option<usize> {
    match word {
        "now" | "today" => {}
        "yesterday" => named.days -= 1,
        "tomorrow" => named.days += 1,
        "midnight" => named.midnight = true,
        "noon" => named.time = Some((12, 0, 0, 0)),
        "ago" => {
            for (unit, count) in std::mem::take(&mut named.last) {
                add(named, unit, count.checked_mul(-2)?)?;
            }
        }
        "z" | "utc" | "gmt" => named.offset = Some(0),
        "est" => named.offset = Some(-18_000),
        "edt" => named.offset = Some(-14_400),
        "cst" => named.offset = Some(-21_600),
        "pst" => named.offset = Some(-28_800),
        "cet" => named.offset = Some(3_600),
        "cest" => named.offset = Some(7_200),
        "next" | "last" | "this" => {
            let count = match word {
                "next" => 1,
                "last" => -1,
                _ => 0,
            };
            let next = next?;
            if let Some(weekday) = weekday(next) {
                named.weekday = Some((weekday, count));
                return Some(2);
            }
            add(named, unit(next)?, count)?;
            return Some(2);
        }
        "am" | "pm" => {
            let time = named.time?;
            named.time = Some(twelve(time, word == "pm")?);
        }
        word => {
            if let Some(weekday) = weekday(word) {
                named.weekday = Some((weekday, 0));
                return Some(1);
            }
            add(named, unit(word)?, 1)?;
            named.last.push((unit(word)?, 1));
        }
    }
    Some(1)
}

/// A number with what it counts, a day before a month, a year, or an offset.
fn number(named: &mut Named, words: &[String]) -> Option<usize> {
    let word = words[0].as_str();
    let next = words.get(1).map(String::as_str);
    let count: i64 = word.strip_prefix('+').unwrap_or(word).parse().ok()?;
    if let Some(unit) = next.and_then(unit) {
        add(named, unit, count)?;
        named.last.push((unit, count));
        return Some(2);
    }
    if let Some(half @ ("am" | "pm")) = next {
        named.time = Some(twelve((u8::try_from(count).ok()?, 0, 0, 0), half == "pm")?);
        return Some(2);
    }
    if let Some(month) = next.and_then(month) {
        let year = words.get(2).filter(|year| year.len() == 4).and_then(|year| year.parse().ok());
        named.date = Some((year.unwrap_or(0), month, u8::try_from(count).ok()?));
        return Some(if year.is_some() { 3 } else { 2 });
    }
    if word.starts_with(['+', '-']) && named.time.is_some() && named.offset.is_none() {
        named.offset = Some(offset(word)?);
        return Some(1);
    }
    match (word.len(), named.date, named.time) {
        (8, None, _) => {
            let part = |range: std::ops::Range<usize>| word.get(range)?.parse::<u16>().ok();
            named.date =
                Some((i32::from(part(0..4)?), u8::try_from(part(4..6)?).ok()?, u8::try_from(part(6..8)?).ok()?));
        }
        (4, Some((_, month, day)), Some(_)) => named.date = Some((i32::try_from(count).ok()?, month, day)),
        (4, _, None) => named.time = Some((u8::try_from(count / 100).ok()?, u8::try_from(count % 100).ok()?, 0, 0)),
        (1 | 2, _, None) if count < 24 => named.time = Some((u8::try_from(count).ok()?, 0, 0, 0)),
        _ => return None,
    }
    Some(1)
}

fn add(named: &mut Named, unit: Unit, count: i64) -> Option<()> {
    let sum = |to: &mut i64, factor: i64| {
        *to = to.checked_add(count.checked_mul(factor)?)?;
        Some(())
    };
    match unit {
        Unit::Second => sum(&mut named.seconds, 1),
        Unit::Minute => sum(&mut named.seconds, 60),
        Unit::Hour => sum(&mut named.seconds, 3_600),
        Unit::Day => sum(&mut named.days, 1),
        Unit::Week => sum(&mut named.days, 7),
        Unit::Month => sum(&mut named.months, 1),
        Unit::Year => sum(&mut named.months, 12),
    }
}

fn unit(word: &str) -> Option<Unit> {
    let one = if word.len() > 3 { word.strip_suffix('s').unwrap_or(word) } else { word };
    Some(match one {
        "sec" | "second" | "secs" => Unit::Second,
        "min" | "minute" => Unit::Minute,
        "hour" => Unit::Hour,
        "day" => Unit::Day,
        "week" => Unit::Week,
        "month" => Unit::Month,
        "year" => Unit::Year,
        _ => return None,
    })
}

fn weekday(word: &str) -> Option<Weekday> {
    const DAYS: [(&str, Weekday); 7] = [
        ("monday", Weekday::Monday),
        ("tuesday", Weekday::Tuesday),
        ("wednesday", Weekday::Wednesday),
        ("thursday", Weekday::Thursday),
        ("friday", Weekday::Friday),
        ("saturday", Weekday::Saturday),
        ("sunday", Weekday::Sunday),
    ];
    let word = word.trim_end_matches('.');
    DAYS.iter().find(|(name, _)| *name == word || word.len() >= 3 && &name[..3] == word).map(|(_, day)| *day)
}

fn month(word: &str) -> Option<u8> {
    const MONTHS: [&str; 12] = [
        "january",
        "february",
        "march",
        "april",
        "may",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
    ];
    let word = word.trim_end_matches('.');
    let place = MONTHS.iter().position(|name| *name == word || word.len() == 3 && name.starts_with(word))?;
    u8::try_from(place + 1).ok()
}

/// `2022-03-14`, `03/14/2022`, `3/14`, `14-mar-2022`.
fn date(word: &str) -> Option<(i32, u8, u8)> {
    if word.contains('/') {
        let parts: Vec<&str> = word.split('/').collect();
        return match parts[..] {
            [a, b, c] if a.len() == 4 => Some((a.parse().ok()?, b.parse().ok()?, c.parse().ok()?)),
            [month, day, year] => Some((long_year(year)?, month.parse().ok()?, day.parse().ok()?)),
            [month, day] => Some((0, month.parse().ok()?, day.parse().ok()?)),
            _ => None,
        };
    }
    let parts: Vec<&str> = word.split('-').collect();
    match parts[..] {
        [day, name, year] if month(name).is_some() => Some((long_year(year)?, month(name)?, day.parse().ok()?)),
        [year, month, day] if !year.is_empty() => Some((long_year(year)?, month.parse().ok()?, day.parse().ok()?)),
        _ => None,
    }
}

fn long_year(text: &str) -> Option<i32> {
    let year: i32 = text.parse().ok()?;
    Some(match (text.len(), year) {
        (2, ..=68) => year + 2_000,
        (2, _) => year + 1_900,
        _ => year,
    })
}

/// `20:15`, `20:15:30.5`.
fn time(word: &str) -> Option<(u8, u8, u8, u32)> {
    let (hour, rest) = word.split_once(':')?;
    let (minute, second) = rest.split_once(':').unwrap_or((rest, "0"));
    let (second, part) = second.split_once('.').unwrap_or((second, ""));
    let (hour, minute, second) = (hour.parse().ok()?, minute.parse().ok()?, second.parse().ok()?);
    (hour < 24 && minute < 60 && second < 61).then_some((hour, minute, second, fraction(part)?))
}

fn twelve((hour, minute, second, part): (u8, u8, u8, u32), afternoon: bool) -> Option<(u8, u8, u8, u32)> {
    let hour = match (hour, afternoon) {
        (1..=11, true) => hour + 12,
        (12, false) => 0,
        (1..=12, _) => hour,
        _ => return None,
    };
    Some((hour, minute, second, part))
}

/// `+0200`, `-05:30`, `+02`.
fn offset(word: &str) -> Option<i32> {
    let (sign, digits) = word.split_at_checked(1)?;
    let sign = match sign {
        "+" => 1,
        "-" => -1,
        _ => return None,
    };
    let digits = digits.replace(':', "");
    let number: i32 = digits.parse().ok()?;
    let (hours, minutes) = if digits.len() <= 2 { (number, 0) } else { (number / 100, number % 100) };
    (hours <= 24 && minutes < 60).then_some(sign * (hours * 3_600 + minutes * 60))
}

fn resolve(named: &Named, now: Moment, zone: &Zone) -> Option<Moment> {
    let local = now.0.checked_add(i64::from(named.offset.unwrap_or_else(|| zone.at(now.0).offset)))?;
    let today = OffsetDateTime::from_unix_timestamp(local).ok()?;
    let dated = named.date.is_some() || named.weekday.is_some() || named.midnight;
    let (mut year, mut month, day) = match named.date {
        Some((0, month, day)) => (today.year(), month, day),
        Some(date) => date,
        None => (today.year(), u8::from(today.month()), today.day()),
    };
    let (seconds, nanos) = match named.time {
        Some((hour, minute, second, part)) => {
            (i64::from(hour) * 3_600 + i64::from(minute) * 60 + i64::from(second), part)
        }
        None if dated => (0, 0),
        None => (local.rem_euclid(86_400), now.1),
    };
    if named.date.is_some() {
        Date::from_calendar_date(year, Month::try_from(month).ok()?, day).ok()?;
    }
    let months = i64::from(year) * 12 + i64::from(month) - 1 + named.months;
    (year, month) = (i32::try_from(months.div_euclid(12)).ok()?, u8::try_from(months.rem_euclid(12) + 1).ok()?);
    // The 31st of a month that has none is a day of the next.
    let first = Date::from_calendar_date(year, Month::try_from(month).ok()?, 1).ok()?;
    let mut days = first.midnight().assume_utc().unix_timestamp() / 86_400 + i64::from(day) - 1;
    days = days.checked_add(named.days)?;
    if let Some((weekday, count)) = named.weekday {
        let is = (days + 3).rem_euclid(7);
        let wanted = i64::from(weekday.number_days_from_monday());
        let ahead = (wanted - is).rem_euclid(7);
        // The coming one; "next" is the one behind it unless today is none, "last" the one before.
        days += match count {
            0 => ahead,
            1 if ahead == 0 => 7,
            1 => ahead,
            _ => ahead - 7,
        };
    }
    let wall = days.checked_mul(86_400)?.checked_add(seconds)?;
    let utc = match named.offset {
        Some(offset) => wall - i64::from(offset),
        None => {
            let guess = wall - i64::from(zone.at(wall - i64::from(zone.offset)).offset);
            wall - i64::from(zone.at(guess).offset)
        }
    };
    let moment = utc.checked_add(named.seconds)?;
    OffsetDateTime::from_unix_timestamp(moment).ok()?;
    Some((moment, nanos))
}

/// The same as a moment of virtual time.
#[must_use]
pub fn named(text: &str, now: Instant, zone: &Zone) -> Option<Instant> {
    let (seconds, nanos) = read(text, (now.utc().unix_timestamp(), now.utc().nanosecond()), zone)?;
    instant(seconds, nanos)
}

/// The same for `journalctl`: `today` and its neighbours are midnight, and `-1h30m` is a span.
#[must_use]
pub fn systemd_time(text: &str, now: Instant, zone: &Zone) -> Option<Instant> {
    let text = text.trim();
    if let Some(span) = text.strip_prefix('-').and_then(|span| Span::parse(&span.replace(' ', "")).ok()) {
        return Some(now - span);
    }
    let midnight = matches!(text, "today" | "yesterday" | "tomorrow");
    let words = if midnight { format!("{text} 00:00") } else { text.to_owned() };
    named(&words, now, zone)
}

/// A moment of virtual time; nothing for one that it cannot be.
#[must_use]
pub fn instant(seconds: i64, nanos: u32) -> Option<Instant> {
    let at = OffsetDateTime::from_unix_timestamp(seconds).ok()?;
    let (year, month, day) = (at.year(), u8::from(at.month()), at.day());
    let (hour, minute, second) = (at.hour(), at.minute(), at.second());
    Instant::parse(&format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{nanos:09}Z")).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::systems::linux::clock::{format, zones};

    #[test]
    fn texts_are_read_as_date_reads_them() {
        // Mon Mar 14 20:00:05 UTC 2022
        let now = (1_647_288_005, 0);
        let check = |text: &str, expect: Option<&str>| {
            let utc = Zone::utc();
            let read = read(text, now, &utc).map(|(seconds, nanos)| format("%F %T", seconds, nanos, &utc));
            assert_eq!(read.as_deref(), expect, "{text}");
        };
        check("now", Some("2022-03-14 20:00:05"));
        check("yesterday", Some("2022-03-13 20:00:05"));
        check("2 days ago", Some("2022-03-12 20:00:05"));
        check("+1 hour", Some("2022-03-14 21:00:05"));
        check("1 hour ago 30 minutes", Some("2022-03-14 19:30:05"));
        check("-1 week", Some("2022-03-07 20:00:05"));
        check("next month", Some("2022-04-14 20:00:05"));
        check("last year", Some("2021-03-14 20:00:05"));
        check("2022-01-31 +1 month", Some("2022-03-03 00:00:00"));
        check("2022-03-01", Some("2022-03-01 00:00:00"));
        check("2022-03-01 12:30", Some("2022-03-01 12:30:00"));
        check("2022-03-01T12:30:15Z", Some("2022-03-01 12:30:15"));
        check("2022-03-01T12:30:15+02:00", Some("2022-03-01 10:30:15"));
        check("2022-03-01 12:30 -0500", Some("2022-03-01 17:30:00"));
        check("Mar 1 2022 8pm", Some("2022-03-01 20:00:00"));
        check("1 Mar 2022", Some("2022-03-01 00:00:00"));
        check("03/01/22", Some("2022-03-01 00:00:00"));
        check("20220301", Some("2022-03-01 00:00:00"));
        check("friday", Some("2022-03-18 00:00:00"));
        check("monday", Some("2022-03-14 00:00:00"));
        check("last friday", Some("2022-03-11 00:00:00"));
        check("tomorrow 06:00", Some("2022-03-15 06:00:00"));
        check("@0", Some("1970-01-01 00:00:00"));
        check("2021-02-03 04:05:06 +0100", Some("2021-02-03 03:05:06"));
        check("2/3/2021", Some("2021-02-03 00:00:00"));
        check("Jan 5 10:00", Some("2022-01-05 10:00:00"));
        check("yesterday noon", Some("2022-03-13 12:00:00"));
        check("last month", Some("2022-02-14 20:00:05"));
        check("2021-13-03", None);
        check("Mon Mar 14 20:00:05 UTC 2022", Some("2022-03-14 20:00:05"));
        check("2022-02-30", None);
        check("nonsense", None);
        check("99999999999999999999 days", None);
        check("25:00", None);
        check("", Some("2022-03-14 00:00:00"));
    }

    #[test]
    fn local_time_is_that_of_the_zone() {
        let berlin = zones::find("Europe/Berlin").expect("a zone");
        let check = |text: &str, expect: &str| {
            let (seconds, _) = read(text, (1_647_288_005, 0), &berlin).expect("a moment");
            assert_eq!(format("%F %T %Z", seconds, 0, &berlin), expect);
        };
        check("2022-07-01 12:00", "2022-07-01 12:00:00 CEST");
        check("2022-01-01 12:00", "2022-01-01 12:00:00 CET");
    }
}
