//! `lsof` and `fuser` (psmisc): which process has which file, directory or port. What is known of a process stands in `/proc`; what
//! of its libraries and of the sockets within the machine is open is not. A line's layout is that of lsof 4.87 and 4.93.

mod fuser;

use std::collections::BTreeMap;

use super::files::{meta, meta_of};
use super::getopt::Spec;
use super::input::given;
use super::procs::{table, user_name};
use super::sockets::{Asked, Socket, sockets};
use super::{Tool, tool};
use crate::systems::linux::distro::Vendor;
use crate::systems::linux::fs::{Cred, Ino, Kind};
use crate::systems::linux::model::Process;
use crate::systems::linux::proc::{Ended, Proc};

/// The programs of this file.
pub static TOOLS: &[Tool] = &[tool!("fuser", fuser::fuser), tool!("lsof", lsof)];

/// What a process has of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Hold {
    Directory,
    Root,
    Program,
    /// By its number; whether it is written.
    Open(u32, bool),
}

/// A file that a process has.
struct Held {
    pid: u32,
    hold: Hold,
    path: String,
    ino: Option<Ino>,
}

/// What processes have open, as far as the one that looks may see it.
fn held(p: &Proc) -> Vec<Held> {
    p.list_processes();
    let processes = table(p);
    let seen = processes.iter().filter(|(_, process)| p.cred.is_root() || process.uid == p.cred.uid);
    let seen = seen.filter(|(pid, process)| !process.is_kernels() && *pid != p.pid);
    let mut all = Vec::new();
    for (pid, process) in seen {
        p.peek(|linux| {
            let link = |name: &str| {
                linux.fs.readlink(&Cred::ROOT, "/", &format!("/proc/{pid}/{name}")).map(str::to_owned).ok()
            };
            let mut add = |hold: Hold, path: String| {
                let ino = linux.fs.lookup(&Cred::ROOT, "/", &path).ok();
                all.push(Held { pid: *pid, hold, path, ino });
            };
            for (name, hold) in [("cwd", Hold::Directory), ("root", Hold::Root), ("exe", Hold::Program)] {
                if let Some(path) = link(name) {
                    add(hold, path);
                }
            }
            let dir = linux.fs.lookup(&Cred::ROOT, "/", &format!("/proc/{pid}/fd"));
            let names = dir.ok().and_then(|dir| linux.fs.node(dir).entries()).into_iter().flat_map(BTreeMap::keys);
            let mut numbers: Vec<u32> = names.filter_map(|name| name.parse().ok()).collect();
            numbers.sort_unstable();
            let mut next = numbers.last().map_or(3, |last| last + 1).max(3);
            for number in numbers.into_iter().filter(|number| *number < 255) {
                if let Some(path) = link(&format!("fd/{number}")) {
                    add(Hold::Open(number, number > 0 || process.tty.is_some()), path);
                }
            }
            for ino in &process.holds {
                if let Some(path) = linux.fs.path_of(*ino) {
                    add(Hold::Open(next, true), path);
                    next += 1;
                }
            }
        });
    }
    all
}

/// The sockets of the machine that belong to a process which may be seen.
fn owned(p: &Proc) -> Vec<Socket> {
    let asked =
        Asked { tcp: true, udp: true, all: true, listening: true, numeric: true, processes: true, ..Asked::default() };
    sockets(p, &asked).into_iter().filter(|socket| socket.owner.is_some()).collect()
}

/// A number of a port, by its name in `/etc/services`.
fn service(p: &Proc, number: &str, protocol: &str) -> Option<String> {
    let text = p.peek(|linux| linux.text("/etc/services")).unwrap_or_default();
    let wanted = format!("{number}/{protocol}");
    let found = text.lines().find(|line| line.split_whitespace().nth(1) == Some(&wanted));
    found.and_then(|line| line.split_whitespace().next()).map(str::to_owned)
}

/// What `lsof` is asked for; what is not set is not asked.
#[derive(Default)]
struct Wanted {
    internet: Option<String>,
    pids: Option<Vec<u32>>,
    users: Option<Vec<String>>,
    commands: Vec<String>,
    /// Connections that wait for somebody only, or such as somebody has made.
    listening: Option<bool>,
    /// Files, and directories with all that is in them.
    files: Vec<(String, Option<Ino>, bool)>,
}

/// Whether a word is what may stand behind `-i`.
fn is_address(word: &str) -> bool {
    let lower = word.to_lowercase();
    ["4", "6", "tcp", "udp"].contains(&&*lower)
        || [":", "@", "tcp:", "udp:", "tcp@", "udp@"].iter().any(|begin| lower.starts_with(begin))
}

/// A line of `lsof`.
struct Row {
    command: String,
    pid: u32,
    user: String,
    fd: String,
    kind: &'static str,
    device: String,
    size: String,
    node: String,
    name: String,
}

async fn lsof(p: &mut Proc, arguments: &[String]) -> Ended {
    if p.peek(|linux| linux.distro.vendor) == Vendor::Esxi {
        return p.gap("lsof of an ESXi host");
    }
    // Options with a value that may be missing, or that begin with a plus.
    let (mut words, mut below) = (Vec::new(), Vec::new());
    let mut rest = arguments.iter().peekable();
    let mut internet = None;
    while let Some(word) = rest.next() {
        // `-i` may stand behind other letters, as in `-nPi`.
        let flags = word.strip_prefix('-').map_or("", |letters| letters.trim_start_matches(|c| "anPtl".contains(c)));
        let before = word.len() - flags.len();
        if let Some(form) = flags.strip_prefix('i').filter(|_| word.starts_with('-')) {
            words.extend((before > 1).then(|| word[..before].to_owned()));
            internet = Some(match form {
                "" => rest.next_if(|next| is_address(next)).cloned().unwrap_or_default(),
                form => form.to_owned(),
            });
        } else if word == "+D" || word == "+d" {
            below.push((rest.next().cloned().unwrap_or_default(), word == "+D"));
        } else if word.starts_with('+') {
            return p.gap(&format!("lsof {word}"));
        } else {
            words.push(word.clone());
        }
    }
    const OPTIONS: Spec = Spec {
        short: "anPtlp:u:c:s:",
        long: &[],
        gaps: "b C d: D: f: F:: g: h i: k: K L M N o: O r: R S T U v V w x: X z Z ?",
    };
    let given = given!(p, &OPTIONS, &words, |complaint| {
        p.complain(&complaint).await?;
        p.err("usage: [-?abhKlnNoOPRtUvVX] [+|-c c] [+|-d s] [+D D] [+|-E] [+|-e s] [+|-f[gG]]\n").await?;
        Ok(1)
    });
    let mut wanted = Wanted { internet, ..Wanted::default() };
    for list in given.values('p') {
        let pids = list.split(',').filter_map(|pid| pid.parse::<u32>().ok());
        wanted.pids.get_or_insert_default().extend(pids);
    }
    for list in given.values('u') {
        if list.contains('^') {
            return p.gap("lsof -u with ^");
        }
        wanted.users.get_or_insert_default().extend(list.split(',').map(str::to_owned));
    }
    wanted.listening = match given.value('s').map(|form| form.to_uppercase()) {
        None => None,
        Some(form) if form == "TCP:LISTEN" => Some(true),
        Some(form) if form == "TCP:ESTABLISHED" => Some(false),
        Some(form) => return p.gap(&format!("lsof -s {form}")),
    };
    wanted.commands = given.values('c').map(str::to_owned).collect();
    let mut status = 0;
    for file in &given.operands {
        match meta(p, file, true) {
            Ok(found) => {
                // The directory on which something is mounted stands for all of it.
                let mounted = p.peek(|linux| {
                    let path = linux.fs.canonical(&p.cred, &p.cwd, file).unwrap_or_default();
                    linux.fs.mounts().any(|(_, mount)| mount.dir == path)
                });
                wanted.files.push((
                    if mounted { format!("mount {}", found.mount) } else { file.clone() },
                    Some(found.ino),
                    false,
                ));
            }
            Err(errno) => {
                p.complain(&format!("status error on {file}: {}", errno.text())).await?;
                status = 1;
            }
        }
    }
    for (dir, deep) in below {
        match p.peek(|linux| linux.fs.canonical(&p.cred, &p.cwd, &dir)) {
            Ok(path) => wanted.files.push((format!("{} {path}", if deep { "all" } else { "in" }), None, true)),
            Err(errno) => {
                p.complain(&format!("WARNING: can't stat({dir}): {}", errno.text())).await?;
                status = 1;
            }
        }
    }
    if status > 0 && wanted.files.is_empty() {
        return Ok(1);
    }
    let rows = rows(p, &wanted, given.has('a'), given.has('P'), given.has('n'));
    if given.has('t') {
        let mut pids: Vec<u32> = rows.iter().map(|row| row.pid).collect();
        pids.dedup();
        p.out(&pids.iter().map(|pid| format!("{pid}\n")).collect::<String>()).await?;
    } else if !rows.is_empty() {
        p.inferred();
        p.out(&table_of(&rows)).await?;
    }
    Ok(if rows.is_empty() { 1 } else { status })
}

fn table_of(rows: &[Row]) -> String {
    let width = |head: &str, cell: &dyn Fn(&Row) -> usize| rows.iter().map(cell).max().unwrap_or(0).max(head.len());
    let command = width("COMMAND", &|row| row.command.len());
    let pid = width("PID", &|row| row.pid.to_string().len()).max(5);
    let user = width("USER", &|row| row.user.len());
    let kind = width("TYPE", &|row| row.kind.len());
    let device = width("DEVICE", &|row| row.device.len());
    let size = width("SIZE/OFF", &|row| row.size.len());
    let node = width("NODE", &|row| row.node.len());
    let mut text = format!(
        "{:<command$} {:>pid$} {:>user$}   FD   {:>kind$} {:>device$} {:>size$} {:>node$} NAME\n",
        "COMMAND", "PID", "USER", "TYPE", "DEVICE", "SIZE/OFF", "NODE"
    );
    for row in rows {
        let (number, mode) = row.fd.split_at(row.fd.trim_end_matches(['r', 'w', 'u']).len());
        let (number, mode) =
            if number.starts_with(|c: char| c.is_ascii_digit()) { (number, mode) } else { (&*row.fd, "") };
        text.push_str(&format!(
            "{:<command$} {:>pid$} {:>user$} {number:>4}{mode:<2} {:>kind$} {:>device$} {:>size$} {:>node$} {}\n",
            row.command, row.pid, row.user, row.kind, row.device, row.size, row.node, row.name
        ));
    }
    text
}

fn rows(p: &Proc, wanted: &Wanted, all_of_them: bool, numbers: bool, addresses: bool) -> Vec<Row> {
    let processes: BTreeMap<u32, Process> = table(p).into_iter().collect();
    let user = |process: &Process| user_name(p, process.uid).chars().take(8).collect::<String>();
    let command = |process: &Process| process.comm().chars().take(9).collect::<String>();
    let mut rows = Vec::new();
    // Whether what was asked of processes and files is so; nothing where nothing was asked.
    let picked = |process: &Process, pid: u32, file: Option<bool>| {
        let asked = [
            wanted.pids.as_ref().map(|pids| pids.contains(&pid)),
            wanted.users.as_ref().map(|users| {
                users.iter().any(|wanted| *wanted == user_name(p, process.uid) || *wanted == process.uid.to_string())
            }),
            (!wanted.commands.is_empty())
                .then(|| wanted.commands.iter().any(|wanted| process.comm().starts_with(wanted))),
            file,
        ];
        let mut asked = asked.into_iter().flatten().peekable();
        if asked.peek().is_none() {
            return true;
        }
        if all_of_them { asked.all(|is| is) } else { asked.any(|is| is) }
    };
    for held in held(p) {
        let Some(process) = processes.get(&held.pid) else { continue };
        let file = (!wanted.files.is_empty()).then(|| {
            let mount = held.ino.map(|ino| p.peek(|linux| linux.fs.node(ino).mount));
            wanted.files.iter().any(|(what, ino, _)| match what.split_once(' ') {
                Some(("mount", index)) => mount.is_some_and(|mount| mount.to_string() == index),
                Some((how @ ("all" | "in"), dir)) => {
                    let inner = held.path.strip_prefix(dir).and_then(|rest| rest.strip_prefix('/'));
                    held.path == dir || inner.is_some_and(|inner| how == "all" || !inner.contains('/'))
                }
                _ => ino.is_some() && *ino == held.ino,
            })
        });
        let file = match (&wanted.internet, file) {
            (Some(_), None) => Some(false),
            (_, file) => file,
        };
        if !picked(process, held.pid, file) {
            continue;
        }
        let found = held.ino.map(|ino| meta_of(p, ino));
        let (kind, device, size) = match found.as_ref().map(|found| (&found.kind, found)) {
            Some((Kind::Dir { .. }, found)) => ("DIR", place(p, found.mount), found.size.to_string()),
            Some((Kind::Char { major, minor }, _)) => ("CHR", format!("{major},{minor}"), "0t0".to_owned()),
            Some((Kind::Fifo, found)) => ("FIFO", place(p, found.mount), "0t0".to_owned()),
            Some((_, found)) => ("REG", place(p, found.mount), found.size.to_string()),
            None if held.path.starts_with("pipe:") => ("FIFO", "0,12".to_owned(), "0t0".to_owned()),
            None => continue,
        };
        let fd = match held.hold {
            Hold::Directory => "cwd".to_owned(),
            Hold::Root => "rtd".to_owned(),
            Hold::Program => "txt".to_owned(),
            Hold::Open(number, writes) => {
                let mode = match (kind, writes) {
                    ("CHR", true) => "u",
                    (_, true) => "w",
                    _ => "r",
                };
                format!("{number}{mode}")
            }
        };
        let node = held.ino.map_or_else(String::new, |ino| p.peek(|linux| linux.fs.number(ino)).to_string());
        let (command, user) = (command(process), user(process));
        rows.push(Row { command, pid: held.pid, user, fd, kind, device, size, node, name: held.path });
    }
    for socket in owned(p) {
        let Some(owner) = &socket.owner else { continue };
        let Some(process) = processes.get(&owner.pid) else { continue };
        if wanted.listening.is_some_and(|listening| socket.netid == "tcp" && listening != (socket.state == "LISTEN")) {
            continue;
        }
        let asked = wanted.internet.as_ref().map(|form| fits(p, form, &socket));
        let asked = if asked.is_none() && !wanted.files.is_empty() { Some(false) } else { asked };
        if !picked(process, owner.pid, asked) {
            continue;
        }
        let shown = |(address, port): &(String, String)| {
            let address = match address.as_str() {
                "0.0.0.0" | "[::]" | "*" => "*".to_owned(),
                address if addresses => address.to_owned(),
                address => name_of(p, address),
            };
            let named = if numbers { None } else { service(p, port, socket.netid) };
            format!("{address}:{}", named.unwrap_or_else(|| port.clone()))
        };
        let name = match socket.state {
            "ESTAB" => format!("{}->{} (ESTABLISHED)", shown(&socket.local), shown(&socket.peer)),
            "LISTEN" => format!("{} (LISTEN)", shown(&socket.local)),
            _ => shown(&socket.local),
        };
        let number = 18_000 + owner.pid % 3_000 * 4 + u32::from(socket.is6()) + owner.fd;
        rows.push(Row {
            command: command(process),
            pid: owner.pid,
            user: user(process),
            fd: format!("{}u", owner.fd),
            kind: if socket.is6() { "IPv6" } else { "IPv4" },
            device: number.to_string(),
            size: "0t0".to_owned(),
            node: socket.netid.to_uppercase(),
            name,
        });
    }
    rows.sort_by_key(|row| row.pid);
    rows
}

/// The name of an address, as the machine knows it.
fn name_of(p: &Proc, address: &str) -> String {
    let found = p.world(|world, id| crate::systems::linux::net::resolve(world, id, address));
    let named = found.and_then(|host| {
        let id = host.machine?;
        Some(p.world(|world, _| world.linux(id).hostname.clone()))
    });
    match address {
        "127.0.0.1" | "[::1]" => "localhost".to_owned(),
        _ => named.unwrap_or_else(|| address.to_owned()),
    }
}

/// The device of a file system as lsof shows it.
fn place(p: &Proc, mount: usize) -> String {
    let (major, minor) = super::files::device_of(p, mount);
    format!("{major},{minor}")
}

/// Whether a socket is one that `-i` asks for: `[46][protocol][@host][:port]`.
fn fits(p: &Proc, form: &str, socket: &Socket) -> bool {
    let version = form.starts_with('4').then_some(false).or(form.starts_with('6').then_some(true));
    let rest = form.trim_start_matches(['4', '6']);
    let (rest, port) = rest.split_once(':').map_or((rest, None), |(rest, port)| (rest, Some(port)));
    let (protocol, host) = rest.split_once('@').map_or((rest, None), |(protocol, host)| (protocol, Some(host)));
    let named = |number: &str| {
        port.is_none_or(|wanted| {
            wanted.split(',').any(|wanted| match wanted.split_once('-') {
                Some((low, high)) => {
                    let read = |text: &str| text.parse::<u16>().unwrap_or(0);
                    (read(low)..=read(high)).contains(&read(number))
                }
                None => wanted == number || service(p, number, socket.netid).as_deref() == Some(wanted),
            })
        })
    };
    version.is_none_or(|six| six == socket.is6())
        && (protocol.is_empty() || protocol.eq_ignore_ascii_case(socket.netid))
        && host.is_none_or(|host| {
            [&socket.local.0, &socket.peer.0].iter().any(|side| *side == host || name_of(p, side) == host)
        })
        && (named(&socket.local.1) || named(&socket.peer.1))
}
