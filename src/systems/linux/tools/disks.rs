//! Disks and what is mounted: `mount`, `umount`, `findmnt` (util-linux; messages of 2.32 on RHEL 8, else of 2.23).

use super::getopt::Spec as Options;
use super::input::{given, misused};
use super::{Tool, tool};
use crate::systems::linux::fs::{Errno, Ino, Kind, Mount};
use crate::systems::linux::model::Linux;
use crate::systems::linux::model::disks::Disk;
use crate::systems::linux::model::mounting::Listed;
use crate::systems::linux::proc::{Ended, Proc};
use crate::systems::linux::terminal;

/// The programs of this file.
pub static TOOLS: &[Tool] = &[tool!("mount", mount), tool!("umount", umount), tool!("findmnt", findmnt)];

/// Whether the messages are those of util-linux 2.32.
fn is_new(p: &Proc) -> bool {
    p.peek(|linux| linux.distro.has("util-linux", (2, 32, 0)))
}

/// A mounted file system as the kernel lists it.
pub(super) struct Row {
    pub(super) device: String,
    pub(super) dir: String,
    fstype: String,
    options: String,
}

pub(super) fn rows(p: &Proc) -> Vec<Row> {
    p.peek(|linux| {
        let row = |mount: &Mount| {
            let access = if mount.read_only { "ro" } else { "rw" };
            let rest = if mount.options.is_empty() { String::new() } else { format!(",{}", mount.options) };
            Row {
                device: mount.device.clone(),
                dir: mount.dir.clone(),
                fstype: mount.fstype.clone(),
                options: format!("{access}{rest}"),
            }
        };
        linux.fs.mounts().map(|(_, mount)| row(mount)).collect()
    })
}

async fn mount(p: &mut Proc, arguments: &[String]) -> Ended {
    const OPTIONS: Options = Options {
        short: "alt:o:rwvn",
        long: &[("all", 'a'), ("types:", 't'), ("options:", 'o'), ("read-only", 'r'), ("rw", 'w'), ("verbose", 'v')],
        gaps: "c T: i O: N: --fake --fstab: --fork --no-mtab --read-write --test-opts: --uuid: --label: \
               --make-shared --make-slave --make-private --make-unbindable --make-rshared --make-rslave \
               --make-rprivate --make-runbindable --no-canonicalize --internal-only --show-labels --target --source \
               --namespace: f F L: U: B --bind M --move R --rbind h V",
    };
    let given = given!(p, &OPTIONS, arguments, 1);
    let options: Vec<String> = given.values('o').flat_map(|list| list.split(',')).map(str::to_owned).collect();
    let types = given.value('t').map(str::to_owned);
    if given.has('a') {
        let mounted = rows(p);
        let mut status = 0;
        for listed in p.peek(Linux::fstab) {
            let there = mounted.iter().any(|row| row.dir == listed.dir);
            if there || !listed.is_automatic() {
                continue;
            }
            let options: Vec<String> = listed.options.split(',').map(str::to_owned).collect();
            if attach(p, &listed.device, &listed.dir, Some(&listed.fstype), &options, false).await? != 0 {
                status = 32;
            }
        }
        return Ok(status);
    }
    match &given.operands[..] {
        [] if options.is_empty() => {
            for row in rows(p) {
                if types.as_deref().is_none_or(|types| types.split(',').any(|wanted| wanted == row.fstype)) {
                    p.out(&format!("{} on {} type {} ({})\n", row.device, row.dir, row.fstype, row.options)).await?;
                }
            }
            Ok(0)
        }
        [] => misused(p, "bad usage", 1).await,
        [place] if options.iter().any(|option| option == "remount") => {
            remount(p, place, &options, given.has('r')).await
        }
        [place] => {
            let listed = p.peek(|linux| {
                let device = linux.device_named(place);
                let is = |listed: &Listed| listed.dir == *place || linux.device_named(&listed.device) == device;
                linux.fstab().into_iter().find(is)
            });
            let Some(listed) = listed else {
                let text = if is_new(p) {
                    format!("{place}: can't find in /etc/fstab.")
                } else {
                    format!("can't find {place} in /etc/fstab")
                };
                return p.fail(&text).await;
            };
            let mut all: Vec<String> = listed.options.split(',').map(str::to_owned).collect();
            all.extend(options);
            attach(p, &listed.device, &listed.dir, Some(&listed.fstype), &all, given.has('r')).await
        }
        [_, dir] if options.iter().any(|option| option == "remount") => remount(p, dir, &options, given.has('r')).await,
        [device, dir] => {
            let (device, dir) = (device.clone(), dir.clone());
            attach(p, &device, &dir, types.as_deref(), &options, given.has('r')).await
        }
        _ => misused(p, "bad usage", 1).await,
    }
}

/// Says what is wrong with a mount point; status 32.
async fn refuse(p: &mut Proc, new: &str, old: &str) -> Ended {
    let text = if is_new(p) { new } else { old };
    p.complain(text).await?;
    Ok(32)
}

async fn attach(
    p: &mut Proc,
    device: &str,
    dir: &str,
    fstype: Option<&str>,
    options: &[String],
    read_only: bool,
) -> Ended {
    if !p.cred.is_root() {
        p.complain("only root can do that").await?;
        return Ok(1);
    }
    if options.iter().any(|option| matches!(option.as_str(), "bind" | "rbind" | "loop" | "move")) {
        return p.gap(&format!("mount -o {}", options.join(",")));
    }
    if fstype.is_some_and(|fstype| fstype.starts_with("nfs") || fstype == "cifs" || fstype == "glusterfs")
        || device.contains(":/")
    {
        return p.gap("mount from another machine");
    }
    let device = &*p.peek(|linux| linux.device_named(device).to_owned());
    // Links are followed, except to a volume that is known by its name.
    let real = p.peek(|linux| linux.fs.canonical(&p.cred, &p.cwd, device)).unwrap_or_else(|_| device.to_owned());
    let device = if real.starts_with("/dev/dm-") { device } else { real.as_str() };
    let in_memory = fstype == Some("tmpfs");
    let kind = p.peek(|linux| {
        let ino = linux.fs.lookup(&p.cred, &p.cwd, device)?;
        Ok::<_, Errno>(linux.fs.node(ino).kind.clone())
    });
    if p.lookup(dir).is_err() {
        return refuse(p, &format!("{dir}: mount point does not exist."), &format!("mount point {dir} does not exist"))
            .await;
    }
    if !in_memory {
        match kind {
            Err(_) if device.starts_with("UUID=") || device.starts_with("LABEL=") => {
                let text = format!("can't find {device}");
                return refuse(p, &format!("{dir}: {text}."), &text).await;
            }
            Err(_) => {
                let new = format!("{dir}: special device {device} does not exist.");
                return refuse(p, &new, &format!("special device {device} does not exist")).await;
            }
            Ok(Kind::Block { major: 11, .. }) => {
                let loaded = p.world(|world, id| world.machine(id).vm.drive.readable().is_some());
                return match loaded {
                    true => p.gap("mount of a disc"),
                    false => {
                        refuse(
                            p,
                            &format!("{dir}: no medium found on {device}."),
                            &format!("no medium found on {device}"),
                        )
                        .await
                    }
                };
            }
            Ok(Kind::Block { .. }) => {}
            Ok(_) => {
                return refuse(
                    p,
                    &format!("{dir}: {device} is not a block device."),
                    &format!("{device} is not a block device"),
                )
                .await;
            }
        }
    }
    let known = p.peek(|linux| linux.volume(device));
    if !in_memory && known.is_none() {
        let disks = super::blocks::disks(p);
        let holds = disks.iter().flat_map(Disk::all).find(|part| part.device == device).and_then(|part| part.holds);
        if let Some(holds) = holds.filter(|_| fstype.is_none_or(|fstype| fstype == "auto")) {
            let text = format!("unknown filesystem type '{holds}'");
            return refuse(p, &format!("{dir}: {text}."), &text).await;
        }
        let text = format!(
            "wrong fs type, bad option, bad superblock on {device}, missing codepage or helper program, or other error."
        );
        return refuse(p, &format!("{dir}: {text}"), &text).await;
    }
    let mut mount = match known {
        Some(volume) if !in_memory => volume,
        _ => p.peek(|linux| linux.in_memory(device)),
    };
    mount.take(&options.join(","));
    mount.read_only |= read_only;
    let (cred, cwd) = (p.cred.clone(), p.cwd.clone());
    match p.fs(|fs, now| fs.mount(&cred, &cwd, mount, dir, now)) {
        Ok(_) => Ok(0),
        Err(Errno::Busy) => {
            let on = rows(p).into_iter().find(|row| row.device == device).map_or(dir.to_owned(), |row| row.dir);
            if on != dir.trim_end_matches('/') {
                return p.gap("a device that is mounted at two places");
            }
            let old = format!("{device} is already mounted or {dir} busy\n       {device} is already mounted on {on}");
            refuse(p, &format!("{dir}: {device} already mounted on {on}."), &old).await
        }
        Err(Errno::Notdir) => {
            refuse(
                p,
                &format!("{dir}: mount point is not a directory."),
                &format!("mount point {dir} is not a directory"),
            )
            .await
        }
        Err(errno) => refuse(p, &format!("{dir}: {}", errno.text()), errno.text()).await,
    }
}

async fn remount(p: &mut Proc, place: &str, options: &[String], read_only: bool) -> Ended {
    if !p.cred.is_root() {
        p.complain("only root can do that").await?;
        return Ok(1);
    }
    let device = p.peek(|linux| linux.device_named(place).to_owned());
    let dir = rows(p).into_iter().find(|row| row.device == device).map_or(place.to_owned(), |row| row.dir);
    let read_only = read_only || options.iter().any(|option| option == "ro");
    let (cred, cwd) = (p.cred.clone(), p.cwd.clone());
    let set: Vec<&str> = options.iter().map(String::as_str).filter(|option| *option != "remount").collect();
    match p.fs(|fs, _| fs.remount(&cred, &cwd, &dir, read_only, &set.join(","), &[])) {
        Ok(()) => Ok(0),
        Err(Errno::Busy) => refuse(p, &format!("{dir}: mount point is busy."), &format!("{dir} is busy")).await,
        Err(_) => {
            refuse(
                p,
                &format!("{dir}: mount point not mounted or bad option."),
                &format!("{dir} not mounted or bad option"),
            )
            .await
        }
    }
}

async fn umount(p: &mut Proc, arguments: &[String]) -> Ended {
    const OPTIONS: Options = Options {
        short: "flvn",
        long: &[("force", 'f'), ("lazy", 'l'), ("verbose", 'v')],
        gaps: "A c d i O: q N: h V --all-targets --detach-loop --fake --internal-only --no-canonicalize --no-mtab \
               --quiet --read-only --test-opts: --namespace: a --all r R --recursive t: --types:",
    };
    let given = given!(p, &OPTIONS, arguments, 1);
    if given.operands.is_empty() {
        return misused(p, "bad usage", 1).await;
    }
    let mut status = 0;
    for place in given.operands.clone() {
        let code = detach(p, &place, given.has('l')).await?;
        if code != 0 {
            status = code;
        }
    }
    Ok(status)
}

async fn detach(p: &mut Proc, place: &str, lazy: bool) -> Ended {
    if !p.cred.is_root() {
        let text = if is_new(p) {
            format!("{place}: must be superuser to unmount.")
        } else {
            format!("{place}: umount failed: Operation not permitted")
        };
        p.complain(&text).await?;
        return Ok(32);
    }
    let device = p.peek(|linux| linux.device_named(place).to_owned());
    let dir = rows(p).into_iter().rev().find(|row| row.device == device).map_or(place.to_owned(), |row| row.dir);
    let in_use = if lazy { Vec::new() } else { in_use(p) };
    let (cred, cwd) = (p.cred.clone(), p.cwd.clone());
    if lazy {
        // What is mounted below goes with it.
        let inside = format!("{}/", dir.trim_end_matches('/'));
        for row in rows(p).into_iter().rev().filter(|row| dir != "/" && row.dir.starts_with(&inside)) {
            let _ = p.fs(|fs, _| fs.umount(&cred, "/", &row.dir, &[]));
        }
    }
    match p.fs(|fs, _| fs.umount(&cred, &cwd, &dir, &in_use)) {
        Ok(()) => Ok(0),
        Err(Errno::Inval) => refuse(p, &format!("{place}: not mounted."), &format!("{place}: not mounted")).await,
        Err(Errno::Busy) => {
            let old = format!(
                "{place}: target is busy.\n        (In some cases useful info about processes that use\n         the device is found by \
                 lsof(8) or fuser(1))"
            );
            refuse(p, &format!("{place}: target is busy."), &old).await
        }
        Err(_) => {
            refuse(p, &format!("{place}: no mount point specified."), &format!("{place}: mountpoint not found")).await
        }
    }
}

/// What keeps a file system from being unmounted: the directories in which the program and its shell are, open files.
pub fn in_use(p: &Proc) -> Vec<Ino> {
    let shell = p.cx.with(|cx| terminal::shell(cx.session).map(|bash| bash.cwd.clone()));
    let places = std::iter::once(p.cwd.clone()).chain(shell).filter_map(|dir| p.lookup(&dir).ok());
    let open: Vec<Ino> =
        p.peek(|linux| linux.processes.iter().flat_map(|(_, process)| process.holds.clone()).collect());
    places.chain(open).collect()
}

async fn findmnt(p: &mut Proc, arguments: &[String]) -> Ended {
    const OPTIONS: Options = Options {
        short: "no:lt:",
        long: &[("noheadings", 'n'), ("output:", 'o'), ("list", 'l'), ("types:", 't')],
        gaps: "s m k p:: w: A a b C c D d: e F: f i J N: O: P R M: U u v y x h V --all --ascii --bytes \
               --canonicalize --direction: --df --evaluate --first-only --fstab --invert --json --kernel \
               --mountpoint: --mtab --notruncate --options: --output-all --poll:: --pairs --nocanonicalize \
               --nofsroot --submounts --tab-file: --task: --timeout: --uniq --verify --shell --verbose --tree r \
               --raw S: --source: T: --target:",
    };
    let given = given!(p, &OPTIONS, arguments, 1);
    let columns: Vec<String> =
        given.value('o').unwrap_or("TARGET,SOURCE,FSTYPE,OPTIONS").split(',').map(str::to_uppercase).collect();
    let all = rows(p);
    let place = given.operands.first();
    let types = given.value('t');
    let flat = given.has('l') || place.is_some() || types.is_some();
    let wanted: Vec<usize> = (0..all.len())
        .filter(|at| place.is_none_or(|place| all[*at].dir == *place || all[*at].device == *place))
        .filter(|at| types.is_none_or(|types| types.split(',').any(|wanted| wanted == all[*at].fstype)))
        .collect();
    let named: Vec<(String, usize)> = if flat {
        wanted.iter().map(|at| (all[*at].dir.clone(), *at)).collect()
    } else {
        let mut tree = Vec::new();
        let root = all.iter().position(|row| row.dir == "/").unwrap_or(0);
        tree.push((all[root].dir.clone(), root));
        branches(&all, root, "", &mut tree);
        tree
    };
    if named.is_empty() {
        return Ok(1);
    }
    let cells: Vec<Vec<String>> = named
        .iter()
        .map(|(name, at)| {
            let row = &all[*at];
            let cell = |column: &String| match column.as_str() {
                "TARGET" => name.clone(),
                "SOURCE" => row.device.clone(),
                "FSTYPE" => row.fstype.clone(),
                "OPTIONS" => row.options.clone(),
                _ => String::new(),
            };
            columns.iter().map(cell).collect()
        })
        .collect();
    let mut text = String::new();
    let width = |at: usize| cells.iter().map(|row| row[at].chars().count()).max().unwrap_or(0).max(columns[at].len());
    let heads = (!given.has('n')).then(|| columns.clone());
    for row in heads.iter().chain(&cells) {
        let line: Vec<String> = row.iter().enumerate().map(|(at, cell)| format!("{cell:<0$}", width(at))).collect();
        text.push_str(line.join(" ").trim_end());
        text.push('\n');
    }
    p.out(&text).await?;
    Ok(0)
}

/// The file systems that are mounted under another one, with the branches of a tree before them.
fn branches(all: &[Row], above: usize, before: &str, tree: &mut Vec<(String, usize)>) {
    let parent = |at: usize| {
        let inside = |other: &usize| {
            let dir = &all[*other].dir;
            *other != at && (dir == "/" || all[at].dir.starts_with(&format!("{dir}/")))
        };
        (0..all.len()).filter(inside).max_by_key(|other| all[*other].dir.len())
    };
    let below: Vec<usize> = (0..all.len()).filter(|at| *at != above && parent(*at) == Some(above)).collect();
    for (place, at) in below.iter().enumerate() {
        let last = place + 1 == below.len();
        tree.push((format!("{before}{}{}", if last { "└─" } else { "├─" }, all[*at].dir), *at));
        branches(all, *at, &format!("{before}{}", if last { "  " } else { "│ " }), tree);
    }
}
