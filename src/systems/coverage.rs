//! What is modelled, how faithfully, and on what evidence: one row for each part of each command, gaps included.

use super::vcsa::commands::{API_6_0, API_PREFIX, COMMANDS, PLUGIN_PREFIX, PLUGINS_6_0};
use crate::shell::{Evidence, Grade};

/// The families of machines that there are.
pub const SYSTEMS: &[&str] = &["vcsa"];

/// All rows, with the system they belong to: what is modelled first.
pub fn all() -> impl Iterator<Item = (&'static str, Evidence)> {
    let modelled = COMMANDS.iter().flat_map(|command| command.evidence.iter().copied());
    let known = |full: &str| COMMANDS.iter().any(|command| command.name == full);
    let calls = API_6_0.iter().filter(move |name| !known(&format!("{API_PREFIX}{name}"))).copied();
    let plugins =
        PLUGINS_6_0.iter().map(|(name, _)| *name).filter(move |name| !known(&format!("{PLUGIN_PREFIX}{name}")));
    let gap = |source| move |what| Evidence { what, releases: "6.0", grade: Grade::NotModelled, source };
    modelled.chain(plugins.map(gap("help pi list"))).chain(calls.map(gap("help api list"))).map(|row| ("vcsa", row))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_command_of_the_appliance_is_a_row_once() {
        let gaps = all().filter(|(_, row)| row.grade == Grade::NotModelled).count();
        let modelled = COMMANDS.iter().filter(|command| command.name.contains('.')).count();
        assert_eq!(gaps + modelled, API_6_0.len() + PLUGINS_6_0.len());
        assert!(all().any(|(_, row)| row.what == "help api list" && row.grade == Grade::Captured));
    }
}
