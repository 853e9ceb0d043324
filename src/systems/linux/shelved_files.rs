//! The open files of a shell between two lines: put away as plain data, and taken up again.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::fs::Ino;
use super::io::{Descriptors, Open, OpenFile};
use super::model::files::{Kept, KeptFile, KeptOpen};
use crate::world::MachineId;

impl Descriptors {
    /// Puts the open files away: nothing where all is on the terminal as in the beginning. Ends of pipes are left out.
    #[must_use]
    pub fn keep(&self) -> Option<Vec<Kept>> {
        let mut groups: Vec<(&Arc<Open>, Vec<u32>)> = Vec::new();
        for fd in self.numbers() {
            let Some(open) = self.get(fd) else { continue };
            let same = |known: &Arc<Open>| {
                Arc::ptr_eq(known, open) || matches!((&**known, &**open), (Open::Terminal, Open::Terminal))
            };
            match groups.iter_mut().find(|(known, _)| same(known)) {
                Some((_, fds)) => fds.push(fd),
                None => groups.push((open, vec![fd])),
            }
        }
        let kept: Vec<Kept> =
            groups.into_iter().filter_map(|(open, fds)| Some(Kept { fds, file: put_away(open)? })).collect();
        let usual = Kept { fds: vec![0, 1, 2], file: KeptFile::Terminal };
        (kept != [usual]).then_some(kept)
    }

    /// Whether a pipe is among them, which cannot be kept.
    #[must_use]
    pub fn has_pipe(&self) -> bool {
        self.numbers().filter_map(|fd| self.get(fd)).any(|open| matches!(**open, Open::Reader(_) | Open::Writer(_)))
    }

    /// Closes the ends of pipes; standard files are on the terminal again.
    pub fn replace_pipes(&mut self) {
        let numbers: Vec<u32> = self.numbers().collect();
        for fd in numbers {
            if self.get(fd).is_some_and(|open| matches!(**open, Open::Reader(_) | Open::Writer(_))) {
                self.set(fd, (fd < 3).then(|| Arc::new(Open::Terminal)));
            }
        }
    }

    /// Takes open files of a machine up again.
    #[must_use]
    pub fn of(kept: Option<&[Kept]>, machine: MachineId) -> Self {
        let Some(kept) = kept else {
            let terminal = Arc::new(Open::Terminal);
            return Self::new(Arc::clone(&terminal), terminal);
        };
        let mut files = Self::default();
        for Kept { fds, file } in kept {
            let open = Arc::new(take_up(file, machine));
            for fd in fds {
                files.set(*fd, Some(Arc::clone(&open)));
            }
        }
        files
    }

    /// The files of the disk among them.
    pub fn inodes(&self) -> impl Iterator<Item = Ino> {
        self.numbers().filter_map(|fd| match self.get(fd)?.as_ref() {
            Open::File(file) => Some(file.ino),
            _ => None,
        })
    }
}

fn put_away(open: &Open) -> Option<KeptFile> {
    Some(match open {
        Open::Terminal => KeptFile::Terminal,
        Open::Null => KeptFile::Null,
        Open::Zero => KeptFile::Zero,
        Open::Full => KeptFile::Full,
        Open::Random => KeptFile::Random,
        Open::Text(_) => {
            let (text, at) = open.text_left()?;
            KeptFile::Text(text, at)
        }
        Open::File(file) => KeptFile::File(KeptOpen {
            ino: file.ino,
            path: file.path.clone(),
            at: file.at.load(Ordering::Relaxed),
            append: file.append,
            reads: file.reads,
            writes: file.writes,
        }),
        // A command that came through a connection is over before its shell is put away.
        Open::Relay | Open::Reader(_) | Open::Writer(_) | Open::Capture(_) | Open::Journal(_) => return None,
    })
}

fn take_up(kept: &KeptFile, machine: MachineId) -> Open {
    match kept {
        KeptFile::Terminal => Open::Terminal,
        KeptFile::Null => Open::Null,
        KeptFile::Zero => Open::Zero,
        KeptFile::Full => Open::Full,
        KeptFile::Random => Open::Random,
        KeptFile::Text(text, at) => Open::text(text.get(*at..).unwrap_or_default()),
        KeptFile::File(file) => Open::File(OpenFile {
            at: AtomicU64::new(file.at),
            append: file.append,
            reads: file.reads,
            writes: file.writes,
            ..OpenFile::new(machine, file.ino, &file.path)
        }),
    }
}
