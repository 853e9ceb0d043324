//! The commands of the appliance shell. Help, completion, argument errors, coverage and the random-command simulation all
//! read [`COMMANDS`] and what is known of the real ones' names ([`known`]).

mod access;
pub mod args;
mod health;
mod help;
pub mod known;
mod localaccounts;
mod monitoring;
mod networking;
mod ntp;
mod programs;
mod recovery;
mod resources;
mod services_api;
mod shell;
pub mod shutdown;
mod snmp;
pub mod software_packages;
mod system;
mod system_version_get;
mod timesync;

use std::collections::BTreeMap;
use std::sync::OnceLock;

pub use crate::shell::command::Command;
use known::{API_PREFIX, PLUGIN_PREFIX, VERSION_1};

use crate::systems::vcsa::series::Line;

/// All commands that are modelled.
pub const COMMANDS: &[&Command] = &joined::<{ count(TABLES) }>(TABLES);

/// The commands that stand alone, then those of each group of the API.
const TABLES: &[&[&Command]] = &[
    &[
        &help::HELP,
        &help::EXIT,
        &shell::COMMAND,
        &shutdown::COMMAND,
        &software_packages::COMMAND,
        &system_version_get::COMMAND,
    ],
    access::COMMANDS,
    health::COMMANDS,
    localaccounts::COMMANDS,
    monitoring::COMMANDS,
    networking::dns::COMMANDS,
    networking::firewall::COMMANDS,
    networking::interfaces::COMMANDS,
    networking::ipv4::COMMANDS,
    networking::ipv6::COMMANDS,
    networking::proxy::COMMANDS,
    networking::routes::COMMANDS,
    ntp::COMMANDS,
    programs::COMMANDS,
    recovery::COMMANDS,
    resources::COMMANDS,
    services_api::COMMANDS,
    snmp::COMMANDS,
    system::COMMANDS,
    timesync::COMMANDS,
];

const fn count(tables: &[&[&Command]]) -> usize {
    let (mut count, mut table) = (0, 0);
    while table < tables.len() {
        count += tables[table].len();
        table += 1;
    }
    count
}

const fn joined<const N: usize>(tables: &[&[&'static Command]]) -> [&'static Command; N] {
    let mut all = [&help::HELP; N];
    let (mut at, mut table) = (0, 0);
    while table < tables.len() {
        let mut place = 0;
        while place < tables[table].len() {
            all[at] = tables[table][place];
            at += 1;
            place += 1;
        }
        table += 1;
    }
    all
}

/// What an unmodelled command is: its name, and what it would need, where that is known.
#[must_use]
pub fn gap_of(name: &'static str) -> &'static str {
    known::GAPS.iter().find(|(plugin, _)| *plugin == name).map_or(name, |(_, row)| row.what)
}

/// What a word at the prompt stands for.
#[derive(Clone, Copy)]
pub enum Named {
    /// A modelled command.
    Command(&'static Command),
    /// A command of the real appliance which is not modelled; its full name.
    Unmodelled(&'static str),
}

/// What can be typed for each command of a row of releases, made when first needed.
struct Names {
    /// Plug-ins without their prefix.
    plugins: BTreeMap<&'static str, Named>,
    /// The shell's own words.
    builtins: BTreeMap<&'static str, Named>,
    /// API calls without their prefix.
    whole: BTreeMap<&'static str, Named>,
    /// API calls by the last parts of their names, two at least; none where several end alike.
    calls: BTreeMap<&'static str, Option<Named>>,
}

impl Names {
    fn of(line: Line) -> &'static Self {
        static NAMES: [OnceLock<Names>; Line::ALL.len()] = [const { OnceLock::new() }; Line::ALL.len()];
        NAMES[line as usize].get_or_init(|| Self::make(line))
    }

    fn make(line: Line) -> Self {
        let named = |prefix: &str, name: &'static str| {
            let modelled = COMMANDS.iter().find(|command| command.name.strip_prefix(prefix) == Some(name));
            modelled.map_or(Named::Unmodelled(name), |command| Named::Command(command))
        };
        let whole: BTreeMap<_, _> = known::calls(line).map(|name| (name, named(API_PREFIX, name))).collect();
        let mut calls = BTreeMap::new();
        for (name, call) in &whole {
            for (at, _) in name.match_indices('.').filter(|(at, _)| name[at + 1..].contains('.')) {
                calls.entry(&name[at + 1..]).and_modify(|known| *known = None).or_insert(Some(*call));
            }
        }
        // Where several names end alike, the one which has the word right behind the prefix wins, if there is one.
        let short = whole.iter().map(|(name, call)| (name.strip_prefix(VERSION_1).unwrap_or(name), Some(*call)));
        calls.extend(short);
        Self {
            plugins: known::plugins(line).map(|plugin| (plugin.name, named(PLUGIN_PREFIX, plugin.name))).collect(),
            builtins: COMMANDS
                .iter()
                .filter(|command| !command.name.contains('.'))
                .map(|command| (command.name, Named::Command(command)))
                .collect(),
            whole,
            calls,
        }
    }
}

/// Finds what `word` names in a row of releases: a word of the shell, a plug-in (in full or short), or an API call by any
/// suffix of its dotted name that names just one. With `plugins_only`, what may follow `pi`.
#[must_use]
pub fn find(line: Line, word: &str, plugins_only: bool) -> Option<Named> {
    let names = Names::of(line);
    if let Some(found) = names.plugins.get(word.strip_prefix(PLUGIN_PREFIX).unwrap_or(word)) {
        return Some(*found);
    }
    if plugins_only {
        return None;
    }
    if let Some(found) = names.builtins.get(word) {
        return Some(*found);
    }
    // The prefix may be cut off at any of its dots.
    let prefixes = API_PREFIX.match_indices('.').map(|(at, _)| &API_PREFIX[at + 1..]).filter(|rest| !rest.is_empty());
    match [API_PREFIX].into_iter().chain(prefixes).find_map(|prefix| word.strip_prefix(prefix)) {
        // Behind the prefix, the name is whole.
        Some(whole) => names.whole.get(whole).copied(),
        None => names.whole.get(word).copied().or_else(|| names.calls.get(word).copied().flatten()),
    }
}

/// The shorter names by which the calls of a row of releases are known, too.
pub fn short_names(line: Line) -> impl Iterator<Item = &'static str> {
    Names::of(line).calls.iter().filter(|(_, call)| call.is_some()).map(|(name, _)| *name)
}

/// What `word` names in any row of releases, without prefixes: the name under which coverage knows a command.
#[must_use]
pub fn short_name(word: &str) -> Option<&'static str> {
    let name = Line::ALL.into_iter().find_map(|line| find(line, word, false)).map(|named| match named {
        Named::Command(command) => command.name,
        Named::Unmodelled(name) => name,
    })?;
    let name = name.strip_prefix(API_PREFIX).or_else(|| name.strip_prefix(PLUGIN_PREFIX)).unwrap_or(name);
    Some(name.strip_prefix(VERSION_1).unwrap_or(name))
}

#[cfg(test)]
mod tests {
    use super::known::{CALLS, PLUGINS};
    use super::*;

    fn name_of(line: Line, word: &str) -> Option<&'static str> {
        find(line, word, false).map(|named| match named {
            Named::Command(command) => command.name,
            Named::Unmodelled(name) => name,
        })
    }

    #[test]
    fn tables_are_sorted_and_complete() {
        assert!(CALLS.is_sorted_by_key(|call| call.name));
        for plugin in PLUGINS {
            let modelled = COMMANDS.iter().any(|command| command.name.strip_prefix(PLUGIN_PREFIX) == Some(plugin.name));
            assert_eq!(gap_of(plugin.name) == plugin.name, modelled, "{}", plugin.name);
        }
        for call in CALLS {
            let modelled = COMMANDS.iter().any(|command| command.name.strip_prefix(API_PREFIX) == Some(call.name));
            assert!(modelled, "{}", call.name);
        }
        assert!(PLUGINS.is_sorted_by_key(|plugin| plugin.name));
        for command in COMMANDS {
            let found = Line::ALL.into_iter().any(|line| find(line, command.name, false).is_some());
            assert!(found, "{}", command.name);
        }
    }

    #[test]
    fn names_are_found_in_full_and_by_suffix() {
        let check = |word: &str, expect: Option<&str>| assert_eq!(name_of(Line::V6_0, word), expect, "{word}");
        check("shell.set", Some("com.vmware.appliance.version1.access.shell.set"));
        check("com.vmware.appliance.version1.access.shell.set", Some("com.vmware.appliance.version1.access.shell.set"));
        check("system.version.get", Some("com.vmware.appliance.version1.system.version.get"));
        check("version1.system.version.get", Some("com.vmware.appliance.version1.system.version.get"));
        check("appliance.version1.system.version.get", Some("com.vmware.appliance.version1.system.version.get"));
        check("vmware.appliance.version1.ntp.get", Some("com.vmware.appliance.version1.ntp.get"));
        check("appliance.system.version.get", None);
        check("version.get", Some("com.vmware.appliance.version1.system.version.get"));
        check("software-packages", Some("com.vmware.software-packages"));
        check("com.vmware.shell", Some("com.vmware.shell"));
        check("help", Some("help"));
        check("list", None);
        check("stats.get", None);
        check("get", None);
        check("ersion.get", None);
        check("", None);
    }

    #[test]
    fn each_row_of_releases_has_its_own_calls() {
        let check = |line, word: &str, expect| assert_eq!(name_of(line, word).is_some(), expect, "{line:?} {word}");
        check(Line::V6_0, "health.system.get", false);
        check(Line::V6_5, "health.system.get", true);
        check(Line::V6_5, "com.vmware.appliance.health.system.get", true);
        check(Line::V6_5, "com.vmware.appliance.version1.health.system.get", false);
        check(Line::V6_5, "mem.health.get", true);
        check(Line::V6_5, "networking.proxy.get", true);
        check(Line::V7_0, "networking.proxy.get", false);
        check(Line::V6_0, "system.time.get", false);
        check(Line::V8_0, "system.time.get", true);
        check(Line::V6_0, "updatemgr-util", false);
        check(Line::V6_5, "updatemgr-util", true);
    }
}
