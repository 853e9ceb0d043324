//! The text of a script as trees, one command list at a time: bash reads up to the end of the line on which a list ends, runs
//! it, and reads on. By recursive descent, one pass over the characters; the words of its complaints and their line numbers are
//! those of bash 5.2 as it said them when asked, except where `appsh: ` begins them.

mod compound;
mod condition;
mod expand;
mod heredoc;
mod input;
mod simple;
mod stop;
#[cfg(test)]
mod tests;
mod token;
mod word;

use std::sync::Arc;

use crate::bash::ast::{Command, Connector, Descriptor, Item, Part, Pipeline, Redirect, RedirectKind, Script, Word};
use crate::bash::version::Version;
use heredoc::{Fill, Pending};
use input::Input;
pub use stop::Stop;
use stop::Trail;
use token::{Place, Spot, Token};

/// How deep commands, substitutions and parameters may stand within each other, all counted together.
pub const DEPTH: u32 = 100;

/// What the shell that reads has set.
#[derive(Clone, Copy)]
pub struct Options<'a> {
    /// The text of an alias, where a name is one.
    pub aliases: &'a dyn Fn(&str) -> Option<String>,
    /// Whether `@(a|b)` and its kin are patterns outside of `[[ … ]]`.
    pub extglob: bool,
    /// The number of the text's first line.
    pub first_line: u32,
    /// Which bash reads.
    pub version: Version,
}

/// A command list that was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Read {
    /// Its commands.
    pub script: Script,
    /// The line on which it begins.
    pub line: u32,
    /// The line on which it ends, which stands before bash's warnings.
    pub last_line: u32,
    /// What bash warns of, from `warning: ` on.
    pub warnings: Vec<String>,
    /// Where the text ends within it, in a here-document or behind a backslash: a keyboard is asked for more.
    pub cut: Option<Stop>,
    /// The line for which the here-document waits in which the text ends, and whether tabs may stand before it.
    pub awaited: Option<(String, bool)>,
}

/// Why no command list was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Failure {
    /// More lines are needed; with what bash says when there are none, and where the text stops.
    Incomplete(SyntaxError, Stop),
    /// What was typed is no command. Reading goes on behind the line.
    Wrong(SyntaxError),
}

/// What bash says of what it cannot read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SyntaxError {
    /// The line that it names.
    pub line: u32,
    /// Its words, behind `bash: line N: `; each line of them stands behind that prefix. What appsh has to say for itself
    /// begins with `appsh: `.
    pub message: String,
    /// The line of the script that a shell which is not interactive shows behind a second prefix, as `` `…' ``.
    pub source: Option<String>,
    /// What had to stand in the place of what stands there: an ash says so.
    pub expecting: Option<&'static str>,
}

type Parse<T> = Result<T, Box<Failure>>;

/// Reads a script.
pub struct Parser<'a> {
    text: &'a str,
    options: Options<'a>,
    input: Input,
    token: Option<Spot>,
    pending: Vec<Pending>,
    docs: Vec<Word>,
    warnings: Vec<String>,
    /// Whether a here-document ended with the text; `true` within when that is taken as it stands.
    cut_here: Option<bool>,
    trail: Trail,
    awaited: Option<(String, bool)>,
    depth: u32,
    /// At which depth each list begins.
    base: u32,
    /// How many substitutions are open in this text.
    substitutions: u32,
    /// How many texts are being read for themselves, such as that between back-quotes.
    inner: u32,
    /// How much text aliases have added to this list.
    alias_text: usize,
    /// What of the word that is being read is kept in another form than it was typed in.
    spans: Vec<Span>,
}

/// A stretch of what was read, and what is kept in its place.
struct Span {
    start: usize,
    end: usize,
    text: String,
}

impl<'a> Parser<'a> {
    /// Begins to read a text.
    pub fn new(text: &'a str, options: Options<'a>) -> Self {
        Self::over(text, options, Input::script(text, options.first_line))
    }

    /// The same for who is this deep already in [`DEPTH`] levels: both share one stack.
    #[must_use]
    pub fn begin_at(self, depth: u32) -> Self {
        Self { base: depth.min(DEPTH - 1), ..self }
    }

    fn over(text: &'a str, options: Options<'a>, input: Input) -> Self {
        Self {
            text,
            options,
            input,
            token: None,
            pending: Vec::new(),
            docs: Vec::new(),
            warnings: Vec::new(),
            cut_here: None,
            trail: Trail::default(),
            awaited: None,
            depth: 0,
            base: 0,
            substitutions: 0,
            inner: 0,
            alias_text: 0,
            spans: Vec::new(),
        }
    }

    /// The next complete command list, up to the end of its last line; none at the end of the text. Blank lines and
    /// comments are left out.
    ///
    /// # Errors
    ///
    /// What bash says of it; after [`Failure::Wrong`] the line is left out, after [`Failure::Incomplete`] nothing is left.
    #[expect(clippy::should_implement_trait, reason = "a list is read when the one before has run, never collected")]
    pub fn next(&mut self) -> Option<Result<Read, Failure>> {
        match self.read() {
            Ok(read) => read.map(Ok),
            Err(failure) => {
                self.input.skip_line();
                self.reset();
                Some(Err(*failure))
            }
        }
    }

    /// How many bytes of the text have been read. A shell whose options change reads on from there with another parser.
    pub fn offset(&self) -> usize {
        self.input.offset.min(self.text.len())
    }

    /// The number of the line on which the rest begins.
    pub fn line_number(&self) -> u32 {
        self.input.line
    }

    fn reset(&mut self) {
        self.token = None;
        self.pending.clear();
        self.docs.clear();
        self.warnings.clear();
        self.spans.clear();
        (self.cut_here, self.awaited, self.trail) = (None, None, Trail::default());
        (self.depth, self.substitutions, self.inner, self.alias_text) = (self.base, 0, 0, 0);
    }

    fn read(&mut self) -> Parse<Option<Read>> {
        self.reset();
        self.input.forget();
        while matches!(self.peek(Place::Command)?, Token::Newline) {
            self.token = None;
            self.input.forget();
        }
        if matches!(self.peek(Place::Command)?, Token::End) {
            return Ok(None);
        }
        let line = self.line();
        let mut script = self.one_line()?;
        Fill(std::mem::take(&mut self.docs)).script(&mut script);
        let last_line = if self.input.line > line { self.input.line - 1 } else { line };
        let cut = (self.cut_here.is_some() || self.input.continued) && self.input.raw_peek().is_none();
        let cut = cut.then(|| self.stop());
        let (warnings, awaited) = (std::mem::take(&mut self.warnings), self.awaited.take());
        Ok(Some(Read { script, line, last_line, warnings, cut, awaited }))
    }

    /// A list that ends with its line.
    fn one_line(&mut self) -> Parse<Script> {
        let mut items = Vec::new();
        loop {
            let mut item = self.item()?;
            item.background = self.eat("&", Place::Command)?;
            let separated = item.background || self.eat(";", Place::Command)?;
            items.push(item);
            match self.peek(Place::Command)? {
                Token::Newline | Token::End => {
                    self.token = None;
                    return Ok(Script { items });
                }
                _ if separated => {}
                _ => return self.unexpected(Place::Command),
            }
        }
    }

    /// A list over any number of lines, up to what cannot begin a command.
    fn list(&mut self) -> Parse<Script> {
        let mut items = Vec::new();
        loop {
            self.newlines()?;
            if self.closes_list()? {
                return Ok(Script { items });
            }
            let mut item = self.item()?;
            item.background = self.eat("&", Place::Command)?;
            let separated = item.background || self.eat(";", Place::Command)?;
            items.push(item);
            if !separated && !matches!(self.peek(Place::Command)?, Token::Newline) {
                return Ok(Script { items });
            }
        }
    }

    /// A list of one command at least, up to the word that closes it.
    fn commands(&mut self, closer: &'static str) -> Parse<Script> {
        let script = self.list()?;
        match self.peek(Place::Command)? {
            _ if !script.items.is_empty() => Ok(script),
            Token::End => self.expected(Place::Command, closer),
            _ => self.unexpected(Place::Command),
        }
    }

    fn newlines(&mut self) -> Parse<()> {
        while matches!(self.peek(Place::Command)?, Token::Newline) {
            self.token = None;
        }
        Ok(())
    }

    fn closes_list(&mut self) -> Parse<bool> {
        let token = self.peek(Place::Command)?;
        let reserved = ["then", "do", "done", "fi", "elif", "else", "esac", "}"];
        Ok(match token {
            Token::End => true,
            Token::Op(op) => [")", ";;", ";&", ";;&"].contains(op),
            _ => token.bare().is_some_and(|word| reserved.contains(&word)),
        })
    }

    fn item(&mut self) -> Parse<Item> {
        let first = self.pipeline()?;
        let mut rest = Vec::new();
        loop {
            let connector = match self.peek(Place::Command)? {
                Token::Op("&&") => Connector::And,
                Token::Op("||") => Connector::Or,
                _ => return Ok(Item { first, rest, background: false }),
            };
            self.token = None;
            self.newlines()?;
            rest.push((connector, self.pipeline()?));
        }
    }

    fn pipeline(&mut self) -> Parse<Pipeline> {
        let mut pipeline = Pipeline { negated: false, timed: None, stages: Vec::new() };
        let mut prefixed = false;
        loop {
            match self.peek(Place::Command)?.bare() {
                Some("!") => pipeline.negated = !pipeline.negated,
                Some("time") => pipeline.timed = Some(pipeline.timed == Some(true)),
                Some("-p") if pipeline.timed == Some(false) => pipeline.timed = Some(true),
                Some("--") if pipeline.timed.is_some() => {}
                _ => break,
            }
            prefixed = true;
            self.token = None;
        }
        if prefixed && matches!(self.peek(Place::Command)?, Token::Newline | Token::End | Token::Op(";")) {
            return Ok(pipeline);
        }
        loop {
            let mut stage = self.command()?;
            let both = match self.peek(Place::Command)? {
                Token::Op("|") => false,
                Token::Op("|&") => true,
                _ => {
                    pipeline.stages.push(stage);
                    return Ok(pipeline);
                }
            };
            self.token = None;
            if both {
                let one = Word::of(vec![Part::Bare("1".to_owned())]);
                let kind = RedirectKind::DuplicateOut(one);
                add_redirect(&mut stage, Redirect { fd: Some(Descriptor::Number(2)), kind });
            }
            pipeline.stages.push(stage);
            self.newlines()?;
            if self.peek(Place::Command)?.bare() == Some("!") {
                return self.unexpected(Place::Command);
            }
        }
    }

    fn command(&mut self) -> Parse<Command> {
        let line = self.line();
        let compound = self.deeper(Self::compound)?;
        let Some(body) = compound else { return self.simple() };
        let body = match body {
            compound::Construct::Function(command) => return Ok(command),
            compound::Construct::Compound(body) => body,
        };
        let mut redirects = Vec::new();
        while let Some(redirect) = self.redirect(Place::Command)? {
            redirects.push(redirect);
        }
        if !redirects.is_empty() && matches!(self.peek(Place::Command)?, Token::Word(_)) {
            return self.unexpected(Place::Command);
        }
        Ok(Command::Compound { body, redirects, line })
    }

    /// Reads something one level deeper.
    fn deeper<T>(&mut self, read: impl FnOnce(&mut Self) -> Parse<T>) -> Parse<T> {
        if self.depth >= DEPTH {
            return self.wrong(&format!("appsh: commands within commands go deeper than {DEPTH} levels"));
        }
        self.depth += 1;
        let result = read(self);
        self.depth -= 1;
        result
    }

    /// Reads a text for itself.
    fn within<T>(&mut self, text: &str, line: u32, read: impl FnOnce(&mut Self) -> Parse<T>) -> Parse<T> {
        let input = std::mem::replace(&mut self.input, Input::new(text, line));
        let token = self.token.take();
        let pending = std::mem::take(&mut self.pending);
        let spans = std::mem::take(&mut self.spans);
        let (substitutions, trail) = (std::mem::take(&mut self.substitutions), std::mem::take(&mut self.trail));
        self.inner += 1;
        let result = self.deeper(read);
        self.inner -= 1;
        (self.input, self.token, self.pending, self.substitutions) = (input, token, pending, substitutions);
        (self.trail, self.spans) = (trail, spans);
        result
    }

    /// Notes how a word was typed that began at a place, unless its only part tells.
    fn as_typed(&mut self, start: usize, mut word: Word) -> Word {
        let own = self.spans.split_off(self.spans.partition_point(|span| span.start < start));
        if !matches!(word.parts[..], [] | [Part::Bare(_)]) {
            let mut text = String::new();
            let mut at = start;
            for span in own {
                text += &self.input.between(at, span.start);
                text += &span.text;
                at = span.end;
            }
            text += &self.input.between(at, self.input.place());
            word.typed = Some(text.into());
        }
        word
    }

    /// The complaint about the next token, where another had to stand.
    fn expected<T>(&mut self, place: Place, what: &'static str) -> Parse<T> {
        self.unexpected(place).map_err(|mut failure| {
            let (Failure::Incomplete(error, _) | Failure::Wrong(error)) = &mut *failure;
            error.expecting = Some(what);
            failure
        })
    }

    /// The complaint about the next token.
    fn unexpected<T>(&mut self, place: Place) -> Parse<T> {
        self.peek(place)?;
        let Some(spot) = self.token.clone() else { return self.wrong("syntax error") };
        let text = match &spot.token {
            Token::End if self.substitutions > 0 => return self.unmatched(')', spot.line),
            Token::End => return self.ended(spot.line, "syntax error: unexpected end of file".to_owned()),
            Token::Newline => "newline".to_owned(),
            Token::Arithmetic(_) => "((".to_owned(),
            Token::Op(op) => (*op).to_owned(),
            _ => self.input.between(spot.start, spot.end),
        };
        let message = format!("syntax error near unexpected token `{text}'");
        let source = Some(self.source(&spot));
        Err(Box::new(Failure::Wrong(SyntaxError { line: spot.line, message, source, expecting: None })))
    }

    /// The line on which a token stands, as it was given.
    fn source(&self, spot: &Spot) -> String {
        let at = spot.line.saturating_sub(self.options.first_line) as usize;
        match self.text.split('\n').nth(at) {
            Some(line) if self.inner == 0 => line.to_owned(),
            _ => self.input.line_at(spot.start),
        }
    }

    /// The complaint about what was opened on a line and is never closed.
    fn unmatched<T>(&mut self, closer: char, line: u32) -> Parse<T> {
        self.ended(line, format!("unexpected EOF while looking for matching `{closer}'"))
    }

    /// The text ended too early; more of it helps unless it is only a part.
    fn ended<T>(&mut self, line: u32, message: String) -> Parse<T> {
        let error = SyntaxError { line, message, source: None, expecting: None };
        Err(Box::new(if self.inner > 0 { Failure::Wrong(error) } else { Failure::Incomplete(error, self.stop()) }))
    }

    fn wrong<T>(&mut self, message: &str) -> Parse<T> {
        let error = SyntaxError { line: self.line(), message: message.to_owned(), source: None, expecting: None };
        Err(Box::new(Failure::Wrong(error)))
    }
}

/// The expansions of a text by the rules of double quotes, except that a double quote is a character like any other: a
/// here-document, a prompt, arithmetic.
///
/// # Errors
///
/// What bash says of an expansion that is never closed or holds no commands; the line is counted from 1.
pub fn double_quoted(text: &str) -> Result<Word, SyntaxError> {
    let options = Options { aliases: &|_| None, extglob: false, first_line: 1, version: Version::NEWEST };
    let mut parser = Parser::over(text, options, Input::new("", 1));
    match parser.text_word(text, 1) {
        Ok(mut word) => {
            Fill(std::mem::take(&mut parser.docs)).word(&mut word);
            Ok(word)
        }
        Err(failure) => match *failure {
            Failure::Incomplete(error, _) | Failure::Wrong(error) => Err(error),
        },
    }
}

fn add_redirect(command: &mut Command, redirect: Redirect) {
    match command {
        Command::Simple(simple) => simple.redirects.push(redirect),
        Command::Compound { redirects, .. } => redirects.push(redirect),
        Command::Function { body, .. } => add_redirect(Arc::make_mut(body), redirect),
    }
}
