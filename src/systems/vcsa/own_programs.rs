//! The programs that an appliance has beside those of its Linux: at which path each lies, on which releases and nodes, and
//! whether it is modelled. Most lie outside of the search path and are typed with their path, as the vendor's procedures
//! have them. One that is not modelled says so, which is not the same as not being there.
//!
//! Truth: the paths are those of the vendor's procedures, from memory, but for `software-packages.py` (reference
//! `software-packages.md` section 6). `lsdoctor` comes with no release: it is downloaded.

use super::commands::args::{ALL, gap};
use super::series::Line;
use super::services::definition::{Node, Role};
use super::settings::APPLIANCE_SHELL;
use crate::shell::Evidence;
use crate::systems::linux::model::tally::FAILLOCK;

/// A program in its place.
#[derive(Debug)]
pub struct Own {
    /// Where it lies.
    pub path: &'static str,
    /// The first and the last row of releases that have it.
    lines: (Line, Line),
    /// The nodes that have it.
    role: Role,
    /// Its row of coverage where it is not modelled, and not named among the plug-ins that are not.
    missing: Option<Evidence>,
}

impl Own {
    /// Whether an appliance has it.
    #[must_use]
    pub fn is_on(&self, line: Line, node: Node) -> bool {
        (self.lines.0..=self.lines.1).contains(&line) && self.role.is_on(node)
    }
}

const fn own(path: &'static str) -> Own {
    Own { path, lines: (Line::V6_0, Line::LAST), role: Role::Both, missing: None }
}

const fn since_6_5(path: &'static str) -> Own {
    Own { lines: (Line::V6_5, Line::LAST), ..own(path) }
}

/// One that is not modelled, as `appsh coverage` tells it.
macro_rules! gap_at {
    ($dir:literal, $name:literal, $about:literal) => {
        Own { missing: Some(gap(concat!($name, ": ", $about), ALL)), ..own(concat!($dir, $name)) }
    };
    ($dir:literal, $name:literal, $about:literal, $releases:expr, $first:ident, $last:ident) => {
        Own {
            lines: (Line::$first, Line::$last),
            missing: Some(gap(concat!($name, ": ", $about), $releases)),
            ..own(concat!($dir, $name))
        }
    };
}

/// All of them.
pub const ALL_OF_THEM: &[Own] = &[
    own(APPLIANCE_SHELL),
    own("/usr/sbin/vpxd"),
    own("/usr/bin/service-control"),
    own("/usr/bin/vimtop"),
    own("/usr/bin/rvc"),
    since_6_5("/usr/sbin/vmon-cli"),
    // By what failed logins are counted from some release of 8.0 on; which is the first, is not known.
    Own { lines: (Line::V8_0, Line::LAST), ..own(FAILLOCK) },
    // The room that disks have gained.
    Own { lines: (Line::V6_0, Line::V6_0), ..own("/usr/sbin/vpxd_servicecfg") },
    since_6_5("/usr/lib/applmgmt/support/scripts/autogrow.sh"),
    // Plug-ins that are programs of bash, too.
    own("/usr/bin/cmsso-util"),
    own("/usr/bin/dcli"),
    since_6_5("/usr/bin/vcenter-restore"),
    Own { role: Role::VCenter, ..since_6_5("/usr/lib/vmware-updatemgr/bin/updatemgr-util") },
    own("/usr/lib/applmgmt/support/scripts/software-packages.py"),
    // The interpreter of the tools from 6.7 on.
    Own { lines: (Line::V6_7, Line::LAST), ..own("/usr/bin/python3") },
    gap_at!("/usr/bin/", "vc-support", "an archive of all logs"),
    gap_at!("/usr/sbin/", "cloudvm-ram-size", "the memory that each service is given"),
    gap_at!("/opt/vmware/share/vami/", "vami_config_net", "a menu of the network's settings"),
    // Certificates, directory, single sign-on.
    gap_at!("/usr/lib/vmware-vmafd/bin/", "vecs-cli", "the stores of certificates and what is in them"),
    gap_at!("/usr/lib/vmware-vmafd/bin/", "dir-cli", "users, services and trusted certificates of the directory"),
    gap_at!("/usr/lib/vmware-vmafd/bin/", "vmafd-cli", "what the node is called and which directory it asks"),
    gap_at!("/usr/lib/vmware-vmca/bin/", "certool", "requests to the certificate authority"),
    gap_at!("/usr/lib/vmware-vmca/bin/", "certificate-manager", "a menu that replaces certificates"),
    Own {
        role: Role::Psc,
        ..gap_at!("/usr/lib/vmware-vmdir/bin/", "vdcrepadmin", "the partners of the directory's replication")
    },
    Own { role: Role::Psc, ..gap_at!("/usr/lib/vmware-vmdir/bin/", "vdcadmintool", "a menu that resets a password") },
    Own {
        role: Role::Psc,
        ..gap_at!("/usr/lib/vmware-vmdir/bin/", "vdcleavefed", "a node that leaves the directory's replication")
    },
    Own { role: Role::Psc, ..gap_at!("/opt/vmware/bin/", "sso-config.sh", "the settings of single sign-on") },
    gap_at!("/opt/likewise/bin/", "domainjoin-cli", "the join to an Active Directory"),
    gap_at!(
        "/usr/lib/vmidentity/tools/scripts/",
        "lstool.py",
        "what is registered with the lookup service",
        "6.0 to 6.7",
        V6_0,
        V6_7
    ),
    gap_at!(
        "/usr/lib/vmware-lookupsvc/tools/",
        "lstool.py",
        "what is registered with the lookup service",
        "7.0 to 8.0",
        V7_0,
        LAST
    ),
    // The database.
    Own {
        role: Role::VCenter,
        ..gap_at!("/opt/vmware/vpostgres/current/bin/", "psql", "the database of vCenter Server")
    },
    Own { role: Role::VCenter, ..gap_at!("/opt/vmware/vpostgres/current/bin/", "pg_dump", "a copy of the database") },
    Own { role: Role::VCenter, ..gap_at!("/opt/vmware/vpostgres/current/bin/", "vacuumdb", "the database's room") },
];

/// Those that are not modelled, as rows of `appsh coverage`.
pub fn gaps() -> impl Iterator<Item = Evidence> {
    ALL_OF_THEM.iter().filter_map(|own| own.missing)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::systems::linux::tools;
    use crate::systems::vcsa::commands::known;
    use crate::systems::vcsa::files::PROGRAMS;

    #[test]
    fn each_is_modelled_or_named_as_a_gap() {
        for own in ALL_OF_THEM {
            let name = own.path.rsplit('/').next().unwrap_or_default();
            let modelled = PROGRAMS.iter().any(|tool| tool.name == name) || tools::is_modelled(name);
            let named = own.missing.is_some() || known::GAPS.iter().any(|(plugin, _)| *plugin == name);
            assert!(modelled != named, "{}", own.path);
        }
    }
}
