//! What comes to a session from its person: lines, secrets, keys, another terminal, the end of the connection. Each is noted in
//! the journal under the person's session, and goes to whatever that person looks at.

use super::{INTERRUPTED, Lab, Waits};
use crate::journal::What;
use crate::shell::coroutine::{Await, Chosen, Given, Verdict, is_varied};
use crate::shell::{SessionId, Step, Terminal, secret};
use crate::systems;
use crate::systems::linux::parting;
use crate::world::{Closed, MachineId, Password};

/// A password on a line is long enough with so many characters.
const SHORTEST_GIVEN: usize = 8;

impl Lab {
    /// Feeds a line to a session that waits for one: a command at a prompt, an answer at a question, Enter at a pager
    /// (whatever the line holds). `false`, and nothing happens, when the session waits for something else.
    pub fn line(&mut self, id: SessionId, line: &str) -> bool {
        // Of a password on the line its digest goes on, to be kept and replayed.
        let given = secret::given(line).filter(|_| self.waits(id) == Waits::Prompt).map(|text| Chosen {
            password: Password::of(&self.world().machine(self.session(self.front(id)).machine).name, &text),
            long_enough: text.chars().count() >= SHORTEST_GIVEN,
            varied: is_varied(&text),
        });
        self.line_with(id, line, given)
    }

    /// The same with what is known of a password that stood on the line, as a replay does.
    pub fn line_with(&mut self, id: SessionId, line: &str, given: Option<Chosen>) -> bool {
        let line = &*secret::blot(line);
        let waits = self.waits(id);
        match waits {
            Waits::Prompt => self.note(|| What::Line { session: id, line: line.to_owned(), given }),
            Waits::Line | Waits::Page => self.note(|| What::Answer { session: id, line: line.to_owned() }),
            Waits::Secret | Waits::Time(_) | Waits::Closed(_) => return false,
        }
        let id = self.front(id);
        match waits {
            Waits::Prompt => {
                self.echo_prompt(id);
                self.echo(id, line);
                self.hand(id, given);
                self.run(id, line);
                // What goes on keeps it until it ends.
                if self.slots.get(&id).is_some_and(|slot| slot.running.is_none()) {
                    self.hand(id, None);
                }
            }
            Waits::Line => {
                self.echo(id, line);
                self.give(id, Given::Line(line.to_owned()));
            }
            _ => {
                self.echo(id, "");
                self.give(id, Given::Turn);
            }
        }
        true
    }

    fn hand(&mut self, id: SessionId, given: Option<Chosen>) {
        if let Some(slot) = self.slots.get_mut(&id) {
            slot.seat_mut().session.given = given;
        }
    }

    /// Feeds a secret to a session that waits for one. It is judged here and goes no further.
    pub fn secret(&mut self, id: SessionId, secret: &str) -> bool {
        if self.waits(id) != Waits::Secret {
            return false;
        }
        let (client, id) = (id, self.front(id));
        let (machine, uid) = self.guards(id);
        let machine = self.world().machine(machine);
        let chosen = self.chooses(id).map(|(shortest, forced)| {
            let long_enough = secret.chars().count() >= shortest;
            // One that is refused is soon guessed from its digest.
            Chosen {
                password: Password::of(&machine.name, if long_enough || forced { secret } else { "" }),
                long_enough,
                varied: is_varied(secret),
            }
        });
        self.verdict(client, Verdict { accepted: machine.accepts_of(uid, secret), chosen })
    }

    /// Feeds what is known of a secret, as a replay does. `false` when the session waits for something else.
    pub fn verdict(&mut self, id: SessionId, verdict: Verdict) -> bool {
        let (client, id) = (id, self.front(id));
        if self.waits(id) != Waits::Secret || self.chooses(id).is_some() != verdict.chosen.is_some() {
            return false;
        }
        self.note(|| What::Secret { session: client, verdict });
        self.echo(id, "");
        self.give(id, Given::Secret(verdict));
        true
    }

    /// Ctrl-C: a command that handles it is told, any other is cut off. The status of one that it ends is 130.
    pub fn interrupt(&mut self, id: SessionId) {
        if !self.knows(id) {
            return;
        }
        self.note(|| What::Interrupt { session: id });
        let id = self.front(id);
        if self.waits(id) == Waits::Prompt {
            self.echo_prompt(id);
        }
        // What the keys are shown behind: a counter's present value.
        self.screen(id).settle();
        self.echo(id, "^C");
        match self.waits(id) {
            Waits::Prompt => {
                if let Some(task) = systems::console(self.session(id)).and_then(|console| console.interrupt()) {
                    self.begin(id, task);
                }
            }
            Waits::Closed(_) => {}
            _ if self.is_awaited(id, Await::Interrupt) => {
                self.give(id, Given::Interrupt);
                if self.waits(id) == Waits::Prompt {
                    self.slot(id).seat_mut().session.status = INTERRUPTED;
                }
            }
            _ => self.abandon(id, None),
        }
    }

    /// Ctrl-Z: a command that handles it is told, any other does not mind.
    pub fn suspend(&mut self, id: SessionId) {
        if !self.takes_suspend(id) {
            return;
        }
        self.note(|| What::Suspend { session: id });
        let id = self.front(id);
        self.screen(id).settle();
        self.echo(id, "^Z");
        self.give(id, Given::Suspend);
    }

    /// Whether Ctrl-Z means something to what runs in a session.
    #[must_use]
    pub fn takes_suspend(&self, id: SessionId) -> bool {
        self.is_awaited(id, Await::Suspend)
    }

    /// Ctrl-]: a console that was opened from another machine is left, whatever runs there.
    pub fn escape(&mut self, id: SessionId) {
        if !self.takes_escape(id) {
            return;
        }
        self.note(|| What::Escape { session: id });
        let front = self.front(id);
        let inner = self.is_awaited(front, Await::Escape) || self.session(front).is_through_console();
        // A multiplexer behind the console goes on there.
        let id = if inner { front } else { id };
        self.slot(id).seat_mut().session.looks_at = None;
        if self.waits(id) == Waits::Prompt {
            self.echo_prompt(id);
        }
        self.screen(id).settle();
        self.echo(id, "^]");
        if self.is_awaited(id, Await::Escape) {
            return self.give(id, Given::Escape);
        }
        if self.waits(id) != Waits::Prompt {
            self.abandon(id, None);
        }
        self.with_context(id, parting::escape);
        self.settle();
        self.go_on(id);
    }

    /// Whether Ctrl-] means something to what a session looks at.
    #[must_use]
    pub fn takes_escape(&self, id: SessionId) -> bool {
        let through = |id| self.session(id).is_through_console();
        let front = self.front(id);
        self.is_awaited(front, Await::Escape) || through(front) || through(id)
    }

    /// Another terminal, or another size of it, stands in front of a session.
    pub fn look(&mut self, id: SessionId, terminal: Terminal) {
        if matches!(self.waits(id), Waits::Closed(_)) || self.session(id).terminal == terminal {
            return;
        }
        self.note(|| What::Look { session: Some(id), terminal });
        for id in [id, self.front(id)] {
            let seat = self.slot(id).seat_mut();
            seat.session.terminal = terminal;
            seat.screen.watch(terminal.live);
        }
    }

    /// The input has ended: Ctrl-D at a prompt, a dead line anywhere else.
    pub fn end_of_input(&mut self, id: SessionId) {
        if !self.knows(id) {
            return;
        }
        self.note(|| What::EndOfInput { session: id });
        let (client, id) = (id, self.front(id));
        match self.waits(client) {
            Waits::Prompt => {
                let Some(console) = systems::console(self.session(id)) else { return };
                match self.with_context(id, |cx| console.end_of_input(cx)) {
                    Step::Done(_) => {
                        self.settle();
                        self.go_on(id);
                    }
                    Step::Task(task) => self.begin(id, task),
                }
            }
            Waits::Closed(_) => {}
            Waits::Line | Waits::Secret if self.is_awaited(id, Await::End) => self.give(id, Given::End),
            Waits::Line | Waits::Secret | Waits::Page | Waits::Time(_) => self.abandon(client, Some(Closed::HangUp)),
        }
    }

    /// The connection of a session is gone. What runs in a multiplexer does not mind.
    pub fn hang_up(&mut self, id: SessionId) {
        if !matches!(self.waits(id), Waits::Closed(_)) {
            self.journal.changed_unseen();
            self.abandon(id, Some(Closed::HangUp));
        }
    }

    /// The machine and the number of its user whose password is asked for in a session.
    fn guards(&self, id: SessionId) -> (MachineId, u32) {
        let asked = self.slots.get(&id).and_then(|slot| {
            let asked = |awaited: &Await| if let Await::Secret(of, uid) = awaited { Some((*of, *uid)) } else { None };
            slot.awaited().find_map(asked)
        });
        asked.unwrap_or((self.session(id).machine, 0))
    }

    /// How many characters a new password should have that is being chosen in a session, and whether fewer will do.
    fn chooses(&self, id: SessionId) -> Option<(usize, bool)> {
        self.slots.get(&id)?.awaited().find_map(|awaited| match awaited {
            Await::NewSecret { shortest, forced } => Some((*shortest, *forced)),
            _ => None,
        })
    }

    /// Notes on the screen what the terminal itself shows: the prompt, and what was typed with its Enter.
    fn echo(&mut self, id: SessionId, typed: &str) {
        let screen = &mut self.slot(id).seat_mut().screen;
        screen.remember(typed);
        screen.remember("\n");
    }

    fn echo_prompt(&mut self, id: SessionId) {
        let prompt = self.prompt(id).into_owned();
        self.slot(id).seat_mut().screen.remember(&prompt);
    }
}
