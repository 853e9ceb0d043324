//! The services that the API lists: those of the operating system, by the names of their units. The services of vCenter have
//! their own tool.

use super::ApiError;
use crate::systems::linux::events;
use crate::systems::linux::model::unit::{Active, State};
use crate::systems::vcsa::control;
use crate::world::{MachineId, World};

/// Every service with what it is.
#[must_use]
pub fn list(world: &World, id: MachineId) -> Vec<(String, String)> {
    let linux = world.linux(id);
    let mut names: Vec<&str> = linux.service_names();
    names.sort_unstable();
    let described = names.into_iter().filter_map(|name| {
        let unit = format!("{}.service", name.trim_end_matches(".service"));
        linux.unit(&unit).map(|spec| (short(&unit), spec.description))
    });
    described.collect()
}

fn short(unit: &str) -> String {
    unit.trim_end_matches(".service").to_owned()
}

/// The unit of a service.
///
/// # Errors
/// When there is none of the name.
pub fn unit(world: &World, id: MachineId, name: &str) -> Result<String, ApiError> {
    let unit = format!("{}.service", name.trim_end_matches(".service"));
    let there = world.linux(id).unit(&unit).is_some();
    if there { Ok(unit) } else { Err(ApiError::not_found(format!("Service {name} not found"))) }
}

/// The state of a unit; of a service that the appliance itself starts, what becomes of that.
fn state(world: &World, id: MachineId, unit: &str) -> State {
    control::unit_state(world, id, unit).unwrap_or_else(|| world.linux(id).unit_state(unit))
}

/// Whether a unit is up.
#[must_use]
pub fn is_up(world: &World, id: MachineId, unit: &str) -> bool {
    state(world, id, unit).active == Active::Active
}

/// Asks for a unit to be started, or stopped.
pub fn ask(world: &mut World, id: MachineId, unit: &str, start: bool) {
    if start {
        events::start_unit(world, id, unit);
    } else {
        events::stop_unit(world, id, unit);
    }
}

/// Whether a unit is still about what it was asked for.
#[must_use]
pub fn is_busy(world: &World, id: MachineId, unit: &str) -> bool {
    let changing = matches!(state(world, id, unit).active, Active::Activating | Active::Deactivating);
    changing || world.linux(id).units.is_busy(unit)
}
