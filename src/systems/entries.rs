//! What lab files say of each system: the entries of its machines, and of what machines make up together.

use std::sync::Arc;

use serde::Deserialize;

pub use super::rhv::lab_entry::{BackupEntry, ClusterEntry};
pub use super::rhv::model::Offer;
use super::{linux, rhv, vcsa};
use crate::sim::Instant;
use crate::world::{System, World};

/// The families that a lab file can name.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SystemEntry {
    /// A vCenter Server Appliance.
    Vcsa(vcsa::lab_entry::Entry),
    /// A machine that runs Linux and nothing else that is modelled.
    Linux(linux::lab_entry::Entry),
    /// A host of RHV, or its Manager.
    Rhv(rhv::lab_entry::Entry),
}

impl SystemEntry {
    /// What the machine called `name` is when the lab starts.
    ///
    /// # Errors
    /// What in the entry names nothing that exists, in words.
    pub fn build(&self, name: &str, start: Instant) -> Result<System, String> {
        Ok(match self {
            Self::Vcsa(entry) => System::Vcsa(Box::new(entry.build(name, start)?)),
            Self::Linux(entry) => System::Linux(Box::new(entry.build(name, start)?)),
            Self::Rhv(entry) => System::Rhv(Box::new(entry.build(name, start)?)),
        })
    }

    /// Looks whether the machines are there that the one called `name` needs.
    ///
    /// # Errors
    /// Which is not, in words.
    pub fn check(&self, name: &str, world: &World) -> Result<(), String> {
        match self {
            Self::Vcsa(entry) => entry.check(name, world),
            Self::Linux(_) | Self::Rhv(_) => Ok(()),
        }
    }
}

/// Puts together what machines make up together.
///
/// # Errors
/// What in the entries names nothing that exists, in words.
pub fn join(
    world: &mut World,
    cluster: Option<&ClusterEntry>,
    storage: &[Offer],
    backups: &[BackupEntry],
) -> Result<(), String> {
    world.offers = Arc::new(storage.to_vec());
    cluster.map_or(Ok(()), |cluster| cluster.build(world))?;
    backups.iter().try_for_each(|backup| backup.put(world))
}
