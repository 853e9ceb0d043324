//! Values of awk: numbers, texts, and input that is both when it looks like a number (POSIX's *strnum*).

use std::cmp::Ordering;
use std::sync::Arc;

/// A text; bytes, since input need not be UTF-8.
pub type Text = Arc<[u8]>;

/// A variable of a caller that was passed on before it was known what it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// A variable of the program.
    Global(usize),
    /// A place on the stack.
    Stack(usize),
}

/// A value.
#[derive(Clone, Debug, Default)]
pub enum Value {
    /// Of a variable that was never set.
    #[default]
    Unset,
    /// A number.
    Number(f64),
    /// A text.
    Text(Text),
    /// Input: a number to comparisons if it looks like one.
    Input(Text),
    /// An array by its number.
    Array(usize),
    /// Unset, and if it becomes an array, this variable becomes one too.
    Untyped(Place),
}

impl Value {
    /// A text.
    #[must_use]
    pub fn text(bytes: &[u8]) -> Self {
        Self::Text(Arc::from(bytes))
    }

    /// Input.
    #[must_use]
    pub fn input(bytes: &[u8]) -> Self {
        Self::Input(Arc::from(bytes))
    }

    /// A truth value.
    #[must_use]
    pub fn truth(truth: bool) -> Self {
        Self::Number(f64::from(u8::from(truth)))
    }

    /// The value as a number.
    #[must_use]
    pub fn number(&self) -> f64 {
        match self {
            Self::Number(number) => *number,
            Self::Text(text) | Self::Input(text) => leading_number(text).0,
            Self::Unset | Self::Array(_) | Self::Untyped(_) => 0.0,
        }
    }

    /// The value as a text, numbers in this format.
    #[must_use]
    pub fn to_text(&self, format: &[u8]) -> Text {
        match self {
            Self::Number(number) => Arc::from(number_text(*number, format)),
            Self::Text(text) | Self::Input(text) => Arc::clone(text),
            Self::Unset | Self::Array(_) | Self::Untyped(_) => Arc::from([]),
        }
    }

    /// Whether it counts as true.
    #[must_use]
    pub fn is_true(&self) -> bool {
        match self {
            Self::Number(number) => *number != 0.0,
            Self::Text(text) => !text.is_empty(),
            Self::Input(text) => looks_numeric(text).map_or(!text.is_empty(), |number| number != 0.0),
            Self::Unset | Self::Array(_) | Self::Untyped(_) => false,
        }
    }

    /// How many bytes it takes.
    #[must_use]
    pub fn size(&self) -> usize {
        match self {
            Self::Text(text) | Self::Input(text) => text.len(),
            _ => 0,
        }
    }

    /// The number, where comparisons see one.
    fn compared(&self) -> Option<f64> {
        match self {
            Self::Number(number) => Some(*number),
            Self::Unset | Self::Untyped(_) => Some(0.0),
            Self::Input(text) => looks_numeric(text),
            Self::Text(_) | Self::Array(_) => None,
        }
    }

    /// Compares as awk does: as numbers where both are, else as texts. Nothing where a number is none.
    #[must_use]
    pub fn compare(&self, other: &Self, format: &[u8]) -> Option<Ordering> {
        match (self.compared(), other.compared()) {
            (Some(one), Some(two)) => one.partial_cmp(&two),
            _ => Some(self.to_text(format).cmp(&other.to_text(format))),
        }
    }
}

/// The number at the beginning of a text, and where it ends; white space before it is skipped.
#[must_use]
pub fn leading_number(text: &[u8]) -> (f64, usize) {
    let begin = text.iter().take_while(|byte| byte.is_ascii_whitespace()).count();
    let mut at = begin;
    if matches!(text.get(at), Some(b'+' | b'-')) {
        at += 1;
    }
    let special: Vec<u8> = text[at..].iter().take(4).map(u8::to_ascii_lowercase).collect();
    if at > begin && (special.starts_with(b"inf") || special.starts_with(b"nan")) && special.len() == 3 {
        let number = if special.starts_with(b"inf") { f64::INFINITY } else { f64::NAN };
        return (if text[begin] == b'-' { -number } else { number }, at + 3);
    }
    let digits = |from: usize| text[from..].iter().take_while(|byte| byte.is_ascii_digit()).count();
    let whole = digits(at);
    let mut end = at + whole;
    let mut fraction = 0;
    if text.get(end) == Some(&b'.') {
        fraction = digits(end + 1);
        if whole + fraction > 0 {
            end += 1 + fraction;
        }
    }
    if whole + fraction == 0 {
        return (0.0, 0);
    }
    if matches!(text.get(end), Some(b'e' | b'E')) {
        let sign = usize::from(matches!(text.get(end + 1), Some(b'+' | b'-')));
        let exponent = digits(end + 1 + sign);
        if exponent > 0 {
            end += 1 + sign + exponent;
        }
    }
    let number = std::str::from_utf8(&text[begin..end]).ok().and_then(|text| text.parse().ok());
    (number.unwrap_or(0.0), end)
}

/// The number that a whole text is, white space around it aside.
#[must_use]
pub fn looks_numeric(text: &[u8]) -> Option<f64> {
    let (number, end) = leading_number(text);
    (end > 0 && text[end..].iter().all(u8::is_ascii_whitespace)).then_some(number)
}

/// A number as a text: whole ones as such, others in this format.
#[must_use]
pub fn number_text(number: f64, format: &[u8]) -> Vec<u8> {
    if number.is_nan() {
        return if number.is_sign_negative() { b"-nan".to_vec() } else { b"nan".to_vec() };
    }
    if number.is_infinite() {
        return if number < 0.0 { b"-inf".to_vec() } else { b"inf".to_vec() };
    }
    if number == number.trunc() {
        let number = if number == 0.0 { 0.0 } else { number };
        return format!("{number:.0}").into_bytes();
    }
    super::format::format(format, &[Value::Number(number)], b"%.6g").unwrap_or_default()
}
