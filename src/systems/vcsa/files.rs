//! What an appliance has beside its Linux: files that its model makes, and programs of its own in the root shell.

use super::model::Vcsa;
use super::own_programs;
use super::series::Line;
use super::services::definition::Node;
use super::services::{Definition, Set};
use super::settings::APPLIANCE_SHELL;
use super::{
    appliancesh, autogrow, config_files, control, dcli, logs, lvm, portaccess, python, rpm, rvc, service_control,
    showlog, sso, update_files, update_logs, vimtop,
};
use crate::sim::Instant;
use crate::systems::linux::fs::{Content, Cred, Errno, Fs, Kind};
use crate::systems::linux::image;
use crate::systems::linux::lab_entry::{place, put};
use crate::systems::linux::model::Linux;
use crate::systems::linux::proc::{Ended, Proc};
use crate::systems::linux::tools::{Tool, tool};

/// The log that `software-packages` writes.
pub const LOG: &str = "/var/log/vmware/applmgmt/software-packages.log";

/// Files that are made, by path and name.
const MADE: &[(&str, &str)] = &[(LOG, "vcsa/software-packages.log")];

/// Programs of the appliance's own that are modelled.
pub static PROGRAMS: &[Tool] = &[
    tool!("appliancesh", appliancesh::run),
    tool!("autogrow.sh", autogrow::autogrow),
    tool!("dcli", dcli::run),
    tool!("lvm", lvm::lvm),
    tool!("portaccess", portaccess::run),
    tool!("python", python::python),
    tool!("python3", python::python),
    tool!("rpm", rpm::rpm),
    tool!("rvc", rvc::run),
    tool!("service-control", service_control::run),
    tool!("showlog", showlog::run),
    tool!("software-packages.py", python::software_packages),
    tool!("vimtop", vimtop::run),
    tool!("vmon-cli", service_control::vmon_cli::run),
    tool!("vpxd", vpxd),
    tool!("vpxd_servicecfg", autogrow::vpxd_servicecfg),
];

/// A program of the appliance's own in its file.
fn program(path: &'static str) -> Kind {
    Kind::File(Content::Program(path.rsplit('/').next().unwrap_or(path).into(), 1 << 20))
}

/// Folders of the disks of their own, with the users that they belong to.
const STORAGE: &[(&str, u16, &str)] = &[
    (logs::TARGET, 0o755, "root"),
    ("/storage/db/vpostgres", 0o700, "vpostgres"),
    ("/storage/dblog/vpostgres", 0o700, "vpostgres"),
    ("/storage/seat/vpostgres", 0o700, "vpostgres"),
];

/// Links that lead there.
const STORAGE_LINKS: &[(&str, &str)] = &[(logs::DIR, logs::TARGET), ("/var/core", "/storage/core")];

/// A file whose content is made from what has the name `from`, with its owner and permission bits.
///
/// # Errors
/// What the file system says.
pub fn put_made(
    fs: &mut Fs,
    path: &str,
    from: String,
    owner_and_mode: ((u32, u32), u16),
    now: Instant,
) -> Result<(), Errno> {
    place(fs, path, Kind::File(Content::Made(from.into())), owner_and_mode, now).map(drop)
}

/// Puts the appliance's own files on its disks: those of a row of releases on a node, with these services.
pub fn install(linux: &mut Linux, (line, node): (Line, Node), set: &Set, now: Instant) {
    for (path, mode, _) in STORAGE {
        put(linux, path, Kind::EMPTY_DIR, *mode, now);
    }
    for (path, target) in STORAGE_LINKS {
        put(linux, path, Kind::Link((*target).to_owned()), 0o777, now);
    }
    for (path, name) in MADE {
        put(linux, path, Kind::File(Content::Made((*name).into())), 0o644, now);
    }
    update_logs::install(linux, line, now);
    for own in own_programs::ALL_OF_THEM.iter().filter(|own| own.is_on(line, node)) {
        put(linux, own.path, program(own.path), 0o755, now);
    }
    if line >= Line::V8_0 {
        // There failed logins are counted by another module.
        let _gone: Result<(), Errno> = linux.fs.unlink(&Cred::ROOT, "/", "/usr/sbin/pam_tally2", now);
    }
    for service in set.services.iter().filter(|service| control::has_unit(service)) {
        let (path, mode, text) = match linux.distro.systemd {
            Some(_) => (format!("/usr/lib/systemd/system/{}.service", service.name), 0o644, unit_file(service)),
            None => (format!("/etc/init.d/{}", service.name), 0o755, init_script(service)),
        };
        put(linux, &path, Kind::File(Content::Bytes(text.into_bytes().into())), mode, now);
    }
    let mut users = linux.distro.users.replacen(":/root:/bin/bash", &format!(":/root:{APPLIANCE_SHELL}"), 1);
    users.push_str(&service_users(set));
    users.push_str(sso::LOCAL_LINE);
    put(linux, sso::HOME, Kind::EMPTY_DIR, 0o700, now);
    give(linux, sso::HOME, sso::LOCAL_NUMBERS, now);
    let rule = format!("{} ALL=(ALL) NOPASSWD: ALL\n", sso::LOCAL);
    put(linux, "/etc/sudoers.d/sso-user", Kind::File(Content::Bytes(rule.into_bytes().into())), 0o440, now);
    fix(linux, "/etc/passwd", users.trim_start());
    for (path, _, owner) in STORAGE {
        let owner = linux.user(owner).map_or((0, 0), |user| (user.uid, user.gid));
        give(linux, path, owner, now);
    }
    let groups = format!("{}cis:x:{SERVICE_GROUP}:\n", linux.distro.groups);
    fix(linux, "/etc/group", groups.trim_start());
    let end = image::files::shells(linux.distro.vendor).len() as u64;
    let own = format!("{APPLIANCE_SHELL}\n");
    let listed = linux.fs.lookup(&Cred::ROOT, "/", "/etc/shells");
    listed
        .and_then(|ino| linux.fs.write_at(&Cred::ROOT, ino, end, own.as_bytes(), now))
        .unwrap_or_else(|errno| unreachable!("an image has room for its login shells: {}", errno.text()));
}

/// The unit of a service (inferred). Nothing wants it: when it is started, the appliance's own order says.
fn unit_file(service: &Definition) -> String {
    let (display, command) = (service.display, service.command);
    format!("[Unit]\nDescription={display}\n\n[Service]\nType=forking\nExecStart={command}\n")
}

/// The init script of a service (inferred).
fn init_script(service: &Definition) -> String {
    let (name, display) = (service.name, service.display);
    let daemon = service.command.split(' ').next().unwrap_or_default();
    format!(
        "#! /bin/sh\n### BEGIN INIT INFO\n# Provides: {name}\n# Required-Start: $network\n# Default-Start: 3 5\n\
         # Short-Description: {display}\n### END INIT INFO\n\nDAEMON=\"{daemon}\"\nexec /sbin/service {name} \"$@\"\n"
    )
}

fn give(linux: &mut Linux, path: &str, (uid, gid): (u32, u32), now: Instant) {
    if let Ok(ino) = linux.fs.lookup(&Cred::ROOT, "/", path) {
        let given = linux.fs.chown(&Cred::ROOT, ino, Some(uid), Some(gid), now);
        given.unwrap_or_else(|errno| unreachable!("root may give a folder away: {}", errno.text()));
    }
}

fn fix(linux: &mut Linux, path: &str, text: &str) {
    if let Ok(ino) = linux.fs.lookup(&Cred::ROOT, "/", path) {
        linux.fs.fix(ino, text.as_bytes().to_vec());
    }
}

/// The group of the users that services run as (inferred, as their numbers are).
const SERVICE_GROUP: u32 = 59_001;

/// The users that services run as, as lines of passwd(5), in the order in which their services start.
fn service_users(set: &Set) -> String {
    let mut names: Vec<&str> = Vec::new();
    for service in &set.services {
        if service.user != "root" && !names.contains(&service.user) {
            names.push(service.user);
        }
    }
    let line = |(at, name)| format!("{name}:x:{}:{SERVICE_GROUP}::/home/{name}:/bin/false\n", 1_001 + at);
    names.into_iter().enumerate().map(line).collect()
}

/// What a made file holds.
#[must_use]
pub fn make(vcsa: &Vcsa, name: &str) -> String {
    match name {
        "vcsa/software-packages.log" => vcsa.log.lines().map(|line| format!("{line}\n")).collect(),
        _ => made_elsewhere(vcsa, name),
    }
}

fn made_elsewhere(vcsa: &Vcsa, name: &str) -> String {
    if let Some(path) = name.strip_prefix(update_files::MADE) {
        update_files::make(vcsa, path)
    } else if let Some(log) = name.strip_prefix(update_logs::MADE) {
        update_logs::make(vcsa, log)
    } else if let Some(log) = name.strip_prefix(logs::MADE) {
        logs::make(vcsa, log)
    } else if let Some(path) = name.strip_prefix(config_files::MADE) {
        config_files::make(vcsa, path)
    } else {
        unreachable!("no file of an appliance is made from {name}")
    }
}

/// Whether what a made file holds has no source.
#[must_use]
pub fn is_inferred(name: &str) -> bool {
    ["linux/photon/", "linux/sles/", logs::MADE, update_logs::MADE].iter().any(|begin| name.starts_with(begin))
        || name.strip_prefix(config_files::MADE).is_some_and(|path| path != config_files::ISSUE)
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
