//! Whom the daemon of the secure shell lets in. It reads its settings when it starts and when it is told to: what is written into
//! the file in between means nothing yet, but where it has no unit (ESXi), so that each connection has a daemon of its own
//! (sshd_config(5)).

mod config;

use std::borrow::Cow;
use std::net::Ipv4Addr;

use serde::{Deserialize, Serialize};

pub use self::config::Refused;
use super::unit::End;
use super::units::Due;
use super::{Linux, User};
use crate::sim::Instant;
use crate::systems::linux::distro::{Distro, Vendor};
use crate::systems::linux::fs::Errno;

/// The unit of the daemon.
pub const UNIT: &str = "sshd.service";
/// The keyword by which root is let in or kept out.
const ROOT: &str = "PermitRootLogin";

/// By which ways root comes in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RootLogin {
    /// As anybody does.
    #[default]
    Yes,
    /// With a key only.
    WithoutPassword,
    /// Not at all.
    No,
}

impl RootLogin {
    /// What counts without the line: OpenSSH asks for a key since 7.0, Red Hat first in RHEL 8.
    fn usual(distro: &Distro) -> Self {
        let patched = distro.vendor == Vendor::RedHat && distro.openssh_version() < (8, 0);
        if distro.openssh_version() < (7, 0) || patched { Self::Yes } else { Self::WithoutPassword }
    }

    /// The value in small letters; nothing for a word that is none.
    fn read(word: &str, distro: &Distro) -> Option<Self> {
        match word {
            "yes" => Some(Self::Yes),
            "no" => Some(Self::No),
            "without-password" | "forced-commands-only" => Some(Self::WithoutPassword),
            "prohibit-password" if distro.openssh_version() >= (7, 0) => Some(Self::WithoutPassword),
            _ => None,
        }
    }
}

/// Settings that stand together: those of the file, or of one of its blocks.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
struct Rules {
    root: Option<RootLogin>,
    passwords: Option<bool>,
    keys: Option<bool>,
    allow_users: Vec<String>,
    deny_users: Vec<String>,
    allow_groups: Vec<String>,
    deny_groups: Vec<String>,
}

/// What must be so for a block of settings to count.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Criterion {
    /// `User` with its patterns.
    User(String),
    /// `Group`, likewise.
    Group(String),
    /// `Address`, likewise, or networks. `Host`, too: the daemon asks for no names (`UseDNS no`).
    Address(String),
    /// What is not modelled, and never so.
    Other,
}

/// The settings as they were read last.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Sshd {
    /// What counts for root without a line.
    root: RootLogin,
    rules: Rules,
    blocks: Vec<(Vec<Criterion>, Rules)>,
}

/// By which ways somebody comes in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Doors {
    /// Whether the daemon takes passwords at all.
    pub asks: bool,
    /// Whether it takes keys at all.
    pub looks: bool,
    /// Whether a password can let this user in.
    pub password: bool,
    /// Whether a key can.
    pub key: bool,
    /// The setting that keeps the user out, or out without a key.
    pub by: Option<&'static str>,
    /// What the daemon writes in the log of a user that the lists keep out.
    pub why: Option<&'static str>,
}

/// Who comes.
struct Caller<'a> {
    name: &'a str,
    groups: &'a [String],
    from: &'a str,
}

impl Sshd {
    /// The settings that count for somebody: those of the blocks that are for him before those of the file.
    fn rules_for(&self, caller: &Caller<'_>) -> Rules {
        let fits = |criteria: &[Criterion]| criteria.iter().all(|criterion| criterion.fits(caller));
        let own = self.blocks.iter().filter(|(criteria, _)| fits(criteria)).map(|(_, rules)| rules);
        let all: Vec<&Rules> = own.chain([&self.rules]).collect();
        let list = |of: fn(&Rules) -> &Vec<String>| {
            all.iter().map(|rules| of(rules)).find(|list| !list.is_empty()).cloned().unwrap_or_default()
        };
        Rules {
            root: all.iter().find_map(|rules| rules.root),
            passwords: all.iter().find_map(|rules| rules.passwords),
            keys: all.iter().find_map(|rules| rules.keys),
            allow_users: list(|rules| &rules.allow_users),
            deny_users: list(|rules| &rules.deny_users),
            allow_groups: list(|rules| &rules.allow_groups),
            deny_groups: list(|rules| &rules.deny_groups),
        }
    }

    fn doors(&self, caller: &Caller<'_>, is_root: bool) -> Doors {
        let rules = self.rules_for(caller);
        let user = |list: &[String]| list.iter().any(|pattern| is_user(caller, pattern));
        let group = |list: &[String]| caller.groups.iter().any(|group| list.iter().any(|pattern| fits(pattern, group)));
        let (by, why) = if user(&rules.deny_users) {
            (Some("DenyUsers"), Some("listed in DenyUsers"))
        } else if !rules.allow_users.is_empty() && !user(&rules.allow_users) {
            (Some("AllowUsers"), Some("not listed in AllowUsers"))
        } else if group(&rules.deny_groups) {
            (Some("DenyGroups"), Some("a group is listed in DenyGroups"))
        } else if !rules.allow_groups.is_empty() && !group(&rules.allow_groups) {
            (Some("AllowGroups"), Some("none of user's groups are listed in AllowGroups"))
        } else {
            (None, None)
        };
        let root = if is_root { rules.root.unwrap_or(self.root) } else { RootLogin::Yes };
        let (asks, looks) = (rules.passwords.unwrap_or(true), rules.keys.unwrap_or(true));
        let by = by.or((root != RootLogin::Yes).then_some(ROOT)).or((!asks).then_some("PasswordAuthentication"));
        Doors {
            asks,
            looks,
            password: asks && why.is_none() && root == RootLogin::Yes,
            key: looks && why.is_none() && root != RootLogin::No,
            by,
            why,
        }
    }
}

impl Criterion {
    fn fits(&self, caller: &Caller<'_>) -> bool {
        match self {
            Self::User(patterns) => in_list(patterns, |pattern| fits(pattern, caller.name)),
            Self::Group(patterns) => {
                in_list(patterns, |pattern| caller.groups.iter().any(|group| fits(pattern, group)))
            }
            Self::Address(patterns) => in_list(patterns, |pattern| is_at(pattern, caller.from)),
            Self::Other => false,
        }
    }
}

/// Whether a list of patterns has something: one of them, and none of those behind `!`.
fn in_list(patterns: &str, is: impl Fn(&str) -> bool) -> bool {
    let mut found = false;
    for pattern in patterns.split(',') {
        match pattern.strip_prefix('!') {
            Some(not) if is(not) => return false,
            Some(_) => {}
            None => found |= is(pattern),
        }
    }
    found
}

/// Whether a pattern of `AllowUsers` means somebody: a name, or a name and from where.
fn is_user(caller: &Caller<'_>, pattern: &str) -> bool {
    match pattern.rsplit_once('@') {
        Some((name, from)) => fits(name, caller.name) && is_at(from, caller.from),
        None => fits(pattern, caller.name),
    }
}

/// Whether an address is meant by a pattern or lies in a network.
fn is_at(pattern: &str, address: &str) -> bool {
    let network = pattern.split_once('/').and_then(|(net, bits)| {
        let (net, bits): (Ipv4Addr, u32) = (net.parse().ok()?, bits.parse().ok().filter(|bits| *bits <= 32)?);
        let own: Ipv4Addr = address.parse().ok()?;
        let mask = u32::MAX.checked_shl(32 - bits).unwrap_or(0);
        Some(u32::from(net) & mask == u32::from(own) & mask)
    });
    network.unwrap_or_else(|| fits(pattern, address))
}

/// Whether a pattern of `*` and `?` fits a text.
fn fits(pattern: &str, text: &str) -> bool {
    let (pattern, text): (Vec<char>, Vec<char>) = (pattern.chars().collect(), text.chars().collect());
    let (mut at, mut place, mut star) = (0, 0, None);
    while place < text.len() {
        match pattern.get(at) {
            Some('*') => {
                star = Some((at, place));
                at += 1;
            }
            Some(c) if *c == '?' || *c == text[place] => (at, place) = (at + 1, place + 1),
            _ => {
                let Some((before, from)) = star else { return false };
                star = Some((before, from + 1));
                (at, place) = (before + 1, from + 1);
            }
        }
    }
    pattern[at..].iter().all(|c| *c == '*')
}

impl Linux {
    /// Reads the settings from the file as it is now.
    ///
    /// # Errors
    /// What the daemon says of it.
    pub fn sshd_settings(&self) -> Result<Sshd, Refused> {
        match self.text(Sshd::FILE) {
            Some(text) => Sshd::read(Sshd::FILE, &text, &self.distro),
            None => Err(Refused { lines: vec![format!("{}: {}", Sshd::FILE, Errno::Noent.text())], status: 1 }),
        }
    }

    /// The daemon has started with the file as it is. One that keeps it from starting was written after that.
    pub fn sshd_has_started(&mut self) {
        if let Ok(settings) = self.sshd_settings() {
            self.sshd = settings;
        }
    }

    /// By which ways a user comes in from an address, whether there is such a user or not.
    #[must_use]
    pub fn doors(&self, name: &str, account: Option<&User>, from: &str) -> Doors {
        let settings = match self.unit(UNIT) {
            Some(_) => Cow::Borrowed(&self.sshd),
            None => match self.sshd_settings() {
                Ok(settings) => Cow::Owned(settings),
                Err(_) => {
                    let by = Some("no settings that it can read");
                    return Doors { asks: false, looks: false, password: false, key: false, by, why: None };
                }
            },
        };
        let groups: Vec<String> = account.map_or_else(Vec::new, |user| {
            let cred = self.cred(user);
            let all = std::iter::once(cred.gid).chain(cred.groups.iter().copied());
            all.filter_map(|gid| self.group_name(gid)).collect()
        });
        settings.doors(&Caller { name, groups: &groups, from }, account.is_some_and(|user| user.uid == 0))
    }

    /// A unit reads its settings at its start: with which status it ends where it does not take them. Only of this daemon
    /// anything follows from that.
    ///
    /// # Errors
    /// The status.
    pub(super) fn unit_reads(&mut self, name: &str, now: Instant) -> Result<(), u8> {
        if name != UNIT {
            return Ok(());
        }
        match self.sshd_settings() {
            Ok(settings) => {
                self.sshd = settings;
                Ok(())
            }
            Err(Refused { lines, status }) => {
                let pid = self.unit_state(name).main_pid;
                for line in lines {
                    self.daemon_says(now, "sshd", pid, Some(name), &line);
                }
                Err(status)
            }
        }
    }

    /// A unit that is up is told to read its settings again: what is due where that ends it.
    pub fn unit_reloads(&mut self, name: &str, now: Instant) -> Vec<Due> {
        if self.unit_is_up(name) {
            self.syslog_opens(name, now);
        }
        if name != UNIT || !self.unit_is_up(name) {
            return Vec::new();
        }
        let pid = self.unit_state(name).main_pid;
        self.daemon_says(now, "sshd", pid, Some(name), "Received SIGHUP; restarting.");
        match self.unit_reads(name, now) {
            Ok(()) => {
                let says = self.unit(name).map(|spec| spec.says.clone()).unwrap_or_default();
                for line in &says {
                    self.daemon_says(now, "sshd", pid, Some(name), line);
                }
                Vec::new()
            }
            Err(status) => self.main_gone(name, End::Exit(status), now),
        }
    }

    /// Sets by which ways root comes in, in the file, too: in the place of the line that is there, else before all blocks.
    ///
    /// # Errors
    /// What the file system says.
    pub fn set_root_login(&mut self, word: &str, now: Instant) -> Result<(), Errno> {
        let text = self.text(Sshd::FILE).unwrap_or_default();
        let keyword =
            |line: &str| line.split([' ', '\t', '=']).find(|word| !word.is_empty()).map(str::to_ascii_lowercase);
        let lines: Vec<&str> = text.lines().collect();
        let block = lines.iter().position(|line| keyword(line).as_deref() == Some("match")).unwrap_or(lines.len());
        let (global, blocks) = lines.split_at(block);
        let is = |line: &&&str| keyword(line).is_some_and(|word| word.eq_ignore_ascii_case(ROOT));
        let own = format!("{ROOT} {word}");
        let mut all: Vec<&str> = global.iter().filter(|line| !is(line)).copied().collect();
        let place = global.iter().position(|line| is(&line)).unwrap_or(all.len());
        all.insert(place, &own);
        let all: String = all.iter().chain(blocks).map(|line| format!("{line}\n")).collect();
        self.put_text(Sshd::FILE, &all, 0o600, now)?;
        self.unit_reloads(UNIT, now);
        Ok(())
    }
}

#[cfg(test)]
mod tests;
