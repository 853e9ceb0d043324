//! Who asks, and what the permission bits of an inode let them do.

use serde::{Deserialize, Serialize};

use super::{Errno, Inode, Kind};

/// The user and groups that a process acts as.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cred {
    /// User number; 0 passes permission checks as root does.
    pub uid: u32,
    /// Group that new files get.
    pub gid: u32,
    /// The other groups.
    pub groups: Vec<u32>,
}

impl Cred {
    /// The superuser.
    pub const ROOT: Self = Self { uid: 0, gid: 0, groups: Vec::new() };

    /// Whether this is the superuser.
    #[must_use]
    pub fn is_root(&self) -> bool {
        self.uid == 0
    }

    /// Whether the user is in a group.
    #[must_use]
    pub fn is_in(&self, gid: u32) -> bool {
        self.gid == gid || self.groups.contains(&gid)
    }

    /// Whether the user may do to a file what only its owner may.
    #[must_use]
    pub fn owns(&self, inode: &Inode) -> bool {
        self.is_root() || self.uid == inode.uid
    }

    /// Whether the permission bits allow an access. Root may all but run a file that nobody may run.
    pub(super) fn permits(&self, inode: &Inode, access: Access) -> Result<(), Errno> {
        if access.writes() && inode.has_attribute('i') {
            return Err(Errno::Perm);
        }
        let directory = matches!(inode.kind, Kind::Dir { .. });
        let bits = if self.is_root() {
            if directory || inode.mode & 0o111 != 0 { 7 } else { 6 }
        } else if self.uid == inode.uid {
            inode.mode >> 6
        } else if let Some(granted) = inode.granted(self, access) {
            granted
        } else if self.is_in(inode.gid) {
            inode.mode >> 3
        } else {
            inode.mode
        };
        if bits & access.0 == access.0 { Ok(()) } else { Err(Errno::Acces) }
    }
}

/// What is wanted of a file, as access(2) asks: any of read, write, execute (or search).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Access(pub(super) u16);

impl Access {
    /// Nothing but that it is there.
    pub const NONE: Self = Self(0);
    /// To read it.
    pub const READ: Self = Self(4);
    /// To write to it.
    pub const WRITE: Self = Self(2);
    /// To run it or, of a directory, to go through it.
    pub const EXEC: Self = Self(1);

    /// Both.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    pub(super) fn writes(self) -> bool {
        self.0 & Self::WRITE.0 != 0
    }
}
