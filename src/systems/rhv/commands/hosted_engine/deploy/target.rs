//! What a deployment makes on the storage: its storage domain, the disk of the Manager, the cluster.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::Deploy;
use super::effects::{Came, failed, quoted};
use crate::systems::linux::fs::Content;
use crate::systems::linux::model::network::Gateway;
use crate::systems::rhv::deployment::{self, Founding};
use crate::systems::rhv::lab_entry::uuid;
use crate::systems::rhv::model::manager::HOSTED_STORAGE;
use crate::systems::rhv::model::offer::{Kind, Offer};
use crate::systems::rhv::model::{Health, VmStatus};
use crate::systems::rhv::{events, faults, files};

/// Where the broker's settings come from.
const MAIL: [(&str, &str); 4] = [
    ("email.smtp-server", "OVEHOSTED_NOTIF/smtpServer"),
    ("email.smtp-port", "OVEHOSTED_NOTIF/smtpPort"),
    ("email.source-email", "OVEHOSTED_NOTIF/sourceEmail"),
    ("email.destination-emails", "OVEHOSTED_NOTIF/destEmail"),
];

impl Deploy<'_> {
    /// What the chosen storage has room for, in GiB.
    pub(super) fn free(&self) -> u64 {
        let Some(chosen) = &self.storage else { return 0 };
        self.world(|world, _| Offer::find(&world.offers, chosen.kind, &chosen.path).map_or(0, |offer| offer.size_gb))
    }

    pub(super) fn add_storage(&self, task: &str) -> Came {
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
            (Some(false), _) => {
                self.world(|world, _| {
                    let offers: &mut Vec<Offer> = Arc::make_mut(&mut world.offers);
                    Offer::take(offers, kind, &chosen.path);
                });
                return Came::As("changed");
            }
            (Some(true), Kind::Nfs | Kind::Glusterfs) => "[Storage domain is not empty - requires cleaning]",
            (Some(true), _) => {
                "[Physical device initialization failed. Please check that the device is empty and accessible by the host.]"
            }
            (None, Kind::Nfs | Kind::Glusterfs) => "[Problem while trying to mount target]",
            (None, _) => "[Failed discovering iSCSI targets]",
        };
        let text =
            format!("Fault reason is \"Operation Failed\". Fault detail is \"{detail}\". HTTP response code is 400.");
        Came::Failed(format!("\"msg\": {}", quoted(&text)))
    }

    /// The disk is on the shared storage: the guest that boots from it next has its final address.
    pub(super) fn move_guest(&self) -> Came {
        let Some(guest) = self.guest else { return Came::AsUsual };
        let fixed = self.wanted.address;
        self.world(|world, _| {
            let leased = world.surroundings.lease(&self.wanted.mac).map(str::to_owned);
            world.linux_mut(guest).network.unconfigured = fixed.is_none() && leased.is_none();
            let machine = world.machine_mut(guest);
            if let Some((address, _)) = &fixed {
                machine.address = address.to_string();
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
            if let Some((_, prefix)) = fixed {
                linux.network.prefix = prefix;
                linux.network.gateway = self.wanted.gateway.parse().map_or(Gateway::None, Gateway::At);
            }
            // The disk of an appliance has room for both files.
            let _ = linux.set_resolver(&servers, &[], now);
            let _ = linux.set_root_login(&self.wanted.root_login, now);
            if !self.wanted.key.is_empty() {
                let line = format!("{}\n", self.wanted.key);
                let _ = files::renew(world, guest, "/root/.ssh/authorized_keys", Content::text(line), 0o600);
            }
        });
        Came::AsUsual
    }

    pub(super) fn found(&self) -> Came {
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

    pub(super) fn health(&self) -> Came {
        let health = self.world(|world, id| {
            let (cluster, host) = events::host(world, id)?;
            let block = cluster.storage.blocks.get(&host.id)?;
            Some(block.health)
        });
        if health == Some(Health::Good(VmStatus::Up)) { Came::AsUsual } else { Came::Later }
    }
}
