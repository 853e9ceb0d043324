//! vCenter HA: an active node, a passive one that takes over from it, and a witness that decides who is cut off.
//!
//! Truth: reference `software-packages.md` section 7: on 6.5 the witness is updated first, then the passive node, then, after
//! a fail-over, the node that was active; from 6.7 on the cluster is removed before an update. The captures show that next to
//! nothing has to stop on a witness or on a passive node. What follows when the order is not kept is inferred: a node never
//! takes over the database of a newer one.

use std::cmp::Ordering;

use super::control;
use super::model::ha::{Ha, Mode, Role};
use super::model::{Phase, Update, Vcsa};
use super::services::{HIGH_AVAILABILITY, Startup, State};
use crate::payload::compare_evr;
use crate::world::{MachineId, System, World};

/// The cluster of a lab.
struct Cluster {
    nodes: Vec<(MachineId, Role)>,
    mode: Mode,
}

impl Cluster {
    fn of(world: &World) -> Option<Self> {
        let member = |id: MachineId| match &world.machine(id).system {
            System::Vcsa(vcsa) => vcsa.ha.map(|ha| (id, ha)),
            _ => None,
        };
        let members: Vec<(MachineId, Ha)> = world.machines().filter_map(|(id, _)| member(id)).collect();
        let mode = members.iter().find(|(_, ha)| ha.role == Role::Active)?.1.mode;
        Some(Self { nodes: members.into_iter().map(|(id, ha)| (id, ha.role)).collect(), mode })
    }

    fn node(&self, role: Role) -> Option<MachineId> {
        self.nodes.iter().find(|(_, other)| *other == role).map(|(id, _)| *id)
    }
}

/// The active node of the cluster that a node belongs to: the address of vCenter is with it, wherever it goes.
#[must_use]
pub fn active_of(world: &World, id: MachineId) -> Option<MachineId> {
    world.vcsa(id).ha?;
    Cluster::of(world)?.node(Role::Active)
}

/// Whether a node is there for the others.
fn is_seen(world: &World, id: MachineId) -> bool {
    let vcsa = world.vcsa(id);
    vcsa.phase == Phase::Up && vcsa.services.runs(HIGH_AVAILABILITY)
}

/// What is wrong with a cluster, sentence by sentence.
fn complaints(world: &World, cluster: &Cluster) -> Vec<String> {
    let mut complaints = Vec::new();
    let active = cluster.node(Role::Active).map(|id| world.vcsa(id).running.version.clone());
    for role in Role::ALL {
        let Some(id) = cluster.node(role) else {
            complaints.push(format!("the {} node is missing", role.word()));
            continue;
        };
        let version = &world.vcsa(id).running.version;
        if !is_seen(world, id) {
            complaints.push(format!("the {} node is not reachable", role.word()));
        } else if active.as_ref().is_some_and(|active| active != version) {
            complaints.push(format!("the {} node runs another version than the Active node", role.word()));
        }
    }
    complaints
}

/// Why the passive node cannot take over; nothing when it can. The node that goes may be gone already.
fn hindrance(world: &World, cluster: &Cluster) -> Option<String> {
    let (Some(active), Some(passive)) = (cluster.node(Role::Active), cluster.node(Role::Passive)) else {
        return Some("there are not two nodes".to_owned());
    };
    if cluster.mode == Mode::Disabled {
        return Some("vCenter HA is disabled".to_owned());
    }
    for role in [Role::Passive, Role::Witness] {
        if !cluster.node(role).is_some_and(|id| is_seen(world, id)) {
            return Some(format!("the {} node is not reachable", role.word()));
        }
    }
    let (from, to) = (world.vcsa(active), world.vcsa(passive));
    if to.update != Update::Idle {
        return Some("an update of the Passive node is not finished".to_owned());
    }
    let older = compare_evr(&to.installed.release().version, &from.installed.release().version) == Ordering::Less;
    older.then(|| "the Passive node is older than the Active node, whose database it cannot take over".to_owned())
}

fn fail_over(world: &mut World, cluster: &Cluster) {
    let (Some(active), Some(passive)) = (cluster.node(Role::Active), cluster.node(Role::Passive)) else { return };
    for (id, role) in [(active, Role::Passive), (passive, Role::Active)] {
        world.vcsa_mut(id).take_role(Some(role));
        if world.vcsa(id).phase == Phase::Up {
            settle(world, id);
        }
    }
}

/// The services of a node that is up follow its role.
fn settle(world: &mut World, id: MachineId) {
    let services = &world.vcsa(id).services;
    let going: Vec<&str> = services
        .slots()
        .rev()
        .filter(|(_, slot)| slot.startup != Startup::Automatic && slot.state != State::Stopped)
        .map(|(it, _)| it.name)
        .collect();
    for name in going {
        control::ask_stop(world, id, name);
    }
    world.vcsa_mut(id).services.begin_boot();
    control::go_on(world, id);
}

/// A node goes down. When it was the active one, the passive one takes over by itself, if it may and can.
pub fn goes_down(world: &mut World, id: MachineId) {
    let Some(cluster) = Cluster::of(world) else { return };
    let was_active = cluster.node(Role::Active) == Some(id);
    if was_active && cluster.mode == Mode::Enabled && hindrance(world, &cluster).is_none() {
        fail_over(world, &cluster);
    }
}

/// What the client's page about vCenter HA shows on a node, or does there: `maintenance`, `enable`, `disable`, `failover`,
/// `remove`.
///
/// # Errors
/// Why not, in a sentence.
pub fn order(world: &mut World, id: MachineId, order: Option<&str>) -> Result<String, String> {
    let name = world.machine(id).name.clone();
    if world.vcsa(id).ha.is_none() {
        return Err(format!("{name} is in no vCenter HA cluster"));
    }
    let cluster = Cluster::of(world).ok_or_else(|| "no node of the cluster is active".to_owned())?;
    let serves = |id: MachineId| crate::systems::family(world, id).serves_vcenter(world, id);
    if !cluster.node(Role::Active).is_some_and(serves) {
        return Err("the client cannot connect to vCenter on the Active node".to_owned());
    }
    let set = |world: &mut World, mode: Mode| {
        for (id, _) in &cluster.nodes {
            if let Some(ha) = &mut world.vcsa_mut(*id).ha {
                ha.mode = mode;
            }
        }
    };
    match order {
        None => return Ok(page(world, &cluster)),
        Some("maintenance") => set(world, Mode::Maintenance),
        Some("disable") => set(world, Mode::Disabled),
        Some("enable") => match complaints(world, &cluster).first() {
            Some(complaint) => return Err(format!("vCenter HA cannot be enabled: {complaint}")),
            None => set(world, Mode::Enabled),
        },
        Some("failover") => match hindrance(world, &cluster) {
            Some(why) => return Err(format!("the fail-over is refused: {why}")),
            None => fail_over(world, &cluster),
        },
        Some("remove") => {
            for (id, role) in &cluster.nodes {
                let vcsa = world.vcsa_mut(*id);
                if *role == Role::Active {
                    vcsa.take_role(None);
                    settle(world, *id);
                }
                world.vcsa_mut(*id).ha = None;
            }
            return Ok("vCenter HA: not configured\n".to_owned());
        }
        Some(other) => {
            return Err(format!("there is no {other}; there are maintenance, enable, disable, failover, remove"));
        }
    }
    let cluster = Cluster::of(world).ok_or_else(|| "no node of the cluster is active".to_owned())?;
    Ok(page(world, &cluster))
}

fn page(world: &World, cluster: &Cluster) -> String {
    let complaints = complaints(world, cluster);
    let health = if complaints.is_empty() { "healthy" } else { "degraded" };
    let mut text = format!("vCenter HA: {}, {health}\n", cluster.mode.word());
    for role in Role::ALL {
        if let Some(id) = cluster.node(role) {
            let (machine, vcsa) = (world.machine(id), world.vcsa(id));
            let (role, name, version) = (role.word(), &machine.name, &vcsa.running.version);
            text.push_str(&format!("   {role:<8} {name:<10} {version:<12} {}\n", vcsa.doing()));
        }
    }
    for complaint in complaints {
        text.push_str(&format!("   {complaint}\n"));
    }
    text
}

/// What stands in the way of an update: a cluster, where it must be removed first.
#[must_use]
pub fn forbids_update(vcsa: &Vcsa) -> bool {
    vcsa.ha.is_some() && vcsa.series().cluster_forbids_update
}
