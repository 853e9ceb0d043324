//! `vdsm-client`: what vdsm knows of its host and of the virtual machines on it. Which fields there are is public; those are shown
//! that follow from the model, in the order of their names, so that an answer is shorter than the real one (inferred).

use serde::Serialize;
use serde_json::ser::{PrettyFormatter, Serializer};
use serde_json::{Value, json};

use super::answered;
use crate::sim::{Instant, Span};
use crate::systems::linux::clock::{self, Zone};
use crate::systems::linux::proc::{Ended, Proc};
use crate::systems::rhv::lab_entry::uuid;
use crate::systems::rhv::model::{Cluster, Domain, ENGINE, Exit, Host, Life};
use crate::systems::rhv::network::MANAGEMENT;
use crate::systems::rhv::{events, processes};
use crate::world::{MachineId, World};

/// How long an answer is waited for.
const PATIENCE: Span = Span::secs(60);
/// The first port of the consoles of virtual machines.
const CONSOLES: u32 = 5_900;

const HELP: &str = "usage: vdsm-client [-h] [-a HOST] [-p PORT] [--unsecure] [--timeout TIMEOUT] [-f FILE]
                   namespace method [name=value [name=value] ...]
";

/// The program.
pub async fn vdsm_client(p: &mut Proc, arguments: &[String]) -> Ended {
    p.inferred();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let (space, method, given) = match words.as_slice() {
        ["-h" | "--help"] => {
            p.out(HELP).await?;
            return Ok(0);
        }
        ["Host", method @ ("getVMList" | "getAllVmStats" | "getStats" | "getCapabilities")] => ("Host", *method, ""),
        ["VM", "getStats", given] if given.starts_with("vmID=") => ("VM", "getStats", &given["vmID=".len()..]),
        _ => return p.gap(&format!("vdsm-client {}", words.join(" "))),
    };
    let arguments = if space == "VM" { format!("{{'vmID': '{given}'}}") } else { "{}".to_owned() };
    let until = p.now() + PATIENCE;
    if !answered(p, Some(until), |host| host.daemons.vdsm && host.troubles.halted.vdsm).await? {
        let text = format!(
            "vdsm-client: Request {space}.{method} with args {arguments} timed out after {} seconds\n",
            PATIENCE.as_secs()
        );
        p.err(&text).await?;
        return Ok(1);
    }
    let now = p.now();
    let answer = p.world(|world, id| {
        let (cluster, host) = events::host(world, id).filter(|(_, host)| host.daemons.vdsm)?;
        Some(answer(world, id, cluster, host, (space, method, given), now))
    });
    match answer {
        Some(Some(value)) => {
            p.out(&pretty(&value)).await?;
            Ok(0)
        }
        Some(None) => {
            let text = format!(
                "vdsm-client: Command {space}.{method} with args {arguments} failed:\n(code=1, message=Virtual machine does not \
                 exist: {{'vmId': '{given}'}})\n"
            );
            p.err(&text).await?;
            Ok(1)
        }
        None => {
            let text =
                "Connection to localhost:54321 with use_tls=True, timeout=60 failed: [Errno 111] Connection refused";
            p.err(&format!("vdsm-client: {text}\n")).await?;
            Ok(1)
        }
    }
}

/// JSON with four blanks for each level, as Python's `json.dumps` has it.
fn pretty(value: &Value) -> String {
    let mut bytes = Vec::new();
    let mut writer = Serializer::with_formatter(&mut bytes, PrettyFormatter::with_indent(b"    "));
    // A vector takes all that is written.
    let _ = value.serialize(&mut writer);
    let mut text = String::from_utf8_lossy(&bytes).into_owned();
    text.push('\n');
    text
}

fn answer(
    world: &World,
    id: MachineId,
    cluster: &Cluster,
    host: &Host,
    (space, method, given): (&str, &str, &str),
    now: Instant,
) -> Option<Value> {
    let number = |name: &str| if name == ENGINE { cluster.storage.engine.vmid.clone() } else { uuid(name) };
    let stats = |(name, domain): (&String, &Domain)| vm_stats(world, cluster, host, name, domain, now);
    Some(match (space, method) {
        (_, "getVMList") => host.domains.keys().map(|name| Value::from(number(name))).collect(),
        (_, "getAllVmStats") => host.domains.iter().map(stats).collect(),
        ("Host", "getStats") => host_stats(world, id, cluster, host, now),
        (_, "getCapabilities") => capabilities(world, id, host),
        _ => Value::from(vec![host.domains.iter().find(|(name, _)| number(name) == given).map(stats)?]),
    })
}

/// What vdsm says of a virtual machine.
fn vm_stats(world: &World, cluster: &Cluster, host: &Host, name: &str, domain: &Domain, now: Instant) -> Value {
    let engine = &cluster.storage.engine;
    let (id, status) = match (name, domain.life) {
        (ENGINE, _) => (engine.vmid.clone(), host.status(engine).map_or("Down", |status| status.word())),
        (name, Life::Running) => (uuid(name), "Up"),
        (name, Life::Paused(_)) => (uuid(name), "Paused"),
        (name, _) => (uuid(name), "Down"),
    };
    // Codes and reasons are those of vdsm's `vmexitreason`.
    if let Life::Down(exit) = domain.life {
        let (code, reason, message) = match exit {
            Exit::Ended => (0, 7, "User shut down from within the guest"),
            Exit::Locked => (1, 1, "resource busy: Failed to acquire lock: Lease is held by another host"),
            Exit::Migrated => (0, 4, "Migration succeeded"),
        };
        return json!({
            "exitCode": code, "exitMessage": message, "exitReason": reason, "status": status, "statusTime": own_clock(host, now),
            "vmId": id, "vmName": name,
        });
    }
    let at = host.live().position(|(live, _)| live == name).and_then(|at| u32::try_from(at).ok()).unwrap_or_default();
    let port = (CONSOLES + at).to_string();
    let began = match name {
        ENGINE => world.linux(MachineId(engine.guest)).booted,
        _ => host.booted.unwrap_or(now),
    };
    let pause = matches!(domain.life, Life::Paused(true)).then_some("EIO");
    let mut stats = json!({
        "acpiEnable": "true", "clientIp": "", "cpuSys": "0.00", "cpuUser": "0.00",
        "displayInfo": [{"ipAddress": "0", "port": port, "tlsPort": "-1", "type": "vnc"}],
        "displayIp": "0", "displayPort": port, "displayType": "vnc",
        "elapsedTime": now.since(began.min(now)).as_secs().to_string(),
        "guestCPUCount": if status == "Up" { i64::from(processes::processors(world, cluster, name)) } else { -1 },
        "kvmEnable": "true", "memUsage": "0", "monitorResponse": "0", "pid": domain.process.pid.to_string(),
        "status": status, "statusTime": own_clock(host, now), "timeOffset": "0", "vmId": id, "vmName": name, "vmType": "kvm",
    });
    if let Some(pause) = pause {
        stats["pauseCode"] = pause.into();
    }
    stats
}

/// Milliseconds by the host's own clock.
fn own_clock(host: &Host, now: Instant) -> String {
    format!("{}0", host.monotonic(now) * 100)
}

fn host_stats(world: &World, id: MachineId, cluster: &Cluster, host: &Host, now: Instant) -> Value {
    let own = &cluster.storage.blocks.get(&host.id);
    let active = host.daemons.agent && own.is_some();
    let score = own.map_or(0, |block| block.score);
    let load = f64::from(host.load) / 1_000_000.0 * f64::from(world.linux(id).hardware.processors);
    let live = host.live().count();
    json!({
        "bootTime": host.booted.map_or(0, |booted| booted.utc().unix_timestamp()).to_string(),
        "cpuLoad": format!("{load:.2}"),
        "dateTime": clock::format("%Y-%m-%dT%H:%M:%S GMT", now.utc().unix_timestamp(), 0, &Zone::utc()),
        "haScore": score,
        "haStats": {
            "active": active, "configured": true, "globalMaintenance": cluster.storage.global_maintenance,
            "localMaintenance": host.local_maintenance, "score": score,
        },
        "memFree": host.free_memory(), "memAvailable": host.free_memory(),
        "memUsed": (host.memory - host.free_memory().min(host.memory)) * 100 / host.memory.max(1),
        "storageDomains": domains(cluster, host),
        "vmActive": host.domains.values().filter(|domain| domain.life == Life::Running).count(),
        "vmCount": host.domains.len(), "vmMigrating": host.live().filter(|(_, domain)| matches!(domain.life, Life::Leaving(_))).count(),
        "vmRunning": live,
    })
}

/// The storage domains that vdsm watches.
fn domains(cluster: &Cluster, host: &Host) -> Value {
    let Some(id) = cluster.storage.place().and_then(|place| place.get("sdUUID")).filter(|_| host.connected) else {
        return json!({});
    };
    let good = host.reaches_storage();
    json!({ id: { "acquired": host.holds_domain(), "code": if good { 0 } else { 200 }, "valid": good, "version": 5 } })
}

fn capabilities(world: &World, id: MachineId, host: &Host) -> Value {
    let linux = world.linux(id);
    let kernel = linux.kernel().into_owned().release.into_owned();
    let (release, version) = kernel
        .split_once('-')
        .map_or((String::new(), kernel.clone()), |(version, release)| (release.to_owned(), version.to_owned()));
    let bridge = (host.daemons.vdsm && !host.troubles.bridge)
        .then(|| json!({MANAGEMENT: {"addr": world.machine(id).address, "bridged": true}}));
    json!({
        "cpuCores": linux.hardware.processors.to_string(), "cpuThreads": linux.hardware.processors.to_string(),
        "hostdevPassthrough": "false", "kvmEnabled": "true", "memSize": host.memory.to_string(),
        "networks": bridge.unwrap_or_else(|| json!({})),
        "operatingSystem": {"name": "RHEL", "pretty_name": linux.distro.pretty},
        "packages2": {"kernel": {"release": release, "version": version}},
        "supportedENGINEs": (0..=host.release.minor).map(|minor| format!("4.{minor}")).collect::<Vec<_>>(),
        "uuid": uuid(&host.name),
        "vmTypes": ["kvm"],
    })
}
