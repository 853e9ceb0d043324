//! What the machine is: `hostname`, `hostnamectl`, `uname`, `arch`, `nproc`, `lscpu`, `sysctl`, `lsmod`.

use super::accounts::replace;
use super::getopt::{NOTHING, Spec as Options};
use super::input::{few, given, misused};
use super::{Tool, tool};
use crate::sim::Span;
use crate::systems::linux::distro::Vendor;
use crate::systems::linux::made_files;
use crate::systems::linux::model::{Linux, Process, kernel};
use crate::systems::linux::proc::{Ended, Proc};

/// The programs of this file.
pub static TOOLS: &[Tool] = &[
    tool!("hostname", hostname),
    tool!("hostnamectl", hostnamectl),
    tool!("uname", uname),
    tool!("arch", arch),
    tool!("nproc", nproc),
    tool!("lscpu", lscpu),
    tool!("sysctl", sysctl),
    tool!("lsmod", lsmod),
    tool!("hostid", hostid),
];

fn short(name: &str) -> &str {
    name.split('.').next().unwrap_or(name)
}

async fn hostname(p: &mut Proc, arguments: &[String]) -> Ended {
    const OPTIONS: Options = Options {
        short: "fsdiIaAyvF:hV",
        long: &[
            ("fqdn", 'f'),
            ("long", 'f'),
            ("short", 's'),
            ("domain", 'd'),
            ("ip-address", 'i'),
            ("all-ip-addresses", 'I'),
            ("alias", 'a'),
            ("file:", 'F'),
            ("help", 'h'),
            ("version", 'V'),
        ],
        gaps: "b --boot --all-fqdns --nis --yp",
    };
    let given = given!(p, &OPTIONS, arguments, |text| {
        p.complain(&text).await?;
        p.gap("the usage of hostname")
    });
    let (name, address) = p.world(|world, id| (world.linux(id).hostname.clone(), world.machine(id).address.clone()));
    if let Some(new) = given.operands.first() {
        if !p.cred.is_root() {
            return p.fail("you must be root to change the host name").await;
        }
        if !is_name(new) {
            return p.fail("the specified hostname is invalid").await;
        }
        set_transient(p, new);
        return Ok(0);
    }
    let text = match given.last_of("fsdiIaAyvFhV") {
        None | Some('f') => name,
        Some('s') => short(&name).to_owned(),
        Some('d') => name.split_once('.').map_or("", |(_, domain)| domain).to_owned(),
        Some('i') => address,
        // Each address has a blank behind it.
        Some('I') => format!("{address} "),
        Some(other) => return p.gap(&format!("hostname -{other}")),
    };
    p.out(&format!("{text}\n")).await?;
    Ok(0)
}

fn is_name(name: &str) -> bool {
    let good = |part: &str| {
        !part.is_empty()
            && part.len() < 64
            && !part.starts_with('-')
            && part.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '-' || letter == '_')
    };
    name.len() <= 64 && name.split('.').all(good)
}

/// The kernel gets another name; the file with the name of the next boot stays.
fn set_transient(p: &Proc, name: &str) {
    p.world(|world, id| {
        let file = if world.linux(id).distro.vendor == Vendor::Suse { "/etc/HOSTNAME" } else { "/etc/hostname" };
        let root = crate::systems::linux::fs::Cred::ROOT;
        if let Ok(ino) = world.linux(id).fs.lookup(&root, "/", file)
            && let Some(made) = world.linux(id).fs.made(ino).map(str::to_owned)
        {
            let bytes = made_files::make(world, id, &made);
            world.linux_mut(id).fs.fix(ino, bytes);
        }
        world.linux_mut(id).rename(name);
    });
}

async fn hostnamectl(p: &mut Proc, arguments: &[String]) -> Ended {
    let (options, words): (Vec<&str>, Vec<&str>) =
        arguments.iter().map(String::as_str).partition(|word| word.starts_with("--"));
    match words[..] {
        [] | ["status"] if options.contains(&"--static") => {
            let name = static_name(p);
            p.out(&format!("{name}\n")).await?;
            Ok(0)
        }
        [] | ["status"] if options.contains(&"--pretty") => {
            let name = pretty_name(p).unwrap_or_default();
            p.out(&format!("{name}\n")).await?;
            Ok(0)
        }
        [] | ["status"] if options.contains(&"--transient") => {
            let name = p.peek(|linux| linux.hostname.clone());
            p.out(&format!("{name}\n")).await?;
            Ok(0)
        }
        [] | ["status"] => {
            let text = about(p);
            p.inferred();
            p.out(&text).await?;
            Ok(0)
        }
        ["set-hostname", name] => {
            if !p.cred.is_root() {
                p.err("Could not set property: Interactive authentication required.\n").await?;
                return Ok(1);
            }
            // What is no name of a host is a pretty one, from which the others follow.
            let pretty = Some(name).filter(|name| !is_name(name));
            let name = &*pretty.map_or_else(|| name.to_owned(), |pretty| cleaned(p, pretty));
            if !is_name(name) {
                p.err(&format!("Could not set property: Invalid static hostname '{name}'\n")).await?;
                return Ok(1);
            }
            let info = pretty.map_or(String::new(), |pretty| format!("PRETTY_HOSTNAME=\"{pretty}\"\n"));
            if pretty.is_some() || p.lookup(MACHINE_INFO).is_ok() {
                let _ = replace(p, MACHINE_INFO, info.as_bytes());
            }
            set_transient(p, name);
            let pid = hostnamed(p);
            let now = p.now();
            let written = replace(p, "/etc/hostname", format!("{name}\n").as_bytes());
            let says = |text: &str| {
                p.linux(|linux| linux.daemon_says(now, "systemd-hostnamed", Some(pid), Some(HOSTNAMED), text));
            };
            if let Err(errno) = written {
                says(&format!("Failed to write static host name: {}", errno.text()));
                p.err(&format!("Could not set property: Failed to set static hostname: {}\n", errno.text())).await?;
                return Ok(1);
            }
            says(&format!("Changed static host name to '{name}'"));
            says(&format!("Changed host name to '{name}'"));
            Ok(0)
        }
        [verb, ..] if matches!(verb, "set-icon-name" | "set-chassis" | "set-deployment" | "set-location") => {
            p.gap(&format!("hostnamectl {verb}"))
        }
        [verb, ..] => {
            p.err(&format!("Unknown operation {verb}.\n")).await?;
            Ok(1)
        }
    }
}

/// Where what a person calls the machine is kept.
const MACHINE_INFO: &str = "/etc/machine-info";

/// A pretty name as the name of a host: letters, digits, and single dots and dashes stay (`hostname_cleanup()`); systemd 219 makes
/// the letters small.
fn cleaned(p: &Proc, pretty: &str) -> String {
    let mut name = String::new();
    for letter in pretty.chars() {
        let joins = matches!(letter, '.' | '-') && name.ends_with(|last: char| last.is_ascii_alphanumeric());
        if letter.is_ascii_alphanumeric() || letter == '_' || joins {
            name.push(letter);
        }
    }
    let name = name.trim_end_matches(['.', '-']).to_owned();
    let old = p.peek(|linux| linux.distro.systemd < Some(230));
    if old { name.to_lowercase() } else { name }
}

/// What a person calls the machine.
fn pretty_name(p: &Proc) -> Option<String> {
    let text = p.read_path(MACHINE_INFO).ok()?;
    let text = String::from_utf8_lossy(&text).into_owned();
    let value = text.lines().find_map(|line| line.strip_prefix("PRETTY_HOSTNAME="))?;
    Some(value.trim_matches('"').to_owned()).filter(|name| !name.is_empty())
}

const HOSTNAMED: &str = "systemd-hostnamed.service";
/// So long the daemon stays with nothing to do.
const IDLE: Span = Span::secs(30);

/// The number of the daemon for host names, which is started when it is not there.
fn hostnamed(p: &Proc) -> u32 {
    let now = p.now();
    p.linux(|linux| {
        let before = linux.log.lines().rev().take_while(|line| line.at.later(IDLE).is_some_and(|end| end > now));
        let there = before
            .filter(|line| line.ident == "systemd-hostnamed" && line.boot == linux.boots)
            .find_map(|line| line.pid);
        there.unwrap_or_else(|| {
            let own = Process::daemon(1, 0, "/usr/lib/systemd/systemd-hostnamed", Some(HOSTNAMED), now);
            let pid = linux.processes.start(own);
            linux.processes.remove(pid);
            linux.manager_says(now, 6, HOSTNAMED, "Starting Hostname Service...".to_owned());
            linux.manager_says(now, 6, HOSTNAMED, "Started Hostname Service.".to_owned());
            pid
        })
    })
}

/// The name that the machine has at its next boot.
fn static_name(p: &Proc) -> String {
    let text = p.read_path("/etc/hostname").unwrap_or_default();
    String::from_utf8_lossy(&text).trim().to_owned()
}

fn about(p: &Proc) -> String {
    let fixed = static_name(p);
    let (name, machine, boot, pretty, cpe, kernel, platform) = p.world(|world, id| {
        let linux = world.linux(id);
        let machine = made_files::text(world, id, "linux/machine-id").trim().to_owned();
        let boot = linux.boot_id(linux.boots);
        let text = linux.text("/etc/os-release").unwrap_or_default();
        let value =
            |key: &str| text.lines().find_map(|line| Some(line.strip_prefix(key)?.trim_matches('"').to_owned()));
        let pretty = value("PRETTY_NAME=").unwrap_or_else(|| linux.distro.pretty.to_owned());
        let cpe = value("CPE_NAME=").unwrap_or_default();
        (
            linux.hostname.clone(),
            machine,
            boot,
            pretty,
            cpe,
            linux.kernel().into_owned().release,
            linux.hardware.platform,
        )
    });
    let (icon, chassis) = if platform.word().is_some() { ("computer-vm", "vm") } else { ("computer-server", "server") };
    let mut rows = vec![
        ("Static hostname", if fixed.is_empty() { "n/a".to_owned() } else { fixed.clone() }),
        ("Icon name", icon.to_owned()),
        ("Chassis", chassis.to_owned()),
        ("Machine ID", machine),
        ("Boot ID", boot),
    ];
    if name != fixed {
        rows.insert(1, ("Transient hostname", name));
    }
    if let Some(pretty) = pretty_name(p) {
        rows.insert(1, ("Pretty hostname", pretty));
    }
    rows.extend(platform.word().map(|word| ("Virtualization", word.to_owned())));
    rows.push(("Operating System", pretty));
    if !cpe.is_empty() {
        rows.push(("CPE OS Name", cpe));
    }
    rows.push(("Kernel", format!("Linux {kernel}")));
    rows.push(("Architecture", "x86-64".to_owned()));
    rows.iter().map(|(key, value)| format!("{key:>18}: {value}\n")).collect()
}

async fn uname(p: &mut Proc, arguments: &[String]) -> Ended {
    const OPTIONS: Options = Options {
        short: "asnrvmpio",
        long: &[
            ("all", 'a'),
            ("kernel-name", 's'),
            ("nodename", 'n'),
            ("kernel-release", 'r'),
            ("kernel-version", 'v'),
            ("machine", 'm'),
            ("processor", 'p'),
            ("hardware-platform", 'i'),
            ("operating-system", 'o'),
        ],
        gaps: "--sysname --release",
    };
    let given = given!(p, &OPTIONS, arguments, 1);
    if let Some(word) = given.operands.first() {
        return misused(p, &format!("extra operand ‘{word}’"), 1).await;
    }
    let (node, distro, kernel) = p.peek(|linux| (linux.hostname.clone(), linux.distro, linux.kernel()));
    let (release, build, processor) = (&*kernel.release, &*kernel.build, distro.processor);
    let all = given.has('a');
    let wanted = |letter: char| all || given.has(letter) || letter == 's' && given.options.is_empty();
    let mut parts: Vec<&str> = Vec::new();
    for (letter, value) in [('s', distro.kernel_name()), ('n', &node), ('r', release), ('v', build), ('m', "x86_64")] {
        if wanted(letter) {
            parts.push(value);
        }
    }
    // -a leaves out what is not known.
    for letter in ['p', 'i'] {
        match processor {
            Some(processor) if wanted(letter) => parts.push(processor),
            None if given.has(letter) && !all => parts.push("unknown"),
            _ => {}
        }
    }
    if wanted('o') {
        parts.push(distro.operating_system());
    }
    let text = parts.join(" ");
    p.out(&format!("{text}\n")).await?;
    Ok(0)
}

async fn arch(p: &mut Proc, arguments: &[String]) -> Ended {
    if let Err(status) = few(p, &NOTHING, arguments, 0, 1).await? {
        return Ok(status);
    }
    p.out("x86_64\n").await?;
    Ok(0)
}

async fn nproc(p: &mut Proc, arguments: &[String]) -> Ended {
    const OPTIONS: Options = Options { short: "", long: &[("all", 'a'), ("ignore:", 'i')], gaps: "" };
    let given = given!(p, &OPTIONS, arguments, 1);
    let ignored: usize = match given.value('i').map(str::parse) {
        None => 0,
        Some(Ok(ignored)) => ignored,
        Some(Err(_)) => {
            let text = given.value('i').unwrap_or_default().to_owned();
            return p.fail(&format!("invalid number to ignore: ‘{text}’")).await;
        }
    };
    // Those that the process may run on, where somebody has said which.
    let allowed = |linux: &Linux| linux.processes.get(p.pid).and_then(|process| process.schedule.processors);
    let allowed = p.peek(allowed).filter(|_| !given.has('a')).map(|bits| bits.count_ones() as usize);
    let processors = allowed.unwrap_or_else(|| p.peek(|linux| linux.hardware.processors as usize));
    p.out(&format!("{}\n", processors.saturating_sub(ignored).max(1))).await?;
    Ok(0)
}

async fn lscpu(p: &mut Proc, arguments: &[String]) -> Ended {
    if !arguments.is_empty() {
        return p.gap("lscpu with an option");
    }
    let processors = p.peek(|linux| linux.hardware.processors);
    let online = (0..processors).map(|number| number.to_string()).collect::<Vec<_>>().join(",");
    let online = if processors > 2 { format!("0-{}", processors - 1) } else { online };
    let before = [
        ("Architecture", "x86_64".to_owned()),
        ("CPU op-mode(s)", "32-bit, 64-bit".to_owned()),
        ("Byte Order", "Little Endian".to_owned()),
        ("CPU(s)", processors.to_string()),
        ("On-line CPU(s) list", online),
        ("Thread(s) per core", "1".to_owned()),
        ("Core(s) per socket", "1".to_owned()),
        ("Socket(s)", processors.to_string()),
        ("NUMA node(s)", "1".to_owned()),
    ];
    let own = kernel::processor().map(|(_, key, value)| (key, value));
    let behind = match p.peek(|linux| linux.hardware.platform.name()) {
        Some(name) => vec![("Hypervisor vendor", name.to_owned()), ("Virtualization type", "full".to_owned())],
        None => vec![("Virtualization", "VT-x".to_owned())],
    };
    p.inferred();
    for (key, value) in before.into_iter().chain(own).chain(behind) {
        p.out(&format!("{:<21}{value}\n", format!("{key}:"))).await?;
    }
    Ok(0)
}

/// What the kernel lets be set, by key and the file under `/proc/sys`.
async fn sysctl(p: &mut Proc, arguments: &[String]) -> Ended {
    const OPTIONS: Options = Options {
        short: "aneqwN",
        long: &[
            ("all", 'a'),
            ("values", 'n'),
            ("ignore", 'e'),
            ("quiet", 'q'),
            ("write", 'w'),
            ("names", 'N'),
            ("system", 'S'),
            ("load::", 'p'),
        ],
        gaps: "",
    };
    let given = given!(p, &OPTIONS, arguments, 1);
    if given.has('p') || given.has('S') {
        return p.gap("sysctl that loads files");
    }
    const KEYS: [&str; 4] = ["kernel.hostname", "kernel.osrelease", "net.ipv4.ip_forward", "vm.swappiness"];
    let keys: Vec<String> = if given.has('a') { KEYS.map(str::to_owned).to_vec() } else { given.operands.clone() };
    if given.has('a') {
        p.inferred();
    }
    let mut status = 0;
    for word in keys {
        let (key, value) = word.split_once('=').map_or((word.as_str(), None), |(key, value)| (key, Some(value)));
        let (key, path) = (key.replace('/', "."), format!("/proc/sys/{}", key.replace('.', "/")));
        let Ok(text) = p.read_path(&path) else {
            p.complain(&format!("cannot stat {path}: No such file or directory")).await?;
            status = 255;
            continue;
        };
        if value.is_some() {
            return p.gap(&format!("sysctl that sets {key}"));
        }
        let text = String::from_utf8_lossy(&text).trim_end().to_owned();
        let line = if given.has('n') { format!("{text}\n") } else { format!("{key} = {text}\n") };
        p.out(&line).await?;
    }
    Ok(status)
}

async fn lsmod(p: &mut Proc, _: &[String]) -> Ended {
    p.inferred();
    p.out("Module                  Size  Used by\n").await?;
    for (name, size, used) in p.peek(kernel::modules) {
        p.out(&format!("{name:<19} {size:>8}  {used}\n")).await?;
    }
    Ok(0)
}

async fn hostid(p: &mut Proc, arguments: &[String]) -> Ended {
    if let Err(status) = few(p, &NOTHING, arguments, 0, 1).await? {
        return Ok(status);
    }
    let address = p.world(|world, id| world.machine(id).address.clone());
    let parts: Vec<u32> = address.split('.').filter_map(|part| part.parse().ok()).collect();
    let number = match parts[..] {
        [a, b, c, d] => (b << 24) | (a << 16) | (d << 8) | c,
        _ => 0x007f_0100,
    };
    p.out(&format!("{number:08x}\n")).await?;
    Ok(0)
}
