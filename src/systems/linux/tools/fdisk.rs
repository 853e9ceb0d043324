//! `fdisk -l` (util-linux 2.23 and 2.32): the disks with their partitions, and the volumes of the device mapper.

use super::blocks::disks;
use super::{Tool, tool};
use crate::systems::linux::distro::Vendor;
use crate::systems::linux::model::disks::{Disk, Part};
use crate::systems::linux::proc::{Ended, Proc};

/// The programs of this file.
pub static TOOLS: &[Tool] = &[tool!("fdisk", fdisk)];

async fn fdisk(p: &mut Proc, arguments: &[String]) -> Ended {
    let [option, wanted @ ..] = arguments else { return p.gap("fdisk but for fdisk -l") };
    if option != "-l" || wanted.iter().any(|word| word.starts_with('-')) {
        return p.gap(&format!("fdisk {}", arguments.join(" ")));
    }
    let (vendor, major) = p.peek(|linux| (linux.distro.vendor, linux.distro.major));
    if vendor != Vendor::RedHat {
        return p.gap("fdisk on this distribution");
    }
    let new = major >= 8;
    let disks = disks(p);
    if !p.cred.is_root() && wanted.is_empty() {
        // It does not see what it cannot open.
        for disk in &disks {
            p.err(&format!("fdisk: cannot open {}: Permission denied\n", disk.device)).await?;
        }
        return Ok(u8::from(new));
    }
    p.inferred();
    let machine = p.peek(|linux| linux.machine_id());
    let mut texts = Vec::new();
    for disk in &disks {
        texts.push((disk.device.clone(), whole(disk, &machine, new)));
        texts.extend(disk.parts.iter().map(|part| (part.device.clone(), head(&part.device, part.kib, new))));
        let volumes = disk.all().filter(|part| part.start == 0);
        texts.extend(volumes.map(|volume| (volume.device.clone(), head(&volume.device, volume.kib, new))));
    }
    let listed = |device: &str| match wanted {
        [] => disks.iter().all(|disk| disk.parts.iter().all(|part| part.device != device)),
        wanted => wanted.iter().any(|word| word == device),
    };
    let mut shown = Vec::new();
    for (device, text) in &texts {
        if listed(device) {
            shown.push(text.as_str());
        }
    }
    // RHEL 7's has an empty line before each, RHEL 8's two between them.
    let text = if new { shown.join("\n\n") } else { shown.iter().map(|text| format!("\n{text}")).collect() };
    p.out(&(text + if new || shown.is_empty() { "" } else { "\n" })).await?;
    let mut status = 0;
    for word in wanted.iter().filter(|word| !texts.iter().any(|(device, _)| device == *word)) {
        let there = p.lookup(word).is_ok();
        let why = if there { "Inappropriate ioctl for device" } else { "No such file or directory" };
        p.err(&format!("fdisk: cannot open {word}: {why}\n")).await?;
        status = 1;
    }
    Ok(status)
}

/// A size as it stands in the head: of RHEL 7's in thousands.
fn rounded(bytes: u64, new: bool) -> String {
    let (step, units) = if new { (1024.0, ["KiB", "MiB", "GiB", "TiB"]) } else { (1000.0, ["kB", "MB", "GB", "TB"]) };
    let (mut value, mut unit) = (bytes as f64 / step, units[0]);
    for next in &units[1..] {
        if value < step {
            break;
        }
        (value, unit) = (value / step, next);
    }
    let text = format!("{value:.1}");
    format!("{} {unit}", if new { text.strip_suffix(".0").unwrap_or(&text) } else { &text })
}

/// What is told of each device.
fn head(device: &str, kib: u64, new: bool) -> String {
    let (bytes, sectors) = (kib << 10, kib * 2);
    let mark = if new { ":" } else { " =" };
    format!(
        "Disk {device}: {}, {bytes} bytes, {sectors} sectors\nUnits{mark} sectors of 1 * 512 = 512 bytes\nSector size \
         (logical/physical): 512 bytes / 512 bytes\nI/O size (minimum/optimal): 512 bytes / 512 bytes\n",
        rounded(bytes, new)
    )
}

/// A disk with its partitions.
fn whole(disk: &Disk, machine: &str, new: bool) -> String {
    let label = if new { "Disklabel type" } else { "Disk label type" };
    let mut text = head(&disk.device, disk.kib, new);
    text.push_str(&format!("{label}: dos\nDisk identifier: 0x{}\n\n", disk.identifier(machine)));
    let kind = |part: &Part| if part.holds == Some("LVM2_member") { ("8e", "Linux LVM") } else { ("83", "Linux") };
    if !new {
        text.push_str("   Device Boot      Start         End      Blocks   Id  System\n");
        for (place, part) in disk.parts.iter().enumerate() {
            let (boot, (id, system)) = (if place == 0 { "*" } else { " " }, kind(part));
            let (start, end) = (part.start * 2, (part.start + part.kib) * 2 - 1);
            text.push_str(&format!(
                "{}   {boot} {start:>11} {end:>11} {:>11}   {id}  {system}\n",
                part.device, part.kib
            ));
        }
        return text;
    }
    let mut rows = vec![["Device", "Boot", "Start", "End", "Sectors", "Size", "Id", "Type"].map(str::to_owned)];
    rows.extend(disk.parts.iter().enumerate().map(|(place, part)| {
        let (id, system) = kind(part);
        let (start, sectors) = (part.start * 2, part.kib * 2);
        let boot = if place == 0 { "*" } else { "" };
        let size = super::blocks::size(part.kib);
        let numbers = [start, start + sectors - 1, sectors].map(|number| number.to_string());
        let [start, end, sectors] = numbers;
        [part.device.clone(), boot.to_owned(), start, end, sectors, size, id.to_owned(), system.to_owned()]
    }));
    let width = |column: usize| rows.iter().map(|row| row[column].len()).max().unwrap_or(0);
    let widths: [usize; 8] = std::array::from_fn(width);
    for row in &rows {
        let cells = row.iter().enumerate().map(|(column, cell)| match column {
            0 | 1 | 7 => format!("{cell:<0$}", widths[column]),
            _ => format!("{cell:>0$}", widths[column]),
        });
        text.push_str(cells.collect::<Vec<_>>().join(" ").trim_end());
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_rounded_as_fdisk_does() {
        let check = |kib: u64, expect: [&str; 2]| {
            assert_eq!([false, true].map(|new| rounded(kib << 10, new)), expect.map(str::to_owned));
        };
        check(60 << 20, ["64.4 GB", "60 GiB"]);
        check(8_257_536, ["8.5 GB", "7.9 GiB"]);
        check(1 << 20, ["1.1 GB", "1 GiB"]);
    }
}
