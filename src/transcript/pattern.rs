//! Whether a printed line is the expected one: to the byte, with `[..]`, or with time stamps taken by their shape.

use std::borrow::Cow;
use std::ops::Range;

use nom::branch::alt;
use nom::bytes::complete::{tag, take_while_m_n};
use nom::character::complete::{char, one_of};
use nom::combinator::{opt, recognize};
use nom::{IResult, Parser};

use super::format::{ANY_TEXT, Kind, Line};
use super::head::Normalize;

/// Whether `line` of a transcript stands for the printed line `shown`.
pub(super) fn matches(line: &Line<'_>, shown: &str, normalize: Normalize) -> bool {
    let expected = line.shown();
    if line.kind != Kind::Wild && expected == shown {
        return true;
    }
    if !normalize.any() {
        return line.kind == Kind::Wild && glob(expected, shown);
    }
    let (expected, shown) = (expected.trim_end(), shown.trim_end());
    let (expected, shown) =
        if normalize.timestamps { (mask(expected), mask(shown)) } else { (expected.into(), shown.into()) };
    if line.kind == Kind::Wild { glob(&expected, &shown) } else { expected == shown }
}

/// What was typed, if `line` is the one on which `asked` stood and was answered: the text behind the question. The blank
/// at the end of a question, or of a prompt, may be lacking when nothing is behind it.
pub(super) fn answer<'a>(line: &Line<'a>, asked: &str) -> Option<&'a str> {
    let written = line.shown();
    if written == asked.trim_end() {
        return Some("");
    }
    if line.kind != Kind::Wild {
        return written.strip_prefix(asked);
    }
    if glob(written, asked.trim_end()) {
        return Some("");
    }
    let tail = written.rfind(ANY_TEXT)? + ANY_TEXT.len();
    let ends = written[tail..].char_indices().map(|(i, c)| tail + i + c.len_utf8());
    // Only a pattern that ends in `[..]` asks nothing more than that.
    let shortest = (tail == written.len()).then_some(tail);
    let end = shortest.into_iter().chain(ends).rev().find(|end| glob(&written[..*end], asked))?;
    Some(&written[end..])
}

/// Whether `pattern`, in which `[..]` is any text, fits all of `text`.
fn glob(pattern: &str, text: &str) -> bool {
    let Some((front, last)) = pattern.rsplit_once(ANY_TEXT) else { return pattern == text };
    let mut pieces = front.split(ANY_TEXT);
    let Some(mut rest) = pieces.next().and_then(|first| text.strip_prefix(first)) else { return false };
    for piece in pieces {
        match rest.find(piece) {
            Some(at) => rest = &rest[at + piece.len()..],
            None => return false,
        }
    }
    rest.ends_with(last)
}

/// The line with each time stamp in it replaced by one of its shape.
fn mask(line: &str) -> Cow<'_, str> {
    let mut masked: Option<String> = None;
    let mut done = 0;
    for start in starts(line) {
        if start < done {
            continue;
        }
        let Some((span, shape)) = stamp_at(line, start) else { continue };
        let text = masked.get_or_insert_default();
        text.push_str(&line[done..span.start]);
        text.push_str(&shape);
        done = span.end;
    }
    match masked {
        None => Cow::Borrowed(line),
        Some(mut text) => {
            text.push_str(&line[done..]);
            Cow::Owned(text)
        }
    }
}

const LOGIN: &str = "Last login: ";
const ACCEPTED: &str = "eulaAcceptTime: ";

/// Where a stamp could be.
fn starts(line: &str) -> impl Iterator<Item = usize> {
    let login = line.starts_with(LOGIN).then_some(LOGIN.len());
    let accepted = line.find(ACCEPTED).map(|at| at + ACCEPTED.len());
    let marked = line.match_indices(['[', '"']).map(|(at, mark)| if mark == "[" { at } else { at + 1 });
    login.into_iter().chain(accepted).chain([0]).chain(marked)
}

/// The stamp that begins at `start`, and its shape.
fn stamp_at(line: &str, start: usize) -> Option<(Range<usize>, String)> {
    let rest = &line[start..];
    let (after, stamp) =
        alt((recognize(bracketed), recognize(zulu), recognize(accepted), recognize(login))).parse(rest).ok()?;
    let shape = if login(stamp).is_ok() {
        // The day of the month may have one digit or two; the zone may be there or not.
        if stamp.contains(" UTC ") { "Www Mmm dd hh:mm:ss UTC yyyy" } else { "Www Mmm dd hh:mm:ss yyyy" }.to_owned()
    } else {
        stamp.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect()
    };
    Some((start..line.len() - after.len(), shape))
}

/// `[2015-10-08T02:43:36.281]` or `[2015-10-08 02:43:36,422]`.
fn bracketed(input: &str) -> IResult<&str, ()> {
    let plain = (char('['), date, char('T'), clock, char('.'), digits(3), char(']'));
    let step = (char('['), date, char(' '), clock, char(','), digits(3), char(']'));
    alt((plain.map(|_| ()), step.map(|_| ()))).parse(input)
}

/// `2017-11-29T15:12:57.617Z`, at the beginning of a line or of a quoted text, with or without the fraction.
fn zulu(input: &str) -> IResult<&str, ()> {
    (date, char('T'), clock, opt((char('.'), digits(3))), char('Z')).map(|_| ()).parse(input)
}

/// `2015-10-08 02:45:53 UTC`.
fn accepted(input: &str) -> IResult<&str, ()> {
    (date, char(' '), clock, tag(" UTC")).map(|_| ()).parse(input)
}

/// `Thu Oct  8 02:40:05 2015`, with or without a zone.
fn login(input: &str) -> IResult<&str, ()> {
    let word = || take_while_m_n(3, 3, |c: char| c.is_ascii_alphabetic());
    let day = (one_of(" 123"), digits(1));
    (word(), char(' '), word(), char(' '), day, char(' '), clock, opt(tag(" UTC")), char(' '), digits(4))
        .map(|_| ())
        .parse(input)
}

fn date(input: &str) -> IResult<&str, ()> {
    (digits(4), char('-'), digits(2), char('-'), digits(2)).map(|_| ()).parse(input)
}

fn clock(input: &str) -> IResult<&str, ()> {
    (digits(2), char(':'), digits(2), char(':'), digits(2)).map(|_| ()).parse(input)
}

fn digits<'a>(count: usize) -> impl Parser<&'a str, Output = &'a str, Error = nom::error::Error<&'a str>> {
    take_while_m_n(count, count, |c: char| c.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_stand_for_any_text() {
        let check = |pattern: &str, text: &str, expect| assert_eq!(glob(pattern, text), expect, "{pattern} ~ {text}");
        check("[..]", "", true);
        check("[..]", "anything", true);
        check("a[..]b", "ab", true);
        check("a[..]b", "a b b", true);
        check("a[..]b", "aXc", false);
        check("a[..]b[..]c", "a-b-b-c", true);
        check("a[..]b[..]c", "a-c", false);
        check("ab[..]ba", "aba", false);
        check("a", "ab", false);
    }

    #[test]
    fn an_answer_is_what_stands_behind_the_question() {
        let check = |line: &str, asked: &str, expect: Option<&str>| {
            assert_eq!(answer(&Line::parse(line), asked), expect, "{line:?} {asked:?}");
        };
        check("Accept? [yes/no] yes", "Accept? [yes/no] ", Some("yes"));
        check("Accept? [yes/no] ", "Accept? [yes/no] ", Some(""));
        check("Accept? [yes/no]", "Accept? [yes/no] ", Some(""));
        check("Refuse? [yes/no] yes", "Accept? [yes/no] ", None);
        check("[..]Accept? [yes/no] yes", "end. Accept? [yes/no] ", Some("yes"));
        check("[..]Accept? [yes/no] y", "end. Refuse? [yes/no] ", None);
        check("[..]Accept? ", "end. Accept? ", Some(""));
        check("[..]Accept?", "end. Accept? ", Some(""));
        check("[..]Accept? yes", "Press Enter", None);
        check("Press [..]", "Press Enter", Some(""));
        check("e[..]? no?", "end. Accept? ", Some("no?"));
        check("\\# root's? x", "# root's? ", Some("x"));
        check("Command>", "Command> ", Some(""));
        check("Command> date", "Command> ", Some("date"));
        check("Command>date", "Command> ", None);
    }

    #[test]
    fn stamps_are_taken_by_their_shape() {
        let timestamps = Normalize { timestamps: true, order: false };
        let check = |line: &str, shown: &str, expect| {
            assert_eq!(matches(&Line::parse(line), shown, timestamps), expect, "{line} ~ {shown}");
        };
        check(" [2015-10-08T02:43:36.281] : x", " [2016-11-02T01:18:24.307] : x", true);
        check(" [2015-10-08T02:43:36.281] : x", " [2016-11-02T01:18:24.307] : y", false);
        check(" [2015-10-08T02:43:36.281] : x", " [2016-11-02 01:18:24,307] : x", false);
        check(" [2015-10-08T02:43:36.281] : x", " [2016-11-02T01:18:24.3077] : x", false);
        check("a  [2015-10-08T02:43:36.281] : x  ", "a  [2016-11-02T01:18:24.307] : x", true);
        check("Last login: Thu Oct  8 02:40:05 2015 from a", "Last login: Mon Jun 22 00:15:14 2015 from a", true);
        check("Last login: Thu Oct  8 02:40:05 2015 from a", "Last login: Mon Jun 22 00:15:14 UTC 2015 from a", false);
        check("Last login: Thu Oct  8 02:40:05 2015 from a", "Last login: Mon Jun 22 00:15:14 2015 from b", false);
        check("  eulaAcceptTime: 2016-11-02 01:16:28 UTC", "  eulaAcceptTime: 2015-10-08 02:45:53 UTC", true);
        check("  kb: 2016-11-02 01:16:28 UTC", "  kb: 2015-10-08 02:45:53 UTC", false);
        check("2020-01-15T12:14:34.388Z   RC = 1", "2017-08-02T18:32:52.000Z   RC = 1", true);
        check("2020-01-15T12:14:34.388Z   RC = 1", "2017-08-02T18:32:52.000Z   RC = 2", false);
        check("2020-01-15T12:14:34.388Z x", "2017-08-02T18:32:52Z x", false);
        check("  \"at\": \"2020-01-15T12:14:34Z\"", "  \"at\": \"2017-08-02T18:32:52Z\"", true);
        check("x 2020-01-15T12:14:34Z", "x 2017-08-02T18:32:52Z", false);
        check(" [..]] : x", " [2016-11-02T01:18:24.307] : x", true);
        check("[", "[", true);
        assert!(!matches(&Line::parse("x "), "x", Normalize::default()));
    }
}
