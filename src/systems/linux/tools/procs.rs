//! What shows and reaches processes: `ps`, `pgrep`, `pkill`, `killall`, `kill` as a program, `pidof`, `top -b`, `free`,
//! `uptime`. Sizes and processor times of a process are not modelled: they follow from its name, so that they are the same
//! whenever one looks, and count as inferred.

use super::getopt::Spec as Options;
use super::{Tool, tool};
use crate::sim::{Instant, Span};
use crate::systems::linux::distro::Dialect;
use crate::systems::linux::kernel;
use crate::systems::linux::load;
use crate::systems::linux::model::{Linux, Process};
use crate::systems::linux::proc::{Ended, Proc};
use crate::systems::linux::tools::systemd::stamp_in;

/// The programs of this file.
pub static TOOLS: &[Tool] = &[
    tool!("pgrep", pgrep),
    tool!("pkill", pgrep),
    tool!("pidof", pidof),
    tool!("kill", kill),
    tool!("killall", killall),
    tool!("free", free),
    tool!("uptime", uptime),
    tool!("top", top),
];

/// Virtual and resident size in KiB.
#[must_use]
pub fn memory(command: &str) -> (u64, u64) {
    if command.starts_with('[') {
        return (0, 0);
    }
    let program = command.split_whitespace().next().unwrap_or(command);
    let name = program.rsplit('/').next().unwrap_or(program).trim_end_matches(':').trim_start_matches('-');
    const KNOWN: [(&str, u64, u64); 16] = [
        ("systemd", 175_000, 13_400),
        ("init", 10_540, 820),
        ("systemd-journald", 89_400, 9_300),
        ("systemd-udevd", 96_900, 9_800),
        ("systemd-logind", 83_600, 6_900),
        ("dbus-daemon", 63_600, 5_200),
        ("NetworkManager", 391_000, 18_900),
        ("firewalld", 286_000, 38_700),
        ("platform-python", 420_000, 29_600),
        ("polkitd", 1_627_000, 23_100),
        ("rsyslogd", 214_000, 5_900),
        ("sshd", 76_500, 6_900),
        ("crond", 36_900, 3_300),
        ("chronyd", 128_700, 4_000),
        ("agetty", 13_700, 1_700),
        ("bash", 27_500, 5_300),
    ];
    let known = KNOWN.iter().find(|(known, ..)| *known == name);
    known.map_or_else(
        || {
            let sum = name.bytes().fold(7_u64, |sum, byte| sum * 31 % 9_973 + u64::from(byte));
            (58_000 + sum * 4, 3_400 + sum % 2_900 / 4 * 4)
        },
        |(_, vsz, rss)| (*vsz, *rss),
    )
}

/// Processor time in hundredths of a second.
#[must_use]
pub fn processor(process: &Process, now: Instant) -> u64 {
    let age = now.since(process.started).as_secs();
    let share = match process.comm() {
        "systemd" | "init" => 600,
        "rcu_sched" => 250,
        name if process.is_kernels() || process.tty.is_some() => name.len() as u64 / 12,
        "tuned" | "platform-python" => 160,
        "vmtoolsd" | "NetworkManager" => 90,
        name => name.len() as u64 * 2,
    };
    age * share / 86_400
}

/// The processes as a program sees them: all but those that have ended.
pub fn table(p: &Proc) -> Vec<(u32, Process)> {
    p.peek(|linux| {
        let running = linux.processes.iter().filter(|(_, process)| process.ended.is_none());
        running.map(|(pid, process)| (pid, process.clone())).collect()
    })
}

/// `pgrep` and `pkill`
async fn pgrep(p: &mut Proc, arguments: &[String]) -> Ended {
    const OPTIONS: Options = Options {
        short: "flaxvnou:U:t:P:d:cs:e",
        long: &[
            ("full", 'f'),
            ("list-name", 'l'),
            ("list-full", 'a'),
            ("exact", 'x'),
            ("inverse", 'v'),
            ("newest", 'n'),
            ("oldest", 'o'),
            ("euid:", 'u'),
            ("uid:", 'U'),
            ("terminal:", 't'),
            ("parent:", 'P'),
            ("delimiter:", 'd'),
            ("count", 'c'),
            ("signal:", 's'),
            ("echo", 'e'),
        ],
    };
    let kills = p.name.ends_with("pkill");
    let mut signal = 15;
    let mut words = arguments.to_vec();
    if kills && let Some(place) = words.iter().position(|word| is_signal(word)) {
        signal = kernel::signal_number(&words.remove(place)[1..]).unwrap_or(15);
    }
    let given = match OPTIONS.read(&words, false) {
        Ok(given) => given,
        Err(text) => return usage(p, &text).await,
    };
    if let Some(text) = given.value('s') {
        match kernel::signal_number(text) {
            Some(number) => signal = number,
            None => return usage(p, &format!("Unknown signal \"{text}\".")).await,
        }
    }
    let pattern = match &given.operands[..] {
        [pattern] => Some(pattern.clone()),
        [] if ['u', 'U', 't', 'P'].into_iter().any(|letter| given.has(letter)) => None,
        [] => return usage(p, "no matching criteria specified").await,
        _ => return usage(p, "only one pattern can be provided").await,
    };
    let regex = match &pattern {
        None => None,
        Some(pattern) => {
            let whole = if given.has('x') { format!("^({pattern})$") } else { pattern.clone() };
            match super::regex::extended(&whole, false) {
                Some(regex) => Some(regex),
                None => return usage(p, "invalid regular expression").await,
            }
        }
    };
    let users: Vec<u32> = ['u', 'U']
        .into_iter()
        .flat_map(|letter| given.values(letter))
        .flat_map(|list| list.split(','))
        .filter_map(|user| uid(p, user))
        .collect();
    let by_user = given.has('u') || given.has('U');
    let me = p.pid;
    let mut found: Vec<(u32, Process)> = table(p)
        .into_iter()
        .filter(|(pid, process)| {
            let text = if given.has('f') { process.command.as_str() } else { process.comm() };
            let fits = regex.as_ref().is_none_or(|regex| regex.is_match(text.as_bytes()))
                && (!by_user || users.contains(&process.uid))
                && given.value('t').is_none_or(|tty| process.tty.as_deref() == Some(tty))
                && given
                    .value('P')
                    .is_none_or(|parents| parents.split(',').any(|parent| parent == process.ppid.to_string()));
            *pid != me && fits != given.has('v')
        })
        .collect();
    found.sort_by_key(|(pid, process)| (process.started, *pid));
    if given.has('n') {
        found.drain(..found.len().saturating_sub(1));
    } else if given.has('o') {
        found.truncate(1);
    }
    found.sort_by_key(|(pid, _)| *pid);
    if found.is_empty() {
        if given.has('c') {
            p.out("0\n").await?;
        }
        return Ok(1);
    }
    if kills {
        let mut status = 1;
        for (pid, process) in &found {
            if strike(p, *pid, signal) == Struck::Yes {
                status = 0;
                if given.has('e') {
                    p.out(&format!("{} killed (pid {pid})\n", process.comm())).await?;
                }
            } else {
                p.complain(&format!("killing pid {pid} failed: Operation not permitted")).await?;
            }
        }
        return Ok(status);
    }
    if given.has('c') {
        p.out(&format!("{}\n", found.len())).await?;
        return Ok(0);
    }
    let delimiter = given.value('d').unwrap_or("\n");
    let shown: Vec<String> = found
        .iter()
        .map(|(pid, process)| {
            if given.has('a') {
                format!("{pid} {}", process.command)
            } else if given.has('l') {
                format!("{pid} {}", process.comm())
            } else {
                pid.to_string()
            }
        })
        .collect();
    p.out(&format!("{}\n", shown.join(delimiter))).await?;
    Ok(0)
}

fn is_signal(word: &str) -> bool {
    let name = word.strip_prefix('-').unwrap_or_default();
    !name.is_empty()
        && (name.bytes().all(|byte| byte.is_ascii_digit())
            || name.len() > 1 && name.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit()))
        && kernel::signal_number(name).is_some()
}

async fn usage(p: &mut Proc, text: &str) -> Ended {
    p.complain(text).await?;
    let name = p.name.clone();
    p.err(&format!("Try `{name} --help' for more information.\n")).await?;
    Ok(2)
}

/// The number of a user by name or number.
pub fn uid(p: &Proc, text: &str) -> Option<u32> {
    p.peek(|linux| linux.user(text)).map(|user| user.uid).or_else(|| text.parse().ok())
}

/// What became of a signal.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Struck {
    Yes,
    Gone,
    Refused,
}

fn strike(p: &Proc, pid: u32, signal: u8) -> Struck {
    let (mine, root) = (p.cred.uid, p.cred.is_root());
    p.world(|world, id| match world.linux(id).processes.get(pid).filter(|process| process.ended.is_none()) {
        None => Struck::Gone,
        Some(process) if !root && process.uid != mine => Struck::Refused,
        Some(_) if signal == 0 => Struck::Yes,
        Some(_) => {
            kernel::signal(world, id, pid, signal);
            Struck::Yes
        }
    })
}

/// `kill` as a program
async fn kill(p: &mut Proc, arguments: &[String]) -> Ended {
    let mut signal = 15;
    let mut rest = arguments;
    match rest.first().map(String::as_str) {
        Some("-l" | "-L" | "--list") => {
            let names: Vec<&str> = kernel::SIGNALS.iter().map(|(_, name)| *name).collect();
            p.out(&format!("{}\n", names.join(" "))).await?;
            return Ok(0);
        }
        Some("-s") if rest.len() > 1 => {
            match kernel::signal_number(&rest[1]) {
                Some(number) => signal = number,
                None => return p.fail(&format!("unknown signal: {}", rest[1])).await,
            }
            rest = &rest[2..];
        }
        Some("--") => rest = &rest[1..],
        Some(option) if option.starts_with('-') && option.len() > 1 => {
            match kernel::signal_number(&option[1..]) {
                Some(number) => signal = number,
                None => return p.fail(&format!("unknown signal {}", &option[1..])).await,
            }
            rest = &rest[1..];
        }
        _ => {}
    }
    if rest.is_empty() {
        return p.fail("not enough arguments").await;
    }
    let mut status = 0;
    for target in rest {
        let Ok(pid) = target.parse::<u32>() else {
            status = p.fail(&format!("failed to parse argument: '{target}'")).await?;
            continue;
        };
        match strike(p, pid, signal) {
            Struck::Yes => {}
            Struck::Gone => status = p.fail(&format!("sending signal to {pid} failed: No such process")).await?,
            Struck::Refused => {
                status = p.fail(&format!("sending signal to {pid} failed: Operation not permitted")).await?
            }
        }
    }
    Ok(status)
}

/// `killall`
async fn killall(p: &mut Proc, arguments: &[String]) -> Ended {
    let mut signal = 15;
    let mut names = Vec::new();
    let (mut quiet, mut verbose) = (false, false);
    let mut rest = arguments.iter();
    while let Some(word) = rest.next() {
        match word.as_str() {
            "-q" => quiet = true,
            "-v" => verbose = true,
            "-s" => match rest.next().and_then(|text| kernel::signal_number(text)) {
                Some(number) => signal = number,
                None => return p.fail("unknown signal; killall -l lists signals.").await,
            },
            word if word.starts_with('-') && word.len() > 1 => match kernel::signal_number(&word[1..]) {
                Some(number) => signal = number,
                None => return p.gap(&format!("killall {word}")),
            },
            name => names.push(name.to_owned()),
        }
    }
    if names.is_empty() {
        return p.gap("killall without a name");
    }
    let mut status = 0;
    for name in names {
        let found: Vec<u32> = table(p)
            .into_iter()
            .filter(|(pid, process)| *pid != p.pid && process.comm() == name.rsplit('/').next().unwrap_or(&name))
            .map(|(pid, _)| pid)
            .collect();
        if found.is_empty() {
            status = 1;
            if !quiet {
                p.err(&format!("{name}: no process found\n")).await?;
            }
        }
        for pid in found {
            match strike(p, pid, signal) {
                Struck::Yes if verbose => p.err(&format!("Killed {name}({pid}) with signal {signal}\n")).await?,
                Struck::Yes => {}
                _ => {
                    status = 1;
                    p.err(&format!("{name}({pid}): Operation not permitted\n")).await?;
                }
            }
        }
    }
    Ok(status)
}

/// `pidof`
async fn pidof(p: &mut Proc, arguments: &[String]) -> Ended {
    let single = arguments.iter().any(|word| word == "-s");
    let names: Vec<&String> = arguments.iter().filter(|word| !word.starts_with('-')).collect();
    let mut found: Vec<u32> = Vec::new();
    for name in names {
        let fits = |process: &Process| {
            let program = process.command.split_whitespace().next().unwrap_or_default();
            !process.is_kernels() && (program == name || process.comm() == name.as_str())
        };
        found.extend(table(p).into_iter().rev().filter(|(_, process)| fits(process)).map(|(pid, _)| pid));
    }
    if single {
        found.truncate(1);
    }
    if found.is_empty() {
        return Ok(1);
    }
    let found: Vec<String> = found.iter().map(u32::to_string).collect();
    p.out(&format!("{}\n", found.join(" "))).await?;
    Ok(0)
}

/// The memory of a machine in KiB.
pub struct Memory {
    /// All of it.
    pub total: u64,
    /// What programs and the kernel use.
    pub used: u64,
    /// Unused.
    pub free: u64,
    /// In file systems in memory.
    pub shared: u64,
    /// Buffers and page cache.
    pub cache: u64,
    /// What could be had.
    pub available: u64,
}

/// The figures behind `free` and `/proc/meminfo`: what is not a process or a file in memory is a fixed part of the whole.
#[must_use]
pub fn memory_of(linux: &Linux) -> Memory {
    let total = linux.memory_kib();
    let programs: u64 = linux.processes.iter().map(|(_, process)| memory(&process.command).1).sum();
    let shared: u64 = linux
        .fs
        .mounts()
        .filter(|(_, mount)| mount.fstype == "tmpfs")
        .map(|(index, _)| linux.fs.usage(index).used >> 10)
        .sum();
    let (used, cache) = (total / 60 + programs, total / 22 + shared);
    let free = total.saturating_sub(used + cache);
    Memory { total, used, free, shared, cache, available: free + cache * 4 / 5 }
}

/// `free`
async fn free(p: &mut Proc, arguments: &[String]) -> Ended {
    const OPTIONS: Options = Options {
        short: "bkmghtwlc:s:V",
        long: &[
            ("bytes", 'b'),
            ("kilo", 'k'),
            ("mega", 'm'),
            ("giga", 'g'),
            ("human", 'h'),
            ("total", 't'),
            ("wide", 'w'),
            ("lohi", 'l'),
            ("count:", 'c'),
            ("seconds:", 's'),
            ("si", 'S'),
            ("help", '?'),
            ("version", 'V'),
        ],
    };
    let given = match OPTIONS.read(arguments, false) {
        Ok(given) => given,
        Err(text) => {
            p.complain(&text).await?;
            p.err("\nUsage:\n free [options]\n").await?;
            return Ok(1);
        }
    };
    for letter in "wlcsS?V".chars() {
        if given.has(letter) {
            return p.gap(&format!("free -{letter}"));
        }
    }
    let (memory, swap, old) = p.peek(|linux| (memory_of(linux), linux.distro.swap.1, linux.distro.systemd.is_none()));
    let unit = given.last_of("bkmgh").unwrap_or('k');
    let units = if p.peek(|linux| linux.distro.systemd >= Some(239)) { ["Ki", "Mi", "Gi"] } else { ["K", "M", "G"] };
    let show = |kib: u64| match unit {
        'b' => (kib << 10).to_string(),
        'm' => (kib >> 10).to_string(),
        'g' => (kib >> 20).to_string(),
        'h' => human(kib, units),
        _ => kib.to_string(),
    };
    let mut text = String::new();
    if old {
        let row = |cells: &[u64]| cells.iter().map(|kib| format!(" {:>10}", show(*kib))).collect::<String>();
        text.push_str("             total       used       free     shared    buffers     cached\n");
        let (buffers, cached) = (memory.cache / 6, memory.cache - memory.cache / 6);
        let all = [memory.total, memory.total - memory.free, memory.free, 0, buffers, cached];
        text.push_str(&format!("Mem:   {}\n", row(&all)));
        text.push_str(&format!("-/+ buffers/cache:{}\n", row(&[memory.used, memory.total - memory.used])));
        text.push_str(&format!("Swap:  {}\n", row(&[swap, 0, swap])));
    } else {
        let row = |name: &str, cells: &[u64]| {
            let cells = cells.iter().map(|kib| format!(" {:>11}", show(*kib)));
            format!("{name:<7}{}\n", cells.collect::<String>())
        };
        text.push_str("              total        used        free      shared  buff/cache   available\n");
        text.push_str(&row(
            "Mem:",
            &[memory.total, memory.used, memory.free, memory.shared, memory.cache, memory.available],
        ));
        text.push_str(&row("Swap:", &[swap, 0, swap]));
        if given.has('t') {
            text.push_str(&row("Total:", &[memory.total + swap, memory.used, memory.free + swap]));
        }
    }
    p.inferred();
    p.out(&text).await?;
    Ok(0)
}

/// A size as `free -h` rounds it.
fn human(kib: u64, units: [&str; 3]) -> String {
    let mut size = kib as f64;
    if kib == 0 {
        return "0B".to_owned();
    }
    for unit in units {
        if size < 10.0 && unit != units[0] {
            return format!("{size:.1}{unit}");
        }
        if size < 1_000.0 || unit == units[2] {
            return format!("{}{unit}", size as u64);
        }
        size /= 1024.0;
    }
    "0B".to_owned()
}

/// How long a machine is up, as `uptime` and `w` show it.
#[must_use]
pub fn up_since(secs: u64) -> String {
    let (days, hours, minutes) = (secs / 86_400, secs / 3_600 % 24, secs / 60 % 60);
    let days = match days {
        0 => String::new(),
        1 => "1 day, ".to_owned(),
        days => format!("{days} days, "),
    };
    if hours > 0 { format!("{days}{hours:2}:{minutes:02}, ") } else { format!("{days}{minutes} min, ") }
}

/// The first line of `uptime`, `w` and `top`.
pub fn head(p: &Proc) -> String {
    let now = p.now();
    let (secs, users) = p.peek(|linux| (now.since(linux.booted).as_secs(), linux.logins.present().count()));
    let load = p.peek(|linux| load::averages(linux, now)).join(", ");
    let at = stamp_in(p, p.now(), "%H:%M:%S");
    let plural = if users == 1 { "" } else { "s" };
    format!(" {at} up {} {users} user{plural},  load average: {load}", up_since(secs))
}

/// `uptime`
async fn uptime(p: &mut Proc, arguments: &[String]) -> Ended {
    const OPTIONS: Options =
        Options { short: "pshV", long: &[("pretty", 'p'), ("since", 's'), ("help", 'h'), ("version", 'V')] };
    let given = match OPTIONS.read(arguments, false) {
        Ok(given) => given,
        Err(text) => {
            p.complain(&text).await?;
            p.err("\nUsage:\n uptime [options]\n").await?;
            return Ok(1);
        }
    };
    let booted = p.peek(|linux| linux.booted);
    if given.has('s') {
        let text = stamp_in(p, booted, "%Y-%m-%d %H:%M:%S");
        p.out(&format!("{text}\n")).await?;
        return Ok(0);
    }
    if given.has('p') {
        let secs = p.now().since(booted).as_secs();
        let part = |count: u64, word: &str| match count {
            0 => None,
            1 => Some(format!("1 {word}")),
            count => Some(format!("{count} {word}s")),
        };
        let parts = [
            part(secs / 604_800, "week"),
            part(secs / 86_400 % 7, "day"),
            part(secs / 3_600 % 24, "hour"),
            part(secs / 60 % 60, "minute"),
        ];
        let parts: Vec<String> = parts.into_iter().flatten().collect();
        p.out(&format!("up {}\n", if parts.is_empty() { "0 minutes".to_owned() } else { parts.join(", ") })).await?;
        return Ok(0);
    }
    if p.peek(|linux| linux.distro.dialect()) == Dialect::Ash {
        return applet_uptime(p, booted).await;
    }
    if given.has('h') || given.has('V') {
        return p.gap("uptime with this option");
    }
    let head = head(p);
    p.out(&format!("{head}\n")).await?;
    Ok(0)
}

/// As the applet of ESXi has it: seconds too, and no users. Its shape is inferred from listings in knowledge base articles.
async fn applet_uptime(p: &mut Proc, booted: Instant) -> Ended {
    p.inferred();
    let secs = p.now().since(booted).as_secs();
    let (days, hours, minutes) = (secs / 86_400, secs / 3_600 % 24, secs / 60 % 60);
    let days = match days {
        0 => String::new(),
        1 => "1 day, ".to_owned(),
        days => format!("{days} days, "),
    };
    let at = stamp_in(p, p.now(), "%H:%M:%S");
    let now = p.now();
    let load = p.peek(|linux| load::averages(linux, now)).join(", ");
    p.out(&format!(" {at} up {days}{hours:02}:{minutes:02}:{:02}, load average: {load}\n", secs % 60)).await?;
    Ok(0)
}

/// `top -b`: the table `-n` times, else until somebody ends it.
async fn top(p: &mut Proc, arguments: &[String]) -> Ended {
    const OPTIONS: Options = Options { short: "bcd:hHin:o:Op:sSu:U:vw::", long: &[] };
    let given = match OPTIONS.read(arguments, false) {
        Ok(given) => given,
        Err(_) => {
            let wrong = arguments.iter().find(|word| word.starts_with('-')).map_or("", String::as_str);
            p.complain(&format!("unknown option '{}'", wrong.trim_start_matches('-'))).await?;
            p.err("Usage:\n  top -hv | -bcEHiOSs1 -d secs -n max -u|U user -p pid(s) -o field -w [cols]\n").await?;
            return Ok(1);
        }
    };
    if !given.has('b') {
        return p.gap("top without -b");
    }
    if let Some(letter) = given.last_of("chHioOsSuUvw") {
        return p.gap(&format!("top -{letter}"));
    }
    let (times, delay) = (given.value('n').unwrap_or("0"), given.value('d').unwrap_or("3"));
    let Ok(times) = times.parse::<u64>() else {
        return p.fail(&format!("bad iterations argument '{times}'")).await;
    };
    let Some(delay) = delay.parse::<f64>().ok().filter(|delay| (0.0..1e6).contains(delay)) else {
        return p.fail(&format!("bad delay interval '{delay}'")).await;
    };
    let wanted: Vec<u32> =
        given.values('p').flat_map(|list| list.split(',')).filter_map(|pid| pid.parse().ok()).collect();
    p.inferred();
    for round in 1.. {
        let text = table_of_top(p, &wanted);
        p.out(&format!("{}{text}", if round > 1 { "\n" } else { "" })).await?;
        if round == times {
            break;
        }
        // No faster than the kernel counts.
        p.pass(Span::millis(((delay * 1000.0) as u64).max(10))).await?;
    }
    Ok(0)
}

fn table_of_top(p: &Proc, wanted: &[u32]) -> String {
    let head = head(p);
    let mut all = table(p);
    all.retain(|(pid, _)| wanted.is_empty() || wanted.contains(pid));
    let (memory, swap) = p.peek(|linux| (memory_of(linux), linux.distro.swap.1));
    let mib = |kib: u64| format!("{:.1}", kib as f64 / 1024.0);
    let total = all.len();
    let mut text = format!(
        "top -{head}\nTasks: {total:3} total,   1 running, {:3} sleeping,   0 stopped,   0 zombie\n%Cpu(s):  0.0 us,  0.0 sy,  0.0 \
         ni,100.0 id,  0.0 wa,  0.0 hi,  0.0 si,  0.0 st\n",
        total.saturating_sub(1)
    );
    text.push_str(&format!(
        "MiB Mem : {:>8} total, {:>8} free, {:>8} used, {:>8} buff/cache\n",
        mib(memory.total),
        mib(memory.free),
        mib(memory.used),
        mib(memory.cache)
    ));
    text.push_str(&format!(
        "MiB Swap: {:>8} total, {:>8} free, {:>8} used. {:>8} avail Mem \n\n",
        mib(swap),
        mib(swap),
        mib(0),
        mib(memory.available)
    ));
    text.push_str("    PID USER      PR  NI    VIRT    RES    SHR S  %CPU  %MEM     TIME+ COMMAND\n");
    for (pid, process) in &all {
        let user = user_name(p, process.uid);
        let (vsz, rss) = self::memory(&process.command);
        let hundredths = processor(process, p.now());
        let state = if *pid == p.pid { 'R' } else { 'S' };
        let (minutes, rest) = (hundredths / 6_000, hundredths % 6_000);
        text.push_str(&format!(
            "{pid:7} {user:<9} 20   0 {vsz:7} {rss:6} {:6} {state}   0.0 {:5.1} {minutes:3}:{:02}.{:02} {}\n",
            rss * 3 / 4,
            rss as f64 * 100.0 / memory.total as f64,
            rest / 100,
            rest % 100,
            process.comm()
        ));
    }
    text
}

/// The name of a user, or its number.
pub fn user_name(p: &Proc, uid: u32) -> String {
    p.peek(|linux| linux.user_name(uid)).unwrap_or_else(|| uid.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_shown_as_uptime_does() {
        let check = |secs: u64, expect: &str| assert_eq!(up_since(secs), expect);
        check(60, "1 min, ");
        check(3_600, " 1:00, ");
        check(90_000, "1 day,  1:00, ");
        check(172_800 + 300, "2 days, 5 min, ");
    }

    #[test]
    fn sizes_are_rounded_as_free_does() {
        let check = |kib: u64, expect: &str| assert_eq!(human(kib, ["Ki", "Mi", "Gi"]), expect);
        check(0, "0B");
        check(2_000, "2.0Mi");
        check(16_134_368, "15Gi");
        check(8_257_532, "7.9Gi");
    }
}
