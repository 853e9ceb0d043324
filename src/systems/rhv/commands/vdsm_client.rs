//! `vdsm-client Host getVMList` and `VM getStats`: what vdsm knows of the virtual machines on a host. Which fields there are is
//! public; only those are shown that the model has, so that the answer is shorter than the real one (inferred).

use super::host;
use crate::systems::linux::proc::{Ended, Proc};
use crate::systems::rhv::lab_entry::uuid;
use crate::systems::rhv::model::{Cluster, ENGINE, Host, Life};

/// Number, name and status of a virtual machine.
struct Row {
    id: String,
    name: String,
    status: &'static str,
}

fn rows(cluster: &Cluster, host: &Host) -> Vec<Row> {
    let engine = &cluster.storage.engine;
    let rows = host.domains.iter().map(|(name, domain)| {
        let (id, status) = match name.as_str() {
            ENGINE => (engine.vmid.clone(), host.status(engine).map_or("Down", |status| status.word())),
            name if domain.life == Life::Running => (uuid(name), "Up"),
            name if matches!(domain.life, Life::Paused(_)) => (uuid(name), "Paused"),
            name => (uuid(name), "Down"),
        };
        Row { id, name: name.clone(), status }
    });
    rows.collect()
}

/// The program.
pub async fn vdsm_client(p: &mut Proc, arguments: &[String]) -> Ended {
    p.inferred();
    let answer = host(p, |cluster, host| host.daemons.vdsm.then(|| rows(cluster, host)));
    let Some(rows) = answer.flatten() else {
        p.err("vdsm-client: Connection to localhost:54321 with use_tls=True, timeout=60 failed: [Errno 111] Connection refused\n")
            .await?;
        return Ok(1);
    };
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["Host", "getVMList"] => {
            let items: Vec<String> = rows.iter().map(|row| format!("    \"{}\"", row.id)).collect();
            let text = if items.is_empty() { "[]\n".to_owned() } else { format!("[\n{}\n]\n", items.join(",\n")) };
            p.out(&text).await?;
            Ok(0)
        }
        ["VM", "getStats", given] => {
            let id = given.strip_prefix("vmID=").unwrap_or_default();
            let Some(row) = rows.iter().find(|row| row.id == id) else {
                let text = format!(
                    "vdsm-client: Command VM.getStats with args {{'vmID': '{id}'}} failed:\n(code=1, message=Virtual machine \
                     does not exist: {{'vmId': '{id}'}})\n"
                );
                p.err(&text).await?;
                return Ok(1);
            };
            let Row { id, name, status } = row;
            let text = format!(
                "[\n    {{\n        \"status\": \"{status}\",\n        \"vmId\": \"{id}\",\n        \"vmName\": \"{name}\"\n    }}\n]\n"
            );
            p.out(&text).await?;
            Ok(0)
        }
        _ => p.gap("vdsm-client with other calls than `Host getVMList` and `VM getStats vmID=…`"),
    }
}
