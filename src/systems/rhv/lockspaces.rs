//! Sanlock as a service: while it holds host ids it does not take an order to end, so that the stop of its unit is waited for in
//! vain; `sanlock client shutdown -f 1` gives up what is held (sanlock(8); what systemd makes of it is inferred).

use super::events;
use super::model::Daemons;
use crate::systems::linux;
use crate::world::{MachineId, World};

const UNIT: &str = events::SANLOCK;
/// The order to end.
const SIGTERM: u8 = 15;

/// Whether a host's sanlock runs and holds a host id.
fn holds(world: &World, id: MachineId) -> bool {
    let runs = world.linux(id).unit_runs(UNIT);
    runs && events::host(world, id).is_some_and(|(_, host)| host.holds_ids())
}

/// Its process takes the order to end, or does not, by what it holds.
pub fn sync(world: &mut World, id: MachineId) {
    let stays = holds(world, id);
    let own = |linux: &linux::model::Linux| {
        let mut all = linux.processes.iter();
        let stale = all
            .find(|(_, process)| process.unit.as_deref() == Some(UNIT) && process.ignored.contains(&SIGTERM) != stays);
        stale.map(|(pid, _)| pid)
    };
    let Some(pid) = own(world.linux(id)) else { return };
    if let Some(process) = world.linux_mut(id).processes.get_mut(pid) {
        if stays {
            process.ignored.insert(SIGTERM)
        } else {
            process.ignored.remove(&SIGTERM)
        };
    }
}

/// Whether another one comes up: it does not beside one that runs, whose lock it finds.
#[must_use]
pub fn comes_up(world: &World, id: MachineId) -> bool {
    world.linux(id).left_over(UNIT).is_empty()
}

/// `sanlock client shutdown`: it ends if it holds nothing, or what it holds is given up. Whether it does.
pub fn shut(world: &mut World, id: MachineId, force: bool) -> bool {
    if holds(world, id) && !force {
        return false;
    }
    let now = world.now;
    events::change(world, id, |host, storage, now, out| {
        host.run(storage, Daemons { sanlock: false, ..host.daemons }, true, now, out);
    });
    let due = world.linux_mut(id).unit_ends(UNIT, now);
    linux::events::after(world, id, due);
    events::stirred(world, id);
    true
}
