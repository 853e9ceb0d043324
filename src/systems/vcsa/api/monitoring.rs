//! What the appliance keeps watch of (6.5 and later), and the values of the past. Nothing is recorded beside the model: a value
//! of a moment since the boot follows from what is still there of that moment, so that services that stopped since and
//! files that were deleted since are missing. Before the boot there are none.

use super::health::{self, Partition};
use crate::sim::{Instant, Span};
use crate::systems::linux::interface::{BYTES_OF_PACKET, Interface};
use crate::systems::linux::model::{Linux, Process, kernel};
use crate::systems::linux::tools::free::memory_of;
use crate::systems::linux::tools::procs;
use crate::world::{MachineId, World};

/// A monitored item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// Its name.
    pub id: String,
    /// In what it is counted.
    pub unit: &'static str,
    /// What kind of thing it is about.
    pub category: &'static str,
    /// Which of several.
    pub instance: String,
    kind: Kind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    CpuShare,
    CpuFrequency,
    MemoryShare,
    MemoryUsed,
    MemoryTotal,
    SwapShare,
    SwapUsed,
    SwapTotal,
    StorageUsed,
    StorageTotal,
    StorageShare,
    Kilobytes,
    Packets,
}

/// Items without an instance: name, unit, category.
const ITEMS: [(&str, &str, &str, Kind); 8] = [
    ("cpu.util", "percent", "cpu", Kind::CpuShare),
    ("cpu.totalfrequency", "mhz", "cpu", Kind::CpuFrequency),
    ("mem.util", "percent", "memory", Kind::MemoryShare),
    ("mem.usage", "kb", "memory", Kind::MemoryUsed),
    ("mem.total", "kb", "memory", Kind::MemoryTotal),
    ("swap.util", "percent", "memory", Kind::SwapShare),
    ("swap", "kb", "memory", Kind::SwapUsed),
    ("swap.totalsize", "kb", "memory", Kind::SwapTotal),
];
/// Items of each partition, behind `storage.`.
const OF_PARTITIONS: [(&str, &str, Kind); 3] = [
    ("used", "kb", Kind::StorageUsed),
    ("totalsize", "kb", Kind::StorageTotal),
    ("util", "percent", Kind::StorageShare),
];
/// Items of each interface, behind `net.`.
const OF_INTERFACES: [(&str, &str, Kind); 4] = [
    ("rx.activity", "kb_per_sec", Kind::Kilobytes),
    ("tx.activity", "kb_per_sec", Kind::Kilobytes),
    ("rx.packetRate", "num_of_packets_per_msec", Kind::Packets),
    ("tx.packetRate", "num_of_packets_per_msec", Kind::Packets),
];

/// All items of an appliance.
#[must_use]
pub fn items(world: &World, id: MachineId) -> Vec<Item> {
    let item = |id: String, unit, category, instance: &str, kind| Item {
        id,
        unit,
        category,
        instance: instance.to_owned(),
        kind,
    };
    let plain = ITEMS.iter().map(|(id, unit, category, kind)| item((*id).to_owned(), unit, category, "", *kind));
    let partitions = health::partitions(world, id);
    let partitions = partitions.iter().flat_map(|partition| {
        let name = &partition.name;
        OF_PARTITIONS
            .map(|(what, unit, kind)| item(format!("storage.{what}.filesystem.{name}"), unit, "storage", name, kind))
    });
    let interface = Interface::of(world, id).name;
    let packets = OF_INTERFACES
        .map(|(what, unit, kind)| item(format!("net.{what}.{interface}"), unit, "network", interface, kind));
    plain.chain(partitions).chain(packets).collect()
}

/// Which value stands for an interval.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Function {
    /// How many there are.
    Count,
    /// The greatest.
    Max,
    /// The mean.
    Avg,
    /// The least.
    Min,
}

/// The appliance looks every so often (from memory).
const LOOK: Span = Span::secs(60);

/// The values of an item, one for each interval from `start` to `end`; empty where the appliance was not up.
#[must_use]
pub fn values(
    world: &World,
    id: MachineId,
    item: &Item,
    function: Function,
    every: Span,
    (start, end): (Instant, Instant),
) -> Vec<String> {
    let booted = world.linux(id).booted;
    let end = end.min(world.now);
    let mut values = Vec::new();
    let mut from = start;
    while from < end {
        let until = (from + every).min(end);
        let looks = until.since(from.max(booted)).as_secs().div_ceil(LOOK.as_secs());
        // What changes does so in steps: both ends and the middle of an interval tell enough of it.
        let middle = from.max(booted) + Span::micros(until.since(from.max(booted)).as_micros() / 2);
        let seen = [from.max(booted), middle, until].map(|at| value(world, id, item, at));
        values.push(match (looks, function) {
            (0, _) => String::new(),
            (looks, Function::Count) => looks.to_string(),
            (_, Function::Max) => figure(seen.into_iter().fold(f64::MIN, f64::max)),
            (_, Function::Min) => figure(seen.into_iter().fold(f64::MAX, f64::min)),
            (_, Function::Avg) => figure(seen.iter().sum::<f64>() / seen.len() as f64),
        });
        from = until;
    }
    values
}

/// A figure without more digits than it needs.
fn figure(value: f64) -> String {
    let text = format!("{value:.4}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

fn value(world: &World, id: MachineId, item: &Item, at: Instant) -> f64 {
    let linux = world.linux(id);
    let percent = |part: u64, whole: u64| (part * 100) as f64 / whole.max(1) as f64;
    let partition = |show: fn(&Partition, u64) -> f64| {
        let partitions = health::partitions(world, id);
        let found = partitions.iter().find(|partition| partition.name == item.instance);
        found.map_or(0.0, |partition| show(partition, newer(linux, partition.mount, at)))
    };
    match item.kind {
        Kind::CpuShare => processors(linux, at),
        Kind::CpuFrequency => f64::from(kernel::MHZ * linux.hardware.processors) * processors(linux, at) / 100.0,
        Kind::MemoryShare => percent(memory(linux, at), memory_of(linux).total),
        Kind::MemoryUsed => memory(linux, at) as f64,
        Kind::MemoryTotal => memory_of(linux).total as f64,
        Kind::SwapShare => percent(memory_of(linux).swapped, memory_of(linux).swap),
        Kind::SwapUsed => memory_of(linux).swapped as f64,
        Kind::SwapTotal => memory_of(linux).swap as f64,
        Kind::StorageUsed => partition(|it, newer| (it.usage.used.saturating_sub(newer) >> 10) as f64),
        Kind::StorageTotal => partition(|it, _| (it.usage.size >> 10) as f64),
        Kind::StorageShare => partition(|it, newer| {
            let used = it.usage.used.saturating_sub(newer);
            (used * 100) as f64 / (it.usage.used + it.usage.available).max(1) as f64
        }),
        Kind::Kilobytes => Interface::rate() * BYTES_OF_PACKET as f64 / 1_024.0,
        Kind::Packets => Interface::rate() / 1_000.0,
    }
}

/// What was written on a partition since a moment, in bytes.
fn newer(linux: &Linux, mount: usize, at: Instant) -> u64 {
    let written = linux.fs.inodes().filter(|(_, inode)| inode.mount == mount && inode.mtime > at && !inode.is_dir());
    written.map(|(ino, _)| linux.fs.allocated(ino)).sum()
}

/// The memory that was in use, in KiB.
fn memory(linux: &Linux, at: Instant) -> u64 {
    let later = linux.processes.iter().filter(|(_, process)| process.started > at);
    let later: u64 = later.map(|(_, process)| procs::memory(&process.command).1).sum();
    memory_of(linux).used.saturating_sub(later)
}

/// The share of all processors that was in use, in percent: each process by what it has taken on the average.
fn processors(linux: &Linux, at: Instant) -> f64 {
    let there = linux.processes.iter().filter(|(_, process)| process.started <= at);
    let share = |process: &Process| {
        let age = at.since(process.started).as_secs().max(1);
        procs::processor(process, at) as f64 / age as f64
    };
    there.map(|(_, process)| share(process)).sum::<f64>() / f64::from(linux.hardware.processors)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::systems::vcsa::test_world;

    #[test]
    fn what_is_newer_was_not_there_before() {
        let (mut world, id) = test_world("vcsa-6.5");
        let before = world.now;
        let now = before.later(Span::secs(600)).expect("a time");
        world.now = now;
        world.linux_mut(id).put_text("/storage/log/big", &"x".repeat(1 << 20), 0o644, now).expect("room");
        world.now = now.later(Span::secs(600)).expect("a time");
        let used = |at: Instant| {
            let all = items(&world, id);
            let item = all.iter().find(|item| item.id == "storage.used.filesystem.log").expect("an item");
            value(&world, id, item, at)
        };
        assert_eq!(used(world.now) - used(before), 1_024.0);
    }

    #[test]
    fn there_are_no_values_from_before_the_boot() {
        let (world, id) = test_world("vcsa-6.5");
        let all = items(&world, id);
        let booted = world.linux(id).booted;
        let start = Instant::parse("2017-07-01T00:00:00Z").expect("a time");
        let check = |range: (Instant, Instant), function, expect: &[&str]| {
            assert_eq!(values(&world, id, &all[4], function, Span::secs(3_600), range), expect);
        };
        check((start, start.later(Span::secs(7_200)).expect("a time")), Function::Avg, &["", ""]);
        check((booted, booted.later(Span::secs(3_600)).expect("a time")), Function::Avg, &["10264808"]);
        check((booted, booted.later(Span::secs(3_600)).expect("a time")), Function::Count, &["60"]);
        check((world.now, world.now.later(Span::secs(3_600)).expect("a time")), Function::Max, &[]);
    }
}
