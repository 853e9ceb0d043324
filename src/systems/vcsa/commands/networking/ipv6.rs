//! `networking.ipv6.*`: addresses of version 6. No router of a lab announces anything, and there is no DHCP server, so that
//! there are the link-local address and those that were set.

use std::net::Ipv6Addr;

use crate::shell::argparse::{Parsed, Parser};
use crate::shell::{Context, Outcome, Value};
use crate::systems::linux::interface::Interface;
use crate::systems::vcsa::api::ApiError;
use crate::systems::vcsa::api::nic::{self, NIC};
use crate::systems::vcsa::commands::Command;
use crate::systems::vcsa::commands::args::{ALL, boolean, call, done, flag, inferred, list, text, word};

const STRUCTURE: &str = "members of the API structure";

/// The commands.
pub const COMMANDS: &[&Command] = &[
    &call(
        &Parser::new("com.vmware.appliance.version1.networking.ipv6.get")
            .description("Get IPv6 network configuration for interface.")
            .arguments(&[word(&["--name"], "Network interface to query, for example, \"nic0\"").required()]),
        |cx, parsed| super::get(cx, parsed, show),
        &[inferred("networking.ipv6.get", ALL, STRUCTURE)],
    ),
    &call(
        &Parser::new("com.vmware.appliance.version1.networking.ipv6.list")
            .description("Get IPv6 network configuration for all configured interfaces."),
        |cx, _| super::list(cx, show),
        &[inferred("networking.ipv6.list", ALL, STRUCTURE)],
    ),
    &call(
        &Parser::new("com.vmware.appliance.version1.networking.ipv6.set")
            .description("Set IPv6 network configuration.")
            .arguments(&[
                word(&["--interface_name"], "Interface name, for example, \"nic0\"").required(),
                boolean(&["--dhcp"], "DHCP is enabled").required(),
                boolean(&["--autoconf"], "Address autoconfiguration is enabled").required(),
                word(&["--addresses"], "List of addresses with their prefixes, for example, \"fc00:10::2/64\""),
                word(&["--default_gateway"], "Default gateway for static IP address assignment"),
            ]),
        set,
        &[inferred("networking.ipv6.set: how addresses are written is a guess", ALL, STRUCTURE)],
    ),
];

fn show(cx: &Context<'_>) -> Value {
    let own = Interface::of(cx.world, cx.machine());
    let ipv6 = &own.network.ipv6;
    let address = |address: String, prefix: u8, origin: &'static str| {
        Value::record([
            ("Address", address.into()),
            ("Prefix", i64::from(prefix).into()),
            ("Origin", origin.into()),
            ("Status", "preferred".into()),
        ])
    };
    let manual = ipv6.addresses.iter().map(|(given, prefix)| address(given.to_string(), *prefix, "manual"));
    let addresses = manual.chain([address(own.local6(), 64, "linklayer")]).collect();
    Value::record([
        ("Interface_name", NIC.into()),
        ("Dhcp", ipv6.dhcp.into()),
        ("Autoconf", ipv6.autoconf.into()),
        ("Addresses", Value::List(addresses)),
        ("Default_gateway", ipv6.gateway.map_or(String::new(), |gateway| gateway.to_string()).into()),
        ("Updateable", true.into()),
    ])
}

fn set(cx: &mut Context<'_>, parsed: &Parsed) -> Outcome {
    let on = |name: &str| flag(parsed, name).unwrap_or(false);
    let id = cx.machine();
    let result = nic::find(text(parsed, "interface_name")).and_then(|()| {
        let addresses =
            list(parsed, "addresses").iter().map(|text| with_prefix(text)).collect::<Result<Vec<_>, _>>()?;
        let gateway = parsed.value("default_gateway").filter(|gateway| !gateway.is_empty());
        let gateway = gateway.map(address).transpose()?;
        nic::set_ipv6(cx.world, id, (on("dhcp"), on("autoconf")), addresses, gateway)
    });
    done(cx, result)
}

fn address(text: &str) -> Result<Ipv6Addr, ApiError> {
    text.parse().map_err(|_| ApiError::invalid(format!("Invalid IP address: {text}")))
}

fn with_prefix(text: &str) -> Result<(Ipv6Addr, u8), ApiError> {
    let (given, prefix) = text.split_once('/').unwrap_or((text, "64"));
    let prefix = prefix.parse().map_err(|_| ApiError::invalid(format!("Invalid prefix: {prefix}")))?;
    Ok((address(given)?, prefix))
}
