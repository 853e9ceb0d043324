//! `[[ … ]]` (bash: parse.y, `parse_cond_command`).

use super::token::{Place, Token};
use super::{Failure, Parse, Parser, SyntaxError};
use crate::bash::ast::{Condition, Word};
use crate::bash::version::{Feature, Version};

const UNARY: &str = "abcdefghknoprstuvwxzGLNORS";
const BINARY: [&str; 14] = ["=", "==", "!=", "=~", "<", ">", "-eq", "-ne", "-lt", "-le", "-gt", "-ge", "-nt", "-ot"];

impl Parser<'_> {
    /// An expression and the brackets behind it.
    pub(super) fn conditional(&mut self) -> Parse<Condition> {
        let line = self.input.line;
        let condition = self.either()?;
        let token = self.peek(Place::Condition)?;
        if matches!(token, Token::End) {
            return self.ended(line, "unexpected EOF while looking for `]]'".to_owned());
        }
        if token.bare() == Some("]]") {
            self.token = None;
            return Ok(condition);
        }
        let word = matches!(token, Token::Word(_));
        self.complain(|text| match word {
            true => "syntax error in conditional expression".to_owned(),
            false => format!("syntax error in conditional expression: unexpected token `{text}'"),
        })
    }

    fn either(&mut self) -> Parse<Condition> {
        self.chain("||", Self::both, Condition::Or)
    }

    fn both(&mut self) -> Parse<Condition> {
        self.chain("&&", Self::term, Condition::And)
    }

    /// What an operator joins. The tree is as shallow as can be, for thousands may be joined.
    fn chain(
        &mut self,
        op: &str,
        read: fn(&mut Self) -> Parse<Condition>,
        join: fn(Box<Condition>, Box<Condition>) -> Condition,
    ) -> Parse<Condition> {
        let mut terms = vec![read(self)?];
        while self.eat(op, Place::Condition)? {
            terms.push(read(self)?);
        }
        while terms.len() > 1 {
            let mut pairs = Vec::with_capacity(terms.len() / 2 + 1);
            let mut rest = terms.into_iter();
            while let Some(left) = rest.next() {
                pairs.push(match rest.next() {
                    Some(right) => join(Box::new(left), Box::new(right)),
                    None => left,
                });
            }
            terms = pairs;
        }
        match terms.pop() {
            Some(condition) => Ok(condition),
            None => self.wrong("syntax error in conditional expression"),
        }
    }

    fn term(&mut self) -> Parse<Condition> {
        self.lines_in_condition()?;
        let version = self.options.version;
        let token = self.peek(Place::Condition)?;
        if token.is("(") {
            self.token = None;
            return self.deeper(Self::parenthesis);
        }
        let Token::Word(word) = token.clone() else {
            return self.complain(|text| format!("unexpected token `{text}' in conditional command"));
        };
        match Token::Word(word.clone()).bare() {
            Some("]]") => return self.complain(|_| "syntax error near `]]'".to_owned()),
            Some("!") => {
                self.token = None;
                let inner = self.deeper(Self::term)?;
                return Ok(Condition::Not(Box::new(inner)));
            }
            Some(text) => {
                if let Some(letter) = unary(text, version) {
                    self.token = None;
                    let operand = self.operand("unary", Place::Condition)?;
                    self.lines_in_condition()?;
                    return Ok(Condition::Unary(letter, operand));
                }
            }
            None => {}
        }
        self.token = None;
        self.comparison(word)
    }

    fn parenthesis(&mut self) -> Parse<Condition> {
        let inner = self.either()?;
        self.lines_in_condition()?;
        if !self.eat(")", Place::Condition)? {
            return self.complain(|text| format!("unexpected token `{text}', expected `)'"));
        }
        self.lines_in_condition()?;
        Ok(inner)
    }

    /// What follows a word.
    fn comparison(&mut self, left: Word) -> Parse<Condition> {
        let token = self.peek(Place::Condition)?;
        let op = match token {
            Token::Op(op @ ("<" | ">")) => Some((*op).to_owned()),
            Token::Op("&&" | "||" | ")") => None,
            _ => match token.bare() {
                Some("]]") => None,
                Some(text) if BINARY.contains(&text) || text == "-ef" => Some(text.to_owned()),
                _ => {
                    let word = matches!(token, Token::Word(_));
                    return self.complain(|text| match word {
                        true => "conditional binary operator expected".to_owned(),
                        false => format!("unexpected token `{text}', conditional binary operator expected"),
                    });
                }
            },
        };
        let Some(op) = op else { return Ok(Condition::Word(left)) };
        self.token = None;
        let place = match op.as_str() {
            "=" | "==" | "!=" => Place::Match,
            "=~" => Place::Regex,
            _ => Place::Condition,
        };
        let right = self.operand("binary", place)?;
        self.lines_in_condition()?;
        Ok(Condition::Binary(left, op, right))
    }

    fn operand(&mut self, kind: &str, place: Place) -> Parse<Word> {
        match self.peek(place)? {
            token if token.bare() == Some("]]") => {}
            Token::Word(word) => {
                let word = word.clone();
                self.token = None;
                return Ok(word);
            }
            _ => {}
        }
        self.complain(|text| format!("unexpected argument `{text}' to conditional {kind} operator"))
    }

    fn lines_in_condition(&mut self) -> Parse<()> {
        while matches!(self.peek(Place::Condition)?, Token::Newline) {
            self.token = None;
        }
        Ok(())
    }

    /// A complaint that names the next token.
    fn complain<T>(&mut self, message: impl FnOnce(&str) -> String) -> Parse<T> {
        self.peek(Place::Condition)?;
        let line = self.line();
        let (text, ended) = match &self.token {
            Some(spot) => match &spot.token {
                Token::End => ("EOF".to_owned(), true),
                Token::Newline => ("newline".to_owned(), false),
                _ => (self.input.between(spot.start, spot.end), false),
            },
            None => return self.wrong("syntax error in conditional expression"),
        };
        if ended {
            return self.ended(line, message(&text));
        }
        let mut message = message(&text);
        let mut source = None;
        if !self.options.version.has(Feature::CONDITION_ALONE) && !message.starts_with("syntax error") {
            message.push_str(&format!("\nsyntax error near `{text}'"));
            source = self.token.as_ref().map(|spot| self.source(spot));
        }
        Err(Box::new(Failure::Wrong(SyntaxError { line, message, source, expecting: None })))
    }
}

fn unary(text: &str, version: Version) -> Option<char> {
    let letter = text.strip_prefix('-')?;
    let mut chars = letter.chars();
    let letter = chars.next().filter(|c| UNARY.contains(*c) && chars.next().is_none())?;
    let newer = match letter {
        'v' => !version.has(Feature::IS_SET),
        'R' => !version.has(Feature::REFERENCES),
        _ => false,
    };
    (!newer).then_some(letter)
}
