//! How well the RHV environment is known.

use crate::shell::{Evidence, Grade};

const fn row(what: &'static str, grade: Grade, source: &'static str) -> Evidence {
    Evidence { what, releases: "4.2 to 4.5", grade, source }
}

const SOURCES: &str = "public sources of ovirt-hosted-engine-setup and -ha 2.2 to 2.6";

/// What is modelled.
pub const EVIDENCE: &[Evidence] = &[
    row("hosted-engine: usage, errors of the wrapper", Grade::Documented, SOURCES),
    Evidence {
        what: "hosted-engine --vm-status: hosts that are alive",
        releases: "4.4",
        grade: Grade::Captured,
        source: "evidence/rhv/05-ovirt44-vm-status-1-host-engine-up.txt",
    },
    Evidence {
        what: "hosted-engine --vm-status: global maintenance",
        releases: "4.2",
        grade: Grade::Captured,
        source: "evidence/rhv/04-ovirt42-vm-status-3-hosts-global-maintenance.txt",
    },
    row("hosted-engine --vm-status: stale data, --json of 4.2 and 4.3, errors", Grade::Documented, SOURCES),
    row("hosted-engine --set-maintenance", Grade::Documented, SOURCES),
    row("hosted-engine --vm-start, --vm-start-paused, --vm-shutdown, --vm-poweroff", Grade::Documented, SOURCES),
    row("hosted-engine --check-deployed, --check-liveliness", Grade::Documented, SOURCES),
    row("hosted-engine --get-shared-config, --set-shared-config", Grade::Documented, SOURCES),
    row("hosted-engine --reinitialize-lockspace, --clean-metadata", Grade::Documented, SOURCES),
    row("hosted-engine --connect-storage, --disconnect-storage", Grade::Documented, SOURCES),
    row("the HA agents: states, periods, time-outs, scores", Grade::Documented, SOURCES),
    row(
        "lease of the virtual machine: 80 s to its end, 140 s until another host gets it",
        Grade::Inferred,
        "sanlock's own figures",
    ),
    row("start of the Manager: launch, boot, engine", Grade::Inferred, "the guide's ten minutes at most"),
    row(
        "agent.log, broker.log",
        Grade::Inferred,
        "layout of transcript 11 of the reference; texts from the public sources as remembered",
    ),
    Evidence {
        what: "hosted-engine --deploy --restore-from-file: questions, tasks, end",
        releases: "4.4",
        grade: Grade::Captured,
        source: "evidence/rhv/01-03-rhv44-restore-deploy.txt",
    },
    Evidence {
        what: "hosted-engine --deploy: a backup that is refused, the pause on a lock file",
        releases: "4.4",
        grade: Grade::Captured,
        source: "evidence/rhv/06-ovirt44-restore-engine-backup-failed-pause.txt",
    },
    Evidence {
        what: "hosted-engine --deploy: questions of a fresh one",
        releases: "4.4",
        grade: Grade::Captured,
        source: "evidence/rhv/09-hostvm44-fresh-deploy-prompts.txt",
    },
    Evidence {
        what: "hosted-engine --deploy: validation of answers, what fails and how",
        releases: "4.3 to 4.5",
        grade: Grade::Inferred,
        source: SOURCES,
    },
    Evidence {
        what: "hosted-engine --deploy of 4.3 and 4.5, iSCSI, Gluster, Fibre Channel, answer files, logs, times of tasks",
        releases: "4.3 to 4.5",
        grade: Grade::Inferred,
        source: "the same family: transcripts 01 to 03 and 09 of the reference",
    },
    Evidence {
        what: "hosted-engine --deploy with an OpenSCAP profile, with FIPS, with and without lines in /etc/hosts",
        releases: "4.3 to 4.5",
        grade: Grade::Inferred,
        source: "names of the captured tasks, all of which were skipped there",
    },
    row("links of a host: bridges, what leads to virtual machines", Grade::Inferred, "vdsm and libvirt as remembered"),
    Evidence {
        what: "hosted-engine --deploy of 4.2; --6, --ansible-extra-vars; --upgrade-appliance, --rollback-upgrade",
        releases: "4.2 to 4.5",
        grade: Grade::Inferred,
        source: "the same family; public sources as remembered",
    },
    Evidence {
        what: "hosted-engine --deploy --help: lines on --ansible-extra-vars; --set-shared-config --help: lines on he_shared",
        releases: "4.2 to 4.5",
        grade: Grade::Inferred,
        source: "in substance; the reference has their number",
    },
    row("logs of a deployment", Grade::Inferred, "public sources of otopi and ovirt-hosted-engine-setup as remembered"),
    row("pages of the engine beside that of its health", Grade::Inferred, "what they have, in words"),
    row("nodectl and imgbase: help, versions, check --machine-readable", Grade::Inferred, "imgbased as remembered"),
    row("hosted-engine --console: its keys, a login there", Grade::Inferred, "virsh(1), agetty(8), login(1)"),
    row("ovirt-hosted-engine-cleanup", Grade::Documented, SOURCES),
    row("services of host and Manager", Grade::Inferred, "names of the packages' units"),
    Evidence {
        what: "RHV-H: nodectl check of a host with which all is well",
        releases: "4.x",
        grade: Grade::Captured,
        source: "evidence/rhv/engine-06-nodectl-check-rhvh.txt",
    },
    row(
        "RHV-H: nodectl check of one with trouble, nodectl info, imgbase w, layout, rollback",
        Grade::Inferred,
        "public sources of imgbased",
    ),
    row(
        "vdsm-client Host, VM getStats; virsh -r; sanlock client status, host_status, gets, renewal, log_dump, shutdown",
        Grade::Inferred,
        "common knowledge of the programs",
    ),
    row(
        "logs of vdsm, sanlock and the Manager's process, settings of sanlock and of the agents' logs, vm.conf",
        Grade::Inferred,
        "the programs as remembered",
    ),
    row(
        "a daemon that a signal has stopped: who asks it waits",
        Grade::Inferred,
        "what follows for a server that does not read",
    ),
    row("what agents read from hosted-engine.conf and ha.conf, and what is wrong with it", Grade::Inferred, SOURCES),
    row("the storage domain on a host: mount, directories, links", Grade::Inferred, "vdsm as remembered"),
    row("qemu-kvm of each virtual machine", Grade::Inferred, "libvirt as remembered, with a shorter command line"),
    row("sanlock that does not stop while it holds host ids", Grade::Inferred, "sanlock(8) as remembered"),
    row(
        "RHV-H: volumes of a layer, files that name its release",
        Grade::Inferred,
        "imgbased and bug reports as remembered",
    ),
    Evidence {
        what: "hosted-engine --console: its first lines",
        releases: "4.3",
        grade: Grade::Captured,
        source: "evidence/rhv/07-ovirt43-deploy-end-and-console.txt",
    },
    Evidence {
        what: "hosted-engine --vm-status --json: its beginning",
        releases: "4.4",
        grade: Grade::Captured,
        source: "evidence/rhv/08-ovirt44-vm-status-json-head.txt",
    },
    Evidence {
        what: "agent.log: a host with a better score",
        releases: "3.6",
        grade: Grade::Captured,
        source: "evidence/rhv/11-agent-log-score-line.txt",
    },
];

/// What the real machines have and these do not.
pub const UNMODELLED: &[&str] = &[
    "hosted-engine --deploy --noansible of 4.2; variables of --ansible-extra-vars other than those that answer a question, he_pause_host, \
     he_force_ip4, he_force_ip6 and he_offline_deployment; the portal of the local virtual machine on port 6900",
    "hosted-engine --deploy: what follows from renewed certificates, Keycloak and an appliance of one's own, what a security \
     profile changes beside its report; a connection that breaks ends it without a line in its log",
    "the Manager: engine-backup and engine-setup by hand; what two Managers with one address that run at once do to each other, beside \
     that one of them is not reached",
    "the storage domain: what hosts write there (metadata, leases) reads as zeros, logical units have no volumes; looking at a share \
     does not hang while the path to it is pulled",
    "hosted-engine --console: what the firmware and the boot menu of the guest show; a login there ends when it is left with ^], and \
     `exit` leaves the console, too",
    "hosted-engine --upgrade-appliance with an engine of 3.6, and what it could roll back to",
    "RHV-H: its thin pool, imgbase other than w and layout, a second layer to roll back to; what its check says of mounts and volumes is always OK",
    "agent.log and broker.log: the files of the days before the lab begins; one that somebody has written to gets no more lines until \
     the next day",
    "the score's penalty for an old configuration",
    "vdsm-client: other calls than Host getVMList, getAllVmStats, getStats, getCapabilities and VM getStats, fields that the model does not have; \
     logs of vdsm and libvirt: what is no matter of the Manager's virtual machine or of the storage",
];
