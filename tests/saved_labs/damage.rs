//! What cannot be read is refused, with what can still be done, and left as it is.

use std::fs;

use appsh::shell::Terminal;
use appsh::store::FORMAT;

use super::kept::{Folder, begin, operator, resume};
use super::{JOURNAL, SNAPSHOT, assert_same, killed_while_staging, refused, type_line};

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
