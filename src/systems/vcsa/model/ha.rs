//! What a node of a vCenter HA cluster knows of it, and what starts by itself in each role (see `ha.rs` beside the model).

use serde::{Deserialize, Serialize};

use super::Vcsa;
use crate::systems::vcsa::services::{APPLIANCE_MANAGEMENT, DATABASE, HIGH_AVAILABILITY, Startup, State};

/// What a node is in its cluster.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// vCenter runs here.
    Active,
    /// vCenter can run here.
    Passive,
    /// It only sees the other two.
    Witness,
}

impl Role {
    /// All three.
    pub const ALL: [Self; 3] = [Self::Active, Self::Passive, Self::Witness];

    /// Its name, as the client says it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Active => "Active",
            Self::Passive => "Passive",
            Self::Witness => "Witness",
        }
    }
}

/// What a cluster does by itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Mode {
    /// The passive node takes over when the active one is gone.
    #[default]
    Enabled,
    /// It takes over only when it is told to; the database is still copied.
    Maintenance,
    /// Neither.
    Disabled,
}

impl Mode {
    /// Its name, as the client says it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Enabled => "Enabled",
            Self::Maintenance => "Maintenance Mode",
            Self::Disabled => "Disabled",
        }
    }
}

/// What a node knows of its cluster.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ha {
    /// What the node is.
    pub role: Role,
    /// What the cluster does; all nodes know the same.
    pub mode: Mode,
}

impl Vcsa {
    /// Takes a role in a cluster, or leaves it: what starts by itself from now on.
    pub fn take_role(&mut self, role: Option<Role>) {
        self.ha = role.map(|role| Ha { role, mode: self.ha.map_or(Mode::default(), |ha| ha.mode) });
        let mut kept = vec![HIGH_AVAILABILITY, APPLIANCE_MANAGEMENT];
        if role == Some(Role::Passive) {
            // Its database is a copy of the active node's.
            kept.push(DATABASE);
        }
        let kept = self.services.with_all_needs(&kept);
        for definition in self.services.definitions() {
            let startup = match role {
                Some(_) if definition.name == HIGH_AVAILABILITY => Startup::Automatic,
                None | Some(Role::Active) => definition.startup,
                Some(_) if kept.contains(&definition.name) => Startup::Automatic,
                Some(_) if definition.startup == Startup::Automatic => Startup::Manual,
                Some(_) => definition.startup,
            };
            self.services.set_startup(definition.name, startup);
        }
    }

    /// The services of a node that has had its role for long.
    pub fn have_role(&mut self, role: Role) {
        self.take_role(Some(role));
        let states: Vec<_> = self.services.slots().map(|(it, slot)| (it.name, slot.startup)).collect();
        for (name, startup) in states {
            let state = if startup == Startup::Automatic { State::Running } else { State::Stopped };
            self.services.set(name, state);
        }
    }
}
