//! The end user licence agreement: a pager, the question, and what counts as an answer.
//!
//! The pager's line, the question and its place straight behind the last word are captured; the page size (the terminal's
//! height less the pager's line), and what is printed after a refusal, are inferred. Ctrl-C, which the pager's line offers,
//! is no answer: it ends the tool here as everywhere.

use crate::shell::Cx;

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
    let (columns, rows) = cx.with(|cx| (cx.session.terminal.columns, cx.session.terminal.rows));
    let mut pages = pages(&harmless(text), usize::from(columns), usize::from(rows)).into_iter().peekable();
    while let Some(page) = pages.next() {
        cx.with(|cx| cx.screen.print(&page));
        if pages.peek().is_some() {
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

/// The text in pages that leave one row for the pager's line. A line longer than the terminal takes several rows.
fn pages(text: &str, columns: usize, rows: usize) -> Vec<String> {
    let room = rows.saturating_sub(1).max(1);
    let columns = columns.max(1);
    let (mut pages, mut page, mut used) = (Vec::new(), String::new(), 0);
    for line in text.split_inclusive('\n') {
        let width = line.trim_end_matches('\n').chars().count();
        let needed = width.div_ceil(columns).max(1);
        if used > 0 && used + needed > room {
            pages.push(std::mem::take(&mut page));
            used = 0;
        }
        page.push_str(line);
        used += needed;
    }
    pages.push(page);
    pages
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_leave_a_row_for_the_pager_and_count_wrapped_lines() {
        let check = |text: &str, columns, rows, expect: &[&str]| assert_eq!(pages(text, columns, rows), expect);
        check("a\nb\nc\nd", 80, 3, &["a\nb\n", "c\nd"]);
        check("a\nb\nc", 80, 24, &["a\nb\nc"]);
        check("aaaa\nb\nc", 2, 3, &["aaaa\n", "b\nc"]);
        check("a\nb", 80, 0, &["a\n", "b"]);
        check("", 80, 24, &[""]);
    }
}
