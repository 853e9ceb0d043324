//! What an agent writes to its log. A loop that comes to the same as the one before is counted and not kept again, so that a
//! quiet day costs nothing; the lines are made when they are read.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::conf::Misfit;
use super::health::Health;
use super::state::State;
use super::{HostId, Instant, PERIOD};

/// One thing that an agent has to say.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Said {
    /// It has begun.
    Began,
    /// It ends.
    Ended,
    /// It went through its machine once.
    Loop {
        /// Where it stands.
        state: State,
        /// Its score.
        score: u32,
        /// The best of the others.
        best: Option<(HostId, u32)>,
        /// Where else the virtual machine runs.
        running: Option<HostId>,
    },
    /// It went from one state to another.
    Changed(State, State),
    /// A limit has passed.
    TimedOut(State, State),
    /// It sees one of the flags of maintenance: the global one if `true`.
    Maintenance(bool),
    /// Points are taken off for the network.
    NetworkPenalty(u32),
    /// Points are taken off for the management bridge.
    BridgePenalty(u32),
    /// Points are taken off for the load.
    LoadPenalty(u32),
    /// Points are taken off for want of memory.
    MemoryPenalty(u32),
    /// Another host is so much better that the virtual machine shall go there.
    Outscored(HostId),
    /// It starts the virtual machine, which vdsm takes if `true`.
    Starts(bool),
    /// It shuts the virtual machine down.
    Stops,
    /// It cuts the virtual machine off.
    Destroys,
    /// It moves the virtual machine.
    Migrates(HostId),
    /// What the broker says of the virtual machine has changed.
    Health(Health),
    /// The broker does not answer.
    NoBroker,
    /// The storage cannot be reached.
    NoStorage,
    /// What its file says leads nowhere.
    Misfit(Misfit),
}

/// An entry: what was said, and how often it was said again, a loop apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// When it was said first.
    pub at: Instant,
    /// What.
    pub what: Said,
    /// How many times in a row.
    pub times: u32,
}

/// The log of an agent.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Log(Arc<Vec<Entry>>);

impl Log {
    /// So many entries are kept; then the older half goes, as if to a file of the day before.
    const MOST: usize = 400;

    /// Writes something.
    pub fn say(&mut self, at: Instant, what: Said) {
        let entries = Arc::make_mut(&mut self.0);
        if let Some(last) = entries.last_mut()
            && last.what == what
            && matches!(what, Said::Loop { .. })
            && last.at + PERIOD.times(u64::from(last.times)) == at
        {
            last.times += 1;
            return;
        }
        if entries.len() >= Self::MOST {
            entries.drain(..Self::MOST / 2);
        }
        entries.push(Entry { at, what, times: 1 });
    }

    /// It has been saying the same for so many passes, the last of them at this moment.
    #[must_use]
    pub fn of_long(last: Instant, what: Said, times: u32) -> Self {
        let first = last - PERIOD.times(u64::from(times.saturating_sub(1)));
        Self(Arc::new(vec![Entry { at: first, what, times }]))
    }

    /// The last `most` things that were said, each with its moment, oldest first.
    #[must_use]
    pub fn last(&self, most: usize) -> Vec<(Instant, Said)> {
        let mut found = Vec::new();
        for entry in self.0.iter().rev() {
            for back in (0..entry.times).rev().take(most - found.len()) {
                found.push((entry.at + PERIOD.times(u64::from(back)), entry.what));
            }
            if found.len() == most {
                break;
            }
        }
        found.reverse();
        found
    }
}
