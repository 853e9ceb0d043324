//! `ps`: which processes, which columns (procps-ng 3.3; ps(1)). Selections and columns of daily use in both option styles.

use super::procs::{self, memory, processor, table, uid, user_name};
use super::{Tool, tool};
use crate::sim::Instant;
use crate::systems::linux::distro::Vendor;
use crate::systems::linux::model::Process;
use crate::systems::linux::proc::{Ended, Proc};
use crate::systems::linux::tools::systemd::stamp_in;

/// The programs of this file.
pub static TOOLS: &[Tool] = &[tool!("ps", ps)];

/// A column: its names, its heading, its width, whether it stands at the left.
struct Field {
    names: &'static str,
    head: &'static str,
    width: usize,
    left: bool,
}

const fn field(names: &'static str, head: &'static str, width: usize, left: bool) -> Field {
    Field { names, head, width, left }
}

/// The columns. A width of 0 is that of a process number.
const FIELDS: &[Field] = &[
    field("pid tgid lwp tid spid", "PID", 0, false),
    field("ppid", "PPID", 0, false),
    field("pgid pgrp", "PGID", 0, false),
    field("sid sess session", "SID", 0, false),
    field("user euser ruser uname", "USER", 8, true),
    field("UID", "UID", 8, true),
    field("uid euid ruid", "UID", 5, false),
    field("group egroup rgroup", "GROUP", 8, true),
    field("c", "C", 2, false),
    field("pcpu %cpu", "%CPU", 4, false),
    field("pmem %mem", "%MEM", 4, false),
    field("vsz vsize", "VSZ", 6, false),
    field("rss rssize rsz", "RSS", 5, false),
    field("tty tname tt", "TTY", 8, true),
    field("stat", "STAT", 4, true),
    field("state s", "S", 1, true),
    field("stime", "STIME", 5, true),
    field("start_time", "START", 5, true),
    field("start", "STARTED", 8, false),
    field("lstart", "STARTED", 24, false),
    field("time cputime", "TIME", 8, false),
    field("bsdtime", "TIME", 6, false),
    field("etime", "ELAPSED", 11, false),
    field("etimes", "ELAPSED", 7, false),
    field("ni nice", "NI", 3, false),
    field("pri", "PRI", 3, false),
    field("cls class", "CLS", 3, false),
    field("nlwp thcount", "NLWP", 4, false),
    field("unit", "UNIT", 31, true),
    field("comm ucmd ucomm", "COMMAND", 15, true),
    field("CMD", "CMD", 27, true),
    field("cmd", "CMD", 27, true),
    field("args command", "COMMAND", 27, true),
];

/// What is asked for.
#[derive(Default)]
struct Asked {
    all: bool,
    own_terminals: bool,
    without_terminal: bool,
    pids: Vec<u32>,
    ppids: Vec<u32>,
    users: Vec<u32>,
    comms: Vec<String>,
    ttys: Vec<String>,
    columns: Vec<(String, Option<String>)>,
    no_header: bool,
    sort: Vec<(bool, String)>,
    wide: u32,
    selected: bool,
}

async fn ps(p: &mut Proc, arguments: &[String]) -> Ended {
    if p.peek(|linux| linux.distro.vendor) == Vendor::Esxi {
        return worlds(p, arguments).await;
    }
    let asked = match asked(p, arguments) {
        Ok(asked) => asked,
        Err(Wrong::Gap(what)) => return p.gap(&what),
        Err(Wrong::Usage(text)) => {
            p.err(&format!("error: {text}\n\nUsage:\n ps [options]\n\n Try 'ps --help <simple|list|output|threads|misc|all>'\n  or 'ps --help <s|l|o|t|m|a>'\n for additional help text.\n\nFor more details see ps(1).\n")).await?;
            return Ok(1);
        }
    };
    let mut found: Vec<(u32, Process)> = selected(p, &asked);
    for (down, key) in asked.sort.iter().rev() {
        found.sort_by(|a, b| {
            let order = sort_key(p, key, a).cmp(&sort_key(p, key, b));
            if *down { order.reverse() } else { order }
        });
    }
    let nothing = found.is_empty();
    let text = shown(p, &asked, &found);
    p.out(&text).await?;
    Ok(u8::from(nothing))
}

/// `ps` of ESXi: the worlds of programs, by the number of the world and that of its cartel, which is the same for those of one
/// thread. Its columns are from memory; the kernel's own worlds are not modelled.
async fn worlds(p: &mut Proc, arguments: &[String]) -> Ended {
    let whole = match arguments {
        [] => false,
        [option] if option == "-c" || option == "c" => true,
        _ => return p.gap(&format!("ps {} of ESXi", arguments.join(" "))),
    };
    p.inferred();
    let row = |(pid, process): (u32, &Process)| {
        let command = if whole { &process.command } else { process.command.split(' ').next().unwrap_or_default() };
        format!("{pid:<8} {pid:<8} {:<21} {}\n", process.comm(), command.trim_start_matches('-').trim_end_matches(':'))
    };
    let head = format!("{:<8} {:<8} {:<21} {}\n", "WID", "CID", "WorldName", "Command");
    let text = p.peek(|linux| {
        let there = linux.processes.iter().filter(|(_, process)| process.ended.is_none());
        there.map(row).fold(head, |text, row| text + &row)
    });
    p.out(&text).await?;
    Ok(0)
}

enum Wrong {
    Gap(String),
    Usage(String),
}

fn asked(p: &Proc, arguments: &[String]) -> Result<Asked, Wrong> {
    let mut asked = Asked::default();
    let mut layout: Option<&'static str> = None;
    let mut rest = arguments.iter();
    let mut bsd = false;
    while let Some(word) = rest.next() {
        if let Some(long) = word.strip_prefix("--") {
            let (name, value) =
                long.split_once('=').map_or((long, None), |(name, value)| (name, Some(value.to_owned())));
            let mut value = || value.clone().or_else(|| rest.next().cloned()).unwrap_or_default();
            match name {
                "no-headers" | "no-heading" | "noheaders" | "no-header" | "noheader" | "noheading" => {
                    asked.no_header = true
                }
                "headers" | "width" | "cols" | "columns" | "rows" => return Err(Wrong::Gap(format!("ps --{name}"))),
                "sort" => add_sort(&mut asked, &value()),
                "pid" => numbers(&mut asked.pids, &value())?,
                "ppid" => numbers(&mut asked.ppids, &value())?,
                "user" | "User" => users(p, &mut asked.users, &value())?,
                "tty" => asked.ttys.extend(value().split(',').map(str::to_owned)),
                "format" => columns(&mut asked, &value())?,
                "forest" | "deselect" | "help" | "version" | "info" => return Err(Wrong::Gap(format!("ps --{name}"))),
                _ => return Err(Wrong::Usage("unknown gnu long option".to_owned())),
            }
            continue;
        }
        if let Some(letters) = word.strip_prefix('-').filter(|letters| !letters.is_empty()) {
            // `-aux` is taken as `aux`, as ps does where there is no user x.
            if letters == "aux" {
                asked.own_terminals = true;
                asked.without_terminal = true;
                layout = Some("u");
                continue;
            }
            let mut at = letters.chars();
            while let Some(letter) = at.next() {
                let mut value = || {
                    let attached = at.as_str().to_owned();
                    at = "".chars();
                    if attached.is_empty() { rest.next().cloned() } else { Some(attached) }
                };
                let missing = |what: &str| Wrong::Usage(format!("list of {what} must follow -{letter}"));
                match letter {
                    'e' | 'A' => asked.all = true,
                    'a' => (asked.own_terminals, asked.selected) = (true, true),
                    'f' => layout = Some("f"),
                    'F' | 'l' | 'j' | 'M' | 'Z' | 'L' | 'T' | 'H' | 'N' | 'd' | 'g' | 's' | 'y' | 'm' => {
                        return Err(Wrong::Gap(format!("ps -{letter}")));
                    }
                    'w' => asked.wide += 1,
                    'p' | 'q' => numbers(&mut asked.pids, &value().ok_or_else(|| missing("process IDs"))?)?,
                    'u' | 'U' => users(p, &mut asked.users, &value().ok_or_else(|| missing("users"))?)?,
                    'C' => {
                        let names = value().ok_or_else(|| missing("command names"))?;
                        asked.comms.extend(names.split(',').map(str::to_owned));
                    }
                    't' => {
                        asked.ttys.extend(value().ok_or_else(|| missing("terminals"))?.split(',').map(str::to_owned))
                    }
                    'o' => columns(
                        &mut asked,
                        &value().ok_or_else(|| Wrong::Usage("format specification must follow -o".to_owned()))?,
                    )?,
                    _ => return Err(Wrong::Usage("unsupported SysV option".to_owned())),
                }
            }
            continue;
        }
        if word.chars().all(|letter| letter.is_ascii_digit() || letter == ',') {
            numbers(&mut asked.pids, word)?;
            continue;
        }
        bsd = true;
        let mut at = word.chars();
        while let Some(letter) = at.next() {
            match letter {
                'a' => (asked.own_terminals, asked.selected) = (true, true),
                'x' => (asked.without_terminal, asked.selected) = (true, true),
                'u' => layout = Some("u"),
                'w' => asked.wide += 1,
                'h' => asked.no_header = true,
                'o' | 'p' | 'U' | 'k' => {
                    let attached = at.as_str().to_owned();
                    let value = if attached.is_empty() { rest.next().cloned().unwrap_or_default() } else { attached };
                    at = "".chars();
                    match letter {
                        'o' => columns(&mut asked, &value)?,
                        'p' => numbers(&mut asked.pids, &value)?,
                        'U' => users(p, &mut asked.users, &value)?,
                        _ => add_sort(&mut asked, &value),
                    }
                }
                'f' | 'e' | 'c' | 'j' | 'l' | 's' | 'v' | 'm' | 't' | 'r' | 'T' | 'X' | 'Z' | 'L' | 'H' | 'g' | 'n'
                | 'S' | 'N' => {
                    return Err(Wrong::Gap(format!("ps {letter}")));
                }
                _ => return Err(Wrong::Usage("unsupported option (BSD syntax)".to_owned())),
            }
        }
    }
    if asked.own_terminals && asked.without_terminal {
        asked.all = true;
    }
    if asked.columns.is_empty() {
        let names = match layout {
            Some("f") => "UID,pid,ppid,c,stime,tname,time,CMD",
            Some(_) => "user,pid,pcpu,pmem,vsz,rss,tname,stat,start_time,bsdtime,args",
            None if bsd => "pid,tname,stat,bsdtime,args",
            None => "pid,tname,time,comm",
        };
        columns(&mut asked, names)?;
        if layout.is_none()
            && !bsd
            && let Some((_, head)) = asked.columns.last_mut()
        {
            *head = Some("CMD".to_owned());
        }
    }
    Ok(asked)
}

fn numbers(list: &mut Vec<u32>, text: &str) -> Result<(), Wrong> {
    for word in text.split([',', ' ']).filter(|word| !word.is_empty()) {
        list.push(word.parse().map_err(|_| Wrong::Usage("process ID list syntax error".to_owned()))?);
    }
    Ok(())
}

fn users(p: &Proc, list: &mut Vec<u32>, text: &str) -> Result<(), Wrong> {
    for word in text.split([',', ' ']).filter(|word| !word.is_empty()) {
        list.push(uid(p, word).ok_or_else(|| Wrong::Usage("user name does not exist".to_owned()))?);
    }
    Ok(())
}

fn columns(asked: &mut Asked, text: &str) -> Result<(), Wrong> {
    // A heading of one's own goes to the end of the word.
    if let Some((name, head)) = text.split_once('=')
        && !name.contains(',')
    {
        find(name)?;
        asked.columns.push((name.to_owned(), Some(head.to_owned())));
        return Ok(());
    }
    for name in text.split([',', ' ']).filter(|name| !name.is_empty()) {
        let (name, head) = name.split_once('=').map_or((name, None), |(name, head)| (name, Some(head.to_owned())));
        find(name)?;
        asked.columns.push((name.to_owned(), head));
    }
    Ok(())
}

fn find(name: &str) -> Result<&'static Field, Wrong> {
    let found = FIELDS.iter().find(|field| field.names.split(' ').any(|known| known == name));
    found.ok_or_else(|| Wrong::Usage(format!("unknown user-defined format specifier \"{name}\"")))
}

fn add_sort(asked: &mut Asked, text: &str) {
    for key in text.split(',').filter(|key| !key.is_empty()) {
        let down = key.starts_with('-');
        asked.sort.push((down, key.trim_start_matches(['-', '+']).to_owned()));
    }
}

fn sort_key(p: &Proc, key: &str, (pid, process): &(u32, Process)) -> (u64, String) {
    let (vsz, rss) = memory(&process.command);
    match key {
        "pid" => (u64::from(*pid), String::new()),
        "ppid" => (u64::from(process.ppid), String::new()),
        "rss" | "pmem" | "%mem" | "rsz" => (rss, String::new()),
        "vsz" | "vsize" => (vsz, String::new()),
        "pcpu" | "%cpu" | "time" | "cputime" => (processor(process, p.now()), String::new()),
        "start_time" | "start" | "lstart" | "stime" => (0, process.started.to_string()),
        "user" | "euser" => (0, user_name(p, process.uid)),
        _ => (0, process.comm().to_owned()),
    }
}

fn selected(p: &Proc, asked: &Asked) -> Vec<(u32, Process)> {
    let own = p.peek(|linux| linux.processes.get(p.pid).and_then(|process| process.tty.clone()));
    let named = !(asked.pids.is_empty()
        && asked.ppids.is_empty()
        && asked.users.is_empty()
        && asked.comms.is_empty()
        && asked.ttys.is_empty());
    let fits = |pid: u32, process: &Process| {
        if asked.all {
            return true;
        }
        if named {
            let tty = process.tty.as_deref();
            return asked.pids.contains(&pid)
                || asked.ppids.contains(&process.ppid)
                || asked.users.contains(&process.uid)
                || asked.comms.iter().any(|comm| comm == process.comm())
                || asked.ttys.iter().any(|wanted| tty == Some(wanted.trim_start_matches("/dev/")));
        }
        let mine = process.uid == p.cred.uid;
        match (asked.own_terminals, asked.without_terminal) {
            (true, _) => process.tty.is_some() && (asked.selected || mine),
            (_, true) => mine,
            _ => mine && process.tty == own,
        }
    };
    table(p).into_iter().filter(|(pid, process)| fits(*pid, process)).collect()
}

fn shown(p: &Proc, asked: &Asked, found: &[(u32, Process)]) -> String {
    let digits = p.peek(|linux| if linux.distro.systemd >= Some(239) { 7 } else { 5 });
    let fields: Vec<(&'static Field, &str)> = asked
        .columns
        .iter()
        .filter_map(|(name, head)| {
            let field = find(name).ok()?;
            Some((field, head.as_deref().unwrap_or(field.head)))
        })
        .collect();
    let columns = p.cx.with(|cx| usize::from(cx.session.terminal.columns));
    let on_terminal = p.files.is_terminal(1);
    let most = match (on_terminal, asked.wide) {
        (true, 0) => columns,
        (true, 1) => columns.max(132),
        _ => usize::MAX,
    };
    let line = |cells: Vec<String>| {
        let last = cells.len().saturating_sub(1);
        let mut text = String::new();
        for (place, (cell, (field, head))) in cells.iter().zip(&fields).enumerate() {
            if place > 0 {
                text.push(' ');
            }
            let width = if field.width == 0 { digits } else { field.width }.max(head.len());
            if place == last && field.left {
                text.push_str(cell);
            } else if field.left {
                text.push_str(&format!("{cell:<width$}"));
            } else {
                text.push_str(&format!("{cell:>width$}"));
            }
        }
        text.chars().take(most).chain(['\n']).collect::<String>()
    };
    let mut text = String::new();
    if !asked.no_header && fields.iter().any(|(_, head)| !head.is_empty()) {
        text.push_str(&line(fields.iter().map(|(_, head)| (*head).to_owned()).collect()));
    }
    for (pid, process) in found {
        let cells = asked.columns.iter().map(|(name, _)| cell(p, name, *pid, process));
        text.push_str(&line(cells.collect()));
    }
    text
}

fn cell(p: &Proc, name: &str, pid: u32, process: &Process) -> String {
    let (vsz, rss) = memory(&process.command);
    let age = p.now().since(process.started).as_secs();
    let cpu = processor(process, p.now());
    let clock = |secs: u64| format!("{:02}:{:02}:{:02}", secs / 3_600, secs / 60 % 60, secs % 60);
    match name {
        "pid" | "tgid" | "lwp" | "tid" | "spid" | "sid" | "sess" | "session" => pid.to_string(),
        "ppid" => process.ppid.to_string(),
        "pgid" | "pgrp" => if process.group == 0 { pid } else { process.group }.to_string(),
        "user" | "euser" | "ruser" | "uname" | "UID" => short_user(p, process.uid),
        "uid" | "euid" | "ruid" => process.uid.to_string(),
        "group" | "egroup" | "rgroup" => group(p, process.uid),
        "c" => "0".to_owned(),
        "pcpu" | "%cpu" => format!("{:.1}", cpu as f64 / age.max(1) as f64),
        "pmem" | "%mem" => format!("{:.1}", rss as f64 * 100.0 / p.peek(|linux| linux.memory_kib()) as f64),
        "vsz" | "vsize" => vsz.to_string(),
        "rss" | "rssize" | "rsz" => rss.to_string(),
        "tty" | "tname" | "tt" => process.tty.clone().unwrap_or_else(|| "?".to_owned()),
        "stat" => stat(p, pid, process),
        "state" | "s" => stat(p, pid, process)[..1].to_owned(),
        "stime" | "start_time" => {
            let day = |at: Instant, form: &str| stamp_in(p, at, form);
            if day(process.started, "%Y") != day(p.now(), "%Y") {
                day(process.started, "%Y")
            } else if day(process.started, "%j") == day(p.now(), "%j") {
                day(process.started, "%H:%M")
            } else {
                day(process.started, "%b%d")
            }
        }
        "start" => stamp_in(p, process.started, if age < 86_400 { "%H:%M:%S" } else { "  %b %d" }),
        "lstart" => stamp_in(p, process.started, "%a %b %e %H:%M:%S %Y"),
        "time" | "cputime" => clock(cpu / 100),
        "bsdtime" => format!("{}:{:02}", cpu / 6_000, cpu / 100 % 60),
        "etime" => {
            let (days, hours) = (age / 86_400, age / 3_600 % 24);
            let rest = format!("{:02}:{:02}", age / 60 % 60, age % 60);
            match (days, hours) {
                (0, 0) => rest,
                (0, hours) => format!("{hours:02}:{rest}"),
                (days, hours) => format!("{days}-{hours:02}:{rest}"),
            }
        }
        "etimes" => age.to_string(),
        "ni" | "nice" => "0".to_owned(),
        "pri" => "19".to_owned(),
        "cls" | "class" => "TS".to_owned(),
        "nlwp" | "thcount" => "1".to_owned(),
        "unit" => process.unit.clone().unwrap_or_else(|| "-".to_owned()),
        "comm" | "ucmd" | "ucomm" => process.comm().to_owned(),
        _ => process.command.clone(),
    }
}

/// A user's name where it fits; its number, or a name that is cut, where it does not.
fn short_user(p: &Proc, uid: u32) -> String {
    let name = procs::user_name(p, uid);
    if name.len() <= 8 {
        return name;
    }
    if p.peek(|linux| linux.distro.systemd.is_some()) {
        format!("{}+", name.chars().take(7).collect::<String>())
    } else {
        uid.to_string()
    }
}

fn group(p: &Proc, uid: u32) -> String {
    p.peek(|linux| {
        let gid = linux.users().into_iter().find(|user| user.uid == uid).map_or(uid, |user| user.gid);
        linux.group_name(gid).unwrap_or_else(|| gid.to_string())
    })
}

fn stat(p: &Proc, pid: u32, process: &Process) -> String {
    if pid == p.pid {
        return "R+".to_owned();
    }
    if process.is_kernels() {
        return "S".to_owned();
    }
    let by_daemon = p.peek(|linux| linux.processes.get(process.ppid).is_some_and(Process::is_connection));
    // A shell leads a session of its own, and so does the first of the processes that a connection has.
    let leads = match process.unit {
        Some(_) => !process.command.starts_with('('),
        None => pid == 1 || by_daemon != process.is_connection(),
    };
    let own = if process.group == 0 { process.ppid == p.ppid } else { process.group == p.group };
    let front = process.tty.is_some() && !leads && own;
    let state = if process.stopped.is_some() { "T" } else { "S" };
    format!("{state}{}{}", if leads { "s" } else { "" }, if front { "+" } else { "" })
}
