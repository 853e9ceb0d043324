//! Time zones by the names of the tz database, with the rules of summer time that are in force today. Earlier rules of a zone
//! are left out.

use time::{Date, Month, OffsetDateTime, Weekday};

use super::Zone;

/// When summer time begins and ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Rule {
    /// Never.
    None,
    /// Last Sunday of March to last Sunday of October, at 1:00 UTC.
    Europe,
    /// Second Sunday of March to first Sunday of November, at 2:00 local time.
    America,
    /// First Sunday of October to first Sunday of April, at 2:00 standard time.
    Australia,
    /// Last Sunday of September to first Sunday of April, at 2:00 standard time.
    NewZealand,
}

/// Name, abbreviation and minutes east of Greenwich in winter, abbreviation in summer, rule.
type Row = (&'static str, &'static str, i32, &'static str, Rule);

const ZONES: &[Row] = &[
    ("Africa/Cairo", "EET", 120, "", Rule::None),
    ("Africa/Johannesburg", "SAST", 120, "", Rule::None),
    ("Africa/Lagos", "WAT", 60, "", Rule::None),
    ("Africa/Nairobi", "EAT", 180, "", Rule::None),
    ("America/Anchorage", "AKST", -540, "AKDT", Rule::America),
    ("America/Argentina/Buenos_Aires", "-03", -180, "", Rule::None),
    ("America/Bogota", "-05", -300, "", Rule::None),
    ("America/Chicago", "CST", -360, "CDT", Rule::America),
    ("America/Denver", "MST", -420, "MDT", Rule::America),
    ("America/Halifax", "AST", -240, "ADT", Rule::America),
    ("America/Los_Angeles", "PST", -480, "PDT", Rule::America),
    ("America/Mexico_City", "CST", -360, "", Rule::None),
    ("America/New_York", "EST", -300, "EDT", Rule::America),
    ("America/Phoenix", "MST", -420, "", Rule::None),
    ("America/Sao_Paulo", "-03", -180, "", Rule::None),
    ("America/Toronto", "EST", -300, "EDT", Rule::America),
    ("America/Vancouver", "PST", -480, "PDT", Rule::America),
    ("Asia/Bangkok", "+07", 420, "", Rule::None),
    ("Asia/Dubai", "+04", 240, "", Rule::None),
    ("Asia/Hong_Kong", "HKT", 480, "", Rule::None),
    ("Asia/Jakarta", "WIB", 420, "", Rule::None),
    ("Asia/Karachi", "PKT", 300, "", Rule::None),
    ("Asia/Kolkata", "IST", 330, "", Rule::None),
    ("Asia/Manila", "PST", 480, "", Rule::None),
    ("Asia/Seoul", "KST", 540, "", Rule::None),
    ("Asia/Shanghai", "CST", 480, "", Rule::None),
    ("Asia/Singapore", "+08", 480, "", Rule::None),
    ("Asia/Taipei", "CST", 480, "", Rule::None),
    ("Asia/Tokyo", "JST", 540, "", Rule::None),
    ("Australia/Adelaide", "ACST", 570, "ACDT", Rule::Australia),
    ("Australia/Brisbane", "AEST", 600, "", Rule::None),
    ("Australia/Melbourne", "AEST", 600, "AEDT", Rule::Australia),
    ("Australia/Perth", "AWST", 480, "", Rule::None),
    ("Australia/Sydney", "AEST", 600, "AEDT", Rule::Australia),
    ("Etc/GMT", "GMT", 0, "", Rule::None),
    ("Etc/UTC", "UTC", 0, "", Rule::None),
    ("Europe/Amsterdam", "CET", 60, "CEST", Rule::Europe),
    ("Europe/Athens", "EET", 120, "EEST", Rule::Europe),
    ("Europe/Berlin", "CET", 60, "CEST", Rule::Europe),
    ("Europe/Brussels", "CET", 60, "CEST", Rule::Europe),
    ("Europe/Budapest", "CET", 60, "CEST", Rule::Europe),
    ("Europe/Copenhagen", "CET", 60, "CEST", Rule::Europe),
    ("Europe/Dublin", "GMT", 0, "IST", Rule::Europe),
    ("Europe/Helsinki", "EET", 120, "EEST", Rule::Europe),
    ("Europe/Istanbul", "+03", 180, "", Rule::None),
    ("Europe/Kiev", "EET", 120, "EEST", Rule::Europe),
    ("Europe/Lisbon", "WET", 0, "WEST", Rule::Europe),
    ("Europe/London", "GMT", 0, "BST", Rule::Europe),
    ("Europe/Luxembourg", "CET", 60, "CEST", Rule::Europe),
    ("Europe/Madrid", "CET", 60, "CEST", Rule::Europe),
    ("Europe/Moscow", "MSK", 180, "", Rule::None),
    ("Europe/Oslo", "CET", 60, "CEST", Rule::Europe),
    ("Europe/Paris", "CET", 60, "CEST", Rule::Europe),
    ("Europe/Prague", "CET", 60, "CEST", Rule::Europe),
    ("Europe/Rome", "CET", 60, "CEST", Rule::Europe),
    ("Europe/Stockholm", "CET", 60, "CEST", Rule::Europe),
    ("Europe/Vienna", "CET", 60, "CEST", Rule::Europe),
    ("Europe/Warsaw", "CET", 60, "CEST", Rule::Europe),
    ("Europe/Zurich", "CET", 60, "CEST", Rule::Europe),
    ("Pacific/Auckland", "NZST", 720, "NZDT", Rule::NewZealand),
    ("Pacific/Honolulu", "HST", -600, "", Rule::None),
    ("UTC", "UTC", 0, "", Rule::None),
];

/// The names, in order.
pub fn names() -> impl Iterator<Item = &'static str> {
    ZONES.iter().map(|(name, ..)| *name)
}

/// The zone of this name.
#[must_use]
pub fn find(name: &str) -> Option<Zone> {
    let (place, abbreviation, minutes, ..) = ZONES.iter().find(|(known, ..)| *known == name)?;
    let place = if *place == "UTC" { String::new() } else { (*place).to_owned() };
    Some(Zone { name: (*abbreviation).to_owned(), offset: minutes * 60, place, steps: Vec::new() })
}

/// Abbreviation and offset of a zone at a moment.
pub(super) fn at(zone: &Zone, seconds: i64) -> (String, i32) {
    let usual = (zone.name.clone(), zone.offset);
    let Some((_, _, minutes, summer, rule)) = ZONES.iter().find(|(known, ..)| *known == zone.place) else {
        return usual;
    };
    let Ok(moment) = OffsetDateTime::from_unix_timestamp(seconds + i64::from(zone.offset)) else { return usual };
    let year = moment.year();
    let standard = i64::from(*minutes) * 60;
    // The moments at which summer time begins and ends, in UTC.
    let (begins, ends) = match rule {
        Rule::None => return usual,
        Rule::Europe => (sunday(year, Month::March, 5) + 3_600, sunday(year, Month::October, 5) + 3_600),
        Rule::America => {
            (sunday(year, Month::March, 2) + 7_200 - standard, sunday(year, Month::November, 1) + 3_600 - standard)
        }
        Rule::Australia => {
            (sunday(year, Month::October, 1) + 7_200 - standard, sunday(year, Month::April, 1) + 7_200 - standard)
        }
        Rule::NewZealand => {
            (sunday(year, Month::September, 5) + 7_200 - standard, sunday(year, Month::April, 1) + 7_200 - standard)
        }
    };
    let in_summer = if begins < ends { (begins..ends).contains(&seconds) } else { seconds >= begins || seconds < ends };
    if in_summer { ((*summer).to_owned(), zone.offset + 3_600) } else { usual }
}

/// Midnight of the first, second … Sunday of a month, the fifth being the last, as if it were UTC.
fn sunday(year: i32, month: Month, which: u8) -> i64 {
    let days = month.length(year);
    let day = |number: u8| Date::from_calendar_date(year, month, number).ok();
    let sundays: Vec<Date> = (1..=days).filter_map(day).filter(|date| date.weekday() == Weekday::Sunday).collect();
    let date = if which == 5 { sundays.last() } else { sundays.get(usize::from(which) - 1) };
    date.map_or(0, |date| date.midnight().assume_utc().unix_timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn summer_time_is_kept() {
        let check = |name: &str, seconds: i64, expect: &str| {
            let zone = find(name).expect("a zone");
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
    }
}
