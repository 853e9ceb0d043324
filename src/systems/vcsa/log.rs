//! What is written behind an appliance's back: lines of a tool, and what its services have lived through, from which their
//! log files are made.

use std::collections::VecDeque;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::services::State;
use crate::sim::Instant;

/// Entries in the order in which they came. Like the logs of the appliance it does not grow for ever; at how many entries it
/// is cut is our own choice. It is kept in pieces, so that an entry more after a point of the timeline was taken copies the
/// last piece only.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Log<T = String>(VecDeque<Arc<Vec<T>>>);

impl<T> Default for Log<T> {
    fn default() -> Self {
        Self(VecDeque::new())
    }
}

impl<T: Clone> Log<T> {
    /// Entries in a piece, and pieces.
    const PIECE: usize = 50;
    const PIECES: usize = 40;

    /// The entries, oldest first.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &T> {
        self.0.iter().flat_map(|piece| piece.iter())
    }

    /// Appends an entry; the piece that was cut off for it, if one was.
    pub fn push(&mut self, entry: T) -> Option<Arc<Vec<T>>> {
        match self.0.back_mut() {
            Some(last) if last.len() < Self::PIECE => {
                Arc::make_mut(last).push(entry);
                None
            }
            _ => {
                let oldest = if self.0.len() == Self::PIECES { self.0.pop_front() } else { None };
                self.0.push_back(Arc::new(vec![entry]));
                oldest
            }
        }
    }
}

impl Log {
    /// The lines, oldest first.
    pub fn lines(&self) -> impl DoubleEndedIterator<Item = &str> {
        self.iter().map(String::as_str)
    }
}

/// What a log file may have a line about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// When.
    pub at: Instant,
    /// Seconds east of Greenwich by which the machine's clock went then.
    #[serde(default)]
    pub offset: i32,
    /// What.
    pub what: What,
}

impl Entry {
    /// Whether it makes an earlier one say nothing more about how things stand.
    #[must_use]
    pub fn replaces(&self, earlier: &Self) -> bool {
        match (&self.what, &earlier.what) {
            (What::Software { .. }, What::Software { .. }) => true,
            (What::Turn { service, .. }, What::Turn { service: other, .. }) => service == other,
            _ => false,
        }
    }
}

/// What happens to services.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum What {
    /// This is vCenter's version and build from now on, and the appliance's version.
    Software {
        /// As in [`super::model::Release`].
        version: String,
        /// As in [`super::model::Release`].
        vcenter_version: String,
        /// As in [`super::model::Release`].
        vcenter_build: String,
    },
    /// A service has come into a state.
    Turn {
        /// Its name.
        service: String,
        /// The state.
        state: State,
        /// Its process, or the one that it had.
        pid: Option<u32>,
    },
}
