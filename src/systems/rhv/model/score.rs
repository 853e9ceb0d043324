//! The score of a host: what its broker probes, and what that takes off (reference `hosted-engine.md` 2.4).

use serde::{Deserialize, Serialize};

use super::engine_vm::ENGINE;
use super::host::Host;
use super::state::State;
use super::storage::Engine;

/// What a host takes for itself, in MiB (inferred).
const OWN_MEMORY: u64 = 2_048;
/// The load of a host that has little to do, in millionths (inferred).
pub const IDLE: u32 = 20_000;
/// The score of a host with which nothing is wrong.
pub const FULL_SCORE: u32 = 3_400;

/// What it takes off a score, each in points.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Penalties {
    /// For failed probes of the network.
    pub network: u32,
    /// For a management bridge that is missing.
    pub bridge: u32,
    /// For the load.
    pub load: u32,
    /// For want of memory.
    pub memory: u32,
    /// For starts that failed.
    pub retries: u32,
}

impl Host {
    /// What is taken off its score in a state of its agent.
    #[must_use]
    pub fn penalties(&self, engine: &Engine, state: State) -> Penalties {
        let others = self.domains.iter().filter(|(name, _)| *name != ENGINE).map(|(_, domain)| domain.memory);
        let taken = OWN_MEMORY + others.sum::<u64>() + if self.troubles.memory { self.memory } else { 0 };
        let short = self.memory.saturating_sub(taken) < engine.memory && !self.holds_engine();
        let ignored = self.release.ha_from([2, 4, 5]) && state == State::GlobalMaintenance;
        Penalties {
            network: 320 * self.probes.count_ones(),
            bridge: if self.troubles.bridge { 600 } else { 0 },
            load: (self.load.saturating_sub(400_000) / 500).min(1_000),
            memory: if short && !ignored { 400 } else { 0 },
            retries: 50 * self.agent.retries,
        }
    }

    /// Its memory that is free, in MiB.
    #[must_use]
    pub fn free_memory(&self) -> u64 {
        let taken = OWN_MEMORY + self.live().map(|(_, domain)| domain.memory).sum::<u64>();
        self.memory.saturating_sub(taken + if self.troubles.memory { self.memory } else { 0 })
    }

    /// Its score in a state of its agent.
    #[must_use]
    pub fn score(&self, engine: &Engine, state: State) -> u32 {
        if !state.scores() || self.agent.retries > 3 {
            return 0;
        }
        let Penalties { network, bridge, load, memory, retries } = self.penalties(engine, state);
        FULL_SCORE.saturating_sub(network + bridge + load + memory + retries)
    }

    /// Looks at network and processors, as the broker does time and again.
    pub fn probe(&mut self) {
        self.probes = (self.probes << 1 | u8::from(self.troubles.test)) & 0b1_1111;
        // What is left of a load after so many seconds of a quarter of an hour.
        let wanted = if self.troubles.load { 950_000 } else { IDLE };
        self.load = if self.load < wanted {
            self.load + (wanted - self.load).div_ceil(90)
        } else {
            self.load - (self.load - wanted).div_ceil(90)
        };
    }
}
