//! What `appsh test` says: for people, for programs (JSON lines, TAP), and for build servers (JUnit).

use std::fmt::Write as _;
use std::io::{self, Write};

use owo_colors::OwoColorize;
use serde::Serialize;

use super::align::Edit;
use super::format::{Complaint, Kind, Line, Transcript};
use super::outcome::{Difference, Outcome};

/// How many lines that agree are shown around those that do not.
const AROUND: usize = 3;

/// How a transcript fared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// All was as expected.
    Passed,
    /// Something was not.
    Failed,
    /// The file was rewritten.
    Updated,
    /// The file cannot be read or written.
    Unreadable,
}

impl Status {
    /// Whether nobody has to look at it.
    #[must_use]
    pub fn is_good(self) -> bool {
        matches!(self, Self::Passed | Self::Updated)
    }
}

/// All there is to say about one transcript.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Verdict {
    /// The file.
    pub name: String,
    /// How it fared.
    pub status: Status,
    /// How many lines were typed.
    pub typed: usize,
    /// What was not as expected.
    pub differences: Vec<Shown>,
    /// What stopped the run, with its line; no line where it is about the whole file.
    pub troubles: Vec<(usize, String)>,
    /// What else should be known.
    pub notes: Vec<String>,
    /// How long it took on this computer, in seconds.
    #[serde(skip)]
    pub seconds: f64,
}

/// A difference, ready to be shown.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Shown {
    /// Number of the line that was typed; 0 for the login at the beginning.
    pub line: usize,
    /// The machine it was typed to.
    pub machine: String,
    /// Virtual time at which the first wrong line was printed.
    pub time: String,
    /// What was typed.
    pub command: String,
    /// The lines around it.
    pub lines: Vec<DiffLine>,
    /// What may have gone wrong.
    pub hint: Option<String>,
}

/// One line of a difference.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DiffLine {
    /// ` ` for a line that agrees, `-` for one that is missing, `+` for one that is too much.
    pub mark: char,
    /// Its number in the file, if it stands there.
    pub number: Option<usize>,
    /// The line.
    pub text: String,
}

impl Verdict {
    /// A verdict without anything to add.
    #[must_use]
    pub fn new(name: String, status: Status) -> Self {
        let (differences, troubles, notes) = (Vec::new(), Vec::new(), Vec::new());
        Self { name, status, typed: 0, differences, troubles, notes, seconds: 0.0 }
    }

    /// The verdict on a transcript that was run.
    #[must_use]
    pub fn of(name: String, transcript: &Transcript<'_>, outcome: &Outcome) -> Self {
        let mut verdict = Self::new(name, if outcome.passed() { Status::Passed } else { Status::Failed });
        verdict.typed = outcome.typed;
        verdict.differences = outcome.differences.iter().map(|difference| show(transcript, difference)).collect();
        verdict.troubles.extend(outcome.trouble.iter().map(pair));
        if outcome.typed == 0 && outcome.passed() {
            verdict.judge_silence(transcript);
        }
        verdict
    }

    /// A transcript may show a login and nothing else; one that shows nothing, either, would pass whatever happens.
    fn judge_silence(&mut self, transcript: &Transcript<'_>) {
        let says = |line: &Line<'_>| line.is_shown() && line.kind != Kind::AnyLines && !line.shown().trim().is_empty();
        if transcript.lines.iter().any(says) {
            self.notes.push("no command is typed in it; the login alone was compared".to_owned());
        } else {
            self.status = Status::Failed;
            self.troubles.push((0, "no command is typed in it, and no text is compared".to_owned()));
        }
    }

    /// A file that is no transcript.
    #[must_use]
    pub fn rejected(name: String, complaints: &[Complaint]) -> Self {
        let mut verdict = Self::new(name, Status::Failed);
        verdict.troubles.extend(complaints.iter().map(pair));
        verdict
    }
}

fn pair(complaint: &Complaint) -> (usize, String) {
    (complaint.line, complaint.text.clone())
}

fn show(transcript: &Transcript<'_>, difference: &Difference) -> Shown {
    let line = |edit: &Edit| match edit {
        Edit::Keep(index) => {
            DiffLine { mark: ' ', number: Some(index + 1), text: transcript.lines[*index].text.into() }
        }
        Edit::Drop(index) => {
            DiffLine { mark: '-', number: Some(index + 1), text: transcript.lines[*index].text.into() }
        }
        Edit::Insert { text, .. } => DiffLine { mark: '+', number: None, text: text.clone() },
    };
    let differs = |edit: &Edit| !matches!(edit, Edit::Keep(_));
    let edits = &difference.edits;
    let near = |index: usize| {
        let from = index.saturating_sub(AROUND);
        let to = (index + AROUND + 1).min(edits.len());
        edits[from..to].iter().any(differs)
    };
    let prompts: Vec<String> = difference.prompts.iter().map(|prompt| format!("`{prompt}`")).collect();
    Shown {
        line: difference.line,
        machine: difference.machine.clone(),
        time: difference.at.to_string(),
        command: difference.command.clone(),
        lines: edits.iter().enumerate().filter(|(index, _)| near(*index)).map(|(_, edit)| line(edit)).collect(),
        hint: difference.unexplained.map(|index| {
            format!(
                "line {} looks typed, but no session shows its prompt here, or what stands before it; there is {}",
                index + 1,
                prompts.join(", ")
            )
        }),
    }
}

/// Writes verdicts for people.
///
/// # Errors
/// When `out` cannot be written to.
pub fn human(verdicts: &[Verdict], color: bool, out: &mut dyn Write) -> io::Result<()> {
    for verdict in verdicts {
        for note in &verdict.notes {
            writeln!(out, "appsh: {}: {note}", verdict.name)?;
        }
        for shown in &verdict.differences {
            difference(&verdict.name, shown, color, out)?;
        }
        for (line, text) in &verdict.troubles {
            writeln!(out, "appsh: {}", located(&verdict.name, *line, text))?;
        }
        if verdict.status == Status::Updated {
            writeln!(out, "appsh: {}: updated", verdict.name)?;
        }
    }
    writeln!(out, "appsh: {}", summary(verdicts))
}

fn located(name: &str, line: usize, text: &str) -> String {
    if line == 0 { format!("{name}: {text}") } else { format!("{name}:{line}: {text}") }
}

fn difference(name: &str, shown: &Shown, color: bool, out: &mut dyn Write) -> io::Result<()> {
    let Shown { line, machine, time, command, .. } = shown;
    let place = format!("appsh: {name}:{}: {machine} at {time}, after `{command}`", (*line).max(1));
    if color {
        writeln!(out, "{}", place.bold())?
    } else {
        writeln!(out, "{place}")?
    }
    for line in &shown.lines {
        let number = line.number.map_or(String::new(), |number| number.to_string());
        let text = format!("{number:>6} {} {}", line.mark, visible(line));
        match (color, line.mark) {
            (true, '-') => writeln!(out, "{}", text.red())?,
            (true, '+') => writeln!(out, "{}", text.green())?,
            _ => writeln!(out, "{}", text.trim_end())?,
        }
    }
    match &shown.hint {
        Some(hint) => writeln!(out, "appsh: {hint}"),
        None => Ok(()),
    }
}

/// The line, with blanks at its end made visible where it differs, and without what could disturb a terminal.
fn visible(line: &DiffLine) -> String {
    let kept = if line.mark == ' ' { line.text.as_str() } else { line.text.trim_end_matches(' ') };
    let mut text: String = kept.chars().flat_map(printable).collect();
    text.extend(std::iter::repeat_n('␠', line.text.len() - kept.len()));
    text
}

fn printable(c: char) -> impl Iterator<Item = char> {
    let escaped = if c.is_control() && c != '\t' { Some(c.escape_default()) } else { None };
    let plain = escaped.is_none().then_some(c);
    escaped.into_iter().flatten().chain(plain)
}

/// The numbers, in words.
#[must_use]
pub fn summary(verdicts: &[Verdict]) -> String {
    let count = |status| verdicts.iter().filter(|verdict| verdict.status == status).count();
    let named = [(Status::Failed, "failed"), (Status::Updated, "updated"), (Status::Unreadable, "unreadable")];
    let mut text = format!("{} passed", count(Status::Passed));
    for (status, word) in named {
        if count(status) > 0 {
            let _ = write!(text, ", {} {word}", count(status));
        }
    }
    text
}

/// Writes one JSON object a line.
///
/// # Errors
/// When `out` cannot be written to.
pub fn json(verdicts: &[Verdict], out: &mut dyn Write) -> io::Result<()> {
    for verdict in verdicts {
        writeln!(out, "{}", serde_json::to_string(verdict)?)?;
    }
    Ok(())
}

/// Writes the Test Anything Protocol, version 13.
///
/// # Errors
/// When `out` cannot be written to.
pub fn tap(verdicts: &[Verdict], out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "TAP version 13\n1..{}", verdicts.len())?;
    for (index, verdict) in verdicts.iter().enumerate() {
        let word = if verdict.status.is_good() { "ok" } else { "not ok" };
        writeln!(out, "{word} {} - {}", index + 1, verdict.name)?;
        for line in details(verdict).lines() {
            writeln!(out, "# {line}")?;
        }
    }
    Ok(())
}

/// The verdict's differences and troubles as plain text.
fn details(verdict: &Verdict) -> String {
    let mut text = Vec::new();
    for shown in &verdict.differences {
        let _ = difference(&verdict.name, shown, false, &mut text);
    }
    let mut text = String::from_utf8(text).unwrap_or_default();
    for (line, trouble) in &verdict.troubles {
        let _ = writeln!(text, "appsh: {}", located(&verdict.name, *line, trouble));
    }
    text
}

/// The same as a JUnit file.
#[must_use]
pub fn junit(verdicts: &[Verdict]) -> String {
    let bad = verdicts.iter().filter(|verdict| !verdict.status.is_good()).count();
    let seconds: f64 = verdicts.iter().map(|verdict| verdict.seconds).sum();
    let mut text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n".to_owned();
    let counts = format!("tests=\"{}\" failures=\"{bad}\" time=\"{seconds:.3}\"", verdicts.len());
    let _ = writeln!(text, "<testsuites {counts}>\n  <testsuite name=\"appsh\" {counts}>");
    for verdict in verdicts {
        let (name, time) = (xml(&verdict.name), verdict.seconds);
        let _ = write!(text, "    <testcase classname=\"appsh\" name=\"{name}\" time=\"{time:.3}\"");
        if verdict.status.is_good() {
            text.push_str("/>\n");
        } else {
            let details = xml(&details(verdict));
            let _ = write!(text, ">\n      <failure>{details}</failure>\n    </testcase>\n");
        }
    }
    text.push_str("  </testsuite>\n</testsuites>\n");
    text
}

/// Text as XML takes it: control characters have no form there.
fn xml(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            c if c.is_control() && !matches!(c, '\n' | '\t') => escaped.push('\u{fffd}'),
            c => escaped.push(c),
        }
    }
    escaped
}
