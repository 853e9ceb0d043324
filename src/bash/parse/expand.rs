//! What a dollar sign and a back-quote begin (bash(1), "EXPANSION"): parameters, substitutions, arithmetic.

use std::sync::Arc;

use super::token::{Place, is_name_char, is_name_start};
use super::{Parse, Parser, Span, word::Builder, word::Style};
use crate::bash::ast::{Operation, Parameter, Part, Script, Word};
use crate::bash::print;
use crate::bash::version::{Feature, Version};

/// The parameters whose name is a sign.
const SPECIAL: &str = "@*#?-$!";

impl Parser<'_> {
    /// What a dollar sign begins; `quoted` where the rules of double quotes hold.
    pub(super) fn dollar(&mut self, quoted: bool, out: &mut Builder) -> Parse<()> {
        let (start, line) = (self.input.place(), self.input.line);
        self.input.raw();
        let part = match self.input.peek() {
            Some('\'') if !quoted => {
                let text = self.ansi()?;
                self.keeps(start, format!("'{}'", text.replace('\'', "'\\''")));
                Part::Quoted(text)
            }
            Some('"') if !quoted => {
                self.keeps(start, String::new());
                self.double()?
            }
            Some('{') => self.deeper(|p| p.braces(start, quoted))?,
            Some('(') => {
                self.input.raw();
                let trail = self.trail.clone();
                self.trail.open('(');
                let arithmetic = if self.input.peek() == Some('(') { self.arithmetic_text(line)? } else { None };
                let part = match arithmetic {
                    Some(text) => Part::Arithmetic(self.arithmetic_word(&text, line)?),
                    None => Part::Command(self.shown_substitution(start, "$(")?),
                };
                self.trail = trail;
                part
            }
            Some('[') => {
                self.input.raw();
                Part::Arithmetic(self.deeper(Self::subscript)?)
            }
            Some(c) if is_name_start(c) || c.is_ascii_digit() || SPECIAL.contains(c) => {
                let name = if c.is_ascii_digit() { self.input.take(1) } else { self.name() };
                Part::Parameter(Box::new(Parameter {
                    name,
                    subscript: None,
                    braced: false,
                    indirect: false,
                    operation: None,
                }))
            }
            _ => Part::Bare("$".to_owned()),
        };
        out.part(part);
        Ok(())
    }

    /// Notes what is kept of a word in place of what was read since a place.
    fn keeps(&mut self, start: usize, text: String) {
        let end = self.input.place();
        self.spans.push(Span { start, end, text });
    }

    /// The commands of a substitution, of which a word shows more or less what was typed.
    fn shown_substitution(&mut self, start: usize, open: &str) -> Parse<Arc<Script>> {
        let documents = self.docs.len();
        let script = self.substitution()?;
        // The text of a here-document is still to come.
        if self.options.version.has(Feature::REWRITES) && self.docs.len() == documents {
            self.keeps(start, print::substitution(open, &script));
        }
        Ok(script)
    }

    /// The name of a variable, digits, or a sign; nothing when none stands here.
    fn name(&mut self) -> String {
        let mut name = String::new();
        while let Some(c) = self.input.peek() {
            let fits = match name.chars().next() {
                None => is_name_char(c) || SPECIAL.contains(c),
                Some(first) if is_name_start(first) => is_name_char(c),
                Some(first) => first.is_ascii_digit() && c.is_ascii_digit(),
            };
            if !fits {
                break;
            }
            name.push(c);
            self.input.raw();
        }
        name
    }

    /// `${…}`, from its brace on. What bash calls a bad substitution when it comes to it is kept with its text.
    fn braces(&mut self, start: usize, quoted: bool) -> Parse<Part> {
        let line = self.input.line;
        self.input.raw();
        let parameter = self.parameter(quoted)?;
        if let Some(parameter) = parameter
            && self.input.eat('}')
        {
            return Ok(Part::Parameter(Box::new(parameter)));
        }
        self.stretch(Style::Brace(quoted), &mut Builder::default())?;
        if !self.input.eat('}') {
            return self.unmatched('}', line);
        }
        let name = self.input.between(start, self.input.place());
        Ok(Part::Parameter(Box::new(Parameter {
            name,
            subscript: None,
            braced: true,
            indirect: false,
            operation: Some(Operation::Bad),
        })))
    }

    fn parameter(&mut self, quoted: bool) -> Parse<Option<Parameter>> {
        let (next, second) = (self.input.peek(), self.input.second());
        match (next, second) {
            (Some('#'), Some(c)) if is_name_char(c) || (SPECIAL.contains(c) && self.closes_third()) => {
                self.input.raw();
                let name = self.name();
                let subscript = self.subscript_here()?;
                Ok(Some(Parameter {
                    name,
                    subscript,
                    braced: true,
                    indirect: false,
                    operation: Some(Operation::Length),
                }))
            }
            (Some('!'), Some(c)) if is_name_char(c) || (SPECIAL.contains(c) && self.closes_third()) => {
                self.input.raw();
                self.indirect(quoted)
            }
            _ => {
                let name = self.name();
                if name.is_empty() {
                    return Ok(None);
                }
                let subscript = self.subscript_here()?;
                let Some(operation) = self.operation(quoted)? else { return Ok(None) };
                Ok(Some(Parameter { name, subscript, braced: true, indirect: false, operation }))
            }
        }
    }

    /// Whether the third character to come closes the brace, as in `${#?}`.
    fn closes_third(&self) -> bool {
        self.input.ahead().nth(2) == Some('}')
    }

    fn subscript_here(&mut self) -> Parse<Option<Word>> {
        if self.input.eat('[') { self.deeper(|p| p.bracketed('}')).map(Some) } else { Ok(None) }
    }

    /// `${!…}` behind its sign.
    fn indirect(&mut self, quoted: bool) -> Parse<Option<Parameter>> {
        let name = self.name();
        let subscript = self.subscript_here()?;
        let all = match &subscript {
            Some(word) => super::token::bare(word).filter(|text| *text == "@" || *text == "*").map(|text| text == "@"),
            None => self.input.peek().filter(|c| *c == '@' || *c == '*').map(|c| c == '@'),
        };
        if let Some(at) = all {
            if subscript.is_some() && self.input.peek() == Some('}') {
                let operation = Some(Operation::Keys(at));
                return Ok(Some(Parameter { name, subscript: None, braced: true, indirect: false, operation }));
            }
            if subscript.is_none() && self.input.second() == Some('}') {
                self.input.raw();
                let operation = Some(Operation::Names(at));
                return Ok(Some(Parameter { name, subscript: None, braced: true, indirect: false, operation }));
            }
        }
        let Some(operation) = self.operation(quoted)? else { return Ok(None) };
        Ok(Some(Parameter { name, subscript, braced: true, indirect: true, operation }))
    }

    /// What is done with a value: nothing when the brace closes, `None` when it makes no sense.
    fn operation(&mut self, quoted: bool) -> Parse<Option<Option<Operation>>> {
        let version = self.options.version;
        let Some(sign) = self.input.peek() else { return Ok(None) };
        if sign == '}' {
            return Ok(Some(None));
        }
        if !":-=?+#%/^,~@".contains(sign) {
            return Ok(None);
        }
        self.input.raw();
        let twice = "#%^,~/".contains(sign) && self.input.eat(sign);
        let operation = match sign {
            ':' => match self.input.peek() {
                Some(action @ ('-' | '=' | '?' | '+')) => {
                    self.input.raw();
                    Operation::Unset { or_empty: true, action, word: self.styled(Style::Brace(quoted))? }
                }
                Some('}') | None => return Ok(None),
                Some(_) => self.slice()?,
            },
            '#' | '%' => {
                Operation::Trim { suffix: sign == '%', longest: twice, pattern: self.styled(Style::Brace(false))? }
            }
            '/' => self.replace(twice)?,
            '^' | ',' | '~' if !version.has(Feature::CASE_OF_LETTERS) => return Ok(None),
            '^' | ',' | '~' => Operation::Case { to: sign, all: twice, pattern: self.styled(Style::Brace(false))? },
            '@' => match self.input.peek() {
                Some(c) if has_transform(version, c) => {
                    self.input.raw();
                    Operation::Transform(c)
                }
                _ => return Ok(None),
            },
            action => Operation::Unset { or_empty: false, action, word: self.styled(Style::Brace(quoted))? },
        };
        Ok(Some(Some(operation)))
    }

    fn styled(&mut self, style: Style) -> Parse<Word> {
        let mut word = Builder::default();
        self.stretch(style, &mut word)?;
        Ok(word.finish())
    }

    fn slice(&mut self) -> Parse<Operation> {
        let offset = self.styled(Style::Slice)?;
        let length = if self.input.eat(':') { Some(self.styled(Style::Slice)?) } else { None };
        Ok(Operation::Slice { offset, length })
    }

    fn replace(&mut self, all: bool) -> Parse<Operation> {
        let which = match self.input.peek() {
            _ if all => '*',
            Some(anchor @ ('#' | '%')) => {
                self.input.raw();
                anchor
            }
            _ => '/',
        };
        // An anchor may stand before nothing at all; elsewhere a first slash belongs to the pattern.
        let empty = matches!(which, '#' | '%') && self.input.peek() == Some('/');
        let pattern = if empty { Word::default() } else { self.styled(Style::Pattern)? };
        let with = if self.input.eat('/') { self.styled(Style::Brace(false))? } else { Word::default() };
        Ok(Operation::Replace { which, pattern, with })
    }

    /// The commands of `$( … )` and its kin, behind the parenthesis; the last one is read, too.
    pub(super) fn substitution(&mut self) -> Parse<Arc<Script>> {
        let outer = std::mem::take(&mut self.pending);
        self.substitutions += 1;
        let script = self.deeper(|p| {
            let script = p.list()?;
            if p.eat(")", Place::Command)? { Ok(script) } else { p.unexpected(Place::Command) }
        })?;
        self.substitutions -= 1;
        if !self.pending.is_empty() {
            let count = self.pending.len();
            let plural = if count == 1 { "" } else { "s" };
            self.warnings.push(format!("warning: command substitution: {count} unterminated here-document{plural}"));
        }
        self.pending.extend(outer);
        Ok(Arc::new(script))
    }

    /// `<( … )` and `>( … )`.
    pub(super) fn process(&mut self, sign: char) -> Parse<Part> {
        let start = self.input.place();
        let open = self.input.take(2);
        let trail = self.trail.clone();
        self.trail.open('(');
        let script = self.shown_substitution(start, &open)?;
        self.trail = trail;
        Ok(Part::Process(sign == '>', script))
    }

    /// The commands between back-quotes. Their text is unquoted first, then read for itself.
    pub(super) fn backquoted(&mut self, quoted: bool) -> Parse<Arc<Script>> {
        let line = self.input.line;
        self.input.raw();
        self.trail.open('`');
        let mut text = String::new();
        loop {
            match self.input.raw() {
                Some('`') => break,
                Some('\\') => match self.input.raw() {
                    Some(c) if "$`\\".contains(c) || (quoted && c == '"') => text.push(c),
                    Some(c) => text.extend(['\\', c]),
                    None => return self.unmatched('`', line),
                },
                Some(c) => text.push(c),
                None => return self.unmatched('`', line),
            }
        }
        self.trail.close();
        let script = self.within(&text, line, |p| {
            let script = p.list()?;
            if matches!(p.peek(Place::Command)?, super::token::Token::End) {
                Ok(script)
            } else {
                p.unexpected(Place::Command)
            }
        })?;
        Ok(Arc::new(script))
    }

    /// The text of `(( … ))` when that is what the second parenthesis, which comes next, begins: both are closed together.
    pub(super) fn arithmetic_text(&mut self, line: u32) -> Parse<Option<String>> {
        let mut closers = vec![')'];
        let mut last = ' ';
        let mut found = None;
        let mut ahead = self.input.ahead().enumerate().skip(1);
        while let Some((at, c)) = ahead.next() {
            let closer = closers.last().copied().unwrap_or(')');
            match c {
                '\\' if closer != '\'' => drop(ahead.next()),
                _ if c == closer => {
                    closers.pop();
                    if closers.is_empty() {
                        found = Some((at, ahead.next().is_some_and(|(_, c)| c == ')')));
                        break;
                    }
                }
                _ if closer == '\'' || closer == '`' => {}
                '\'' if closer == '"' => {}
                '\'' | '"' | '`' => closers.push(c),
                '(' if closer != '"' || last == '$' => closers.push(')'),
                '{' if last == '$' => closers.push('}'),
                _ => {}
            }
            last = c;
        }
        drop(ahead);
        match found {
            Some((at, true)) => {
                self.input.raw();
                let text = self.input.take(at - 1);
                self.input.take(2);
                Ok(Some(text))
            }
            Some((_, false)) => Ok(None),
            None => self.unmatched(')', line),
        }
    }

    /// The expansions in the text of arithmetic.
    pub(super) fn arithmetic_word(&mut self, text: &str, line: u32) -> Parse<Word> {
        self.part_of(text, line, Style::Arithmetic)
    }

    /// The expansions in the text of a here-document and its like.
    pub(super) fn text_word(&mut self, text: &str, line: u32) -> Parse<Word> {
        self.part_of(text, line, Style::Text)
    }

    fn part_of(&mut self, text: &str, line: u32, style: Style) -> Parse<Word> {
        let word = self.within(text, line, |p| p.styled(style))?;
        let plain = matches!(word.parts[..], [] | [Part::Bare(_)]);
        Ok(Word { typed: (!plain).then(|| text.into()), ..word })
    }
}

/// Whether a version knows the letter behind `${x@`.
fn has_transform(version: Version, letter: char) -> bool {
    match letter {
        'Q' | 'E' | 'P' | 'A' | 'a' => version.has(Feature::TRANSFORMS),
        'U' | 'u' | 'L' | 'K' => version.has(Feature::CASE_TRANSFORMS),
        'k' => version.has(Feature::KEYS_TRANSFORM),
        _ => false,
    }
}
