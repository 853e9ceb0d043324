//! How `diff` shows changes: normal, context, unified, as a script of `ed` or RCS.

use std::ops::Range;

use super::script::Change;
use crate::systems::linux::tools::input::Out;
use crate::systems::linux::tools::regex::Regex;

/// A file that is compared.
pub(super) struct Side {
    /// Lines as they are, without their ends.
    pub(super) lines: Vec<Vec<u8>>,
    /// The last line has no end.
    pub(super) open: bool,
}

impl Side {
    /// A line and nothing else: an open one stays so.
    fn plain(&self, out: &mut Out, at: usize) {
        out.push(&self.lines[at]);
        if !self.is_open(at) {
            out.push(b"\n");
        }
    }

    /// Whether a line has no end.
    pub(super) fn is_open(&self, at: usize) -> bool {
        self.open && at + 1 == self.lines.len()
    }

    fn line(&self, out: &mut Out, mark: &str, at: usize) {
        out.text(mark);
        out.push(&self.lines[at]);
        out.push(b"\n");
        if self.is_open(at) {
            out.text("\\ No newline at end of file\n");
        }
    }
}

/// `3` or `3,5`; the line before an empty range.
fn numbers(range: &Range<usize>) -> String {
    match range.len() {
        0 => range.start.to_string(),
        1 => range.end.to_string(),
        _ => format!("{},{}", range.start + 1, range.end),
    }
}

pub(super) fn normal(out: &mut Out, a: &Side, b: &Side, changes: &[Change]) {
    for change in changes {
        let letter = match (change.a.is_empty(), change.b.is_empty()) {
            (true, _) => 'a',
            (_, true) => 'd',
            _ => 'c',
        };
        out.text(&format!("{}{letter}{}\n", numbers(&change.a), numbers(&change.b)));
        change.a.clone().for_each(|at| a.line(out, "< ", at));
        if letter == 'c' {
            out.text("---\n");
        }
        change.b.clone().for_each(|at| b.line(out, "> ", at));
    }
}

pub(super) fn ed(out: &mut Out, b: &Side, changes: &[Change]) {
    for change in changes.iter().rev() {
        let letter = match (change.a.is_empty(), change.b.is_empty()) {
            (true, _) => 'a',
            (_, true) => 'd',
            _ => 'c',
        };
        out.text(&format!("{}{letter}\n", numbers(&change.a)));
        if letter != 'd' {
            change.b.clone().for_each(|at| b.line(out, "", at));
            out.text(".\n");
        }
    }
}

pub(super) fn rcs(out: &mut Out, b: &Side, changes: &[Change]) {
    for change in changes {
        if !change.a.is_empty() {
            out.text(&format!("d{} {}\n", change.a.start + 1, change.a.len()));
        }
        if !change.b.is_empty() {
            out.text(&format!("a{} {}\n", change.a.end, change.b.len()));
            change.b.clone().for_each(|at| b.plain(out, at));
        }
    }
}

/// The function in which a hunk begins, as it stands in the hunk's head.
fn function_before(side: &Side, first: usize, begins: Option<&Regex>) -> String {
    const LONGEST: usize = 40;
    let line = begins.and_then(|begins| side.lines[..first].iter().rev().find(|line| begins.is_match(line)));
    let Some(line) = line else { return String::new() };
    let shown = line.trim_ascii_start();
    let shown = &shown[..shown.len().min(LONGEST)];
    format!(" {}", String::from_utf8_lossy(shown.trim_ascii_end()))
}

/// Changes whose context touches belong together.
fn hunks(changes: &[Change], context: usize) -> Vec<&[Change]> {
    changes.chunk_by(|one, next| next.a.start - one.a.end <= 2 * context).collect()
}

/// The lines of a hunk with its context.
fn around(hunk: &[Change], a: &Side, b: &Side, context: usize) -> (Range<usize>, Range<usize>) {
    let (Some(first), Some(last)) = (hunk.first(), hunk.last()) else { return (0..0, 0..0) };
    let before = first.a.start.min(context);
    let behind = (a.lines.len() - last.a.end).min(context);
    let behind = behind.min(b.lines.len() - last.b.end);
    (first.a.start - before..last.a.end + behind, first.b.start - before..last.b.end + behind)
}

pub(super) fn unified(out: &mut Out, a: &Side, b: &Side, changes: &[Change], context: usize, function: Option<&Regex>) {
    let place = |range: &Range<usize>| match range.len() {
        0 => format!("{},0", range.start),
        1 => (range.start + 1).to_string(),
        length => format!("{},{length}", range.start + 1),
    };
    for hunk in hunks(changes, context) {
        let (from, to) = around(hunk, a, b, context);
        let function = function_before(a, from.start, function);
        out.text(&format!("@@ -{} +{} @@{function}\n", place(&from), place(&to)));
        let mut at = from.start;
        for change in hunk {
            (at..change.a.start).for_each(|at| a.line(out, " ", at));
            change.a.clone().for_each(|at| a.line(out, "-", at));
            change.b.clone().for_each(|at| b.line(out, "+", at));
            at = change.a.end;
        }
        (at..from.end).for_each(|at| a.line(out, " ", at));
    }
}

pub(super) fn contextual(
    out: &mut Out,
    a: &Side,
    b: &Side,
    changes: &[Change],
    context: usize,
    function: Option<&Regex>,
) {
    let place = |range: &Range<usize>| match range.len() {
        0 | 1 => range.end.to_string(),
        _ => format!("{},{}", range.start + 1, range.end),
    };
    for hunk in hunks(changes, context) {
        let (from, to) = around(hunk, a, b, context);
        let function = function_before(a, from.start, function);
        out.text(&format!("***************{function}\n*** {} ****\n", place(&from)));
        if hunk.iter().any(|change| !change.a.is_empty()) {
            let mut at = from.start;
            for change in hunk {
                (at..change.a.start).for_each(|at| a.line(out, "  ", at));
                let mark = if change.b.is_empty() { "- " } else { "! " };
                change.a.clone().for_each(|at| a.line(out, mark, at));
                at = change.a.end;
            }
            (at..from.end).for_each(|at| a.line(out, "  ", at));
        }
        out.text(&format!("--- {} ----\n", place(&to)));
        if hunk.iter().any(|change| !change.b.is_empty()) {
            let mut at = to.start;
            for change in hunk {
                (at..change.b.start).for_each(|at| b.line(out, "  ", at));
                let mark = if change.a.is_empty() { "+ " } else { "! " };
                change.b.clone().for_each(|at| b.line(out, mark, at));
                at = change.b.end;
            }
            (at..to.end).for_each(|at| b.line(out, "  ", at));
        }
    }
}
