//! Words of a command line: quotes and backslashes as in Python's `shlex.split`, nothing is expanded.
//!
//! The vCSA's `Command>` shell splits lines like that. Source of truth: `shlex.split(posix=True)` of 2.7.18 and 3.11.7. Where Python
//! raises an exception, this yields the words so far, the unfinished one too, and the complaint.

use nom::branch::alt;
use nom::bytes::complete::{tag, take_till, take_till1, take_while};
use nom::character::complete::anychar;
use nom::combinator::{map, opt, value};
use nom::sequence::preceded;
use nom::{IResult, Parser};
use std::borrow::Cow;

/// What is wrong with a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Complaint {
    /// A quotation is still open at the end.
    NoClosingQuotation,
    /// A backslash is the last character.
    NoEscapedCharacter,
}

impl Complaint {
    /// Python's text for it.
    pub fn text(self) -> &'static str {
        match self {
            Self::NoClosingQuotation => "No closing quotation",
            Self::NoEscapedCharacter => "No escaped character",
        }
    }
}

/// A line cut into words.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Line<'a> {
    /// The words, borrowed from the line where nothing had to be removed from their inside.
    pub words: Vec<Cow<'a, str>>,
    /// What is wrong with the last word, if anything.
    pub complaint: Option<Complaint>,
}

/// Cuts a line into words.
pub fn split(line: &str) -> Line<'_> {
    let mut found = Line::default();
    let mut rest = line;
    while let Ok((after, ())) = blanks(rest) {
        let (after, word) = word(after, &mut found.complaint);
        let Some(word) = word else { break };
        found.words.push(word);
        rest = after;
    }
    found
}

fn is_blank(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\r' | '\n')
}

fn blanks(input: &str) -> IResult<&str, ()> {
    value((), take_while(is_blank)).parse(input)
}

/// Pieces up to a blank or the end, put together; no piece, no word.
fn word<'a>(input: &'a str, complaint: &mut Option<Complaint>) -> (&'a str, Option<Cow<'a, str>>) {
    let mut rest = input;
    let mut word: Option<Cow<'a, str>> = None;
    while let Ok((after, (text, trouble))) = piece(rest) {
        rest = after;
        *complaint = complaint.or(trouble);
        word = Some(word.unwrap_or_default() + text);
    }
    (rest, word)
}

type Piece<'a> = (Cow<'a, str>, Option<Complaint>);

/// Plain characters, one escaped character, or a quotation.
fn piece(input: &str) -> IResult<&str, Piece<'_>> {
    let plain = take_till1(|c| is_blank(c) || matches!(c, '\'' | '"' | '\\'));
    alt((map(plain, |text: &str| (text.into(), None)), escaped, single_quoted, double_quoted)).parse(input)
}

fn escaped(input: &str) -> IResult<&str, Piece<'_>> {
    let (rest, character) = preceded(tag("\\"), opt(anychar)).parse(input)?;
    Ok((
        rest,
        match character {
            Some(c) => (input[1..1 + c.len_utf8()].into(), None),
            None => ("".into(), Some(Complaint::NoEscapedCharacter)),
        },
    ))
}

fn single_quoted(input: &str) -> IResult<&str, Piece<'_>> {
    let (rest, text) = preceded(tag("'"), take_till(|c| c == '\'')).parse(input)?;
    let (rest, closing) = opt(tag("'")).parse(rest)?;
    Ok((rest, (text.into(), unless(closing.is_some(), Complaint::NoClosingQuotation))))
}

fn unless(fine: bool, complaint: Complaint) -> Option<Complaint> {
    (!fine).then_some(complaint)
}

/// Within double quotes a backslash stands for itself, except before a double quote or another backslash.
fn double_quoted(input: &str) -> IResult<&str, Piece<'_>> {
    let (mut rest, _) = tag("\"").parse(input)?;
    let mut text = Cow::Borrowed("");
    loop {
        let (special, plain) = take_till(|c| matches!(c, '"' | '\\')).parse(rest)?;
        text += plain;
        let mut next = special.chars();
        match (next.next(), next.next()) {
            (Some('\\'), Some('"' | '\\')) => text += &special[1..2],
            (Some('\\'), Some(c)) => text += &special[..1 + c.len_utf8()],
            (Some('\\'), None) => return Ok(("", (text, Some(Complaint::NoEscapedCharacter)))),
            (Some(_), _) => return Ok((&special[1..], (text, None))),
            (None, _) => return Ok(("", (text, Some(Complaint::NoClosingQuotation)))),
        }
        rest = next.as_str();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Words and complaints of `shlex.split`, recorded by `tests/argparse/generate.py`.
    #[test]
    fn lines_are_cut_as_shlex_does() {
        let recording = include_str!("../../tests/argparse/lex.jsonl");
        assert!(recording.lines().count() > 300, "the recording is cut short");
        for case in recording.lines() {
            let case: serde_json::Value = serde_json::from_str(case).unwrap();
            let found = split(case["line"].as_str().unwrap());
            let complaint = found.complaint.map(Complaint::text);
            assert_eq!(complaint, case["complaint"].as_str(), "{case}");
            if complaint.is_none() {
                assert_eq!(serde_json::json!(found.words), case["words"], "{case}");
            }
        }
    }

    #[test]
    fn an_unfinished_line_yields_what_there_is() {
        let check = |line, words: &[&str], complaint| {
            let found = split(line);
            assert_eq!(
                (&found.words[..], found.complaint),
                (&words.iter().map(|word| Cow::Borrowed(*word)).collect::<Vec<_>>()[..], Some(complaint)),
                "{line}"
            );
        };
        check("a \"b c", &["a", "b c"], Complaint::NoClosingQuotation);
        check("a 'b\\", &["a", "b\\"], Complaint::NoClosingQuotation);
        check("a \"b\\", &["a", "b"], Complaint::NoEscapedCharacter);
        check("a b\\", &["a", "b"], Complaint::NoEscapedCharacter);
    }

    #[test]
    fn words_are_borrowed_where_they_can_be() {
        let line = "shutdown reboot -r \"Update 2\" it\\'s";
        let borrowed: Vec<bool> = split(line).words.iter().map(|word| matches!(word, Cow::Borrowed(_))).collect();
        assert_eq!(borrowed, [true, true, true, true, false]);
    }
}
