//! A host of the cluster: its daemons, what is wrong with it, and what follows from that.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::agent::Agent;
use super::conf::Conf;
use super::domain::{Domain, Exit, Life};
use super::log::{Log, Renewal, Said};
use super::score::IDLE;
use super::storage::{RENEWAL_FAILS, Storage, WATCHDOG};
use super::{Effect, Event, HostId, Instant, Span};
use crate::systems::rhv::release::Release;

/// From the start of an agent to its first pass (inferred).
const FIRST_PASS: Span = Span::secs(3);

/// A host.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Host {
    /// Its number in the cluster.
    pub id: HostId,
    /// Its name in full.
    pub name: String,
    /// The machine that it is, by its place in the lab.
    pub machine: usize,
    /// What is installed on it.
    pub release: Release,
    /// Its memory in MiB.
    pub memory: u64,
    /// When its kernel was loaded; nothing while it does not run.
    pub booted: Option<Instant>,
    /// Which of its daemons run.
    pub daemons: Daemons,
    /// What is wrong with it.
    pub troubles: Troubles,
    /// Counts what has changed in [`Host::troubles`] and power: what was about to follow from before does not.
    pub turns: u32,
    /// Its agent.
    pub agent: Agent,
    /// When the timestamp of a host changed last in the eyes of this one.
    pub seen: BTreeMap<HostId, Seen>,
    /// The virtual machines on it, by name.
    pub domains: BTreeMap<String, Domain>,
    /// How many were started so far.
    pub started: u32,
    /// For how many of them libvirt has made a process since the boot, or tried to.
    #[serde(default)]
    pub processes: u32,
    /// The processes that were made for them, by their numbers.
    #[serde(default)]
    pub spawned: Vec<u32>,
    /// The flag of local maintenance in its `ha.conf`.
    pub local_maintenance: bool,
    /// Which of the last five probes of the network failed, a bit each.
    pub probes: u8,
    /// Its load of the last quarter of an hour, in millionths of its processors.
    pub load: u32,
    /// What its agent has written.
    #[serde(default, rename = "written")]
    pub log: Log,
    /// Whether something on it takes mails.
    #[serde(default)]
    pub mailer: bool,
    /// What its agent has read from its file when it began; nothing where it never did.
    #[serde(default)]
    pub conf: Option<Conf>,
    /// Whether vdsm has the storage connected.
    #[serde(default)]
    pub connected: bool,
    /// The host id under which sanlock holds the agents' lockspace.
    #[serde(default)]
    pub lockspace: Option<HostId>,
    /// Whether sanlock has given up the host id in the storage domain, which it could not renew.
    #[serde(default)]
    pub expired: bool,
    /// Whether it was cleaned, and is no part of this cluster any more.
    #[serde(default)]
    pub gone: bool,
}

/// The daemons that matter to the cluster.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Daemons {
    /// ovirt-ha-agent.
    pub agent: bool,
    /// ovirt-ha-broker.
    pub broker: bool,
    /// vdsmd.
    pub vdsm: bool,
    /// sanlock.
    pub sanlock: bool,
}

/// What can be wrong with a host from outside.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Troubles {
    /// Its network is pulled.
    pub network: bool,
    /// Its gateway does not answer.
    pub gateway: bool,
    /// The test of its network fails that it was told to do.
    #[serde(default)]
    pub test: bool,
    /// Its path to the storage is pulled.
    pub storage: bool,
    /// Its sanlock stands still.
    pub sanlock: bool,
    /// Something keeps its processors busy.
    pub load: bool,
    /// Something has taken its memory.
    pub memory: bool,
    /// Its management bridge is missing.
    pub bridge: bool,
    /// Its libvirt does not start the Manager's virtual machine.
    pub launch: bool,
    /// Something is in the way of the storage where it is to be mounted.
    #[serde(default)]
    pub mount: bool,
    /// Which of its daemons a signal has stopped: they are there, and do not answer. Of sanlock [`Troubles::sanlock`] tells.
    #[serde(default)]
    pub halted: Daemons,
}

/// What a host knows of another's timestamp.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seen {
    /// The timestamp.
    pub timestamp: u64,
    /// When it was seen to be another than before.
    pub changed: Instant,
}

impl Host {
    /// A host without power.
    #[must_use]
    pub fn new(id: HostId, name: &str, machine: usize, release: Release, memory: u64, now: Instant) -> Self {
        Self {
            id,
            name: name.to_owned(),
            machine,
            release,
            memory,
            booted: None,
            daemons: Daemons::default(),
            troubles: Troubles::default(),
            turns: 0,
            agent: Agent::new(0, now),
            seen: BTreeMap::new(),
            domains: BTreeMap::new(),
            started: 0,
            processes: 0,
            spawned: Vec::new(),
            local_maintenance: false,
            probes: 0,
            load: IDLE,
            log: Log::default(),
            mailer: false,
            conf: None,
            connected: false,
            lockspace: None,
            expired: false,
            gone: false,
        }
    }

    /// Whether it reaches the storage.
    #[must_use]
    pub fn reaches_storage(&self) -> bool {
        self.booted.is_some() && !self.troubles.storage
    }

    /// Whether sanlock keeps its leases alive.
    #[must_use]
    pub fn renews(&self) -> bool {
        self.reaches_storage() && self.daemons.sanlock && !self.troubles.sanlock
    }

    /// Whether its sanlock holds a host id: that of the storage domain, or that of the agents' lockspace.
    #[must_use]
    pub fn holds_ids(&self) -> bool {
        self.lockspace.is_some() || self.holds_domain()
    }

    /// Whether its sanlock holds the host id of the storage domain.
    #[must_use]
    pub fn holds_domain(&self) -> bool {
        self.connected && !self.expired
    }

    /// Whether its vdsm answers.
    #[must_use]
    pub fn answers(&self) -> bool {
        self.daemons.vdsm && !self.troubles.halted.vdsm
    }

    /// Whether its sanlock answers.
    #[must_use]
    pub fn has_sanlock(&self) -> bool {
        self.daemons.sanlock && !self.troubles.sanlock
    }

    /// Seconds since it was booted.
    #[must_use]
    pub fn monotonic(&self, now: Instant) -> u64 {
        self.booted.map_or(0, |booted| now.since(booted).as_secs())
    }

    /// Looks at the storage: whose timestamp has changed.
    pub fn look(&mut self, storage: &Storage, now: Instant) {
        for (id, block) in storage.blocks.iter().filter(|(_, block)| !block.corrupt) {
            let first = Seen { timestamp: block.timestamp, changed: now };
            let seen = self.seen.entry(*id).or_insert(first);
            if seen.timestamp != block.timestamp {
                *seen = first;
            }
        }
    }

    /// Whether a host counts as alive here: its timestamp has changed not long ago.
    #[must_use]
    pub fn sees_alive(&self, id: HostId, now: Instant) -> bool {
        let watched = id == self.id || now.since(self.agent.since) >= super::ALIVE;
        let fresh = self.seen.get(&id).is_some_and(|seen| now.since(seen.changed) <= super::ALIVE);
        watched && fresh
    }

    /// Something about it has changed from outside.
    pub fn suffer(&mut self, storage: &mut Storage, troubles: Troubles, now: Instant, out: &mut Vec<Effect>) {
        let renewed = self.renews();
        if troubles.halted.broker && !self.troubles.halted.broker && self.daemons.broker {
            self.log.say(now, Said::Silent);
        }
        self.troubles = troubles;
        if self.booted.is_none() {
            return;
        }
        for domain in self.domains.values_mut() {
            domain.life = match (domain.life, troubles.storage) {
                (Life::Running, true) => Life::Paused(true),
                (Life::Paused(true), false) => Life::Running,
                (life, _) => life,
            };
        }
        self.renewing(renewed, storage, now, out);
    }

    /// Whether sanlock renews its leases may have changed: `before` is whether it did. What is held goes on, or falls silent;
    /// what is not held any more is free.
    fn renewing(&mut self, before: bool, storage: &mut Storage, now: Instant, out: &mut Vec<Effect>) {
        match (before, self.renews()) {
            (true, false) => {
                self.turns += 1;
                storage.fall_silent(self.id, now);
                storage.hear(self.machine, Some(now));
                if self.daemons.sanlock && self.holds_ids() {
                    self.log.say(now, Said::Lease(self.monotonic(now), Renewal::Stops(self.has_sanlock())));
                }
                out.push(Effect::After(self.id, RENEWAL_FAILS, Event::RenewalFails(self.turns)));
                out.push(Effect::After(self.id, WATCHDOG, Event::Watchdog(self.turns)));
            }
            (false, true) => {
                self.turns += 1;
                storage.hear(self.machine, None);
                if self.lockspace.is_some() || self.expired {
                    self.log.say(now, Said::Lease(self.monotonic(now), Renewal::GoesOn(self.expired)));
                }
                // vdsm asks for the host id again as soon as it reaches the storage.
                self.expired = false;
                if self.holds_engine() { storage.renew(self.id) } else { storage.release(self.id) }
            }
            _ => {}
        }
    }

    /// Sanlock has not renewed for too long: it ends what holds leases and gives up the host ids, or the watchdog resets a host
    /// where it cannot: one that holds a host id or runs the Manager, whoever disconnected its storage meanwhile.
    pub fn give_up(&mut self, last: bool, storage: &mut Storage, now: Instant, out: &mut Vec<Effect>) {
        let works = self.has_sanlock();
        if works {
            if !last && self.holds_ids() {
                let pid = self.engine().filter(|domain| domain.life.holds()).map(|domain| domain.process.pid);
                self.log.say(now, Said::Lease(self.monotonic(now), Renewal::GivesUp(pid)));
            }
            self.end_engine(storage, Exit::Ended, now, out);
            (self.lockspace, self.expired) = (None, self.connected);
        } else if last && (self.holds_ids() || self.holds_engine()) {
            out.push(Effect::Reset(self.id));
        }
    }

    /// Which daemons run has changed; those that stopped did so in order if `orderly`.
    pub fn run(&mut self, storage: &mut Storage, daemons: Daemons, orderly: bool, now: Instant, out: &mut Vec<Effect>) {
        let before = self.daemons;
        if before.agent && !daemons.agent {
            self.log.say(now, Said::Ended);
            if orderly && before.broker && self.renews() {
                super::agent::post(self, storage, true, now);
            }
        }
        if before.broker && !daemons.broker {
            self.log.say(now, Said::Silent);
        }
        let renewed = self.renews();
        if before.sanlock && !daemons.sanlock && orderly {
            self.end_engine(storage, Exit::Ended, now, out);
            self.daemons.sanlock = false;
            storage.part(self.machine);
        }
        if !daemons.sanlock {
            self.lockspace = None;
        }
        let renewed = renewed && self.renews();
        self.daemons = daemons;
        self.renewing(renewed, storage, now, out);
        if !before.agent && daemons.agent {
            self.log.say(now, Said::Began);
            let generation = self.agent.generation + 1;
            self.agent = Agent { health: self.agent.health, ..Agent::new(generation, now) };
            out.push(Effect::After(self.id, FIRST_PASS, Event::Loop(generation)));
        }
    }

    /// It has lost power, or its kernel has come to its end in order.
    pub fn lose_power(&mut self, storage: &mut Storage, orderly: bool, now: Instant, out: &mut Vec<Effect>) {
        if self.booted.is_none() {
            return;
        }
        if self.daemons.broker {
            self.log.say(now, Said::Silent);
        }
        if !orderly {
            self.daemons.sanlock = false;
        }
        self.end_engine(storage, Exit::Ended, now, out);
        if orderly {
            storage.part(self.machine);
        } else {
            storage.hear(self.machine, Some(now));
        }
        (self.connected, self.lockspace, self.expired) = (false, None, false);
        self.domains.clear();
        self.spawned.clear();
        self.seen.clear();
        self.booted = None;
        self.turns += 1;
        self.agent.generation += 1;
        self.daemons = Daemons::default();
        (self.probes, self.load, self.processes) = (0, IDLE, 0);
    }
}
