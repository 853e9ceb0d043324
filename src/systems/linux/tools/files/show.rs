//! How file names, sizes and ages are written: gnulib's `quotearg` and `human`.

use crate::systems::linux::distro::Quotes;
use crate::systems::linux::proc::Proc;

/// Whether coreutils quote names as a shell would, which 8.25 began.
pub fn is_modern(p: &Proc) -> bool {
    p.peek(|linux| linux.distro.quotes) == Quotes::Shell
}

/// A name in a message, always in quotes: `'x'`, before 8.25 `‘x’`.
pub fn quoted(p: &Proc, name: &str) -> String {
    if is_modern(p) { shell(name, true) } else { curly(name) }
}

/// A name at the beginning of a message, in quotes where it needs them.
pub fn colon(p: &Proc, name: &str) -> String {
    if is_modern(p) { shell(name, false) } else { name.to_owned() }
}

/// The name of a file that `ls`, `du` or `cat` could not look at: quoted since 8.25.
pub fn accessed(p: &Proc, name: &str) -> String {
    if is_modern(p) { shell(name, true) } else { name.to_owned() }
}

/// A text in the quotes of the locale, which [`super::super::quotes`] makes those of the machine.
pub fn curly(text: &str) -> String {
    format!("‘{}’", text.replace('\n', "\\n"))
}

/// Whether the shell would read it as other than one word of these characters.
fn needs_quotes(name: &str) -> bool {
    let special = |(at, character): (usize, char)| match character {
        '#' | '~' => at == 0,
        '{' | '}' => name.len() == 1,
        character => character.is_control() || " !\"$&'()*;<=>?[\\^`|".contains(character),
    };
    name.is_empty() || name.char_indices().any(special)
}

/// A name as a shell would read it again, in quotes only where it needs them unless `always`.
pub fn shell(name: &str, always: bool) -> String {
    if !always && !needs_quotes(name) {
        return name.to_owned();
    }
    let harmless = |character: char| character.is_alphanumeric() || " %+,-./:@_]{}#~'".contains(character);
    if name.contains('\'') && name.chars().all(harmless) {
        return format!("\"{name}\"");
    }
    let mut text = String::from("'");
    let mut escaped = false;
    for character in name.chars() {
        if character.is_control() {
            text.push_str(if escaped { "" } else { "'$'" });
            escaped = true;
            match character {
                '\u{7}'..='\r' => text.extend(['\\', char::from(b"abtnvfr"[(u32::from(character) - 7) as usize])]),
                other => text.push_str(&format!("\\{:03o}", u32::from(other))),
            }
            continue;
        }
        if std::mem::take(&mut escaped) {
            text.push_str("''");
        }
        match character {
            '\'' => text.push_str("'\\''"),
            other => text.push(other),
        }
    }
    text.push('\'');
    text
}

/// A number of bytes with one letter behind it, rounded up, as `-h` (`base` 1024) and `--si` (1000) have it.
pub fn human(bytes: u64, base: u64) -> String {
    let (bytes, base) = (u128::from(bytes), u128::from(base));
    if bytes < base {
        return bytes.to_string();
    }
    let mut unit = base;
    let units: [&str; 6] = [if base == 1000 { "k" } else { "K" }, "M", "G", "T", "P", "E"];
    for letter in units {
        let tenths = (bytes * 10).div_ceil(unit);
        if tenths < 100 {
            return format!("{}.{}{letter}", tenths / 10, tenths % 10);
        }
        let whole = bytes.div_ceil(unit);
        if whole < base {
            return format!("{whole}{letter}");
        }
        unit *= base;
    }
    format!("{}E", bytes.div_ceil(unit / base))
}

/// A size as people write it: `4096`, `10K`, `1M`, `2GB`, `8b`. Nothing when it is none.
pub fn size(text: &str) -> Option<u64> {
    let end = text.find(|character: char| !character.is_ascii_digit()).unwrap_or(text.len());
    let (digits, suffix) = text.split_at(end);
    let number: u64 = if digits.is_empty() && !suffix.is_empty() { 1 } else { digits.parse().ok()? };
    let power = |base: u64, power: u32| base.checked_pow(power);
    let letter = |letter: &str| "KMGTPE".find(&letter.to_uppercase()).and_then(|at| u32::try_from(at + 1).ok());
    let unit = match suffix {
        "" | "c" => 1,
        "w" => 2,
        "b" => 512,
        "kB" => 1000,
        suffix => match (suffix.strip_suffix("iB"), suffix.strip_suffix('B')) {
            (Some(unit), _) if unit.len() == 1 => power(1024, letter(unit)?)?,
            (None, Some(unit)) if unit.len() == 1 => power(1000, letter(unit)?)?,
            _ if suffix.len() == 1 => power(1024, letter(suffix)?)?,
            _ => return None,
        },
    };
    number.checked_mul(unit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_quoted_as_a_shell_reads_them() {
        let check = |name: &str, always: bool, expect: &str| assert_eq!(shell(name, always), expect, "{name:?}");
        check("a", false, "a");
        check("a", true, "'a'");
        check("a b", false, "'a b'");
        check("it's", false, "\"it's\"");
        check("it's $5", false, "'it'\\''s $5'");
        check("a\nb", false, "'a'$'\\n''b'");
        check("~x", false, "'~x'");
        check("x~", false, "x~");
        check("", false, "''");
    }

    #[test]
    fn sizes_are_rounded_up() {
        let check = |bytes: u64, expect: &str| assert_eq!(human(bytes, 1024), expect, "{bytes}");
        check(0, "0");
        check(1023, "1023");
        check(1024, "1.0K");
        check(1025, "1.1K");
        check(10 * 1024, "10K");
        check(1_048_575, "1.0M");
        check(53_660_876_800, "50G");
        assert_eq!(human(1_500, 1000), "1.5k");
        let check = |text: &str, expect: Option<u64>| assert_eq!(size(text), expect, "{text}");
        check("4", Some(4));
        check("4k", Some(4096));
        check("4MB", Some(4_000_000));
        check("1GiB", Some(1 << 30));
        check("M", Some(1 << 20));
        check("x", None);
        check("4kk", None);
        check("", None);
    }
}
