//! Writing an ISO 9660 image with Rock Ridge and Joliet names: the same bytes for the same tree, whoever asks.
//! Truth: ECMA-119, SUSP and RRIP 1.12, Joliet 1.0. Left out on purpose: files of 4 GiB and more, folders below the
//! eighth level, names over 103 bytes and boot records, none of which a bundled payload needs; asking for them is an error.

use super::super::source::{EntryKind, Source, Tree};
use super::encode::{Descriptor, child_fields, dot_fields, pad, record, record_len, sectors};
use super::volume::SECTOR;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use time::Date;

/// What is to be said about the volume as a whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImageOptions {
    /// The date of everything on the disc, at midnight UTC.
    pub date: Date,
    /// Whether to write Rock Ridge names.
    pub rock_ridge: bool,
    /// Whether to write a Joliet tree.
    pub joliet: bool,
}

/// Why a tree does not fit into an image of ours.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ImageError {
    /// A name that is too long for one directory record.
    NameTooLong(String),
    /// A folder below the eighth level.
    TooDeep(String),
    /// A file of 4 GiB or more, or an image over 8 TiB.
    TooLarge(String),
}

impl fmt::Display for ImageError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ImageError::NameTooLong(path) => write!(f, "{path}: the name is too long for an image of ours (103 bytes)"),
            ImageError::TooDeep(path) => {
                write!(f, "{path}: too deep for an image of ours (eight levels)")
            }
            ImageError::TooLarge(path) => {
                write!(f, "{path}: too large for an image of ours (4 GiB)")
            }
        }
    }
}

impl std::error::Error for ImageError {}

/// Bytes that a name may have: as many characters as Joliet readers take, and its record with all fields stays under 255.
const NAME_MAX: usize = 103;
/// Folders from the root down to the deepest, itself included.
const DEPTH_MAX: usize = 7;

/// A folder or file on its way into the image.
struct Node {
    /// The last part of the path.
    name: String,
    /// The name in capitals, unique in its folder.
    plain: String,
    parent: usize,
    children: Vec<usize>,
    directory: bool,
    size: u32,
    block: u32,
}

/// Which of the two trees is being written.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Primary { rock_ridge: bool },
    Joliet,
}

/// Where one tree lies.
struct Placed {
    kind: Kind,
    /// Folders in path table order, with block and bytes.
    folders: Vec<(usize, u32, u32)>,
    table_len: u32,
    little: u32,
    big: u32,
}

impl Placed {
    fn descriptor<'a>(&self, label: &'a str, blocks: u32, date: Date) -> Descriptor<'a> {
        let Placed { table_len, little, big, .. } = *self;
        let (_, block, len) = self.folders[0];
        let joliet = self.kind == Kind::Joliet;
        Descriptor { joliet, label, blocks, table_len, little, big, root: (block, len), date }
    }
}

impl Kind {
    /// The Rock Ridge fields of a child, in the tree that has them.
    fn child_fields(self, node: &Node) -> Vec<u8> {
        match self {
            Kind::Primary { rock_ridge: true } => child_fields(&node.name, node.directory),
            Kind::Primary { rock_ridge: false } | Kind::Joliet => Vec::new(),
        }
    }

    /// The Rock Ridge fields of a folder's two dots.
    fn dot_fields(self, root: bool) -> [Vec<u8>; 2] {
        match self {
            Kind::Primary { rock_ridge: true } => [dot_fields(root), dot_fields(false)],
            Kind::Primary { rock_ridge: false } | Kind::Joliet => [Vec::new(), Vec::new()],
        }
    }
}

/// Makes the image of a tree.
///
/// # Errors
/// [`ImageError`] for what does not fit.
pub fn write_image(tree: &Tree, options: &ImageOptions) -> Result<Vec<u8>, ImageError> {
    let mut nodes = nodes(tree)?;
    let mut kinds = vec![Kind::Primary { rock_ridge: options.rock_ridge }];
    kinds.extend(options.joliet.then_some(Kind::Joliet));
    let mut next = 16 + kinds.len() as u32 + 1;
    let mut trees: Vec<Placed> = kinds.into_iter().map(|kind| place(&nodes, kind, &mut next)).collect();
    for placed in &mut trees {
        for folder in &mut placed.folders {
            folder.1 = next;
            next += sectors(u64::from(folder.2)) as u32;
        }
    }
    let bodies: Vec<&[u8]> = tree.files().map(|(_, body)| body).collect();
    let files = nodes.iter_mut().filter(|node| !node.directory);
    for (node, body) in files.zip(&bodies) {
        node.block = if body.is_empty() { 0 } else { next };
        let end = u64::from(next) + sectors(body.len() as u64);
        next = u32::try_from(end).map_err(|_| ImageError::TooLarge(node.name.clone()))?;
    }
    let mut image = Vec::with_capacity(next as usize * SECTOR as usize);
    image.resize(16 * SECTOR as usize, 0);
    for placed in &trees {
        placed.descriptor(tree.label(), next, options.date).write(&mut image);
    }
    image.extend_from_slice(b"\xFFCD001\x01");
    pad(&mut image);
    for placed in &trees {
        path_table(&mut image, &nodes, placed, u16::to_le_bytes, u32::to_le_bytes);
        path_table(&mut image, &nodes, placed, u16::to_be_bytes, u32::to_be_bytes);
    }
    for placed in &trees {
        for &(folder, ..) in &placed.folders {
            records(&mut image, &nodes, placed, folder, options.date);
        }
    }
    for body in bodies {
        image.extend_from_slice(body);
        pad(&mut image);
    }
    Ok(image)
}

/// The tree as nodes: the root first, then every path in its order (so files come in the order of their bodies).
fn nodes(tree: &Tree) -> Result<Vec<Node>, ImageError> {
    let node = |name: &str, parent, directory, size| Node {
        name: name.to_owned(),
        plain: String::new(),
        parent,
        children: Vec::new(),
        directory,
        size,
        block: 0,
    };
    let mut nodes = vec![node("", 0, true, 0)];
    let mut folders: BTreeMap<&str, usize> = BTreeMap::from([("", 0)]);
    for entry in tree.entries() {
        let (folder, name) = entry.path.rsplit_once('/').unwrap_or(("", &entry.path));
        if name.len() > NAME_MAX {
            return Err(ImageError::NameTooLong(entry.path.clone()));
        }
        let directory = entry.kind == EntryKind::Directory;
        if entry.path.matches('/').count() + usize::from(directory) > DEPTH_MAX {
            return Err(ImageError::TooDeep(entry.path.clone()));
        }
        let size = u32::try_from(entry.size).map_err(|_| ImageError::TooLarge(entry.path.clone()))?;
        let (parent, index) = (folders[folder], nodes.len());
        nodes.push(node(name, parent, directory, size));
        nodes[parent].children.push(index);
        if directory {
            folders.insert(&entry.path, index);
        }
    }
    for folder in folders.into_values() {
        name_plainly(&mut nodes, folder);
    }
    Ok(nodes)
}

/// Gives the children of a folder their ISO 9660 names: level 2, at most 30 characters, no two alike.
fn name_plainly(nodes: &mut [Node], folder: usize) {
    let mut taken: BTreeSet<String> = BTreeSet::new();
    let mut counters: BTreeMap<String, u32> = BTreeMap::new();
    for child in nodes[folder].children.clone() {
        let (stem, extension) = match nodes[child].name.rsplit_once('.') {
            Some((stem, extension)) if !nodes[child].directory && extension.len() <= 8 => (stem, extension),
            _ => (nodes[child].name.as_str(), ""),
        };
        let (stem, extension) = (capitals(stem, 29 - extension.chars().count()), capitals(extension, 8));
        let dot = if nodes[child].directory { "" } else { "." };
        let mut plain = format!("{stem}{dot}{extension}");
        while !taken.insert(plain.clone()) {
            let counter = counters.entry(plain.clone()).or_default();
            *counter += 1;
            let tail = format!("{counter:04}");
            let keep = stem.len().min(29 - extension.len() - tail.len());
            plain = format!("{}{tail}{dot}{extension}", &stem[..keep]);
        }
        nodes[child].plain = plain;
    }
}

fn capitals(name: &str, most: usize) -> String {
    let letter = |c: char| {
        if c.is_ascii_alphanumeric() { c.to_ascii_uppercase() } else { '_' }
    };
    name.chars().take(most).map(letter).collect()
}

/// The name as one tree stores it.
fn stored(node: &Node, kind: Kind) -> Vec<u8> {
    match kind {
        Kind::Joliet => node.name.encode_utf16().flat_map(u16::to_be_bytes).collect(),
        Kind::Primary { .. } if node.directory => node.plain.clone().into_bytes(),
        Kind::Primary { .. } => format!("{};1", node.plain).into_bytes(),
    }
}

/// Lays out one tree's path tables, and its folders with their sizes; their blocks come later.
fn place(nodes: &[Node], kind: Kind, next: &mut u32) -> Placed {
    let mut folders = vec![0];
    let mut at = 0;
    while at < folders.len() {
        let children = sorted(nodes, kind, folders[at]);
        folders.extend(children.into_iter().filter(|&child| nodes[child].directory));
        at += 1;
    }
    let name_len = |folder: usize| {
        if folder == 0 { 1 } else { stored(&nodes[folder], kind).len() as u32 }
    };
    let table_len = folders.iter().map(|&folder| 8 + name_len(folder).next_multiple_of(2)).sum();
    let folders = folders.into_iter().map(|folder| (folder, 0, folder_len(nodes, kind, folder))).collect();
    let little = *next;
    let big = little + sectors(u64::from(table_len)) as u32;
    *next = big + sectors(u64::from(table_len)) as u32;
    Placed { kind, folders, table_len, little, big }
}

fn sorted(nodes: &[Node], kind: Kind, folder: usize) -> Vec<usize> {
    let mut children = nodes[folder].children.clone();
    children.sort_by_cached_key(|&child| stored(&nodes[child], kind));
    children
}

/// Bytes of a folder: records do not cross sectors.
fn folder_len(nodes: &[Node], kind: Kind, folder: usize) -> u32 {
    let place = |used: u64, len: u64| {
        if used % SECTOR + len > SECTOR { used.next_multiple_of(SECTOR) + len } else { used + len }
    };
    let dots = kind.dot_fields(folder == 0).map(|fields| record_len(1, &fields));
    let children = sorted(nodes, kind, folder)
        .into_iter()
        .map(|child| record_len(stored(&nodes[child], kind).len(), &kind.child_fields(&nodes[child])));
    dots.into_iter().chain(children).fold(0, place).next_multiple_of(SECTOR) as u32
}

/// Writes the records of one folder.
fn records(image: &mut Vec<u8>, nodes: &[Node], placed: &Placed, folder: usize, date: Date) {
    let places: BTreeMap<usize, (u32, u32)> =
        placed.folders.iter().map(|&(folder, block, len)| (folder, (block, len))).collect();
    let kind = placed.kind;
    let own = places[&folder];
    let above = places[&nodes[folder].parent];
    let [own_fields, above_fields] = kind.dot_fields(folder == 0);
    record(image, own, true, &[0], &own_fields, date);
    record(image, above, true, &[1], &above_fields, date);
    for child in sorted(nodes, kind, folder) {
        let node = &nodes[child];
        let place = places.get(&child).copied().unwrap_or((node.block, node.size));
        record(image, place, node.directory, &stored(node, kind), &kind.child_fields(node), date);
    }
    pad(image);
}

fn path_table(
    image: &mut Vec<u8>,
    nodes: &[Node],
    placed: &Placed,
    short: fn(u16) -> [u8; 2],
    long: fn(u32) -> [u8; 4],
) {
    let numbers: BTreeMap<usize, u16> =
        placed.folders.iter().zip(1..).map(|(&(folder, ..), number)| (folder, number)).collect();
    for &(folder, block, _) in &placed.folders {
        let name = if folder == 0 { vec![0] } else { stored(&nodes[folder], placed.kind) };
        image.extend_from_slice(&[name.len() as u8, 0]);
        image.extend_from_slice(&long(block));
        image.extend_from_slice(&short(numbers[&nodes[folder].parent]));
        image.extend_from_slice(&name);
        if name.len() % 2 == 1 {
            image.push(0);
        }
    }
    pad(image);
}
