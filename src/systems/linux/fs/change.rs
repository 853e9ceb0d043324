//! Names and attributes: what makes, removes, moves and re-labels files.

use std::sync::Arc;

use super::walk::{Follow, Last, Place};
use super::{Access, Content, Cred, Errno, Fs, Ino, Inode, Kind, Mount, PATH_MAX};
use crate::sim::{Instant, Span};

/// A file has at most so many names, as on ext4.
const LINKS_MAX: u32 = 65_000;

/// The bits of a mode that chmod(2) sets.
const MODE_BITS: u16 = 0o7777;

impl Fs {
    /// Makes a directory; `mode` comes without the bits of the umask.
    ///
    /// # Errors
    /// `Exist`, `Rofs`, `Acces`, `Nospc`, and those of a path.
    pub fn mkdir(&mut self, cred: &Cred, cwd: &str, path: &str, mode: u16, now: Instant) -> Result<Ino, Errno> {
        let place = self.walk(cred, cwd, path, Follow::Never)?;
        self.takes_files(&place)?;
        self.make(cred, &place, Kind::EMPTY_DIR, mode, now)
    }

    /// Makes a symbolic link at `path` with the text `target`.
    ///
    /// # Errors
    /// `Noent` for an empty target, `Nametoolong`, `Exist`, `Rofs`, `Acces`, `Nospc`, and those of a path.
    pub fn symlink(&mut self, cred: &Cred, cwd: &str, target: &str, path: &str, now: Instant) -> Result<Ino, Errno> {
        match target.len() {
            0 => return Err(Errno::Noent),
            length if length >= PATH_MAX => return Err(Errno::Nametoolong),
            _ => {}
        }
        let place = self.walk(cred, cwd, path, Follow::Never)?;
        self.takes_files(&place)?;
        self.make(cred, &place, Kind::Link(target.to_owned()), 0o777, now)
    }

    /// Makes a device, pipe, socket or regular file.
    ///
    /// # Errors
    /// `Perm` when a device is made by another than root or a directory is asked for; else as [`Self::mkdir`].
    pub fn mknod(
        &mut self,
        cred: &Cred,
        cwd: &str,
        path: &str,
        kind: Kind,
        mode: u16,
        now: Instant,
    ) -> Result<Ino, Errno> {
        match kind {
            Kind::Dir { .. } | Kind::Link(_) => return Err(Errno::Perm),
            Kind::Char { .. } | Kind::Block { .. } if !cred.is_root() => return Err(Errno::Perm),
            _ => {}
        }
        let place = self.walk(cred, cwd, path, Follow::Never)?;
        self.takes_files(&place)?;
        self.make(cred, &place, kind, mode, now)
    }

    /// Gives the file at `old` another name. A link at the end of `old` is not followed.
    ///
    /// # Errors
    /// `Perm` for a directory, `Xdev`, `Mlink`, `Exist`, `Rofs`, `Acces`, and those of a path.
    pub fn link(&mut self, cred: &Cred, cwd: &str, old: &str, new: &str, now: Instant) -> Result<(), Errno> {
        let ino = self.lookup_link(cred, cwd, old)?;
        let place = self.walk(cred, cwd, new, Follow::Never)?;
        let name = self.vacant(cred, &place, false)?;
        let inode = self.node(ino);
        if inode.mount != self.node(place.dir).mount {
            return Err(Errno::Xdev);
        }
        if inode.is_dir() {
            return Err(Errno::Perm);
        }
        if inode.nlink >= LINKS_MAX {
            return Err(Errno::Mlink);
        }
        self.edit(ino, |inode| (inode.nlink, inode.ctime) = (inode.nlink + 1, now));
        self.enter(place.dir, name, ino, now);
        Ok(())
    }

    /// Removes a name; the file goes with its last one, once nobody has it open ([`Self::reap`]).
    ///
    /// # Errors
    /// `Isdir` for a directory, `Busy`, `Rofs`, `Acces`, `Perm` in a sticky directory, and those of a path.
    pub fn unlink(&mut self, cred: &Cred, cwd: &str, path: &str, now: Instant) -> Result<(), Errno> {
        let place = self.walk(cred, cwd, path, Follow::Never)?;
        let Last::Name(name) = &place.last else { return Err(Errno::Isdir) };
        self.gives_names(place.dir)?;
        let ino = place.raw.ok_or(Errno::Noent)?;
        if place.slash {
            return Err(if self.node(ino).is_dir() { Errno::Isdir } else { Errno::Notdir });
        }
        self.may_delete(cred, place.dir, ino)?;
        if self.node(ino).is_dir() {
            return Err(Errno::Isdir);
        }
        self.leave(place.dir, name, now);
        self.drop_link(ino, now);
        Ok(())
    }

    /// Removes an empty directory.
    ///
    /// # Errors
    /// `Notempty`, `Notdir`, `Busy` for a mount point or `/`, `Inval` for `.`, `Rofs`, `Acces`, `Perm` in a sticky
    /// directory, and those of a path.
    pub fn rmdir(&mut self, cred: &Cred, cwd: &str, path: &str, now: Instant) -> Result<(), Errno> {
        let place = self.walk(cred, cwd, path, Follow::Never)?;
        let name = match &place.last {
            Last::Name(name) => name,
            Last::Dot => return Err(Errno::Inval),
            Last::DotDot => return Err(Errno::Notempty),
            Last::Root => return Err(Errno::Busy),
        };
        self.gives_names(place.dir)?;
        let ino = place.raw.ok_or(Errno::Noent)?;
        self.may_delete(cred, place.dir, ino)?;
        let entries = self.node(ino).entries().ok_or(Errno::Notdir)?;
        if self.covered.contains_key(&ino) {
            return Err(Errno::Busy);
        }
        if !entries.is_empty() {
            return Err(Errno::Notempty);
        }
        self.leave(place.dir, name, now);
        self.drop_link(ino, now);
        Ok(())
    }

    /// A file has been read: when that was is kept, unless the file system is mounted `noatime`; with `relatime` once after each
    /// change and once a day.
    pub fn was_read(&mut self, ino: Ino, now: Instant) {
        const DAY: Span = Span::secs(86_400);
        let node = self.node(ino);
        let rarely = self.mounts.get(node.mount).is_some_and(|mount| mount.has("relatime"));
        let stale = !rarely || node.atime <= node.mtime.max(node.ctime) || now.since(node.atime) >= DAY;
        let kept = self.mounts.get(node.mount).is_some_and(|mount| !mount.read_only && !mount.has("noatime"));
        if stale && kept && node.atime < now && matches!(node.kind, Kind::File(_)) && !self.is_kernels(ino) {
            self.edit(ino, |inode| inode.atime = now);
        }
    }

    /// Moves a file to another name and removes what had that name before, as rename(2).
    ///
    /// # Errors
    /// `Xdev`, `Inval` into itself, `Notempty`, `Isdir` and `Notdir` where the kinds do not fit, `Busy`, `Rofs`, `Acces`,
    /// `Perm` in sticky directories, and those of a path.
    pub fn rename(&mut self, cred: &Cred, cwd: &str, old: &str, new: &str, now: Instant) -> Result<(), Errno> {
        let from = self.walk(cred, cwd, old, Follow::Never)?;
        let to = self.walk(cred, cwd, new, Follow::Never)?;
        if self.node(from.dir).mount != self.node(to.dir).mount {
            return Err(Errno::Xdev);
        }
        let (Last::Name(old_name), Last::Name(new_name)) = (&from.last, &to.last) else { return Err(Errno::Busy) };
        self.gives_names(from.dir)?;
        let ino = from.raw.ok_or(Errno::Noent)?;
        let directory = self.node(ino).is_dir();
        if !directory && (from.slash || to.slash) {
            return Err(Errno::Notdir);
        }
        if directory && self.is_within(to.dir, ino) {
            return Err(Errno::Inval);
        }
        if to.raw.is_some_and(|target| self.node(target).is_dir() && self.is_within(from.dir, target)) {
            return Err(Errno::Notempty);
        }
        if to.raw == Some(ino) {
            return Ok(());
        }
        self.may_delete(cred, from.dir, ino)?;
        self.may_replace(cred, &to, ino)?;
        if directory && from.dir != to.dir {
            cred.permits(self.node(ino), Access::WRITE)?;
        }
        if let Some(target) = to.raw {
            self.leave(to.dir, new_name, now);
            self.drop_link(target, now);
        }
        self.leave(from.dir, old_name, now);
        self.enter(to.dir, Arc::clone(new_name), ino, now);
        self.edit(ino, |inode| inode.ctime = now);
        if directory {
            self.name_mounts();
        }
        Ok(())
    }

    /// Sets permission bits. The bit sgid is lost when the file's group is not the user's.
    ///
    /// # Errors
    /// `Rofs`, and `Perm` for all but owner and root.
    pub fn chmod(&mut self, cred: &Cred, ino: Ino, mode: u16, now: Instant) -> Result<(), Errno> {
        self.writable(ino)?;
        let inode = self.node(ino);
        if !cred.owns(inode) {
            return Err(Errno::Perm);
        }
        let foreign = !cred.is_root() && !cred.is_in(inode.gid);
        let mode = if foreign { mode & !0o2000 } else { mode };
        self.edit(ino, |inode| (inode.mode, inode.ctime) = (mode & MODE_BITS, now));
        Ok(())
    }

    /// Sets owner and group, where given. Files lose suid and sgid.
    ///
    /// # Errors
    /// `Rofs`; `Perm` for all but root, who alone gives files away; an owner may set a group that they are in.
    pub fn chown(
        &mut self,
        cred: &Cred,
        ino: Ino,
        uid: Option<u32>,
        gid: Option<u32>,
        now: Instant,
    ) -> Result<(), Errno> {
        self.writable(ino)?;
        let inode = self.node(ino);
        let keeps_owner = uid.is_none_or(|uid| uid == inode.uid);
        let own_group = gid.is_none_or(|gid| gid == inode.gid || cred.is_in(gid));
        if !(cred.is_root() || cred.uid == inode.uid && keeps_owner && own_group) {
            return Err(Errno::Perm);
        }
        self.edit(ino, |inode| {
            (inode.uid, inode.gid, inode.ctime) = (uid.unwrap_or(inode.uid), gid.unwrap_or(inode.gid), now);
            if !inode.is_dir() {
                let sgid = if inode.mode & 0o010 == 0 { 0 } else { 0o2000 };
                inode.mode &= !(0o4000 | sgid);
            }
        });
        Ok(())
    }

    /// Sets the times of last read and last change, where given. `now` as both is what anyone may do who may write.
    ///
    /// # Errors
    /// `Rofs`; `Perm` for other times and `Acces` for the present one, without the right to it.
    pub fn set_times(
        &mut self,
        cred: &Cred,
        ino: Ino,
        atime: Option<Instant>,
        mtime: Option<Instant>,
        now: Instant,
    ) -> Result<(), Errno> {
        self.writable(ino)?;
        let inode = self.node(ino);
        if !cred.owns(inode) {
            if [atime, mtime] != [Some(now); 2] {
                return Err(Errno::Perm);
            }
            cred.permits(inode, Access::WRITE)?;
        }
        self.edit(ino, |inode| {
            (inode.atime, inode.mtime) = (atime.unwrap_or(inode.atime), mtime.unwrap_or(inode.mtime));
            inode.ctime = now;
        });
        Ok(())
    }

    /// Sets the SELinux type of a file.
    pub fn set_label(&mut self, ino: Ino, label: Option<std::borrow::Cow<'static, str>>) {
        self.edit(ino, |inode| inode.label = label);
    }

    /// Makes a file whose bytes nobody keeps so many bytes long, without a look at the room that there is.
    pub fn resize(&mut self, ino: Ino, bytes: u64) {
        self.edit(ino, |inode| {
            if let Kind::File(Content::Hole(size) | Content::Program(_, size)) = &mut inode.kind {
                *size = bytes;
            }
        });
    }

    /// Frees the files that have no name and are not among those that are `held` open, and gives back their space.
    pub fn reap(&mut self, held: &[Ino]) {
        if self.orphans.is_empty() {
            return;
        }
        let gone: Vec<Ino> = self.orphans.iter().copied().filter(|ino| !held.contains(ino)).collect();
        gone.into_iter().for_each(|ino| self.uproot(ino));
    }

    /// Gives back the space of files without a name on the file system of this directory, except those in `held`.
    pub fn reap_beside(&mut self, dir: Ino, held: &[Ino]) {
        let mount = self.node(dir).mount;
        let here = |ino: &Ino| self.node(*ino).mount == mount && !held.contains(ino);
        let gone: Vec<Ino> = self.orphans.iter().copied().filter(here).collect();
        gone.into_iter().for_each(|ino| self.uproot(ino));
    }

    /// Puts a new file where a path ends.
    pub(super) fn make(
        &mut self,
        cred: &Cred,
        place: &Place,
        kind: Kind,
        mode: u16,
        now: Instant,
    ) -> Result<Ino, Errno> {
        let directory = matches!(kind, Kind::Dir { .. });
        let name = self.vacant(cred, place, directory)?;
        self.make_in(cred, place.dir, name, kind, mode, now)
    }

    /// Puts a new file into a directory under a name that is free.
    pub(super) fn make_in(
        &mut self,
        cred: &Cred,
        dir: Ino,
        name: Arc<str>,
        kind: Kind,
        mode: u16,
        now: Instant,
    ) -> Result<Ino, Errno> {
        let above = self.node(dir);
        let (mount, sgid) = (above.mount, above.mode & 0o2000 != 0);
        let directory = matches!(kind, Kind::Dir { .. });
        let inode = Inode {
            mode: mode & MODE_BITS | if sgid && directory { 0o2000 } else { 0 },
            uid: cred.uid,
            gid: if sgid { above.gid } else { cred.gid },
            nlink: if directory { 2 } else { 1 },
            atime: now,
            mtime: now,
            ctime: now,
            mount,
            label: self.label_in(dir),
            kind,
        };
        let bytes = self.layout(mount).footprint(&inode);
        let crammed = self.held + inode.held() > super::CONTENT_MAX || self.slots.len() >= super::INODES_MAX;
        let full = bytes > self.room(cred, mount);
        self.crammed |= crammed && !full;
        if full || crammed || self.is_out_of_inodes(mount) {
            return Err(Errno::Nospc);
        }
        let ino = self.plant(inode);
        self.enter(dir, name, ino, now);
        Ok(ino)
    }

    /// The name under which something can be made where a path ends.
    pub(super) fn vacant(&self, cred: &Cred, place: &Place, directory: bool) -> Result<Arc<str>, Errno> {
        let (Last::Name(name), None) = (&place.last, place.raw) else { return Err(Errno::Exist) };
        if place.slash && !directory {
            return Err(Errno::Noent);
        }
        self.writable(place.dir)?;
        if self.node(place.dir).nlink == 0 {
            return Err(Errno::Noent);
        }
        cred.permits(self.node(place.dir), Access::WRITE.and(Access::EXEC))?;
        Ok(Arc::clone(name))
    }

    /// Whether somebody else than the kernel can make a file where a path ends.
    pub(super) fn takes_files(&self, place: &Place) -> Result<(), Errno> {
        let made = self.is_made_by_kernel(place.dir) && place.raw.is_none();
        if made { Err(Errno::Noent) } else { Ok(()) }
    }

    /// Whether names in this directory come and go as the kernel wants.
    fn is_made_by_kernel(&self, dir: Ino) -> bool {
        self.mount_of(self.node(dir).mount).is_some_and(|mount| matches!(mount.fstype.as_str(), "proc" | "sysfs"))
    }

    /// Whether names in this directory can be removed.
    fn gives_names(&self, dir: Ino) -> Result<(), Errno> {
        self.writable(dir)?;
        if self.is_made_by_kernel(dir) { Err(Errno::Perm) } else { Ok(()) }
    }

    /// Sets all times of every file to the moment that its file system is given.
    pub fn date(&mut self, at: impl Fn(&Mount) -> Instant) {
        let moments: Vec<Instant> = self.mounts.iter().map(at).collect();
        let all: Vec<Ino> = self.inodes().map(|(ino, _)| ino).collect();
        for ino in all {
            let at = moments[self.node(ino).mount];
            self.edit(ino, |inode| (inode.atime, inode.mtime, inode.ctime) = (at, at, at));
        }
    }

    /// Whether the file system of an inode can be changed at all.
    fn writable(&self, ino: Ino) -> Result<(), Errno> {
        if self.is_read_only(self.node(ino).mount) { Err(Errno::Rofs) } else { Ok(()) }
    }

    /// Whether the name of `ino` may be taken out of `dir`.
    fn may_delete(&self, cred: &Cred, dir: Ino, ino: Ino) -> Result<(), Errno> {
        let above = self.node(dir);
        cred.permits(above, Access::WRITE.and(Access::EXEC))?;
        let sticky = above.mode & 0o1000 != 0;
        if sticky && !cred.owns(above) && !cred.owns(self.node(ino)) { Err(Errno::Perm) } else { Ok(()) }
    }

    /// Whether `ino` may take the name at the end of `to`, and what has it be removed.
    fn may_replace(&self, cred: &Cred, to: &Place, ino: Ino) -> Result<(), Errno> {
        let Some(target) = to.raw else {
            if self.node(to.dir).nlink == 0 {
                return Err(Errno::Noent);
            }
            cred.permits(self.node(to.dir), Access::WRITE.and(Access::EXEC))?;
            return self.not_mounted(ino);
        };
        self.may_delete(cred, to.dir, target)?;
        match (self.node(ino).is_dir(), self.node(target).entries()) {
            (true, None) => return Err(Errno::Notdir),
            (false, Some(_)) => return Err(Errno::Isdir),
            _ => {}
        }
        self.not_mounted(ino)?;
        self.not_mounted(target)?;
        match self.node(target).entries() {
            Some(entries) if !entries.is_empty() => Err(Errno::Notempty),
            _ => Ok(()),
        }
    }

    fn not_mounted(&self, ino: Ino) -> Result<(), Errno> {
        if self.covered.contains_key(&ino) { Err(Errno::Busy) } else { Ok(()) }
    }

    /// Whether a directory is `above` or somewhere in it, within one file system.
    fn is_within(&self, dir: Ino, above: Ino) -> bool {
        let mut at = dir;
        loop {
            if at == above {
                return true;
            }
            match self.node(at).kind {
                Kind::Dir { parent, .. } if parent != at => at = parent,
                _ => return false,
            }
        }
    }

    /// Writes a name into a directory.
    fn enter(&mut self, dir: Ino, name: Arc<str>, ino: Ino, now: Instant) {
        let mut directory = false;
        self.edit(ino, |inode| {
            if let Kind::Dir { parent, .. } = &mut inode.kind {
                (*parent, directory) = (dir, true);
            }
        });
        self.edit(dir, |inode| {
            inode.nlink += u32::from(directory);
            (inode.mtime, inode.ctime) = (now, now);
            if let Kind::Dir { entries, .. } = &mut inode.kind {
                entries.insert(name, ino);
            }
        });
    }

    /// Takes a name out of a directory.
    pub(super) fn leave(&mut self, dir: Ino, name: &str, now: Instant) {
        let child = self.node(dir).entries().and_then(|entries| entries.get(name));
        let directory = child.is_some_and(|child| self.node(*child).is_dir());
        self.edit(dir, |inode| {
            inode.nlink -= u32::from(directory);
            (inode.mtime, inode.ctime) = (now, now);
            if let Kind::Dir { entries, .. } = &mut inode.kind {
                entries.remove(name);
            }
        });
    }

    /// Counts one name less; of a directory it is the only one.
    pub(super) fn drop_link(&mut self, ino: Ino, now: Instant) {
        self.edit(ino, |inode| {
            inode.nlink = if inode.is_dir() { 0 } else { inode.nlink - 1 };
            inode.ctime = now;
        });
        if self.node(ino).nlink == 0 {
            self.orphans.insert(ino);
        }
    }
}
