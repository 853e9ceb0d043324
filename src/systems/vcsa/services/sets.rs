//! Which services an appliance has: by its release and by what the node does.

use std::sync::OnceLock;

use super::definition::{Definition, Manager, Node, Role, Row};
use super::{MONITOR, core, v6_0, v6_5};
use crate::payload::Sha256;
use crate::systems::vcsa::series::Series;

/// The releases with the same services.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Edition {
    /// 6.0
    V6_0,
    /// 6.5
    V6_5,
    /// 6.7 up to Update 2
    V6_7,
    /// 6.7 from Update 3 on
    V6_7U3,
    /// 7.0
    V7_0,
    /// 8.0
    V8_0,
}

impl Edition {
    /// All of them, in order, with their names in saved labs, which are their first versions.
    const ALL: [(Self, &'static str); 6] = [
        (Self::V6_0, "6.0"),
        (Self::V6_5, "6.5"),
        (Self::V6_7, "6.7"),
        (Self::V6_7U3, "6.7.0.40000"),
        (Self::V7_0, "7.0"),
        (Self::V8_0, "8.0"),
    ];

    /// The newest.
    pub const LAST: Self = Self::ALL[Self::ALL.len() - 1].0;

    fn from(self) -> &'static str {
        Self::ALL[self as usize].1
    }
}

/// The services of one kind of appliance, in the order in which they start.
#[derive(Debug, PartialEq, Eq)]
pub struct Set {
    /// Its name in saved labs: `6.5 psc`.
    pub name: String,
    /// Of which releases.
    pub edition: Edition,
    /// The services.
    pub services: Vec<Definition>,
    /// Their places in the order in which lists show them.
    pub listed: Vec<usize>,
}

impl Set {
    /// The services of a release on a node, by the version and by what the banner says the node is.
    #[must_use]
    pub fn of(version: &str, node_type: &str) -> &'static Self {
        let (edition, node) = (Series::of(version).services, Node::of(node_type));
        &Self::all()[edition as usize * Node::ALL.len() + node as usize]
    }

    /// The set of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<&'static Self> {
        Self::all().iter().find(|set| set.name == name)
    }

    /// All sets.
    #[must_use]
    pub fn all() -> &'static [Self] {
        static SETS: OnceLock<Vec<Set>> = OnceLock::new();
        SETS.get_or_init(|| {
            let editions = Edition::ALL.iter().map(|(edition, _)| *edition);
            editions.flat_map(|edition| Node::ALL.map(|node| Self::make(edition, node))).collect()
        })
    }

    fn make(edition: Edition, node: Node) -> Self {
        let of_edition = |row: &&Row| (row.editions.0..=row.editions.1).contains(&edition);
        let all: Vec<&Row> = core::ROWS.iter().chain(v6_0::ROWS).chain(v6_5::ROWS).filter(of_edition).collect();
        let (here, elsewhere): (Vec<&Row>, Vec<&Row>) = all.into_iter().partition(|row| row.role.is_on(node));
        let services: Vec<Definition> = here.iter().map(|row| define(row, &here, &elsewhere)).collect();
        let order: &[&str] = match edition {
            Edition::V6_5 => v6_5::LISTED_6_5,
            Edition::V6_7 | Edition::V6_7U3 => v6_5::LISTED_6_7,
            _ => &[],
        };
        let mut listed: Vec<usize> = (0..services.len()).collect();
        let place = |at: &usize| order.iter().position(|name| *name == services[*at].name).unwrap_or(order.len());
        // Nobody captured another hash: this one is our own.
        listed.sort_by_key(|at| (place(at), Sha256::of(services[*at].name.as_bytes()).0));
        Self { name: format!("{} {}", edition.from(), node.word()), edition, services, listed }
    }

    /// Where the service is that is called so, in full, without `vmware-`, or as vMon calls it.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<&Definition> {
        let whole = self.services.iter().find(|service| service.name == name);
        let vmon = || self.services.iter().find(|service| service.vmon() == Some(name));
        let short = || self.services.iter().find(|service| service.name.strip_prefix("vmware-") == Some(name));
        whole.or_else(vmon).or_else(short)
    }
}

fn define(row: &Row, here: &[&Row], elsewhere: &[&Row]) -> Definition {
    let needed = |rows: &[&Row]| {
        let among = |name: &&str| rows.iter().any(|other| other.name == *name);
        row.needs.iter().copied().filter(among).collect::<Vec<_>>()
    };
    let mut needs = needed(here);
    // What every appliance has for itself does without the controller (inferred).
    let remote = if row.role == Role::VCenter { needed(elsewhere) } else { Vec::new() };
    if matches!(row.manager, Manager::Vmon(_)) {
        needs.push(MONITOR);
    }
    Definition {
        name: row.name,
        manager: row.manager,
        display: row.display,
        needs,
        remote,
        startup: row.startup,
        start_secs: row.secs.0,
        stop_secs: row.secs.1,
        user: row.process.0,
        command: row.process.1,
    }
}
