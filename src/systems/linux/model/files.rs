//! The open files of a shell as plain data: what `exec` without a command opened at a prompt holds until the shell ends,
//! also in a saved lab.

use serde::{Deserialize, Serialize};

use super::super::fs::Ino;
use super::bash::Bash;

/// An open file with all descriptors that share it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kept {
    /// The descriptors.
    pub fds: Vec<u32>,
    /// What is open.
    pub file: KeptFile,
}

/// What can be open between two lines; a pipe cannot, for its other end is a program.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum KeptFile {
    /// The terminal.
    Terminal,
    /// `/dev/null`
    Null,
    /// `/dev/zero`
    Zero,
    /// `/dev/full`
    Full,
    /// `/dev/random`
    Random,
    /// A here-document, and how far it is read.
    Text(Vec<u8>, usize),
    /// A file of a machine.
    File(KeptOpen),
}

/// A file of a machine that is open.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptOpen {
    /// Which file.
    pub ino: Ino,
    /// The path by which it was opened.
    pub path: String,
    /// Where the next byte is read or written.
    pub at: u64,
    /// Whether each write goes to the end.
    pub append: bool,
    /// Whether it may be read.
    pub reads: bool,
    /// Whether it may be written.
    pub writes: bool,
}

impl Bash {
    /// An inner shell has ended, which had some of these files from this one: where they are read and written on is shared.
    pub fn follow(&mut self, inner: &Self) {
        for kept in self.files.iter_mut().flatten() {
            let same = inner.files.iter().flatten().find(|other| other.fds == kept.fds);
            match (&mut kept.file, same.map(|other| &other.file)) {
                (KeptFile::File(file), Some(KeptFile::File(other))) if file.ino == other.ino => file.at = other.at,
                (KeptFile::Text(text, at), Some(KeptFile::Text(other, further))) if text == other => *at = *further,
                _ => {}
            }
        }
    }

    /// Whether one of its standard files is the terminal.
    #[must_use]
    pub fn on_terminal(&self, fd: u32) -> bool {
        let Some(files) = &self.files else { return true };
        files.iter().any(|kept| kept.file == KeptFile::Terminal && kept.fds.contains(&fd))
    }
}
