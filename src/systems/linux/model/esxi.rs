//! An ESXi host: the daemons that run on it with the watchdogs that start them again, and what its logs say. Layouts of the logs,
//! the words of watchdogs and of `vobd` are common knowledge of published logs; which lines a boot writes, and their times, are
//! inferred.

use super::log::{Facility, Line};
use super::{Linux, Process};
use crate::sim::{Instant, Span};
use crate::systems::linux::clock::{self, Zone};
use crate::systems::linux::distro::Vendor;

mod vmkernel;

/// Daemons that run without a watchdog, where no vCenter manages the host; from memory. The real `ps` shows each with its threads.
const DAEMONS: [&str; 2] = ["vmsyslogd", "dcui"];

/// The daemons that have one, with what they are started with.
const WATCHED: [(&str, &str); 4] = [
    ("vobd", "/usr/lib/vmware/vob/bin/vobd"),
    ("hostd", "hostd ++min=0,swap,group=hostd /etc/vmware/hostd/config.xml"),
    ("rhttpproxy", "rhttpproxy ++min=0,swap,group=rhttpproxy -r /etc/vmware/rhttpproxy/config.xml"),
    ("sensord", "sensord ++group=sensord -l"),
];

/// A daemon that was up for less has failed quickly.
const SOON: Span = Span::secs(60);
/// So often in a row a daemon may fail so.
const QUICK_FAILURES: usize = 5;

/// The logs that are written, by their names in `/var/log`.
pub(super) const LOGS: [&str; 7] =
    ["auth.log", "hostd.log", "shell.log", "syslog.log", "vmkernel.log", "vmksummary.log", "vobd.log"];

/// A heartbeat is written a second behind each full hour.
const HOUR: i64 = 3_600;

impl Linux {
    /// The kernel has loaded: it tells so, and the daemons start.
    pub(super) fn host_boots(&mut self, now: Instant) {
        self.processes.start(Process::daemon(0, 0, "init", None, now));
        self.processes.count_from(self.first_world() + 433);
        let messages = vmkernel::messages(self);
        let from = messages.iter().map(|(ms, _)| *ms).max().unwrap_or(0);
        for (ms, text) in messages {
            let ident = if ms < vmkernel::CLOCK { "early" } else { "kernel" };
            let world = self.first_world();
            let stamp = if ms < vmkernel::CLOCK { up(Span::millis(ms)) } else { String::new() };
            let text = format!("{stamp}cpu0:{world}){text}");
            self.host_says(now + Span::millis(ms), (Facility::Kernel, ident), None, text);
        }
        let mut at = now + Span::millis(from);
        for name in DAEMONS {
            self.processes.start(Process::daemon(1, 0, name, None, at));
        }
        self.syslogd_opens(at);
        for (name, _) in WATCHED {
            at += Span::millis(900);
            self.start_daemon(name, at);
        }
        self.host_says(at, (Facility::Daemon, "ESXShell"), None, "ESXi Shell available".to_owned());
        self.host_says(at, (Facility::Daemon, "SSH"), None, "SSH login enabled".to_owned());
        self.host_says(at, (Facility::Daemon, "bootstop"), None, "Host has booted".to_owned());
        self.observe(at, "vob.user.host.boot", "esx.audit.host.boot", "Host has booted.");
        self.observe(at, "vob.user.ssh.enabled", "esx.audit.ssh.enabled", "SSH access has been enabled.");
    }

    /// The number of the first process of the kernel.
    #[must_use]
    pub fn first_world(&self) -> u32 {
        if self.distro.major < 6 { 32_768 } else { 2_097_152 }
    }

    /// The host goes down.
    pub fn host_goes_down(&mut self, now: Instant, again: bool) {
        let text = if again { "Host is rebooting" } else { "Host is powering off" };
        self.host_says(now, (Facility::Daemon, "bootstop"), None, text.to_owned());
        let text = if again { "Host is rebooting." } else { "Host is shutting down." };
        self.observe(now, "vob.user.host.stop", "esx.audit.host.stop", text);
    }

    /// A process was killed: the watchdog of a daemon, if there is one still, starts it again. Its parent is `watchdog`.
    pub fn host_lost(&mut self, process: &Process, signal: u8, now: Instant) {
        let Some((name, command)) = WATCHED.into_iter().find(|(_, command)| process.command == *command) else {
            return;
        };
        let watchdog = process.ppid;
        if self.processes.get(watchdog).is_none_or(|parent| !parent.command.contains("watchdog.sh")) {
            return;
        }
        let lived = now.since(process.started);
        let quick = if lived < SOON { self.quick_failures(name) + 1 } else { 0 };
        let failure = if quick > 0 { format!(" (quick failure {quick})") } else { String::new() };
        let status = 128 + u32::from(signal);
        self.watchdog_says(
            now,
            name,
            format!("[{watchdog}] '{command}' exited after {} seconds{failure} {status}", lived.as_secs()),
        );
        if quick > QUICK_FAILURES {
            self.watchdog_says(now, name, format!("End '{command}', failure limit reached"));
            self.processes.remove(watchdog);
        } else {
            self.run_watched(name, command, watchdog, now);
        }
    }

    /// How often a daemon has failed soon after its start, since it last was up for longer.
    fn quick_failures(&self, name: &str) -> usize {
        let own = format!("watchdog-{name}");
        let said = self.log.lines().rev().filter(|line| line.ident == own);
        said.filter(|line| line.text.contains(" exited after "))
            .take_while(|line| line.text.contains("(quick failure "))
            .count()
    }

    /// `/etc/init.d/NAME stop`: a daemon and its watchdog end; gives the number of that, nothing where neither ran.
    pub fn stop_daemon(&mut self, name: &str) -> Option<u32> {
        let (_, command) = WATCHED.into_iter().find(|(known, _)| *known == name)?;
        let is = |process: &Process| process.command.ends_with(command) && process.ended.is_none();
        let all: Vec<u32> = self.processes.iter().filter(|(_, process)| is(process)).map(|(pid, _)| pid).collect();
        for pid in &all {
            self.processes.remove(*pid);
        }
        all.into_iter().min()
    }

    /// `/etc/init.d/NAME start`; whether there is such a daemon.
    pub fn start_daemon(&mut self, name: &str, now: Instant) -> bool {
        let Some((name, command)) = WATCHED.into_iter().find(|(known, _)| *known == name) else { return false };
        let options = format!("-s {name} -u {} -q {QUICK_FAILURES} -t 1000000", SOON.as_secs());
        let script = format!("/bin/sh /sbin/watchdog.sh {options} {command}");
        let watchdog = self.processes.start(Process::daemon(1, 0, &script, None, now));
        self.watchdog_says(
            now,
            name,
            format!(
                "[{watchdog}] Begin '{command}', min-uptime = {}, max-quick-failures = {QUICK_FAILURES}, \
                 max-total-failures = 1000000, bg_pid_file = ''",
                SOON.as_secs()
            ),
        );
        self.run_watched(name, command, watchdog, now);
        true
    }

    /// What the kernel has written since the boot, as `dmesg` and its log show it.
    #[must_use]
    pub fn host_ring(&self) -> String {
        let own = |line: &&Line| line.boot == self.boots && line.facility == Facility::Kernel;
        self.log.lines().filter(own).map(|line| self.as_on_host(line)).collect()
    }

    /// A watchdog starts its daemon.
    fn run_watched(&mut self, name: &str, command: &str, watchdog: u32, now: Instant) {
        self.watchdog_says(now, name, format!("Executing '{command}'"));
        let pid = self.processes.start(Process::daemon(watchdog, 0, command, None, now));
        if name == "hostd" {
            let kernel = self.kernel();
            let (release, build) = (kernel.release.to_string(), kernel.build_number().to_owned());
            let section =
                format!("Section for VMware ESX, pid={pid}, version={release}, build={build}, option=Release");
            self.host_says(now, (Facility::Daemon, "hostd"), None, section);
            self.hostd_says(now, "Default", "BEGIN SERVICES");
            self.hostd_says(now, "Default", "END SERVICES");
        }
    }

    /// What somebody types into the shell is logged; so is that there is a shell.
    pub fn shell_says(&mut self, now: Instant, pid: u32, text: String) {
        self.host_says(now, (Facility::User, "shell"), Some(pid), text);
    }

    /// Others write of what a line of the log tells: sessions of the secure shell.
    pub(super) fn host_follows(&mut self, line: &Line) {
        if line.ident != "sshd" {
            return;
        }
        let words: Vec<&str> = line.text.split(' ').collect();
        let (opened, who) = match words[..] {
            ["Accepted", _, "for", user, "from", address, ..] => (true, format!("{user}@{address}")),
            ["Disconnected", "from", "user", user, address, ..] => (false, format!("{user}@{address}")),
            _ => return,
        };
        let end = if opened { "opened" } else { "closed" };
        let text = format!("SSH session was {end} for '{who}'.");
        self.observe(line.at, &format!("vob.user.ssh.session.{end}"), &format!("esx.audit.ssh.session.{end}"), &text);
    }

    /// The daemon that observes tells what has happened, first by the name of whoever saw it, then by its own; the agent of the
    /// host makes an event of it.
    fn observe(&mut self, now: Instant, seen: &str, told: &str, text: &str) {
        if self.processes.daemon_called(&["vobd"]).is_none() {
            return;
        }
        let micros = now.since(self.booted).as_micros();
        for name in [seen, told] {
            let text = format!("[UserLevelCorrelator] {micros}us: [{name}] {text}");
            self.host_says(now, (Facility::Daemon, "vobd"), None, text);
        }
        let event =
            self.log.lines().filter(|line| line.boot == self.boots && line.text.contains("|Event ")).count() + 1;
        self.hostd_says(now, "Vimsvc.ha-eventmgr", &format!("Event {event} : {text}"));
    }

    fn hostd_says(&mut self, now: Instant, part: &str, text: &str) {
        if let Some(pid) = self.processes.daemon_called(&["hostd"]) {
            self.host_says(now, (Facility::Daemon, "hostd"), Some(pid), format!("{part}|{text}"));
        }
    }

    fn watchdog_says(&mut self, now: Instant, name: &str, text: String) {
        self.host_says(now, (Facility::Daemon, &format!("watchdog-{name}")), None, text);
    }

    fn host_says(&mut self, at: Instant, (facility, ident): (Facility, &str), pid: Option<u32>, text: String) {
        let (boot, priority, ident) = (self.boots, 6, ident.to_owned());
        self.log(Line { at, boot, facility, priority, ident, pid, unit: None, text, host: None });
    }

    /// Whether a line of the log goes into a file of a host.
    pub(super) fn host_has_in(&self, name: &str, line: &Line) -> bool {
        let own = match (line.facility, line.ident.as_str()) {
            (Facility::Kernel, _) => "vmkernel.log",
            (Facility::Auth | Facility::Security, _) => "auth.log",
            (_, "shell" | "ESXShell" | "SSH") => "shell.log",
            (_, "hostd") => "hostd.log",
            (_, "vobd") => "vobd.log",
            (_, "bootstop") => "vmksummary.log",
            _ => "syslog.log",
        };
        own == name
    }

    /// The lines of `vmksummary.log`: boots and ends, and a heartbeat in each hour between.
    #[must_use]
    pub fn summary(&self, now: Instant) -> String {
        let mut text = String::new();
        let mut up: Option<Instant> = None;
        let stops = self.log.lines().filter(|line| line.ident == "bootstop");
        for line in stops.map(Some).chain([None]) {
            let until = line.map_or(now, |line| line.at);
            if let Some(since) = up {
                let (from, to) = (since.utc().unix_timestamp(), until.utc().unix_timestamp());
                for hour in (from / HOUR + 1)..=(to / HOUR) {
                    let second = hour * HOUR + 1;
                    if second <= to {
                        let (days, rest) = ((second - from) / 86_400, (second - from) % 86_400);
                        let (hours, minutes, seconds) = (rest / 3_600, rest / 60 % 60, rest % 60);
                        let at = clock::format("%Y-%m-%dT%H:%M:%SZ", second, 0, &Zone::utc());
                        text.push_str(&format!(
                            "{at} heartbeat: up {days}d{hours}h{minutes}m{seconds}s, 0 VMs; [] []\n"
                        ));
                    }
                }
            }
            if let Some(line) = line {
                text.push_str(&self.as_on_host(line));
                up = line.text.ends_with("booted").then_some(line.at);
            }
        }
        text
    }

    /// A line as `vmsyslogd` writes it: in UTC, of the kernel and of daemons with a log of their own with thousandths.
    pub(super) fn as_on_host(&self, line: &Line) -> String {
        let utc = line.at.utc();
        let second = clock::format("%Y-%m-%dT%H:%M:%S", utc.unix_timestamp(), 0, &Zone::utc());
        let fine = format!("{second}.{:03}Z", utc.millisecond());
        let (pid, text) = (line.pid.map_or(String::new(), |pid| format!("[{pid}]")), &line.text);
        match line.ident.as_str() {
            "early" => format!("{text}\n"),
            "kernel" => format!("{fine} {text}\n"),
            "vobd" => format!("{fine}: {text}\n"),
            "hostd" => match text.split_once('|') {
                None => format!("{fine} {text}\n"),
                Some((part, text)) if self.distro.major < 6 => {
                    let thread = 0xff00_0000_u32 | line.pid.unwrap_or(0) << 8 | 0x70;
                    format!("{fine} [{thread:08X} info '{part}'] {text}\n")
                }
                Some((part, text)) => format!("{fine} info hostd{pid} [Originator@6876 sub={part}] {text}\n"),
            },
            ident => format!("{second}Z {ident}{pid}: {text}\n"),
        }
    }

    /// Whether it is such a host.
    #[must_use]
    pub fn is_host(&self) -> bool {
        self.distro.vendor == Vendor::Esxi
    }
}

/// How long the kernel has been up, as it writes it while it has no clock.
fn up(span: Span) -> String {
    let ms = span.as_micros() / 1_000;
    let (hours, minutes, seconds) = (ms / 3_600_000, ms / 60_000 % 60, ms / 1_000 % 60);
    format!("0:{hours:02}:{minutes:02}:{seconds:02}.{:03} ", ms % 1_000)
}
