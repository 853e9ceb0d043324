//! `vmon-cli`: vMon's own tool. Status, restart and dependencies are captured on 7.0; what the other requests print follows
//! from restart, and what a stopped service shows is inferred.

use super::{form, services, wait_until};
use crate::systems::linux::proc::{Ended, Proc};
use crate::systems::vcsa::control;
use crate::systems::vcsa::services::{Definition, MONITOR, Services, Slot, Startup, State};

/// `vmon-cli`
///
/// # Errors
/// [`crate::systems::linux::io::Cut`]
pub async fn run(p: &mut Proc, arguments: &[String]) -> Ended {
    let (verb, rest) = match arguments {
        [] => return p.gap("vmon-cli without a request"),
        [verb, rest @ ..] => (verb.as_str(), rest),
    };
    if !form(p).monitored {
        return p.gap("vmon-cli without vMon");
    }
    if matches!(verb, "--help" | "-h") {
        return p.gap("vmon-cli --help");
    }
    if !services(p, |services| services.runs(MONITOR)) {
        p.inferred();
        p.err("Failed to connect to vMon.\n").await?;
        return Ok(1);
    }
    let verb = match verb {
        "--list" | "-l" => return list(p).await,
        "--status" | "-s" => Verb::Status,
        "--start" | "-i" => Verb::Start,
        "--stop" | "-k" => Verb::Stop,
        "--restart" | "-r" => Verb::Restart,
        "--list-dependencies" => Verb::Dependencies,
        "--update" | "-U" => Verb::Update,
        other => return p.gap(&format!("vmon-cli {other}")),
    };
    let Some(name) = rest.first() else { return p.gap("vmon-cli without the name of a service") };
    let found = services(p, |services| services.definitions().iter().find(|it| it.vmon() == Some(name)));
    let Some(definition) = found else {
        p.inferred();
        p.err(&format!("Service {name} is not registered with vMon.\n")).await?;
        return Ok(1);
    };
    match verb {
        Verb::Status => status(p, definition).await,
        Verb::Dependencies => {
            let text = services(p, |services| dependencies(services, definition));
            p.out(&text).await?;
            Ok(0)
        }
        Verb::Update => update(p, definition, &rest[1..]).await,
        verb => change(p, definition, verb).await,
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Verb {
    Status,
    Start,
    Stop,
    Restart,
    Dependencies,
    Update,
}

async fn list(p: &mut Proc) -> Ended {
    let text: String = services(p, |services| {
        let mut names: Vec<&str> = services.definitions().iter().filter_map(Definition::vmon).collect();
        names.sort_unstable();
        names.into_iter().map(|name| format!("{name}\n")).collect()
    });
    p.out(&text).await?;
    Ok(0)
}

/// The services of vMon that one needs, behind an empty line.
#[must_use]
pub fn dependencies(services: &Services, definition: &Definition) -> String {
    let needs = definition.needs.iter().filter_map(|need| services.find(need));
    let mut names: Vec<&str> = needs.filter_map(Definition::vmon).collect();
    names.sort_unstable();
    std::iter::once(String::new()).chain(names.into_iter().map(str::to_owned)).map(|name| name + "\n").collect()
}

async fn status(p: &mut Proc, definition: &'static Definition) -> Ended {
    let (slot, healthy) = services(p, |services| {
        let slot = services.slot(definition.name).copied();
        (slot, definition.needs.iter().all(|need| services.runs(need)))
    });
    let Some(slot) = slot else { return Ok(1) };
    let now = p.now();
    let since = slot.since.unwrap_or_else(|| p.peek(|linux| linux.booted));
    let up = slot.state == State::Running;
    if !up {
        p.inferred();
    }
    let text = format!(
        "Name: {}\nStarttype: {}\nRunState: {}\nRunAsUser: {}\nCurrentRunStateDuration(ms): {}\nHealthState: {}\n\
         FailStop: {}\nMainProcessId: {}\n",
        definition.vmon().unwrap_or_default(),
        slot.startup.word(),
        run_state(&slot),
        definition.user,
        now.since(since).as_micros() / 1_000,
        if !up {
            "N/A"
        } else if healthy {
            "HEALTHY"
        } else {
            "UNHEALTHY"
        },
        if slot.state == State::Failed { "TRUE" } else { "N/A" },
        slot.pid.map_or_else(|| "N/A".to_owned(), |pid| pid.to_string()),
    );
    p.out(&text).await?;
    Ok(0)
}

fn run_state(slot: &Slot) -> &'static str {
    match slot.state {
        State::Stopped | State::Failed => "STOPPED",
        State::StartPending => "STARTING",
        State::Running => "STARTED",
        State::StopPending => "STOPPING",
    }
}

async fn change(p: &mut Proc, definition: &'static Definition, verb: Verb) -> Ended {
    p.world(|world, id| match verb {
        Verb::Stop => control::ask_stop(world, id, definition.name),
        Verb::Restart => control::restart(world, id, definition.name),
        _ => control::ask_start(world, id, definition.name),
    });
    wait_until(p, |services| !services.is_busy(definition.name)).await?;
    let word = match verb {
        Verb::Stop => "Stop",
        Verb::Restart => "Restart",
        _ => "Start",
    };
    if verb != Verb::Restart {
        p.inferred();
    }
    if verb != Verb::Stop && !services(p, |services| services.runs(definition.name)) {
        p.inferred();
        let name = definition.vmon().unwrap_or_default();
        p.err(&format!("Failed to start {name} services.\n")).await?;
        return Ok(4);
    }
    p.out(&format!("Completed {word} service request.\n")).await?;
    Ok(0)
}

async fn update(p: &mut Proc, definition: &'static Definition, rest: &[String]) -> Ended {
    p.inferred();
    let startup = match rest {
        [option, word] if matches!(option.as_str(), "--starttype" | "-S") => {
            [Startup::Automatic, Startup::Manual, Startup::Disabled].into_iter().find(|it| it.word() == word)
        }
        _ => None,
    };
    let Some(startup) = startup else { return p.gap("vmon-cli --update with anything but --starttype") };
    p.world(|world, id| world.vcsa_mut(id).services.set_startup(definition.name, startup));
    p.out("Completed Update service request.\n").await?;
    Ok(0)
}
