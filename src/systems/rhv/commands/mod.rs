//! The programs of RHV's hosts in the root shell.

pub mod cleanup;
pub mod hosted_engine;
pub mod node;
pub mod sanlock;
pub mod vdsm_client;
pub mod virsh;

use super::events;
use super::model::{Cluster, Host};
use crate::sim::{Instant, Span};
use crate::systems::linux::io::Cut;
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

/// How often a program that waits for a daemon looks whether it answers.
const LOOK: Span = Span::secs(1);

/// Waits as long as a daemon of the host is there and does not answer, at most until a moment. Whether it answers.
async fn answered(p: &mut Proc, until: Option<Instant>, hangs: impl Fn(&Host) -> bool) -> Result<bool, Cut> {
    while host(p, |_, host| hangs(host)) == Some(true) {
        if until.is_some_and(|until| p.now() >= until) {
            return Ok(false);
        }
        p.pass(LOOK).await?;
    }
    Ok(true)
}

/// Reads the cluster and the host on which a program runs; nothing when the host belongs to none.
fn host<R>(p: &Proc, read: impl FnOnce(&Cluster, &Host) -> R) -> Option<R> {
    p.world(|world, id| events::host(world, id).map(|(cluster, host)| read(cluster, host)))
}
