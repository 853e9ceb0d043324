//! The shells of a session: which one is typed into, and entering an inner one or one on another machine (`su`, `ssh`).

use std::sync::Arc;

use super::bash::save_history;
use super::model::Bash;
use super::model::back::Back;
use super::proc::Request;
use crate::shell::{Context, Session};
use crate::world::{Layer, MachineId, Shell, World};

pub use crate::shell::CONSOLES as TERMINAL;

/// A way by which a person goes on to another machine.
#[derive(Clone, Debug)]
pub struct Connection {
    /// Which machine.
    pub machine: MachineId,
    /// The number of the terminal line there.
    pub line: u32,
    /// By which name the secure shell was told to go there; nothing for another way.
    pub called: String,
    /// The process that leads there.
    pub by: u32,
}

/// The bash at whose prompt a session is.
#[must_use]
pub fn shell(session: &Session) -> Option<&Bash> {
    match session.shells.last() {
        Some(Shell::Linux(bash)) => Some(bash),
        _ => None,
    }
}

/// The same, to be run: it is put back with [`put_shell`].
#[must_use]
pub fn take_shell(session: &Session) -> Option<Bash> {
    shell(session).cloned()
}

/// The shells that wait until the one is left in which a session is typed into.
pub fn waiting(session: &Session) -> impl Iterator<Item = &Bash> {
    let outer = session.outer.iter().flat_map(|layer| &layer.shells);
    let own = session.shells.split_last().map_or(&[][..], |(_, waiting)| waiting);
    outer.chain(own).filter_map(Shell::bash)
}

/// Puts a shell back that was taken.
pub fn put_shell(cx: &mut Context<'_>, bash: Bash) {
    if let Some(Shell::Linux(old)) = cx.session.shells.last_mut() {
        *old = Arc::new(bash);
    }
}

/// What was typed is in the history of the session's shell, too, while its line runs: a hang-up finds it there.
pub fn note_typed(cx: &mut Context<'_>, typed: &Bash) {
    if let Some(Shell::Linux(bash)) = cx.session.shells.last_mut() {
        let bash = Arc::make_mut(bash);
        bash.history.clone_from(&typed.history);
        bash.times.clone_from(&typed.times);
        (bash.forgotten, bash.typed, bash.in_file) = (typed.forgotten, typed.typed, typed.in_file);
    }
}

/// From now on the person types into an inner shell.
pub fn enter(cx: &mut Context<'_>, shell: Shell) {
    cx.session.shells.push(shell);
}

/// From now on the person types into a shell at the other end of a connection.
pub fn connect(cx: &mut Context<'_>, connection: Connection, shell: Shell) {
    let Connection { machine, line, called, by } = connection;
    let session = &mut *cx.session;
    let shells = std::mem::replace(&mut session.shells, vec![shell]);
    session.outer.push(Layer { machine: session.machine, shells, line: session.line, called, by });
    (session.machine, session.line) = (machine, line);
}

/// A program takes the place of the innermost shell. What the person is to go on to where that is no shell of this machine: then
/// the old one ends as soon as that is left.
pub fn replace(cx: &mut Context<'_>, mut old: Bash, request: Request) -> Option<Request> {
    save_history(cx.world, cx.session.machine, &mut old);
    let Request::Enter(Shell::Linux(new)) = request else {
        old.spent = true;
        put_shell(cx, old);
        return Some(request);
    };
    let mut new = Bash::clone(&new);
    let machine = cx.session.machine;
    if let Some(process) = cx.world.linux_mut(machine).processes.get_mut(old.pid) {
        process.caught.clear();
    }
    // Before it goes, a shell takes its own level back.
    if let Some(level) = old.variables.get("SHLVL").filter(|_| !new.login || new.pid == old.pid) {
        new.variables.insert("SHLVL".to_owned(), level.clone());
    }
    cx.session.shells.pop();
    cx.session.shells.push(Shell::Linux(Arc::new(new)));
    None
}

/// What the innermost shell does before it prompts: its start-up files, or what is left of the line that started the
/// shell which was left.
#[must_use]
pub fn next(cx: &mut Context<'_>) -> Option<Option<Box<Back>>> {
    let Some(Shell::Linux(bash)) = cx.session.shells.last_mut() else { return None };
    if !bash.begun {
        return Some(None);
    }
    bash.back.is_some().then(|| Arc::make_mut(bash).back.take())
}

/// The first of a machine's terminal lines that no login has.
#[must_use]
pub fn free_line(world: &World, machine: MachineId) -> u32 {
    let taken: Vec<&str> = world.linux(machine).logins.present().map(|record| record.tty.as_str()).collect();
    (0..).find(|line| !taken.contains(&line_name(*line).as_str())).unwrap_or_default()
}

/// The name of a terminal line.
#[must_use]
pub fn line_name(line: u32) -> String {
    format!("pts/{line}")
}

/// The terminal that a session is for the programs on its machines.
#[must_use]
pub fn tty(session: &Session) -> String {
    if session.is_on_console() { session.from.clone() } else { line_name(session.line) }
}
