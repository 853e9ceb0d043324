//! What a session prints: text on its way to the terminal, the counter that rewrites itself in place, and the last
//! screenfuls, from which a reopened lab shows where it was.

use std::ops::Range;

use serde::{Deserialize, Serialize};

/// How much of the past is shown again, in bytes; what is kept is trimmed to it when twice as much has come together.
const KEPT: usize = 8 * 1024;

/// The output side of a session.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Screen {
    /// Printed, and not yet taken by the front end.
    fresh: String,
    /// Which parts of `fresh` are not the appliance's: what appsh says amid its text.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    asides: Vec<Range<usize>>,
    /// The last screenfuls in the order in which they came, what was typed and what is still to be taken included.
    past: String,
    /// A counter's present value that stands behind all other text.
    counter: Option<Counter>,
    /// Whether somebody watches: then a counter is redrawn at each step, else only its last value is printed.
    live: bool,
    /// Whether nobody looks at all: what is printed is only remembered.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    unseen: bool,
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

    /// Watched or not from now on. A counter that stands goes on as it began.
    pub fn watch(&mut self, live: bool) {
        self.live = live;
    }

    /// Prints text as it is.
    pub fn print(&mut self, text: &str) {
        self.settle();
        self.show(text);
    }

    fn show(&mut self, text: &str) {
        if !self.unseen {
            self.fresh.push_str(text);
        }
        self.remember(text);
    }

    /// Nobody looks any more.
    pub fn turn_away(&mut self) {
        (self.unseen, self.live) = (true, false);
    }

    /// Somebody looks again and is shown the last rows, of which there are so many.
    pub fn face(&mut self, rows: u16, live: bool) {
        if std::mem::take(&mut self.unseen) {
            self.fresh.push_str(last_rows(&self.past, usize::from(rows)));
        }
        self.live = live;
    }

    /// Hands what was printed and not taken to the screen in front of which the person sits now.
    pub fn pass_on(&mut self, to: &mut Self) {
        self.settle();
        let shift = to.fresh.len();
        to.asides.extend(self.asides.drain(..).map(|range| range.start + shift..range.end + shift));
        to.fresh.push_str(&std::mem::take(&mut self.fresh));
        to.inferred |= std::mem::take(&mut self.inferred);
    }

    /// Prints text and ends the line.
    pub fn line(&mut self, text: &str) {
        self.print(text);
        self.show("\n");
    }

    /// Says something in appsh's own voice, each line of it on a line of its own. It stands in its place among the
    /// appliance's text, and a front end can tell it from that, see [`Screen::take_asides`].
    pub fn aside(&mut self, text: &str) {
        self.settle();
        if !self.past.is_empty() && !self.past.ends_with('\n') {
            self.show("\n");
        }
        let from = self.fresh.len();
        for line in text.lines() {
            self.show("appsh: ");
            self.show(line);
            self.show("\n");
        }
        if !self.unseen {
            self.asides.push(from..self.fresh.len());
        }
    }

    /// Shows `text` behind what stands on the line, over the counter's previous value. On a terminal the appliance
    /// moves back with backspaces; captures in which another message follows a counter's line show that it is so.
    pub fn counter(&mut self, text: &str) {
        let drawn = self.counter.as_ref().map_or(self.live, |old| old.drawn);
        if drawn {
            let back = self.counter.as_ref().map_or(0, |old| old.text.chars().count());
            self.show(&"\u{8}".repeat(back));
            self.show(text);
        }
        self.counter = Some(Counter { text: text.to_owned(), drawn });
    }

    /// Leaves the counter's present value standing: whatever comes is printed behind it.
    pub fn settle(&mut self) {
        if let Some(Counter { text, drawn: false }) = self.counter.take() {
            self.show(&text);
        }
    }

    /// What a counter that is only printed once has come to, if one stands.
    #[must_use]
    pub fn undrawn(&self) -> &str {
        self.counter.as_ref().filter(|counter| !counter.drawn).map_or("", |counter| &counter.text)
    }

    /// Shows the counter as it stands; from now on it is redrawn at each step, as for somebody who watches.
    pub fn draw(&mut self) {
        if let Some(counter) = self.counter.as_mut().filter(|counter| !counter.drawn) {
            counter.drawn = true;
            let text = counter.text.clone();
            self.show(&text);
        }
    }

    /// Drops what nobody has taken yet, a counter included, and ends the line: what printed it never ran.
    pub fn drop_untaken(&mut self) {
        self.counter = None;
        self.asides.clear();
        if self.past.ends_with(&self.fresh) {
            self.past.truncate(self.past.len() - self.fresh.len());
        }
        self.fresh.clear();
        if !self.past.is_empty() && !self.past.ends_with('\n') {
            self.show("\n");
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
        self.asides.clear();
        std::mem::take(&mut self.fresh)
    }

    /// Which parts of what will be taken next are appsh's own voice: whole lines, in order. To be asked before the taking.
    pub fn take_asides(&mut self) -> Vec<Range<usize>> {
        std::mem::take(&mut self.asides)
    }

    /// As [`Screen::take`], into a buffer that is used again and again.
    pub fn take_into(&mut self, buffer: &mut String) {
        self.asides.clear();
        buffer.push_str(&self.fresh);
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
            let cut = self.past.ceil_char_boundary(self.past.len() - KEPT);
            self.past.drain(..cut);
        }
    }

    /// The last screenfuls, as far as they were taken and what is still to be taken. Where the beginning is cut off, it is
    /// cut at a line. However the text came in, the same text gives the same past.
    #[must_use]
    pub fn past(&self) -> String {
        let Some(cut) = self.past.len().checked_sub(KEPT) else { return self.past.clone() };
        let kept = &self.past[self.past.ceil_char_boundary(cut)..];
        kept.split_once('\n').map_or(kept, |(_, whole)| whole).to_owned()
    }
}

/// How a terminal is told to erase what it shows, and what it has shown (ECMA-48: ED; xterm).
const ERASES: [&str; 2] = ["\x1b[2J", "\x1b[3J"];

/// The last `rows` lines of a text since it erased all; one that is not finished counts.
fn last_rows(text: &str, rows: usize) -> &str {
    let text = ERASES.iter().fold(text, |text, erase| text.rfind(erase).map_or(text, |at| &text[at + erase.len()..]));
    let body = text.strip_suffix('\n').unwrap_or(text);
    let cut = body.rmatch_indices('\n').nth(rows.saturating_sub(1)).map_or(0, |(at, _)| at + 1);
    &text[cut..]
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
    fn who_looks_again_sees_the_last_rows_since_all_was_erased() {
        let check = |printed: &str, rows: u16, expect: &str| {
            let mut screen = Screen::new(true);
            screen.turn_away();
            screen.print(printed);
            assert_eq!(screen.take(), "", "nobody looks");
            screen.face(rows, true);
            assert_eq!(screen.take(), expect, "{printed:?}");
            screen.face(rows, true);
            assert_eq!(screen.take(), "", "once");
        };
        check("1\n2\n3\n", 2, "2\n3\n");
        check("1\n2\n3", 2, "2\n3");
        check("1\n", 5, "1\n");
        check("old\n\x1b[H\x1b[2J\x1b[3Jnew\n", 5, "new\n");
    }

    #[test]
    fn a_counter_that_was_looked_at_is_redrawn_from_there() {
        let mut screen = Screen::new(false);
        screen.counter("1/2");
        assert_eq!((screen.take().as_str(), screen.undrawn()), ("", "1/2"));
        screen.draw();
        assert_eq!((screen.take().as_str(), screen.undrawn()), ("1/2", ""));
        screen.counter("2/2");
        screen.line("");
        assert_eq!(screen.take(), "\u{8}\u{8}\u{8}2/2\n");
    }

    #[test]
    fn an_aside_has_a_line_of_its_own_and_is_told_apart() {
        let mut screen = Screen::new(false);
        screen.print("Copying ");
        screen.counter("1/2");
        screen.aside("two\nlines");
        screen.line("failed");
        screen.aside("why");
        let asides = screen.take_asides();
        let shown = screen.take();
        assert_eq!(shown, "Copying 1/2\nappsh: two\nappsh: lines\nfailed\nappsh: why\n");
        let parts: Vec<&str> = asides.into_iter().map(|aside| &shown[aside]).collect();
        assert_eq!(parts, ["appsh: two\nappsh: lines\n", "appsh: why\n"]);
        screen.aside("taken with the rest");
        screen.take();
        assert!(screen.take_asides().is_empty());
    }

    #[test]
    fn the_past_is_bounded() {
        let mut screen = Screen::new(false);
        for _ in 0..10_000 {
            screen.line("äöü and more");
            screen.take();
        }
        assert!(screen.past().len() <= KEPT);
        assert!(screen.past().starts_with("äöü") && screen.past().ends_with("äöü and more\n"));
    }

    #[test]
    fn the_past_is_the_same_however_it_came_in() {
        let (mut often, mut rarely) = (Screen::new(false), Screen::new(false));
        for n in 0..3_000 {
            let line = format!("line ä {n}");
            often.line(&line);
            often.take();
            often.remember("typed\n");
            rarely.line(&line);
            rarely.remember("typed\n");
        }
        assert_eq!(often.past(), rarely.past());
        assert!(often.past().ends_with("line ä 2999\ntyped\n"));
    }

    #[test]
    fn what_is_dropped_leaves_a_line_that_is_whole() {
        let check = |live: bool, expect: (&str, &str)| {
            let mut screen = Screen::new(live);
            screen.print("Copying ");
            screen.counter("1/2");
            let mut shown = screen.take();
            screen.counter("2/2");
            screen.drop_untaken();
            shown.push_str(&screen.take());
            assert_eq!((shown.as_str(), screen.past().as_str()), expect);
        };
        check(true, ("Copying 1/2\n", "Copying 1/2\n"));
        check(false, ("Copying \n", "Copying \n"));
    }

    #[test]
    fn a_counter_goes_on_as_it_began() {
        let check = |live: bool, expect: &str| {
            let mut screen = Screen::new(live);
            screen.counter("1/2");
            screen.watch(!live);
            screen.counter("2/2");
            screen.line("");
            assert_eq!(screen.take(), expect);
        };
        check(true, "1/2\u{8}\u{8}\u{8}2/2\n");
        check(false, "2/2\n");
    }
}
