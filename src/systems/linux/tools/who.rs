//! Who is who: `id`, `whoami`, `groups`, `logname`, `users`, `who`, `w`, `last`, `lastlog`, `tty`, `getent`.

mod pinky;
mod present;

use std::net::{IpAddr, Ipv4Addr};

use super::getopt::{NOTHING, Spec as Options};
use super::input::{few, given, misused};
use super::procs::{processor, table};
use super::systemd::stamp_in;
use super::top::head;
use super::{Tool, tool};
use crate::sim::Span;
use crate::systems::linux::distro::Vendor;
use crate::systems::linux::fs::Access;
use crate::systems::linux::made_files;
use crate::systems::linux::model::User;
use crate::systems::linux::model::logins::{Record, Why};
use crate::systems::linux::net;
use crate::systems::linux::proc::{Ended, Proc};
use crate::systems::linux::terminal;
use crate::world::{MachineId, World};

/// The programs of this file.
pub static TOOLS: &[Tool] = &[
    tool!("id", id),
    tool!("whoami", whoami),
    tool!("groups", groups),
    tool!("logname", logname),
    tool!("users", users),
    tool!("who", present::who),
    tool!("pinky", pinky::pinky),
    tool!("w", w),
    tool!("last", last),
    tool!("lastb", last),
    tool!("lastlog", lastlog),
    tool!("tty", tty),
    tool!("getent", getent),
];

fn user_of(p: &Proc, name: &str) -> Option<User> {
    p.peek(|linux| {
        linux.user(name).or_else(|| {
            let uid: u32 = name.parse().ok()?;
            linux.users().into_iter().find(|user| user.uid == uid)
        })
    })
}

fn group_name(p: &Proc, gid: u32) -> Option<String> {
    p.peek(|linux| linux.group_name(gid))
}

async fn id(p: &mut Proc, arguments: &[String]) -> Ended {
    const OPTIONS: Options = Options {
        short: "agGnruZ",
        long: &[("group", 'g'), ("groups", 'G'), ("name", 'n'), ("real", 'r'), ("user", 'u'), ("context", 'Z')],
        gaps: "z --zero",
    };
    let given = given!(p, &OPTIONS, arguments, 1);
    let kinds: Vec<char> = "ugGZ".chars().filter(|letter| given.has(*letter)).collect();
    if kinds.len() > 1 {
        return p.fail("cannot print \"only\" of more than one choice").await;
    }
    if kinds.is_empty() && (given.has('n') || given.has('r')) {
        return p.fail("cannot print only names or real IDs in default format").await;
    }
    if let Some(word) = given.operands.get(1) {
        return misused(p, &format!("extra operand ‘{word}’"), 1).await;
    }
    let selinux = p.peek(|linux| linux.distro.selinux);
    if kinds == ['Z'] {
        return match selinux {
            true => {
                p.out("unconfined_u:unconfined_r:unconfined_t:s0-s0:c0.c1023\n").await?;
                Ok(0)
            }
            false => p.fail("--context (-Z) works only on an SELinux-enabled kernel").await,
        };
    }
    let (uid, gid, more, itself) = match given.operands.first() {
        None => (p.cred.uid, p.cred.gid, p.cred.groups.clone(), true),
        Some(name) => match user_of(p, name) {
            Some(user) => {
                let cred = p.peek(|linux| linux.cred(&user));
                (cred.uid, cred.gid, cred.groups, false)
            }
            None => {
                let text =
                    if is_old(p) { format!("{name}: no such user") } else { format!("‘{name}’: no such user") };
                return p.fail(&text).await;
            }
        },
    };
    let mut all = vec![gid];
    all.extend(more.into_iter().filter(|other| *other != gid));
    let user = p.peek(|linux| linux.user_name(uid));
    let names = given.has('n');
    let shown = |number: u32, name: Option<String>| match name {
        Some(name) if names => name,
        _ => number.to_string(),
    };
    let text = match kinds.first() {
        Some('u') => shown(uid, user),
        Some('g') => shown(gid, group_name(p, gid)),
        Some(_) => all.iter().map(|gid| shown(*gid, group_name(p, *gid))).collect::<Vec<_>>().join(" "),
        None => {
            let both = |number: u32, name: Option<String>| match name {
                Some(name) => format!("{number}({name})"),
                None => number.to_string(),
            };
            let groups: Vec<String> = all.iter().map(|gid| both(*gid, group_name(p, *gid))).collect();
            let context =
                if selinux && itself { " context=unconfined_u:unconfined_r:unconfined_t:s0-s0:c0.c1023" } else { "" };
            format!(
                "uid={} gid={} groups={}{context}",
                both(uid, user),
                both(gid, group_name(p, gid)),
                groups.join(",")
            )
        }
    };
    p.out(&format!("{text}\n")).await?;
    Ok(0)
}

/// Whether names of users stand in messages as they are.
fn is_old(p: &Proc) -> bool {
    p.peek(|linux| ["8.22", "8.1"].iter().any(|old| linux.distro.coreutils.starts_with(old)))
}

async fn whoami(p: &mut Proc, arguments: &[String]) -> Ended {
    if let Some(word) = arguments.first() {
        return if word.starts_with('-') {
            p.gap("whoami with an option")
        } else {
            misused(p, &format!("extra operand ‘{word}’"), 1).await
        };
    }
    let uid = p.cred.uid;
    match p.peek(|linux| linux.user_name(uid)) {
        Some(name) => {
            p.out(&format!("{name}\n")).await?;
            Ok(0)
        }
        None => p.fail(&format!("cannot find name for user ID {uid}")).await,
    }
}

async fn groups(p: &mut Proc, arguments: &[String]) -> Ended {
    let arguments = &given!(p, &NOTHING, arguments, 1).operands[..];
    let mut status = 0;
    let own = [p.user.clone()];
    let names = if arguments.is_empty() { &own[..] } else { arguments };
    for name in names {
        let Some(user) = user_of(p, name) else {
            let text = if is_old(p) { format!("{name}: no such user") } else { format!("‘{name}’: no such user") };
            status = p.fail(&text).await?;
            continue;
        };
        let cred = p.peek(|linux| linux.cred(&user));
        let all = [cred.gid].into_iter().chain(cred.groups.iter().copied().filter(|gid| *gid != cred.gid));
        let shown: Vec<String> = all.map(|gid| group_name(p, gid).unwrap_or_else(|| gid.to_string())).collect();
        let before = if arguments.is_empty() { String::new() } else { format!("{name} : ") };
        p.out(&format!("{before}{}\n", shown.join(" "))).await?;
    }
    Ok(status)
}

fn present(p: &Proc) -> Vec<Record> {
    p.peek(|linux| linux.logins.present().cloned().collect())
}

async fn logname(p: &mut Proc, arguments: &[String]) -> Ended {
    if let Err(status) = few(p, &NOTHING, arguments, 0, 1).await? {
        return Ok(status);
    }
    let own = p.cx.with(|cx| terminal::tty(cx.session));
    match present(p).into_iter().find(|record| record.tty == own).and_then(|record| record.user) {
        Some(user) => {
            p.out(&format!("{user}\n")).await?;
            Ok(0)
        }
        None => p.fail("no login name").await,
    }
}

async fn users(p: &mut Proc, arguments: &[String]) -> Ended {
    match few(p, &NOTHING, arguments, 1, 1).await? {
        Ok(given) if given.operands.is_empty() => {}
        Ok(_) => return p.gap("users with a file"),
        Err(status) => return Ok(status),
    }
    let mut names: Vec<String> = present(p).into_iter().filter_map(|record| record.user).collect();
    names.sort();
    p.out(&format!("{}\n", names.join(" "))).await?;
    Ok(0)
}

async fn w(p: &mut Proc, arguments: &[String]) -> Ended {
    let (mut header, mut short) = (true, false);
    let mut wanted = None;
    for word in arguments {
        match word.as_str() {
            "-h" => header = false,
            "-s" => short = true,
            word if word.starts_with('-') => return p.gap(&format!("w {word}")),
            name => wanted = Some(name.to_owned()),
        }
    }
    if short {
        return p.gap("w -s");
    }
    p.inferred();
    if header {
        let line = head(p);
        p.out(&format!("{line}\nUSER     TTY      FROM             LOGIN@   IDLE   JCPU   PCPU WHAT\n")).await?;
    }
    for record in present(p) {
        let user = record.user.unwrap_or_default();
        if wanted.as_ref().is_some_and(|name| *name != user) {
            continue;
        }
        let age = p.now().since(record.at);
        let at = stamp_in(p, record.at, if age.as_secs() < 43_200 { "%H:%M" } else { "%a%H" });
        let own = p.cx.with(|cx| terminal::tty(cx.session)) == record.tty;
        let on_it: Vec<_> =
            table(p).into_iter().filter(|(_, process)| process.tty.as_deref() == Some(&record.tty)).collect();
        let cpu: u64 = on_it.iter().map(|(_, process)| processor(process, p.now())).sum();
        let what = on_it.last().map_or("-", |(_, process)| process.command.as_str());
        let idle = if own { Span::ZERO } else { age };
        let (idle, cpu) = (short_span(idle), format!("{}.{:02}s", cpu / 100, cpu % 100));
        p.out(&format!("{user:<8} {:<8} {:<16} {at:<7} {idle:>6} {cpu:>6}  0.00s {what}\n", record.tty, record.from))
            .await?;
    }
    Ok(0)
}

/// A span as `w` shows it.
fn short_span(span: Span) -> String {
    let secs = span.as_secs();
    match secs {
        172_800.. => format!("{}days", secs / 86_400),
        3_600.. => format!("{}:{:02}m", secs / 3_600, secs / 60 % 60),
        60.. => format!("{}:{:02} ", secs / 60, secs % 60),
        _ => format!("{secs}.00s"),
    }
}

async fn last(p: &mut Proc, arguments: &[String]) -> Ended {
    let mut most = usize::MAX;
    let (mut full, mut wanted) = (false, Vec::new());
    let mut rest = arguments.iter();
    while let Some(word) = rest.next() {
        match word.as_str() {
            "-F" | "--fulltimes" => full = true,
            "-n" => most = rest.next().and_then(|count| count.parse().ok()).unwrap_or(usize::MAX),
            word if word.starts_with('-') => match word.trim_start_matches("-n").trim_start_matches('-').parse() {
                Ok(count) => most = count,
                Err(_) => return p.gap(&format!("{} {word}", p.name)),
            },
            name => wanted.push(name.to_owned()),
        }
    }
    let failures = p.name.rsplit('/').next() == Some("lastb");
    let file = if failures { "btmp" } else { "wtmp" };
    let path = format!("/var/log/{file}");
    let ino =
        match p.lookup(&path).and_then(|ino| p.peek(|linux| linux.fs.access(&p.cred, ino, Access::READ)).map(|()| ino))
        {
            Ok(ino) => ino,
            Err(errno) => return p.fail(&format!("cannot open {path}: {}", errno.text())).await,
        };
    let records: Vec<Record> = p.peek(|linux| {
        let records = if failures { &linux.failures } else { &linux.logins };
        records.records().cloned().collect()
    });
    // Of a file without records its own age is told.
    let age = || Some(p.world(|world, id| made_files::inode(world, id, ino).ctime));
    let first = records.first().map(|record| record.at).or_else(age);
    let fits = |record: &Record| {
        wanted.is_empty()
            || wanted.iter().any(|name| {
                record.user.as_deref().unwrap_or("reboot") == name
                    || record.tty == *name
                    || record.tty == format!("pts/{name}")
            })
    };
    for record in records.iter().rev().filter(|record| fits(record)).take(most) {
        let line = last_line(p, record, full);
        p.out(&line).await?;
    }
    if let Some(first) = first {
        let at = stamp_in(p, first, "%a %b %e %H:%M:%S %Y");
        p.out(&format!("\n{file} begins {at}\n")).await?;
    }
    Ok(0)
}

/// Whether `last` is the one of util-linux 2.24, which tells what still runs.
fn is_new_last(p: &Proc) -> bool {
    p.peek(|linux| linux.distro.has("util-linux", (2, 24, 0)))
}

/// How long something went on, as `last` has it.
fn length(secs: u64) -> String {
    let (days, hours, minutes) = (secs / 86_400, secs / 3_600 % 24, secs / 60 % 60);
    if days > 0 { format!("({days}+{hours:02}:{minutes:02})") } else { format!(" ({hours:02}:{minutes:02})") }
}

fn last_line(p: &Proc, record: &Record, full: bool) -> String {
    let form = if full { "%a %b %e %H:%M:%S %Y" } else { "%a %b %e %H:%M" };
    let at = stamp_in(p, record.at, form);
    let end = match record.until {
        None if record.user.is_none() && !is_new_last(p) => {
            let now = p.now();
            let spent = length(now.since(record.at).as_secs());
            // That of SLES does not say until when.
            let suse = p.peek(|linux| linux.distro.vendor) == Vendor::Suse;
            if suse { format!("        {spent}") } else { format!("- {} {spent}", stamp_in(p, now, "%H:%M")) }
        }
        None if record.user.is_none() => "  still running".to_owned(),
        None => "  still logged in".to_owned(),
        Some((until, why)) => {
            let spent = length(until.since(record.at).as_secs());
            let at = match why {
                Why::Down if record.user.is_some() => "down ".to_owned(),
                Why::Crash => "crash".to_owned(),
                _ => stamp_in(p, until, if full { form } else { "%H:%M" }),
            };
            format!("- {at} {spent}")
        }
    };
    let user = record.user.as_deref().unwrap_or("reboot");
    let from: String = record.from.chars().take(16).collect();
    format!("{user:<8} {:<12} {from:<16} {at} {end}\n", record.tty)
}

async fn lastlog(p: &mut Proc, arguments: &[String]) -> Ended {
    let wanted = match arguments {
        [] => None,
        [option, name] if option == "-u" => Some(name.clone()),
        _ => return p.gap(&format!("lastlog {}", arguments.join(" "))),
    };
    p.out("Username         Port     From             Latest\n").await?;
    let users = p.peek(|linux| linux.users());
    for user in users.into_iter().filter(|user| wanted.as_ref().is_none_or(|name| *name == user.name)) {
        let login = p.peek(|linux| linux.logins.last_of(&user.name).cloned());
        let line = match login {
            None => format!("{:<42} **Never logged in**\n", user.name),
            Some(login) => {
                let at = stamp_in(p, login.at, "%a %b %e %H:%M:%S %z %Y");
                format!("{:<16} {:<8} {:<16} {at}\n", user.name, login.tty, login.from)
            }
        };
        p.out(&line).await?;
    }
    Ok(0)
}

async fn tty(p: &mut Proc, arguments: &[String]) -> Ended {
    const OPTIONS: Options = Options { short: "s", long: &[("silent", 's'), ("quiet", 's')], gaps: "" };
    let quiet = match few(p, &OPTIONS, arguments, 0, 2).await? {
        Ok(given) => given.has('s'),
        Err(status) => return Ok(status),
    };
    let on_terminal = p.files.is_terminal(0);
    if !quiet {
        let name = p.cx.with(|cx| terminal::tty(cx.session));
        let text = if on_terminal { format!("/dev/{name}\n") } else { "not a tty\n".to_owned() };
        p.out(&text).await?;
    }
    Ok(u8::from(!on_terminal))
}

async fn getent(p: &mut Proc, arguments: &[String]) -> Ended {
    let Some((database, keys)) = arguments.split_first() else {
        p.err("getent: wrong number of arguments\nTry `getent --help' or `getent --usage' for more information.\n")
            .await?;
        return Ok(1);
    };
    let (path, by_number) = match database.as_str() {
        "passwd" => ("/etc/passwd", true),
        "group" => ("/etc/group", true),
        "shadow" => ("/etc/shadow", false),
        "hosts" => return hosts(p, keys, false).await,
        "ahosts" => return hosts(p, keys, true).await,
        "services" | "protocols" | "networks" | "rpc" | "ethers" | "netgroup" | "aliases" | "initgroups"
        | "ahostsv4" | "ahostsv6" | "gshadow" => return p.gap(&format!("getent {database}")),
        _ => {
            let text = format!(
                "Unknown database: {database}\nTry `getent --help' or `getent --usage' for more information.\n"
            );
            p.err(&text).await?;
            return Ok(1);
        }
    };
    let text = match p.read_path(path) {
        Ok(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
        Err(_) => String::new(),
    };
    let mut status = 0;
    if keys.is_empty() {
        p.out(&text).await?;
        return Ok(0);
    }
    for key in keys {
        let found = text.lines().find(|line| {
            let mut fields = line.split(':');
            fields.next() == Some(key) || by_number && fields.nth(1) == Some(key)
        });
        match found {
            Some(line) => p.out(&format!("{line}\n")).await?,
            None => status = 2,
        }
    }
    Ok(status)
}

/// `getent hosts`, and `ahosts` with all kinds of sockets: the list of names counts before the name server, in it IPv6 before IPv4.
async fn hosts(p: &mut Proc, keys: &[String], sockets: bool) -> Ended {
    let text = p.read_path("/etc/hosts").unwrap_or_default();
    let text = String::from_utf8_lossy(&text).into_owned();
    let lines = text.lines().map(|line| line.split('#').next().unwrap_or_default());
    let words = lines.map(|line| line.split_whitespace().map(str::to_owned).collect::<Vec<_>>());
    let mut rows: Vec<Vec<String>> = words.filter(|row| row.len() > 1).collect();
    let shown = |row: &[String]| format!("{:<15} {}\n", row[0], row[1..].join(" "));
    if keys.is_empty() {
        for row in &rows {
            p.out(&shown(row)).await?;
        }
    }
    rows.sort_by_key(|row| !row[0].contains(':'));
    let mut status = 0;
    for key in keys {
        let mut found: Vec<&Vec<String>> = rows.iter().filter(|row| row.contains(key)).collect();
        let itself = (sockets && key.parse::<IpAddr>().is_ok()).then(|| vec![key.clone(), key.clone()]);
        let served = p.world(|world, id| served(world, id, key)).or(itself);
        if found.is_empty() {
            found.extend(&served);
        }
        if !sockets {
            match found.first() {
                Some(row) => p.out(&shown(row)).await?,
                None => status = 2,
            }
            continue;
        }
        status = if found.is_empty() { 2 } else { status };
        for (place, row) in found.into_iter().enumerate() {
            let name = if row[0] == *key { key } else { &row[1] };
            for kind in ["STREAM", "DGRAM", "RAW"] {
                let name = if place == 0 && kind == "STREAM" { name } else { "" };
                p.out(&format!("{:<15} {kind:<6} {name}\n", row[0])).await?;
            }
        }
    }
    Ok(status)
}

/// What the name server of a machine makes of a name or an address: address and name.
fn served(world: &World, from: MachineId, key: &str) -> Option<Vec<String>> {
    net::name_server(world, from)?;
    if key.parse::<Ipv4Addr>().is_ok() {
        return net::name_of(world, key).map(|name| vec![key.to_owned(), name]);
    }
    net::address_of(world, key).map(|(full, address)| vec![address, full])
}
