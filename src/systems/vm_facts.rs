//! The facts of a machine's virtual hardware.

use super::facts::{Definition, Fact, Type, one};
use crate::vm::Power;

/// What every virtual machine has.
pub const FACTS: &[Definition] = &[
    Definition {
        path: "vm.power",
        kind: Type::Text,
        meaning: "on or off",
        read: |world, id| {
            one(Fact::Text(if world.machine(id).vm.power == Power::On { "on" } else { "off" }.to_owned()))
        },
    },
    Definition {
        path: "vm.host",
        kind: Type::Text,
        meaning: "the ESXi host it runs on",
        read: |world, id| one(Fact::Text(world.machine(id).vm.host.clone())),
    },
    Definition {
        path: "drive.state",
        kind: Type::Text,
        meaning: "empty, connecting, connected or lost",
        read: |world, id| one(Fact::Text(world.machine(id).vm.drive.word().to_owned())),
    },
    Definition {
        path: "drive.disc",
        kind: Type::Text,
        meaning: "the disc in the drive",
        read: |world, id| {
            one(Fact::Text(world.machine(id).vm.drive.disc().map_or("", |disc| disc.medium.title()).to_owned()))
        },
    },
];
