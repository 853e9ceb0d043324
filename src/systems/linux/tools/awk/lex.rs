//! The words of a program of awk.

use super::text;

/// A word.
#[derive(Clone, Debug, PartialEq)]
pub enum Token {
    /// A number.
    Number(f64),
    /// A string, its escapes replaced.
    Text(Vec<u8>),
    /// A name.
    Name(String),
    /// A name with `(` directly behind it.
    Function(String),
    /// A word of the language or the name of a function that it has.
    Word(&'static str),
    /// A sign.
    Sign(&'static str),
    /// The end of a line.
    Newline,
    /// The end of the program.
    End,
}

const WORDS: &[&str] = &[
    "BEGIN",
    "BEGINFILE",
    "END",
    "ENDFILE",
    "break",
    "case",
    "continue",
    "default",
    "delete",
    "do",
    "else",
    "exit",
    "for",
    "func",
    "function",
    "getline",
    "if",
    "in",
    "next",
    "nextfile",
    "print",
    "printf",
    "return",
    "switch",
    "while",
    "and",
    "asort",
    "asorti",
    "atan2",
    "close",
    "compl",
    "cos",
    "exp",
    "fflush",
    "gensub",
    "gsub",
    "index",
    "int",
    "length",
    "log",
    "lshift",
    "match",
    "mktime",
    "or",
    "patsplit",
    "rand",
    "rshift",
    "sin",
    "split",
    "sprintf",
    "sqrt",
    "srand",
    "strftime",
    "strtonum",
    "sub",
    "substr",
    "system",
    "systime",
    "tolower",
    "toupper",
    "xor",
];

const SIGNS: &[&str] = &[
    "**=", "&&", "||", "**", "+=", "-=", "*=", "/=", "%=", "^=", "==", "<=", ">=", "!=", "++", "--", ">>", "|&", "!~",
    "{", "}", "(", ")", "[", "]", ";", ",", "+", "-", "*", "/", "%", "^", "!", ">", "<", "|", "?", ":", "~", "$", "=",
    "@",
];

/// A lexer at a place of the program.
#[derive(Debug)]
pub struct Lexer<'a> {
    /// The program.
    pub source: &'a [u8],
    /// Where it is.
    pub at: usize,
    /// Where the last word began.
    pub began: usize,
    /// The number of the line.
    pub line: u32,
}

impl Lexer<'_> {
    /// The next word.
    ///
    /// # Errors
    /// gawk's words for what is none.
    pub fn next(&mut self) -> Result<Token, &'static str> {
        loop {
            match self.source.get(self.at) {
                Some(b' ' | b'\t' | b'\r') => self.at += 1,
                Some(b'\\') if self.source[self.at + 1..].starts_with(b"\n") => {
                    self.at += 2;
                    self.line += 1;
                }
                Some(b'#') => {
                    while self.source.get(self.at).is_some_and(|byte| *byte != b'\n') {
                        self.at += 1;
                    }
                }
                _ => break,
            }
        }
        self.began = self.at;
        let Some(byte) = self.source.get(self.at).copied() else { return Ok(Token::End) };
        if byte == b'\n' {
            self.at += 1;
            self.line += 1;
            return Ok(Token::Newline);
        }
        if byte == b'"' {
            return self.string();
        }
        if byte.is_ascii_digit() || byte == b'.' && self.source.get(self.at + 1).is_some_and(u8::is_ascii_digit) {
            return Ok(self.number());
        }
        if byte.is_ascii_alphabetic() || byte == b'_' {
            return Ok(self.name());
        }
        for sign in SIGNS {
            if self.source[self.at..].starts_with(sign.as_bytes()) {
                self.at += sign.len();
                let sign = match *sign {
                    "**" => "^",
                    "**=" => "^=",
                    sign => sign,
                };
                return Ok(Token::Sign(sign));
            }
        }
        Err("syntax error")
    }

    fn number(&mut self) -> Token {
        let rest = &self.source[self.at..];
        if rest.len() > 2 && rest[0] == b'0' && rest[1] | 32 == b'x' && rest[2].is_ascii_hexdigit() {
            let digits = rest[2..].iter().take_while(|byte| byte.is_ascii_hexdigit()).count();
            self.at += 2 + digits;
            let number = rest[2..2 + digits]
                .iter()
                .fold(0.0, |number, digit| number * 16.0 + f64::from(char::from(*digit).to_digit(16).unwrap_or(0)));
            return Token::Number(number);
        }
        let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let octal = rest[0] == b'0' && digits > 1 && rest[..digits].iter().all(|byte| (b'0'..=b'7').contains(byte));
        if octal && !matches!(rest.get(digits), Some(b'.' | b'e' | b'E')) {
            self.at += digits;
            return Token::Number(
                rest[..digits].iter().fold(0.0, |number, digit| number * 8.0 + f64::from(digit - b'0')),
            );
        }
        let (number, length) = super::value::leading_number(rest);
        self.at += length.max(1);
        Token::Number(number)
    }

    fn name(&mut self) -> Token {
        let rest = &self.source[self.at..];
        let length = rest.iter().take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'_').count();
        let name = String::from_utf8_lossy(&rest[..length]).into_owned();
        self.at += length;
        if let Some(word) = WORDS.iter().find(|word| **word == name) {
            return Token::Word(if *word == "func" { "function" } else { word });
        }
        if self.source.get(self.at) == Some(&b'(') { Token::Function(name) } else { Token::Name(name) }
    }

    fn string(&mut self) -> Result<Token, &'static str> {
        const UNTERMINATED: &str = "unterminated string";
        let mut out = Vec::new();
        let mut at = self.at + 1;
        loop {
            match self.source.get(at) {
                None | Some(b'\n') => return Err(UNTERMINATED),
                Some(b'"') => break,
                Some(b'\\') => match self.source.get(at + 1) {
                    None => return Err(UNTERMINATED),
                    Some(b'\n') => {
                        self.line += 1;
                        at += 2;
                    }
                    Some(next) => match text::escape(&self.source[at + 1..]) {
                        Some((byte, length)) => {
                            out.push(byte);
                            at += length + 1;
                        }
                        None => {
                            // A backslash before what it does not change stays for the regular expression that may be meant.
                            out.extend([b'\\', *next]);
                            at += 2;
                        }
                    },
                },
                Some(byte) => {
                    out.push(*byte);
                    at += 1;
                }
            }
        }
        self.at = at + 1;
        Ok(Token::Text(out))
    }

    /// The regular expression whose first slash is the last word.
    ///
    /// # Errors
    /// It has no end.
    pub fn regex(&mut self) -> Result<String, &'static str> {
        let begin = self.began + 1;
        let mut at = begin;
        let mut out = Vec::new();
        let mut bracket = None;
        loop {
            match self.source.get(at) {
                None | Some(b'\n') => {
                    self.began = begin;
                    return Err("unterminated regexp");
                }
                Some(b'/') if bracket.is_none() => break,
                Some(b'\\') if self.source.get(at + 1) == Some(&b'/') => {
                    out.push(b'/');
                    at += 1;
                }
                Some(b'\\') => {
                    out.push(b'\\');
                    at += 1;
                    out.extend(self.source.get(at).filter(|byte| **byte != b'\n'));
                }
                Some(byte) => {
                    match byte {
                        b'[' if bracket.is_none() => bracket = Some(at),
                        b']' => {
                            let first =
                                bracket.is_some_and(|open| at == open + 1 || &self.source[open + 1..at] == b"^");
                            if !first {
                                bracket = None;
                            }
                        }
                        _ => {}
                    }
                    out.push(*byte);
                }
            }
            at += 1;
        }
        self.at = at + 1;
        Ok(String::from_utf8_lossy(&out).into_owned())
    }
}
