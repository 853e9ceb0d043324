//! A lab at rest, while no command runs: all its state as plain data, to go back to in memory or to be kept on disk.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Lab, Slot};
use crate::media::Shelf;
use crate::shell::coroutine::Seat;
use crate::shell::{Screen, Session};
use crate::world::World;

/// A lab at rest: all its state while no command runs. Cheap to make, machines are shared until they change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Point {
    /// The world.
    pub world: World,
    /// The open sessions.
    pub sessions: Vec<Session>,
    next_session: u32,
}

impl Point {
    /// Whether world and sessions fit each other, as those of every lab at rest do.
    #[must_use]
    pub fn fits(&self) -> bool {
        fit(&self.world, self.sessions.iter())
    }
}

/// All of a lab while no command runs, screens and closed sessions included: what is kept on disk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rest {
    /// The world.
    pub world: World,
    /// The sessions with their screens.
    pub seats: Vec<Seat>,
    /// The number of the next session.
    pub next_session: u32,
}

impl Lab {
    /// The lab at rest; `None` while a command runs.
    #[must_use]
    pub fn point(&self) -> Option<Point> {
        if !self.is_quiet() {
            return None;
        }
        let open = self.all_sessions().filter(|session| session.closed.is_none());
        Some(Point { world: self.world().clone(), sessions: open.cloned().collect(), next_session: self.next_session })
    }

    /// All of the lab at rest; `None` while a command runs.
    #[must_use]
    pub fn rest(&self) -> Option<Rest> {
        self.is_quiet().then(|| Rest {
            world: self.world().clone(),
            seats: self.slots.values().map(|slot| slot.seat().clone()).collect(),
            next_session: self.next_session,
        })
    }

    /// A lab that goes on from where one rested; nothing when the parts do not fit each other.
    #[must_use]
    pub fn resume(rest: Rest, shelf: Box<dyn Shelf>) -> Option<Self> {
        if !fit(&rest.world, rest.seats.iter().map(|seat| &seat.session)) {
            return None;
        }
        let mut lab = Self::new(rest.world, shelf);
        lab.next_session = rest.next_session;
        for seat in rest.seats {
            lab.slots.insert(seat.session.id, Slot::new(seat));
        }
        Some(lab)
    }

    /// Goes back, or over, to a lab at rest. Running commands are dropped with what they printed and nobody took yet, else
    /// screens stay as they are. Sessions that the point does not know are gone.
    pub fn restore(&mut self, point: &Point) {
        self.journal.went_elsewhere();
        self.wakes.clear();
        self.world = Some(Box::new(point.world.clone()));
        self.next_session = self.next_session.max(point.next_session);
        let mut screens = BTreeMap::new();
        for (id, mut slot) in std::mem::take(&mut self.slots) {
            let mut screen = std::mem::take(&mut slot.seat_mut().screen);
            if slot.running.is_some() {
                screen.drop_untaken();
            }
            screens.insert(id, screen);
        }
        for session in &point.sessions {
            let mut screen = screens.remove(&session.id).unwrap_or_else(|| Screen::new(session.terminal.live));
            screen.settle();
            self.slots.insert(session.id, Slot::new(Seat { session: session.clone(), screen }));
        }
        self.face_detachables();
    }
}

fn fit<'a>(world: &World, mut sessions: impl Iterator<Item = &'a Session>) -> bool {
    let there = |machine| world.machines().any(|(id, _)| id == machine);
    world.queue.iter().all(|(_, event)| there(event.machine))
        && sessions.all(|session| there(session.machine) && (session.closed.is_some() || !session.shells.is_empty()))
}
