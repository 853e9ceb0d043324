//! The facts of a machine that is nothing but Linux.

use crate::systems::facts::{Definition, Fact, Type, one};

/// What can be asked of it.
pub const FACTS: &[Definition] = &[
    Definition {
        path: "hostname",
        kind: Type::Text,
        meaning: "its host name as set",
        read: |world, id| one(Fact::Text(world.linux(id).hostname.clone())),
    },
    Definition {
        path: "os",
        kind: Type::Text,
        meaning: "its distribution and release",
        read: |world, id| one(Fact::Text(world.linux(id).distro.pretty.to_owned())),
    },
    Definition {
        path: "phase",
        kind: Type::Text,
        meaning: "up, starting, shutting down or off",
        read: |world, id| one(Fact::Text(crate::systems::family(world, id).doing(world, id).to_owned())),
    },
];
