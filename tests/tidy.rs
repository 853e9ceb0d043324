//! The tree in order: folders know only what stands left of them, every file says what it stands for, every command file
//! is listed, and nothing is left lying about.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// The modules from left to right; a module may use those before it and itself. Modules of one row form one layer.
const LAYERS: &[&[&str]] = &[
    &["sim", "payload", "bash"],
    &["vm"],
    &["systems::linux::fs", "systems::linux::distro"],
    &["systems::linux::image", "systems::linux::clock"],
    &["systems::linux::model"],
    &["systems::rhv::release"],
    &["systems::rhv::model"],
    &[
        "systems::vcsa::flows",
        "systems::vcsa::services",
        "systems::vcsa::software_update",
        "systems::vcsa::staging",
        "systems::vcsa::releases",
        "systems::vcsa::rates",
        "systems::vcsa::series",
        "systems::vcsa::snmp",
        "systems::vcsa::settings",
    ],
    &["systems::vcsa::log"],
    &["systems::vcsa::model", "systems::vcsa::stamp"],
    &["world"],
    &["media"],
    &["shell"],
    &["systems"],
    &["journal"],
    &["lab"],
    &["lab_file", "timeline"],
    &["operator"],
    &["director"],
    &["transcript", "store"],
    &["front"],
];

fn sources(folder: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("a folder of the project") {
            let path: PathBuf = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = fs::read_to_string(&path).expect("a source file");
                let name = path.strip_prefix(env!("CARGO_MANIFEST_DIR")).expect("inside").display().to_string();
                found.push((name, text));
            }
        }
    }
    found.sort();
    found
}

/// The layer of a module path such as `systems::vcsa::model::Phase`: the longest name in the table that it begins with.
fn layer(path: &str) -> Option<usize> {
    let begins = |name: &str| path == name || path.strip_prefix(name).is_some_and(|rest| rest.starts_with("::"));
    let fitting = LAYERS.iter().enumerate().flat_map(|(i, names)| names.iter().map(move |name| (i, *name)));
    fitting.filter(|(_, name)| begins(name)).max_by_key(|(_, name)| name.len()).map(|(i, _)| i)
}

/// The module that a file is.
fn module(file: &str) -> String {
    let path = file.trim_start_matches("src/").trim_end_matches(".rs").trim_end_matches("/mod");
    path.replace('/', "::")
}

/// The `crate::` paths that a file names outside of its tests and documents.
fn uses(text: &str) -> Vec<String> {
    let code = text.split("#[cfg(test)]").next().unwrap_or_default();
    let code: String = code.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n");
    let mut paths = Vec::new();
    for (at, _) in code.match_indices("crate::") {
        let rest: String = code[at + 7..].split_whitespace().collect::<Vec<_>>().join("");
        let end = rest.find(|c: char| !(c.is_alphanumeric() || c == '_' || c == ':' || c == '{' || c == ','));
        let path = &rest[..end.unwrap_or(rest.len())];
        match path.split_once('{') {
            Some((head, group)) => {
                paths.extend(group.split(',').filter(|word| !word.is_empty()).map(|word| format!("{head}{word}")));
            }
            None => paths.push(path.trim_end_matches([',', ':']).to_owned()),
        }
    }
    paths
}

#[test]
fn folders_know_only_what_stands_left_of_them() {
    let mut wrong = Vec::new();
    for (file, text) in sources("src") {
        let Some(own) = layer(&module(&file)) else {
            assert!(["src/lib.rs", "src/main.rs"].contains(&file.as_str()), "{file} belongs to no layer");
            continue;
        };
        for path in uses(&text) {
            match layer(&path) {
                Some(used) if used > own => wrong.push(format!("{file} uses {path}")),
                Some(_) => {}
                None => wrong.push(format!("{file} uses {path}, which belongs to no layer")),
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_file_says_what_it_stands_for() {
    for (file, text) in sources("src").into_iter().chain(sources("tests")).chain(sources("benches")) {
        assert!(text.starts_with("//!"), "{file} does not open with a //! sentence");
    }
}

#[test]
fn every_command_file_is_a_module_and_every_command_is_listed() {
    let commands: BTreeMap<String, String> =
        sources("src").into_iter().filter(|(file, _)| file.starts_with("src/systems/vcsa/commands/")).collect();
    let list = &commands["src/systems/vcsa/commands/mod.rs"];
    for (file, text) in &commands {
        let name = module(file).rsplit("::").next().unwrap_or_default().to_owned();
        for declared in text.lines().filter_map(|line| line.strip_prefix("pub const ")) {
            let Some((constant, _)) = declared.split_once(": Command =") else { continue };
            assert!(list.contains(&format!("&{name}::{constant},")), "{file}: {constant} is not in COMMANDS");
        }
    }
}

#[test]
fn nothing_is_left_lying_about() {
    for (file, text) in sources("src") {
        for word in ["todo!(", "unimplemented!(", "dbg!(", "FIXME", "TODO", "#[allow(", "unsafe "] {
            assert!(!text.contains(word), "{file} contains {word}");
        }
    }
}
