//! Discs that lie: every one gets its own error, and whatever is done to an image, reading it ends.

use super::layout::*;
use appsh::payload::iso::{IsoImage, Limits};
use appsh::payload::{Cause, Source};
use std::sync::Arc;
use std::sync::atomic::Ordering;

#[test]
fn each_lie_has_its_own_error() {
    let check = |disc: Sparse, path: &str, offset: u64, cause: Cause| {
        let error = IsoImage::open(disc).unwrap_err();
        assert_eq!((error.path.as_str(), error.offset, &error.cause), (path, offset, &cause), "{error}");
    };
    let at_root = 20 * 2048 + 68;
    let one = |record: Vec<u8>| disc(&[], &[record]);

    check(Sparse::default(), "", 32768, Cause::NotAnImage);
    check(Sparse { size: 1 << 40, ..Sparse::default() }, "", 32768, Cause::NotAnImage);
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
    check(cut, "", 17 * 2048 + 100, Cause::Truncated { needs: 18 * 2048, has: 17 * 2048 + 100 });
    let beyond = Cause::Truncated { needs: 39 * 2048 + 4096, has: 40 * 2048 };
    check(one(record(b"A", 39, 4096, FILE, &[])), "A", at_root, beyond.clone());
    check(one(record(b"D", 39, 4096, DIR, &[])), "D", at_root, beyond);
    let absurd = Cause::Truncated { needs: u64::from(u32::MAX) * 2049, has: 40 * 2048 };
    check(one(record(b"A", u32::MAX, u32::MAX, FILE, &[])), "A", at_root, absurd);

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
    check(one(two_faced), "", at_root, Cause::Disagree { little: 1, big: 9 });
    let mut interleaved = record(b"A", 30, 1, FILE, &[]);
    interleaved[26] = 4;
    check(one(interleaved), "", at_root, Cause::Interleaved);
    check(one(record(b"..", 30, 1, FILE, &[])), "", at_root, Cause::BadName);
    check(one(record(b"a/b", 30, 1, FILE, &[])), "", at_root, Cause::BadName);

    check(one(record(b"D", 20, 2048, DIR, &[])), "D", at_root, Cause::Cycle);
    check(one(record(b"D", 30, 2048, DIR, &[])), "D", 30 * 2048, Cause::NotADirectory);
    check(one(record(b"D", 30, 0, DIR, &[])), "D", at_root, Cause::NotADirectory);
    let a_cycle = |second: u32| {
        let mut disc = one(record(b"D", 30, 2048, DIR, &[]));
        disc.put(30, &folder(30, &[], &[record(b"E", second, 2048, DIR, &[])]));
        disc
    };
    check(a_cycle(30), "D/E", 30 * 2048 + 68, Cause::Cycle);
    check(a_cycle(20), "D/E", 30 * 2048 + 68, Cause::Cycle);
    let twins = [record(b"D", 30, 4096, DIR, &[]), record(b"E", 31, 2048, DIR, &[])];
    check(disc(&[], &twins), "E", at_root + 34, Cause::Overlap);
    let files = [record(b"A", 30, 4096, FILE, &[]), record(b"B", 31, 4096, FILE, &[])];
    check(disc(&[], &files), "B", 31 * 2048, Cause::Overlap);
    check(one(record(b"A", 20, 2048, FILE, &[])), "A", 20 * 2048, Cause::Overlap);

    let parts = [record(b"A", 30, 2048, MORE, &[]), record(b"B", 31, 10, FILE, &[])];
    check(disc(&[], &parts), "A", at_root + 34, Cause::MultiExtent);
    check(one(record(b"A", 30, 2048, MORE, &[])), "", 20 * 2048, Cause::MultiExtent);
}

#[test]
fn rock_ridge_lies_have_their_errors_too() {
    let at = 20 * 2048 + 46 + 34;
    let check = |records: &[Vec<u8>], offset: u64, cause: Cause| {
        let error = IsoImage::open(disc(RR, records)).unwrap_err();
        assert_eq!((error.offset, &error.cause), (offset, &cause), "{error}");
    };
    check(&[record(b"A", 30, 1, FILE, b"NM\x60\x01\x00abc")], at, Cause::SystemUse);
    check(&[record(b"A", 30, 1, FILE, &name("a/b"))], at, Cause::BadName);
    let twice = [record(b"A", 30, 1, FILE, &name("same")), record(b"B", 31, 1, FILE, &name("same"))];
    check(&twice, 31 * 2048, Cause::DuplicateName);

    // A continuation area that continues in itself, one that is too long, and one outside.
    let to = |block: u32, len: u32| [&b"CE\x1C\x01"[..], &both(block), &both(0), &both(len)].concat();
    check(&[record(b"A", 30, 1, FILE, &to(32, 1 << 30))], at, Cause::SystemUse);
    let outside = Cause::Truncated { needs: 4001 * 2048, has: 40 * 2048 };
    check(&[record(b"A", 30, 1, FILE, &to(4000, 28))], 4000 * 2048, outside);
    let mut ring = disc(RR, &[record(b"A", 30, 1, FILE, &to(32, 28))]);
    ring.put(32, &to(32, 28));
    assert_eq!(IsoImage::open(ring).unwrap_err().cause, Cause::SystemUse);

    let moved = [b"CL\x0C\x01", &both(30)[..]].concat();
    check(&[record(b"A", 25, 1, FILE, &moved)], 30 * 2048, Cause::NotADirectory);
}

#[test]
fn limits_hold() {
    let tree = sample();
    let image = image_of(&tree, true, true);
    let check = |limits: Limits, what: &str| {
        let error = IsoImage::open_within(image.clone(), limits).unwrap_err();
        assert!(matches!(&error.cause, Cause::Limit { what: told, .. } if told == what), "{error}");
    };
    let usual = Limits::default();
    assert!(IsoImage::open_within(image.clone(), usual).is_ok());
    check(Limits { entries: 3, ..usual }, "entries");
    check(Limits { depth: 1, ..usual }, "folders within each other");
    check(Limits { path_bytes: 20, ..usual }, "bytes of paths");
    check(Limits { folder_bytes: 4096, ..usual }, "bytes of folders");

    // A folder of 4 GiB of padding, on a medium that has them: refused before it is read.
    let mut wide = disc(&[], &[record(b"D", 100, 0xFFFF_F800, DIR, &[])]);
    wide.size = 1 << 43;
    let wide = Arc::new(wide);
    let error = IsoImage::open(wide.clone()).unwrap_err();
    assert!(matches!(error.cause, Cause::Limit { .. }), "{error}");
    assert!(wide.read.load(Ordering::Relaxed) < 1 << 20);
}

/// Opens a mutated image and reads what it lists, within a budget of bytes.
fn survive(bytes: &[u8]) -> bool {
    let mut medium = Sparse::default();
    medium.put(0, bytes);
    medium.size = bytes.len() as u64;
    let medium = Arc::new(medium);
    let opened = IsoImage::open(medium.clone());
    let walked = medium.read.load(Ordering::Relaxed);
    assert!(walked <= 64 * bytes.len() as u64, "{walked} bytes read of {}", bytes.len());
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
    assert!(good > 500 && bad > 500, "neither nothing nor everything is hit: {good} good, {bad} bad");
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
