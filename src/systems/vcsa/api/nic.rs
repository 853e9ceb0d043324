//! The network interface of the appliance, which it calls `nic0`: addresses, gateway, ways to other nets.

use std::net::{Ipv4Addr, Ipv6Addr};

use super::ApiError;
use crate::systems::linux::interface::Interface;
use crate::systems::linux::model::network::{Gateway, Route, net_of};
use crate::world::{Closed, MachineId, World};

/// The name of the only interface.
pub const NIC: &str = "nic0";

/// At most so many addresses and routes are kept.
const MOST: usize = 64;

/// Whether an interface of this name is there.
///
/// # Errors
/// When it is not.
pub fn find(name: &str) -> Result<(), ApiError> {
    if name == NIC { Ok(()) } else { Err(ApiError::not_found(format!("Interface {name} not found"))) }
}

/// How IPv4 is to be set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ipv4 {
    /// As a DHCP server says.
    Dhcp,
    /// Not at all.
    Unconfigured,
    /// As written here.
    Static {
        /// The address.
        address: Ipv4Addr,
        /// So many of its bits name the net.
        prefix: u8,
        /// The way to other nets.
        gateway: Option<Ipv4Addr>,
    },
}

/// Sets IPv4. A new address cuts off whoever came in by the old one.
///
/// # Errors
/// When the address cannot be that of a machine, another machine has it, or the gateway is in another net.
pub fn set_ipv4(world: &mut World, id: MachineId, wish: Ipv4) -> Result<(), ApiError> {
    let (address, prefix, gateway) = match wish {
        Ipv4::Dhcp => {
            // The server gives the machine the address that the lab knows it by.
            let network = &mut world.linux_mut(id).network;
            (network.unconfigured, network.dhcp, network.gateway) = (false, true, Gateway::First);
            return Ok(());
        }
        Ipv4::Unconfigured => {
            let network = &mut world.linux_mut(id).network;
            (network.unconfigured, network.dhcp, network.gateway) = (true, false, Gateway::None);
            network.routes.clear();
            world.drop_sessions(id, Closed::HangUp);
            return Ok(());
        }
        Ipv4::Static { address, prefix, gateway } => (address, prefix, gateway),
    };
    if prefix == 0 || prefix > 32 {
        return Err(ApiError::invalid(format!("Invalid prefix: {prefix}")));
    }
    let net = net_of(address, prefix);
    let whole_net = prefix < 31 && (address == net || address.to_bits() == net.to_bits() | (u32::MAX >> prefix));
    if address.is_loopback() || address.is_multicast() || address.is_unspecified() || whole_net {
        return Err(ApiError::invalid(format!("Invalid IP address: {address}")));
    }
    if let Some(gateway) = gateway.filter(|gateway| net_of(*gateway, prefix) != net || *gateway == address) {
        return Err(ApiError::invalid(format!("Invalid gateway: {gateway}")));
    }
    let text = address.to_string();
    if world.machines().any(|(other, machine)| other != id && machine.address == text) {
        return Err(ApiError::not_allowed(format!("IP address {address} is already in use")));
    }
    let network = &mut world.linux_mut(id).network;
    (network.unconfigured, network.dhcp, network.prefix) = (false, false, prefix);
    network.gateway = gateway.map_or(Gateway::None, Gateway::At);
    network.routes.retain(|route| net_of(route.gateway, prefix) == net);
    if world.machine(id).address != text {
        world.machine_mut(id).address = text;
        world.drop_sessions(id, Closed::HangUp);
    }
    Ok(())
}

/// Asks the DHCP server for the address again.
///
/// # Errors
/// When the address is not leased.
pub fn renew(world: &World, id: MachineId) -> Result<(), ApiError> {
    if world.linux(id).network.dhcp {
        Ok(())
    } else {
        Err(ApiError::not_allowed(format!("Interface {NIC} does not use DHCP")))
    }
}

/// Sets IPv6; the link-local address stays.
///
/// # Errors
/// When there are too many addresses, or one cannot be a machine's.
pub fn set_ipv6(
    world: &mut World,
    id: MachineId,
    (dhcp, autoconf): (bool, bool),
    addresses: Vec<(Ipv6Addr, u8)>,
    gateway: Option<Ipv6Addr>,
) -> Result<(), ApiError> {
    let bad = |(address, prefix): &&(Ipv6Addr, u8)| {
        address.is_unspecified() || address.is_loopback() || address.is_multicast() || !(1..=128).contains(prefix)
    };
    if let Some((address, prefix)) = addresses.iter().find(bad) {
        return Err(ApiError::invalid(format!("Invalid IP address: {address}/{prefix}")));
    }
    if addresses.len() > MOST {
        return Err(ApiError::invalid(format!("Too many addresses: at most {MOST}")));
    }
    let ipv6 = &mut world.linux_mut(id).network.ipv6;
    (ipv6.dhcp, ipv6.autoconf, ipv6.addresses, ipv6.gateway) = (dhcp, autoconf, addresses, gateway);
    Ok(())
}

/// All ways out of the machine, each with whether it was added: through the gateway, added ones, its own net.
#[must_use]
pub fn routes(world: &World, id: MachineId) -> Vec<(Route, bool)> {
    let own = Interface::of(world, id);
    if own.network.unconfigured {
        return Vec::new();
    }
    let any = Ipv4Addr::UNSPECIFIED;
    let through = own
        .network
        .gateway_of(own.address)
        .map(|gateway| (Route { destination: any, prefix: 0, gateway, by_hand: false }, true));
    let added = own.network.routes.iter().map(|route| (route.clone(), true));
    let near = (Route { destination: own.net(), prefix: own.network.prefix, gateway: any, by_hand: false }, false);
    through.into_iter().chain(added).chain([near]).collect()
}

/// Adds a way to another net.
///
/// # Errors
/// When it is there already, or its gateway cannot be reached.
pub fn add_route(world: &mut World, id: MachineId, route: Route) -> Result<(), ApiError> {
    let own = Interface::of(world, id);
    if route.prefix > 32 || net_of(route.destination, route.prefix) != route.destination {
        return Err(ApiError::invalid(format!("Invalid destination: {}/{}", route.destination, route.prefix)));
    }
    if net_of(route.gateway, own.network.prefix) != own.net() || route.gateway == own.address {
        return Err(ApiError::invalid(format!("Invalid gateway: {}", route.gateway)));
    }
    let same = |other: &Route| (other.destination, other.prefix) == (route.destination, route.prefix);
    if routes(world, id).iter().any(|(other, _)| same(other)) {
        return Err(ApiError::exists(format!("Route to {}/{} already exists", route.destination, route.prefix)));
    }
    let network = &mut world.linux_mut(id).network;
    if network.routes.len() >= MOST {
        return Err(ApiError::invalid(format!("Too many routes: at most {MOST}")));
    }
    if route.prefix == 0 {
        network.gateway = Gateway::At(route.gateway);
    } else {
        network.routes.push(route);
    }
    Ok(())
}

/// Takes away a way to another net.
///
/// # Errors
/// When there is none such.
pub fn delete_route(world: &mut World, id: MachineId, route: &Route) -> Result<(), ApiError> {
    if !routes(world, id).iter().any(|(other, added)| *added && other == route) {
        return Err(ApiError::not_found(format!("Route to {}/{} not found", route.destination, route.prefix)));
    }
    let network = &mut world.linux_mut(id).network;
    if route.prefix == 0 {
        network.gateway = Gateway::None;
    } else {
        network.routes.retain(|other| other != route);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::systems::vcsa::api::Kind;
    use crate::systems::vcsa::test_world;

    #[test]
    fn an_address_is_taken_when_a_machine_can_have_it() {
        let check = |address: &str, prefix, gateway: Option<&str>, expect: Option<Kind>| {
            let (mut world, id) = test_world("vcsa-6.0-psc");
            let parse = |text: &str| text.parse::<Ipv4Addr>().expect("an address");
            let wish = Ipv4::Static { address: parse(address), prefix, gateway: gateway.map(parse) };
            let before = world.machine(id).address.clone();
            let set = set_ipv4(&mut world, id, wish);
            assert_eq!(set.as_ref().err().map(|error| error.kind), expect, "{address}/{prefix} {gateway:?}");
            let expect = if set.is_ok() { address } else { &before };
            assert_eq!(world.machine(id).address, expect);
        };
        let other = {
            let (world, id) = test_world("vcsa-6.0-psc");
            let other = world.machines().find(|(other, _)| *other != id).expect("it has two machines");
            other.1.address.clone()
        };
        check("192.168.10.99", 24, Some("192.168.10.254"), None);
        check("192.168.10.99", 24, None, None);
        check("192.168.10.99", 24, Some("192.168.11.1"), Some(Kind::InvalidArgument));
        check("192.168.10.0", 24, None, Some(Kind::InvalidArgument));
        check("192.168.10.255", 24, None, Some(Kind::InvalidArgument));
        check("127.0.0.1", 8, None, Some(Kind::InvalidArgument));
        check("192.168.10.99", 33, None, Some(Kind::InvalidArgument));
        check(&other, 24, None, Some(Kind::NotAllowed));
    }

    #[test]
    fn routes_come_and_go() {
        let (mut world, id) = test_world("vcsa-6.0");
        let parse = |text: &str| text.parse::<Ipv4Addr>().expect("an address");
        let route = |destination: &str, prefix, gateway: &str| Route {
            destination: parse(destination),
            prefix,
            gateway: parse(gateway),
            by_hand: false,
        };
        let new = route("10.1.0.0", 16, "192.168.10.2");
        assert_eq!(routes(&world, id).len(), 2);
        assert_eq!(add_route(&mut world, id, new.clone()), Ok(()));
        assert_eq!(add_route(&mut world, id, new.clone()).expect_err("twice").kind, Kind::AlreadyExists);
        assert!(add_route(&mut world, id, route("10.1.0.1", 16, "192.168.10.2")).is_err());
        assert!(add_route(&mut world, id, route("10.2.0.0", 16, "10.2.0.1")).is_err());
        assert_eq!(delete_route(&mut world, id, &new), Ok(()));
        assert_eq!(delete_route(&mut world, id, &new).expect_err("gone").kind, Kind::NotFound);
        let all = route("0.0.0.0", 0, "192.168.10.1");
        assert_eq!(delete_route(&mut world, id, &all), Ok(()));
        assert_eq!(routes(&world, id).len(), 1, "its own net is left");
        assert_eq!(add_route(&mut world, id, all), Ok(()));
    }
}
