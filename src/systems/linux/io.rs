//! What the programs of one command line share while it runs: pipes, open files, the count of steps, the signal that ends
//! them all. Nothing of this outlives the coroutine.
//!
//! A program that reads from an empty pipe or writes into a full one waits without awaiting anything of the lab; [`join`]
//! polls the stages of a pipeline in turns for as long as one of them moves.

mod control;
pub mod journal;

use std::collections::VecDeque;
use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Poll;

pub use control::{Control, accompanied, give_way, join, outlive};

use super::fs::Ino;
use crate::world::MachineId;

/// What fits into a pipe, in bytes, as on Linux.
pub const PIPE: usize = 64 * 1024;
/// What a command substitution may hold, in bytes.
pub const CAPTURE: usize = 16 * 1024 * 1024;
/// So many steps may one typed line take.
pub const STEPS: u64 = 20_000_000;
/// So many bytes may one typed line print on the terminal.
pub const PRINTED: u64 = 64 * 1024 * 1024;
/// So many `<( … )` and `>( … )` may one typed line have at once.
const COMPANIONS: usize = 100;
/// After so many steps a millisecond passes, so that whoever watches can press Ctrl-C.
pub const STEPS_PER_MS: u64 = 1_000;

/// So many bytes read at once are a step more: bulk has its price, in turns and in time, about that of a disk.
const BYTES_PER_STEP: u64 = 512;
/// So many of a device that has no end.
const BYTES_WITHOUT_END: u64 = 128;

/// A future of a program, on the heap since programs call each other.
pub type Boxed<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Why a program ends before it is through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cut {
    /// A signal killed it.
    Signal(u8),
    /// One line did more than one line may do; what is too much.
    Limit(&'static str),
    /// The machine it ran on went down.
    Gone,
}

impl Cut {
    /// The exit status that the shell sees.
    #[must_use]
    pub fn status(self) -> u8 {
        match self {
            Self::Signal(signal) => 128 + signal,
            Self::Limit(_) => 130,
            Self::Gone => 255,
        }
    }
}

/// Ctrl-C.
pub const SIGINT: u8 = 2;
/// The end of a terminal.
pub const SIGHUP: u8 = 1;
/// The one that nothing survives.
pub const SIGKILL: u8 = 9;
/// Nobody reads any more.
pub const SIGPIPE: u8 = 13;
/// The one that `kill` sends.
pub const SIGTERM: u8 = 15;

/// A pipe between two programs.
#[derive(Debug)]
struct Pipe {
    control: Arc<Control>,
    number: u64,
    state: Mutex<PipeState>,
    /// Whether a job behind the prompt has an end of it: it goes on apart from the line that made the pipe.
    shared: AtomicBool,
}

#[derive(Debug, Default)]
struct PipeState {
    data: VecDeque<u8>,
    readers: usize,
    writers: usize,
}

/// Nobody holds the lock across anything that could panic halfway.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Takes up to `most` bytes from the front, and none behind the first `delimiter`.
fn take(data: &mut VecDeque<u8>, most: usize, delimiter: Option<u8>) -> Vec<u8> {
    let most = most.min(data.len());
    let end = delimiter.and_then(|end| data.iter().take(most).position(|byte| *byte == end));
    data.drain(..end.map_or(most, |end| end + 1)).collect()
}

/// The end of a pipe from which one reads.
#[derive(Debug)]
pub struct Reader(Arc<Pipe>);

/// The end of a pipe into which one writes.
#[derive(Debug)]
pub struct Writer(Arc<Pipe>);

/// A pipe.
#[must_use]
pub fn pipe(control: &Arc<Control>) -> (Reader, Writer) {
    let state = Mutex::new(PipeState { readers: 1, writers: 1, data: VecDeque::new() });
    let number = 32_000 + control.number_of_pipe();
    let pipe = Arc::new(Pipe { control: Arc::clone(control), number, state, shared: AtomicBool::new(false) });
    (Reader(Arc::clone(&pipe)), Writer(pipe))
}

impl Drop for Reader {
    fn drop(&mut self) {
        lock(&self.0.state).readers -= 1;
        self.0.control.moved();
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        lock(&self.0.state).writers -= 1;
        self.0.control.moved();
    }
}

impl Reader {
    /// The number of its pipe.
    pub(super) fn number(&self) -> u64 {
        self.0.number
    }

    /// Takes up to `most` bytes and none behind the first `delimiter`: none at the end, `Pending` when there may be more
    /// later.
    fn read(&self, most: usize, delimiter: Option<u8>) -> Poll<Vec<u8>> {
        let mut state = lock(&self.0.state);
        if state.data.is_empty() {
            return if state.writers == 0 { Poll::Ready(Vec::new()) } else { Poll::Pending };
        }
        let taken = take(&mut state.data, most, delimiter);
        drop(state);
        self.0.control.moved();
        Poll::Ready(taken)
    }
}

impl Writer {
    /// The number of its pipe.
    pub(super) fn number(&self) -> u64 {
        self.0.number
    }

    /// Puts in what fits: how many bytes that were. `Pending` when it is full, an error when nobody reads any more.
    fn write(&self, bytes: &[u8]) -> Poll<Result<usize, Cut>> {
        let mut state = lock(&self.0.state);
        if state.readers == 0 {
            return Poll::Ready(Err(Cut::Signal(SIGPIPE)));
        }
        let room = PIPE.saturating_sub(state.data.len());
        if room == 0 {
            return Poll::Pending;
        }
        let count = room.min(bytes.len());
        state.data.extend(&bytes[..count]);
        drop(state);
        self.0.control.moved();
        Poll::Ready(Ok(count))
    }
}

/// An open file, shared by all descriptors that were duplicated from one.
#[derive(Debug)]
pub enum Open {
    /// The terminal.
    Terminal,
    /// A connection that ends at the terminal of another machine: no terminal where it begins.
    Relay,
    /// `/dev/null`.
    Null,
    /// `/dev/zero`.
    Zero,
    /// `/dev/full`.
    Full,
    /// `/dev/random`, `/dev/urandom`.
    Random,
    /// A file of a machine.
    File(OpenFile),
    /// The end of a pipe from which one reads.
    Reader(Reader),
    /// The end of a pipe into which one writes.
    Writer(Writer),
    /// A text that is read: a here-document.
    Text(Mutex<Cursor>),
    /// What a command substitution collects.
    Capture(Mutex<Vec<u8>>),
    /// The journal, for what a unit runs.
    Journal(journal::Stream),
}

/// A text and how far it is read.
#[derive(Debug)]
pub struct Cursor {
    text: Vec<u8>,
    at: usize,
}

/// A file of a machine that is open.
#[derive(Debug)]
pub struct OpenFile {
    /// Whose file.
    pub machine: MachineId,
    /// Which file.
    pub ino: Ino,
    /// The path by which it was opened.
    pub path: String,
    /// Where the next byte is read or written.
    pub at: AtomicU64,
    /// Whether each write goes to the end.
    pub append: bool,
    /// Whether it may be read.
    pub reads: bool,
    /// Whether it may be written.
    pub writes: bool,
    /// What is being read of it, where its text is made.
    pub reading: Mutex<Reading>,
}

impl OpenFile {
    /// A file at its beginning, neither to be read nor written yet.
    #[must_use]
    pub fn new(machine: MachineId, ino: Ino, path: &str) -> Self {
        Self {
            machine,
            ino,
            path: path.to_owned(),
            at: AtomicU64::new(0),
            append: false,
            reads: false,
            writes: false,
            reading: Mutex::default(),
        }
    }

    /// The same file, opened once more to be read from its beginning.
    #[must_use]
    pub fn to_be_read(&self) -> Self {
        Self { reads: true, ..Self::new(self.machine, self.ino, &self.path) }
    }
}

/// A text that is made when it is read, while it is read from one end to the other: as in `/proc`, it is made once, and again
/// for what stands behind its end by then.
#[derive(Debug, Default)]
pub struct Reading {
    made: Vec<u8>,
    /// Where the next read goes on, if it goes on.
    next: usize,
}

impl Reading {
    /// Up to `most` bytes from the byte `at` on, up to the first `delimiter` if there is one.
    pub fn slice(&mut self, at: usize, most: usize, delimiter: Option<u8>, make: impl FnOnce() -> Vec<u8>) -> Vec<u8> {
        if at != self.next || at >= self.made.len() {
            self.made = make();
        }
        let rest = self.made.get(at..).unwrap_or_default();
        let bytes = until(&rest[..most.min(rest.len())], delimiter).to_vec();
        self.next = at + bytes.len();
        bytes
    }
}

/// What stands up to a delimiter, and with it.
#[must_use]
pub fn until(bytes: &[u8], delimiter: Option<u8>) -> &[u8] {
    let end = delimiter.and_then(|delimiter| bytes.iter().position(|byte| *byte == delimiter));
    end.map_or(bytes, |end| &bytes[..=end])
}

impl Open {
    /// A text that is read.
    #[must_use]
    pub fn text(text: impl Into<Vec<u8>>) -> Self {
        Self::Text(Mutex::new(Cursor { text: text.into(), at: 0 }))
    }

    /// So many of its bytes read at once are a step more.
    pub(super) fn bytes_per_step(&self) -> u64 {
        if matches!(self, Self::Zero | Self::Full | Self::Random) { BYTES_WITHOUT_END } else { BYTES_PER_STEP }
    }

    /// A text that is read, and how far it is.
    #[must_use]
    pub fn text_left(&self) -> Option<(Vec<u8>, usize)> {
        let Self::Text(cursor) = self else { return None };
        let cursor = lock(cursor);
        Some((cursor.text.clone(), cursor.at))
    }

    /// Whether it is an end of a pipe between two coroutines, one of which is the line or job of `control`: what happens to
    /// such a pipe is news to the other.
    pub(super) fn joins_others(&self, control: &Arc<Control>) -> bool {
        let (Self::Reader(Reader(pipe)) | Self::Writer(Writer(pipe))) = self else { return false };
        let foreign = !Arc::ptr_eq(&pipe.control, control);
        pipe.shared.fetch_or(foreign, Ordering::Relaxed) || foreign
    }

    /// How long a text is that is read.
    fn text_bytes(&self) -> u64 {
        match self {
            Self::Text(cursor) => lock(cursor).text.len() as u64,
            _ => 0,
        }
    }

    /// What was collected.
    #[must_use]
    pub fn captured(&self) -> Vec<u8> {
        match self {
            Self::Capture(bytes) => std::mem::take(&mut lock(bytes)),
            _ => Vec::new(),
        }
    }

    /// Reads without the help of a machine: `None` when it takes one.
    pub(super) fn read_alone(&self, most: usize, delimiter: Option<u8>) -> Option<Poll<Vec<u8>>> {
        match self {
            Self::Null | Self::Writer(_) | Self::Capture(_) | Self::Journal(_) => Some(Poll::Ready(Vec::new())),
            Self::Zero | Self::Full => Some(Poll::Ready(vec![0; most])),
            Self::Reader(reader) => Some(reader.read(most, delimiter)),
            Self::Text(cursor) => {
                let mut cursor = lock(cursor);
                let from = cursor.at;
                let until = (from + most).min(cursor.text.len());
                let end = delimiter.and_then(|end| cursor.text[from..until].iter().position(|byte| *byte == end));
                cursor.at = end.map_or(until, |end| from + end + 1);
                Some(Poll::Ready(cursor.text[from..cursor.at].to_vec()))
            }
            Self::Terminal | Self::Relay | Self::File(_) | Self::Random => None,
        }
    }

    /// Writes without the help of a machine: `None` when it takes one.
    pub(super) fn write_alone(&self, bytes: &[u8]) -> Option<Poll<Result<usize, Cut>>> {
        match self {
            Self::Null | Self::Zero | Self::Full | Self::Random | Self::Text(_) | Self::Reader(_) => {
                Some(Poll::Ready(Ok(bytes.len())))
            }
            Self::Writer(writer) => Some(writer.write(bytes)),
            Self::Capture(captured) => {
                let mut captured = lock(captured);
                if captured.len() + bytes.len() > CAPTURE {
                    return Some(Poll::Ready(Err(Cut::Limit("captured output"))));
                }
                captured.extend_from_slice(bytes);
                Some(Poll::Ready(Ok(bytes.len())))
            }
            Self::Terminal | Self::Relay | Self::File(_) | Self::Journal(_) => None,
        }
    }
}

/// The open files of a program by descriptor.
#[derive(Clone, Debug, Default)]
pub struct Descriptors(Vec<Option<Arc<Open>>>);

/// No program has more descriptors than this, as `ulimit -n` says.
pub const DESCRIPTORS: u32 = 1024;

impl Descriptors {
    /// Input from one file, output and messages to another.
    #[must_use]
    pub fn new(input: Arc<Open>, output: Arc<Open>) -> Self {
        Self(vec![Some(input), Some(Arc::clone(&output)), Some(output)])
    }

    /// Whether one of them is a pipe between two coroutines.
    pub(super) fn join_others(&self, control: &Arc<Control>) -> bool {
        self.0.iter().flatten().any(|open| open.joins_others(control))
    }

    /// How long the texts are that are open to be read.
    pub(super) fn text_bytes(&self) -> u64 {
        self.0.iter().flatten().map(|open| open.text_bytes()).sum()
    }

    /// What is open under a number.
    #[must_use]
    pub fn get(&self, fd: u32) -> Option<&Arc<Open>> {
        self.0.get(fd as usize)?.as_ref()
    }

    /// Whether it is the terminal that is open under a number.
    #[must_use]
    pub fn is_terminal(&self, fd: u32) -> bool {
        self.get(fd).is_some_and(|open| matches!(**open, Open::Terminal))
    }

    /// Puts a file under a number, or closes it. `false` beyond what a program may have.
    pub fn set(&mut self, fd: u32, open: Option<Arc<Open>>) -> bool {
        if fd >= DESCRIPTORS {
            return false;
        }
        let at = fd as usize;
        if self.0.len() <= at {
            self.0.resize(at + 1, None);
        }
        self.0[at] = open;
        true
    }

    /// The first free number from `least` on.
    #[must_use]
    pub fn free(&self, least: u32) -> u32 {
        (least..).find(|fd| self.get(*fd).is_none()).unwrap_or(least)
    }

    /// The numbers that are open.
    pub fn numbers(&self) -> impl Iterator<Item = u32> {
        (0..).zip(&self.0).filter(|(_, open)| open.is_some()).map(|(fd, _)| fd)
    }
}
