//! A disc of one's own that changes while it is copied in a lab that is kept. What the program says of such discs is tested in
//! a process of its own, `tests/own_discs.rs`: a child that is being started holds the locks of its parent for a moment.

use std::fs;

use appsh::front::shelf::HostShelf;
use appsh::lab::Lab;
use appsh::lab_file::{BUNDLED, LabFile};
use appsh::operator::Operator;
use appsh::payload::bundled;
use appsh::shell::Terminal;
use appsh::store::{Opened, Resumed, Store};

use super::kept::{Folder, begin, view};
use super::{settle, type_line, type_part};

#[test]
fn a_file_that_changed_while_it_was_copied_is_noticed_when_the_copying_goes_on() {
    let place = Folder::new();
    fs::create_dir(place.path()).expect("a new folder");
    let image = place.path().join("tp.iso");
    fs::write(&image, bundled("VC-6.0.0U1-Appliance-TP").expect("it comes with appsh")).expect("written");
    let world = LabFile::parse(BUNDLED[0].1).and_then(|file| file.world("test", None, None)).expect("a good lab");
    let mut operator = Operator::new(Lab::new(world, Box::new(HostShelf)), None, Terminal::PIPE).expect("a machine");
    let folder = Folder::new();
    let mut store = begin(&folder, &mut operator);
    let attach = format!("%disc attach {} --from datastore", image.display());
    for line in [attach.as_str(), "%advance 1m"] {
        type_line(&mut operator, line, &mut |operator| store.keep(operator).expect("kept"));
    }
    type_part(&mut operator, &mut store, "software-packages stage --iso --acceptEulas", 15);
    drop(store);
    let mut bytes = fs::read(&image).expect("an image");
    bytes.extend([0; 2048]);
    fs::write(&image, bytes).expect("written");
    let Ok(Opened::Saved(saved)) = Store::open(folder.path()) else { panic!("a lab is kept") };
    let Resumed { mut operator, .. } = saved.resume(Box::new(HostShelf), Terminal::PIPE).expect("a saved lab");
    settle(&mut operator, &mut |_| ());
    let shown: String = view(&mut operator).sessions.into_iter().map(|(_, past, _)| past).collect();
    assert!(shown.contains("tp.iso: changed since it was put into the drive (it had "), "{shown}");
    assert!(!shown.contains("staged successfully"), "{shown}");
}
