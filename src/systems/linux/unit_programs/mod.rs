//! The programs of units. A daemon of the distribution is what its unit is; what somebody wrote runs: scripts and the programs
//! that one types are coroutines in a session that nobody sees. A program of which the lab knows no more than its name is a
//! daemon, too.

mod minder;
mod process;

use super::events;
use super::fs::{Content, Cred};
use super::model::Linux;
use super::model::unit::exec::{Command, Step};
use super::model::unit::{End, Kind, Spec};
use super::model::units::Due;
use super::model::units::running::Work;
use super::tools;
use crate::shell::Task;
use crate::sim::Instant;
use crate::world::{MachineId, World};

/// No process has this number: by it those are told who wait for a unit.
pub const UNITS: u32 = u32::MAX - 1;

/// The programs that one types whose course their words tell; the daemon is both.
const KNOWN: [&str; 4] = ["true", "false", "sleep", "sshd"];

/// How the lab comes to know what the command of a unit does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Course {
    /// It follows from its words, or it is a daemon.
    Told,
    /// It is run.
    Runs,
    /// It is a script for an interpreter that is not modelled.
    Unmodelled,
}

/// How the programs of a unit go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Programs {
    /// They follow from its file.
    Told,
    /// They are run.
    Run,
    /// This one is not modelled.
    Unmodelled(String),
}

/// How the programs of a unit go that somebody wrote.
#[must_use]
pub fn programs(world: &World, id: MachineId, name: &str) -> Programs {
    let linux = world.linux(id);
    let Some(spec) = linux.unit(name).filter(|spec| linux.distro.systemd.is_some() && spec.is_service()) else {
        return Programs::Told;
    };
    let Some(exec) = &spec.exec else { return Programs::Told };
    let courses: Vec<(&Command, Course)> =
        exec.commands.iter().map(|command| (command, course(world, id, command.program()))).collect();
    if let Some((command, _)) = courses.iter().find(|(_, course)| *course == Course::Unmodelled) {
        return Programs::Unmodelled(command.text.clone());
    }
    // What tells a daemon to read its settings again is for those that are run.
    match courses.iter().any(|(command, course)| command.step != Step::Reload && *course == Course::Runs) {
        true => Programs::Run,
        false => Programs::Told,
    }
}

/// What the lab knows of a program.
fn course(world: &World, id: MachineId, path: &str) -> Course {
    let linux = world.linux(id);
    let content = linux.fs.lookup(&Cred::ROOT, "/", path).ok().and_then(|ino| linux.fs.content(ino));
    let modelled = |program: &str| tools::find(world, id, program).is_some();
    match content {
        Some(Content::Program(program, _)) if KNOWN.contains(&program.as_ref()) => Course::Told,
        Some(Content::Program(program, _)) if modelled(program) || super::bash::is_builtin(program) => Course::Runs,
        Some(Content::Bytes(bytes)) if bytes.starts_with(b"#!") => {
            let line = bytes[2..].split(|byte| *byte == b'\n').next().unwrap_or_default();
            let line = String::from_utf8_lossy(line).trim().to_owned();
            let interpreter = line.split_whitespace().next().unwrap_or_default();
            let found = linux.fs.lookup(&Cred::ROOT, "/", interpreter).ok().and_then(|ino| linux.fs.content(ino));
            match found {
                Some(Content::Program(program, _)) if !modelled(program) => Course::Unmodelled,
                _ => Course::Runs,
            }
        }
        _ => Course::Told,
    }
}

/// The task that does what is to be done for a unit.
#[must_use]
pub fn task(machine: MachineId, work: Work) -> Task {
    Task::new(move |cx| minder::mind(cx, machine, work))
}

/// A process of a unit is gone that systemd has to ask for its status.
pub fn ended(world: &mut World, id: MachineId, unit: &str, pid: u32, status: u8) {
    let state = world.linux(id).units.state(unit);
    let is_own = |ran: &super::model::unit::Ran| ran.pid == pid;
    if state.is_none_or(|state| state.turn == 0 || state.commands.iter().any(is_own)) {
        return;
    }
    let end = match status {
        0 => End::Success,
        129.. => End::Signal(status - 128),
        status => End::Exit(status),
    };
    report(world, id, |linux, now| {
        linux.command_ends(unit, pid, end, now);
        Vec::new()
    });
}

/// Something has become of a unit: what follows from it happens, and who waits for a unit looks again.
fn report(world: &mut World, id: MachineId, what: impl FnOnce(&mut Linux, Instant) -> Vec<Due>) {
    let now = world.now;
    let due = what(world.linux_mut(id), now);
    events::went_on(world, id, due);
}

/// Whether a service is down again when its programs have ended, since none of them stays.
fn passes(spec: &Spec) -> bool {
    spec.kind == Kind::Oneshot && !spec.remains
}
