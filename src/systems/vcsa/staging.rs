//! Package arithmetic: what is installed, what a payload would change, what lies in the staging area.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::payload::{self, Package, Patch, catalog, compare_evr};
use crate::sim::Instant;
use crate::vm::{Medium, Origin};

/// A copy of an update: an image in one place, or what a repository has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UpdateCopy {
    /// What is read.
    pub medium: Medium,
    /// Where the image lies; a repository has no such place.
    pub origin: Option<Origin>,
}

/// One installed package.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InstalledPackage {
    /// Version and release, `6.0.0.10000-3018521`.
    pub version: String,
    /// Architecture, `x86_64` or `noarch`.
    pub arch: String,
    /// Whether it comes from a third party: the operating system and other foreign software.
    pub third_party: bool,
}

/// Where what comes off a disc is staged.
pub const STAGING_AREA: &str = "/storage/core/software-update";

/// The package of the kernel, by operating system.
pub const KERNELS: [&str; 2] = ["linux", "kernel-default"];

/// The package database of the appliance.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Packages(Arc<BTreeMap<String, InstalledPackage>>);

impl Packages {
    /// The packages of a release's list.
    #[must_use]
    pub fn of(packages: Vec<catalog::Installed>) -> Self {
        let installed = packages.into_iter().map(|package| {
            let catalog::Installed { name, evr: version, arch, third_party, .. } = package;
            (name.to_owned(), InstalledPackage { version, arch: arch.to_owned(), third_party })
        });
        Self(Arc::new(installed.collect()))
    }

    /// The installed packages by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &InstalledPackage)> {
        self.0.iter().map(|(name, package)| (name.as_str(), package))
    }

    /// How many are installed.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether none is installed, which no running appliance shows.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The installed package called `name`.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&InstalledPackage> {
        self.0.get(name)
    }

    /// The version and release of the kernel's package.
    #[must_use]
    pub fn kernel(&self) -> Option<&str> {
        KERNELS.iter().find_map(|name| self.get(name)).map(|package| package.version.as_str())
    }

    /// Installs or upgrades one package.
    pub fn install(&mut self, package: &Package) {
        let installed = InstalledPackage {
            version: package.evr.clone(),
            arch: package.arch.clone(),
            third_party: package.third_party,
        };
        Arc::make_mut(&mut self.0).insert(package.name.clone(), installed);
    }

    /// Whether `package` is newer than what is installed; a package that is not installed counts as newer, unless it is for
    /// vCenter and there is none here.
    #[must_use]
    pub fn lacks(&self, package: &Package) -> bool {
        if catalog::is_vcenter_only(&package.name) && self.get(catalog::VCENTER_PACKAGE).is_none() {
            return false;
        }
        self.get(&package.name).is_none_or(|installed| compare_evr(&installed.version, &package.evr) == Ordering::Less)
    }

    /// The packages of `patch` that would change this appliance, the third-party ones only if `third_party_only`.
    #[must_use]
    pub fn newer(&self, patch: &Patch, third_party_only: bool) -> Vec<Package> {
        patch
            .packages
            .iter()
            .filter(|package| package.third_party || !third_party_only)
            .filter(|package| self.lacks(package))
            .cloned()
            .collect()
    }
}

/// Where staged packages come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum StagedFrom {
    /// The disc in the drive.
    Iso,
    /// A repository.
    Url,
}

/// An update in the staging area.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Staged {
    /// What the payload says about itself.
    pub patch: Arc<Patch>,
    /// Where it came from.
    pub from: StagedFrom,
    /// Whether only third-party packages were asked for.
    pub third_party_only: bool,
    /// The packages that were newer than the installed ones.
    pub packages: Vec<Package>,
    /// When the EULA was accepted.
    pub eula_accepted: Instant,
    /// Whether the packages are in the staging area, too; else only what the metadata say of them is.
    #[serde(default = "yes")]
    pub copied: bool,
}

fn yes() -> bool {
    true
}

impl Staged {
    /// Bytes in the staging area.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        if self.copied { payload::staged_size(&self.packages) } else { 0 }
    }
}

/// A finished update, as the history shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Applied {
    /// The patch's name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// Its build number.
    pub build: String,
    /// Its release date, free text.
    pub release_date: String,
    /// Whether only third-party packages were changed.
    pub third_party_only: bool,
    /// When its installation ended.
    pub at: Instant,
    /// How many packages it changed.
    pub packages: usize,
    /// What the payload said about itself, but for what was in it.
    #[serde(default)]
    pub patch: Option<Arc<Patch>>,
}
