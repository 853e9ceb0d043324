//! An inode: what a file is apart from its names, and how much of a disk it takes.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::sim::Instant;

/// The unit in which file systems give out space.
const BLOCK: u64 = 4096;

/// Names an inode within its machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Ino(pub(super) u32);

/// What a regular file holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Content {
    /// These bytes.
    Bytes(#[serde(with = "bytes")] Arc<Vec<u8>>),
    /// What the machine's model makes when it is read; the name says from what.
    Made(Cow<'static, str>),
    /// So many bytes that are not kept: zeros that were written. They read as zeros.
    Hole(u64),
    /// So many bytes that were never written: they read as zeros and take no space on the disk.
    Sparse(u64),
    /// The program of this name, so many bytes long. Only its beginning can be read, which names the program, so that a
    /// copy runs as it, however it was made.
    Program(Cow<'static, str>, u64),
}

impl Content {
    /// Text as a file.
    #[must_use]
    pub fn text(text: impl Into<String>) -> Self {
        Self::Bytes(Arc::new(text.into().into_bytes()))
    }

    /// Its length in bytes; `None` where that shows only when it is made.
    #[must_use]
    pub fn size(&self) -> Option<u64> {
        match self {
            Self::Bytes(bytes) => Some(bytes.len() as u64),
            Self::Made(_) => None,
            Self::Hole(size) | Self::Sparse(size) | Self::Program(_, size) => Some(*size),
        }
    }
}

/// The header of an ELF file for x86-64 that is a shared object, as programs are today (elf(5)).
const ELF: [u8; 64] = {
    let mut header = [0; 64];
    let start = *b"\x7fELF\x02\x01\x01";
    let mut at = 0;
    while at < start.len() {
        header[at] = start[at];
        at += 1;
    }
    (header[16], header[18], header[20], header[52]) = (3, 62, 1, 64);
    header
};

/// How a program's file begins: a header, then the program's name. The rest reads as zeros.
#[must_use]
pub fn program_start(name: &str) -> Vec<u8> {
    [&ELF[..], name.as_bytes(), b"\0"].concat()
}

/// The name of the program whose file begins so.
#[must_use]
pub fn program_in(bytes: &[u8]) -> Option<&str> {
    let name = bytes.strip_prefix(&ELF[..])?;
    let end = name.iter().take(256).position(|byte| *byte == 0)?;
    std::str::from_utf8(&name[..end]).ok().filter(|name| !name.is_empty())
}

impl Default for Content {
    fn default() -> Self {
        Self::Bytes(Arc::default())
    }
}

/// What kind of file it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// A regular file.
    File(Content),
    /// A directory.
    Dir {
        /// Names in it, without `.` and `..`.
        entries: BTreeMap<Arc<str>, Ino>,
        /// The directory that it is in; itself at the root of a file system.
        parent: Ino,
    },
    /// A symbolic link to this path.
    Link(String),
    /// A character device.
    Char {
        /// Which driver.
        major: u32,
        /// Which of its devices.
        minor: u32,
    },
    /// A block device.
    Block {
        /// Which driver.
        major: u32,
        /// Which of its devices.
        minor: u32,
    },
    /// A named pipe.
    Fifo,
    /// A socket.
    Socket,
}

impl Kind {
    /// A directory without entries. Its place is set when it is put into the tree.
    pub const EMPTY_DIR: Self = Self::Dir { entries: BTreeMap::new(), parent: Ino(0) };
}

/// A file apart from its names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Inode {
    /// What it is and holds.
    pub kind: Kind,
    /// Permission bits, with suid, sgid and sticky (`0o7777`).
    pub mode: u16,
    /// Owner.
    pub uid: u32,
    /// Group.
    pub gid: u32,
    /// Number of names; of a directory, 2 and one for each directory in it. 0: unlinked, kept while it is open.
    pub nlink: u32,
    /// Last read.
    pub atime: Instant,
    /// Last change of the content.
    pub mtime: Instant,
    /// Last change of anything.
    pub ctime: Instant,
    /// Index of the file system that it is on.
    pub mount: usize,
    /// SELinux type, where that is in force.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<Cow<'static, str>>,
}

impl Inode {
    /// Whether it is a directory.
    #[must_use]
    pub fn is_dir(&self) -> bool {
        matches!(self.kind, Kind::Dir { .. })
    }

    /// Names in the directory; `None` when it is none.
    #[must_use]
    pub fn entries(&self) -> Option<&BTreeMap<Arc<str>, Ino>> {
        match &self.kind {
            Kind::Dir { entries, .. } => Some(entries),
            _ => None,
        }
    }

    /// Bytes that are kept in memory for its content.
    pub(super) fn held(&self) -> u64 {
        match &self.kind {
            Kind::File(Content::Bytes(bytes)) => bytes.len() as u64,
            Kind::Link(target) => target.len() as u64,
            _ => 0,
        }
    }
}

/// How a type of file system gives out space, as far as `ls`, `du` and `df` show it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Layout {
    /// ext2 to ext4 and all that are not known better: directories in blocks.
    Ext,
    /// XFS: small directories live in the inode.
    Xfs,
    /// tmpfs: directories take nothing, and all is gone when it is unmounted.
    Memory,
    /// The kernel's own trees: nothing has a size, nothing takes space, writing fails.
    Kernel,
}

impl Layout {
    pub(super) fn of(fstype: &str) -> Self {
        match fstype {
            "xfs" => Self::Xfs,
            "tmpfs" | "devtmpfs" => Self::Memory,
            "proc" | "sysfs" | "cgroup" | "cgroup2" | "devpts" | "securityfs" | "debugfs" | "selinuxfs" | "mqueue"
            | "hugetlbfs" | "configfs" | "pstore" | "autofs" | "fusectl" | "rpc_pipefs" => Self::Kernel,
            _ => Self::Ext,
        }
    }

    /// The size of a directory as `ls -ld` shows it.
    pub(super) fn directory_size(self, entries: &BTreeMap<Arc<str>, Ino>) -> u64 {
        /// So many bytes of entries go into an XFS inode of 512 bytes.
        const INLINE: u64 = 300;
        let in_blocks = || (24 + 24 * entries.len() as u64).next_multiple_of(BLOCK);
        match self {
            Self::Ext => in_blocks(),
            Self::Xfs if entries.len() as u64 * 9 > INLINE => in_blocks(),
            Self::Xfs => match 6 + entries.keys().map(|name| 8 + name.len() as u64).sum::<u64>() {
                inline if inline <= INLINE => inline,
                _ => in_blocks(),
            },
            Self::Memory => 40 + 20 * entries.len() as u64,
            Self::Kernel => 0,
        }
    }

    /// The space that an inode takes beside itself, in bytes. What is made counts as one block.
    pub(super) fn footprint(self, inode: &Inode) -> u64 {
        /// Longer targets do not fit into the inode.
        const SHORT_TARGET: usize = 60;
        if self == Self::Kernel {
            return 0;
        }
        match &inode.kind {
            Kind::File(Content::Sparse(_)) => 0,
            Kind::File(content) => content.size().unwrap_or(1).next_multiple_of(BLOCK),
            Kind::Dir { entries, .. } => match self.directory_size(entries) {
                size if size >= BLOCK && self != Self::Memory => size,
                _ => 0,
            },
            Kind::Link(target) if target.len() >= SHORT_TARGET => BLOCK,
            _ => 0,
        }
    }
}

/// Bytes in a saved lab: as text where they are text, else in hexadecimal.
mod bytes {
    use std::sync::Arc;

    use serde::de::Error;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    #[derive(Serialize, Deserialize)]
    #[serde(rename_all = "kebab-case")]
    enum Stored {
        Text(String),
        Hex(String),
    }

    pub(super) fn serialize<S: Serializer>(bytes: &Arc<Vec<u8>>, serializer: S) -> Result<S::Ok, S::Error> {
        let stored = match std::str::from_utf8(bytes) {
            Ok(text) => Stored::Text(text.to_owned()),
            Err(_) => Stored::Hex(bytes.iter().map(|byte| format!("{byte:02x}")).collect()),
        };
        stored.serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Arc<Vec<u8>>, D::Error> {
        let digits = match Stored::deserialize(deserializer)? {
            Stored::Text(text) => return Ok(Arc::new(text.into_bytes())),
            Stored::Hex(digits) => digits,
        };
        let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
        let pair = |pair: &[u8]| match pair {
            [high, low] => Some(digit(*high)? << 4 | digit(*low)?),
            _ => None,
        };
        let bytes: Option<Vec<u8>> = digits.as_bytes().chunks(2).map(pair).collect();
        bytes.map(Arc::new).ok_or_else(|| D::Error::custom("a file's bytes are not pairs of hexadecimal digits"))
    }
}
