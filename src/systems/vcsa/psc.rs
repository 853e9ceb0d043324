//! The Platform Services Controller of a vCenter that has none of its own: who signs in and what is licensed is asked there.
//!
//! That a vCenter does not come up without its controller, and lets nobody in when it goes away, follows from what it is for;
//! which services notice is inferred from the needs of an embedded node (`services/definition.rs`). A lab need not have the
//! controller among its machines: it is up then.

use super::model::{Clients, Phase};
use super::services::Definition;
use crate::systems::family::Page;
use crate::systems::linux::net::{REFUSED, TIMED_OUT};
use crate::world::{MachineId, System, World};

/// The service that signs users in.
const SIGNS_IN: &str = "vmware-stsd";

/// The machine that is the controller of a vCenter, if the lab has it.
fn controller(world: &World, id: MachineId) -> Option<MachineId> {
    let is_appliance = |other: &MachineId| matches!(world.machine(*other).system, System::Vcsa(_));
    world.vcsa(id).controller.as_deref().and_then(|name| world.find(name)).filter(is_appliance)
}

fn runs(world: &World, controller: MachineId, service: &str) -> bool {
    let psc = world.vcsa(controller);
    psc.phase == Phase::Up && psc.services.runs(service)
}

/// Whether a service of a vCenter misses something on the controller.
#[must_use]
pub fn is_missed_by(world: &World, id: MachineId, definition: &Definition) -> bool {
    let lacks = |psc| definition.remote.iter().any(|need| !runs(world, psc, need));
    controller(world, id).is_some_and(lacks)
}

/// Whether users can sign in, as far as it is up to the controller.
#[must_use]
pub fn signs_in(world: &World, id: MachineId) -> bool {
    controller(world, id).is_none_or(|psc| runs(world, psc, SIGNS_IN))
}

/// What a client of vCenter gets now.
#[must_use]
pub fn clients(world: &World, id: MachineId) -> Clients {
    match world.vcsa(id).clients() {
        Clients::Connected if !signs_in(world, id) => Clients::Starting,
        clients => clients,
    }
}

/// What a browser gets that is sent to a controller which signs nobody in.
#[must_use]
pub fn page(world: &World, id: MachineId) -> Option<Page> {
    let psc = controller(world, id).filter(|psc| !runs(world, *psc, SIGNS_IN))?;
    let there = if world.vcsa(psc).answers_ping() { REFUSED } else { TIMED_OUT };
    let there = there.trim_matches(['[', ']']);
    Some(Page::new(format!("[the browser is sent to https://{}/websso: {there}]", world.machine(psc).name)))
}
