//! What the network of a machine is set to beside its address, which the lab knows, and the files that hold the rest of it:
//! host name, name servers, time servers. Who asks through another door reads the same files.

use std::net::{Ipv4Addr, Ipv6Addr};

use serde::{Deserialize, Serialize};

use super::Linux;
use super::by_hand::ByHand;
use crate::sim::Instant;
use crate::systems::linux::distro::Vendor;
use crate::systems::linux::fs::{Content, Cred, Errno};

/// The file with the name servers.
pub const RESOLV_CONF: &str = "/etc/resolv.conf";
/// The file with the time servers.
pub const NTP_CONF: &str = "/etc/ntp.conf";

/// The interface of a machine.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Network {
    /// So many bits of the address name its net.
    pub prefix: u8,
    /// Where packets to other nets go.
    pub gateway: Gateway,
    /// Whether the interface has no address of IPv4, so that nobody reaches the machine over it.
    #[serde(default)]
    pub unconfigured: bool,
    /// Whether the interface is down: nothing has brought it up, or somebody has taken it down.
    #[serde(default)]
    pub down: bool,
    /// What somebody has done to it.
    #[serde(default)]
    pub by_hand: ByHand,
    /// Whether the address was leased by a DHCP server; the lab gives it either way.
    pub dhcp: bool,
    /// Ways to other nets beside the gateway.
    pub routes: Vec<Route>,
    /// What is set of IPv6.
    pub ipv6: Ipv6,
}

/// The way to all other nets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Gateway {
    /// The first address of the net, as long as nobody says otherwise.
    First,
    /// There is none.
    None,
    /// This one.
    At(Ipv4Addr),
}

/// A way to another net.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Route {
    /// The net.
    pub destination: Ipv4Addr,
    /// So many of its bits count.
    pub prefix: u8,
    /// Where packets to it go.
    pub gateway: Ipv4Addr,
    /// Whether somebody has set it by hand: the next boot knows nothing of it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub by_hand: bool,
}

/// What is set of IPv6. The link-local address is there always.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ipv6 {
    /// Addresses are asked of a DHCP server; no lab has one.
    pub dhcp: bool,
    /// Addresses are made from what routers announce; no router of a lab does.
    pub autoconf: bool,
    /// Addresses with their prefix lengths.
    pub addresses: Vec<(Ipv6Addr, u8)>,
    /// Where packets to other nets go.
    pub gateway: Option<Ipv6Addr>,
}

impl Default for Network {
    fn default() -> Self {
        Self {
            prefix: 24,
            gateway: Gateway::First,
            unconfigured: false,
            down: false,
            by_hand: ByHand::default(),
            dhcp: false,
            routes: Vec::new(),
            ipv6: Ipv6::default(),
        }
    }
}

/// The net that an address is in.
#[must_use]
pub fn net_of(address: Ipv4Addr, prefix: u8) -> Ipv4Addr {
    Ipv4Addr::from_bits(address.to_bits() & mask(prefix))
}

/// The mask of a net.
#[must_use]
pub fn netmask(prefix: u8) -> Ipv4Addr {
    Ipv4Addr::from_bits(mask(prefix))
}

fn mask(prefix: u8) -> u32 {
    u32::MAX.checked_shl(32 - u32::from(prefix.min(32))).unwrap_or(0)
}

impl Network {
    /// The gateway of a machine with this address.
    #[must_use]
    pub fn gateway_of(&self, address: Ipv4Addr) -> Option<Ipv4Addr> {
        match self.gateway {
            Gateway::First => Some(Ipv4Addr::from_bits(net_of(address, self.prefix).to_bits() | 1)),
            Gateway::None => None,
            Gateway::At(gateway) => Some(gateway),
        }
    }

    /// The address at which all of its net listen.
    #[must_use]
    pub fn broadcast_of(&self, address: Ipv4Addr) -> Ipv4Addr {
        Ipv4Addr::from_bits(address.to_bits() | !mask(self.prefix))
    }
}

impl Linux {
    /// What is written in a file; nothing for one that is not there, or is made when it is read.
    #[must_use]
    pub fn text(&self, path: &str) -> Option<String> {
        let ino = self.fs.lookup(&Cred::ROOT, "/", path).ok()?;
        match self.fs.content(ino) {
            Some(Content::Bytes(bytes)) => Some(String::from_utf8_lossy(bytes).into_owned()),
            _ => None,
        }
    }

    /// Writes a file anew, as root; one that is not there yet gets these permission bits.
    ///
    /// # Errors
    /// What the file system says.
    pub fn put_text(&mut self, path: &str, text: &str, mode: u16, now: Instant) -> Result<(), Errno> {
        let ino = match self.fs.lookup(&Cred::ROOT, "/", path) {
            Ok(ino) => ino,
            Err(Errno::Noent) => self.fs.create(&Cred::ROOT, "/", path, mode, now)?,
            Err(errno) => return Err(errno),
        };
        self.fs.truncate(&Cred::ROOT, ino, 0, now)?;
        let written = self.fs.append(&Cred::ROOT, ino, text.as_bytes(), now)?;
        if written == text.len() { Ok(()) } else { Err(Errno::Nospc) }
    }

    /// Gives the machine another host name, for now and for the next boot.
    ///
    /// # Errors
    /// What the file system says of the file that holds it.
    pub fn set_hostname(&mut self, name: &str, now: Instant) -> Result<(), Errno> {
        let file = if self.distro.vendor == Vendor::Suse { "/etc/HOSTNAME" } else { "/etc/hostname" };
        let made = self.fs.lookup(&Cred::ROOT, "/", file).is_ok_and(|ino| self.fs.made(ino).is_some());
        if !made {
            self.put_text(file, &format!("{name}\n"), 0o644, now)?;
        }
        self.rename(name);
        Ok(())
    }

    /// The machine is called so from now on; its log keeps the name that it had.
    pub fn rename(&mut self, name: &str) {
        if self.hostname != name {
            self.log.keep_name(&self.hostname);
            name.clone_into(&mut self.hostname);
        }
    }

    /// The values of a key in a file of lines `key value …`.
    fn settings(&self, path: &str, key: &str) -> Vec<String> {
        let text = self.text(path).unwrap_or_default();
        let lines = text.lines().map(|line| line.split('#').next().unwrap_or_default());
        let values = lines.filter_map(|line| {
            let mut words = line.split_whitespace();
            (words.next() == Some(key)).then(|| words.map(str::to_owned).collect::<Vec<_>>())
        });
        values.flatten().collect()
    }

    /// The name servers.
    #[must_use]
    pub fn name_servers(&self) -> Vec<String> {
        self.settings(RESOLV_CONF, "nameserver")
    }

    /// The domains in which names are looked for.
    #[must_use]
    pub fn search_domains(&self) -> Vec<String> {
        self.settings(RESOLV_CONF, "search")
    }

    /// Writes down the name servers and the domains in which names are looked for.
    ///
    /// # Errors
    /// What the file system says.
    pub fn set_resolver(&mut self, servers: &[String], domains: &[String], now: Instant) -> Result<(), Errno> {
        let mut text = String::new();
        if !domains.is_empty() {
            text.push_str(&format!("search {}\n", domains.join(" ")));
        }
        text.extend(servers.iter().map(|server| format!("nameserver {server}\n")));
        self.put_text(RESOLV_CONF, &text, 0o644, now)
    }

    /// The time servers: the first word behind each `server`.
    #[must_use]
    pub fn time_servers(&self) -> Vec<String> {
        let text = self.text(NTP_CONF).unwrap_or_default();
        text.lines().filter_map(time_server).map(str::to_owned).collect()
    }

    /// Writes down the time servers; the other lines of the file stay.
    ///
    /// # Errors
    /// What the file system says.
    pub fn set_time_servers(&mut self, servers: &[String], now: Instant) -> Result<(), Errno> {
        let text = self.text(NTP_CONF).unwrap_or_default();
        let others = text.lines().filter(|line| time_server(line).is_none()).map(|line| format!("{line}\n"));
        let all: String = others.chain(servers.iter().map(|server| format!("server {server}\n"))).collect();
        self.put_text(NTP_CONF, &all, 0o644, now)
    }

    /// The unit that keeps the time by servers.
    #[must_use]
    pub fn time_unit(&self) -> &'static str {
        match self.distro.vendor {
            Vendor::Suse => "ntp.service",
            Vendor::RedHat => "chronyd.service",
            Vendor::Photon | Vendor::Esxi => "ntpd.service",
        }
    }
}

/// The server that a line of `ntp.conf` names. The machine's own clock, which such files name so too, is none.
fn time_server(line: &str) -> Option<&str> {
    let mut words = line.split_whitespace();
    let server = words.next().filter(|key| *key == "server").and_then(|_| words.next())?;
    (!server.starts_with("127.127.")).then_some(server)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::systems::linux::model::Release;

    #[test]
    fn nets_have_their_bounds() {
        let check = |address: &str, prefix, expect: [&str; 3]| {
            let address: Ipv4Addr = address.parse().expect("an address");
            let network = Network { prefix, ..Network::default() };
            let gateway = network.gateway_of(address).expect("a gateway");
            let found =
                [net_of(address, prefix), network.broadcast_of(address), gateway].map(|found| found.to_string());
            assert_eq!(found, expect, "{address}/{prefix}");
        };
        check("192.168.10.60", 24, ["192.168.10.0", "192.168.10.255", "192.168.10.1"]);
        check("10.1.130.7", 17, ["10.1.128.0", "10.1.255.255", "10.1.128.1"]);
        check("10.1.2.3", 0, ["0.0.0.0", "255.255.255.255", "0.0.0.1"]);
        check("10.1.2.3", 32, ["10.1.2.3", "10.1.2.3", "10.1.2.3"]);
    }

    #[test]
    fn settings_are_kept_in_the_files_of_the_machine() {
        let now = Instant::parse("2022-01-01T00:00:00Z").expect("a time");
        let mut linux = Linux::new(Release::find("photon-3").expect("a distribution"), "a", now);
        let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
        assert_eq!((linux.name_servers(), linux.time_servers()), (words(""), words("")));
        linux.set_resolver(&words("10.0.0.1 10.0.0.2"), &words("lab.local b.local"), now).expect("room");
        assert_eq!(
            linux.text(RESOLV_CONF).as_deref(),
            Some("search lab.local b.local\nnameserver 10.0.0.1\nnameserver 10.0.0.2\n")
        );
        assert_eq!(
            (linux.name_servers(), linux.search_domains()),
            (words("10.0.0.1 10.0.0.2"), words("lab.local b.local"))
        );
        linux.put_text(NTP_CONF, "driftfile /x\nserver 127.127.1.0\nserver a iburst # b\n", 0o644, now).expect("room");
        assert_eq!(linux.time_servers(), words("a"));
        linux.set_time_servers(&words("c d"), now).expect("room");
        assert_eq!(linux.text(NTP_CONF).as_deref(), Some("driftfile /x\nserver 127.127.1.0\nserver c\nserver d\n"));
    }

    #[test]
    fn a_host_name_lasts_over_a_boot() {
        let now = Instant::parse("2022-01-01T00:00:00Z").expect("a time");
        for distro in ["sles-11.3", "photon-3"] {
            let mut linux = Linux::new(Release::find(distro).expect("a distribution"), "a", now);
            linux.set_hostname("b.lab.local", now).expect("room");
            let numbers = (linux.machine_id(), linux.boot_id(0));
            linux.kernel_boots(now);
            assert_eq!(linux.hostname, "b.lab.local", "{distro}");
            let installed = Linux::new(Release::find(distro).expect("a distribution"), "a", now);
            assert_eq!(numbers, (installed.machine_id(), installed.boot_id(0)), "{distro}");
            let file = if distro == "photon-3" { "/etc/hostname" } else { "/etc/HOSTNAME" };
            linux.put_text(file, "written.by.hand\n", 0o644, now).expect("room");
            linux.set_hostname("c", now).expect("room");
            assert_eq!(linux.text(file).as_deref(), Some("c\n"));
        }
    }
}
