//! Integer constants: decimal, `0x…`, `0…` for octal, and `base#…` with bases up to 64.

/// The value of a constant, which wraps around when it is too large, or bash's words for what is wrong with it.
pub fn parse(text: &str) -> Result<i64, &'static str> {
    let (mut base, mut fixed, mut digits) = (10_i64, false, text);
    if text.len() > 1 && text.starts_with('0') {
        fixed = true;
        let hex = text[1..].starts_with(['x', 'X']);
        (base, digits) = if hex { (16, &text[2..]) } else { (8, &text[1..]) };
    }
    let mut value = 0_i64;
    for (at, c) in digits.bytes().enumerate() {
        if c == b'#' {
            if fixed {
                return Err("invalid number");
            }
            if !(2..=64).contains(&value) {
                return Err("invalid arithmetic base");
            }
            (base, value, fixed) = (value, 0, true);
            if digits.as_bytes().get(at + 1).is_none_or(|next| *next == b'#') {
                return Err("invalid integer constant");
            }
            continue;
        }
        let digit = i64::from(match c {
            b'0'..=b'9' => c - b'0',
            b'a'..=b'z' => c - b'a' + 10,
            b'A'..=b'Z' => c - b'A' + if base <= 36 { 10 } else { 36 },
            b'@' => 62,
            _ => 63,
        });
        if digit >= base {
            return Err("value too great for base");
        }
        value = value.wrapping_mul(base).wrapping_add(digit);
    }
    Ok(value)
}
