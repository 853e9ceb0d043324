//! Clones of a machine: a task that copies one disk after another, as long as that takes, and ends in a copy that stands on
//! its own. The copy is the machine as it was when the task began, for vCenter copies from a snapshot that it takes first.

use std::sync::Arc;

use crate::sim::Span;
use crate::sim::task::TaskId;
use crate::vm::{self, Vm};
use crate::world::{CloneOf, Copying, MachineId, World};

/// Begins to copy a machine to a clone called `name`, in place of one that has the name already.
pub fn begin(world: &mut World, id: MachineId, name: &str) -> TaskId {
    let now = world.now;
    let task = world.tasks.begin(&title(name), now);
    let machine = world.machine_mut(id);
    let passwords = machine.passwords.clone();
    let copy = Arc::new(CloneOf { at: now, system: machine.system.clone(), passwords });
    machine.copying.push(Copying { task, name: name.to_owned(), copy, disks: 0 });
    copy_next_disk(world, id, task);
    task
}

/// One more disk is copied.
pub fn disk_copied(world: &mut World, id: MachineId, task: TaskId) {
    let machine = world.machine_mut(id);
    if let Some(copying) = machine.copying.iter_mut().find(|copying| copying.task == task) {
        copying.disks += 1;
        let percent = percent(world, id, task);
        world.tasks.progress(task, percent);
        copy_next_disk(world, id, task);
    }
}

/// Stops the making of the clone called `name`. `false` when none of this name is being made.
pub fn cancel(world: &mut World, id: MachineId, name: &str) -> bool {
    let Some(copying) = take(world, id, |copying| copying.name == name) else { return false };
    let now = world.now;
    let event = vm::Event::DiskCopied(copying.task).into();
    world.queue.cancel_all(|due| due.machine == id && due.what == event);
    world.machine_mut(id).vm.note_end(now, &title(name), CANCELED);
    world.tasks.end(copying.task, Err(CANCELED.to_owned()));
    true
}

/// How the client shows a task that somebody stopped.
const CANCELED: &str = "The task was canceled by a user.";

fn title(name: &str) -> String {
    format!("Clone virtual machine to {name}")
}

fn copy_next_disk(world: &mut World, id: MachineId, task: TaskId) {
    let machine = world.machine(id);
    let Some(copying) = machine.copying.iter().find(|copying| copying.task == task) else { return };
    match machine.vm.disks.get(copying.disks) {
        Some(disk) => {
            let span = machine.vm.copy_time(disk);
            world.after(id, span, vm::Event::DiskCopied(task));
        }
        None => finish(world, id, task),
    }
}

fn finish(world: &mut World, id: MachineId, task: TaskId) {
    let Some(Copying { name, copy, .. }) = take(world, id, |copying| copying.task == task) else { return };
    let now = world.now;
    let machine = world.machine_mut(id);
    machine.vm.note(now, &title(&name));
    machine.clones.insert(name.clone(), copy);
    world.tasks.end(task, Ok(name));
}

fn take(world: &mut World, id: MachineId, wanted: impl Fn(&Copying) -> bool) -> Option<Copying> {
    let copying = &mut world.machine_mut(id).copying;
    copying.iter().position(wanted).map(|at| copying.remove(at))
}

/// How long the copying of all disks of a machine takes.
#[must_use]
pub fn copy_time(vm: &Vm) -> Span {
    vm.disks.iter().map(|disk| vm.copy_time(disk)).sum()
}

/// How much of a clone is copied now, in hundredths: disks are copied at one rate, so it grows evenly with time.
#[must_use]
pub fn percent(world: &World, id: MachineId, task: TaskId) -> u8 {
    let Some(began) = world.tasks.get(task).map(|task| task.began) else { return 0 };
    let passed = world.now.since(began).as_micros();
    let whole = copy_time(&world.machine(id).vm).as_micros().max(1);
    u8::try_from(u128::from(passed) * 100 / u128::from(whole)).map_or(100, |percent| percent.min(100))
}
