//! What somebody does to the interface by hand: up, down, addresses. The next boot knows nothing of it, nor does a service that
//! brings the network up.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;

use serde::{Deserialize, Serialize};

use super::network::{Network, net_of};

/// What was done by hand.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ByHand {
    /// Addresses beside the machine's own.
    pub added: Vec<Address>,
    /// Whether its own was taken away.
    pub removed: bool,
    /// Whether the way to other nets was lost with the addresses.
    pub no_gateway: bool,
    /// Whether the network card is down below a bridge that has the addresses.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub port_down: bool,
    /// The links beside, where somebody has set them up or down.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub links: BTreeMap<String, bool>,
}

/// An address of the interface.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Address {
    /// The address.
    pub address: Ipv4Addr,
    /// So many of its bits name the net.
    pub prefix: u8,
    /// At which address all of the net listen, where it is set.
    pub broadcast: Option<Ipv4Addr>,
    /// The name that it goes by, where that is not the interface's.
    pub label: Option<String>,
}

impl Address {
    /// The net that it is in.
    #[must_use]
    pub fn net(&self) -> Ipv4Addr {
        net_of(self.address, self.prefix)
    }

    fn is_beside(&self, other: &Self) -> bool {
        (self.net(), self.prefix) == (other.net(), other.prefix)
    }
}

impl Network {
    /// Whether the machine has the address that the lab knows it by.
    #[must_use]
    pub fn has_own(&self) -> bool {
        !self.unconfigured && !self.by_hand.removed
    }

    /// Whether it has no address at all any more.
    #[must_use]
    pub fn is_mute(&self) -> bool {
        self.by_hand.removed && self.by_hand.added.is_empty()
    }

    /// Its addresses with whether each is behind another of the same net, as the kernel lists them.
    #[must_use]
    pub fn addresses(&self, own: Ipv4Addr) -> Vec<(Address, bool)> {
        let broadcast = Some(self.broadcast_of(own));
        let own = self.has_own().then_some(Address { address: own, prefix: self.prefix, broadcast, label: None });
        let all: Vec<Address> = own.into_iter().chain(self.by_hand.added.iter().cloned()).collect();
        let second = |place: usize| all[..place].iter().any(|before| before.is_beside(&all[place]));
        let mut listed: Vec<(Address, bool)> =
            (0..all.len()).map(|place| (all[place].clone(), second(place))).collect();
        listed.sort_by_key(|(_, second)| *second);
        listed
    }

    /// Whether others reach a machine of this address at another one.
    #[must_use]
    pub fn hears(&self, own: Ipv4Addr, address: Ipv4Addr) -> bool {
        let has = |other: &Address| other.address == address;
        !self.down
            && !self.by_hand.port_down
            && (address == own && self.has_own() || self.by_hand.added.iter().any(has))
    }

    /// The way to other nets that there is now.
    #[must_use]
    pub fn way_out(&self, own: Ipv4Addr) -> Option<Ipv4Addr> {
        self.gateway_of(own).filter(|_| !self.down && !self.by_hand.no_gateway && !self.unconfigured)
    }

    /// The way to an address: that of the longest prefix among all that there are, through a gateway or, in a net at hand, through
    /// none. Of two that are as long, the one that was added later has no metric and comes first.
    #[must_use]
    pub fn hop(&self, own: Ipv4Addr, address: Ipv4Addr) -> Option<Option<Ipv4Addr>> {
        if self.down {
            return None;
        }
        let default = self.way_out(own).map(|gateway| (Ipv4Addr::UNSPECIFIED, 0, Some(gateway)));
        let near = self.addresses(own).into_iter().map(|(near, _)| (near.address, near.prefix, None));
        let added = self.routes.iter().map(|route| (route.destination, route.prefix, Some(route.gateway)));
        let ways = default.into_iter().chain(near).chain(added);
        let fits = ways.filter(|(net, prefix, _)| net_of(address, *prefix) == net_of(*net, *prefix));
        fits.max_by_key(|(_, prefix, _)| *prefix).map(|(.., gateway)| gateway)
    }

    /// The address that packets to another one come from.
    #[must_use]
    pub fn source(&self, own: Ipv4Addr, address: Ipv4Addr) -> Ipv4Addr {
        let all = self.addresses(own);
        let towards = self.hop(own, address).flatten().unwrap_or(address);
        let near = all.iter().find(|(near, _)| net_of(towards, near.prefix) == near.net());
        near.or(all.first()).map_or(own, |(near, _)| near.address)
    }

    /// Adds an address; `false` when it is there.
    pub fn add_address(&mut self, own: Ipv4Addr, new: Address) -> bool {
        if new.address == own && self.by_hand.removed && new.prefix == self.prefix {
            self.by_hand.removed = false;
            return true;
        }
        if self.addresses(own).iter().any(|(known, _)| known.address == new.address) {
            return false;
        }
        self.by_hand.added.push(new);
        true
    }

    /// Takes an address away, of any length of prefix where none is given; `false` when it is not there. With the last one the
    /// ways go.
    pub fn remove_address(&mut self, own: Ipv4Addr, address: Ipv4Addr, prefix: Option<u8>) -> bool {
        let is = |known: &Address| known.address == address && prefix.is_none_or(|prefix| prefix == known.prefix);
        let Some((known, _)) = self.addresses(own).into_iter().find(|(known, _)| is(known)) else { return false };
        match self.by_hand.added.iter().position(|added| *added == known) {
            Some(place) => drop(self.by_hand.added.remove(place)),
            None => self.by_hand.removed = true,
        }
        if self.addresses(own).is_empty() {
            self.lose_ways();
        }
        true
    }

    fn lose_ways(&mut self) {
        self.by_hand.no_gateway = true;
        self.routes.retain(|route| !route.by_hand);
    }

    /// The interface goes down; where a service looks after it, its addresses go with it.
    pub fn take_down(&mut self, managed: bool) {
        self.down = true;
        self.lose_ways();
        if managed {
            (self.by_hand.added, self.by_hand.removed) = (Vec::new(), true);
        }
    }

    /// It comes up; where a service looks after it, as that has it.
    pub fn bring_up(&mut self, managed: bool) {
        self.down = false;
        if managed {
            (self.by_hand.removed, self.by_hand.no_gateway) = (false, false);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::network::Route;
    use super::*;

    fn address(text: &str) -> Address {
        let (address, prefix) = text.split_once('/').expect("a prefix");
        let (address, prefix) = (address.parse().expect("an address"), prefix.parse().expect("a number"));
        Address { address, prefix, broadcast: None, label: None }
    }

    const OWN: Ipv4Addr = Ipv4Addr::new(10, 0, 0, 9);

    #[test]
    fn the_longest_prefix_shows_the_way() {
        let check = |routes: &[(&str, &str)], to: &str, expect: Option<Option<&str>>| {
            let route = |&(net, via): &(&str, &str)| {
                let Address { address: destination, prefix, .. } = address(net);
                Route { destination, prefix, gateway: via.parse().expect("an address"), by_hand: true }
            };
            let network = Network { prefix: 24, routes: routes.iter().map(route).collect(), ..Network::default() };
            let found = network.hop(OWN, to.parse().expect("an address"));
            let expect = expect.map(|via| via.map(|via| via.parse().expect("an address")));
            assert_eq!(found, expect, "{routes:?} {to}");
        };
        let wide = ("10.0.0.0/8", "10.0.0.7");
        check(&[wide], "10.0.0.55", Some(None));
        check(&[wide], "10.1.0.55", Some(Some("10.0.0.7")));
        check(&[wide], "11.1.0.55", Some(Some("10.0.0.1")));
        check(&[wide, ("10.0.0.55/32", "10.0.0.8")], "10.0.0.55", Some(Some("10.0.0.8")));
    }

    #[test]
    fn addresses_come_and_go() {
        let mut network = Network::default();
        let shown = |network: &Network| {
            let all = network.addresses(OWN).into_iter();
            all.map(|(known, second)| format!("{}/{}{}", known.address, known.prefix, if second { "+" } else { "" }))
                .collect::<Vec<_>>()
                .join(" ")
        };
        assert!(network.add_address(OWN, address("10.0.0.10/24")) && network.add_address(OWN, address("10.9.0.1/16")));
        assert!(!network.add_address(OWN, address("10.0.0.10/24")));
        assert_eq!(shown(&network), "10.0.0.9/24 10.9.0.1/16 10.0.0.10/24+");
        assert!(!network.remove_address(OWN, OWN, Some(16)) && network.remove_address(OWN, OWN, Some(24)));
        assert_eq!(shown(&network), "10.0.0.10/24 10.9.0.1/16");
        assert!(!network.hears(OWN, OWN) && network.hears(OWN, Ipv4Addr::new(10, 9, 0, 1)));
        let far = Ipv4Addr::new(10, 9, 7, 7);
        assert_eq!((network.hop(OWN, far), network.source(OWN, far)), (Some(None), Ipv4Addr::new(10, 9, 0, 1)));
        network.remove_address(OWN, Ipv4Addr::new(10, 9, 0, 1), None);
        network.remove_address(OWN, Ipv4Addr::new(10, 0, 0, 10), None);
        assert_eq!((shown(&network), network.way_out(OWN)), (String::new(), None));
        network.bring_up(true);
        assert_eq!(shown(&network), "10.0.0.9/24");
        network.take_down(false);
        assert_eq!((shown(&network).as_str(), network.hop(OWN, far)), ("10.0.0.9/24", None));
    }
}
