//! The files of accounts, written anew as a whole or not at all: each beside the old one first, as shadow-utils does, so that a
//! full disk leaves everything as it was.

use crate::systems::linux::fs::{Cred, Errno};
use crate::systems::linux::model::{Group, User};
use crate::systems::linux::proc::Proc;

/// Files that are to be written: path and text.
pub struct Pending(Vec<(&'static str, String)>);

impl Pending {
    /// Both files of accounts.
    #[must_use]
    pub fn of(users: &[User], groups: &[Group]) -> Self {
        let Self(mut files) = Self::of_groups(groups);
        files.insert(0, ("/etc/passwd", users.iter().map(User::line).collect()));
        Self(files)
    }

    /// That of the groups.
    #[must_use]
    pub fn of_groups(groups: &[Group]) -> Self {
        let line = |group: &Group| format!("{}:x:{}:{}\n", group.name, group.gid, group.members.join(","));
        Self(vec![("/etc/group", groups.iter().map(line).collect())])
    }

    /// Writes them, and gives the one for which there was no room.
    pub fn write(&self, p: &Proc) -> Result<(), &'static str> {
        let mut ready = Vec::new();
        let mut failed = None;
        for (path, text) in &self.0 {
            // What has not changed is left alone.
            if p.read_path(path).is_ok_and(|old| old == text.as_bytes()) {
                continue;
            }
            ready.push(*path);
            if beside(p, path, text.as_bytes()).is_err() {
                failed = Some(*path);
                break;
            }
        }
        let root = &Cred::ROOT;
        for path in ready {
            let fresh = format!("{path}+");
            let moved = p.fs(|fs, now| match failed {
                Some(_) => fs.unlink(root, "/", &fresh, now),
                None => fs.rename(root, "/", &fresh, path, now),
            });
            failed = failed.or(moved.is_err().then_some(path));
        }
        failed.map_or(Ok(()), Err)
    }
}

/// Writes what is to take the place of a file, with the same bits.
fn beside(p: &Proc, path: &str, bytes: &[u8]) -> Result<(), Errno> {
    let root = &Cred::ROOT;
    p.fs(|fs, now| {
        let mode = fs.lookup(root, "/", path).map_or(0o644, |ino| fs.node(ino).mode);
        let fresh = format!("{path}+");
        let ino = fs.create(root, "/", &fresh, mode, now)?;
        if fs.append(root, ino, bytes, now)? == bytes.len() { Ok(()) } else { Err(Errno::Nospc) }
    })
}

/// Puts a new file in the place of an old one.
pub fn replace(p: &Proc, path: &str, bytes: &[u8]) -> Result<(), Errno> {
    let (root, fresh) = (&Cred::ROOT, format!("{path}+"));
    let written = beside(p, path, bytes);
    p.fs(|fs, now| match written {
        Ok(()) => fs.rename(root, "/", &fresh, path, now),
        Err(errno) => fs.unlink(root, "/", &fresh, now).and(Err(errno)),
    })
}

/// Whether there is room for a new `/etc/shadow`: what is kept of passwords is not in the file itself.
pub fn has_room(p: &Proc) -> bool {
    let text = p.world(|world, id| crate::systems::linux::made_files::text(world, id, "linux/shadow"));
    let tried = beside(p, "/etc/shadow", text.as_bytes());
    let _ = p.fs(|fs, now| fs.unlink(&Cred::ROOT, "/", "/etc/shadow+", now));
    tried.is_ok()
}
