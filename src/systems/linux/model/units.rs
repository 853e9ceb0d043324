//! The life of a machine: its units start in the order of their dependencies and stop the other way round, a unit that fails
//! keeps down what requires it, and all of them write to the log. Nothing here knows of the world: what takes time is
//! given back as a moment at which [`Linux::unit_due`] is to be called.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::log::{Facility, Line};
use super::logins::{Record, Why};
use super::unit::{Active, End, Kind, Restart, Spec, State};
use super::{Linux, Process, Processes};
use crate::sim::{Instant, Span};
use crate::systems::linux::distro::{Vendor, units as base};
use crate::systems::linux::fs::{Content, Cred, Errno, Kind as FileKind};

/// So many units are pulled in by one at most.
const PULLED: usize = 500;

/// Where unit files lie, the first one counts.
pub const UNIT_DIRS: [&str; 3] = ["/etc/systemd/system", "/run/systemd/system", "/usr/lib/systemd/system"];

/// A moment at which a unit is through with what it is doing.
pub type Due = (String, Span);

/// The states of units, and what is to be started and stopped.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Units {
    states: Arc<BTreeMap<String, Arc<State>>>,
    /// To be started, once what comes before is up.
    starts: Arc<BTreeMap<String, Arc<Spec>>>,
    /// To be stopped, once what comes after is down.
    stops: Arc<BTreeMap<String, Arc<Spec>>>,
}

impl Units {
    /// The state of a unit.
    #[must_use]
    pub fn state(&self, name: &str) -> Option<&State> {
        self.states.get(name).map(Arc::as_ref)
    }

    /// All units that were anything else than down since the boot.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &State)> {
        self.states.iter().map(|(name, state)| (name.as_str(), state.as_ref()))
    }

    /// Whether something is still to be done with a unit.
    #[must_use]
    pub fn is_busy(&self, name: &str) -> bool {
        let moves = |state: &State| matches!(state.active, Active::Activating | Active::Deactivating);
        self.starts.contains_key(name) || self.stops.contains_key(name) || self.state(name).is_some_and(moves)
    }

    /// The units that wait to be started or stopped, or are on their way: the jobs.
    pub fn jobs(&self) -> impl Iterator<Item = (&str, &'static str, bool)> {
        let starts = self.starts.keys().map(|name| (name.as_str(), "start", self.state(name).is_some_and(is_starting)));
        let stops = self.stops.keys().map(|name| (name.as_str(), "stop", self.state(name).is_some_and(is_stopping)));
        starts.chain(stops)
    }

    /// Whether nothing is to be done.
    #[must_use]
    pub fn is_settled(&self) -> bool {
        self.starts.is_empty() && self.stops.is_empty()
    }

    fn change(&mut self, name: &str, change: impl FnOnce(&mut State)) {
        let states = Arc::make_mut(&mut self.states);
        change(Arc::make_mut(states.entry(name.to_owned()).or_default()));
    }

    fn forget_start(&mut self, name: &str) {
        if self.starts.contains_key(name) {
            Arc::make_mut(&mut self.starts).remove(name);
        }
    }
}

fn is_starting(state: &State) -> bool {
    state.active == Active::Activating
}

fn is_stopping(state: &State) -> bool {
    state.active == Active::Deactivating
}

impl Linux {
    /// The state of a unit; down when nothing is known of it.
    #[must_use]
    pub fn unit_state(&self, name: &str) -> State {
        self.units.state(name).cloned().unwrap_or_default()
    }

    /// Whether a unit is up.
    #[must_use]
    pub fn unit_is_up(&self, name: &str) -> bool {
        self.units.state(name).is_some_and(|state| state.active == Active::Active)
    }

    /// Whether a unit is up, or is going to be.
    #[must_use]
    pub fn unit_is_wanted(&self, name: &str) -> bool {
        self.unit_is_up(name) || self.units.state(name).is_some_and(is_starting) || self.units.starts.contains_key(name)
    }

    /// Whether the secure shell takes connections. Where it is no unit it always does.
    #[must_use]
    pub fn takes_ssh(&self) -> bool {
        self.unit_is_up("sshd.service") || self.unit("sshd.service").is_none()
    }

    /// The folders of unit files on this machine.
    #[must_use]
    pub fn unit_dirs(&self) -> &'static [&'static str] {
        match (self.distro.systemd, self.distro.vendor) {
            (Some(_), _) => &UNIT_DIRS,
            (None, Vendor::Suse) => &["/etc/init.d"],
            (None, _) => &[],
        }
    }

    /// What the file of a unit says; nothing when there is none. `a@b.service` is read from `a@.service`, too.
    #[must_use]
    pub fn unit(&self, name: &str) -> Option<Spec> {
        let file = if self.distro.systemd.is_some() { name } else { name.strip_suffix(".service")? };
        let path = self.unit_dirs().iter().map(|dir| format!("{dir}/{file}"));
        let mut found = path.filter_map(|path| self.unit_at(name, &path));
        if let Some(spec) = found.next() {
            return Some(spec);
        }
        let (template, rest) = name.split_once('@')?;
        let (instance, kind) = rest.rsplit_once('.')?;
        if instance.is_empty() {
            return None;
        }
        let dirs = self.unit_dirs().iter();
        dirs.filter_map(|dir| self.unit_at(name, &format!("{dir}/{template}@.{kind}"))).next()
    }

    fn unit_at(&self, name: &str, path: &str) -> Option<Spec> {
        let ino = self.fs.lookup(&Cred::ROOT, "/", path).ok()?;
        let real = self.fs.canonical(&Cred::ROOT, "/", path).unwrap_or_else(|_| path.to_owned());
        match self.fs.content(ino)? {
            Content::Made(from) if from.starts_with("linux/unit/") => {
                let row = base::find(&self.distro, &from["linux/unit/".len()..])?;
                let mut spec = Spec::parse(name, &real, &row.text(&self.distro));
                let python = if self.distro.major == 7 { "/usr/bin/python2" } else { "/usr/libexec/platform-python" };
                (spec.start, spec.says) =
                    (Span::millis(row.start_ms), row.says.iter().map(|line| (*line).to_owned()).collect());
                spec.shown = (!row.shown.is_empty()).then(|| row.shown.replace("{python}", python));
                Some(spec)
            }
            Content::Bytes(bytes) => {
                let mut spec = Spec::parse(name, &real, &String::from_utf8_lossy(bytes));
                // systemd cannot run what is not there.
                let program = spec.exec_start.first().and_then(|line| line.split_whitespace().next());
                let gone = program.is_some_and(|program| self.fs.lookup(&Cred::ROOT, "/", program).is_err());
                if gone && self.distro.systemd.is_some() {
                    spec.fails = Some(203);
                }
                Some(spec)
            }
            _ => None,
        }
    }

    /// The names of the units that have a file.
    #[must_use]
    pub fn unit_files(&self) -> Vec<String> {
        let mut names: Vec<String> = Vec::new();
        for dir in self.unit_dirs() {
            let Ok(ino) = self.fs.lookup(&Cred::ROOT, "/", dir) else { continue };
            for (name, ino) in self.fs.node(ino).entries().into_iter().flatten() {
                if self.distro.systemd.is_none() {
                    if matches!(self.fs.node(*ino).kind, FileKind::File(_)) {
                        names.push(format!("{name}.service"));
                    }
                } else if name.contains('.') && !name.ends_with(".wants") && !name.ends_with(".requires") {
                    names.push(name.to_string());
                }
            }
        }
        names.sort();
        names.dedup();
        names
    }

    /// The names of the services that have a file, without their kind.
    #[must_use]
    pub fn service_names(&self) -> Vec<&str> {
        let dirs = self.unit_dirs().iter().filter_map(|dir| self.fs.lookup(&Cred::ROOT, "/", dir).ok());
        let entries = dirs.flat_map(|ino| self.fs.node(ino).entries().into_iter().flatten());
        let suse = self.distro.systemd.is_none();
        let names = entries.filter_map(|(name, ino)| match suse {
            true => matches!(self.fs.node(*ino).kind, FileKind::File(_)).then_some(name.as_ref()),
            false => name.strip_suffix(".service"),
        });
        names.collect()
    }

    /// The units that an enabled unit is started with: the links in a target's folder.
    fn linked(&self, name: &str, folder: &str) -> Vec<String> {
        if self.distro.systemd.is_none() {
            return Vec::new();
        }
        let dirs =
            UNIT_DIRS.iter().filter_map(|dir| self.fs.lookup(&Cred::ROOT, "/", &format!("{dir}/{name}.{folder}")).ok());
        dirs.flat_map(|ino| self.fs.node(ino).entries().into_iter().flatten().map(|(name, _)| name.to_string()))
            .collect()
    }

    /// The unit with the links of its folder.
    fn unit_with_links(&self, name: &str) -> Option<Spec> {
        if self.is_masked(name) {
            return None;
        }
        let mut spec = self.unit(name)?;
        if name.ends_with(".target") {
            for (folder, list) in [("wants", &mut spec.wants), ("requires", &mut spec.requires)] {
                let linked = self.linked(name, folder);
                spec.after.extend(linked.iter().cloned());
                list.extend(linked);
            }
        }
        Some(spec)
    }

    /// Whether a unit is masked: its name leads to `/dev/null`.
    #[must_use]
    pub fn is_masked(&self, name: &str) -> bool {
        let target = self.fs.canonical(&Cred::ROOT, "/", &format!("/etc/systemd/system/{name}"));
        self.distro.systemd.is_some() && target.is_ok_and(|path| path == "/dev/null")
    }

    /// Writes a line to the log.
    pub fn log(&mut self, line: Line) {
        self.log.push(line);
    }

    /// Writes what systemd says about a unit.
    pub fn manager_says(&mut self, now: Instant, priority: u8, unit: &str, text: String) {
        if self.distro.systemd.is_none() {
            return;
        }
        let (boot, ident, unit) = (self.boots, "systemd".to_owned(), Some(unit.to_owned()));
        self.log.push(Line { at: now, boot, facility: Facility::Daemon, priority, ident, pid: Some(1), unit, text });
    }

    /// Writes what a daemon says.
    pub fn daemon_says(&mut self, now: Instant, ident: &str, pid: Option<u32>, unit: Option<&str>, text: &str) {
        let facility = match ident {
            "sshd" | "polkitd" | "su" | "sudo" | "useradd" | "userdel" | "groupadd" | "usermod" | "passwd" => {
                Facility::Auth
            }
            "crond" | "cron" => Facility::Cron,
            _ => Facility::Daemon,
        };
        let (boot, ident, unit) = (self.boots, ident.to_owned(), unit.map(str::to_owned));
        let text = text.to_owned();
        self.log.push(Line { at: now, boot, facility, priority: 6, ident, pid, unit, text });
    }

    /// A unit is to be started, with all that it requires and wants. What is up stays as it is.
    pub fn want_unit(&mut self, name: &str, now: Instant) -> Vec<Due> {
        let mut open = vec![name.to_owned()];
        let mut pulled = 0;
        while let Some(name) = open.pop() {
            if self.units.starts.contains_key(&name) || self.unit_is_up(&name) || pulled >= PULLED {
                continue;
            }
            let Some(spec) = self.unit_with_links(&name) else { continue };
            pulled += 1;
            open.extend(spec.requires.iter().chain(&spec.wants).cloned());
            for rival in spec.conflicts.iter().filter(|rival| self.unit_is_up(rival)).cloned().collect::<Vec<_>>() {
                self.unwant_unit(&rival);
            }
            Arc::make_mut(&mut self.units.starts).insert(name, Arc::new(spec));
        }
        self.pump(now)
    }

    /// A unit is to be stopped, with all that requires it.
    pub fn stop_unit(&mut self, name: &str, now: Instant) -> Vec<Due> {
        self.unwant_unit(name);
        self.pump(now)
    }

    fn unwant_unit(&mut self, name: &str) {
        let mut open = vec![name.to_owned()];
        while let Some(name) = open.pop() {
            self.units.forget_start(&name);
            let up = |state: &State| !matches!(state.active, Active::Inactive | Active::Failed);
            if self.units.stops.contains_key(&name) || !self.units.state(&name).is_some_and(up) {
                continue;
            }
            let spec = self.unit(&name).unwrap_or_else(|| Spec { name: name.clone(), ..Spec::default() });
            Arc::make_mut(&mut self.units.stops).insert(name.clone(), Arc::new(spec));
            let others: Vec<String> =
                self.units.iter().filter(|(_, state)| up(state)).map(|(n, _)| n.to_owned()).collect();
            open.extend(others.into_iter().filter(|other| {
                other.ends_with(".service") && self.unit(other).is_some_and(|spec| spec.requires.contains(&name))
            }));
        }
    }

    /// Everything is to be stopped, as the machine goes down.
    pub fn stop_all_units(&mut self, now: Instant) -> Vec<Due> {
        self.units.starts = Arc::default();
        let up: Vec<String> = self.units.iter().map(|(name, _)| name.to_owned()).collect();
        for name in up {
            let active = self.unit_state(&name).active;
            if matches!(active, Active::Inactive | Active::Failed) || self.units.stops.contains_key(&name) {
                continue;
            }
            let spec = self.unit(&name).unwrap_or_else(|| Spec { name: name.clone(), ..Spec::default() });
            Arc::make_mut(&mut self.units.stops).insert(name, Arc::new(spec));
        }
        self.pump(now)
    }

    /// Begins what can begin now.
    fn pump(&mut self, now: Instant) -> Vec<Due> {
        let mut due = Vec::new();
        while let Some(began) = self.begin_next(now) {
            due.extend(began);
        }
        due
    }

    /// Begins one start or stop, or settles one at once. Nothing when none can begin.
    fn begin_next(&mut self, now: Instant) -> Option<Option<Due>> {
        let stop = self.units.stops.values().find(|spec| {
            let behind = |other: &Arc<Spec>| other.after.contains(&spec.name) || spec.before.contains(&other.name);
            let waits = self.units.stops.values().any(|other| other.name != spec.name && behind(other));
            !waits && !self.units.state(&spec.name).is_some_and(is_stopping)
        });
        let cycle = || self.units.stops.values().next();
        let stuck = !self.units.iter().any(|(_, state)| is_stopping(state));
        if let Some(spec) = stop.or_else(|| if stuck { cycle() } else { None }).cloned() {
            return Some(self.begin_stop(&spec, now));
        }
        let starts = &self.units.starts;
        let waits = |spec: &Spec| {
            let before = |other: &Arc<Spec>| spec.after.contains(&other.name) || other.before.contains(&spec.name);
            starts.values().any(|other| other.name != spec.name && before(other))
                || self.units.stops.contains_key(&spec.name)
        };
        let begun = |spec: &Spec| self.units.state(&spec.name).is_some_and(is_starting);
        let start = starts.values().find(|spec| !begun(spec) && !waits(spec));
        // Units that wait for each other: systemd breaks the circle at one of them.
        let stuck = self.units.stops.is_empty() && !starts.values().any(|spec| begun(spec));
        let spec = start.or_else(|| if stuck { starts.values().next() } else { None }).cloned()?;
        Some(self.begin_start(&spec, now))
    }

    fn begin_start(&mut self, spec: &Arc<Spec>, now: Instant) -> Option<Due> {
        let name = &spec.name;
        if self.unit_is_up(name) {
            self.units.forget_start(name);
            return None;
        }
        let down = |needed: &String| !self.unit_is_up(needed) && !self.units.starts.contains_key(needed);
        if spec.requires.iter().any(down) {
            self.units.forget_start(name);
            let job = format!("ob {name}/start failed with result 'dependency'.");
            self.manager_says(now, 4, name, format!("Dependency failed for {}.", spec.description));
            let prefix = if self.distro.systemd < Some(230) { "J".to_owned() } else { format!("{name}: J") };
            self.manager_says(now, 5, name, format!("{prefix}{job}"));
            self.units.change(name, |state| state.end = End::Dependency);
            return None;
        }
        let process = spec.stays().then(|| self.start_main(spec, now));
        let until = now + spec.start;
        self.units.change(name, |state| {
            (state.active, state.since, state.end, state.due) =
                (Active::Activating, Some(now), End::Success, Some(until));
            state.main_pid = process;
            if let Some(pid) = process {
                state.ran = Some((pid, now, None));
            }
        });
        if spec.is_service() {
            self.manager_says(now, 6, name, format!("Starting {}...", spec.description));
        }
        if spec.start == Span::ZERO {
            self.started(spec, now, false);
            return None;
        }
        Some((name.clone(), spec.start))
    }

    fn start_main(&mut self, spec: &Spec, now: Instant) -> u32 {
        let uid = spec.user.as_deref().and_then(|user| self.user(user)).map_or(0, |user| user.uid);
        if spec.kind == Kind::Forking {
            // The first process is gone as soon as the daemon has its own.
            self.processes.number();
        }
        self.processes.start(Process::daemon(1, uid, &spec.command_line(), Some(&spec.name), now))
    }

    fn begin_stop(&mut self, spec: &Arc<Spec>, now: Instant) -> Option<Due> {
        let name = &spec.name;
        if spec.is_service() {
            self.manager_says(now, 6, name, format!("Stopping {}...", spec.description));
            self.last_words(spec, now);
        }
        let until = now + spec.stop;
        self.units.change(name, |state| {
            (state.active, state.since, state.due) = (Active::Deactivating, Some(now), Some(until))
        });
        if spec.stop == Span::ZERO {
            self.stopped(spec, now);
            return None;
        }
        Some((name.clone(), spec.stop))
    }

    /// What a daemon writes when it is told to end.
    fn last_words(&mut self, spec: &Spec, now: Instant) {
        let pid = self.unit_state(&spec.name).main_pid;
        if spec.name == "sshd.service" && pid.is_some() {
            self.daemon_says(now, "sshd", pid, Some(&spec.name), "Received signal 15; terminating.");
        }
    }

    /// What a unit was doing is through; `struck` when a fault makes it go wrong. A moment that is not the one for which the
    /// unit waits means nothing.
    pub fn unit_due(&mut self, name: &str, now: Instant, struck: bool) -> Vec<Due> {
        let state = self.unit_state(name);
        if state.due != Some(now) {
            return Vec::new();
        }
        match state.active {
            Active::Activating => {
                let Some(spec) = self.units.starts.get(name).cloned() else { return Vec::new() };
                self.started(&spec, now, struck);
            }
            Active::Deactivating => {
                let Some(spec) = self.units.stops.get(name).cloned() else { return Vec::new() };
                self.stopped(&spec, now);
            }
            Active::Restarting => {
                self.units.change(name, |state| (state.active, state.due) = (Active::Inactive, None));
                let spec = self.unit(name);
                let description = spec.map_or_else(|| name.to_owned(), |spec| spec.description);
                let text = if self.distro.systemd < Some(230) {
                    format!("{name} holdoff time over, scheduling restart.")
                } else {
                    format!("{name}: Service RestartSec expired, scheduling restart.")
                };
                self.manager_says(now, 6, name, text);
                self.manager_says(now, 6, name, format!("Stopped {description}."));
                return self.want_unit(name, now);
            }
            _ => {}
        }
        self.pump(now)
    }

    fn started(&mut self, spec: &Arc<Spec>, now: Instant, struck: bool) {
        let name = &spec.name;
        self.units.forget_start(name);
        let fails = spec.fails.or(struck.then_some(1));
        let pid = self.unit_state(name).main_pid;
        // A simple service counts as started before anything can go wrong.
        let simple = matches!(spec.kind, Kind::Simple | Kind::Idle) && spec.is_service();
        if fails.is_none() || simple {
            self.units.change(name, |state| (state.active, state.since, state.due) = (Active::Active, Some(now), None));
            if fails.is_none() {
                let ident = spec.command_line();
                let ident = ident
                    .split_whitespace()
                    .next()
                    .and_then(|path| path.rsplit('/').next())
                    .unwrap_or_default()
                    .to_owned();
                for line in &spec.says {
                    self.daemon_says(now, &ident, pid, Some(name), line);
                }
            }
            let text = match name.rsplit('.').next().unwrap_or_default() {
                "target" => format!("Reached target {}.", spec.description),
                "socket" => format!("Listening on {}.", spec.description),
                _ => format!("Started {}.", spec.description),
            };
            self.manager_says(now, 6, name, text);
            if spec.is_service() && spec.kind == Kind::Oneshot && !spec.remains && fails.is_none() {
                self.units.change(name, |state| (state.active, state.since) = (Active::Inactive, Some(now)));
            }
        }
        if let Some(status) = fails {
            self.failed(spec, now, End::Exit(status), !simple);
        }
    }

    /// A service has gone wrong: on its way up if `starting`.
    fn failed(&mut self, spec: &Spec, now: Instant, end: End, starting: bool) {
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
        let old = self.distro.systemd < Some(230);
        let what = match end {
            End::Exit(203) => "code=exited, status=203/EXEC".to_owned(),
            End::Signal(signal) => format!("code=killed, status={signal}/{}", signal_name(signal)),
            End::Exit(status) => {
                format!("code=exited, status={status}{}", if status == 1 { "/FAILURE" } else { "/n/a" })
            }
            _ => "code=exited, status=0/SUCCESS".to_owned(),
        };
        let says = if old { "m" } else { "M" };
        self.manager_says(now, 5, name, format!("{name}: {says}ain process exited, {what}"));
        let gone_wrong = |linux: &mut Self| {
            if starting {
                linux.manager_says(now, 3, name, format!("Failed to start {}.", spec.description));
            }
        };
        if old {
            gone_wrong(self);
            self.manager_says(now, 5, name, format!("Unit {name} entered failed state."));
            self.manager_says(now, 4, name, format!("{name} failed."));
        } else {
            self.manager_says(now, 4, name, format!("{name}: Failed with result '{}'.", end.result()));
            gone_wrong(self);
        }
    }

    fn stopped(&mut self, spec: &Spec, now: Instant) {
        let name = &spec.name;
        if let Some(pid) = self.unit_state(name).main_pid {
            self.processes.remove(pid);
        }
        self.processes.retain(|_, process| process.live || process.unit.as_deref() != Some(name));
        Arc::make_mut(&mut self.units.stops).remove(name);
        self.units.change(name, |state| {
            (state.active, state.since, state.due, state.main_pid, state.end) =
                (Active::Inactive, Some(now), None, None, End::Success);
            if let Some((_, _, until)) = &mut state.ran {
                *until = Some(now);
            }
        });
        let text = match name.ends_with(".target") {
            true => format!("Stopped target {}.", spec.description),
            false => format!("Stopped {}.", spec.description),
        };
        self.manager_says(now, 6, name, text);
    }

    /// The main process of a unit is gone by itself: a signal killed it. The unit fails, ends or starts again, as its file
    /// says.
    pub fn main_gone(&mut self, name: &str, signal: u8, now: Instant) -> Vec<Due> {
        let state = self.unit_state(name);
        if state.active != Active::Active {
            return Vec::new();
        }
        let Some(spec) = self.unit(name) else { return Vec::new() };
        // systemd takes these for an order to end.
        let well = matches!(signal, 1 | 2 | 13 | 15);
        let again = match spec.restart {
            Restart::Always => true,
            Restart::OnSuccess => well,
            Restart::OnFailure | Restart::OnAbnormal => !well,
            Restart::No => false,
        };
        if well {
            self.units.change(name, |state| {
                (state.active, state.since, state.main_pid) = (Active::Inactive, Some(now), None);
                if let Some((_, _, until)) = &mut state.ran {
                    *until = Some(now);
                }
            });
        } else {
            self.failed(&spec, now, End::Signal(signal), false);
        }
        if !again {
            return Vec::new();
        }
        let until = now + spec.restart_after;
        self.units.change(name, |state| {
            (state.active, state.since, state.due) = (Active::Restarting, Some(now), Some(until))
        });
        vec![(name.to_owned(), spec.restart_after)]
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

    /// The kernel has loaded: a new life begins.
    pub fn kernel_boots(&mut self, now: Instant) {
        self.booted = now;
        self.boots += 1;
        self.hostname = self.static_hostname().unwrap_or_else(|| self.hostname.clone());
        self.units = Units::default();
        self.processes = Processes::default();
        if self.distro.vendor == Vendor::Esxi {
            // Its kernel is another one.
            self.processes.start(Process::daemon(0, 0, "init", None, now));
            return;
        }
        let manager = match (self.distro.vendor, self.distro.systemd) {
            (_, None) => "init [3]",
            (Vendor::Photon, _) => "/lib/systemd/systemd --switched-root --system --deserialize 21",
            (_, Some(219)) => "/usr/lib/systemd/systemd --switched-root --system --deserialize 22",
            _ => "/usr/lib/systemd/systemd --switched-root --system --deserialize 17",
        };
        self.processes.start(Process::daemon(0, 0, manager, None, now));
        for (place, name) in KERNEL_THREADS.iter().enumerate() {
            let parent = if place == 0 { 0 } else { 2 };
            self.processes.start(Process::daemon(parent, 0, &format!("[{name}]"), None, now));
        }
        self.processes.count_from(420);
        for (ms, text) in super::kernel::messages(self) {
            let (at, boot, ident) = (now + Span::millis(ms), self.boots, "kernel".to_owned());
            self.log.push(Line {
                at,
                boot,
                facility: Facility::Kernel,
                priority: 6,
                ident,
                pid: None,
                unit: None,
                text,
            });
        }
        let (tty, from) = ("system boot".to_owned(), self.distro.kernel.to_owned());
        self.logins.add(Record { user: None, tty, from, at: now, pid: 0, until: None });
    }

    /// The host name of the next boot, where a file says one.
    #[must_use]
    pub fn static_hostname(&self) -> Option<String> {
        let file = if self.distro.vendor == Vendor::Suse { "/etc/HOSTNAME" } else { "/etc/hostname" };
        let ino = self.fs.lookup(&Cred::ROOT, "/", file).ok()?;
        let Some(Content::Bytes(bytes)) = self.fs.content(ino) else { return None };
        let text = String::from_utf8_lossy(bytes);
        let name = text.lines().map(str::trim).find(|line| !line.is_empty() && !line.starts_with('#'))?;
        Some(name.to_owned())
    }

    /// The kernel hands over: the units of the default target are to be started.
    pub fn units_boot(&mut self, now: Instant) -> Vec<Due> {
        if let Some(version) = self.distro.systemd {
            let host = self.hostname.clone();
            self.manager_says(now, 6, "", format!("systemd {version} running in system mode."));
            self.manager_says(now, 6, "", format!("Set hostname to <{host}>."));
            let target = self.default_target();
            return self.want_unit(&target, now);
        }
        let mut due = Vec::new();
        for name in self.unit_files() {
            if self.is_enabled(&name) == Enabled::Enabled {
                due.extend(self.want_unit(&name, now));
            }
        }
        due
    }

    /// The target that a boot goes for.
    #[must_use]
    pub fn default_target(&self) -> String {
        let path = self.fs.canonical(&Cred::ROOT, "/", "/etc/systemd/system/default.target");
        let name = path.ok().and_then(|path| path.rsplit('/').next().map(str::to_owned));
        name.filter(|name| name.ends_with(".target")).unwrap_or_else(|| "multi-user.target".to_owned())
    }

    /// How a unit is to be started at boot.
    #[must_use]
    pub fn is_enabled(&self, name: &str) -> Enabled {
        if self.distro.systemd.is_none() {
            let file = name.trim_end_matches(".service");
            let dir = self.fs.lookup(&Cred::ROOT, "/", "/etc/init.d/rc3.d").ok();
            let mut links = dir.and_then(|ino| self.fs.node(ino).entries()).into_iter().flatten();
            let on = links.any(|(link, _)| link.starts_with('S') && link.get(3..) == Some(file));
            return if on { Enabled::Enabled } else { Enabled::Disabled };
        }
        if self.is_masked(name) {
            return Enabled::Masked;
        }
        let Some(spec) = self.unit(name) else { return Enabled::Disabled };
        let (wanted, required) = (&spec.wanted_by, &spec.required_by);
        if wanted.is_empty() && required.is_empty() {
            let link = format!("/etc/systemd/system/{name}");
            let linked = self
                .fs
                .lookup_link(&Cred::ROOT, "/", &link)
                .is_ok_and(|ino| matches!(self.fs.node(ino).kind, FileKind::Link(_)));
            return if linked { Enabled::Linked } else { Enabled::Static };
        }
        let linked = |target: &String, folder: &str| {
            let path = format!("/etc/systemd/system/{target}.{folder}/{name}");
            self.fs.lookup_link(&Cred::ROOT, "/", &path).is_ok()
        };
        let on = wanted.iter().any(|target| linked(target, "wants"))
            || required.iter().any(|target| linked(target, "requires"));
        if on { Enabled::Enabled } else { Enabled::Disabled }
    }

    /// Enables a unit, or disables it: makes or removes the links of those that want it. Gives the links with where they
    /// lead.
    ///
    /// # Errors
    /// What the file system says.
    pub fn set_enabled(&mut self, name: &str, on: bool, now: Instant) -> Result<Vec<(String, String)>, Errno> {
        let Some(spec) = self.unit(name) else { return Ok(Vec::new()) };
        let mut links = Vec::new();
        if self.distro.systemd.is_none() {
            let short = name.trim_end_matches(".service");
            for level in ["rc3.d", "rc5.d"] {
                links.push((format!("/etc/init.d/{level}/S10{short}"), format!("../{short}")));
            }
        }
        for (targets, folder) in [(&spec.wanted_by, "wants"), (&spec.required_by, "requires")] {
            for target in targets {
                links.push((format!("/etc/systemd/system/{target}.{folder}/{name}"), spec.path.clone()));
            }
        }
        let mut changed = Vec::new();
        for (link, target) in links {
            let there = self.fs.lookup_link(&Cred::ROOT, "/", &link).is_ok();
            if there == on {
                continue;
            }
            if on {
                let folder = link.rsplit_once('/').map_or("", |(folder, _)| folder);
                match self.fs.mkdir(&Cred::ROOT, "/", folder, 0o755, now) {
                    Ok(_) | Err(Errno::Exist) => {}
                    Err(errno) => return Err(errno),
                }
                self.fs.symlink(&Cred::ROOT, "/", &target, &link, now)?;
            } else {
                self.fs.unlink(&Cred::ROOT, "/", &link, now)?;
            }
            changed.push((link, target));
        }
        Ok(changed)
    }

    /// A machine that was booted at `at` and is through with it: how it stands when a lab begins.
    pub fn has_booted(&mut self, at: Instant) {
        self.kernel_boots(at);
        self.units_have_started();
    }

    /// All units start behind the kernel that loaded last, one after another as it would be with events.
    pub fn units_have_started(&mut self) {
        let user_space = self.booted + Span::millis(super::kernel::LOADING);
        let mut due: Vec<(Instant, String)> = Vec::new();
        let add = |due: &mut Vec<(Instant, String)>, now: Instant, new: Vec<Due>| {
            due.extend(new.into_iter().map(|(name, span)| (now + span, name)));
        };
        let first = self.units_boot(user_space);
        add(&mut due, user_space, first);
        while let Some(next) = due.iter().enumerate().min_by_key(|(_, entry)| (*entry).clone()).map(|(place, _)| place)
        {
            let (now, name) = due.swap_remove(next);
            let new = self.unit_due(&name, now, false);
            add(&mut due, now, new);
        }
        self.boot_is_done();
    }

    /// Processes of people have numbers well behind those of the boot.
    pub fn boot_is_done(&mut self) {
        self.processes.count_from(1199);
    }

    /// The machine is off: what was in memory is gone.
    pub fn go_dark(&mut self, now: Instant, why: Why) {
        self.processes = Processes::default();
        self.units = Units::default();
        self.scheduled = None;
        self.logins.end_all(now, why);
    }
}

/// How a unit is to be started at boot, as `systemctl is-enabled` says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Enabled {
    /// A target wants it.
    Enabled,
    /// Nothing wants it.
    Disabled,
    /// It has nothing that could want it.
    Static,
    /// It must not be started.
    Masked,
    /// Its file lies elsewhere.
    Linked,
}

impl Enabled {
    /// The word.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Enabled => "enabled",
            Self::Disabled => "disabled",
            Self::Static => "static",
            Self::Masked => "masked",
            Self::Linked => "linked",
        }
    }
}

/// The name of a signal without `SIG`.
#[must_use]
pub fn signal_name(signal: u8) -> &'static str {
    const NAMES: [&str; 20] = [
        "0", "HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "BUS", "FPE", "KILL", "USR1", "SEGV", "USR2", "PIPE", "ALRM",
        "TERM", "STKFLT", "CHLD", "CONT", "STOP",
    ];
    NAMES.get(usize::from(signal)).copied().unwrap_or("n/a")
}

/// Threads of the kernel, the first of which is number 2.
const KERNEL_THREADS: [&str; 26] = [
    "kthreadd",
    "kworker/0:0H",
    "ksoftirqd/0",
    "migration/0",
    "rcu_bh",
    "rcu_sched",
    "lru-add-drain",
    "watchdog/0",
    "watchdog/1",
    "migration/1",
    "ksoftirqd/1",
    "kworker/1:0H",
    "kdevtmpfs",
    "netns",
    "khungtaskd",
    "writeback",
    "kintegrityd",
    "kblockd",
    "md",
    "kswapd0",
    "ksmd",
    "khugepaged",
    "crypto",
    "kthrotld",
    "scsi_eh_0",
    "kworker/0:1",
];
