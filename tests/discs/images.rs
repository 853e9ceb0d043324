//! Good images: each kind of name, moved folders, large files, and our own writer's read back.

use super::layout::*;
use appsh::payload::iso::{IsoImage, Names};
use appsh::payload::{Cause, Source, Tree};

#[test]
fn rock_ridge_reads_continued_names_links_and_moved_folders() {
    let continued = [&b"NM\x0A\x01\x01long-CE\x1C\x01"[..], &both(32), &both(4), &both(9)].concat();
    let link = [name("link"), b"PX\x24\x01".to_vec(), both(0o120_777), vec![0; 24]].concat();
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
    disc.put(30, &folder(30, &[], &[record(b"X", 35, 7, FILE, &name("x"))]));
    let relocated = [name("deep"), b"RE\x04\x01".to_vec()].concat();
    disc.put(31, &folder(31, &[], &[record(b"DEEP", 30, 2048, DIR, &relocated)]));
    disc.put(32, b"\0\0\0\0NM\x09\x01\x00name");
    disc.put(34, b"12345");
    let image = IsoImage::open(disc).unwrap();
    assert_eq!(image.names(), Names::RockRidge);
    assert_eq!(paths(&image), ["deep", "deep/x", "link", "long-name"]);
    assert_eq!(image.read("long-name", 5).unwrap(), b"12345");
    assert_eq!(image.read("link", 5).unwrap(), b"");
    assert_eq!(image.read_at("link", 0, &mut [0]).unwrap_err().cause, Cause::NotAFile);
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
fn our_images_read_back_by_every_kind_of_name() {
    let tree = sample();
    for (rock_ridge, joliet, names) in
        [(true, true, Names::RockRidge), (true, false, Names::RockRidge), (false, true, Names::Joliet)]
    {
        let bytes = image_of(&tree, rock_ridge, joliet);
        assert_eq!(bytes, image_of(&tree, rock_ridge, joliet), "the same bytes every time");
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
    assert_eq!(paths(&plain), ["A", "A/B", "A/B/C", "A/B/C/DEEP", long, "README.TXT", "_N_CODE", "_N_CODE/__"]);
}

#[test]
fn folders_of_many_sectors_and_like_names_read_back() {
    let name = |index: usize| format!("pool/{}-{index:05}.rpm", "the-same-start-of-every-name-here");
    let files = (0..3000).map(|index| (name(index), index.to_string().into_bytes()));
    let tree = Tree::new("MANY", files);
    let image = IsoImage::open(image_of(&tree, false, false)).unwrap();
    assert_eq!(image.entries().len(), 3001, "plain names are made unlike");
    let image = IsoImage::open(image_of(&tree, true, true)).unwrap();
    assert_eq!(image.entries(), tree.entries());
    assert_eq!(image.read(&name(2999), 4).unwrap(), b"2999");
}
