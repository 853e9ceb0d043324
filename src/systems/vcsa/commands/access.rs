//! `access.*`: by which doors one comes in: the daemon of the secure shell, the console with its login and its menus. Setters print nothing (captured); the layout of the getter of the root shell is that of
//! structures.

use super::Command;
use super::args::{self, ALL, boolean, call, captured, flag, inferred, member, number};
use super::services_api::once_settled;
use crate::shell::argparse::{Parsed, Parser};
use crate::shell::{Context, Outcome, Value};
use crate::systems::vcsa::api::{ApiError, access};
use crate::systems::vcsa::settings::Settings;

/// The longest timeout that is taken: a published module of the vendor sends it for "no end".
const LONGEST_TIMEOUT_SECS: u64 = 2_147_483_647;

const STRUCTURE: &str = "members of the API structure";

/// The commands.
pub const COMMANDS: &[&Command] = &[
    &call(
        &Parser::new("com.vmware.appliance.version1.access.consolecli.get")
            .description("Get enabled state of the console-based controlled CLI (TTY1)."),
        |cx, _| member(cx, "Enabled", |cx| cx.vcsa().settings.consolecli),
        &[inferred("access.consolecli.get", ALL, STRUCTURE)],
    ),
    &call(
        &Parser::new("com.vmware.appliance.version1.access.consolecli.set")
            .description("Set enabled state of the console-based controlled CLI (TTY1).")
            .arguments(&[boolean(&["--enabled"], "Console-based controlled CLI is enabled").required()]),
        |cx, parsed| switch(cx, parsed, |settings| &mut settings.consolecli),
        &[inferred("access.consolecli.set: whether one can log in at the console, %console", ALL, STRUCTURE)],
    ),
    &call(
        &Parser::new("com.vmware.appliance.version1.access.dcui.get")
            .description("Get enabled state of Direct Console User Interface (DCUI TTY2)."),
        |cx, _| member(cx, "Enabled", |cx| cx.vcsa().settings.dcui),
        &[inferred("access.dcui.get", ALL, STRUCTURE)],
    ),
    &call(
        &Parser::new("com.vmware.appliance.version1.access.dcui.set")
            .description("Set enabled state of Direct Console User Interface (DCUI TTY2).")
            .arguments(&[boolean(&["--enabled"], "DCUI is enabled").required()]),
        |cx, parsed| switch(cx, parsed, |settings| &mut settings.dcui),
        &[inferred("access.dcui.set: whether the menus at the console can be had, %dcui", ALL, STRUCTURE)],
    ),
    &call(
        &Parser::new("com.vmware.appliance.version1.access.shell.get").description("Get enabled state of BASH."),
        get_shell,
        &[inferred("shell.get", ALL, STRUCTURE)],
    ),
    &call(
        &Parser::new("com.vmware.appliance.version1.access.shell.set")
            .description("Set enabled state of BASH.")
            .arguments(&[
                boolean(&["--enabled"], "Enabled can be set to true or false").required(),
                number(&["--timeout"], "The timeout (in seconds) specifies how long you enable the Shell access"),
            ]),
        set_shell,
        &[captured("shell.set --enabled True", "6.0", "vcsa/shell.txt")],
    ),
    &call(
        &Parser::new("com.vmware.appliance.version1.access.ssh.get")
            .description("Get enabled state of the SSH-based controlled CLI."),
        |cx, _| member(cx, "Enabled", |cx| access::ssh(cx.world, cx.machine())),
        &[inferred("access.ssh.get", ALL, STRUCTURE)],
    ),
    &call(
        &Parser::new("com.vmware.appliance.version1.access.ssh.set")
            .description("Set enabled state of the SSH-based controlled CLI.")
            .arguments(&[boolean(&["--enabled"], "SSH-based controlled CLI is enabled").required()]),
        |cx, parsed| {
            let id = cx.machine();
            match access::set_ssh(cx.world, id, flag(parsed, "enabled").unwrap_or(false)) {
                Ok(()) => once_settled(access::DAEMON),
                Err(error) => args::refuse(cx, &error),
            }
        },
        &[inferred("access.ssh.set: the next connection to port 22 is refused, open sessions stay", ALL, STRUCTURE)],
    ),
];

fn switch(cx: &mut Context<'_>, parsed: &Parsed, which: fn(&mut Settings) -> &mut bool) -> Outcome {
    *which(&mut cx.vcsa_mut().settings) = flag(parsed, "enabled").unwrap_or(false);
    Outcome::Silent
}

fn get_shell(cx: &mut Context<'_>, _: &Parsed) -> Outcome {
    let access = &cx.vcsa().shell_access;
    let left = access.until.map_or(0, |until| until.at().since(cx.now()).as_secs());
    Outcome::Reply(Value::record([(
        "Config",
        Value::record([("Enabled", access.enabled.into()), ("Timeout", args::figure(left))]),
    )]))
}

fn set_shell(cx: &mut Context<'_>, parsed: &Parsed) -> Outcome {
    let enabled = flag(parsed, "enabled").unwrap_or(false);
    let secs = parsed.int("timeout").unwrap_or(0);
    let Some(secs) = u64::try_from(secs).ok().filter(|secs| *secs <= LONGEST_TIMEOUT_SECS) else {
        return args::refuse(cx, &ApiError::invalid(format!("Timeout must be between 0 and {LONGEST_TIMEOUT_SECS}")));
    };
    let id = cx.machine();
    access::set_shell(cx.world, id, enabled, secs);
    Outcome::Silent
}
