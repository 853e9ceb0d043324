//! The key that, with Ctrl, is for a multiplexer and for no program in it, and the one that follows; and the one that leaves a
//! console.

use super::super::Trouble;
use super::super::desk::Then;
use super::super::keys::Key;
use super::Repl;
use crate::operator::State;
use crate::systems::linux::model::multiplexer::Multiplexer;

impl Repl<'_> {
    /// Ctrl-] where a console is left by it: what stands on the line goes nowhere.
    pub(super) fn escape(&mut self) -> Result<Then, Trouble> {
        let typed = self.editor.text().to_owned();
        self.finish_line("^]")?;
        self.editor.clear();
        self.secret.clear();
        self.note_passed();
        self.desk.escape(&typed);
        Ok(Then::GoOn)
    }

    pub(super) fn multiplexer(&self) -> Option<Multiplexer> {
        self.desk.operator.current().and_then(|id| self.desk.operator.lab.multiplexer(id))
    }

    /// Takes a key that a multiplexer may be waiting for.
    pub(super) fn press_through(&mut self, state: State, key: Key) -> Result<Then, Trouble> {
        let Some(program) = self.multiplexer() else { return self.press(state, key) };
        let prefix = Key::Ctrl(program.prefix());
        match (std::mem::take(&mut self.prefixed), key) {
            (false, key) if key == prefix => self.prefixed = true,
            (false, key) => return self.press(state, key),
            (true, Key::Char('d') | Key::Ctrl('d')) => {
                // A line that was begun stays where it is, and is lost to the person.
                self.wipe()?;
                self.editor.clear();
                return self.direct("%detach");
            }
            // Twice, it comes through once; screen has a letter for that.
            (true, key) if key == prefix || key == Key::Char('a') && program == Multiplexer::Screen => {
                return self.press(state, prefix);
            }
            (true, _) => self.remark("of the keys of tmux and screen only that for detaching is modelled"),
        }
        Ok(Then::GoOn)
    }
}
