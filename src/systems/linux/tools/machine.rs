//! What a machine is and does, in small programs: `getconf` (glibc), `mountpoint`, `losetup`, `mcookie`, `uuidgen` (util-linux), `vmstat` (procps),
//! `sestatus`, `systemd-detect-virt`.

use super::free::memory_of;
use super::input::misused;
use super::{Tool, tool};
use crate::sim::Span;
use crate::systems::linux::load;
use crate::systems::linux::proc::{Ended, Proc};

/// The programs of this file.
pub static TOOLS: &[Tool] = &[
    tool!("getconf", getconf),
    tool!("losetup", losetup),
    tool!("mountpoint", mountpoint),
    tool!("sestatus", sestatus),
    tool!("systemd-detect-virt", detect_virt),
    tool!("uuidgen", uuidgen),
    tool!("mcookie", mcookie),
    tool!("vmstat", vmstat),
];

const GETCONF_USAGE: &str =
    "Usage: getconf [-v specification] variable_name [pathname]\n       getconf -a [pathname]\n";

/// Limits of a path, which the kernel has the same everywhere, and those of the system (getconf(1), limits.h).
const OF_PATHS: [(&str, &str); 4] =
    [("NAME_MAX", "255"), ("PATH_MAX", "4096"), ("PIPE_BUF", "4096"), ("LINK_MAX", "127")];
const OF_SYSTEM: [(&str, &str); 11] = [
    ("ARG_MAX", "2097152"),
    ("CHAR_BIT", "8"),
    ("CLK_TCK", "100"),
    ("HOST_NAME_MAX", "64"),
    ("INT_MAX", "2147483647"),
    ("LOGIN_NAME_MAX", "256"),
    ("LONG_BIT", "64"),
    ("OPEN_MAX", "1024"),
    ("PAGESIZE", "4096"),
    ("PAGE_SIZE", "4096"),
    ("WORD_BIT", "32"),
];
/// More variables that the real program knows.
const GAPS: &str = "_POSIX_VERSION POSIX2_VERSION _XOPEN_VERSION IOV_MAX NGROUPS_MAX TTY_NAME_MAX TZNAME_MAX CHILD_MAX PATH \
    LEVEL1_DCACHE_LINESIZE LEVEL1_ICACHE_SIZE LEVEL1_DCACHE_SIZE LEVEL2_CACHE_SIZE LEVEL3_CACHE_SIZE GNU_LIBPTHREAD_VERSION \
    LFS_CFLAGS LFS64_CFLAGS";

async fn getconf(p: &mut Proc, arguments: &[String]) -> Ended {
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let (name, path) = match words[..] {
        [option, ..] if option.starts_with('-') => return p.gap(&format!("getconf {option}")),
        [name] => (name, None),
        [name, path] => (name, Some(path)),
        _ => {
            p.err(GETCONF_USAGE).await?;
            return Ok(2);
        }
    };
    let in_list =
        |list: &[(&str, &str)]| list.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned());
    if let Some(value) = in_list(&OF_PATHS) {
        let Some(path) = path else {
            p.err(GETCONF_USAGE).await?;
            return Ok(2);
        };
        if let Err(errno) = p.lookup(path) {
            return p.fail(&format!("pathconf: {path}: {}", errno.text())).await.map(|_| 3);
        }
        p.out(&format!("{value}\n")).await?;
        return Ok(0);
    }
    let value = match name {
        "_NPROCESSORS_CONF" | "_NPROCESSORS_ONLN" => Some(p.peek(|linux| linux.hardware.processors).to_string()),
        "_PHYS_PAGES" => Some((p.peek(|linux| linux.memory_kib()) / 4).to_string()),
        "_AVPHYS_PAGES" => Some((p.peek(memory_of).free / 4).to_string()),
        "GNU_LIBC_VERSION" => {
            p.peek(|linux| linux.distro.version_of("glibc")).map(|version| format!("glibc {version}"))
        }
        _ => in_list(&OF_SYSTEM),
    };
    match value {
        Some(value) => p.out(&format!("{value}\n")).await?,
        None if GAPS.split_ascii_whitespace().any(|known| known == name) => return p.gap(&format!("getconf {name}")),
        None => {
            p.complain(&format!("Unrecognized variable `{name}'")).await?;
            return Ok(2);
        }
    }
    Ok(0)
}

/// `losetup`: no file is a device here, so there is nothing to list, and the first device is free.
async fn losetup(p: &mut Proc, arguments: &[String]) -> Ended {
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] | ["-a" | "--all" | "-l" | "--list"] => Ok(0),
        ["-f" | "--find"] => {
            p.out("/dev/loop0\n").await?;
            Ok(0)
        }
        _ => p.gap(&format!("losetup {}", arguments.join(" "))),
    }
}

async fn mountpoint(p: &mut Proc, arguments: &[String]) -> Ended {
    let quiet = arguments.iter().any(|word| word == "-q" || word == "--quiet");
    let words: Vec<&String> = arguments.iter().filter(|word| *word != "-q" && *word != "--quiet").collect();
    let path = match words[..] {
        [path] if !path.starts_with('-') => path,
        [option, ..] if option.starts_with('-') => return p.gap(&format!("mountpoint {option}")),
        _ => return misused(p, "bad usage", 1).await,
    };
    let found = p.peek(|linux| linux.fs.canonical(&p.cred, &p.cwd, path));
    let there = found.and_then(|path| p.lookup(&path).map(|_| path));
    match there {
        Err(_) if quiet => Ok(1),
        Err(errno) => p.fail(&format!("{path}: {}", errno.text())).await,
        Ok(real) => {
            let mounted = p.peek(|linux| linux.fs.mounts().any(|(_, mount)| mount.dir == real));
            if !quiet {
                p.out(&format!("{path} is {}a mountpoint\n", if mounted { "" } else { "not " })).await?;
            }
            Ok(u8::from(!mounted))
        }
    }
}

/// `sestatus` of policycoreutils 2.5 and 2.9. Nothing here turns SELinux off.
async fn sestatus(p: &mut Proc, arguments: &[String]) -> Ended {
    if let Some(option) = arguments.first() {
        return p.gap(&format!("sestatus {option}"));
    }
    let (on, new) = p.peek(|linux| (linux.distro.selinux, linux.distro.major >= 8));
    p.inferred();
    if !on {
        p.out("SELinux status:                 disabled\n").await?;
        return Ok(0);
    }
    let config = p.read_path("/etc/selinux/config").unwrap_or_default();
    let config = String::from_utf8_lossy(&config).into_owned();
    let setting =
        |key: &str| config.lines().find_map(|line| line.strip_prefix(key)).unwrap_or_default().trim().to_owned();
    let mode = Some(setting("SELINUX=")).filter(|mode| !mode.is_empty()).unwrap_or_else(|| "enforcing".to_owned());
    let policy = if new { "33" } else { "31" };
    let mut rows = vec![
        ("SELinux status", "enabled"),
        ("SELinuxfs mount", "/sys/fs/selinux"),
        ("SELinux root directory", "/etc/selinux"),
        ("Loaded policy name", "targeted"),
        ("Current mode", "enforcing"),
        ("Mode from config file", &mode),
        ("Policy MLS status", "enabled"),
        ("Policy deny_unknown status", "allowed"),
    ];
    if new {
        rows.push(("Memory protection checking", "actual (secure)"));
    }
    rows.push(("Max kernel policy version", policy));
    let text: String = rows.iter().map(|(key, value)| format!("{:<32}{value}\n", format!("{key}:"))).collect();
    p.out(&text).await?;
    Ok(0)
}

/// `systemd-detect-virt`
async fn detect_virt(p: &mut Proc, arguments: &[String]) -> Ended {
    let mut quiet = false;
    for word in arguments {
        match word.as_str() {
            "-q" | "--quiet" => quiet = true,
            "-v" | "--vm" => {}
            "-c" | "--container" => {
                if !quiet {
                    p.out("none\n").await?;
                }
                return Ok(1);
            }
            option => return p.gap(&format!("systemd-detect-virt {option}")),
        }
    }
    let found = p.peek(|linux| linux.hardware.platform.word());
    if !quiet {
        p.out(&format!("{}\n", found.unwrap_or("none"))).await?;
    }
    Ok(u8::from(found.is_none()))
}

/// `uuidgen`: a random one, of the lab's chance.
async fn uuidgen(p: &mut Proc, arguments: &[String]) -> Ended {
    if let Some(option) = arguments.iter().find(|word| *word != "-r" && *word != "--random") {
        return p.gap(&format!("uuidgen {option}"));
    }
    let digits = p.world(|world, id| {
        let stream = format!("linux.uuid.{}", id.0);
        let high = world.streams.next(&stream) & !0xf000 | 0x4000;
        let low = world.streams.next(&stream) & !(3 << 62) | 2 << 62;
        format!("{high:016x}{low:016x}")
    });
    let parts = [&digits[..8], &digits[8..12], &digits[12..16], &digits[16..20], &digits[20..]];
    p.out(&format!("{}\n", parts.join("-"))).await?;
    Ok(0)
}

/// `mcookie`: 128 bits of the lab's chance.
async fn mcookie(p: &mut Proc, arguments: &[String]) -> Ended {
    if let Some(option) = arguments.first() {
        return p.gap(&format!("mcookie {option}"));
    }
    let digits = p.world(|world, id| {
        let stream = format!("linux.mcookie.{}", id.0);
        format!("{:016x}{:016x}", world.streams.next(&stream), world.streams.next(&stream))
    });
    p.out(&format!("{digits}\n")).await?;
    Ok(0)
}

const VMSTAT_HEAD: &str = "\
procs -----------memory---------- ---swap-- -----io---- -system-- ------cpu-----
 r  b   swpd   free   buff  cache   si   so    bi    bo   in   cs us sy id wa st
";

/// `vmstat`: memory is that of `free`, an idle machine reads and writes next to nothing.
async fn vmstat(p: &mut Proc, arguments: &[String]) -> Ended {
    let mut numbers = Vec::new();
    for word in arguments {
        match word.parse::<u64>() {
            Ok(number) => numbers.push(number),
            Err(_) if word.starts_with('-') => return p.gap(&format!("vmstat {word}")),
            Err(_) => return p.fail(&format!("failed to parse argument: '{word}'")).await,
        }
    }
    let (delay, times) = match numbers[..] {
        [] => (1, Some(1)),
        [delay] => (delay, None),
        [delay, times, ..] => (delay, Some(times)),
    };
    if delay == 0 {
        return p.fail("delay must be positive integer").await;
    }
    p.inferred();
    p.out(VMSTAT_HEAD).await?;
    let mut round = 0;
    loop {
        let now = p.now();
        let (memory, up) = p.peek(|linux| (memory_of(linux), now.since(linux.booted).as_secs()));
        let [user, system, idle] = load::spent(up.max(1));
        let share = |part: u64| part * 100 / (user + system + idle).max(1);
        let (buffers, cached) = (memory.cache / 40, memory.cache - memory.cache / 40);
        let row = format!(
            "{:2} {:2} {:6} {:6} {buffers:6} {cached:6} {:4} {:4} {:5} {:5} {:4} {:4} {:2} {:2} {:2} {:2} {:2}\n",
            1,
            0,
            memory.swapped,
            memory.free,
            0,
            0,
            1,
            1,
            35,
            62,
            share(user),
            share(system),
            100 - share(user) - share(system),
            0,
            0
        );
        p.out(&row).await?;
        round += 1;
        if times.is_some_and(|times| round >= times) {
            return Ok(0);
        }
        p.pass(Span::secs(delay)).await?;
    }
}
