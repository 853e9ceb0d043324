//! `networking.firewall.addr.inbound.*`: from where connections are let in. The other machines of the lab, and the admin's
//! desktop, get what the rules say.

use crate::shell::argparse::{Parsed, Parser};
use crate::shell::{Context, Outcome, Value};
use crate::systems::vcsa::api::{ApiError, wall};
use crate::systems::vcsa::commands::Command;
use crate::systems::vcsa::commands::args::{ALL, call, change, inferred, number, refuse, reply, text, word};

const STRUCTURE: &str = "members of the API structure; positions from 1 and what a denied packet gets are guesses";

/// The commands.
pub const COMMANDS: &[&Command] = &[
    &call(
        &Parser::new("com.vmware.appliance.version1.networking.firewall.addr.inbound.add")
            .description("Add a firewall rule to allow or deny access from an incoming IP address.")
            .arguments(&[
                word(&["--address"], "IPv4 address").required(),
                number(&["--prefix"], "CIDR prefix used to mask address").required(),
                word(&["--policy"], "The allow or deny policy of this rule").required(),
                word(&["--interface_name"], "The interface to which this rule applies. An asterisk indicates that the rule applies to all interfaces"),
                number(&["--pos"], "The position of the rule, from 1. It is added at the end unless given"),
            ]),
        |cx, parsed| {
            let interface = parsed.value("interface_name").unwrap_or("*");
            let net = (text(parsed, "address"), parsed.int("prefix").unwrap_or(-1));
            change(cx, |world, id| wall::add(world, id, net, text(parsed, "policy"), interface, parsed.int("pos")))
        },
        &[inferred("networking.firewall.addr.inbound.add: denied connections time out", ALL, STRUCTURE)],
    ),
    &call(
        &Parser::new("com.vmware.appliance.version1.networking.firewall.addr.inbound.delete")
            .description("Delete a specific rule at a given position or delete all rules.")
            .arguments(&[word(&["--position"], "The position of the rule, or all").required()]),
        delete,
        &[inferred("networking.firewall.addr.inbound.delete", ALL, STRUCTURE)],
    ),
    &call(
        &Parser::new("com.vmware.appliance.version1.networking.firewall.addr.inbound.list")
            .description("Get an ordered list of inbound IP addresses that are allowed or denied by a firewall rule."),
        |cx, _| {
            let shown = show(cx);
            reply(cx, Value::record([("Rules", shown)]))
        },
        &[inferred("networking.firewall.addr.inbound.list", ALL, STRUCTURE)],
    ),
];

fn show(cx: &Context<'_>) -> Value {
    let rules = cx.vcsa().settings.firewall.rules().iter().map(|rule| {
        Value::record([
            ("Address", rule.address.to_string().into()),
            ("Prefix", i64::from(rule.prefix).into()),
            ("Policy", rule.policy.word().into()),
            ("Interface_name", rule.interface.clone().into()),
        ])
    });
    Value::List(rules.collect())
}

fn delete(cx: &mut Context<'_>, parsed: &Parsed) -> Outcome {
    match text(parsed, "position") {
        "all" => change(cx, |world, id| wall::delete(world, id, None)),
        place => match place.parse() {
            Ok(place) => change(cx, |world, id| wall::delete(world, id, Some(place))),
            Err(_) => refuse(cx, &ApiError::invalid(format!("Invalid position: {place}"))),
        },
    }
}
