//! Completion at a bash prompt: programs and builtins for the first word, files for the others.

use super::builtins;
use crate::systems::Completion;
use crate::systems::linux::fs::Kind;
use crate::systems::linux::made_files;
use crate::systems::linux::model::Bash;
use crate::world::{MachineId, World};

/// What could stand at the end of `line`.
#[must_use]
pub fn complete(world: &World, id: MachineId, st: &Bash, line: &str) -> Completion {
    let last = last_word(line);
    let typed = &line[last.start..];
    let word = if last.quote.is_some() { typed.to_owned() } else { unescaped(typed) };
    let before = line[..last.start].trim_end_matches(['"', '\'']).trim_end();
    let first = before.is_empty() || before.ends_with(['|', ';', '&', '(', '`', '{']);
    let found = if let Some(name) = word.strip_prefix("${") {
        let names = st.variables.keys().filter(|known| known.starts_with(name));
        names.map(|name| format!("${{{name}}}")).collect()
    } else if let Some(name) = word.strip_prefix('$') {
        let names = st.variables.keys().filter(|known| known.starts_with(name));
        names.map(|name| format!("${name}")).collect()
    } else if let Some(name) = word.strip_prefix('~').filter(|name| !name.contains('/') && last.quote.is_none()) {
        let users = world.linux(id).users().into_iter().filter(|user| user.name.starts_with(name));
        users.map(|user| format!("~{}/", user.name)).collect()
    } else {
        let mut found = if first && !word.contains('/') { programs(world, id, st, &word) } else { Vec::new() };
        if !first || word.contains('/') {
            found = files(world, id, st, &word);
        }
        if let Some((user, name)) = word.split_once('@').filter(|_| found.is_empty() && !first) {
            found = hosts(world, id, name).into_iter().map(|host| format!("{user}@{host}")).collect();
        }
        if last.quote.is_none() { found.iter().map(|name| escaped(name)).collect() } else { found }
    };
    let mut found: Vec<String> = found;
    found.sort_unstable();
    found.dedup();
    let end = match last.quote {
        Some('"') => "\" ",
        Some(_) => "' ",
        None => " ",
    };
    Completion { start: last.start, found, end }
}

/// The word with which a line ends: where it begins, and the quote that is open there.
struct Last {
    start: usize,
    quote: Option<char>,
}

fn last_word(line: &str) -> Last {
    let mut last = Last { start: 0, quote: None };
    let mut characters = line.char_indices();
    while let Some((at, character)) = characters.next() {
        let behind = at + character.len_utf8();
        match character {
            '\\' if last.quote != Some('\'') => drop(characters.next()),
            _ if last.quote == Some(character) => last.quote = None,
            _ if last.quote.is_some() => {}
            '"' | '\'' => last = Last { start: behind, quote: Some(character) },
            ' ' | '\t' | '>' | '<' | '=' | ';' | '|' | '&' | '(' | ':' | '`' => last.start = behind,
            _ => {}
        }
    }
    last
}

/// What a word stands for whose signs are quoted by backslashes.
fn unescaped(word: &str) -> String {
    let mut text = String::new();
    let mut characters = word.chars();
    while let Some(character) = characters.next() {
        text.extend(if character == '\\' { characters.next() } else { Some(character) });
    }
    text
}

/// A name with a backslash before each sign that means something to the shell.
fn escaped(name: &str) -> String {
    let mut text = String::new();
    for character in name.chars() {
        if " \t\"'\\><=;|&()[]{}*?!$`#:".contains(character) {
            text.push('\\');
        }
        text.push(character);
    }
    text
}

/// The names in `/etc/hosts` that begin so.
fn hosts(world: &World, id: MachineId, name: &str) -> Vec<String> {
    let text = made_files::text(world, id, "/etc/hosts");
    let lines = text.lines().map(|line| line.split('#').next().unwrap_or_default());
    let names = lines.flat_map(|line| line.split_whitespace().skip(1));
    names.filter(|known| known.starts_with(name)).map(str::to_owned).collect()
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
    let looked = match (directory, directory.strip_prefix('~').and_then(|rest| rest.split_once('/'))) {
        ("", _) => ".".to_owned(),
        (_, Some(("", rest))) => format!("{}/{rest}", st.variable("HOME").unwrap_or_default()),
        (_, Some((user, rest))) => match world.linux(id).user(user) {
            Some(user) => format!("{}/{rest}", user.home),
            None => return Vec::new(),
        },
        (other, None) => other.to_owned(),
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
