//! The person at the terminal: which session is typed into, the lobby between two sessions, director commands, and the
//! points in time to which one can go back. Keyboard, pipe and transcript runner all type through this.

use std::ops::Range;

use serde::{Deserialize, Serialize};

use crate::journal::What;
use crate::lab::{Lab, Waits};
use crate::shell::coroutine::Chosen;
use crate::shell::{Door, SessionId, Terminal, secret};
use crate::sim::{Instant, Span};
use crate::systems::Refusal;
use crate::timeline::Timeline;
use crate::world::Closed;

/// So much virtual time may a command line take where nobody can press Ctrl-C, if it waits more than a thousand times: a script
/// that sleeps for a week is no error, one that looks each second for what does not come is.
const PATIENCE: Span = Span::secs(24 * 3_600);

/// So often may it wait: see [`PATIENCE`].
const TIMES: u32 = 1_000;

/// Someone who types into a lab.
pub struct Operator {
    /// The lab.
    pub lab: Lab,
    /// The points one can go back to.
    pub timeline: Timeline,
    /// What this person looks at; new sessions get it.
    pub terminal: Terminal,
    current: Option<SessionId>,
    machine: String,
}

/// Where a person sits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// The machine on which the next session opens.
    pub machine: String,
    /// The session typed into, if one is open.
    pub current: Option<SessionId>,
}

/// Where the next line goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// No session is open: Enter logs in.
    Lobby,
    /// To a session that waits for this.
    Session(SessionId, Waits),
}

impl Operator {
    /// Sits down in front of a lab. Without `machine`, sessions open on the lab's first. A session that is open already
    /// (in a lab that was saved) is taken up again.
    ///
    /// # Errors
    /// When the lab has no machine of that name.
    pub fn new(lab: Lab, machine: Option<&str>, terminal: Terminal) -> Result<Self, String> {
        let machine = match machine {
            Some(name) => name.to_owned(),
            None => lab.world().machines().next().map(|(_, machine)| machine.name.clone()).unwrap_or_default(),
        };
        let id = lab.world().find(&machine).ok_or_else(|| format!("there is no machine {machine:?} in this lab"))?;
        let open = |session: &&crate::shell::Session| session.closed.is_none() && session.machine == id;
        let current = lab.sessions().filter(open).map(|session| session.id).last();
        let timeline = Timeline::new(lab.point());
        Ok(Self { lab, timeline, terminal, current, machine })
    }

    /// Sits down again in front of a lab that was kept, where one sat before.
    #[must_use]
    pub fn resume(lab: Lab, timeline: Timeline, place: Place, terminal: Terminal) -> Self {
        Self { lab, timeline, terminal, current: place.current, machine: place.machine }
    }

    /// Where this person sits.
    #[must_use]
    pub fn place(&self) -> Place {
        Place { machine: self.machine.clone(), current: self.current }
    }

    /// Sits down elsewhere.
    pub fn sit(&mut self, place: Place) {
        Place { machine: self.machine, current: self.current } = place;
    }

    /// Where the next line goes.
    #[must_use]
    pub fn state(&self) -> State {
        self.current.map_or(State::Lobby, |id| State::Session(id, self.lab.waits(id)))
    }

    /// The session typed into, if one is open.
    #[must_use]
    pub fn current(&self) -> Option<SessionId> {
        self.current
    }

    /// The machine on which the next session opens.
    #[must_use]
    pub fn machine(&self) -> &str {
        &self.machine
    }

    /// Opens a session on the present machine.
    ///
    /// # Errors
    /// What the machine is doing instead of taking logins, and whether that passes by itself.
    pub fn login(&mut self) -> Result<(), Refusal> {
        self.current = Some(self.lab.open(&self.machine, self.terminal)?);
        Ok(())
    }

    /// Opens a session at the console of the present machine.
    ///
    /// # Errors
    /// What the machine shows there instead.
    pub fn login_at_console(&mut self) -> Result<(), Refusal> {
        self.current = Some(self.lab.open_by(Door::Console, &self.machine, self.terminal)?);
        Ok(())
    }

    /// Opens a session on the present machine as soon as it takes logins: time jumps there.
    ///
    /// # Errors
    /// What the machine is doing, when that does not pass by itself.
    pub fn login_when_possible(&mut self) -> Result<(), String> {
        while let Err(refusal) = self.login() {
            match self.lab.next_due() {
                Some(due) if refusal.passing => self.lab.advance(due),
                _ => return Err(refusal.why),
            }
        }
        Ok(())
    }

    /// Turns to another machine: its open session, or the lobby in front of it.
    ///
    /// # Errors
    /// When the lab has no machine of that name.
    pub fn turn_to(&mut self, name: &str) -> Result<(), String> {
        let id = self.lab.world().find(name).ok_or_else(|| format!("there is no machine {name:?} in this lab"))?;
        self.machine = name.to_owned();
        let open = self.lab.sessions().filter(|session| session.machine == id && session.closed.is_none());
        self.current = open.map(|session| session.id).last();
        self.note_turn();
        Ok(())
    }

    /// Turns to an open session; to none that is not there.
    pub fn turn_to_session(&mut self, id: SessionId) {
        if !self.lab.knows(id) {
            return;
        }
        let machine = self.lab.session(id).machine;
        self.machine = self.lab.world().machine(machine).name.clone();
        self.current = Some(id);
        self.note_turn();
    }

    fn note_turn(&mut self) {
        let (at, Place { machine, current }) = (self.now(), self.place());
        self.lab.journal().note(at, || What::Turn { machine, session: current });
    }

    /// Sits down at another terminal, or changes the size of this one.
    pub fn look(&mut self, terminal: Terminal) {
        if terminal == self.terminal {
            return;
        }
        let at = self.now();
        self.lab.journal().note(at, || What::Look { session: None, terminal });
        self.lab.journal().mute(true);
        self.terminal = terminal;
        let all: Vec<SessionId> = self.lab.sessions().map(|session| session.id).collect();
        for id in all {
            self.lab.look(id, terminal);
        }
        self.lab.journal().mute(false);
    }

    /// Types a line into the session: a command, an answer, or Enter at a pager. `false` when the session waits for none.
    pub fn line(&mut self, line: &str) -> bool {
        self.before(line).is_some_and(|id| self.lab.line(id, line))
    }

    /// The same with what is known of a password that stood on the line, as a replay does.
    pub fn line_with(&mut self, line: &str, given: Option<Chosen>) -> bool {
        self.before(line).is_some_and(|id| self.lab.line_with(id, line, given))
    }

    /// The session that a line goes to; one typed at a prompt can be taken back.
    fn before(&mut self, line: &str) -> Option<SessionId> {
        let State::Session(id, waits) = self.state() else { return None };
        if waits == Waits::Prompt {
            self.timeline.before(&secret::blot(line), self.lab.point(), self.current);
        }
        Some(id)
    }

    /// Ctrl-C.
    pub fn interrupt(&mut self) {
        if let Some(id) = self.current {
            self.lab.interrupt(id);
        }
    }

    /// Ctrl-Z.
    pub fn suspend(&mut self) {
        if let Some(id) = self.current {
            self.lab.suspend(id);
        }
    }

    /// Whether Ctrl-Z means something to what runs in the session.
    #[must_use]
    pub fn takes_suspend(&self) -> bool {
        self.current.is_some_and(|id| self.lab.takes_suspend(id))
    }

    /// Ctrl-].
    pub fn escape(&mut self) {
        if let Some(id) = self.current {
            self.lab.escape(id);
        }
    }

    /// Whether Ctrl-] means something to what the session looks at.
    #[must_use]
    pub fn takes_escape(&self) -> bool {
        self.current.is_some_and(|id| self.lab.takes_escape(id))
    }

    /// Ctrl-D at a prompt, a hang-up anywhere else.
    pub fn end_of_input(&mut self) {
        if let Some(id) = self.current {
            self.lab.end_of_input(id);
        }
    }

    /// At instant pace: lets time jump from event to event until the session wants input or has ended. `false` when it
    /// seems to wait for ever: what it waits for does not come, or it has waited many times, and a day in all.
    pub fn run_until_input(&mut self) -> bool {
        let began = self.now();
        let (mut waited, mut last) = (0, None);
        while let State::Session(_, Waits::Time(moment)) = self.state() {
            if last.replace(moment) != Some(moment) {
                waited += 1;
            }
            if waited > TIMES && self.now().since(began) > PATIENCE || !self.step() {
                return false;
            }
        }
        true
    }

    /// One jump of [`Operator::run_until_input`]; `false` when the session wants input or has ended.
    pub fn step(&mut self) -> bool {
        let State::Session(_, Waits::Time(_)) = self.state() else { return false };
        let Some(due) = self.lab.next_due() else { return false };
        self.lab.advance(due);
        true
    }

    /// Which parts of what [`Operator::output`] takes next are appsh's own voice.
    pub fn take_asides(&mut self) -> Vec<Range<usize>> {
        self.current.map(|id| self.lab.screen(id).take_asides()).unwrap_or_default()
    }

    /// Takes what the session printed since the last taking.
    pub fn output(&mut self, buffer: &mut String) {
        if let Some(id) = self.current {
            self.lab.output(id, buffer);
        }
    }

    /// Whether the session printed a text without a source since this was last asked.
    pub fn take_inferred(&mut self) -> bool {
        self.current.is_some_and(|id| self.lab.screen(id).take_inferred())
    }

    /// Leaves a session that has ended for the lobby; why it ended, and the status of its last command.
    pub fn leave_closed(&mut self) -> Option<(Closed, u8)> {
        let State::Session(id, Waits::Closed(why)) = self.state() else { return None };
        let status = self.lab.session(id).status;
        self.lab.forget(id);
        self.current = None;
        // Whatever else has ended meanwhile (a reboot ends all sessions of its machine) can be reached no more.
        let ended = self.lab.sessions().filter(|session| session.closed.is_some()).map(|session| session.id);
        for id in ended.collect::<Vec<_>>() {
            self.lab.forget(id);
        }
        Some((why, status))
    }

    /// Exit status of the session's last command.
    #[must_use]
    pub fn status(&self) -> u8 {
        self.current.map_or(0, |id| self.lab.status(id))
    }

    /// Goes to a point of the timeline.
    pub fn restore(&mut self, point: &crate::lab::Point, current: Option<SessionId>) {
        self.lab.restore(point);
        let persons = || point.sessions.iter().filter(|session| session.detachable.is_none()).map(|session| session.id);
        self.current = current.filter(|id| persons().any(|open| open == *id)).or_else(|| persons().next_back());
        if let Some(id) = self.current {
            self.turn_to_session(id);
        }
    }

    /// Virtual time.
    #[must_use]
    pub fn now(&self) -> Instant {
        self.lab.now()
    }
}
