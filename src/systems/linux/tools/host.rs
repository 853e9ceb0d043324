//! What an interpreter of programs (`sed`, `awk`) needs of the machine it runs on: files by descriptor, steps, a clock, a
//! chance. The interpreters know nothing else, so tests run them over files in memory.

use std::sync::{Arc, Mutex};

use super::super::bash;
use super::super::fs::{Errno, Kind};
use super::super::io::{Cut, Open};
use super::super::proc::{CHUNK, HELD, Mode, Proc};

/// The machine as an interpreter sees it.
pub trait Host {
    /// Counts a step.
    async fn tick(&self) -> Result<(), Cut>;
    /// Reads a chunk, and nothing behind the first `delimiter`; nothing at the end.
    async fn read(&mut self, fd: u32, delimiter: Option<u8>) -> Result<Vec<u8>, Cut>;
    /// Writes all of it.
    async fn write(&mut self, fd: u32, bytes: &[u8]) -> Result<(), Cut>;
    /// Why something could not be written since this was asked last.
    fn failed_write(&mut self) -> Option<Errno>;
    /// Removes a file.
    fn discard(&mut self, path: &str);
    /// Opens a file; a directory is not opened.
    fn open(&mut self, path: &str, mode: Mode) -> Result<u32, Errno>;
    /// Closes a file.
    fn close(&mut self, fd: u32);
    /// Opens a new file beside `path`, a regular one, which is to take its place: its descriptor and its name.
    fn replace(&mut self, path: &str) -> Result<(u32, String), String>;
    /// Puts the new file in the place of the old one, with its owner and mode; the old one is kept under another name, or not.
    fn replaced(&mut self, temporary: &str, path: &str, backup: Option<&str>) -> Result<(), Errno>;
    /// Runs a command in a shell: its status, and what it printed where that is wanted.
    async fn shell(&mut self, command: &str, input: Option<Vec<u8>>, captures: bool) -> Result<(u8, Vec<u8>), Cut>;
    /// Whether what is printed is held back for long: standard output is no terminal.
    fn holds_output(&self) -> bool;
    /// Seconds since 1970.
    fn seconds(&self) -> i64;
    /// The next number of the lab's chance.
    fn chance(&self) -> u64;
    /// Says that the real program does something that is not modelled.
    fn gap(&self, what: &str);
}

impl Host for Proc {
    async fn tick(&self) -> Result<(), Cut> {
        Self::tick(self).await
    }

    async fn read(&mut self, fd: u32, delimiter: Option<u8>) -> Result<Vec<u8>, Cut> {
        self.read_until(fd, CHUNK, delimiter).await
    }

    async fn write(&mut self, fd: u32, bytes: &[u8]) -> Result<(), Cut> {
        Self::write(self, fd, bytes).await
    }

    fn failed_write(&mut self) -> Option<Errno> {
        self.write_error.take()
    }

    fn discard(&mut self, path: &str) {
        // The error that led here is the one that is told.
        let _: Result<(), Errno> = self.fs(|fs, now| fs.unlink(&self.cred, &self.cwd, path, now));
    }

    fn open(&mut self, path: &str, mode: Mode) -> Result<u32, Errno> {
        let directory = |p: &Self, ino| p.peek(|linux| matches!(linux.fs.node(ino).kind, Kind::Dir { .. }));
        if self.lookup(path).is_ok_and(|ino| directory(self, ino)) {
            return Err(Errno::Isdir);
        }
        let open = Self::open(self, path, mode)?;
        let fd = self.files.free(3);
        if self.files.set(fd, Some(open)) { Ok(fd) } else { Err(Errno::Mfile) }
    }

    fn close(&mut self, fd: u32) {
        self.files.set(fd, None);
    }

    fn replace(&mut self, path: &str) -> Result<(u32, String), String> {
        let unreadable = |errno: Errno| format!("can't read {path}: {}", errno.text());
        let ino = self.lookup(path).map_err(unreadable)?;
        if !self.peek(|linux| matches!(linux.fs.node(ino).kind, Kind::File(_))) {
            return Err(format!("couldn't edit {path}: not a regular file"));
        }
        let mut chance = self.chance();
        let letters: String = std::iter::repeat_with(|| {
            let letter = char::from(b'A' + (chance % 26) as u8);
            chance /= 26;
            letter
        })
        .take(6)
        .collect();
        let directory = path.rfind('/').map_or("./", |end| &path[..=end]);
        let temporary = format!("{directory}sed{letters}");
        let fd = Host::open(self, &temporary, Mode::WriteNew)
            .map_err(|errno| format!("couldn't open temporary file {temporary}: {}", errno.text()))?;
        Ok((fd, temporary))
    }

    fn replaced(&mut self, temporary: &str, path: &str, backup: Option<&str>) -> Result<(), Errno> {
        let (cred, cwd) = (self.cred.clone(), self.cwd.clone());
        self.fs(|fs, now| {
            let (old, new) = (fs.lookup(&cred, &cwd, path)?, fs.lookup(&cred, &cwd, temporary)?);
            let (mode, uid, gid, label) = {
                let inode = fs.node(old);
                (inode.mode, inode.uid, inode.gid, inode.label.clone())
            };
            // Only root gives files away; for everyone else the new file is their own, as with the real one.
            let _: Result<(), Errno> = fs.chown(&cred, new, Some(uid), Some(gid), now);
            fs.chmod(&cred, new, mode, now)?;
            fs.set_label(new, label);
            if let Some(backup) = backup {
                fs.rename(&cred, &cwd, path, backup, now)?;
            }
            fs.rename(&cred, &cwd, temporary, path, now)
        })
    }

    async fn shell(&mut self, command: &str, input: Option<Vec<u8>>, captures: bool) -> Result<(u8, Vec<u8>), Cut> {
        let words = ["sh", "-c", command].map(str::to_owned);
        let Some(shell) = self.world(|world, id| super::find(world, id, "sh")) else { return Ok((127, Vec::new())) };
        let mut child = self.child(&words);
        child.depth += bash::PROGRAM;
        if let Some(input) = input {
            child.files.set(0, Some(Arc::new(Open::text(input))));
        }
        let captured = Arc::new(Open::Capture(Mutex::default()));
        if captures {
            child.files.set(1, Some(Arc::clone(&captured)));
        }
        let ended = (shell.run)(&mut child, &words[1..]).await;
        child.exit(ended.unwrap_or_else(Cut::status));
        child.reap();
        match ended {
            Err(cut @ (Cut::Limit(_) | Cut::Gone)) => Err(cut),
            ended => Ok((ended.unwrap_or_else(Cut::status), captured.captured())),
        }
    }

    fn holds_output(&self) -> bool {
        !self.files.is_terminal(1)
    }

    fn seconds(&self) -> i64 {
        self.now().utc().unix_timestamp()
    }

    fn chance(&self) -> u64 {
        let name = self.name.clone();
        self.world(|world, _| world.streams.next(&format!("linux.{name}")))
    }

    fn gap(&self, what: &str) {
        let _: Result<u8, Cut> = Self::gap(self, what);
    }
}

/// Records of an open file, one after the other.
#[derive(Debug)]
pub struct Reader {
    /// Where it reads.
    pub fd: u32,
    buffer: Vec<u8>,
    at: usize,
    ended: bool,
    /// Reads no further than the record at hand.
    pub careful: bool,
}

impl Reader {
    /// Reads an open file.
    #[must_use]
    pub fn new(fd: u32) -> Self {
        Self { fd, buffer: Vec::new(), at: 0, ended: false, careful: false }
    }

    /// What is read and not taken.
    #[must_use]
    pub fn rest(&self) -> &[u8] {
        &self.buffer[self.at..]
    }

    /// A text that is all there.
    #[must_use]
    pub fn of(text: Vec<u8>) -> Self {
        Self { buffer: text, ended: true, ..Self::new(0) }
    }

    /// Whether the file has come to its end; there may be a rest.
    #[must_use]
    pub fn ended(&self) -> bool {
        self.ended
    }

    /// Takes so many bytes of the rest.
    pub fn take(&mut self, count: usize) -> Vec<u8> {
        let taken = self.rest()[..count].to_vec();
        self.at += count;
        taken
    }

    /// Reads more.
    pub async fn more<H: Host>(&mut self, host: &mut H, delimiter: Option<u8>) -> Result<(), Cut> {
        if self.ended {
            return Ok(());
        }
        self.buffer.drain(..self.at);
        self.at = 0;
        if self.buffer.len() > HELD {
            return Err(Cut::Limit("held input"));
        }
        let bytes = host.read(self.fd, delimiter.filter(|_| self.careful)).await?;
        self.ended = bytes.is_empty();
        self.buffer.extend_from_slice(&bytes);
        Ok(())
    }

    /// The next line without its delimiter, and whether it had one.
    pub async fn line<H: Host>(&mut self, host: &mut H, delimiter: u8) -> Result<Option<(Vec<u8>, bool)>, Cut> {
        let mut seen = 0;
        loop {
            if let Some(end) = self.rest()[seen..].iter().position(|byte| *byte == delimiter) {
                let line = self.take(seen + end);
                self.at += 1;
                return Ok(Some((line, true)));
            }
            seen = self.rest().len();
            if self.ended {
                return Ok((seen > 0).then(|| (self.take(seen), false)));
            }
            self.more(host, Some(delimiter)).await?;
        }
    }

    /// Whether nothing comes any more.
    pub async fn is_through<H: Host>(&mut self, host: &mut H, delimiter: u8) -> Result<bool, Cut> {
        while self.rest().is_empty() && !self.ended {
            self.more(host, Some(delimiter)).await?;
        }
        Ok(self.rest().is_empty())
    }
}

#[cfg(test)]
pub mod memory;
