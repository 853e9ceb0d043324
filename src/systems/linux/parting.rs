//! How shells and logins end: left, killed, cut off, lost with a machine on the way; and what becomes of what they have started
//! (bash(1), "SIGNALS"; setpgid(2); sshd(8)).

use std::sync::Arc;

use super::bash::save_history;
use super::io::{SIGHUP, SIGKILL, SIGPIPE, SIGTERM};
use super::model::logins::{Record, Why};
use super::model::{Bash, Process, Processes};
use super::proc::Request;
use super::terminal::{Connection, line_name, tty};
use super::{console, events, kernel};
use crate::shell::{Context, Session};
use crate::world::{Closed, MachineId, Shell, World};

/// What has struck a session from outside, and where: the login, counted from the outermost one, and what of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Blow {
    login: usize,
    what: Struck,
}

/// What of a login is struck.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Struck {
    /// The daemon's process for its connection.
    Connection,
    /// The program at the other end, by which the person has come, or one that led to it, with this signal.
    Client(u32, u8),
    /// One of its shells, counted from the outermost one, with this signal.
    Shell(usize, u8),
    /// A program that has led to one of its shells, with this signal.
    Way(usize, u32, u8),
}

/// A login of a session: its machine, its shells, and its terminal, unless it came by a console.
struct Login {
    machine: MachineId,
    shells: Vec<Shell>,
    tty: Option<String>,
}

/// The logins of a session, the outermost first.
fn logins(session: &Session) -> Vec<Login> {
    let mut all = Vec::new();
    let mut tty = Some(if session.is_on_console() { session.from.clone() } else { String::new() });
    let outer = session.outer.iter().map(|layer| (layer.machine, &layer.shells, layer.line, Some(&layer.called)));
    for (machine, shells, line, called) in outer.chain([(session.machine, &session.shells, session.line, None)]) {
        let tty = std::mem::replace(&mut tty, called.filter(|called| !called.is_empty()).map(|_| String::new()));
        let tty = tty.map(|tty| if tty.is_empty() { line_name(line) } else { tty });
        all.push(Login { machine, shells: shells.clone(), tty });
    }
    all
}

/// Why the logins of a session end.
fn why(session: &Session) -> Why {
    match session.closed {
        Some(Closed::Reboot | Closed::Poweroff) => Why::Down,
        Some(Closed::PowerCut) => Why::Crash,
        _ => Why::Left,
    }
}

/// The end of a shell: its process is gone, and with the shell of a login its terminal. What it has started may go on.
fn ended(cx: &mut Context<'_>, machine: MachineId, bash: &Bash) {
    let now = cx.now();
    let why = why(cx.session);
    let linux = cx.world.linux_mut(machine);
    let way = linux.processes.way_to(bash.pid);
    let first = source(&linux.processes, bash);
    let own = |record: &&Record| record.pid == bash.pid || way.contains(&record.pid);
    let record = linux.logins.present().find(own).cloned();
    if why != Why::Crash {
        linux.way_closes(bash.pid, bash.login, &way, now);
    }
    for pid in std::iter::once(bash.pid).chain(way) {
        linux.processes.remove(pid);
        linux.processes.orphan(pid);
        linux.logins.end(pid, now, why);
    }
    // The shell of rescue or emergency mode itself, and not one that was called in it.
    if why == Why::Left && linux.sulogin() == Some(first) {
        return events::boot_again(cx.world, machine);
    }
    let above = linux.processes.get(first);
    if above.is_some_and(Process::is_connection) {
        let from = record.as_ref().map(|record| record.from.clone());
        linux.close(first, &from.unwrap_or_default(), why, now);
    } else if let Some(tty) = above.filter(|process| console::lets_in(process)).and_then(|process| process.tty.clone())
    {
        console::left(cx.world, machine, &tty);
    }
    if let Some(record) = record {
        cx.world.linux_mut(machine).processes.hang_up(&record.tty);
    }
}

/// The end of a login, and of what is left of its shells, the innermost first.
fn log_out(cx: &mut Context<'_>, login: &Login) {
    for bash in login.shells.iter().rev().filter_map(Shell::bash) {
        ended(cx, login.machine, bash);
    }
    let Some(tty) = &login.tty else { return };
    let (now, why) = (cx.now(), why(cx.session));
    let linux = cx.world.linux_mut(login.machine);
    // One whose shell is no bash.
    let from = linux.logins.present().find(|record| record.tty == *tty).map(|record| record.from.clone());
    if let Some(from) = from {
        linux.logins.end_at(tty, now, why);
        let own = format!("@{tty}");
        let is = |process: &Process| process.is_connection() && process.command.ends_with(&own);
        let daemons = linux.processes.iter().filter(|(_, process)| is(process)).map(|(pid, _)| pid);
        for pid in daemons.collect::<Vec<_>>() {
            linux.close(pid, &from, why, now);
        }
        console::left(cx.world, login.machine, tty);
        cx.world.linux_mut(login.machine).processes.hang_up(tty);
    }
}

/// The process that a shell comes from: its parent, or that of the first program that has led to it.
fn source(processes: &Processes, bash: &Bash) -> u32 {
    let way = processes.way_to(bash.pid);
    way.last().and_then(|pid| processes.get(*pid)).map_or(bash.ppid, |process| process.ppid)
}

/// Nobody types into a shell that a program wanted: it is over, with what has led to it, and so is its login elsewhere.
pub fn renounce(cx: &mut Context<'_>, machine: MachineId, request: Request) {
    match request {
        Request::Enter(shell) => {
            if let Some(bash) = shell.bash() {
                ended(cx, machine, bash);
            }
        }
        Request::Connect(Connection { machine: there, line, by, .. }, shell) => {
            log_out(cx, &Login { machine: there, shells: vec![shell], tty: Some(line_name(line)) });
            cx.world.linux_mut(machine).processes.end_way(by);
        }
        Request::Look(_) => {}
    }
}

/// Shells that lose their terminal write their history.
fn save_histories(world: &mut World, login: &Login) {
    for shell in login.shells.iter().filter_map(Shell::bash) {
        save_history(world, login.machine, &mut shell.clone());
    }
}

/// A shell hears that its terminal is gone: it tells what it has started, and writes its history.
fn hear(world: &mut World, machine: MachineId, shell: &Bash) {
    tell(world, machine, shell);
    save_history(world, machine, &mut shell.clone());
}

/// A shell that loses its terminal tells it to what it has started.
fn tell(world: &mut World, machine: MachineId, shell: &Bash) {
    for pid in world.linux(machine).processes.below(shell.pid) {
        kernel::signal(world, machine, pid, SIGHUP);
        kernel::signal(world, machine, pid, kernel::SIGCONT);
    }
}

/// The session is over: its shells end on all machines, and its logins. Whether what runs in front goes on without it.
pub fn hung_up(cx: &mut Context<'_>) -> bool {
    let why = why(cx.session);
    let goes_on = outlives(cx);
    let logins = logins(cx.session);
    for (place, login) in logins.iter().enumerate() {
        for shell in login.shells.iter().filter_map(Shell::bash) {
            // What goes down is the first machine of the way; on those behind it the terminal is gone.
            if why == Why::Down && place == 0 {
                for pid in cx.world.linux(login.machine).processes.below(shell.pid) {
                    kernel::signal(cx.world, login.machine, pid, SIGKILL);
                }
            } else {
                tell(cx.world, login.machine, shell);
            }
        }
    }
    if !goes_on {
        clear(cx);
    }
    for (place, login) in logins.iter().enumerate() {
        if why != Why::Crash || place > 0 {
            save_histories(cx.world, login);
        }
        log_out(cx, login);
    }
    goes_on
}

/// Whether what runs in front of a session minds no hang-up.
fn outlives(cx: &Context<'_>) -> bool {
    let front = front(cx);
    let processes = &cx.world.linux(cx.session.machine).processes;
    let below = cx.session.shells.iter().filter_map(Shell::bash).flat_map(|shell| processes.below(shell.pid));
    let mut below = below.filter_map(|pid| processes.get(pid));
    why(cx.session) == Why::Left
        && below
            .any(|process| front(process) && (process.ignored.contains(&SIGHUP) || process.caught.contains(&SIGHUP)))
}

/// Whether a process belongs to what runs in front of the session.
fn front(cx: &Context<'_>) -> impl Fn(&Process) -> bool + use<> {
    let (tty, foreground) = (tty(cx.session), *cx.foreground);
    move |process| {
        let in_front = !process.leads_on && process.group == 0 || Some(process.group) == foreground;
        process.live && in_front && process.tty.as_deref() == Some(&tty)
    }
}

/// Takes out of the process table what ran in front of a session and was cut off.
pub fn clear(cx: &mut Context<'_>) {
    let (front, machine) = (front(cx), cx.session.machine);
    let kept: Vec<u32> = logins(cx.session)
        .iter()
        .filter(|login| login.machine == machine)
        .flat_map(|login| login.shells.iter().filter_map(Shell::bash).map(|shell| shell.pid).collect::<Vec<_>>())
        .collect();
    let gone = |pid: u32, process: &Process| front(process) && !kept.contains(&pid);
    if cx.world.linux(machine).processes.iter().any(|(pid, process)| gone(pid, process)) {
        cx.world.linux_mut(machine).processes.retain(|pid, process| !gone(pid, process));
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
        if let Some(login) = logins(cx.session).pop() {
            log_out(cx, &login);
        }
        match go_back(cx) {
            Some(called) if called.is_empty() => {}
            Some(called) => cx.line(&format!("Connection to {called} closed.")),
            None => cx.session.closed = Some(Closed::Exit),
        }
    }
    back(cx, status);
}

/// The person is back in a shell, with the status of what led on from it. One whose place a program had taken is over, too.
fn back(cx: &mut Context<'_>, status: u8) {
    let Some(Shell::Linux(bash)) = cx.session.shells.last_mut() else { return };
    let bash = Arc::make_mut(bash);
    bash.status = status;
    if bash.spent {
        leave(cx, status);
    }
}

/// A shell is over by a signal: the one from which it was started says so.
pub fn killed(cx: &mut Context<'_>, signal: u8) {
    let inner = cx.session.shells.len() > 1;
    if let Some(bash) = cx.session.shells.last().and_then(Shell::bash).filter(|_| signal == SIGHUP).cloned() {
        hear(cx.world, cx.session.machine, &bash);
    }
    leave(cx, if inner { 128 + signal } else { 255 });
    if let Some(text) = kernel::death(signal).filter(|_| inner) {
        cx.line(&text);
    }
}

/// A machine through which the person came went down: what lies beyond it is lost, and the shell before it is typed into.
pub fn lose(cx: &mut Context<'_>, machine: MachineId, why: Closed) {
    while cx.session.passes(machine) {
        let Some(login) = logins(cx.session).pop() else { return };
        if login.machine != machine {
            cut_off(cx, &login);
        } else if why != Closed::PowerCut {
            save_histories(cx.world, &login);
        }
        let Some(called) = go_back(cx) else { return };
        if !cx.session.passes(machine) {
            broken(cx, &called);
        }
    }
    back(cx, 255);
}

/// A console is left that was opened from another machine: its program is over, and what was reached through it.
pub fn escape(cx: &mut Context<'_>) {
    while let Some(login) = logins(cx.session).pop() {
        cut_off(cx, &login);
        match go_back(cx) {
            Some(called) if !called.is_empty() => {}
            _ => break,
        }
    }
    back(cx, 0);
}

/// The person is back on the machine from which the innermost one was reached, and the program is over that led on from there.
/// Gives the name by which that machine was called, as [`Session::pop_layer`] does.
fn go_back(cx: &mut Context<'_>) -> Option<String> {
    let by = cx.session.outer.last()?.by;
    let called = cx.session.pop_layer();
    let now = cx.now();
    let linux = cx.world.linux_mut(cx.session.machine);
    let way = linux.processes.way_to(by);
    linux.way_closes(by, false, &way, now);
    linux.processes.end_way(by);
    called
}

/// A login behind which the connection has broken: its shells are told.
fn cut_off(cx: &mut Context<'_>, login: &Login) {
    for shell in login.shells.iter().filter_map(Shell::bash) {
        hear(cx.world, login.machine, shell);
    }
    log_out(cx, login);
}

/// What the secure shell says of a connection that broke.
fn broken(cx: &mut Context<'_>, called: &str) {
    if !called.is_empty() {
        cx.line(&format!("Connection to {called} closed by remote host."));
        cx.line(&format!("Connection to {called} closed."));
    }
}

/// Whether somebody has ended a shell of a session at its prompt, what has led to it, or the connection of one of its logins.
#[must_use]
pub fn struck(world: &World, session: &Session) -> Option<Blow> {
    // A shell at a keyboard takes no notice of these: INT, QUIT, TERM, CHLD, CONT, what stops jobs, URG, WINCH.
    const HARMLESS: [u8; 10] = [2, 3, 15, 17, 18, 20, 21, 22, 23, 28];
    let sent = |machine: MachineId, pid: u32| {
        let process = world.linux(machine).processes.get(pid)?;
        process.pending.filter(|signal| !process.caught.contains(signal)).map(|signal| (process, signal))
    };
    // What ends of the programs on a way: the one that was sent a signal, or the one to which it is passed on.
    let ends = |machine: MachineId, way: &[u32]| {
        let processes = &world.linux(machine).processes;
        way.iter().enumerate().find_map(|(place, pid)| {
            let (_, signal) = sent(machine, *pid)?;
            let takes = |pid: u32| processes.get(pid).is_some_and(|process| !spares(process, signal));
            let mut receivers = way[..=place].iter().rev().copied();
            receivers
                .by_ref()
                .find(|pid| !passes_on(processes, *pid, signal))
                .filter(|pid| takes(*pid))
                .map(|pid| (pid, signal))
        })
    };
    for (login, Login { machine, shells, tty }) in logins(session).into_iter().enumerate() {
        let client = login.checked_sub(1).and_then(|before| session.outer.get(before));
        let way = client.map(|layer| (layer.machine, world.linux(layer.machine).processes.way_to(layer.by)));
        if let Some((pid, signal)) = way.and_then(|(machine, way)| ends(machine, &way)) {
            return Some(Blow { login, what: Struck::Client(pid, signal) });
        }
        let processes = &world.linux(machine).processes;
        let own = shells.first().and_then(Shell::bash).map(|bash| source(processes, bash));
        let daemon = own.or_else(|| {
            let mut present = world.linux(machine).logins.present();
            Some(present.find(|record| Some(&record.tty) == tty.as_ref())?.pid)
        });
        if daemon.and_then(|pid| sent(machine, pid)).is_some_and(|(process, _)| process.is_connection()) {
            return Some(Blow { login, what: Struck::Connection });
        }
        for (shell, bash) in shells.iter().enumerate().filter_map(|(place, shell)| Some((place, shell.bash()?))) {
            if let Some((pid, signal)) = ends(machine, &processes.way_to(bash.pid)) {
                return Some(Blow { login, what: Struck::Way(shell, pid, signal) });
            }
            if let Some((_, signal)) = sent(machine, bash.pid).filter(|(_, signal)| !HARMLESS.contains(signal)) {
                return Some(Blow { login, what: Struck::Shell(shell, signal) });
            }
        }
    }
    None
}

/// Whether a program behind which the person types takes no notice of a signal.
fn spares(process: &Process, signal: u8) -> bool {
    // CHLD, CONT, what stops jobs, URG, WINCH.
    const NEVER: [u8; 7] = [17, 18, 20, 21, 22, 23, 28];
    // From the keyboard these are for the shell.
    const KEYS: [u8; 2] = [2, 3];
    NEVER.contains(&signal)
        || match process.comm() {
            "su" | "sudo" => KEYS.contains(&signal),
            "ssh" => signal == SIGPIPE,
            _ => false,
        }
}

/// Whether a program only passes a signal on to what it has started: `sudo`, whose shell does not mind.
fn passes_on(processes: &Processes, pid: u32, signal: u8) -> bool {
    signal == SIGTERM && processes.get(pid).is_some_and(|process| process.comm() == "sudo")
}

/// Shells and logins end that were struck, with all that was gone on to from there.
pub fn fall(cx: &mut Context<'_>, blow: Blow) {
    while cx.session.outer.len() > blow.login {
        if let Some(login) = logins(cx.session).pop() {
            cut_off(cx, &login);
        }
        go_back(cx);
    }
    match blow.what {
        Struck::Shell(shell, signal) => {
            fall_back(cx, shell);
            killed(cx, signal);
        }
        Struck::Way(shell, pid, signal) => {
            fall_back(cx, shell);
            let comm = cx.world.linux(cx.session.machine).processes.get(pid).map(Process::comm);
            // It takes its shell with it.
            if signal == SIGTERM && comm == Some("su") {
                cx.line("");
                cx.line("Session terminated, killing shell... ...killed.");
            }
            killed(cx, signal);
        }
        Struck::Connection | Struck::Client(..) => {
            // HUP, INT, QUIT, TERM: with these ssh(1) ends by itself.
            const CAUGHT: [u8; 4] = [1, 2, 3, 15];
            let before = cx.session.outer.last().map(|layer| layer.machine);
            let ends_itself = |pid: u32, signal: u8| {
                let process = before.and_then(|machine| cx.world.linux(machine).processes.get(pid));
                process.is_some_and(|process| process.comm() == "ssh") && CAUGHT.contains(&signal)
            };
            let dies = match blow.what {
                Struck::Client(pid, signal) => (!ends_itself(pid, signal)).then_some(signal),
                _ => None,
            };
            if let Some(login) = logins(cx.session).pop() {
                cut_off(cx, &login);
            }
            let Some(called) = go_back(cx) else {
                cx.session.shells.clear();
                cx.session.closed = Some(Closed::HangUp);
                return;
            };
            if blow.what == Struck::Connection {
                broken(cx, &called);
            }
            if let Some(text) = dies.and_then(kernel::death) {
                cx.line(&text);
            }
            back(cx, dies.map_or(255, |signal| 128 + signal));
        }
    }
}

/// Shells end that were started from one that is struck.
fn fall_back(cx: &mut Context<'_>, shell: usize) {
    while cx.session.shells.len() > shell + 1 {
        if let Some(Shell::Linux(bash)) = cx.session.shells.pop() {
            hear(cx.world, cx.session.machine, &bash);
            ended(cx, cx.session.machine, &bash);
        }
    }
}
