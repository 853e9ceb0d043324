//! What the tests of saved labs share: a folder of their own, discs, a person who types, and all of a lab to compare.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use appsh::director;
use appsh::lab::{Lab, Point, Waits};
use appsh::lab_file::{BUNDLED, LabFile};
use appsh::media::{Bundled, Shelf};
use appsh::operator::{Operator, Place, State};
use appsh::payload::Source;
use appsh::shell::{Session, Terminal};
use appsh::store::{Opened, Resumed, Store, StoreError};
use appsh::timeline::Kept;
use appsh::vm::Medium;
use appsh::world::World;
use serde::{Deserialize, Serialize};

/// A shelf with the discs that are built in. While it is shut, as in a replay, nobody may ask for one: what a replay reads
/// comes from the journal.
pub struct Discs(Arc<AtomicBool>);

impl Discs {
    pub fn new() -> Self {
        Self(Arc::new(AtomicBool::new(true)))
    }
}

impl Shelf for Discs {
    fn open(&self, medium: &Medium) -> Result<Arc<dyn Source>, String> {
        assert!(self.0.load(Ordering::Relaxed), "a replay opens {medium:?}");
        Bundled.open(medium)
    }
}

/// A folder that is gone after the test.
pub struct Folder(PathBuf);

impl Folder {
    pub fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let name = format!("kept-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        let _ = fs::remove_dir_all(&path);
        Self(path)
    }

    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// A keyboard of this many rows that is watched.
pub fn keyboard(rows: u16) -> Terminal {
    Terminal { columns: 80, rows, live: true, asks: true }
}

/// The default lab with a second machine in it.
fn two_machines() -> String {
    let (_, text) = BUNDLED[0];
    let (head, rest) = text.split_once("[[machine]]").expect("a machine");
    let (machine, repositories) = rest.split_once("[repository]").expect("repositories");
    let second = machine.replace("vcsa01", "vcsa02").replace("168.10.60", "168.10.62");
    let second = second.replace("passwords = []", "passwords = [\"hunter2secret\"]");
    format!("{head}[[machine]]{machine}[[machine]]{second}[repository]{repositories}")
}

/// Somebody in front of a lab of two machines.
pub fn operator(terminal: Terminal, seed: u64) -> Operator {
    let file = LabFile::parse(&two_machines()).expect("a good lab");
    in_front_of(file.world("test", None, Some(seed)).expect("a good lab"), terminal)
}

/// Somebody in front of a lab.
pub fn in_front_of(world: World, terminal: Terminal) -> Operator {
    Operator::new(Lab::new(world, Box::new(Discs::new())), None, terminal).expect("the lab has a machine")
}

/// Begins to keep a lab in a new folder.
pub fn begin(folder: &Folder, operator: &mut Operator) -> Store {
    match Store::open(folder.path()) {
        Ok(Opened::New(fresh)) => fresh.begin(operator).expect("a new place"),
        Ok(Opened::Saved(_)) => panic!("something is kept already"),
        Err(e) => panic!("{e}"),
    }
}

/// The lab in `folder` again.
pub fn resume(folder: &Folder, terminal: Terminal) -> Result<Resumed, StoreError> {
    match Store::open(folder.path())? {
        Opened::Saved(saved) => {
            let open = Arc::new(AtomicBool::new(false));
            let resumed = saved.resume(Box::new(Discs(Arc::clone(&open))), terminal);
            open.store(true, Ordering::Relaxed);
            resumed
        }
        Opened::New(_) => panic!("nothing is kept there"),
    }
}

/// All that can be told of a lab. While a command runs there are no points to compare, but world and screens.
#[derive(Debug, PartialEq)]
pub struct View {
    pub world: World,
    pub sessions: Vec<(Session, String, Waits)>,
    pub place: Place,
    pub timeline: Kept<Arc<Point>>,
}

pub fn view(operator: &mut Operator) -> View {
    let sessions: Vec<Session> = operator.lab.sessions().cloned().collect();
    let mut shown = Vec::new();
    for session in sessions {
        // As a front end does before it shows anything.
        operator.lab.output(session.id, &mut String::new());
        let past = operator.lab.screen(session.id).past();
        let waits = operator.lab.waits(session.id);
        shown.push((session, past, waits));
    }
    View {
        world: operator.lab.world().clone(),
        sessions: shown,
        place: operator.place(),
        timeline: operator.timeline.kept(),
    }
}

/// What a person does.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Deed {
    Login,
    Line(String),
    Secret(String),
    Interrupt,
    EndOfInput,
    /// Lets the next thing happen.
    Wait,
    Leave,
    Direct(String),
    /// Turns to the open session that stands there in the list of them.
    Turn(usize),
}

/// Does it. `false` when it cannot be done now.
pub fn act(operator: &mut Operator, deed: &Deed) -> bool {
    match deed {
        Deed::Login => operator.login().is_ok(),
        Deed::Line(line) => operator.line(line),
        Deed::Secret(secret) => operator.current().is_some_and(|id| operator.lab.secret(id, secret)),
        Deed::Interrupt => {
            operator.interrupt();
            true
        }
        Deed::EndOfInput => {
            operator.end_of_input();
            true
        }
        Deed::Wait => {
            let due = operator.lab.next_due();
            if let Some(due) = due {
                operator.lab.advance(due);
            }
            due.is_some()
        }
        Deed::Leave => operator.leave_closed().is_some(),
        Deed::Turn(index) => {
            let open = operator.lab.sessions().filter(|session| session.closed.is_none());
            let id = open.map(|session| session.id).nth(*index);
            if let Some(id) = id {
                operator.turn_to_session(id);
            }
            id.is_some()
        }
        Deed::Direct(line) => {
            director::run(operator, line);
            true
        }
    }
}

/// Does what is next of itself: answers, waits, logs in. `None` when a command line is wanted.
pub fn obvious(operator: &Operator) -> Option<Deed> {
    match operator.state() {
        State::Lobby if operator.lab.next_due().is_some() => Some(Deed::Wait),
        State::Lobby => Some(Deed::Login),
        State::Session(_, Waits::Prompt) => None,
        State::Session(_, Waits::Line) => Some(Deed::Line("yes".to_owned())),
        State::Session(_, Waits::Page) => Some(Deed::Line(String::new())),
        State::Session(_, Waits::Secret) => Some(Deed::Secret("hunter2secret".to_owned())),
        State::Session(_, Waits::Time(_)) => Some(Deed::Wait),
        State::Session(_, Waits::Closed(_)) => Some(Deed::Leave),
    }
}
