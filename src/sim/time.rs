//! Virtual time: moments and spans in microseconds. Nothing here asks the host; the lab's start comes from its file.

use std::fmt;
use std::ops::{Add, AddAssign, Sub};

use serde::{Deserialize, Serialize};
use time::format_description::well_known::Rfc3339;
use time::{Duration, UtcDateTime};

/// The last microsecond of the year 9999: later moments have no calendar form.
const END_OF_CALENDAR: i64 = 253_402_300_799_999_999;

/// A moment of virtual time, in microseconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Instant(i64);

impl Instant {
    /// Reads an RFC 3339 time such as `2015-10-08T02:43:36Z`.
    ///
    /// # Errors
    /// A sentence saying what is wrong with the text.
    pub fn parse(text: &str) -> Result<Self, String> {
        let stamp = time::OffsetDateTime::parse(text, &Rfc3339)
            .map_err(|e| format!("{text:?} is not an RFC 3339 time such as 2015-10-08T02:43:36Z: {e}"))?;
        i64::try_from(stamp.unix_timestamp_nanos() / 1_000)
            .map(Self)
            .map_err(|_| format!("{text:?} is too far from now"))
    }

    /// The moment in the calendar, in UTC.
    #[must_use]
    pub fn utc(self) -> UtcDateTime {
        let clamped = self.0.clamp(0, END_OF_CALENDAR);
        UtcDateTime::UNIX_EPOCH + Duration::microseconds(clamped)
    }

    /// The last moment that has a calendar date; virtual time stops there.
    pub const LAST: Self = Self(END_OF_CALENDAR);

    /// The moment `span` later; none when that is beyond the calendar.
    #[must_use]
    pub fn later(self, span: Span) -> Option<Self> {
        let micros = self.0.checked_add_unsigned(span.0)?;
        (micros <= END_OF_CALENDAR).then_some(Self(micros))
    }

    /// The span since `earlier`; zero when `earlier` is not earlier.
    #[must_use]
    pub fn since(self, earlier: Self) -> Span {
        Span(u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0))
    }
}

impl fmt::Display for Instant {
    /// RFC 3339 with milliseconds, the form in which facts and diagnostics show time.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let t = self.utc();
        let (year, month, day) = (t.year(), u8::from(t.month()), t.day());
        let (hour, minute, second, milli) = (t.hour(), t.minute(), t.second(), t.millisecond());
        write!(f, "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{milli:03}Z")
    }
}

impl fmt::Debug for Instant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Add<Span> for Instant {
    type Output = Self;

    fn add(self, span: Span) -> Self {
        Self(self.0.saturating_add_unsigned(span.0).min(END_OF_CALENDAR))
    }
}

impl AddAssign<Span> for Instant {
    fn add_assign(&mut self, span: Span) {
        *self = *self + span;
    }
}

impl Sub<Span> for Instant {
    type Output = Self;

    fn sub(self, span: Span) -> Self {
        Self(self.0.saturating_sub_unsigned(span.0).max(0))
    }
}

/// A length of virtual time, in microseconds.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Span(u64);

impl Span {
    /// No time at all.
    pub const ZERO: Self = Self(0);

    /// `count` microseconds.
    #[must_use]
    pub const fn micros(count: u64) -> Self {
        Self(count)
    }

    /// `count` milliseconds.
    #[must_use]
    pub const fn millis(count: u64) -> Self {
        Self(count.saturating_mul(1_000))
    }

    /// `count` seconds.
    #[must_use]
    pub const fn secs(count: u64) -> Self {
        Self(count.saturating_mul(1_000_000))
    }

    /// The span in whole microseconds.
    #[must_use]
    pub const fn as_micros(self) -> u64 {
        self.0
    }

    /// The span in seconds, rounded down.
    #[must_use]
    pub const fn as_secs(self) -> u64 {
        self.0 / 1_000_000
    }

    /// The span in seconds, rounded up.
    #[must_use]
    pub const fn as_secs_up(self) -> u64 {
        self.0.div_ceil(1_000_000)
    }

    /// The span `factor` times over.
    #[must_use]
    pub const fn times(self, factor: u64) -> Self {
        Self(self.0.saturating_mul(factor))
    }

    /// Reads `90`, `90s`, `10m`, `2h`, `1d`, `1w`, `250ms`, `7us`, a sum such as `1h30m` or words as in `2 weeks 1 day`
    /// (systemd.time(7)); a bare number is seconds. Months and years are those of systemd.
    ///
    /// # Errors
    /// A sentence naming the forms that are understood.
    pub fn parse(text: &str) -> Result<Self, String> {
        let wrong = || format!("{text:?} is not a length of time; write it as 90s, 10m, 2h or 1h30m");
        if let Ok(secs) = text.parse::<u64>() {
            return Ok(Self::secs(secs));
        }
        let (mut rest, mut total) = (text.trim(), Self::ZERO);
        while !rest.is_empty() {
            let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
            let count: u64 = rest[..digits].parse().map_err(|_| wrong())?;
            rest = rest[digits..].trim_start();
            let letters = rest.bytes().take_while(u8::is_ascii_alphabetic).count();
            let unit = match &rest[..letters] {
                "us" | "usec" => Self::micros(1),
                "ms" | "msec" => Self::millis(1),
                "s" | "sec" | "second" | "seconds" => Self::secs(1),
                "m" | "min" | "minute" | "minutes" => Self::secs(60),
                "h" | "hr" | "hour" | "hours" => Self::secs(3_600),
                "d" | "day" | "days" => Self::secs(86_400),
                "w" | "week" | "weeks" => Self::secs(604_800),
                "M" | "month" | "months" => Self::secs(2_629_800),
                "y" | "year" | "years" => Self::secs(31_557_600),
                _ => return Err(wrong()),
            };
            rest = rest[letters..].trim_start();
            total = total + unit.times(count);
        }
        if text.trim().is_empty() { Err(wrong()) } else { Ok(total) }
    }
}

impl Span {
    /// To the microsecond, as [`Span::parse`] reads it: `5m51s400ms`.
    #[must_use]
    pub fn exact(self) -> String {
        let units = [("h", 3_600_000_000), ("m", 60_000_000), ("s", 1_000_000), ("ms", 1_000), ("us", 1)];
        let (mut left, mut text) = (self.0, String::new());
        for (unit, micros) in units {
            if left >= micros {
                text.push_str(&format!("{}{unit}", left / micros));
                left %= micros;
            }
        }
        if text.is_empty() { "0s".to_owned() } else { text }
    }
}

impl Add for Span {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl std::iter::Sum for Span {
    fn sum<I: Iterator<Item = Self>>(spans: I) -> Self {
        spans.fold(Self::ZERO, Add::add)
    }
}

impl fmt::Display for Span {
    /// As people say it: `8m 26s`, `45s`, `1h 2m`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let secs = self.as_secs();
        match (secs / 3_600, secs / 60 % 60, secs % 60) {
            (0, 0, s) => write!(f, "{s}s"),
            (0, m, 0) => write!(f, "{m}m"),
            (0, m, s) => write!(f, "{m}m {s}s"),
            (h, m, _) => write!(f, "{h}h {m}m"),
        }
    }
}

impl fmt::Debug for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}us", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_read_in_the_forms_people_write() {
        let check = |text: &str, secs: Option<u64>| {
            assert_eq!(Span::parse(text).ok(), secs.map(Span::secs), "{text:?}");
        };
        check("90", Some(90));
        check("10m", Some(600));
        check("1h30m", Some(5_400));
        check("1000ms", Some(1));
        check("2 weeks 1 day", Some(15 * 86_400));
        check("1y", Some(31_557_600));
        check("5xyz", None);
        check("2 weeks 1", None);
        check("", None);
        check("m", None);
        check("10x", None);
        check("99999999999999999999s", None);
        check("é", None);
    }

    #[test]
    fn what_is_written_exactly_is_read_again() {
        let check = |micros: u64, expect: &str| {
            let span = Span::micros(micros);
            assert_eq!((span.exact().as_str(), Span::parse(expect)), (expect, Ok(span)));
        };
        check(0, "0s");
        check(351_400_000, "5m51s400ms");
        check(3_600_000_007, "1h7us");
        check(1_000, "1ms");
    }

    #[test]
    fn instants_read_and_show_rfc_3339() {
        let start = Instant::parse("2015-10-08T02:43:36Z").expect("a good time");
        assert_eq!(start.to_string(), "2015-10-08T02:43:36.000Z");
        assert_eq!((start + Span::millis(1_250)).to_string(), "2015-10-08T02:43:37.250Z");
        assert_eq!(Instant::parse("2015-10-08T10:43:36+08:00"), Ok(start));
        assert!(Instant::parse("yesterday").is_err());
    }

    #[test]
    fn time_stops_at_the_end_of_the_calendar() {
        let end = Instant::LAST + Span::secs(u64::MAX);
        assert_eq!(end, Instant::LAST);
        assert_eq!(Instant::LAST.later(Span::micros(1)), None);
        assert_eq!((Instant::LAST - Span::secs(1)).later(Span::secs(1)), Some(Instant::LAST));
        assert_eq!(end.to_string(), "9999-12-31T23:59:59.999Z");
    }
}
