//! The state of one vCenter Server Appliance. Texts are made elsewhere; everything here is plain data and the methods
//! that keep it true.

pub mod ha;
mod installation;
mod power;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

pub use installation::{Installation, Installed, Release, Update};
pub use power::{Action, Phase, Shutdown};

use ha::Ha;

use super::backup::Jobs;
use super::log;
pub use super::log::Log;
use super::rates::Rates;
use super::series::Series;
use super::services::{APPLIANCE_MANAGEMENT, REVERSE_PROXY, Services, VCENTER};
use super::settings::Settings;
use super::software_update::{Backup, Partial, SoftwareUpdate};
use super::sso::SsoUser;
use super::staging::{Applied, Staged, UpdateCopy};
use crate::sim::Instant;
use crate::sim::queue::Ticket;
use crate::systems::linux::model::Linux;

/// A vCenter Server Appliance.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Vcsa {
    /// What the node does: embedded or external Platform Services Controller.
    pub node_type: String,
    /// The host name under which it was deployed; a lab that was saved earlier does not tell.
    #[serde(default)]
    pub deployed_as: Option<String>,
    /// When it was deployed; see above.
    #[serde(default)]
    pub deployed_at: Option<Instant>,
    /// The name of the machine that is its Platform Services Controller, where the lab has one.
    #[serde(default)]
    pub controller: Option<String>,
    /// Whether clients have PAM ask for the password, which tells them of the login before.
    #[serde(default)]
    pub keyboard_interactive: bool,
    /// The users of single sign-on who may log in.
    #[serde(default)]
    pub sso: Vec<SsoUser>,
    /// Its place in a vCenter HA cluster.
    #[serde(default)]
    pub ha: Option<Ha>,
    /// How far the machine is up.
    pub phase: Phase,
    /// What the disks hold: installed packages and the product that they make.
    pub installed: Installed,
    /// What runs since the last boot; an installed update shows here only after the reboot.
    pub running: Release,
    /// The staging area.
    pub staged: Option<Arc<Staged>>,
    /// Where an installation stands.
    pub update: Update,
    /// The installation that was begun last and has not come to its end.
    pub installation: Option<Installation>,
    /// The disks as they were before that, where the software keeps them.
    #[serde(default)]
    pub backup: Option<Arc<Backup>>,
    /// A stage that broke off and can go on.
    #[serde(default)]
    pub partial: Option<Partial>,
    /// What the appliance management remembers of updates.
    #[serde(default)]
    pub software_update: SoftwareUpdate,
    /// Whether `software-packages` is running in some session.
    pub tool_busy: bool,
    /// Finished updates, oldest first.
    pub history: Vec<Applied>,
    /// The services.
    pub services: Services,
    /// A shutdown that is due later.
    pub shutdown: Option<Shutdown>,
    /// The switch of the root shell.
    pub shell_access: ShellAccess,
    /// Its backups.
    #[serde(default)]
    pub backups: Jobs,
    /// What else it is set to.
    #[serde(default)]
    pub settings: Settings,
    /// The tool's log, `/var/log/vmware/applmgmt/software-packages.log`.
    pub log: Log,
    /// What its services have lived through, as far as there was room for their logs.
    #[serde(default)]
    pub service_log: Log<log::Entry>,
    /// Of what that has cut off: which software ran, and the state that each service was in.
    #[serde(default)]
    pub service_log_before: Vec<log::Entry>,
    /// Room of the staging area on `/storage/core`, in bytes.
    pub staging_capacity: u64,
    /// The fault points whose disk a file has been put on that fills it.
    #[serde(default)]
    pub filled: BTreeSet<String>,
    /// The fault points that stand for a damaged update, each with the copy that has the damage.
    #[serde(default)]
    pub damaged: BTreeMap<String, UpdateCopy>,
    /// How many times the machine has booted in this lab.
    pub boots: u64,
    /// An address in the memory of the reverse proxy, which its error pages show; it differs from start to start.
    pub proxy_pointer: u64,
    /// How long things take.
    pub rates: Arc<Rates>,
    /// The operating system beneath.
    pub linux: Linux,
}

/// The shells of the appliance.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Shell {
    /// The appliance shell, `Command>`, of whoever logged in.
    Appliance,
    /// The same of root, whom somebody became (`su -`).
    OfRoot,
    /// The same of the user with this number, whoever logged in.
    Of(u32),
}

/// What happens to an appliance by itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Event {
    /// The network is configured: ping answers.
    NetworkUp,
    /// The secure shell answers, and the services begin to start.
    LoginsUp,
    /// A service is up, or its start has failed.
    ServiceStarted(String),
    /// The scheduled shutdown is due.
    ShutdownDue,
    /// The permission to use the root shell ends.
    ShellTimeout,
    /// The next service stops on the way down.
    ServiceStopped(String),
    /// A backup of this name is through.
    BackupEnds(String),
    /// The scheduled query for updates is due.
    UpdatesQueried,
    /// Everything has stopped.
    Halted(Action),
}

/// The switch of the root shell, `shell.set`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShellAccess {
    /// Whether `shell` opens it.
    pub enabled: bool,
    /// The event that ends the permission.
    pub until: Option<Ticket>,
}

/// What a client of vCenter gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Clients {
    /// No connection.
    Refused,
    /// The proxy answers, vCenter does not yet.
    Starting,
    /// vCenter and the web client serve.
    Connected,
}

impl Clients {
    /// The word for facts.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Refused => "refused",
            Self::Starting => "starting",
            Self::Connected => "connected",
        }
    }
}

impl Vcsa {
    /// How the software that runs behaves.
    #[must_use]
    pub fn series(&self) -> &'static Series {
        Series::of(&self.running.version)
    }

    /// When the version that runs was installed: with the update that brought it, else when the appliance was deployed.
    #[must_use]
    pub fn installed_at(&self) -> Instant {
        let brought = |update: &&Applied| update.version == self.running.version && !update.third_party_only;
        self.history
            .iter()
            .rev()
            .find(brought)
            .map_or_else(|| self.deployed_at.unwrap_or(self.linux.booted), |update| update.at)
    }

    /// Whether a new session can be opened.
    #[must_use]
    pub fn takes_logins(&self) -> bool {
        self.phase == Phase::Up
    }

    /// What the machine is doing, in a few words.
    #[must_use]
    pub fn doing(&self) -> &'static str {
        match self.phase {
            Phase::Off => "powered off",
            Phase::Loading | Phase::Network => "starting",
            Phase::Stopping(_) => "shutting down",
            Phase::Up if self.services.all_up() => "up",
            Phase::Up => "up, with some services down",
        }
    }

    /// Whether ping is answered.
    #[must_use]
    pub fn answers_ping(&self) -> bool {
        matches!(self.phase, Phase::Network | Phase::Up | Phase::Stopping(_))
    }

    /// Whether the API calls of the appliance shell work.
    #[must_use]
    pub fn management_up(&self) -> bool {
        self.phase == Phase::Up && self.services.runs(APPLIANCE_MANAGEMENT)
    }

    /// What a client of vCenter gets now.
    #[must_use]
    pub fn clients(&self) -> Clients {
        if !self.services.runs(REVERSE_PROXY) {
            Clients::Refused
        } else if self.services.runs(VCENTER) && self.services.runs(self.services.web_client()) {
            Clients::Connected
        } else {
            Clients::Starting
        }
    }

    /// Bytes taken in the staging area.
    #[must_use]
    pub fn staged_bytes(&self) -> u64 {
        let partial = self.partial.as_ref().map_or(0, |partial| partial.bytes);
        self.staged.as_ref().map_or(0, |staged| staged.bytes()).saturating_add(partial)
    }

    /// Whether `bytes` fit into the staging area beside what is staged, which stays until it is replaced.
    #[must_use]
    pub fn staging_fits(&self, bytes: u64) -> bool {
        self.staged_bytes().saturating_add(bytes) <= self.staging_capacity
    }

    /// The repository that updates come from unless another is named.
    #[must_use]
    pub fn repository(&self) -> String {
        self.settings.updates.current_url.clone().unwrap_or_else(|| self.default_repository())
    }

    /// The repository of the vendor for the installed version.
    #[must_use]
    pub fn default_repository(&self) -> String {
        format!("{}/{}.latest/", self.series().repository, self.running.version)
    }
}
