//! What a process may use (`ulimit`, getrlimit(2)): held for each process and passed on to those that it starts. Nothing here
//! runs into one; what a login begins with is the kernel's and common knowledge of each release, and so inferred.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::super::distro::{Distro, Vendor};

/// A limit: soft and hard, in the units that `ulimit` shows; `None` is unlimited.
pub type Limit = (Option<u64>, Option<u64>);

/// The limits of a process that are not those of every login.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits(BTreeMap<char, Limit>);

/// What is limited.
#[derive(Debug)]
pub struct Resource {
    /// The letter of `ulimit`.
    pub letter: char,
    /// Its name there.
    pub name: &'static str,
    /// Its unit; empty where it is counted.
    pub unit: &'static str,
}

const fn resource(letter: char, name: &'static str, unit: &'static str) -> Resource {
    Resource { letter, name, unit }
}

/// All that Linux limits, in the order of `ulimit -a`.
pub static RESOURCES: [Resource; 17] = [
    resource('R', "real-time non-blocking time", "microseconds"),
    resource('c', "core file size", "blocks"),
    resource('d', "data seg size", "kbytes"),
    resource('e', "scheduling priority", ""),
    resource('f', "file size", "blocks"),
    resource('i', "pending signals", ""),
    resource('l', "max locked memory", "kbytes"),
    resource('m', "max memory size", "kbytes"),
    resource('n', "open files", ""),
    resource('p', "pipe size", "512 bytes"),
    resource('q', "POSIX message queues", "bytes"),
    resource('r', "real-time priority", ""),
    resource('s', "stack size", "kbytes"),
    resource('t', "cpu time", "seconds"),
    resource('u', "max user processes", ""),
    resource('v', "virtual memory", "kbytes"),
    resource('x', "file locks", ""),
];

impl Limits {
    /// Whether nothing was set.
    #[must_use]
    pub fn is_plain(&self) -> bool {
        self.0.is_empty()
    }

    /// The limit of a resource for a process of `uid` on a machine with so much memory.
    #[must_use]
    pub fn get(&self, letter: char, distro: &Distro, memory_kib: u64, uid: u32) -> Limit {
        self.0.get(&letter).copied().unwrap_or_else(|| at_login(letter, distro, memory_kib, uid))
    }

    /// Sets one.
    pub fn set(&mut self, letter: char, limit: Limit) {
        self.0.insert(letter, limit);
    }
}

/// What a login begins with.
fn at_login(letter: char, distro: &Distro, memory_kib: u64, uid: u32) -> Limit {
    // The kernel lets threads take an eighth of the memory, 16 KiB each, and a user half of them.
    let processes = memory_kib / 256;
    let red_hat = |major| distro.vendor == Vendor::RedHat && distro.major == major;
    match letter {
        'c' => (Some(0), None),
        'e' | 'r' => (Some(0), Some(0)),
        'i' => (Some(processes), Some(processes)),
        'l' => (Some(64), Some(64)),
        'n' => (Some(1024), Some(if red_hat(8) { 262_144 } else { 4096 })),
        'p' => (Some(8), Some(8)),
        'q' => (Some(819_200), Some(819_200)),
        's' => (Some(8192), None),
        // limits.d/20-nproc.conf of pam in RHEL 7
        'u' if red_hat(7) && uid != 0 => (Some(processes.min(4096)), Some(processes)),
        'u' => (Some(processes), Some(processes)),
        _ => (None, None),
    }
}
