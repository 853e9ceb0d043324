//! Hosts, Manager and cluster as a lab file describes them. A lab begins with a cluster that has been running for long.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Deserialize;

use super::model::log::{Log, Round, Setting};
use super::model::manager::HOSTED_STORAGE;
use super::model::{
    Agent, Block, Cluster, Daemons, Domain, ENGINE, Engine, Event, Guest, Health, Host, HostId, Inventory, Life,
    PERIOD, Rhv, Role, State, Storage, VmStatus,
};
use super::release::{Release, Version};
use super::{backup, events, files, mounts, network_test, own_programs, processes, units};
use crate::payload::Sha256;
use crate::sim::{Instant, Span};
use crate::systems::linux::fs::Content;
use crate::systems::linux::lab_entry::LoginEntry;
use crate::systems::linux::model::{Hardware, Linux, Platform, Release as LinuxRelease, UPTIME};
use crate::world::{Event as Due, MachineId, System, World};

/// The entry `[machine.system.rhv]`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// `host` or `manager`.
    pub role: Role,
    /// The product, such as `4.3`.
    pub release: String,
    /// Version of ovirt-hosted-engine-setup, where it is not the product's last.
    pub setup: Option<String>,
    /// Version of ovirt-hosted-engine-ha, likewise.
    pub ha: Option<String>,
    /// The version of its engine, or of that in a host's appliance, where it is not the product's last.
    pub engine: Option<String>,
    /// Its host name with its domain; its name in the lab when nothing stands here.
    pub hostname: Option<String>,
    /// The name in the certificate of its vdsm, where it is not the host name.
    pub certificate: Option<String>,
    /// The image of an RHV-H, such as `rhvh-4.3.13.2-0.20210127.0`; a host is a RHEL when nothing stands here.
    pub image: Option<String>,
    /// The login before the first.
    pub last_login: Option<LoginEntry>,
    /// How long it is up, such as `16d3h`.
    pub up: Option<String>,
    /// Its memory in MiB, of a host.
    #[serde(default = "host_memory")]
    pub memory: u64,
    /// How many processors it has, of a host.
    #[serde(default = "host_processors")]
    pub processors: u32,
    /// Whether a host belongs to a cluster with a hosted engine.
    #[serde(default = "yes")]
    pub deployed: bool,
}

fn yes() -> bool {
    true
}

/// The entry `[cluster]`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClusterEntry {
    /// The machine that is the Manager.
    pub manager: String,
    /// The machine on which its virtual machine runs.
    pub engine_on: String,
    /// Where the hosted-engine storage domain is: host and path of an NFS export.
    pub storage: String,
    /// The gateway that hosts test.
    pub gateway: String,
    /// Memory of the Manager's virtual machine in MiB.
    #[serde(default = "engine_memory")]
    pub memory: u64,
    /// Whether it is in global maintenance.
    #[serde(default)]
    pub global_maintenance: bool,
    /// Virtual machines beside the Manager's.
    #[serde(default)]
    pub vm: Vec<VmEntry>,
}

fn engine_memory() -> u64 {
    16_384
}

fn host_memory() -> u64 {
    65_536
}

fn host_processors() -> u32 {
    8
}

/// The entry `[[backup]]`: a file that `engine-backup` made.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BackupEntry {
    /// The machine on which it lies.
    pub machine: String,
    /// Where.
    pub path: String,
    /// What is in it.
    pub engine: Inventory,
}

impl BackupEntry {
    /// Puts the file on its machine.
    ///
    /// # Errors
    /// What names nothing that exists, in words.
    pub fn put(&self, world: &mut World) -> Result<(), String> {
        let id = world.find(&self.machine).ok_or_else(|| format!("backup: there is no machine {}", self.machine))?;
        let bytes = backup::pack(&self.engine, world.now)?;
        let put = files::renew(world, id, &self.path, Content::Bytes(bytes.into()), 0o600);
        put.map_err(|errno| format!("backup: {}: {}", self.path, errno.text()))
    }
}

/// An ordinary virtual machine.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VmEntry {
    /// Its name.
    pub name: String,
    /// The machine on which it runs.
    pub host: String,
    /// Its memory in MiB.
    pub memory: u64,
}

impl Entry {
    /// The machine called `name`, at the start of the lab.
    ///
    /// # Errors
    /// What names nothing that exists, in words.
    pub fn build(&self, name: &str, start: Instant) -> Result<Rhv, String> {
        let mut release = Release::find(&self.release).ok_or_else(|| format!("there is no RHV {}", self.release))?;
        for (given, version) in [(&self.setup, &mut release.setup), (&self.ha, &mut release.ha)] {
            if let Some(text) = given {
                *version = Version::parse(text).ok_or_else(|| format!("{text} is no version such as 2.3.13"))?;
            }
        }
        let image = self.image.as_deref().and_then(LinuxRelease::find);
        let distro = image.or_else(|| LinuxRelease::find(release.distro()));
        let distro = distro.ok_or("there is no distribution to build on")?;
        let mut linux = Linux::new(distro, self.hostname.as_deref().unwrap_or(name), start);
        units::install(&mut linux, self.role, release, self.deployed, start);
        own_programs::install(&mut linux, self.role, release, start);
        if self.role == Role::Host {
            files::install(&mut linux, start);
            if self.image.is_some() {
                files::install_node(&mut linux, start);
            }
        }
        if self.role == Role::Host {
            let (processors, memory) = (self.processors, Some(self.memory));
            linux = linux.with(Hardware { processors, memory, platform: Platform::Physical });
        } else {
            linux.hardware.platform = Platform::Kvm;
        }
        let up = self.up.as_deref().map(Span::parse).transpose()?.unwrap_or(UPTIME);
        linux = linux.up_for(up, start);
        if let Some(entry) = &self.last_login {
            linux.logins.add_earlier(&entry.before(start)?, &entry.tty);
        }
        let certificate = self.certificate.clone().unwrap_or_else(|| linux.hostname.clone());
        let (image, role) = (self.image.clone(), self.role);
        let engine = self.engine.clone().unwrap_or_else(|| release.engine().to_owned());
        let (inventory, bootstrap, bridge) = (None, None, self.deployed);
        let deployed = false;
        Ok(Rhv { role, release, certificate, image, engine, inventory, bootstrap, bridge, deployed, linux })
    }
}

fn find(world: &World, name: &str) -> Result<MachineId, String> {
    world.find(name).ok_or_else(|| format!("cluster: there is no machine {name}"))
}

/// A number in the form of a UUID that follows from a name.
#[must_use]
pub fn uuid(name: &str) -> String {
    let hex = Sha256::of(name.as_bytes()).to_string();
    format!("{}-{}-4{}-a{}-{}", &hex[..8], &hex[8..12], &hex[13..16], &hex[17..20], &hex[20..32])
}

impl ClusterEntry {
    /// Makes the cluster of the machines that are in the world already.
    ///
    /// # Errors
    /// What names nothing that exists, in words.
    pub fn build(&self, world: &mut World) -> Result<(), String> {
        let (manager, first) = (find(world, &self.manager)?, find(world, &self.engine_on)?);
        let mut hosts = Vec::new();
        for (id, machine) in world.machines() {
            let System::Rhv(rhv) = &machine.system else { continue };
            let deployed = rhv.linux.unit_is_up(events::AGENT);
            if rhv.role == Role::Host && deployed {
                let number = HostId::try_from(hosts.len() + 1).unwrap_or(HostId::MAX);
                let name = &rhv.certificate;
                let memory = rhv.linux.memory_kib() >> 10;
                hosts.push(Host::new(number, name, id.0, rhv.release, memory, world.now));
            }
        }
        let fqdn = world.linux(manager).hostname.clone();
        let engine = Engine {
            vmid: uuid(&fqdn),
            fqdn,
            memory: self.memory,
            guest: manager.0,
            phase: Guest::Up,
            serves: true,
            asked: false,
        };
        let storage = Storage {
            blocks: BTreeMap::new(),
            global_maintenance: self.global_maintenance,
            lease: None,
            engine,
            settings: BTreeMap::new(),
            made: BTreeMap::new(),
            ids: BTreeMap::new(),
        };
        let mut cluster = Cluster { hosts, storage };
        for place in 0..cluster.hosts.len() {
            self.run(world, &mut cluster, place, first);
        }
        let blocks = cluster.storage.blocks.clone();
        for host in &mut cluster.hosts {
            for (id, block) in &blocks {
                let seen = super::model::host::Seen { timestamp: block.timestamp, changed: block.at };
                host.seen.insert(*id, seen);
            }
        }
        if cluster.storage.lease.is_none() {
            return Err(format!("cluster: {} is no host with a hosted engine", self.engine_on));
        }
        for vm in &self.vm {
            let id = find(world, &vm.host)?;
            let host = cluster.hosts.iter_mut().find(|host| host.machine == id.0);
            let host = host.ok_or_else(|| format!("cluster: {} is no host", vm.host))?;
            host.started += 1;
            let process = host.make_process();
            let domain = Domain { life: Life::Running, memory: vm.memory, serial: host.started, process };
            host.domains.insert(vm.name.clone(), domain);
        }
        let mut shared = files::settings(&cluster.storage.engine.fqdn, &self.storage);
        shared.insert("gateway".to_owned(), self.gateway.clone());
        shared.insert("network_test".to_owned(), network_test::PING.to_owned());
        for host in &mut cluster.hosts {
            let id = MachineId(host.machine);
            files::deploy(world, id, &shared, host.id).map_err(|errno| errno.text().to_owned())?;
            host.conf = Some(files::conf_of(world, id));
            (host.connected, host.lockspace) = (true, Some(host.id));
            cluster.storage.join(host.id, host.machine, world.now);
            host.mailer = world.linux(id).unit_is_up(events::MAILER);
            files::keep_vm_conf(world, id);
        }
        for place in 0..cluster.hosts.len() {
            let log = Self::log_of_long(world, &cluster, place);
            cluster.hosts[place].log = log;
        }
        cluster.storage.made.clone_from(&shared);
        cluster.storage.settings.insert("he_shared".to_owned(), shared);
        cluster.storage.settings.insert("broker".to_owned(), files::notifications());
        if let System::Rhv(rhv) = &mut world.machine_mut(manager).system {
            let hosts = cluster.hosts.iter().map(|host| host.name.clone()).collect();
            let vms = self.vm.iter().map(|vm| vm.name.clone()).collect();
            let fresh = Inventory::fresh(&rhv.engine, &rhv.linux.hostname);
            rhv.inventory = Some(Inventory { hosts, vms, storage_domains: vec![HOSTED_STORAGE.to_owned()], ..fresh });
        }
        // What the hosts test their network with is there.
        world.surroundings.gateway.get_or_insert_with(|| self.gateway.clone());
        let machines: Vec<usize> = cluster.hosts.iter().map(|host| host.machine).collect();
        world.clusters.push(Arc::new(cluster));
        processes::begin(world, world.clusters.len() - 1);
        machines.into_iter().for_each(|machine| mounts::sync(world, MachineId(machine)));
        Ok(())
    }

    /// What the agent of a host has written that has had nothing to do for two hours.
    fn log_of_long(world: &World, cluster: &Cluster, place: usize) -> Log {
        let Cluster { hosts, storage } = cluster;
        let host = &hosts[place];
        let others = || storage.blocks.iter().filter(|(id, _)| **id != host.id);
        let best = others().next().map(|(id, block)| (*id, block.score));
        let running = others().find(|(_, block)| block.health.is_up()).map(|(id, _)| *id);
        let setting = Setting::of(host, hosts, &world.linux(MachineId(host.machine)).zone);
        Log::of_long(storage.blocks[&host.id].at, Round { best, running, ..Round::of(host, storage) }, 720, setting)
    }

    /// Lets a host have been running for long: its agent's last pass was a few seconds ago, each host's at another moment.
    fn run(&self, world: &mut World, cluster: &mut Cluster, place: usize, first: MachineId) {
        let now = world.now;
        let host = &mut cluster.hosts[place];
        let id = MachineId(host.machine);
        let booted = world.linux(id).booted;
        let last = now - Span::millis((1_870 + 3_210 * place as u64) % 9_000);
        let on_it = host.machine == first.0;
        let (mut state, health) = match on_it {
            true => (State::EngineUp, Health::Good(VmStatus::Up)),
            false => (State::EngineDown, Health::Absent),
        };
        if self.global_maintenance {
            state = State::GlobalMaintenance;
        }
        if on_it {
            cluster.storage.lease = Some(super::model::Lease { holder: host.id, silent: None });
            host.started = 1;
            let process = host.make_process();
            let domain = Domain { life: Life::Running, memory: self.memory, serial: 1, process };
            host.domains.insert(ENGINE.to_owned(), domain);
        }
        let begun = booted + Span::secs(60);
        host.booted = Some(booted);
        host.daemons = Daemons { agent: true, broker: true, vdsm: true, sanlock: true };
        let score = super::model::score::FULL_SCORE;
        host.agent = Agent { state, health, score, ..Agent::new(1, begun) };
        let block = Block {
            at: last,
            timestamp: last.since(booted).as_secs(),
            score,
            health,
            state,
            timeout: None,
            maintenance: false,
            stopped: false,
            corrupt: false,
            writer: Some(id.0),
        };
        cluster.storage.blocks.insert(host.id, block);
        let due = Due { machine: id, what: Event::Loop(1).into() };
        world.queue.schedule(last + PERIOD, due);
    }
}
