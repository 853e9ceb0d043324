//! `%fault`: what shall go wrong.

use std::sync::Arc;

use super::vm::subject;
use super::{Director, Reply, distance, misused};
use crate::media::Media;
use crate::operator::Operator;
use crate::payload::{Contents, Patch};
use crate::sim::fault::Rule;
use crate::systems::family;
use crate::systems::faults::{Fault, Lasts};
use crate::world::{MachineId, World};

/// How wide the objects of a fault may be in the list.
const FEW_WIDTH: usize = 48;

/// Faults.
pub const FAULT: Director = Director {
    name: "fault",
    group: Some("Break things"),
    usage: "list | add NAME [OBJECT] [--after N] | clear [NUMBER]",
    about: "let something go wrong",
    example: "%fault add disc-lost",
    run: fault,
};

fn fault(operator: &mut Operator, words: &[&str]) -> Reply {
    let id = match subject(operator) {
        Ok(id) => id,
        Err(reply) => return reply,
    };
    match words {
        ["list"] => Reply::text(list(operator.lab.world(), id)),
        ["add", name, rest @ ..] => match wanted(rest) {
            Some((object, passes)) => add(operator, id, name, object, passes),
            None => misused(&FAULT),
        },
        ["clear"] => clear(operator, None),
        ["clear", number] => match number.parse() {
            Ok(number) => clear(operator, Some(number)),
            Err(_) => misused(&FAULT),
        },
        _ => misused(&FAULT),
    }
}

/// What `%help fault` adds: the objects of faults that have few, of the machine at hand.
pub(super) fn help(operator: &Operator) -> String {
    let Ok(id) = subject(operator) else { return String::new() };
    let world = operator.lab.world();
    let mut text = String::new();
    for fault in family(world, id).faults() {
        for (at, line) in few(world, id, fault).into_iter().enumerate() {
            let name = if at == 0 { fault.name } else { "" };
            text.push_str(&format!("   {name:<14} {line}\n"));
        }
    }
    text
}

/// The objects of a fault that has few, on lines that fit beside the list's names.
fn few(world: &World, id: MachineId, fault: &Fault) -> Vec<String> {
    let kind = fault.object().unwrap_or_default();
    let mut lines: Vec<String> = Vec::new();
    let all = family(world, id).few_objects(world, id, kind);
    for (at, name) in all.iter().enumerate() {
        let comma = if at + 1 < all.len() { "," } else { "" };
        match lines.last_mut() {
            Some(line) if line.len() + name.len() + 2 <= FEW_WIDTH => line.push_str(&format!(" {name}{comma}")),
            _ => lines.push(format!("{name}{comma}")),
        }
    }
    lines
}

/// The object and how many askings pass.
fn wanted<'a>(words: &[&'a str]) -> Option<(Option<&'a str>, u32)> {
    match words {
        [] => Some((None, 0)),
        ["--after", passes] => Some((None, passes.parse().ok()?)),
        [object] => Some((Some(object), 0)),
        [object, "--after", passes] => Some((Some(object), passes.parse().ok()?)),
        _ => None,
    }
}

fn list(world: &World, id: MachineId) -> String {
    let mut text = "What can go wrong:\n".to_owned();
    for fault in family(world, id).faults() {
        let takes = fault.object().map(|object| format!(" [{object}]")).unwrap_or_default();
        text.push_str(&format!("   {:<28} {}\n", format!("{}{takes}", fault.name), fault.about));
        for line in few(world, id, fault) {
            text.push_str(&format!("   {:<28} {line}\n", ""));
        }
    }
    if world.faults.rules().is_empty() {
        text.push_str("Nothing is set.\n");
        return text;
    }
    text.push_str("What is set:\n");
    for rule in world.faults.rules() {
        text.push_str(&format!("   {} {}\n", rule.id, describe(world, rule)));
    }
    text
}

fn describe(world: &World, rule: &Rule) -> String {
    let mut text = format!("{} on {}", name_of(world, rule), rule.machine);
    if let Some(object) = &rule.object {
        text.push_str(&format!(", {object}"));
    }
    if rule.passes > 0 {
        text.push_str(&format!(", after {} more", rule.passes));
    }
    text
}

fn name_of<'r>(world: &World, rule: &'r Rule) -> &'r str {
    let faults = world.find(&rule.machine).map_or(&[][..], |id| family(world, id).faults());
    faults.iter().find(|fault| fault.point == rule.point).map_or(&rule.point, |fault| fault.name)
}

fn add(operator: &mut Operator, id: MachineId, name: &str, object: Option<&str>, passes: u32) -> Reply {
    let world = operator.lab.world();
    let faults = family(world, id).faults();
    let Some(fault) = faults.iter().find(|fault| fault.name == name) else {
        let known: Vec<&str> = faults.iter().map(|fault| fault.name).collect();
        return Reply::refused(format!("there is no fault {name}; there are {}", known.join(", ")));
    };
    if let Some(why) = family(world, id).refuses_fault(world, id, fault) {
        return Reply::refused(format!("{name} can do nothing on {}: {why}", world.machine(id).name));
    }
    let object = match (object, fault.object()) {
        (Some(_), None) => return Reply::refused(format!("{name} takes no object")),
        (Some(object), Some(kind)) => match find(operator, id, kind, object) {
            Ok(found) => Some(found),
            Err(why) => return Reply::refused(why),
        },
        (None, _) => None,
    };
    if passes > 0 && fault.lasts == Lasts::WhileSet {
        return Reply::refused(format!("{name} holds as long as it is set; it takes no --after"));
    }
    operator.lab.act(|world, _| {
        let rule = rule(world, id, fault, object.as_deref(), passes);
        let line = describe(world, &rule);
        let number = world.faults.add(rule);
        family(world, id).faults_changed(world, id);
        Reply::text(format!("appsh: fault {number}: {line}"))
    })
}

/// The name of such an object on the machine or, if it is a package, on a disc or in a repository.
fn find(operator: &mut Operator, id: MachineId, kind: &str, object: &str) -> Result<String, String> {
    let patches = operator.lab.act(|world, media| patches(world, media, id));
    let world = operator.lab.world();
    let known = family(world, id).objects(world, id, kind, &patches);
    let found = known.iter().find(|name| **name == object).copied();
    if let Some(name) = found.or_else(|| family(world, id).object_called(world, id, kind, object)) {
        return Ok(name.to_owned());
    }
    let few = family(world, id).few_objects(world, id, kind);
    if !few.is_empty() {
        return Err(format!("there is no {} {object}; there are {}", kind.to_lowercase(), few.join(", ")));
    }
    let hint = nearest(object, &known).map(|name| format!("; did you mean {name}?")).unwrap_or_default();
    Err(format!("there is no {} {object}{hint}", kind.to_lowercase()))
}

/// The updates that the machine could take: what is in its drive, and what the repositories have.
fn patches(world: &World, media: &mut Media, id: MachineId) -> Vec<Arc<Patch>> {
    let disc = world.machine(id).vm.drive.disc().map(|disc| (&disc.medium, disc.contents.clone()));
    let all = disc.into_iter().chain(world.repositories.values().map(|medium| (medium, None)));
    all.filter_map(|(medium, contents)| contents.unwrap_or_else(|| media.contents(medium)).ok())
        .filter_map(|contents| match contents.as_ref() {
            Contents::Patch(patch) => Some(Arc::clone(patch)),
            Contents::Installer { .. } | Contents::Foreign | Contents::ShortNames => None,
        })
        .collect()
}

/// The name that was probably meant: the shortest that contains what was typed, else one that few letters make of it.
fn nearest<'n>(typed: &str, known: &[&'n str]) -> Option<&'n str> {
    let lower = typed.to_lowercase();
    let containing = known.iter().filter(|name| name.to_lowercase().contains(&lower));
    let close = || known.iter().map(|name| (distance(typed, name), name)).min();
    containing
        .min_by_key(|name| name.len())
        .or_else(|| close().filter(|(letters, _)| *letters <= typed.len() / 3).map(|(_, name)| name))
        .copied()
}

fn rule(world: &World, id: MachineId, fault: &Fault, object: Option<&str>, passes: u32) -> Rule {
    Rule {
        id: 0,
        point: fault.point.to_owned(),
        machine: world.machine(id).name.clone(),
        object: object.map(str::to_owned),
        passes,
        times: matches!(fault.lasts, Lasts::Once(_)).then_some(1),
    }
}

fn clear(operator: &mut Operator, number: Option<u32>) -> Reply {
    let gone = operator.lab.act(|world, _| {
        let gone = world.faults.clear(number);
        for id in gone.iter().filter_map(|rule| world.find(&rule.machine)).collect::<Vec<_>>() {
            family(world, id).faults_changed(world, id);
        }
        gone
    });
    match (gone.len(), number) {
        (0, Some(number)) => Reply::refused(format!("there is no fault {number}")),
        (count, _) => Reply::text(format!("appsh: {count} cleared")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_that_was_meant_is_found_or_none_is_offered() {
        let known = ["VMware-vpxd", "VMware-vpxd-agents-eesx", "bash", "vmware-vpxd"];
        let check = |typed, expect| assert_eq!(nearest(typed, &known), expect, "{typed}");
        check("vpxd", Some("VMware-vpxd"));
        check("AGENTS", Some("VMware-vpxd-agents-eesx"));
        check("bahs", None);
        check("vmware-vpdx", Some("vmware-vpxd"));
        check("nosuchpkg", None);
    }
}
