//! The console of a machine: a login on its first terminal, where who has no way in through the network comes in, and the shell
//! of emergency mode. Texts of agetty(8), login(1) and sulogin(8), and of systemd's emergency.service; that a name is not
//! asked for is our own: it is root who comes.

use std::sync::Arc;

use super::distro::Vendor;
use super::image::folders::mingetty;
use super::io::SIGTERM;
use super::model::logins::Record;
use super::model::tally::Admission;
use super::model::unit::End;
use super::model::units::Maintenance;
use super::model::{Login, Phase, Process};
use super::{bash, events, login, terminal};
use crate::shell::{Cx, Task};
use crate::systems::{Refusal, family, password};
use crate::world::{Closed, MachineId, Shell, World};

/// The terminal.
pub const TERMINAL: &str = "tty1";
/// How many wrong passwords end a login.
const TRIES: u32 = 3;

/// What the console offers now.
///
/// # Errors
/// What is shown instead.
pub fn open(world: &World, id: MachineId) -> Result<(&'static str, Task), Refusal> {
    let linux = world.linux(id);
    let name = &world.machine(id).name;
    if linux.distro.vendor == Vendor::Esxi {
        return Err(Refusal { why: format!("not modelled: the console of {name}"), passing: false });
    }
    match linux.phase {
        Phase::Up if linux.serves_console() => match linux.maintenance() {
            Some(_) => Ok((TERMINAL, Task::new(maintain))),
            None => Ok((TERMINAL, Task::new(log_in))),
        },
        _ => {
            let nothing = ("nothing waits there for one", false);
            let (why, passing) = login::refusal(world, id).unwrap_or(nothing);
            Err(Refusal { why: format!("{name} takes no logins at its console: {why}"), passing })
        }
    }
}

/// What a terminal shows before the name is asked for.
#[must_use]
pub fn issue(world: &World, id: MachineId) -> String {
    let linux = world.linux(id);
    format!("\n{}\nKernel {} on an x86_64\n\n", linux.distro.pretty, linux.kernel().release)
}

async fn log_in(cx: Cx) -> u8 {
    cx.with(|cx| {
        let issue = issue(cx.world, cx.machine());
        cx.screen.print(&issue);
    });
    if !ask(&cx).await {
        cx.with(|cx| cx.session.closed = Some(Closed::Denied));
        return 1;
    }
    if expired(&cx) && !password::choose(&cx, login::TOO_SHORT).await {
        cx.with(|cx| cx.session.closed = Some(Closed::Denied));
        return 1;
    }
    login::open(&cx).await
}

/// Whether root's password must be changed first, which is said; where none is asked for, none is chosen.
fn expired(cx: &Cx) -> bool {
    cx.with(|cx| {
        let id = cx.machine();
        let expired = cx.session.terminal.asks && family(cx.world, id).password_expired(cx.world, id, "root");
        if expired {
            let told = login::told_of_expiry(cx.world, id, "root");
            cx.screen.print(&told);
        }
        expired
    })
}

/// Asks for root's password as `login` does.
pub async fn ask(cx: &Cx) -> bool {
    if !cx.with(|cx| cx.session.terminal.asks) {
        return cx.with(|cx| {
            let linux = cx.world.linux(cx.machine());
            let told = linux.locked_out("root", cx.now()).map(|count| linux.told_of_lock(count));
            told.iter().for_each(|told| cx.inferred_line(told));
            told.is_none()
        });
    }
    for _ in 0..TRIES {
        cx.with(|cx| {
            let name = cx.world.linux(cx.machine()).hostname.clone();
            let host = name.split('.').next().unwrap_or_default();
            cx.screen.mark_inferred();
            cx.screen.print(&format!("{host} login: root\nPassword: "));
        });
        let right = cx.secret().await;
        let admission = cx.with(|cx| {
            let (id, login) = (cx.machine(), Login { at: cx.now(), from: TERMINAL.to_owned() });
            cx.world.linux_mut(id).admit("root", right, login)
        });
        if admission == Admission::In {
            return true;
        }
        cx.with(|cx| {
            let (id, login) = (cx.machine(), Login { at: cx.now(), from: TERMINAL.to_owned() });
            let linux = cx.world.linux_mut(id);
            linux.login_failed("root", login);
            if let Admission::Locked(count) = admission {
                let told = linux.told_of_lock(count);
                cx.line("");
                cx.line(&told);
            }
            cx.line("\nLogin incorrect");
        });
    }
    false
}

/// What `login` calls its process.
const LOGIN: &str = "login -- ";

/// Whether it is the process that has let somebody in on a terminal of the machine.
#[must_use]
pub fn lets_in(process: &Process) -> bool {
    process.command.starts_with(LOGIN)
}

/// The unit that waits on a terminal for somebody.
fn getty(tty: &str) -> String {
    format!("getty@{tty}.service")
}

/// A user is let in on a terminal: what waited there has become `login`, whose number this is.
pub fn arrive(world: &mut World, machine: MachineId, user: &str, tty: &str) -> u32 {
    let now = world.now;
    let linux = world.linux_mut(machine);
    let on_it = |process: &Process| process.comm() == "mingetty" && process.tty.as_deref() == Some(tty);
    let anew = || linux.processes.iter().find(|(_, process)| on_it(process)).map(|(pid, _)| pid);
    let waiting = linux.unit_state(&getty(tty)).main_pid.or_else(anew);
    let login = Process::daemon(1, 0, &format!("{LOGIN}{user}"), None, now);
    let login = Process { tty: Some(tty.to_owned()), live: true, ..login };
    match waiting.filter(|pid| linux.processes.get(*pid).is_some()) {
        Some(pid) => {
            linux.processes.start_as(pid, login);
            pid
        }
        None => linux.processes.start(login),
    }
}

/// Notes a login on a terminal of the machine itself whose shell is no bash: who logs in is there until the shell ends.
pub fn logged_in(world: &mut World, machine: MachineId, user: &str, tty: &str) {
    let pid = arrive(world, machine, user, tty);
    let (at, user, tty) = (world.now, Some(user.to_owned()), tty.to_owned());
    let record = Record { user, tty, from: String::new(), at, pid, until: None, session: 0 };
    world.linux_mut(machine).logins.add(record);
}

/// Who was let in on a terminal is gone: the terminal waits for somebody again.
pub fn left(world: &mut World, machine: MachineId, tty: &str) {
    let now = world.now;
    let linux = world.linux_mut(machine);
    let on_it = |process: &Process| lets_in(process) && process.tty.as_deref() == Some(tty);
    let Some(pid) = linux.processes.iter().find(|(_, process)| on_it(process)).map(|(pid, _)| pid) else { return };
    linux.processes.remove(pid);
    let number = tty.strip_prefix("tty").and_then(|number| number.parse().ok());
    let anew = number.filter(|_| linux.distro.vendor == Vendor::Suse).map(mingetty);
    let unit = getty(tty);
    if linux.unit_state(&unit).main_pid == Some(pid) {
        let due = linux.main_gone(&unit, End::Signal(SIGTERM), now);
        events::after(world, machine, due);
    } else if let Some(command) = anew {
        // init starts it anew.
        let getty = Process::daemon(1, 0, &command, None, now);
        world.linux_mut(machine).processes.start(Process { tty: Some(tty.to_owned()), ..getty });
    }
}

/// What the shell of a mode says before it asks for root's password, by the version of systemd.
fn hail(mode: Maintenance, systemd: Option<u16>) -> String {
    match (systemd, mode) {
        (Some(236..), _) => format!(
            "\
You are in {} mode. After logging in, type \"journalctl -xb\" to view
system logs, \"systemctl reboot\" to reboot, \"systemctl default\" or \"exit\"
to boot into default mode.
",
            mode.word()
        ),
        (_, Maintenance::Emergency) => "\
Welcome to emergency mode! After logging in, type \"journalctl -xb\" to view
system logs, \"systemctl reboot\" to reboot, \"systemctl default\" or ^D to
try again to boot into default mode.
"
        .to_owned(),
        (_, Maintenance::Rescue) => "\
Welcome to rescue mode! Type \"systemctl default\" or ^D to enter default mode.
Type \"journalctl -xb\" to view system logs. Type \"systemctl reboot\" to reboot.
"
        .to_owned(),
    }
}

/// The shell of rescue or emergency mode, for who knows root's password.
async fn maintain(cx: Cx) -> u8 {
    let (asks, key) = cx.with(|cx| {
        let linux = cx.world.linux(cx.machine());
        let hail = hail(linux.maintenance().unwrap_or(Maintenance::Rescue), linux.distro.systemd);
        // util-linux 2.23 has another word.
        let key = if linux.distro.major == 7 { "type" } else { "press" };
        cx.screen.print(&hail);
        (cx.session.terminal.asks, key)
    });
    for _ in 0..if asks { TRIES } else { 0 } {
        let question = format!("Give root password for maintenance\n(or {key} Control-D to continue): ");
        cx.with(|cx| cx.screen.print(&question));
        if cx.secret().await {
            return shell(cx).await;
        }
        cx.with(|cx| cx.line("\nLogin incorrect\n"));
    }
    if asks {
        cx.with(|cx| cx.session.closed = Some(Closed::Denied));
        return 1;
    }
    shell(cx).await
}

/// A shell of root's on the terminal, without a login.
async fn shell(cx: Cx) -> u8 {
    cx.with(|cx| {
        let (id, tty) = (cx.machine(), terminal::tty(cx.session));
        let linux = cx.world.linux(id);
        let (root, sulogin) = (linux.root(), linux.sulogin().unwrap_or(1));
        let shell = bash::Start::login(cx.world, id, &root, &tty).without_login().below(sulogin).bash();
        if let Some(process) = cx.world.linux_mut(id).processes.get_mut(shell.pid) {
            (process.ppid, process.command) = (sulogin, shell.name.clone());
        }
        cx.session.shells.push(Shell::Linux(Arc::new(shell)));
    });
    bash::begin(cx).await
}
