//! The updates that are built into the program. Each becomes an image when it is first asked for, not before, and is then
//! read through the same reader as a user's file. Truth: `payloads/*/`, whose remarks say what is evidence and what is
//! inferred, and for all other releases of the catalogue what follows from it.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use super::build::{BuildError, Built, build};
use super::catalog;
use super::iso::IsoImage;

/// An update built into the program.
struct Bundled {
    /// Source files by name; none where they follow from the catalogue.
    written: Option<[(&'static str, &'static str); 2]>,
    image: OnceLock<Arc<[u8]>>,
}

const EULA: &str = include_str!("../../payloads/eula.txt");

macro_rules! written {
    ($name:literal) => {
        (
            $name,
            [
                ("payload.toml", include_str!(concat!("../../payloads/", $name, "/payload.toml"))),
                ("packages.tsv", include_str!(concat!("../../payloads/", $name, "/packages.tsv"))),
            ],
        )
    };
}

const WRITTEN: [(&str, [(&str, &str); 2]); 3] =
    [written!("VC-6.0.0U1-Appliance-FP"), written!("VC-6.0.0U1-Appliance-TP"), written!("VC-6.0.0U2-Appliance-FP")];

/// The package list of an update that has one written out.
pub(super) fn written_packages(name: &str) -> Option<&'static str> {
    let (_, [_, (_, packages)]) = WRITTEN.iter().find(|(written, _)| *written == name)?;
    Some(packages)
}

fn all() -> &'static BTreeMap<&'static str, Bundled> {
    static BUNDLED: OnceLock<BTreeMap<&'static str, Bundled>> = OnceLock::new();
    BUNDLED.get_or_init(|| {
        let derived = catalog::releases().iter().filter_map(|release| Some((release.update?, None)));
        let written = WRITTEN.into_iter().map(|(name, sources)| (name, Some(sources)));
        derived.chain(written).map(|(name, written)| (name, Bundled { written, image: OnceLock::new() })).collect()
    })
}

/// The names of the bundled updates, sorted.
pub fn bundled_names() -> impl Iterator<Item = &'static str> {
    all().keys().copied()
}

/// The image of a bundled update: a medium like any other, made on the first call.
pub fn bundled(name: &str) -> Option<Arc<[u8]>> {
    let (name, bundled) = all().get_key_value(name)?;
    let make = || {
        let image = bundled.build(name).and_then(|built| built.image());
        image.expect("the bundled sources are right: a test builds each").into()
    };
    Some(bundled.image.get_or_init(make).clone())
}

/// A bundled update, built anew.
///
/// # Errors
/// None that a test would not have found.
pub fn build_bundled(name: &str) -> Option<Result<Built, BuildError>> {
    let (name, bundled) = all().get_key_value(name)?;
    Some(bundled.build(name))
}

/// The same, walked and ready to be opened.
pub fn bundled_disc(name: &str) -> Option<IsoImage<Arc<[u8]>>> {
    Some(IsoImage::open(bundled(name)?).expect("our own reader takes what our own writer makes: a test opens each"))
}

impl Bundled {
    fn build(&self, name: &str) -> Result<Built, BuildError> {
        let derived = if self.written.is_none() { catalog::sources(name) } else { None };
        let read = |file: &str| {
            if file == "../eula.txt" {
                return Ok(EULA.to_owned());
            }
            let written = self.written.iter().flatten().map(|(name, text)| (*name, *text));
            let derived = derived.iter().flatten().map(|(name, text)| (*name, text.as_str()));
            let mut files = written.chain(derived);
            let found = files.find(|(name, _)| *name == file);
            found.map(|(_, text)| text.to_owned()).ok_or_else(|| "not a bundled file".to_owned())
        };
        build(&read)
    }
}
