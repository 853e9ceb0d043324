//! What a machine says of its own network: `ip` and `bridge` (iproute2 4.11 and 5.15). It has one interface ([`Interface`]), whose counters
//! follow from how long it is up, and what its family has beside.

mod change;
mod ports;

use std::net::{Ipv4Addr, Ipv6Addr};

use super::{Tool, tool};
use crate::systems::linux::distro::Vendor;
use crate::systems::linux::interface::{BYTES_OF_PACKET, Interface, Kind, Link, links, local6, mac};
use crate::systems::linux::model::by_hand::Address;
use crate::systems::linux::model::network::net_of;
use crate::systems::linux::neighbours::{self, Neighbour};
use crate::systems::linux::proc::{Ended, Proc};

/// The programs of this file.
pub static TOOLS: &[Tool] = &[tool!("bridge", ports::bridge), tool!("ip", ip)];

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
    /// Only what is up.
    up: bool,
    /// Only the one that is called so.
    device: Option<String>,
    /// Only the ports of a bridge.
    master: Option<String>,
    /// Only links of a kind.
    kind: Option<String>,
}

impl Wish {
    /// Reads what shall be shown; `false` for words that are not modelled.
    fn read(&mut self, words: &[&str]) -> bool {
        let (verb, mut words) = (words.first(), words.iter().copied());
        if verb.is_some_and(|verb| is_show(verb)) {
            words.next();
        } else if verb.is_some_and(|verb| is_change(verb)) {
            return false;
        }
        while let Some(word) = words.next() {
            match word {
                "up" => self.up = true,
                "master" => self.master = words.next().map(str::to_owned),
                "type" => self.kind = words.next().map(str::to_owned),
                "dev" => self.device = words.next().map(str::to_owned),
                name if self.device.is_none() && !OTHER_FILTERS.contains(&name) => self.device = Some(name.to_owned()),
                _ => return false,
            }
        }
        true
    }

    fn wants(&self, link: &Link) -> bool {
        let kind = match link.kind {
            Kind::Bridge => Some("bridge"),
            Kind::Tap => Some("tun"),
            Kind::Loopback | Kind::Card => None,
        };
        (!self.up || link.up)
            && self.device.as_ref().is_none_or(|device| *device == link.name)
            && self.master.as_ref().is_none_or(|master| link.master == Some(master.as_str()))
            && self.kind.as_ref().is_none_or(|wanted| kind == Some(wanted.as_str()))
    }
}

/// Words that ask for others.
const OTHER_FILTERS: [&str; 9] =
    ["group", "vrf", "nomaster", "scope", "to", "label", "dynamic", "permanent", "primary"];

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
        Some("neighbor" | "neighbour") => neighbour(p, rest).await,
        Some(object @ ("address" | "route" | "link")) => {
            let words: Vec<&str> = rest.iter().map(String::as_str).collect();
            match (object, words.as_slice()) {
                ("route", _) if wish.only6 => return p.gap(format!("ip -6 route {}", words.join(" ")).trim_end()),
                ("route", ["get", address]) if address.parse::<Ipv6Addr>().is_ok() => {
                    return p.gap("ip route get of an IPv6 address");
                }
                ("route", ["get", address]) => return change::way(p, address).await,
                ("route", [verb @ ("add" | "a" | "del" | "delete" | "d"), what @ ..]) => {
                    return change::route(p, verb.starts_with('a'), what).await;
                }
                ("address", [verb @ ("add" | "a" | "del" | "delete" | "d"), what @ ..]) => {
                    return change::address(p, verb.starts_with('a'), what).await;
                }
                ("address", ["flush", "dev", device] | ["flush", device]) => return change::flush(p, device).await,
                ("link", ["set", what @ ..]) => return change::link(p, what).await,
                _ => {}
            }
            let known = match object {
                "route" => matches!(words[..], []) || matches!(words[..], [verb] if is_show(verb)),
                _ => wish.read(&words),
            };
            if !known {
                return p.gap(&format!("ip {object} {}", words.join(" ")));
            }
            show(p, object, &wish).await
        }
        Some(other) => p.gap(&format!("ip {other}")),
    }
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

async fn show(p: &mut Proc, object: &str, wish: &Wish) -> Ended {
    p.inferred();
    let (own, red_hat) =
        p.world(|world, id| (Interface::of(world, id), world.linux(id).distro.vendor == Vendor::RedHat));
    let links = p.world(|world, id| links(world, id));
    if object == "route" {
        p.out(&routes(&own, &links, red_hat)).await?;
        return Ok(0);
    }
    let is_there = |name: &String| links.iter().any(|link| link.name == *name);
    if let Some(master) = wish.master.as_ref().filter(|master| !is_there(master)) {
        p.err(&format!("Error: argument \"{master}\" is wrong: Device does not exist\n\n")).await?;
        return Ok(255);
    }
    if let Some(device) = wish.device.as_ref().filter(|device| !is_there(device)) {
        p.err(&format!("Device \"{device}\" does not exist.\n")).await?;
        return Ok(1);
    }
    let now = p.now();
    let up = p.peek(|linux| now.since(linux.booted).as_secs());
    let mut text = String::new();
    for link in links.iter().filter(|link| wish.wants(link)) {
        let lines = match link.kind {
            Kind::Loopback => loopback(object, wish),
            _ if link.name == own.name => interface(object, link, &Addresses::of(&own, red_hat), wish),
            _ => interface(object, link, &Addresses::of_link(link), wish),
        };
        let counters = if wish.counts && !wish.brief { counters(link.packets(up)) } else { String::new() };
        let single_line = wish.single && !wish.brief;
        let whole = if single_line && object != "link" { lines } else { lines + &counters };
        text.push_str(&if single_line { single(object, &whole) } else { whole });
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

/// A net as `ip` writes it: that of one address without its prefix.
fn written(net: Ipv4Addr, prefix: u8) -> String {
    if prefix == 32 { net.to_string() } else { format!("{net}/{prefix}") }
}

/// `ip neighbor`: the hardware addresses of those that the machine talks with.
async fn neighbour(p: &mut Proc, words: &[String]) -> Ended {
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let shows = matches!(words[..], [] | [_]) && words.iter().all(|word| is_show(word));
    if !shows {
        return p.gap(&format!("ip neighbor {}", words.join(" ")));
    }
    let (rows, name) = p.world(|world, id| (neighbours::of(world, id), Interface::of(world, id).name));
    let lladdr = |mac: &String| format!(" lladdr {mac}");
    let row = |one: &Neighbour| {
        let Neighbour { address, mac, state } = one;
        format!("{address} dev {name}{} {state}\n", mac.as_ref().map(lladdr).unwrap_or_default())
    };
    let rows: Vec<String> = rows.iter().map(row).collect();
    p.inferred();
    p.out(&rows.concat()).await?;
    Ok(0)
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

/// The addresses on a link, each in short and as its line has it.
#[derive(Default)]
struct Addresses {
    with4: Vec<(String, String)>,
    with6: Vec<(String, String)>,
}

impl Addresses {
    /// Those of the machine's interface.
    fn of(own: &Interface, red_hat: bool) -> Self {
        let manager = if red_hat { " noprefixroute" } else { "" };
        let with4 = own.network.addresses(own.address).into_iter().map(|(known, second)| {
            let Address { address, prefix, broadcast, label } = known;
            let broadcast = broadcast.map_or(String::new(), |broadcast| format!(" brd {broadcast}"));
            let manager = if address == own.address { manager } else { "" };
            let second = if second { " secondary" } else { "" };
            let label = label.as_deref().unwrap_or(own.name);
            let line = format!("{address}/{prefix}{broadcast} scope global{second}{manager} {label}");
            (format!("{address}/{prefix}"), line)
        });
        let global6 =
            own.network.ipv6.addresses.iter().map(|(address, prefix)| (format!("{address}/{prefix}"), "global"));
        // Those of IPv6 go with the link.
        let with6 = global6.chain([(format!("{}/64", own.local6()), "link")]).filter(|_| !own.network.down);
        let line = |(address, scope): (String, &str)| (address.clone(), format!("{address} scope {scope}{manager} "));
        Self { with4: with4.collect(), with6: with6.map(line).collect() }
    }

    /// Those of another link.
    fn of_link(link: &Link) -> Self {
        let with4 = link.address.map(|(address, prefix)| {
            let last = Ipv4Addr::from_bits(address.to_bits() | u32::MAX.checked_shr(prefix.into()).unwrap_or(0));
            let line = format!("{address}/{prefix} brd {last} scope global {}", link.name);
            (format!("{address}/{prefix}"), line)
        });
        let local = format!("{}/64", local6(link.hardware));
        let with6 = (link.kind == Kind::Tap && link.runs()).then(|| (local.clone(), format!("{local} scope link ")));
        Self { with4: with4.into_iter().collect(), with6: with6.into_iter().collect() }
    }
}

fn interface(object: &str, link: &Link, on_it: &Addresses, wish: &Wish) -> String {
    let Link { number, name, queue, master, hardware, .. } = link;
    let (state, flags, mac) = (link.state(), link.flags(), mac(*hardware));
    if wish.brief {
        let short =
            |all: &[(String, String)]| all.iter().map(|(short, _)| short.as_str()).collect::<Vec<_>>().join(" ");
        let what = match object {
            "link" => format!("{mac} <{flags}>"),
            _ => addresses(&short(&on_it.with4), &short(&on_it.with6), wish),
        };
        return brief(name, state, &what);
    }
    let mode = if object == "link" { " mode DEFAULT" } else { "" };
    let master = master.map_or(String::new(), |master| format!(" master {master}"));
    let mut text = format!(
        "{number}: {name}: <{flags}> mtu 1500 qdisc {queue}{master} state {state}{mode} group default qlen 1000\n"
    );
    if !wish.only4 && !wish.only6 || object == "link" {
        text.push_str(&format!("    link/ether {mac} brd ff:ff:ff:ff:ff:ff\n"));
    }
    if object == "link" {
        return text;
    }
    for (_, line) in on_it.with4.iter().filter(|_| !wish.only6) {
        text.push_str(&format!("    inet {line}\n{FOREVER}"));
    }
    for (_, line) in on_it.with6.iter().filter(|_| !wish.only4) {
        text.push_str(&format!("    inet6 {line}\n{FOREVER}"));
    }
    text
}

fn addresses(with4: &str, with6: &str, wish: &Wish) -> String {
    let shown = [(with4, !wish.only6), (with6, !wish.only4)];
    shown.iter().filter(|(text, shown)| *shown && !text.is_empty()).map(|(text, _)| format!("{text} ")).collect()
}

fn brief(name: &str, state: &str, what: &str) -> String {
    let end = if what.ends_with(' ') { "" } else { " " };
    format!("{name:<16} {state:<14} {what}{end}\n")
}

/// A route.
pub(super) struct Way {
    pub(super) net: Ipv4Addr,
    pub(super) prefix: u8,
    pub(super) gateway: Option<Ipv4Addr>,
    pub(super) device: String,
    kind: Source,
    /// Whether nothing comes through the device.
    dead: bool,
}

/// Where a route comes from.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Source {
    /// What is set up for the machine.
    Settings,
    /// A person.
    Hand,
    /// The kernel, for the net of an address; whether it is the one that is set up.
    Address(Ipv4Addr, bool),
    /// The kernel, for an address of a link of the family.
    Link(Ipv4Addr),
}

/// The routes, by their nets.
pub(super) fn ways(own: &Interface, links: &[Link]) -> Vec<Way> {
    let (name, address, network) = (own.name, own.address, &own.network);
    let mut ways = Vec::new();
    if let Some(link) = links.iter().find(|link| link.name == name && link.up) {
        let way = |net: Ipv4Addr, prefix: u8, gateway: Option<Ipv4Addr>, kind: Source| Way {
            net,
            prefix,
            gateway,
            device: name.to_owned(),
            kind,
            dead: !link.carrier,
        };
        let default = network.way_out(address);
        ways.extend(default.map(|gateway| way(Ipv4Addr::UNSPECIFIED, 0, Some(gateway), Source::Settings)));
        ways.extend(network.routes.iter().map(|route| {
            let kind = if route.by_hand { Source::Hand } else { Source::Settings };
            way(route.destination, route.prefix, Some(route.gateway), kind)
        }));
        // Those behind another of the same net have no way of their own, nor has one of no net.
        let listed = network.addresses(address);
        let first = listed.iter().filter(|(known, second)| !second && known.prefix < 32);
        ways.extend(first.map(|(known, _)| {
            way(known.net(), known.prefix, None, Source::Address(known.address, known.address == address))
        }));
    }
    for link in links.iter().filter(|link| link.up) {
        let Some((address, prefix)) = link.address else { continue };
        let (net, device) = (net_of(address, prefix), link.name.clone());
        ways.push(Way { net, prefix, gateway: None, device, kind: Source::Link(address), dead: !link.carrier });
    }
    ways.sort_by_key(|way| (way.net, way.prefix));
    ways
}

/// The routes as `ip` shows them.
fn routes(own: &Interface, links: &[Link], red_hat: bool) -> String {
    // NetworkManager weighs a bridge otherwise than a card.
    let (manager, metric) = match (red_hat, own.port) {
        (true, None) => (" proto static", " metric 100"),
        (true, Some(_)) => (" proto static", " metric 425"),
        _ => ("", ""),
    };
    let row = |way: Way| {
        let net = if way.prefix == 0 { "default".to_owned() } else { written(way.net, way.prefix) };
        let via = way.gateway.map_or(String::new(), |gateway| format!(" via {gateway}"));
        let rest = match way.kind {
            Source::Settings => format!("{manager}{metric}"),
            Source::Hand => String::new(),
            Source::Address(source, own) => {
                format!(" proto kernel scope link src {source}{}", if own { metric } else { "" })
            }
            Source::Link(source) => format!(" proto kernel scope link src {source}"),
        };
        let dead = if way.dead { " linkdown" } else { "" };
        format!("{net}{via} dev {}{rest}{dead} \n", way.device)
    };
    ways(own, links).into_iter().map(row).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_joined_with_a_backslash() {
        let check = |object: &str, lines: &str, expect: &str| assert_eq!(single(object, lines), expect);
        check("link", "1: lo: <UP> mtu 1\n    link/loopback x\n", "1: lo: <UP> mtu 1\\    link/loopback x\n");
        let lines = "1: lo: <UP> mtu 1\n    link/loopback x\n    inet 127.0.0.1/8 lo\n       valid\n    inet6 ::1/128\n       valid\n";
        check("address", lines, "1: lo    inet 127.0.0.1/8 lo\\       valid\n1: lo    inet6 ::1/128\\       valid\n");
    }
}
