//! What a boot mounts: the trees of the kernel and the memory anew, and what `/etc/fstab` lists by then (fstab(5), mount(8),
//! systemd.mount(5)). What somebody mounted by hand is gone, and so is what was only in memory.

use super::super::distro::{Vendor, Volume};
use super::super::fs::{Content, Cred, Errno, Mount};
use super::super::image::{self, uuid};
use super::Linux;
use crate::sim::{Instant, Span};

/// A line of `/etc/fstab`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// What is mounted: a device, a name, `HOST:/PATH`.
    pub device: String,
    /// Where.
    pub dir: String,
    /// Its type; `swap` for swap space.
    pub fstype: String,
    /// Options, with commas between.
    pub options: String,
}

impl Listed {
    /// The lines of a file that say something.
    #[must_use]
    pub fn read(text: &str) -> Vec<Self> {
        let line = |line: &str| {
            let words: Vec<&str> = line.split('#').next().unwrap_or_default().split_whitespace().collect();
            let [device, dir, fstype, ref rest @ ..] = words[..] else { return None };
            Some(Self {
                device: device.to_owned(),
                dir: dir.to_owned(),
                fstype: fstype.to_owned(),
                options: rest.first().map_or("defaults", |options| options).to_owned(),
            })
        };
        text.lines().filter_map(line).collect()
    }

    /// Whether an option is among its own.
    #[must_use]
    pub fn has(&self, option: &str) -> bool {
        self.options.split(',').any(|own| own == option)
    }

    /// Whether it comes from another machine, without which a boot goes on.
    fn is_remote(&self) -> bool {
        matches!(self.fstype.as_str(), "nfs" | "nfs4" | "cifs" | "glusterfs") || self.has("_netdev")
    }

    /// Whether it is mounted at boot, and by `mount -a`.
    #[must_use]
    pub fn is_automatic(&self) -> bool {
        self.fstype != "swap" && !self.has("noauto")
    }
}

/// How long systemd waits for a device that is not there.
pub const WAIT: Span = Span::secs(90);

/// Why a line of `/etc/fstab` came to nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failure {
    /// The device is not there: systemd waits for it in vain.
    NoDevice,
    /// It is there, and cannot be mounted.
    Refused,
}

/// What came of mounting at a boot.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mounted {
    /// Devices that are waited for, with their mount points.
    pub awaited: Vec<(String, String)>,
    /// After how long the boot gives up, where it cannot do without one that is missing.
    pub gives_up: Option<Span>,
}

impl Linux {
    /// The file systems that are to be mounted at boot.
    #[must_use]
    pub fn fstab(&self) -> Vec<Listed> {
        let Ok(ino) = self.fs.lookup(&Cred::ROOT, "/", "/etc/fstab") else { return Vec::new() };
        let Some(Content::Bytes(bytes)) = self.fs.content(ino) else { return Vec::new() };
        Listed::read(&String::from_utf8_lossy(bytes))
    }

    /// The number that a file system was given when it was made, as `blkid` shows it.
    #[must_use]
    pub fn uuid(&self, device: &str) -> String {
        uuid::of(&self.machine_id(), device, false)
    }

    /// The device that is meant, where it may be named by `UUID=` or by any of its links. No file system has a label.
    #[must_use]
    pub fn device_named<'a>(&self, name: &'a str) -> &'a str {
        let mut devices = self.distro.volumes.iter().map(|volume| volume.device).chain([self.distro.swap.0]);
        if let Some(wanted) = name.strip_prefix("UUID=") {
            let wanted = wanted.trim_matches('"');
            return devices.find(|device| self.uuid(device) == wanted).unwrap_or(name);
        }
        let Ok(node) = self.fs.canonical(&Cred::ROOT, "/", name) else { return name };
        let is =
            |device: &&str| device.starts_with("/dev/") && node == format!("/dev/{}", self.distro.kernels_name(device));
        devices.find(is).unwrap_or(name)
    }

    /// A device of the installation as it is mounted, without its place.
    #[must_use]
    pub fn volume(&self, device: &str) -> Option<Mount> {
        self.distro.volumes.iter().find(|volume| volume.device == device).map(image::file_system)
    }

    /// A file system in memory, without its place: half of the memory is its limit.
    #[must_use]
    pub fn in_memory(&self, name: &str) -> Mount {
        let mut mount = Mount::new(name, "tmpfs", self.memory_kib() << 9);
        if self.distro.selinux {
            mount.options.push_str(",seclabel");
        }
        mount
    }

    /// The boot mounts.
    pub fn mount_at_boot(&mut self, now: Instant) -> Mounted {
        // The tree of ESXi is another matter: it comes from its boot bank.
        if self.distro.vendor == Vendor::Esxi {
            return Mounted::default();
        }
        self.unmount_strangers(&self.fstab());
        let fresh = image::build(&self.distro, &self.kernel(), &self.machine_id(), now);
        for volume in self.distro.volumes.iter().filter(|volume| !volume.is_on_disk()) {
            if self.mounted_at(volume.dir).is_none() {
                let mounted = image::file_system(volume);
                // Its directory is the kernel's, and nobody can have taken it away.
                let _ = self.fs.mount(&Cred::ROOT, "/", mounted, volume.dir, now);
            }
            if matches!(volume.fstype, "tmpfs" | "devtmpfs") {
                // A machine that is full of files has no room for more: then they are missing.
                let _ = self.fs.renew(volume.dir, &fresh, now);
            }
        }
        self.mount_fstab(now)
    }

    /// What `/etc/fstab` lists is mounted. SysV init goes on without what it cannot mount; systemd only where the line says that
    /// it may be missing.
    pub fn mount_fstab(&mut self, now: Instant) -> Mounted {
        let mut mounted = Mounted::default();
        let listed = self.fstab();
        self.use_swap(&listed, &mut mounted);
        for line in listed.into_iter().filter(Listed::is_automatic) {
            let Err(failure) = self.mount_listed(&line, now) else { continue };
            let may_be_missing = self.distro.systemd.is_none() || line.has("nofail") || line.is_remote();
            let after = match failure {
                Failure::NoDevice if !line.is_remote() => {
                    mounted.awaited.push((line.device, line.dir));
                    WAIT
                }
                _ => {
                    self.manager_says(now, 6, "", format!("Mounting {}...", line.dir));
                    self.manager_says(now, 3, "", format!("Failed to mount {}.", line.dir));
                    Span::ZERO
                }
            };
            if !may_be_missing {
                mounted.gives_up = mounted.gives_up.max(Some(after));
            }
        }
        mounted
    }

    /// The swap space is taken into use that is listed. A device that is missing is waited for.
    fn use_swap(&mut self, listed: &[Listed], mounted: &mut Mounted) {
        let wanted = listed.iter().filter(|line| line.fstype == "swap" && !line.has("noauto"));
        let own = self.distro.swap.0;
        let (found, missing): (Vec<_>, Vec<_>) = wanted.partition(|line| self.device_named(&line.device) == own);
        self.swap_is_off = found.is_empty();
        for line in missing {
            if self.fs.lookup(&Cred::ROOT, "/", &line.device).is_err() {
                mounted.awaited.push((line.device.clone(), "swap".to_owned()));
            }
        }
    }

    /// A device was waited for in vain.
    pub fn wait_in_vain(&mut self, device: &str, dir: &str, now: Instant) {
        let tag = device.split_once('=').filter(|(tag, _)| matches!(*tag, "UUID" | "LABEL"));
        let path = match tag {
            Some((tag, value)) => format!("/dev/disk/by-{}/{}", tag.to_lowercase(), value.trim_matches('"')),
            None => device.to_owned(),
        };
        let dir = if dir == "swap" { &path } else { dir };
        let unit = path.trim_start_matches('/').replace('-', "\\x2d").replace('/', "-");
        for text in [
            format!("{unit}.device: Job {unit}.device/start timed out."),
            format!("Timed out waiting for device {path}."),
            format!("Dependency failed for {dir}."),
        ] {
            self.manager_says(now, 3, "", text);
        }
    }

    /// The file system that is mounted at a directory.
    fn mounted_at(&self, dir: &str) -> Option<usize> {
        self.fs.mounts().filter(|(_, mount)| mount.dir == dir).map(|(index, _)| index).last()
    }

    /// Takes away what neither the kernel nor `/etc/fstab` mounts.
    fn unmount_strangers(&mut self, listed: &[Listed]) {
        let known = |mount: &Mount| {
            let own =
                |volume: &Volume| volume.dir == mount.dir && volume.device == mount.device && !volume.is_on_disk();
            let line = |line: &Listed| {
                line.is_automatic() && line.dir == mount.dir && self.device_named(&line.device) == mount.device
            };
            mount.dir == "/" || self.distro.volumes.iter().any(own) || listed.iter().any(line)
        };
        let strangers: Vec<String> =
            self.fs.mounts().filter(|(_, mount)| !known(mount)).map(|(_, mount)| mount.dir.clone()).collect();
        for dir in strangers.into_iter().rev() {
            // What is mounted below a stranger is one, too, and was mounted later.
            let _ = self.fs.umount(&Cred::ROOT, "/", &dir, &[]);
        }
    }

    /// Mounts what a line of `/etc/fstab` says.
    ///
    /// # Errors
    /// Its device is not there, or cannot be mounted.
    pub fn mount_listed(&mut self, line: &Listed, now: Instant) -> Result<(), Failure> {
        if let Some(index) = self.mounted_at(&line.dir) {
            let read_only = line.has("ro");
            self.fs.set_mount(index, |mount| mount.read_only = read_only);
            return Ok(());
        }
        let device = self.device_named(&line.device);
        let mut mount = match line.fstype.as_str() {
            "tmpfs" => self.in_memory(device),
            _ => self.volume(device).ok_or_else(|| match self.fs.lookup(&Cred::ROOT, "/", device) {
                Ok(_) => Failure::Refused,
                Err(_) => Failure::NoDevice,
            })?,
        };
        mount.take(&line.options);
        // A mount point that is missing is made.
        match self.fs.mkdir(&Cred::ROOT, "/", &line.dir, 0o755, now) {
            Ok(_) | Err(Errno::Exist) => {}
            Err(_) => return Err(Failure::Refused),
        }
        self.fs.mount(&Cred::ROOT, "/", mount, &line.dir, now).map(drop).map_err(|_| Failure::Refused)
    }
}
