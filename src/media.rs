//! The door to discs and repositories: the front end opens them, the lab reads them here and notes what it found, so
//! that a replay finds the same without them.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::payload::{self, Body, Contents, PayloadError, Source};
use crate::vm::{Medium, Unusable};

/// Opens media for the lab; the front end's part.
pub trait Shelf: Send {
    /// Opens `medium` for reading.
    ///
    /// # Errors
    /// A sentence for the person at the keyboard: path and cause.
    fn open(&self, medium: &Medium) -> Result<Arc<dyn Source>, String>;
}

/// A shelf with the payloads that come with appsh, and nothing else.
#[derive(Clone, Copy, Debug, Default)]
pub struct Bundled;

impl Shelf for Bundled {
    fn open(&self, medium: &Medium) -> Result<Arc<dyn Source>, String> {
        match medium {
            Medium::Bundled(name) => match payload::bundled_disc(name) {
                Some(disc) => Ok(Arc::new(disc)),
                None => Err(format!("there is no bundled payload {name}")),
            },
            Medium::File(path) => Err(format!("{path}: only bundled payloads can be read here")),
        }
    }
}

/// What the lab learned by reading a medium.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Finding {
    /// Whether it could be opened at all.
    Opened(Result<(), String>),
    /// Kind and metadata, or why it cannot be read.
    Contents(Result<Arc<Contents>, Unusable>),
    /// Whether a package's bytes are what the metadata says; else what is wrong.
    Body(Result<(), String>),
}

/// The media of a lab, and what is known of them.
pub struct Media {
    shelf: Box<dyn Shelf>,
    open: BTreeMap<Medium, Arc<dyn Source>>,
    replayed: VecDeque<Finding>,
    found: Vec<Finding>,
}

impl Media {
    /// Media behind a front end's shelf.
    #[must_use]
    pub fn new(shelf: Box<dyn Shelf>) -> Self {
        Self { shelf, open: BTreeMap::new(), replayed: VecDeque::new(), found: Vec::new() }
    }

    /// Takes findings from here, in order, before anything is read: a replay. `false` when some of the last time are left.
    pub fn replay(&mut self, findings: Vec<Finding>) -> bool {
        let finished = self.replayed.is_empty();
        self.replayed = findings.into();
        finished
    }

    /// What was found since the last taking, replayed findings excepted.
    pub fn take_found(&mut self) -> Vec<Finding> {
        std::mem::take(&mut self.found)
    }

    /// Opens a medium anew, before it is put into a drive: whoever attaches a file wants what it holds now.
    ///
    /// # Errors
    /// A sentence: path and cause.
    pub fn probe(&mut self, medium: &Medium) -> Result<(), String> {
        if let Some(Finding::Opened(found)) = self.next_replayed(|f| matches!(f, Finding::Opened(_))) {
            return found;
        }
        let found = self.shelf.open(medium).map(|source| drop(self.open.insert(medium.clone(), source)));
        self.found.push(Finding::Opened(found.clone()));
        found
    }

    /// Lets go of the media that nobody needs any more.
    pub fn release(&mut self, needed: impl Fn(&Medium) -> bool) {
        self.open.retain(|medium, _| needed(medium));
    }

    /// Looks into a medium: what kind of disc or repository it is, and its metadata with checksums compared.
    ///
    /// # Errors
    /// A sentence: what could not be read, where, and why.
    pub fn contents(&mut self, medium: &Medium) -> Result<Arc<Contents>, Unusable> {
        if let Some(Finding::Contents(found)) = self.next_replayed(|f| matches!(f, Finding::Contents(_))) {
            return found;
        }
        let found = self.look_into(medium).map(Arc::new);
        self.found.push(Finding::Contents(found.clone()));
        found
    }

    fn look_into(&mut self, medium: &Medium) -> Result<Contents, Unusable> {
        let source = self.source(medium).map_err(Unusable::Unreadable)?;
        payload::open(source.as_ref()).map_err(|error| {
            let text = format!("{}: {error}", medium.title());
            match error {
                // Trouble without a path is the image's own.
                PayloadError::Disc(trouble) if trouble.path.is_empty() => Unusable::Unreadable(text),
                _ => Unusable::Damaged(text),
            }
        })
    }

    /// Reads a package's bytes and compares size and digest with what the metadata says.
    ///
    /// # Errors
    /// A sentence: path, what was expected and what was there.
    pub fn body(&mut self, medium: &Medium, body: &Body) -> Result<(), String> {
        if let Some(Finding::Body(found)) = self.next_replayed(|f| matches!(f, Finding::Body(_))) {
            return found;
        }
        let found = self
            .source(medium)
            .and_then(|source| payload::verify(source.as_ref(), body).map_err(|e| format!("{}: {e}", medium.title())));
        self.found.push(Finding::Body(found.clone()));
        found
    }

    fn next_replayed(&mut self, wanted: impl Fn(&Finding) -> bool) -> Option<Finding> {
        if self.replayed.front().is_some_and(wanted) { self.replayed.pop_front() } else { None }
    }

    fn source(&mut self, medium: &Medium) -> Result<Arc<dyn Source>, String> {
        if let Some(source) = self.open.get(medium) {
            return Ok(Arc::clone(source));
        }
        let source = self.shelf.open(medium)?;
        self.open.insert(medium.clone(), Arc::clone(&source));
        Ok(source)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;

    /// Notes what is opened.
    #[derive(Clone, Default)]
    struct Counting(Arc<Mutex<Vec<String>>>);

    impl Shelf for Counting {
        fn open(&self, medium: &Medium) -> Result<Arc<dyn Source>, String> {
            self.0.lock().expect("one thread").push(medium.title().to_owned());
            Bundled.open(&Medium::Bundled("VC-6.0.0U1-Appliance-TP".to_owned()))
        }
    }

    #[test]
    fn a_medium_is_opened_anew_when_it_is_put_in_and_let_go_when_it_is_taken_out() {
        let shelf = Counting::default();
        let mut media = Media::new(Box::new(shelf.clone()));
        let (one, other) = (Medium::File("one".to_owned()), Medium::File("other".to_owned()));
        let check = |what: &str, expect: &[&str]| assert_eq!(*shelf.0.lock().expect("one thread"), expect, "{what}");
        media.probe(&one).expect("it opens");
        media.contents(&one).expect("a payload");
        check("read once it is open", &["one"]);
        media.probe(&one).expect("it opens");
        media.probe(&other).expect("it opens");
        check("put in again", &["one", "one", "other"]);
        media.release(|medium| *medium == one);
        media.contents(&one).expect("a payload");
        media.contents(&other).expect("a payload");
        check("the other was let go", &["one", "one", "other", "other"]);
    }
}
