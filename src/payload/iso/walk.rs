//! The walk over an image's folders: from the root to one sorted list of paths with their places in the image.
//! Everything a hostile image could grow is bounded here: entries, depth, bytes of names and of folders, and no folder
//! is read twice. Truth: ECMA-119 section 6.8, RRIP 1.12 section 4.1.5 (folders moved up from below the eighth level).

use super::super::medium::{Medium, fill};
use super::super::source::{Cause, DiscError, Entry, EntryKind};
use super::names::{Names, name};
use super::record::{Record, RockRidge};
use super::volume::{Root, SECTOR, Volume};
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

/// A run of bytes in the image.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Extent {
    pub start: u64,
    pub len: u64,
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
    fn new(path: &str, kind: EntryKind) -> Found {
        Found { entry: Entry { path: path.to_owned(), kind, size: 0 }, extents: Vec::new(), hidden: false }
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
    root: Root,
    /// Where in the image the record stands that names it.
    record: u64,
    /// Whether it is by name the place that moved folders were put in.
    moved: bool,
    /// Its own place among the things found.
    index: usize,
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
        walk.enter(Folder { path: String::new(), depth: 0, root, record: 0, moved: false, index: 0 })?;
        while let Some(folder) = walk.todo.pop() {
            walk.folder(&folder)?;
        }
        walk.found.retain(|found| !found.hidden);
        let root = Extent { start: root.start, len: root.size };
        Ok(Walked { names: walk.names, root, found: walk.found })
    }

    /// Whether the root's own record starts Rock Ridge, and how many bytes each tail skips.
    fn rock_ridge(&mut self, root: Root) -> Result<Option<usize>, DiscError> {
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
    fn has_names(&mut self, root: Root) -> Result<bool, DiscError> {
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
        let Root { start, size } = folder.root;
        let fail = |cause| Err(DiscError::new(&folder.path, folder.record.max(start), cause));
        let end = start.saturating_add(size);
        if end > self.medium.size() {
            return fail(Cause::Truncated { needs: end, has: self.medium.size() });
        }
        if size < DOTS {
            return fail(Cause::NotADirectory);
        }
        if self.seen.contains_key(&start) {
            return fail(Cause::Cycle);
        }
        let before = self.seen.range(..start).next_back().is_some_and(|(_, &last)| last > start);
        if before || self.seen.range(start..end).next().is_some() {
            return fail(Cause::Overlap);
        }
        self.folder_bytes += size;
        if self.folder_bytes > self.limits.folder_bytes {
            return fail(limit("bytes of folders", self.limits.folder_bytes));
        }
        if folder.depth > self.limits.depth {
            return fail(limit("folders within each other", self.limits.depth as u64));
        }
        self.seen.insert(start, end);
        self.todo.push(folder);
        Ok(())
    }

    /// Reads one folder's records.
    fn folder(&mut self, folder: &Folder) -> Result<(), DiscError> {
        let Root { start, size } = folder.root;
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
        if folder.moved && progress.relocated && !progress.shown {
            self.found[folder.index].hidden = true;
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
            let first = offset == folder.root.start;
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
        self.records += 1;
        if self.records > self.limits.entries {
            return Err(DiscError::new(&folder.path, offset, limit("entries", self.limits.entries as u64)));
        }
        let fields = match self.names {
            Names::RockRidge => {
                self.fields(&folder.path, offset, record.system_use.get(self.skip..).unwrap_or_default())?
            }
            _ => RockRidge::default(),
        };
        if fields.relocated {
            progress.relocated = true;
            return Ok(());
        }
        progress.shown = true;
        let path = self.path(folder, record, &fields).map_err(|cause| DiscError::new(&folder.path, offset, cause))?;
        let fail = |cause| DiscError::new(&path, offset, cause);
        let kind = fields.kind(record.is_directory() || fields.child.is_some());
        let root = match fields.child {
            Some(block) => self.moved(block, &path)?,
            None => Root { start: u64::from(record.block) * SECTOR, size: u64::from(record.size) },
        };
        let part = progress.part.take();
        if let Some(first) = part.as_ref().filter(|first| first.entry.path != path) {
            return Err(DiscError::new(&first.entry.path, offset, Cause::MultiExtent));
        }
        let mut found = part.unwrap_or_else(|| Found::new(&path, kind));
        match kind {
            EntryKind::Directory if !found.extents.is_empty() || record.continues() => {
                return Err(fail(Cause::MultiExtent));
            }
            EntryKind::Directory => {
                let moved = folder.path.is_empty() && matches!(path.as_str(), "rr_moved" | ".rr_moved");
                let (depth, index) = (folder.depth + 1, self.found.len());
                self.enter(Folder { path: path.clone(), depth, root, record: offset, moved, index })?;
                found.extents.push(Extent { start: root.start, len: root.size });
            }
            EntryKind::File if root.size > 0 => {
                self.check_inside(root).map_err(fail)?;
                found.entry.size += root.size;
                found.extents.push(Extent { start: root.start, len: root.size });
            }
            EntryKind::File | EntryKind::Other => {}
        }
        if record.continues() {
            progress.part = Some(found);
            return Ok(());
        }
        self.path_bytes += path.len();
        if self.path_bytes > self.limits.path_bytes {
            return Err(fail(limit("bytes of paths", self.limits.path_bytes as u64)));
        }
        self.found.push(found);
        Ok(())
    }

    fn check_inside(&self, root: Root) -> Result<(), Cause> {
        let needs = root.start.saturating_add(root.size);
        let has = self.medium.size();
        if needs > has { Err(Cause::Truncated { needs, has }) } else { Ok(()) }
    }

    /// A folder that was moved up: its own first record tells its size.
    fn moved(&self, block: u32, path: &str) -> Result<Root, DiscError> {
        let start = u64::from(block) * SECTOR;
        let mut sector = vec![0; SECTOR as usize];
        fill(self.medium, path, start, &mut sector)?;
        match Record::parse(&sector) {
            Ok(Some(dot)) if dot.name == [0] => Ok(Root { start, size: u64::from(dot.size) }),
            Ok(_) => Err(DiscError::new(path, start, Cause::NotADirectory)),
            Err(cause) => Err(DiscError::new(path, start, cause)),
        }
    }

    fn path(&self, folder: &Folder, record: &Record<'_>, fields: &RockRidge) -> Result<String, Cause> {
        let name = name(self.names, record.name, &fields.name);
        if name.is_empty() || name == "." || name == ".." || name.contains(['/', '\0']) {
            return Err(Cause::BadName);
        }
        Ok(if folder.path.is_empty() { name } else { format!("{}/{name}", folder.path) })
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
