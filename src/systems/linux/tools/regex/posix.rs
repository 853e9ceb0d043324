//! Expressions of POSIX, basic and extended, with GNU's additions, put into the words of the `regex` package. What is
//! special where, and what is wrong with a pattern, is glibc's regcomp(3) and its messages.

/// So deep may groups nest; glibc's own limit is its stack.
const DEEP: usize = 200;
/// The largest number in braces, glibc's `RE_DUP_MAX`.
const DUP_MAX: u32 = 0x7fff;

/// How a pattern is read.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reading {
    /// Extended, not basic.
    pub extended: bool,
    /// A repetition of nothing is an error (`sed -E`, `[[ =~ ]]`); `grep -E` passes over it.
    pub strict: bool,
    /// `^` and `$` also match at newlines within the text.
    pub multiline: bool,
    /// Whether the result goes to the engine with back-references, which has other words for the edges of words.
    pub fancy: bool,
}

/// A pattern in other words.
#[derive(Debug, Default)]
pub(super) struct Translated {
    /// The words.
    pub text: String,
    /// How many groups it has.
    pub groups: usize,
    /// Whether it refers back.
    pub back: bool,
    /// Whether the first match may not be the longest.
    pub ambiguous: bool,
}

/// Translates a pattern.
///
/// # Errors
/// glibc's message.
pub(super) fn translate(pattern: &str, reading: Reading) -> Result<Translated, String> {
    let chars: Vec<char> = pattern.chars().collect();
    let mut parser =
        Parser { chars: &chars, at: 0, reading, out: Translated::default(), closed: Vec::new(), counts: (0, 0) };
    let text = parser.alternatives(0)?;
    if parser.at < chars.len() {
        return Err("Unmatched ) or \\)".to_owned());
    }
    parser.out.text = text;
    parser.out.ambiguous |= parser.counts.0 > 0 && parser.counts.1 > 1;
    Ok(parser.out)
}

struct Parser<'a> {
    chars: &'a [char],
    at: usize,
    reading: Reading,
    out: Translated,
    /// Which groups are complete.
    closed: Vec<bool>,
    /// Repeated groups, repetitions.
    counts: (usize, usize),
}

/// What stands next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Token {
    Char(char),
    Any,
    Bracket,
    Open,
    Close,
    Or,
    /// `*`, `+`, `?`
    Repeat(char),
    Brace,
    Start,
    End,
    /// Whatever else a backslash begins.
    Escape(char),
    Nothing,
}

impl Parser<'_> {
    fn peek(&self, ahead: usize) -> Option<char> {
        self.chars.get(self.at + ahead).copied()
    }

    /// The next token and its length, `first` at the beginning of an alternative.
    fn token(&self, first: bool) -> Result<(Token, usize), String> {
        let extended = self.reading.extended;
        let Some(c) = self.peek(0) else { return Ok((Token::Nothing, 0)) };
        Ok(match c {
            '\\' => {
                let Some(next) = self.peek(1) else { return Err("Trailing backslash".to_owned()) };
                let token = match next {
                    '(' if !extended => Token::Open,
                    ')' if !extended => Token::Close,
                    '|' if !extended => Token::Or,
                    '{' if !extended => Token::Brace,
                    '+' | '?' if !extended => Token::Repeat(next),
                    '1'..='9' | 'w' | 'W' | 's' | 'S' | 'b' | 'B' | '<' | '>' | '`' | '\'' => Token::Escape(next),
                    next => Token::Char(next),
                };
                (token, 2)
            }
            '.' => (Token::Any, 1),
            '[' => (Token::Bracket, 1),
            '*' => (Token::Repeat('*'), 1),
            '(' if extended => (Token::Open, 1),
            ')' if extended => (Token::Close, 1),
            '|' if extended => (Token::Or, 1),
            '{' if extended => (Token::Brace, 1),
            '+' | '?' if extended => (Token::Repeat(c), 1),
            '\n' if !self.reading.strict => (Token::Or, 1),
            '^' if extended || first => (Token::Start, 1),
            '$' if extended || self.ends_here() => (Token::End, 1),
            c => (Token::Char(c), 1),
        })
    }

    /// Whether a basic expression's alternative ends behind the next character.
    fn ends_here(&self) -> bool {
        match (self.peek(1), self.peek(2)) {
            (None, _) => true,
            (Some('\n'), _) => !self.reading.strict,
            (Some('\\'), Some(next)) => matches!(next, ')' | '|'),
            _ => false,
        }
    }

    fn alternatives(&mut self, depth: usize) -> Result<String, String> {
        if depth > DEEP {
            return Err("Regular expression too big".to_owned());
        }
        let mut text = self.sequence(depth)?;
        while let (Token::Or, length) = self.token(false)? {
            self.at += length;
            self.out.ambiguous = true;
            text.push('|');
            text.push_str(&self.sequence(depth)?);
        }
        Ok(text)
    }

    fn sequence(&mut self, depth: usize) -> Result<String, String> {
        let mut text = String::new();
        // Nothing stands before that could be repeated.
        let mut bare = true;
        let mut first = true;
        loop {
            let (token, length) = self.token(first)?;
            if matches!(token, Token::Nothing | Token::Or) || token == Token::Close && depth > 0 {
                return Ok(text);
            }
            let Reading { extended, strict, .. } = self.reading;
            if token == Token::Close && (strict || !extended) {
                return Err("Unmatched ) or \\)".to_owned());
            }
            first = false;
            self.at += length;
            let atom = match token {
                Token::Start => self.anchor(r"\A", "(?m:^)"),
                Token::End => self.anchor(r"\z", "(?m:$)"),
                Token::Escape('b') => r"\b".to_owned(),
                Token::Escape('B') => r"\B".to_owned(),
                Token::Escape('<') => self.edge(r"\b{start}", r"\b(?=\w)"),
                Token::Escape('>') => self.edge(r"\b{end}", r"\b(?<=\w)"),
                Token::Escape('`') => r"\A".to_owned(),
                Token::Escape('\'') => r"\z".to_owned(),
                token => {
                    let Some(atom) = self.atom(token, bare, depth)? else { continue };
                    text.push_str(&self.repeated(atom, token == Token::Open)?);
                    bare = false;
                    continue;
                }
            };
            text.push_str(&atom);
            bare = true;
        }
    }

    fn anchor(&self, single: &str, multi: &str) -> String {
        if self.reading.multiline { multi.to_owned() } else { single.to_owned() }
    }

    fn edge(&self, plain: &str, fancy: &str) -> String {
        if self.reading.fancy { fancy.to_owned() } else { plain.to_owned() }
    }

    /// What can be repeated; nothing for a repetition that is passed over.
    fn atom(&mut self, token: Token, bare: bool, depth: usize) -> Result<Option<String>, String> {
        let Reading { extended, strict, .. } = self.reading;
        Ok(Some(match token {
            Token::Any => "(?s:.)".to_owned(),
            Token::Bracket => self.bracket()?,
            Token::Open => self.group(depth)?,
            Token::Escape(digit) if digit.is_ascii_digit() => {
                let number = digit as usize - '0' as usize;
                if !self.closed.get(number - 1).copied().unwrap_or(false) {
                    return Err("Invalid back reference".to_owned());
                }
                self.out.back = true;
                format!("(?:\\{number})")
            }
            Token::Escape(letter) => format!("\\{letter}"),
            Token::Repeat(_) | Token::Brace if bare && extended && strict => {
                return Err("Invalid preceding regular expression".to_owned());
            }
            Token::Brace if !extended && bare => return Err("Invalid preceding regular expression".to_owned()),
            Token::Repeat(_) if bare && extended => return Ok(None),
            Token::Repeat(c) | Token::Char(c) => literal(c),
            // It closes nothing.
            Token::Close => literal(')'),
            // What follows is no interval.
            _ => literal('{'),
        }))
    }

    fn group(&mut self, depth: usize) -> Result<String, String> {
        let own = self.closed.len();
        self.closed.push(false);
        self.out.groups += 1;
        let inner = self.alternatives(depth + 1)?;
        let (Token::Close, length) = self.token(false)? else { return Err("Unmatched ( or \\(".to_owned()) };
        self.at += length;
        self.closed[own] = true;
        Ok(format!("({inner})"))
    }

    /// An atom with the repetitions behind it.
    fn repeated(&mut self, mut atom: String, group: bool) -> Result<String, String> {
        let mut rounds = 0;
        loop {
            let (token, length) = self.token(false)?;
            let suffix = match token {
                Token::Repeat(c) => {
                    self.at += length;
                    c.to_string()
                }
                Token::Brace => match self.interval(length)? {
                    Some(suffix) => suffix,
                    None => return Ok(atom),
                },
                _ => return Ok(atom),
            };
            self.counts.1 += 1;
            self.counts.0 += usize::from(group);
            rounds += 1;
            if rounds > DEEP {
                return Err("Regular expression too big".to_owned());
            }
            // A repetition of a repetition is not a lazy one.
            atom = if rounds > 1 { format!("(?:{atom}){suffix}") } else { atom + &suffix };
        }
    }

    /// `{m}`, `{m,}`, `{,n}`, `{m,n}` behind an opening brace of this length; nothing where a lenient extended
    /// expression takes it as text.
    fn interval(&mut self, length: usize) -> Result<Option<String>, String> {
        let from = self.at;
        self.at += length;
        let least = self.number()?;
        let comma = self.peek(0) == Some(',');
        self.at += usize::from(comma);
        let most = if comma { self.number()? } else { least };
        let ends = if self.reading.extended {
            self.peek(0) == Some('}')
        } else {
            self.peek(0) == Some('\\') && self.peek(1) == Some('}')
        };
        if !ends || least.is_none() && !comma {
            if self.reading.extended && !self.reading.strict {
                self.at = from;
                return Ok(None);
            }
            let open = self.at >= self.chars.len();
            return Err(if open { "Unmatched \\{" } else { "Invalid content of \\{\\}" }.to_owned());
        }
        self.at += if self.reading.extended { 1 } else { 2 };
        let least = least.unwrap_or(0);
        if most.is_some_and(|most| most < least) {
            return Err("Invalid content of \\{\\}".to_owned());
        }
        if least > DUP_MAX || most.is_some_and(|most| most > DUP_MAX) {
            return Err("Regular expression too big".to_owned());
        }
        Ok(Some(match most {
            Some(most) => format!("{{{least},{most}}}"),
            None => format!("{{{least},}}"),
        }))
    }

    fn number(&mut self) -> Result<Option<u32>, String> {
        let from = self.at;
        let mut number = 0_u32;
        while let Some(digit) = self.peek(0).and_then(|c| c.to_digit(10)) {
            number = (number * 10 + digit).min(DUP_MAX + 1);
            self.at += 1;
        }
        Ok((self.at > from).then_some(number))
    }

    /// A bracket expression; its `[` was read.
    fn bracket(&mut self) -> Result<String, String> {
        const UNMATCHED: &str = "Unmatched [, [^, [:, [., or [=";
        let unmatched = || UNMATCHED.to_owned();
        let from = self.at;
        let negated = self.peek(0) == Some('^');
        self.at += usize::from(negated);
        let mut items = String::new();
        let mut first = true;
        loop {
            let c = self.peek(0).ok_or_else(unmatched)?;
            if c == ']' && !first {
                break;
            }
            first = false;
            if c == '[' && self.peek(1) == Some(':') {
                let name = self.named(':')?;
                items.push_str(class(&name).ok_or("Invalid character class name")?);
                continue;
            }
            let low = self.element()?;
            if self.peek(0) == Some('-') && self.peek(1).is_some_and(|next| next != ']') {
                self.at += 1;
                let high = self.element()?;
                if high < low {
                    return Err("Invalid range end".to_owned());
                }
                items.push_str(&format!("{}-{}", in_set(low), in_set(high)));
            } else {
                items.push_str(&in_set(low));
            }
        }
        let inside = &self.chars[from..self.at];
        self.at += 1;
        if !self.reading.strict && inside.len() > 2 && inside[0] == ':' && inside[inside.len() - 1] == ':' {
            return Err("character class syntax is [[:space:]], not [:space:]".to_owned());
        }
        Ok(format!("[{}{items}]", if negated { "^" } else { "" }))
    }

    /// One character of a bracket expression, also as `[.x.]` or `[=x=]`.
    fn element(&mut self) -> Result<char, String> {
        let unmatched = || "Unmatched [, [^, [:, [., or [=".to_owned();
        let c = self.peek(0).ok_or_else(unmatched)?;
        if c == '['
            && let Some(kind @ ('.' | '=')) = self.peek(1)
        {
            let name = self.named(kind)?;
            let mut chars = name.chars();
            return match (chars.next(), chars.next()) {
                (Some(c), None) => Ok(c),
                _ => collating(&name).ok_or_else(|| "Invalid collation character".to_owned()),
            };
        }
        self.at += 1;
        Ok(c)
    }

    /// What stands in `[:name:]` and its kin.
    fn named(&mut self, kind: char) -> Result<String, String> {
        let from = self.at + 2;
        let mut at = from;
        while at + 1 < self.chars.len() {
            if self.chars[at] == kind && self.chars[at + 1] == ']' {
                self.at = at + 2;
                return Ok(self.chars[from..at].iter().collect());
            }
            at += 1;
        }
        Err("Unmatched [, [^, [:, [., or [=".to_owned())
    }
}

/// Names of characters that POSIX gives; the ones that someone uses.
fn collating(name: &str) -> Option<char> {
    Some(match name {
        "space" => ' ',
        "hyphen" | "hyphen-minus" => '-',
        "period" | "full-stop" => '.',
        "comma" => ',',
        "tab" => '\t',
        "newline" => '\n',
        _ => return None,
    })
}

/// A character class inside brackets.
fn class(name: &str) -> Option<&'static str> {
    Some(match name {
        "alpha" => r"\p{Alphabetic}",
        "digit" => "0-9",
        "alnum" => r"\p{Alphabetic}\p{Nd}",
        "upper" => r"\p{Uppercase}",
        "lower" => r"\p{Lowercase}",
        "space" => r"\s",
        "blank" => r"\x{20}\t\p{Zs}",
        "punct" => r"\x{21}-\x{2f}\x{3a}-\x{40}\x{5b}-\x{60}\x{7b}-\x{7e}\p{P}\p{S}",
        "print" => r"\x{20}-\x{7e}\x{a0}-\x{10ffff}",
        "graph" => r"\x{21}-\x{7e}\x{a1}-\x{10ffff}",
        "cntrl" => r"\p{Cc}",
        "xdigit" => "0-9A-Fa-f",
        _ => return None,
    })
}

fn in_set(c: char) -> String {
    if c.is_alphanumeric() { c.to_string() } else { format!("\\x{{{:x}}}", c as u32) }
}

/// A character that means itself.
pub(super) fn literal(c: char) -> String {
    if c.is_alphanumeric() || matches!(c, '_' | '/' | ':' | '"' | '=' | ',' | '@' | '%') {
        c.to_string()
    } else {
        in_set(c)
    }
}
