//! Where a lab can be kept: by one program at a time, in a folder of its own, on a disk that may be full for a while.

use std::fs;
use std::path::Path;

use appsh::shell::Terminal;
use appsh::store::{Backing, Folder as OnDisk, Opened, Resumed, Store, StoreError};

use super::disk::{Frail, Write};
use super::kept::{Discs, Folder, begin, operator, resume};
use super::{JOURNAL, SNAPSHOT, assert_same, killed_while_staging, type_line};

#[test]
fn one_appsh_at_a_time() {
    let folder = Folder::new();
    let store = begin(&folder, &mut operator(Terminal::PIPE, 1));
    let refused = resume(&folder, Terminal::PIPE).err().expect("it is open already").to_string();
    assert!(refused.contains("another appsh has this lab open"), "{refused}");
    drop(store);
    assert!(resume(&folder, Terminal::PIPE).is_ok());
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

/// How many writes fail.
const FULL: u32 = 4;

/// Writes as onto a full disk: some of it arrives.
fn fail(disk: &mut OnDisk, write: Write<'_>) -> Result<(), StoreError> {
    let path = disk.journal_place();
    if let Write::Append(bytes) = write {
        let mut text = fs::read(&path).expect("a journal");
        text.extend_from_slice(&bytes[..bytes.len() / 2]);
        fs::write(&path, text).expect("written");
    }
    Err(StoreError::Io { path, cause: std::io::ErrorKind::StorageFull.into() })
}

#[test]
fn what_could_not_be_written_is_written_later() {
    let folder = Folder::new();
    let mut operator = operator(Terminal::PIPE, 1);
    begin(&folder, &mut operator);
    let mut writes = 0;
    let disk = Frail::open(folder.path(), move |disk, write| {
        writes += 1;
        if writes > FULL { Ok(()) } else { fail(disk, write) }
    });
    let Ok(Opened::Saved(saved)) = Store::open_on(disk) else { panic!("a saved lab") };
    let Resumed { mut store, mut operator, .. } =
        saved.resume(Box::new(Discs::new()), Terminal::PIPE).expect("a saved lab");
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
