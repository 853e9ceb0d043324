//! Payloads: the updates that an appliance can stage, read from a disc, and the bundled ones made from their sources.
//! The same code reads our own discs and a user's. It is pure: bytes come through [`Medium`] and [`Source`], and the
//! front end decides what stands behind them. Truth: reference section 6 for the layouts, ECMA-119 and its kin for images.
//! Left out on purpose: signatures (there are no keys) and what packages do when installed (the model's affair).

/// How the names of container layers end.
pub const LAYER: &str = ".blob";

mod build;
mod bundled;
pub mod catalog;
mod imprint;
pub mod iso;
mod manifest;
mod medium;
mod open;
mod patch;
mod rows;
mod rpm_file;
mod rpm_manifest;
mod source;
mod verify;
mod zip;

pub use build::{BuildError, Built, build};
pub use bundled::{build_bundled, bundled, bundled_disc, bundled_names};
pub use imprint::Imprint;
pub use manifest::ManifestError;
pub use medium::Medium;
pub use open::{Contents, PayloadError, SHORT_NAMES, open};
pub use patch::{Body, Package, Patch, Sha256, compare_evr, staged_size};
pub use rows::{PackageRow, RowError, parse_rows};
pub use source::{Cause, DiscError, Entry, EntryKind, Source, Tree, printable};
pub use verify::{hash, verify};
