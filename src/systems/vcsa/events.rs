//! What happens to an appliance by itself: booting, services coming up one after another, going down.
//!
//! Order and times of a boot: reference `appliance-shell.md` 2.4 and `web-client-while-starting.md`; the seconds between
//! power, ping and login are lab data.

use super::api::{recovery, time, updates};
pub use super::control::cancel_starts;
use super::ha;
use super::model::{Action, Event, Phase, ShellAccess};
use super::{config_files, control};
use crate::shell::{Evidence, Grade};
use crate::sim::Span;
use crate::systems::linux::{self, kernel};
use crate::vm::Power;
use crate::world::{Closed, Happening, MachineId, World};

/// How well what boots, booting and going down are known.
pub const EVIDENCE: &[Evidence] = &[
    Evidence {
        what: "the system beneath: SLES 11 SP3 (6.0), Photon 1 (6.5, 6.7), Photon 3 (7.0, 8.0)",
        releases: "6.0 to 8.0",
        grade: Grade::Inferred,
        source: "prompts are captured, and the disks of 6.5; which Photon it is, is from memory",
    },
    Evidence {
        what: "the system beneath: Photon 4, which later updates of 8.0 bring; no source tells which is the first",
        releases: "8.0",
        grade: Grade::NotModelled,
        source: "",
    },
    Evidence {
        what: "boot: services start one after another in over five minutes",
        releases: "6.0 to 8.0",
        grade: Grade::Inferred,
        source: "the founding run tells the time; order from process start times of 6.5",
    },
    Evidence {
        what: "between install and reboot: vCenter's services stopped, the old version running",
        releases: "6.0 to 8.0",
        grade: Grade::Inferred,
        source: "the founding run tells that vCenter cannot be reached; that applmgmt answers is a guess",
    },
];

/// The fault point that keeps a service from starting; its object is the service's name.
pub const SERVICE_START: &str = "service.start";

/// Lets `event` happen to the vCSA `id`.
pub fn happen(world: &mut World, id: MachineId, event: Event) {
    match event {
        Event::NetworkUp => {
            world.vcsa_mut(id).phase = Phase::Network;
            let span = Span::secs(world.vcsa(id).rates.login_secs);
            world.after(id, span, Event::LoginsUp);
        }
        Event::LoginsUp => {
            let vcsa = world.vcsa_mut(id);
            vcsa.phase = Phase::Up;
            vcsa.linux.units_have_started();
            time::set_right(world, id);
            let vcsa = world.vcsa_mut(id);
            vcsa.services.begin_boot();
            control::go_on(world, id);
            updates::plan(world, id);
        }
        Event::ServiceStarted(name) => control::has_started(world, id, &name),
        Event::ShutdownDue => {
            if let Some(shutdown) = world.vcsa_mut(id).shutdown.take() {
                begin_shutdown(world, id, shutdown.action);
            }
        }
        Event::ShellTimeout => world.vcsa_mut(id).shell_access = ShellAccess::default(),
        Event::ServiceStopped(name) => {
            control::has_stopped(world, id, &name);
            stop_next_service(world, id);
        }
        Event::BackupEnds(name) => recovery::end(world, id, &name),
        Event::UpdatesQueried => updates::query(world, id),
        Event::Halted(action) => halted(world, id, action),
    }
}

/// Switches the virtual machine on.
pub fn power_on(world: &mut World, id: MachineId) {
    let now = world.now;
    if !world.machine_mut(id).vm.switch(Power::On, now) {
        return;
    }
    boot(world, id);
}

/// Takes the power away.
pub fn cut_power(world: &mut World, id: MachineId) {
    let now = world.now;
    if !world.machine_mut(id).vm.switch(Power::Off, now) {
        return;
    }
    forget_events(world, id);
    go_dark(world, id);
    world.drop_sessions(id, Closed::PowerCut);
    ha::goes_down(world, id);
}

/// Goes down in order: sessions end at once, then services stop, then the machine halts or boots again.
pub fn begin_shutdown(world: &mut World, id: MachineId, action: Action) {
    if !matches!(world.vcsa(id).phase, Phase::Up) {
        return;
    }
    let closed = match action {
        Action::Poweroff => Closed::Poweroff,
        Action::Reboot => Closed::Reboot,
    };
    world.drop_sessions(id, closed);
    forget_events(world, id);
    linux::events::say_goodbye(world, id, action == Action::Reboot);
    let vcsa = world.vcsa_mut(id);
    vcsa.phase = Phase::Stopping(action);
    vcsa.shutdown = None;
    vcsa.services.forget_starts();
    stop_next_service(world, id);
    ha::goes_down(world, id);
}

/// On the way down: the last service started that is not stopped yet stops next; then the machine halts.
fn stop_next_service(world: &mut World, id: MachineId) {
    let vcsa = world.vcsa_mut(id);
    let Phase::Stopping(action) = vcsa.phase else { return };
    let halt = Span::secs(vcsa.rates.halt_secs);
    match world.vcsa(id).services.last_up() {
        Some(service) => control::begin_stop(world, id, service, Span::secs(service.stop_secs)),
        None => {
            world.after(id, halt, Event::Halted(action));
        }
    }
}

fn halted(world: &mut World, id: MachineId, action: Action) {
    go_dark(world, id);
    match action {
        Action::Reboot => boot(world, id),
        Action::Poweroff => world.machine_mut(id).vm.power = Power::Off,
    }
}

/// What was in memory is lost.
fn go_dark(world: &mut World, id: MachineId) {
    let now = world.now;
    kernel::lose_processes(world, id);
    world.vcsa_mut(id).go_dark(now);
}

fn boot(world: &mut World, id: MachineId) {
    // A heap address of a 64-bit process, on a 16-byte boundary.
    let now = world.now;
    let pointer = 0x7f00_0000_0000 | (world.streams.next("vcsa.pointer") & 0xff_ffff_fff0);
    let vcsa = world.vcsa_mut(id);
    vcsa.proxy_pointer = pointer;
    let before = vcsa.services.set_of_services();
    vcsa.start_boot();
    if vcsa.services.set_of_services().name != before.name {
        config_files::put(vcsa, now);
    }
    let span = Span::secs(vcsa.rates.network_secs);
    world.linux_mut(id).kernel_boots(now);
    // An appliance of which a file system cannot be mounted goes on without it (inferred).
    linux::events::mount(world, id);
    world.after(id, span, Event::NetworkUp);
}

/// Services that are stopped start again, one after another, as at a boot.
pub fn start_services(world: &mut World, id: MachineId) {
    world.vcsa_mut(id).services.begin_boot();
    control::go_on(world, id);
}

/// What was about to happen inside the guest does not, once it goes down. A disc being connected is outside of it.
fn forget_events(world: &mut World, id: MachineId) {
    world.queue.cancel_all(|event| event.machine == id && matches!(event.what, Happening::Vcsa(_)));
    linux::events::forget_events(world, id);
}
