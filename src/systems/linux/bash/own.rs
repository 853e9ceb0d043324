//! Variables of bash's own that are made when somebody asks for them: `BASHPID`, `FUNCNAME`, `SHELLOPTS` and their kin, with
//! the attributes that `declare -p` shows. Which there are depends on the version (bash's CHANGES); what is in them, on
//! variables.c.

use std::collections::BTreeMap;

use super::{Frame, Sh};
use crate::bash::ast::{Argument, Assignment, Part, Simple, Word};
use crate::systems::linux::model::bash::{Value, Variable};

/// Those which an assignment does not change.
const FIXED: [&str; 15] = [
    "BASHPID",
    "BASH_ARGC",
    "BASH_ARGV",
    "BASH_COMMAND",
    "BASH_LINENO",
    "BASH_SOURCE",
    "BASH_SUBSHELL",
    "DIRSTACK",
    "EPOCHREALTIME",
    "EPOCHSECONDS",
    "FUNCNAME",
    "GROUPS",
    "LINENO",
    "RANDOM",
    "SRANDOM",
];

/// Those that `set` and `declare -p` list before anybody has asked for them; of the last two without what is in them.
const LISTED: [&str; 10] = [
    "BASHOPTS",
    "BASH_ALIASES",
    "BASH_ARGC",
    "BASH_ARGV",
    "BASH_CMDS",
    "BASH_LINENO",
    "BASH_SOURCE",
    "SHELLOPTS",
    "DIRSTACK",
    "GROUPS",
];

impl Sh {
    /// The variable that bash makes when it is asked for this name.
    pub(super) fn own(&self, name: &str) -> Option<Variable> {
        if !name.starts_with(['B', 'D', 'E', 'F', 'G', 'H', 'L', 'R', 'S']) || self.is_ash() && !ASH.contains(&name) {
            return None;
        }
        let text = |text: String| Some(Variable::text(text));
        let integer = |text: String| Some(Variable { integer: true, ..Variable::text(text) });
        let readonly = |text: String| Some(Variable { readonly: true, ..Variable::text(text) });
        match name {
            "BASHPID" => integer(self.p.pid.to_string()),
            "BASH_ARGV0" if self.since(5, 0) => text(self.st.name.clone()),
            "BASH_COMMAND" => text(self.running.clone()),
            "BASH_SUBSHELL" => text(self.subshells.to_string()),
            "EPOCHSECONDS" if self.since(5, 0) => text(self.epoch().0.to_string()),
            "EPOCHREALTIME" if self.since(5, 0) => {
                let (seconds, micros) = self.epoch();
                text(format!("{seconds}.{micros:06}"))
            }
            "HISTCMD" if self.st.interactive => integer((self.st.forgotten + self.st.history.len()).to_string()),
            "HISTCMD" => integer("0".to_owned()),
            "LINENO" => text(self.line.to_string()),
            "RANDOM" => {
                let drawn = self.p.world(|world, _| world.streams.between("bash.random", 0, 32_767));
                integer(drawn.to_string())
            }
            "SRANDOM" if self.since(5, 1) => {
                let drawn = self.p.world(|world, _| world.streams.between("bash.random", 0, u64::from(u32::MAX)));
                integer(drawn.to_string())
            }
            "SECONDS" => integer(self.p.now().since(self.st.started).as_secs().to_string()),
            "SHELLOPTS" => readonly(joined(&self.st.options)),
            "BASHOPTS" if self.since(4, 1) => readonly(joined(&self.st.shopt)),
            name => self.own_array(name),
        }
    }

    /// The variable of a name, whoever keeps it.
    pub(super) fn variable_of(&self, name: &str) -> Option<Variable> {
        self.own(name).or_else(|| self.st.variables.get(name).cloned())
    }

    fn own_array(&self, name: &str) -> Option<Variable> {
        let array = |texts: Vec<String>| Value::Indexed((0..).zip(texts).collect());
        let value = match name {
            "DIRSTACK" => array(std::iter::once(&self.st.cwd).chain(self.st.dirs.iter().rev()).cloned().collect()),
            "GROUPS" => {
                let cred = &self.p.cred;
                let others = cred.groups.iter().filter(|gid| **gid != cred.gid);
                array([cred.gid].iter().chain(others).map(u32::to_string).collect())
            }
            "FUNCNAME" | "BASH_LINENO" | "BASH_SOURCE" => array(self.call_stack(name)),
            // They are filled only for a debugger (`extdebug`).
            "BASH_ARGC" | "BASH_ARGV" => array(Vec::new()),
            "BASH_ALIASES" if self.since(4, 0) => Value::Associative(self.st.aliases.clone()),
            "BASH_CMDS" if self.since(4, 0) => {
                let programs = self.st.hashed.programs.iter();
                Value::Associative(programs.map(|(name, (path, _))| (name.clone(), path.clone())).collect())
            }
            _ => return None,
        };
        let bare = name == "FUNCNAME" && self.frames.is_empty();
        Some(Variable { value, bare, ..Variable::default() })
    }

    /// Which functions are being run, the innermost first; below all of them is the script.
    fn call_stack(&self, name: &str) -> Vec<String> {
        let script = !self.st.interactive;
        let frames = self.frames.iter().rev();
        let mut items: Vec<String> = match name {
            "FUNCNAME" => frames.map(|frame| frame.name.clone()).collect(),
            "BASH_LINENO" => frames.map(|frame| frame.called.to_string()).collect(),
            _ => frames.map(|frame| self.source_of(frame)).collect(),
        };
        match name {
            "FUNCNAME" if script && !items.is_empty() => items.push("main".to_owned()),
            "BASH_LINENO" if script => items.push("0".to_owned()),
            "BASH_SOURCE" if script => items.push(self.st.name.clone()),
            _ => {}
        }
        items
    }

    /// The file of a function or sourced file.
    pub(super) fn source_of(&self, frame: &Frame) -> String {
        match (frame.source.is_empty(), self.st.interactive) {
            (false, _) => frame.source.clone(),
            (true, false) => self.st.name.clone(),
            (true, true) => "main".to_owned(),
        }
    }

    /// Whether an assignment to a name goes nowhere.
    pub(super) fn is_fixed(&self, name: &str) -> bool {
        !self.is_ash() && FIXED.contains(&name)
    }

    /// The variables that `set` and `declare -p` list.
    pub(super) fn listed(&self) -> BTreeMap<String, Variable> {
        let mut all = self.st.variables.clone();
        if self.is_ash() {
            return all;
        }
        for (at, name) in LISTED.iter().enumerate() {
            if let Some(mut variable) = self.own(name) {
                if at >= LISTED.len() - 2 {
                    variable.value = Value::Indexed(BTreeMap::new());
                }
                all.insert((*name).to_owned(), variable);
            }
        }
        all
    }

    /// Whether the shell's version is this or a later one.
    fn since(&self, major: u32, minor: u32) -> bool {
        let Some(Value::Indexed(parts)) = self.st.variables.get("BASH_VERSINFO").map(|variable| &variable.value) else {
            return false;
        };
        let part = |at: u64| parts.get(&at).and_then(|text| text.parse::<u32>().ok()).unwrap_or(0);
        (part(0), part(1)) >= (major, minor)
    }

    /// Seconds since 1970 and microseconds, as the machine's clock reads.
    fn epoch(&self) -> (i64, u32) {
        let now = self.p.now().utc();
        let seconds = self.p.peek(|linux| linux.zone.reads(now.unix_timestamp()));
        (seconds, now.microsecond())
    }
}

/// Those that mean something to an ash, too.
const ASH: [&str; 2] = ["LINENO", "RANDOM"];

fn joined(names: &std::collections::BTreeSet<String>) -> String {
    names.iter().map(String::as_str).collect::<Vec<_>>().join(":")
}

/// Whether a command asks for its own text: else nobody prints it.
pub(super) fn asks_for_itself(simple: &Simple) -> bool {
    let value = |assignment: &Assignment| match &assignment.value {
        crate::bash::ast::Assigned::Word(word) => asks(&word.parts),
        crate::bash::ast::Assigned::Array(items) => items.iter().any(|(_, word)| asks(&word.parts)),
    };
    let traps = |word: &Word| matches!(&word.parts[..], [Part::Bare(name)] if name == "trap");
    simple.words.iter().any(|argument| match argument {
        Argument::Word(word) => asks(&word.parts),
        Argument::Assignment(assignment) => value(assignment),
    }) || simple.assignments.iter().any(value)
        || matches!(simple.words.first(), Some(Argument::Word(first)) if traps(first))
}

fn asks(parts: &[Part]) -> bool {
    parts.iter().any(|part| match part {
        Part::Double(inner) => asks(inner),
        Part::Bare(text) | Part::Quoted(text) => text == "BASH_COMMAND",
        Part::Parameter(parameter) => parameter.indirect || parameter.name == "BASH_COMMAND",
        _ => false,
    })
}
