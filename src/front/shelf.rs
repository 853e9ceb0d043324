//! Where the lab's discs come from: the bundled ones out of the program, and files that the person who runs appsh named.

use std::path::Path;
use std::sync::Arc;

use super::payload::open_source;
use crate::media::Shelf;
use crate::payload::{self, Source};
use crate::vm::Medium;

/// Opens discs on the host. Lab files cannot name files of the host, so each path was named by the person at hand.
#[derive(Clone, Copy, Debug, Default)]
pub struct HostShelf;

impl Shelf for HostShelf {
    fn open(&self, medium: &Medium) -> Result<Arc<dyn Source>, String> {
        match medium {
            Medium::Bundled(name) => match payload::bundled_disc(name) {
                Some(disc) => Ok(Arc::new(disc)),
                None => Err(format!("{name}: there is no bundled payload of this name")),
            },
            Medium::File(path) => {
                open_source(Path::new(path)).map(Arc::from).map_err(|error| format!("{path}: {error}"))
            }
        }
    }
}
