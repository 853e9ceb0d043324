//! Numbers with a point, as `long double` holds them on x86 (a significand of 64 bits), since bash reads and prints those:
//! `printf %.2f 1.005` shows the difference to `double`. Numbers beyond 10^420, which a `long double` still holds, are
//! infinite here, and those as near to 0 are 0, so that a long list of them stays cheap.

use std::cmp::Ordering;

/// Beyond this power of ten a number is infinite, as far below it is 0.
const FARTHEST: i64 = 420;

/// So many digits of a number are read; the others only say that it is larger.
const MOST_DIGITS: usize = 900;

/// A number: `significand * 2^exponent`, the significand's highest bit set unless it is 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Real {
    /// Whether a minus stands before it.
    pub negative: bool,
    /// What it is.
    pub size: Size,
}

/// A number without its sign.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Size {
    /// `inf`
    Infinite,
    /// `nan`
    Nan,
    /// Significand and exponent.
    Finite(u64, i64),
}

/// Digits with a point: `0.d1d2d3… * 10^point`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decimal {
    /// From 0 to 9, the first not 0; none for 0.
    pub digits: Vec<u8>,
    /// Where the point stands.
    pub point: i64,
}

impl Real {
    /// The number that `text` begins with as strtold(3) reads it, how many bytes of it are one, and whether it fits.
    pub fn parse(text: &str) -> (Self, usize, bool) {
        let trimmed = text.trim_start_matches([' ', '\t', '\n', '\u{b}', '\u{c}', '\r']);
        let plain = trimmed.strip_prefix(['+', '-']).unwrap_or(trimmed);
        let negative = trimmed.starts_with('-');
        let lower: String = plain.chars().take(8).map(|c| c.to_ascii_lowercase()).collect();
        let words = [("infinity", Size::Infinite), ("inf", Size::Infinite), ("nan", Size::Nan)];
        let (size, taken, fits) = match words.iter().find(|(word, _)| lower.starts_with(word)) {
            Some((word, size)) => (*size, word.len(), true),
            None if lower.starts_with("0x") => hexadecimal(plain).unwrap_or((Size::Finite(0, 0), 1, true)),
            None => decimal(plain).unwrap_or((Size::Finite(0, 0), 0, true)),
        };
        let taken = if taken == 0 { 0 } else { text.len() - plain.len() + taken };
        (Self { negative: negative && taken > 0, size }, taken, fits)
    }
}

/// The digits of `text`, of those before the point how many, and how long it all is.
fn digits(text: &str, base: u32) -> Option<(Vec<u8>, i64, usize)> {
    let (mut found, mut whole, mut point, mut length) = (Vec::new(), 0, false, 0);
    for c in text.chars() {
        match c.to_digit(base) {
            Some(digit) => {
                found.push(digit as u8);
                whole += i64::from(!point);
            }
            None if c == '.' && !point => point = true,
            None => break,
        }
        length += 1;
    }
    (!found.is_empty()).then_some((found, whole, length))
}

/// The exponent behind `sign`, and how long it is.
fn exponent(text: &str, sign: char) -> (i64, usize) {
    let Some(behind) = text.strip_prefix([sign, sign.to_ascii_uppercase()]) else { return (0, 0) };
    let plain = behind.strip_prefix(['+', '-']).unwrap_or(behind);
    let count = plain.bytes().take_while(u8::is_ascii_digit).count();
    if count == 0 {
        return (0, 0);
    }
    let size = plain[..count].parse::<i64>().unwrap_or(i64::MAX).min(1_000_000_000);
    (if behind.starts_with('-') { -size } else { size }, text.len() - plain.len() + count)
}

fn decimal(text: &str) -> Option<(Size, usize, bool)> {
    let (mut digits, whole, length) = digits(text, 10)?;
    let (power, more) = exponent(&text[length..], 'e');
    let taken = length + more;
    let zeros = digits.iter().take_while(|digit| **digit == 0).count();
    let point = whole - zeros as i64 + power;
    digits.drain(..zeros);
    if digits.is_empty() {
        return Some((Size::Finite(0, 0), taken, true));
    }
    if point > FARTHEST {
        return Some((Size::Infinite, taken, false));
    }
    if point < -FARTHEST {
        return Some((Size::Finite(0, 0), taken, false));
    }
    if digits.len() > MOST_DIGITS {
        let more = digits[MOST_DIGITS..].iter().any(|digit| *digit != 0);
        digits.truncate(MOST_DIGITS);
        digits.push(u8::from(more));
    }
    let mut number = Large::default();
    for digit in &digits {
        number.multiply(10, u32::from(*digit));
    }
    let scale = point - digits.len() as i64;
    let mut below = Large(vec![1]);
    let scaled = if scale < 0 { &mut below } else { &mut number };
    for _ in 0..scale.unsigned_abs() {
        scaled.multiply(10, 0);
    }
    Some((nearest(number, below), taken, true))
}

fn hexadecimal(text: &str) -> Option<(Size, usize, bool)> {
    let (digits, whole, length) = digits(&text[2..], 16)?;
    let (power, more) = exponent(&text[2 + length..], 'p');
    let zeros = digits.iter().take_while(|digit| **digit == 0).count();
    let mut number = Large::default();
    let kept = &digits[zeros..digits.len().min(zeros + 40)];
    for digit in kept {
        number.multiply(16, u32::from(*digit));
    }
    let taken = 2 + length + more;
    let shift = 4 * (whole - zeros as i64 - kept.len() as i64) + power;
    let size = match nearest(number, Large(vec![1])) {
        Size::Finite(significand, exponent) if significand != 0 => {
            let exponent = exponent + shift;
            if exponent > 1400 {
                return Some((Size::Infinite, taken, false));
            }
            if exponent < -1500 {
                return Some((Size::Finite(0, 0), taken, false));
            }
            Size::Finite(significand, exponent)
        }
        size => size,
    };
    Some((size, taken, true))
}

/// The number nearest to `above / below`, to the even one of two.
fn nearest(mut above: Large, mut below: Large) -> Size {
    if above.0.is_empty() {
        return Size::Finite(0, 0);
    }
    let mut exponent = above.bits() as i64 - below.bits() as i64 - 63;
    if exponent < 0 {
        above.shift(exponent.unsigned_abs() as usize)
    } else {
        below.shift(exponent as usize)
    }
    // Now the quotient lies between 2^62 and 2^64.
    below.shift(64);
    let mut quotient = 0_u128;
    for _ in 0..65 {
        quotient <<= 1;
        if above.compare(&below) != Ordering::Less {
            above.subtract(&below);
            quotient |= 1;
        }
        above.shift(1);
    }
    if quotient >> 63 == 0 {
        // One more bit, so that the highest is set.
        quotient <<= 1;
        exponent -= 1;
        if above.compare(&below) != Ordering::Less {
            above.subtract(&below);
            quotient |= 1;
        }
        above.shift(1);
    }
    let half = above.compare(&below);
    if half == Ordering::Greater || half == Ordering::Equal && quotient & 1 == 1 {
        quotient += 1;
    }
    if quotient >> 64 != 0 {
        quotient >>= 1;
        exponent += 1;
    }
    Size::Finite(quotient as u64, exponent)
}

/// All digits of `significand * 2^exponent`.
pub fn expand(significand: u64, exponent: i64) -> Decimal {
    let mut number = Large(vec![significand as u32, (significand >> 32) as u32]);
    number.trim();
    let mut point = 0;
    if exponent >= 0 {
        number.shift(exponent as usize);
    } else {
        for _ in 0..exponent.unsigned_abs() {
            number.multiply(5, 0);
        }
        point = exponent;
    }
    let mut digits = Vec::new();
    while !number.0.is_empty() {
        let mut group = number.divide(1_000_000_000);
        for _ in 0..9 {
            digits.push((group % 10) as u8);
            group /= 10;
        }
    }
    while digits.last() == Some(&0) {
        digits.pop();
    }
    digits.reverse();
    Decimal { point: point + digits.len() as i64, digits }
}

/// A whole number of any size, its lowest 32 bits first and no zeros at the top.
#[derive(Clone, Debug, Default)]
struct Large(Vec<u32>);

impl Large {
    fn trim(&mut self) {
        while self.0.last() == Some(&0) {
            self.0.pop();
        }
    }

    fn bits(&self) -> usize {
        self.0.last().map_or(0, |top| self.0.len() * 32 - top.leading_zeros() as usize)
    }

    fn multiply(&mut self, factor: u32, plus: u32) {
        let mut carry = u64::from(plus);
        for limb in &mut self.0 {
            carry += u64::from(*limb) * u64::from(factor);
            *limb = carry as u32;
            carry >>= 32;
        }
        if carry > 0 {
            self.0.push(carry as u32);
        }
    }

    /// Divides and returns what is left over.
    fn divide(&mut self, by: u32) -> u32 {
        let mut rest = 0_u64;
        for limb in self.0.iter_mut().rev() {
            rest = rest << 32 | u64::from(*limb);
            *limb = (rest / u64::from(by)) as u32;
            rest %= u64::from(by);
        }
        self.trim();
        rest as u32
    }

    fn shift(&mut self, bits: usize) {
        if self.0.is_empty() {
            return;
        }
        self.multiply(1 << (bits % 32), 0);
        self.0.splice(0..0, std::iter::repeat_n(0, bits / 32));
    }

    fn compare(&self, other: &Self) -> Ordering {
        self.0.len().cmp(&other.0.len()).then_with(|| self.0.iter().rev().cmp(other.0.iter().rev()))
    }

    /// Takes away `other`, which is not larger.
    fn subtract(&mut self, other: &Self) {
        let mut borrow = 0_i64;
        for (at, limb) in self.0.iter_mut().enumerate() {
            let difference = i64::from(*limb) - i64::from(other.0.get(at).copied().unwrap_or(0)) + borrow;
            *limb = difference as u32;
            borrow = difference >> 32;
        }
        self.trim();
    }
}
