//! Texts that name a moment, as `date -d` and `touch -d` read them (GNU parse_datetime): dates, times of day, zones, days of
//! the week, and sums of relative spans. `journalctl --since` reads the same and a few words of systemd.time(7).

mod grammar;
mod tokens;

use grammar::Named;
use time::{Date, Month, OffsetDateTime};
use tokens::Token;

use crate::sim::{Instant, Span};
use crate::systems::linux::clock::Zone;

/// A moment in seconds since 1970 and nanoseconds.
pub type Moment = (i64, u32);

/// The moment that a text names, seen from `now`; nothing where it names none.
#[must_use]
pub fn read(text: &str, now: Moment, zone: &Zone) -> Option<Moment> {
    let text = text.trim();
    if let Some(rest) = text.strip_prefix("TZ=\"") {
        let (name, rest) = rest.split_once('"')?;
        let other = Zone::named(Some(name), &Zone::utc());
        return read(rest, now, &other);
    }
    let tokens = tokens::split(text, zone)?;
    if let [Token::Sign('@'), Token::Number(number)] = tokens[..] {
        return Some((number.value, number.part.unwrap_or(0)));
    }
    resolve(&grammar::read(&tokens)?, now, zone)
}

/// A year of two digits is one of 1969 to 2068.
fn long_year(year: i64, digits: usize) -> i64 {
    match (digits, year) {
        (2, ..=68) => year + 2_000,
        (2, _) => year + 1_900,
        _ => year,
    }
}

fn resolve(named: &Named, now: Moment, zone: &Zone) -> Option<Moment> {
    const DAY: i64 = 86_400;
    let local = now.0.checked_add(i64::from(zone.at(now.0).offset))?;
    let today = OffsetDateTime::from_unix_timestamp(local).ok()?;
    let (year, month, day) = match named.date {
        Some((_, 0, month, day)) => (i64::from(today.year()), month, day),
        Some((year, digits, month, day)) => (long_year(year, digits), month, day),
        None => (i64::from(today.year()), i64::from(u8::from(today.month())), i64::from(today.day())),
    };
    let named_day = named.date.is_some() || named.weekday.is_some();
    let (seconds, nanos) = match named.time {
        Some((hour @ 0..24, minute @ 0..60, second @ 0..60, part)) => (hour * 3_600 + minute * 60 + second, part),
        Some(_) => return None,
        None if named.relative && !named_day => (local.rem_euclid(DAY), now.1),
        None => (0, 0),
    };
    let (number, of_month) = (i32::try_from(year).ok()?, Month::try_from(u8::try_from(month).ok()?).ok()?);
    Date::from_calendar_date(number, of_month, u8::try_from(day).ok()?).ok()?;
    let months = year.checked_mul(12)?.checked_add(month - 1)?.checked_add(named.months)?;
    let (year, month) = (i32::try_from(months.div_euclid(12)).ok()?, u8::try_from(months.rem_euclid(12) + 1).ok()?);
    // The 31st of a month that has none is a day of the next.
    let first = Date::from_calendar_date(year, Month::try_from(month).ok()?, 1).ok()?;
    let mut days = first.midnight().assume_utc().unix_timestamp() / DAY + day - 1;
    if let Some((weekday, ordinal)) = named.weekday.filter(|_| named.date.is_none()) {
        // 1970 began with a Thursday.
        let ahead = (weekday - (days + 4)).rem_euclid(7);
        let weeks = ordinal - i64::from(ordinal > 0 && ahead != 0);
        days = days.checked_add(ahead)?.checked_add(weeks.checked_mul(7)?)?;
    }
    days = days.checked_add(named.days)?;
    let wall = days.checked_mul(DAY)?.checked_add(seconds)?;
    let utc = match named.offset {
        Some(offset) => wall.checked_sub(offset)?,
        None => {
            let near = wall.checked_sub(i64::from(zone.offset))?;
            let guess = wall.checked_sub(i64::from(zone.at(near).offset))?;
            wall.checked_sub(i64::from(zone.at(guess).offset))?
        }
    };
    let nanos = i64::from(nanos) + named.nanos;
    let moment = utc.checked_add(named.seconds)?.checked_add(nanos.div_euclid(1_000_000_000))?;
    OffsetDateTime::from_unix_timestamp(moment).ok()?;
    Some((moment, u32::try_from(nanos.rem_euclid(1_000_000_000)).ok()?))
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
        check("yesterday noon", None);
        check("third tuesday", Some("2022-03-29 00:00:00"));
        check("last monday", Some("2022-03-07 00:00:00"));
        check("2022-03-14 tuesday", Some("2022-03-14 00:00:00"));
        check("2022-03-14 20:00 +1 day", Some("2022-03-15 19:00:00"));
        check("2022-03-14 20:00 EST DST", Some("2022-03-15 00:00:00"));
        check("2022-03-14 20:00 UTC + 2 hours", Some("2022-03-14 22:00:00"));
        check("20220314T2000", Some("2022-03-15 03:00:00"));
        check("20:00:60", None);
        check("106751991148235 days 15:00 -1200", None);
        check("106751991167300 days", None);
        check("10:00 11:00", None);
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
