//! What the kernel shows in a directory of its own: files and links come and go without anybody having made them.

use std::sync::Arc;

use super::{Cred, Errno, Fs, Ino, Kind};
use crate::sim::Instant;

impl Fs {
    /// Puts links in place of all that is in a directory, as the kernel does: name, target and permission bits of each.
    ///
    /// # Errors
    /// `Notdir`, `Nospc`, and `Inval` for a name that cannot be one.
    pub fn relink(
        &mut self,
        dir: Ino,
        owner: &Cred,
        links: &[(String, String, u16)],
        now: Instant,
    ) -> Result<(), Errno> {
        let old = self.node(dir).entries().ok_or(Errno::Notdir)?.clone();
        for (name, ino) in old {
            self.leave(dir, &name, now);
            self.drop_link(ino, now);
        }
        for (name, target, mode) in links {
            let ino = self.put(&Cred::ROOT, dir, name, Kind::Link(target.clone()), *mode, now)?;
            self.edit(ino, |inode| (inode.uid, inode.gid) = (owner.uid, owner.gid));
        }
        Ok(())
    }

    /// Puts a file into a directory as the kernel does; one of that name that is another makes way for it.
    ///
    /// # Errors
    /// `Notdir`, `Nospc`, and `Inval` for a name that cannot be one.
    pub fn show(
        &mut self,
        dir: Ino,
        name: &str,
        kind: Kind,
        mode: u16,
        (uid, gid): (u32, u32),
        now: Instant,
    ) -> Result<Ino, Errno> {
        let old = self.node(dir).entries().ok_or(Errno::Notdir)?.get(name).copied();
        if let Some(old) =
            old.filter(|old| self.node(*old).kind == kind || self.node(*old).is_dir() && kind == Kind::EMPTY_DIR)
        {
            return Ok(old);
        }
        self.withdraw(dir, name, now);
        let ino = self.put(&Cred::ROOT, dir, name, kind, mode, now)?;
        self.edit(ino, |inode| (inode.uid, inode.gid) = (uid, gid));
        Ok(ino)
    }

    /// Takes a name out of a directory as the kernel does, with all that is below.
    pub fn withdraw(&mut self, dir: Ino, name: &str, now: Instant) {
        let Some(ino) = self.node(dir).entries().and_then(|entries| entries.get(name).copied()) else { return };
        // Two levels are all that the kernel shows so.
        let below: Vec<Arc<str>> = self.node(ino).entries().into_iter().flat_map(|all| all.keys().cloned()).collect();
        for name in below {
            self.withdraw(ino, &name, now);
        }
        self.leave(dir, name, now);
        self.drop_link(ino, now);
    }
}
