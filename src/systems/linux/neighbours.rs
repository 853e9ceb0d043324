//! Whom a machine knows by hardware address: those in its net that it has talked with, its gateway for all others (ip-neighbour(8),
//! arp(7)). Entries stay until the machine goes down: there are too few for the kernel to take any away.

use std::net::Ipv4Addr;

use super::interface::Interface;
use super::model::network::net_of;
use super::net::{self, Host, Reach};
use crate::sim::Span;
use crate::world::{MachineId, World};

/// How long an entry counts as confirmed after the last packet (`base_reachable_time_ms`, of which the kernel takes a half to
/// one and a half).
const CONFIRMED: Span = Span::secs(30);

/// Somebody that a machine knows.
pub struct Neighbour {
    /// The address.
    pub address: Ipv4Addr,
    /// The hardware address; nothing where nobody has answered.
    pub mac: Option<String>,
    /// What the kernel thinks of it.
    pub state: &'static str,
}

/// Whether a host takes connections, as a machine finds out that sends something there: both know each other then.
pub fn reach(world: &mut World, host: &Host) -> Reach {
    let reach = net::reach(world, host);
    note(world, host, reach);
    reach
}

/// The same of a port.
pub fn reach_port(world: &mut World, host: &Host, port: u16) -> Reach {
    let reach = net::reach_port(world, host, port);
    note(world, host, reach);
    reach
}

fn note(world: &mut World, host: &Host, reach: Reach) {
    let is_own = host.machine == Some(host.from) || host.address.starts_with("127.");
    if is_own || reach == Reach::NoWay {
        return;
    }
    let now = world.now;
    let there = host.machine.filter(|_| reach != Reach::Silent);
    let ways =
        [Some((host.from, host.address.clone())), there.map(|id| (id, world.machine(host.from).address.clone()))];
    for (id, address) in ways.into_iter().flatten() {
        let own = Interface::of(world, id);
        if let Some(hop) = address.parse().ok().and_then(|address| next(&own, address)) {
            world.linux_mut(id).neighbours.insert(hop, now);
        }
    }
}

/// Where a packet goes first.
fn next(own: &Interface, address: Ipv4Addr) -> Option<Ipv4Addr> {
    own.network.hop(own.address, address).map(|gateway| gateway.unwrap_or(address))
}

/// Those that a machine knows: whom it has talked with, and who is logged in over the network.
#[must_use]
pub fn of(world: &World, id: MachineId) -> Vec<Neighbour> {
    let (own, now) = (Interface::of(world, id), world.now);
    let linux = world.linux(id);
    let present: Vec<Ipv4Addr> = linux.logins.present().filter_map(|record| record.from.parse().ok()).collect();
    let mut known = linux.neighbours.clone();
    known.extend(present.iter().filter_map(|address| Some((next(&own, *address)?, now))));
    let near = known
        .into_iter()
        .filter(|(address, _)| net_of(*address, own.network.prefix) == own.net() && *address != own.address);
    let of_machine = |address: Ipv4Addr| {
        let text = address.to_string();
        match net::resolve(world, id, &text).and_then(|host| host.machine) {
            Some(id) if net::runs(world, id) => Some(Interface::of(world, id).mac()),
            Some(_) => None,
            None if present.contains(&address)
                || own.network.way_out(own.address) == Some(address)
                || world.surroundings.has(&text) =>
            {
                Some(foreign_mac(&text))
            }
            None => None,
        }
    };
    let row = |(address, at)| {
        let mac = of_machine(address);
        let state = match &mac {
            None => "FAILED",
            Some(_) if now.since(at) < CONFIRMED => "REACHABLE",
            Some(_) => "STALE",
        };
        Neighbour { address, mac, state }
    };
    near.map(row).collect()
}

/// The hardware address of somebody who is no machine of the lab: such as the admin's desktop.
fn foreign_mac(address: &str) -> String {
    let digest = crate::payload::Sha256::of(format!("hardware address of {address}").as_bytes());
    format!("3c:52:82:{:02x}:{:02x}:{:02x}", digest.0[0], digest.0[1], digest.0[2])
}
