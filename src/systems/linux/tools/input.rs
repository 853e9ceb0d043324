//! What most programs that read text share: options and how a wrong one is answered, operands that are files or `-`, lines
//! of either, output that is printed before the program waits.

use crate::systems::linux::fs::{Errno, Kind};
use crate::systems::linux::io::Cut;
use crate::systems::linux::proc::{CHUNK, Ended, HELD, Mode, Proc};
use crate::systems::linux::tools::files::show::is_modern;
use crate::systems::linux::tools::getopt::{Given, Refused, Spec};
use crate::systems::linux::tools::{busybox, quotes};

/// Options, or the end of the program: what it says of wrong ones, or that one is not modelled. A `strict` program takes
/// no options behind its first operand.
macro_rules! given {
    (strict $p:expr, $spec:expr, $arguments:expr, $($wrong:tt)+) => {
        $crate::systems::linux::tools::input::given!(@ $p, $spec, $arguments, true, $($wrong)+)
    };
    (@ $p:expr, $spec:expr, $arguments:expr, $strict:expr, |$text:pat_param| $wrong:expr) => {
        match $spec.read($arguments, $strict) {
            Ok(given) => given,
            Err($crate::systems::linux::tools::getopt::Refused::Gap(option)) => {
                return $p.gap(&format!("{} {option}", $p.name))
            }
            Err($crate::systems::linux::tools::getopt::Refused::Wrong(text)) => {
                if let Some(option) = $crate::systems::linux::tools::busybox::lacking($p, &text) {
                    return $p.gap(&option);
                }
                let $text = text;
                return $wrong;
            }
        }
    };
    (@ $p:expr, $spec:expr, $arguments:expr, $strict:expr, $wrong:expr) => {
        $crate::systems::linux::tools::input::given!(@ $p, $spec, $arguments, $strict, |text| {
            $crate::systems::linux::tools::input::misused($p, &text, $wrong).await
        })
    };
    ($p:expr, $spec:expr, $arguments:expr, $($wrong:tt)+) => {
        $crate::systems::linux::tools::input::given!(@ $p, $spec, $arguments, false, $($wrong)+)
    };
}
pub(crate) use given;

/// Reads the command line of a program that takes no more operands than `most`; the inner error is the status of one that was
/// called otherwise, `wrong` where it was called wrong.
///
/// # Errors
/// [`Cut`]
pub async fn few(
    p: &mut Proc,
    spec: &Spec,
    arguments: &[String],
    most: usize,
    wrong: u8,
) -> Result<Result<Given, u8>, Cut> {
    let given = match spec.read(arguments, false) {
        Ok(given) => given,
        Err(Refused::Gap(option)) => return p.gap(&format!("{} {option}", p.name)).map(Err),
        Err(Refused::Wrong(text)) => return misused(p, &text, wrong).await.map(Err),
    };
    match given.operands.get(most) {
        Some(word) => misused(p, &format!("extra operand ‘{word}’"), wrong).await.map(Err),
        None => Ok(Ok(given)),
    }
}

/// Says what is wrong with how the program was called.
///
/// # Errors
/// [`Cut`]
pub async fn misused(p: &mut Proc, complaint: &str, status: u8) -> Ended {
    if busybox::is_applet(p, &p.name) {
        return busybox::misused(p, complaint).await;
    }
    p.complain(complaint).await?;
    let text = quotes::try_help(p);
    p.err(&text).await?;
    Ok(status)
}

/// The same of programs that say their name once more (diffutils).
///
/// # Errors
/// [`Cut`]
pub async fn misused_named(p: &mut Proc, complaint: &str) -> Ended {
    if busybox::is_applet(p, &p.name) {
        return busybox::misused(p, complaint).await;
    }
    p.complain(complaint).await?;
    let text = quotes::try_help(p);
    p.complain(text.trim_end()).await?;
    Ok(2)
}

/// A complaint with an exit status of its own.
///
/// # Errors
/// [`Cut`]
pub async fn failed(p: &mut Proc, complaint: &str, status: u8) -> Ended {
    p.complain(complaint).await?;
    Ok(status)
}

/// An old option such as `-5` in the first place, as `-n 5`.
#[must_use]
pub fn modern(arguments: &[String], option: &str) -> Vec<String> {
    let mut words = arguments.to_vec();
    let digits = words.first().and_then(|word| word.strip_prefix('-'));
    if let Some(digits) = digits.filter(|digits| digits.starts_with(|c: char| c.is_ascii_digit())) {
        let end = digits.find(|c: char| !c.is_ascii_digit()).unwrap_or(digits.len());
        let (number, rest) = (digits[..end].to_owned(), digits[end..].to_owned());
        let mut new = vec![option.to_owned(), number];
        if !rest.is_empty() {
            new.push(format!("-{rest}"));
        }
        words.splice(0..1, new);
    }
    words
}

/// The operands, or `-` for standard input where there are none.
#[must_use]
pub fn files(given: &Given) -> Vec<String> {
    if given.operands.is_empty() { vec!["-".to_owned()] } else { given.operands.clone() }
}

/// Opens an operand to be read: its descriptor. `-` is standard input. Directories are refused.
///
/// # Errors
/// What the file system says.
pub fn open(p: &mut Proc, file: &str) -> Result<u32, Errno> {
    if file == "-" {
        return Ok(0);
    }
    let open = p.open(file, Mode::Read)?;
    if is_dir(p, file) {
        return Err(Errno::Isdir);
    }
    let fd = p.files.free(10);
    if p.files.set(fd, Some(open)) { Ok(fd) } else { Err(Errno::Mfile) }
}

/// Closes what [`open`] opened.
pub fn close(p: &mut Proc, fd: u32) {
    if fd != 0 {
        p.files.set(fd, None);
    }
}

/// Whether a directory is at this path.
#[must_use]
pub fn is_dir(p: &Proc, path: &str) -> bool {
    let Ok(ino) = p.lookup(path) else { return false };
    p.peek(|linux| matches!(linux.fs.node(ino).kind, Kind::Dir { .. }))
}

/// All of an operand.
///
/// # Errors
/// [`Cut`]; within it what the file system says.
pub async fn read_all(p: &mut Proc, file: &str) -> Result<Result<Vec<u8>, Errno>, Cut> {
    let fd = match open(p, file) {
        Ok(fd) => fd,
        Err(errno) => return Ok(Err(errno)),
    };
    let bytes = p.read_all(fd).await?;
    close(p, fd);
    Ok(Ok(bytes))
}

/// What a held line takes besides its bytes.
pub const LINE: usize = 32;
/// So many lines may a program hold.
const LINES: usize = 1 << 20;

/// Refuses more lines than a program may hold.
///
/// # Errors
/// [`Cut`]
pub fn bounded(bytes: &[u8], delimiter: u8) -> Result<(), Cut> {
    let count = bytes.iter().filter(|byte| **byte == delimiter).count();
    if count > LINES || bytes.len() > HELD { Err(Cut::Limit("held input")) } else { Ok(()) }
}

/// Output that is kept until there is much of it, or the program reads on.
#[derive(Debug, Default)]
pub struct Out(Vec<u8>);

/// So much output may come from one line of input; beyond, the program is stopped.
const SWOLLEN: usize = 2 * HELD;

impl Out {
    /// Adds bytes.
    pub fn push(&mut self, bytes: &[u8]) {
        if self.0.len() <= SWOLLEN {
            self.0.extend_from_slice(bytes);
        }
    }

    /// Adds a text.
    pub fn text(&mut self, text: &str) {
        self.push(text.as_bytes());
    }

    /// Adds blanks.
    pub fn blanks(&mut self, count: usize) {
        let room = (SWOLLEN + 1).saturating_sub(self.0.len());
        self.0.resize(self.0.len() + count.min(room), b' ');
    }

    /// Writes when there is much.
    ///
    /// # Errors
    /// [`Cut`]
    pub async fn spill(&mut self, p: &mut Proc) -> Result<(), Cut> {
        if self.0.len() >= CHUNK { self.flush(p).await } else { Ok(()) }
    }

    /// Writes what there is.
    ///
    /// # Errors
    /// [`Cut`]
    pub async fn flush(&mut self, p: &mut Proc) -> Result<(), Cut> {
        let bytes = std::mem::take(&mut self.0);
        if bytes.len() > SWOLLEN {
            return Err(Cut::Limit("held output"));
        }
        p.write(1, &bytes).await
    }
}

/// The lines of an open file.
#[derive(Debug)]
pub struct Lines {
    fd: u32,
    delimiter: u8,
    buffer: Vec<u8>,
    at: usize,
    end: bool,
    /// Whether zero bytes end lines, too.
    zaps: bool,
}

impl Lines {
    /// The lines behind a descriptor, each ended by the delimiter.
    #[must_use]
    pub fn new(fd: u32, delimiter: u8) -> Self {
        Self { fd, delimiter, buffer: Vec::new(), at: 0, end: false, zaps: false }
    }

    /// What is read first, for those who judge a file by its beginning.
    ///
    /// # Errors
    /// [`Cut`]
    pub async fn first(&mut self, p: &mut Proc, out: &mut Out) -> Result<&[u8], Cut> {
        if self.buffer.is_empty() && !self.end {
            out.flush(p).await?;
            self.buffer = p.read(self.fd, CHUNK).await?;
            self.end = self.buffer.is_empty();
        }
        Ok(&self.buffer)
    }

    /// From now on zero bytes end lines as the delimiter does, which stands in the place of each; many in a row are as one.
    pub fn zap(&mut self) {
        self.zaps = true;
        self.zapped(0);
    }

    /// Puts delimiters in the place of zero bytes from a place in the buffer on.
    fn zapped(&mut self, from: usize) {
        let (mut kept, delimiter) = (from, self.delimiter);
        for at in from..self.buffer.len() {
            let byte = self.buffer[at];
            if byte == 0 && at > from && self.buffer[kept - 1] == delimiter {
                continue;
            }
            self.buffer[kept] = if byte == 0 { delimiter } else { byte };
            kept += 1;
        }
        self.buffer.truncate(kept);
    }

    /// The next line with its delimiter, if it has one. Before more is read, `out` is written.
    ///
    /// # Errors
    /// [`Cut`], also for a line longer than a program may hold.
    pub async fn next(&mut self, p: &mut Proc, out: &mut Out) -> Result<Option<Vec<u8>>, Cut> {
        let mut seen = self.at;
        loop {
            if let Some(found) = self.buffer[seen..].iter().position(|byte| *byte == self.delimiter) {
                let line = self.buffer[self.at..=seen + found].to_vec();
                self.at = seen + found + 1;
                out.spill(p).await?;
                return Ok(Some(line));
            }
            if self.end {
                let rest = self.buffer.split_off(self.at);
                (self.buffer, self.at) = (Vec::new(), 0);
                return Ok((!rest.is_empty()).then_some(rest));
            }
            self.buffer.drain(..self.at);
            self.at = 0;
            seen = self.buffer.len();
            out.flush(p).await?;
            let bytes = p.read(self.fd, CHUNK).await?;
            self.end = bytes.is_empty();
            let is_void = self.zaps && self.buffer.is_empty() && bytes.iter().all(|byte| *byte == 0);
            if is_void && !self.end {
                continue;
            }
            self.buffer.extend_from_slice(&bytes);
            if self.zaps {
                self.zapped(seen);
            }
            if self.buffer.len() > HELD {
                return Err(Cut::Limit("held input"));
            }
        }
    }
}

/// A line without the delimiter at its end.
#[must_use]
pub fn chop(line: &[u8], delimiter: u8) -> &[u8] {
    line.strip_suffix(&[delimiter]).unwrap_or(line)
}

/// The lines of a text, without their ends.
#[must_use]
pub fn split_lines(bytes: &[u8], delimiter: u8) -> Vec<&[u8]> {
    let mut lines: Vec<&[u8]> = bytes.split(|byte| *byte == delimiter).collect();
    if lines.last().is_some_and(|last| last.is_empty()) {
        lines.pop();
    }
    lines
}

/// A number as coreutils' `xdectoumax` reads and refuses it, with a multiplier where it `takes` one: within a range, else
/// the complaint of what it is (`invalid number of lines`).
///
/// # Errors
/// The complaint.
pub fn number(text: &str, takes: bool, range: std::ops::RangeInclusive<u64>, what: &str) -> Result<u64, String> {
    let bare = text.trim_start().strip_prefix('+').unwrap_or_else(|| text.trim_start());
    let suffixed = !bare.ends_with(|c: char| c.is_ascii_digit());
    let Some(size) = measured(bare).filter(|_| takes || !suffixed) else {
        return Err(format!("{what}: {}", quoted(text)));
    };
    let too_large = u64::try_from(i32::MAX / 2).is_ok_and(|most| size.is_none_or(|size| size > most));
    match size {
        Some(size) if range.contains(&size) => Ok(size),
        _ if too_large => Err(format!("{what}: {}: Value too large for defined data type", quoted(text))),
        _ => Err(format!("{what}: {}: Numerical result out of range", quoted(text))),
    }
}

/// A number with a multiplier as coreutils have it: `10`, `2K`, `1MB`, `3b`, the largest there is for one that is larger.
/// Nothing where it is none.
#[must_use]
pub fn size(text: &str) -> Option<u64> {
    measured(text).map(|size| size.unwrap_or(u64::MAX))
}

/// The same, with nothing in place of a number that is too large.
fn measured(text: &str) -> Option<Option<u64>> {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (digits, suffix) = text.split_at(end);
    let unit = match suffix {
        "" => 1,
        "b" => 512,
        "kB" | "KB" => 1000,
        "k" | "K" | "KiB" => 1 << 10,
        "MB" => 1_000_000,
        "m" | "M" | "MiB" => 1 << 20,
        "GB" => 1_000_000_000,
        "g" | "G" | "GiB" => 1 << 30,
        "TB" => 1_000_000_000_000,
        "T" | "TiB" => 1 << 40,
        "PB" => 1_000_000_000_000_000,
        "P" | "PiB" => 1 << 50,
        "EB" => 1_000_000_000_000_000_000,
        "E" | "EiB" => 1 << 60,
        "ZB" | "Z" | "ZiB" | "YB" | "Y" | "YiB" if !digits.is_empty() => return Some(None),
        _ => return None,
    };
    if digits.is_empty() {
        return None;
    }
    Some(digits.parse::<u64>().ok().and_then(|number| number.checked_mul(unit)))
}

/// A word as coreutils quote it in their messages (`quote`), in the locale of the root shell.
#[must_use]
pub fn quoted(word: &str) -> String {
    format!("\u{2018}{}\u{2019}", word.replace('\\', "\\\\").replace('\n', "\\n"))
}

/// A file's name as coreutils quote it (`quoteaf`): so that the shell could read it, where they do that.
#[must_use]
pub fn quoted_name(p: &Proc, name: &str) -> String {
    if is_modern(p) { as_shell(name) } else { quoted(name) }
}

fn as_shell(name: &str) -> String {
    match name.contains('\'') {
        true if name.contains(['"', '$', '`', '\\', '!']) => format!("'{}'", name.replace('\'', "'\\''")),
        true => format!("\"{name}\""),
        false => format!("'{name}'"),
    }
}

/// A file's name as coreutils show it before a complaint (`quotef`): quoted only where the shell would need it.
#[must_use]
pub fn name(file: &str) -> String {
    let special = |c: char| " \t\n!\"$&'()*;<=>?[\\^`|".contains(c);
    match file.is_empty() || file.starts_with(['#', '~']) || file.contains(special) {
        true => as_shell(file),
        false => file.to_owned(),
    }
}

/// What went wrong with a file.
#[must_use]
pub fn trouble(p: &Proc, file: &str, errno: Errno) -> String {
    let file = if is_modern(p) { name(file) } else { file.to_owned() };
    format!("{file}: {}", errno.text())
}

/// The same as the complaint of a program, behind a word on what it was doing.
///
/// # Errors
/// [`Cut`]
pub async fn unread(p: &mut Proc, doing: &str, file: &str, errno: Errno, status: u8) -> Ended {
    let text = format!("{doing}{}", trouble(p, file, errno));
    failed(p, &text, status).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_quoted_where_the_shell_would_need_it() {
        let check = |file: &str, expect: &str| assert_eq!(name(file), expect);
        check("a-b.c~", "a-b.c~");
        check("a b", "'a b'");
        check("it's", "\"it's\"");
        check("", "''");
        check("~x", "'~x'");
    }

    #[test]
    fn sizes_have_suffixes() {
        let check = |text: &str, expect: Option<u64>| assert_eq!(size(text), expect, "{text}");
        check("12", Some(12));
        check("2K", Some(2048));
        check("1kB", Some(1000));
        check("3b", Some(1536));
        check("99999999999999999999G", Some(u64::MAX));
        check("", None);
        check("K", None);
        check("1x", None);
    }

    #[test]
    fn numbers_are_refused_as_coreutils_do() {
        let check = |text: &str, expect: Result<u64, &str>| {
            let expect = expect.map_err(|tail| format!("invalid number of lines: ‘{text}’{tail}"));
            assert_eq!(number(text, true, 1..=u64::MAX, "invalid number of lines"), expect, "{text}");
        };
        check("3", Ok(3));
        check("+1K", Ok(1024));
        check("18446744073709551615", Ok(u64::MAX));
        check("0", Err(": Numerical result out of range"));
        check("18446744073709551616", Err(": Value too large for defined data type"));
        check("99E", Err(": Value too large for defined data type"));
        check("-1", Err(""));
        check("", Err(""));
        check("1x", Err(""));
        assert_eq!(number("1K", false, 0..=9, "invalid"), Err("invalid: ‘1K’".to_owned()));
    }

    #[test]
    fn old_options_are_made_new() {
        let check = |words: &str, expect: &str| {
            let words: Vec<String> = words.split_whitespace().map(str::to_owned).collect();
            assert_eq!(modern(&words, "-n").join(" "), expect);
        };
        check("-5 x", "-n 5 x");
        check("-5q x", "-n 5 -q x");
        check("x -5", "x -5");
        check("-n 5", "-n 5");
    }
}
