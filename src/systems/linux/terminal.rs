//! The shells of a session: which one is typed into, entering an inner one or one on another machine (`su`, `ssh`), leaving it.

use std::sync::Arc;

use super::bash::save_history;
use super::model::back::Back;
use super::model::logins::Why;
use super::model::{Bash, Process};
use super::{console, events};
use crate::shell::{Context, Session};
use crate::world::{Closed, Layer, MachineId, Shell, World};

pub use crate::shell::CONSOLES as TERMINAL;

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

/// From now on the person types into an inner shell, maybe on another machine.
pub fn enter(cx: &mut Context<'_>, machine: MachineId, shell: Shell) {
    if machine != cx.session.machine {
        let shells = std::mem::take(&mut cx.session.shells);
        cx.session.outer.push(Layer { machine: cx.session.machine, shells });
        cx.session.machine = machine;
    }
    cx.session.shells.push(shell);
}

/// The end of a shell: its process is gone, and a login with it.
fn ended(cx: &mut Context<'_>, machine: MachineId, bash: &Bash) {
    let now = cx.now();
    let why = why(cx.session);
    let linux = cx.world.linux_mut(machine);
    linux.processes.remove(bash.pid);
    let from = linux.logins.present().find(|record| record.pid == bash.pid).map(|record| record.from.clone());
    linux.logins.end(bash.pid, now, why);
    // The shell of rescue or emergency mode itself, and not one that was called in it.
    if why == Why::Left && linux.sulogin() == Some(bash.ppid) {
        return events::boot_again(cx.world, machine);
    }
    let above = linux.processes.get(bash.ppid);
    if above.is_some_and(Process::is_connection) {
        linux.close(bash.ppid, &from.unwrap_or_default(), why, now);
    } else if let Some(tty) = above.filter(|process| console::lets_in(process)).and_then(|process| process.tty.clone())
    {
        console::left(cx.world, machine, &tty);
    }
}

/// The session is over: its shells end on all machines, and its login.
pub fn hung_up(cx: &mut Context<'_>) {
    clear(cx);
    let (tty, now, why) = (tty(cx.session), cx.now(), why(cx.session));
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
        }
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

/// Whether the innermost login came through the network, and not on a terminal of the machine itself.
fn by_network(cx: &Context<'_>) -> bool {
    let Some(Shell::Linux(bash)) = cx.session.shells.first() else { return true };
    let mut records = cx.world.linux(cx.session.machine).logins.records();
    !records.any(|record| record.pid == bash.pid && record.until.is_none() && record.tty.starts_with(TERMINAL))
}

/// Leaves the innermost shell with a status: the person is back where it was started from.
pub fn leave(cx: &mut Context<'_>, status: u8) {
    let came = by_network(cx);
    if let Some(Shell::Linux(bash)) = cx.session.shells.pop() {
        ended(cx, cx.session.machine, &bash);
        if let Some(Shell::Linux(outer)) = cx.session.shells.last_mut() {
            Arc::make_mut(outer).follow(&bash);
        }
    }
    if cx.session.shells.is_empty() {
        let name = cx.world.machine(cx.session.machine).name.clone();
        if cx.session.pop_layer() {
            if came {
                cx.line(&format!("Connection to {name} closed."));
            }
        } else {
            cx.session.closed = Some(Closed::Exit);
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
        let name = cx.world.machine(cx.session.machine).name.clone();
        let came = by_network(cx);
        if !cx.session.pop_layer() {
            return;
        }
        if came && !cx.session.passes(machine) {
            cx.line(&format!("Connection to {name} closed by remote host."));
            cx.line(&format!("Connection to {name} closed."));
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

/// The terminal that a session is for the programs on its machines.
#[must_use]
pub fn tty(session: &Session) -> String {
    if session.is_on_console() { session.from.clone() } else { format!("pts/{}", session.line) }
}

/// Takes the programs of a session's terminal out of the process tables, its shells excepted.
pub fn clear(cx: &mut Context<'_>) {
    let tty = tty(cx.session);
    let shells = cx.session.shells.iter().chain(cx.session.outer.iter().flat_map(|layer| &layer.shells));
    let kept: Vec<u32> =
        shells.filter_map(|shell| if let Shell::Linux(bash) = shell { Some(bash.pid) } else { None }).collect();
    let machines: Vec<MachineId> = cx.world.machines().map(|(id, _)| id).collect();
    for id in machines {
        let gone =
            |pid: u32, process: &Process| process.live && process.tty.as_deref() == Some(&tty) && !kept.contains(&pid);
        if cx.world.linux(id).processes.iter().any(|(pid, process)| gone(pid, process)) {
            cx.world.linux_mut(id).processes.retain(|pid, process| !gone(pid, process));
        }
    }
}
