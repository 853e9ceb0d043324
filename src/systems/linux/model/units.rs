//! The life of a machine: its units start in the order of their dependencies and stop the other way round, a unit that fails
//! keeps down what requires it, and all of them write to the log. Nothing here knows of the world: what takes time is
//! given back as a moment at which [`Linux::unit_due`] is to be called.

mod boot;
mod calendar;
mod files;
mod lingering;
mod loading;
mod maintenance;
mod needs;
mod outcome;
pub mod running;
mod timers;
mod trouble;

pub use files::Enabled;
pub use maintenance::{Maintenance, holds_console};
pub use timers::Timer;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::log::{Facility, Line};
use super::unit::{Active, End, Kind, Spec, State};
use super::{Linux, Process};
use crate::sim::{Instant, Span};

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
    /// Not to be started yet: what they wait for is no unit.
    #[serde(default)]
    held: Arc<BTreeSet<String>>,
    /// Those that are not started: what they run is no part of the lab.
    #[serde(default)]
    left_out: Arc<BTreeSet<String>>,
    /// The one that is about to be started again.
    #[serde(default)]
    kept: Option<String>,
    /// Those in memory that are not as the distribution has them.
    #[serde(default)]
    loaded: Arc<BTreeMap<String, loading::Loaded>>,
    /// Those whose programs are run.
    #[serde(default, skip_serializing_if = "is_none")]
    run: Arc<BTreeSet<String>>,
    /// What is to be run: taken by the lab after each event and command.
    #[serde(skip)]
    work: Vec<running::Work>,
}

fn is_none(names: &BTreeSet<String>) -> bool {
    names.is_empty()
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
        let moves = |state: &State| matches!(state.active, Active::Activating | Active::Deactivating) || state.reloads;
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

    /// How the machine as a whole is doing, in systemd's word.
    #[must_use]
    pub fn running_word(&self) -> &'static str {
        let failed = self.units.iter().any(|(_, state)| state.active == Active::Failed);
        match (self.units.is_settled(), failed) {
            _ if self.maintenance().is_some() => "maintenance",
            _ if self.phase == super::Phase::Booting => "starting",
            (false, _) => "starting",
            (true, true) => "degraded",
            (true, false) => "running",
        }
    }

    /// Whether the secure shell takes connections. Where it is no unit it always does.
    #[must_use]
    pub fn takes_ssh(&self) -> bool {
        self.unit_is_up("sshd.service") || self.unit("sshd.service").is_none()
    }

    /// Writes what the kernel says.
    pub fn kernel_says(&mut self, now: Instant, text: &str) {
        let (boot, ident, text) = (self.boots, "kernel".to_owned(), text.to_owned());
        self.log(Line {
            at: now,
            boot,
            facility: Facility::Kernel,
            priority: 6,
            ident,
            pid: None,
            unit: None,
            text,
            host: None,
        });
    }

    /// Writes what systemd says about a unit.
    pub fn manager_says(&mut self, now: Instant, priority: u8, unit: &str, text: String) {
        if self.distro.systemd.is_none() {
            return;
        }
        let (boot, ident, unit) = (self.boots, "systemd".to_owned(), Some(unit.to_owned()));
        let (facility, pid, host) = (Facility::Daemon, Some(1), None);
        self.log(Line { at: now, boot, facility, priority, ident, pid, unit, text, host });
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
        let (text, host) = (text.to_owned(), None);
        self.log(Line { at: now, boot, facility, priority: 6, ident, pid, unit, text, host });
    }

    /// A unit is to be started, with all that it requires and wants. What is up stays as it is.
    pub fn want_unit(&mut self, wanted: &str, now: Instant) -> Vec<Due> {
        let (mut open, mut pulled) = (vec![wanted.to_owned()], BTreeSet::new());
        while let Some(name) = open.pop() {
            if pulled.len() >= PULLED || !pulled.insert(name.clone()) {
                continue;
            }
            // One that was to be stopped and is up still stays.
            if self.unit_is_up(&name) && self.units.stops.contains_key(&name) {
                Arc::make_mut(&mut self.units.stops).remove(&name);
            }
            self.load_unit(&name, now);
            let Some(spec) = self.unit_with_links(&name) else { continue };
            open.extend(spec.requires.iter().chain(&spec.wants).cloned());
            let left_out = self.units.left_out.contains(&name);
            if left_out || self.units.starts.contains_key(&name) || self.unit_is_up(&name) {
                continue;
            }
            for rival in self.rivals(&spec, name == wanted) {
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
            let waited = self.units.starts.contains_key(&name);
            self.units.forget_start(&name);
            let up = |state: &State| !matches!(state.active, Active::Inactive | Active::Failed);
            let stops = !self.units.stops.contains_key(&name) && self.units.state(&name).is_some_and(up);
            if stops {
                let spec = self.unit(&name).unwrap_or_else(|| Spec { name: name.clone(), ..Spec::default() });
                Arc::make_mut(&mut self.units.stops).insert(name.clone(), Arc::new(spec));
            }
            if !stops && !waited {
                continue;
            }
            let running = self.units.iter().filter(|(_, state)| up(state)).map(|(other, _)| other);
            let others: Vec<String> =
                running.chain(self.units.starts.keys().map(String::as_str)).map(str::to_owned).collect();
            open.extend(
                others.into_iter().filter(|other| self.unit(other).is_some_and(|spec| spec.requires.contains(&name))),
            );
        }
    }

    /// Everything is to be stopped, as the machine goes down.
    pub fn stop_all_units(&mut self, now: Instant) -> Vec<Due> {
        (self.units.starts, self.units.held) = Default::default();
        self.syslog_goes_down();
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
        let held = &self.units.held;
        let start = starts.values().find(|spec| !begun(spec) && !waits(spec) && !held.contains(&spec.name));
        // Units that wait for each other: systemd breaks the circle at one of them.
        let stuck = held.is_empty() && self.units.stops.is_empty() && !starts.values().any(|spec| begun(spec));
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
        let left_over = self.left_over(name);
        self.units.change(name, |state| state.starts.retain(|at| now.since(*at) < Span::secs(10)));
        if self.runs_programs(spec) {
            self.programs_start(spec, now);
            return None;
        }
        let process = spec.stays().then(|| self.start_main(spec, now));
        self.units.change(name, |state| {
            state.starts.push(now);
            state.commands.clear();
            state.turn = 0;
        });
        let until = now + spec.start;
        self.units.change(name, |state| {
            (state.active, state.since, state.end, state.due) =
                (Active::Activating, Some(now), End::Success, Some(until));
            (state.main_pid, state.struck) = (process, None);
            if let Some(pid) = process {
                state.ran = Some((pid, now, None));
            }
        });
        if spec.is_service() && !self.is_up_at_once(spec) {
            self.says_starting(name, &spec.description, now);
        }
        self.says_left_over(name, left_over, now);
        if spec.start == Span::ZERO {
            self.started(spec, now, false);
            return if name.ends_with(".timer") { self.timer_waits(spec, now) } else { None };
        }
        Some((name.clone(), spec.start))
    }

    fn start_main(&mut self, spec: &Spec, now: Instant) -> u32 {
        let uid = spec.user.as_deref().and_then(|user| self.user(user)).map_or(0, |user| user.uid);
        if spec.kind == Kind::Forking {
            // The first process is gone as soon as the daemon has its own.
            self.processes.number();
        }
        let getty = spec.name.strip_prefix("getty@").and_then(|rest| rest.strip_suffix(".service"));
        let tty = getty.or_else(|| holds_console(&spec.name).then_some("tty1")).map(str::to_owned);
        let main = Process::daemon(1, uid, &spec.command_line(), Some(&spec.name), now);
        let pid = self.processes.start(Process { tty, ..main });
        self.start_sulogin(&spec.name, pid, now);
        pid
    }

    fn begin_stop(&mut self, spec: &Arc<Spec>, now: Instant) -> Option<Due> {
        let name = &spec.name;
        if spec.is_service() {
            self.says_stopping(name, &spec.description, now);
            self.last_words(spec, now);
        }
        if self.unit_state(name).turn > 0 {
            self.programs_stop(spec, now);
            return None;
        }
        let span = self.patience(spec).unwrap_or(spec.stop);
        self.units.change(name, |state| {
            (state.active, state.since, state.due) = (Active::Deactivating, Some(now), Some(now + span))
        });
        if span == Span::ZERO {
            self.stopped(spec, now);
            return None;
        }
        Some((name.clone(), span))
    }

    /// What a daemon writes when it is told to end.
    pub(super) fn last_words(&mut self, spec: &Spec, now: Instant) {
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
                let state = self.unit_state(name);
                if state.active == Active::Failed
                    && let Some(due) = self.start_again(&spec, state.end, false, now)
                {
                    let mut all = self.pump(now);
                    all.push(due);
                    return all;
                }
                if state.active == Active::Active
                    && let (Some(span), Some((_, from, None))) = (spec.lasts(), state.ran)
                {
                    let left = (from + span).max(now + Span::millis(1)).since(now);
                    self.units.change(name, |state| state.due = Some(now + left));
                    let mut all = self.pump(now);
                    all.push((name.to_owned(), left));
                    return all;
                }
            }
            Active::Deactivating => {
                let Some(spec) = self.units.stops.get(name).cloned() else { return Vec::new() };
                match self.patience(&spec) {
                    None => self.stopped(&spec, now),
                    Some(patience) => {
                        let due = self.out_of_patience(&spec, patience, now);
                        return self.pump(now).into_iter().chain(due).collect();
                    }
                }
            }
            Active::Active if name.ends_with(".timer") => return self.timer_elapses(name, now),
            Active::Active => return self.main_gone(name, End::Success, now),
            Active::Restarting => {
                self.keep_unit(Some(name));
                self.units.change(name, |state| (state.active, state.due) = (Active::Inactive, None));
                let spec = self.unit(name);
                let after = spec.as_ref().map_or(Span::ZERO, |spec| spec.restart_after);
                let description = spec.map_or_else(|| name.to_owned(), |spec| spec.description);
                let text = match self.distro.systemd.unwrap_or_default() {
                    ..228 => format!("{name} holdoff time over, scheduling restart."),
                    228..239 => format!("{name}: Service hold-off time over, scheduling restart."),
                    _ => format!("{name}: Service RestartSec={} expired, scheduling restart.", timespan(after)),
                };
                self.manager_says(now, 6, name, text);
                self.units.change(name, |state| state.restarts += 1);
                if self.distro.systemd >= Some(235) {
                    let count = self.unit_state(name).restarts;
                    let text = format!("{name}: Scheduled restart job, restart counter is at {count}.");
                    self.manager_says(now, 6, name, text);
                }
                self.says_stopped(name, &description, now);
                let due = match self.unit(name) {
                    Some(spec) if self.starts_too_often(&spec, now) => Vec::new(),
                    _ => self.want_unit(name, now),
                };
                self.keep_unit(None);
                return due;
            }
            Active::Inactive | Active::Failed => {}
        }
        self.pump(now)
    }
}

/// A span as systemd writes it: `100ms`, `42s`, `1min 30s`.
#[must_use]
pub fn timespan(span: Span) -> String {
    const UNITS: [(&str, u64); 6] =
        [("d", 86_400_000_000), ("h", 3_600_000_000), ("min", 60_000_000), ("s", 1_000_000), ("ms", 1_000), ("us", 1)];
    let mut left = span.as_micros();
    let mut parts = Vec::new();
    for (name, size) in UNITS {
        if left >= size {
            parts.push(format!("{}{name}", left / size));
            left %= size;
        }
    }
    if parts.is_empty() { "0".to_owned() } else { parts.join(" ") }
}

/// The name that systemd has for a status (`exit_status_to_string()`).
#[must_use]
pub fn status_name(status: u8) -> Option<&'static str> {
    match status {
        1 => Some("FAILURE"),
        2 => Some("INVALIDARGUMENT"),
        3 => Some("NOTIMPLEMENTED"),
        4 => Some("NOPERMISSION"),
        5 => Some("NOTINSTALLED"),
        6 => Some("NOTCONFIGURED"),
        7 => Some("NOTRUNNING"),
        200 => Some("CHDIR"),
        203 => Some("EXEC"),
        217 => Some("USER"),
        _ => None,
    }
}

/// The name of a signal without `SIG`.
#[must_use]
pub fn signal_name(signal: u8) -> &'static str {
    super::signals::name(signal).unwrap_or("n/a")
}
