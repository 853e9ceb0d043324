//! What an appliance has beside its Linux: files that its model makes, and programs of its own in the root shell.

use super::model::Vcsa;
use crate::sim::Instant;
use crate::systems::linux::fs::{Content, Cred, Kind};
use crate::systems::linux::model::Linux;
use crate::systems::linux::proc::{Ended, Proc};
use crate::systems::linux::tools::{Tool, tool};

/// The log that `software-packages` writes.
pub const LOG: &str = "/var/log/vmware/applmgmt/software-packages.log";

/// Files that are made, by path and name.
const MADE: &[(&str, &str)] = &[(LOG, "vcsa/software-packages.log")];

/// Programs of the appliance's own, by path.
const PROGRAM_FILES: &[&str] = &["/usr/sbin/vpxd"];

/// What they do.
pub static PROGRAMS: &[Tool] = &[tool!("vpxd", vpxd)];

/// Puts the appliance's own files on its disks.
pub fn install(linux: &mut Linux, now: Instant) {
    for (path, name) in MADE {
        put(linux, path, Kind::File(Content::Made((*name).into())), 0o644, now);
    }
    for path in PROGRAM_FILES {
        put(linux, path, Kind::File(Content::Hole(1 << 20)), 0o755, now);
    }
}

fn put(linux: &mut Linux, path: &str, kind: Kind, mode: u16, now: Instant) {
    let fs = &mut linux.fs;
    let (above, name) = path.rsplit_once('/').unwrap_or(("", path));
    let mut dir = fs.root();
    for part in above.split('/').filter(|part| !part.is_empty()) {
        let next = fs.node(dir).entries().and_then(|entries| entries.get(part).copied());
        dir = match next {
            Some(ino) => ino,
            None => fs
                .put(&Cred::ROOT, dir, part, Kind::EMPTY_DIR, 0o755, now)
                .unwrap_or_else(|errno| unreachable!("an image has room for {path}: {}", errno.text())),
        };
    }
    fs.put(&Cred::ROOT, dir, name, kind, mode, now)
        .unwrap_or_else(|errno| unreachable!("an image has room for {path}: {}", errno.text()));
}

/// What a made file holds.
#[must_use]
pub fn make(vcsa: &Vcsa, name: &str) -> String {
    match name {
        "vcsa/software-packages.log" => vcsa.log.lines().map(|line| format!("{line}\n")).collect(),
        _ => unreachable!("no file of an appliance is made from {name}"),
    }
}

/// `vpxd -v` prints vCenter's own version and build, which is not the appliance's.
async fn vpxd(p: &mut Proc, arguments: &[String]) -> Ended {
    if arguments != ["-v"] {
        return p.gap("vpxd with these arguments");
    }
    let text = p.world(|world, id| {
        let running = &world.vcsa(id).running;
        format!("VMware VirtualCenter {} build-{}\n", running.vcenter_version, running.vcenter_build)
    });
    p.out(&text).await?;
    Ok(0)
}
