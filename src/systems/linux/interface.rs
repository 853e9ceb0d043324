//! The one network interface of a machine: its name, its addresses, what follows from them. The net of 256 addresses with its
//! gateway at the first is what a machine has until it is set otherwise; that and the hardware address are inferred.

use std::net::Ipv4Addr;

use super::distro::Vendor;
use super::model::network::{Network, net_of};
use crate::world::{MachineId, World};

/// The interface of a machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Interface {
    /// Its name.
    pub name: &'static str,
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
        let name = if linux.distro.vendor == Vendor::RedHat { "ens192" } else { "eth0" };
        // The first three are VMware's.
        let made = [0x00, 0x50, 0x56, 0x80 | digest.0[0] & 0x3f, digest.0[1], digest.0[2]];
        let hardware = machine.vm.mac.as_deref().and_then(bytes).unwrap_or(made);
        let address = machine.address.parse().unwrap_or(Ipv4Addr::UNSPECIFIED);
        Self { name, address, network: linux.network.clone(), hardware }
    }

    /// The net that its address is in.
    #[must_use]
    pub fn net(&self) -> Ipv4Addr {
        net_of(self.address, self.network.prefix)
    }

    /// Its hardware address as text.
    #[must_use]
    pub fn mac(&self) -> String {
        self.hardware.map(|byte| format!("{byte:02x}")).join(":")
    }

    /// The address that a machine gives itself from its hardware address (RFC 4291).
    #[must_use]
    pub fn local6(&self) -> String {
        let [a, b, c, d, e, f] = self.hardware.map(u16::from);
        let part = |high: u16, low: u16| format!("{:x}", high << 8 | low);
        format!("fe80::{}:{}:{}:{}", part(a ^ 2, b), part(c, 0xff), part(0xfe, d), part(e, f))
    }
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
            address: Ipv4Addr::new(192, 168, 10, 28),
            network: Network::default(),
            hardware: [0x00, 0x50, 0x56, 0x9a, 0x01, 0x02],
        };
        assert_eq!((own.mac().as_str(), own.local6().as_str()), ("00:50:56:9a:01:02", "fe80::250:56ff:fe9a:102"));
        assert_eq!(own.net().to_string(), "192.168.10.0");
    }
}
