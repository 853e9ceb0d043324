//! Logins that failed, counted for each account: who has too many of them is let in no more, until some time has passed or
//! somebody sets the count back (pam_tally2(8), from Linux-PAM 1.4 on pam_faillock(8)). Appliances of SLES and Photon are set up
//! so; on RHEL nothing is, unless an admin does it.
//!
//! Truth: the manual pages for what each module does; the numbers are those of the vendor's hardening guides, from memory.

use serde::{Deserialize, Serialize};

use super::{Linux, Login};
use crate::sim::{Instant, Span};
use crate::systems::linux::distro::Vendor;
use crate::systems::linux::fs::Cred;

/// So many failures and an account is locked (`deny`).
pub const DENY: usize = 3;
/// For how long root is, and others are (`root_unlock_time`, `unlock_time`).
const ROOT_LOCKED: Span = Span::secs(300);
const LOCKED: Span = Span::secs(900);
/// So many are remembered one by one.
const REMEMBERED: usize = 16;

/// The program of the newer module; an appliance that has it counts by that.
pub const FAILLOCK: &str = "/usr/sbin/faillock";

/// What is counted of one account.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    /// How many failed since the last that did not.
    pub count: u32,
    /// The last of them.
    pub last: Vec<Login>,
    /// Whether they do not end: then no time opens the account.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub lasts: bool,
}

/// What an attempt to come in is to the count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Admission {
    /// The password was right and the account is not locked.
    In,
    /// The password was wrong.
    Wrong,
    /// The account is locked, whatever the password was; so many failed.
    Locked(u32),
}

impl Linux {
    /// Whether failed logins are counted.
    #[must_use]
    pub fn counts_failures(&self) -> bool {
        matches!(self.distro.vendor, Vendor::Photon | Vendor::Suse)
    }

    /// Whether it counts by the newer module.
    #[must_use]
    pub fn has_faillock(&self) -> bool {
        self.fs.lookup(&Cred::ROOT, "/", FAILLOCK).is_ok()
    }

    /// How many logins of an account failed, where it is locked for that now.
    #[must_use]
    pub fn locked_out(&self, user: &str, now: Instant) -> Option<u32> {
        let tally = self.tallies.get(user).filter(|_| self.counts_failures())?;
        let span = if user == "root" { ROOT_LOCKED } else { LOCKED };
        let fresh = tally.lasts || tally.last.last().is_some_and(|last| now < last.at + span);
        (tally.count as usize >= DENY && fresh).then_some(tally.count)
    }

    /// Somebody has told a password, right or wrong: whether that lets in. The older module counts what is refused while the
    /// account is locked, too, the newer one does not.
    pub fn admit(&mut self, user: &str, right: bool, login: Login) -> Admission {
        if !self.counts_failures() {
            return if right { Admission::In } else { Admission::Wrong };
        }
        let locked = self.locked_out(user, login.at);
        if right && locked.is_none() {
            self.tallies.remove(user);
            return Admission::In;
        }
        if locked.is_none() || !self.has_faillock() {
            self.count_failure(user, login);
        }
        let count = self.tallies.get(user).map_or(0, |tally| tally.count);
        if locked.is_some() { Admission::Locked(count) } else { Admission::Wrong }
    }

    /// Counts one that failed.
    pub fn count_failure(&mut self, user: &str, login: Login) {
        let tally = self.tallies.entry(user.to_owned()).or_default();
        tally.count = tally.count.saturating_add(1);
        if tally.last.len() == REMEMBERED {
            tally.last.remove(0);
        }
        tally.last.push(login);
    }

    /// What the module says to whoever can be told.
    #[must_use]
    pub fn told_of_lock(&self, count: u32) -> String {
        let the = if self.has_faillock() { "The account is" } else { "Account" };
        let end = if self.has_faillock() { "." } else { "" };
        format!("{the} locked due to {count} failed logins{end}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::systems::linux::distro;
    use crate::systems::linux::model::Release;

    #[test]
    fn three_wrong_passwords_lock_an_account_for_a_while() {
        let photon = distro::ALL.iter().find(|distro| distro.vendor == Vendor::Photon).expect("there is one");
        let start = Instant::parse("2021-05-26T14:12:05Z").expect("a time");
        let mut linux = Linux::new(Release::find(photon.id).expect("by its name"), "vcsa01", start);
        let mut tell = |user: &str, right, secs| {
            let login = Login { at: start + Span::secs(secs), from: "192.168.10.11".to_owned() };
            linux.admit(user, right, login)
        };
        assert_eq!([0, 1, 2].map(|secs| tell("root", false, secs)), [Admission::Wrong; 3]);
        assert_eq!(tell("root", true, 3), Admission::Locked(4), "a right one, which counts as well");
        assert_eq!(tell("root", true, 302), Admission::Locked(5), "the time begins anew with each");
        assert_eq!(tell("root", true, 602), Admission::In);
        assert_eq!(tell("root", false, 603), Admission::Wrong, "the count has begun anew");
        assert_eq!(tell("other", true, 603), Admission::In);
    }
}
