//! Programs about files, after GNU coreutils 8.30 (RHEL 8), 8.22 (RHEL 7) and findutils 4.6. What they tell of a file comes
//! from its inode, what they do goes through the file system's own rules; here is what they share.

mod ask;
mod attributes;
mod backup;
pub mod collate;
mod content;
mod copy;
mod cp;
mod dd;
mod df;
mod du;
mod file;
mod find;

mod install;
mod label;
mod link;
mod listing;
mod ls;
mod make;
mod namei;
mod paths;
mod quoting;
mod remove;
pub mod show;
mod shred;
mod stat;
mod touch;
mod xargs;

use std::collections::BTreeMap;

use super::Tool;
use crate::sim::Instant;
use crate::systems::linux::fs::{Content, Cred, Errno, Ino, Inode, Kind};
use crate::systems::linux::io::Cut;
use crate::systems::linux::proc::Proc;
use crate::systems::linux::{clock, made_files};

/// The tables of programs about files.
pub static TOOLS: &[&[Tool]] = &[
    attributes::TOOLS,
    cp::TOOLS,
    install::TOOLS,
    dd::TOOLS,
    df::TOOLS,
    du::TOOLS,
    file::TOOLS,
    find::TOOLS,
    label::TOOLS,
    link::TOOLS,
    ls::TOOLS,
    make::TOOLS,
    namei::TOOLS,
    paths::TOOLS,
    remove::TOOLS,
    shred::TOOLS,
    stat::TOOLS,
    touch::TOOLS,
    xargs::TOOLS,
];

/// Programs that walk trees give up below so many levels: no path is longer than `PATH_MAX`.
pub const DEEPEST: usize = 2_100;

/// What stat(2) tells of a file.
#[derive(Clone, Debug)]
pub struct Meta {
    /// Which inode it is.
    pub ino: Ino,
    /// The number that shows for it.
    pub number: u64,
    /// What it is; a directory's entries and a file's content are left out.
    pub kind: Kind,
    /// Permission bits.
    pub mode: u16,
    /// Owner.
    pub uid: u32,
    /// Group.
    pub gid: u32,
    /// Number of names.
    pub nlink: u32,
    /// Bytes in it.
    pub size: u64,
    /// Bytes it takes on the disk.
    pub allocated: u64,
    /// Last read.
    pub atime: Instant,
    /// Last change of the content.
    pub mtime: Instant,
    /// Last change of anything.
    pub ctime: Instant,
    /// Index of its file system.
    pub mount: usize,
    /// SELinux type.
    pub label: Option<String>,
}

impl Meta {
    /// Whether it is a directory.
    pub fn is_dir(&self) -> bool {
        matches!(self.kind, Kind::Dir { .. })
    }

    /// Whether it is a symbolic link.
    pub fn is_link(&self) -> bool {
        matches!(self.kind, Kind::Link(_))
    }

    /// Whether it is a regular file.
    pub fn is_file(&self) -> bool {
        matches!(self.kind, Kind::File(_))
    }

    /// Type and permission bits as stat(2) has them.
    pub fn raw_mode(&self) -> u32 {
        let kind = match self.kind {
            Kind::Fifo => 0o010_000,
            Kind::Char { .. } => 0o020_000,
            Kind::Dir { .. } => 0o040_000,
            Kind::Block { .. } => 0o060_000,
            Kind::File(_) => 0o100_000,
            Kind::Link(_) => 0o120_000,
            Kind::Socket => 0o140_000,
        };
        kind | u32::from(self.mode)
    }

    /// The SELinux context, of which the model knows the type.
    pub fn context(&self) -> String {
        self.label.as_ref().map_or("?".to_owned(), |label| format!("system_u:object_r:{label}:s0"))
    }

    /// Its kind in the words of coreutils' messages.
    pub fn words(&self) -> &'static str {
        match self.kind {
            Kind::File(_) if self.size == 0 => "regular empty file",
            Kind::File(_) => "regular file",
            Kind::Dir { .. } => "directory",
            Kind::Link(_) => "symbolic link",
            Kind::Char { .. } => "character special file",
            Kind::Block { .. } => "block special file",
            Kind::Fifo => "fifo",
            Kind::Socket => "socket",
        }
    }
}

/// What stat(2) or, unless `follow`, lstat(2) says of a path.
///
/// # Errors
/// What the file system says.
pub fn meta(p: &Proc, path: &str, follow: bool) -> Result<Meta, Errno> {
    let ino = p.peek(|linux| {
        let fs = &linux.fs;
        if follow { fs.lookup(&p.cred, &p.cwd, path) } else { fs.lookup_link(&p.cred, &p.cwd, path) }
    })?;
    Ok(meta_of(p, ino))
}

/// The same of a file by its number.
pub fn meta_of(p: &Proc, ino: Ino) -> Meta {
    p.world(|world, id| {
        let size = made_files::size(world, id, ino);
        let fs = &world.linux(id).fs;
        let Inode { kind, mode, uid, gid, nlink, atime, mtime, ctime, mount, label } =
            made_files::inode(world, id, ino);
        let kind = match kind {
            Kind::File(_) => Kind::File(Content::Hole(0)),
            Kind::Dir { .. } => Kind::EMPTY_DIR,
            other => other,
        };
        Meta {
            ino,
            number: fs.number(ino),
            kind,
            mode,
            uid,
            gid,
            nlink,
            size,
            allocated: fs.allocated(ino),
            atime,
            mtime,
            ctime,
            mount,
            label: label.map(std::borrow::Cow::into_owned),
        }
    })
}

/// The names in a directory in the order of bytes, without `.` and `..`.
///
/// # Errors
/// What the file system says.
pub fn names(p: &Proc, path: &str) -> Result<Vec<String>, Errno> {
    p.peek(|linux| {
        let dir = linux.fs.lookup(&p.cred, &p.cwd, path)?;
        let entries = linux.fs.readdir(&p.cred, dir)?;
        Ok(entries.map(|(name, _)| name.to_string()).collect())
    })
}

/// A name in a directory.
pub fn join(dir: &str, name: &str) -> String {
    if dir.ends_with('/') { format!("{dir}{name}") } else { format!("{dir}/{name}") }
}

/// A path without the slashes at its end.
pub fn trimmed(path: &str) -> &str {
    match path.trim_end_matches('/') {
        "" if !path.is_empty() => "/",
        trimmed => trimmed,
    }
}

/// The last part of a path.
pub fn base(path: &str) -> &str {
    let path = trimmed(path);
    if path == "/" { path } else { path.rsplit('/').next().unwrap_or(path) }
}

/// Whether two paths lead to one name in one directory.
pub fn same_name(p: &Proc, one: &str, other: &str) -> bool {
    let above = |path: &str| p.lookup(if path.contains('/') { parent(path) } else { "." });
    base(one) == base(other) && above(one) == above(other)
}

/// The path without its last part.
pub fn parent(path: &str) -> &str {
    match trimmed(path).rfind('/') {
        None => ".",
        Some(at) => trimmed(&path[..=at]),
    }
}

/// The names of users and groups by their numbers.
#[derive(Debug, Default)]
pub struct Owners {
    users: BTreeMap<u32, String>,
    groups: BTreeMap<u32, String>,
    numbers: bool,
}

impl Owners {
    /// As the machine has them; `numbers` leaves them out.
    pub fn of(p: &Proc, numbers: bool) -> Self {
        p.peek(|linux| Self {
            users: linux.users().into_iter().rev().map(|user| (user.uid, user.name)).collect(),
            groups: linux.groups().into_iter().rev().map(|group| (group.gid, group.name)).collect(),
            numbers,
        })
    }

    /// A user's name, or the number where there is none.
    pub fn user(&self, uid: u32) -> String {
        self.users.get(&uid).filter(|_| !self.numbers).cloned().unwrap_or_else(|| uid.to_string())
    }

    /// The same of a group.
    pub fn group(&self, gid: u32) -> String {
        self.groups.get(&gid).filter(|_| !self.numbers).cloned().unwrap_or_else(|| gid.to_string())
    }

    /// Whether a user has a name.
    pub fn has_user(&self, uid: u32) -> bool {
        self.users.contains_key(&uid)
    }

    /// Whether a group has one.
    pub fn has_group(&self, gid: u32) -> bool {
        self.groups.contains_key(&gid)
    }
}

/// A moment in a format of strftime(3), in the machine's time zone.
pub fn when(p: &Proc, at: Instant, form: &str) -> String {
    let utc = at.utc();
    p.peek(|linux| clock::format(form, utc.unix_timestamp(), utc.nanosecond(), &linux.zone))
}

/// How wide the terminal is.
pub fn columns(p: &Proc) -> usize {
    p.cx.with(|cx| usize::from(cx.session.terminal.columns))
}

/// The device of a mounted file system: that of its block device, else one of those that the kernel makes up.
pub fn device_of(p: &Proc, mount: usize) -> (u32, u32) {
    p.peek(|linux| {
        let device = linux.fs.mount_of(mount).map_or("", |mount| mount.device.as_str());
        let node = linux.fs.lookup(&Cred::ROOT, "/", device).ok().filter(|_| device.starts_with('/'));
        match node.map(|ino| &linux.fs.node(ino).kind) {
            Some(Kind::Block { major, minor }) => (*major, *minor),
            _ => (0, u32::try_from(mount + 5).unwrap_or(5)),
        }
    })
}

/// A user or group by name or number.
pub fn number_of(p: &Proc, name: &str, group: bool) -> Option<u32> {
    let found = p.peek(|linux| {
        if group {
            linux.groups().into_iter().find(|found| found.name == name).map(|found| found.gid)
        } else {
            linux.user(name).map(|user| user.uid)
        }
    });
    let digits = name.trim_start_matches('+');
    found.or_else(|| if digits.bytes().all(|byte| byte.is_ascii_digit()) { digits.parse().ok() } else { None })
}

/// Says why something about a file could not be done: status 1.
///
/// # Errors
/// [`Cut`]
pub async fn refuse(p: &mut Proc, what: &str, errno: Errno) -> Result<u8, Cut> {
    p.complain(&format!("{what}: {}", errno.text())).await?;
    Ok(1)
}

/// Gives back the space of files that have lost their last name, except those that this program has open.
pub fn reap(p: &Proc) {
    let held: Vec<Ino> = p.files.inodes().collect();
    p.linux(|linux| linux.reap(&held));
}

/// An absolute path seen from a directory.
#[must_use]
pub fn relative(path: &str, directory: &str) -> String {
    let parts = |path: &str| path.split('/').filter(|part| !part.is_empty()).map(str::to_owned).collect::<Vec<_>>();
    let (path, directory) = (parts(path), parts(directory));
    let common = path.iter().zip(&directory).take_while(|(a, b)| a == b).count();
    let up = std::iter::repeat_n("..".to_owned(), directory.len() - common);
    let way: Vec<String> = up.chain(path[common..].iter().cloned()).collect();
    if way.is_empty() { ".".to_owned() } else { way.join("/") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_taken_apart_as_basename_and_dirname_do() {
        let check = |path: &str, above: &str, last: &str| {
            assert_eq!((parent(path), base(path)), (above, last), "{path}");
        };
        check("/usr/bin/ls", "/usr/bin", "ls");
        check("/usr/", "/", "usr");
        check("usr", ".", "usr");
        check("/", "/", "/");
        check("a//b//", "a", "b");
        check("", ".", "");
        let check = |path: &str, directory: &str, expect: &str| {
            assert_eq!(relative(path, directory), expect, "{path} from {directory}");
        };
        check("/a/b/c", "/a/d", "../b/c");
        check("/a", "/a", ".");
        check("/a/b", "/", "a/b");
    }
}
