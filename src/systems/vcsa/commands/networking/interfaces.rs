//! `networking.interfaces.*`: the interface, `nic0`.

use crate::shell::argparse::Parser;
use crate::shell::{Context, Value};
use crate::systems::linux::interface::Interface;
use crate::systems::vcsa::api::nic::NIC;
use crate::systems::vcsa::commands::Command;
use crate::systems::vcsa::commands::args::{ALL, call, inferred, word};

const STRUCTURE: &str = "name, status and hardware address, as the later API shows them";

/// The commands.
pub const COMMANDS: &[&Command] = &[
    &call(
        &Parser::new("com.vmware.appliance.version1.networking.interfaces.get")
            .description("Get information about a particular network interface.")
            .arguments(&[word(&["--name"], "Network interface, for example, \"nic0\"").required()]),
        |cx, parsed| super::get(cx, parsed, show),
        &[inferred("networking.interfaces.get", ALL, STRUCTURE)],
    ),
    &call(
        &Parser::new("com.vmware.appliance.version1.networking.interfaces.list")
            .description("Get list of available network interfaces, including those that are not yet configured."),
        |cx, _| super::list(cx, show),
        &[inferred("networking.interfaces.list", ALL, STRUCTURE)],
    ),
];

fn show(cx: &Context<'_>) -> Value {
    let own = Interface::of(cx.world, cx.machine());
    Value::record([("Name", NIC.into()), ("Status", "up".into()), ("Mac", own.mac().into())])
}
