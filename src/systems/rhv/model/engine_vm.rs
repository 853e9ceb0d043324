//! The Manager's virtual machine on a host: what vdsm and the broker say of it, how it is started, and how it ends.

use super::domain::{Domain, Exit, Life, Process};
use super::health::{Health, VmStatus};
use super::host::Host;
use super::log::{Ending, Said};
use super::storage::{Engine, Guest, Storage};
use super::{Effect, Event, Instant, Span};

/// From the request to the process of the virtual machine (inferred).
const LAUNCH: Span = Span::secs(4);
/// By what name vdsm and libvirt know the Manager's virtual machine.
pub const ENGINE: &str = "HostedEngine";

impl Host {
    /// The Manager's virtual machine, if this host has it.
    #[must_use]
    pub fn engine(&self) -> Option<&Domain> {
        self.domains.get(ENGINE)
    }

    /// Whether a process of the Manager's virtual machine is here.
    #[must_use]
    pub fn holds_engine(&self) -> bool {
        self.engine().is_some_and(|domain| domain.life.holds())
    }

    /// The status of the Manager's virtual machine here, as vdsm has it.
    #[must_use]
    pub fn status(&self, engine: &Engine) -> Option<VmStatus> {
        Some(match self.engine()?.life {
            Life::Launching(_) => VmStatus::WaitForLaunch,
            Life::Paused(_) => VmStatus::Paused,
            Life::Leaving(_) => VmStatus::MigrationSource,
            Life::Arriving => VmStatus::MigrationDestination,
            Life::Down(_) => VmStatus::Down,
            Life::Running => match engine.phase {
                Guest::Booting => VmStatus::PoweringUp,
                Guest::Up if engine.asked => VmStatus::PoweringDown,
                Guest::Up => VmStatus::Up,
                Guest::Stopping(true) => VmStatus::RebootInProgress,
                Guest::Stopping(false) | Guest::Off => VmStatus::PoweringDown,
            },
        })
    }

    /// What its broker says of the Manager's virtual machine.
    #[must_use]
    pub fn health(&self, engine: &Engine) -> Health {
        if !self.answers() {
            return Health::Unknown;
        }
        let (Some(domain), Some(status)) = (self.engine(), self.status(engine)) else { return Health::Absent };
        match (domain.life, status) {
            (Life::Down(Exit::Locked), _) => Health::Locked,
            (Life::Down(Exit::Migrated), _) => Health::MigratedAway,
            (Life::Down(Exit::Ended) | Life::Arriving, status) if self.agent.health.is_down() => Health::Down(status),
            (Life::Down(Exit::Ended) | Life::Arriving, status) => Health::DownUnexpected(status),
            (Life::Launching(_) | Life::Paused(_), status) | (_, status @ VmStatus::PoweringUp) => {
                Health::NotYet(status)
            }
            (_, status) if engine.serves => Health::Good(status),
            (_, status) => Health::BadPage(status),
        }
    }

    /// Asks vdsm for the Manager's virtual machine, in place of one that is down. `false` when that cannot be.
    pub fn start_engine(&mut self, engine: &Engine, paused: bool, out: &mut Vec<Effect>) -> bool {
        if !self.answers() || !self.renews() || self.troubles.launch {
            return false;
        }
        self.started += 1;
        let (life, process) = (Life::Launching(paused), Process::default());
        let domain = Domain { life, memory: engine.memory, serial: self.started, process };
        self.domains.insert(ENGINE.to_owned(), domain);
        out.push(Effect::After(self.id, LAUNCH, Event::Launch(self.started)));
        true
    }

    /// The process of the Manager's virtual machine begins, if the disk can be had.
    pub fn launch(&mut self, storage: &mut Storage, serial: u32, now: Instant, out: &mut Vec<Effect>) {
        let can = self.renews();
        let id = self.id;
        let Some(domain) = self.engine().filter(|domain| domain.serial == serial) else { return };
        let Life::Launching(paused) = domain.life else { return };
        let process = self.make_process();
        let Some(domain) = self.domains.get_mut(ENGINE) else { return };
        domain.process = process;
        domain.life = match (can && storage.acquire(id, now), paused) {
            (false, _) if can => Life::Down(Exit::Locked),
            (false, _) => Life::Down(Exit::Ended),
            (true, true) => {
                self.log.say(now, Said::Process(None));
                Life::Paused(false)
            }
            (true, false) => {
                self.log.say(now, Said::Process(None));
                (storage.engine.phase, storage.engine.asked) = (Guest::Booting, false);
                out.push(Effect::PowerOnGuest);
                Life::Running
            }
        };
    }

    /// Asks the guest to go down. `false` when it is not here.
    pub fn shut_engine_down(&self, engine: &mut Engine, out: &mut Vec<Effect>) -> bool {
        if let Some(domain) = self.engine()
            && domain.life == Life::Running
            && !engine.asked
        {
            engine.asked = true;
            out.push(Effect::ShutDownGuest);
        }
        self.engine().is_some()
    }

    /// Takes the Manager's virtual machine away. `false` when it is not here.
    pub fn destroy_engine(&mut self, storage: &mut Storage, now: Instant, out: &mut Vec<Effect>) -> bool {
        let here = self.engine().is_some();
        self.end_engine(storage, Exit::Ended, now, out);
        self.domains.remove(ENGINE);
        here
    }

    /// The process of the Manager's virtual machine ends.
    pub fn end_engine(&mut self, storage: &mut Storage, exit: Exit, now: Instant, out: &mut Vec<Effect>) {
        let Some(domain) = self.domains.get_mut(ENGINE) else { return };
        let held = domain.life.holds();
        domain.life = Life::Down(exit);
        if !held {
            return;
        }
        let ending = match exit {
            Exit::Migrated => Ending::Migrated,
            _ if storage.engine.phase == Guest::Off => Ending::Shutdown,
            _ => Ending::Destroyed,
        };
        self.log.say(now, Said::Process(Some(ending)));
        if exit == Exit::Ended && storage.engine.phase != Guest::Off {
            (storage.engine.phase, storage.engine.serves) = (Guest::Off, false);
            out.push(Effect::CutGuest);
        }
        if self.renews() {
            storage.release(self.id);
        } else {
            storage.fall_silent(self.id, now);
        }
    }
}
