//! How the appliance feels: colours that follow from its model, and the figures behind them. Where yellow and red begin is
//! inferred; the meaning of the colours of software packages is that of the API reference.

use std::cmp::Ordering;

use super::repository;
use crate::media::Media;
use crate::payload::{Contents, compare_evr};
use crate::shell::Context;
use crate::systems::linux::fs::Usage;
use crate::systems::linux::load::hundredths;
use crate::systems::linux::tools::free::memory_of;
use crate::systems::vcsa::services::{DATABASE, Startup, State};
use crate::world::{MachineId, World};

/// A colour, the worse the later. Grey is not known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Color {
    /// Not known.
    Gray,
    /// Good.
    Green,
    /// It may become bad.
    Yellow,
    /// It is getting bad.
    Orange,
    /// Bad.
    Red,
}

impl Color {
    /// As it is written.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Gray => "gray",
            Self::Green => "green",
            Self::Yellow => "yellow",
            Self::Orange => "orange",
            Self::Red => "red",
        }
    }

    /// The colour of something that is so full.
    fn of_percent(percent: u64) -> Self {
        match percent {
            95.. => Self::Red,
            85.. => Self::Orange,
            75.. => Self::Yellow,
            _ => Self::Green,
        }
    }
}

/// A partition of the appliance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Partition {
    /// Its name: the last part of where it is mounted, or `root`.
    pub name: String,
    /// How full it is.
    pub usage: Usage,
    /// Its place among the mounts.
    pub mount: usize,
}

impl Partition {
    /// How much is used of what root can use, in percent.
    #[must_use]
    pub fn percent(&self) -> u64 {
        (self.usage.used * 100).checked_div(self.usage.used + self.usage.available).unwrap_or(0)
    }
}

/// The partitions on disks, `/boot` excepted.
#[must_use]
pub fn partitions(world: &World, id: MachineId) -> Vec<Partition> {
    let fs = &world.linux(id).fs;
    let on_disk = fs.mounts().filter(|(_, mount)| mount.device.starts_with("/dev/") && !mount.dir.starts_with("/boot"));
    on_disk
        .map(|(index, mount)| Partition { name: partition_name(&mount.dir), usage: fs.usage(index), mount: index })
        .collect()
}

fn partition_name(dir: &str) -> String {
    dir.rsplit('/').next().filter(|name| !name.is_empty()).unwrap_or("root").to_owned()
}

/// The disks: the worst of the partitions.
#[must_use]
pub fn storage(world: &World, id: MachineId) -> Color {
    let colors = partitions(world, id).into_iter().map(|partition| Color::of_percent(partition.percent()));
    colors.max().unwrap_or(Color::Gray)
}

/// The disks of the database: full ones stop it, and a stopped one tells nothing.
#[must_use]
pub fn database_storage(world: &World, id: MachineId) -> Color {
    if !world.vcsa(id).services.runs(DATABASE) {
        return Color::Gray;
    }
    let own = ["db", "dblog", "seat"];
    let partitions = partitions(world, id).into_iter().filter(|partition| own.contains(&partition.name.as_str()));
    partitions.map(|partition| Color::of_percent(partition.percent())).max().unwrap_or(Color::Gray)
}

/// The memory.
#[must_use]
pub fn memory(world: &World, id: MachineId) -> Color {
    let memory = memory_of(world.linux(id));
    let used = memory.total.saturating_sub(memory.available) * 100;
    Color::of_percent(used.checked_div(memory.total).unwrap_or(0))
}

/// The swap space.
#[must_use]
pub fn swap(world: &World, id: MachineId) -> Color {
    let memory = memory_of(world.linux(id));
    Color::of_percent((memory.swapped * 100).checked_div(memory.swap).unwrap_or(0))
}

/// The load of the last minute, for each processor.
#[must_use]
pub fn load(world: &World, id: MachineId) -> Color {
    let [last, ..] = hundredths(world.linux(id), world.now);
    Color::of_percent(last / u64::from(world.linux(id).hardware.processors))
}

/// The services that start by themselves: one that failed is worse than one that is not there yet.
#[must_use]
pub fn services(world: &World, id: MachineId) -> Color {
    let wanted = world.vcsa(id).services.slots().filter(|(_, slot)| slot.startup == Startup::Automatic);
    let colors = wanted.map(|(_, slot)| match slot.state {
        State::Running => Color::Green,
        State::StartPending | State::StopPending => Color::Yellow,
        State::Stopped => Color::Orange,
        State::Failed => Color::Red,
    });
    colors.max().unwrap_or(Color::Gray)
}

/// The software: red when there is a security update, orange when there is another, grey when the repository does not say.
#[must_use]
pub fn software(world: &World, media: &mut Media, id: MachineId) -> Color {
    let vcsa = world.vcsa(id);
    let Ok(offer) = repository::offer(world, media, id, &vcsa.repository()) else { return Color::Gray };
    let Some((_, contents)) = offer else { return Color::Green };
    let Ok(contents) = contents else { return Color::Gray };
    let Contents::Patch(patch) = contents.as_ref() else { return Color::Gray };
    let installed = vcsa.installed.release();
    let newer = compare_evr(&patch.version, &installed.version) == Ordering::Greater;
    match (newer, patch.category.eq_ignore_ascii_case("security")) {
        (false, _) => Color::Green,
        (true, false) => Color::Orange,
        (true, true) => Color::Red,
    }
}

/// All of it: the worst, updates excepted, which are no illness.
#[must_use]
pub fn system(world: &World, id: MachineId) -> Color {
    let parts = [storage, database_storage, memory, swap, load, services];
    parts.into_iter().map(|part| part(world, id)).max().unwrap_or(Color::Gray)
}

/// The colour that a command asks for.
pub type Ask = fn(&World, MachineId) -> Color;

/// The software as a command sees it.
#[must_use]
pub fn software_now(cx: &mut Context<'_>) -> Color {
    let id = cx.machine();
    software(cx.world, cx.media, id)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::systems::vcsa::services::VCENTER;
    use crate::systems::vcsa::test_world;

    #[test]
    fn a_disk_turns_red_as_it_fills() {
        let check = |dir: &str, percent: u64, expect: [Color; 3]| {
            let (mut world, id) = test_world("vcsa-6.0");
            let (index, size, reserved) = {
                let fs = &world.linux(id).fs;
                let (index, mount) = fs.mounts().find(|(_, mount)| mount.dir == dir).expect("a partition");
                (index, mount.size, mount.reserved)
            };
            let used = (size - reserved) / 100 * percent + (1 << 20);
            world.linux_mut(id).fs.set_mount(index, |mount| mount.used_by_rest = used);
            let found = [storage(&world, id), database_storage(&world, id), system(&world, id)];
            assert_eq!(found, expect, "{dir} {percent}");
        };
        check("/storage/log", 50, [Color::Green; 3]);
        check("/storage/log", 80, [Color::Yellow, Color::Green, Color::Yellow]);
        check("/storage/core", 90, [Color::Orange, Color::Green, Color::Orange]);
        check("/storage/seat", 96, [Color::Red; 3]);
        check("/boot", 99, [Color::Green; 3]);
    }

    #[test]
    fn what_finds_no_room_in_memory_goes_to_the_swap_space() {
        let (mut world, id) = test_world("vcsa-6.7");
        let (index, size) = {
            let fs = &world.linux(id).fs;
            let (index, mount) = fs.mounts().find(|(_, mount)| mount.dir == "/dev/shm").expect("files in memory");
            (index, mount.size)
        };
        let check = |world: &mut World, used: u64, expect| {
            world.linux_mut(id).fs.set_mount(index, |mount| mount.used_by_rest = used);
            assert_eq!(swap(world, id) > Color::Green, expect, "{used}");
        };
        check(&mut world, 0, false);
        world.linux_mut(id).fs.set_mount(index, |mount| mount.size = 6 * size);
        check(&mut world, 6 * size, true);
    }

    #[test]
    fn services_show_in_the_health_of_the_whole() {
        let check = |name: &str, state, expect| {
            let (mut world, id) = test_world("vcsa-6.0");
            world.vcsa_mut(id).services.set(name, state);
            assert_eq!((services(&world, id), database_storage(&world, id)), expect, "{name}");
        };
        check(VCENTER, State::Running, (Color::Green, Color::Green));
        check(VCENTER, State::Failed, (Color::Red, Color::Green));
        check(VCENTER, State::StartPending, (Color::Yellow, Color::Green));
        check(DATABASE, State::Stopped, (Color::Orange, Color::Gray));
    }
}
