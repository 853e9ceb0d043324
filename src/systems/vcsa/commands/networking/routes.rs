//! `networking.routes.*`: ways to other nets; `ip route` in bash shows the same.

use crate::shell::argparse::{Parsed, Parser};
use crate::shell::{Context, Outcome, Value};
use crate::systems::linux::model::network::Route;
use crate::systems::vcsa::api::ApiError;
use crate::systems::vcsa::api::nic::{self, NIC};
use crate::systems::vcsa::commands::Command;
use crate::systems::vcsa::commands::args::{ALL, call, done, inferred, number, reply, text, word};

const STRUCTURE: &str = "members of the API structure";

/// The commands.
pub const COMMANDS: &[&Command] = &[
    &call(
        &Parser::new("com.vmware.appliance.version1.networking.routes.add")
            .description(
                "Add static routing rules. A destination/prefix of 0.0.0.0/0 (for IPv4) refers to the default gateway.",
            )
            .arguments(&[
                word(&["--destination"], "Destination address").required(),
                number(&["--prefix"], "Routing prefix length").required(),
                word(&["--gateway"], "Gateway for this route").required(),
                word(&["--interface_name"], "Interface name, for example, \"nic0\"").required(),
            ]),
        |cx, parsed| change(cx, parsed, nic::add_route),
        &[inferred("networking.routes.add", ALL, STRUCTURE)],
    ),
    &call(
        &Parser::new("com.vmware.appliance.version1.networking.routes.delete")
            .description("Delete static routing rules.")
            .arguments(&[
                word(&["--destination"], "Destination address").required(),
                number(&["--prefix"], "Routing prefix length").required(),
                word(&["--gateway"], "Gateway for this route").required(),
                word(&["--interface_name"], "Interface name, for example, \"nic0\"").required(),
            ]),
        |cx, parsed| change(cx, parsed, |world, id, route| nic::delete_route(world, id, &route)),
        &[inferred("networking.routes.delete", ALL, STRUCTURE)],
    ),
    &call(
        &Parser::new("com.vmware.appliance.version1.networking.routes.list").description(
            "Get routing table. A destination/prefix of 0.0.0.0/0 (for IPv4) refers to the default gateway.",
        ),
        |cx, _| {
            let all = nic::routes(cx.world, cx.machine()).into_iter().map(|(route, added)| show(&route, added));
            let all = all.collect();
            reply(cx, Value::record([("Routes", Value::List(all))]))
        },
        &[inferred("networking.routes.list", ALL, STRUCTURE)],
    ),
];

fn show(route: &Route, added: bool) -> Value {
    Value::record([
        ("Destination", route.destination.to_string().into()),
        ("Prefix", i64::from(route.prefix).into()),
        ("Gateway", route.gateway.to_string().into()),
        ("Interface_name", NIC.into()),
        ("Is_static", added.into()),
    ])
}

type Change = fn(&mut crate::world::World, crate::world::MachineId, Route) -> Result<(), ApiError>;

fn change(cx: &mut Context<'_>, parsed: &Parsed, change: Change) -> Outcome {
    let id = cx.machine();
    let result = nic::find(text(parsed, "interface_name"))
        .and_then(|()| route(parsed))
        .and_then(|route| change(cx.world, id, route));
    done(cx, result)
}

fn route(parsed: &Parsed) -> Result<Route, ApiError> {
    let prefix = parsed.int("prefix").and_then(|prefix| u8::try_from(prefix).ok());
    let prefix = prefix.ok_or_else(|| ApiError::invalid("Invalid prefix".to_owned()))?;
    let destination = super::ipv4::address(text(parsed, "destination"))?;
    Ok(Route { destination, prefix, gateway: super::ipv4::address(text(parsed, "gateway"))?, by_hand: false })
}
