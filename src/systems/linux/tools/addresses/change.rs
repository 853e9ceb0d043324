//! `ip address add` and `del`, `ip link set`, `ip route add`, `del` and `get`: what somebody changes of the network until the next
//! boot, and the way that a packet takes.

use std::net::Ipv4Addr;

use crate::systems::family;
use crate::systems::linux::distro::Vendor;
use crate::systems::linux::interface::{Interface, Kind, links};
use crate::systems::linux::model::by_hand::Address;
use crate::systems::linux::model::network::{Network, Route, net_of};
use crate::systems::linux::proc::{Ended, Proc};
use crate::world::Closed;

/// The status where the kernel refuses.
const REFUSED: u8 = 2;

/// What the kernel answers.
async fn answer(p: &mut Proc, text: &str) -> Ended {
    p.err(&format!("RTNETLINK answers: {text}\n")).await?;
    Ok(REFUSED)
}

/// The interface, where it is the one that is named.
fn named(p: &Proc, device: &str) -> Option<Interface> {
    let own = p.world(|world, id| Interface::of(world, id));
    (own.name == device).then_some(own)
}

async fn no_device(p: &mut Proc, device: &str) -> Ended {
    p.err(&format!("Cannot find device \"{device}\"\n")).await?;
    Ok(1)
}

/// Changes the network. Who came in by an address that is gone is cut off.
fn change(p: &Proc, change: impl FnOnce(&mut Network, Ipv4Addr)) {
    p.world(|world, id| {
        let own = Interface::of(world, id).address;
        let heard = |network: &Network| network.hears(own, own);
        let before = heard(&world.linux(id).network);
        change(&mut world.linux_mut(id).network, own);
        match (before, heard(&world.linux(id).network)) {
            (true, false) => world.drop_sessions(id, Closed::HangUp),
            (false, true) => world.keep_sessions(id, Closed::HangUp),
            _ => {}
        }
    });
}

/// `ip link set DEV up` and `down`.
pub async fn link(p: &mut Proc, words: &[&str]) -> Ended {
    let words: Vec<&str> = words.iter().copied().filter(|word| *word != "dev").collect();
    let [device, state @ ("up" | "down")] = words[..] else {
        return p.gap(&format!("ip link set {}", words.join(" ")));
    };
    let found = p.world(|world, id| links(world, id).into_iter().find(|link| link.name == device));
    let Some(link) = found else { return no_device(p, device).await };
    if !p.cred.is_root() {
        return answer(p, "Operation not permitted").await;
    }
    let up = state == "up";
    if link.up == up {
        return Ok(0);
    }
    if link.kind == Kind::Loopback {
        return p.gap("ip link set lo down");
    }
    let managed = p.peek(|linux| linux.manages_network());
    match (link.own, link.master) {
        (true, Some(_)) => change(p, |network, _| network.by_hand.port_down = !up),
        (true, None) if up => change(p, |network, _| network.bring_up(managed)),
        (true, None) => change(p, |network, _| network.take_down(managed)),
        (false, _) => p.world(|world, id| family(world, id).set_link(world, id, device, up)),
    }
    Ok(0)
}

/// Words that say more of an address.
const OTHERS: [&str; 9] =
    ["peer", "anycast", "scope", "metric", "valid_lft", "preferred_lft", "noprefixroute", "nodad", "home"];

/// What is asked of an address.
#[derive(Default)]
struct Wish<'w> {
    word: Option<&'w str>,
    device: Option<&'w str>,
    label: Option<&'w str>,
    broadcast: Option<&'w str>,
}

impl<'w> Wish<'w> {
    /// Reads the words; the first that is not modelled otherwise.
    fn read(words: &[&'w str]) -> Result<Self, &'w str> {
        let (mut wish, mut words) = (Self::default(), words.iter().copied());
        while let Some(word) = words.next() {
            match word {
                "dev" => wish.device = words.next(),
                "label" => wish.label = words.next(),
                "brd" | "broadcast" => wish.broadcast = words.next(),
                "local" => wish.word = words.next(),
                "scope" if words.next() == Some("global") => {}
                word if wish.word.is_none() && !OTHERS.contains(&word) => wish.word = Some(word),
                word => return Err(word),
            }
        }
        Ok(wish)
    }
}

/// `ip address add` and `del`.
pub async fn address(p: &mut Proc, add: bool, words: &[&str]) -> Ended {
    let verb = if add { "add" } else { "del" };
    let Ok(wish) = Wish::read(words) else { return p.gap(&format!("ip address {verb} {}", words.join(" "))) };
    let Some(device) = wish.device else {
        p.err("Not enough information: \"dev\" argument is required.\n").await?;
        return Ok(1);
    };
    let Some(word) = wish.word else { return p.gap(&format!("ip address {verb} {}", words.join(" "))) };
    if word.contains(':') {
        return p.gap(&format!("ip address {verb} of IPv6"));
    }
    let Some((address, prefix)) = net(word) else {
        p.err(&format!("Error: any valid prefix is expected rather than \"{word}\".\n")).await?;
        return Ok(1);
    };
    if named(p, device).is_none() {
        let there = p.world(|world, id| links(world, id).iter().any(|link| link.name == device));
        return if there { p.gap(&format!("ip address of {device}")) } else { no_device(p, device).await };
    }
    let whole = Ipv4Addr::from_bits(address.to_bits() | u32::MAX.checked_shr(prefix.into()).unwrap_or(0));
    let broadcast = match wish.broadcast {
        None => None,
        Some("+") => Some(whole),
        Some(text) => match text.parse() {
            Ok(broadcast) => Some(broadcast),
            Err(_) => {
                p.err(&format!("Error: inet address is expected rather than \"{text}\".\n")).await?;
                return Ok(1);
            }
        },
    };
    if !p.cred.is_root() {
        return answer(p, "Operation not permitted").await;
    }
    if !add && !word.contains('/') {
        p.err(&format!(
            "Warning: Executing wildcard deletion to stay compatible with old scripts.\n         Explicitly specify the \
             prefix length ({word}/32) to avoid this warning.\n         This special behaviour is likely to disappear in \
             further releases,\n         fix your scripts!\n"
        ))
        .await?;
    }
    let mut done = false;
    let label = wish.label.map(str::to_owned);
    change(p, |network, own| {
        done = match add {
            true => network.add_address(own, Address { address, prefix, broadcast, label }),
            false => network.remove_address(own, address, word.contains('/').then_some(prefix)),
        }
    });
    match (done, add) {
        (true, _) => Ok(0),
        (false, true) => answer(p, "File exists").await,
        (false, false) => answer(p, "Cannot assign requested address").await,
    }
}

/// `ip address flush dev DEV`: all of them go.
pub async fn flush(p: &mut Proc, device: &str) -> Ended {
    if named(p, device).is_none() {
        p.err(&format!("Device \"{device}\" does not exist.\n")).await?;
        return Ok(1);
    }
    if !p.cred.is_root() {
        p.err("Failed to send flush request: Operation not permitted\n").await?;
        return Ok(1);
    }
    change(p, |network, own| {
        for (known, _) in network.addresses(own) {
            network.remove_address(own, known.address, Some(known.prefix));
        }
    });
    Ok(0)
}

/// The address that a word names, and its net if it names one.
fn net(word: &str) -> Option<(Ipv4Addr, u8)> {
    let (address, prefix) = word.split_once('/').unwrap_or((word, "32"));
    let prefix: u8 = prefix.parse().ok().filter(|prefix| *prefix <= 32)?;
    Some((address.parse().ok()?, prefix))
}

async fn no_prefix(p: &mut Proc, word: &str) -> Ended {
    p.err(&format!("Error: inet prefix is expected rather than \"{word}\".\n")).await?;
    Ok(1)
}

/// `ip route get`: the way that a packet takes.
pub async fn way(p: &mut Proc, word: &str) -> Ended {
    let Some((address, _)) = net(word) else { return no_prefix(p, word).await };
    let (own, new) = p.world(|world, id| {
        let distro = &world.linux(id).distro;
        (Interface::of(world, id), distro.vendor == Vendor::RedHat && distro.major >= 8)
    });
    let uid = if new { format!("uid {} ", p.cred.uid) } else { String::new() };
    let (name, source) = (own.name, own.network.source(own.address, address));
    let text = if address.is_loopback()
        || own.network.addresses(own.address).iter().any(|(known, _)| known.address == address)
    {
        format!("local {address} dev lo src {address} {uid}\n    cache <local> \n")
    } else {
        match own.network.hop(own.address, address) {
            Some(Some(gateway)) => format!("{address} via {gateway} dev {name} src {source} {uid}\n    cache \n"),
            Some(None) => format!("{address} dev {name} src {source} {uid}\n    cache \n"),
            None => {
                p.err("RTNETLINK answers: Network is unreachable\n").await?;
                return Ok(2);
            }
        }
    };
    p.inferred();
    p.out(&text).await?;
    Ok(0)
}

/// `ip route add` and `del`: until the next boot.
pub async fn route(p: &mut Proc, add: bool, words: &[&str]) -> Ended {
    let own = p.world(|world, id| Interface::of(world, id));
    let (word, via) = match words {
        [word, "via", gateway] => (*word, Some(*gateway)),
        [word, "via", gateway, "dev", device] if *device == own.name => (*word, Some(*gateway)),
        [word] if !add => (*word, None),
        _ => return p.gap(&format!("ip route {} {}", if add { "add" } else { "del" }, words.join(" "))),
    };
    let named = if word == "default" { Some((Ipv4Addr::UNSPECIFIED, 0)) } else { net(word) };
    let Some((destination, prefix)) = named else { return no_prefix(p, word).await };
    if prefix == 0 {
        return p.gap("ip route: another way to all other nets");
    }
    let gateway = match via.map(|via| (via, via.parse::<Ipv4Addr>())) {
        None => None,
        Some((_, Ok(gateway))) => Some(gateway),
        Some((via, Err(_))) => {
            p.err(&format!("Error: inet address is expected rather than \"{via}\".\n")).await?;
            return Ok(1);
        }
    };
    let wrong = if !p.cred.is_root() {
        Some("Operation not permitted")
    } else if net_of(destination, prefix) != destination {
        Some("Invalid argument")
    } else if gateway.is_some_and(|gateway| own.network.hop(own.address, gateway) != Some(None)) && add {
        Some("Network is unreachable")
    } else {
        let there = own.network.routes.iter().any(|route| {
            (route.destination, route.prefix) == (destination, prefix)
                && (add || gateway.is_none_or(|gateway| gateway == route.gateway))
        });
        match (add, there) {
            (true, true) => Some("File exists"),
            (false, false) => Some("No such process"),
            _ => None,
        }
    };
    if let Some(text) = wrong {
        let head = if text == "Network is unreachable" && p.peek(|linux| linux.distro.has("iproute2", (4, 18, 0))) {
            "Error: Nexthop has invalid gateway.".to_owned()
        } else {
            format!("RTNETLINK answers: {text}")
        };
        p.err(&format!("{head}\n")).await?;
        return Ok(2);
    }
    p.linux(|linux| {
        let routes = &mut linux.network.routes;
        match gateway.filter(|_| add) {
            Some(gateway) => routes.push(Route { destination, prefix, gateway, by_hand: true }),
            None => routes.retain(|route| (route.destination, route.prefix) != (destination, prefix)),
        }
    });
    Ok(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nets_are_read() {
        let check = |word: &str, expect: Option<([u8; 4], u8)>| {
            assert_eq!(net(word), expect.map(|(address, prefix)| (Ipv4Addr::from(address), prefix)), "{word}");
        };
        check("10.0.0.0/8", Some(([10, 0, 0, 0], 8)));
        check("10.0.0.1", Some(([10, 0, 0, 1], 32)));
        check("10.0.0.0/33", None);
        check("ten", None);
    }
}
