//! `services.*`: the services of the operating system, which `systemctl` or `service` in bash shows, too. Names of the members
//! are those of the API structure.

use super::Command;
use super::args::{ALL, call, gap, inferred, member, refuse, reply, text, values, word};
use crate::shell::argparse::{Argument, Parsed, Parser};
use crate::shell::{Context, Cx, Outcome, Task, Value};
use crate::sim::Span;
use crate::systems::vcsa::api::services;

const STRUCTURE: &str = "members of the API structure; which services are listed is a guess";

/// So often a change is looked after.
const LOOK: Span = Span::millis(100);

const NAME: Argument = word(&["--name"], "Name of the service").required();

/// The commands.
pub const COMMANDS: &[&Command] = &[
    &call(
        &Parser::new("com.vmware.appliance.version1.services.list").description("Get a list of all known services."),
        list,
        &[
            inferred("services.list", ALL, STRUCTURE),
            gap("services.list: VMware services, if the real one lists them", ALL),
        ],
    ),
    &call(
        &Parser::new("com.vmware.appliance.version1.services.restart")
            .description("Restart a service.")
            .arguments(&[NAME]),
        |cx, parsed| change(cx, parsed, true),
        &[inferred("services.restart: comes back when the service has", ALL, STRUCTURE)],
    ),
    &call(
        &Parser::new("com.vmware.appliance.version1.services.status.get")
            .description("Get service status.")
            .arguments(&[NAME]),
        |cx, parsed| match services::unit(cx.world, cx.machine(), text(parsed, "name")) {
            Ok(unit) => {
                member(cx, "Status", |cx| if services::is_up(cx.world, cx.machine(), &unit) { "up" } else { "down" })
            }
            Err(error) => refuse(cx, &error),
        },
        &[inferred("services.status.get", ALL, STRUCTURE)],
    ),
    &call(
        &Parser::new("com.vmware.appliance.version1.services.stop").description("Stop a service.").arguments(&[NAME]),
        |cx, parsed| change(cx, parsed, false),
        &[inferred("services.stop: sshd stopped takes no more logins", ALL, STRUCTURE)],
    ),
];

fn list(cx: &mut Context<'_>, _: &Parsed) -> Outcome {
    let all = services::list(cx.world, cx.machine()).into_iter().map(|(name, description)| {
        Value::record([
            ("Name", name.into()),
            ("Description", description.into()),
            ("Operations", values(["status", "stop", "restart"])),
        ])
    });
    let all = Value::List(all.collect());
    reply(cx, Value::record([("Services", all)]))
}

fn change(cx: &mut Context<'_>, parsed: &Parsed, again: bool) -> Outcome {
    match services::unit(cx.world, cx.machine(), text(parsed, "name")) {
        Ok(unit) => Outcome::Task(Task::new(move |cx| stop(cx, unit, again))),
        Err(error) => refuse(cx, &error),
    }
}

/// Stops a service, starts it again if wished, and comes back when it is through.
async fn stop(cx: Cx, unit: String, again: bool) -> u8 {
    let ask = |start: bool| {
        cx.with(|cx| {
            let id = cx.machine();
            services::ask(cx.world, id, &unit, start);
        });
    };
    ask(false);
    settled(&cx, &unit).await;
    if again {
        ask(true);
        settled(&cx, &unit).await;
    }
    0
}

/// A setter that is through when a unit is through with what it was asked for.
pub fn once_settled(unit: &'static str) -> Outcome {
    Outcome::Task(Task::new(move |cx| async move {
        settled(&cx, unit).await;
        0
    }))
}

async fn settled(cx: &Cx, unit: &str) {
    while cx.with(|cx| services::is_busy(cx.world, cx.machine(), unit)) {
        cx.pass(LOOK).await;
    }
}
