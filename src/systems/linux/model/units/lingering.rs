//! Services whose main process does not take the order to end, and that systemd shall not kill (`SendSIGKILL=no`): it waits in
//! vain, twice, gives up on the unit, and the process stays.

use std::sync::Arc;

use super::super::unit::{Active, End, Spec};
use super::super::{Linux, Phase};
use super::Due;
use crate::sim::{Instant, Span};

/// The signal that is the order to end.
const TERM: u8 = 15;
/// `DefaultTimeoutStopSec=`
const TIMEOUT: Span = Span::secs(90);

impl Linux {
    /// How long systemd waits for a service that does not end; nothing where it does. A machine that goes down waits for none.
    pub(super) fn patience(&self, spec: &Spec) -> Option<Span> {
        let main = self.units.state(&spec.name)?.main_pid?;
        let stays = spec.spares && self.phase == Phase::Up && self.processes.get(main)?.ignored.contains(&TERM);
        stays.then_some(TIMEOUT)
    }

    /// A service that was to end has not in time.
    pub(super) fn out_of_patience(&mut self, spec: &Spec, patience: Span, now: Instant) -> Option<Due> {
        let name = &spec.name;
        let first = self.unit_state(name).since.is_some_and(|since| now.since(since) < patience.times(2));
        let old = self.distro.systemd < Some(230);
        let (at, then) = if first { ("stop-sigterm", "") } else { ("stop-final-sigterm", " Entering failed mode.") };
        let what = if old { format!("{name} {at}") } else { format!("{name}: State '{at}'") };
        self.manager_says(now, 4, name, format!("{what} timed out. Skipping SIGKILL.{then}"));
        if first {
            self.units.change(name, |state| state.due = Some(now + patience));
            return Some((name.clone(), patience));
        }
        Arc::make_mut(&mut self.units.stops).remove(name);
        self.units.change(name, |state| {
            (state.active, state.since, state.due, state.main_pid, state.end) =
                (Active::Failed, Some(now), None, None, End::Timeout);
        });
        if old {
            self.says_stopped(name, &spec.description, now);
        }
        self.says_gave_up(name, &spec.description, End::Timeout, false, now);
        if !old {
            self.says_stopped(name, &spec.description, now);
        }
        None
    }

    /// What systemd from 239 on writes when a service begins of which processes are there still.
    pub(super) fn says_left_over(&mut self, name: &str, left_over: Vec<(u32, String)>, now: Instant) {
        if self.distro.systemd < Some(239) {
            return;
        }
        for (pid, comm) in left_over {
            let text = format!(
                "{name}: Found left-over process {pid} ({comm}) in control group while starting unit. Ignoring."
            );
            self.manager_says(now, 4, name, text);
            let text =
                "This usually indicates unclean termination of a previous run, or service implementation deficiencies.";
            self.manager_says(now, 4, name, format!("{name}: {text}"));
        }
    }

    /// The processes of a service beside its main one, with their names.
    #[must_use]
    pub fn left_over(&self, name: &str) -> Vec<(u32, String)> {
        let main = self.units.state(name).and_then(|state| state.main_pid);
        let own = self.processes.iter().filter(|(_, process)| process.unit.as_deref() == Some(name) && !process.live);
        own.filter(|(pid, _)| Some(*pid) != main).map(|(pid, process)| (pid, process.comm().to_owned())).collect()
    }

    /// Whether a service runs, or what is left of it since systemd gave up on it.
    #[must_use]
    pub fn unit_runs(&self, name: &str) -> bool {
        let state = self.units.state(name);
        let main = state.and_then(|state| state.main_pid);
        let ends = state.is_some_and(|state| state.active == Active::Deactivating);
        self.unit_is_up(name) || ends && main.is_some() || !self.left_over(name).is_empty()
    }

    /// The processes of a service end, in whatever state its unit is.
    pub fn unit_ends(&mut self, name: &str, now: Instant) -> Vec<Due> {
        let state = self.unit_state(name);
        match state.active {
            Active::Active => return self.main_gone(name, End::Success, now),
            Active::Deactivating => {
                state.main_pid.into_iter().for_each(|pid| drop(self.processes.remove(pid)));
                self.units.change(name, |state| state.due = Some(now));
                return self.unit_due(name, now, false);
            }
            _ => self.processes.retain(|_, process| process.live || process.unit.as_deref() != Some(name)),
        }
        Vec::new()
    }
}
