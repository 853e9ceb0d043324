//! What bears on a machine from outside of its programs: something keeps its processors busy, or has taken its memory.

use serde::{Deserialize, Serialize};

use super::Linux;
use crate::sim::Instant;

/// What bears on a machine.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Strain {
    /// From when on, and until when, something kept its processors busy last.
    pub busy: Option<(Instant, Option<Instant>)>,
    /// Whether something has taken its memory.
    pub memory: bool,
}

impl Strain {
    /// The share of the processors that is taken, in thousandths.
    pub const BUSY: u64 = 950;

    /// Whether nothing bears on it, nor has since the boot.
    #[must_use]
    pub fn is_none(&self) -> bool {
        *self == Self::default()
    }

    /// Whether something keeps the processors busy now.
    #[must_use]
    pub fn is_busy(&self) -> bool {
        matches!(self.busy, Some((_, None)))
    }
}

impl Linux {
    /// From now on something keeps its processors busy, or has taken its memory, or nothing does any more.
    pub fn bear(&mut self, busy: bool, memory: bool, now: Instant) {
        self.strain.memory = memory;
        if busy != self.strain.is_busy() {
            self.strain.busy = match self.strain.busy {
                Some((since, None)) => Some((since, Some(now))),
                _ => Some((now, None)),
            };
        }
    }
}
