//! Patterns as `case`, `[[ == ]]`, `${x#…}` and file names have them (bash(1), "Pattern Matching"): `*`, `?`, `[…]`, and
//! with `extglob` the groups `?(…) *(…) +(…) @(…) !(…)`. What was quoted comes in with a backslash before it. A pattern is
//! run over sets of positions, so that no pattern takes exponential time; beyond a fixed number of steps nothing matches.
//! Of collating symbols only single characters and the names of some are known.

use std::ops::Range;

use compile::Node;
use run::{Run, Way};

mod compile;
mod run;

/// How a pattern is read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// Whether the groups of `shopt -s extglob` are known.
    pub extglob: bool,
    /// Whether case does not matter (`shopt -s nocasematch`, `nocaseglob`).
    pub nocase: bool,
}

/// A pattern, ready to be compared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern {
    nodes: Vec<Node>,
    nocase: bool,
}

impl Pattern {
    /// The pattern that `text` is; a backslash in it quotes the next character. What is no valid pattern stands for itself.
    #[must_use]
    pub fn new(text: &str, options: Options) -> Self {
        Self { nodes: compile::compile(text, options.extglob), nocase: options.nocase }
    }

    /// Whether all of `text` fits.
    #[must_use]
    pub fn matches(&self, text: &str) -> bool {
        self.prefixes(text).contains(&text.len())
    }

    /// Whether the name of a file fits: a dot at its start is fitted only by a dot in the pattern, unless `dotglob` is
    /// set; `.` and `..` always need one.
    #[must_use]
    pub fn matches_path_component(&self, name: &str, dotglob: bool) -> bool {
        let guarded = name.starts_with('.') && (!dotglob || name == "." || name == "..");
        let mut run = Run::new(name, Way::Forward, self.nocase);
        run.guarded = guarded;
        run.positions(&self.nodes, vec![0]).contains(&name.len())
    }

    /// Where the rest begins when the shortest beginning that fits is taken away (`${x#p}`), in bytes.
    #[must_use]
    pub fn shortest_prefix(&self, text: &str) -> Option<usize> {
        self.prefixes(text).first().copied()
    }

    /// Where the rest begins when the longest beginning that fits is taken away (`${x##p}`), in bytes.
    #[must_use]
    pub fn longest_prefix(&self, text: &str) -> Option<usize> {
        self.prefixes(text).last().copied()
    }

    /// Where the shortest end that fits begins (`${x%p}`), in bytes.
    #[must_use]
    pub fn shortest_suffix(&self, text: &str) -> Option<usize> {
        self.suffixes(text, vec![text.len()]).last().copied()
    }

    /// Where the longest end that fits begins (`${x%%p}`), in bytes.
    #[must_use]
    pub fn longest_suffix(&self, text: &str) -> Option<usize> {
        self.suffixes(text, vec![text.len()]).first().copied()
    }

    /// The leftmost place at or behind `from` that fits, there the longest (`${x/p/r}`), in bytes. An empty place is found,
    /// too, where the pattern fits nothing at all. `from` must lie between characters.
    #[must_use]
    pub fn find(&self, text: &str, from: usize) -> Option<Range<usize>> {
        let rest = text.get(from..)?;
        let start = self.leftmost(rest)?;
        let end = self.longest_prefix(&rest[start..])?;
        Some(from + start..from + start + end)
    }

    /// Where the first place that fits begins. Starts are tried one by one, which is cheapest for what people write; when
    /// that has cost a few passes over the text, one run backwards finds all starts at once.
    fn leftmost(&self, text: &str) -> Option<usize> {
        let mut run = Run::new(text, Way::Forward, self.nocase);
        let starts: Vec<usize> = text.char_indices().map(|(at, _)| at).chain([text.len()]).collect();
        for &start in &starts {
            if !run.positions(&self.nodes, vec![start]).is_empty() {
                return Some(start);
            }
            if run.steps > 16 * (starts.len() + 64) {
                return self.suffixes(text, starts).first().copied();
            }
        }
        None
    }

    /// Where beginnings that fit end, in ascending order.
    fn prefixes(&self, text: &str) -> Vec<usize> {
        Run::new(text, Way::Forward, self.nocase).positions(&self.nodes, vec![0])
    }

    /// Where pieces that fit and end at one of `ends` begin, in ascending order.
    fn suffixes(&self, text: &str, ends: Vec<usize>) -> Vec<usize> {
        Run::new(text, Way::Backward, self.nocase).positions(&self.nodes, ends)
    }
}

/// Whether an unquoted `*`, `?`, `[…]` or group stands in `text`, so that it is to be compared with the names of files.
#[must_use]
pub fn is_magic(text: &str) -> bool {
    let mut chars = text.chars().peekable();
    let mut bracket = false;
    while let Some(c) = chars.next() {
        match c {
            '\\' => drop(chars.next()),
            '*' | '?' => return true,
            '+' | '@' | '!' if chars.peek() == Some(&'(') => return true,
            '[' => bracket = true,
            ']' if bracket => return true,
            _ => {}
        }
    }
    false
}

/// `text` without the backslashes that quote.
#[must_use]
pub fn unescape(text: &str) -> String {
    let mut chars = text.chars();
    let mut plain = String::with_capacity(text.len());
    while let Some(c) = chars.next() {
        plain.push(if c == '\\' { chars.next().unwrap_or('\\') } else { c });
    }
    plain
}

/// `text` with a backslash before each character that means something in a pattern.
#[must_use]
pub fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        if "\\*?[]()|!+@-^:=".contains(c) {
            escaped.push('\\');
        }
        escaped.push(c);
    }
    escaped
}

#[cfg(test)]
mod tests;
