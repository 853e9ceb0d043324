//! A machine that runs Linux, as plain data: what every appliance here has under its own shells.

pub mod auth;
pub mod back;
pub mod bash;
pub mod by_hand;
pub mod cron;
pub mod disks;
pub mod errand;
pub mod esxi;
pub mod files;
pub mod history;
pub mod job;
pub mod kernel;
pub mod kernels;
pub mod limits;
pub mod log;
pub mod logins;
pub mod mounting;
pub mod multiplexer;
pub mod network;
pub mod password;
pub mod platform;
pub mod process;
pub mod signals;
pub mod sshd;
pub mod strain;
pub mod syslog;
pub mod tally;
pub mod unit;
pub mod units;
pub mod user;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use std::ops::Deref;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

pub use bash::Bash;
pub use cron::Cron;
pub use errand::Errand;
pub use limits::Limits;
pub use log::Log;
pub use logins::{FailedLogins, Logins, Record};
pub use multiplexer::Multiplexers;
pub use network::Network;
pub use password::{Password, Shadow};
pub use platform::Platform;
pub use process::{Process, Processes};
pub use sshd::Sshd;
pub use strain::Strain;
pub use syslog::Syslog;
pub use units::Units;
pub use user::{Group, User};

use super::clock::Zone;
use super::distro::{self, Distro};
use super::fs::{Content, Cred, Fs};
use super::image;
use crate::sim::queue::Ticket;
use crate::sim::{Instant, Span};

/// The operating system of a machine.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Linux {
    /// Which it is.
    pub distro: Release,
    /// Its host name as set, with its domain if it has one.
    pub hostname: String,
    /// Its host name when it was installed, from which its numbers are made; empty in a lab that was saved without.
    #[serde(default)]
    installed_as: String,
    /// The release of the kernel that it runs; empty in a lab that was saved when there was one for each distribution.
    #[serde(default)]
    kernel: Cow<'static, str>,
    /// When that was built, where its package says which it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    kernel_built: Option<Instant>,
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
    /// Root's logins that failed since the last that did not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failed_logins: Option<FailedLogins>,
    /// All the logins that failed.
    #[serde(default, skip_serializing_if = "Logins::is_empty")]
    pub failures: Logins,
    /// Those of each account since its last that did not, where they are counted.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub tallies: BTreeMap<String, tally::Tally>,
    /// What is kept of the passwords of its users; of root's only how old it is, since the lab gives it.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub shadow: BTreeMap<String, Shadow>,
    /// Its processors and its memory.
    #[serde(default)]
    pub hardware: Hardware,
    /// What its network is set to.
    #[serde(default)]
    pub network: Network,
    /// Whom it has talked with in its net, and when last.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub neighbours: BTreeMap<Ipv4Addr, Instant>,
    /// What the daemon of the secure shell lets in.
    #[serde(default)]
    pub sshd: Sshd,
    /// Its units.
    #[serde(default)]
    pub units: Units,
    /// What kernel and daemons have written.
    #[serde(default)]
    pub log: Log,
    /// What writes it to files.
    #[serde(default)]
    pub syslog: Syslog,
    /// What the daemon of timed jobs is at.
    #[serde(default, skip_serializing_if = "Cron::is_idle")]
    pub cron: Cron,
    /// Who was logged in, and when it was up.
    #[serde(default)]
    pub logins: Logins,
    /// Whether somebody has taken the swap space out of use since the boot.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub swap_is_off: bool,
    /// How many sessions of logins there were since the boot.
    #[serde(default)]
    pub sessions: u32,
    /// Those of them that are over though processes of theirs go on.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub closing: Vec<Record>,
    /// How many times it was booted.
    #[serde(default)]
    pub boots: u32,
    /// A shutdown that is due later.
    #[serde(default)]
    pub scheduled: Option<Scheduled>,
    /// What goes on without a terminal.
    #[serde(default, skip_serializing_if = "Multiplexers::is_unused")]
    pub multiplexers: Multiplexers,
    /// What bears on it from outside of its programs.
    #[serde(default, skip_serializing_if = "Strain::is_none")]
    pub strain: Strain,
    /// The version of its bash, where that is not the distribution's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    bash: Option<String>,
}

/// What a machine computes with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hardware {
    /// How many processors it has.
    pub processors: u32,
    /// The size of its memory in MiB, where it is not that of the distribution's image.
    pub memory: Option<u64>,
    /// What it is made of.
    #[serde(default)]
    pub platform: Platform,
}

impl Default for Hardware {
    fn default() -> Self {
        Self { processors: 2, memory: None, platform: Platform::default() }
    }
}

/// A scheduled shutdown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scheduled {
    /// When.
    pub at: Instant,
    /// Whether it boots again.
    pub again: bool,
    /// The word for it: `reboot`, `poweroff`, `halt`.
    pub mode: String,
    /// The event that will do it.
    pub ticket: Ticket,
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
    /// The kernel hands over to the units.
    Booted,
    /// A unit is through with what it was doing.
    Unit(String),
    /// A device was waited for in vain: it, and where it was to be mounted.
    NoDevice(String, String),
    /// The boot has given up on a file system.
    Emergency,
    /// The daemon of cron looks at its tables.
    CronWakes,
    /// The scheduled shutdown is due.
    ShutdownDue,
    /// Everything has stopped.
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
    /// Notes a login of a user that failed. Of root's it is told at the next one.
    pub fn login_failed(&mut self, user: &str, last: Login) {
        self.failures.add_failure(user, &last);
        if user != "root" {
            return;
        }
        let count = self.failed_logins.as_ref().map_or(0, |failed| failed.count).saturating_add(1);
        self.failed_logins = Some(FailedLogins { last, count });
    }

    /// Gives back the space of files that have lost their last name, except those in `held` and those that a shell at its
    /// prompt holds open.
    pub fn reap(&mut self, held: &[super::fs::Ino]) {
        let all = self.processes.iter().flat_map(|(_, process)| &process.holds).chain(held).copied();
        let all: Vec<_> = all.collect();
        self.fs.reap(&all);
    }

    /// A machine as it is after installation, running at `now` since some time.
    #[must_use]
    pub fn new(distro: Release, hostname: &str, now: Instant) -> Self {
        Self::installed(distro, hostname, now, UPTIME)
    }

    /// The same, running for this long.
    #[must_use]
    pub fn installed(distro: Release, hostname: &str, now: Instant, up: Span) -> Self {
        Self::with_kernel(distro, hostname, None, (now, up))
    }

    /// The same with the kernel of a package: its version and release, and the day on which it was built. Without one it is the
    /// newest of the day of the installation.
    #[must_use]
    pub fn with_kernel(
        distro: Release,
        hostname: &str,
        package: Option<(&str, Instant)>,
        (now, up): (Instant, Span),
    ) -> Self {
        let of_package = package.map(|(evr, built)| kernels::of_package(&distro, evr, built));
        let newest = || Cow::Borrowed(distro.kernel_of(now - up - INSTALLED_BEFORE));
        let kernel = of_package.unwrap_or_else(newest);
        let mut linux = Self {
            distro,
            hostname: hostname.to_owned(),
            installed_as: hostname.to_owned(),
            kernel: kernel.release.clone(),
            kernel_built: package.map(|(_, built)| built),
            fs: image::build(&distro, &kernel, &machine_id(hostname), now),
            processes: Processes::default(),
            zone: Zone::utc(),
            booted: now,
            phase: Phase::Up,
            failed_logins: None,
            failures: Logins::default(),
            tallies: BTreeMap::new(),
            shadow: BTreeMap::new(),
            hardware: Hardware::default(),
            network: Network::default(),
            neighbours: BTreeMap::new(),
            sshd: Sshd::default(),
            units: Units::default(),
            log: Log::default(),
            syslog: Syslog::default(),
            cron: Cron::default(),
            logins: Logins::default(),
            swap_is_off: false,
            sessions: 0,
            closing: Vec::new(),
            boots: 0,
            scheduled: None,
            multiplexers: Multiplexers::default(),
            strain: Strain::default(),
            bash: None,
        };
        linux.has_booted(now - up);
        linux
    }

    /// The swap space that is in use: its device and its size in KiB.
    #[must_use]
    pub fn swap(&self) -> Option<(&'static str, u64)> {
        Some(self.distro.swap).filter(|(_, kib)| *kib > 0 && !self.swap_is_off)
    }

    /// Its host name when it was installed.
    #[must_use]
    pub fn installed_as(&self) -> &str {
        if self.installed_as.is_empty() { &self.hostname } else { &self.installed_as }
    }

    /// The number that its installation has given to it, in hexadecimal digits.
    #[must_use]
    pub fn machine_id(&self) -> String {
        machine_id(self.installed_as())
    }

    /// The number of one of its lives, in hexadecimal digits.
    #[must_use]
    pub fn boot_id(&self, boot: u32) -> String {
        crate::payload::Sha256::of(format!("{}\0{boot}", self.installed_as()).as_bytes()).to_string()[..32].to_owned()
    }

    /// A machine that has been up for this long.
    #[must_use]
    pub fn up_for(mut self, span: Span, now: Instant) -> Self {
        (self.units, self.log, self.logins) = (Units::default(), Log::default(), Logins::default());
        (self.boots, self.syslog) = (0, Syslog::default());
        self.has_booted(now - span);
        self
    }

    /// Gives the files of a machine the times of one that was installed before it booted: what is only in memory is as
    /// old as the boot.
    pub fn date_files(&mut self) {
        let (booted, installed) = (self.booted, self.booted - INSTALLED_BEFORE);
        if let Ok(ino) = self.fs.lookup(&Cred::ROOT, "/", "/etc/fstab")
            && let Some(Content::Bytes(bytes)) = self.fs.content(ino)
        {
            let text = image::files::dated(&String::from_utf8_lossy(bytes), installed);
            // A machine that is so full keeps what it has.
            let _ = self.fs.write_at(&Cred::ROOT, ino, 0, text.as_bytes(), installed);
        }
        let on_disk = |device: &str| device.starts_with('/') || device.starts_with("mpx.");
        self.fs.date(|mount| if on_disk(&mount.device) { installed } else { booted });
    }

    /// The same with other processors and memory: what the kernel makes as large as a part of the memory follows.
    #[must_use]
    pub fn with(mut self, hardware: Hardware) -> Self {
        let before = self.memory_kib();
        self.hardware = hardware;
        let after = self.memory_kib();
        let volatile = self.fs.mounts().filter(|(_, mount)| matches!(mount.fstype.as_str(), "tmpfs" | "devtmpfs"));
        for index in volatile.map(|(index, _)| index).collect::<Vec<_>>() {
            self.fs.set_mount(index, |mount| mount.size = mount.size.saturating_mul(after) / before);
        }
        self
    }

    /// Its disks are as full as an installation leaves them, with the files that its family has put there and with these large
    /// ones.
    pub fn settle_disks(&mut self, large: &[image::bulk::Row]) {
        let id = self.machine_id();
        image::bulk::settle(&mut self.fs, &self.distro, &id, large, self.booted);
    }

    /// The size of its memory in KiB: the kernel gives a tmpfs half of it.
    #[must_use]
    pub fn memory_kib(&self) -> u64 {
        if let Some(mib) = self.hardware.memory {
            return mib << 10;
        }
        let half = self.distro.volumes.iter().find(|volume| volume.dir == "/dev/shm").map_or(2_000_000, |v| v.size);
        half * 2
    }
}

/// The number that an installation gives to a machine, in hexadecimal digits.
#[must_use]
fn machine_id(hostname: &str) -> String {
    crate::payload::Sha256::of(hostname.as_bytes()).to_string()[..32].to_owned()
}

/// How long before its boot a machine was installed.
pub const INSTALLED_BEFORE: Span = Span::secs(47 * 86_400 + 5 * 3_600 + 23 * 60);

/// How long a machine is up when a lab begins, unless its lab file says so.
pub const UPTIME: Span = Span::secs(9 * 86_400 + 4 * 3_600 + 12 * 60);
