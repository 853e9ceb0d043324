//! A folder of the host on which writing goes wrong when a test wants it to.

use std::path::{Path, PathBuf};

use appsh::store::{Backing, Folder as OnDisk, StoreError, Stored};

/// What is about to be written.
#[derive(Clone, Copy, Debug)]
pub enum Write<'a> {
    /// These bytes, behind the journal.
    Append(&'a [u8]),
    /// A new snapshot.
    Replace,
}

/// A folder, and what comes between the store and it.
pub struct Frail<F> {
    disk: OnDisk,
    before: F,
}

impl<F: FnMut(&mut OnDisk, Write<'_>) -> Result<(), StoreError> + Send> Frail<F> {
    /// Opens a folder; `before` sees each write before it is done, and may fail instead.
    pub fn open(folder: &Path, before: F) -> Box<Self> {
        Box::new(Self { disk: OnDisk::open(folder).expect("a folder of our own"), before })
    }
}

impl<F: FnMut(&mut OnDisk, Write<'_>) -> Result<(), StoreError> + Send> Backing for Frail<F> {
    fn place(&self) -> &Path {
        self.disk.place()
    }

    fn snapshot_place(&self) -> PathBuf {
        self.disk.snapshot_place()
    }

    fn journal_place(&self) -> PathBuf {
        self.disk.journal_place()
    }

    fn load(&mut self) -> Result<Stored, StoreError> {
        self.disk.load()
    }

    fn append(&mut self, bytes: &[u8]) -> Result<(), StoreError> {
        (self.before)(&mut self.disk, Write::Append(bytes))?;
        self.disk.append(bytes)
    }

    fn cut_journal(&mut self, length: u64) -> Result<(), StoreError> {
        self.disk.cut_journal(length)
    }

    fn replace(&mut self, snapshot: &[u8], journal: &[u8]) -> Result<(), StoreError> {
        (self.before)(&mut self.disk, Write::Replace)?;
        self.disk.replace(snapshot, journal)
    }
}
