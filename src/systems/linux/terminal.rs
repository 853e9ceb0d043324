//! The shells of a session: which one is typed into, entering an inner one or one on another machine (`su`, `ssh`), leaving it.

use std::sync::Arc;

use super::bash::save_history;
use super::model::back::Back;
use super::model::bash::Value;
use super::model::logins::{Record, Why, port_of};
use super::model::{Bash, Linux, Process};
use crate::shell::{Context, Session};
use crate::sim::Instant;
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

/// The program that lets one in on a terminal of the machine itself.
const LOGIN: &str = "login -- ";

/// Notes a login on a terminal of the machine itself whose shell is no bash: who logs in is there until the shell ends.
pub fn logged_in_on_terminal(world: &mut World, machine: MachineId, user: &str, tty: &str) {
    let now = world.now;
    let linux = world.linux_mut(machine);
    let login = Process::daemon(1, 0, &format!("{LOGIN}{user}"), None, now);
    let pid = linux.processes.start(Process { tty: Some(tty.to_owned()), live: true, ..login });
    let (user, tty) = (Some(user.to_owned()), tty.to_owned());
    linux.logins.add(Record { user, tty, from: String::new(), at: now, pid, until: None });
}

/// Someone who comes in through the secure shell.
pub struct Arrival {
    machine: MachineId,
    tty: String,
    from: String,
    /// The number of the process that the daemon has for the connection.
    daemon: u32,
}

impl Arrival {
    /// The secure shell's daemon of a machine takes a connection of a session from an address.
    pub fn accept(cx: &mut Context<'_>, machine: MachineId, user: &str, from: &str) -> Self {
        let (tty, now) = (tty(cx.session), cx.now());
        let linux = cx.world.linux_mut(machine);
        let parent = linux.unit_state("sshd.service").main_pid.unwrap_or(1);
        let mut process = Process::daemon(parent, 0, &format!("sshd: {user}@{tty}"), None, now);
        process.live = true;
        let daemon = linux.processes.start(process);
        Self { machine, tty, from: from.to_owned(), daemon }
    }

    /// The login shell is there: the log tells of it, and so does `who`.
    pub fn logged_in(&self, world: &mut World, bash: &mut Bash) {
        let pid = self.daemon;
        bash.ppid = pid;
        if let Some(variable) = bash.variables.get_mut("PPID") {
            variable.value = Value::Text(pid.to_string());
        }
        let now = world.now;
        let linux = world.linux_mut(self.machine);
        if let Some(shell) = linux.processes.get_mut(bash.pid) {
            shell.ppid = pid;
        }
        self.tell(linux, now, &bash.user, "password");
        self.record(world, &bash.user, bash.pid);
    }

    /// What the daemons write in the log when somebody is let in. The PAM of SLES 11 writes nothing of it.
    fn tell(&self, linux: &mut Linux, now: Instant, user: &str, how: &str) {
        let (unit, pid) = (Some("sshd.service"), Some(self.daemon));
        let number = linux.logins.count() + 1;
        let port = port_of(number);
        let accepted = format!("Accepted {how} for {user} from {} port {port} ssh2", self.from);
        linux.daemon_says(now, "sshd", pid, unit, &accepted);
        if linux.distro.systemd.is_none() {
            return;
        }
        let logind = "systemd-logind.service";
        let manager = linux.unit_state(logind).main_pid;
        let text = format!("New session {number} of user {user}.");
        linux.daemon_says(now, "systemd-logind", manager, Some(logind), &text);
        linux.manager_says(now, 6, "", format!("Started Session {number} of user {user}."));
        let opened = format!("pam_unix(sshd:session): session opened for user {user} by (uid=0)");
        linux.daemon_says(now, "sshd", pid, unit, &opened);
    }

    /// Notes a login whose shell has this number.
    fn record(&self, world: &mut World, user: &str, pid: u32) {
        let (tty, from) = (self.tty.clone(), self.from.clone());
        let record = Record { user: Some(user.to_owned()), tty, from, at: world.now, pid, until: None };
        world.linux_mut(self.machine).logins.add(record);
    }

    /// The same with a shell that is no bash, let in in this way: `password`, `keyboard-interactive/pam`.
    pub fn logged_in_elsewhere(&self, world: &mut World, user: &str, how: &str) {
        let now = world.now;
        self.tell(world.linux_mut(self.machine), now, user, how);
        self.record(world, user, self.daemon);
    }
}

/// The end of a shell: its process is gone, and a login with it.
fn ended(cx: &mut Context<'_>, machine: MachineId, bash: &Bash) {
    let now = cx.now();
    let why = why(cx.session);
    let linux = cx.world.linux_mut(machine);
    linux.processes.remove(bash.pid);
    let daemon = linux.processes.get(bash.ppid).filter(|process| process.command.starts_with("sshd: "));
    if daemon.is_some() {
        linux.processes.remove(bash.ppid);
        tell_end(linux, now, bash.ppid, &bash.user);
    }
    linux.logins.end(bash.pid, now, why);
}

/// What the daemon of a connection writes when it ends.
fn tell_end(linux: &mut Linux, now: Instant, daemon: u32, user: &str) {
    if linux.distro.systemd.is_some() {
        let closed = format!("pam_unix(sshd:session): session closed for user {user}");
        linux.daemon_says(now, "sshd", Some(daemon), Some("sshd.service"), &closed);
    }
}

/// The session is over: its shells end on all machines, and its login.
pub fn hung_up(cx: &mut Context<'_>) {
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
        if linux.logins.present().any(|record| record.tty == tty) {
            linux.logins.end_at(&tty, now, why);
            let logs_in = |process: &Process| process.command.starts_with(LOGIN) && process.tty.as_ref() == Some(&tty);
            linux.processes.retain(|_, process| !logs_in(process));
            let own = |process: &Process| {
                let user = process.command.strip_prefix("sshd: ")?.strip_suffix(&format!("@{tty}"))?;
                Some(user.to_owned())
            };
            let daemons = linux.processes.iter().filter_map(|(pid, process)| Some((pid, own(process)?)));
            for (pid, user) in daemons.collect::<Vec<_>>() {
                linux.processes.remove(pid);
                tell_end(linux, now, pid, &user);
            }
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
