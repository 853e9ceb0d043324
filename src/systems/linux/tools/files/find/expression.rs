//! The command line of `find` as an expression.

use super::super::meta;
use super::super::show::curly;
use super::action::Action;
use super::numbers::Bound;
use super::test::{Bits, Clock, Test};
use crate::bash::pattern::{Options, Pattern};
use crate::sim::Instant;
use crate::systems::linux::fs::Access;
use crate::systems::linux::mode;
use crate::systems::linux::proc::Proc;
use crate::systems::linux::tools::date::zone;
use crate::systems::linux::tools::parse_datetime;

/// How deep parentheses and negations may nest.
const DEPTH: usize = 64;

/// What `-regextype` takes.
const REGEX_TYPES: [(&str, Syntax); 13] = [
    ("findutils-default", Syntax::Emacs),
    ("awk", Syntax::Extended),
    ("egrep", Syntax::Extended),
    ("ed", Syntax::Basic),
    ("emacs", Syntax::Emacs),
    ("gnu-awk", Syntax::Extended),
    ("grep", Syntax::Basic),
    ("posix-awk", Syntax::Extended),
    ("posix-basic", Syntax::Basic),
    ("posix-egrep", Syntax::Extended),
    ("posix-extended", Syntax::Extended),
    ("posix-minimal-basic", Syntax::Basic),
    ("sed", Syntax::Basic),
];

/// What is tried on each file.
pub enum Expression {
    /// All of them, until one does not fit.
    All(Vec<Expression>),
    /// One of them.
    Any(Vec<Expression>),
    /// One after another, the last one counts (`,`).
    Each(Vec<Expression>),
    /// The contrary.
    Not(Box<Expression>),
    /// A test.
    Test(Test),
    /// Something that is done.
    Action(Action),
}

/// The command line.
pub struct Parsed {
    /// Where the walks begin.
    pub paths: Vec<String>,
    /// What is tried on each file.
    pub expression: Expression,
    /// Whether something is done beside printing.
    pub acts: bool,
    /// `-L`
    pub follow: bool,
    /// `-H`
    pub follow_named: bool,
    /// `-maxdepth`
    pub most: usize,
    /// `-mindepth`
    pub least: usize,
    /// `-depth`
    pub depth_first: bool,
    /// `-xdev`
    pub one_file_system: bool,
    /// What is real and not modelled.
    pub gaps: Vec<String>,
    /// What is said before the walk.
    pub warnings: Vec<String>,
}

/// Reads the words behind `find`.
///
/// # Errors
/// What is said of wrong ones, with the program's name and the line's end.
pub fn parse(p: &Proc, words: &[String]) -> Result<Parsed, String> {
    let mut at = 0;
    let (mut follow, mut follow_named) = (false, false);
    while let Some(word) = words.get(at) {
        match word.as_str() {
            "-L" => (follow, follow_named) = (true, true),
            "-H" => (follow, follow_named) = (false, true),
            "-P" => (follow, follow_named) = (false, false),
            _ => break,
        }
        at += 1;
    }
    let begins = |word: &str| word.len() > 1 && word.starts_with('-') || matches!(word, "(" | "!" | ")" | ",");
    let end = words[at..].iter().position(|word| begins(word)).map_or(words.len(), |length| at + length);
    let mut paths = words[at..end].to_vec();
    if paths.is_empty() {
        paths.push(".".to_owned());
    }
    let parsed = Parsed {
        paths,
        expression: Expression::All(Vec::new()),
        acts: false,
        follow,
        follow_named,
        most: usize::MAX,
        least: 0,
        depth_first: false,
        one_file_system: false,
        gaps: Vec::new(),
        warnings: Vec::new(),
    };
    let mut parser = Parser { p, words: &words[end..], at: 0, parsed, syntax: Syntax::Emacs, first_test: None };
    let expression = if parser.words.is_empty() { Expression::All(Vec::new()) } else { parser.each(0)? };
    if let Some(word) = parser.peek() {
        return Err(match word {
            ")" => "find: you have too many ')'\n".to_owned(),
            word => usage(word),
        });
    }
    parser.parsed.expression = expression;
    Ok(parser.parsed)
}

fn usage(word: &str) -> String {
    format!(
        "find: paths must precede expression: {word}\nUsage: find [-H] [-L] [-P] [-Olevel] [-D debugopts] [path...] \
         [expression]\n"
    )
}

/// Which regular expressions `-regex` takes.
#[derive(Clone, Copy)]
enum Syntax {
    Emacs,
    Basic,
    Extended,
}

struct Parser<'a> {
    p: &'a Proc,
    words: &'a [String],
    at: usize,
    parsed: Parsed,
    syntax: Syntax,
    /// The first test, for the warning about options behind it.
    first_test: Option<String>,
}

impl Parser<'_> {
    fn peek(&self) -> Option<&str> {
        self.words.get(self.at).map(String::as_str)
    }

    fn each(&mut self, depth: usize) -> Result<Expression, String> {
        let mut parts = vec![self.any(depth)?];
        while self.peek() == Some(",") {
            self.at += 1;
            parts.push(self.any(depth)?);
        }
        Ok(single(parts, Expression::Each))
    }

    fn any(&mut self, depth: usize) -> Result<Expression, String> {
        let mut parts = vec![self.all(depth)?];
        while matches!(self.peek(), Some("-o" | "-or")) {
            self.at += 1;
            parts.push(self.all(depth)?);
        }
        Ok(single(parts, Expression::Any))
    }

    fn all(&mut self, depth: usize) -> Result<Expression, String> {
        let mut parts = vec![self.one(depth)?];
        loop {
            match self.peek() {
                Some("-a" | "-and") => self.at += 1,
                None | Some("-o" | "-or" | "," | ")") => return Ok(single(parts, Expression::All)),
                Some(_) => {}
            }
            parts.push(self.one(depth)?);
        }
    }

    fn one(&mut self, depth: usize) -> Result<Expression, String> {
        let Some(word) = self.words.get(self.at).cloned() else {
            let before = self.words.last().map_or("", String::as_str);
            return Err(format!("find: expected an expression after '{before}'\n"));
        };
        if depth > DEPTH {
            return Err("find: the expression nests too deep\n".to_owned());
        }
        self.at += 1;
        match word.as_str() {
            "!" | "-not" => Ok(Expression::Not(Box::new(self.one(depth + 1)?))),
            "(" => {
                if self.peek() == Some(")") {
                    return Err("find: invalid expression; empty parentheses are not allowed.\n".to_owned());
                }
                let inner = self.each(depth + 1)?;
                if self.peek() != Some(")") {
                    return Err(
                        "find: invalid expression; I was expecting to find a ')' somewhere but did not see one.\n"
                            .to_owned(),
                    );
                }
                self.at += 1;
                Ok(inner)
            }
            ")" | "-o" | "-or" | "-a" | "-and" | "," => Err(format!(
                "find: invalid expression; you have used a binary operator '{word}' with nothing before it.\n"
            )),
            name if name.starts_with('-') => self.primary(name),
            word => Err(usage(word)),
        }
    }

    fn value(&mut self, name: &str) -> Result<String, String> {
        let value = self.words.get(self.at).cloned().ok_or_else(|| format!("find: missing argument to `{name}'\n"))?;
        self.at += 1;
        Ok(value)
    }

    fn primary(&mut self, name: &str) -> Result<Expression, String> {
        if let Some(option) = self.option(name)? {
            return Ok(option);
        }
        self.first_test.get_or_insert_with(|| name.to_owned());
        if let Some(action) = self.action(name)? {
            self.parsed.acts |= !matches!(action, Action::Prune | Action::Quit);
            return Ok(Expression::Action(action));
        }
        let test = self.test(name)?;
        Ok(Expression::Test(test))
    }

    /// What counts for the whole walk.
    fn option(&mut self, name: &str) -> Result<Option<Expression>, String> {
        match name {
            "-maxdepth" | "-mindepth" => {
                let text = self.value(name)?;
                let number = text.parse().map_err(|_| {
                    format!("find: Expected a positive decimal integer argument to {name}, but got {}\n", curly(&text))
                })?;
                if name == "-maxdepth" {
                    self.parsed.most = number
                } else {
                    self.parsed.least = number
                }
                self.warn(name);
            }
            "-depth" | "-d" => self.parsed.depth_first = true,
            "-xdev" | "-mount" => self.parsed.one_file_system = true,
            "-follow" => self.parsed.follow = true,
            "-noleaf" | "-warn" | "-nowarn" | "-ignore_readdir_race" | "-noignore_readdir_race" => {}
            "-regextype" => {
                let value = self.value(name)?;
                let Some((_, syntax)) = REGEX_TYPES.iter().find(|(known, _)| *known == value) else {
                    let list: Vec<String> = REGEX_TYPES.iter().map(|(known, _)| curly(known)).collect();
                    let (value, list) = (curly(&value), list.join(", "));
                    return Err(format!("find: Unknown regular expression type {value}; valid types are {list}.\n"));
                };
                self.syntax = *syntax;
            }
            "-daystart" | "-files0-from" | "-help" | "--help" | "-version" | "--version" => {
                self.parsed.gaps.push(name.to_owned());
            }
            _ => return Ok(None),
        }
        Ok(Some(Expression::Test(Test::Always(true))))
    }

    /// Options behind tests count for those before, too, and whoever sits at a terminal is told.
    fn warn(&mut self, name: &str) {
        let Some(test) = &self.first_test else { return };
        if self.p.files.is_terminal(0) {
            self.parsed.warnings.push(format!(
                "find: warning: you have specified the {name} option after a non-option argument {test}, but options are \
                 not positional ({name} affects tests specified before it as well as those specified after it).  Please \
                 specify options before other arguments.\n\n"
            ));
        }
    }

    fn action(&mut self, name: &str) -> Result<Option<Action>, String> {
        Ok(Some(match name {
            "-print" => Action::Print("\n"),
            "-print0" => Action::Print("\0"),
            "-printf" => Action::Format(self.value(name)?),
            "-ls" => Action::List,
            "-delete" => {
                self.parsed.depth_first = true;
                Action::Delete
            }
            "-prune" => Action::Prune,
            "-quit" => Action::Quit,
            "-exec" | "-execdir" | "-ok" | "-okdir" => return self.exec(name).map(Some),
            "-fprint" | "-fprint0" | "-fls" => {
                self.value(name)?;
                self.parsed.gaps.push(name.to_owned());
                Action::Quit
            }
            "-fprintf" => {
                self.value(name)?;
                self.value(name)?;
                self.parsed.gaps.push(name.to_owned());
                Action::Quit
            }
            _ => return Ok(None),
        }))
    }

    fn exec(&mut self, name: &str) -> Result<Action, String> {
        let mut words = Vec::new();
        loop {
            let word = self.value(name)?;
            match word.as_str() {
                ";" => break,
                "+" if words.last().is_some_and(|word| word == "{}") && !name.starts_with("-ok") => {
                    words.pop();
                    if words.is_empty() {
                        return Err(format!("find: invalid argument `+' to `{name}'\n"));
                    }
                    return Ok(Action::Batch { words, inside: name == "-execdir" });
                }
                _ => words.push(word),
            }
        }
        if words.is_empty() {
            return Err(format!("find: invalid argument `;' to `{name}'\n"));
        }
        if name.starts_with("-ok") {
            self.parsed.gaps.push(name.to_owned());
        }
        Ok(Action::Run { words, inside: name == "-execdir" })
    }

    fn test(&mut self, name: &str) -> Result<Test, String> {
        let pattern = |text: &str, nocase: bool| Pattern::new(text, Options { extglob: false, nocase });
        Ok(match name {
            "-true" => Test::Always(true),
            "-false" => Test::Always(false),
            "-name" => Test::Name(pattern(&self.value(name)?, false)),
            "-iname" => Test::Name(pattern(&self.value(name)?, true)),
            "-path" | "-wholename" => Test::Path(pattern(&self.value(name)?, false)),
            "-ipath" | "-iwholename" => Test::Path(pattern(&self.value(name)?, true)),
            "-lname" => Test::LinkName(pattern(&self.value(name)?, false)),
            "-ilname" => Test::LinkName(pattern(&self.value(name)?, true)),
            "-regex" => self.regex(name, false)?,
            "-iregex" => self.regex(name, true)?,
            "-type" => Test::Type(self.types(name)?),
            "-xtype" => Test::TargetType(self.types(name)?),
            "-size" => self.size()?,
            "-empty" => Test::Empty,
            "-links" => Test::Links(self.bound(name)?),
            "-inum" => Test::Number(self.bound(name)?),
            "-uid" => Test::User(self.bound(name)?),
            "-gid" => Test::Group(self.bound(name)?),
            "-user" => Test::User(self.owner(name, false)?),
            "-group" => Test::Group(self.owner(name, true)?),
            "-nouser" => Test::NoUser,
            "-nogroup" => Test::NoGroup,
            "-perm" => self.perm()?,
            "-samefile" => {
                let path = self.value(name)?;
                Test::Same(self.stat(&path)?.ino)
            }
            "-readable" => Test::Access(Access::READ),
            "-writable" => Test::Access(Access::WRITE),
            "-executable" => Test::Access(Access::EXEC),
            "-fstype" => Test::FsType(self.value(name)?),
            "-mtime" => Test::Age(Clock::Modified, self.bound(name)?, 86_400),
            "-atime" => Test::Age(Clock::Read, self.bound(name)?, 86_400),
            "-ctime" => Test::Age(Clock::Changed, self.bound(name)?, 86_400),
            "-mmin" => Test::Age(Clock::Modified, self.bound(name)?, 60),
            "-amin" => Test::Age(Clock::Read, self.bound(name)?, 60),
            "-cmin" => Test::Age(Clock::Changed, self.bound(name)?, 60),
            "-anewer" => self.newer(name, "am")?,
            "-cnewer" => self.newer(name, "cm")?,
            "-newer" => self.newer(name, "mm")?,
            "-context" | "-used" => {
                self.value(name)?;
                self.parsed.gaps.push(name.to_owned());
                Test::Always(false)
            }
            name => match name.strip_prefix("-newer") {
                Some(which) if which.len() == 2 => self.newer(name, which)?,
                _ => return Err(format!("find: unknown predicate `{name}'\n")),
            },
        })
    }

    fn bound(&mut self, name: &str) -> Result<Bound, String> {
        let text = self.value(name)?;
        Bound::read(&text).ok_or_else(|| format!("find: invalid argument `{text}' to `{name}'\n"))
    }

    fn types(&mut self, name: &str) -> Result<String, String> {
        let text = self.value(name)?;
        match text.split(',').find(|part| part.len() != 1 || !"bcdflpsD".contains(*part)) {
            None => Ok(text.replace(',', "")),
            Some(part) if part.len() > 1 => {
                Err(format!("find: Must separate multiple arguments to {name} using: ','\n"))
            }
            Some("") => Err(format!("find: Arguments to {name} should contain at least one letter\n")),
            Some(part) => Err(format!("find: Unknown argument to {name}: {part}\n")),
        }
    }

    fn size(&mut self) -> Result<Test, String> {
        let text = self.value("-size")?;
        let unit = match text.chars().last() {
            Some('c') => 1,
            Some('w') => 2,
            Some('b') => 512,
            Some('k') => 1 << 10,
            Some('M') => 1 << 20,
            Some('G') => 1 << 30,
            Some(digit) if digit.is_ascii_digit() => 0,
            Some(letter) => return Err(format!("find: invalid -size type `{letter}'\n")),
            None => return Err("find: invalid null argument to -size\n".to_owned()),
        };
        let digits = if unit == 0 { &text[..] } else { &text[..text.len() - 1] };
        let bound = Bound::read(digits).ok_or_else(|| format!("find: Invalid argument `{text}' to -size\n"))?;
        Ok(Test::Size(bound, if unit == 0 { 512 } else { unit }))
    }

    fn owner(&mut self, name: &str, group: bool) -> Result<Bound, String> {
        let text = self.value(name)?;
        match super::super::number_of(self.p, &text, group) {
            Some(number) => Ok(Bound { number: u64::from(number), side: std::cmp::Ordering::Equal }),
            None if group => Err(format!("find: {} is not the name of an existing group\n", curly(&text))),
            None => Err(format!("find: {} is not the name of a known user\n", curly(&text))),
        }
    }

    fn perm(&mut self) -> Result<Test, String> {
        let text = self.value("-perm")?;
        let (make, bare): (fn(u16) -> Bits, &str) = match text.strip_prefix('-') {
            Some(bare) => (Bits::All, bare),
            None => match text.strip_prefix('/') {
                Some(bare) => (Bits::Any, bare),
                None => (Bits::Exactly, &text),
            },
        };
        let bits = mode::change(bare, 0, false, 0).ok_or_else(|| format!("find: invalid mode {}\n", curly(&text)))?;
        Ok(Test::Perm(make(bits)))
    }

    fn stat(&self, path: &str) -> Result<super::super::Meta, String> {
        meta(self.p, path, true).map_err(|errno| format!("find: {}: {}\n", curly(path), errno.text()))
    }

    /// `-newerXY`: X of the file against Y of another, or a date where Y is `t`.
    fn newer(&mut self, name: &str, which: &str) -> Result<Test, String> {
        let value = self.value(name)?;
        let mut letters = which.chars();
        let clock = match letters.next() {
            Some('a') => Clock::Read,
            Some('c') => Clock::Changed,
            Some('m') => Clock::Modified,
            _ => return Err(format!("find: unknown predicate `{name}'\n")),
        };
        let than: Instant = match letters.next() {
            Some('t') => {
                let zone = zone(self.p);
                parse_datetime::named(&value, self.p.now(), &zone).ok_or_else(|| {
                    format!("find: I cannot figure out how to interpret {} as a date or time\n", curly(&value))
                })?
            }
            Some('a') => self.stat(&value)?.atime,
            Some('c') => self.stat(&value)?.ctime,
            Some('m') => self.stat(&value)?.mtime,
            _ => return Err(format!("find: unknown predicate `{name}'\n")),
        };
        Ok(Test::Newer(clock, than))
    }

    fn regex(&mut self, name: &str, nocase: bool) -> Result<Test, String> {
        let text = self.value(name)?;
        let translated = match self.syntax {
            Syntax::Extended => text.clone(),
            Syntax::Emacs => swapped(&text, "()|"),
            Syntax::Basic => swapped(&text, "()|+?{}"),
        };
        ::regex::RegexBuilder::new(&format!("^(?:{translated})$"))
            .case_insensitive(nocase)
            .dot_matches_new_line(true)
            .size_limit(1 << 20)
            .build()
            .map(Test::Regex)
            .map_err(|_| format!("find: Failed to compile regular expression '{text}'\n"))
    }
}

/// An expression in which these characters mean something only behind a backslash, the other way round.
fn swapped(text: &str, special: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let (mut letters, mut bracket) = (text.chars().peekable(), false);
    while let Some(letter) = letters.next() {
        match letter {
            '[' if !bracket => {
                bracket = true;
                out.push('[');
                for first in ['^', ']'] {
                    if letters.next_if_eq(&first).is_some() {
                        out.push_str(if first == ']' { "\\]" } else { "^" });
                    }
                }
            }
            ']' if bracket => {
                bracket = false;
                out.push(']');
            }
            '\\' if !bracket => match letters.next() {
                Some(next) if special.contains(next) => out.push(next),
                Some(next) => out.extend(['\\', next]),
                None => out.push_str("\\\\"),
            },
            letter if !bracket && (special.contains(letter) || "{}".contains(letter)) => out.extend(['\\', letter]),
            letter => out.push(letter),
        }
    }
    out
}

fn single(mut parts: Vec<Expression>, several: fn(Vec<Expression>) -> Expression) -> Expression {
    if parts.len() == 1 { parts.remove(0) } else { several(parts) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn regular_expressions_of_emacs_are_translated() {
        let check = |text: &str, expect: &str| assert_eq!(swapped(text, "()|"), expect, "{text}");
        check(r".*\.\(c\|h\)", r".*\.(c|h)");
        check("a(b)", r"a\(b\)");
        check("[a(]+", "[a(]+");
        check("[]a]x{2}", r"[\]a]x\{2\}");
        check("\\", "\\\\");
    }
}
