//! The walk over an image's folders: from the root to one sorted list of paths with their places in the image.
//! Everything a hostile image could grow is bounded here: entries, depth, bytes of names and of folders, and no folder
//! is read twice. Truth: ECMA-119 section 6.8, RRIP 1.12 section 4.1.5 (folders moved up from below the eighth level).

use super::super::medium::{Medium, fill};
use super::super::source::{Cause, DiscError, Entry, EntryKind};
use super::names::{Names, name};
use super::record::{Record, RockRidge};
use super::volume::{Extent, SECTOR, Volume};
use std::collections::BTreeMap;

/// How much of everything an image may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Directory records, extents of large files included.
    pub entries: usize,
    /// Folders within folders.
    pub depth: usize,
    /// Bytes of all paths together.
    pub path_bytes: usize,
    /// Bytes of all folders together.
    pub folder_bytes: u64,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits { entries: 1_000_000, depth: 256, path_bytes: 64 << 20, folder_bytes: 256 << 20 }
    }
}

/// An entry and its extents, as the walk finds them.
#[derive(Debug)]
pub(super) struct Found {
    pub entry: Entry,
    pub extents: Vec<Extent>,
    /// The place of moved folders, when it holds nothing else.
    pub hidden: bool,
}

impl Found {
    fn new(path: String, kind: EntryKind) -> Found {
        Found { entry: Entry { path, kind, size: 0 }, extents: Vec::new(), hidden: false }
    }
}

/// How many continuation areas one record may chain, and how many bytes each may have.
const MOST_CONTINUATIONS: usize = 64;
const CONTINUATION_BYTES: u32 = 8192;
/// Bytes of the smallest folder: it holds itself and the one above.
const DOTS: u64 = 68;
/// Bytes of a folder that are read at once.
const CHUNK: u64 = 16 * SECTOR;

struct Folder {
    path: String,
    depth: usize,
    place: Extent,
    /// Where in the image the record stands that names it.
    record: u64,
    /// Its own place among the things found, if it is by name the one that moved folders are put in.
    index: Option<usize>,
}

/// What one folder's records have shown so far.
#[derive(Default)]
struct Progress {
    /// A file whose next extent is due.
    part: Option<Found>,
    /// A moved folder was seen, which is shown elsewhere.
    relocated: bool,
    /// Something was seen that is shown here.
    shown: bool,
}

/// What a walk found.
pub(super) struct Walked {
    pub names: Names,
    /// Where the root folder lies.
    pub root: Extent,
    pub found: Vec<Found>,
}

/// A walk under way.
pub(super) struct Walk<'m, M: ?Sized> {
    medium: &'m M,
    names: Names,
    skip: usize,
    limits: Limits,
    todo: Vec<Folder>,
    /// Start and end of each folder read.
    seen: BTreeMap<u64, u64>,
    found: Vec<Found>,
    records: usize,
    path_bytes: usize,
    folder_bytes: u64,
    /// The sector last read for a continuation area; neighbours share it.
    cached: (u64, Vec<u8>),
}

impl<'m, M: Medium + ?Sized> Walk<'m, M> {
    /// Walks the best tree that the image has.
    pub fn run(medium: &'m M, volume: &Volume, limits: Limits) -> Result<Walked, DiscError> {
        let mut walk = Walk {
            medium,
            names: Names::Plain,
            skip: 0,
            limits,
            todo: Vec::new(),
            seen: BTreeMap::new(),
            found: Vec::new(),
            records: 0,
            path_bytes: 0,
            folder_bytes: 0,
            cached: (u64::MAX, Vec::new()),
        };
        let mut root = volume.primary;
        if let Some(skip) = walk.rock_ridge(root)? {
            (walk.names, walk.skip) = (Names::RockRidge, skip);
        } else if let Some((joliet, _)) = &volume.joliet {
            (walk.names, root) = (Names::Joliet, *joliet);
        }
        let (path, place) = (String::new(), root);
        walk.enter(Folder { path, depth: 0, place, record: root.start, index: None })?;
        while let Some(folder) = walk.todo.pop() {
            walk.folder(&folder)?;
        }
        walk.found.retain(|found| !found.hidden);
        Ok(Walked { names: walk.names, root, found: walk.found })
    }

    /// Whether the root's own record starts Rock Ridge, and how many bytes each tail skips.
    fn rock_ridge(&mut self, root: Extent) -> Result<Option<usize>, DiscError> {
        let sector = self.sector(root.start)?;
        let dot = Record::parse(&sector).map_err(|cause| DiscError::new("", root.start, cause))?;
        match dot {
            Some(dot) if dot.system_use.starts_with(b"SP") => {
                let tail = dot.system_use.to_vec();
                let fields = self.fields("", root.start, &tail)?;
                let known = fields.seen || self.has_names(root)?;
                Ok(fields.skip.filter(|_| known).map(usize::from))
            }
            _ => Ok(None),
        }
    }

    /// Whether the first record behind the two dots has a Rock Ridge name: some writers mark nothing in the dots.
    fn has_names(&mut self, root: Extent) -> Result<bool, DiscError> {
        let sector = self.sector(root.start)?;
        let mut at = 0;
        while let Ok(Some(record)) = Record::parse(&sector[at.min(sector.len())..]) {
            if !record.is_dot() {
                return Ok(record.system_use.windows(2).any(|pair| pair == b"NM"));
            }
            at += record.len;
        }
        Ok(false)
    }

    fn sector(&self, offset: u64) -> Result<Vec<u8>, DiscError> {
        let mut bytes = vec![0; SECTOR as usize];
        fill(self.medium, "", offset, &mut bytes)?;
        Ok(bytes)
    }

    /// Puts a folder on the list of those to read, if it can be one.
    fn enter(&mut self, folder: Folder) -> Result<(), DiscError> {
        let place = folder.place;
        let fail = |cause| DiscError::new(&folder.path, folder.record, cause);
        self.check_inside(place).map_err(fail)?;
        if place.len < DOTS {
            return Err(fail(Cause::NotADirectory));
        }
        if self.seen.contains_key(&place.start) {
            return Err(fail(Cause::Cycle));
        }
        let before = self.seen.range(..place.start).next_back();
        if before.is_some_and(|(_, &end)| end > place.start)
            || self.seen.range(place.start..place.end()).next().is_some()
        {
            return Err(fail(Cause::Overlap));
        }
        if folder.depth > self.limits.depth {
            return Err(fail(limit("folders within each other", self.limits.depth as u64)));
        }
        self.spend(place.len).map_err(fail)?;
        self.seen.insert(place.start, place.end());
        self.todo.push(folder);
        Ok(())
    }

    /// Counts bytes of folders, continuation areas included.
    fn spend(&mut self, bytes: u64) -> Result<(), Cause> {
        self.folder_bytes += bytes;
        if self.folder_bytes > self.limits.folder_bytes {
            return Err(limit("bytes of folders", self.limits.folder_bytes));
        }
        Ok(())
    }

    /// Reads one folder's records.
    fn folder(&mut self, folder: &Folder) -> Result<(), DiscError> {
        let Extent { start, len: size } = folder.place;
        let mut progress = Progress::default();
        let mut buf = vec![0; CHUNK.min(size) as usize];
        for chunk in (0..size).step_by(CHUNK as usize) {
            let len = CHUNK.min(size - chunk) as usize;
            fill(self.medium, &folder.path, start + chunk, &mut buf[..len])?;
            for (index, sector) in buf[..len].chunks(SECTOR as usize).enumerate() {
                let base = start + chunk + index as u64 * SECTOR;
                self.records_of(folder, sector, base, &mut progress)?;
            }
        }
        if progress.part.is_some() {
            return Err(DiscError::new(&folder.path, start, Cause::MultiExtent));
        }
        if let Some(index) = folder.index.filter(|_| progress.relocated && !progress.shown) {
            self.found[index].hidden = true;
        }
        Ok(())
    }

    /// Takes in the records of one sector, which starts at byte `base` of the image.
    fn records_of(
        &mut self,
        folder: &Folder,
        sector: &[u8],
        base: u64,
        progress: &mut Progress,
    ) -> Result<(), DiscError> {
        let mut at = 0;
        loop {
            let offset = base + at as u64;
            let fail = |cause| DiscError::new(&folder.path, offset, cause);
            let record = Record::parse(&sector[at..]).map_err(fail)?;
            let first = offset == folder.place.start;
            if first && record.is_none_or(|record| record.name != [0]) {
                return Err(fail(Cause::NotADirectory));
            }
            let Some(record) = record else {
                return Ok(());
            };
            if !record.is_dot() && !record.is_associated() {
                self.record(folder, &record, offset, progress)?;
            }
            at += record.len;
        }
    }

    /// Takes in one record.
    fn record(
        &mut self,
        folder: &Folder,
        record: &Record<'_>,
        offset: u64,
        progress: &mut Progress,
    ) -> Result<(), DiscError> {
        let fail = |cause| DiscError::new(&folder.path, offset, cause);
        self.records += 1;
        if self.records > self.limits.entries {
            return Err(fail(limit("entries", self.limits.entries as u64)));
        }
        let fields = match self.names {
            Names::RockRidge => {
                let tail = record.system_use.get(self.skip..).unwrap_or_default();
                self.fields(&folder.path, offset, tail)?
            }
            Names::Joliet | Names::Plain => RockRidge::default(),
        };
        if fields.relocated {
            progress.relocated = true;
            return Ok(());
        }
        progress.shown = true;
        let path = self.path(folder, record, &fields).map_err(fail)?;
        let place = match fields.child {
            Some(block) => self.moved(block, &path)?,
            None => Extent::of(record),
        };
        match fields.kind(record.is_directory() || fields.child.is_some()) {
            EntryKind::Directory if progress.part.is_some() || record.continues() => {
                Err(DiscError::new(&path, offset, Cause::MultiExtent))
            }
            EntryKind::Directory => self.take_folder(folder, path, place, offset),
            kind => self.take_file(record, Found::new(path, kind), place, offset, progress),
        }
    }

    fn take_folder(&mut self, parent: &Folder, path: String, place: Extent, offset: u64) -> Result<(), DiscError> {
        let moved = parent.path.is_empty() && matches!(path.as_str(), "rr_moved" | ".rr_moved");
        let index = moved.then_some(self.found.len());
        let mut found = Found::new(path.clone(), EntryKind::Directory);
        found.extents.push(place);
        self.found.push(found);
        self.enter(Folder { path, depth: parent.depth + 1, place, record: offset, index })
    }

    /// Takes in a file, or one extent of it.
    fn take_file(
        &mut self,
        record: &Record<'_>,
        found: Found,
        place: Extent,
        offset: u64,
        progress: &mut Progress,
    ) -> Result<(), DiscError> {
        let path = found.entry.path.clone();
        let mut found = match progress.part.take() {
            Some(part) if part.entry.path == path => part,
            Some(part) => return Err(DiscError::new(&part.entry.path, offset, Cause::MultiExtent)),
            None => found,
        };
        if found.entry.kind == EntryKind::File && place.len > 0 {
            self.check_inside(place).map_err(|cause| DiscError::new(&path, offset, cause))?;
            found.entry.size += place.len;
            found.extents.push(place);
        }
        match record.continues() {
            true => progress.part = Some(found),
            false => self.found.push(found),
        }
        Ok(())
    }

    fn check_inside(&self, place: Extent) -> Result<(), Cause> {
        let (needs, has) = (place.end(), self.medium.size());
        if needs > has { Err(Cause::Truncated { needs, has }) } else { Ok(()) }
    }

    /// A folder that was moved up: its own first record tells its size.
    fn moved(&self, block: u32, path: &str) -> Result<Extent, DiscError> {
        let start = u64::from(block) * SECTOR;
        let mut sector = vec![0; SECTOR as usize];
        fill(self.medium, path, start, &mut sector)?;
        match Record::parse(&sector) {
            Ok(Some(dot)) if dot.name == [0] => Ok(Extent { start, len: u64::from(dot.size) }),
            Ok(_) => Err(DiscError::new(path, start, Cause::NotADirectory)),
            Err(cause) => Err(DiscError::new(path, start, cause)),
        }
    }

    /// The path that a record stands for, counted against the limit.
    fn path(&mut self, folder: &Folder, record: &Record<'_>, fields: &RockRidge) -> Result<String, Cause> {
        let name = name(self.names, record.name, &fields.name);
        if name.is_empty() || name == "." || name == ".." || name.contains(['/', '\0']) {
            return Err(Cause::BadName);
        }
        let path = if folder.path.is_empty() { name } else { format!("{}/{name}", folder.path) };
        self.path_bytes += path.len();
        if self.path_bytes > self.limits.path_bytes {
            return Err(limit("bytes of paths", self.limits.path_bytes as u64));
        }
        Ok(path)
    }

    /// The Rock Ridge fields of a record, continuation areas included.
    fn fields(&mut self, path: &str, offset: u64, tail: &[u8]) -> Result<RockRidge, DiscError> {
        let mut fields = RockRidge::default();
        fields.feed(tail).map_err(|cause| DiscError::new(path, offset, cause))?;
        for _ in 0..MOST_CONTINUATIONS {
            let Some(next) = fields.next.take() else {
                return Ok(fields);
            };
            let start = u64::from(next.block) * SECTOR + u64::from(next.offset);
            if next.len > CONTINUATION_BYTES || next.offset >= CONTINUATION_BYTES {
                return Err(DiscError::new(path, offset, Cause::SystemUse));
            }
            self.spend(u64::from(next.len)).map_err(|cause| DiscError::new(path, offset, cause))?;
            let area = self.continuation(path, start, next.len as usize)?;
            fields.feed(&area).map_err(|cause| DiscError::new(path, start, cause))?;
        }
        Err(DiscError::new(path, offset, Cause::SystemUse))
    }

    /// The bytes of a continuation area; the sector it starts in is kept, because its neighbours are in it too.
    fn continuation(&mut self, path: &str, start: u64, len: usize) -> Result<Vec<u8>, DiscError> {
        let sector = start - start % SECTOR;
        let within = (start - sector) as usize;
        if within + len > SECTOR as usize {
            let mut area = vec![0; len];
            fill(self.medium, path, start, &mut area)?;
            return Ok(area);
        }
        if self.cached.0 != sector {
            let mut bytes = vec![0; SECTOR as usize];
            fill(self.medium, path, sector, &mut bytes)?;
            self.cached = (sector, bytes);
        }
        Ok(self.cached.1[within..within + len].to_vec())
    }
}

fn limit(what: &str, limit: u64) -> Cause {
    Cause::Limit { what: what.to_owned(), limit }
}
