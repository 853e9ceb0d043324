//! The words of a text that names a moment: numbers, units, days, months, zones. Letters count in any case, comments stand in
//! parentheses.

use crate::systems::linux::clock::Zone;

/// A word.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Token {
    /// A number, with its sign if it has one, how many digits it has, and billionths behind a point.
    Number(Number),
    /// A unit of so many seconds, days or months.
    Unit(Unit, i64),
    /// `first`, `next`, `last` …
    Ordinal(i64),
    /// `ago` or `hence`: the factor for what stands before.
    Ago(i64),
    /// `now`, `tomorrow` …: days from today.
    Shift(i64),
    /// A day of the week, from Sunday.
    Day(i64),
    /// A month, from 1.
    Month(i64),
    /// A zone: seconds east of Greenwich.
    Zone(i64),
    /// `am`, `pm`: whether it is after noon.
    Half(bool),
    /// `dst`
    Summer,
    /// `T`, which is a zone of the military, too.
    T,
    /// Any other character.
    Sign(char),
}

/// A number as it was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Number {
    /// Its value; the whole below it, where it has a part.
    pub value: i64,
    /// Whether a sign stands before it: -1 or 1; 0 for none.
    pub sign: i64,
    /// How many digits it has.
    pub digits: usize,
    /// Billionths, where a point and digits follow.
    pub part: Option<u32>,
}

/// What a unit is counted in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Seconds.
    Second,
    /// Days.
    Day,
    /// Months.
    Month,
}

/// Longest text and longest word that are looked at.
const LONGEST: usize = 1_000;
const LONGEST_WORD: usize = 20;

/// The words of a text; nothing where one is none that is known. Abbreviations of `zone` count, with their offset.
pub fn split(text: &str, zone: &Zone) -> Option<Vec<Token>> {
    if text.len() > LONGEST {
        return None;
    }
    let mut tokens = Vec::new();
    let mut rest = text;
    loop {
        rest = rest.trim_start();
        let Some(first) = rest.chars().next() else { return Some(tokens) };
        if first.is_ascii_digit() || matches!(first, '+' | '-') {
            let (number, left) = number(rest)?;
            tokens.extend(number.map(Token::Number));
            rest = left;
        } else if first.is_ascii_alphabetic() {
            let end = rest.find(|c: char| !(c.is_ascii_alphabetic() || c == '.')).unwrap_or(rest.len());
            tokens.push(word(&rest[..end], zone)?);
            rest = &rest[end..];
        } else if first == '(' {
            rest = behind_comment(rest);
        } else {
            tokens.push(Token::Sign(first));
            rest = &rest[first.len_utf8()..];
        }
    }
}

/// What stands behind a comment, in which others may be.
fn behind_comment(text: &str) -> &str {
    let mut depth = 0;
    for (at, c) in text.char_indices() {
        match c {
            '(' => depth += 1,
            ')' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return &text[at + 1..];
        }
    }
    ""
}

/// A number, and what stands behind it. A sign without one is passed over.
fn number(text: &str) -> Option<(Option<Number>, &str)> {
    let sign = match text.as_bytes()[0] {
        b'-' => -1,
        b'+' => 1,
        _ => 0,
    };
    let unsigned = if sign == 0 { text } else { text[1..].trim_start() };
    let digits = unsigned.bytes().take_while(u8::is_ascii_digit).count();
    if digits == 0 {
        return Some((None, unsigned));
    }
    let value: i64 = unsigned[..digits].parse().ok()?;
    let mut value = if sign < 0 { -value } else { value };
    let rest = &unsigned[digits..];
    let behind = rest.strip_prefix(['.', ',']).map_or("", |part| part);
    let places = behind.bytes().take_while(u8::is_ascii_digit).count();
    if places == 0 {
        return Some((Some(Number { value, sign, digits, part: None }), rest));
    }
    let mut part: u32 = format!("{:0<9.9}", &behind[..places]).parse().ok()?;
    if sign < 0 && part > 0 {
        value = value.checked_sub(1)?;
        part = 1_000_000_000 - part;
    }
    Some((Some(Number { value, sign, digits, part: Some(part) }), &behind[places..]))
}

const DAYS: [&str; 7] = ["sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"];

const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];

const ORDINALS: [(&str, i64); 14] = [
    ("last", -1),
    ("this", 0),
    ("next", 1),
    ("first", 1),
    ("third", 3),
    ("fourth", 4),
    ("fifth", 5),
    ("sixth", 6),
    ("seventh", 7),
    ("eighth", 8),
    ("ninth", 9),
    ("tenth", 10),
    ("eleventh", 11),
    ("twelfth", 12),
];

const UNITS: [(&str, Unit, i64); 10] = [
    ("year", Unit::Month, 12),
    ("month", Unit::Month, 1),
    ("fortnight", Unit::Day, 14),
    ("week", Unit::Day, 7),
    ("day", Unit::Day, 1),
    ("hour", Unit::Second, 3_600),
    ("minute", Unit::Second, 60),
    ("min", Unit::Second, 60),
    ("second", Unit::Second, 1),
    ("sec", Unit::Second, 1),
];

/// Zones by their abbreviations: minutes east of Greenwich, summer time included.
const ZONES: [(&str, i64); 50] = [
    ("gmt", 0),
    ("ut", 0),
    ("utc", 0),
    ("wet", 0),
    ("west", 60),
    ("bst", 60),
    ("art", -180),
    ("brt", -180),
    ("brst", -120),
    ("nst", -210),
    ("ndt", -150),
    ("ast", -240),
    ("adt", -180),
    ("clt", -240),
    ("clst", -180),
    ("est", -300),
    ("edt", -240),
    ("cst", -360),
    ("cdt", -300),
    ("mst", -420),
    ("mdt", -360),
    ("pst", -480),
    ("pdt", -420),
    ("akst", -540),
    ("akdt", -480),
    ("hst", -600),
    ("hast", -600),
    ("hadt", -540),
    ("sst", -720),
    ("wat", 60),
    ("cet", 60),
    ("cest", 120),
    ("met", 60),
    ("mez", 60),
    ("mest", 120),
    ("mesz", 120),
    ("eet", 120),
    ("eest", 180),
    ("cat", 120),
    ("sast", 120),
    ("eat", 180),
    ("msk", 180),
    ("msd", 240),
    ("ist", 330),
    ("sgt", 480),
    ("kst", 540),
    ("jst", 540),
    ("gst", 600),
    ("nzst", 720),
    ("nzdt", 780),
];

fn word(text: &str, zone: &Zone) -> Option<Token> {
    let word = text.to_ascii_lowercase();
    if word.len() > LONGEST_WORD {
        return None;
    }
    let half = match word.as_str() {
        "am" | "a.m." => Some(false),
        "pm" | "p.m." => Some(true),
        _ => None,
    };
    if let Some(afternoon) = half {
        return Some(Token::Half(afternoon));
    }
    let place = |at: usize, first: i64| i64::try_from(at).ok().map(|at| at + first);
    if let Some(day) = DAYS.iter().position(|name| is_named(&word, name)) {
        return Some(Token::Day(place(day, 0)?));
    }
    if let Some(month) = MONTHS.iter().position(|name| is_named(&word, name)) {
        return Some(Token::Month(place(month, 1)?));
    }
    let more = match word.as_str() {
        "sept" => Some(Token::Month(9)),
        "tues" => Some(Token::Day(2)),
        "wednes" => Some(Token::Day(3)),
        "thur" | "thurs" => Some(Token::Day(4)),
        "dst" => Some(Token::Summer),
        "tomorrow" => Some(Token::Shift(1)),
        "yesterday" => Some(Token::Shift(-1)),
        "today" | "now" => Some(Token::Shift(0)),
        "ago" => Some(Token::Ago(-1)),
        "hence" => Some(Token::Ago(1)),
        "t" => Some(Token::T),
        _ => None,
    };
    more.or_else(|| zone_named(&word, zone))
        .or_else(|| unit(&word))
        .or_else(|| ORDINALS.iter().find(|(name, _)| *name == word).map(|(_, count)| Token::Ordinal(*count)))
        .or_else(|| military(&word))
        .or_else(|| {
            let bare = word.replace('.', "");
            (bare.len() < word.len()).then(|| zone_named(&bare, zone))?
        })
}

/// Whether a word is a name, or its first three letters with or without a point.
fn is_named(word: &str, name: &str) -> bool {
    word == name || word.strip_suffix('.').unwrap_or(word).len() == 3 && name.starts_with(word.trim_end_matches('.'))
}

fn zone_named(word: &str, zone: &Zone) -> Option<Token> {
    let half_year = 182 * 86_400;
    let own = [zone.at(0), zone.at(half_year)].into_iter().find(|own| own.name.eq_ignore_ascii_case(word));
    if let Some(own) = own.filter(|_| word != "utc") {
        return Some(Token::Zone(i64::from(own.offset)));
    }
    let known = ZONES.iter().find(|(name, _)| *name == word);
    known.map(|(_, minutes)| Token::Zone(minutes * 60))
}

fn unit(word: &str) -> Option<Token> {
    let one = word.strip_suffix('s').unwrap_or(word);
    let known = UNITS.iter().find(|(name, ..)| *name == word || *name == one);
    known.map(|(_, unit, count)| Token::Unit(*unit, *count))
}

/// A letter as a zone: `A` to `M` without `J` go east, `N` to `Y` west.
fn military(word: &str) -> Option<Token> {
    let [letter] = word.as_bytes() else { return None };
    let hours = match letter {
        b'a'..=b'i' => i64::from(letter - b'a') + 1,
        b'k'..=b'm' => i64::from(letter - b'a'),
        b'n'..=b'y' => -(i64::from(letter - b'n') + 1),
        b'z' => 0,
        _ => return None,
    };
    Some(Token::Zone(hours * 3_600))
}
