//! Logins of a transcript: its text shows them, or a prompt behind which something is typed while no session is open.

use super::super::compare;
use super::super::format::Kind;
use super::Run;

impl Run<'_, '_> {
    /// A session was opened: what it prints until its prompt may be left out of a transcript.
    pub(super) fn begin_login_text(&mut self) {
        self.end_line();
        self.login_from.get_or_insert(self.printed.len());
    }

    /// Opens a session as soon as the machine takes logins.
    pub(super) fn login(&mut self) -> Result<(), String> {
        self.operator.login_when_possible()?;
        self.begin_login_text();
        self.settle().map_err(|complaint| complaint.text)
    }

    /// Logs in if the lines up to `end` show a login that was not made yet. One that turns out to print nothing of what they
    /// show is taken back, and all is as before.
    pub(super) fn log_in_as_shown(&mut self, end: usize) -> bool {
        if !self.shows_more(end) {
            return false;
        }
        let Some(point) = self.operator.lab.point() else { return false };
        let (place, from, login_from) = (self.operator.place(), self.printed.len(), self.login_from);
        if self.login().is_ok() && self.shows_any(end, from) {
            // What is shown is compared.
            self.login_from = login_from;
            return true;
        }
        self.operator.lab.restore(&point);
        self.operator.sit(place);
        self.printed.truncate(from);
        self.times.retain(|(length, _)| *length <= from);
        self.login_from = login_from;
        false
    }

    /// Whether no session is open and the transcript shows more than was printed.
    fn shows_more(&self, end: usize) -> bool {
        let block = &self.transcript.lines[self.next..end];
        let dots = block.iter().any(|line| line.kind == Kind::AnyLines);
        let beyond = block.iter().filter(|line| line.is_shown()).skip(compare::lines(&self.printed).count());
        self.operator.current().is_none() && !dots && beyond.into_iter().any(|line| !line.shown().trim().is_empty())
    }

    /// Whether any line that was printed from that length on stands in the block up to `end`.
    fn shows_any(&self, end: usize, from: usize) -> bool {
        let block = &self.transcript.lines[self.next..end];
        let mut printed = compare::lines(&self.printed[from..]).filter(|text| !text.trim().is_empty());
        printed.any(|text| block.iter().any(|line| line.is_shown() && line.shown() == text))
    }
}
