//! The cluster without a lab around it: a queue, a guest that boots, hosts that lose power. Each state is reached from its
//! cause, and random histories keep what must always hold.

mod random;
mod states;
mod table;

use std::collections::BTreeMap;

use super::*;
use crate::sim::Queue;

/// What can be due in a bench.
#[derive(Clone, Copy, Debug)]
enum Due {
    Host(HostId, Event),
    Boots(HostId),
    /// The guest comes so far; which of its lives that is.
    Guest(u32, Guest, bool),
}

/// A cluster on a bench.
struct Bench {
    cluster: Cluster,
    queue: Queue<Due>,
    now: Instant,
    life: u32,
    /// Whether the engine does not come up in the guest.
    dead_engine: bool,
    /// What was looked at last of each agent's log.
    looked: BTreeMap<HostId, Instant>,
}

const BOOT: Span = Span::secs(90);
const DAEMONS: Daemons = Daemons { agent: true, broker: true, vdsm: true, sanlock: true };

impl Bench {
    /// Hosts that are up, with the virtual machine on the first.
    fn new(hosts: u32, product: &str) -> Self {
        let now = Instant::parse("2021-03-14T20:00:00Z").expect("a time");
        let release = Release::find(product).expect("a release");
        let mut bench = Self {
            cluster: cluster(hosts, release, now),
            queue: Queue::default(),
            now,
            life: 0,
            dead_engine: false,
            looked: BTreeMap::new(),
        };
        for id in 1..=hosts {
            bench.start(id);
        }
        let mut out = Vec::new();
        bench.cluster.with(1, |host, storage| host.start_engine(&storage.engine, false, &mut out));
        bench.apply(out);
        bench.pass(Span::secs(600));
        assert_eq!(bench.state(1), State::EngineUp);
        bench
    }

    fn change(&mut self, id: HostId, change: impl FnOnce(&mut Host, &mut Storage, Instant, &mut Vec<Effect>)) {
        let (mut out, now) = (Vec::new(), self.now);
        self.cluster.with(id, |host, storage| change(host, storage, now, &mut out));
        self.apply(out);
    }

    fn start(&mut self, id: HostId) {
        self.change(id, |host, storage, now, out| {
            host.booted = Some(now);
            host.run(storage, DAEMONS, true, now, out);
        });
    }

    fn daemons(&mut self, id: HostId, daemons: Daemons, orderly: bool) {
        self.change(id, |host, storage, now, out| {
            if host.booted.is_some() {
                host.run(storage, daemons, orderly, now, out);
            }
        });
    }

    fn suffer(&mut self, id: HostId, troubles: Troubles) {
        self.change(id, |host, storage, now, out| host.suffer(storage, troubles, now, out));
    }

    fn crash(&mut self, id: HostId) {
        self.change(id, |host, storage, now, out| host.lose_power(storage, false, now, out));
    }

    fn guest(&mut self, phase: Guest, serves: bool) {
        let out = self.cluster.guest(phase, serves, self.now);
        self.apply(out);
    }

    fn later(&mut self, span: Span, due: Due) {
        self.queue.schedule(self.now + span, due);
    }

    fn apply(&mut self, effects: Vec<Effect>) {
        let effects = self.cluster.settle(effects);
        for effect in effects {
            match effect {
                Effect::After(id, span, event) => self.later(span, Due::Host(id, event)),
                Effect::PowerOnGuest => {
                    self.life += 1;
                    self.later(Span::secs(30), Due::Guest(self.life, Guest::Up, false));
                    if !self.dead_engine {
                        self.later(Span::secs(100), Due::Guest(self.life, Guest::Up, true));
                    }
                }
                Effect::CutGuest => self.life += 1,
                Effect::ShutDownGuest => {
                    self.later(Span::secs(120), Due::Guest(self.life, Guest::Stopping(false), false));
                    self.later(Span::secs(130), Due::Guest(self.life, Guest::Off, false));
                }
                Effect::Turn(_) => {}
                Effect::Reset(id) => {
                    self.crash(id);
                    self.later(BOOT, Due::Boots(id));
                }
                Effect::Migrate(..) | Effect::Renumber(..) => unreachable!("the cluster settles that"),
            }
        }
    }

    fn pass(&mut self, span: Span) {
        let end = self.now + span;
        while let Some(at) = self.queue.next_at().filter(|at| *at <= end) {
            self.now = at;
            let Some(due) = self.queue.pop_due(at) else { break };
            match due {
                Due::Host(id, event) => {
                    let out = self.cluster.happen(id, event, at);
                    self.apply(out);
                }
                Due::Boots(id) if self.host(id).booted.is_none() => self.start(id),
                Due::Boots(_) => {}
                Due::Guest(life, phase, serves) if life == self.life => {
                    if phase == Guest::Off {
                        self.life += 1;
                    }
                    self.guest(phase, serves);
                }
                Due::Guest(..) => {}
            }
            self.check();
        }
        self.now = end;
        self.check_steps();
    }

    fn host(&self, id: HostId) -> &Host {
        self.cluster.host(id).expect("a host")
    }

    fn state(&self, id: HostId) -> State {
        self.host(id).agent.state
    }

    /// What must hold at every moment.
    fn check(&self) {
        let holders: Vec<HostId> =
            self.cluster.hosts.iter().filter(|host| host.holds_engine()).map(|host| host.id).collect();
        assert!(holders.len() <= 1, "two virtual machines with one disk: {holders:?}");
        if let Some(holder) = holders.first() {
            assert_eq!(self.cluster.storage.holder(), Some(*holder), "it runs without the lease");
        }
        for host in &self.cluster.hosts {
            assert!(host.booted.is_some() || host.domains.is_empty(), "{} is off and has virtual machines", host.id);
            assert_ne!(host.agent.state, State::AgentStopped);
        }
    }

    /// No agent takes a step that the reference does not have.
    fn check_steps(&mut self) {
        for host in &self.cluster.hosts {
            let looked = self.looked.insert(host.id, self.now);
            // What was said at the moment that was looked at last is looked at again: more may have been said since.
            for log::Entry { at, what, .. } in host.log.parts().flat_map(|part| &part.entries) {
                if looked.is_none_or(|looked| *at >= looked)
                    && let log::Said::Changed(from, to, _) = what
                {
                    assert!(table::has(*from, *to), "{from} is never followed by {to}");
                }
            }
        }
    }

    fn healthy(&self) -> bool {
        let up = |host: &Host| host.agent.state == State::EngineUp && host.agent.health.health() == "good";
        let settled = |host: &Host| matches!(host.agent.state, State::EngineUp | State::EngineDown);
        self.cluster.engine_host().is_some_and(up) && self.cluster.hosts.iter().all(settled)
    }
}

fn cluster(hosts: u32, release: Release, now: Instant) -> Cluster {
    let engine = Engine {
        vmid: "vm".to_owned(),
        fqdn: "manager.example.com".to_owned(),
        memory: 16_384,
        guest: 0,
        phase: Guest::Off,
        serves: false,
        asked: false,
    };
    let host = |id| Host::new(id, &format!("host{id}.example.com"), id as usize, release, 65_536, now);
    Cluster {
        hosts: (1..=hosts).map(host).collect(),
        storage: Storage {
            blocks: Default::default(),
            global_maintenance: false,
            lease: None,
            engine,
            settings: Default::default(),
            made: Default::default(),
            ids: Default::default(),
        },
    }
}
