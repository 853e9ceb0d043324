//! The jobs of a shell as plain data, and which of them `%+` and `%-` mean. The rules are those of bash's `jobs.c`
//! (`reset_current`, `set_current_job`), as bash 5.2 shows them at a terminal.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// A job: one that goes on beside the prompt, or that was stopped.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Job {
    /// Its first process, whose number is that of the process group.
    pub pid: u32,
    /// What was typed.
    pub text: String,
    /// Its status, once it has ended: more than 128 for a signal.
    pub ended: Option<u8>,
    /// The signal that has stopped it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stopped: Option<u8>,
    /// Whether the person was told that it was stopped.
    #[serde(default)]
    pub told: bool,
    /// The stages of a pipeline of which each is a process of the shell: its number and its text.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub stages: Vec<(u32, String)>,
    /// Whether it is a job of the shell of which this one is a copy.
    #[serde(skip)]
    pub parents: bool,
}

impl Job {
    /// A job that runs.
    #[must_use]
    pub fn new(pid: u32, text: String) -> Self {
        Self { pid, text, ended: None, stopped: None, told: false, stages: Vec::new(), parents: false }
    }

    /// The number of its last process, which `$!` is.
    #[must_use]
    pub fn last(&self) -> u32 {
        self.stages.last().map_or(self.pid, |(pid, _)| *pid)
    }

    /// Whether a process is one of those that the shell started for it.
    #[must_use]
    pub fn has(&self, pid: u32) -> bool {
        self.pid == pid || self.stages.iter().any(|(stage, _)| *stage == pid)
    }

    /// Whether it neither has ended nor is stopped.
    #[must_use]
    pub fn runs(&self) -> bool {
        self.ended.is_none() && self.stopped.is_none()
    }

    /// Whether it is stopped.
    #[must_use]
    pub fn is_stopped(&self) -> bool {
        self.ended.is_none() && self.stopped.is_some()
    }
}

/// The jobs of a shell by number.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Jobs {
    /// The jobs.
    pub all: BTreeMap<u32, Job>,
    /// `%+`
    pub current: Option<u32>,
    /// `%-`
    pub previous: Option<u32>,
    /// The processes of jobs that have ended and are told, with their statuses: `wait` asks.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub past: Vec<(u32, u8)>,
}

/// The statuses of so many jobs that have ended are kept.
const PAST: usize = 1_000;

impl Jobs {
    /// Adds a job under the next number.
    pub fn add(&mut self, job: Job) -> u32 {
        let number = self.all.keys().next_back().map_or(1, |last| last + 1);
        self.all.insert(number, job);
        number
    }

    /// Takes out the jobs that `goes` says.
    pub fn forget(&mut self, goes: impl Fn(u32, &Job) -> bool) {
        let ended = self.all.iter().filter(|(number, job)| !job.parents && goes(**number, job));
        let ended: Vec<(u32, u8)> = ended.filter_map(|(_, job)| Some((job.last(), job.ended?))).collect();
        self.past.extend(ended);
        self.past.drain(..self.past.len().saturating_sub(PAST));
        self.all.retain(|number, job| !goes(*number, job));
        let there = |number: &u32| self.all.contains_key(number);
        if !(self.current.iter().all(there) && self.previous.iter().all(there)) {
            self.current = self.current.filter(there);
            self.previous = self.previous.filter(there);
            self.choose();
        }
    }

    fn last(&self, below: Option<u32>, fits: fn(&Job) -> bool) -> Option<u32> {
        let fitting = self.all.iter().rev().filter(|(_, job)| fits(job)).map(|(number, _)| *number);
        fitting.into_iter().find(|number| below.is_none_or(|below| *number < below))
    }

    fn is_stopped(&self, number: Option<u32>) -> bool {
        number.and_then(|number| self.all.get(&number)).is_some_and(Job::is_stopped)
    }

    /// From now on `%+` is this job.
    pub fn make_current(&mut self, number: u32) {
        if self.current != Some(number) {
            self.previous = self.current.replace(number);
        }
        if self.previous != self.current && self.is_stopped(self.previous) {
            return;
        }
        let stopped = if self.is_stopped(self.current) { self.last(self.current, Job::is_stopped) } else { None };
        let below = self.current.filter(|number| self.all.get(number).is_some_and(Job::runs));
        self.previous = stopped.or_else(|| self.last(below, Job::runs)).or(self.current);
    }

    /// Chooses `%+` anew: what was stopped goes before what runs.
    pub fn choose(&mut self) {
        if self.is_stopped(self.current) {
            return self.make_current(self.current.unwrap_or_default());
        }
        let previous = self.previous.filter(|_| self.is_stopped(self.previous));
        let chosen = previous.or_else(|| self.last(None, Job::is_stopped)).or_else(|| self.last(None, Job::runs));
        match chosen {
            Some(number) => self.make_current(number),
            None => (self.current, self.previous) = (None, None),
        }
    }

    /// What stands behind the number of a job: `+`, `-` or a blank.
    #[must_use]
    pub fn mark(&self, number: u32) -> char {
        match Some(number) {
            number if number == self.current => '+',
            number if number == self.previous => '-',
            _ => ' ',
        }
    }
}
