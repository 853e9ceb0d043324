//! What can go wrong on a vCSA: the catalogue of its faults. Each is a rule; the model asks for it at a point ("this service
//! starts now"), or for as long as it stands ("is there room for the log?").

use super::commands::software_packages::{CHECKSUM, DISC_READ, UPGRADE};
use super::events::SERVICE_START;
use crate::systems::faults::{DISC_CONNECT, Fault, Lasts};

/// `/storage/log` has no room left, as long as the rule stands.
pub const LOG_FULL: &str = "storage.log";
/// The staging area has no room left, as long as the rule stands.
pub const STAGING_FULL: &str = "storage.core";
/// Root's password has expired, until it is changed.
pub const PASSWORD_EXPIRED: &str = "password.expired";

/// The kind of object that is a service; it can be told whether there is one of the name.
pub const SERVICE: &str = "SERVICE";

/// All faults of a vCSA.
pub const FAULTS: &[Fault] = &[
    Fault {
        name: "disc-stuck",
        about: "the next disc from the client stays in connecting",
        point: DISC_CONNECT,
        lasts: Lasts::Once(None),
    },
    Fault {
        name: "disc-lost",
        about: "the connection of a disc from the client breaks while a package is copied",
        point: DISC_READ,
        lasts: Lasts::Once(Some("PACKAGE")),
    },
    Fault {
        name: "bad-checksum",
        about: "a package on the disc or in the repository is damaged",
        point: CHECKSUM,
        lasts: Lasts::EachTime(Some("PACKAGE")),
    },
    Fault { name: "log-full", about: "/storage/log has no room left", point: LOG_FULL, lasts: Lasts::WhileSet },
    Fault {
        name: "staging-full",
        about: "the staging area has no room left",
        point: STAGING_FULL,
        lasts: Lasts::WhileSet,
    },
    Fault {
        name: "service-fails",
        about: "a service does not start",
        point: SERVICE_START,
        lasts: Lasts::EachTime(Some(SERVICE)),
    },
    Fault {
        name: "password-expired",
        about: "root's password has expired, until it is changed at a login",
        point: PASSWORD_EXPIRED,
        lasts: Lasts::WhileSet,
    },
    Fault {
        name: "power-cut",
        about: "the power fails while a package is installed",
        point: UPGRADE,
        lasts: Lasts::Once(Some("PACKAGE")),
    },
];
