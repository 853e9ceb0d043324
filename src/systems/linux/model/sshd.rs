//! What the daemon of the secure shell lets in. It reads its settings when it starts and when it is told to: what is written into
//! the file in between means nothing yet (sshd_config(5)). Blocks behind `Match` are not modelled.

use serde::{Deserialize, Serialize};

use super::{Linux, User};
use crate::sim::Instant;
use crate::systems::linux::fs::Errno;

/// The unit of the daemon.
pub const UNIT: &str = "sshd.service";
/// The file of its settings.
const FILE: &str = "/etc/ssh/sshd_config";

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

/// The settings as they were read last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Sshd {
    /// `PermitRootLogin`
    pub root: RootLogin,
    /// `PasswordAuthentication`
    pub passwords: bool,
    /// `PubkeyAuthentication`
    pub keys: bool,
}

impl Default for Sshd {
    fn default() -> Self {
        Self { root: RootLogin::Yes, passwords: true, keys: true }
    }
}

impl Sshd {
    /// Reads the file: of each key the first value counts, and keys are written in any case.
    #[must_use]
    pub fn read(text: &str) -> Self {
        let (mut root, mut passwords, mut keys) = (None, None, None);
        for line in text.lines() {
            let line = line.trim();
            let (key, value) = line.split_once([' ', '\t', '=']).unwrap_or((line, ""));
            let value = value.trim_start_matches([' ', '\t', '=']).split_whitespace().next().unwrap_or_default();
            let value = value.trim_matches('"').to_ascii_lowercase();
            match key.to_ascii_lowercase().as_str() {
                "match" => break,
                "permitrootlogin" if root.is_none() => {
                    root = Some(match value.as_str() {
                        "no" => RootLogin::No,
                        "yes" => RootLogin::Yes,
                        _ => RootLogin::WithoutPassword,
                    });
                }
                "passwordauthentication" if passwords.is_none() => passwords = Some(value != "no"),
                "pubkeyauthentication" if keys.is_none() => keys = Some(value != "no"),
                _ => {}
            }
        }
        Self { root: root.unwrap_or_default(), passwords: passwords.unwrap_or(true), keys: keys.unwrap_or(true) }
    }

    /// Whether a password can let a user in.
    #[must_use]
    pub fn takes_password(&self, user: &User) -> bool {
        self.passwords && (user.uid != 0 || self.root == RootLogin::Yes)
    }

    /// Whether a key can.
    #[must_use]
    pub fn takes_key(&self, user: &User) -> bool {
        self.keys && (user.uid != 0 || self.root != RootLogin::No)
    }
}

impl Linux {
    /// A unit reads its settings, at its start or because it is told to. Only of this daemon anything follows from that.
    pub fn unit_reads(&mut self, name: &str) {
        if name == UNIT {
            self.sshd = self.text(FILE).map(|text| Sshd::read(&text)).unwrap_or_default();
        }
    }

    /// Sets by which ways root comes in, in the file, too.
    ///
    /// # Errors
    /// What the file system says.
    pub fn set_root_login(&mut self, word: &str, now: Instant) -> Result<(), Errno> {
        let text = self.text(FILE).unwrap_or_default();
        let others = text.lines().filter(|line| !line.starts_with("PermitRootLogin"));
        let all: String =
            others.chain([format!("PermitRootLogin {word}").as_str()]).map(|line| format!("{line}\n")).collect();
        self.put_text(FILE, &all, 0o600, now)?;
        self.unit_reads(UNIT);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_are_read_as_the_daemon_reads_them() {
        let check = |text: &str, root: RootLogin, passwords: bool| {
            let read = Sshd::read(text);
            assert_eq!((read.root, read.passwords), (root, passwords), "{text:?}");
        };
        check("", RootLogin::Yes, true);
        check("#PermitRootLogin no\nUsePAM yes\n", RootLogin::Yes, true);
        check("PermitRootLogin no\nPermitRootLogin yes\n", RootLogin::No, true);
        check("permitrootlogin=prohibit-password\nPasswordAuthentication  no", RootLogin::WithoutPassword, false);
        check("Match User eva\nPermitRootLogin no\n", RootLogin::Yes, true);
        check("\tPermitRootLogin \"no\"\n", RootLogin::No, true);
    }
}
