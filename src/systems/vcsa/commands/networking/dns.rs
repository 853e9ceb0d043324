//! `networking.dns.*`: the host name, name servers and search domains. The getter of the name is captured with its layout.

use crate::shell::argparse::Parser;
use crate::shell::{Context, Outcome, Value};
use crate::systems::vcsa::api::{ApiError, names};
use crate::systems::vcsa::commands::Command;
use crate::systems::vcsa::commands::args::{
    ALL, call, captured, change, inferred, list, member, refuse, reply, text, values, word,
};

const STRUCTURE: &str = "members of the API structure; what it takes is checked as resolv.conf(5) does";

/// The commands.
pub const COMMANDS: &[&Command] = &[
    &call(
        &Parser::new("com.vmware.appliance.version1.networking.dns.domains.add")
            .description("Add domains to DNS search domains.")
            .arguments(&[word(&["--domain"], "Domain Name").required()]),
        |cx, parsed| change(cx, |world, id| names::add_domain(world, id, text(parsed, "domain"))),
        &[inferred("networking.dns.domains.add: in /etc/resolv.conf", ALL, STRUCTURE)],
    ),
    &call(
        &Parser::new("com.vmware.appliance.version1.networking.dns.domains.list")
            .description("Get list of DNS search domains."),
        |cx, _| member(cx, "Domains", |cx| values(cx.vcsa().linux.search_domains())),
        &[inferred("networking.dns.domains.list", ALL, STRUCTURE)],
    ),
    &call(
        &Parser::new("com.vmware.appliance.version1.networking.dns.domains.set")
            .description("Set DNS search domains.")
            .arguments(&[word(&["--domains"], "List of domains").required()]),
        |cx, parsed| change(cx, |world, id| names::set_domains(world, id, &list(parsed, "domains"))),
        &[inferred("networking.dns.domains.set", ALL, STRUCTURE)],
    ),
    &call(
        &Parser::new("com.vmware.appliance.version1.networking.dns.hostname.get")
            .description("Get the Fully Qualified Domain Name."),
        |cx, _| Outcome::Reply(Value::record([("Name", cx.vcsa().linux.hostname.clone().into())])),
        &[captured("networking.dns.hostname.get", "6.0", "evidence/vcsa/api-60-shell-disabled-help-api-list.txt")],
    ),
    &call(
        &Parser::new("com.vmware.appliance.version1.networking.dns.hostname.set")
            .description("Set the Fully Qualified Domain Name.")
            .arguments(&[word(&["--name"], "FQDN").required()]),
        |cx, parsed| change(cx, |world, id| names::set_hostname(world, id, text(parsed, "name"))),
        &[captured(
            "networking.dns.hostname.set: silent; --help",
            "6.0",
            "evidence/vcsa/api-60-shell-disabled-help-api-list.txt",
        )],
    ),
    &call(
        &Parser::new("com.vmware.appliance.version1.networking.dns.servers.add")
            .description("Add a DNS server. This method fails if mode argument is \"dhcp\".")
            .arguments(&[word(&["--server"], "DNS server").required()]),
        |cx, parsed| change(cx, |world, id| names::add_server(world, id, text(parsed, "server"))),
        &[inferred("networking.dns.servers.add: in /etc/resolv.conf", ALL, STRUCTURE)],
    ),
    &call(
        &Parser::new("com.vmware.appliance.version1.networking.dns.servers.get")
            .description("Get DNS server configuration."),
        get_servers,
        &[inferred("networking.dns.servers.get", ALL, STRUCTURE)],
    ),
    &call(
        &Parser::new("com.vmware.appliance.version1.networking.dns.servers.set")
            .description("Set the DNS server configuration.")
            .arguments(&[
                word(&["--mode"], "Define how to determine the DNS servers: dhcp or static").required(),
                word(&["--servers"], "List of the currently used DNS servers"),
            ]),
        |cx, parsed| match text(parsed, "mode") {
            mode @ ("dhcp" | "static") => {
                change(cx, |world, id| names::set_servers(world, id, mode == "dhcp", &list(parsed, "servers")))
            }
            mode => refuse(cx, &ApiError::invalid(format!("Invalid mode: {mode}, must be one of dhcp, static"))),
        },
        &[inferred("networking.dns.servers.set: in /etc/resolv.conf", ALL, STRUCTURE)],
    ),
];

fn get_servers(cx: &mut Context<'_>, _: &crate::shell::argparse::Parsed) -> Outcome {
    let vcsa = cx.vcsa();
    let mode = if vcsa.settings.dns_by_dhcp { "dhcp" } else { "static" };
    let servers = vcsa.linux.name_servers();
    reply(cx, Value::record([("Config", Value::record([("Mode", mode.into()), ("Servers", values(servers))]))]))
}
