//! `agent.log` and `broker.log` of a host. The layout of a line is captured (reference, transcript 11); the texts are those
//! of the public sources of ovirt-hosted-engine-ha as far as remembered, and count as inferred, line numbers too.

use super::files;
use super::model::log::Said;
use super::model::{Cluster, Host, HostId, Misfit};
use crate::sim::{Instant, Span};
use crate::systems::linux::clock::{self, Zone};

/// So many things of an agent stand in its log; what is older is in the files of the days before, which are not kept.
const MOST: usize = 720;

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
    let lines =
        said.iter().flat_map(|(at, said)| agent_lines(host, *said, name).into_iter().map(move |line| (*at, line)));
    lines.map(|(at, line)| line.show(at, zone)).collect()
}

fn agent_lines<'h>(host: &Host, said: Said, name: impl Fn(HostId) -> &'h str) -> Vec<Line> {
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
            format!("Success, was notification of state_transition ({from}-{to}) sent? ignored"),
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
            one(info("states", 144, "score", format!("Penalizing score by {points} due to missing bridge ovirtmgmt")))
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

/// `broker.log`: what it finds of the virtual machine, and the mails about changes of state.
#[must_use]
pub fn broker(host: &Host, zone: &Zone) -> String {
    const LOOKS: &str = "engine_health.EngineHealth";
    const TELLS: &str = "ovirt_hosted_engine_ha.broker.notifications.Notifications";
    let lines = host.log.last(MOST).into_iter().filter_map(|(at, said)| {
        let line = match said {
            Said::Health(health) if health.health() == "good" => Line(
                "Thread-4",
                "INFO",
                "engine_health",
                246,
                LOOKS,
                "_result_from_stats",
                "VM is up on this host with healthy engine".to_owned(),
            ),
            Said::Health(health) => {
                let reason = health.reason().unwrap_or_default();
                let text = match health.reason() {
                    Some("vm not running on this host") => "VM not on this host".to_owned(),
                    _ => format!("VM status: {}, {reason}", health.detail()),
                };
                Line("Thread-4", "INFO", "engine_health", 95, LOOKS, "action", text)
            }
            Said::Changed(from, to) => Line(
                "Listener",
                "INFO",
                "notifications",
                45,
                TELLS,
                "send_email",
                format!("ovirt-hosted-engine state transition {from}-{to}"),
            ),
            _ => return None,
        };
        Some((at + Span::millis(3), line))
    });
    lines.map(|(at, line)| line.show(at, zone)).collect()
}
