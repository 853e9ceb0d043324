//! bash, as it runs on a simulated machine: it walks the tree of `crate::bash` and starts programs. Its truth is bash(1)
//! and what bash 5.2 does (`tests/conformance`); it never starts a process of the host.
//!
//! Bounded: depth of calls, steps and output of one typed line (`super::io`), words of one expansion.

mod arithmetic;
mod ash;
mod assign;
mod builtins;
mod completion;
mod compound;
mod condition;
mod console;
mod execute;
mod expand;
mod foreground;
mod glob;
mod history;
mod history_file;
mod interactive;
mod invocation;
mod jobs;
mod loops;
mod memory;
mod own;
mod parameter;
mod prompt;
mod redirect;
mod restricted;
mod scripts;
mod search;
mod simple;
mod special;
mod split;
mod start;
mod start_up;
mod trace;
mod transform;
mod typed;

use crate::bash::version::Feature;
use std::collections::BTreeMap;
use std::sync::Arc;

pub use builtins::is_builtin;
pub use console::CONSOLE;
pub use cost::PROGRAM;
pub use history_file::save as save_history;
pub use interactive::{begin, resumed};
pub use invocation::{invoke, run_input, run_line};
pub use scripts::{Ran, become_words, run_words};
pub use start::Start;

use super::io::{Boxed, Cut, Descriptors};
use super::ledger::Share;
use super::model::Bash;
use super::model::back::{Frame, Step};
use super::model::job::Jobs;
use super::proc::{Proc, Request};
use crate::bash::parse::SyntaxError;

/// How deep commands may nest, in the KiB of stack that they take in a debug build: a thread has 2 MiB, and what ends the
/// chain (the parser, a pattern, a program) needs some, too. Functions alone may so call each other 88 deep.
const DEPTH: u32 = 1520;

/// What each construct takes of it, measured and rounded up.
mod cost {
    /// A list of commands.
    pub const SCRIPT: u32 = 7;
    /// A function.
    pub const CALL: u32 = 10;
    /// What a builtin or the shell itself calls a function for, on top of the call: completion, a command that is not found.
    pub const HANDLER: u32 = 8;
    /// A text that is read and run: `eval`, `source`, a trap.
    pub const TEXT: u32 = 28;
    /// A shell that is a program.
    pub const SHELL: u32 = 34;
    /// A program that another one starts: `xargs`, `find -exec`, `sudo`, `ssh`.
    pub const PROGRAM: u32 = 60;
    /// A subshell.
    pub const SUBSHELL: u32 = 4;
    /// A pipeline.
    pub const STAGES: u32 = 8;
    /// `$( … )`
    pub const SUBSTITUTION: u32 = 9;
    /// A word, or what stands between double quotes.
    pub const PARTS: u32 = 4;
    /// `${name:-word}`, `${name/pattern/word}`
    pub const OPERATION: u32 = 10;
    /// `[[ … ]]`
    pub const CONDITION: u32 = 4;
}

/// A shell process that runs.
pub struct Sh {
    /// As a process.
    pub p: Proc,
    /// As data.
    pub st: Bash,
    /// The functions and sourced files that are being run, the innermost last.
    frames: Vec<Frame>,
    /// The line behind what was read of a script.
    behind: u32,
    /// How many loops are being run in this function.
    loops: u32,
    /// How many lists of several commands are being run.
    lists: u32,
    /// How many functions are being run whose caller has traps that they have not: these ask what ran last.
    watched: u32,
    /// How many conditions are being run: within them a failure ends nothing (`set -e`).
    conditions: u32,
    /// What programs get as their environment, until a variable changes.
    environment: Option<Arc<BTreeMap<String, String>>>,
    /// Whether it is no shell, but stands for a program that starts another.
    launches: bool,
    /// The status of the last command substitution of the command that is being expanded.
    substituted: Option<u8>,
    /// The line that is being run.
    line: u32,
    /// Whether it is a copy that runs a subshell, a stage of a pipeline or a substitution.
    subshell: bool,
    /// Whether this runs what a person typed, and nothing around it.
    outermost: bool,
    /// Whether a trap is being run.
    trapping: bool,
    /// Whether it is to become the program that it runs next, as a subshell of one command does.
    becomes: bool,
    /// Whether the shell that it is a copy of has run the DEBUG trap for the first command, which is a stage of a pipeline.
    announced: bool,
    /// The signal that killed the program which ran last, and its process, until it is told.
    killed: Option<(u8, u32)>,
    /// How deep substitutions and `eval` are: `set -x` shows it.
    level: usize,
    /// The traps of the shell that it is a copy of: `trap` lists them until it sets one.
    former_traps: BTreeMap<String, String>,
    /// The files of the shell while those of the command that it is about to trace are open already.
    traced_to: Option<Descriptors>,
    /// How many subshells it is in.
    subshells: u32,
    /// What an error ends a shell with that no person types into: 127 for `bash -c`.
    fatal: u8,
    /// The command that runs, as `BASH_COMMAND`; kept only where a trap could ask.
    running: String,
    /// The way to where an inner shell was started, while it is gone again.
    back: Vec<Step>,
    /// The descriptors of process substitutions of the commands that are being run.
    opened: Vec<u32>,
    /// Whether one of them reads on beside the command.
    accompanied: bool,
    /// Whether somebody may wait for this process by its number.
    awaited: bool,
    /// What was stopped in front and is not noted yet.
    halted: Option<foreground::Halted>,
    /// What it holds in memory, and what its present command has put together.
    share: Share,
    /// What it held when it was last weighed.
    weighed: u64,
}

/// Why a list of commands is left before its end.
#[derive(Debug)]
pub enum Flow {
    /// `break N`
    Break(u32),
    /// `continue N`
    Continue(u32),
    /// `return`
    Return(u8),
    /// `exit`, or `set -e`
    Exit(u8),
    /// An expansion went wrong: the rest of what was read is not run, a subshell ends.
    Abort(u8),
    /// The person types into another shell first.
    Enter(Box<Entering>),
    /// What was running was cut off.
    Cut(Cut),
}

/// A shell that a person is about to type into, and the way to the command that wants it, the outermost step last.
#[derive(Debug)]
pub struct Entering {
    request: Request,
    steps: Vec<Step>,
    /// Whether it takes the place of the shell in which it is wanted.
    replaces: bool,
}

impl Flow {
    /// A command wants a shell to type into.
    fn enter(request: Request) -> Self {
        Self::Enter(Box::new(Entering { request, steps: vec![Step::Shell], replaces: false }))
    }

    /// The shell that is entered takes the place of this one.
    fn in_place(mut self) -> Self {
        if let Self::Enter(entering) = &mut self {
            entering.replaces = true;
        }
        self
    }

    /// Notes a construct on the way to a shell that is entered.
    fn within(mut self, step: impl FnOnce() -> Step) -> Self {
        if let Self::Enter(entering) = &mut self {
            entering.steps.push(step());
        }
        self
    }
}

impl From<Cut> for Flow {
    fn from(cut: Cut) -> Self {
        Self::Cut(cut)
    }
}

/// What running something comes to: its status, unless the list is left.
pub type Run<T = u8> = Result<T, Flow>;

type Later<'a, T = u8> = Boxed<'a, Run<T>>;

impl Sh {
    /// The shell `st` as the process `p`.
    #[must_use]
    pub fn new(p: Proc, st: Bash) -> Self {
        let weighed = memory::weight(&st);
        let share = Share::new(&p.control.ledger, weighed);
        Self {
            share,
            weighed,
            p,
            st,
            frames: Vec::new(),
            behind: 0,
            loops: 0,
            lists: 0,
            watched: 0,
            conditions: 0,
            environment: None,
            launches: false,
            substituted: None,
            line: 0,
            subshell: false,
            outermost: false,
            trapping: false,
            becomes: false,
            announced: false,
            killed: None,
            level: 0,
            former_traps: BTreeMap::new(),
            traced_to: None,
            subshells: 0,
            fatal: 1,
            running: String::new(),
            back: Vec::new(),
            opened: Vec::new(),
            accompanied: false,
            awaited: false,
            halted: None,
        }
    }

    /// A copy of the shell that runs apart: what it changes changes nothing here.
    fn copy(&self) -> Self {
        let p = self.p.child(std::slice::from_ref(&self.st.name));
        let mut st = self.st.clone();
        // Traps are not inherited, except signals that are ignored, and `ERR` with `set -E`.
        let (errtrace, functrace) = (st.option("errtrace"), st.option("functrace"));
        st.traps.retain(|name, action| {
            action.is_empty() || errtrace && name == "ERR" || functrace && matches!(name.as_str(), "DEBUG" | "RETURN")
        });
        st.jobs = Jobs::default();
        st.random = None;
        let share = Share::new(&p.control.ledger, self.share.bytes());
        Self {
            share,
            weighed: self.weighed,
            p,
            st,
            frames: self.frames.clone(),
            behind: 0,
            loops: 0,
            lists: 0,
            watched: 0,
            environment: self.environment.clone(),
            launches: self.launches,
            line: self.line,
            conditions: self.conditions,
            substituted: None,
            subshell: true,
            outermost: false,
            trapping: false,
            becomes: false,
            announced: false,
            killed: None,
            level: self.level,
            traced_to: None,
            former_traps: if self.st.traps.is_empty() { self.former_traps.clone() } else { self.st.traps.clone() },
            subshells: self.subshells + 1,
            fatal: 1,
            running: String::new(),
            back: Vec::new(),
            opened: Vec::new(),
            accompanied: false,
            awaited: false,
            halted: None,
        }
    }

    /// Whose words its messages are, and the line that they name: none at a keyboard.
    fn speaker(&self) -> (&str, Option<u32>) {
        if self.st.interactive && self.frames.iter().all(|frame| frame.function) {
            return (&self.st.name, None);
        }
        let source = self.frames.iter().rev().find(|frame| !frame.source.is_empty());
        (source.map_or(self.st.name.as_str(), |frame| frame.source.as_str()), Some(self.line))
    }

    /// What begins each of its messages: `-bash: ` at a keyboard, `name: line 3: ` in a script. Line 0, which only `bash -c`
    /// has before 5.1, is named by builtins alone.
    fn prefix(&self, builtin: bool) -> String {
        match self.speaker() {
            (name, Some(line)) if line > 0 || builtin => format!("{name}: line {line}: "),
            (name, _) => format!("{name}: "),
        }
    }

    /// Says something on standard error.
    fn complain<'a>(&'a mut self, text: &'a str) -> Boxed<'a, Result<(), Cut>> {
        self.say_wrong(text, false)
    }

    /// The same as a builtin.
    fn complain_of_use<'a>(&'a mut self, text: &'a str) -> Boxed<'a, Result<(), Cut>> {
        self.say_wrong(text, true)
    }

    fn say_wrong<'a>(&'a mut self, text: &'a str, builtin: bool) -> Boxed<'a, Result<(), Cut>> {
        Box::pin(async move {
            let line = match self.is_ash() {
                true => self.ash_line(text, builtin),
                false => format!("{}{text}\n", self.prefix(builtin)),
            };
            self.p.write(2, line.as_bytes()).await
        })
    }

    /// Says what is wrong with an expansion: a shell that no person types into ends.
    fn fatal<'a, T: 'a>(&'a mut self, text: &'a str) -> Later<'a, T> {
        Box::pin(async move {
            self.complain(text).await?;
            if self.is_ash() {
                return Err(self.raise());
            }
            self.st.status = self.fatal;
            Err(if self.st.interactive { Flow::Abort(1) } else { Flow::Exit(self.fatal) })
        })
    }

    /// Says what is wrong with an expansion: the rest of what was read is not run.
    fn abort<'a, T: 'a>(&'a mut self, text: &'a str) -> Later<'a, T> {
        Box::pin(async move {
            self.complain(text).await?;
            if self.is_ash() {
                return Err(self.raise());
            }
            self.st.status = 1;
            Err(Flow::Abort(1))
        })
    }

    /// Says what is wrong with the syntax.
    async fn syntax(&mut self, error: &SyntaxError) -> Result<(), Cut> {
        self.syntax_in("", error).await
    }

    /// The same in a text that is no script: `eval: ` or `-c: ` stands before the line.
    fn syntax_in<'a>(&'a mut self, place: &'a str, error: &'a SyntaxError) -> Boxed<'a, Result<(), Cut>> {
        Box::pin(async move {
            self.line = error.line;
            if let Some(what) = error.message.strip_prefix("appsh: not modelled: ") {
                return self.p.gap(what).map(|_| ());
            }
            let prefix = match self.speaker() {
                (name, Some(line)) if self.is_ash() && name != self.st.name => {
                    format!("{}: {name}: {place}line {line}: ", self.st.name)
                }
                (name, Some(line)) => format!("{name}: {place}line {line}: "),
                (name, None) => format!("{name}: "),
            };
            let source = error.source.as_ref().filter(|_| !self.st.interactive).map(|source| format!("`{source}'"));
            let lines = error.message.lines().chain(source.as_deref());
            let text: String = lines.map(|line| format!("{prefix}{line}\n")).collect();
            self.p.write(2, text.as_bytes()).await
        })
    }

    /// Says that a text, of which the next line has this number, ends where a command is not complete.
    fn ended_early<'a>(&'a mut self, place: &'a str, error: &'a SyntaxError, line: u32) -> Boxed<'a, Result<(), Cut>> {
        Box::pin(async move {
            self.syntax_in(place, error).await?;
            // Since 5.2 what was not closed is told alone.
            if error.message.starts_with("unexpected EOF") && !self.has(Feature::OPEN_QUOTE_ALONE) && !self.is_ash() {
                let message = "syntax error: unexpected end of file".to_owned();
                let error = SyntaxError { line, message, source: None, expecting: None };
                self.syntax_in(place, &error).await?;
            }
            Ok(())
        })
    }

    /// Goes deeper by what a construct takes ([`cost`]); an error where it is too deep.
    async fn deeper(&mut self, cost: u32) -> Run<()> {
        if self.p.depth + cost > DEPTH {
            self.p.cx.with(|cx| cx.screen.aside("stopped: commands nest too deep"));
            self.p.control.exhaust();
            return Err(Flow::Cut(Cut::Limit("depth")));
        }
        self.p.depth += cost;
        Ok(())
    }

    /// Whether an option is on.
    fn option(&self, name: &str) -> bool {
        self.st.option(name)
    }
}
