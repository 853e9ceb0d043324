//! `service-control` and `vmon-cli`: what starts and stops the services by hand, as programs of the root shell. The appliance
//! shell's plug-in is the same program.
//!
//! Truth: reference `appliance-shell.md` 2.1 and 2.2 with its captures: usage of 6.0, 6.5 and 7.0; status and lists of 6.5
//! and 6.7; start, stop and their failures of 6.7 and 8.0; the talkative form of 6.5. Which words a program has for what
//! nobody captured is inferred and says so: everything that 6.0 prints while it starts and stops, restart, most refusals.

mod form;
mod options;
mod profile;
mod report;
pub mod vmon_cli;

pub use form::Form;
use options::{Ask, Operation};
use report::{Failure, Reporter};

use crate::sim::Span;
use crate::systems::linux::io::{Cut, SIGINT};
use crate::systems::linux::proc::{Ended, Proc};
use crate::systems::vcsa::control;
use crate::systems::vcsa::model::Vcsa;
use crate::systems::vcsa::services::{Definition, Manager, Services, State};

/// Its name.
pub const NAME: &str = "service-control";

/// What the program works on.
fn vcsa<R>(p: &Proc, reach: impl FnOnce(&Vcsa) -> R) -> R {
    p.world(|world, id| reach(world.vcsa(id)))
}

fn services<R>(p: &Proc, reach: impl FnOnce(&Services) -> R) -> R {
    vcsa(p, |vcsa| reach(&vcsa.services))
}

fn form(p: &Proc) -> &'static Form {
    vcsa(p, |vcsa| Form::of(vcsa.series().service_control))
}

/// `service-control`
///
/// # Errors
/// [`Cut`]
pub async fn run(p: &mut Proc, arguments: &[String]) -> Ended {
    let ask = match options::read(p, arguments) {
        Ok(ask) => ask,
        Err(stop) => {
            if stop.status == 0 {
                p.out(&stop.stdout).await?;
            } else {
                p.inferred();
                p.err(&stop.stderr).await?;
            }
            return Ok(stop.status);
        }
    };
    if !p.cred.is_root() {
        p.inferred();
        return p.fail("this program must be run as root").await;
    }
    match ask.operation {
        Operation::Status => status(p, &ask).await,
        Operation::List => list(p).await,
        Operation::Dependencies => dependencies(p, &ask).await,
        Operation::Help => {
            p.inferred();
            let help = options::help(p);
            p.out(&help).await?;
            Ok(1)
        }
        Operation::Start | Operation::Stop | Operation::Restart => change(p, &ask).await,
    }
}

/// Whether it starts or stops something on an appliance, told these words.
#[must_use]
pub fn changes(vcsa: &Vcsa, arguments: &[String]) -> bool {
    options::operation(vcsa, arguments)
        .is_some_and(|operation| matches!(operation, Operation::Start | Operation::Stop | Operation::Restart))
}

/// The services that were named; the first name that is none.
fn named(p: &Proc, names: &[String]) -> Result<Vec<&'static Definition>, String> {
    names.iter().map(|name| services(p, |services| services.find(name)).ok_or_else(|| name.clone())).collect()
}

async fn unknown(p: &mut Proc, name: &str) -> Ended {
    p.inferred();
    // vMon is asked first, where there is one.
    let text = if form(p).monitored { report::not_registered(name) + "\n" } else { String::new() };
    p.err(&format!("{text}Service-control failed. Error: Unknown service {name}\n")).await?;
    Ok(1)
}

/// Which are in which state, a block for each state that one is in.
async fn status(p: &mut Proc, ask: &Ask) -> Ended {
    let wanted = match named(p, &ask.names) {
        Ok(wanted) => wanted,
        Err(name) => return unknown(p, &name).await,
    };
    if form(p).guessed {
        p.inferred();
    }
    let core_too = ask.all || form(p).monitored;
    let shown = |definition: &Definition| match wanted.is_empty() {
        true => core_too || definition.manager != Manager::Core,
        false => wanted.iter().any(|wanted| wanted.name == definition.name),
    };
    let text = services(p, |services| blocks(services, shown));
    p.out(&text).await?;
    Ok(0)
}

/// The order of the blocks is that of a hash on the real system: with a service on its way up, what runs came last.
fn blocks(services: &Services, shown: impl Fn(&Definition) -> bool) -> String {
    const SETTLED: [(&str, &[State]); 3] = [
        ("Running", &[State::Running]),
        ("StopPending", &[State::StopPending]),
        ("Stopped", &[State::Stopped, State::Failed]),
    ];
    const STARTING: [(&str, &[State]); 4] =
        [("StartPending", &[State::StartPending]), SETTLED[1], SETTLED[2], SETTLED[0]];
    let starting = services.iter().any(|(definition, state)| state == State::StartPending && shown(definition));
    let order: &[(&str, &[State])] = if starting { &STARTING } else { &SETTLED };
    let mut text = String::new();
    for (head, states) in order {
        let own = services.iter().filter(|(definition, state)| states.contains(state) && shown(definition));
        let mut names: Vec<&str> = own.map(|(definition, _)| definition.name).collect();
        names.sort_unstable();
        if !names.is_empty() {
            text.push_str(&format!("{head}:\n {}\n", names.join(" ")));
        }
    }
    text
}

/// All services with what they are.
async fn list(p: &mut Proc) -> Ended {
    if !form(p).list_was_captured {
        p.inferred();
    }
    let text: String = services(p, |services| {
        let set = services.set_of_services();
        let shown = set.listed.iter().map(|at| &set.services[*at]);
        shown.map(|definition| format!("{} ({})\n", definition.name, definition.display)).collect()
    });
    p.out(&text).await?;
    Ok(0)
}

async fn dependencies(p: &mut Proc, ask: &Ask) -> Ended {
    p.inferred();
    let wanted = match named(p, &ask.names) {
        Ok(wanted) => wanted,
        Err(name) => return unknown(p, &name).await,
    };
    let [definition] = wanted[..] else {
        p.err("Service-control failed. Error: Please specify one service name\n").await?;
        return Ok(1);
    };
    let text = services(p, |services| vmon_cli::dependencies(services, definition));
    p.out(&text).await?;
    Ok(0)
}

/// Starts, stops or restarts: what was named, else the profile, with `--all` what is around it, too.
async fn change(p: &mut Proc, ask: &Ask) -> Ended {
    let wanted = match named(p, &ask.names) {
        Ok(wanted) => wanted,
        Err(name) => return unknown(p, &name).await,
    };
    if ask.file {
        return p.gap("service-control --file");
    }
    let mut reporter = Reporter::new(p, ask);
    if ask.dry_run {
        return reporter.only_say(p, &wanted).await;
    }
    reporter.begin(p, &wanted).await?;
    let outcome = match (&wanted[..], ask.operation) {
        ([] | [_, _, ..], Operation::Restart) => {
            Err(Failure::Words("Restart needs the name of one service".to_owned()))
        }
        ([], _) => profile::change(p, ask, &reporter).await?,
        (wanted, _) => each(p, ask, &reporter, wanted).await?,
    };
    match outcome {
        Ok(()) => Ok(0),
        Err(failure) => {
            reporter.give_up(p, &failure).await?;
            Ok(1)
        }
    }
}

/// One service after the other.
async fn each(
    p: &mut Proc,
    ask: &Ask,
    reporter: &Reporter,
    wanted: &[&'static Definition],
) -> Result<Result<(), Failure>, Cut> {
    for definition in wanted {
        reporter.performing(p, definition).await?;
        // What runs is not started again.
        let there = ask.operation == Operation::Start && services(p, |services| services.runs(definition.name));
        if !there {
            carry_out(p, ask.operation, definition).await?;
        }
        if ask.operation == Operation::Stop || services(p, |services| services.runs(definition.name)) {
            reporter.succeeded(p, definition).await?;
            continue;
        }
        reporter.failed(p, definition).await?;
        if !ask.ignore {
            return Ok(Err(Failure::Service(definition)));
        }
    }
    Ok(Ok(()))
}

/// Asks for it and waits until it is through.
async fn carry_out(p: &Proc, operation: Operation, definition: &Definition) -> Result<(), Cut> {
    p.world(|world, id| match operation {
        Operation::Stop => control::ask_stop(world, id, definition.name),
        Operation::Restart => control::restart(world, id, definition.name),
        _ => control::ask_start(world, id, definition.name),
    });
    wait_until(p, |services| !services.is_busy(definition.name)).await
}

/// Lets a short time go by, which Ctrl-C does not end either.
async fn moment(p: &Proc, span: Span) -> Result<(), Cut> {
    match p.pass(span).await {
        Err(Cut::Signal(SIGINT)) => {
            p.control.handled();
            Ok(())
        }
        other => other,
    }
}

/// Looks once a second, as nothing stops or starts faster. Ctrl-C does not end it, as the program says at its beginning.
async fn wait_until(p: &Proc, done: impl Fn(&Services) -> bool) -> Result<(), Cut> {
    while !services(p, &done) {
        moment(p, Span::secs(1)).await?;
    }
    Ok(())
}
