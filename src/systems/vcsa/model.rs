//! The state of one vCenter Server Appliance. Texts are made elsewhere; everything here is plain data and the methods
//! that keep it true.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::backup::Jobs;
use super::ha::Ha;
use super::log;
pub use super::log::Log;
use super::rates::Rates;
use super::releases::Product;
use super::series::Series;
use super::services::{self, APPLIANCE_MANAGEMENT, REVERSE_PROXY, Services, VCENTER};
use super::settings::Settings;
use super::software_update::{Backup, Partial, SoftwareUpdate};
use super::sso::SsoUser;
use super::staging::{Applied, KERNELS, Packages, Staged, UpdateCopy};
use crate::payload::{Package, Patch, catalog};
use crate::sim::Instant;
use crate::sim::queue::Ticket;
use crate::systems::linux::model::Linux;
use crate::systems::linux::model::logins::Why;

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

/// What is on the disks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Installed {
    /// The package database.
    pub packages: Packages,
    /// Summary and release date of the product; they come with the release package.
    pub product: Product,
}

/// What runs since the last boot.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Release {
    /// Version of the appliance, `6.0.0.10000`.
    pub version: String,
    /// Build of the appliance, `3018521`.
    pub build: String,
    /// vCenter Server's own version, `6.0.0`.
    pub vcenter_version: String,
    /// vCenter Server's own build, which `vpxd -v` and the client's About show.
    pub vcenter_build: String,
    /// Summary and release date.
    pub product: Product,
}

impl Installed {
    /// What would run after a boot from these disks.
    #[must_use]
    pub fn release(&self) -> Release {
        let (version, build) = self.version_of(catalog::RELEASE_PACKAGE);
        let (vcenter_version, vcenter_build) = self.version_of(catalog::VCENTER_PACKAGE);
        Release { version, build, vcenter_version, vcenter_build, product: self.product.clone() }
    }

    fn version_of(&self, package: &str) -> (String, String) {
        let installed = self.packages.get(package).map_or("", |found| &found.version);
        let (version, build) = installed.split_once('-').unwrap_or((installed, ""));
        (version.to_owned(), build.to_owned())
    }
}

/// Where an installation stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Update {
    /// None is under way.
    Idle,
    /// Packages are being changed, or are about to.
    Installing,
    /// Done; the new version runs after the reboot.
    AwaitingReboot,
    /// It broke off: some packages may be new, others old.
    Interrupted,
}

impl Update {
    /// The state in one word, for facts.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Idle => "idle",
            Self::Installing => "installing",
            Self::AwaitingReboot => "awaiting-reboot",
            Self::Interrupted => "interrupted",
        }
    }
}

/// The switch of the root shell, `shell.set`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShellAccess {
    /// Whether `shell` opens it.
    pub enabled: bool,
    /// The event that ends the permission.
    pub until: Option<Ticket>,
}

/// An installation under way, or one that broke off.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Installation {
    /// The update.
    pub patch: Arc<Patch>,
    /// Whether only third-party packages are changed.
    pub third_party_only: bool,
    /// How many packages it changes.
    pub total: usize,
    /// How many it has changed.
    pub changed: usize,
    /// Where the appliance stood before.
    pub before: Update,
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

    /// An installation of `packages` begins: services are about to stop.
    /// After one that broke off, this is the rest of that.
    pub fn begin_install(&mut self, staged: &Staged, packages: usize) {
        let broken = self.installation.take().filter(|_| self.update == Update::Interrupted);
        let (changed, before) = broken.map_or((0, self.update), |broken| (broken.changed, broken.before));
        self.installation = Some(Installation {
            patch: Arc::clone(&staged.patch),
            third_party_only: staged.third_party_only,
            total: changed + packages,
            changed,
            before,
        });
        self.update = Update::Installing;
    }

    /// An installation changes one package; it leaves the staging area.
    pub fn upgrade(&mut self, package: &Package, now: Instant) {
        self.installed.packages.install(package);
        if KERNELS.contains(&package.name.as_str()) {
            self.lay_kernel(now);
        }
        if let Some(installation) = &mut self.installation {
            installation.changed += 1;
            if package.name == catalog::RELEASE_PACKAGE {
                let patch = &installation.patch;
                self.installed.product = Product {
                    name: patch.product.clone(),
                    summary: patch.summary.clone(),
                    release_date: patch.release_date.clone(),
                };
            }
        }
        if let Some(staged) = &mut self.staged {
            Arc::make_mut(staged).packages.retain(|other| other.name != package.name);
            self.lay_out(now);
        }
    }

    /// An installation has come to its end: what it was about is history, what it took from the staging area is gone. Where
    /// it needs no reboot, the new version runs from now on.
    pub fn finish_install(&mut self, now: Instant) {
        let Some(installation) = self.installation.take() else { return };
        self.backup = None;
        self.update = Update::AwaitingReboot;
        if !installation.patch.reboot_required && installation.before != Update::AwaitingReboot {
            self.update = Update::Idle;
            self.running = self.installed.release();
        }
        self.staged = self.staged.take().filter(|staged| !staged.packages.is_empty());
        self.lay_out(now);
        self.history.push(Applied {
            name: installation.patch.name.clone(),
            version: installation.patch.version.clone(),
            build: installation.patch.build.clone(),
            release_date: installation.patch.release_date.clone(),
            third_party_only: installation.third_party_only,
            at: now,
            packages: installation.total,
            patch: Some(Arc::new(installation.patch.without_contents())),
        });
    }

    /// Whether this update is the one whose installation broke off: it can go on, with whatever of it is left.
    #[must_use]
    pub fn goes_on_with(&self, patch: &Patch) -> bool {
        let broken = self.installation.as_ref().filter(|_| self.update == Update::Interrupted);
        broken.is_some_and(|installation| installation.patch.manifest == patch.manifest)
    }

    /// An installation is cut off. With no package changed all is as before. With all changed it is done, but on releases that
    /// can go on with what comes behind the packages; else the appliance is neither old nor new, until the installation is
    /// run again.
    pub fn break_off(&mut self, now: Instant) {
        if self.update != Update::Installing {
            return;
        }
        let goes_on = self.series().flow.install_retry.is_some();
        match &self.installation {
            Some(installation) if installation.changed == installation.total && !goes_on => self.finish_install(now),
            Some(installation) if installation.changed == 0 => {
                self.update = installation.before;
                self.installation = None;
                self.backup = None;
            }
            _ => self.update = Update::Interrupted,
        }
    }

    /// The repository that updates come from unless another is named.
    #[must_use]
    pub fn repository(&self) -> String {
        self.settings.updates.current_url.clone().unwrap_or_else(|| self.default_repository())
    }

    /// The disks are kept as they are.
    pub fn back_up(&mut self) {
        let Installed { packages, product } = self.installed.clone();
        self.backup = Some(Arc::new(Backup { packages, product, staged: self.staged.clone() }));
    }

    /// An installation that broke off is undone; `false` where nothing was kept.
    pub fn roll_back(&mut self, now: Instant) -> bool {
        let Some(backup) = self.backup.take() else { return false };
        let Backup { packages, product, staged } = Arc::unwrap_or_clone(backup);
        self.installed = Installed { packages, product };
        self.running = self.installed.release();
        self.lay_kernel(now);
        self.staged = staged;
        self.lay_out(now);
        if let Some(installation) = self.installation.take() {
            self.update = installation.before;
        }
        true
    }

    /// The files of the installed kernel are there, and of no other.
    fn lay_kernel(&mut self, now: Instant) {
        if let Some(evr) = self.installed.packages.kernel() {
            self.linux.install_kernel(evr, self.installed.product.kernel_built(), now);
        }
    }

    /// The repository of the vendor for the installed version.
    #[must_use]
    pub fn default_repository(&self) -> String {
        format!("{}/{}.latest/", self.series().repository, self.running.version)
    }
}
