//! `diff -y`: two files beside each other (diffutils' `side.c`).

use unicode_width::UnicodeWidthChar;

use super::output::Side;
use super::script::Change;
use crate::systems::linux::tools::input::Out;

/// Between the columns is at least so much.
const GUTTER: usize = 3;
/// Tabs stand so far apart.
const TAB: usize = 8;

/// Where the columns are, and what is shown in them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Columns {
    /// The width of each.
    half: usize,
    /// Where the second begins.
    second: usize,
    /// Whether tabs become spaces.
    expands: bool,
    /// Whether equal lines stand on the left only.
    left_only: bool,
    /// Whether equal lines are left out.
    suppresses: bool,
}

impl Columns {
    pub(super) fn new(width: usize, expands: bool, left_only: bool, suppresses: bool) -> Self {
        let tab = if expands { 1 } else { TAB };
        let offset = (width + tab + GUTTER) / (2 * tab) * tab;
        let half = offset.saturating_sub(GUTTER).min(width.saturating_sub(offset));
        Self { half, second: if half == 0 { width } else { offset }, expands, left_only, suppresses }
    }

    pub(super) fn print(&self, out: &mut Out, a: &Side, b: &Side, changes: &[Change]) {
        let (mut left, mut right) = (0, 0);
        for change in changes {
            self.common(out, a, b, (left, change.a.start), (right, change.b.start));
            let both = change.a.len().min(change.b.len());
            for at in 0..both {
                self.line(out, Some((a, change.a.start + at)), '|', Some((b, change.b.start + at)));
            }
            (change.b.start + both..change.b.end).for_each(|at| self.line(out, None, '>', Some((b, at))));
            (change.a.start + both..change.a.end).for_each(|at| self.line(out, Some((a, at)), '<', None));
            (left, right) = (change.a.end, change.b.end);
        }
        self.common(out, a, b, (left, a.lines.len()), (right, b.lines.len()));
    }

    /// Lines that count as equal; there can be more of them on one side.
    fn common(&self, out: &mut Out, a: &Side, b: &Side, left: (usize, usize), right: (usize, usize)) {
        if self.suppresses {
            return;
        }
        let (mut at, mut other) = (left.0, right.0);
        if !self.left_only {
            while at < left.1 && other < right.1 {
                self.line(out, Some((a, at)), ' ', Some((b, other)));
                (at, other) = (at + 1, other + 1);
            }
            (other..right.1).for_each(|other| self.line(out, None, ')', Some((b, other))));
        }
        (at..left.1).for_each(|at| self.line(out, Some((a, at)), '(', None));
    }

    fn line(&self, out: &mut Out, left: Option<(&Side, usize)>, mark: char, right: Option<(&Side, usize)>) {
        let ends = |side: Option<(&Side, usize)>| side.is_some_and(|(side, at)| !side.is_open(at));
        let mut column = left.map_or(0, |(side, at)| self.half_line(out, &side.lines[at], 0));
        if mark != ' ' {
            let place = (self.half + self.second - 1) / 2;
            self.move_to(out, column, place);
            column = place + 1;
            let mark = match (mark, ends(left), ends(right)) {
                ('|', true, false) => '/',
                ('|', false, true) => '\\',
                _ => mark,
            };
            out.text(&mark.to_string());
        }
        if let Some((side, at)) = right.filter(|(side, at)| !side.lines[*at].is_empty()) {
            self.move_to(out, column, self.second);
            self.half_line(out, &side.lines[at], self.second);
        }
        if ends(left) || ends(right) {
            out.text("\n");
        }
    }

    /// Fills up to a column.
    fn move_to(&self, out: &mut Out, mut from: usize, to: usize) {
        while !self.expands && from + TAB - from % TAB <= to {
            out.text("\t");
            from += TAB - from % TAB;
        }
        out.text(&" ".repeat(to.saturating_sub(from)));
    }

    /// As much of a line as fits into its column, and where the printing stands then.
    fn half_line(&self, out: &mut Out, line: &[u8], indent: usize) -> usize {
        let (mut read, mut printed) = (0, 0);
        for character in String::from_utf8_lossy(line).chars() {
            match character {
                '\t' => {
                    let spaces = TAB - read % TAB;
                    if read == printed {
                        let stop = printed + spaces;
                        if self.expands {
                            let stop = stop.min(self.half);
                            out.text(&" ".repeat(stop.saturating_sub(printed)));
                            printed = stop.max(printed);
                        } else if stop < self.half {
                            printed = stop;
                            out.text("\t");
                        }
                    }
                    read += spaces;
                }
                '\r' => {
                    out.text("\r");
                    self.move_to(out, 0, indent);
                    (read, printed) = (0, 0);
                }
                '\u{8}' if read > 0 => {
                    read -= 1;
                    if read < self.half {
                        if printed <= read {
                            out.text(&" ".repeat(read - printed));
                        } else {
                            out.text("\u{8}");
                        }
                        printed = read;
                    }
                }
                '\u{8}' => {}
                character if character.is_control() => {
                    if read < self.half {
                        out.text(character.encode_utf8(&mut [0; 4]));
                    }
                }
                character => {
                    read += character.width().unwrap_or(0);
                    if read <= self.half {
                        printed = read;
                        out.text(character.encode_utf8(&mut [0; 4]));
                    }
                }
            }
        }
        indent + printed
    }
}
