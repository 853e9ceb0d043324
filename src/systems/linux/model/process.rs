//! The processes of a machine, as `ps` shows them and `kill` reaches them.

mod scheduling;
mod sessions;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::super::fs::Ino;
use super::limits::Limits;
use crate::sim::Instant;

/// Numbers start again behind this one, as Linux does by default. Those of ESXi begin above.
const LAST_PID: u32 = 32_767;

/// What the secure shell's daemon calls its processes for connections.
const CONNECTION: &str = "sshd: ";

/// A process.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Process {
    /// Its parent.
    pub ppid: u32,
    /// Its user.
    pub uid: u32,
    /// The terminal it belongs to, without `/dev/`.
    pub tty: Option<String>,
    /// Its command line.
    pub command: String,
    /// When it was started.
    pub started: Instant,
    /// The unit it belongs to.
    pub unit: Option<String>,
    /// A signal that it has not acted on yet. Only processes that are coroutines act by themselves, all others at once.
    pub pending: Option<u8>,
    /// Signals that a shell has traps for: they are its own, not those of all of the job that it leads.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub caught: BTreeSet<u8>,
    /// Signals that it ignores, as those do that it starts.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub ignored: BTreeSet<u8>,
    /// Whether it had a terminal that is gone: whoever reads there comes to the end, and nothing can be written.
    #[serde(default)]
    pub hung: bool,
    /// Whether its shell does not tell it that the terminal is gone: `disown`.
    #[serde(default)]
    pub disowned: bool,
    /// Whether a coroutine is behind it.
    pub live: bool,
    /// Its status, once it has ended and until its parent asks.
    pub ended: Option<u8>,
    /// The job that it belongs to, by the number of its first process; 0 for none.
    #[serde(default)]
    pub group: u32,
    /// The signal that has stopped it.
    #[serde(default)]
    pub stopped: Option<u8>,
    /// Files that it holds open while no coroutine is behind it: a shell at its prompt.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub holds: Vec<Ino>,
    /// The session of a login that it belongs to; 0 for none.
    #[serde(default)]
    pub login: u32,
    /// Its nice value, which those that it starts take over.
    #[serde(default, skip_serializing_if = "is_usual")]
    pub nice: i8,
    /// What it and those that it starts may use.
    #[serde(default, skip_serializing_if = "Limits::is_plain")]
    pub limits: Limits,
    /// The name of the script that it runs, where that was executed by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub called: Option<String>,
    /// Whether a person types into a shell that it has led to (`su`, `ssh`): it is there until that is left.
    #[serde(default)]
    pub leads_on: bool,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_usual(nice: &i8) -> bool {
    *nice == 0
}

/// The process table. Copies share the processes that have not changed since.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Processes {
    table: BTreeMap<u32, Arc<Process>>,
    next: u32,
}

impl Default for Processes {
    /// An empty table whose first number is 1.
    fn default() -> Self {
        Self { table: BTreeMap::new(), next: 1 }
    }
}

impl Process {
    /// A process that runs by itself, without a terminal: a daemon or a thread of the kernel.
    #[must_use]
    pub fn daemon(ppid: u32, uid: u32, command: &str, unit: Option<&str>, started: Instant) -> Self {
        let (command, unit) = (command.to_owned(), unit.map(str::to_owned));
        Self {
            ppid,
            uid,
            tty: None,
            command,
            started,
            unit,
            pending: None,
            caught: BTreeSet::new(),
            ignored: BTreeSet::new(),
            hung: false,
            disowned: false,
            called: None,
            live: false,
            ended: None,
            group: 0,
            stopped: None,
            holds: Vec::new(),
            login: 0,
            nice: 0,
            limits: Limits::default(),
            leads_on: false,
        }
    }

    /// Its name as the kernel has it: the last part of the program's path, at most 15 bytes.
    #[must_use]
    pub fn comm(&self) -> &str {
        let script =
            |name: &&String| self.command.split(' ').nth(1).is_some_and(|path| path.rsplit('/').next() == Some(name));
        if let Some(name) = self.called.as_ref().filter(script) {
            return name.get(..15).unwrap_or(name);
        }
        let word = self.command.split_whitespace().next().unwrap_or_default();
        let bare = word.trim_start_matches('[').trim_end_matches(']').trim_end_matches(':');
        let name = if word.starts_with('[') { bare } else { bare.rsplit('/').next().unwrap_or_default() };
        let name = name.strip_prefix('-').unwrap_or(name);
        let end = name.char_indices().map(|(at, _)| at).take_while(|at| *at <= 15).last().unwrap_or(0);
        if name.len() <= 15 { name } else { &name[..end] }
    }

    /// Whether it is one of those that the secure shell's daemon has for a connection.
    #[must_use]
    pub fn is_connection(&self) -> bool {
        self.command.starts_with(CONNECTION)
    }

    /// The same for the connection of a user.
    #[must_use]
    pub fn is_connection_of(&self, user: &str) -> bool {
        let rest = self.command.strip_prefix(CONNECTION).and_then(|rest| rest.strip_prefix(user));
        rest.is_some_and(|rest| rest.starts_with(['@', ' ']))
    }

    /// Whether a signal that was sent to it ends it.
    #[must_use]
    pub fn falls_to(&self, signal: u8) -> bool {
        self.pending == Some(signal) && !self.caught.contains(&signal) && !self.ignored.contains(&signal)
    }

    /// Whether it is a thread of the kernel.
    #[must_use]
    pub fn is_kernels(&self) -> bool {
        self.command.starts_with('[')
    }
}

impl Processes {
    /// The daemon that is called by one of these names, or whose unit is: the first name that one has.
    #[must_use]
    pub fn daemon_called(&self, names: &[&str]) -> Option<u32> {
        let is = |process: &Process, name: &str| {
            process.tty.is_none()
                && process.ended.is_none()
                && !process.is_connection()
                && (process.comm() == name || process.unit.as_deref() == Some(name))
        };
        names.iter().find_map(|name| self.iter().find(|(_, process)| is(process, name)).map(|(pid, _)| pid))
    }

    /// Starts a process under a number that is known to be free.
    pub fn start_as(&mut self, pid: u32, process: Process) {
        self.table.insert(pid, Arc::new(process));
    }

    /// Starts a process and gives its number.
    pub fn start(&mut self, process: Process) -> u32 {
        let pid = self.number();
        self.table.insert(pid, Arc::new(process));
        pid
    }

    /// The next free number, without a process.
    pub fn number(&mut self) -> u32 {
        while self.table.contains_key(&self.next) {
            self.advance();
        }
        let pid = self.next;
        self.advance();
        pid
    }

    fn advance(&mut self) {
        self.next = if self.next == LAST_PID { 300 } else { self.next + 1 };
    }

    /// From now on numbers are given from here.
    pub fn count_from(&mut self, pid: u32) {
        self.next = pid;
    }

    /// A process.
    #[must_use]
    pub fn get(&self, pid: u32) -> Option<&Process> {
        self.table.get(&pid).map(Arc::as_ref)
    }

    /// A process, to be changed.
    pub fn get_mut(&mut self, pid: u32) -> Option<&mut Process> {
        self.table.get_mut(&pid).map(Arc::make_mut)
    }

    /// All processes by number.
    pub fn iter(&self) -> impl Iterator<Item = (u32, &Process)> {
        self.table.iter().map(|(pid, process)| (*pid, process.as_ref()))
    }

    /// The processes of a job that have not ended.
    pub fn group(&self, leader: u32) -> impl Iterator<Item = (u32, &Process)> {
        self.iter().filter(move |(_, process)| process.group == leader && process.ended.is_none())
    }

    /// The signal that has stopped a job, if one has.
    #[must_use]
    pub fn stopped(&self, leader: u32) -> Option<u8> {
        self.group(leader).find_map(|(_, process)| process.stopped)
    }

    /// Takes a process out of the table.
    pub fn remove(&mut self, pid: u32) -> Option<Arc<Process>> {
        self.table.remove(&pid)
    }

    /// A process that was started as one of its own is the child of another, and of the same login.
    pub fn adopt(&mut self, pid: u32, parent: u32) {
        let login = self.get(parent).map_or(0, |parent| parent.login);
        if let Some(process) = self.get_mut(pid) {
            (process.ppid, process.login) = (parent, login);
        }
    }

    /// The first process takes the children over of one that is about to go.
    pub fn orphan(&mut self, parent: u32) {
        for process in self.table.values_mut().filter(|process| process.ppid == parent) {
            Arc::make_mut(process).ppid = 1;
        }
    }

    /// A process stays for as long as a person types into the shell that it has led to, here or elsewhere, or that it has
    /// become. It is no job.
    pub fn lead_on(&mut self, pid: u32, shell: Option<u32>) {
        if let Some(process) = self.get_mut(pid) {
            (process.leads_on, process.group) = (shell != Some(pid), 0);
        }
        if let Some(process) = shell.and_then(|shell| self.get_mut(shell)) {
            process.group = 0;
        }
    }

    /// The programs that have led to a process which somebody types into, the innermost first: its parent, or for a program
    /// by which somebody went on to another machine itself.
    #[must_use]
    pub fn way_to(&self, pid: u32) -> Vec<u32> {
        let above = |pid: u32| self.get(pid).map(|process| process.ppid).and_then(|pid| self.on_the_way(pid));
        std::iter::successors(self.on_the_way(pid).or_else(|| above(pid)), |pid| above(*pid)).collect()
    }

    /// The same with the process itself, where it is one of them.
    fn on_the_way(&self, pid: u32) -> Option<u32> {
        self.get(pid).filter(|process| process.leads_on).map(|_| pid)
    }

    /// A process by which somebody went on to another machine ends, and those that have led to it.
    pub fn end_way(&mut self, last: u32) {
        for pid in self.way_to(last) {
            self.remove(pid);
            self.orphan(pid);
        }
    }

    /// A process has a session of its own, below the first process and without a terminal.
    pub fn detach(&mut self, pid: u32) {
        if let Some(process) = self.get_mut(pid) {
            (process.tty, process.group) = (None, 0);
        }
    }

    /// A terminal is gone, and what had it has none any more.
    pub fn hang_up(&mut self, tty: &str) {
        let leads = |process: &Process| process.leads_on && process.tty.as_deref() == Some(tty);
        let gone: Vec<u32> = self.iter().filter(|(_, process)| leads(process)).map(|(pid, _)| pid).collect();
        for pid in gone {
            self.remove(pid);
            self.orphan(pid);
        }
        for process in self.table.values_mut().filter(|process| process.live && process.tty.as_deref() == Some(tty)) {
            let process = Arc::make_mut(process);
            (process.tty, process.hung) = (None, true);
        }
    }

    /// A shell does not tell a job any more that the terminal is gone.
    pub fn disown(&mut self, leader: u32) {
        for process in self.table.values_mut().filter(|process| process.group == leader) {
            Arc::make_mut(process).disowned = true;
        }
    }

    /// What a shell and those that it started have started on its terminal, without what it has disowned.
    #[must_use]
    pub fn below(&self, shell: u32) -> Vec<u32> {
        let tty = self.get(shell).and_then(|process| process.tty.clone());
        let (mut all, mut at) = (vec![shell], 0);
        while let Some(parent) = all.get(at).copied() {
            let child = |process: &Process| process.ppid == parent && process.tty == tty && !process.disowned;
            all.extend(self.iter().filter(|(_, process)| child(process)).map(|(pid, _)| pid));
            at += 1;
        }
        all.split_off(1)
    }

    /// Takes a process out if it has ended.
    pub fn remove_ended(&mut self, pid: u32) {
        if self.get(pid).is_some_and(|process| process.ended.is_some()) {
            self.table.remove(&pid);
        }
    }

    /// Keeps only the processes that `keep` wants.
    pub fn retain(&mut self, mut keep: impl FnMut(u32, &Process) -> bool) {
        self.table.retain(|pid, process| keep(*pid, process));
    }
}
