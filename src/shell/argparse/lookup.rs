//! What a declaration says when asked: its option strings and subcommands in order, destinations, what is required.
//!
//! Source of truth: how Python derives destinations and requirements from the keyword arguments.

use super::spec::{Action, Argument, Kind, Nargs, Parser};

static HELP: [Argument; 1] = [Argument::help_flag(&["-h", "--help"]).help("show this help message and exit")];

impl Parser {
    /// All arguments in the order of declaration, `-h` included.
    pub(super) fn actions(&'static self) -> impl DoubleEndedIterator<Item = &'static Argument> + Clone {
        HELP[..usize::from(self.add_help)].iter().chain(self.arguments)
    }

    /// The members of an exclusive group, in order.
    pub(super) fn members(&self, group: &'static str) -> impl Iterator<Item = &'static Argument> + use<> {
        self.arguments.iter().filter(move |argument| argument.exclusive == Some(group))
    }

    /// Every option string with its argument, in the order of declaration.
    pub(super) fn option_strings(&'static self) -> impl Iterator<Item = (&'static str, &'static Argument)> {
        self.actions().flat_map(|argument| argument.names.iter().map(move |name| (*name, argument)))
    }

    /// The subcommands, if it has any.
    pub(super) fn subparsers(&self) -> &'static [Parser] {
        let find = |argument: &Argument| match argument.action {
            Action::Subcommands(parsers) => Some(parsers),
            _ => None,
        };
        self.arguments.iter().find_map(find).unwrap_or(&[])
    }

    /// The option strings that completion may offer, hidden ones left out.
    pub fn option_names(&'static self) -> impl Iterator<Item = &'static str> {
        self.option_strings().filter(|(_, argument)| !argument.hidden).map(|(name, _)| name)
    }

    /// The names of its subcommands, without aliases.
    pub fn command_names(&self) -> impl Iterator<Item = &'static str> + use<> {
        self.subparsers().iter().map(|parser| parser.name)
    }

    /// The parser that the words typed so far lead to: itself, or the subcommand chosen last.
    pub fn reached<S: AsRef<str>>(&'static self, argv: &[S]) -> &'static Parser {
        let mut parser = self;
        let mut words = argv.iter().map(AsRef::as_ref);
        while let Some(word) = words.next() {
            if let Some((_, option)) = parser.option_strings().find(|(name, _)| *name == word) {
                let values = match option.nargs {
                    Nargs::One => 1,
                    Nargs::Exactly(count) => count,
                    _ => 0,
                };
                words.by_ref().take(values).for_each(drop);
            } else if let Some(chosen) = parser.subparsers().iter().find(|sub| sub.answers_to(word)) {
                parser = chosen;
            }
        }
        parser
    }

    /// Whether `word` chooses this subcommand.
    pub(super) fn answers_to(&self, word: &str) -> bool {
        self.name == word || self.aliases.contains(&word)
    }
}

impl Argument {
    pub(super) fn is_option(&self) -> bool {
        !self.names.is_empty()
    }

    /// The destination as Python derives it, but with `-` where Python puts `_` when it comes from an option string.
    pub(super) fn raw_dest(&self) -> &'static str {
        let long = || self.names.iter().find(|name| name.starts_with("--"));
        match self.dest {
            Some(dest) => dest,
            None => long().or(self.names.first()).map_or("", |name| name.trim_start_matches('-')),
        }
    }

    /// The destination as Python spells it; empty for subcommands without one.
    pub(super) fn python_dest(&self) -> String {
        match self.dest {
            Some(dest) => dest.to_owned(),
            None => self.raw_dest().replace('-', "_"),
        }
    }

    /// Whether its destination is `name`, `-` and `_` being the same. Help and version keep nothing.
    pub(super) fn keeps(&self, name: &str) -> bool {
        if matches!(self.action, Action::Help | Action::Version(_)) {
            return false;
        }
        let dest = self.raw_dest();
        let same = |(a, b): (u8, u8)| a == b || (a == b'-' && b == b'_') || (a == b'_' && b == b'-');
        dest.len() == name.len() && dest.bytes().zip(name.bytes()).all(same)
    }

    /// Whether Python 3 complains when it is missing.
    pub(super) fn is_required(&self) -> bool {
        if self.is_option() || matches!(self.action, Action::Subcommands(_)) {
            return self.required;
        }
        match self.nargs {
            Nargs::Optional => false,
            Nargs::Any => self.default.is_none(),
            _ => true,
        }
    }

    /// The words allowed: its choices, or the names of its subcommands, aliases behind each.
    pub(super) fn all_choices(&self) -> Vec<&'static str> {
        match self.action {
            Action::Subcommands(parsers) => parsers
                .iter()
                .flat_map(|parser| std::iter::once(parser.name).chain(parser.aliases.iter().copied()))
                .collect(),
            _ => self.choices.to_vec(),
        }
    }
}

impl Kind {
    /// The name of the Python function behind it, if there is one.
    pub(super) fn name(&self) -> Option<&'static str> {
        match self {
            Self::Str => None,
            Self::Int => Some("int"),
            Self::Float => Some("float"),
            Self::Custom(name, _) => Some(name),
        }
    }
}
