//! `cal` of util-linux: months side by side, a year, Mondays first, days of the year, and the eleven days that 1752 lacks. The day
//! that it is is not set off: to programs the terminal is one without colours. Layouts are inferred from the sources' tables.

use super::date;
use super::getopt::Spec;
use super::input::{failed, given};
use super::{Tool, tool};
use crate::systems::linux::clock;
use crate::systems::linux::proc::{Ended, Proc};

/// The program of this file.
pub static TOOLS: &[Tool] = &[tool!("cal", cal)];

const SPEC: Spec = Spec {
    short: "13jmn:sy",
    long: &[
        ("one", '1'),
        ("three", '3'),
        ("julian", 'j'),
        ("monday", 'm'),
        ("months:", 'n'),
        ("sunday", 's'),
        ("year", 'y'),
    ],
    gaps: "hVwSY --week:: --span --twelve --color:: --reform: --iso",
};

const MONTHS: [&str; 12] = [
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
const DAYS: [&str; 7] = ["Su", "Mo", "Tu", "We", "Th", "Fr", "Sa"];
/// Rows of a month.
const ROWS: usize = 6;
/// The month whose days 3 to 13 there were not.
const REFORM: (i32, usize) = (1752, 8);

fn is_leap(year: i32) -> bool {
    year % 4 == 0 && (year <= REFORM.0 || year % 100 != 0 || year % 400 == 0)
}

fn length(year: i32, month: usize) -> u32 {
    match month {
        1 => 28 + u32::from(is_leap(year)),
        3 | 5 | 8 | 10 => 30,
        _ => 31,
    }
}

/// The number of a day in its year.
fn day_of_year(year: i32, month: usize, day: u32) -> u32 {
    let before: u32 = (0..month).map(|month| length(year, month)).sum();
    let lost = if year == REFORM.0 && (month > REFORM.1 || month == REFORM.1 && day > 13) { 11 } else { 0 };
    before + day - lost
}

/// The weekday of a day, 0 for Sunday.
fn weekday(year: i32, month: usize, day: u32) -> u32 {
    let before = i64::from(year) - 1;
    let leaps = if year > REFORM.0 { before / 4 - before / 100 + before / 400 } else { before / 4 };
    let days: u32 = (0..month).map(|month| length(year, month)).sum::<u32>() + day;
    let julian = (year, month) < REFORM || (year, month) == REFORM && day < 3;
    let shift = match (julian, year > REFORM.0) {
        (true, _) => 5,
        (false, true) => 0,
        // The rest of that year: what the years before count, without the days that were left out.
        (false, false) => 5 - 11,
    };
    u32::try_from((before + leaps + i64::from(days) + shift).rem_euclid(7)).unwrap_or(0)
}

/// How months are shown.
struct Sheet {
    monday: bool,
    julian: bool,
    gap: usize,
    /// The year stands above all of them.
    year_above: bool,
    /// Lines end with their last sign.
    trimmed: bool,
}

impl Sheet {
    fn width(&self) -> usize {
        7 * self.day() - 1
    }

    fn day(&self) -> usize {
        if self.julian { 4 } else { 3 }
    }

    fn days(&self) -> String {
        let days = (0..7).map(|day| DAYS[(day + usize::from(self.monday)) % 7]);
        let wide = self.day() - 1;
        days.map(|day| format!("{day:>wide$}")).collect::<Vec<_>>().join(" ")
    }

    fn row(&self, (year, month): (i32, usize), row: usize) -> String {
        let exists = |day: &u32| (year, month) != REFORM || !(3..=13).contains(day);
        let days: Vec<u32> = (1..=length(year, month)).filter(exists).collect();
        let first = (weekday(year, month, 1) as usize + 7 - usize::from(self.monday)) % 7;
        let wide = self.day() - 1;
        let cells = (row * 7..row * 7 + 7).map(|cell| match cell.checked_sub(first).and_then(|at| days.get(at)) {
            Some(day) if self.julian => format!("{:wide$}", day_of_year(year, month, *day)),
            Some(day) => format!("{day:wide$}"),
            None => " ".repeat(wide),
        });
        cells.collect::<Vec<_>>().join(" ")
    }

    /// Months beside each other.
    fn months(&self, months: &[(i32, usize)]) -> String {
        let gap = " ".repeat(self.gap);
        let title = |&(year, month): &(i32, usize)| match self.year_above {
            true => centred(MONTHS[month], self.width()),
            false => centred(&format!("{} {year:04}", MONTHS[month]), self.width()),
        };
        let mut lines = vec![months.iter().map(title).collect::<Vec<_>>().join(&gap)];
        lines.push(months.iter().map(|_| self.days()).collect::<Vec<_>>().join(&gap));
        for row in 0..ROWS {
            let cells: Vec<String> = months.iter().map(|month| self.row(*month, row)).collect();
            let line = cells.join(&gap);
            lines.push(if self.trimmed { line.trim_end().to_owned() } else { line });
        }
        lines.join("\n") + "\n"
    }
}

fn centred(text: &str, width: usize) -> String {
    // What cannot be halved goes before it.
    let blanks = width.saturating_sub(text.len());
    format!("{:before$}{text}{:behind$}", "", "", before = blanks.div_ceil(2), behind = blanks / 2)
}

async fn cal(p: &mut Proc, arguments: &[String]) -> Ended {
    let given = given!(p, &SPEC, arguments, 1);
    let recent = p.peek(|linux| linux.distro.has("util-linux", (2, 29, 0)));
    let now = p.now().utc().unix_timestamp();
    let today = clock::format("%Y %m", now, 0, &date::zone(p));
    let (this_year, this_month) = today.split_once(' ').unwrap_or_default();
    let (mut year, mut month) = (this_year.parse::<i32>().unwrap_or(1970), this_month.parse().unwrap_or(1_usize) - 1);
    let mut whole_year = given.has('y');
    let words: Vec<&str> = given.operands.iter().map(String::as_str).collect();
    let read_year = |text: &str| text.parse::<i32>().ok().filter(|year| *year > 0);
    let (day, month_word, year_word) = match words[..] {
        [] => (None, None, None),
        [only] if recent && read_year(only).is_none() && only.starts_with(|c: char| c.is_alphabetic()) => {
            (None, Some(only), None)
        }
        [only] => {
            whole_year = true;
            (None, None, Some(only))
        }
        [month, year] => (None, Some(month), Some(year)),
        [day, month, year] => (Some(day), Some(month), Some(year)),
        _ => return super::input::misused(p, "bad usage", 1).await,
    };
    if let Some(text) = year_word {
        match read_year(text) {
            Some(read) => year = read,
            None => return failed(p, "illegal year value: use positive integer", 1).await,
        }
    }
    if let Some(text) = month_word {
        let named = || {
            let lower = text.to_lowercase();
            MONTHS.iter().position(|name| {
                let name = name.to_lowercase();
                recent && (name == lower || lower.len() == 3 && name.starts_with(&lower))
            })
        };
        let number = text.parse::<usize>().ok().filter(|month| (1..=12).contains(month)).map(|month| month - 1);
        match number.or_else(named) {
            Some(read) => month = read,
            None if recent && text.starts_with(|c: char| c.is_alphabetic()) => {
                return failed(p, &format!("unknown month name: {text}"), 1).await;
            }
            None => return failed(p, "illegal month value: use 1-12", 1).await,
        }
    }
    if let Some(text) = day {
        let most = length(year, month);
        if text.parse::<u32>().ok().is_none_or(|day| !(1..=most).contains(&day)) {
            return failed(p, &format!("illegal day value: use 1-{most}"), 1).await;
        }
    }
    let several = match given.value('n').map(str::parse::<usize>) {
        None if given.has('3') => Some(3),
        None => None,
        Some(Ok(count)) if (1..=1200).contains(&count) => Some(count),
        Some(_) => return failed(p, "invalid month argument", 1).await,
    };
    whole_year &= several.is_none() || given.has('y');
    let mut sheet = Sheet {
        monday: given.last_of("ms") == Some('m'),
        julian: given.has('j'),
        gap: 2,
        year_above: whole_year,
        trimmed: !recent,
    };
    let behind = |count: usize| {
        let month = month + count;
        (year + i32::try_from(month / 12).unwrap_or(0), month % 12)
    };
    p.inferred();
    let in_row = if sheet.julian { 2 } else { 3 };
    let text = if whole_year {
        sheet.gap = if sheet.julian { 2 } else { 3 };
        let width = in_row * sheet.width() + (in_row - 1) * sheet.gap;
        let rows = (0..12).collect::<Vec<_>>();
        let rows = rows.chunks(in_row).map(|row| sheet.months(&row.iter().map(|m| (year, *m)).collect::<Vec<_>>()));
        format!("{}\n\n{}", centred(&format!("{year:04}"), width), rows.collect::<String>())
    } else if given.has('3') && given.value('n').is_none() {
        let before = if month == 0 { (year - 1, 11) } else { (year, month - 1) };
        sheet.months(&[before, (year, month), behind(1)])
    } else {
        let months: Vec<(i32, usize)> = (0..several.unwrap_or(1)).map(behind).collect();
        months.chunks(in_row).map(|row| sheet.months(row)).collect()
    };
    p.out(&text).await?;
    Ok(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weekdays_are_those_of_the_calendar() {
        let check = |date: (i32, usize, u32), expect: u32| {
            assert_eq!(weekday(date.0, date.1, date.2), expect, "{date:?}");
        };
        check((2022, 2, 14), 1);
        check((2000, 1, 29), 2);
        check((1752, 8, 2), 3);
        check((1752, 8, 14), 4);
        check((1752, 11, 25), 1);
        check((1753, 0, 1), 1);
        check((1752, 0, 1), 3);
        check((1, 0, 1), 6);
        assert_eq!(day_of_year(2022, 2, 14), 73);
        assert_eq!(day_of_year(1752, 11, 31), 355);
    }
}
