//! The text form of a transcript: which line is a remark, a word to the director, a placeholder, or what a terminal showed.
//!
//! Which of the shown lines were typed is not decided here: that depends on the prompts and questions of the lab, and the
//! runner sees them. Line ends may be those of Windows; they are kept when a transcript is written again.

use nom::branch::alt;
use nom::bytes::complete::tag;
use nom::combinator::{all_consuming, peek, rest, value};
use nom::sequence::preceded;
use nom::{IResult, Parser};

use super::head::{Head, NamedDisc};
use crate::sim::Span;

/// Stands for any number of lines.
pub(super) const ANY_LINES: &str = "...";
/// Stands for any text within a line.
pub(super) const ANY_TEXT: &str = "[..]";
/// Takes away what the beginning of a line would mean.
pub(super) const QUOTE: char = '\\';

/// A transcript, borrowed from its text.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Transcript<'a> {
    /// What the remarks at the top say.
    pub head: Head<'a>,
    /// All discs that may be read: those of the head, and those that remarks below it name.
    pub discs: Vec<NamedDisc<'a>>,
    /// All lines, the head's included.
    pub lines: Vec<Line<'a>>,
    /// Whether lines end as on Windows.
    pub crlf: bool,
}

/// One line of a transcript.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Line<'a> {
    /// As it is written, without its end.
    pub text: &'a str,
    /// How it reads.
    pub kind: Kind,
}

/// What a line is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `# `: for people, and for the head.
    Remark,
    /// `%`: for the director.
    Director,
    /// `...`: any number of lines.
    AnyLines,
    /// Shown or typed, to the letter.
    Plain,
    /// Shown or typed, with `[..]` for any text within it.
    Wild,
    /// Behind a `\`: shown to the letter, whatever it looks like.
    Quoted,
}

/// Something that keeps a transcript from being run, with the line where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Complaint {
    /// Number of the line, from 1.
    pub line: usize,
    /// What is wrong.
    pub text: String,
}

impl<'a> Line<'a> {
    /// Reads one line.
    #[must_use]
    pub fn parse(text: &'a str) -> Self {
        let kind = kind(text).map_or(Kind::Plain, |(_, kind)| kind);
        Self { text, kind }
    }

    /// What a terminal shows of it.
    #[must_use]
    pub fn shown(&self) -> &'a str {
        match self.kind {
            Kind::Quoted => &self.text[QUOTE.len_utf8()..],
            _ => self.text,
        }
    }

    /// Whether it stands for something that a terminal showed.
    #[must_use]
    pub fn is_shown(&self) -> bool {
        !matches!(self.kind, Kind::Remark | Kind::Director)
    }
}

/// What came in while a command ran, and where its output stood then: `1/143^C`, `1/143+5m20s^C`, `1/143+2m%disc eject`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Meanwhile<'a> {
    /// The line up to there.
    pub before: Line<'a>,
    /// How long after the last that was typed it came; else, as soon as the line stood so.
    pub after: Option<Span>,
    /// A key, or words to the director.
    pub typed: Typed<'a>,
}

impl<'a> Line<'a> {
    /// What came in while a command ran, if this line can be read so; whether one ran then, the runner knows. A director
    /// line has its time: without it, it would be spoken when the command is through.
    #[must_use]
    pub fn meanwhile(&self) -> Option<Meanwhile<'a>> {
        let before = |text: &'a str| Line { text, kind: self.kind };
        if !self.is_shown() || self.kind == Kind::AnyLines {
            return None;
        }
        for (key, typed) in [("^C", Typed::Interrupt), ("^Z", Typed::Suspend), ("^D", Typed::EndOfInput(""))] {
            let Some(text) = self.text.strip_suffix(key) else { continue };
            let (text, after) = timed(text).map_or((text, None), |(text, after)| (text, Some(after)));
            return Some(Meanwhile { before: before(text), after, typed });
        }
        if let Some((text, after)) = self.text.strip_suffix("^]").and_then(timed) {
            return Some(Meanwhile { before: before(text), after: Some(after), typed: Typed::Escape("") });
        }
        self.text.match_indices('%').find_map(|(at, _)| {
            let (text, after) = timed(&self.text[..at])?;
            Some(Meanwhile { before: before(text), after: Some(after), typed: Typed::Director(&self.text[at..]) })
        })
    }
}

/// The text before a time such as `+5m20s`, and the time.
fn timed(text: &str) -> Option<(&str, Span)> {
    let (text, span) = text.rsplit_once('+')?;
    // A bare number is more likely a part of what was printed.
    let span = Some(span).filter(|span| span.ends_with(|c: char| c.is_ascii_alphabetic()))?;
    Some((text, Span::parse(span).ok()?))
}

fn kind(line: &str) -> IResult<&str, Kind> {
    // An editor may have cut the blank off an empty remark.
    let remark = alt((tag("# "), all_consuming(tag("#"))));
    let director = tag("%");
    let quoted = tag("\\");
    let any_lines = all_consuming(tag(ANY_LINES));
    alt((
        value(Kind::Remark, preceded(peek(remark), rest)),
        value(Kind::Director, preceded(peek(director), rest)),
        value(Kind::Quoted, preceded(peek(quoted), rest)),
        value(Kind::AnyLines, any_lines),
        value(Kind::Wild, preceded(peek(wild), rest)),
    ))
    .parse(line)
}

fn wild(line: &str) -> IResult<&str, &str> {
    nom::bytes::complete::take_until(ANY_TEXT).parse(line)
}

impl<'a> Transcript<'a> {
    /// Reads a transcript.
    ///
    /// # Errors
    /// All that is wrong in its head.
    pub fn parse(text: &'a str) -> Result<Self, Vec<Complaint>> {
        let text = text.trim_start_matches('\u{feff}');
        let crlf = text.split('\n').next().is_some_and(|first| first.ends_with('\r'));
        let strip = |line: &'a str| if crlf { line.strip_suffix('\r').unwrap_or(line) } else { line };
        let lines: Vec<Line<'a>> = text.split_terminator('\n').map(|line| Line::parse(strip(line))).collect();
        let head = Head::read(lines.iter().take_while(|line| line.kind == Kind::Remark).map(|line| line.text))?;
        let remarks = lines.iter().filter(|line| line.kind == Kind::Remark);
        let discs = remarks.filter_map(|line| NamedDisc::of_remark(line.text)).collect();
        Ok(Self { head, discs, lines, crlf })
    }

    /// The transcript as text.
    #[must_use]
    pub fn render(&self) -> String {
        let mut text = String::new();
        for line in &self.lines {
            self.push(&mut text, line.text);
        }
        text
    }

    /// Appends a line with this transcript's line end.
    pub(super) fn push(&self, text: &mut String, line: &str) {
        text.push_str(line);
        text.push_str(if self.crlf { "\r\n" } else { "\n" });
    }
}

/// Takes the bytes of a file for text.
///
/// # Errors
/// Where they are none.
pub fn decode(bytes: &[u8]) -> Result<&str, Complaint> {
    std::str::from_utf8(bytes).map_err(|e| {
        let good = &bytes[..e.valid_up_to()];
        let line = 1 + good.iter().filter(|byte| **byte == b'\n').count();
        let column = 1 + good.len() - good.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
        Complaint { line, text: format!("byte {column} of this line is not UTF-8; a transcript is a UTF-8 text file") }
    })
}

/// What was typed behind a prompt or a question. One rule for keyboard, pipe and transcript: a `%` speaks to the director;
/// in a transcript, `^C`, `^Z`, `^]` or `^D` at the end is that key. A `\` in front of a line that would mean one of these takes the
/// meaning away, and belongs to the line in front of any other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Typed<'a> {
    /// Enter, behind this.
    Line(&'a str),
    /// Words to the director.
    Director(&'a str),
    /// Ctrl-C.
    Interrupt,
    /// Ctrl-Z.
    Suspend,
    /// Ctrl-] where a console is left by it; elsewhere, this line.
    Escape(&'a str),
    /// Ctrl-D, behind this.
    EndOfInput(&'a str),
}

impl<'a> Typed<'a> {
    /// What a line of a transcript means behind its prompt.
    #[must_use]
    pub fn written(text: &'a str) -> Self {
        match unquoted(text) {
            Some(line) => Typed::Line(line),
            None if text.ends_with("^C") => Typed::Interrupt,
            None if text.ends_with("^Z") => Typed::Suspend,
            None if text.ends_with("^]") => Typed::Escape(text),
            None => text.strip_suffix("^D").map_or_else(|| Typed::spoken(text), Typed::EndOfInput),
        }
    }

    /// What a line means that somebody types, keys being keys.
    #[must_use]
    pub fn spoken(text: &'a str) -> Self {
        match text.strip_prefix(QUOTE) {
            Some(line) if line.trim_start_matches(QUOTE).starts_with('%') => Typed::Line(line),
            _ if text.starts_with('%') => Typed::Director(text),
            _ => Typed::Line(text),
        }
    }
}

fn unquoted(text: &str) -> Option<&str> {
    text.strip_prefix(QUOTE).filter(|_| means_something(text))
}

fn means_something(text: &str) -> bool {
    let bare = text.trim_start_matches(QUOTE);
    bare.starts_with('%') || ["^C", "^Z", "^]", "^D"].iter().any(|key| bare.ends_with(key))
}

/// A typed line as it must be written behind its prompt, so that it is typed again.
#[must_use]
pub fn quote_typed(line: &str) -> String {
    if means_something(line) { format!("{QUOTE}{line}") } else { line.to_owned() }
}

/// A shown line as it must be written, so that it reads as one.
#[must_use]
pub fn quoted(shown: &str, reads_as_prompt: bool) -> String {
    if reads_as_prompt || Line::parse(shown).kind != Kind::Plain { format!("{QUOTE}{shown}") } else { shown.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_told_apart_by_how_they_begin() {
        let check = |text: &str, kind, shown: &str| {
            let line = Line::parse(text);
            assert_eq!((line.kind, line.shown()), (kind, shown), "{text:?}");
        };
        check("# a remark", Kind::Remark, "# a remark");
        check("#", Kind::Remark, "#");
        check("#!/bin/sh", Kind::Plain, "#!/bin/sh");
        check("%advance 5m", Kind::Director, "%advance 5m");
        check("...", Kind::AnyLines, "...");
        check("....", Kind::Plain, "....");
        check("... ", Kind::Plain, "... ");
        check("a [..] b", Kind::Wild, "a [..] b");
        check("\\a [..] b", Kind::Quoted, "a [..] b");
        check("\\", Kind::Quoted, "");
        check("", Kind::Plain, "");
        check(" # not at the beginning", Kind::Plain, " # not at the beginning");
    }

    #[test]
    fn what_was_typed_is_typed_again() {
        for typed in
            ["", "ls", "\\ls", "%x", "\\%x", "\\\\%x", "a^C", "a^Z", "a^]", "^D", "\\a^C", "\\\\", "%^C", "# x"]
        {
            assert_eq!(Typed::written(&quote_typed(typed)), Typed::Line(typed));
        }
        assert_eq!(Typed::written("a^C"), Typed::Interrupt);
        assert_eq!(Typed::written("a^Z"), Typed::Suspend);
        assert_eq!(Typed::written("a^]"), Typed::Escape("a^]"));
        assert_eq!(Typed::written("a^D"), Typed::EndOfInput("a"));
        assert_eq!(Typed::written("%time"), Typed::Director("%time"));
        assert_eq!(Typed::spoken("%time"), Typed::Director("%time"));
        assert_eq!(Typed::spoken("\\%time"), Typed::Line("%time"));
        assert_eq!(Typed::spoken("\\a^C"), Typed::Line("\\a^C"));
    }

    #[test]
    fn what_came_while_a_command_ran_stands_behind_its_output() {
        let check = |text: &str, expect: Option<(&str, Option<u64>, Typed<'_>)>| {
            let found = Line::parse(text).meanwhile();
            let found = found.map(|m| (m.before.shown(), m.after.map(Span::as_secs), m.typed));
            assert_eq!(found, expect, "{text:?}");
        };
        check("1/143^C", Some(("1/143", None, Typed::Interrupt)));
        check("1/143+5m^C", Some(("1/143", Some(300), Typed::Interrupt)));
        check("\\# 1/143+5m^D", Some(("# 1/143", Some(300), Typed::EndOfInput(""))));
        check("^C", Some(("", None, Typed::Interrupt)));
        check("1/143+5m^]", Some(("1/143", Some(300), Typed::Escape(""))));
        check("Escape character is ^]", None);
        check("+7s^Z", Some(("", Some(7), Typed::Suspend)));
        check("+7s^C", Some(("", Some(7), Typed::Interrupt)));
        check("1+5^C", Some(("1+5", None, Typed::Interrupt)));
        check("80%+2s%disc eject", Some(("80%", Some(2), Typed::Director("%disc eject"))));
        check("+1m%time", Some(("", Some(60), Typed::Director("%time"))));
        check("80%disc", None);
        check("%time+5m^C", None);
        check("# ^C", None);
        check("text", None);
    }

    #[test]
    fn what_is_quoted_reads_as_shown() {
        for shown in ["# x", "#", "%x", "\\x", "...", "a[..]b", "plain", ""] {
            let written = quoted(shown, false);
            assert_eq!(Line::parse(&written).shown(), shown);
            assert!(matches!(Line::parse(&written).kind, Kind::Plain | Kind::Quoted), "{written}");
        }
        assert_eq!(quoted("Command> x", true), "\\Command> x");
    }

    #[test]
    fn line_ends_of_windows_are_taken_off_and_kept() {
        let text = "# lab: x\r\nCommand>\r\n";
        let transcript = Transcript::parse(text).expect("a good transcript");
        assert_eq!(transcript.lines[1].text, "Command>");
        assert_eq!(transcript.render(), text);
    }

    #[test]
    fn bytes_which_are_no_text_are_located() {
        assert_eq!(decode(b"good\nbad \xff").map_err(|e| e.line), Err(2));
        assert!(decode(b"good\nbad \xff").unwrap_err().text.starts_with("byte 5 "));
        assert!(decode("gut: ä".as_bytes()).is_ok());
    }
}
