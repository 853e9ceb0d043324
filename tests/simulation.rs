//! Random histories: what somebody could type, press and break, in any order. Whatever it was, the model stays true to
//! itself, nothing panics, and the same history gives the same bytes, the same world from its journal, and the same
//! world from a saved lab. A failure prints its seed; `APPSH_SEED` runs that one alone, `APPSH_HISTORIES` so many.

#[path = "simulation/choices.rs"]
mod choices;
#[path = "simulation/invariants.rs"]
mod invariants;
mod kept;
#[path = "simulation/parsers.rs"]
mod parsers;

use std::collections::BTreeSet;
use std::fmt::Write;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use appsh::journal::Entry;
use appsh::lab_file::{BUNDLED, LabFile};
use appsh::operator::Operator;
use appsh::shell::Terminal;
use appsh::store::{Resumed, Store, replay};
use choices::Chooser;
use invariants::{Invariants, OF_INTEREST};
use kept::{Deed, Folder, act, begin, in_front_of, keyboard, operator, resume, view};

/// How many histories, and how long each is.
const HISTORIES: u64 = 20;
const DEEDS: usize = 160;
/// One in so many deeds is followed by a crash and a new start.
const CRASHES: u64 = 25;

/// The labs of the other series, one history after another; what such histories must come to.
const SERIES: [&str; 5] = ["vcsa-6.5", "vcsa-6.7", "vcsa-7.0", "vcsa-8.0", "vcsa-6.5-ha"];
const HISTORIES_OF_SERIES: u64 = 10;
const OF_INTEREST_IN_SERIES: [&str; 6] =
    ["idle, staged", "installing", "awaiting-reboot", "interrupted", "updated", "kept disks"];

/// The state of updates stays one with packages and disks, in whichever release.
#[test]
fn updates_of_every_series_stay_true_to_themselves() {
    let lab = |seed: u64| SERIES[usize::try_from(seed).unwrap_or(0) % SERIES.len()];
    live_all("APPSH_SERIES_SEED", HISTORIES_OF_SERIES, |seed| Some(lab(seed)), &OF_INTEREST_IN_SERIES);
}

#[test]
fn whatever_happens_the_lab_stays_true_to_itself() {
    live_all("APPSH_SEED", HISTORIES, |_| None, OF_INTEREST);
}

/// Lives through a history of each seed, or of the one alone that the variable `name` says; all together must have come to
/// what is `wanted`.
fn live_all(name: &str, usual: u64, lab: impl Fn(u64) -> Option<&'static str>, wanted: &[&str]) {
    let number = |name: &str| std::env::var(name).ok().map(|text| text.parse().expect("a number"));
    let (alone, many): (Option<u64>, Option<u64>) = (number(name), number("APPSH_HISTORIES"));
    let seeds = alone.map_or(0..many.unwrap_or(usual), |seed| seed..seed + 1);
    let mut seen = BTreeSet::new();
    for seed in seeds {
        let told = catch_unwind(AssertUnwindSafe(|| History::live(seed, lab(seed))));
        seen.extend(told.unwrap_or_else(|panic| {
            eprintln!("{name}={seed} runs this history alone, on {}", lab(seed).unwrap_or("two machines"));
            resume_unwind(panic)
        }));
    }
    let missed: Vec<_> = wanted.iter().filter(|what| !seen.contains(*what)).collect();
    assert!(alone.is_some() || missed.is_empty(), "in none of the histories there was: {missed:?}");
}

/// One history: what was done, what was printed, and the journal of it.
struct History {
    seed: u64,
    /// The bundled lab; nothing for that of two machines.
    lab: Option<&'static str>,
    terminal: Terminal,
    deeds: Vec<Deed>,
    printed: String,
    journal: Vec<Entry>,
}

impl History {
    /// Lives through a random history, twice without a store and once with crashes, and compares.
    fn live(seed: u64, lab: Option<&'static str>) -> BTreeSet<&'static str> {
        let terminal = if seed.is_multiple_of(2) { Terminal::PIPE } else { keyboard(10) };
        let mut history = Self { seed, lab, terminal, deeds: Vec::new(), printed: String::new(), journal: Vec::new() };
        let (mut first, seen) = history.make_up();
        history.live_again(&mut first);
        history.replay(&mut first);
        history.live_with_crashes(&mut first);
        seen
    }

    fn open(&self) -> Operator {
        match self.lab {
            Some(lab) => {
                let (_, text) = BUNDLED.iter().find(|(name, _)| *name == lab).expect("it is bundled");
                let file = LabFile::parse(text).expect("a good lab");
                in_front_of(file.world(lab, None, Some(self.seed)).expect("a good lab"), self.terminal)
            }
            None => operator(self.terminal, self.seed),
        }
    }

    fn start(&self) -> Operator {
        let mut operator = self.open();
        operator.lab.journal().keep(true);
        operator
    }

    fn make_up(&mut self) -> (Operator, BTreeSet<&'static str>) {
        let mut operator = self.start();
        let mut chooser = Chooser::new(self.seed);
        chooser.updates = self.lab.is_some();
        let mut invariants = Invariants::new(&operator);
        for _ in 0..DEEDS {
            let deed = chooser.deed(&operator);
            act(&mut operator, &deed);
            self.deeds.push(deed);
            take_output(&mut operator, &mut self.printed);
            self.journal.extend(operator.lab.take_journal());
            let broken = invariants.check(&operator, self.deeds.last());
            assert!(broken.is_empty(), "after {:#?}\n{}", self.last_deeds(), broken.join("\n"));
        }
        (operator, invariants.seen)
    }

    fn last_deeds(&self) -> &[Deed] {
        &self.deeds[self.deeds.len().saturating_sub(30)..]
    }

    /// The same seed and the same deeds give the same bytes.
    fn live_again(&self, first: &mut Operator) {
        let mut operator = self.start();
        let mut printed = String::new();
        for deed in &self.deeds {
            act(&mut operator, deed);
            take_output(&mut operator, &mut printed);
        }
        assert!(printed == self.printed, "the second time it printed something else");
        assert!(view(&mut operator) == view(first), "the second time the world is another");
    }

    /// The journal alone gives the same world.
    fn replay(&self, first: &mut Operator) {
        let mut operator = self.open();
        for (number, entry) in self.journal.iter().enumerate() {
            assert!(replay(&mut operator, entry.clone()), "entry {number} does not fit: {entry:?}");
        }
        assert!(view(&mut operator) == view(first), "the journal gives another world");
    }

    /// With a store, and the program killed now and then, the world is the same. What could be taken back is lost then, so
    /// that going back by count is left out of such histories.
    fn live_with_crashes(&self, first: &mut Operator) {
        if self.deeds.iter().any(|deed| matches!(deed, Deed::Direct(line) if line.starts_with("%undo"))) {
            return;
        }
        let folder = Folder::new();
        let mut operator = self.start();
        let mut store = begin(&folder, &mut operator);
        let mut chooser = Chooser::new(self.seed);
        for deed in &self.deeds {
            act(&mut operator, deed);
            store.keep(&mut operator).expect("kept");
            if chooser.one_in(CRASHES) {
                (store, operator) = crash(store, operator, &folder, self.terminal);
            }
        }
        assert!(view(&mut operator) == view(first), "saving and loading gives another world");
    }
}

/// The program dies and starts again; the lab must be as it was.
fn crash(store: Store, mut before: Operator, folder: &Folder, terminal: Terminal) -> (Store, Operator) {
    drop(store);
    let Resumed { store, mut operator, notes } = resume(folder, terminal).expect("a saved lab");
    assert_eq!(notes, [""; 0]);
    assert!(view(&mut operator) == view(&mut before), "after a crash the lab is another");
    (store, operator)
}

fn take_output(operator: &mut Operator, printed: &mut String) {
    let all: Vec<_> = operator.lab.sessions().map(|session| session.id).collect();
    for id in all {
        let _ = write!(printed, "{} ", id.0);
        operator.lab.output(id, printed);
    }
}
