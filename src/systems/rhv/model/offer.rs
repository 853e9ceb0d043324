//! The storage on which a hosted engine can be deployed, as the lab file offers it.

use serde::{Deserialize, Serialize};

/// Something on which a storage domain can be made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Offer {
    /// How it is reached.
    pub kind: Kind,
    /// Of a share its server and path with a colon between; of a logical unit its number (WWID).
    pub path: String,
    /// Its size in GiB.
    pub size_gb: u64,
    /// The portal of its target, of iSCSI only: address and port with a colon between.
    #[serde(default)]
    pub portal: Option<String>,
    /// The target's name, of iSCSI only.
    #[serde(default)]
    pub target: Option<String>,
    /// Who made the array, and its model, of a logical unit only.
    #[serde(default)]
    pub array: Option<String>,
    /// Over how many paths it is reached, of a logical unit only.
    #[serde(default = "one")]
    pub paths: u32,
    /// Whether something is on it already.
    #[serde(default)]
    pub used: bool,
}

fn one() -> u32 {
    1
}

/// A kind of storage, by the word with which it is chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// A share of NFS.
    Nfs,
    /// A volume of Gluster.
    Glusterfs,
    /// A logical unit behind a portal of iSCSI.
    Iscsi,
    /// A logical unit on the Fibre Channel.
    Fc,
}

impl Offer {
    /// The share or the logical unit of this name among those that there are.
    #[must_use]
    pub fn find<'a>(all: &'a [Self], kind: Kind, path: &str) -> Option<&'a Self> {
        all.iter().find(|offer| offer.kind == kind && offer.path == path)
    }

    /// A storage domain is made on the share or the logical unit of this name.
    pub fn take(all: &mut [Self], kind: Kind, path: &str) {
        for offer in all.iter_mut().filter(|offer| offer.kind == kind && offer.path == path) {
            offer.used = true;
        }
    }
}

impl Kind {
    /// All, in the order in which they are offered.
    pub const ALL: [Self; 4] = [Self::Glusterfs, Self::Iscsi, Self::Fc, Self::Nfs];

    /// Its word.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Nfs => "nfs",
            Self::Glusterfs => "glusterfs",
            Self::Iscsi => "iscsi",
            Self::Fc => "fc",
        }
    }
}
