//! Services start and stop: at boot, when somebody asks, when something goes wrong. Whoever asks does not wait here; what
//! becomes of it shows in the states, over virtual time.
//!
//! Order and company: `services/plan.rs`.

use super::events::SERVICE_START;
use super::model::{Event, Phase, Update, Vcsa};
use super::services::{
    APPLIANCE_MANAGEMENT, DATABASE, Definition, MONITOR, Manager, Profile, Services, Slot, Startup, State, VCENTER,
};
use super::{logs, psc, update_files};
use crate::sim::{Instant, Span};
use crate::systems::linux::model::Process;
use crate::systems::linux::model::unit::{self, Active, End};
use crate::world::{Happening, MachineId, World};

/// So long vCenter Server lasts without its database.
const LAST_WORDS: Span = Span::secs(2);

impl Vcsa {
    /// Puts a service into a state from `now` on; its process comes and goes with it.
    pub fn turn(&mut self, name: &str, state: State, now: Instant) {
        let Some(definition) = self.services.definitions().iter().find(|definition| definition.name == name) else {
            return;
        };
        let Some(Slot { state: before, pid: had, .. }) = self.services.slot(name).copied() else { return };
        let pid = match state {
            State::StartPending | State::Running | State::StopPending => {
                Some(had.unwrap_or_else(|| self.start_process(definition, now)))
            }
            State::Stopped | State::Failed => {
                had.and_then(|pid| self.linux.processes.remove(pid));
                None
            }
        };
        self.services.turn(name, state, pid, now);
        if before != state || had.is_none() && pid.is_some() {
            logs::note(self, definition, state, pid.or(had), now);
        }
    }

    fn start_process(&mut self, definition: &Definition, now: Instant) -> u32 {
        let parent = match definition.manager {
            Manager::Vmon(_) => MONITOR,
            // The service manager of Likewise starts vmafdd, vmdird, vmcad and vmdnsd.
            Manager::Core if ["vmafdd", "vmdird", "vmcad", "vmdnsd"].contains(&definition.name) => "lwsmd",
            _ => "",
        };
        let parent = self.services.slot(parent).and_then(|slot| slot.pid).unwrap_or(1);
        let uid = self.linux.user(definition.user).map_or(0, |user| user.uid);
        let unit = unit_of(definition);
        self.linux.processes.start(Process::daemon(parent, uid, definition.command, Some(&unit), now))
    }

    /// The processes of an appliance that has been up since `boot`: one service came up after the other.
    pub fn have_started(&mut self, boot: Instant) {
        let mut at = boot;
        for definition in self.services.definitions() {
            if self.services.runs(definition.name) {
                self.turn(definition.name, State::StartPending, at);
                self.turn(definition.name, State::Running, at + start_span(definition));
                at += Span::secs(definition.start_secs);
            }
        }
    }
}

/// No service is up on the stroke of a second: a part of one that depends on its name.
fn fraction(name: &str) -> Span {
    let sum: u64 = name.bytes().map(u64::from).sum();
    Span::micros(sum * 7_919 % 1_000_000)
}

/// How long the start of a service takes: about the seconds of its definition.
fn start_span(definition: &Definition) -> Span {
    match definition.start_secs.checked_sub(1) {
        None => Span::ZERO,
        Some(secs) => Span::secs(secs) + Span::millis(500) + fraction(definition.name),
    }
}

/// The unit that a service belongs to: its own, or that of vMon.
#[must_use]
pub fn unit_of(definition: &Definition) -> String {
    let name = if definition.vmon().is_some() { MONITOR } else { definition.name };
    format!("{name}.service")
}

/// Starts what can start now.
pub fn go_on(world: &mut World, id: MachineId) {
    let now = world.now;
    let vcsa = world.vcsa_mut(id);
    let Some(next) = vcsa.services.take_next() else { return };
    vcsa.turn(next.name, State::StartPending, now);
    world.after(id, start_span(next), Event::ServiceStarted(next.name.to_owned()));
}

/// A start has come to its end, one way or the other.
pub fn has_started(world: &mut World, id: MachineId, name: &str) {
    // A service that was stopped on its way up does not come up.
    if world.vcsa(id).services.state(name) != State::StartPending {
        return;
    }
    let vcsa = world.vcsa(id);
    // Half of an update does not make a vCenter that starts (inferred).
    let torn = name == VCENTER && vcsa.update == Update::Interrupted;
    let disabled = vcsa.services.slot(name).is_some_and(|slot| slot.startup == Startup::Disabled);
    let masked = vcsa.linux.is_masked(&format!("{name}.service"));
    let definition = vcsa.services.definitions().iter().find(|definition| definition.name == name);
    let alone = definition.is_some_and(|definition| psc::is_missed_by(world, id, definition));
    let services = &world.vcsa(id).services;
    let without = name == VCENTER && services.find(DATABASE).is_some() && !services.runs(DATABASE);
    let failed = world.strikes(id, SERVICE_START, name) || torn || disabled || masked || alone || without;
    let now = world.now;
    let vcsa = world.vcsa_mut(id);
    vcsa.turn(name, if failed { State::Failed } else { State::Running }, now);
    if name == APPLIANCE_MANAGEMENT && !failed {
        update_files::recall(vcsa, now);
    }
    go_on(world, id);
}

/// Asks for a service to be started, and before it all that it needs.
pub fn ask_start(world: &mut World, id: MachineId, name: &str) {
    let services = &mut world.vcsa_mut(id).services;
    let wanted = names(&services.with_needs(name));
    services.put_first(&wanted);
    go_on(world, id);
}

fn names(definitions: &[&'static Definition]) -> Vec<&'static str> {
    definitions.iter().map(|definition| definition.name).collect()
}

/// Asks for a service to be stopped, and before it what vMon takes down with it.
pub fn ask_stop(world: &mut World, id: MachineId, name: &str) {
    let now = world.now;
    let services = &mut world.vcsa_mut(id).services;
    let going = services.with_dependants(name);
    services.forget_start(&names(&going));
    let mut span = Span::ZERO;
    for definition in going {
        let vcsa = world.vcsa_mut(id);
        match vcsa.services.state(definition.name) {
            State::Running => {
                span = span + Span::secs(definition.stop_secs);
                begin_stop(world, id, definition, span);
            }
            State::StartPending => {
                vcsa.turn(definition.name, State::Stopped, now);
                world.queue.cancel_all(|event| {
                    let start =
                        matches!(&event.what, Happening::Vcsa(Event::ServiceStarted(name)) if name == definition.name);
                    event.machine == id && start
                });
            }
            State::Failed => vcsa.turn(definition.name, State::Stopped, now),
            State::Stopped | State::StopPending => {}
        }
    }
    go_on(world, id);
}

/// A service begins to stop, and is down after a while, whoever waits for it.
pub fn begin_stop(world: &mut World, id: MachineId, definition: &Definition, span: Span) {
    let now = world.now;
    world.vcsa_mut(id).turn(definition.name, State::StopPending, now);
    world.after(id, span, Event::ServiceStopped(definition.name.to_owned()));
    lose_database(world, id, definition);
}

/// Where nothing takes vCenter Server down before its database, it goes by itself, without which it cannot be, and nothing
/// brings it back (inferred).
fn lose_database(world: &mut World, id: MachineId, gone: &Definition) {
    let services = &world.vcsa(id).services;
    let lost = gone.name == DATABASE && gone.vmon().is_none() && services.runs(VCENTER);
    if let Some(vcenter) = services.find(VCENTER).filter(|_| lost) {
        begin_stop(world, id, vcenter, LAST_WORDS);
    }
}

/// Asks for a service to be stopped and started again, with those that ran and go down with it.
pub fn restart(world: &mut World, id: MachineId, name: &str) {
    let services = &world.vcsa(id).services;
    let again = |definition: &&Definition| definition.name == name || services.runs(definition.name);
    let mut again = names(&services.with_dependants(name).into_iter().filter(again).collect::<Vec<_>>());
    again.reverse();
    ask_stop(world, id, name);
    let services = &mut world.vcsa_mut(id).services;
    let mut wanted = names(&services.with_needs(name));
    wanted.retain(|need| *need != name);
    wanted.extend(again);
    services.put_first(&wanted);
    go_on(world, id);
}

/// Asks for vMon and the services of a profile.
pub fn start_profile(world: &mut World, id: MachineId, profile: Profile) {
    let services = &mut world.vcsa_mut(id).services;
    let mut wanted = services.in_profile(profile);
    wanted.insert(0, MONITOR);
    services.put_first(&wanted);
    go_on(world, id);
}

/// Asks for the services of a profile to be stopped; with all of them goes vMon itself.
pub fn stop_profile(world: &mut World, id: MachineId, profile: Profile) {
    let going = match profile {
        Profile::All => vec![MONITOR],
        profile => world.vcsa(id).services.in_profile(profile),
    };
    for name in going.into_iter().rev() {
        ask_stop(world, id, name);
    }
}

/// The service behind a unit of its own.
fn of_unit(services: &Services, unit: &str) -> Option<&'static Definition> {
    let name = unit.strip_suffix(".service")?;
    services.definitions().iter().find(|it| it.name == name && has_unit(it))
}

/// Whether a service has a unit of its own: vMon's have none, but for appliance management (inferred).
#[must_use]
pub fn has_unit(definition: &Definition) -> bool {
    definition.vmon().is_none() || definition.name == APPLIANCE_MANAGEMENT
}

/// The state of a service as systemd sees it.
#[must_use]
pub fn unit_state(world: &World, id: MachineId, unit: &str) -> Option<unit::State> {
    let vcsa = world.vcsa(id);
    let definition = of_unit(&vcsa.services, unit)?;
    let slot = vcsa.services.slot(definition.name)?;
    let (active, end) = match slot.state {
        State::Stopped => (Active::Inactive, End::Success),
        State::StartPending => (Active::Activating, End::Success),
        State::Running => (Active::Active, End::Success),
        State::StopPending => (Active::Deactivating, End::Success),
        State::Failed => (Active::Failed, End::Exit(1)),
    };
    let waits = active == Active::Inactive && vcsa.services.is_busy(definition.name);
    Some(unit::State {
        active: if waits { Active::Activating } else { active },
        since: slot.since,
        main_pid: slot.pid,
        end,
        ..unit::State::default()
    })
}

/// Asks for a service through its unit; `false` when the unit is none of a service's.
pub fn ask_unit(world: &mut World, id: MachineId, unit: &str, start: bool) -> bool {
    let Some(definition) = of_unit(&world.vcsa(id).services, unit) else { return false };
    match (start, definition.name) {
        (true, MONITOR) => start_profile(world, id, Profile::All),
        (true, name) => ask_start(world, id, name),
        (false, name) => ask_stop(world, id, name),
    }
    true
}

/// A signal has killed a process: its service is down. vMon starts what it watches again, and takes it with it when it is
/// killed itself (inferred). `false` when the process is none of a service's.
pub fn has_died(world: &mut World, id: MachineId, pid: u32) -> bool {
    let now = world.now;
    let vcsa = world.vcsa_mut(id);
    let Some(definition) = vcsa.services.slots().find(|(_, slot)| slot.pid == Some(pid)).map(|(it, _)| it) else {
        return false;
    };
    vcsa.turn(definition.name, State::Stopped, now);
    if definition.name == MONITOR {
        for (other, _) in vcsa.services.iter().filter(|(other, _)| other.vmon().is_some()).collect::<Vec<_>>() {
            vcsa.turn(other.name, State::Stopped, now);
        }
    } else if definition.vmon().is_some() {
        vcsa.services.put_first(&[definition.name]);
    }
    lose_database(world, id, definition);
    go_on(world, id);
    true
}

/// A service is down that was asked to be.
pub fn has_stopped(world: &mut World, id: MachineId, name: &str) {
    let now = world.now;
    let vcsa = world.vcsa_mut(id);
    // Something else may have become of it by now; on the way down everything stops.
    if vcsa.phase == Phase::Up && vcsa.services.state(name) != State::StopPending {
        return;
    }
    vcsa.turn(name, State::Stopped, now);
    go_on(world, id);
}

/// Services that are on their way up stay down: an installation stops them.
pub fn cancel_starts(world: &mut World, id: MachineId) {
    world.vcsa_mut(id).services.forget_starts();
    world.queue.cancel_all(|event| {
        let starts = matches!(event.what, Happening::Vcsa(Event::ServiceStarted(_)));
        event.machine == id && starts
    });
}
