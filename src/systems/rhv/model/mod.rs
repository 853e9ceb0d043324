//! RHV as plain data: a machine that is a host or the Manager, and the cluster, which no single machine owns: the hosts' agents,
//! the storage through which they know of each other, and the virtual machines. It knows nothing of the lab: what takes time
//! or reaches a machine is given back as an [`Effect`].

pub mod agent;
pub mod conf;
pub mod domain;
pub mod engine_vm;
pub mod health;
pub mod host;
pub mod log;
pub mod manager;
pub mod offer;
pub mod score;
pub mod state;
pub mod storage;

use serde::{Deserialize, Serialize};

pub use agent::Agent;
pub use conf::{Conf, Misfit};
pub use domain::{Domain, Exit, Life, Process};
pub use engine_vm::ENGINE;
pub use health::{Health, VmStatus};
pub use host::{Daemons, Host, Troubles};
pub use manager::{Bootstrap, Inventory};
pub use offer::Offer;
pub use state::State;
pub use storage::{Block, Engine, Guest, Lease, Storage};

use super::release::Release;
use crate::sim::{Instant, Span};
use crate::systems::linux::model::Linux;

/// A host's number in its cluster.
pub type HostId = u32;

/// The period of an agent's loop.
pub const PERIOD: Span = Span::secs(10);
/// A host whose timestamp has not changed for longer does not count as alive.
pub const ALIVE: Span = Span::secs(60);
/// How fast a virtual machine's memory is copied to another host, in MiB a second (inferred: a network of 10 Gb).
const MIGRATION_RATE: u64 = 800;

/// A machine of an RHV environment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rhv {
    /// What it is.
    pub role: Role,
    /// What is installed on it.
    pub release: Release,
    /// The name in the certificate of its vdsm, by which the cluster knows a host.
    pub certificate: String,
    /// The image that it was installed from, where it is an RHV-H: name, version and release.
    pub image: Option<String>,
    /// The version of its engine; on a host of that in its appliance.
    #[serde(default)]
    pub engine: String,
    /// What its engine knows, of a Manager that is set up.
    #[serde(default)]
    pub inventory: Option<Inventory>,
    /// Whether a host has a management bridge.
    #[serde(default)]
    pub bridge: bool,
    /// The local virtual machine of a deployment, of a host on which one was begun and not cleaned up.
    #[serde(default)]
    pub bootstrap: Option<Bootstrap>,
    /// Whether a deployment made it, as the guest of its virtual machine.
    #[serde(default)]
    pub deployed: bool,
    /// Its operating system.
    pub linux: Linux,
}

/// What a machine is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// A host.
    Host,
    /// The Manager's virtual machine.
    Manager,
}

/// What happens to a host by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Event {
    /// Its agent goes through its loop; the agent's life to which that belongs.
    Loop(u32),
    /// The process of the virtual machine begins; which start that is.
    Launch(u32),
    /// Sanlock gives up renewing; the turn of its troubles to which that belongs.
    RenewalFails(u32),
    /// The watchdog resets it; likewise.
    Watchdog(u32),
    /// It is looked at how far the machine has come; this may be the Manager, too.
    Look,
    /// The virtual machine has been moved from here to that host; which start on this host it was.
    Migrated(HostId, u32),
}

/// What follows from something, outside of the cluster.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// An event of a host after a while.
    After(HostId, Span, Event),
    /// The Manager's guest is switched on.
    PowerOnGuest,
    /// The Manager's guest loses power.
    CutGuest,
    /// The Manager's guest is asked to go down, in two minutes.
    ShutDownGuest,
    /// A host is reset by its watchdog.
    Reset(HostId),
    /// The virtual machine is to be moved from one host to another.
    Migrate(HostId, HostId),
    /// A host has another number from now on.
    Renumber(HostId, HostId),
    /// The logs of a host go to other files.
    Turn(HostId),
}

/// The cluster.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cluster {
    /// The hosts, by their numbers in rising order.
    pub hosts: Vec<Host>,
    /// The hosted-engine storage domain.
    pub storage: Storage,
}

impl Cluster {
    /// The host of a number.
    #[must_use]
    pub fn host(&self, id: HostId) -> Option<&Host> {
        self.hosts.iter().find(|host| host.id == id)
    }

    /// The host that is the machine at this place of the lab, unless it looks at other storage by now.
    #[must_use]
    pub fn host_of(&self, machine: usize) -> Option<&Host> {
        self.hosts.iter().find(|host| host.machine == machine && !host.gone)
    }

    /// Whether its storage domain is on this share or logical unit.
    #[must_use]
    pub fn is_on(&self, path: &str) -> bool {
        let place = self.storage.place();
        place.and_then(|place| place.get("storage")).is_some_and(|storage| storage == path)
    }

    /// Changes a host and the storage together.
    pub fn with<R>(&mut self, id: HostId, change: impl FnOnce(&mut Host, &mut Storage) -> R) -> Option<R> {
        let Self { hosts, storage } = self;
        hosts.iter_mut().find(|host| host.id == id).map(|host| change(host, storage))
    }

    /// The host on which there is a process of the Manager's virtual machine.
    #[must_use]
    pub fn engine_host(&self) -> Option<&Host> {
        self.hosts.iter().find(|host| host.holds_engine())
    }

    /// Lets something happen to a host.
    pub fn happen(&mut self, id: HostId, event: Event, now: Instant) -> Vec<Effect> {
        let mut out = Vec::new();
        if let Event::Migrated(to, serial) = event {
            self.migrated(id, to, serial, now, &mut out);
            return out;
        }
        self.with(id, |host, storage| match event {
            Event::Loop(generation) => {
                agent::pass(host, storage, generation, now, &mut out);
                host.clear_away(&storage.engine);
            }
            Event::Launch(serial) => host.launch(storage, serial, now, &mut out),
            Event::RenewalFails(turn) if host.turns == turn => host.give_up(false, storage, now, &mut out),
            Event::Watchdog(turn) if host.turns == turn => host.give_up(true, storage, now, &mut out),
            Event::RenewalFails(_) | Event::Watchdog(_) | Event::Migrated(..) | Event::Look => {}
        });
        self.settle(out)
    }

    /// Does what can be done within the cluster, and gives back the rest.
    pub fn settle(&mut self, effects: Vec<Effect>) -> Vec<Effect> {
        let mut rest = Vec::with_capacity(effects.len());
        for effect in effects {
            match effect {
                Effect::Migrate(from, to) => rest.extend(self.migrate(ENGINE, from, to).unwrap_or_default()),
                Effect::Renumber(from, to) => self.renumber(from, to),
                other => rest.push(other),
            }
        }
        rest
    }

    /// A host goes by another number. One that had it, and holds it no more, goes by the number that is free then.
    fn renumber(&mut self, from: HostId, to: HostId) {
        let swapped = |id: HostId| match id {
            id if id == from => to,
            id if id == to => from,
            id => id,
        };
        for host in &mut self.hosts {
            host.id = swapped(host.id);
            for domain in host.domains.values_mut() {
                if let Life::Leaving(id) = &mut domain.life {
                    *id = swapped(*id);
                }
            }
        }
        self.hosts.sort_by_key(|host| host.id);
        if let Some(lease) = &mut self.storage.lease {
            lease.holder = swapped(lease.holder);
        }
    }

    /// Begins to move a virtual machine. Those of others than the Manager are there at once: nothing here waits for them.
    ///
    /// # Errors
    /// Why that cannot be.
    pub fn migrate(&mut self, name: &str, from: HostId, to: HostId) -> Result<Vec<Effect>, &'static str> {
        let target = self.host(to).ok_or("there is no such host")?;
        if !target.answers() || !target.renews() || target.troubles.network {
            return Err("the host it shall go to is not up");
        }
        if target.domains.get(name).is_some_and(|domain| !matches!(domain.life, Life::Down(_))) {
            return Err("it is on that host already");
        }
        let source = self.host(from).filter(|host| host.answers() && !host.troubles.network);
        let source = source.ok_or("the host it is on is not up")?;
        let domain = source.domains.get(name).filter(|domain| domain.life == Life::Running);
        let Domain { memory, serial, .. } = *domain.ok_or("it does not run there")?;
        let engine = name == ENGINE;
        self.with(from, |host, _| match host.domains.get_mut(name) {
            Some(domain) if engine => domain.life = Life::Leaving(to),
            _ => {
                host.domains.remove(name);
            }
        });
        self.with(to, |host, _| {
            host.started += 1;
            let life = if engine { Life::Arriving } else { Life::Running };
            let process = host.make_process();
            host.domains.insert(name.to_owned(), Domain { life, memory, serial: host.started, process });
        });
        let span = Span::millis(2_000 + memory * 1_000 / MIGRATION_RATE);
        Ok(if engine { vec![Effect::After(from, span, Event::Migrated(to, serial))] } else { Vec::new() })
    }

    /// A move has come to its end, good or bad.
    fn migrated(&mut self, from: HostId, to: HostId, serial: u32, now: Instant, out: &mut Vec<Effect>) {
        let fit = |host: &Host| host.booted.is_some() && host.answers() && host.renews() && !host.troubles.network;
        let leaving = |host: &&Host| {
            host.engine().is_some_and(|domain| domain.serial == serial && domain.life == Life::Leaving(to))
        };
        let arriving = |host: &&Host| host.engine().is_some_and(|domain| domain.life == Life::Arriving);
        let source = self.host(from).filter(leaving).map(fit);
        let target = self.host(to).filter(arriving).map(fit);
        if (source, target) == (Some(true), Some(true)) {
            self.with(from, |host, storage| host.end_engine(storage, Exit::Migrated, now, out));
            self.with(to, |host, storage| {
                storage.acquire(to, now);
                if let Some(domain) = host.domains.get_mut(ENGINE) {
                    domain.life = Life::Running;
                }
                host.log.say(now, log::Said::Process(None));
            });
            return;
        }
        if target.is_some() {
            self.with(to, |host, _| host.domains.remove(ENGINE));
        }
        if source.is_some() {
            self.with(from, |host, _| {
                let stuck = host.troubles.storage;
                if let Some(domain) = host.domains.get_mut(ENGINE) {
                    domain.life = if stuck { Life::Paused(true) } else { Life::Running };
                }
            });
        }
    }

    /// The Manager's guest has come so far.
    pub fn guest(&mut self, phase: Guest, serves: bool, now: Instant) -> Vec<Effect> {
        let mut out = Vec::new();
        let engine = &mut self.storage.engine;
        (engine.phase, engine.serves) = (phase, serves);
        if phase == Guest::Off {
            engine.asked = false;
            let stands = |host: &&Host| host.engine().is_some_and(|domain| domain.life == Life::Paused(false));
            let holder = self.engine_host().filter(|host| !stands(host));
            if let Some(id) = holder.map(|host| host.id) {
                self.with(id, |host, storage| host.end_engine(storage, Exit::Ended, now, &mut out));
            }
        }
        out
    }
}

impl Host {
    /// The Manager, once it serves, has the hosts clear away what is left of its virtual machine where it does not run.
    fn clear_away(&mut self, engine: &Engine) {
        let cleared = engine.serves && self.answers() && !self.troubles.network;
        if cleared && self.engine().is_some_and(|domain| matches!(domain.life, Life::Down(_))) {
            self.domains.remove(ENGINE);
        }
    }
}

#[cfg(test)]
mod tests;
