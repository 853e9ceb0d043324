//! `system.version.get`: version and build of what runs. The member names are those of the API's structure; that the
//! version stands on a line of its own, indented, follows from published scripts that look for it.

use super::Command;
use super::args::reply;
use crate::payload::catalog;
use crate::shell::argparse::{Parsed, Parser};
use crate::shell::command::{Evidence, Grade, Run};
use crate::shell::{Context, Outcome, Value};
use crate::systems::vcsa::stamp;

/// The call's arguments: none.
pub static PARSER: Parser =
    Parser::new("com.vmware.appliance.version1.system.version.get").description("Get the version of the appliance.");

/// The API call.
pub const COMMAND: Command = Command {
    name: "com.vmware.appliance.version1.system.version.get",
    summary: "Get the version of the appliance.",
    run: Run::Api(&PARSER, run),
    evidence: &[
        Evidence {
            what: "system.version.get",
            releases: "6.0 to 8.0",
            grade: Grade::Inferred,
            source: "members of the API structure, layout from published scripts that read it",
        },
        Evidence {
            what: "system.version.get: Install_time",
            releases: "6.5 to 8.0",
            grade: Grade::Inferred,
            source: "members of the API structure of 6.5",
        },
        Evidence {
            what: "system.version.get: Name",
            releases: "9.0 to 9.1",
            grade: Grade::Inferred,
            source: "members of the API structure of 9.1; that it is the name of the release is a guess",
        },
    ],
};

fn run(cx: &mut Context<'_>, _: &Parsed) -> Outcome {
    let vcsa = cx.vcsa();
    let running = &vcsa.running;
    let mut told = vec![
        ("Version", &running.version),
        ("Product", &running.product.name),
        ("Build", &running.build),
        ("Type", &vcsa.node_type),
        ("Summary", &running.product.summary),
        ("Releasedate", &running.product.release_date),
    ];
    let installed = vcsa.series().tells_install_time.then(|| stamp::iso(vcsa.installed_at(), &vcsa.linux.zone));
    told.extend(installed.as_ref().map(|at| ("Install_time", at)));
    let named = catalog::release(&running.version).filter(|_| vcsa.series().tells_name);
    let name = named.map(|release| release.title.to_owned());
    told.extend(name.as_ref().map(|name| ("Name", name)));
    let members = told.into_iter().map(|(name, text)| (name, text.clone().into())).collect();
    reply(cx, Value::record([("Version", Value::Record(members))]))
}
