//! The tokens of bc.

/// Why a text is no statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wrong {
    /// It goes on in the next line.
    Unfinished,
    /// Whether it is the end of the line that should not be there.
    Syntax(bool),
    Illegal(char),
}

#[derive(Clone, Debug, PartialEq)]
pub enum Token {
    Number(String),
    Name(String),
    Text(String),
    Sign(&'static str),
    End,
}

const SIGNS: [&str; 39] = [
    "++", "--", "+=", "-=", "*=", "/=", "%=", "^=", "==", "<=", ">=", "!=", "&&", "||", "+", "-", "*", "/", "%", "^",
    "=", "<", ">", "!", "(", ")", "[", "]", "{", "}", ",", ";", "=+", "=-", "=*", "=/", "=%", "=^", ".",
];

/// The tokens of a text, each with the number of its line.
pub fn tokens(text: &str) -> Result<Vec<Token>, Wrong> {
    let mut all = Vec::new();
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        if let Some(after) = rest.strip_prefix("\\\n") {
            rest = after;
        } else if c == '\n' {
            all.push(Token::End);
            rest = &rest[1..];
        } else if c.is_whitespace() {
            rest = &rest[c.len_utf8()..];
        } else if let Some(after) = rest.strip_prefix("/*") {
            rest = after.split_once("*/").ok_or(Wrong::Unfinished)?.1;
        } else if c == '#' {
            rest = &rest[rest.find('\n').unwrap_or(rest.len())..];
        } else if c == '"' {
            let (text, after) = rest[1..].split_once('"').ok_or(Wrong::Unfinished)?;
            all.push(Token::Text(text.to_owned()));
            rest = after;
        } else if c.is_ascii_digit() || ('A'..='F').contains(&c) || c == '.' {
            let mut number = String::new();
            let mut point = false;
            loop {
                if let Some(after) = rest.strip_prefix("\\\n") {
                    rest = after;
                    continue;
                }
                match rest.chars().next() {
                    Some(c) if c.is_ascii_digit() || ('A'..='F').contains(&c) => number.push(c),
                    Some('.') if !point => {
                        point = true;
                        number.push('.');
                    }
                    _ => break,
                }
                rest = &rest[1..];
            }
            all.push(if number == "." { Token::Sign(".") } else { Token::Number(number) });
        } else if c.is_ascii_lowercase() {
            let end = rest.find(|c: char| !(c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_'));
            let (name, after) = rest.split_at(end.unwrap_or(rest.len()));
            all.push(Token::Name(name.to_owned()));
            rest = after;
        } else if let Some(sign) = SIGNS.iter().find(|sign| rest.starts_with(**sign)) {
            all.push(Token::Sign(sign));
            rest = &rest[sign.len()..];
        } else {
            return Err(Wrong::Illegal(c));
        }
    }
    Ok(all)
}
