//! `tmux` and `screen`: shells that outlive the connection in which they were started. One window in each session, and no
//! status line: what else they can do is a gap. Their keys (Ctrl-B d, Ctrl-A d) are read where the keyboard is.

mod screen;
mod tmux;

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{Tool, tool};
use crate::shell::detachable::Wish;
use crate::shell::{Detachable, Order, Session};
use crate::sim::Span;
use crate::systems::linux::bash::Start;
use crate::systems::linux::kernel;
use crate::systems::linux::model::Process;
use crate::systems::linux::model::multiplexer::{Multiplexed, Multiplexer};
use crate::systems::linux::proc::{Proc, Request};
use crate::systems::linux::{io::Cut, multiplexing};
use crate::world::Shell;

/// The programs of this folder.
pub static TOOLS: &[Tool] = &[tool!("tmux", tmux::tmux), tool!("screen", screen::screen)];

/// How long a server takes to answer, a guess.
const ROUND_TRIP: Span = Span::millis(3);

/// A session that is to begin.
struct New {
    program: Multiplexer,
    /// Its name; of screen, what stands behind the server's number.
    name: String,
    index: u32,
    /// The server that there is already.
    server: Option<u32>,
    /// Columns and rows of its window.
    size: (u16, u16),
    /// Whether no terminal turns to it.
    detached: bool,
    /// Whether its shell is a login shell.
    login: bool,
}

impl New {
    /// Begins it: the server, and the shell in it, which finds in its environment what `environment` makes of the server's
    /// number and the session's name in full.
    async fn begin(
        self,
        p: &mut Proc,
        environment: impl FnOnce(u32, &str) -> [(&'static str, String); 3],
    ) -> Result<(), Cut> {
        let server = self.server.unwrap_or_else(|| {
            let server = Process::daemon(1, p.cred.uid, self.program.server(), None, p.now());
            p.linux(|linux| {
                let login = linux.processes.get(p.pid).map_or(0, |process| process.login);
                linux.processes.start(Process { login, ..server })
            })
        });
        let name = match self.program {
            Multiplexer::Tmux => self.name,
            Multiplexer::Screen => format!("{server}.{}", self.name),
        };
        let command = if self.login { "-bash" } else { "/bin/bash" };
        let pid = p.world(|world, id| kernel::start(world, id, server, p.cred.uid, &[command.to_owned()]));
        let own = environment(server, &name).map(|(variable, text)| (variable.to_owned(), text));
        let mut environment: BTreeMap<String, String> = p.env.as_ref().clone();
        environment.extend(own);
        let q = Proc { pid, ppid: server, env: Arc::new(environment), ..p.again() };
        let start = Start::by(&q, command, true);
        let bash = if self.login { start.as_login() } else { start }.bash();
        let (program, uid, index, size) = (self.program, p.cred.uid, self.index, self.size);
        let kept = Multiplexed { program, uid, name, server, index, created: p.now(), size, client: None };
        let number = p.linux(|linux| linux.multiplexers.add(kept));
        let detachable = Detachable { machine: p.machine, number };
        let wish = Wish::Begin(Box::new(Shell::Linux(Arc::new(bash))), !self.detached);
        if self.detached {
            return ask(p, detachable, wish).await;
        }
        look(p, detachable, wish);
        Ok(())
    }
}

/// Turns the person's terminal to a session; a line's rest waits until it is back.
fn look(p: &mut Proc, detachable: Detachable, wish: Wish) {
    p.request = Some(Request::Look(Order { detachable, wish }));
}

/// The session in which this program runs.
fn around(p: &Proc) -> Option<(Detachable, Multiplexed)> {
    p.cx.with(|cx| {
        multiplexing::around(cx.world, cx.session, p.machine).map(|(detachable, kept)| (detachable, kept.clone()))
    })
}

/// Asks the server for something, and waits until it is done.
async fn ask(p: &mut Proc, detachable: Detachable, wish: Wish) -> Result<(), Cut> {
    ask_all(p, vec![(detachable, wish)]).await
}

async fn ask_all(p: &mut Proc, wanted: Vec<(Detachable, Wish)>) -> Result<(), Cut> {
    p.cx.with(|cx| cx.orders.extend(wanted.into_iter().map(|(detachable, wish)| Order { detachable, wish })));
    p.pass(ROUND_TRIP).await
}

/// The sessions of this user.
fn own(p: &Proc, program: Multiplexer) -> Vec<(Detachable, Multiplexed)> {
    let own = |number, kept: &Multiplexed| (Detachable { machine: p.machine, number }, kept.clone());
    p.peek(|linux| linux.multiplexers.of(program, p.cred.uid).map(|(number, kept)| own(number, kept)).collect())
}

/// Says on standard error that a wording has no source, and the wording.
async fn says(p: &mut Proc, text: &str) -> Result<u8, Cut> {
    p.inferred();
    p.err(&format!("{text}\n")).await?;
    Ok(1)
}

fn size(session: &Session) -> (u16, u16) {
    (session.terminal.columns, session.terminal.rows)
}
