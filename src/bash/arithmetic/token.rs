//! The tokens of an expression. What `++` means hangs on the token before it and the character behind it, as in bash.

use super::{MOST_STEPS, Outcome, Reader, number};

/// A token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Token {
    End,
    Number,
    Name,
    /// An operator that has two sides; of plus and minus one may be missing.
    Operator(Operator),
    /// `=`, or `+=` and its kin.
    Assign(Option<Operator>),
    /// `++` or `--` before a name, as what it adds.
    Before(i64),
    /// `++` or `--` behind a name, as what it adds.
    Behind(i64),
    Not,
    Complement,
    Question,
    Colon,
    Comma,
    Open,
    Close,
}

/// An operator with two sides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operator {
    Either,
    Both,
    Or,
    Xor,
    And,
    Equal,
    NotEqual,
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
    Left,
    Right,
    Plus,
    Minus,
    Times,
    Over,
    Modulo,
    Power,
}

impl Operator {
    /// How tightly it binds.
    pub fn level(self) -> u8 {
        match self {
            Self::Either => 0,
            Self::Both => 1,
            Self::Or => 2,
            Self::Xor => 3,
            Self::And => 4,
            Self::Equal | Self::NotEqual => 5,
            Self::Less | Self::LessEqual | Self::Greater | Self::GreaterEqual => 6,
            Self::Left | Self::Right => 7,
            Self::Plus | Self::Minus => 8,
            Self::Times | Self::Over | Self::Modulo => 9,
            Self::Power => 10,
        }
    }
}

/// Signs, longer ones before those that they begin with. `++` and `--` are apart.
const SIGNS: &[(&str, Token)] = &[
    ("<<=", Token::Assign(Some(Operator::Left))),
    (">>=", Token::Assign(Some(Operator::Right))),
    ("==", Token::Operator(Operator::Equal)),
    ("!=", Token::Operator(Operator::NotEqual)),
    (">=", Token::Operator(Operator::GreaterEqual)),
    ("<=", Token::Operator(Operator::LessEqual)),
    ("<<", Token::Operator(Operator::Left)),
    (">>", Token::Operator(Operator::Right)),
    ("&&", Token::Operator(Operator::Both)),
    ("||", Token::Operator(Operator::Either)),
    ("**", Token::Operator(Operator::Power)),
    ("*=", Token::Assign(Some(Operator::Times))),
    ("/=", Token::Assign(Some(Operator::Over))),
    ("%=", Token::Assign(Some(Operator::Modulo))),
    ("+=", Token::Assign(Some(Operator::Plus))),
    ("-=", Token::Assign(Some(Operator::Minus))),
    ("&=", Token::Assign(Some(Operator::And))),
    ("^=", Token::Assign(Some(Operator::Xor))),
    ("|=", Token::Assign(Some(Operator::Or))),
    ("=", Token::Assign(None)),
    ("!", Token::Not),
    (">", Token::Operator(Operator::Greater)),
    ("<", Token::Operator(Operator::Less)),
    ("+", Token::Operator(Operator::Plus)),
    ("-", Token::Operator(Operator::Minus)),
    ("*", Token::Operator(Operator::Times)),
    ("/", Token::Operator(Operator::Over)),
    ("%", Token::Operator(Operator::Modulo)),
    ("&", Token::Operator(Operator::And)),
    ("|", Token::Operator(Operator::Or)),
    ("^", Token::Operator(Operator::Xor)),
    ("~", Token::Complement),
    ("?", Token::Question),
    (":", Token::Colon),
    (",", Token::Comma),
    ("(", Token::Open),
    (")", Token::Close),
];

/// Whether it only separates tokens.
pub fn is_blank(c: u8) -> bool {
    matches!(c, b' ' | b'\t' | b'\n' | b'\r')
}

impl Reader<'_, '_, '_> {
    /// Reads the next token. A name is looked up at once, unless it is about to be assigned to.
    pub fn advance(&mut self) -> Outcome<()> {
        let begin = self.at;
        let bytes = self.text.as_bytes();
        while bytes.get(self.at).is_some_and(|c| is_blank(*c)) {
            self.at += 1;
        }
        let read = match bytes.get(self.at) {
            None => Token::End,
            Some(c) => {
                self.last = self.at;
                match c {
                    b'0'..=b'9' => self.number()?,
                    b'a'..=b'z' | b'A'..=b'Z' | b'_' => self.name()?,
                    _ => self.sign()?,
                }
            }
        };
        self.before = self.token;
        self.token = read;
        self.bounds.steps += 1 + (self.at - begin) / 16;
        if self.bounds.steps > MOST_STEPS { self.wrong("expression recursion level exceeded") } else { Ok(()) }
    }

    /// Moves over characters of one kind and returns where they end.
    fn over(&mut self, kind: impl Fn(u8) -> bool) -> usize {
        let rest = &self.text.as_bytes()[self.at..];
        self.at += rest.iter().take_while(|c| kind(**c)).count();
        self.at
    }

    fn number(&mut self) -> Outcome<Token> {
        let end = self.over(|c| c.is_ascii_alphanumeric() || matches!(c, b'#' | b'@' | b'_'));
        let text = &self.text[self.last..end];
        match number::parse(text) {
            Ok(value) => self.value = value,
            // Bash has cut the expression off behind the number when it says so.
            Err(words) => return self.wrong_in(&self.text[..end], words, text),
        }
        Ok(Token::Number)
    }

    fn name(&mut self) -> Outcome<Token> {
        let end = self.over(|c| c.is_ascii_alphanumeric() || c == b'_');
        self.name = (&self.text[self.last..end], None);
        if self.text[end..].starts_with('[') {
            let Some(length) = subscript(&self.text[end..]) else { return self.wrong("bad array subscript") };
            self.at = end + length;
            self.name.1 = Some(&self.text[end + 1..self.at - 1]);
        }
        let behind = self.text[self.at..].trim_start_matches([' ', '\t', '\n', '\r']);
        let assigned = behind.starts_with('=') && !behind.starts_with("==");
        self.value = if assigned && !matches!(self.token, Token::Before(_)) { 0 } else { self.lookup()? };
        Ok(Token::Name)
    }

    fn sign(&mut self) -> Outcome<Token> {
        let rest = &self.text[self.at..];
        if let Some(change) = [("++", 1), ("--", -1)].iter().find(|(sign, _)| rest.starts_with(sign)) {
            return self.increment(change.1);
        }
        if let Some((sign, token)) = SIGNS.iter().find(|(sign, _)| rest.starts_with(sign)) {
            self.at += sign.len();
            return Ok(*token);
        }
        match self.token {
            Token::Number | Token::Name => self.wrong("syntax error: invalid arithmetic operator"),
            _ => self.wrong("syntax error: operand expected"),
        }
    }

    fn increment(&mut self, change: i64) -> Outcome<Token> {
        let (sign, single) = if change > 0 { ("++", Operator::Plus) } else { ("--", Operator::Minus) };
        let behind = self.text[self.at + 2..].trim_start_matches([' ', '\t', '\n', '\r']);
        match self.token {
            Token::Name => {
                self.at += 2;
                Ok(Token::Behind(change))
            }
            Token::Number if matches!(self.before, Token::Before(_)) => {
                self.wrong(&format!("{sign}: assignment requires lvalue"))
            }
            _ if behind.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') => {
                self.at += 2;
                Ok(Token::Before(change))
            }
            _ => {
                self.at += 1;
                Ok(Token::Operator(single))
            }
        }
    }
}

/// The length of the subscript that `text` begins with, its brackets included; none where it is not closed. Brackets in it
/// pair up; quoted ones do not count.
fn subscript(text: &str) -> Option<usize> {
    let (mut depth, mut at, bytes) = (0_usize, 0, text.as_bytes());
    while at < bytes.len() {
        match bytes[at] {
            b'\\' => at += 1,
            quote @ (b'"' | b'\'') => at += 1 + bytes[at + 1..].iter().position(|c| *c == quote)?,
            b'[' => depth += 1,
            b']' => depth -= 1,
            _ => {}
        }
        at += 1;
        if depth == 0 {
            return Some(at);
        }
    }
    None
}
