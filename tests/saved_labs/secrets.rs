//! Passwords that are typed into a lab that is kept.

use std::fs;

use appsh::shell::Terminal;
use appsh::world::Password;

use super::kept::{Deed, Folder, act, begin, keyboard, obvious, operator, resume, view};
use super::{JOURNAL, SNAPSHOT, type_line};

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
        "software-packages stage --url https://me:hunter2secret@example.com/",
        "%browse https://me:hunter2secret@vcsa01/",
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
fn a_password_on_a_command_line_is_that_of_the_account_from_the_journal_too() {
    let folder = Folder::new();
    let mut operator = operator(Terminal::PIPE, 1);
    let mut store = begin(&folder, &mut operator);
    for line in ["%login vcsa02", "localaccounts.user.add --role operator --username test --password A-hunter2secret"] {
        type_line(&mut operator, line, &mut |operator| store.keep(operator).expect("kept"));
    }
    assert_no_secret(&folder);
    drop(store);
    let resumed = resume(&folder, Terminal::PIPE).expect("a saved lab");
    let world = resumed.operator.lab.world();
    let id = world.find("vcsa02").expect("it is there");
    let uid = world.linux(id).user("test").expect("it was made").uid;
    let accepts = |text: &str| world.machine(id).accepts_of(uid, text);
    assert!(accepts("A-hunter2secret") && !accepts("A-another2secret"));
}
