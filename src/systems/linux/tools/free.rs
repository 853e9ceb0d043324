//! The memory of a machine: `free` (procps-ng 3.3). How much of it is in use follows from its processes and counts as inferred.

use super::getopt::Spec as Options;
use super::procs::memory;
use super::{Tool, tool};
use crate::systems::linux::model::Linux;
use crate::systems::linux::proc::{Ended, Proc};
use crate::systems::linux::tools::input::given;

/// The programs of this file.
pub static TOOLS: &[Tool] = &[tool!("free", free)];

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
    /// The swap space.
    pub swap: u64,
    /// What of it is taken: what finds no room in memory.
    pub swapped: u64,
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
    let (mut used, mut cache) = (total / 60 + programs, total / 22 + shared);
    if linux.strain.memory {
        cache = total / 100 + shared;
        used = used.max(total.saturating_sub(cache + total / 64));
    }
    let free = total.saturating_sub(used + cache);
    let swap = linux.swap().map_or(0, |(_, kib)| kib);
    let swapped = (used + shared).saturating_sub(total).min(swap);
    Memory { total, used, free, shared, cache, available: free + (cache - shared) * 4 / 5, swap, swapped }
}

/// `free`
async fn free(p: &mut Proc, arguments: &[String]) -> Ended {
    const OPTIONS: Options = Options {
        short: "bkmght",
        long: &[("bytes", 'b'), ("kilo", 'k'), ("mega", 'm'), ("giga", 'g'), ("human", 'h'), ("total", 't')],
        gaps: "--tera --peta --kibi --mebi --gibi --tebi --pebi w --wide l --lohi c: --count: s: --seconds: --si V",
    };
    let given = given!(p, &OPTIONS, arguments, |text| {
        p.complain(&text).await?;
        p.err("\nUsage:\n free [options]\n").await?;
        Ok(1)
    });
    let (memory, old) = p.peek(|linux| (memory_of(linux), !linux.distro.has("procps-ng", (3, 3, 10))));
    let swap = [memory.swap, memory.swapped, memory.swap - memory.swapped];
    let unit = given.last_of("bkmgh").unwrap_or('k');
    let units =
        if p.peek(|linux| linux.distro.has("procps-ng", (3, 3, 15))) { ["Ki", "Mi", "Gi"] } else { ["K", "M", "G"] };
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
        text.push_str(&format!("Swap:  {}\n", row(&swap)));
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
        text.push_str(&row("Swap:", &swap));
        if given.has('t') {
            text.push_str(&row("Total:", &[memory.total + swap[0], memory.used + swap[1], memory.free + swap[2]]));
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_rounded_as_free_does() {
        let check = |kib: u64, expect: &str| assert_eq!(human(kib, ["Ki", "Mi", "Gi"]), expect);
        check(0, "0B");
        check(2_000, "2.0Mi");
        check(16_134_368, "15Gi");
        check(8_257_532, "7.9Gi");
    }
}
