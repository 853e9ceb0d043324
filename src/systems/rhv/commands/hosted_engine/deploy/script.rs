//! The tasks of a deployment as data: which are printed in which order, and how long each takes.

use crate::sim::Span;
use crate::systems::rhv::release::Release;

/// A task of the playbooks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Task {
    /// `ok`, `changed`, `skipping`; empty where no line says how it ended.
    pub result: &'static str,
    /// The machine to which it is delegated: `localhost`, or `vm` for the local virtual machine.
    pub to: Option<&'static str>,
    /// The role that it belongs to: `he` or `engine`.
    pub role: &'static str,
    /// Its name, which may hold braces; empty when only its result is printed.
    pub name: &'static str,
}

/// The tasks of a block, in order.
pub(super) fn block(wanted: &str) -> Vec<Task> {
    let mut tasks = Vec::new();
    let mut within = false;
    for line in include_str!("tasks.tsv").lines().filter(|line| !line.starts_with('#')) {
        if let Some(name) = line.strip_prefix("= ") {
            within = name == wanted;
        } else if within {
            let mut columns = line.splitn(3, '\t');
            let mut next = || columns.next().unwrap_or_default();
            let (result, role, name) = (next(), next(), next());
            let (result, to) = result.split_once(' ').map_or((result, None), |(result, to)| (result, Some(to)));
            tasks.push(Task { result, to, role, name });
        }
    }
    tasks
}

/// The same as a release has it: the playbooks of 4.2 gather their facts by themselves.
pub(super) fn block_of(wanted: &str, release: Release) -> Vec<Task> {
    if wanted == "facts" && release.minor == 2 {
        return vec![Task { result: "ok", to: None, role: "he", name: "Gathering Facts" }];
    }
    block(wanted)
}

/// What most tasks take.
pub(super) const USUAL: Span = Span::millis(850);

/// Tasks that take longer, in seconds. The captured run took 48 minutes with all questions; how they fall to the tasks is inferred.
const LONG: &[(&str, u64)] = &[
    ("Force facts gathering", 4),
    ("Install oVirt Hosted Engine packages", 5),
    ("Populate service facts", 4),
    ("Stop libvirt service", 3),
    ("Start libvirt", 3),
    ("Extract appliance to local VM directory", 110),
    ("Create ISO disk", 3),
    ("Create local VM", 5),
    ("Get local VM IP", 35),
    ("Copy the backup file to the engine VM for restore", 3),
    ("Run engine-backup", 140),
    ("Gather facts on installed packages", 5),
    ("Install required packages for oVirt Engine deployment", 6),
    ("Update all packages", 45),
    ("Run engine-setup with answerfile", 230),
    ("Wait for the engine to reach a stable condition", 60),
    ("Restart ovirt-engine service for changed OVF Update configuration and LibgfApi support", 15),
    ("Add host", 4),
    ("Add NFS storage domain", 14),
    ("Add glusterfs storage domain", 14),
    ("Add iSCSI storage domain", 20),
    ("Add Fibre Channel storage domain", 20),
    ("Activate storage domain", 25),
    ("Add HE disks", 20),
    ("Add VM", 5),
    ("Wait until OVF update finishes", 65),
    ("Wait for OVF_STORE disk content", 12),
    ("Copy configuration archive to storage", 4),
    ("Inject network configuration with guestfish", 12),
    ("Extract /etc/hosts from the Hosted Engine VM", 10),
    ("Inject /etc/hosts with guestfish", 10),
    ("Copy local VM disk to shared storage", 160),
    ("Initialize lockspace volume", 20),
    ("Fetch logs from the engine VM", 8),
    ("Copy engine logs", 6),
    ("Give the vm time to flush dirty buffers", 10),
];

/// How long a task takes before its effect shows.
pub(super) fn span(name: &str) -> Span {
    LONG.iter().find(|(long, _)| *long == name).map_or(USUAL, |(_, secs)| Span::secs(*secs))
}

/// How often and how long a task looks again that waits for something, in seconds.
pub(super) fn patience(name: &str) -> (u64, u64) {
    match name {
        "Wait for the host to be up" => (10, 120 * 10),
        "Check engine VM health" => (5, 180 * 5),
        _ => (5, 600),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_block_has_its_tasks() {
        let blocks = ["facts", "packages", "interfaces", "validations", "previous", "local-vm", "restore", "engine"];
        for name in blocks.into_iter().chain(["add-host", "host", "lock", "pause", "storage", "target", "final"]) {
            let tasks = block(name);
            assert!(!tasks.is_empty(), "{name}");
            for task in tasks {
                assert!(["", "ok", "changed", "skipping"].contains(&task.result), "{name}: {task:?}");
                assert!(["", "he", "engine"].contains(&task.role), "{name}: {task:?}");
            }
        }
        assert_eq!(block("no block"), []);
    }

    #[test]
    fn what_takes_long_is_a_task() {
        let text = include_str!("tasks.tsv");
        for (name, _) in LONG {
            assert!(text.contains(&format!("\t{name}\n")), "{name}");
        }
    }
}
