//! What a host says of the Manager's virtual machine: vdsm's statuses, and the broker's verdict on them (reference
//! `hosted-engine.md` 2.2).

use serde::{Deserialize, Serialize};

/// The status of a virtual machine, by vdsm's names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum VmStatus {
    /// It was asked for and does not run yet.
    WaitForLaunch,
    /// Its guest boots.
    PoweringUp,
    /// Its guest is up.
    Up,
    /// Its guest goes down.
    PoweringDown,
    /// Its guest boots again.
    RebootInProgress,
    /// It stands still.
    Paused,
    /// It is being moved to another host.
    MigrationSource,
    /// It is being moved here.
    MigrationDestination,
    /// It has ended, and nobody has cleared it away.
    Down,
}

impl VmStatus {
    /// vdsm's word.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::WaitForLaunch => "WaitForLaunch",
            Self::PoweringUp => "Powering up",
            Self::Up => "Up",
            Self::PoweringDown => "Powering down",
            Self::RebootInProgress => "RebootInProgress",
            Self::Paused => "Paused",
            Self::MigrationSource => "Migration Source",
            Self::MigrationDestination => "Migration Destination",
            Self::Down => "Down",
        }
    }
}

/// The broker's verdict.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Health {
    /// vdsm does not answer.
    Unknown,
    /// The virtual machine is not on this host.
    Absent,
    /// It could not start: another host has its disk.
    Locked,
    /// It was moved away.
    MigratedAway,
    /// It has ended, as was known before.
    Down(VmStatus),
    /// It has ended, and ran before.
    DownUnexpected(VmStatus),
    /// It is on its way, or stands still.
    NotYet(VmStatus),
    /// It runs, and its health page does not say so.
    BadPage(VmStatus),
    /// It runs and serves.
    Good(VmStatus),
}

impl Health {
    /// `vm`
    #[must_use]
    pub fn vm(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Absent | Self::Locked | Self::MigratedAway | Self::Down(_) => "down",
            Self::DownUnexpected(_) => "down_unexpected",
            Self::NotYet(_) | Self::BadPage(_) | Self::Good(_) => "up",
        }
    }

    /// Whether `vm` is `up`.
    #[must_use]
    pub fn is_up(self) -> bool {
        matches!(self, Self::NotYet(_) | Self::BadPage(_) | Self::Good(_))
    }

    /// Whether `vm` is `down`.
    #[must_use]
    pub fn is_down(self) -> bool {
        matches!(self, Self::Absent | Self::Locked | Self::MigratedAway | Self::Down(_))
    }

    /// `health`
    #[must_use]
    pub fn health(self) -> &'static str {
        match self {
            Self::Good(_) => "good",
            Self::Unknown => "unknown",
            _ => "bad",
        }
    }

    /// `detail`
    #[must_use]
    pub fn detail(self) -> &'static str {
        match self {
            Self::Unknown | Self::Absent => "unknown",
            Self::Locked | Self::MigratedAway => VmStatus::Down.word(),
            Self::Down(status)
            | Self::DownUnexpected(status)
            | Self::NotYet(status)
            | Self::BadPage(status)
            | Self::Good(status) => status.word(),
        }
    }

    /// `reason`, where there is one.
    #[must_use]
    pub fn reason(self) -> Option<&'static str> {
        match self {
            Self::Unknown => Some("failed to getVmStats"),
            Self::Absent => Some("vm not running on this host"),
            Self::Locked => Some("Storage of VM is locked. Is another host already starting the VM?"),
            Self::MigratedAway => Some("VM migrated away successfully"),
            Self::Down(_) | Self::DownUnexpected(_) | Self::NotYet(_) => Some("bad vm status"),
            Self::BadPage(_) => Some("failed liveliness check"),
            Self::Good(_) => None,
        }
    }
}
