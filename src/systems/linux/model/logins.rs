//! Who was logged in and when the machine was up: the records behind `who`, `w`, `last` and `lastlog`, as `/var/run/utmp`
//! and `/var/log/wtmp` have them.

use std::collections::VecDeque;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::Login;
use crate::sim::{Instant, Span};

/// How the names of the machine's own terminals begin.
const TERMINAL: &str = "tty";

/// So many records are kept.
const KEPT: usize = 500;

/// A record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// Whose login; nothing for a boot.
    pub user: Option<String>,
    /// At which terminal.
    pub tty: String,
    /// From which address; of a boot, the kernel.
    pub from: String,
    /// When.
    pub at: Instant,
    /// The login shell's number; 0 before the lab began.
    pub pid: u32,
    /// Until when, and why it ended.
    pub until: Option<(Instant, Why)>,
    /// The number of its session since the boot; 0 for none.
    #[serde(default)]
    pub session: u32,
}

impl Record {
    /// Whether it is the shell of a multiplexer, which is no login.
    fn is_multiplexed(&self) -> bool {
        self.from.starts_with("tmux(") || self.from.starts_with(':')
    }

    /// When it was and from where; the terminal, where that is one of the machine itself.
    #[must_use]
    pub fn login(&self) -> Login {
        let from = if self.from.is_empty() { &self.tty } else { &self.from };
        Login { at: self.at, from: from.clone() }
    }
}

/// Why a record ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Why {
    /// The person left.
    Left,
    /// The machine went down in order.
    Down,
    /// The power failed.
    Crash,
}

/// Logins that failed, with nothing between them that did not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FailedLogins {
    /// The last of them.
    pub last: Login,
    /// How many.
    pub count: u32,
}

/// The port from which the person of a session comes: any of those that are given out for a while.
#[must_use]
pub fn port_of(session: u32) -> u32 {
    49_152 + session.wrapping_mul(7_919) % 16_000
}

/// The records, oldest first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Logins(VecDeque<Arc<Record>>);

impl Logins {
    /// The records, oldest first.
    pub fn records(&self) -> impl DoubleEndedIterator<Item = &Record> {
        self.0.iter().map(Arc::as_ref)
    }

    /// Adds a record.
    pub fn add(&mut self, record: Record) {
        if self.0.len() == KEPT {
            self.0.pop_front();
        }
        let at = self.0.iter().rposition(|before| before.at <= record.at).map_or(0, |before| before + 1);
        self.0.insert(at, Arc::new(record));
    }

    /// Adds root's login of before the lab began; how long it was is not known, and taken to be a minute.
    pub fn add_earlier(&mut self, login: &Login, tty: &str) {
        let (tty, from) = (tty.to_owned(), login.from.clone());
        let until = Some((login.at + Span::secs(60), Why::Left));
        self.add(Record { user: Some("root".to_owned()), tty, from, at: login.at, pid: 0, until, session: 0 });
    }

    /// Adds a login of root's that failed, at a terminal of the machine or through the secure shell.
    pub fn add_failure(&mut self, user: &str, login: &Login) {
        let local = login.from.starts_with(TERMINAL);
        let (tty, from) = if local { (&*login.from, "") } else { ("ssh:notty", &*login.from) };
        let (tty, from, until) = (tty.to_owned(), from.to_owned(), Some((login.at, Why::Left)));
        self.add(Record { user: Some(user.to_owned()), tty, from, at: login.at, pid: 0, until, session: 0 });
    }

    /// Whether there is no record.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Ends the login of a shell.
    pub fn end(&mut self, pid: u32, now: Instant, why: Why) {
        let open = self.0.iter_mut().rev().find(|record| record.pid == pid && record.until.is_none());
        if let Some(record) = open.filter(|record| record.user.is_some()) {
            Arc::make_mut(record).until = Some((now, why));
        }
    }

    /// Ends the login at a terminal.
    pub fn end_at(&mut self, tty: &str, now: Instant, why: Why) {
        let open = |record: &&mut Arc<Record>| record.until.is_none() && record.user.is_some() && record.tty == tty;
        for record in self.0.iter_mut().filter(open) {
            Arc::make_mut(record).until = Some((now, why));
        }
    }

    /// Ends all that is open, as the machine goes down.
    pub fn end_all(&mut self, now: Instant, why: Why) {
        for record in self.0.iter_mut().filter(|record| record.until.is_none()) {
            Arc::make_mut(record).until = Some((now, why));
        }
    }

    /// The last login of a user.
    #[must_use]
    pub fn last_of(&self, user: &str) -> Option<&Record> {
        let own = |record: &&Record| record.user.as_deref() == Some(user) && !record.is_multiplexed();
        self.records().rev().find(own)
    }

    /// Who is logged in.
    pub fn present(&self) -> impl Iterator<Item = &Record> {
        self.records().filter(|record| record.user.is_some() && record.until.is_none())
    }
}
