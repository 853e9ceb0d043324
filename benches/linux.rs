//! What the files of a Linux machine cost: an image is built in under 300 µs, a snapshot and the first change after it in
//! a few.

use appsh::sim::Instant;
use appsh::systems::linux::fs::{Cred, Fs};
use appsh::systems::linux::{distro, image};

fn main() {
    divan::main();
}

fn now() -> Instant {
    Instant::parse("2021-03-01T08:00:00Z").expect("a good time")
}

fn rhel() -> Fs {
    image::build(distro::find("rhel-8.6").expect("a distribution"), now())
}

#[divan::bench]
fn build_an_image() -> Fs {
    rhel()
}

#[divan::bench]
fn look_up_a_program(bencher: divan::Bencher<'_, '_>) {
    let fs = rhel();
    bencher.bench_local(|| fs.lookup(&Cred::ROOT, "/root", divan::black_box("/bin/systemctl")));
}

#[divan::bench]
fn snapshot(bencher: divan::Bencher<'_, '_>) {
    let fs = rhel();
    bencher.bench_local(|| divan::black_box(&fs).clone());
}

#[divan::bench]
fn append_after_a_snapshot(bencher: divan::Bencher<'_, '_>) {
    let mut fs = rhel();
    let ino = fs.create(&Cred::ROOT, "/", "/tmp/log", 0o644, now()).expect("a free name");
    bencher.bench_local(|| {
        let before = fs.clone();
        fs.append(&Cred::ROOT, ino, b"a line\n", now()).expect("room");
        fs.truncate(&Cred::ROOT, ino, 0, now()).expect("a file");
        before
    });
}
