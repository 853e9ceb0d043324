//! What updates leave beside the tool's own log from 6.7 on, and the files of 7.0 that the vendor's clean-up script removes. The
//! logs are made when they are read, from what the tool has logged.
//!
//! Truth: reference `software-packages.md` section 6 has the names; what stands in them, and how, is inferred. Nobody uses the
//! management page's programs here, so that their log is empty.

use super::files::LOG;
use super::model::Vcsa;
use super::series::Line;
use crate::sim::Instant;
use crate::systems::linux::fs::{Content, Cred, Kind};
use crate::systems::linux::lab_entry::put;
use crate::systems::linux::model::Linux;

/// What the names of made files begin with, their names follow.
pub const MADE: &str = "vcsa/update-log:";

const SERVICE: &str = "update_microservice.log";
const RUNNER: &str = "PatchRunner.log";
const PROGRESS: &str = "progress.log";
const PAGE: &str = "vami.log";

/// The files that 7.0 and later keep of updates, with how large they are.
const KEPT: [(&str, u64); 2] =
    [("/storage/db/patching.db", 20_480), ("/var/vmware/applmgmt/fileintegrity/fileintegrity_config.sig", 256)];

/// Puts them on the disks of an appliance of this row of releases.
pub fn install(linux: &mut Linux, line: Line, now: Instant) {
    if line >= Line::V6_7 {
        for name in [SERVICE, RUNNER, PROGRESS, PAGE] {
            let path = format!("/var/log/vmware/applmgmt/{name}");
            put(linux, &path, Kind::File(Content::Made(format!("{MADE}{name}").into())), 0o644, now);
        }
    }
    if line >= Line::V7_0 {
        for (path, bytes) in KEPT {
            put(linux, path, Kind::File(Content::Hole(bytes)), 0o644, now);
        }
    }
}

/// What one of the logs holds.
#[must_use]
pub fn make(vcsa: &Vcsa, name: &str) -> String {
    vcsa.log.lines().filter_map(|line| told(name, line)).map(|line| format!("{line}\n")).collect()
}

/// When one was written last: with the tool's own, where that has something for it.
#[must_use]
pub fn changed(vcsa: &Vcsa, name: &str) -> Option<Instant> {
    vcsa.log.lines().rev().find(|line| told(name, line).is_some())?;
    let file = vcsa.linux.fs.lookup(&Cred::ROOT, "/", LOG).ok()?;
    Some(vcsa.linux.fs.node(file).mtime)
}

/// A line of the tool's log as another has it, if it has.
fn told(name: &str, line: &str) -> Option<String> {
    let mut parts = line.splitn(3, " - ");
    let (stamp, level, text) = (parts.next()?, parts.next()?, parts.next()?);
    // A step that takes a while ends in dots.
    let is_step = text.ends_with("...");
    match name {
        SERVICE => Some(format!("{stamp} - vmware.appliance.update - {level} - {text}")),
        RUNNER if is_step || level == "ERROR" => {
            Some(format!("{}Z PatchRunner {level} {text}", stamp.replace(' ', "T").replace(',', ".")))
        }
        PROGRESS if is_step => Some(format!(" [{stamp}] : {text}")),
        _ => None,
    }
}

/// Whether a made file of an appliance is one of these.
#[must_use]
pub fn is_one(name: &str) -> bool {
    name.starts_with(MADE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_log_has_its_own_of_what_the_tool_does() {
        let step = "2021-05-26 14:12:05,123 - INFO - Running test transaction ....";
        let said = "2021-05-26 14:12:05,123 - INFO - Validation successful";
        let check = |name, line, expect: Option<&str>| assert_eq!(told(name, line).as_deref(), expect, "{name}");
        check(SERVICE, said, Some("2021-05-26 14:12:05,123 - vmware.appliance.update - INFO - Validation successful"));
        check(RUNNER, said, None);
        check(RUNNER, step, Some("2021-05-26T14:12:05.123Z PatchRunner INFO Running test transaction ...."));
        check(PROGRESS, step, Some(" [2021-05-26 14:12:05,123] : Running test transaction ...."));
        check(PAGE, step, None);
    }
}
