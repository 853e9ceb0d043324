//! Opening an update: which kind of disc it is, and its metadata read and checked against its sidecars.
//! Truth: reference section 6, "Payload layout" (6.x: `manifest/` and `package-pool/`; 8.0: the manifests in the root).
//! What the appliance does with signatures is not done: there are no keys to check them with, and the patch says so.

use super::manifest::{self, ManifestError};
use super::patch::{Body, Package, Patch, Sha256};
use super::rpm_manifest;
use super::source::{DiscError, EntryKind, Source, printable};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;

/// What a disc turned out to be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Contents {
    /// An update.
    Patch(Arc<Patch>),
    /// The full installer, which no running appliance can update from.
    Installer {
        /// The folder that gives it away.
        found: String,
    },
    /// None of these.
    Foreign,
    /// None of these, as far as its names tell: it has short ones only, and may have been made from an update.
    ShortNames,
}

/// Why an update cannot be taken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum PayloadError {
    /// The disc cannot be read.
    Disc(DiscError),
    /// The metadata cannot be understood.
    Manifest(ManifestError),
    /// The bytes of a file have another digest than the metadata says.
    Checksum {
        /// Path in the source.
        path: String,
        /// As the metadata says.
        expected: Sha256,
        /// As the bytes have it.
        found: Sha256,
    },
    /// A file has another size than the metadata says; both in bytes.
    Size {
        /// Path in the source.
        path: String,
        /// As the metadata says.
        expected: u64,
        /// As the disc has it.
        found: u64,
    },
    /// The metadata names a file that is not on the disc.
    Missing {
        /// Path in the source.
        path: String,
    },
    /// As [`PayloadError::Missing`], on an image that has short names only.
    ShortNames {
        /// Path in the source.
        path: String,
    },
    /// The file is on the disc, but not in `package-pool/`.
    Misplaced {
        /// Where it should be.
        path: String,
        /// Where it is.
        found: String,
    },
    /// The metadata names a file twice.
    Repeated {
        /// Path in the source.
        path: String,
    },
    /// The packages together claim more bytes than the disc has.
    Oversized {
        /// What they claim.
        claimed: u64,
        /// What the disc has.
        has: u64,
    },
}

impl fmt::Display for PayloadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            PayloadError::Disc(error) => error.fmt(f),
            PayloadError::Manifest(error) => error.fmt(f),
            PayloadError::Checksum { path, expected, found } => {
                write!(f, "{}: its SHA-256 is {found}, the metadata says {expected}", printable(path))
            }
            PayloadError::Size { path, expected, found } => {
                write!(f, "{}: it has {found} bytes, the metadata says {expected}", printable(path))
            }
            PayloadError::Missing { path } => {
                write!(f, "{}: named by the metadata, but not on the disc", printable(path))
            }
            PayloadError::ShortNames { path } => {
                write!(f, "{}: named by the metadata, but not on the disc: {SHORT_NAMES}", printable(path))
            }
            PayloadError::Misplaced { path, found } => {
                write!(f, "{}: found at {} instead", printable(path), printable(found))
            }
            PayloadError::Repeated { path } => {
                write!(f, "{}: named twice by the metadata", printable(path))
            }
            PayloadError::Oversized { claimed, has } => {
                write!(f, "the packages claim {claimed} bytes together, the disc has {has}")
            }
        }
    }
}

impl std::error::Error for PayloadError {}

impl From<DiscError> for PayloadError {
    fn from(error: DiscError) -> PayloadError {
        PayloadError::Disc(error)
    }
}

impl From<ManifestError> for PayloadError {
    fn from(error: ManifestError) -> PayloadError {
        PayloadError::Manifest(error)
    }
}

/// The largest metadata file that is taken, in bytes; a real one has under one million.
const METADATA_MAX: u64 = 16 << 20;
/// Folders that only the full installer has (6.0's had the first two, later ones the rest).
const INSTALLER: [&str; 5] =
    ["vcsa", "vcsa-cli-installer", "vcsa-ui-installer", "migration-assistant", "vcsa-setup.html"];
/// Where the manifest is: on 6.x, and on 8.0.
const MANIFEST: [&str; 2] = ["manifest/manifest-latest.xml", "manifest-latest.xml"];
/// Where the packages are.
const POOL: &str = "package-pool/";

/// Reads and checks the metadata of a disc; package bodies are not looked at, see [`verify`](super::verify).
///
/// # Errors
/// [`PayloadError`] for an update that is damaged. A disc that is no update is no error, see [`Contents`].
pub fn open(source: &dyn Source) -> Result<Contents, PayloadError> {
    let disc = Disc::new(source);
    if let Some(manifest) = disc.either(&MANIFEST) {
        return disc.patch(manifest).map(|patch| Contents::Patch(Arc::new(patch)));
    }
    let installer = INSTALLER.iter().find_map(|name| disc.path(name));
    Ok(match installer {
        Some(found) => Contents::Installer { found: found.to_owned() },
        None if source.has_short_names() => Contents::ShortNames,
        None => Contents::Foreign,
    })
}

/// The bytes of the manifest, where there is one that can be read.
pub(super) fn manifest_of(source: &dyn Source) -> Option<Vec<u8>> {
    let path = Disc::new(source).either(&MANIFEST)?;
    source.read(path, METADATA_MAX).ok()
}

/// What is to be said of an image in which an update's names are cut short.
pub const SHORT_NAMES: &str = "the image has short names only, by which no update can be told; make it with -R or -J, for Rock Ridge or Joliet names";

/// A source with its paths by their lower-case form, as Linux shows plain ISO names.
struct Disc<'s> {
    source: &'s dyn Source,
    paths: BTreeMap<String, usize>,
}

impl<'s> Disc<'s> {
    fn new(source: &'s dyn Source) -> Disc<'s> {
        let entries = source.entries().iter().enumerate();
        Disc { source, paths: entries.map(|(index, entry)| (entry.path.to_ascii_lowercase(), index)).collect() }
    }

    /// The path as the disc spells it.
    fn path(&self, path: &str) -> Option<&'s str> {
        if let Some(entry) = self.source.find(path) {
            return Some(&entry.path);
        }
        let index = self.paths.get(&path.to_ascii_lowercase())?;
        Some(&self.source.entries()[*index].path)
    }

    fn either(&self, paths: &[&str]) -> Option<&'s str> {
        paths.iter().find_map(|path| self.path(path))
    }

    fn patch(&self, manifest: &str) -> Result<Patch, PayloadError> {
        let mut patch = manifest::parse(manifest, &self.checked(manifest)?)?;
        patch.signed = self.is_signed(manifest);
        if let Some(path) = self.either(&["rpm-manifest.json", "package-pool/rpm-manifest.json"]) {
            self.merge(&mut patch, path)?;
            patch.signed |= self.is_signed(path);
        }
        self.locate(&mut patch)?;
        Ok(patch)
    }

    fn is_signed(&self, path: &str) -> bool {
        self.either(&[&format!("{path}.sign"), &format!("{path}.sig")]).is_some()
    }

    /// A metadata file whose digest is that of its sidecar, where it has one.
    fn checked(&self, path: &str) -> Result<Vec<u8>, PayloadError> {
        let bytes = self.source.read(path, METADATA_MAX)?;
        if let Some(sidecar) = self.path(&format!("{path}.sha256")) {
            let text = self.source.read(sidecar, METADATA_MAX)?;
            let text = String::from_utf8_lossy(&text);
            let wrong = |what| ManifestError::new(sidecar, 1, what);
            let expected: Sha256 = text.split_whitespace().next().unwrap_or("").parse().map_err(wrong)?;
            let found = Sha256::of(&bytes);
            if expected != found {
                return Err(PayloadError::Checksum { path: path.to_owned(), expected, found });
            }
        }
        Ok(bytes)
    }

    /// Adds what only `rpm-manifest.json` names; where both name a file, they must agree.
    fn merge(&self, patch: &mut Patch, path: &str) -> Result<(), PayloadError> {
        let listed = rpm_manifest::parse(path, &self.checked(path)?)?;
        let known: BTreeMap<String, Sha256> =
            patch.packages.iter().map(|package| (file_name(&package.body.path), package.body.sha256)).collect();
        for file in listed {
            match known.get(&file.name.to_ascii_lowercase()) {
                Some(&expected) if expected != file.sha256 => {
                    let what = format!("not the digest of {} in the manifest", file.name);
                    return Err(ManifestError::new(path, 1, what).into());
                }
                Some(_) => {}
                None => file.add_to(patch),
            }
        }
        Ok(())
    }

    /// Finds every file that the metadata names, and its size where the metadata is silent.
    fn locate(&self, patch: &mut Patch) -> Result<(), PayloadError> {
        let mut used = BTreeSet::new();
        let mut claimed = 0u64;
        let Patch { packages, files, .. } = patch;
        for body in packages.iter_mut().map(|package: &mut Package| &mut package.body).chain(files) {
            body.path = self.body_path(body)?.to_owned();
            if !used.insert(body.path.clone()) {
                return Err(PayloadError::Repeated { path: body.path.clone() });
            }
            let entry = self.source.find(&body.path).filter(|entry| entry.kind == EntryKind::File);
            let entry = entry.ok_or_else(|| PayloadError::Missing { path: body.path.clone() })?;
            if body.size == manifest::SIZE_UNKNOWN {
                body.size = entry.size;
            }
            if body.size != entry.size {
                let (path, expected) = (body.path.clone(), body.size);
                return Err(PayloadError::Size { path, expected, found: entry.size });
            }
            claimed = claimed.saturating_add(body.size);
        }
        match self.source.size() {
            Some(has) if claimed > has => Err(PayloadError::Oversized { claimed, has }),
            _ => Ok(()),
        }
    }

    fn body_path(&self, body: &Body) -> Result<&'s str, PayloadError> {
        if let Some(path) = self.path(&body.path) {
            return Ok(path);
        }
        match self.path(&file_name(&body.path)) {
            Some(found) => Err(PayloadError::Misplaced { path: body.path.clone(), found: found.to_owned() }),
            None if self.source.has_short_names() => Err(PayloadError::ShortNames { path: body.path.clone() }),
            None => Err(PayloadError::Missing { path: body.path.clone() }),
        }
    }
}

/// The last part of a path, in lower case.
fn file_name(path: &str) -> String {
    path.rsplit('/').next().unwrap_or(path).to_ascii_lowercase()
}

/// The path that a bare file name of the metadata stands for.
pub(super) fn in_pool(name: &str) -> String {
    if name.contains('/') { name.to_owned() } else { format!("{POOL}{name}") }
}
