//! What is kept comes back whole, however the program ended.

use std::fs;

use appsh::shell::Terminal;
use appsh::store::Resumed;
use appsh::world::{Closed, MachineId};

use super::kept::{Folder, begin, keyboard, operator, resume};
use super::{JOURNAL, SNAPSHOT, assert_same, type_line, type_part};

/// What makes a lab hard to keep: every kind of state there is, and every way of going back.
const SCRIPT: &[&str] = &[
    "system.version.get",
    "%clone create before",
    "%fault add service-fails vmware-vpxd --after 1",
    "software-packages stage --iso --acceptEulas",
    "%save staged",
    "shell.set --enabled True",
    "shell",
    "exec 3> /tmp/kept 4< /etc/hosts 5<<< text",
    "read -u 4 line; echo $line >&3; cat <&5",
    "exit",
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
