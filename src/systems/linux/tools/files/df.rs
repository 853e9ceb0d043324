//! `df`: how full the file systems are. The figures are those of the machine's own mounts.

use super::super::input::{given, misused};
use super::du::{Unit, block_name};
use super::show::{colon, curly};
use super::{meta, refuse};
use crate::systems::linux::distro::Vendor;
use crate::systems::linux::fs::{Mount, Usage};
use crate::systems::linux::model::Linux;
use crate::systems::linux::proc::{Ended, Proc};
use crate::systems::linux::tools::getopt::{Given, Spec};
use crate::systems::linux::tools::{Tool, tool};

/// The programs of this file.
pub static TOOLS: &[Tool] = &[tool!("df", df)];

const OUTPUT: char = '\u{10}';
const TOTAL: char = '\u{11}';
const SYNC: char = '\u{12}';

const CLI: Spec = Spec {
    short: "aB:hHiklmPTt:vx:",
    long: &[
        ("all", 'a'),
        ("block-size:", 'B'),
        ("exclude-type:", 'x'),
        ("human-readable", 'h'),
        ("inodes", 'i'),
        ("local", 'l'),
        ("no-sync", SYNC),
        ("output::", OUTPUT),
        ("portability", 'P'),
        ("print-type", 'T'),
        ("si", 'H'),
        ("sync", SYNC),
        ("total", TOTAL),
        ("type:", 't'),
    ],
    gaps: "",
};

/// A column.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Column {
    Source,
    Fstype,
    Inodes,
    InodesUsed,
    InodesFree,
    InodesPercent,
    Size,
    Used,
    Available,
    Percent,
    File,
    Target,
}

/// The columns of `--output`, by their names.
const COLUMNS: [(&str, Column); 12] = [
    ("source", Column::Source),
    ("fstype", Column::Fstype),
    ("itotal", Column::Inodes),
    ("iused", Column::InodesUsed),
    ("iavail", Column::InodesFree),
    ("ipcent", Column::InodesPercent),
    ("size", Column::Size),
    ("used", Column::Used),
    ("avail", Column::Available),
    ("pcent", Column::Percent),
    ("file", Column::File),
    ("target", Column::Target),
];

/// A line before it is shown.
struct Row {
    mount: Mount,
    usage: Usage,
    file: String,
}

async fn df(p: &mut Proc, arguments: &[String]) -> Ended {
    if p.peek(|linux| linux.distro.vendor) == Vendor::Esxi {
        return volumes(p, arguments).await;
    }
    let given = given!(p, &CLI, arguments, 1);
    let unit = match Unit::read(&given, 1024, 'H') {
        Ok(unit) => unit,
        Err(text) => return p.fail(&text).await,
    };
    if given.has(OUTPUT) {
        let other = [('i', "-i"), ('P', "-P"), ('T', "-T")].into_iter().find(|(letter, _)| given.has(*letter));
        if let Some((_, other)) = other {
            return misused(p, &format!("options {other} and --output are mutually exclusive"), 1).await;
        }
    }
    let columns = match columns(&given) {
        Ok(columns) => columns,
        Err(text) => return misused(p, &text, 1).await,
    };
    let mut status = 0;
    let mut rows = Vec::new();
    if given.operands.is_empty() {
        rows = all(p, &given);
    }
    for path in &given.operands {
        // A device names the file system that is mounted from it.
        let index = p.peek(|linux| {
            let real = linux.fs.canonical(&p.cred, &p.cwd, path).ok();
            let same = |device: &str| {
                device.starts_with('/') && (device == path || linux.fs.canonical(&p.cred, "/", device).ok() == real)
            };
            linux.fs.mounts().find(|(_, mount)| real.is_some() && same(&mount.device)).map(|(index, _)| index)
        });
        match index.map_or_else(|| meta(p, path, true).map(|meta| meta.mount), Ok) {
            Ok(index) => rows.extend(row(p, index, path)),
            Err(errno) => status = refuse(p, &colon(p, path), errno).await?,
        }
    }
    rows.retain(|row| fits(&given, row));
    if rows.is_empty() {
        return if status == 0 { p.fail("no file systems processed").await } else { Ok(status) };
    }
    if given.has(TOTAL) {
        rows.push(total(&rows));
    }
    let text = show(&rows, &columns, &given, unit);
    p.out(&text).await?;
    Ok(status)
}

/// What ESXi has in its place: its volumes, in bytes or for people, each under its label where it has one. The shape is that
/// of listings in VMware's knowledge base.
async fn volumes(p: &mut Proc, arguments: &[String]) -> Ended {
    let human = match arguments {
        [] => false,
        [word] if word == "-h" => true,
        words => return p.gap(&format!("df {}", words.join(" "))),
    };
    let mounts: Vec<(String, Mount, Usage)> = p.peek(|linux| {
        let volumes = linux.fs.mounts().filter(|(_, mount)| mount.dir.starts_with("/vmfs/volumes/"));
        volumes.map(|(index, mount)| (label(linux, mount), mount.clone(), linux.fs.usage(index))).collect()
    });
    let shown = |bytes: u64| if human { tenths(bytes) } else { bytes.to_string() };
    let size = if human { "Size" } else { "Bytes" };
    let mut table = vec![["Filesystem", size, "Used", "Available"].map(str::to_owned)];
    table.extend(mounts.iter().map(|(_, mount, usage)| {
        let [size, used, available] = [usage.size, usage.used, usage.available].map(shown);
        [mount.fstype.clone(), size, used, available]
    }));
    let width = |column: usize| table.iter().map(|row| row[column].len()).max().unwrap_or(0);
    let widths = [0, 1, 2, 3].map(width);
    let percent = |usage: &Usage| format!("{:.0}%", 100.0 * usage.used as f64 / usage.size.max(1) as f64);
    let ends = [("Use%".to_owned(), "Mounted on")].into_iter();
    let ends = ends.chain(mounts.iter().map(|(path, _, usage)| (percent(usage), path.as_str())));
    let lines = table.iter().zip(ends).map(|([fstype, size, used, available], (percent, path))| {
        let [a, b, c, d] = widths;
        format!("{fstype:<a$} {size:>b$} {used:>c$} {available:>d$} {percent:>4} {path}\n")
    });
    let text: String = lines.collect();
    p.out(&text).await?;
    Ok(0)
}

/// Where a volume of ESXi is, by the link that bears its label if there is one.
fn label(linux: &Linux, mount: &Mount) -> String {
    let number = mount.dir.trim_start_matches("/vmfs/volumes/");
    let places = linux.distro.places();
    let link = places.iter().find(|(link, to)| link.starts_with("/vmfs/volumes/") && *to == number);
    link.map_or_else(|| mount.dir.clone(), |(link, _)| (*link).to_owned())
}

/// A size with one digit behind the point.
fn tenths(bytes: u64) -> String {
    let mut size = bytes as f64;
    for unit in ["B", "K", "M", "G"] {
        if size < 1024.0 {
            return format!("{size:.1}{unit}");
        }
        size /= 1024.0;
    }
    format!("{size:.1}T")
}

fn row(p: &Proc, index: usize, file: &str) -> Option<Row> {
    p.peek(|linux| {
        let mount = linux.fs.mount_of(index)?.clone();
        Some(Row { mount, usage: linux.fs.usage(index), file: file.to_owned() })
    })
}

/// What is listed without operands: what has a size, each device once.
fn all(p: &Proc, given: &Given) -> Vec<Row> {
    let indices: Vec<usize> = p.peek(|linux| linux.fs.mounts().map(|(index, _)| index).collect());
    let mut rows: Vec<Row> = indices.into_iter().filter_map(|index| row(p, index, "-")).collect();
    if !given.has('a') {
        rows.retain(|row| row.usage.size > 0);
    }
    rows
}

fn fits(given: &Given, row: &Row) -> bool {
    let fstype = row.mount.fstype.as_str();
    let wanted = !given.has('t') || given.values('t').any(|wanted| wanted == fstype);
    let remote = fstype.starts_with("nfs") || fstype == "fuse.glusterfs" || fstype == "cifs";
    wanted && !given.values('x').any(|unwanted| unwanted == fstype) && !(given.has('l') && remote)
}

fn total(rows: &[Row]) -> Row {
    let mut mount = Mount::new("total", "-", 0);
    "-".clone_into(&mut mount.dir);
    let sum = |of: fn(&Usage) -> u64| rows.iter().map(|row| of(&row.usage)).sum();
    let usage = Usage {
        size: sum(|usage| usage.size),
        used: sum(|usage| usage.used),
        available: sum(|usage| usage.available),
        inodes: sum(|usage| usage.inodes),
        inodes_used: sum(|usage| usage.inodes_used),
    };
    Row { mount, usage, file: "-".to_owned() }
}

fn columns(given: &Given) -> Result<Vec<Column>, String> {
    use Column::{
        Available, Fstype, Inodes, InodesFree, InodesPercent, InodesUsed, Percent, Size, Source, Target, Used,
    };
    if given.has(OUTPUT) {
        let Some(names) = given.value(OUTPUT) else { return Ok(COLUMNS.iter().map(|(_, column)| *column).collect()) };
        let mut columns: Vec<Column> = Vec::new();
        for name in names.split(',') {
            let found = COLUMNS.iter().find(|(known, _)| *known == name).map(|(_, column)| *column);
            let column = found.ok_or_else(|| format!("option --output: field {} unknown", curly(name)))?;
            if columns.contains(&column) {
                return Err(format!("option --output: field {} used more than once", curly(name)));
            }
            columns.push(column);
        }
        return Ok(columns);
    }
    let mut columns = vec![Source];
    if given.has('T') {
        columns.push(Fstype);
    }
    if given.has('i') {
        columns.extend([Inodes, InodesUsed, InodesFree, InodesPercent]);
    } else {
        columns.extend([Size, Used, Available, Percent]);
    }
    columns.push(Target);
    Ok(columns)
}

fn show(rows: &[Row], columns: &[Column], given: &Given, unit: Unit) -> String {
    let mut table: Vec<Vec<String>> = vec![columns.iter().map(|column| heading(*column, given, unit)).collect()];
    table.extend(rows.iter().map(|row| columns.iter().map(|column| cell(*column, row, unit)).collect()));
    let least = |column: Column| match column {
        Column::Source => 14,
        Column::Fstype | Column::Percent | Column::InodesPercent => 4,
        Column::Target | Column::File => 0,
        _ => 5,
    };
    let widths: Vec<usize> = columns
        .iter()
        .enumerate()
        .map(|(at, column)| table.iter().map(|row| row[at].chars().count()).max().unwrap_or(0).max(least(*column)))
        .collect();
    let mut text = String::new();
    for row in table {
        for (at, (cell, column)) in row.iter().zip(columns).enumerate() {
            let width = widths[at];
            if at > 0 {
                text.push(' ');
            }
            let left = matches!(column, Column::Source | Column::Fstype | Column::File | Column::Target);
            match (left, at + 1 == columns.len()) {
                (true, true) => text.push_str(cell),
                (true, false) => text.push_str(&format!("{cell:<width$}")),
                (false, _) => text.push_str(&format!("{cell:>width$}")),
            }
        }
        text.push('\n');
    }
    text
}

fn heading(column: Column, given: &Given, unit: Unit) -> String {
    let human = matches!(unit, Unit::Human(_));
    let posix = given.has('P');
    match column {
        Column::Source => "Filesystem".to_owned(),
        Column::Fstype => "Type".to_owned(),
        Column::Inodes => "Inodes".to_owned(),
        Column::InodesUsed => "IUsed".to_owned(),
        Column::InodesFree => "IFree".to_owned(),
        Column::InodesPercent => "IUse%".to_owned(),
        Column::Used => "Used".to_owned(),
        Column::Available if human && !posix => "Avail".to_owned(),
        Column::Available if given.has(OUTPUT) => "Avail".to_owned(),
        Column::Available => "Available".to_owned(),
        Column::Percent if posix => "Capacity".to_owned(),
        Column::Percent => "Use%".to_owned(),
        Column::File => "File".to_owned(),
        Column::Target => "Mounted on".to_owned(),
        Column::Size => match unit {
            Unit::Human(_) if !posix => "Size".to_owned(),
            Unit::Block(block) | Unit::Named(block) if posix => format!("{block}-blocks"),
            Unit::Block(block) | Unit::Named(block) => format!("{}-blocks", block_name(block)),
            Unit::Human(_) => "Size".to_owned(),
        },
    }
}

fn cell(column: Column, row: &Row, unit: Unit) -> String {
    let usage = &row.usage;
    let sized = |bytes: u64| if usage.size == 0 && usage.used == 0 { unit.show(0) } else { unit.show(bytes) };
    let count = |number: u64| match unit {
        Unit::Human(_) => unit.show(number),
        Unit::Block(_) | Unit::Named(_) => number.to_string(),
    };
    let percent = |used: u64, free: u64| match used + free {
        0 => "-".to_owned(),
        whole => format!("{}%", (u128::from(used) * 100).div_ceil(u128::from(whole))),
    };
    match column {
        Column::Source => row.mount.device.clone(),
        Column::Fstype => row.mount.fstype.clone(),
        Column::Inodes => count(usage.inodes),
        Column::InodesUsed => count(usage.inodes_used),
        Column::InodesFree => count(usage.inodes - usage.inodes_used),
        Column::InodesPercent => percent(usage.inodes_used, usage.inodes - usage.inodes_used),
        Column::Size => sized(usage.size),
        Column::Used => sized(usage.used),
        Column::Available => sized(usage.available),
        Column::Percent => percent(usage.used, usage.available),
        Column::File => row.file.clone(),
        Column::Target => row.mount.dir.clone(),
    }
}
