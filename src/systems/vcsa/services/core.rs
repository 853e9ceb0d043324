//! The services that every release starts first, in the order in which it does. Sources as for [`super::v6_5`].

use super::definition::{Role, Row};

const fn core(name: &'static str, display: &'static str) -> Row {
    Row::core(name, display)
}

/// All of them.
pub(super) const ROWS: &[Row] = &[
    core("lwsmd", "Likewise Service Manager")
        .takes(4, 1)
        .runs("root", "/opt/likewise/sbin/lwsmd --start-as-daemon --syslog"),
    core("vmafdd", "VMware Authentication Framework")
        .needs(&["lwsmd"])
        .takes(6, 2)
        .runs("root", "/usr/lib/vmware-vmafd/sbin/vmafdd -s"),
    core("vmdird", "VMware Directory Service").needs(&["vmafdd"]).takes(9, 3).on(Role::Psc).runs(
        "root",
        "/usr/lib/vmware-vmdir/sbin/vmdird -s -l 0 -f /usr/lib/vmware-vmdir/share/config/vmdirschema.ldif",
    ),
    core("vmcad", "VMware Certificate Service")
        .needs(&["vmdird"])
        .takes(5, 2)
        .on(Role::Psc)
        .runs("root", "/usr/lib/vmware-vmca/sbin/vmcad -s"),
];
