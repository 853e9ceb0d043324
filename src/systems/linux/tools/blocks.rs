//! Block devices and swap space: `lsblk`, `blkid`, `swapon` (util-linux; messages of 2.32 on RHEL 8, else of 2.23).

use super::disks::rows;
use super::{Tool, tool};
use crate::systems::linux::distro::Vendor;
use crate::systems::linux::proc::{Ended, Proc};

/// The programs of this file.
pub static TOOLS: &[Tool] =
    &[tool!("lsblk", lsblk), tool!("blkid", blkid), tool!("swapon", swapon), tool!("swapoff", swapoff)];

/// A block device.
struct Block {
    name: String,
    number: (u32, u32),
    kib: u64,
    kind: &'static str,
    removable: bool,
    place: String,
    below: Vec<Block>,
}

/// The disks with what is on them. Under RHEL the volumes lie in one volume group on the second partition; an appliance
/// has a disk for each (inferred).
fn blocks(p: &Proc) -> Vec<Block> {
    let disks: Vec<u64> =
        p.world(|world, id| world.machine(id).vm.disks.iter().map(|disk| u64::from(disk.size_gb) << 20).collect());
    let mounted = rows(p);
    p.peek(|linux| {
        let distro = &linux.distro;
        let place =
            |device: &str| mounted.iter().find(|row| row.device == device).map_or(String::new(), |row| row.dir.clone());
        let mut partitions: Vec<Block> = Vec::new();
        let mut volumes: Vec<Block> = Vec::new();
        let swap = (distro.swap.0, distro.swap.1);
        let all = distro.volumes.iter().map(|volume| (volume.device, volume.size)).chain([swap]);
        let mut minor = 0;
        for (device, size) in all {
            let dir = if device == swap.0 { "[SWAP]".to_owned() } else { place(device) };
            if let Some(number) = device.strip_prefix("/dev/sda") {
                let number = number.parse().unwrap_or(1);
                partitions.push(Block {
                    name: format!("sda{number}"),
                    number: (8, number),
                    kib: size,
                    kind: "part",
                    removable: false,
                    place: dir,
                    below: Vec::new(),
                });
            } else if device.starts_with("/dev/mapper/") || device.starts_with("/dev/dm-") {
                let name = device.trim_start_matches("/dev/mapper/").trim_start_matches("/dev/");
                let name = if name.starts_with("dm-") { "rhel-swap" } else { name };
                volumes.push(Block {
                    name: name.to_owned(),
                    number: (253, minor),
                    kib: size,
                    kind: "lvm",
                    removable: false,
                    place: dir,
                    below: Vec::new(),
                });
                minor += 1;
            }
        }
        let first = disks.first().copied().unwrap_or(0);
        let mut found = Vec::new();
        let mut more = Vec::new();
        if distro.vendor == Vendor::RedHat {
            let used: u64 = partitions.iter().map(|block| block.kib).sum();
            partitions.push(Block {
                name: "sda2".to_owned(),
                number: (8, 2),
                kib: first.saturating_sub(used),
                kind: "part",
                removable: false,
                place: String::new(),
                below: volumes,
            });
        } else {
            for ((letter, at), volume) in ('b'..='z').zip(1_u32..).zip(volumes) {
                let kib = disks.get(at as usize).copied().unwrap_or(volume.kib);
                more.push(Block {
                    name: format!("sd{letter}"),
                    number: (8, at * 16),
                    kib,
                    kind: "disk",
                    removable: false,
                    place: String::new(),
                    below: vec![volume],
                });
            }
        }
        partitions.sort_by_key(|block| block.number);
        found.push(Block {
            name: "sda".to_owned(),
            number: (8, 0),
            kib: first,
            kind: "disk",
            removable: false,
            place: String::new(),
            below: partitions,
        });
        found.extend(more);
        found.push(Block {
            name: "sr0".to_owned(),
            number: (11, 0),
            kib: 1_024,
            kind: "rom",
            removable: true,
            place: String::new(),
            below: Vec::new(),
        });
        found
    })
}

/// A size as `lsblk` rounds it.
fn size(kib: u64) -> String {
    let mut value = kib as f64;
    let mut unit = 'K';
    for next in ['M', 'G', 'T'] {
        if value < 1024.0 {
            break;
        }
        value /= 1024.0;
        unit = next;
    }
    let text = format!("{value:.1}");
    format!("{}{unit}", text.strip_suffix(".0").unwrap_or(&text))
}

async fn lsblk(p: &mut Proc, arguments: &[String]) -> Ended {
    if !arguments.is_empty() {
        return p.gap(&format!("lsblk {}", arguments.join(" ")));
    }
    let mut lines: Vec<(String, Block)> = Vec::new();
    for block in blocks(p) {
        flatten(block, String::new(), String::new(), &mut lines);
    }
    let width = lines.iter().map(|(name, _)| name.chars().count()).max().unwrap_or(4).max(4);
    p.inferred();
    let mut text = format!("{:<width$} MAJ:MIN RM  SIZE RO TYPE MOUNTPOINT\n", "NAME");
    for (name, block) in &lines {
        let (major, minor) = block.number;
        let line = format!(
            "{name:<width$} {major:>3}:{minor:<3} {:>2} {:>5}  0 {:<4} {}",
            u8::from(block.removable),
            size(block.kib),
            block.kind,
            block.place
        );
        text.push_str(&format!("{line}\n"));
    }
    p.out(&text).await?;
    Ok(0)
}

fn flatten(mut block: Block, mark: String, before: String, lines: &mut Vec<(String, Block)>) {
    let below = std::mem::take(&mut block.below);
    lines.push((format!("{mark}{}", block.name), block));
    let count = below.len();
    for (place, child) in below.into_iter().enumerate() {
        let last = place + 1 == count;
        let mark = format!("{before}{}", if last { "└─" } else { "├─" });
        let next = format!("{before}{}", if last { "  " } else { "│ " });
        flatten(child, mark, next, lines);
    }
}

async fn blkid(p: &mut Proc, arguments: &[String]) -> Ended {
    if arguments.iter().any(|word| word.starts_with('-')) {
        return p.gap(&format!("blkid {}", arguments.join(" ")));
    }
    let rows: Vec<(String, &'static str)> = p.peek(|linux| {
        let volumes = linux.distro.volumes.iter().filter(|volume| volume.device.starts_with("/dev/"));
        volumes
            .map(|volume| (volume.device.to_owned(), volume.fstype))
            .chain([(linux.distro.swap.0.to_owned(), "swap")])
            .collect()
    });
    let host = p.peek(|linux| linux.hostname.clone());
    let wanted: Vec<_> =
        rows.into_iter().filter(|(device, _)| arguments.is_empty() || arguments.contains(device)).collect();
    if wanted.is_empty() {
        return Ok(2);
    }
    p.inferred();
    for (device, fstype) in wanted {
        let digest = crate::payload::Sha256::of(format!("{host}{device}").as_bytes()).to_string();
        let uuid =
            format!("{}-{}-{}-{}-{}", &digest[..8], &digest[8..12], &digest[12..16], &digest[16..20], &digest[20..32]);
        p.out(&format!("{device}: UUID=\"{uuid}\" TYPE=\"{fstype}\"\n")).await?;
    }
    Ok(0)
}

async fn swapon(p: &mut Proc, arguments: &[String]) -> Ended {
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["-s" | "--summary"] => {
            let text = p.read_path("/proc/swaps").unwrap_or_default();
            p.write(1, &text).await?;
            Ok(0)
        }
        [] | ["--show"] => {
            let (device, kib) = p.peek(|linux| linux.distro.swap);
            p.out(&format!("NAME      TYPE      SIZE USED PRIO\n{device:<9} partition {:>4}   0B   -2\n", size(kib)))
                .await?;
            Ok(0)
        }
        _ => p.gap(&format!("swapon {}", arguments.join(" "))),
    }
}

async fn swapoff(p: &mut Proc, arguments: &[String]) -> Ended {
    p.gap(&format!("swapoff {}", arguments.join(" ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_rounded_as_lsblk_does() {
        let check = |kib: u64, expect: &str| assert_eq!(size(kib), expect);
        check(1_024, "1M");
        check(60 << 20, "60G");
        check(8_257_532, "7.9G");
        check(1_038_336, "1014M");
    }
}
