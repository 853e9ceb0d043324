//! The parse itself, in the order in which `argparse` does things: classify all words, then take options and positionals in turn, then
//! complain about what is missing.
//!
//! Source of truth: the interpreters' behaviour. The order decides which of several errors is shown and whether `-h` comes first.

use super::matching::{option_takes, positionals_take};
use super::parsed::{Given, Parsed, Taken};
use super::spec::{Action, Argument, Nargs, Parser};
use super::stop::action_name;
use super::{Dialect, Stop};

impl Parser {
    /// Parses the words after the program's name, as a tool on `dialect` does at a terminal of so many columns.
    pub fn parse<S: AsRef<str>>(&'static self, dialect: Dialect, columns: usize, argv: &[S]) -> Result<Parsed, Stop> {
        let parsed = Parsed { dialect, levels: Vec::with_capacity(2), path: Vec::new(), taken: Vec::new() };
        let mut run = Run { dialect, columns, depth: 0, parsed, extras: Vec::new() };
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
pub(super) struct Run<'a> {
    pub(super) dialect: Dialect,
    pub(super) columns: usize,
    /// Which of the parsers is at work.
    pub(super) depth: usize,
    pub(super) parsed: Parsed,
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
pub(super) struct Level<'w, 'a> {
    pub(super) parser: &'static Parser,
    depth: usize,
    words: &'w [&'a str],
    /// `O`, `A` or `-` for each word.
    pattern: Vec<u8>,
    options: Vec<(usize, Candidate<'a>)>,
    positionals: Vec<&'static Argument>,
    /// Arguments whose turn has come, if only to take their default.
    seen: Vec<&'static Argument>,
    /// Arguments that got something else than their default: these exclude others.
    pub(super) present: Vec<&'static Argument>,
    /// Words that fit nothing; those of subcommands come behind them in the end.
    extras: Vec<&'a str>,
}

pub(super) fn contains(list: &[&'static Argument], argument: &'static Argument) -> bool {
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
            extras: Vec::new(),
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
                level.extras.extend(&words[at..next.0]);
            }
            at = self.take_option(&mut level, next)?;
        }
        let end = self.take_positionals(&mut level, at)?;
        level.extras.extend(&words[end..]);
        level.extras.append(&mut self.extras);
        self.extras = std::mem::take(&mut level.extras);
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
    fn fitting(
        &self,
        parser: &'static Parser,
        word: &'a str,
    ) -> Vec<((&'static str, &'static Argument), Option<&'a str>)> {
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
    fn take_option(
        &mut self,
        level: &mut Level<'_, 'a>,
        (at, candidate): (usize, Candidate<'a>),
    ) -> Result<usize, Stop> {
        let Some(mut argument) = candidate.argument else {
            level.extras.push(level.words[at]);
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

    /// Checks the words of an argument and does what it stands for.
    fn take(&mut self, level: &mut Level<'_, 'a>, argument: &'static Argument, words: &[&'a str]) -> Result<(), Stop> {
        level.seen.push(argument);
        let keeps_dashes =
            matches!(argument.nargs, Nargs::Remainder) || matches!(argument.action, Action::Subcommands(_));
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
}

fn stdout(text: String) -> Stop {
    Stop { status: 0, stdout: text, stderr: String::new() }
}

/// `-5` and `-.5` are meant as values, unless the parser has options like that. A newline may follow, as Python's `$` allows.
fn is_negative_number(word: &str) -> bool {
    let Some(number) = word.strip_prefix('-') else {
        return false;
    };
    let number = number.strip_suffix('\n').unwrap_or(number);
    let (whole, fraction) = number.split_once('.').unwrap_or(("", number));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    digits(whole) && digits(fraction) && !fraction.is_empty()
}
