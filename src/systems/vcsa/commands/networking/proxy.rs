//! `networking.proxy.*` of 6.0 and 6.5: through whom the appliance goes out, as `/etc/sysconfig/proxy` has it.

use crate::shell::argparse::{Parsed, Parser};
use crate::shell::{Context, Cx, Outcome, Task, Value};

use crate::systems::vcsa::api::wall;
use crate::systems::vcsa::commands::Command;
use crate::systems::vcsa::commands::args::{
    NEW_PASSWORD, ask_in_vain, call, change, inferred, number, reply, secret, text, word,
};

const STRUCTURE: &str = "members of the API structure";
const RELEASES: &str = "6.0, 6.5";

/// The commands.
pub const COMMANDS: &[&Command] = &[
    &call(
        &Parser::new("com.vmware.appliance.version1.networking.proxy.delete")
            .description("Delete a proxy configuration.")
            .arguments(&[word(&["--protocol"], "The protocol: http, https or ftp").required()]),
        |cx, parsed| change(cx, |world, id| wall::delete_proxy(world, id, text(parsed, "protocol"))),
        &[inferred("networking.proxy.delete", RELEASES, STRUCTURE)],
    ),
    &call(
        &Parser::new("com.vmware.appliance.version1.networking.proxy.get").description("Get the proxy configuration."),
        |cx, _| {
            let shown = show(cx);
            reply(cx, shown)
        },
        &[inferred("networking.proxy.get", RELEASES, STRUCTURE)],
    ),
    &call(
        &Parser::new("com.vmware.appliance.version1.networking.proxy.set")
            .description("Set a proxy configuration.")
            .arguments(&[
                word(&["--protocol"], "The protocol: http, https or ftp").required(),
                word(&["--server"], "The name or the address of the proxy").required(),
                number(&["--port"], "The port of the proxy").required(),
                word(&["--username"], "The user name for the proxy"),
                secret(&["--password"], "The password for the proxy"),
            ]),
        set,
        &[
            inferred("networking.proxy.set: in /etc/sysconfig/proxy, without the password", RELEASES, STRUCTURE),
            inferred(
                "networking.proxy.set: a repository is asked through it, and not reached when it is not",
                RELEASES,
                STRUCTURE,
            ),
        ],
    ),
];

fn show(cx: &Context<'_>) -> Value {
    let proxies = wall::proxies(cx.world, cx.machine());
    let status = if proxies.is_empty() { "disabled" } else { "enabled" };
    let shown = proxies.into_iter().map(|proxy| {
        Value::record([
            ("Protocol", proxy.protocol.into()),
            ("Server", proxy.server.into()),
            ("Port", i64::from(proxy.port).into()),
            ("Username", proxy.username.into()),
            ("Password", "".into()),
        ])
    });
    Value::record([(
        "Config",
        Value::record([("Status", status.into()), ("Configlist", Value::List(shown.collect()))]),
    )])
}

fn set(cx: &mut Context<'_>, parsed: &Parsed) -> Outcome {
    if parsed.is_present("password") && parsed.value("password").is_none() {
        let parsed = parsed.clone();
        return Outcome::Task(Task::new(move |cx| ask_first(cx, parsed)));
    }
    store(cx, parsed)
}

fn store(cx: &mut Context<'_>, parsed: &Parsed) -> Outcome {
    let (protocol, server, user) = (text(parsed, "protocol"), text(parsed, "server"), text(parsed, "username"));
    change(cx, |world, id| wall::set_proxy(world, id, protocol, server, parsed.int("port").unwrap_or(0), user))
}

/// The password is asked for, as ever, and kept nowhere.
async fn ask_first(cx: Cx, parsed: Parsed) -> u8 {
    ask_in_vain(&cx, &NEW_PASSWORD).await;
    cx.with(|cx| {
        let outcome = store(cx, &parsed);
        let refused = matches!(outcome, Outcome::Refused(..));
        outcome.settle(cx);
        u8::from(refused)
    })
}
