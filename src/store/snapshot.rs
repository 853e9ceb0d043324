//! A snapshot: all of a lab at rest, as text. The first line says what it is, its format and the digest of what follows;
//! the rest is JSON. Machines that several points of the timeline share are written once.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::FORMAT;
use crate::lab::{Lab, Point, Rest};
use crate::media::Shelf;
use crate::operator::{Operator, Place};
use crate::payload::Sha256;
use crate::shell::Terminal;
use crate::shell::coroutine::Seat;
use crate::timeline::{Kept, Timeline};
use crate::world::{Machine, World};

/// What the first line of a snapshot says it is.
const KIND: &str = "appsh saved lab";

#[derive(Serialize, Deserialize)]
struct Head {
    kind: String,
    format: u64,
    sha256: Option<Sha256>,
}

/// All that is kept of a lab.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub struct Snapshot {
    /// The build that wrote it.
    pub build: String,
    /// Counts the snapshots of a lab; the journal since one has its number.
    pub generation: u64,
    /// Where the person sits.
    pub place: Place,
    /// What the person looks at.
    pub terminal: Terminal,
    world: World,
    seats: Vec<Seat>,
    next_session: u32,
    /// The machines of the world, as numbers in `machines`.
    present: Vec<usize>,
    timeline: Kept<Past>,
    machines: Vec<Arc<Machine>>,
}

/// A point of the timeline whose machines are kept apart.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Past {
    point: Point,
    machines: Vec<usize>,
}

/// Why a text is no snapshot that can be opened.
#[derive(Debug, PartialEq, Eq)]
pub enum Unreadable {
    /// It has this format, which is not ours.
    Format(u64),
    /// This is wrong with it.
    Damaged(String),
}

impl Unreadable {
    fn damaged(why: impl std::fmt::Display) -> Self {
        Self::Damaged(why.to_string())
    }
}

impl Snapshot {
    /// All of a lab; `None` while a command runs.
    #[must_use]
    pub fn take(operator: &Operator, build: &str, generation: u64) -> Option<Self> {
        let Rest { mut world, seats, next_session } = operator.lab.rest()?;
        let mut machines = Vec::new();
        let present = put_apart(&mut world, &mut machines);
        let timeline = operator.timeline.kept().map(|point| {
            let mut point = point.as_ref().clone();
            let apart = put_apart(&mut point.world, &mut machines);
            Some(Past { point, machines: apart })
        })?;
        let (place, terminal) = (operator.place(), operator.terminal);
        let build = build.to_owned();
        Some(Self { build, generation, place, terminal, world, seats, next_session, present, timeline, machines })
    }

    /// The person at the lab again; nothing when the parts do not fit each other.
    #[must_use]
    pub fn open(self, shelf: Box<dyn Shelf>) -> Option<Operator> {
        let Self { place, terminal, mut world, seats, next_session, present, timeline, machines, .. } = self;
        world.put_machines(gather(&present, &machines)?);
        let timeline = timeline.map(|past| {
            let mut point = past.point.clone();
            point.world.put_machines(gather(&past.machines, &machines)?);
            point.fits().then(|| Arc::new(point))
        })?;
        let known = |id| seats.iter().any(|seat| seat.session.id == id);
        if world.find(&place.machine).is_none() || place.current.is_some_and(|id| !known(id)) {
            return None;
        }
        let lab = Lab::resume(Rest { world, seats, next_session }, shelf)?;
        Some(Operator::resume(lab, Timeline::reopen(timeline), place, terminal))
    }

    /// The name of the lab.
    #[must_use]
    pub fn lab(&self) -> &str {
        &self.world.name
    }

    /// The text of the snapshot, and the digest to which its journal is tied.
    #[must_use]
    pub fn encode(&self) -> (Vec<u8>, Sha256) {
        let body = json(self);
        let digest = Sha256::of(body.as_bytes());
        let head = Head { kind: KIND.to_owned(), format: FORMAT, sha256: Some(digest) };
        (format!("{}\n{body}\n", json(&head)).into_bytes(), digest)
    }

    /// Reads the text of a snapshot.
    ///
    /// # Errors
    /// [`Unreadable`]: another format, or damage.
    pub fn decode(text: &[u8]) -> Result<(Self, Sha256), Unreadable> {
        let text = std::str::from_utf8(text).map_err(Unreadable::damaged)?;
        let (head, body) = text.split_once('\n').ok_or_else(|| Unreadable::damaged("it has one line only"))?;
        let head: Head = serde_json::from_str(head).map_err(Unreadable::damaged)?;
        if head.kind != KIND {
            return Err(Unreadable::damaged("it is something else"));
        }
        if head.format != FORMAT {
            return Err(Unreadable::Format(head.format));
        }
        let body = body.strip_suffix('\n').ok_or_else(|| Unreadable::damaged("its end is missing"))?;
        let digest = Sha256::of(body.as_bytes());
        if head.sha256 != Some(digest) {
            return Err(Unreadable::damaged("its checksum is wrong"));
        }
        Ok((serde_json::from_str(body).map_err(Unreadable::damaged)?, digest))
    }
}

/// Takes the machines out of a world and gives their numbers in `all`, to which new ones are added.
fn put_apart(world: &mut World, all: &mut Vec<Arc<Machine>>) -> Vec<usize> {
    let mut number = |machine: Arc<Machine>| {
        all.iter().position(|known| Arc::ptr_eq(known, &machine)).unwrap_or_else(|| {
            all.push(machine);
            all.len() - 1
        })
    };
    world.take_machines().into_iter().map(&mut number).collect()
}

fn gather(numbers: &[usize], all: &[Arc<Machine>]) -> Option<Vec<Arc<Machine>>> {
    numbers.iter().map(|number| all.get(*number).cloned()).collect()
}

/// Our own types have no maps with keys that JSON lacks, and nothing in them can fail to be written.
pub(super) fn json<T: Serialize>(value: &T) -> String {
    serde_json::to_string(value).unwrap_or_else(|e| unreachable!("plain data is JSON: {e}"))
}
