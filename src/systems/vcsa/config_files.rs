//! Configuration files of the appliance that an admin looks into, made from the model when they are read.
//!
//! Truth: the names and keys are those of the vendor's procedures, from memory; that `/etc/issue` is the banner before the
//! login follows from the captures. The texts are our own and hold the keys that are looked for, not all there are. Those of
//! vpxd, of the proxy with its endpoints, of the web clients and of the lifecycle manager itself are the same on every
//! appliance: nothing in the model sets what stands in them, and nothing reads them.

use serde_json::{Value, json};

use super::model::Vcsa;
use super::services::definition::Node;
use super::services::{Definition, HTML_CLIENT, MONITOR, REVERSE_PROXY, VCENTER, WEB_CLIENT};
use super::{files, login};
use crate::payload::Sha256;
use crate::shell::{Evidence, Grade};
use crate::sim::Instant;
use crate::systems::linux::fs::{Cred, Errno};

/// How well they are known.
pub const EVIDENCE: &[Evidence] = &[
    Evidence {
        what: "configuration files: /etc/issue",
        releases: "6.0 to 8.0",
        grade: Grade::Documented,
        source: "the banner that a login shows, which is captured, is this file",
    },
    Evidence {
        what: "configuration files of vpxd, the reverse proxy, the lifecycle manager, the web clients",
        releases: "6.0 to 8.0",
        grade: Grade::Inferred,
        source: "names and keys from memory; a few of many",
    },
    Evidence {
        what: "configuration files of the network interface: made from what is set, a change by hand is not read",
        releases: "6.0 to 8.0",
        grade: Grade::Inferred,
        source: "ifcfg(5), ifroute(5), systemd.network(5)",
    },
];

/// What the names of made files begin with, their paths follow.
pub const MADE: &str = "vcsa/etc:";

/// What a login shows before it asks.
pub const ISSUE: &str = "/etc/issue";

/// A configuration file.
struct File {
    path: &'static str,
    mode: u16,
    /// The service without which it is not there.
    of: Option<&'static str>,
    text: fn(&Vcsa) -> String,
}

const fn file(path: &'static str, of: Option<&'static str>, text: fn(&Vcsa) -> String) -> File {
    File { path, mode: 0o644, of, text }
}

/// All of them but those of [`service_path`].
const FILES: &[File] = &[
    file(ISSUE, None, login::banner),
    file("/etc/vmware/deployment.node.type", None, node_type),
    file("/etc/vmware/install-defaults/deployment.node.type", None, node_type),
    file("/etc/vmware/install-defaults/system.urlhostname", None, host_name),
    file("/etc/vmware-vpx/vpxd.cfg", Some(VCENTER), vpxd),
    file("/etc/vmware-vpx/instance.cfg", Some(VCENTER), instance),
    File { mode: 0o600, ..file("/etc/vmware-vpx/vcdb.properties", Some(VCENTER), database) },
    file("/etc/vmware-rhttpproxy/config.xml", Some(REVERSE_PROXY), proxy),
    file("/etc/vmware-rhttpproxy/endpoints.conf.d/vpxd-proxy.conf", Some(VCENTER), |_| {
        "/sdk local 8085 redirect allow\n/mob local 8085 redirect allow\n".to_owned()
    }),
    file("/etc/vmware/vsphere-client/webclient.properties", Some(WEB_CLIENT), web_client),
    file("/etc/vmware/vsphere-ui/webclient.properties", Some(HTML_CLIENT), web_client),
    file("/etc/vmware/vmware-vmon/config.json", Some(MONITOR), |_| {
        pretty(&json!({ "LogLevel": "info", "MaxLogFiles": 10, "Profiles": ["ALL", "HAActive", "HACore", "NONE"] }))
    }),
];

/// Where the lifecycle manager has what it knows of a service.
fn service_path(vmon: &str) -> String {
    format!("/etc/vmware/vmware-vmon/svcCfgfiles/{vmon}.json")
}

/// Puts all of them there as the appliance is installed; where the distribution has one of its own, it makes way.
pub fn install(vcsa: &mut Vcsa, now: Instant) {
    for file in FILES {
        let _gone: Result<(), Errno> = vcsa.linux.fs.unlink(&Cred::ROOT, "/", file.path, now);
    }
    put(vcsa, now);
}

/// Puts those there that should be and are not, as when an update has brought services. What an admin has changed stays.
pub fn put(vcsa: &mut Vcsa, now: Instant) {
    let there = |file: &&File| file.of.is_none_or(|service| vcsa.services.find(service).is_some());
    let own = FILES.iter().filter(there).map(|file| (file.path.to_owned(), file.mode));
    let services = vcsa.services.definitions().iter().filter_map(Definition::vmon);
    let wanted: Vec<(String, u16)> = own.chain(services.map(|vmon| (service_path(vmon), 0o644))).collect();
    let fs = &mut vcsa.linux.fs;
    for (path, mode) in wanted {
        if fs.lookup(&Cred::ROOT, "/", &path).is_err() {
            // Where the disk is full they are missing.
            files::put_made(fs, &path, format!("{MADE}{path}"), ((0, 0), mode), now).unwrap_or_default();
        }
    }
}

/// What the file at `path` holds.
#[must_use]
pub fn make(vcsa: &Vcsa, path: &str) -> String {
    if let Some(file) = FILES.iter().find(|file| file.path == path) {
        return (file.text)(vcsa);
    }
    let mut all = vcsa.services.definitions().iter();
    let service = all.find(|service| service.vmon().is_some_and(|vmon| service_path(vmon) == path));
    service.map_or_else(String::new, |service| of_service(vcsa, service))
}

fn node_type(vcsa: &Vcsa) -> String {
    match Node::of(&vcsa.node_type) {
        Node::Embedded => "embedded\n",
        Node::VCenter => "management\n",
        Node::Psc => "infrastructure\n",
    }
    .to_owned()
}

fn host_name(vcsa: &Vcsa) -> String {
    format!("{}\n", vcsa.linux.hostname)
}

/// What its installation drew for this appliance: hexadecimal digits which differ from one to the other, and stay when it is
/// given another name.
fn drawn(vcsa: &Vcsa, what: &str) -> String {
    let name = vcsa.deployed_as.as_ref().unwrap_or(&vcsa.linux.hostname);
    Sha256::of(format!("{what} of {name}").as_bytes()).to_string()
}

fn vpxd(_: &Vcsa) -> String {
    "<config>\n  <log>\n    <compressOnRoll>true</compressOnRoll>\n    <directory>/var/log/vmware/vpxd</directory>\n    \
     <level>info</level>\n    <maxFileNum>30</maxFileNum>\n    <maxFileSize>52428800</maxFileSize>\n    \
     <name>vpxd</name>\n  </log>\n  <vmacore>\n    <threadPool>\n      <TaskMax>90</TaskMax>\n      \
     <threadNamePrefix>vpxd</threadNamePrefix>\n    </threadPool>\n  </vmacore>\n  <vpxd>\n    \
     <embeddedDB>true</embeddedDB>\n    <heartbeatPort>902</heartbeatPort>\n    <port>8085</port>\n  </vpxd>\n</config>\n"
        .to_owned()
}

fn instance(vcsa: &Vcsa) -> String {
    let hex = drawn(vcsa, "instance");
    let uuid = [&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..32]].join("-");
    format!("applicationDN=dc=virtualcenter,dc=vmware,dc=int\ninstanceUuid={uuid}\nldapPort=389\n")
}

fn database(vcsa: &Vcsa) -> String {
    let password = &drawn(vcsa, "database")[..16];
    format!(
        "driver = org.postgresql.Driver\ndbtype = PostgreSQL\nurl = jdbc:postgresql://localhost:5432/VCDB\nusername = vc\n\
         password = {password}\npassword.encrypted = false\n"
    )
}

fn proxy(_: &Vcsa) -> String {
    "<config>\n  <proxy>\n    <httpPort>80</httpPort>\n    <httpsPort>443</httpsPort>\n    \
     <endpoints>/etc/vmware-rhttpproxy/endpoints.conf.d</endpoints>\n  </proxy>\n  <log>\n    \
     <directory>/var/log/vmware/rhttpproxy</directory>\n    <level>info</level>\n    <name>rhttpproxy</name>\n  </log>\n  \
     <ssl>\n    <certificate>/etc/vmware-rhttpproxy/ssl/rui.crt</certificate>\n    \
     <privateKey>/etc/vmware-rhttpproxy/ssl/rui.key</privateKey>\n  </ssl>\n</config>\n"
        .to_owned()
}

fn web_client(_: &Vcsa) -> String {
    "# Settings of the web client; the service reads them when it starts.\nsession.timeout = 120\nshow.allusers.tasks = \
     true\nfeature.facetedSearch.enabled = true\n"
        .to_owned()
}

/// What the lifecycle manager knows of a service.
fn of_service(vcsa: &Vcsa, service: &Definition) -> String {
    let vmon = |name: &&str| vcsa.services.find(name).and_then(Definition::vmon);
    let needs: Vec<&str> = service.needs.iter().filter_map(vmon).collect();
    let mut words = service.command.split(' ');
    let (program, arguments) = (words.next().unwrap_or_default(), words.collect::<Vec<_>>());
    let startup = vcsa.services.slot(service.name).map_or(service.startup, |slot| slot.startup);
    pretty(&json!({
        "Service": service.vmon(),
        "Description": service.display,
        "StartupType": startup.word(),
        "RunAsUser": service.user,
        "StartCommand": program,
        "StartCommandArgs": arguments,
        "Dependency": needs,
    }))
}

/// JSON over lines, four blanks a level.
fn pretty(value: &Value) -> String {
    let mut text = Vec::new();
    let form = serde_json::ser::PrettyFormatter::with_indent(b"    ");
    let mut writer = serde_json::Serializer::with_formatter(&mut text, form);
    let written = serde::Serialize::serialize(value, &mut writer);
    written.unwrap_or_else(|error| unreachable!("JSON of our own can be written: {error}"));
    String::from_utf8_lossy(&text).into_owned() + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::systems::vcsa::test_world;

    #[test]
    fn what_an_admin_has_written_stays() {
        let (mut world, id) = test_world("vcsa-6.7");
        let now = world.now;
        let vcsa = world.vcsa_mut(id);
        let own = |vcsa: &Vcsa, path: &str| vcsa.linux.text(path);
        assert_eq!(own(vcsa, ISSUE), None, "it is made from the model");
        let file = vcsa.linux.fs.lookup(&Cred::ROOT, "/", ISSUE).expect("it is there");
        vcsa.linux.fs.truncate(&Cred::ROOT, file, 0, now).expect("it can be written");
        vcsa.linux.fs.append(&Cred::ROOT, file, b"Keep out.\n", now).expect("it can be written");
        vcsa.linux.fs.unlink(&Cred::ROOT, "/", "/etc/vmware-vpx/vpxd.cfg", now).expect("it is there");
        put(vcsa, now);
        assert_eq!(own(vcsa, ISSUE).as_deref(), Some("Keep out.\n"));
        let made = vcsa.linux.fs.lookup(&Cred::ROOT, "/", "/etc/vmware-vpx/vpxd.cfg");
        assert!(made.is_ok_and(|file| vcsa.linux.fs.made(file).is_some()), "a missing one comes back");
    }
}
