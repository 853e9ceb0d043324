//! A machine that runs Linux, as plain data: what every appliance here has under its own shells.

pub mod bash;
pub mod process;
pub mod user;

use std::ops::Deref;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

pub use bash::Bash;
pub use process::{Process, Processes};
pub use user::{Group, User};

use super::clock::Zone;
use super::distro::{self, Distro};
use super::fs::Fs;
use super::image;
use crate::sim::Instant;

/// The operating system of a machine.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Linux {
    /// Which it is.
    pub distro: Release,
    /// Its host name as set, with its domain if it has one.
    pub hostname: String,
    /// Its files.
    pub fs: Fs,
    /// Its processes.
    pub processes: Processes,
    /// Its time zone.
    pub zone: Zone,
    /// When it was booted.
    pub booted: Instant,
    /// Whether it runs, on a machine that is nothing else.
    pub phase: Phase,
    /// The login before.
    pub last_login: Option<Login>,
}

/// How far a machine is from taking logins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Phase {
    /// It runs.
    Up,
    /// It boots.
    Booting,
    /// It goes down, to boot again if `true`.
    Stopping(bool),
    /// It is off.
    Off,
}

/// A login.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Login {
    /// When.
    pub at: Instant,
    /// From which address.
    pub from: String,
}

/// What happens to a machine by itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Event {
    /// It takes logins again.
    Booted,
    /// It is down.
    Halted,
}

/// A distribution in one release, kept by its name.
#[derive(Clone, Copy, Debug)]
pub struct Release(&'static Distro);

impl Release {
    /// The release of this name.
    #[must_use]
    pub fn find(id: &str) -> Option<Self> {
        distro::find(id).map(Self)
    }
}

impl Deref for Release {
    type Target = Distro;

    fn deref(&self) -> &Distro {
        self.0
    }
}

impl PartialEq for Release {
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id
    }
}

impl Eq for Release {}

impl Serialize for Release {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.id)
    }
}

impl<'de> Deserialize<'de> for Release {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let id = String::deserialize(deserializer)?;
        Self::find(&id).ok_or_else(|| serde::de::Error::custom(format!("there is no distribution {id}")))
    }
}

impl Linux {
    /// A machine as it is after installation, running at `now`.
    #[must_use]
    pub fn new(distro: Release, hostname: &str, now: Instant) -> Self {
        let mut processes = Processes::default();
        processes.start(Process {
            ppid: 0,
            uid: 0,
            tty: None,
            command: "init".to_owned(),
            started: now,
            unit: None,
            pending: None,
            live: false,
            ended: None,
        });
        processes.count_from(1200);
        Self {
            distro,
            hostname: hostname.to_owned(),
            fs: image::build(&distro, now),
            processes,
            zone: Zone::utc(),
            booted: now,
            phase: Phase::Up,
            last_login: None,
        }
    }
}
