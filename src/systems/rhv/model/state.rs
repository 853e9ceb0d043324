//! The states of the HA agent's machine, by their real names (reference `hosted-engine.md` 3.1 and 3.3).

use serde::{Deserialize, Serialize};

use crate::sim::Span;

/// A state of the agent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum State {
    /// The agent has just begun.
    StartState,
    /// It looks anew at where it stands.
    ReinitializeFSM,
    /// The virtual machine is not here.
    EngineDown,
    /// It is to be started.
    EngineStart,
    /// It was started.
    EngineStarting,
    /// It runs here and serves.
    EngineUp,
    /// It runs here and does not serve.
    EngineUpBadHealth,
    /// It is being shut down.
    EngineStop,
    /// It is being cut off.
    EngineForceStop,
    /// It may have gone elsewhere.
    EngineMaybeAway,
    /// It has ended by itself.
    EngineUnexpectedlyDown,
    /// It is being moved away.
    EngineMigratingAway,
    /// The cluster is left alone.
    GlobalMaintenance,
    /// The host is left alone.
    LocalMaintenance,
    /// The host is to be left alone once the virtual machine is away.
    LocalMaintenanceMigrateVm,
    /// vdsm does not say where the virtual machine is.
    UnknownLocalVmState,
    /// The agent was stopped in order; only seen in the metadata.
    AgentStopped,
}

impl State {
    /// How long it may last, and what comes after.
    #[must_use]
    pub fn limit(self) -> Option<(Span, Self)> {
        Some(match self {
            Self::EngineStarting => (Span::secs(600), Self::EngineStop),
            Self::EngineUpBadHealth => (Span::secs(300), Self::EngineStop),
            Self::EngineStop => (Span::secs(300), Self::EngineForceStop),
            Self::EngineMaybeAway => (Span::secs(40), Self::EngineUnexpectedlyDown),
            Self::EngineUnexpectedlyDown => (Span::secs(560), Self::EngineDown),
            _ => return None,
        })
    }

    /// Whether its limit stands in the metadata.
    #[must_use]
    pub fn shows_limit(self) -> bool {
        matches!(self, Self::EngineStop | Self::EngineUpBadHealth | Self::EngineUnexpectedlyDown)
    }

    /// Whether a host in it has a score at all.
    #[must_use]
    pub fn scores(self) -> bool {
        !matches!(
            self,
            Self::LocalMaintenance
                | Self::EngineUnexpectedlyDown
                | Self::ReinitializeFSM
                | Self::StartState
                | Self::AgentStopped
        )
    }
}

impl std::fmt::Display for State {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{self:?}")
    }
}
