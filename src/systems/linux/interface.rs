//! The one network interface of a machine: its name, its addresses, what follows from them. The net of 256 addresses with its
//! gateway at the first is what a machine has until it is set otherwise; that and the hardware address are inferred.

use std::net::Ipv4Addr;

use super::distro::Vendor;
use super::model::network::{Network, net_of};
use crate::systems::family;
use crate::world::{MachineId, World};

/// The interface of a machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Interface {
    /// The name by which it has its addresses: its own, or that of the bridge that it is a port of.
    pub name: &'static str,
    /// Its own name where it is the port of a bridge.
    pub port: Option<&'static str>,
    /// Its address.
    pub address: Ipv4Addr,
    /// What else it is set to.
    pub network: Network,
    /// Its hardware address.
    pub hardware: [u8; 6],
}

/// The size of a packet that a quiet machine hears, in bytes.
pub const BYTES_OF_PACKET: u64 = 92;
/// Such a packet comes once in so many seconds.
const SECS_OF_PACKET: u64 = 4;

impl Interface {
    /// How many packets have come, and gone, since a boot so many seconds ago: a quiet machine hears a broadcast now and then.
    #[must_use]
    pub fn packets(up: u64) -> u64 {
        up / SECS_OF_PACKET
    }

    /// How many packets come, and go, in a second.
    #[must_use]
    pub fn rate() -> f64 {
        1.0 / SECS_OF_PACKET as f64
    }

    /// The interface of the machine `id`.
    #[must_use]
    pub fn of(world: &World, id: MachineId) -> Self {
        let linux = world.linux(id);
        let machine = world.machine(id);
        let digest = crate::payload::Sha256::of(format!("hardware address of {}", machine.name).as_bytes());
        let nic = if linux.distro.vendor == Vendor::RedHat { "ens192" } else { "eth0" };
        let bridge = family(world, id).bridge(world, id);
        let (name, port) = (bridge.unwrap_or(nic), bridge.map(|_| nic));
        let made = linux.hardware.platform.hardware(digest.0);
        let hardware = machine.vm.mac.as_deref().and_then(bytes).unwrap_or(made);
        let address = machine.address.parse().unwrap_or(Ipv4Addr::UNSPECIFIED);
        Self { name, port, address, network: linux.network.clone(), hardware }
    }

    /// The net that its address is in.
    #[must_use]
    pub fn net(&self) -> Ipv4Addr {
        net_of(self.address, self.network.prefix)
    }

    /// The name of the network card.
    #[must_use]
    pub fn nic(&self) -> &'static str {
        self.port.unwrap_or(self.name)
    }

    /// Its hardware address as text.
    #[must_use]
    pub fn mac(&self) -> String {
        mac(self.hardware)
    }

    /// The address that it gives itself.
    #[must_use]
    pub fn local6(&self) -> String {
        local6(self.hardware)
    }
}

/// What a link is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The machine's way to itself.
    Loopback,
    /// A network card.
    Card,
    /// A bridge: what comes in at one of its ports goes out at another.
    Bridge,
    /// What leads to a virtual machine.
    Tap,
}

/// A link of a machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// Its number: where it stands among all that there were since the boot.
    pub number: u32,
    /// Its name.
    pub name: String,
    /// What it is.
    pub kind: Kind,
    /// The bridge that it is a port of.
    pub master: Option<&'static str>,
    /// How packets wait in it.
    pub queue: &'static str,
    /// Whether it is up, as somebody has set it.
    pub up: bool,
    /// Whether there is something at its other end.
    pub carrier: bool,
    /// Its hardware address.
    pub hardware: [u8; 6],
    /// Whether what the machine itself says and hears goes through it.
    pub own: bool,
    /// The address of the machine on it with the length of its prefix, of a link beside the interface.
    pub address: Option<(Ipv4Addr, u8)>,
}

impl Link {
    /// The network card.
    fn card(own: &Interface, carrier: bool) -> Self {
        let by_hand = &own.network.by_hand;
        Self {
            number: 2,
            name: own.nic().to_owned(),
            kind: Kind::Card,
            master: own.port.map(|_| own.name),
            queue: "mq",
            up: if own.port.is_some() { !by_hand.port_down } else { !own.network.down },
            carrier,
            hardware: own.hardware,
            own: true,
            address: None,
        }
    }

    /// Whether packets go through it.
    #[must_use]
    pub fn runs(&self) -> bool {
        self.up && self.carrier
    }

    /// Its state as the kernel has it (RFC 2863): links that do not say are unknown.
    #[must_use]
    pub fn state(&self) -> &'static str {
        match self.kind {
            _ if !self.runs() => "DOWN",
            Kind::Card | Kind::Bridge => "UP",
            Kind::Loopback | Kind::Tap => "UNKNOWN",
        }
    }

    /// Its flags by their names.
    #[must_use]
    pub fn flags(&self) -> &'static str {
        match (self.kind, self.up, self.carrier) {
            (Kind::Loopback, ..) => "LOOPBACK,UP,LOWER_UP",
            (_, false, _) => "BROADCAST,MULTICAST",
            (_, true, false) => "NO-CARRIER,BROADCAST,MULTICAST,UP",
            (_, true, true) => "BROADCAST,MULTICAST,UP,LOWER_UP",
        }
    }

    /// How many packets have come, and gone, since a boot so many seconds ago.
    #[must_use]
    pub fn packets(&self, up: u64) -> u64 {
        match self.kind {
            Kind::Loopback => up / 60,
            _ if self.own => Interface::packets(up),
            _ if self.runs() => Interface::packets(up) / 2,
            _ => 0,
        }
    }
}

/// All links of a machine by their numbers: its way to itself, its network card, the bridge above that, what its family has
/// beside. A bridge has a carrier while one of its ports has.
#[must_use]
pub fn links(world: &World, id: MachineId) -> Vec<Link> {
    let own = Interface::of(world, id);
    let card = Link::card(&own, family(world, id).is_plugged(world, id));
    let loopback = Link {
        number: 1,
        name: "lo".to_owned(),
        kind: Kind::Loopback,
        master: None,
        queue: "noqueue",
        up: true,
        carrier: true,
        hardware: [0; 6],
        own: false,
        address: None,
    };
    let bridge = own.port.map(|_| Link {
        number: 3,
        name: own.name.to_owned(),
        kind: Kind::Bridge,
        master: None,
        queue: "noqueue",
        up: !own.network.down,
        ..card.clone()
    });
    let mut links = vec![loopback, card];
    links.extend(bridge);
    links.extend(family(world, id).links(world, id));
    let runs: Vec<&'static str> = links.iter().filter(|port| port.runs()).filter_map(|port| port.master).collect();
    for bridge in links.iter_mut().filter(|link| link.kind == Kind::Bridge) {
        bridge.carrier = runs.contains(&&*bridge.name);
    }
    links.sort_by_key(|link| link.number);
    links
}

/// A hardware address as text.
#[must_use]
pub fn mac(hardware: [u8; 6]) -> String {
    hardware.map(|byte| format!("{byte:02x}")).join(":")
}

/// The address that a machine gives itself from a hardware address (RFC 4291).
#[must_use]
pub fn local6(hardware: [u8; 6]) -> String {
    let [a, b, c, d, e, f] = hardware.map(u16::from);
    let part = |high: u16, low: u16| format!("{:x}", high << 8 | low);
    format!("fe80::{}:{}:{}:{}", part(a ^ 2, b), part(c, 0xff), part(0xfe, d), part(e, f))
}

/// A hardware address as bytes.
fn bytes(text: &str) -> Option<[u8; 6]> {
    let bytes: Option<Vec<u8>> = text.split(':').map(|part| u8::from_str_radix(part, 16).ok()).collect();
    bytes?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_local_address_comes_from_the_hardware_address() {
        let own = Interface {
            name: "ens192",
            port: None,
            address: Ipv4Addr::new(192, 168, 10, 28),
            network: Network::default(),
            hardware: [0x00, 0x50, 0x56, 0x9a, 0x01, 0x02],
        };
        assert_eq!((own.mac().as_str(), own.local6().as_str()), ("00:50:56:9a:01:02", "fe80::250:56ff:fe9a:102"));
        assert_eq!(own.net().to_string(), "192.168.10.0");
    }
}
