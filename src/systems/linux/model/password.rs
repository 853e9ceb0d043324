//! What is kept of a password: PBKDF2-HMAC-SHA-256 (RFC 8018), so that whoever reads a saved lab has to guess slowly.

use pbkdf2::{Algorithm, Params, Pbkdf2};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha512};

use crate::payload::Sha256;
use crate::sim::{Instant, Span};

/// What is kept of a user's password, as a line of shadow(5).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shadow {
    /// The password; without one, that of root is taken.
    pub password: Option<Password>,
    /// When it was set.
    pub changed: Option<Instant>,
    /// Whether nobody is let in with it.
    pub locked: bool,
    /// How many days it lasts; without end where nobody said so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub most_days: Option<u32>,
    /// Whether there is no password: of an account that was made and has not got one, or whose one was taken away.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub unset: bool,
    /// For how many days a new password cannot be changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub least_days: Option<u32>,
    /// How many days before its end the user is told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub warned_days: Option<u32>,
    /// How many days after the end of its password an account is shut.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub idle_days: Option<u32>,
    /// On which day the account ends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires: Option<Instant>,
}

/// So many days are for ever.
pub const FOREVER: u32 = 99_999;
/// So many days before its end the user is told, where nobody said otherwise.
pub const WARNED: u32 = 7;

impl Shadow {
    /// That of an account that was made just now: nobody is let in until it has a password.
    #[must_use]
    pub fn new_account(now: Instant) -> Self {
        Self { changed: Some(now), locked: true, unset: true, ..Self::default() }
    }

    /// From now on there is this password.
    pub fn set(&mut self, password: Password, now: Instant) {
        (self.password, self.changed, self.locked, self.unset) = (Some(password), Some(now), false, false);
    }

    /// Whether nobody is let in with it at this moment.
    #[must_use]
    pub fn is_shut(&self, now: Instant) -> bool {
        let idle =
            self.idle_days.zip(self.ends()).and_then(|(days, ends)| ends.later(Span::secs(u64::from(days) * 86_400)));
        self.locked
            || self.unset
            || self.expires.or(idle).is_some_and(|day| now >= day)
            || idle.is_some_and(|day| now >= day)
    }

    /// Whether the password must be changed before anything else: root has said so, or it is too old.
    #[must_use]
    pub fn is_expired(&self, now: Instant) -> bool {
        self.is_forced() || self.ends().is_some_and(|ends| now >= ends)
    }

    /// Whether somebody has said that it must be.
    #[must_use]
    pub fn is_forced(&self) -> bool {
        self.changed.is_some_and(|changed| changed.utc().unix_timestamp() == 0)
    }

    /// When the password must be changed.
    #[must_use]
    pub fn ends(&self) -> Option<Instant> {
        let days = self.most_days.filter(|days| *days < FOREVER)?;
        self.changed?.later(Span::secs(u64::from(days) * 86_400))
    }
}

/// A password that a machine knows: this is what saved labs hold, and what a journal holds of a new one. The words themselves
/// reach neither. The salt is the machine's name, because nothing random comes into a lab.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Password(Sha256);

/// A hundredth of a second for each guess. Saved labs depend on it: another number of rounds is another format of theirs.
const HASH: Pbkdf2 = match Params::new(100_000) {
    Ok(rounds) => Pbkdf2::new(Algorithm::Pbkdf2Sha256, rounds),
    Err(_) => panic!("these are rounds enough"),
};

impl Password {
    /// The password `text` of the machine called `machine`.
    #[must_use]
    pub fn of(machine: &str, text: &str) -> Self {
        let mut digest = Sha256([0; 32]);
        HASH.hash_password_into(text.as_bytes(), machine.as_bytes(), &mut digest.0);
        Self(digest)
    }

    /// Stands for the password of a machine that takes any.
    #[must_use]
    pub fn any(machine: &str) -> Self {
        Self(Sha256::of(machine.as_bytes()))
    }

    /// What stands for it in `/etc/shadow`: the form of crypt(3) with SHA-512, made from what is kept here, so that it
    /// changes with the password and is as hard to guess.
    #[must_use]
    pub fn crypt(&self, user: &str) -> String {
        const LETTERS: &[u8; 64] = b"./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
        let digest = Sha512::digest(format!("{user} {}", self.0));
        let letters = |bytes: &[u8]| {
            let letter = |at: usize| char::from(LETTERS[usize::from(bytes[at % bytes.len()] ^ (at / 64) as u8) % 64]);
            (0..).map(letter).take(86).collect::<String>()
        };
        let hash = letters(&digest);
        format!("$6${}${hash}", &letters(&self.0.0)[..16])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The digests are those of Python's `hashlib.pbkdf2_hmac`.
    #[test]
    fn saved_labs_hold_what_others_compute_too() {
        let check = |machine: &str, text: &str, expect: &str| {
            assert_eq!(Password::of(machine, text).0.to_string(), expect, "{text} on {machine}");
        };
        check("vcsa01", "newsecret1", "97a0914a1bfd2d82f61984f25d0bd70ead021acdb3b7e903b4bb1cb2334b02f9");
        check("", "", "64a868d4b23af696d3734d0b814d04cdd1ac280128e97653a05f32b49c13a29a");
    }
}
