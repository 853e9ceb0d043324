//! What another build of the program makes of a lab.

use std::fs;

use appsh::payload::Sha256;
use appsh::shell::Terminal;
use appsh::systems::facts;

use super::kept::{Folder, begin, operator, resume};
use super::{JOURNAL, SNAPSHOT, assert_same, killed_while_staging, type_line};

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
