//! Whole numbers as strtoimax(3) and strtoumax(3) read them with base 0.

/// A whole number of 64 bits: its sign and its size.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Integer {
    /// Whether it is below 0; an unsigned one never is.
    pub negative: bool,
    /// Its distance from 0.
    pub size: u64,
}

impl Integer {
    /// The number that `text` begins with, how many bytes of it are one, and whether it fits; if not, the nearest is meant.
    pub fn parse(text: &str, signed: bool) -> (Self, usize, bool) {
        let trimmed = text.trim_start_matches([' ', '\t', '\n', '\u{b}', '\u{c}', '\r']);
        let unsigned = trimmed.strip_prefix(['+', '-']).unwrap_or(trimmed);
        let minus = trimmed.starts_with('-');
        let bytes = unsigned.as_bytes();
        let hex =
            bytes.len() > 2 && bytes[0] == b'0' && matches!(bytes[1], b'x' | b'X') && bytes[2].is_ascii_hexdigit();
        let (base, digits) = match bytes {
            _ if hex => (16, &unsigned[2..]),
            [b'0', ..] => (8, unsigned),
            _ => (10, unsigned),
        };
        let count = digits.bytes().take_while(|c| char::from(*c).is_digit(base)).count();
        if count == 0 {
            let none = Self { negative: false, size: 0 };
            return (none, if text.is_empty() { text.len() } else { 0 }, true);
        }
        let taken = text.len() - digits.len() + count;
        let size = digits[..count]
            .chars()
            .filter_map(|c| c.to_digit(base))
            .try_fold(0_u64, |size, digit| size.checked_mul(u64::from(base))?.checked_add(u64::from(digit)));
        let most = if !signed { u64::MAX } else { i64::MAX as u64 + u64::from(minus) };
        let fits = size.is_some_and(|size| size <= most);
        let size = size.unwrap_or(u64::MAX).min(most);
        let value = if signed {
            Self { negative: minus && size > 0, size }
        } else {
            Self { negative: false, size: if minus && fits { size.wrapping_neg() } else { size } }
        };
        (value, taken, fits)
    }

    /// As a signed number.
    pub fn clamped(self) -> i64 {
        if self.negative {
            0_i64.wrapping_sub_unsigned(self.size)
        } else {
            i64::try_from(self.size).unwrap_or(i64::MAX)
        }
    }
}
