//! A program that something else than bash starts at a session's terminal: the plug-ins of an appliance's own shell.

use std::future::poll_fn;
use std::sync::Arc;
use std::task::Poll;

use super::bash::Start;
use super::io::{Cut, Descriptors, Open, SIGINT};
use super::model::{Process, User};
use super::proc::Proc;
use super::tools::{self, Tool};
use super::{parting, terminal};
use crate::shell::coroutine::{Await, Given};
use crate::shell::{Cx, Task};

/// The task that runs a program of the session's machine as one of its users, with these arguments. Ctrl-C reaches it as a signal.
#[must_use]
pub fn task(name: &'static str, arguments: Vec<String>, user: User) -> Task {
    Task::new(move |cx| run(cx, name, arguments, user)).on_abandon(parting::clear)
}

async fn run(cx: Cx, name: &'static str, arguments: Vec<String>, user: User) -> u8 {
    let found = cx.with(|cx| tools::find(cx.world, cx.session.machine, name));
    let Some(tool) = found else {
        cx.with(|cx| cx.aside(&format!("not modelled: {name}")));
        return 1;
    };
    let mut p = process(&cx, name, &arguments, &user);
    let control = Arc::clone(&p.control);
    let mut work = std::pin::pin!(ended(&mut p, tool, &arguments));
    let status = poll_fn(|polling| {
        if cx.given(|given| if given == Given::Interrupt { Ok(()) } else { Err(given) }).is_some() {
            control.send(SIGINT);
        }
        let polled = work.as_mut().poll(polling);
        if polled.is_pending() {
            let _: Poll<()> = cx.awaits(Await::Interrupt);
        }
        polled
    })
    .await;
    control.handled();
    status
}

/// Runs the program to its end, and takes it out of the process table.
async fn ended(p: &mut Proc, tool: &Tool, arguments: &[String]) -> u8 {
    let ended = (tool.run)(p, arguments).await;
    let ended = match (p.write_error.take(), ended) {
        (Some(errno), Ok(_)) => p.fail(&format!("write error: {}", errno.text())).await,
        (_, ended) => ended,
    };
    let status = ended.unwrap_or_else(Cut::status);
    p.exit(status);
    p.reap();
    status
}

fn process(cx: &Cx, name: &str, arguments: &[String], user: &User) -> Proc {
    let terminal = Arc::new(Open::Terminal);
    cx.with(|context| {
        let (machine, tty, started) = (context.machine(), terminal::tty(context.session), context.now());
        let command = std::iter::once(name).chain(arguments.iter().map(String::as_str)).collect::<Vec<_>>().join(" ");
        let linux = context.world.linux_mut(machine);
        let process = Process { tty: Some(tty), live: true, ..Process::daemon(1, user.uid, &command, None, started) };
        let pid = linux.processes.start(process);
        let (cred, umask) = (linux.cred(user), linux.distro.umask);
        let files = Descriptors::new(Arc::clone(&terminal), terminal);
        Proc {
            cwd: user.home.clone(),
            umask,
            env: Arc::new(Start::environment(context.world, machine, user)),
            ..Proc::new(cx, machine, pid, name, (&user.name, cred), files)
        }
    })
}
