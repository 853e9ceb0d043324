//! The commands of the appliance shell. Help, completion, argument errors, coverage and the random-command simulation all
//! read [`COMMANDS`] and [`API_6_0`].

mod help;
mod shell;
mod shell_access;
mod shutdown;
pub mod software_packages;
mod system_version_get;

use std::collections::BTreeMap;
use std::sync::OnceLock;

pub use crate::shell::command::Command;

/// All commands that are modelled.
pub const COMMANDS: &[&Command] = &[
    &help::HELP,
    &help::EXIT,
    &shell::COMMAND,
    &shell_access::GET,
    &shell_access::SET,
    &shutdown::COMMAND,
    &software_packages::COMMAND,
    &system_version_get::COMMAND,
];

/// Where the API calls live.
pub const API_PREFIX: &str = "com.vmware.appliance.version1.";
/// Where the plug-ins live.
pub const PLUGIN_PREFIX: &str = "com.vmware.";

/// The API calls of 6.0 without their prefix, sorted as `help api list` prints them. All from the first to
/// `localaccounts.user.delete`, and from `services.list` to the last, were captured on 6.0, where `system` has no
/// `storage` and no `time`; what lies between is the table of the 7.0 guide.
pub const API_6_0: &[&str] = &[
    "access.consolecli.get",
    "access.consolecli.set",
    "access.dcui.get",
    "access.dcui.set",
    "access.shell.get",
    "access.shell.set",
    "access.ssh.get",
    "access.ssh.set",
    "localaccounts.user.add",
    "localaccounts.user.delete",
    "localaccounts.user.get",
    "localaccounts.user.list",
    "localaccounts.user.password.update",
    "localaccounts.user.set",
    "monitoring.snmp.disable",
    "monitoring.snmp.enable",
    "monitoring.snmp.get",
    "monitoring.snmp.hash",
    "monitoring.snmp.limits",
    "monitoring.snmp.reset",
    "monitoring.snmp.set",
    "monitoring.snmp.stats",
    "monitoring.snmp.test",
    "networking.dns.domains.add",
    "networking.dns.domains.list",
    "networking.dns.domains.set",
    "networking.dns.hostname.get",
    "networking.dns.hostname.set",
    "networking.dns.servers.add",
    "networking.dns.servers.get",
    "networking.dns.servers.set",
    "networking.firewall.addr.inbound.add",
    "networking.firewall.addr.inbound.delete",
    "networking.firewall.addr.inbound.list",
    "networking.interfaces.get",
    "networking.interfaces.list",
    "networking.ipv4.get",
    "networking.ipv4.list",
    "networking.ipv4.renew",
    "networking.ipv4.set",
    "networking.ipv6.get",
    "networking.ipv6.list",
    "networking.ipv6.set",
    "networking.proxy.delete",
    "networking.proxy.get",
    "networking.proxy.set",
    "networking.routes.add",
    "networking.routes.delete",
    "networking.routes.list",
    "ntp.get",
    "ntp.server.add",
    "ntp.server.delete",
    "ntp.server.set",
    "resources.cpu.stats.get",
    "resources.load.health.get",
    "resources.load.stats.get",
    "resources.mem.health.get",
    "resources.mem.stats.get",
    "resources.net.stats.get",
    "resources.net.stats.list",
    "resources.processes.stats.list",
    "resources.softwarepackages.health.get",
    "resources.storage.health.get",
    "resources.storage.stats.list",
    "resources.swap.health.get",
    "resources.swap.stats.get",
    "resources.system.health.get",
    "resources.system.stats.get",
    "services.list",
    "services.restart",
    "services.status.get",
    "services.stop",
    "system.update.get",
    "system.update.set",
    "system.version.get",
    "timesync.get",
    "timesync.set",
];

/// The plug-ins of 6.0 without their prefix, and what they are for (from the 7.0 guide, less what came later).
pub const PLUGINS_6_0: &[(&str, &str)] = &[
    ("clear", "Clear the terminal"),
    ("cmsso-util", "Orchestrate changes to the PNID and the node's repointing"),
    ("dcli", "Run vAPI commands"),
    ("nslookup", "Query the name servers"),
    ("pgrep", "Look for processes by name"),
    ("pgtop", "Watch the database"),
    ("ping", "Send ICMP echo requests"),
    ("ping6", "Send ICMPv6 echo requests"),
    ("portaccess", "Check a port of another machine"),
    ("ps", "List processes"),
    ("rvc", "Run the Ruby vSphere Console"),
    ("service-control", "Control the VMware services"),
    ("shell", "Run BASH"),
    ("showlog", "Browse log files"),
    ("shutdown", "Power off or reboot the appliance"),
    ("software-packages", "Update the software of the appliance"),
    ("support-bundle", "Create a support bundle"),
    ("top", "Watch processes"),
    ("tracepath", "Trace the path to another machine"),
    ("tracepath6", "Trace the path to another machine over IPv6"),
    ("updatemgr-util", "Configure Update Manager"),
    ("vcenter-restore", "Restore the vCenter Server node"),
    ("vimtop", "Watch the services' resources"),
];

/// The names of the real appliance's commands that are not modelled.
pub fn unmodelled() -> impl Iterator<Item = &'static str> {
    let modelled =
        |name: &str, prefix: &str| COMMANDS.iter().any(|command| command.name.strip_prefix(prefix) == Some(name));
    let plugins = PLUGINS_6_0.iter().map(|(name, _)| *name).filter(move |name| !modelled(name, PLUGIN_PREFIX));
    plugins.chain(API_6_0.iter().copied().filter(move |name| !modelled(name, API_PREFIX)))
}

/// What a word at the prompt stands for.
#[derive(Clone, Copy)]
pub enum Named {
    /// A modelled command.
    Command(&'static Command),
    /// A command of the real appliance which is not modelled; its full name.
    Unmodelled(&'static str),
}

/// What can be typed for each command, made when first needed.
struct Names {
    /// Plug-ins without their prefix.
    plugins: BTreeMap<&'static str, Named>,
    /// Modelled commands by their full names.
    builtins: BTreeMap<&'static str, Named>,
    /// API calls by the last parts of their names, two at least; none where several end alike.
    calls: BTreeMap<&'static str, Option<Named>>,
}

impl Names {
    fn get() -> &'static Self {
        static NAMES: OnceLock<Names> = OnceLock::new();
        NAMES.get_or_init(Self::make)
    }

    fn make() -> Self {
        let named = |prefix: &str, name: &'static str| {
            let modelled = COMMANDS.iter().find(|command| command.name.strip_prefix(prefix) == Some(name));
            modelled.map_or(Named::Unmodelled(name), |command| Named::Command(command))
        };
        let mut calls = BTreeMap::new();
        for name in API_6_0 {
            for (at, _) in name.match_indices('.').filter(|(at, _)| name[at + 1..].contains('.')) {
                let call = named(API_PREFIX, name);
                calls.entry(&name[at + 1..]).and_modify(|known| *known = None).or_insert(Some(call));
            }
        }
        // Where several names end alike, the one which has the word right behind the prefix wins, if there is one.
        calls.extend(API_6_0.iter().map(|name| (*name, Some(named(API_PREFIX, name)))));
        Self {
            plugins: PLUGINS_6_0.iter().map(|(name, _)| (*name, named(PLUGIN_PREFIX, name))).collect(),
            builtins: COMMANDS.iter().map(|command| (command.name, Named::Command(command))).collect(),
            calls,
        }
    }
}

/// Finds what `word` names: a builtin, a plug-in (in full or short), or an API call by any suffix of its dotted name that
/// names just one. With `plugins_only`, what may follow `pi`.
#[must_use]
pub fn find(word: &str, plugins_only: bool) -> Option<Named> {
    let names = Names::get();
    if let Some(found) = names.plugins.get(word.strip_prefix(PLUGIN_PREFIX).unwrap_or(word)) {
        return Some(*found);
    }
    if plugins_only {
        return None;
    }
    if let Some(found) = names.builtins.get(word) {
        return Some(*found);
    }
    match word.strip_prefix(API_PREFIX) {
        // Behind the prefix, the name is whole.
        Some(whole) => API_6_0.binary_search(&whole).ok().and_then(|_| names.calls.get(whole).copied().flatten()),
        None => names.calls.get(word).copied().flatten(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name_of(word: &str) -> Option<&'static str> {
        find(word, false).map(|named| match named {
            Named::Command(command) => command.name,
            Named::Unmodelled(name) => name,
        })
    }

    #[test]
    fn tables_are_sorted_and_complete() {
        assert!(API_6_0.is_sorted());
        assert!(PLUGINS_6_0.is_sorted());
        for command in COMMANDS {
            assert!(find(command.name, false).is_some(), "{}", command.name);
        }
    }

    #[test]
    fn names_are_found_in_full_and_by_suffix() {
        let check = |word: &str, expect: Option<&str>| assert_eq!(name_of(word), expect, "{word}");
        check("shell.set", Some("com.vmware.appliance.version1.access.shell.set"));
        check("com.vmware.appliance.version1.access.shell.set", Some("com.vmware.appliance.version1.access.shell.set"));
        check("system.version.get", Some("com.vmware.appliance.version1.system.version.get"));
        check("version.get", Some("com.vmware.appliance.version1.system.version.get"));
        check("mem.health.get", Some("resources.mem.health.get"));
        check("timesync.get", Some("timesync.get"));
        check("software-packages", Some("com.vmware.software-packages"));
        check("com.vmware.shell", Some("com.vmware.shell"));
        check("help", Some("help"));
        check("list", None);
        check("stats.get", None);
        check("get", None);
        check("ersion.get", None);
        check("", None);
    }
}
