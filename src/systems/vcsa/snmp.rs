//! The SNMP agent of the appliance: what it is set to, within which bounds, and the keys of its users.
//!
//! Truth: reference `appliance-shell.md` 1.2 and 1.7 for the options, 1.6 for the names of the limits. That an agent without
//! a community or a user is not enabled, and the figures of the limits, are those of the ESXi agent, from which it comes, and
//! inferred. Localized keys are those of RFC 3414.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use crate::payload::Sha256;

/// At most so many communities.
pub const MAX_COMMUNITIES: usize = 10;
/// At most so many targets of traps.
pub const MAX_TARGETS: usize = 3;
/// At most so many users, here and remote.
pub const MAX_USERS: usize = 5;
/// At most so many filters.
pub const MAX_FILTERS: usize = 10;
/// A community has at most so many characters.
pub const MAX_COMMUNITY_LENGTH: usize = 64;
/// The size of its buffers, in bytes.
pub const MAX_BUFFER_SIZE: usize = 1_536;

/// The agent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Snmp {
    /// On which UDP port.
    pub port: u16,
    /// The communities that may read.
    pub communities: Vec<String>,
    /// Where traps go, `host@port/community`.
    pub targets: Vec<String>,
    /// How version 3 knows its users: nothing, MD5 or SHA1.
    pub authentication: Digest,
    /// Whether version 3 encrypts.
    pub privacy: bool,
    /// The engine's number, if it is not made from the machine.
    pub engineid: Option<String>,
    /// Lists that are kept as they are given, by name: users, remote users, targets of version 3, filters.
    pub users: Vec<String>,
    /// Users of other engines.
    pub remoteusers: Vec<String>,
    /// Where traps of version 3 go.
    pub v3targets: Vec<String>,
    /// The traps that are not sent, by number.
    pub notraps: Vec<String>,
    /// Whom to ask.
    pub syscontact: String,
    /// Where it stands.
    pub syslocation: String,
    /// How much it logs.
    pub loglevel: String,
    /// How many traps it has sent since it was enabled.
    pub traps: u64,
}

/// A digest by which version 3 knows its users.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Digest {
    /// None.
    #[default]
    None,
    /// MD5.
    Md5,
    /// SHA-1.
    Sha1,
}

impl Digest {
    /// As it is written.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Md5 => "MD5",
            Self::Sha1 => "SHA1",
        }
    }

    /// What a word means.
    #[must_use]
    pub fn of(word: &str) -> Option<Self> {
        [Self::None, Self::Md5, Self::Sha1].into_iter().find(|digest| digest.word() == word)
    }

    fn of_bytes(self, bytes: &[u8]) -> Vec<u8> {
        match self {
            Self::None => Vec::new(),
            Self::Md5 => <md5::Md5 as md5::Digest>::digest(bytes).to_vec(),
            Self::Sha1 => <sha1::Sha1 as sha1::Digest>::digest(bytes).to_vec(),
        }
    }

    /// The key of a user on one engine (RFC 3414, A.2): the secret, repeated to a mebibyte, digested with the engine's number.
    #[must_use]
    pub fn localized(self, secret: &[u8], engine: &[u8]) -> Vec<u8> {
        if secret.is_empty() {
            return Vec::new();
        }
        let long: Vec<u8> = secret.iter().copied().cycle().take(1 << 20).collect();
        let key = self.of_bytes(&long);
        self.of_bytes(&[&key, engine, &key].concat())
    }
}

impl Default for Snmp {
    fn default() -> Self {
        Self {
            port: 161,
            communities: Vec::new(),
            targets: Vec::new(),
            authentication: Digest::None,
            privacy: false,
            engineid: None,
            users: Vec::new(),
            remoteusers: Vec::new(),
            v3targets: Vec::new(),
            notraps: Vec::new(),
            syscontact: String::new(),
            syslocation: String::new(),
            loglevel: "warning".to_owned(),
            traps: 0,
        }
    }
}

/// A setting with what it becomes; `reset` makes it what it was first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// What it was first.
    Reset(&'static str),
    /// The port.
    Port(i64),
    /// A list of the same name.
    List(&'static str, Vec<String>),
    /// A word of the same name.
    Word(&'static str, String),
}

impl Snmp {
    /// The engine's number, in hexadecimal digits.
    #[must_use]
    pub fn engine(&self, machine: &str) -> String {
        // The vendor's enterprise number is 6876, or 0x1adc; format 5 is "octets".
        let made = || format!("80001ADC05{}", Sha256::of(machine.as_bytes()).to_string()[..16].to_uppercase());
        self.engineid.clone().unwrap_or_else(made)
    }

    /// Makes one change.
    ///
    /// # Errors
    /// What does not do, in words.
    pub fn change(&mut self, change: Change) -> Result<(), String> {
        match change {
            Change::Reset(name) => self.reset(name),
            Change::Port(port) => {
                self.port = u16::try_from(port)
                    .ok()
                    .filter(|port| *port > 0)
                    .ok_or_else(|| format!("Invalid port {port}, must be between 1 and 65535"))?;
            }
            Change::List(name, values) => {
                check(name, &values)?;
                *self.list(name) = values;
            }
            Change::Word(name, value) => return self.set_word(name, value),
        }
        Ok(())
    }

    fn set_word(&mut self, name: &str, value: String) -> Result<(), String> {
        match name {
            "authentication" => {
                let wrong = || format!("Invalid authentication protocol {value}, must be one of none, MD5, SHA1");
                self.authentication = Digest::of(&value).ok_or_else(wrong)?;
            }
            "privacy" => {
                self.privacy = match value.as_str() {
                    "none" => false,
                    "AES128" => true,
                    _ => return Err(format!("Invalid privacy protocol {value}, must be one of none, AES128")),
                };
            }
            "engineid" => {
                let digits = value.strip_prefix("0x").unwrap_or(&value);
                let good = (10..=64).contains(&digits.len()) && digits.len().is_multiple_of(2);
                if !good || !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
                    return Err(format!("Invalid engine id {value}, must be 5 to 32 octets in hexadecimal"));
                }
                self.engineid = Some(digits.to_uppercase());
            }
            "loglevel" => {
                if !["debug", "info", "warning", "error"].contains(&value.as_str()) {
                    return Err(format!("Invalid log level {value}, must be one of debug, info, warning, error"));
                }
                self.loglevel = value;
            }
            "syscontact" => self.syscontact = value,
            _ => self.syslocation = value,
        }
        Ok(())
    }

    fn list(&mut self, name: &str) -> &mut Vec<String> {
        match name {
            "communities" => &mut self.communities,
            "targets" => &mut self.targets,
            "users" => &mut self.users,
            "remoteusers" => &mut self.remoteusers,
            "v3targets" => &mut self.v3targets,
            _ => &mut self.notraps,
        }
    }

    fn reset(&mut self, name: &str) {
        let first = Self::default();
        match name {
            "port" => self.port = first.port,
            "authentication" => self.authentication = first.authentication,
            "privacy" => self.privacy = first.privacy,
            "engineid" => self.engineid = None,
            "loglevel" => self.loglevel = first.loglevel,
            "syscontact" => self.syscontact = first.syscontact,
            "syslocation" => self.syslocation = first.syslocation,
            list => self.list(list).clear(),
        }
    }

    /// The agent starts, and tells its targets of it.
    pub fn begin(&mut self) {
        self.traps = self.destinations();
    }

    /// Whether somebody may ask the agent.
    ///
    /// # Errors
    /// Why it would answer nobody.
    pub fn is_ready(&self) -> Result<(), String> {
        if self.communities.is_empty() && self.users.is_empty() {
            return Err("Agent not enabled: set at least one community or user first".to_owned());
        }
        Ok(())
    }

    /// How many are told of what happens.
    fn destinations(&self) -> u64 {
        (self.targets.len() + self.v3targets.len()) as u64
    }

    /// Sends a test trap if the agent runs: whether it could, and what came of it.
    pub fn test(&mut self, runs: bool) -> (bool, String) {
        match (runs, self.destinations()) {
            (false, _) => (false, "Agent is not enabled".to_owned()),
            (true, 0) => (false, "There are no trap destinations".to_owned()),
            (true, count) => {
                self.traps += count;
                (true, format!("There are {count} trap destinations, test notification sent"))
            }
        }
    }
}

/// Whether a list is one that the agent takes.
fn check(name: &str, values: &[String]) -> Result<(), String> {
    let most = match name {
        "communities" => MAX_COMMUNITIES,
        "targets" | "v3targets" => MAX_TARGETS,
        "notraps" => MAX_FILTERS,
        _ => MAX_USERS,
    };
    if values.len() > most {
        return Err(format!("Too many {name}: {}, at most {most}", values.len()));
    }
    let wrong = values.iter().find(|value| match name {
        "communities" => !is_community(value),
        "targets" => !is_target(value),
        "notraps" => !value.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.'),
        _ => value.split('/').next().is_none_or(|user| user.is_empty() || user.len() > 32),
    });
    wrong.map_or(Ok(()), |wrong| Err(format!("Invalid value in {name}: {wrong}")))
}

fn is_community(text: &str) -> bool {
    !text.is_empty() && text.len() <= MAX_COMMUNITY_LENGTH && text.bytes().all(|byte| byte.is_ascii_graphic())
}

/// `192.0.2.1@678/com`, `2001:db8::1/com2`, `host/com`.
fn is_target(text: &str) -> bool {
    let Some((place, community)) = text.rsplit_once('/') else { return false };
    let (host, port) = place.split_once('@').unwrap_or((place, "162"));
    let named = !host.is_empty() && host.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-".contains(&byte));
    (named || host.parse::<IpAddr>().is_ok())
        && port.parse::<u16>().is_ok_and(|port| port > 0)
        && is_community(community)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_those_of_the_standard() {
        let hex = |bytes: Vec<u8>| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
        let engine = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2];
        let check = |digest: Digest, expect: &str| assert_eq!(hex(digest.localized(b"maplesyrup", &engine)), expect);
        check(Digest::Md5, "526f5eed9fcce26f8964c2930787d82b");
        check(Digest::Sha1, "6695febc9288e36282235fc7151f128497b38f3f");
        check(Digest::None, "");
        assert!(Digest::Sha1.localized(b"", &engine).is_empty());
    }

    #[test]
    fn the_agent_takes_what_it_can_use() {
        let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
        let check = |change: Change, good: bool| {
            assert_eq!(Snmp::default().change(change.clone()).is_ok(), good, "{change:?}");
        };
        check(Change::Port(8_161), true);
        check(Change::Port(0), false);
        check(Change::Port(65_536), false);
        check(Change::List("communities", words("public eastnoc")), true);
        check(Change::List("communities", vec!["x".repeat(65)]), false);
        check(Change::List("communities", vec!["x".to_owned(); 11]), false);
        check(Change::List("targets", words("192.0.2.1@678/com 2001:db8::1/com2 noc.example.com/x")), true);
        check(Change::List("targets", words("192.0.2.1@0/com")), false);
        check(Change::List("targets", words("192.0.2.1")), false);
        check(Change::Word("authentication", "SHA1".to_owned()), true);
        check(Change::Word("authentication", "SHA2".to_owned()), false);
        check(Change::Word("engineid", "80001adc0500".to_owned()), true);
        check(Change::Word("engineid", "80001adc050".to_owned()), false);
        check(Change::Word("loglevel", "loud".to_owned()), false);
    }

    #[test]
    fn an_agent_that_would_answer_nobody_is_not_enabled() {
        let mut agent = Snmp::default();
        assert!(agent.is_ready().is_err());
        agent.change(Change::List("communities", vec!["public".to_owned()])).expect("a community");
        assert!(agent.is_ready().is_ok());
        assert!(!agent.test(true).0);
        agent.change(Change::List("targets", vec!["192.0.2.1/public".to_owned()])).expect("a target");
        assert!(!agent.test(false).0);
        assert!(agent.test(true).0 && agent.traps == 1);
        agent.change(Change::Reset("communities")).expect("a reset");
        assert!(agent.communities.is_empty() && agent.is_ready().is_err());
    }
}
