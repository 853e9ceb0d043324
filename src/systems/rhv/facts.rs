//! The facts of an RHV environment: of its hosts, of the Manager, and of the cluster that no single machine owns.

use super::events;
use super::model::{Cluster, Host, Inventory, VmStatus};
use crate::systems::facts::{Definition, Fact, Type, one};
use crate::systems::linux;
use crate::vm::Power;
use crate::world::{Machine, MachineId, World};

const fn fact(
    path: &'static str,
    kind: Type,
    meaning: &'static str,
    read: fn(&World, MachineId) -> Vec<(String, Fact)>,
) -> Definition {
    Definition { path, kind, meaning, read }
}

/// A fact of a host; the Manager has none of it.
fn of(world: &World, id: MachineId, read: impl FnOnce(&Host) -> Fact) -> Vec<(String, Fact)> {
    events::host(world, id).map_or_else(Vec::new, |(_, host)| one(read(host)))
}

/// Whether a machine runs beside another that has its address.
fn is_shared(world: &World, id: MachineId) -> bool {
    let on = |id: MachineId| world.machine(id).vm.power == Power::On && !world.linux(id).network.unconfigured;
    let same = |(other, machine): (MachineId, &Machine)| {
        other != id && machine.address == world.machine(id).address && on(other)
    };
    on(id) && world.machines().any(same)
}

/// A fact of what a Manager's engine knows; a host, and an engine that was not set up, have none of it.
fn known(world: &World, id: MachineId, read: fn(&Inventory) -> String) -> Vec<(String, Fact)> {
    let inventory = world.rhv(id).and_then(|rhv| rhv.inventory.as_ref());
    inventory.map_or_else(Vec::new, |inventory| one(Fact::Text(read(inventory))))
}

const OWN: [Definition; 11] = [
    fact("address.shared", Type::Bool, "whether another machine that runs has the same address", |w, id| {
        one(Fact::Bool(is_shared(w, id)))
    }),
    fact("engine.version", Type::Text, "version of a Manager's engine", |w, id| known(w, id, |e| e.version.clone())),
    fact("engine.clusters", Type::Text, "clusters that an engine knows, each behind its data center", |w, id| {
        known(w, id, |e| {
            let clusters = e.clusters.iter().map(|(cluster, center)| format!("{center}/{cluster}"));
            clusters.collect::<Vec<_>>().join(" ")
        })
    }),
    fact("engine.hosts", Type::Text, "hosts that an engine knows", |w, id| known(w, id, |e| e.hosts.join(" "))),
    fact("engine.vms", Type::Text, "virtual machines that an engine knows", |w, id| known(w, id, |e| e.vms.join(" "))),
    fact("engine.storage_domains", Type::Text, "storage domains that an engine knows", |w, id| {
        known(w, id, |e| e.storage_domains.join(" "))
    }),
    fact("ha.state", Type::Text, "state of a host's HA agent", |w, id| {
        of(w, id, |host| Fact::Text(if host.daemons.agent { host.agent.state.to_string() } else { String::new() }))
    }),
    fact("ha.score", Type::Number, "score of a host", |w, id| {
        of(w, id, |host| Fact::Number(u64::from(host.agent.score)))
    }),
    fact("ha.id", Type::Number, "number of a host", |w, id| of(w, id, |host| Fact::Number(u64::from(host.id)))),
    fact("ha.local_maintenance", Type::Bool, "whether a host's flag of local maintenance is set", |w, id| {
        of(w, id, |host| Fact::Bool(host.local_maintenance))
    }),
    fact("ha.vm", Type::Text, "status of the Manager's virtual machine on a host", |w, id| {
        let found = events::host(w, id);
        found.map_or_else(Vec::new, |(cluster, host)| one(word(host.status(&cluster.storage.engine))))
    }),
];

const LINUX: &[Definition] = linux::facts::FACTS;

/// What can be asked of a machine.
pub static FACTS: &[Definition] = &{
    let mut all = [OWN[0]; LINUX.len() + OWN.len()];
    let mut at = 0;
    while at < all.len() {
        all[at] = if at < LINUX.len() { LINUX[at] } else { OWN[at - LINUX.len()] };
        at += 1;
    }
    all
};

fn word(status: Option<VmStatus>) -> Fact {
    Fact::Text(status.map_or("", VmStatus::word).to_owned())
}

/// A fact of a cluster: what it is called behind `cluster.`, its type, what it says, and its value.
type ClusterFact = (&'static str, Type, &'static str, fn(&World, &Cluster) -> Fact);

const CLUSTER: [ClusterFact; 5] = [
    ("global_maintenance", Type::Bool, "whether the cluster is in global maintenance", |_, cluster| {
        Fact::Bool(cluster.storage.global_maintenance)
    }),
    ("engine.host", Type::Text, "the host that runs the Manager's virtual machine", |world, cluster| {
        let host = cluster.engine_host();
        Fact::Text(host.map_or("", |host| world.machine(MachineId(host.machine)).name.as_str()).to_owned())
    }),
    ("engine.status", Type::Text, "its status there", |_, cluster| {
        word(cluster.engine_host().and_then(|host| host.status(&cluster.storage.engine)))
    }),
    ("engine.serves", Type::Bool, "whether the Manager's health page says that it serves", |_, cluster| {
        Fact::Bool(cluster.storage.engine.serves)
    }),
    ("lease.holder", Type::Number, "number of the host that has the lease on its disk, 0 for none", |_, cluster| {
        Fact::Number(cluster.storage.holder().unwrap_or(0).into())
    }),
];

/// The facts of the clusters, with their values: `cluster.` is the first, `cluster2.` one that was deployed later.
pub fn of_clusters(world: &World) -> impl Iterator<Item = (String, Type, &'static str, Fact)> {
    let named = world.clusters.iter().zip(1..).map(|(cluster, number)| match number {
        1 => (cluster, "cluster".to_owned()),
        number => (cluster, format!("cluster{number}")),
    });
    named.flat_map(move |(cluster, name)| {
        CLUSTER
            .into_iter()
            .map(move |(path, kind, meaning, read)| (format!("{name}.{path}"), kind, meaning, read(world, cluster)))
    })
}
