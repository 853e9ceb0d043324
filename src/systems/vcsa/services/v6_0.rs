//! The services of 6.0, in the order in which they start.
//!
//! Names, order and dependencies are inferred from the process start times and service lists that were captured on 6.5
//! (reference `appliance-shell.md` 2.3 and 2.4) and the names which 6.0 used; a reboot takes over five minutes in all,
//! which the founding run tells. Which of them are core, and what `service-control --list` calls them, is inferred, too.

use super::definition::{Role, Row};
use super::sets::Edition;
use super::{APPLIANCE_MANAGEMENT, REVERSE_PROXY, VCENTER, WEB_CLIENT};

const fn core(name: &'static str, display: &'static str) -> Row {
    Row::core(name, display).until(Edition::V6_0)
}

const fn leaf(name: &'static str, display: &'static str) -> Row {
    Row::leaf(name, display).until(Edition::V6_0)
}

/// A service of vCenter Server.
const fn vcenter(name: &'static str, display: &'static str) -> Row {
    leaf(name, display).on(Role::VCenter)
}

/// All of them.
pub(super) const ROWS: &[Row] = &[
    core("vmdnsd", "VMware Domain Name Service")
        .needs(&["vmdird"])
        .takes(4, 1)
        .on(Role::Psc)
        .runs("root", "/usr/lib/vmware-vmdns/sbin/vmdnsd -s"),
    core("vmware-sts-idmd", "VMware Identity Management Service").needs(&["vmdird"]).takes(11, 3).on(Role::Psc).runs(
        "root",
        "vmware-sts-idmd -procname vmware-sts-idmd -wait 120 -server -Xmx168m -XX:CompressedClassSpaceSize=64m",
    ),
    core("vmware-stsd", "VMware Security Token Service")
        .needs(&["vmware-sts-idmd", "vmcad"])
        .takes(17, 5)
        .on(Role::Psc)
        .runs(
            "root",
            "vmware-stsd -procname vmware-stsd -home /usr/java/jre-vmware -server -pidfile /var/run/vmware-stsd.pid",
        ),
    leaf(REVERSE_PROXY, "VMware HTTP Reverse Proxy")
        .needs(&["vmafdd"])
        .takes(5, 2)
        .runs("root", "/usr/lib/vmware-rhttpproxy/rhttpproxy -r /etc/vmware-rhttpproxy/config.xml"),
    leaf("vmware-cm", "VMware Component Manager")
        .needs(&["vmware-stsd", REVERSE_PROXY])
        .takes(13, 4)
        .on(Role::Psc)
        .runs("cm", "/usr/java/jre-vmware/bin/vmware-cm.launcher -Xmx100m -XX:CompressedClassSpaceSize=64m"),
    leaf("vmware-cis-license", "VMware License Service")
        .needs(&["vmware-cm"])
        .takes(14, 4)
        .on(Role::Psc)
        .runs("root", "/usr/java/jre-vmware/bin/vmware-cis-license.launcher -Xmx128m -XX:CompressedClassSpaceSize=64m"),
    leaf("vmware-psc-client", "VMware Platform Services Controller Client")
        .needs(&["vmware-cm"])
        .takes(12, 3)
        .on(Role::Psc)
        .runs("root", "vmware-psc-client -procname vmware-psc-client -home /usr/java/jre-vmware -server"),
    leaf("vmware-sca", "VMware Service Control Agent")
        .needs(&["vmware-cm"])
        .takes(12, 3)
        .runs("root", "/usr/java/jre-vmware/bin/vmware-sca.launcher -Xmx64m -XX:CompressedClassSpaceSize=64m"),
    leaf(APPLIANCE_MANAGEMENT, "VMware Appliance Management Service").needs(&["vmware-cm"]).takes(8, 2).runs(
        "root",
        "/usr/bin/python /usr/lib/applmgmt/base/bin/vherdrunner /usr/lib/applmgmt/transport/bin/applmgmt",
    ),
    leaf("vmware-vapi-endpoint", "VMware vAPI Endpoint").needs(&["vmware-cm"]).takes(16, 4).runs(
        "vapiEndpoint",
        "/usr/java/jre-vmware/bin/vmware-vapi-endpoint.launcher -Xmx160m -XX:CompressedClassSpaceSize=64m",
    ),
    vcenter("vmware-vpostgres", "VMware Postgres")
        .takes(6, 3)
        .runs("vpostgres", "/opt/vmware/vpostgres/current/bin/postgres -D /storage/db/vpostgres"),
    vcenter("vmware-invsvc", "VMware Inventory Service")
        .needs(&["vmware-cm", "vmware-vpostgres"])
        .takes(27, 7)
        .runs("root", "/usr/java/jre-vmware/bin/vmware-invsvc.launcher -Xmx789m -XX:CompressedClassSpaceSize=64m"),
    leaf("vmware-syslog", "VMware Common Logging Service").takes(2, 1).runs("root", "/usr/sbin/rsyslogd -c 5"),
    leaf("vmware-syslog-health", "VMware Syslog Health Service")
        .needs(&["vmware-syslog"])
        .takes(3, 1)
        .runs("root", "/usr/lib/vmware-syslog-health/sbin/syslog-health -s"),
    vcenter("vmware-vws", "VMware System and Hardware Health Manager")
        .needs(&["vmware-invsvc"])
        .takes(9, 3)
        .runs("root", "/usr/java/jre-vmware/bin/vmware-vws.launcher -Xmx128m -XX:CompressedClassSpaceSize=64m"),
    vcenter(VCENTER, "VMware vCenter Server")
        .needs(&["vmware-invsvc", "vmware-cis-license", "vmware-vpostgres"])
        .takes(58, 16)
        .runs("root", "/usr/lib/vmware-vpx/vpxd"),
    vcenter("vmware-eam", "VMware ESX Agent Manager")
        .needs(&[VCENTER])
        .takes(13, 3)
        .runs("eam", "/usr/java/jre-vmware/bin/vmware-eam.launcher -Xmx104m -XX:CompressedClassSpaceSize=64m"),
    vcenter("vmware-vdcs", "VMware Content Library Service")
        .needs(&[VCENTER])
        .takes(16, 5)
        .runs("vdcs", "/usr/java/jre-vmware/bin/vmware-vdcs.launcher -Xmx277m -XX:CompressedClassSpaceSize=64m"),
    vcenter("vmware-sps", "VMware vSphere Profile-Driven Storage Service")
        .needs(&[VCENTER])
        .takes(17, 4)
        .runs("root", "/usr/java/jre-vmware/bin/vmware-sps.launcher -Xmx350m -XX:CompressedClassSpaceSize=64m"),
    vcenter("vmware-vpx-workflow", "VMware vCenter Workflow Manager").needs(&[VCENTER]).takes(8, 3).runs(
        "root",
        "/usr/java/jre-vmware/bin/vmware-vpx-workflow.launcher -Xmx256m -XX:CompressedClassSpaceSize=64m",
    ),
    vcenter("vmware-mbcs", "VMware Message Bus Configuration Service")
        .needs(&[VCENTER])
        .takes(4, 2)
        .runs("mbcs", "/usr/java/jre-vmware/bin/vmware-mbcs.launcher -Xmx64m -XX:CompressedClassSpaceSize=64m"),
    vcenter("vmware-perfcharts", "VMware Performance Charts").needs(&[VCENTER]).takes(12, 4).runs(
        "perfcharts",
        "/usr/java/jre-vmware/bin/vmware-perfcharts.launcher -Xmx192m -XX:CompressedClassSpaceSize=64m",
    ),
    vcenter(WEB_CLIENT, "vSphere Web Client").needs(&["vmware-cm", REVERSE_PROXY]).takes(41, 11).runs(
        "vsphere-client",
        "/usr/java/jre-vmware/bin/vsphere-client.launcher -Xmx597m -XX:CompressedClassSpaceSize=256m",
    ),
    vcenter("vmware-netdumper", "VMware vSphere ESXi Dump Collector")
        .needs(&[VCENTER])
        .takes(4, 1)
        .manual()
        .runs("netdumper", "/usr/lib/vmware-netdump/sbin/vmware-netdumper"),
    vcenter("vmware-rbd-watchdog", "VMware vSphere Auto Deploy Waiter")
        .needs(&[VCENTER])
        .takes(5, 2)
        .manual()
        .runs("deploy", "/usr/bin/python /usr/lib/vmware-rbd/rbd-watchdog.py"),
];
