//! A machine from outside, as its ESXi host and vCenter see it: power, disks, the disc drive, and what was done to it.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::payload::{self, Contents, Imprint};
use crate::sim::task::TaskId;
use crate::sim::{Instant, Span};

/// How many tasks the list of a machine shows.
const TASKS: usize = 200;

/// The virtual hardware of one machine.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Vm {
    /// Whether the virtual machine runs.
    pub power: Power,
    /// The ESXi host on which it is registered.
    pub host: String,
    /// Its disks in order.
    pub disks: Vec<Disk>,
    /// Its CD/DVD drive.
    pub drive: Drive,
    /// How many discs were put into the drive so far.
    pub insertions: u64,
    /// What was done to it through vCenter or its host, oldest first.
    pub tasks: Arc<Vec<Task>>,
    /// How fast its disks are copied to a clone.
    pub copy_bytes_per_sec: u64,
    /// The hardware address of its network card, where that was set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mac: Option<String>,
}

/// How fast disks are copied where a lab does not say it, in bytes a second: a datastore that is not idle.
#[must_use]
pub const fn copy_rate() -> u64 {
    200_000_000
}

/// Power state of a virtual machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Power {
    /// Running.
    On,
    /// Switched off.
    Off,
}

/// One virtual disk.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Disk {
    /// Its label, such as `Hard disk 1`.
    pub label: String,
    /// Its size in GB.
    pub size_gb: u32,
    /// The datastore that holds it.
    pub datastore: String,
    /// How large it was before it grew, until the guest takes the new room.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before_gb: Option<u32>,
}

impl Disk {
    /// It becomes larger; `false` where that is no larger than it is. A disk never becomes smaller.
    pub fn grow(&mut self, size_gb: u32) -> bool {
        if size_gb <= self.size_gb {
            return false;
        }
        self.before_gb.get_or_insert(self.size_gb);
        self.size_gb = size_gb;
        true
    }
}

/// A finished task of the virtual machine, as a task list shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Task {
    /// When it was done.
    pub at: Instant,
    /// What was done, as the vSphere Client names it.
    pub name: String,
    /// How it ended: `Completed` or the reason why not.
    pub status: String,
}

/// Where the image in the drive comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Origin {
    /// From the desktop of the admin, through the client: slow, and gone with the client's connection.
    Client,
    /// From a datastore of the host.
    Datastore,
}

impl Origin {
    /// The word for it in commands and messages.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Client => "client",
            Self::Datastore => "datastore",
        }
    }
}

/// What the front end must open to read a disc or a repository.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Medium {
    /// A payload that comes with appsh, by name, as an image.
    Bundled(String),
    /// A file or folder of the person who runs appsh.
    File(HostFile),
}

/// A file or folder of the host, named by the person who runs appsh.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct HostFile {
    /// As that person named it: what screens show.
    pub name: String,
    /// Where the front end finds it, whichever folder it works in by then.
    pub place: String,
    /// What it was like when it was put into a drive; another file under its name is noticed.
    pub imprint: Option<Imprint>,
}

impl Medium {
    /// What a person means by a name: the payload that comes with appsh, if there is one of that name, else a file.
    #[must_use]
    pub fn named(name: &str) -> Self {
        if payload::bundled_names().any(|known| known == name) {
            return Self::Bundled(name.to_owned());
        }
        Self::File(HostFile { name: name.to_owned(), place: name.to_owned(), imprint: None })
    }

    /// What it is called in messages.
    #[must_use]
    pub fn title(&self) -> &str {
        match self {
            Self::Bundled(name) => name,
            Self::File(file) => &file.name,
        }
    }
}

/// A disc image which is put into a drive.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Disc {
    /// Where its bytes are.
    pub medium: Medium,
    /// By which way it is connected.
    pub origin: Origin,
    /// What was found on it when it was first read: its kind and metadata, or what is wrong with it.
    pub contents: Option<Result<Arc<Contents>, Unusable>>,
    /// Which insertion into this drive it is: the same image put in again is another disc to whoever had it mounted.
    pub inserted: u64,
}

/// Why no update can be taken from a medium.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Unusable {
    /// It cannot be mounted or reached: no image, cut off, gone. Path, place and cause in a sentence.
    Unreadable(String),
    /// It can be mounted, and its metadata is damaged. Path and cause in a sentence.
    Damaged(String),
    /// It can be mounted, and a container layer which the metadata name is not on it. The path in a sentence.
    Incomplete(String),
    /// It can be mounted, and what the metadata name is in another place. The paths in a sentence.
    Misplaced(String),
}

impl Disc {
    /// A disc that nobody has looked into yet.
    #[must_use]
    pub fn unread(medium: Medium, origin: Origin) -> Self {
        Self { medium, origin, contents: None, inserted: 0 }
    }
}

/// The CD/DVD drive.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Drive {
    /// No disc.
    #[default]
    Empty,
    /// The client reports `Connecting…`; nothing can be read yet.
    Connecting(Disc),
    /// Readable.
    Connected(Disc),
    /// The connection broke: the drive looks empty to the guest.
    Lost(Disc),
}

impl Drive {
    /// The readable disc.
    #[must_use]
    pub fn readable(&self) -> Option<&Disc> {
        match self {
            Self::Connected(disc) => Some(disc),
            Self::Empty | Self::Connecting(_) | Self::Lost(_) => None,
        }
    }

    /// The disc in the drive, readable or not.
    #[must_use]
    pub fn disc(&self) -> Option<&Disc> {
        match self {
            Self::Empty => None,
            Self::Connecting(disc) | Self::Connected(disc) | Self::Lost(disc) => Some(disc),
        }
    }

    /// As [`Drive::disc`], to note what was found on it.
    pub fn disc_mut(&mut self) -> Option<&mut Disc> {
        match self {
            Self::Empty => None,
            Self::Connecting(disc) | Self::Connected(disc) | Self::Lost(disc) => Some(disc),
        }
    }

    /// The state in one word, as `disc show` and the facts give it.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::Connecting(_) => "connecting",
            Self::Connected(_) => "connected",
            Self::Lost(_) => "lost",
        }
    }

    /// The connection of a disc is ready.
    pub fn connect(&mut self) {
        if let Self::Connecting(disc) = std::mem::take(self) {
            *self = Self::Connected(disc);
        }
    }

    /// The connection breaks.
    pub fn lose(&mut self) {
        match std::mem::take(self) {
            Self::Empty => {}
            Self::Connecting(disc) | Self::Connected(disc) | Self::Lost(disc) => *self = Self::Lost(disc),
        }
    }
}

/// How fast a drive delivers, by origin of its disc.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReadRate {
    /// What each file costs whatever its size, in milliseconds: a round trip of the virtual media redirection.
    pub per_file_ms: u64,
    /// Bytes a second once a file flows.
    pub bytes_per_sec: u64,
    /// How long a new disc stays in `connecting`, in milliseconds.
    pub connect_ms: u64,
}

impl ReadRate {
    /// How long a file of `size` bytes takes.
    #[must_use]
    pub fn file(&self, size: u64) -> Span {
        let flow = size.saturating_mul(1_000) / self.bytes_per_sec.max(1);
        Span::millis(self.per_file_ms.saturating_add(flow))
    }
}

impl Vm {
    /// Notes a task in the list that vCenter and the host show. The list is not endless.
    pub fn note(&mut self, at: Instant, name: &str) {
        self.note_end(at, name, "Completed");
    }

    /// Switches it on or off, which is a task; `false` when it is so already.
    pub fn switch(&mut self, power: Power, at: Instant) -> bool {
        if self.power == power {
            return false;
        }
        self.power = power;
        self.note(at, if power == Power::On { "Power On virtual machine" } else { "Power Off virtual machine" });
        true
    }

    /// As [`Vm::note`], for a task that ended in some other way.
    pub fn note_end(&mut self, at: Instant, name: &str, status: &str) {
        let tasks = Arc::make_mut(&mut self.tasks);
        if tasks.len() == TASKS {
            tasks.remove(0);
        }
        tasks.push(Task { at, name: name.to_owned(), status: status.to_owned() });
    }

    /// How long the copying of one of its disks takes, all of it: the disks of an appliance are thick.
    #[must_use]
    pub fn copy_time(&self, disk: &Disk) -> Span {
        let bytes = u64::from(disk.size_gb) << 30;
        Span::millis(bytes.saturating_mul(1_000) / self.copy_bytes_per_sec.max(1))
    }
}

/// What happens to the hardware by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Event {
    /// The disc that was put in is ready to be read.
    DriveReady,
    /// The next disk of a clone that is being made has been copied.
    DiskCopied(TaskId),
}
