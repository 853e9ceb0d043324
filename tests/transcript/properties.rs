//! Random and damaged transcripts: nothing panics, what is read can be written, and an update leaves a transcript that passes.

use appsh::sim::Streams;
use appsh::transcript::{Pagers, Transcript, decode, run, update};

use super::open;

/// Goldens that are quick to run and have something of each kind: prompts, questions, pages, directors, logins.
const GOLDENS: &[&str] = &[
    include_str!("../../transcripts/vcsa/eula-refused.txt"),
    include_str!("../../transcripts/vcsa/faults.txt"),
    include_str!("../../transcripts/vcsa/login-while-starting.txt"),
    include_str!("../../transcripts/vcsa/nothing-staged.txt"),
    include_str!("../../transcripts/vcsa/shell.txt"),
    include_str!("../../transcripts/vcsa/shutdown-cancelled.txt"),
    include_str!("../../transcripts/vcsa/unknown-command.txt"),
];

/// Pieces that mean something to the format or to the lab.
const PIECES: &[&str] = &[
    "Command> ",
    "Command>",
    "# ",
    "#",
    "%",
    "%login vcsa01",
    "%undo",
    "%rewind",
    "%quit",
    "\\",
    "...",
    "[..]",
    "\n",
    "\r\n",
    "\n\n",
    "^C",
    "^D",
    "yes",
    "no",
    "exit",
    "shell",
    "software-packages stage --iso",
    "shutdown reboot -r x",
    "vcsa01:~ # ",
    "Do you accept the terms and conditions?  [yes/no] ",
    "Press ENTER key for more or Ctrl+c to quit",
    "%power cut",
    "%fork other",
    "%fork main",
    "%save here",
    "%rewind here",
    "%clone create a",
    "%clone restore a",
    "%power on",
    "%advance 1h",
    "%fault add disc-lost --after 3",
    "%disc eject",
    "software-packages install --iso --acceptEulas",
    "# lab: two\n",
    "%login vcsa02",
    "vcsa02:~ # ",
    "Command> shell.set --enabled True",
    "Command> shell",
    "# lab: vcsa-6.0\n",
    "# normalize: order\n",
    "# start: ",
    "{\"a\": 1}",
    "key: value",
    "ä\u{0}\u{7f}",
    " ",
    "\t",
    "\u{feff}",
];

struct Dice(Streams);

impl Dice {
    fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.0.between("dice", 0, end as u64 - 1)).unwrap_or(0)
    }

    fn piece(&mut self) -> &'static str {
        PIECES[self.below(PIECES.len())]
    }

    fn text(&mut self) -> String {
        (0..self.below(40)).map(|_| self.piece()).collect()
    }

    /// A golden with a few lines lost, doubled, swapped, or changed.
    fn damaged(&mut self, golden: &str) -> String {
        let mut lines: Vec<String> = golden.lines().map(str::to_owned).collect();
        for _ in 0..=self.below(4) {
            let (at, other) = (self.below(lines.len()), self.below(lines.len()));
            match self.below(6) {
                0 if lines.len() > 1 => drop(lines.remove(at)),
                1 => lines.insert(at, lines[other].clone()),
                2 => lines.swap(at, other),
                3 => lines.truncate(at + 1),
                4 => lines[at].push_str(self.piece()),
                _ => lines[at].insert_str(0, self.piece()),
            }
        }
        lines.join("\n")
    }
}

/// Runs whatever it is, updates it, and runs what came of it.
fn survives(text: &str) {
    let Ok(transcript) = Transcript::parse(text) else { return };
    let again = transcript.render();
    assert_eq!(Transcript::parse(&again).as_ref(), Ok(&transcript), "{text:?}");
    let strict = run(&transcript, &open, Pagers::Expected);
    let outcome = run(&transcript, &open, Pagers::Turned);
    let Ok(Some(new)) = update(&transcript, &outcome) else {
        assert!(!outcome.passed() || strict.passed() || strict.trouble.is_some(), "{text:?}");
        return;
    };
    assert!(!strict.passed(), "an update changes what passes: {text:?}");
    let updated = Transcript::parse(&new).unwrap_or_else(|complaints| panic!("{text:?}\n{complaints:?}"));
    let after = run(&updated, &open, Pagers::Expected);
    assert!(after.passed(), "an update leaves a difference\n{text}\n----\n{new}\n{after:#?}");
}

#[test]
fn random_text_never_panics() {
    let mut dice = Dice(Streams::new(7));
    for _ in 0..600 {
        survives(&dice.text());
    }
}

#[test]
fn damaged_goldens_never_panic_and_updates_of_them_pass() {
    let mut dice = Dice(Streams::new(11));
    for round in 0..200 {
        survives(&dice.damaged(GOLDENS[round % GOLDENS.len()]));
    }
}

#[test]
fn random_bytes_are_text_or_a_complaint() {
    let mut dice = Dice(Streams::new(13));
    for _ in 0..2_000 {
        let bytes: Vec<u8> = (0..dice.below(60)).map(|_| u8::try_from(dice.below(256)).unwrap_or(0)).collect();
        match decode(&bytes) {
            Ok(text) => drop(Transcript::parse(text)),
            Err(complaint) => assert!(complaint.line >= 1 && complaint.text.contains("UTF-8")),
        }
    }
}

#[test]
fn goldens_are_written_as_they_were_read() {
    for golden in GOLDENS {
        let transcript = Transcript::parse(golden).expect("a golden");
        assert_eq!(transcript.render(), *golden);
        let outcome = run(&transcript, &open, Pagers::Turned);
        assert_eq!(update(&transcript, &outcome), Ok(None));
    }
}
