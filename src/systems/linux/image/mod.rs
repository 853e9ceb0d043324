//! The disks of a machine as an installation leaves them: the tree, programs, devices and mounts of a distribution. What
//! follows from the machine's model is not stored but [made](crate::systems::linux::fs::Content::Made) when it is read;
//! [`files::made_on`] lists from what.

use std::collections::BTreeMap;

use super::clock::zones;
use super::distro::{Distro, Kernel, Vendor, Volume, units};
use super::fs::{Content, Cred, Fs, Ino, Kind, Mount};
use super::model::disks;
use crate::sim::Instant;

pub mod boot;
pub mod bulk;
mod cron;
pub mod esxi;
pub mod files;
pub mod folders;
mod packages;
pub mod programs;
mod settings;
pub mod ssh;
pub mod uuid;
mod volumes;

/// A tree that grows, with the directories that were made already by their path.
struct Builder<'a> {
    fs: Fs,
    dirs: BTreeMap<&'a str, Ino>,
    labels: BTreeMap<&'static str, &'static str>,
    now: Instant,
}

/// The files of a fresh machine with this kernel and this number, installed at `now`. Mounts have the distribution's sizes; who knows the machine's disks
/// sets them ([`Fs::set_mount`]).
#[must_use]
pub fn build(distro: &Distro, kernel: &Kernel, machine: &str, now: Instant) -> Fs {
    let place = distro.volumes.iter().position(|volume| volume.dir == "/").unwrap_or(0);
    let fs = Fs::new(file_system(&distro.volumes[place]), now);
    let labels = if distro.selinux { files::LABELS.iter().copied().collect() } else { BTreeMap::new() };
    let mut tree = Builder { dirs: BTreeMap::from([("", fs.root())]), fs, labels, now };
    tree.label("/", tree.fs.root());
    let layered = distro.is_layered();
    let of = |dir: &str| distro.volumes.iter().find(|volume| volume.dir == dir && volume.is_on_disk());
    for (path, mode) in files::directories(distro) {
        tree.dir(path, *mode);
        // What lies below is on the file system of its own.
        if let Some(volume) = of(path).filter(|volume| layered && volume.dir != "/") {
            tree.mount(volume);
            tree.settle_root(path, *mode);
        }
    }
    let mounted: Vec<String> = tree.fs.mounts().map(|(_, mount)| mount.dir.clone()).collect();
    for volume in distro.volumes.iter().filter(|volume| !mounted.iter().any(|dir| dir == volume.dir)) {
        tree.mount(volume);
    }
    if layered {
        tree.fs.list_as(&distro.volumes.iter().map(|volume| volume.dir).collect::<Vec<_>>());
    } else {
        tree.fs.list_root_at(place);
    }
    for (path, target) in distro.places() {
        tree.put(path, Kind::Link(target.to_owned()), 0o777);
    }
    for path in files::mounted_directories(distro) {
        tree.dir(path, 0o755);
    }
    tree.devices(distro, machine);
    for (path, target) in files::links(distro) {
        tree.put(path, Kind::Link((*target).to_owned()), 0o777);
    }
    for made in files::made_on(distro) {
        tree.put(made.path, Kind::File(Content::Made(made.from.into())), made.mode);
    }
    for (path, mode, text) in files::texts(distro, machine, now) {
        tree.put(path, Kind::File(Content::text(text)), mode);
    }
    let files = match distro.vendor {
        Vendor::Esxi => volumes::files(distro),
        _ => boot::files(distro, &kernel.release, machine),
    };
    for (path, kind, mode) in files {
        tree.put(&path, kind, mode);
    }
    tree.programs(distro);
    tree.units(distro);
    tree.settings(distro);
    tree.secure_shell(distro);
    tree.zones(distro);
    tree.owners(distro);
    if distro.vendor == Vendor::Esxi {
        volumes::fill(&mut tree.fs, distro, now);
    }
    bulk::settle(&mut tree.fs, distro, machine, &[], now);
    tree.fs
}

/// A file system of the installation before it is mounted.
#[must_use]
pub fn file_system(volume: &Volume) -> Mount {
    let mut mount = Mount::new(volume.device, volume.fstype, volume.size << 10);
    volume.options.clone_into(&mut mount.options);
    if let Some(rest) = volume.options.strip_prefix("ro,") {
        (mount.options, mount.read_only) = (rest.to_owned(), true);
    }
    mount.reserved = (volume.size - volume.used - volume.available) << 10;
    mount
}

impl<'a> Builder<'a> {
    /// Puts a file under a path whose directory is there.
    fn put(&mut self, path: &str, kind: Kind, mode: u16) -> Ino {
        let (dir, name) = path.rsplit_once('/').expect("paths of the image are absolute");
        let dir = self.find(dir);
        let put = self.fs.put(&Cred::ROOT, dir, name, kind, mode, self.now);
        let ino = put.unwrap_or_else(|e| panic!("the image has no place for {path}: {e}"));
        self.label(path, ino);
        ino
    }

    fn dir(&mut self, path: &'a str, mode: u16) {
        let ino = self.put(path, Kind::EMPTY_DIR, mode);
        self.dirs.insert(path, ino);
    }

    fn find(&self, dir: &str) -> Ino {
        match self.dirs.get(dir) {
            Some(ino) => *ino,
            None => self.fs.lookup(&Cred::ROOT, "/", dir).unwrap_or_else(|e| panic!("the image has no {dir}: {e}")),
        }
    }

    fn label(&mut self, path: &str, ino: Ino) {
        if let Some(label) = self.labels.get(path) {
            self.fs.set_label(ino, Some((*label).into()));
        }
    }

    /// Mounts a file system; its directory is made when it is not there.
    fn mount(&mut self, volume: &Volume) {
        if self.fs.lookup(&Cred::ROOT, "/", volume.dir).is_err() {
            let (above, _) = volume.dir.rsplit_once('/').expect("absolute");
            if self.fs.lookup(&Cred::ROOT, "/", above).is_err() {
                self.put(above, Kind::EMPTY_DIR, 0o755);
            }
            self.put(volume.dir, Kind::EMPTY_DIR, 0o755);
        }
        let index =
            self.fs.mount(&Cred::ROOT, "/", file_system(volume), volume.dir, self.now).expect("a directory for it");
        let root = self.fs.mount_of(index).expect("it was mounted").root();
        if volume.fstype == "tmpfs" && volume.options.contains("mode=755") {
            self.fs.chmod(&Cred::ROOT, root, 0o755, self.now).unwrap_or_default();
        }
        self.dirs.retain(|dir, _| *dir != volume.dir);
    }

    /// The root directory of a file system that was mounted just now is as the directory under it.
    fn settle_root(&mut self, path: &str, mode: u16) {
        let root = self.find(path);
        self.fs.chmod(&Cred::ROOT, root, mode, self.now).unwrap_or_default();
        self.label(path, root);
    }

    fn devices(&mut self, distro: &Distro, machine: &str) {
        for (name, major, minor, mode) in files::CHARACTER_DEVICES {
            self.put(&format!("/dev/{name}"), Kind::Char { major: *major, minor: *minor }, *mode);
        }
        if distro.vendor == Vendor::Esxi {
            return;
        }
        self.put("/dev/sr0", Kind::Block { major: 11, minor: 0 }, 0o660);
        let disks = disks::table(distro, &[]);
        let block = |(major, minor): (u32, u32)| Kind::Block { major, minor };
        for disk in &disks {
            self.put(&disk.device, block(disk.number), 0o660);
            for part in &disk.parts {
                self.put(&part.device, block(part.number), 0o660);
            }
        }
        let mut links = Vec::new();
        for part in disks.iter().flat_map(disks::Disk::all) {
            let node = distro.kernels_name(&part.device);
            if part.start == 0 {
                self.put(&format!("/dev/{node}"), block(part.number), 0o660);
                self.put(&part.device, Kind::Link(format!("../{node}")), 0o777);
                // A group and a volume, by the names that LVM gives them.
                let (group, volume) = Distro::logical_volume(&part.device);
                links.push((format!("/dev/{group}/{volume}"), format!("../{node}")));
            }
            if part.holds.is_some_and(|holds| holds != "LVM2_member") {
                let uuid = uuid::of(machine, &part.device, false);
                links.push((format!("/dev/disk/by-uuid/{uuid}"), format!("../../{node}")));
            }
        }
        for (path, target) in links {
            let dir = path.rsplit_once('/').map_or("", |(dir, _)| dir);
            for dir in dir.match_indices('/').skip(2).map(|(at, _)| &dir[..at]).chain([dir]) {
                if self.fs.lookup(&Cred::ROOT, "/", dir).is_err() {
                    self.put(dir, Kind::EMPTY_DIR, 0o755);
                }
            }
            self.put(&path, Kind::Link(target), 0o777);
        }
    }

    /// What does not belong to root alone, and what not even root writes into.
    fn owners(&mut self, distro: &Distro) {
        for path in files::read_only_directories(distro) {
            let dir = self.find(path);
            self.fs.chmod(&Cred::ROOT, dir, 0o555, self.now).unwrap_or_else(|e| panic!("{path}: {e}"));
        }
        let Some(group) = distro.groups().find(|group| group.name == "utmp") else { return };
        for path in files::LOGIN_RECORDS {
            let Ok(ino) = self.fs.lookup(&Cred::ROOT, "/", path) else { continue };
            self.fs.chown(&Cred::ROOT, ino, None, Some(group.gid), self.now).unwrap_or_else(|e| panic!("{path}: {e}"));
        }
    }

    /// Units with the links that enable them, and the programs that they run.
    fn units(&mut self, distro: &Distro) {
        for unit in units::units(distro) {
            let path = unit.path(distro);
            let mode = if distro.systemd.is_some() { 0o644 } else { 0o755 };
            self.put(&path, Kind::File(Content::Made(format!("linux/unit/{}", unit.name).into())), mode);
            self.daemon(unit);
            if !unit.enabled {
                continue;
            }
            if distro.systemd.is_none() {
                let name = unit.name.trim_end_matches(".service");
                for level in ["rc3.d", "rc5.d"] {
                    self.put(&format!("/etc/init.d/{level}/S10{name}"), Kind::Link(format!("../{name}")), 0o777);
                }
                self.put(&format!("/usr/sbin/rc{name}"), Kind::Link(format!("/etc/init.d/{name}")), 0o777);
                continue;
            }
            let folder = format!("/etc/systemd/system/{}.wants", unit.wanted_by);
            if self.fs.lookup(&Cred::ROOT, "/", &folder).is_err() {
                self.put(&folder, Kind::EMPTY_DIR, 0o755);
            }
            self.put(&format!("{folder}/{}", unit.name), Kind::Link(path), 0o777);
        }
        if distro.systemd.is_some() {
            let target = Kind::Link("/lib/systemd/system/multi-user.target".to_owned());
            self.put("/etc/systemd/system/default.target", target, 0o777);
        }
    }

    /// The program that a unit runs.
    fn daemon(&mut self, unit: &units::Unit) {
        let command = unit.runs.split(';').find_map(|line| line.strip_prefix("ExecStart=")).unwrap_or_default();
        let path = command.split_whitespace().next().unwrap_or_default().trim_start_matches('-');
        let Some((dir, name)) = path.rsplit_once('/') else { return };
        let Ok(dir) = self.fs.lookup(&Cred::ROOT, "/", dir) else { return };
        if self.fs.node(dir).entries().is_some_and(|entries| !entries.contains_key(name)) {
            let content = Kind::File(Content::Program(name.to_owned().into(), 300 << 10));
            self.fs
                .put(&Cred::ROOT, dir, name, content, 0o755, self.now)
                .unwrap_or_else(|e| panic!("no place for {path}: {e}"));
        }
    }

    /// What programs read that no other part of the installation has made.
    fn settings(&mut self, distro: &Distro) {
        let own = settings::directories(distro).iter().chain(cron::directories(distro));
        for (path, mode) in own.chain(folders::directories(distro)) {
            self.put(path, Kind::EMPTY_DIR, *mode);
        }
        for (path, mode, text) in settings::texts(distro).into_iter().chain(cron::texts(distro)) {
            self.put(path, Kind::File(Content::text(text)), mode);
        }
        for (path, mode, text) in folders::texts(distro) {
            self.put(&path, Kind::File(Content::text(text)), mode);
        }
        for (path, target) in folders::links(distro) {
            self.put(path, Kind::Link((*target).to_owned()), 0o777);
        }
    }

    /// The settings of the secure shell and the keys of its daemon.
    fn secure_shell(&mut self, distro: &Distro) {
        if ssh::texts(distro).iter().any(|(path, ..)| path.contains(".d/")) {
            self.put("/etc/ssh/ssh_config.d", Kind::EMPTY_DIR, 0o755);
        }
        for (path, mode, text) in ssh::texts(distro) {
            self.put(path, Kind::File(Content::text(text)), mode);
        }
        let group = distro.groups().find(|group| group.name == "ssh_keys" && ssh::has_group(distro));
        for kind in ssh::host_keys(distro) {
            let made = |end: &str| Kind::File(Content::Made(format!("linux/ssh/{kind}{end}").into()));
            let path = format!("/etc/ssh/ssh_host_{kind}_key");
            let private = self.put(&path, made(""), if group.is_some() { 0o640 } else { 0o600 });
            self.put(&format!("{path}.pub"), made(".pub"), 0o644);
            let gid = group.as_ref().map(|group| group.gid);
            self.fs.chown(&Cred::ROOT, private, None, gid, self.now).unwrap_or_else(|e| panic!("{path}: {e}"));
        }
    }

    /// A file for each time zone.
    fn zones(&mut self, distro: &Distro) {
        const TOP: &str = "/usr/share/zoneinfo";
        if distro.vendor == Vendor::Esxi {
            return;
        }
        let mut dirs = BTreeMap::from([("", self.find(TOP))]);
        for name in zones::all() {
            for (end, _) in name.match_indices('/') {
                let dir = &name[..end];
                if !dirs.contains_key(dir) {
                    dirs.insert(dir, self.put(&format!("{TOP}/{dir}"), Kind::EMPTY_DIR, 0o755));
                }
            }
            let (dir, last) = name.rsplit_once('/').unwrap_or(("", name));
            let kind = Kind::File(Content::Made(format!("{}{name}", zones::MADE).into()));
            let put = self.fs.put(&Cred::ROOT, dirs[dir], last, kind, 0o644, self.now);
            put.unwrap_or_else(|e| panic!("the image has no place for {name}: {e}"));
        }
    }

    fn programs(&mut self, distro: &Distro) {
        for program in programs::programs(distro).chain(programs::others(distro)) {
            let dir = self.find(&program.dir);
            let file = Kind::File(Content::Program(program.name.into(), program.size));
            self.fs.put(&Cred::ROOT, dir, program.name, file, program.mode, self.now).unwrap_or_else(|e| {
                panic!("the image has no place for {}/{}: {e}", program.dir, program.name);
            });
        }
        for alias in programs::aliases(distro) {
            self.put(&format!("{}/{}", alias.dir, alias.name), Kind::Link(alias.target.to_owned()), 0o777);
        }
    }
}

#[cfg(test)]
mod tests;
