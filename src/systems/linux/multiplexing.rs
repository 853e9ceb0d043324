//! What becomes of a machine when a session of tmux or screen begins, is left, or ends, and what the person reads then. The
//! texts are those of tmux 2.7 and screen 4.1 as far as the manuals tell; they are marked as inferred.

use super::model::Process;
use super::model::logins::Record;
use super::model::multiplexer::{Multiplexed, Multiplexer};
use super::terminal;
use crate::shell::{Context, Detachable, Session};
use crate::world::{MachineId, Shell, World};

fn kept(world: &World, detachable: Detachable) -> Option<&Multiplexed> {
    world.linux(detachable.machine).multiplexers.get(detachable.number)
}

/// The process of a session of a person that has the keyboard: its innermost shell.
fn innermost(session: &Session) -> Option<u32> {
    terminal::shell(session).map(|bash| bash.pid)
}

/// Where `who` says that a login in it comes from: tmux has no terminal of its own to name, screen names the one from which
/// it was started.
#[must_use]
pub fn origin(world: &World, detachable: Detachable, client: &Session) -> String {
    match kept(world, detachable) {
        Some(Multiplexed { program: Multiplexer::Tmux, server, index, .. }) => format!("tmux({server}).%{index}"),
        _ => format!(":{}:S.0", terminal::tty(client)),
    }
}

/// The first shell of a session of a multiplexer is there: it has its terminal, and `who` shows it.
pub fn opened(cx: &mut Context<'_>) {
    cx.session.line = terminal::free_line(cx.world, cx.session.machine);
    let (tty, from, now) = (terminal::tty(cx.session), cx.session.from.clone(), cx.now());
    let Some(Shell::Linux(bash)) = cx.session.shells.first() else { return };
    let (pid, user) = (bash.pid, Some(bash.user.clone()));
    let linux = cx.world.linux_mut(cx.session.machine);
    if let Some(process) = linux.processes.get_mut(pid) {
        process.tty = Some(tty.clone());
    }
    linux.logins.add(Record { user, tty, from, at: now, pid, until: None, session: 0 });
}

/// A person's terminal shows it from now on: the multiplexer's program runs in front.
pub fn attached(cx: &mut Context<'_>, detachable: Detachable) {
    let shell = innermost(cx.session).unwrap_or(1);
    let uid = cx.world.linux(detachable.machine).processes.get(shell).map_or(0, |process| process.uid);
    let Some(program) = kept(cx.world, detachable).map(|kept| kept.program) else { return };
    let (tty, now) = (Some(terminal::tty(cx.session)), cx.now());
    let linux = cx.world.linux_mut(detachable.machine);
    let pid = linux.processes.start(Process { tty, ..Process::daemon(shell, uid, program.program(), None, now) });
    if let Some(kept) = linux.multiplexers.get_mut(detachable.number) {
        kept.client = Some(pid);
    }
}

/// Nobody looks at it any more.
pub fn detached(world: &mut World, detachable: Detachable) {
    let linux = world.linux_mut(detachable.machine);
    let client = linux.multiplexers.get_mut(detachable.number).and_then(|kept| kept.client.take());
    if let Some(client) = client {
        linux.processes.remove(client);
    }
}

/// It is over, and its server with the last of its sessions.
pub fn remove(world: &mut World, detachable: Detachable) {
    detached(world, detachable);
    let linux = world.linux_mut(detachable.machine);
    if let Some(server) = linux.multiplexers.remove(detachable.number) {
        linux.processes.remove(server);
    }
}

/// What one reads who left it running.
#[must_use]
pub fn left(world: &World, detachable: Detachable) -> String {
    match kept(world, detachable) {
        Some(Multiplexed { program: Multiplexer::Tmux, name, .. }) => {
            format!("[detached (from session {name})]")
        }
        Some(Multiplexed { program: Multiplexer::Screen, name, .. }) => format!("[detached from {name}]"),
        _ => "[detached]".to_owned(),
    }
}

/// What one reads from whom another took it away.
#[must_use]
pub fn taken(world: &World, detachable: Detachable) -> String {
    match kept(world, detachable) {
        Some(Multiplexed { program: Multiplexer::Screen, name, .. }) => format!("[remote detached from {name}]"),
        _ => left(world, detachable),
    }
}

/// What one reads in front of whom it ended.
#[must_use]
pub fn over(world: &World, detachable: Detachable) -> String {
    let killed = kept(world, detachable)
        .is_some_and(|kept| world.linux(detachable.machine).processes.get(kept.server).is_none());
    match kept(world, detachable).map(|kept| kept.program) {
        Some(Multiplexer::Screen) => "[screen is terminating]",
        _ if killed => "[lost server]",
        _ => "[exited]",
    }
    .to_owned()
}

/// The session of a multiplexer in which a session of the lab goes on.
#[must_use]
pub fn around<'w>(world: &'w World, session: &Session, machine: MachineId) -> Option<(Detachable, &'w Multiplexed)> {
    let detachable = session.detachable.filter(|detachable| detachable.machine == machine)?;
    Some((detachable, kept(world, detachable)?))
}
