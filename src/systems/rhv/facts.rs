//! The facts of an RHV environment: of its hosts, of the Manager, and of the cluster that no single machine owns.

use super::model::Host;
use crate::systems::facts::{Definition, Fact, Type, one};
use crate::systems::linux;
use crate::world::{MachineId, World};

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
    let host = world.cluster.as_ref().and_then(|cluster| cluster.host_of(id.0));
    host.map_or_else(Vec::new, |host| one(read(host)))
}

const OWN: [Definition; 5] = [
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
        let engine = w.cluster.as_ref().map(|cluster| &cluster.storage.engine);
        of(w, id, |host| {
            let status = engine.and_then(|engine| host.status(engine));
            Fact::Text(status.map_or("", |status| status.word()).to_owned())
        })
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

/// A fact of the cluster: what it is called behind `cluster.`, its type, what it says, and its value.
type ClusterFact = (&'static str, Type, &'static str, fn(&World) -> Option<Fact>);

const CLUSTER: [ClusterFact; 5] = [
    ("global_maintenance", Type::Bool, "whether the cluster is in global maintenance", |world| {
        Some(Fact::Bool(world.cluster.as_ref()?.storage.global_maintenance))
    }),
    ("engine.host", Type::Text, "the host that runs the Manager's virtual machine", |world| {
        let host = world.cluster.as_ref()?.engine_host();
        Some(Fact::Text(host.map_or("", |host| world.machine(MachineId(host.machine)).name.as_str()).to_owned()))
    }),
    ("engine.status", Type::Text, "its status there", |world| {
        let cluster = world.cluster.as_ref()?;
        let status = cluster.engine_host().and_then(|host| host.status(&cluster.storage.engine));
        Some(Fact::Text(status.map_or("", |status| status.word()).to_owned()))
    }),
    ("engine.serves", Type::Bool, "whether the Manager's health page says that it serves", |world| {
        Some(Fact::Bool(world.cluster.as_ref()?.storage.engine.serves))
    }),
    ("lease.holder", Type::Number, "number of the host that has the lease on its disk, 0 for none", |world| {
        Some(Fact::Number(world.cluster.as_ref()?.storage.holder().unwrap_or(0).into()))
    }),
];

/// The facts of the cluster, where there is one, with their values.
pub fn of_cluster(world: &World) -> impl Iterator<Item = (String, Type, &'static str, Fact)> {
    CLUSTER.into_iter().filter_map(|(path, kind, meaning, read)| {
        read(world).map(|fact| (format!("cluster.{path}"), kind, meaning, fact))
    })
}
