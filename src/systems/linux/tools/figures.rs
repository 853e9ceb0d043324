//! Numbers and texts laid out as widely as a user asks: the formats of Rust end at a width of 65535, those of C do not.

/// No `f64` has more digits than this, before its point, behind it or altogether; what follows are zeros.
const DIGITS: usize = 1100;

/// A text in a field of so many characters, at its left or its right.
#[must_use]
pub fn padded(text: &str, width: usize, left: bool) -> String {
    let blanks = " ".repeat(width.saturating_sub(text.chars().count()));
    if left { format!("{text}{blanks}") } else { format!("{blanks}{text}") }
}

/// `%.*f`
#[must_use]
pub fn fixed(number: f64, places: usize) -> String {
    let most = places.min(DIGITS);
    format!("{number:.most$}") + &"0".repeat(places - most)
}

/// `%.*e` as Rust has it, `1.50e0`
#[must_use]
pub fn scientific(number: f64, places: usize) -> String {
    let most = places.min(DIGITS);
    let text = format!("{number:.most$e}");
    let at = text.find('e').unwrap_or(text.len());
    format!("{}{}{}", &text[..at], "0".repeat(places - most), &text[at..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_width_is_too_much() {
        assert_eq!(padded("ä", 3, true), "ä  ");
        assert_eq!(padded("ä", 70_000, false).chars().count(), 70_000);
        assert_eq!(fixed(0.1, 3), "0.100");
        assert_eq!((fixed(1.5, 70_000).len(), &fixed(1.5, 70_000)[..4]), (70_002, "1.50"));
        assert_eq!(scientific(150.0, 2), "1.50e2");
        assert_eq!(scientific(150.0, 70_000).len(), 70_004);
    }
}
