//! `manifest-latest.xml`: what an update is, and its packages with their digests.
//! Truth: reference section 6 (elements of the VAMI family, `packageGroups/group/package`). It has no place for what
//! `list --staged` shows beyond those; our own discs put that into one element `patchInfo`, and for a user's disc,
//! which lacks it, the values are derived from the rest: both are inferences, marked where they stand. A package whose
//! body is a small stand-in has an element `realSize` of our own; a user's disc has none, its bodies are the packages.

use super::open::in_pool;
use super::patch::{Body, Package, Patch, Sha256};
use super::source::printable;
use roxmltree::{Document, Node, ParsingOptions};
use serde::{Deserialize, Serialize};
use std::fmt;

/// Metadata that cannot be understood.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ManifestError {
    /// Path in the source.
    pub path: String,
    /// Counted from one.
    pub line: u32,
    /// What is wrong.
    pub what: String,
}

impl ManifestError {
    /// An error in a line of a metadata file.
    pub fn new(path: &str, line: u32, what: impl Into<String>) -> ManifestError {
        ManifestError { path: path.to_owned(), line, what: what.into() }
    }
}

impl fmt::Display for ManifestError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: line {}: {}", printable(&self.path), self.line, printable(&self.what))
    }
}

impl std::error::Error for ManifestError {}

/// Stands for a size that the metadata does not tell, until the disc has been asked.
pub(super) const SIZE_UNKNOWN: u64 = u64::MAX;
/// How many packages are taken; the largest real patch has some 400.
const MOST_PACKAGES: usize = 20_000;
/// How many XML nodes are taken: a package has about ten.
const MOST_NODES: u32 = 400_000;
/// The longest package that a stand-in may stand for, in bytes; the largest real one has over two thousand million.
const LONGEST_REAL: u64 = 1 << 43;

/// Reads a manifest; `path` names it in errors.
pub(super) fn parse(path: &str, bytes: &[u8]) -> Result<Patch, ManifestError> {
    let text = std::str::from_utf8(bytes).map_err(|_| ManifestError::new(path, 1, "not UTF-8"))?;
    let options = ParsingOptions { nodes_limit: MOST_NODES, ..ParsingOptions::default() };
    let document = Document::parse_with_options(text.trim_start_matches('\u{feff}'), options)
        .map_err(|error| ManifestError::new(path, error.pos().row, error.to_string()))?;
    let root = document.root_element();
    if root.tag_name().name() != "update" {
        return Err(ManifestError::new(path, 1, "the root element is not <update>"));
    }
    let version = text_of(root, "version");
    if version.is_empty() {
        return Err(ManifestError::new(path, 1, "no <version>"));
    }
    let mut patch = describe(root, version, Sha256::of(bytes));
    for node in root.descendants().filter(|node| node.has_tag_name("package")) {
        if patch.packages.len() == MOST_PACKAGES {
            return Err(ManifestError::new(path, 1, format!("more than {MOST_PACKAGES} packages")));
        }
        let line = || document.text_pos_at(node.range().start).row;
        patch.packages.push(package(node).map_err(|what| ManifestError::new(path, line(), what))?);
    }
    Ok(patch)
}

/// All fields but the packages.
fn describe(root: Node<'_, '_>, version: String, manifest: Sha256) -> Patch {
    let full = text_of(root, "fullVersion");
    let build = full.rsplit_once(' ').map_or("", |(_, build)| build).to_owned();
    let empty = find(root, "UpdateInfo");
    let update = |name: &str| attribute(empty, name).unwrap_or_default();
    let info = find(root, "patchInfo");
    let info = |name: &str| attribute(info, name);
    let flag = |name: &str, otherwise: bool| info(name).map_or(otherwise, |value| value == "true");
    let list = |text: Option<String>| text.map(|text| text.split(',').map(str::to_owned).collect::<Vec<String>>());
    let affected = Some(update("affected-versions")).filter(|text| !text.is_empty());
    Patch {
        name: info("name").unwrap_or_else(|| derived_name(&version)),
        build,
        product: Some(text_of(root, "product")).filter(|text| !text.is_empty()).unwrap_or_else(|| PRODUCT.to_owned()),
        category: update("category"),
        kb: update("reference-url"),
        vendor: text_of(root, "vendor"),
        tags: list(info("tags")).unwrap_or_else(|| vec![String::new()]),
        summary: Some(update("description"))
            .filter(|text| !text.is_empty())
            .unwrap_or_else(|| text_of(root, "description")),
        severity: update("severity"),
        release_date: info("releaseDate").unwrap_or_else(|| written_date(&text_of(root, "releaseDate"))),
        reboot_required: flag("rebootRequired", true),
        version_supported: list(affected).unwrap_or_default(),
        third_party: flag("thirdParty", false),
        update_version: flag("updateVersion", true),
        leaf_services: list(info("leafServices")).unwrap_or_default(),
        eula: find(root, "EULAList").map(all_text).unwrap_or_default(),
        manifest,
        signed: false,
        packages: Vec::new(),
        files: Vec::new(),
        version,
    }
}

/// The product of a disc whose manifest does not name it.
const PRODUCT: &str = "VMware vCenter Server Appliance";

/// The name of a patch whose manifest has no place for one: the file-name pattern of the reference, an inference.
fn derived_name(version: &str) -> String {
    if version.starts_with("6.") { format!("VC-{version}-Appliance-FP") } else { format!("VC-{version}") }
}

/// `20190403115019.000000+000` as `April 3, 2019`; anything else as it is.
fn written_date(stamp: &str) -> String {
    let number = |from: usize, to: usize| stamp.get(from..to).and_then(|digits| digits.parse::<u8>().ok());
    let year = stamp.get(..4).and_then(|digits| digits.parse::<i32>().ok());
    let date = year
        .zip(number(4, 6))
        .zip(number(6, 8))
        .and_then(|((year, month), day)| time::Date::from_calendar_date(year, month.try_into().ok()?, day).ok());
    date.map_or_else(|| stamp.to_owned(), |date| format!("{} {}, {}", date.month(), date.day(), date.year()))
}

fn package(node: Node<'_, '_>) -> Result<Package, String> {
    let needed = |name: &str| {
        node.attribute(name).filter(|text| !text.is_empty()).ok_or_else(|| format!("a package without {name}"))
    };
    let (name, version) = (needed("name")?, needed("version")?);
    let evr = match node.attribute("release") {
        Some(release) => format!("{version}-{release}"),
        None => version.to_owned(),
    };
    let location = text_of(node, "location");
    if location.is_empty() {
        return Err(format!("{name}: no location"));
    }
    let digest = text_of(node, "checksum256");
    let digest = if digest.is_empty() { text_of(node, "checksum") } else { digest };
    let size = text_of(node, "size");
    let size = if size.is_empty() { Ok(SIZE_UNKNOWN) } else { size.parse() };
    let real_size = text_of(node, "realSize");
    let real_size = match real_size.parse() {
        _ if real_size.is_empty() => None,
        Ok(bytes) if bytes <= LONGEST_REAL => Some(bytes),
        _ => return Err(format!("{name}: a real size that is no number of bytes up to {LONGEST_REAL}")),
    };
    let group = node.parent().and_then(|group| group.attribute("name"));
    Ok(Package {
        name: name.to_owned(),
        evr,
        arch: node.attribute("arch").unwrap_or("noarch").to_owned(),
        third_party: match group {
            Some(THIRD_PARTY) => true,
            Some(VMWARE) => false,
            _ => is_third_party(name),
        },
        body: Body {
            path: in_pool(&location),
            size: size.map_err(|_| format!("{name}: a size that is no number"))?,
            sha256: digest.parse().map_err(|what| format!("{name}: {what}"))?,
        },
        real_size,
    })
}

/// The package groups of our own discs.
const VMWARE: &str = "vmware";
const THIRD_PARTY: &str = "third-party";

/// Whether a package is somebody else's, where the disc does not say: by the name alone, an inference.
pub(super) fn is_third_party(name: &str) -> bool {
    !name.to_ascii_lowercase().starts_with("vmware")
}

fn find<'a, 'i>(node: Node<'a, 'i>, name: &str) -> Option<Node<'a, 'i>> {
    node.descendants().find(|child| child.tag_name().name() == name)
}

fn attribute(node: Option<Node<'_, '_>>, name: &str) -> Option<String> {
    node.and_then(|node| node.attribute(name)).map(str::to_owned)
}

/// The trimmed text of a child element; empty where there is none.
fn text_of(node: Node<'_, '_>, child: &str) -> String {
    let child = node.children().find(|node| node.tag_name().name() == child);
    child.map(|child| all_text(child).trim().to_owned()).unwrap_or_default()
}

/// All text within an element, markup left out.
fn all_text(node: Node<'_, '_>) -> String {
    node.descendants().filter(Node::is_text).filter_map(|text| text.text()).collect()
}

/// Writes the manifest of a patch; packages are grouped by whose they are, which must be the order they stand in.
pub(super) fn write(patch: &Patch, stamp: &str) -> String {
    let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<update>\n");
    let full = format!("{} Build {}", patch.version, patch.build);
    for (name, text) in [
        ("product", patch.product.as_str()),
        ("version", &patch.version),
        ("fullVersion", &full),
        ("vendor", &patch.vendor),
        ("releaseDate", stamp),
        ("description", &patch.summary),
    ] {
        out.push_str(&format!("  <{name}>{}</{name}>\n", escaped(text)));
    }
    if !patch.eula.is_empty() {
        let eula = escaped(&patch.eula);
        out.push_str(&format!("  <EULAList showPolicy=\"always\" introducedVersion=\"\">{eula}</EULAList>\n"));
    }
    out.push_str("  <UpdateInfoList>\n    ");
    element(&mut out, "UpdateInfo", &update_info(patch));
    out.push_str("  </UpdateInfoList>\n  ");
    element(&mut out, "patchInfo", &patch_info(patch));
    out.push_str("  <packageGroups>\n");
    for (group, third_party) in [(VMWARE, false), (THIRD_PARTY, true)] {
        out.push_str(&format!("    <group name=\"{group}\">\n"));
        for package in patch.packages.iter().filter(|package| package.third_party == third_party) {
            package_element(&mut out, package);
        }
        out.push_str("    </group>\n");
    }
    out.push_str("  </packageGroups>\n</update>\n");
    out
}

fn update_info(patch: &Patch) -> Vec<(&'static str, String)> {
    vec![
        ("introduced-version", patch.version.clone()),
        ("category", patch.category.clone()),
        ("severity", patch.severity.clone()),
        ("affected-versions", patch.version_supported.join(",")),
        ("description", patch.summary.clone()),
        ("reference-type", "vendor".to_owned()),
        ("reference-url", patch.kb.clone()),
    ]
}

fn patch_info(patch: &Patch) -> Vec<(&'static str, String)> {
    let mut fields = vec![
        ("name", patch.name.clone()),
        ("releaseDate", patch.release_date.clone()),
        ("tags", patch.tags.join(",")),
        ("rebootRequired", patch.reboot_required.to_string()),
        ("thirdParty", patch.third_party.to_string()),
        ("updateVersion", patch.update_version.to_string()),
    ];
    if !patch.leaf_services.is_empty() {
        fields.push(("leafServices", patch.leaf_services.join(",")));
    }
    fields
}

fn element(out: &mut String, name: &str, attributes: &[(&str, String)]) {
    out.push_str(&format!("<{name}"));
    for (name, value) in attributes {
        out.push_str(&format!(" {name}=\"{}\"", escaped(value)));
    }
    out.push_str("/>\n");
}

fn package_element(out: &mut String, package: &Package) {
    let Package { name, evr, arch, body, .. } = package;
    let [name, evr, arch, path] = [name, evr, arch, &body.path].map(|text| escaped(text));
    out.push_str(&format!("      <package name=\"{name}\" version=\"{evr}\" arch=\"{arch}\">\n"));
    out.push_str(&format!("        <location>\n          {path}\n        </location>\n"));
    out.push_str(&format!("        <size>{}</size>\n", body.size));
    if let Some(bytes) = package.real_size {
        out.push_str(&format!("        <realSize>{bytes}</realSize>\n"));
    }
    out.push_str(&format!("        <checksum256>{}</checksum256>\n      </package>\n", body.sha256));
}

fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            _ => out.push(c),
        }
    }
    out
}
