//! The line that is typed, on the screen: where it is drawn, wiped and left.

use std::borrow::Cow;

use rustyline::GraphemeClusterMode;

use super::{Editor, piece};

/// Where the cursor stands in the line that was drawn.
#[derive(Debug, Default)]
pub(super) struct Drawn {
    /// Rows below the one where the line begins.
    row: usize,
    /// Rows above the one where the line ends.
    below: usize,
    /// The column of the line's end, if the cursor is not there.
    end_column: Option<usize>,
}

impl Editor {
    /// The line behind `before`, drawn where the cursor stands.
    pub fn draw(&mut self, before: &str, columns: usize) -> String {
        let typed = &*with_carets(self.line.as_str());
        let (shown, cursor) = match &self.search {
            Some(wanted) => {
                let shown = format!("(reverse-i-search)`{wanted}': {typed}");
                let cursor = width(&shown);
                (shown, cursor)
            }
            None => {
                let to_cursor = with_carets(&self.line.as_str()[..self.line.pos()]);
                (format!("{before}{typed}"), width(before) + width(&to_cursor))
            }
        };
        let end = width(&shown);
        let mut text = shown;
        self.full = end > 0 && end.is_multiple_of(columns);
        if self.full {
            // The cursor would hang over the edge.
            text.push('\n');
        }
        let cursor = cursor.min(end);
        let (up, column) = (end / columns - cursor / columns, cursor % columns);
        if cursor < end {
            text.push('\r');
            push_move(&mut text, up, 'A');
            push_move(&mut text, column, 'C');
        }
        let end_column = (cursor < end).then_some(end % columns);
        self.drawn = Drawn { row: cursor / columns, below: up, end_column };
        text
    }

    /// What takes the line off the screen, so that it can be drawn anew.
    #[must_use]
    pub fn wipe(&self) -> String {
        let mut text = "\r".to_owned();
        push_move(&mut text, self.drawn.row, 'A');
        text.push_str("\x1b[J");
        text
    }

    /// Whether a character more would reach the edge of the screen.
    #[must_use]
    pub fn at_edge(&self, before: &str, columns: usize) -> bool {
        let end = width(before) + width(&with_carets(self.line.as_str()));
        end.is_multiple_of(columns) || end % columns < 2
    }

    /// What takes the cursor behind the line's end, and whether that is a row of its own already.
    pub fn leave(&mut self) -> (String, bool) {
        let mut text = String::new();
        let Drawn { below, end_column, .. } = std::mem::take(&mut self.drawn);
        if let Some(column) = end_column {
            push_move(&mut text, below, 'B');
            text.push('\r');
            push_move(&mut text, column, 'C');
        }
        (text, std::mem::take(&mut self.full))
    }
}

/// A line as it is shown: a control character as `^` and a letter.
fn with_carets(line: &str) -> Cow<'_, str> {
    if !line.contains(|character: char| character.is_ascii_control()) {
        return Cow::Borrowed(line);
    }
    let mut shown = String::new();
    for character in line.chars() {
        if character.is_ascii_control() {
            shown.push('^');
            shown.push(char::from(character as u8 ^ 0x40));
        } else {
            shown.push(character);
        }
    }
    Cow::Owned(shown)
}

fn push_move(text: &mut String, count: usize, direction: char) {
    if count > 0 {
        text.push_str(&format!("\x1b[{count}{direction}"));
    }
}

/// How many columns a text takes. rustyline counts them in 16 bits, so it gets one piece after another.
pub fn width(mut text: &str) -> usize {
    let mut columns = 0;
    while !text.is_empty() {
        let (first, rest) = text.split_at(piece(text));
        columns += usize::from(GraphemeClusterMode::Unicode.width(first));
        text = rest;
    }
    columns
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::front::keys::Key;

    #[test]
    fn a_quoted_key_is_shown_with_a_caret() {
        let mut editor = Editor::new();
        for key in [Key::Char('a'), Key::Ctrl('v'), Key::Tab, Key::Ctrl('v'), Key::Backspace, Key::Left] {
            editor.press(key);
        }
        assert_eq!(editor.draw("> ", 80), "> a^I^?\r\x1b[5C");
    }

    #[test]
    fn columns_are_counted_beyond_16_bits() {
        assert_eq!(width(&"世x".repeat(40_000)), 120_000);
    }
}
