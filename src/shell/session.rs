//! A login on a machine: its terminal and its stack of shells, as plain data.

use serde::{Deserialize, Serialize};

use super::coroutine::Chosen;
use super::detachable::Detachable;
use crate::world::{Closed, Layer, MachineId, Shell};

/// Names a session within its lab.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SessionId(pub u32);

/// How the names of a machine's own terminals begin.
pub const CONSOLES: &str = "tty";

/// By which way a person comes to a machine.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Door {
    /// Through the network, by the secure shell.
    #[default]
    Network,
    /// At the console of the machine.
    Console,
}

impl Door {
    /// Whether it is the one that most take.
    #[must_use]
    pub fn is_usual(&self) -> bool {
        *self == Self::Network
    }
}

/// What the person looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Terminal {
    /// Columns.
    pub columns: u16,
    /// Rows.
    pub rows: u16,
    /// Whether somebody watches: counters are then redrawn in place.
    pub live: bool,
    /// Whether the login asks for a password; pipes and transcripts are not asked.
    pub asks: bool,
}

impl Terminal {
    /// The terminal of a pipe or a transcript.
    pub const PIPE: Self = Self { columns: 80, rows: 24, live: false, asks: false };
}

/// One login.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    /// Its number.
    pub id: SessionId,
    /// The machine it is on.
    pub machine: MachineId,
    /// What the person looks at.
    pub terminal: Terminal,
    /// The address it comes from; the terminal, where that is one of the machine itself.
    pub from: String,
    /// The shells, the innermost last; none before the login is through.
    pub shells: Vec<Shell>,
    /// What lies beneath on other machines, from which this one was reached (`ssh`); the outermost first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub outer: Vec<Layer>,
    /// Exit status of the last command; 0 is good.
    pub status: u8,
    /// Why it ended, once it has.
    pub closed: Option<Closed>,
    /// Which session of a multiplexer it is, if it is none of a person: it goes on when nobody looks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detachable: Option<Detachable>,
    /// Such a session that the person looks at in place of this one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub looks_at: Option<SessionId>,
    /// The number of its terminal line, for one that came through the network.
    #[serde(default)]
    pub line: u32,
    /// The password that stood on the line whose command runs, as the machine keeps it.
    #[serde(skip)]
    pub given: Option<Chosen>,
}

impl Session {
    /// A login that begins.
    #[must_use]
    pub fn new(id: SessionId, machine: MachineId, terminal: Terminal, from: String) -> Self {
        let (shells, outer) = (Vec::new(), Vec::new());
        let (status, closed, detachable, looks_at, given) = (0, None, None, None, None);
        Self { id, machine, terminal, from, shells, outer, status, closed, detachable, looks_at, line: 0, given }
    }

    /// Whether the person sits at a terminal of the machine itself.
    #[must_use]
    pub fn is_on_console(&self) -> bool {
        self.from.starts_with(CONSOLES)
    }

    /// Whether the person looks at the console of a machine that was opened from another one.
    #[must_use]
    pub fn is_through_console(&self) -> bool {
        self.outer.iter().any(|layer| layer.called.is_empty())
    }

    /// Ends the login on the innermost machine: the person is back on the one from which it was reached. Nothing when
    /// there is none. Gives the name by which that machine was called, if it was by the secure shell.
    pub fn pop_layer(&mut self) -> Option<String> {
        let outer = self.outer.pop()?;
        (self.machine, self.shells, self.line) = (outer.machine, outer.shells, outer.line);
        Some(outer.called)
    }

    /// Whether the person came to this machine, or through it.
    #[must_use]
    pub fn passes(&self, machine: MachineId) -> bool {
        self.machine == machine || self.outer.iter().any(|layer| layer.machine == machine)
    }
}
