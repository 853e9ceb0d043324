//! `csplit` (GNU coreutils 8.30): pieces of a file up to lines that numbers or patterns name.

use crate::systems::linux::io::Cut;
use crate::systems::linux::proc::{Ended, Proc};
use crate::systems::linux::tools::files::show;
use crate::systems::linux::tools::getopt::{Given, Spec};
use crate::systems::linux::tools::input::{self, given, quoted};
use crate::systems::linux::tools::regex::{Options, Regex, Syntax};
use crate::systems::linux::tools::{Tool, tool};

/// The program of this file.
pub static TOOLS: &[Tool] = &[tool!("csplit", csplit)];

const SUPPRESS: char = '\u{1}';
const SPEC: Spec = Spec {
    short: "b:f:kn:qsz",
    long: &[
        ("suffix-format:", 'b'),
        ("prefix:", 'f'),
        ("keep-files", 'k'),
        ("digits:", 'n'),
        ("quiet", 'q'),
        ("silent", 'q'),
        ("elide-empty-files", 'z'),
        ("suppress-matched", SUPPRESS),
    ],
    gaps: "",
};

/// Where a piece ends.
enum Border {
    Line(usize),
    Match { regex: Box<Regex>, offset: i64, skips: bool },
}

/// A border, and how often it comes once more.
struct Control<'t> {
    border: Border,
    word: &'t str,
    /// Nothing stands for ever.
    repeat: Option<u64>,
}

async fn csplit(p: &mut Proc, arguments: &[String]) -> Ended {
    let given = given!(p, &SPEC, arguments, 1);
    let digits = match given.value('n').map_or(Ok(2), str::parse::<usize>) {
        Ok(digits) => digits.min(255),
        Err(_) => {
            let text = format!("invalid number: {}", quoted(given.value('n').unwrap_or_default()));
            return p.fail(&text).await;
        }
    };
    let suffix = given.value('b').map_or_else(|| format!("%0{digits}d"), str::to_owned);
    if let Err(text) = check_suffix(&suffix) {
        return p.fail(&text).await;
    }
    let [file, patterns @ ..] = &given.operands[..] else {
        return input::misused(p, "missing operand", 1).await;
    };
    if patterns.is_empty() {
        return input::misused(p, &format!("missing operand after {}", quoted(file)), 1).await;
    }
    let bytes = match input::read_all(p, file).await? {
        Ok(bytes) => bytes,
        Err(errno) => {
            let name = show::quoted(p, file);
            return p.fail(&format!("cannot open {name} for reading: {}", errno.text())).await;
        }
    };
    input::bounded(&bytes, b'\n')?;
    let controls = match controls(p, patterns).await? {
        Ok(controls) => controls,
        Err(text) => return p.fail(&text).await,
    };
    let lines: Vec<&[u8]> = bytes.split_inclusive(|byte| *byte == b'\n').collect();
    let mut pieces = Pieces { lines: &lines, at: 0, seen: 0, piece: None, names: Vec::new(), suffix, given: &given };
    match pieces.all(p, &controls).await? {
        None => return Ok(0),
        Some(Trouble::Disappeared) => return p.fail("input disappeared").await,
        Some(Trouble::Told(complaint)) => {
            p.complain(&complaint).await?;
            pieces.close(p).await?;
        }
        Some(Trouble::Silent) => {}
    }
    if !given.has('k') {
        for name in &pieces.names {
            let _ = p.fs(|fs, now| fs.unlink(&p.cred, &p.cwd, name, now));
        }
    }
    Ok(1)
}

/// What the patterns ask for.
async fn controls<'t>(p: &mut Proc, patterns: &'t [String]) -> Result<Result<Vec<Control<'t>>, String>, Cut> {
    let (mut controls, mut last) = (Vec::new(), 0);
    let mut rest = patterns.iter().peekable();
    while let Some(word) = rest.next() {
        let border = match border(word) {
            Ok(border) => border,
            Err(text) => return Ok(Err(text)),
        };
        if let Border::Line(line) = border {
            if line < last {
                let word = quoted(word);
                return Ok(Err(format!("line number {word} is smaller than preceding line number, {last}")));
            }
            if line == last {
                let word = quoted(word);
                p.complain(&format!("warning: line number {word} is the same as preceding line number")).await?;
            }
            last = line;
        }
        let repeat = match rest.next_if(|next| next.starts_with('{')).map(|word| repeats(word)) {
            None => Some(0),
            Some(Ok(repeat)) => repeat,
            Some(Err(text)) => return Ok(Err(text)),
        };
        controls.push(Control { border, word, repeat });
    }
    Ok(Ok(controls))
}

/// `{5}`, `{*}`
fn repeats(word: &str) -> Result<Option<u64>, String> {
    let Some(times) = word[1..].strip_suffix('}') else {
        return Err(format!("{}: '}}' is required in repeat count", quoted(word)));
    };
    match times {
        "*" => Ok(None),
        // The brace has been cut off by then.
        _ => times
            .parse()
            .map(Some)
            .map_err(|_| format!("{}}}: integer required between '{{' and '}}'", quoted(word.trim_end_matches('}')))),
    }
}

fn border(word: &str) -> Result<Border, String> {
    if let Some(mark) = word.chars().next().filter(|mark| matches!(mark, '/' | '%')) {
        let Some(end) = word[1..].rfind(mark) else {
            return Err(format!("{word}: closing delimiter '{mark}' missing"));
        };
        let (text, offset) = (&word[1..=end], &word[end + 2..]);
        let regex = Regex::new(text, Syntax::Basic, Options::default())
            .map_err(|wrong| format!("{}: invalid regular expression: {wrong}", quoted(word)))?;
        let offset = match offset {
            "" => 0,
            offset => offset.parse().map_err(|_| format!("{}: integer expected after delimiter", quoted(word)))?,
        };
        return Ok(Border::Match { regex: Box::new(regex), offset, skips: mark == '%' });
    }
    match word.parse::<usize>() {
        Ok(0) => Err(format!("{word}: line number must be greater than zero")),
        Ok(line) => Ok(Border::Line(line)),
        Err(_) => Err(format!("{}: invalid pattern", quoted(word))),
    }
}

/// Looks whether a suffix has one conversion of printf(3), of an integer.
fn check_suffix(format: &str) -> Result<(), String> {
    let (mut found, mut rest) = (false, format.chars().peekable());
    while let Some(letter) = rest.next() {
        if letter != '%' || rest.next_if_eq(&'%').is_some() {
            continue;
        }
        if found {
            return Err("too many % conversion specifications in suffix".to_owned());
        }
        found = true;
        let flags: String = std::iter::from_fn(|| rest.next_if(|flag| "-0'#".contains(*flag))).collect();
        while rest.next_if(|c| c.is_ascii_digit() || *c == '.').is_some() {}
        let conversion = rest.next().ok_or("missing conversion specifier in suffix")?;
        let bad = match conversion {
            'd' | 'i' | 'u' => '#',
            'o' | 'x' | 'X' => '\'',
            other => return Err(format!("invalid conversion specifier in suffix: {other}")),
        };
        if flags.contains(bad) {
            return Err(format!("invalid flags in conversion specification: %{bad}{conversion}"));
        }
    }
    if found { Ok(()) } else { Err("missing % conversion specification in suffix".to_owned()) }
}

/// Why it ends.
enum Trouble {
    /// Nothing is left of the input where a piece begins; what was written stays.
    Disappeared,
    /// This is to be said, and what was written is removed.
    Told(String),
    /// All is said, and what was written is removed.
    Silent,
}

struct Pieces<'t> {
    lines: &'t [&'t [u8]],
    /// So many lines have been taken.
    at: usize,
    /// The line up to which patterns have been looked for, from 1.
    seen: usize,
    /// The piece that is being written.
    piece: Option<Vec<u8>>,
    names: Vec<String>,
    suffix: String,
    given: &'t Given,
}

impl Pieces<'_> {
    async fn all(&mut self, p: &mut Proc, controls: &[Control<'_>]) -> Result<Option<Trouble>, Cut> {
        for control in controls {
            let mut done = 0;
            while control.repeat.is_none_or(|times| done <= times) {
                p.tick().await?;
                let ended = match &control.border {
                    Border::Line(line) => self.up_to_line(p, control, *line, done).await?,
                    Border::Match { regex, offset, skips } => {
                        self.up_to_match(p, control, regex, (*offset, *skips), done).await?
                    }
                };
                match ended {
                    Ok(true) => done += 1,
                    Ok(false) => return Ok(None),
                    Err(trouble) => return Ok(Some(trouble)),
                }
            }
        }
        self.piece = Some(Vec::new());
        while self.take(true) {}
        self.close(p).await?;
        Ok(None)
    }

    /// One piece up to a number of a line.
    async fn up_to_line(
        &mut self,
        p: &mut Proc,
        control: &Control<'_>,
        line: usize,
        done: u64,
    ) -> Result<Result<bool, Trouble>, Cut> {
        let out_of_range = || {
            let again = if done > 0 { format!(" on repetition {done}") } else { String::new() };
            Err(Trouble::Told(format!("{}: line number out of range{again}", quoted(control.word))))
        };
        let last = (line as u64).saturating_mul(done + 1);
        self.piece = Some(Vec::new());
        if self.at == self.lines.len() {
            self.close(p).await?;
            return Ok(Err(Trouble::Disappeared));
        }
        while (self.at as u64) + 1 < last {
            if !self.take(true) {
                return Ok(out_of_range());
            }
        }
        self.close(p).await?;
        if self.given.has(SUPPRESS) {
            self.take(false);
        }
        Ok(if self.seen >= self.lines.len() { out_of_range() } else { Ok(true) })
    }

    /// One piece up to a line that matches; `false` when there is none, and that is the end.
    async fn up_to_match(
        &mut self,
        p: &mut Proc,
        control: &Control<'_>,
        regex: &Regex,
        (offset, skips): (i64, bool),
        done: u64,
    ) -> Result<Result<bool, Trouble>, Cut> {
        if !skips {
            self.piece = Some(Vec::new());
        }
        let found = (self.seen..self.lines.len()).find(|at| regex.is_match(input::chop(self.lines[*at], b'\n')));
        let Some(found) = found else {
            if control.repeat.is_some() {
                let again = if done > 0 { format!(" on repetition {done}") } else { String::new() };
                p.complain(&format!("{}: match not found{again}", quoted(control.word))).await?;
            }
            while self.take(!skips) {}
            self.close(p).await?;
            return Ok(if control.repeat.is_some() { Err(Trouble::Silent) } else { Ok(false) });
        };
        self.seen = found + 1;
        let end = i64::try_from(self.seen).unwrap_or(i64::MAX).saturating_add(offset);
        let first = i64::try_from(self.at + 1).unwrap_or(i64::MAX);
        let out_of_range = || Err(Trouble::Told(format!("{}: line number out of range", quoted(control.word))));
        if first > end {
            return Ok(out_of_range());
        }
        for _ in first..end {
            if !self.take(!skips) {
                return Ok(out_of_range());
            }
        }
        self.close(p).await?;
        if offset > 0 {
            self.seen = usize::try_from(end).unwrap_or(usize::MAX);
        }
        if self.given.has(SUPPRESS) {
            self.take(false);
        }
        Ok(Ok(true))
    }

    /// Takes the next line, into the piece if it is to be kept.
    fn take(&mut self, keeps: bool) -> bool {
        let Some(line) = self.lines.get(self.at) else { return false };
        if let Some(piece) = self.piece.as_mut().filter(|_| keeps) {
            piece.extend_from_slice(line);
        }
        self.at += 1;
        self.seen = self.seen.max(self.at);
        true
    }

    /// Writes the piece, and says how long it is.
    async fn close(&mut self, p: &mut Proc) -> Result<(), Cut> {
        let Some(bytes) = self.piece.take() else { return Ok(()) };
        if bytes.is_empty() && self.given.has('z') {
            return Ok(());
        }
        let number = crate::bash::printf::format(&self.suffix, &[self.names.len().to_string()], None);
        let number = String::from_utf8_lossy(&number.text).into_owned();
        let name = format!("{}{number}", self.given.value('f').unwrap_or("xx"));
        if let Err(errno) = p.write_path(&name, &bytes) {
            p.complain(&format!("{name}: {}", errno.text())).await?;
        }
        self.names.push(name);
        if !self.given.has('s') && !self.given.has('q') {
            p.out(&format!("{}\n", bytes.len())).await?;
        }
        Ok(())
    }
}
