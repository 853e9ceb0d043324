//! Escapes resolved and text quoted again, as bash does it: `$'…'` (bash(1), "QUOTING"), `echo -e`, the `%b` and the format
//! of `printf`, and what `${x@Q}`, `set`, `alias`, `printf %q` and `declare -p` print. Bytes that are no UTF-8 become U+FFFD
//! where text is returned.

/// Where an escape stands; each place knows others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// `$'…'`
    AnsiC,
    /// `echo -e`: octal digits only behind `\0`.
    Echo,
    /// An argument of `%b`.
    Argument,
    /// The format of `printf`.
    Format,
    /// What an applet of BusyBox resolves: octal digits everywhere, no code points.
    Applet,
    /// The same in a format: `\c` stands for itself.
    AppletFormat,
}

/// What an escape stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Escape {
    /// The bytes.
    pub bytes: Vec<u8>,
    /// How many bytes of text it took, the backslash included.
    pub taken: usize,
    /// Whether it was `\c`, behind which nothing is printed.
    pub stop: bool,
    /// Digits that should have stood there: `hex` or `unicode`.
    pub missing: Option<&'static str>,
}

/// A text as an ash shows it: always in quotes, those in it between others.
#[must_use]
pub fn single_quote(text: &str) -> String {
    let (mut shown, mut rest) = (String::new(), text);
    loop {
        let plain = rest.find('\'').unwrap_or(rest.len());
        let quotes = rest[plain..].bytes().take_while(|byte| *byte == b'\'').count();
        shown.push_str(&format!("'{}'", &rest[..plain]));
        if quotes > 0 {
            shown.push_str(&format!("\"{}\"", "'".repeat(quotes)));
        }
        rest = &rest[plain + quotes..];
        if rest.is_empty() {
            return shown;
        }
    }
}

/// The escape that `text` begins with, its backslash first. Unknown ones stand for themselves.
#[must_use]
pub fn escape(text: &str, place: Place) -> Escape {
    let Some(c) = text[1..].chars().next() else { return plain(b"\\", 1) };
    let code = |code: u8| plain(&[code], 2);
    let applet = matches!(place, Place::Applet | Place::AppletFormat);
    match c {
        'u' | 'U' if applet => plain(b"\\", 1),
        '0' if place == Place::Applet => octal(text, 2, 3),
        'a' => code(7),
        'b' => code(8),
        'e' | 'E' => code(27),
        'f' => code(12),
        'n' => code(10),
        'r' => code(13),
        't' => code(9),
        'v' => code(11),
        '\\' => code(b'\\'),
        '\'' | '"' | '?' if matches!(place, Place::AnsiC | Place::Format) => code(c as u8),
        '0' if matches!(place, Place::Echo | Place::Argument) => octal(text, 2, 3),
        '0'..='7' if place != Place::Echo => octal(text, 1, 3),
        'x' if place == Place::AnsiC && text[2..].starts_with('{') => braced(text),
        'x' => hex(text, 2),
        'u' => hex(text, 4),
        'U' => hex(text, 8),
        'c' if place == Place::AnsiC => control(text),
        'c' if !matches!(place, Place::Format | Place::AppletFormat) => Escape { stop: true, ..plain(b"", 2) },
        _ => plain(&text.as_bytes()[..=c.len_utf8()], 1 + c.len_utf8()),
    }
}

fn plain(bytes: &[u8], taken: usize) -> Escape {
    Escape { bytes: bytes.to_vec(), taken, stop: false, missing: None }
}

fn octal(text: &str, from: usize, most: usize) -> Escape {
    let digits = text[from..].bytes().take(most).take_while(|digit| (b'0'..=b'7').contains(digit)).count();
    let value = text[from..from + digits].bytes().fold(0u32, |value, digit| value * 8 + u32::from(digit - b'0'));
    plain(&[(value & 0xff) as u8], from + digits)
}

/// `\xHH`, `\uHHHH` and `\UHHHHHHHH`.
fn hex(text: &str, most: usize) -> Escape {
    let digits = text[2..].bytes().take(most).take_while(u8::is_ascii_hexdigit).count();
    if digits == 0 {
        let missing = Some(if most == 2 { "hex" } else { "unicode" });
        return Escape { missing, ..plain(&text.as_bytes()[..2], 2) };
    }
    let value = u32::from_str_radix(&text[2..2 + digits], 16).unwrap_or(0);
    let bytes = if most == 2 { vec![value as u8] } else { utf8(value) };
    plain(&bytes, 2 + digits)
}

/// `\x{H…}`, of which the last two digits count.
fn braced(text: &str) -> Escape {
    let digits = text[3..].bytes().take_while(u8::is_ascii_hexdigit).count();
    let last = &text[3 + digits.saturating_sub(2)..3 + digits];
    let closed = usize::from(text[3 + digits..].starts_with('}'));
    plain(&[u8::from_str_radix(last, 16).unwrap_or(0)], 3 + digits + closed)
}

/// `\cx`
fn control(text: &str) -> Escape {
    let Some(c) = text[2..].chars().next() else { return plain(b"\\c", 2) };
    let taken = if text[2..].starts_with("\\\\") { 4 } else { 2 + c.len_utf8() };
    match c {
        '?' => plain(&[127], taken),
        c if c.is_ascii() => plain(&[c.to_ascii_uppercase() as u8 & 0x1f], taken),
        _ => plain(&text.as_bytes()[..taken], taken),
    }
}

/// The bytes of a code point as bash writes them, also of those that are no characters.
fn utf8(code: u32) -> Vec<u8> {
    let tail = |shift: u32| 0x80 | ((code >> shift) & 0x3f) as u8;
    match code {
        0..=0x7f => vec![code as u8],
        0x80..=0x7ff => vec![0xc0 | (code >> 6) as u8, tail(0)],
        0x800..=0xffff => vec![0xe0 | (code >> 12) as u8, tail(6), tail(0)],
        0x1_0000..=0x1f_ffff => vec![0xf0 | (code >> 18) as u8, tail(12), tail(6), tail(0)],
        _ => char::REPLACEMENT_CHARACTER.to_string().into_bytes(),
    }
}

/// The text that the body of `$'…'` stands for; a zero byte ends it.
#[must_use]
pub fn ansi_c(body: &str) -> String {
    let mut bytes = resolve(body, Place::AnsiC).bytes;
    if let Some(end) = bytes.iter().position(|byte| *byte == 0) {
        bytes.truncate(end);
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// What `echo -e` prints for `text`, and whether `\c` stopped it.
#[must_use]
pub fn echo_escapes(text: &str) -> (Vec<u8>, bool) {
    let resolved = resolve(text, Place::Echo);
    (resolved.bytes, resolved.stop)
}

/// A text with its escapes resolved.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Resolved {
    /// The bytes.
    pub bytes: Vec<u8>,
    /// Whether `\c` stopped it.
    pub stop: bool,
    /// What `printf` complains about, in its words.
    pub complaints: Vec<String>,
}

/// All escapes of `text` resolved.
#[must_use]
pub fn resolve(text: &str, place: Place) -> Resolved {
    let mut resolved = Resolved::default();
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        resolved.bytes.extend(&rest.as_bytes()[..at]);
        let escape = escape(&rest[at..], place);
        resolved.bytes.extend(&escape.bytes);
        if let Some(kind) = escape.missing {
            resolved.complaints.push(format!("missing {kind} digit for {}", &rest[at..at + escape.taken]));
        }
        if escape.stop {
            resolved.stop = true;
            return resolved;
        }
        rest = &rest[at + escape.taken..];
    }
    resolved.bytes.extend(rest.as_bytes());
    resolved
}

/// `text` in quotes as `${x@Q}` and `alias` print it.
#[must_use]
pub fn shell_quote(text: &str) -> String {
    match text {
        "'" => "\\'".to_owned(),
        _ if needs_ansi_c(text) => ansi_c_quote(text),
        _ => format!("'{}'", text.replace('\'', "'\\''")),
    }
}

/// A word as `set -x` shows it: in quotes where the shell would see more in it than its characters.
#[must_use]
pub fn trace_quote(text: &str) -> String {
    let mut before = None;
    let special = text.chars().any(|c| {
        let special = match c {
            '~' => matches!(before, None | Some('=' | ':')),
            '#' => before.is_none(),
            c => " \t\n'\"\\|&;()<>!{}*[]?^$`".contains(c),
        };
        before = Some(c);
        special
    });
    if special {
        return format!("'{}'", text.replace('\'', "'\\''"));
    }
    if text.is_empty() || text.chars().any(char::is_control) { shell_quote(text) } else { text.to_owned() }
}

/// `text` as `set` prints the value of a variable: quoted only where something in it means something.
#[must_use]
pub fn set_quote(text: &str) -> String {
    if needs_ansi_c(text) || is_special(text) { shell_quote(text) } else { text.to_owned() }
}

fn is_special(text: &str) -> bool {
    let mut before = None;
    text.chars().any(|c| {
        let special = match c {
            '~' => matches!(before, None | Some('=' | ':')),
            '#' => matches!(before, None | Some(' ' | '\t')),
            c => " \t\n'\"\\|&;()<>!{}*[]?^$`".contains(c),
        };
        before = Some(c);
        special
    })
}

/// `text` as `printf %q` prints it.
#[must_use]
pub fn printf_q(text: &str) -> String {
    if text.is_empty() {
        return "''".to_owned();
    }
    if needs_ansi_c(text) {
        return ansi_c_quote(text);
    }
    let mut quoted = String::with_capacity(text.len());
    let mut before = None;
    for c in text.chars() {
        let special = match c {
            '~' => matches!(before, None | Some('=' | ':')),
            '#' => before.is_none(),
            c => " \t\n'\"\\|&;()<>!{}*[]?^$`,".contains(c),
        };
        quoted.extend(special.then_some('\\'));
        quoted.push(c);
        before = Some(c);
    }
    quoted
}

/// `text` as `declare -p` prints a value.
#[must_use]
pub fn declare_quote(text: &str) -> String {
    if needs_ansi_c(text) {
        return ansi_c_quote(text);
    }
    let mut quoted = String::from('"');
    for c in text.chars() {
        quoted.extend("\"$`\\".contains(c).then_some('\\'));
        quoted.push(c);
    }
    quoted + "\""
}

fn needs_ansi_c(text: &str) -> bool {
    text.chars().any(char::is_control)
}

/// `$'…'` with what is not printable as an escape.
fn ansi_c_quote(text: &str) -> String {
    let mut quoted = String::from("$'");
    for c in text.chars() {
        match c {
            '\u{7}' => quoted += "\\a",
            '\u{8}' => quoted += "\\b",
            '\u{c}' => quoted += "\\f",
            '\n' => quoted += "\\n",
            '\r' => quoted += "\\r",
            '\t' => quoted += "\\t",
            '\u{b}' => quoted += "\\v",
            '\u{1b}' => quoted += "\\E",
            '\\' | '\'' => quoted.extend(['\\', c]),
            c if c.is_control() => {
                let mut bytes = [0; 4];
                quoted.extend(c.encode_utf8(&mut bytes).bytes().map(|byte| format!("\\{byte:03o}")));
            }
            c => quoted.push(c),
        }
    }
    quoted + "'"
}

#[cfg(test)]
mod tests;
