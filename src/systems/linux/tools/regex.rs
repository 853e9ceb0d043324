//! Regular expressions as the programs of a Linux machine read them: POSIX basic and extended with GNU's additions, fixed
//! texts, Perl's. They match bytes, since lines need not be UTF-8; a character that is none is matched by nothing but a
//! negated search.
//!
//! Patterns go to the `regex` package, which is linear in the text; those with back-references and Perl's go to
//! `fancy-regex`, which gives up after a number of steps and then has no match.
//!
//! POSIX wants the longest of the leftmost matches. That is what is found, except with back-references. Of the groups,
//! each holds what the first fitting alternative gives it and not the longest: `(a|ab)(c|bcd)` on `abcd` gives `a`, `bcd`.
//! `\b`, `\<`, `\>` beside letters beyond ASCII find the first match, not the longest. Collation is that of code points.

mod posix;

use std::borrow::Cow;
use std::ops::Range;
use std::sync::{Mutex, OnceLock, PoisonError};

use ::regex::bytes;
use regex_automata::hybrid::dfa::{Cache, Config, DFA};
use regex_automata::nfa::thompson;
use regex_automata::util::syntax;
use regex_automata::{Anchored, Input, MatchKind};

use posix::Reading;

/// How large a compiled pattern may be, in bytes.
const SIZE: usize = 4 << 20;
/// So many steps may one search with back-references take.
const BACKTRACK: usize = 100_000;

/// How a pattern is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Syntax {
    /// POSIX basic (`grep`, `sed`).
    Basic,
    /// POSIX extended (`grep -E`, `sed -E`, `awk`).
    Extended,
    /// The text itself (`grep -F`).
    Fixed,
    /// Perl's (`grep -P`).
    Perl,
}

/// What else is wanted of a pattern.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options {
    /// Upper and lower case are the same.
    pub nocase: bool,
    /// `^` and `$` also match at newlines within the text.
    pub multiline: bool,
    /// Only where no letters, digits or `_` stand around it (`grep -w`).
    pub word: bool,
    /// Only as the whole text (`grep -x`).
    pub line: bool,
    /// As regcomp(3) and `sed` read it: a repetition of nothing is an error. Without it as `grep` does, to which a
    /// newline in the pattern is another alternative, as it always is between fixed texts.
    pub strict: bool,
}

/// A compiled pattern.
#[derive(Debug)]
pub struct Regex {
    engine: Engine,
    groups: usize,
    longest: Option<Longest>,
}

#[derive(Debug)]
enum Engine {
    Plain(bytes::Regex),
    Fancy(Box<fancy_regex::Regex>),
}

/// What finds the longest match, made when first asked for.
#[derive(Debug)]
struct Longest {
    pattern: String,
    nocase: bool,
    automaton: OnceLock<Option<(DFA, Mutex<Cache>)>>,
    /// The pattern up to the end of what it is given.
    whole: OnceLock<Option<bytes::Regex>>,
}

/// The places of a match and of its groups.
pub type Groups = Vec<Option<Range<usize>>>;

impl Regex {
    /// Compiles a pattern.
    ///
    /// # Errors
    /// glibc's message (PCRE's with Perl's patterns).
    pub fn new(pattern: &str, how: Syntax, options: Options) -> Result<Self, String> {
        let Options { nocase, multiline, strict, word, line } = options;
        let around = |text: String, fancy: bool| match (line, word, fancy) {
            (true, ..) => format!("\\A(?:{text})\\z"),
            (_, true, false) => format!("\\b{{start-half}}(?:{text})\\b{{end-half}}"),
            (_, true, true) => format!("(?<!\\w)(?:{text})(?!\\w)"),
            _ => text,
        };
        let mut reading = Reading { extended: how == Syntax::Extended, strict, multiline, fancy: false };
        let translated = match how {
            Syntax::Perl => {
                let text = if multiline { format!("(?m){pattern}") } else { pattern.to_owned() };
                return Self::fancy(&around(text, true), nocase).map_err(|error| perl_error(&error));
            }
            Syntax::Fixed => {
                let texts = pattern.split('\n').map(|text| text.chars().map(posix::literal).collect::<String>());
                let text = texts.collect::<Vec<_>>().join("|");
                posix::Translated { text, ambiguous: pattern.contains('\n'), ..posix::Translated::default() }
            }
            Syntax::Basic | Syntax::Extended => posix::translate(pattern, reading)?,
        };
        if translated.back {
            reading.fancy = true;
            let text = posix::translate(pattern, reading)?.text;
            return Self::fancy(&around(text, true), nocase).map_err(|_| TOO_BIG.to_owned());
        }
        let pattern = around(translated.text, false);
        let engine = plain(&pattern, nocase).ok_or(TOO_BIG)?;
        let longest = translated.ambiguous.then(|| Longest {
            pattern,
            nocase,
            automaton: OnceLock::new(),
            whole: OnceLock::new(),
        });
        Ok(Self { engine: Engine::Plain(engine), groups: translated.groups, longest })
    }

    fn fancy(text: &str, nocase: bool) -> Result<Self, fancy_regex::Error> {
        let mut builder = fancy_regex::RegexBuilder::new(text);
        builder.case_insensitive(nocase).backtrack_limit(BACKTRACK).delegate_size_limit(SIZE);
        let regex = builder.build()?;
        Ok(Self { groups: regex.captures_len() - 1, engine: Engine::Fancy(Box::new(regex)), longest: None })
    }

    /// Whether a search may take many steps: whoever searches line by line counts each as one of its own.
    #[must_use]
    pub fn backtracks(&self) -> bool {
        matches!(self.engine, Engine::Fancy(_))
    }

    /// How many groups it has.
    #[must_use]
    pub fn groups(&self) -> usize {
        self.groups
    }

    /// Whether it matches anywhere in `text`.
    #[must_use]
    pub fn is_match(&self, text: &[u8]) -> bool {
        match &self.engine {
            Engine::Plain(regex) => regex.is_match(text),
            Engine::Fancy(regex) => regex.is_match(&*Readable::new(text).text).unwrap_or(false),
        }
    }

    /// The first match that begins at the byte `at` or behind it. What stands before is seen by anchors.
    #[must_use]
    pub fn find_at(&self, text: &[u8], at: usize) -> Option<Range<usize>> {
        if at > text.len() {
            return None;
        }
        match &self.engine {
            Engine::Plain(regex) => {
                let found = regex.find_at(text, at)?.range();
                let longest = self.longest.as_ref().and_then(|longest| longest.end(text, found.start));
                Some(found.start..longest.unwrap_or(found.end))
            }
            Engine::Fancy(regex) => {
                let readable = Readable::new(text);
                let found = regex.find_from_pos(&*readable.text, readable.place(at)).ok().flatten()?;
                Some(readable.range(found.start()..found.end()))
            }
        }
    }

    /// The same with its groups; the first is the match itself.
    #[must_use]
    pub fn captures_at(&self, text: &[u8], at: usize) -> Option<Groups> {
        if at > text.len() {
            return None;
        }
        match &self.engine {
            Engine::Plain(regex) => {
                let ranges = |found: &bytes::Captures<'_>| -> Groups {
                    found.iter().map(|group| group.map(|group| group.range())).collect()
                };
                let first = ranges(&regex.captures_at(text, at)?);
                let Some(Some(range)) = first.first().cloned() else { return Some(first) };
                let Some(longest) = &self.longest else { return Some(first) };
                let end = longest.end(text, range.start).unwrap_or(range.end);
                if end == range.end {
                    return Some(first);
                }
                let whole = longest.whole().and_then(|whole| whole.captures_at(&text[..end], range.start));
                let whole = whole.map(|found| ranges(&found)).filter(|found| found[0] == Some(range.start..end));
                Some(whole.unwrap_or_else(|| {
                    let mut first = first;
                    first[0] = Some(range.start..end);
                    first
                }))
            }
            Engine::Fancy(regex) => {
                let readable = Readable::new(text);
                let found = regex.captures_from_pos(&*readable.text, readable.place(at)).ok().flatten()?;
                let range = |group: fancy_regex::Match<'_>| readable.range(group.start()..group.end());
                Some((0..found.len()).map(|at| found.get(at).map(range)).collect())
            }
        }
    }
}

const TOO_BIG: &str = "Regular expression too big";

fn plain(text: &str, nocase: bool) -> Option<bytes::Regex> {
    bytes::RegexBuilder::new(text).case_insensitive(nocase).size_limit(SIZE).build().ok()
}

impl Longest {
    /// Where the longest match that begins at `start` ends.
    fn end(&self, text: &[u8], start: usize) -> Option<usize> {
        let (automaton, cache) = self.automaton.get_or_init(|| self.build()).as_ref()?;
        let mut cache = cache.lock().unwrap_or_else(PoisonError::into_inner);
        let input = Input::new(text).span(start..text.len()).anchored(Anchored::Yes);
        automaton.try_search_fwd(&mut cache, &input).ok().flatten().map(|found| found.offset())
    }

    fn build(&self) -> Option<(DFA, Mutex<Cache>)> {
        let automaton = DFA::builder()
            .configure(
                Config::new().match_kind(MatchKind::All).unicode_word_boundary(true).skip_cache_capacity_check(true),
            )
            .syntax(syntax::Config::new().case_insensitive(self.nocase).utf8(false))
            .thompson(thompson::Config::new().utf8(false).nfa_size_limit(Some(SIZE)))
            .build(&self.pattern)
            .ok()?;
        let cache = Mutex::new(automaton.create_cache());
        Some((automaton, cache))
    }

    fn whole(&self) -> Option<&bytes::Regex> {
        self.whole.get_or_init(|| plain(&format!("(?:{})\\z", self.pattern), self.nocase)).as_ref()
    }
}

/// A text for an engine that reads nothing but UTF-8: other bytes become characters that no pattern has.
struct Readable<'a> {
    text: Cow<'a, str>,
    /// Where the bytes of the readable text come from; empty where they are the same.
    places: Vec<usize>,
}

impl<'a> Readable<'a> {
    fn new(bytes: &'a [u8]) -> Self {
        if let Ok(text) = std::str::from_utf8(bytes) {
            return Self { text: Cow::Borrowed(text), places: Vec::new() };
        }
        let (mut text, mut places, mut at) = (String::new(), Vec::new(), 0);
        for chunk in bytes.utf8_chunks() {
            text.push_str(chunk.valid());
            places.extend(at..at + chunk.valid().len());
            at += chunk.valid().len();
            for byte in chunk.invalid() {
                let stand_in = char::from_u32(0xf700 + u32::from(*byte)).unwrap_or(char::REPLACEMENT_CHARACTER);
                text.push(stand_in);
                places.extend(std::iter::repeat_n(at, stand_in.len_utf8()));
                at += 1;
            }
        }
        places.push(at);
        Self { text: Cow::Owned(text), places }
    }

    fn place(&self, at: usize) -> usize {
        let mut place = if self.places.is_empty() { at } else { self.places.partition_point(|from| *from < at) };
        while !self.text.is_char_boundary(place) {
            place += 1;
        }
        place
    }

    fn range(&self, range: Range<usize>) -> Range<usize> {
        let back = |place: usize| self.places.get(place).copied().unwrap_or(place);
        back(range.start)..back(range.end)
    }
}

/// PCRE's words for what is wrong with a pattern; of those that have no counterpart, the most general.
fn perl_error(error: &fancy_regex::Error) -> String {
    let text = error.to_string().to_lowercase();
    let known = [
        ("closing paren", "missing closing parenthesis"),
        ("unclosed group", "missing closing parenthesis"),
        ("unopened", "unmatched closing parenthesis"),
        ("class", "missing terminating ] for character class"),
        ("repeat", "quantifier does not follow a repeatable item"),
        ("backslash", "\\ at end of pattern"),
        ("group", "reference to non-existent subpattern"),
    ];
    known.iter().find(|(ours, _)| text.contains(ours)).map_or("internal error", |(_, theirs)| theirs).to_owned()
}

/// An extended expression as regcomp(3) reads it; nothing where it is wrong.
#[must_use]
pub fn extended(pattern: &str, nocase: bool) -> Option<Regex> {
    Regex::new(pattern, Syntax::Extended, Options { nocase, strict: true, ..Options::default() }).ok()
}

#[cfg(test)]
mod tests;
