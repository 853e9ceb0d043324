//! `seq` as in GNU coreutils 8.30. Numbers are decimal with a fixed point, or binary floating point where they do not fit.

use crate::systems::linux::proc::{Ended, Proc};
use crate::systems::linux::tools::input::{self, Out};
use crate::systems::linux::tools::{Tool, tool};

/// The programs of this file.
pub static TOOLS: &[Tool] = &[tool!("seq", seq)];

/// The largest number of units, far below what overflows.
const LARGEST: i128 = 10_i128.pow(36);

/// A number: so many units of 10^-places.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Decimal {
    units: i128,
    places: u32,
}

impl Decimal {
    fn parse(text: &str) -> Option<Self> {
        let trimmed = text.trim_start();
        let (negative, digits) = match trimmed.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, trimmed.strip_prefix('+').unwrap_or(trimmed)),
        };
        let (digits, exponent) = match digits.split_once(['e', 'E']) {
            Some((digits, exponent)) => (digits, exponent.parse::<i32>().ok()?),
            None => (digits, 0),
        };
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let all = format!("{whole}{fraction}");
        if all.is_empty() || all.len() > 25 || exponent.abs() > 12 || !all.chars().all(|c| c.is_ascii_digit()) {
            return None;
        }
        let mut units: i128 = all.parse().ok()?;
        let mut places = i32::try_from(fraction.len()).ok()? - exponent;
        while places < 0 {
            units = units.checked_mul(10)?;
            places += 1;
        }
        if units > LARGEST {
            return None;
        }
        Some(Self { units: if negative { -units } else { units }, places: places.unsigned_abs() })
    }

    fn at(self, places: u32) -> Option<i128> {
        let scale = 10_i128.checked_pow(places.saturating_sub(self.places))?;
        self.units.checked_mul(scale).filter(|units| units.abs() <= LARGEST)
    }
}

fn shown(units: i128, places: u32) -> String {
    let sign = if units < 0 { "-" } else { "" };
    let scale = 10_u128.pow(places.min(30));
    let (whole, fraction) = (units.unsigned_abs() / scale, units.unsigned_abs() % scale);
    match places {
        0 => format!("{sign}{whole}"),
        places => format!("{sign}{whole}.{fraction:0width$}", width = places as usize),
    }
}

/// What the options say.
#[derive(Default)]
struct Plan {
    separator: Option<String>,
    format: Option<String>,
    wide: bool,
    numbers: Vec<String>,
}

/// Options end where a negative number begins.
fn read(arguments: &[String]) -> Result<Plan, String> {
    let mut plan = Plan::default();
    let mut rest = arguments.iter();
    while let Some(word) = rest.next() {
        let needs = |value: Option<&String>, letter: char| {
            value.cloned().ok_or_else(|| format!("option requires an argument -- '{letter}'"))
        };
        match word.as_str() {
            "--" => plan.numbers.extend(rest.by_ref().cloned()),
            "-w" | "--equal-width" => plan.wide = true,
            "-s" | "--separator" => plan.separator = Some(needs(rest.next(), 's')?),
            "-f" | "--format" => plan.format = Some(needs(rest.next(), 'f')?),
            word if word.starts_with("--separator=") => plan.separator = Some(word[12..].to_owned()),
            word if word.starts_with("--format=") => plan.format = Some(word[9..].to_owned()),
            word if word.starts_with("--") => return Err(format!("unrecognized option '{word}'")),
            word if word.starts_with("-s") => plan.separator = Some(word[2..].to_owned()),
            word if word.starts_with("-f") => plan.format = Some(word[2..].to_owned()),
            word if word.starts_with("-w") && word.len() > 2 => {
                plan.wide = true;
                let mut more = vec![format!("-{}", &word[2..])];
                more.extend(rest.by_ref().cloned());
                let inner = read(&more)?;
                plan.separator = inner.separator.or(plan.separator);
                plan.format = inner.format.or(plan.format);
                plan.numbers.extend(inner.numbers);
            }
            word if word.len() > 1
                && word.starts_with('-')
                && !word[1..].starts_with(|c: char| c.is_ascii_digit() || c == '.') =>
            {
                return Err(format!("invalid option -- '{}'", &word[1..2.min(word.len())]));
            }
            word => plan.numbers.push(word.to_owned()),
        }
    }
    Ok(plan)
}

/// `%g` and its kin within a format: what stands before and behind, flags, width and precision, the letter.
fn directive(format: &str) -> Result<(String, String, String), String> {
    let unescape = |text: &str| text.replace("%%", "%");
    let mut at = 0;
    let bytes = format.as_bytes();
    while at < bytes.len() {
        if bytes[at] != b'%' {
            at += 1;
        } else if bytes.get(at + 1) == Some(&b'%') {
            at += 2;
        } else {
            break;
        }
    }
    if at >= bytes.len() {
        return Err(format!("format {} has no % directive", input::quoted(format)));
    }
    let spec: String = format[at + 1..].chars().take_while(|c| "-+ #0'.".contains(*c) || c.is_ascii_digit()).collect();
    let Some(letter) = format[at + 1 + spec.len()..].chars().next() else {
        return Err(format!("format {} ends in %", input::quoted(format)));
    };
    if !"efgaEFGA".contains(letter) {
        return Err(format!("format {} has unknown %{letter} directive", input::quoted(format)));
    }
    let behind = &format[at + 1 + spec.len() + letter.len_utf8()..];
    if behind.replace("%%", "").contains('%') {
        return Err(format!("format {} has too many % directives", input::quoted(format)));
    }
    Ok((unescape(&format[..at]), format!("{spec}{letter}"), unescape(behind)))
}

/// A number in `%5.2f` and its kin.
fn formatted(spec: &str, units: i128, places: u32) -> String {
    let letter = spec.chars().last().unwrap_or('g');
    let flags: String = spec.chars().take_while(|c| "-+ #0'".contains(*c)).collect();
    let numbers = &spec[flags.len()..spec.len() - 1];
    let (width, precision) = numbers.split_once('.').unwrap_or((numbers, ""));
    let width = width.parse().unwrap_or(0_usize).min(1000);
    let precision = if numbers.contains('.') { precision.parse().unwrap_or(0_usize).min(100) } else { 6 };
    let value = units as f64 / 10_f64.powi(i32::try_from(places).unwrap_or(0));
    let mut text = match letter {
        'f' | 'F' => format!("{value:.precision$}"),
        'e' | 'E' => exponential(value, precision),
        _ => general(value, precision.max(1), flags.contains('#')),
    };
    if letter.is_ascii_uppercase() {
        text = text.to_uppercase();
    }
    if units >= 0 {
        if flags.contains('+') {
            text.insert(0, '+');
        } else if flags.contains(' ') {
            text.insert(0, ' ');
        }
    }
    match (flags.contains('-'), flags.contains('0')) {
        (true, _) => format!("{text:<width$}"),
        (_, true) => {
            let sign = text.len() - text.trim_start_matches(['+', '-', ' ']).len();
            format!("{}{:0>rest$}", &text[..sign], &text[sign..], rest = width.saturating_sub(sign))
        }
        _ => format!("{text:>width$}"),
    }
}

fn exponential(value: f64, precision: usize) -> String {
    let text = format!("{value:.precision$e}");
    let (digits, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    format!("{digits}e{}{:02}", if exponent < 0 { '-' } else { '+' }, exponent.abs())
}

fn general(value: f64, precision: usize, keeps: bool) -> String {
    let exponent: i32 =
        format!("{value:.digits$e}", digits = precision - 1).split_once('e').map_or(0, |(_, e)| e.parse().unwrap_or(0));
    let fixed = (-4..i32::try_from(precision).unwrap_or(i32::MAX)).contains(&exponent);
    let trim = |text: &str| match text.contains('.') && !keeps {
        true => text.trim_end_matches('0').trim_end_matches('.').to_owned(),
        false => text.to_owned(),
    };
    if fixed {
        let digits = usize::try_from(i32::try_from(precision).unwrap_or(0) - 1 - exponent).unwrap_or(0);
        return trim(&format!("{value:.digits$}"));
    }
    let text = exponential(value, precision - 1);
    let (digits, exponent) = text.split_once('e').unwrap_or((&text, "+00"));
    format!("{}e{exponent}", trim(digits))
}

async fn seq(p: &mut Proc, arguments: &[String]) -> Ended {
    if let Some(word) = arguments.iter().find(|word| matches!(word.as_str(), "--help" | "--version")) {
        return p.gap(&format!("seq {word}"));
    }
    let plan = match read(arguments) {
        Ok(plan) => plan,
        Err(complaint) => return input::misused(p, &complaint, 1).await,
    };
    if plan.numbers.is_empty() {
        return input::misused(p, "missing operand", 1).await;
    }
    if let Some(extra) = plan.numbers.get(3) {
        return input::misused(p, &format!("extra operand {}", input::quoted(extra)), 1).await;
    }
    let format = match plan.format.as_deref().map(directive).transpose() {
        Ok(format) => format,
        Err(complaint) => return input::failed(p, &complaint, 1).await,
    };
    if format.is_some() && plan.wide {
        let text = "format string may not be specified when printing equal width strings";
        return input::misused(p, text, 1).await;
    }
    let mut numbers = Vec::new();
    for text in &plan.numbers {
        match Decimal::parse(text) {
            Some(number) => numbers.push(number),
            None if text.parse::<f64>().is_ok_and(|number| !number.is_nan()) => {
                return p.gap("seq with numbers of this size");
            }
            None => {
                let text = format!("invalid floating point argument: {}", input::quoted(text));
                return input::misused(p, &text, 1).await;
            }
        }
    }
    let one = Decimal { units: 1, places: 0 };
    let (first, step, last) = match numbers[..] {
        [last] => (one, one, last),
        [first, last] => (first, one, last),
        [first, step, last] => (first, step, last),
        _ => return Ok(1),
    };
    if step.units == 0 {
        let text = format!("invalid Zero increment value: {}", input::quoted(&plan.numbers[1]));
        return input::misused(p, &text, 1).await;
    }
    let places = first.places.max(step.places);
    let fine = places.max(last.places);
    let (Some(mut at), Some(step), Some(last)) = (first.at(fine), step.at(fine), last.at(fine)) else {
        return p.gap("seq with numbers of this size");
    };
    let drop = 10_i128.pow((fine - places).min(36));
    let end = last - (last - at) % step;
    let width = match plan.wide {
        true => shown(at / drop, places)
            .len()
            .max(shown(if (end - at).signum() == step.signum() { end } else { at } / drop, places).len()),
        false => 0,
    };
    let separator = plan.separator.as_deref().unwrap_or("\n");
    let mut out = Out::default();
    let mut any = false;
    while if step > 0 { at <= last } else { at >= last } {
        if any {
            out.text(separator);
        }
        any = true;
        let text = shown(at / drop, places);
        match &format {
            Some((before, spec, behind)) => {
                out.text(&format!("{before}{}{behind}", formatted(spec, at / drop, places)))
            }
            None => match text.strip_prefix('-') {
                Some(digits) => out.text(&format!("-{digits:0>rest$}", rest = width.saturating_sub(1))),
                None => out.text(&format!("{text:0>width$}")),
            },
        }
        out.spill(p).await?;
        at += step;
    }
    if any {
        out.text("\n");
    }
    out.flush(p).await?;
    Ok(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_formatted_as_printf_does() {
        let check = |spec: &str, number: &str, expect: &str| {
            let number = Decimal::parse(number).expect("a number");
            assert_eq!(formatted(spec, number.units, number.places), expect, "{spec}");
        };
        check("g", "1.50", "1.5");
        check("g", "1e6", "1e+06");
        check("05.1f", "2.25", "002.2");
        check("-4g", "7", "7   ");
        check("+e", "12", "+1.200000e+01");
        check("03g", "-5", "-05");
    }

    #[test]
    fn decimals_are_read() {
        let check = |text: &str, expect: Option<&str>| {
            assert_eq!(
                Decimal::parse(text).map(|number| shown(number.units, number.places)).as_deref(),
                expect,
                "{text}"
            );
        };
        check("1.50", Some("1.50"));
        check("-3", Some("-3"));
        check("-0.5", Some("-0.5"));
        check("1e3", Some("1000"));
        check("x", None);
        check("", None);
    }
}
