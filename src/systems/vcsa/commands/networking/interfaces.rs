//! `networking.interfaces.*`: the interface, `nic0`.

use crate::shell::argparse::Parser;
use crate::shell::{Context, Value};
use crate::systems::linux::interface::Interface;
use crate::systems::vcsa::api::nic::{self, NIC};
use crate::systems::vcsa::commands::Command;
use crate::systems::vcsa::commands::args::{ALL, call, inferred, refuse, reply, text, word};

const STRUCTURE: &str = "name, status and hardware address, as the later API shows them";

/// The commands.
pub const COMMANDS: &[&Command] = &[
    &call(
        &Parser::new("com.vmware.appliance.version1.networking.interfaces.get")
            .description("Get information about a particular network interface.")
            .arguments(&[word(&["--name"], "Network interface, for example, \"nic0\"").required()]),
        |cx, parsed| match nic::find(text(parsed, "name")) {
            Ok(()) => {
                let shown = show(cx);
                reply(cx, Value::record([("Config", shown)]))
            }
            Err(error) => refuse(cx, &error),
        },
        &[inferred("networking.interfaces.get", ALL, STRUCTURE)],
    ),
    &call(
        &Parser::new("com.vmware.appliance.version1.networking.interfaces.list")
            .description("Get list of available network interfaces, including those that are not yet configured."),
        |cx, _| {
            let shown = show(cx);
            reply(cx, Value::record([("Config", Value::List(vec![shown]))]))
        },
        &[inferred("networking.interfaces.list", ALL, STRUCTURE)],
    ),
];

fn show(cx: &Context<'_>) -> Value {
    let own = Interface::of(cx.world, cx.machine());
    Value::record([("Name", NIC.into()), ("Status", "up".into()), ("Mac", own.mac().into())])
}
