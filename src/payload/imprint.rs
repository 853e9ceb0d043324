//! What tells one disc from another without reading it whole: its size, its descriptor, its manifest. Noted when a disc is
//! put into a drive, and compared when it is opened again, perhaps days later by another run of the program.
//! Left out on purpose: the bodies of packages, each of which is compared with the manifest when it is read.

use super::open::manifest_of;
use super::patch::Sha256;
use super::source::Source;
use serde::{Deserialize, Serialize};

/// What a disc or a repository folder was like.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Imprint {
    /// Bytes of the image; of a folder, of all its files together.
    pub size: u64,
    /// Digest of the volume descriptors; of a folder, of the list of its files with their sizes.
    pub descriptor: Sha256,
    /// Digest of the manifest; none where there is none that can be read.
    pub manifest: Option<Sha256>,
}

impl Imprint {
    /// Takes it.
    pub fn of(source: &dyn Source) -> Imprint {
        let entries = source.entries();
        let size = source.size().unwrap_or_else(|| entries.iter().map(|entry| entry.size).fold(0, u64::saturating_add));
        let listing = || {
            let lines = entries.iter().map(|entry| format!("{:?} {} {}\0", entry.kind, entry.size, entry.path));
            Sha256::of(lines.collect::<String>().as_bytes())
        };
        Imprint {
            size,
            descriptor: source.descriptor().unwrap_or_else(listing),
            manifest: manifest_of(source).map(|bytes| Sha256::of(&bytes)),
        }
    }

    /// In what the disc as it is `now` differs from this one, in a few words; nothing when in none of these.
    pub fn difference(&self, now: &Imprint) -> Option<String> {
        if self.size != now.size {
            return Some(format!("it had {} bytes, it has {}", self.size, now.size));
        }
        let differs = if self.manifest != now.manifest {
            "its manifest is another"
        } else if self.descriptor != now.descriptor {
            "the same size and manifest, another descriptor"
        } else {
            return None;
        };
        Some(differs.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::super::source::Tree;
    use super::*;

    #[test]
    fn what_can_be_told_without_reading_all_is_told() {
        let tree = |files: &[(&str, &str)]| {
            let files = files.iter().map(|(path, body)| ((*path).to_owned(), body.as_bytes().to_vec()));
            Imprint::of(&Tree::new("L", files))
        };
        let was = tree(&[("manifest/manifest-latest.xml", "<one/>"), ("a", "12")]);
        let check = |now: &[(&str, &str)], expect: Option<&str>| {
            assert_eq!(was.difference(&tree(now)).as_deref(), expect, "{now:?}");
        };
        check(&[("a", "12"), ("manifest/manifest-latest.xml", "<one/>")], None);
        check(&[("a", "21"), ("manifest/manifest-latest.xml", "<one/>")], None);
        check(&[("a", "123"), ("manifest/manifest-latest.xml", "<one/>")], Some("it had 8 bytes, it has 9"));
        check(&[("a", "12"), ("manifest/manifest-latest.xml", "<two/>")], Some("its manifest is another"));
        check(&[("a", "12345678")], Some("its manifest is another"));
        let other = [("b", "12"), ("manifest/manifest-latest.xml", "<one/>")];
        check(&other, Some("the same size and manifest, another descriptor"));
    }
}
