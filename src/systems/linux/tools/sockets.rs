//! Connections of a machine and the ports that it listens on, and whose they are: `ss` (iproute2 4.11 and 5.15).
//! That a daemon holds its sockets as files 3 and on is inferred.

use std::collections::BTreeMap;

use super::{Tool, tool};
use crate::systems::family;
use crate::systems::linux::distro::Vendor;
use crate::systems::linux::model::Process;
use crate::systems::linux::model::logins::port_of;
use crate::systems::linux::net::{self, Port};
use crate::systems::linux::proc::{Ended, Proc};

/// The programs of this file.
pub static TOOLS: &[Tool] = &[tool!("ss", ss)];

/// The process that holds a socket.
#[derive(Clone, Debug)]
pub(super) struct Owner {
    pub(super) pid: u32,
    /// Its name as the kernel has it.
    name: String,
    /// Its name as it was called.
    pub(super) title: String,
    /// The number of the socket among its files.
    pub(super) fd: u32,
}

impl Owner {
    fn of(pid: u32, process: &Process, fd: u32) -> Self {
        // A connection has all of its title as its first word.
        let word = |command: &str| command.split(' ').next().unwrap_or_default().to_owned();
        let first = if process.is_connection() { process.command.clone() } else { word(&process.command) };
        let title = first.rsplit('/').next().unwrap_or_default();
        Self { pid, name: process.comm().to_owned(), title: title.to_owned(), fd }
    }
}

/// A TCP port on which something listens.
struct Listener {
    port: Port,
    /// The process, where it is known and may be seen.
    owner: Option<Owner>,
}

/// The ports, lowest first.
fn listeners(p: &Proc) -> Vec<Listener> {
    let found = p.world(|world, id| net::listening(world, id));
    let listener = |(port, pid): (Port, Option<u32>)| {
        let owner = p.peek(|linux| {
            let process = pid.and_then(|pid| linux.processes.get(pid))?;
            // Only root sees the processes of others.
            let seen = p.cred.is_root() || process.uid == p.cred.uid;
            seen.then(|| Owner::of(pid.unwrap_or_default(), process, 3))
        });
        Listener { port, owner }
    };
    found.into_iter().map(listener).collect()
}

/// The UDP ports of daemons that only this family of machines has, while they run.
fn datagram_ports(p: &Proc) -> Vec<(Port, u32)> {
    let ports = p.world(|world, id| family(world, id).datagram_ports(world, id));
    let pid = |port: &Port| p.peek(|linux| linux.processes.daemon_called(port.daemons));
    ports.into_iter().filter_map(|port| Some((port, pid(&port)?))).collect()
}

/// A port by its name, where it is one of the few that programs name here.
fn port_name(port: u16, named: bool) -> String {
    match port {
        22 if named => "ssh".to_owned(),
        53 if named => "domain".to_owned(),
        80 if named => "http".to_owned(),
        88 if named => "kerberos".to_owned(),
        161 if named => "snmp".to_owned(),
        389 if named => "ldap".to_owned(),
        443 if named => "https".to_owned(),
        514 if named => "shell".to_owned(),
        636 if named => "ldaps".to_owned(),
        port => port.to_string(),
    }
}

/// A socket.
pub(super) struct Socket {
    pub(super) netid: &'static str,
    pub(super) state: &'static str,
    queue: u32,
    pub(super) local: (String, String),
    pub(super) peer: (String, String),
    pub(super) owner: Option<Owner>,
}

impl Socket {
    /// Whether it is one of IPv6.
    pub(super) fn is6(&self) -> bool {
        self.local.0.starts_with('[')
    }
}

/// Which sockets are asked for, and how they are shown.
#[derive(Default)]
pub(super) struct Asked {
    pub(super) tcp: bool,
    pub(super) udp: bool,
    pub(super) listening: bool,
    pub(super) all: bool,
    pub(super) numeric: bool,
    pub(super) processes: bool,
    pub(super) no_head: bool,
    pub(super) only4: bool,
    pub(super) only6: bool,
    /// `state NAME`
    pub(super) state: Option<String>,
}

impl Asked {
    /// Reads the arguments; the first that is not modelled otherwise.
    fn read(arguments: &[String]) -> Result<Self, String> {
        let mut asked = Self::default();
        let mut words = arguments.iter();
        while let Some(word) = words.next() {
            let letters = match word.as_str() {
                "--tcp" => "t",
                "--udp" => "u",
                "--listening" => "l",
                "--all" => "a",
                "--numeric" => "n",
                "--processes" => "p",
                "--no-header" => "H",
                "--ipv4" => "4",
                "--ipv6" => "6",
                "state" => {
                    let name = words.next().cloned().unwrap_or_default();
                    if !matches!(name.as_str(), "established" | "listening" | "connected" | "all") {
                        return Err(format!("state {name}"));
                    }
                    asked.state = Some(name);
                    continue;
                }
                letters => letters.strip_prefix('-').ok_or_else(|| word.clone())?,
            };
            for letter in letters.chars() {
                match letter {
                    't' => asked.tcp = true,
                    'u' => asked.udp = true,
                    'l' => asked.listening = true,
                    'a' => asked.all = true,
                    'n' => asked.numeric = true,
                    'p' => asked.processes = true,
                    'H' => asked.no_head = true,
                    '4' => asked.only4 = true,
                    '6' => asked.only6 = true,
                    _ => return Err(word.clone()),
                }
            }
        }
        Ok(asked)
    }

    /// Whether a socket is among them.
    pub(super) fn wants(&self, socket: &Socket) -> bool {
        let six = socket.is6();
        let listens = matches!(socket.state, "LISTEN" | "UNCONN");
        let state = match self.state.as_deref() {
            Some("established" | "connected") => !listens,
            Some("listening") => socket.state == "LISTEN",
            Some(_) => true,
            None => self.all || listens == self.listening,
        };
        (if socket.netid == "tcp" { self.tcp } else { self.udp })
            && (!self.only4 || !six)
            && (!self.only6 || six)
            && state
    }
}

/// The sockets of the machine: connections of the secure shell, ports that something listens on, and the daemon of the time.
pub(super) fn sockets(p: &Proc, asked: &Asked) -> Vec<Socket> {
    let any = || "*".to_owned();
    let mut found = Vec::new();
    let own = p.world(|world, id| world.machine(id).address.clone());
    let connections: Vec<(u32, String, u32)> = p.peek(|linux| {
        let open = linux.logins.present().filter(|record| record.session > 0 && record.from.contains('.'));
        let daemon = |pid: u32| {
            let is = |pid: &u32| linux.processes.get(*pid).is_some_and(Process::is_connection);
            [linux.processes.get(pid).map(|shell| shell.ppid), Some(pid)].into_iter().flatten().find(is)
        };
        open.filter_map(|record| Some((port_of(record.session), record.from.clone(), daemon(record.pid)?))).collect()
    });
    let root = p.cred.is_root();
    let owner = |pid: u32, fd: u32| {
        let process = p.peek(|linux| linux.processes.get(pid).cloned());
        process.filter(|_| root).map(|process| Owner::of(pid, &process, fd))
    };
    let time = p.peek(|linux| {
        let names: [(&str, &str, [&str; 2]); 2] =
            [("chronyd", "323", ["127.0.0.1", "[::1]"]), ("ntpd", "123", ["0.0.0.0", "[::]"])];
        names.into_iter().find_map(|(name, port, sides)| Some((linux.processes.daemon_called(&[name])?, port, sides)))
    });
    for (fd, side) in [(5, 0), (6, 1)] {
        let Some((pid, port, sides)) = time else { continue };
        let peer = if side == 0 { "0.0.0.0" } else { "[::]" };
        let port = if port == "123" && !asked.numeric { "ntp" } else { port };
        let (local, peer) = ((sides[side].to_owned(), port.to_owned()), (peer.to_owned(), any()));
        found.push(Socket { netid: "udp", state: "UNCONN", queue: 0, local, peer, owner: owner(pid, fd) });
    }
    for (port, pid) in datagram_ports(p) {
        let address = if port.local { "127.0.0.1" } else { "0.0.0.0" };
        let local = (address.to_owned(), port_name(port.number, !asked.numeric));
        let peer = ("0.0.0.0".to_owned(), any());
        found.push(Socket { netid: "udp", state: "UNCONN", queue: 0, local, peer, owner: owner(pid, 7) });
    }
    let listeners = listeners(p);
    // A daemon has its first sockets as files 3, 4 and on.
    let mut numbers: BTreeMap<u32, u32> = BTreeMap::new();
    let mut numbered = |owner: &Owner| {
        let next = numbers.entry(owner.pid).or_insert(3);
        *next += 1;
        Owner { fd: *next - 1, ..owner.clone() }
    };
    for (side, six) in [("0.0.0.0", false), ("[::]", true)] {
        for Listener { port, owner } in listeners.iter().filter(|listener| !six || !listener.port.local) {
            let owner = owner.as_ref().map(&mut numbered);
            let address = if port.local { "127.0.0.1" } else { side };
            let local = (address.to_owned(), port_name(port.number, !asked.numeric));
            let peer = (side.to_owned(), any());
            found.push(Socket { netid: "tcp", state: "LISTEN", queue: 128, local, peer, owner });
        }
        if !six {
            for (port, from, pid) in &connections {
                let local = (own.clone(), port_name(net::SSH, !asked.numeric));
                let peer = (from.clone(), port.to_string());
                found.push(Socket { netid: "tcp", state: "ESTAB", queue: 0, local, peer, owner: owner(*pid, 5) });
            }
        }
    }
    found
}

/// `ss -s`: how many sockets there are. Those within the machine are so many for each daemon.
async fn summary(p: &mut Proc) -> Ended {
    const OF_A_DAEMON: usize = 5;
    let asked = Asked { tcp: true, udp: true, all: true, ..Asked::default() };
    let found: Vec<Socket> = sockets(p, &asked);
    let count = |netid: &str, six: Option<bool>| {
        let is =
            |socket: &&Socket| socket.netid == netid && six.is_none_or(|six| six == socket.local.0.starts_with('['));
        found.iter().filter(is).count()
    };
    let established = found.iter().filter(|socket| socket.state == "ESTAB").count();
    let daemons = p.peek(|linux| linux.processes.iter().filter(|(_, process)| process.unit.is_some()).count());
    let total = found.len() + daemons * OF_A_DAEMON;
    p.inferred();
    let new = is_new(p);
    let tcp = count("tcp", None);
    let mut text = match new {
        true => format!("Total: {total}\nTCP:   {tcp} (estab {established}, closed 0, orphaned 0, timewait 0)\n"),
        false => format!(
            "Total: {total} (kernel 0)\nTCP:   {tcp} (estab {established}, closed 0, orphaned 0, synrecv 0, timewait 0/0), \
             ports 0\n"
        ),
    };
    text.push_str("\nTransport Total     IP        IPv6\n");
    if !new {
        text.push_str(&format!("*\t  {:<9} {:<9} {:<9}\n", 0, "-", "-"));
    }
    let inet = [None, Some(false), Some(true)].map(|six| count("tcp", six) + count("udp", six));
    let rows = [
        ("RAW", [0; 3]),
        ("UDP", [None, Some(false), Some(true)].map(|six| count("udp", six))),
        ("TCP", [None, Some(false), Some(true)].map(|six| count("tcp", six))),
        ("INET", inet),
        ("FRAG", [0; 3]),
    ];
    for (name, [all, four, six]) in rows {
        text.push_str(&format!("{name}\t  {all:<9} {four:<9} {six:<9}\n"));
    }
    p.out(&format!("{text}\n")).await?;
    Ok(0)
}

/// Whether the layouts are those of iproute2 5.
fn is_new(p: &Proc) -> bool {
    let (vendor, major) = p.peek(|linux| (linux.distro.vendor, linux.distro.major));
    vendor == Vendor::RedHat && major >= 8
}

async fn ss(p: &mut Proc, arguments: &[String]) -> Ended {
    if let [word] = arguments
        && matches!(word.as_str(), "-s" | "--summary")
    {
        return summary(p).await;
    }
    let mut asked = match Asked::read(arguments) {
        Ok(asked) => asked,
        Err(word) => return p.gap(&format!("ss {word}")),
    };
    if !asked.tcp && !asked.udp {
        return p.gap("ss without -t or -u: the sockets within the machine");
    }
    asked.listening |= asked.all;
    p.inferred();
    let both = asked.tcp && asked.udp;
    // The column of processes has a head, and is always there, since iproute2 5.
    let new = is_new(p);
    let (netid, state) = (if both { "Netid" } else { "" }, if asked.state.is_some() { "" } else { "State" });
    let head = if new { "Process" } else { "" };
    let mut rows = vec![
        [netid, state, "Recv-Q", "Send-Q", "Local Address:", "Port", "Peer Address:", "Port", head].map(str::to_owned),
    ];
    rows.extend(sockets(p, &asked).into_iter().filter(|socket| asked.wants(socket)).map(|socket| {
        let netid = if both { socket.netid } else { "" };
        let state = if asked.state.as_deref().is_some_and(|state| state != "all") { "" } else { socket.state };
        let users = match socket.owner.filter(|_| asked.processes) {
            Some(Owner { pid, name, fd, .. }) => format!("users:((\"{name}\",pid={pid},fd={fd}))"),
            None => String::new(),
        };
        let [local, peer] = [socket.local.0, socket.peer.0].map(|side| side + ":");
        let queue = socket.queue.to_string();
        [netid, state, "0", &queue, &local, &socket.local.1, &peer, &socket.peer.1, &users].map(str::to_owned)
    }));
    let widths: [usize; 9] = std::array::from_fn(|at| rows.iter().map(|row| row[at].len()).max().unwrap_or(0));
    let [a, b, c, d, e, f, g, h, i] = widths;
    for [netid, state, received, sent, local, port, peer, any, users] in rows.iter().skip(usize::from(asked.no_head)) {
        let mut line = String::new();
        for (cell, width) in [(netid, a), (state, b)].into_iter().filter(|(_, width)| *width > 0) {
            line.push_str(&format!("{cell:<width$} "));
        }
        line.push_str(&format!("{received:<c$} {sent:<d$} {local:>e$}{port:<f$} {peer:>g$}{any:<h$}"));
        if i > 0 {
            line.push_str(&format!(" {users:<i$}"));
        }
        p.out(&format!("{line}\n")).await?;
    }
    Ok(0)
}
