//! Attempts to come in through the secure shell that come to nothing, as the log has them (auth.c, auth2.c of OpenSSH; pam_unix(8)).

use super::model::logins::port_of;
use super::model::tally::{Admission, DENY};
use super::model::{Login, Process, User};
use crate::world::{MachineId, World};

const SSHD: &str = "sshd.service";

/// A connection on which nobody has been let in yet.
pub struct Attempt {
    machine: MachineId,
    user: String,
    /// The account, if there is one.
    uid: Option<u32>,
    from: String,
    /// What the log says of one whom the daemon's lists keep out.
    barred: Option<&'static str>,
    /// Its process, from the first thing that is said of it on.
    pid: Option<u32>,
    wrong: u32,
}

impl Attempt {
    /// Somebody is there, from an address.
    #[must_use]
    pub fn new(world: &World, machine: MachineId, user: &str, account: Option<&User>, from: &str) -> Self {
        let barred = world.linux(machine).doors(user, account, from).why.filter(|_| account.is_some());
        let uid = account.map(|account| account.uid);
        Self { machine, user: user.to_owned(), uid, from: from.to_owned(), barred, pid: None, wrong: 0 }
    }

    fn says(&self, world: &mut World, text: &str) {
        let now = world.now;
        world.linux_mut(self.machine).daemon_says(now, "sshd", self.pid, Some(SSHD), text);
    }

    fn port(&self) -> u32 {
        port_of(self.pid.unwrap_or_default())
    }

    /// Somebody who is not known, or not let in at all, is named once.
    fn named(&mut self, world: &mut World) {
        if self.pid.is_some() {
            return;
        }
        let now = world.now;
        let linux = world.linux_mut(self.machine);
        let parent = linux.unit_state(SSHD).main_pid.unwrap_or(1);
        let process = linux.processes.start(Process::daemon(parent, 0, "sshd: [accepted]", None, now));
        linux.processes.remove(process);
        let with_port = linux.distro.openssh_version() >= (7, 4);
        self.pid = Some(process);
        let (user, from) = (&self.user, &self.from);
        if self.uid.is_none() {
            let port = if with_port { format!(" port {}", self.port()) } else { String::new() };
            self.says(world, &format!("Invalid user {user} from {from}{port}"));
        } else if let Some(why) = self.barred {
            self.says(world, &format!("User {user} from {from} not allowed because {why}"));
        }
    }

    /// Whether a password lets in: a right one does not where too many failed before. Nothing is told of that.
    pub fn admits(&mut self, world: &mut World, right: bool) -> bool {
        let login = Login { at: world.now, from: self.from.clone() };
        match world.linux_mut(self.machine).admit(&self.user, right, login) {
            Admission::In => return true,
            Admission::Locked(count) => self.locked(world, count),
            Admission::Wrong => {}
        }
        self.wrong(world);
        false
    }

    /// Nobody asks for a password, and too many failed before.
    pub fn is_locked(&mut self, world: &mut World) -> bool {
        let count = world.linux(self.machine).locked_out(&self.user, world.now);
        if let Some(count) = count {
            self.locked(world, count);
            self.wrong(world);
        }
        count.is_some()
    }

    /// What the log has of it.
    fn locked(&mut self, world: &mut World, count: u32) {
        self.named(world);
        let (user, uid) = (self.user.clone(), self.uid.unwrap_or_default());
        let text = match world.linux(self.machine).has_faillock() {
            true => format!(
                "pam_faillock(sshd:auth): Consecutive login failures for user {user} account temporarily locked"
            ),
            false => format!("pam_tally2(sshd:auth): user {user} ({uid}) tally {count}, deny {DENY}"),
        };
        self.says(world, &text);
    }

    /// A password was wrong, or none helps.
    pub fn wrong(&mut self, world: &mut World) {
        self.named(world);
        self.wrong += 1;
        let invalid = if self.uid.is_none() || self.barred.is_some() { "invalid user " } else { "" };
        if self.wrong == 1 && world.linux(self.machine).pam_logs() {
            if self.uid.is_none() {
                self.says(world, "pam_unix(sshd:auth): check pass; user unknown");
            }
            self.says(world, &format!("pam_unix(sshd:auth): authentication failure; {}", self.whence()));
        }
        if world.linux(self.machine).is_host() {
            // Its daemon asks by PAM alone.
            self.says(
                world,
                &format!("error: PAM: Authentication failure for {invalid}{} from {}", self.user, self.from),
            );
        }
        let how = if world.linux(self.machine).is_host() { "keyboard-interactive/pam" } else { "password" };
        let failed = format!("Failed {how} for {invalid}{} from {} port {} ssh2", self.user, self.from, self.port());
        self.says(world, &failed);
        let login = Login { at: world.now, from: self.from.clone() };
        world.linux_mut(self.machine).login_failed(&self.user, login);
    }

    /// What PAM says of who it is.
    fn whence(&self) -> String {
        let user = if self.uid.is_some() { format!(" user={}", self.user) } else { String::new() };
        format!("logname= uid=0 euid=0 tty=ssh ruser= rhost={} {user}", self.from)
    }

    /// The client gives up.
    pub fn over(mut self, world: &mut World) {
        self.named(world);
        let names_it = world.linux(self.machine).distro.openssh_version() >= (7, 5);
        let who = match self.uid {
            _ if !names_it => String::new(),
            Some(_) if self.barred.is_none() => format!("authenticating user {} ", self.user),
            _ => format!("invalid user {} ", self.user),
        };
        let (from, port) = (&self.from, self.port());
        self.says(world, &format!("Connection closed by {who}{from} port {port} [preauth]"));
        if self.wrong > 1 && world.linux(self.machine).pam_logs() {
            let (more, s) = (self.wrong - 1, if self.wrong > 2 { "s" } else { "" });
            self.says(world, &format!("PAM {more} more authentication failure{s}; {}", self.whence()));
        }
    }
}
