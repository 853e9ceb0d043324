//! Words: quotes, and what ends a stretch of text where it stands (bash(1), "QUOTING").

use super::{Parse, Parser};
use crate::bash::ast::{Part, Word};

/// Where a stretch of text stands, which decides what quotes in it and what ends it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Style {
    /// A word of a command, with the patterns of `extglob` or without.
    Word(bool),
    /// A word behind `=~`.
    Regex,
    /// Between double quotes.
    Double,
    /// A here-document: to the end of the text.
    Text,
    /// Behind the operator of `${…}`; `true` within double quotes.
    Brace(bool),
    /// A pattern in `${x/pattern/…}`.
    Pattern,
    /// Arithmetic: to the end of the text.
    Arithmetic,
    /// Arithmetic in `${x:…:…}`.
    Slice,
    /// Between brackets.
    Subscript,
}

impl Style {
    /// Whether the rules of double quotes hold.
    fn quoted(self) -> bool {
        matches!(self, Style::Double | Style::Text | Style::Brace(true) | Style::Arithmetic | Style::Slice)
    }

    /// Whether double quotes begin a part.
    fn has_double(self) -> bool {
        !matches!(self, Style::Double | Style::Text)
    }

    /// What a backslash takes the meaning of.
    fn escapes(self, c: char) -> bool {
        match self {
            Style::Double | Style::Arithmetic | Style::Slice => "$`\"\\".contains(c),
            Style::Text => "$`\\".contains(c),
            Style::Brace(true) => "$`\"\\}".contains(c),
            _ => true,
        }
    }
}

/// Whether a character ends a word.
fn is_meta(c: char) -> bool {
    " \t\n;&|<>()".contains(c)
}

/// A word that is being put together.
#[derive(Default)]
pub(super) struct Builder {
    parts: Vec<Part>,
    bare: String,
}

impl Builder {
    pub(super) fn push(&mut self, c: char) {
        self.bare.push(c);
    }

    pub(super) fn text(&mut self, text: &str) {
        self.bare.push_str(text);
    }

    pub(super) fn part(&mut self, part: Part) {
        if let Part::Bare(text) = part {
            self.bare.push_str(&text);
            return;
        }
        self.flush();
        self.parts.push(part);
    }

    fn flush(&mut self) {
        if !self.bare.is_empty() {
            self.parts.push(Part::Bare(std::mem::take(&mut self.bare)));
        }
    }

    pub(super) fn finish(mut self) -> Word {
        self.flush();
        Word::of(self.parts)
    }
}

/// How deep a stretch is in what it counts itself.
#[derive(Default)]
struct Nest {
    /// Parentheses, or brackets.
    open: u32,
    /// Question marks of arithmetic whose colon is to come.
    ternary: u32,
    /// Whether anything was read.
    begun: bool,
    /// Whether a single quote is open that means nothing but keeps a brace from closing.
    quote: bool,
}

impl Parser<'_> {
    /// Reads up to what ends a stretch of this style, which is left, or to the end of the text.
    pub(super) fn stretch(&mut self, style: Style, out: &mut Builder) -> Parse<()> {
        let line = self.input.line;
        let mut nest = Nest::default();
        while let Some(c) = self.input.peek() {
            if self.ends(style, c, &nest) {
                return Ok(());
            }
            match c {
                '\\' => self.escape(style, out),
                '\'' if !style.quoted() => {
                    let text = self.single()?;
                    out.part(Part::Quoted(text));
                }
                '"' if style.has_double() && !nest.quote => {
                    let double = self.double()?;
                    out.part(double);
                }
                // Not in a here-document, whose text is read for itself.
                '$' if style == Style::Brace(true) && self.inner == 0 && self.input.second() == Some('\'') => {
                    self.input.raw();
                    let text = self.ansi()?;
                    out.part(Part::Quoted(text));
                }
                '$' => self.dollar(style.quoted(), out)?,
                '`' => {
                    let script = self.backquoted(style.quoted())?;
                    out.part(Part::Command(script));
                }
                '<' | '>' if self.process_here(style) => {
                    let part = self.process(c)?;
                    out.part(part);
                }
                _ => self.plain(style, c, &mut nest, out),
            }
            nest.begun = true;
        }
        match style {
            Style::Brace(true) if nest.quote => self.unmatched('\'', line),
            Style::Word(_) | Style::Regex if nest.open > 0 => self.unmatched(')', line),
            _ => Ok(()),
        }
    }

    fn process_here(&self, style: Style) -> bool {
        matches!(style, Style::Word(_)) && self.input.second() == Some('(')
    }

    fn ends(&self, style: Style, c: char, nest: &Nest) -> bool {
        match style {
            Style::Word(_) => nest.open == 0 && is_meta(c) && !("<>".contains(c) && self.process_here(style)),
            Style::Regex => nest.open == 0 && is_meta(c) && c != '(' && c != '|',
            Style::Double => c == '"',
            Style::Text | Style::Arithmetic => false,
            Style::Brace(_) => c == '}' && !nest.quote,
            Style::Pattern => c == '}' || (c == '/' && nest.begun),
            Style::Slice => c == '}' || (c == ':' && nest.open == 0 && nest.ternary == 0),
            Style::Subscript => c == ']' && nest.open == 0,
        }
    }

    /// A character without a meaning of its own, except that it may open or close something.
    fn plain(&mut self, style: Style, c: char, nest: &mut Nest, out: &mut Builder) {
        self.input.raw();
        out.push(c);
        match (style, c) {
            (Style::Word(true), '?' | '*' | '+' | '@' | '!') if self.input.peek() == Some('(') => {
                self.input.raw();
                out.push('(');
                nest.open += 1;
            }
            (Style::Word(true), '(') | (Style::Regex | Style::Slice, '(') | (Style::Subscript, '[') => nest.open += 1,
            (Style::Word(true) | Style::Regex | Style::Slice, ')') | (Style::Subscript, ']') => {
                nest.open = nest.open.saturating_sub(1);
            }
            (Style::Brace(true), '\'') if self.inner == 0 => nest.quote = !nest.quote,
            (Style::Slice, '?') => nest.ternary += 1,
            (Style::Slice, ':') => nest.ternary = nest.ternary.saturating_sub(1),
            _ => {}
        }
    }

    fn escape(&mut self, style: Style, out: &mut Builder) {
        self.input.raw();
        match self.input.raw() {
            Some(c) if !style.escapes(c) => {
                out.push('\\');
                out.push(c);
            }
            Some(c) if style.quoted() => out.push(c),
            Some(c) => out.part(Part::Quoted(c.to_string())),
            None => out.push('\\'),
        }
    }

    /// `'…'`, from its first quote on.
    fn single(&mut self) -> Parse<String> {
        let line = self.input.line;
        self.input.raw();
        self.trail.open('\'');
        let mut text = String::new();
        loop {
            match self.input.raw() {
                Some('\'') => {
                    self.trail.close();
                    return Ok(text);
                }
                Some(c) => text.push(c),
                None => return self.unmatched('\'', line),
            }
        }
    }

    /// `"…"`, from its first quote on.
    pub(super) fn double(&mut self) -> Parse<Part> {
        let line = self.input.line;
        self.input.raw();
        self.trail.open('"');
        let mut inner = Builder::default();
        self.stretch(Style::Double, &mut inner)?;
        if !self.input.eat('"') {
            return self.unmatched('"', line);
        }
        self.trail.close();
        Ok(Part::Double(inner.finish().parts))
    }

    /// What stands in brackets, behind the first one; the last one is read, too.
    pub(super) fn subscript(&mut self) -> Parse<Word> {
        self.bracketed(']')
    }

    /// The same; the closer is the one that is missed when the text ends.
    pub(super) fn bracketed(&mut self, closer: char) -> Parse<Word> {
        let (line, start) = (self.input.line, self.input.place());
        let mut inner = Builder::default();
        self.stretch(Style::Subscript, &mut inner)?;
        let word = self.as_typed(start, inner.finish());
        if !self.input.eat(']') {
            return self.unmatched(closer, line);
        }
        Ok(word)
    }

    /// `$'…'`, from its quote on, with its escapes resolved.
    pub(super) fn ansi(&mut self) -> Parse<String> {
        let line = self.input.line;
        self.input.raw();
        self.trail.open('\'');
        let mut text = String::new();
        loop {
            match self.input.raw() {
                // A text of C ends with its first zero, so nothing behind one counts.
                Some('\'') => {
                    self.trail.close();
                    return Ok(text.split('\0').next().unwrap_or_default().to_owned());
                }
                Some('\\') => match self.input.raw() {
                    Some(c) => self.ansi_escape(c, &mut text),
                    None => return self.unmatched('\'', line),
                },
                Some(c) => text.push(c),
                None => return self.unmatched('\'', line),
            }
        }
    }

    fn ansi_escape(&mut self, c: char, text: &mut String) {
        let code = match c {
            'a' => 7,
            'b' => 8,
            'e' | 'E' => 27,
            'f' => 12,
            'n' => 10,
            'r' => 13,
            't' => 9,
            'v' => 11,
            '\\' | '\'' | '"' | '?' => c as u32,
            '0'..='7' => {
                let first = c.to_digit(8).unwrap_or(0);
                self.digits(8, 2, first).0 & 0xff
            }
            'x' | 'u' | 'U' => {
                let most = if c == 'x' { 2 } else { 4 + 4 * usize::from(c == 'U') };
                let (code, read) = self.digits(16, most, 0);
                if read == 0 {
                    return text.extend(['\\', c]);
                }
                code
            }
            'c' => match self.input.raw() {
                Some(key) => key as u32 & 0x1f,
                None => return,
            },
            _ => return text.extend(['\\', c]),
        };
        text.push(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER));
    }

    /// A number of at most so many digits more, and how many there were.
    fn digits(&mut self, base: u32, most: usize, first: u32) -> (u32, usize) {
        let mut code = first;
        let mut read = 0;
        while read < most
            && let Some(digit) = self.input.raw_peek().and_then(|c| c.to_digit(base))
        {
            self.input.raw();
            code = code.wrapping_mul(base).wrapping_add(digit);
            read += 1;
        }
        (code, read)
    }
}
