//! What a successful parse found: Python's `Namespace`, asked by destination.
//!
//! Destinations are given as Python spells them, or with `-` for `_`. As in Python, a subcommand's arguments hide those of the same
//! name in its parents, even when only its default speaks.

use super::spec::{Action, Argument, Parser};
use super::{Dialect, python};

/// The arguments of one command line.
#[derive(Clone, Debug)]
pub struct Parsed {
    pub(super) dialect: Dialect,
    /// The parsers that took part, the outermost first.
    pub(super) levels: Vec<&'static Parser>,
    pub(super) path: Vec<&'static str>,
    pub(super) taken: Vec<Taken>,
}

/// One argument met on the command line.
#[derive(Clone, Debug)]
pub(super) struct Taken {
    pub(super) level: usize,
    pub(super) argument: &'static Argument,
    pub(super) given: Given,
}

#[derive(Clone, Debug)]
pub(super) enum Given {
    /// A flag, or an option whose value was left away.
    Bare,
    One(String),
    Many(Vec<String>),
}

impl Parsed {
    /// The name of the parser, as it was declared.
    pub fn name(&self) -> &'static str {
        self.levels[0].name
    }

    /// The subcommands chosen, by their own names, the outermost first.
    pub fn command(&self) -> &[&'static str] {
        &self.path
    }

    /// Whether a flag is set. Other arguments count as set when they were given.
    pub fn flag(&self, dest: &str) -> bool {
        let (level, first) = match self.owner(dest) {
            Some(owner) => owner,
            None => return false,
        };
        match self.last(level, dest) {
            Some(taken) => !matches!(taken.argument.action, Action::SetFalse),
            None => matches!(first.action, Action::SetFalse),
        }
    }

    /// Whether it was given on the command line.
    pub fn is_present(&self, dest: &str) -> bool {
        self.owner(dest).is_some_and(|(level, _)| self.last(level, dest).is_some())
    }

    /// Its value or default; `None` where Python has `None` or a list.
    pub fn value(&self, dest: &str) -> Option<&str> {
        let (level, first) = self.owner(dest)?;
        let Some(taken) = self.last(level, dest) else {
            return first.default;
        };
        match &taken.given {
            Given::Bare => taken.argument.constant,
            Given::One(_) if matches!(taken.argument.action, Action::Append) => None,
            Given::One(value) => Some(value),
            Given::Many(_) => None,
        }
    }

    /// All its values, those of repeated `append` options one after another; its default when not given.
    pub fn values(&self, dest: &str) -> Vec<&str> {
        let Some((level, first)) = self.owner(dest) else {
            return Vec::new();
        };
        let all = self.all(level, dest);
        let mut values = Vec::new();
        for taken in all {
            if !matches!(taken.argument.action, Action::Append) {
                values.clear();
            }
            match &taken.given {
                Given::Bare => values.extend(taken.argument.constant),
                Given::One(value) => values.push(value.as_str()),
                Given::Many(given) => values.extend(given.iter().map(String::as_str)),
            }
        }
        if self.last(level, dest).is_none() {
            values.extend(first.default);
        }
        values
    }

    /// The number in its value, or how often a counted flag was given. Numbers are cut to what an `i64` holds.
    pub fn int(&self, dest: &str) -> Option<i64> {
        let (level, first) = self.owner(dest)?;
        let asked = self.last(level, dest).map_or(first, |taken| taken.argument);
        if !matches!(asked.action, Action::Count) {
            return python::int(self.value(dest)?, self.dialect);
        }
        let start = first.default.and_then(|text| python::int(text, self.dialect));
        match self.all(level, dest).count() {
            0 => start,
            count => Some(start.unwrap_or(0) + count as i64),
        }
    }

    /// The innermost level that has such an argument, and its first declaration there, whose default counts.
    fn owner(&self, dest: &str) -> Option<(usize, &'static Argument)> {
        let levels = self.levels.iter().enumerate().rev();
        let found = levels
            .filter_map(|(level, parser)| {
                let first = parser.arguments.iter().find(|argument| argument.keeps(dest));
                first.map(|argument| (level, argument))
            })
            .next();
        debug_assert!(
            found.is_some() || declares(self.levels[0], dest),
            "{} has no argument called {dest}",
            self.levels[0].name
        );
        found
    }

    fn all(&self, level: usize, dest: &str) -> impl DoubleEndedIterator<Item = &Taken> {
        let fits = move |taken: &&Taken| taken.level == level && taken.argument.keeps(dest);
        self.taken.iter().filter(fits)
    }

    fn last(&self, level: usize, dest: &str) -> Option<&Taken> {
        self.all(level, dest).next_back()
    }
}

/// Whether the parser or one of its subcommands, at any depth, has an argument of that name.
fn declares(parser: &'static Parser, dest: &str) -> bool {
    parser.arguments.iter().any(|argument| argument.keeps(dest))
        || parser.subparsers().iter().any(|sub| declares(sub, dest))
}
