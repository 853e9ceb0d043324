//! The README tells the truth: its sessions are run, to the byte, and what it names exists.

use std::fs;
use std::path::Path;

use appsh::media::{Bundled, Shelf};
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
