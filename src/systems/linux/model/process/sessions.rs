//! Which processes belong together (credentials(7)): process groups, sessions, the group in front of a terminal. They follow
//! from who started whom, from terminals and from the jobs of the shells.

use super::{Process, Processes};

impl Process {
    /// Whether it is a shell that somebody types into: its programs are jobs of their own.
    #[must_use]
    pub fn is_prompt(&self) -> bool {
        let mut words = self.command.trim_start_matches('-').split(' ');
        let name = words.next().and_then(|path| path.rsplit('/').next());
        let options = |word: &str| word.starts_with('-') && word != "-c";
        self.tty.is_some() && matches!(name, Some("bash" | "sh")) && words.all(options)
    }
}

impl Processes {
    /// Whether a process has made a session of its own: daemons, and the first one on a terminal.
    #[must_use]
    pub fn leads_session(&self, pid: u32) -> bool {
        let Some(process) = self.get(pid) else { return false };
        let parent = self.get(process.ppid);
        !process.is_kernels()
            && (pid == 1
                || process.ppid <= 1 && process.group == 0
                || parent.is_none_or(|parent| parent.tty != process.tty || parent.unit != process.unit)
                || parent.is_some_and(|parent| process.is_prompt() && parent.command.starts_with("login ")))
    }

    /// The session of a process; 0 for the kernel's.
    #[must_use]
    pub fn session(&self, pid: u32) -> u32 {
        match self.get(pid) {
            Some(process) if process.is_kernels() => 0,
            Some(process) if !self.leads_session(pid) && process.ppid > 1 => self.session(process.ppid),
            _ => pid,
        }
    }

    /// The process group of a process; 0 for the kernel's.
    #[must_use]
    pub fn process_group(&self, pid: u32) -> u32 {
        let Some(process) = self.get(pid) else { return pid };
        if process.is_kernels() {
            return 0;
        }
        if process.group != 0 {
            return process.group;
        }
        if self.leads_session(pid) || process.is_prompt() {
            return pid;
        }
        let beside = |other: &Process| other.ppid == process.ppid && other.group == 0 && other.tty == process.tty;
        match self.get(process.ppid) {
            // The first of a pipeline leads it.
            Some(parent) if parent.is_prompt() => {
                self.iter().find(|(_, other)| beside(other) && !other.is_prompt()).map_or(pid, |(first, _)| first)
            }
            _ => self.process_group(process.ppid),
        }
    }

    /// The process group in front of a terminal: that of what was started last and is no job behind the prompt.
    #[must_use]
    pub fn in_front(&self, tty: &str) -> Option<u32> {
        let on_it = |process: &Process| process.tty.as_deref() == Some(tty) && process.ended.is_none();
        let mut newest = self.iter().filter(|(_, process)| on_it(process) && process.group == 0);
        let first = newest.next()?.0;
        Some(self.process_group(newest.last().map_or(first, |(pid, _)| pid)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::Instant;

    #[test]
    fn groups_and_sessions_follow_from_who_started_whom() {
        let now = Instant::parse("2022-03-14T20:00:00Z").expect("a time");
        let mut all = Processes::default();
        let mut start = |ppid: u32, tty: Option<&str>, command: &str, unit: Option<&str>, group: u32| {
            let process = Process::daemon(ppid, 0, command, unit, now);
            all.start(Process { tty: tty.map(str::to_owned), group, ..process })
        };
        let init = start(0, None, "/usr/lib/systemd/systemd", None, 0);
        let kernel = start(0, None, "[kthreadd]", None, 0);
        let daemon = start(init, None, "/usr/sbin/sshd -D", Some("sshd.service"), 0);
        let login = start(daemon, None, "sshd: root@pts/0", None, 0);
        let shell = start(login, Some("pts/0"), "-bash", None, 0);
        let job = start(shell, Some("pts/0"), "sleep 100", None, 6);
        let first = start(shell, Some("pts/0"), "ps -ej", None, 0);
        let second = start(shell, Some("pts/0"), "cat", None, 0);
        let expect = [
            (init, 1, 1),
            (kernel, 0, 0),
            (daemon, 3, 3),
            (login, 4, 4),
            (shell, 5, 5),
            (job, 6, 5),
            (first, 7, 5),
            (second, 7, 5),
        ];
        for (pid, group, session) in expect {
            assert_eq!((all.process_group(pid), all.session(pid)), (group, session), "{pid}");
        }
        assert_eq!(all.in_front("pts/0"), Some(first));
        assert_eq!(all.in_front("tty1"), None);
    }
}
