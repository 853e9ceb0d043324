//! What a host finds around itself, and what a deployment makes of the lab: the guest of a new Manager, and the cluster that keeps
//! it.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::model::{Bootstrap, Cluster, Engine, Guest, Host, Inventory, Process, Rhv, Role, Storage};
use super::{events, faults, files, lab_entry, logs, mounts, network, own_programs, processes, units};
use crate::systems::linux::fs::Errno;
use crate::systems::linux::model::{Hardware, Linux, Phase, Release as LinuxRelease};
use crate::systems::linux::net;
use crate::systems::linux::proc::Proc;
use crate::vm::{Disk, Drive, Power, Vm, copy_rate};
use crate::world::{Browser, Machine, MachineId, System, World};

/// Whether a host has its management bridge.
#[must_use]
pub fn has_bridge(world: &World, id: MachineId) -> bool {
    world.rhv(id).is_some_and(|rhv| rhv.bridge) && !faults::without_bridge(world, id)
}

/// The name server that answers a host.
#[must_use]
pub fn name_server(p: &Proc) -> Option<String> {
    p.world(|world, id| net::name_server(world, id).filter(|_| network::is_wired(world, id)))
}

/// The address that it has for a name, whatever the host's own list of names says.
#[must_use]
pub fn served(p: &Proc, name: &str) -> Option<String> {
    name_server(p)?;
    p.world(|world, _| net::address_of(world, name)).map(|(_, address)| address)
}

/// Whether a text is a hardware address of one machine: six bytes, the first of them even.
#[must_use]
pub fn is_unicast(text: &str) -> bool {
    let bytes: Vec<&str> = text.split(':').collect();
    let byte = |part: &&str| {
        let hexadecimal = part.len() == 2 && part.bytes().all(|letter| letter.is_ascii_hexdigit());
        u8::from_str_radix(part, 16).ok().filter(|_| hexadecimal)
    };
    bytes.len() == 6 && bytes.iter().all(|part| byte(part).is_some()) && byte(&bytes[0]).is_some_and(|b| b % 2 == 0)
}

/// Where the network of local virtual machines is: the host has the first address.
pub const LOCAL_NET: &str = "192.168.222";

/// Makes the machine that is the guest of a new Manager, in a local virtual machine of a host, and switches it on. Its name in
/// the lab is the first part of its name in the network, with a number behind it where there is such a machine already.
pub fn create_guest(
    world: &mut World,
    host: MachineId,
    fqdn: &str,
    hardware: Hardware,
    mac: &str,
) -> Option<MachineId> {
    let now = world.now;
    let Rhv { release, engine, .. } = world.rhv(host)?;
    let (release, engine) = (*release, engine.clone());
    let distro = LinuxRelease::find(release.distro())?;
    let mut linux = Linux::new(distro, fqdn, now).with(hardware);
    units::install(&mut linux, Role::Manager, release, false, now);
    own_programs::install(&mut linux, Role::Manager, release, now);
    linux.phase = Phase::Off;
    linux.go_dark(now, crate::systems::linux::model::logins::Why::Down);
    let short = fqdn.split('.').next().unwrap_or(fqdn);
    let mut names = std::iter::once(short.to_owned()).chain((2..).map(|number| format!("{short}-{number}")));
    // One that a deployment has left behind, and nobody keeps, makes room.
    let free = |world: &World, name: &str| world.find(name).is_none_or(|id| is_left_over(world, id));
    let name = names.find(|name| free(world, name))?;
    let last = 2 + world.streams.next(&format!("rhv.local.{}", host.0)) % 250;
    let disks =
        vec![Disk { label: "Hard disk 1".to_owned(), size_gb: 58, datastore: "local".to_owned(), before_gb: None }];
    let system = Rhv {
        role: Role::Manager,
        release,
        certificate: fqdn.to_owned(),
        image: None,
        engine,
        inventory: None,
        bootstrap: None,
        bridge: false,
        deployed: true,
        linux,
    };
    let machine = Machine {
        name,
        address: format!("{LOCAL_NET}.{last}"),
        passwords: Vec::new(),
        vm: Vm {
            power: Power::Off,
            host: world.machine(host).name.clone(),
            disks,
            drive: Drive::Empty,
            insertions: 0,
            tasks: Arc::default(),
            copy_bytes_per_sec: copy_rate(),
            mac: Some(mac.to_owned()),
        },
        system: System::Rhv(Box::new(system)),
        clones: BTreeMap::new(),
        copying: Vec::new(),
        browser: Browser::default(),
    };
    let guest = match world.find(&machine.name) {
        Some(id) => {
            *world.machine_mut(id) = machine;
            id
        }
        None => world.add(machine),
    };
    network::renew_default(world, host);
    let first = Process { id: 1, ..Process::default() };
    let process = events::change(world, host, |host, _, _, _| host.make_process()).unwrap_or(first);
    let bootstrap = world.rhv_mut(host)?.bootstrap.get_or_insert_with(Bootstrap::default);
    (bootstrap.guest, bootstrap.process) = (Some(guest.0), process);
    crate::systems::linux::events::power_on(world, guest);
    processes::sync_local(world, host);
    Some(guest)
}

/// Whether a machine was the guest of a deployment's virtual machine that is undefined by now.
fn is_left_over(world: &World, id: MachineId) -> bool {
    let made = world.rhv(id).is_some_and(|rhv| rhv.deployed);
    let kept = events::kept_by(world, id).is_some() || events::bootstrapped_by(world, id).is_some();
    made && !kept && world.machine(id).vm.power == Power::Off
}

/// What a new cluster is made of.
pub struct Founding<'a> {
    /// Its first host, and by which name the Manager knows it.
    pub host: (MachineId, &'a str),
    /// The guest of its Manager.
    pub guest: MachineId,
    /// Memory of the Manager's virtual machine in MiB.
    pub memory: u64,
    /// What `hosted-engine.conf` says beyond what is the same everywhere.
    pub settings: BTreeMap<String, String>,
    /// What `broker.conf` says.
    pub notifications: BTreeMap<String, String>,
}

/// Makes the cluster of a deployment: a storage domain, one host without an agent that runs, and a Manager that is off. It is in
/// global maintenance until the deployment ends that.
///
/// # Errors
/// What the host's file system says.
pub fn found(world: &mut World, founding: Founding<'_>) -> Result<(), Errno> {
    let Founding { host: (id, name), guest, memory, settings, notifications } = founding;
    // It looks at one storage domain only.
    leave(world, id);
    let now = world.now;
    let linux = world.linux(id);
    let (booted, total) = (linux.booted, linux.memory_kib() >> 10);
    let Rhv { release, bootstrap, .. } = world.rhv(id).ok_or(Errno::Noent)?;
    let (release, bootstrap) = (*release, bootstrap.clone());
    files::deploy(world, id, &settings, 1)?;
    let mut host = Host::new(1, name, id.0, release, total, now);
    host.booted = Some(booted);
    host.log = logs::of(world, id);
    // Libvirt goes on counting after the local virtual machine.
    host.processes = bootstrap.map_or(0, |bootstrap| bootstrap.process.id);
    let fqdn = world.linux(guest).hostname.clone();
    let vmid = settings.get("vmid").cloned().unwrap_or_else(|| lab_entry::uuid(&fqdn));
    let engine = Engine { vmid, fqdn, memory, guest: guest.0, phase: Guest::Off, serves: false, asked: false };
    let shared = [("he_shared", settings.clone()), ("broker", notifications)];
    let storage = Storage {
        blocks: BTreeMap::new(),
        global_maintenance: true,
        lease: None,
        engine,
        settings: shared.map(|(kind, settings)| (kind.to_owned(), settings)).into(),
        made: settings,
        ids: BTreeMap::new(),
    };
    world.clusters.push(Arc::new(Cluster { hosts: vec![host], storage }));
    events::stirred(world, id);
    Ok(())
}

/// A host is no part of its cluster any more, and runs no Manager for it: what it wrote to the storage stays there.
pub fn leave(world: &mut World, id: MachineId) {
    events::change(world, id, |host, storage, now, out| {
        host.destroy_engine(storage, now, out);
        (host.connected, host.lockspace) = (false, None);
        storage.part(host.machine);
    });
    mounts::sync(world, id);
    if let Some(cluster) = events::cluster_mut(world, id) {
        for host in cluster.hosts.iter_mut().filter(|host| host.machine == id.0) {
            host.gone = true;
        }
    }
}

/// The engine's database on a machine.
pub fn inventory_mut(world: &mut World, id: MachineId) -> Option<&mut Inventory> {
    world.rhv_mut(id)?.inventory.as_mut()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lab_file::{BUNDLED, LabFile};
    use crate::systems::linux::model::Platform;

    #[test]
    fn only_what_a_deployment_has_made_makes_room_for_another() {
        let (_, text) = BUNDLED.iter().find(|(name, _)| *name == "rhv-4.4-she").expect("it is bundled");
        let mut world = LabFile::parse(text).and_then(|file| file.world("one", None, None)).expect("a good lab");
        let (host, old) = (world.find("host1").expect("a host"), world.find("manager").expect("a Manager"));
        // It is switched off, and nobody keeps it.
        world.clusters.clear();
        world.machine_mut(old).vm.power = Power::Off;
        let hardware = Hardware { processors: 4, memory: Some(16_384), platform: Platform::Kvm };
        let make = |world: &mut World| {
            let made = create_guest(world, host, "manager.example.com", hardware, "00:16:3e:00:00:01").expect("a name");
            (made, world.machine(made).name.clone())
        };
        let (first, name) = make(&mut world);
        assert_eq!((first == old, &*name), (false, "manager-2"));
        // The name server learns nothing of it.
        world.rhv_mut(host).expect("a host").bootstrap = None;
        let known = net::address_of(&world, "manager.example.com").map(|(_, address)| address);
        assert_eq!(known.as_ref(), Some(&world.machine(old).address));
        assert_ne!(known.as_ref(), Some(&world.machine(first).address));
        // What is left of a try goes.
        world.machine_mut(first).vm.power = Power::Off;
        assert_eq!(make(&mut world), (first, name));
    }

    #[test]
    fn hardware_addresses_of_one_machine_are_told_from_others() {
        let check = |text, expect| assert_eq!(is_unicast(text), expect, "{text}");
        check("00:16:3e:74:32:45", true);
        check("00:16:3E:74:32:45", true);
        check("01:00:5e:00:00:01", false);
        check("00:16:3e:74:32", false);
        check("00:16:3e:74:32:4g", false);
        check("00-16-3e-74-32-45", false);
        check("+0:16:3e:74:32:45", false);
    }
}
