//! Facts: the named, typed, stable view of a lab's state that lessons, tests and `--facts` read.

use std::fmt;

use super::{family, joint_facts, vm_facts};
use crate::sim::Instant;
use crate::world::{MachineId, World};

/// The type of a fact's value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Type {
    /// Words.
    Text,
    /// A whole number.
    Number,
    /// True or false.
    Bool,
    /// A moment of virtual time.
    Time,
}

impl Type {
    /// The word for it in `appsh facts`.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Number => "number",
            Self::Bool => "bool",
            Self::Time => "time",
        }
    }
}

/// The value of a fact now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fact {
    /// Words; empty when there is nothing to say.
    Text(String),
    /// A whole number.
    Number(u64),
    /// True or false.
    Bool(bool),
    /// A moment, or none yet.
    Time(Option<Instant>),
}

impl fmt::Display for Fact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => f.write_str(text),
            Self::Number(number) => write!(f, "{number}"),
            Self::Bool(flag) => write!(f, "{flag}"),
            Self::Time(Some(moment)) => write!(f, "{moment}"),
            Self::Time(None) => f.write_str("never"),
        }
    }
}

/// A fact as it is documented: everything but its value.
#[derive(Clone, Copy, Debug)]
pub struct Definition {
    /// Its name behind the machine's; `*` stands for the names of a family of facts.
    pub path: &'static str,
    /// Its type.
    pub kind: Type,
    /// What it says.
    pub meaning: &'static str,
    /// Its value or values: the name that stands for `*`, if there is one, and the value.
    pub read: fn(&World, MachineId) -> Vec<(String, Fact)>,
}

/// One value, for a path without `*`.
#[must_use]
pub fn one(fact: Fact) -> Vec<(String, Fact)> {
    vec![(String::new(), fact)]
}

/// The facts of a machine: its hardware's, then its system's.
fn definitions(world: &World, id: MachineId) -> impl Iterator<Item = &'static Definition> + use<> {
    vm_facts::FACTS.iter().chain(family(world, id).facts())
}

/// All facts of a lab with their values, sorted by name.
#[must_use]
pub fn all(world: &World) -> Vec<(String, Fact)> {
    let mut facts = vec![
        ("lab.name".to_owned(), Fact::Text(world.name.clone())),
        ("lab.time".to_owned(), Fact::Time(Some(world.now))),
    ];
    for (id, machine) in world.machines() {
        for definition in definitions(world, id) {
            for (name, fact) in (definition.read)(world, id) {
                facts.push((format!("{}.{}", machine.name, definition.path.replace('*', &name)), fact));
            }
        }
    }
    facts.extend(joint_facts(world).map(|(name, .., fact)| (name, fact)));
    facts.sort_by(|(a, _), (b, _)| a.cmp(b));
    facts
}

/// The facts whose name fits `pattern`: the whole name, with `*` for anything, or its first dotted parts.
pub fn select<'a>(world: &World, pattern: &'a str) -> impl Iterator<Item = (String, Fact)> + use<'a> {
    all(world).into_iter().filter(move |(name, _)| {
        fits(name, pattern) || name.strip_prefix(pattern).is_some_and(|rest| rest.starts_with('.'))
    })
}

/// Whether `name` is what `pattern` says, where each `*` stands for any text.
fn fits(name: &str, pattern: &str) -> bool {
    let Some((head, tail)) = pattern.split_once('*') else { return name == pattern };
    let Some(mut rest) = name.strip_prefix(head) else { return false };
    // Each part between two stars is taken where it comes first; the last one must end the name.
    let mut parts = tail.split('*').peekable();
    while let Some(part) = parts.next() {
        if parts.peek().is_none() {
            return rest.ends_with(part);
        }
        match rest.find(part) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    true
}

/// The documentation of a lab's facts: name, type and meaning.
#[must_use]
pub fn documented(world: &World) -> Vec<(String, Type, &'static str)> {
    let mut rows = vec![
        ("lab.name".to_owned(), Type::Text, "name of the lab"),
        ("lab.time".to_owned(), Type::Time, "virtual time"),
    ];
    for (id, machine) in world.machines() {
        let name = &machine.name;
        rows.extend(definitions(world, id).map(|d| (format!("{name}.{}", d.path), d.kind, d.meaning)));
    }
    rows.extend(joint_facts(world).map(|(name, kind, meaning, _)| (name, kind, meaning)));
    rows.sort_by(|(a, ..), (b, ..)| a.cmp(b));
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_fit_names() {
        let check = |name, pattern, expect| assert_eq!(fits(name, pattern), expect, "{name} {pattern}");
        check("vcsa01.version", "vcsa01.version", true);
        check("vcsa01.version", "*", true);
        check("vcsa01.version", "*.version", true);
        check("vcsa01.installed.version", "vcsa01.*.version", true);
        check("vcsa01.version", "vcsa01.*.version", false);
        check("vcsa01.version", "*.build", false);
        check("aab", "*a*b", true);
        check("ab", "*ab*ab", false);
        check("version", "vers", false);
    }
}
