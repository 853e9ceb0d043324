//! `system.*` without the version: disks, time, uptime, where updates come from. Members are those of the API structures;
//! the form of date and time was recorded from a later release.

use super::Command;
use super::args::{
    ALL, NEW_PASSWORD, SINCE_6_5, ask_in_vain, call, done, figure, inferred, member, reply, secret, text, word,
};
use crate::shell::argparse::{Parsed, Parser};
use crate::shell::{Context, Cx, Outcome, Task, Value};
use crate::sim::Instant;
use crate::systems::vcsa::api::{ApiError, disks, health, time, updates};
use crate::systems::vcsa::settings::{DAYS, UpdatePolicy, is_time_of_day};

const STRUCTURE: &str = "members of the API structure";

/// The commands.
pub const COMMANDS: &[&Command] = &[
    &call(
        &Parser::new("com.vmware.appliance.system.uptime.get").description("Get the system uptime."),
        |cx, _| member(cx, "Uptime", |cx| figure(cx.now().since(cx.vcsa().linux.booted).as_secs())),
        &[inferred("system.uptime.get", SINCE_6_5, "seconds, as /proc/uptime has them")],
    ),
    &call(
        &Parser::new("com.vmware.appliance.version1.system.storage.list").description("Get disk to partition mapping."),
        storage_list,
        &[inferred("system.storage.list", SINCE_6_5, "disk and partition, as the later API shows them")],
    ),
    &call(
        &Parser::new("com.vmware.appliance.version1.system.storage.resize")
            .description("Resize all partitions to 100 percent of disk size."),
        |cx, _| {
            let id = cx.machine();
            disks::resize(cx.world, id);
            Outcome::Silent
        },
        &[inferred("system.storage.resize: partitions take what their disks have gained", SINCE_6_5, STRUCTURE)],
    ),
    &call(
        &Parser::new("com.vmware.appliance.version1.system.time.get").description("Get system time."),
        system_time,
        &[inferred("system.time.get", SINCE_6_5, "members and forms recorded from the API of 7.0")],
    ),
    &call(
        &Parser::new("com.vmware.appliance.version1.system.update.get")
            .description("Get the URL-based patching configuration."),
        update_get,
        &[inferred("system.update.get", ALL, STRUCTURE)],
    ),
    &call(
        &Parser::new("com.vmware.appliance.version1.system.update.set")
            .description("Set the URL-based patching configuration.")
            .arguments(&[
                word(
                    &["--current_URL"],
                    "Current appliance update repository URL. Enter \"default\" to reset to the default URL",
                ),
                word(&["--check_updates"], "Check for updates at scheduled intervals: enabled or disabled"),
                word(&["--time"], "Time to query for updates, HH:MM:SS"),
                word(&["--day"], "Day to query for updates: Monday to Sunday, or Everyday"),
                word(&["--username"], "User name for the update repository"),
                secret(&["--password"], "Password for the update repository"),
            ]),
        update_set,
        &[
            inferred("system.update.set: software-packages --url without an address takes current_URL", ALL, STRUCTURE),
            inferred("system.update.set --check_updates enabled: the query comes at its day and time", ALL, STRUCTURE),
        ],
    ),
];

fn storage_list(cx: &mut Context<'_>, _: &Parsed) -> Outcome {
    let partitions = health::partitions(cx.world, cx.machine());
    let disks = partitions.into_iter().enumerate().map(|(place, partition)| {
        Value::record([("Disk", figure(disks::number(place) as u64)), ("Partition", partition.name.into())])
    });
    let disks = Value::List(disks.collect());
    reply(cx, Value::record([("Mapping", disks)]))
}

fn system_time(cx: &mut Context<'_>, _: &Parsed) -> Outcome {
    let id = cx.machine();
    let shown = |form: &str| Value::from(time::shown(cx.world, id, form));
    let time = Value::record([
        ("Seconds_since_epoch", cx.vcsa().linux.zone.reads(cx.now().utc().unix_timestamp()).into()),
        ("Date", shown("%a %m-%d-%Y")),
        ("Time", shown("%I:%M:%S %p")),
        ("Timezone", shown("%Z")),
    ]);
    reply(cx, Value::record([("Time", time)]))
}

fn update_get(cx: &mut Context<'_>, _: &Parsed) -> Outcome {
    let vcsa = cx.vcsa();
    let policy = &vcsa.settings.updates;
    let stamp = |at: Instant| {
        crate::systems::linux::clock::format("%Y-%m-%dT%H:%M:%SZ", at.utc().unix_timestamp(), 0, &vcsa.linux.zone)
    };
    let installed = vcsa.history.last().map_or(String::new(), |applied| stamp(applied.at));
    let queried = vcsa.software_update.queried.map_or(String::new(), stamp);
    let config = Value::record([
        ("Current_URL", vcsa.repository().into()),
        ("Default_URL", vcsa.default_repository().into()),
        ("Check_updates", if policy.check_updates { "enabled" } else { "disabled" }.into()),
        ("Time", policy.time.clone().into()),
        ("Day", policy.day.clone().into()),
        ("Latest_update_install_time", installed.into()),
        ("Latest_update_query_time", queried.into()),
        ("Username", policy.username.clone().into()),
        ("Password", if policy.has_password { "********" } else { "" }.into()),
    ]);
    reply(cx, Value::record([("Config", config)]))
}

fn update_set(cx: &mut Context<'_>, parsed: &Parsed) -> Outcome {
    let policy = match changed(cx.vcsa().settings.updates.clone(), parsed) {
        Ok(policy) => policy,
        Err(error) => return done(cx, Err(error)),
    };
    if parsed.is_present("password") && parsed.value("password").is_none() {
        return Outcome::Task(Task::new(move |cx| ask_first(cx, policy)));
    }
    keep(cx, policy);
    Outcome::Silent
}

fn keep(cx: &mut Context<'_>, policy: UpdatePolicy) {
    let id = cx.machine();
    cx.vcsa_mut().settings.updates = policy;
    updates::plan(cx.world, id);
}

async fn ask_first(cx: Cx, policy: UpdatePolicy) -> u8 {
    ask_in_vain(&cx, &NEW_PASSWORD).await;
    cx.with(|cx| keep(cx, policy));
    0
}

fn changed(mut policy: UpdatePolicy, parsed: &Parsed) -> Result<UpdatePolicy, ApiError> {
    match parsed.value("current_URL") {
        Some("default" | "reset") => policy.current_url = None,
        Some(url) if ["https://", "http://", "ftp://"].iter().any(|scheme| url.starts_with(scheme)) => {
            policy.current_url = Some(url.to_owned());
        }
        Some(url) => return Err(ApiError::invalid(format!("Invalid URL: {url}"))),
        None => {}
    }
    match parsed.value("check_updates") {
        Some(word @ ("enabled" | "disabled")) => policy.check_updates = word == "enabled",
        Some(word) => {
            return Err(ApiError::invalid(format!("Invalid check_updates: {word}, must be one of enabled, disabled")));
        }
        None => {}
    }
    if let Some(time) = parsed.value("time") {
        if !is_time_of_day(time) {
            return Err(ApiError::invalid(format!("Invalid time: {time}")));
        }
        time.clone_into(&mut policy.time);
    }
    if let Some(day) = parsed.value("day") {
        if !DAYS.contains(&day) {
            return Err(ApiError::invalid(format!("Invalid day: {day}, must be one of {}", DAYS.join(", "))));
        }
        day.clone_into(&mut policy.day);
    }
    if parsed.is_present("username") {
        text(parsed, "username").clone_into(&mut policy.username);
    }
    policy.has_password |= parsed.is_present("password");
    Ok(policy)
}
