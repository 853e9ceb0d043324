//! What came in while a command ran: keys and director lines that stand behind a part of its output, as at a terminal.
//!
//! `1/143^C` presses the keys as soon as the line stands so and all above it was printed; `1/143+5m20s^C` five minutes and
//! twenty seconds after the last that was typed. A recording writes the time, for a command may stand at one place for long.

use super::super::compare;
use super::super::format::{Complaint, Kind, Meanwhile, Typed};
use super::super::pattern;
use super::super::prompts;
use super::{Pagers, Run};
use crate::lab::Waits;
use crate::operator::State;

impl<'a> Run<'_, 'a> {
    /// Lets time run until the session wants something or has ended, with all that came in meanwhile.
    pub(super) fn let_run(&mut self) -> Result<(), Complaint> {
        let mut next = None;
        loop {
            self.take();
            let State::Session(_, Waits::Time(_)) = self.operator.state() else { return Ok(()) };
            let Some((index, meanwhile)) = *next.get_or_insert_with(|| self.next_meanwhile()) else {
                if self.operator.step() {
                    continue;
                }
                return Ok(());
            };
            let due = meanwhile.after.map(|after| self.typed_at + after);
            let is_due = due.is_none_or(|due| due <= self.operator.now());
            if is_due && self.reads(index, &meanwhile) {
                self.come_in(index, meanwhile)?;
                next = None;
            } else if is_due && due.is_some() {
                // It would come in somewhere else, or not at all: that is a difference, and will be shown as one.
                next = Some(None);
            } else {
                let event = self.operator.lab.next_due();
                let Some(to) = [event, due].into_iter().flatten().min() else { return Ok(()) };
                self.operator.lab.advance(to);
            }
        }
    }

    /// Takes what the session printed.
    fn take(&mut self) {
        let before = self.printed.len();
        self.operator.output(&mut self.printed);
        if self.printed[before..].contains('\u{8}') {
            let redrawn = self.printed.split_off(before);
            self.show_redrawn(&redrawn);
        }
        self.note_time(before);
    }

    /// What a counter takes back on its line is not seen any more.
    fn show_redrawn(&mut self, text: &str) {
        for character in text.chars() {
            match character {
                '\u{8}' if self.unfinished() < self.printed.len() => drop(self.printed.pop()),
                '\u{8}' => {}
                other => self.printed.push(other),
            }
        }
    }

    /// The next line of this block behind which something came in.
    fn next_meanwhile(&self) -> Option<(usize, Meanwhile<'a>)> {
        let prompts = prompts::prompts(&self.operator);
        let lines = self.transcript.lines.iter().enumerate().skip(self.next);
        lines
            .take_while(|(_, line)| line.kind != Kind::Director && prompts::typed_at(line, "", &prompts).is_none())
            .find_map(|(index, line)| Some((index, line.meanwhile()?)))
    }

    /// Whether the output stands where that line shows it.
    fn reads(&mut self, index: usize, meanwhile: &Meanwhile<'a>) -> bool {
        let Some(id) = self.operator.current() else { return false };
        let normalize = self.transcript.head.normalize;
        let cut = self.unfinished();
        let stands = format!("{}{}", &self.printed[cut..], self.operator.lab.screen(id).undrawn());
        if !pattern::matches(&meanwhile.before, &stands, normalize) {
            return false;
        }
        // Where the place is certain, what else differs is no reason to leave the keys out.
        let (shows, has_time) = (!stands.is_empty(), meanwhile.after.is_some());
        let certain = if self.pagers == Pagers::Turned { shows || has_time } else { shows && has_time };
        certain || compare::equal(&self.transcript.lines[self.next..index], &self.printed[..cut], normalize)
    }

    fn come_in(&mut self, index: usize, meanwhile: Meanwhile<'a>) -> Result<(), Complaint> {
        if let Some(id) = self.operator.current() {
            self.operator.lab.screen(id).draw();
        }
        self.take();
        let cut = self.unfinished();
        self.check(index, cut);
        self.printed.truncate(cut);
        match meanwhile.typed {
            Typed::Director(line) => return self.direct_now(index, line),
            Typed::EndOfInput(_) => {
                self.begin(index);
                self.operator.end_of_input();
            }
            Typed::Escape(_) => {
                self.begin(index);
                self.operator.escape();
            }
            Typed::Suspend => {
                self.begin(index);
                self.operator.suspend();
            }
            Typed::Interrupt | Typed::Line(_) => {
                self.begin(index);
                self.operator.interrupt();
            }
        }
        Ok(())
    }
}
