//! Who may come in by which door: the secure shell, and the root shell behind the appliance's. The secure shell is on while its
//! daemon runs; there is no other switch, so that `service sshd stop` and the call come to the same.

use super::ApiError;
use crate::sim::Span;
use crate::systems::linux::events;
use crate::systems::vcsa::model::{Event, ShellAccess};
use crate::world::{MachineId, World};

/// The unit of the daemon.
pub const DAEMON: &str = "sshd.service";

/// Whether logins over the secure shell are taken.
#[must_use]
pub fn ssh(world: &World, id: MachineId) -> bool {
    world.linux(id).unit_is_wanted(DAEMON)
}

/// Takes logins over the secure shell or, from the next one on, refuses their connections; over a boot, too. Who is
/// logged in stays.
///
/// # Errors
/// What the file system says.
pub fn set_ssh(world: &mut World, id: MachineId, enabled: bool) -> Result<(), ApiError> {
    switch_unit(world, id, DAEMON, enabled)
}

/// Starts a unit now and with each boot, or stops it.
///
/// # Errors
/// What the file system says.
pub fn switch_unit(world: &mut World, id: MachineId, name: &str, on: bool) -> Result<(), ApiError> {
    let now = world.now;
    world.linux_mut(id).set_enabled(name, on, now)?;
    if on {
        events::start_unit(world, id, name);
    } else {
        events::stop_unit(world, id, name);
    }
    Ok(())
}

/// Opens the root shell, for so many seconds or, with none, until somebody shuts it; or shuts it.
pub fn set_shell(world: &mut World, id: MachineId, enabled: bool, secs: u64) {
    if let Some(ticket) = world.vcsa_mut(id).shell_access.until.take() {
        world.queue.cancel(ticket);
    }
    let until = (enabled && secs > 0).then(|| world.after(id, Span::secs(secs), Event::ShellTimeout));
    world.vcsa_mut(id).shell_access = ShellAccess { enabled, until };
}
