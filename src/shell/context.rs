//! What a command sees while it runs: the world at this moment, its own session and screen, and the door to discs.

use super::coroutine::Task;
use super::detachable::Order;
use super::screen::Screen;
use super::session::Session;
use crate::media::Media;
use crate::sim::{Instant, Span};
use crate::vm::Vm;
use crate::world::{Happening, MachineId, World};

/// A command's view of the lab.
pub struct Context<'a> {
    /// The whole lab.
    pub world: &'a mut World,
    /// The session that runs the command.
    pub session: &'a mut Session,
    /// The session's screen.
    pub screen: &'a mut Screen,
    /// The door to discs and repositories.
    pub media: &'a mut Media,
    /// Tasks that are to go on beside the one that runs.
    pub spawned: &'a mut Vec<Task>,
    /// The job that has the keyboard, by its number: the one in front, or one beside it for which that waits.
    pub foreground: &'a mut Option<u32>,
    /// What multiplexers want of the lab.
    pub orders: &'a mut Vec<Order>,
}

impl Context<'_> {
    /// Virtual time.
    #[must_use]
    pub fn now(&self) -> Instant {
        self.world.now
    }

    /// The machine the session is on.
    #[must_use]
    pub fn machine(&self) -> MachineId {
        self.session.machine
    }

    /// The virtual hardware of the session's machine, to be changed.
    pub fn vm_mut(&mut self) -> &mut Vm {
        &mut self.world.machine_mut(self.session.machine).vm
    }

    /// Schedules something for the session's machine.
    pub fn after(&mut self, span: Span, what: impl Into<Happening>) -> crate::sim::queue::Ticket {
        self.world.after(self.session.machine, span, what)
    }

    /// Asks whether a fault strikes `object` at `point` of the session's machine.
    pub fn strikes(&mut self, point: &str, object: &str) -> bool {
        self.world.strikes(self.session.machine, point, object)
    }

    /// Prints a line of text.
    pub fn line(&mut self, text: &str) {
        self.screen.line(text);
    }

    /// Says in appsh's own voice what the appliance would not.
    pub fn aside(&mut self, text: &str) {
        self.screen.aside(text);
    }

    /// Prints a line whose wording has no source, and says so.
    pub fn inferred_line(&mut self, text: &str) {
        self.screen.line(text);
        self.screen.mark_inferred();
    }
}
