//! Where the cluster meets the machines of the lab: what happens to a host by itself, what its daemons, its power and the faults
//! set for it mean to the cluster, and what the cluster does to the Manager's guest.

use std::sync::Arc;

use super::faults::{METADATA, troubles};
use super::model::log::{Found, Setting};
use super::model::{Cluster, Daemons, ENGINE, Effect, Event, Guest, Host, HostId, Life, Role, State, Storage};
use super::{faults, files, logs, mounts, network, processes};
use crate::sim::{Instant, Span};
use crate::systems::linux;
use crate::systems::linux::model::unit::{Active, End};
use crate::systems::linux::model::{self as machine, Phase, Scheduled};
use crate::systems::linux::net;
use crate::vm::Power;
use crate::world::{Happening, MachineId, World};

/// The unit of the HA agent.
pub const AGENT: &str = "ovirt-ha-agent.service";
/// The unit of the HA broker.
pub const BROKER: &str = "ovirt-ha-broker.service";
/// The unit of vdsm.
pub const VDSM: &str = "vdsmd.service";
/// The unit of sanlock.
pub const SANLOCK: &str = "sanlock.service";
/// The units of high availability.
pub const HA_UNITS: [&str; 2] = [AGENT, BROKER];
/// The units of the cluster's daemons on a host, in the order of [`Daemons`].
pub const UNITS: [&str; 4] = [AGENT, BROKER, VDSM, SANLOCK];
/// The unit that takes mails on a host.
pub const MAILER: &str = "postfix.service";
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
    let Some((place, host)) = host_id(world, id) else { return };
    if !matches!(event, Event::Loop(_)) {
        world.stir();
        let effects = Arc::make_mut(&mut world.clusters[place]).happen(host, event, now);
        apply(world, place, effects);
        mounts::sync(world, id);
        return find(world, place);
    }
    let calm = world.is_calm(id);
    let count = world.changes();
    if !calm {
        look_around(world, id, place);
    }
    let before = stands(world, place, host);
    let effects = Arc::make_mut(&mut world.clusters[place]).happen(host, event, now);
    let after = stands(world, place, host);
    if before == after && after.is_some_and(|(state, ..)| state != State::StartState) && effects.len() == 1 {
        // It has done no more than to ask to be woken for the next pass.
        wake(world, place, effects);
    } else {
        world.stir();
        apply(world, place, effects);
    }
    if calm && count == world.changes() {
        return;
    }
    let posted = world.clusters[place].storage.blocks.get(&host).is_some_and(|block| block.at == now && !block.stopped);
    if world.strikes(id, METADATA, "") {
        change(world, id, |_, storage, _, _| {
            if let Some(block) = storage.blocks.get_mut(&host) {
                block.corrupt = true;
            }
        });
    }
    mounts::sync(world, id);
    if posted {
        files::keep_vm_conf(world, id);
    }
    world.looked_at(id, count);
}

/// What an agent finds around it before it goes through its loop.
fn look_around(world: &mut World, id: MachineId, place: usize) {
    read_files(world, id);
    keep_setting(world, id);
    look_at_page(world, id, place);
    // Names and other machines may have come or gone.
    let troubles = troubles(world, id);
    if host(world, id).is_some_and(|(_, host)| host.troubles != troubles) {
        change(world, id, |host, storage, now, out| host.suffer(storage, troubles, now, out));
    }
}

/// Where a host stands, as far as anything outside of the cluster follows from that.
fn stands(world: &World, place: usize, host: HostId) -> Option<(State, bool, Option<HostId>)> {
    let host = world.clusters[place].host(host)?;
    Some((host.agent.state, host.connected, host.lockspace))
}

/// What a host's daemons read from its files: when they begin, and the flags of local maintenance each time.
fn read_files(world: &mut World, id: MachineId) {
    let Some((_, host)) = host(world, id) else { return };
    let begins = host.conf.is_none() || host.agent.state == State::StartState;
    let conf = begins.then(|| files::conf_of(world, id));
    let flag = files::local_maintenance(world, id, host.local_maintenance);
    if conf.is_some() || flag != host.local_maintenance {
        change(world, id, |host, _, _, _| {
            host.local_maintenance = flag;
            host.conf = conf.or_else(|| host.conf.take());
        });
    }
}

/// What stands in the lines of a host's logs from now on is what holds now.
fn keep_setting(world: &mut World, id: MachineId) {
    let Some((cluster, host)) = host(world, id) else { return };
    let clock = &world.linux(id).zone;
    if !host.log.holds(host, &cluster.hosts, clock) {
        let setting = Setting::of(host, &cluster.hosts, clock);
        change(world, id, |host, _, now, _| host.log.set(setting, now));
    }
}

/// The place of the cluster in which a machine is a host, and its number there.
#[must_use]
pub fn host_id(world: &World, id: MachineId) -> Option<(usize, HostId)> {
    let mut found = world.clusters.iter().enumerate();
    found.find_map(|(place, cluster)| cluster.host_of(id.0).map(|host| (place, host.id)))
}

/// The cluster in which a machine is a host, with what it is there.
#[must_use]
pub fn host(world: &World, id: MachineId) -> Option<(&Cluster, &Host)> {
    world.clusters.iter().find_map(|cluster| cluster.host_of(id.0).map(|host| (&**cluster, host)))
}

/// The cluster in which a machine is a host, to be changed.
pub fn cluster_mut(world: &mut World, id: MachineId) -> Option<&mut Cluster> {
    let (place, _) = host_id(world, id)?;
    world.stir();
    Some(Arc::make_mut(&mut world.clusters[place]))
}

/// The place of the cluster whose Manager has a machine as its guest.
#[must_use]
pub fn kept_by(world: &World, id: MachineId) -> Option<usize> {
    world.clusters.iter().position(|cluster| cluster.storage.engine.guest == id.0)
}

/// The guest of the local virtual machine on a host.
#[must_use]
pub fn bootstrap_of(world: &World, host: MachineId) -> Option<MachineId> {
    world.rhv(host)?.bootstrap.as_ref()?.guest.map(MachineId)
}

/// The host whose local virtual machine has a machine as its guest.
#[must_use]
pub fn bootstrapped_by(world: &World, id: MachineId) -> Option<MachineId> {
    world.machines().map(|(host, _)| host).find(|host| bootstrap_of(world, *host) == Some(id))
}

/// Changes a host of a cluster, and does what follows from it.
pub fn change<R>(
    world: &mut World,
    id: MachineId,
    change: impl FnOnce(&mut Host, &mut Storage, Instant, &mut Vec<Effect>) -> R,
) -> Option<R> {
    let now = world.now;
    let mut effects = Vec::new();
    let (place, host) = host_id(world, id)?;
    world.stir();
    let cluster = Arc::make_mut(&mut world.clusters[place]);
    let result = cluster.with(host, |host, storage| change(host, storage, now, &mut effects));
    let effects = cluster.settle(effects);
    apply(world, place, effects);
    find(world, place);
    result
}

/// What the brokers of a cluster would find by now is written down, for the lines of their logs before the next pass.
fn find(world: &mut World, place: usize) {
    let (now, cluster) = (world.now, &world.clusters[place]);
    let found = |host: &Host| Found { health: host.health(&cluster.storage.engine), free: host.free_memory() };
    let found: Vec<Found> = cluster.hosts.iter().map(found).collect();
    for (host, found) in Arc::make_mut(&mut world.clusters[place]).hosts.iter_mut().zip(found) {
        host.log.find(now, found);
    }
}

/// Does to the machines of the lab what follows from something in the cluster at a place.
fn apply(world: &mut World, place: usize, effects: Vec<Effect>) {
    processes::sync(world, place);
    wake(world, place, effects);
}

/// The same where the virtual machines are what they were.
fn wake(world: &mut World, place: usize, effects: Vec<Effect>) {
    for effect in effects {
        let cluster = &world.clusters[place];
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
            Effect::Turn(host) => {
                if let Some(id) = machine(host) {
                    logs::turn(world, id);
                }
            }
            Effect::Migrate(..) | Effect::Renumber(..) => unreachable!("the cluster settles that"),
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
        && let Some(place) = kept_by(world, guest)
    {
        Arc::make_mut(&mut world.clusters[place]).storage.engine.asked = false;
    }
}

/// Takes the power away from a machine. Its end is known to the cluster first, for it is no end in order.
pub fn cut_power(world: &mut World, id: MachineId) {
    if change(world, id, |host, storage, now, out| host.lose_power(storage, false, now, out)).is_none()
        && let Some(place) = kept_by(world, id)
        && let Some(holder) = world.clusters[place].engine_host().map(|host| MachineId(host.machine))
    {
        change(world, holder, |host, storage, now, out| host.end_engine(storage, super::model::Exit::Ended, now, out));
    }
    linux::events::cut_power(world, id);
}

/// Switches a machine on. The Manager's virtual machine has no switch of its own: the first host that can starts it.
pub fn power_on(world: &mut World, id: MachineId) {
    let Some(place) = kept_by(world, id) else { return linux::events::power_on(world, id) };
    let cluster = &world.clusters[place];
    if cluster.engine_host().is_some() {
        return;
    }
    let able = cluster.hosts.iter().find(|host| host.answers() && host.renews());
    if let Some(able) = able.map(|host| MachineId(host.machine)) {
        change(world, able, |host, storage, _, out| host.start_engine(&storage.engine, false, out));
    }
}

/// Moves a virtual machine to another host, as the Manager does when it is told to.
///
/// # Errors
/// Why it does not.
pub fn migrate(world: &mut World, vm: &str, to: &str) -> Result<(), String> {
    let target = world.find(to).and_then(|id| host_id(world, id));
    let (place, target) = target.ok_or_else(|| format!("{to} is no host of a cluster"))?;
    let engine = MachineId(world.clusters[place].storage.engine.guest);
    let is_engine = vm == ENGINE || world.machine(engine).name == vm;
    if !world.clusters[place].storage.engine.serves {
        return Err("the Manager does not answer".to_owned());
    }
    let name = if is_engine { ENGINE } else { vm };
    world.stir();
    let cluster = Arc::make_mut(&mut world.clusters[place]);
    let source =
        cluster.hosts.iter().find(|host| host.domains.get(name).is_some_and(|domain| domain.life == Life::Running));
    let source = source.map(|host| host.id).ok_or_else(|| format!("no host runs a virtual machine {vm}"))?;
    let effects = cluster.migrate(name, source, target)?;
    apply(world, place, effects);
    find(world, place);
    Ok(())
}

/// Something has changed about a machine: the cluster is told what that means to it.
pub fn stirred(world: &mut World, id: MachineId) {
    // Neither a host that is off nor one that boots has a virtual machine.
    if let Some(guest) = bootstrap_of(world, id)
        && matches!(world.linux(id).phase, Phase::Off | Phase::Booting)
        && world.machine(guest).vm.power == Power::On
    {
        linux::events::cut_power(world, guest);
    }
    if let Some(host) = bootstrapped_by(world, id) {
        processes::sync_local(world, host);
    }
    if host_id(world, id).is_some() {
        host_stirred(world, id);
        mounts::sync(world, id);
    } else if let Some(place) = kept_by(world, id) {
        guest_stirred(world, id, place);
    }
}

fn host_stirred(world: &mut World, id: MachineId) {
    let now = world.now;
    let linux = world.linux(id);
    let booted = (linux.phase != Phase::Off && linux.booted <= now).then_some(linux.booted);
    let mailer = linux.unit_is_up(MAILER);
    let [agent, broker, vdsm] = [AGENT, BROKER, VDSM].map(|unit| linux.unit_is_up(unit));
    let sanlock = linux.unit_runs(SANLOCK);
    let daemons = Daemons { agent, broker, vdsm, sanlock };
    let failed = |unit| {
        let state = linux.unit_state(unit);
        state.active != Active::Active && matches!(state.end, End::Signal(_) | End::Exit(_))
    };
    // While it holds something it ends by force only, whatever systemd makes of its unit.
    let held = host(world, id).is_some_and(|(_, host)| host.daemons.sanlock && host.holds_ids());
    let killed = held && !sanlock && linux.phase == Phase::Up;
    let orderly = !killed && !UNITS.into_iter().any(|unit| failed(unit) && !linux.unit_runs(unit));
    let troubles = troubles(world, id);
    world.linux_mut(id).bear(troubles.load, troubles.memory, now);
    let before = host(world, id);
    let same = before.is_some_and(|(_, host)| host.daemons.broker == broker && host.booted == booted);
    keep_setting(world, id);
    change(world, id, |host, storage, now, out| {
        host.mailer = mailer;
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

fn guest_stirred(world: &mut World, id: MachineId, place: usize) {
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
    let serves = phase == Guest::Up && ready.is_some_and(|ready| ready <= now) && !hangs && is_found(world, id, place);
    if let Some(ready) = ready.filter(|ready| *ready > now) {
        let what = Happening::Rhv(Event::Look);
        if !world.queue.iter().any(|(at, due)| at == ready && due.machine == id && due.what == what) {
            world.after(id, ready.since(now), what);
        }
    }
    world.stir();
    let cluster = Arc::make_mut(&mut world.clusters[place]);
    if phase == Guest::Up && !scheduled {
        cluster.storage.engine.asked = false;
    }
    let effects = cluster.guest(phase, serves, now);
    apply(world, place, effects);
    find(world, place);
}

/// Whether the host that runs the guest finds it by the engine's name: so the agent asks for its page.
fn is_found(world: &World, guest: MachineId, place: usize) -> bool {
    !network::is_cut(world, guest)
        && world.clusters[place].engine_host().is_none_or(|host| {
            let runs_on = MachineId(host.machine);
            let named = files::fqdn(world, runs_on).and_then(|fqdn| net::resolve(world, runs_on, &fqdn));
            let has =
                |address: &str| !world.linux(guest).network.unconfigured && address == world.machine(guest).address;
            named.is_some_and(|named| has(&named.address))
        })
}

/// The agent of the host that runs the guest asks again: names may lead elsewhere than before.
fn look_at_page(world: &mut World, host: MachineId, place: usize) {
    let cluster = &world.clusters[place];
    let (guest, serves) = (MachineId(cluster.storage.engine.guest), cluster.storage.engine.serves);
    let runs_here = cluster.engine_host().is_some_and(|runs| runs.machine == host.0);
    if runs_here && serves != is_found(world, guest, place) {
        guest_stirred(world, guest, place);
    }
}

/// What a machine is.
#[must_use]
pub fn role(world: &World, id: MachineId) -> Option<Role> {
    world.rhv(id).map(|rhv| rhv.role)
}
