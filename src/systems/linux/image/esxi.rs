//! The tree of an ESXi host as its shell shows it: what is in memory since the boot, links to the volumes on disk, and the
//! applets of BusyBox. Names of logs and directories are documented or common knowledge; the texts are our own, and which
//! applets a release has is inferred. VIBs and configuration come with ESXi itself.

use super::files::Made;
use crate::systems::linux::distro::Distro;

/// Path and permission bits of each directory, parents first.
pub(super) const DIRECTORIES: &[(&str, u16)] = &[
    ("/bin", 0o755),
    ("/dev", 0o755),
    ("/etc", 0o755),
    ("/etc/init.d", 0o755),
    ("/etc/opt", 0o755),
    ("/etc/pam.d", 0o755),
    ("/etc/profile.d", 0o755),
    ("/etc/rc.local.d", 0o755),
    ("/etc/security", 0o755),
    ("/etc/ssh", 0o755),
    ("/etc/ssh/keys-root", 0o755),
    ("/etc/vmware", 0o755),
    ("/etc/vmware/hostd", 0o755),
    ("/etc/vmware/ssl", 0o755),
    ("/etc/vmware/vpxa", 0o755),
    ("/lib", 0o755),
    ("/lib64", 0o755),
    ("/opt", 0o755),
    ("/sbin", 0o755),
    ("/tardisks", 0o755),
    ("/tmp", 0o1777),
    ("/usr", 0o755),
    ("/usr/lib", 0o755),
    ("/usr/lib/vmware", 0o755),
    ("/usr/lib/vmware/hostd", 0o755),
    ("/usr/lib/vmware/vpxa", 0o755),
    ("/usr/share", 0o755),
    ("/var", 0o755),
    ("/var/core", 0o755),
    ("/var/db", 0o755),
    ("/var/lib", 0o755),
    ("/var/lock", 0o755),
    ("/var/log", 0o755),
    ("/var/run", 0o755),
    ("/var/spool", 0o755),
    ("/var/spool/cron", 0o755),
    ("/var/spool/cron/crontabs", 0o755),
    ("/var/tmp", 0o1777),
    ("/vmfs", 0o755),
    ("/vmfs/devices", 0o755),
    ("/vmfs/devices/disks", 0o755),
    ("/vmfs/volumes", 0o755),
];

/// Directories on the volumes.
pub(super) const MOUNTED_DIRECTORIES: &[&str] =
    &["/scratch/core", "/scratch/downloads", "/scratch/log", "/scratch/var", "/scratch/vmware", "/store/packages"];

/// A log that shows what the daemons of the host have written.
macro_rules! log {
    ($name:literal) => {
        Made { path: concat!("/scratch/log/", $name), from: concat!("linux/log/", $name), mode: 0o644 }
    };
}

/// Logs that somebody writes. Whoever has another one writes nothing here.
pub(super) const MADE: &[Made] = &[
    log!("auth.log"),
    log!("hostd.log"),
    log!("shell.log"),
    log!("syslog.log"),
    log!("vmkernel.log"),
    log!("vmksummary.log"),
    log!("vobd.log"),
];

/// Links of the tree. The logs lie where they outlast a boot.
pub(super) const LINKS: &[(&str, &str)] = &[
    ("/dev/disks", "/vmfs/devices/disks"),
    ("/var/log/auth.log", "/scratch/log/auth.log"),
    ("/var/log/dhclient.log", "/scratch/log/dhclient.log"),
    ("/var/log/esxupdate.log", "/scratch/log/esxupdate.log"),
    ("/var/log/fdm.log", "/scratch/log/fdm.log"),
    ("/var/log/hostd.log", "/scratch/log/hostd.log"),
    ("/var/log/shell.log", "/scratch/log/shell.log"),
    ("/var/log/syslog.log", "/scratch/log/syslog.log"),
    ("/var/log/usb.log", "/scratch/log/usb.log"),
    ("/var/log/vmauthd.log", "/scratch/log/vmauthd.log"),
    ("/var/log/vmkernel.log", "/scratch/log/vmkernel.log"),
    ("/var/log/vmksummary.log", "/scratch/log/vmksummary.log"),
    ("/var/log/vmkwarning.log", "/scratch/log/vmkwarning.log"),
    ("/var/log/vobd.log", "/scratch/log/vobd.log"),
    ("/var/log/vpxa.log", "/scratch/log/vpxa.log"),
];

/// What BusyBox is called by; `/bin/sh` is one of them.
pub const APPLETS: &str = "[ [[ ash awk basename bunzip2 bzcat bzip2 cat chgrp chmod chown chvt cksum clear cmp cp \
cpio crond cut date dd diff dirname dnsdomainname du echo egrep eject env expr false fgrep find fstrim getty grep groups \
gunzip gzip halt head hexdump hostname id init killall less ln logger login ls lzop md5sum mkdir mkfifo mknod mktemp more mv \
nohup nslookup od printf pwd readlink realpath reset resize rm rmdir sed seq setsid sh sha1sum sha256sum sha512sum sleep \
sort stat stty sum sync tail tar tee test time timeout touch tr true tty umount uname uncompress uniq unlzop unzip uptime \
usleep uuencode vi watch wc wget which who whoami xargs xz yes zcat";

/// What a login over SSH or at the console is told.
const MOTD: &str = "\
The time and date of this login have been sent to the system logs.

WARNING:
   All commands run on the ESXi shell are logged and may be included in
   support bundles. Do not provide passwords directly on the command line.
   Most tools can prompt for secrets or accept them from standard input.

VMware offers supported, powerful system administration tools.  Please
see www.vmware.com/go/sysadmintools for details.

The ESXi Shell can be disabled by an administrative user. See the
vSphere Security documentation for more information.
";

/// Texts: path, bits, text.
pub(super) fn texts(distro: &Distro) -> Vec<(&'static str, u16, String)> {
    let Distro { root_prompt, root_path, .. } = distro;
    let profile = format!("# Environment of login shells.\nPATH={root_path}\nPS1='{root_prompt}'\nexport PATH PS1\n");
    let mut texts = vec![
        ("/etc/profile", 0o644, profile),
        ("/etc/motd", 0o644, MOTD.to_owned()),
        ("/etc/shells", 0o644, "/bin/sh\n/bin/ash\n".to_owned()),
        ("/etc/nsswitch.conf", 0o644, "passwd: files\ngroup: files\nhosts: files dns\n".to_owned()),
        ("/etc/rc.local.d/local.sh", 0o755, "#!/bin/sh\n# Runs at the end of each boot.\nexit 0\n".to_owned()),
        ("/etc/ssh/keys-root/authorized_keys", 0o600, String::new()),
        ("/etc/vmware/.buildInfo", 0o444, build_info(distro.kernels[0].build_number())),
    ];
    let logs = LINKS.iter().filter_map(|(_, target)| target.starts_with("/scratch/log/").then_some(*target));
    let logs = logs.filter(|path| MADE.iter().all(|made| made.path != *path));
    texts.extend(logs.map(|path| (path, 0o644, String::new())));
    texts
}

/// From which tree the image was built.
fn build_info(build: &str) -> String {
    format!("VMTREE:/build/mts/release/bora-{build}/bora\nVMBLD:release\nBUILDTAG:gobuild\nBUILDNUMBER:{build}\n")
}
