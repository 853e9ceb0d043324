//! Ports that a machine listens on, and whose they are: `ss` (iproute2 4.11 and 5.15), `netstat` (net-tools 1.60 and 2.0).
//! That a daemon holds its sockets as files 3 and 4 is inferred.

use super::{Tool, tool};
use crate::systems::linux::distro::Vendor;
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

async fn ss(p: &mut Proc, arguments: &[String]) -> Ended {
    let Some(letters) = letters(arguments, "tlnp4") else { return p.gap("ss but for ss -tln and ss -tlnp") };
    p.inferred();
    let listeners = listeners(p);
    // The column of processes has a head, and is always there, since iproute2 5.
    let (vendor, major) = p.peek(|linux| (linux.distro.vendor, linux.distro.major));
    let new = vendor == Vendor::RedHat && major >= 8;
    let head = if new { "Process" } else { "" };
    let mut rows =
        vec![["State", "Recv-Q", "Send-Q", "Local Address:", "Port", "Peer Address:", "Port", head].map(str::to_owned)];
    let sides = [("0.0.0.0:", 3), ("[::]:", 4)];
    for (side, file) in sides.iter().take(if letters.contains('4') { 1 } else { 2 }) {
        rows.extend(listeners.iter().map(|Listener { port, owner }| {
            let users = match owner {
                Some((pid, name)) if letters.contains('p') => format!("users:((\"{name}\",pid={pid},fd={file}))"),
                _ => String::new(),
            };
            let port = port_name(*port, !letters.contains('n'));
            ["LISTEN", "0", "128", side, &port, side, "*", &users].map(str::to_owned)
        }));
    }
    let widths: Vec<usize> = (0..8).map(|at| rows.iter().map(|row| row[at].len()).max().unwrap_or(0)).collect();
    for [state, received, sent, local, port, peer, any, users] in &rows {
        let mut line = format!(
            "{state:<a$} {received:<b$} {sent:<c$} {local:>d$}{port:<e$} {peer:>f$}{any:<g$}",
            a = widths[0],
            b = widths[1],
            c = widths[2],
            d = widths[3],
            e = widths[4],
            f = widths[5],
            g = widths[6],
        );
        if widths[7] > 0 {
            line.push_str(&format!(" {users:<h$}", h = widths[7]));
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
