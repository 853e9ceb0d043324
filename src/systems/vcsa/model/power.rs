//! How far an appliance is up, and what the way up and the way down mean to it.

use serde::{Deserialize, Serialize};

use super::{ShellAccess, Update, Vcsa};
use crate::sim::Instant;
use crate::sim::queue::Ticket;
use crate::systems::linux::model::logins::Why;
use crate::systems::vcsa::services;

/// How far the machine is up. Each phase answers to more than the one before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Phase {
    /// No power.
    Off,
    /// Firmware, boot loader, kernel: nothing answers.
    Loading,
    /// The network is up: ping answers.
    Network,
    /// Logins are taken; services may still be starting.
    Up,
    /// On the way down; nobody can log in.
    Stopping(Action),
}

impl Phase {
    /// The phase in one word, for facts.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Loading => "loading",
            Self::Network => "network",
            Self::Up => "up",
            Self::Stopping(_) => "stopping",
        }
    }
}

/// What follows when the machine is down.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Action {
    /// Power off.
    Poweroff,
    /// Boot again.
    Reboot,
}

impl Action {
    /// The word of the `shutdown` command.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Poweroff => "poweroff",
            Self::Reboot => "reboot",
        }
    }
}

/// A scheduled shutdown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shutdown {
    /// What will happen.
    pub action: Action,
    /// Why, in the admin's words.
    pub reason: String,
    /// The event that will do it.
    pub ticket: Ticket,
}

impl Vcsa {
    /// The machine loses power or is off: everything in memory is gone, the disks stay.
    pub fn go_dark(&mut self, now: Instant) {
        self.services.stop_all();
        let why = if matches!(self.phase, Phase::Stopping(_)) { Why::Down } else { Why::Crash };
        self.linux.go_dark(now, why);
        self.phase = Phase::Off;
        self.shutdown = None;
        self.tool_busy = false;
        // A permission that was to end by itself ends here; one without end is written on the disk.
        if self.shell_access.until.is_some() {
            self.shell_access = ShellAccess::default();
        }
        self.break_off(now);
        self.backups.break_off(now);
    }

    /// The machine starts from its disks.
    pub fn start_boot(&mut self) {
        self.phase = Phase::Loading;
        self.boots += 1;
        self.services.stop_all();
        self.running = self.installed.release();
        if let Some(evr) = self.installed.packages.kernel() {
            self.linux.load_kernel(evr, self.installed.product.kernel_built());
        }
        self.services.become_set(services::Set::of(&self.running.version, &self.node_type));
        if self.update == Update::AwaitingReboot {
            self.update = Update::Idle;
        }
    }
}
