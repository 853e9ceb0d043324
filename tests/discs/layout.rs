//! Images laid out record by record (ECMA-119, RRIP 1.12), so that each lie in one is exactly one lie.
//! Left out on purpose: what real writers make; `.ci/oracles` has that.

use appsh::payload::iso::{ImageOptions, write_image};
use appsh::payload::{Medium, Source, Tree};
use std::collections::BTreeMap;
use std::io;
use std::sync::atomic::{AtomicU64, Ordering};
use time::macros::date;

pub const SECTOR: usize = 2048;

/// A medium of any size of which only the sectors that matter exist; it counts the bytes read.
#[derive(Debug, Default)]
pub struct Sparse {
    pub sectors: BTreeMap<u64, Vec<u8>>,
    pub size: u64,
    pub read: AtomicU64,
}

impl Medium for Sparse {
    fn size(&self) -> u64 {
        self.size
    }

    fn read_at(&self, offset: u64, buf: &mut [u8]) -> io::Result<usize> {
        let within = (offset % SECTOR as u64) as usize;
        let left = self.size.saturating_sub(offset).min(buf.len() as u64) as usize;
        let count = left.min(SECTOR - within);
        match self.sectors.get(&(offset / SECTOR as u64)) {
            Some(sector) => buf[..count].copy_from_slice(&sector[within..within + count]),
            None => buf[..count].fill(0),
        }
        self.read.fetch_add(count as u64, Ordering::Relaxed);
        Ok(count)
    }
}

impl Sparse {
    pub fn put(&mut self, block: u64, bytes: &[u8]) {
        for (index, chunk) in bytes.chunks(SECTOR).enumerate() {
            let mut sector = chunk.to_vec();
            sector.resize(SECTOR, 0);
            self.sectors.insert(block + index as u64, sector);
        }
        self.size = self.size.max((block * SECTOR as u64) + bytes.len().next_multiple_of(SECTOR) as u64);
    }
}

pub fn both(number: u32) -> Vec<u8> {
    [number.to_le_bytes(), number.to_be_bytes()].concat()
}

/// A directory record.
pub fn record(name: &[u8], block: u32, size: u32, flags: u8, system_use: &[u8]) -> Vec<u8> {
    let mut bytes = vec![0, 0];
    bytes.extend(both(block));
    bytes.extend(both(size));
    bytes.extend([115, 9, 10, 0, 0, 0, 0, flags, 0, 0, 1, 0, 0, 1, name.len() as u8]);
    bytes.extend(name);
    bytes.resize(bytes.len().next_multiple_of(2), 0);
    bytes.extend(system_use);
    bytes.resize(bytes.len().next_multiple_of(2), 0);
    bytes[0] = bytes.len() as u8;
    bytes
}

/// A folder of one sector at `block`: the two dots and these records.
pub fn folder(block: u32, dot: &[u8], records: &[Vec<u8>]) -> Vec<u8> {
    let mut bytes = record(&[0], block, 2048, 2, dot);
    bytes.extend(record(&[1], 20, 2048, 2, &[]));
    bytes.extend(records.concat());
    assert!(bytes.len() <= SECTOR);
    bytes
}

pub const FILE: u8 = 0;
pub const DIR: u8 = 2;
pub const MORE: u8 = 0x80;
pub const RR: &[u8] = b"SP\x07\x01\xBE\xEF\x00RR\x05\x01\x00";

/// An image whose root, at block 20, has these records; everything up to block 40 exists.
pub fn disc(dot: &[u8], records: &[Vec<u8>]) -> Sparse {
    let mut disc = Sparse { size: 40 * 2048, ..Sparse::default() };
    let mut descriptor = b"\x01CD001\x01\x00".to_vec();
    descriptor.resize(SECTOR, 0);
    descriptor[40..44].copy_from_slice(b"DISC");
    descriptor[80..88].copy_from_slice(&both(40));
    descriptor[128..132].copy_from_slice(&[0, 8, 8, 0]);
    descriptor[156..190].copy_from_slice(&record(&[0], 20, 2048, DIR, &[]));
    disc.put(16, &descriptor);
    disc.put(17, b"\xFFCD001\x01");
    disc.put(20, &folder(20, dot, records));
    disc
}

pub fn name(text: &str) -> Vec<u8> {
    [b"NM", &[5 + text.len() as u8, 1, 0][..], text.as_bytes()].concat()
}

pub fn paths(source: &dyn Source) -> Vec<&str> {
    source.entries().iter().map(|entry| entry.path.as_str()).collect()
}

/// A stream of chance that is the same every time.
pub struct Chance(pub u64);

impl Chance {
    pub fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % limit as u64) as usize
    }
}

pub fn sample() -> Tree {
    let long = format!("a/b/{}.txt", "very-long-name-".repeat(6));
    let files = [("a/b/c/deep", "deep"), ("readme.TXT", "read me"), ("ünïcode/名前", "name"), (&long, "long")];
    Tree::new("SAMPLE", files.map(|(path, body)| (path.to_owned(), body.as_bytes().to_vec())))
}

pub fn image_of(tree: &Tree, rock_ridge: bool, joliet: bool) -> Vec<u8> {
    let options = ImageOptions { date: date!(2015 - 09 - 10), rock_ridge, joliet };
    write_image(tree, &options).unwrap()
}
