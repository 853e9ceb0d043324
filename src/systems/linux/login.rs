//! Logging in to a machine that is nothing but Linux: the password, the last login, the shell.

use std::sync::Arc;

use super::bash::{self, Start};
use super::clock;
use super::console;
use super::distro::Vendor;
use super::fs::Cred;
use super::made_files;
use super::model::logins::Record;
use super::model::password::Shadow;
use super::model::units::Maintenance;
use super::model::{Linux, Login, Phase, User};
use super::sessions::Arrival;
use super::terminal;
use crate::shell::{Context, Cx, Task};
use crate::systems::{Refusal, family, password};
use crate::world::{Closed, MachineId, Shell, World};

/// Why root is not let in where logins are taken, if so; that does not pass.
#[must_use]
pub fn keeps_root_out(world: &World, id: MachineId) -> Option<Refusal> {
    let linux = world.linux(id);
    let doors = linux.doors("root", Some(&linux.root()), &world.desktop);
    let name = &world.machine(id).name;
    let by = doors.by.unwrap_or_default();
    let why = format!("{name} lets root in by no password, as its sshd_config has it ({by}); its console does");
    (!doors.password).then_some(Refusal { why, passing: false })
}

/// Why no session can be opened now, and whether that passes by itself; nothing when one can.
#[must_use]
pub fn refusal(world: &World, id: MachineId) -> Option<(&'static str, bool)> {
    let linux = world.linux(id);
    match linux.phase {
        Phase::Up if linux.takes_ssh() && linux.network.down => Some(("its network is down", false)),
        Phase::Up if linux.takes_ssh() && linux.network.is_mute() => Some(("it has lost its address", false)),
        Phase::Up if linux.takes_ssh() => None,
        Phase::Up => match linux.maintenance() {
            Some(Maintenance::Emergency) if linux.lacks_file_systems() => Some((
                "it is in emergency mode: a file system of /etc/fstab cannot be mounted; its console lets root in",
                false,
            )),
            Some(Maintenance::Emergency) => Some(("it is in emergency mode; its console lets root in", false)),
            Some(Maintenance::Rescue) => Some(("it is in rescue mode; its console lets root in", false)),
            None if linux.unit_is_wanted("sshd.service") => Some(("it is starting", true)),
            None => Some(("its sshd does not run", false)),
        },
        Phase::Booting => Some(("it is starting", true)),
        Phase::Stopping(_) => Some(("it is shutting down", true)),
        Phase::Off => Some(("it is powered off", false)),
    }
}

/// The login as a task that ends at the first prompt.
#[must_use]
pub fn task() -> Task {
    Task::new(login)
}

async fn login(cx: Cx) -> u8 {
    if !password::ask(&cx, "root").await {
        cx.with(|cx| cx.session.closed = Some(Closed::Denied));
        return 1;
    }
    if cx.with(|cx| family(cx.world, cx.machine()).password_expired(cx.world, cx.machine(), "root")) {
        change_password(&cx).await;
        cx.with(|cx| cx.session.closed = Some(Closed::Denied));
        return 1;
    }
    open(&cx).await
}

/// What PAM says of a password that must be changed, where Red Hat's does (pam_unix of Linux-PAM 1.1.8 and 1.3.1).
#[must_use]
pub fn told_of_expiry(world: &World, id: MachineId, user: &str) -> String {
    let linux = world.linux(id);
    if linux.distro.vendor != Vendor::RedHat {
        return String::new();
    }
    let forced = linux.shadow.get(user).is_some_and(Shadow::is_forced);
    let why = match (linux.distro.has("pam", (1, 3, 1)), forced) {
        (true, true) => "(administrator enforced).",
        (true, false) => "(password expired).",
        (false, true) => "(root enforced)",
        (false, false) => "(password aged)",
    };
    format!("You are required to change your password immediately {why}\n")
}

/// What PAM says of a new password that is too short.
pub const TOO_SHORT: &str = "The password is shorter than 8 characters";

/// Root's password has expired: it is changed on a terminal, and the login is over then.
async fn change_password(cx: &Cx) {
    let asks = cx.with(|cx| {
        cx.screen.mark_inferred();
        let told = told_of_expiry(cx.world, cx.machine(), "root");
        cx.screen.print(&format!("{told}WARNING: Your password has expired.\n"));
        cx.session.terminal.asks
    });
    if !asks {
        return cx.with(|cx| cx.line("Password change required but no TTY available."));
    }
    cx.with(|cx| {
        cx.line("You must change your password now and login again!");
        cx.line("Changing password for user root.");
    });
    if password::choose(cx, TOO_SHORT).await {
        cx.with(|cx| cx.line("passwd: all authentication tokens updated successfully."));
    } else {
        cx.with(|cx| cx.line("passwd: Have exhausted maximum number of retries for service"));
    }
}

/// Lets root in: what the family shows, its shell, and the start-up files of that.
pub async fn open(cx: &Cx) -> u8 {
    let opened = cx.with(|cx| {
        let (id, from) = (cx.machine(), cx.session.from.clone());
        let root = cx.world.linux(id).root();
        let shell = family(cx.world, id).greet(cx, &root, &from);
        let bash = matches!(shell, Shell::Linux(_));
        cx.session.shells.push(shell);
        bash
    });
    if opened { bash::begin(cx.clone()).await } else { 0 }
}

/// The line about the login before, with this one noted in its place, and a bash.
pub fn greet(cx: &mut Context<'_>, user: &User, from: &str) -> Shell {
    let id = cx.machine();
    if cx.session.is_on_console() {
        return on_terminal(cx, id, user, from);
    }
    last_login(cx, &user.name);
    made_files::show_links(cx.world, id);
    let arrival = Arrival::accept(cx, id, user, from);
    let environment = arrival.environment(cx.world);
    let tty = terminal::tty(cx.session);
    let mut shell = Start::login(cx.world, id, user, &tty).with(environment).bash();
    arrival.logged_in(cx.world, &mut shell);
    Shell::Linux(Arc::new(shell))
}

/// Lets a user in on a terminal of the machine itself, such as its serial console; the session is elsewhere.
pub fn on_terminal(cx: &mut Context<'_>, machine: MachineId, user: &User, tty: &str) -> Shell {
    let before = std::mem::replace(&mut cx.session.machine, machine);
    last_login(cx, &user.name);
    cx.session.machine = before;
    made_files::show_links(cx.world, machine);
    let login = console::arrive(cx.world, machine, &user.name, tty);
    let bash = Start::login(cx.world, machine, user, tty).below(login).bash();
    if let Some(shell) = cx.world.linux_mut(machine).processes.get_mut(bash.pid) {
        shell.ppid = login;
    }
    let (at, name) = (cx.now(), user.name.clone());
    let (tty, from) = (tty.to_owned(), String::new());
    let record = Record { user: Some(name), tty, from, at, pid: bash.pid, until: None, session: 0 };
    cx.world.linux_mut(machine).logins.add(record);
    Shell::Linux(Arc::new(bash))
}

/// So much of `/etc/motd` is shown.
const MOTD: usize = 64 << 10;

/// The line about the login before; then what stands in `/etc/motd`. ESXi tells only that.
pub fn last_login(cx: &mut Context<'_>, user: &str) {
    let last = cx.world.linux(cx.machine()).logins.last_of(user).map(Record::login);
    tell(cx, user, last);
}

/// The same of this login before, whichever it was.
pub fn tell(cx: &mut Context<'_>, user: &str, last: Option<Login>) {
    let id = cx.machine();
    let linux = cx.world.linux_mut(id);
    let red_hat = linux.distro.vendor == Vendor::RedHat;
    let mut lines = if red_hat { failed_logins(linux, user) } else { Vec::new() };
    linux.failed_logins = linux.failed_logins.take().filter(|_| user != "root");
    let esxi = linux.distro.vendor == Vendor::Esxi;
    let motd = linux.fs.lookup(&Cred::ROOT, "/", "/etc/motd").ok();
    if let Some(last) = last.filter(|_| !esxi) {
        let at = clock::format("%a %b %e %H:%M:%S %Y", last.at.utc().unix_timestamp(), 0, &linux.zone);
        let how = if last.from.starts_with(terminal::TERMINAL) { "on" } else { "from" };
        lines.push(format!("Last login: {at} {how} {}", last.from));
    }
    for line in lines {
        cx.line(&line);
    }
    if let Some(ino) = motd {
        let text = made_files::slice(cx.world, id, ino, 0, MOTD);
        let text = String::from_utf8_lossy(&text).into_owned();
        if text.is_empty() {
            return;
        }
        cx.line(if esxi { text.trim_end_matches('\n') } else { text.strip_suffix('\n').unwrap_or(&text) });
    }
}

/// What PAM tells of the logins that failed since the last one that did not (`showfailed` of pam_lastlog(8), which Red Hat
/// has in its set-up); only root's are counted. The lines are captured on an appliance.
#[must_use]
pub fn failed_logins(linux: &Linux, user: &str) -> Vec<String> {
    let Some(failed) = linux.failed_logins.as_ref().filter(|_| user == "root") else { return Vec::new() };
    let (was, attempts) = if failed.count == 1 { ("was", "attempt") } else { ("were", "attempts") };
    let (count, last) = (failed.count, &failed.last);
    let at = clock::format("%a %b %e %H:%M:%S %Z %Y", last.at.utc().unix_timestamp(), 0, &linux.zone);
    vec![
        format!("Last failed login: {at} from {} on ssh:notty", last.from),
        format!("There {was} {count} failed login {attempts} since the last successful login."),
    ]
}

/// Whether a login shell is that of an appliance and not bash.
#[must_use]
pub fn is_appliance_shell(path: &str) -> bool {
    path.ends_with("/appliancesh")
}
