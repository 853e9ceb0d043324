//! bash as a console of the lab: what it does with what is typed.

use std::borrow::Cow;
use std::sync::Arc;

use super::super::terminal;
use super::{completion, history, interactive, prompt};
use crate::shell::{Context, Session, Step, Task};
use crate::systems::{Completion, Console, Recall};
use crate::world::World;

/// The console of every bash.
pub static CONSOLE: BashConsole = BashConsole;

/// A bash at a keyboard.
pub struct BashConsole;

impl Console for BashConsole {
    fn prompt<'a>(&self, world: &'a World, session: &Session) -> Cow<'a, str> {
        let Some(st) = terminal::shell(session) else { return Cow::Borrowed("") };
        // It is written where messages are.
        if st.on_terminal(2) { Cow::Owned(prompt::shown(world, session, st)) } else { Cow::Borrowed("") }
    }

    fn line(&self, _: &mut Context<'_>, line: &str) -> Step {
        Step::Task(interactive::typed(line.to_owned()))
    }

    fn end_of_input(&self, _: &mut Context<'_>) -> Step {
        Step::Task(interactive::end_of_input())
    }

    fn interrupt(&self) -> Option<Task> {
        Some(interactive::interrupt())
    }

    fn complete(&self, world: &World, session: &Session, line: &str) -> Completion {
        let shell = terminal::shell(session);
        shell.map_or_else(Completion::default, |st| completion::complete(world, session.machine, st, line))
    }

    fn recall(&self, session: &Session) -> Option<Recall> {
        let st = terminal::shell(session)?;
        Some(Recall { lines: Arc::clone(&st.history), last_word: history::last_word })
    }
}
