//! File systems and where they are mounted. One that is unmounted keeps its files until its device is mounted again;
//! what was only in memory is gone.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::inode::Layout;
use super::{Cred, Errno, Fs, Ino, Inode, Kind};
use crate::sim::Instant;

/// So many file systems a machine knows at once.
const MOUNTS_MAX: usize = 256;

/// A file system and how it is mounted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mount {
    /// Its device or, where there is none, a name: `/dev/sda1`, `tmpfs`.
    pub device: String,
    /// The path at which it is mounted; the last one when it is not. Set by [`Fs::mount`].
    pub dir: String,
    /// Its type: `xfs`, `ext3`, `tmpfs` …
    pub fstype: String,
    /// Mount options beside `ro` and `rw`, with commas between.
    pub options: String,
    /// Its size in bytes, as `df` has it: without what the file system keeps for itself. 0: has none.
    pub size: u64,
    /// Bytes that only root can use.
    pub reserved: u64,
    /// Bytes in files that are not modelled.
    pub used_by_rest: u64,
    /// Bytes in files that a model keeps apart from the tree.
    #[serde(default)]
    pub used_by_model: u64,
    /// Number of inodes; 0: as many as one likes, as on btrfs.
    pub inodes: u64,
    /// Inodes of files that are not modelled.
    pub inodes_by_rest: u64,
    /// Mounted read-only.
    pub read_only: bool,
    /// When it was mounted.
    #[serde(default)]
    pub since: Option<Instant>,
    pub(super) root: Ino,
    at: At,
}

/// Where a file system is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum At {
    /// It is the root of the tree.
    Root,
    /// On this directory.
    Over(Ino),
    /// Unmounted, with its files.
    Nowhere,
    /// Gone with its files; the entry can be used again.
    Gone,
}

impl Mount {
    /// A file system that is not mounted yet, of `size` bytes. It has an inode for each 16 KiB (`mkfs`'s usual ratio).
    #[must_use]
    pub fn new(device: &str, fstype: &str, size: u64) -> Self {
        Self {
            device: device.to_owned(),
            dir: String::new(),
            fstype: fstype.to_owned(),
            options: "relatime".to_owned(),
            size,
            reserved: 0,
            used_by_rest: 0,
            used_by_model: 0,
            inodes: size / 16_384,
            inodes_by_rest: 0,
            read_only: false,
            since: None,
            root: Ino(0),
            at: At::Nowhere,
        }
    }

    /// Whether it is mounted with an option.
    #[must_use]
    pub fn has(&self, option: &str) -> bool {
        self.options.split(',').any(|own| own == option)
    }

    /// Takes options as `mount -o` and fstab(5) have them, with commas between: those that the kernel shows again it keeps.
    pub fn take(&mut self, options: &str) {
        for option in options.split(',').filter(|option| !option.is_empty()) {
            match option {
                "ro" => self.read_only = true,
                "rw" => self.read_only = false,
                "defaults" | "auto" | "noauto" | "nofail" | "_netdev" | "user" | "nouser" | "users" => {}
                _ if option.starts_with("x-") || option.starts_with("comment=") => {}
                _ => {
                    let size = option.strip_prefix("size=").and_then(|size| limit(size, self.size));
                    let shown = match size {
                        Some(bytes) if self.fstype == "tmpfs" => {
                            self.size = bytes;
                            format!("size={}k", bytes >> 10)
                        }
                        _ => option.to_owned(),
                    };
                    self.set(&shown);
                }
            }
        }
    }

    /// Sets an option, in the place of its opposite; those of every file system come first, as the kernel lists them.
    fn set(&mut self, option: &str) {
        const FIRST: [&str; 6] = ["nosuid", "nodev", "noexec", "noatime", "nodiratime", "relatime"];
        let undone: &[&str] = match option {
            "suid" => &["nosuid"],
            "dev" => &["nodev"],
            "exec" => &["noexec"],
            "noatime" | "strictatime" => &["relatime", "noatime"],
            "relatime" | "atime" => &["noatime"],
            "diratime" => &["nodiratime"],
            _ => &[],
        };
        let key = |option: &str| option.split_once('=').map(|(key, _)| key.to_owned());
        let (new, says_no) =
            (key(option), matches!(option, "suid" | "dev" | "exec" | "atime" | "strictatime" | "diratime"));
        let stays = |old: &&str| !undone.contains(old) && *old != option && (new.is_none() || key(old) != new);
        let kept = self.options.split(',').filter(|old| !old.is_empty()).filter(stays);
        let mut all: Vec<&str> = kept.chain((!says_no).then_some(option)).collect();
        all.sort_by_key(|option| FIRST.iter().position(|first| first == option).unwrap_or(FIRST.len()));
        self.options = all.join(",");
    }

    /// Whether it is mounted.
    #[must_use]
    pub fn is_mounted(&self) -> bool {
        matches!(self.at, At::Root | At::Over(_))
    }

    /// Its root directory.
    #[must_use]
    pub fn root(&self) -> Ino {
        self.root
    }

    pub(super) fn covers(&self) -> Option<Ino> {
        match self.at {
            At::Over(dir) => Some(dir),
            _ => None,
        }
    }

    pub(super) fn is_gone(&self) -> bool {
        self.at == At::Gone
    }

    pub(super) fn layout(&self) -> Layout {
        Layout::of(&self.fstype)
    }

    /// Whether a device stands behind it that can be mounted but once.
    fn has_device(&self) -> bool {
        !matches!(self.layout(), Layout::Memory | Layout::Kernel)
    }
}

/// A size as tmpfs(5) takes it, in bytes: with `k`, `m`, `g`, or `%` of the memory, of which `half` is one half.
fn limit(text: &str, half: u64) -> Option<u64> {
    let digits = text.trim_end_matches(|c: char| !c.is_ascii_digit());
    let number: u64 = digits.parse().ok()?;
    match text[digits.len()..].to_ascii_lowercase().as_str() {
        "" => Some(number),
        "k" => number.checked_mul(1 << 10),
        "m" => number.checked_mul(1 << 20),
        "g" => number.checked_mul(1 << 30),
        "%" => Some(half / 50 * number.min(100)),
        _ => None,
    }
}

/// What the modelled inodes of a file system take.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Tally {
    pub(super) bytes: u64,
    pub(super) files: u64,
}

/// How full a file system is, as statfs(2) tells it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Usage {
    /// Size in bytes.
    pub size: u64,
    /// Bytes in use.
    pub used: u64,
    /// Bytes that users other than root can still take.
    pub available: u64,
    /// Number of inodes.
    pub inodes: u64,
    /// Inodes in use.
    pub inodes_used: u64,
}

impl Fs {
    /// Mounts a file system on the directory `dir`. A device that was mounted before comes back with its files, its size
    /// and what is used of it; only options and `read_only` are taken from `mount` then. Gives its index.
    ///
    /// # Errors
    /// `Perm` for all but root, `Notdir`, `Busy` when the device is mounted already and for `/`, `Nospc` when there are too many.
    pub fn mount(&mut self, cred: &Cred, cwd: &str, mount: Mount, dir: &str, now: Instant) -> Result<usize, Errno> {
        if !cred.is_root() {
            return Err(Errno::Perm);
        }
        let on = self.lookup(cred, cwd, dir)?;
        if !self.node(on).is_dir() {
            return Err(Errno::Notdir);
        }
        let known = self.mounts.iter().position(|old| !old.is_gone() && old.has_device() && old.device == mount.device);
        // Linux would mount over `/` too, where no process that runs already would see it.
        if on == self.root() || known.is_some_and(|known| self.mounts[known].is_mounted()) {
            return Err(Errno::Busy);
        }
        if let Some(known) = known {
            let old = &mut Arc::make_mut(&mut self.mounts)[known];
            (old.options, old.read_only, old.at) = (mount.options, mount.read_only, At::Over(on));
            old.since = Some(now);
            self.covered.insert(on, known);
            self.order.push(known);
            self.name_mount(known);
            return Ok(known);
        }
        if self.order.len() >= MOUNTS_MAX
            || self.mounts.len() >= 2 * MOUNTS_MAX
            || self.slots.len() >= super::INODES_MAX
        {
            return Err(Errno::Nospc);
        }
        Ok(self.attach(mount, Some(on), now))
    }

    /// Puts a new file system into the tree, with an empty root directory.
    pub(super) fn attach(&mut self, mut mount: Mount, on: Option<Ino>, now: Instant) -> usize {
        let free = self.mounts.iter().position(Mount::is_gone);
        let index = free.unwrap_or(self.mounts.len());
        let mode = match mount.fstype.as_str() {
            "tmpfs" => 0o1777,
            "proc" | "sysfs" => 0o555,
            _ => 0o755,
        };
        mount.at = on.map_or(At::Root, At::Over);
        mount.since = Some(now);
        let mounts = Arc::make_mut(&mut self.mounts);
        match free {
            Some(free) => mounts[free] = mount,
            None => mounts.push(mount),
        }
        self.tally.resize(self.mounts.len(), Tally::default());
        let label = on.and_then(|on| self.label_in(on));
        let (uid, gid) = (0, 0);
        let root = self.plant(Inode {
            kind: Kind::EMPTY_DIR,
            mode,
            uid,
            gid,
            nlink: 2,
            atime: now,
            mtime: now,
            ctime: now,
            mount: index,
            label,
            extra: None,
        });
        self.edit(root, |inode| {
            if let Kind::Dir { parent, .. } = &mut inode.kind {
                *parent = root;
            }
        });
        Arc::make_mut(&mut self.mounts)[index].root = root;
        if let Some(on) = on {
            self.covered.insert(on, index);
        }
        self.order.push(index);
        self.name_mount(index);
        index
    }

    /// Unmounts what is mounted at `dir`, the topmost.
    ///
    /// # Errors
    /// `Perm` for all but root, `Inval` when nothing is mounted there, `Busy` when one of the inodes in `in_use`
    /// (working directories, open files) is on it, another file system is mounted below, or it is the root.
    pub fn umount(&mut self, cred: &Cred, cwd: &str, dir: &str, in_use: &[Ino]) -> Result<(), Errno> {
        if !cred.is_root() {
            return Err(Errno::Perm);
        }
        let index = self.mount_at(cred, cwd, dir)?;
        let on_it = |ino: &Ino| self.node(*ino).mount == index;
        let Some(under) = self.mounts[index].covers() else { return Err(Errno::Busy) };
        if in_use.iter().any(on_it) || self.covered.keys().any(on_it) {
            return Err(Errno::Busy);
        }
        let keeps = self.mounts[index].has_device();
        if !keeps {
            let all: Vec<Ino> =
                self.slots.iter().filter(|(_, inode)| inode.mount == index).map(|(ino, _)| ino).collect();
            all.into_iter().for_each(|ino| self.uproot(ino));
        }
        let mount = &mut Arc::make_mut(&mut self.mounts)[index];
        mount.at = if keeps { At::Nowhere } else { At::Gone };
        self.covered.remove(&under);
        self.order.retain(|other| *other != index);
        Ok(())
    }

    /// Makes a mounted file system read-only or writable, and sets options of it; `writing` are the inodes that are open for
    /// writing.
    ///
    /// # Errors
    /// `Perm` for all but root, `Inval` when nothing is mounted there, `Busy` when it shall become read-only while one of
    /// its files is open for writing.
    pub fn remount(
        &mut self,
        cred: &Cred,
        cwd: &str,
        dir: &str,
        read_only: bool,
        options: &str,
        writing: &[Ino],
    ) -> Result<(), Errno> {
        if !cred.is_root() {
            return Err(Errno::Perm);
        }
        let index = self.mount_at(cred, cwd, dir)?;
        if read_only && writing.iter().any(|ino| self.node(*ino).mount == index) {
            return Err(Errno::Busy);
        }
        let mount = &mut Arc::make_mut(&mut self.mounts)[index];
        mount.take(options);
        mount.read_only = read_only;
        Ok(())
    }

    /// Lists the root at this place of `/proc/mounts` (first is 0): where an early user space mounts the kernel's trees
    /// before it, it is not the first.
    pub fn list_root_at(&mut self, place: usize) {
        self.order.retain(|index| *index != 0);
        self.order.insert(place.min(self.order.len()), 0);
    }

    /// Lists what is mounted in the order of these directories.
    pub fn list_as(&mut self, dirs: &[&str]) {
        let mounts = std::sync::Arc::clone(&self.mounts);
        self.order.sort_by_key(|index| dirs.iter().position(|dir| *dir == mounts[*index].dir).unwrap_or(usize::MAX));
    }

    /// What is mounted, with its index, in the order of `/proc/mounts`.
    pub fn mounts(&self) -> impl Iterator<Item = (usize, &Mount)> {
        self.order.iter().filter_map(|index| Some((*index, self.mounts.get(*index)?)))
    }

    /// The file system with this index (an [`Inode`] has it); `None` when there is none.
    #[must_use]
    pub fn mount_of(&self, index: usize) -> Option<&Mount> {
        self.mounts.get(index)
    }

    /// Changes figures of a file system that its files do not give: its size, what the rest uses, its options. Its
    /// type stays.
    pub fn set_mount(&mut self, index: usize, change: impl FnOnce(&mut Mount)) {
        if let Some(mount) = Arc::make_mut(&mut self.mounts).get_mut(index) {
            let fstype = mount.fstype.clone();
            change(mount);
            mount.fstype = fstype;
        }
    }

    /// How full a file system is. All zeros when there is none with this index.
    #[must_use]
    pub fn usage(&self, index: usize) -> Usage {
        let (Some(mount), Some(tally)) = (self.mounts.get(index), self.tally.get(index)) else {
            return Usage { size: 0, used: 0, available: 0, inodes: 0, inodes_used: 0 };
        };
        let used = mount.used_by_rest.saturating_add(mount.used_by_model).saturating_add(tally.bytes).min(mount.size);
        let inodes_used = mount.inodes_by_rest.saturating_add(tally.files);
        Usage {
            size: mount.size,
            used,
            available: mount.size.saturating_sub(used).saturating_sub(mount.reserved),
            inodes: mount.inodes,
            inodes_used: if mount.inodes == 0 { 0 } else { inodes_used.min(mount.inodes) },
        }
    }

    /// How many bytes can still be written into files of a directory.
    ///
    /// # Errors
    /// What `lookup` says of it, or `Rofs`.
    pub fn room_in(&self, cred: &Cred, cwd: &str, dir: &str) -> Result<u64, Errno> {
        let index = self.node(self.lookup(cred, cwd, dir)?).mount;
        if self.is_read_only(index) { Err(Errno::Rofs) } else { Ok(self.room(cred, index)) }
    }

    /// Bytes that `cred` can still take on a file system.
    pub(super) fn room(&self, cred: &Cred, index: usize) -> u64 {
        let usage = self.usage(index);
        if self.layout(index) == Layout::Kernel {
            u64::MAX
        } else if cred.is_root() {
            usage.size - usage.used
        } else {
            usage.available
        }
    }

    /// Whether a file system has no inode left.
    pub(super) fn is_out_of_inodes(&self, index: usize) -> bool {
        let usage = self.usage(index);
        self.slots.len() >= super::INODES_MAX || usage.inodes > 0 && usage.inodes_used >= usage.inodes
    }

    pub(super) fn is_read_only(&self, index: usize) -> bool {
        self.mounts.get(index).is_some_and(|mount| mount.read_only)
    }

    /// The index of what is mounted at a directory.
    fn mount_at(&self, cred: &Cred, cwd: &str, dir: &str) -> Result<usize, Errno> {
        let root = self.lookup(cred, cwd, dir)?;
        let index = self.node(root).mount;
        if self.mounts.get(index).is_some_and(|mount| mount.root == root) { Ok(index) } else { Err(Errno::Inval) }
    }

    /// Writes down where each file system is mounted now: a directory on the way may have been renamed.
    pub(super) fn name_mounts(&mut self) {
        self.order.clone().into_iter().for_each(|index| self.name_mount(index));
    }

    fn name_mount(&mut self, index: usize) {
        let path = self.path_of(self.mounts[index].root).unwrap_or_default();
        if self.mounts[index].dir != path {
            Arc::make_mut(&mut self.mounts)[index].dir = path;
        }
    }
}
