//! What typing costs: simple commands through the pipe's code, from bytes in to bytes out, and the way to the first prompt.
//! Run with `cargo bench --bench fronts`. The whole process is measured from outside:
//! `hyperfine -N 'target/release/appsh run -c system.version.get'`.

use std::io::{self, Cursor, Write};

use appsh::director::Pace;
use appsh::front::args::{Color, RunArgs};
use appsh::front::desk::Desk;
use appsh::front::diary::Diary;
use appsh::front::input::Input;
use appsh::front::open;
use appsh::front::pipe::{Manner, Pipe};
use appsh::front::scribe::{Head, Scribe};
use appsh::front::voice::Voice;
use appsh::shell::Terminal;
use divan::Bencher;
use divan::counter::ItemsCount;

fn main() {
    divan::main();
}

const LINES: usize = 100_000;

fn desk() -> Desk {
    let opened =
        open::open(&RunArgs::default(), Terminal::PIPE).unwrap_or_else(|trouble| panic!("{}", trouble.message));
    Desk::new(opened.operator, Pace::Instant, Voice::new(Color::Never), Diary::default(), Head::default())
}

/// Counts what is written, so that nothing can be left out.
struct Sink(u64);

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 += bytes.len() as u64;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn replay(bencher: Bencher, line: &str, echo: bool) {
    let script = format!("{line}\n").repeat(LINES).into_bytes();
    bencher
        .counter(ItemsCount::new(LINES))
        .with_inputs(|| (desk(), Input::new("script", Box::new(Cursor::new(script.clone())))))
        .bench_local_values(|(mut desk, mut input)| {
            if echo {
                desk.echo = Some(Scribe::new(Box::new(Sink(0)), &Head::default(), None));
            }
            let typed = Pipe::new(&mut desk, Box::new(Sink(0)), Manner::default()).run(&mut input);
            assert!(typed.is_ok());
        });
}

/// The last 100,000 of 1,000,000 commands in one lab; compare with `system_version_get`, which are the first.
#[divan::bench(sample_count = 5, sample_size = 1)]
fn system_version_get_after_900_000_others(bencher: Bencher) {
    let script = "system.version.get\n".repeat(LINES).into_bytes();
    let typed = |desk: &mut Desk| {
        let mut input = Input::new("script", Box::new(Cursor::new(script.clone())));
        assert!(Pipe::new(desk, Box::new(Sink(0)), Manner::default()).run(&mut input).is_ok());
    };
    let old_desk = || {
        let mut desk = desk();
        (0..9).for_each(|_| typed(&mut desk));
        desk
    };
    bencher.counter(ItemsCount::new(LINES)).with_inputs(old_desk).bench_local_values(|mut desk| typed(&mut desk));
}

#[divan::bench(sample_count = 20)]
fn system_version_get(bencher: Bencher) {
    replay(bencher, "system.version.get", false);
}

#[divan::bench(sample_count = 20)]
fn system_version_get_with_echo(bencher: Bencher) {
    replay(bencher, "system.version.get", true);
}

#[divan::bench(sample_count = 20)]
fn an_unknown_command(bencher: Bencher) {
    replay(bencher, "nonsense", false);
}

#[divan::bench]
fn from_the_lab_file_to_the_first_prompt() -> u8 {
    let mut desk = desk();
    let mut input = Input::new("nothing", Box::new(io::empty()));
    let typed = Pipe::new(&mut desk, Box::new(Sink(0)), Manner::default()).run(&mut input);
    assert!(typed.is_ok());
    desk.status
}
