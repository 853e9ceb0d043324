//! Whether the words of an argument are of the right kind, among its choices and allowed beside the others.
//!
//! Source of truth: the interpreters' behaviour. Values that Python holds as the very object of the default do not count as given.

use super::Stop;
use super::parse::{Level, Run, contains};
use super::python;
use super::spec::{Action, Argument, Kind, Nargs, Parser};
use super::stop::action_name;

impl Run<'_> {
    /// Checks words against kind and choices. Says whether the value is the default, in Python even the same object.
    pub(super) fn check_words(
        &self,
        parser: &'static Parser,
        argument: &'static Argument,
        words: &[&str],
    ) -> Result<bool, Stop> {
        let choose = |word: &str| self.check_choice(parser, argument, word);
        if matches!(argument.action, Action::Subcommands(_)) {
            choose(words[0])?;
            return Ok(false);
        }
        if words.is_empty() && argument.nargs == Nargs::Optional {
            let fallback = if argument.is_option() { argument.constant } else { argument.default };
            let Some(word) = fallback.filter(|_| !matches!(argument.kind, Kind::Int)) else {
                return Ok(fallback == argument.default);
            };
            self.check_kind(argument, word)?;
            choose(word)?;
            return Ok(fallback == argument.default && matches!(argument.kind, Kind::Str));
        }
        if words.is_empty() && argument.nargs == Nargs::Any && !argument.is_option() {
            match argument.default {
                Some(word) => choose(word)?,
                None if argument.choices.is_empty() => {}
                None => return Err(self.invalid_choice(parser, argument, "[]")),
            }
            return Ok(argument.default.is_some());
        }
        for word in words {
            self.check_kind(argument, word)?;
        }
        if argument.nargs != Nargs::Remainder {
            words.iter().try_for_each(|word| choose(word))?;
        }
        let single = matches!(argument.nargs, Nargs::One | Nargs::Optional);
        Ok(single && words.len() == 1 && self.is_same_object(argument, words[0]))
    }

    /// Whether Python holds a word and the default as one object: it does so for small numbers and single letters. Such a value does not
    /// exclude others.
    pub(super) fn is_same_object(&self, argument: &'static Argument, word: &str) -> bool {
        let Some(default) = argument.default else {
            return false;
        };
        match argument.kind {
            Kind::Int => {
                let value = python::int(word, self.dialect);
                value == python::int(default, self.dialect) && value.is_some_and(|value| (-5..=256).contains(&value))
            }
            Kind::Str => word == default && word.len() <= 1,
            Kind::Float | Kind::Custom(..) => false,
        }
    }

    pub(super) fn check_kind(&self, argument: &'static Argument, word: &str) -> Result<(), Stop> {
        let verdict = match argument.kind {
            Kind::Str => Ok(()),
            Kind::Int => python::int(word, self.dialect).map(drop).ok_or(None),
            Kind::Float => {
                if python::is_float(word, self.dialect) {
                    Ok(())
                } else {
                    Err(None)
                }
            }
            Kind::Custom(_, check) => check(word),
        };
        verdict.map_err(|said| {
            let name = argument.kind.name().unwrap_or_default();
            let message =
                said.unwrap_or_else(|| format!("invalid {name} value: {}", python::repr(word, self.dialect, false)));
            self.argument_error(argument, &message)
        })
    }

    pub(super) fn check_choice(
        &self,
        parser: &'static Parser,
        argument: &'static Argument,
        word: &str,
    ) -> Result<(), Stop> {
        let number = |text: &str| python::int(text, self.dialect);
        let is_int = matches!(argument.kind, Kind::Int);
        let fits = match argument.action {
            Action::Subcommands(parsers) => parsers.iter().any(|sub| sub.answers_to(word)),
            _ if argument.choices.is_empty() => true,
            _ if is_int => argument.choices.iter().any(|choice| number(choice) == number(word)),
            _ => argument.choices.contains(&word),
        };
        if fits {
            return Ok(());
        }
        let shown = match number(word) {
            Some(number) if is_int => number.to_string(),
            _ => python::repr(word, self.dialect, false),
        };
        Err(self.invalid_choice(parser, argument, &shown))
    }

    pub(super) fn invalid_choice(&self, parser: &'static Parser, argument: &'static Argument, shown: &str) -> Stop {
        let repr = |choice: &&str| match argument.kind {
            Kind::Int => (*choice).to_owned(),
            _ => python::repr(choice, self.dialect, parser.unicode_literals),
        };
        let choices: Vec<String> = argument.all_choices().iter().map(repr).collect();
        let message = format!("invalid choice: {shown} (choose from {})", choices.join(", "));
        self.argument_error(argument, &message)
    }

    pub(super) fn check_exclusive(&self, level: &Level, argument: &'static Argument) -> Result<(), Stop> {
        let Some(group) = argument.exclusive else {
            return Ok(());
        };
        let mut members = level.parser.members(group).filter(|member| !std::ptr::eq(*member, argument));
        match members.find(|member| contains(&level.present, member)) {
            Some(other) => {
                let name = action_name(other, self.dialect).unwrap_or_default();
                Err(self.argument_error(argument, &format!("not allowed with argument {name}")))
            }
            None => Ok(()),
        }
    }
}
