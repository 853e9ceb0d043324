//! What the grammar is made of: words, operators, ends of lines. What a word may be depends on where it stands, so the
//! grammar says where it is whenever it looks at the next token (bash: parse.y, `read_token`).

use super::{Parse, Parser, word::Builder, word::Style};
use crate::bash::ast::{Assigned, Assignment, Descriptor, Part, Word};
use crate::bash::version::{Feature, Version};

/// How much text aliases may add to one command list.
const ALIAS_TEXT: usize = 1 << 18;

/// A token.
#[derive(Clone, Debug)]
pub(super) enum Token {
    /// A word.
    Word(Word),
    /// An assignment, where one may stand.
    Assignment(Assignment),
    /// What stands directly before the operator of a redirection.
    Descriptor(Descriptor),
    /// `(( … ))` where a command may stand.
    Arithmetic(Word),
    /// An operator.
    Op(&'static str),
    /// The end of a line.
    Newline,
    /// The end of the text.
    End,
}

impl Token {
    /// The characters of a word without any quote or expansion.
    pub(super) fn bare(&self) -> Option<&str> {
        match self {
            Token::Word(word) => bare(word),
            _ => None,
        }
    }

    /// Whether it is this operator.
    pub(super) fn is(&self, op: &str) -> bool {
        matches!(self, Token::Op(own) if *own == op)
    }
}

/// The characters of a word without any quote or expansion.
pub(super) fn bare(word: &Word) -> Option<&str> {
    match word.parts.as_slice() {
        [Part::Bare(text)] => Some(text),
        _ => None,
    }
}

/// Whether a text is the name of a variable.
pub(super) fn is_name(text: &str) -> bool {
    text.starts_with(is_name_start) && text.chars().all(is_name_char)
}

pub(super) fn is_name_start(c: char) -> bool {
    c.is_ascii_alphabetic() || c == '_'
}

pub(super) fn is_name_char(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

/// A token where it was found.
#[derive(Clone, Debug)]
pub(super) struct Spot {
    pub(super) token: Token,
    pub(super) line: u32,
    pub(super) start: usize,
    pub(super) end: usize,
}

/// Where a token stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// Where a command begins.
    Command,
    /// Behind assignments or redirections with which a command began.
    Prefix,
    /// Behind the first word of a command; `true` when that declares variables.
    Argument(bool),
    /// In a list of words.
    Word,
    /// In `[[ … ]]`.
    Condition,
    /// In `[[ … ]]` behind `==`, `=` and `!=`.
    Match,
    /// In `[[ … ]]` behind `=~`.
    Regex,
}

impl Place {
    fn assigns(self) -> bool {
        matches!(self, Place::Command | Place::Prefix | Place::Argument(true))
    }

    /// Whether it is in `[[ … ]]`.
    pub(super) fn conditional(self) -> bool {
        matches!(self, Place::Condition | Place::Match | Place::Regex)
    }
}

impl Parser<'_> {
    /// The next token, which stays.
    pub(super) fn peek(&mut self, place: Place) -> Parse<&Token> {
        if self.token.is_none() {
            self.token = Some(self.lex(place)?);
        }
        match &self.token {
            Some(spot) => Ok(&spot.token),
            None => Ok(&Token::End),
        }
    }

    /// The next token.
    pub(super) fn take(&mut self, place: Place) -> Parse<Token> {
        match self.token.take() {
            Some(spot) => Ok(spot.token),
            None => Ok(self.lex(place)?.token),
        }
    }

    /// The line on which the next token begins.
    pub(super) fn line(&self) -> u32 {
        self.token.as_ref().map_or(self.input.line, |spot| spot.line)
    }

    /// The next token when it is this operator.
    pub(super) fn eat(&mut self, op: &str, place: Place) -> Parse<bool> {
        let found = self.peek(place)?.is(op);
        if found {
            self.token = None;
        }
        Ok(found)
    }

    fn lex(&mut self, place: Place) -> Parse<Spot> {
        loop {
            self.skip_blanks();
            let (line, start) = (self.input.line, self.input.place());
            let token = self.lex_one(place)?;
            if let Some(name) = token.bare()
                && self.expand_alias(name, place)?
            {
                continue;
            }
            self.trail.note(&token, place);
            return Ok(Spot { token, line, start, end: self.input.place() });
        }
    }

    /// Blanks, and a comment up to the end of its line.
    pub(super) fn skip_blanks(&mut self) {
        while let Some(c) = self.input.peek() {
            match c {
                ' ' | '\t' => {}
                '#' => {
                    while self.input.raw_in_line().is_some() {}
                    return;
                }
                _ => return,
            }
            self.input.raw();
        }
    }

    fn lex_one(&mut self, place: Place) -> Parse<Token> {
        let Some(c) = self.input.peek() else {
            self.gather()?;
            return Ok(Token::End);
        };
        let process = matches!(c, '<' | '>') && self.input.second() == Some('(') && !place.conditional();
        let regex = place == Place::Regex && matches!(c, '(' | '|');
        match c {
            '\n' => {
                self.input.raw();
                self.gather()?;
                Ok(Token::Newline)
            }
            '&' | ';' | '|' | '(' | ')' | '<' | '>' if !process && !regex => self.operator(c, place),
            _ => self.lex_word(place),
        }
    }

    fn operator(&mut self, first: char, place: Place) -> Parse<Token> {
        self.input.raw();
        let (version, input) = (self.options.version, &mut self.input);
        let op = match first {
            '&' if input.eat('&') => "&&",
            '&' if input.eat('>') => {
                if version.has(Feature::APPEND_BOTH) && input.eat('>') {
                    "&>>"
                } else {
                    "&>"
                }
            }
            '&' => "&",
            ';' if input.eat(';') => {
                if version.has(Feature::FALL_THROUGH) && input.eat('&') {
                    ";;&"
                } else {
                    ";;"
                }
            }
            ';' if version.has(Feature::FALL_THROUGH) && input.eat('&') => ";&",
            ';' => ";",
            '|' if input.eat('|') => "||",
            '|' if version.has(Feature::PIPE_BOTH) && input.eat('&') => "|&",
            '|' => "|",
            ')' => ")",
            '<' if place.conditional() => "<",
            '>' if place.conditional() => ">",
            '<' if input.eat('<') => {
                if input.eat('-') {
                    "<<-"
                } else if input.eat('<') {
                    "<<<"
                } else {
                    "<<"
                }
            }
            '<' if input.eat('&') => "<&",
            '<' if input.eat('>') => "<>",
            '<' => "<",
            '>' if input.eat('>') => ">>",
            '>' if input.eat('&') => ">&",
            '>' if input.eat('|') => ">|",
            '>' => ">",
            _ => {
                let arithmetic = version.has(Feature::ARITHMETIC_COMMAND);
                if arithmetic && place == Place::Command && input.peek() == Some('(') {
                    let line = self.input.line;
                    if let Some(text) = self.arithmetic_text(line)? {
                        return Ok(Token::Arithmetic(self.arithmetic_word(&text, line)?));
                    }
                }
                "("
            }
        };
        Ok(Token::Op(op))
    }

    fn lex_word(&mut self, place: Place) -> Parse<Token> {
        let start = self.input.place();
        let mut word = Builder::default();
        if place.assigns()
            && let Some(assignment) = self.lex_assignment(&mut word)?
        {
            return Ok(Token::Assignment(assignment));
        }
        let style = match place {
            Place::Regex => Style::Regex,
            Place::Match => Style::Word(true),
            _ => Style::Word(self.options.extglob),
        };
        self.stretch(style, &mut word)?;
        let word = self.as_typed(start, word.finish());
        if !place.conditional()
            && matches!(self.input.peek(), Some('<' | '>'))
            && let Some(descriptor) = bare(&word).and_then(|text| descriptor(text, self.options.version))
        {
            return Ok(Token::Descriptor(descriptor));
        }
        Ok(Token::Word(word))
    }

    /// `NAME=`, `NAME+=`, `NAME[…]=` and what follows; what turns out to be none goes into the word.
    fn lex_assignment(&mut self, word: &mut Builder) -> Parse<Option<Assignment>> {
        let mut name = String::new();
        while let Some(c) = self.input.peek()
            && (if name.is_empty() { is_name_start(c) } else { is_name_char(c) })
        {
            name.push(c);
            self.input.raw();
        }
        let mut subscript = None;
        if !name.is_empty() && self.input.peek() == Some('[') {
            self.input.raw();
            subscript = Some(self.subscript()?);
        }
        let append = self.input.peek() == Some('+') && self.input.second() == Some('=');
        if name.is_empty() || !(append || self.input.peek() == Some('=')) {
            word.text(&name);
            if let Some(inner) = subscript {
                word.text("[");
                inner.parts.into_iter().for_each(|part| word.part(part));
                word.text("]");
            }
            return Ok(None);
        }
        self.input.take(if append { 2 } else { 1 });
        let value = match self.input.peek() {
            Some('(') => Assigned::Array(self.array()?),
            _ => Assigned::Word(self.word_here()?),
        };
        Ok(Some(Assignment { name, subscript, append, value }))
    }

    /// What is left of a word.
    pub(super) fn word_here(&mut self) -> Parse<Word> {
        let start = self.input.place();
        let mut word = Builder::default();
        self.stretch(Style::Word(self.options.extglob), &mut word)?;
        Ok(self.as_typed(start, word.finish()))
    }

    /// The elements of an array, from its parenthesis on.
    fn array(&mut self) -> Parse<Vec<(Option<Word>, Word)>> {
        let line = self.input.line;
        self.input.raw();
        self.trail.open('[');
        let mut elements = Vec::new();
        loop {
            self.skip_blanks();
            match self.input.peek() {
                Some('\n') => drop(self.input.raw()),
                Some(')') => {
                    self.input.raw();
                    self.trail.close();
                    return Ok(elements);
                }
                Some('[') => elements.push(self.element()?),
                Some(c) => {
                    let process = matches!(c, '<' | '>') && self.input.second() == Some('(');
                    if "&;|(<>".contains(c) && !process {
                        return self.unexpected(Place::Word);
                    }
                    elements.push((None, self.word_here()?));
                }
                None => return self.unmatched(')', line),
            }
        }
    }

    /// An element that may begin with a subscript.
    fn element(&mut self) -> Parse<(Option<Word>, Word)> {
        let start = self.input.place();
        self.input.raw();
        let subscript = self.subscript()?;
        if self.input.eat('=') {
            return Ok((Some(subscript), self.word_here()?));
        }
        if self.input.peek() == Some('+') && self.input.second() == Some('=') {
            return self.wrong("appsh: not modelled: an element of an array that is added to ([k]+=v)");
        }
        let mut word = Builder::default();
        word.text("[");
        subscript.parts.into_iter().for_each(|part| word.part(part));
        word.text("]");
        self.stretch(Style::Word(self.options.extglob), &mut word)?;
        Ok((None, self.as_typed(start, word.finish())))
    }

    /// Puts the text of an alias in place of its name, where aliases count.
    fn expand_alias(&mut self, name: &str, place: Place) -> Parse<bool> {
        let counts = match place {
            Place::Command | Place::Prefix => true,
            Place::Argument(_) | Place::Word => self.input.alias_next,
            _ => false,
        };
        self.input.alias_next = false;
        if !counts || self.input.within_alias(name) {
            return Ok(false);
        }
        let Some(text) = (self.options.aliases)(name) else { return Ok(false) };
        self.alias_text += text.len() + 1;
        if self.alias_text > ALIAS_TEXT {
            return self.wrong("appsh: aliases make this line longer than 256 KiB");
        }
        self.input.insert_alias(name, &text);
        self.input.alias_next = true;
        Ok(true)
    }
}

/// `3` and `{name}` directly before the operator of a redirection.
fn descriptor(text: &str, version: Version) -> Option<Descriptor> {
    if text.bytes().all(|b| b.is_ascii_digit()) {
        return text.parse().ok().map(Descriptor::Number);
    }
    let name = text.strip_prefix('{')?.strip_suffix('}')?;
    (is_name(name) && version.has(Feature::NAMED_DESCRIPTORS)).then(|| Descriptor::Variable(name.to_owned()))
}
