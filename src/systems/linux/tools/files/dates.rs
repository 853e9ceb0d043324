//! Dates as people give them to `touch -d` and `find -newermt`: a part of GNU's `parse_datetime`. Calendar dates with and
//! without time and zone, `@seconds`, `now`, `yesterday`, and distances such as `2 days ago`.

use time::{Date, Month, OffsetDateTime, Time, UtcOffset};

use crate::sim::Instant;

/// The moment that a text names, seen from `now` in a zone of so many seconds east.
#[must_use]
pub fn parse(text: &str, now: Instant, zone: i32) -> Option<Instant> {
    let text = text.trim();
    if let Some(seconds) = text.strip_prefix('@') {
        let (whole, part) = seconds.split_once('.').unwrap_or((seconds, ""));
        return moment(whole.parse().ok()?, nanos(part)?);
    }
    let offset = UtcOffset::from_whole_seconds(zone).ok()?;
    let here = OffsetDateTime::from_unix_timestamp(now.utc().unix_timestamp()).ok()?.to_offset(offset);
    let mut at = State { date: here.date(), time: None, nanos: 0, offset, seconds: 0, dated: false };
    let lower = text.to_lowercase().replace(',', " ");
    let words: Vec<&str> = lower.split_whitespace().flat_map(split).collect();
    let mut index = 0;
    while index < words.len() {
        index += at.take(&words[index..])?;
    }
    let time = at.time.unwrap_or(if at.dated { Time::MIDNIGHT } else { here.time() });
    let nanos = if at.time.is_some() || at.dated { at.nanos } else { now.utc().nanosecond() };
    let whole = at.date.with_time(time).assume_offset(at.offset).unix_timestamp();
    moment(whole.checked_add(at.seconds)?, nanos)
}

/// A moment by its seconds since 1970.
#[must_use]
pub fn moment(seconds: i64, nanos: u32) -> Option<Instant> {
    let at = OffsetDateTime::from_unix_timestamp(seconds).ok()?;
    let (date, time) = (at.date(), at.time());
    let (year, month, day) = (date.year(), u8::from(date.month()), date.day());
    let (hour, minute, second) = (time.hour(), time.minute(), time.second());
    Instant::parse(&format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{nanos:09}Z")).ok()
}

/// `touch -t`: `[[CC]YY]MMDDhhmm[.ss]`
#[must_use]
pub fn stamp(text: &str, now: Instant, zone: i32) -> Option<Instant> {
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
    let part = |at: usize| rest[at..at + 2].parse::<u8>().ok();
    let date = Date::from_calendar_date(year, Month::try_from(part(0)?).ok()?, part(2)?).ok()?;
    let time = Time::from_hms(part(4)?, part(6)?, seconds.parse::<u8>().ok()?.min(59)).ok()?;
    moment(date.with_time(time).assume_offset(UtcOffset::from_whole_seconds(zone).ok()?).unix_timestamp(), 0)
}

struct State {
    date: Date,
    time: Option<Time>,
    nanos: u32,
    offset: UtcOffset,
    seconds: i64,
    dated: bool,
}

impl State {
    /// Takes one thing from the front: how many words it was.
    fn take(&mut self, words: &[&str]) -> Option<usize> {
        let word = words[0];
        let day = 86_400;
        match word {
            "now" | "today" => return Some(1),
            "yesterday" => self.seconds -= day,
            "tomorrow" => self.seconds += day,
            "utc" | "gmt" | "z" => self.offset = UtcOffset::UTC,
            "midnight" => self.time = Some(Time::MIDNIGHT),
            "noon" => self.time = Time::from_hms(12, 0, 0).ok(),
            _ => {
                return self
                    .date(word)
                    .or_else(|| self.clock(word))
                    .or_else(|| self.zone(word))
                    .or_else(|| self.month(words).or_else(|| self.distance(words)));
            }
        }
        Some(1)
    }

    /// `2022-03-14`, `2022/03/14`, `20220314`
    fn date(&mut self, word: &str) -> Option<usize> {
        let compact = word.len() == 8 && word.bytes().all(|byte| byte.is_ascii_digit());
        let parts: Vec<&str> = match compact {
            true => vec![&word[..4], &word[4..6], &word[6..]],
            false => word.split(['-', '/']).collect(),
        };
        let [a, b, c] = parts[..] else { return None };
        // With slashes the year may stand last.
        let (year, month, day) = if word.contains('/') && a.len() < 3 { (c, a, b) } else { (a, b, c) };
        let month = Month::try_from(month.parse::<u8>().ok()?).ok()?;
        self.date = Date::from_calendar_date(year.parse().ok()?, month, day.parse().ok()?).ok()?;
        self.dated = true;
        Some(1)
    }

    /// `20:15`, `20:15:30.5`
    fn clock(&mut self, word: &str) -> Option<usize> {
        let mut parts = word.split(':');
        let (hour, minute, second) = (parts.next()?, parts.next()?, parts.next().unwrap_or("0"));
        if parts.next().is_some() {
            return None;
        }
        let (second, part) = second.split_once('.').unwrap_or((second, ""));
        self.nanos = nanos(part)?;
        self.time =
            Some(Time::from_hms(hour.parse().ok()?, minute.parse().ok()?, second.parse::<u8>().ok()?.min(59)).ok()?);
        Some(1)
    }

    /// `+0100`, `-05:00`, behind a time
    fn zone(&mut self, word: &str) -> Option<usize> {
        self.time?;
        let sign = if word.starts_with('-') { -1 } else { 1 };
        let digits = word.strip_prefix(['+', '-'])?.replace(':', "");
        if digits.len() != 4 {
            return None;
        }
        let number: i32 = digits.parse().ok()?;
        self.offset = UtcOffset::from_whole_seconds(sign * (number / 100 * 3600 + number % 100 * 60)).ok()?;
        Some(1)
    }

    /// `14 mar 2022`, `mar 14 2022`, `mar 14`
    fn month(&mut self, words: &[&str]) -> Option<usize> {
        const MONTHS: [&str; 12] = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
        if matches!(words[0], "mon" | "tue" | "wed" | "thu" | "fri" | "sat" | "sun") {
            return Some(1);
        }
        let month_of = |word: &str| {
            let at = MONTHS.iter().position(|month| word.len() >= 3 && word.starts_with(month))?;
            Month::try_from(u8::try_from(at + 1).ok()?).ok()
        };
        let day_of = |word: &str| word.parse::<u8>().ok();
        let second = words.get(1)?;
        let (month, day) = match month_of(words[0]) {
            Some(month) => (month, day_of(second)?),
            None => (month_of(second)?, day_of(words[0])?),
        };
        let year = words.get(2).filter(|word| word.len() == 4).and_then(|word| word.parse::<i32>().ok());
        self.date = Date::from_calendar_date(year.unwrap_or(self.date.year()), month, day).ok()?;
        self.dated = true;
        Some(2 + usize::from(year.is_some()))
    }

    /// `2 days ago`, `-1 week`, `next month`
    fn distance(&mut self, words: &[&str]) -> Option<usize> {
        let (count, unit, mut taken) = match words {
            ["next", unit, ..] => (1, *unit, 2),
            ["last", unit, ..] => (-1, *unit, 2),
            [count, unit, ..] if count.parse::<i64>().is_ok() => (count.parse::<i64>().ok()?, *unit, 2),
            [unit, ..] => (1, *unit, 1),
            [] => return None,
        };
        let ago = words.get(taken) == Some(&"ago");
        taken += usize::from(ago);
        let count = if ago { -count } else { count };
        let unit = unit.strip_suffix('s').unwrap_or(unit);
        let seconds = match unit {
            "sec" | "second" => 1,
            "min" | "minute" => 60,
            "hour" => 3600,
            "day" => 86_400,
            "week" => 604_800,
            "fortnight" => 1_209_600,
            "month" | "year" => {
                let months = i32::try_from(count).ok()?.checked_mul(if unit == "year" { 12 } else { 1 })?;
                let index =
                    self.date.year().checked_mul(12)?.checked_add(i32::from(u8::from(self.date.month())) - 1)?;
                let index = index.checked_add(months)?;
                let month = Month::try_from(u8::try_from(index.rem_euclid(12) + 1).ok()?).ok()?;
                let first = Date::from_calendar_date(index.div_euclid(12), month, 1).ok()?;
                // The 31st of a shorter month is in the next one.
                self.date = first.checked_add(time::Duration::days(i64::from(self.date.day()) - 1))?;
                return Some(taken);
            }
            _ => return None,
        };
        self.seconds = self.seconds.checked_add(count.checked_mul(seconds)?)?;
        Some(taken)
    }
}

/// `2022-03-14T20:15Z` is a date, a time and a zone.
fn split(word: &str) -> Vec<&str> {
    let Some((date, time)) = word
        .split_once('t')
        .filter(|(date, time)| date.ends_with(|digit: char| digit.is_ascii_digit()) && time.contains(':'))
    else {
        return zoned(word);
    };
    [vec![date], zoned(time)].concat()
}

/// A time and the zone behind it.
fn zoned(word: &str) -> Vec<&str> {
    let at = word.find(['+', '-']).filter(|at| *at > 0 && word[..*at].contains(':'));
    let at = at.or_else(|| word.strip_suffix('z').filter(|rest| rest.contains(':')).map(str::len));
    match at {
        Some(at) => vec![&word[..at], &word[at..]],
        None => vec![word],
    }
}

/// Nanoseconds from the digits behind the point.
fn nanos(digits: &str) -> Option<u32> {
    if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let nine: String = digits.chars().chain("000000000".chars()).take(9).collect();
    nine.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_read_as_date_does() {
        let now = Instant::parse("2022-03-14T20:00:00Z").expect("a good time");
        let check = |text: &str, expect: Option<&str>| {
            let expect = expect.map(|text| Instant::parse(text).expect("a good time"));
            assert_eq!(parse(text, now, 0), expect, "{text}");
        };
        check("2021-02-03", Some("2021-02-03T00:00:00Z"));
        check("2021-02-03 04:05", Some("2021-02-03T04:05:00Z"));
        check("2021-02-03T04:05:06.5Z", Some("2021-02-03T04:05:06.5Z"));
        check("2021-02-03 04:05:06 +0100", Some("2021-02-03T03:05:06Z"));
        check("2/3/2021", Some("2021-02-03T00:00:00Z"));
        check("@86400", Some("1970-01-02T00:00:00Z"));
        check("2 days ago", Some("2022-03-12T20:00:00Z"));
        check("yesterday", Some("2022-03-13T20:00:00Z"));
        check("-1 hour", Some("2022-03-14T19:00:00Z"));
        check("last month", Some("2022-02-14T20:00:00Z"));
        check("1 Jan 2020", Some("2020-01-01T00:00:00Z"));
        check("Jan 5 10:00", Some("2022-01-05T10:00:00Z"));
        check("10:30", Some("2022-03-14T10:30:00Z"));
        check("yesterday noon", Some("2022-03-13T12:00:00Z"));
        check("nonsense", None);
        check("2021-13-03", None);
        check("99999999999999999 days", None);
        let check = |text: &str, expect: Option<&str>| {
            let expect = expect.map(|text| Instant::parse(text).expect("a good time"));
            assert_eq!(stamp(text, now, 0), expect, "{text}");
        };
        check("202001020304.05", Some("2020-01-02T03:04:05Z"));
        check("01020304", Some("2022-01-02T03:04:00Z"));
        check("2001020304", Some("2020-01-02T03:04:00Z"));
        check("13020304", None);
        check("x", None);
    }
}
