//! The services that RHV adds to a host and to the Manager. Names and what waits for what are public knowledge; descriptions
//! are those of the packages' unit files as far as remembered, times are inferred.

use super::model::Role;
use super::release::Release;
use crate::sim::Instant;
use crate::systems::linux::fs::{Content, Cred, Kind};
use crate::systems::linux::lab_entry::put;
use crate::systems::linux::model::Linux;

/// A service: name, description, lines of `[Unit]` and of `[Service]` with `;` between.
type Row = (&'static str, &'static str, &'static str, &'static str);

const HOST: &[Row] = &[
    ("libvirtd", "Virtualization daemon", "After=network.target", "Type=notify;ExecStart=/usr/sbin/libvirtd --listen"),
    ("wdmd", "Watchdog Multiplexing Daemon", "After=syslog.target", "Type=forking;ExecStart=/usr/sbin/wdmd"),
    (
        "sanlock",
        "Shared Storage Lease Manager",
        "After=syslog.target wdmd.service;Wants=wdmd.service",
        "Type=forking;ExecStart=/usr/sbin/sanlock daemon;SendSIGKILL=no",
    ),
    (
        "supervdsmd",
        "Auxiliary vdsm service for running helper functions as root",
        "Requires=libvirtd.service;After=libvirtd.service",
        "Type=simple;ExecStart=/usr/share/vdsm/daemonAdapter /usr/share/vdsm/supervdsmd;Restart=always",
    ),
    (
        "vdsmd",
        "Virtual Desktop Server Manager",
        "Requires=libvirtd.service supervdsmd.service sanlock.service;After=libvirtd.service supervdsmd.service \
         sanlock.service;Wants=mom-vdsm.service",
        "Type=simple;ExecStart=/usr/share/vdsm/daemonAdapter /usr/share/vdsm/vdsmd;Restart=always",
    ),
    (
        "mom-vdsm",
        "MOM instance configured for VDSM purposes",
        "Requires=vdsmd.service;After=vdsmd.service",
        "Type=simple;ExecStart=/usr/sbin/momd -c /etc/vdsm/mom.conf",
    ),
];

/// Those of the hosted engine.
const HA: &[Row] = &[
    (
        "ovirt-ha-broker",
        "oVirt Hosted Engine High Availability Communications Broker",
        "After=network.target vdsmd.service;ConditionFileNotEmpty=/etc/ovirt-hosted-engine/hosted-engine.conf",
        "Type=simple;RuntimeDirectory=ovirt-hosted-engine-ha;ExecStart=/usr/share/ovirt-hosted-engine-ha/ovirt-ha-broker;\
         Restart=on-failure",
    ),
    (
        "ovirt-ha-agent",
        "oVirt Hosted Engine High Availability Monitoring Agent",
        "Wants=ovirt-ha-broker.service;After=ovirt-ha-broker.service;\
         ConditionFileNotEmpty=/etc/ovirt-hosted-engine/hosted-engine.conf",
        "Type=simple;ExecStart=/usr/share/ovirt-hosted-engine-ha/ovirt-ha-agent;Restart=always;RestartSec=10",
    ),
];

const ENGINE: &[Row] = &[
    (
        "httpd",
        "The Apache HTTP Server",
        "After=network.target",
        "Type=notify;ExecStart=/usr/sbin/httpd $OPTIONS -DFOREGROUND",
    ),
    (
        "ovirt-engine",
        "oVirt Engine",
        "After=network.target",
        "Type=simple;User=ovirt;ExecStart=/usr/share/ovirt-engine/services/ovirt-engine/ovirt-engine.py start",
    ),
    (
        "ovirt-engine-dwhd",
        "oVirt Engine Data Warehouse",
        "After=network.target",
        "Type=simple;User=ovirt;ExecStart=/usr/share/ovirt-engine-dwh/services/ovirt-engine-dwhd/ovirt-engine-dwhd.py \
         start",
    ),
    (
        "ovirt-websocket-proxy",
        "oVirt Engine websockets proxy",
        "After=network.target",
        "Type=simple;User=ovirt;ExecStart=/usr/share/ovirt-engine/services/ovirt-websocket-proxy/ovirt-websocket-proxy.py \
         start",
    ),
];

/// The database of the Manager, which comes in another package with each release.
fn database(release: Release) -> Row {
    const SERVER: &str = "Type=notify;User=postgres;ExecStart=/usr/bin/postmaster -D /var/lib/pgsql/data";
    match release.minor {
        2 => ("rh-postgresql95-postgresql", "PostgreSQL database server", "After=network.target", SERVER),
        3 => ("rh-postgresql10-postgresql", "PostgreSQL database server", "After=network.target", SERVER),
        _ => ("postgresql", "PostgreSQL database server", "After=network.target", SERVER),
    }
}

/// The units of a Manager that is set up.
pub fn of_manager(release: Release) -> impl Iterator<Item = String> {
    ENGINE.iter().map(|row| row.0).chain([database(release).0]).map(|name| format!("{name}.service"))
}

/// Puts the services of a machine on its disks. Those of a host start at boot once it is deployed, those of
/// the engine once it is set up.
pub fn install(linux: &mut Linux, role: Role, release: Release, deployed: bool, now: Instant) {
    let rows: Vec<(Row, bool)> = match role {
        Role::Host => HOST.iter().chain(HA).map(|row| (*row, deployed)).collect(),
        Role::Manager => ENGINE.iter().copied().chain([database(release)]).map(|row| (row, deployed)).collect(),
    };
    for ((name, description, needs, runs), enabled) in rows {
        let lines = |text: &str| text.split(';').map(|line| format!("{}\n", line.trim())).collect::<Vec<_>>().concat();
        let text = format!(
            "[Unit]\nDescription={description}\n{}\n[Service]\n{}\n[Install]\nWantedBy=multi-user.target\n",
            lines(needs),
            lines(runs)
        );
        let program = runs.split(';').find_map(|line| line.strip_prefix("ExecStart=")).unwrap_or_default();
        for program in program.split_whitespace().filter(|word| word.starts_with("/usr/")) {
            if linux.fs.lookup(&Cred::ROOT, "/", program).is_err() {
                put(linux, program, Kind::File(Content::Hole(200 << 10)), 0o755, now);
            }
        }
        let unit = format!("{name}.service");
        let path = format!("/usr/lib/systemd/system/{unit}");
        if linux.fs.lookup(&Cred::ROOT, "/", &path).is_err() {
            put(linux, &path, Kind::File(Content::text(text)), 0o644, now);
        }
        if enabled {
            linux
                .set_enabled(&unit, true, now)
                .unwrap_or_else(|errno| unreachable!("a fresh image enables {unit}: {}", errno.text()));
        }
    }
}
