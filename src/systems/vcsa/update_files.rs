//! The files in which the appliance management keeps how updates stand, from 6.7 on. They are made from the model when they
//! are read. Whoever removes the state file, or writes another state into it, is believed when the appliance management
//! starts the next time: that is the cure which the vendor documents for a state that is stuck. Whoever cleans the staging
//! area by hand has nothing staged any more.
//!
//! Truth: reference `software-packages.md` section 6 and `transcripts/state-703-install-failed.txt`. Of the files under
//! `/storage/core/software-update` only names are known, and one key; what else is in them is inferred.

use serde_json::Value;

use super::files;
use super::model::Vcsa;
use super::series::UpdateState;
use super::software_update::{SoftwareUpdate, State};
use super::stamp;
use crate::sim::Instant;
use crate::systems::linux::fs::{Content, Cred, Errno};

const STATE: &str = "/etc/applmgmt/appliance/software_update_state.conf";
const SETTINGS: &str = "/etc/applmgmt/appliance/update.conf";
const STAGE: &str = "/storage/core/software-update/stage_operation";
const INSTALL: &str = "/storage/core/software-update/install_operation";
const STAGE_DIR: &str = "/storage/core/software-update/stage/stageDir.json";

/// What the names of made files begin with, their paths follow.
pub const MADE: &str = "vcsa/update:";

/// Lets the files be there that should, and no others.
pub fn tell(vcsa: &mut Vcsa, now: Instant) {
    vcsa.lay_out(now);
    let told = vcsa.series().update_state;
    let staged = vcsa.staged.is_some();
    let operation = operation(vcsa);
    let files = [
        (STATE, told >= UpdateState::Files),
        (SETTINGS, told >= UpdateState::Files),
        (STAGE, told >= UpdateState::Operations && (staged || operation == Some(STAGE))),
        (INSTALL, told >= UpdateState::Operations && operation == Some(INSTALL)),
        (STAGE_DIR, told >= UpdateState::Operations && staged),
    ];
    let fs = &mut vcsa.linux.fs;
    for (path, wanted) in files {
        let there = fs.lookup(&Cred::ROOT, "/", path).is_ok();
        // Where a disk is full, or a folder was made a file, the appliance has no such file: nothing else follows from it.
        let _gone: Result<(), Errno> = match (wanted, there) {
            (true, false) => files::put_made(fs, path, format!("{MADE}{path}"), ((0, 0), 0o644), now),
            (false, true) => fs.unlink(&Cred::ROOT, "/", path, now),
            _ => Ok(()),
        };
    }
}

/// The file of the operation that the state is about. An update that was only found is about none.
fn operation(vcsa: &Vcsa) -> Option<&'static str> {
    let state = vcsa.software_update.state;
    state.operation().filter(|_| state != State::UpdatesPending || vcsa.staged.is_some())
}

/// The appliance management starts: it believes its state file, and the staging area.
pub fn recall(vcsa: &mut Vcsa, now: Instant) {
    if vcsa.series().update_state == UpdateState::Untold {
        return;
    }
    notice(vcsa, now);
    let written = match vcsa.linux.fs.lookup(&Cred::ROOT, "/", STATE) {
        Err(_) => Some(State::default()),
        Ok(file) => match vcsa.linux.fs.content(file) {
            Some(Content::Made(_)) => None,
            Some(Content::Bytes(bytes)) => Some(state_in(bytes)),
            Some(Content::Hole(_) | Content::Sparse(_) | Content::Program(..)) | None => Some(State::default()),
        },
    };
    if let Some(state) = written {
        vcsa.software_update = SoftwareUpdate { state, ..SoftwareUpdate::default() };
        if vcsa.linux.fs.unlink(&Cred::ROOT, "/", STATE, now).is_ok() {
            tell(vcsa, now);
        }
    }
    tell(vcsa, now);
}

/// The state in a file that somebody wrote; without one that is known, nothing is waiting.
fn state_in(bytes: &[u8]) -> State {
    let file: Value = serde_json::from_slice(bytes).unwrap_or_default();
    let word = file.get("state").and_then(Value::as_str).unwrap_or_default();
    State::ALL.into_iter().find(|state| state.word() == word).unwrap_or_default()
}

/// A staging area that was cleaned by hand holds nothing.
pub fn notice(vcsa: &mut Vcsa, now: Instant) {
    let told = vcsa.series().update_state == UpdateState::Operations;
    let gone = told && vcsa.linux.fs.lookup(&Cred::ROOT, "/", STAGE_DIR).is_err();
    if vcsa.staged.is_some() && (gone || vcsa.lacks_staged_files()) {
        vcsa.staged = None;
        vcsa.lay_out(now);
    }
}

/// What the file at `path` holds.
#[must_use]
pub fn make(vcsa: &Vcsa, path: &str) -> String {
    let entries = match path {
        STATE => state_file(vcsa),
        SETTINGS => settings(vcsa),
        STAGE_DIR => vec![("StageDir", vcsa.stage_dir())],
        _ => {
            let mut file = vec![("state", vcsa.software_update.state.word().to_owned())];
            file.extend(disks(vcsa).filter(|_| path == INSTALL));
            file
        }
    };
    let lines: Vec<String> =
        entries.into_iter().map(|(key, value)| format!("    \"{key}\": {}", Value::from(value))).collect();
    format!("{{\n{}\n}}\n", lines.join(",\n"))
}

/// What became of the disks, where an installation keeps them (inferred).
fn disks(vcsa: &Vcsa) -> impl Iterator<Item = (&'static str, String)> {
    let kept = vcsa.backup.as_ref().and_then(|backup| backup.at).map(|at| ("lvm_backup", at));
    let back = vcsa.software_update.rolled_back.map(|at| ("lvm_rollback", at));
    kept.into_iter().chain(back).map(|(key, at)| (key, stamp::zulu(at, &vcsa.linux.zone)))
}

/// In a state that is about an update, its version and the file of the operation stand there, too.
fn state_file(vcsa: &Vcsa) -> Vec<(&'static str, String)> {
    let SoftwareUpdate { state, version, queried, .. } = &vcsa.software_update;
    let mut file = vec![("state", state.word().to_owned())];
    if *state != State::UpToDate {
        file.push(("version", version.clone()));
        file.extend(queried.map(|at| ("latest_query_time", stamp::zulu(at, &vcsa.linux.zone))));
    }
    // 6.7 has no files of operations.
    let told = operation(vcsa).filter(|_| vcsa.series().update_state == UpdateState::Operations);
    file.extend(told.map(|operation| ("operation_id", operation.to_owned())));
    file
}

/// The keys of the capture; what stands above them there was cut off.
fn settings(vcsa: &Vcsa) -> Vec<(&'static str, String)> {
    let product = &vcsa.running.product;
    let (last, policy) = (vcsa.history.last(), &vcsa.settings.updates);
    let mut file = Vec::new();
    file.extend(last.map(|applied| ("latestUpdateInstallTime", stamp::iso(applied.at, &vcsa.linux.zone))));
    file.extend(vcsa.software_update.queried.map(|at| ("latestUpdateQueryTime", stamp::iso(at, &vcsa.linux.zone))));
    for (key, value) in [
        ("name", last.map_or("", |applied| &applied.name)),
        ("password", if policy.has_password { "********" } else { "" }),
        ("product", &product.name),
        ("releasedate", last.map_or(&product.release_date, |applied| &applied.release_date)),
        ("summary", &product.summary),
        ("time", &policy.time),
        ("type", if policy.current_url.is_some() { "CUSTOM-REPO" } else { "DEFAULT-REPO" }),
        ("username", &policy.username),
        ("version", &vcsa.running.version),
    ] {
        file.push((key, value.to_owned()));
    }
    file
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_somebody_writes_into_the_state_file_is_read_or_counts_as_nothing() {
        let check = |text: &str, expect| assert_eq!(state_in(text.as_bytes()), expect, "{text}");
        check("{\"state\": \"INSTALL_FAILED\", \"version\": \"7.0.3.01500\"}", State::InstallFailed);
        check("{\"state\": \"UP_TO_DATE\"}", State::UpToDate);
        check("{\"state\": 7}", State::UpToDate);
        check("{\"state\": \"BROKEN\"}", State::UpToDate);
        check("", State::UpToDate);
    }
}
