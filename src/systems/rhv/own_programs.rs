//! Programs that a host or a Manager has beside those of its Linux and that are not modelled: where each lies, and what it is about.
//! One that is there says so, which is not the same as not being there. Paths are those of the packages as remembered.

use super::model::Role;
use super::release::Release;
use crate::sim::Instant;
use crate::systems::linux::fs::{Content, Cred, Kind};
use crate::systems::linux::lab_entry::put;
use crate::systems::linux::model::Linux;

/// A program: its path, and the row of `appsh coverage` on it.
type Own = (&'static str, &'static str);

/// What vdsm and the hosted engine require on a host.
const HOST: &[Own] = &[
    ("/usr/bin/vdsm-tool", "vdsm-tool: configuring vdsm and its neighbours by hand"),
    ("/usr/sbin/iscsiadm", "iscsiadm: targets and sessions of iSCSI"),
    ("/usr/sbin/multipath", "multipath: paths to logical units"),
    ("/usr/sbin/multipathd", "multipathd: asking the daemon of multipath"),
    ("/usr/sbin/mpathconf", "mpathconf: the settings of multipath"),
    ("/usr/bin/qemu-img", "qemu-img: images of disks"),
    ("/usr/sbin/mount.nfs", "mount.nfs by its own name"),
    ("/usr/sbin/umount.nfs", "umount.nfs by its own name"),
    ("/usr/sbin/showmount", "showmount: what an NFS server exports"),
    ("/usr/bin/guestfish", "guestfish: looking into images of disks"),
    ("/usr/sbin/saslpasswd2", "saslpasswd2: the passwords of libvirt"),
    ("/usr/bin/virt-host-validate", "virt-host-validate: whether a host can run virtual machines"),
    ("/usr/bin/ovs-vsctl", "ovs-vsctl: Open vSwitch"),
];

/// What comes with the engine.
const MANAGER: &[Own] = &[
    ("/usr/bin/engine-setup", "engine-setup: setting the engine up, and updating it"),
    ("/usr/bin/engine-cleanup", "engine-cleanup: removing the engine's settings and databases"),
    ("/usr/bin/engine-backup", "engine-backup: a backup of the engine, and restoring one by hand"),
    ("/usr/bin/engine-config", "engine-config: options of the engine"),
    ("/usr/bin/engine-upgrade-check", "engine-upgrade-check: whether there is an update"),
    ("/usr/bin/engine-vacuum", "engine-vacuum: the room of the database"),
    ("/usr/bin/ovirt-aaa-jdbc-tool", "ovirt-aaa-jdbc-tool: users of the portal"),
    ("/usr/bin/ovirt-engine-extensions-tool", "ovirt-engine-extensions-tool: extensions of the engine"),
    ("/usr/bin/ovirt-log-collector", "ovirt-log-collector: an archive of the logs of Manager and hosts"),
    ("/usr/bin/rhv-log-collector-analyzer", "rhv-log-collector-analyzer: what stands in the way of an upgrade"),
    ("/usr/bin/rhv-image-discrepancies", "rhv-image-discrepancies: storage against database"),
    ("/usr/bin/java", "java by hand"),
];

/// The client programs of the database.
const DATABASE: &[Own] = &[
    ("psql", "psql: the databases of the Manager"),
    ("pg_dump", "pg_dump: a copy of a database"),
    ("pg_restore", "pg_restore: reading a copy of a database"),
];

/// Where the database of a release has its programs: a software collection until 4.3.
const fn database(release: Release) -> &'static str {
    match release.minor {
        2 => "/opt/rh/rh-postgresql95/root/usr/bin",
        3 => "/opt/rh/rh-postgresql10/root/usr/bin",
        _ => "/usr/bin",
    }
}

/// Puts them on the disks of a machine.
pub fn install(linux: &mut Linux, role: Role, release: Release, now: Instant) {
    let database = match role {
        Role::Manager => DATABASE,
        Role::Host => &[],
    };
    let own = match role {
        Role::Host => HOST,
        Role::Manager => MANAGER,
    };
    let database = database.iter().map(|(name, _)| format!("{}/{name}", self::database(release)));
    for path in own.iter().map(|(path, _)| (*path).to_owned()).chain(database) {
        if linux.fs.lookup(&Cred::ROOT, "/", &path).is_err() {
            let name = path.rsplit('/').next().unwrap_or_default();
            put(linux, &path, Kind::File(Content::Program(name.to_owned().into(), 40 << 10)), 0o755, now);
        }
    }
}

/// The rows of coverage on them.
pub fn gaps() -> impl Iterator<Item = &'static str> {
    HOST.iter().chain(MANAGER).chain(DATABASE).map(|(_, about)| *about)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::systems::linux::tools;
    use crate::systems::rhv::commands::PROGRAMS;

    #[test]
    fn none_of_them_is_modelled_and_each_is_told() {
        for (path, about) in HOST.iter().chain(MANAGER).chain(DATABASE) {
            let name = path.rsplit('/').next().unwrap_or_default();
            let modelled = PROGRAMS.iter().any(|tool| tool.name == name) || tools::is_modelled(name);
            assert!(!modelled, "{path} is modelled");
            assert!(about.starts_with(name), "{path}: {about}");
        }
    }
}
