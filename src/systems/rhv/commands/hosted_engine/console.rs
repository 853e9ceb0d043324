//! The serial console of the Manager, behind `hosted-engine --console`: what a terminal shows on which nobody is logged in, and
//! a login there. Its first lines are captured (reference, transcript 07); that `^]` leaves it is left to Ctrl-D.

use super::super::host;
use crate::shell::coroutine::Await;
use crate::systems::linux::console::issue;
use crate::systems::linux::login::on_terminal;
use crate::systems::linux::model::{Phase, User};
use crate::systems::linux::proc::{Ended, Proc, Request};
use crate::systems::linux::terminal::Connection;
use crate::systems::linux::tools::ssh::ask;
use crate::world::MachineId;

/// The guest's name for the console.
const TTY: &str = "ttyS0";
/// After so many logins that fail it ends.
const TRIES: u32 = 5;

/// Asks for a name and a password until somebody is let in.
pub(super) async fn login(p: &mut Proc) -> Ended {
    let guest = host(p, |cluster, _| MachineId(cluster.storage.engine.guest));
    let up = guest.filter(|id| p.world(|world, _| world.linux(*id).phase == Phase::Up));
    let Some(id) = up else { return p.gap("what the Manager's console shows while its guest does not run") };
    let (issue, name) = p.world(|world, _| (issue(world, id), world.linux(id).hostname.clone()));
    let name = name.split('.').next().unwrap_or_default();
    p.out(&issue).await?;
    for _ in 0..TRIES {
        p.out(&format!("{name} login: ")).await?;
        let Some(typed) = ask(p).await? else {
            p.out("\n").await?;
            return Ok(0);
        };
        let typed = typed.trim();
        if typed.is_empty() {
            continue;
        }
        p.inferred();
        let user = p.world(|world, _| world.linux(id).user(typed));
        if let Some(user) = password(p, id, user).await? {
            if user.shell.ends_with("/nologin") {
                p.out("This account is currently not available.\n\n").await?;
                continue;
            }
            let (shell, line) = p.cx.with(|cx| (on_terminal(cx, id, &user, TTY), cx.session.line));
            let way = Connection { machine: id, line, called: String::new(), by: p.pid };
            p.request = Some(Request::Connect(way, shell));
            return Ok(0);
        }
        p.out("Login incorrect\n\n").await?;
    }
    Ok(0)
}

/// Asks for the password where the terminal is one at which a login asks; the user who is let in.
async fn password(
    p: &mut Proc,
    id: MachineId,
    user: Option<User>,
) -> Result<Option<User>, crate::systems::linux::io::Cut> {
    if !p.cx.with(|cx| cx.session.terminal.asks) {
        return Ok(user);
    }
    p.out("Password: ").await?;
    let uid = user.as_ref().map_or(0, |user| user.uid);
    let good = p.secret(Await::Secret(id, uid)).await?;
    Ok(user.filter(|_| good))
}
