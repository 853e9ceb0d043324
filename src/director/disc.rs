//! `%disc`: what the admin does with the drive of the machine, through the client or the host.

use super::vm::subject;
use super::{Director, Reply, misused};
use crate::media::Media;
use crate::operator::Operator;
use crate::shell::lex;
use crate::sim::Span;
use crate::systems;
use crate::systems::faults::DISC_CONNECT;
use crate::vm::{self, Disc, Drive, Medium, Origin};
use crate::world::{Happening, MachineId, World};

/// Discs.
pub const DISC: Director = Director {
    name: "disc",
    group: Some("Handle discs"),
    usage: "attach FILE|PAYLOAD [--from client|datastore] | eject | show",
    about: "insert, eject or look at a disc",
    example: "%disc attach update.iso",
    run: disc,
};

fn disc(operator: &mut Operator, words: &[&str]) -> Reply {
    let id = match subject(operator) {
        Ok(id) => id,
        Err(reply) => return reply,
    };
    match words {
        ["attach", ..] => match wanted(words) {
            Some((file, origin)) => attach(operator, id, file, origin),
            None => misused(&DISC),
        },
        ["eject"] => operator.lab.act(|world, media| eject(world, media, id)),
        ["show"] => Reply::text(describe(operator.lab.world(), id)),
        _ => misused(&DISC),
    }
}

/// What is to be attached, and from where.
fn wanted<'a>(words: &[&'a str]) -> Option<(&'a str, &'a str)> {
    match words {
        ["attach", file] => Some((file, "client")),
        ["attach", file, "--from", origin] | ["attach", "--from", origin, file] => Some((file, origin)),
        _ => None,
    }
}

/// The file of the host that a director line attaches, whether or not it can be read.
#[must_use]
pub fn attached(line: &str) -> Option<String> {
    let split = lex::split(line.trim_start().strip_prefix('%')?.trim_start_matches('%'));
    let words: Vec<&str> = split.words.iter().map(AsRef::as_ref).collect();
    let (name, rest) = words.split_first()?;
    let (file, _) = wanted(rest).filter(|_| *name == DISC.name)?;
    match Medium::named(file) {
        Medium::File(file) => Some(file.name),
        Medium::Bundled(_) => None,
    }
}

fn attach(operator: &mut Operator, id: MachineId, file: &str, origin: &str) -> Reply {
    let origin = match origin {
        "client" => Origin::Client,
        "datastore" => Origin::Datastore,
        _ => return misused(&DISC),
    };
    let medium = Medium::named(file);
    match operator.lab.act(|world, media| connect(world, media, id, medium, origin)) {
        Ok(()) => Reply::text(describe(operator.lab.world(), id)),
        Err(why) => Reply::refused(why),
    }
}

/// Puts a disc into a machine's drive: it is readable once its connection is ready, which takes longer from a desktop
/// than from a datastore.
///
/// # Errors
/// Why the file cannot be opened.
pub fn connect(
    world: &mut World,
    media: &mut Media,
    id: MachineId,
    medium: Medium,
    origin: Origin,
) -> Result<(), String> {
    let medium = media.probe(medium)?;
    forget_connecting(world, id);
    let now = world.now;
    let vm = &mut world.machine_mut(id).vm;
    vm.insertions += 1;
    vm.drive = Drive::Connecting(Disc { inserted: vm.insertions, ..Disc::unread(medium, origin) });
    vm.note(now, "Reconfigure virtual machine");
    let span = Span::millis(systems::family(world, id).read_rate(world, id, origin).connect_ms);
    if origin == Origin::Datastore || !world.strikes(id, DISC_CONNECT, "") {
        world.after(id, span, vm::Event::DriveReady);
    }
    media.release(|medium| is_needed(world, medium));
    Ok(())
}

/// Whether a medium is in a drive, or behind the address of a repository.
fn is_needed(world: &World, medium: &Medium) -> bool {
    world.machines().any(|(_, machine)| machine.vm.drive.disc().is_some_and(|disc| disc.medium == *medium))
        || world.repositories.values().any(|repository| repository == medium)
}

fn eject(world: &mut World, media: &mut Media, id: MachineId) -> Reply {
    forget_connecting(world, id);
    let now = world.now;
    let vm = &mut world.machine_mut(id).vm;
    if vm.drive == Drive::Empty {
        return Reply::refused("the drive is empty");
    }
    vm.drive = Drive::Empty;
    vm.note(now, "Reconfigure virtual machine");
    media.release(|medium| is_needed(world, medium));
    Reply::text(describe(world, id))
}

fn forget_connecting(world: &mut World, id: MachineId) {
    world.queue.cancel_all(|event| event.machine == id && event.what == Happening::Vm(vm::Event::DriveReady));
}

/// What is in the drive, in one line.
#[must_use]
pub fn describe(world: &World, id: MachineId) -> String {
    let machine = world.machine(id);
    match machine.vm.drive.disc() {
        None => format!("{}: the drive is empty", machine.name),
        Some(disc) => {
            let (title, origin, state) = (disc.medium.title(), disc.origin.word(), machine.vm.drive.word());
            format!("{}: {title} from the {origin}, {state}", machine.name)
        }
    }
}
