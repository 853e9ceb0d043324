//! The worlds of the labs in which transcripts begin. Each is made once: a copy shares all that stays as it is.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use super::files::read_text;
use crate::lab_file::{self, LabFile};
use crate::sim::Instant;
use crate::world::World;

/// So many worlds are kept; a run has rarely more labs.
const MOST: usize = 64;

/// Where the file of a lab is (of a bundled one its name), and what else makes its world.
type Key = (PathBuf, Option<Instant>, Option<u64>);

/// The worlds that one run has made so far.
#[derive(Debug, Default)]
pub struct Worlds(Mutex<BTreeMap<Key, World>>);

impl Worlds {
    /// The world of a lab: a bundled one, or that of a file in a folder.
    ///
    /// # Errors
    /// Why there is no such lab, or what is wrong with its file.
    pub fn of(&self, folder: &Path, name: &str, start: Option<Instant>, seed: Option<u64>) -> Result<World, String> {
        let bundled = lab_file::BUNDLED.iter().find(|(known, _)| *known == name).map(|(_, text)| *text);
        let place = if bundled.is_some() { PathBuf::from(name) } else { folder.join(name) };
        let key = (place, start, seed);
        let worlds = || self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(world) = worlds().get(&key) {
            return Ok(world.clone());
        }
        let world = lab(bundled, &key.0, name)?.world(name, start, seed)?;
        let mut worlds = worlds();
        if worlds.len() < MOST {
            worlds.insert(key, world.clone());
        }
        Ok(world)
    }
}

fn lab(bundled: Option<&str>, path: &Path, name: &str) -> Result<LabFile, String> {
    if let Some(text) = bundled {
        return LabFile::parse(text).map_err(|why| format!("{name}: {why}"));
    }
    if Path::new(name).extension().is_none_or(|ending| ending != "toml") {
        let known: Vec<&str> = lab_file::BUNDLED.iter().map(|(known, _)| *known).collect();
        let known = known.join(", ");
        return Err(format!("there is no lab {name:?}; there are {known}, or write the path of a lab file, *.toml"));
    }
    let text = read_text(path).map_err(|e| format!("{name}: {e}"))?;
    LabFile::parse(&text).map_err(|why| format!("{name}: {why}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_world_is_its_own_and_starts_as_asked() {
        let worlds = Worlds::default();
        let of = |name: &str, seed: Option<u64>| worlds.of(Path::new("nowhere"), name, None, seed);
        let mut first = of("linux", None).expect("a bundled lab");
        first.now += crate::sim::Span::secs(5);
        let second = of("linux", None).expect("the same");
        assert_eq!(second.now + crate::sim::Span::secs(5), first.now, "what became of one is not seen in the next");
        assert_ne!(of("linux", Some(7)).expect("with another seed").streams, second.streams);
        assert!(of("linus", None).expect_err("none").contains("there is no lab \"linus\"; there are "));
        assert!(of("x.toml", None).expect_err("no file").starts_with("x.toml: "));
    }
}
