//! Opening, reading and writing regular files.

use std::borrow::Cow;
use std::sync::Arc;

use super::inode::{Layout, program_start};
use super::walk::{Follow, Last};
use super::{Access, CONTENT_MAX, Content, Cred, Errno, Fs, Ino, Inode, Kind};
use crate::sim::Instant;

/// How a file is opened, as the flags of open(2).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Open {
    /// For reading.
    pub read: bool,
    /// For writing.
    pub write: bool,
    /// Made with this mode (without the bits of the umask) when it is not there (`O_CREAT`).
    pub create: Option<u16>,
    /// Refused when it is there (`O_EXCL`).
    pub exclusive: bool,
    /// Emptied (`O_TRUNC`).
    pub truncate: bool,
    /// Written at its end only (`O_APPEND`).
    pub append: bool,
}

impl Fs {
    /// Opens a file: finds or makes it, and asks for permission. What is made may be written whatever its mode says.
    ///
    /// # Errors
    /// `Exist`, `Isdir`, `Acces`, `Rofs`, `Nospc`, and those of a path.
    pub fn open(&mut self, cred: &Cred, cwd: &str, path: &str, how: Open, now: Instant) -> Result<Ino, Errno> {
        let exclusive = how.create.is_some() && how.exclusive;
        let place = self.walk(cred, cwd, path, if exclusive { Follow::Never } else { Follow::Last })?;
        if let (None, Some(mode)) = (place.raw, how.create) {
            self.takes_files(&place)?;
            return match place.slash {
                true => Err(Errno::Isdir),
                false => self.make(cred, &place, Kind::File(Content::default()), mode, now),
            };
        }
        if exclusive {
            return Err(Errno::Exist);
        }
        let ino = self.arrive(&place)?;
        if self.node(ino).is_dir() && (how.write || how.create.is_some()) {
            return Err(Errno::Isdir);
        }
        let read = if how.read { Access::READ } else { Access::NONE };
        let write = if how.write || how.truncate { Access::WRITE } else { Access::NONE };
        self.access(cred, ino, read.and(write))?;
        if how.write && !how.append && self.node(ino).has_attribute('a') {
            return Err(Errno::Perm);
        }
        if how.truncate && matches!(self.node(ino).kind, Kind::File(_)) {
            self.truncate(cred, ino, 0, now)?;
        }
        Ok(ino)
    }

    /// The regular file at `path`, made when it is not there, ready to be written.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub fn create(&mut self, cred: &Cred, cwd: &str, path: &str, mode: u16, now: Instant) -> Result<Ino, Errno> {
        self.open(cred, cwd, path, Open { write: true, create: Some(mode), ..Open::default() }, now)
    }

    /// Puts a new file of any kind into a directory, for those who build a tree: a name that is taken is an error.
    ///
    /// # Errors
    /// `Exist`, `Notdir`, `Inval` for a name that cannot be one, `Nospc`.
    pub fn put(
        &mut self,
        cred: &Cred,
        dir: Ino,
        name: &str,
        kind: Kind,
        mode: u16,
        now: Instant,
    ) -> Result<Ino, Errno> {
        if !super::check::is_name(name) {
            return Err(Errno::Inval);
        }
        let entries = self.node(dir).entries().ok_or(Errno::Notdir)?;
        if entries.contains_key(name) {
            return Err(Errno::Exist);
        }
        let place = super::walk::Place { dir, last: Last::Name(name.into()), raw: None, slash: false };
        self.make(cred, &place, kind, mode, now)
    }

    /// What a regular file holds.
    ///
    /// # Errors
    /// `Isdir`, `Acces`, `Inval` for a link, `Nxio` for devices, pipes and sockets: those are their driver's.
    pub fn read(&self, cred: &Cred, ino: Ino) -> Result<&Content, Errno> {
        let inode = self.node(ino);
        cred.permits(inode, Access::READ)?;
        match &inode.kind {
            Kind::File(content) => Ok(content),
            Kind::Dir { .. } => Err(Errno::Isdir),
            Kind::Link(_) => Err(Errno::Inval),
            Kind::Char { .. } | Kind::Block { .. } | Kind::Fifo | Kind::Socket => Err(Errno::Nxio),
        }
    }

    /// What an open regular file holds; `None` when it is no regular file. Permission was asked when it was opened.
    #[must_use]
    pub fn content(&self, ino: Ino) -> Option<&Content> {
        match &self.node(ino).kind {
            Kind::File(content) => Some(content),
            _ => None,
        }
    }

    /// Replaces what is made for a file by the bytes that it would show now, so that they can be changed. It is as if
    /// they had always stood there: no time changes and space is not asked for.
    pub fn fix(&mut self, ino: Ino, bytes: Vec<u8>) {
        let room = CONTENT_MAX.saturating_sub(self.held);
        if self.made(ino).is_some() && !self.is_kernels(ino) && bytes.len() as u64 <= room {
            self.edit(ino, |inode| inode.kind = Kind::File(Content::Bytes(Arc::new(bytes))));
        }
    }

    /// Writes bytes at a position of an open file and gives how many went in: fewer than were given where the disk
    /// became full. Zeros that go to the end of an empty file or of zeros take space on the disk, but no memory.
    ///
    /// # Errors
    /// `Nospc` when not one byte fits, `Rofs`, `Fbig`, `Stale`; `Io` for what is made (see [`Self::fix`]) and for the
    /// kernel's files; `Badf` when it is no regular file.
    pub fn write_at(&mut self, cred: &Cred, ino: Ino, offset: u64, bytes: &[u8], now: Instant) -> Result<usize, Errno> {
        let size = self.writable_size(ino)?;
        if bytes.is_empty() {
            return Ok(0);
        }
        let end = offset.checked_add(bytes.len() as u64).filter(|end| *end <= FILE_MAX).ok_or(Errno::Fbig)?;
        let room = self.growth(cred, ino, size);
        if let Some(Content::Sparse(_)) = self.content(ino)
            && offset <= size
            && bytes.iter().all(|byte| *byte == 0)
        {
            // Zeros in a sparse file are not told from those that were never written.
            self.set_content(ino, Content::Sparse(size.max(end)), now);
            return Ok(bytes.len());
        }
        if self.is_hole(ino) && offset <= size && bytes.iter().all(|byte| *byte == 0) {
            let end = end.min(size.max(room));
            let count = end.checked_sub(offset).filter(|count| *count > 0).ok_or(Errno::Nospc)?;
            self.set_content(ino, Content::Hole(size.max(end)), now);
            return Ok(usize::try_from(count).unwrap_or(bytes.len()));
        }
        let (wanted, kept) = (end.min(size.max(room)), self.keepable(ino));
        self.crammed |= kept < wanted;
        let end = wanted.min(kept);
        let count = end.checked_sub(offset).filter(|count| *count > 0).ok_or(Errno::Nospc)?;
        let count = usize::try_from(count).unwrap_or(bytes.len());
        let start = usize::try_from(offset).map_err(|_| Errno::Fbig)?;
        self.edit_bytes(ino, now, |old| {
            if old.len() < start + count {
                old.resize(start + count, 0);
            }
            old[start..start + count].copy_from_slice(&bytes[..count]);
        })?;
        Ok(count)
    }

    /// Writes bytes at the end of an open file, as [`Self::write_at`].
    ///
    /// # Errors
    /// As there.
    pub fn append(&mut self, cred: &Cred, ino: Ino, bytes: &[u8], now: Instant) -> Result<usize, Errno> {
        let size = self.writable_size(ino)?;
        self.write_at(cred, ino, size, bytes, now)
    }

    /// Sets the length of a file. What is added reads as zeros. In a file that has no more than zeros it takes no space,
    /// unlike in one that has bytes, where it is written out.
    ///
    /// # Errors
    /// As [`Self::write_at`].
    pub fn truncate(&mut self, cred: &Cred, ino: Ino, length: u64, now: Instant) -> Result<(), Errno> {
        if self.is_kernels(ino) {
            // O_TRUNC means nothing to the kernel's files; what writing them means comes with the write.
            return Ok(());
        }
        if length == 0 && self.made(ino).is_some() && !self.is_read_only(self.node(ino).mount) {
            self.set_content(ino, Content::default(), now);
            return Ok(());
        }
        let size = self.writable_size(ino)?;
        if length > FILE_MAX {
            return Err(Errno::Fbig);
        }
        if length == 0 {
            self.set_content(ino, Content::default(), now);
        } else if size == 0 || matches!(self.content(ino), Some(Content::Sparse(_))) {
            self.set_content(ino, Content::Sparse(length), now);
        } else if length > size.max(self.growth(cred, ino, size)) {
            return Err(Errno::Nospc);
        } else if self.is_hole(ino) {
            self.set_content(ino, Content::Hole(length), now);
        } else {
            if length > size.max(self.keepable(ino)) {
                self.crammed = true;
                return Err(Errno::Nospc);
            }
            let length = usize::try_from(length).map_err(|_| Errno::Fbig)?;
            self.edit_bytes(ino, now, |bytes| bytes.resize(length, 0))?;
        }
        Ok(())
    }

    /// Writes zeros from the end of a file of zeros on, up to `length`: they take space, but no memory.
    ///
    /// # Errors
    /// As [`Self::write_at`].
    pub fn zero(&mut self, cred: &Cred, ino: Ino, length: u64, now: Instant) -> Result<(), Errno> {
        let size = self.writable_size(ino)?;
        if length > size.max(self.growth(cred, ino, size)) {
            return Err(Errno::Nospc);
        }
        if self.is_hole(ino) {
            self.set_content(ino, Content::Hole(length), now);
            return Ok(());
        }
        self.truncate(cred, ino, length, now)
    }

    /// Lets a new file take all that is left on its disk, in zeros.
    pub fn fill(&mut self, cred: &Cred, ino: Ino, now: Instant) {
        if self.is_hole(ino) {
            let length = self.growth(cred, ino, 0).min(FILE_MAX);
            self.set_content(ino, Content::Hole(length), now);
        }
    }

    /// Makes a file of zeros the program of this name, as long as it is: the copy of a program takes no memory either.
    pub fn become_program(&mut self, ino: Ino, name: Cow<'static, str>) {
        if let Some(Content::Hole(size)) = self.content(ino) {
            let size = *size;
            self.edit(ino, |inode| inode.kind = Kind::File(Content::Program(name, size)));
        }
    }

    /// The length of a file that may be written.
    fn writable_size(&self, ino: Ino) -> Result<u64, Errno> {
        let inode = self.slots.get(ino).ok_or(Errno::Stale)?;
        let Kind::File(content) = &inode.kind else { return Err(Errno::Badf) };
        if self.is_kernels(ino) {
            return Err(Errno::Io);
        }
        if self.is_read_only(inode.mount) {
            return Err(Errno::Rofs);
        }
        content.size().ok_or(Errno::Io)
    }

    /// The length up to which a file of `size` bytes can grow on its disk.
    fn growth(&self, cred: &Cred, ino: Ino, size: u64) -> u64 {
        let inode = self.node(ino);
        let written = if matches!(inode.kind, Kind::File(Content::Sparse(_))) { 0 } else { size };
        let taken = self.layout(inode.mount).footprint(inode).max(written);
        taken.saturating_add(self.room(cred, inode.mount) / 4096 * 4096)
    }

    /// The length up to which its bytes can be kept in memory.
    fn keepable(&self, ino: Ino) -> u64 {
        (CONTENT_MAX + self.node(ino).held()).saturating_sub(self.held)
    }

    /// Whether it has nothing but zeros, none included.
    fn is_hole(&self, ino: Ino) -> bool {
        match self.content(ino) {
            Some(Content::Hole(_) | Content::Sparse(_)) => true,
            Some(Content::Bytes(bytes)) => bytes.is_empty(),
            _ => false,
        }
    }

    pub(super) fn is_kernels(&self, ino: Ino) -> bool {
        self.layout(self.node(ino).mount) == Layout::Kernel
    }

    fn set_content(&mut self, ino: Ino, content: Content, now: Instant) {
        self.edit(ino, |inode| {
            inode.kind = Kind::File(content);
            changed(inode, now);
        });
    }

    /// Changes the bytes of a file; zeros that were not kept are written out first.
    fn edit_bytes(&mut self, ino: Ino, now: Instant, change: impl FnOnce(&mut Vec<u8>)) -> Result<(), Errno> {
        if let Some(Content::Hole(size) | Content::Sparse(size) | Content::Program(_, size)) = self.content(ino) {
            let size = *size;
            if size > self.keepable(ino) {
                self.crammed = true;
                return Err(Errno::Nospc);
            }
            let mut bytes = match self.content(ino) {
                Some(Content::Program(name, _)) => program_start(name),
                _ => Vec::new(),
            };
            bytes.resize(usize::try_from(size).map_err(|_| Errno::Fbig)?, 0);
            self.edit(ino, |inode| inode.kind = Kind::File(Content::Bytes(Arc::new(bytes))));
        }
        self.edit(ino, |inode| {
            if let Kind::File(Content::Bytes(bytes)) = &mut inode.kind {
                change(Arc::make_mut(bytes));
            }
            changed(inode, now);
        });
        Ok(())
    }
}

/// A file is at most so long: 8 EiB less one byte, as the kernel has it.
const FILE_MAX: u64 = i64::MAX as u64;

/// A change of the content: the times say so, and programs lose suid and sgid.
fn changed(inode: &mut Inode, now: Instant) {
    (inode.mtime, inode.ctime) = (now, now);
    inode.mode &= !(0o4000 | if inode.mode & 0o010 == 0 { 0 } else { 0o2000 });
}
