//! `system.version.get`: version and build of what runs. The member names are those of the API's structure; that the
//! version stands on a line of its own, indented, follows from published scripts that look for it.

use super::Command;
use crate::shell::argparse::{Parsed, Parser};
use crate::shell::command::{Evidence, Grade, Run};
use crate::shell::{Context, Outcome, Value};

/// The call's arguments: none.
pub static PARSER: Parser =
    Parser::new("com.vmware.appliance.version1.system.version.get").description("Get the version of the appliance.");

/// The API call.
pub const COMMAND: Command = Command {
    name: "com.vmware.appliance.version1.system.version.get",
    summary: "Get the version of the appliance.",
    run: Run::Api(&PARSER, run),
    evidence: &[Evidence {
        what: "system.version.get",
        releases: "6.0 to 8.0",
        grade: Grade::Inferred,
        source: "members of the API structure, layout from published scripts that read it",
    }],
};

fn run(cx: &mut Context<'_>, _: &Parsed) -> Outcome {
    let vcsa = cx.vcsa();
    let running = &vcsa.running;
    Outcome::Reply(Value::record([(
        "Version",
        Value::record([
            ("Version", running.version.clone().into()),
            ("Product", running.product.name.clone().into()),
            ("Build", running.build.clone().into()),
            ("Type", vcsa.node_type.clone().into()),
            ("Summary", running.product.summary.clone().into()),
            ("Releasedate", running.product.release_date.clone().into()),
        ]),
    )]))
}
