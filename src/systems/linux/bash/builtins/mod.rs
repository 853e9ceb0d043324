//! The builtins of bash, one table.

mod bind;
mod complete;
mod control;
mod declare;
mod directories;
mod flags;
mod history;
mod jobs;
mod limits;
mod names;
mod options;
mod output;
mod read;
mod topics;
mod variables;
mod wait;

pub(super) use options::is_set_option;

pub use jobs::{bg, fg};
pub use names::is_special;

use super::ash;
use super::assign::Assigns;
use super::{Later, Sh};
use crate::bash::version::Feature;
use crate::systems::linux::model::bash::Bash;

/// A builtin.
pub struct Builtin {
    /// Its name.
    pub name: &'static str,
    /// What it does with its words, of which the first is its name.
    pub run: for<'a> fn(&'a mut Sh, Vec<Argument>) -> Later<'a>,
}

impl Builtin {
    /// Does it, or tells what it is for: since 4.4 all but these know `--help`.
    pub fn call<'a>(&self, sh: &'a mut Sh, words: Vec<Argument>) -> Later<'a> {
        let plain = matches!(self.name, ":" | "[" | "echo" | "false" | "test" | "true");
        match words.get(1) {
            Some(Argument::Word(word))
                if word == "--help" && !plain && !sh.is_ash() && sh.has(Feature::HELP_OF_BUILTINS) =>
            {
                topics::told(sh, self.name)
            }
            _ => (self.run)(sh, words),
        }
    }
}

/// A word of a command.
#[derive(Clone, Debug)]
pub enum Argument {
    /// An expanded word.
    Word(String),
    /// What a declaration builtin assigns.
    Assignment {
        /// The variable.
        name: String,
        /// The element.
        subscript: Option<String>,
        /// Whether it adds.
        append: bool,
        /// The value.
        value: Assigns,
    },
}

impl Argument {
    /// The word as a text.
    #[must_use]
    pub fn into_text(self) -> String {
        match self {
            Self::Word(text) => text,
            Self::Assignment { name, subscript, append, value } => {
                let subscript = subscript.map_or(String::new(), |subscript| format!("[{subscript}]"));
                let value = match value {
                    Assigns::Text(text) => text,
                    Assigns::Array(items) => {
                        let items: Vec<String> = items.into_iter().map(|(_, text)| text).collect();
                        format!("({})", items.join(" "))
                    }
                };
                format!("{name}{subscript}{}={value}", if append { "+" } else { "" })
            }
        }
    }
}

/// A builtin that takes its words as texts.
macro_rules! builtin {
    ($name:literal, $run:path) => {
        Builtin { name: $name, run: |sh, words| Box::pin($run(sh, super::simple::texts(words))) }
    };
}

/// A builtin that takes assignments as such.
macro_rules! declaration {
    ($name:literal, $run:path) => {
        Builtin { name: $name, run: |sh, words| Box::pin($run(sh, words)) }
    };
}

/// All builtins, sorted by name.
static BUILTINS: &[Builtin] = &[
    builtin!(".", control::source),
    builtin!(":", control::yes),
    builtin!("[", output::test),
    builtin!("alias", names::alias),
    builtin!("bg", jobs::bg),
    builtin!("bind", bind::bind),
    builtin!("break", control::leave_loop),
    builtin!("builtin", names::builtin),
    builtin!("caller", control::caller),
    builtin!("cd", directories::cd),
    builtin!("command", names::command),
    builtin!("compgen", complete::compgen),
    builtin!("complete", complete::complete),
    builtin!("compopt", complete::compopt),
    builtin!("continue", control::leave_loop),
    declaration!("declare", declare::declare),
    builtin!("dirs", directories::dirs),
    builtin!("disown", jobs::disown),
    builtin!("echo", output::echo),
    builtin!("enable", names::enable),
    builtin!("eval", control::eval),
    builtin!("exec", control::exec),
    builtin!("exit", control::exit),
    declaration!("export", declare::declare),
    builtin!("false", control::no),
    builtin!("fc", history::fc),
    builtin!("fg", jobs::fg),
    builtin!("getopts", variables::getopts),
    builtin!("hash", names::hash),
    builtin!("help", topics::help),
    builtin!("history", history::history),
    builtin!("jobs", jobs::jobs),
    builtin!("kill", jobs::kill),
    builtin!("let", variables::calculate),
    declaration!("local", declare::declare),
    builtin!("logout", control::exit),
    builtin!("mapfile", read::mapfile),
    builtin!("popd", directories::popd),
    builtin!("printf", output::printf),
    builtin!("pushd", directories::pushd),
    builtin!("pwd", directories::pwd),
    builtin!("read", read::read),
    builtin!("readarray", read::mapfile),
    declaration!("readonly", declare::declare),
    builtin!("return", control::leave_function),
    builtin!("set", options::set),
    builtin!("shift", variables::shift),
    builtin!("shopt", options::shopt),
    builtin!("source", control::source),
    builtin!("suspend", jobs::suspend),
    builtin!("test", output::test),
    builtin!("times", control::times),
    builtin!("trap", jobs::trap),
    builtin!("true", control::yes),
    builtin!("type", names::kind),
    declaration!("typeset", declare::declare),
    builtin!("ulimit", limits::ulimit),
    builtin!("umask", options::umask),
    builtin!("unalias", names::unalias),
    builtin!("unset", variables::unset),
    builtin!("wait", wait::wait),
];

/// Whether there is a builtin of this name.
#[must_use]
pub fn is_builtin(name: &str) -> bool {
    find(name).is_some()
}

/// The builtin of a name.
#[must_use]
pub fn find(name: &str) -> Option<&'static Builtin> {
    BUILTINS.binary_search_by(|builtin| builtin.name.cmp(name)).ok().map(|at| &BUILTINS[at])
}

/// The names of the builtins that a shell has.
pub fn names(st: &Bash) -> impl Iterator<Item = &'static str> + use<'_> {
    BUILTINS.iter().map(|builtin| builtin.name).filter(|name| ash::has(st, name))
}

impl Sh {
    /// Says what is wrong with the use of a builtin; the status of a wrong use is 2, else 1.
    async fn misused(&mut self, name: &str, text: &str, status: u8) -> super::Run {
        // What assigns in passing is not named.
        let passes = ["export", "printf", "getopts", "let"].contains(&name) && !self.is_ash();
        let passing = passes && text.ends_with("readonly variable");
        self.complain_of_use(&if passing { text.to_owned() } else { format!("{name}: {text}") }).await?;
        self.raised(name, status)
    }

    /// What is wrong with a special builtin ends an ash, at a keyboard the line; else it is a status.
    fn raised(&mut self, name: &str, status: u8) -> super::Run {
        if !self.is_ash() {
            return Ok(status);
        }
        match name {
            "trap" | "alias" | "hash" | "kill" | "printf" | "read" | "type" | "ulimit" | "unalias" => Ok(status),
            name if name == "local" || names::SPECIAL.contains(&name) => Err(self.raise()),
            _ => Ok(2),
        }
    }

    /// Says how a builtin is used.
    async fn usage(&mut self, name: &str, wrong: &str, usage: &str) -> super::Run {
        self.complain_of_use(&format!("{name}: {wrong}")).await?;
        if !self.is_ash() {
            self.p.err(&format!("{name}: usage: {usage}\n")).await?;
        }
        self.raised(name, 2)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_sorted() {
        assert!(BUILTINS.is_sorted_by(|a, b| a.name < b.name));
        assert!(find("echo").is_some() && find("nothing").is_none());
    }
}
