//! `ifconfig`, `route` and `arp` of net-tools 1.60, which SLES and Photon have beside `ip`: they show, and change nothing.

use std::net::Ipv4Addr;

use super::addresses::ways;
use super::getopt::Spec;
use super::input::given;
use super::{Tool, tool};
use crate::systems::linux::distro::Vendor;
use crate::systems::linux::interface::{BYTES_OF_PACKET, Interface, Kind, Link, links, local6};
use crate::systems::linux::neighbours::{self, Neighbour};
use crate::systems::linux::proc::{Ended, Proc};

/// The programs of this file.
pub static TOOLS: &[Tool] = &[tool!("arp", arp), tool!("ifconfig", ifconfig), tool!("route", route)];

/// A prefix as a mask.
fn mask(prefix: u8) -> Ipv4Addr {
    Ipv4Addr::from_bits(u32::MAX.checked_shl(32 - u32::from(prefix)).unwrap_or(0))
}

/// Bytes as `ifconfig` rounds them.
fn rounded(bytes: u64, suse: bool) -> String {
    const UNITS: [(u64, [&str; 2]); 3] = [(1 << 30, ["Gb", "GiB"]), (1 << 20, ["Mb", "MiB"]), (1 << 10, ["Kb", "KiB"])];
    let unit = UNITS.iter().find(|(size, _)| bytes >= *size);
    match unit {
        // The rest is cut off.
        Some((size, names)) => {
            let tenths = bytes * 10 / size;
            format!("{}.{} {}", tenths / 10, tenths % 10, names[usize::from(!suse)])
        }
        None => format!("{bytes}.0 {}", if suse { "b" } else { "B" }),
    }
}

/// `ifconfig [-a] [INTERFACE]`
async fn ifconfig(p: &mut Proc, arguments: &[String]) -> Ended {
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let (all, name) = match words[..] {
        [] => (false, None),
        ["-a"] => (true, None),
        [name] | ["-a", name] if !name.starts_with('-') => (true, Some(name)),
        _ => return p.gap(&format!("ifconfig {}", arguments.join(" "))),
    };
    let (own, mut all_links) = p.world(|world, id| (Interface::of(world, id), links(world, id)));
    // By name, as it sorts them.
    all_links.sort_by(|a, b| a.name.cmp(&b.name));
    if let Some(name) = name.filter(|name| all_links.iter().all(|link| link.name != **name)) {
        p.err(&format!("{name}: error fetching interface information: Device not found\n")).await?;
        return Ok(1);
    }
    let now = p.now();
    let (up, suse) = p.peek(|linux| (now.since(linux.booted).as_secs(), linux.distro.vendor == Vendor::Suse));
    let wanted = all_links.iter().filter(|link| name.map_or(all || link.up, |name| link.name == name));
    let text: String = wanted.map(|link| block(link, &own, up, suse)).collect();
    p.inferred();
    p.out(&text).await?;
    Ok(0)
}

/// What is said of one interface.
fn block(link: &Link, own: &Interface, up: u64, suse: bool) -> String {
    let loopback = link.kind == Kind::Loopback;
    let hardware: Vec<String> = link.hardware.iter().map(|byte| format!("{byte:02X}")).collect();
    let kind = match loopback {
        true => "Local Loopback".to_owned(),
        false => format!("Ethernet  HWaddr {}", hardware.join(":")),
    };
    let mut rows = vec![format!("Link encap:{kind}  ")];
    if loopback {
        rows.push("inet addr:127.0.0.1  Mask:255.0.0.0".to_owned());
        rows.push("inet6 addr: ::1/128 Scope:Host".to_owned());
    } else if link.name == own.name {
        let first = own.network.addresses(own.address).into_iter().next();
        rows.extend(first.map(|(known, _)| {
            let broadcast = known.broadcast.map_or(String::new(), |broadcast| format!("  Bcast:{broadcast}"));
            format!("inet addr:{}{broadcast}  Mask:{}", known.address, mask(known.prefix))
        }));
        if link.up {
            let global = own.network.ipv6.addresses.iter();
            rows.extend(global.map(|(address, prefix)| format!("inet6 addr: {address}/{prefix} Scope:Global")));
            rows.push(format!("inet6 addr: {}/64 Scope:Link", local6(link.hardware)));
        }
    }
    let flags = match (link.kind, link.up, link.carrier) {
        (Kind::Loopback, ..) => "UP LOOPBACK RUNNING",
        (_, true, true) => "UP BROADCAST RUNNING MULTICAST",
        (_, true, false) => "UP BROADCAST MULTICAST",
        (_, false, _) => "BROADCAST MULTICAST",
    };
    let (mtu, queue) = if loopback { (65_536, 0) } else { (1_500, 1_000) };
    let packets = link.packets(up);
    let bytes = packets * BYTES_OF_PACKET;
    let much = rounded(bytes, suse);
    rows.extend([
        format!("{flags}  MTU:{mtu}  Metric:1"),
        format!("RX packets:{packets} errors:0 dropped:0 overruns:0 frame:0"),
        format!("TX packets:{packets} errors:0 dropped:0 overruns:0 carrier:0"),
        format!("collisions:0 txqueuelen:{queue} "),
        format!("RX bytes:{bytes} ({much})  TX bytes:{bytes} ({much})"),
    ]);
    let indent = |(at, row): (usize, String)| {
        let name = if at == 0 { link.name.as_str() } else { "" };
        format!("{name:<9} {row}\n")
    };
    rows.into_iter().enumerate().map(indent).collect::<String>() + "\n"
}

/// `route [-n]`
async fn route(p: &mut Proc, arguments: &[String]) -> Ended {
    const OPTIONS: Spec = Spec {
        short: "n",
        long: &[("numeric", 'n')],
        gaps: "A: C F e v --extend --verbose --cache --fib --version V h --help --symbolic",
    };
    let given = given!(p, &OPTIONS, arguments, 3);
    if let Some(word) = given.operands.first() {
        return p.gap(&format!("route {word}"));
    }
    p.inferred();
    table(p, given.has('n'), false).await
}

/// The routes: of `route`, or of `netstat -r`, which has other columns.
pub(super) async fn table(p: &mut Proc, numeric: bool, of_netstat: bool) -> Ended {
    let rows = p.world(|world, id| ways(&Interface::of(world, id), &links(world, id)));
    let columns = if of_netstat { "MSS Window  irtt" } else { "Metric Ref    Use" };
    let flags = if of_netstat { "Flags   " } else { "Flags " };
    let mut text =
        format!("Kernel IP routing table\nDestination     Gateway         Genmask         {flags}{columns} Iface\n");
    for way in rows {
        let (any, none) = if numeric { ("0.0.0.0", "0.0.0.0") } else { ("default", "*") };
        let net = if way.prefix == 0 { any.to_owned() } else { way.net.to_string() };
        let gateway = way.gateway.map_or_else(|| none.to_owned(), |gateway| gateway.to_string());
        let host = if way.prefix == 32 { "H" } else { "" };
        let flags = format!("U{}{host}", if way.gateway.is_some() { "G" } else { "" });
        let numbers = if of_netstat { "    0 0          0" } else { "0      0        0" };
        text.push_str(&format!(
            "{net:<15} {gateway:<15} {:<16}{flags:<6}{numbers} {}\n",
            mask(way.prefix).to_string(),
            way.device
        ));
    }
    p.out(&text).await?;
    Ok(0)
}

/// `arp [-n] [-a]`
async fn arp(p: &mut Proc, arguments: &[String]) -> Ended {
    const OPTIONS: Spec = Spec {
        short: "aen",
        long: &[("all", 'a'), ("numeric", 'n')],
        gaps: "d: D f:: H: i: s: v V h --delete --file --set --use-device --verbose --version --help --hw-type: --device:",
    };
    let given = given!(p, &OPTIONS, arguments, 3);
    if let Some(word) = given.operands.first() {
        return p.gap(&format!("arp {word}"));
    }
    p.inferred();
    let (rows, device) = p.world(|world, id| (neighbours::of(world, id), Interface::of(world, id).name));
    if given.has('a') {
        let lines = rows.iter().map(|Neighbour { address, mac, .. }| match mac {
            Some(mac) => format!("? ({address}) at {mac} [ether] on {device}\n"),
            None => format!("? ({address}) at <incomplete> on {device}\n"),
        });
        let text: String = lines.collect();
        p.out(&text).await?;
        return Ok(0);
    }
    let mut text = String::new();
    if !rows.is_empty() {
        text.push_str("Address                  HWtype  HWaddress           Flags Mask            Iface\n");
    }
    for Neighbour { address, mac, .. } in rows {
        let (kind, mac, flags) = mac.as_deref().map_or(("", "(incomplete)", ""), |mac| ("ether", mac, "C"));
        text.push_str(&format!("{address:<24} {kind:<8}{mac:<20}{flags:<22}{device}\n"));
    }
    p.out(&text).await?;
    Ok(0)
}

/// `netstat -i`
pub(super) async fn counters(p: &mut Proc) -> Ended {
    let now = p.now();
    let up = p.peek(|linux| now.since(linux.booted).as_secs());
    let mut all = p.world(|world, id| links(world, id));
    all.sort_by(|a, b| a.name.cmp(&b.name));
    let mut text =
        "Kernel Interface table\nIface   MTU Met   RX-OK RX-ERR RX-DRP RX-OVR    TX-OK TX-ERR TX-DRP TX-OVR Flg\n"
            .to_owned();
    for link in all.iter().filter(|link| link.up) {
        let loopback = link.kind == Kind::Loopback;
        let (mtu, flags) = if loopback { (65_536, "LRU") } else { (1_500, "BMRU") };
        let packets = link.packets(up);
        text.push_str(&format!(
            "{:<5} {mtu:>5} {:>3} {packets:>8} {:>6} {:>6} {:>6} {packets:>8} {:>6} {:>6} {:>6} {flags}\n",
            link.name, 0, 0, 0, 0, 0, 0, 0
        ));
    }
    p.out(&text).await?;
    Ok(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prefixes_are_masks() {
        let check = |prefix: u8, expect: &str| assert_eq!(mask(prefix).to_string(), expect);
        check(0, "0.0.0.0");
        check(24, "255.255.255.0");
        check(32, "255.255.255.255");
    }

    #[test]
    fn bytes_are_rounded() {
        let check = |bytes: u64, suse: bool, expect: &str| assert_eq!(rounded(bytes, suse), expect);
        check(100, true, "100.0 b");
        check(18_232_560, true, "17.3 Mb");
        check(18_232_560, false, "17.3 MiB");
        check(1 << 30, false, "1.0 GiB");
    }
}
