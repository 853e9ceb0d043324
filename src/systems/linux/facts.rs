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
    Definition {
        path: "booted",
        kind: Type::Time,
        meaning: "when it was booted last",
        read: |world, id| one(Fact::Time(Some(world.linux(id).booted))),
    },
    Definition {
        path: "unit.*",
        kind: Type::Text,
        meaning: "state of a service: active, inactive, activating, deactivating or failed",
        read: |world, id| {
            let linux = world.linux(id);
            let services = linux.unit_files().into_iter().filter_map(|name| {
                let short = name.strip_suffix(".service")?.replace('.', "-");
                Some((short, Fact::Text(linux.unit_state(&name).active.word().to_owned())))
            });
            services.collect()
        },
    },
    Definition {
        path: "shutdown.at",
        kind: Type::Time,
        meaning: "when the scheduled shutdown is due",
        read: |world, id| one(Fact::Time(world.linux(id).scheduled.as_ref().map(|scheduled| scheduled.at))),
    },
];
