//! The history of a shell: the lines that were typed, as bash keeps them (bashhist.c) and as the ash of BusyBox does.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::super::distro::Dialect;
use super::Bash;
use crate::bash::parse::Stop;
use crate::bash::pattern::{Options, Pattern};

/// So many lines are kept, whatever `HISTSIZE` says.
pub const MOST: usize = 5000;
/// So many an ash keeps.
const ASH: usize = 255;

impl Bash {
    /// Whether typed lines are kept.
    #[must_use]
    pub fn keeps_history(&self) -> bool {
        self.interactive && self.option("history")
    }

    /// How many lines of history there may be (`HISTSIZE`).
    #[must_use]
    pub fn history_size(&self) -> usize {
        if self.dialect == Dialect::Ash {
            return ASH;
        }
        let said = self.variable("HISTSIZE").and_then(|text| text.trim().parse::<i64>().ok());
        said.and_then(|said| usize::try_from(said).ok()).map_or(MOST, |said| said.min(MOST))
    }

    /// Notes a typed line, unless `HISTCONTROL` or `HISTIGNORE` keeps it out. Whether it is in.
    pub fn remember(&mut self, line: &str, now: i64) -> bool {
        if line.trim().is_empty() || self.is_ignored(line) {
            return false;
        }
        if self.controls("erasedups") {
            // The numbers of the lines behind it move up.
            while let Some(at) = self.history.iter().position(|known| known == line) {
                self.forget_lines(at, at);
            }
        }
        self.add_history(line.to_owned(), now);
        self.typed += 1;
        true
    }

    /// Adds a line that is in the history's file, typed at this time.
    pub fn recall(&mut self, line: &str, at: i64) {
        self.add_history(line.to_owned(), at);
    }

    /// Whether the times of the lines are shown, and kept in the history's file; the format.
    #[must_use]
    pub fn time_format(&self) -> Option<&str> {
        self.variable("HISTTIMEFORMAT").filter(|format| !format.is_empty())
    }

    /// Takes out the lines of a range of places, both ends included.
    pub fn forget_lines(&mut self, from: usize, to: usize) {
        Arc::make_mut(&mut self.history).drain(from..=to);
        Arc::make_mut(&mut self.times).drain(from..=to);
    }

    /// Adds to the last line what was typed of the same command below it, where the lines before it stop.
    pub fn remember_more(&mut self, stop: Stop, line: &str) {
        let joint = stop.joint(line);
        let literal = self.shopt.contains("lithist");
        // A blank line is kept where it means something, and by an oddity of bash where a `;` would stand before it.
        let blank = line.is_empty() && !stop.is_literal() && !joint.starts_with(';');
        let comment = line.trim_start().starts_with('#') && !stop.is_literal() && !literal;
        let Some(last) = Arc::make_mut(&mut self.history).last_mut().filter(|_| !blank && !comment) else { return };
        let joined = !matches!(stop, Stop::Quotes(_) | Stop::Document(true));
        let joint = match joint {
            // A line's end behind a backslash is no end.
            _ if joined && last.ends_with('\\') && !last.ends_with("\\\\") => {
                last.pop();
                ""
            }
            _ if literal => "\n",
            joint if last.ends_with('\n') && !stop.is_literal() => joint.trim_start_matches(';'),
            joint => joint,
        };
        last.push_str(joint);
        last.push_str(line);
    }

    /// Ends the line of the last entry, which does not end with it.
    pub fn end_line(&mut self) {
        if let Some(last) = Arc::make_mut(&mut self.history).last_mut() {
            last.push('\n');
        }
    }

    /// Takes out the line that was typed last.
    pub fn forget_last(&mut self) {
        if Arc::make_mut(&mut self.history).pop().is_some() {
            Arc::make_mut(&mut self.times).pop();
            self.typed = self.typed.saturating_sub(1);
        }
    }

    /// Empties the history.
    pub fn forget_history(&mut self) {
        (self.forgotten, self.typed, self.history, self.times) = (0, 0, Arc::default(), Arc::default());
    }

    fn add_history(&mut self, line: String, at: i64) {
        let most = self.history_size();
        if most == 0 {
            return;
        }
        Arc::make_mut(&mut self.history).push(line);
        Arc::make_mut(&mut self.times).push(at);
        self.forgotten += self.drop_oldest(most);
    }

    /// Drops what is over a new `HISTSIZE`. The number of the first line that stays is how many were dropped just now,
    /// whatever was dropped before (`stifle_history` of readline's history.c).
    pub fn cut_history(&mut self) {
        let most = self.history_size();
        let over = self.drop_oldest(most);
        if over > 0 {
            self.forgotten = over - 1;
            self.typed = self.typed.min(most);
        }
    }

    /// Keeps only so many lines: how many went.
    fn drop_oldest(&mut self, most: usize) -> usize {
        let over = self.history.len().saturating_sub(most);
        if over > 0 {
            self.forget_lines(0, over - 1);
        }
        over
    }

    /// Whether `HISTCONTROL` has a word.
    fn controls(&self, word: &str) -> bool {
        self.dialect == Dialect::Bash
            && self.variable("HISTCONTROL").is_some_and(|said| said.split(':').any(|known| known == word))
    }

    fn is_ignored(&self, line: &str) -> bool {
        let last = self.history.last().map(String::as_str);
        if self.dialect == Dialect::Ash {
            return last == Some(line);
        }
        let both = self.controls("ignoreboth");
        if (both || self.controls("ignorespace")) && line.starts_with([' ', '\t'])
            || (both || self.controls("ignoredups")) && last == Some(line)
        {
            return true;
        }
        let ignored = self.variable("HISTIGNORE").unwrap_or_default();
        ignored.split(':').filter(|pattern| !pattern.is_empty()).any(|pattern| {
            let pattern = if pattern == "&" { last.unwrap_or_default() } else { pattern };
            Pattern::new(pattern, Options { extglob: true, nocase: false }).matches(line)
        })
    }
}

/// The text of a history's file with the last `most` of its lines.
#[must_use]
pub fn shortened(text: &str, most: usize) -> &str {
    let over = text.lines().count().saturating_sub(most);
    let start: usize = text.split_inclusive('\n').take(over).map(str::len).sum();
    text.get(start..).unwrap_or_default()
}

/// Where a shell keeps its history, with nothing for none.
#[must_use]
pub fn default_file(dialect: Dialect, environment: &BTreeMap<String, String>) -> String {
    let home = environment.get("HOME").map_or("", |home| home.trim_end_matches('/'));
    let name = if dialect == Dialect::Ash { ".ash_history" } else { ".bash_history" };
    format!("{home}/{name}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_keeps_its_last_lines() {
        let check = |text: &str, most: usize, expect: &str| assert_eq!(shortened(text, most), expect);
        check("a\nb\nc\n", 2, "b\nc\n");
        check("a\nb\n", 5, "a\nb\n");
        check("a\nb\n", 0, "");
    }
}
