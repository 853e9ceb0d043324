//! Saved labs: a snapshot of a lab at rest, and beside it the journal of what came in since (design section 7).
//!
//! The same build replays the journal, so that a lab killed in the middle of a command comes back at the same byte of the
//! same screen. Another build opens the snapshot alone and treats a command that was under way as cut off by a power
//! failure. What cannot be read is refused and never written over. Where the texts are kept is behind [`Backing`]: a
//! [`Folder`] here, a database on a server.

mod error;
mod folder;
mod record;
mod replay;
mod saved;
mod snapshot;

use std::path::{Path, PathBuf};

pub use error::StoreError;
pub use folder::Folder;
pub use replay::replay;
pub use saved::{Resumed, Saved};
pub use snapshot::Unreadable;

use crate::journal::What;
use crate::lab::Waits;
use crate::operator::{Operator, State};
use record::Chain;
use snapshot::Snapshot;

/// The format of snapshots and journals. Any other is refused: the one before was in no release.
pub const FORMAT: u64 = 4;

/// Version and digest of the sources of this program: only the same build replays a journal.
pub const BUILD: &str = env!("APPSH_BUILD");

/// After so many inputs there is a new snapshot, if no command runs.
const INPUTS: u64 = 2_000;
/// After so many bytes of journal, too: what was read from media can be long.
const BYTES: usize = 4 << 20;

/// Where the texts of one saved lab are kept. It is held by one program at a time from opening to dropping.
pub trait Backing: Send {
    /// Where that is, for messages.
    fn place(&self) -> &Path;

    /// Where the snapshot is, for messages.
    fn snapshot_place(&self) -> PathBuf;

    /// Where the journal is, for messages.
    fn journal_place(&self) -> PathBuf;

    /// Reads what is kept.
    ///
    /// # Errors
    /// [`StoreError::Io`].
    fn load(&mut self) -> Result<Stored, StoreError>;

    /// Adds to the journal: all of it, or (after an error) nothing that a later reading would take for whole.
    ///
    /// # Errors
    /// [`StoreError::Io`].
    fn append(&mut self, bytes: &[u8]) -> Result<(), StoreError>;

    /// Cuts the journal to `length` bytes.
    ///
    /// # Errors
    /// [`StoreError::Io`].
    fn cut_journal(&mut self, length: u64) -> Result<(), StoreError>;

    /// Puts a snapshot in the place of the old one in one step, and then begins the journal anew with these bytes.
    ///
    /// # Errors
    /// [`StoreError::Io`]: all is as it was, or the snapshot is new and [`Backing::append`] fails until this is done again.
    fn replace(&mut self, snapshot: &[u8], journal: &[u8]) -> Result<(), StoreError>;
}

/// What is kept of a lab, as it was written.
#[derive(Debug, Default)]
pub struct Stored {
    /// The snapshot.
    pub snapshot: Option<Vec<u8>>,
    /// The journal since.
    pub journal: Option<Vec<u8>>,
}

/// What opening a place found.
pub enum Opened {
    /// Nothing is kept there yet.
    New(Fresh),
    /// A lab.
    Saved(Box<Saved>),
}

/// A place where nothing is kept yet.
pub struct Fresh {
    backing: Box<dyn Backing>,
}

/// A lab that is being kept.
pub struct Store {
    backing: Box<dyn Backing>,
    generation: u64,
    chain: Chain,
    /// Lines of the journal that could not be written yet.
    pending: Vec<u8>,
    /// Inputs since the snapshot, passing time left out, and entries and bytes of the journal.
    inputs: u64,
    entries: u64,
    bytes: usize,
    /// Whether the journal since the snapshot cannot tell how the lab came to be as it is.
    gap: bool,
}

impl Store {
    /// Opens the saved lab in `folder`, or a new place for one.
    ///
    /// # Errors
    /// [`StoreError`]; what is there stays as it is.
    pub fn open(folder: &Path) -> Result<Opened, StoreError> {
        Self::open_on(Box::new(Folder::open(folder)?))
    }

    /// Opens what is kept on `backing`.
    ///
    /// # Errors
    /// [`StoreError`]; what is there stays as it is.
    pub fn open_on(mut backing: Box<dyn Backing>) -> Result<Opened, StoreError> {
        let stored = backing.load()?;
        match stored.snapshot {
            Some(snapshot) => {
                Saved::read(backing, &snapshot, stored.journal.as_deref()).map(Box::new).map(Opened::Saved)
            }
            None if stored.journal.is_some() => Err(StoreError::Snapshot {
                path: backing.snapshot_place(),
                why: "it is missing, while its journal is there".to_owned(),
            }),
            None => Ok(Opened::New(Fresh { backing })),
        }
    }

    /// Keeps what came in since the last time. To be called after every input and every passing of time, and before what
    /// they printed is shown.
    ///
    /// # Errors
    /// [`StoreError`]: nothing more was kept. The next call tries again with all that is missing.
    pub fn keep(&mut self, operator: &mut Operator) -> Result<(), StoreError> {
        self.note(operator);
        let written = self.write();
        let due = written.is_err() || self.is_due(operator);
        if due && operator.lab.is_quiet() { self.snapshot(operator) } else { written }
    }

    /// Hands what is noted to the journal, if the journal can still tell the whole story.
    fn write(&mut self) -> Result<(), StoreError> {
        if self.gap {
            return Err(StoreError::NotQuiet { path: self.backing.place().to_owned() });
        }
        if !self.pending.is_empty() {
            self.backing.append(&self.pending)?;
            self.pending.clear();
        }
        Ok(())
    }

    /// Keeps everything, for the end of the program. While a command runs the journal alone holds it.
    ///
    /// # Errors
    /// As [`Store::keep`].
    pub fn close(mut self, operator: &mut Operator) -> Result<(), StoreError> {
        self.keep(operator)?;
        if self.entries > 0 && operator.lab.is_quiet() { self.snapshot(operator) } else { Ok(()) }
    }

    /// Makes lines of the entries since the last time.
    fn note(&mut self, operator: &mut Operator) {
        let entries = operator.lab.take_journal();
        self.gap |= operator.lab.journal().take_gap();
        let Some(last) = entries.len().checked_sub(1) else { return };
        let busy = operator.lab.busy();
        let before = self.pending.len();
        for (index, entry) in entries.iter().enumerate() {
            self.chain.write(&mut self.pending, entry, if index == last { &busy } else { &[] });
            self.inputs += u64::from(!matches!(entry.what, What::Pass));
        }
        self.entries += entries.len() as u64;
        self.bytes += self.pending.len() - before;
    }

    /// Whether it is time for a snapshot, if no command runs: at a keyboard whenever one is through, else now and then.
    fn is_due(&self, operator: &Operator) -> bool {
        let waits = matches!(operator.state(), State::Lobby | State::Session(_, Waits::Prompt | Waits::Closed(_)));
        let at_keyboard = operator.terminal.live && waits && self.inputs > 0;
        at_keyboard || self.entries >= INPUTS || self.bytes >= BYTES
    }

    fn snapshot(&mut self, operator: &Operator) -> Result<(), StoreError> {
        let generation = self.generation + 1;
        let Some(snapshot) = Snapshot::take(operator, BUILD, generation) else { return Ok(()) };
        let (text, digest) = snapshot.encode();
        self.backing.replace(&text, &record::head(generation))?;
        self.generation = generation;
        self.chain = Chain::new(digest);
        self.pending.clear();
        (self.inputs, self.entries, self.bytes, self.gap) = (0, 0, 0, false);
        Ok(())
    }
}

impl Fresh {
    /// Begins to keep a lab, before anybody logs in to it.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn begin(self, operator: &mut Operator) -> Result<Store, StoreError> {
        let path = self.backing.place().to_owned();
        let mut store = Store::on(self.backing, 0, Chain::new(crate::payload::Sha256([0; 32])));
        if !operator.lab.is_quiet() {
            return Err(StoreError::NotQuiet { path });
        }
        store.snapshot(operator)?;
        operator.lab.journal().keep(true);
        Ok(store)
    }
}

impl Store {
    /// A store on `backing` as this build keeps it.
    fn on(backing: Box<dyn Backing>, generation: u64, chain: Chain) -> Self {
        let (inputs, entries, bytes) = (0, 0, 0);
        Self { backing, generation, chain, pending: Vec::new(), inputs, entries, bytes, gap: false }
    }
}
