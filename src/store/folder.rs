//! A saved lab in a folder of the host: `snapshot.json`, `journal`, and `lock`, which one appsh at a time holds.
//!
//! A snapshot goes to a temporary name, is forced to the disk and takes its place in one step. Journal entries are handed
//! to the operating system and not forced: a crash of appsh loses none, a power failure of the host may take the last.

use std::fs::{self, DirBuilder, File, OpenOptions, TryLockError};
use std::io::{ErrorKind, Read, Write};
use std::os::unix::fs::{DirBuilderExt, FileExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use super::{Backing, StoreError, Stored};

const SNAPSHOT: &str = "snapshot.json";
const JOURNAL: &str = "journal";
const LOCK: &str = "lock";
/// What a file is called before it takes its place.
const NEW: &str = ".new";

/// A folder that is held by this process.
#[derive(Debug)]
pub struct Folder {
    path: PathBuf,
    journal: Option<File>,
    /// Bytes of the journal that are known to be whole.
    length: u64,
    /// Held as long as it is open.
    _lock: File,
}

impl Folder {
    /// Takes hold of a folder; it is made if it does not exist.
    ///
    /// # Errors
    /// [`StoreError`]: it cannot be used, another appsh holds it, or it holds other files.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        DirBuilder::new().recursive(true).mode(0o700).create(path).map_err(StoreError::io(path))?;
        refuse_foreign(path)?;
        let lock_path = path.join(LOCK);
        let lock = ours().truncate(false).open(&lock_path).map_err(StoreError::io(&lock_path))?;
        match lock.try_lock() {
            Ok(()) => Ok(Self { path: path.to_owned(), journal: None, length: 0, _lock: lock }),
            Err(TryLockError::WouldBlock) => Err(StoreError::InUse { path: path.to_owned() }),
            Err(TryLockError::Error(cause)) => Err(StoreError::Io { path: lock_path, cause }),
        }
    }

    /// Writes a whole file that does not have its place yet.
    fn write_new(&self, name: &str, bytes: &[u8]) -> Result<File, StoreError> {
        let new = self.path.join(format!("{name}{NEW}"));
        let mut file = ours().truncate(true).open(&new).map_err(StoreError::io(&new))?;
        file.write_all(bytes).map_err(StoreError::io(&new))?;
        file.sync_data().map_err(StoreError::io(&new))?;
        Ok(file)
    }

    /// Makes what was renamed last through a failure of the host.
    fn settle(&self) -> Result<(), StoreError> {
        File::open(&self.path).and_then(|folder| folder.sync_all()).map_err(StoreError::io(&self.path))
    }

    /// Gives a new file its place, in one step.
    fn put(&self, name: &str) -> Result<(), StoreError> {
        let path = self.path.join(name);
        fs::rename(self.path.join(format!("{name}{NEW}")), &path).map_err(StoreError::io(&path))
    }
}

/// A folder that has other files is somebody's, and not a place for ours.
fn refuse_foreign(path: &Path) -> Result<(), StoreError> {
    for entry in fs::read_dir(path).map_err(StoreError::io(path))? {
        let name = entry.map_err(StoreError::io(path))?.file_name().to_string_lossy().into_owned();
        let ours =
            [SNAPSHOT, JOURNAL].contains(&name.trim_end_matches(NEW)) || (name == LOCK && is_lock(&path.join(LOCK)));
        if !ours && (name == LOCK || !path.join(SNAPSHOT).exists()) {
            return Err(StoreError::NotOurs { path: path.to_owned(), found: name });
        }
    }
    Ok(())
}

/// How a file of ours is opened: whoever else uses the computer has no business with it.
fn ours() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.write(true).create(true).mode(0o600);
    options
}

/// Whether it is a lock of ours: an empty regular file. A link or a file with something in it is somebody's.
fn is_lock(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok_and(|found| found.is_file() && found.len() == 0)
}

fn read_if_there(path: &Path) -> Result<Option<Vec<u8>>, StoreError> {
    match fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(cause) if cause.kind() == ErrorKind::NotFound => Ok(None),
        Err(cause) => Err(StoreError::Io { path: path.to_owned(), cause }),
    }
}

impl Backing for Folder {
    fn place(&self) -> &Path {
        &self.path
    }

    fn snapshot_place(&self) -> PathBuf {
        self.path.join(SNAPSHOT)
    }

    fn journal_place(&self) -> PathBuf {
        self.path.join(JOURNAL)
    }

    fn load(&mut self) -> Result<Stored, StoreError> {
        let snapshot = read_if_there(&self.snapshot_place())?;
        let path = self.journal_place();
        let mut journal = None;
        match OpenOptions::new().read(true).write(true).open(&path) {
            Ok(mut file) => {
                let mut bytes = Vec::new();
                file.read_to_end(&mut bytes).map_err(StoreError::io(&path))?;
                // An empty one is what a failure of the host can leave of a journal that had just got its place.
                if !bytes.is_empty() {
                    self.length = bytes.len() as u64;
                    self.journal = Some(file);
                    journal = Some(bytes);
                }
            }
            Err(cause) if cause.kind() == ErrorKind::NotFound => {}
            Err(cause) => return Err(StoreError::Io { path, cause }),
        }
        Ok(Stored { snapshot, journal })
    }

    fn append(&mut self, bytes: &[u8]) -> Result<(), StoreError> {
        let path = self.journal_place();
        let Some(file) = &mut self.journal else {
            return Err(StoreError::Io { path, cause: ErrorKind::NotFound.into() });
        };
        // Where a write broke off before, its beginning is written over.
        file.write_all_at(bytes, self.length).map_err(StoreError::io(&path))?;
        self.length += bytes.len() as u64;
        Ok(())
    }

    fn cut_journal(&mut self, length: u64) -> Result<(), StoreError> {
        let path = self.journal_place();
        if let Some(file) = &mut self.journal {
            file.set_len(length).map_err(StoreError::io(&path))?;
        }
        self.length = length;
        Ok(())
    }

    fn replace(&mut self, snapshot: &[u8], journal: &[u8]) -> Result<(), StoreError> {
        self.write_new(SNAPSHOT, snapshot)?;
        let next = self.write_new(JOURNAL, journal)?;
        self.put(SNAPSHOT)?;
        // From here on the old journal tells nothing any more: nothing must be added to it.
        self.journal = None;
        self.put(JOURNAL)?;
        self.journal = Some(next);
        self.length = journal.len() as u64;
        self.settle()
    }
}
