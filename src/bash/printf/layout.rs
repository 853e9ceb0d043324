//! How printf(3) lays out text and numbers in a field. Everything returns none where the field is wider or more precise
//! than is allowed.

use super::integer::Integer;
use super::real::{Decimal, Real, Size, expand};
use super::{Spec, WIDEST};

/// Bytes in their field, at most as many as the precision says.
pub fn text(bytes: &[u8], spec: &Spec) -> Option<Vec<u8>> {
    let kept = &bytes[..bytes.len().min(spec.precision.unwrap_or(usize::MAX))];
    field("", kept, &Spec { zero: false, precision: None, ..spec.clone() })
}

/// A whole number; `letter` is one of `diuoxX`.
pub fn integer(value: Integer, letter: char, spec: &Spec) -> Option<Vec<u8>> {
    let mut digits = match letter {
        'o' => format!("{:o}", value.size),
        'x' => format!("{:x}", value.size),
        'X' => format!("{:X}", value.size),
        _ => value.size.to_string(),
    };
    let precision = spec.precision.unwrap_or(1);
    if precision > WIDEST {
        return None;
    }
    if precision == 0 && value.size == 0 {
        digits.clear();
    }
    digits.insert_str(0, &"0".repeat(precision.saturating_sub(digits.len())));
    let prefix = match letter {
        'd' | 'i' => sign(value.negative, spec),
        'x' if spec.alternate && value.size != 0 => "0x",
        'X' if spec.alternate && value.size != 0 => "0X",
        'o' if spec.alternate && !digits.starts_with('0') => "0",
        _ => "",
    };
    // A precision says how many zeros there are, so the flag does not.
    let zero = spec.zero && spec.precision.is_none();
    field(prefix, digits.as_bytes(), &Spec { zero, ..spec.clone() })
}

/// A number with a point; `letter` is one of `eEfFgGaA`.
pub fn real(value: &Real, letter: char, spec: &Spec) -> Option<Vec<u8>> {
    if spec.precision.is_some_and(|precision| precision > WIDEST) {
        return None;
    }
    let mut zero = spec.zero;
    let mut prefix = sign(value.negative, spec).to_owned();
    let mut body = match value.size {
        Size::Infinite | Size::Nan => {
            zero = false;
            if value.size == Size::Nan { "nan".to_owned() } else { "inf".to_owned() }
        }
        Size::Finite(significand, exponent) => {
            let decimal = || expand(significand, exponent);
            let precision = spec.precision.unwrap_or(6);
            match letter.to_ascii_lowercase() {
                'f' => fixed(&decimal(), precision, spec.alternate),
                'e' => scientific(&decimal(), precision, spec.alternate),
                'g' => general(&decimal(), precision.max(1), spec.alternate),
                _ => {
                    prefix += "0x";
                    hexadecimal(significand, exponent, spec)
                }
            }
        }
    };
    if letter.is_ascii_uppercase() {
        body.make_ascii_uppercase();
        prefix.make_ascii_uppercase();
    }
    field(&prefix, body.as_bytes(), &Spec { zero, ..spec.clone() })
}

fn sign(negative: bool, spec: &Spec) -> &'static str {
    match (negative, spec.plus, spec.space) {
        (true, ..) => "-",
        (_, true, _) => "+",
        (_, _, true) => " ",
        _ => "",
    }
}

/// Prefix and body in their field, filled with zeros between them or with spaces around them.
fn field(prefix: &str, body: &[u8], spec: &Spec) -> Option<Vec<u8>> {
    if spec.width > WIDEST {
        return None;
    }
    let missing = spec.width.saturating_sub(prefix.len() + body.len());
    let fill = |c: u8, wanted: bool| vec![c; if wanted { missing } else { 0 }];
    let zero = spec.zero && !spec.minus;
    let before = fill(b' ', !spec.minus && !zero);
    let between = fill(b'0', zero);
    let behind = fill(b' ', spec.minus);
    Some([&before, prefix.as_bytes(), &between, body, &behind].concat())
}

/// The first `keep` digits, rounded to the nearest and to the even one of two; one more where it carries over.
fn round(decimal: &Decimal, keep: i64) -> Decimal {
    let Ok(keep) = usize::try_from(keep) else { return Decimal { digits: Vec::new(), point: decimal.point } };
    if keep >= decimal.digits.len() {
        return decimal.clone();
    }
    let (kept, rest) = decimal.digits.split_at(keep);
    let mut rounded = Decimal { digits: kept.to_vec(), point: decimal.point };
    let odd = kept.last().is_some_and(|digit| digit % 2 == 1);
    let half = rest[0] == 5 && rest[1..].iter().all(|digit| *digit == 0);
    if rest[0] > 5 || rest[0] == 5 && (!half || odd) {
        increment(&mut rounded);
    }
    rounded
}

fn increment(decimal: &mut Decimal) {
    for digit in decimal.digits.iter_mut().rev() {
        *digit = (*digit + 1) % 10;
        if *digit != 0 {
            return;
        }
    }
    decimal.digits.insert(0, 1);
    decimal.point += 1;
}

/// The digits at places `from..to` behind the point of `0.d1d2…`, zeros where there are none.
fn places(decimal: &Decimal, from: i64, to: i64) -> String {
    let digit = |at: i64| usize::try_from(at).ok().and_then(|at| decimal.digits.get(at)).copied().unwrap_or(0);
    (from..to).map(|at| char::from(b'0' + digit(at))).collect()
}

fn point(precision: usize, alternate: bool) -> &'static str {
    if precision > 0 || alternate { "." } else { "" }
}

/// `%f`
fn fixed(decimal: &Decimal, precision: usize, alternate: bool) -> String {
    let rounded = round(decimal, decimal.point + precision as i64);
    let whole = if rounded.point > 0 { places(&rounded, 0, rounded.point) } else { "0".to_owned() };
    let fraction = places(&rounded, rounded.point, rounded.point + precision as i64);
    format!("{whole}{}{fraction}", point(precision, alternate))
}

/// `%e`
fn scientific(decimal: &Decimal, precision: usize, alternate: bool) -> String {
    let rounded = round(decimal, precision as i64 + 1);
    let exponent = if rounded.digits.is_empty() { 0 } else { rounded.point - 1 };
    let (first, rest) = (places(&rounded, 0, 1), places(&rounded, 1, precision as i64 + 1));
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{first}{}{rest}e{sign}{:02}", point(precision, alternate), exponent.abs())
}

/// `%g`: one of the two others, and without zeros at the end unless they are asked for.
fn general(decimal: &Decimal, precision: usize, alternate: bool) -> String {
    let rounded = round(decimal, precision as i64);
    let exponent = if rounded.digits.is_empty() { 0 } else { rounded.point - 1 };
    let shown = if exponent < -4 || exponent >= precision as i64 {
        scientific(decimal, precision - 1, alternate)
    } else {
        fixed(decimal, usize::try_from(precision as i64 - 1 - exponent).unwrap_or(0), alternate)
    };
    let (body, power) = shown.split_at(shown.find('e').unwrap_or(shown.len()));
    if alternate || !body.contains('.') {
        return shown;
    }
    format!("{}{power}", body.trim_end_matches('0').trim_end_matches('.'))
}

/// `%a` as the C library shows a `long double`: four bits before the point.
fn hexadecimal(significand: u64, exponent: i64, spec: &Spec) -> String {
    let mut power = if significand == 0 { 0 } else { exponent + 60 };
    let mut value = u128::from(significand);
    let shown = spec.precision.unwrap_or(15).min(15);
    let dropped = 4 * (15 - shown);
    let (half, rest) = ((1_u128 << dropped) / 2, value & ((1 << dropped) - 1));
    value >>= dropped;
    if dropped > 0 && (rest > half || rest == half && value & 1 == 1) {
        value += 1;
    }
    if value >> (4 * (shown + 1)) != 0 {
        value >>= 4;
        power += 4;
    }
    let digits = format!("{value:0width$x}", width = shown + 1);
    let (first, mut fraction) = (&digits[..1], digits[1..].to_owned());
    match spec.precision {
        None => fraction.truncate(fraction.trim_end_matches('0').len()),
        Some(precision) => fraction.extend(std::iter::repeat_n('0', precision - shown)),
    }
    let sign = if power < 0 { '-' } else { '+' };
    format!("{first}{}{fraction}p{sign}{}", point(fraction.len(), spec.alternate), power.abs())
}
