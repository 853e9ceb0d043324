//! The updates that are built into the program. Each becomes an image when it is first asked for, not before, and is then
//! read through the same reader as a user's file. Truth: `payloads/*/`, whose remarks say what is evidence and what is inferred.

use super::build::build;
use super::iso::IsoImage;
use std::sync::{Arc, OnceLock};

/// An update built into the program.
struct Bundled {
    name: &'static str,
    /// Source files by name.
    sources: [(&'static str, &'static str); 3],
    image: OnceLock<Arc<[u8]>>,
}

const EULA: &str = include_str!("../../payloads/eula.txt");

macro_rules! bundled {
    ($name:literal) => {
        Bundled {
            name: $name,
            sources: [
                ("payload.toml", include_str!(concat!("../../payloads/", $name, "/payload.toml"))),
                ("packages.tsv", include_str!(concat!("../../payloads/", $name, "/packages.tsv"))),
                ("../eula.txt", EULA),
            ],
            image: OnceLock::new(),
        }
    };
}

static BUNDLED: [Bundled; 3] =
    [bundled!("VC-6.0.0U1-Appliance-FP"), bundled!("VC-6.0.0U1-Appliance-TP"), bundled!("VC-6.0.0U2-Appliance-FP")];

/// The names of the bundled updates, sorted.
pub fn bundled_names() -> impl Iterator<Item = &'static str> {
    BUNDLED.iter().map(|bundled| bundled.name)
}

/// The image of a bundled update: a medium like any other, made on the first call.
pub fn bundled(name: &str) -> Option<Arc<[u8]>> {
    let bundled = BUNDLED.iter().find(|bundled| bundled.name == name)?;
    Some(bundled.image.get_or_init(|| bundled.make()).clone())
}

/// The same, walked and ready to be opened.
pub fn bundled_disc(name: &str) -> Option<IsoImage<Arc<[u8]>>> {
    Some(IsoImage::open(bundled(name)?).expect("our own reader takes what our own writer makes: a test opens each"))
}

impl Bundled {
    fn make(&self) -> Arc<[u8]> {
        let read = |file: &str| {
            let found = self.sources.iter().find(|(name, _)| *name == file);
            found.map(|(_, text)| (*text).to_owned()).ok_or_else(|| "not a bundled file".to_owned())
        };
        let image = build(&read).and_then(|built| built.image());
        image.expect("the bundled sources are right: a test builds each").into()
    }
}
