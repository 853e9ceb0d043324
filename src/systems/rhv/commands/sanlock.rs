//! `sanlock client status`: the lockspaces and leases of a host. The lines are sanlock's as commonly known; no capture is at
//! hand, so they count as inferred.

use super::host;
use crate::systems::linux::proc::{Ended, Proc};
use crate::systems::rhv::lab_entry::uuid;
use crate::systems::rhv::model::ENGINE;
use crate::systems::rhv::mounts::Domain;

/// So long is a daemon's name at most.
const NAME: usize = 48;

/// The program.
pub async fn sanlock(p: &mut Proc, arguments: &[String]) -> Ended {
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    if words != ["client", "status"] && words != ["status"] {
        return p.gap("sanlock with other arguments than `client status`");
    }
    p.inferred();
    let status = host(p, |cluster, host| {
        if !host.daemons.sanlock {
            return None;
        }
        let mut name = format!("{}.{}", uuid(&host.name), host.name);
        name.truncate(NAME);
        let mut text = format!("daemon {name}\np -1 helper\np -1 listener\n");
        let domain = Domain::of(cluster)?;
        let holder = host.engine().filter(|_| host.holds_engine()).map(|domain| domain.process.pid);
        if let Some(pid) = holder {
            text.push_str(&format!("p {pid} {ENGINE}\n"));
        }
        text.push_str("p -1 status\n");
        if host.connected {
            text.push_str(&format!("s {}:{}:{}:0\n", domain.id(), host.id, domain.ids()));
        }
        if let Some(number) = host.lockspace {
            text.push_str(&format!("s hosted-engine:{number}:{}:0\n", domain.lockspace()));
        }
        if let Some(pid) = holder {
            let (volume, file, at) = domain.lease();
            let version = host.started.max(1);
            text.push_str(&format!("r {}:{volume}:{file}:{at}:{version} p {pid}\n", domain.id()));
        }
        Some(text)
    });
    match status.flatten() {
        Some(text) => {
            p.out(&text).await?;
            Ok(0)
        }
        None => {
            p.err("connect error -1 to /var/run/sanlock/sanlock.sock\n").await?;
            Ok(1)
        }
    }
}
