//! How a parser ends the program: errors below its usage, with the names that Python gives to arguments.
//!
//! Source of truth: the interpreters' texts.

use super::help::Page;
use super::parse::Run;
use super::spec::{Argument, Metavar, Parser};
use super::{Dialect, Stop, python, usage};

impl Run<'_> {
    pub(super) fn ignored(&self, argument: &'static Argument, value: &str) -> Stop {
        let value = python::repr(value, self.dialect, false);
        self.argument_error(argument, &format!("ignored explicit argument {value}"))
    }

    pub(super) fn ambiguous(
        &self,
        parser: &'static Parser,
        word: &str,
        fitting: &[((&'static str, &'static Argument), Option<&str>)],
    ) -> Stop {
        let mut names: Vec<&str> = fitting.iter().map(|((name, _), _)| *name).collect();
        if self.dialect == Dialect::Python27 {
            let all: Vec<&str> = parser.option_strings().map(|(name, _)| name).collect();
            let walk = python::python2_dict_order(&all).into_iter().map(|index| all[index]);
            names = walk.filter(|name| names.contains(name)).collect();
        }
        self.error(&format!("ambiguous option: {word} could match {}", names.join(", ")))
    }

    /// Shows something with the page of the parser at work, whose program name is made up of the parsers above it.
    pub(super) fn with_page<T>(&self, show: impl FnOnce(&Page) -> T) -> T {
        let levels = &self.parsed.levels[..=self.depth];
        let mut prog = levels[0].prog.unwrap_or(levels[0].name).to_owned();
        for pair in levels.windows(2) {
            prog = match pair[1].prog {
                Some(prog) => prog.to_owned(),
                None => format!("{} {}", usage::prog_prefix(&self.page(pair[0], &prog)), pair[1].name),
            };
        }
        show(&self.page(levels[self.depth], &prog))
    }

    pub(super) fn page<'p>(&self, parser: &'static Parser, prog: &'p str) -> Page<'p> {
        Page { parser, prog, dialect: self.dialect, columns: self.columns }
    }

    pub(super) fn argument_error(&self, argument: &'static Argument, message: &str) -> Stop {
        match action_name(argument, self.dialect) {
            Some(name) => self.error(&format!("argument {name}: {message}")),
            None => self.error(message),
        }
    }

    pub(super) fn error(&self, message: &str) -> Stop {
        self.with_page(|page| error(page, message))
    }
}

impl Parser {
    /// The end of a program that does not like what its parser took: an error below the usage, as of `parser.error`.
    #[must_use]
    pub fn complaint(&'static self, dialect: Dialect, columns: usize, message: &str) -> Stop {
        error(&Page { parser: self, prog: self.prog.unwrap_or(self.name), dialect, columns }, message)
    }
}

fn error(page: &Page, message: &str) -> Stop {
    Stop {
        status: 2,
        stdout: String::new(),
        stderr: format!("{}{}: error: {message}\n", usage::usage(page), page.prog),
    }
}

/// How errors call an argument; a set of subcommands has a name only if it was given one, or on newer Pythons.
pub(super) fn action_name(argument: &'static Argument, dialect: Dialect) -> Option<String> {
    if argument.is_option() {
        return Some(argument.names.join("/"));
    }
    match (&argument.metavar, argument.dest) {
        (Metavar::One(name), _) => Some((*name).to_owned()),
        (_, Some(dest)) => Some(dest.to_owned()),
        _ if dialect == Dialect::Python311 => Some(format!("{{{}}}", argument.all_choices().join(","))),
        _ => None,
    }
}
