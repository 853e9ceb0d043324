//! What the options of `numfmt` say of a number: its layout (`--format`), its unit, its field.

use super::LETTERS;
use crate::systems::linux::proc::HELD;
use crate::systems::linux::tools::input::quoted;

/// How a number is laid out.
#[derive(Clone, Debug, Default)]
pub struct Form {
    pub before: String,
    pub behind: String,
    /// Negative: to the left.
    pub width: i64,
    /// With zeros before it, letter not counted.
    pub zeros: usize,
    /// Digits behind the point.
    pub precision: Option<usize>,
    /// What stands between thousands.
    pub thousands: &'static str,
}

/// A number with zeros before it.
pub fn zeros(number: &str, width: usize) -> String {
    let (sign, digits) = number.strip_prefix('-').map_or(("", number), |digits| ("-", digits));
    let missing = width.saturating_sub(sign.len() + digits.chars().count());
    format!("{sign}{}{digits}", "0".repeat(missing))
}

/// A number whose thousands are kept apart.
pub fn grouped(number: &str, separator: &str) -> String {
    let end = number.find('.').unwrap_or(number.len());
    let first = number.find(|c: char| c.is_ascii_digit()).unwrap_or(end);
    let mut shown = number[..first].to_owned();
    for (at, digit) in number[first..end].chars().enumerate() {
        if at > 0 && (end - first - at).is_multiple_of(3) {
            shown.push_str(separator);
        }
        shown.push(digit);
    }
    shown + &number[end..]
}

/// `512`, `K` (1000), `4Ki`
pub fn unit_of(text: &str) -> Option<f64> {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (digits, suffix) = text.split_at(end);
    let number: f64 = if digits.is_empty() && !suffix.is_empty() { 1.0 } else { digits.parse().ok()? };
    let (base, letter) = suffix.strip_suffix('i').map_or((1000.0, suffix), |letter| (1024.0, letter));
    let power = match letter {
        "" if suffix.is_empty() => 0,
        letter if letter.len() == 1 => i32::try_from(LETTERS.find(letter)?).ok()? + 1,
        _ => return None,
    };
    Some(number * f64::powi(base, power)).filter(|unit| *unit > 0.0)
}

/// `%f` with what stands around it.
pub fn format_of(text: &str, thousands: &'static str) -> Result<Form, (String, bool)> {
    let wrong = |what: String| (what, false);
    let mut form = Form::default();
    // A doubled sign counts once in what is kept of the text before, as in numfmt.
    let (mut at, mut kept) = (0, 0);
    let letters: Vec<char> = text.chars().collect();
    let letter = |at: usize| letters.get(at).copied();
    while !(letter(at) == Some('%') && letter(at + 1) != Some('%')) {
        let Some(found) = letter(at) else {
            return Err(wrong(format!("format {} has no % directive", quoted(text))));
        };
        kept += 1;
        at += if found == '%' { 2 } else { 1 };
    }
    form.before = letters[..kept].iter().collect();
    at += 1;
    let mut padded = false;
    while let Some(flag) = letter(at).filter(|flag| " 0'".contains(*flag)) {
        padded |= flag == '0';
        if flag == '\'' {
            form.thousands = thousands;
        }
        at += 1;
    }
    let number = |at: &mut usize, signed: bool| {
        let start = *at;
        *at += usize::from(signed && letter(*at) == Some('-'));
        while letter(*at).is_some_and(|digit| digit.is_ascii_digit()) {
            *at += 1;
        }
        letters[start..*at].iter().collect::<String>()
    };
    let width = number(&mut at, true);
    let width = match width.parse::<i64>() {
        Err(_) if width.trim_start_matches('-').is_empty() => 0,
        Err(_) | Ok(i64::MIN) => return Err(wrong(format!("invalid format {} (width overflow)", quoted(text)))),
        Ok(width) if width.unsigned_abs() > HELD as u64 => return Err(wrong("memory exhausted".to_owned())),
        Ok(width) => width,
    };
    if padded && width > 0 {
        form.zeros = usize::try_from(width).unwrap_or(0);
    } else {
        form.width = width;
    }
    if letter(at).is_none() {
        return Err(wrong(format!("format {} ends in %", quoted(text))));
    }
    if letter(at) == Some('.') {
        at += 1;
        if letter(at).is_some_and(|sign| "-+ ".contains(sign)) {
            return Err(wrong(format!("invalid precision in format {}", quoted(text))));
        }
        let digits = number(&mut at, false);
        let precision = if digits.is_empty() { Some(0) } else { digits.parse::<i64>().ok() };
        let Some(precision) = precision else {
            return Err(wrong(format!("invalid precision in format {}", quoted(text))));
        };
        form.precision = Some(usize::try_from(precision).unwrap_or(0).min(60));
    }
    if letter(at) != Some('f') {
        let text = quoted(text);
        return Err(wrong(format!("invalid format {text}, directive must be %[0]['][-][N][.][N]f")));
    }
    form.behind = letters[at + 1..].iter().collect();
    if form.behind.replace("%%", "").contains('%') {
        return Err(wrong(format!("format {} has too many % directives", quoted(text))));
    }
    Ok(form)
}

/// `1,3-5`, `-`
pub fn fields_of(list: &str) -> Result<Vec<(usize, usize)>, String> {
    let number = |text: &str, usual: usize| match text {
        "" => Ok(usual),
        text => text.parse::<usize>().map_err(|_| format!("invalid field value {}", quoted(text))),
    };
    let part = |part: &str| {
        let (from, to) = match part.split_once('-') {
            Some((from, to)) => (number(from, 1)?, number(to, usize::MAX)?),
            None => {
                let only = number(part, 0)?;
                (only, only)
            }
        };
        match (from, from <= to) {
            (0, _) => Err("fields are numbered from 1".to_owned()),
            (_, false) => Err("invalid decreasing range".to_owned()),
            _ => Ok((from, to)),
        }
    };
    list.split([',', ' ']).map(part).collect()
}
