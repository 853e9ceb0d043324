//! What happens by itself to a machine that runs Linux: booting, units that start and stop, going down. The kernel, the units
//! and the log are those of every such machine; what a machine is beside it (a vCSA) has its own events on top.

use std::collections::BTreeSet;

use super::cron;
use super::kernel::lose_processes;
use super::model::mounting::{Mounted, WAIT};
use super::model::unit::{Active, End};
use super::model::units::{Due, Maintenance, holds_console};
use super::model::{Errand, Event, Phase, kernel, log, logins::Why};
use super::unit_programs::{self, Programs};
use crate::sim::Span;
use crate::vm::Power;
use crate::world::{Closed, Happening, MachineId, World};

/// From the end of the last unit to power off, in milliseconds (inferred).
const HALT: u64 = 1_500;
/// Firmware and boot loader, in seconds (inferred).
const FIRMWARE: u64 = 18;

/// The fault point that keeps a unit from starting; its object is the unit's name without its kind.
pub const UNIT_START: &str = "service.start";

/// Lets `event` happen to the machine `id`.
pub fn happen(world: &mut World, id: MachineId, event: &Event) {
    let now = world.now;
    match event {
        Event::Booted => begin(world, id),
        Event::NoDevice(device, dir) => {
            let linux = world.linux_mut(id);
            linux.wait_in_vain(device, dir, now);
            let due = if dir == "swap" { linux.swap_fails(now) } else { Vec::new() };
            after(world, id, due);
            look(world, id);
        }
        Event::Emergency => {
            let due = world.linux_mut(id).file_systems_fail(now);
            after(world, id, due);
            look(world, id);
        }
        Event::Unit(name) => {
            let short = name.trim_end_matches(".service");
            let starts = world.linux(id).unit_state(name).active == Active::Activating;
            let comes_up = crate::systems::family(world, id).comes_up(world, id, name);
            if name.ends_with(".timer") {
                leave_out(world, id);
            }
            let struck = starts && (world.strikes(id, UNIT_START, short) || !comes_up);
            let due = world.linux_mut(id).unit_due(name, now, struck);
            after(world, id, due);
            if holds_console(name) && world.linux(id).unit_state(name).active == Active::Inactive {
                world.free_console(id);
            }
            look(world, id);
        }
        Event::CronWakes => cron::wake(world, id),
        Event::ShutdownDue => {
            if let Some(scheduled) = world.linux_mut(id).scheduled.take() {
                let _ = crate::systems::family(world, id).shut_down(world, id, scheduled.again);
            }
        }
        Event::Halted => {
            let again = world.linux(id).phase == Phase::Stopping(true);
            go_dark(world, id, Why::Down);
            if again {
                boot(world, id);
            } else {
                world.machine_mut(id).vm.power = Power::Off;
            }
        }
    }
    stirred(world, id);
}

/// What is to be mounted at boot is; gives after how long the boot gives up, if it has to.
pub fn mount(world: &mut World, id: MachineId) -> Option<Span> {
    let now = world.now;
    let mounted = world.linux_mut(id).mount_at_boot(now);
    await_devices(world, id, mounted)
}

/// Devices that are not there are waited for; gives after how long the boot gives up, if it has to.
fn await_devices(world: &mut World, id: MachineId, mounted: Mounted) -> Option<Span> {
    for (device, dir) in mounted.awaited {
        if dir == "swap" {
            world.linux_mut(id).hold_swap();
        }
        world.after(id, WAIT, Event::NoDevice(device, dir));
    }
    mounted.gives_up
}

/// The kernel has handed over: file systems, then the units of the default target.
fn begin(world: &mut World, id: MachineId) {
    let gives_up = mount(world, id);
    hold_file_systems(world, id, gives_up);
    leave_out(world, id);
    let now = world.now;
    let due = world.linux_mut(id).units_boot(now);
    after(world, id, due);
    look(world, id);
}

/// What waits for the file systems does not start, where one is missing without which the boot does not go on.
fn hold_file_systems(world: &mut World, id: MachineId, gives_up: Option<Span>) {
    if let Some(wait) = gives_up {
        world.linux_mut(id).hold_file_systems();
        world.after(id, wait, Event::Emergency);
    }
}

/// Who was in the shell of rescue or emergency mode has left it: the machine goes on to its default target.
pub fn boot_again(world: &mut World, id: MachineId) {
    let now = world.now;
    world.linux_mut(id).leave_maintenance(now);
    let target = world.linux(id).default_target();
    isolate(world, id, &target);
}

/// Stops what a target does not pull in, and starts the target. Gives the units that are to be stopped.
pub fn isolate(world: &mut World, id: MachineId, target: &str) -> Vec<String> {
    let now = world.now;
    let linux = world.linux_mut(id);
    let unwanted = linux.stopped_by(target);
    let mounts = target != Maintenance::Emergency.target() && linux.awaits_file_systems();
    let mounted = mounts.then(|| linux.mount_fstab(now));
    if let Some(mounted) = mounted {
        let gives_up = await_devices(world, id, mounted);
        hold_file_systems(world, id, gives_up);
    }
    let family = crate::systems::family(world, id);
    let of_linux: Vec<String> =
        unwanted.iter().filter(|unit| !family.ask_unit(world, id, unit, false)).cloned().collect();
    let due = world.linux_mut(id).isolate(target, &of_linux, now);
    after(world, id, due);
    look(world, id);
    stirred(world, id);
    unwanted
}

/// Lets the family know that something has changed.
pub fn stirred(world: &mut World, id: MachineId) {
    crate::systems::family(world, id).stirred(world, id);
}

/// Schedules what units have said they will be through with, and lets their programs run.
pub fn after(world: &mut World, id: MachineId, due: Vec<Due>) {
    for (name, span) in due {
        world.after(id, span, Event::Unit(name));
    }
    world.nudge(id, unit_programs::UNITS);
    if world.linux(id).has_unit_work() {
        let work = world.linux_mut(id).take_unit_work();
        work.into_iter().for_each(|work| world.begin(id, Errand::Unit(work)));
    }
}

/// Something has become of a unit by its programs.
pub fn went_on(world: &mut World, id: MachineId, due: Vec<Due>) {
    after(world, id, due);
    look(world, id);
    stirred(world, id);
}

/// Looks how far a machine has come whose life is that of its Linux.
fn look(world: &mut World, id: MachineId) {
    if !crate::systems::family(world, id).lives_by_linux() {
        return;
    }
    let linux = world.linux(id);
    let settled = linux.units.is_settled();
    match linux.phase {
        Phase::Booting if settled || linux.unit_is_up("sshd.service") => {
            let linux = world.linux_mut(id);
            linux.phase = Phase::Up;
            if linux.lacks_network() {
                linux.network.take_down(true);
            }
            linux.boot_is_done();
        }
        Phase::Stopping(_) if settled => {
            world.after(id, Span::millis(HALT), Event::Halted);
        }
        _ => {}
    }
}

/// Asks for a unit to be started, as `systemctl start` does. A family may own it.
pub fn start_unit(world: &mut World, id: MachineId, name: &str) {
    if crate::systems::family(world, id).ask_unit(world, id, name, true) {
        return;
    }
    leave_out(world, id);
    let now = world.now;
    let due = world.linux_mut(id).want_unit(name, now);
    after(world, id, due);
    stirred(world, id);
}

/// What units run that is no part of the lab is not started, nor what a condition keeps from starting; of others the programs run.
fn leave_out(world: &mut World, id: MachineId) {
    let skipped = crate::systems::family(world, id).skips(world, id);
    let mut left_out: BTreeSet<String> = skipped.iter().map(|name| (*name).to_owned()).collect();
    let mut run = BTreeSet::new();
    for name in world.linux(id).written_units().into_iter().map(|spec| spec.name) {
        match unit_programs::programs(world, id, &name) {
            Programs::Told => {}
            Programs::Run => drop(run.insert(name)),
            Programs::Unmodelled(_) => drop(left_out.insert(name)),
        }
    }
    let linux = world.linux_mut(id);
    linux.leave_out(left_out);
    linux.run_units(run);
}

/// Asks for a unit to be stopped, as `systemctl stop` does.
pub fn stop_unit(world: &mut World, id: MachineId, name: &str) {
    if crate::systems::family(world, id).ask_unit(world, id, name, false) {
        return;
    }
    let now = world.now;
    let due = world.linux_mut(id).stop_unit(name, now);
    after(world, id, due);
    stirred(world, id);
}

/// Tells the unit of a process that a signal has killed it.
pub fn unit_struck(world: &mut World, id: MachineId, name: &str, pid: u32, signal: u8) {
    if crate::systems::family(world, id).process_died(world, id, pid) {
        return;
    }
    let now = world.now;
    if world.linux(id).unit_state(name).main_pid == Some(pid) {
        let due = world.linux_mut(id).main_gone(name, End::Signal(signal), now);
        after(world, id, due);
    }
    stirred(world, id);
}

/// A unit that is up is told to read its settings again.
pub fn reload_unit(world: &mut World, id: MachineId, name: &str) {
    let now = world.now;
    let due = world.linux_mut(id).unit_reloads(name, now);
    after(world, id, due);
    stirred(world, id);
}

/// Switches the virtual machine on.
pub fn power_on(world: &mut World, id: MachineId) {
    let now = world.now;
    if !world.machine_mut(id).vm.switch(Power::On, now) {
        return;
    }
    boot(world, id);
    stirred(world, id);
}

/// Takes the power away.
pub fn cut_power(world: &mut World, id: MachineId) {
    let now = world.now;
    if !world.machine_mut(id).vm.switch(Power::Off, now) {
        return;
    }
    forget_events(world, id);
    go_dark(world, id, Why::Crash);
    world.drop_sessions(id, Closed::PowerCut);
    stirred(world, id);
}

/// What was about to happen inside the guest does not.
pub fn forget_events(world: &mut World, id: MachineId) {
    world.queue.cancel_all(|event| event.machine == id && matches!(event.what, Happening::Linux(_)));
}

/// Goes down in order, and boots again if `again`.
pub fn shut_down(world: &mut World, id: MachineId, again: bool) {
    if world.linux(id).phase != Phase::Up {
        return;
    }
    forget_events(world, id);
    world.linux_mut(id).phase = Phase::Stopping(again);
    world.drop_sessions(id, if again { Closed::Reboot } else { Closed::Poweroff });
    say_goodbye(world, id, again);
    let now = world.now;
    let due = world.linux_mut(id).stop_all_units(now);
    after(world, id, due);
    look(world, id);
    stirred(world, id);
}

/// Writes to the log that the machine goes down.
pub fn say_goodbye(world: &mut World, id: MachineId, again: bool) {
    let now = world.now;
    let linux = world.linux_mut(id);
    linux.scheduled = None;
    if linux.is_host() {
        return linux.host_goes_down(now, again);
    }
    let (ident, unit) = match linux.distro.systemd {
        Some(_) => ("systemd-logind", Some("systemd-logind.service")),
        None => ("shutdown", None),
    };
    let pid = unit.and_then(|unit| linux.unit_state(unit).main_pid);
    let text = match (linux.distro.systemd, again) {
        (Some(_), true) => "System is rebooting.",
        (Some(_), false) => "System is powering down.",
        (None, true) => "shutting down for system reboot",
        (None, false) => "shutting down for system halt",
    };
    linux.daemon_says(now, ident, pid, unit, text);
    let boot = linux.boots;
    let (facility, ident, text) = (log::Facility::Daemon, "systemd".to_owned(), "Shutting down.".to_owned());
    if linux.distro.systemd.is_some() {
        let (pid, unit, host) = (Some(1), None, None);
        linux.log(log::Line { at: now, boot, facility, priority: 6, ident, pid, unit, text, host });
    }
}

fn go_dark(world: &mut World, id: MachineId, why: Why) {
    let now = world.now;
    lose_processes(world, id);
    let linux = world.linux_mut(id);
    linux.phase = Phase::Off;
    linux.go_dark(now, why);
}

fn boot(world: &mut World, id: MachineId) {
    let firmware = Span::secs(FIRMWARE);
    let loaded = world.now + firmware;
    let linux = world.linux_mut(id);
    linux.phase = Phase::Booting;
    linux.kernel_boots(loaded);
    world.after(id, firmware + Span::millis(kernel::LOADING), Event::Booted);
}
