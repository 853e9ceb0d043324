//! A running program as it sees itself: its machine, its user, its open files. Programs read, write and wait through this
//! and nothing else, so each of them can be one stage of a pipeline.

use std::collections::BTreeMap;
use std::future::poll_fn;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::task::Poll;

use super::distro::Dialect;
use super::fs::{CONTENT_MAX, Cred, Errno, Fs, INODES_MAX, Ino, Kind};
use super::io::{Control, Cut, Descriptors, Open, OpenFile};
use super::model::Linux;
use super::tools::{busybox, quotes};
use super::{kernel, made};
use crate::shell::Cx;
use crate::shell::coroutine::{Await, Chosen, Given, Verdict};
use crate::sim::{Instant, Span};
use crate::world::{MachineId, Shell, World};

/// What a program comes to: its exit status, unless it is cut off.
pub type Ended = Result<u8, Cut>;

/// So much is read at once.
pub const CHUNK: usize = 16 * 1024;
/// So much may a program hold that has to read all of its input (`sort`, `tac`), in bytes.
pub const HELD: usize = 32 * 1024 * 1024;

/// No process has this number: by it those are told who wait for a pipe to another line or job.
const PIPES: u32 = u32::MAX;

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
    /// That the person types into this shell from now on, on this machine.
    Enter(MachineId, Shell),
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
        [0, 1].iter().all(|fd| self.files.get(*fd).is_some_and(|open| matches!(**open, Open::Terminal)))
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
        let text = if applet { busybox::reworded(&self.name, text) } else { quotes::shown(self, text) };
        let line = format!("{}: {text}\n", self.name);
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

    /// Prints on standard output.
    ///
    /// # Errors
    /// [`Cut`]
    pub async fn out(&mut self, text: &str) -> Result<(), Cut> {
        self.write(1, text.as_bytes()).await
    }

    /// Prints on standard error.
    ///
    /// # Errors
    /// [`Cut`]
    pub async fn err(&mut self, text: &str) -> Result<(), Cut> {
        self.write(2, text.as_bytes()).await
    }

    /// Writes bytes to a descriptor, waiting for room where there is none.
    ///
    /// # Errors
    /// [`Cut`]: nobody reads any more, a signal came, it is too much. What a file system says is kept in
    /// [`Proc::write_error`].
    pub async fn write(&mut self, fd: u32, bytes: &[u8]) -> Result<(), Cut> {
        if bytes.is_empty() {
            return Ok(());
        }
        let Some(open) = self.files.get(fd).cloned() else {
            self.write_error.get_or_insert(Errno::Badf);
            return Ok(());
        };
        self.tick().await?;
        match &*open {
            Open::Terminal => {
                self.control.print(bytes.len())?;
                self.cx.with(|cx| cx.screen.print(&String::from_utf8_lossy(bytes)));
            }
            Open::File(file) => {
                if let Err(errno) = self.write_file(file, bytes) {
                    self.write_error.get_or_insert(errno);
                }
            }
            Open::Full => {
                self.write_error.get_or_insert(Errno::Nospc);
            }
            other => {
                let mut rest = bytes;
                while !rest.is_empty() {
                    let written = poll_fn(|_| match other.write_alone(rest) {
                        Some(Poll::Ready(written)) => Poll::Ready(written),
                        Some(Poll::Pending) => self.wait(None),
                        None => unreachable!("terminals and files are written above"),
                    });
                    let written = written.await?;
                    self.tell_others(other);
                    rest = &rest[written..];
                }
            }
        }
        Ok(())
    }

    /// What was done to a pipe is news to a line or a job that has its other end.
    fn tell_others(&self, pipe: &Open) {
        if pipe.joins_others(&self.control) {
            self.world(|world, id| world.nudge(id, PIPES));
        }
    }

    fn write_file(&self, file: &OpenFile, bytes: &[u8]) -> Result<(), Errno> {
        if !file.writes {
            return Err(Errno::Badf);
        }
        self.cx
            .with(|cx| {
                let now = cx.world.now;
                let fs = &mut cx.world.linux_mut(file.machine).fs;
                if file.append {
                    return whole(fs.append(&self.cred, file.ino, bytes, now)?, bytes);
                }
                let at = file.at.load(Ordering::Relaxed);
                let written = fs.write_at(&self.cred, file.ino, at, bytes, now)?;
                file.at.store(at + written as u64, Ordering::Relaxed);
                whole(written, bytes)
            })
            .inspect_err(|errno| self.full(file.machine, *errno))
    }

    /// Reads up to `most` bytes; none at the end.
    ///
    /// # Errors
    /// [`Cut`]
    pub async fn read(&mut self, fd: u32, most: usize) -> Result<Vec<u8>, Cut> {
        self.read_until(fd, most, None).await
    }

    /// Reads up to `most` bytes, and none behind the first `delimiter`.
    ///
    /// # Errors
    /// [`Cut`]
    pub async fn read_until(&mut self, fd: u32, most: usize, delimiter: Option<u8>) -> Result<Vec<u8>, Cut> {
        let Some(open) = self.files.get(fd).cloned() else { return Ok(Vec::new()) };
        self.tick().await?;
        match &*open {
            Open::Terminal => self.typed(most, delimiter).await,
            Open::File(file) => Ok(self.read_open(file, most, delimiter)),
            Open::Random => Ok(self.random(most, delimiter)),
            other => {
                let read = poll_fn(|_| match other.read_alone(most, delimiter) {
                    // The end of the input may come of a signal that was sent to all stages of a pipeline.
                    Some(Poll::Ready(bytes)) if bytes.is_empty() => Poll::Ready(self.struck().map_or(Ok(bytes), Err)),
                    Some(Poll::Ready(bytes)) => Poll::Ready(Ok(bytes)),
                    Some(Poll::Pending) => self.wait(None),
                    None => unreachable!("terminals and files are read above"),
                });
                let read = read.await?;
                self.tell_others(other);
                Ok(read)
            }
        }
    }

    /// Bytes that the lab's chance gives.
    fn random(&self, most: usize, delimiter: Option<u8>) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(most + 8);
        self.world(|world, id| {
            let stream = format!("linux.random.{}", id.0);
            while bytes.len() < most {
                bytes.extend(world.streams.next(&stream).to_le_bytes());
            }
        });
        let end = delimiter.and_then(|end| bytes.iter().take(most).position(|byte| *byte == end));
        bytes.truncate(end.map_or(most, |end| end + 1));
        bytes
    }

    /// What a person types, line by line.
    async fn typed(&mut self, most: usize, delimiter: Option<u8>) -> Result<Vec<u8>, Cut> {
        if let Some(bytes) = self.control.take_typed(most, delimiter) {
            return Ok(bytes);
        }
        if let Some(line) = self.line(&[Await::Line, Await::End]).await? {
            self.control.type_in(&line);
        }
        Ok(self.control.take_typed(most, delimiter).unwrap_or_default())
    }

    async fn line(&self, awaited: &[Await]) -> Result<Option<String>, Cut> {
        poll_fn(|_| {
            // Who reads behind the prompt is stopped.
            if self.group != 0 && self.cx.with(|cx| *cx.foreground) != Some(self.group) {
                self.world(|world, id| kernel::signal(world, id, self.pid, kernel::SIGTTIN));
            }
            let given = self.cx.given(|given| match given {
                Given::Line(line) => Ok(Some(line)),
                Given::End => Ok(None),
                other => Err(other),
            });
            given.map_or_else(|| self.wait(Some(awaited)), |line| Poll::Ready(Ok(line)))
        })
        .await
    }

    /// A key that is pressed on the terminal, whatever standard input is, or a line where no keyboard is; nothing at the
    /// end of input.
    ///
    /// # Errors
    /// [`Cut`]: a signal came first.
    pub async fn key(&self) -> Result<Option<String>, Cut> {
        match self.control.take_typed(CHUNK, Some(b'\n')) {
            Some(typed) => Ok(Some(String::from_utf8_lossy(&typed).into_owned())),
            None => self.line(&[Await::Line, Await::End, Await::Key]).await,
        }
    }

    /// A secret that is typed unseen: whether it is what `awaited` says.
    ///
    /// # Errors
    /// [`Cut`]: a signal came first.
    pub async fn secret(&self, awaited: Await) -> Result<bool, Cut> {
        poll_fn(|_| {
            let given = self.cx.given(|given| match given {
                Given::Secret(verdict) => Ok(verdict.accepted),
                other => Err(other),
            });
            given.map_or_else(|| self.wait(Some(&[awaited])), |accepted| Poll::Ready(Ok(accepted)))
        })
        .await
    }

    /// A new password that is typed unseen: `shortest` characters or more or, if `forced`, any.
    ///
    /// # Errors
    /// [`Cut`]: a signal came first.
    pub async fn new_secret(&self, shortest: usize, forced: bool) -> Result<Chosen, Cut> {
        poll_fn(|_| {
            let given = self.cx.given(|given| match given {
                Given::Secret(Verdict { chosen: Some(chosen), .. }) => Ok(chosen),
                other => Err(other),
            });
            given.map_or_else(
                || self.wait(Some(&[Await::NewSecret { shortest, forced }])),
                |chosen| Poll::Ready(Ok(chosen)),
            )
        })
        .await
    }

    /// Writes to an open file from where it stands.
    ///
    /// # Errors
    /// What the file system says.
    pub fn append(&self, file: &OpenFile, bytes: &[u8]) -> Result<(), Errno> {
        self.write_file(file, bytes)
    }

    fn read_open(&self, file: &OpenFile, most: usize, delimiter: Option<u8>) -> Vec<u8> {
        if !file.reads {
            return Vec::new();
        }
        let at = usize::try_from(file.at.load(Ordering::Relaxed)).unwrap_or(usize::MAX);
        let bytes = self.cx.with(|cx| made::slice(cx.world, file.machine, file.ino, at, most));
        let end = delimiter.and_then(|delimiter| bytes.iter().position(|byte| *byte == delimiter));
        let bytes = end.map_or(bytes.as_slice(), |end| &bytes[..=end]).to_vec();
        file.at.fetch_add(bytes.len() as u64, Ordering::Relaxed);
        bytes
    }

    /// Reads to the end.
    ///
    /// # Errors
    /// [`Cut`], also when it is more than a program may hold.
    pub async fn read_all(&mut self, fd: u32) -> Result<Vec<u8>, Cut> {
        let mut all = Vec::new();
        loop {
            let bytes = self.read(fd, CHUNK).await?;
            if bytes.is_empty() {
                return Ok(all);
            }
            all.extend_from_slice(&bytes);
            if all.len() > HELD {
                return Err(Cut::Limit("held input"));
            }
        }
    }

    /// Counts a step, and gives whoever watches a turn from time to time.
    ///
    /// # Errors
    /// [`Cut`]
    pub async fn tick(&self) -> Result<(), Cut> {
        if self.control.step()? { self.pass(Span::millis(1)).await } else { Ok(()) }
    }

    /// Waits for a span of virtual time.
    ///
    /// # Errors
    /// [`Cut`]: a signal came first.
    pub async fn pass(&self, span: Span) -> Result<(), Cut> {
        let until = self.now() + span;
        self.until(until).await
    }

    /// Waits for a moment of virtual time.
    ///
    /// # Errors
    /// [`Cut`]: a signal came first.
    pub async fn until(&self, moment: Instant) -> Result<(), Cut> {
        poll_fn(|_| if self.now() >= moment { Poll::Ready(Ok(())) } else { self.wait(Some(&[Await::Until(moment)])) })
            .await
    }

    /// Waits for the end of another process of the machine: its status, or nothing when there is none of that number.
    ///
    /// # Errors
    /// [`Cut`]: a signal came first.
    pub async fn end_of(&self, pid: u32) -> Result<Option<u8>, Cut> {
        poll_fn(|_| {
            let running = self.peek(|linux| linux.processes.get(pid).map(|process| process.ended));
            match running {
                None => Poll::Ready(Ok(None)),
                Some(Some(status)) => Poll::Ready(Ok(Some(status))),
                Some(None) => self.wait(Some(&[Await::Process(self.machine, pid)])),
            }
        })
        .await
    }

    /// Waits until `ready` gives something, looking again at each of these, and when news of a signal comes.
    ///
    /// # Errors
    /// [`Cut`]: a signal came first.
    pub async fn when<R>(&self, awaited: &[Await], mut ready: impl FnMut(&Self) -> Option<R>) -> Result<R, Cut> {
        poll_fn(|_| match ready(self) {
            Some(result) => Poll::Ready(Ok(result)),
            None => self.wait(Some(awaited)),
        })
        .await
    }

    /// `Pending` with all that wakes a program: what it awaits itself (nothing while it waits for a pipe) and signals.
    fn wait<R>(&self, awaited: Option<&[Await]>) -> Poll<Result<R, Cut>> {
        if let Some(cut) = self.struck() {
            return Poll::Ready(Err(cut));
        }
        for awaited in awaited.unwrap_or_default() {
            let _: Poll<()> = self.cx.awaits(*awaited);
        }
        for pid in [self.pid, self.group, if awaited.is_none() { PIPES } else { self.pid }] {
            let _: Poll<()> = self.cx.awaits(Await::Process(self.machine, pid));
        }
        Poll::Pending
    }

    /// Whether nothing has struck the program meanwhile, for those who poll something else than the program.
    ///
    /// # Errors
    /// [`Cut`]: a signal came.
    pub fn go_on(&self) -> Result<(), Cut> {
        self.struck().map_or(Ok(()), Err)
    }

    /// `Pending` for them: signals wake the program, beside what they await.
    pub fn wait_beside<R>(&self) -> Poll<Result<R, Cut>> {
        self.wait(Some(&[]))
    }

    /// What has struck the program meanwhile.
    fn struck(&self) -> Option<Cut> {
        if let Some(signal) = self.control.signal() {
            return Some(Cut::Signal(signal));
        }
        self.linux(|linux| {
            let group = linux.processes.get(self.group);
            let group = group.filter(|process| process.ended.is_none()).and_then(|process| process.pending);
            match linux.processes.get_mut(self.pid) {
                None => Some(Cut::Gone),
                Some(process) => process.pending.take().or(group).map(Cut::Signal),
            }
        })
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
            .inspect_err(|errno| self.full(self.machine, *errno))
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
            fs.read(&self.cred, ino)?;
            Ok(made::slice(world, id, ino, 0, HELD))
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

    /// The signal that was sent to it and has not been dealt with.
    #[must_use]
    pub fn take_signal(&self) -> Option<u8> {
        self.linux(|linux| linux.processes.get_mut(self.pid)?.pending.take())
    }

    /// Ends as a process: whoever waits for it is told.
    pub fn exit(&self, status: u8) {
        if self.files.join_others(&self.control) {
            self.world(|world, id| world.nudge(id, PIPES));
        }
        self.world(|world, id| kernel::exit(world, id, self.pid, status));
    }

    /// Takes what has ended out of the process table.
    pub fn reap(&self) {
        self.linux(|linux| linux.processes.remove(self.pid));
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

/// A write of which only a part fits has filled the disk.
fn whole(written: usize, bytes: &[u8]) -> Result<(), Errno> {
    if written == bytes.len() { Ok(()) } else { Err(Errno::Nospc) }
}
