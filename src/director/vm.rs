//! `%vm`, `%power`, `%clone` and `%snapshot`: the virtual machine from outside, through vCenter or its host.

use super::{Director, Reply, misused};
use crate::operator::Operator;
use crate::systems::{self, clones, family};
use crate::vm::Power;
use crate::world::{Machine, MachineId, World};

/// Hardware and tasks.
pub const VM: Director = Director {
    name: "vm",
    group: Some("Look from outside"),
    usage: "summary|tasks [--via vcenter|HOST] | grow DISK GB | migrate VM HOST",
    about: "hardware, tasks; grow a disk",
    example: "%vm summary --via esx01",
    run: vm,
};

/// Power.
pub const POWER: Director = Director {
    name: "power",
    group: Some("Power and copies"),
    usage: "on|off|cut [MACHINE]",
    about: "switch on, shut down, or cut",
    example: "%power cut",
    run: power,
};

/// Copies.
pub const CLONE: Director = Director {
    name: "clone",
    group: Some("Power and copies"),
    usage: "create|restore|delete NAME | list",
    about: "copy the machine; see %snapshot",
    example: "%clone create before-u1",
    run: clone,
};

/// What one should do instead of a snapshot.
pub const SNAPSHOT: Director = Director {
    name: "snapshot",
    group: None,
    usage: "create",
    about: "why a clone is the better way",
    example: "%snapshot create",
    run: snapshot,
};

/// The machine a director command is about: the one that sessions open on.
pub(super) fn subject(operator: &Operator) -> Result<MachineId, Reply> {
    let found = operator.lab.world().find(operator.machine());
    found.ok_or_else(|| Reply::refused("there is no machine to do this with"))
}

/// The machine of a name.
fn named(operator: &Operator, name: &str) -> Result<MachineId, Reply> {
    let found = operator.lab.world().find(name);
    found.ok_or_else(|| Reply::refused(format!("there is no machine {name:?} in this lab")))
}

fn vm(operator: &mut Operator, words: &[&str]) -> Reply {
    let (what, via) = match words {
        ["migrate", vm, host] => return migrate(operator, vm, host),
        ["grow", number, size] => return grow(operator, number, size),
        [what] => (*what, "vcenter"),
        [what, "--via", via] => (*what, *via),
        _ => return misused(&VM),
    };
    let id = match subject(operator) {
        Ok(id) => id,
        Err(reply) => return reply,
    };
    let world = operator.lab.world();
    let machine = world.machine(id);
    if let Err(why) = reach(world, machine, via) {
        return Reply::refused(why);
    }
    match what {
        "summary" => Reply::text(summary(machine)),
        "tasks" => Reply::text(tasks(world, id)),
        _ => misused(&VM),
    }
}

/// Makes a disk larger: `%vm grow 5 20` makes hard disk 5 one of 20 GB.
fn grow(operator: &mut Operator, number: &str, size: &str) -> Reply {
    const LARGEST_GB: u32 = 62 << 10;
    let id = match subject(operator) {
        Ok(id) => id,
        Err(reply) => return reply,
    };
    let Some(size) = size.parse().ok().filter(|size| *size <= LARGEST_GB) else { return misused(&VM) };
    let label = format!("Hard disk {number}");
    operator.lab.act(|world, _| {
        let now = world.now;
        let machine = world.machine_mut(id);
        let Some(disk) = machine.vm.disks.iter_mut().find(|disk| disk.label == label) else {
            return Reply::refused(format!("{} has no disk {number}", machine.name));
        };
        if !disk.grow(size) {
            return Reply::refused(format!("{label} has {} GB, and no disk becomes smaller", disk.size_gb));
        }
        machine.vm.note(now, "Reconfigure virtual machine");
        Reply::text(format!("{}: {label} has {size} GB", machine.name))
    })
}

/// Whether the inventory can be looked at this way.
fn reach(world: &World, machine: &Machine, via: &str) -> Result<(), String> {
    if via == machine.vm.host {
        return Ok(());
    }
    if via != "vcenter" {
        return Err(format!("{} is not on a host called {via}", machine.name));
    }
    if vcenter_answers(world) {
        Ok(())
    } else {
        Err(format!("vCenter does not answer; look at the host instead: --via {}", machine.vm.host))
    }
}

/// Whether the lab has a vCenter that serves its clients now.
fn vcenter_answers(world: &World) -> bool {
    world.machines().any(|(id, _)| family(world, id).serves_vcenter(world, id))
}

fn summary(machine: &Machine) -> String {
    let vm = &machine.vm;
    let power = if vm.power == Power::On { "powered on" } else { "powered off" };
    let drive = vm.drive.disc().map_or("empty".to_owned(), |disc| {
        format!("{} from the {}, {}", disc.medium.title(), disc.origin.word(), vm.drive.word())
    });
    let mut text = format!("{}: {power}, on host {}\nCD/DVD drive 1: {drive}\n", machine.name, vm.host);
    for disk in &vm.disks {
        text.push_str(&format!("{}: {} GB on {}\n", disk.label, disk.size_gb, disk.datastore));
    }
    text
}

/// What was done, and below it what is still going on.
fn tasks(world: &World, id: MachineId) -> String {
    let machine = world.machine(id);
    let mut text = String::new();
    for task in machine.vm.tasks.iter() {
        text.push_str(&format!("{}  {}  {}\n", task.at, task.name, task.status));
    }
    for copying in &machine.copying {
        if let Some(task) = world.tasks.get(copying.task) {
            let percent = clones::percent(world, id, copying.task);
            text.push_str(&format!("{}  {}  Running {percent} %\n", task.began, task.what));
        }
    }
    if text.is_empty() { format!("{}: no tasks yet\n", machine.name) } else { text }
}

fn power(operator: &mut Operator, words: &[&str]) -> Reply {
    let (words, found) = match words {
        [_, name] => (&words[..1], named(operator, name)),
        _ => (words, subject(operator)),
    };
    let id = match found {
        Ok(id) => id,
        Err(reply) => return reply,
    };
    match words {
        ["on"] => operator.lab.act(|world, _| family(world, id).power_on(world, id)),
        ["off"] => {
            if let Err(why) = operator.lab.act(|world, _| family(world, id).shut_down(world, id, false)) {
                return Reply::refused(why);
            }
        }
        ["cut"] => operator.lab.act(|world, _| family(world, id).cut_power(world, id)),
        _ => return misused(&POWER),
    }
    let world = operator.lab.world();
    Reply::text(format!("{}: {}", world.machine(id).name, family(world, id).doing(world, id)))
}

/// Moves a virtual machine of RHV, as its portal does.
fn migrate(operator: &mut Operator, vm: &str, host: &str) -> Reply {
    match operator.lab.act(|world, _| systems::migrate(world, vm, host)) {
        Ok(()) => Reply::text(format!("{vm}: on its way to {host}")),
        Err(why) => Reply::refused(why),
    }
}

fn clone(operator: &mut Operator, words: &[&str]) -> Reply {
    let id = match subject(operator) {
        Ok(id) => id,
        Err(reply) => return reply,
    };
    match words {
        ["create", name] => operator.lab.act(|world, _| create_clone(world, id, name)),
        ["restore", name] => operator.lab.act(|world, _| restore_clone(world, id, name)),
        ["delete", name] => operator.lab.act(|world, _| delete_clone(world, id, name)),
        ["list"] => Reply::text(list_clones(operator.lab.world().machine(id))),
        _ => misused(&CLONE),
    }
}

fn create_clone(world: &mut World, id: MachineId, name: &str) -> Reply {
    let machine = world.machine(id);
    if machine.vm.power == Power::On && !vcenter_answers(world) {
        return Reply::refused(
            "a running machine is cloned through vCenter, which does not answer; power the machine off first",
        );
    }
    if is_copying(machine, name) {
        return Reply::refused(format!("a clone {name} is being made already"));
    }
    let span = clones::copy_time(&machine.vm);
    let text = format!("{}: cloning to {name}, which takes {span}; %vm tasks shows how far it is", machine.name);
    clones::begin(world, id, name);
    Reply::text(text)
}

fn is_copying(machine: &Machine, name: &str) -> bool {
    machine.copying.iter().any(|copying| copying.name == name)
}

fn no_clone(machine: &Machine, name: &str) -> Reply {
    if is_copying(machine, name) {
        return Reply::refused(format!("the clone {name} is still being made; %vm tasks shows how far it is"));
    }
    Reply::refused(format!("there is no clone {name}"))
}

/// The copy takes the place of the machine, switched off. What was in memory when it was made is not in it.
fn restore_clone(world: &mut World, id: MachineId, name: &str) -> Reply {
    let machine = world.machine(id);
    let Some(copy) = machine.clones.get(name).cloned() else { return no_clone(machine, name) };
    let family = family(world, id);
    family.cut_power(world, id);
    let now = world.now;
    let machine = world.machine_mut(id);
    machine.system = copy.system.clone();
    family.darken(&mut machine.system, now);
    machine.passwords.clone_from(&copy.passwords);
    machine.vm.note(now, &format!("Replace by clone {name}"));
    Reply::text(format!("{}: the clone {name} is in its place, powered off; %power on starts it", machine.name))
}

/// Deletes a copy; one that is being made is given up.
fn delete_clone(world: &mut World, id: MachineId, name: &str) -> Reply {
    if clones::cancel(world, id, name) {
        return Reply::text(format!("{}: the clone {name} is not made any further", world.machine(id).name));
    }
    let now = world.now;
    let machine = world.machine_mut(id);
    if machine.clones.remove(name).is_none() {
        return Reply::refused(format!("there is no clone {name}"));
    }
    machine.vm.note(now, &format!("Delete virtual machine {name}"));
    Reply::text(format!("{}: deleted the clone {name}", machine.name))
}

fn list_clones(machine: &Machine) -> String {
    let lines: String = machine.clones.iter().map(|(name, copy)| format!("{name}  made {}\n", copy.at)).collect();
    if lines.is_empty() { format!("{}: no clones yet\n", machine.name) } else { lines }
}

fn snapshot(operator: &mut Operator, words: &[&str]) -> Reply {
    let ["create"] = words else { return misused(&SNAPSHOT) };
    match subject(operator) {
        Ok(id) => {
            let world = operator.lab.world();
            let (disks, them) = match world.machine(id).vm.disks.len() {
                1 => ("1 disk".to_owned(), "it"),
                disks => (format!("{disks} disks"), "all of them"),
            };
            let database = match (family(world, id).has_database(world, id), them) {
                (false, _) => "",
                (true, "it") => ", with its database",
                (true, _) => ", its database among them",
            };
            Reply::refused(format!(
                "not taken: this machine has {disks}{database}, and a snapshot kept through an update slows {them} down \
                 and grows; take a clone, which stands on its own: %clone create NAME"
            ))
        }
        Err(reply) => reply,
    }
}
