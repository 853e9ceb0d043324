//! The disks of a machine with what lies on them, as one table: sizes, device nodes, partitions, volumes. A disk is as large as the
//! lab says, or as what the installation put on it needs. Where partitions begin is that of RHEL's installer. On an appliance
//! each volume has a disk of its own, in the order of the vendor's documents: the system, what it was installed from, the swap
//! space, then all others; sizes beside those that `df` tells are inferred.

use super::super::distro::{Distro, Vendor};
use crate::payload::Sha256;
use crate::vm::{self, Vm};

/// The first partition begins here, in KiB.
const FIRST: u64 = 1_024;
/// Volumes are made of pieces of this size, in KiB.
const EXTENT: u64 = 4_096;
/// What lies before the first volume of a volume group, in KiB.
const HEADER: u64 = 1_024;
/// The small partition of an appliance between those that are mounted, in KiB.
const GAP: u64 = 4_096;
/// The second disk of an appliance whose lab does not tell of it, in KiB.
const INSTALLER: u64 = 2 << 20;

/// The size that the kernel sees of a drive without a disc, in KiB.
pub const DRIVE: u64 = 1_048_575;

/// A partition or a volume.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// Its device: `/dev/sda1`, `/dev/mapper/rhel-root`.
    pub device: String,
    /// Major and minor number.
    pub number: (u32, u32),
    /// Where it begins on its disk, in KiB; 0 for a volume.
    pub start: u64,
    /// Its size in KiB.
    pub kib: u64,
    /// What is on it: the type of a file system, `swap`, `LVM2_member`; nothing where that is not known.
    pub holds: Option<&'static str>,
    /// The volumes on it.
    pub volumes: Vec<Part>,
}

/// A disk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Disk {
    /// Its device: `/dev/sda`.
    pub device: String,
    /// Major and minor number.
    pub number: (u32, u32),
    /// Its size in KiB.
    pub kib: u64,
    /// Its partitions.
    pub parts: Vec<Part>,
    /// The volumes on the disk itself, where it has no partitions.
    pub volumes: Vec<Part>,
}

impl Disk {
    /// The disk at this place, of which there are fewer than letters.
    fn new(at: u32) -> Self {
        let device = format!("/dev/sd{}", ('a'..='z').nth(at as usize).unwrap_or('z'));
        // A number of the kernel's is for sixteen disks, the next for further ones.
        let number = (if at < 16 { 8 } else { 65 }, at % 16 * 16);
        Self { device, number, kib: 0, parts: Vec::new(), volumes: Vec::new() }
    }

    /// All that lies on it, the volumes behind what they are on.
    pub fn all(&self) -> impl Iterator<Item = &Part> {
        self.parts.iter().flat_map(|part| std::iter::once(part).chain(&part.volumes)).chain(&self.volumes)
    }

    /// The number in its partition table.
    #[must_use]
    pub fn identifier(&self, machine: &str) -> String {
        Sha256::of(format!("{machine}{}", self.device).as_bytes()).to_string()[..8].to_owned()
    }
}

/// The size of the device under a file system of this size, both in KiB: the log of XFS, the tables of ext3 and ext4.
fn under(kib: u64, fstype: &str) -> u64 {
    match fstype {
        "xfs" => kib + (kib / 2_047).max(10_240),
        "swap" => kib + 4,
        "vfat" => kib.next_multiple_of(1_024),
        _ => kib * 64 / 63,
    }
}

/// The sizes of a disk of the lab in KiB: its own, and that which the volume on it has taken. A disk that was made larger from
/// outside gives its volume nothing before that is told.
#[derive(Clone, Copy, Debug)]
pub struct Size {
    disk: u64,
    taken: u64,
}

impl Size {
    fn of(disk: &vm::Disk) -> Self {
        let taken = disk.before_gb.unwrap_or(disk.size_gb);
        Self { disk: u64::from(disk.size_gb) << 20, taken: u64::from(taken) << 20 }
    }
}

/// The disks of a distribution's machine in this virtual machine.
#[must_use]
pub fn of(distro: &Distro, vm: &Vm) -> Vec<Disk> {
    let sizes: Vec<Size> = vm.disks.iter().map(Size::of).collect();
    table(distro, &sizes)
}

/// The disks of a distribution's machine, where the lab gives them these sizes.
#[must_use]
pub fn table(distro: &Distro, sizes: &[Size]) -> Vec<Disk> {
    if distro.vendor == Vendor::Esxi {
        return Vec::new();
    }
    let red_hat = distro.vendor == Vendor::RedHat;
    let with_system = |volume: &Part| red_hat || distro.volume_at("/").device == volume.device;
    let (inner, others): (Vec<Part>, Vec<Part>) =
        distro.mapped().map(|mapped| part(distro, mapped)).partition(with_system);
    let mut disks = vec![first(distro, inner, sizes.first())];
    if red_hat {
        return disks;
    }
    // The second disk is what the installation came from (6.0 to 6.7), then come the swap space and all others.
    let mut second = Disk::new(1);
    second.kib = sizes.get(1).map_or(INSTALLER, |size| size.disk);
    disks.push(second);
    let (swap, rest): (Vec<Part>, Vec<Part>) = others.into_iter().partition(|volume| volume.holds == Some("swap"));
    for (at, mut volume) in (2..).zip(swap.into_iter().chain(rest)) {
        let mut disk = Disk::new(at);
        let needed = needed(distro, &volume.device);
        let given = sizes.get(at as usize).copied().unwrap_or(Size { disk: needed, taken: needed });
        disk.kib = given.disk.max(needed);
        volume.kib = whole(given.taken.max(needed));
        disk.volumes.push(volume);
        disks.push(disk);
    }
    disks
}

/// So large at least is the disk of a volume: whole GiB.
fn needed(distro: &Distro, device: &str) -> u64 {
    let kib = distro.mapped().find(|(_, mapped, _)| *mapped == device).map_or(0, |(.., kib)| kib);
    (kib + HEADER).next_multiple_of(1 << 20)
}

/// The volume that fills a disk or a partition of this size.
fn whole(kib: u64) -> u64 {
    (kib - HEADER) / EXTENT * EXTENT
}

/// A volume of the device mapper.
fn part(distro: &Distro, (minor, device, kib): (u32, &str, u64)) -> Part {
    let found = distro.volumes.iter().find(|volume| volume.device == device);
    let fstype = found.map_or("swap", |volume| volume.fstype);
    let kib = under(kib, fstype).div_ceil(EXTENT) * EXTENT;
    Part { device: device.to_owned(), number: (253, minor), start: 0, kib, holds: Some(fstype), volumes: vec![] }
}

/// The disk with the system: partitions, the last of them with volumes in it where the system is on one.
fn first(distro: &Distro, volumes: Vec<Part>, size: Option<&Size>) -> Disk {
    let mounted = distro.volumes.iter().filter_map(|volume| {
        let number: u32 = volume.device.strip_prefix("/dev/sda")?.parse().ok()?;
        Some((number, under(volume.size, volume.fstype).next_multiple_of(1_024), Some(volume.fstype)))
    });
    let mut numbers: Vec<(u32, u64, Option<&'static str>)> = mounted.collect();
    let mut last = numbers.iter().map(|(number, ..)| *number).max().unwrap_or(0);
    if !volumes.is_empty() {
        last += 1;
        let needed = volumes.iter().map(|volume| volume.kib).sum::<u64>() + HEADER;
        numbers.push((last, needed, Some("LVM2_member")));
    }
    let missing = |number: &u32| numbers.iter().all(|(known, ..)| known != number);
    let gaps: Vec<u32> = (1..last).filter(missing).collect();
    numbers.extend(gaps.into_iter().map(|number| (number, GAP, None)));
    numbers.sort_by_key(|(number, ..)| *number);
    let mut disk = Disk::new(0);
    let mut end = FIRST;
    for (number, kib, holds) in numbers {
        let device = format!("/dev/sda{number}");
        disk.parts.push(Part { device, number: (8, number), start: end, kib, holds, volumes: Vec::new() });
        end += kib;
    }
    let needed = (end + 1_024).next_multiple_of(1 << 20);
    let (own, taken) = size.map_or((needed, needed), |size| (size.disk.max(needed), size.taken.max(needed)));
    disk.kib = own;
    // The last one takes what is left.
    if let Some(last) = disk.parts.last_mut() {
        last.kib = disk.kib - last.start;
        last.volumes = volumes;
        // An appliance has one volume there.
        if let [volume] = &mut last.volumes[..] {
            volume.kib = whole(taken - last.start);
        }
    }
    disk
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::systems::linux::distro;

    fn size(gib: u64) -> Size {
        Size { disk: gib << 20, taken: gib << 20 }
    }

    #[test]
    fn what_is_on_a_disk_fits_on_it() {
        for distro in distro::ALL.iter() {
            for sizes in [&[][..], &[0], &[60], &[120, 25]] {
                let sizes: Vec<Size> = sizes.iter().map(|gib| size(*gib)).collect();
                for disk in table(distro, &sizes) {
                    let mut end = FIRST;
                    for part in &disk.parts {
                        assert_eq!(part.start, end, "{} {}", distro.id, part.device);
                        end += part.kib;
                        let inside: u64 = part.volumes.iter().map(|volume| volume.kib).sum();
                        assert!(inside <= part.kib, "{} {}", distro.id, part.device);
                    }
                    assert!(end <= disk.kib || disk.parts.is_empty(), "{} {}", distro.id, disk.device);
                    let volumes: u64 = disk.volumes.iter().map(|volume| volume.kib).sum();
                    assert!(volumes <= disk.kib, "{} {}", distro.id, disk.device);
                }
            }
        }
    }

    #[test]
    fn the_disk_of_rhel_is_as_its_installer_leaves_it() {
        let disks = table(distro::find("rhel-8.6").expect("a distribution"), &[size(120)]);
        let [disk] = &disks[..] else { panic!("{disks:?}") };
        let found: Vec<(&str, u64, u64)> = disk.all().map(|part| (&*part.device, part.start, part.kib)).collect();
        let expect = [
            ("/dev/sda1", 1_024, 1 << 20),
            ("/dev/sda2", 1_024 + (1 << 20), (119 << 20) - 1_024),
            ("/dev/mapper/rhel-root", 0, 50 << 20),
            ("/dev/mapper/rhel-swap", 0, 8_257_536),
            ("/dev/mapper/rhel-home", 0, 44_007_424),
        ];
        assert_eq!(found, expect);
    }

    #[test]
    fn an_appliance_has_a_disk_for_each_volume() {
        let check = |id: &str, expect: &[(&str, &str)]| {
            let disks = table(distro::find(id).expect("a distribution"), &[]);
            for (device, volume) in expect {
                let disk = disks.iter().find(|disk| disk.device == *device).unwrap_or_else(|| panic!("{id} {device}"));
                assert!(disk.all().any(|part| part.device.ends_with(volume)), "{id} {device}: {disk:?}");
            }
            assert_eq!(disks.len(), expect.len() + 1, "{id}: one has nothing on it");
            assert!(disks[1].all().next().is_none(), "{id}");
        };
        let of_6_5 = [
            ("/dev/sda", "sda3"),
            ("/dev/sdc", "swap_vg-swap1"),
            ("/dev/sdd", "core_vg-core"),
            ("/dev/sde", "log_vg-log"),
            ("/dev/sdf", "db_vg-db"),
            ("/dev/sdg", "dblog_vg-dblog"),
            ("/dev/sdh", "seat_vg-seat"),
            ("/dev/sdi", "netdump_vg-netdump"),
            ("/dev/sdj", "autodeploy_vg-autodeploy"),
            ("/dev/sdk", "imagebuilder_vg-imagebuilder"),
            ("/dev/sdl", "updatemgr_vg-updatemgr"),
        ];
        check("photon-1", &of_6_5);
        let more = [
            ("/dev/sdm", "archive_vg-archive"),
            ("/dev/sdn", "vtsdb_vg-vtsdb"),
            ("/dev/sdo", "vtsdblog_vg-vtsdblog"),
            ("/dev/sdp", "lifecycle_vg-lifecycle"),
            ("/dev/sdq", "lvm_snapshot_vg-lvm_snapshot"),
        ];
        check("vcsa-6.7", &[&of_6_5[..], &more[..1]].concat());
        let root = [("/dev/sda", "vg_root_0-lv_root_0")];
        check("photon-3", &[&root[..], &of_6_5[1..], &more[..4]].concat());
        check("vcsa-8.0", &[&root[..], &of_6_5[1..], &more].concat());
    }
}
