//! Small pieces of Python itself on which the texts of `argparse` depend: `repr` of a string, what `int` and `float` accept, and the
//! order in which Python 2 walks a dictionary.
//!
//! Source of truth: the interpreters 2.7.18, 3.6.15 and 3.11.7. Digits and blanks outside ASCII are left out.

use super::Dialect;
use std::fmt::Write;

/// `repr(text)`; `unicode` says whether Python 2 holds it as `u'…'`.
pub(super) fn repr(text: &str, dialect: Dialect, unicode: bool) -> String {
    let python2 = dialect == Dialect::Python27;
    let quote = if text.contains('\'') && !text.contains('"') { '"' } else { '\'' };
    let mut out = String::from(if python2 && unicode { "u" } else { "" });
    out.push(quote);
    for c in text.chars() {
        match c {
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\\' => out.push_str("\\\\"),
            c if c == quote => out.extend(['\\', quote]),
            ' '..='~' => out.push(c),
            c if python2 && !unicode => escape_bytes(&mut out, c),
            c if !python2 && is_printable(c) => out.push(c),
            c => escape_code_point(&mut out, u32::from(c)),
        }
    }
    out.push(quote);
    out
}

fn escape_bytes(out: &mut String, c: char) {
    for byte in c.encode_utf8(&mut [0; 4]).bytes() {
        write!(out, "\\x{byte:02x}").expect("a String takes all");
    }
}

fn escape_code_point(out: &mut String, code: u32) {
    match code {
        0..=0xff => write!(out, "\\x{code:02x}"),
        0x100..=0xffff => write!(out, "\\u{code:04x}"),
        _ => write!(out, "\\U{code:08x}"),
    }
    .expect("a String takes all");
}

/// Python's `str.isprintable` for one character. Rust's debug escape has the same rule, but escapes a combining mark at the start
/// of a string, hence the letter before it.
fn is_printable(c: char) -> bool {
    let mut shown = String::from("a");
    shown.push(c);
    !shown.escape_debug().skip(1).any(|shown| shown == '\\')
}

fn is_blank(c: char) -> bool {
    matches!(c, ' ' | '\t'..='\r')
}

/// The number that Python's `int` reads, cut to what an `i64` holds; `None` for its `ValueError`.
pub(super) fn int(text: &str, dialect: Dialect) -> Option<i64> {
    let text = text.trim_matches(is_blank);
    let (negative, digits) = match text.as_bytes().first() {
        Some(b'-') => (true, &text[1..]),
        Some(b'+') => (false, &text[1..]),
        _ => (false, text),
    };
    // Python 2 lets blanks stand between sign and digits.
    let python2 = dialect == Dialect::Python27;
    let digits = if python2 { digits.trim_start_matches(is_blank) } else { digits };
    let mut value: i64 = 0;
    for group in digits.split(|c| !python2 && c == '_') {
        if group.is_empty() {
            return None;
        }
        for c in group.chars() {
            let digit = i64::from(c.to_digit(10)?);
            value = value.saturating_mul(10).saturating_sub(digit);
        }
    }
    Some(if negative { value } else { value.saturating_neg() })
}

/// Whether Python's `float` accepts the text.
pub(super) fn is_float(text: &str, dialect: Dialect) -> bool {
    let text = text.trim_matches(is_blank);
    let underscores_fit = |text: &str| {
        let bytes = text.as_bytes();
        let digit = |at: Option<&u8>| at.is_some_and(u8::is_ascii_digit);
        (0..bytes.len())
            .filter(|&at| bytes[at] == b'_')
            .all(|at| at > 0 && digit(bytes.get(at - 1)) && digit(bytes.get(at + 1)))
    };
    if text.contains('_') {
        return dialect != Dialect::Python27 && underscores_fit(text) && text.replace('_', "").parse::<f64>().is_ok();
    }
    text.parse::<f64>().is_ok()
}

/// The order in which CPython 2.7 (64 bit, hashes not randomized) walks a dictionary whose keys were inserted in the order given.
/// Yields indices into `keys`, which must differ from each other.
pub fn python2_dict_order(keys: &[&str]) -> Vec<usize> {
    let mut slots: Vec<Option<usize>> = vec![None; 8];
    for (used, key) in keys.iter().enumerate() {
        insert(&mut slots, hash(key), used);
        if (used + 1) * 3 >= slots.len() * 2 {
            let factor = if used + 1 > 50_000 { 2 } else { 4 };
            let mut larger = vec![None; ((used + 1) * factor + 1).next_power_of_two().max(8)];
            for index in slots.into_iter().flatten() {
                insert(&mut larger, hash(keys[index]), index);
            }
            slots = larger;
        }
    }
    slots.into_iter().flatten().collect()
}

fn insert(slots: &mut [Option<usize>], hash: u64, index: usize) {
    let mask = slots.len() as u64 - 1;
    let (mut at, mut perturb) = (hash & mask, hash);
    while slots[(at & mask) as usize].is_some() {
        at = at.wrapping_mul(5).wrapping_add(perturb).wrapping_add(1);
        perturb >>= 5;
    }
    slots[(at & mask) as usize] = Some(index);
}

/// The hash of a Python 2 byte string.
fn hash(text: &str) -> u64 {
    let bytes = text.as_bytes();
    let Some(first) = bytes.first() else { return 0 };
    let mixed = bytes.iter().fold(u64::from(*first) << 7, |hash, byte| hash.wrapping_mul(1_000_003) ^ u64::from(*byte));
    match mixed ^ bytes.len() as u64 {
        u64::MAX => u64::MAX - 1,
        hash => hash,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repr_quotes_and_escapes_as_the_python_does() {
        let check = |text, dialect, expect| assert_eq!(repr(text, dialect, false), expect);
        check("it's", Dialect::Python311, "\"it's\"");
        check("it's \"so\"", Dialect::Python311, "'it\\'s \"so\"'");
        check("a\\\t\u{7}\u{7f}", Dialect::Python27, "'a\\\\\\t\\x07\\x7f'");
        check("é\u{301}\u{200b}", Dialect::Python311, "'é\u{301}\\u200b'");
        check("é", Dialect::Python27, "'\\xc3\\xa9'");
        assert_eq!(repr("é\u{1f600}", Dialect::Python27, true), "u'\\xe9\\U0001f600'");
    }

    #[test]
    fn int_and_float_take_what_python_takes() {
        let both = |text| (int(text, Dialect::Python27), int(text, Dialect::Python36));
        assert_eq!(both("- 1"), (Some(-1), None));
        assert_eq!(both("1_0"), (None, Some(10)));
        assert_eq!(both(" +007\n"), (Some(7), Some(7)));
        assert_eq!(both("99999999999999999999"), (Some(i64::MAX), Some(i64::MAX)));
        for text in ["", "-", "--5", "0x1", "1__0", "_1", "5L"] {
            assert_eq!(both(text), (None, None), "{text}");
        }
        for (text, python2, python3) in
            [("1_0.5", false, true), (" iNf ", true, true), ("5.", true, true), ("1._5", false, false)]
        {
            assert_eq!(
                (is_float(text, Dialect::Python27), is_float(text, Dialect::Python36)),
                (python2, python3),
                "{text}"
            );
        }
    }

    /// Eleven of the fields of a staged patch: the table has grown once.
    #[test]
    fn python_2_walks_dictionaries_in_hash_order() {
        let keys = [
            "severity",
            "vendor",
            "version",
            "name",
            "kb",
            "tags",
            "releasedate",
            "category",
            "TPP_ISO",
            "buildnumber",
            "summary",
        ];
        let walked: Vec<&str> = python2_dict_order(&keys).into_iter().map(|at| keys[at]).collect();
        let expect = [
            "category",
            "kb",
            "vendor",
            "severity",
            "tags",
            "summary",
            "releasedate",
            "TPP_ISO",
            "version",
            "buildnumber",
            "name",
        ];
        assert_eq!(walked, expect);
        assert_eq!(python2_dict_order(&["--stop", "--status"]), [1, 0]);
    }
}
