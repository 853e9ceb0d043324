//! Logging in to a machine that is nothing but Linux: the password, the last login, the shell.

use super::bash::{self, Start};
use super::model::{Login, Phase};
use super::{clock, terminal, terminal::Arrival};
use crate::shell::{Cx, Task};
use crate::systems::password;
use crate::world::{Closed, MachineId, Shell, World};

/// Why no session can be opened now, and whether that passes by itself; nothing when one can.
#[must_use]
pub fn refusal(world: &World, id: MachineId) -> Option<(&'static str, bool)> {
    match world.linux(id).phase {
        Phase::Up if world.linux(id).unit_is_up("sshd.service") => None,
        Phase::Up => Some(("its sshd does not run", false)),
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
    cx.with(|cx| {
        let (id, tty) = (cx.machine(), terminal::tty(cx.session));
        let from = cx.session.from.clone();
        if let Some(line) = greeting(cx.world, id, &from) {
            cx.line(&line);
        }
        let user = cx.world.linux(id).root();
        let arrival = Arrival::accept(cx, id, &user.name, &from);
        let mut shell = Start::login(cx.world, id, &user, &tty).bash();
        arrival.logged_in(cx.world, &mut shell);
        cx.session.shells.push(Shell::Linux(std::sync::Arc::new(shell)));
    });
    bash::begin(cx).await
}

/// The line about the login before, and this one noted in its place.
pub fn greeting(world: &mut World, id: MachineId, from: &str) -> Option<String> {
    let login = Login { at: world.now, from: from.to_owned() };
    let linux = world.linux_mut(id);
    let last = linux.last_login.replace(login)?;
    let at = clock::format("%a %b %e %H:%M:%S %Y", last.at.utc().unix_timestamp(), 0, &linux.zone);
    Some(format!("Last login: {at} from {}", last.from))
}

/// Whether a login shell is that of an appliance and not bash.
#[must_use]
pub fn is_appliance_shell(path: &str) -> bool {
    path.ends_with("/appliancesh")
}
