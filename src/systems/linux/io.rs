//! What the programs of one command line share while it runs: pipes, open files, the count of steps, the signal that ends
//! them all. Nothing of this outlives the coroutine.
//!
//! A program that reads from an empty pipe or writes into a full one waits without awaiting anything of the lab; [`join`]
//! polls the stages of a pipeline in turns for as long as one of them moves.

use std::collections::{BTreeMap, VecDeque};
use std::fmt::{self, Debug, Formatter};
use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Poll;

use super::fs::Ino;
use super::ledger::Ledger;
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

/// What all programs of one command line share.
#[derive(Debug, Default)]
pub struct Control {
    /// The signal that was sent to all of them; 0 for none.
    signal: AtomicU8,
    /// Counts what happens to pipes: a stage that waits looks again when it has changed.
    moves: AtomicU64,
    /// What the line has used up.
    pub(super) ledger: Arc<Ledger>,
    /// How many pipes there have been.
    pipes: AtomicU64,
    printed: AtomicU64,
    /// What a person typed and no program has read.
    typed: Mutex<VecDeque<u8>>,
    companions: Mutex<Companions>,
    /// Whether a program wants the companions to go on before it does.
    yields: AtomicBool,
}

/// What goes on beside a command line: the commands of `<( … )` and `>( … )`.
#[derive(Default)]
struct Companions {
    fresh: Vec<Boxed<'static, ()>>,
    count: usize,
    /// The status of each of the latest by its process, once it has ended.
    known: BTreeMap<u32, Option<u8>>,
}

impl Debug for Companions {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.debug_struct("Companions").field("count", &self.count).finish_non_exhaustive()
    }
}

impl Control {
    /// That of a job which the same line leaves behind the prompt.
    #[must_use]
    pub fn beside(&self) -> Self {
        Self { ledger: Arc::clone(&self.ledger), ..Self::default() }
    }

    /// Sends a signal to all programs.
    pub fn send(&self, signal: u8) {
        self.signal.store(signal, Ordering::Relaxed);
    }

    /// The signal that was sent, unless it was dealt with.
    pub fn signal(&self) -> Option<u8> {
        Some(self.signal.load(Ordering::Relaxed)).filter(|signal| *signal != 0)
    }

    /// Notes that the signal was dealt with.
    pub fn handled(&self) {
        self.signal.store(0, Ordering::Relaxed);
    }

    /// Counts a step. `true` each time that whoever watches shall get a turn.
    ///
    /// # Errors
    /// [`Cut`]: a signal was sent, or there were too many.
    pub fn step(&self) -> Result<bool, Cut> {
        if let Some(signal) = self.signal() {
            return Err(Cut::Signal(signal));
        }
        let steps = self.ledger.step();
        if steps > STEPS {
            return Err(Cut::Limit("steps"));
        }
        Ok(steps.is_multiple_of(STEPS_PER_MS))
    }

    /// Ends all programs at their next step: one of them went beyond what a line may do.
    pub fn exhaust(&self) {
        self.ledger.set_steps(STEPS);
    }

    /// Counts what is printed on the terminal.
    ///
    /// # Errors
    /// [`Cut`]: it was too much.
    pub fn print(&self, bytes: usize) -> Result<(), Cut> {
        let printed = self.printed.fetch_add(bytes as u64, Ordering::Relaxed);
        if printed > PRINTED { Err(Cut::Limit("output")) } else { Ok(()) }
    }

    /// Whether another companion may begin.
    pub fn takes_companion(&self) -> bool {
        lock(&self.companions).count < COMPANIONS
    }

    /// Lets a program go on beside the command line; [`accompanied`] runs it.
    pub fn accompany(&self, pid: u32, companion: Boxed<'static, ()>) {
        let mut companions = lock(&self.companions);
        companions.count += 1;
        companions.fresh.push(companion);
        companions.known.insert(pid, None);
        if companions.known.len() > COMPANIONS {
            companions.known.pop_first();
        }
    }

    /// Notes how the companion that is this process ended.
    pub fn companion_ended(&self, pid: u32, status: u8) {
        if let Some(ended) = lock(&self.companions).known.get_mut(&pid) {
            *ended = Some(status);
        }
    }

    /// Whether this process is a companion, and how it ended if it has.
    pub fn companion(&self, pid: u32) -> Option<Option<u8>> {
        lock(&self.companions).known.get(&pid).copied()
    }

    /// Notes how many companions run. Whether more of them wait to begin.
    fn counts_companions(&self, running: usize) -> bool {
        let mut companions = lock(&self.companions);
        companions.count = running + companions.fresh.len();
        !companions.fresh.is_empty()
    }

    fn moved(&self) {
        self.moves.fetch_add(1, Ordering::Relaxed);
    }

    fn moves(&self) -> u64 {
        self.moves.load(Ordering::Relaxed)
    }

    /// Keeps a typed line for the program that reads.
    pub(super) fn type_in(&self, line: &str) {
        let mut typed = lock(&self.typed);
        typed.extend(line.as_bytes());
        typed.push_back(b'\n');
    }

    /// What was typed, as a program reads it.
    pub(super) fn take_typed(&self, most: usize, delimiter: Option<u8>) -> Option<Vec<u8>> {
        let mut typed = lock(&self.typed);
        if typed.is_empty() { None } else { Some(take(&mut typed, most, delimiter)) }
    }
}

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
    let number = 32_000 + control.pipes.fetch_add(1, Ordering::Relaxed);
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
}

impl OpenFile {
    /// The same file, opened once more to be read from its beginning.
    #[must_use]
    pub fn to_be_read(&self) -> Self {
        let (path, at) = (self.path.clone(), AtomicU64::new(0));
        Self { machine: self.machine, ino: self.ino, path, at, append: false, reads: true, writes: false }
    }
}

impl Open {
    /// A text that is read.
    #[must_use]
    pub fn text(text: impl Into<Vec<u8>>) -> Self {
        Self::Text(Mutex::new(Cursor { text: text.into(), at: 0 }))
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
            Self::Null | Self::Writer(_) | Self::Capture(_) => Some(Poll::Ready(Vec::new())),
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
            Self::Terminal | Self::File(_) | Self::Random => None,
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
            Self::Terminal | Self::File(_) => None,
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

/// Runs the stages of a pipeline side by side until all are through.
pub async fn join<T: Send>(control: &Control, stages: Vec<Boxed<'_, T>>) -> Vec<T> {
    let mut stages: Vec<Option<Boxed<'_, T>>> = stages.into_iter().map(Some).collect();
    let mut results: Vec<Option<T>> = stages.iter().map(|_| None).collect();
    std::future::poll_fn(|polling| {
        loop {
            let before = control.moves();
            for (stage, result) in stages.iter_mut().zip(&mut results) {
                if let Some(future) = stage
                    && let Poll::Ready(value) = future.as_mut().poll(polling)
                {
                    *result = Some(value);
                    // Dropping it closes its ends of the pipes.
                    *stage = None;
                    control.moved();
                }
            }
            if stages.iter().all(Option::is_none) {
                return Poll::Ready(());
            }
            if control.moves() == before || control.yields.load(Ordering::Relaxed) {
                return Poll::Pending;
            }
        }
    })
    .await;
    results.into_iter().flatten().collect()
}

/// Runs a command line, and beside it the companions that it starts. When it is through, those that could go on have done
/// so; what is left of them still waits for something, and goes on with [`outlive`].
pub async fn accompanied<T: Send>(control: &Control, line: Boxed<'_, T>) -> (T, Vec<Boxed<'static, ()>>) {
    let (mut line, mut ended) = (Some(line), None);
    let mut beside: Vec<Boxed<'static, ()>> = Vec::new();
    let result = std::future::poll_fn(|polling| {
        loop {
            let before = control.moves();
            if let Some(future) = &mut line
                && let Poll::Ready(value) = future.as_mut().poll(polling)
            {
                ended = Some(value);
                line = None;
            }
            let mut yielded = control.yields.swap(false, Ordering::Relaxed);
            // What a companion starts begins in the next round.
            beside.append(&mut lock(&control.companions).fresh);
            beside.retain_mut(|companion| companion.as_mut().poll(polling).is_pending());
            yielded |= control.yields.swap(false, Ordering::Relaxed) || control.counts_companions(beside.len());
            if control.moves() != before || yielded {
                continue;
            }
            return ended.take().map_or(Poll::Pending, Poll::Ready);
        }
    });
    let result = result.await;
    (result, beside)
}

/// Runs what is left of a line's companions until all are through.
pub async fn outlive(control: &Control, mut left: Vec<Boxed<'static, ()>>) {
    while !left.is_empty() {
        left = accompanied(control, Box::pin(join(control, left))).await.1;
    }
}

/// Gives the companions a turn.
pub async fn give_way(control: &Control) {
    let mut given = false;
    std::future::poll_fn(|_| {
        if std::mem::replace(&mut given, true) {
            return Poll::Ready(());
        }
        control.yields.store(true, Ordering::Relaxed);
        Poll::Pending
    })
    .await;
}
