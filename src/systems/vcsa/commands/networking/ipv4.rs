//! `networking.ipv4.*`: the address of the appliance. Bash, `/etc/hosts` and the other machines of the lab see the same one.

use std::net::Ipv4Addr;

use crate::shell::argparse::{Parsed, Parser};
use crate::shell::{Context, Outcome, Value};
use crate::systems::linux::interface::Interface;
use crate::systems::vcsa::api::ApiError;
use crate::systems::vcsa::api::nic::{self, Ipv4, NIC};
use crate::systems::vcsa::commands::Command;
use crate::systems::vcsa::commands::args::{ALL, call, done, inferred, list, number, text, word};

const STRUCTURE: &str = "members of the API structure";

/// The commands.
pub const COMMANDS: &[&Command] = &[
    &call(
        &Parser::new("com.vmware.appliance.version1.networking.ipv4.get")
            .description("Get IPv4 network configuration for interface.")
            .arguments(&[word(&["--name"], "Network interface to query, for example, \"nic0\"").required()]),
        |cx, parsed| super::get(cx, parsed, show),
        &[inferred("networking.ipv4.get", ALL, STRUCTURE)],
    ),
    &call(
        &Parser::new("com.vmware.appliance.version1.networking.ipv4.list")
            .description("Get IPv4 network configuration for all configured interfaces."),
        |cx, _| super::list(cx, show),
        &[inferred("networking.ipv4.list", ALL, STRUCTURE)],
    ),
    &call(
        &Parser::new("com.vmware.appliance.version1.networking.ipv4.renew")
            .description("Renew IPv4 network configuration on interfaces.")
            .arguments(&[word(&["--interfaces"], "Interfaces to be renewed").required()]),
        |cx, parsed| {
            let found = list(parsed, "interfaces").iter().try_for_each(|name| nic::find(name));
            let result = found.and_then(|()| nic::renew(cx.world, cx.machine()));
            done(cx, result)
        },
        &[inferred("networking.ipv4.renew: the lab gives the same address again", ALL, STRUCTURE)],
    ),
    &call(
        &Parser::new("com.vmware.appliance.version1.networking.ipv4.set")
            .description("Set IPv4 network configuration.")
            .arguments(&[
                word(&["--interface_name"], "Interface name, for example, \"nic0\"").required(),
                word(&["--mode"], "Address assignment mode: dhcp, static or unconfigured").required(),
                word(&["--address"], "IPv4 address, for example, \"10.20.80.191\""),
                number(&["--prefix"], "IPv4 CIDR prefix, for example, 24"),
                word(&["--default_gateway"], "Default gateway"),
            ]),
        set,
        &[
            inferred(
                "networking.ipv4.set: a new address ends the sessions that came in by the old one",
                ALL,
                STRUCTURE,
            ),
            inferred("networking.ipv4.set --mode unconfigured: only the console is left", ALL, STRUCTURE),
        ],
    ),
];

fn show(cx: &Context<'_>) -> Value {
    let own = Interface::of(cx.world, cx.machine());
    let network = &own.network;
    if network.unconfigured {
        return Value::record([
            ("Interface_name", NIC.into()),
            ("Mode", "unconfigured".into()),
            ("Address", "".into()),
            ("Prefix", 0.into()),
            ("Default_gateway", "".into()),
            ("Updateable", true.into()),
        ]);
    }
    let gateway = network.gateway_of(own.address).map_or(String::new(), |gateway| gateway.to_string());
    Value::record([
        ("Interface_name", NIC.into()),
        ("Mode", if network.dhcp { "dhcp" } else { "static" }.into()),
        ("Address", own.address.to_string().into()),
        ("Prefix", i64::from(network.prefix).into()),
        ("Default_gateway", gateway.into()),
        ("Updateable", true.into()),
    ])
}

fn set(cx: &mut Context<'_>, parsed: &Parsed) -> Outcome {
    let result = nic::find(text(parsed, "interface_name")).and_then(|()| wish(parsed)).and_then(|wish| {
        let id = cx.machine();
        nic::set_ipv4(cx.world, id, wish)
    });
    done(cx, result)
}

fn wish(parsed: &Parsed) -> Result<Ipv4, ApiError> {
    match text(parsed, "mode") {
        mode @ ("dhcp" | "unconfigured")
            if ["address", "prefix", "default_gateway"].iter().any(|name| parsed.is_present(name)) =>
        {
            Err(ApiError::invalid(format!("Address, prefix and default gateway cannot be set in mode {mode}")))
        }
        "dhcp" => Ok(Ipv4::Dhcp),
        "unconfigured" => Ok(Ipv4::Unconfigured),
        "static" => {
            let prefix = parsed.int("prefix").and_then(|prefix| u8::try_from(prefix).ok());
            let prefix = prefix.ok_or_else(|| ApiError::invalid("Invalid prefix".to_owned()))?;
            let gateway = parsed.value("default_gateway").filter(|gateway| !gateway.is_empty());
            Ok(Ipv4::Static {
                address: address(text(parsed, "address"))?,
                prefix,
                gateway: gateway.map(address).transpose()?,
            })
        }
        mode => Err(ApiError::invalid(format!("Invalid mode: {mode}, must be one of dhcp, static, unconfigured"))),
    }
}

/// An address as it is typed.
pub(super) fn address(text: &str) -> Result<Ipv4Addr, ApiError> {
    text.parse().map_err(|_| ApiError::invalid(format!("Invalid IP address: {text}")))
}
