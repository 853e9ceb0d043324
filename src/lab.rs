//! The lab: the world and the sessions in it, behind a small surface without any input or output of its own. A front end
//! opens sessions, feeds them lines and keys, lets time pass, takes what they print, and asks what they wait for.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use crate::journal::{Entry, Journal, What};
use crate::media::{Finding, Media, Shelf};
use crate::shell::coroutine::{Await, Running, Seat};
use crate::shell::detachable::Asked;
use crate::shell::{Door, Screen, Session, SessionId, Terminal};
use crate::sim::Instant;
use crate::systems::{self, Refusal};
use crate::world::{Closed, MachineId, World};

mod detachable;
mod executor;
mod incoming;
mod rest;
mod unseen;

use executor::until;
pub use rest::{Point, Rest};

/// The status of a command whose session the machine tore down: what `ssh` ends with when the connection is closed.
const CUT_OFF: u8 = 255;

/// The status of a command that Ctrl-C ended, as shells count it: 128 and the number of the signal.
const INTERRUPTED: u8 = 130;

/// A lab that is running.
pub struct Lab {
    /// Lent to a coroutine for the length of one poll, else here.
    world: Option<Box<World>>,
    media: Option<Box<Media>>,
    slots: BTreeMap<SessionId, Slot>,
    wakes: BTreeSet<(Instant, SessionId)>,
    next_session: u32,
    /// Stands for every session that is not there: one that has ended.
    gone: Box<Seat>,
    journal: Journal,
    /// What multiplexers asked for and have not got yet.
    asked: Vec<Asked>,
}

struct Slot {
    seat: Option<Box<Seat>>,
    running: Option<Running>,
    /// What goes on beside it, and beside the prompt.
    beside: Vec<Running>,
    /// What was started beside it and has not begun.
    fresh: Vec<Running>,
    /// The job that has the keyboard, by its number.
    foreground: Option<u32>,
    /// Whether its session has ended and was forgotten: it is there for what goes on beside.
    forgotten: bool,
    /// When the first of all these goes on if nothing else comes first; stands in [`Lab::wakes`], too.
    wake: Option<Instant>,
}

impl Slot {
    fn new(seat: Seat) -> Self {
        Self {
            seat: Some(Box::new(seat)),
            running: None,
            beside: Vec::new(),
            fresh: Vec::new(),
            foreground: None,
            forgotten: false,
            wake: None,
        }
    }

    /// What the command waits for that runs in front, or the job beside it that has the keyboard and asks something.
    fn awaited(&self) -> impl Iterator<Item = &Await> {
        let front = self.running.iter().flat_map(Running::awaited);
        self.job_that_asks().into_iter().flat_map(Running::awaited).chain(front)
    }

    /// The job beside the command in front that has the keyboard, if it wants something to be typed.
    fn job_that_asks(&self) -> Option<&Running> {
        let number = self.foreground.filter(|_| self.running.is_some())?;
        let job = self.beside.iter().find(|running| running.job() == Some(number))?;
        job.awaited().iter().any(|awaited| input(*awaited).is_some()).then_some(job)
    }

    fn is_quiet(&self) -> bool {
        self.running.is_none() && self.beside.is_empty()
    }

    fn all(&self) -> impl Iterator<Item = &Running> {
        self.running.iter().chain(&self.beside)
    }

    fn seat(&self) -> &Seat {
        self.seat.as_ref().unwrap_or_else(|| unreachable!("a seat is away only while it is polled"))
    }

    fn seat_mut(&mut self) -> &mut Seat {
        self.seat.as_mut().unwrap_or_else(|| unreachable!("a seat is away only while it is polled"))
    }
}

/// What a session waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Waits {
    /// A command line, at a prompt.
    Prompt,
    /// An answer to a question.
    Line,
    /// An answer that is not shown while it is typed.
    Secret,
    /// Enter, at a pager.
    Page,
    /// Virtual time.
    Time(Instant),
    /// Nothing any more: it has ended.
    Closed(Closed),
}

/// What is left of a session that was forgotten, or never was.
fn gone() -> Seat {
    let session = Session::new(SessionId(0), MachineId(0), Terminal::PIPE, String::new());
    Seat { session: Session { closed: Some(Closed::Exit), ..session }, screen: Screen::default() }
}

/// What of the things that a command can await comes from the person.
fn input(awaited: Await) -> Option<Waits> {
    match awaited {
        Await::Line => Some(Waits::Line),
        Await::Secret(..) | Await::NewSecret { .. } => Some(Waits::Secret),
        Await::Page => Some(Waits::Page),
        Await::Until(_)
        | Await::Task(_)
        | Await::Process(..)
        | Await::Interrupt
        | Await::Suspend
        | Await::Escape
        | Await::End
        | Await::Key => None,
    }
}

impl Lab {
    /// A lab around a world, reading discs from `shelf`.
    #[must_use]
    pub fn new(world: World, shelf: Box<dyn Shelf>) -> Self {
        Self {
            world: Some(Box::new(world)),
            media: Some(Box::new(Media::new(shelf))),
            slots: BTreeMap::new(),
            wakes: BTreeSet::new(),
            next_session: 1,
            gone: Box::new(gone()),
            journal: Journal::default(),
            asked: Vec::new(),
        }
    }

    /// The world as it is now.
    #[must_use]
    pub fn world(&self) -> &World {
        self.world.as_deref().unwrap_or_else(|| unreachable!("the world is lent only while a coroutine is polled"))
    }

    /// Virtual time.
    #[must_use]
    pub fn now(&self) -> Instant {
        self.world().now
    }

    /// Opens a session on the machine called `name`: its login begins.
    ///
    /// # Errors
    /// Why the machine takes no login now.
    pub fn open(&mut self, name: &str, terminal: Terminal) -> Result<SessionId, Refusal> {
        self.open_by(Door::Network, name, terminal)
    }

    /// The same by another door.
    ///
    /// # Errors
    /// Why the machine takes no login there now.
    pub fn open_by(&mut self, door: Door, name: &str, terminal: Terminal) -> Result<SessionId, Refusal> {
        let world = self.world();
        let unknown = || Refusal { why: format!("there is no machine {name} in this lab"), passing: false };
        let machine = world.find(name).ok_or_else(unknown)?;
        let family = systems::family(world, machine);
        let (from, task) = match door {
            Door::Network => (world.desktop.clone(), systems::login(world, machine)?),
            Door::Console => {
                let (terminal, task) = family.console(world, machine)?;
                (terminal.to_owned(), task)
            }
        };
        if door == Door::Network && !family.admits(world, machine, &from) {
            let why = format!("{name} takes no logins: its firewall drops what comes from {from}");
            return Err(Refusal { why, passing: false });
        }
        let id = self.seat(Session::new(SessionId(self.next_session), machine, terminal, from));
        self.note(|| What::Open { session: id, machine: name.to_owned(), terminal, door });
        self.begin(id, task);
        Ok(id)
    }

    /// Gives a session of the next number its place.
    fn seat(&mut self, session: Session) -> SessionId {
        let (id, screen) = (session.id, Screen::new(session.terminal.live));
        self.next_session += 1;
        self.slots.insert(id, Slot::new(Seat { session, screen }));
        id
    }

    /// What the session waits for.
    #[must_use]
    pub fn waits(&self, id: SessionId) -> Waits {
        let Some(slot) = self.slots.get(&id) else { return Waits::Closed(Closed::Exit) };
        if let Some(why) = slot.seat().session.closed {
            return Waits::Closed(why);
        }
        let slot = &self.slots[&self.front(id)];
        if slot.running.is_none() {
            return Waits::Prompt;
        }
        // Who asks something while time passes wants to be answered.
        slot.awaited().find_map(|awaited| input(*awaited)).unwrap_or_else(|| {
            let front = slot.running.as_ref().and_then(|running| until(running.awaited()));
            Waits::Time(front.or_else(|| self.next_due()).unwrap_or(Instant::LAST))
        })
    }

    /// When something happens next by itself: an event, or a command that has waited long enough.
    #[must_use]
    pub fn next_due(&self) -> Option<Instant> {
        let wake = self.wakes.first().map(|(moment, _)| *moment);
        [self.world().queue.next_at(), wake].into_iter().flatten().min()
    }

    /// Whether something is under way: a command that takes its time, a boot, services coming up. What is merely planned
    /// for later is not.
    #[must_use]
    pub fn is_under_way(&self) -> bool {
        !self.wakes.is_empty() || self.world().queue.iter().any(|(_, event)| systems::is_under_way(event))
    }

    /// Lets time pass until `to`; all that falls due happens in order.
    pub fn advance(&mut self, to: Instant) {
        if to <= self.now() && self.next_due().is_none_or(|due| due > to) {
            return;
        }
        self.journal.note(to, || What::Pass);
        while let Some(due) = self.next_due().filter(|due| *due <= to) {
            self.happen_at(due);
        }
        let world = self.world_mut();
        world.now = world.now.max(to);
    }

    /// Changes the world from outside any appliance, as director commands do.
    pub fn act<R>(&mut self, act: impl FnOnce(&mut World, &mut Media) -> R) -> R {
        let mut media = self.media.take().unwrap_or_else(|| unreachable!("media are lent only during a poll"));
        let result = act(self.world_mut(), &mut media);
        self.journal.changed_unseen();
        self.journal.found(media.take_found());
        self.media = Some(media);
        self.settle();
        result
    }

    /// Takes what the session printed.
    pub fn output(&mut self, id: SessionId, buffer: &mut String) {
        if self.slots.contains_key(&id) {
            self.screen(id).take_into(buffer);
        }
    }

    /// The session's screen; an empty one when there is no such session.
    pub fn screen(&mut self, id: SessionId) -> &mut Screen {
        match self.slots.get_mut(&self.front(id)) {
            Some(slot) => &mut slot.seat_mut().screen,
            None => {
                self.gone.screen = Screen::default();
                &mut self.gone.screen
            }
        }
    }

    /// The session as data; one that has ended when there is no such session.
    #[must_use]
    pub fn session(&self, id: SessionId) -> &Session {
        self.slots.get(&id).map_or(&self.gone.session, |slot| &slot.seat().session)
    }

    /// Whether there is a session of this number.
    #[must_use]
    pub fn knows(&self, id: SessionId) -> bool {
        self.slots.get(&id).is_some_and(|slot| !slot.forgotten)
    }

    /// The sessions of persons that are known, closed ones included until they are forgotten.
    pub fn sessions(&self) -> impl Iterator<Item = &Session> {
        self.all_sessions().filter(|session| session.detachable.is_none())
    }

    /// The same with those of multiplexers.
    fn all_sessions(&self) -> impl Iterator<Item = &Session> {
        self.slots.values().filter(|slot| !slot.forgotten).map(|slot| &slot.seat().session)
    }

    /// Forgets a closed session.
    pub fn forget(&mut self, id: SessionId) {
        if matches!(self.waits(id), Waits::Closed(_)) && self.knows(id) {
            self.note(|| What::Forget { session: id });
            self.let_go(id);
        }
    }

    /// A session is gone, as soon as nothing goes on that was begun in it.
    fn let_go(&mut self, id: SessionId) {
        let slot = self.slot(id);
        slot.forgotten = true;
        if slot.is_quiet() {
            self.forget_wake(id);
            self.slots.remove(&id);
        }
    }

    /// The prompt that the session shows; none while its login is not through, or when there is no such session.
    #[must_use]
    pub fn prompt(&self, id: SessionId) -> Cow<'_, str> {
        let session = self.session(self.front(id));
        systems::console(session).map_or(Cow::Borrowed(""), |console| console.prompt(self.world(), session))
    }

    /// What could stand at the end of `line`; nothing where there is no prompt.
    #[must_use]
    pub fn complete(&self, id: SessionId, line: &str) -> systems::Completion {
        let session = self.session(self.front(id));
        systems::console(session).map(|console| console.complete(self.world(), session, line)).unwrap_or_default()
    }

    /// The lines that the shell of a session remembers; none where it keeps none itself.
    #[must_use]
    pub fn recall(&self, id: SessionId) -> Option<systems::Recall> {
        let session = self.session(self.front(id));
        systems::console(session).and_then(|console| console.recall(session))
    }

    /// What the keys do with which a line is edited at the prompt of a session.
    #[must_use]
    pub fn editing(&self, id: SessionId) -> systems::Editing {
        systems::console(self.session(self.front(id))).map(|console| console.editing()).unwrap_or_default()
    }

    /// The journal of what comes in.
    pub fn journal(&mut self) -> &mut Journal {
        &mut self.journal
    }

    /// Entries of the journal since the last taking.
    pub fn take_journal(&mut self) -> Vec<Entry> {
        self.journal.take()
    }

    /// What media are going to give next, from a journal, in place of their own bytes. `false` when something is left
    /// over from the last time.
    pub fn replay_findings(&mut self, findings: Vec<Finding>) -> bool {
        self.media.as_mut().is_some_and(|media| media.replay(findings))
    }

    /// The sessions in which a command runs.
    #[must_use]
    pub fn busy(&self) -> Vec<SessionId> {
        self.slots.iter().filter(|(_, slot)| !slot.is_quiet()).map(|(id, _)| *id).collect()
    }

    /// Whether no command runs in any session.
    #[must_use]
    pub fn is_quiet(&self) -> bool {
        self.slots.values().all(Slot::is_quiet)
    }

    /// Whether the running command wants to know of something that else would end it.
    fn is_awaited(&self, id: SessionId, what: Await) -> bool {
        self.slots.get(&self.front(id)).is_some_and(|slot| slot.awaited().any(|awaited| *awaited == what))
    }

    /// Whether the line that a session waits for can be a single key, pressed without Enter.
    #[must_use]
    pub fn takes_keys(&self, id: SessionId) -> bool {
        self.is_awaited(id, Await::Key)
    }

    fn note(&mut self, what: impl FnOnce() -> What) {
        let now = self.now();
        self.journal.note(now, what);
    }

    fn world_mut(&mut self) -> &mut World {
        self.world.as_deref_mut().unwrap_or_else(|| unreachable!("the world is lent only while a coroutine is polled"))
    }

    fn slot(&mut self, id: SessionId) -> &mut Slot {
        self.slots.get_mut(&id).unwrap_or_else(|| unreachable!("{id:?} is known to the lab"))
    }
}
