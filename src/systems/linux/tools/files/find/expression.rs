//! The command line of `find` as an expression: options, operators, actions. Its tests are the neighbour's.

use std::sync::Arc;

use super::super::show::curly;
use super::action::{Action, Show};
use super::predicates::{REGEX_TYPES, Syntax};
use super::test::Test;
use crate::systems::linux::io::Open;
use crate::systems::linux::proc::{Mode, Proc};

/// How deep parentheses and negations may nest.
const DEPTH: usize = 64;

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
    /// The files that are written (`-fprint`), open since they were read of.
    pub outputs: Vec<(String, Arc<Open>)>,
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
        outputs: Vec::new(),
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

/// The words, and what was read of them.
pub(super) struct Parser<'a> {
    pub(super) p: &'a Proc,
    words: &'a [String],
    at: usize,
    pub(super) parsed: Parsed,
    pub(super) syntax: Syntax,
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

    pub(super) fn value(&mut self, name: &str) -> Result<String, String> {
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
            "-print" => Action::Show(Show::Path("\n"), None),
            "-print0" => Action::Show(Show::Path("\0"), None),
            "-printf" => Action::Show(Show::Format(self.value(name)?), None),
            "-ls" => Action::Show(Show::List, None),
            "-delete" => {
                self.parsed.depth_first = true;
                Action::Delete
            }
            "-prune" => Action::Prune,
            "-quit" => Action::Quit,
            "-exec" | "-execdir" | "-ok" | "-okdir" => return self.exec(name).map(Some),
            "-fprint" => Action::Show(Show::Path("\n"), Some(self.output(name)?)),
            "-fprint0" => Action::Show(Show::Path("\0"), Some(self.output(name)?)),
            "-fls" => Action::Show(Show::List, Some(self.output(name)?)),
            "-fprintf" => {
                let file = self.output(name)?;
                Action::Show(Show::Format(self.value(name)?), Some(file))
            }
            _ => return Ok(None),
        }))
    }

    /// A file that is written: its place among those.
    fn output(&mut self, name: &str) -> Result<usize, String> {
        let path = self.value(name)?;
        if let Some(known) = self.parsed.outputs.iter().position(|(output, _)| *output == path) {
            return Ok(known);
        }
        let open = self.p.open(&path, Mode::Write);
        let open = open.map_err(|errno| format!("find: {}: {}\n", curly(&path), errno.text()))?;
        self.parsed.outputs.push((path, open));
        Ok(self.parsed.outputs.len() - 1)
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
        Ok(Action::Run { words, inside: name.ends_with("dir"), asks: name.starts_with("-ok") })
    }
}

fn single(mut parts: Vec<Expression>, several: fn(Vec<Expression>) -> Expression) -> Expression {
    if parts.len() == 1 { parts.remove(0) } else { several(parts) }
}
