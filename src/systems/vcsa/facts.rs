//! The facts of a vCSA. Renaming one is a breaking change.

use super::{faults, psc};
use crate::systems::facts::{Definition, Fact, Type, one};
use crate::world::{MachineId, World};

const fn fact(
    path: &'static str,
    kind: Type,
    meaning: &'static str,
    read: fn(&World, MachineId) -> Vec<(String, Fact)>,
) -> Definition {
    Definition { path, kind, meaning, read }
}

fn text(text: &str) -> Vec<(String, Fact)> {
    one(Fact::Text(text.to_owned()))
}

fn count(number: usize) -> Vec<(String, Fact)> {
    one(Fact::Number(number as u64))
}

/// What can be asked of a vCSA.
pub const FACTS: &[Definition] = &[
    fact("version", Type::Text, "version of the appliance that runs", |w, id| text(&w.vcsa(id).running.version)),
    fact("build", Type::Text, "build of the appliance that runs", |w, id| text(&w.vcsa(id).running.build)),
    fact("vcenter.build", Type::Text, "vCenter Server's own build", |w, id| text(&w.vcsa(id).running.vcenter_build)),
    fact("installed.version", Type::Text, "version of the appliance on the disks: it runs after a boot", |w, id| {
        text(&w.vcsa(id).installed.release().version)
    }),
    fact("installed.packages", Type::Number, "how many packages are installed", |w, id| {
        count(w.vcsa(id).installed.packages.len())
    }),
    fact("phase", Type::Text, "off, loading, network (ping answers), up or stopping", |w, id| {
        text(w.vcsa(id).phase.word())
    }),
    fact("boots", Type::Number, "how many times it has booted in this lab", |w, id| {
        one(Fact::Number(w.vcsa(id).boots))
    }),
    fact("clients", Type::Text, "what clients of vCenter get: refused, starting or connected", |w, id| {
        text(psc::clients(w, id).word())
    }),
    fact("ha.role", Type::Text, "what it is in a vCenter HA cluster: Active, Passive, Witness or nothing", |w, id| {
        text(w.vcsa(id).ha.map_or("", |ha| ha.role.word()))
    }),
    fact("ha.mode", Type::Text, "what the cluster does: Enabled, Maintenance Mode, Disabled or nothing", |w, id| {
        text(w.vcsa(id).ha.map_or("", |ha| ha.mode.word()))
    }),
    fact("update", Type::Text, "idle, installing, awaiting-reboot or interrupted", |w, id| {
        text(w.vcsa(id).update.word())
    }),
    fact("update.state", Type::Text, "what the appliance management says of updates, such as UP_TO_DATE", |w, id| {
        text(w.vcsa(id).software_update.state.word())
    }),
    fact("staged.name", Type::Text, "the staged update", |w, id| {
        text(w.vcsa(id).staged.as_ref().map_or("", |staged| &staged.patch.name))
    }),
    fact("staged.version", Type::Text, "its version", |w, id| {
        text(w.vcsa(id).staged.as_ref().map_or("", |staged| &staged.patch.version))
    }),
    fact("staged.packages", Type::Number, "how many packages are staged", |w, id| {
        count(w.vcsa(id).staged.as_ref().map_or(0, |staged| staged.packages.len()))
    }),
    fact("staged.bytes", Type::Number, "bytes in the staging area", |w, id| {
        one(Fact::Number(w.vcsa(id).staged_bytes()))
    }),
    fact("staged.eula_accepted", Type::Time, "when the EULA of the staged update was accepted", |w, id| {
        one(Fact::Time(w.vcsa(id).staged.as_ref().map(|staged| staged.eula_accepted)))
    }),
    fact("history.count", Type::Number, "how many updates were installed", |w, id| count(w.vcsa(id).history.len())),
    fact("history.last", Type::Text, "the update installed last", |w, id| {
        text(w.vcsa(id).history.last().map_or("", |applied| &applied.name))
    }),
    fact("shutdown", Type::Text, "the scheduled shutdown: poweroff, reboot or nothing", |w, id| {
        text(w.vcsa(id).shutdown.as_ref().map_or("", |shutdown| shutdown.action.word()))
    }),
    fact("shutdown.at", Type::Time, "when it is due", |w, id| {
        one(Fact::Time(w.vcsa(id).shutdown.as_ref().map(|shutdown| shutdown.ticket.at())))
    }),
    fact("shell.enabled", Type::Bool, "whether the root shell is enabled", |w, id| {
        one(Fact::Bool(w.vcsa(id).shell_access.enabled))
    }),
    fact("password.expired", Type::Bool, "whether root's password has expired", |w, id| {
        one(Fact::Bool(w.suffers(id, faults::PASSWORD_EXPIRED)))
    }),
    fact("log.full", Type::Bool, "whether /storage/log has no room left", |w, id| {
        one(Fact::Bool(faults::is_full(w, id, faults::LOG_FULL)))
    }),
    fact("service.*", Type::Text, "a service: stopped, start-pending, running or failed", |w, id| {
        w.vcsa(id).services.iter().map(|(s, state)| (s.name.to_owned(), Fact::Text(state.word().to_owned()))).collect()
    }),
];
