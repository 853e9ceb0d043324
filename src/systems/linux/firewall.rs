//! firewalld: which ports a machine of RHEL lets others reach. An installation lets in the secure shell and what the appliance on
//! it serves; which services there are is a part of those that firewalld has.

use super::distro::Vendor;
use super::model::firewall::{Rules, Zone};
use super::net;
use crate::systems::family;
use crate::world::{MachineId, World};

/// The daemon's unit.
pub const UNIT: &str = "firewalld.service";

/// Services and their ports.
pub const SERVICES: &[(&str, &str)] = &[
    ("amqp", "5672/tcp"),
    ("amqps", "5671/tcp"),
    ("cockpit", "9090/tcp"),
    ("dhcp", "67/udp"),
    ("dhcpv6", "547/udp"),
    ("dhcpv6-client", "546/udp"),
    ("dns", "53/tcp 53/udp"),
    ("ftp", "21/tcp"),
    ("glusterfs", "24007/tcp 24008/tcp 24009/tcp 38465/tcp 38466/tcp 38467/tcp 49152-49664/tcp"),
    ("high-availability", "2224/tcp 3121/tcp 5403/tcp 5404/udp 5405-5412/udp 9929/tcp 9929/udp 21064/tcp"),
    ("http", "80/tcp"),
    ("https", "443/tcp"),
    ("imap", "143/tcp"),
    ("imaps", "993/tcp"),
    ("ipp", "631/tcp 631/udp"),
    ("ipp-client", "631/udp"),
    ("iscsi-target", "3260/tcp 3260/udp"),
    ("kerberos", "88/tcp 88/udp"),
    ("ldap", "389/tcp"),
    ("ldaps", "636/tcp"),
    ("libvirt", "16509/tcp"),
    ("libvirt-tls", "16514/tcp"),
    ("mdns", "5353/udp"),
    ("mountd", "20048/tcp 20048/udp"),
    ("ms-wbt", "3389/tcp"),
    ("mysql", "3306/tcp"),
    ("nfs", "2049/tcp"),
    ("nfs3", "2049/tcp 2049/udp"),
    ("nrpe", "5666/tcp"),
    ("ntp", "123/udp"),
    ("ovirt-imageio", "54322/tcp"),
    ("ovirt-storageconsole", "55555/tcp 39543/tcp"),
    ("ovirt-vmconsole", "2223/tcp"),
    ("pop3", "110/tcp"),
    ("postgresql", "5432/tcp"),
    ("proxy-dhcp", "4011/udp"),
    ("rpc-bind", "111/tcp 111/udp"),
    ("rsyncd", "873/tcp 873/udp"),
    ("samba", "137/udp 138/udp 139/tcp 445/tcp"),
    ("samba-client", "137/udp 138/udp"),
    ("smtp", "25/tcp"),
    ("smtps", "465/tcp"),
    ("snmp", "161/tcp 161/udp"),
    ("snmptrap", "162/tcp 162/udp"),
    ("squid", "3128/tcp"),
    ("ssh", "22/tcp"),
    ("syslog", "514/udp"),
    ("syslog-tls", "6514/tcp 6514/udp"),
    ("telnet", "23/tcp"),
    ("tftp", "69/udp"),
    ("vdsm", "54321/tcp 5900-6923/tcp 49152-49216/tcp"),
    ("vnc-server", "5900-5903/tcp"),
    ("zabbix-agent", "10050/tcp"),
    ("zabbix-server", "10051/tcp"),
];

/// Zones, and the services that each of them lets in from the beginning.
pub const ZONES: [(&str, &str); 9] = [
    ("block", ""),
    ("dmz", "ssh"),
    ("drop", ""),
    ("external", "ssh"),
    ("home", "dhcpv6-client mdns samba-client ssh"),
    ("internal", "dhcpv6-client mdns samba-client ssh"),
    ("public", "dhcpv6-client ssh"),
    ("trusted", ""),
    ("work", "dhcpv6-client ssh"),
];

/// The ports of a service.
#[must_use]
pub fn ports_of(service: &str) -> Option<&'static str> {
    SERVICES.iter().find(|(name, _)| *name == service).map(|(_, ports)| *ports)
}

/// The rules of an installation.
fn installed(world: &World, id: MachineId) -> Rules {
    let recent = world.linux(id).distro.major >= 8;
    let mut rules = Rules { default: "public".to_owned(), ..Rules::default() };
    for (name, services) in ZONES {
        let mut zone = Zone { masquerade: name == "external", ..Zone::default() };
        zone.services = services.split_whitespace().map(str::to_owned).collect();
        if recent && matches!(name, "home" | "internal" | "public" | "work") {
            zone.services.insert("cockpit".to_owned());
        }
        rules.zones.insert(name.to_owned(), zone);
    }
    if let Some(public) = rules.zones.get_mut("public") {
        let own = family(world, id).ports().iter().filter(|port| !port.local).map(|port| port.number);
        let served = net::listening(world, id).into_iter().filter(|(port, _)| !port.local).map(|(port, _)| port.number);
        for number in own.chain(served) {
            if allows(public, number, "tcp") {
                continue;
            }
            let port = format!("{number}/tcp");
            match SERVICES.iter().find(|(_, ports)| *ports == port) {
                Some((service, _)) => drop(public.services.insert((*service).to_owned())),
                None => public.ports.push(port),
            }
        }
    }
    rules
}

/// The rules that are kept.
#[must_use]
pub fn kept(world: &World, id: MachineId) -> Rules {
    world.linux(id).firewall.kept.clone().unwrap_or_else(|| installed(world, id))
}

/// The rules that count now, while the daemon runs.
#[must_use]
pub fn now(world: &World, id: MachineId) -> Rules {
    let linux = world.linux(id);
    let started = linux.unit_state(UNIT).since;
    match &linux.firewall.now {
        Some((at, rules)) if started.is_none_or(|started| started <= *at) => rules.clone(),
        _ => kept(world, id),
    }
}

/// Whether a list of ports, as rules say them, has one.
#[must_use]
pub fn has_port<'a>(ports: impl IntoIterator<Item = &'a str>, number: u16, protocol: &str) -> bool {
    ports.into_iter().any(|port| {
        let Some((range, kind)) = port.split_once('/') else { return false };
        let (low, high) = range.split_once('-').unwrap_or((range, range));
        let read = |text: &str| text.parse::<u16>().ok();
        kind == protocol && read(low).zip(read(high)).is_some_and(|(low, high)| (low..=high).contains(&number))
    })
}

/// Whether a zone lets a port be reached.
fn allows(zone: &Zone, number: u16, protocol: &str) -> bool {
    let of_services = zone.services.iter().filter_map(|service| ports_of(service)).flat_map(str::split_whitespace);
    has_port(of_services.chain(zone.ports.iter().map(String::as_str)), number, protocol)
}

/// Whether a machine's firewall keeps others from a TCP port. One that nobody has changed keeps nobody from what the machine
/// serves, and where nothing listens it is not told apart from a port that is closed.
#[must_use]
pub fn bars(world: &World, id: MachineId, number: u16) -> bool {
    let linux = world.linux(id);
    if linux.firewall.is_untouched() || linux.distro.vendor != Vendor::RedHat || !linux.unit_is_up(UNIT) {
        return false;
    }
    let rules = now(world, id);
    match (rules.default.as_str(), rules.zones.get(&rules.default)) {
        ("trusted", _) | (_, None) => false,
        (_, Some(zone)) => !allows(zone, number, "tcp"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_have_their_ports() {
        let check = |ports: &[&str], number: u16, expect: bool| {
            assert_eq!(has_port(ports.iter().copied(), number, "tcp"), expect, "{ports:?} {number}");
        };
        check(&["22/tcp"], 22, true);
        check(&["22/udp"], 22, false);
        check(&["5900-6923/tcp"], 6000, true);
        check(&["5900-6923/tcp"], 6924, false);
        check(&[], 22, false);
    }
}
