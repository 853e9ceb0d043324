//! Opening a saved lab after a hundred thousand commands, and what keeping one costs.

use std::path::{Path, PathBuf};

use appsh::lab::{Lab, Waits};
use appsh::lab_file::{BUNDLED, LabFile};
use appsh::media::Bundled;
use appsh::operator::{Operator, State};
use appsh::shell::Terminal;
use appsh::store::{Opened, Resumed, Store};

/// Commands before the lab is opened.
const COMMANDS: usize = 100_000;

fn main() {
    divan::main();
}

fn operator() -> Operator {
    let (name, text) = BUNDLED[0];
    let world = LabFile::parse(text).and_then(|file| file.world(name, None, None)).expect("a bundled lab");
    let mut operator = Operator::new(Lab::new(world, Box::new(Bundled)), None, Terminal::PIPE).expect("a machine");
    operator.login_when_possible().expect("it is up");
    operator
}

/// Types a line and goes on to the next prompt, keeping everything.
fn command(operator: &mut Operator, line: &str, keep: &mut dyn FnMut(&mut Operator)) {
    let mut next = Some(line);
    let mut printed = String::new();
    while let Some(line) = next.take() {
        operator.line(line);
        keep(operator);
        while let State::Session(_, Waits::Time(_)) = operator.state() {
            let due = operator.lab.next_due().expect("it waits for time");
            operator.lab.advance(due);
            keep(operator);
        }
        operator.output(&mut printed);
        if !matches!(operator.state(), State::Session(_, Waits::Prompt)) {
            next = Some("yes");
        }
    }
}

fn open(folder: &Path) -> Resumed {
    match Store::open(folder) {
        Ok(Opened::Saved(saved)) => saved.resume(Box::new(Bundled), Terminal::PIPE).expect("a saved lab"),
        _ => panic!("{} holds no saved lab", folder.display()),
    }
}

/// A saved lab with an update staged, two named points and a clone, in which many commands were typed. `more` of them
/// stand in the journal only.
fn saved(name: &str, more: usize) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = std::fs::remove_dir_all(&folder);
    let mut operator = operator();
    let Ok(Opened::New(fresh)) = Store::open(&folder) else { panic!("a new folder") };
    let mut store = fresh.begin(&mut operator).expect("a new folder");
    let mut keep = |operator: &mut Operator| store.keep(operator).expect("kept");
    command(&mut operator, "software-packages stage --iso", &mut keep);
    for line in ["%save staged", "%clone create before", "%save later"] {
        appsh::director::run(&mut operator, line);
        keep(&mut operator);
    }
    for number in 0..COMMANDS {
        let line = if number % 10 == 0 { "software-packages list --staged" } else { "system.version.get" };
        command(&mut operator, line, &mut keep);
    }
    store.close(&mut operator).expect("kept");
    let Resumed { mut store, mut operator, .. } = open(&folder);
    for _ in 0..more {
        command(&mut operator, "software-packages list --staged", &mut |operator| store.keep(operator).expect("kept"));
    }
    folder
}

/// Opened after it was closed.
#[divan::bench]
fn open_after_100_000_commands(bencher: divan::Bencher) {
    let folder = saved("bench-closed", 0);
    bencher.bench_local(|| open(&folder));
}

/// Opened after the program was killed, with as much journal to replay as there can be.
#[divan::bench]
fn open_after_100_000_commands_and_a_crash(bencher: divan::Bencher) {
    let folder = saved("bench-killed", 990);
    bencher.bench_local(|| open(&folder));
}

/// A simple command in a lab that nobody keeps.
#[divan::bench]
fn command_alone(bencher: divan::Bencher) {
    let mut operator = operator();
    bencher.bench_local(|| command(&mut operator, "system.version.get", &mut |_| ()));
}

/// A simple command in a lab that is kept.
#[divan::bench]
fn command_kept(bencher: divan::Bencher) {
    let folder = saved("bench-kept", 0);
    let Resumed { mut store, mut operator, .. } = open(&folder);
    bencher.bench_local(|| {
        command(&mut operator, "system.version.get", &mut |operator| store.keep(operator).expect("kept"));
    });
}

/// A snapshot of a lab with two named points and a clone, forced to the disk.
#[divan::bench]
fn snapshot(bencher: divan::Bencher) {
    let folder = saved("bench-snapshot", 0);
    let Resumed { mut store, mut operator, .. } = open(&folder);
    bencher.bench_local(|| {
        // A change without an entry is kept as a snapshot.
        operator.lab.act(|_, _| ());
        store.keep(&mut operator).expect("kept");
    });
}
