//! What keeps a service that somebody wrote from starting: what its file names and the machine has not (systemd.exec(5), the
//! statuses of `exit-status.c`).

use super::super::Linux;
use super::super::unit::{End, Spec};
use crate::sim::Instant;
use crate::systems::linux::fs::{Content, Cred, Errno, Ino};

/// Why a service does not start.
pub(super) struct Trouble {
    /// How it ends.
    pub end: End,
    /// Whether it was over before the process of the service was there.
    pub early: bool,
    /// What is written to the log before: by the process if it was there, else by systemd.
    pub says: Vec<String>,
}

/// What is written of a step on the way to a process that goes wrong.
fn of_step(old: bool, unit: &str, step: &str, program: &str, wrong: &str, why: &str) -> Vec<String> {
    let failed = format!("Failed at step {step} spawning {program}: {why}");
    match old {
        true => vec![failed],
        false => vec![format!("{unit}: {wrong}: {why}"), format!("{unit}: {failed}")],
    }
}

const MISSING: &str = "No such file or directory";

impl Linux {
    /// A process of a unit could not become the program that it shall be.
    pub fn says_not_executed(&mut self, unit: &str, pid: u32, program: &str, why: Errno, now: Instant) {
        let old = self.distro.systemd < Some(230);
        for text in of_step(old, unit, "EXEC", program, "Failed to execute command", why.text()) {
            self.says_as(unit, Some(pid), 3, text, now);
        }
    }

    /// Why the kernel does not run a file that may be run: it is a text that names no interpreter, or one that is not there.
    #[must_use]
    pub fn not_executable(&self, ino: Ino) -> Option<Errno> {
        let Some(Content::Bytes(bytes)) = self.fs.content(ino) else { return None };
        let Some(line) = bytes.strip_prefix(b"#!") else {
            let is_text = !bytes.is_empty() && !bytes.iter().take(80).any(|byte| *byte == 0);
            return is_text.then_some(Errno::Noexec);
        };
        let line = String::from_utf8_lossy(line.split(|byte| *byte == b'\n').next().unwrap_or_default()).into_owned();
        self.fs.lookup(&Cred::ROOT, "/", line.split_whitespace().next().unwrap_or_default()).err()
    }

    /// The first thing that is wrong, in the order in which systemd comes to it.
    pub(super) fn trouble(&self, spec: &Spec) -> Option<Trouble> {
        if self.distro.systemd.is_none() || spec.shipped || !spec.is_service() {
            return None;
        }
        let old = self.distro.systemd < Some(230);
        let is_missing = |path: &str| self.fs.lookup(&Cred::ROOT, "/", path).is_err();
        // What comes with a system names users and files that the lab may lack.
        let is_admins = !spec.path.starts_with("/usr/lib/");
        if is_admins && spec.environment_files.iter().any(|file| is_missing(file)) {
            let unit = if old { String::new() } else { format!("{}: ", spec.name) };
            let says = vec![
                format!("{unit}Failed to load environment files: {MISSING}"),
                format!("{unit}Failed to run 'start' task: {MISSING}"),
            ];
            return Some(Trouble { end: End::Resources, early: true, says });
        }
        let first = spec.exec_start.first().map_or("", String::as_str);
        let of_step = |status: u8, step: &str, why: &str, wrong: &str, command: &str, early: bool| {
            let program = command.split_whitespace().next().unwrap_or_default();
            let says = of_step(old, &spec.name, step, program, wrong, why);
            Trouble { end: End::Exit(status), early, says }
        };
        let early = spec.before_start.first();
        let command = early.map_or(first, String::as_str);
        let is_unknown = |user: &str| self.user(user).is_none() && user.parse::<u32>().is_err();
        if is_admins && spec.user.as_deref().is_some_and(is_unknown) {
            let wrong = "Failed to determine user credentials";
            return Some(of_step(217, "USER", "No such process", wrong, command, early.is_some()));
        }
        let directory = spec.directory.as_deref().filter(|_| is_admins);
        let why = directory.and_then(|dir| match self.fs.lookup(&Cred::ROOT, "/", dir) {
            Ok(ino) if self.fs.node(ino).is_dir() => None,
            Ok(_) => Some(Errno::Notdir.text()),
            Err(_) => Some(MISSING),
        });
        if let Some(why) = why {
            let wrong = "Changing to the requested working directory failed";
            return Some(of_step(200, "CHDIR", why, wrong, command, early.is_some()));
        }
        let commands = spec.before_start.iter().filter(|_| is_admins).map(|command| (command, true));
        for (command, early) in commands.chain(spec.exec_start.first().map(|command| (command, false))) {
            let program = command.split_whitespace().next().unwrap_or_default();
            let why = match self.fs.lookup(&Cred::ROOT, "/", program) {
                Ok(ino) if self.fs.node(ino).mode & 0o111 == 0 => Some(Errno::Acces.text()),
                Ok(ino) => self.not_executable(ino).map(Errno::text),
                Err(_) => Some(MISSING),
            };
            if let Some(why) = why {
                return Some(of_step(203, "EXEC", why, "Failed to execute command", command, early));
            }
            if early && matches!(program, "/bin/false" | "/usr/bin/false") {
                return Some(Trouble { end: End::Exit(1), early, says: Vec::new() });
            }
        }
        None
    }
}
