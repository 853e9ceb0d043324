//! What the goldens of RHV must show, all of them together: each command and option that `hosted-engine --help` prints on each
//! release, each state of the agents, each fault, and each phase of a deployment with its failure, the clean-up and another try.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use appsh::systems::rhv::commands::hosted_engine::help;
use appsh::systems::rhv::faults::FAULTS;
use appsh::systems::rhv::release::Release;

/// Products whose usage is looked at.
const PRODUCTS: [&str; 4] = ["4.2", "4.3", "4.4", "4.5"];

/// Phases of a deployment: a task, or a text, with which each is known to have failed.
const PHASES: &[(&str, &str)] = &[
    ("questions", "Failed to execute stage 'Environment customization'"),
    ("the name of the host", "Failed to execute stage 'Setup validation'"),
    ("validations", "Enforce firewalld status]"),
    ("the local virtual machine", "Ensure we have enough space to extract the appliance]"),
    ("the backup", "Run engine-backup]"),
    ("engine-setup", "Update all packages]"),
    ("adding the host", "Add host]"),
    ("waiting for the host", "Check if the host is up]"),
    ("the storage domain", "Add NFS storage domain]"),
    ("the target", "Add HE disks]"),
    ("the health of the engine", "Check engine VM health]"),
];

struct Golden {
    name: String,
    text: String,
    /// The product of its host.
    product: Option<&'static str>,
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("transcripts/rhv")
}

fn goldens() -> Vec<Golden> {
    let mut all = Vec::new();
    for entry in std::fs::read_dir(folder()).expect("the folder of the goldens") {
        let path = entry.expect("a file").path();
        if path.extension().is_none_or(|extension| extension != "txt") {
            continue;
        }
        let text = std::fs::read_to_string(&path).expect("a text");
        let lab = text.lines().find_map(|line| line.strip_prefix("# lab: ")).unwrap_or_default().to_owned();
        let product = product(&lab);
        all.push(Golden { name: path.file_name().expect("a name").to_string_lossy().into_owned(), text, product });
    }
    all
}

/// The release of the first host of a lab.
fn product(lab: &str) -> Option<&'static str> {
    let file =
        if lab.ends_with(".toml") { folder().join(lab) } else { folder().join(format!("../../labs/{lab}.toml")) };
    let text = std::fs::read_to_string(file).ok()?;
    let release = text.lines().find_map(|line| line.strip_prefix("release = "))?.trim_matches('"').to_owned();
    PRODUCTS.into_iter().find(|product| *product == release)
}

/// What was typed behind a prompt of a root shell, and what came of it.
fn typed(text: &str) -> Vec<(&str, String)> {
    let mut all: Vec<(&str, String)> = Vec::new();
    for line in text.lines().filter(|line| !line.starts_with("# ")) {
        let behind = line.strip_prefix('[').and_then(|rest| rest.split_once("]# ").or_else(|| rest.split_once("]$ ")));
        match (behind, all.last_mut()) {
            (Some((_, command)), _) => all.push((command, String::new())),
            (None, Some((_, output))) => {
                output.push_str(line);
                output.push('\n');
            }
            (None, None) => {}
        }
    }
    all
}

/// The commands and options of a usage.
fn options(usage: &str) -> BTreeSet<String> {
    let described = usage.lines().filter(|line| line.starts_with("    --") || line.starts_with("        --"));
    let words = described.flat_map(|line| line.split([' ', '[', ']', '=', '.']));
    words.filter(|word| word.starts_with("--")).map(str::to_owned).collect()
}

#[test]
fn each_option_of_the_usage_is_typed_on_each_release_and_is_no_gap() {
    let goldens = goldens();
    let mut missing = Vec::new();
    for product in PRODUCTS {
        let release = Release::find(product).expect("a release");
        let of_product: Vec<&Golden> = goldens.iter().filter(|golden| golden.product == Some(product)).collect();
        for option in options(&help::usage(release)) {
            let names = |command: &str| {
                let word = |word: &str| word.split('=').next() == Some(&*option);
                command.split_once("hosted-engine").is_some_and(|(_, rest)| rest.split([' ', ';', '|']).any(word))
            };
            let shown = of_product.iter().any(|golden| {
                typed(&golden.text)
                    .iter()
                    .any(|(command, output)| names(command) && !output.contains("appsh: not modelled"))
            });
            if !shown {
                missing.push(format!("{product} {option}"));
            }
        }
    }
    assert!(missing.is_empty(), "typed in no golden, or a gap: {missing:#?}");
}

#[test]
fn each_state_of_an_agent_is_printed() {
    let source = include_str!("../src/systems/rhv/model/state.rs");
    let body =
        source.split_once("pub enum State {").and_then(|(_, rest)| rest.split_once("\n}")).expect("the states").0;
    let states: Vec<&str> = body.lines().filter_map(|line| line.trim().strip_suffix(',')).collect();
    assert!(states.len() > 15, "{states:?}");
    let goldens = goldens();
    let whole = |text: &str, state: &str| {
        text.match_indices(state).any(|(at, _)| {
            let next = text[at + state.len()..].chars().next();
            let before = text[..at].chars().next_back();
            let letter = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
            !letter(next) && !letter(before)
        })
    };
    let printed =
        |state: &str| goldens.iter().any(|golden| typed(&golden.text).iter().any(|(_, output)| whole(output, state)));
    let missing: Vec<&&str> = states.iter().filter(|state| !printed(state)).collect();
    assert!(missing.is_empty(), "printed in no golden: {missing:?}");
}

#[test]
fn each_fault_is_set_in_a_golden() {
    let goldens = goldens();
    let set = |name: &str| {
        let line = format!("%fault add {name}");
        goldens
            .iter()
            .any(|golden| golden.text.lines().any(|typed| typed == line || typed.starts_with(&format!("{line} "))))
    };
    let missing: Vec<&str> = FAULTS.iter().map(|fault| fault.name).filter(|name| !set(name)).collect();
    assert!(missing.is_empty(), "set in no golden: {missing:?}");
}

#[test]
fn each_phase_of_a_deployment_fails_is_cleaned_up_and_tried_again() {
    let goldens = goldens();
    for (phase, sign) in PHASES {
        let shown = |golden: &Golden| {
            let steps = typed(&golden.text);
            let Some(failed) =
                steps.iter().position(|(_, output)| output.contains(sign) && output.contains("[ ERROR ]"))
            else {
                return false;
            };
            let rest = &steps[failed + 1..];
            let cleaned = rest.iter().position(|(command, _)| command.contains("clean"));
            cleaned.is_some_and(|at| rest[at..].iter().any(|(_, output)| output.contains("successfully deployed")))
        };
        let found: Vec<&str> = goldens.iter().filter(|golden| shown(golden)).map(|golden| &*golden.name).collect();
        assert!(!found.is_empty(), "{phase}: no golden");
    }
}
