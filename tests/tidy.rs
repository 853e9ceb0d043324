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
    &["systems::linux::model::disks"],
    &["systems::linux::image", "systems::linux::clock"],
    &["systems::linux::model"],
    &["systems::rhv::release"],
    &["systems::rhv::model"],
    &[
        "systems::vcsa::backup",
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
    &["systems::vcsa::model", "systems::vcsa::sso", "systems::vcsa::stamp"],
    &["systems::kinds"],
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

/// A file without its tests and documents.
fn code(text: &str) -> String {
    let code = text.split("#[cfg(test)]").next().unwrap_or_default();
    code.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
}

/// The paths within the program that a module names outside of its tests and documents, from `crate` or relative to itself.
fn uses(own: &str, text: &str) -> Vec<String> {
    let code = code(text);
    let mut paths = Vec::new();
    let roots = ["crate::", "super::"].into_iter().flat_map(|root| code.match_indices(root));
    for (at, root) in roots {
        if code[..at].ends_with("super::") || code[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_') {
            continue;
        }
        let mut rest: String = code[at..].chars().take(2_000).collect::<String>().split_whitespace().collect();
        let mut folder: Vec<&str> = if root == "super::" { own.split("::").collect() } else { Vec::new() };
        while let Some(above) = rest.strip_prefix("super::") {
            folder.pop();
            rest = above.to_owned();
        }
        let mut rest = rest.trim_start_matches("crate::").to_owned();
        rest.insert_str(0, &folder.iter().map(|name| format!("{name}::")).collect::<String>());
        let end = rest.find(|c: char| !(c.is_alphanumeric() || c == '_' || c == ':' || c == '{' || c == ','));
        let path = &rest[..end.unwrap_or(rest.len())];
        match path.split_once('{') {
            Some((head, group)) => {
                paths.extend(group.split(',').filter(|word| !word.is_empty()).map(|word| format!("{head}{word}")));
            }
            None => paths.push(path.split(',').next().unwrap_or_default().trim_end_matches(':').to_owned()),
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
        for path in uses(&module(&file), &text) {
            match layer(&path) {
                Some(used) if used > own => wrong.push(format!("{file} uses {path}")),
                Some(_) => {}
                None => wrong.push(format!("{file} uses {path}, which belongs to no layer")),
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The system that a path belongs to, where it is one that stands on the Linux under all: nothing but itself and the files
/// directly in `src/systems` may know it.
fn system(path: &str) -> Option<&str> {
    let name = path.strip_prefix("systems::")?.split("::").next()?;
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/systems").join(name);
    (name != "linux" && folder.is_dir()).then_some(name)
}

#[test]
fn a_system_is_known_to_itself_and_to_the_list_of_systems() {
    let folders = fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/systems")).expect("a folder");
    let names = folders.map(|entry| entry.expect("an entry").file_name().into_string().expect("a name"));
    let systems: Vec<String> = names.filter(|name| system(&format!("systems::{name}")).is_some()).collect();
    assert!(systems.iter().any(|name| name == "vcsa") && systems.iter().any(|name| name == "rhv"), "{systems:?}");
    let mut wrong = Vec::new();
    for (file, text) in sources("src") {
        let own = module(&file);
        let lists_them = own == "systems" || (own.starts_with("systems::") && own.matches("::").count() == 1);
        let paths = uses(&own, &text);
        let named = paths.iter().filter_map(|path| system(path));
        let code = code(&text);
        // Variants of what the world holds, and the ways to a machine's model.
        let held = systems.iter().filter(|name| {
            let variant = format!("::{}{}", name[..1].to_uppercase(), &name[1..]);
            let kinds = ["System", "Shell", "Happening", "SystemEntry"].map(|kind| format!("{kind}{variant}"));
            kinds.iter().any(|kind| code.contains(kind))
                || code.contains(&format!(".{name}("))
                || code.contains(&format!(".{name}_mut("))
        });
        for known in named.chain(held.map(String::as_str)) {
            if !(lists_them && system(&own).is_none()) && system(&own) != Some(known) {
                wrong.push(format!("{file} knows {known}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn relative_paths_are_seen() {
    let check = |own: &str, text: &str, expect: &[&str]| assert_eq!(uses(own, text), expect, "{text}");
    check("systems::linux::events", "use super::model::Phase;", &["systems::linux::model::Phase"]);
    check(
        "systems::linux::tools::systemd",
        "use super::super::{a, b::C};",
        &["systems::linux::a", "systems::linux::b::C"],
    );
    check("systems::linux::events", "super::super::vcsa::events::boot(world)", &["systems::vcsa::events::boot"]);
    check("world", "use crate::systems::linux;", &["systems::linux"]);
    check("world", "// crate::systems\n#[cfg(test)]\nuse super::x;", &[]);
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

#[test]
fn coverage_lists_whatever_declares_evidence() {
    let all = sources("src/systems/vcsa");
    let lists = ["src/systems/coverage.rs", "src/systems/vcsa/commands/programs.rs"]
        .map(|file| fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(file)).expect("a source file"));
    let declare = all.iter().filter(|(_, text)| text.contains("pub const EVIDENCE: &[Evidence]"));
    let names: Vec<String> =
        declare.filter_map(|(file, _)| module(file).rsplit("::").next().map(str::to_owned)).collect();
    assert!(names.len() > 5, "{names:?}");
    for name in names {
        let told = format!("{name}::EVIDENCE");
        assert!(lists.iter().any(|list| list.contains(&told)), "{told} is on no list of appsh coverage");
    }
}
