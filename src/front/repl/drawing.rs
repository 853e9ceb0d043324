//! The line that is typed, on the screen: drawn behind what the session printed on its row, wiped before more is printed.

use super::{LOBBY, Repl, tty_trouble};
use crate::front::Trouble;
use crate::front::editor::{LONGEST, width};
use crate::lab::Waits;
use crate::operator::State;

impl Repl<'_> {
    /// Prints where the cursor stands, and remembers what stands on its row then.
    pub(super) fn print(&mut self, text: &str) -> Result<(), Trouble> {
        self.tty.show(text).map_err(tty_trouble)?;
        for character in text.chars() {
            match character {
                '\n' => self.tail.clear(),
                '\u{8}' => {
                    self.tail.pop();
                }
                other => self.tail.push(other),
            }
        }
        let columns = self.width();
        forget_rows(&mut self.tail, columns);
        Ok(())
    }

    pub(super) fn print_tail_again(&mut self) -> Result<(), Trouble> {
        let tail = self.tail.clone();
        self.tty.show(&tail).map_err(tty_trouble)
    }

    /// What stands before the line that is typed. A line for the director has no prompt: it is not typed into the
    /// appliance, and a transcript shows it like that, too.
    pub(super) fn prompt(&self, state: State) -> String {
        match state {
            State::Lobby | State::Session(_, Waits::Prompt) if self.editor.text().starts_with('%') => String::new(),
            State::Lobby => LOBBY.to_owned(),
            State::Session(id, Waits::Prompt) => self.desk.operator.lab.prompt(id).into_owned(),
            State::Session(..) => String::new(),
        }
    }

    pub(super) fn before(&self) -> String {
        format!("{}{}", self.tail, self.prompt(self.desk.operator.state()))
    }

    pub(super) fn width(&self) -> usize {
        usize::from(self.size.0)
    }

    /// Draws the line where the cursor stands, if it does not stand there.
    pub(super) fn draw(&mut self, state: State) -> Result<(), Trouble> {
        if self.drawn || matches!(state, State::Session(_, Waits::Secret)) {
            return Ok(());
        }
        self.note_size();
        let before = self.before();
        let drawn = self.editor.draw(&before, self.width());
        let fresh = drawn.strip_prefix(self.tail.as_str()).unwrap_or(&drawn);
        self.drawn = true;
        self.tty.show(fresh).map_err(tty_trouble)
    }

    pub(super) fn redraw(&mut self) -> Result<(), Trouble> {
        let wipe = self.editor.wipe();
        self.note_size();
        let before = self.before();
        let drawn = self.editor.draw(&before, self.width());
        self.drawn = true;
        self.tty.show(&format!("{wipe}{drawn}")).map_err(tty_trouble)
    }

    pub(super) fn append(&mut self, character: char) -> Result<(), Trouble> {
        if self.editor.at_edge(&self.before(), self.width()) {
            return self.redraw();
        }
        self.tty.show(character.encode_utf8(&mut [0; 4])).map_err(tty_trouble)
    }

    /// Takes the line that is typed off the screen; what was printed before it on its row stays.
    pub(super) fn wipe(&mut self) -> Result<(), Trouble> {
        if std::mem::take(&mut self.drawn) {
            let wipe = self.editor.wipe();
            self.tty.show(&format!("{wipe}{}", self.tail)).map_err(tty_trouble)?;
        }
        Ok(())
    }

    /// Leaves the line that is typed on the screen as it is, with `mark` behind it.
    pub(super) fn finish_line(&mut self, mark: &str) -> Result<(), Trouble> {
        let (leave, on_new_row) = self.editor.leave();
        self.drawn = false;
        self.tty.show(&format!("{leave}{mark}")).map_err(tty_trouble)?;
        if mark.is_empty() && on_new_row {
            // The cursor stands on a row of its own already.
            self.tail.clear();
            return Ok(());
        }
        self.print("\n")
    }
}

/// Candidates in columns, filled downwards: of a path its last name, with the slash of a directory.
pub(super) fn columns(candidates: &[String], width: usize) -> String {
    let base = |candidate: &'_ String| {
        let end = candidate.trim_end_matches('/').rfind('/').map_or(0, |at| at + 1);
        candidate[end..].to_owned()
    };
    let words: Vec<String> = candidates.iter().map(base).collect();
    let cell = words.iter().map(|word| word.chars().count()).max().unwrap_or(0) + 2;
    let across = (width / cell).max(1);
    let down = words.len().div_ceil(across);
    let mut text = String::new();
    for row in 0..down {
        let words: Vec<String> = words.iter().skip(row).step_by(down).map(|word| format!("{word:<cell$}")).collect();
        text.push_str(words.concat().trim_end());
        text.push('\n');
    }
    text
}

/// Forgets the first rows of a line that is longer than anything typed: they are not drawn again.
fn forget_rows(tail: &mut String, columns: usize) {
    if tail.len() <= LONGEST {
        return;
    }
    let (mut column, mut cut) = (0, 0);
    for (at, character) in tail.char_indices() {
        column += width(character.encode_utf8(&mut [0; 4]));
        if column >= columns {
            (column, cut) = (0, at + character.len_utf8());
        }
        if tail.len() - cut <= LONGEST {
            break;
        }
    }
    tail.drain(..cut);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_long_row_only_whole_rows_are_forgotten() {
        for (length, kept) in [(4096, 4096), (4097, 4017), (70_001, 4081)] {
            let mut tail = "x".repeat(length);
            forget_rows(&mut tail, 80);
            assert_eq!(tail.len(), kept);
        }
    }
}
