//! The lab's network as programs see it: names, addresses, and who answers.

use std::net::Ipv6Addr;

use super::fs::Cred;
use super::interface::Interface;
use super::made_files;
use crate::systems::family;
use crate::vm::Power;
use crate::world::{Machine, MachineId, World};

/// What stands behind a name or an address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Host {
    /// The name in full, as the hosts file has it first.
    pub name: String,
    /// The address.
    pub address: String,
    /// The machine, if one of the lab has this address.
    pub machine: Option<MachineId>,
    /// The machine that looks for it.
    pub from: MachineId,
}

/// How far a machine is from taking connections.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// It takes logins.
    Up,
    /// It answers ping and refuses connections.
    Refused,
    /// Nothing answers.
    Silent,
    /// The machine that asks has no way to it.
    NoWay,
}

/// Looks a name up as a machine does: in its `/etc/hosts`, which knows all machines of the lab, then at its name server. Addresses stand for themselves.
#[must_use]
pub fn resolve(world: &World, from: MachineId, name: &str) -> Option<Host> {
    // Of two machines with one address the one that runs has it.
    let at = |address: &str| {
        let mut first = None;
        let has = |id: MachineId, machine: &Machine| {
            let added = &world.linux(id).network.by_hand.added;
            machine.address == address || added.iter().any(|added| added.address.to_string() == address)
        };
        let mut all = world.machines().filter(|(id, machine)| has(*id, machine));
        let on = all.find(|(id, _)| {
            first.get_or_insert(*id);
            runs(world, *id)
        });
        on.map(|(id, _)| id).or(first)
    };
    if matches!(name, "localhost" | "127.0.0.1" | "::1") {
        return Some(Host { name: "localhost".to_owned(), address: "127.0.0.1".to_owned(), machine: Some(from), from });
    }
    let number = |part: &str| part.parse::<u8>().is_ok();
    let is_address = name.split('.').count() == 4 && name.split('.').all(number);
    if is_address {
        return Some(Host { name: name.to_owned(), address: name.to_owned(), machine: at(name), from });
    }
    let linux = world.linux(from);
    let ino = linux.fs.lookup(&Cred::ROOT, "/", "/etc/hosts").ok()?;
    let made = linux.fs.made(ino) == Some(made_files::HOSTS);
    if let Some((address, own)) = made.then(|| made_files::host_called(world, linux, name)).flatten() {
        return Some(Host { machine: at(address), name: own.to_owned(), address: address.to_owned(), from });
    }
    let text = made_files::slice(world, from, ino, 0, 1 << 20);
    for line in String::from_utf8_lossy(&text).lines() {
        let mut words = line.split('#').next().unwrap_or_default().split_whitespace();
        let Some(address) = words.next() else { continue };
        let names: Vec<&str> = words.collect();
        if names.iter().any(|known| known.eq_ignore_ascii_case(name)) {
            let first = names.first().copied().unwrap_or(name);
            return Some(Host { name: first.to_owned(), address: address.to_owned(), machine: at(address), from });
        }
    }
    if let Some((full, address)) = name_server(world, from).and_then(|_| address_of(world, name)) {
        return Some(Host { machine: at(&address), name: full, address, from });
    }
    None
}

/// The name by which a host was installed, whatever it is called by: what belongs to the host itself, such as its keys, hangs on
/// that.
#[must_use]
pub fn own_name<'a>(world: &'a World, host: &'a Host) -> &'a str {
    host.machine.map_or(&host.name, |id| world.linux(id).installed_as())
}

/// The same over IPv6. A name has an address of this kind on its own machine only: the hosts file has none of others. Behind `%`
/// stands through which interface a link-local address is looked for.
#[must_use]
pub fn resolve6(world: &World, from: MachineId, name: &str) -> Option<Host> {
    if matches!(name, "localhost" | "ipv6-localhost" | "ip6-localhost" | "::1") {
        return Some(Host { name: name.to_owned(), address: "::1".to_owned(), machine: Some(from), from });
    }
    let bare = name.split('%').next().unwrap_or_default();
    let address: Ipv6Addr = bare.parse().ok()?;
    let has = |id: MachineId| {
        let own = Interface::of(world, id);
        own.local6().parse() == Ok(address) || own.network.ipv6.addresses.iter().any(|(own, _)| *own == address)
    };
    let machine = world.machines().map(|(id, _)| id).find(|id| has(*id));
    Some(Host { name: name.to_owned(), address: name.to_owned(), machine, from })
}

/// The daemon of an appliance that asks its name servers for those who ask it, and keeps what they said.
pub const NAME_CACHE: &str = "dnsmasq";

/// Whether somebody answers questions for names at an address: the name server of the lab's network, or at the machine itself
/// what asks that.
#[must_use]
pub fn serves_names(world: &World, from: MachineId, address: &str) -> bool {
    match address {
        "127.0.0.1" => {
            world.linux(from).processes.daemon_called(&[NAME_CACHE]).is_some() && name_server(world, from).is_some()
        }
        address => world.surroundings.names.as_deref() == Some(address),
    }
}

/// The name server of a machine that answers, if it has one.
#[must_use]
pub fn name_server(world: &World, from: MachineId) -> Option<String> {
    let known = world.surroundings.names.as_deref();
    world.linux(from).name_servers().into_iter().find(|server| known == Some(server))
}

/// The machines that the others know by name: in their hosts files and at the name server. A name that several have is that
/// of the one which runs; of one that is switched off only where the name does not lead elsewhere.
pub fn known_by_name(world: &World) -> impl Iterator<Item = (MachineId, &Machine)> {
    let known = |id: MachineId| family(world, id).is_known_by_name(world, id);
    let outdone = move |id: MachineId| {
        let name = &world.linux(id).hostname;
        let namesake = |other: MachineId| runs(world, other) && known(other) && *name == world.linux(other).hostname;
        let moved = || world.surroundings.host(name).is_some_and(|(_, address)| address != world.machine(id).address);
        !runs(world, id) && (moved() || world.machines().any(|(other, _)| namesake(other)))
    };
    world.machines().filter(move |(id, _)| known(*id) && !outdone(*id))
}

/// Whether a machine is on: by its own power or, where others switch it, by what it answers.
pub fn runs(world: &World, id: MachineId) -> bool {
    world.machine(id).vm.power == Power::On || family(world, id).answers_ping(world, id)
}

/// What a name server of the lab knows of a name: it in full, and its address, which may be that of a machine. It is told when
/// a host is renamed; the hosts files are not.
#[must_use]
pub fn address_of(world: &World, name: &str) -> Option<(String, String)> {
    let wanted = name.trim_end_matches('.');
    let machine = known_by_name(world).find_map(|(id, machine)| {
        let names = [&machine.name, &world.linux(id).hostname];
        let full = names.into_iter().find(|own| own.eq_ignore_ascii_case(wanted))?;
        Some((full.clone(), machine.address.clone()))
    });
    machine.or_else(|| world.surroundings.host(name).map(|(full, address)| (full.to_owned(), address.to_owned())))
}

/// What it knows of an address: the name of a machine, or another that it has for it.
#[must_use]
pub fn name_of(world: &World, address: &str) -> Option<String> {
    let machine = known_by_name(world).find(|(_, machine)| machine.address == address);
    let beside = || world.surroundings.hosts.iter().find(|(_, known)| *known == address);
    machine.map(|(_, machine)| machine.name.clone()).or_else(|| beside().map(|(name, _)| name.clone()))
}

/// Why a packet over IPv6 cannot even be sent: there is no way to nets that a machine has no address in.
#[must_use]
pub fn unroutable6(world: &World, host: &Host) -> Option<&'static str> {
    let Ok(address) = host.address.split('%').next().unwrap_or_default().parse::<Ipv6Addr>() else { return None };
    let ipv6 = &world.linux(host.from).network.ipv6;
    let within = |(own, prefix): &(Ipv6Addr, u8)| {
        let mask = u128::MAX.checked_shl(128 - u32::from((*prefix).min(128))).unwrap_or(0);
        own.to_bits() & mask == address.to_bits() & mask
    };
    if address.is_loopback() || host.machine == Some(host.from) || host.address.contains('%') {
        return None;
    }
    if address.is_unicast_link_local() {
        return Some("Invalid argument");
    }
    (ipv6.gateway.is_none() && !ipv6.addresses.iter().any(within)).then_some("Network is unreachable")
}

/// Whether a machine cannot even send a packet to a host.
fn has_no_way(world: &World, host: &Host) -> bool {
    let own = Interface::of(world, host.from);
    match host.address.parse() {
        Ok(address) => own.network.hop(own.address, address).is_none(),
        Err(_) => own.network.down,
    }
}

/// Whether a machine takes connections now. A firewall drops what it does not let in.
#[must_use]
pub fn reach(world: &World, host: &Host) -> Reach {
    if host.machine != Some(host.from) && has_no_way(world, host) {
        return Reach::NoWay;
    }
    let is_own = host.machine == Some(host.from) || host.address.starts_with("127.");
    if !is_own && !family(world, host.from).sends_to(world, host.from, host) {
        return Reach::Silent;
    }
    let Some(id) = host.machine else {
        return if world.surroundings.has(&host.address) { Reach::Refused } else { Reach::Silent };
    };
    let family = family(world, id);
    let deaf = || {
        let Ok(address) = host.address.parse() else { return world.linux(id).network.down };
        let own = Interface::of(world, id);
        !own.network.hears(own.address, address)
    };
    if !is_own && (deaf() || !family.admits(world, id, &world.machine(host.from).address)) {
        return Reach::Silent;
    }
    match (family.login(world, id).is_ok(), family.answers_ping(world, id)) {
        (true, _) => Reach::Up,
        // Whatever keeps others away, it hears itself.
        (false, _) if is_own && world.linux(id).unit_is_up("sshd.service") => Reach::Up,
        (false, answers) if answers || is_own => Reach::Refused,
        (false, _) => Reach::Silent,
    }
}

/// Whether a port of a machine takes connections from another now. Beside the secure shell these are the ports behind which
/// the family has pages.
#[must_use]
pub fn reach_port(world: &World, host: &Host, port: u16) -> Reach {
    match (reach(world, host), host.machine) {
        (Reach::Up, _) if port == SSH => Reach::Up,
        (Reach::Up | Reach::Refused, Some(id)) if has_page(world, id, port) => Reach::Up,
        (Reach::Up | Reach::Refused, Some(id)) if takes(world, id, port, host.from == id) => Reach::Up,
        (Reach::Up | Reach::Refused, _) => Reach::Refused,
        (Reach::Silent, _) => Reach::Silent,
        (Reach::NoWay, _) => Reach::NoWay,
    }
}

/// Whether a machine's own network has this address, so that ARP tells when nobody has it.
#[must_use]
pub fn is_near(world: &World, from: MachineId, host: &Host) -> bool {
    let net = |address: &str| address.rsplit_once('.').map(|(net, _)| net.to_owned());
    host.machine.is_some() || net(&world.machine(from).address) == net(&host.address)
}

/// The port of the secure shell.
pub const SSH: u16 = 22;

/// Ports behind which some family has pages.
pub const WEB: [u16; 5] = [80, 443, 5480, 8443, 9443];

/// A TCP port of a machine, and the daemons that may stand behind it, each by the name of its process or its unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Port {
    /// Its number.
    pub number: u16,
    /// Whether it takes connections from the machine itself only.
    pub local: bool,
    /// The daemons, the first that runs.
    pub daemons: &'static [&'static str],
}

impl Port {
    /// A port for all.
    #[must_use]
    pub const fn open(number: u16, daemons: &'static [&'static str]) -> Self {
        Self { number, local: false, daemons }
    }

    /// A port for the machine itself.
    #[must_use]
    pub const fn local(number: u16, daemons: &'static [&'static str]) -> Self {
        Self { number, local: true, daemons }
    }
}

/// The port of the secure shell, and those of pages.
const COMMON: [Port; 6] = [
    Port::open(SSH, &["sshd"]),
    Port::open(80, &["envoy", "rhttpproxy", "httpd", "nginx"]),
    Port::open(443, &["envoy", "rhttpproxy", "httpd", "nginx"]),
    Port::open(5480, &["vami-lighttpd", "lighttpd"]),
    Port::open(8443, &[]),
    Port::open(9443, &["vsphere-client.", "vsphere-ui.laun"]),
];

/// The ports on which something listens, lowest first, with the process behind each where it is known.
#[must_use]
pub fn listening(world: &World, id: MachineId) -> Vec<(Port, Option<u32>)> {
    let linux = world.linux(id);
    let common = COMMON.iter().map(|port| (*port, linux.processes.daemon_called(port.daemons)));
    let common = common.filter(
        |(port, owner)| {
            if port.number == SSH { owner.is_some() } else { has_page(world, id, port.number) }
        },
    );
    let own = family(world, id).ports().iter();
    let own = own.filter_map(|port| Some((*port, Some(linux.processes.daemon_called(port.daemons)?))));
    let mut all: Vec<_> = common.chain(own).collect();
    for port in FILE_SERVERS {
        let known = all.iter().any(|(other, _)| other.number == port.number);
        if let Some(unit) = port.daemons.iter().find(|unit| !known && linux.unit_is_up(unit)) {
            all.push((port, linux.unit_state(unit).main_pid));
        }
    }
    all.sort_by_key(|(port, _)| port.number);
    all
}

/// Servers of files, each with the units that are one.
const FILE_SERVERS: [Port; 6] = [
    Port::open(21, &["vsftpd.service", "proftpd.service"]),
    Port::open(80, &["httpd.service", "nginx.service"]),
    Port::open(443, &["httpd.service", "nginx.service"]),
    Port::open(445, &["smb.service"]),
    Port::open(990, &["vsftpd.service", "proftpd.service"]),
    Port::open(2049, &["nfs-server.service"]),
];

/// Whether a server of files takes connections on a port.
#[must_use]
pub fn serves_files(world: &World, id: MachineId, number: u16) -> bool {
    let linux = world.linux(id);
    let served = |port: &Port| port.number == number && port.daemons.iter().any(|unit| linux.unit_is_up(unit));
    FILE_SERVERS.iter().any(served)
}

/// Whether a daemon of the family's takes connections on a port, from the machine itself or from elsewhere.
fn takes(world: &World, id: MachineId, number: u16, from_itself: bool) -> bool {
    let ports = family(world, id).ports().iter().filter(|port| port.number == number && (from_itself || !port.local));
    ports.into_iter().any(|port| world.linux(id).processes.daemon_called(port.daemons).is_some())
        || serves_files(world, id, number)
}

fn has_page(world: &World, id: MachineId, port: u16) -> bool {
    let page = || family(world, id).page(world, id, port, "/", None).text;
    WEB.contains(&port) && !matches!(page().as_str(), REFUSED | TIMED_OUT)
}

/// What a page says where there is none.
pub const REFUSED: &str = "[connection refused]";
/// What a page says where nobody answers.
pub const TIMED_OUT: &str = "[connection timed out]";
