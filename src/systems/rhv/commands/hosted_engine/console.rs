//! The serial console of the Manager, behind `hosted-engine --console`: what its kernel and systemd write there while it boots or
//! goes down, what a terminal shows on which nobody is logged in, and a login there. Its first lines are captured (reference, transcript 07); that `^]` leaves it is left to Ctrl-D.

use super::super::host;
use crate::shell::coroutine::Await;
use crate::sim::Span;
use crate::systems::linux::console::issue;
use crate::systems::linux::io::Cut;
use crate::systems::linux::login::on_terminal;
use crate::systems::linux::model::log::{Facility, Line};
use crate::systems::linux::model::{Linux, Phase, User};
use crate::systems::linux::proc::{Ended, Proc, Request};
use crate::systems::linux::terminal::Connection;
use crate::systems::linux::tools::ssh::ask;
use crate::world::MachineId;

/// The guest's name for the console.
const TTY: &str = "ttyS0";
/// After so many logins that fail it ends.
const TRIES: u32 = 5;
/// How often it is looked at what the guest has written.
const LOOKS: Span = Span::millis(250);

/// Asks for a name and a password until somebody is let in.
pub(super) async fn login(p: &mut Proc) -> Ended {
    let guest = host(p, |cluster, _| MachineId(cluster.storage.engine.guest));
    let Some(id) = guest else { return Ok(0) };
    if !comes_up(p, id).await? {
        p.out("\n").await?;
        return Ok(0);
    }
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

/// Shows what the guest writes to its console until a login waits there; `false` when it goes down instead.
async fn comes_up(p: &mut Proc, id: MachineId) -> Result<bool, Cut> {
    let mut seen = p.now();
    loop {
        let phase = p.world(|world, _| world.linux(id).phase);
        match phase {
            Phase::Up => return Ok(true),
            Phase::Off if !host(p, |_, host| host.holds_engine()).unwrap_or_default() => return Ok(false),
            // It stands still: nothing comes, and nobody reads what is typed.
            Phase::Off => match ask(p).await? {
                Some(_) => continue,
                None => return Ok(false),
            },
            Phase::Booting | Phase::Stopping(_) => {}
        }
        p.pass(LOOKS).await?;
        let now = p.now();
        let text: String = p.world(|world, _| {
            let linux = world.linux(id);
            let new = linux.log.lines().rev().take_while(|line| line.at > seen);
            let mut shown: Vec<String> =
                new.filter(|line| line.at <= now).filter_map(|line| shown(line, linux)).collect();
            shown.reverse();
            shown.concat()
        });
        if !text.is_empty() {
            p.inferred();
            p.out(&text).await?;
        }
        seen = now;
    }
}

/// A line of the log as the kernel, or systemd, writes it to the console.
fn shown(line: &Line, linux: &Linux) -> Option<String> {
    let Line { at, text, .. } = line;
    if line.facility == Facility::Kernel {
        let micros = at.since(linux.booted).as_micros();
        return Some(format!("[{:5}.{:06}] {text}\n", micros / 1_000_000, micros % 1_000_000));
    }
    let says = |words: &[&str]| line.ident == "systemd" && words.iter().any(|word| text.starts_with(word));
    if says(&["Starting ", "Stopping "]) {
        Some(format!("         {text}\n"))
    } else if says(&["Failed to start "]) {
        Some(format!("[FAILED] {text}\n"))
    } else if says(&["Started ", "Stopped ", "Reached target ", "Listening on ", "Mounted ", "Unmounted "]) {
        Some(format!("[  OK  ] {text}\n"))
    } else {
        None
    }
}

/// Asks for the password where the terminal is one at which a login asks; the user who is let in.
async fn password(p: &mut Proc, id: MachineId, user: Option<User>) -> Result<Option<User>, Cut> {
    if !p.cx.with(|cx| cx.session.terminal.asks) {
        return Ok(user);
    }
    p.out("Password: ").await?;
    let uid = user.as_ref().map_or(0, |user| user.uid);
    let good = p.secret(Await::Secret(id, uid)).await?;
    Ok(user.filter(|_| good))
}
