//! The links of a host: the management bridge above its network card, and what leads to the virtual machines that run on it. Names,
//! order and hardware addresses follow vdsm and libvirt; the dummy of vdsm and the numbers are inferred.

use std::net::Ipv4Addr;

use super::model::{Bootstrap, ENGINE, Process, Role};
use super::{deployment, events, faults};
use crate::payload::Sha256;
use crate::systems::linux::interface::{self, Interface, Kind, Link};
use crate::systems::linux::net::Host;
use crate::vm::Power;
use crate::world::{MachineId, World};

/// The management network of a cluster.
pub const MANAGEMENT: &str = "ovirtmgmt";
/// The bridge of libvirt's own network, on which a local virtual machine is.
const DEFAULT: &str = "virbr0";
/// What keeps its hardware address, up to the libvirt of 4.3.
const DEFAULT_NIC: &str = "virbr0-nic";
/// The bridge without ports that vdsm gives to virtual machines without a network.
const DUMMY: &str = ";vdsmdummy;";
/// The address of a host on that of libvirt.
const ON_DEFAULT: (Ipv4Addr, u8) = (Ipv4Addr::new(192, 168, 222, 1), 24);

/// The bridge above a host's network card.
#[must_use]
pub fn bridge(world: &World, id: MachineId) -> Option<&'static str> {
    is_bridged(world, id).then_some(MANAGEMENT)
}

/// What a host has beside network card and bridge.
#[must_use]
pub fn links(world: &World, id: MachineId) -> Vec<Link> {
    let Some(rhv) = world.rhv(id).filter(|rhv| rhv.role == Role::Host) else { return Vec::new() };
    let set = |name: &str| rhv.linux.network.by_hand.links.get(name).copied();
    let usual = if rhv.linux.distro.major < 8 { "pfifo_fast" } else { "noqueue" };
    let link = |name: &str, kind, up| Link {
        number: 0,
        name: name.to_owned(),
        kind,
        master: None,
        queue: "noqueue",
        up: set(name).unwrap_or(up),
        carrier: true,
        hardware: made(world, id, name),
        own: false,
        address: None,
    };
    let mut links = Vec::new();
    if is_bridged(world, id) {
        // Nothing has a queue that was never up.
        let queue = if set(DUMMY).is_some() { "noqueue" } else { "noop" };
        links.push(Link { queue, hardware: made(world, id, "dummy"), ..link(DUMMY, Kind::Bridge, false) });
    }
    let mut ports = Vec::new();
    if let Some(guest) = events::bootstrap_of(world, id) {
        let [_, _, rest @ ..] = made(world, id, Bootstrap::DOMAIN);
        let hardware = [0x52, 0x54, 0x00, rest[1], rest[2], rest[3]];
        links.push(Link { address: Some(ON_DEFAULT), hardware, ..link(DEFAULT, Kind::Bridge, true) });
        if rhv.release.minor < 4 {
            let nic = link(DEFAULT_NIC, Kind::Tap, false);
            links.push(Link { master: Some(DEFAULT), queue: usual, hardware, ..nic });
        }
        if let Some(bootstrap) = rhv.bootstrap.as_ref().filter(|_| world.machine(guest).vm.power == Power::On) {
            ports.push((Some(DEFAULT), bootstrap.process, Interface::of(world, guest).hardware));
        }
    }
    let first = 2 + u32::from(is_bridged(world, id));
    for (number, link) in (first + 1..).zip(&mut links) {
        link.number = number;
    }
    let first = links.last().map_or(first, |link| link.number);
    let host = events::host(world, id);
    for (name, domain) in host.iter().flat_map(|(_, host)| &host.domains) {
        if !domain.life.is_without_process() {
            let guest = host.map(|(cluster, _)| MachineId(cluster.storage.engine.guest)).filter(|_| name == ENGINE);
            let own = guest.map(|guest| Interface::of(world, guest).hardware);
            ports.push((bridge(world, id), domain.process, own.unwrap_or_else(|| made(world, id, name))));
        }
    }
    for (master, process, hardware) in ports {
        let [_, b, c, d, e, f] = hardware;
        let tap = link(&format!("vnet{}", process.tap), Kind::Tap, !process.cut);
        let (number, hardware) = (first + process.id, [0xfe, b, c, d, e, f]);
        links.push(Link { number, master, queue: usual, hardware, ..tap });
    }
    links
}

/// Somebody sets one of them up or down. What leads to a virtual machine is so until that ends.
pub fn set_link(world: &mut World, id: MachineId, name: &str, up: bool) {
    let tap = name.strip_prefix("vnet").and_then(|number| number.parse::<u32>().ok());
    let Some(tap) = tap else {
        world.linux_mut(id).network.by_hand.links.insert(name.to_owned(), up);
        return;
    };
    let is_it = |process: &&mut Process| process.tap == tap;
    if let Some(bootstrap) = world.rhv_mut(id).and_then(|rhv| rhv.bootstrap.as_mut())
        && bootstrap.guest.is_some()
        && let Some(process) = Some(&mut bootstrap.process).filter(is_it)
    {
        process.cut = !up;
        return;
    }
    events::change(world, id, |host, _, _, _| {
        let live = host.domains.values_mut().filter(|domain| !domain.life.is_without_process());
        for process in live.map(|domain| &mut domain.process).filter(is_it) {
            process.cut = !up;
        }
    });
}

/// The bridge of libvirt's own network is made anew.
pub fn renew_default(world: &mut World, id: MachineId) {
    let set = &mut world.linux_mut(id).network.by_hand.links;
    set.retain(|name, _| name != DEFAULT && name != DEFAULT_NIC);
}

/// Whether what a host sends reaches the nets of the lab.
#[must_use]
pub fn is_wired(world: &World, host: MachineId) -> bool {
    let network = &world.linux(host).network;
    !faults::unplugged(world, host) && !network.down && !network.by_hand.port_down
}

/// The host whose network a machine is in: that of its virtual machine, or itself.
#[must_use]
pub fn around(world: &World, id: MachineId) -> Option<MachineId> {
    match events::role(world, id)? {
        Role::Host => Some(id),
        Role::Manager => match events::kept_by(world, id) {
            Some(place) => world.clusters[place].engine_host().map(|host| MachineId(host.machine)),
            None => events::bootstrapped_by(world, id),
        },
    }
}

/// Whether a link is down through which all goes that a guest says and hears.
#[must_use]
pub fn is_cut(world: &World, guest: MachineId) -> bool {
    let Some(host) = around(world, guest).filter(|host| *host != guest) else { return false };
    let mac = Interface::of(world, guest).hardware;
    let all = interface::links(world, host);
    let tap = all.iter().find(|link| link.kind == Kind::Tap && link.hardware[1..] == mac[1..]);
    tap.is_some_and(|tap| !tap.up || all.iter().any(|link| Some(&*link.name) == tap.master && !link.up))
}

/// Whether what a machine sends comes to somebody: it leaves its host, or is for one that is on the same. A gateway may be dead
/// for a host.
#[must_use]
pub fn sends_to(world: &World, id: MachineId, to: &Host) -> bool {
    let Some(host) = around(world, id) else { return true };
    let near = || to.machine.is_some_and(|to| around(world, to) == Some(host));
    let dead = || faults::without_gateway(world, host) && world.surroundings.gateway.as_ref() == Some(&to.address);
    !is_cut(world, id) && (is_wired(world, host) && !dead() || near())
}

fn is_bridged(world: &World, id: MachineId) -> bool {
    events::role(world, id) == Some(Role::Host) && deployment::has_bridge(world, id)
}

/// A hardware address from the pool of the Manager.
fn made(world: &World, id: MachineId, what: &str) -> [u8; 6] {
    let digest = Sha256::of(format!("{what} on {}", world.machine(id).name).as_bytes());
    [0x56, 0x6f, digest.0[0], digest.0[1], digest.0[2], digest.0[3]]
}
