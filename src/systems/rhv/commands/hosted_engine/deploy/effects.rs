//! What the tasks of a deployment do to the machines of the lab, and how each comes out. Most tasks only look at something or write
//! what nobody sees; those that matter are here by name.

use std::collections::BTreeMap;

use super::Deploy;
use super::storage::{has_room, short, usual_disk};
use crate::systems::linux;
use crate::systems::linux::fs::{Content, Cred, Kind as FileKind};
use crate::systems::linux::lab_entry::place;
use crate::systems::linux::model::{Hardware, Phase};
use crate::systems::rhv::deployment::{self, Founding};
use crate::systems::rhv::events::{self, ENGINE_UNIT, UNITS};
use crate::systems::rhv::faults;
use crate::systems::rhv::files::{self, FIREWALL};
use crate::systems::rhv::lab_entry::uuid;
use crate::systems::rhv::model::manager::HOSTED_STORAGE;
use crate::systems::rhv::model::offer::{Kind, Offer};
use crate::systems::rhv::model::{Bootstrap, Health, Inventory, VmStatus};
use crate::world::{MachineId, World};

/// How a task came out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Came {
    /// As it does when nothing is special.
    AsUsual,
    /// With this result.
    As(&'static str),
    /// Not yet: it looks again after a while.
    Later,
    /// It failed: what Ansible says of it, as the fields of a JSON object behind `"changed"`.
    Failed(String),
    /// The backup could not be restored: what `engine-backup` says.
    NotRestored(String),
    /// The host does not become fit for use: what the engine says.
    NotOperational(String),
}

/// What the appliance takes when it is unpacked, in MiB.
const APPLIANCE: u64 = 10_240;
/// Services of a host that run for an engine.
const OF_VDSM: [&str; 3] = ["mom-vdsm.service", "vdsmd.service", "supervdsmd.service"];
/// Oldest version whose backup 4.4 restores.
const OLDEST: [u32; 3] = [4, 3, 10];

fn failed(text: &str) -> Came {
    Came::Failed(format!("\"msg\": {}", quoted(text)))
}

/// A text as JSON has it.
pub(super) fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

impl Deploy<'_> {
    /// Does what a task does. It is called again until it is through.
    pub(super) fn happen(&mut self, block: &str, name: &str) -> Came {
        let id = self.talk.p.machine;
        match (block, name) {
            ("validations", "Enforce firewalld status") => self.firewall(),
            ("previous" | "local-vm", "Stop libvirt service") => self.unit("libvirtd.service", false),
            ("previous", "Stop and disable services") => self.stop_services(),
            ("previous", "Start libvirt") => self.unit("libvirtd.service", true),
            ("previous", "Destroy leftover local Hosted Engine VM") => self.destroy_local(),
            ("previous", "Undefine leftover local engine VM") => self.undefine_local(),
            ("local-vm", "Create directory for local VM") => self.make_folder(),
            ("local-vm", "Ensure we have enough space to extract the appliance") => self.room(),
            ("local-vm", "Extract appliance to local VM directory") => self.put(&[("images/disk", 2_700 << 20)]),
            ("local-vm", "Create cloud init user-data and meta-data files") => {
                self.put(&[("user-data", 1_902), ("meta-data", 70)])
            }
            ("local-vm", "Create ISO disk") => self.put(&[("seed.iso", 374_784)]),
            ("local-vm", "Create local VM") => self.create(),
            ("local-vm", "Create an entry in /etc/hosts for the local VM") => self.enter_name(),
            ("target" | "final", "Remove temporary entry in /etc/hosts for the local VM") => self.leave_name(),
            ("local-vm", "Wait for the local VM") => match self.guest {
                Some(guest) if self.world(|world, _| world.linux(guest).phase) == Phase::Up => Came::AsUsual,
                _ => Came::Later,
            },
            ("restore", "Run engine-backup") => self.restore(),
            ("restore", "Remove host used to redeploy") => {
                self.known(|engine, host| engine.hosts.retain(|h| h != host))
            }
            ("restore", "Rename previous HE storage domain to avoid name conflicts") => self.rename_storage(),
            ("engine", "Run engine-setup with answerfile") => self.set_engine_up(),
            ("engine", "Check if Engine health page is up" | "Wait for ovirt-engine service to start") => {
                let up = |guest| self.world(|world, _| world.linux(guest).unit_is_up(ENGINE_UNIT));
                if self.guest.is_some_and(up) { Came::AsUsual } else { Came::Later }
            }
            ("add-host", "Check actual cluster location") => self.place_of_cluster(),
            ("add-host", "Add host") => self.add_host(),
            ("host", "Wait for the host to be up") | ("pause", "Check if the host is up") => self.host_is_up(),
            ("storage", task) if task.starts_with("Add ") => self.add_storage(task),
            ("storage", "Check storage domain free space") if !has_room(self.release, self.free()) => {
                failed(&short(usual_disk(self.release), self.free()))
            }
            ("storage", "Activate storage domain") => {
                self.known(|engine, _| engine.storage_domains.push(HOSTED_STORAGE.to_owned()))
            }
            ("target", "Shutdown local VM") => {
                if let Some(guest) = self.guest {
                    self.world(|world, _| linux::events::shut_down(world, guest, false));
                }
                Came::AsUsual
            }
            ("target", "Wait for local VM shutdown") => match self.guest {
                Some(guest) if self.world(|world, _| world.linux(guest).phase) != Phase::Off => Came::Later,
                _ => Came::AsUsual,
            },
            ("target", "Undefine local VM") => {
                self.world(|world, _| {
                    if let Some(bootstrap) = world.rhv_mut(id).and_then(|rhv| rhv.bootstrap.as_mut()) {
                        bootstrap.guest = None;
                    }
                });
                Came::AsUsual
            }
            ("target", "Copy local VM disk to shared storage") => self.move_guest(),
            ("target", "Initialize metadata volume") => self.found(),
            ("target", "Start ovirt-ha-broker service on the host") => self.start_enabled(UNITS[1]),
            ("target", "Start ovirt-ha-agent service on the host") => self.start_enabled(UNITS[0]),
            ("target", "Exit HE maintenance mode") => {
                self.world(|world, id| {
                    events::change(world, id, |_, storage, _, _| storage.global_maintenance = false)
                });
                Came::AsUsual
            }
            ("target", "Check engine VM health") => self.health(),
            (_, "Generate DHCP network configuration for the engine VM") => self.either(self.wanted.address.is_none()),
            (_, "Generate static network configuration for the engine VM, IPv4") => {
                self.either(self.wanted.address.is_some())
            }
            ("final", "Remove local vm dir") => self.remove_folder(),
            _ => Came::AsUsual,
        }
    }

    fn world<R>(&self, reach: impl FnOnce(&mut World, MachineId) -> R) -> R {
        self.talk.p.world(reach)
    }

    fn either(&self, changed: bool) -> Came {
        Came::As(if changed { "changed" } else { "skipping" })
    }

    fn firewall(&self) -> Came {
        if self.world(|world, id| world.linux(id).unit_is_up(FIREWALL)) {
            return Came::AsUsual;
        }
        failed(
            "firewalld is required to be enabled and active in order to correctly deploy hosted-engine. Please check, fix \
             accordingly and re-deploy.",
        )
    }

    fn unit(&self, name: &str, up: bool) -> Came {
        let running = self.world(|world, id| world.linux(id).unit_is_up(name));
        if running == up {
            return Came::As("ok");
        }
        self.world(|world, id| match up {
            true => linux::events::start_unit(world, id, name),
            false => linux::events::stop_unit(world, id, name),
        });
        Came::As("changed")
    }

    fn stop_services(&self) -> Came {
        self.world(|world, id| {
            let now = world.now;
            for unit in [UNITS[0], UNITS[1]].into_iter().chain(OF_VDSM) {
                linux::events::stop_unit(world, id, unit);
                // A disk that is full keeps the links.
                let _ = world.linux_mut(id).set_enabled(unit, false, now);
            }
        });
        Came::AsUsual
    }

    /// Enables a unit and starts it.
    fn start_enabled(&self, unit: &str) -> Came {
        self.world(|world, id| {
            let now = world.now;
            let _ = world.linux_mut(id).set_enabled(unit, true, now);
            linux::events::start_unit(world, id, unit);
        });
        Came::AsUsual
    }

    fn destroy_local(&self) -> Came {
        let runs = self.world(|world, id| {
            let guest = world.rhv(id).and_then(|rhv| rhv.bootstrap.as_ref()?.guest).map(MachineId)?;
            let runs = world.linux(guest).phase != Phase::Off;
            linux::events::cut_power(world, guest);
            Some(runs)
        });
        self.either(runs == Some(true))
    }

    fn undefine_local(&self) -> Came {
        let left = self.world(|world, id| world.rhv_mut(id).and_then(|rhv| rhv.bootstrap.take()));
        self.either(left.is_some_and(|bootstrap| bootstrap.guest.is_some()))
    }

    fn make_folder(&self) -> Came {
        let folder = format!("/var/tmp/{}", self.names.local);
        self.world(|world, id| {
            let now = world.now;
            // Without room for it the next files fail.
            let _ = place(&mut world.linux_mut(id).fs, &folder, FileKind::EMPTY_DIR, ((0, 0), 0o775), now);
            if let Some(rhv) = world.rhv_mut(id) {
                rhv.bootstrap = Some(Bootstrap { folder, guest: None });
            }
        });
        Came::AsUsual
    }

    /// Puts files of these sizes into the folder of the local virtual machine.
    fn put(&self, files: &[(&str, u64)]) -> Came {
        let put = files.iter().try_for_each(|(name, size)| {
            let path = format!("/var/tmp/{}/{name}", self.names.local);
            self.world(|world, id| files::renew(world, id, &path, Content::Hole(*size), 0o660))
        });
        put.map_or_else(|errno| failed(errno.text()), |()| Came::AsUsual)
    }

    fn remove_folder(&self) -> Came {
        let folder = format!("/var/tmp/{}", self.names.local);
        let gone = self.world(|world, id| files::remove_tree(world, id, &folder));
        Came::As(if gone { "changed" } else { "ok" })
    }

    fn room(&self) -> Came {
        let free = self.world(|world, id| {
            let fs = &world.linux(id).fs;
            let ino = fs.lookup(&Cred::ROOT, "/", "/var/tmp").ok()?;
            Some(fs.usage(fs.node(ino).mount).available >> 20)
        });
        match free.unwrap_or(0) {
            free if free < APPLIANCE => failed(&format!(
                "/var/tmp doesn't provide enough free space to extract the engine appliance disk image: {free} Mb are \
                 available while {APPLIANCE} Mb are required."
            )),
            _ => Came::AsUsual,
        }
    }

    fn create(&mut self) -> Came {
        let hardware = Hardware { processors: self.wanted.processors, memory: Some(self.wanted.memory) };
        let (fqdn, mac) = (self.wanted.fqdn.clone(), self.wanted.mac.clone());
        self.guest = self.world(|world, id| deployment::create_guest(world, id, &fqdn, hardware, &mac));
        match self.guest {
            Some(_) => Came::AsUsual,
            None => failed("the local virtual machine could not be created"),
        }
    }

    fn enter_name(&self) -> Came {
        let Some(guest) = self.guest else { return Came::AsUsual };
        let address = self.world(|world, _| world.machine(guest).address.clone());
        let line = format!("{address} {} {MARK}\n", self.wanted.fqdn);
        self.edit_hosts(|text| format!("{line}{text}"));
        Came::AsUsual
    }

    fn leave_name(&self) -> Came {
        let kept =
            |text: &str| text.lines().filter(|line| !line.ends_with(MARK)).map(|line| format!("{line}\n")).collect();
        Came::As(if self.edit_hosts(kept) { "changed" } else { "ok" })
    }

    /// Changes the host's list of names. Whether something in it is new.
    fn edit_hosts(&self, change: impl FnOnce(&str) -> String) -> bool {
        let before = self.talk.p.read_path("/etc/hosts").unwrap_or_default();
        let text = String::from_utf8_lossy(&before).into_owned();
        let after = change(&text);
        // A disk that is full keeps the old list.
        after != text && self.talk.p.write_path("/etc/hosts", after.as_bytes()).is_ok()
    }

    /// The version of the engine in the appliance.
    fn appliance(&self) -> String {
        self.world(|world, id| world.rhv(id).map(|rhv| rhv.engine.clone())).unwrap_or_default()
    }

    /// The backup comes into the guest, if its version is one that the engine there takes.
    fn restore(&mut self) -> Came {
        let Some((_, engine)) = self.restored.clone() else { return Came::AsUsual };
        let Some(guest) = self.guest else { return Came::AsUsual };
        let (version, installed) = (engine.version.clone(), self.appliance());
        let numbers = |text: &str| -> Vec<u32> { text.split(['.', '_']).map_while(|part| part.parse().ok()).collect() };
        let too_old = self.release.python3() && numbers(&version) < OLDEST.to_vec();
        if numbers(&version) > numbers(&installed) || too_old {
            return Came::NotRestored(format!(
                "FATAL: Backup was created by version '{version}' and can not be restored using the installed version {installed}"
            ));
        }
        self.world(|world, _| {
            if let Some(rhv) = world.rhv_mut(guest) {
                rhv.inventory = Some(engine);
            }
        });
        Came::AsUsual
    }

    /// Changes what the engine of the guest knows, beside the name of this host.
    fn known(&self, change: impl FnOnce(&mut Inventory, &str)) -> Came {
        if let Some(guest) = self.guest {
            self.world(|world, _| {
                deployment::inventory_mut(world, guest).map(|engine| change(engine, &self.wanted.host_name))
            });
        }
        Came::AsUsual
    }

    fn rename_storage(&self) -> Came {
        let stamp = self.talk.stamp("%Y%m%dT%H%M%S");
        self.known(|engine, _| {
            for domain in engine.storage_domains.iter_mut().filter(|domain| *domain == HOSTED_STORAGE) {
                *domain = format!("hosted_storage_old_{stamp}");
            }
        })
    }

    fn set_engine_up(&self) -> Came {
        let Some(guest) = self.guest else { return Came::AsUsual };
        let (version, fqdn) = (self.appliance(), self.wanted.fqdn.clone());
        self.world(|world, _| {
            let now = world.now;
            if let Some(rhv) = world.rhv_mut(guest) {
                rhv.inventory.get_or_insert_with(|| Inventory::fresh(&version, &fqdn)).version.clone_from(&version);
            }
            for unit in crate::systems::rhv::units::of_manager(self.release) {
                let _ = world.linux_mut(guest).set_enabled(&unit, true, now);
                linux::events::start_unit(world, guest, &unit);
            }
        });
        Came::AsUsual
    }

    fn place_of_cluster(&self) -> Came {
        let (center, cluster) = (&self.wanted.data_center, &self.wanted.cluster);
        let elsewhere = self.restored.as_ref().filter(|(_, engine)| engine.cluster == *cluster);
        match elsewhere.map(|(_, engine)| &engine.data_center).filter(|known| *known != center) {
            None => Came::AsUsual,
            Some(known) => failed(&format!("Cluster {cluster} is in datacenter {known}, not in datacenter {center}")),
        }
    }

    fn add_host(&self) -> Came {
        self.world(|world, id| {
            let now = world.now;
            for unit in OF_VDSM.iter().rev().chain(&[UNITS[3]]) {
                let _ = world.linux_mut(id).set_enabled(unit, true, now);
                linux::events::start_unit(world, id, unit);
            }
            if let Some(rhv) = world.rhv_mut(id) {
                rhv.bridge = true;
            }
        });
        let (center, cluster) = (self.wanted.data_center.clone(), self.wanted.cluster.clone());
        self.known(|engine, host| {
            (engine.data_center, engine.cluster) = (center, cluster);
            engine.hosts.push(host.to_owned());
        })
    }

    fn host_is_up(&self) -> Came {
        let (troubles, up) =
            self.world(|world, id| (faults::troubles(world, id), world.linux(id).unit_is_up(UNITS[2])));
        let host = &self.wanted.host_name;
        let mut reasons = Vec::new();
        if troubles.bridge {
            reasons.push(format!(
                "code 519: Host {host} does not comply with the cluster {} networks, the following networks are missing on \
                 host: 'ovirtmgmt'",
                self.wanted.cluster
            ));
        }
        if troubles.network || troubles.gateway {
            reasons.push(format!(
                "code 9027: Host {host} is not responding. Host cannot be fenced automatically because power management for \
                 the host is disabled."
            ));
        }
        match reasons.is_empty() {
            true if up => Came::AsUsual,
            true => Came::Later,
            false => {
                reasons
                    .insert(0, format!("code 9000: Failed to verify Power Management configuration for Host {host}."));
                Came::NotOperational(format!("{},", reasons.join(", ")))
            }
        }
    }

    /// What the chosen storage has room for, in GiB.
    pub(super) fn free(&self) -> u64 {
        let Some(chosen) = &self.storage else { return 0 };
        self.world(|world, _| Offer::find(&world.offers, chosen.kind, &chosen.path).map_or(0, |offer| offer.size_gb))
    }

    fn add_storage(&self, task: &str) -> Came {
        let Some(chosen) = &self.storage else { return Came::AsUsual };
        let kind = match task {
            "Add NFS storage domain" => Kind::Nfs,
            "Add glusterfs storage domain" => Kind::Glusterfs,
            "Add iSCSI storage domain" => Kind::Iscsi,
            _ => Kind::Fc,
        };
        if kind != chosen.kind {
            return Came::As("skipping");
        }
        let taken = self.world(|world, id| {
            let troubles = faults::troubles(world, id).storage;
            let deployed = world.clusters.iter().any(|cluster| cluster.is_on(&chosen.path));
            let offered = Offer::find(&world.offers, kind, &chosen.path).map(|offer| offer.used);
            let found = if deployed { Some(true) } else { offered };
            found.filter(|_| !troubles)
        });
        let detail = match (taken, kind) {
            (Some(false), _) => return Came::As("changed"),
            (Some(true), _) => {
                "[Cannot add Storage. The storage is not empty: it may belong to another storage domain.]"
            }
            (None, Kind::Nfs | Kind::Glusterfs) => "[Problem while trying to mount target]",
            (None, _) => "[Failed discovering iSCSI targets]",
        };
        let text =
            format!("Fault reason is \"Operation Failed\". Fault detail is \"{detail}\". HTTP response code is 400.");
        Came::Failed(format!("\"msg\": {}", quoted(&text)))
    }

    /// The disk is on the shared storage: the guest that boots from it next has its final address.
    fn move_guest(&self) -> Came {
        let Some(guest) = self.guest else { return Came::AsUsual };
        let fixed = self.wanted.address.clone();
        self.world(|world, _| {
            let leased = world.surroundings.lease(&self.wanted.mac).map(str::to_owned);
            let machine = world.machine_mut(guest);
            if let Some((address, _)) = &fixed {
                machine.address.clone_from(address);
            } else if let Some(address) = leased {
                machine.address = address;
            }
            for disk in &mut machine.vm.disks {
                disk.datastore = HOSTED_STORAGE.to_owned();
                disk.size_gb = u32::try_from(self.wanted.disk).unwrap_or(u32::MAX);
            }
            let servers = match &fixed {
                Some(_) => self.wanted.servers.clone(),
                None => world.surroundings.names.iter().cloned().collect(),
            };
            let now = world.now;
            let linux = world.linux_mut(guest);
            linux.network.dhcp = fixed.is_none();
            // The disk of an appliance has room for both files.
            let _ = linux.set_resolver(&servers, &[], now);
            if !self.wanted.key.is_empty() {
                let line = format!("{}\n", self.wanted.key);
                let _ = files::renew(world, guest, "/root/.ssh/authorized_keys", Content::text(line), 0o600);
            }
        });
        Came::AsUsual
    }

    fn found(&self) -> Came {
        let (Some(guest), Some(chosen)) = (self.guest, &self.storage) else { return Came::AsUsual };
        let mut settings: BTreeMap<String, String> = files::settings(&self.wanted.fqdn, &chosen.path);
        let mut set = |key: &str, value: &str| settings.insert(key.to_owned(), value.to_owned());
        set("gateway", &self.wanted.gateway);
        set("network_test", &self.wanted.network_test);
        set("tcp_t_address", &self.wanted.tcp_test.0);
        set("tcp_t_port", &self.wanted.tcp_test.1);
        // Another virtual machine than that of the same name before.
        set("vmid", &uuid(&format!("{} {}", self.wanted.fqdn, self.names.local)));
        set("domainType", if chosen.kind == Kind::Fc { "fc" } else { chosen.kind.word() });
        set("nfs_version", &chosen.nfs_version);
        set("mnt_options", &chosen.mount_options);
        let (address, port) = chosen.portal.split_once(':').unwrap_or_default();
        if chosen.kind == Kind::Iscsi {
            set("storage", address);
            set("portal", "1");
            set("port", port);
            set("iqn", &chosen.target);
        }
        let (name, memory) = (self.wanted.host_name.clone(), self.wanted.memory);
        let mut notifications = files::notifications();
        for (key, answer) in MAIL {
            if let Some(answer) = self.talk.answers.get(answer) {
                notifications.insert(key.to_owned(), answer.clone());
            }
        }
        self.world(|world, id| {
            let founding = Founding { host: (id, &name), guest, memory, settings, notifications };
            deployment::found(world, founding).map_or_else(|errno| failed(errno.text()), |()| Came::AsUsual)
        })
    }

    fn health(&self) -> Came {
        let health = self.world(|world, id| {
            let (cluster, host) = events::host(world, id)?;
            let block = cluster.storage.blocks.get(&host.id)?;
            Some(block.health)
        });
        if health == Some(Health::Good(VmStatus::Up)) { Came::AsUsual } else { Came::Later }
    }
}

/// Where the broker's settings come from.
const MAIL: [(&str, &str); 4] = [
    ("email.smtp-server", "OVEHOSTED_NOTIF/smtpServer"),
    ("email.smtp-port", "OVEHOSTED_NOTIF/smtpPort"),
    ("email.source-email", "OVEHOSTED_NOTIF/sourceEmail"),
    ("email.destination-emails", "OVEHOSTED_NOTIF/destEmail"),
];

/// What marks the line of the local virtual machine in the host's list of names.
const MARK: &str = "# temporary entry added by hosted-engine-setup for the bootstrap VM";
