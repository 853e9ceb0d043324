//! What can go wrong on a vCSA: the catalogue of its faults. Some are rules which a point of the model asks for, others are
//! states that one enters and leaves.

use super::commands::software_packages::{CHECKSUM, DISC_READ, UPGRADE};
use super::events::SERVICE_START;
use super::model::Vcsa;

/// The fault point at which a disc stays in `connecting`.
pub const DISC_CONNECT: &str = "disc.connect";

/// A fault that can be put into a lab.
pub struct Fault {
    /// Its name in `%fault add`.
    pub name: &'static str,
    /// What its object is; none when it takes none.
    pub object: Option<&'static str>,
    /// What goes wrong.
    pub about: &'static str,
    /// How it works.
    pub works: Works,
}

/// How a fault works.
pub enum Works {
    /// A rule at a point of the model; so many times, or for ever.
    Rule(&'static str, Option<u32>),
    /// A state, entered with the first function and left with the second.
    State(fn(&mut Vcsa), fn(&mut Vcsa)),
}

/// All faults of a vCSA.
pub const FAULTS: &[Fault] = &[
    Fault {
        name: "disc-stuck",
        object: None,
        about: "the next disc stays in connecting",
        works: Works::Rule(DISC_CONNECT, Some(1)),
    },
    Fault {
        name: "disc-lost",
        object: Some("PACKAGE"),
        about: "the connection of the disc breaks while a package is copied",
        works: Works::Rule(DISC_READ, Some(1)),
    },
    Fault {
        name: "bad-checksum",
        object: Some("PACKAGE"),
        about: "a package on the disc or in the repository is damaged",
        works: Works::Rule(CHECKSUM, None),
    },
    Fault {
        name: "log-full",
        object: None,
        about: "/storage/log has no room left",
        works: Works::State(|vcsa| vcsa.log_full = true, |vcsa| vcsa.log_full = false),
    },
    Fault {
        name: "staging-full",
        object: None,
        about: "the staging area has no room left",
        works: Works::State(
            |vcsa| vcsa.staging_area.other = vcsa.staging_area.capacity,
            |vcsa| vcsa.staging_area.other = 0,
        ),
    },
    Fault {
        name: "service-fails",
        object: Some("SERVICE"),
        about: "a service does not start",
        works: Works::Rule(SERVICE_START, None),
    },
    Fault {
        name: "password-expired",
        object: None,
        about: "root's password has expired",
        works: Works::State(|vcsa| vcsa.password_expired = true, |vcsa| vcsa.password_expired = false),
    },
    Fault {
        name: "power-cut",
        object: Some("PACKAGE"),
        about: "the power fails while a package is installed",
        works: Works::Rule(UPGRADE, Some(1)),
    },
];
