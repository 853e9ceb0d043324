//! The disks of a machine with what lies on them, as one table: sizes, device nodes, partitions, volumes. A disk is as large as the
//! lab says, or as what the installation put on it needs. Where partitions begin is that of RHEL's installer; on an appliance
//! each volume has a disk of its own, and its sizes beside those that `df` tells are inferred.

use super::super::distro::{Distro, Vendor};
use crate::payload::Sha256;
use crate::vm::Vm;

/// The first partition begins here, in KiB.
const FIRST: u64 = 1_024;
/// Volumes are made of pieces of this size, in KiB.
const EXTENT: u64 = 4_096;
/// What lies before the first volume of a volume group, in KiB.
const HEADER: u64 = 1_024;
/// The small partition of an appliance between those that are mounted, in KiB.
const GAP: u64 = 4_096;

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
    fn new(letter: char, at: u32) -> Self {
        let device = format!("/dev/sd{letter}");
        Self { device, number: (8, at * 16), kib: 0, parts: Vec::new(), volumes: Vec::new() }
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

/// The number that a file system was given when it was made, by the number of its machine. That of a volume group's partition has
/// other letters.
#[must_use]
pub fn uuid(machine: &str, device: &str, lvm: bool) -> String {
    const LETTERS: &[u8] = b"0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
    let digest = Sha256::of(format!("{machine}{device}").as_bytes());
    let (text, groups): (String, &[usize]) = match lvm {
        true => {
            let letters = digest.0.iter().map(|byte| char::from(LETTERS[usize::from(*byte) % LETTERS.len()]));
            (letters.collect(), &[6, 4, 4, 4, 4, 4, 6])
        }
        false => (digest.to_string(), &[8, 4, 4, 4, 12]),
    };
    let (mut parts, mut at) = (Vec::new(), 0);
    for length in groups {
        parts.push(&text[at..at + length]);
        at += length;
    }
    parts.join("-")
}

/// The size of the device under a file system of this size, both in KiB: the log of XFS, the tables of ext3 and ext4.
fn under(kib: u64, fstype: &str) -> u64 {
    match fstype {
        "xfs" => kib + (kib / 2_047).max(10_240),
        "swap" => kib + 4,
        _ => kib * 64 / 63,
    }
}

/// The disks of a distribution's machine in this virtual machine.
#[must_use]
pub fn of(distro: &Distro, vm: &Vm) -> Vec<Disk> {
    let sizes: Vec<u64> = vm.disks.iter().map(|disk| u64::from(disk.size_gb) << 20).collect();
    table(distro, &sizes)
}

/// The disks of a distribution's machine, where the lab gives them these sizes in KiB.
#[must_use]
pub fn table(distro: &Distro, sizes: &[u64]) -> Vec<Disk> {
    if distro.vendor == Vendor::Esxi {
        return Vec::new();
    }
    let volumes: Vec<Part> = distro
        .mapped()
        .map(|(minor, device, kib)| {
            let found = distro.volumes.iter().find(|volume| volume.device == device);
            let fstype = found.map_or("swap", |volume| volume.fstype);
            let kib = under(kib, fstype).div_ceil(EXTENT) * EXTENT;
            Part {
                device: device.to_owned(),
                number: (253, minor),
                start: 0,
                kib,
                holds: Some(fstype),
                volumes: vec![],
            }
        })
        .collect();
    let red_hat = distro.vendor == Vendor::RedHat;
    let mounted = distro.volumes.iter().filter_map(|volume| {
        let number: u32 = volume.device.strip_prefix("/dev/sda")?.parse().ok()?;
        Some((number, under(volume.size, volume.fstype).next_multiple_of(1_024), Some(volume.fstype)))
    });
    let mut numbers: Vec<(u32, u64, Option<&'static str>)> = mounted.collect();
    if red_hat {
        let needed = volumes.iter().map(|volume| volume.kib).sum::<u64>() + HEADER;
        numbers.push((2, needed, Some("LVM2_member")));
    } else {
        numbers.push((2, GAP, None));
    }
    numbers.sort_by_key(|(number, ..)| *number);
    let mut first = Disk::new('a', 0);
    let mut end = FIRST;
    for (number, kib, holds) in numbers {
        let device = format!("/dev/sda{number}");
        first.parts.push(Part { device, number: (8, number), start: end, kib, holds, volumes: Vec::new() });
        end += kib;
    }
    first.kib = sizes.first().copied().unwrap_or(0).max((end + 1_024).next_multiple_of(1 << 20));
    // The last one takes what is left.
    if let Some(last) = first.parts.last_mut() {
        last.kib = first.kib - last.start;
    }
    let mut disks = vec![first];
    if red_hat {
        if let Some(last) = disks[0].parts.last_mut() {
            last.volumes = volumes;
        }
        return disks;
    }
    for ((letter, at), volume) in ('b'..='z').zip(1_u32..).zip(volumes) {
        let mut disk = Disk::new(letter, at);
        disk.kib = sizes.get(at as usize).copied().unwrap_or(0).max((volume.kib + HEADER).next_multiple_of(1 << 10));
        disk.volumes.push(volume);
        disks.push(disk);
    }
    disks
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::systems::linux::distro;

    #[test]
    fn what_is_on_a_disk_fits_on_it() {
        for distro in distro::ALL.iter() {
            for sizes in [&[][..], &[60 << 20], &[120 << 20, 25 << 20]] {
                for disk in table(distro, sizes) {
                    let mut end = FIRST;
                    for part in &disk.parts {
                        assert_eq!(part.start, end, "{} {}", distro.id, part.device);
                        end += part.kib;
                        let inside: u64 = part.volumes.iter().map(|volume| volume.kib).sum();
                        assert!(inside <= part.kib, "{} {}", distro.id, part.device);
                    }
                    assert!(end <= disk.kib || disk.parts.is_empty(), "{} {}", distro.id, disk.device);
                }
            }
        }
    }

    #[test]
    fn the_disk_of_rhel_is_as_its_installer_leaves_it() {
        let disks = table(distro::find("rhel-8.6").expect("a distribution"), &[120 << 20]);
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
    fn numbers_have_their_form() {
        let check = |lvm: bool, expect: &[usize]| {
            let uuid = uuid("a", "/dev/sda1", lvm);
            assert_eq!(uuid.split('-').map(str::len).collect::<Vec<_>>(), expect, "{uuid}");
        };
        check(false, &[8, 4, 4, 4, 12]);
        check(true, &[6, 4, 4, 4, 4, 4, 6]);
    }
}
