//! Which disk each partition is on, and what becomes of a disk that was made larger from outside: its partition takes the new
//! room when it is told to, as `df` shows then. The order of the disks is that of the vendor's documents.

use super::health;
use crate::world::{MachineId, World};

/// The number of the disk that has the partition at a place of [`health::partitions`]: the first has the system, the second
/// and the third its swap space and what is installed from; then come the others.
#[must_use]
pub fn number(place: usize) -> usize {
    if place == 0 { 1 } else { place + 3 }
}

/// Each partition takes what its disk has gained. That of the system stays as it is.
pub fn resize(world: &mut World, id: MachineId) {
    for (place, partition) in health::partitions(world, id).into_iter().enumerate().skip(1) {
        let label = format!("Hard disk {}", number(place));
        let disks = &mut world.machine_mut(id).vm.disks;
        let Some(disk) = disks.iter_mut().find(|disk| disk.label == label) else { continue };
        let Some(before) = disk.before_gb.take() else { continue };
        let gained = u64::from(disk.size_gb.saturating_sub(before)) << 30;
        world.linux_mut(id).fs.set_mount(partition.mount, |mount| mount.size = mount.size.saturating_add(gained));
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::lab_file::{BUNDLED, LabFile};
    use crate::systems::vcsa::test_world;
    use crate::vm::Disk;

    #[test]
    fn the_disks_of_each_lab_are_as_large_as_what_is_on_them() {
        for (name, text) in BUNDLED.iter().filter(|(name, _)| name.starts_with("vcsa")) {
            let world = LabFile::parse(text).expect("a good lab file").world(name, None, None).expect("a good world");
            for (id, machine) in world.machines() {
                let table = table_of(&machine.vm.disks);
                for (place, partition) in health::partitions(&world, id).into_iter().enumerate() {
                    let gb =
                        table.get(&number(place)).unwrap_or_else(|| panic!("{name}: no disk for {}", partition.name));
                    let size = partition.usage.size >> 20;
                    let disk = u64::from(*gb) << 10;
                    assert!((size..size + size / 8).contains(&disk), "{name} {}: {size} MiB on {disk}", partition.name);
                }
                assert_eq!(table.len(), number(health::partitions(&world, id).len() - 1), "{name}: one for each");
            }
        }
    }

    /// The sizes of disks by their numbers.
    fn table_of(disks: &[Disk]) -> BTreeMap<usize, u32> {
        let number = |disk: &Disk| disk.label.trim_start_matches("Hard disk ").parse().expect("a number");
        disks.iter().map(|disk| (number(disk), disk.size_gb)).collect()
    }

    #[test]
    fn a_partition_takes_what_its_disk_has_gained_once() {
        let (mut world, id) = test_world("vcsa-6.7");
        let size = |world: &World, name: &str| {
            let partitions = health::partitions(world, id);
            partitions.into_iter().find(|partition| partition.name == name).expect("a partition").usage.size
        };
        let place = health::partitions(&world, id).iter().position(|partition| partition.name == "log");
        let label = format!("Hard disk {}", number(place.expect("a partition")));
        let (log, core) = (size(&world, "log"), size(&world, "core"));
        let disks = &mut world.machine_mut(id).vm.disks;
        disks.iter_mut().find(|disk| disk.label == label).expect("a disk").grow(50);
        let grown = world.machine(id).vm.disks.iter().find(|disk| disk.label == label).expect("a disk");
        let gained = u64::from(grown.size_gb - grown.before_gb.expect("it has grown")) << 30;
        assert_eq!(size(&world, "log"), log, "nobody has told it");
        resize(&mut world, id);
        resize(&mut world, id);
        assert_eq!((size(&world, "log"), size(&world, "core")), (log + gained, core));
    }
}
