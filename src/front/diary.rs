//! `--log`: what appsh itself did, a line each, with the virtual time.

use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};

use super::Trouble;
use crate::sim::Instant;

/// A file of appsh's own diagnostics, or none.
#[derive(Debug, Default)]
pub struct Diary {
    file: Option<(PathBuf, File)>,
}

impl Diary {
    /// Opens the file, to be continued if it exists.
    ///
    /// # Errors
    /// When the host refuses.
    pub fn open(path: Option<&Path>) -> Result<Self, Trouble> {
        let open = |path: &Path| {
            let file = OpenOptions::new().create(true).append(true).open(path);
            file.map(|file| (path.to_owned(), file)).map_err(|error| Trouble::file(path, &error))
        };
        Ok(Self { file: path.map(open).transpose()? })
    }

    /// Notes something that happened at `now`.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn note(&mut self, now: Instant, what: impl FnOnce() -> String) -> Result<(), Trouble> {
        let Some((path, file)) = &mut self.file else { return Ok(()) };
        writeln!(file, "{now} {}", what()).map_err(|error| Trouble::file(path, &error))
    }
}
