//! The vCenter Server Appliance: its model, its shells, its commands.

pub mod api;
pub mod appliance;
pub mod appliancesh;
pub mod autogrow;
pub mod backup;
pub mod commands;
pub mod config_files;
pub mod console;
pub mod control;
pub mod dcli;
pub mod events;
pub mod facts;
pub mod family;
pub mod faults;
pub mod files;
pub mod flows;
pub mod ha;
pub mod lab_entry;
pub mod log;
pub mod login;
pub mod logs;
pub mod lvm;
pub mod model;
pub mod own_programs;
pub mod paging;
pub mod portaccess;
mod ports;
pub mod psc;
pub mod python;
pub mod rates;
pub mod releases;
pub mod rights;
pub mod rpm;
pub mod rvc;
pub mod series;
pub mod service_control;
pub mod services;
pub mod settings;
pub mod showlog;
pub mod snmp;
pub mod software_update;
pub mod sso;
pub mod staging;
pub mod staging_area;
pub mod stamp;
pub mod update_files;
pub mod vimtop;
pub mod web;

use super::Console;
use model::Shell;

/// The console of one of the appliance's shells.
#[must_use]
pub fn console(shell: Shell) -> &'static dyn Console {
    match shell {
        Shell::Appliance | Shell::OfRoot | Shell::Of(_) => &appliance::Appliance,
    }
}

/// The world of a bundled lab, with its first vCSA.
#[cfg(test)]
fn test_world(lab: &str) -> (crate::world::World, crate::world::MachineId) {
    use crate::lab_file::{BUNDLED, LabFile};
    let (_, text) = BUNDLED.iter().find(|(name, _)| *name == lab).expect("the lab is bundled");
    let world = LabFile::parse(text).expect("a good lab file").world(lab, None, None).expect("a good world");
    (world, crate::world::MachineId(0))
}
