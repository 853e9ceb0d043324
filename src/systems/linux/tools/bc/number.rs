//! Numbers of any length with so many places behind the point, and how many of them each operation keeps (bc(1)).

use std::cmp::Ordering;

/// A limb has nine decimal digits.
const BASE: u64 = 1_000_000_000;
const DIGITS: usize = 9;
/// So many digits may a number have.
pub const MOST: usize = 100_000;

/// A number: sign, digits as a whole number, the lowest limb first, and how many of them stand behind the point.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Number {
    negative: bool,
    limbs: Vec<u32>,
    scale: usize,
}

fn trim(limbs: &mut Vec<u32>) {
    while limbs.last() == Some(&0) {
        limbs.pop();
    }
}

fn compare(a: &[u32], b: &[u32]) -> Ordering {
    a.len().cmp(&b.len()).then_with(|| a.iter().rev().cmp(b.iter().rev()))
}

fn add(a: &[u32], b: &[u32]) -> Vec<u32> {
    let (mut sum, mut carry) = (Vec::with_capacity(a.len().max(b.len()) + 1), 0_u64);
    for at in 0..a.len().max(b.len()) {
        let limb = |of: &[u32]| u64::from(of.get(at).copied().unwrap_or(0));
        carry += limb(a) + limb(b);
        sum.push((carry % BASE) as u32);
        carry /= BASE;
    }
    sum.push(carry as u32);
    trim(&mut sum);
    sum
}

/// The difference of two, the first of which is not the smaller one.
fn subtract(a: &[u32], b: &[u32]) -> Vec<u32> {
    let (mut rest, mut borrow) = (Vec::with_capacity(a.len()), 0_i64);
    for (at, limb) in a.iter().enumerate() {
        let mut limb = i64::from(*limb) - i64::from(b.get(at).copied().unwrap_or(0)) - borrow;
        borrow = i64::from(limb < 0);
        limb += borrow * BASE as i64;
        rest.push(limb as u32);
    }
    trim(&mut rest);
    rest
}

fn multiply(a: &[u32], b: &[u32]) -> Vec<u32> {
    let mut product = vec![0_u32; a.len() + b.len()];
    for (i, x) in a.iter().enumerate() {
        let mut carry = 0_u64;
        for (j, y) in b.iter().enumerate() {
            carry += u64::from(product[i + j]) + u64::from(*x) * u64::from(*y);
            product[i + j] = (carry % BASE) as u32;
            carry /= BASE;
        }
        product[i + b.len()] = carry as u32;
    }
    trim(&mut product);
    product
}

/// Quotient and remainder by one limb.
fn divide_small(a: &[u32], by: u32) -> (Vec<u32>, u32) {
    let (mut quotient, mut rest) = (vec![0; a.len()], 0_u64);
    for at in (0..a.len()).rev() {
        let value = rest * BASE + u64::from(a[at]);
        quotient[at] = (value / u64::from(by)) as u32;
        rest = value % u64::from(by);
    }
    trim(&mut quotient);
    (quotient, rest as u32)
}

/// The quotient, rounded towards zero (Knuth's algorithm D).
fn divide(a: &[u32], b: &[u32]) -> Vec<u32> {
    if compare(a, b) == Ordering::Less {
        return Vec::new();
    }
    if b.len() == 1 {
        return divide_small(a, b[0]).0;
    }
    let factor = (BASE / (u64::from(b[b.len() - 1]) + 1)) as u32;
    let (mut a, b) = (multiply(a, &[factor]), multiply(b, &[factor]));
    let size = b.len();
    a.resize(a.len().max(size) + 1, 0);
    let mut quotient = vec![0; a.len() - size];
    for at in (0..quotient.len()).rev() {
        let top = u64::from(a[at + size]) * BASE + u64::from(a[at + size - 1]);
        let mut guess = top / u64::from(b[size - 1]);
        let mut rest = top % u64::from(b[size - 1]);
        while guess >= BASE || guess * u64::from(b[size - 2]) > rest * BASE + u64::from(a[at + size - 2]) {
            guess -= 1;
            rest += u64::from(b[size - 1]);
            if rest >= BASE {
                break;
            }
        }
        let (mut borrow, mut carry) = (0_i64, 0_u64);
        for place in 0..=size {
            carry += guess * u64::from(b.get(place).copied().unwrap_or(0));
            let mut limb = i64::from(a[at + place]) - (carry % BASE) as i64 - borrow;
            carry /= BASE;
            borrow = i64::from(limb < 0);
            limb += borrow * BASE as i64;
            a[at + place] = limb as u32;
        }
        if borrow > 0 {
            guess -= 1;
            let mut carry = 0_u64;
            for place in 0..=size {
                carry += u64::from(a[at + place]) + u64::from(b.get(place).copied().unwrap_or(0));
                a[at + place] = (carry % BASE) as u32;
                carry /= BASE;
            }
        }
        quotient[at] = guess as u32;
    }
    trim(&mut quotient);
    quotient
}

/// Ten to a power.
fn ten_to(power: usize) -> Vec<u32> {
    let mut limbs = vec![0; power / DIGITS];
    limbs.push(10_u32.pow((power % DIGITS) as u32));
    limbs
}

/// With so many zeros behind it.
fn raised(limbs: &[u32], by: usize) -> Vec<u32> {
    if by == 0 || limbs.is_empty() { limbs.to_vec() } else { multiply(limbs, &ten_to(by)) }
}

impl Number {
    /// A whole number.
    pub fn whole(value: i64) -> Self {
        let (mut rest, mut limbs) = (value.unsigned_abs(), Vec::new());
        while rest > 0 {
            limbs.push((rest % BASE) as u32);
            rest /= BASE;
        }
        Self { negative: value < 0, limbs, scale: 0 }
    }

    fn new(negative: bool, limbs: Vec<u32>, scale: usize) -> Self {
        Self { negative: negative && !limbs.is_empty(), limbs, scale }
    }

    /// Decimal digits with a point among them.
    pub fn decimal(text: &str) -> Self {
        let (whole, part) = text.split_once('.').unwrap_or((text, ""));
        let digits = format!("{whole}{part}");
        let chunks = digits.as_bytes().rchunks(DIGITS);
        let mut limbs: Vec<u32> =
            chunks.map(|chunk| chunk.iter().fold(0, |limb, digit| limb * 10 + u32::from(digit - b'0'))).collect();
        trim(&mut limbs);
        Self::new(false, limbs, part.len())
    }

    pub fn is_zero(&self) -> bool {
        self.limbs.is_empty()
    }

    pub fn is_negative(&self) -> bool {
        self.negative
    }

    pub fn scale(&self) -> usize {
        self.scale
    }

    /// How many digits it has, as `length` counts them.
    pub fn length(&self) -> usize {
        self.digits().len().max(self.scale).max(1)
    }

    fn digits(&self) -> String {
        let mut text = String::new();
        for (at, limb) in self.limbs.iter().rev().enumerate() {
            text.push_str(&if at == 0 { limb.to_string() } else { format!("{limb:09}") });
        }
        text
    }

    /// The whole part, where that is not too large.
    pub fn to_i64(&self) -> Option<i64> {
        let whole = self.to_scale(0);
        let value = whole
            .limbs
            .iter()
            .rev()
            .try_fold(0_i64, |value, limb| value.checked_mul(BASE as i64)?.checked_add(i64::from(*limb)))?;
        Some(if self.negative { -value } else { value })
    }

    /// With so many places: more of them are zeros, fewer are cut off.
    pub fn to_scale(&self, scale: usize) -> Self {
        let limbs = match scale.cmp(&self.scale) {
            Ordering::Less => divide(&self.limbs, &ten_to(self.scale - scale)),
            _ => raised(&self.limbs, scale - self.scale),
        };
        Self::new(self.negative, limbs, scale)
    }

    pub fn negated(&self) -> Self {
        Self::new(!self.negative, self.limbs.clone(), self.scale)
    }

    pub fn plus(&self, other: &Self) -> Self {
        let scale = self.scale.max(other.scale);
        let (a, b) = (raised(&self.limbs, scale - self.scale), raised(&other.limbs, scale - other.scale));
        if self.negative == other.negative {
            return Self::new(self.negative, add(&a, &b), scale);
        }
        match compare(&a, &b) {
            Ordering::Less => Self::new(other.negative, subtract(&b, &a), scale),
            _ => Self::new(self.negative, subtract(&a, &b), scale),
        }
    }

    pub fn minus(&self, other: &Self) -> Self {
        self.plus(&other.negated())
    }

    /// The product with all its places.
    fn exactly_times(&self, other: &Self) -> Self {
        let negative = self.negative != other.negative;
        Self::new(negative, multiply(&self.limbs, &other.limbs), self.scale + other.scale)
    }

    pub fn times(&self, other: &Self, scale: usize) -> Self {
        let most = scale.max(self.scale).max(other.scale);
        let product = self.exactly_times(other);
        if product.scale > most { product.to_scale(most) } else { product }
    }

    /// The quotient; nothing by zero.
    pub fn over(&self, other: &Self, scale: usize) -> Option<Self> {
        if other.is_zero() {
            return None;
        }
        let up = scale + other.scale;
        let (a, b) = match up.checked_sub(self.scale) {
            Some(zeros) => (raised(&self.limbs, zeros), other.limbs.clone()),
            None => (self.limbs.clone(), raised(&other.limbs, self.scale - up)),
        };
        Some(Self::new(self.negative != other.negative, divide(&a, &b), scale))
    }

    /// What is left of a division.
    pub fn modulo(&self, other: &Self, scale: usize) -> Option<Self> {
        let quotient = self.over(other, scale)?;
        let kept = self.scale.max(other.scale + scale);
        let rest = self.minus(&quotient.exactly_times(other));
        Some(if rest.scale > kept { rest.to_scale(kept) } else { rest })
    }

    /// A power with a whole exponent; nothing for zero to a negative one.
    pub fn power(&self, exponent: i64, scale: usize) -> Option<Self> {
        if exponent == 0 {
            return Some(Self::whole(1));
        }
        let mut left = exponent.unsigned_abs();
        let kept = match exponent > 0 {
            true => self.scale.saturating_mul(usize::try_from(left).unwrap_or(MOST)).min(scale.max(self.scale)),
            false => scale,
        };
        let (mut base, mut result) = (self.clone(), Self::whole(1));
        loop {
            if left & 1 == 1 {
                result = result.exactly_times(&base);
            }
            left >>= 1;
            if left == 0 {
                break;
            }
            base = base.exactly_times(&base);
        }
        if exponent < 0 {
            return Self::whole(1).over(&result, kept);
        }
        Some(if result.scale > kept { result.to_scale(kept) } else { result })
    }

    /// How many digits a power has at most.
    pub fn digits_of_power(&self, exponent: i64) -> usize {
        (self.limbs.len() * DIGITS).saturating_mul(usize::try_from(exponent.unsigned_abs()).unwrap_or(usize::MAX))
    }

    /// The square root of a number that is not negative.
    pub fn root(&self, scale: usize) -> Self {
        let scale = scale.max(self.scale);
        let radicand = raised(&self.limbs, 2 * scale - self.scale);
        if radicand.is_empty() {
            return Self::new(false, Vec::new(), scale);
        }
        // Newton's steps from above.
        let mut root = vec![0; radicand.len() / 2];
        root.push((BASE - 1) as u32);
        loop {
            let next = divide_small(&add(&root, &divide(&radicand, &root)), 2).0;
            if compare(&next, &root) != Ordering::Less {
                return Self::new(false, root, scale);
            }
            root = next;
        }
    }

    pub fn compared(&self, other: &Self) -> Ordering {
        let difference = self.minus(other);
        match (difference.is_zero(), difference.negative) {
            (true, _) => Ordering::Equal,
            (false, true) => Ordering::Less,
            (false, false) => Ordering::Greater,
        }
    }

    /// What is read in another base: digits above nine are letters; one that the base does not have counts as its highest,
    /// unless it stands alone.
    pub fn read(text: &str, base: u32) -> Self {
        let alone = text.len() == 1;
        let digit = |c: char| {
            let value = c.to_digit(16).unwrap_or(0);
            if alone { value } else { value.min(base - 1) }
        };
        if alone {
            return text.chars().next().map_or_else(Self::default, |c| Self::whole(i64::from(digit(c))));
        }
        if base == 10 {
            let decimal = |c: char| if c == '.' { c } else { char::from_digit(digit(c), 10).unwrap_or('9') };
            return Self::decimal(&text.chars().map(decimal).collect::<String>());
        }
        let (whole, part) = text.split_once('.').unwrap_or((text, ""));
        let gather =
            |text: &str| text.chars().fold(Vec::new(), |limbs, c| add(&multiply(&limbs, &[base]), &[digit(c)]));
        let mut number = Self::new(false, gather(whole), 0);
        if !part.is_empty() {
            let over = Self::whole(i64::from(base)).power(part.len() as i64, 0).unwrap_or_default();
            let part = Self::new(false, gather(part), 0).over(&over, part.len()).unwrap_or_default();
            number = number.plus(&part);
        }
        number
    }

    /// As it is printed in a base, without the breaking of lines.
    pub fn shown(&self, base: u32) -> String {
        if self.is_zero() {
            return "0".to_owned();
        }
        let mut text = String::from(if self.negative { "-" } else { "" });
        if base == 10 {
            let digits = self.digits();
            let digits = format!("{digits:0>width$}", width = self.scale);
            let (whole, part) = digits.split_at(digits.len() - self.scale);
            text.push_str(whole);
            if self.scale > 0 {
                text.push_str(&format!(".{part}"));
            }
            return text;
        }
        let width = (base - 1).to_string().len();
        let digit = |value: u32, first: bool| match base {
            ..=16 => char::from_digit(value, 16).unwrap_or('0').to_ascii_uppercase().to_string(),
            _ if first => format!("{value:0width$}"),
            _ => format!(" {value:0width$}"),
        };
        let mut whole = self.to_scale(0).limbs;
        let part = Self::new(false, self.limbs.clone(), self.scale);
        let mut part = part.minus(&part.to_scale(0)).to_scale(self.scale);
        let mut digits = Vec::new();
        while !whole.is_empty() {
            let (quotient, rest) = divide_small(&whole, base);
            digits.push(rest);
            whole = quotient;
        }
        // Of a base above 16 each digit has a blank before it, the first one, too.
        digits.iter().rev().for_each(|value| text.push_str(&digit(*value, false)));
        if self.scale > 0 {
            text.push('.');
            let (base_number, mut seen, mut first) = (Self::whole(i64::from(base)), Self::whole(1), true);
            while seen.length() <= self.scale {
                part = part.exactly_times(&base_number);
                let whole = part.to_scale(0);
                text.push_str(&digit(whole.limbs.first().copied().unwrap_or(0), first));
                part = part.minus(&whole);
                seen = seen.exactly_times(&base_number);
                first = false;
            }
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_kept_as_in_bc() {
        let number = Number::decimal;
        let check = |number: Number, expect: &str| assert_eq!(number.shown(10), expect);
        check(number("1.10").plus(&number("2.205")), "3.305");
        check(number("1.5").times(&number("1.25"), 0), "1.87");
        check(number("10").over(&number("3"), 5).expect("a quotient"), "3.33333");
        check(number("10").minus(&number("10.5")), "-.5");
        check(number("2").power(100, 0).expect("a power"), "1267650600228229401496703205376");
        check(number("2").power(-3, 4).expect("a power"), ".1250");
        check(number("2").root(20), "1.41421356237309504880");
        check(
            number("12345678901234567890123456789").over(&number("987654321987654321"), 3).expect("it"),
            "12499999874.843",
        );
        check(number("7.5").modulo(&number("2"), 0).expect("a rest"), "1.5");
        assert!(number("1").over(&number("0"), 3).is_none());
        check(Number::read("FF", 16), "255");
        check(Number::read("1.8", 16), "1.5");
        assert_eq!(number("255.5").shown(16), "FF.8");
        assert_eq!(number("1000").shown(60), " 16 40");
    }
}
