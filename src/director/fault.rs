//! `%fault`: what shall go wrong.

use super::vm::subject;
use super::{Director, Reply, misused};
use crate::operator::Operator;
use crate::sim::fault::Rule;
use crate::systems::family;
use crate::systems::faults::{Fault, Lasts};
use crate::world::{MachineId, World};

/// Faults.
pub const FAULT: Director = Director {
    name: "fault",
    group: "Break things",
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
    match (object, fault.object()) {
        (Some(_), None) => return Reply::refused(format!("{name} takes no object")),
        (Some(object), Some(kind)) if !family(world, id).has_object(world, id, kind, object) => {
            return Reply::refused(format!("there is no {} {object}", kind.to_lowercase()));
        }
        _ => {}
    }
    if passes > 0 && fault.lasts == Lasts::WhileSet {
        return Reply::refused(format!("{name} holds as long as it is set; it takes no --after"));
    }
    operator.lab.act(|world, _| {
        let rule = rule(world, id, fault, object, passes);
        let line = describe(world, &rule);
        let number = world.faults.add(rule);
        Reply::text(format!("appsh: fault {number}: {line}"))
    })
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
    let gone = operator.lab.act(|world, _| world.faults.clear(number));
    match (gone.len(), number) {
        (0, Some(number)) => Reply::refused(format!("there is no fault {number}")),
        (count, _) => Reply::text(format!("appsh: {count} cleared")),
    }
}
