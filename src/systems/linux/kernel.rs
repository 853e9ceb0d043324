//! What the kernel does for programs: opening files and devices, starting and ending processes, passing on signals.

use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use super::fs::{self, Content, Cred, Errno, Kind};
use super::io::{Open, OpenFile};
use super::model::Process;
use super::proc::Mode;
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
            Kind::Char { major: 5 | 136, .. } => return Ok(None),
            Kind::Char { .. } | Kind::Block { .. } | Kind::Fifo | Kind::Socket => return Err(Errno::Nxio),
            Kind::File(Content::Made(name)) if matches!(mode, Mode::Append | Mode::Both) => {
                let name = name.clone();
                let text = super::made::make(world, id, &name);
                world.linux_mut(id).fs.fix(ino, text.into_bytes());
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
    Ok(Some(Arc::new(Open::File(OpenFile {
        machine: id,
        ino,
        path: path.to_owned(),
        at: AtomicU64::new(0),
        append: mode == Mode::Append,
        reads,
        writes,
    }))))
}

/// Starts a program as the child of another.
pub fn start(world: &mut World, id: MachineId, ppid: u32, uid: u32, command: &[String]) -> u32 {
    let started = world.now;
    let processes = &mut world.linux_mut(id).processes;
    let tty = processes.get(ppid).and_then(|parent| parent.tty.clone());
    let command = command.join(" ");
    processes.start(Process { ppid, uid, tty, command, started, unit: None, pending: None, live: true, ended: None })
}

/// Ends a program: its parent is told if it waits for it.
pub fn exit(world: &mut World, id: MachineId, pid: u32, status: u8) {
    let processes = &mut world.linux_mut(id).processes;
    if let Some(process) = processes.get_mut(pid) {
        process.ended = Some(status);
    }
    world.nudge(id, pid);
}

/// The machine has lost its memory: no process is left, and programs that were connected to one notice.
pub fn lose_processes(world: &mut World, id: MachineId) {
    let lost = std::mem::take(&mut world.linux_mut(id).processes);
    for (pid, _) in lost.iter().filter(|(_, process)| process.live) {
        world.nudge(id, pid);
    }
}

/// Sends a signal to a process. `false` when there is none of that number.
pub fn signal(world: &mut World, id: MachineId, pid: u32, signal: u8) -> bool {
    let processes = &mut world.linux_mut(id).processes;
    match processes.get_mut(pid) {
        None => return false,
        Some(process) if process.live => process.pending = Some(signal),
        Some(_) => {
            processes.remove(pid);
        }
    }
    world.nudge(id, pid);
    true
}
