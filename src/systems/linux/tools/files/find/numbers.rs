//! Numbers as `find` takes them: `5`, `+5`, `-5`.

use std::cmp::Ordering;

/// A number and on which side of it a value must be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bound {
    /// The number.
    pub number: u64,
    /// `Less` for `-N`, `Greater` for `+N`.
    pub side: Ordering,
}

impl Bound {
    /// Reads `N`, `+N`, `-N`.
    pub fn read(text: &str) -> Option<Self> {
        let (side, digits) = match text.strip_prefix('+') {
            Some(digits) => (Ordering::Greater, digits),
            None => match text.strip_prefix('-') {
                Some(digits) => (Ordering::Less, digits),
                None => (Ordering::Equal, text),
            },
        };
        let number = digits.parse().ok().filter(|_| digits.bytes().all(|byte| byte.is_ascii_digit()))?;
        Some(Self { number, side })
    }

    /// Whether a value is on that side.
    pub fn fits(self, value: u64) -> bool {
        value.cmp(&self.number) == self.side
    }

    /// Whether an age in seconds fits a number of units: days count when they are full (`-mtime`), minutes when they have
    /// begun (`-mmin`).
    pub fn fits_age(self, seconds: i64, unit: i64) -> bool {
        let number = i64::try_from(self.number).unwrap_or(i64::MAX / 100_000).min(i64::MAX / 100_000);
        let full = seconds.div_euclid(unit);
        match (self.side, unit == 60) {
            (Ordering::Less, _) => seconds < number * unit,
            (Ordering::Greater, false) => full > number,
            (Ordering::Greater, true) => seconds > number * unit,
            (Ordering::Equal, false) => full == number,
            (Ordering::Equal, true) => seconds > (number - 1) * unit && seconds <= number * unit,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_sides() {
        let check = |text: &str, value: u64, expect: Option<bool>| {
            assert_eq!(Bound::read(text).map(|bound| bound.fits(value)), expect, "{text} {value}");
        };
        check("5", 5, Some(true));
        check("+5", 5, Some(false));
        check("+5", 6, Some(true));
        check("-5", 4, Some(true));
        check("x", 4, None);
        check("+", 4, None);
        check("--5", 4, None);
        let age = |text: &str, seconds: i64, unit: i64, expect: bool| {
            assert_eq!(Bound::read(text).map(|bound| bound.fits_age(seconds, unit)), Some(expect), "{text} {seconds}");
        };
        age("0", 86_399, 86_400, true);
        age("+0", 86_399, 86_400, false);
        age("+0", 86_400, 86_400, true);
        age("-1", 86_399, 86_400, true);
        age("1", 60, 60, true);
        age("1", 61, 60, false);
        age("-1", 59, 60, true);
        age("+1", 61, 60, true);
    }
}
