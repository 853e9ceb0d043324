//! What programs write in the log about rights: who becomes another user, and what becomes of accounts (pam_unix(8), su(1), sudo(8),
//! shadow-utils 4.6).

use super::Linux;
use super::log::{Facility, Line};
use crate::sim::Instant;
use crate::systems::linux::distro::Vendor;

/// The name and the number of a program.
pub type Teller<'a> = (&'a str, u32);

impl Linux {
    /// A program writes about rights, as grave as this.
    pub fn auth_says(&mut self, now: Instant, (ident, pid): Teller<'_>, level: (Facility, u8), text: &str) {
        let (boot, (facility, priority)) = (self.boots, level);
        let (ident, text, pid) = (ident.to_owned(), text.to_owned(), Some(pid));
        self.log(Line { at: now, boot, facility, priority, ident, pid, unit: None, text, host: None });
    }

    /// PAM writes for a program, where it does: of a part of a service, as `su:auth`.
    pub fn pam_says(&mut self, now: Instant, teller: Teller<'_>, part: &str, priority: u8, text: &str) {
        if self.pam_logs() {
            self.auth_says(now, teller, (Facility::Auth, priority), &format!("pam_unix({part}): {text}"));
        }
    }

    /// The service of PAM that a program asks for; Red Hat's have one more for login shells.
    #[must_use]
    pub fn pam_service(&self, program: &str, login: bool) -> String {
        match program {
            "su" | "runuser" if login && self.distro.vendor == Vendor::RedHat => format!("{program}-l"),
            "sudo" if login && self.distro.vendor == Vendor::RedHat => "sudo-i".to_owned(),
            _ => program.to_owned(),
        }
    }

    /// A program by which somebody was another user is through.
    pub fn session_closes(&mut self, now: Instant, teller: Teller<'_>, login: bool, user: &str) {
        let part = format!("{}:session", self.pam_service(teller.0, login));
        self.pam_says(now, teller, &part, 6, &format!("session closed for user {user}"));
    }

    /// What has led to a program, perhaps a login shell, is over with it, the innermost first.
    pub fn way_closes(&mut self, last: u32, mut login: bool, way: &[u32], now: Instant) {
        let Some(mut uid) = self.processes.get(last).map(|process| process.uid) else { return };
        for pid in way {
            let Some(process) = self.processes.get(*pid) else { continue };
            let (ident, above) = (process.comm().to_owned(), process.uid);
            if matches!(ident.as_str(), "su" | "sudo" | "runuser") {
                let user = self.user_name(uid).unwrap_or_else(|| uid.to_string());
                self.session_closes(now, (&ident, *pid), login, &user);
            }
            (uid, login) = (above, false);
        }
    }
}
