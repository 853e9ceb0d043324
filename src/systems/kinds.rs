//! The systems that there are, as the world holds them: what a machine is, which shells it has, what can happen to it, what
//! machines make up together. A new system is a variant of each.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::linux::model::{self as linux, Bash, Linux};
use super::rhv::model::{self as rhv, Rhv};
use super::vcsa::model::{self as vcsa, Vcsa};
use crate::vm;

/// The family a machine belongs to, with its model.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum System {
    /// A vCenter Server Appliance.
    Vcsa(Box<Vcsa>),
    /// A machine that runs Linux and nothing else that is modelled.
    Linux(Box<Linux>),
    /// A host of RHV, or its Manager.
    Rhv(Box<Rhv>),
}

impl System {
    /// The operating system under it.
    #[must_use]
    pub fn linux(&self) -> &Linux {
        match self {
            Self::Vcsa(vcsa) => &vcsa.linux,
            Self::Rhv(rhv) => &rhv.linux,
            Self::Linux(linux) => linux,
        }
    }

    /// The operating system under it, to be changed.
    pub fn linux_mut(&mut self) -> &mut Linux {
        match self {
            Self::Vcsa(vcsa) => &mut vcsa.linux,
            Self::Rhv(rhv) => &mut rhv.linux,
            Self::Linux(linux) => linux,
        }
    }

    /// Whether what a machine called `name` knows beside its Linux accepts `text` as the password of the user with this
    /// number; nothing where that is for its Linux to say.
    #[must_use]
    pub fn accepts_of(&self, name: &str, uid: u32, text: &str) -> Option<bool> {
        match self {
            Self::Vcsa(vcsa) => vcsa.sso_accepts(name, uid, text),
            Self::Rhv(_) | Self::Linux(_) => None,
        }
    }
}

/// A shell on a session's stack.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Shell {
    /// One of the vCSA's.
    Vcsa(vcsa::Shell),
    /// A bash.
    Linux(Arc<Bash>),
}

impl Shell {
    /// The bash that it is; nothing when it is another shell.
    #[must_use]
    pub fn bash(&self) -> Option<&Bash> {
        match self {
            Self::Linux(bash) => Some(bash),
            Self::Vcsa(_) => None,
        }
    }
}

/// Deployments, in the order in which they were made, each with what its machines make up together and none of them owns:
/// of a hosted engine its storage, its hosts and their virtual machines.
pub type Clusters = Vec<Arc<rhv::Cluster>>;

/// What another can be deployed on.
pub type Offers = Arc<Vec<rhv::Offer>>;

/// What can happen by itself, by who knows how to handle it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Happening {
    /// To the virtual hardware.
    Vm(vm::Event),
    /// To a vCSA.
    Vcsa(vcsa::Event),
    /// To the Linux under a machine.
    Linux(linux::Event),
    /// To a host of RHV.
    Rhv(rhv::Event),
}

impl From<vm::Event> for Happening {
    fn from(event: vm::Event) -> Self {
        Self::Vm(event)
    }
}

impl From<linux::Event> for Happening {
    fn from(event: linux::Event) -> Self {
        Self::Linux(event)
    }
}

impl From<rhv::Event> for Happening {
    fn from(event: rhv::Event) -> Self {
        Self::Rhv(event)
    }
}

impl From<vcsa::Event> for Happening {
    fn from(event: vcsa::Event) -> Self {
        Self::Vcsa(event)
    }
}
