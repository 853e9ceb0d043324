//! Director commands: the hands and eyes outside the appliances. They begin with `%` and are the same at the keyboard, in a
//! pipe and in a transcript.

mod clients;
pub mod disc;
mod fault;
mod help;
mod machines;
mod time;
mod timeline;
mod vm;

use crate::operator::Operator;
use crate::shell::{lex, secret};
use crate::sim::Span;

/// A director command.
pub struct Director {
    /// The word behind the `%`.
    pub name: &'static str,
    /// Under which heading `%help` shows it; without one it has no row there: that of the command before it names it.
    pub group: Option<&'static str>,
    /// What it takes.
    pub usage: &'static str,
    /// One line about it.
    pub about: &'static str,
    /// A line one could type.
    pub example: &'static str,
    /// What it does.
    pub run: fn(&mut Operator, &[&str]) -> Reply,
}

/// What the director answers.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Reply {
    /// Lines of text, each with its end.
    pub text: String,
    /// 0 when it was done; 1 when not; 2 when it was not understood.
    pub status: u8,
    /// What the front end has to do.
    pub effect: Option<Effect>,
}

/// What only a front end can do.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// From now on time passes at this pace.
    Pace(Pace),
    /// Show the pace.
    ShowPace,
    /// Record the session into a file of the person who runs appsh, or stop recording.
    Record(Option<String>),
    /// End the program.
    Quit,
    /// The lab went to another point of its timeline.
    Restored,
}

/// How fast virtual time passes while something is under way.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Pace {
    /// It jumps to the next event.
    Instant,
    /// So many times as fast as the wall clock.
    Times(f64),
}

impl Pace {
    /// Reads `instant`, `real`, or a factor such as `60x`.
    ///
    /// # Errors
    /// The forms that are understood.
    pub fn parse(text: &str) -> Result<Self, String> {
        match text {
            "instant" => Ok(Self::Instant),
            "real" => Ok(Self::Times(1.0)),
            factor => factor
                .strip_suffix('x')
                .and_then(|digits| digits.parse::<f64>().ok())
                .filter(|factor| (0.001..=1_000_000.0).contains(factor))
                .map(Self::Times)
                .ok_or_else(|| format!("{text:?} is no pace; write instant, real, or a factor such as 60x")),
        }
    }
}

impl std::fmt::Display for Pace {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Instant => f.write_str("instant"),
            Self::Times(factor) => write!(f, "{factor}x"),
        }
    }
}

impl Reply {
    /// Done, with text; a missing end of line is added.
    #[must_use]
    pub fn text(text: impl Into<String>) -> Self {
        let mut text = text.into();
        if !text.is_empty() && !text.ends_with('\n') {
            text.push('\n');
        }
        Self { text, ..Self::default() }
    }

    /// Not done, and why.
    #[must_use]
    pub fn refused(why: impl std::fmt::Display) -> Self {
        Self { text: format!("appsh: {why}\n"), status: 1, effect: None }
    }

    /// Done by the front end.
    #[must_use]
    pub fn effect(effect: Effect) -> Self {
        Self { effect: Some(effect), ..Self::default() }
    }
}

/// All director commands, in the order of `%help`.
pub const DIRECTORS: &[&Director] = &[
    &help::HELP,
    &machines::MACHINES,
    &machines::LOGIN,
    &machines::HANGUP,
    &machines::DETACH,
    &machines::FACTS,
    &help::QUIT,
    &time::TIME,
    &time::ADVANCE,
    &time::PACE,
    &disc::DISC,
    &vm::VM,
    &machines::CONSOLE,
    &machines::DCUI,
    &clients::CLIENT,
    &clients::BROWSE,
    &clients::PING,
    &vm::POWER,
    &vm::CLONE,
    &vm::SNAPSHOT,
    &timeline::SAVE,
    &timeline::UNDO,
    &timeline::REWIND,
    &timeline::FORK,
    &fault::FAULT,
    &help::RECORD,
];

/// Runs a line that begins with `%`.
pub fn run(operator: &mut Operator, line: &str) -> Reply {
    let line = &*secret::blot(line);
    let split = lex::split(line.trim_start().trim_start_matches('%'));
    let words: Vec<&str> = split.words.iter().map(AsRef::as_ref).collect();
    let name = words.first().copied().unwrap_or("help");
    let Some(command) = DIRECTORS.iter().find(|command| command.name == name) else {
        return unknown(name);
    };
    if command.usage.is_empty() && words.len() > 1 {
        return misused(command);
    }
    let at = operator.now();
    operator.lab.journal().note(at, || crate::journal::What::Director { line: line.to_owned() });
    operator.lab.journal().mute(true);
    let reply = (command.run)(operator, words.get(1..).unwrap_or_default());
    operator.lab.journal().mute(false);
    reply
}

/// A command with what it takes.
fn signature(command: &Director) -> String {
    format!("%{} {}", command.name, command.usage).trim_end().to_owned()
}

/// The answer to words that a command does not understand.
fn misused(command: &Director) -> Reply {
    Reply { text: format!("appsh: usage: {}\n", signature(command)), status: 2, effect: None }
}

fn unknown(name: &str) -> Reply {
    let nearest = DIRECTORS.iter().map(|command| command.name).min_by_key(|known| distance(name, known));
    let hint = nearest.map(|known| format!("; did you mean %{known}?")).unwrap_or_default();
    Reply { text: format!("appsh: there is no %{name}{hint}\n"), status: 2, effect: None }
}

/// How many letters must change, come or go (Levenshtein).
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, from) in a.chars().take(32).enumerate() {
        let mut left_up = row[0];
        row[0] = i + 1;
        for (j, to) in b.iter().enumerate() {
            let change = left_up + usize::from(from != *to);
            left_up = row[j + 1];
            row[j + 1] = change.min(left_up + 1).min(row[j] + 1);
        }
    }
    row[b.len()]
}

/// Reads a length of time for a command.
fn span(text: &str) -> Result<Span, Reply> {
    Span::parse(text).map_err(Reply::refused)
}
