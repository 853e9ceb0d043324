//! A running program as it sees itself: its machine, its user, its open files. Programs read, write and wait through this
//! and nothing else, so each of them can be one stage of a pipeline.

mod streams;
mod waits;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::task::Poll;

use super::distro::Dialect;
use super::fs::{CONTENT_MAX, Cred, Errno, Fs, INODES_MAX, Ino, Kind};
use super::io::{Control, Cut, Descriptors, Open};
use super::model::Linux;
use super::terminal::Connection;
use super::tools::{busybox, quotes};
use super::{kernel, made_files};
use crate::shell::{Cx, Order};
use crate::sim::Instant;
use crate::world::{MachineId, Shell, World};

/// What a program comes to: its exit status, unless it is cut off.
pub type Ended = Result<u8, Cut>;

/// So much is read at once.
pub const CHUNK: usize = 16 * 1024;
/// So much may a program hold that has to read all of its input (`sort`, `tac`), in bytes.
pub const HELD: usize = 32 * 1024 * 1024;

/// No process has this number: by it those are told who wait for a pipe to another line or job.
pub const PIPES: u32 = u32::MAX;

/// A running program.
pub struct Proc {
    /// The lab.
    pub cx: Cx,
    /// What the programs of the command line share.
    pub control: Arc<Control>,
    /// On which machine it runs.
    pub machine: MachineId,
    /// Its number.
    pub pid: u32,
    /// Its parent's number.
    pub ppid: u32,
    /// The number of the background job that it belongs to, 0 in front: what is sent to the job reaches all of them.
    pub group: u32,
    /// The login name of its user.
    pub user: String,
    /// What it may do.
    pub cred: Cred,
    /// Its working directory.
    pub cwd: String,
    /// Permission bits that new files do not get.
    pub umask: u16,
    /// Its environment.
    pub env: Arc<BTreeMap<String, String>>,
    /// Its open files.
    pub files: Descriptors,
    /// By which name it was called: its messages begin with it.
    pub name: String,
    /// The first trouble that a write came to.
    pub write_error: Option<Errno>,
    /// What it wants of the shell that started it.
    pub request: Option<Request>,
    /// How deep the shells, functions and programs that called each other are.
    pub depth: u32,
}

/// What a program can want of the shell that started it.
#[derive(Clone, Debug)]
pub enum Request {
    /// That the person types into this shell from now on.
    Enter(Shell),
    /// The same on another machine.
    Connect(Connection, Shell),
    /// That the person looks at a session of a multiplexer until that is left.
    Look(Order),
}

/// How a file is opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// To be read.
    Read,
    /// To be written from its beginning; what was in it is gone.
    Write,
    /// The same, unless it is there already.
    WriteNew,
    /// To be written at its end.
    Append,
    /// To be read and written.
    Both,
}

impl Proc {
    /// Reaches the world for the length of a closure, with the program's machine.
    pub fn world<R>(&self, reach: impl FnOnce(&mut World, MachineId) -> R) -> R {
        self.cx.with(|cx| reach(cx.world, self.machine))
    }

    /// Reaches the program's machine.
    pub fn linux<R>(&self, reach: impl FnOnce(&mut Linux) -> R) -> R {
        self.world(|world, id| reach(world.linux_mut(id)))
    }

    /// Reads the program's machine.
    pub fn peek<R>(&self, reach: impl FnOnce(&Linux) -> R) -> R {
        self.world(|world, id| reach(world.linux(id)))
    }

    /// Reaches the file system, with the present moment.
    ///
    /// # Errors
    /// What the file system says.
    pub fn fs<R>(&self, reach: impl FnOnce(&mut Fs, Instant) -> Result<R, Errno>) -> Result<R, Errno> {
        self.world(|world, id| {
            let now = world.now;
            reach(&mut world.linux_mut(id).fs, now)
        })
        .inspect_err(|errno| self.full(self.machine, *errno))
    }

    /// Says it when what a machine keeps is at its end, and not its disk.
    fn full(&self, machine: MachineId, errno: Errno) {
        if errno == Errno::Nospc
            && self.cx.with(|cx| cx.world.linux_mut(machine).fs.take_crammed())
            && self.control.ledger.tells()
        {
            let (mib, files) = (CONTENT_MAX >> 20, INODES_MAX);
            let text = format!("a machine keeps at most {mib} MiB in {files} files: to its programs the disk is full");
            self.cx.with(|cx| cx.screen.aside(&text));
        }
    }

    /// Virtual time.
    #[must_use]
    pub fn now(&self) -> Instant {
        self.cx.with(|cx| cx.now())
    }

    /// Whether a person types into it and reads what it prints.
    #[must_use]
    pub fn at_keyboard(&self) -> bool {
        self.files.is_terminal(0) && self.files.is_terminal(1)
    }

    /// A variable of its environment.
    #[must_use]
    pub fn env(&self, name: &str) -> Option<&str> {
        self.env.get(name).map(String::as_str)
    }

    /// A text with the program's name before it, on standard error.
    ///
    /// # Errors
    /// [`Cut`]
    pub async fn complain(&mut self, text: &str) -> Result<(), Cut> {
        let applet = self.peek(|linux| linux.distro.dialect()) == Dialect::Ash;
        // An applet says its name without the directory that it was called in.
        let name = if applet { self.name.rsplit('/').next().unwrap_or_default() } else { &self.name };
        let text = if applet { busybox::reworded(name, text) } else { quotes::shown(self, text) };
        let line = format!("{name}: {text}\n");
        self.write(2, line.as_bytes()).await
    }

    /// The same, with exit status 1.
    ///
    /// # Errors
    /// [`Cut`]
    pub async fn fail(&mut self, text: &str) -> Ended {
        self.complain(text).await?;
        Ok(1)
    }

    /// Says that the real program does something that is not modelled; status 1.
    ///
    /// # Errors
    /// None; programs can return it.
    pub fn gap(&self, what: &str) -> Ended {
        self.cx.with(|cx| cx.screen.aside(&format!("not modelled: {what}")));
        Ok(1)
    }

    /// Says that what was printed has no source.
    pub fn inferred(&self) {
        self.cx.with(|cx| cx.screen.mark_inferred());
    }

    /// Opens a file.
    ///
    /// # Errors
    /// What the file system says.
    pub fn open(&self, path: &str, mode: Mode) -> Result<Arc<Open>, Errno> {
        if let Some(fd) = descriptor(path) {
            let open = self.files.get(fd).ok_or(Errno::Noent)?;
            // A file that is open to be written is opened once more to be read.
            return Ok(match &**open {
                Open::File(file) if mode == Mode::Read && !file.reads => Arc::new(Open::File(file.to_be_read())),
                _ => Arc::clone(open),
            });
        }
        let mut path = path.to_owned();
        if let Some(rest) = path.strip_prefix("/proc/") {
            self.list_processes();
            let own = rest.strip_prefix("self/").filter(|rest| *rest != "mounts");
            path = own.map_or_else(|| path.clone(), |rest| format!("/proc/{}/{rest}", self.pid));
        }
        self.world(|world, id| kernel::open(world, id, &self.cred, &self.cwd, &path, mode, self.umask))
            .map(|opened| opened.unwrap_or_else(|| Arc::new(Open::Terminal)))
            .inspect_err(|errno| {
                self.full(self.machine, *errno);
                if *errno == Errno::Nxio && self.is_disk(&path) {
                    let _ = self.gap(&format!("what is on {path}"));
                }
            })
    }

    fn is_disk(&self, path: &str) -> bool {
        let ino = self.lookup(path);
        ino.is_ok_and(|ino| self.peek(|linux| matches!(linux.fs.node(ino).kind, Kind::Block { .. })))
    }

    /// The number of the file at `path`, links followed.
    ///
    /// # Errors
    /// What the file system says.
    pub fn lookup(&self, path: &str) -> Result<Ino, Errno> {
        self.peek(|linux| linux.fs.lookup(&self.cred, &self.cwd, path))
    }

    /// All of what a path stands for, be it the pipe of a process substitution, which takes its time.
    ///
    /// # Errors
    /// [`Cut`]; within it what the file system says.
    pub async fn read_whole(&mut self, path: &str) -> Result<Result<Vec<u8>, Errno>, Cut> {
        match descriptor(path) {
            Some(fd) if self.files.get(fd).is_some() => Ok(Ok(self.read_all(fd).await?)),
            _ => Ok(self.read_path(path)),
        }
    }

    /// All of a file that is there at once.
    ///
    /// # Errors
    /// What the file system says.
    pub fn read_path(&self, path: &str) -> Result<Vec<u8>, Errno> {
        if let Some(fd) = descriptor(path) {
            let open = self.files.get(fd).ok_or(Errno::Noent)?;
            return match &**open {
                Open::File(file) => Ok(self.read_open(file, HELD, None)),
                open => match open.read_alone(HELD, None) {
                    Some(Poll::Ready(bytes)) => Ok(bytes),
                    _ => Err(Errno::Nxio),
                },
            };
        }
        self.world(|world, id| {
            let fs = &world.linux(id).fs;
            let ino = fs.lookup(&self.cred, &self.cwd, path)?;
            if matches!(fs.node(ino).kind, Kind::Dir { .. }) {
                return Err(Errno::Isdir);
            }
            if matches!(fs.node(ino).kind, Kind::Char { major: 1, minor: 3 }) {
                return Ok((Vec::new(), false));
            }
            fs.read(&self.cred, ino)?;
            let now = world.now;
            world.linux_mut(id).fs.was_read(ino, now);
            Ok((made_files::slice(world, id, ino, 0, HELD), made_files::is_inferred(world, id, ino)))
        })
        .map(|(bytes, inferred)| {
            if inferred {
                self.inferred();
            }
            bytes
        })
    }

    /// Puts `bytes` into a file in place of what was in it.
    ///
    /// # Errors
    /// What the file system says.
    pub fn write_path(&self, path: &str, bytes: &[u8]) -> Result<(), Errno> {
        match &*self.open(path, Mode::Write)? {
            Open::File(file) => self.write_file(file, bytes),
            Open::Full => Err(Errno::Nospc),
            _ => Ok(()),
        }
    }

    /// The program behind the process `pid`: a child of process 1 in the root directory, without an environment.
    #[must_use]
    pub fn new(
        cx: &Cx,
        machine: MachineId,
        pid: u32,
        name: &str,
        (user, cred): (&str, Cred),
        files: Descriptors,
    ) -> Self {
        Self {
            cx: cx.clone(),
            control: Arc::new(Control::default()),
            machine,
            pid,
            ppid: 1,
            group: 0,
            user: user.to_owned(),
            cred,
            cwd: "/".to_owned(),
            umask: 0o022,
            env: Arc::default(),
            files,
            name: name.to_owned(),
            write_error: None,
            request: None,
            depth: 0,
        }
    }

    /// The same program once more, for a part of it that goes on by itself.
    #[must_use]
    pub fn again(&self) -> Self {
        Self {
            cx: self.cx.clone(),
            control: Arc::clone(&self.control),
            machine: self.machine,
            pid: self.pid,
            ppid: self.ppid,
            group: self.group,
            user: self.user.clone(),
            cred: self.cred.clone(),
            cwd: self.cwd.clone(),
            umask: self.umask,
            env: Arc::clone(&self.env),
            files: self.files.clone(),
            name: self.name.clone(),
            write_error: None,
            request: None,
            depth: self.depth,
        }
    }

    /// A program started by this one: the same in all but number and name.
    #[must_use]
    pub fn child(&self, command: &[String]) -> Self {
        let pid = self.world(|world, id| kernel::start(world, id, self.pid, self.cred.uid, command));
        Self { pid, ppid: self.pid, name: command.first().cloned().unwrap_or_default(), ..self.again() }
    }

    /// The same process with another program in it.
    #[must_use]
    pub fn becoming(&self, command: &[String]) -> Self {
        self.rename(&command.join(" "));
        Self { name: command.first().cloned().unwrap_or_default(), ..self.again() }
    }

    /// Whether it may send a signal to a process: to those of its own user, root to all, and CONT within a login (kill(2)). One
    /// that is not there stands in nobody's way.
    #[must_use]
    pub fn may_signal(&self, pid: u32, signal: u8) -> bool {
        self.peek(|linux| {
            let Some(process) = linux.processes.get(pid) else { return true };
            let login = |pid: u32| linux.processes.get(pid).map(|process| process.login);
            let own = self.cred.is_root() || process.uid == self.cred.uid;
            own || signal == kernel::SIGCONT && login(self.pid) == Some(process.login)
        })
    }

    /// The signal that was sent to it and has not been dealt with.
    #[must_use]
    pub fn take_signal(&self) -> Option<u8> {
        self.linux(|linux| linux.processes.get_mut(self.pid)?.pending.take())
    }

    /// Ends as a process: whoever waits for it is told. One that the person goes on from stays.
    pub fn exit(&self, status: u8) {
        if self.lead_on() {
            return;
        }
        if self.files.join_others(&self.control) {
            self.world(|world, id| world.nudge(id, PIPES));
        }
        self.world(|world, id| kernel::exit(world, id, self.pid, status));
    }

    /// Stays though it has nothing left to do, as the shell that the person types into from now on, or above it: whether it
    /// is so.
    pub fn lead_on(&self) -> bool {
        let shell = match &self.request {
            Some(Request::Enter(Shell::Linux(bash))) => Some(bash.pid),
            Some(Request::Connect(..)) => None,
            _ => return false,
        };
        self.linux(|linux| linux.processes.lead_on(self.pid, shell));
        true
    }

    /// Takes what has ended out of the process table.
    pub fn reap(&self) {
        self.linux(|linux| linux.processes.remove_ended(self.pid));
    }

    /// Shows another command line to `ps`.
    pub fn rename(&self, command: &str) {
        self.linux(|linux| {
            if let Some(process) = linux.processes.get_mut(self.pid) {
                command.clone_into(&mut process.command);
            }
        });
    }
}

/// The descriptor that a path of `/dev` stands for.
pub fn descriptor(path: &str) -> Option<u32> {
    match path {
        "/dev/stdin" => Some(0),
        "/dev/stdout" => Some(1),
        "/dev/stderr" => Some(2),
        _ => path.strip_prefix("/dev/fd/").or_else(|| path.strip_prefix("/proc/self/fd/"))?.parse().ok(),
    }
}
