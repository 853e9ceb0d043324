//! What a machine says of its own network: `ip`. It has one interface ([`Interface`]). What counts packets (`ifconfig`,
//! `ip -s`) is not modelled.

use super::{Tool, tool};
use crate::systems::linux::distro::Vendor;
use crate::systems::linux::interface::Interface;
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
}

async fn ip(p: &mut Proc, arguments: &[String]) -> Ended {
    let mut wish = Wish::default();
    let mut rest = arguments;
    while let Some((option, behind)) = rest.split_first().filter(|(word, _)| word.starts_with('-')) {
        match option.trim_start_matches('-') {
            "br" | "brief" => wish.brief = true,
            "4" => wish.only4 = true,
            "6" => wish.only6 = true,
            "c" | "color" | "o" | "oneline" if option.ends_with(['c', 'r']) => {}
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
        Some(object @ ("address" | "route" | "link")) => {
            let words: Vec<&str> = rest.iter().map(String::as_str).collect();
            let device = match words[..] {
                [] => None,
                [verb] if is_show(verb) => None,
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
    if p.user != "root" {
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
        if device != Some(own.name) {
            text.push_str(&loopback(object, wish));
        }
        if device != Some("lo") {
            text.push_str(&interface(object, &own, red_hat, wish));
        }
    }
    p.out(&text).await?;
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
        text.push_str(&format!("{destination}/{prefix} via {gateway} dev {name}{manager}{metric} \n"));
    }
    let prefix = network.prefix;
    text + &format!("{net}/{prefix} dev {name} proto kernel scope link src {address}{metric} \n")
}
