//! The journal: everything that came into a lab, in order. Replayed on the state from which it began, it gives the same
//! bytes. Secrets never come this far: only the verdict about one does.

use serde::{Deserialize, Serialize};

use crate::media::Finding;
use crate::shell::coroutine::{Chosen, Verdict};
use crate::shell::{Door, SessionId, Terminal};
use crate::sim::Instant;

/// One thing that came in, with all that was read from media because of it: a replay needs both or neither.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// The virtual time at which it came.
    pub at: Instant,
    /// What came.
    pub what: What,
    /// What reading media gave while this was worked off, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub found: Vec<Finding>,
}

/// What can come in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum What {
    /// A login on a machine.
    Open {
        /// The number it got.
        session: SessionId,
        /// The machine's name.
        machine: String,
        /// What the person looks at.
        terminal: Terminal,
        /// By which way.
        #[serde(default, skip_serializing_if = "Door::is_usual")]
        door: Door,
    },
    /// A command line, typed at a prompt.
    Line {
        /// Where.
        session: SessionId,
        /// The line without its end.
        line: String,
        /// What is kept of a password on it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        given: Option<Chosen>,
    },
    /// A line typed at a question, or Enter at a pager.
    Answer {
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
    /// Ctrl-Z.
    Suspend {
        /// Where.
        session: SessionId,
    },
    /// Ctrl-].
    Escape {
        /// Where.
        session: SessionId,
    },
    /// Ctrl-D, or the line went dead.
    EndOfInput {
        /// Where.
        session: SessionId,
    },
    /// Another terminal, or another size of it, in front of one session, or of all that the person has and will open.
    Look {
        /// Where, if in one.
        session: Option<SessionId>,
        /// What the person looks at from now on.
        terminal: Terminal,
    },
    /// A closed session was left behind.
    Forget {
        /// Which.
        session: SessionId,
    },
    /// The person turned to another machine or session.
    Turn {
        /// The machine on which the next session opens.
        machine: String,
        /// The session typed into from now on.
        session: Option<SessionId>,
    },
    /// Time passed until `at`.
    Pass,
    /// A director command.
    Director {
        /// The line, `%` included.
        line: String,
    },
}

/// Entries on their way to where they are kept.
#[derive(Debug, Default)]
pub struct Journal {
    entries: Vec<Entry>,
    kept: bool,
    muted: u32,
    gap: bool,
}

impl Journal {
    /// Whether anybody keeps the entries; without, none are made.
    pub fn keep(&mut self, kept: bool) {
        self.kept = kept;
    }

    /// While muted, what happens is part of an entry already made. May be nested.
    pub fn mute(&mut self, muted: bool) {
        self.muted = if muted { self.muted + 1 } else { self.muted.saturating_sub(1) };
    }

    /// Notes what came in; `what` is made only if somebody keeps it.
    pub fn note(&mut self, at: Instant, what: impl FnOnce() -> What) {
        if self.kept && self.muted == 0 {
            self.entries.push(Entry { at, what: what(), found: Vec::new() });
        }
    }

    /// Notes what reading media gave; it belongs to the entry before.
    pub fn found(&mut self, findings: Vec<Finding>) {
        match self.entries.last_mut() {
            Some(cause) => cause.found.extend(findings),
            None => self.gap |= self.kept && !findings.is_empty(),
        }
    }

    /// The lab was changed by a hand that makes no entries.
    pub fn changed_unseen(&mut self) {
        self.gap |= self.kept && self.muted == 0;
    }

    /// The lab went to another point of its timeline, which no replay of entries can reach.
    pub fn went_elsewhere(&mut self) {
        self.gap |= self.kept;
    }

    /// Whether something happened since this was last asked that the entries do not tell.
    pub fn take_gap(&mut self) -> bool {
        std::mem::take(&mut self.gap)
    }

    /// The entries since the last taking.
    pub fn take(&mut self) -> Vec<Entry> {
        std::mem::take(&mut self.entries)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at() -> Instant {
        Instant::parse("2015-10-08T02:43:36Z").expect("a good time")
    }

    #[test]
    fn muting_nests_and_findings_belong_to_the_entry_before() {
        let mut journal = Journal::default();
        journal.keep(true);
        journal.note(at(), || What::Director { line: "%x".to_owned() });
        journal.mute(true);
        journal.mute(true);
        journal.mute(false);
        journal.note(at(), || What::Pass);
        journal.changed_unseen();
        journal.found(vec![Finding::Body(Ok(()))]);
        journal.mute(false);
        assert!(!journal.take_gap());
        let entries = journal.take();
        assert_eq!(entries.len(), 1);
        assert_eq!(entries[0].found, [Finding::Body(Ok(()))]);
        journal.changed_unseen();
        assert!(journal.take_gap());
    }

    #[test]
    fn what_is_read_without_a_cause_is_a_gap() {
        let mut journal = Journal::default();
        journal.keep(true);
        journal.found(Vec::new());
        assert!(!journal.take_gap());
        journal.found(vec![Finding::Body(Ok(()))]);
        assert!(journal.take_gap());
    }
}
