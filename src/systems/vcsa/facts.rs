//! The facts of a vCSA. Renaming one is a breaking change.

use super::model::Vcsa;
use crate::systems::facts::{Definition, Fact, Type, one};

const fn fact(
    path: &'static str,
    kind: Type,
    meaning: &'static str,
    read: fn(&Vcsa) -> Vec<(String, Fact)>,
) -> Definition<Vcsa> {
    Definition { path, kind, meaning, read }
}

fn text(text: &str) -> Vec<(String, Fact)> {
    one(Fact::Text(text.to_owned()))
}

fn count(number: usize) -> Vec<(String, Fact)> {
    one(Fact::Number(number as u64))
}

/// What can be asked of a vCSA.
pub const FACTS: &[Definition<Vcsa>] = &[
    fact("version", Type::Text, "version of the appliance that runs", |v| text(&v.running.version)),
    fact("build", Type::Text, "build of the appliance that runs", |v| text(&v.running.build)),
    fact("vcenter.build", Type::Text, "vCenter Server's own build", |v| text(&v.running.vcenter_build)),
    fact("installed.version", Type::Text, "version of the appliance on the disks: it runs after a boot", |v| {
        text(&v.installed.release().version)
    }),
    fact("installed.packages", Type::Number, "how many packages are installed", |v| count(v.installed.packages.len())),
    fact("phase", Type::Text, "off, loading, network (ping answers), up or stopping", |v| text(v.phase.word())),
    fact("boots", Type::Number, "how many times it has booted in this lab", |v| one(Fact::Number(v.boots))),
    fact("clients", Type::Text, "what clients of vCenter get: refused, starting or connected", |v| {
        text(v.clients().word())
    }),
    fact("update", Type::Text, "idle, installing, awaiting-reboot or interrupted", |v| text(v.update.word())),
    fact("staged.name", Type::Text, "the staged update", |v| {
        text(v.staged.as_ref().map_or("", |staged| &staged.patch.name))
    }),
    fact("staged.version", Type::Text, "its version", |v| {
        text(v.staged.as_ref().map_or("", |staged| &staged.patch.version))
    }),
    fact("staged.packages", Type::Number, "how many packages are staged", |v| {
        count(v.staged.as_ref().map_or(0, |staged| staged.packages.len()))
    }),
    fact("staged.bytes", Type::Number, "bytes in the staging area", |v| one(Fact::Number(v.staged_bytes()))),
    fact("staged.eula_accepted", Type::Time, "when the EULA of the staged update was accepted", |v| {
        one(Fact::Time(v.staged.as_ref().map(|staged| staged.eula_accepted)))
    }),
    fact("history.count", Type::Number, "how many updates were installed", |v| count(v.history.len())),
    fact("history.last", Type::Text, "the update installed last", |v| {
        text(v.history.last().map_or("", |applied| &applied.name))
    }),
    fact("shutdown", Type::Text, "the scheduled shutdown: poweroff, reboot or nothing", |v| {
        text(v.shutdown.as_ref().map_or("", |shutdown| shutdown.action.word()))
    }),
    fact("shutdown.at", Type::Time, "when it is due", |v| {
        one(Fact::Time(v.shutdown.as_ref().map(|shutdown| shutdown.ticket.at())))
    }),
    fact("shell.enabled", Type::Bool, "whether the root shell is enabled", |v| one(Fact::Bool(v.shell_access.enabled))),
    fact("password.expired", Type::Bool, "whether root's password has expired", |v| {
        one(Fact::Bool(v.password_expired))
    }),
    fact("log.full", Type::Bool, "whether /storage/log has no room left", |v| one(Fact::Bool(v.log_full))),
    fact("service.*", Type::Text, "a service: stopped, start-pending, running or failed", |v| {
        v.services.iter().map(|(s, state)| (s.name.to_owned(), Fact::Text(state.word().to_owned()))).collect()
    }),
];
