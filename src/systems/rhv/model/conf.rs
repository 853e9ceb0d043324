//! What an agent makes of `hosted-engine.conf`, which it reads when it begins: which host it is, where the storage is, and
//! whether it gets anywhere with that (public sources of ovirt-hosted-engine-ha as remembered).

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::host::Host;
use super::state::State;
use super::storage::Storage;
use super::{Effect, HostId, Instant};

/// Settings by key. Hosts whose files say the same may share them.
pub type Conf = Arc<BTreeMap<String, String>>;

/// Sanlock knows host ids up to here.
const LAST_ID: HostId = 2_000;

/// A setting without which an agent ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Needed {
    /// The host's number.
    HostId,
    /// The virtual machine.
    Vmid,
    /// What kind of storage it is.
    DomainType,
    /// Where the storage is.
    Storage,
    /// The storage domain.
    SdUuid,
}

impl Needed {
    /// In the order in which they are asked for.
    const ALL: [Self; 5] = [Self::HostId, Self::Vmid, Self::DomainType, Self::Storage, Self::SdUuid];

    /// Its key.
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::HostId => "host_id",
            Self::Vmid => "vmid",
            Self::DomainType => "domainType",
            Self::Storage => "storage",
            Self::SdUuid => "sdUUID",
        }
    }
}

/// What names the storage domain, its volumes included: with another value nothing is found.
const NAMES: [&str; 4] = ["sdUUID", "metadata_volume_UUID", "lockspace_volume_UUID", "conf_volume_UUID"];
/// What leads to the storage: asked for only where it is not connected.
const WAY: [&str; 4] = ["domainType", "storage", "iqn", "portal"];

/// Why an agent gets nowhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Misfit {
    /// A setting is not there.
    Lacks(Needed),
    /// The host id is none.
    NoNumber,
    /// The storage cannot be connected.
    NoServer,
    /// The storage domain, or a volume of it, is not there.
    NoDomain,
    /// Another host holds this host id.
    Taken(HostId),
    /// This host holds the lockspace under another host id than this.
    Held(HostId),
}

impl Host {
    /// A setting of the file as it was when the agent began.
    #[must_use]
    pub fn setting(&self, key: &str) -> &str {
        self.conf.as_ref().and_then(|conf| conf.get(key)).map_or("", String::as_str)
    }

    /// Whether it reaches the storage, and that is connected.
    #[must_use]
    pub fn reads_storage(&self) -> bool {
        self.reaches_storage() && self.connected
    }

    /// Whether its agent is through with [`Host::enter`].
    #[must_use]
    pub fn has_entered(&self) -> bool {
        self.agent.state != State::StartState && self.connected && self.lockspace == Some(self.id)
    }

    /// What an agent does before it watches: it finds out which host it is, has the storage connected, and has sanlock join the
    /// lockspace. Gives the host's number.
    ///
    /// # Errors
    /// Why it gets no further.
    pub fn enter(&mut self, storage: &mut Storage, now: Instant, out: &mut Vec<Effect>) -> Result<HostId, Misfit> {
        let wanted = self.number()?;
        if let Some(conf) = self.conf.clone() {
            self.connect(&conf, storage)?;
        }
        self.connected = true;
        match self.lockspace {
            Some(held) if held == wanted => {}
            Some(_) => return Err(Misfit::Held(wanted)),
            None if !storage.join(wanted, self.machine, now) => return Err(Misfit::Taken(wanted)),
            None => self.lockspace = Some(wanted),
        }
        if wanted != self.id {
            out.push(Effect::Renumber(self.id, wanted));
        }
        Ok(wanted)
    }

    /// The number that the file gives to the host.
    fn number(&self) -> Result<HostId, Misfit> {
        let Some(conf) = &self.conf else { return Ok(self.id) };
        if let Some(lacks) = Needed::ALL.into_iter().find(|needed| !conf.contains_key(needed.key())) {
            return Err(Misfit::Lacks(lacks));
        }
        let number = self.setting(Needed::HostId.key()).parse().ok();
        number.filter(|number| (1..=LAST_ID).contains(number)).ok_or(Misfit::NoNumber)
    }

    /// Has the storage connected as the settings say.
    ///
    /// # Errors
    /// Why it is not.
    pub fn connect(&mut self, conf: &Conf, storage: &Storage) -> Result<(), Misfit> {
        let differs = |key: &&str| storage.place().is_some_and(|place| place.get(*key) != conf.get(*key));
        if !self.connected && (!self.answers() || self.troubles.mount || WAY.iter().any(differs)) {
            return Err(Misfit::NoServer);
        }
        if NAMES.iter().any(differs) {
            return Err(Misfit::NoDomain);
        }
        self.connected = true;
        Ok(())
    }
}
