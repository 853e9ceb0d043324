//! A source: the tree of files that an update is read from, be it an ISO image, a folder or a tree in memory.
//! One shape for all of them, so that a user's own disc and a bundled one take the same path through the code.
//! Left out on purpose: owners, modes, dates and the targets of symbolic links, none of which staging looks at.

use super::patch::Sha256;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;

/// What one path of a source is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum EntryKind {
    /// A file with content.
    File,
    /// A folder.
    Directory,
    /// A symbolic link or a device: listed, never followed, without content.
    Other,
}

/// One path of a source.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// From the root, parts joined by `/`, without a leading one.
    pub path: String,
    /// File, folder or neither.
    pub kind: EntryKind,
    /// Bytes of a file's content; zero for all else.
    pub size: u64,
}

/// Something that cannot be read, with where and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DiscError {
    /// Which file or folder of the source; empty for the image as a whole.
    pub path: String,
    /// Where in the image (or in the file of a folder), in bytes.
    pub offset: u64,
    /// Why.
    pub cause: Cause,
}

impl DiscError {
    /// An error about `path` at `offset`.
    pub fn new(path: &str, offset: u64, cause: Cause) -> DiscError {
        DiscError { path: path.to_owned(), offset, cause }
    }
}

impl fmt::Display for DiscError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.path.is_empty() {
            write!(f, "{}: ", printable(&self.path))?;
        }
        write!(f, "at byte {}: {}", self.offset, self.cause)
    }
}

impl std::error::Error for DiscError {}

/// Why a source cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Cause {
    /// No `CD001` where an image has it.
    NotAnImage,
    /// A UDF image without the ISO 9660 half.
    UdfOnly,
    /// The descriptors end without a primary one.
    NoPrimaryDescriptor,
    /// A logical block size other than 2048 bytes, which no disc has.
    BlockSize(u16),
    /// The medium ends before what is told to be there; both in bytes.
    Truncated {
        /// How long the medium must be for it.
        needs: u64,
        /// How long it is.
        has: u64,
    },
    /// A directory record that contradicts its own length or its place.
    BadRecord,
    /// A number which is stored twice, in both byte orders, and differs.
    Disagree {
        /// As the little-endian copy has it.
        little: u32,
        /// As the big-endian copy has it.
        big: u32,
    },
    /// What a record calls a folder does not start like one.
    NotADirectory,
    /// A folder that is reached twice, so that a walk would not end or would count it double.
    Cycle,
    /// Two things claim the same bytes.
    Overlap,
    /// A Rock Ridge field that contradicts its own length, or a chain of them without end.
    SystemUse,
    /// A name that is empty, or `.`, `..`, or has a `/` or a NUL in it.
    BadName,
    /// Two entries of one name.
    DuplicateName,
    /// The parts of a file of several extents do not belong together.
    MultiExtent,
    /// An interleaved file, or one on another disc of a set; no update has those.
    Interleaved,
    /// More of something than any disc has.
    Limit {
        /// What there is too much of.
        what: String,
        /// How much is taken.
        limit: u64,
    },
    /// No such file in the source.
    NotFound,
    /// The path names something without content.
    NotAFile,
    /// What the device or the host's file system reported.
    Io(String),
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Cause::NotAnImage => f.write_str("this is not an ISO 9660 image (no CD001 here)"),
            Cause::UdfOnly => f.write_str("this image is UDF only; an ISO 9660 one is needed"),
            Cause::NoPrimaryDescriptor => f.write_str("the image has no primary volume descriptor"),
            Cause::BlockSize(size) => {
                write!(f, "a logical block of {size} bytes, where discs have 2048")
            }
            Cause::Truncated { needs, has } => {
                write!(f, "cut off: {needs} bytes are needed, there are {has}")
            }
            Cause::BadRecord => f.write_str("a damaged directory record"),
            Cause::Disagree { little, big } => {
                write!(f, "a number stored twice differs: {little} and {big}")
            }
            Cause::NotADirectory => f.write_str("called a folder, but does not start like one"),
            Cause::Cycle => f.write_str("a folder that contains itself or is reached twice"),
            Cause::Overlap => f.write_str("it overlaps with another file or folder"),
            Cause::SystemUse => f.write_str("a damaged Rock Ridge field"),
            Cause::BadName => f.write_str("a name that no file can have"),
            Cause::DuplicateName => f.write_str("a second entry of the same name"),
            Cause::MultiExtent => f.write_str("the parts of a large file do not belong together"),
            Cause::Interleaved => f.write_str("an interleaved file or one of a disc set, which is not supported"),
            Cause::Limit { what, limit } => write!(f, "more than {limit} {what}"),
            Cause::NotFound => f.write_str("no such file"),
            Cause::NotAFile => f.write_str("not a regular file"),
            Cause::Io(text) => f.write_str(text),
        }
    }
}

/// A tree of files to read an update from.
pub trait Source: Send + Sync {
    /// The volume label; empty where there is none.
    fn label(&self) -> &str;

    /// How many bytes the medium holds, where it is one; a folder has no such bound.
    fn size(&self) -> Option<u64>;

    /// Digest of the descriptors of the volume; a folder has none.
    fn descriptor(&self) -> Option<Sha256> {
        None
    }

    /// Whether all its names may be shortened ones: an image without the long names of Rock Ridge or Joliet.
    fn has_short_names(&self) -> bool {
        false
    }

    /// All paths, sorted by path; folders are included, the root is not.
    fn entries(&self) -> &[Entry];

    /// Reads from `offset` (bytes) of a file; zero bytes only at its end.
    ///
    /// # Errors
    /// No such file, not a file, or the medium's trouble.
    fn read_at(&self, path: &str, offset: u64, buf: &mut [u8]) -> Result<usize, DiscError>;

    /// The entry of exactly this path.
    fn find(&self, path: &str) -> Option<&Entry> {
        position(self.entries(), path).map(|index| &self.entries()[index])
    }

    /// A whole file of at most `limit` bytes.
    ///
    /// # Errors
    /// As [`Source::read_at`], and [`Cause::Limit`] for a longer one.
    fn read(&self, path: &str, limit: u64) -> Result<Vec<u8>, DiscError> {
        let entry = self.find(path).ok_or_else(|| DiscError::new(path, 0, Cause::NotFound))?;
        if entry.size > limit {
            return Err(DiscError::new(path, 0, Cause::Limit { what: "bytes in this file".to_owned(), limit }));
        }
        let mut bytes = vec![0; entry.size as usize];
        let mut done = 0;
        while done < bytes.len() {
            let count = self.read_at(path, done as u64, &mut bytes[done..])?;
            if count == 0 {
                let cut = Cause::Truncated { needs: entry.size, has: done as u64 };
                return Err(DiscError::new(path, done as u64, cut));
            }
            done += count;
        }
        Ok(bytes)
    }
}

/// Where `path` stands among entries that are sorted by path.
pub(crate) fn position(entries: &[Entry], path: &str) -> Option<usize> {
    entries.binary_search_by(|entry| entry.path.as_str().cmp(path)).ok()
}

/// A name as a terminal may show it: control characters as `\ooo`, as bsdtar prints them.
pub fn printable(name: &str) -> String {
    let mut shown = String::with_capacity(name.len());
    for c in name.chars() {
        if c.is_control() {
            let mut bytes = [0; 4];
            for byte in c.encode_utf8(&mut bytes).bytes() {
                shown.push_str(&format!("\\{byte:03o}"));
            }
        } else {
            shown.push(c);
        }
    }
    shown
}

/// A source in memory: what `build` makes before it becomes an image, and what tests take apart.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tree {
    label: String,
    entries: Vec<Entry>,
    bodies: BTreeMap<String, Vec<u8>>,
}

impl Tree {
    /// A tree of these files; the folders follow from the paths.
    pub fn new(label: &str, files: impl IntoIterator<Item = (String, Vec<u8>)>) -> Tree {
        let bodies: BTreeMap<String, Vec<u8>> = files.into_iter().collect();
        let mut kinds: BTreeMap<&str, (EntryKind, u64)> = BTreeMap::new();
        for (path, body) in &bodies {
            for (at, _) in path.match_indices('/') {
                kinds.insert(&path[..at], (EntryKind::Directory, 0));
            }
            kinds.insert(path, (EntryKind::File, body.len() as u64));
        }
        let entries =
            kinds.into_iter().map(|(path, (kind, size))| Entry { path: path.to_owned(), kind, size }).collect();
        Tree { label: label.to_owned(), entries, bodies }
    }

    /// The files with their content, sorted by path.
    pub fn files(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.bodies.iter().map(|(path, body)| (path.as_str(), body.as_slice()))
    }
}

impl Source for Tree {
    fn label(&self) -> &str {
        &self.label
    }

    fn size(&self) -> Option<u64> {
        None
    }

    fn entries(&self) -> &[Entry] {
        &self.entries
    }

    fn read_at(&self, path: &str, offset: u64, buf: &mut [u8]) -> Result<usize, DiscError> {
        use super::medium::Medium;
        let body = self.bodies.get(path).ok_or_else(|| DiscError::new(path, offset, Cause::NotFound))?;
        body.read_at(offset, buf).map_err(|error| DiscError::new(path, offset, Cause::Io(error.to_string())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tree_lists_its_folders_and_reads_its_files() {
        let tree = Tree::new("L", [("a/b/c".to_owned(), b"hello".to_vec()), ("a.x".to_owned(), vec![])]);
        let paths: Vec<&str> = tree.entries().iter().map(|entry| entry.path.as_str()).collect();
        assert_eq!(paths, ["a", "a.x", "a/b", "a/b/c"]);
        assert_eq!(tree.read("a/b/c", 5).unwrap(), b"hello");
        assert_eq!(tree.read("a/b/c", 4).unwrap_err().to_string(), "a/b/c: at byte 0: more than 4 bytes in this file");
        assert_eq!(tree.read("nope", 4).unwrap_err().cause, Cause::NotFound);
    }

    #[test]
    fn control_characters_do_not_reach_a_terminal() {
        assert_eq!(printable("a\u{1b}[2Jé\n"), "a\\033[2Jé\\012");
    }
}
