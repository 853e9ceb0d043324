//! Files that processes have locked (flock(2)). A lock belongs to the process that has the file open, and ends with it; that of
//! a shell at its prompt for as long as the shell holds the file open.

use serde::{Deserialize, Serialize};

use super::super::fs::Ino;
use super::Processes;

/// The locks of a machine.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Locks(Vec<Lock>);

/// A lock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Lock {
    file: Ino,
    holder: u32,
    shared: bool,
}

impl Lock {
    fn holds(&self, processes: &Processes) -> bool {
        let holder = processes.get(self.holder).filter(|holder| holder.ended.is_none());
        holder.is_some_and(|holder| holder.live || holder.holds.contains(&self.file))
    }
}

impl Locks {
    /// Whether there are none.
    #[must_use]
    pub fn is_none(&self) -> bool {
        self.0.is_empty()
    }

    /// Locks a file for a process, unless another stands in the way: then that one.
    ///
    /// # Errors
    /// The process that has the lock.
    pub fn take(&mut self, processes: &Processes, file: Ino, holder: u32, shared: bool) -> Result<(), u32> {
        self.0.retain(|lock| lock.holds(processes));
        let in_way = |lock: &&Lock| lock.file == file && lock.holder != holder && !(lock.shared && shared);
        if let Some(other) = self.0.iter().find(in_way) {
            return Err(other.holder);
        }
        self.0.retain(|lock| (lock.file, lock.holder) != (file, holder));
        self.0.push(Lock { file, holder, shared });
        Ok(())
    }

    /// A process has no other files open than these: its locks on others have ended.
    pub fn keep(&mut self, holder: u32, open: &[Ino]) {
        self.0.retain(|lock| lock.holder != holder || open.contains(&lock.file));
    }

    /// Ends the lock of a process on a file.
    pub fn end(&mut self, file: Ino, holder: u32) {
        self.0.retain(|lock| (lock.file, lock.holder) != (file, holder));
    }
}
