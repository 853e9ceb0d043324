//! What can go wrong with a saved lab, in words: where, why, and what can still be done.

use std::fmt;
use std::path::{Path, PathBuf};

/// Why a saved lab cannot be opened or kept.
#[derive(Debug)]
pub enum StoreError {
    /// The host refused.
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What it said.
        cause: std::io::Error,
    },
    /// Another appsh has it open.
    InUse {
        /// The folder.
        path: PathBuf,
    },
    /// The folder holds something else.
    NotOurs {
        /// The folder.
        path: PathBuf,
        /// One of the files that stand there.
        found: String,
    },
    /// Another appsh wrote it, in a format that this one does not read.
    Format {
        /// The file.
        path: PathBuf,
        /// Its format.
        format: u64,
    },
    /// The snapshot is not what was written.
    Snapshot {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        why: String,
    },
    /// The journal is not what was written, or does not fit the snapshot.
    Journal {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        why: String,
    },
    /// A lab begins to be kept, or is kept again after it was changed unseen, when no command runs.
    NotQuiet {
        /// The folder.
        path: PathBuf,
    },
}

impl StoreError {
    /// For `map_err`: what the host said of `path`.
    pub(super) fn io(path: &Path) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.to_owned();
        move |cause| Self::Io { path, cause }
    }
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io { path, cause } => write!(f, "{}: {cause}", path.display()),
            Self::InUse { path } => write!(
                f,
                "{}: another appsh has this lab open; end it first, or copy the folder and open the copy",
                path.display()
            ),
            Self::NotOurs { path, found } => {
                write!(f, "{}: this is no saved lab (it holds {found}); name a new or an empty folder", path.display())
            }
            Self::Format { path, format } => write!(
                f,
                "{}: {} appsh wrote this (format {format}, this one reads {}); open it with that one, or name another \
                 folder for a new lab; nothing was changed",
                path.display(),
                if *format > super::FORMAT { "a newer" } else { "an older" },
                super::FORMAT
            ),
            Self::Snapshot { path, why } => write!(
                f,
                "{}: damaged: {why}; put it back from a copy, or name another folder for a new lab; nothing was changed",
                path.display()
            ),
            Self::Journal { path, why } => write!(
                f,
                "{}: damaged: {why}; put it back from a copy, or move it elsewhere to go on from the last snapshot \
                 without what came since; nothing was changed",
                path.display()
            ),
            Self::NotQuiet { path } => {
                write!(f, "{}: this cannot be kept while a command runs; it is once that has ended", path.display())
            }
        }
    }
}

impl std::error::Error for StoreError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Io { cause, .. } => Some(cause),
            _ => None,
        }
    }
}
