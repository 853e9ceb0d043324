//! What is to be started and stopped next: one service starts at a time, as soon as what it needs runs.
//!
//! vMon takes down with a service what stands on it (inferred from the dependencies that it lists); the operating system does
//! not (captured: a directory service that is stopped alone).

use super::{Definition, MONITOR, Services, Startup, State};

impl Services {
    /// All that start by themselves are to be started.
    pub fn begin_boot(&mut self) {
        let automatic = self.slots().filter(|(_, slot)| slot.startup == Startup::Automatic);
        self.queue = automatic.map(|(definition, _)| definition.name).collect();
    }

    /// Nothing more is to be started.
    pub fn forget_starts(&mut self) {
        self.queue.clear();
    }

    /// These are to be started next, in this order.
    pub fn put_first(&mut self, wanted: &[&'static str]) {
        self.forget_start(wanted);
        self.queue.splice(0..0, wanted.iter().copied());
    }

    /// These are not to be started.
    pub fn forget_start(&mut self, names: &[&'static str]) {
        self.queue.retain(|waiting| !names.contains(waiting));
    }

    /// Whether something is still to be done with a service.
    #[must_use]
    pub fn is_busy(&self, name: &str) -> bool {
        self.queue.contains(&name) || matches!(self.state(name), State::StartPending | State::StopPending)
    }

    /// Whether nothing is to be done with any of them.
    #[must_use]
    pub fn is_settled(&self) -> bool {
        let moves = |(_, state)| matches!(state, State::StartPending | State::StopPending);
        self.queue.is_empty() && !self.iter().any(moves)
    }

    /// A service with all that it needs and that does not run, in start order: what a running one needs may be down, too.
    #[must_use]
    pub fn with_needs(&self, name: &str) -> Vec<&'static Definition> {
        let mut wanted = vec![name];
        for definition in self.definitions().iter().rev() {
            if wanted.contains(&definition.name) {
                wanted.extend(&definition.needs);
            }
        }
        let asked = |definition: &&Definition| wanted.contains(&definition.name) && !self.runs(definition.name);
        self.definitions().iter().filter(asked).collect()
    }

    /// A service with all that goes down with it, in the order in which they stop.
    #[must_use]
    pub fn with_dependants(&self, name: &str) -> Vec<&'static Definition> {
        let mut going = vec![name];
        for definition in self.definitions().iter().filter(|definition| definition.vmon().is_some()) {
            let monitored = |need: &&str| *need == MONITOR || self.find(need).is_some_and(|need| need.vmon().is_some());
            if definition.needs.iter().filter(|need| monitored(need)).any(|need| going.contains(need)) {
                going.push(definition.name);
            }
        }
        self.definitions().iter().rev().filter(|definition| going.contains(&definition.name)).collect()
    }

    /// The next one of the queue that can start now; those that cannot any more leave the queue.
    pub fn take_next(&mut self) -> Option<&'static Definition> {
        if self.iter().any(|(_, state)| state == State::StartPending) {
            return None;
        }
        let mut at = 0;
        while let Some(name) = self.queue.get(at) {
            let definition = self.definitions().iter().find(|definition| definition.name == *name)?;
            let runs = |need: &&str| self.runs(need);
            let comes = |need: &&str| self.runs(need) || self.queue.contains(need);
            match self.state(name) {
                State::StopPending => at += 1,
                State::Stopped | State::Failed if definition.needs.iter().all(runs) => {
                    self.queue.remove(at);
                    return Some(definition);
                }
                State::Stopped | State::Failed if definition.needs.iter().all(comes) => at += 1,
                // It runs, or something that it needs stays down. Others may have waited for it: from the beginning.
                _ => {
                    self.queue.remove(at);
                    at = 0;
                }
            }
        }
        None
    }
}
