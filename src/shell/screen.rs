//! What a session prints: text on its way to the terminal, the counter that rewrites itself in place, and the last
//! screenfuls, from which a reopened lab shows where it was.

use serde::{Deserialize, Serialize};

/// How much of the past is kept, in bytes; trimmed when twice as much has come together.
const KEPT: usize = 8 * 1024;

/// The output side of a session.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Screen {
    /// Printed, and not yet taken by the front end.
    fresh: String,
    /// The last screenfuls, what was typed included.
    past: String,
    /// A counter's present value that stands behind all other text.
    counter: Option<Counter>,
    /// Whether somebody watches: then a counter is redrawn at each step, else only its last value is printed.
    live: bool,
    /// Whether text without a source was printed since the front end asked.
    inferred: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Counter {
    text: String,
    drawn: bool,
}

impl Screen {
    /// A screen which is watched (`live`) or read later.
    #[must_use]
    pub fn new(live: bool) -> Self {
        Self { live, ..Self::default() }
    }

    /// Prints text as it is.
    pub fn print(&mut self, text: &str) {
        self.settle();
        self.fresh.push_str(text);
    }

    /// Prints text and ends the line.
    pub fn line(&mut self, text: &str) {
        self.print(text);
        self.fresh.push('\n');
    }

    /// Shows `text` behind what stands on the line, over the counter's previous value. On a terminal the appliance
    /// moves back with backspaces; captures in which another message follows a counter's line show that it is so.
    pub fn counter(&mut self, text: &str) {
        if self.live {
            if let Some(old) = &self.counter {
                for _ in 0..old.text.chars().count() {
                    self.fresh.push('\u{8}');
                }
            }
            self.fresh.push_str(text);
        }
        self.counter = Some(Counter { text: text.to_owned(), drawn: self.live });
    }

    /// Leaves the counter's present value standing: whatever comes is printed behind it.
    pub fn settle(&mut self) {
        if let Some(Counter { text, drawn: false }) = self.counter.take() {
            self.fresh.push_str(&text);
        }
    }

    /// Says that a text without a source was printed.
    pub fn mark_inferred(&mut self) {
        self.inferred = true;
    }

    /// Whether a text without a source was printed since this was last asked.
    pub fn take_inferred(&mut self) -> bool {
        std::mem::take(&mut self.inferred)
    }

    /// Takes what was printed since the last taking.
    pub fn take(&mut self) -> String {
        let fresh = std::mem::take(&mut self.fresh);
        self.remember(&fresh);
        fresh
    }

    /// As [`Screen::take`], into a buffer that is used again and again.
    pub fn take_into(&mut self, buffer: &mut String) {
        buffer.push_str(&self.fresh);
        let fresh = std::mem::take(&mut self.fresh);
        self.remember(&fresh);
        self.fresh = fresh;
        self.fresh.clear();
    }

    /// Whether nothing waits to be taken.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.fresh.is_empty()
    }

    /// Notes what the terminal showed by itself: prompts and the echo of typed lines.
    pub fn remember(&mut self, shown: &str) {
        self.past.push_str(shown);
        if self.past.len() > 2 * KEPT {
            let mut cut = self.past.len() - KEPT;
            while !self.past.is_char_boundary(cut) {
                cut += 1;
            }
            self.past.drain(..cut);
        }
    }

    /// The last screenfuls, as far as they were taken, and what is still to be taken.
    #[must_use]
    pub fn past(&self) -> String {
        format!("{}{}", self.past, self.fresh)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_watched_counter_is_redrawn_and_an_unwatched_one_printed_once() {
        let check = |live: bool, expect: &str| {
            let mut screen = Screen::new(live);
            screen.print("Copying ");
            for n in 9..=11 {
                screen.counter(&format!("{n}/11"));
            }
            screen.line("");
            screen.line("done");
            assert_eq!(screen.take(), expect);
        };
        check(true, "Copying 9/11\u{8}\u{8}\u{8}\u{8}10/11\u{8}\u{8}\u{8}\u{8}\u{8}11/11\ndone\n");
        check(false, "Copying 11/11\ndone\n");
    }

    #[test]
    fn the_past_is_bounded() {
        let mut screen = Screen::new(false);
        for _ in 0..10_000 {
            screen.line("äöü and more");
            screen.take();
        }
        assert!(screen.past().len() <= 2 * KEPT);
        assert!(screen.past().ends_with("äöü and more\n"));
    }
}
