//! `numfmt` as in GNU coreutils 8.30: numbers with and without the letters of thousands, in one field of each line.

use crate::systems::linux::io::Cut;
use crate::systems::linux::proc::{Ended, HELD, Proc};
use crate::systems::linux::tools::argmatch::argument;
use crate::systems::linux::tools::figures::padded;
use crate::systems::linux::tools::getopt::{Given, Spec};
use crate::systems::linux::tools::input::{self, Lines, Out, chop, given, quoted};
use crate::systems::linux::tools::{Tool, tool};

mod form;

use form::{Form, fields_of, format_of, grouped, unit_of, zeros};

/// The programs of this file.
pub static TOOLS: &[Tool] = &[tool!("numfmt", numfmt)];

const FROM: char = '\u{1}';
const TO: char = '\u{2}';
const SUFFIX: char = '\u{3}';
const PADDING: char = '\u{4}';
const FIELD: char = '\u{5}';
const HEADER: char = '\u{6}';
const FORMAT: char = '\u{7}';
const ROUND: char = '\u{8}';
const INVALID: char = '\u{e}';
const FROM_UNIT: char = '\u{f}';
const TO_UNIT: char = '\u{10}';
const GROUPING: char = '\u{11}';
const SPEC: Spec = Spec {
    short: "d:z",
    long: &[
        ("from:", FROM),
        ("to:", TO),
        ("suffix:", SUFFIX),
        ("padding:", PADDING),
        ("field:", FIELD),
        ("header::", HEADER),
        ("format:", FORMAT),
        ("round:", ROUND),
        ("invalid:", INVALID),
        ("from-unit:", FROM_UNIT),
        ("to-unit:", TO_UNIT),
        ("grouping", GROUPING),
        ("delimiter:", 'd'),
        ("zero-terminated", 'z'),
    ],
    gaps: "--debug",
};

/// What letters mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Scale {
    None,
    Auto,
    Si,
    Iec,
    IecI,
}

impl Scale {
    const NAMES: [(&str, Self); 5] =
        [("none", Self::None), ("auto", Self::Auto), ("si", Self::Si), ("iec", Self::Iec), ("iec-i", Self::IecI)];

    fn base(self) -> f64 {
        if self == Self::Si { 1000.0 } else { 1024.0 }
    }
}

const LETTERS: &str = "KMGTPEZY";

/// How a number is rounded that has too many digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Round {
    Up,
    Down,
    FromZero,
    TowardsZero,
    Nearest,
}

impl Round {
    const NAMES: [(&str, Self); 5] = [
        ("up", Self::Up),
        ("down", Self::Down),
        ("from-zero", Self::FromZero),
        ("towards-zero", Self::TowardsZero),
        ("nearest", Self::Nearest),
    ];

    fn apply(self, value: f64) -> f64 {
        match self {
            Self::Up => value.ceil(),
            Self::Down => value.floor(),
            Self::FromZero if value < 0.0 => value.floor(),
            Self::FromZero => value.ceil(),
            Self::TowardsZero => value.trunc(),
            Self::Nearest => value.round(),
        }
    }
}

/// What is wanted.
#[derive(Clone, Debug)]
struct Wish {
    from: Scale,
    to: Scale,
    round: Round,
    suffix: String,
    /// Negative: to the left.
    padding: i64,
    form: Form,
    units: (f64, f64),
    fields: Vec<(usize, usize)>,
    delimiter: Option<u8>,
}

async fn numfmt(p: &mut Proc, arguments: &[String]) -> Ended {
    let given = given!(p, &SPEC, &negative_values(arguments), 1);
    let wish = match Wish::read(&given, thousands(p)) {
        Ok(wish) => wish,
        Err((text, true)) => return input::misused(p, &text, 1).await,
        Err((text, false)) => return input::failed(p, &text, 1).await,
    };
    let invalid = match chosen(&given, INVALID, "--invalid", &INVALIDS, "abort") {
        Ok(invalid) => invalid.to_owned(),
        Err((text, _)) => return input::misused(p, &text, 1).await,
    };
    let header = match given.value(HEADER) {
        Some(text) => text.parse::<usize>().ok().filter(|lines| *lines > 0),
        None => Some(usize::from(given.has(HEADER))),
    };
    let Some(mut header) = header else {
        return p.fail(&format!("invalid header value {}", quoted(given.value(HEADER).unwrap_or_default()))).await;
    };
    let (mut out, mut status) = (Out::default(), 0);
    if !given.operands.is_empty() {
        for word in &given.operands {
            if !line(p, &wish, word.as_bytes(), &mut out, &invalid, &mut status).await? {
                break;
            }
            out.text("\n");
        }
        out.flush(p).await?;
        return Ok(status);
    }
    let end = if given.has('z') { 0 } else { b'\n' };
    let mut lines = Lines::new(0, end);
    while let Some(text) = lines.next(p, &mut out).await? {
        if header > 0 {
            header -= 1;
            out.push(&text);
            continue;
        }
        if !line(p, &wish, chop(&text, end), &mut out, &invalid, &mut status).await? {
            break;
        }
        out.push(&[end]);
    }
    out.flush(p).await?;
    Ok(status)
}

/// What stands between thousands in the locale.
fn thousands(p: &Proc) -> &'static str {
    let locale = ["LC_ALL", "LC_NUMERIC", "LANG"].iter().find_map(|name| p.env(name).filter(|value| !value.is_empty()));
    if locale.is_some_and(|locale| locale.starts_with("en_")) { "," } else { "" }
}

/// What `--invalid` takes.
const INVALIDS: [(&str, &str); 4] = [("abort", "abort"), ("fail", "fail"), ("warn", "warn"), ("ignore", "ignore")];

/// A value such as `-10` behind `--padding` is a number, not an option.
fn negative_values(arguments: &[String]) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    for word in arguments {
        match words.last_mut().filter(|last| matches!(last.as_str(), "--padding" | "--field")) {
            Some(last) => *last = format!("{last}={word}"),
            None => words.push(word.clone()),
        }
    }
    // Negative numbers are operands.
    let is_number =
        |word: &String| word.strip_prefix('-').is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
    let end = words.iter().position(|word| word == "--").unwrap_or(words.len());
    if let Some(at) = words[..end].iter().position(is_number) {
        words.insert(at, "--".to_owned());
    }
    words
}

/// One line; `false` when the program ends at it.
async fn line(
    p: &mut Proc,
    wish: &Wish,
    text: &[u8],
    out: &mut Out,
    invalid: &str,
    status: &mut u8,
) -> Result<bool, Cut> {
    let text = String::from_utf8_lossy(text).into_owned();
    match wish.line(&text) {
        Ok(shown) => out.text(&shown),
        Err(complaint) if invalid == "ignore" => {
            let _ = complaint;
            out.text(&text);
        }
        Err(complaint) => {
            out.flush(p).await?;
            p.complain(&complaint).await?;
            if invalid != "warn" {
                *status = 2;
            }
            if invalid == "abort" {
                return Ok(false);
            }
            out.text(&text);
        }
    }
    out.spill(p).await?;
    Ok(true)
}

fn chosen<T: Copy>(
    given: &Given,
    letter: char,
    option: &str,
    names: &[(&str, T)],
    usual: T,
) -> Result<T, (String, bool)> {
    let Some(word) = given.value(letter) else { return Ok(usual) };
    let words: Vec<&str> = names.iter().map(|(name, _)| *name).collect();
    let word = argument(Some(word), option, &words).map_err(|text| (text, true))?;
    Ok(names.iter().find(|(name, _)| *name == word).map_or(usual, |(_, value)| *value))
}

impl Wish {
    fn read(given: &Given, thousands: &'static str) -> Result<Self, (String, bool)> {
        let from = chosen(given, FROM, "--from", &Scale::NAMES, Scale::None)?;
        let without_auto: Vec<(&str, Scale)> =
            Scale::NAMES.into_iter().filter(|(_, scale)| *scale != Scale::Auto).collect();
        let to = chosen(given, TO, "--to", &without_auto, Scale::None)?;
        let round = chosen(given, ROUND, "--round", &Round::NAMES, Round::FromZero)?;
        let padding = match given.value(PADDING) {
            None => 0,
            Some(text) => match text.parse::<i64>() {
                Ok(padding) if padding.unsigned_abs() > HELD as u64 && padding != i64::MIN => {
                    return Err(("memory exhausted".to_owned(), false));
                }
                Ok(padding) if padding != 0 && padding != i64::MIN => padding,
                _ => return Err((format!("invalid padding value {}", quoted(text)), false)),
            },
        };
        let mut form = given.value(FORMAT).map_or_else(|| Ok(Form::default()), |text| format_of(text, thousands))?;
        if given.has(GROUPING) {
            if given.has(FORMAT) {
                return Err(("--grouping cannot be combined with --format".to_owned(), false));
            }
            form.thousands = thousands;
        }
        if to != Scale::None && (given.has(GROUPING) || given.value(FORMAT).is_some_and(|text| text.contains('\''))) {
            return Err(("grouping cannot be combined with --to".to_owned(), false));
        }
        let unit = |letter: char| match given.value(letter) {
            None => Ok(1.0),
            Some(text) => unit_of(text).ok_or_else(|| (format!("invalid unit size: {}", quoted(text)), false)),
        };
        let fields = match given.value(FIELD) {
            None => vec![(1, 1)],
            Some(list) => fields_of(list).map_err(|text| (text, true))?,
        };
        let delimiter = match given.value('d') {
            None => None,
            Some(text) if text.len() == 1 => text.bytes().next(),
            Some(_) => return Err(("the delimiter must be a single character".to_owned(), true)),
        };
        let suffix = given.value(SUFFIX).unwrap_or_default().to_owned();
        Ok(Self {
            from,
            to,
            round,
            suffix,
            padding,
            form,
            units: (unit(FROM_UNIT)?, unit(TO_UNIT)?),
            fields,
            delimiter,
        })
    }

    fn line(&self, text: &str) -> Result<String, String> {
        let mut shown = String::new();
        for (at, field) in self.split(text).into_iter().enumerate() {
            if at > 0 {
                shown.push(self.delimiter.map_or(' ', char::from));
            }
            let wanted = self.fields.iter().any(|(from, to)| (*from..=*to).contains(&(at + 1)));
            if !wanted {
                shown.push_str(field);
                continue;
            }
            let bare = field.trim_start();
            let number = self.number(bare)?;
            let number = self.show(number.0, number.1);
            // In a table each number keeps its place.
            let kept = self.padding == 0 && self.delimiter.is_none() && (bare.len() < field.len() || at > 0);
            let width = if kept { field.chars().count() as i64 } else { self.padding };
            shown.push_str(&placed(&number, width));
        }
        Ok(shown)
    }

    /// Fields, each with the blanks before it.
    fn split<'t>(&self, text: &'t str) -> Vec<&'t str> {
        if let Some(delimiter) = self.delimiter {
            return text.split(char::from(delimiter)).collect();
        }
        let (mut fields, mut rest) = (Vec::new(), text);
        loop {
            let blanks = rest.len() - rest.trim_start().len();
            let end = rest[blanks..].find(char::is_whitespace).map_or(rest.len(), |at| blanks + at);
            fields.push(&rest[..end]);
            let Some(behind) = rest[end..].chars().next() else { return fields };
            rest = &rest[end + behind.len_utf8()..];
        }
    }

    /// A number and how many digits it has behind the point.
    fn number(&self, text: &str) -> Result<(f64, usize), String> {
        let bare = text.strip_suffix(self.suffix.as_str()).unwrap_or(text);
        let sign = usize::from(bare.starts_with('-'));
        let digits = bare[sign..].find(|c: char| !c.is_ascii_digit()).map_or(bare.len(), |at| at + sign);
        let (whole, mut rest) = bare.split_at(digits);
        if whole.trim_start_matches(['-', '0']).len() > MOST_DIGITS {
            return Err(format!("value too large to be converted: {}", quoted(text)));
        }
        let mut point = None;
        let mut number = whole.to_owned();
        let mut places = 0;
        if let Some(part) = rest.strip_prefix('.') {
            let end = part.find(|c: char| !c.is_ascii_digit()).unwrap_or(part.len());
            (places, rest, point) = (end, &part[end..], Some(end));
            number = format!("{number}.{}", &part[..end]);
        }
        let Some(mut value) =
            number.parse::<f64>().ok().filter(|_| point.map_or(whole.len() > sign, |digits| digits > 0))
        else {
            return Err(format!("invalid number: {}", quoted(text)));
        };
        let mut behind = rest.chars();
        if let Some(letter) = behind.next() {
            let Some(power) = LETTERS.find(letter) else {
                return Err(format!("invalid suffix in input: {}", quoted(text)));
            };
            let mut tail = behind.as_str();
            let base = match self.from {
                Scale::None => {
                    return Err(format!("rejecting suffix in input: {} (consider using --from)", quoted(text)));
                }
                Scale::Auto if tail.starts_with('i') => {
                    tail = &tail[1..];
                    1024.0
                }
                Scale::Auto | Scale::Si => 1000.0,
                Scale::Iec => 1024.0,
                Scale::IecI => match tail.strip_prefix('i') {
                    Some(rest) => {
                        tail = rest;
                        1024.0
                    }
                    None => return Err(format!("missing 'i' suffix in input: {} (e.g Ki/Mi/Gi)", quoted(text))),
                },
            };
            if !tail.is_empty() {
                return Err(format!("invalid suffix in input {}: {}", quoted(text), quoted(tail)));
            }
            value *= f64::powi(base, i32::try_from(power).unwrap_or(0) + 1);
            places = 0;
        }
        Ok((value * self.units.0 / self.units.1, places))
    }

    fn show(&self, value: f64, places: usize) -> String {
        let precision = self.form.precision;
        let mut text = match self.to {
            Scale::None => {
                let places = precision.unwrap_or(places);
                let power = f64::powi(10.0, i32::try_from(places).unwrap_or(0));
                let number = format!("{:.places$}", self.round.apply(value * power) / power);
                zeros(&grouped(&number, self.form.thousands), self.form.zeros)
            }
            scale => {
                let base = scale.base();
                let (mut value, mut power) = (value, 0);
                while value.abs() >= base {
                    value /= base;
                    power += 1;
                }
                let adjust = match precision {
                    Some(places) => i32::try_from(places).unwrap_or(0),
                    None => i32::from(value.abs() < 10.0),
                };
                let ten = f64::powi(10.0, adjust);
                value = self.round.apply(value * ten) / ten;
                if value.abs() >= base {
                    value /= base;
                    power += 1;
                }
                let point = value != 0.0 && value.abs() < 10.0 && power > 0;
                let places = precision.unwrap_or(usize::from(point));
                let letter = if power == 0 { "" } else { LETTERS.get(power - 1..power).unwrap_or("?") };
                let i = if power > 0 && scale == Scale::IecI { "i" } else { "" };
                format!("{}{letter}{i}", zeros(&format!("{value:.places$}"), self.form.zeros))
            }
        };
        text.push_str(&self.suffix);
        format!("{}{}{}", self.form.before, placed(&text, self.form.width), self.form.behind)
    }
}

/// A text in a field of so many characters, at its left if they are negative.
fn placed(text: &str, width: i64) -> String {
    padded(text, usize::try_from(width.unsigned_abs()).unwrap_or(0), width < 0)
}

/// So many digits a number has at most before its point.
const MOST_DIGITS: usize = 27;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_those_of_numfmt() {
        let check = |options: &str, line: &str, expect: &str| {
            let words: Vec<String> = options.split(' ').filter(|word| !word.is_empty()).map(str::to_owned).collect();
            let wish = Wish::read(&SPEC.read(&words, false).expect("options"), ",").expect("a wish");
            assert_eq!(wish.line(line).unwrap_or_else(|wrong| wrong), expect, "{options} {line}");
        };
        check("--to=iec", "1024", "1.0K");
        check("--to=iec", "1500", "1.5K");
        check("--to=iec", "123456789", "118M");
        check("--to=si", "999", "999");
        check("--to=iec --round=down", "1999", "1.9K");
        check("--from=iec", "1.5G", "1610612736");
        check("--from=auto", "1Ki", "1024");
        check("--from=auto", "1K", "1000");
        check("--to=iec-i --suffix=B", "4096", "4.0KiB");
        check("--field=2 --to=iec", "a 2048 b", "a 2.0K b");
        check("--field=2 --to=iec", "x 99999", "x   98K");
        check("-d, --field=2 --to=si", "1,20000,3", "1,20K,3");
        check("--to=iec --padding=10", "5000", "      4.9K");
        check("--to=iec --format=%8.2f", "5000", "   4.89K");
        check("", "1.50", "1.50");
        check("", "1K", "rejecting suffix in input: ‘1K’ (consider using --from)");
        check("--from=si", "5X", "invalid suffix in input: ‘5X’");
        check("", "abc", "invalid number: ‘abc’");
    }
}
