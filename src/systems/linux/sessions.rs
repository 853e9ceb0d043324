//! What a login sets up on a machine, and what its end takes away: the processes of the connection, the session of
//! systemd-logind with the user's runtime directory and service manager, the variables that tell of it, and what the daemons
//! write in the log. Sources: sshd(8) of OpenSSH 5.6 to 8.0, pam_systemd(8), logind.conf(5), user@.service(5); of systemd 219 and 239.

use std::collections::BTreeMap;

use super::distro::{Distro, Vendor};
use super::fs::{Cred, Mount};
use super::model::bash::Value;
use super::model::logins::{Record, Why, port_of};
use super::model::{Bash, Linux, Process, User};
use super::terminal;
use crate::shell::Context;
use crate::sim::Instant;
use crate::world::{MachineId, World};

const SSHD: &str = "sshd.service";
const LOGIND: &str = "systemd-logind.service";

/// What systemd-logind does on a distribution for who logs in.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Care {
    /// Nothing: SysV init, ESXi.
    None,
    /// A session, and no more: on Photon nothing shows of a runtime directory.
    Session,
    /// A runtime directory, too.
    Directory,
    /// A service manager of the user's own, too.
    Manager,
}

fn care(distro: &Distro) -> Care {
    match (distro.systemd, distro.vendor) {
        (None, _) => Care::None,
        (Some(version), Vendor::RedHat) if version >= 239 => Care::Manager,
        (Some(_), Vendor::RedHat) => Care::Directory,
        (Some(_), _) => Care::Session,
    }
}

/// The runtime directory of a user.
fn directory(uid: u32) -> String {
    format!("/run/user/{uid}")
}

/// The unit of a user's service manager.
fn manager_unit(uid: u32) -> String {
    format!("user@{uid}.service")
}

/// A unit that stands for who is logged in.
pub struct LoginUnit {
    /// Its name with its kind.
    pub name: String,
    /// The word behind its state.
    pub sub: &'static str,
    /// What it is.
    pub description: String,
    /// When it came.
    pub since: Instant,
    /// Whose it is.
    pub uid: u32,
}

/// Someone who comes in through the secure shell.
pub struct Arrival {
    machine: MachineId,
    /// The terminal that it is on the machine; nothing for a command that has none.
    tty: Option<String>,
    from: String,
    user: User,
    /// The process of the connection that speaks in the log: the one above, where the daemon has two.
    speaker: u32,
    /// The process of the connection that has the shell.
    daemon: u32,
    number: u32,
    /// Whether the user had no session before.
    first: bool,
}

impl Arrival {
    /// The secure shell's daemon of a machine takes a connection of a session from an address.
    pub fn accept(cx: &mut Context<'_>, machine: MachineId, user: &User, from: &str) -> Self {
        cx.session.line = terminal::free_line(cx.world, machine);
        Self::take(cx.world, machine, user, from, Some(terminal::tty(cx.session)))
    }

    /// The same for a command, which has a terminal there or none.
    pub fn accept_command(world: &mut World, machine: MachineId, user: &User, from: &str, terminal: bool) -> Self {
        let tty = terminal.then(|| terminal::line_name(terminal::free_line(world, machine)));
        let arrival = Self::take(world, machine, user, from, tty);
        arrival.tell(world, "password");
        if terminal {
            arrival.record(world, arrival.daemon);
        }
        arrival
    }

    fn take(world: &mut World, machine: MachineId, user: &User, from: &str, tty: Option<String>) -> Self {
        let now = world.now;
        let linux = world.linux_mut(machine);
        let parent = linux.unit_state(SSHD).main_pid.unwrap_or(1);
        linux.sessions += 1;
        let number = linux.sessions;
        let start = |linux: &mut Linux, parent: u32, uid: u32, title: &str| {
            let process = Process::daemon(parent, uid, title, None, now);
            linux.processes.start(Process { live: true, login: number, ..process })
        };
        let name = &user.name;
        // A process of its own has what only root may: of Red Hat's from 8 on even where it is root who comes.
        let apart = user.uid != 0 || care(&linux.distro) == Care::Manager;
        let speaker = apart.then(|| start(linux, parent, 0, &format!("sshd: {name} [priv]")));
        let first = linux.welcome(user, now);
        let place = tty.as_deref().unwrap_or("notty");
        let uid = if apart { user.uid } else { 0 };
        let daemon = start(linux, speaker.unwrap_or(parent), uid, &format!("sshd: {name}@{place}"));
        let (user, from) = (user.clone(), from.to_owned());
        Self { machine, tty, from, user, speaker: speaker.unwrap_or(daemon), daemon, number, first }
    }

    /// What of it a process has that the connection begins: its parent, the session, the terminal.
    #[must_use]
    pub fn process(&self) -> (u32, u32, Option<String>) {
        (self.daemon, self.number, self.tty.clone())
    }

    /// The variables that tell the shell of it.
    #[must_use]
    pub fn environment(&self, world: &World) -> Vec<(String, String)> {
        let (from, port, own) = (&self.from, port_of(self.number), &world.machine(self.machine).address);
        let mut set =
            vec![("SSH_CLIENT", format!("{from} {port} 22")), ("SSH_CONNECTION", format!("{from} {port} {own} 22"))];
        set.extend(self.tty.as_ref().map(|tty| ("SSH_TTY", format!("/dev/{tty}"))));
        let care = care(&world.linux(self.machine).distro);
        if care >= Care::Directory {
            let directory = directory(self.user.uid);
            set.push(("XDG_SESSION_ID", self.number.to_string()));
            if care == Care::Manager {
                set.push(("DBUS_SESSION_BUS_ADDRESS", format!("unix:path={directory}/bus")));
            }
            set.push(("XDG_RUNTIME_DIR", directory));
        }
        set.into_iter().map(|(name, text)| (name.to_owned(), text)).collect()
    }

    /// The login shell is there: the log tells of it, and so does `who`.
    pub fn logged_in(&self, world: &mut World, bash: &mut Bash) {
        bash.ppid = self.daemon;
        if let Some(variable) = bash.variables.get_mut("PPID") {
            variable.value = Value::Text(self.daemon.to_string());
        }
        if let Some(shell) = world.linux_mut(self.machine).processes.get_mut(bash.pid) {
            (shell.ppid, shell.login) = (self.daemon, self.number);
        }
        self.tell(world, "password");
        self.record(world, bash.pid);
        let (now, linux) = (world.now, world.linux_mut(self.machine));
        if linux.is_host() {
            linux.shell_says(now, bash.pid, "Interactive shell session started".to_owned());
        }
    }

    /// The same with a shell that is no bash but runs as this command, let in in this way: `password`,
    /// `keyboard-interactive/pam`.
    pub fn logged_in_elsewhere(&self, world: &mut World, how: &str, command: &str) {
        let shell = Process::daemon(self.daemon, self.user.uid, command, None, world.now);
        let shell = Process { tty: self.tty.clone(), login: self.number, ..shell };
        world.linux_mut(self.machine).processes.start(shell);
        self.tell(world, how);
        self.record(world, self.daemon);
    }

    /// What the daemons write in the log when somebody is let in. The PAM of SLES 11 writes nothing of it.
    pub fn tell(&self, world: &mut World, how: &str) {
        let now = world.now;
        let linux = world.linux_mut(self.machine);
        let (number, user) = (self.number, &self.user.name);
        // Its daemon asks by PAM alone.
        let how = if linux.is_host() && how == "password" { "keyboard-interactive/pam" } else { how };
        if linux.is_host() {
            let came = format!("Connection from {} port {}", self.from, port_of(number));
            linux.daemon_says(now, "sshd", Some(self.speaker), Some(SSHD), &came);
        }
        let accepted = format!("Accepted {how} for {user} from {} port {} ssh2", self.from, port_of(number));
        linux.daemon_says(now, "sshd", Some(self.speaker), Some(SSHD), &accepted);
        let care = care(&linux.distro);
        if care == Care::None {
            return;
        }
        let uid = self.user.uid;
        if self.first {
            linux.slice_says(now, "Created", &self.user);
            if care == Care::Manager {
                linux.manager_says(now, 6, "", format!("Starting User runtime directory {}...", directory(uid)));
            }
        }
        linux.logind_says(now, &format!("New session {number} of user {user}."));
        if self.first && care == Care::Manager {
            linux.manager_says(now, 6, "", format!("Started User runtime directory {}.", directory(uid)));
            linux.manager_says(now, 6, "", format!("Starting User Manager for UID {uid}..."));
            linux.user_manager_says(now, uid, user);
            linux.manager_says(now, 6, "", format!("Started User Manager for UID {uid}."));
        }
        linux.manager_says(now, 6, "", format!("Started Session {number} of user {user}."));
        let opened = format!("pam_unix(sshd:session): session opened for user {user} by (uid=0)");
        linux.daemon_says(now, "sshd", Some(self.speaker), Some(SSHD), &opened);
    }

    /// Notes a login whose shell has this number.
    fn record(&self, world: &mut World, pid: u32) {
        let (user, tty, from) = (Some(self.user.name.clone()), self.tty.clone().unwrap_or_default(), self.from.clone());
        let (at, session) = (world.now, self.number);
        world.linux_mut(self.machine).logins.add(Record { user, tty, from, at, pid, until: None, session });
    }

    /// The command is through.
    pub fn over(self, world: &mut World) {
        let now = world.now;
        world.linux_mut(self.machine).close(self.daemon, &self.from, Why::Left, now);
    }
}

impl Linux {
    /// The process of a login shell on a terminal that is no bash.
    #[must_use]
    pub fn foreign_shell(&self, tty: &str) -> Option<u32> {
        let is = |process: &Process| {
            let above = self.processes.get(process.ppid);
            process.tty.as_deref() == Some(tty) && !process.live && above.is_some_and(Process::is_connection)
        };
        self.processes.iter().find(|(_, process)| is(process)).map(|(pid, _)| pid)
    }

    /// The connection of a process of the secure shell's daemon ends, and the session of its user with it.
    pub fn close(&mut self, daemon: u32, from: &str, why: Why, now: Instant) {
        let Some(connection) = self.processes.remove(daemon) else { return };
        let foreign = |process: &Process| process.ppid == daemon && !process.live && process.group == 0;
        let shell = self.processes.iter().find(|(_, process)| foreign(process)).map(|(pid, _)| pid);
        if let Some(shell) = shell {
            self.processes.remove(shell);
            self.processes.orphan(shell);
        }
        self.logins.end(daemon, now, why);
        let above = self.processes.get(connection.ppid).filter(|process| process.is_connection());
        let speaker = if above.is_some() { connection.ppid } else { daemon };
        self.processes.remove(speaker);
        let (name, tty) = connection.command.trim_start_matches("sshd: ").split_once('@').unwrap_or_default();
        let (name, tty) = (name.to_owned(), Some(tty).filter(|tty| *tty != "notty").unwrap_or_default().to_owned());
        let (number, sshd) = (connection.login, Some(SSHD));
        if why == Why::Left {
            for text in parting(self.distro.openssh_version(), &name, from, port_of(number)) {
                self.daemon_says(now, "sshd", Some(speaker), sshd, &text);
            }
        }
        let care = care(&self.distro);
        if care == Care::None {
            return;
        }
        let closed = format!("pam_unix(sshd:session): session closed for user {name}");
        self.daemon_says(now, "sshd", Some(speaker), sshd, &closed);
        if care == Care::Manager {
            self.logind_says(now, &format!("Session {number} logged out. Waiting for processes to exit."));
        }
        let (user, from, at) = (Some(name), from.to_owned(), connection.started);
        self.closing.push(Record { user, tty, from, at, pid: daemon, until: Some((now, why)), session: number });
        self.last_of_login(number, now);
    }

    /// A process of a login is gone: it may have been the last of a session that is over.
    pub fn last_of_login(&mut self, number: u32, now: Instant) {
        let Some(place) = self.closing.iter().position(|record| record.session == number) else { return };
        if self.processes.iter().any(|(_, process)| process.login == number && process.ended.is_none()) {
            return;
        }
        let name = self.closing.remove(place).user.unwrap_or_default();
        let care = care(&self.distro);
        if care <= Care::Session {
            return;
        }
        if care == Care::Manager {
            self.manager_says(now, 6, "", format!("session-{number}.scope: Succeeded."));
        }
        self.logind_says(now, &format!("Removed session {number}."));
        if let Some(user) = self.user(&name) {
            self.farewell(&user, now);
        }
    }

    /// Whether PAM writes in the log.
    #[must_use]
    pub fn pam_logs(&self) -> bool {
        care(&self.distro) != Care::None
    }

    /// The sessions that systemd-logind knows, by their numbers: those of who is there, and those that have not come to their end.
    #[must_use]
    pub fn known_sessions(&self) -> Vec<Record> {
        let mut all: Vec<Record> =
            self.logins.present().filter(|record| record.session > 0).chain(&self.closing).cloned().collect();
        all.sort_by_key(|record| record.session);
        all
    }

    /// A user has a session: what all of that user's sessions have in common is set up, unless it is. Gives whether it was not.
    fn welcome(&mut self, user: &User, now: Instant) -> bool {
        let (uid, care) = (user.uid, care(&self.distro));
        let directory = directory(uid);
        if care < Care::Directory || self.fs.mounts().any(|(_, mount)| mount.dir == directory) {
            return false;
        }
        let size = self.memory_kib() / 10;
        let owner = if uid == 0 { String::new() } else { format!(",uid={uid},gid={}", user.gid) };
        let seclabel = if care == Care::Manager { "seclabel" } else { "relatime,seclabel" };
        let mut mount = Mount::new("tmpfs", "tmpfs", size << 10);
        mount.options = format!("nosuid,nodev,{seclabel},size={size}k,mode=700{owner}");
        let root = &Cred::ROOT;
        // A machine that is full of files has no room for more: then it is missing, as it is there.
        for dir in ["/run/user", &directory] {
            let _ = self.fs.mkdir(root, "/", dir, 0o755, now);
        }
        if self.fs.mount(root, "/", mount, &directory, now).is_ok()
            && let Ok(dir) = self.fs.lookup(root, "/", &directory)
        {
            let _ = self.fs.chmod(root, dir, 0o700, now);
            let _ = self.fs.chown(root, dir, Some(uid), Some(user.gid), now);
        }
        if care == Care::Manager {
            let unit = manager_unit(uid);
            let own = Process::daemon(1, uid, "/usr/lib/systemd/systemd --user", Some(&unit), now);
            let manager = self.processes.start(own);
            self.processes.start(Process::daemon(manager, uid, "(sd-pam)", Some(&unit), now));
        }
        true
    }

    /// The last session of a user is over: what they had in common goes.
    fn farewell(&mut self, user: &User, now: Instant) {
        let uid = user.uid;
        let unit = manager_unit(uid);
        let stays = |process: &Process| process.login > 0 && process.ended.is_none();
        let own = |process: &Process| process.uid == uid || process.is_connection_of(&user.name);
        if self.processes.iter().any(|(_, process)| stays(process) && own(process)) {
            return;
        }
        let directory = directory(uid);
        if care(&self.distro) == Care::Manager {
            for text in [
                format!("Stopping User Manager for UID {uid}..."),
                format!("{unit}: Succeeded."),
                format!("Stopped User Manager for UID {uid}."),
                format!("Stopping User runtime directory {directory}..."),
                format!("run-user-{uid}.mount: Succeeded."),
                format!("user-runtime-dir@{uid}.service: Succeeded."),
                format!("Stopped User runtime directory {directory}."),
            ] {
                self.manager_says(now, 6, "", text);
            }
        }
        self.processes.retain(|_, process| process.unit.as_ref() != Some(&unit));
        let _ = self.fs.umount(&Cred::ROOT, "/", &directory, &[]);
        let _ = self.fs.rmdir(&Cred::ROOT, "/", &directory, now);
        self.slice_says(now, "Removed", user);
    }

    /// The units that stand for who is logged in.
    #[must_use]
    pub fn units_of_logins(&self) -> Vec<LoginUnit> {
        let care = care(&self.distro);
        if care == Care::None {
            return Vec::new();
        }
        let mut units = Vec::new();
        let mut users = BTreeMap::new();
        for record in self.known_sessions() {
            let (number, name) = (record.session, record.user.unwrap_or_default());
            let state = if record.until.is_some() { "abandoned" } else { "running" };
            let Some(uid) = self.user(&name).map(|user| user.uid) else { continue };
            let (scope, description) = (format!("session-{number}.scope"), format!("Session {number} of user {name}"));
            units.push(LoginUnit { name: scope, sub: state, description, since: record.at, uid });
            users.entry(uid).or_insert((name, record.at));
        }
        for (uid, (name, since)) in users {
            let mut add = |name: String, sub: &'static str, description: String| {
                units.push(LoginUnit { name, sub, description, since, uid });
            };
            let whose = if care == Care::Manager { format!("UID {uid}") } else { name };
            add(format!("user-{uid}.slice"), "active", format!("User Slice of {whose}"));
            if care == Care::Manager {
                add(manager_unit(uid), "running", format!("User Manager for UID {uid}"));
                let runtime = format!("User runtime directory {}", directory(uid));
                add(format!("user-runtime-dir@{uid}.service"), "exited", runtime);
            }
        }
        units
    }

    fn logind_says(&mut self, now: Instant, text: &str) {
        let logind = self.unit_state(LOGIND).main_pid;
        self.daemon_says(now, "systemd-logind", logind, Some(LOGIND), text);
    }

    /// A slice of a user comes or goes.
    fn slice_says(&mut self, now: Instant, what: &str, user: &User) {
        let whose = match care(&self.distro) {
            Care::Manager => format!("UID {}", user.uid),
            _ => user.name.clone(),
        };
        self.manager_says(now, 6, "", format!("{what} slice User Slice of {whose}."));
    }

    /// What the service manager of a user says as it starts.
    fn user_manager_says(&mut self, now: Instant, uid: u32, name: &str) {
        let unit = manager_unit(uid);
        let own = |process: &Process| process.unit.as_ref() == Some(&unit);
        let Some(pid) = self.processes.iter().find(|(_, process)| own(process)).map(|(pid, _)| pid) else { return };
        let opened = format!("pam_unix(systemd-user:session): session opened for user {name} by (uid=0)");
        for text in [
            &opened,
            "Started Mark boot as successful after the user session has run 2 minutes.",
            "Reached target Timers.",
            "Reached target Paths.",
            "Starting D-Bus User Message Bus Socket.",
            "Listening on D-Bus User Message Bus Socket.",
            "Reached target Sockets.",
            "Reached target Basic System.",
            "Reached target Default.",
            "Startup finished in 32ms.",
        ] {
            self.daemon_says(now, "systemd", Some(pid), Some(&unit), text);
        }
    }
}

/// What the daemon of this version writes when a person leaves.
fn parting(version: (u8, u8), user: &str, from: &str, port: u32) -> Vec<String> {
    let disconnect = if version >= (7, 0) { format!(" port {port}:11:") } else { ": 11:".to_owned() };
    let received = format!("Received disconnect from {from}{disconnect} disconnected by user");
    match version {
        (0..=6, _) => vec![received],
        (7, 0..=4) => vec![received, format!("Disconnected from {from} port {port}")],
        _ => vec![received, format!("Disconnected from user {user} {from} port {port}")],
    }
}
