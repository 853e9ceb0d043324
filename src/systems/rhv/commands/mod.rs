//! The programs of RHV's hosts in the root shell.

pub mod cleanup;
pub mod hosted_engine;
pub mod node;
pub mod sanlock;
pub mod vdsm_client;
pub mod virsh;

use super::events;
use super::model::{Cluster, Host};
use crate::systems::linux::proc::Proc;
use crate::systems::linux::tools::{Tool, tool};

/// What they do.
pub static PROGRAMS: &[Tool] = &[
    tool!("hosted-engine", hosted_engine::hosted_engine),
    tool!("ovirt-hosted-engine-cleanup", cleanup::cleanup),
    tool!("vdsm-client", vdsm_client::vdsm_client),
    tool!("virsh", virsh::virsh),
    tool!("sanlock", sanlock::sanlock),
    tool!("nodectl", node::nodectl),
    tool!("imgbase", node::imgbase),
];

/// Reads the cluster and the host on which a program runs; nothing when the host belongs to none.
fn host<R>(p: &Proc, read: impl FnOnce(&Cluster, &Host) -> R) -> Option<R> {
    p.world(|world, id| events::host(world, id).map(|(cluster, host)| read(cluster, host)))
}
