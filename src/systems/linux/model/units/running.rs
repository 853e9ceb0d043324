//! Services whose programs are run as such, by coroutines of the lab: what is to be run, what became of it, and how the unit
//! comes out (`service.c` of systemd 219 and 239).

use std::collections::BTreeSet;
use std::sync::Arc;

use super::super::Linux;
use super::super::unit::exec::Step;
use super::super::unit::{Active, End, Kind, Ran, Spec};
use super::Due;
use crate::sim::Instant;

/// Something that is to be done for a unit by running its programs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Work {
    /// The unit as it was read.
    pub spec: Arc<Spec>,
    /// Its turn: what is late for it is not done.
    pub turn: u32,
    /// What is done.
    pub task: Task,
}

/// What is done with the programs of a unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Task {
    /// They start.
    Start,
    /// They stop.
    Stop,
    /// They are told to read their settings again.
    Reload,
    /// Its main process is gone by itself: the rest goes, too.
    Over(End),
}

impl Linux {
    /// The programs of these units are run.
    pub fn run_units(&mut self, names: BTreeSet<String>) {
        if *self.units.run != names {
            self.units.run = Arc::new(names);
        }
    }

    /// Whether the programs of a unit are run when it starts.
    pub(super) fn runs_programs(&self, spec: &Spec) -> bool {
        self.units.run.contains(&spec.name) && spec.exec.is_some() && self.trouble(spec).is_none()
    }

    /// What is to be run for units by now.
    pub fn take_unit_work(&mut self) -> Vec<Work> {
        std::mem::take(&mut self.units.work)
    }

    /// Whether something is to be run for units.
    #[must_use]
    pub fn has_unit_work(&self) -> bool {
        !self.units.work.is_empty()
    }

    /// Something is to be run for a unit from now on, in its next turn.
    fn next_turn(&mut self, spec: &Arc<Spec>, task: Task) {
        self.units.change(&spec.name, |state| (state.turn, state.reloads) = (state.turn + 1, false));
        let turn = self.unit_state(&spec.name).turn;
        self.units.work.push(Work { spec: Arc::clone(spec), turn, task });
    }

    /// A service is on its way up whose programs are run.
    pub(super) fn programs_start(&mut self, spec: &Arc<Spec>, now: Instant) {
        self.units.change(&spec.name, |state| {
            state.starts.push(now);
            (state.active, state.since, state.due, state.end) = (Active::Activating, Some(now), None, End::Success);
            (state.main_pid, state.ran, state.struck) = (None, None, None);
            state.commands.clear();
        });
        let posts = spec.exec.as_ref().is_some_and(|exec| exec.of(Step::After).next().is_some());
        if !self.is_up_at_once(spec) || posts {
            self.says_starting(&spec.name, &spec.description, now);
        }
        self.next_turn(spec, Task::Start);
    }

    /// It is on its way down.
    pub(super) fn programs_stop(&mut self, spec: &Arc<Spec>, now: Instant) {
        self.units.change(&spec.name, |state| {
            (state.active, state.since, state.due) = (Active::Deactivating, Some(now), None);
        });
        self.next_turn(spec, Task::Stop);
    }

    /// A unit that is up is told to read its settings again by its program. `false` where it has none of its own.
    pub fn programs_reload(&mut self, name: &str) -> bool {
        let Some(spec) = self.unit(name).filter(|_| self.unit_state(name).turn > 0) else { return false };
        self.units.change(name, |state| state.reloads = true);
        let turn = self.unit_state(name).turn;
        self.units.work.push(Work { spec: Arc::new(spec), turn, task: Task::Reload });
        true
    }

    /// Whether a unit is still in the turn in which something was begun.
    #[must_use]
    pub fn is_turn(&self, name: &str, turn: u32) -> bool {
        self.units.state(name).is_some_and(|state| state.turn == turn)
    }

    /// A command of a unit is a process from now on; the main one, if `main`.
    pub fn command_begins(&mut self, name: &str, ran: Ran, main: bool, now: Instant) {
        self.units.change(name, |state| {
            if main {
                (state.main_pid, state.ran) = (Some(ran.pid), Some((ran.pid, now, None)));
            }
            state.commands.push(ran);
        });
    }

    /// A process is the main one of a unit, though another has started it.
    pub fn main_found(&mut self, name: &str, pid: u32, now: Instant) {
        self.units.change(name, |state| (state.main_pid, state.ran) = (Some(pid), Some((pid, now, None))));
    }

    /// The commands of a unit that have not ended: their processes, and whether each is the main one.
    #[must_use]
    pub fn commands_left(&self, name: &str) -> Vec<(u32, bool)> {
        let state = self.unit_state(name);
        let open = state.commands.iter().filter(|ran| ran.until.is_none());
        open.map(|ran| (ran.pid, state.main_pid == Some(ran.pid))).collect()
    }

    /// How a command of a unit that is this process has ended, if it has.
    #[must_use]
    pub fn command_end(&self, name: &str, pid: u32) -> Option<End> {
        let ran = self.units.state(name)?.commands.iter().find(|ran| ran.pid == pid)?;
        ran.until.map(|_| ran.end)
    }

    /// A process that systemd has started, or that is the main one, has ended.
    pub fn command_ends(&mut self, name: &str, pid: u32, end: End, now: Instant) {
        let state = self.unit_state(name);
        let known = state.main_pid == Some(pid) || state.commands.iter().any(|ran| ran.pid == pid);
        if state.turn == 0 || !known && state.main_pid.is_some() {
            return;
        }
        let is_main = state.main_pid == Some(pid);
        self.units.change(name, |state| {
            for ran in state.commands.iter_mut().filter(|ran| ran.pid == pid) {
                (ran.until, ran.end) = (Some(now), end);
            }
            if is_main {
                state.main_pid = None;
                state.struck = if let End::Signal(signal) = end { Some(signal) } else { None };
                if let Some((.., until)) = &mut state.ran {
                    *until = Some(now);
                }
                if let End::Exit(_) = end {
                    state.end = end;
                }
            }
        });
        let Some(spec) = self.unit(name).filter(|_| is_main || state.main_pid.is_none()) else { return };
        let empty = self.processes.iter().all(|(_, process)| process.unit.as_deref() != Some(name));
        match state.active {
            Active::Active if is_main => self.main_is_over(&Arc::new(spec), end, now),
            // The last of several, none of which was the main one.
            Active::Active if spec.kind == Kind::Forking && empty && !spec.remains => {
                self.main_is_over(&Arc::new(spec), End::Success, now);
            }
            _ => {}
        }
    }

    /// The main process of a unit that is up is over.
    fn main_is_over(&mut self, spec: &Arc<Spec>, end: End, now: Instant) {
        let name = &spec.name;
        let clean = self.is_clean(spec, end);
        if !clean {
            self.says_main_end(name, end, now);
        }
        if spec.remains && clean {
            return;
        }
        self.units.change(name, |state| state.active = Active::Deactivating);
        self.next_turn(spec, Task::Over(if clean { End::Success } else { end }));
    }

    /// Whether a service whose main process ended in this way has done well (`is_clean_exit()`).
    #[must_use]
    pub fn is_clean(&self, spec: &Spec, end: End) -> bool {
        let commands = spec.kind == Kind::Oneshot && self.distro.systemd >= Some(230);
        match end {
            End::Success => true,
            End::Signal(1 | 2 | 13 | 15) => !commands,
            End::Exit(status) => spec.exec.as_ref().is_some_and(|exec| exec.good.contains(&status)),
            _ => false,
        }
    }

    /// A service is up, its programs have started; one that leaves nothing behind is down again.
    pub fn programs_are_up(&mut self, spec: &Arc<Spec>, passes: bool, now: Instant) -> Vec<Due> {
        let name = &spec.name;
        self.units.forget_start(name);
        self.comes_up(spec, now, true, passes);
        let gone = self.unit_state(name).ran.is_some_and(|(.., until)| until.is_some());
        if gone && !passes && spec.kind != Kind::Oneshot {
            let end = self.unit_state(name).main_end();
            self.units.change(name, |state| state.end = End::Success);
            self.main_is_over(spec, end, now);
        }
        self.pump(now)
    }

    /// A service did not come up.
    pub fn programs_failed(&mut self, spec: &Arc<Spec>, end: End, now: Instant) -> Vec<Due> {
        let name = &spec.name;
        self.units.forget_start(name);
        self.has_failed(name, end, now);
        self.says_gave_up(name, &spec.description, end, true, now);
        let again = self.start_again(spec, end, false, now);
        let mut due = self.pump(now);
        due.extend(again);
        due
    }

    /// A service that was told to stop is down.
    pub fn programs_are_down(&mut self, spec: &Arc<Spec>, end: End, now: Instant) -> Vec<Due> {
        let name = &spec.name;
        let struck = self.unit_state(name).struck;
        if end == End::Success {
            self.stopped(spec, now);
            self.units.change(name, |state| state.struck = struck);
            return self.pump(now);
        }
        Arc::make_mut(&mut self.units.stops).remove(name);
        let old = self.distro.systemd < Some(230);
        self.has_failed(name, end, now);
        if old {
            self.says_stopped(name, &spec.description, now);
        }
        self.says_gave_up(name, &spec.description, end, false, now);
        if !old {
            self.says_stopped(name, &spec.description, now);
        }
        self.pump(now)
    }

    /// A service that ended by itself is down, unless it starts again.
    pub fn programs_are_over(&mut self, spec: &Arc<Spec>, end: End, now: Instant) -> Vec<Due> {
        let name = &spec.name;
        let well = end == End::Success;
        if well {
            self.says_success(name, now);
            self.units.change(name, |state| {
                (state.active, state.since, state.due, state.end) = (Active::Inactive, Some(now), None, end);
            });
        } else {
            self.has_failed(name, end, now);
            self.says_gave_up(name, &spec.description, end, false, now);
        }
        let again = self.start_again(spec, end, well, now);
        let mut due = self.pump(now);
        due.extend(again);
        due
    }

    /// The programs have read their settings again, or could not.
    pub fn programs_reloaded(&mut self, spec: &Spec, end: End, now: Instant) {
        self.units.change(&spec.name, |state| state.reloads = false);
        match end {
            End::Success => self.manager_says(now, 6, &spec.name, format!("Reloaded {}.", spec.description)),
            _ => self.manager_says(now, 3, &spec.name, format!("Reload failed for {}.", spec.description)),
        }
    }

    fn has_failed(&mut self, name: &str, end: End, now: Instant) {
        self.units.change(name, |state| {
            (state.active, state.since, state.due, state.main_pid) = (Active::Failed, Some(now), None, None);
            state.end = end;
        });
    }

    /// The processes of a unit, without the children that wait to be asked for.
    #[must_use]
    pub fn processes_of(&self, name: &str) -> Vec<u32> {
        let own = self.processes.iter().filter(|(_, process)| process.unit.as_deref() == Some(name));
        own.filter(|(_, process)| process.ended.is_none()).map(|(pid, _)| pid).collect()
    }
}
