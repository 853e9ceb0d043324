//! What stands around the machines of an RHV environment: the servers of names and addresses, and the storage on which a hosted
//! engine can be deployed.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Where a deployment finds itself, as the lab file says.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Site {
    /// The address of each name that the name server knows.
    pub names: BTreeMap<String, String>,
    /// The address that the DHCP server keeps for a hardware address.
    pub dhcp: BTreeMap<String, String>,
    /// The address that it gives to any other.
    pub dhcp_pool: Option<String>,
    /// Shares and logical units.
    pub storage: Vec<Offer>,
}

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

impl Site {
    /// The address that a machine with this hardware address gets.
    #[must_use]
    pub fn lease(&self, hardware: &str) -> Option<&str> {
        let kept = self.dhcp.iter().find(|(known, _)| known.eq_ignore_ascii_case(hardware)).map(|(_, address)| address);
        kept.or(self.dhcp_pool.as_ref()).map(String::as_str)
    }

    /// The share or the logical unit of this name.
    #[must_use]
    pub fn offer(&self, kind: Kind, path: &str) -> Option<&Offer> {
        self.storage.iter().find(|offer| offer.kind == kind && offer.path == path)
    }
}
