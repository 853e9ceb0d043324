//! The hosted-engine storage domain, through which alone the hosts know of each other: a block of metadata for each host, the
//! flag of global maintenance, and the lease on the virtual machine's disk as sanlock keeps it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::health::Health;
use super::state::State;
use super::{HostId, Instant, Span};

/// Sanlock counts a host as dead that has not renewed its lease for so long: eight times the I/O time-out of ten seconds,
/// and the sixty of the watchdog.
pub const HOST_DEAD: Span = Span::secs(140);
/// A host that cannot renew its lease has stopped what holds leases by then.
pub const RENEWAL_FAILS: Span = Span::secs(80);
/// By then the watchdog has reset a host whose sanlock says nothing any more.
pub const WATCHDOG: Span = Span::secs(130);

/// A storage domain with a deployment of the hosted engine on it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Storage {
    /// What hosts have written, by host id.
    pub blocks: BTreeMap<HostId, Block>,
    /// Whether the cluster is in global maintenance.
    pub global_maintenance: bool,
    /// Who has the disk of the Manager's virtual machine.
    pub lease: Option<Lease>,
    /// The virtual machine that is kept alive.
    pub engine: Engine,
    /// Settings that all hosts share, by type and key.
    pub settings: BTreeMap<String, BTreeMap<String, String>>,
    /// Where it is and how it is called, as it was made; what all hosts share tells, where nothing stands here.
    #[serde(default)]
    pub made: BTreeMap<String, String>,
    /// The host ids that are held in the agents' lockspace.
    #[serde(default)]
    pub ids: BTreeMap<HostId, Member>,
}

/// Who holds a host id in a lockspace.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    /// The machine, by its place in the lab.
    pub machine: usize,
    /// Since when it does not renew it any more.
    pub silent: Option<Instant>,
}

/// A host's block of metadata.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Block {
    /// When it was written.
    pub at: Instant,
    /// The same, by the host's own clock: seconds since it was booted.
    pub timestamp: u64,
    /// The host's score.
    pub score: u32,
    /// What it says of the virtual machine.
    pub health: Health,
    /// The state of its agent.
    pub state: State,
    /// Until when it may last, by the host's own clock.
    pub timeout: Option<u64>,
    /// Whether the host is in local maintenance.
    pub maintenance: bool,
    /// Whether its agent was stopped in order.
    pub stopped: bool,
    /// Whether something has overwritten it: nobody can read it.
    pub corrupt: bool,
    /// The machine that has written it, by its place in the lab; that of the number where nothing stands here.
    #[serde(default)]
    pub writer: Option<usize>,
}

/// A lease on a disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lease {
    /// Who has it.
    pub holder: HostId,
    /// Since when the holder does not renew it any more.
    pub silent: Option<Instant>,
}

/// The Manager's virtual machine as the storage domain describes it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Engine {
    /// Its number.
    pub vmid: String,
    /// Its name in the network.
    pub fqdn: String,
    /// Its memory in MiB.
    pub memory: u64,
    /// The machine that is its guest, by its place in the lab.
    pub guest: usize,
    /// How far the guest has come.
    pub phase: Guest,
    /// Whether its health page says that it serves.
    pub serves: bool,
    /// Whether vdsm has asked the guest to go down.
    pub asked: bool,
}

/// How far a guest has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Guest {
    /// It has no power.
    Off,
    /// It boots.
    Booting,
    /// It is up.
    Up,
    /// It goes down, to boot again if `true`.
    Stopping(bool),
}

impl Storage {
    /// Where it is and how it is called.
    #[must_use]
    pub fn place(&self) -> Option<&BTreeMap<String, String>> {
        if self.made.is_empty() { self.settings.get("he_shared") } else { Some(&self.made) }
    }

    /// A machine wants a host id. `true` when it has it.
    pub fn join(&mut self, id: HostId, machine: usize, now: Instant) -> bool {
        let dead = |member: &Member| member.silent.is_some_and(|since| now.since(since) >= HOST_DEAD);
        let free = self.ids.get(&id).is_none_or(|member| member.machine == machine || dead(member));
        if free {
            self.ids.insert(id, Member { machine, silent: None });
        }
        free
    }

    /// A machine gives back its host id.
    pub fn part(&mut self, machine: usize) {
        self.ids.retain(|_, member| member.machine != machine);
    }

    /// A machine does not renew its host id any more, or renews it again.
    pub fn hear(&mut self, machine: usize, silent: Option<Instant>) {
        for member in self.ids.values_mut().filter(|member| member.machine == machine) {
            member.silent = silent.map(|since| member.silent.unwrap_or(since));
        }
    }

    /// A host wants the lease. `true` when it has it.
    pub fn acquire(&mut self, host: HostId, now: Instant) -> bool {
        let free = match self.lease {
            None => true,
            Some(lease) => lease.silent.is_some_and(|since| now.since(since) >= HOST_DEAD),
        };
        if free {
            self.lease = Some(Lease { holder: host, silent: None });
        }
        free
    }

    /// A host gives the lease back, if it has it.
    pub fn release(&mut self, host: HostId) {
        if self.holder() == Some(host) {
            self.lease = None;
        }
    }

    /// A host does not renew what it has any more.
    pub fn fall_silent(&mut self, host: HostId, now: Instant) {
        if let Some(lease) = self.lease.as_mut().filter(|lease| lease.holder == host) {
            lease.silent.get_or_insert(now);
        }
    }

    /// A host renews again what it has.
    pub fn renew(&mut self, host: HostId) {
        if let Some(lease) = self.lease.as_mut().filter(|lease| lease.holder == host) {
            lease.silent = None;
        }
    }

    /// Who has the lease.
    #[must_use]
    pub fn holder(&self) -> Option<HostId> {
        self.lease.map(|lease| lease.holder)
    }
}
