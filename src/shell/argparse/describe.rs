//! A parser seen from outside: what others than `argparse` need to show help and completions of their own.

use super::spec::{Argument, Metavar, Parser};

impl Parser {
    /// Its name.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// What the parser says about itself.
    #[must_use]
    pub const fn about(&self) -> &'static str {
        match (self.description, self.help) {
            (Some(text), _) | (None, Some(text)) => text,
            (None, None) => "",
        }
    }

    /// The options that were declared, `-h` left out.
    pub fn options(&self) -> impl Iterator<Item = &'static Argument> + use<> {
        self.arguments.iter().filter(|argument| !argument.names.is_empty())
    }

    /// What could come next where `argv` has led: subcommands and option strings.
    #[must_use]
    pub fn completions(&'static self, argv: &[&str]) -> Vec<String> {
        let place = self.reached(argv);
        place.command_names().chain(place.option_names()).map(str::to_owned).collect()
    }
}

impl Argument {
    /// The longest of its option strings.
    #[must_use]
    pub fn longest_name(&self) -> &'static str {
        self.names.iter().copied().max_by_key(|name| name.len()).unwrap_or_default()
    }

    /// The name of its value.
    #[must_use]
    pub fn value_name(&self) -> &'static str {
        match self.metavar {
            Metavar::One(name) => name,
            Metavar::FromDest | Metavar::Each(_) => "STR",
        }
    }

    /// What is said about it.
    #[must_use]
    pub fn help_text(&self) -> &'static str {
        self.help.unwrap_or_default()
    }
}
