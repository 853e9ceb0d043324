//! A command as data: what it is called, what it takes, what it does, and how well that is known. Help, completion,
//! argument errors, coverage and the random-command simulation read the same tables.

use super::argparse::{Parsed, Parser};
use super::context::Context;
use super::coroutine::Task;
use super::value::Value;

/// One command of a shell.
pub struct Command {
    /// Its full name.
    pub name: &'static str,
    /// One line about it.
    pub summary: &'static str,
    /// What it takes and does.
    pub run: Run,
    /// How well it is known, part by part.
    pub evidence: &'static [Evidence],
}

/// How a command takes its words.
#[derive(Clone, Copy)]
pub enum Run {
    /// As they are.
    Words(fn(&mut Context<'_>, &[&str]) -> Outcome),
    /// As a program with options.
    Parsed(&'static Parser, fn(&mut Context<'_>, &Parsed) -> Outcome),
    /// As the program of this name on the machine's Linux, with the words as its arguments.
    Program(&'static str),
    /// As a call of an API, whose help has a layout of its own.
    Api(&'static Parser, fn(&mut Context<'_>, &Parsed) -> Outcome),
}

/// What running a command comes to.
pub enum Outcome {
    /// An answer, shown in the shell's layout.
    Reply(Value),
    /// Text as it is, line ends included; the command succeeded.
    Text(String),
    /// A refusal of the emulated system: text as it is, and the exit status.
    Refused(String, u8),
    /// Success without a word.
    Silent,
    /// It goes on as a coroutine.
    Task(Task),
    /// The real thing has it, and appsh does not model it.
    Gap(String),
}

/// What happens after a line was typed at a prompt.
pub enum Step {
    /// The command is through, with this exit status.
    Done(u8),
    /// It goes on as a coroutine.
    Task(Task),
}

impl Outcome {
    /// Shows the outcome on the session's screen.
    pub fn settle(self, cx: &mut Context<'_>) -> Step {
        match self {
            Self::Reply(value) => cx.screen.print(&value.render()),
            Self::Text(text) => cx.screen.print(&text),
            Self::Silent => {}
            Self::Refused(text, status) => {
                cx.screen.print(&text);
                return Step::Done(status);
            }
            Self::Task(task) => return Step::Task(task),
            Self::Gap(what) => {
                cx.aside(&format!("not modelled: {what}"));
                return Step::Done(1);
            }
        }
        Step::Done(0)
    }
}

/// How well a text or a behaviour is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Grade {
    /// Seen on a real system; a transcript with its source proves it.
    Captured,
    /// Described by the vendor's documentation or public source code.
    Documented,
    /// Same family, same rules; no source for the very text.
    Inferred,
    /// The real thing has it; appsh does not.
    NotModelled,
}

impl Grade {
    /// The word that `appsh coverage` prints.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Captured => "captured",
            Self::Documented => "documented",
            Self::Inferred => "inferred",
            Self::NotModelled => "not modelled",
        }
    }
}

/// One line of the coverage table.
#[derive(Clone, Copy, Debug)]
pub struct Evidence {
    /// The command or behaviour.
    pub what: &'static str,
    /// The releases for which it holds.
    pub releases: &'static str,
    /// How well it is known.
    pub grade: Grade,
    /// For `Captured`: the golden under `transcripts/` that shows it. Else: from what it was concluded.
    pub source: &'static str,
}
