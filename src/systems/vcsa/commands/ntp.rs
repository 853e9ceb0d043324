//! `ntp.*`: the time servers of `/etc/ntp.conf`, and whether the daemon that asks them runs. The guide tells that `ntp.get` shows
//! a status and the servers with blanks between.

use super::Command;
use super::args::{self, ALL, SINCE_6_5, call, documented, inferred, list, reply, word};
use crate::shell::argparse::{Argument, Parsed, Parser};
use crate::shell::{Context, Outcome, Value};
use crate::systems::vcsa::api::{ApiError, time};
use crate::world::{MachineId, World};

const GUIDE: &str = "the guide of 7.0; layout inferred";

const SERVERS: Argument = word(&["--servers"], "List of NTP servers").required();

/// The commands.
pub const COMMANDS: &[&Command] = &[
    &call(
        &Parser::new("com.vmware.appliance.version1.ntp.get").description("Get NTP server status."),
        get,
        &[documented("ntp.get", ALL, GUIDE)],
    ),
    &call(
        &Parser::new("com.vmware.appliance.version1.ntp.server.add")
            .description("Add NTP servers. This method updates old NTP servers from configuration and sets the input NTP servers in configuration.")
            .arguments(&[SERVERS]),
        |cx, parsed| change(cx, parsed, time::add_servers),
        &[documented("ntp.server.add: in /etc/ntp.conf", ALL, GUIDE)],
    ),
    &call(
        &Parser::new("com.vmware.appliance.version1.ntp.server.delete")
            .description("Delete NTP servers.")
            .arguments(&[SERVERS]),
        |cx, parsed| change(cx, parsed, time::delete_servers),
        &[documented("ntp.server.delete", ALL, GUIDE)],
    ),
    &call(
        &Parser::new("com.vmware.appliance.version1.ntp.server.set")
            .description("Set NTP servers. This method deletes old NTP servers from configuration and sets the input NTP servers in configuration.")
            .arguments(&[SERVERS]),
        |cx, parsed| change(cx, parsed, time::set_servers),
        &[documented("ntp.server.set", ALL, GUIDE)],
    ),
    &call(
        &Parser::new("com.vmware.appliance.version1.ntp.set")
            .description("Set NTP servers. This method updates old NTP servers from configuration and sets the input NTP servers in configuration.")
            .arguments(&[SERVERS]),
        |cx, parsed| change(cx, parsed, time::set_servers),
        &[documented("ntp.set", SINCE_6_5, GUIDE)],
    ),
    &call(
        &Parser::new("com.vmware.appliance.version1.ntp.test")
            .description("Test the connection to a list of NTP servers.")
            .arguments(&[SERVERS]),
        test,
        &[inferred("ntp.test: servers are the machines of the lab", SINCE_6_5, "members of the API structure; messages")],
    ),
];

fn get(cx: &mut Context<'_>, _: &Parsed) -> Outcome {
    let servers = cx.vcsa().linux.time_servers();
    // Without a server there is nothing that could be up.
    let up = time::daemon_runs(cx.world, cx.machine()) && !servers.is_empty();
    let (status, servers) = (if up { "Up" } else { "Down" }, servers.join(" "));
    reply(cx, Value::record([("Config", Value::record([("Status", status.into()), ("Servers", servers.into())]))]))
}

type Change = fn(&mut World, MachineId, &[String]) -> Result<(), ApiError>;

/// Changes the servers. The daemon reads them anew when it runs; what it is told is not modelled beyond that.
fn change(cx: &mut Context<'_>, parsed: &Parsed, change: Change) -> Outcome {
    args::change(cx, |world, id| change(world, id, &list(parsed, "servers")))
}

fn test(cx: &mut Context<'_>, parsed: &Parsed) -> Outcome {
    let servers = list(parsed, "servers");
    let id = cx.machine();
    let good: Vec<bool> = servers.iter().map(|server| time::answers(cx.world, id, server)).collect();
    let status = match good.iter().filter(|good| **good).count() {
        0 => "red",
        some if some < good.len() => "orange",
        _ => "green",
    };
    let messages = servers.iter().zip(&good).map(|(server, good)| {
        let (what, result) =
            if *good { ("NTP Server is reachable.", "success") } else { ("NTP Server is unreachable.", "failure") };
        Value::record([("Message", format!("{server}: {what}").into()), ("Result", result.into())])
    });
    let messages = Value::List(messages.collect());
    reply(cx, Value::record([("Status", Value::record([("Status", status.into()), ("Messages", messages)]))]))
}
