//! Connections of a machine and the ports that it listens on, and whose they are: `ss` (iproute2 4.11 and 5.15), `netstat` (net-tools 1.60 and 2.0).
//! That a daemon holds its sockets as files 3 and 4 is inferred.

use super::{Tool, tool};
use crate::systems::family;
use crate::systems::linux::distro::Vendor;
use crate::systems::linux::model::Process;
use crate::systems::linux::model::logins::port_of;
use crate::systems::linux::net::{self, Host, Reach};
use crate::systems::linux::proc::{Ended, Proc};

/// The programs of this file.
pub static TOOLS: &[Tool] = &[tool!("netstat", netstat), tool!("ss", ss)];

/// Which daemons may stand behind a port.
const DAEMONS: &[(u16, &[&str])] = &[
    (net::SSH, &["sshd"]),
    (80, &["envoy", "rhttpproxy", "httpd", "nginx"]),
    (443, &["envoy", "rhttpproxy", "httpd", "nginx"]),
    (5480, &["vami-lighttpd", "lighttpd"]),
];

/// A port on which something listens, for IPv4 and IPv6 alike.
struct Listener {
    port: u16,
    /// Number and name of the process, where it is known and may be seen.
    owner: Option<(u32, String)>,
}

/// The ports, lowest first.
fn listeners(p: &Proc) -> Vec<Listener> {
    let host = p.world(|world, id| {
        let address = world.machine(id).address.clone();
        Host { name: String::new(), address, machine: Some(id), from: id }
    });
    let up = |port: &u16| p.world(|world, _| net::reach_port(world, &host, *port)) == Reach::Up;
    let ports = [net::SSH].into_iter().chain(net::WEB).filter(up);
    let all = ports.map(|port| (port, daemon(p, port))).filter(|(port, owner)| *port != net::SSH || owner.is_some());
    // Only root sees the processes of others.
    let seen = |owner: &(u32, String, u32)| p.cred.is_root() || owner.2 == p.cred.uid;
    all.map(|(port, owner)| Listener { port, owner: owner.filter(seen).map(|(pid, name, _)| (pid, name)) }).collect()
}

/// The UDP ports of daemons that only this family of machines has, while they run.
fn datagram_ports(p: &Proc) -> Vec<(u16, u32, &'static str)> {
    let ports = p.world(|world, id| family(world, id).datagram_ports(world, id));
    let pid = |name: &str| {
        p.peek(|linux| {
            let mut own = linux.processes.iter().filter(|(_, process)| process.ppid == 1 && process.comm() == name);
            own.next().map(|(pid, _)| pid)
        })
    };
    ports.into_iter().filter_map(|(port, name)| Some((port, pid(name)?, name))).collect()
}

/// The daemon behind a port: its number, name and user.
fn daemon(p: &Proc, port: u16) -> Option<(u32, String, u32)> {
    let (_, daemons) = DAEMONS.iter().find(|(number, _)| *number == port)?;
    p.peek(|linux| {
        let mut own = linux.processes.iter().filter(|(_, process)| {
            process.ppid == 1 && process.tty.is_none() && process.ended.is_none() && daemons.contains(&process.comm())
        });
        own.next().map(|(pid, process)| (pid, process.comm().to_owned(), process.uid))
    })
}

/// A port by the name that `/etc/services` has for it.
fn port_name(port: u16, named: bool) -> String {
    match port {
        22 if named => "ssh".to_owned(),
        80 if named => "http".to_owned(),
        161 if named => "snmp".to_owned(),
        443 if named => "https".to_owned(),
        port => port.to_string(),
    }
}

/// The letters of options that are all of this kind; nothing when another is among the words.
fn letters(arguments: &[String], known: &str) -> Option<String> {
    let short = arguments.iter().all(|word| word.starts_with('-') && !word.starts_with("--"));
    let letters: String = arguments.iter().map(|word| word.trim_start_matches('-')).collect();
    let wanted = short && letters.contains('l') && letters.contains('t');
    (wanted && letters.chars().all(|letter| known.contains(letter))).then_some(letters)
}

/// A socket as `ss` shows it.
struct Socket {
    netid: &'static str,
    state: &'static str,
    queue: u32,
    local: (String, String),
    peer: (String, String),
    users: String,
}

/// What is asked of `ss`.
#[derive(Default)]
struct Asked {
    tcp: bool,
    udp: bool,
    listening: bool,
    all: bool,
    numeric: bool,
    processes: bool,
    no_head: bool,
    only4: bool,
    only6: bool,
    /// `state NAME`
    state: Option<String>,
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

    fn wants(&self, socket: &Socket) -> bool {
        let six = socket.local.0.starts_with('[');
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
fn sockets(p: &Proc, asked: &Asked) -> Vec<Socket> {
    let users = |owners: &[(u32, String, u32)]| match asked.processes {
        true if !owners.is_empty() => {
            let each = owners.iter().map(|(pid, name, fd)| format!("(\"{name}\",pid={pid},fd={fd})"));
            format!("users:({})", each.collect::<Vec<_>>().join(","))
        }
        _ => String::new(),
    };
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
    let time = p.peek(|linux| {
        let names: [(&str, &str, [&str; 2]); 2] =
            [("chronyd", "323", ["127.0.0.1", "[::1]"]), ("ntpd", "123", ["0.0.0.0", "[::]"])];
        names.into_iter().find_map(|(name, port, sides)| {
            let (pid, _) = linux.processes.iter().find(|(_, process)| process.ppid == 1 && process.comm() == name)?;
            Some((pid, name, port, sides))
        })
    });
    for (fd, side) in [(5, 0), (6, 1)] {
        let Some((pid, name, port, sides)) = time else { continue };
        let owners = if root { vec![(pid, name.to_owned(), fd)] } else { Vec::new() };
        let peer = if side == 0 { "0.0.0.0" } else { "[::]" };
        let port = if port == "123" && !asked.numeric { "ntp" } else { port };
        let (local, peer) = ((sides[side].to_owned(), port.to_owned()), (peer.to_owned(), any()));
        found.push(Socket { netid: "udp", state: "UNCONN", queue: 0, local, peer, users: users(&owners) });
    }
    for (port, pid, name) in datagram_ports(p) {
        let owners = if root { vec![(pid, name.to_owned(), 7)] } else { Vec::new() };
        let (local, peer) = (("0.0.0.0".to_owned(), port_name(port, !asked.numeric)), ("0.0.0.0".to_owned(), any()));
        found.push(Socket { netid: "udp", state: "UNCONN", queue: 0, local, peer, users: users(&owners) });
    }
    let listeners = listeners(p);
    for (side, fd) in [("0.0.0.0", 3), ("[::]", 4)] {
        for Listener { port, owner } in &listeners {
            let owners: Vec<_> = owner.iter().map(|(pid, name)| (*pid, name.clone(), fd)).collect();
            let local = (side.to_owned(), port_name(*port, !asked.numeric));
            let peer = (side.to_owned(), any());
            found.push(Socket { netid: "tcp", state: "LISTEN", queue: 128, local, peer, users: users(&owners) });
        }
        if side == "0.0.0.0" {
            for (port, from, pid) in &connections {
                let owners = if root { vec![(*pid, "sshd".to_owned(), 5)] } else { Vec::new() };
                let local = (own.clone(), port_name(net::SSH, !asked.numeric));
                let peer = (from.clone(), port.to_string());
                found.push(Socket { netid: "tcp", state: "ESTAB", queue: 0, local, peer, users: users(&owners) });
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
        let [local, peer] = [socket.local.0, socket.peer.0].map(|side| side + ":");
        let queue = socket.queue.to_string();
        [netid, state, "0", &queue, &local, &socket.local.1, &peer, &socket.peer.1, &socket.users].map(str::to_owned)
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

async fn netstat(p: &mut Proc, arguments: &[String]) -> Ended {
    let Some(letters) = letters(arguments, "tlnp") else { return p.gap("netstat but for netstat -tln and -tlnp") };
    p.inferred();
    let with_names = letters.contains('p');
    if with_names && !p.cred.is_root() {
        p.err(
            "(Not all processes could be identified, non-owned process info\n will not be shown, you would have to be root \
             to see it all.)\n",
        )
        .await?;
    }
    let listeners = listeners(p);
    // net-tools 1.60 calls both kinds tcp.
    let protocol6 = if p.peek(|linux| linux.distro.vendor) == Vendor::Suse { "tcp" } else { "tcp6" };
    let names = if with_names { " PID/Program name    " } else { "" };
    let mut text = format!(
        "Active Internet connections (only servers)\nProto Recv-Q Send-Q Local Address           Foreign Address         \
         State      {names}\n"
    );
    let (any4, any6) = match letters.contains('n') {
        true => ("0.0.0.0:", ":::"),
        false if protocol6 == "tcp" => ("*:", "*:"),
        false => ("0.0.0.0:", "[::]:"),
    };
    for (protocol, side) in [("tcp", any4), (protocol6, any6)] {
        for Listener { port, owner } in &listeners {
            let local = format!("{side}{}", port_name(*port, !letters.contains('n')));
            let peer = format!("{side}*");
            let owner = owner.as_ref().map_or_else(|| "-".to_owned(), |(pid, name)| format!("{pid}/{name}"));
            let owner = if with_names { format!(" {owner:<20}") } else { String::new() };
            text.push_str(&format!(
                "{protocol:<4}  {:>6} {:>6} {local:<23} {peer:<23} {:<11}{owner}\n",
                0, 0, "LISTEN"
            ));
        }
    }
    p.out(&text).await?;
    Ok(0)
}
