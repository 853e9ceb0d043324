//! The daemon that writes the log to files (rsyslogd, syslog-ng). As it was installed a file shows what the log has for it; from the
//! moment on that somebody changes a file, or the daemon was down, it is written line by line. The daemon holds its files
//! open: one that is moved or removed gets what is written until a hang-up or a restart. Where there is a journal the lines of
//! the time when it was down are caught up (imjournal).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::log::{Facility, Line};
use super::{Linux, esxi};
use crate::sim::Instant;
use crate::systems::linux::clock;
use crate::systems::linux::distro::Vendor;
use crate::systems::linux::fs::{Cred, Ino};

/// The units of the daemon.
const UNITS: [&str; 2] = ["rsyslog.service", "syslog.service"];

/// What writes into the log without its number.
const NUMBERLESS: [&str; 5] = ["chpasswd", "passwd", "runuser", "su", "sudo"];

/// What a file system gives to a file at least, in bytes.
const BLOCK: u64 = 4_096;

/// What the daemon is at.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Syslog {
    /// The files that it holds open, by their names in `/var/log`; none while it is down.
    files: BTreeMap<String, Ino>,
    /// How many lines of the log it has read.
    read: u64,
}

impl Linux {
    /// Writes a line to the log, and to the files of the daemon.
    pub fn log(&mut self, line: Line) {
        if !self.syslog.files.is_empty() && !self.syslogd_is_up() {
            self.syslog_closes();
        }
        let at = line.at;
        if self.fs.room_in(&Cred::ROOT, "/", "/var/log").is_ok_and(|room| room < BLOCK) {
            self.syslog_is_stuck();
        }
        let told = self.is_host().then(|| line.clone());
        self.log.push(line);
        if !self.syslog.files.is_empty() {
            self.syslog_writes(at);
        }
        if let Some(line) = told {
            self.host_follows(&line);
        }
    }

    fn syslogd_is_up(&self) -> bool {
        UNITS.iter().any(|unit| self.unit_is_up(unit))
            || self.is_host() && self.processes.daemon_called(&["vmsyslogd"]).is_some()
    }

    /// A unit that is the daemon has started, or was told to look after its files again.
    pub(super) fn syslog_opens(&mut self, unit: &str, now: Instant) {
        if !UNITS.contains(&unit) {
            return;
        }
        if self.syslog.files.is_empty() && self.distro.systemd.is_none() {
            self.syslog.read = self.log.written();
        }
        self.syslogd_opens(now);
        let open: Vec<Ino> = self.syslog.files.values().copied().collect();
        let main = self.unit_state(unit).main_pid;
        if let Some(process) = main.and_then(|pid| self.processes.get_mut(pid)) {
            process.holds = open;
        }
        self.syslog_writes(now);
    }

    /// The daemon opens its files.
    pub(super) fn syslogd_opens(&mut self, now: Instant) {
        for name in self.log_files() {
            let path = format!("/var/log/{name}");
            let there = self.fs.lookup(&Cred::ROOT, "/", &path);
            let Ok(ino) = there.or_else(|_| self.fs.create(&Cred::ROOT, "/", &path, 0o600, now)) else { continue };
            let before = self.syslog.files.insert((*name).to_owned(), ino);
            if let Some(before) = before.filter(|before| *before != ino) {
                self.freeze(name, before);
            }
        }
    }

    /// The disk is full: what the files show by now is all that they hold.
    fn syslog_is_stuck(&mut self) {
        for name in self.log_files() {
            let Ok(ino) = self.fs.lookup(&Cred::ROOT, "/", &format!("/var/log/{name}")) else { continue };
            if self.fs.made(ino).is_some() {
                self.freeze(name, ino);
                self.syslog.read = self.log.written();
                self.syslog.files.insert((*name).to_owned(), ino);
            }
        }
    }

    /// The daemon is gone.
    fn syslog_closes(&mut self) {
        for (name, ino) in std::mem::take(&mut self.syslog.files) {
            self.freeze(&name, ino);
        }
    }

    /// The daemon goes with the machine: it catches up at the next boot, and nothing changes in how files are written.
    pub(super) fn syslog_goes_down(&mut self) {
        self.syslog.files.clear();
    }

    /// What a file shows by now is what it holds.
    fn freeze(&mut self, name: &str, ino: Ino) {
        if self.fs.made(ino).is_some() {
            let text = self.log_file(name);
            self.fs.fix(ino, text.into_bytes());
            if let Some(at) = self.log_file_changed(name).filter(|at| *at > self.fs.node(ino).mtime) {
                // Where nothing can be changed, times stay, too.
                let _ = self.fs.set_times(&Cred::ROOT, ino, None, Some(at), at);
            }
        }
    }

    /// The lines that are new go to the files that do not show the log by themselves.
    fn syslog_writes(&mut self, now: Instant) {
        let own = self.syslog.files.iter().filter(|(_, ino)| self.fs.made(**ino).is_none());
        let own: Vec<(String, Ino)> = own.map(|(name, ino)| (name.clone(), *ino)).collect();
        for (name, ino) in own {
            let fresh = self.log.behind(self.syslog.read).filter(|line| self.is_in(&name, line));
            let text: String = fresh.map(|line| self.as_written(line)).collect();
            // What does not fit on the disk is lost.
            let _ = self.fs.append(&Cred::ROOT, ino, text.as_bytes(), now);
        }
        self.syslog.read = self.log.written();
    }

    fn log_files(&self) -> &'static [&'static str] {
        match self.distro.vendor {
            Vendor::RedHat => &["messages", "secure", "cron"],
            Vendor::Suse | Vendor::Photon => &["messages"],
            Vendor::Esxi => &esxi::LOGS,
        }
    }

    /// Whether a line goes into a file in `/var/log`.
    fn is_in(&self, name: &str, line: &Line) -> bool {
        match name {
            _ if self.is_host() => self.host_has_in(name, line),
            "secure" => line.facility == Facility::Auth,
            "cron" => line.facility == Facility::Cron,
            // Only Red Hat keeps logins and jobs out of it.
            _ => self.distro.vendor != Vendor::RedHat || !matches!(line.facility, Facility::Auth | Facility::Cron),
        }
    }

    /// When the last line of a file in `/var/log` was written.
    #[must_use]
    pub fn log_file_changed(&self, name: &str) -> Option<Instant> {
        self.log.lines().rev().find(|line| self.is_in(name, line)).map(|line| line.at)
    }

    /// The text of a file in `/var/log` that shows the log by itself.
    #[must_use]
    pub fn log_file(&self, name: &str) -> String {
        self.log.lines().filter(|line| self.is_in(name, line)).map(|line| self.as_written(line)).collect()
    }

    fn as_written(&self, line: &Line) -> String {
        if self.is_host() {
            return self.as_on_host(line);
        }
        let at = clock::format("%b %e %H:%M:%S", line.at.utc().unix_timestamp(), 0, &self.zone);
        // The daemon adds the number where a program gives none only from RHEL 8 on.
        let bare = self.distro.systemd < Some(239)
            && NUMBERLESS.contains(&line.ident.as_str())
            && !(self.distro.vendor == Vendor::Suse && line.ident == "passwd");
        let pid = line.pid.filter(|_| !bare).map_or(String::new(), |pid| format!("[{pid}]"));
        let host = line.host.as_deref().unwrap_or(&self.hostname).split('.').next().unwrap_or_default();
        format!("{at} {host} {}{pid}: {}\n", line.ident, line.text)
    }
}
