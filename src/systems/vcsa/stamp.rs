//! The two time stamps of `software-packages`, and other dates as the appliance writes them.
//!
//! The odd one is kept on purpose: plain messages carry, where milliseconds would stand, the day of the year. It was
//! checked on nine dates (reference `software-packages.md` section 1). Both forms are local time, the dates of listings are UTC.

use crate::sim::Instant;
use crate::systems::linux::clock::{self, Zone};

/// ` [2015-10-08T02:43:36.281] : text`: the form of plain messages, with the day of the year behind the dot.
#[must_use]
pub fn plain(now: Instant, zone: &Zone, text: &str) -> String {
    let blank = if text.is_empty() { "" } else { " " };
    format!(" [{}] :{blank}{text}", form("%Y-%m-%dT%H:%M:%S.%j", now, zone))
}

/// ` [2015-10-08 02:43:36,422] : text`: the form of steps that take a while, with milliseconds.
#[must_use]
pub fn step(now: Instant, zone: &Zone, text: &str) -> String {
    format!(" [{}] : {text}", with_millis(now, zone))
}

/// `2015-10-08 02:43:36,422`, the default of Python's `logging`.
#[must_use]
pub fn with_millis(now: Instant, zone: &Zone) -> String {
    format!("{},{:03}", form("%Y-%m-%d %H:%M:%S", now, zone), now.utc().millisecond())
}

/// `2015-10-08 02:45:53 UTC`, as the listing shows when the EULA was accepted.
#[must_use]
pub fn utc(now: Instant, clock: &Zone) -> String {
    form("%Y-%m-%d %H:%M:%S UTC", now, &Zone::utc().by_clock_of(clock))
}

/// `2015-10-08T02:45:53Z`, as the files of the appliance management write it.
#[must_use]
pub fn zulu(now: Instant, clock: &Zone) -> String {
    form("%Y-%m-%dT%H:%M:%SZ", now, &Zone::utc().by_clock_of(clock))
}

/// `2017-11-29T15:12:57.617Z`, as `service-control` writes it.
#[must_use]
pub fn iso(now: Instant, clock: &Zone) -> String {
    format!("{}.{:03}Z", form("%Y-%m-%dT%H:%M:%S", now, &Zone::utc().by_clock_of(clock)), now.utc().millisecond())
}

/// `2017-11-29T15:12:57.617Z` or `2017-11-29T23:12:57.617+08:00`, as vpxd and its kin write it.
#[must_use]
pub fn offset(now: Instant, zone: &Zone) -> String {
    let millis = now.utc().millisecond();
    let ends = form("%:z", now, zone);
    format!("{}.{millis:03}{}", form("%Y-%m-%dT%H:%M:%S", now, zone), if ends == "+00:00" { "Z" } else { &ends })
}

/// `2017-11-29T15:12:57.617034+00:00`, as syslog writes it.
#[must_use]
pub fn micros(now: Instant, zone: &Zone) -> String {
    let micros = now.utc().microsecond();
    format!("{}.{micros:06}{}", form("%Y-%m-%dT%H:%M:%S", now, zone), form("%:z", now, zone))
}

/// `2017-11-29T15:12:57.617`, in UTC without saying so.
#[must_use]
pub fn bare(now: Instant, clock: &Zone) -> String {
    iso(now, clock).trim_end_matches('Z').to_owned()
}

/// The day of the month, in UTC.
#[must_use]
pub fn day(now: Instant, clock: &Zone) -> String {
    form("%d", now, &Zone::utc().by_clock_of(clock))
}

fn form(form: &str, now: Instant, zone: &Zone) -> String {
    clock::format(form, now.utc().unix_timestamp(), 0, zone)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_plain_stamp_ends_in_the_day_of_the_year() {
        let check = |time: &str, expect: &str| {
            assert_eq!(
                plain(Instant::parse(time).expect("a good time"), &Zone::utc(), "x"),
                format!(" [{expect}] : x")
            );
        };
        check("2015-10-08T02:43:36Z", "2015-10-08T02:43:36.281");
        check("2016-11-02T01:18:24Z", "2016-11-02T01:18:24.307");
        check("2016-01-12T12:47:55Z", "2016-01-12T12:47:55.012");
        check("2016-03-17T22:36:02Z", "2016-03-17T22:36:02.077");
    }

    #[test]
    fn the_other_forms_are_those_of_the_captures() {
        let at = Instant::parse("2015-10-08T02:40:05.422Z").expect("a good time");
        assert_eq!(step(at, &Zone::utc(), "Running"), " [2015-10-08 02:40:05,422] : Running");
        assert_eq!(utc(at, &Zone::utc()), "2015-10-08 02:40:05 UTC");
        assert_eq!(zulu(at, &Zone::utc()), "2015-10-08T02:40:05Z");
        assert_eq!(iso(at, &Zone::utc()), "2015-10-08T02:40:05.422Z");
        let taipei = Zone { name: "CST".to_owned(), offset: 8 * 3600, place: String::new(), steps: Vec::new() };
        assert_eq!(plain(at, &taipei, "x"), " [2015-10-08T10:40:05.281] : x");
        assert_eq!(plain(at, &Zone::utc(), ""), " [2015-10-08T02:40:05.281] :");
        assert_eq!(offset(at, &Zone::utc()), "2015-10-08T02:40:05.422Z");
        assert_eq!(offset(at, &taipei), "2015-10-08T10:40:05.422+08:00");
        assert_eq!(micros(at, &taipei), "2015-10-08T10:40:05.422000+08:00");
        assert_eq!((bare(at, &taipei).as_str(), day(at, &taipei).as_str()), ("2015-10-08T02:40:05.422", "08"));
    }
}
