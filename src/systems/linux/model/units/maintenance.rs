//! Rescue and emergency mode (systemd.special(7)): the services that hold the console in them, how a boot ends in one of them,
//! and how a machine goes from one target to another.

use std::sync::Arc;

use super::super::unit::{Active, End};
use super::super::{Linux, Process};
use super::Due;
use crate::sim::Instant;

/// What waits until the file systems are mounted.
const LOCAL_FS: &str = "local-fs.target";
/// What waits until the swap space is in use.
const SWAP: &str = "swap.target";
/// How a main process that ends well is for its unit.
const SIGTERM: u8 = 15;
/// What waits on the console for a login.
const GETTY: &str = "getty@tty1.service";

/// A mode in which there is but a shell for root at the console.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Maintenance {
    /// The file systems are mounted.
    Rescue,
    /// Not even that.
    Emergency,
}

impl Maintenance {
    const ALL: [Self; 2] = [Self::Emergency, Self::Rescue];

    /// Its word.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Rescue => "rescue",
            Self::Emergency => "emergency",
        }
    }

    /// The unit that pulls it in.
    #[must_use]
    pub fn target(self) -> String {
        format!("{}.target", self.word())
    }

    /// The unit that asks for root's password.
    #[must_use]
    pub fn service(self) -> String {
        format!("{}.service", self.word())
    }
}

/// Whether a unit holds the console: who sits there goes with it.
#[must_use]
pub fn holds_console(unit: &str) -> bool {
    unit == GETTY || Maintenance::ALL.iter().any(|mode| mode.service() == unit)
}

/// Whether a unit stays where another one is isolated (`IgnoreOnIsolate=`), or is woken at once by a socket that does.
fn outlives(unit: &str) -> bool {
    let kind = unit.rsplit('.').next().unwrap_or_default();
    !matches!(kind, "service" | "target" | "socket" | "timer" | "path")
        || ["systemd-journald.", "systemd-udevd"].iter().any(|kept| unit.starts_with(kept))
}

impl Linux {
    /// The mode that the machine is in, if it is one.
    #[must_use]
    pub fn maintenance(&self) -> Option<Maintenance> {
        Maintenance::ALL.into_iter().find(|mode| self.unit_is_wanted(&mode.service()))
    }

    /// Whether it has a login at the console, or the shell of a mode.
    #[must_use]
    pub fn serves_console(&self) -> bool {
        let waits = |active: Active| !matches!(active, Active::Inactive | Active::Failed);
        self.unit(GETTY).is_none()
            || waits(self.unit_state(GETTY).active)
            || self.maintenance().is_some_and(|mode| self.unit_is_up(&mode.service()))
    }

    /// Whether the last attempt to mount the file systems has failed.
    #[must_use]
    pub fn lacks_file_systems(&self) -> bool {
        self.unit_state(LOCAL_FS).end == End::Dependency
    }

    /// Whether they are to be mounted before the units start.
    #[must_use]
    pub fn awaits_file_systems(&self) -> bool {
        !self.unit_is_up(LOCAL_FS)
    }

    /// What waits for the file systems does not start.
    pub fn hold_file_systems(&mut self) {
        Arc::make_mut(&mut self.units.held).insert(LOCAL_FS.to_owned());
    }

    /// What waits for swap space does not start.
    pub fn hold_swap(&mut self) {
        Arc::make_mut(&mut self.units.held).insert(SWAP.to_owned());
    }

    /// Swap space is not there: the boot goes on without it.
    pub fn swap_fails(&mut self, now: Instant) -> Vec<Due> {
        if !self.units.held.contains(SWAP) {
            return Vec::new();
        }
        Arc::make_mut(&mut self.units.held).remove(SWAP);
        self.units.forget_start(SWAP);
        self.units.change(SWAP, |state| state.end = End::Dependency);
        let job = format!("Job {SWAP}/start failed with result 'dependency'.");
        let job = if self.distro.systemd < Some(230) { job } else { format!("{SWAP}: {job}") };
        self.manager_says(now, 4, SWAP, "Dependency failed for Swap.".to_owned());
        self.manager_says(now, 5, SWAP, job);
        self.pump(now)
    }

    /// A file system cannot be mounted: what waits for it is not started, and emergency mode is.
    pub fn file_systems_fail(&mut self, now: Instant) -> Vec<Due> {
        Arc::make_mut(&mut self.units.held).remove(LOCAL_FS);
        self.units.forget_start(LOCAL_FS);
        self.units.change(LOCAL_FS, |state| state.end = End::Dependency);
        let job = format!("Job {LOCAL_FS}/start failed with result 'dependency'.");
        let (job, triggers) = match self.distro.systemd {
            Some(..230) => (job, format!("Triggering OnFailure= dependencies of {LOCAL_FS}.")),
            _ => (format!("{LOCAL_FS}: {job}"), format!("{LOCAL_FS}: Triggering OnFailure= dependencies.")),
        };
        self.manager_says(now, 4, LOCAL_FS, "Dependency failed for Local File Systems.".to_owned());
        self.manager_says(now, 5, LOCAL_FS, job);
        self.manager_says(now, 5, LOCAL_FS, triggers);
        self.want_unit(&Maintenance::Emergency.target(), now)
    }

    /// The units that stop where a target is isolated.
    #[must_use]
    pub fn stopped_by(&self, target: &str) -> Vec<String> {
        let pulled = self.pulled_by(target);
        let up = |active: Active| !matches!(active, Active::Inactive | Active::Failed);
        let units = self.units.iter().filter(|(_, state)| up(state.active)).map(|(unit, _)| unit);
        units.filter(|unit| !outlives(unit) && !pulled.contains(*unit)).map(str::to_owned).collect()
    }

    /// Stops these units, all that requires them, and starts a target.
    pub fn isolate(&mut self, target: &str, unwanted: &[String], now: Instant) -> Vec<Due> {
        for unit in unwanted {
            self.unwant_unit(unit);
        }
        self.want_unit(target, now)
    }

    /// What stands between the service of a mode and its shell: `sulogin`, with what called it above.
    pub(super) fn start_sulogin(&mut self, unit: &str, main: u32, now: Instant) {
        if Maintenance::ALL.iter().any(|mode| mode.service() == unit) {
            let sulogin = Process::daemon(main, 0, "/usr/sbin/sulogin", Some(unit), now);
            self.processes.start(Process { tty: Some("tty1".to_owned()), ..sulogin });
        }
    }

    /// The process that asks for root's password at the console.
    #[must_use]
    pub fn sulogin(&self) -> Option<u32> {
        self.processes.iter().find(|(_, process)| process.command == "/usr/sbin/sulogin").map(|(pid, _)| pid)
    }

    /// The shell of a mode has ended, and its service with it.
    pub fn leave_maintenance(&mut self, now: Instant) {
        let Some(mode) = self.maintenance() else { return };
        let service = mode.service();
        self.processes.retain(|_, process| process.live || process.unit.as_ref() != Some(&service));
        self.main_gone(&service, End::Signal(SIGTERM), now);
    }
}
