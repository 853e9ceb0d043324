//! Block devices and swap space: `lsblk`, `blkid`, `swapon` (util-linux; messages of 2.32 on RHEL 8, else of 2.23).

use super::disks::rows;
use super::free::memory_of;
use super::{Tool, tool};
use crate::systems::linux::distro::Vendor;
use crate::systems::linux::image::uuid;
use crate::systems::linux::model::disks::{self, DRIVE, Disk, Part};
use crate::systems::linux::model::kernel::swap_priority;
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

/// The disks of the machine.
pub(super) fn disks(p: &Proc) -> Vec<Disk> {
    p.world(|world, id| disks::of(&world.linux(id).distro, &world.machine(id).vm))
}

/// The disks with what is on them.
fn blocks(p: &Proc) -> Vec<Block> {
    let mounted = rows(p);
    let swap = p.peek(|linux| linux.swap().map(|(device, _)| device));
    let place = |device: &str| match swap == Some(device) {
        true => "[SWAP]".to_owned(),
        false => mounted.iter().find(|row| row.device == device).map_or(String::new(), |row| row.dir.clone()),
    };
    let name = |device: &str| device.rsplit('/').next().unwrap_or_default().to_owned();
    let block = |part: &Part, kind: &'static str, below: Vec<Block>| Block {
        name: name(&part.device),
        number: part.number,
        kib: part.kib,
        kind,
        removable: false,
        place: place(&part.device),
        below,
    };
    let volumes = |parts: &[Part]| parts.iter().map(|part| block(part, "lvm", Vec::new())).collect::<Vec<_>>();
    let disk = |disk: Disk| {
        let parts = disk.parts.iter().map(|part| block(part, "part", volumes(&part.volumes)));
        let below = parts.chain(volumes(&disk.volumes)).collect();
        let (name, number, kib) = (name(&disk.device), disk.number, disk.kib);
        Block { name, number, kib, kind: "disk", removable: false, place: String::new(), below }
    };
    let mut found: Vec<Block> = disks(p).into_iter().map(disk).collect();
    let (name, number, place) = ("sr0".to_owned(), (11, 0), String::new());
    found.push(Block { name, number, kib: DRIVE, kind: "rom", removable: true, place, below: Vec::new() });
    found
}

/// A size as `lsblk` rounds it.
pub(super) fn size(kib: u64) -> String {
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
    let machine = p.peek(|linux| linux.machine_id());
    // The volumes come before the partitions.
    let mut rows = Vec::new();
    let new = p.peek(|linux| linux.distro.vendor == Vendor::RedHat && linux.distro.major >= 8);
    for disk in disks(p) {
        let identifier = disk.identifier(&machine);
        for part in disk.all() {
            let Some(holds) = part.holds else { continue };
            let uuid = uuid::of(&machine, &part.device, holds == "LVM2_member");
            let mut line = format!("{}: UUID=\"{uuid}\" TYPE=\"{holds}\"", part.device);
            if new && part.start > 0 {
                line.push_str(&format!(" PARTUUID=\"{identifier}-{:02x}\"", part.number.1));
            }
            rows.push((part.device.clone(), line));
        }
    }
    rows.sort_by_key(|(device, _)| !device.starts_with("/dev/mapper/"));
    rows.retain(|(device, _)| arguments.is_empty() || arguments.contains(device));
    if rows.is_empty() {
        return Ok(2);
    }
    p.inferred();
    for (_, line) in rows {
        p.out(&format!("{line}\n")).await?;
    }
    Ok(0)
}

async fn swapon(p: &mut Proc, arguments: &[String]) -> Ended {
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["-s" | "--summary"] => {
            let text = p.read_path("/proc/swaps").unwrap_or_default();
            // Without swap space not even the head is shown.
            if text.iter().filter(|byte| **byte == b'\n').count() > 1 {
                p.write(1, &text).await?;
            }
            Ok(0)
        }
        [] | ["--show"] => {
            let rows = p.peek(|linux| {
                let row = |(device, kib): (&str, u64)| {
                    let used = memory_of(linux).swapped;
                    let used = if used == 0 { "0B".to_owned() } else { size(used) };
                    (format!("/dev/{}", linux.distro.kernels_name(device)), size(kib), used, swap_priority(linux))
                };
                linux.swap().map(row)
            });
            let Some((device, kib, used, priority)) = rows else { return Ok(0) };
            let wide = device.len().max(4);
            p.out(&format!(
                "{:<wide$} TYPE      {:>4} {:>4} PRIO\n{device:<wide$} partition {kib:>4} {used:>4} {priority:>4}\n",
                "NAME", "SIZE", "USED"
            ))
            .await?;
            Ok(0)
        }
        ["-a" | "--all"] => switch(p, None, true).await,
        [device] if !device.starts_with('-') => switch(p, Some(device), true).await,
        _ => p.gap(&format!("swapon {}", arguments.join(" "))),
    }
}

async fn swapoff(p: &mut Proc, arguments: &[String]) -> Ended {
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["-a" | "--all"] => switch(p, None, false).await,
        [device] if !device.starts_with('-') => switch(p, Some(device), false).await,
        [] => super::input::misused(p, "bad usage", 1).await,
        _ => p.gap(&format!("swapoff {}", arguments.join(" "))),
    }
}

/// Takes the swap space into use or out of it. A machine has one.
async fn switch(p: &mut Proc, device: Option<&str>, on: bool) -> Ended {
    if !p.cred.is_root() {
        // Both programs ask before they look.
        let text = if on { "cannot open" } else { "Not superuser." };
        return p
            .fail(&if on { format!("{text} {}: Permission denied", device.unwrap_or("/dev")) } else { text.to_owned() })
            .await;
    }
    if let Some(device) = device {
        let real = |path: &str| p.peek(|linux| linux.fs.canonical(&p.cred, &p.cwd, path));
        let own = p.peek(|linux| linux.distro.swap.0);
        let found = match real(device) {
            Ok(found) => found,
            Err(errno) if on => return p.fail(&format!("cannot open {device}: {}", errno.text())).await,
            Err(errno) => {
                p.complain(&format!("{device}: swapoff failed: {}", errno.text())).await?;
                return Ok(4);
            }
        };
        if Ok(&found) != real(own).as_ref() {
            return match on {
                true => p.gap(&format!("swapon {device}: swap space that the installation did not make")),
                false => {
                    p.complain(&format!("{device}: swapoff failed: Invalid argument")).await?;
                    Ok(4)
                }
            };
        }
        let is_on = p.peek(|linux| linux.swap().is_some());
        if on && is_on {
            p.complain(&format!("{device}: swapon failed: Device or resource busy")).await?;
            return Ok(255);
        }
        if !on && !is_on {
            p.complain(&format!("{device}: swapoff failed: Invalid argument")).await?;
            return Ok(4);
        }
    }
    let no_room = !on && p.peek(memory_of).swapped > 0;
    if no_room {
        p.complain(&format!("{}: swapoff failed: Cannot allocate memory", p.peek(|linux| linux.distro.swap.0))).await?;
        return Ok(2);
    }
    let now = p.now();
    p.linux(|linux| {
        if on && linux.swap_is_off {
            let (device, size) = linux.distro.swap;
            let priority = swap_priority(linux);
            linux.kernel_says(
                now,
                &format!("Adding {size}k swap on {device}.  Priority:{priority} extents:1 across:{size}k FS"),
            );
        }
        linux.swap_is_off = !on;
    });
    Ok(0)
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
