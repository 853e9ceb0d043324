//! The keys of `sort` and how two lines compare by them.

use std::cmp::Ordering;

use sha2::{Digest, Sha256};

use crate::systems::linux::tools::files::collate;
use crate::systems::linux::tools::input;

/// A part of each line, and how it compares.
#[derive(Clone, Debug, Default)]
pub(super) struct Key {
    /// Field and character where it begins, from 0.
    start: (usize, usize),
    /// Field and character behind its end, from 0; to the end of the line without.
    end: Option<(usize, usize)>,
    start_blanks: bool,
    end_blanks: bool,
    dictionary: bool,
    fold: bool,
    printing: bool,
    /// `n`, `g`, `h`, `M`, `R` or `V`; two of them exclude each other.
    kinds: Vec<char>,
    pub(super) reverse: bool,
    /// What is hashed with each part for an order by chance.
    salt: u64,
}

impl Key {
    /// Whether it orders by chance.
    fn is_random(&self) -> bool {
        self.kinds.first() == Some(&'R')
    }

    /// Takes a letter of an option.
    pub(super) fn flag(&mut self, letter: char) {
        match letter {
            'b' => (self.start_blanks, self.end_blanks) = (true, true),
            'd' => self.dictionary = true,
            'f' => self.fold = true,
            'i' => self.printing = true,
            'r' => self.reverse = true,
            kind if self.kinds.contains(&kind) => {}
            kind => self.kinds.push(kind),
        }
    }

    /// Whether it has no letters of its own.
    pub(super) fn is_plain(&self) -> bool {
        !self.reverse && self.is_bare() && !self.start_blanks && !self.end_blanks
    }

    /// Whether it compares bytes.
    pub(super) fn is_bare(&self) -> bool {
        self.kinds.is_empty() && !self.dictionary && !self.fold && !self.printing && !self.start_blanks
    }

    pub(super) fn inherit(&mut self, global: &Self) {
        *self = Self { start: self.start, end: self.end, ..global.clone() };
    }

    /// Letters that exclude each other.
    pub(super) fn check(&self) -> Result<(), String> {
        let mut letters: Vec<char> = self.kinds.clone();
        if !letters.is_empty() && self.dictionary {
            letters.push('d');
        }
        if !letters.is_empty() && self.printing && !self.dictionary {
            letters.push('i');
        }
        letters.sort_unstable_by_key(|letter| "dghiMnRV".find(*letter));
        let shown: String = letters.iter().collect();
        if letters.len() > 1 { Err(format!("options '-{shown}' are incompatible")) } else { Ok(()) }
    }

    /// `2,3.4nr`
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let mut key = Self::default();
        let wrong = |what: &str| format!("{what}: invalid field specification {}", input::quoted(text));
        let number = |rest: &str, place: &str| -> Result<(usize, usize), String> {
            let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
            if end == 0 {
                return Err(format!("invalid number {place}: invalid count at start of {}", input::quoted(rest)));
            }
            Ok((rest[..end].parse().unwrap_or(usize::MAX), end))
        };
        let (field, used) = number(text, "at field start")?;
        if field == 0 {
            return Err(wrong("field number is zero"));
        }
        key.start.0 = field - 1;
        let mut rest = &text[used..];
        if let Some(more) = rest.strip_prefix('.') {
            let (character, used) = number(more, "after '.'")?;
            if character == 0 {
                return Err(wrong("character offset is zero"));
            }
            key.start.1 = character - 1;
            rest = &more[used..];
        }
        rest = key.letters(rest, true);
        if let Some(more) = rest.strip_prefix(',') {
            let (field, used) = number(more, "after ','")?;
            if field == 0 {
                return Err(wrong("field number is zero"));
            }
            let mut end = (field, 0);
            rest = &more[used..];
            if let Some(more) = rest.strip_prefix('.') {
                let (character, used) = number(more, "after '.'")?;
                if character > 0 {
                    end = (field - 1, character);
                }
                rest = &more[used..];
            }
            key.end = Some(end);
            rest = key.letters(rest, false);
        }
        if rest.is_empty() { Ok(key) } else { Err(wrong("stray character in field spec")) }
    }

    fn letters<'a>(&mut self, rest: &'a str, start: bool) -> &'a str {
        let end = rest.find(|c: char| !"bdfghiMnrRV".contains(c)).unwrap_or(rest.len());
        for letter in rest[..end].chars() {
            match letter {
                'b' if start => self.start_blanks = true,
                'b' => self.end_blanks = true,
                letter => self.flag(letter),
            }
        }
        &rest[end..]
    }

    /// The part of a line.
    fn part<'a>(&self, line: &'a [u8], separator: Option<u8>) -> &'a [u8] {
        let mut start = field(line, self.start.0, separator);
        if self.start_blanks {
            start = blanks(line, start);
        }
        start = start.saturating_add(self.start.1).min(line.len());
        let end = match self.end {
            None => line.len(),
            Some((number, 0)) => {
                let next = field(line, number, separator);
                // The separator is not part of the field before it.
                match separator {
                    Some(separator) if next > 0 && next <= line.len() && line[next - 1] == separator => {
                        if next == line.len() && fields(line, separator) <= number { next } else { next - 1 }
                    }
                    _ => next,
                }
            }
            Some((number, characters)) => {
                let mut from = field(line, number, separator);
                if self.end_blanks {
                    from = blanks(line, from);
                }
                from.saturating_add(characters).min(line.len())
            }
        };
        &line[start..end.max(start)]
    }

    fn compare(&self, a: &Value<'_>, b: &Value<'_>, language: bool) -> Ordering {
        let order = match (a, b) {
            (Value::Bytes(a), Value::Bytes(b)) => collate::compare_bytes(a, b, language),
            (Value::Made(a), Value::Made(b)) => collate::compare_bytes(a, b, language),
            (Value::Number(a), Value::Number(b)) => numeric(a, b),
            (Value::Human(rank, a), Value::Human(other, b)) => rank.cmp(other).then_with(|| numeric(a, b)),
            (Value::Month(a), Value::Month(b)) => a.cmp(b),
            (Value::Version(a), Value::Version(b)) => version(a, b),
            (Value::Hash(a), Value::Hash(b)) => a.cmp(b),
            (Value::Float(a), Value::Float(b)) => match (a, b) {
                (Some(a), Some(b)) => a.partial_cmp(b).unwrap_or_else(|| b.is_nan().cmp(&a.is_nan())),
                (a, b) => a.is_some().cmp(&b.is_some()),
            },
            _ => Ordering::Equal,
        };
        if self.reverse { order.reverse() } else { order }
    }

    fn value<'a>(&self, part: &'a [u8]) -> Value<'a> {
        match self.kinds.first() {
            Some('n') => Value::Number(Number::read(part)),
            Some('g') => Value::Float(float(part)),
            Some('h') => {
                let number = Number::read(part);
                let unit = part.get(number.end).and_then(|unit| b"KMGTPEZY".iter().position(|known| known == unit));
                let small = part.get(number.end) == Some(&b'k');
                let rank = unit.map_or(i32::from(small), |unit| i32::try_from(unit).unwrap_or(0) + 1);
                let zero = number.whole.is_empty() && number.fraction.is_empty();
                let rank = if zero {
                    0
                } else if number.negative {
                    -rank - 1
                } else {
                    rank + 1
                };
                Value::Human(rank, number)
            }
            Some('M') => Value::Month(month(part)),
            Some('R') => {
                Value::Hash(Sha256::new_with_prefix(self.salt.to_be_bytes()).chain_update(part).finalize().into())
            }
            Some(_) => Value::Version(part),
            None if self.dictionary || self.fold || self.printing => {
                let kept = part.iter().filter(|byte| {
                    let byte = **byte;
                    let blank = byte == b' ' || byte == b'\t';
                    (!self.dictionary || blank || byte.is_ascii_alphanumeric())
                        && (!self.printing || byte == b' ' || byte.is_ascii_graphic())
                });
                Value::Made(kept.map(|byte| if self.fold { byte.to_ascii_uppercase() } else { *byte }).collect())
            }
            None => Value::Bytes(part),
        }
    }
}

/// Where a field begins, counted from 0; the end of the line when it has fewer. Without a separator a field begins with
/// the blanks before it.
fn field(line: &[u8], number: usize, separator: Option<u8>) -> usize {
    let mut at = 0;
    for _ in 0..number {
        if at >= line.len() {
            break;
        }
        match separator {
            Some(separator) => match line[at..].iter().position(|byte| *byte == separator) {
                Some(found) => at += found + 1,
                None => at = line.len(),
            },
            None => {
                at = blanks(line, at);
                at += line[at..].iter().take_while(|byte| !byte.is_ascii_whitespace()).count();
            }
        }
    }
    at
}

fn fields(line: &[u8], separator: u8) -> usize {
    line.iter().filter(|byte| **byte == separator).count() + 1
}

fn blanks(line: &[u8], at: usize) -> usize {
    at + line[at..].iter().take_while(|byte| byte.is_ascii_whitespace()).count()
}

/// A part of a line, ready to be compared.
#[derive(Debug)]
enum Value<'a> {
    Bytes(&'a [u8]),
    Made(Vec<u8>),
    Number(Number<'a>),
    Human(i32, Number<'a>),
    Float(Option<f64>),
    Month(u8),
    Version(&'a [u8]),
    Hash([u8; 32]),
}

/// A decimal number of any length, without zeros at its ends.
#[derive(Debug)]
struct Number<'a> {
    negative: bool,
    whole: &'a [u8],
    fraction: &'a [u8],
    /// Where it ends in the part.
    end: usize,
}

impl<'a> Number<'a> {
    fn read(part: &'a [u8]) -> Self {
        let mut at = blanks(part, 0);
        let negative = part.get(at) == Some(&b'-');
        at += usize::from(negative);
        let digits = |from: usize| from + part[from..].iter().take_while(|byte| byte.is_ascii_digit()).count();
        let end = digits(at);
        let whole = &part[at..end];
        let zeros = whole.iter().take_while(|byte| **byte == b'0').count();
        let (mut fraction, mut last): (&[u8], usize) = (b"", end);
        if part.get(end) == Some(&b'.') {
            last = digits(end + 1);
            fraction = &part[end + 1..last];
            let zeros = fraction.iter().rev().take_while(|byte| **byte == b'0').count();
            fraction = &fraction[..fraction.len() - zeros];
        }
        Self { negative, whole: &whole[zeros..], fraction, end: last }
    }
}

fn numeric(a: &Number<'_>, b: &Number<'_>) -> Ordering {
    let sign = |number: &Number<'_>| match (number.whole.is_empty() && number.fraction.is_empty(), number.negative) {
        (true, _) => 0,
        (_, true) => -1,
        _ => 1,
    };
    let size = |a: &Number<'_>, b: &Number<'_>| {
        a.whole.len().cmp(&b.whole.len()).then_with(|| a.whole.cmp(b.whole)).then_with(|| a.fraction.cmp(b.fraction))
    };
    match (sign(a), sign(b)) {
        (-1, -1) => size(b, a),
        (1, 1) => size(a, b),
        (a, b) => a.cmp(&b),
    }
}

fn float(part: &[u8]) -> Option<f64> {
    let text = std::str::from_utf8(part).ok()?.trim_start();
    let mut end = text.find(|c: char| c.is_whitespace()).unwrap_or(text.len()).min(400);
    while end > 0 {
        if text.is_char_boundary(end)
            && let Ok(number) = text[..end].parse()
        {
            return Some(number);
        }
        end -= 1;
    }
    None
}

fn month(part: &[u8]) -> u8 {
    const NAMES: [&[u8]; 12] =
        [b"JAN", b"FEB", b"MAR", b"APR", b"MAY", b"JUN", b"JUL", b"AUG", b"SEP", b"OCT", b"NOV", b"DEC"];
    let part = &part[blanks(part, 0)..];
    let name = part.get(..3).map(<[u8]>::to_ascii_uppercase);
    (1..).zip(NAMES).find(|(_, known)| name.as_deref() == Some(*known)).map_or(0, |(number, _)| number)
}

/// The order of versions, as gnulib's `filevercmp` has it: suffixes such as `.tar.gz` count last, `~` comes before all.
fn version(a: &[u8], b: &[u8]) -> Ordering {
    if a == b {
        return Ordering::Equal;
    }
    let hidden = |name: &[u8]| match name {
        b"" => 0,
        b"." => 1,
        b".." => 2,
        [b'.', ..] => 3,
        _ => 4,
    };
    let (first, second) = (hidden(a), hidden(b));
    if first != second || first < 3 {
        return first.cmp(&second);
    }
    let (stem, other) = (stem(a), stem(b));
    let order = if stem == other { Ordering::Equal } else { revision(stem, other) };
    order.then_with(|| revision(a, b)).then_with(|| a.cmp(b))
}

/// A name without the suffixes at its end: `(\.[A-Za-z~][A-Za-z0-9~]*)*$`
fn stem(name: &[u8]) -> &[u8] {
    let mut end = name.len();
    loop {
        let run = name[..end].iter().rev().take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'~').count();
        let dot = end - run;
        if run == 0 || dot < 2 || name[dot - 1] != b'.' || name[dot].is_ascii_digit() {
            return &name[..end];
        }
        end = dot - 1;
    }
}

fn revision(a: &[u8], b: &[u8]) -> Ordering {
    let weight = |byte: Option<&u8>| match byte {
        None => 0,
        Some(b'~') => -1,
        Some(byte) if byte.is_ascii_digit() => 0,
        Some(byte) if byte.is_ascii_alphabetic() => i32::from(*byte),
        Some(byte) => i32::from(*byte) + 256,
    };
    let (mut at, mut other) = (0, 0);
    let digit = |text: &[u8], at: usize| text.get(at).is_some_and(u8::is_ascii_digit);
    while at < a.len() || other < b.len() {
        while at < a.len() && !digit(a, at) || other < b.len() && !digit(b, other) {
            let order = weight(a.get(at)).cmp(&weight(b.get(other)));
            if order.is_ne() {
                return order;
            }
            (at, other) = (at + 1, other + 1);
        }
        let run = |text: &[u8], from: usize| {
            let from = from.min(text.len());
            let zeros = text[from..].iter().take_while(|byte| **byte == b'0').count();
            let digits = text[from + zeros..].iter().take_while(|byte| byte.is_ascii_digit()).count();
            (from + zeros, from + zeros + digits)
        };
        let ((from, end), (start, stop)) = (run(a, at), run(b, other));
        let order = (end - from).cmp(&(stop - start)).then_with(|| a[from..end].cmp(&b[start..stop]));
        if order.is_ne() {
            return order;
        }
        (at, other) = (end, stop);
    }
    Ordering::Equal
}

/// A line with its keys.
#[derive(Debug)]
pub(super) struct Line<'a> {
    pub(super) text: &'a [u8],
    values: Vec<Value<'a>>,
}

/// How lines compare.
#[derive(Debug)]
pub(super) struct Compare {
    pub(super) keys: Vec<Key>,
    pub(super) separator: Option<u8>,
    /// Lines with the same keys stay as they were.
    pub(super) stable: bool,
    pub(super) reverse: bool,
    /// Whether texts are in the order of a language.
    pub(super) language: bool,
}

impl Compare {
    /// The same with a salt where the order is one of chance: equal parts stay together, and no two runs are alike.
    pub(super) fn salted(mut self, salt: impl Fn() -> u64) -> Self {
        for key in self.keys.iter_mut().filter(|key| key.is_random()) {
            key.salt = salt();
        }
        self
    }

    pub(super) fn keyed<'a>(&self, lines: &[&'a [u8]]) -> Vec<Line<'a>> {
        let values = |line: &'a [u8]| self.keys.iter().map(|key| key.value(key.part(line, self.separator))).collect();
        lines.iter().map(|line| Line { text: line, values: values(line) }).collect()
    }

    fn by_keys(&self, a: &Line<'_>, b: &Line<'_>) -> Ordering {
        let pairs = self.keys.iter().zip(a.values.iter().zip(&b.values));
        pairs
            .map(|(key, (a, b))| key.compare(a, b, self.language))
            .find(|order| order.is_ne())
            .unwrap_or(Ordering::Equal)
    }

    pub(super) fn order(&self, a: &Line<'_>, b: &Line<'_>) -> Ordering {
        let order = self.by_keys(a, b);
        if order.is_ne() || self.stable {
            return order;
        }
        let order = collate::compare_bytes(a.text, b.text, self.language);
        if self.reverse { order.reverse() } else { order }
    }

    pub(super) fn equal(&self, a: &Line<'_>, b: &Line<'_>) -> bool {
        self.by_keys(a, b).is_eq()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_parts_of_lines() {
        let check = |key: &str, separator: Option<u8>, line: &str, expect: &str| {
            let key = Key::parse(key).expect("a key");
            assert_eq!(String::from_utf8_lossy(key.part(line.as_bytes(), separator)), expect, "{line}");
        };
        check("2", None, "a b c", " b c");
        check("2,2", None, "a b c", " b");
        check("2b,2", None, "a   b c", "b");
        check("2,2", Some(b':'), "a:b:c", "b");
        check("3,3", Some(b':'), "a:b:c", "c");
        check("2,2", Some(b':'), "a:b:", "b");
        check("2,2", Some(b':'), "a:b", "b");
        check("1.2,1.3", None, "abcd", "bc");
        check("9", None, "a b", "");
    }

    #[test]
    fn numbers_and_versions_have_an_order() {
        let check = |letter: char, sorted: &[&str]| {
            let mut key = Key::default();
            key.flag(letter);
            for pair in sorted.windows(2) {
                let order = key.compare(&key.value(pair[0].as_bytes()), &key.value(pair[1].as_bytes()), false);
                assert_eq!(order, Ordering::Less, "{pair:?}");
            }
        };
        check('n', &["-10", "-9.5", "0", "1.05", " 1.5", "007", "10", "99999999999999999999"]);
        check('h', &["-1G", "-3", "0", "900", "1K", "2K", "1M", "3G"]);
        check('M', &["x", "jan", "FEBruary", "Dec"]);
        check('g', &["x", "-1e3", "0.5", "1e2", "2e10"]);
        check('V', &["1.0~rc1", "1.0", "1.2", "1.10", "a-1.2.tar.gz", "a-1.10.tar.gz"]);
    }

    #[test]
    fn wrong_keys() {
        let check = |key: &str, expect: &str| assert_eq!(Key::parse(key).err().as_deref(), Some(expect), "{key}");
        check("x", "invalid number at field start: invalid count at start of ‘x’");
        check("0", "field number is zero: invalid field specification ‘0’");
        check("1.0", "character offset is zero: invalid field specification ‘1.0’");
        check("1x", "stray character in field spec: invalid field specification ‘1x’");
    }
}
