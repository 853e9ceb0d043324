//! The README tells the truth: its sessions are run, to the byte, and what it names exists.

use std::fs;
use std::path::Path;

use appsh::lab_file::LabFile;
use appsh::media::{Bundled, Shelf};
use appsh::systems::vcsa::rates::Rates;
use appsh::transcript::{Pagers, Transcript, Worlds, cli, run};

fn readme() -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md")).expect("a README")
}

/// The blocks fenced as `transcript`.
fn sessions(readme: &str) -> Vec<&str> {
    let blocks = readme.split("```transcript\n").skip(1);
    blocks.map(|rest| rest.split_once("```").expect("an end of the block").0).collect()
}

fn shelf() -> Box<dyn Shelf> {
    Box::new(Bundled)
}

#[test]
fn its_sessions_are_what_one_sees() {
    let readme = readme();
    let sessions = sessions(&readme);
    assert!(!sessions.is_empty(), "the README shows a first session");
    for session in sessions {
        let transcript = Transcript::parse(session).expect("a good transcript");
        let open =
            |transcript: &Transcript<'_>| cli::open_lab(Path::new("README.md"), transcript, shelf, &Worlds::default());
        let outcome = run(&transcript, &open, Pagers::Expected);
        assert!(outcome.passed(), "{outcome:#?}");
        assert!(outcome.typed > 0, "something is typed in it");
    }
}

#[test]
fn the_folders_on_its_map_exist() {
    let readme = readme();
    let rows: Vec<&str> =
        readme.lines().filter(|line| line.starts_with("| `src/") || line.starts_with("| `labs/")).collect();
    assert!(rows.len() > 5, "the README has a map");
    for row in rows {
        let places = row.split('|').nth(1).unwrap_or_default().split(',');
        for place in places.map(|place| place.trim().trim_matches('`')) {
            assert!(Path::new(env!("CARGO_MANIFEST_DIR")).join(place).exists(), "{place}");
        }
    }
}

/// The keys that a table of a lab file can have, as the refusal of one that is none names them.
fn keys(table: &str) -> Vec<String> {
    let machine = if table.contains("machine.") { "[[machine]]\nname = 'a'\n" } else { "" };
    let backup = if table == "[backup.engine]" { "[[backup]]\n" } else { "" };
    let shared = if table == "[[shared.file]]" { "[[shared]]\n" } else { "" };
    let error =
        LabFile::parse(&format!("{machine}{backup}{shared}{table}\nunknown = 1\n")).expect_err("an unknown key");
    let (_, known) = error.split_once("expected ").unwrap_or_else(|| panic!("{table}: {error}"));
    known.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

#[test]
fn its_table_of_the_lab_file_has_all_keys() {
    let readme = readme();
    let check = |table: &str, row: &str| {
        let line = readme.lines().find(|line| line.starts_with("| ") && line.contains(row));
        let line = line.unwrap_or_else(|| panic!("no row {row}"));
        let known = keys(table);
        assert!(known.len() > 1, "{table}: {known:?}");
        for key in known {
            // The tables of the file itself have rows of their own.
            let own = readme.contains(&format!("| `[{key}]`")) || readme.contains(&format!("| `[[{key}]]`"));
            assert!(line.contains(&format!("`{key}`")) || table.is_empty() && own, "{table}: {key}");
        }
    };
    check("", "| the file itself |");
    for table in [
        "[network]",
        "[[machine]]",
        "[machine.vm]",
        "[[machine.vm.disks]]",
        "[machine.vm.drive]",
        "[[machine.file]]",
        "[[shared.file]]",
        "[[shared]]",
        "[machine.system.vcsa]",
        "[[machine.system.vcsa.sso]]",
        "[machine.system.linux]",
        "[[machine.system.linux.unit]]",
        "[machine.system.rhv]",
        "[cluster]",
        "[[cluster.vm]]",
        "[[storage]]",
        "[[backup]]",
        "[backup.engine]",
    ] {
        check(table, &format!("`{table}`"));
    }
    let rates = serde_json::to_value(Rates::V6_0).expect("an object");
    let row = readme.lines().find(|line| line.contains("`[machine.system.vcsa.rates]`")).expect("a row");
    for key in rates.as_object().expect("an object").keys() {
        assert!(row.contains(&format!("`{key}`")), "{key}");
    }
    for system in ["vcsa", "linux", "rhv"] {
        check(&format!("[machine.system.{system}.last_login]"), "| `last_login`, `failed_login` of each |");
    }
}
