//! `access.shell.get` and `access.shell.set`: the switch of the root shell. Setters print nothing (captured); the layout of
//! the getter is that of structures.

use super::Command;
use crate::shell::argparse::{Argument, Kind, Parsed, Parser};
use crate::shell::command::{Evidence, Grade, Run};
use crate::shell::{Context, Outcome, Value};
use crate::sim::Span;
use crate::systems::vcsa::model::{Event, ShellAccess};

/// The longest timeout that is taken: a published module of the vendor sends it for "no end".
const LONGEST_TIMEOUT_SECS: u64 = 2_147_483_647;

static GET_PARSER: Parser =
    Parser::new("com.vmware.appliance.version1.access.shell.get").description("Get enabled state of BASH.");
static SET_PARSER: Parser = Parser::new("com.vmware.appliance.version1.access.shell.set")
    .description("Set enabled state of BASH.")
    .arguments(&[
        Argument::option(&["--enabled"])
            .required()
            .kind(Kind::Custom("boolean", boolean))
            .metavar("BOOL")
            .help("Enabled can be set to true or false"),
        Argument::option(&["--timeout"])
            .kind(Kind::Int)
            .metavar("INT")
            .help("The timeout (in seconds) specifies how long you enable the Shell access"),
    ]);

/// `access.shell.get`.
pub const GET: Command = Command {
    name: "com.vmware.appliance.version1.access.shell.get",
    summary: "Get enabled state of BASH.",
    run: Run::Api(&GET_PARSER, get),
    evidence: &[Evidence {
        what: "shell.get",
        releases: "6.0",
        grade: Grade::Inferred,
        source: "members of the API structure",
    }],
};

/// `access.shell.set`.
pub const SET: Command = Command {
    name: "com.vmware.appliance.version1.access.shell.set",
    summary: "Set enabled state of BASH.",
    run: Run::Api(&SET_PARSER, set),
    evidence: &[Evidence {
        what: "shell.set --enabled True",
        releases: "6.0",
        grade: Grade::Captured,
        source: "vcsa/shell.txt",
    }],
};

/// The appliance takes `True` and `true` alike.
fn boolean(word: &str) -> Result<(), Option<String>> {
    if parse_boolean(word).is_some() { Ok(()) } else { Err(None) }
}

fn parse_boolean(word: &str) -> Option<bool> {
    match word.to_ascii_lowercase().as_str() {
        "true" => Some(true),
        "false" => Some(false),
        _ => None,
    }
}

fn get(cx: &mut Context<'_>, _: &Parsed) -> Outcome {
    let access = &cx.vcsa().shell_access;
    let left = access.until.map_or(0, |until| until.at().since(cx.now()).as_secs());
    let left = i64::try_from(left).unwrap_or(i64::MAX);
    Outcome::Reply(Value::record([(
        "Config",
        Value::record([("Enabled", access.enabled.into()), ("Timeout", left.into())]),
    )]))
}

fn set(cx: &mut Context<'_>, parsed: &Parsed) -> Outcome {
    let enabled = parsed.value("enabled").and_then(parse_boolean).unwrap_or(false);
    let secs = parsed.int("timeout").unwrap_or(0);
    let Some(secs) = u64::try_from(secs).ok().filter(|secs| *secs <= LONGEST_TIMEOUT_SECS) else {
        cx.screen.mark_inferred();
        return Outcome::Refused(format!("Timeout must be between 0 and {LONGEST_TIMEOUT_SECS}\n"), 1);
    };
    if let Some(ticket) = cx.vcsa_mut().shell_access.until.take() {
        cx.world.queue.cancel(ticket);
    }
    let until = (enabled && secs > 0).then(|| cx.after(Span::secs(secs), Event::ShellTimeout));
    cx.vcsa_mut().shell_access = ShellAccess { enabled, until };
    Outcome::Silent
}
