//! The help text of a parser: usage, description, arguments under their headings, epilog.
//!
//! Source of truth: what the interpreters print. Python reads a text as a format only where it contains `%(prog)`, but every help
//! text of an argument; unknown `%` sequences, which end in a traceback there, stay as they are here.

use super::spec::{Action, Argument, Layout, Metavar, Nargs, Parser};
use super::wrap::{is_blank, wrap};
use super::{Dialect, usage};

/// A parser about to be shown: with its full program name, for one Python and one terminal.
#[derive(Clone, Copy)]
pub(super) struct Page<'a> {
    pub(super) parser: &'static Parser,
    pub(super) prog: &'a str,
    pub(super) dialect: Dialect,
    /// The terminal's columns, of which Python leaves two free.
    pub(super) columns: usize,
}

/// Column where the help of arguments begins at most.
const HELP_POSITION: usize = 24;
/// Text is never squeezed into less than this.
const LEAST_WIDTH: usize = 11;

impl Page<'_> {
    pub(super) fn width(&self) -> usize {
        self.columns.saturating_sub(2)
    }

    /// All that `--help` prints.
    pub(super) fn help(&self) -> String {
        let parser = self.parser;
        let mut out = usage::usage(self) + "\n";
        push_text(&mut out, self, parser.description, 0);
        let listed = || parser.actions().filter(|argument| argument.section.is_none());
        let options = match self.dialect {
            Dialect::Python311 => "options",
            _ => "optional arguments",
        };
        self.section(&mut out, "positional arguments", None, listed().filter(|argument| !argument.is_option()));
        self.section(&mut out, options, None, listed().filter(|argument| argument.is_option()));
        for section in parser.sections {
            let members = parser.actions().filter(|argument| argument.section == Some(section.title));
            self.section(&mut out, section.title, section.description, members);
        }
        push_text(&mut out, self, parser.epilog, 0);
        tidy(&out)
    }

    /// What the version action prints.
    pub(super) fn version(&self, text: &'static str) -> String {
        let mut out = String::new();
        push_text(&mut out, self, Some(text), 0);
        tidy(&out)
    }

    fn section(
        &self,
        out: &mut String,
        title: &str,
        description: Option<&'static str>,
        members: impl Iterator<Item = &'static Argument> + Clone,
    ) {
        let mut body = String::new();
        push_text(&mut body, self, description, 2);
        let position = self.help_position();
        for argument in members.filter(|argument| !argument.hidden) {
            self.entry(&mut body, 2, position, &invocation(argument, self.dialect), argument.help, Some(argument));
            if let Action::Subcommands(parsers) = argument.action {
                for sub in parsers.iter().filter(|sub| sub.help.is_some()) {
                    self.entry(&mut body, 4, position, &command_invocation(sub), sub.help, None);
                }
            }
        }
        if !body.is_empty() {
            out.extend(["\n", title, ":\n", &body, "\n"]);
        }
    }

    /// The column of the help texts: behind the longest invocation, within limits. A subcommand's deeper indent does not count.
    fn help_position(&self) -> usize {
        let length = |argument: &Argument| {
            let own = invocation(argument, self.dialect).chars().count();
            let subcommands = match argument.action {
                Action::Subcommands(parsers) => parsers,
                _ => &[],
            };
            let listed = subcommands.iter().filter(|sub| sub.help.is_some());
            listed.map(|sub| command_invocation(sub).chars().count()).fold(own, usize::max)
        };
        let shown = self.parser.actions().filter(|argument| !argument.hidden);
        let longest = shown.map(length).max().map_or(0, |length| length + 2);
        let most = HELP_POSITION.min(self.width().saturating_sub(20).max(4));
        most.min(longest + 2)
    }

    fn entry(
        &self,
        out: &mut String,
        indent: usize,
        position: usize,
        header: &str,
        help: Option<&str>,
        argument: Option<&Argument>,
    ) {
        let blank = |out: &mut String, count: usize| (0..count).for_each(|_| out.push(' '));
        let room = position.saturating_sub(indent + 2);
        let length = header.chars().count();
        blank(out, indent);
        out.push_str(header);
        let Some(help) = help.filter(|help| !help.trim_matches(is_blank).is_empty()) else {
            out.push('\n');
            return;
        };
        let beside = position >= indent + 2 && length <= room;
        if beside {
            blank(out, room - length + 2);
        } else {
            out.push('\n');
        }
        for (index, line) in self.help_lines(help, position, argument).iter().enumerate() {
            blank(out, if beside && index == 0 { 0 } else { position });
            out.extend([line, "\n"]);
        }
    }

    fn help_lines(&self, help: &str, position: usize, argument: Option<&Argument>) -> Vec<String> {
        let mut text = help.to_owned();
        if let Some(argument) = argument
            && self.parser.layout == Layout::Defaults
            && !help.contains("%(default)")
            && !matches!(argument.action, Action::Help | Action::Version(_) | Action::Subcommands(_))
            && (argument.is_option() || matches!(argument.nargs, Nargs::Optional | Nargs::Any))
        {
            text.push_str(" (default: %(default)s)");
        }
        let text = expand(&text, |key| self.parameter(key, argument));
        match self.parser.layout {
            Layout::RawText => text.lines().map(str::to_owned).collect(),
            _ => wrap(&text, self.width().saturating_sub(position).max(LEAST_WIDTH), self.dialect),
        }
    }

    /// The value of `%(key)s` in the help of an argument, or of a subcommand.
    fn parameter(&self, key: &str, argument: Option<&Argument>) -> Option<String> {
        if key == "prog" {
            return Some(self.prog.to_owned());
        }
        let argument = argument?;
        let or_none = |text: Option<&str>| Some(text.unwrap_or("None").to_owned());
        match key {
            "default" => match argument.action {
                Action::SetTrue => or_none(Some("False")),
                Action::SetFalse => or_none(Some("True")),
                _ => or_none(argument.default),
            },
            "const" => or_none(argument.constant),
            "dest" => Some(argument.python_dest()),
            "metavar" => match argument.metavar {
                Metavar::One(name) => or_none(Some(name)),
                _ => or_none(None),
            },
            "type" => or_none(argument.kind.name()),
            "choices" => Some(argument.all_choices().join(", ")),
            _ => None,
        }
    }
}

/// Collapses empty lines and ends with exactly one newline, unless there is nothing to show.
fn tidy(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for line in text.trim_matches('\n').split('\n') {
        if !(line.is_empty() && out.ends_with("\n\n")) {
            out.extend([line, "\n"]);
        }
    }
    if out == "\n" { String::new() } else { out }
}

/// Adds a description, an epilog or a version, and an empty line.
fn push_text(out: &mut String, page: &Page, text: Option<&'static str>, indent: usize) {
    let Some(text) = text else { return };
    let expanded = if text.contains("%(prog)") {
        expand(text, |key| (key == "prog").then(|| page.prog.to_owned()))
    } else {
        text.to_owned()
    };
    let margin = " ".repeat(indent);
    if matches!(page.parser.layout, Layout::RawDescription | Layout::RawText) {
        expanded.split_inclusive('\n').for_each(|line| out.extend([&margin, line]));
    } else {
        let width = page.width().saturating_sub(indent).max(LEAST_WIDTH) - indent;
        let lines = wrap(&expanded, width, page.dialect);
        let lines: Vec<String> = lines.iter().map(|line| format!("{margin}{line}")).collect();
        out.push_str(&lines.join("\n"));
    }
    out.push_str("\n\n");
}

/// Python's `%` with a dictionary: `%(key)s`, `%(key)d`, `%(key)r` and `%%`.
pub(super) fn expand(text: &str, value: impl Fn(&str) -> Option<String>) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('%') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let key = rest.strip_prefix("%(").and_then(|tail| tail.split_once(')'));
        let known = key.and_then(|(key, tail)| Some((value(key)?, tail.strip_prefix(['s', 'd'])?)));
        if let Some((value, tail)) = known {
            out.push_str(&value);
            rest = tail;
        } else {
            out.push('%');
            rest = rest.strip_prefix("%%").unwrap_or(&rest[1..]);
        }
    }
    out + rest
}

/// How an argument is written in the list of arguments: all its option strings, each with its values.
fn invocation(argument: &Argument, dialect: Dialect) -> String {
    if !argument.is_option() {
        return metavars(argument, 1).concat();
    }
    let values = match argument.nargs {
        Nargs::Exactly(0) => String::new(),
        _ => format!(" {}", values(argument, dialect)),
    };
    let forms: Vec<String> = argument.names.iter().map(|name| format!("{name}{values}")).collect();
    forms.join(", ")
}

fn command_invocation(sub: &Parser) -> String {
    match sub.aliases {
        [] => sub.name.to_owned(),
        aliases => format!("{} ({})", sub.name, aliases.join(", ")),
    }
}

/// The names of `count` values of an argument.
fn metavars(argument: &Argument, count: usize) -> Vec<String> {
    let name = match argument.metavar {
        Metavar::Each(names) => return names.iter().map(|name| (*name).to_owned()).collect(),
        Metavar::One(name) => name.to_owned(),
        Metavar::FromDest => {
            let choices = argument.all_choices();
            if !choices.is_empty() {
                format!("{{{}}}", choices.join(","))
            } else if argument.is_option() {
                argument.python_dest().to_uppercase()
            } else {
                argument.python_dest()
            }
        }
    };
    vec![name; count]
}

/// The values of an argument as usage and help write them.
pub(super) fn values(argument: &Argument, dialect: Dialect) -> String {
    let one = || metavars(argument, 1).concat();
    if matches!(argument.action, Action::Subcommands(_)) {
        return format!("{} ...", one());
    }
    match argument.nargs {
        Nargs::One => one(),
        Nargs::Optional => format!("[{}]", one()),
        Nargs::Any => match (&metavars(argument, 2)[..], dialect, &argument.metavar) {
            ([first, ..], Dialect::Python311, Metavar::One(_) | Metavar::FromDest) => {
                format!("[{first} ...]")
            }
            (names, ..) => format!("[{} [{} ...]]", names[0], names[names.len() - 1]),
        },
        Nargs::Several => {
            let names = metavars(argument, 2);
            format!("{} [{} ...]", names[0], names[names.len() - 1])
        }
        Nargs::Remainder => "...".to_owned(),
        Nargs::Exactly(count) => metavars(argument, count).join(" "),
    }
}
