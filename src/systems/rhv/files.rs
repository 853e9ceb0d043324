//! What a host has beside its Linux: its programs, the settings of the hosted engine, and files that are made from the model
//! (reference `hosted-engine.md` 4.5 and 1.5).

use std::collections::BTreeMap;
use std::sync::Arc;

use super::commands::node;
use super::lab_entry::uuid;
use super::model::{Conf, HostId};
use super::{events, logs, service_files};
use crate::payload::Sha256;
use crate::sim::Instant;
use crate::systems::linux::fs::{Content, Cred, Errno, Kind};
use crate::systems::linux::lab_entry::{place, put};
use crate::systems::linux::model::Linux;
use crate::world::{MachineId, World};

/// The settings of a deployed host.
pub const CONF: &str = "/etc/ovirt-hosted-engine/hosted-engine.conf";
/// The description of the Manager's virtual machine, which the broker keeps as long as it runs.
pub const VM_CONF: &str = "/var/run/ovirt-hosted-engine-ha/vm.conf";
/// The flags of local maintenance.
const HA_CONF: &str = "/var/lib/ovirt-hosted-engine-ha/ha.conf";
const HA_CONF_MADE: &str = "rhv/ha.conf";
/// The unit of the firewall, without which nothing is deployed.
pub const FIREWALL: &str = "firewalld.service";
const RUNTIME: &str = "/run/ovirt-hosted-engine-ha";

/// Programs, by path.
const PROGRAMS: &[&str] = &[
    "/usr/sbin/hosted-engine",
    "/usr/sbin/ovirt-hosted-engine-cleanup",
    "/usr/bin/vdsm-client",
    "/usr/bin/virsh",
    "/usr/sbin/sanlock",
    super::processes::PROGRAM,
];

/// Users and groups that its packages make.
const USERS: &str = "qemu:x:107:107:qemu user:/:/sbin/nologin\n\
                     sanlock:x:179:179:sanlock:/var/run/sanlock:/sbin/nologin\n\
                     vdsm:x:36:36:Node Virtualization Manager:/:/sbin/nologin\n";
const GROUPS: &str = "kvm:x:36:qemu,sanlock\nqemu:x:107:vdsm,sanlock\nsanlock:x:179:vdsm\n";

/// Folders that its packages make.
const FOLDERS: [&str; 3] =
    ["/etc/ovirt-hosted-engine", "/var/lib/ovirt-hosted-engine-setup/answers", "/var/log/ovirt-hosted-engine-setup"];

/// Files of a deployed host that are made, by path and name.
const MADE: &[(&str, &str)] = &[
    (HA_CONF, HA_CONF_MADE),
    ("/var/lib/ovirt-hosted-engine-ha/broker.conf", "rhv/broker.conf"),
    ("/var/lib/ovirt-hosted-engine-ha/hosted-engine.conf", "rhv/hosted-engine.conf"),
    ("/var/log/ovirt-hosted-engine-ha/agent.log", "rhv/agent.log"),
    ("/var/log/ovirt-hosted-engine-ha/broker.log", "rhv/broker.log"),
    (BRIDGE_FILE, BRIDGE_MADE),
];

/// What the deployment, vdsm and the Manager have configured on it: certificates and keys, settings of daemons.
const CONFIGURED: &[(&str, u16)] = &[
    ("/etc/libvirt/nwfilter/vdsm-no-mac-spoofing.xml", 0o600),
    ("/etc/ovirt-hosted-engine/answers.conf", 0o600),
    ("/etc/vdsm/vdsm.conf", 0o644),
    ("/etc/pki/vdsm/certs/cacert.pem", 0o644),
    ("/etc/pki/vdsm/certs/vdsmcert.pem", 0o644),
    ("/etc/pki/vdsm/keys/vdsmkey.pem", 0o440),
    ("/etc/pki/vdsm/libvirt-spice/ca-cert.pem", 0o644),
    ("/etc/pki/vdsm/libvirt-spice/server-cert.pem", 0o644),
    ("/etc/pki/vdsm/libvirt-spice/server-key.pem", 0o440),
    ("/etc/pki/CA/cacert.pem", 0o644),
    ("/etc/pki/libvirt/clientcert.pem", 0o644),
    ("/etc/pki/libvirt/private/clientkey.pem", 0o640),
    ("/etc/pki/ovirt-vmconsole/ca.pub", 0o644),
];

/// What stands in one of them. Certificates and keys have their form, and nobody's numbers (inferred).
fn configured(machine: &str, path: &str, shared: &BTreeMap<String, String>) -> String {
    let name = path.rsplit('/').next().unwrap_or_default();
    match name {
        "vdsm.conf" => "[vars]\nssl = true\n\n[addresses]\nmanagement_port = 54321\n".to_owned(),
        "vdsm-no-mac-spoofing.xml" => {
            "<filter name='vdsm-no-mac-spoofing' chain='root'>\n  <filterref filter='no-mac-spoofing'/>\n  \
                                       <filterref filter='no-arp-mac-spoofing'/>\n</filter>\n"
                .to_owned()
        }
        "answers.conf" => {
            let value = |key: &str| shared.get(key).map_or("", String::as_str);
            format!(
                "[environment:default]\nOVEHOSTED_NETWORK/fqdn=str:{}\nOVEHOSTED_NETWORK/gateway=str:{}\n\
                 OVEHOSTED_STORAGE/domainType=str:{}\nOVEHOSTED_STORAGE/storageDomainConnection=str:{}\n",
                value("fqdn"),
                value("gateway"),
                value("domainType"),
                value("storage")
            )
        }
        name => {
            let what = if name.ends_with("key.pem") { "PRIVATE KEY" } else { "CERTIFICATE" };
            // An authority is the same everywhere.
            let whose = if name.starts_with("ca") { "" } else { machine };
            pem(what, &format!("{whose} {name}"))
        }
    }
}

/// So many lines of letters in the form of a certificate or a key.
fn pem(what: &str, seed: &str) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let line = |number: u32| -> String {
        let halves = ["a", "b"].map(|half| Sha256::of(format!("{seed} {number}{half}").as_bytes()));
        halves.iter().flat_map(|half| half.0).map(|byte| char::from(LETTERS[usize::from(byte % 64)])).collect()
    };
    let lines: String = (0..20).map(|number| line(number) + "\n").collect();
    format!("-----BEGIN {what}-----\n{lines}-----END {what}-----\n")
}

/// The settings of the management bridge, and the file in which it has them.
pub const BRIDGE_FILE: &str = "/etc/sysconfig/network-scripts/ifcfg-ovirtmgmt";
/// As which they are made.
pub const BRIDGE_MADE: &str = "linux/ifcfg-bridge";

/// The connection of the hosted-engine storage domain, the same everywhere.
const CONNECTION: &str = "e29cf818-5ee5-46e1-85c1-8aeefa33e95d";

/// Puts the programs of a host on its disks.
pub fn install(linux: &mut Linux, now: Instant) {
    for path in PROGRAMS.iter().filter(|path| linux.fs.lookup(&Cred::ROOT, "/", path).is_err()).collect::<Vec<_>>() {
        put(linux, path, Kind::File(Content::Hole(24 << 10)), 0o755, now);
    }
    for (path, name) in service_files::SETTINGS {
        put(linux, path, Kind::File(Content::Made(name.into())), 0o644, now);
    }
    for folder in FOLDERS {
        put(linux, folder, Kind::EMPTY_DIR, 0o755, now);
    }
    for (path, all, more) in [("/etc/passwd", linux.distro.users, USERS), ("/etc/group", linux.distro.groups, GROUPS)] {
        if let Ok(ino) = linux.fs.lookup(&Cred::ROOT, "/", path) {
            let name = |line: &str| line.split(':').next().unwrap_or_default().to_owned();
            let kept = all.lines().filter(|old| !more.lines().any(|new| name(new) == name(old)));
            let text: String = kept.chain(more.lines()).map(|line| format!("{line}\n")).collect();
            linux.fs.fix(ino, text.into_bytes());
        }
    }
}

/// Puts on a disk what an RHV-H has beside that.
pub fn install_node(linux: &mut Linux, now: Instant) {
    for path in ["/usr/sbin/nodectl", "/usr/sbin/imgbase"] {
        put(linux, path, Kind::File(Content::Hole(4 << 10)), 0o755, now);
    }
    put(linux, "/etc/motd", Kind::File(Content::Made("rhv/motd".into())), 0o644, now);
}

/// The settings that all hosts of a cluster share: those of a Manager of this name on a share of NFS, until they are set
/// otherwise.
#[must_use]
pub fn settings(fqdn: &str, storage: &str) -> BTreeMap<String, String> {
    let made = |what: &str| uuid(&format!("{storage} {what}"));
    let fixed = [
        ("fqdn", fqdn.to_owned()),
        ("vmid", uuid(fqdn)),
        ("storage", storage.to_owned()),
        ("conf", "/var/run/ovirt-hosted-engine-ha/vm.conf".to_owned()),
        ("console", "vnc".to_owned()),
        ("domainType", "nfs".to_owned()),
        ("spUUID", "00000000-0000-0000-0000-000000000000".to_owned()),
        ("connectionUUID", CONNECTION.to_owned()),
        ("ca_cert", "/etc/pki/vdsm/libvirt-spice/ca-cert.pem".to_owned()),
        ("ca_subject", "\"C=EN, L=Test, O=Test, CN=Test\"".to_owned()),
        ("vdsm_use_ssl", "true".to_owned()),
        ("bridge", "ovirtmgmt".to_owned()),
        ("network_test", "dns".to_owned()),
    ];
    let ids = ["vm_disk_id", "vm_disk_vol_id", "sdUUID"].into_iter().chain(VOLUMES);
    let empty = EMPTY.into_iter().map(|key| (key, String::new()));
    let all = fixed.into_iter().chain(ids.map(|key| (key, made(key)))).chain(empty);
    all.map(|(key, value)| (key.to_owned(), value)).collect()
}

const VOLUMES: [&str; 6] = [
    "metadata_volume_UUID",
    "metadata_image_UUID",
    "lockspace_volume_UUID",
    "lockspace_image_UUID",
    "conf_volume_UUID",
    "conf_image_UUID",
];

const EMPTY: [&str; 11] = [
    "gateway",
    "nfs_version",
    "mnt_options",
    "tcp_t_address",
    "tcp_t_port",
    "iqn",
    "portal",
    "user",
    "password",
    "port",
    "host_id",
];

/// The order of `hosted-engine.conf`; an empty one is a comment.
const ORDER: [&str; 34] = [
    "fqdn",
    "vm_disk_id",
    "vm_disk_vol_id",
    "vmid",
    "storage",
    "nfs_version",
    "mnt_options",
    "conf",
    "host_id",
    "console",
    "domainType",
    "spUUID",
    "sdUUID",
    "connectionUUID",
    "ca_cert",
    "ca_subject",
    "vdsm_use_ssl",
    "gateway",
    "bridge",
    "network_test",
    "tcp_t_address",
    "tcp_t_port",
    "metadata_volume_UUID",
    "metadata_image_UUID",
    "lockspace_volume_UUID",
    "lockspace_image_UUID",
    "conf_volume_UUID",
    "conf_image_UUID",
    "",
    "iqn",
    "portal",
    "user",
    "password",
    "port",
];

/// Where the broker sends what happened.
#[must_use]
pub fn notifications() -> BTreeMap<String, String> {
    let all = [
        ("email.smtp-server", "localhost"),
        ("email.smtp-port", "25"),
        ("email.source-email", "root@localhost"),
        ("email.destination-emails", "root@localhost"),
        ("notify.state_transition", "maintenance|start|stop|migrate|up|down"),
    ];
    all.map(|(key, value)| (key.to_owned(), value.to_owned())).into_iter().collect()
}

/// The text of `hosted-engine.conf` on a host.
fn conf(shared: &BTreeMap<String, String>, host: HostId) -> String {
    let line = |key: &str| match key {
        "" => "# The following are used only for iSCSI storage\n".to_owned(),
        "host_id" => format!("host_id={host}\n"),
        key => format!("{key}={}\n", shared.get(key).map_or("", String::as_str)),
    };
    ORDER.into_iter().map(line).collect()
}

/// What `hosted-engine.conf` says on a host; nothing where it is not there.
#[must_use]
pub fn conf_of(world: &World, id: MachineId) -> Conf {
    Arc::new(read_conf(&world.linux(id).text(CONF).unwrap_or_default()))
}

/// The Manager's name as `hosted-engine.conf` has it: the check of its health page reads that each time.
#[must_use]
pub fn fqdn(world: &World, id: MachineId) -> Option<String> {
    let text = world.linux(id).text(CONF)?;
    text.lines().find_map(|line| Some(line.strip_prefix("fqdn=")?.trim().to_owned()))
}

/// Whether the daemons of the hosted engine are left out: a condition of their units wants a file that is not empty.
#[must_use]
pub fn is_unconfigured(world: &World, id: MachineId) -> bool {
    let fs = &world.linux(id).fs;
    fs.lookup(&Cred::ROOT, "/", CONF).map_or(true, |ino| fs.size(ino) == Some(0))
}

/// The flag of local maintenance as the agent finds it: that of the model, or what somebody has written into the file.
#[must_use]
pub fn local_maintenance(world: &World, id: MachineId, own: bool) -> bool {
    let linux = world.linux(id);
    let made = |ino| matches!(linux.fs.content(ino), Some(Content::Made(_)));
    match linux.fs.lookup(&Cred::ROOT, "/", HA_CONF) {
        Ok(ino) if made(ino) => own,
        Ok(_) => {
            let all = read_conf(&linux.text(HA_CONF).unwrap_or_default());
            all.get("local_maintenance").is_some_and(|flag| flag.eq_ignore_ascii_case("true"))
        }
        Err(_) => false,
    }
}

/// Sets the flag of local maintenance: the file has it, whatever somebody has made of that.
pub fn set_local_maintenance(world: &mut World, id: MachineId, flag: bool) {
    events::change(world, id, |host, _, _, _| host.local_maintenance = flag);
    let made = |world: &World, ino| matches!(world.linux(id).fs.content(ino), Some(Content::Made(_)));
    let there = world.linux(id).fs.lookup(&Cred::ROOT, "/", HA_CONF);
    if there.is_ok_and(|ino| made(world, ino)) {
        return;
    }
    // A disk without room keeps what is there.
    let _ = renew(world, id, HA_CONF, Content::Made(HA_CONF_MADE.into()), 0o644);
}

/// Lines of `key=value`.
#[must_use]
pub fn read_conf(text: &str) -> BTreeMap<String, String> {
    let lines = text.lines().filter(|line| !line.trim_start().starts_with('#'));
    let pairs = lines.filter_map(|line| line.split_once('='));
    pairs.map(|(key, value)| (key.trim().to_owned(), value.trim().to_owned())).collect()
}

/// The text of `broker.conf`: a section for what stands before the dot of each key (inferred).
fn broker_conf(settings: &BTreeMap<String, String>) -> String {
    let mut text = String::new();
    for section in ["email", "notify"] {
        text.push_str(&format!("[{section}]\n"));
        for (key, value) in settings {
            if let Some(key) = key.strip_prefix(section).and_then(|key| key.strip_prefix('.')) {
                text.push_str(&format!("{key} = {value}\n"));
            }
        }
        text.push('\n');
    }
    text
}

/// Puts the settings of the hosted engine on a host that is deployed, in place of those of an earlier time.
///
/// # Errors
/// What the file system says.
pub fn deploy(world: &mut World, id: MachineId, shared: &BTreeMap<String, String>, host: HostId) -> Result<(), Errno> {
    renew(world, id, CONF, Content::text(conf(shared, host)), 0o440)?;
    for (path, name) in MADE {
        renew(world, id, path, Content::Made((*name).into()), 0o644)?;
        if logs::is_log(name) {
            logs::give_to_vdsm(world, id, path)?;
        }
    }
    for (path, name) in service_files::LOGS {
        let mode = if path.contains("qemu") { 0o600 } else { 0o644 };
        renew(world, id, path, Content::Made(name.into()), mode)?;
        if service_files::is_vdsms(name) {
            logs::give_to_vdsm(world, id, path)?;
        }
    }
    for (path, mode) in CONFIGURED {
        let text = configured(&world.machine(id).name, path, shared);
        renew(world, id, path, Content::text(text), *mode)?;
    }
    keep_runtime(world, id, true);
    Ok(())
}

/// Puts a file on a machine in place of the one of its name.
///
/// # Errors
/// What the file system says.
pub fn renew(world: &mut World, id: MachineId, path: &str, content: Content, mode: u16) -> Result<(), Errno> {
    let now = world.now;
    let linux = world.linux_mut(id);
    if linux.fs.lookup(&Cred::ROOT, "/", path).is_ok() {
        linux.fs.unlink(&Cred::ROOT, "/", path, now)?;
    }
    place(&mut linux.fs, path, Kind::File(content), ((0, 0), mode), now).map(drop)
}

/// Takes a folder away with all that is in it. Whether it was there.
pub fn remove_tree(world: &mut World, id: MachineId, folder: &str) -> bool {
    let now = world.now;
    let fs = &mut world.linux_mut(id).fs;
    let Ok(dir) = fs.lookup(&Cred::ROOT, "/", folder) else { return false };
    let names: Vec<String> = fs.node(dir).entries().into_iter().flatten().map(|(name, _)| name.to_string()).collect();
    for name in names {
        let path = format!("{folder}/{name}");
        let fs = &mut world.linux_mut(id).fs;
        if fs.unlink(&Cred::ROOT, "/", &path, now).is_err() {
            remove_tree(world, id, &path);
        }
    }
    // What is mounted there stays.
    let _ = world.linux_mut(id).fs.rmdir(&Cred::ROOT, "/", folder, now);
    true
}

/// Makes the broker's folder, or takes it away with all that is in it.
pub fn keep_runtime(world: &mut World, id: MachineId, there: bool) {
    let now = world.now;
    if world.linux(id).fs.lookup(&Cred::ROOT, "/", RUNTIME).is_ok() == there {
        return;
    }
    if there {
        // Without room in memory there is none.
        let _ = place(&mut world.linux_mut(id).fs, RUNTIME, Kind::EMPTY_DIR, ((0, 0), 0o755), now);
    } else {
        remove_tree(world, id, RUNTIME);
    }
}

/// The agent has read the description of the virtual machine from the storage: it puts that into the broker's folder.
pub fn keep_vm_conf(world: &mut World, id: MachineId) {
    let now = world.now;
    let vm_conf = format!("{RUNTIME}/vm.conf");
    if world.linux(id).fs.lookup(&Cred::ROOT, "/", &vm_conf).is_err() {
        let file = Kind::File(Content::Made(service_files::VM_CONF.into()));
        // Without room in memory there is none.
        let _ = place(&mut world.linux_mut(id).fs, &vm_conf, file, ((0, 0), 0o644), now);
    }
}

/// Whether what a made file holds has no source: the lines of the logs are remembered, and so are the sections of
/// `broker.conf`.
#[must_use]
pub fn is_inferred(name: &str) -> bool {
    name == "rhv/broker.conf" || logs::is_log(name) || service_files::is_one(name)
}

/// What a made file holds.
#[must_use]
pub fn make(world: &World, id: MachineId, name: &str) -> String {
    if name == "rhv/motd" {
        return node::motd(world, id);
    }
    if logs::is_log(name) {
        return logs::make(world, id, name);
    }
    if service_files::is_one(name) {
        return service_files::make(world, id, name);
    }
    let Some((cluster, host)) = events::host(world, id) else { return String::new() };
    match name {
        "rhv/ha.conf" => {
            let flag = if host.local_maintenance { "True" } else { "False" };
            format!("local_maintenance={flag}\nlocal_maintenance_manual={flag}\n")
        }
        "rhv/broker.conf" => cluster.storage.settings.get("broker").map(broker_conf).unwrap_or_default(),
        "rhv/hosted-engine.conf" => {
            let shared = cluster.storage.settings.get("he_shared");
            shared.map(|shared| conf(shared, host.id)).unwrap_or_default()
        }
        _ => unreachable!("no file of a host is made from {name}"),
    }
}
