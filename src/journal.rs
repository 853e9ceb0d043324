//! The journal: everything that came into a lab, in order. Replayed on the state from which it began, it gives the same
//! bytes. Secrets never come this far: only the verdict about one does.

use serde::{Deserialize, Serialize};

use crate::media::Finding;
use crate::shell::coroutine::Verdict;
use crate::shell::{SessionId, Terminal};
use crate::sim::Instant;

/// One thing that came in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// The virtual time at which it came.
    pub at: Instant,
    /// What came.
    pub what: What,
}

/// What can come in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum What {
    /// A login on a machine.
    Open {
        /// The machine's name.
        machine: String,
        /// What the person looks at.
        terminal: Terminal,
    },
    /// A line, typed at a prompt or as an answer.
    Line {
        /// Where.
        session: SessionId,
        /// The line without its end.
        line: String,
    },
    /// A secret was typed; this is what the machine thinks of it.
    Secret {
        /// Where.
        session: SessionId,
        /// The verdict.
        verdict: Verdict,
    },
    /// Ctrl-C.
    Interrupt {
        /// Where.
        session: SessionId,
    },
    /// The terminal has another size.
    Resize {
        /// Where.
        session: SessionId,
        /// Columns.
        columns: u16,
        /// Rows.
        rows: u16,
    },
    /// Ctrl-D, or the line went dead.
    EndOfInput {
        /// Where.
        session: SessionId,
    },
    /// Time passed until `at`.
    Pass,
    /// A director command.
    Director {
        /// The line, `%` included.
        line: String,
    },
    /// Reading a medium gave this; it belongs to the entry before.
    Found(Finding),
}

/// Entries on their way to where they are kept.
#[derive(Debug, Default)]
pub struct Journal {
    entries: Vec<Entry>,
    kept: bool,
    muted: bool,
}

impl Journal {
    /// Whether anybody keeps the entries; without, none are made.
    pub fn keep(&mut self, kept: bool) {
        self.kept = kept;
    }

    /// While muted, what happens is part of an entry already made.
    pub fn mute(&mut self, muted: bool) {
        self.muted = muted;
    }

    /// Notes what came in; `what` is made only if somebody keeps it.
    pub fn note(&mut self, at: Instant, what: impl FnOnce() -> What) {
        if self.kept && !self.muted {
            self.entries.push(Entry { at, what: what() });
        }
    }

    /// Notes what reading a medium gave, muted or not: a replay needs it in any case.
    pub fn found(&mut self, at: Instant, findings: Vec<Finding>) {
        if self.kept {
            self.entries.extend(findings.into_iter().map(|finding| Entry { at, what: What::Found(finding) }));
        }
    }

    /// The entries since the last taking.
    pub fn take(&mut self) -> Vec<Entry> {
        std::mem::take(&mut self.entries)
    }
}
