//! What happens by itself to a machine that is nothing but Linux: booting and going down.

use super::kernel;
use super::model::{Event, Phase};
use crate::sim::Span;
use crate::vm::Power;
use crate::world::{Closed, Happening, MachineId, World};

/// From power on to the login, in seconds (inferred: a small virtual machine).
const BOOT: u64 = 40;
/// From the order to shut down to power off, in seconds (inferred).
const HALT: u64 = 8;

/// Lets `event` happen to the machine `id`.
pub fn happen(world: &mut World, id: MachineId, event: &Event) {
    match event {
        Event::Booted => world.linux_mut(id).phase = Phase::Up,
        Event::Halted => {
            let again = world.linux(id).phase == Phase::Stopping(true);
            go_dark(world, id);
            if again {
                boot(world, id);
            } else {
                world.machine_mut(id).vm.power = Power::Off;
            }
        }
    }
}

/// Switches the virtual machine on.
pub fn power_on(world: &mut World, id: MachineId) {
    let now = world.now;
    let vm = &mut world.machine_mut(id).vm;
    if vm.power == Power::On {
        return;
    }
    vm.power = Power::On;
    vm.note(now, "Power On virtual machine");
    boot(world, id);
}

/// Takes the power away.
pub fn cut_power(world: &mut World, id: MachineId) {
    let now = world.now;
    let vm = &mut world.machine_mut(id).vm;
    if vm.power == Power::Off {
        return;
    }
    vm.power = Power::Off;
    vm.note(now, "Power Off virtual machine");
    world.queue.cancel_all(|event| event.machine == id && matches!(event.what, Happening::Linux(_)));
    go_dark(world, id);
    world.drop_sessions(id, Closed::PowerCut);
}

/// Goes down in order, and boots again if `again`.
pub fn shut_down(world: &mut World, id: MachineId, again: bool) {
    if world.linux(id).phase != Phase::Up {
        return;
    }
    world.linux_mut(id).phase = Phase::Stopping(again);
    world.drop_sessions(id, if again { Closed::Reboot } else { Closed::Poweroff });
    world.after(id, Span::secs(HALT), Event::Halted);
}

fn go_dark(world: &mut World, id: MachineId) {
    kernel::lose_processes(world, id);
    world.linux_mut(id).phase = Phase::Off;
}

fn boot(world: &mut World, id: MachineId) {
    let now = world.now;
    let linux = world.linux_mut(id);
    linux.phase = Phase::Booting;
    linux.booted = now;
    linux.processes.count_from(1200);
    world.after(id, Span::secs(BOOT), Event::Booted);
}
