//! The parse itself, in the order in which `argparse` does things: classify all words, then take options and positionals in turn, then
//! complain about what is missing.
//!
//! Source of truth: the interpreters' behaviour. The order decides which of several errors is shown and whether `-h` comes first.

use super::help::Page;
use super::matching::{option_takes, positionals_take};
use super::parsed::{Given, Parsed, Taken};
use super::spec::{Action, Argument, Kind, Nargs, Parser};
use super::{Dialect, Stop, python, usage};

impl Parser {
    /// Parses the words after the program's name, as a tool on `dialect` does at a terminal of so many columns.
    pub fn parse<S: AsRef<str>>(&'static self, dialect: Dialect, columns: usize, argv: &[S]) -> Result<Parsed, Stop> {
        let parsed = Parsed {
            dialect,
            levels: Vec::with_capacity(2),
            path: Vec::new(),
            taken: Vec::new(),
        };
        let mut run = Run {
            dialect,
            columns,
            depth: 0,
            parsed,
            extras: Vec::new(),
        };
        let argv: Vec<&str> = argv.iter().map(AsRef::as_ref).collect();
        run.level(self, &argv)?;
        if !run.extras.is_empty() {
            run.depth = 0;
            return Err(run.error(&format!("unrecognized arguments: {}", run.extras.join(" "))));
        }
        Ok(run.parsed)
    }
}

/// One call of a parser.
struct Run<'a> {
    dialect: Dialect,
    columns: usize,
    /// Which of the parsers is at work.
    depth: usize,
    parsed: Parsed,
    extras: Vec<&'a str>,
}

/// A word that looks like an option; without an argument it is not one of this parser's.
#[derive(Clone, Copy)]
struct Candidate<'a> {
    argument: Option<&'static Argument>,
    /// Whether it was written with a single dash, so that more flags may hang on it.
    short: bool,
    explicit: Option<&'a str>,
}

/// The state of one parser within a run.
struct Level<'w, 'a> {
    parser: &'static Parser,
    depth: usize,
    words: &'w [&'a str],
    /// `O`, `A` or `-` for each word.
    pattern: Vec<u8>,
    options: Vec<(usize, Candidate<'a>)>,
    positionals: Vec<&'static Argument>,
    /// Arguments whose turn has come, if only to take their default.
    seen: Vec<&'static Argument>,
    /// Arguments that got something else than their default: these exclude others.
    present: Vec<&'static Argument>,
}

fn contains(list: &[&'static Argument], argument: &'static Argument) -> bool {
    list.iter().any(|other| std::ptr::eq(*other, argument))
}

impl<'a> Run<'a> {
    /// Parses `words` with `parser`, a level below those that run already.
    fn level(&mut self, parser: &'static Parser, words: &[&'a str]) -> Result<(), Stop> {
        let depth = self.parsed.levels.len();
        self.depth = depth;
        self.parsed.levels.push(parser);
        let mut level = Level {
            parser,
            depth,
            words,
            pattern: Vec::with_capacity(words.len()),
            options: Vec::new(),
            positionals: parser.actions().filter(|argument| !argument.is_option()).collect(),
            seen: Vec::new(),
            present: Vec::new(),
        };
        self.classify(&mut level)?;
        let mut at = 0;
        while let Some(next) = level.options.iter().find(|(index, _)| *index >= at).copied() {
            if at != next.0 {
                let end = self.take_positionals(&mut level, at)?;
                if end > at {
                    at = end;
                    continue;
                }
                self.extras.extend(&words[at..next.0]);
            }
            at = self.take_option(&mut level, next)?;
        }
        let end = self.take_positionals(&mut level, at)?;
        self.extras.extend(&words[end..]);
        self.check_complete(&level)
    }

    fn classify(&self, level: &mut Level<'_, 'a>) -> Result<(), Stop> {
        for (index, word) in level.words.iter().enumerate() {
            if *word == "--" {
                level.pattern.push(b'-');
                level.pattern.resize(level.words.len(), b'A');
                break;
            }
            let candidate = self.candidate(level.parser, word)?;
            level.pattern.push(if candidate.is_some() { b'O' } else { b'A' });
            level.options.extend(candidate.map(|candidate| (index, candidate)));
        }
        Ok(())
    }

    /// Decides whether a word is meant as an option, and as which.
    fn candidate(&self, parser: &'static Parser, word: &'a str) -> Result<Option<Candidate<'a>>, Stop> {
        if !word.starts_with('-') {
            return Ok(None);
        }
        let short = !word.starts_with("--");
        let exact = |name: &str| parser.option_strings().find(|(other, _)| *other == name);
        let found = |(_, argument), explicit| Ok(Some(Candidate { argument: Some(argument), short, explicit }));
        if let Some(option) = exact(word) {
            return found(option, None);
        }
        if word.len() == 1 {
            return Ok(None);
        }
        if let Some((name, value)) = word.split_once('=')
            && let Some(option) = exact(name)
        {
            return found(option, Some(value));
        }
        let fitting = self.fitting(parser, word);
        match &fitting[..] {
            [] => {}
            [(option, explicit)] => return found(*option, *explicit),
            _ => return Err(self.ambiguous(parser, word, &fitting)),
        }
        let negative = is_negative_number(word) && !parser.option_strings().any(|(name, _)| is_negative_number(name));
        if negative || word.contains(' ') {
            return Ok(None);
        }
        Ok(Some(Candidate { argument: None, short, explicit: None }))
    }

    /// The options that a word may abbreviate, or hang its value on, each with that value.
    fn fitting(&self, parser: &'static Parser, word: &'a str) -> Vec<((&'static str, &'static Argument), Option<&'a str>)> {
        let long = word.starts_with("--");
        let newest = self.dialect == Dialect::Python311;
        if !parser.allow_abbrev && (long || !newest) && self.dialect != Dialect::Python27 {
            return Vec::new();
        }
        if long {
            let (prefix, value) = match word.split_once('=') {
                Some((prefix, value)) => (prefix, Some(value)),
                None => (word, None),
            };
            let options = parser.option_strings().filter(|(name, _)| name.starts_with(prefix));
            return options.map(|option| (option, value)).collect();
        }
        let second = word.chars().nth(1).map_or(0, char::len_utf8);
        let (letter, value) = word.split_at(1 + second);
        let fit = |option: (&'static str, &'static Argument)| match option.0 {
            name if name == letter => Some((option, Some(value))),
            name if name.starts_with(word) => Some((option, None)),
            _ => None,
        };
        parser.option_strings().filter_map(fit).collect()
    }

    fn ambiguous(
        &self,
        parser: &'static Parser,
        word: &str,
        fitting: &[((&'static str, &'static Argument), Option<&'a str>)],
    ) -> Stop {
        let mut names: Vec<&str> = fitting.iter().map(|((name, _), _)| *name).collect();
        if self.dialect == Dialect::Python27 {
            let all: Vec<&str> = parser.option_strings().map(|(name, _)| name).collect();
            let walk = python::python2_dict_order(&all).into_iter().map(|index| all[index]);
            names = walk.filter(|name| names.contains(name)).collect();
        }
        self.error(&format!("ambiguous option: {word} could match {}", names.join(", ")))
    }

    /// Gives words from `at` on to as many positionals as possible, and says where the rest begins.
    fn take_positionals(&mut self, level: &mut Level<'_, 'a>, at: usize) -> Result<usize, Stop> {
        if level.positionals.is_empty() {
            return Ok(at);
        }
        let shares = positionals_take(&level.positionals, &level.pattern[at..]);
        let fitting: Vec<&'static Argument> = level.positionals.drain(..shares.len()).collect();
        let mut at = at;
        for (argument, share) in fitting.into_iter().zip(shares) {
            self.take(level, argument, &level.words[at..at + share])?;
            at += share;
        }
        Ok(at)
    }

    /// Takes the option at an index with its words, and all flags that hang on it, and says where the rest begins.
    fn take_option(&mut self, level: &mut Level<'_, 'a>, (at, candidate): (usize, Candidate<'a>)) -> Result<usize, Stop> {
        let Some(mut argument) = candidate.argument else {
            self.extras.push(level.words[at]);
            return Ok(at + 1);
        };
        let mut hanging: Vec<&'static Argument> = Vec::new();
        let mut explicit = candidate.explicit;
        let alone;
        let (last, words, end) = loop {
            let Some(value) = explicit else {
                let share = self.share(argument, &level.pattern[at + 1..])?;
                let end = at + 1 + share;
                break (argument, &level.words[at + 1..end], end);
            };
            match self.share(argument, b"A")? {
                1 => {
                    alone = [value];
                    break (argument, &alone[..], at + 1);
                }
                0 if candidate.short && !value.is_empty() => {
                    hanging.push(argument);
                    let (letter, rest) = value.split_at(value.chars().next().map_or(0, char::len_utf8));
                    let names = |name: &str| name.strip_prefix('-') == Some(letter);
                    let Some((_, next)) = level.parser.option_strings().find(|(name, _)| names(name)) else {
                        return Err(self.ignored(argument, value));
                    };
                    argument = next;
                    explicit = Some(rest).filter(|rest| !rest.is_empty());
                }
                _ => return Err(self.ignored(argument, value)),
            }
        };
        for flag in hanging {
            self.take(level, flag, &[])?;
        }
        self.take(level, last, words)?;
        Ok(end)
    }

    fn share(&self, argument: &'static Argument, pattern: &[u8]) -> Result<usize, Stop> {
        option_takes(argument, pattern).ok_or_else(|| {
            let message = match argument.nargs {
                Nargs::Several => "expected at least one argument".to_owned(),
                Nargs::Exactly(count) => match (self.dialect, count) {
                    (Dialect::Python27, _) => format!("expected {count} argument(s)"),
                    (_, 1) => "expected 1 argument".to_owned(),
                    _ => format!("expected {count} arguments"),
                },
                _ => "expected one argument".to_owned(),
            };
            self.argument_error(argument, &message)
        })
    }

    fn ignored(&self, argument: &'static Argument, value: &str) -> Stop {
        let value = python::repr(value, self.dialect, false);
        self.argument_error(argument, &format!("ignored explicit argument {value}"))
    }

    /// Checks the words of an argument and does what it stands for.
    fn take(&mut self, level: &mut Level<'_, 'a>, argument: &'static Argument, words: &[&'a str]) -> Result<(), Stop> {
        level.seen.push(argument);
        let keeps_dashes = matches!(argument.nargs, Nargs::Remainder) || matches!(argument.action, Action::Subcommands(_));
        let dashes = words.iter().position(|word| *word == "--" && !keeps_dashes);
        let stripped: Vec<&'a str>;
        let words = if let Some(dashes) = dashes {
            stripped = [&words[..dashes], &words[dashes + 1..]].concat();
            &stripped[..]
        } else {
            words
        };
        if !self.check_words(level.parser, argument, words)? {
            level.present.push(argument);
            self.check_exclusive(level, argument)?;
        }
        self.act(level, argument, words)
    }

    /// Checks words against kind and choices. Says whether the value is the default, in Python even the same object.
    fn check_words(&self, parser: &'static Parser, argument: &'static Argument, words: &[&str]) -> Result<bool, Stop> {
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
    fn is_same_object(&self, argument: &'static Argument, word: &str) -> bool {
        let Some(default) = argument.default else { return false };
        match argument.kind {
            Kind::Int => {
                let value = python::int(word, self.dialect);
                value == python::int(default, self.dialect) && value.is_some_and(|value| (-5..=256).contains(&value))
            }
            Kind::Str => word == default && word.len() <= 1,
            Kind::Float | Kind::Custom(..) => false,
        }
    }

    fn check_kind(&self, argument: &'static Argument, word: &str) -> Result<(), Stop> {
        let verdict = match argument.kind {
            Kind::Str => Ok(()),
            Kind::Int => python::int(word, self.dialect).map(drop).ok_or(None),
            Kind::Float => if python::is_float(word, self.dialect) { Ok(()) } else { Err(None) },
            Kind::Custom(_, check) => check(word),
        };
        verdict.map_err(|said| {
            let name = argument.kind.name().unwrap_or_default();
            let message = said.unwrap_or_else(|| format!("invalid {name} value: {}", python::repr(word, self.dialect, false)));
            self.argument_error(argument, &message)
        })
    }

    fn check_choice(&self, parser: &'static Parser, argument: &'static Argument, word: &str) -> Result<(), Stop> {
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

    fn invalid_choice(&self, parser: &'static Parser, argument: &'static Argument, shown: &str) -> Stop {
        let repr = |choice: &&str| match argument.kind {
            Kind::Int => (*choice).to_owned(),
            _ => python::repr(choice, self.dialect, parser.unicode_literals),
        };
        let choices: Vec<String> = argument.all_choices().iter().map(repr).collect();
        let message = format!("invalid choice: {shown} (choose from {})", choices.join(", "));
        self.argument_error(argument, &message)
    }

    fn check_exclusive(&self, level: &Level, argument: &'static Argument) -> Result<(), Stop> {
        let Some(group) = argument.exclusive else { return Ok(()) };
        let mut members = level.parser.members(group).filter(|member| !std::ptr::eq(*member, argument));
        match members.find(|member| contains(&level.present, member)) {
            Some(other) => {
                let name = action_name(other, self.dialect).unwrap_or_default();
                Err(self.argument_error(argument, &format!("not allowed with argument {name}")))
            }
            None => Ok(()),
        }
    }

    fn act(&mut self, level: &Level<'_, 'a>, argument: &'static Argument, words: &[&'a str]) -> Result<(), Stop> {
        let owned = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
        let given = match argument.action {
            Action::Help => return Err(self.with_page(|page| stdout(page.help()))),
            Action::Version(text) => {
                let stop = self.with_page(|page| stdout(page.version(text)));
                return Err(match self.dialect {
                    Dialect::Python27 => Stop { status: 0, stdout: stop.stderr, stderr: stop.stdout },
                    _ => stop,
                });
            }
            Action::Subcommands(_) => Given::One(words[0].to_owned()),
            _ => match (argument.nargs, words) {
                (Nargs::Optional | Nargs::Any, []) if !argument.is_option() => return Ok(()),
                (Nargs::Exactly(0) | Nargs::Optional, []) => Given::Bare,
                (Nargs::One | Nargs::Optional, [word]) => Given::One((*word).to_owned()),
                _ => Given::Many(owned(words)),
            },
        };
        self.parsed.taken.push(Taken { level: level.depth, argument, given });
        if let Action::Subcommands(parsers) = argument.action
            && let Some(sub) = parsers.iter().find(|sub| sub.answers_to(words[0]))
        {
            self.parsed.path.push(sub.name);
            self.level(sub, &words[1..])?;
            self.depth = level.depth;
        }
        Ok(())
    }

    /// Complains about what is missing at the end.
    fn check_complete(&self, level: &Level) -> Result<(), Stop> {
        let name = |argument| action_name(argument, self.dialect).unwrap_or_default();
        if self.dialect == Dialect::Python27 && !level.positionals.is_empty() {
            return Err(self.error("too few arguments"));
        }
        let missing = |argument: &&'static Argument| argument.is_required() && !contains(&level.seen, argument);
        let mut missing = level.parser.actions().filter(missing).peekable();
        match (self.dialect, missing.peek()) {
            (_, None) => {}
            (Dialect::Python27, Some(first)) => {
                return Err(self.error(&format!("argument {} is required", name(first))));
            }
            _ => {
                let names: Vec<String> = missing.map(name).collect();
                let message = format!("the following arguments are required: {}", names.join(", "));
                return Err(self.error(&message));
            }
        }
        for group in level.parser.exclusive.iter().filter(|group| group.required) {
            let mut members = level.parser.members(group.name);
            if !members.any(|member| contains(&level.present, member)) {
                let shown = level.parser.members(group.name).filter(|member| !member.hidden);
                let names: Vec<String> = shown.map(name).collect();
                return Err(self.error(&format!("one of the arguments {} is required", names.join(" "))));
            }
        }
        Ok(())
    }

    /// Shows something with the page of the parser at work, whose program name is made up of the parsers above it.
    fn with_page<T>(&self, show: impl FnOnce(&Page) -> T) -> T {
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

    fn page<'p>(&self, parser: &'static Parser, prog: &'p str) -> Page<'p> {
        Page { parser, prog, dialect: self.dialect, columns: self.columns }
    }

    fn argument_error(&self, argument: &'static Argument, message: &str) -> Stop {
        match action_name(argument, self.dialect) {
            Some(name) => self.error(&format!("argument {name}: {message}")),
            None => self.error(message),
        }
    }

    fn error(&self, message: &str) -> Stop {
        self.with_page(|page| error(page, message))
    }
}

fn stdout(text: String) -> Stop {
    Stop { status: 0, stdout: text, stderr: String::new() }
}

fn error(page: &Page, message: &str) -> Stop {
    Stop {
        status: 2,
        stdout: String::new(),
        stderr: format!("{}{}: error: {message}\n", usage::usage(page), page.prog),
    }
}

/// How errors call an argument; a set of subcommands has a name only if it was given one, or on newer Pythons.
fn action_name(argument: &'static Argument, dialect: Dialect) -> Option<String> {
    use super::spec::Metavar;
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

/// `-5` and `-.5` are meant as values, unless the parser has options like that. A newline may follow, as Python's `$` allows.
fn is_negative_number(word: &str) -> bool {
    let Some(number) = word.strip_prefix('-') else { return false };
    let number = number.strip_suffix('\n').unwrap_or(number);
    let (whole, fraction) = number.split_once('.').unwrap_or(("", number));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    digits(whole) && digits(fraction) && !fraction.is_empty()
}
