//! Saved labs: what is kept comes back whole, and what cannot be read is refused and left as it is.

#[path = "saved_labs/discs.rs"]
mod discs;
mod kept;

use std::fs;
use std::path::{Path, PathBuf};

use appsh::operator::Operator;
use appsh::payload::Sha256;
use appsh::shell::Terminal;
use appsh::store::{Backing, FORMAT, Folder as OnDisk, Opened, Resumed, Store, StoreError, Stored};
use appsh::systems::facts;
use appsh::world::{Closed, MachineId, Password};
use kept::{Deed, Folder, act, begin, keyboard, obvious, operator, resume, view};

const SNAPSHOT: &str = "snapshot.json";
const JOURNAL: &str = "journal";

/// What makes a lab hard to keep: every kind of state there is, and every way of going back.
const SCRIPT: &[&str] = &[
    "system.version.get",
    "%clone create before",
    "%fault add service-fails vmware-vpxd --after 1",
    "software-packages stage --iso --acceptEulas",
    "%save staged",
    "shell.set --enabled True",
    "%login vcsa02",
    "shutdown reboot -d 10 -r later",
    "software-packages stage --url --acceptEulas",
    "%fork aside",
    "software-packages unstage",
    "%login vcsa01",
    "software-packages list",
    "software-packages install --staged",
    "%fault add log-full",
    "%fork main",
    "%rewind staged",
    "%advance 3m",
    "%disc eject",
    "shutdown poweroff -r now",
    "%power on",
    "software-packages install --staged",
    "%power cut",
    "%clone restore before",
    "%power on",
    "%disc attach VC-6.0.0U2-Appliance-FP --from datastore",
    "system.version.get",
    "software-packages install --iso --acceptEulas",
    "%facts",
];

/// Does what is obvious until a command line is wanted, or the machine is off.
fn settle(operator: &mut Operator, after: &mut dyn FnMut(&mut Operator)) {
    while let Some(deed) = obvious(operator) {
        if !act(operator, &deed) {
            assert_eq!(deed, Deed::Login);
            return;
        }
        after(operator);
    }
}

/// Types a line at a prompt or speaks to the director, and goes on to the next prompt.
fn type_line(operator: &mut Operator, line: &str, after: &mut dyn FnMut(&mut Operator)) {
    settle(operator, after);
    let deed = if line.starts_with('%') { Deed::Direct(line.to_owned()) } else { Deed::Line(line.to_owned()) };
    assert!(act(operator, &deed), "{line}");
    after(operator);
    settle(operator, after);
}

/// Types a line that begins a command, and stops this many deeds later.
fn type_part(operator: &mut Operator, store: &mut Store, line: &str, deeds: usize) {
    settle(operator, &mut |operator| store.keep(operator).expect("kept"));
    assert!(operator.line(line));
    store.keep(operator).expect("kept");
    for _ in 0..deeds {
        let deed = obvious(operator).expect("the command is under way");
        act(operator, &deed);
        store.keep(operator).expect("kept");
    }
}

fn assert_same(one: &mut Operator, other: &mut Operator, when: &str) {
    assert_eq!(facts::all(one.lab.world()), facts::all(other.lab.world()), "{when}");
    assert!(view(one) == view(other), "{when}: worlds, screens or points differ");
}

#[test]
fn every_kind_of_state_comes_back_whether_closed_or_killed() {
    for (terminal, close) in [(Terminal::PIPE, true), (Terminal::PIPE, false), (keyboard(24), false)] {
        let folder = Folder::new();
        let (mut operator, mut twin) = (operator(terminal, 1), operator(terminal, 1));
        let mut store = begin(&folder, &mut operator);
        for line in SCRIPT {
            type_line(&mut operator, line, &mut |operator| store.keep(operator).expect("kept"));
            type_line(&mut twin, line, &mut |_| ());
            if close {
                store.close(&mut operator).expect("kept");
            } else {
                drop(store);
            }
            let again = resume(&folder, terminal).expect("a saved lab");
            assert_eq!(again.notes, [""; 0], "{line}");
            (store, operator) = (again.store, again.operator);
            // What can be taken back is not kept.
            twin.timeline.forget_undo();
            assert_same(&mut operator, &mut twin, line);
        }
    }
}

#[test]
fn going_back_is_kept_at_once() {
    let folder = Folder::new();
    let mut operator = operator(Terminal::PIPE, 1);
    let mut store = begin(&folder, &mut operator);
    type_line(&mut operator, "shell.set --enabled True", &mut |_| ());
    type_line(&mut operator, "system.version.get", &mut |_| ());
    store.keep(&mut operator).expect("kept");
    let before = fs::read(folder.path().join(SNAPSHOT)).expect("a snapshot");
    type_line(&mut operator, "%undo 2", &mut |_| ());
    store.keep(&mut operator).expect("kept");
    drop(store);
    assert_ne!(fs::read(folder.path().join(SNAPSHOT)).expect("a snapshot"), before);
    let mut again = resume(&folder, Terminal::PIPE).expect("a saved lab").operator;
    assert_same(&mut again, &mut operator, "after %undo 2");
}

#[test]
fn a_lab_changed_without_an_entry_is_kept_whole() {
    let folder = Folder::new();
    let mut operator = operator(Terminal::PIPE, 1);
    let mut store = begin(&folder, &mut operator);
    operator.lab.act(|world, _| world.desktop = "10.0.0.1".to_owned());
    store.keep(&mut operator).expect("kept");
    drop(store);
    assert_eq!(resume(&folder, Terminal::PIPE).expect("a saved lab").operator.lab.world().desktop, "10.0.0.1");
}

#[test]
fn another_terminal_is_taken_into_account_and_kept() {
    let folder = Folder::new();
    let mut operator = operator(keyboard(24), 1);
    let mut store = begin(&folder, &mut operator);
    type_part(&mut operator, &mut store, "software-packages stage --iso --acceptEulas", 20);
    drop(store);
    let Resumed { store, operator, .. } = resume(&folder, Terminal::PIPE).expect("a saved lab");
    assert_eq!(operator.terminal, Terminal::PIPE);
    drop((store, operator));
    let operator = resume(&folder, Terminal::PIPE).expect("a saved lab").operator;
    assert!(operator.lab.sessions().all(|session| session.terminal == Terminal::PIPE));
}

#[test]
fn one_appsh_at_a_time() {
    let folder = Folder::new();
    let store = begin(&folder, &mut operator(Terminal::PIPE, 1));
    let refused = resume(&folder, Terminal::PIPE).err().expect("it is open already").to_string();
    assert!(refused.contains("another appsh has this lab open"), "{refused}");
    drop(store);
    assert!(resume(&folder, Terminal::PIPE).is_ok());
}

/// A lab that was killed while it staged, with some journal behind its snapshot.
fn killed_while_staging() -> Folder {
    let folder = Folder::new();
    let mut operator = operator(Terminal::PIPE, 1);
    let mut store = begin(&folder, &mut operator);
    type_line(&mut operator, "system.version.get", &mut |operator| store.keep(operator).expect("kept"));
    type_part(&mut operator, &mut store, "software-packages stage --iso --acceptEulas", 15);
    folder
}

/// What opening says; the files must be as they were.
fn refused(folder: &Folder) -> String {
    let files = |folder: &Folder| [SNAPSHOT, JOURNAL].map(|name| fs::read(folder.path().join(name)).ok());
    let before = files(folder);
    let why = resume(folder, Terminal::PIPE).err().expect("it is refused").to_string();
    assert!(files(folder) == before, "{why}: but the files were changed");
    why
}

#[test]
fn a_flipped_bit_anywhere_is_noticed() {
    let folder = killed_while_staging();
    for name in [SNAPSHOT, JOURNAL] {
        let path = folder.path().join(name);
        let whole = fs::read(&path).expect("a file");
        let step = (whole.len() / 200).max(1);
        // Without its last byte, a line end, the last entry counts as one that was never finished.
        for at in (0..whole.len() - 1).step_by(step) {
            let mut flipped = whole.clone();
            flipped[at] ^= 0x04;
            fs::write(&path, &flipped).expect("written");
            let why = refused(&folder);
            assert!(why.contains(name) && why.contains("nothing was changed"), "{name} at {at}: {why}");
        }
        fs::write(&path, &whole).expect("written");
    }
    assert!(resume(&folder, Terminal::PIPE).is_ok());
}

#[test]
fn a_snapshot_that_is_cut_off_is_refused() {
    let folder = killed_while_staging();
    let path = folder.path().join(SNAPSHOT);
    let whole = fs::read(&path).expect("a file");
    for length in [0, 1, 40, 100, whole.len() / 2, whole.len() - 1] {
        fs::write(&path, &whole[..length]).expect("written");
        let why = refused(&folder);
        assert!(why.contains("damaged") && why.contains("put it back from a copy"), "{length}: {why}");
    }
}

#[test]
fn the_beginning_of_a_line_is_dropped_and_said() {
    let folder = killed_while_staging();
    let path = folder.path().join(JOURNAL);
    let whole = fs::read(&path).expect("a file");
    let last = whole[..whole.len() - 1].iter().rposition(|byte| *byte == b'\n').expect("lines") + 1;
    for length in last + 1..whole.len() {
        fs::write(&path, &whole[..length]).expect("written");
        let again = resume(&folder, Terminal::PIPE).expect("a saved lab");
        assert!(again.notes[0].contains("cut off while it was written"), "{:?}", again.notes);
    }
    assert_eq!(resume(&folder, Terminal::PIPE).expect("a saved lab").notes, [""; 0]);
    assert_eq!(fs::read(&path).expect("a file").len(), last);
}

#[test]
fn a_line_that_is_gone_or_moved_is_noticed() {
    let folder = killed_while_staging();
    let path = folder.path().join(JOURNAL);
    let text = fs::read_to_string(&path).expect("a file");
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let (mut gone, mut moved) = (lines.clone(), lines.clone());
    gone.remove(3);
    moved.swap(3, 4);
    for wrong in [gone, moved] {
        fs::write(&path, wrong.concat()).expect("written");
        let why = refused(&folder);
        assert!(why.contains("line 4: the checksum is wrong") && why.contains("move it elsewhere"), "{why}");
    }
    // What the message says can be done.
    fs::remove_file(&path).expect("moved");
    let again = resume(&folder, Terminal::PIPE).expect("a saved lab");
    assert!(again.notes[0].contains("goes on from its last snapshot"), "{:?}", again.notes);
    drop(again);
    assert_eq!(resume(&folder, Terminal::PIPE).expect("a saved lab").notes, [""; 0]);
}

#[test]
fn another_format_is_refused() {
    for (name, format, whose) in
        [SNAPSHOT, JOURNAL].into_iter().flat_map(|name| [(name, FORMAT + 1, "a newer"), (name, FORMAT - 1, "an older")])
    {
        let folder = killed_while_staging();
        let path = folder.path().join(name);
        let text = fs::read_to_string(&path).expect("a file");
        let [own, other] = [FORMAT, format].map(|format| format!("\"format\":{format}"));
        assert!(text.contains(&own));
        fs::write(&path, text.replacen(&own, &other, 1)).expect("written");
        let why = refused(&folder);
        assert!(why.contains(&format!("{whose} appsh wrote this (format {format}, ")), "{why}");
    }
}

#[test]
fn the_journal_of_the_snapshot_before_is_let_be() {
    let folder = Folder::new();
    let mut operator = operator(Terminal::PIPE, 1);
    let mut store = begin(&folder, &mut operator);
    type_line(&mut operator, "system.version.get", &mut |operator| store.keep(operator).expect("kept"));
    let old = fs::read(folder.path().join(JOURNAL)).expect("a journal");
    store.close(&mut operator).expect("kept");
    let new = fs::read(folder.path().join(JOURNAL)).expect("a journal");
    // The process died behind the new snapshot and before the new journal.
    fs::write(folder.path().join(JOURNAL), &old).expect("written");
    let mut again = resume(&folder, Terminal::PIPE).expect("a saved lab");
    assert_same(&mut again.operator, &mut operator, "after a crash between snapshot and journal");
    drop(again);
    // The computer failed before the new journal's bytes reached the disk.
    fs::write(folder.path().join(JOURNAL), "").expect("written");
    let mut again = resume(&folder, Terminal::PIPE).expect("a saved lab");
    assert_same(&mut again.operator, &mut operator, "after an empty journal");
    drop(again);
    // And the other way round: somebody put an old snapshot beside a new journal.
    fs::write(
        folder.path().join(JOURNAL),
        String::from_utf8(new).expect("text").replace("\"generation\":2", "\"generation\":9"),
    )
    .expect("written");
    assert!(refused(&folder).contains("belongs to a later snapshot"));
}

/// Makes the files look as if another build had written them.
fn pretend_another_build(folder: &Folder) {
    let snapshot = fs::read_to_string(folder.path().join(SNAPSHOT)).expect("a snapshot");
    let (head, body) = snapshot.trim_end().split_once('\n').expect("two lines");
    let other = body.replacen(appsh::store::BUILD, "0.0.1-another", 1);
    let (was, is) = (Sha256::of(body.as_bytes()), Sha256::of(other.as_bytes()));
    let head = head.replace(&was.to_string(), &is.to_string());
    fs::write(folder.path().join(SNAPSHOT), format!("{head}\n{other}\n")).expect("written");
    let journal = fs::read_to_string(folder.path().join(JOURNAL)).expect("a journal");
    let (mut covered, mut lines) = (is.0.to_vec(), Vec::new());
    for (index, line) in journal.lines().enumerate() {
        if index == 0 {
            lines.push(format!("{line}\n"));
            continue;
        }
        let (_, text) = line.split_once(' ').expect("a checksum");
        covered.extend_from_slice(text.as_bytes());
        lines.push(format!("{} {text}\n", &Sha256::of(&covered).to_string()[..16]));
    }
    fs::write(folder.path().join(JOURNAL), lines.concat()).expect("written");
}

#[test]
fn another_build_treats_the_running_command_as_cut_off_by_a_power_failure() {
    let folder = killed_while_staging();
    pretend_another_build(&folder);
    let again = resume(&folder, Terminal::PIPE).expect("a saved lab");
    let notes = again.notes.join("\n");
    assert!(notes.contains("another build (0.0.1-another)"), "{notes}");
    assert!(notes.contains("`software-packages stage --iso --acceptEulas` was not finished on vcsa01"), "{notes}");
    let facts = facts::all(again.operator.lab.world());
    let fact = |name: &str| facts.iter().find(|(known, _)| known == name).map(|(_, value)| value.to_string());
    assert_eq!(fact("vcsa01.vm.power").as_deref(), Some("off"));
    assert_eq!(fact("vcsa02.vm.power").as_deref(), Some("on"));
    drop(again);
    assert_eq!(resume(&folder, Terminal::PIPE).expect("a saved lab").notes, [""; 0]);
}

#[test]
fn another_build_takes_a_lab_at_rest_as_it_is() {
    let folder = Folder::new();
    let mut operator = operator(Terminal::PIPE, 1);
    let mut store = begin(&folder, &mut operator);
    type_line(&mut operator, "shell.set --enabled True", &mut |operator| store.keep(operator).expect("kept"));
    store.close(&mut operator).expect("kept");
    pretend_another_build(&folder);
    let mut again = resume(&folder, Terminal::PIPE).expect("a saved lab");
    assert_eq!(again.notes, [""; 0]);
    assert_same(&mut again.operator, &mut operator, "by another build");
}

#[test]
fn places_that_are_none_are_named() {
    let check = |path: &Path, expect: &str| {
        let why = Store::open(path).err().expect("it is refused").to_string();
        assert!(why.contains(expect), "{why}");
    };
    let folder = Folder::new();
    fs::create_dir(folder.path()).expect("a new folder");
    assert!(matches!(Store::open(folder.path()), Ok(Opened::New(_))), "an empty folder will do");
    let file = folder.path().join("notes.txt");
    fs::write(&file, "mine").expect("written");
    check(folder.path(), "this is no saved lab (it holds notes.txt); name a new or an empty folder");
    check(&file, "notes.txt: ");
    check(&file.join("below"), "notes.txt/below: ");
    let unwritable = Folder::new();
    fs::create_dir_all(unwritable.path().join("lock")).expect("a new folder");
    check(unwritable.path(), "it holds lock");
    let theirs = Folder::new();
    fs::create_dir_all(theirs.path()).expect("a new folder");
    fs::write(theirs.path().join("lock"), "theirs").expect("written");
    check(theirs.path(), "it holds lock");
    assert_eq!(fs::read(theirs.path().join("lock")).expect("still there"), b"theirs");
    let lost = killed_while_staging();
    fs::remove_file(lost.path().join(SNAPSHOT)).expect("removed");
    check(lost.path(), "it is missing, while its journal is there");
}

/// A folder on which writing fails for a while, as on a full disk.
struct Full {
    disk: OnDisk,
    failures: u32,
}

impl Full {
    fn fail(&mut self) -> Result<(), StoreError> {
        match self.failures.checked_sub(1) {
            Some(left) => {
                self.failures = left;
                Err(StoreError::Io { path: self.journal_place(), cause: std::io::ErrorKind::StorageFull.into() })
            }
            None => Ok(()),
        }
    }
}

impl Backing for Full {
    fn place(&self) -> &Path {
        self.disk.place()
    }

    fn snapshot_place(&self) -> PathBuf {
        self.disk.snapshot_place()
    }

    fn journal_place(&self) -> PathBuf {
        self.disk.journal_place()
    }

    fn load(&mut self) -> Result<Stored, StoreError> {
        self.disk.load()
    }

    fn append(&mut self, bytes: &[u8]) -> Result<(), StoreError> {
        if self.failures > 0 {
            // Some of it arrives.
            let half = self.disk.journal_place();
            let mut text = fs::read(&half).expect("a journal");
            text.extend_from_slice(&bytes[..bytes.len() / 2]);
            fs::write(&half, text).expect("written");
        }
        self.fail()?;
        self.disk.append(bytes)
    }

    fn cut_journal(&mut self, length: u64) -> Result<(), StoreError> {
        self.disk.cut_journal(length)
    }

    fn replace(&mut self, snapshot: &[u8], journal: &[u8]) -> Result<(), StoreError> {
        self.fail()?;
        self.disk.replace(snapshot, journal)
    }
}

#[test]
fn what_could_not_be_written_is_written_later() {
    let folder = Folder::new();
    let mut operator = operator(Terminal::PIPE, 1);
    begin(&folder, &mut operator);
    let disk = OnDisk::open(folder.path()).expect("a folder");
    let Ok(Opened::Saved(saved)) = Store::open_on(Box::new(Full { disk, failures: 4 })) else { panic!("a saved lab") };
    let Resumed { mut store, mut operator, .. } =
        saved.resume(Box::new(kept::Discs::new()), Terminal::PIPE).expect("a saved lab");
    let mut failures = 0;
    type_line(&mut operator, "system.version.get", &mut |operator| {
        failures += u32::from(store.keep(operator).is_err())
    });
    type_line(&mut operator, "shell.set --enabled True", &mut |operator| {
        failures += u32::from(store.keep(operator).is_err());
    });
    type_line(&mut operator, "%undo", &mut |operator| failures += u32::from(store.keep(operator).is_err()));
    assert!(failures > 0, "a failure is told");
    type_line(&mut operator, "system.version.get", &mut |operator| store.keep(operator).expect("kept"));
    drop(store);
    let mut again = resume(&folder, Terminal::PIPE).expect("a saved lab").operator;
    assert_same(&mut again, &mut operator, "after a full disk");
}

#[test]
fn a_journal_that_tells_nothing_any_more_is_not_added_to() {
    let (folder, fine) = (Folder::new(), "a folder of our own");
    let path = folder.path().join(JOURNAL);
    let mut disk = OnDisk::open(folder.path()).expect(fine);
    disk.replace(b"1", b"1").expect(fine);
    fs::remove_file(&path).expect(fine);
    fs::create_dir(&path).expect(fine);
    assert!(disk.replace(b"2", b"2").is_err(), "a folder stands in the place of the journal");
    assert!(disk.append(b"lost").is_err());
    fs::remove_dir(&path).expect(fine);
    disk.replace(b"3", b"3").expect(fine);
    disk.append(b"4").expect(fine);
    assert_eq!(fs::read(&path).expect(fine), b"34");
}

#[test]
fn secrets_reach_no_file() {
    let folder = Folder::new();
    let mut operator = operator(keyboard(24), 1);
    let mut store = begin(&folder, &mut operator);
    type_line(&mut operator, "%login vcsa02", &mut |operator| store.keep(operator).expect("kept"));
    type_line(&mut operator, "%fault add password-expired", &mut |operator| store.keep(operator).expect("kept"));
    type_line(&mut operator, "exit", &mut |operator| store.keep(operator).expect("kept"));
    for line in [
        "localaccounts.user.add --username a --password hunter2secret",
        "software-packages stage --iso --password=hunter2secret",
        "unknown --password 'hunter2secret'",
    ] {
        type_line(&mut operator, line, &mut |operator| {
            store.keep(operator).expect("kept");
            assert_no_secret(&folder);
        });
    }
    store.close(&mut operator).expect("kept");
    assert_no_secret(&folder);
    let shown = view(&mut operator).sessions.into_iter().map(|(_, past, _)| past).collect::<String>();
    assert!(shown.contains("--password ********") && !shown.contains("hunter2secret"), "{shown}");
}

#[test]
fn of_a_new_password_its_digest_is_kept_and_nothing_else() {
    let folder = Folder::new();
    let mut operator = operator(Terminal::PIPE, 1);
    let mut store = begin(&folder, &mut operator);
    for line in ["%login vcsa02", "%fault add password-expired"] {
        type_line(&mut operator, line, &mut |operator| store.keep(operator).expect("kept"));
    }
    operator.look(keyboard(24));
    for deed in [Deed::Line("exit".to_owned()), Deed::Leave, Deed::Login] {
        assert!(act(&mut operator, &deed), "{deed:?}");
    }
    let digest = |text: &str| serde_json::to_string(&Password::of("vcsa02", text)).expect("JSON");
    let journal = || fs::read_to_string(folder.path().join(JOURNAL)).expect("a journal");
    for secret in ["hunter2secret", "hunter2secret", "short", "newsecret1"] {
        assert!(act(&mut operator, &Deed::Secret(secret.to_owned())), "{secret}");
        store.keep(&mut operator).expect("kept");
    }
    let text = journal();
    assert!(text.contains(&digest("newsecret1")) && text.contains("\"long_enough\":true"), "{text}");
    assert!(!text.contains("length") && !text.contains("newsecret1"), "{text}");
    for no_trace in ["short", "hunter2secret"] {
        assert!(!text.contains(&digest(no_trace)), "{no_trace}: {text}");
    }
    drop(store);
    let mut again = resume(&folder, keyboard(24)).expect("a saved lab").operator;
    assert!(act(&mut again, &Deed::Secret("newsecret1".to_owned())), "it is typed once more");
    assert!(obvious(&again).is_none(), "the prompt");
}

fn assert_no_secret(folder: &Folder) {
    for name in [SNAPSHOT, JOURNAL] {
        let text = fs::read_to_string(folder.path().join(name)).expect("a file");
        assert!(!text.contains("hunter2secret"), "{name} holds a password");
    }
}

#[test]
fn a_saved_lab_does_not_grow_with_what_was_typed() {
    let folder = Folder::new();
    let mut operator = operator(Terminal::PIPE, 1);
    let mut store = begin(&folder, &mut operator);
    let mut size_after = |rounds: usize| {
        for _ in 0..rounds {
            for line in ["software-packages list --history", "software-packages unstage", "%power on", "exit"] {
                type_line(&mut operator, line, &mut |operator| store.keep(operator).expect("kept"));
            }
        }
        let snapshot = fs::metadata(folder.path().join(SNAPSHOT)).expect("a snapshot").len();
        assert!(fs::metadata(folder.path().join(JOURNAL)).expect("a journal").len() < 8 << 20);
        snapshot
    };
    let (once, twice) = (size_after(1_500), size_after(1_500));
    assert!(twice < once + once / 2, "{once} bytes, then {twice}");
}

#[test]
fn a_session_that_ended_is_said_to_have_ended() {
    let folder = Folder::new();
    let mut operator = operator(keyboard(24), 1);
    let mut store = begin(&folder, &mut operator);
    type_line(&mut operator, "system.version.get", &mut |operator| store.keep(operator).expect("kept"));
    assert!(operator.line("shutdown poweroff -r done"));
    store.keep(&mut operator).expect("kept");
    drop(store);
    let mut again = resume(&folder, keyboard(24)).expect("a saved lab").operator;
    assert_eq!(again.leave_closed(), Some((Closed::Poweroff, 0)));
    assert_eq!(again.lab.world().vcsa(MachineId(0)).phase.word(), "stopping");
}
