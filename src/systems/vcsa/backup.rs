//! File-based backups of an appliance: the jobs, what became of each, and the files that one leaves on its server. Plain data;
//! what a job may do and when it ends is `api/recovery.rs`.
//!
//! Truth: members and states are those of the backup API that the reference names (1.7); names of files, folders and
//! identifiers are from memory, and so inferred.

use serde::{Deserialize, Serialize};

use crate::sim::Instant;
use crate::sim::queue::Ticket;

/// A part of a backup.
#[derive(Debug, PartialEq, Eq)]
pub struct Part {
    /// By this name it is asked for.
    pub id: &'static str,
    /// What it is called.
    pub name: &'static str,
    /// What it is.
    pub description: &'static str,
    /// Whether it belongs to each backup.
    pub always: bool,
    /// The partitions that it is from.
    pub partitions: &'static [&'static str],
    /// The file that it becomes.
    pub file: &'static str,
}

/// All parts.
pub const PARTS: [Part; 2] = [
    Part {
        id: "common",
        name: "Common",
        description: "Inventory and configuration",
        always: true,
        partitions: &["root", "db", "invsvc"],
        file: "database_full_backup.tar.gz",
    },
    Part {
        id: "seat",
        name: "Stats, Events and Tasks",
        description: "Historical data: statistics, events and tasks",
        always: false,
        partitions: &["seat"],
        file: "seat_backup.tar.gz",
    },
];

/// The file beside the parts that tells what they are.
pub const METADATA: &str = "backup-metadata.json";

/// All jobs of an appliance, the oldest first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Jobs(Vec<Job>);

/// One backup.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Job {
    /// By this it is asked for.
    pub id: String,
    /// How it stands.
    pub state: State,
    /// What went wrong.
    pub message: Option<String>,
    /// When it began.
    pub begun: Instant,
    /// When it ended, or will if nothing happens.
    pub ends: Instant,
    /// Where it goes.
    pub place: Option<Place>,
    /// What it takes along: the parts and their bytes.
    pub parts: Vec<(String, u64)>,
    /// The words of whoever asked for it.
    pub comment: String,
    /// Whether its pieces have a password.
    pub encrypted: bool,
    /// The event that ends it.
    pub ticket: Option<Ticket>,
}

/// How a job stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum State {
    /// It runs.
    InProgress,
    /// It is done.
    Succeeded,
    /// It is not, and will not be.
    Failed,
}

impl State {
    /// The word of the API.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::InProgress => "INPROGRESS",
            Self::Succeeded => "SUCCEEDED",
            Self::Failed => "FAILED",
        }
    }
}

/// A place on another machine of the lab.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// The way; a lab that was saved earlier knows one only.
    #[serde(default = "scp")]
    pub way: String,
    /// The port.
    #[serde(default = "ssh")]
    pub port: u16,
    /// The machine, as it was named.
    pub host: String,
    /// The user there.
    pub user: String,
    /// The folder there.
    pub folder: String,
}

fn scp() -> String {
    "SCP".to_owned()
}

fn ssh() -> u16 {
    22
}

impl Job {
    /// How much of it is done at a moment, in percent; all of it is told when it has succeeded only.
    #[must_use]
    pub fn progress(&self, now: Instant) -> u64 {
        let whole = self.ends.since(self.begun).as_micros().max(1);
        match self.state {
            State::Succeeded => 100,
            State::Failed => 0,
            State::InProgress => (now.since(self.begun).as_micros().saturating_mul(100) / whole).min(99),
        }
    }

    /// It ends without a backup.
    pub fn fail(&mut self, now: Instant, message: impl Into<String>) {
        self.state = State::Failed;
        self.message = Some(message.into());
        self.ends = now;
        self.ticket = None;
    }
}

impl Jobs {
    /// So many are remembered.
    const MOST: usize = 200;

    /// The jobs, the newest first.
    pub fn iter(&self) -> impl Iterator<Item = &Job> {
        self.0.iter().rev()
    }

    /// The job of this name.
    #[must_use]
    pub fn get(&self, id: &str) -> Option<&Job> {
        self.0.iter().find(|job| job.id == id)
    }

    /// The job of this name, to be changed.
    pub fn get_mut(&mut self, id: &str) -> Option<&mut Job> {
        self.0.iter_mut().find(|job| job.id == id)
    }

    /// The one that runs: there is one at a time.
    #[must_use]
    pub fn running(&self) -> Option<&Job> {
        self.0.iter().find(|job| job.state == State::InProgress)
    }

    /// Adds one; the oldest are forgotten.
    pub fn push(&mut self, job: Job) {
        if self.0.len() >= Self::MOST {
            self.0.remove(0);
        }
        self.0.push(job);
    }

    /// The machine goes down, and what runs with it.
    pub fn break_off(&mut self, now: Instant) {
        for job in self.0.iter_mut().filter(|job| job.state == State::InProgress) {
            job.fail(now, "The backup was interrupted by a restart of the appliance.");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::Span;

    fn job(begun: Instant) -> Job {
        Job {
            id: "a".to_owned(),
            state: State::InProgress,
            message: None,
            begun,
            ends: begun + Span::secs(100),
            place: None,
            parts: Vec::new(),
            comment: String::new(),
            encrypted: false,
            ticket: None,
        }
    }

    #[test]
    fn a_job_gets_on_with_time_and_ends_with_the_machine() {
        let start = Instant::parse("2021-05-26T14:12:05Z").expect("a time");
        let mut jobs = Jobs::default();
        jobs.push(job(start));
        let progress = |jobs: &Jobs, secs| jobs.get("a").expect("it is there").progress(start + Span::secs(secs));
        assert_eq!([0, 50, 100, 500].map(|secs| progress(&jobs, secs)), [0, 50, 99, 99]);
        jobs.break_off(start + Span::secs(50));
        let job = jobs.get("a").expect("it is remembered");
        assert_eq!((job.state, job.ends, job.progress(start)), (State::Failed, start + Span::secs(50), 0));
        assert!(jobs.running().is_none());
    }
}
