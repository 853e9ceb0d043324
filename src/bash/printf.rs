//! The builtin `printf` (bash(1), "SHELL BUILTIN COMMANDS"; printf(3) for the layout of numbers): the format is used again
//! until the arguments are gone, missing ones are empty or 0, and numbers that are none are complained about and count as
//! far as they could be read. Width and precision count bytes, as in bash. `%n`, which sets a variable, prints nothing.

use integer::Integer;
use real::Real;

use super::quote::{self, Place};

mod integer;
mod layout;
mod real;

/// What `printf` prints.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Printed {
    /// The bytes, also those before an error.
    pub text: Vec<u8>,
    /// What goes to standard error, each without `bash: printf: ` before it.
    pub complaints: Vec<String>,
    /// Where in the text each of them comes, of an applet.
    pub places: Vec<usize>,
    /// The exit status.
    pub status: u8,
    /// Whether it was wider or longer than is printed here.
    pub too_long: bool,
}

/// No field is wider or more precise; such a one prints nothing.
const WIDEST: usize = 1_000_000;

/// After so many bytes nothing more is printed.
const LONGEST: usize = 16 << 20;

/// Gives a moment in a layout of strftime(3).
pub type Clock<'a> = dyn Fn(&str, i64) -> String + 'a;

/// Formats `args`. `time`, where the version has it, gives the moment of a `%(…)T` in the layout of strftime(3); its second argument is what was asked
/// for: seconds since 1970, -1 for now, -2 for the start of the shell.
#[must_use]
pub fn format(format: &str, args: &[String], time: Option<&Clock<'_>>) -> Printed {
    print(format, Printer { printed: Printed::default(), args, used: 0, time, applet: false })
}

/// The same as the applet of BusyBox does it, which knows fewer letters.
#[must_use]
pub fn format_plainly(format: &str, args: &[String]) -> Printed {
    print(format, Printer { printed: Printed::default(), args, used: 0, time: None, applet: true })
}

fn print(format: &str, mut printer: Printer<'_>) -> Printed {
    loop {
        let before = printer.used;
        let ended = printer.pass(format).is_none();
        if ended || printer.used == before || printer.used >= printer.args.len() || printer.printed.text.len() > LONGEST
        {
            printer.printed.too_long |= printer.printed.text.len() > LONGEST;
            printer.printed.text.truncate(LONGEST);
            return printer.printed;
        }
    }
}

struct Printer<'a> {
    printed: Printed,
    args: &'a [String],
    used: usize,
    time: Option<&'a Clock<'a>>,
    /// Whether it is the applet of BusyBox.
    applet: bool,
}

/// What stands between a `%` and its letter.
#[derive(Clone, Debug, Default)]
struct Spec {
    minus: bool,
    plus: bool,
    space: bool,
    alternate: bool,
    zero: bool,
    width: usize,
    precision: Option<usize>,
}

impl Printer<'_> {
    /// Prints the format once; none where printing ends for good.
    fn pass(&mut self, format: &str) -> Option<()> {
        let mut rest = format;
        while let Some(at) = rest.find(['%', '\\']) {
            self.printed.text.extend(&rest.as_bytes()[..at]);
            rest = &rest[at..];
            if rest.starts_with('\\') {
                let escape = quote::escape(rest, if self.applet { Place::AppletFormat } else { Place::Format });
                if let Some(kind) = escape.missing {
                    self.complain(format!("missing {kind} digit for {}", &rest[..escape.taken]));
                }
                self.printed.text.extend(&escape.bytes);
                rest = &rest[escape.taken..];
            } else if let Some(behind) = rest.strip_prefix("%%") {
                self.printed.text.push(b'%');
                rest = behind;
            } else {
                rest = self.directive(rest)?;
            }
        }
        self.printed.text.extend(rest.as_bytes());
        Some(())
    }

    /// Prints the directive that `text` begins with and returns what stands behind it.
    fn directive<'t>(&mut self, text: &'t str) -> Option<&'t str> {
        let (spec, rest) = self.spec(&text[1..]);
        if let (Some(moment), Some(time)) = (rest.strip_prefix('('), self.time) {
            return self.moment(moment, &spec, time);
        }
        let rest = rest.trim_start_matches(['h', 'j', 'l', 'L', 't', 'z']);
        if self.applet && !rest.starts_with(['b', 'c', 's', 'd', 'i', 'u', 'o', 'x', 'X', 'f', 'e', 'E', 'g', 'G']) {
            return self.refuse(format!("{text}: invalid format"));
        }
        let Some(letter) = rest.chars().next() else {
            return self.refuse(format!("`{text}': missing format character"));
        };
        if self.convert(letter, &spec)? {
            return Some(&rest[letter.len_utf8()..]);
        }
        self.refuse(format!("`{letter}': invalid format character"))
    }

    fn refuse<T>(&mut self, words: String) -> Option<T> {
        self.complain(words);
        self.printed.status = 1;
        None
    }

    fn complain(&mut self, words: String) {
        self.printed.complaints.push(words);
        self.printed.places.push(self.printed.text.len());
    }

    /// Flags, width and precision.
    fn spec<'t>(&mut self, text: &'t str) -> (Spec, &'t str) {
        let mut spec = Spec::default();
        let rest = text.trim_start_matches(['#', '\'', '-', '+', ' ', '0']);
        for flag in text[..text.len() - rest.len()].chars() {
            match flag {
                '-' => spec.minus = true,
                '+' => spec.plus = true,
                ' ' => spec.space = true,
                '#' => spec.alternate = true,
                '0' => spec.zero = true,
                _ => {}
            }
        }
        let (width, mut rest) = self.figure(rest);
        spec.minus |= width < 0;
        spec.width = width.unsigned_abs() as usize;
        if let Some(behind) = rest.strip_prefix('.') {
            let negative = behind.starts_with('-');
            let precision;
            (precision, rest) = self.figure(behind.strip_prefix('-').unwrap_or(behind));
            spec.precision = usize::try_from(precision).ok().filter(|_| !negative);
        }
        (spec, rest)
    }

    /// Digits, or `*` for an argument; 0 where there is neither.
    fn figure<'t>(&mut self, text: &'t str) -> (i64, &'t str) {
        if let Some(rest) = text.strip_prefix('*') {
            let value = self.integer(true).clamped();
            return (value.clamp(-i64::from(i32::MAX), i64::from(i32::MAX)), rest);
        }
        let rest = text.trim_start_matches(|c: char| c.is_ascii_digit());
        let digits = &text[..text.len() - rest.len()];
        (if digits.is_empty() { 0 } else { digits.parse().unwrap_or(i64::MAX) }, rest)
    }

    /// Prints one argument; false where there is no such letter, none where `%b` stops everything.
    fn convert(&mut self, letter: char, spec: &Spec) -> Option<bool> {
        let mut stop = false;
        let text = match letter {
            's' => layout::text(self.next().unwrap_or_default().as_bytes(), spec),
            'c' => {
                let first = self.next().and_then(|arg| arg.bytes().next()).unwrap_or(0);
                layout::text(&[first], &Spec { precision: None, ..spec.clone() })
            }
            'b' => {
                let place = if self.applet { Place::Applet } else { Place::Argument };
                let resolved = quote::resolve(self.next().unwrap_or_default(), place);
                resolved.complaints.into_iter().for_each(|words| self.complain(words));
                stop = resolved.stop;
                layout::text(&resolved.bytes, spec)
            }
            'q' => layout::text(quote::printf_q(self.next().unwrap_or_default()).as_bytes(), spec),
            'Q' => {
                let arg = self.next().unwrap_or_default();
                let kept = &arg.as_bytes()[..arg.len().min(spec.precision.unwrap_or(usize::MAX))];
                let quoted = quote::printf_q(&String::from_utf8_lossy(kept));
                layout::text(quoted.as_bytes(), &Spec { precision: None, ..spec.clone() })
            }
            'd' | 'i' | 'u' | 'o' | 'x' | 'X' => {
                let signed = matches!(letter, 'd' | 'i');
                layout::integer(self.integer(signed), letter, spec)
            }
            'e' | 'E' | 'f' | 'F' | 'g' | 'G' | 'a' | 'A' => layout::real(&self.real(), letter, spec),
            'n' => {
                self.next();
                Some(Vec::new())
            }
            _ => return Some(false),
        };
        self.printed.too_long |= text.is_none();
        self.printed.text.extend(text.unwrap_or_default());
        (!stop && self.printed.text.len() <= LONGEST).then_some(true)
    }

    /// `%(…)T`, behind its opening parenthesis. What does not end so stands for itself.
    fn moment<'t>(&mut self, text: &'t str, spec: &Spec, time: &Clock<'_>) -> Option<&'t str> {
        let mut depth = 1;
        let end = text.find(|c| {
            depth += i32::from(c == '(') - i32::from(c == ')');
            depth == 0
        });
        let Some((layout, rest)) = end.and_then(|end| Some((&text[..end], text[end..].strip_prefix(")T")?))) else {
            let found = end.and_then(|end| text[end + 1..].chars().next()).map(String::from).unwrap_or_default();
            self.complain(format!("warning: `{found}': invalid time format specification"));
            self.printed.text.extend(b"%(");
            return Some(text);
        };
        let asked = if self.used < self.args.len() { self.integer(true).clamped() } else { -1 };
        let shown = time(if layout.is_empty() { "%X" } else { layout }, asked);
        self.printed.text.extend(layout::text(shown.as_bytes(), spec).unwrap_or_default());
        Some(rest)
    }

    fn next(&mut self) -> Option<&str> {
        let arg = self.args.get(self.used);
        self.used += usize::from(arg.is_some());
        arg.map(String::as_str)
    }

    fn integer(&mut self, signed: bool) -> Integer {
        let arg = self.next().unwrap_or_default().to_owned();
        if let Some(code) = character(&arg) {
            return Integer { negative: false, size: u64::from(code) };
        }
        let (value, taken, fits) = Integer::parse(&arg, signed);
        self.judge(&arg, taken, fits);
        if self.applet && (taken < arg.len() || !fits) { Integer { negative: false, size: 0 } } else { value }
    }

    fn real(&mut self) -> Real {
        let arg = self.next().unwrap_or_default().to_owned();
        if let Some(code) = character(&arg) {
            return Real::parse(&code.to_string()).0;
        }
        let (value, taken, fits) = Real::parse(&arg);
        self.judge(&arg, taken, fits);
        value
    }

    /// Complains about a number of which only `taken` bytes are one, or which does not fit.
    fn judge(&mut self, arg: &str, taken: usize, fits: bool) {
        let bytes = arg.as_bytes();
        if taken < arg.len() {
            let kind = match (bytes.first(), bytes.get(1)) {
                (Some(b'0'), Some(b'0'..=b'9')) => "octal ",
                (Some(b'0'), Some(b'x')) => "hex ",
                _ => "",
            };
            let kind = if self.applet { "" } else { kind };
            self.complain(format!("{arg}: invalid {kind}number"));
            self.printed.status = 1;
        } else if self.applet && (arg.is_empty() || !fits) {
            self.complain(format!("{arg}: invalid number"));
            self.printed.status = 1;
        } else if !fits {
            self.complain(format!("warning: {arg}: Numerical result out of range"));
        }
    }
}

/// The code of the character behind a quote, with which an argument says that it is no number.
fn character(arg: &str) -> Option<u32> {
    arg.strip_prefix(['\'', '"']).map(|rest| rest.chars().next().map_or(0, u32::from))
}

#[cfg(test)]
mod tests;
