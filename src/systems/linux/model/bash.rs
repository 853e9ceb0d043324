//! One bash as plain data: variables, functions, options, jobs, history. What of it a command changes is put back when the
//! command is through, so a session at its prompt can be kept and gone back to.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::super::distro::Dialect;
use super::super::fs::Cred;
use super::Linux;
use super::back::Back;
use super::files::Kept;
use super::job::Jobs;
use crate::bash::ast::Command;
use crate::bash::parse::Stop;
use crate::bash::print;
use crate::bash::version::Version;
use crate::sim::Instant;

/// A shell process.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bash {
    /// What it speaks.
    #[serde(default)]
    pub dialect: Dialect,
    /// `$0`.
    pub name: String,
    /// `$$`.
    pub pid: u32,
    /// Its parent.
    pub ppid: u32,
    /// The login name of its user.
    pub user: String,
    /// What it may do.
    pub cred: Cred,
    /// Its working directory, as it was gone to.
    pub cwd: String,
    /// Permission bits that new files do not get.
    pub umask: u16,
    /// Its variables.
    pub variables: BTreeMap<String, Variable>,
    /// Its functions.
    pub functions: BTreeMap<String, Arc<Command>>,
    /// Functions that `export -f` gives to the shells which it starts.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub exported_functions: BTreeSet<String>,
    /// Functions that `readonly -f` keeps as they are.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub readonly_functions: BTreeSet<String>,
    /// Functions that inherit the traps of DEBUG and RETURN (`declare -ft`).
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub traced_functions: BTreeSet<String>,
    /// About how many bytes its functions take.
    #[serde(default)]
    pub defined: u64,
    /// Its aliases.
    pub aliases: BTreeMap<String, String>,
    /// What `set -o` has switched on, by long names.
    pub options: BTreeSet<String>,
    /// What `shopt` has switched on.
    pub shopt: BTreeSet<String>,
    /// `$1` and on.
    pub positional: Vec<String>,
    /// `$?`.
    pub status: u8,
    /// `$!`.
    pub last_background: Option<u32>,
    /// Its open files, if not all is on the terminal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub files: Option<Vec<Kept>>,
    /// Jobs behind the prompt.
    pub jobs: Jobs,
    /// The line at which the person was told that there are stopped jobs: to leave once more is to mean it.
    #[serde(default)]
    pub warned: Option<u32>,
    /// What is run on a signal, by its name without `SIG`; an empty text ignores it.
    pub traps: BTreeMap<String, String>,
    /// What was typed.
    pub history: Arc<Vec<String>>,
    /// When each of these lines was, in seconds of the lab's time since 1970.
    pub times: Arc<Vec<i64>>,
    /// What `:s` in a line of the history has put in place of what: `:&` does it again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub substituted: Option<(String, String)>,
    /// How many lines of history were dropped at its beginning.
    pub forgotten: usize,
    /// How many of its lines were typed since they were last written to its file.
    #[serde(default)]
    pub typed: usize,
    /// How many lines the file has, as far as the shell knows.
    #[serde(default)]
    pub in_file: usize,
    /// Whether the command's first line is in the history, so that those below it are added to it.
    #[serde(default)]
    pub joins: bool,
    /// The directory stack without the working directory.
    pub dirs: Vec<String>,
    /// Lines of a command that is not complete.
    pub unfinished: String,
    /// The line at which the here-document ends that they are in, and whether tabs may stand before it.
    #[serde(default)]
    pub awaited: Option<(String, bool)>,
    /// Where those lines stop.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stop: Option<Stop>,
    /// How many lines were read so far.
    pub lines: u32,
    /// How many commands were typed so far, in all their lines.
    #[serde(default)]
    pub commands: usize,
    /// Its prompt, where to make it anew would be to ask again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prompt: Option<String>,
    /// When it was started.
    pub started: Instant,
    /// Whether a person types into it.
    pub interactive: bool,
    /// Whether it is a login shell.
    pub login: bool,
    /// Whether its start-up files have been run.
    pub begun: bool,
    /// Which those are.
    #[serde(default)]
    pub start_up: StartUp,
    /// Whether the directory in which it began was gone, so that it does not know its path.
    #[serde(default, skip_serializing_if = "is_false")]
    pub begun_nowhere: bool,
    /// Whether it is a restricted shell once it has begun.
    #[serde(default, skip_serializing_if = "is_false")]
    pub limited: bool,
    /// Where it reads its commands, as `$-` tells: `c` for a text, `s` for standard input.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reads: Option<char>,
    /// Whether it gave its place to a program (`exec`): with that it ends, and with what the person types into behind it.
    #[serde(default)]
    pub spent: bool,
    /// Builtins that `enable -n` has switched off.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub disabled: BTreeSet<String>,
    /// Where programs were found.
    #[serde(default, skip_serializing_if = "Hashed::is_empty")]
    pub hashed: Hashed,
    /// What `complete` has said, by the name of the command; `-D`, `-E` and `-I` for those without one.
    #[serde(default, skip_serializing_if = "no_completions")]
    pub completions: Arc<BTreeMap<String, Completion>>,
    /// How far `getopts` is within a word of several letters.
    #[serde(default)]
    pub within: usize,
    /// Names of bash's own variables that were unset: since then they are like any other.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub plain: BTreeSet<String>,
    /// What `RANDOM` goes on from once it was assigned, and the number that it gave last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub random: Option<(u32, u32)>,
    /// Where it is in the line that started an inner shell, until that shell is left.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub back: Option<Box<Back>>,
}

/// A shell variable.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Variable {
    /// What it holds.
    pub value: Value,
    /// `-x`: programs get it.
    #[serde(default, skip_serializing_if = "is_false")]
    pub exported: bool,
    /// `-r`: it stays as it is.
    #[serde(default, skip_serializing_if = "is_false")]
    pub readonly: bool,
    /// `-i`: what is assigned is evaluated.
    #[serde(default, skip_serializing_if = "is_false")]
    pub integer: bool,
    /// `-t`, which means nothing to a variable.
    #[serde(default, skip_serializing_if = "is_false")]
    pub traced: bool,
    /// `-l` or `-u`: what is assigned is put into lower or upper case.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub case: Option<Letters>,
    /// `-a` or `-A` was declared, and nothing assigned yet.
    #[serde(default, skip_serializing_if = "is_false")]
    pub bare: bool,
    /// `-n`: it stands for the variable that it names.
    #[serde(default, skip_serializing_if = "is_false")]
    pub reference: bool,
}

/// Where the shell found programs, until `PATH` changes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hashed {
    /// The `PATH` along which they were found.
    pub path: String,
    /// By the name of the command: the path of its file, and how often it was run.
    pub programs: BTreeMap<String, (String, u32)>,
}

impl Hashed {
    /// Whether nothing was found yet.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.programs.is_empty()
    }
}

/// How the arguments of a command are completed (`complete`).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Completion {
    /// `-A` and its letters.
    pub actions: BTreeSet<String>,
    /// `-o`.
    pub options: BTreeSet<String>,
    /// `-G`, `-W`, `-P`, `-S`, `-X`, `-F`, `-C` by their letters.
    pub texts: BTreeMap<char, String>,
}

/// The case of letters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Letters {
    /// Lower.
    Lower,
    /// Upper.
    Upper,
}

/// What a variable holds.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Value {
    /// Nothing: it was declared only.
    #[default]
    Unset,
    /// A text.
    Text(String),
    /// `-a`: texts by number.
    Indexed(BTreeMap<u64, String>),
    /// `-A`: texts by key. The real bash lists them in the order of its hash table, this one sorted.
    Associative(BTreeMap<String, String>),
}

fn no_completions(completions: &Arc<BTreeMap<String, Completion>>) -> bool {
    completions.is_empty()
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it so")]
fn is_false(flag: &bool) -> bool {
    !flag
}

/// Which files a shell runs when it begins to be typed into.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct StartUp {
    /// That of a shell which is no login shell, in place of `~/.bashrc`: another one, or none.
    pub inner: Option<Option<String>>,
    /// Whether a login shell runs none.
    pub skips_profile: bool,
}

impl Variable {
    /// A variable that holds a text.
    #[must_use]
    pub fn text(text: impl Into<String>) -> Self {
        Self { value: Value::Text(text.into()), ..Self::default() }
    }

    /// The same, which programs get.
    #[must_use]
    pub fn exported(text: impl Into<String>) -> Self {
        Self { exported: true, ..Self::text(text) }
    }

    /// What `$name` is: the text, or the element 0.
    #[must_use]
    pub fn scalar(&self) -> Option<&str> {
        match &self.value {
            Value::Unset => None,
            Value::Text(text) => Some(text),
            Value::Indexed(items) => items.get(&0).map(String::as_str),
            Value::Associative(items) => items.get("0").map(String::as_str),
        }
    }
}

impl Linux {
    /// The version of its bash, as `BASH_VERSION` tells; empty where it has none.
    #[must_use]
    pub fn bash_version(&self) -> &str {
        self.bash.as_deref().unwrap_or(self.distro.bash)
    }

    /// Another bash takes the place of the distribution's.
    ///
    /// # Errors
    /// What is wrong with the version, in words.
    pub fn install_bash(&mut self, version: &str) -> Result<(), String> {
        let numbers = version.split('.').all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()));
        if !numbers || version.split('.').count() != 3 {
            return Err(format!("{version} is no version of bash, such as 4.4.20"));
        }
        let (oldest, newest, own) = (Version::OLDEST, Version::NEWEST, Version::of(version));
        if own < oldest || own > newest {
            let [(from, of), (to, and)] = [oldest, newest].map(|Version(major, minor)| (major, minor));
            return Err(format!("bash {version} is not known here: from {from}.{of} to {to}.{and}"));
        }
        self.bash = Some(format!("{version}(1)-release"));
        Ok(())
    }
}

impl Bash {
    /// Whether it is the ash of BusyBox.
    #[must_use]
    pub fn is_ash(&self) -> bool {
        self.dialect == Dialect::Ash
    }

    /// Its version, as `BASH_VERSINFO` tells; an ash has none.
    #[must_use]
    pub fn version(&self) -> Version {
        let Some(Value::Indexed(parts)) = self.variables.get("BASH_VERSINFO").map(|variable| &variable.value) else {
            return Version(0, 0);
        };
        let part = |at: u64| parts.get(&at).and_then(|text| text.parse::<u32>().ok()).unwrap_or(0);
        Version(part(0), part(1))
    }

    /// Forgets what was typed of a command that is not complete.
    pub fn forget_unfinished(&mut self) {
        self.unfinished.clear();
        (self.awaited, self.stop) = (None, None);
    }

    /// Whether a long option (`errexit`, `nounset` …) is on.
    #[must_use]
    pub fn option(&self, name: &str) -> bool {
        self.options.contains(name)
    }

    /// The texts under which a child finds the functions that are exported.
    pub fn functions_for_children(&self) -> impl Iterator<Item = (String, String)> {
        let exported = self.exported_functions.iter().filter_map(|name| self.functions.get_key_value(name));
        exported.map(|(name, body)| (format!("BASH_FUNC_{name}%%"), print::exported_function(body)))
    }

    /// The text of a variable, unless it is unset.
    #[must_use]
    pub fn variable(&self, name: &str) -> Option<&str> {
        self.variables.get(name)?.scalar()
    }
}

#[cfg(test)]
mod tests {
    use crate::sim::{Instant, Span};
    use crate::systems::linux::model::{Linux, Release};

    #[test]
    fn a_machine_gets_a_bash_that_is_known() {
        let release = Release::find("rhel-8.6").expect("a distribution");
        let now = Instant::parse("2022-03-14T20:00:00Z").expect("a moment");
        let mut linux = Linux::installed(release, "rhel8", now, Span::ZERO);
        assert_eq!(linux.bash_version(), "4.4.20(1)-release");
        for (version, complaint) in [
            ("5", "5 is no version of bash, such as 4.4.20"),
            ("5.2.x", "5.2.x is no version of bash, such as 4.4.20"),
            ("2.05.1", "bash 2.05.1 is not known here: from 3.2 to 5.2"),
            ("5.3.0", "bash 5.3.0 is not known here: from 3.2 to 5.2"),
        ] {
            assert_eq!(linux.install_bash(version), Err(complaint.to_owned()));
        }
        linux.install_bash("3.2.51").expect("a known one");
        assert_eq!(linux.bash_version(), "3.2.51(1)-release");
    }
}
