//! What the management of the appliance tells of updates and shutdowns, and does about them: the calls of `dcli` that the
//! appliance shell has no counterpart for.
//!
//! Truth: reference `appliance-shell.md` 4.2 and 4.3 for members, values and errors. How urgent an update is, whether it
//! mends security or something else, and the sentences of errors are inferred from what the payload tells.

use std::cmp::Ordering;
use std::sync::Arc;

use super::{failed, refused};
use crate::payload::catalog::line_of;
use crate::payload::{Contents, Patch, compare_evr};
use crate::shell::argparse::{Argument, Parsed};
use crate::shell::{Context, Outcome, Value};
use crate::sim::Instant;
use crate::systems::vcsa::api::{ApiError, accounts, key_providers, repository, updates};
use crate::systems::vcsa::commands::args::{boolean, figure, flag, number, values, word};
use crate::systems::vcsa::commands::shutdown;
use crate::systems::vcsa::commands::software_packages;
use crate::systems::vcsa::faults::{self, BAD_MANIFEST, BLOBS_MISSING, PASSWORD_EXPIRING};
use crate::systems::vcsa::flows::{Act, Flow, Form};
use crate::systems::vcsa::model::Action;
use crate::systems::vcsa::services::{APPLIANCE_MANAGEMENT, State, VCENTER};
use crate::systems::vcsa::settings::DAYS;
use crate::systems::vcsa::staging::UpdateCopy;
use crate::systems::vcsa::{ha, stamp, update_files};

/// What `update policy set` takes. A structure is typed member by member, with dots (documented).
pub const POLICY: &[Argument] = &[
    word(&["--policy.custom-URL"], "Current appliance update custom repository URL"),
    word(&["--policy.username"], "Username for the update repository"),
    word(&["--policy.check-schedule.day"], "Day to check for updates: MONDAY to SUNDAY, or EVERYDAY"),
    number(&["--policy.check-schedule.hour"], "Hour: 0-24"),
    number(&["--policy.check-schedule.minute"], "Minute: 0-59"),
    boolean(&["--policy.auto-stage"], "Automatically stage the latest update if available (required)").required(),
    boolean(&["--policy.certificate-check"], "Indicates whether certificates will be checked (required)").required(),
];

/// Where the backup of a key provider is, which vCenter Server itself tells.
pub fn export(cx: &mut Context<'_>, parsed: &Parsed) -> Outcome {
    let (id, name) = (cx.machine(), parsed.value("provider").unwrap_or_default());
    let found = match cx.vcsa().services.runs(VCENTER) {
        true => key_providers::export(cx.world, id, name),
        false => Err(ApiError::not_allowed("Service unavailable")),
    };
    match found {
        Ok(value) => Outcome::Reply(Value::record([("Export", value)])),
        Err(error) => failed(&error),
    }
}

/// The state of updates.
pub fn get(cx: &mut Context<'_>, _: &Parsed) -> Outcome {
    let told = &cx.vcsa().software_update;
    let mut info = vec![("state", told.state.word().into()), ("version", cx.vcsa().running.version.clone().into())];
    info.extend(told.queried.map(|at| ("latest_query_time", stamp::iso(at, &cx.vcsa().linux.zone).into())));
    reply(Value::Record(info))
}

/// A structure, whose members are not taken for the name above it.
fn reply(value: Value) -> Outcome {
    Outcome::Reply(Value::record([("info", value)]))
}

/// Nothing that is done through the API can be taken back: nothing of it is under way.
pub fn cancel(_: &mut Context<'_>, _: &Parsed) -> Outcome {
    failed(&ApiError::not_allowed("No update operation is in progress"))
}

fn not_found() -> Outcome {
    refused("not_found", "No applicable update found")
}

/// The update in the drive; an error where its signature does not fit.
fn on_disc(cx: &mut Context<'_>) -> Result<Option<Arc<Patch>>, ApiError> {
    let Some(disc) = cx.world.machine(cx.machine()).vm.drive.readable().cloned() else { return Ok(None) };
    let contents = match disc.contents {
        Some(known) => known,
        None => {
            let found = cx.media.contents(&disc.medium);
            if let Some(disc) = cx.vm_mut().drive.disc_mut() {
                disc.contents = Some(found.clone());
            }
            found
        }
    };
    let copy = UpdateCopy { medium: disc.medium, origin: Some(disc.origin) };
    let id = cx.machine();
    if cx.vcsa().series().flow.resumes && faults::is_damaged(cx.world, id, BLOBS_MISSING, &copy) {
        return Ok(None);
    }
    let Some(patch) = contents.ok().and_then(|contents| patch_in(&contents)) else { return Ok(None) };
    if faults::is_damaged(cx.world, id, BAD_MANIFEST, &copy) {
        return Err(damaged());
    }
    Ok(Some(patch))
}

fn damaged() -> ApiError {
    ApiError { kind: crate::systems::vcsa::api::Kind::Internal, text: "Manifest verification failed".to_owned() }
}

fn patch_in(contents: &Contents) -> Option<Arc<Patch>> {
    if let Contents::Patch(patch) = contents { Some(Arc::clone(patch)) } else { None }
}

/// The update in a repository.
fn online(cx: &mut Context<'_>, url: Option<&str>) -> Result<Option<Arc<Patch>>, ApiError> {
    let (id, now) = (cx.machine(), cx.now());
    let url = url.map_or_else(|| cx.vcsa().repository(), str::to_owned);
    let Ok(offer) = repository::offer(cx.world, cx.media, id, &url) else {
        let text = format!("Failed to download the manifest from {url}");
        return Err(ApiError { kind: crate::systems::vcsa::api::Kind::Internal, text });
    };
    cx.vcsa_mut().software_update.queried = Some(now);
    let Some((medium, contents)) = offer else { return Ok(None) };
    if faults::is_damaged(cx.world, id, BAD_MANIFEST, &UpdateCopy { medium, origin: None }) {
        return Err(damaged());
    }
    Ok(contents.ok().and_then(|contents| patch_in(&contents)))
}

/// Whether an update is newer than what runs, and of its row of releases.
fn fits(cx: &Context<'_>, patch: &Patch) -> bool {
    let running = &cx.vcsa().running.version;
    compare_evr(&patch.version, running) == Ordering::Greater && line_of(&patch.version) == line_of(running)
}

/// The updates that can be had.
pub fn pending_list(cx: &mut Context<'_>, parsed: &Parsed) -> Outcome {
    let source = parsed.value("source_type").unwrap_or_default();
    let found = match source {
        "LOCAL" => on_disc(cx).map(|found| vec![found]),
        "LAST_CHECK" if cx.vcsa().software_update.queried.is_none() => Ok(Vec::new()),
        "LAST_CHECK" => online(cx, None).map(|found| vec![found]),
        _ => on_disc(cx).and_then(|local| Ok(vec![local, online(cx, parsed.value("url"))?])),
    };
    let mut found: Vec<Arc<Patch>> = match found {
        Ok(found) => found.into_iter().flatten().filter(|patch| fits(cx, patch)).collect(),
        Err(error) => return failed(&error),
    };
    found.dedup_by(|one, other| one.version == other.version);
    if found.is_empty() {
        return not_found();
    }
    reply(Value::List(found.iter().map(|patch| Value::Record(summary(patch))).collect()))
}

/// The update of a version that is staged, or can be had.
fn named(cx: &mut Context<'_>, parsed: &Parsed) -> Result<Arc<Patch>, Outcome> {
    let version = parsed.value("version").unwrap_or_default().to_owned();
    if cx.vcsa().running.version == version {
        return Err(refused("already_in_desired_state", "The update is already installed"));
    }
    let staged = cx.vcsa().staged.as_ref().map(|staged| Arc::clone(&staged.patch));
    let fitting = |patch: &Arc<Patch>| patch.version == version;
    if let Some(patch) = staged.filter(fitting) {
        return Ok(patch);
    }
    let local = on_disc(cx).map_err(|error| failed(&error))?;
    let found = match local.filter(fitting) {
        Some(patch) => Some(patch),
        // A repository that does not answer has none.
        None => online(cx, None).unwrap_or_default().filter(fitting),
    };
    found.filter(|patch| fits(cx, patch)).ok_or_else(not_found)
}

/// All about one update.
pub fn pending_get(cx: &mut Context<'_>, parsed: &Parsed) -> Outcome {
    let patch = match named(cx, parsed) {
        Ok(patch) => patch,
        Err(outcome) => return outcome,
    };
    let vcsa = cx.vcsa();
    let staged = vcsa.staged.as_ref().is_some_and(|staged| staged.patch.manifest == patch.manifest);
    let running = |service: &str, state: State| state == State::Running && service != APPLIANCE_MANAGEMENT;
    let services = vcsa.services.iter().filter(|(service, state)| running(service.name, *state));
    let services = services
        .map(|(service, _)| Value::record([("service", service.name.into()), ("description", service.display.into())]));
    let services = Value::List(services.collect());
    let mut info = summary(&patch);
    info.extend([
        ("contents", values([patch.summary.clone()])),
        ("services_will_be_stopped", services),
        ("eulas", values(Some(patch.eula.trim_end().to_owned()).filter(|text| !text.is_empty()))),
        ("staged", staged.into()),
        ("knowledge_base", patch.kb.clone().into()),
    ]);
    reply(Value::Record(info))
}

/// What stands in the way of an update, and what it will ask.
pub fn precheck(cx: &mut Context<'_>, parsed: &Parsed) -> Outcome {
    let patch = match named(cx, parsed) {
        Ok(patch) => patch,
        Err(outcome) => return outcome,
    };
    let id = cx.machine();
    let expires = accounts::is_expired(cx.world, id, "root") || cx.world.suffers(id, PASSWORD_EXPIRING);
    let mut errors = Vec::new();
    if ha::forbids_update(cx.vcsa()) {
        errors.push(issue("vcha.configured", "vCenter HA is configured.", "Remove the vCenter HA cluster."));
    }
    if expires {
        let text = "Appliance (OS) root password is expired or is going to expire soon.";
        errors.push(issue("root.password.expired", text, "Change the root password before installing an update."));
    }
    let vcsa = cx.vcsa();
    let acts = Flow::acts(vcsa.series().flow.form(Form::InstallStaged));
    let asks = acts.iter().any(|act| matches!(act, Act::Ask(..)));
    let question = asks.then(|| {
        Value::record([
            ("data_item", "vmdir.password".into()),
            ("text", "Single Sign-On administrator password".into()),
            (
                "description",
                "For the first instance of the identity domain, this is the password given to the \
                            Administrator account."
                    .into(),
            ),
            ("type", "PASSWORD".into()),
        ])
    });
    let issues = Value::record([
        ("info", Value::List(Vec::new())),
        ("warnings", Value::List(Vec::new())),
        ("errors", Value::List(errors)),
    ]);
    reply(Value::record([
        ("check_time", stamp::iso(cx.now(), &vcsa.linux.zone).into()),
        ("reboot_required", patch.reboot_required.into()),
        ("issues", issues),
        ("questions", values(question)),
    ]))
}

fn issue(id: &str, message: &'static str, resolution: &'static str) -> Value {
    let id = format!("com.vmware.appliance.update.{id}");
    Value::record([("id", id.into()), ("message", message.into()), ("resolution", resolution.into())])
}

/// What is said of an update wherever one is listed.
fn summary(patch: &Patch) -> Vec<(&'static str, Value)> {
    let critical = patch.severity.eq_ignore_ascii_case("critical");
    let severity = patch.severity.to_ascii_uppercase();
    let kind = match patch.category.to_ascii_lowercase().as_str() {
        "security" => "SECURITY",
        "bugfix" | "fix" => "FIX",
        _ => "UPDATE",
    };
    let description = Value::record([
        ("id", format!("{}.summary", patch.name).into()),
        ("default_message", patch.summary.clone().into()),
        ("args", Value::List(Vec::new())),
    ]);
    vec![
        ("version", patch.version.clone().into()),
        ("name", patch.name.clone().into()),
        ("description", description),
        ("priority", if critical { "HIGH" } else { "MEDIUM" }.into()),
        ("severity", severity.into()),
        ("update_type", kind.into()),
        ("release_date", date(&patch.release_date).into()),
        ("reboot_required", patch.reboot_required.into()),
        ("size", figure(patch.size() >> 20)),
    ]
}

fn date(text: &str) -> String {
    Patch::published(text).map_or_else(|| text.to_owned(), |day| format!("{day}T00:00:00.000Z"))
}

fn nothing_staged() -> Outcome {
    refused("not_allowed_in_current_state", "Nothing is staged")
}

/// What is staged.
pub fn staged_get(cx: &mut Context<'_>, _: &Parsed) -> Outcome {
    let now = cx.now();
    update_files::notice(cx.vcsa_mut(), now);
    let Some(staged) = cx.vcsa().staged.clone() else { return nothing_staged() };
    let mut info = vec![("staging_complete", true.into())];
    info.extend(summary(&staged.patch));
    reply(Value::Record(info))
}

/// Empties the staging area.
pub fn staged_delete(cx: &mut Context<'_>, _: &Parsed) -> Outcome {
    if cx.vcsa().tool_busy {
        return failed(&ApiError::not_allowed("Another software update operation is in progress"));
    }
    if cx.vcsa().staged.is_none() && cx.vcsa().partial.is_none() {
        return nothing_staged();
    }
    software_packages::empty(cx);
    Outcome::Silent
}

/// Where updates come from, and when they are looked for.
pub fn policy_get(cx: &mut Context<'_>, _: &Parsed) -> Outcome {
    let vcsa = cx.vcsa();
    let policy = &vcsa.settings.updates;
    let parts: Vec<i64> = policy.time.split(':').map(|part| part.parse().unwrap_or(0)).collect();
    let schedule = Value::record([
        ("day", policy.day.to_ascii_uppercase().into()),
        ("hour", parts.first().copied().unwrap_or(0).into()),
        ("minute", parts.get(1).copied().unwrap_or(0).into()),
    ]);
    let mut info: Vec<(&'static str, Value)> =
        policy.current_url.iter().map(|url| ("custom_URL", url.clone().into())).collect();
    info.extend([
        ("default_URL", vcsa.default_repository().into()),
        ("check_schedule", values(policy.check_updates.then_some(schedule))),
        ("auto_stage", false.into()),
        ("auto_update", false.into()),
        ("certificate_check", true.into()),
        ("manual_control", false.into()),
    ]);
    if !policy.username.is_empty() {
        info.push(("username", policy.username.clone().into()));
    }
    reply(Value::Record(info))
}

/// Sets them. What is not named is as if it had never been set.
pub fn policy_set(cx: &mut Context<'_>, parsed: &Parsed) -> Outcome {
    if flag(parsed, "policy.auto_stage") == Some(true) {
        return Outcome::Gap("dcli: update policy set: updates that are staged by themselves".to_owned());
    }
    if flag(parsed, "policy.certificate_check") == Some(false) {
        return Outcome::Gap("dcli: update policy set: certificates that are not checked".to_owned());
    }
    let mut policy = cx.vcsa().settings.updates.clone();
    policy.current_url = parsed.value("policy.custom_URL").map(str::to_owned);
    let schemes = ["https://", "http://", "ftp://"];
    if let Some(url) = policy.current_url.as_deref().filter(|url| !schemes.iter().any(|scheme| url.starts_with(scheme)))
    {
        return failed(&ApiError::invalid(format!("Invalid URL: {url}")));
    }
    policy.username = parsed.value("policy.username").unwrap_or_default().to_owned();
    let day = parsed.value("policy.check_schedule.day");
    policy.check_updates = day.is_some();
    if let Some(day) = day {
        let Some(day) = DAYS.into_iter().find(|known| known.to_ascii_uppercase() == day) else {
            return failed(&ApiError::invalid(format!("Invalid day: {day}")));
        };
        let (hour, minute) = (parsed.int("policy.check_schedule.hour"), parsed.int("policy.check_schedule.minute"));
        let (hour, minute) = (hour.unwrap_or(0), minute.unwrap_or(0));
        if !(0..24).contains(&hour) || !(0..60).contains(&minute) {
            return failed(&ApiError::invalid(format!("Invalid time: {hour}:{minute}")));
        }
        day.clone_into(&mut policy.day);
        policy.time = format!("{hour:02}:{minute:02}:00");
    }
    let id = cx.machine();
    cx.vcsa_mut().settings.updates = policy;
    updates::plan(cx.world, id);
    Outcome::Silent
}

/// The shutdown that is to come; empty where there is none.
pub fn shutdown_get(cx: &mut Context<'_>, _: &Parsed) -> Outcome {
    let vcsa = cx.vcsa();
    let (action, reason, time) = match &vcsa.shutdown {
        Some(pending) => {
            let action = if pending.action == Action::Reboot { "reboot" } else { "poweroff" };
            (action, pending.reason.clone(), on_the_second(pending.ticket.at(), cx))
        }
        None => ("", String::new(), String::new()),
    };
    reply(Value::record([("action", action.into()), ("reason", reason.into()), ("shutdown_time", time.into())]))
}

fn on_the_second(at: Instant, cx: &Context<'_>) -> String {
    stamp::zulu(at, &cx.vcsa().linux.zone).replace('Z', ".000Z")
}

/// Takes it back.
pub fn shutdown_cancel(cx: &mut Context<'_>, _: &Parsed) -> Outcome {
    shutdown::withdraw(cx);
    Outcome::Silent
}

/// Powers off.
pub fn poweroff(cx: &mut Context<'_>, parsed: &Parsed) -> Outcome {
    order(cx, parsed, Action::Poweroff)
}

/// Restarts.
pub fn reboot(cx: &mut Context<'_>, parsed: &Parsed) -> Outcome {
    order(cx, parsed, Action::Reboot)
}

fn order(cx: &mut Context<'_>, parsed: &Parsed, action: Action) -> Outcome {
    let reason = parsed.value("reason").unwrap_or_default().to_owned();
    match shutdown::order(cx, action, parsed.int("delay").unwrap_or(0), reason) {
        Ok(()) => Outcome::Silent,
        Err(why) => failed(&ApiError::invalid(why)),
    }
}
