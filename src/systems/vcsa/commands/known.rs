//! The names of all commands that the real appliances have, and which releases have them; what is modelled of them stands
//! in [`super::COMMANDS`].
//!
//! Truth: reference `appliance-shell.md` 1.7 and 1.8, the tables of the 7.0 guide. Of 6.0 the calls from the first to
//! `localaccounts.user.delete`, and from `services.list` to the last, were captured: all under `version1`, with no `storage`
//! and no `time` in `system`. What 6.0 has between the two, and what each release between 6.0 and 7.0 has, is inferred.

use super::args::{ALL, SINCE_6_5 as SINCE, gap};
use crate::shell::Evidence;
use crate::systems::vcsa::series::Line;

/// Where the API calls live.
pub const API_PREFIX: &str = "com.vmware.appliance.";
/// Where most of them live.
pub const VERSION_1: &str = "version1.";
/// Where the plug-ins live.
pub const PLUGIN_PREFIX: &str = "com.vmware.";

/// An API call.
#[derive(Debug, PartialEq, Eq)]
pub struct Call {
    /// Its name without [`API_PREFIX`].
    pub name: &'static str,
    releases: Releases,
}

/// Which rows of releases have something: from one, to another.
#[derive(Debug, PartialEq, Eq)]
struct Releases(Line, Line);

impl Releases {
    fn has(&self, line: Line) -> bool {
        (self.0..=self.1).contains(&line)
    }
}

const ALWAYS: Releases = Releases(Line::V6_0, Line::LAST);
const UNTIL_6_5: Releases = Releases(Line::V6_0, Line::V6_5);
const SINCE_6_5: Releases = Releases(Line::V6_5, Line::LAST);

const fn call(name: &'static str, releases: Releases) -> Call {
    Call { name, releases }
}

/// The API calls, sorted as `help api list` prints them.
pub const CALLS: &[Call] = &[
    call("health.applmgmt.get", SINCE_6_5),
    call("health.databasestorage.get", SINCE_6_5),
    call("health.load.get", SINCE_6_5),
    call("health.mem.get", SINCE_6_5),
    call("health.softwarepackages.get", SINCE_6_5),
    call("health.storage.get", SINCE_6_5),
    call("health.swap.get", SINCE_6_5),
    call("health.system.get", SINCE_6_5),
    call("health.system.lastcheck", SINCE_6_5),
    call("monitoring.get", SINCE_6_5),
    call("monitoring.list", SINCE_6_5),
    call("monitoring.query", SINCE_6_5),
    call("recovery.backup.job.cancel", SINCE_6_5),
    call("recovery.backup.job.create", SINCE_6_5),
    call("recovery.backup.job.get", SINCE_6_5),
    call("recovery.backup.job.list", SINCE_6_5),
    call("recovery.backup.parts.get", SINCE_6_5),
    call("recovery.backup.parts.list", SINCE_6_5),
    call("recovery.backup.validate", SINCE_6_5),
    call("recovery.restore.job.cancel", SINCE_6_5),
    call("recovery.restore.job.create", SINCE_6_5),
    call("recovery.restore.job.get", SINCE_6_5),
    call("recovery.restore.validate", SINCE_6_5),
    call("system.uptime.get", SINCE_6_5),
    call("version1.access.consolecli.get", ALWAYS),
    call("version1.access.consolecli.set", ALWAYS),
    call("version1.access.dcui.get", ALWAYS),
    call("version1.access.dcui.set", ALWAYS),
    call("version1.access.shell.get", ALWAYS),
    call("version1.access.shell.set", ALWAYS),
    call("version1.access.ssh.get", ALWAYS),
    call("version1.access.ssh.set", ALWAYS),
    call("version1.localaccounts.user.add", ALWAYS),
    call("version1.localaccounts.user.delete", ALWAYS),
    call("version1.localaccounts.user.get", ALWAYS),
    call("version1.localaccounts.user.list", ALWAYS),
    call("version1.localaccounts.user.password.update", ALWAYS),
    call("version1.localaccounts.user.set", ALWAYS),
    call("version1.monitoring.snmp.disable", ALWAYS),
    call("version1.monitoring.snmp.enable", ALWAYS),
    call("version1.monitoring.snmp.get", ALWAYS),
    call("version1.monitoring.snmp.hash", ALWAYS),
    call("version1.monitoring.snmp.limits", ALWAYS),
    call("version1.monitoring.snmp.reset", ALWAYS),
    call("version1.monitoring.snmp.set", ALWAYS),
    call("version1.monitoring.snmp.stats", ALWAYS),
    call("version1.monitoring.snmp.test", ALWAYS),
    call("version1.networking.dns.domains.add", ALWAYS),
    call("version1.networking.dns.domains.list", ALWAYS),
    call("version1.networking.dns.domains.set", ALWAYS),
    call("version1.networking.dns.hostname.get", ALWAYS),
    call("version1.networking.dns.hostname.set", ALWAYS),
    call("version1.networking.dns.servers.add", ALWAYS),
    call("version1.networking.dns.servers.get", ALWAYS),
    call("version1.networking.dns.servers.set", ALWAYS),
    call("version1.networking.firewall.addr.inbound.add", ALWAYS),
    call("version1.networking.firewall.addr.inbound.delete", ALWAYS),
    call("version1.networking.firewall.addr.inbound.list", ALWAYS),
    call("version1.networking.interfaces.get", ALWAYS),
    call("version1.networking.interfaces.list", ALWAYS),
    call("version1.networking.ipv4.get", ALWAYS),
    call("version1.networking.ipv4.list", ALWAYS),
    call("version1.networking.ipv4.renew", ALWAYS),
    call("version1.networking.ipv4.set", ALWAYS),
    call("version1.networking.ipv6.get", ALWAYS),
    call("version1.networking.ipv6.list", ALWAYS),
    call("version1.networking.ipv6.set", ALWAYS),
    call("version1.networking.proxy.delete", UNTIL_6_5),
    call("version1.networking.proxy.get", UNTIL_6_5),
    call("version1.networking.proxy.set", UNTIL_6_5),
    call("version1.networking.routes.add", ALWAYS),
    call("version1.networking.routes.delete", ALWAYS),
    call("version1.networking.routes.list", ALWAYS),
    call("version1.ntp.get", ALWAYS),
    call("version1.ntp.server.add", ALWAYS),
    call("version1.ntp.server.delete", ALWAYS),
    call("version1.ntp.server.set", ALWAYS),
    call("version1.ntp.set", SINCE_6_5),
    call("version1.ntp.test", SINCE_6_5),
    call("version1.resources.cpu.stats.get", ALWAYS),
    call("version1.resources.load.health.get", ALWAYS),
    call("version1.resources.load.stats.get", ALWAYS),
    call("version1.resources.mem.health.get", ALWAYS),
    call("version1.resources.mem.stats.get", ALWAYS),
    call("version1.resources.net.stats.get", ALWAYS),
    call("version1.resources.net.stats.list", ALWAYS),
    call("version1.resources.processes.stats.list", ALWAYS),
    call("version1.resources.softwarepackages.health.get", ALWAYS),
    call("version1.resources.storage.health.get", ALWAYS),
    call("version1.resources.storage.stats.list", ALWAYS),
    call("version1.resources.swap.health.get", ALWAYS),
    call("version1.resources.swap.stats.get", ALWAYS),
    call("version1.resources.system.health.get", ALWAYS),
    call("version1.resources.system.stats.get", ALWAYS),
    call("version1.services.list", ALWAYS),
    call("version1.services.restart", ALWAYS),
    call("version1.services.status.get", ALWAYS),
    call("version1.services.stop", ALWAYS),
    call("version1.system.storage.list", SINCE_6_5),
    call("version1.system.storage.resize", SINCE_6_5),
    call("version1.system.time.get", SINCE_6_5),
    call("version1.system.update.get", ALWAYS),
    call("version1.system.update.set", ALWAYS),
    call("version1.system.version.get", ALWAYS),
    call("version1.timesync.get", ALWAYS),
    call("version1.timesync.set", ALWAYS),
];

/// The API calls of a row of releases, sorted; without [`API_PREFIX`].
pub fn calls(line: Line) -> impl Iterator<Item = &'static str> {
    CALLS.iter().filter(move |call| call.releases.has(line)).map(|call| call.name)
}

/// Rows of coverage for plug-ins, each with the plug-in's name.
macro_rules! gaps {
    ($($plugin:literal: $needs:literal, $releases:expr;)*) => {
        &[$(($plugin, gap(concat!($plugin, ": ", $needs), $releases))),*]
    };
}

/// What each plug-in that is not modelled would need, by its name.
pub const GAPS: &[(&str, Evidence)] = gaps![
    "cmsso-util": "to change the name, the node or the domain of single sign-on of a vCenter", ALL;
    "pgtop": "a screen of the database's queries", ALL;
    "support-bundle": "an archive of all logs, on the disk or streamed to another machine", ALL;
    "updatemgr-util": "the settings of Update Manager and its database", SINCE;
    "vcenter-restore": "a vCenter from a backup, on an appliance that was just deployed", SINCE;
];

/// A plug-in.
#[derive(Debug, PartialEq, Eq)]
pub struct Plugin {
    /// Its name without [`PLUGIN_PREFIX`].
    pub name: &'static str,
    /// What it is for.
    pub about: &'static str,
    releases: Releases,
}

/// The plug-ins of a row of releases, by name.
pub fn plugins(line: Line) -> impl Iterator<Item = &'static Plugin> {
    PLUGINS.iter().filter(move |plugin| plugin.releases.has(line))
}

const fn plugin(name: &'static str, about: &'static str) -> Plugin {
    Plugin { name, about, releases: ALWAYS }
}

const fn later(name: &'static str, about: &'static str) -> Plugin {
    Plugin { name, about, releases: SINCE_6_5 }
}

/// The plug-ins, by name. Update Manager, and backups to restore from, came with 6.5.
pub const PLUGINS: &[Plugin] = &[
    plugin("clear", "Clear the terminal"),
    plugin("cmsso-util", "Orchestrate changes to the PNID and the node's repointing"),
    plugin("dcli", "Run vAPI commands"),
    plugin("nslookup", "Query the name servers"),
    plugin("pgrep", "Look for processes by name"),
    plugin("pgtop", "Watch the database"),
    plugin("ping", "Send ICMP echo requests"),
    plugin("ping6", "Send ICMPv6 echo requests"),
    plugin("portaccess", "Check a port of another machine"),
    plugin("ps", "List processes"),
    plugin("rvc", "Run the Ruby vSphere Console"),
    plugin("service-control", "Control the VMware services"),
    plugin("shell", "Run BASH"),
    plugin("showlog", "Browse log files"),
    plugin("shutdown", "Power off or reboot the appliance"),
    plugin("software-packages", "Update the software of the appliance"),
    plugin("support-bundle", "Create a support bundle"),
    plugin("top", "Watch processes"),
    plugin("tracepath", "Trace the path to another machine"),
    plugin("tracepath6", "Trace the path to another machine over IPv6"),
    later("updatemgr-util", "Configure Update Manager"),
    later("vcenter-restore", "Restore the vCenter Server node"),
    plugin("vimtop", "Watch the services' resources"),
];
