//! The SNMP agent as a daemon. It is on while its unit is wanted; that it is a unit of this name is inferred.

use super::ApiError;
use super::access::switch_unit;
use crate::systems::vcsa::snmp::Snmp;
use crate::world::{MachineId, World};

/// The agent's program.
pub const DAEMON: &str = "snmpd";
/// Its unit.
const UNIT: &str = "snmpd.service";

/// Whether the agent runs; there is no other switch.
#[must_use]
pub fn is_enabled(world: &World, id: MachineId) -> bool {
    world.linux(id).unit_is_wanted(UNIT)
}

/// Lets the agent answer, over a boot, too.
///
/// # Errors
/// Why it would answer nobody, or what the file system says.
pub fn enable(world: &mut World, id: MachineId) -> Result<(), ApiError> {
    world.vcsa(id).settings.snmp.is_ready().map_err(ApiError::not_allowed)?;
    switch_unit(world, id, UNIT, true)
}

/// Stops the agent.
///
/// # Errors
/// What the file system says.
pub fn disable(world: &mut World, id: MachineId) -> Result<(), ApiError> {
    switch_unit(world, id, UNIT, false)
}

/// Makes the agent what it was first, and stops it.
///
/// # Errors
/// What the file system says; then all is as before.
pub fn reset(world: &mut World, id: MachineId) -> Result<(), ApiError> {
    disable(world, id)?;
    world.vcsa_mut(id).settings.snmp = Snmp::default();
    Ok(())
}

/// Somebody asks for a unit: where that is the agent's, it tells its targets of its start.
pub fn is_asked(world: &mut World, id: MachineId, unit: &str) {
    let agent = &world.vcsa(id).settings.snmp;
    if unit == UNIT && !is_enabled(world, id) && agent.is_ready().is_ok() {
        world.vcsa_mut(id).settings.snmp.begin();
    }
}

/// Whether a unit comes up, as far as that depends on the agent: one that would answer nobody ends at once.
#[must_use]
pub fn comes_up(world: &World, id: MachineId, unit: &str) -> bool {
    unit != UNIT || world.vcsa(id).settings.snmp.is_ready().is_ok()
}
