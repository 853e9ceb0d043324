//! A unit of systemd as its file says it (systemd.unit(5), systemd.service(5)), the state it is in, and how each is named in
//! `systemctl`. An init script of SLES 11 with its LSB header is read as one, too.

pub mod exec;

use serde::{Deserialize, Serialize};

use crate::sim::{Instant, Span};
use exec::{Exec, Step};

/// What a unit's file says.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Spec {
    /// Its name with its kind.
    pub name: String,
    /// Where its file lies.
    pub path: String,
    /// The files that add to it, in their order.
    #[serde(default)]
    pub drop_ins: Vec<String>,
    /// Whether it runs what the distribution has it run.
    #[serde(default)]
    pub shipped: bool,
    /// What it is, in a few words.
    pub description: String,
    /// Where it is documented.
    pub docs: Vec<String>,
    /// Units that must be up.
    pub requires: Vec<String>,
    /// Units that are started with it.
    pub wants: Vec<String>,
    /// Units that are up before it is started.
    pub after: Vec<String>,
    /// Units that are started after it.
    pub before: Vec<String>,
    /// Units that are stopped when it is started.
    pub conflicts: Vec<String>,
    /// Units that want it once it is enabled.
    pub wanted_by: Vec<String>,
    /// Units that require it once it is enabled.
    pub required_by: Vec<String>,
    /// When it counts as up.
    pub kind: Kind,
    /// `RemainAfterExit=`
    pub remains: bool,
    /// `ExecStart=` without the signs before the path.
    pub exec_start: Vec<String>,
    /// Whether the last `ExecStart=` begins with `-`: how its program ends does not matter.
    pub ignores_errors: bool,
    /// Whether it has an `ExecStartPre=`.
    #[serde(default)]
    pub prepares: bool,
    /// `ExecStartPre=`, where its failure counts.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub before_start: Vec<String>,
    /// `WorkingDirectory=`, where it must be there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub directory: Option<String>,
    /// `EnvironmentFile=`, those that must be there.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub environment_files: Vec<String>,
    /// `ExecReload=`
    pub exec_reload: Option<String>,
    /// `ExecStop=`
    pub exec_stop: Option<String>,
    /// `User=`
    pub user: Option<String>,
    /// How long it takes to start.
    pub start: Span,
    /// How long it takes to stop.
    pub stop: Span,
    /// The status with which its start fails, if it does.
    pub fails: Option<u8>,
    /// `Restart=`
    pub restart: Restart,
    /// `RestartSec=`
    pub restart_after: Span,
    /// `DefaultDependencies=no`
    pub early: bool,
    /// `RefuseManualStop=yes`
    pub refuses_stop: bool,
    /// `SendSIGKILL=no`
    #[serde(default)]
    pub spares: bool,
    /// How its process shows itself.
    pub shown: Option<String>,
    /// What its daemon writes once it is up.
    pub says: Vec<String>,
    /// What it runs, where it is not as the distribution has it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exec: Option<Box<Exec>>,
}

/// `Type=`: when a service counts as up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// Once it is started.
    #[default]
    Simple,
    /// Once its first process has ended.
    Forking,
    /// Once it says so.
    Notify,
    /// Once it has its name on the bus.
    Dbus,
    /// Once it has ended.
    Oneshot,
    /// Once it is started, after all others.
    Idle,
}

/// `Restart=`: when a service that ends is started again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Restart {
    /// Never.
    #[default]
    No,
    /// When it ends well.
    OnSuccess,
    /// When it fails.
    OnFailure,
    /// When a signal kills it, or it hangs.
    OnAbnormal,
    /// Always.
    Always,
}

/// What a unit is at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Active {
    /// It does not run.
    #[default]
    Inactive,
    /// It is on its way up.
    Activating,
    /// It waits to be started again.
    Restarting,
    /// It is up.
    Active,
    /// It is on its way down.
    Deactivating,
    /// It went wrong.
    Failed,
}

impl Active {
    /// The word in `Active:`.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Inactive => "inactive",
            Self::Activating | Self::Restarting => "activating",
            Self::Active => "active",
            Self::Deactivating => "deactivating",
            Self::Failed => "failed",
        }
    }
}

/// How a unit ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum End {
    /// Well, or it runs.
    #[default]
    Success,
    /// Its main process ended with this status.
    Exit(u8),
    /// A signal killed its main process.
    Signal(u8),
    /// What it requires did not come up.
    Dependency,
    /// Something was missing before its process was there.
    Resources,
    /// It was started too often.
    StartLimit,
    /// It did not start or stop in time.
    Timeout,
    /// It never wrote its PID file.
    Protocol,
}

impl End {
    /// The word in `Result:`.
    #[must_use]
    pub fn result(self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::Exit(_) => "exit-code",
            Self::Signal(_) => "signal",
            Self::Dependency => "dependency",
            Self::Resources => "resources",
            Self::StartLimit => "start-limit-hit",
            Self::Timeout => "timeout",
            Self::Protocol => "protocol",
        }
    }
}

/// The state of a unit.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct State {
    /// What it is at.
    pub active: Active,
    /// Since when; nothing when it was never up since the boot.
    pub since: Option<Instant>,
    /// Its main process.
    pub main_pid: Option<u32>,
    /// Its main process while it ran, with the time of its start and of its end.
    pub ran: Option<(u32, Instant, Option<Instant>)>,
    /// How it ended last.
    pub end: End,
    /// The signal that ended its main process, though it ended well.
    #[serde(default)]
    pub struck: Option<u8>,
    /// When what is under way is through, or its main process is.
    pub due: Option<Instant>,
    /// How many times it was started again since somebody stopped it.
    #[serde(default)]
    pub restarts: u32,
    /// When it was started of late.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub starts: Vec<Instant>,
    /// The commands that were run since it was started last, where they are run as programs.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub commands: Vec<Ran>,
    /// When a timer that somebody wrote came due last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub elapsed: Option<Instant>,
    /// Counts what was done with it by programs, so that what is late knows it; 0 where its course follows from its file.
    #[serde(default)]
    pub turn: u32,
    /// Whether it is told to read its settings again, and is not through with it.
    #[serde(default)]
    pub reloads: bool,
}

/// A command of a unit that was run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ran {
    /// When it is run.
    pub step: Step,
    /// Its words.
    pub text: String,
    /// Its process.
    pub pid: u32,
    /// When it ended.
    pub until: Option<Instant>,
    /// How.
    pub end: End,
}

impl State {
    /// How its main process ended last.
    #[must_use]
    pub fn main_end(&self) -> End {
        self.struck.map_or(self.end, End::Signal)
    }
}

impl Spec {
    /// Reads a unit file with its drop-ins, each with its path, or an init script.
    #[must_use]
    pub fn parse(name: &str, path: &str, text: &str, drop_ins: &[(String, String)]) -> Self {
        let mut spec = Self {
            name: name.to_owned(),
            path: path.to_owned(),
            start: Span::millis(60),
            stop: Span::millis(40),
            restart_after: Span::millis(100),
            ..Self::default()
        };
        if path.starts_with("/etc/init.d/") {
            spec.parse_script(text);
        } else {
            spec.parse_unit(text);
            for (path, text) in drop_ins {
                spec.parse_unit(text);
                spec.drop_ins.push(path.clone());
            }
        }
        if spec.description.is_empty() {
            name.clone_into(&mut spec.description);
        }
        if spec.is_service() && !spec.early && !path.starts_with("/etc/init.d/") {
            spec.requires.push("sysinit.target".to_owned());
            spec.after.extend(["sysinit.target".to_owned(), "basic.target".to_owned()]);
        }
        if name.ends_with(".target") {
            // A target is reached when what it pulls in is up.
            let pulled: Vec<String> = spec.requires.iter().chain(&spec.wants).cloned().collect();
            spec.after.extend(pulled);
            (spec.start, spec.stop) = (Span::ZERO, Span::ZERO);
        }
        if !name.ends_with(".service") {
            (spec.start, spec.stop) = (Span::ZERO, Span::ZERO);
        }
        spec
    }

    fn parse_unit(&mut self, text: &str) {
        for (key, value) in exec::settings(text) {
            self.set(&key, &value);
        }
    }

    fn set(&mut self, key: &str, value: &str) {
        let yes = matches!(value, "yes" | "true" | "on" | "1");
        let words = |list: &mut Vec<String>| list.extend(value.split_whitespace().map(str::to_owned));
        // The signs before a command's path say how to run it.
        let command = value.trim_start_matches(['-', '@', '+', '!', ':']);
        match key {
            "Description" => value.clone_into(&mut self.description),
            "Documentation" if value.is_empty() => self.docs.clear(),
            "Documentation" => words(&mut self.docs),
            "Requires" | "BindsTo" | "Requisite" => words(&mut self.requires),
            "Wants" => words(&mut self.wants),
            "After" => words(&mut self.after),
            "Before" => words(&mut self.before),
            "Conflicts" => words(&mut self.conflicts),
            "WantedBy" => words(&mut self.wanted_by),
            "RequiredBy" => words(&mut self.required_by),
            "DefaultDependencies" => self.early = !yes,
            "RefuseManualStop" => self.refuses_stop = yes,
            "SendSIGKILL" => self.spares = !yes,
            "RemainAfterExit" => self.remains = yes,
            "ExecReload" => self.exec_reload = (!value.is_empty()).then(|| command.to_owned()),
            "ExecStop" => self.exec_stop = (!value.is_empty()).then(|| command.to_owned()),
            "User" => self.user = (!value.is_empty()).then(|| value.to_owned()),
            "Type" | "Restart" if value.is_empty() => {}
            "Type" => {
                self.kind = match value {
                    "forking" => Kind::Forking,
                    "notify" => Kind::Notify,
                    "dbus" => Kind::Dbus,
                    "oneshot" => Kind::Oneshot,
                    "idle" => Kind::Idle,
                    _ => Kind::Simple,
                }
            }
            "Restart" => {
                self.restart = match value {
                    "always" => Restart::Always,
                    "on-success" => Restart::OnSuccess,
                    "on-failure" => Restart::OnFailure,
                    "on-abnormal" | "on-abort" | "on-watchdog" => Restart::OnAbnormal,
                    _ => Restart::No,
                }
            }
            "RestartSec" => self.restart_after = Span::parse(value).unwrap_or(self.restart_after),
            "ExecStart" if value.is_empty() => {
                self.exec_start.clear();
                (self.ignores_errors, self.fails) = (false, None);
            }
            // Of these systemd says that the path is not absolute, and passes them over.
            "ExecStart" | "ExecStartPre" if !command.starts_with('/') && !value.is_empty() => {}
            "ExecStart" => {
                self.exec_start.push(command.to_owned());
                self.ignores_errors = value.trim_start_matches(['@', '+', '!', ':']).starts_with('-');
                self.takes(command);
                let program = command.split_whitespace().next().unwrap_or_default();
                if !value.starts_with('-') && program.ends_with("/false") {
                    self.fails = Some(1);
                }
            }
            "ExecStartPre" => {
                self.prepares = !value.is_empty();
                if value.is_empty() {
                    self.before_start.clear();
                } else if !value.starts_with('-') {
                    self.before_start.push(command.to_owned());
                }
                self.takes(command);
            }
            "WorkingDirectory" => self.directory = value.starts_with('/').then(|| value.to_owned()),
            "EnvironmentFile" if value.is_empty() => self.environment_files.clear(),
            "EnvironmentFile" if !value.starts_with('-') => self.environment_files.push(value.to_owned()),
            _ => {}
        }
    }

    /// A command that sleeps tells how long the start takes.
    fn takes(&mut self, command: &str) {
        let mut words = command.split_whitespace();
        if words.next().is_some_and(|program| program.ends_with("/sleep"))
            && (self.kind == Kind::Oneshot || self.exec_start.is_empty())
            && let Some(span) = words.next().and_then(|span| Span::parse(span).ok())
        {
            self.start = self.start + span;
        }
    }

    fn parse_script(&mut self, text: &str) {
        for line in text.lines() {
            if let Some(value) = line.strip_prefix("# Short-Description:") {
                value.trim().clone_into(&mut self.description);
            } else if let Some(value) = line.strip_prefix("# Required-Start:") {
                let units = value.split_whitespace().map(|word| format!("{}.service", word.trim_start_matches('$')));
                self.after.extend(units);
            } else if let Some(value) = line.strip_prefix("DAEMON=") {
                let daemon = value.trim_matches('"');
                self.exec_start = vec![daemon.to_owned()];
                self.fails = daemon.ends_with("/false").then_some(1);
            } else if let Some(value) = line.strip_prefix("# X-Start-Seconds:") {
                self.start = Span::secs(value.trim().parse().unwrap_or(0));
            }
        }
        self.requires = self.after.clone();
        if self.exec_start.is_empty() {
            (self.kind, self.remains) = (Kind::Oneshot, true);
        }
    }

    /// Whether it is a service of which its file does not say what to run: systemd does not take it.
    #[must_use]
    pub fn is_bad(&self) -> bool {
        let says = self.kind == Kind::Oneshot && self.exec_stop.is_some();
        self.is_service()
            && !self.shipped
            && !self.path.starts_with("/etc/init.d/")
            && self.exec_start.is_empty()
            && !says
    }

    /// Whether it is in memory only: its file was taken away while it was up.
    #[must_use]
    pub fn is_gone(&self) -> bool {
        self.path.is_empty()
    }

    /// Whether it is a service.
    #[must_use]
    pub fn is_service(&self) -> bool {
        self.name.ends_with(".service")
    }

    /// Whether a process stays behind it while it is up.
    #[must_use]
    pub fn stays(&self) -> bool {
        self.is_service() && self.kind != Kind::Oneshot
    }

    /// How long its main process runs, where the command tells.
    #[must_use]
    pub fn lasts(&self) -> Option<Span> {
        let mut words = self.exec_start.last()?.split_whitespace();
        let program = words.next()?.rsplit('/').next()?;
        match program {
            _ if !matches!(self.kind, Kind::Simple | Kind::Idle) => None,
            "true" => Some(Span::ZERO),
            "sleep" => Span::parse(words.next()?).ok(),
            _ => None,
        }
    }

    /// Whether its program leaves a signal to the kernel, so that this ends it.
    #[must_use]
    pub fn dies_of_signals(&self) -> bool {
        let command = self.command_line();
        let program = command.split_whitespace().next().and_then(|path| path.rsplit('/').next());
        matches!(program, Some("sleep" | "agetty"))
    }

    /// The command line that `ps` shows.
    #[must_use]
    pub fn command_line(&self) -> String {
        if let Some(shown) = &self.shown {
            return shown.clone();
        }
        let command = self.exec_start.last().map_or("", String::as_str);
        let words = command.split_whitespace().filter(|word| !word.starts_with('$'));
        words.collect::<Vec<_>>().join(" ")
    }

    /// The word behind the state: `running`, `exited`, `dead` …
    #[must_use]
    pub fn sub(&self, state: &State) -> &'static str {
        let kind = self.name.rsplit('.').next().unwrap_or_default();
        match (state.active, kind) {
            (Active::Inactive, _) => "dead",
            (Active::Failed, _) => "failed",
            (Active::Restarting, _) => "auto-restart",
            (Active::Activating, "service") if self.kind == Kind::Oneshot || state.main_pid.is_none() => "start",
            (Active::Activating, _) => "start",
            (Active::Deactivating, "service") => "stop-sigterm",
            (Active::Deactivating, _) => "stop",
            (Active::Active, "service") if self.stays() && state.main_pid.is_some() => "running",
            (Active::Active, "service") if self.kind == Kind::Forking && state.turn > 0 && !self.remains => "running",
            (Active::Active, "service") => "exited",
            (Active::Active, "socket") => "running",
            (Active::Active, "mount") => "mounted",
            (Active::Active, "timer") if state.elapsed.is_some() && state.due.is_none() => "elapsed",
            (Active::Active, "timer") => "waiting",
            (Active::Active, _) => "active",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unit_files_are_read() {
        let text = "[Unit]\nDescription=A daemon\nAfter=network.target \\\n  b.service\nRequires=b.service\n# Wants=no.service\n\
                    [Service]\nType=forking\nExecStartPre=/bin/sleep 20\nExecStart=-/usr/sbin/daemon -x $OPTIONS\n\
                    Restart=on-failure\nRestartSec=42s\n[Install]\nWantedBy=multi-user.target\n";
        let spec = Spec::parse("a.service", "/etc/systemd/system/a.service", text, &[]);
        assert_eq!(spec.description, "A daemon");
        assert_eq!(spec.after, ["network.target", "b.service", "sysinit.target", "basic.target"]);
        assert_eq!(spec.requires, ["b.service", "sysinit.target"]);
        assert_eq!(spec.wants, [""; 0]);
        assert_eq!((spec.kind, spec.restart), (Kind::Forking, Restart::OnFailure));
        assert_eq!((spec.start, spec.restart_after), (Span::millis(20_060), Span::secs(42)));
        assert_eq!(spec.command_line(), "/usr/sbin/daemon -x");
        assert_eq!(spec.wanted_by, ["multi-user.target"]);
    }

    #[test]
    fn drop_ins_add_and_an_empty_value_resets() {
        let text = "[Unit]\nDocumentation=man:a(8)\nAfter=b.service\n[Service]\nUser=a\nExecStart=/bin/false\nRestart=always\n";
        let more = "[Unit]\nDocumentation=\nAfter=\n[Service]\nUser=\nExecStart=\nExecStart=/bin/sleep 9\nRestart=no\n";
        let path = "/etc/systemd/system/a.service.d/x.conf".to_owned();
        let spec = Spec::parse("a.service", "/etc/a.service", text, &[(path.clone(), more.to_owned())]);
        assert_eq!((spec.drop_ins, spec.exec_start), (vec![path], vec!["/bin/sleep 9".to_owned()]));
        assert_eq!((spec.user, spec.fails, spec.restart), (None, None, Restart::No));
        assert_eq!(spec.docs, [""; 0]);
        // Dependencies can only be added.
        assert_eq!(spec.after, ["b.service", "sysinit.target", "basic.target"]);
    }

    #[test]
    fn init_scripts_are_read() {
        let text =
            "#! /bin/sh\n# Provides: x\n# Required-Start: $network\n# Short-Description: X\nDAEMON=\"/bin/false\"\n";
        let spec = Spec::parse("x.service", "/etc/init.d/x", text, &[]);
        assert_eq!((spec.description.as_str(), spec.fails), ("X", Some(1)));
        assert_eq!(spec.requires, ["network.service"]);
    }
}
