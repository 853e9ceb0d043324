//! Where the lab's discs come from: the bundled ones out of the program, and files that the person who runs appsh named.

use std::path::{self, Path};
use std::sync::Arc;

use super::payload::open_source;
use crate::media::{Bundled, Shelf};
use crate::payload::Source;
use crate::vm::Medium;

/// Opens discs on the host. Lab files cannot name files of the host, so each path was named by the person at hand.
#[derive(Clone, Copy, Debug, Default)]
pub struct HostShelf;

impl Shelf for HostShelf {
    fn open(&self, medium: &Medium) -> Result<Arc<dyn Source>, String> {
        let Medium::File(file) = medium else { return Bundled.open(medium) };
        open_source(Path::new(&file.place)).map(Arc::from).map_err(|error| format!("{}: {error}", file.name))
    }

    /// From the root of the host, without following links: a link that is turned to another image is meant to be.
    fn place(&self, name: &str) -> String {
        let place = path::absolute(name).ok().and_then(|place| place.to_str().map(str::to_owned));
        place.unwrap_or_else(|| name.to_owned())
    }
}
