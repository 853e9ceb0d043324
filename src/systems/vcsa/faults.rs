//! What can go wrong on a vCSA: the catalogue of its faults. Each is a rule; the model asks for it at a point ("this service
//! starts now"), or for as long as it stands ("is there room for the log?").

use super::commands::software_packages::{CHECKSUM, DISC_READ, PHASE, UPGRADE, ZONE};
use super::events::SERVICE_START;
use super::model::Vcsa;
use super::staging::UpdateCopy;
use crate::systems::faults::{DISC_CONNECT, Fault, Lasts};
use crate::systems::linux::fs::{Content, Cred, Errno, Kind};
use crate::systems::linux::lab_entry::place;
use crate::systems::linux::model::Login;
use crate::systems::linux::model::tally::DENY;
use crate::vm::Origin;
use crate::world::{CLOCK_FAULT, LOCK_FAULT, MachineId, PASSWORD_FAULTS, World};

/// `/storage/log` has no room left, as long as the rule stands.
pub const LOG_FULL: &str = "storage.log";
/// The staging area has no room left, as long as the rule stands.
pub const STAGING_FULL: &str = "storage.core";
/// Where 7.0 and later keep downloads has no room left, as long as the rule stands.
pub const UPDATEMGR_FULL: &str = "storage.updatemgr";
/// Root's password is about to expire, as long as the rule stands.
pub const PASSWORD_EXPIRING: &str = PASSWORD_FAULTS[1];
/// The manifest of a copy of an update is not what its signature says.
pub const BAD_MANIFEST: &str = "manifest.signature";
/// No repository can be reached, as long as the rule stands.
pub const REPOSITORY_DOWN: &str = "repository.down";
/// The container blobs are missing on a disc. Only 8.0 needs them.
pub const BLOBS_MISSING: &str = "disc.blobs";
/// The clock went wrong by [`CLOCK_BEHIND`]; ends when it is set.
pub const CLOCK_WRONG: &str = CLOCK_FAULT;
/// Root's password has expired, until it is changed.
pub const PASSWORD_EXPIRED: &str = PASSWORD_FAULTS[0];

/// Somebody goes on telling wrong passwords of root's, until the count of them is set back.
pub const LOCKED: &str = LOCK_FAULT;

/// The kind of object that is a service; it can be told whether there is one of the name.
pub const SERVICE: &str = "SERVICE";
/// The kind of object that is a phase of an update.
pub const UPDATE_PHASE: &str = "PHASE";

/// By so many seconds a clock that is wrong is behind: five years.
pub const CLOCK_BEHIND: i64 = 5 * 365 * 86_400;
/// A clock that is wrong by more than so many seconds finds certificates of servers not valid yet, or no longer: half a year.
const CERTIFICATES_HOLD: i64 = 182 * 86_400;

/// Whether no certificate holds by the clock of a machine.
#[must_use]
pub fn distrusts_all(vcsa: &Vcsa) -> bool {
    vcsa.linux.zone.ahead().abs() > CERTIFICATES_HOLD
}

/// The disks that can be full, the faults that say so, and the file that then fills each: a log that is never cut, the dump of a
/// process that crashed, an image that was uploaded (from memory: of 6.0 the first is told).
const DISKS: [(&str, &str, &str); 3] = [
    (LOG_FULL, "/storage/log", "/storage/log/vmware/cloudvm/cloudvm-ram-size.log"),
    (STAGING_FULL, "/storage/core", "/storage/core/core.vpxd-worker.7043"),
    (UPDATEMGR_FULL, "/storage/updatemgr", "/storage/updatemgr/patch-store/uploaded.iso"),
];

/// The disk that a fault point stands for, among the mounts.
fn disk(world: &World, id: MachineId, point: &str) -> Option<usize> {
    let dir = DISKS.iter().find(|(own, ..)| *own == point).map(|(_, dir, _)| *dir)?;
    world.vcsa(id).linux.fs.mounts().find(|(_, mount)| mount.dir == dir).map(|(index, _)| index)
}

/// Whether the disk that a fault point stands for has no room left.
#[must_use]
pub fn is_full(world: &World, id: MachineId, point: &str) -> bool {
    disk(world, id, point).is_some_and(|index| world.vcsa(id).linux.fs.usage(index).available == 0)
}

/// A disk that is to be full gets the file that fills it; whoever removes that has cured it. With the fault the file goes, too.
pub fn fill_disks(world: &mut World, id: MachineId) {
    let now = world.now;
    for (point, _, path) in DISKS {
        let (wanted, there) = (world.suffers(id, point), disk(world, id, point).is_some());
        let vcsa = world.vcsa_mut(id);
        let fs = &mut vcsa.linux.fs;
        if wanted && there && vcsa.filled.insert(point.to_owned()) {
            let empty = Kind::File(Content::default());
            let there = fs.lookup(&Cred::ROOT, "/", path);
            // On a disk that an admin has filled, or made read-only, there is nothing left to do.
            if let Ok(file) = there.or_else(|_| place(fs, path, empty, ((0, 0), 0o644), now)) {
                fs.fill(&Cred::ROOT, file, now);
            }
        } else if !wanted && vcsa.filled.remove(point) {
            // Its space is free at once, whoever has it open.
            let _gone: Result<(), Errno> = fs.lookup(&Cred::ROOT, "/", path).and_then(|file| {
                fs.truncate(&Cred::ROOT, file, 0, now)?;
                fs.unlink(&Cred::ROOT, "/", path, now)
            });
        }
    }
}

/// Whether a copy of an update has the damage that a fault point stands for: the one has it that is looked at first while the
/// rule stands; whoever takes another has cured it.
pub fn is_damaged(world: &mut World, id: MachineId, point: &str, copy: &UpdateCopy) -> bool {
    world.suffers(id, point)
        && world.vcsa_mut(id).damaged.entry(point.to_owned()).or_insert_with(|| copy.clone()) == copy
}

/// Wrong passwords are told from the admin's desktop, as by a program that has an old one; without the rule they are forgotten.
pub fn lock_root(world: &mut World, id: MachineId) {
    let (wanted, now, from) = (world.suffers(id, LOCKED), world.now, world.desktop.clone());
    let vcsa = world.vcsa_mut(id);
    let lasting = vcsa.linux.tallies.get("root").is_some_and(|tally| tally.lasts);
    if wanted && !lasting {
        for _ in 0..DENY {
            vcsa.linux.count_failure("root", Login { at: now, from: from.clone() });
        }
    }
    match vcsa.linux.tallies.get_mut("root") {
        Some(tally) if wanted => tally.lasts = true,
        Some(_) if lasting => drop(vcsa.linux.tallies.remove("root")),
        _ => {}
    }
}

/// Without its rule a damage is forgotten.
pub fn mend(world: &mut World, id: MachineId) {
    for point in [CHECKSUM, BAD_MANIFEST, BLOBS_MISSING] {
        if !world.suffers(id, point) {
            world.vcsa_mut(id).damaged.remove(point);
        }
    }
}

/// Why a fault can do nothing on an appliance of this release.
#[must_use]
pub fn refusal(world: &World, id: MachineId, fault: &Fault) -> Option<String> {
    let vcsa = world.vcsa(id);
    let (flow, version) = (vcsa.series().flow, &vcsa.running.version);
    let from_datastore = || world.machine(id).vm.drive.disc().is_some_and(|disc| disc.origin == Origin::Datastore);
    match fault.point {
        DISC_READ if from_datastore() => Some(
            "the disc in its drive lies on a datastore; %disc attach NAME --from client takes one that can break"
                .to_owned(),
        ),
        ZONE if vcsa.linux.zone.title() == "UTC" => Some(
            "its local time is UTC already; timedatectl set-timezone in its root shell makes it another".to_owned(),
        ),
        UPDATEMGR_FULL if !flow.downloads.starts_with("/storage/updatemgr") => {
            Some(format!("{version} keeps what it downloads on /storage/core; staging-full fills that"))
        }
        BLOBS_MISSING if !flow.resumes => Some(format!("the discs of {version} have no container blobs")),
        PASSWORD_EXPIRING if !flow.looks_at_password() => {
            Some(format!("{version} does not look at root's password before an update"))
        }
        _ => None,
    }
}

/// Bytes that root can still take on the disk that a fault point stands for; without such a disk there is no end.
#[must_use]
pub fn room(world: &World, id: MachineId, point: &str) -> u64 {
    let fs = &world.vcsa(id).linux.fs;
    disk(world, id, point).map_or(u64::MAX, |index| {
        let usage = fs.usage(index);
        usage.size.saturating_sub(usage.used)
    })
}

/// All faults of a vCSA.
pub const FAULTS: &[Fault] = &[
    Fault {
        name: "disc-stuck",
        about: "the next disc from the client stays in connecting",
        point: DISC_CONNECT,
        lasts: Lasts::Once(None),
    },
    Fault {
        name: "disc-lost",
        about: "the connection of a disc from the client breaks while a package is copied",
        point: DISC_READ,
        lasts: Lasts::Once(Some("PACKAGE")),
    },
    Fault {
        name: "bad-checksum",
        about: "a package on the disc or in the repository is damaged; another copy is good",
        point: CHECKSUM,
        lasts: Lasts::EachTime(Some("PACKAGE")),
    },
    Fault { name: "log-full", about: "/storage/log has no room left", point: LOG_FULL, lasts: Lasts::WhileSet },
    Fault {
        name: "staging-full",
        about: "the staging area has no room left",
        point: STAGING_FULL,
        lasts: Lasts::WhileSet,
    },
    Fault {
        name: "updatemgr-full",
        about: "/storage/updatemgr has no room left for downloads (7.0 and later)",
        point: UPDATEMGR_FULL,
        lasts: Lasts::WhileSet,
    },
    Fault {
        name: "bad-manifest",
        about: "the manifest of an update is not what its signature says; another copy is good",
        point: BAD_MANIFEST,
        lasts: Lasts::WhileSet,
    },
    Fault {
        name: "missing-blobs",
        about: "the disc lacks its container blobs; another copy is good (8.0)",
        point: BLOBS_MISSING,
        lasts: Lasts::WhileSet,
    },
    Fault {
        name: "repository-down",
        about: "no repository can be reached",
        point: REPOSITORY_DOWN,
        lasts: Lasts::WhileSet,
    },
    Fault {
        name: "clock-wrong",
        about: "the clock goes back five years, until it is set: no certificate holds",
        point: CLOCK_WRONG,
        lasts: Lasts::WhileSet,
    },
    Fault {
        name: "zone-change",
        about: "an upgrade replaces the zone data, and local time becomes UTC",
        point: ZONE,
        lasts: Lasts::Once(None),
    },
    Fault {
        name: "service-fails",
        about: "a service does not start",
        point: SERVICE_START,
        lasts: Lasts::EachTime(Some(SERVICE)),
    },
    Fault {
        name: "password-expired",
        about: "root's password has expired, until it is changed",
        point: PASSWORD_EXPIRED,
        lasts: Lasts::WhileSet,
    },
    Fault {
        name: "password-expiring",
        about: "root's password is about to expire",
        point: PASSWORD_EXPIRING,
        lasts: Lasts::WhileSet,
    },
    Fault {
        name: "root-locked",
        about: "wrong passwords lock root's account, until their count is set back",
        point: LOCKED,
        lasts: Lasts::WhileSet,
    },
    Fault {
        name: "power-cut-in",
        about: "the power fails in a phase of an update",
        point: PHASE,
        lasts: Lasts::Once(Some(UPDATE_PHASE)),
    },
    Fault {
        name: "power-cut",
        about: "the power fails while a package is installed",
        point: UPGRADE,
        lasts: Lasts::Once(Some("PACKAGE")),
    },
];
