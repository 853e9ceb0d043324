//! The volume descriptors of an image: its label and the trees of names it has.
//! Truth: ECMA-119 section 8, Joliet specification 1.0. Left out on purpose: boot records, partitions, later sessions
//! and the enhanced (1999) tree, because every disc that has it also has one of the others.

use super::super::medium::{Medium, fill};
use super::super::patch::Sha256;
use super::super::source::{Cause, DiscError};
use super::names::utf16;
use super::record::{Record, both_endian};
use sha2::Digest;

/// Bytes of a sector; the logical block of every disc that is made has as many.
pub(super) const SECTOR: u64 = 2048;
/// Where the descriptors start.
const FIRST: u64 = 16;
/// How many descriptors are looked at; real discs have three or four.
const MOST: u64 = 64;

/// A run of bytes in the image.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Extent {
    /// First byte.
    pub start: u64,
    /// Bytes.
    pub len: u64,
}

impl Extent {
    /// What a record's block and size say.
    pub fn of(record: &Record<'_>) -> Extent {
        Extent { start: u64::from(record.block) * SECTOR, len: u64::from(record.size) }
    }

    /// The first byte behind it.
    pub fn end(self) -> u64 {
        self.start.saturating_add(self.len)
    }
}

/// What the descriptors say.
#[derive(Clone, Debug)]
pub(super) struct Volume {
    pub label: String,
    /// The root folder of the primary tree.
    pub primary: Extent,
    /// The root folder of the Joliet tree, and its own label.
    pub joliet: Option<(Extent, String)>,
    /// Of all descriptors that were read.
    pub digest: Sha256,
}

impl Volume {
    /// Reads the descriptors of an image.
    pub fn read(medium: &(impl Medium + ?Sized)) -> Result<Volume, DiscError> {
        let mut volume: Option<Volume> = None;
        let mut joliet = None;
        let mut digest = sha2::Sha256::new();
        for sector in FIRST..FIRST + MOST {
            let offset = sector * SECTOR;
            let mut bytes = [0; SECTOR as usize];
            if offset + SECTOR > medium.size() && sector == FIRST {
                return Err(DiscError::new("", offset, Cause::NotAnImage));
            }
            fill(medium, "", offset, &mut bytes)?;
            digest.update(bytes);
            check_header(&bytes, sector == FIRST).map_err(|cause| DiscError::new("", offset, cause))?;
            match bytes[0] {
                255 => break,
                1 if volume.is_none() => volume = Some(primary(&bytes).map_err(|c| DiscError::new("", offset, c))?),
                2 if joliet.is_none() && is_joliet(&bytes[88..120]) => {
                    let root = tree(&bytes).map_err(|cause| DiscError::new("", offset, cause))?;
                    joliet = Some((root, joliet_label(&bytes[40..72])));
                }
                _ => {}
            }
        }
        let no_primary = || DiscError::new("", FIRST * SECTOR, Cause::NoPrimaryDescriptor);
        let digest = Sha256(digest.finalize().into());
        Ok(Volume { joliet, digest, ..volume.ok_or_else(no_primary)? })
    }
}

fn check_header(bytes: &[u8], first: bool) -> Result<(), Cause> {
    match (&bytes[1..6], first) {
        (b"CD001", _) => Ok(()),
        (b"BEA01" | b"NSR02" | b"NSR03", true) => Err(Cause::UdfOnly),
        (_, true) => Err(Cause::NotAnImage),
        (_, false) => Err(Cause::NoPrimaryDescriptor),
    }
}

fn primary(bytes: &[u8]) -> Result<Volume, Cause> {
    let primary = tree(bytes)?;
    let label = bytes[40..72].iter().map(|&byte| char::from(byte)).collect::<String>();
    let label = label.trim_end_matches([' ', '\0']).to_owned();
    Ok(Volume { label, primary, joliet: None, digest: Sha256([0; 32]) })
}

/// The root folder of a primary or supplementary descriptor.
fn tree(bytes: &[u8]) -> Result<Extent, Cause> {
    let block_size = u16::from_le_bytes([bytes[128], bytes[129]]);
    if u64::from(block_size) != SECTOR {
        return Err(Cause::BlockSize(block_size));
    }
    both_endian(&bytes[80..88])?;
    let root = Record::parse(&bytes[156..190])?.filter(Record::is_directory).ok_or(Cause::BadRecord)?;
    Ok(Extent::of(&root))
}

fn is_joliet(escapes: &[u8]) -> bool {
    [b"%/@", b"%/C", b"%/E"].iter().any(|level| escapes.starts_with(*level))
}

fn joliet_label(bytes: &[u8]) -> String {
    utf16(bytes).trim_end_matches([' ', '\0']).to_owned()
}
