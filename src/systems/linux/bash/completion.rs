//! Completion at a bash prompt: programs and builtins for the first word, files for the others.

use super::builtins;
use crate::systems::linux::fs::Kind;
use crate::systems::linux::model::Bash;
use crate::world::{MachineId, World};

/// What could stand in place of the last word of `line`.
#[must_use]
pub fn complete(world: &World, id: MachineId, st: &Bash, line: &str) -> Vec<String> {
    let word = line.rsplit(|c: char| c.is_whitespace() || "|;&<>(".contains(c)).next().unwrap_or_default();
    let before = line[..line.len() - word.len()].trim_end();
    let first = before.is_empty() || before.ends_with(['|', ';', '&', '(']);
    if let Some(name) = word.strip_prefix('$') {
        let names = st.variables.keys().filter(|known| known.starts_with(name));
        return names.map(|name| format!("${name}")).collect();
    }
    let mut found = if first && !word.contains('/') { programs(world, id, st, word) } else { Vec::new() };
    if !first || word.contains('/') {
        found = files(world, id, st, word);
    }
    found.sort_unstable();
    found.dedup();
    found
}

pub(super) fn programs(world: &World, id: MachineId, st: &Bash, word: &str) -> Vec<String> {
    let fs = &world.linux(id).fs;
    let path = st.variable("PATH").unwrap_or_default();
    let directories = path.split(':').filter_map(|path| fs.lookup(&st.cred, &st.cwd, path).ok());
    let files = directories.filter_map(|directory| fs.readdir(&st.cred, directory).ok());
    let files = files.flat_map(|names| names.map(|(name, _)| name.to_string()));
    let others =
        builtins::names(st).map(str::to_owned).chain(st.functions.keys().cloned()).chain(st.aliases.keys().cloned());
    files.chain(others).filter(|name| name.starts_with(word)).collect()
}

/// Files whose names begin so; directories end in a slash.
pub(super) fn files(world: &World, id: MachineId, st: &Bash, word: &str) -> Vec<String> {
    let fs = &world.linux(id).fs;
    let (directory, name) =
        word.rsplit_once('/').map_or(("", word), |(directory, name)| (&word[..=directory.len()], name));
    let looked = match directory {
        "" => ".".to_owned(),
        other => match (other.strip_prefix("~/"), st.variable("HOME")) {
            (Some(rest), Some(home)) => format!("{home}/{rest}"),
            _ => other.to_owned(),
        },
    };
    let Ok(ino) = fs.lookup(&st.cred, &st.cwd, &looked) else { return Vec::new() };
    let Ok(entries) = fs.readdir(&st.cred, ino) else { return Vec::new() };
    let fits =
        entries.filter(|(known, _)| known.starts_with(name) && (name.starts_with('.') || !known.starts_with('.')));
    fits.map(|(known, ino)| {
        let slash = if matches!(fs.node(ino).kind, Kind::Dir { .. }) { "/" } else { "" };
        format!("{directory}{known}{slash}")
    })
    .collect()
}
