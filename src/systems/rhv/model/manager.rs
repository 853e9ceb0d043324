//! What the Manager knows: what is in the engine's database, and so in a backup of it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::domain::Process;

/// The database of an engine.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Inventory {
    /// The engine's version, such as `4.3.11.4`.
    pub version: String,
    /// Its name in the network.
    pub fqdn: String,
    /// Its hosts by name.
    #[serde(default)]
    pub hosts: Vec<String>,
    /// Virtual machines beside its own.
    #[serde(default)]
    pub vms: Vec<String>,
    /// Storage domains by name.
    #[serde(default = "hosted_storage")]
    pub storage_domains: Vec<String>,
    /// Its clusters, and the data center that each is in.
    #[serde(default = "clusters")]
    pub clusters: BTreeMap<String, String>,
}

/// The storage domain on which a hosted engine is deployed.
pub const HOSTED_STORAGE: &str = "hosted_storage";

fn clusters() -> BTreeMap<String, String> {
    BTreeMap::from([("Default".to_owned(), "Default".to_owned())])
}

fn hosted_storage() -> Vec<String> {
    vec![HOSTED_STORAGE.to_owned()]
}

impl Inventory {
    /// A database as `engine-setup` makes it.
    #[must_use]
    pub fn fresh(version: &str, fqdn: &str) -> Self {
        Self {
            version: version.to_owned(),
            fqdn: fqdn.to_owned(),
            hosts: Vec::new(),
            vms: Vec::new(),
            storage_domains: Vec::new(),
            clusters: clusters(),
        }
    }
}

/// The local virtual machine in which an engine is set up before its disk is copied to shared storage.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bootstrap {
    /// The folder with its disk.
    pub folder: String,
    /// The machine of the lab that is its guest, by its place; nothing before it was created.
    pub guest: Option<usize>,
    /// What libvirt has given to its process.
    #[serde(default)]
    pub process: Process,
}

impl Bootstrap {
    /// By what name libvirt knows it.
    pub const DOMAIN: &'static str = "HostedEngineLocal";
}
