//! Simple commands and redirections (bash(1), "Simple Commands", "REDIRECTION").

use super::token::{Place, Token, bare};
use super::{Parse, Parser};
use crate::bash::ast::{Argument, Command, Descriptor, Part, Redirect, RedirectKind, Simple, Word};

/// The builtins whose words may be assignments.
const DECLARATIONS: [&str; 5] = ["declare", "local", "export", "readonly", "typeset"];

impl Parser<'_> {
    /// A simple command, or the definition of a function that begins with its name.
    pub(super) fn simple(&mut self) -> Parse<Command> {
        self.peek(Place::Command)?;
        let mut simple = Simple { line: self.line(), ..Simple::default() };
        let mut place = Place::Command;
        loop {
            if let Some(redirect) = self.redirect(place)? {
                simple.redirects.push(redirect);
            } else if matches!(self.peek(place)?, Token::Word(_) | Token::Assignment(_)) {
                let (start, end) = self.token.as_ref().map_or((0, 0), |spot| (spot.start, spot.end));
                let begins = simple.words.is_empty() && simple.assignments.is_empty();
                let token = self.take(place)?;
                if begins {
                    simple.line = self.input.line;
                }
                match token {
                    Token::Word(word) => {
                        let first = simple.words.is_empty();
                        let declares = match place {
                            Place::Argument(declares) => declares,
                            _ => false,
                        };
                        let named = bare(&word).is_some_and(|name| DECLARATIONS.contains(&name));
                        let declares = declares || (named && simple.words.iter().all(is_prefix));
                        let alone = first && simple.assignments.is_empty() && simple.redirects.is_empty();
                        if alone && self.peek(Place::Argument(declares))?.is("(") {
                            return self.function(self.input.between(start, end));
                        }
                        place = Place::Argument(declares);
                        simple.words.push(Argument::Word(word));
                        if begins && matches!(self.peek(place)?, Token::Word(_) | Token::Assignment(_)) {
                            // bash counts when it has looked at the word behind the first.
                            simple.line = self.input.line;
                        }
                        continue;
                    }
                    Token::Assignment(assignment) if simple.words.is_empty() => simple.assignments.push(assignment),
                    Token::Assignment(assignment) => simple.words.push(Argument::Assignment(assignment)),
                    _ => {}
                }
            } else {
                break;
            }
            if place == Place::Command {
                place = Place::Prefix;
                if matches!(self.peek(place)?, Token::Word(_) | Token::Assignment(_)) {
                    simple.line = self.input.line;
                }
            }
        }
        let empty = simple.words.is_empty() && simple.assignments.is_empty() && simple.redirects.is_empty();
        if empty { self.unexpected(place) } else { Ok(Command::Simple(simple)) }
    }

    /// The next redirection, when one stands here.
    pub(super) fn redirect(&mut self, place: Place) -> Parse<Option<Redirect>> {
        let fd = match self.peek(place)? {
            Token::Descriptor(fd) => Some(fd.clone()),
            Token::Op(op) if is_redirect(op) => None,
            _ => return Ok(None),
        };
        if fd.is_some() {
            self.token = None;
        }
        let Token::Op(op) = self.take(Place::Word)? else { return self.unexpected(Place::Word) };
        if op == "<<" || op == "<<-" {
            let kind = self.here(op == "<<-")?;
            return Ok(Some(Redirect { fd, kind }));
        }
        if !matches!(self.peek(Place::Word)?, Token::Word(_)) {
            return self.unexpected(Place::Word);
        }
        let Token::Word(word) = self.take(Place::Word)? else { return self.unexpected(Place::Word) };
        let standard = matches!(fd, None | Some(Descriptor::Number(1)));
        let kind = match op {
            "<" => RedirectKind::Read(word),
            ">" => RedirectKind::Write(word),
            ">|" => RedirectKind::Clobber(word),
            ">>" => RedirectKind::Append(word),
            "<>" => RedirectKind::ReadWrite(word),
            "&>" => RedirectKind::WriteBoth(word),
            "&>>" => RedirectKind::AppendBoth(word),
            "<&" => RedirectKind::DuplicateIn(word),
            ">&" if standard && names_a_file(&word) => RedirectKind::WriteBoth(word),
            ">&" => RedirectKind::DuplicateOut(word),
            _ => RedirectKind::HereString(word),
        };
        Ok(Some(Redirect { fd, kind }))
    }
}

fn is_redirect(op: &str) -> bool {
    ["<", ">", ">|", ">>", "<>", "&>", "&>>", "<&", ">&", "<<", "<<-", "<<<"].contains(&op)
}

/// Whether a word runs the builtin behind it.
fn is_prefix(argument: &Argument) -> bool {
    matches!(argument, Argument::Word(word) if matches!(bare(word), Some("command" | "builtin")))
}

/// Whether the word behind `>&` can only be the name of a file.
fn names_a_file(word: &Word) -> bool {
    let mut text = String::new();
    for part in &word.parts {
        match part {
            Part::Bare(own) | Part::Quoted(own) => text.push_str(own),
            Part::Double(parts) => match parts.as_slice() {
                [Part::Bare(own)] => text.push_str(own),
                [] => {}
                _ => return false,
            },
            _ => return false,
        }
    }
    let digits = text.strip_suffix('-').unwrap_or(&text);
    !digits.bytes().all(|b| b.is_ascii_digit()) || text.is_empty()
}
