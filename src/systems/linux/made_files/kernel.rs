//! What the kernel shows under `/proc`: figures of the model, in the layout of proc(5). What counts up (time, interrupts) is
//! derived from how long the machine is up; those figures are inferred.

use crate::systems::linux::fs::Mount;
use crate::systems::linux::interface::{BYTES_OF_PACKET, Link, links};
use crate::systems::linux::load;
use crate::systems::linux::model::{Linux, Platform, disks, kernel};
use crate::systems::linux::tools::free::memory_of;
use crate::world::{MachineId, World};

/// A file by its path below `/proc`.
pub(super) fn file(world: &World, id: MachineId, path: &str) -> String {
    let linux = world.linux(id);
    if let Some((pid, name)) = path.split_once('/')
        && let Ok(pid) = pid.parse()
    {
        return super::process::file(linux, pid, name, world.now);
    }
    let up = world.now.since(linux.booted).as_secs();
    match path {
        "cmdline" => format!("{}\n", kernel::command_line(linux)),
        "cpuinfo" => (0..linux.hardware.processors).map(|number| processor(number, linux.hardware.platform)).collect(),
        "filesystems" => "nodev\tproc\nnodev\ttmpfs\n\text3\n\text4\n\txfs\n".to_owned(),
        "loadavg" => {
            let count = linux.processes.iter().count();
            let load = load::averages(linux, world.now).join(" ");
            format!("{load} 1/{count} {}\n", linux.processes.iter().map(|(pid, _)| pid).max().unwrap_or(1))
        }
        "meminfo" => {
            let memory = memory_of(linux);
            let row = |name: &str, kib: u64| format!("{:<15} {kib:8} kB\n", format!("{name}:"));
            [
                row("MemTotal", memory.total),
                row("MemFree", memory.free),
                row("MemAvailable", memory.available),
                row("Buffers", 2_072),
                row("Cached", memory.cache.saturating_sub(2_072)),
                row("Shmem", memory.shared),
                row("SwapTotal", memory.swap),
                row("SwapFree", memory.swap - memory.swapped),
            ]
            .concat()
        }
        "modules" => kernel::modules(linux)
            .into_iter()
            .map(|(name, size, used)| format!("{name} {size} {used} - Live 0x0000000000000000\n"))
            .collect(),
        // In a lab that was saved when each process had no such file of its own.
        "mounts" => mounts(linux),
        "net/dev" => devices(&links(world, id), up),
        "stat" => {
            times(up, linux.booted.utc().unix_timestamp(), linux.processes.iter().count(), linux.hardware.processors)
        }
        "partitions" => {
            let disks = disks::of(&linux.distro, &world.machine(id).vm);
            let row = |(major, minor): (u32, u32), kib: u64, device: &str| {
                format!("{major:4}  {minor:7} {kib:10} {}\n", linux.distro.kernels_name(device))
            };
            let on_disks = disks.iter().flat_map(|disk| {
                let parts = disk.parts.iter().map(|part| row(part.number, part.kib, &part.device));
                std::iter::once(row(disk.number, disk.kib, &disk.device)).chain(parts)
            });
            let mapped = disks.iter().flat_map(disks::Disk::all).filter(|part| part.start == 0);
            let mapped = mapped.map(|part| row(part.number, part.kib, &part.device));
            let drive = row((11, 0), disks::DRIVE, "/dev/sr0");
            let rows: String = on_disks.chain([drive]).chain(mapped).collect();
            format!("major minor  #blocks  name\n\n{rows}")
        }
        "swaps" => {
            let row = |(device, size): (&str, u64)| {
                let device = format!("/dev/{}", linux.distro.kernels_name(device));
                let (used, priority) = (memory_of(linux).swapped, kernel::swap_priority(linux));
                format!("{device:<40}partition\t{size}\t{used}\t{priority}\n")
            };
            format!("Filename\t\t\t\tType\t\tSize\tUsed\tPriority\n{}", linux.swap().map(row).unwrap_or_default())
        }
        "sys/kernel/hostname" => format!("{}\n", linux.hostname),
        "sys/kernel/osrelease" => format!("{}\n", linux.kernel().release),
        "sys/net/ipv4/ip_forward" => "0\n".to_owned(),
        "sys/vm/swappiness" => "60\n".to_owned(),
        "uptime" => format!("{up}.00 {}.00\n", up * u64::from(linux.hardware.processors)),
        "version" => format!("{}\n", linux.kernel().banner()),
        // A saved lab may name what is no longer made.
        _ => String::new(),
    }
}

/// What is mounted, as each process sees it.
pub(super) fn mounts(linux: &Linux) -> String {
    let line = |mount: &Mount| {
        let access = if mount.read_only { "ro" } else { "rw" };
        let options = if mount.options.is_empty() { String::new() } else { format!(",{}", mount.options) };
        format!("{} {} {} {access}{options} 0 0\n", mount.device, mount.dir, mount.fstype)
    };
    linux.fs.mounts().map(|(_, mount)| line(mount)).collect()
}

/// A processor as `/proc/cpuinfo` tells it: what `lscpu` says, in the kernel's own keys.
fn processor(number: u32, platform: Platform) -> String {
    let behind = [
        ("physical id", number.to_string()),
        ("siblings", "1".to_owned()),
        ("core id", "0".to_owned()),
        ("cpu cores", "1".to_owned()),
        ("apicid", number.to_string()),
        ("fpu", "yes".to_owned()),
        ("flags", kernel::flags(platform)),
        ("bogomips", format!("{}.00", 2 * kernel::MHZ)),
    ];
    let own = kernel::processor().map(|(key, _, value)| (key, value));
    let rows = [("processor", number.to_string())].into_iter().chain(own).chain(behind);
    // A key takes two steps of a tabulator.
    let row = |(key, value): (&str, String)| format!("{key}{}: {value}\n", if key.len() < 8 { "\t\t" } else { "\t" });
    let text: String = rows.map(row).collect();
    text + "\n"
}

/// The counters of the interfaces.
fn devices(links: &[Link], up: u64) -> String {
    let row = |name: &str, packets: u64| {
        let bytes = packets * BYTES_OF_PACKET;
        format!(
            "{name:>6}: {bytes:>7} {packets:>7}    0    0    0     0          0         0 {bytes:>8} {packets:>7}    0    0    0     \
             0       0          0\n"
        )
    };
    let head = "Inter-|   Receive                                                |  Transmit\n face |bytes    packets errs drop fifo \
                frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed\n";
    links.iter().fold(head.to_owned(), |text, link| text + &row(&link.name, link.packets(up)))
}

/// How the processors spent the time since boot, in hundredths of a second.
fn times(up: u64, booted: i64, processes: usize, processors: u32) -> String {
    let processors = u64::from(processors);
    let row = |name: &str, secs: u64| {
        let [user, system, idle] = load::spent(secs);
        format!("{name} {user} 0 {system} {idle} 0 0 0 0 0 0\n")
    };
    let mut text = row("cpu ", up * processors);
    for number in 0..processors {
        text.push_str(&row(&format!("cpu{number}"), up));
    }
    format!("{text}btime {booted}\nprocesses {processes}\nprocs_running 1\nprocs_blocked 0\n")
}
