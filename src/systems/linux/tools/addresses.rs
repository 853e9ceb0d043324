//! What a machine says of its own network: `ip` (iproute2 4.11 and 5.15). It has one interface ([`Interface`]), whose counters
//! follow from how long it is up. Addresses beside its own are not modelled.

use std::net::{Ipv4Addr, Ipv6Addr};

use super::{Tool, tool};
use crate::systems::linux::distro::Vendor;
use crate::systems::linux::interface::{BYTES_OF_PACKET, Interface};
use crate::systems::linux::model::network::{Network, Route, net_of};
use crate::systems::linux::proc::{Ended, Proc};

/// The programs of this file.
pub static TOOLS: &[Tool] =
    &[tool!("arp", counted), tool!("ifconfig", counted), tool!("ip", ip), tool!("route", counted)];

async fn counted(p: &mut Proc, _: &[String]) -> Ended {
    p.gap(&format!("{}: use ip or ss", p.name))
}

const LOOPBACK: &str = "\
1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536 qdisc noqueue state UNKNOWN group default qlen 1000
    link/loopback 00:00:00:00:00:00 brd 00:00:00:00:00:00
";
const LOOPBACK_4: &str = "    inet 127.0.0.1/8 scope host lo\n";
const LOOPBACK_6: &str = "    inet6 ::1/128 scope host \n";
const FOREVER: &str = "       valid_lft forever preferred_lft forever\n";

/// What of it is wanted.
#[derive(Default)]
struct Wish {
    brief: bool,
    only4: bool,
    only6: bool,
    /// `-s`: with counters.
    counts: bool,
    /// `-o`: each on a line of its own.
    single: bool,
}

async fn ip(p: &mut Proc, arguments: &[String]) -> Ended {
    let mut wish = Wish::default();
    let mut rest = arguments;
    while let Some((option, behind)) = rest.split_first().filter(|(word, _)| word.starts_with('-')) {
        match option.trim_start_matches('-') {
            "br" | "brief" => wish.brief = true,
            "4" => wish.only4 = true,
            "6" => wish.only6 = true,
            "s" | "stats" | "statistics" => wish.counts = true,
            "o" | "oneline" => wish.single = true,
            "c" | "color" | "d" | "details" if option.ends_with(['c', 'r']) => {}
            other => return p.gap(&format!("ip -{other}")),
        }
        rest = behind;
    }
    let Some((object, rest)) = rest.split_first() else { return p.gap("ip without an object") };
    let begins = |name: &str| name.starts_with(object.as_str());
    // As ip does, the first object fits that begins with these letters.
    let objects =
        ["address", "route", "link", "neighbor", "neighbour", "rule", "maddress", "monitor", "netns", "tunnel"];
    match objects.into_iter().find(|name| begins(name)) {
        None if begins("help") => p.gap("ip help"),
        None => {
            p.err(&format!("Object \"{object}\" is unknown, try \"ip help\".\n")).await?;
            Ok(1)
        }
        Some("neighbor" | "neighbour") => neighbours(p, rest).await,
        Some(object @ ("address" | "route" | "link")) => {
            let words: Vec<&str> = rest.iter().map(String::as_str).collect();
            match (object, words.as_slice()) {
                ("route", _) if wish.only6 => return p.gap(format!("ip -6 route {}", words.join(" ")).trim_end()),
                ("route", ["get", address]) if address.parse::<Ipv6Addr>().is_ok() => {
                    return p.gap("ip route get of an IPv6 address");
                }
                ("route", ["get", address]) => return way(p, address).await,
                ("route", [verb @ ("add" | "a" | "del" | "delete" | "d"), what @ ..]) => {
                    return change_route(p, verb.starts_with('a'), what).await;
                }
                _ => {}
            }
            let device = match words[..] {
                [] => None,
                [verb] if is_show(verb) => None,
                // Those that are up, which all are.
                [verb, "up"] if is_show(verb) && object != "route" => None,
                ["dev", device] | [device] if object != "route" && !is_change(device) => Some(device),
                ["set", ref what @ ..] if object == "link" => return set_link(p, what).await,
                [verb, "dev", device] | [verb, device] if is_show(verb) && object != "route" => Some(device),
                _ => return p.gap(&format!("ip {object} {}", words.join(" "))),
            };
            show(p, object, device, &wish).await
        }
        Some(other) => p.gap(&format!("ip {other}")),
    }
}

/// `ip link set DEV up` says nothing of a device that is up, which all are: one that is down would take the session with it.
async fn set_link(p: &mut Proc, words: &[&str]) -> Ended {
    let words: Vec<&str> = words.iter().copied().filter(|word| *word != "dev").collect();
    let [device, state @ ("up" | "down")] = words[..] else {
        return p.gap(&format!("ip link set {}", words.join(" ")));
    };
    let own = p.world(|world, id| Interface::of(world, id).name);
    if device != own && device != "lo" {
        p.err(&format!("Cannot find device \"{device}\"\n")).await?;
        return Ok(1);
    }
    if !p.cred.is_root() {
        p.err("RTNETLINK answers: Operation not permitted\n").await?;
        return Ok(2);
    }
    if state == "up" { Ok(0) } else { p.gap("ip link set down: what a machine without its network does") }
}

fn is_show(verb: &str) -> bool {
    ["show", "list", "lst"].iter().any(|name| name.starts_with(verb))
}

fn is_change(verb: &str) -> bool {
    matches!(
        verb,
        "add" | "a" | "del" | "delete" | "d" | "set" | "flush" | "change" | "replace" | "help" | "get" | "save"
    )
}

async fn show(p: &mut Proc, object: &str, device: Option<&str>, wish: &Wish) -> Ended {
    p.inferred();
    let (own, red_hat) =
        p.world(|world, id| (Interface::of(world, id), world.linux(id).distro.vendor == Vendor::RedHat));
    if let Some(device) = device.filter(|device| *device != "lo" && *device != own.name) {
        p.err(&format!("Device \"{device}\" does not exist.\n")).await?;
        return Ok(1);
    }
    let mut text = String::new();
    if object == "route" {
        text = routes(&own, red_hat);
    } else {
        let now = p.now();
        let up = p.peek(|linux| now.since(linux.booted).as_secs());
        let shown = [
            ("lo", up / 60, loopback(object, wish)),
            (own.name, Interface::packets(up), interface(object, &own, red_hat, wish)),
        ];
        for (name, packets, lines) in shown {
            if device.is_none_or(|device| device == name) {
                let counters = if wish.counts && !wish.brief { counters(packets) } else { String::new() };
                let single_line = wish.single && !wish.brief;
                let whole = if single_line && object != "link" { lines } else { lines + &counters };
                text.push_str(&if single_line { single(object, &whole) } else { whole });
            }
        }
    }
    p.out(&text).await?;
    Ok(0)
}

/// What has gone through an interface.
fn counters(packets: u64) -> String {
    let bytes = packets * BYTES_OF_PACKET;
    let row =
        |heads: &str, zeros: usize| format!("    {heads}\n    {bytes:<10} {packets:<8} {}\n", "0       ".repeat(zeros));
    row("RX: bytes  packets  errors  dropped overrun mcast   ", 4)
        + &row("TX: bytes  packets  errors  dropped carrier collsns ", 4)
}

/// The lines of an interface as `-o` has them: of a link all in one, of addresses one each with the name before it.
fn single(object: &str, lines: &str) -> String {
    let mut rows = lines.lines();
    let head = rows.next().unwrap_or_default();
    let rows: Vec<&str> = rows.collect();
    if object == "link" {
        return format!("{head}\\{}\n", rows.join("\\"));
    }
    let name = head.split(": <").next().unwrap_or_default();
    let pairs = rows.iter().zip(rows.iter().skip(1)).filter(|(row, _)| row.starts_with("    inet"));
    pairs.map(|(row, life)| format!("{name}{row}\\{life}\n")).collect()
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

/// The way to an address: that of the longest prefix among all that there are, through a gateway or, in the net at hand, through
/// none. Of two that are as long, the one that was added later has no metric and comes first.
fn hop(network: &Network, own: Ipv4Addr, address: Ipv4Addr) -> Option<Option<Ipv4Addr>> {
    let default = network.gateway_of(own).map(|gateway| (Ipv4Addr::UNSPECIFIED, 0, Some(gateway)));
    let near = (!network.unconfigured).then_some((own, network.prefix, None));
    let added = network.routes.iter().map(|route| (route.destination, route.prefix, Some(route.gateway)));
    let ways = default.into_iter().chain(near).chain(added);
    let fits = ways.filter(|(net, prefix, _)| net_of(address, *prefix) == net_of(*net, *prefix));
    fits.max_by_key(|(_, prefix, _)| *prefix).map(|(.., gateway)| gateway)
}

/// A net as `ip` writes it: that of one address without its prefix.
fn written(net: Ipv4Addr, prefix: u8) -> String {
    if prefix == 32 { net.to_string() } else { format!("{net}/{prefix}") }
}

/// `ip route get`: the way that a packet takes.
async fn way(p: &mut Proc, word: &str) -> Ended {
    let Some((address, _)) = net(word) else { return no_prefix(p, word).await };
    let (own, new) = p.world(|world, id| {
        let distro = &world.linux(id).distro;
        (Interface::of(world, id), distro.vendor == Vendor::RedHat && distro.major >= 8)
    });
    let uid = if new { format!("uid {} ", p.cred.uid) } else { String::new() };
    let (name, source) = (own.name, own.address);
    let text = if address.is_loopback() || address == own.address {
        let source = if address.is_loopback() { address } else { source };
        format!("local {address} dev lo src {source} {uid}\n    cache <local> \n")
    } else {
        match hop(&own.network, own.address, address) {
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
async fn change_route(p: &mut Proc, add: bool, words: &[&str]) -> Ended {
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
    } else if gateway.is_some_and(|gateway| net_of(gateway, own.network.prefix) != own.net()) && add {
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

/// `ip neighbor`: the hardware addresses of those that the machine talks with: who is logged in over the network.
async fn neighbours(p: &mut Proc, words: &[String]) -> Ended {
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let shows = matches!(words[..], [] | [_]) && words.iter().all(|word| is_show(word));
    if !shows {
        return p.gap(&format!("ip neighbor {}", words.join(" ")));
    }
    let rows: Vec<String> = p.world(|world, id| {
        let own = Interface::of(world, id);
        let present = world.linux(id).logins.present().map(|record| record.from.clone());
        let mut addresses: Vec<Ipv4Addr> = present.filter_map(|from| from.parse().ok()).collect();
        addresses.sort();
        addresses.dedup();
        let near = addresses
            .into_iter()
            .filter(|address| net_of(*address, own.network.prefix) == own.net() && *address != own.address);
        let row = |address: Ipv4Addr| {
            let text = address.to_string();
            let machine = world.machines().find(|(_, machine)| machine.address == text).map(|(id, _)| id);
            let mac = machine.map_or_else(|| foreign_mac(&text), |id| Interface::of(world, id).mac());
            format!("{text} dev {} lladdr {mac} REACHABLE\n", own.name)
        };
        near.map(row).collect()
    });
    p.inferred();
    p.out(&rows.concat()).await?;
    Ok(0)
}

/// The hardware address of somebody who is no machine of the lab: such as the admin's desktop.
fn foreign_mac(address: &str) -> String {
    let digest = crate::payload::Sha256::of(format!("hardware address of {address}").as_bytes());
    format!("3c:52:82:{:02x}:{:02x}:{:02x}", digest.0[0], digest.0[1], digest.0[2])
}

fn loopback(object: &str, wish: &Wish) -> String {
    match (object, wish.brief) {
        ("link", true) => brief("lo", "UNKNOWN", "00:00:00:00:00:00 <LOOPBACK,UP,LOWER_UP>"),
        ("link", false) => LOOPBACK.replace(" group default", " mode DEFAULT group default"),
        (_, true) => brief("lo", "UNKNOWN", &addresses("127.0.0.1/8", "::1/128", wish)),
        (_, false) => {
            let mut text = LOOPBACK
                .lines()
                .take(if wish.only4 || wish.only6 { 1 } else { 2 })
                .fold(String::new(), |text, line| text + line + "\n");
            if !wish.only6 {
                text.push_str(LOOPBACK_4);
                text.push_str(FOREVER);
            }
            if !wish.only4 {
                text.push_str(LOOPBACK_6);
                text.push_str(FOREVER);
            }
            text
        }
    }
}

fn interface(object: &str, own: &Interface, red_hat: bool, wish: &Wish) -> String {
    const FLAGS: &str = "<BROADCAST,MULTICAST,UP,LOWER_UP>";
    let (name, mac, prefix) = (own.name, own.mac(), own.network.prefix);
    let with4 = if own.network.unconfigured { String::new() } else { format!("{}/{prefix}", own.address) };
    let global6 = own.network.ipv6.addresses.iter().map(|(address, prefix)| (format!("{address}/{prefix}"), "global"));
    let with6: Vec<_> = global6.chain([(format!("{}/64", own.local6()), "link")]).collect();
    if wish.brief {
        let all6: Vec<&str> = with6.iter().map(|(address, _)| address.as_str()).collect();
        let what = if object == "link" { format!("{mac} {FLAGS}") } else { addresses(&with4, &all6.join(" "), wish) };
        return brief(name, "UP", &what);
    }
    let mode = if object == "link" { " mode DEFAULT" } else { "" };
    let mut text = format!("2: {name}: {FLAGS} mtu 1500 qdisc mq state UP{mode} group default qlen 1000\n");
    if !wish.only4 && !wish.only6 || object == "link" {
        text.push_str(&format!("    link/ether {mac} brd ff:ff:ff:ff:ff:ff\n"));
    }
    if object == "link" {
        return text;
    }
    let manager = if red_hat { " noprefixroute" } else { "" };
    if !wish.only6 && !with4.is_empty() {
        let broadcast = own.network.broadcast_of(own.address);
        text.push_str(&format!("    inet {with4} brd {broadcast} scope global{manager} {name}\n{FOREVER}"));
    }
    if !wish.only4 {
        for (address, scope) in with6 {
            text.push_str(&format!("    inet6 {address} scope {scope}{manager} \n{FOREVER}"));
        }
    }
    text
}

fn addresses(with4: &str, with6: &str, wish: &Wish) -> String {
    match (wish.only4, wish.only6) {
        _ if with4.is_empty() => format!("{with6} "),
        (true, _) => format!("{with4} "),
        (_, true) => format!("{with6} "),
        _ => format!("{with4} {with6} "),
    }
}

fn brief(name: &str, state: &str, what: &str) -> String {
    let end = if what.ends_with(' ') { "" } else { " " };
    format!("{name:<16} {state:<14} {what}{end}\n")
}

fn routes(own: &Interface, red_hat: bool) -> String {
    if own.network.unconfigured {
        return String::new();
    }
    let (name, net, address, network) = (own.name, own.net(), own.address, &own.network);
    let (manager, metric) = if red_hat { (" proto static", " metric 100") } else { ("", "") };
    let mut text = String::new();
    if let Some(gateway) = network.gateway_of(address) {
        text.push_str(&format!("default via {gateway} dev {name}{manager}{metric} \n"));
    }
    for route in &network.routes {
        let (destination, prefix, gateway) = (route.destination, route.prefix, route.gateway);
        let (manager, metric) = if route.by_hand { ("", "") } else { (manager, metric) };
        let net = written(destination, prefix);
        text.push_str(&format!("{net} via {gateway} dev {name}{manager}{metric} \n"));
    }
    let prefix = network.prefix;
    text + &format!("{net}/{prefix} dev {name} proto kernel scope link src {address}{metric} \n")
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

    #[test]
    fn the_longest_prefix_shows_the_way() {
        let check = |routes: &[(&str, &str)], address: &str, expect: Option<Option<&str>>| {
            let route = |&(word, via): &(&str, &str)| {
                let (destination, prefix) = net(word).expect("a net");
                Route { destination, prefix, gateway: via.parse().expect("an address"), by_hand: true }
            };
            let network = Network { prefix: 24, routes: routes.iter().map(route).collect(), ..Network::default() };
            let found = hop(&network, Ipv4Addr::new(10, 0, 0, 9), address.parse().expect("an address"));
            let expect = expect.map(|via| via.map(|via| via.parse().expect("an address")));
            assert_eq!(found, expect, "{routes:?} {address}");
        };
        let wide = ("10.0.0.0/8", "10.0.0.7");
        check(&[wide], "10.0.0.55", Some(None));
        check(&[wide], "10.1.0.55", Some(Some("10.0.0.7")));
        check(&[wide], "11.1.0.55", Some(Some("10.0.0.1")));
        check(&[wide, ("10.0.0.55", "10.0.0.8")], "10.0.0.55", Some(Some("10.0.0.8")));
    }

    #[test]
    fn lines_are_joined_with_a_backslash() {
        let check = |object: &str, lines: &str, expect: &str| assert_eq!(single(object, lines), expect);
        check("link", "1: lo: <UP> mtu 1\n    link/loopback x\n", "1: lo: <UP> mtu 1\\    link/loopback x\n");
        let lines = "1: lo: <UP> mtu 1\n    link/loopback x\n    inet 127.0.0.1/8 lo\n       valid\n    inet6 ::1/128\n       valid\n";
        check("address", lines, "1: lo    inet 127.0.0.1/8 lo\\       valid\n1: lo    inet6 ::1/128\\       valid\n");
    }
}
