//! Images and folders of the host as what the payload code reads: a [`Medium`] and a [`Source`].
//! Truth: what the person who runs `appsh` named on its command line; nothing else is opened.
//! Left out on purpose: following symbolic links of a folder, which could lead out of it.

use crate::front::cause;
use crate::payload::iso::IsoImage;
use crate::payload::{Cause, DiscError, Entry, EntryKind, Medium, Source};
use std::fmt;
use std::fs::{self, File};
use std::io::{self, Seek, SeekFrom};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

/// An image file or a disc device of the host.
#[derive(Debug)]
pub struct FileMedium {
    file: File,
    size: u64,
}

impl FileMedium {
    /// Opens it for reading.
    ///
    /// # Errors
    /// What the host says; a pipe or a terminal is refused, because it cannot be read at an offset.
    pub fn open(path: &Path) -> io::Result<FileMedium> {
        let kind = fs::metadata(path)?.file_type();
        if !kind.is_file() && !std::os::unix::fs::FileTypeExt::is_block_device(&kind) {
            return Err(io::Error::other("neither a file nor a disc device"));
        }
        let mut file = File::open(path)?;
        let size = file.seek(SeekFrom::End(0))?;
        Ok(FileMedium { file, size })
    }
}

impl Medium for FileMedium {
    fn size(&self) -> u64 {
        self.size
    }

    fn read_at(&self, offset: u64, buf: &mut [u8]) -> io::Result<usize> {
        self.file.read_at(buf, offset)
    }
}

/// A folder of the host that holds an unpacked disc or a mirrored repository.
#[derive(Debug)]
pub struct FolderSource {
    root: PathBuf,
    entries: Vec<Entry>,
}

/// How many files and folders a folder may have.
const MOST_ENTRIES: usize = 1_000_000;

impl FolderSource {
    /// Lists the folder and all below it; links are listed, not followed.
    ///
    /// # Errors
    /// What the host says, or too many entries.
    pub fn open(root: &Path) -> io::Result<FolderSource> {
        let mut entries = Vec::new();
        let mut todo = vec![String::new()];
        while let Some(folder) = todo.pop() {
            for child in fs::read_dir(root.join(&folder))? {
                let child = child?;
                let name = child.file_name();
                let name = name.to_str().ok_or_else(|| io::Error::other(format!("{name:?}: not UTF-8")))?;
                let path = if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") };
                let kind = child.file_type()?;
                if kind.is_dir() {
                    todo.push(path.clone());
                    entries.push(Entry { path, kind: EntryKind::Directory, size: 0 });
                } else if kind.is_file() {
                    entries.push(Entry { path, kind: EntryKind::File, size: child.metadata()?.len() });
                } else {
                    entries.push(Entry { path, kind: EntryKind::Other, size: 0 });
                }
                if entries.len() > MOST_ENTRIES {
                    return Err(io::Error::other(format!("more than {MOST_ENTRIES} entries")));
                }
            }
        }
        entries.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(FolderSource { root: root.to_owned(), entries })
    }
}

impl Source for FolderSource {
    fn label(&self) -> &str {
        ""
    }

    fn size(&self) -> Option<u64> {
        None
    }

    fn entries(&self) -> &[Entry] {
        &self.entries
    }

    fn read_at(&self, path: &str, offset: u64, buf: &mut [u8]) -> Result<usize, DiscError> {
        let fail = |cause| Err(DiscError::new(path, offset, cause));
        match self.find(path).map(|entry| entry.kind) {
            None => return fail(Cause::NotFound),
            Some(EntryKind::Directory | EntryKind::Other) => return fail(Cause::NotAFile),
            Some(EntryKind::File) => {}
        }
        let read = File::open(self.root.join(path)).and_then(|file| file.read_at(buf, offset));
        read.or_else(|error| fail(Cause::Io(error.to_string())))
    }
}

/// Why a path of the host is no source.
#[derive(Debug)]
pub enum SourceError {
    /// The host does not let us read it.
    Host(io::Error),
    /// It can be read, and is no image or a damaged one.
    Disc(DiscError),
}

impl fmt::Display for SourceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SourceError::Host(error) => f.write_str(&cause(error)),
            SourceError::Disc(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for SourceError {}

/// Opens an image or a folder of the host.
///
/// # Errors
/// [`SourceError`]; the caller adds the path.
pub fn open_source(path: &Path) -> Result<Box<dyn Source>, SourceError> {
    if fs::metadata(path).map_err(SourceError::Host)?.is_dir() {
        return Ok(Box::new(FolderSource::open(path).map_err(SourceError::Host)?));
    }
    let medium = FileMedium::open(path).map_err(SourceError::Host)?;
    Ok(Box::new(IsoImage::open(medium).map_err(SourceError::Disc)?))
}
