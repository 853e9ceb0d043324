//! The serial console of the Manager, behind `hosted-engine --console`: what its kernel and systemd write there while it boots or
//! goes down, what a terminal shows on which nobody is logged in, and a login there. Its first lines are captured (reference,
//! transcript 07). Ctrl-] leaves it; every other key is the guest's: Ctrl-C and Ctrl-D make the terminal begin anew.

use std::future::poll_fn;
use std::task::Poll;

use super::super::host;
use crate::shell::coroutine::{Await, Given};
use crate::sim::{Instant, Span};
use crate::systems::linux::console::issue;
use crate::systems::linux::io::{Cut, SIGINT};
use crate::systems::linux::login::on_terminal;
use crate::systems::linux::model::log::{Facility, Line};
use crate::systems::linux::model::{Linux, Phase, User};
use crate::systems::linux::proc::{Ended, Proc, Request};
use crate::systems::linux::terminal::Connection;
use crate::world::MachineId;

/// The guest's name for the console.
const TTY: &str = "ttyS0";
/// After so many terminals that end without a login, and logins that fail, the guest starts no more of them.
const TRIES: u32 = 5;
/// How often it is looked at what the guest has written.
const LOOKS: Span = Span::millis(250);

/// What comes first of what is awaited.
enum Came {
    Line(String),
    /// Whether the password was the user's.
    Secret(bool),
    Interrupt,
    End,
    Escape,
    Nothing,
}

/// Why nobody looks at a guest's terminal any more.
enum Over {
    /// The person has left it.
    Left,
    /// The guest is gone, or will not let anybody in.
    Ended,
}

/// Asks for a name and a password until somebody is let in.
pub(super) async fn login(p: &mut Proc) -> Ended {
    let guest = host(p, |cluster, _| MachineId(cluster.storage.engine.guest));
    let Some(id) = guest else { return Ok(0) };
    match sit(p, id).await? {
        None | Some(Over::Left) => {}
        Some(Over::Ended) => p.out("\n").await?,
    }
    Ok(0)
}

/// Stays at the terminal of the guest; nothing when somebody is let in, who goes on there.
async fn sit(p: &mut Proc, id: MachineId) -> Result<Option<Over>, Cut> {
    if let Some(over) = comes_up(p, id).await? {
        return Ok(Some(over));
    }
    let (issue, name) = p.world(|world, _| (issue(world, id), world.linux(id).hostname.clone()));
    let name = name.split('.').next().unwrap_or_default();
    p.out(&issue).await?;
    let mut tries = 0;
    while tries < TRIES {
        p.out(&format!("{name} login: ")).await?;
        let typed = match listen(p, None, &[Await::Line, Await::End]).await? {
            Came::Line(typed) => typed,
            Came::Escape => return Ok(Some(Over::Left)),
            Came::Interrupt | Came::End | Came::Secret(_) | Came::Nothing => {
                tries += 1;
                begin_anew(p, &issue).await?;
                continue;
            }
        };
        let typed = typed.trim();
        if typed.is_empty() {
            continue;
        }
        tries += 1;
        p.inferred();
        let user = p.world(|world, _| world.linux(id).user(typed));
        match password(p, id, user).await? {
            Err(Came::Escape) => return Ok(Some(Over::Left)),
            Err(_) => begin_anew(p, &issue).await?,
            Ok(None) => p.out("Login incorrect\n\n").await?,
            Ok(Some(user)) if user.shell.ends_with("/nologin") => {
                p.out("This account is currently not available.\n\n").await?;
            }
            Ok(Some(user)) => {
                let (shell, line) = p.cx.with(|cx| (on_terminal(cx, id, &user, TTY), cx.session.line));
                let way = Connection { machine: id, line, called: String::new(), by: p.pid };
                p.request = Some(Request::Connect(way, shell));
                return Ok(None);
            }
        }
    }
    stand_still(p).await.map(Some)
}

/// The terminal has ended, and systemd starts another.
async fn begin_anew(p: &mut Proc, issue: &str) -> Result<(), Cut> {
    p.inferred();
    p.out(issue).await
}

/// Nothing comes, and nobody reads what is typed.
async fn stand_still(p: &mut Proc) -> Result<Over, Cut> {
    loop {
        match listen(p, None, &[Await::Line, Await::End]).await? {
            Came::Escape => return Ok(Over::Left),
            Came::End => return Ok(Over::Ended),
            _ => {}
        }
    }
}

/// Waits for what is awaited, for a moment, and for the keys that are for this program or for the guest.
async fn listen(p: &Proc, until: Option<Instant>, awaited: &[Await]) -> Result<Came, Cut> {
    let came = poll_fn(|_| {
        let given = p.cx.given(|given| match given {
            Given::Line(line) => Ok(Came::Line(line)),
            Given::Secret(verdict) => Ok(Came::Secret(verdict.accepted)),
            Given::End => Ok(Came::End),
            Given::Escape => Ok(Came::Escape),
            other => Err(other),
        });
        if let Some(came) = given {
            return Poll::Ready(Ok(came));
        }
        if until.is_some_and(|until| p.now() >= until) {
            return Poll::Ready(Ok(Came::Nothing));
        }
        let moment = until.map(Await::Until);
        for awaited in awaited.iter().copied().chain(moment).chain([Await::Escape]) {
            let _: Poll<()> = p.cx.awaits(awaited);
        }
        p.wait_beside()
    })
    .await;
    match came {
        Err(Cut::Signal(SIGINT)) => {
            p.control.handled();
            Ok(Came::Interrupt)
        }
        came => came,
    }
}

/// Shows what the guest writes to its console until a login waits there; why there is none when it goes down instead.
async fn comes_up(p: &mut Proc, id: MachineId) -> Result<Option<Over>, Cut> {
    let mut seen = p.now();
    loop {
        let phase = p.world(|world, _| world.linux(id).phase);
        match phase {
            Phase::Up => return Ok(None),
            Phase::Off if !host(p, |_, host| host.holds_engine()).unwrap_or_default() => return Ok(Some(Over::Ended)),
            Phase::Off => return stand_still(p).await.map(Some),
            Phase::Booting | Phase::Stopping(_) => {}
        }
        let next = p.now() + LOOKS;
        if let Came::Escape = listen(p, Some(next), &[]).await? {
            return Ok(Some(Over::Left));
        }
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

/// Asks for the password where the terminal is one at which a login asks; the user who is let in, or the key that came instead.
async fn password(p: &mut Proc, id: MachineId, user: Option<User>) -> Result<Result<Option<User>, Came>, Cut> {
    if !p.cx.with(|cx| cx.session.terminal.asks) {
        return Ok(Ok(user));
    }
    p.out("Password: ").await?;
    let uid = user.as_ref().map_or(0, |user| user.uid);
    match listen(p, None, &[Await::Secret(id, uid), Await::End]).await? {
        Came::Secret(good) => Ok(Ok(user.filter(|_| good))),
        other => Ok(Err(other)),
    }
}
