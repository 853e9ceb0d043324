//! `sanlock client`: `status`, the lockspaces and leases of a host, and `shutdown`. The lines are sanlock's as commonly known; no capture is at
//! hand, so they count as inferred.

use super::host;
use crate::systems::linux::proc::{Ended, Proc};
use crate::systems::rhv::lab_entry::uuid;
use crate::systems::rhv::model::ENGINE;
use crate::systems::rhv::mounts::Domain;
use crate::systems::rhv::{events, lockspaces};

/// So long is a daemon's name at most.
const NAME: usize = 48;

/// The program.
pub async fn sanlock(p: &mut Proc, arguments: &[String]) -> Ended {
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["client", "status"] | ["status"] => {}
        ["client", "shutdown", rest @ ..] => return shut(p, rest).await,
        _ => return p.gap("sanlock with other arguments than `client status` and `client shutdown`"),
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
        None => no_daemon(p).await,
    }
}

async fn no_daemon(p: &mut Proc) -> Ended {
    p.err("connect error -1 to /var/run/sanlock/sanlock.sock\n").await?;
    Ok(1)
}

/// `sanlock client shutdown [-f 0|1] [-w 0|1]`
async fn shut(p: &mut Proc, options: &[&str]) -> Ended {
    let (mut force, mut wait) = (false, false);
    for pair in options.chunks(2) {
        match pair {
            ["-f", flag @ ("0" | "1")] => force = *flag == "1",
            ["-w", flag @ ("0" | "1")] => wait = *flag == "1",
            _ => return p.gap(&format!("sanlock client shutdown {}", options.join(" "))),
        }
    }
    p.inferred();
    if !p.peek(|linux| linux.unit_runs(events::SANLOCK)) {
        return no_daemon(p).await;
    }
    p.out(&format!("shutdown force {} wait {}\n", u8::from(force), u8::from(wait))).await?;
    let shut = p.world(|world, id| lockspaces::shut(world, id, force));
    // What is not waited for is not told of.
    let refused = wait && !shut;
    p.out(if refused { "shutdown done -16\n" } else { "shutdown done 0\n" }).await?;
    Ok(u8::from(refused))
}
