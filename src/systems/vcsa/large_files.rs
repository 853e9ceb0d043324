//! What fills the disks of an appliance: its services' folders, the database, logs that were put away (inferred: names from memory,
//! one file for many). How large they are follows from what `df` shows of a fresh appliance.

use super::series::Line::{self, V6_0, V6_5, V6_7, V7_0};
use crate::systems::linux::image::bulk::Row;

/// Files of a row of releases, first and last, on each node or on those with vCenter Server alone.
struct Group {
    lines: (Line, Line),
    vcenter: bool,
    rows: &'static [Row],
}

/// The files of an appliance.
pub fn of(line: Line, vcenter: bool) -> Vec<Row> {
    let here = |group: &&Group| (group.lines.0..=group.lines.1).contains(&line) && (vcenter || !group.vcenter);
    GROUPS.iter().filter(here).flat_map(|group| group.rows).copied().collect()
}

const GROUPS: &[Group] = &[
    Group { lines: (V6_0, Line::LAST), vcenter: false, rows: NODE },
    Group { lines: (V6_0, V6_0), vcenter: false, rows: OLD_NODE },
    Group { lines: (V6_0, Line::LAST), vcenter: true, rows: VCENTER },
    Group { lines: (V6_0, V6_0), vcenter: true, rows: OLD_VCENTER },
    Group { lines: (V6_0, V6_7), vcenter: true, rows: FLEX_VCENTER },
    Group { lines: (V6_5, Line::LAST), vcenter: true, rows: NEW_VCENTER },
    Group { lines: (V7_0, Line::LAST), vcenter: true, rows: LATE_VCENTER },
];

const NODE: &[Row] = &[
    ("/opt/likewise/lib64", "liblsaclient.so 4100 liblwio.so 6300 libregclient.so 2900"),
    ("/opt/vmware/vpostgres/current", "lib/libpq.so.5 1100 share/postgres.bki 2900"),
    ("/usr/java/jre-vmware/lib", "amd64/server/libjvm.so 15200 rt.jar 63400 ext/localedata.jar 2100"),
    ("/usr/lib/applmgmt", "pyvpc/vapi/bindings.pyc 8700 support/scripts/vmware_b2b.pyc 1300"),
    ("/usr/lib/vmidentity/tools", "lib/vmware-identity-idm-server.jar 5200"),
    ("/usr/lib/vmware-cis-license/lib", "cis-license-server.jar 21800"),
    ("/usr/lib/vmware-cm/lib", "cm-server.jar 18400"),
    ("/usr/lib/vmware-sca/lib", "sca-server.jar 16900"),
    ("/usr/lib/vmware-sso", "vmware-sts/webapps/websso.war 63200 vmware-sts/lib/vmware-identity-platform.jar 12400"),
    ("/usr/lib/vmware-vapi/lib", "vapi-endpoint.jar 35900 python/vmware_vapi_runtime.egg 3100"),
    ("/usr/lib/vmware-vmafd/lib64", "libvmafdclient.so.0.0.0 2800"),
    ("/usr/lib/vmware-vmca/lib64", "libvmcaclient.so.0.0.0 2400"),
    ("/usr/lib/vmware-vmdir/lib64", "libvmdirclient.so.0.0.0 3100"),
    ("/storage/db", "vmware-vmdir/data.mdb 21000"),
    (
        "/storage/log/vmware",
        "procstate 310 rhttpproxy/rhttpproxy-1.log.gz 640 rhttpproxy/rhttpproxy-2.log.gz 610 \
         sso/ssoAdminServer.log 1900 sso/tokenservice.log 2100 sso/vmware-identity-sts-perf.log 300",
    ),
];

const OLD_NODE: &[Row] = &[
    ("/opt/vmware/share/htdocs", "service/core/vami.pyc 9100"),
    ("/usr/lib/vmware-syslog-health/lib", "libsyslog-health.so 1400"),
    ("/storage/invsvc", "vmware-invsvc/data/xhivedb-default-0.XhiveDatabase.DB 28900"),
];

const VCENTER: &[Row] = &[
    (
        "/usr/lib/vmware-vpx",
        "libvim-types.so 37600 libvmomi.so 21200 libvpxd-stats.so 9400 sps/lib/sps-server.jar 43900",
    ),
    ("/usr/lib/vmware-vpx/vpxd-cdb", "schema.sql 6100"),
    ("/usr/lib/vmware-eam/web", "webapps/eam.war 40800"),
    ("/usr/lib/vmware-perfcharts", "tc-instance/webapps/statsreport.war 55100"),
    ("/usr/lib/vmware-rbd", "bin/waiter.pyc 2300 ssl/waiter.pem 4 lib/librbd.so 31700"),
    ("/usr/lib/vmware-mbcs/lib", "mbcs-server.jar 14600"),
    (
        "/storage/db/vpostgres",
        "base/16385/16731 22800 base/16385/16790 8200 base/16385/17012 5900 base/1/2619 6400 base/12870/2619 6400 \
         base/16385/2608 1700 global/1260 440 pg_clog/0000 40",
    ),
    (
        "/storage/dblog/vpostgres/pg_xlog",
        "00000001000000000000003A =16384 00000001000000000000003B =16384 00000001000000000000003C =16384 \
         00000001000000000000003D =16384",
    ),
    (
        "/storage/seat/vpostgres",
        "alarm/16390 900 event/16391 8800 hs1/16392 6900 hs2/16393 3900 hs3/16394 2200 hs4/16395 1600 task/16396 1300",
    ),
    (
        "/storage/log/vmware",
        "perfcharts/localhost_access_log.txt 410 vpxd/vpxd-1.log.gz 2600 vpxd/vpxd-2.log.gz 2580 vpxd/vpxd-3.log.gz 2610 \
         vpxd/vpxd-profiler-1.log.gz 880 vpxd/vpxd-profiler.log 1300",
    ),
];

const OLD_VCENTER: &[Row] = &[
    ("/usr/lib/vmware-vdcs/lib", "cls-main.jar 51900"),
    ("/usr/lib/vmware-invsvc/lib", "inv-svc.jar 38700"),
    ("/storage/dblog/vpostgres/pg_xlog", "00000001000000000000003E =16384 00000001000000000000003F =16384"),
    ("/usr/lib/vmware-vpx-workflow/lib", "workflow-server.jar 29600"),
];

const FLEX_VCENTER: &[Row] = &[
    (
        "/usr/lib/vmware-vsphere-client",
        "plugin-packages/vsphere-client/plugins/main.war 214000 server/repository/ext/core.jar 171000",
    ),
    ("/storage/log/vmware", "vsphere-client/logs/access/localhost_access_log.txt 1500"),
];

const NEW_VCENTER: &[Row] = &[
    ("/usr/lib/vmware-content-library/lib", "cls-main.jar 57300"),
    ("/usr/lib/vmware-imagebuilder", "py/VibBuilder.pyc 11900"),
    ("/usr/lib/vmware-updatemgr", "bin/libufa-common.so 48800 share/hostupdate.zip 18300"),
    ("/usr/lib/vmware-vpx/vsan-health", "pyMoVsan.pyc 23400"),
    ("/usr/lib/vmware-vpxd-svcs/lib", "vpxd-svcs.jar 44100"),
    ("/usr/lib/vmware-vsphere-ui", "plugin-packages/vsphere-client/plugins/h5.war 188000 server/lib/core.jar 61000"),
    ("/storage/updatemgr/patch-store", "hostupdate/vmw/vmw-ESXi-metadata.zip 14500"),
    (
        "/storage/log/vmware",
        "vsphere-ui/logs/access/localhost_access_log.txt 1700 vmware-updatemgr/vum-server/vum-server-1.log.gz 900",
    ),
];

const LATE_VCENTER: &[Row] = &[
    ("/usr/lib/vmware-vlcm", "lib/depot.pyc 21300"),
    ("/usr/lib/vmware-wcp", "objects/PodVM-GuestCluster/photon-ova.tar 412000"),
    ("/usr/lib/vmware-analytics/lib", "analytics-server.jar 66500"),
    ("/storage/vtsdb", "base/13758/16512 31000 base/13758/2619 7400"),
    ("/storage/vtsdblog", "pg_wal/000000010000000000000001 =16384"),
];
