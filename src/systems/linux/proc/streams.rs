//! What a program reads and writes: its descriptors, and the person at its terminal.

use std::future::poll_fn;
use std::sync::PoisonError;
use std::sync::atomic::Ordering;
use std::task::Poll;

use super::{CHUNK, HELD, PIPES, Proc};
use crate::shell::coroutine::{Await, Chosen, Given, Verdict};
use crate::systems::linux::distro::Vendor;
use crate::systems::linux::fs::Errno;
use crate::systems::linux::io::{Cut, Open, OpenFile, until};
use crate::systems::linux::{kernel, made_files};

impl Proc {
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
            Open::Terminal | Open::Relay if self.is_hung_up() => {
                self.write_error.get_or_insert(Errno::Io);
            }
            Open::Terminal | Open::Relay => {
                self.control.print(bytes.len())?;
                self.cx.with(|cx| cx.screen.print(&String::from_utf8_lossy(bytes)));
            }
            Open::Journal(stream) => {
                let writer = self.writer();
                self.world(|world, id| stream.write(world, id, writer, bytes));
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

    /// The process that the journal names: Red Hat's systemd 239 and later ones the one that writes, others the one that
    /// systemd has started.
    fn writer(&self) -> u32 {
        self.peek(|linux| {
            let above = |pid: &u32| linux.processes.get(*pid).map(|process| process.ppid).filter(|pid| *pid > 1);
            let newer = linux.distro.systemd >= Some(240)
                || linux.distro.vendor == Vendor::RedHat && linux.distro.systemd >= Some(239);
            if newer { self.pid } else { std::iter::successors(Some(self.pid), above).last().unwrap_or(self.pid) }
        })
    }

    /// Whether its terminal is gone.
    fn is_hung_up(&self) -> bool {
        self.peek(|linux| linux.processes.get(self.pid).is_some_and(|process| process.hung))
    }

    /// What was done to a pipe is news to a line or a job that has its other end.
    fn tell_others(&self, pipe: &Open) {
        if pipe.joins_others(&self.control) {
            self.world(|world, id| world.nudge(id, PIPES));
        }
    }

    pub(super) fn write_file(&self, file: &OpenFile, bytes: &[u8]) -> Result<(), Errno> {
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
        let read = self.read_at_once(fd, most, delimiter).await?;
        if let Some(open) = self.files.get(fd) {
            self.charge(read.len(), open).await?;
        }
        Ok(read)
    }

    /// The same, without the time that it takes.
    ///
    /// # Errors
    /// [`Cut`]
    pub async fn read_at_once(&mut self, fd: u32, most: usize, delimiter: Option<u8>) -> Result<Vec<u8>, Cut> {
        let Some(open) = self.files.get(fd).cloned() else { return Ok(Vec::new()) };
        self.tick().await?;
        match &*open {
            Open::Terminal | Open::Relay => self.typed(most, delimiter).await,
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

    /// How many bytes of a file are left to be read, where its size is known beforehand: not in `/proc`, nor of a pipe.
    pub fn left(&self, fd: u32) -> Option<u64> {
        let Open::File(file) = &**self.files.get(fd)? else { return None };
        let size = self.world(|world, _| made_files::size(world, file.machine, file.ino));
        (size > 0).then(|| size.saturating_sub(file.at.load(Ordering::Relaxed)))
    }

    /// Goes on behind the next so many bytes of a file.
    pub fn skip(&self, fd: u32, bytes: u64) {
        if let Some(Open::File(file)) = self.files.get(fd).map(|open| &**open) {
            file.at.fetch_add(bytes, Ordering::Relaxed);
        }
    }

    /// Takes all that can be read at once from a descriptor, as a program does that passes its input on: whoever reads
    /// there next finds nothing of it.
    pub fn drain(&self, fd: u32) {
        let Some(open) = self.files.get(fd) else { return };
        loop {
            let bytes = match &**open {
                Open::File(file) => self.read_open(file, HELD, None),
                Open::Reader(_) | Open::Text(_) => match open.read_alone(HELD, None) {
                    Some(Poll::Ready(bytes)) => bytes,
                    _ => return,
                },
                _ => return,
            };
            if bytes.is_empty() {
                return;
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
            if self.is_hung_up() {
                return Poll::Ready(Ok(None));
            }
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
        Ok(self.secret_or_end(awaited).await?.unwrap_or(false))
    }

    /// The same, with nothing when it is Ctrl-D.
    ///
    /// # Errors
    /// [`Cut`]: a signal came first.
    pub async fn secret_or_end(&self, awaited: Await) -> Result<Option<bool>, Cut> {
        poll_fn(|_| {
            let given = self.cx.given(|given| match given {
                Given::Secret(verdict) => Ok(Some(verdict.accepted)),
                Given::End => Ok(None),
                other => Err(other),
            });
            given.map_or_else(|| self.wait(Some(&[awaited, Await::End])), |accepted| Poll::Ready(Ok(accepted)))
        })
        .await
    }

    /// A new password that is typed unseen: `shortest` characters or more or, if `forced`, any; nothing
    /// when it is Ctrl-D.
    ///
    /// # Errors
    /// [`Cut`]: a signal came first.
    pub async fn new_secret(&self, shortest: usize, forced: bool) -> Result<Option<Chosen>, Cut> {
        poll_fn(|_| {
            let given = self.cx.given(|given| match given {
                Given::Secret(Verdict { chosen: Some(chosen), .. }) => Ok(Some(chosen)),
                Given::End => Ok(None),
                other => Err(other),
            });
            given.map_or_else(
                || self.wait(Some(&[Await::NewSecret { shortest, forced }, Await::End])),
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

    pub(super) fn read_open(&self, file: &OpenFile, most: usize, delimiter: Option<u8>) -> Vec<u8> {
        if !file.reads {
            return Vec::new();
        }
        let at = usize::try_from(file.at.load(Ordering::Relaxed)).unwrap_or(usize::MAX);
        let bytes = self.cx.with(|cx| {
            if made_files::is_inferred(cx.world, file.machine, file.ino) {
                cx.screen.mark_inferred();
            }
            match cx.world.linux(file.machine).fs.made(file.ino) {
                Some(name) => {
                    let make = || made_files::make(cx.world, file.machine, name);
                    file.reading.lock().unwrap_or_else(PoisonError::into_inner).slice(at, most, delimiter, make)
                }
                None => until(&made_files::slice(cx.world, file.machine, file.ino, at, most), delimiter).to_vec(),
            }
        });
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
}

/// A write of which only a part fits has filled the disk.
fn whole(written: usize, bytes: &[u8]) -> Result<(), Errno> {
    if written == bytes.len() { Ok(()) } else { Err(Errno::Nospc) }
}
