//! The constructs of the language (bash(1), "Compound Commands"), and functions.

use std::sync::Arc;

use super::token::{Place, Token};
use super::{Failure, Parse, Parser, SyntaxError};
use crate::bash::ast::{Arm, ArmEnd, Command, Compound, Script, Word};
use crate::bash::version::Feature;

/// What a reserved word or a parenthesis begins.
pub(super) enum Construct {
    /// A compound command, whose redirections are still to come.
    Compound(Compound),
    /// The definition of a function, complete.
    Function(Command),
}

impl Parser<'_> {
    /// The compound command that begins here; none when none does.
    pub(super) fn compound(&mut self) -> Parse<Option<Construct>> {
        let token = self.peek(Place::Command)?;
        let word = match token {
            Token::Op("(") => "(",
            Token::Arithmetic(_) => "((",
            _ => token.bare().unwrap_or_default(),
        }
        .to_owned();
        let compound = match word.as_str() {
            "(" => self.opened(|p| Ok(Compound::Subshell(p.closed_by_parenthesis()?)))?,
            "((" => match self.take(Place::Command)? {
                Token::Arithmetic(word) => Compound::Arithmetic(word),
                _ => return Ok(None),
            },
            "{" => self.opened(Self::group)?,
            "if" => self.opened(Self::if_command)?,
            "for" => self.opened(Self::for_command)?,
            "select" => self.opened(|p| {
                let (name, words) = p.name_and_words()?;
                Ok(Compound::Select { name, words, body: p.body()? })
            })?,
            "while" => self.opened(|p| p.while_command(false))?,
            "until" => self.opened(|p| p.while_command(true))?,
            "case" => self.opened(Self::case)?,
            "[[" => self.opened(|p| Ok(Compound::Conditional(p.conditional()?)))?,
            "function" => {
                self.token = None;
                return self.function_by_word().map(|command| Some(Construct::Function(command)));
            }
            "coproc" if self.options.version.has(Feature::COPROC) => return self.wrong("appsh: not modelled: coproc"),
            "then" | "do" | "done" | "fi" | "elif" | "else" | "esac" | "}" | "in" => {
                return self.unexpected(Place::Command);
            }
            _ => return Ok(None),
        };
        Ok(Some(Construct::Compound(compound)))
    }

    fn opened(&mut self, read: impl FnOnce(&mut Self) -> Parse<Compound>) -> Parse<Compound> {
        self.token = None;
        read(self)
    }

    /// A reserved word that must stand here.
    fn reserved(&mut self, word: &'static str) -> Parse<()> {
        if self.peek(Place::Command)?.bare() == Some(word) {
            self.token = None;
            return Ok(());
        }
        self.expected(Place::Command, word)
    }

    fn closed_by_parenthesis(&mut self) -> Parse<Script> {
        let script = self.commands(")")?;
        if self.eat(")", Place::Command)? { Ok(script) } else { self.expected(Place::Command, ")") }
    }

    fn group(&mut self) -> Parse<Compound> {
        let script = self.commands("}")?;
        self.reserved("}")?;
        Ok(Compound::Group(script))
    }

    fn if_command(&mut self) -> Parse<Compound> {
        let mut branches = Vec::new();
        loop {
            let condition = self.commands("then")?;
            self.reserved("then")?;
            branches.push((condition, self.commands("fi")?));
            let otherwise = match self.peek(Place::Command)?.bare() {
                Some("elif") => {
                    self.token = None;
                    continue;
                }
                Some("else") => {
                    self.token = None;
                    Some(self.commands("fi")?)
                }
                _ => None,
            };
            self.reserved("fi")?;
            return Ok(Compound::If { branches, otherwise });
        }
    }

    fn while_command(&mut self, until: bool) -> Parse<Compound> {
        let condition = self.commands("do")?;
        self.reserved("do")?;
        let body = self.commands("done")?;
        self.reserved("done")?;
        Ok(Compound::While { until, condition, body })
    }

    /// `do … done` or `{ … }`.
    fn body(&mut self) -> Parse<Script> {
        let end = match self.peek(Place::Command)?.bare() {
            Some("do") => "done",
            Some("{") => "}",
            _ => return self.expected(Place::Command, "do"),
        };
        self.token = None;
        let body = self.commands(end)?;
        self.reserved(end)?;
        Ok(body)
    }

    fn for_command(&mut self) -> Parse<Compound> {
        self.skip_blanks();
        let arithmetic = self.options.version.has(Feature::ARITHMETIC_COMMAND);
        if arithmetic && self.input.peek() == Some('(') && self.input.second() == Some('(') {
            return self.for_arithmetic();
        }
        let (name, words) = self.name_and_words()?;
        Ok(Compound::For { name, words, body: self.body()? })
    }

    /// `NAME`, and the words behind `in` where it stands; up to `do`.
    fn name_and_words(&mut self) -> Parse<(String, Option<Vec<Word>>)> {
        let name = self.typed_word()?;
        let separated = self.eat(";", Place::Word)?;
        while matches!(self.peek(Place::Word)?, Token::Newline) {
            self.token = None;
        }
        if separated || self.peek(Place::Word)?.bare() != Some("in") {
            return Ok((name, None));
        }
        self.token = None;
        let mut words = Vec::new();
        while let Token::Word(word) = self.peek(Place::Word)? {
            words.push(word.clone());
            self.token = None;
        }
        if !self.eat(";", Place::Word)? && !matches!(self.peek(Place::Word)?, Token::Newline) {
            return self.unexpected(Place::Word);
        }
        self.newlines()?;
        Ok((name, Some(words)))
    }

    /// A word as it was typed.
    fn typed_word(&mut self) -> Parse<String> {
        if !matches!(self.peek(Place::Word)?, Token::Word(_)) {
            return self.expected(Place::Word, "a name");
        }
        let text = self.token.take().map(|spot| self.input.between(spot.start, spot.end));
        Ok(text.unwrap_or_default())
    }

    fn for_arithmetic(&mut self) -> Parse<Compound> {
        let line = self.input.line;
        self.input.raw();
        let Some(text) = self.arithmetic_text(line)? else {
            return self.unexpected(Place::Command);
        };
        let parts = at_semicolons(&text);
        let [init, condition, step] = parts.as_slice() else {
            let what = if parts.len() < 3 { "arithmetic expression required" } else { "`;' unexpected" };
            let message = format!("syntax error: {what}\nsyntax error: `(({text}))'");
            return Err(Box::new(Failure::Wrong(SyntaxError { line, message, source: None, expecting: None })));
        };
        let init = self.arithmetic_word(init.trim_start(), line)?;
        let condition = self.arithmetic_word(condition.trim_start(), line)?;
        let step = self.arithmetic_word(step.trim_start(), line)?;
        self.trail.other();
        self.eat(";", Place::Command)?;
        self.newlines()?;
        Ok(Compound::ForArithmetic { init, condition, step, body: self.body()? })
    }

    fn case(&mut self) -> Parse<Compound> {
        let Token::Word(word) = self.peek(Place::Word)?.clone() else { return self.unexpected(Place::Word) };
        self.token = None;
        while matches!(self.peek(Place::Word)?, Token::Newline) {
            self.token = None;
        }
        if self.peek(Place::Word)?.bare() != Some("in") {
            return self.expected(Place::Word, "in");
        }
        self.token = None;
        let mut arms = Vec::new();
        loop {
            while matches!(self.peek(Place::Word)?, Token::Newline) {
                self.token = None;
            }
            if self.peek(Place::Word)?.bare() == Some("esac") {
                self.token = None;
                return Ok(Compound::Case { word, arms });
            }
            let patterns = self.patterns()?;
            let body = self.list()?;
            let end = match self.peek(Place::Command)? {
                Token::Op(";;") => Some(ArmEnd::Break),
                Token::Op(";&") => Some(ArmEnd::Fall),
                Token::Op(";;&") => Some(ArmEnd::Test),
                _ => None,
            };
            arms.push(Arm { patterns, body, end: end.unwrap_or(ArmEnd::Break) });
            if end.is_some() {
                self.token = None;
                continue;
            }
            if self.peek(Place::Command)?.bare() != Some("esac") {
                return self.expected(Place::Command, ";;");
            }
            self.token = None;
            return Ok(Compound::Case { word, arms });
        }
    }

    /// The patterns of an arm, up to their parenthesis.
    fn patterns(&mut self) -> Parse<Vec<Word>> {
        self.eat("(", Place::Word)?;
        let mut patterns = Vec::new();
        loop {
            let Token::Word(pattern) = self.peek(Place::Word)?.clone() else { return self.expected(Place::Word, ")") };
            self.token = None;
            patterns.push(pattern);
            if self.eat(")", Place::Word)? {
                return Ok(patterns);
            }
            if !self.eat("|", Place::Word)? {
                return self.expected(Place::Word, ")");
            }
        }
    }

    /// A function behind its name, where a parenthesis stands.
    pub(super) fn function(&mut self, name: String) -> Parse<Command> {
        self.token = None;
        if !self.eat(")", Place::Word)? {
            return self.expected(Place::Word, ")");
        }
        self.function_body(name)
    }

    fn function_by_word(&mut self) -> Parse<Command> {
        let name = self.typed_word()?;
        let line = self.line();
        if !self.eat("(", Place::Word)? || self.eat(")", Place::Command)? {
            return self.function_body(name);
        }
        // What stands in parentheses is its body.
        let script = self.commands(")")?;
        if !self.eat(")", Place::Command)? {
            return self.unexpected(Place::Command);
        }
        let mut redirects = Vec::new();
        while let Some(redirect) = self.redirect(Place::Command)? {
            redirects.push(redirect);
        }
        let body = Arc::new(Command::Compound { body: Compound::Subshell(script), redirects, line });
        Ok(Command::Function { name, body })
    }

    fn function_body(&mut self, name: String) -> Parse<Command> {
        self.newlines()?;
        let token = self.peek(Place::Command)?;
        let opens = match token {
            Token::Op("(") | Token::Arithmetic(_) => true,
            _ => token
                .bare()
                .is_some_and(|word| ["{", "if", "for", "select", "while", "until", "case", "[["].contains(&word)),
        };
        if !opens {
            return self.unexpected(Place::Command);
        }
        let body = Arc::new(self.deeper(Self::command)?);
        Ok(Command::Function { name, body })
    }
}

/// The text between `((` and `))` at its semicolons, except those in quotes or parentheses.
fn at_semicolons(text: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let (mut start, mut open, mut quote) = (0, 0_u32, None);
    for (at, c) in text.char_indices() {
        match c {
            _ if quote == Some(c) => quote = None,
            _ if quote.is_some() => {}
            '"' | '\'' | '`' => quote = Some(c),
            '(' => open += 1,
            ')' => open = open.saturating_sub(1),
            ';' if open == 0 => {
                parts.push(&text[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&text[start..]);
    parts
}
