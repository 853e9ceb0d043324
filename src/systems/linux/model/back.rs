//! Where a shell is in its line while a person types into an inner one (`su`, `ssh`): the place in the tree, and what each
//! construct on the way there holds. When the inner shell is left, the way is gone again and the line goes on.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::bash::Variable;
use crate::bash::ast::{Command, Script};
use crate::sim::Instant;

/// The line, and the way to the command that started the inner shell.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Back {
    /// The list that was typed.
    pub script: Script,
    /// The way, the outermost step last.
    pub steps: Vec<Step>,
}

/// One construct on the way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Step {
    /// The command that started the shell.
    Shell,
    /// Which of a script's lists.
    List(usize),
    /// Which pipeline of a list.
    Link(usize),
    /// A pipeline, since when.
    Pipeline(Instant),
    /// Which branch of an `if`; `true` behind its condition.
    Branch(usize, bool),
    /// Which arm of a `case`, with the word that it is about.
    Arm(usize, String),
    /// `while` and `until`, with the status of the last round; `true` behind the condition.
    While(u8, bool),
    /// `for`, with the words that are left.
    For(Vec<String>),
    /// `for ((…))`
    Count,
    /// `select`, with its words.
    Select(Vec<String>),
    /// A function.
    Call(Box<Call>),
    /// A sourced file: its frame, and the arguments around it where it has its own.
    Source(Frame, Option<Vec<String>>),
    /// A text that is read and run: the list that is being run, what is left of the text behind it, and that one's first line.
    Text(Script, String, u32),
}

/// A function that is being run, and what is put back when it returns.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Call {
    /// What it runs.
    pub body: Arc<Command>,
    /// What is local in it.
    pub frame: Frame,
    /// The arguments of its caller.
    pub positional: Vec<String>,
    /// How many loops the caller is in.
    pub loops: u32,
    /// Traps of the caller that do not count in it.
    pub traps: Vec<(String, String)>,
}

/// A function or a sourced file that is being run.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Frame {
    /// The function's name, or `source`.
    pub name: String,
    /// Whether it is a function: only there `local` is allowed.
    pub function: bool,
    /// Variables that are local here, as they were before.
    pub locals: BTreeMap<String, Option<Variable>>,
    /// What `set -o` had switched on before `local -`.
    pub options: Option<BTreeSet<String>>,
    /// The line it was called from.
    pub called: u32,
    /// The file it comes from.
    pub source: String,
}
