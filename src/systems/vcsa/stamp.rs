//! The two time stamps of `software-packages`, and other dates as the appliance writes them.
//!
//! The odd one is kept on purpose: plain messages carry, where milliseconds would stand, the day of the year. It was
//! checked on nine dates (reference `software-packages.md` section 1). Both forms are local time, which is UTC here.

use crate::sim::Instant;

/// ` [2015-10-08T02:43:36.281] : text`: the form of plain messages, with the day of the year behind the dot.
#[must_use]
pub fn plain(now: Instant, text: &str) -> String {
    let t = now.utc();
    let day_of_year = t.ordinal();
    let blank = if text.is_empty() { "" } else { " " };
    format!(" [{}T{}.{day_of_year:03}] :{blank}{text}", date(now), clock(now))
}

/// ` [2015-10-08 02:43:36,422] : text`: the form of steps that take a while, with milliseconds.
#[must_use]
pub fn step(now: Instant, text: &str) -> String {
    format!(" [{}] : {text}", with_millis(now))
}

/// `2015-10-08 02:43:36,422`, the default of Python's `logging`.
#[must_use]
pub fn with_millis(now: Instant) -> String {
    format!("{} {},{:03}", date(now), clock(now), now.utc().millisecond())
}

/// `2015-10-08 02:45:53 UTC`, as the listing shows when the EULA was accepted.
#[must_use]
pub fn utc(now: Instant) -> String {
    format!("{} {} UTC", date(now), clock(now))
}

fn date(now: Instant) -> String {
    let t = now.utc();
    format!("{:04}-{:02}-{:02}", t.year(), u8::from(t.month()), t.day())
}

fn clock(now: Instant) -> String {
    let t = now.utc();
    format!("{:02}:{:02}:{:02}", t.hour(), t.minute(), t.second())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_plain_stamp_ends_in_the_day_of_the_year() {
        let check = |time: &str, expect: &str| {
            assert_eq!(plain(Instant::parse(time).expect("a good time"), "x"), format!(" [{expect}] : x"));
        };
        check("2015-10-08T02:43:36Z", "2015-10-08T02:43:36.281");
        check("2016-11-02T01:18:24Z", "2016-11-02T01:18:24.307");
        check("2016-01-12T12:47:55Z", "2016-01-12T12:47:55.012");
        check("2016-03-17T22:36:02Z", "2016-03-17T22:36:02.077");
    }

    #[test]
    fn the_other_forms_are_those_of_the_captures() {
        let at = Instant::parse("2015-10-08T02:40:05.422Z").expect("a good time");
        assert_eq!(step(at, "Running"), " [2015-10-08 02:40:05,422] : Running");
        assert_eq!(utc(at), "2015-10-08 02:40:05 UTC");
        assert_eq!(plain(at, ""), " [2015-10-08T02:40:05.281] :");
    }
}
