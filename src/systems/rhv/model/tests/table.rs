//! The steps that an agent may take, from the table of the reference (`hosted-engine.md` 3.3) and not from the model: what
//! follows a state, what its limit leads to, and what its guards do.

use super::State;
use State as S;

/// From any state that looks at them: the global flag, vdsm, the local flag.
const GUARDS: [State; 3] = [S::GlobalMaintenance, S::UnknownLocalVmState, S::LocalMaintenance];

/// What a state's own row says.
fn own(from: State) -> &'static [State] {
    match from {
        S::StartState => &[S::ReinitializeFSM],
        S::ReinitializeFSM => &[S::EngineStarting, S::EngineDown],
        S::EngineDown => &[S::EngineStarting, S::EngineStart],
        S::EngineStart => &[S::EngineStarting, S::EngineDown],
        S::EngineStarting => &[S::EngineUp, S::EngineForceStop, S::EngineMaybeAway, S::EngineStop],
        S::EngineUp => &[
            S::EngineDown,
            S::EngineMaybeAway,
            S::EngineUnexpectedlyDown,
            S::EngineStop,
            S::EngineUpBadHealth,
            S::LocalMaintenanceMigrateVm,
        ],
        S::EngineUpBadHealth => &[S::EngineUp, S::EngineStop],
        S::EngineStop => &[S::EngineForceStop, S::EngineDown],
        S::EngineForceStop => &[S::EngineDown],
        S::EngineMaybeAway => &[S::EngineDown, S::EngineUnexpectedlyDown, S::EngineUp],
        S::EngineUnexpectedlyDown => &[S::EngineDown],
        S::GlobalMaintenance => &[S::LocalMaintenance, S::ReinitializeFSM],
        S::LocalMaintenance | S::UnknownLocalVmState => &[S::ReinitializeFSM],
        S::LocalMaintenanceMigrateVm => &[S::EngineMigratingAway, S::EngineStop],
        S::EngineMigratingAway => &[S::EngineDown, S::EngineStop],
        S::AgentStopped => &[],
    }
}

/// Which guards a state has.
fn guards(from: State) -> &'static [State] {
    match from {
        S::StartState | S::GlobalMaintenance | S::LocalMaintenance | S::AgentStopped => &[],
        // It is left for the global flag and for a virtual machine of which nothing is known.
        S::EngineUp => &GUARDS[..2],
        S::UnknownLocalVmState => &[S::GlobalMaintenance, S::LocalMaintenance],
        _ => &GUARDS,
    }
}

/// Whether the reference has a step.
pub fn has(from: State, to: State) -> bool {
    own(from).contains(&to) || guards(from).contains(&to)
}

#[test]
fn the_table_has_what_the_reference_has_and_no_more() {
    let check = |from, to, expect| assert_eq!(has(from, to), expect, "{from} {to}");
    check(S::EngineUp, S::GlobalMaintenance, true);
    check(S::EngineUp, S::LocalMaintenance, false);
    check(S::EngineDown, S::EngineUp, false);
    check(S::LocalMaintenance, S::GlobalMaintenance, false);
    check(S::EngineForceStop, S::EngineDown, true);
    check(S::UnknownLocalVmState, S::UnknownLocalVmState, false);
}
