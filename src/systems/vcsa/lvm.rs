//! `pvs`, `vgs` and `lvs` of an appliance: each volume has a group and a disk of its own, which it fills. Columns, their
//! widths and their order are those of the reports of LVM 2.02 (`report/columns.h`, `lib/display`), from memory.

use std::collections::BTreeSet;

use crate::shell::{Evidence, Grade};
use crate::systems::linux::model::disks::{self, Disk, Part};
use crate::systems::linux::proc::{Ended, Proc};

/// How well they are known.
pub const EVIDENCE: &[Evidence] = &[
    Evidence {
        what: "pvs, vgs, lvs without options",
        releases: "6.0 to 8.0",
        grade: Grade::Inferred,
        source: "the reports of LVM 2.02; which groups and volumes there are follows from the disks",
    },
    Evidence { what: "lvm: all else", releases: "6.0 to 8.0", grade: Grade::NotModelled, source: "" },
];

/// A column: its heading, how wide it is at least, and whether it has numbers.
type Column = (&'static str, usize, bool);

const PVS: &[Column] = &[
    ("PV", 10, false),
    ("VG", 4, false),
    ("Fmt", 3, false),
    ("Attr", 4, false),
    ("PSize", 5, true),
    ("PFree", 5, true),
];
const VGS: &[Column] = &[
    ("VG", 4, false),
    ("#PV", 3, true),
    ("#LV", 3, true),
    ("#SN", 3, true),
    ("Attr", 5, false),
    ("VSize", 5, true),
    ("VFree", 5, true),
];
const LVS: &[Column] = &[
    ("LV", 4, false),
    ("VG", 4, false),
    ("Attr", 10, false),
    ("LSize", 5, true),
    ("Pool", 4, false),
    ("Origin", 6, false),
    ("Data%", 6, true),
    ("Meta%", 6, true),
    ("Move", 4, false),
    ("Log", 3, false),
    ("Cpy%Sync", 8, true),
    ("Convert", 7, false),
];
/// As LVM 2.02.98 has them.
const LVS_OF_SLES: &[Column] = &[
    ("LV", 4, false),
    ("VG", 4, false),
    ("Attr", 9, false),
    ("LSize", 5, true),
    ("Pool", 4, false),
    ("Origin", 6, false),
    ("Data%", 6, true),
    ("Move", 4, false),
    ("Log", 3, false),
    ("Copy%", 6, true),
    ("Convert", 7, false),
];

/// Nothing is left.
const NONE_LEFT: &str = "0 ";

/// A volume with what it is on.
struct Volume {
    disk: String,
    group: String,
    name: String,
    kib: u64,
    open: bool,
}

/// What a report says of a disk or of a group.
struct Sum<'a> {
    name: &'a str,
    group: &'a str,
    disks: BTreeSet<&'a str>,
    volumes: usize,
    kib: u64,
}

/// The volumes together that have the same disk, or the same group.
fn sums(volumes: &[Volume], of: impl Fn(&Volume) -> &str) -> Vec<Sum<'_>> {
    let mut sums: Vec<Sum> = Vec::new();
    for volume in volumes {
        let name = of(volume);
        let at = sums.iter().position(|sum| sum.name == name).unwrap_or_else(|| {
            sums.push(Sum { name, group: &volume.group, disks: BTreeSet::new(), volumes: 0, kib: 0 });
            sums.len() - 1
        });
        sums[at].disks.insert(&volume.disk);
        sums[at].volumes += 1;
        sums[at].kib += volume.kib;
    }
    sums
}

/// `lvm` by its other names.
///
/// # Errors
/// [`crate::systems::linux::io::Cut`]
pub async fn lvm(p: &mut Proc, arguments: &[String]) -> Ended {
    let name = p.name.rsplit('/').next().unwrap_or_default().to_owned();
    if !["pvs", "vgs", "lvs"].contains(&&*name) || !arguments.is_empty() {
        return p.gap(format!("{name} {}", arguments.join(" ")).trim_end());
    }
    if !p.cred.is_root() {
        return p.gap(&format!("{name} for others than root"));
    }
    let volumes = volumes(p);
    let sles = p.peek(|linux| linux.distro.systemd.is_none());
    // From 2.02.17x on a size that was rounded up says so.
    let honest = p.peek(|linux| linux.distro.major >= 3 && linux.distro.systemd.is_some());
    let shown = |kib: u64| size(kib, honest);
    let (columns, mut rows): (&[Column], Vec<Vec<String>>) = match name.as_str() {
        "pvs" => (PVS, sums(&volumes, |volume| &volume.disk).iter().map(|sum| pv(sum, &shown)).collect()),
        "vgs" => (VGS, sums(&volumes, |volume| &volume.group).iter().map(|sum| vg(sum, &shown)).collect()),
        _ if sles => (LVS_OF_SLES, volumes.iter().map(|volume| lv(volume, &shown, LVS_OF_SLES)).collect()),
        _ => (LVS, volumes.iter().map(|volume| lv(volume, &shown, LVS)).collect()),
    };
    // `lvs` sorts by the group first, the others by their first column.
    let key = usize::from(name == "lvs");
    rows.sort_by(|one, other| one[key].cmp(&other[key]));
    p.inferred();
    p.out(&table(columns, &rows)).await?;
    Ok(0)
}

fn volumes(p: &Proc) -> Vec<Volume> {
    let disks = p.world(|world, id| disks::of(&world.linux(id).distro, &world.machine(id).vm));
    let swap = p.peek(|linux| linux.swap().map(|(device, _)| device.to_owned()));
    let volume = |disk: &str, part: &Part| {
        let (group, name) = part.device.trim_start_matches("/dev/mapper/").split_once('-').unwrap_or_default();
        let mounted = p.peek(|linux| linux.fs.mounts().any(|(_, mount)| mount.device == part.device));
        Volume {
            disk: disk.to_owned(),
            group: group.to_owned(),
            name: name.to_owned(),
            kib: part.kib,
            open: mounted || swap.as_ref() == Some(&part.device),
        }
    };
    let of_disk = |disk: &Disk| {
        let own = disk.volumes.iter().map(|part| volume(&disk.device, part));
        let inner = disk.parts.iter().flat_map(|part| part.volumes.iter().map(|inner| volume(&part.device, inner)));
        own.chain(inner).collect::<Vec<_>>()
    };
    disks.iter().flat_map(of_disk).collect()
}

/// A size as reports have it: `25.00g`, `<25.00g`, `1020.00m`.
fn size(kib: u64, honest: bool) -> String {
    let (unit, letter) = if kib >= 1 << 20 { (1 << 20, 'g') } else { (1 << 10, 'm') };
    let hundredths = (kib * 100 + unit / 2) / unit;
    let less = if honest && hundredths * unit > kib * 100 { "<" } else { "" };
    format!("{less}{}.{:02}{letter}", hundredths / 100, hundredths % 100)
}

fn pv(sum: &Sum<'_>, shown: &impl Fn(u64) -> String) -> Vec<String> {
    [sum.name, sum.group, "lvm2", "a--", &shown(sum.kib), NONE_LEFT].map(str::to_owned).to_vec()
}

fn vg(sum: &Sum<'_>, shown: &impl Fn(u64) -> String) -> Vec<String> {
    let (disks, volumes) = (sum.disks.len().to_string(), sum.volumes.to_string());
    [sum.name, &disks, &volumes, "0", "wz--n-", &shown(sum.kib), NONE_LEFT].map(str::to_owned).to_vec()
}

fn lv(volume: &Volume, shown: &impl Fn(u64) -> String, columns: &[Column]) -> Vec<String> {
    let attributes = format!("-wi-a{}----", if volume.open { 'o' } else { '-' });
    let width = columns[2].1;
    let mut row = vec![volume.name.clone(), volume.group.clone(), attributes[..width].to_owned(), shown(volume.kib)];
    row.resize(columns.len(), String::new());
    row
}

fn table(columns: &[Column], rows: &[Vec<String>]) -> String {
    let width = |at: usize| rows.iter().map(|row| row[at].len()).max().unwrap_or(0).max(columns[at].1);
    let line = |cells: Vec<String>| format!("  {}\n", cells.join(" "));
    let head = columns.iter().enumerate().map(|(at, (heading, ..))| format!("{heading:<0$}", width(at)));
    let mut text = line(head.collect());
    for row in rows {
        let cells = row.iter().enumerate().map(|(at, cell)| match columns[at].2 {
            true => format!("{cell:>0$}", width(at)),
            false => format!("{cell:<0$}", width(at)),
        });
        text.push_str(&line(cells.collect()));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_group_is_told_once_with_all_that_is_in_it() {
        let volume = |disk: &str, group: &str, name: &str| Volume {
            disk: disk.to_owned(),
            group: group.to_owned(),
            name: name.to_owned(),
            kib: 10 << 20,
            open: true,
        };
        let all = [
            volume("/dev/sda4", "root", "lv_root"),
            volume("/dev/sda4", "root", "lv_home"),
            volume("/dev/sdb", "root", "x"),
        ];
        let shown = |kib: u64| size(kib, true);
        let groups: Vec<_> = sums(&all, |volume| &volume.group).iter().map(|sum| vg(sum, &shown).join(" ")).collect();
        assert_eq!(groups, ["root 2 3 0 wz--n- 30.00g 0 "]);
        let disks: Vec<_> = sums(&all, |volume| &volume.disk).iter().map(|sum| pv(sum, &shown).join(" ")).collect();
        assert_eq!(disks, ["/dev/sda4 root lvm2 a-- 20.00g 0 ", "/dev/sdb root lvm2 a-- 10.00g 0 "]);
    }

    #[test]
    fn a_size_is_rounded_and_says_so() {
        let check = |kib, honest, expect: &str| assert_eq!(size(kib, honest), expect);
        check(26_210_304, true, "<25.00g");
        check(26_210_304, false, "25.00g");
        check(25 << 20, true, "25.00g");
        check(1_044_480, true, "1020.00m");
        check((25 << 20) + 4_096, true, "25.00g");
    }
}
