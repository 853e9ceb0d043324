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
    use super::*;
    use crate::systems::vcsa::test_world;

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
