//! `sanlock client status`: the lockspaces and leases of a host. The lines are sanlock's as commonly known; no capture is at
//! hand, so they count as inferred.

use super::host;
use crate::systems::linux::proc::{Ended, Proc};
use crate::systems::rhv::lab_entry::uuid;

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
        let domain = cluster.storage.settings.get("he_shared").and_then(|all| all.get("sdUUID").cloned());
        let domain = domain.unwrap_or_default();
        let number = uuid(&host.name);
        let mut text = format!("daemon {number}.{}\np -1 helper\np -1 listener\np -1 status\n", host.name);
        if host.holds_engine() {
            text.push_str("p 4711 HostedEngine\n");
        }
        let mounted = format!("/var/run/vdsm/storage/{domain}");
        if host.renews() {
            text.push_str(&format!("s hosted-engine:{}:{mounted}/hosted-engine.lockspace:0\n", host.id));
            text.push_str(&format!("s {domain}:{}:/rhev/data-center/mnt/{domain}/dom_md/ids:0\n", host.id));
        }
        if host.holds_engine() {
            text.push_str(&format!("r {domain}:{}:{mounted}/HostedEngine.lease:0:1 p 4711\n", uuid(&domain)));
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
