//! `recovery.*` (6.5 and later): backups to another machine of the lab, over virtual time. What a job does is `api/recovery.rs`;
//! no source shows what the shell prints of one, so that all of it is inferred from the members of the later API.

use super::Command;
use super::args::{
    SINCE_6_5, call, change, figure, gap, good, inferred, list, member, refuse, reply, secret, text, values, word,
};
use crate::shell::argparse::{Argument, Parsed, Parser};
use crate::shell::{Context, Cx, Outcome, Task, Value};
use crate::systems::vcsa::api::recovery::{self, Wish};
use crate::systems::vcsa::api::{ApiError, accounts};
use crate::systems::vcsa::backup::{Job, PARTS, State};

const STRUCTURE: &str = "members of the later API; names of the parts are known from its documents";
const RESTORE: &str = "the guide of 7.0: only an appliance that was just deployed is restored, which none of a lab is";

const ID: Argument = word(&["--id"], "ID (job identifier) of the job").required();
const LOCATION: [Argument; 7] = [
    word(&["--location_type"], "Backup location type").required(),
    word(&["--location"], "Path or URL of the location").required(),
    word(&["--location_user"], "User name for the location"),
    secret(&["--location_password"], "Password for the location"),
    secret(&["--backup_password"], "Password for a backup piece"),
    word(&["--parts"], "List of backup parts"),
    word(&["--comment"], "Custom comment provided by the user"),
];

/// The commands.
pub const COMMANDS: &[&Command] = &[
    &call(
        &Parser::new("com.vmware.appliance.recovery.backup.job.cancel")
            .description("Cancel the backup job.")
            .arguments(&[ID]),
        |cx, parsed| change(cx, |world, id| recovery::cancel(world, id, text(parsed, "id"))),
        &[inferred("recovery.backup.job.cancel", SINCE_6_5, STRUCTURE)],
    ),
    &call(
        &Parser::new("com.vmware.appliance.recovery.backup.job.create")
            .description("Initiate backup.")
            .arguments(&LOCATION),
        |cx, parsed| ask_first(cx, parsed, create),
        &[inferred(
            "recovery.backup.job.create: to a machine of the lab that serves the way, over virtual time",
            SINCE_6_5,
            STRUCTURE,
        )],
    ),
    &call(
        &Parser::new("com.vmware.appliance.recovery.backup.job.get")
            .description("Get a backup job progress or result.")
            .arguments(&[ID]),
        |cx, parsed| match cx.vcsa().backups.get(text(parsed, "id")).cloned() {
            Some(job) => show(cx, &job),
            None => refuse(cx, &ApiError::not_found(format!("Job {} not found", text(parsed, "id")))),
        },
        &[inferred("recovery.backup.job.get", SINCE_6_5, STRUCTURE)],
    ),
    &call(
        &Parser::new("com.vmware.appliance.recovery.backup.job.list").description("Get list of backup jobs."),
        |cx, _| member(cx, "Jobs", |cx| values(cx.vcsa().backups.iter().map(|job| job.id.clone()))),
        &[inferred("recovery.backup.job.list: the newest first", SINCE_6_5, STRUCTURE)],
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
        |cx, parsed| ask_first(cx, parsed, validate),
        &[inferred("recovery.backup.validate: server, user, password, database", SINCE_6_5, STRUCTURE)],
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
        |cx, parsed| {
            ask_first(cx, parsed, |cx, _, _| {
                let text = "Restore is allowed on a newly deployed appliance only";
                refuse(cx, &ApiError::not_allowed(text))
            })
        },
        &[
            inferred("recovery.restore.job.create: refused on an appliance that is configured", SINCE_6_5, RESTORE),
            gap("recovery.restore.job.create on an appliance that was just deployed", SINCE_6_5),
        ],
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
        |cx, parsed| ask_first(cx, parsed, metadata),
        &[inferred("recovery.restore.validate: what the metadata on the server say", SINCE_6_5, STRUCTURE)],
    ),
];

/// What is done with a location once its password was judged.
type Then = fn(&mut Context<'_>, &Wish, bool) -> Outcome;

/// Reads the location and asks for what of it is secret: the password for the server, which the server judges, and twice that
/// of the pieces, which is kept nowhere.
fn ask_first(cx: &mut Context<'_>, parsed: &Parsed, then: Then) -> Outcome {
    let read = |name: &str| text(parsed, name).to_owned();
    let parts = list(parsed, "parts");
    let wish = Wish::read(cx.vcsa(), &read("location_type"), &read("location"), &read("location_user"), &parts);
    let mut wish = match wish {
        Ok(wish) => wish,
        Err(error) => return refuse(cx, &error),
    };
    wish.comment = read("comment");
    wish.encrypted = parsed.is_present("backup_password");
    let asked = |name: &str| parsed.is_present(name) && parsed.value(name).is_none();
    let (location, pieces) = (asked("location_password"), asked("backup_password"));
    if [("location_password", location), ("backup_password", pieces)]
        .iter()
        .any(|(name, asked)| !asked && parsed.is_present(name))
    {
        cx.aside("a password on the command line is kept nowhere: it is taken for the right one");
    }
    let given = parsed.is_present("location_password");
    Outcome::Task(Task::new(move |cx| async move {
        let accepted = if location { ask_location(&cx, &wish).await } else { given };
        let agreed = if pieces { ask_pieces(&cx).await } else { Ok(()) };
        let patience = cx.with(|cx| recovery::patience(cx.world, cx.machine(), &wish));
        cx.pass(patience).await;
        cx.with(|cx| {
            let outcome = match agreed {
                Ok(()) => then(cx, &wish, accepted),
                Err(error) => refuse(cx, &error),
            };
            let refused = matches!(outcome, Outcome::Refused(..));
            outcome.settle(cx);
            u8::from(refused)
        })
    }))
}

fn question(cx: &Cx, text: &str) {
    cx.with(|cx| {
        cx.screen.mark_inferred();
        cx.screen.print(text);
    });
}

/// The server says whether it is right; of one that is not there the answer does not matter.
async fn ask_location(cx: &Cx, wish: &Wish) -> bool {
    question(cx, "Enter Location_password: ");
    let owner = cx.with(|cx| wish.owner(cx.world, cx.machine()));
    match owner {
        Some((machine, uid)) => cx.secret_of_user(machine, uid).await,
        None => {
            cx.secret().await;
            false
        }
    }
}

async fn ask_pieces(cx: &Cx) -> Result<(), ApiError> {
    question(cx, "Enter Backup_password: ");
    let chosen = cx.new_secret(accounts::SHORTEST_PASSWORD).await;
    question(cx, "Reenter Backup_password: ");
    let again = cx.new_secret(accounts::SHORTEST_PASSWORD).await;
    good(chosen)?;
    if again.password != chosen.password {
        return Err(ApiError::invalid("Passwords do not match"));
    }
    Ok(())
}

fn create(cx: &mut Context<'_>, wish: &Wish, accepted: bool) -> Outcome {
    let id = cx.machine();
    match recovery::begin(cx.world, id, wish, accepted) {
        Ok(job) => show(cx, &job),
        Err(error) => refuse(cx, &error),
    }
}

fn validate(cx: &mut Context<'_>, wish: &Wish, accepted: bool) -> Outcome {
    let trouble = recovery::validate(cx.world, cx.machine(), wish, accepted);
    let status = if trouble.is_some() { "FAIL" } else { "OK" };
    reply(cx, Value::record([("Status", status.into()), ("Messages", values(trouble))]))
}

fn metadata(cx: &mut Context<'_>, wish: &Wish, accepted: bool) -> Outcome {
    let found = recovery::metadata_at(cx.world, cx.machine(), wish, accepted);
    let version = cx.vcsa().running.version.clone();
    let shown = match found {
        Ok(found) => {
            let word = |name: &str| found[name].as_str().unwrap_or_default().to_owned();
            let parts = found["Parts"].as_array().into_iter().flatten().filter_map(|part| part.as_str());
            let applicable = word("Version") == version;
            let trouble = (!applicable).then(|| format!("The backup is of version {}.", word("Version")));
            Value::record([
                ("Timestamp", word("Timestamp").into()),
                ("Parts", values(parts.map(str::to_owned))),
                ("Version", word("Version").into()),
                ("Boxname", word("BoxName").into()),
                ("Comment", word("Comment").into()),
                ("Applicable", applicable.into()),
                ("Messages", values(trouble)),
            ])
        }
        Err(trouble) => Value::record([("Applicable", false.into()), ("Messages", values([trouble]))]),
    };
    reply(cx, shown)
}

fn show(cx: &mut Context<'_>, job: &Job) -> Outcome {
    let now = cx.now();
    let ended = if job.state == State::InProgress { String::new() } else { job.ends.to_string() };
    let status = Value::record([
        ("Id", job.id.clone().into()),
        ("State", job.state.word().into()),
        ("Messages", values(job.message.clone())),
        ("Progress", figure(job.progress(now))),
        ("Start_time", job.begun.to_string().into()),
        ("End_time", ended.into()),
    ]);
    reply(cx, Value::record([("Status", status)]))
}

fn part(cx: &mut Context<'_>, parsed: &Parsed) -> Outcome {
    let id = text(parsed, "id");
    let Some(part) = PARTS.iter().find(|part| part.id == id) else {
        return refuse(cx, &ApiError::not_found(format!("Part {id} not found")));
    };
    let size = recovery::size(cx.world, cx.machine(), part) >> 20;
    reply(cx, Value::record([("Size", figure(size))]))
}
