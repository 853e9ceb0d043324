//! A saved lab that was opened: what its files hold, and how the lab goes on from there.

use super::record::{self, Record};
use super::replay::replay;
use super::snapshot::{Snapshot, Unreadable};
use super::{BUILD, Backing, Store, StoreError};
use crate::journal::Entry;
use crate::media::Shelf;
use crate::operator::Operator;
use crate::payload::Sha256;
use crate::shell::{SessionId, Terminal};
use crate::systems;
use crate::world::MachineId;

/// A saved lab on its way into the program.
pub struct Saved {
    backing: Box<dyn Backing>,
    snapshot: Snapshot,
    digest: Sha256,
    journal: Option<record::Read>,
    notes: Vec<String>,
}

/// A saved lab that goes on.
pub struct Resumed {
    /// Keeps it from here.
    pub store: Store,
    /// The person at the lab.
    pub operator: Operator,
    /// What the person must know: sentences without an end of line.
    pub notes: Vec<String>,
}

impl Saved {
    /// Reads what is kept; nothing is changed.
    pub(super) fn read(backing: Box<dyn Backing>, snapshot: &[u8], journal: Option<&[u8]>) -> Result<Self, StoreError> {
        let refuse = |path, unreadable| match unreadable {
            Unreadable::Format(format) => StoreError::Format { path, format },
            Unreadable::Damaged(why) => StoreError::Snapshot { path, why },
        };
        let (snapshot, digest) = Snapshot::decode(snapshot).map_err(|why| refuse(backing.snapshot_place(), why))?;
        let place = backing.place().display().to_string();
        let mut notes = Vec::new();
        let journal = match journal.map(|text| record::read(text, snapshot.generation, digest)) {
            Some(Ok(read)) => read,
            Some(Err(Unreadable::Format(format))) => {
                return Err(StoreError::Format { path: backing.journal_place(), format });
            }
            Some(Err(Unreadable::Damaged(why))) => {
                return Err(StoreError::Journal { path: backing.journal_place(), why });
            }
            None => {
                notes.push(format!("{place}: the journal is missing; the lab goes on from its last snapshot"));
                None
            }
        };
        if journal.as_ref().is_some_and(|read| read.torn) {
            notes.push(format!("{place}: the last input was cut off while it was written and is dropped"));
        }
        Ok(Self { backing, snapshot, digest, journal, notes })
    }

    /// The name of the lab that is kept.
    #[must_use]
    pub fn lab(&self) -> &str {
        self.snapshot.lab()
    }

    /// Goes on where the lab was left, reading discs from `shelf`, at `terminal`. What the screens show is taken already:
    /// [`crate::shell::Screen::past`] has it.
    ///
    /// # Errors
    /// [`StoreError`]; what is kept stays as it is.
    pub fn resume(self, shelf: Box<dyn Shelf>, terminal: Terminal) -> Result<Resumed, StoreError> {
        let Self { backing, snapshot, digest, journal, mut notes } = self;
        let (build, generation) = (snapshot.build.clone(), snapshot.generation);
        let no_fit = || StoreError::Snapshot {
            path: backing.snapshot_place(),
            why: "its parts do not fit each other".to_owned(),
        };
        let mut operator = snapshot.open(shelf).ok_or_else(no_fit)?;
        let chain = record::Chain::new(digest);
        let mut store = match journal {
            None => Store { gap: true, ..Store::on(backing, generation, chain) },
            Some(read) if build == BUILD => go_on(backing, generation, read, &mut operator)?,
            Some(read) => {
                notes.extend(drop_journal(&mut operator, &read.records, &build));
                Store { gap: true, ..Store::on(backing, generation, chain) }
            }
        };
        let all: Vec<SessionId> = operator.lab.sessions().map(|session| session.id).collect();
        for id in all {
            operator.lab.output(id, &mut String::new());
        }
        operator.lab.journal().keep(true);
        operator.look(terminal);
        store.keep(&mut operator)?;
        Ok(Resumed { store, operator, notes })
    }
}

/// Replays the journal of the same build and goes on with it.
fn go_on(
    mut backing: Box<dyn Backing>,
    generation: u64,
    read: record::Read,
    operator: &mut Operator,
) -> Result<Store, StoreError> {
    let path = backing.journal_place();
    let no_fit =
        |line: usize, why: &str| StoreError::Journal { path: path.clone(), why: format!("line {line}: {why}") };
    let entries = read.records.len() as u64;
    for (index, record) in read.records.into_iter().enumerate() {
        let line = index + 2;
        let entry: Entry = serde_json::from_value(record.entry).map_err(|e| no_fit(line, &e.to_string()))?;
        if !replay(operator, entry) {
            return Err(no_fit(line, "it does not fit what came before"));
        }
    }
    if read.torn {
        backing.cut_journal(read.length)?;
    }
    let bytes = usize::try_from(read.length).unwrap_or(usize::MAX);
    Ok(Store { inputs: entries, entries, bytes, ..Store::on(backing, generation, read.chain) })
}

/// Treats what another build was doing as cut off by a power failure, and says what is lost.
fn drop_journal(operator: &mut Operator, records: &[Record], build: &str) -> Vec<String> {
    let Some(last) = records.last() else { return Vec::new() };
    let now = operator.now();
    let mut notes = vec![format!(
        "kept by another build ({build}), which alone can redo the {} inputs since its last snapshot of {now}: they are \
         dropped",
        records.len()
    )];
    for &session in &last.busy {
        let (machine, command) = doing(operator, records, session);
        let Some(id) = machine else { continue };
        let name = operator.lab.world().machine(id).name.clone();
        notes.push(format!("{command} was not finished on {name}: the machine is as after a power failure, and off"));
        operator.lab.act(|world, _| systems::family(world, id).cut_power(world, id));
    }
    notes
}

/// The machine of a session, and the command that ran there, from what a journal of any build tells.
fn doing(operator: &Operator, records: &[Record], session: SessionId) -> (Option<MachineId>, String) {
    let mut machine = operator.lab.knows(session).then(|| operator.lab.session(session).machine);
    let mut command = "a login".to_owned();
    for record in records {
        let what = &record.entry["what"];
        if what["open"]["session"] == session.0
            && let Some(name) = what["open"]["machine"].as_str()
        {
            machine = operator.lab.world().find(name);
        }
        if what["line"]["session"] == session.0
            && let Some(line) = what["line"]["line"].as_str()
        {
            command = format!("`{line}`");
        }
    }
    (machine, command)
}
