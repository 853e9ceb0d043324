//! `help`, and how each builtin is used: the usage lines are bash's own (5.2), what they mean is told in our words.

use super::flags::Given;
use crate::bash::pattern::{self, Options, Pattern};
use crate::bash::version::{Feature, Version};
use crate::systems::linux::bash::{Later, Run, Sh, ash};
use crate::systems::linux::model::bash::Bash;

/// How builtins were used before a version, the oldest first.
const OLDER: &[(&str, Version, &str)] = &[
    ("cd", Version(4, 2), "cd [-L|-P] [dir]"),
    ("cd", Version(4, 3), "cd [-L|[-P [-e]]] [dir]"),
    ("declare", Version(4, 0), "declare [-afFirtx] [-p] [name[=value] ...]"),
    ("declare", Version(4, 2), "declare [-aAfFilrtux] [-p] [name[=value] ...]"),
    ("declare", Version(4, 3), "declare [-aAfFgilrtux] [-p] [name[=value] ...]"),
    ("declare", Version(5, 1), "declare [-aAfFgilnrtux] [-p] [name[=value] ...]"),
    ("declare", Version(5, 2), "declare [-aAfFgiIlnrtux] [-p] [name[=value] ...]"),
    ("enable", Version(4, 0), "enable [-pnds] [-a] [-f filename] [name ...]"),
    ("export", Version(4, 0), "export [-nf] [name[=value] ...] or export -p"),
    ("history", Version(4, 0), "history [-c] [-d offset] [n] or history -awrn [filename] or history -ps arg [arg...]"),
    ("local", Version(4, 0), "local name[=value] ..."),
    (
        "mapfile",
        Version(4, 4),
        "mapfile [-n count] [-O origin] [-s count] [-t] [-u fd] [-C callback] [-c quantum] [array]",
    ),
    (
        "read",
        Version(4, 0),
        "read [-ers] [-u fd] [-t timeout] [-p prompt] [-a array] [-n nchars] [-d delim] [name ...]",
    ),
    (
        "read",
        Version(4, 1),
        "read [-ers] [-a array] [-d delim] [-i text] [-n nchars] [-p prompt] [-t timeout] [-u fd] [name ...]",
    ),
    (
        "readarray",
        Version(4, 4),
        "readarray [-n count] [-O origin] [-s count] [-t] [-u fd] [-C callback] [-c quantum] [array]",
    ),
    ("readonly", Version(4, 0), "readonly [-af] [name[=value] ...] or readonly -p"),
    ("set", Version(4, 0), "set [--abefhkmnptuvxBCHP] [-o option] [arg ...]"),
    ("shopt", Version(4, 0), "shopt [-pqsu] [-o long-option] optname [optname...]"),
    ("trap", Version(4, 0), "trap [-lp] [arg signal_spec ...]"),
    ("typeset", Version(4, 0), "typeset [-afFirtx] [-p] name[=value] ..."),
    ("typeset", Version(4, 2), "typeset [-aAfFilrtux] [-p] name[=value] ..."),
    ("typeset", Version(4, 3), "typeset [-aAfFgilrtux] [-p] name[=value] ..."),
    ("typeset", Version(5, 1), "typeset [-aAfFgilnrtux] [-p] name[=value] ..."),
    ("typeset", Version(5, 2), "typeset [-aAfFgiIlnrtux] [-p] name[=value] ..."),
    ("unset", Version(4, 3), "unset [-f] [-v] [name ...]"),
    ("wait", Version(4, 0), "wait [n]"),
    ("wait", Version(4, 3), "wait [id]"),
    ("wait", Version(5, 0), "wait [-n] [id ...]"),
    ("wait", Version(5, 1), "wait [-fn] [id ...]"),
];

/// A topic: its name, its usage, what it is for.
type Topic = (&'static str, &'static str, &'static str);

/// What `help` knows. In the order of its list.
const TOPICS: &[Topic] = &[
    ("%", "job_spec [&]", "Puts a stopped or background job in front; with & lets it go on behind."),
    ("(( ... ))", "(( expression ))", "Calculates; true when the result is not zero."),
    (".", ". filename [arguments]", "Runs the lines of a file in this shell."),
    (":", ":", "Does nothing, with success."),
    ("[", "[ arg... ]", "The same as test, with a closing ]."),
    ("[[ ... ]]", "[[ expression ]]", "Tests with patterns and regular expressions; words are not split."),
    ("alias", "alias [-p] [name[=value] ... ]", "Shows or sets words that stand for other words."),
    ("bg", "bg [job_spec ...]", "Lets stopped jobs go on behind."),
    (
        "bind",
        "bind [-lpsvPSVX] [-m keymap] [-f filename] [-q name] [-u name] [-r keyseq] [-x keyseq:shell-command] [keyseq:readline-function or readline-command]",
        "Shows or sets what keys do on the command line.",
    ),
    ("break", "break [n]", "Leaves a loop, or so many of them."),
    ("builtin", "builtin [shell-builtin [arg ...]]", "Runs a builtin even where a function has its name."),
    ("caller", "caller [expr]", "Says where the running function was called from."),
    (
        "case",
        "case WORD in [PATTERN [| PATTERN]...) COMMANDS ;;]... esac",
        "Picks the commands whose pattern fits a word.",
    ),
    ("cd", "cd [-L|[-P [-e]] [-@]] [dir]", "Changes the working directory."),
    ("command", "command [-pVv] command [arg ...]", "Runs a command past functions, or says what a name is."),
    (
        "compgen",
        "compgen [-abcdefgjksuv] [-o option] [-A action] [-G globpat] [-W wordlist] [-F function] [-C command] [-X filterpat] [-P prefix] [-S suffix] [word]",
        "Lists what a word could be completed to.",
    ),
    (
        "complete",
        "complete [-abcdefgjksuv] [-pr] [-DEI] [-o option] [-A action] [-G globpat] [-W wordlist] [-F function] [-C command] [-X filterpat] [-P prefix] [-S suffix] [name ...]",
        "Says how the arguments of a command are completed.",
    ),
    ("compopt", "compopt [-o|+o option] [-DEI] [name ...]", "Changes options of a completion."),
    ("continue", "continue [n]", "Goes on with the next round of a loop."),
    ("coproc", "coproc [NAME] command [redirections]", "Runs a command beside the shell, with pipes to and from it."),
    (
        "declare",
        "declare [-aAfFgiIlnrtux] [name[=value] ...] or declare -p [-aAfFilnrtux] [name ...]",
        "Sets variables and what holds for them, or shows them.",
    ),
    ("dirs", "dirs [-clpv] [+N] [-N]", "Shows the directory stack."),
    ("disown", "disown [-h] [-ar] [jobspec ... | pid ...]", "Lets the shell forget jobs."),
    ("echo", "echo [-neE] [arg ...]", "Prints its arguments."),
    ("enable", "enable [-a] [-dnps] [-f filename] [name ...]", "Switches builtins on and off."),
    ("eval", "eval [arg ...]", "Runs its arguments as a command line."),
    (
        "exec",
        "exec [-cl] [-a name] [command [argument ...]] [redirection ...]",
        "Puts a program in place of the shell, or redirects the shell.",
    ),
    ("exit", "exit [n]", "Leaves the shell."),
    ("export", "export [-fn] [name[=value] ...] or export -p", "Marks variables that programs get."),
    ("false", "false", "Does nothing, without success."),
    (
        "fc",
        "fc [-e ename] [-lnr] [first] [last] or fc -s [pat=rep] [command]",
        "Lists lines of the history or runs them again.",
    ),
    ("fg", "fg [job_spec]", "Puts a job in front."),
    ("for", "for NAME [in WORDS ... ] ; do COMMANDS; done", "Runs commands once for each word."),
    ("for ((", "for (( exp1; exp2; exp3 )); do COMMANDS; done", "Runs commands while an expression is not zero."),
    ("function", "function name { COMMANDS ; } or name () { COMMANDS ; }", "Defines a function."),
    ("getopts", "getopts optstring name [arg ...]", "Reads the options of a script one by one."),
    ("hash", "hash [-lr] [-p pathname] [-dt] [name ...]", "Shows, sets or forgets where programs were found."),
    ("help", "help [-dms] [pattern ...]", "Tells about builtins."),
    (
        "history",
        "history [-c] [-d offset] [n] or history -anrw [filename] or history -ps arg [arg...]",
        "Shows or changes what was typed before.",
    ),
    (
        "if",
        "if COMMANDS; then COMMANDS; [ elif COMMANDS; then COMMANDS; ]... [ else COMMANDS; ] fi",
        "Runs commands if others succeed.",
    ),
    ("jobs", "jobs [-lnprs] [jobspec ...] or jobs -x command [args]", "Lists jobs."),
    (
        "kill",
        "kill [-s sigspec | -n signum | -sigspec] pid | jobspec ... or kill -l [sigspec]",
        "Sends a signal to processes or jobs.",
    ),
    ("let", "let arg [arg ...]", "Calculates each argument."),
    ("local", "local [option] name[=value] ...", "Makes variables that end with the function."),
    ("logout", "logout [n]", "Leaves a login shell."),
    (
        "mapfile",
        "mapfile [-d delim] [-n count] [-O origin] [-s count] [-t] [-u fd] [-C callback] [-c quantum] [array]",
        "Reads lines into an array.",
    ),
    ("popd", "popd [-n] [+N | -N]", "Takes directories off the stack."),
    ("printf", "printf [-v var] format [arguments]", "Prints arguments in a format."),
    ("pushd", "pushd [-n] [+N | -N | dir]", "Puts a directory on the stack."),
    ("pwd", "pwd [-LP]", "Prints the working directory."),
    (
        "read",
        "read [-ers] [-a array] [-d delim] [-i text] [-n nchars] [-N nchars] [-p prompt] [-t timeout] [-u fd] [name ...]",
        "Reads a line into variables.",
    ),
    (
        "readarray",
        "readarray [-d delim] [-n count] [-O origin] [-s count] [-t] [-u fd] [-C callback] [-c quantum] [array]",
        "The same as mapfile.",
    ),
    ("readonly", "readonly [-aAf] [name[=value] ...] or readonly -p", "Marks variables that stay as they are."),
    ("return", "return [n]", "Leaves a function or a sourced file."),
    ("select", "select NAME [in WORDS ... ;] do COMMANDS; done", "Lets a person pick from a menu."),
    (
        "set",
        "set [-abefhkmnptuvxBCEHPT] [-o option-name] [--] [-] [arg ...]",
        "Switches options of the shell, sets its arguments.",
    ),
    ("shift", "shift [n]", "Drops the first arguments."),
    ("shopt", "shopt [-pqsu] [-o] [optname ...]", "Switches further options of the shell."),
    ("source", "source filename [arguments]", "Runs the lines of a file in this shell."),
    ("suspend", "suspend [-f]", "Stops the shell until it is told to go on."),
    ("test", "test [expr]", "Tests files, texts and numbers."),
    ("time", "time [-p] pipeline", "Says how long a pipeline took."),
    ("times", "times", "Says how much time of the processor was used."),
    ("trap", "trap [-lp] [[arg] signal_spec ...]", "Sets what is run on a signal or at the end."),
    ("true", "true", "Does nothing, with success."),
    ("type", "type [-afptP] name [name ...]", "Says what a name stands for."),
    (
        "typeset",
        "typeset [-aAfFgiIlnrtux] name[=value] ... or typeset -p [-aAfFilnrtux] [name ...]",
        "The same as declare.",
    ),
    ("ulimit", "ulimit [-SHabcdefiklmnpqrstuvxPRT] [limit]", "Shows or sets limits of the shell and its programs."),
    ("umask", "umask [-p] [-S] [mode]", "Shows or sets which permissions new files do not get."),
    ("unalias", "unalias [-a] name [name ...]", "Removes aliases."),
    ("unset", "unset [-f] [-v] [-n] [name ...]", "Removes variables and functions."),
    ("until", "until COMMANDS; do COMMANDS-2; done", "Runs commands until others succeed."),
    ("variables", "variables - Names and meanings of some shell variables", "Variables with a meaning to the shell."),
    ("wait", "wait [-fn] [-p var] [id ...]", "Waits for processes to end."),
    ("while", "while COMMANDS; do COMMANDS-2; done", "Runs commands while others succeed."),
    ("{ ... }", "{ COMMANDS ; }", "Runs commands together in this shell."),
];

/// How wide the list of `help` is where no terminal says so.
const COLUMNS: usize = 80;

/// How a builtin is used, as it says itself after a wrong option.
#[must_use]
/// How a builtin is used.
pub fn usage(name: &str, version: Version) -> &'static str {
    let older = OLDER.iter().find(|(topic, newer, _)| *topic == name && version < *newer);
    let newest = || TOPICS.iter().find(|(topic, ..)| *topic == name).map(|(_, usage, _)| *usage);
    older.map(|(.., usage)| *usage).or_else(newest).unwrap_or_default()
}

/// The topics of this shell, each as its version has it.
fn topics(st: &Bash) -> impl Iterator<Item = Topic> + use<'_> {
    let there = |name: &str| ash::has(st, name) && (name != "coproc" || st.version().has(Feature::COPROC));
    let own = TOPICS.iter().filter(move |(name, ..)| there(name));
    own.map(|(name, _, about)| (*name, usage(name, st.version()), *about))
}

/// What `compgen -A helptopic` knows.
pub fn names(st: &Bash) -> impl Iterator<Item = &'static str> + use<'_> {
    topics(st).map(|(name, ..)| name)
}

/// The builtins of BusyBox, as its `help` lists them.
const ASH: &str = "\
Built-in commands:
------------------
\t. : [ [[ alias bg break cd chdir command continue echo eval exec
\texit export false fg getopts hash help history jobs kill let
\tlocal printf pwd read readonly return set shift source test times
\ttrap true type ulimit umask unalias unset wait
";

pub async fn help(sh: &mut Sh, words: Vec<String>) -> Run {
    if sh.is_ash() {
        sh.p.out(ASH).await?;
        return Ok(0);
    }
    let given = match sh.given(&words, "dms").await? {
        Ok(given) => given,
        Err(status) => return Ok(status),
    };
    if given.operands.is_empty() {
        let text = list(sh);
        sh.p.out(&text).await?;
        return Ok(0);
    }
    if pattern::is_magic(&given.operands[0]) {
        let several = if given.operands.len() > 1 { "s" } else { "" };
        let patterns = given.operands.join(", ");
        sh.p.out(&format!("Shell commands matching keyword{several} `{patterns}'\n\n")).await?;
    }
    let mut found = false;
    for operand in &given.operands {
        for (name, usage, about) in matching(&sh.st, operand) {
            found = true;
            sh.p.out(&topic(sh, &given, name, usage, about)).await?;
        }
    }
    if found {
        return Ok(0);
    }
    let last = given.operands.last().map_or("", String::as_str);
    let text = format!("no help topics match `{last}'.  Try `help help' or `man -k {last}' or `info {last}'.");
    sh.misused("help", &text, 1).await
}

/// What a builtin says of itself when it is asked to, which is no success.
pub fn told<'a>(sh: &'a mut Sh, builtin: &'static str) -> Later<'a> {
    Box::pin(async move {
        for (name, usage, about) in matching(&sh.st, builtin) {
            sh.p.out(&topic(sh, &Given::default(), name, usage, about)).await?;
        }
        Ok(2)
    })
}

/// The topics that a word names: the one of that name, those that fit its pattern, else those that begin so.
fn matching(st: &Bash, operand: &str) -> Vec<Topic> {
    let pattern = Pattern::new(operand, Options::default());
    let exact: Vec<Topic> = topics(st).filter(|(name, ..)| *name == operand).collect();
    if !exact.is_empty() {
        return exact;
    }
    let fits: Vec<Topic> = topics(st).filter(|(name, ..)| pattern.matches(name)).collect();
    if !fits.is_empty() {
        return fits;
    }
    topics(st).filter(|(name, ..)| name.starts_with(operand)).collect()
}

fn topic(sh: &Sh, given: &Given, name: &str, usage: &str, about: &str) -> String {
    if given.has('d') {
        return format!("{name} - {about}\n");
    }
    if given.has('s') {
        return format!("{name}: {usage}\n");
    }
    if given.has('m') {
        let version = sh.st.variable("BASH_VERSION").unwrap_or_default();
        let machine = sh.st.variable("MACHTYPE").unwrap_or_default();
        return format!(
            "NAME\n    {name} - {about}\n\nSYNOPSIS\n    {usage}\n\nDESCRIPTION\n    {about}\n\nSEE ALSO\n    \
             bash(1)\n\nIMPLEMENTATION\n    GNU bash, version {version} ({machine})\n\n"
        );
    }
    format!("{name}: {usage}\n    {about}\n")
}

/// All topics in two columns, each cut to its width with a `>` where it is longer.
fn list(sh: &Sh) -> String {
    let version = sh.st.variable("BASH_VERSION").unwrap_or_default();
    let machine = sh.st.variable("MACHTYPE").unwrap_or_default();
    let mut text = format!(
        "GNU bash, version {version} ({machine})\nWhat the shell does by itself, each with its usage; `help NAME' tells \
         of one.\n\nA star (*) next to a name means that the command is disabled.\n\n"
    );
    let columns = sh.st.variable("COLUMNS").and_then(|text| text.parse().ok()).unwrap_or(COLUMNS).clamp(40, 1000);
    let width = columns / 2;
    // The right column is one narrower.
    let cell = |(name, usage, _): &Topic, room: usize| {
        let star = if sh.st.disabled.contains(*name) { '*' } else { ' ' };
        if usage.len() >= room { format!("{star}{}>", &usage[..room - 1]) } else { format!("{star}{usage}") }
    };
    let all: Vec<Topic> = topics(&sh.st).collect();
    let (left, right) = all.split_at(all.len().div_ceil(2));
    for (at, topic) in left.iter().enumerate() {
        match right.get(at) {
            Some(right) => {
                text.push_str(&format!("{:<width$}{}\n", cell(topic, width - 2), cell(right, width - 3)));
            }
            None => text.push_str(&format!("{}\n", cell(topic, width - 2))),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_builtin_has_its_topic() {
        let without: Vec<&str> = super::super::BUILTINS
            .iter()
            .map(|builtin| builtin.name)
            .filter(|name| usage(name, Version::NEWEST).is_empty())
            .collect();
        assert!(without.is_empty(), "no usage for {}", without.join(" "));
    }
}
