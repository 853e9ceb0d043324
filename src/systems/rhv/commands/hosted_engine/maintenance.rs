//! `hosted-engine --set-maintenance`: every mode writes both flags, the host's own and that of the cluster (reference
//! `hosted-engine.md` 1.4).

use super::super::{answered, host};
use super::{Call, NO_DAEMON, no_daemon};
use crate::systems::linux::proc::{Ended, Proc};
use crate::systems::rhv::{events, files};

/// What comes behind the colon is inferred.
const NO_VDSM: &str = "Failed communicating with VDSM: Connection refused";

pub(super) async fn set(p: &mut Proc, call: &Call<'_>) -> Ended {
    let refusal = match call.value("--mode") {
        None => "You must specify a maintenance mode with --mode".to_owned(),
        Some(mode) if !matches!(mode, "global" | "local" | "none") => format!("Invalid value '{mode}' for --mode"),
        Some(_) if !call.deployed() => "You must run deploy first".to_owned(),
        Some(mode) => return change(p, call, mode).await,
    };
    p.out(&format!("{refusal}\n")).await?;
    Ok(1)
}

async fn change(p: &mut Proc, call: &Call<'_>, mode: &str) -> Ended {
    answered(p, None, |host| host.daemons.broker && host.troubles.halted.broker).await?;
    let local = mode == "local";
    if local && let Some(refusal) = refused(p, call) {
        p.err(&format!("{refusal}\n")).await?;
        return Ok(1);
    }
    let global = mode == "global";
    let reached = p.world(|world, id| {
        // The host's own flag is in its file before anything is asked of the broker.
        files::set_local_maintenance(world, id, local);
        events::change(world, id, |host, storage, _, _| {
            let reaches = host.daemons.broker && host.reads_storage();
            if reaches {
                storage.global_maintenance = global;
            }
            reaches
        })
    });
    if reached == Some(true) {
        return Ok(0);
    }
    no_daemon(p).await?;
    Ok(1)
}

/// Why a host does not enter local maintenance. Newer ones ask vdsm for the virtual machine, older ones the broker for the
/// other hosts.
fn refused(p: &Proc, call: &Call<'_>) -> Option<String> {
    let now = p.now();
    host(p, |cluster, host| {
        if call.release.setup_from([2, 3, 12]) {
            return match (host.daemons.vdsm, host.engine()) {
                (false, _) => Some(NO_VDSM.to_owned()),
                (true, None) => None,
                (true, Some(_)) => Some(
                    "Unable to enter local maintenance mode: the engine VM is running on the current host, please migrate it \
                     before entering local maintenance mode."
                        .to_owned(),
                ),
            };
        }
        if !host.daemons.broker || !host.reads_storage() {
            return Some(NO_DAEMON.to_owned());
        }
        let able = cluster
            .storage
            .blocks
            .iter()
            .any(|(id, block)| *id != host.id && block.score > 0 && !block.corrupt && host.sees_alive(*id, now));
        match (able, host.daemons.vdsm) {
            (false, _) => Some(
                "Unable to enter local maintenance mode: there are no available hosts capable of running the engine VM."
                    .to_owned(),
            ),
            (true, false) => Some(NO_VDSM.to_owned()),
            (true, true) => None,
        }
    })?
}
