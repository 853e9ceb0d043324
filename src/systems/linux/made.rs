//! Files that are made from the model when they are read, so that they never disagree with it.

use super::distro;
use super::fs::{Content, Ino, Kind};
use super::load;
use super::model::Linux;
use crate::world::{MachineId, World};

/// Up to `most` bytes of a file from the byte `at` on.
#[must_use]
pub fn slice(world: &World, id: MachineId, ino: Ino, at: usize, most: usize) -> Vec<u8> {
    let cut = |bytes: &[u8]| bytes.iter().skip(at).take(most).copied().collect::<Vec<u8>>();
    match world.linux(id).fs.content(ino) {
        Some(Content::Bytes(bytes)) => bytes.get(at..).map_or(Vec::new(), |rest| rest[..most.min(rest.len())].to_vec()),
        Some(Content::Made(name)) => cut(make(world, id, name).as_bytes()),
        Some(Content::Hole(size)) => {
            let left = usize::try_from(*size).unwrap_or(usize::MAX).saturating_sub(at);
            vec![0; left.min(most)]
        }
        None => Vec::new(),
    }
}

/// The size of a file in bytes, whatever it is made from.
#[must_use]
pub fn size(world: &World, id: MachineId, ino: Ino) -> u64 {
    let fs = &world.linux(id).fs;
    match &fs.node(ino).kind {
        Kind::File(Content::Made(name)) => fs.size(ino).unwrap_or_else(|| make(world, id, name).len() as u64),
        _ => fs.size(ino).unwrap_or(0),
    }
}

/// What a file holds whose content has this name.
#[must_use]
pub fn make(world: &World, id: MachineId, name: &str) -> String {
    let linux = world.linux(id);
    let Some(own) = name.strip_prefix("linux/") else {
        return crate::systems::family(world, id).make(world, id, name);
    };
    if let Some(unit) = own.strip_prefix("unit/") {
        return distro::units::find(&linux.distro, unit).map(|unit| unit.text(&linux.distro)).unwrap_or_default();
    }
    if let Some(log) = own.strip_prefix("log/") {
        return match log {
            "messages" | "secure" | "cron" => super::tools::systemd::journal::file(linux, log),
            _ => String::new(),
        };
    }
    let seconds = world.now.since(linux.booted).as_secs();
    match own {
        "hostname" | "proc/sys/kernel/hostname" => format!("{}\n", linux.hostname),
        "passwd" => lines(linux.distro.users),
        "group" => lines(linux.distro.groups),
        "hosts" => hosts(world, linux),
        "resolv.conf" => "# No name server: names come from /etc/hosts.\n".to_owned(),
        "machine-id" => {
            let digest = crate::payload::Sha256::of(linux.hostname.as_bytes()).to_string();
            format!("{}\n", &digest[..32])
        }
        "selinux" => "SELINUX=enforcing\nSELINUXTYPE=targeted\n".to_owned(),
        "proc/version" => format!(
            "Linux version {} (mockbuild@localhost) (gcc version 8.5.0) {}\n",
            linux.distro.kernel, linux.distro.kernel_build
        ),
        "proc/sys/kernel/osrelease" => format!("{}\n", linux.distro.kernel),
        "proc/sys/net/ipv4/ip_forward" => "0\n".to_owned(),
        "proc/sys/vm/swappiness" => "60\n".to_owned(),
        "proc/uptime" => format!("{seconds}.00 {seconds}.00\n"),
        "proc/loadavg" => {
            let count = linux.processes.iter().count();
            let load = load::averages(linux, world.now).join(" ");
            format!("{load} 1/{count} {}\n", linux.processes.iter().map(|(pid, _)| pid).max().unwrap_or(1))
        }
        "proc/meminfo" => {
            let memory = super::tools::free::memory_of(linux);
            let swap = linux.distro.swap.1;
            let row = |name: &str, kib: u64| format!("{:<15} {kib:8} kB\n", format!("{name}:"));
            [
                row("MemTotal", memory.total),
                row("MemFree", memory.free),
                row("MemAvailable", memory.available),
                row("Buffers", 2_072),
                row("Cached", memory.cache.saturating_sub(2_072)),
                row("Shmem", memory.shared),
                row("SwapTotal", swap),
                row("SwapFree", swap),
            ]
            .concat()
        }
        "proc/cmdline" => {
            let root = linux.distro.volumes.iter().find(|volume| volume.dir == "/").map_or("", |volume| volume.device);
            format!("BOOT_IMAGE=/vmlinuz-{} root={root} ro crashkernel=auto quiet\n", linux.distro.kernel)
        }
        "proc/mounts" => linux
            .fs
            .mounts()
            .map(|(_, mount)| {
                let access = if mount.read_only { "ro" } else { "rw" };
                let options = if mount.options.is_empty() { String::new() } else { format!(",{}", mount.options) };
                format!("{} {} {} {access}{options} 0 0\n", mount.device, mount.dir, mount.fstype)
            })
            .collect(),
        "proc/filesystems" => "nodev\tproc\nnodev\ttmpfs\n\text3\n\text4\n\txfs\n".to_owned(),
        "proc/swaps" => {
            let (device, size) = linux.distro.swap;
            format!("Filename\t\t\t\tType\t\tSize\tUsed\tPriority\n{device:<40}partition\t{size}\t0\t-2\n")
        }
        _ => String::new(),
    }
}

fn lines(text: &str) -> String {
    format!("{}\n", text.trim_end_matches('\n'))
}

/// The machines of the lab know each other by name.
fn hosts(world: &World, linux: &Linux) -> String {
    let mut text =
        "127.0.0.1   localhost localhost.localdomain\n::1         localhost localhost.localdomain\n".to_owned();
    for (id, machine) in world.machines() {
        let full = &world.linux(id).hostname;
        let own = if std::ptr::eq(world.linux(id), linux) { linux.hostname.as_str() } else { full.as_str() };
        let short = own.split('.').next().unwrap_or(own);
        let names = if short == own { own.to_owned() } else { format!("{own} {short}") };
        text.push_str(&format!("{:<15} {names}\n", machine.address));
    }
    text
}
