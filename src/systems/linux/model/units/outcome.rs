//! How the start or the stop of a unit comes out, and what becomes of one whose process is gone.

use std::sync::Arc;

use super::super::log::{Facility, Line};
use super::super::unit::{Active, End, Kind, Restart, Spec};
use super::super::{Linux, cron};
use super::{Due, signal_name, status_name};
use crate::sim::{Instant, Span};
use crate::systems::linux::distro::Vendor;

/// The units that bring the network up.
const NETWORKS: [&str; 3] = ["NetworkManager.service", "network.service", "systemd-networkd.service"];

impl Linux {
    /// Whether a unit is up that looks after the network.
    #[must_use]
    pub fn manages_network(&self) -> bool {
        NETWORKS.iter().any(|name| self.unit_is_up(name))
    }

    /// Whether there is a unit that brings the network up, and none has.
    #[must_use]
    pub fn lacks_network(&self) -> bool {
        NETWORKS.iter().any(|name| self.unit(name).is_some()) && !self.manages_network()
    }

    pub(super) fn started(&mut self, spec: &Arc<Spec>, now: Instant, struck: bool) {
        let name = &spec.name;
        self.units.forget_start(name);
        let refused = self.unit_reads(name, now).err();
        let trouble = self.trouble(spec);
        let other = spec.fails.or(struck.then_some(1)).or(refused).map(End::Exit);
        let fails = trouble.as_ref().map(|trouble| trouble.end).or(other);
        let pid = self.unit_state(name).main_pid;
        // A simple service counts as started before anything can go wrong with its process.
        let early = trouble.as_ref().is_some_and(|trouble| trouble.early);
        let simple = matches!(spec.kind, Kind::Simple | Kind::Idle) && spec.is_service() && !early;
        if fails.is_none() || simple {
            let passes = spec.is_service() && spec.kind == Kind::Oneshot && !spec.remains && fails.is_none();
            self.comes_up(spec, now, fails.is_none(), passes);
        }
        let Some(end) = fails else { return };
        for text in trouble.into_iter().flat_map(|trouble| trouble.says) {
            let pid = if end == End::Resources { Some(1) } else { pid.or(Some(1)) };
            self.says_as(name, pid, 3, text, now);
        }
        if early {
            return self.failed_early(spec, now, end);
        }
        self.failed(spec, now, end, !simple);
    }

    /// A unit is up; one that `passes` is down again at once. A simple service is that for a moment though it goes wrong.
    pub(super) fn comes_up(&mut self, spec: &Spec, now: Instant, well: bool, passes: bool) {
        let name = &spec.name;
        let pid = self.unit_state(name).main_pid;
        self.units.change(name, |state| (state.active, state.since, state.due) = (Active::Active, Some(now), None));
        if well {
            self.syslog_opens(name, now);
            if cron::UNITS.contains(&name.as_str()) {
                (self.cron.seen, self.cron.due) = (None, None);
                self.fs.stir();
            }
            let ident = spec.command_line();
            let ident =
                ident.split_whitespace().next().and_then(|path| path.rsplit('/').next()).unwrap_or_default().to_owned();
            for line in &spec.says {
                self.daemon_says(now, &ident, pid, Some(name), line);
            }
        }
        if passes {
            self.says_success(name, now);
        }
        self.says_started(name, &spec.description, now);
        if NETWORKS.contains(&name.as_str()) {
            self.network.bring_up(true);
        }
        if passes {
            self.units.change(name, |state| (state.active, state.since) = (Active::Inactive, Some(now)));
        }
    }

    /// A service has gone wrong: on its way up if `starting`.
    pub(super) fn failed(&mut self, spec: &Spec, now: Instant, end: End, starting: bool) {
        let name = &spec.name;
        if let Some(pid) = self.unit_state(name).main_pid {
            self.processes.remove(pid);
        }
        self.units.change(name, |state| {
            (state.active, state.since, state.due, state.main_pid, state.end) =
                (Active::Failed, Some(now), None, None, end);
            if let Some((_, _, until)) = &mut state.ran {
                *until = Some(now);
            }
        });
        self.says_failed(name, &spec.description, end, starting, now);
    }

    /// A service has gone wrong before its main process was there.
    fn failed_early(&mut self, spec: &Spec, now: Instant, end: End) {
        let name = &spec.name;
        if let Some(pid) = self.unit_state(name).main_pid {
            self.processes.remove(pid);
        }
        self.units.change(name, |state| {
            (state.active, state.since, state.due, state.main_pid, state.ran, state.end) =
                (Active::Failed, Some(now), None, None, None, end);
        });
        self.says_control_end(name, end, now);
        self.says_gave_up(name, &spec.description, end, true, now);
    }

    /// What a process of a unit writes before it is what it shall be: its name is still that of systemd.
    pub(super) fn says_as(&mut self, name: &str, pid: Option<u32>, priority: u8, text: String, now: Instant) {
        let (boot, facility, host) = (self.boots, Facility::Daemon, None);
        let (ident, unit) = ("systemd".to_owned(), Some(name.to_owned()));
        self.log(Line { at: now, boot, facility, priority, ident, pid, unit, text, host });
    }

    /// Whether a service is never on its way up, so that only its being up is written: from systemd 239 on a simple one.
    pub(super) fn is_up_at_once(&self, spec: &Spec) -> bool {
        self.distro.systemd >= Some(239) && matches!(spec.kind, Kind::Simple | Kind::Idle) && !spec.prepares
    }

    /// What systemd writes when the start of a unit begins.
    pub fn says_starting(&mut self, name: &str, description: &str, now: Instant) {
        self.manager_says(now, 6, name, format!("Starting {description}..."));
    }

    /// What it writes when a unit is up.
    pub fn says_started(&mut self, name: &str, description: &str, now: Instant) {
        let text = match name.rsplit('.').next().unwrap_or_default() {
            "target" => format!("Reached target {description}."),
            "socket" => format!("Listening on {description}."),
            _ => format!("Started {description}."),
        };
        self.manager_says(now, 6, name, text);
    }

    /// What it writes when the stop of a unit begins.
    pub fn says_stopping(&mut self, name: &str, description: &str, now: Instant) {
        self.manager_says(now, 6, name, format!("Stopping {description}..."));
    }

    /// What it writes when a unit is down.
    pub fn says_stopped(&mut self, name: &str, description: &str, now: Instant) {
        let text = match name.ends_with(".target") {
            true => format!("Stopped target {description}."),
            false => format!("Stopped {description}."),
        };
        self.manager_says(now, 6, name, text);
    }

    /// What it writes when a service has gone wrong: on its way up if `starting`.
    pub fn says_failed(&mut self, name: &str, description: &str, end: End, starting: bool, now: Instant) {
        self.says_main_end(name, end, now);
        self.says_gave_up(name, description, end, starting, now);
    }

    /// What it writes of a main process that did not end well.
    pub fn says_main_end(&mut self, name: &str, end: End, now: Instant) {
        let says = if self.distro.systemd < Some(230) { "m" } else { "M" };
        let what = match end {
            End::Signal(signal) => format!("code=killed, status={signal}/{}", signal_name(signal)),
            End::Exit(status) => format!("code=exited, status={status}/{}", status_name(status).unwrap_or("n/a")),
            _ => return,
        };
        self.manager_says(now, 5, name, format!("{name}: {says}ain process exited, {what}"));
    }

    /// What it writes of a process beside the main one that did not end well.
    pub fn says_control_end(&mut self, name: &str, end: End, now: Instant) {
        let says = if self.distro.systemd < Some(230) { "c" } else { "C" };
        let (code, status) = match end {
            End::Exit(status) => ("exited", status),
            End::Signal(signal) => ("killed", signal),
            _ => return,
        };
        self.manager_says(now, 5, name, format!("{name}: {says}ontrol process exited, code={code} status={status}"));
    }

    /// The same without how its process ended.
    pub(super) fn says_gave_up(&mut self, name: &str, description: &str, end: End, starting: bool, now: Instant) {
        let gone_wrong = |linux: &mut Self| {
            if starting {
                linux.manager_says(now, 3, name, format!("Failed to start {description}."));
            }
        };
        if self.distro.systemd < Some(230) {
            gone_wrong(self);
            self.manager_says(now, 5, name, format!("Unit {name} entered failed state."));
            self.manager_says(now, 4, name, format!("{name} failed."));
        } else {
            self.manager_says(now, 4, name, format!("{name}: Failed with result '{}'.", end.result()));
            gone_wrong(self);
        }
    }

    pub(super) fn stopped(&mut self, spec: &Spec, now: Instant) {
        let name = &spec.name;
        let main = self.unit_state(name).main_pid;
        let struck = main.filter(|_| spec.dies_of_signals()).map(|_| 15);
        if let Some(pid) = main {
            self.processes.remove(pid);
        }
        self.processes.retain(|_, process| process.live || process.unit.as_deref() != Some(name));
        Arc::make_mut(&mut self.units.stops).remove(name);
        self.units.change(name, |state| {
            (state.active, state.since, state.due, state.main_pid, state.end) =
                (Active::Inactive, Some(now), None, None, End::Success);
            (state.restarts, state.struck) = (0, struck);
            if let Some((_, _, until)) = &mut state.ran {
                *until = Some(now);
            }
        });
        if spec.is_service() {
            self.says_success(name, now);
        }
        self.says_stopped(name, &spec.description, now);
    }

    /// From RHEL 8 on the journal has a line for a service that ended well: upstream since systemd 240, Red Hat's 239, too.
    pub(super) fn says_success(&mut self, name: &str, now: Instant) {
        if self.distro.vendor == Vendor::RedHat && self.distro.systemd >= Some(239) {
            self.manager_says(now, 6, name, format!("{name}: Succeeded."));
        }
    }

    /// The main process of a unit is gone by itself, or a signal killed it. The unit fails, ends or starts again, as its file
    /// says.
    pub fn main_gone(&mut self, name: &str, end: End, now: Instant) -> Vec<Due> {
        let state = self.unit_state(name);
        if state.active == Active::Deactivating
            && let Some(spec) = self.units.stops.get(name).cloned()
        {
            Arc::make_mut(&mut self.units.stops).remove(name);
            self.failed(&spec, now, end, false);
            self.says_stopped(name, &spec.description, now);
            return self.pump(now);
        }
        if state.active != Active::Active {
            return Vec::new();
        }
        let Some(spec) = self.unit(name) else { return Vec::new() };
        // systemd takes these for an order to end.
        let signal = match end {
            End::Signal(signal @ (1 | 2 | 13 | 15)) => Some(signal),
            _ => None,
        };
        let well = signal.is_some() || end == End::Success;
        if well {
            if signal == Some(15) {
                self.last_words(&spec, now);
            }
            if let Some(pid) = state.main_pid {
                self.processes.remove(pid);
            }
            self.says_success(name, now);
            self.units.change(name, |state| {
                (state.active, state.since, state.main_pid, state.end, state.due) =
                    (Active::Inactive, Some(now), None, End::Success, None);
                state.struck = signal.filter(|_| spec.dies_of_signals());
                if let Some((_, _, until)) = &mut state.ran {
                    *until = Some(now);
                }
            });
        } else {
            self.failed(&spec, now, end, false);
        }
        self.start_again(&spec, end, well, now).into_iter().collect()
    }

    /// A service that is over is to start once more, if its file says so.
    pub(super) fn start_again(&mut self, spec: &Spec, end: End, well: bool, now: Instant) -> Option<Due> {
        let again = match spec.restart {
            Restart::Always => true,
            Restart::OnSuccess => well,
            Restart::OnFailure => !well,
            Restart::OnAbnormal => matches!(end, End::Signal(_)) && !well,
            Restart::No => false,
        };
        if !again {
            return None;
        }
        let until = now + spec.restart_after;
        self.units.change(&spec.name, |state| {
            (state.active, state.since, state.due) = (Active::Restarting, Some(now), Some(until))
        });
        Some((spec.name.clone(), spec.restart_after))
    }

    /// Whether a service that is to start again has been started too often of late (`StartLimitBurst=`, `StartLimitIntervalSec=` by
    /// default): it does not, and has failed.
    pub(super) fn starts_too_often(&mut self, spec: &Spec, now: Instant) -> bool {
        const BURST: usize = 5;
        const INTERVAL: Span = Span::secs(10);
        let name = &spec.name;
        let state = self.unit_state(name);
        if state.starts.iter().filter(|at| now.since(**at) < INTERVAL).count() < BURST {
            return false;
        }
        let text = match self.distro.systemd < Some(230) {
            true => format!("start request repeated too quickly for {name}"),
            false => format!("{name}: Start request repeated too quickly."),
        };
        self.manager_says(now, 4, name, text);
        let end = if state.end == End::Success { End::StartLimit } else { state.end };
        self.units.change(name, |state| (state.active, state.since, state.end) = (Active::Failed, Some(now), end));
        // How its process ended was told when it did.
        self.says_gave_up(name, &spec.description, end, true, now);
        true
    }

    /// Forgets that a unit has failed.
    pub fn reset_failed(&mut self, name: Option<&str>) {
        let failed: Vec<String> = self
            .units
            .iter()
            .filter(|(unit, state)| state.active == Active::Failed && name.is_none_or(|name| name == *unit))
            .map(|(unit, _)| unit.to_owned())
            .collect();
        for name in failed {
            self.units.change(&name, |state| state.active = Active::Inactive);
        }
    }
}
