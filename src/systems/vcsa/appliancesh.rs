//! `appliancesh`: the appliance shell as a program of its Linux: at the keyboard of bash, for one command that is typed there,
//! and as the login shell that the secure shell gives a command to.
//!
//! Truth: reference `appliance-shell.md` 1.3 to 1.5.

use std::future::poll_fn;
use std::sync::Arc;
use std::task::Poll;

use super::model::{Shell, Vcsa};
use super::{login, rights};
use crate::shell::coroutine::{Await, Coroutine};
use crate::shell::{Context, Screen, Step, Task};
use crate::systems::Console;
use crate::systems::linux::io::{Cut, Open};
use crate::systems::linux::proc::{CHUNK, Ended, Proc, Request};
use crate::systems::linux::tools;
use crate::world;

/// What it asks from bash.
const PROMPT: &str = "Password: ";

/// The command line of a login shell's process: the program that runs the service of the management, with the shell's part.
#[must_use]
pub fn command(vcsa: &Vcsa) -> String {
    let service = vcsa.services.definitions().iter().find(|service| service.name == "applmgmt");
    let runner = service.and_then(|service| service.command.rsplit_once(' '));
    let (runner, _) = runner.unwrap_or(("/usr/bin/python /usr/lib/applmgmt/base/bin/vherdrunner", ""));
    format!("{runner} /usr/lib/applmgmt/linux_cli/bin/main-shell")
}

/// `appliancesh`
///
/// # Errors
/// [`Cut`]
pub async fn run(p: &mut Proc, arguments: &[String]) -> Ended {
    if arguments.is_empty() {
        if !p.at_keyboard() {
            return p.gap("appliancesh with commands on its standard input");
        }
        p.cx.with(login::hints);
        p.inferred();
        p.request = Some(Request::Enter(world::Shell::Vcsa(Shell::Of(p.cred.uid))));
        return Ok(0);
    }
    // With `-c` it is the login shell, whose user has been let in.
    let words = arguments.strip_prefix(&["-c".to_owned()]).unwrap_or(arguments);
    if words.len() == arguments.len() && !is_let_in(p).await? {
        return Ok(1);
    }
    let line = words.join(" ");
    if let Some((name, arguments)) = p.world(|world, id| super::appliance::program(world, id, &line)) {
        return plugin(p, name, &arguments).await;
    }
    carry_out_line(p, &line).await
}

/// A line as at the prompt, to its end: what it prints goes where the program's output goes.
///
/// # Errors
/// [`Cut`]
pub async fn carry_out_line(p: &mut Proc, line: &str) -> Ended {
    match p.cx.with(|cx| captured(cx, p, line)) {
        // As a captured `ssh root@vc COMMAND` shows, also where the command is unknown.
        Ok(text) => {
            p.out(&text).await?;
            Ok(0)
        }
        Err(task) => carry_out(p, task).await,
    }
}

/// A command that takes its time or asks, to its end: what it prints goes where the program's output goes. When the program is
/// ended, by a signal or with its connection, the command is cut off.
pub(super) async fn carry_out(p: &mut Proc, task: Task) -> Ended {
    let (mut coroutine, abandoned) = task.within(p.cx.clone());
    let machine = p.machine;
    let cut_off = p.cx.in_case(move |cx| {
        let before = std::mem::replace(&mut cx.session.machine, machine);
        abandoned(cx);
        cx.session.machine = before;
    });
    let ended = to_its_end(p, &mut coroutine).await;
    if let Some(cut_off) = cut_off.take()
        && ended.is_err()
    {
        p.cx.with(cut_off);
    }
    ended
}

async fn to_its_end(p: &mut Proc, coroutine: &mut Coroutine) -> Ended {
    // A counter stands on it from one poll to the next.
    let mut own = Screen::default();
    loop {
        let (text, status) = poll_fn(|polling| {
            if let Err(cut) = p.go_on() {
                return Poll::Ready(Err(cut));
            }
            let before = p.cx.with(|cx| {
                std::mem::swap(cx.screen, &mut own);
                std::mem::replace(&mut cx.session.machine, p.machine)
            });
            let place = p.cx.with(|cx| rights::enter(cx, p.cred.uid));
            let polled = coroutine.as_mut().poll(polling);
            let text = p.cx.with(|cx| {
                rights::leave(cx, place);
                cx.session.machine = before;
                std::mem::swap(cx.screen, &mut own);
                if polled.is_ready() {
                    own.settle();
                }
                if own.take_inferred() {
                    cx.screen.mark_inferred();
                }
                own.take()
            });
            match polled {
                Poll::Ready(status) => Poll::Ready(Ok((text, Some(status)))),
                Poll::Pending if text.is_empty() => p.wait_beside(),
                Poll::Pending => Poll::Ready(Ok((text, None))),
            }
        })
        .await?;
        p.out(&text).await?;
        if let Some(status) = status {
            return Ok(status);
        }
    }
}

/// From bash it asks for the user's password, at the terminal or, where something else is its standard input, there: that is told
/// by a script that writes it. Both prompts are inferred to be those of Python's getpass, by whose warnings the answer to
/// `system.version.get` has its version where another script looks for it, in the sixth line.
async fn is_let_in(p: &mut Proc) -> Result<bool, Cut> {
    p.inferred();
    let accepted = if p.files.is_terminal(0) {
        let errors = p.files.get(2).cloned();
        p.files.set(2, Some(Arc::new(Open::Terminal)));
        let asked = p.err(PROMPT).await;
        p.files.set(2, errors);
        asked?;
        p.secret(Await::Secret(p.machine, p.cred.uid)).await?
    } else {
        let place = p.world(|world, id| world.vcsa(id).series().getpass);
        p.err(&format!(
            "{place}: GetPassWarning: Can not control echo on the terminal.\n  passwd = fallback_getpass(prompt, stream)\n\
             Warning: Password input may be echoed.\n{PROMPT}"
        ))
        .await?;
        let typed = p.read_until(0, CHUNK, Some(b'\n')).await?;
        p.err("\n").await?;
        let typed = String::from_utf8_lossy(&typed);
        !typed.is_empty() && p.world(|world, id| world.machine(id).accepts_of(p.cred.uid, typed.trim_end_matches('\n')))
    };
    if !accepted {
        p.err("Failed to authenticate.\n").await?;
    }
    Ok(accepted)
}

/// What the appliance shell of a machine answers to a line at once.
fn captured(cx: &mut Context<'_>, p: &Proc, line: &str) -> Result<String, Task> {
    let terminal = std::mem::take(cx.screen);
    let before = std::mem::replace(&mut cx.session.machine, p.machine);
    let place = rights::enter(cx, p.cred.uid);
    let step = super::appliance::Appliance.line(cx, line);
    rights::leave(cx, place);
    cx.session.machine = before;
    let text = std::mem::replace(cx.screen, terminal).take();
    match step {
        Step::Done(_) => Ok(text),
        Step::Task(task) => Err(task),
    }
}

/// A plug-in that is a program: this process becomes it.
async fn plugin(p: &mut Proc, name: &'static str, arguments: &[String]) -> Ended {
    let Some(tool) = p.world(|world, id| tools::find(world, id, name)) else { return p.gap(name) };
    let user = p.cx.with(|cx| {
        let caller = rights::called(cx.world, cx.session, p.machine, p.cred.uid);
        rights::runs_as(cx.world, p.machine, &caller, name, arguments)
    });
    let Some(user) = user else {
        p.inferred();
        p.out(rights::DENIED).await?;
        return Ok(0);
    };
    p.cred = p.peek(|linux| linux.cred(&user));
    p.user = user.name;
    name.clone_into(&mut p.name);
    (tool.run)(p, arguments).await
}
