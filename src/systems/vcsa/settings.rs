//! What an appliance is set to that its Linux does not hold already: switches of the consoles, the firewall, where updates
//! come from, what its accounts may do. Plain data; every rule about it is a method here, so that each door checks the same.
//!
//! Truth: reference `appliance-shell.md` 1.2, 1.4 and 1.6 for names, values and roles. What a fresh appliance is set to, and
//! in which order firewall rules count, is inferred.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;

use serde::{Deserialize, Serialize};

use super::snmp::Snmp;
use crate::systems::linux::model::Password;
use crate::systems::linux::model::network::net_of;

/// The login shell of root.
pub const APPLIANCE_SHELL: &str = "/bin/appliancesh";

/// The settings of one appliance.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    /// Whether the console offers the appliance shell.
    pub consolecli: bool,
    /// Whether the console shows the Direct Console User Interface.
    pub dcui: bool,
    /// Whether name servers come from a DHCP server; what is used stands in `/etc/resolv.conf` either way.
    pub dns_by_dhcp: bool,
    /// Whether VMware Tools keep the time by the host's.
    pub host_time: bool,
    /// Whose packets are let in, and whose are not.
    pub firewall: Firewall,
    /// The SNMP agent.
    pub snmp: Snmp,
    /// Who has logged in by `dcli` and had the credentials saved, each with the password of that time.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub credentials: BTreeMap<String, Option<Password>>,
    /// The native key providers of its vCenter Server.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub key_providers: Vec<String>,
    /// Where updates come from, and when they are looked for.
    pub updates: UpdatePolicy,
    /// What is known of users beyond `/etc/passwd`, by name.
    pub accounts: BTreeMap<String, Account>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            consolecli: true,
            dcui: true,
            dns_by_dhcp: false,
            host_time: false,
            firewall: Firewall::default(),
            snmp: Snmp::default(),
            credentials: BTreeMap::new(),
            key_providers: Vec::new(),
            updates: UpdatePolicy::default(),
            accounts: BTreeMap::new(),
        }
    }
}

/// Rules for what comes in, the first that fits counts; what fits none is let in.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Firewall(Vec<Rule>);

/// A rule of the firewall.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rule {
    /// The net that the packets come from.
    pub address: Ipv4Addr,
    /// So many of its bits count.
    pub prefix: u8,
    /// What happens to them.
    pub policy: Policy,
    /// The interface at which they arrive; `*` is any.
    pub interface: String,
}

/// What happens to a packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Policy {
    /// It is let in.
    Allow,
    /// It is dropped.
    Deny,
}

impl Policy {
    /// As it is written.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Allow => "allow",
            Self::Deny => "deny",
        }
    }

    /// What a word means.
    #[must_use]
    pub fn of(word: &str) -> Option<Self> {
        [Self::Allow, Self::Deny].into_iter().find(|policy| policy.word() == word)
    }
}

impl Firewall {
    /// So many rules are kept.
    const MOST: usize = 1_000;

    /// The rules, the first one first.
    #[must_use]
    pub fn rules(&self) -> &[Rule] {
        &self.0
    }

    /// Whether packets from an address are let in.
    #[must_use]
    pub fn admits(&self, from: Ipv4Addr) -> bool {
        let fits = |rule: &&Rule| net_of(from, rule.prefix) == net_of(rule.address, rule.prefix);
        self.0.iter().find(fits).is_none_or(|rule| rule.policy == Policy::Allow)
    }

    /// Puts a rule at a place counted from 1, or behind all. `false` when there is no such place, or no room.
    pub fn add(&mut self, rule: Rule, place: Option<usize>) -> bool {
        let place = place.unwrap_or(self.0.len() + 1);
        if !(1..=self.0.len() + 1).contains(&place) || self.0.len() >= Self::MOST {
            return false;
        }
        self.0.insert(place - 1, rule);
        true
    }

    /// Takes away the rule at a place counted from 1. `false` when there is none.
    pub fn remove(&mut self, place: usize) -> bool {
        let there = (1..=self.0.len()).contains(&place);
        if there {
            self.0.remove(place - 1);
        }
        there
    }

    /// Takes away all rules.
    pub fn clear(&mut self) {
        self.0.clear();
    }
}

/// Where updates come from, and when they are looked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct UpdatePolicy {
    /// The repository, unless it is the one of the release.
    pub current_url: Option<String>,
    /// Whether updates are looked for by themselves.
    pub check_updates: bool,
    /// At which time of the day, `HH:MM:SS`.
    pub time: String,
    /// On which day.
    pub day: String,
    /// The name that the repository is told.
    pub username: String,
    /// Whether it is told a password. The password itself is kept nowhere: no repository of a lab asks for it.
    pub has_password: bool,
}

impl Default for UpdatePolicy {
    fn default() -> Self {
        Self {
            current_url: None,
            check_updates: false,
            time: "00:00:00".to_owned(),
            day: "Everyday".to_owned(),
            username: String::new(),
            has_password: false,
        }
    }
}

/// The days on which updates can be looked for.
pub const DAYS: [&str; 8] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday", "Everyday"];

/// Whether a text is a time of the day such as `03:15:00`.
#[must_use]
pub fn is_time_of_day(text: &str) -> bool {
    let parts: Vec<&str> = text.split(':').collect();
    let below = |part: &str, end: u32| part.len() == 2 && part.parse::<u32>().is_ok_and(|number| number < end);
    matches!(parts[..], [hour, minute, second] if below(hour, 24) && below(minute, 60) && below(second, 60))
}

/// What an account may do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Role {
    /// Read.
    #[default]
    Operator,
    /// Configure.
    Admin,
    /// Manage accounts, and use bash.
    SuperAdmin,
}

impl Role {
    /// As it is written.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Operator => "operator",
            Self::Admin => "admin",
            Self::SuperAdmin => "superAdmin",
        }
    }

    /// What a word means.
    #[must_use]
    pub fn of(word: &str) -> Option<Self> {
        [Self::Operator, Self::Admin, Self::SuperAdmin].into_iter().find(|role| role.word() == word)
    }
}

/// What is known of a user beyond `/etc/passwd`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Account {
    /// What it may do.
    pub role: Role,
    /// Its address.
    pub email: String,
}

impl Settings {
    /// What a user may do; one that no call has made may read.
    #[must_use]
    pub fn role(&self, user: &str) -> Role {
        if user == "root" {
            return Role::SuperAdmin;
        }
        self.accounts.get(user).map(|account| account.role).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(net: &str, policy: Policy) -> Rule {
        let (address, prefix) = net.split_once('/').expect("a net");
        let (address, prefix) = (address.parse().expect("an address"), prefix.parse().expect("a length"));
        Rule { address, prefix, policy, interface: "*".to_owned() }
    }

    #[test]
    fn the_first_rule_that_fits_counts() {
        let mut wall = Firewall::default();
        assert!(wall.add(rule("10.0.0.0/8", Policy::Deny), None));
        assert!(wall.add(rule("10.1.0.0/16", Policy::Allow), Some(1)));
        assert!(!wall.add(rule("0.0.0.0/0", Policy::Deny), Some(4)), "there is no such place");
        let check = |wall: &Firewall, from: &str, expect| {
            assert_eq!(wall.admits(from.parse().expect("an address")), expect, "{from}");
        };
        check(&wall, "10.1.2.3", true);
        check(&wall, "10.2.2.3", false);
        check(&wall, "192.168.0.1", true);
        assert!(wall.add(rule("0.0.0.0/0", Policy::Deny), Some(3)));
        check(&wall, "192.168.0.1", false);
        assert!(wall.remove(1) && !wall.remove(3) && !wall.remove(0));
        check(&wall, "10.1.2.3", false);
        wall.clear();
        check(&wall, "10.1.2.3", true);
    }

    #[test]
    fn words_are_taken_as_they_are_written() {
        let role = |word: &str, expect| assert_eq!(Role::of(word), expect, "{word}");
        role("superAdmin", Some(Role::SuperAdmin));
        role("superadmin", None);
        let time = |text: &str, expect| assert_eq!(is_time_of_day(text), expect, "{text}");
        time("23:59:59", true);
        time("24:00:00", false);
        time("1:00:00", false);
        time("00:00", false);
        assert_eq!(Settings::default().role("root"), Role::SuperAdmin);
        assert_eq!(Settings::default().role("made-by-hand"), Role::Operator);
    }
}
