//! The processes of virtual machines on a host, one `qemu-kvm` each: they come and go with what the cluster knows, and what ends
//! one ends its virtual machine. Their command lines are shortened (inferred).

use std::sync::Arc;

use super::events;
use super::lab_entry::uuid;
use super::model::{Bootstrap, Cluster, Domain, ENGINE, Exit, Host};
use crate::sim::Instant;
use crate::systems::linux::model::{Linux, Process};
use crate::vm::Power;
use crate::world::{MachineId, World};

/// The program.
pub const PROGRAM: &str = "/usr/libexec/qemu-kvm";
/// The user that they run as.
const QEMU: u32 = 107;

/// Brings the processes of a cluster's hosts up to date.
pub fn sync(world: &mut World, place: usize) {
    let stale = |host: &Host| host.booted.is_some() && !host.has_processes();
    for at in 0..world.clusters[place].hosts.len() {
        if stale(&world.clusters[place].hosts[at]) {
            sync_host(world, place, at);
        }
    }
}

fn sync_host(world: &mut World, place: usize, at: usize) {
    let now = world.now;
    let host = &world.clusters[place].hosts[at];
    let id = MachineId(host.machine);
    let live: Vec<(String, Domain)> = host.live().map(|(name, domain)| (name.to_owned(), *domain)).collect();
    let gone: Vec<u32> =
        host.spawned.iter().copied().filter(|pid| !live.iter().any(|(_, domain)| domain.process.pid == *pid)).collect();
    for pid in gone {
        world.linux_mut(id).processes.remove(pid);
    }
    let mut pids = Vec::new();
    for (name, domain) in live {
        let pid = match domain.process.pid {
            0 => {
                let process = process(world, id, place, &name, &domain, now);
                world.linux_mut(id).processes.start(process)
            }
            pid => pid,
        };
        pids.push((name, pid));
    }
    keep(world, place, at, &pids);
}

/// Notes which process a virtual machine has.
fn keep(world: &mut World, place: usize, at: usize, pids: &[(String, u32)]) {
    let host = &mut Arc::make_mut(&mut world.clusters[place]).hosts[at];
    for (name, pid) in pids {
        if let Some(domain) = host.domains.get_mut(name) {
            domain.process.pid = *pid;
        }
    }
    host.spawned = pids.iter().map(|(_, pid)| *pid).collect();
}

/// The virtual machines of a lab that begins have been running for long.
pub fn begin(world: &mut World, place: usize) {
    /// What was given to the first since the boot, and how far apart they are (inferred).
    const FIRST: u32 = 11_412;
    const APART: u32 = 1_873;
    for at in 0..world.clusters[place].hosts.len() {
        let host = &world.clusters[place].hosts[at];
        let (id, booted) = (MachineId(host.machine), host.booted.unwrap_or(world.now));
        let live: Vec<(String, Domain)> = host.live().map(|(name, domain)| (name.to_owned(), *domain)).collect();
        let mut pids = Vec::new();
        for (pid, (name, domain)) in (FIRST..).step_by(APART as usize).zip(live) {
            let guest = MachineId(world.clusters[place].storage.engine.guest);
            let began = if name == ENGINE { world.linux(guest).booted } else { booted };
            let process = process(world, id, place, &name, &domain, began.max(booted));
            world.linux_mut(id).processes.start_as(pid, process);
            pids.push((name, pid));
        }
        keep(world, place, at, &pids);
    }
}

fn process(world: &World, id: MachineId, place: usize, name: &str, domain: &Domain, now: Instant) -> Process {
    let number = if name == ENGINE { world.clusters[place].storage.engine.vmid.clone() } else { uuid(name) };
    let size = (domain.memory, processors(world, &world.clusters[place], name));
    qemu(world, id, name, domain.process.id, size, &number, now)
}

/// How many processors a virtual machine has. Of the ordinary ones nobody said.
pub fn processors(world: &World, cluster: &Cluster, name: &str) -> u32 {
    const ORDINARY: u32 = 4;
    if name == ENGINE { world.linux(MachineId(cluster.storage.engine.guest)).hardware.processors } else { ORDINARY }
}

/// What kind of machine the virtual machines of a host are.
pub fn machine(linux: &Linux) -> &'static str {
    if linux.distro.major < 8 { "pc-i440fx-rhel7.6.0" } else { "pc-q35-rhel8.6.0" }
}

fn qemu(world: &World, id: MachineId, name: &str, domain: u32, size: (u64, u32), uuid: &str, now: Instant) -> Process {
    let linux = world.linux(id);
    let (machine, old) = (machine(linux), linux.distro.major < 8);
    let locked = if old { "-realtime mlock=off" } else { "-overcommit mem-lock=off" };
    let (memory, processors) = size;
    let kib = memory << 10;
    let command = format!(
        "{PROGRAM} -name guest={name},debug-threads=on -S -object secret,id=masterKey0,format=raw,\
         file=/var/lib/libvirt/qemu/domain-{domain}-{name}/master-key.aes -machine {machine},accel=kvm,usb=off,\
         dump-guest-core=off -m size={kib}k,slots=16,maxmem={}k {locked} -smp {processors},maxcpus=64,sockets=16,cores=4,threads=1 \
         -uuid {uuid} -no-user-config -nodefaults -no-hpet -no-reboot -boot strict=on -msg timestamp=on",
        kib * 4
    );
    let scope = format!("machine-qemu\\x2d{domain}\\x2d{name}.scope");
    Process::daemon(1, QEMU, &command, Some(&scope), now)
}

/// Brings the process of a host's local virtual machine up to date.
pub fn sync_local(world: &mut World, host: MachineId) {
    let now = world.now;
    let Some(guest) = events::bootstrap_of(world, host) else { return };
    let Some(bootstrap) = world.rhv(host).and_then(|rhv| rhv.bootstrap.as_ref()) else { return };
    let (on, process) = (world.machine(guest).vm.power == Power::On, bootstrap.process);
    let pid = match (on, process.pid) {
        (true, 0) => {
            let size = (world.linux(guest).memory_kib() >> 10, world.linux(guest).hardware.processors);
            let number = uuid(Bootstrap::DOMAIN);
            let process = qemu(world, host, Bootstrap::DOMAIN, process.id, size, &number, now);
            world.linux_mut(host).processes.start(process)
        }
        (false, pid) if pid > 0 => {
            world.linux_mut(host).processes.remove(pid);
            0
        }
        _ => return,
    };
    if let Some(bootstrap) = world.rhv_mut(host).and_then(|rhv| rhv.bootstrap.as_mut()) {
        bootstrap.process.pid = pid;
    }
}

/// A signal has ended a process. `false` when it was not that of a virtual machine.
pub fn died(world: &mut World, id: MachineId, pid: u32) -> bool {
    let own = |host: &Host| host.live().find(|(_, domain)| domain.process.pid == pid).map(|(name, _)| name.to_owned());
    if let Some(name) = events::host(world, id).and_then(|(_, host)| own(host)) {
        events::change(world, id, |host, storage, now, out| match name.as_str() {
            ENGINE => host.end_engine(storage, Exit::Ended, now, out),
            name => drop(host.domains.remove(name)),
        });
        return true;
    }
    let local = world.rhv(id).and_then(|rhv| rhv.bootstrap.as_ref()).is_some_and(|own| own.process.pid == pid);
    if let Some(guest) = events::bootstrap_of(world, id).filter(|_| local) {
        crate::systems::linux::events::cut_power(world, guest);
        return true;
    }
    false
}
