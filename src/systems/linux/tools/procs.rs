//! What finds and reaches processes: `pgrep`, `pkill`, `killall`, `kill` as a program, `pidof`, `pwdx`. Sizes and processor times of a process are not modelled: they follow from its name, so that they are the same
//! whenever one looks, and count as inferred.

use super::getopt::Spec as Options;
use super::{Tool, busybox, tool};
use crate::sim::Instant;
use crate::systems::linux::kernel;
use crate::systems::linux::model::Process;
use crate::systems::linux::model::signals;
use crate::systems::linux::proc::{Ended, Proc};
use crate::systems::linux::tools::input::given;

/// The programs of this file.
pub static TOOLS: &[Tool] = &[
    tool!("pgrep", pgrep),
    tool!("pkill", pgrep),
    tool!("pidof", pidof),
    tool!("kill", kill),
    tool!("killall", killall),
    tool!("pwdx", pwdx),
];

/// Virtual and resident size in KiB.
#[must_use]
pub fn memory(command: &str) -> (u64, u64) {
    if command.starts_with('[') {
        return (0, 0);
    }
    let program = command.split_whitespace().next().unwrap_or(command);
    let name = program.rsplit('/').next().unwrap_or(program).trim_end_matches(':').trim_start_matches('-');
    if let Some(heap) = heap_mib(command) {
        return (2_640_000 + heap * 1_024, 92_000 + heap * 820);
    }
    // The memory of a virtual machine is that of its process.
    let guest = command.split_once(" -m size=").and_then(|(_, rest)| rest.split_once('k')?.0.parse::<u64>().ok());
    if let Some(kib) = guest.filter(|_| name == "qemu-kvm") {
        return (kib + 1_130_000, kib + 48_000);
    }
    const KNOWN: [(&str, u64, u64); 17] = [
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
        ("vpxd", 1_420_000, 412_000),
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

/// How large the heap of a Java program may become, in MiB, as its command line says.
fn heap_mib(command: &str) -> Option<u64> {
    let option = command.split_whitespace().find_map(|word| word.strip_prefix("-Xmx"))?;
    option.strip_suffix('m')?.parse().ok().filter(|heap| *heap < 1 << 20)
}

/// Processor time in hundredths of a second. A Java program takes most of it while it starts.
#[must_use]
pub fn processor(process: &Process, now: Instant) -> u64 {
    let age = now.since(process.started).as_secs();
    if let Some(heap) = heap_mib(&process.command) {
        return heap.saturating_mul(10).min(age * 50) + age * heap / 1_000;
    }
    let share = match process.comm() {
        "systemd" | "init" => 600,
        "rcu_sched" => 250,
        name if process.is_kernels() || process.tty.is_some() => name.len() as u64 / 12,
        "tuned" | "platform-python" => 160,
        "vmtoolsd" | "NetworkManager" => 90,
        "vpxd" => 64_000,
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
        gaps: "w g: G: F: L h V --pgroup: --group: --session: --pidfile: --logpidfile --ns: --nslist:",
    };
    let kills = p.name.ends_with("pkill");
    if !kills && arguments.iter().any(|word| word == "--help" || word == "-h") {
        return help_of_pgrep(p).await;
    }
    let mut signal = 15;
    let mut words = arguments.to_vec();
    if kills && let Some(place) = words.iter().position(|word| is_signal(word)) {
        signal = signals::number_listed(&words.remove(place)[1..]).unwrap_or(15);
    }
    let given = given!(p, &OPTIONS, &words, |text| usage(p, &text).await);
    if let Some(text) = given.value('s') {
        match signals::number_listed(text) {
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
    let named = ['u', 'U'].into_iter().flat_map(|letter| given.values(letter)).flat_map(|list| list.split(','));
    let mut users = Vec::new();
    for user in named {
        match uid(p, user) {
            Some(uid) => users.push(uid),
            None => {
                p.complain(&format!("invalid user name: {user}")).await?;
                return Ok(2);
            }
        }
    }
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
        && signals::number_listed(name).is_some()
}

async fn usage(p: &mut Proc, text: &str) -> Ended {
    p.complain(text).await?;
    let name = p.name.clone();
    p.err(&format!("Try `{name} --help' for more information.\n")).await?;
    Ok(2)
}

/// What `pgrep --help` tells, which is known of procps-ng 4.0; earlier ones have fewer options (from memory).
async fn help_of_pgrep(p: &mut Proc) -> Ended {
    let Some(version) = p.peek(|linux| linux.distro.version_of("procps-ng")) else { return p.gap("pgrep --help") };
    p.inferred();
    let ignores_case = if version == "3.3.15" { " -i, --ignore-case         match case insensitively\n" } else { "" };
    p.out(&PGREP_HELP.replace("{case}", ignores_case)).await?;
    Ok(0)
}

const PGREP_HELP: &str = "
Usage:
 pgrep [options] <pattern>

Options:
 -d, --delimiter <string>  specify output delimiter
 -l, --list-name           list PID and process name
 -a, --list-full           list PID and full command line
 -v, --inverse             negates the matching
 -w, --lightweight         list all TID
 -c, --count               count of matching processes
 -f, --full                use full process name to match
 -g, --pgroup <PGID,...>   match listed process group IDs
 -G, --group <GID,...>     match real group IDs
{case} -n, --newest              select most recently started
 -o, --oldest              select least recently started
 -P, --parent <PPID,...>   match only child processes of the given parent
 -s, --session <SID,...>   match session IDs
 -t, --terminal <tty,...>  match by controlling terminal
 -u, --euid <ID,...>       match by effective IDs
 -U, --uid <ID,...>        match by real IDs
 -x, --exact               match exactly with the command name
 -F, --pidfile <file>      read PIDs from file
 -L, --logpidfile          fail if PID file is not locked
 --ns <PID>                match the processes that belong to the same
                           namespace as <pid>
 --nslist <ns,...>         list which namespaces will be considered for
                           the --ns option.
                           Available namespaces: ipc, mnt, net, pid, user, uts

 -h, --help     display this help and exit
 -V, --version  output version information and exit

For more details see pgrep(1).
";

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
    if !p.may_signal(pid, signal) {
        return Struck::Refused;
    }
    p.world(|world, id| match world.linux(id).processes.get(pid).filter(|process| process.ended.is_none()) {
        None => Struck::Gone,
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
            let names: Vec<&str> = signals::listed().map(|(_, name)| name).collect();
            p.out(&format!("{}\n", names.join(" "))).await?;
            return Ok(0);
        }
        Some("-s") if rest.len() > 1 => {
            match signals::number_listed(&rest[1]) {
                Some(number) => signal = number,
                None => return p.fail(&format!("unknown signal: {}", rest[1])).await,
            }
            rest = &rest[2..];
        }
        Some("--") => rest = &rest[1..],
        Some(option) if option.starts_with('-') && option.len() > 1 => {
            match signals::number_listed(&option[1..]) {
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
            "-s" => match rest.next().and_then(|text| signals::number_listed(text)) {
                Some(number) => signal = number,
                None => return p.fail("unknown signal; killall -l lists signals.").await,
            },
            word if word.starts_with('-') && word.len() > 1 => match signals::number_listed(&word[1..]) {
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
                match busybox::is_applet(p, &p.name) {
                    true => p.complain(&format!("{name}: no process killed")).await?,
                    false => p.err(&format!("{name}: no process found\n")).await?,
                }
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

/// `pwdx`
async fn pwdx(p: &mut Proc, arguments: &[String]) -> Ended {
    if arguments.is_empty() || arguments[0].starts_with('-') {
        return p.gap("the usage of pwdx");
    }
    p.list_processes();
    let mut status = 0;
    for word in arguments {
        let bare = word.trim_start_matches("/proc/");
        if bare.parse::<u32>().is_err() {
            return p.fail(&format!("invalid process id: {word}")).await;
        }
        let owner = p.peek(|linux| linux.processes.get(bare.parse().ok()?).map(|process| process.uid));
        let place = p.peek(|linux| linux.fs.readlink(&p.cred, "/", &format!("/proc/{bare}/cwd")).map(str::to_owned));
        match (owner, place) {
            (None, _) => {
                p.err(&format!("{word}: No such process\n")).await?;
                status = 1;
            }
            (Some(uid), Ok(place)) if p.cred.is_root() || uid == p.cred.uid => {
                p.out(&format!("{word}: {place}\n")).await?
            }
            (Some(_), _) => {
                p.err(&format!("{word}: Permission denied\n")).await?;
                status = 1;
            }
        }
    }
    Ok(status)
}

/// The name of a user, or its number.
pub fn user_name(p: &Proc, uid: u32) -> String {
    p.peek(|linux| linux.user_name(uid)).unwrap_or_else(|| uid.to_string())
}

/// A user's name where it fits into a column; where it does not, cut, or its number with procps 3.2.
pub fn short_user(p: &Proc, uid: u32, width: usize) -> String {
    let name = user_name(p, uid);
    if name.len() <= width {
        return name;
    }
    if p.peek(|linux| linux.distro.has("procps-ng", (3, 3, 0))) {
        name.chars().take(width.saturating_sub(1)).chain(['+']).collect()
    } else {
        uid.to_string()
    }
}
