//! What came of running a transcript: the blocks that differ, and what stopped the run.

use std::ops::Range;

use super::align::Edit;
use super::format::Complaint;
use crate::sim::Instant;

/// What came of running a transcript.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Outcome {
    /// How many lines were typed.
    pub typed: usize,
    /// A digest of all that was printed: two runs with equal ones printed the same bytes.
    pub digest: u64,
    /// The blocks that were not as expected.
    pub differences: Vec<Difference>,
    /// What stopped the run before the end.
    pub trouble: Option<Complaint>,
}

impl Outcome {
    /// Whether all was as expected.
    #[must_use]
    pub fn passed(&self) -> bool {
        self.differences.is_empty() && self.trouble.is_none()
    }
}

/// A block that was not as expected.
#[derive(Clone, Debug, PartialEq)]
pub struct Difference {
    /// Number of the line that was typed before, from 1; 0 where nothing was.
    pub line: usize,
    /// That line, or `login`.
    pub command: String,
    /// Where it was typed.
    pub machine: String,
    /// When the first line that differs was printed.
    pub at: Instant,
    /// Which of the transcript's lines this is about, by index.
    pub lines: Range<usize>,
    /// How they differ, line by line.
    pub edits: Vec<Edit>,
    /// The prompts at this point: a printed line that begins like one must be quoted.
    pub prompts: Vec<String>,
    /// Index of an expected line that looks as if it had been typed at a prompt which is not there.
    pub unexplained: Option<usize>,
}
