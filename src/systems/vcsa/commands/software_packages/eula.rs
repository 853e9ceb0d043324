//! The end user licence agreement: a pager, the question, and what counts as an answer.
//!
//! The pager's line, the question and its place straight behind the last word are captured; the page size (the terminal's
//! height, when the page is shown, less the pager's line), and what is printed after a refusal, are inferred. Ctrl-C, which
//! the pager's line offers, is no answer: it ends the tool here as everywhere. A line is never cut: one that alone takes
//! more rows than the terminal has is shown whole.

use unicode_width::UnicodeWidthChar;

use crate::shell::{Cx, Terminal};

const PAGER: &str = "Press ENTER key for more or Ctrl+c to quit";
const QUESTION: &str = "Do you accept the terms and conditions?  [yes/no] ";

/// How the dialogue ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Answer {
    Accepted,
    Refused,
}

/// Shows the text page by page and asks until the answer is yes or no.
pub(super) async fn ask(cx: &Cx, text: &str) -> Answer {
    cx.with(|cx| cx.screen.print("\n\n"));
    let text = harmless(text);
    let mut rest = text.as_str();
    while !rest.is_empty() {
        rest = cx.with(|cx| {
            let (page, rest) = page(rest, cx.session.terminal);
            cx.screen.print(page);
            rest
        });
        if !rest.is_empty() {
            cx.with(|cx| cx.screen.print(PAGER));
            cx.page().await;
        }
    }
    loop {
        cx.with(|cx| cx.screen.print(QUESTION));
        match cx.line().await.as_str() {
            "yes" => return Answer::Accepted,
            "no" => return Answer::Refused,
            _ => {}
        }
    }
}

/// A disc of unknown origin must not reach the terminal with anything but text.
fn harmless(text: &str) -> String {
    text.chars().filter(|c| !c.is_control() || matches!(c, '\n' | '\t')).collect()
}

/// The first page of a text, and what stands behind it: whole lines that leave room for the pager's line, at least one.
fn page(text: &str, terminal: Terminal) -> (&str, &str) {
    let columns = usize::from(terminal.columns).max(1);
    // Behind its last word the cursor needs a place, too.
    let pager = PAGER.len() / columns + 1;
    let room = usize::from(terminal.rows).saturating_sub(pager);
    let (mut end, mut used) = (0, 0);
    for line in text.split_inclusive('\n') {
        used += rows(line.trim_end_matches('\n'), columns);
        if end > 0 && used > room {
            break;
        }
        end += line.len();
    }
    text.split_at(end)
}

/// How many rows a line takes on a terminal that wraps it.
fn rows(line: &str, columns: usize) -> usize {
    let (mut rows, mut column) = (1, 0);
    for c in line.chars() {
        if c == '\t' {
            // A tab goes no further than the last column.
            column = column.max(((column / 8 + 1) * 8).min(columns - 1));
            continue;
        }
        let width = c.width().unwrap_or(0);
        if column + width > columns {
            (rows, column) = (rows + 1, 0);
        }
        column += width;
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_leave_room_for_the_pager_and_count_what_wraps() {
        let check = |text: &str, columns, rows, expect: &[&str]| {
            let terminal = Terminal { columns, rows, ..Terminal::PIPE };
            let (mut pages, mut rest) = (Vec::new(), text);
            while !rest.is_empty() {
                let first;
                (first, rest) = page(rest, terminal);
                pages.push(first);
            }
            assert_eq!(pages, expect, "{columns}x{rows}");
        };
        check("a\nb\nc\nd", 80, 3, &["a\nb\n", "c\nd"]);
        check("a\nb\nc", 80, 24, &["a\nb\nc"]);
        check("a\nb\nc", 43, 3, &["a\nb\n", "c"]);
        check("a\nb\nc", 42, 3, &["a\n", "b\n", "c"]);
        check("a\nb\nc", 40, 4, &["a\nb\n", "c"]);
        let wide = format!("{}\nb\nc", "a".repeat(51));
        check(&wide, 50, 4, &[&wide[..54], "c"]);
        check(&wide, 51, 4, &[&wide]);
        check("a\nb", 80, 0, &["a\n", "b"]);
        check("a\nb", 0, 0, &["a\n", "b"]);
        check("", 80, 24, &[]);
    }

    #[test]
    fn a_line_takes_the_rows_that_a_terminal_gives_it() {
        let check = |line: &str, columns, expect| assert_eq!(rows(line, columns), expect, "{line:?} at {columns}");
        check("", 4, 1);
        check("abcd", 4, 1);
        check("abcde", 4, 2);
        check("abc世", 4, 2);
        check("ab世", 4, 1);
        check("e\u{301}bcd", 4, 1);
        check("a\tb", 9, 1);
        check("a\tbc", 9, 2);
        check("a\tb", 4, 1);
        check("abcdefgh", 1, 8);
    }
}
