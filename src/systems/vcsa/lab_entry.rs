//! A vCSA as a lab file describes it.

use std::sync::Arc;

use serde::Deserialize;

use super::model::{Installed, Log, Phase, ShellAccess, Update, Vcsa};
use super::rates::Rates;
use super::services::Services;
use super::{files, releases};
use crate::sim::Instant;
use crate::systems::linux::lab_entry::LoginEntry;
use crate::systems::linux::model::{Linux, Release as LinuxRelease};

/// The entry `[machine.system.vcsa]`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// Version of the software it starts with.
    pub release: String,
    /// What the node does, as its banner says it.
    pub node_type: String,
    /// The login before the first.
    pub last_login: Option<LoginEntry>,
    /// Room for staged packages, in bytes.
    pub staging_area: u64,
    /// How long things take, where it differs.
    #[serde(default)]
    pub rates: Rates,
}

impl Entry {
    /// The appliance called `name`, at the start of the lab.
    ///
    /// # Errors
    /// What names nothing that exists, in words.
    pub fn build(&self, name: &str, start: Instant) -> Result<Vcsa, String> {
        self.rates.check()?;
        let distro = LinuxRelease::find("sles-11.3").ok_or("there is no SLES 11 to build on")?;
        let mut linux = Linux::new(distro, name, start);
        files::install(&mut linux, start);
        let (packages, product) = releases::installed(&self.release)?;
        let installed = Installed { packages, product };
        if let Some(login) = &self.last_login {
            let login = login.before(start)?;
            linux.logins.add_earlier(&login);
            linux.last_login = Some(login);
        }
        Ok(Vcsa {
            hostname: name.to_owned(),
            node_type: self.node_type.clone(),
            phase: Phase::Up,
            running: installed.release(),
            installed,
            staged: None,
            update: Update::Idle,
            installation: None,
            tool_busy: false,
            history: Vec::new(),
            services: Services::running(),
            shutdown: None,
            shell_access: ShellAccess::default(),
            log: Log::default(),
            staging_capacity: self.staging_area,
            boots: 1,
            proxy_pointer: 0,
            rates: Arc::new(self.rates.clone()),
            linux,
        })
    }
}
