//! Saved labs: what is kept comes back whole, and what cannot be read is refused and left as it is.

mod kept;

use std::fs;

use appsh::shell::Terminal;
use kept::{Deed, Folder, act, begin, command, keyboard, resume, settle, view};

/// The whole update, as somebody types it.
const UPDATE: &[&str] = &[
    "software-packages stage --iso",
    "software-packages list --staged",
    "software-packages install --staged",
    "shutdown reboot -r update",
    "system.version.get",
];

#[test]
fn a_lab_that_was_closed_goes_on_as_if_it_had_not_been() {
    let folder = Folder::new();
    let (mut store, mut operator) = begin(&folder, Terminal::PIPE);
    let mut twin = kept::operator(Terminal::PIPE);
    for line in UPDATE {
        command(&mut operator, line, |operator| store.keep(operator).expect("kept"));
        command(&mut twin, line, |_| ());
        store.close(&mut operator).expect("kept");
        let again = resume(&folder, Terminal::PIPE).expect("a saved lab");
        assert_eq!(again.notes, [""; 0]);
        (store, operator) = (again.store, again.operator);
        assert_eq!(view(&mut operator), view(&mut twin), "{line}");
    }
    assert_eq!(operator.lab.world().vcsa(appsh::world::MachineId(0)).running.version, "6.0.0.10000");
}
