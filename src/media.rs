//! The door to discs and repositories: the front end opens them, the lab reads them here and notes what it found, so
//! that a replay finds the same without them.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::payload::{self, Body, Contents, Imprint, PayloadError, Source};
use crate::vm::{HostFile, Medium, Unusable};

/// Opens media for the lab; the front end's part.
pub trait Shelf: Send {
    /// Opens `medium` for reading.
    ///
    /// # Errors
    /// A sentence for the person at the keyboard: path and cause.
    fn open(&self, medium: &Medium) -> Result<Arc<dyn Source>, String>;

    /// Where the file of this name lies, so that it is found again from another folder. By default, where its name says.
    fn place(&self, name: &str) -> String {
        name.to_owned()
    }
}

/// Opens a medium that a person puts in: where it lies and what it is like is noted in it.
///
/// # Errors
/// As [`Shelf::open`].
pub fn put_in(shelf: &dyn Shelf, medium: Medium) -> Result<(Medium, Arc<dyn Source>), String> {
    let Medium::File(HostFile { name, .. }) = medium else {
        return shelf.open(&medium).map(|source| (medium, source));
    };
    let file = HostFile { place: shelf.place(&name), name, imprint: None };
    let source = shelf.open(&Medium::File(file.clone()))?;
    let imprint = Some(Imprint::of(source.as_ref()));
    Ok((Medium::File(HostFile { imprint, ..file }), source))
}

/// Opens a medium that was put in before, perhaps by another run of the program.
///
/// # Errors
/// As [`Shelf::open`]; and when another file stands in its place by now, what differs and what can still be done.
pub fn open_again(shelf: &dyn Shelf, medium: &Medium) -> Result<Arc<dyn Source>, String> {
    let source = shelf.open(medium)?;
    if let Medium::File(HostFile { name, imprint: Some(was), .. }) = medium
        && let Some(difference) = was.difference(&Imprint::of(source.as_ref()))
    {
        return Err(format!(
            "{name}: changed since it was put into the drive ({difference}); put the old file back, or take it as it is \
             now with %disc attach; what is staged stays staged"
        ));
    }
    Ok(source)
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
            Medium::File(file) => Err(format!("{}: only bundled payloads can be read here", file.name)),
        }
    }
}

/// What the lab learned by reading a medium.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Finding {
    /// A medium that was put in, with where it lies and what it is like, or why it cannot be opened.
    Opened(Result<Medium, String>),
    /// Whether a medium that was put in before is still there as it was.
    Reached(Result<(), String>),
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

    /// Opens a medium anew, before it is put into a drive: whoever attaches a file wants what it holds now. Gives the
    /// medium as it can be found again.
    ///
    /// # Errors
    /// A sentence: path and cause.
    pub fn probe(&mut self, medium: Medium) -> Result<Medium, String> {
        if let Some(Finding::Opened(found)) = self.next_replayed(|f| matches!(f, Finding::Opened(_))) {
            return found;
        }
        let found = put_in(self.shelf.as_ref(), medium).map(|(medium, source)| {
            self.open.insert(medium.clone(), source);
            medium
        });
        self.found.push(Finding::Opened(found.clone()));
        found
    }

    /// Whether a medium that was put in, and perhaps looked into, before can still be read and is the same. What comes with
    /// appsh always is.
    ///
    /// # Errors
    /// A sentence: path and cause.
    pub fn reach(&mut self, medium: &Medium) -> Result<(), String> {
        if let Medium::Bundled(_) = medium {
            return Ok(());
        }
        if let Some(Finding::Reached(found)) = self.next_replayed(|f| matches!(f, Finding::Reached(_))) {
            return found;
        }
        let found = self.source(medium).map(drop);
        self.found.push(Finding::Reached(found.clone()));
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
            match &error {
                // Trouble without a path is the image's own.
                PayloadError::Disc(trouble) if trouble.path.is_empty() => Unusable::Unreadable(text),
                PayloadError::Missing { path } if path.ends_with(payload::LAYER) => Unusable::Incomplete(text),
                PayloadError::Misplaced { .. } => Unusable::Misplaced(text),
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
        let source = open_again(self.shelf.as_ref(), medium)?;
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
        let (one, other) = (Medium::named("one"), Medium::named("other"));
        let check = |what: &str, expect: &[&str]| assert_eq!(*shelf.0.lock().expect("one thread"), expect, "{what}");
        let one = media.probe(one).expect("it opens");
        media.contents(&one).expect("a payload");
        check("read once it is open", &["one"]);
        assert_eq!(media.probe(Medium::named("one")).as_ref(), Ok(&one));
        let other = media.probe(other).expect("it opens");
        check("put in again", &["one", "one", "other"]);
        media.release(|medium| *medium == one);
        media.contents(&one).expect("a payload");
        media.contents(&other).expect("a payload");
        check("the other was let go", &["one", "one", "other", "other"]);
    }
}
