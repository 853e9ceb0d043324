//! How well the machine under the root shells is known.

use std::collections::BTreeSet;

use super::{distro, image, tools};
use crate::shell::{Evidence, Grade};

/// What is modelled.
pub const EVIDENCE: &[Evidence] = &[
    Evidence {
        what: "prompt and logout of SLES 11",
        releases: "vCSA 6.0",
        grade: Grade::Captured,
        source: "vcsa/shell.txt",
    },
    Evidence {
        what: "prompts of Photon, RHEL and ESXi",
        releases: "all",
        grade: Grade::Documented,
        source: "captures of vCSA 6.5, RHV 4.4 and ESXi 6.5 without a golden of their own",
    },
    Evidence {
        what: "bash: language, builtins, messages",
        releases: "all",
        grade: Grade::Documented,
        source: "compared with bash 5.2 script by script (tests/conformance)",
    },
    Evidence {
        what: "programs of coreutils, findutils, grep, sed, gawk, diffutils, tar, gzip",
        releases: "all",
        grade: Grade::Documented,
        source: "their manuals; compared with GNU's by hand",
    },
    Evidence {
        what: "ash of BusyBox: what it lacks, messages",
        releases: "ESXi 5.5, 6.7, 7.0",
        grade: Grade::Inferred,
        source: "compared with BusyBox 1.35 script by script (tests/conformance/ash), its applets by hand; which applets, users, volumes and versions ESXi has is common knowledge",
    },
    Evidence {
        what: "logs of ESXi with boots, logins, typed lines, watchdogs; boot banks, store and datastore",
        releases: "ESXi 5.5, 6.7, 7.0",
        grade: Grade::Inferred,
        source: "the keys of boot.cfg and the files of a bank are documented; layouts of published logs, sizes and modules from memory",
    },
    Evidence {
        what: "systemd, journal, processes, boot",
        releases: "RHEL, Photon",
        grade: Grade::Documented,
        source: "systemctl(1), journalctl(1); unit lists, times and log lines are inferred",
    },
    Evidence {
        what: "what a login sets up: connection, session, runtime directory, service manager of the user's, log",
        releases: "all; the last three on RHEL",
        grade: Grade::Documented,
        source: "sshd(8), pam_systemd(8), user@.service(5); the layouts of loginctl are inferred",
    },
    Evidence {
        what: "what a boot mounts by /etc/fstab, rescue and emergency mode, the console",
        releases: "RHEL; on the vCSA a boot goes on without what cannot be mounted",
        grade: Grade::Documented,
        source: "fstab(5), systemd.mount(5), sulogin(8), agetty(8)",
    },
    Evidence {
        what: "distributions: versions, kernels, packages, sizes of disks",
        releases: "all",
        grade: Grade::Inferred,
        source: "common knowledge of each release",
    },
    Evidence {
        what: "files of /usr/share/zoneinfo: the tz database, in the slim form",
        releases: "RHEL, SLES, Photon",
        grade: Grade::Documented,
        source: "tzfile(5), zic(8); distributions have the fat form, whose files are longer",
    },
    Evidence {
        what: "large files of packages, and what lies in pam.d, logrotate.d, sysctl.d and sysconfig",
        releases: "RHEL, SLES, Photon",
        grade: Grade::Inferred,
        source: "names, modules and keys are common knowledge of the packages; sizes are shares of what df counts, texts our own",
    },
    Evidence {
        what: "tmux and screen: sessions that are left, found again and ended; one window each, no status line",
        releases: "tmux 2.7 on RHEL 8, screen on RHEL 7 and SLES 11",
        grade: Grade::Inferred,
        source: "tmux(1), screen(1)",
    },
    Evidence {
        what: "small programs of util-linux, diffutils, bc: getopt, flock, taskset, ionice, chrt, rename, diff3, bc",
        releases: "all that have them",
        grade: Grade::Documented,
        source: "compared with util-linux 2.38, diffutils 3.8 and GNU bc 1.07 by hand",
    },
    Evidence {
        what: "lsof, fuser, pstree: layouts; what is open is what /proc knows",
        releases: "all that have them",
        grade: Grade::Documented,
        source: "compared with lsof 4.95 and psmisc 23.6",
    },
    Evidence {
        what: "firewall-cmd, chronyc, getfacl, chattr, localectl, systemd-run, cal, lspci",
        releases: "RHEL; SLES and Photon where they have them",
        grade: Grade::Inferred,
        source: "their manuals; layouts and figures from memory",
    },
    Evidence {
        what: "ssh, scp, ping, curl between the machines of a lab",
        releases: "all",
        grade: Grade::Inferred,
        source: "OpenSSH's messages; keys, fingerprints and speeds are made up",
    },
];

/// Programs that an installation has and that are not modelled.
#[must_use]
pub fn unmodelled() -> BTreeSet<&'static str> {
    let installed = distro::ALL
        .iter()
        .flat_map(|distro| image::programs::programs(distro).chain(image::programs::others(distro)))
        .map(|program| program.name);
    installed.filter(|name| !tools::is_modelled(name)).collect()
}
