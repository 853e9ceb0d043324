//! The services of 6.5 to 8.0, in the order in which they start.
//!
//! Truth: reference `appliance-shell.md` 2.3 (which there are, of which most run), the captures `service-control-list-*`
//! (display names of 6.5 and 6.7), `service-control-start-all-8.0u2` (which of them vMon does not start, and their order) and
//! `6.5-ps-service-processes` (users, command lines up to column 100, order, spacing). What needs what is captured for `wcp`
//! only; the rest, the display names of what came with 7.0 and 8.0, and their processes, are inferred.

use super::definition::{Role, Row};
use super::sets::Edition::{V6_5, V6_7, V6_7U3, V7_0, V8_0};
use super::{APPLIANCE_MANAGEMENT, HIGH_AVAILABILITY, MONITOR, REVERSE_PROXY, VCENTER, WEB_CLIENT};

const fn core(name: &'static str, display: &'static str) -> Row {
    Row::core(name, display).since(V6_5)
}

const fn leaf(name: &'static str, display: &'static str) -> Row {
    Row::leaf(name, display).since(V6_5)
}

const fn vmon(name: &'static str, vmon: &'static str, display: &'static str) -> Row {
    Row::vmon(name, vmon, display).since(V6_5)
}

/// A service of vCenter Server.
const fn vcenter(name: &'static str, monitored: &'static str, display: &'static str) -> Row {
    vmon(name, monitored, display).on(Role::VCenter)
}

/// A service of the Platform Services Controller.
const fn psc(name: &'static str, monitored: &'static str, display: &'static str) -> Row {
    vmon(name, monitored, display).on(Role::Psc)
}

/// The command line of a service in Java.
macro_rules! java {
    ($name:literal, $megabytes:literal) => {
        concat!("/usr/java/jre-vmware/bin/", $name, ".launcher -Xmx", $megabytes, "m -XX:CompressedClassSpaceSize=64m")
    };
}

/// Where the other services find each other: the component manager, later the lookup service.
const LOOKUP: &[&str] = &["vmware-cm", "lookupsvc"];

/// All of them.
pub(super) const ROWS: &[Row] = &[
    core("vmware-sts-idmd", "VMware Identity Management Service")
        .needs(&["vmdird"])
        .takes(11, 3)
        .on(Role::Psc)
        .until(V6_7U3)
        .runs(
            "root",
            "vmware-sts-idmd -procname vmware-sts-idmd -wait 120 -server -Xmx168m -XX:CompressedClassSpaceSize=64m",
        ),
    core("vmware-stsd", "VMware Security Token Service")
        .needs(&["vmware-sts-idmd", "vmcad"])
        .takes(17, 5)
        .on(Role::Psc)
        .until(V6_7U3)
        .runs(
            "root",
            "vmware-stsd -procname vmware-stsd -home /usr/java/jre-vmware -server -pidfile /var/run/vmware-stsd.pid",
        ),
    core("vmdnsd", "VMware Domain Name Service")
        .needs(&["vmdird"])
        .takes(4, 1)
        .on(Role::Psc)
        .until(V6_7U3)
        .runs("root", "/usr/lib/vmware-vmdns/sbin/vmdnsd -s"),
    core(MONITOR, "VMware Service Lifecycle Manager").takes(4, 2).runs("root", "/usr/lib/vmware-vmon/vmon"),
    vmon(REVERSE_PROXY, "rhttpproxy", "VMware HTTP Reverse Proxy")
        .needs(&["vmafdd"])
        .takes(5, 2)
        .runs("root", "/usr/lib/vmware-rhttpproxy/rhttpproxy -r /etc/vmware-rhttpproxy/config.xml -d /etc/vmware-rhttpproxy/endpoints.conf.d"),
    vmon("vmware-envoy", "envoy", "VMware Envoy Proxy")
        .needs(&[REVERSE_PROXY])
        .takes(4, 1)
        .since(V7_0)
        .runs("envoy", "/usr/sbin/envoy -c /etc/vmware-rhttpproxy/envoy-config.yaml"),
    vmon("vmware-envoy-sidecar", "envoy-sidecar", "VMware Envoy Sidecar Proxy")
        .needs(&["vmware-envoy"])
        .takes(3, 1)
        .since(V8_0)
        .runs("envoy-sidecar", "/usr/sbin/envoy -c /etc/vmware-envoy-sidecar/config.yaml"),
    vmon("vmware-envoy-hgw", "envoy-hgw", "VMware Envoy Host Gateway")
        .needs(&["vmware-envoy"])
        .takes(3, 1)
        .since(V8_0)
        .runs("envoy-hgw", "/usr/sbin/envoy -c /etc/vmware-envoy-hgw/config.yaml"),
    psc("vmware-stsd", "sts", "VMware Security Token Service")
        .needs(&["vmdird", "vmcad"])
        .takes(17, 5)
        .since(V7_0)
        .runs("sts", java!("vmware-stsd", "276")),
    vmon("vmware-cm", "cm", "VMware Component Manager")
        .needs(&["vmware-stsd", REVERSE_PROXY])
        .takes(13, 4)
        .until(V6_7U3)
        .runs("root", java!("vmware-cm", "100")),
    psc("lookupsvc", "lookupsvc", "VMware Lookup Service")
        .needs(&["vmware-stsd", REVERSE_PROXY])
        .takes(9, 3)
        .since(V7_0)
        .runs("lookupsvc", java!("lookupsvc", "160")),
    psc("vmware-cis-license", "cis-license", "VMware License Service")
        .needs(LOOKUP)
        .takes(14, 4)
        .runs("root", java!("vmware-cis-license", "128")),
    leaf("vmware-psc-client", "VMware Platform Services Controller Client")
        .needs(&["vmware-cm"])
        .takes(12, 3)
        .on(Role::Psc)
        .until(V6_5)
        .runs("root", "vmware-psc-client -procname vmware-psc-client -home /usr/java/jre-vmware -server"),
    vmon("vmware-sca", "sca", "VMware Service Control Agent")
        .needs(LOOKUP)
        .takes(10, 3)
        .runs("root", java!("vmware-sca", "64")),
    vmon("vmware-vapi-endpoint", "vapi-endpoint", "VMware vAPI Endpoint")
        .needs(LOOKUP)
        .takes(16, 4)
        .runs("vapiEndpoint", java!("vmware-vapi-endpoint", "160")),
    vmon("vmonapi", "vmonapi", "VMware Service Lifecycle Manager API")
        .takes(4, 1)
        .until(V7_0)
        .runs("root", "/usr/lib/vmware-vmon/vapi/vmon-vapi-provider -p 8900 -l info"),
    vmon(APPLIANCE_MANAGEMENT, "applmgmt", "VMware Appliance Management Service").takes(8, 2).runs(
        "root",
        "/usr/bin/python /usr/lib/applmgmt/base/bin/vherdrunner /usr/lib/applmgmt/transport/bin/applmgmt",
    ),
    psc("pschealth", "pschealth", "VMware Platform Services Controller Health Monitor")
        .takes(3, 1)
        .runs("root", "/usr/lib/vmware-pschealth/sbin/pschealthd -s"),
    vmon("vmware-statsmonitor", "statsmonitor", "VMware Appliance Monitoring Service")
        .takes(3, 1)
        .until(V7_0)
        .runs("root", "/usr/lib/vmware-statsmonitor/statsMonitor /etc/vmware/statsmonitor/statsMonitor.xml"),
    vcenter("vmware-vpostgres", "vmware-vpostgres", "VMware Postgres")
        .takes(6, 3)
        .runs("vpostgres", "/opt/vmware/vpostgres/current/bin/postgres -D /storage/db/vpostgres"),
    vcenter("vmware-postgres-archiver", "vmware-postgres-archiver", "VMware Postgres Archiver")
        .needs(&["vmware-vpostgres"])
        .takes(2, 1)
        .since(V6_7)
        .runs("pgarchiver", "/opt/vmware/vpostgres/current/bin/pg_receivexlog -D /storage/archive/vpostgres"),
    vcenter("vmware-certificateauthority", "certificateauthority", "VMware Certificate Authority Service")
        .needs(LOOKUP)
        .takes(7, 2)
        .since(V7_0)
        .runs("certauth", java!("vmware-certificateauthority", "96")),
    vcenter("vmware-certificatemanagement", "certificatemanagement", "VMware Certificate Management Service")
        .needs(LOOKUP)
        .takes(8, 2)
        .since(V6_7U3)
        .runs("certmgmt", java!("vmware-certificatemanagement", "96")),
    vcenter("vmware-topologysvc", "topologysvc", "VMware Topology Service")
        .needs(LOOKUP)
        .takes(6, 2)
        .since(V6_7U3)
        .runs("topologysvc", java!("vmware-topologysvc", "96")),
    vcenter("vmware-trustmanagement", "trustmanagement", "VMware Trust Management Service")
        .needs(LOOKUP)
        .takes(7, 2)
        .since(V7_0)
        .runs("trustmanagement", java!("vmware-trustmanagement", "96")),
    vcenter("observability-vapi", "observability-vapi", "VMware Observability vAPI Service")
        .takes(4, 1)
        .since(V7_0)
        .runs("observability", "/usr/lib/vmware-observability/bin/observability-vapi"),
    vcenter("vmware-vpxd-svcs", "vpxd-svcs", "VMware vCenter-Services")
        .needs(&["vmware-cm", "lookupsvc", "vmware-vpostgres"])
        .takes(27, 7)
        .runs("root", java!("vmware-vpxd-svcs", "789")),
    vcenter("vmware-analytics", "analytics", "VMware Analytics Service")
        .needs(LOOKUP)
        .takes(12, 3)
        .since(V6_7)
        .runs("analytics", java!("vmware-analytics", "160")),
    vcenter("vmware-infraprofile", "infraprofile", "VMware Infraprofile Service")
        .needs(LOOKUP)
        .takes(9, 2)
        .since(V7_0)
        .runs("infraprofile", java!("vmware-infraprofile", "160")),
    vcenter("vmware-hvc", "hvc", "VMware Hybrid VC Service")
        .needs(LOOKUP)
        .takes(8, 2)
        .since(V7_0)
        .runs("hvc", java!("vmware-hvc", "96")),
    vcenter(WEB_CLIENT, "vsphere-client", "VMware vSphere Web Client")
        .needs(&["vmware-cm", REVERSE_PROXY])
        .takes(41, 11)
        .until(V6_7U3)
        .runs("vsphere-client", java!("vsphere-client", "597")),
    vcenter("vsphere-ui", "vsphere-ui", "VMware vSphere Client")
        .needs(&["vmware-cm", "lookupsvc", REVERSE_PROXY])
        .takes(36, 9)
        .runs("vsphere-ui", java!("vsphere-ui", "597")),
    vcenter(VCENTER, "vpxd", "VMware vCenter Server")
        .needs(&["vmware-vpxd-svcs", "vmware-vpostgres"])
        .takes(58, 16)
        .runs("vpxd", "/usr/lib/vmware-vpx/vpxd"),
    vcenter("vtsdb", "vtsdb", "VMware vTsdb Service")
        .takes(5, 2)
        .since(V7_0)
        .runs("vtsdb", "/opt/vmware/vpostgres/current/bin/postgres -D /storage/vtsdb"),
    vcenter("vstats", "vstats", "VMware vStats Service")
        .needs(&["vtsdb", VCENTER])
        .takes(7, 2)
        .since(V7_0)
        .runs("vstats", "/usr/lib/vmware-vstats/bin/vstats"),
    vcenter("vmware-content-library", "content-library", "VMware Content Library Service")
        .needs(&[VCENTER])
        .takes(17, 5)
        .runs("content-library", java!("vmware-content-library", "277")),
    vcenter("vmware-eam", "eam", "VMware ESX Agent Manager")
        .needs(&[VCENTER])
        .takes(13, 3)
        .runs("eam", java!("vmware-eam", "104")),
    vcenter("vmware-sps", "sps", "VMware vSphere Profile-Driven Storage Service")
        .needs(&[VCENTER])
        .takes(17, 4)
        .runs("root", java!("vmware-sps", "350")),
    vcenter("vmware-perfcharts", "perfcharts", "VMware Performance Charts")
        .needs(&[VCENTER])
        .takes(12, 4)
        .runs("perfcharts", java!("vmware-perfcharts", "192")),
    vcenter("vmware-vsm", "vsm", "VMware vService Manager")
        .needs(&[VCENTER])
        .takes(9, 3)
        .runs("root", java!("vmware-vsm", "64")),
    vcenter("vmware-vsan-health", "vsan-health", "VMware VSAN Health Service")
        .needs(&[VCENTER])
        .takes(12, 3)
        .runs("vsan-health", "/usr/bin/python /usr/lib/vmware-vpx/vsan-health/VsanHealthServer.py"),
    vcenter("vmware-updatemgr", "updatemgr", "VMware Update Manager")
        .needs(&[VCENTER])
        .takes(14, 4)
        .runs("updatemgr", "/usr/lib/vmware-updatemgr/bin/updatemgr /usr/lib/vmware-updatemgr/bin/vci-integrity.xml"),
    vcenter("vlcm", "vlcm", "VMware vCenter Server Lifecycle Manager")
        .needs(LOOKUP)
        .takes(9, 2)
        .since(V7_0)
        .runs("vlcm", "/usr/bin/python /usr/lib/vmware-vlcm/vlcm.py"),
    vcenter("wcp", "wcp", "Workload Control Plane")
        .needs(&[
            "vmware-cis-license",
            "vmware-eam",
            "lookupsvc",
            "vmware-stsd",
            "vmware-trustmanagement",
            "vmware-vapi-endpoint",
            "vmware-vpostgres",
            VCENTER,
        ])
        .takes(12, 4)
        .since(V7_0)
        .runs("root", "/usr/lib/vmware-wcp/wcpsvc"),
    vcenter("vc-ws1a-broker", "vc-ws1a-broker", "VMware Identity Broker Service")
        .needs(LOOKUP)
        .takes(14, 3)
        .since(V8_0)
        .runs("vcws1abroker", java!("vc-ws1a-broker", "384")),
    vcenter("vmcam", "vmcam", "VMware vSphere Authentication Proxy")
        .needs(LOOKUP)
        .takes(4, 1)
        .manual()
        .runs("root", "/usr/lib/vmware-vmcam/bin/vmcamd"),
    vmon("vmonapi", "vmonapi", "VMware Service Lifecycle Manager API")
        .takes(4, 1)
        .since(V8_0)
        .manual()
        .runs("root", "/usr/lib/vmware-vmon/vapi/vmon-vapi-provider -p 8900 -l info"),
    vcenter("vmware-imagebuilder", "imagebuilder", "VMware Image Builder Manager")
        .needs(&[VCENTER])
        .takes(6, 2)
        .manual()
        .runs("imagebuilder", "/usr/bin/python /usr/lib/vmware-imagebuilder/py/IbServer.py"),
    vcenter("vmware-mbcs", "mbcs", "VMware Message Bus Configuration Service")
        .needs(LOOKUP)
        .takes(4, 2)
        .until(V6_7U3)
        .manual()
        .runs("mbcs", java!("vmware-mbcs", "64")),
    vcenter("vmware-netdumper", "netdumper", "VMware vSphere ESXi Dump Collector")
        .needs(&[VCENTER])
        .takes(4, 1)
        .manual()
        .runs("netdumper", "/usr/lib/vmware-netdump/sbin/vmware-netdumper"),
    vcenter("vmware-rbd-watchdog", "rbd", "VMware vSphere Auto Deploy Waiter")
        .needs(&[VCENTER])
        .takes(5, 2)
        .manual()
        .runs("deploy", "/usr/bin/python /usr/lib/vmware-rbd/rbd-watchdog.py"),
    vcenter(HIGH_AVAILABILITY, "vcha", "VMware vCenter High Availability")
        .takes(6, 2)
        .disabled()
        .runs("vcha", "/usr/lib/vmware-vcha/vcha /etc/vmware-vcha/vcha.xml"),
    vcenter("vsan-dps", "vsan-dps", "VMware VSAN Data Protection Service")
        .needs(&[VCENTER])
        .takes(6, 2)
        .since(V6_7)
        .until(V6_7U3)
        .manual()
        .runs("root", java!("vsan-dps", "192")),
    leaf("observability", "VMware Observability Service")
        .takes(4, 1)
        .since(V7_0)
        .on(Role::VCenter)
        .runs("observability", "/usr/lib/vmware-observability/bin/observability"),
    leaf("vmware-vdtc", "VMware Distributed Tracing Collector")
        .takes(3, 1)
        .since(V8_0)
        .on(Role::VCenter)
        .runs("vdtc", "/usr/lib/vmware-vdtc/bin/vdtc"),
    leaf("vmware-pod", "VMware Patching and Host Management Service")
        .takes(2, 1)
        .since(V6_7)
        .on(Role::VCenter)
        .runs("pod", "/usr/bin/python /usr/lib/vmware-pod/py/pod.py"),
];

/// The order in which `service-control --list` showed the services of 6.5: that of a hash, captured.
pub(super) const LISTED_6_5: &[&str] = &[
    "vmware-vpostgres",
    "vmware-imagebuilder",
    "vmware-cm",
    "vmware-vpxd",
    "vmware-sps",
    "applmgmt",
    "vmware-statsmonitor",
    "vmware-rhttpproxy",
    "vmware-vapi-endpoint",
    "vmware-stsd",
    "lwsmd",
    "vmafdd",
    "vmware-psc-client",
    "vmware-vsm",
    "vmonapi",
    "vmware-perfcharts",
    "vmware-updatemgr",
    "vmware-vmon",
    "vmware-vsan-health",
    "vsphere-client",
    "vmware-sts-idmd",
    "vmcad",
    "vmware-eam",
    "vmware-cis-license",
    "vmcam",
    "pschealth",
    "vmdird",
    "vmware-mbcs",
    "vmware-vcha",
    "vsphere-ui",
    "vmware-content-library",
    "vmdnsd",
    "vmware-sca",
    "vmware-netdumper",
    "vmware-vpxd-svcs",
    "vmware-rbd-watchdog",
];

/// The same of 6.7, captured on one machine.
pub(super) const LISTED_6_7: &[&str] = &[
    "vmware-netdumper",
    "vmware-cm",
    "vmware-statsmonitor",
    "vmonapi",
    "vmware-perfcharts",
    "vmware-vapi-endpoint",
    "vmware-vpxd-svcs",
    "vmdird",
    "vsphere-client",
    "vmware-vmon",
    "vmware-eam",
    "vsan-dps",
    "vmware-postgres-archiver",
    "vmdnsd",
    "applmgmt",
    "vmware-vpostgres",
    "vmware-rbd-watchdog",
    "vmware-vpxd",
    "vsphere-ui",
    "vmware-sps",
    "vmware-rhttpproxy",
    "vmware-cis-license",
    "vmware-mbcs",
    "vmware-sts-idmd",
    "vmware-vsan-health",
    "vmware-sca",
    "vmware-vcha",
    "pschealth",
    "vmware-vsm",
    "lwsmd",
    "vmafdd",
    "vmcad",
    "vmware-stsd",
    "vmcam",
    "vmware-pod",
    "vmware-imagebuilder",
    "vmware-content-library",
    "vmware-updatemgr",
    "vmware-analytics",
];
