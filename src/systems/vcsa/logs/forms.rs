//! What the lines of the log files look like, one form for each family of programs that write them.

use super::super::series::{Series, Words};
use super::super::services::{Definition, State};
use super::super::stamp;
use crate::sim::Instant;
use crate::systems::linux::clock::Zone;

/// A moment of a service's life.
pub(super) struct Moment<'a> {
    pub at: Instant,
    pub service: &'static Definition,
    /// The state that it comes into.
    pub state: State,
    /// The state before, and since when it was in that.
    pub was: Option<(State, Instant)>,
    /// Its process, or the one that it had.
    pub pid: u32,
    /// The process of the lifecycle manager.
    pub monitor: u32,
    /// The version of the appliance, version and build of vCenter that run.
    pub software: (&'a str, &'a str, &'a str),
    /// The zone that the machine's clock went by.
    pub zone: Zone,
}

impl Moment<'_> {
    /// Whether its process is gone without having been told to go, and has not said a word.
    fn is_sudden(&self) -> bool {
        matches!((self.was, self.state), (Some((State::Running, _)), State::Stopped))
    }

    /// What it does, in two words.
    fn does(&self) -> &'static str {
        match self.state {
            State::StartPending => "is starting",
            State::Running => "is running",
            State::StopPending => "is stopping",
            State::Stopped => "has stopped",
            State::Failed => "failed to start",
        }
    }

    fn words(&self) -> Words {
        Series::of(self.software.0).log_words
    }

    fn zulu(&self) -> String {
        stamp::iso(self.at, &self.zone)
    }
}

/// A program on the vendor's C++ library, by the name in its lines, the part of it that speaks, and the product that it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Program {
    name: &'static str,
    sub: &'static str,
    product: Option<&'static str>,
}

impl Program {
    pub(super) const VPXD: Self = Self { name: "vpxd", sub: "vpxdvpxdMain", product: Some("VMware VirtualCenter") };
    pub(super) const PROXY: Self = Self { name: "rhttpproxy", sub: "Default", product: None };
    pub(super) const UPDATES: Self = Self { name: "vmware-vum-server", sub: "Default", product: None };
}

/// A layout of lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// vpxd and its kin.
    Vmacore(Program),
    /// A daemon whose lines syslog writes.
    Daemon,
    /// Single sign-on, and who speaks.
    Sso(&'static str),
    /// The lifecycle manager, about all that it starts.
    Monitor,
    /// Envoy: the words of its source.
    Envoy,
    /// A service in Java.
    Java,
    /// The server of a web client: the words of Eclipse Virgo.
    Virgo,
    /// A service in Python.
    Python,
    /// PostgreSQL: its own words.
    Postgres,
    /// Update Manager up to 6.7.
    Log4cpp,
}

impl Form {
    /// What stands in the log about a moment.
    pub(super) fn lines(self, moment: &Moment<'_>) -> Vec<String> {
        if self != Self::Monitor && moment.is_sudden() {
            return Vec::new();
        }
        let (pid, display) = (moment.pid, moment.service.display);
        let failed = moment.state == State::Failed;
        match self {
            Self::Vmacore(program) => vmacore(program, moment),
            Self::Monitor => monitor(moment),
            Self::Postgres => postgres(moment),
            Self::Daemon => {
                let stamp = stamp::micros(moment.at, &moment.zone);
                let (level, name) = (if failed { "err" } else { "info" }, moment.service.name);
                vec![format!("{stamp} {level} {name}  t@{}: {display} {}", thread(pid), moment.does())]
            }
            Self::Sso(who) => {
                let level = if failed { "ERROR" } else { "INFO " };
                vec![format!("[{} {:37} {level}] [{who}] {display} {}", moment.zulu(), "", moment.does())]
            }
            Self::Java => {
                let level = if failed { "ERROR" } else { "INFO " };
                vec![format!("{} [main] {level} {display} {}, pid {pid}", moment.zulu(), moment.does())]
            }
            Self::Python => {
                let level = if failed { "ERROR" } else { "INFO" };
                let stamp = stamp::bare(moment.at, &moment.zone);
                vec![format!("{stamp} [{pid}]{level}:root:{display} {}", moment.does())]
            }
            Self::Log4cpp => {
                let level = if failed { "ERROR" } else { "INFO" };
                let stamp = stamp::bare(moment.at, &moment.zone).replace('T', " ").replace('.', ":");
                vec![format!("[{stamp} 'VcIntegrity' {} {level}]  {display} {}", thread(pid), moment.does())]
            }
            Self::Envoy => {
                let texts: &[(&str, &str)] = match moment.state {
                    State::StartPending => &[("info", "initializing epoch 0")],
                    State::Running => &[("info", "starting main dispatch loop")],
                    State::StopPending => &[("warning", "caught ENVOY_SIGTERM")],
                    State::Stopped => &[("info", "main dispatch loop exited"), ("info", "exiting")],
                    State::Failed => &[("info", "exiting")],
                };
                let line = |(level, text): &(&str, &str)| format!("[{}][{pid}][{level}][main] {text}", moment.zulu());
                texts.iter().map(line).collect()
            }
            Self::Virgo => {
                let texts: &[(&str, &str, &str)] = match moment.state {
                    State::StartPending => &[("INFO ", "KE0001I", "Kernel starting.")],
                    State::Running => {
                        &[("INFO ", "KE0002I", "Kernel started."), ("INFO ", "UR0001I", "User region ready.")]
                    }
                    State::StopPending => &[("INFO ", "KE0010I", "Shutdown initiated.")],
                    State::Stopped => &[],
                    State::Failed => &[("ERROR", "KE0011I", "Immediate shutdown initiated.")],
                };
                let line = |(level, code, text): &(&str, &str, &str)| {
                    format!(
                        "[{}] [{level}] {:<23} System.out {:>44} {code} {text}",
                        moment.zulu(),
                        "startup-tracker",
                        ""
                    )
                };
                texts.iter().map(line).collect()
            }
        }
    }
}

/// The number of a thread, an address of its process.
fn thread(pid: u32) -> u64 {
    0x7f00_0000_0740 + (u64::from(pid) << 12)
}

fn vmacore(program: Program, moment: &Moment<'_>) -> Vec<String> {
    let Program { name, sub, product } = program;
    let (pid, (_, version, build)) = (moment.pid, moment.software);
    let product = product.unwrap_or(moment.service.display);
    let stamp = stamp::offset(moment.at, &moment.zone);
    let thread =
        if moment.words().threads_are_processes { format!("{pid:05}") } else { format!("{:012X}", thread(pid)) };
    let line =
        |level: &str, text: String| format!("{stamp} {level} {name}[{thread}] [Originator@6876 sub={sub}] {text}");
    match moment.state {
        State::StartPending => vec![
            format!("{stamp} Section for {product}, pid={pid}, version={version}, build={build}, option=Release"),
            line("info", format!("Starting {product} {version} build-{build}")),
        ],
        State::Running => vec![line("info", format!("{product} is ready"))],
        State::StopPending => vec![line("info", format!("Shutting down {product}"))],
        State::Stopped => vec![
            line("info", "Wrote uptime information".to_owned()),
            line("info", format!("Forcing shutdown of {product} now")),
        ],
        State::Failed => vec![
            line("error", format!("Failed to initialize {product}. Shutting down...")),
            line("info", format!("Forcing shutdown of {product} now")),
        ],
    }
}

/// The lifecycle manager speaks of each service by its own name for it.
fn monitor(moment: &Moment<'_>) -> Vec<String> {
    let Some(service) = moment.service.vmon() else {
        let text = format!("{} {}", moment.service.display, moment.does());
        return if moment.is_sudden() { vec![] } else { vec![monitor_line(moment, false, &text)] };
    };
    let text = match moment.state {
        _ if moment.is_sudden() => "Service exited unexpectedly.".to_owned(),
        State::StartPending => format!("Constructed command: {}", moment.service.command),
        State::Running => "Service STARTED successfully.".to_owned(),
        State::StopPending => "Stopping service.".to_owned(),
        State::Stopped => "Service STOPPED successfully.".to_owned(),
        State::Failed => "Service failed to start.".to_owned(),
    };
    let bad = moment.state == State::Failed || moment.is_sudden();
    vec![monitor_line(moment, bad, &format!("<{service}> {text}"))]
}

fn monitor_line(moment: &Moment<'_>, bad: bool, text: &str) -> String {
    if !moment.words().monitor_by_syslog {
        let level = if bad { "Er(02)" } else { "In(05)" };
        return format!("{} {level} host-{} {text}", moment.zulu(), moment.monitor);
    }
    let (stamp, level) = (stamp::micros(moment.at, &moment.zone), if bad { "err" } else { "notice" });
    format!("{} {level} vmon  {text}", &stamp[2..])
}

/// PostgreSQL tells after a start how it was stopped before.
fn postgres(moment: &Moment<'_>) -> Vec<String> {
    let Moment { at, zone, pid, .. } = moment;
    let stamp = |at: Instant| stamp::bare(at, zone).replace('T', " ");
    let seconds = |at: Instant| stamp(at).split('.').next().unwrap_or_default().to_owned();
    let texts: Vec<String> = match moment.state {
        State::StartPending => match moment.was {
            Some((State::Stopped, before)) => {
                vec![format!("database system was shut down at {} UTC", seconds(before))]
            }
            Some((_, before)) => vec![
                format!("database system was interrupted; last known up at {} UTC", seconds(before)),
                "database system was not properly shut down; automatic recovery in progress".to_owned(),
            ],
            None => vec![],
        },
        State::Running => {
            vec!["database system is ready to accept connections".to_owned(), "autovacuum launcher started".to_owned()]
        }
        State::StopPending => {
            vec!["received fast shutdown request".to_owned(), "aborting any active transactions".to_owned()]
        }
        State::Stopped => vec!["shutting down".to_owned(), "database system is shut down".to_owned()],
        State::Failed => vec!["aborting startup due to startup process failure".to_owned()],
    };
    texts.iter().map(|text| format!("{} UTC {pid:x} 0   LOG:  {text}", stamp(*at))).collect()
}
