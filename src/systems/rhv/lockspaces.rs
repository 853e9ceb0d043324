//! Sanlock as a service: while it holds host ids it does not take an order to end, so that the stop of its unit is waited for in
//! vain; `sanlock client shutdown -f 1` gives up what is held (sanlock(8); what systemd makes of it is inferred).

use super::events;
use super::model::host::Lingers;
use crate::sim::Span;
use crate::systems::linux;
use crate::systems::linux::model::unit::{Active, End, State};
use crate::world::{MachineId, World};

const UNIT: &str = events::SANLOCK;
/// Twice what systemd gives to a service that is to end: its unit wants no process killed.
const PATIENCE: Span = Span::secs(180);

/// Whether a host's sanlock holds a host id: that of the storage domain, or that of the agents' lockspace.
fn holds(world: &World, id: MachineId) -> bool {
    let up = world.linux(id).unit_is_up(UNIT);
    up && events::host(world, id).is_some_and(|(_, host)| host.lockspace.is_some() || host.connected)
}

/// Somebody asks for its unit to be started, or stopped. `false` where it is a unit like any other.
pub fn ask(world: &mut World, id: MachineId, start: bool) -> bool {
    let now = world.now;
    let Some((_, host)) = events::host(world, id) else { return false };
    let lingers = match (host.lingers, start) {
        (None, true) => return false,
        (None, false) if !holds(world, id) => return false,
        (None, false) => {
            // What requires it is down by then.
            linux::events::stop_unit(world, id, events::VDSM);
            Lingers::Stops(now)
        }
        // Another one finds the lock of the one that runs.
        (Some(_), true) => Lingers::Fails(now),
        (Some(lingers), false) => lingers,
    };
    events::change(world, id, |host, _, _, _| host.lingers = Some(lingers));
    true
}

/// The state of its unit where that is not what systemd made of it by itself.
#[must_use]
pub fn state(world: &World, id: MachineId) -> Option<State> {
    let (_, host) = events::host(world, id)?;
    let own = world.linux(id).unit_state(UNIT);
    let failed = |since, end| State {
        active: Active::Failed,
        since: Some(since),
        main_pid: None,
        ran: own.ran.map(|(pid, from, _)| (pid, from, Some(since))),
        due: None,
        end,
        ..own.clone()
    };
    Some(match host.lingers? {
        Lingers::Stops(asked) if world.now < asked + PATIENCE => {
            State { active: Active::Deactivating, since: Some(asked), due: Some(asked + PATIENCE), ..own }
        }
        Lingers::Stops(asked) => failed(asked + PATIENCE, End::Timeout),
        Lingers::Fails(since) => failed(since, End::Exit(1)),
    })
}

/// `sanlock client shutdown`: it ends if it holds nothing, or what it holds is given up. Whether it does.
pub fn shut(world: &mut World, id: MachineId, force: bool) -> bool {
    if holds(world, id) && !force {
        return false;
    }
    let now = world.now;
    events::change(world, id, |host, _, _, _| host.lingers = None);
    let due = world.linux_mut(id).main_gone(UNIT, End::Success, now);
    linux::events::after(world, id, due);
    events::stirred(world, id);
    true
}
