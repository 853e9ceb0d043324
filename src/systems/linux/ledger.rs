//! What one typed line has used up: its steps, and the memory of its shells, those included that it left behind the prompt.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// So many bytes may all shells of one typed line hold in variables, arrays, arguments and functions, and in what is put
/// together for them.
pub const MEMORY: u64 = 64 * 1024 * 1024;

/// So many jobs may one typed line have behind the prompt, those included which its jobs start.
pub const JOBS: u64 = 256;

/// What has been used up.
#[derive(Debug, Default)]
pub struct Ledger {
    held: AtomicU64,
    steps: AtomicU64,
    /// How many jobs go on behind the prompt.
    jobs: AtomicU64,
    /// Whether the person was told that the files of a machine have a bound.
    told: AtomicBool,
    /// Whether the person was told that the line was stopped.
    stopped: AtomicBool,
}

impl Ledger {
    /// Whether the person is to be told that the files of a machine have a bound: once in a line.
    pub fn tells(&self) -> bool {
        !self.told.swap(true, Ordering::Relaxed)
    }

    /// Whether the person is to be told that the line is stopped: once, however many of its programs come to that.
    pub fn stops(&self) -> bool {
        !self.stopped.swap(true, Ordering::Relaxed)
    }

    /// Notes that a job begins, until what is given back is dropped; nothing where there are too many.
    pub fn begin_job(self: &Arc<Self>) -> Option<RunningJob> {
        let job = RunningJob(Arc::clone(self));
        (self.jobs.fetch_add(1, Ordering::Relaxed) < JOBS).then_some(job)
    }

    /// Counts so many steps: how many there are by now.
    pub fn add_steps(&self, steps: u64) -> u64 {
        self.steps.fetch_add(steps, Ordering::Relaxed) + steps
    }

    /// There were so many steps.
    pub fn set_steps(&self, steps: u64) {
        self.steps.store(steps, Ordering::Relaxed);
    }
}

/// A job that goes on behind the prompt.
#[derive(Debug)]
pub struct RunningJob(Arc<Ledger>);

impl Drop for RunningJob {
    fn drop(&mut self) {
        self.0.jobs.fetch_sub(1, Ordering::Relaxed);
    }
}

/// The part of the memory that one shell, or one construct in it, holds. It is given back when the holder is gone.
#[derive(Debug)]
pub struct Share {
    ledger: Arc<Ledger>,
    bytes: u64,
}

impl Share {
    /// So many bytes of a line.
    #[must_use]
    pub fn new(ledger: &Arc<Ledger>, bytes: u64) -> Self {
        ledger.held.fetch_add(bytes, Ordering::Relaxed);
        Self { ledger: Arc::clone(ledger), bytes }
    }

    /// Another holder of the same line.
    #[must_use]
    pub fn beside(&self, bytes: u64) -> Self {
        Self::new(&self.ledger, bytes)
    }

    /// How many bytes it is.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// It holds so many bytes more.
    pub fn add(&mut self, bytes: u64) {
        self.bytes += bytes;
        self.ledger.held.fetch_add(bytes, Ordering::Relaxed);
    }

    /// It holds so many bytes.
    pub fn set(&mut self, bytes: u64) {
        self.ledger.held.fetch_add(bytes, Ordering::Relaxed);
        self.ledger.held.fetch_sub(self.bytes, Ordering::Relaxed);
        self.bytes = bytes;
    }

    /// Whether all holders together stay within what a line may hold.
    #[must_use]
    pub fn fits(&self) -> bool {
        self.ledger.held.load(Ordering::Relaxed) <= MEMORY
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        self.ledger.held.fetch_sub(self.bytes, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn jobs_that_have_ended_make_room() {
        let ledger = Arc::new(Ledger::default());
        let mut jobs: Vec<_> = (0..JOBS).map_while(|_| ledger.begin_job()).collect();
        assert_eq!(jobs.len() as u64, JOBS);
        assert!(ledger.begin_job().is_none());
        drop(jobs.pop());
        assert!(ledger.begin_job().is_some());
    }

    #[test]
    fn what_is_gone_is_given_back() {
        let ledger = Arc::new(Ledger::default());
        let mut shell = Share::new(&ledger, MEMORY / 2);
        let list = shell.beside(MEMORY / 2);
        assert!(shell.fits());
        shell.add(1);
        assert!(!shell.fits() && !list.fits());
        drop(list);
        assert!(shell.fits());
        shell.set(MEMORY + 1);
        assert!(!shell.fits());
        drop(shell);
        assert!(Share::new(&ledger, MEMORY).fits());
    }
}
