//! Variables of bash's own that are made when somebody asks for them: `BASHPID`, `FUNCNAME`, `SHELLOPTS` and their kin, with
//! the attributes that `declare -p` shows. Which there are depends on the version (bash's CHANGES); what is in them, on
//! variables.c.

use crate::bash::version::{Feature, Version};
use std::collections::BTreeMap;

use super::{Frame, Sh};
use crate::bash::ast::{Argument, Assignment, Part, Simple, Word};
use crate::systems::linux::model::bash::{Value, Variable};

/// All of them, as far as the shell's version has them.
const OWN: [&str; 22] = [
    "BASHOPTS",
    "BASHPID",
    "BASH_ALIASES",
    "BASH_ARGC",
    "BASH_ARGV",
    "BASH_ARGV0",
    "BASH_CMDS",
    "BASH_COMMAND",
    "BASH_LINENO",
    "BASH_SOURCE",
    "BASH_SUBSHELL",
    "DIRSTACK",
    "EPOCHREALTIME",
    "EPOCHSECONDS",
    "FUNCNAME",
    "GROUPS",
    "HISTCMD",
    "LINENO",
    "RANDOM",
    "SECONDS",
    "SHELLOPTS",
    "SRANDOM",
];

/// Those that no function has one of its own of; `unset` refuses the first four.
const UNASSIGNED: [&str; 6] = ["BASH_ARGC", "BASH_ARGV", "BASH_LINENO", "BASH_SOURCE", "FUNCNAME", "GROUPS"];

/// Those that only the shell's options change.
const OPTIONS: [&str; 2] = ["BASHOPTS", "SHELLOPTS"];

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

/// So often a number may come twice.
const DRAWS: usize = 8;

impl Sh {
    /// Whether bash makes the variable of this name: not once it was unset, nor where a function has one of its own.
    fn owns(&self, name: &str) -> bool {
        OWN.contains(&name)
            && self.since_of(name)
            && (!self.is_ash() || ASH.contains(&name))
            && !self.st.plain.contains(name)
            && !self.frames.iter().any(|frame| frame.locals.contains_key(name))
    }

    fn since_of(&self, name: &str) -> bool {
        match name {
            "BASHPID" if self.is_ash() => true,
            "BASHPID" | "BASH_ALIASES" | "BASH_CMDS" => self.has(Feature::OWN_PID),
            "BASHOPTS" => self.has(Feature::BASHOPTS),
            "BASH_ARGV0" | "EPOCHSECONDS" | "EPOCHREALTIME" => self.has(Feature::EPOCH),
            "SRANDOM" => self.has(Feature::SRANDOM),
            _ => true,
        }
    }

    /// What bash makes when it is asked for this name, with the attributes that it has from the start.
    pub(super) fn own(&self, name: &str) -> Option<Variable> {
        if !self.owns(name) {
            return None;
        }
        let text = |text: String| Some(Variable::text(text));
        let integer = |text: String| Some(Variable { integer: true, ..Variable::text(text) });
        let readonly = |text: String| Some(Variable { readonly: true, ..Variable::text(text) });
        match name {
            "BASHPID" => integer(self.p.pid.to_string()),
            "BASH_ARGV0" => text(self.st.name.clone()),
            "BASH_COMMAND" => text(self.running.clone()),
            "BASH_SUBSHELL" => text(self.subshells.to_string()),
            "EPOCHSECONDS" => text(self.epoch().0.to_string()),
            "EPOCHREALTIME" => {
                let (seconds, micros) = self.epoch();
                text(format!("{seconds}.{micros:06}"))
            }
            "HISTCMD" if self.st.interactive => integer((self.st.forgotten + self.st.history.len()).to_string()),
            "HISTCMD" => integer("0".to_owned()),
            "LINENO" => text(self.line.to_string()),
            "RANDOM" if self.st.random.is_some() => integer(self.st.random.unwrap_or_default().1.to_string()),
            "RANDOM" => {
                let drawn = self.p.world(|world, _| world.streams.between("bash.random", 0, 32_767));
                integer(drawn.to_string())
            }
            "SRANDOM" => {
                let drawn = self.p.world(|world, _| world.streams.between("bash.random", 0, u64::from(u32::MAX)));
                integer(drawn.to_string())
            }
            "SECONDS" => integer(self.p.now().since(self.st.started).as_secs().to_string()),
            "SHELLOPTS" => readonly(joined(&self.st.options)),
            "BASHOPTS" => {
                let options = self.st.shopt.iter().filter(|name| *name != "restricted_shell");
                readonly(joined(&options.cloned().collect()))
            }
            name => self.own_array(name),
        }
    }

    /// The variable of a name, whoever keeps it: of one that bash makes, what was declared of it is kept as of any other.
    pub(super) fn variable_of(&self, name: &str) -> Option<Variable> {
        let kept = self.st.variables.get(name);
        let Some(own) = self.own(name) else { return kept.cloned() };
        let Some(kept) = kept else { return Some(own) };
        let (exported, readonly) = (kept.exported || own.exported, kept.readonly || own.readonly);
        Some(Variable { exported, readonly, integer: kept.integer || own.integer, ..own })
    }

    /// Whether an assignment to a name is refused.
    pub(super) fn is_readonly(&self, name: &str) -> bool {
        self.st.variables.get(name).is_some_and(|variable| variable.readonly)
            || OPTIONS.contains(&name) && self.owns(name)
    }

    /// Why a function can have no variable of its own of this name.
    pub(super) fn refuses_local(&self, name: &str) -> Option<&'static str> {
        match () {
            () if self.is_readonly(name) => Some("readonly variable"),
            () if UNASSIGNED.contains(&name) && self.owns(name) => Some("variable may not be assigned value"),
            () => None,
        }
    }

    /// Unsets what bash makes, for good; whether it made it.
    ///
    /// # Errors
    /// bash's complaint.
    pub(super) fn unset_own(&mut self, name: &str) -> Result<bool, &'static str> {
        if !self.owns(name) {
            return Ok(false);
        }
        if UNASSIGNED[..4].contains(&name) {
            return Err("cannot unset");
        }
        self.st.plain.insert(name.to_owned());
        Ok(true)
    }

    /// Assigns to what bash makes: most of it stays as it is. Whether it makes it.
    ///
    /// # Errors
    /// bash's complaint.
    pub(super) fn set_own(&mut self, name: &str, text: &str) -> Result<bool, String> {
        if self.is_ash() || !self.owns(name) {
            return Ok(false);
        }
        match name {
            "SECONDS" => {
                let seconds = text.parse().unwrap_or(0);
                self.st.started = self.p.now() - crate::sim::Span::secs(seconds);
            }
            "RANDOM" => {
                let seed = self.evaluate(text)?;
                self.st.random = Some((u32::try_from(seed & i64::from(u32::MAX)).unwrap_or_default(), 0));
            }
            "BASH_SUBSHELL" => self.subshells = text.parse().unwrap_or(0),
            "BASH_ARGV0" => text.clone_into(&mut self.st.name),
            _ => {}
        }
        Ok(true)
    }

    /// Goes on to the next number of a `RANDOM` that was assigned: the generator of bash's variables.c before 5.1, which
    /// never gives a number twice in a row.
    pub(super) fn draw(&mut self) {
        let Some((state, last)) = &mut self.st.random else { return };
        for _ in 0..DRAWS {
            let from = if *state == 0 { 123_459_876 } else { i64::from(*state) };
            let next = 16_807 * (from % 127_773) - 2_836 * (from / 127_773);
            *state = u32::try_from(if next < 0 { next + 0x7fff_ffff } else { next }).unwrap_or_default();
            let number = *state & 0x7fff;
            if std::mem::replace(last, number) != number {
                break;
            }
        }
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
            "BASH_ALIASES" => Value::Associative(self.st.aliases.clone()),
            "BASH_CMDS" => {
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

    /// The variables that `set` and `declare -p` list.
    pub(super) fn listed(&self) -> BTreeMap<String, Variable> {
        let mut all = self.st.variables.clone();
        if self.is_ash() {
            return all;
        }
        let declared: Vec<String> = all.keys().filter(|name| self.owns(name)).cloned().collect();
        for name in declared {
            all.extend(self.variable_of(&name).map(|variable| (name, variable)));
        }
        for (at, name) in LISTED.iter().enumerate() {
            if let Some(mut variable) = self.variable_of(name).filter(|_| self.owns(name)) {
                // What is in them is made when somebody asks for one of them.
                if at >= LISTED.len() - 2 || matches!(*name, "BASH_ALIASES" | "BASH_CMDS") {
                    let keyed = matches!(variable.value, Value::Associative(_));
                    let (keys, numbers) = (BTreeMap::new(), BTreeMap::new());
                    variable.value = if keyed { Value::Associative(keys) } else { Value::Indexed(numbers) };
                }
                all.insert((*name).to_owned(), variable);
            }
        }
        all
    }

    /// Its version; an ash has none.
    pub(super) fn version(&self) -> Version {
        self.st.version()
    }

    /// Whether its version can do this.
    pub(super) fn has(&self, feature: Feature) -> bool {
        self.version().has(feature)
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
