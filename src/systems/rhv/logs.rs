//! `agent.log` and `broker.log` of a host, and the files of the days before. The layout of a line is captured (reference,
//! transcript 11); the texts are those of the public sources of ovirt-hosted-engine-ha as far as remembered, and count as
//! inferred, line numbers too. They are made from what was written down when it happened, and from nothing that holds now.

use std::rc::Rc;

use super::files::{self, renew};
use super::model::log::{Found, Log, Mail, Part, Round, Said, Setting};
use super::model::score::Penalties;
use super::model::{Health, Host, Misfit};
use super::network::MANAGEMENT;
use super::{events, mounts};
use crate::sim::{Instant, Span};
use crate::systems::linux::clock;
use crate::systems::linux::fs::{Content, Cred, Errno};
use crate::world::{MachineId, World};

/// Where they are.
pub const FOLDER: &str = "/var/log/ovirt-hosted-engine-ha";
/// What they are called there.
const LOGS: [&str; 2] = ["agent.log", "broker.log"];
/// As which they are made, before their name.
const MADE: &str = "rhv/";

const AGENT: &str = "ovirt_hosted_engine_ha.agent.hosted_engine.HostedEngine";

/// A line: who writes it, how grave it is, where it is written, and the text.
struct Line(&'static str, &'static str, &'static str, u16, &'static str, &'static str, String);

fn info(module: &'static str, number: u16, function: &'static str, text: String) -> Line {
    Line("MainThread", "INFO", module, number, AGENT, function, text)
}

fn error(module: &'static str, number: u16, function: &'static str, text: &str) -> Line {
    Line("MainThread", "ERROR", module, number, AGENT, function, text.to_owned())
}

/// A file that is being made.
#[derive(Default)]
struct Sheet {
    text: String,
    /// The second of the line before, and how it was shown.
    second: (i64, String),
}

impl Sheet {
    fn write(&mut self, at: Instant, line: &Line, setting: &Setting) {
        let Line(thread, level, module, number, logger, function, text) = line;
        let (second, millis) = (at.utc().unix_timestamp(), at.utc().millisecond());
        if self.second.1.is_empty() || self.second.0 != second {
            self.second = (second, clock::format("%Y-%m-%d %H:%M:%S", second, 0, &setting.clock));
        }
        let stamp = &self.second.1;
        let line =
            format!("{thread}::{level}::{stamp},{millis:03}::{module}::{number}::{logger}::({function}) {text}\n");
        self.text.push_str(&line);
    }
}

/// What a machine has written as a host, of a cluster that it is no part of any more, too.
fn writer(world: &World, id: MachineId) -> Option<&Host> {
    let before = || world.clusters.iter().rev().flat_map(|cluster| &cluster.hosts).find(|host| host.machine == id.0);
    events::host(world, id).map(|(_, host)| host).or_else(before)
}

/// What a machine has written so far.
#[must_use]
pub fn of(world: &World, id: MachineId) -> Log {
    writer(world, id).map(|host| host.log.clone()).unwrap_or_default()
}

/// Whether a made file is one of them.
#[must_use]
pub fn is_log(name: &str) -> bool {
    name.strip_prefix(MADE).is_some_and(|name| LOGS.iter().any(|log| name.starts_with(log)))
}

/// What one of them holds, by the name as which it is made.
#[must_use]
pub fn make(world: &World, id: MachineId, name: &str) -> String {
    let name = name.strip_prefix(MADE).unwrap_or(name);
    let Some(host) = writer(world, id) else { return String::new() };
    let files = host.log.files();
    let of_day = |file: &&Vec<&Part>| name.strip_suffix(day(file).as_str()).is_some_and(|rest| rest.ends_with('.'));
    let (parts, next) = match LOGS.contains(&name) {
        true => (files.last(), None),
        false => {
            let place = files.iter().rposition(|file| of_day(&file));
            let next = place.and_then(|place| files.get(place + 1)?.first()).map(|part| part.file);
            (place.and_then(|place| files.get(place)), next)
        }
    };
    let Some(parts) = parts else { return String::new() };
    if name.starts_with(LOGS[0]) { agent(host, parts) } else { broker(parts, next.unwrap_or(world.now)) }
}

/// The day on which a file began: it is called after that once another one is written.
#[must_use]
pub fn day(file: &[&Part]) -> String {
    let Some(first) = file.first() else { return String::new() };
    let at = first.file.utc().unix_timestamp();
    first.setting.as_ref().map(|setting| clock::format("%Y-%m-%d", at, 0, &setting.clock)).unwrap_or_default()
}

/// When one of them was written last.
#[must_use]
pub fn changed(world: &World, id: MachineId, name: &str) -> Option<Instant> {
    let current = LOGS.iter().any(|log| name.strip_prefix(MADE) == Some(log));
    writer(world, id)?.log.last().filter(|_| current)
}

/// A day is over: what was written goes by its name from now on, the oldest file goes, and others begin.
pub fn turn(world: &mut World, id: MachineId) {
    let Some(host) = writer(world, id) else { return };
    let files = host.log.files();
    let Some(day) = files.iter().rev().nth(1).map(|file| day(file)) else { return };
    for log in LOGS {
        let (path, old) = (format!("{FOLDER}/{log}"), format!("{FOLDER}/{log}.{day}"));
        let now = world.now;
        let fs = &mut world.linux_mut(id).fs;
        let there = fs.lookup(&Cred::ROOT, "/", &path);
        let is_made = there.is_ok_and(|ino| fs.made(ino).is_some());
        // Where there is no room the lines are in no file.
        let _ = match is_made {
            true => renew(world, id, &old, Content::Made(format!("{MADE}{log}.{day}").into()), 0o644),
            false => fs.rename(&Cred::ROOT, "/", &path, &old, now),
        };
        let _ = renew(world, id, &path, Content::Made(format!("{MADE}{log}").into()), 0o644);
        for path in [&old, &path] {
            let _ = give_to_vdsm(world, id, path);
        }
        for name in old_files(world, id, log) {
            let _ = world.linux_mut(id).fs.unlink(&Cred::ROOT, "/", &format!("{FOLDER}/{name}"), now);
        }
    }
}

/// Agent and broker run as vdsm, and so their files are its own.
///
/// # Errors
/// What the file system says.
pub fn give_to_vdsm(world: &mut World, id: MachineId, path: &str) -> Result<(), Errno> {
    let (now, (user, group)) = (world.now, mounts::VDSM);
    let fs = &mut world.linux_mut(id).fs;
    let ino = fs.lookup(&Cred::ROOT, "/", path)?;
    fs.chown(&Cred::ROOT, ino, Some(user), Some(group), now)
}

/// The files of a log of which there are too many.
fn old_files(world: &World, id: MachineId, log: &str) -> Vec<String> {
    let fs = &world.linux(id).fs;
    let Ok(folder) = fs.lookup(&Cred::ROOT, "/", FOLDER) else { return Vec::new() };
    let is_day = |name: &str| {
        let day = name.strip_prefix(log).and_then(|rest| rest.strip_prefix('.'));
        day.is_some_and(|day| day.len() == 10 && day.chars().all(|c| c.is_ascii_digit() || c == '-'))
    };
    let names = fs.node(folder).entries().into_iter().flat_map(|entries| entries.keys());
    let mut names: Vec<String> = names.filter(|name| is_day(name)).map(|name| name.to_string()).collect();
    names.truncate(names.len().saturating_sub(Log::FILES));
    names
}

/// `agent.log`.
fn agent(host: &Host, parts: &[&Part]) -> String {
    let mut sheet = Sheet::default();
    for (part, setting) in parts.iter().filter_map(|part| Some((part, part.setting.as_deref()?))) {
        for entry in &part.entries {
            let lines = agent_lines(host, setting, entry.what);
            for at in entry.moments() {
                lines.iter().for_each(|line| sheet.write(at, line, setting));
            }
        }
    }
    sheet.text
}

fn agent_lines(host: &Host, setting: &Setting, said: Said) -> Vec<Line> {
    let name = |id| setting.name(id);
    let one = |line| vec![line];
    match said {
        Said::Began => vec![
            Line(
                "MainThread",
                "INFO",
                "agent",
                67,
                "ovirt_hosted_engine_ha.agent.agent.Agent",
                "run",
                format!("ovirt-hosted-engine-ha agent {} started", setting.release.ha),
            ),
            info("hosted_engine", 242, "_get_hostname", format!("Found certificate common name: {}", host.name)),
            info("hosted_engine", 548, "_initialize_broker", "Initializing ha-broker connection".to_owned()),
        ],
        Said::Ended => one(Line(
            "MainThread",
            "INFO",
            "agent",
            89,
            "ovirt_hosted_engine_ha.agent.agent.Agent",
            "run",
            "Agent shutting down".to_owned(),
        )),
        Said::Loop(round) => round_lines(setting, round),
        Said::Changed(from, to, mail) => one(Line(
            "MainThread",
            "INFO",
            "brokerlink",
            68,
            "ovirt_hosted_engine_ha.lib.brokerlink.BrokerLink",
            "notify",
            format!(
                "Success, was notification of state_transition ({from}-{to}) sent? {}",
                if mail == Mail::Ignored { "ignored" } else { "sent" }
            ),
        )),
        Said::TimedOut(from, to) => {
            one(info("state_decorators", 95, "check", format!("Timeout cleared while transitioning {from} -> {to}")))
        }
        Said::Maintenance(global) => {
            let which = if global { "Global" } else { "Local" };
            let number = if global { 51 } else { 60 };
            one(info("state_decorators", number, "check", format!("{which} maintenance detected")))
        }
        // Captured: reference, transcript 11.
        Said::Outscored(id) => {
            let better = "score is significantly better than local score, shutting down VM on this host";
            one(error("states", 385, "consume", &format!("Host {} (id {id}) {better}", name(id))))
        }
        Said::Starts(started) => starts(setting, started),
        Said::Stops => one(info(
            "hosted_engine",
            941,
            "_stop_engine_vm",
            "Shutting down vm using `/usr/sbin/hosted-engine --vm-shutdown`".to_owned(),
        )),
        Said::Destroys => one(info(
            "hosted_engine",
            941,
            "_stop_engine_vm",
            "Shutting down vm using `/usr/sbin/hosted-engine --vm-poweroff`".to_owned(),
        )),
        Said::Migrates(id) => {
            one(info("states", 620, "consume", format!("Migrating VM to host {} (id {id})", name(id))))
        }
        Said::Found(_) | Said::Silent | Said::Lease(..) | Said::Process(_) => Vec::new(),
        Said::Malformed(id) => one(error(
            "hosted_engine",
            671,
            "_collect_all_host_stats",
            &format!("Malformed metadata for host {id}: received 0 of 512 expected bytes"),
        )),
        Said::NoBroker => one(error(
            "hosted_engine",
            555,
            "_initialize_broker",
            "Failed to start necessary monitors: Connection to ovirt-ha-broker failed",
        )),
        Said::Misfit(misfit) => one(error("hosted_engine", 446, "_initialize_domain_monitor", &misfits(misfit))),
        Said::NoStorage(_) => {
            let why = format!(
                "Failed to start monitoring domain (sd_uuid={}, host_id={}): timeout during domain acquisition",
                setting.get("sdUUID"),
                setting.get("host_id")
            );
            let agent = |level, number, function, text: &str| {
                Line(
                    "MainThread",
                    level,
                    "agent",
                    number,
                    "ovirt_hosted_engine_ha.agent.agent.Agent",
                    function,
                    text.to_owned(),
                )
            };
            vec![
                error("hosted_engine", 446, "_initialize_domain_monitor", &why),
                agent("ERROR", 145, "_run_agent", "Trying to restart agent"),
                agent("INFO", 89, "run", "Agent shutting down"),
            ]
        }
    }
}

/// The agent calls `hosted-engine --vm-start` and writes down what that says.
fn starts(setting: &Setting, started: bool) -> Vec<Line> {
    const FUNCTION: &str = "_start_engine_vm";
    let vmid = setting.get("vmid");
    let unicode = if setting.release.python3() { "" } else { "u" };
    let says = match (started, setting.release.setup_from([2, 3, 8])) {
        (_, false) => "",
        (true, true) => "VM in WaitForLaunch",
        (false, true) => "VM failed to launch",
    };
    let missing = format!(
        "Command VM.getStats with args {{'vmID': '{vmid}'}} failed:\n(code=1, message=Virtual machine does not exist: {{'vmId': \
         {unicode}'{vmid}'}})\n"
    );
    let mut lines = vec![
        info("hosted_engine", 913, FUNCTION, "Starting vm using `/usr/sbin/hosted-engine --vm-start`".to_owned()),
        info("hosted_engine", 918, FUNCTION, format!("stdout: {says}")),
        info("hosted_engine", 919, FUNCTION, format!("stderr: {missing}")),
    ];
    lines.push(match started {
        true => info("hosted_engine", 921, FUNCTION, "Engine VM started on localhost".to_owned()),
        false => error("hosted_engine", 925, FUNCTION, &format!("Failed: {missing}")),
    });
    lines
}

/// What a pass of the agent leaves in its log.
fn round_lines(setting: &Setting, round: Round) -> Vec<Line> {
    let Penalties { network, bridge, load, memory, .. } = round.penalties;
    let penalties = [
        (network, 131, "network status".to_owned()),
        (bridge, 144, format!("missing bridge {}", bridge_of(setting))),
        (load, 158, "cpu load".to_owned()),
        (memory, 172, "low free memory".to_owned()),
    ];
    let penalties = penalties.into_iter().filter(|(points, ..)| *points > 0);
    let mut lines: Vec<Line> = penalties
        .map(|(points, number, why)| {
            info("states", number, "score", format!("Penalizing score by {points} due to {why}"))
        })
        .collect();
    if let Some(id) = round.running {
        let text = format!("Engine vm is running on host {} (id {id})", setting.name(id));
        lines.push(info("states", 510, "consume", text));
    }
    let text = format!("Current state {} (score: {})", round.state, round.score);
    lines.push(info("hosted_engine", 494, "_monitoring_loop", text));
    if let Some((id, score)) = round.best {
        let text = format!("Best remote host {} (id: {id}, score: {score})", setting.name(id));
        lines.push(info("hosted_engine", 499, "_monitoring_loop", text));
    }
    lines
}

/// The management bridge that a host's file names.
fn bridge_of(setting: &Setting) -> &str {
    Some(setting.get("bridge")).filter(|bridge| !bridge.is_empty()).unwrap_or(MANAGEMENT)
}

/// Why an agent gets nowhere, in its words.
fn misfits(misfit: Misfit) -> String {
    match misfit {
        Misfit::Lacks(needed) => format!("Configuration value not found: file={}, key={}", files::CONF, needed.key()),
        Misfit::NoNumber => "Failed to read the host id: it is no number from 1 to 2000".to_owned(),
        Misfit::NoServer => "Connection to storage server failed".to_owned(),
        Misfit::NoDomain => "Failed to start monitoring domain: the storage domain does not exist".to_owned(),
        Misfit::Taken(id) => format!("cannot get lock on host id {id}: host id is held by another host"),
        Misfit::Held(id) => format!("cannot get lock on host id {id}: host already holds lock on a different host id"),
    }
}

/// So long after a pass of the agent each probe looks again: management bridge, network, memory, load, virtual machine
/// (inferred). That of the load does so once a minute.
const PROBES: [Span; 5] =
    [Span::millis(3_786), Span::millis(4_129), Span::millis(5_907), Span::millis(7_370), Span::millis(8_653)];
/// Their places there.
const MEMORY: usize = 2;
const LOAD: usize = 3;
const ENGINE: usize = 4;

/// `broker.log` while it is being made.
#[derive(Default)]
struct Broker<'a> {
    sheet: Sheet,
    /// What the probes are about to write, each by its place.
    due: Vec<(Instant, usize, Rc<Line>, &'a Setting)>,
}

impl Broker<'_> {
    fn write_due(&mut self, end: Instant) {
        for (at, _, line, setting) in self.due.extract_if(.., |(at, ..)| *at <= end) {
            self.sheet.write(at, &line, setting);
        }
    }

    fn finds(&mut self, found: Found) {
        for (_, probe, line, _) in &mut self.due {
            match *probe {
                MEMORY => *line = Rc::new(memory(found)),
                ENGINE => *line = Rc::new(engine(found.health)),
                _ => {}
            }
        }
    }
}

/// `broker.log` up to a moment: what its probes find after each pass of the agent, and the mails that could not be sent.
fn broker(parts: &[&Part], end: Instant) -> String {
    let mut broker = Broker::default();
    for (part, setting) in parts.iter().filter_map(|part| Some((part, part.setting.as_deref()?))) {
        let mut passes = part.passes;
        for entry in &part.entries {
            let lines = match entry.what {
                Said::Loop(round) | Said::NoStorage(round) => probes(setting, &round).map(Rc::new).into(),
                _ => Vec::new(),
            };
            for at in entry.moments() {
                broker.write_due(at);
                match entry.what {
                    Said::Loop(_) | Said::NoStorage(_) => {
                        if matches!(entry.what, Said::NoStorage(_)) {
                            broker.sheet.write(at, &unread(setting), setting);
                        }
                        let lines = PROBES.into_iter().zip(&lines).enumerate();
                        let lines = lines.filter(|(probe, _)| *probe != LOAD || passes.is_multiple_of(6));
                        broker.due =
                            lines.map(|(probe, (span, line))| (at + span, probe, Rc::clone(line), setting)).collect();
                        passes += 1;
                    }
                    Said::Changed(.., Mail::Refused) => broker.sheet.write(at, &refused(), setting),
                    Said::Found(found) => broker.finds(found),
                    Said::Silent => broker.due.clear(),
                    _ => {}
                }
            }
        }
    }
    broker.write_due(end);
    broker.sheet.text
}

/// The storage does not answer.
fn unread(setting: &Setting) -> Line {
    const READS: &str = "ovirt_hosted_engine_ha.broker.storage_broker.StorageBroker";
    let [domain, image, volume] = ["sdUUID", "metadata_image_UUID", "metadata_volume_UUID"].map(|key| setting.get(key));
    let text = format!("Failed to read metadata from /var/run/vdsm/storage/{domain}/{image}/{volume}");
    Line("StatusStorageThread", "ERROR", "storage_broker", 172, READS, "get_raw_stats", text)
}

/// A mail that nothing takes.
fn refused() -> Line {
    const TELLS: &str = "ovirt_hosted_engine_ha.broker.notifications.Notifications";
    Line("Listener", "ERROR", "notifications", 39, TELLS, "send_email", "[Errno 111] Connection refused".to_owned())
}

/// What each of [`PROBES`] writes.
fn probes(setting: &Setting, round: &Round) -> [Line; 5] {
    let load = f64::from(round.load) / 1_000_000.0;
    let load = format!("System load total={load:.4}, engine=0.0000, non-engine={load:.4}");
    let module = "cpu_load_no_engine";
    [
        bridge(setting, round),
        network(setting, round),
        memory(round.found),
        Line("Thread-4", "INFO", module, 126, "cpu_load_no_engine.CpuLoadNoEngine", "calculate_load", load),
        engine(round.found.health),
    ]
}

fn memory(found: Found) -> Line {
    Line("Thread-3", "INFO", "mem_free", 51, "mem_free.MemFree", "action", format!("memFree: {}", found.free))
}

fn bridge(setting: &Setting, round: &Round) -> Line {
    let (level, text) = match (round.penalties.bridge, setting.release.minor) {
        (1.., _) => ("WARNING", format!("Bridge {} not found", bridge_of(setting))),
        (0, 2) => ("INFO", format!("Found bridge {MANAGEMENT} with ports")),
        (0, _) => ("INFO", format!("Found bridge {MANAGEMENT} in up state")),
    };
    Line("Thread-2", level, "mgmt_bridge", 62, "mgmt_bridge.MgmtBridge", "action", text)
}

fn network(setting: &Setting, round: &Round) -> Line {
    let gateway = setting.get("gateway");
    // Each of the last five tests that failed costs as much.
    let failed = round.penalties.network / 320;
    let good = 5_u32.saturating_sub(failed);
    let old = setting.release.minor < 3;
    let (module, number, logger) = if old { ("ping", 63, "ping.Ping") } else { ("network", 88, "network.Network") };
    let (level, text) = match (failed, old) {
        (0, true) => ("INFO", format!("Successfully pinged {gateway}")),
        (0, false) => ("INFO", "Successfully verified network status".to_owned()),
        (_, true) => ("WARNING", format!("Failed to ping {gateway}, ({good} out of 5)")),
        (_, false) => ("WARNING", format!("Failed to verify network status, ({good} out of 5)")),
    };
    Line("Thread-1", level, module, number, logger, "action", text)
}

fn engine(health: Health) -> Line {
    const LOOKS: &str = "engine_health.EngineHealth";
    let (number, function, text) = match health {
        Health::Good(_) => (246, "_result_from_stats", "VM is up on this host with healthy engine".to_owned()),
        Health::Absent => (95, "action", "VM not on this host".to_owned()),
        health => {
            let reason = health.reason().unwrap_or_default();
            (95, "action", format!("VM status: {}, {reason}", health.detail()))
        }
    };
    Line("Thread-5", "INFO", "engine_health", number, LOOKS, function, text)
}
