//! Saved labs: what is kept comes back whole, and what cannot be read is refused and left as it is.

#[path = "saved_labs/builds.rs"]
mod builds;
#[path = "saved_labs/damage.rs"]
mod damage;
#[path = "saved_labs/discs.rs"]
mod discs;
#[path = "kept/disk.rs"]
mod disk;
mod kept;
#[path = "saved_labs/places.rs"]
mod places;
#[path = "saved_labs/round_trip.rs"]
mod round_trip;
#[path = "saved_labs/secrets.rs"]
mod secrets;

use std::fs;

use appsh::operator::Operator;
use appsh::shell::Terminal;
use appsh::store::Store;
use appsh::systems::facts;
use kept::{Deed, Folder, act, begin, obvious, operator, resume, view};

const SNAPSHOT: &str = "snapshot.json";
const JOURNAL: &str = "journal";

/// Does what is obvious until a command line is wanted, or the machine is off.
fn settle(operator: &mut Operator, after: &mut dyn FnMut(&mut Operator)) {
    while let Some(deed) = obvious(operator) {
        if !act(operator, &deed) {
            assert_eq!(deed, Deed::Login);
            return;
        }
        after(operator);
    }
}

/// Types a line at a prompt or speaks to the director, and goes on to the next prompt.
fn type_line(operator: &mut Operator, line: &str, after: &mut dyn FnMut(&mut Operator)) {
    settle(operator, after);
    let deed = if line.starts_with('%') { Deed::Direct(line.to_owned()) } else { Deed::Line(line.to_owned()) };
    assert!(act(operator, &deed), "{line}");
    after(operator);
    settle(operator, after);
}

/// Types a line that begins a command, and stops this many deeds later.
fn type_part(operator: &mut Operator, store: &mut Store, line: &str, deeds: usize) {
    settle(operator, &mut |operator| store.keep(operator).expect("kept"));
    assert!(operator.line(line));
    store.keep(operator).expect("kept");
    for _ in 0..deeds {
        let deed = obvious(operator).expect("the command is under way");
        act(operator, &deed);
        store.keep(operator).expect("kept");
    }
}

fn assert_same(one: &mut Operator, other: &mut Operator, when: &str) {
    assert_eq!(facts::all(one.lab.world()), facts::all(other.lab.world()), "{when}");
    assert!(view(one) == view(other), "{when}: worlds, screens or points differ");
}

/// A lab that was killed while it staged, with some journal behind its snapshot.
fn killed_while_staging() -> Folder {
    let folder = Folder::new();
    let mut operator = operator(Terminal::PIPE, 1);
    let mut store = begin(&folder, &mut operator);
    type_line(&mut operator, "system.version.get", &mut |operator| store.keep(operator).expect("kept"));
    type_part(&mut operator, &mut store, "software-packages stage --iso --acceptEulas", 15);
    folder
}

/// What opening says; the files must be as they were.
fn refused(folder: &Folder) -> String {
    let files = |folder: &Folder| [SNAPSHOT, JOURNAL].map(|name| fs::read(folder.path().join(name)).ok());
    let before = files(folder);
    let why = resume(folder, Terminal::PIPE).err().expect("it is refused").to_string();
    assert!(files(folder) == before, "{why}: but the files were changed");
    why
}
