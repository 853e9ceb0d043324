//! A virtual machine on a host: what becomes of it, and its process as libvirt counts it.

use serde::{Deserialize, Serialize};

use super::HostId;
use super::host::Host;

/// A virtual machine on a host.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Domain {
    /// What becomes of it.
    pub life: Life,
    /// Its memory in MiB.
    pub memory: u64,
    /// Which start on this host it is.
    pub serial: u32,
    /// What libvirt has given to its process.
    #[serde(default)]
    pub process: Process,
}

/// The process of a virtual machine, as libvirt counts it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Process {
    /// Which since the boot it is, from 1 on: its Id.
    pub id: u32,
    /// The number of the `vnet` link that leads to it.
    pub tap: u32,
    /// Whether somebody has set that down.
    pub cut: bool,
    /// Its number among the processes of the host; 0 as long as it has none.
    #[serde(default)]
    pub pid: u32,
}

/// How far a virtual machine on a host has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Life {
    /// Asked for; to stand still at once if `true`.
    Launching(bool),
    /// Its process runs.
    Running,
    /// Its process stands still: for the storage if `true`, else because that was asked for.
    Paused(bool),
    /// It runs and is being moved to that host.
    Leaving(HostId),
    /// It is being moved here.
    Arriving,
    /// It has ended.
    Down(Exit),
}

/// Why a virtual machine has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Exit {
    /// Its guest went down, or its process was killed.
    Ended,
    /// Another host has its disk.
    Locked,
    /// It was moved away.
    Migrated,
}

impl Life {
    /// Whether there is a process of it that holds the lease.
    #[must_use]
    pub fn holds(self) -> bool {
        matches!(self, Self::Running | Self::Paused(_) | Self::Leaving(_))
    }

    /// Whether libvirt has no process of it.
    #[must_use]
    pub fn is_without_process(self) -> bool {
        matches!(self, Self::Down(_) | Self::Launching(_))
    }
}

impl Host {
    /// Libvirt makes a process for a virtual machine, and a link that leads to it. Up to version 6.6 (that of 4.3) that has the
    /// lowest number that is free, later the next one.
    pub fn make_process(&mut self) -> Process {
        self.processes += 1;
        let taken = |tap: u32| self.live().any(|(_, domain)| domain.process.tap == tap);
        let tap = match self.release.minor {
            ..4 => (0..self.processes).find(|tap| !taken(*tap)).unwrap_or_default(),
            _ => self.processes - 1,
        };
        Process { id: self.processes, tap, cut: false, pid: 0 }
    }

    /// The virtual machines of which libvirt has a process.
    pub fn live(&self) -> impl Iterator<Item = (&str, &Domain)> {
        let live = self.domains.iter().filter(|(_, domain)| !domain.life.is_without_process());
        live.map(|(name, domain)| (name.as_str(), domain))
    }

    /// Whether its processes are those of its virtual machines.
    #[must_use]
    pub fn has_processes(&self) -> bool {
        let mut count = 0;
        let all = self.live().all(|(_, domain)| {
            count += 1;
            domain.process.pid > 0
        });
        all && count == self.spawned.len()
    }
}
