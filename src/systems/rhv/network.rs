//! The links of a host: the management bridge above its network card, and what leads to the virtual machines that run on it. Names,
//! order and hardware addresses follow vdsm and libvirt; the dummy of vdsm and the numbers are inferred.

use std::net::Ipv4Addr;

use super::model::{Bootstrap, ENGINE, Life, Role};
use super::{deployment, events};
use crate::payload::Sha256;
use crate::systems::linux::interface::{Interface, Link};
use crate::vm::Power;
use crate::world::{MachineId, World};

/// The management network of a cluster.
pub const MANAGEMENT: &str = "ovirtmgmt";
/// The bridge of libvirt's own network, on which a local virtual machine is.
const DEFAULT: &str = "virbr0";
/// The address of a host on that.
const ON_DEFAULT: (Ipv4Addr, u8) = (Ipv4Addr::new(192, 168, 222, 1), 24);

/// The bridge above a host's network card.
#[must_use]
pub fn bridge(world: &World, id: MachineId) -> Option<&'static str> {
    is_bridged(world, id).then_some(MANAGEMENT)
}

/// What a host has beside network card and bridge.
#[must_use]
pub fn links(world: &World, id: MachineId) -> Vec<Link> {
    let mut links = Vec::new();
    if is_bridged(world, id) {
        let hardware = made(world, id, "dummy");
        links.push(Link { queue: Some("noop"), ..link(";vdsmdummy;", "DOWN", hardware) });
    }
    let mut ports: Vec<(&str, [u8; 6])> = Vec::new();
    if let Some(guest) = events::bootstrap_of(world, id) {
        let runs = world.machine(guest).vm.power == Power::On;
        let state = if runs { "UP" } else { "DOWN" };
        let address = Some(ON_DEFAULT);
        links.push(Link {
            queue: Some("noqueue"),
            address,
            ..link(DEFAULT, state, made(world, id, Bootstrap::DOMAIN))
        });
        if runs {
            ports.push((DEFAULT, Interface::of(world, guest).hardware));
        }
    }
    let host = events::host(world, id);
    let mut domains: Vec<_> = host.iter().flat_map(|(_, host)| &host.domains).collect();
    domains.retain(|(_, domain)| !matches!(domain.life, Life::Down(_) | Life::Launching(_)));
    domains.sort_by_key(|(_, domain)| domain.serial);
    for (name, _) in domains {
        let guest = host.map(|(cluster, _)| MachineId(cluster.storage.engine.guest)).filter(|_| name == ENGINE);
        let own = guest.map(|guest| Interface::of(world, guest).hardware);
        ports.push((MANAGEMENT, own.unwrap_or_else(|| made(world, id, name))));
    }
    for (number, (master, hardware)) in ports.into_iter().enumerate() {
        let [_, rest @ ..] = hardware;
        let [b, c, d, e, f] = rest;
        let outside = [0xfe, b, c, d, e, f];
        links.push(Link { master: Some(master), ..link(&format!("vnet{number}"), "UNKNOWN", outside) });
    }
    links
}

fn is_bridged(world: &World, id: MachineId) -> bool {
    events::role(world, id) == Some(Role::Host) && deployment::has_bridge(world, id)
}

fn link(name: &str, state: &'static str, hardware: [u8; 6]) -> Link {
    Link { name: name.to_owned(), master: None, queue: None, state, hardware, address: None }
}

/// A hardware address from the pool of the Manager.
fn made(world: &World, id: MachineId, what: &str) -> [u8; 6] {
    let digest = Sha256::of(format!("{what} on {}", world.machine(id).name).as_bytes());
    [0x56, 0x6f, digest.0[0], digest.0[1], digest.0[2], digest.0[3]]
}
