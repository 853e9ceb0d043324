//! Red Hat Virtualization: the hosts of a cluster with their HA agents, the Manager that they keep alive, and `hosted-engine`.

pub mod backup;
pub mod commands;
pub mod coverage;
pub mod deployment;
pub mod events;
pub mod facts;
pub mod family;
pub mod faults;
pub mod files;
pub mod lab_entry;
pub mod lockspaces;
pub mod logs;
pub mod model;
pub mod mounts;
pub mod network;
pub mod network_test;
pub mod own_programs;
pub mod processes;
pub mod release;
pub mod service_files;
pub mod units;

use crate::world::{MachineId, System, World};
use model::Rhv;

impl World {
    /// What of an RHV environment the machine `id` is; nothing when it is no machine of one.
    #[must_use]
    pub fn rhv(&self, id: MachineId) -> Option<&Rhv> {
        if let System::Rhv(rhv) = &self.machine(id).system { Some(rhv) } else { None }
    }

    /// The same, to be changed.
    pub fn rhv_mut(&mut self, id: MachineId) -> Option<&mut Rhv> {
        if let System::Rhv(rhv) = &mut self.machine_mut(id).system { Some(rhv) } else { None }
    }
}
