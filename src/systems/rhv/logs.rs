//! `agent.log` and `broker.log` of a host. The layout of a line is captured (reference, transcript 11); the texts are those
//! of the public sources of ovirt-hosted-engine-ha as far as remembered, and count as inferred, line numbers too.

use regex::{Regex, RegexBuilder};

use super::files;
use super::model::log::Said;
use super::model::{Cluster, Health, Host, HostId, Misfit, State, VmStatus};
use super::network::MANAGEMENT;
use crate::sim::{Instant, Span};
use crate::systems::linux::clock::{self, Zone};

/// So many things of an agent stand in its log; what is older is in the files of the days before, which are not kept.
const MOST: usize = 720;

/// So many of them stand in the broker's, a few lines for each.
const PROBED: usize = 240;

const AGENT: &str = "ovirt_hosted_engine_ha.agent.hosted_engine.HostedEngine";

/// A line: who writes it, how grave it is, where it is written, and the text.
struct Line(&'static str, &'static str, &'static str, u16, &'static str, &'static str, String);

impl Line {
    fn show(&self, at: Instant, zone: &Zone) -> String {
        let Self(thread, level, module, number, logger, function, text) = self;
        let stamp = clock::format("%Y-%m-%d %H:%M:%S", at.utc().unix_timestamp(), 0, zone);
        let millis = at.utc().millisecond();
        format!("{thread}::{level}::{stamp},{millis:03}::{module}::{number}::{logger}::({function}) {text}\n")
    }
}

fn info(module: &'static str, number: u16, function: &'static str, text: String) -> Line {
    Line("MainThread", "INFO", module, number, AGENT, function, text)
}

fn error(module: &'static str, number: u16, function: &'static str, text: &str) -> Line {
    Line("MainThread", "ERROR", module, number, AGENT, function, text.to_owned())
}

/// `agent.log`.
#[must_use]
pub fn agent(cluster: &Cluster, host: &Host, zone: &Zone) -> String {
    let name = |id: HostId| cluster.host(id).map_or("", |host| host.name.as_str());
    let said = host.log.last(MOST);
    let mails = mails(cluster);
    let lines = said
        .iter()
        .flat_map(|(at, said)| agent_lines(host, *said, name, &mails).into_iter().map(move |line| (*at, line)));
    lines.map(|(at, line)| line.show(at, zone)).collect()
}

/// The changes of state of which a mail is sent, by `notify.state_transition`.
fn mails(cluster: &Cluster) -> Option<Regex> {
    let pattern = cluster.storage.settings.get("broker")?.get("notify.state_transition")?;
    RegexBuilder::new(pattern).case_insensitive(true).build().ok()
}

fn is_mailed(mails: &Option<Regex>, from: State, to: State) -> bool {
    mails.as_ref().is_some_and(|mails| mails.is_match(&format!("{from}-{to}")))
}

fn agent_lines<'h>(host: &Host, said: Said, name: impl Fn(HostId) -> &'h str, mails: &Option<Regex>) -> Vec<Line> {
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
                format!("ovirt-hosted-engine-ha agent {} started", host.release.ha),
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
        Said::Loop { state, score, best, running } => {
            let mut lines = Vec::new();
            if let Some(id) = running {
                let text = format!("Engine vm is running on host {} (id {id})", name(id));
                lines.push(info("states", 510, "consume", text));
            }
            let text = format!("Current state {state} (score: {score})");
            lines.push(info("hosted_engine", 494, "_monitoring_loop", text));
            if let Some((id, score)) = best {
                let text = format!("Best remote host {} (id: {id}, score: {score})", name(id));
                lines.push(info("hosted_engine", 499, "_monitoring_loop", text));
            }
            lines
        }
        Said::Changed(from, to) => one(Line(
            "MainThread",
            "INFO",
            "brokerlink",
            68,
            "ovirt_hosted_engine_ha.lib.brokerlink.BrokerLink",
            "notify",
            format!(
                "Success, was notification of state_transition ({from}-{to}) sent? {}",
                if is_mailed(mails, from, to) { "sent" } else { "ignored" }
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
        Said::NetworkPenalty(points) => {
            one(info("states", 131, "score", format!("Penalizing score by {points} due to network status")))
        }
        Said::BridgePenalty(points) => {
            let text = format!("Penalizing score by {points} due to missing bridge {}", bridge_of(host));
            one(info("states", 144, "score", text))
        }
        Said::LoadPenalty(points) => {
            one(info("states", 158, "score", format!("Penalizing score by {points} due to cpu load")))
        }
        Said::MemoryPenalty(points) => {
            one(info("states", 172, "score", format!("Penalizing score by {points} due to low free memory")))
        }
        // Captured: reference, transcript 11.
        Said::Outscored(id) => {
            let better = "score is significantly better than local score, shutting down VM on this host";
            one(error("states", 385, "consume", &format!("Host {} (id {id}) {better}", name(id))))
        }
        Said::Starts(true) => {
            one(info("hosted_engine", 921, "_start_engine_vm", "Engine VM started on localhost".to_owned()))
        }
        Said::Starts(false) => one(error(
            "hosted_engine",
            925,
            "_start_engine_vm",
            "Failed to start engine VM: the VM could not be created",
        )),
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
        Said::Health(_) => Vec::new(),
        Said::NoBroker => one(error(
            "hosted_engine",
            555,
            "_initialize_broker",
            "Failed to start necessary monitors: Connection to ovirt-ha-broker failed",
        )),
        Said::Misfit(misfit) => one(error("hosted_engine", 446, "_initialize_domain_monitor", &misfits(misfit))),
        Said::NoStorage => one(error(
            "hosted_engine",
            446,
            "_initialize_domain_monitor",
            "Failed to start monitoring domain: the storage cannot be reached",
        )),
    }
}

/// The management bridge that a host's file names.
fn bridge_of(host: &Host) -> &str {
    Some(host.setting("bridge")).filter(|bridge| !bridge.is_empty()).unwrap_or(MANAGEMENT)
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

/// `broker.log`: what its probes find with each pass of the agent, and the mails that could not be sent. `mailer` is whether
/// something on the host takes mails.
#[must_use]
pub fn broker(cluster: &Cluster, host: &Host, zone: &Zone, mailer: bool) -> String {
    let mails = mails(cluster);
    let mut text = String::new();
    let mut probes = Probes::default();
    for (place, (at, said)) in host.log.last(PROBED).into_iter().enumerate() {
        let lines = match said {
            Said::Health(health) => {
                probes.health = Some(health);
                continue;
            }
            Said::NetworkPenalty(points) => {
                probes.failed = points / 320;
                continue;
            }
            Said::BridgePenalty(_) => {
                probes.bridgeless = true;
                continue;
            }
            Said::Loop { state, .. } => probes.of(state).lines(host, place),
            Said::Changed(from, to) if !mailer && is_mailed(&mails, from, to) => {
                const TELLS: &str = "ovirt_hosted_engine_ha.broker.notifications.Notifications";
                let text = "[Errno 111] Connection refused".to_owned();
                vec![(3, Line("Listener", "ERROR", "notifications", 39, TELLS, "send_email", text))]
            }
            _ => continue,
        };
        for (back, line) in lines {
            text.push_str(&line.show(at - Span::millis(back), zone));
        }
        (probes.failed, probes.bridgeless) = (0, false);
    }
    text
}

/// What the broker's probes have found by some moment.
#[derive(Clone, Default)]
struct Probes {
    /// What is known of the virtual machine.
    health: Option<Health>,
    /// How many of the last five tests of the network failed.
    failed: u32,
    /// Whether the management bridge is missing.
    bridgeless: bool,
}

impl Probes {
    /// The same where the state of the agent has to tell what is not known of the virtual machine.
    fn of(&self, state: State) -> Self {
        let usual = match state {
            State::EngineUp => Health::Good(VmStatus::Up),
            _ => Health::Absent,
        };
        Self { health: self.health.or(Some(usual)), ..self.clone() }
    }

    /// A line for each probe, with how many milliseconds before the agent's pass it was written. That of the load comes once a
    /// minute.
    fn lines(&self, host: &Host, place: usize) -> Vec<(u64, Line)> {
        let mut lines = vec![(6_214, self.bridge(host)), (5_871, self.network(host))];
        let free = format!("memFree: {}", host.free_memory());
        lines.push((4_093, Line("Thread-3", "INFO", "mem_free", 51, "mem_free.MemFree", "action", free)));
        if place.is_multiple_of(6) {
            let load = f64::from(host.load) / 1_000_000.0;
            let text = format!("System load total={load:.4}, engine=0.0000, non-engine={load:.4}");
            let (module, logger) = ("cpu_load_no_engine", "cpu_load_no_engine.CpuLoadNoEngine");
            lines.push((2_630, Line("Thread-4", "INFO", module, 126, logger, "calculate_load", text)));
        }
        lines.extend(self.health.map(|health| (1_347, engine(health))));
        lines
    }

    fn bridge(&self, host: &Host) -> Line {
        let (level, text) = match (self.bridgeless, host.release.minor) {
            (true, _) => ("WARNING", format!("Bridge {} not found", bridge_of(host))),
            (false, 2) => ("INFO", format!("Found bridge {MANAGEMENT} with ports")),
            (false, _) => ("INFO", format!("Found bridge {MANAGEMENT} in up state")),
        };
        Line("Thread-2", level, "mgmt_bridge", 62, "mgmt_bridge.MgmtBridge", "action", text)
    }

    fn network(&self, host: &Host) -> Line {
        let gateway = host.setting("gateway");
        let good = 5_u32.saturating_sub(self.failed);
        let line =
            |level, module, number, logger, text| Line("Thread-1", level, module, number, logger, "action", text);
        let (ping, network) = (("ping", 63, "ping.Ping"), ("network", 88, "network.Network"));
        let old = host.release.minor < 3;
        let (module, number, logger) = if old { ping } else { network };
        let (level, text) = match (self.failed, old) {
            (0, true) => ("INFO", format!("Successfully pinged {gateway}")),
            (0, false) => ("INFO", "Successfully verified network status".to_owned()),
            (_, true) => ("WARNING", format!("Failed to ping {gateway}, ({good} out of 5)")),
            (_, false) => ("WARNING", format!("Failed to verify network status, ({good} out of 5)")),
        };
        line(level, module, number, logger, text)
    }
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
