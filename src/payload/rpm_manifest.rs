//! `rpm-manifest.json`: the digest of every file in `package-pool/`.
//! Truth: reference section 6: `{"files": {"<sha256>": {"relativepath", "sha256val", "type"}}}` (8.0); that 6.x uses
//! the same keys is an inference. Left out on purpose: other keys, which are read over.

use super::manifest::{ManifestError, SIZE_UNKNOWN, is_third_party};
use super::open::in_pool;
use super::patch::{Body, Package, Patch, Sha256};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

#[derive(Serialize, Deserialize)]
struct Document {
    files: BTreeMap<String, Item>,
}

#[derive(Serialize, Deserialize)]
struct Item {
    relativepath: String,
    sha256val: Sha256,
    #[serde(rename = "type", default)]
    kind: String,
}

/// One file of the list.
pub(super) struct Listed {
    /// A bare file name, or a path in the source.
    pub name: String,
    pub sha256: Sha256,
    is_rpm: bool,
}

impl Listed {
    /// Adds the file to a patch whose manifest does not name it.
    pub fn add_to(self, patch: &mut Patch) {
        let body = Body { path: in_pool(&self.name), size: SIZE_UNKNOWN, sha256: self.sha256 };
        if !self.is_rpm {
            patch.files.push(body);
            return;
        }
        let bare = self.name.rsplit('/').next().unwrap_or(&self.name);
        let nevra = rpm_version::Nevra::parse(bare.strip_suffix(".rpm").unwrap_or(bare));
        patch.packages.push(Package {
            name: nevra.name().to_owned(),
            evr: format!("{}-{}", nevra.version(), nevra.release()),
            arch: nevra.arch().to_owned(),
            third_party: is_third_party(nevra.name()),
            body,
            real_size: None,
        });
    }
}

/// Reads the list; `path` names it in errors.
pub(super) fn parse(path: &str, bytes: &[u8]) -> Result<Vec<Listed>, ManifestError> {
    let document: Document = serde_json::from_slice(bytes)
        .map_err(|error| ManifestError::new(path, error.line() as u32, error.to_string()))?;
    let listed = |(key, item): (String, Item)| {
        let is_rpm = item.kind == "rpm" || item.relativepath.ends_with(".rpm");
        match key.parse::<Sha256>() {
            Ok(sha256) if sha256 == item.sha256val => Ok(Listed { name: item.relativepath, sha256, is_rpm }),
            _ => Err(ManifestError::new(path, 1, format!("two digests for {}", item.relativepath))),
        }
    };
    document.files.into_iter().map(listed).collect()
}

/// Writes the list: bare file name, kind, digest.
pub(super) fn write<'a>(files: impl IntoIterator<Item = (&'a str, &'a str, Sha256)>) -> String {
    let item = |(name, kind, sha256): (&str, &str, Sha256)| {
        let item = Item { relativepath: name.to_owned(), sha256val: sha256, kind: kind.to_owned() };
        (sha256.to_string(), item)
    };
    let document = Document { files: files.into_iter().map(item).collect() };
    serde_json::to_string_pretty(&document).expect("strings and digests always make JSON")
}
