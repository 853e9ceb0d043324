//! What is installed, and what an installation makes of it: package by package, to its end or cut off, and undone where the
//! disks were kept.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::Vcsa;
use crate::payload::{Package, Patch, catalog};
use crate::sim::Instant;
use crate::systems::vcsa::releases::Product;
use crate::systems::vcsa::software_update::Backup;
use crate::systems::vcsa::staging::{Applied, KERNELS, Packages, Staged};

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

impl Vcsa {
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

    /// What an installation under way has put on the disks runs from now on, unless a reboot is due from before.
    pub fn run_what_is_installed(&mut self) {
        if self.installation.as_ref().is_some_and(|installation| installation.before != Update::AwaitingReboot) {
            self.running = self.installed.release();
        }
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

    /// The disks are kept as they are.
    pub fn back_up(&mut self, now: Instant) {
        let Installed { packages, product } = self.installed.clone();
        self.backup = Some(Arc::new(Backup { packages, product, staged: self.staged.clone(), at: Some(now) }));
    }

    /// An installation that broke off is undone; `false` where nothing was kept.
    pub fn roll_back(&mut self, now: Instant) -> bool {
        let Some(backup) = self.backup.take() else { return false };
        let Backup { packages, product, staged, .. } = Arc::unwrap_or_clone(backup);
        self.installed = Installed { packages, product };
        self.running = self.installed.release();
        self.software_update.rolled_back = Some(now);
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
}
