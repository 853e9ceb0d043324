//! What can go wrong on a vCSA: the catalogue of its faults. Each is a rule; the model asks for it at a point ("this service
//! starts now"), or for as long as it stands ("is there room for the log?").

use super::commands::software_packages::{CHECKSUM, DISC_READ, PHASE, UPGRADE, ZONE};
use super::events::SERVICE_START;
use super::model::Vcsa;
use crate::systems::faults::{DISC_CONNECT, Fault, Lasts};
use crate::world::{CLOCK_FAULT, MachineId, PASSWORD_FAULTS, World};

/// `/storage/log` has no room left, as long as the rule stands.
pub const LOG_FULL: &str = "storage.log";
/// The staging area has no room left, as long as the rule stands.
pub const STAGING_FULL: &str = "storage.core";
/// Where 7.0 and later keep downloads has no room left, as long as the rule stands.
pub const UPDATEMGR_FULL: &str = "storage.updatemgr";
/// Root's password is about to expire, as long as the rule stands.
pub const PASSWORD_EXPIRING: &str = PASSWORD_FAULTS[1];
/// The manifest of an update is not what its signature says, as long as the rule stands.
pub const BAD_MANIFEST: &str = "manifest.signature";
/// No repository can be reached, as long as the rule stands.
pub const REPOSITORY_DOWN: &str = "repository.down";
/// The container blobs are missing on every disc, as long as the rule stands. Only 8.0 needs them.
pub const BLOBS_MISSING: &str = "disc.blobs";
/// The clock went wrong by [`CLOCK_BEHIND`]; ends when it is set.
pub const CLOCK_WRONG: &str = CLOCK_FAULT;
/// Root's password has expired, until it is changed.
pub const PASSWORD_EXPIRED: &str = PASSWORD_FAULTS[0];

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

/// The disks that can be full, and the faults that say so.
pub const DISKS: [(&str, &str); 3] =
    [(LOG_FULL, "/storage/log"), (STAGING_FULL, "/storage/core"), (UPDATEMGR_FULL, "/storage/updatemgr")];

/// Whether the disk that a fault point stands for has no room left: the fault says so, or there is a file system and it is
/// full.
#[must_use]
pub fn is_full(world: &World, id: MachineId, point: &str) -> bool {
    let fs = &world.vcsa(id).linux.fs;
    let mut mounts = fs.mounts().filter(|(_, mount)| DISKS.contains(&(point, mount.dir.as_str())));
    world.suffers(id, point) || mounts.any(|(index, _)| fs.usage(index).available == 0)
}

/// Bytes that root can still take on the disk that a fault point stands for; without such a disk there is no end.
#[must_use]
pub fn room(world: &World, id: MachineId, point: &str) -> u64 {
    let fs = &world.vcsa(id).linux.fs;
    let mut mounts = fs.mounts().filter(|(_, mount)| DISKS.contains(&(point, mount.dir.as_str())));
    mounts.next().map_or(u64::MAX, |(index, _)| {
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
        about: "a package on the disc or in the repository is damaged",
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
        about: "the manifest of an update is not what its signature says",
        point: BAD_MANIFEST,
        lasts: Lasts::WhileSet,
    },
    Fault {
        name: "missing-blobs",
        about: "the discs lack their container blobs (8.0)",
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
        about: "root's password has expired, until it is changed at a login",
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
