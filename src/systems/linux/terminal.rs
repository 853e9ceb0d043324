//! The shells of a session: which one is typed into, entering an inner one or one on another machine (`su`, `ssh`), leaving it.

use std::sync::Arc;

use super::model::Bash;
use crate::shell::{Context, Session};
use crate::world::{Closed, Layer, MachineId, Shell};

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

/// Puts a shell back that was taken.
pub fn put_shell(cx: &mut Context<'_>, bash: Bash) {
    if let Some(Shell::Linux(old)) = cx.session.shells.last_mut() {
        *old = Arc::new(bash);
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

/// Leaves the innermost shell with a status: the person is back where it was started from.
pub fn leave(cx: &mut Context<'_>, status: u8) {
    if let Some(Shell::Linux(bash)) = cx.session.shells.pop() {
        let machine = cx.session.machine;
        cx.world.linux_mut(machine).processes.remove(bash.pid);
    }
    if cx.session.shells.is_empty() {
        let name = cx.world.machine(cx.session.machine).name.clone();
        if cx.session.pop_layer() {
            cx.line(&format!("Connection to {name} closed."));
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
pub fn lose(cx: &mut Context<'_>, machine: MachineId) {
    while cx.session.passes(machine) {
        let name = cx.world.machine(cx.session.machine).name.clone();
        if !cx.session.pop_layer() {
            return;
        }
        if !cx.session.passes(machine) {
            cx.line(&format!("Connection to {name} closed by remote host."));
            cx.line(&format!("Connection to {name} closed."));
        }
    }
    set_status(cx, 255);
}

/// What the innermost shell does before it prompts: its start-up files, or what is left of the line that started the
/// shell which was left.
#[must_use]
pub fn next(cx: &mut Context<'_>) -> Option<Option<String>> {
    let Some(Shell::Linux(bash)) = cx.session.shells.last_mut() else { return None };
    if !bash.begun {
        return Some(None);
    }
    bash.afterwards.is_some().then(|| Arc::make_mut(bash).afterwards.take())
}

/// The terminal that a session is for the programs on its machines.
#[must_use]
pub fn tty(session: &Session) -> String {
    format!("pts/{}", session.id.0.saturating_sub(1))
}

/// Takes the programs of a session's terminal out of the process tables, its shells excepted.
pub fn clear(cx: &mut Context<'_>) {
    let tty = tty(cx.session);
    let shells = cx.session.shells.iter().chain(cx.session.outer.iter().flat_map(|layer| &layer.shells));
    let kept: Vec<u32> =
        shells.filter_map(|shell| if let Shell::Linux(bash) = shell { Some(bash.pid) } else { None }).collect();
    let machines: Vec<MachineId> = cx.world.machines().map(|(id, _)| id).collect();
    for id in machines {
        let gone = |pid: u32, process: &super::model::Process| {
            process.live && process.tty.as_deref() == Some(&tty) && !kept.contains(&pid)
        };
        if cx.world.linux(id).processes.iter().any(|(pid, process)| gone(pid, process)) {
            cx.world.linux_mut(id).processes.retain(|pid, process| !gone(pid, process));
        }
    }
}
