//! `access.shell.get` and `access.shell.set`: the switch of the root shell. Setters print nothing (captured); the layout of
//! the getter is that of structures.

use super::Command;
use crate::shell::argparse::{Argument, Kind, Parsed, Parser};
use crate::shell::command::{Evidence, Grade, Run};
use crate::shell::{Context, Outcome, Value};
use crate::sim::Span;
use crate::systems::vcsa::model::ShellAccess;

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
    let now = cx.now();
    let access = &cx.vcsa().shell_access;
    let left = access.until.map_or(0, |until| until.since(now).as_secs());
    let left = i64::try_from(left).unwrap_or(i64::MAX);
    Outcome::Reply(Value::record([(
        "Config",
        Value::record([("Enabled", access.allows(now).into()), ("Timeout", left.into())]),
    )]))
}

fn set(cx: &mut Context<'_>, parsed: &Parsed) -> Outcome {
    let enabled = parsed.value("enabled").and_then(parse_boolean).unwrap_or(false);
    let secs = parsed.value("timeout").and_then(|text| text.trim().parse::<u64>().ok()).filter(|secs| *secs > 0);
    let until = secs.map(|secs| cx.now() + Span::secs(secs));
    cx.vcsa_mut().shell_access = ShellAccess { enabled, until };
    Outcome::Silent
}
