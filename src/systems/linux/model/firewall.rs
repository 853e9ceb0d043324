//! What firewalld lets in: zones with services and ports, as they count now and as they are kept on disk. Until somebody changes
//! them they are those that an installation has (see [`super::super::firewall`]).

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::sim::Instant;

/// The firewall of a machine.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Firewall {
    /// What is kept, where somebody has changed it.
    pub kept: Option<Rules>,
    /// What counts, and since when; a start of the daemon after that reads what is kept.
    pub now: Option<(Instant, Rules)>,
}

impl Firewall {
    /// Whether nobody has changed anything.
    #[must_use]
    pub fn is_untouched(&self) -> bool {
        *self == Self::default()
    }
}

/// What is let in.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rules {
    /// The zone of the interface.
    pub default: String,
    /// Zones by name.
    pub zones: BTreeMap<String, Zone>,
}

/// A zone.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Zone {
    /// Services by name.
    pub services: BTreeSet<String>,
    /// Ports as they were said: `8080/tcp`, `6900-6923/tcp`.
    pub ports: Vec<String>,
    /// Whether addresses of others are hidden behind its own.
    pub masquerade: bool,
}
