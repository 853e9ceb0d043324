//! What the payload code costs: hashing, making a bundled image, walking a large one, start-up's part of reading lists.
//! Run with `cargo bench --bench payload`; compare the hashing rate with `openssl speed -evp sha256`.

use appsh::payload::iso::{ImageOptions, IsoImage, write_image};
use appsh::payload::{Medium, Tree, build, hash, open, parse_rows};
use divan::counter::BytesCount;
use divan::{Bencher, black_box};
use std::io;
use std::sync::Arc;
use time::macros::date;

fn main() {
    divan::main();
}

const OPTIONS: ImageOptions = ImageOptions { date: date!(2015 - 09 - 10), rock_ridge: true, joliet: true };

/// A medium that ends in zeros for as long as one likes.
struct Padded {
    head: Vec<u8>,
    size: u64,
}

impl Medium for Padded {
    fn size(&self) -> u64 {
        self.size
    }

    fn read_at(&self, offset: u64, buf: &mut [u8]) -> io::Result<usize> {
        let count = self.head.read_at(offset, buf)?;
        buf[count..].fill(0);
        Ok(buf.len())
    }
}

/// What staging reads: one body of nearly 4 GiB, through the reader, from an image that is zeros for the most part. Compare
/// with `openssl dgst -sha256` on a sparse file of the same size.
#[divan::bench(sample_count = 3, sample_size = 1)]
fn hash_a_sparse_disc_of_4_gib(bencher: Bencher) {
    const SIZE: u32 = u32::MAX - 2047;
    let tree = Tree::new("LARGE", [("large".to_owned(), vec![1])]);
    let mut head = write_image(&tree, &OPTIONS).expect("the tree fits");
    // The one file's size stands in both trees; our writer takes no file this large, so it is told afterwards.
    let (little, big) = (1u32.to_le_bytes(), 1u32.to_be_bytes());
    let told = [little, big].concat();
    let places: Vec<usize> = (0..head.len() - 8).filter(|&at| head[at..at + 8] == told).collect();
    for at in places {
        head[at..at + 8].copy_from_slice(&[SIZE.to_le_bytes(), SIZE.to_be_bytes()].concat());
    }
    let size = head.len() as u64 + u64::from(SIZE);
    let image = IsoImage::open(Padded { head, size }).expect("an image");
    bencher.counter(BytesCount::new(SIZE)).bench_local(|| hash(&image, "large"));
}

fn source(name: &str, file: &str) -> Result<String, String> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/payloads");
    std::fs::read_to_string(format!("{folder}/{name}/{file}")).map_err(|error| error.to_string())
}

#[divan::bench(args = ["VC-6.0.0U1-Appliance-FP", "VC-6.0.0U1-Appliance-TP", "VC-6.0.0U2-Appliance-FP"])]
fn make_an_image(name: &str) -> Vec<u8> {
    let built = build(&|file| source(name, file)).expect("the bundled sources are right");
    built.image().expect("it fits")
}

#[divan::bench]
fn open_the_u2_disc(bencher: Bencher) {
    let image: Arc<[u8]> = make_an_image("VC-6.0.0U2-Appliance-FP").into();
    bencher.bench_local(|| open(&IsoImage::open(black_box(image.clone())).expect("an image")));
}

#[divan::bench]
fn walk_an_image_of_10_000_files(bencher: Bencher) {
    let name = |index: usize| (format!("pool/a-package-with-a-long-name-{index:05}.rpm"), vec![1; 100]);
    let image = write_image(&Tree::new("MANY", (0..10_000).map(name)), &OPTIONS).expect("it fits");
    let image: Arc<[u8]> = image.into();
    bencher.bench_local(|| IsoImage::open(black_box(image.clone())).expect("an image"));
}

#[divan::bench]
fn read_the_list_of_installed_packages() -> usize {
    let text = include_str!("../payloads/packages-6.0.tsv");
    parse_rows(black_box(text)).expect("a list").len()
}
