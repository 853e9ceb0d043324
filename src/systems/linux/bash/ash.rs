//! The shell of BusyBox as it is on ESXi: what this bash must forget to be an ash. It reads the same grammar, refuses what
//! ash does not know, has fewer builtins and says things in its own words. Its truth is BusyBox 1.35 when asked, except that
//! older ones name no reason where `cd` fails; releases of ESXi have 1.20 to 1.29, so all of it counts as inferred.

mod refuse;

use crate::bash::version::Feature;
use std::borrow::Cow;

use super::super::fs::Errno;
use super::super::proc::Mode;
use super::builtins::{self, Builtin};
use super::{Flow, Sh};
use crate::bash::parse::{Failure, Read, SyntaxError};
use crate::bash::quote;
use crate::systems::linux::distro::Dialect;
use crate::systems::linux::model::bash::Bash;

/// Builtins of bash that ash has not.
const LACKS: [&str; 19] = [
    "bind",
    "builtin",
    "caller",
    "compgen",
    "complete",
    "compopt",
    "declare",
    "dirs",
    "disown",
    "enable",
    "fc",
    "logout",
    "mapfile",
    "popd",
    "pushd",
    "readarray",
    "shopt",
    "suspend",
    "typeset",
];

/// What bash says, and what ash says in its place; `{}` stands for the same text in both. What begins with `!` the applet says
/// for itself, what begins with `=` stands alone.
const WORDS: [(&str, &str); 44] = [
    ("kill: ({}) - No such process", "!can't kill pid {}: No such process"),
    ("kill: ({}) - Operation not permitted", "!can't kill pid {}: Operation not permitted"),
    ("kill: {}: invalid signal specification", "!bad signal name '{}'"),
    ("kill: {}: arguments must be process or job IDs", "!invalid number '{}'"),
    ("read: `{}': not a valid identifier", "!read: '{}': bad variable name"),
    ("ulimit: {}: invalid number", "!invalid number '{}'"),
    ("test: {}: integer expression expected", "!{}: bad number"),
    ("[: {}: integer expression expected", "!{}: bad number"),
    ("[: missing `]'", "!missing ]"),
    ("test: {}: binary operator expected", "!{}: unknown operand"),
    ("[: {}: binary operator expected", "!{}: unknown operand"),
    ("printf: {}: invalid format", "!{}: invalid format"),
    ("printf: {}: invalid number", "!invalid number '{}'"),
    ("alias: {}: not found", "=alias: {} not found"),
    ("unalias: {}: not found", "=unalias: {} not found"),
    ("unset: {}: cannot unset: readonly variable", "unset: {}: is read only"),
    ("unset: `{}': not a valid identifier", "unset: {}: bad variable name"),
    ("bg: current: no such job", "bg: No current job"),
    ("wait: `{}': not a pid or valid job spec", "wait: Illegal number: {}"),
    ("umask: {}: octal number out of range", "umask: illegal mode: {}"),
    ("return: {}: numeric argument required", "return: Illegal number: {}"),
    ("break: {}: numeric argument required", "break: Illegal number: {}"),
    ("continue: {}: numeric argument required", "continue: Illegal number: {}"),
    ("{}: command not found", "{}: not found"),
    ("cd: {}: No such file or directory", "cd: can't cd to {}"),
    ("cd: {}: Not a directory", "cd: can't cd to {}"),
    ("cd: {}: Permission denied", "cd: can't cd to {}"),
    ("{}: readonly variable", "{}: is read only"),
    ("{}: cannot overwrite existing file", "can't create {}: File exists"),
    ("{}: unbound variable", "{}: parameter not set"),
    ("{}: parameter null or not set", "{}: parameter not set or null"),
    ("{}: bad substitution", "syntax error: bad substitution"),
    ("local: can only be used in a function", "local: not in a function"),
    ("exit: {}: numeric argument required", "exit: Illegal number: {}"),
    ("shift: {}: numeric argument required", "shift: Illegal number: {}"),
    ("{}: cannot assign in this way", "{}: bad variable name"),
    ("getopts: `{}': not a valid identifier", "getopts: {}: bad variable name"),
    ("export: `{}': not a valid identifier", "export: {}: bad variable name"),
    ("fg: current: no such job", "fg: No current job"),
    ("unexpected EOF while looking for matching `\"'", "syntax error: unterminated quoted string"),
    ("unexpected EOF while looking for matching `''", "syntax error: unterminated quoted string"),
    ("unexpected EOF while looking for matching `)'", "syntax error: unexpected end of file (expecting \")\")"),
    ("unexpected EOF while looking for matching `}'", "syntax error: missing '}'"),
    ("unexpected EOF while looking for matching ``'", "syntax error: EOF in backquote substitution"),
];

/// Words that ash names when they stand where they must not; of any other it says that it is a word.
const RESERVED: [&str; 17] = [
    "!", "case", "do", "done", "elif", "else", "esac", "fi", "for", "if", "in", "then", "until", "while", "{", "}",
    "function",
];

impl Sh {
    /// Whether it is an ash.
    pub(super) fn is_ash(&self) -> bool {
        self.st.dialect == Dialect::Ash
    }

    /// The builtin of a name, where this shell has it.
    pub(super) fn builtin(&self, name: &str) -> Option<&'static Builtin> {
        match name {
            "chdir" if self.is_ash() => builtins::find("cd"),
            name if has(&self.st, name) && !self.st.disabled.contains(name) => builtins::find(name),
            _ => None,
        }
    }

    /// A complaint of a shell that is an ash, as it stands on the screen.
    pub(super) fn ash_line(&self, text: &str, builtin: bool) -> String {
        let words = reworded(text);
        let applet = words.strip_prefix('!').filter(|said| !said.starts_with(['!', ':']));
        match (applet, words.strip_prefix('=')) {
            (Some(said), _) => return format!("sh: {said}\n"),
            (_, Some(said)) => return format!("{said}\n"),
            _ => {}
        }
        if words == "syntax error: bad substitution" && !self.st.interactive && self.behind > 0 {
            // It has read the whole line by then.
            return format!("{}: line {}: {words}\n", self.speaker().0, self.behind);
        }
        // The number of the line stands behind the name of the builtin.
        let (name, said) = words.split_once(": ").unwrap_or_default();
        match self.speaker() {
            (_, Some(line)) if self.builtin(name).is_some() => {
                format!("{}: {name}: line {line}: {said}\n", self.st.name)
            }
            (file, Some(line)) if file != self.st.name => format!("{}: {file}: line {line}: {words}\n", self.st.name),
            _ => format!("{}{words}\n", self.prefix(builtin)),
        }
    }

    /// What is wrong ends an ash that runs by itself, at a keyboard the line.
    pub(super) fn raise(&mut self) -> Flow {
        self.st.status = 2;
        if self.st.interactive { Flow::Abort(2) } else { Flow::Exit(2) }
    }

    /// A word as a trace of this shell shows it.
    pub(super) fn traced(&self, text: &str) -> String {
        if !self.is_ash() {
            return quote::trace_quote(text);
        }
        let plain = |c: char| matches!(c, '+'..=':' | '@'..='Z' | ']'..='_' | 'a'..='z');
        if text.chars().all(plain) { text.to_owned() } else { quote::single_quote(text) }
    }

    /// Why a file that a redirection names was not opened.
    pub(super) fn unopened(&self, path: &str, mode: Mode, errno: Errno) -> String {
        if !self.is_ash() {
            return format!("{path}: {}", errno.text());
        }
        let (what, missing) =
            if mode == Mode::Read { ("open", "no such file") } else { ("create", "nonexistent directory") };
        let why = if matches!(errno, Errno::Noent | Errno::Notdir) { missing } else { errno.text() };
        format!("can't {what} {path}: {why}")
    }

    /// Why a file is not read as commands.
    pub(super) fn unsourced(&self, name: &str, path: &str, errno: Errno) -> String {
        let why = errno.text();
        match self.is_ash() {
            false => format!("{path}: {why}"),
            true if path.contains('/') => format!("{name}: can't open '{path}': {why}"),
            // Without a path it is looked for along PATH alone.
            true => format!("{name}: {path}: not found"),
        }
    }

    /// Why the file of a program cannot be run.
    pub(super) fn unrunnable(&self, errno: Errno) -> &'static str {
        match errno {
            Errno::Noent | Errno::Notdir if self.is_ash() => "not found",
            Errno::Isdir if self.is_ash() => Errno::Acces.text(),
            errno => errno.text(),
        }
    }

    /// What was read, as this shell reads it.
    pub(super) fn as_read(&self, read: Result<Read, Failure>) -> Result<Read, Failure> {
        if !self.is_ash() {
            return read;
        }
        let expecting = |error: &SyntaxError| match error.expecting {
            Some("a name") => Some("syntax error: bad for loop variable".to_owned()),
            Some(what) => Some(format!("{} (expecting \"{what}\")", reworded(&error.message))),
            None => None,
        };
        let own = |error: SyntaxError| {
            let message = expecting(&error).unwrap_or_else(|| reworded(&error.message).into_owned());
            // The end of a line was read when it stands where it must not.
            let line = error.line + u32::from(message.starts_with("syntax error: unexpected newline"));
            SyntaxError { message, source: None, line, ..error }
        };
        match read {
            Ok(mut read) => match refuse::check(&mut read.script) {
                Ok(()) => Ok(read),
                Err(message) => {
                    Err(Failure::Wrong(SyntaxError { line: read.line, message, source: None, expecting: None }))
                }
            },
            Err(Failure::Incomplete(error, stop)) => Err(Failure::Incomplete(own(error), stop)),
            Err(Failure::Wrong(error)) => Err(Failure::Wrong(own(error))),
        }
    }
}

/// Whether a shell has what is a builtin of the newest bash.
pub(super) fn has(st: &Bash, name: &str) -> bool {
    match (st.dialect, name) {
        (Dialect::Ash, name) => !LACKS.contains(&name),
        (Dialect::Bash, "compopt" | "mapfile" | "readarray") => st.version().has(Feature::MAPFILE),
        _ => true,
    }
}

fn reworded(text: &str) -> Cow<'_, str> {
    if text.contains(" (error token is ") {
        let what = if text.contains("division by 0") { "divide by zero" } else { "arithmetic syntax error" };
        return if text.starts_with("let: ") { Cow::Owned(format!("let: {what}")) } else { Cow::Borrowed(what) };
    }
    if let Some(token) =
        text.strip_prefix("syntax error near unexpected token `").and_then(|rest| rest.strip_suffix('\''))
    {
        return Cow::Owned(unexpected(token));
    }
    if let Some((before, option)) = text.strip_suffix(": invalid option").and_then(|text| text.rsplit_once(": ")) {
        let sign: String = option.chars().take(2).collect();
        return Cow::Owned(format!("{before}: illegal option {sign}"));
    }
    if let Some((before, option)) =
        text.strip_suffix(": option requires an argument").and_then(|text| text.rsplit_once(": "))
    {
        return Cow::Owned(format!("{before}: no arg for {option} option"));
    }
    for (theirs, ours) in WORDS {
        let (before, after) = theirs.split_once("{}").unwrap_or((theirs, ""));
        let held = text.strip_prefix(before).and_then(|rest| rest.strip_suffix(after));
        if let Some(held) = held.filter(|held| theirs.contains("{}") || held.is_empty()) {
            if held.is_empty() && ours == "!{}: bad number" {
                return Cow::Borrowed("!bad number");
            }
            // Of an assignment, the name.
            let held = if theirs.ends_with("in this way") { held.trim_start_matches('$') } else { held };
            let held = if theirs.starts_with("export") { held.split('=').next().unwrap_or(held) } else { held };
            return Cow::Owned(ours.replacen("{}", held, 1));
        }
    }
    Cow::Borrowed(text)
}

/// What ash says of a token where it must not stand.
fn unexpected(token: &str) -> String {
    let what = match token {
        "newline" => token.to_owned(),
        "((" => "\"(\"".to_owned(),
        op if op.starts_with(['<', '>']) => "redirection".to_owned(),
        op if op.starts_with(['(', ')', '|', '&', ';']) => format!("\"{op}\""),
        word if RESERVED.contains(&word) => format!("\"{word}\""),
        _ => "word".to_owned(),
    };
    format!("syntax error: unexpected {what}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn complaints_are_in_the_words_of_ash() {
        let check = |bash: &str, expect: &str| assert_eq!(reworded(bash), expect, "{bash}");
        check("foo: command not found", "foo: not found");
        check("cd: /nope: No such file or directory", "cd: can't cd to /nope");
        check("r: readonly variable", "r: is read only");
        check("nn: unbound variable", "nn: parameter not set");
        check("${a[0]}: bad substitution", "syntax error: bad substitution");
        check("1/0: division by 0 (error token is \"0\")", "divide by zero");
        check("1+: syntax error: operand expected (error token is \"+\")", "arithmetic syntax error");
        check("syntax error near unexpected token `)'", "syntax error: unexpected \")\"");
        check("syntax error near unexpected token `done'", "syntax error: unexpected \"done\"");
        check("syntax error near unexpected token `echo'", "syntax error: unexpected word");
        check("syntax error near unexpected token `newline'", "syntax error: unexpected newline");
        check("syntax error near unexpected token `&>>'", "syntax error: unexpected \"&>>\"");
        check("syntax error near unexpected token `>'", "syntax error: unexpected redirection");
        check("syntax error: unexpected end of file", "syntax error: unexpected end of file");
        check("unexpected EOF while looking for matching `\"'", "syntax error: unterminated quoted string");
        check("unexpected EOF while looking for matching `''", "syntax error: unterminated quoted string");
        check("unexpected EOF while looking for matching ``'", "syntax error: EOF in backquote substitution");
        check("unexpected EOF while looking for matching `}'", "syntax error: missing '}'");
        check("umask: 9: octal number out of range", "umask: illegal mode: 9");
        check("cd: -x: invalid option", "cd: illegal option -x");
        check("set: +q: invalid option", "set: illegal option +q");
        check("hash: -p: option requires an argument", "hash: no arg for -p option");
        check("unset: r: cannot unset: readonly variable", "unset: r: is read only");
        check("alias: x: not found", "=alias: x not found");
        check("kill: (9) - No such process", "!can't kill pid 9: No such process");
    }

    #[test]
    fn what_ash_lacks_are_builtins_of_bash() {
        for name in LACKS {
            assert!(builtins::find(name).is_some(), "{name}");
        }
        assert!(builtins::find("chdir").is_none());
    }
}
