//! Where a text stops that is not complete, as far as the history of a shell must know it: there the lines of one command
//! are one line, and what stands between two of them follows from the last tokens (parse.y, `history_delimiting_chars`, in the
//! form of bash 5.2, whose here-documents are right wherever they stand).

use serde::{Deserialize, Serialize};

use super::Parser;
use super::token::{Place, Token};

/// Where a text stops.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stop {
    /// Within quotes or a substitution; the innermost of them.
    Quotes(char),
    /// Within a here-document; `true` when it is taken as it stands.
    Document(bool),
    /// Among the elements of an array.
    Elements,
    /// Behind a parenthesis, or the name of a function; `true` where no `;` may follow.
    Closed(bool),
    /// Behind `for NAME`.
    Name,
    /// Behind what no `;` may follow, such as `do`.
    Opened,
    /// Behind a command.
    Command,
}

impl Stop {
    /// What stands between the lines up to here and the next one.
    #[must_use]
    pub fn joint(self, next: &str) -> &'static str {
        match self {
            Stop::Quotes(_) | Stop::Document(_) => "\n",
            Stop::Elements | Stop::Closed(true) => " ",
            Stop::Closed(false) => "; ",
            _ if next.contains("<<") => "\n",
            Stop::Name if next.trim_start().starts_with("in") => " ",
            Stop::Name => ";",
            Stop::Opened => " ",
            Stop::Command => "; ",
        }
    }

    /// Whether characters stand for themselves here, so that a line's end is one of them.
    #[must_use]
    pub fn is_literal(self) -> bool {
        matches!(self, Stop::Quotes(_) | Stop::Document(_))
    }
}

/// What a token is to the one that comes behind its line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Kind {
    #[default]
    Word,
    Line,
    Semicolon,
    Parenthesis,
    Closing,
    Case,
    For,
    Select,
    Function,
    /// No `;` may follow it.
    Opens,
    Other,
}

/// The tokens that were read last, and what is open.
#[derive(Clone, Debug)]
pub(super) struct Trail {
    /// The last one last.
    last: [Kind; 3],
    cases: u32,
    /// Quotes, `(` for a substitution, `[` for an array.
    open: Vec<char>,
}

impl Default for Trail {
    fn default() -> Self {
        Self { last: [Kind::Word, Kind::Word, Kind::Line], cases: 0, open: Vec::new() }
    }
}

impl Trail {
    /// A token was read.
    pub(super) fn note(&mut self, token: &Token, place: Place) {
        let kind = match token {
            Token::End => return,
            _ if place.conditional() => return,
            Token::Newline => Kind::Line,
            Token::Op(";") => Kind::Semicolon,
            Token::Op("(") => Kind::Parenthesis,
            Token::Op(")") => Kind::Closing,
            Token::Op("&" | "|" | "&&" | "||" | ";;" | ";&" | ";;&") => Kind::Opens,
            Token::Word(_) => self.word(token.bare(), place),
            _ => Kind::Other,
        };
        self.push(kind);
    }

    /// Something that is no token of the grammar's was read.
    pub(super) fn other(&mut self) {
        self.push(Kind::Other);
    }

    fn push(&mut self, kind: Kind) {
        let [_, second, third] = self.last;
        self.last = [second, third, kind];
    }

    /// What a word is where it stands.
    fn word(&mut self, word: Option<&str>, place: Place) -> Kind {
        let Some(word) = word else { return Kind::Word };
        let named = |kinds: &[Kind]| match self.last {
            [kind, Kind::Word, Kind::Line] | [_, kind, Kind::Word] => kinds.contains(&kind),
            _ => false,
        };
        let separated = matches!(self.last, [_, _, Kind::Semicolon] | [_, Kind::Semicolon, Kind::Line]);
        match (place, word) {
            (Place::Command, "case") => {
                self.cases += 1;
                Kind::Case
            }
            (Place::Command | Place::Word, "esac") => {
                self.cases = self.cases.saturating_sub(1);
                Kind::Other
            }
            (Place::Command, "for") => Kind::For,
            (Place::Command, "select") => Kind::Select,
            (Place::Command, "function") => Kind::Function,
            (Place::Command, "{" | "do" | "else" | "if" | "then" | "until" | "while") => Kind::Opens,
            (Place::Command, "elif" | "fi" | "done" | "}" | "!" | "time" | "[[") => Kind::Other,
            (Place::Word, "in") if named(&[Kind::Case, Kind::For, Kind::Select]) => Kind::Opens,
            (Place::Word, "do") if separated || named(&[Kind::For, Kind::Select]) => Kind::Opens,
            _ => Kind::Word,
        }
    }

    /// A quote or its like was opened.
    pub(super) fn open(&mut self, quote: char) {
        self.open.push(quote);
    }

    /// What was opened last is closed.
    pub(super) fn close(&mut self) {
        self.open.pop();
    }
}

impl Parser<'_> {
    /// Where the text stops, now that it is at its end.
    pub(super) fn stop(&self) -> Stop {
        if let Some(quoted) = self.cut_here {
            return Stop::Document(quoted);
        }
        let Trail { last: [second, first, _], cases, open } = &self.trail;
        match (open.iter().rev().find(|quote| **quote != '['), open.last()) {
            (Some(quote), _) => return Stop::Quotes(*quote),
            (None, Some(_)) => return Stop::Elements,
            _ => {}
        }
        match (second, first) {
            (Kind::Parenthesis, Kind::Closing) | (Kind::Function, Kind::Word) => Stop::Closed(true),
            (_, Kind::Closing) => Stop::Closed(*cases > 0),
            (Kind::For, Kind::Word) => Stop::Name,
            (Kind::Case, Kind::Word) => Stop::Opened,
            (_, Kind::Line | Kind::Semicolon | Kind::Parenthesis | Kind::Case | Kind::Opens) => Stop::Opened,
            _ => Stop::Command,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Failure, Options, Parser};
    use crate::bash::version::Version;

    /// What stands between a text that is not complete and what is typed next.
    fn joint(text: &str, next: &str) -> Option<&'static str> {
        let mut parser =
            Parser::new(text, Options { aliases: &|_| None, extglob: false, first_line: 1, version: Version::NEWEST });
        let stop = match parser.next()? {
            Ok(read) => read.cut?,
            Err(Failure::Incomplete(_, stop)) => stop,
            Err(Failure::Wrong(_)) => return None,
        };
        Some(stop.joint(next))
    }

    #[test]
    fn lines_of_one_command_are_joined_as_bash_does() {
        let check = |text: &str, expect: &str| assert_eq!(joint(text, "x"), Some(expect), "{text}");
        for text in
            ["for i in 1 2\n", "for i in 1 2\ndo echo $i\n", "(echo a\n", "if true; then\n(echo in\n)\n", "f() { a\n"]
        {
            check(text, "; ");
        }
        for text in
            ["[[ a ]] && { ! [[ a == b ||\n", "echo q ${x:-a\n", "((\n", "select x\n", "a |&\n", "for x in a do\n"]
        {
            check(text, "; ");
        }
        for text in
            ["if true; then\n", "a && \n", "f() {\n", "f()\n", "function g\n", "case x in\nx)\n", "case x\n", "(\n"]
        {
            check(text, " ");
        }
        for text in [
            "case x in\nx)\n(a\n)\n",
            "a=(1\n",
            "[[ a &&\n",
            "if ((1 ||\n",
            "echo ${x:-a\n",
            "for x do\n",
            "for x;\ndo\n",
        ] {
            check(text, " ");
        }
        for text in
            ["a \"b\n", "a 'b\n", "a $(b\n", "a `b\n", "a $((1+\n", "a <(b\n", "cat <<E\n", "\"${x:-a\n", "a=('b\n"]
        {
            check(text, "\n");
        }
        check("for i\n", ";");
        assert_eq!(joint("for i\n", " in 1"), Some(" "));
        assert_eq!(joint("while true; do\n", "cat <<E"), Some("\n"));
        assert_eq!(joint("case x in x)\n", "cat <<E"), Some(" "));
        assert_eq!(joint("echo a\n", "b"), None);
    }
}
