//! The profiles of vMon: which of its services start together.
//!
//! Captured is the name `ALL`. Those of vCenter HA (`HACore`, `HAActive`) and `NONE` are from memory; which services they
//! have follows from what the nodes of a cluster run.

use super::{APPLIANCE_MANAGEMENT, HIGH_AVAILABILITY, Services, Startup};

/// A profile of vMon.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Profile {
    /// All that start by themselves: what a boot starts.
    All,
    /// What the active node of a vCenter HA cluster runs.
    HaActive,
    /// What each node of one runs.
    HaCore,
    /// vMon alone.
    Nothing,
}

impl Profile {
    const EACH: [Self; 4] = [Self::All, Self::HaActive, Self::HaCore, Self::Nothing];

    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::All => "ALL",
            Self::HaActive => "HAActive",
            Self::HaCore => "HACore",
            Self::Nothing => "NONE",
        }
    }

    /// The profile that is called so.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::EACH.into_iter().find(|profile| profile.name() == name)
    }
}

impl Services {
    /// These, and all that they need.
    #[must_use]
    pub fn with_all_needs(&self, names: &[&'static str]) -> Vec<&'static str> {
        let mut wanted = names.to_vec();
        for definition in self.definitions().iter().rev() {
            if wanted.contains(&definition.name) {
                wanted.extend(&definition.needs);
            }
        }
        let own = self.definitions().iter().filter(|definition| wanted.contains(&definition.name));
        own.map(|definition| definition.name).collect()
    }

    /// The services of vMon in a profile, in start order.
    #[must_use]
    pub fn in_profile(&self, profile: Profile) -> Vec<&'static str> {
        let core = self.with_all_needs(&[HIGH_AVAILABILITY, APPLIANCE_MANAGEMENT]);
        let own = self.slots().filter(|(definition, slot)| {
            let automatic = slot.startup == Startup::Automatic;
            definition.vmon().is_some()
                && match profile {
                    Profile::All => automatic,
                    Profile::HaActive => automatic || definition.name == HIGH_AVAILABILITY,
                    Profile::HaCore => core.contains(&definition.name),
                    Profile::Nothing => false,
                }
        });
        own.map(|(definition, _)| definition.name).collect()
    }
}
