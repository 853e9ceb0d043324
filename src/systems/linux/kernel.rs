//! What the kernel does for programs: opening files and devices, starting and ending processes, passing on signals.

use std::borrow::Cow;
use std::sync::Arc;

use super::fs::{self, Access, Content, Cred, Errno, Kind};
use super::io::{Open, OpenFile};
use super::model::Process;
use super::proc::Mode;
use super::unit_programs;
use crate::world::{MachineId, World};

/// Opens a file; nothing for the terminal.
///
/// # Errors
/// What the file system says.
pub fn open(
    world: &mut World,
    id: MachineId,
    cred: &Cred,
    cwd: &str,
    path: &str,
    mode: Mode,
    umask: u16,
) -> Result<Option<Arc<Open>>, Errno> {
    let now = world.now;
    let fs = &mut world.linux_mut(id).fs;
    // Devices are seen before anything is made or emptied.
    if let Ok(ino) = fs.lookup(cred, cwd, path) {
        match &fs.node(ino).kind {
            Kind::Char { major: 1, minor: 3 } => return Ok(Some(Arc::new(Open::Null))),
            Kind::Char { major: 1, minor: 5 } => return Ok(Some(Arc::new(Open::Zero))),
            Kind::Char { major: 1, minor: 7 } => return Ok(Some(Arc::new(Open::Full))),
            Kind::Char { major: 1, minor: 8 | 9 } => return Ok(Some(Arc::new(Open::Random))),
            Kind::Char { major: 5 | 136, .. } => return Ok(None),
            Kind::Char { .. } | Kind::Block { .. } | Kind::Fifo | Kind::Socket => {
                fs.access(cred, ino, if mode == Mode::Read { Access::READ } else { Access::WRITE })?;
                return Err(Errno::Nxio);
            }
            Kind::File(Content::Made(name)) if matches!(mode, Mode::Append | Mode::Both) => {
                let name = name.clone();
                let bytes = super::made_files::make(world, id, &name);
                world.linux_mut(id).fs.fix(ino, bytes);
            }
            Kind::Dir { .. } | Kind::File(_) | Kind::Link(_) => {}
        }
    }
    let (reads, writes) = (matches!(mode, Mode::Read | Mode::Both), mode != Mode::Read);
    let how = fs::Open {
        read: reads,
        write: writes,
        create: writes.then_some(0o666 & !umask),
        exclusive: mode == Mode::WriteNew,
        truncate: mode == Mode::Write,
    };
    let ino = world.linux_mut(id).fs.open(cred, cwd, path, how, now)?;
    if reads {
        world.linux_mut(id).fs.was_read(ino, now);
    }
    let append = mode == Mode::Append;
    Ok(Some(Arc::new(Open::File(OpenFile { append, reads, writes, ..OpenFile::new(id, ino, path) }))))
}

/// Starts a program as the child of another.
pub fn start(world: &mut World, id: MachineId, ppid: u32, uid: u32, command: &[String]) -> u32 {
    let started = world.now;
    let processes = &mut world.linux_mut(id).processes;
    let parent = processes.get(ppid);
    let (tty, group, login) = parent.map_or((None, 0, 0), |parent| (parent.tty.clone(), parent.group, parent.login));
    let limits = parent.map(|parent| parent.limits.clone()).unwrap_or_default();
    let nice = parent.map_or(0, |parent| parent.nice);
    let (ignored, hung) = parent.map_or_else(Default::default, |parent| (parent.ignored.clone(), parent.hung));
    let unit = parent.and_then(|parent| parent.unit.clone());
    let own = Process::daemon(ppid, uid, &command.join(" "), unit.as_deref(), started);
    processes.start(Process { tty, live: true, group, login, nice, limits, ignored, hung, ..own })
}

/// Ends a program: its parent is told if it waits for it. One that has none is gone at once, and may be the last of a login.
pub fn exit(world: &mut World, id: MachineId, pid: u32, status: u8) {
    let now = world.now;
    let linux = world.linux_mut(id);
    if let Some(process) = linux.processes.get_mut(pid) {
        process.ended = Some(status);
        let (ppid, login) = (process.ppid, process.login);
        let unit = process.unit.clone();
        if ppid <= 1 || linux.processes.get(ppid).is_none() {
            linux.processes.remove(pid);
            linux.last_of_login(login, now);
            if let Some(unit) = unit {
                unit_programs::ended(world, id, &unit, pid, status);
            }
        }
    }
    world.nudge(id, pid);
}

/// A program whose connection broke is gone, and whatever it has started: what it writes next would end it. One that writes
/// nothing would go on for a while on a real machine.
pub fn vanish(world: &mut World, id: MachineId, pid: u32) {
    let processes = &mut world.linux_mut(id).processes;
    let mut gone = vec![pid];
    while let Some(pid) = gone.pop() {
        gone.extend(processes.iter().filter(|(_, process)| process.ppid == pid).map(|(child, _)| child));
        processes.remove(pid);
    }
}

/// The machine has lost its memory: no process is left, and programs that were connected to one notice.
pub fn lose_processes(world: &mut World, id: MachineId) {
    let lost = std::mem::take(&mut world.linux_mut(id).processes);
    for (pid, _) in lost.iter().filter(|(_, process)| process.live) {
        world.nudge(id, pid);
    }
}

/// Ctrl-Z.
pub const SIGTSTP: u8 = 20;
/// Reading from a terminal behind the prompt.
pub const SIGTTIN: u8 = 21;
/// What lets stopped processes go on.
pub const SIGCONT: u8 = 18;

/// The signals that stop a process: the one that none withstands, Ctrl-Z, and reading from or writing to a terminal behind
/// the prompt.
const STOPS: [u8; 4] = [19, SIGTSTP, SIGTTIN, 22];

/// Stops a process or lets it go on, together with all of its job. A shell at its prompt does not mind.
fn halt(world: &mut World, id: MachineId, pid: u32, signal: Option<u8>) {
    let processes = &mut world.linux_mut(id).processes;
    let Some(process) = processes.get(pid) else { return };
    let (group, alone) = (process.group, process.group == 0);
    if process.live && alone || pid == 1 || process.is_kernels() {
        return;
    }
    let all: Vec<u32> = if alone { vec![pid] } else { processes.group(group).map(|(pid, _)| pid).collect() };
    for pid in all {
        if let Some(process) = processes.get_mut(pid) {
            process.stopped = signal;
        }
    }
    let of_unit = alone && processes.get(pid).is_some_and(|process| process.unit.is_some());
    world.nudge(id, if alone { pid } else { group });
    if of_unit {
        super::events::stirred(world, id);
    }
}

/// Sends a signal to all processes of a job.
pub fn signal_group(world: &mut World, id: MachineId, group: u32, sent: u8) {
    let all: Vec<u32> = world.linux(id).processes.group(group).map(|(pid, _)| pid).collect();
    for pid in all {
        signal(world, id, pid, sent);
    }
}

/// Sends a signal to a process. `false` when there is none of that number. The first process and the threads of the kernel
/// do not mind; a daemon reads its settings again on a hang-up; everything else that has no coroutine ends at once, and its
/// unit is told.
pub fn signal(world: &mut World, id: MachineId, pid: u32, signal: u8) -> bool {
    const HARMLESS: [u8; 4] = [1, 10, 12, 17];
    if world.linux(id).processes.get(pid).is_none() {
        return false;
    }
    if STOPS.contains(&signal) {
        halt(world, id, pid, Some(signal));
        return true;
    }
    if matches!(signal, SIGCONT | super::io::SIGKILL) {
        halt(world, id, pid, None);
    }
    if signal == SIGCONT {
        return true;
    }
    let processes = &mut world.linux_mut(id).processes;
    let Some(process) = processes.get_mut(pid) else { return false };
    if process.ignored.contains(&signal) {
        return true;
    }
    if process.live {
        process.pending = Some(signal);
    } else if pid == 1 || process.is_kernels() || HARMLESS.contains(&signal) {
        if let Some(unit) = process.unit.clone().filter(|_| signal == super::io::SIGHUP) {
            super::events::reload_unit(world, id, &unit);
        }
        return true;
    } else {
        let unit = process.unit.clone();
        let gone = processes.remove(pid);
        if let (Some(process), true) = (gone, world.linux(id).is_host()) {
            let now = world.now;
            world.linux_mut(id).host_lost(&process, signal, now);
        }
        if let Some(unit) = unit {
            super::events::unit_struck(world, id, &unit, pid, signal);
        }
    }
    world.nudge(id, pid);
    true
}

/// What a shell says of a program that a signal ended; nothing of what ends with a key or a closed pipe.
#[must_use]
pub fn death(signal: u8) -> Option<Cow<'static, str>> {
    Some(Cow::Borrowed(match signal {
        1 => "Hangup",
        3 => "Quit",
        4 => "Illegal instruction",
        5 => "Trace/breakpoint trap",
        6 => "Aborted",
        7 => "Bus error",
        8 => "Floating point exception",
        9 => "Killed",
        10 => "User defined signal 1",
        11 => "Segmentation fault",
        12 => "User defined signal 2",
        14 => "Alarm clock",
        15 => "Terminated",
        16 => "Stack fault",
        24 => "CPU time limit exceeded",
        25 => "File size limit exceeded",
        26 => "Virtual timer expired",
        27 => "Profiling timer expired",
        29 => "I/O possible",
        30 => "Power failure",
        31 => "Bad system call",
        34..=64 => return Some(Cow::Owned(format!("Real-time signal {}", signal - 34))),
        _ => return None,
    }))
}
