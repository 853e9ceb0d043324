//! Where the cluster meets the machines of the lab: what happens to a host by itself, what its daemons, its power and the faults
//! set for it mean to the cluster, and what the cluster does to the Manager's guest.

use std::sync::Arc;

use super::faults::{METADATA, troubles};
use super::model::{Cluster, Daemons, ENGINE, Effect, Event, Guest, Host, HostId, Life, Role, Storage};
use super::{faults, files};
use crate::sim::{Instant, Span};
use crate::systems::linux;
use crate::systems::linux::model::unit::{Active, End};
use crate::systems::linux::model::{self as machine, Phase, Scheduled};
use crate::world::{Happening, MachineId, System, World};

/// The units of the cluster's daemons on a host, in the order of [`Daemons`].
pub const UNITS: [&str; 4] = ["ovirt-ha-agent.service", "ovirt-ha-broker.service", "vdsmd.service", "sanlock.service"];
/// The unit of the Manager's engine.
pub const ENGINE_UNIT: &str = "ovirt-engine.service";
/// From the start of the engine's unit until its health page says so (inferred).
const SERVES: Span = Span::secs(75);
/// What vdsm gives a guest to go down.
const GRACE: Span = Span::secs(120);

/// Lets `event` happen to the host `id`.
pub fn happen(world: &mut World, id: MachineId, event: Event) {
    if event == Event::Look {
        return stirred(world, id);
    }
    let now = world.now;
    let Some(host) = host_id(world, id) else { return };
    let Some(cluster) = cluster_mut(world) else { return };
    let effects = cluster.happen(host, event, now);
    if matches!(event, Event::Loop(_)) && world.strikes(id, METADATA, "") {
        change(world, host, |_, storage, _, _| {
            if let Some(block) = storage.blocks.get_mut(&host) {
                block.corrupt = true;
            }
        });
    }
    apply(world, effects);
}

/// The number of a machine among the hosts of the cluster.
#[must_use]
pub fn host_id(world: &World, id: MachineId) -> Option<HostId> {
    world.cluster.as_ref()?.host_of(id.0).map(|host| host.id)
}

/// The cluster, to be changed.
pub fn cluster_mut(world: &mut World) -> Option<&mut Cluster> {
    world.cluster.as_mut().map(Arc::make_mut)
}

/// Changes a host of the cluster, and does what follows from it.
pub fn change<R>(
    world: &mut World,
    host: HostId,
    change: impl FnOnce(&mut Host, &mut Storage, Instant, &mut Vec<Effect>) -> R,
) -> Option<R> {
    let now = world.now;
    let mut effects = Vec::new();
    let cluster = cluster_mut(world)?;
    let result = cluster.with(host, |host, storage| change(host, storage, now, &mut effects));
    let effects = cluster.settle(effects);
    apply(world, effects);
    result
}

/// Does to the machines of the lab what follows from something in the cluster.
pub fn apply(world: &mut World, effects: Vec<Effect>) {
    for effect in effects {
        let Some(cluster) = &world.cluster else { return };
        let guest = MachineId(cluster.storage.engine.guest);
        let machine = |host| cluster.host(host).map(|host| MachineId(host.machine));
        match effect {
            Effect::After(host, span, event) => {
                if let Some(id) = machine(host) {
                    world.after(id, span, event);
                }
            }
            Effect::PowerOnGuest => linux::events::power_on(world, guest),
            Effect::CutGuest => linux::events::cut_power(world, guest),
            Effect::ShutDownGuest => ask_guest(world, guest),
            Effect::Reset(host) => {
                if let Some(id) = machine(host) {
                    cut_power(world, id);
                    linux::events::power_on(world, id);
                }
            }
            Effect::Migrate(..) => unreachable!("the cluster settles that"),
        }
    }
}

/// The guest's agent gets the order to go down in two minutes; while the guest boots nobody takes it.
fn ask_guest(world: &mut World, guest: MachineId) {
    let at = world.now + GRACE;
    if world.linux(guest).phase == Phase::Up && world.linux(guest).scheduled.is_none() {
        let ticket = world.after(guest, GRACE, machine::Event::ShutdownDue);
        let mode = "poweroff".to_owned();
        world.linux_mut(guest).scheduled = Some(Scheduled { at, again: false, mode, ticket });
    } else if world.linux(guest).phase != Phase::Up
        && let Some(cluster) = cluster_mut(world)
    {
        cluster.storage.engine.asked = false;
    }
}

/// Takes the power away from a machine. Its end is known to the cluster first, for it is no end in order.
pub fn cut_power(world: &mut World, id: MachineId) {
    match host_id(world, id) {
        Some(host) => {
            change(world, host, |host, storage, now, out| host.lose_power(storage, false, now, out));
        }
        None => {
            let holder = world.cluster.as_ref().and_then(|cluster| cluster.engine_host()).map(|host| host.id);
            if is_engine(world, id)
                && let Some(holder) = holder
            {
                change(world, holder, |host, storage, now, out| {
                    host.end_engine(storage, super::model::Exit::Ended, now, out);
                });
            }
        }
    }
    linux::events::cut_power(world, id);
}

/// Whether a machine is the guest of the Manager's virtual machine.
fn is_engine(world: &World, id: MachineId) -> bool {
    world.cluster.as_ref().is_some_and(|cluster| cluster.storage.engine.guest == id.0)
}

/// Switches a machine on. The Manager's virtual machine has no switch of its own: the first host that can starts it.
pub fn power_on(world: &mut World, id: MachineId) {
    if !is_engine(world, id) {
        linux::events::power_on(world, id);
        return;
    }
    let Some(cluster) = &world.cluster else { return };
    if cluster.engine_host().is_some() {
        return;
    }
    let able = cluster.hosts.iter().find(|host| host.daemons.vdsm && host.renews());
    if let Some(host) = able.map(|host| host.id) {
        change(world, host, |host, storage, _, out| host.start_engine(&storage.engine, false, out));
    }
}

/// Moves a virtual machine to another host, as the Manager does when it is told to.
///
/// # Errors
/// Why it does not.
pub fn migrate(world: &mut World, vm: &str, to: &str) -> Result<(), String> {
    let target = world.find(to).and_then(|id| host_id(world, id)).ok_or_else(|| format!("{to} is no host"))?;
    let engine = world.cluster.as_ref().map(|cluster| MachineId(cluster.storage.engine.guest));
    let is_engine = vm == ENGINE || engine.is_some_and(|id| world.machine(id).name == vm);
    let cluster = cluster_mut(world).ok_or("there is no cluster in this lab")?;
    if !cluster.storage.engine.serves {
        return Err("the Manager does not answer".to_owned());
    }
    let name = if is_engine { ENGINE } else { vm };
    let source =
        cluster.hosts.iter().find(|host| host.domains.get(name).is_some_and(|domain| domain.life == Life::Running));
    let source = source.map(|host| host.id).ok_or_else(|| format!("no host runs a virtual machine {vm}"))?;
    let effects = cluster.migrate(name, source, target)?;
    apply(world, effects);
    Ok(())
}

/// Something has changed about a machine: the cluster is told what that means to it.
pub fn stirred(world: &mut World, id: MachineId) {
    if let Some(host) = host_id(world, id) {
        host_stirred(world, id, host);
    } else if is_engine(world, id) {
        guest_stirred(world, id);
    }
}

fn host_stirred(world: &mut World, id: MachineId, number: HostId) {
    let now = world.now;
    let linux = world.linux(id);
    let booted = (linux.phase != Phase::Off && linux.booted <= now).then_some(linux.booted);
    let [agent, broker, vdsm, sanlock] = UNITS.map(|unit| linux.unit_is_up(unit));
    let daemons = Daemons { agent, broker, vdsm, sanlock };
    let failed = |unit| {
        let state = linux.unit_state(unit);
        state.active != Active::Active && matches!(state.end, End::Signal(_) | End::Exit(_))
    };
    let orderly = !UNITS.into_iter().any(failed);
    let troubles = troubles(world, id);
    let before = world.cluster.as_ref().and_then(|cluster| cluster.host(number));
    let same = before.is_some_and(|host| host.daemons.broker == broker && host.booted == booted);
    change(world, number, |host, storage, now, out| {
        if booted.is_none() || host.booted.is_some_and(|before| Some(before) != booted) {
            host.lose_power(storage, true, now, out);
        }
        if booted.is_some() && host.booted.is_none() {
            host.booted = booted;
        }
        if booted.is_some() && host.daemons != daemons {
            host.run(storage, daemons, orderly, now, out);
        }
        if host.troubles != troubles {
            host.suffer(storage, troubles, now, out);
        }
    });
    // What somebody has put there in the meantime stays until the broker comes or goes.
    if !same {
        files::keep_runtime(world, id, broker);
    }
}

fn guest_stirred(world: &mut World, id: MachineId) {
    let now = world.now;
    let process = world.linux(id).unit_state(ENGINE_UNIT).main_pid;
    if let Some(process) = process.filter(|_| world.linux(id).unit_is_up(ENGINE_UNIT))
        && world.strikes(id, faults::ENGINE_DIES, "")
    {
        // The rule is used up: what this stirs comes back here once and goes on below.
        return linux::events::unit_struck(world, id, ENGINE_UNIT, process, 9);
    }
    let linux = world.linux(id);
    let phase = match linux.phase {
        Phase::Off => Guest::Off,
        Phase::Booting => Guest::Booting,
        Phase::Up => Guest::Up,
        Phase::Stopping(again) => Guest::Stopping(again),
    };
    let unit = linux.unit_state(ENGINE_UNIT);
    let scheduled = linux.scheduled.is_some();
    let since = unit.since.filter(|_| unit.active == Active::Active);
    let ready = since.map(|since| since + SERVES);
    let hangs = world.suffers(id, faults::ENGINE_HANGS);
    let serves = phase == Guest::Up && ready.is_some_and(|ready| ready <= now) && !hangs;
    if let Some(ready) = ready.filter(|ready| *ready > now) {
        let what = Happening::Rhv(Event::Look);
        if !world.queue.iter().any(|(at, due)| at == ready && due.machine == id && due.what == what) {
            world.after(id, ready.since(now), what);
        }
    }
    let Some(cluster) = cluster_mut(world) else { return };
    if phase == Guest::Up && !scheduled {
        cluster.storage.engine.asked = false;
    }
    let effects = cluster.guest(phase, serves, now);
    apply(world, effects);
}

/// What a machine is.
#[must_use]
pub fn role(world: &World, id: MachineId) -> Option<Role> {
    match &world.machine(id).system {
        System::Rhv(rhv) => Some(rhv.role),
        System::Vcsa(_) | System::Linux(_) => None,
    }
}
