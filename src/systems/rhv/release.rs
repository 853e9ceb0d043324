//! The releases of RHV as far as the hosts show them: which versions of ovirt-hosted-engine-setup and -ha belong to which, and
//! in what they differ (reference `hosted-engine.md`, table at the top, 1.3, 1.4, 3.3).

use serde::{Deserialize, Serialize};

/// A version with three numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Version(pub [u16; 3]);

impl Version {
    /// Reads `2.3.13`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut numbers = text.split('.').map(|part| part.parse().ok());
        let version = Self([numbers.next()??, numbers.next()??, numbers.next()??]);
        numbers.next().is_none().then_some(version)
    }
}

impl std::fmt::Display for Version {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let [major, minor, patch] = self.0;
        write!(f, "{major}.{minor}.{patch}")
    }
}

/// What is installed on a host.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Release {
    /// The product: 4 and its minor number.
    pub minor: u16,
    /// ovirt-hosted-engine-setup.
    pub setup: Version,
    /// ovirt-hosted-engine-ha.
    pub ha: Version,
}

const fn release(minor: u16, setup: [u16; 3], ha: [u16; 3]) -> Release {
    Release { minor, setup: Version(setup), ha: Version(ha) }
}

/// The last versions of each product.
const LAST: [Release; 4] = [
    release(2, [2, 2, 34], [2, 2, 19]),
    release(3, [2, 3, 13], [2, 3, 6]),
    release(4, [2, 5, 4], [2, 4, 10]),
    release(5, [2, 6, 6], [2, 5, 2]),
];

impl Release {
    /// The last versions of a product such as `4.3`.
    #[must_use]
    pub fn find(product: &str) -> Option<Self> {
        LAST.into_iter().find(|release| product.strip_prefix("4.").is_some_and(|m| m.parse() == Ok(release.minor)))
    }

    /// The product, such as `4.3`.
    #[must_use]
    pub fn product(self) -> String {
        format!("4.{}", self.minor)
    }

    /// The engine that comes with it (reference `engine-tools.md`).
    #[must_use]
    pub fn engine(self) -> &'static str {
        match self.minor {
            2 => "4.2.8.9",
            3 => "4.3.11.4",
            4 => "4.4.10.7",
            _ => "4.5.3.5",
        }
    }

    /// The distribution that the hosts and the Manager stand on.
    #[must_use]
    pub fn distro(self) -> &'static str {
        match self.minor {
            2 => "rhel-7.5",
            3 => "rhel-7.9",
            _ => "rhel-8.6",
        }
    }

    /// Whether its programs run under Python 3: dictionaries are in the order in which they were filled.
    #[must_use]
    pub fn python3(self) -> bool {
        self.minor >= 4
    }

    /// Whether the setup package is at least this new.
    #[must_use]
    pub fn setup_from(self, version: [u16; 3]) -> bool {
        self.setup >= Version(version)
    }

    /// Whether the HA package is at least this new.
    #[must_use]
    pub fn ha_from(self, version: [u16; 3]) -> bool {
        self.ha >= Version(version)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_and_compared() {
        let check = |text, expect: Option<[u16; 3]>| assert_eq!(Version::parse(text), expect.map(Version), "{text}");
        check("2.3.13", Some([2, 3, 13]));
        check("2.3", None);
        check("2.3.1.4", None);
        check("2.3.x", None);
        let old = Release::find("4.3").expect("a release");
        assert!(old.setup_from([2, 3, 12]) && !old.setup_from([2, 4, 0]) && !old.python3());
        assert!(Release::find("4.4").is_some_and(Release::python3));
        assert_eq!(Release::find("3.6"), None);
        assert_eq!(old.setup.to_string(), "2.3.13");
    }
}
