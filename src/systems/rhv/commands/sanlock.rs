//! `sanlock client`: `status`, `host_status`, `gets`, `renewal` and `log_dump`, the lockspaces and leases of a host, and `shutdown`.
//! The lines are sanlock's as commonly known; no capture is at hand, so they count as inferred.

use super::{answered, host};
use crate::sim::Instant;
use crate::systems::linux::proc::{Ended, Proc};
use crate::systems::rhv::lab_entry::uuid;
use crate::systems::rhv::model::storage::{HOST_DEAD, RENEWAL_FAILS};
use crate::systems::rhv::model::{Cluster, ENGINE, Host, HostId};
use crate::systems::rhv::mounts::{AGENTS, Domain};
use crate::systems::rhv::{events, lockspaces, service_files};

/// So long is a daemon's name at most.
const NAME: usize = 48;

/// Between two renewals of a host id.
const RENEWAL: u64 = 20;
/// So many of them sanlock remembers.
const HISTORY: u64 = 180;

/// The program.
pub async fn sanlock(p: &mut Proc, arguments: &[String]) -> Ended {
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let words = if let ["status"] = words.as_slice() { vec!["client", "status"] } else { words };
    let ["client", what, rest @ ..] = words.as_slice() else {
        return p.gap("sanlock with other arguments than `client …`");
    };
    let name = match rest {
        ["-s", name] => Some((*name).to_owned()),
        _ => None,
    };
    let known = match *what {
        "status" => matches!(rest, [] | ["-D"]),
        "host_status" => rest.is_empty() || name.is_some(),
        "renewal" => name.is_some(),
        "gets" => matches!(rest, [] | ["-h", "0" | "1"]),
        "shutdown" | "log_dump" => true,
        _ => false,
    };
    if !known {
        return p.gap(&format!("sanlock {}", words.join(" ")));
    }
    p.inferred();
    // It takes the connection while it stands still, and says nothing.
    answered(p, None, |host| host.daemons.sanlock && host.troubles.sanlock).await?;
    let now = p.now();
    let text = match *what {
        "shutdown" => return shut(p, rest).await,
        "status" => host(p, |cluster, host| status(cluster, host, rest == ["-D"], now)).flatten(),
        "gets" => host(p, |cluster, host| gets(cluster, host, rest == ["-h", "1"], now)).flatten(),
        "log_dump" => p.world(|world, id| {
            let (_, host) = events::host(world, id)?;
            host.daemons.sanlock.then(|| service_files::make(world, id, service_files::SANLOCK_LOG))
        }),
        "renewal" => host(p, |cluster, host| renewals(cluster, host, name.as_deref()?, now)).flatten(),
        _ => host(p, |cluster, host| hosts(cluster, host, name.as_deref(), now)).flatten(),
    };
    match text {
        Some(text) => {
            p.out(&text).await?;
            Ok(0)
        }
        None => no_daemon(p).await,
    }
}

/// A lockspace that a host is in.
struct Space {
    name: String,
    number: HostId,
    file: String,
}

impl Space {
    fn line(&self) -> String {
        format!("s {}:{}:{}:0", self.name, self.number, self.file)
    }
}

/// The lockspaces of a host, the storage domain's first.
fn spaces(cluster: &Cluster, host: &Host) -> Option<Vec<Space>> {
    let domain = Domain::of(cluster)?;
    let own = host.holds_domain().then(|| Space { name: domain.id().to_owned(), number: host.id, file: domain.ids() });
    let name = AGENTS.to_owned();
    let agents = host.lockspace.map(|number| Space { name, number, file: domain.lockspace() });
    Some(own.into_iter().chain(agents).collect())
}

/// `client status`
fn status(cluster: &Cluster, host: &Host, details: bool, now: Instant) -> Option<String> {
    if !host.daemons.sanlock {
        return None;
    }
    let mut name = format!("{}.{}", uuid(&host.name), host.name);
    name.truncate(NAME);
    let mut text = format!("daemon {name}\n");
    if details {
        text.push_str(&format!(
            "    our_host_name={name}\n    use_watchdog=1\n    high_priority=1\n    mlock_level=1\n    io_timeout=10\n"
        ));
    }
    text.push_str("p -1 helper\np -1 listener\n");
    let domain = Domain::of(cluster)?;
    let holder = host.engine().filter(|_| host.holds_engine()).map(|domain| domain.process.pid);
    if let Some(pid) = holder {
        text.push_str(&format!("p {pid} {ENGINE}\n"));
    }
    text.push_str("p -1 status\n");
    for (number, space) in (1..).zip(spaces(cluster, host)?) {
        text.push_str(&format!("{}\n", space.line()));
        if details {
            let (tried, last) = (renewed(host.monotonic(now), space.number), last_renewal(cluster, host, now));
            let result = if host.renews() { 1 } else { -202 };
            text.push_str(&format!(
                "    list=spaces\n    space_id={number}\n    io_timeout=10\n    host_generation=1\n    renew_fail=0\n    \
                 space_dead=0\n    killing_pids=0\n    renewal_last_result={result}\n    renewal_last_attempt={tried}\n    \
                 renewal_last_success={last}\n"
            ));
        }
    }
    if let Some(pid) = holder {
        let (volume, file, at) = domain.lease();
        let version = host.started.max(1);
        text.push_str(&format!("r {}:{volume}:{file}:{at}:{version} p {pid}\n", domain.id()));
    }
    Some(text)
}

/// The last of the moments at which a host id is renewed, by the host's own clock.
fn renewed(clock: u64, number: HostId) -> u64 {
    let shift = u64::from(number) * 3 % RENEWAL;
    clock.saturating_sub(shift) / RENEWAL * RENEWAL + shift
}

/// When a host renewed last, by its own clock.
fn last_renewal(cluster: &Cluster, host: &Host, now: Instant) -> u64 {
    let silent = cluster.storage.ids.get(&host.id).and_then(|member| member.silent);
    match host.booted {
        Some(booted) => renewed(silent.unwrap_or(now).since(booted.min(now)).as_secs(), host.id),
        // What it wrote before it lost power stands there.
        None => cluster.storage.blocks.get(&host.id).map_or(0, |block| renewed(block.timestamp, host.id)),
    }
}

/// `client host_status`: who is in a lockspace, by host id; a host that left it in order has no time.
fn hosts(cluster: &Cluster, host: &Host, name: Option<&str>, now: Instant) -> Option<String> {
    if !host.daemons.sanlock {
        return None;
    }
    let mut text = String::new();
    for space in spaces(cluster, host)?.iter().filter(|space| name.is_none_or(|name| name == space.name)) {
        if name.is_none() {
            text.push_str(&format!("lockspace {}\n", space.name));
        }
        for (number, timestamp) in members(cluster, now) {
            text.push_str(&format!("{number} timestamp {timestamp}\n"));
        }
    }
    Some(text)
}

/// The hosts that were in the lockspaces, each with the time of its last renewal.
fn members(cluster: &Cluster, now: Instant) -> Vec<(HostId, u64)> {
    let held = |host: &Host| cluster.storage.ids.contains_key(&host.id);
    let time = |host: &Host| if held(host) { last_renewal(cluster, host, now) } else { 0 };
    cluster.hosts.iter().map(|host| (host.id, time(host))).collect()
}

/// `client gets`
fn gets(cluster: &Cluster, host: &Host, with_hosts: bool, now: Instant) -> Option<String> {
    if !host.daemons.sanlock {
        return None;
    }
    let mut text = String::new();
    for space in spaces(cluster, host)? {
        text.push_str(&format!("{} \n", space.line()));
        for (number, timestamp) in members(cluster, now).into_iter().filter(|_| with_hosts) {
            let silent = cluster.storage.ids.get(&number).map(|member| member.silent);
            let state = match silent {
                Some(None) => "LIVE",
                Some(Some(since)) if now.since(since) >= HOST_DEAD => "DEAD",
                Some(Some(since)) if now.since(since) >= RENEWAL_FAILS => "FAIL",
                Some(Some(_)) => "LIVE",
                None => "FREE",
            };
            text.push_str(&format!("h {number} gen 1 timestamp {timestamp} {state}\n"));
        }
    }
    Some(text)
}

/// `client renewal`: the last renewals of a lockspace.
fn renewals(cluster: &Cluster, host: &Host, name: &str, now: Instant) -> Option<String> {
    if !host.daemons.sanlock {
        return None;
    }
    let here = spaces(cluster, host)?.iter().any(|space| space.name == name);
    let last = last_renewal(cluster, host, now);
    let times = (0..HISTORY).rev().filter_map(|ago| last.checked_sub(ago * RENEWAL)).filter(|_| here);
    Some(times.map(|time| format!("timestamp={time} read_ms=1 write_ms=1 next_timeouts= next_errors=\n")).collect())
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
