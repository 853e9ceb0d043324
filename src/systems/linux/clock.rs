//! Dates as programs print them: strftime(3) in the C locale, with `date`'s own flags (`-`, `_`, `0`, `^`, `#`) and widths.

use time::{Month, OffsetDateTime, UtcOffset, Weekday};

pub mod zones;

/// A time zone: what holds in it in winter and, where it has a place, when it is summer there.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Zone {
    /// Its abbreviation, such as `UTC`.
    pub name: String,
    /// Seconds east of Greenwich.
    pub offset: i32,
    /// Its name in the tz database, such as `Europe/Berlin`; empty for UTC, or for a zone without summer time.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub place: String,
    /// How the machine's clock differs from the lab's time, step by step; nothing where it never did.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub steps: Vec<Step>,
}

/// A moment at which a machine's clock was set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Step {
    /// When, in seconds of the lab's time since 1970.
    pub from: i64,
    /// By how many seconds the clock has been ahead of it since then; less than 0 where it is behind.
    pub ahead: i64,
}

/// So many steps of a clock are kept.
const STEPS: usize = 100;

impl Zone {
    /// What the clock showed at a moment of the lab's time: what happened while it was wrong keeps the time that it had.
    #[must_use]
    pub fn reads(&self, seconds: i64) -> i64 {
        let step = self.steps.iter().rev().find(|step| step.from <= seconds);
        seconds.saturating_add(step.map_or(0, |step| step.ahead))
    }

    /// The zone that a `TZ` names, by the clock of the machine with this one, which holds where there is none.
    #[must_use]
    pub fn named(name: Option<&str>, own: &Self) -> Self {
        let Some(name) = name else { return own.clone() };
        let zone = zones::described(name.trim_start_matches(':')).unwrap_or_else(|| {
            let letters: String = name.chars().take_while(char::is_ascii_alphabetic).collect();
            let known = letters.len() >= 3;
            Self { name: if known { letters } else { "UTC".to_owned() }, ..Self::utc() }
        });
        zone.by_clock_of(own)
    }

    /// By how many seconds the clock is ahead.
    #[must_use]
    pub fn ahead(&self) -> i64 {
        self.steps.last().map_or(0, |step| step.ahead)
    }

    /// Sets the clock so many seconds ahead of the lab's time.
    pub fn set_ahead(&mut self, now: i64, ahead: i64) {
        if ahead == self.ahead() {
            return;
        }
        if self.steps.len() == STEPS {
            self.steps.remove(0);
        }
        self.steps.push(Step { from: now, ahead });
    }

    /// Another zone, by the same clock.
    #[must_use]
    pub fn by_clock_of(self, other: &Self) -> Self {
        Self { steps: other.steps.clone(), ..self }
    }

    /// The zone alone, for times that were read from the clock before.
    #[must_use]
    pub fn without_clock(&self) -> Self {
        Self { steps: Vec::new(), ..self.clone() }
    }

    /// Coordinated universal time.
    #[must_use]
    pub fn utc() -> Self {
        Self { name: "UTC".to_owned(), offset: 0, place: String::new(), steps: Vec::new() }
    }

    /// The zone as it is at a moment: with the abbreviation and the offset of summer or winter.
    #[must_use]
    pub fn at(&self, seconds: i64) -> Self {
        if self.place.is_empty() {
            return self.without_clock();
        }
        let (name, offset) = zones::at(self, seconds);
        Self { name, offset, place: String::new(), steps: Vec::new() }
    }

    /// Its name in the tz database.
    #[must_use]
    pub fn title(&self) -> &str {
        if self.place.is_empty() { &self.name } else { &self.place }
    }
}

/// Widest field that a format may ask for.
const WIDEST: usize = 1000;

/// A moment, in seconds of the lab's time since 1970 and nanoseconds, in a strftime format, as the clock of the zone's machine
/// showed it.
#[must_use]
pub fn format(form: &str, seconds: i64, nanos: u32, zone: &Zone) -> String {
    let seconds = zone.reads(seconds);
    let zone = &zone.at(seconds);
    let offset = UtcOffset::from_whole_seconds(zone.offset).unwrap_or(UtcOffset::UTC);
    let Ok(at) = OffsetDateTime::from_unix_timestamp(seconds) else { return seconds.to_string() };
    let at = at.to_offset(offset);
    let mut out = String::with_capacity(form.len() * 2);
    let mut rest = form.chars().peekable();
    while let Some(character) = rest.next() {
        if character != '%' {
            out.push(character);
            continue;
        }
        let mut spec = String::from("%");
        let (mut flag, mut upper) = (None, false);
        while let Some(next) = rest.next_if(|next| "-_0^#:".contains(*next)) {
            spec.push(next);
            match next {
                '^' | '#' => upper = true,
                next => flag = Some(next),
            }
        }
        let mut width = 0;
        while let Some(digit) = rest.next_if(char::is_ascii_digit) {
            spec.push(digit);
            width = (width * 10 + digit as usize - '0' as usize).min(WIDEST);
        }
        let Some(letter) = rest.next() else {
            out.push_str(&spec);
            break;
        };
        spec.push(letter);
        match field(letter, &at, nanos, zone, flag) {
            None => out.push_str(&spec),
            Some(text) => {
                let text = text.shown(flag, width);
                out.push_str(&if upper { text.to_uppercase() } else { text });
            }
        }
    }
    out
}

/// A field before it is padded.
enum Field {
    Number(i64, usize, char),
    Text(String),
    /// Nanoseconds, of which as many digits are shown as the width says.
    Fraction(u32),
}

impl Field {
    fn shown(&self, flag: Option<char>, width: usize) -> String {
        match self {
            Self::Text(text) => format!("{text:>width$}"),
            Self::Fraction(nanos) => {
                let width = if width > 0 { width } else { 9 };
                format!("{:0<width$.width$}", format!("{nanos:09}"))
            }
            Self::Number(number, usual, pad) => {
                let width = if width > 0 { width } else { *usual };
                match flag.unwrap_or(*pad) {
                    '-' => number.to_string(),
                    '_' => format!("{number:>width$}"),
                    _ => format!("{number:0>width$}"),
                }
            }
        }
    }
}

fn field(letter: char, at: &OffsetDateTime, nanos: u32, zone: &Zone, flag: Option<char>) -> Option<Field> {
    let zero = |number: i64, width: usize| Field::Number(number, width, '0');
    let blank = |number: i64, width: usize| Field::Number(number, width, '_');
    let whole = |form: &str| Field::Text(format(form, at.unix_timestamp(), nanos, zone));
    let hour12 = i64::from(match at.hour() % 12 {
        0 => 12,
        hour => hour,
    });
    let (weekday, month) = (name(at.weekday()), month(at.month()));
    let (iso_year, iso_week, iso_day) = at.to_iso_week_date();
    let day = i64::from(at.ordinal());
    Some(match letter {
        'a' => Field::Text(weekday[..3].to_owned()),
        'A' => Field::Text(weekday.to_owned()),
        'b' | 'h' => Field::Text(month[..3].to_owned()),
        'B' => Field::Text(month.to_owned()),
        'c' => whole("%a %b %e %H:%M:%S %Y"),
        'C' => zero(i64::from(at.year() / 100), 2),
        'd' => zero(i64::from(at.day()), 2),
        'D' | 'x' => whole("%m/%d/%y"),
        'e' => blank(i64::from(at.day()), 2),
        'F' => whole("%Y-%m-%d"),
        'g' => zero(i64::from(iso_year % 100), 2),
        'G' => zero(i64::from(iso_year), 4),
        'H' => zero(i64::from(at.hour()), 2),
        'I' => zero(hour12, 2),
        'j' => zero(day, 3),
        'k' => blank(i64::from(at.hour()), 2),
        'l' => blank(hour12, 2),
        'm' => zero(i64::from(u8::from(at.month())), 2),
        'M' => zero(i64::from(at.minute()), 2),
        'n' => Field::Text("\n".to_owned()),
        'N' => Field::Fraction(nanos),
        'p' => Field::Text(if at.hour() < 12 { "AM" } else { "PM" }.to_owned()),
        'P' => Field::Text(if at.hour() < 12 { "am" } else { "pm" }.to_owned()),
        'q' => zero(i64::from(u8::from(at.month()).div_ceil(3)), 1),
        'r' => whole("%I:%M:%S %p"),
        'R' => whole("%H:%M"),
        's' => zero(at.unix_timestamp(), 1),
        'S' => zero(i64::from(at.second()), 2),
        't' => Field::Text("\t".to_owned()),
        'T' | 'X' => whole("%H:%M:%S"),
        'u' => zero(i64::from(iso_day.number_from_monday()), 1),
        'U' => zero((day + 6 - i64::from(at.weekday().number_days_from_sunday())) / 7, 2),
        'V' => zero(i64::from(iso_week), 2),
        'w' => zero(i64::from(at.weekday().number_days_from_sunday()), 1),
        'W' => zero((day + 6 - i64::from(at.weekday().number_days_from_monday())) / 7, 2),
        'y' => zero(i64::from(at.year().rem_euclid(100)), 2),
        'Y' => Field::Number(i64::from(at.year()), 1, '0'),
        'z' => {
            let minutes = zone.offset.abs() / 60;
            let sign = if zone.offset < 0 { '-' } else { '+' };
            let colon = if flag == Some(':') { ":" } else { "" };
            Field::Text(format!("{sign}{:02}{colon}{:02}", minutes / 60, minutes % 60))
        }
        'Z' => Field::Text(zone.name.clone()),
        '%' => Field::Text("%".to_owned()),
        _ => return None,
    })
}

fn name(weekday: Weekday) -> &'static str {
    match weekday {
        Weekday::Monday => "Monday",
        Weekday::Tuesday => "Tuesday",
        Weekday::Wednesday => "Wednesday",
        Weekday::Thursday => "Thursday",
        Weekday::Friday => "Friday",
        Weekday::Saturday => "Saturday",
        Weekday::Sunday => "Sunday",
    }
}

fn month(month: Month) -> &'static str {
    const NAMES: [&str; 12] = [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ];
    NAMES[usize::from(u8::from(month) - 1)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_happened_by_a_wrong_clock_keeps_its_time() {
        let mut zone = Zone::utc();
        zone.set_ahead(100, -40);
        zone.set_ahead(150, -40);
        zone.set_ahead(200, 0);
        zone.set_ahead(300, i64::MAX);
        assert_eq!(zone.steps.len(), 3);
        let check = |seconds, expect| assert_eq!(zone.reads(seconds), expect, "{seconds}");
        check(99, 99);
        check(100, 60);
        check(199, 159);
        check(200, 200);
        check(300, i64::MAX);
        let berlin = zones::find("Europe/Berlin").expect("a known zone").by_clock_of(&zone);
        assert_eq!(format("%s %H:%M:%S", 150, 0, &berlin), "110 01:01:50");
        assert_eq!(format("%s %H:%M:%S", 150, 0, &berlin.without_clock()), "150 01:02:30");
    }

    #[test]
    fn formats_are_those_of_date() {
        let check = |form: &str, expect: &str| {
            assert_eq!(format(form, 1_444_272_216, 281_000_000, &Zone::utc()), expect, "{form}");
        };
        check("%Y-%m-%dT%H:%M:%S.%3NZ", "2015-10-08T02:43:36.281Z");
        check("%a %b %e %H:%M:%S %Z %Y", "Thu Oct  8 02:43:36 UTC 2015");
        check("%-d/%_m/%j %I %p %s %U %W %V %u %w", "8/10/281 02 AM 1444272216 40 40 41 4 4");
        check("%Y%m%d%H%M%S", "20151008024336");
        check("%^a %10Y %Q 100%%", "THU 0000002015 %Q 100%");
    }
}
