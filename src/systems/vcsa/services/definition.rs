//! What is fixed about a service, and how a row of a table says it.

use super::sets::Edition;

/// What is fixed about a service of one appliance.
#[derive(Debug, PartialEq, Eq)]
pub struct Definition {
    /// The name that `service-control` uses.
    pub name: &'static str,
    /// Who starts it.
    pub manager: Manager,
    /// What it is, as the lists of services show it.
    pub display: &'static str,
    /// The services of this appliance which must run before it can start.
    pub needs: Vec<&'static str>,
    /// Those that must run on its Platform Services Controller, where that is another machine.
    pub remote: Vec<&'static str>,
    /// When it is started, unless an admin has changed that.
    pub startup: Startup,
    /// Seconds it takes to start.
    pub start_secs: u64,
    /// Seconds it takes to stop.
    pub stop_secs: u64,
    /// The user of its process.
    pub user: &'static str,
    /// The command line of its process.
    pub command: &'static str,
}

impl Definition {
    /// Its name with vMon, if that starts it.
    #[must_use]
    pub fn vmon(&self) -> Option<&'static str> {
        match self.manager {
            Manager::Vmon(name) => Some(name),
            Manager::Core | Manager::Leaf => None,
        }
    }
}

/// Who starts a service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Manager {
    /// The operating system, before everything else.
    Core,
    /// vMon, which has a name of its own for it.
    Vmon(&'static str),
    /// The operating system, once the others run.
    Leaf,
}

/// When a service is started.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Startup {
    /// At boot.
    Automatic,
    /// When somebody asks for it.
    Manual,
    /// Not at all.
    Disabled,
}

impl Startup {
    /// As vMon writes it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Automatic => "AUTOMATIC",
            Self::Manual => "MANUAL",
            Self::Disabled => "DISABLED",
        }
    }
}

/// What the node does, as far as it decides which services it has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Node {
    /// Everything on one machine.
    Embedded,
    /// vCenter Server; its Platform Services Controller is another machine.
    VCenter,
    /// A Platform Services Controller for others.
    Psc,
}

impl Node {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Embedded, Self::VCenter, Self::Psc];

    /// The node whose banner says this.
    #[must_use]
    pub fn of(node_type: &str) -> Self {
        if node_type.contains("external") {
            Self::VCenter
        } else if node_type.contains("vCenter Server") {
            Self::Embedded
        } else {
            Self::Psc
        }
    }

    /// Its name in saved labs.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Embedded => "embedded",
            Self::VCenter => "vcenter",
            Self::Psc => "psc",
        }
    }
}

/// On which nodes a service is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// On all.
    Both,
    /// Where vCenter Server is.
    VCenter,
    /// Where the Platform Services Controller is.
    Psc,
}

impl Role {
    /// Whether a node has it.
    #[must_use]
    pub fn is_on(self, node: Node) -> bool {
        match self {
            Self::Both => true,
            Self::VCenter => node != Node::Psc,
            Self::Psc => node != Node::VCenter,
        }
    }
}

/// A service as a table has it: for a span of releases, with all that it needs on any of them.
#[derive(Debug)]
pub struct Row {
    /// As in [`Definition`].
    pub name: &'static str,
    /// As in [`Definition`].
    pub manager: Manager,
    /// As in [`Definition`].
    pub display: &'static str,
    /// What it needs; what an appliance does not have is on another machine, or has another name there.
    pub needs: &'static [&'static str],
    /// As in [`Definition`].
    pub startup: Startup,
    /// Seconds to start and to stop.
    pub secs: (u64, u64),
    /// User and command line.
    pub process: (&'static str, &'static str),
    /// The first and the last releases that have it.
    pub editions: (Edition, Edition),
    /// The nodes that have it.
    pub role: Role,
}

impl Row {
    /// A service that the operating system starts first, on every node of every release.
    #[must_use]
    pub const fn core(name: &'static str, display: &'static str) -> Self {
        Self {
            name,
            manager: Manager::Core,
            display,
            needs: &[],
            startup: Startup::Automatic,
            secs: (3, 1),
            process: ("root", ""),
            editions: (Edition::V6_0, Edition::LAST),
            role: Role::Both,
        }
    }

    /// A service that the operating system starts last.
    #[must_use]
    pub const fn leaf(name: &'static str, display: &'static str) -> Self {
        Self { manager: Manager::Leaf, ..Self::core(name, display) }
    }

    /// A service that vMon starts and calls `vmon`.
    #[must_use]
    pub const fn vmon(name: &'static str, vmon: &'static str, display: &'static str) -> Self {
        Self { manager: Manager::Vmon(vmon), ..Self::core(name, display) }
    }

    /// What must run before it.
    #[must_use]
    pub const fn needs(self, needs: &'static [&'static str]) -> Self {
        Self { needs, ..self }
    }

    /// Seconds it takes to start and to stop.
    #[must_use]
    pub const fn takes(self, start: u64, stop: u64) -> Self {
        Self { secs: (start, stop), ..self }
    }

    /// Its process.
    #[must_use]
    pub const fn runs(self, user: &'static str, command: &'static str) -> Self {
        Self { process: (user, command), ..self }
    }

    /// From which releases on there is one.
    #[must_use]
    pub const fn since(self, edition: Edition) -> Self {
        Self { editions: (edition, self.editions.1), ..self }
    }

    /// Up to which releases there is one.
    #[must_use]
    pub const fn until(self, edition: Edition) -> Self {
        Self { editions: (self.editions.0, edition), ..self }
    }

    /// On which nodes it is.
    #[must_use]
    pub const fn on(self, role: Role) -> Self {
        Self { role, ..self }
    }

    /// Started when somebody asks.
    #[must_use]
    pub const fn manual(self) -> Self {
        Self { startup: Startup::Manual, ..self }
    }

    /// Not started before it is configured.
    #[must_use]
    pub const fn disabled(self) -> Self {
        Self { startup: Startup::Disabled, ..self }
    }
}
