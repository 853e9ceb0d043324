//! Building an update from its sources: `payload.toml`, a licence text and a package list become the tree of a disc.
//! Sizes and digests in the metadata are those of the bytes made here. Truth: reference section 6 for both layouts. The
//! package bodies are fillers, smaller than the real ones by one factor; the metadata says how long those are. Left out on
//! purpose: signatures.

use super::iso::{ImageError, ImageOptions, write_image};
use super::manifest;
use super::patch::{Body, Package, Patch, Sha256};
use super::rows::{PackageRow, RowError, parse_rows};
use super::rpm_file::RpmFile;
use super::rpm_manifest;
use super::source::Tree;
use super::zip::zip;
use serde::Deserialize;
use std::fmt;
use time::Date;
use time::macros::format_description;

/// How the files of a disc are arranged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
enum Layout {
    /// 6.0 to 6.7: `manifest/` and `package-pool/`.
    #[serde(rename = "6.x")]
    Six,
    /// 8.0: the manifests in the root, all else in `package-pool/`.
    #[serde(rename = "8.0")]
    Eight,
}

/// `payload.toml`: the fields of a patch, and where the rest of its sources is.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Recipe {
    name: String,
    label: String,
    layout: Layout,
    version: String,
    build: String,
    product: String,
    category: String,
    kb: String,
    vendor: String,
    tags: Vec<String>,
    summary: String,
    severity: String,
    release_date: String,
    reboot_required: bool,
    #[serde(default)]
    version_supported: Vec<String>,
    #[serde(default)]
    third_party: bool,
    update_version: bool,
    #[serde(default)]
    leaf_services: Vec<String>,
    /// File names, from the folder of `payload.toml`.
    eula: String,
    packages: String,
    /// How many times smaller the bodies are than the real packages.
    scale: u32,
    /// How many container layers it brings.
    #[serde(default)]
    containers: usize,
}

/// Why an update cannot be built.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BuildError {
    /// A source file cannot be read.
    Unreadable {
        /// Its name, from the folder of `payload.toml`.
        file: String,
        /// What the host says.
        what: String,
    },
    /// `payload.toml` is not one.
    Recipe(String),
    /// A line of the package list.
    Packages(RowError),
    /// The packages are longer than an image may be; how many bytes they take.
    TooLarge(u64),
    /// The tree does not fit into an image.
    Image(ImageError),
}

impl fmt::Display for BuildError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            BuildError::Unreadable { file, what } => write!(f, "{file}: {what}"),
            BuildError::Recipe(what) => write!(f, "payload.toml: {what}"),
            BuildError::Packages(error) => write!(f, "package list: {error}"),
            BuildError::TooLarge(bytes) => {
                write!(f, "package list: {bytes} bytes of packages do not fit into an image of 4 GiB; raise `scale`")
            }
            BuildError::Image(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for BuildError {}

/// An update, built.
#[derive(Clone, Debug)]
pub struct Built {
    /// Every file of the disc, with the volume label.
    pub tree: Tree,
    date: Date,
}

impl Built {
    /// The ISO 9660 image of it, with Rock Ridge and Joliet names and the release date on everything.
    ///
    /// # Errors
    /// What does not fit into an image.
    pub fn image(&self) -> Result<Vec<u8>, BuildError> {
        let options = ImageOptions { date: self.date, rock_ridge: true, joliet: true };
        write_image(&self.tree, &options).map_err(BuildError::Image)
    }
}

/// How long an image may be: 4 GiB.
const LARGEST: u64 = 1 << 32;

/// Builds an update; `read` gives the text of a source file by its name beside `payload.toml`.
///
/// # Errors
/// [`BuildError`] for sources that are not what they should be.
pub fn build(read: &dyn Fn(&str) -> Result<String, String>) -> Result<Built, BuildError> {
    let text = |file: &str| read(file).map_err(|what| BuildError::Unreadable { file: file.to_owned(), what });
    let recipe: Recipe =
        toml::from_str(&text("payload.toml")?).map_err(|error| BuildError::Recipe(error.to_string()))?;
    let date = release_date(&recipe)?;
    let list = text(&recipe.packages)?;
    let rows = parse_rows(&list).map_err(BuildError::Packages)?;
    let bytes = rows.iter().fold(0, |sum: u64, row| sum.saturating_add(filler(&recipe, row)));
    if bytes > LARGEST {
        return Err(BuildError::TooLarge(bytes));
    }
    let eula = text(&recipe.eula)?;
    let mut files = Vec::with_capacity(rows.len() + 8);
    let packages: Vec<Package> = rows.iter().map(|row| package(&recipe, row, date, &mut files)).collect();
    let scripts = zip(&SCRIPTS, date);
    let layers = layers(&recipe);
    let digests: Vec<(String, Sha256)> = pool_digests(&packages, &scripts, &layers);
    let patch = patch(&recipe, eula, packages);
    let stamp = format!("{:04}{:02}{:02}000000.000000+000", date.year(), u8::from(date.month()), date.day());
    let manifest = manifest::write(&patch, &stamp);
    let list = rpm_manifest::write(digests.iter().map(|(name, digest)| {
        let kind = name.rsplit('.').next().unwrap_or_default();
        (name.as_str(), kind, *digest)
    }));
    let (manifest_folder, list_folder) = match recipe.layout {
        Layout::Six => ("manifest/", "package-pool/"),
        Layout::Eight => ("", ""),
    };
    files.push((format!("package-pool/{SCRIPTS_NAME}"), scripts));
    files.extend(layers.into_iter().map(|(name, bytes)| (format!("package-pool/{name}"), bytes)));
    with_sidecar(&mut files, format!("{manifest_folder}manifest-latest.xml"), manifest);
    with_sidecar(&mut files, format!("{list_folder}rpm-manifest.json"), list);
    Ok(Built { tree: Tree::new(&recipe.label, files), date })
}

/// The archive of scripts that every patch brings.
const SCRIPTS_NAME: &str = "patch-metadata-scripts.zip";
const SCRIPTS: [(&str, &str); 2] = [
    ("scripts/pre-stage.py", "# Simulated: the appliance's model decides what happens before staging.\n"),
    ("scripts/post-install.py", "# Simulated: the appliance's model decides what happens after the install.\n"),
];

fn release_date(recipe: &Recipe) -> Result<Date, BuildError> {
    let format = format_description!("[month repr:long] [day padding:none], [year]");
    Date::parse(&recipe.release_date, format).map_err(|_| {
        BuildError::Recipe(format!("release_date {:?} is not like \"September 10, 2015\"", recipe.release_date))
    })
}

/// How many bytes a package's body is filled with.
fn filler(recipe: &Recipe, row: &PackageRow<'_>) -> u64 {
    u64::from(row.size_kib) * 1024 / u64::from(recipe.scale.max(1))
}

/// Makes a package's body, adds it to the files, and describes it.
fn package(recipe: &Recipe, row: &PackageRow<'_>, date: Date, files: &mut Vec<(String, Vec<u8>)>) -> Package {
    let file = RpmFile {
        name: row.name,
        evr: row.evr,
        arch: row.arch,
        vendor: match row.third_party {
            true if !row.evr.contains(".ph") => "SUSE LINUX Products GmbH, Nuernberg, Germany",
            _ => &recipe.vendor,
        },
        build_time: date.midnight().assume_utc().unix_timestamp().clamp(0, i64::from(u32::MAX)) as u32,
        filler: filler(recipe, row) as usize,
    };
    let path = format!("package-pool/{}", file.file_name());
    let bytes = file.bytes();
    let body = Body { path: path.clone(), size: bytes.len() as u64, sha256: Sha256::of(&bytes) };
    // Without its filler, the file is as long at any scale.
    let real_size = body.size - filler(recipe, row) + u64::from(row.size_kib) * 1024;
    let real_size = Some(real_size).filter(|real| *real != body.size);
    files.push((path, bytes));
    Package {
        name: row.name.to_owned(),
        evr: row.evr.to_owned(),
        arch: row.arch.to_owned(),
        third_party: row.third_party,
        body,
        real_size,
    }
}

/// The container layers, each in a file that has its digest as name. There is nothing in them but their number.
fn layers(recipe: &Recipe) -> Vec<(String, Vec<u8>)> {
    let layer = |number: usize| {
        let bytes =
            format!("Simulated: container layer {number} of {} {}.\n", recipe.name, recipe.version).into_bytes();
        (format!("{}.blob", Sha256::of(&bytes)), bytes)
    };
    (1..=recipe.containers).map(layer).collect()
}

fn pool_digests(packages: &[Package], scripts: &[u8], layers: &[(String, Vec<u8>)]) -> Vec<(String, Sha256)> {
    let name = |package: &Package| package.body.path.trim_start_matches("package-pool/").to_owned();
    let mut digests: Vec<(String, Sha256)> =
        packages.iter().map(|package| (name(package), package.body.sha256)).collect();
    digests.push((SCRIPTS_NAME.to_owned(), Sha256::of(scripts)));
    digests.extend(layers.iter().map(|(name, bytes)| (name.clone(), Sha256::of(bytes))));
    digests
}

fn patch(recipe: &Recipe, eula: String, packages: Vec<Package>) -> Patch {
    let Recipe { name, version, build, product, category, kb, vendor, .. } = recipe.clone();
    let Recipe { tags, summary, severity, release_date, version_supported, leaf_services, .. } = recipe.clone();
    Patch {
        name,
        version,
        build,
        product,
        category,
        kb,
        vendor,
        tags,
        summary,
        severity,
        release_date,
        reboot_required: recipe.reboot_required,
        version_supported,
        third_party: recipe.third_party,
        update_version: recipe.update_version,
        leaf_services,
        eula,
        // Known when it is read back: it is the digest of what is written from this.
        manifest: Sha256([0; 32]),
        signed: false,
        packages,
        files: Vec::new(),
    }
}

/// Adds a metadata file and the file that holds its digest.
fn with_sidecar(files: &mut Vec<(String, Vec<u8>)>, path: String, text: String) {
    let name = path.rsplit('/').next().unwrap_or(&path);
    let sidecar = format!("{}  {name}\n", Sha256::of(text.as_bytes()));
    files.push((format!("{path}.sha256"), sidecar.into_bytes()));
    files.push((path, text.into_bytes()));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packages_that_no_image_holds_are_refused_before_they_are_made() {
        let source = concat!(env!("CARGO_MANIFEST_DIR"), "/payloads/VC-6.0.0U1-Appliance-TP/");
        let read = |file: &str| match file {
            "packages.tsv" => Ok("a\t1-1\tnoarch\tvmware\t4294967295\n".repeat(1000)),
            _ => std::fs::read_to_string(format!("{source}{file}"))
                .map(|text| text.replace("scale = ", "scale = 1 # "))
                .map_err(|error| error.to_string()),
        };
        assert_eq!(build(&read).err(), Some(BuildError::TooLarge(4_294_967_295 * 1024 * 1000)));
    }
}
