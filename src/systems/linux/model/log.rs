//! What the kernel and the daemons of a machine have written: the one store behind `journalctl`, `dmesg` and the files in
//! `/var/log`. It does not grow for ever; at how many lines it is cut is our own choice. It is kept in pieces, so that a line
//! more after a point of the timeline was taken copies the last piece only.

use std::collections::VecDeque;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::sim::Instant;

/// Who is talking, as syslog(3) has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Facility {
    /// The kernel.
    Kernel,
    /// A program of a user (`logger`).
    User,
    /// A daemon.
    Daemon,
    /// What is about logins and rights, and not for everybody (`authpriv`).
    Auth,
    /// What is about rights, and no secret (`auth`).
    Security,
    /// The daemon of timed jobs.
    Cron,
}

/// A line of the log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// When.
    pub at: Instant,
    /// In which life of the machine, counted from its boots.
    pub boot: u32,
    /// Who is talking.
    pub facility: Facility,
    /// How grave it is: 0 `emerg` to 7 `debug`.
    pub priority: u8,
    /// The name before the colon.
    pub ident: String,
    /// The number behind the name.
    pub pid: Option<u32>,
    /// The unit that it comes from.
    pub unit: Option<String>,
    /// What is said.
    pub text: String,
    /// The host name that the machine had then; nothing where it still has that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub host: Option<Arc<str>>,
}

/// A log.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Log {
    pieces: VecDeque<Arc<Vec<Line>>>,
    /// How many lines were ever written.
    written: u64,
}

impl Log {
    /// Lines in a piece, and pieces.
    const PIECE: usize = 64;
    const PIECES: usize = 48;
    /// The longest text of a line, in bytes; what is longer is cut as journald cuts it.
    const LONGEST: usize = 48 * 1024;

    /// The lines, oldest first.
    pub fn lines(&self) -> impl DoubleEndedIterator<Item = &Line> {
        self.pieces.iter().flat_map(|piece| piece.iter())
    }

    /// How many lines were ever written.
    #[must_use]
    pub fn written(&self) -> u64 {
        self.written
    }

    /// The lines behind the first `count` that were ever written, as far as they are kept.
    pub fn behind(&self, count: u64) -> impl Iterator<Item = &Line> {
        let kept = self.pieces.iter().map(|piece| piece.len()).sum::<usize>();
        let fresh = usize::try_from(self.written.saturating_sub(count)).unwrap_or(usize::MAX);
        self.lines().skip(kept.saturating_sub(fresh))
    }

    /// The machine gets another name: what it has written by now has this one.
    pub fn keep_name(&mut self, name: &str) {
        let name: Arc<str> = name.into();
        for line in self.pieces.iter_mut().flat_map(Arc::make_mut) {
            line.host.get_or_insert_with(|| Arc::clone(&name));
        }
    }

    /// Appends a line.
    pub fn push(&mut self, mut line: Line) {
        self.written += 1;
        let end = line.text.char_indices().map(|(at, _)| at).find(|at| *at >= Self::LONGEST);
        line.text.truncate(end.unwrap_or(line.text.len()));
        match self.pieces.back_mut() {
            Some(last) if last.len() < Self::PIECE => Arc::make_mut(last).push(line),
            _ => {
                if self.pieces.len() == Self::PIECES {
                    self.pieces.pop_front();
                }
                self.pieces.push_back(Arc::new(vec![line]));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_log_keeps_the_newest_lines() {
        let at = Instant::parse("2022-01-01T00:00:00Z").expect("a good time");
        let mut log = Log::default();
        for number in 0..10_000_u32 {
            let (ident, text) = ("x".to_owned(), number.to_string());
            let (pid, unit, host) = (None, None, None);
            log.push(Line { at, boot: 0, facility: Facility::User, priority: 6, ident, pid, unit, text, host });
        }
        let kept: Vec<&str> = log.lines().map(|line| line.text.as_str()).collect();
        assert!((2_000..=4_000).contains(&kept.len()), "{}", kept.len());
        assert_eq!(kept.last(), Some(&"9999"));
    }
}
