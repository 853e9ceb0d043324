//! The text of a journal: a head that ties it to its snapshot, then an entry a line, each with a checksum that covers it and
//! all lines before it, so that a line which is changed, lost or moved is noticed.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256 as Hasher};

use super::FORMAT;
use super::snapshot::{Unreadable, json};
use crate::journal::Entry;
use crate::payload::Sha256;
use crate::shell::SessionId;

/// What the first line of a journal says it is.
const KIND: &str = "appsh journal";
/// Hexadecimal digits of a line's checksum.
const DIGITS: usize = 16;

#[derive(Serialize, Deserialize)]
struct Head {
    kind: String,
    format: u64,
    generation: u64,
}

/// A line of the journal.
#[derive(Serialize)]
struct Line<'a> {
    entry: &'a Entry,
    /// In which sessions a command runs after it; noted with the last entry of those that are written together.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    busy: &'a [SessionId],
}

/// What was read from a line. What the entry says is looked at by the build that wrote it only.
#[derive(Clone, Debug, Deserialize)]
pub struct Record {
    /// The entry.
    pub entry: serde_json::Value,
    /// In which sessions a command runs after it.
    #[serde(default)]
    pub busy: Vec<SessionId>,
}

/// The checksum as it stands after the last line.
#[derive(Clone, Debug)]
pub struct Chain(Hasher);

impl Chain {
    /// The beginning, tied to a snapshot.
    #[must_use]
    pub fn new(snapshot: Sha256) -> Self {
        Self(Hasher::new_with_prefix(snapshot.0))
    }

    fn next(&mut self, text: &str) -> String {
        self.0.update(text.as_bytes());
        let mut sum = Sha256(self.0.clone().finalize().into()).to_string();
        sum.truncate(DIGITS);
        sum
    }

    /// Appends the line of an entry to `out`.
    pub fn write(&mut self, out: &mut Vec<u8>, entry: &Entry, busy: &[SessionId]) {
        let text = json(&Line { entry, busy });
        out.extend_from_slice(self.next(&text).as_bytes());
        out.push(b' ');
        out.extend_from_slice(text.as_bytes());
        out.push(b'\n');
    }
}

/// The head of the journal behind the snapshot of this number.
#[must_use]
pub fn head(generation: u64) -> Vec<u8> {
    let mut text = json(&Head { kind: KIND.to_owned(), format: FORMAT, generation });
    text.push('\n');
    text.into_bytes()
}

/// A journal that was read.
pub struct Read {
    /// Its lines.
    pub records: Vec<Record>,
    /// Bytes up to the end of the last whole line.
    pub length: u64,
    /// Whether something stands behind that: the beginning of a line that was never finished.
    pub torn: bool,
    /// To go on with.
    pub chain: Chain,
}

/// Reads the journal behind a snapshot; `None` when it belongs to the snapshot before, which holds all that it tells.
///
/// # Errors
/// What is wrong with it.
pub fn read(text: &[u8], generation: u64, snapshot: Sha256) -> Result<Option<Read>, Unreadable> {
    let damaged = |line: usize, why: &str| Unreadable::Damaged(format!("line {line}: {why}"));
    let mut lines = text.split_inclusive(|byte| *byte == b'\n').enumerate();
    let first = lines.next().map(|(_, line)| line).unwrap_or_default();
    let head: Head = serde_json::from_slice(first).map_err(|e| damaged(1, &e.to_string()))?;
    if head.kind != KIND {
        return Err(damaged(1, "it is something else"));
    }
    if head.format != FORMAT {
        return Err(Unreadable::Format(head.format));
    }
    if head.generation < generation {
        return Ok(None);
    }
    if head.generation > generation {
        return Err(damaged(1, "it belongs to a later snapshot than the one that stands beside it"));
    }
    let mut read = Read { records: Vec::new(), length: first.len() as u64, torn: false, chain: Chain::new(snapshot) };
    for (index, line) in lines {
        let number = index + 1;
        let Some(whole) = line.strip_suffix(b"\n") else {
            read.torn = true;
            break;
        };
        let text = std::str::from_utf8(whole).map_err(|_| damaged(number, "it is no text"))?;
        let (sum, text) = text.split_once(' ').ok_or_else(|| damaged(number, "it has no checksum"))?;
        if read.chain.next(text) != sum {
            return Err(damaged(number, "the checksum is wrong"));
        }
        read.records.push(serde_json::from_str(text).map_err(|e| damaged(number, &e.to_string()))?);
        read.length += line.len() as u64;
    }
    Ok(Some(read))
}
