//! Discs from outside: good ones of every kind, and everything that can be wrong with one.
//! Images are laid out here record by record (ECMA-119, RRIP 1.12), so that each lie is exactly one lie. What real
//! writers make is read in `.ci/oracles`, which needs their programs; this file needs nothing but Cargo.

use appsh::payload::iso::{ImageOptions, IsoImage, Limits, Names, write_image};
use appsh::payload::{
    Cause, Contents, Medium, Patch, PayloadError, Sha256, Source, Tree, build, bundled,
    bundled_disc, bundled_names, compare_evr, open, parse_rows, verify,
};
use std::collections::BTreeMap;
use std::io;
use std::sync::atomic::{AtomicU64, Ordering};
use time::macros::date;

const SECTOR: usize = 2048;

/// A medium of any size of which only the sectors that matter exist; it counts the bytes read.
#[derive(Debug, Default)]
struct Sparse {
    sectors: BTreeMap<u64, Vec<u8>>,
    size: u64,
    read: AtomicU64,
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
    fn put(&mut self, block: u64, bytes: &[u8]) {
        for (index, chunk) in bytes.chunks(SECTOR).enumerate() {
            let mut sector = chunk.to_vec();
            sector.resize(SECTOR, 0);
            self.sectors.insert(block + index as u64, sector);
        }
        self.size = self
            .size
            .max((block * SECTOR as u64) + bytes.len().next_multiple_of(SECTOR) as u64);
    }
}

fn both(number: u32) -> Vec<u8> {
    [number.to_le_bytes(), number.to_be_bytes()].concat()
}

/// A directory record.
fn record(name: &[u8], block: u32, size: u32, flags: u8, system_use: &[u8]) -> Vec<u8> {
    let mut bytes = vec![0, 0];
    bytes.extend(both(block));
    bytes.extend(both(size));
    bytes.extend([
        115,
        9,
        10,
        0,
        0,
        0,
        0,
        flags,
        0,
        0,
        1,
        0,
        0,
        1,
        name.len() as u8,
    ]);
    bytes.extend(name);
    bytes.resize(bytes.len().next_multiple_of(2), 0);
    bytes.extend(system_use);
    bytes.resize(bytes.len().next_multiple_of(2), 0);
    bytes[0] = bytes.len() as u8;
    bytes
}

/// A folder of one sector at `block`: the two dots and these records.
fn folder(block: u32, dot: &[u8], records: &[Vec<u8>]) -> Vec<u8> {
    let mut bytes = record(&[0], block, 2048, 2, dot);
    bytes.extend(record(&[1], 20, 2048, 2, &[]));
    bytes.extend(records.concat());
    assert!(bytes.len() <= SECTOR);
    bytes
}

const FILE: u8 = 0;
const DIR: u8 = 2;
const MORE: u8 = 0x80;
const RR: &[u8] = b"SP\x07\x01\xBE\xEF\x00RR\x05\x01\x00";

/// An image whose root, at block 20, has these records; everything up to block 40 exists.
fn disc(dot: &[u8], records: &[Vec<u8>]) -> Sparse {
    let mut disc = Sparse {
        size: 40 * 2048,
        ..Sparse::default()
    };
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

fn name(text: &str) -> Vec<u8> {
    [b"NM", &[5 + text.len() as u8, 1, 0][..], text.as_bytes()].concat()
}

fn paths(source: &dyn Source) -> Vec<&str> {
    source
        .entries()
        .iter()
        .map(|entry| entry.path.as_str())
        .collect()
}

/// A stream of chance that is the same every time.
struct Chance(u64);

impl Chance {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % limit as u64) as usize
    }
}

#[test]
fn each_lie_has_its_own_error() {
    let check = |disc: Sparse, path: &str, offset: u64, cause: Cause| {
        let error = IsoImage::open(disc).unwrap_err();
        assert_eq!(
            (error.path.as_str(), error.offset, &error.cause),
            (path, offset, &cause),
            "{error}"
        );
    };
    let at_root = 20 * 2048 + 68;
    let one = |record: Vec<u8>| disc(&[], &[record]);

    check(Sparse::default(), "", 0, Cause::NotAnImage);
    check(
        Sparse {
            size: 1 << 40,
            ..Sparse::default()
        },
        "",
        32768,
        Cause::NotAnImage,
    );
    let mut udf = disc(&[], &[]);
    udf.put(16, b"\x00BEA01\x01");
    check(udf, "", 32768, Cause::UdfOnly);
    let mut headless = disc(&[], &[]);
    headless.put(16, b"\xFFCD001\x01");
    check(headless, "", 32768, Cause::NoPrimaryDescriptor);
    let mut endless = disc(&[], &[]);
    endless.put(17, b"\x01CD002\x01");
    check(endless, "", 17 * 2048, Cause::NoPrimaryDescriptor);
    let mut odd = disc(&[], &[]);
    odd.sectors.get_mut(&16).unwrap()[128] = 3;
    check(odd, "", 32768, Cause::BlockSize(2051));

    let mut cut = disc(&[], &[]);
    cut.size = 17 * 2048 + 100;
    check(
        cut,
        "",
        17 * 2048 + 100,
        Cause::Truncated {
            needs: 18 * 2048,
            has: 17 * 2048 + 100,
        },
    );
    let beyond = Cause::Truncated {
        needs: 39 * 2048 + 4096,
        has: 40 * 2048,
    };
    check(
        one(record(b"A", 39, 4096, FILE, &[])),
        "A",
        at_root,
        beyond.clone(),
    );
    check(
        one(record(b"D", 39, 4096, DIR, &[])),
        "D",
        39 * 2048,
        beyond,
    );
    let absurd = Cause::Truncated {
        needs: u64::from(u32::MAX) * 2049,
        has: 40 * 2048,
    };
    check(
        one(record(b"A", u32::MAX, u32::MAX, FILE, &[])),
        "A",
        at_root,
        absurd,
    );

    let mut crossing = vec![record(&[b'A'; 180], 30, 0, FILE, &[]); 9];
    crossing.push(vec![60; 54]);
    check(disc(&[], &crossing), "", 21 * 2048 - 54, Cause::BadRecord);
    let mut short = record(b"A", 30, 1, FILE, &[]);
    short[0] = 30;
    check(one(short), "", at_root, Cause::BadRecord);
    let mut named = record(b"A", 30, 1, FILE, &[]);
    named[32] = 90;
    check(one(named), "", at_root, Cause::BadRecord);
    let mut two_faced = record(b"A", 30, 1, FILE, &[]);
    two_faced[17] = 9;
    check(
        one(two_faced),
        "",
        at_root,
        Cause::Disagree { little: 1, big: 9 },
    );
    let mut interleaved = record(b"A", 30, 1, FILE, &[]);
    interleaved[26] = 4;
    check(one(interleaved), "", at_root, Cause::Interleaved);
    check(
        one(record(b"..", 30, 1, FILE, &[])),
        "",
        at_root,
        Cause::BadName,
    );
    check(
        one(record(b"a/b", 30, 1, FILE, &[])),
        "",
        at_root,
        Cause::BadName,
    );

    check(
        one(record(b"D", 20, 2048, DIR, &[])),
        "D",
        at_root.max(20 * 2048),
        Cause::Cycle,
    );
    check(
        one(record(b"D", 30, 2048, DIR, &[])),
        "D",
        30 * 2048,
        Cause::NotADirectory,
    );
    check(
        one(record(b"D", 30, 0, DIR, &[])),
        "D",
        30 * 2048,
        Cause::NotADirectory,
    );
    let a_cycle = |second: u32| {
        let mut disc = one(record(b"D", 30, 2048, DIR, &[]));
        disc.put(
            30,
            &folder(30, &[], &[record(b"E", second, 2048, DIR, &[])]),
        );
        disc
    };
    check(a_cycle(30), "D/E", 30 * 2048 + 68, Cause::Cycle);
    check(a_cycle(20), "D/E", 30 * 2048 + 68, Cause::Cycle);
    let twins = [
        record(b"D", 30, 4096, DIR, &[]),
        record(b"E", 31, 2048, DIR, &[]),
    ];
    check(disc(&[], &twins), "E", 31 * 2048, Cause::Overlap);
    let files = [
        record(b"A", 30, 4096, FILE, &[]),
        record(b"B", 31, 4096, FILE, &[]),
    ];
    check(disc(&[], &files), "B", 31 * 2048, Cause::Overlap);
    check(
        one(record(b"A", 20, 2048, FILE, &[])),
        "A",
        20 * 2048,
        Cause::Overlap,
    );

    let parts = [
        record(b"A", 30, 2048, MORE, &[]),
        record(b"B", 31, 10, FILE, &[]),
    ];
    check(disc(&[], &parts), "A", at_root + 34, Cause::MultiExtent);
    check(
        one(record(b"A", 30, 2048, MORE, &[])),
        "",
        20 * 2048,
        Cause::MultiExtent,
    );
}

#[test]
fn rock_ridge_lies_have_their_errors_too() {
    let at = 20 * 2048 + 46 + 34;
    let check = |records: &[Vec<u8>], offset: u64, cause: Cause| {
        let error = IsoImage::open(disc(RR, records)).unwrap_err();
        assert_eq!((error.offset, &error.cause), (offset, &cause), "{error}");
    };
    check(
        &[record(b"A", 30, 1, FILE, b"NM\x60\x01\x00abc")],
        at,
        Cause::SystemUse,
    );
    check(
        &[record(b"A", 30, 1, FILE, &name("a/b"))],
        at,
        Cause::BadName,
    );
    let twice = [
        record(b"A", 30, 1, FILE, &name("same")),
        record(b"B", 31, 1, FILE, &name("same")),
    ];
    check(&twice, 31 * 2048, Cause::DuplicateName);

    // A continuation area that continues in itself, one that is too long, and one outside.
    let to =
        |block: u32, len: u32| [&b"CE\x1C\x01"[..], &both(block), &both(0), &both(len)].concat();
    check(
        &[record(b"A", 30, 1, FILE, &to(32, 1 << 30))],
        at,
        Cause::SystemUse,
    );
    let outside = Cause::Truncated {
        needs: 4001 * 2048,
        has: 40 * 2048,
    };
    check(
        &[record(b"A", 30, 1, FILE, &to(4000, 28))],
        4000 * 2048,
        outside,
    );
    let mut ring = disc(RR, &[record(b"A", 30, 1, FILE, &to(32, 28))]);
    ring.put(32, &to(32, 28));
    assert_eq!(IsoImage::open(ring).unwrap_err().cause, Cause::SystemUse);

    let moved = [b"CL\x0C\x01", &both(30)[..]].concat();
    check(
        &[record(b"A", 25, 1, FILE, &moved)],
        30 * 2048,
        Cause::NotADirectory,
    );
}

#[test]
fn rock_ridge_reads_continued_names_links_and_moved_folders() {
    let continued = [
        &b"NM\x0A\x01\x01long-CE\x1C\x01"[..],
        &both(32),
        &both(4),
        &both(9),
    ]
    .concat();
    let link = [
        name("link"),
        b"PX\x24\x01".to_vec(),
        both(0o120_777),
        vec![0; 24],
    ]
    .concat();
    let here = [name("deep"), b"CL\x0C\x01".to_vec(), both(30)].concat();
    let mut disc = disc(
        RR,
        &[
            record(b"DEEP", 33, 1, FILE, &here),
            record(b"LINK", 0, 0, FILE, &link),
            record(b"LONG", 34, 5, FILE, &continued),
            record(b"RR_MOVED", 31, 2048, DIR, &name("rr_moved")),
        ],
    );
    disc.put(
        30,
        &folder(30, &[], &[record(b"X", 35, 7, FILE, &name("x"))]),
    );
    let relocated = [name("deep"), b"RE\x04\x01".to_vec()].concat();
    disc.put(
        31,
        &folder(31, &[], &[record(b"DEEP", 30, 2048, DIR, &relocated)]),
    );
    disc.put(32, b"\0\0\0\0NM\x09\x01\x00name");
    disc.put(34, b"12345");
    let image = IsoImage::open(disc).unwrap();
    assert_eq!(image.names(), Names::RockRidge);
    assert_eq!(paths(&image), ["deep", "deep/x", "link", "long-name"]);
    assert_eq!(image.read("long-name", 5).unwrap(), b"12345");
    assert_eq!(image.read("link", 5).unwrap(), b"");
    assert_eq!(
        image.read_at("link", 0, &mut [0]).unwrap_err().cause,
        Cause::NotAFile
    );
}

#[test]
fn plain_names_lose_their_version_and_keep_the_newest() {
    let records = [
        record(b"A.;2", 30, 3, FILE, &[]),
        record(b"A.;1", 31, 4, FILE, &[]),
        record(b"B.TXT;1", 32, 5, FILE, &[]),
        record(b"FORK;1", 33, 6, 4, &[]),
    ];
    let image = IsoImage::open(disc(&[], &records)).unwrap();
    assert_eq!(image.names(), Names::Plain);
    assert_eq!(image.label(), "DISC");
    assert_eq!(paths(&image), ["A", "B.TXT"]);
    assert_eq!(image.find("A").unwrap().size, 3);
}

#[test]
fn a_file_over_4_gib_comes_whole_from_its_extents() {
    const PART: u32 = 0xFFFF_F800;
    let next = 50 + PART / 2048;
    let records = [
        record(b"BIG.ISO;1", 50, PART, MORE, &[]),
        record(b"BIG.ISO;1", next, PART, MORE, &[]),
        record(b"BIG.ISO;1", 40, 4097, FILE, &[]),
    ];
    let mut disc = disc(&[], &records);
    disc.size = (u64::from(next) + u64::from(PART / 2048)) * 2048;
    disc.sectors.insert(u64::from(next) - 1, vec![b'a'; SECTOR]);
    disc.sectors.insert(u64::from(next), vec![b'b'; SECTOR]);
    disc.sectors.insert(42, vec![b'z'; SECTOR]);
    let image = IsoImage::open(disc).unwrap();
    let size = 2 * u64::from(PART) + 4097;
    assert_eq!(image.find("BIG.ISO").unwrap().size, size);
    let mut buf = [0; 8];
    let read = |offset: u64, buf: &mut [u8]| image.read_at("BIG.ISO", offset, buf).unwrap();
    assert_eq!(read(u64::from(PART) - 4, &mut buf), 4);
    assert_eq!(&buf[..4], b"aaaa");
    assert_eq!(read(u64::from(PART), &mut buf), 8);
    assert_eq!(&buf, b"bbbbbbbb");
    assert_eq!(read(size - 1, &mut buf), 1);
    assert_eq!(buf[0], b'z');
    assert_eq!(read(size, &mut buf), 0);
    assert_eq!(read(u64::MAX, &mut buf), 0);
}

#[test]
fn limits_hold() {
    let tree = sample();
    let image = image_of(&tree, true, true);
    let check = |limits: Limits, what: &str| {
        let error = IsoImage::open_within(image.clone(), limits).unwrap_err();
        assert!(
            matches!(&error.cause, Cause::Limit { what: told, .. } if told == what),
            "{error}"
        );
    };
    let usual = Limits::default();
    assert!(IsoImage::open_within(image.clone(), usual).is_ok());
    check(
        Limits {
            entries: 3,
            ..usual
        },
        "entries",
    );
    check(Limits { depth: 1, ..usual }, "folders within each other");
    check(
        Limits {
            path_bytes: 20,
            ..usual
        },
        "bytes of paths",
    );
    check(
        Limits {
            folder_bytes: 4096,
            ..usual
        },
        "bytes of folders",
    );

    // A folder of 4 GiB of padding, on a medium that has them: refused before it is read.
    let mut wide = disc(&[], &[record(b"D", 100, 0xFFFF_F800, DIR, &[])]);
    wide.size = 1 << 43;
    let wide = std::sync::Arc::new(wide);
    let error = IsoImage::open(wide.clone()).unwrap_err();
    assert!(matches!(error.cause, Cause::Limit { .. }), "{error}");
    assert!(wide.read.load(Ordering::Relaxed) < 1 << 20);
}

fn sample() -> Tree {
    let long = format!("a/b/{}.txt", "very-long-name-".repeat(6));
    let files = [
        ("a/b/c/deep", "deep"),
        ("readme.TXT", "read me"),
        ("ünïcode/名前", "name"),
        (&long, "long"),
    ];
    Tree::new(
        "SAMPLE",
        files.map(|(path, body)| (path.to_owned(), body.as_bytes().to_vec())),
    )
}

fn image_of(tree: &Tree, rock_ridge: bool, joliet: bool) -> Vec<u8> {
    let options = ImageOptions {
        date: date!(2015 - 09 - 10),
        rock_ridge,
        joliet,
    };
    write_image(tree, &options).unwrap()
}

#[test]
fn our_images_read_back_by_every_kind_of_name() {
    let tree = sample();
    for (rock_ridge, joliet, names) in [
        (true, true, Names::RockRidge),
        (true, false, Names::RockRidge),
        (false, true, Names::Joliet),
    ] {
        let bytes = image_of(&tree, rock_ridge, joliet);
        assert_eq!(
            bytes,
            image_of(&tree, rock_ridge, joliet),
            "the same bytes every time"
        );
        let image = IsoImage::open(bytes).unwrap();
        assert_eq!((image.names(), image.label()), (names, "SAMPLE"));
        assert_eq!(image.entries(), tree.entries());
        for (path, body) in tree.files() {
            assert_eq!(image.read(path, 1000).unwrap(), body, "{path}");
        }
    }
    let plain = IsoImage::open(image_of(&tree, false, false)).unwrap();
    assert_eq!(plain.names(), Names::Plain);
    let long = "A/B/VERY_LONG_NAME_VERY_LONG_N.TXT";
    assert_eq!(
        paths(&plain),
        [
            "A",
            "A/B",
            "A/B/C",
            "A/B/C/DEEP",
            long,
            "README.TXT",
            "_N_CODE",
            "_N_CODE/__"
        ]
    );
}

#[test]
fn folders_of_many_sectors_and_like_names_read_back() {
    let name = |index: usize| {
        format!(
            "pool/{}-{index:05}.rpm",
            "the-same-start-of-every-name-here"
        )
    };
    let files = (0..3000).map(|index| (name(index), index.to_string().into_bytes()));
    let tree = Tree::new("MANY", files);
    let image = IsoImage::open(image_of(&tree, false, false)).unwrap();
    assert_eq!(image.entries().len(), 3001, "plain names are made unlike");
    let image = IsoImage::open(image_of(&tree, true, true)).unwrap();
    assert_eq!(image.entries(), tree.entries());
    assert_eq!(image.read(&name(2999), 4).unwrap(), b"2999");
}

/// Opens a mutated image and reads what it lists, within a budget of bytes.
fn survive(bytes: &[u8]) -> bool {
    let mut medium = Sparse::default();
    medium.put(0, bytes);
    medium.size = bytes.len() as u64;
    let medium = std::sync::Arc::new(medium);
    let opened = IsoImage::open(medium.clone());
    let walked = medium.read.load(Ordering::Relaxed);
    assert!(
        walked <= 64 * bytes.len() as u64,
        "{walked} bytes read of {}",
        bytes.len()
    );
    let Ok(image) = opened else {
        return false;
    };
    for entry in image.entries() {
        let limit = bytes.len() as u64;
        assert!(entry.size <= limit || image.read(&entry.path, limit).is_err());
        // What a damaged image gives is its own affair, as long as it is an answer.
        let _ = image.read(&entry.path, limit);
    }
    true
}

#[test]
fn mutated_images_are_survived() {
    let mut chance = Chance(0x5EED_0B5E_55ED);
    let (mut good, mut bad) = (0, 0);
    for (rock_ridge, joliet) in [(true, true), (false, true), (false, false)] {
        let image = image_of(&sample(), rock_ridge, joliet);
        let used: Vec<usize> = (0..image.len()).filter(|&at| image[at] != 0).collect();
        for _ in 0..2000 {
            let mut bytes = image.clone();
            for _ in 0..=chance.below(6) {
                mutate(&mut bytes, &used, &mut chance);
            }
            if survive(&bytes) { good += 1 } else { bad += 1 }
        }
    }
    assert!(
        good > 500 && bad > 500,
        "neither nothing nor everything is hit: {good} good, {bad} bad"
    );
}

/// Damages an image in one place, near something that is in use.
fn mutate(bytes: &mut [u8], used: &[usize], chance: &mut Chance) {
    let place = |chance: &mut Chance| used[chance.below(used.len())];
    let at = place(chance);
    match chance.below(4) {
        0 => bytes[at] ^= 1 << chance.below(8),
        1 => bytes[at] = chance.below(256) as u8,
        2 => {
            // A number that is stored twice gets the same wrong value twice.
            let value = both([0, 1, 20, 23, 2048, u32::MAX, 1 << 31][chance.below(7)]);
            let end = (at + 8).min(bytes.len());
            bytes[at..end].copy_from_slice(&value[..end - at]);
        }
        _ => {
            let from = place(chance);
            let len = chance.below(64).min(bytes.len() - at.max(from));
            bytes.copy_within(from..from + len, at);
        }
    }
}

#[test]
fn every_truncation_is_an_error_or_a_whole_disc() {
    let image = image_of(&sample(), true, true);
    let last_file = image.len() - SECTOR;
    for len in (0..image.len()).step_by(97) {
        let opened = survive(&image[..len]);
        assert!(!opened || len > last_file, "cut at {len}");
    }
}

#[test]
fn noise_is_no_image() {
    let mut chance = Chance(77);
    for _ in 0..300 {
        let mut bytes: Vec<u8> = (0..30 * SECTOR).map(|_| chance.below(256) as u8).collect();
        assert!(!survive(&bytes));
        bytes[16 * SECTOR + 1..16 * SECTOR + 6].copy_from_slice(b"CD001");
        assert!(!survive(&bytes));
    }
}

fn patch(source: &dyn Source) -> Patch {
    match open(source) {
        Ok(Contents::Patch(patch)) => patch,
        other => panic!("not a patch: {other:?}"),
    }
}

#[test]
fn the_bundled_updates_say_what_the_captured_listings_say() {
    let shown = |name: &str| {
        let Patch {
            category,
            kb,
            vendor,
            tags,
            product,
            release_date,
            version,
            build,
            summary,
            severity,
            ..
        } = patch(&bundled_disc(name).unwrap());
        format!(
            "{category}|{kb}|{vendor}|{tags:?}|{product}|{release_date}|{version}|{build}|{summary}|{severity}"
        )
    };
    assert_eq!(
        shown("VC-6.0.0U1-Appliance-FP"),
        "bugfix|http://kb.vmware.com/2119924|VMware, Inc.|[\"\"]|VMware vCenter Server Appliance|September 10, 2015|\
         6.0.0.10000|3018521|Update for VMware vCenter Server Appliance 6.0|critical"
    );
    assert_eq!(
        shown("VC-6.0.0U2-Appliance-FP"),
        "bugfix|http://kb.vmware.com/kb/2138600|VMware, Inc.|[\"\"]|VMware vCenter Server Appliance|March 15, 2016|\
         6.0.0.20000|3634791|VMware vCenter Server Appliance 6.0 Update 2|critical"
    );
    assert_eq!(bundled_names().count(), 3);
    for name in bundled_names() {
        let disc = bundled_disc(name).unwrap();
        let patch = patch(&disc);
        assert_eq!((patch.name.as_str(), patch.reboot_required), (name, true));
        for body in patch.bodies() {
            verify(&disc, body).unwrap();
        }
        assert_eq!(
            patch.size(),
            patch
                .packages
                .iter()
                .map(|package| package.body.size)
                .sum::<u64>()
        );
        assert_eq!(patch.files.len(), 1, "the archive of scripts");
    }
    assert!(bundled("VC-6.0.0U9").is_none());
}

/// Brings the installed versions up to those of a patch; tells how many were newer.
fn install(installed: &mut BTreeMap<String, String>, patch: &Patch) -> usize {
    let mut newer = 0;
    for package in &patch.packages {
        let own = installed
            .get_mut(&package.name)
            .expect("no update brings a package that 6.0 has not");
        if compare_evr(&package.evr, own).is_gt() {
            own.clone_from(&package.evr);
            newer += 1;
        }
    }
    newer
}

#[test]
fn the_package_arithmetic_of_the_bundled_updates_holds() {
    let text = include_str!("../src/systems/vcsa/releases/6.0.0.tsv");
    let rows = parse_rows(text).unwrap();
    let mut installed: BTreeMap<String, String> = rows
        .iter()
        .map(|row| (row.name.to_owned(), row.evr.to_owned()))
        .collect();
    assert_eq!(installed.len(), rows.len(), "no package twice");
    let [u1, tp, u2] = [
        "VC-6.0.0U1-Appliance-FP",
        "VC-6.0.0U1-Appliance-TP",
        "VC-6.0.0U2-Appliance-FP",
    ]
    .map(|name| patch(&bundled_disc(name).unwrap()));
    let vpxd = |installed: &BTreeMap<String, String>| installed["VMware-vpxd"].clone();
    let release =
        |installed: &BTreeMap<String, String>| installed["VMware-appliance-release"].clone();
    assert_eq!(
        (vpxd(&installed), release(&installed)),
        ("6.0.0-2559267".into(), "6.0.0-2559267".into())
    );

    let mut patched = installed.clone();
    assert_eq!((install(&mut patched, &tp), tp.packages.len()), (16, 16));
    assert!(tp.third_party && tp.packages.iter().all(|package| package.third_party));
    assert_eq!(
        (vpxd(&patched), release(&patched)),
        (vpxd(&installed), release(&installed))
    );

    assert_eq!(
        (install(&mut installed, &u1), u1.packages.len()),
        (143, 143)
    );
    assert_eq!(
        (vpxd(&installed), release(&installed)),
        ("6.0.0-3018524".into(), "6.0.0.10000-3018521".into())
    );
    assert_eq!(
        install(&mut installed, &u1),
        0,
        "none are newer after the install"
    );
    assert_eq!(
        install(&mut installed, &tp),
        0,
        "U1 has the third-party fixes"
    );
    assert_eq!(
        (install(&mut installed, &u2), u2.packages.len()),
        (143, 223)
    );
    assert_eq!(
        (vpxd(&installed), release(&installed)),
        ("6.0.0-3634793".into(), "6.0.0.20000-3634791".into())
    );
    assert!(!u1.third_party && u1.packages.iter().any(|package| package.third_party));
}

#[test]
fn the_licence_text_fills_four_pages_and_ends_without_a_line_break() {
    let eula = patch(&bundled_disc("VC-6.0.0U1-Appliance-FP").unwrap()).eula;
    assert_eq!(eula.lines().next(), Some("SIMULATED LICENCE TEXT"));
    assert!((4 * 24..=140).contains(&eula.lines().count()));
    assert!(eula.lines().all(|line| line.len() <= 78));
    assert!(eula.ends_with("line break."), "and not with a newline");
    assert_eq!(eula, include_str!("../payloads/eula.txt"));
}

/// The files of a bundled update, to be tampered with.
fn files_of(name: &str) -> BTreeMap<String, Vec<u8>> {
    let disc = bundled_disc(name).unwrap();
    let file = |entry: &appsh::payload::Entry| {
        (entry.kind == appsh::payload::EntryKind::File)
            .then(|| (entry.path.clone(), disc.read(&entry.path, 1 << 20).unwrap()))
    };
    disc.entries().iter().filter_map(file).collect()
}

const TP: &str = "VC-6.0.0U1-Appliance-TP";
const MANIFEST: &str = "manifest/manifest-latest.xml";

#[test]
fn one_flipped_byte_in_a_package_is_found() {
    let files = files_of(TP);
    for (path, body) in files.iter().filter(|(path, _)| path.ends_with(".rpm")) {
        let mut files = files.clone();
        files.get_mut(path).unwrap()[body.len() / 2] ^= 1;
        let image = IsoImage::open(image_of(&Tree::new("X", files), true, true)).unwrap();
        let patch = patch(&image);
        let wrong: Vec<PayloadError> = patch
            .bodies()
            .filter_map(|body| verify(&image, body).err())
            .collect();
        assert!(
            matches!(&wrong[..], [PayloadError::Checksum { path: told, .. }] if told == path),
            "{wrong:?}"
        );
    }
}

#[test]
fn tampered_metadata_is_found() {
    let check = |tamper: &dyn Fn(&mut BTreeMap<String, Vec<u8>>)| {
        let mut files = files_of(TP);
        tamper(&mut files);
        open(&Tree::new("X", files)).unwrap_err()
    };
    let sidecar = format!("{MANIFEST}.sha256");
    let rpm = "package-pool/bash-3.2-147.27.1.x86_64.rpm";
    let error = check(&|files| files.get_mut(MANIFEST).unwrap()[400] ^= 1);
    assert!(matches!(error, PayloadError::Checksum { path, .. } if path == MANIFEST));
    let error = check(&|files| files.get_mut("package-pool/rpm-manifest.json").unwrap()[40] ^= 1);
    assert!(
        matches!(error, PayloadError::Checksum { path, .. } if path == "package-pool/rpm-manifest.json")
    );
    let error = check(&|files| *files.get_mut(&sidecar).unwrap() = b"nonsense".to_vec());
    assert_eq!(
        error.to_string(),
        format!("{sidecar}: line 1: not a SHA-256 digest: nonsense")
    );
    let error = check(&|files| drop(files.remove(rpm)));
    assert_eq!(
        error,
        PayloadError::Missing {
            path: rpm.to_owned()
        }
    );
    let error = check(&|files| {
        let body = files.remove(rpm).unwrap();
        files.insert("bash-3.2-147.27.1.x86_64.rpm".to_owned(), body);
    });
    let found = "bash-3.2-147.27.1.x86_64.rpm".to_owned();
    assert_eq!(
        error,
        PayloadError::Misplaced {
            path: rpm.to_owned(),
            found
        }
    );
    let error = check(&|files| files.get_mut(rpm).unwrap().push(0));
    assert!(
        matches!(error, PayloadError::Size { path, expected, found } if path == rpm && found == expected + 1)
    );
    let error = check(&|files| {
        files.remove(&sidecar);
        *files.get_mut(MANIFEST).unwrap() = b"<update><version>".to_vec();
    });
    assert!(matches!(error, PayloadError::Manifest(_)), "{error}");
}

#[test]
fn a_manifest_of_any_shape_is_survived() {
    let mut chance = Chance(4711);
    let mut files = files_of(TP);
    files.remove(&format!("{MANIFEST}.sha256"));
    let good = files[MANIFEST].clone();
    let mut survive = |manifest: Vec<u8>| {
        files.insert(MANIFEST.to_owned(), manifest);
        open(&Tree::new("X", files.clone())).is_ok()
    };
    assert!(survive(good.clone()));
    let start = good.len() - 2500;
    for _ in 0..500 {
        let mut bytes = good.clone();
        for _ in 0..=chance.below(3) {
            let at = if chance.below(2) == 0 {
                start + chance.below(2500)
            } else {
                chance.below(800)
            };
            bytes[at] = b"<>\"&/ x0\xFF\n"[chance.below(10)];
        }
        survive(bytes);
    }
    assert!(!survive(b"<a>".repeat(300_000)), "deep nesting");
    assert!(
        !survive([b"<update>".to_vec(), b"<a/>".repeat(500_000)].concat()),
        "too many elements"
    );
    let bomb = "<!DOCTYPE update [<!ENTITY a 'aaaaaaaaaa'><!ENTITY b '&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;'>\
                <!ENTITY c '&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;'>]><update><version>&c;&c;&c;</version></update>";
    assert!(!survive(bomb.into()), "entities that grow");
}

#[test]
fn the_full_installer_and_foreign_discs_are_told_apart() {
    let contents = |path: &str| open(&Tree::new("X", [(path.to_owned(), vec![1])])).unwrap();
    let installer = contents("vcsa-ui-installer/win32/installer.exe");
    assert_eq!(
        installer,
        Contents::Installer {
            found: "vcsa-ui-installer".to_owned()
        }
    );
    assert_eq!(
        contents("VCSA/vmware-vcsa"),
        Contents::Installer {
            found: "VCSA".to_owned()
        }
    );
    assert_eq!(contents("holiday/photo.jpg"), Contents::Foreign);
}

/// A small update in the layout of 8.0, with one container layer that only `rpm-manifest.json` names.
fn eight() -> BTreeMap<String, Vec<u8>> {
    let toml = include_str!("../payloads/VC-6.0.0U1-Appliance-TP/payload.toml")
        .replace("\"6.x\"", "\"8.0\"")
        .replace("6.0.0.10000", "8.0.3.00800");
    let read = |file: &str| match file {
        "payload.toml" => Ok(toml.clone()),
        "packages.tsv" => Ok("VMware-vpxd\t8.0.3-25197330\tx86_64\tvmware\t900\n".to_owned()),
        _ => Ok("SIMULATED".to_owned()),
    };
    let built = build(&read).unwrap();
    let mut files: BTreeMap<String, Vec<u8>> = built
        .tree
        .files()
        .map(|(path, body)| (path.to_owned(), body.to_vec()))
        .collect();
    let blob = b"a container layer".to_vec();
    let digest = Sha256::of(&blob);
    let item = format!(
        "\"files\": {{ \"{digest}\": {{ \"relativepath\": \"{digest}.blob\", \"sha256val\": \"{digest}\", \"type\": \"blob\" }},"
    );
    let list = String::from_utf8(files["rpm-manifest.json"].clone())
        .unwrap()
        .replacen("\"files\": {", &item, 1);
    files.insert(
        "rpm-manifest.json.sha256".to_owned(),
        Sha256::of(list.as_bytes()).to_string().into_bytes(),
    );
    files.insert("rpm-manifest.json".to_owned(), list.into_bytes());
    files.insert(format!("package-pool/{digest}.blob"), blob);
    files.insert("manifest-latest.xml.sign".to_owned(), b"?".to_vec());
    files
}

#[test]
fn the_layout_of_8_0_is_read() {
    let files = eight();
    assert!(files.contains_key("manifest-latest.xml"));
    let image = IsoImage::open(image_of(&Tree::new("X", files.clone()), true, true)).unwrap();
    let patch = patch(&image);
    assert!(patch.signed);
    assert_eq!(
        (
            patch.version.as_str(),
            patch.packages.len(),
            patch.files.len()
        ),
        ("8.0.3.00800", 1, 2)
    );
    assert!(patch.bodies().all(|body| verify(&image, body).is_ok()));

    let mut without = files;
    without.retain(|path, _| !path.ends_with(".blob"));
    assert!(
        matches!(open(&Tree::new("X", without)), Err(PayloadError::Missing { path }) if path.ends_with(".blob"))
    );
}

#[test]
fn a_manifest_without_packages_takes_them_from_the_list() {
    let mut files = eight();
    files.remove("manifest-latest.xml.sha256");
    let bare = "<update><version>8.0.3.00800</version><fullVersion>8.0.3.00800 Build 25197330</fullVersion>\
                <releaseDate>20250403115019.000000+000</releaseDate></update>";
    files.insert("manifest-latest.xml".to_owned(), bare.into());
    let patch = patch(&Tree::new("X", files));
    assert_eq!(
        (patch.name.as_str(), patch.build.as_str()),
        ("VC-8.0.3.00800", "25197330")
    );
    assert_eq!(patch.release_date, "April 3, 2025");
    let package = &patch.packages[0];
    assert_eq!(
        (package.name.as_str(), package.evr.as_str()),
        ("VMware-vpxd", "8.0.3-25197330")
    );
    assert_eq!(
        (package.arch.as_str(), package.third_party),
        ("x86_64", false)
    );
    assert_eq!(patch.eula, "");
}
