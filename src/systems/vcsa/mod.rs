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
mod large_files;
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
pub mod update_logs;
pub mod vimtop;
pub mod web;

use super::Console;
use crate::shell::Context;
use crate::world::{MachineId, System, World};
use model::{Shell, Vcsa};

/// The console of one of the appliance's shells.
#[must_use]
pub fn console(shell: Shell) -> &'static dyn Console {
    match shell {
        Shell::Appliance | Shell::OfRoot | Shell::Of(_) => &appliance::Appliance,
    }
}

impl World {
    /// The vCSA `id`.
    ///
    /// # Panics
    /// When the machine is none: commands and events of a vCSA reach only vCSAs.
    #[must_use]
    pub fn vcsa(&self, id: MachineId) -> &Vcsa {
        let System::Vcsa(vcsa) = &self.machine(id).system else {
            unreachable!("commands and events of a vCSA reach only vCSAs")
        };
        vcsa
    }

    /// The vCSA `id`, to be changed; panics like [`World::vcsa`].
    pub fn vcsa_mut(&mut self, id: MachineId) -> &mut Vcsa {
        let System::Vcsa(vcsa) = &mut self.machine_mut(id).system else {
            unreachable!("commands and events of a vCSA reach only vCSAs")
        };
        vcsa
    }
}

impl Context<'_> {
    /// The vCSA the session is on.
    #[must_use]
    pub fn vcsa(&self) -> &Vcsa {
        self.world.vcsa(self.session.machine)
    }

    /// The vCSA the session is on, to be changed.
    pub fn vcsa_mut(&mut self) -> &mut Vcsa {
        self.world.vcsa_mut(self.session.machine)
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
