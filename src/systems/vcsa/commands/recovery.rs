//! `recovery.*` (6.5 and later): which parts a backup has, and the list of jobs, which is empty. A job needs a server that takes
//! what it writes, and no source tells what the shell shows of one: the rest is a gap that is said.

use super::Command;
use super::args::{SINCE_6_5, call, figure, gap, inferred, member, refuse, reply, text, values, word};
use crate::shell::argparse::{Argument, Parsed, Parser};
use crate::shell::{Context, Outcome, Value};
use crate::systems::vcsa::api::{ApiError, health};

const STRUCTURE: &str = "members of the later API; names of the parts are known from its documents";

/// A part of a backup: its name, what it is, whether it is chosen by itself, and the partitions that it is from.
struct Part {
    id: &'static str,
    name: &'static str,
    description: &'static str,
    always: bool,
    partitions: &'static [&'static str],
}

const PARTS: [Part; 2] = [
    Part {
        id: "common",
        name: "Common",
        description: "Inventory and configuration",
        always: true,
        partitions: &["root", "db", "invsvc"],
    },
    Part {
        id: "seat",
        name: "Stats, Events and Tasks",
        description: "Historical data: statistics, events and tasks",
        always: false,
        partitions: &["seat"],
    },
];

const ID: Argument = word(&["--id"], "ID (job identifier) of the job").required();
const LOCATION: [Argument; 7] = [
    word(&["--location_type"], "Type of the location: FTP, FTPS, HTTP, HTTPS or SCP"),
    word(&["--location"], "Path or URL of the location"),
    word(&["--location_user"], "User name for the location"),
    super::args::secret(&["--location_password"], "Password for the location"),
    super::args::secret(&["--backup_password"], "Password for a backup piece"),
    word(&["--parts"], "List of backup parts"),
    word(&["--comment"], "Custom comment provided by the user"),
];

/// The commands.
pub const COMMANDS: &[&Command] = &[
    &call(
        &Parser::new("com.vmware.appliance.recovery.backup.job.cancel")
            .description("Cancel the backup job.")
            .arguments(&[ID]),
        no_job,
        &[inferred("recovery.backup.job.cancel: there is no job", SINCE_6_5, STRUCTURE)],
    ),
    &call(
        &Parser::new("com.vmware.appliance.recovery.backup.job.create")
            .description("Initiate backup.")
            .arguments(&LOCATION),
        |_, _| Outcome::Gap("recovery.backup.job.create".to_owned()),
        &[gap("recovery.backup.job.create", SINCE_6_5)],
    ),
    &call(
        &Parser::new("com.vmware.appliance.recovery.backup.job.get")
            .description("Get a backup job progress or result.")
            .arguments(&[ID]),
        no_job,
        &[inferred("recovery.backup.job.get: there is no job", SINCE_6_5, STRUCTURE)],
    ),
    &call(
        &Parser::new("com.vmware.appliance.recovery.backup.job.list").description("Get list of backup jobs."),
        |cx, _| member(cx, "Jobs", |_| values::<String>([])),
        &[inferred("recovery.backup.job.list: there is no job", SINCE_6_5, STRUCTURE)],
    ),
    &call(
        &Parser::new("com.vmware.appliance.recovery.backup.parts.get")
            .description("Get detailed information for a backup part.")
            .arguments(&[word(&["--id"], "Identifier of the part").required()]),
        part,
        &[inferred("recovery.backup.parts.get: the size in MB of what is on the disks", SINCE_6_5, STRUCTURE)],
    ),
    &call(
        &Parser::new("com.vmware.appliance.recovery.backup.parts.list").description("Get a list of the backup parts."),
        |cx, _| {
            let parts = PARTS.iter().map(|part| {
                Value::record([
                    ("Id", part.id.into()),
                    ("Name", part.name.into()),
                    ("Description", part.description.into()),
                    ("Selected_by_default", part.always.into()),
                ])
            });
            let parts = Value::List(parts.collect());
            reply(cx, Value::record([("Parts", parts)]))
        },
        &[inferred("recovery.backup.parts.list", SINCE_6_5, STRUCTURE)],
    ),
    &call(
        &Parser::new("com.vmware.appliance.recovery.backup.validate")
            .description("Check for errors before starting backup.")
            .arguments(&LOCATION),
        |_, _| Outcome::Gap("recovery.backup.validate".to_owned()),
        &[gap("recovery.backup.validate", SINCE_6_5)],
    ),
    &call(
        &Parser::new("com.vmware.appliance.recovery.restore.job.cancel").description("Cancel the restore job."),
        |cx, _| refuse(cx, &ApiError::not_allowed("There is no restore job")),
        &[inferred("recovery.restore.job.cancel: there is no job", SINCE_6_5, STRUCTURE)],
    ),
    &call(
        &Parser::new("com.vmware.appliance.recovery.restore.job.create")
            .description("Initiate restore.")
            .arguments(&LOCATION),
        |_, _| Outcome::Gap("recovery.restore.job.create".to_owned()),
        &[gap("recovery.restore.job.create", SINCE_6_5)],
    ),
    &call(
        &Parser::new("com.vmware.appliance.recovery.restore.job.get")
            .description("See restore job progress or result."),
        |cx, _| refuse(cx, &ApiError::not_allowed("There is no restore job")),
        &[inferred("recovery.restore.job.get: there is no job", SINCE_6_5, STRUCTURE)],
    ),
    &call(
        &Parser::new("com.vmware.appliance.recovery.restore.validate")
            .description("Get metadata before restore.")
            .arguments(&LOCATION),
        |_, _| Outcome::Gap("recovery.restore.validate".to_owned()),
        &[gap("recovery.restore.validate", SINCE_6_5)],
    ),
];

fn no_job(cx: &mut Context<'_>, parsed: &Parsed) -> Outcome {
    refuse(cx, &ApiError::not_found(format!("Job {} not found", text(parsed, "id"))))
}

fn part(cx: &mut Context<'_>, parsed: &Parsed) -> Outcome {
    let id = text(parsed, "id");
    let Some(part) = PARTS.iter().find(|part| part.id == id) else {
        return refuse(cx, &ApiError::not_found(format!("Part {id} not found")));
    };
    let partitions = health::partitions(cx.world, cx.machine()).into_iter();
    let own = partitions.filter(|partition| part.partitions.contains(&partition.name.as_str()));
    let size: u64 = own.map(|partition| partition.usage.used >> 20).sum();
    reply(cx, Value::record([("Size", figure(size))]))
}
