//! The files of a Linux machine, as its kernel keeps them: inodes, directories, mounts. Plain data; the rules are those of
//! POSIX and of Linux's `path_resolution(7)`, `rename(2)`, `unlink(2)`, `mount(2)`, with their errors and the order in
//! which Linux notices them.
//!
//! Paths come as text with the directory that they start from; what stays open is named by its [`Ino`]. A file that loses
//! its last name stays until [`Fs::reap`] is told that nobody has it open, so whoever runs programs calls that whenever
//! one has ended. What [`Content::Made`] stands for is known to the machine's model alone: who reads such a file asks it,
//! who writes into one puts the text there first ([`Fs::fix`]).

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::sim::Instant;

mod change;
mod check;
mod content;
mod cred;
mod errno;
mod inode;
mod mounts;
mod numbers;
mod renew;
mod shown;
mod slots;
#[cfg(test)]
mod tests;
mod walk;

pub use content::Open;
pub use cred::{Access, Cred};
pub use errno::Errno;
pub use inode::{Content, Ino, Inode, Kind, program_in, program_start};
pub use mounts::{Mount, Usage};
pub use walk::{NAME_MAX, PATH_MAX};

use inode::Layout;
use mounts::Tally;
use slots::Slots;

/// So many bytes of content one machine keeps; beyond, its disks are full.
pub const CONTENT_MAX: u64 = 64 << 20;

/// So many inodes one machine keeps.
pub const INODES_MAX: usize = 65_536;

/// All files of a machine. A copy shares everything with the original until one of them changes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Stored", into = "Stored")]
pub struct Fs {
    slots: Slots,
    mounts: Arc<Vec<Mount>>,
    /// Indices of the mounts in the order in which they were mounted.
    order: Vec<usize>,
    /// Directories under a mount, and which.
    covered: BTreeMap<Ino, usize>,
    /// What the inodes of each mount take.
    tally: Vec<Tally>,
    /// Bytes of content in memory.
    held: u64,
    /// Inodes without a name.
    orphans: BTreeSet<Ino>,
    /// Whether something was refused for want of memory where the disk had room.
    crammed: bool,
    /// Inodes of which a daemon wants to know when they change (inotify).
    watched: BTreeSet<Ino>,
    /// Whether one of them has.
    stirred: bool,
}

/// The saved form: what cannot be counted from the rest.
#[derive(Serialize, Deserialize)]
struct Stored {
    slots: Slots,
    mounts: Arc<Vec<Mount>>,
    order: Vec<usize>,
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    watched: BTreeSet<Ino>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    stirred: bool,
}

impl From<Fs> for Stored {
    fn from(fs: Fs) -> Self {
        let Fs { slots, mounts, order, watched, stirred, .. } = fs;
        Self { slots, mounts, order, watched, stirred }
    }
}

impl TryFrom<Stored> for Fs {
    type Error = String;

    fn try_from(stored: Stored) -> Result<Self, String> {
        let Stored { slots, mounts, order, watched, stirred } = stored;
        let tally = vec![Tally::default(); mounts.len()];
        let mut fs = Self {
            slots,
            mounts,
            order,
            tally,
            covered: BTreeMap::new(),
            held: 0,
            orphans: BTreeSet::new(),
            crammed: false,
            watched,
            stirred,
        };
        fs.count()?;
        fs.check()?;
        Ok(fs)
    }
}

impl Fs {
    /// A machine with one empty file system.
    #[must_use]
    pub fn new(root: Mount, now: Instant) -> Self {
        let mut fs = Self {
            slots: Slots::default(),
            mounts: Arc::default(),
            order: Vec::new(),
            covered: BTreeMap::new(),
            tally: Vec::new(),
            held: 0,
            orphans: BTreeSet::new(),
            crammed: false,
            watched: BTreeSet::new(),
            stirred: true,
        };
        fs.attach(root, None, now);
        fs
    }

    /// The root directory.
    #[must_use]
    pub fn root(&self) -> Ino {
        self.mounts.first().map_or(Ino(0), |mount| mount.root)
    }

    /// The inode with this number. One that is gone (see [`Self::reap`]) reads as an empty socket without a name.
    #[must_use]
    pub fn node(&self, ino: Ino) -> &Inode {
        static GONE: Inode = Inode {
            kind: Kind::Socket,
            mode: 0,
            uid: 0,
            gid: 0,
            nlink: 0,
            atime: Instant::LAST,
            mtime: Instant::LAST,
            ctime: Instant::LAST,
            mount: 0,
            label: None,
        };
        self.slots.get(ino).unwrap_or(&GONE)
    }

    /// All inodes, those without a name included.
    pub fn inodes(&self) -> impl Iterator<Item = (Ino, &Inode)> {
        self.slots.iter()
    }

    /// The size in bytes that `ls -l` shows; `None` for a file that is made when it is read.
    #[must_use]
    pub fn size(&self, ino: Ino) -> Option<u64> {
        let inode = self.node(ino);
        match &inode.kind {
            Kind::File(Content::Made(_)) if self.layout(inode.mount) == Layout::Kernel => Some(0),
            Kind::File(content) => content.size(),
            Kind::Dir { entries, .. } => Some(self.layout(inode.mount).directory_size(entries)),
            // Links to open files, which alone have bits of their own; the kernel does not measure the others.
            Kind::Link(_) if self.mounts.get(inode.mount).is_some_and(|mount| mount.fstype == "proc") => {
                Some(if inode.mode == 0o777 { 0 } else { 64 })
            }
            Kind::Link(target) => Some(target.len() as u64),
            Kind::Char { .. } | Kind::Block { .. } | Kind::Fifo | Kind::Socket => Some(0),
        }
    }

    /// The space that the file takes on its disk, in bytes; `du` and `stat` show it in blocks of 1024 and 512.
    #[must_use]
    pub fn allocated(&self, ino: Ino) -> u64 {
        let inode = self.node(ino);
        self.layout(inode.mount).footprint(inode)
    }

    /// Whether something was refused since this was last asked that a disk would have taken: more is not kept than
    /// [`CONTENT_MAX`] and [`INODES_MAX`].
    pub fn take_crammed(&mut self) -> bool {
        std::mem::take(&mut self.crammed)
    }

    /// From now on a change of one of these inodes is told, and of no others.
    pub fn watch(&mut self, inodes: impl IntoIterator<Item = Ino>) {
        self.watched = inodes.into_iter().collect();
        self.stirred = false;
    }

    /// Whether something that is watched has changed; of a new file system it is not known.
    #[must_use]
    pub fn is_stirred(&self) -> bool {
        self.stirred
    }

    /// Who watches is to look again in any case.
    pub fn stir(&mut self) {
        self.stirred = true;
    }

    /// Bytes of content that this machine keeps in memory; at most [`CONTENT_MAX`].
    #[must_use]
    pub fn held(&self) -> u64 {
        self.held
    }

    /// What is made for a file when it is read; `None` when nothing is.
    #[must_use]
    pub fn made(&self, ino: Ino) -> Option<&str> {
        match &self.node(ino).kind {
            Kind::File(Content::Made(what)) => Some(what),
            _ => None,
        }
    }

    /// Changes an inode and keeps the books of its file system.
    fn edit(&mut self, ino: Ino, change: impl FnOnce(&mut Inode)) {
        let Some(inode) = self.slots.get_mut(ino) else { return };
        let layout = self.mounts.get(inode.mount).map_or(Layout::Ext, |mount| mount.layout());
        let (took, held) = (layout.footprint(inode), inode.held());
        change(inode);
        self.stirred |= self.watched.contains(&ino);
        self.held = self.held - held + inode.held();
        if let Some(tally) = self.tally.get_mut(inode.mount) {
            tally.bytes = tally.bytes - took + layout.footprint(inode);
        }
    }

    /// Puts an inode into the table and the books.
    fn plant(&mut self, inode: Inode) -> Ino {
        self.held += inode.held();
        let layout = self.layout(inode.mount);
        if let Some(tally) = self.tally.get_mut(inode.mount) {
            tally.bytes += layout.footprint(&inode);
            tally.files += 1;
        }
        self.slots.insert(inode)
    }

    /// Takes an inode out of both.
    fn uproot(&mut self, ino: Ino) {
        let Some(inode) = self.slots.get(ino) else { return };
        self.held -= inode.held();
        let footprint = self.layout(inode.mount).footprint(inode);
        if let Some(tally) = self.tally.get_mut(inode.mount) {
            tally.bytes -= footprint;
            tally.files -= 1;
        }
        self.slots.remove(ino);
        self.orphans.remove(&ino);
    }

    fn layout(&self, mount: usize) -> Layout {
        self.mounts.get(mount).map_or(Layout::Ext, Mount::layout)
    }

    /// The SELinux type that a file gets in this directory.
    fn label_in(&self, dir: Ino) -> Option<Cow<'static, str>> {
        self.node(dir).label.clone()
    }
}
