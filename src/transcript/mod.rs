//! Transcripts: what a terminal showed, as text that can be run. Truth about the format: section 5 of the design.
//!
//! `format` reads the lines, `runner` is a front end which types them into a lab, `compare` says whether what was printed is
//! what was expected, `align` which lines differ, `update` writes the new text, `report` and `suite` are `appsh test`.

mod align;
pub mod cli;
mod compare;
pub mod files;
mod format;
mod head;
mod outcome;
mod pattern;
mod prompts;
pub mod report;
mod runner;
pub mod suite;
mod update;
mod worlds;

pub use align::Edit;
pub use format::{Complaint, Kind, Line, Meanwhile, Transcript, Typed, decode, quote_typed, quoted};
pub use head::{Head, NamedDisc, Normalize, disc_remark, terminal};
pub use outcome::{Difference, Outcome};
pub use runner::{Pagers, run};
pub use update::{Refusal, update};
pub use worlds::Worlds;
