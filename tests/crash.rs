//! Kills appsh in the middle of an update, over and over: this program starts itself as a child that types on in a saved
//! lab and aborts at a given moment. Each time the lab must come back at the screen that an uninterrupted run had there,
//! with nothing lost that was acknowledged, and at the end the update must have come to the same end.

#[path = "kept/disk.rs"]
mod disk;
mod kept;

use std::env;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use appsh::lab::Waits;
use appsh::operator::{Operator, State};
use appsh::store::{Backing, Folder as OnDisk, Opened, Resumed, Store};
use appsh::systems::vcsa::model::{Phase as Up, Update};
use appsh::world::MachineId;
use disk::{Frail, Write};
use kept::{Deed, Discs, Folder, View, act, begin, keyboard, obvious, resume, view};
use libtest_mimic::{Arguments, Trial};

/// The first argument of the child.
const CHILD: &str = "--die";
/// The terminal: few rows, so that the licence has many pages.
const ROWS: u16 = 10;
/// What is typed at the prompt, in order.
const COMMANDS: &[&str] = &[
    "software-packages stage --url",
    "software-packages stage --iso",
    "software-packages list --staged",
    "software-packages install --staged",
    "shutdown reboot -r update",
    "system.version.get",
];
/// Wrong answers to the licence question before the right one.
const WRONG_ANSWERS: usize = 4;

/// Where in the update a moment is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Part {
    Staging,
    Question,
    Copying,
    Upgrading,
    Booting,
    Else,
}

/// How the child dies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Death {
    /// Once its last deed is kept.
    Kept,
    /// Before its last deed is kept.
    Unkept,
    /// With half of its last deed written.
    Torn,
    /// With its last deed in the journal, before the snapshot that is due.
    BeforeSnapshot,
}

const DEATHS: [Death; 4] = [Death::Kept, Death::Unkept, Death::Torn, Death::BeforeSnapshot];

fn main() {
    let words: Vec<String> = env::args().skip(1).collect();
    if let [first, folder, death, deeds @ ..] = &words[..]
        && first == CHILD
    {
        type_and_die(Path::new(folder), death, deeds);
    }
    let trials = vec![Trial::test("killed_at_every_turn_the_update_comes_to_the_same_end", || {
        let failures = kill_all(&uninterrupted());
        if failures.is_empty() { Ok(()) } else { Err(failures.join("\n").into()) }
    })];
    libtest_mimic::run(&Arguments::from_args(), trials).exit();
}

/// One deed of the uninterrupted run, and all that could be seen after it.
struct Moment {
    deed: Deed,
    part: Part,
    after: View,
}

/// Types the whole update without a store.
fn uninterrupted() -> Vec<Moment> {
    let mut operator = kept::operator(keyboard(ROWS), 1);
    let (mut trace, mut typed, mut asked) = (Vec::new(), 0, 0);
    loop {
        let deed = match obvious(&operator) {
            Some(Deed::Line(answer)) if answer == "yes" && asked < WRONG_ANSWERS => {
                asked += 1;
                Deed::Line("perhaps".to_owned())
            }
            Some(deed) => deed,
            None if typed == COMMANDS.len() => return trace,
            None => {
                (typed, asked) = (typed + 1, 0);
                Deed::Line(COMMANDS[typed - 1].to_owned())
            }
        };
        let before = part(&operator, typed);
        assert!(act(&mut operator, &deed), "{deed:?}");
        trace.push(Moment { deed, part: before, after: view(&mut operator) });
    }
}

/// Where the update is, as the model and the session tell.
fn part(operator: &Operator, typed: usize) -> Part {
    let vcsa = operator.lab.world().vcsa(MachineId(0));
    let asks = matches!(operator.state(), State::Session(_, Waits::Page | Waits::Line));
    let staging = typed > 0 && COMMANDS[typed - 1].contains("stage --") && vcsa.tool_busy;
    let agreed = vcsa.log.lines().last().is_some_and(|line| line.contains("Processing") || line.contains("Copying"));
    match (vcsa.update, vcsa.phase) {
        (Update::Installing, _) => Part::Upgrading,
        (_, Up::Loading | Up::Network) => Part::Booting,
        (_, Up::Up) if !vcsa.services.all_up() && vcsa.update == Update::Idle => Part::Booting,
        _ if staging && asks => Part::Question,
        _ if staging && agreed => Part::Copying,
        _ if staging => Part::Staging,
        _ => Part::Else,
    }
}

/// Kills the child at chosen moments of the trace; what went wrong.
fn kill_all(trace: &[Moment]) -> Vec<String> {
    let folder = Folder::new();
    drop(begin(&folder, &mut kept::operator(keyboard(ROWS), 1)));
    let (mut done, mut failures) = (0, Vec::new());
    let mut kills = Vec::new();
    for (target, death) in plan(trace) {
        kills.push(trace[target].part);
        let deeds: Vec<String> =
            trace[done..=target].iter().map(|moment| serde_json::to_string(&moment.deed).expect("JSON")).collect();
        let status = child(&folder, death, &deeds);
        let there = if matches!(death, Death::Unkept | Death::Torn) { target } else { target + 1 };
        match check(&folder, trace, there) {
            Ok(torn) if torn == (death == Death::Torn) => {}
            Ok(torn) => failures.push(format!("{death:?} at {target}: a torn line was noted: {torn}")),
            Err(why) => failures.push(format!("{death:?} at {target} ({:?}, {status}): {why}", trace[target].part)),
        }
        if failures.len() > 3 {
            return failures;
        }
        done = there;
    }
    failures.extend(too_few(&kills));
    failures.extend(finish(&folder, trace, done).err());
    failures
}

/// Which moments, in order, and how: each part of the update has its share, and where it has few events, they are used
/// several times.
fn plan(trace: &[Moment]) -> Vec<(usize, Death)> {
    let mut kills: Vec<(usize, Death)> = Vec::new();
    let mut seen = 0;
    for (index, moment) in trace.iter().enumerate() {
        seen += 1;
        let snapshots = matches!(moment.after.sessions.last(), None | Some((_, _, Waits::Prompt | Waits::Closed(_))));
        match moment.part {
            Part::Staging | Part::Else => {
                let early = [Death::Unkept, Death::Torn].into_iter().map(|death| (index, death));
                kills.extend(early);
                kills.push((index, if snapshots { Death::BeforeSnapshot } else { Death::Kept }));
            }
            Part::Question | Part::Booting => kills.push((index, DEATHS[seen % 3])),
            Part::Copying | Part::Upgrading if seen % 5 == 0 => kills.push((index, DEATHS[seen / 5 % 3])),
            Part::Copying | Part::Upgrading => {}
        }
    }
    kills
}

fn too_few(kills: &[Part]) -> Vec<String> {
    let mut wrong: Vec<String> = [Part::Staging, Part::Question, Part::Copying, Part::Upgrading, Part::Booting]
        .into_iter()
        .map(|part| (part, kills.iter().filter(|killed| **killed == part).count()))
        .filter(|(_, count)| *count < 20)
        .map(|(part, count)| format!("only {count} kills while {part:?}"))
        .collect();
    if kills.len() < 200 {
        wrong.push(format!("only {} kills", kills.len()));
    }
    wrong
}

/// Opens the lab that a killed child left; whether the store noticed a torn line.
fn check(folder: &Folder, trace: &[Moment], there: usize) -> Result<bool, String> {
    let mut again = resume(folder, keyboard(ROWS)).map_err(|e| e.to_string())?;
    let found = view(&mut again.operator);
    let Some(last) = there.checked_sub(1) else { return Ok(!again.notes.is_empty()) };
    let expected = &trace[last].after;
    if found == *expected {
        return Ok(!again.notes.is_empty());
    }
    let screens = |view: &View| view.sessions.iter().map(|(_, past, _)| past.clone()).collect::<Vec<_>>();
    let same = trace.iter().position(|moment| moment.after == found);
    let (shown, should) = (screens(&found), screens(expected));
    Err(format!("the lab is not as after deed {last}, but as after {same:?}:\n{shown:?}\ninstead of\n{should:?}"))
}

/// Goes on to the end of the update, in peace.
fn finish(folder: &Folder, trace: &[Moment], done: usize) -> Result<(), String> {
    let mut again = resume(folder, keyboard(ROWS)).map_err(|e| e.to_string())?;
    for moment in &trace[done..] {
        act(&mut again.operator, &moment.deed);
        again.store.keep(&mut again.operator).map_err(|e| e.to_string())?;
    }
    again.store.close(&mut again.operator).map_err(|e| e.to_string())?;
    let last = trace.len();
    check(folder, trace, last).map(drop)
}

fn child(folder: &Folder, death: Death, deeds: &[String]) -> String {
    let program = env::current_exe().expect("this program");
    #[expect(clippy::disallowed_methods, reason = "this test kills a process, and starts it for that")]
    let output = Command::new(program).arg(CHILD).arg(folder.path()).arg(format!("{death:?}")).args(deeds).output();
    let output = output.expect("this program can be started");
    format!("{}: {}", output.status, String::from_utf8_lossy(&output.stderr).trim())
}

/// The child: goes on in the saved lab and dies with its last deed.
fn type_and_die(folder: &Path, death: &str, deeds: &[String]) -> ! {
    let death = DEATHS.into_iter().find(|known| format!("{known:?}") == death).expect("a known death");
    let fuse = Arc::new(AtomicBool::new(false));
    let lit = Arc::clone(&fuse);
    let disk = Frail::open(folder, move |disk, write| {
        if lit.load(Ordering::Relaxed) {
            die(death, disk, write);
        }
        Ok(())
    });
    let Ok(Opened::Saved(saved)) = Store::open_on(disk) else {
        panic!("the parent keeps a lab");
    };
    let Resumed { mut store, mut operator, .. } =
        saved.resume(Box::new(Discs::new()), keyboard(ROWS)).expect("a whole lab");
    for (index, word) in deeds.iter().enumerate() {
        let last = index + 1 == deeds.len();
        fuse.store(last, Ordering::Relaxed);
        let deed: Deed = serde_json::from_str(word).expect("JSON");
        assert!(act(&mut operator, &deed), "{deed:?}");
        if last && death == Death::Unkept {
            std::process::abort();
        }
        store.keep(&mut operator).expect("kept");
    }
    std::process::abort();
}

/// Dies before a write, where this death wants it.
fn die(death: Death, disk: &mut OnDisk, write: Write<'_>) {
    match (death, write) {
        (Death::Torn, Write::Append(bytes)) => disk.append(&bytes[..bytes.len() / 2]).expect("half of it"),
        (Death::BeforeSnapshot, Write::Replace) => {}
        _ => return,
    }
    std::process::abort();
}
