//! The commands about the hosted-engine storage domain (reference `hosted-engine.md` 1.6).

use std::sync::Arc;

use super::super::host;
use super::{Call, traceback};
use crate::sim::Span;
use crate::systems::linux::io::Cut;
use crate::systems::linux::proc::{Ended, Proc};
use crate::systems::rhv::model::HostId;
use crate::systems::rhv::{events, mounts};

const AGENT: &str = "ovirt_hosted_engine_ha.agent.agent.Agent";
const ENGINE: &str = "ovirt_hosted_engine_ha.agent.hosted_engine.HostedEngine";

/// `--connect-storage` and `--disconnect-storage`: an agent that runs has it connected again with its next pass.
pub(super) fn connect(p: &Proc, call: &Call<'_>, on: bool) -> Ended {
    let conf = Arc::new(call.conf.clone());
    let done = p.world(|world, id| {
        let barred = mounts::is_barred(world, id);
        events::change(world, id, |host, storage, _, _| {
            host.troubles.mount = barred;
            let reaches = host.daemons.vdsm && host.reaches_storage();
            if reaches && !on {
                host.connected = false;
            }
            reaches && (!on || host.connect(&conf, storage).is_ok())
        })
    });
    p.world(mounts::sync);
    Ok(u8::from(done != Some(true)))
}

/// What the module of `--reinitialize-lockspace` calls.
const REINITIALIZE: &str = "ha_cli.reset_lockspace(force)";

/// `--reinitialize-lockspace`
pub(super) async fn reinitialize(p: &mut Proc, call: &Call<'_>) -> Ended {
    let refusal = host(p, |cluster, _| {
        let agents_down = cluster.storage.blocks.values().all(|block| block.stopped);
        match (cluster.storage.global_maintenance, agents_down) {
            (false, _) => Some("Lockfile reset can be performed in global maintenance mode only."),
            (true, false) => Some("Lockfile reset cannot be performed with an active agent."),
            (true, true) => None,
        }
    });
    if let Some(refusal) = refusal.flatten().filter(|_| !call.has("--force")) {
        p.inferred();
        let error = format!("Exception: {refusal}");
        p.err(&traceback(call.release, "reinitialize_lockspace", &[(61, "<module>", REINITIALIZE)], &error)).await?;
        return Ok(1);
    }
    // What is written anew are the host ids of the agents. The lease on the virtual machine's disk is in the storage domain's
    // own lockspace and stays as it is.
    p.pass(Span::secs(2)).await?;
    Ok(0)
}

async fn say(p: &mut Proc, level: &str, logger: &str, text: &str) -> Result<(), Cut> {
    p.err(&format!("{level}:{logger}:{text}\n")).await
}

/// `--clean-metadata`
pub(super) async fn clean_metadata(p: &mut Proc, call: &Call<'_>) -> Ended {
    let Some((name, own, ready)) =
        host(p, |_, host| (host.name.clone(), host.id, host.daemons.broker && host.renews()))
    else {
        say(p, "ERROR", AGENT, "Hosted Engine is not configured. Shutting down.").await?;
        return Ok(255);
    };
    let which = match call.value("--host-id").map(str::parse::<HostId>) {
        None => own,
        Some(Ok(id)) => id,
        Some(Err(_)) => {
            p.inferred();
            let text = call.value("--host-id").unwrap_or_default();
            p.err(&format!(
                "usage: ovirt-ha-agent [-h] [--no-daemon] [--pid FILE] [--log-level LOGLEVEL] [--cleanup]\n                      \
                 [--force-cleanup] [--host-id HOST_ID]\novirt-ha-agent: error: argument --host-id: invalid int value: \
                 '{text}'\n"
            ))
            .await?;
            return Ok(2);
        }
    };
    say(p, "INFO", AGENT, &format!("ovirt-hosted-engine-ha agent {} started", call.release.ha)).await?;
    say(p, "INFO", ENGINE, &format!("Found certificate common name: {name}")).await?;
    say(p, "INFO", ENGINE, "Initializing ha-broker connection").await?;
    if !ready {
        return Ok(254);
    }
    p.pass(Span::secs(1)).await?;
    say(p, "INFO", ENGINE, "Broker initialized, all submonitors started").await?;
    let block = host(p, |cluster, _| cluster.storage.blocks.get(&which).copied()).flatten();
    let forced = call.has("--force-cleanup");
    match block {
        None => say(p, "ERROR", ENGINE, "Metadata for current host missing.").await?,
        Some(block) if !block.stopped && !forced => {
            say(p, "ERROR", ENGINE, "Cannot clean unclean metadata block. Consider --force-clean.").await?;
        }
        Some(_) => {
            say(p, "INFO", ENGINE, "Cleaning the metadata block!").await?;
            p.world(|world, id| {
                if let Some(cluster) = events::cluster_mut(world, id) {
                    cluster.storage.blocks.remove(&which);
                    cluster.hosts.iter_mut().for_each(|host| {
                        host.seen.remove(&which);
                    });
                }
            });
        }
    }
    say(p, "INFO", AGENT, "Agent shutting down").await?;
    Ok(0)
}
