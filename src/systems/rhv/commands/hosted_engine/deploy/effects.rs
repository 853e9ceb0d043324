//! What the tasks of a deployment do to the machines of the lab, and how each comes out. Most tasks only look at something or write
//! what nobody sees; those that matter are here by name.

use super::storage::{has_room, short, usual_disk};
use super::{Deploy, options};
use crate::systems::linux;
use crate::systems::linux::fs::Content;
use crate::systems::linux::model::Phase;
use crate::systems::linux::net::{self, Host};
use crate::systems::rhv::deployment;
use crate::systems::rhv::events::{self, ENGINE_UNIT};
use crate::systems::rhv::faults;
use crate::systems::rhv::files::{self, FIREWALL};
use crate::systems::rhv::model::Inventory;
use crate::systems::rhv::model::manager::HOSTED_STORAGE;
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
    /// The guest does not answer: what the secure shell says.
    Unreachable(String),
    /// The backup could not be restored: what `engine-backup` says.
    NotRestored(String),
    /// The host does not become fit for use: what the engine says.
    NotOperational(String),
}

/// Services of a host that run for an engine.
const OF_VDSM: [&str; 3] = ["mom-vdsm.service", "vdsmd.service", "supervdsmd.service"];
/// Oldest version whose backup 4.4 restores.
const OLDEST: [u32; 3] = [4, 3, 10];

pub(super) fn failed(text: &str) -> Came {
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
            (_, "Fail if he_force_ip4 and he_force_ip6 are set at the same time")
                if self.forced.four && self.forced.six =>
            {
                failed("he_force_ip4 and he_force_ip6 cannot be used at the same time")
            }
            (_, "Check address resolution") => self.resolves(&self.wanted.host_name),
            (_, "Check engine he_fqdn resolution") => self.resolves(&self.wanted.fqdn),
            (_, "Check the resolved address resolves on the selected interface") if self.forced.six => {
                failed("The resolved address doesn't resolve on the selected interface\n")
            }
            (_, name) if self.is_left_out(name) => Came::As("skipping"),
            (_, "Ensure engine he_fqdn doesn't resolve locally") => match self.resolved(&self.wanted.fqdn) {
                Some(host) if host.machine == Some(id) => {
                    failed("The FQDN for the engine VM resolves locally on this host")
                }
                _ => Came::AsUsual,
            },
            ("previous" | "local-vm", "Stop libvirt service") => self.unit("libvirtd.service", false),
            ("previous", "Stop and disable services") => self.stop_services(),
            ("previous", "Start libvirt") => self.unit("libvirtd.service", true),
            ("previous", "Destroy leftover local Hosted Engine VM") => self.destroy_local(),
            ("previous", "Undefine leftover local engine VM") => self.undefine_local(),
            ("local-vm", "Create directory for local VM") => self.make_folder(),
            ("local-vm", "Ensure we have enough space to extract the appliance") => self.room(),
            ("local-vm", "Extract appliance to local VM directory") => self.put(&[(&self.disk(), 2_700 << 20)]),
            ("local-vm", "Create cloud init user-data and meta-data files") => {
                self.put(&[("user-data", 1_902), ("meta-data", 70)])
            }
            ("local-vm", "Create ISO disk") => self.put(&[("seed.iso", 374_784)]),
            ("local-vm", "Create local VM") => self.create(),
            ("local-vm", "Create an entry in /etc/hosts for the local VM") => self.enter_name(),
            ("local-vm", "Remove leftover entries in /etc/hosts for the local VM")
            | ("target" | "final", "Remove temporary entry in /etc/hosts for the local VM") => self.leave_name(),
            ("local-vm", "Wait for the local VM") => match self.guest {
                Some(guest) if self.world(|world, _| world.linux(guest).phase) == Phase::Up => Came::AsUsual,
                _ => Came::Later,
            },
            ("restore", "Run engine-backup") => self.restore(),
            // Its database is there once the backup is restored.
            ("restore", "Remove previous hosted-engine VM") if !self.engine_has(|_| true) => {
                failed("non-zero return code")
            }
            ("restore", "Remove host used to redeploy") => {
                self.known(|engine, host| engine.hosts.retain(|h| h != host))
            }
            ("restore", "Rename previous HE storage domain to avoid name conflicts") => self.rename_storage(),
            ("engine", "Run engine-setup with answerfile") => self.set_engine_up(),
            ("engine", "Restart ovirt-engine service for changed OVF Update configuration and LibgfApi support") => {
                if let Some(guest) = self.guest {
                    self.world(|world, _| {
                        linux::events::stop_unit(world, guest, ENGINE_UNIT);
                        linux::events::start_unit(world, guest, ENGINE_UNIT);
                    });
                }
                Came::AsUsual
            }
            ("engine", "Check if Engine health page is up" | "Wait for ovirt-engine service to start") => {
                let up = |guest| self.world(|world, _| world.linux(guest).unit_is_up(ENGINE_UNIT));
                if self.guest.is_some_and(up) { Came::AsUsual } else { Came::Later }
            }
            ("add-host", "Ensure that the target datacenter is present") => {
                self.present(|engine| engine.clusters.values().any(|center| *center == self.wanted.data_center))
            }
            ("add-host", "Ensure that the target cluster is present in the target datacenter") => {
                let present = self.present(|engine| engine.clusters.contains_key(&self.wanted.cluster));
                let (center, cluster) = (self.wanted.data_center.clone(), self.wanted.cluster.clone());
                self.known(|engine, _| {
                    engine.clusters.entry(cluster).or_insert(center);
                });
                present
            }
            ("add-host", "Check actual cluster location") => self.place_of_cluster(),
            ("add-host", "Add host") => self.add_host(),
            ("host", "Wait for the host to be up") | ("pause", "Check if the host is up") => self.host_is_up(),
            ("storage", task) if task.starts_with("Add ") => self.add_storage(task),
            // It leaves on the storage what it has made there.
            ("storage", "Remove unsuitable storage domain") if !has_room(self.release, self.free()) => {
                Came::As("changed")
            }
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
            ("target", "Start ovirt-ha-broker service on the host") => self.start_enabled(events::BROKER),
            ("target", "Start ovirt-ha-agent service on the host") => self.start_enabled(events::AGENT),
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
            (_, name) => self.guest_task(name).unwrap_or(Came::AsUsual),
        }
    }

    pub(super) fn world<R>(&self, reach: impl FnOnce(&mut World, MachineId) -> R) -> R {
        self.talk.p.world(reach)
    }

    pub(super) fn either(&self, changed: bool) -> Came {
        Came::As(if changed { "changed" } else { "skipping" })
    }

    fn resolved(&self, name: &str) -> Option<Host> {
        self.world(|world, id| net::resolve(world, id, name))
    }

    fn resolves(&self, name: &str) -> Came {
        let resolved = if self.forced.six { self.is_listed_with_six(name) } else { self.resolved(name).is_some() };
        if resolved { Came::AsUsual } else { failed("Unable to resolve address") }
    }

    /// Whether the host's own list of names has an IPv6 address for a name; no name server of a lab has one.
    fn is_listed_with_six(&self, name: &str) -> bool {
        let text = self.talk.p.read_path("/etc/hosts").unwrap_or_default();
        String::from_utf8_lossy(&text).lines().any(|line| {
            let mut words = line.split('#').next().unwrap_or_default().split_whitespace();
            words.next().is_some_and(|address| address.contains(':')) && words.any(|word| word == name)
        })
    }

    /// Whether a variable leaves a task out.
    pub(super) fn is_left_out(&self, name: &str) -> bool {
        name == "Update all packages" && options::says(&self.variables, "he_offline_deployment")
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
            for unit in events::HA_UNITS.into_iter().chain(OF_VDSM) {
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

    /// Whether the engine of the guest has a database, and in it what is looked for.
    fn engine_has(&self, find: impl FnOnce(&Inventory) -> bool) -> bool {
        self.guest.is_some_and(|guest| {
            self.world(|world, _| world.rhv(guest).and_then(|rhv| rhv.inventory.as_ref()).is_some_and(find))
        })
    }

    /// How a task ends that makes what may be there already.
    fn present(&self, find: impl FnOnce(&Inventory) -> bool) -> Came {
        Came::As(if self.engine_has(find) { "ok" } else { "changed" })
    }

    fn place_of_cluster(&self) -> Came {
        let (center, cluster) = (&self.wanted.data_center, &self.wanted.cluster);
        let known = self.guest.and_then(|guest| {
            self.world(|world, _| world.rhv(guest)?.inventory.as_ref()?.clusters.get(cluster).cloned())
        });
        match known.filter(|known| known != center) {
            None => Came::AsUsual,
            Some(known) => failed(&format!("Cluster {cluster} is in datacenter {known}, not in datacenter {center}")),
        }
    }

    fn add_host(&self) -> Came {
        self.world(|world, id| {
            let now = world.now;
            for unit in OF_VDSM.iter().rev().chain(&[events::SANLOCK]) {
                let _ = world.linux_mut(id).set_enabled(unit, true, now);
                linux::events::start_unit(world, id, unit);
            }
            if let Some(rhv) = world.rhv_mut(id) {
                rhv.bridge = true;
            }
            let _ = files::renew(world, id, files::BRIDGE_FILE, Content::Made(files::BRIDGE_MADE.into()), 0o644);
        });
        self.known(|engine, host| engine.hosts.push(host.to_owned()))
    }

    fn host_is_up(&self) -> Came {
        let (troubles, up) =
            self.world(|world, id| (faults::troubles(world, id), world.linux(id).unit_is_up(events::VDSM)));
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
}
