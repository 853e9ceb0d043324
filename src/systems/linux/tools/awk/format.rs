//! `printf` of awk: C's formats, with awk's view of what a value is.

use super::value::Value;
use crate::systems::linux::tools::figures::{fixed, scientific};

/// Widest field, most digits.
const WIDEST: usize = 1 << 20;

/// What stands between `%` and the letter.
#[derive(Clone, Copy, Debug, Default)]
struct Spec {
    left: bool,
    plus: bool,
    blank: bool,
    alternate: bool,
    zero: bool,
    width: usize,
    precision: Option<usize>,
}

/// Puts values into a format. Numbers that are asked for as texts are written in the format `conversion`.
///
/// # Errors
/// gawk's message: there are too few values.
pub fn format(form: &[u8], values: &[Value], conversion: &[u8]) -> Result<Vec<u8>, String> {
    let mut out = Vec::new();
    let mut values = values.iter();
    let mut at = 0;
    while at < form.len() {
        if form[at] != b'%' {
            out.push(form[at]);
            at += 1;
            continue;
        }
        let begin = at;
        at += 1;
        let mut spec = Spec::default();
        while let Some(flag) = form.get(at).filter(|flag| b"-+ #0'".contains(flag)) {
            match flag {
                b'-' => spec.left = true,
                b'+' => spec.plus = true,
                b' ' => spec.blank = true,
                b'#' => spec.alternate = true,
                b'0' => spec.zero = true,
                _ => {}
            }
            at += 1;
        }
        let mut missing = false;
        let mut size = |at: &mut usize| {
            if form.get(*at) == Some(&b'*') {
                *at += 1;
                let value = values.next();
                missing |= value.is_none();
                return value.map_or(0.0, Value::number);
            }
            let mut number = 0.0;
            while let Some(digit) = form.get(*at).filter(|digit| digit.is_ascii_digit()) {
                number = number * 10.0 + f64::from(*digit - b'0');
                *at += 1;
            }
            number
        };
        let width = size(&mut at);
        spec.left |= width < 0.0;
        spec.width = (width.abs() as usize).min(WIDEST);
        if form.get(at) == Some(&b'.') {
            at += 1;
            let precision = size(&mut at);
            spec.precision = (precision >= 0.0).then_some((precision as usize).min(WIDEST));
        }
        while form.get(at).is_some_and(|letter| b"hlLqjzt".contains(letter)) {
            at += 1;
        }
        let Some(letter) = form.get(at).copied() else {
            out.extend_from_slice(&form[begin..]);
            break;
        };
        at += 1;
        if letter == b'%' {
            out.push(b'%');
            continue;
        }
        if !b"diouxXcseEfFgG".contains(&letter) {
            out.extend_from_slice(&form[begin..at]);
            continue;
        }
        let Some(value) = values.next().filter(|_| !missing) else {
            return Err("not enough arguments to satisfy format string".to_owned());
        };
        field(&mut out, spec, letter, value, conversion);
        if out.len() > WIDEST * 16 {
            break;
        }
    }
    Ok(out)
}

fn field(out: &mut Vec<u8>, spec: Spec, letter: u8, value: &Value, conversion: &[u8]) {
    match letter {
        b's' => {
            let text = value.to_text(conversion);
            let text = match spec.precision {
                Some(most) => &text[..super::text::offset(&text, most)],
                None => &text,
            };
            pad(out, spec, text, super::text::length(text));
        }
        b'c' => {
            let text = match value {
                Value::Number(number) => character(*number),
                value => {
                    let text = value.to_text(conversion);
                    if text.is_empty() { vec![0] } else { text[..super::text::offset(&text, 1)].to_vec() }
                }
            };
            pad(out, spec, &text, super::text::length(&text));
        }
        _ => number(out, spec, letter, value.number()),
    }
}

/// The character with this number.
fn character(number: f64) -> Vec<u8> {
    match char::from_u32(number as u32) {
        Some(character) => character.to_string().into_bytes(),
        None => vec![(number as i64 & 0xff) as u8],
    }
}

fn pad(out: &mut Vec<u8>, spec: Spec, text: &[u8], length: usize) {
    let blanks = spec.width.saturating_sub(length);
    if !spec.left {
        out.extend(std::iter::repeat_n(b' ', blanks));
    }
    out.extend_from_slice(text);
    if spec.left {
        out.extend(std::iter::repeat_n(b' ', blanks));
    }
}

fn number(out: &mut Vec<u8>, spec: Spec, letter: u8, number: f64) {
    let letter = match letter {
        b'i' => b'd',
        letter => letter,
    };
    // What no integer holds is shown as %g shows it; what is no number, by its name.
    let unsigned = b"ouxX".contains(&letter);
    let whole = number.trunc();
    let letter = if unsigned && !(0.0..18_446_744_073_709_551_616.0).contains(&whole) { b'g' } else { letter };
    let sign = match number.is_sign_negative() && !number.is_nan() {
        true if letter == b'd' && whole == 0.0 => "",
        true => "-",
        false if spec.plus => "+",
        false if spec.blank => " ",
        false => "",
    };
    if !number.is_finite() {
        let name = if number.is_nan() { "nan" } else { "inf" };
        let text = format!("{sign}{name}");
        return pad(out, spec, text.as_bytes(), text.len());
    }
    let digits = match letter {
        b'd' => format!("{:.0}", whole.abs()),
        b'u' => format!("{}", whole as u64),
        b'o' => format!("{:o}", whole as u64),
        b'x' => format!("{:x}", whole as u64),
        b'X' => format!("{:X}", whole as u64),
        b'f' | b'F' => fixed(number.abs(), spec.precision.unwrap_or(6)),
        b'e' | b'E' => exponent(number.abs(), spec.precision.unwrap_or(6), letter == b'E'),
        letter => general(number.abs(), spec.precision.unwrap_or(6), spec.alternate, letter == b'G'),
    };
    let integer = b"duoxX".contains(&letter);
    let prefix = match letter {
        b'x' if spec.alternate && whole != 0.0 => "0x",
        b'X' if spec.alternate && whole != 0.0 => "0X",
        b'o' if spec.alternate => "0",
        _ => "",
    };
    let mut zeros = if integer { spec.precision.unwrap_or(0).saturating_sub(digits.len()) } else { 0 };
    let length = sign.len() + prefix.len() + digits.len();
    if spec.zero && !spec.left && !(integer && spec.precision.is_some()) {
        zeros = spec.width.saturating_sub(length);
    }
    let text = format!("{sign}{prefix}{}{digits}", "0".repeat(zeros));
    pad(out, spec, text.as_bytes(), text.len());
}

/// `%e`
fn exponent(number: f64, precision: usize, upper: bool) -> String {
    let text = scientific(number, precision);
    let (mantissa, power) = text.split_once('e').unwrap_or((&text, "0"));
    let (sign, power) = power.strip_prefix('-').map_or(("+", power), |power| ("-", power));
    format!("{mantissa}{}{sign}{power:0>2}", if upper { 'E' } else { 'e' })
}

/// `%g`
fn general(number: f64, precision: usize, keeps: bool, upper: bool) -> String {
    let precision = precision.max(1);
    let text = scientific(number, precision - 1);
    let power: i64 = text.split_once('e').and_then(|(_, power)| power.parse().ok()).unwrap_or(0);
    let bare = |text: String| {
        if keeps || !text.contains('.') {
            return text;
        }
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    };
    let most = i64::try_from(precision).unwrap_or(i64::MAX);
    if power < -4 || power >= most {
        let text = exponent(number, precision - 1, upper);
        let at = text.find(['e', 'E']).unwrap_or(text.len());
        return bare(text[..at].to_owned()) + &text[at..];
    }
    bare(fixed(number, usize::try_from(most - 1 - power).unwrap_or(0)))
}
