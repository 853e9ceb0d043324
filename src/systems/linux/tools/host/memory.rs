//! A machine for tests: files in memory, which all are at hand at once.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use super::Host;
use crate::systems::linux::fs::Errno;
use crate::systems::linux::io::Cut;
use crate::systems::linux::proc::Mode;

/// Files by name; `in`, `out` and `err` are the standard ones.
#[derive(Debug, Default)]
pub struct Memory {
    /// What is in them.
    pub files: BTreeMap<String, Vec<u8>>,
    open: BTreeMap<u32, (String, usize)>,
    steps: Cell<u64>,
    /// So many steps are allowed.
    pub most: u64,
    /// What was said to be missing.
    pub gaps: std::cell::RefCell<Vec<String>>,
}

impl Memory {
    /// A machine with this on standard input.
    pub fn new(input: &str) -> Self {
        let open = [(0, "in"), (1, "out"), (2, "err")];
        let mut memory = Self { most: 1_000_000, ..Self::default() };
        memory.open = open.map(|(fd, name)| (fd, (name.to_owned(), 0))).into();
        memory.files.insert("in".to_owned(), input.as_bytes().to_vec());
        memory
    }

    /// What a file holds.
    pub fn text(&self, name: &str) -> String {
        self.files.get(name).map(|bytes| String::from_utf8_lossy(bytes).into_owned()).unwrap_or_default()
    }
}

/// Runs to its end what never waits.
pub fn at_once<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => unreachable!("files in memory are at hand"),
    }
}

impl Host for Memory {
    async fn tick(&self) -> Result<(), Cut> {
        self.steps.set(self.steps.get() + 1);
        if self.steps.get() > self.most { Err(Cut::Limit("steps")) } else { Ok(()) }
    }

    async fn read(&mut self, fd: u32, delimiter: Option<u8>) -> Result<Vec<u8>, Cut> {
        self.tick().await?;
        let Some((name, at)) = self.open.get_mut(&fd) else { return Ok(Vec::new()) };
        let rest = self.files.get(name.as_str()).and_then(|bytes| bytes.get(*at..)).unwrap_or_default();
        // Little at a time, so that records lie across the borders of what is read.
        let rest = &rest[..rest.len().min(7)];
        let end = delimiter.and_then(|delimiter| rest.iter().position(|byte| *byte == delimiter));
        let taken = rest[..end.map_or(rest.len(), |end| end + 1)].to_vec();
        *at += taken.len();
        Ok(taken)
    }

    async fn write(&mut self, fd: u32, bytes: &[u8]) -> Result<(), Cut> {
        self.tick().await?;
        if let Some((name, _)) = self.open.get(&fd) {
            let file = self.files.entry(name.clone()).or_default();
            file.extend_from_slice(bytes);
            assert!(file.len() < 256 << 20, "{name} is unbounded");
        }
        Ok(())
    }

    fn failed_write(&mut self) -> Option<Errno> {
        None
    }

    fn discard(&mut self, path: &str) {
        self.files.remove(path);
    }

    fn open(&mut self, path: &str, mode: Mode) -> Result<u32, Errno> {
        match mode {
            Mode::Read if !self.files.contains_key(path) => return Err(Errno::Noent),
            Mode::Write => drop(self.files.insert(path.to_owned(), Vec::new())),
            _ => {}
        }
        let fd = (3..).find(|fd| !self.open.contains_key(fd)).unwrap_or(3);
        self.open.insert(fd, (path.to_owned(), 0));
        Ok(fd)
    }

    fn close(&mut self, fd: u32) {
        self.open.remove(&fd);
    }

    fn replace(&mut self, path: &str) -> Result<(u32, String), String> {
        if !self.files.contains_key(path) {
            return Err(format!("can't read {path}: No such file or directory"));
        }
        let fd = self.open("temporary", Mode::Write).map_err(|errno| errno.text().to_owned())?;
        Ok((fd, "temporary".to_owned()))
    }

    fn replaced(&mut self, temporary: &str, path: &str, backup: Option<&str>) -> Result<(), Errno> {
        let new = self.files.remove(temporary).ok_or(Errno::Noent)?;
        let old = self.files.insert(path.to_owned(), new).unwrap_or_default();
        if let Some(backup) = backup {
            self.files.insert(backup.to_owned(), old);
        }
        Ok(())
    }

    async fn shell(&mut self, command: &str, input: Option<Vec<u8>>, captures: bool) -> Result<(u8, Vec<u8>), Cut> {
        // What a command gets and is called comes out of it again.
        let text = format!("[{command}]{}", String::from_utf8_lossy(&input.unwrap_or_default()));
        if !captures {
            self.write(1, text.as_bytes()).await?;
        }
        Ok((3, text.into_bytes()))
    }

    fn holds_output(&self) -> bool {
        true
    }

    fn seconds(&self) -> i64 {
        1_647_288_000
    }

    fn chance(&self) -> u64 {
        7
    }

    fn gap(&self, what: &str) {
        self.gaps.borrow_mut().push(what.to_owned());
    }
}
