//! A vCSA as a lab file describes it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::Deserialize;

use super::backup::Jobs;
use super::model::ha::Role;
use super::model::{Installed, Log, Phase, ShellAccess, Update, Vcsa};
use super::series::Series;
use super::services::definition::Node;
use super::services::{Services, Set, VCENTER};
use super::settings::Settings;
use super::software_update::SoftwareUpdate;
use super::sso::{self, SsoEntry};
use super::staging::Applied;
use super::{config_files, files, large_files, releases, update_files};
use crate::payload::catalog;
use crate::sim::{Instant, Span};
use crate::systems::linux::lab_entry::LoginEntry;
use crate::systems::linux::model::{INSTALLED_BEFORE, Linux, Release as LinuxRelease, Shadow, UPTIME};
use crate::world::World;

/// From the kernel's start to that of the first service.
const BOOT: Span = Span::secs(25);

/// The entry `[machine.system.vcsa]`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// Version of the software it starts with.
    pub release: String,
    /// What the node does, as its banner says it.
    pub node_type: String,
    /// The machine of the lab that is its Platform Services Controller, where that is another one.
    pub controller: Option<String>,
    /// The login before the first.
    pub last_login: Option<LoginEntry>,
    /// The users of single sign-on who may log in; without any, the administrator, with any password.
    #[serde(default)]
    pub sso: Vec<SsoEntry>,
    /// The native key providers of its vCenter Server, by name.
    #[serde(default)]
    pub key_providers: Vec<String>,
    /// What it is in a vCenter HA cluster.
    pub ha: Option<Role>,
    /// A login that failed since then.
    pub failed_login: Option<LoginEntry>,
    /// Updates that were installed before, the oldest first.
    #[serde(default)]
    pub updates: Vec<UpdateEntry>,
    /// Whether clients have PAM ask for the password, which tells them of the login before.
    #[serde(default)]
    pub keyboard_interactive: bool,
    /// Room for staged packages, in bytes.
    pub staging_area: u64,
    /// How long things take, where it differs from the [rates](super::rates::Rates) of the release.
    #[serde(default)]
    pub rates: toml::Table,
}

/// An update that was installed before the lab begins.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UpdateEntry {
    /// Its name, as the catalogue of releases has it.
    pub name: String,
    /// When.
    pub at: String,
}

impl UpdateEntry {
    fn applied(&self) -> Result<Applied, String> {
        let release = catalog::releases().iter().find(|release| release.update == Some(&*self.name));
        let release = release.ok_or_else(|| format!("there is no update {} that was installed", self.name))?;
        let at = Instant::parse(&self.at).map_err(|why| format!("{}: {why}", self.at))?;
        Ok(Applied {
            name: self.name.clone(),
            version: release.version.to_owned(),
            build: release.build.to_owned(),
            release_date: release.date.to_owned(),
            third_party_only: false,
            at,
            packages: release.changes,
            patch: None,
        })
    }
}

impl Entry {
    /// Looks whether the machines are there that the appliance called `name` needs.
    ///
    /// # Errors
    /// Which is not, in words.
    pub fn check(&self, name: &str, world: &World) -> Result<(), String> {
        match &self.controller {
            Some(controller) if world.find(controller).is_none() => {
                Err(format!("there is no machine {controller}, the controller of {name}"))
            }
            _ => Ok(()),
        }
    }

    /// The appliance called `name`, at the start of the lab.
    ///
    /// # Errors
    /// What names nothing that exists, in words.
    pub fn build(&self, name: &str, start: Instant) -> Result<Vcsa, String> {
        let rates = Series::of(&self.release).rates.with(&self.rates)?;
        let distro = {
            let distro = Series::of(&self.release).distro;
            LinuxRelease::find(distro).ok_or_else(|| format!("there is no {distro} to build on"))?
        };
        let (packages, product) = releases::installed(&self.release, &self.node_type)?;
        let kernel = packages.kernel().map(|evr| (evr, product.kernel_built()));
        let mut linux = Linux::with_kernel(distro, name, kernel, (start, UPTIME));
        let set = Set::of(&self.release, &self.node_type);
        let kind = (Series::of(&self.release).line, Node::of(&self.node_type));
        files::install(&mut linux, kind, set, start);
        let installed = Installed { packages, product };
        if let Some(entry) = &self.last_login {
            linux.logins.add_earlier(&entry.before(start)?, &entry.tty);
        }
        if let Some(failed) = &self.failed_login {
            linux.login_failed("root", failed.before(start)?);
        }
        let boot = linux.booted;
        // Whoever deployed it has set the password then (inferred).
        let days = Some(Series::of(&self.release).password_days);
        linux.shadow.insert("root".to_owned(), Shadow { changed: Some(boot), most_days: days, ..Shadow::default() });
        let mut vcsa = Vcsa {
            node_type: self.node_type.clone(),
            deployed_as: Some(linux.hostname.clone()),
            deployed_at: Some(boot - INSTALLED_BEFORE),
            controller: self.controller.clone(),
            keyboard_interactive: self.keyboard_interactive,
            sso: sso::users(name, &self.sso)?,
            ha: None,
            phase: Phase::Up,
            running: installed.release(),
            installed,
            staged: None,
            update: Update::Idle,
            installation: None,
            backup: None,
            partial: None,
            software_update: SoftwareUpdate::default(),
            tool_busy: false,
            history: self.updates.iter().map(UpdateEntry::applied).collect::<Result<_, _>>()?,
            services: Services::installed(set),
            shutdown: None,
            shell_access: ShellAccess::default(),
            backups: Jobs::default(),
            settings: Settings { key_providers: self.key_providers.clone(), ..Settings::default() },
            log: Log::default(),
            service_log: Log::default(),
            service_log_before: Vec::new(),
            staging_capacity: self.staging_area,
            filled: BTreeSet::new(),
            damaged: BTreeMap::new(),
            boots: 1,
            proxy_pointer: 0,
            rates: Arc::new(rates),
            linux,
        };
        if let Some(role) = self.ha {
            vcsa.have_role(role);
        }
        vcsa.have_started(boot + BOOT);
        update_files::tell(&mut vcsa, start);
        config_files::install(&mut vcsa, start);
        let line = vcsa.series().line;
        let large = large_files::of(line, vcsa.services.find(VCENTER).is_some());
        vcsa.linux.settle_disks(&large);
        Ok(vcsa)
    }
}
