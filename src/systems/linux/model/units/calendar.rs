//! Calendar events of timers (systemd.time(7), "Calendar Events"): which moments one matches, in the zone of the machine.

use time::{Date, Duration, OffsetDateTime};

use crate::sim::Instant;
use crate::systems::linux::clock::Zone;

/// So many days are looked at for the next match.
const DAYS: u32 = 366 * 12;

/// Numbers that a field matches: each from one to another in steps; all where there are none.
type Field = Vec<(u32, u32, u32)>;

/// An event.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Calendar {
    /// Monday is 0.
    weekdays: Field,
    date: [Field; 3],
    time: [Field; 3],
    utc: bool,
}

const WEEKDAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

/// The least and the most that a field of the date and of the time can be.
const DATE: [(u32, u32); 3] = [(1970, 2199), (1, 12), (1, 31)];
const TIME: [(u32, u32); 3] = [(0, 23), (0, 59), (0, 59)];

impl Calendar {
    /// Reads an event; nothing for what is none, or for seconds with a fraction or days counted from the end of a month.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let (text, utc) = text.strip_suffix("UTC").map_or((text, false), |rest| (rest.trim(), true));
        let long = match text.to_ascii_lowercase().as_str() {
            "minutely" => "*-*-* *:*:00",
            "hourly" => "*-*-* *:00:00",
            "daily" => "*-*-* 00:00:00",
            "weekly" => "Mon *-*-* 00:00:00",
            "monthly" => "*-*-01 00:00:00",
            "quarterly" => "*-01,04,07,10-01 00:00:00",
            "semiannually" | "semi-annually" | "biannually" => "*-01,07-01 00:00:00",
            "yearly" | "annually" => "*-01-01 00:00:00",
            _ => text,
        };
        let mut event = Self { utc, ..Self::default() };
        let mut words: Vec<&str> = long.split_whitespace().collect();
        if words.first()?.starts_with(|letter: char| letter.is_ascii_alphabetic()) {
            event.weekdays = weekdays(words.remove(0).trim_end_matches(','))?;
        }
        if words.first().is_some_and(|word| word.contains('-') && !word.contains(':')) {
            let mut parts: Vec<&str> = words.remove(0).split('-').collect();
            if parts.len() == 2 {
                parts.insert(0, "*");
            }
            for (place, part) in <[&str; 3]>::try_from(parts).ok()?.into_iter().enumerate() {
                event.date[place] = field(part, DATE[place])?;
            }
        }
        let mut parts: Vec<&str> = words.first().map_or_else(|| vec!["00", "00"], |word| word.split(':').collect());
        if parts.len() == 2 {
            parts.push("00");
        }
        for (place, part) in <[&str; 3]>::try_from(parts).ok()?.into_iter().enumerate() {
            event.time[place] = field(part, TIME[place])?;
        }
        (words.len() <= 1).then_some(event)
    }

    /// The first moment after another that it matches.
    #[must_use]
    pub fn next(&self, after: Instant, zone: &Zone) -> Option<Instant> {
        let zone = if self.utc { Zone::utc().by_clock_of(zone) } else { zone.clone() };
        let clock = zone.reads(after.utc().unix_timestamp()) + 1;
        let here = |seconds: i64| seconds + i64::from(zone.at(seconds).offset);
        let wanted = OffsetDateTime::from_unix_timestamp(here(clock)).ok()?;
        let (mut date, mut least) = (wanted.date(), seconds_of(wanted));
        for _ in 0..DAYS {
            if self.has_day(date)
                && let Some(second) = self.first_from(least)
            {
                let local = date.midnight().assume_utc().unix_timestamp() + i64::from(second);
                // The offset is that of the moment itself.
                let guess = local - i64::from(zone.at(local).offset);
                let moment = local - i64::from(zone.at(guess).offset) - zone.ahead();
                return Some(
                    Instant::parse("1970-01-01T00:00:00Z").ok()? + crate::sim::Span::secs(u64::try_from(moment).ok()?),
                );
            }
            (date, least) = (date.checked_add(Duration::DAY)?, 0);
        }
        None
    }

    fn has_day(&self, date: Date) -> bool {
        let [year, month, day] = &self.date;
        let weekday = u32::from(date.weekday().number_days_from_monday());
        has(&self.weekdays, weekday)
            && has(year, u32::try_from(date.year()).unwrap_or_default())
            && has(month, u32::from(u8::from(date.month())))
            && has(day, u32::from(date.day()))
    }

    /// The first second of a day, from this one on, that it matches.
    fn first_from(&self, least: u32) -> Option<u32> {
        let [hours, minutes, seconds] = &self.time;
        for hour in (least / 3600..24).filter(|hour| has(hours, *hour)) {
            let from = if hour == least / 3600 { least % 3600 } else { 0 };
            for minute in (from / 60..60).filter(|minute| has(minutes, *minute)) {
                let from = if minute == from / 60 { from % 60 } else { 0 };
                if let Some(second) = (from..60).find(|second| has(seconds, *second)) {
                    return Some(hour * 3600 + minute * 60 + second);
                }
            }
        }
        None
    }
}

fn seconds_of(at: OffsetDateTime) -> u32 {
    u32::from(at.hour()) * 3600 + u32::from(at.minute()) * 60 + u32::from(at.second())
}

fn has(field: &Field, number: u32) -> bool {
    field.is_empty()
        || field.iter().any(|(from, to, step)| (*from..=*to).contains(&number) && (number - from).is_multiple_of(*step))
}

/// A list of numbers, ranges and steps.
fn field(text: &str, (least, most): (u32, u32)) -> Option<Field> {
    if text == "*" {
        return Some(Vec::new());
    }
    let part = |part: &str| {
        let (range, step) = part.split_once('/').map_or((part, None), |(range, step)| (range, Some(step)));
        let step: Option<u32> = step.map_or(Some(None), |step| step.parse().ok().filter(|step| *step > 0).map(Some))?;
        let (from, to) = match range.split_once("..") {
            _ if range == "*" => (least, Some(most)),
            Some((from, to)) => (from.parse().ok()?, Some(to.parse().ok()?)),
            None => (range.parse().ok()?, None),
        };
        let to = to.unwrap_or(if step.is_some() { most } else { from });
        (from <= to && from >= least && to <= most).then_some((from, to, step.unwrap_or(1)))
    };
    text.split(',').map(part).collect()
}

fn weekdays(text: &str) -> Option<Field> {
    let day = |name: &str| {
        let name = name.to_ascii_lowercase();
        let place = WEEKDAYS.iter().position(|day| name.starts_with(day))?;
        u32::try_from(place).ok()
    };
    let part = |part: &str| {
        let (from, to) = part.split_once("..").or_else(|| part.split_once('-')).unwrap_or((part, part));
        let (from, to) = (day(from)?, day(to)?);
        Some((from, to, 1))
    };
    text.split(',').map(part).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::systems::linux::clock::zones;

    #[test]
    fn events_match_as_the_manual_says() {
        // A Monday.
        let now = Instant::parse("2022-03-14T20:00:00Z").expect("a time");
        let check = |text: &str, expect: &str| {
            let next = Calendar::parse(text).and_then(|event| event.next(now, &Zone::utc()));
            assert_eq!(next, Instant::parse(expect).ok(), "{text}");
        };
        check("daily", "2022-03-15T00:00:00Z");
        check("hourly", "2022-03-14T21:00:00Z");
        check("weekly", "2022-03-21T00:00:00Z");
        check("quarterly", "2022-04-01T00:00:00Z");
        check("*-*-* 02:30:00", "2022-03-15T02:30:00Z");
        check("20:00", "2022-03-15T20:00:00Z");
        check("*:0/15", "2022-03-14T20:15:00Z");
        check("*:*:10", "2022-03-14T20:00:10Z");
        check("Sat,Sun 6:00", "2022-03-19T06:00:00Z");
        check("Mon..Fri *-*-* 19:59", "2022-03-15T19:59:00Z");
        check("*-02-29", "2024-02-29T00:00:00Z");
        check("2022-12-24,25 12:00", "2022-12-24T12:00:00Z");
        for wrong in ["sometimes", "25:00", "*-13-01", "1 2 3", ""] {
            assert_eq!(Calendar::parse(wrong), None, "{wrong}");
        }
        let berlin = zones::find("Europe/Berlin").expect("a zone");
        let daily = Calendar::parse("daily").expect("an event");
        assert_eq!(daily.next(now, &berlin), Instant::parse("2022-03-14T23:00:00Z").ok());
        let late = Instant::parse("2022-03-28T12:00:00Z").expect("a time");
        assert_eq!(daily.next(late, &berlin), Instant::parse("2022-03-28T22:00:00Z").ok());
    }
}
