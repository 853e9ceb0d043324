//! The shells of a session: which one is typed into, entering an inner one or one on another machine (`su`, `ssh`), leaving it.

use std::sync::Arc;

use super::bash::save_history;
use super::io::{SIGHUP, SIGKILL};
use super::model::back::Back;
use super::model::logins::Why;
use super::model::{Bash, Process};
use super::{console, events, kernel};
use crate::shell::{Context, Session};
use crate::world::{Closed, Layer, MachineId, Shell, World};

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
    outer.chain(own).filter_map(|shell| match shell {
        Shell::Linux(bash) => Some(&**bash),
        _ => None,
    })
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
        (bash.forgotten, bash.typed, bash.in_file) = (typed.forgotten, typed.typed, typed.in_file);
    }
}

/// Shells that lose their terminal write their history, unless their machine has no power any more.
fn save_histories(world: &mut World, machine: MachineId, shells: &[Shell]) {
    for shell in shells {
        if let Shell::Linux(bash) = shell {
            save_history(world, machine, &mut bash.as_ref().clone());
        }
    }
}

/// From now on the person types into an inner shell, maybe at the console of another machine.
pub fn enter(cx: &mut Context<'_>, machine: MachineId, shell: Shell) {
    if machine == cx.session.machine {
        cx.session.shells.push(shell);
    } else {
        let line = cx.session.line;
        connect(cx, Connection { machine, line, called: String::new() }, shell);
    }
}

/// From now on the person types into a shell at the other end of a connection.
pub fn connect(cx: &mut Context<'_>, connection: Connection, shell: Shell) {
    let Connection { machine, line, called } = connection;
    let session = &mut *cx.session;
    let shells = std::mem::replace(&mut session.shells, vec![shell]);
    session.outer.push(Layer { machine: session.machine, shells, line: session.line, called });
    (session.machine, session.line) = (machine, line);
}

/// The end of a shell: its process is gone, and with the shell of a login its terminal. What it has started may go on.
fn ended(cx: &mut Context<'_>, machine: MachineId, bash: &Bash) {
    let now = cx.now();
    let why = why(cx.session);
    let linux = cx.world.linux_mut(machine);
    linux.processes.remove(bash.pid);
    linux.processes.orphan(bash.pid);
    let record = linux.logins.present().find(|record| record.pid == bash.pid).cloned();
    linux.logins.end(bash.pid, now, why);
    // The shell of emergency mode itself, and not one that was called in it.
    if linux.emergency && why == Why::Left && bash.ppid == 1 {
        return events::boot_again(cx.world, machine);
    }
    let above = linux.processes.get(bash.ppid);
    if above.is_some_and(Process::is_connection) {
        let from = record.as_ref().map(|record| record.from.clone());
        linux.close(bash.ppid, &from.unwrap_or_default(), why, now);
    } else if let Some(tty) = above.filter(|process| console::lets_in(process)).and_then(|process| process.tty.clone())
    {
        console::left(cx.world, machine, &tty);
    }
    if let Some(record) = record {
        cx.world.linux_mut(machine).processes.hang_up(&record.tty);
    }
}

/// The session is over: its shells end on all machines, and its login. Whether what runs in front goes on without it.
pub fn hung_up(cx: &mut Context<'_>) -> bool {
    let (tty, now, why) = (tty(cx.session), cx.now(), why(cx.session));
    let goes_on = hang_up_programs(cx, why);
    if !goes_on {
        clear(cx);
    }
    let layers = cx.session.outer.iter().map(|layer| (layer.machine, &layer.shells));
    let layers = layers.chain([(cx.session.machine, &cx.session.shells)]);
    let layers: Vec<(MachineId, Vec<Shell>)> = layers.map(|(machine, shells)| (machine, shells.clone())).collect();
    let outermost = cx.session.outer.first().map_or(cx.session.machine, |layer| layer.machine);
    for (machine, shells) in layers {
        // What went down is the first machine of the way; those behind it go on.
        if why != Why::Crash || machine != outermost {
            save_histories(cx.world, machine, &shells);
        }
        for shell in &shells {
            if let Shell::Linux(bash) = shell {
                ended(cx, machine, bash);
            }
        }
        let linux = cx.world.linux_mut(machine);
        let from = linux.logins.present().find(|record| record.tty == tty).map(|record| record.from.clone());
        if let Some(from) = from {
            linux.logins.end_at(&tty, now, why);
            let own = format!("@{tty}");
            let is = |process: &Process| process.is_connection() && process.command.ends_with(&own);
            let daemons = linux.processes.iter().filter(|(_, process)| is(process)).map(|(pid, _)| pid);
            for pid in daemons.collect::<Vec<_>>() {
                linux.close(pid, &from, why, now);
            }
            console::left(cx.world, machine, &tty);
            cx.world.linux_mut(machine).processes.hang_up(&tty);
        }
    }
    goes_on
}

/// Shells that lose their terminal tell it to what they have started; with a machine that goes down all of it ends. Whether
/// what runs in front does not mind.
fn hang_up_programs(cx: &mut Context<'_>, why: Why) -> bool {
    let front = front(cx);
    let mut goes_on = false;
    for (machine, shell) in shells(cx.session) {
        let below = cx.world.linux(machine).processes.below(shell);
        for pid in below {
            let Some(process) = cx.world.linux(machine).processes.get(pid) else { continue };
            if why == Why::Down {
                kernel::signal(cx.world, machine, pid, SIGKILL);
                continue;
            }
            let minds = !process.ignored.contains(&SIGHUP) && !process.caught.contains(&SIGHUP);
            goes_on |= !minds && machine == cx.session.machine && front(process);
            kernel::signal(cx.world, machine, pid, SIGHUP);
            kernel::signal(cx.world, machine, pid, kernel::SIGCONT);
        }
    }
    goes_on
}

/// The shells of a session, on all machines.
fn shells(session: &Session) -> Vec<(MachineId, u32)> {
    let outer = session.outer.iter().flat_map(|layer| layer.shells.iter().map(|shell| (layer.machine, shell)));
    let all = outer.chain(session.shells.iter().map(|shell| (session.machine, shell)));
    all.filter_map(|(machine, shell)| if let Shell::Linux(bash) = shell { Some((machine, bash.pid)) } else { None })
        .collect()
}

/// Whether a process belongs to what runs in front of the session.
fn front(cx: &Context<'_>) -> impl Fn(&Process) -> bool + use<> {
    let (tty, foreground) = (tty(cx.session), *cx.foreground);
    move |process| {
        let in_front = process.group == 0 || Some(process.group) == foreground;
        process.live && in_front && process.tty.as_deref() == Some(&tty)
    }
}

/// Why the logins of a session end.
fn why(session: &Session) -> Why {
    match session.closed {
        Some(Closed::Reboot | Closed::Poweroff) => Why::Down,
        Some(Closed::PowerCut) => Why::Crash,
        _ => Why::Left,
    }
}

/// Leaves the innermost shell with a status: the person is back where it was started from.
pub fn leave(cx: &mut Context<'_>, status: u8) {
    if let Some(Shell::Linux(bash)) = cx.session.shells.pop() {
        ended(cx, cx.session.machine, &bash);
        if let Some(Shell::Linux(outer)) = cx.session.shells.last_mut() {
            Arc::make_mut(outer).follow(&bash);
        }
    }
    if cx.session.shells.is_empty() {
        match cx.session.pop_layer() {
            Some(called) if called.is_empty() => {}
            Some(called) => cx.line(&format!("Connection to {called} closed.")),
            None => cx.session.closed = Some(Closed::Exit),
        }
    }
    set_status(cx, status);
}

fn set_status(cx: &mut Context<'_>, status: u8) {
    if let Some(Shell::Linux(bash)) = cx.session.shells.last_mut() {
        Arc::make_mut(bash).status = status;
    }
}

/// A machine through which the person came went down: what lies beyond it is lost, and the shell before it is typed into.
pub fn lose(cx: &mut Context<'_>, machine: MachineId, why: Closed) {
    while cx.session.passes(machine) {
        if cx.session.machine != machine || why != Closed::PowerCut {
            save_histories(cx.world, cx.session.machine, &cx.session.shells.clone());
        }
        let Some(called) = cx.session.pop_layer() else { return };
        if !called.is_empty() && !cx.session.passes(machine) {
            cx.line(&format!("Connection to {called} closed by remote host."));
            cx.line(&format!("Connection to {called} closed."));
        }
    }
    set_status(cx, 255);
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

/// Takes out of the process table what ran in front of a session and was cut off.
pub fn clear(cx: &mut Context<'_>) {
    let (front, kept) = (front(cx), shells(cx.session));
    let machine = cx.session.machine;
    let gone = |pid: u32, process: &Process| front(process) && !kept.contains(&(machine, pid));
    if cx.world.linux(machine).processes.iter().any(|(pid, process)| gone(pid, process)) {
        cx.world.linux_mut(machine).processes.retain(|pid, process| !gone(pid, process));
    }
}
