//! The bytes of an image's structures: records, Rock Ridge fields, descriptors, dates.
//! Truth: ECMA-119 chapters 7 to 9, RRIP 1.12 section 4.1. Left out on purpose: where anything lies, which `write` decides.

use super::volume::SECTOR;
use time::Date;

/// Bytes of a directory record.
pub(super) fn record_len(name: usize, system_use: &[u8]) -> u64 {
    ((33 + name).next_multiple_of(2) + system_use.len()).next_multiple_of(2) as u64
}

/// The Rock Ridge fields of a file or folder: its mode and its name.
pub(super) fn child_fields(name: &str, directory: bool) -> Vec<u8> {
    let mut fields = mode_field(directory);
    fields.extend_from_slice(&[b'N', b'M', 5 + name.len() as u8, 1, 0]);
    fields.extend_from_slice(name.as_bytes());
    fields
}

/// The Rock Ridge fields of the two dots; the root's own announces the whole.
pub(super) fn dot_fields(announce: bool) -> Vec<u8> {
    let mut fields = Vec::new();
    if announce {
        fields.extend_from_slice(b"SP\x07\x01\xBE\xEF\x00");
    }
    fields.extend(mode_field(true));
    if announce {
        fields.extend_from_slice(b"ER\x12\x01\x0A\x00\x00\x01RRIP_1991A");
    }
    fields
}

/// `PX`: readable by all, owned by root, one link (a folder counts as two).
fn mode_field(directory: bool) -> Vec<u8> {
    let mut field = b"PX\x24\x01".to_vec();
    let (mode, links) = if directory { (0o040_555, 2) } else { (0o100_444, 1) };
    for number in [mode, links, 0, 0] {
        both32(&mut field, number);
    }
    field
}

/// Appends a directory record for the blocks and bytes of `place`; none crosses a sector.
pub(super) fn record(
    image: &mut Vec<u8>,
    place: (u32, u32),
    directory: bool,
    name: &[u8],
    system_use: &[u8],
    date: Date,
) {
    let len = record_len(name.len(), system_use);
    if image.len() as u64 % SECTOR + len > SECTOR {
        pad(image);
    }
    let end = image.len() + len as usize;
    image.extend_from_slice(&[len as u8, 0]);
    both32(image, place.0);
    both32(image, place.1);
    image.extend_from_slice(&short_date(date));
    image.extend_from_slice(&[if directory { 2 } else { 0 }, 0, 0]);
    both16(image, 1);
    image.push(name.len() as u8);
    image.extend_from_slice(name);
    if name.len().is_multiple_of(2) {
        image.push(0);
    }
    image.extend_from_slice(system_use);
    image.resize(end, 0);
}

/// What a descriptor tells of one tree of names.
pub(super) struct Descriptor<'a> {
    pub joliet: bool,
    pub label: &'a str,
    /// Blocks of the whole image.
    pub blocks: u32,
    /// Bytes of a path table, and the blocks of its two copies.
    pub table_len: u32,
    pub little: u32,
    pub big: u32,
    /// Block and bytes of the root folder.
    pub root: (u32, u32),
    pub date: Date,
}

impl Descriptor<'_> {
    /// Appends the primary or supplementary volume descriptor (ECMA-119 8.4 and 8.5).
    pub fn write(&self, image: &mut Vec<u8>) {
        image.push(if self.joliet { 2 } else { 1 });
        image.extend_from_slice(b"CD001\x01\x00");
        image.extend(self.text("", 32));
        image.extend(self.text(self.label, 32));
        image.extend_from_slice(&[0; 8]);
        both32(image, self.blocks);
        image.extend_from_slice(if self.joliet { b"%/E" } else { &[0; 3] });
        image.extend_from_slice(&[0; 29]);
        both16(image, 1);
        both16(image, 1);
        both16(image, SECTOR as u16);
        both32(image, self.table_len);
        image.extend_from_slice(&self.little.to_le_bytes());
        image.extend_from_slice(&[0; 4]);
        image.extend_from_slice(&self.big.to_be_bytes());
        image.extend_from_slice(&[0; 4]);
        record(image, self.root, true, &[0], &[], self.date);
        for len in [128, 128, 128, 128, 37, 37, 37] {
            image.extend(self.text("", len));
        }
        for day in [Some(self.date), Some(self.date), None, None] {
            image.extend_from_slice(&long_date(day));
        }
        image.push(1);
        pad(image);
    }

    /// Text of a descriptor, filled up with blanks.
    fn text(&self, text: &str, len: usize) -> Vec<u8> {
        if !self.joliet {
            return text.bytes().chain(std::iter::repeat(b' ')).take(len).collect();
        }
        let units = text.encode_utf16().chain(std::iter::repeat(0x20)).take(len / 2);
        let mut bytes: Vec<u8> = units.flat_map(u16::to_be_bytes).collect();
        bytes.resize(len, 0);
        bytes
    }
}

fn short_date(date: Date) -> [u8; 7] {
    let year = (date.year() - 1900).clamp(0, 255) as u8;
    [year, u8::from(date.month()), date.day(), 0, 0, 0, 0]
}

fn long_date(date: Option<Date>) -> [u8; 17] {
    let mut bytes = [b'0'; 17];
    bytes[16] = 0;
    if let Some(date) = date {
        let text = format!("{:04}{:02}{:02}", date.year().clamp(1, 9999), u8::from(date.month()), date.day());
        bytes[..8].copy_from_slice(text.as_bytes());
    }
    bytes
}

fn both32(out: &mut Vec<u8>, number: u32) {
    out.extend_from_slice(&number.to_le_bytes());
    out.extend_from_slice(&number.to_be_bytes());
}

fn both16(out: &mut Vec<u8>, number: u16) {
    out.extend_from_slice(&number.to_le_bytes());
    out.extend_from_slice(&number.to_be_bytes());
}

/// How many sectors so many bytes take.
pub(super) fn sectors(bytes: u64) -> u64 {
    bytes.div_ceil(SECTOR)
}

/// Fills the sector up with zeros.
pub(super) fn pad(image: &mut Vec<u8>) {
    image.resize(image.len().next_multiple_of(SECTOR as usize), 0);
}
