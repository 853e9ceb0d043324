//! The SNMP agent as a daemon. It is on while its unit is wanted; that it is a unit of this name is inferred.

use super::ApiError;
use super::access::switch_unit;
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

/// Lets the agent answer, over a boot, too; it tells its targets of its start.
///
/// # Errors
/// Why it would answer nobody, or what the file system says.
pub fn enable(world: &mut World, id: MachineId) -> Result<(), ApiError> {
    let runs = is_enabled(world, id);
    let agent = &mut world.vcsa_mut(id).settings.snmp;
    agent.is_ready().map_err(ApiError::not_allowed)?;
    if !runs {
        agent.begin();
    }
    switch_unit(world, id, UNIT, true)
}

/// Stops the agent.
///
/// # Errors
/// What the file system says.
pub fn disable(world: &mut World, id: MachineId) -> Result<(), ApiError> {
    switch_unit(world, id, UNIT, false)
}
