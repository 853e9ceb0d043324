//! The HA agent: what it does in one pass of its loop (reference `hosted-engine.md` 3). It knows its own host and what it
//! reads from the storage, nothing else.

use serde::{Deserialize, Serialize};

use super::health::{Health, VmStatus};
use super::host::Host;
use super::log::{Mail, Round, Said};
use super::state::State;
use super::storage::{Block, Storage};
use super::{ALIVE, Effect, Event, HostId, Instant, PERIOD, Span};

/// So much better another host must be to get the virtual machine.
const BETTER: u32 = 800;
/// Failed starts are forgotten after this.
const RETRIES_LAST: Span = Span::secs(600);
/// No pass goes through more states than this.
const PASSES: usize = 12;

/// What an agent keeps in memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Agent {
    /// Where it stands.
    pub state: State,
    /// Since when.
    pub entered: Instant,
    /// Since when it watches the storage.
    pub since: Instant,
    /// Counts its lives: a loop of one before goes no further.
    pub generation: u32,
    /// How many starts failed lately.
    pub retries: u32,
    /// When one failed last.
    pub failed: Option<Instant>,
    /// What its broker said last.
    pub health: Health,
    /// The score that it posted last.
    pub score: u32,
}

impl Agent {
    /// An agent that has just begun.
    #[must_use]
    pub fn new(generation: u32, now: Instant) -> Self {
        Self {
            state: State::StartState,
            entered: now,
            since: now,
            generation,
            retries: 0,
            failed: None,
            health: Health::Unknown,
            score: 0,
        }
    }
}

/// What an agent makes of the other hosts' blocks.
#[derive(Clone, Copy, Default)]
struct Others {
    best: Option<(HostId, u32)>,
    running: Option<HostId>,
    good: bool,
    /// Whose block cannot be read.
    malformed: Option<HostId>,
}

impl Others {
    fn read(host: &Host, storage: &Storage, now: Instant) -> Self {
        let mut others = Self::default();
        for (id, block) in &storage.blocks {
            if block.corrupt {
                others.malformed = others.malformed.or(Some(*id));
            }
            if *id == host.id || block.corrupt || !host.sees_alive(*id, now) {
                continue;
            }
            if !block.stopped && others.best.is_none_or(|(_, score)| block.score > score) {
                others.best = Some((*id, block.score));
            }
            if block.health.is_up() {
                others.running = others.running.or(Some(*id));
                others.good |= matches!(block.health, Health::Good(_));
            }
        }
        others
    }
}

/// Whether the next state is looked at in the same pass.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Pace {
    Wait,
    NoWait,
}

/// A pass of the loop: from the probes to the block of metadata.
pub fn pass(host: &mut Host, storage: &mut Storage, generation: u32, now: Instant, out: &mut Vec<Effect>) {
    if host.agent.generation != generation || !host.daemons.agent {
        return;
    }
    if host.troubles.halted.agent || host.daemons.broker && host.troubles.halted.broker {
        // It stands still, or waits for one that does.
        return out.push(Effect::After(host.id, PERIOD, Event::Loop(generation)));
    }
    if host.log.turn(now) {
        out.push(Effect::Turn(host.id));
    }
    host.probe();
    let entered = match (host.daemons.broker, host.renews()) {
        (true, true) if host.has_entered() => Ok(host.id),
        (true, true) => host.enter(storage, now, out).map_err(Said::Misfit),
        (true, false) => {
            let mut round = Round::of(host, storage);
            round.found.health = host.health(&storage.engine);
            Err(Said::NoStorage(round))
        }
        (false, _) => Err(Said::NoBroker),
    };
    let number = entered.unwrap_or(host.id);
    out.push(Effect::After(number, PERIOD, Event::Loop(generation)));
    if number != host.id {
        // It goes on under its new number.
        return;
    }
    if let Err(trouble) = entered {
        // The real one ends and is started again until it can go on.
        host.log.say(now, trouble);
        host.agent = Agent { health: host.agent.health, ..Agent::new(generation, now) };
        return;
    }
    host.look(storage, now);
    host.agent.health = host.health(&storage.engine);
    if host.agent.failed.is_some_and(|failed| now.since(failed) > RETRIES_LAST) {
        (host.agent.retries, host.agent.failed) = (0, None);
    }
    let others = Others::read(host, storage, now);
    if let Some(id) = others.malformed {
        host.log.say(now, Said::Malformed(id));
    }
    host.agent.score = host.score(&storage.engine, host.agent.state);
    for _ in 0..PASSES {
        let before = host.agent.state;
        let (next, pace) = consume(host, storage, others, now, out);
        if next != before {
            host.log.say(now, Said::Changed(before, next, Mail::about(before, next, storage, host.mailer)));
            (host.agent.state, host.agent.entered) = (next, now);
        }
        if pace == Pace::Wait {
            break;
        }
        // What was done has changed where the virtual machine is.
        host.agent.health = host.health(&storage.engine);
    }
    let state = host.agent.state;
    host.agent.score = host.score(&storage.engine, state);
    let round = Round { best: others.best, running: others.running, ..Round::of(host, storage) };
    host.log.say(now, Said::Loop(round));
    post(host, storage, false, now);
}

/// Writes the host's block.
pub fn post(host: &mut Host, storage: &mut Storage, stopped: bool, now: Instant) {
    let agent = &host.agent;
    let state = if stopped { State::AgentStopped } else { agent.state };
    let limit = state.limit().filter(|_| state.shows_limit());
    let timestamp = host.monotonic(now);
    let block = Block {
        at: now,
        timestamp,
        score: if stopped { 0 } else { agent.score },
        health: agent.health,
        state,
        timeout: limit.map(|(span, _)| host.monotonic(agent.entered + span)),
        maintenance: host.local_maintenance,
        stopped,
        corrupt: false,
        writer: Some(host.machine),
    };
    storage.blocks.insert(host.id, block);
    let seen = super::host::Seen { timestamp, changed: now };
    host.seen.insert(host.id, seen);
}

/// One step of the machine.
fn consume(
    host: &mut Host,
    storage: &mut Storage,
    others: Others,
    now: Instant,
    out: &mut Vec<Effect>,
) -> (State, Pace) {
    use Pace::{NoWait, Wait};
    use State as S;
    let state = host.agent.state;
    if let Some((limit, next)) = state.limit()
        && now.since(host.agent.entered) >= limit
    {
        host.log.say(now, Said::TimedOut(state, next));
        return (next, NoWait);
    }
    if let Some(next) = guard(host, storage, now) {
        return next;
    }
    let health = host.agent.health;
    match state {
        S::StartState => (S::ReinitializeFSM, Wait),
        S::ReinitializeFSM if health.is_up() => (S::EngineStarting, NoWait),
        S::ReinitializeFSM => (S::EngineDown, Wait),
        S::EngineDown => engine_down(host, storage, others, now),
        S::EngineStart => engine_start(host, storage, now, out),
        S::EngineStarting => match health {
            Health::Good(_) => (S::EngineUp, Wait),
            health if health.is_up() => (S::EngineStarting, Wait),
            health if health.is_down() => (S::EngineForceStop, NoWait),
            _ => (S::EngineMaybeAway, NoWait),
        },
        S::EngineUp => engine_up(host, others, now),
        S::EngineUpBadHealth => match health {
            Health::Good(_) => (S::EngineUp, Wait),
            health if health.is_up() => (S::EngineUpBadHealth, Wait),
            // Where it has gone, EngineUp finds out (inferred).
            _ => (S::EngineUp, NoWait),
        },
        S::EngineStop => engine_stop(host, storage, now, out),
        S::EngineForceStop => {
            host.log.say(now, Said::Destroys);
            host.destroy_engine(storage, now, out);
            (S::EngineDown, Wait)
        }
        S::EngineMaybeAway => match health {
            health if health.is_down() => (S::EngineDown, Wait),
            Health::DownUnexpected(_) => (S::EngineUnexpectedlyDown, Wait),
            health if health.is_up() => (S::EngineUp, Wait),
            _ if others.running.is_some() => (S::EngineDown, Wait),
            _ => (S::EngineMaybeAway, Wait),
        },
        S::EngineUnexpectedlyDown => (S::EngineUnexpectedlyDown, Wait),
        S::LocalMaintenanceMigrateVm => migrate(host, others, now, out),
        S::EngineMigratingAway => match health {
            Health::Good(VmStatus::MigrationSource) | Health::BadPage(VmStatus::MigrationSource) => {
                (S::EngineMigratingAway, Wait)
            }
            health if health.is_up() => (S::EngineStop, NoWait),
            _ => (S::EngineDown, Wait),
        },
        S::GlobalMaintenance if storage.global_maintenance => (S::GlobalMaintenance, Wait),
        S::GlobalMaintenance if host.local_maintenance => (S::LocalMaintenance, Wait),
        S::LocalMaintenance if host.local_maintenance => (S::LocalMaintenance, Wait),
        S::GlobalMaintenance | S::LocalMaintenance => (S::ReinitializeFSM, Wait),
        S::UnknownLocalVmState if health == Health::Unknown => (S::UnknownLocalVmState, Wait),
        S::UnknownLocalVmState if host.local_maintenance => (S::LocalMaintenance, Wait),
        S::UnknownLocalVmState => (S::ReinitializeFSM, NoWait),
        S::AgentStopped => unreachable!("no agent runs that has stopped"),
    }
}

/// What most states look at first: the global flag, whether vdsm answers, the local flag.
fn guard(host: &mut Host, storage: &Storage, now: Instant) -> Option<(State, Pace)> {
    use State as S;
    let state = host.agent.state;
    if matches!(state, S::StartState | S::GlobalMaintenance | S::LocalMaintenance) {
        return None;
    }
    if storage.global_maintenance {
        host.log.say(now, Said::Maintenance(true));
        return Some((S::GlobalMaintenance, Pace::Wait));
    }
    if state == S::UnknownLocalVmState {
        return None;
    }
    if host.agent.health == Health::Unknown {
        return Some((S::UnknownLocalVmState, Pace::Wait));
    }
    let moves = matches!(state, S::EngineMigratingAway | S::LocalMaintenanceMigrateVm);
    if !host.local_maintenance || moves {
        return None;
    }
    match state {
        // Older agents move the virtual machine away first, newer ones stay as they are.
        S::EngineUp if host.release.ha_from([2, 3, 3]) => None,
        S::EngineUp => Some((S::LocalMaintenanceMigrateVm, Pace::NoWait)),
        // What is being stopped is stopped first (inferred).
        S::EngineStop | S::EngineForceStop => None,
        _ => {
            host.log.say(now, Said::Maintenance(false));
            Some((S::LocalMaintenance, Pace::Wait))
        }
    }
}

fn engine_down(host: &Host, storage: &Storage, others: Others, now: Instant) -> (State, Pace) {
    let own = host.score(&storage.engine, State::EngineDown);
    if host.agent.health.is_up() {
        (State::EngineStarting, Pace::NoWait)
    } else if others.running.is_some() || now.since(host.agent.since) < ALIVE {
        (State::EngineDown, Pace::Wait)
    } else if others.best.is_none_or(|(_, score)| score <= own) {
        (State::EngineStart, Pace::NoWait)
    } else {
        (State::EngineDown, Pace::Wait)
    }
}

fn engine_start(host: &mut Host, storage: &Storage, now: Instant, out: &mut Vec<Effect>) -> (State, Pace) {
    let started = host.start_engine(&storage.engine, false, out);
    host.log.say(now, Said::Starts(started));
    let agent = &mut host.agent;
    if started {
        (agent.retries, agent.failed) = (0, None);
        (State::EngineStarting, Pace::Wait)
    } else {
        (agent.retries, agent.failed) = (agent.retries + 1, Some(now));
        (State::EngineDown, Pace::Wait)
    }
}

fn engine_up(host: &mut Host, others: Others, now: Instant) -> (State, Pace) {
    use Pace::{NoWait, Wait};
    use State as S;
    let health = host.agent.health;
    if matches!(health, Health::DownUnexpected(_)) {
        return (S::EngineUnexpectedlyDown, Wait);
    }
    if !health.is_up() {
        return (if host.release.ha_from([2, 4, 6]) { S::EngineMaybeAway } else { S::EngineDown }, Wait);
    }
    let good = matches!(health, Health::Good(_));
    match (others.running, good) {
        (Some(_), false) if others.good => return (S::EngineMaybeAway, NoWait),
        (Some(_), _) => return (S::EngineStop, NoWait),
        (None, false) => return (S::EngineUpBadHealth, Wait),
        (None, true) => {}
    }
    match others.best {
        Some((id, score)) if score >= host.agent.score + BETTER && host.agent.score > 0 => {
            host.log.say(now, Said::Outscored(id));
            (S::EngineStop, NoWait)
        }
        _ => (S::EngineUp, Wait),
    }
}

fn engine_stop(host: &mut Host, storage: &mut Storage, now: Instant, out: &mut Vec<Effect>) -> (State, Pace) {
    match host.agent.health {
        Health::NotYet(VmStatus::Paused) => (State::EngineForceStop, Pace::NoWait),
        health if health.is_up() => {
            host.log.say(now, Said::Stops);
            host.shut_engine_down(&mut storage.engine, out);
            (State::EngineStop, Pace::Wait)
        }
        _ => (State::EngineDown, Pace::Wait),
    }
}

fn migrate(host: &mut Host, others: Others, now: Instant, out: &mut Vec<Effect>) -> (State, Pace) {
    match others.best {
        Some((id, score)) if score > 0 => {
            host.log.say(now, Said::Migrates(id));
            out.push(Effect::Migrate(host.id, id));
            (State::EngineMigratingAway, Pace::Wait)
        }
        _ => (State::EngineStop, Pace::NoWait),
    }
}
