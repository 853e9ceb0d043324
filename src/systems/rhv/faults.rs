//! What can go wrong in an RHV environment: the catalogue of its faults.

use super::model::{Daemons, Role, Troubles};
use super::{events, mounts, network, network_test};
use crate::systems::faults::{Fault, Lasts};
use crate::systems::linux::events::UNIT_START;
use crate::world::{MachineId, World};

/// The block of metadata that a host writes is overwritten by something else.
pub const METADATA: &str = "rhv.metadata";
/// The engine's process hangs: its health page does not answer.
pub const ENGINE_HANGS: &str = "rhv.engine";
/// The engine's process is killed.
pub const ENGINE_DIES: &str = "rhv.engine-dies";
const NETWORK: &str = "rhv.network";
const GATEWAY: &str = "rhv.gateway";
const STORAGE: &str = "rhv.storage";
const SANLOCK: &str = "rhv.sanlock";
const LOAD: &str = "rhv.load";
const MEMORY: &str = "rhv.memory";
const BRIDGE: &str = "rhv.bridge";
const LAUNCH: &str = "rhv.launch";

/// The kind of object that is a service.
pub const SERVICE: &str = "SERVICE";

const fn lasting(name: &'static str, about: &'static str, point: &'static str) -> Fault {
    Fault { name, about, point, lasts: Lasts::WhileSet }
}

/// All faults.
pub static FAULTS: &[Fault] = &[
    lasting("network-down", "a host's network is pulled; its storage has a network of its own", NETWORK),
    lasting("gateway-down", "a host's gateway does not answer", GATEWAY),
    lasting("storage-down", "a host's path to the storage is pulled", STORAGE),
    lasting("sanlock-stuck", "a host's sanlock stands still", SANLOCK),
    lasting("cpu-load", "something keeps a host's processors busy", LOAD),
    lasting("memory-low", "something has taken a host's memory", MEMORY),
    lasting("bridge-missing", "a host's management bridge is missing", BRIDGE),
    lasting("vm-start-fails", "a host's libvirt does not start the Manager's virtual machine", LAUNCH),
    Fault {
        name: "metadata-corrupt",
        about: "the block that a host writes next is overwritten",
        point: METADATA,
        lasts: Lasts::Once(None),
    },
    lasting("engine-hangs", "the Manager's engine does not answer", ENGINE_HANGS),
    Fault {
        name: "engine-dies",
        about: "the process of the Manager's engine is killed, now or as soon as there is one",
        point: ENGINE_DIES,
        lasts: Lasts::Once(None),
    },
    Fault {
        name: "service-fails",
        about: "a service does not start",
        point: UNIT_START,
        lasts: Lasts::EachTime(Some(SERVICE)),
    },
];

/// Those of hosts only.
const OF_HOSTS: [&str; 7] = [STORAGE, SANLOCK, LOAD, MEMORY, BRIDGE, LAUNCH, METADATA];
/// Those of the Manager only.
const OF_MANAGERS: [&str; 2] = [ENGINE_HANGS, ENGINE_DIES];

/// Why a fault can do nothing to a machine of this role.
#[must_use]
pub fn refusal(role: Role, fault: &Fault) -> Option<String> {
    match role {
        Role::Host if OF_MANAGERS.contains(&fault.point) => Some("it is no Manager".to_owned()),
        Role::Manager if OF_HOSTS.contains(&fault.point) => Some("it is no host".to_owned()),
        _ => None,
    }
}

/// What is wrong with a host, by the faults that are set for it.
#[must_use]
pub fn troubles(world: &World, id: MachineId) -> Troubles {
    let [network, gateway, storage, sanlock, load, memory, bridge, launch] =
        [NETWORK, GATEWAY, STORAGE, SANLOCK, LOAD, MEMORY, BRIDGE, LAUNCH].map(|point| world.suffers(id, point));
    let network = network || !network::is_wired(world, id);
    let test = network_test::fails(world, id, network);
    // The agent looks for the bridge that its file names.
    let named = events::host(world, id).map_or("", |(_, host)| host.setting("bridge"));
    let bridge = bridge || !matches!(named, "" | network::MANAGEMENT);
    let mount = mounts::is_barred(world, id);
    let [agent, broker, vdsm, stopped] = events::UNITS.map(|unit| is_halted(world, id, unit));
    let halted = Daemons { agent, broker, vdsm, sanlock: false };
    let sanlock = sanlock || stopped;
    Troubles { network, gateway, test, storage, sanlock, load, memory, bridge, launch, mount, halted }
}

/// Whether a signal has stopped the process of a unit.
fn is_halted(world: &World, id: MachineId, unit: &str) -> bool {
    let linux = world.linux(id);
    let main = linux.units.state(unit).and_then(|state| state.main_pid).and_then(|pid| linux.processes.get(pid));
    main.is_some_and(|process| process.stopped.is_some())
}

/// Whether a host's management bridge is missing.
#[must_use]
pub fn without_bridge(world: &World, id: MachineId) -> bool {
    world.suffers(id, BRIDGE)
}

/// Whether a host's gateway does not answer.
#[must_use]
pub fn without_gateway(world: &World, id: MachineId) -> bool {
    world.suffers(id, GATEWAY)
}

/// Whether the network of a machine is pulled.
#[must_use]
pub fn unplugged(world: &World, id: MachineId) -> bool {
    world.suffers(id, NETWORK)
}
