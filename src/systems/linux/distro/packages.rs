//! Which version of a package a distribution ships, and how its programs name themselves when they are asked with
//! `--version`. The versions are those of the releases' package lists from memory, and count as inferred.

use super::{Distro, Vendor};

/// Versions on RHEL 7.9, RHEL 8.6, SLES 11 SP3, Photon 3, 1 and 2; empty where it is not known.
type Versions = [&'static str; 6];

/// A package, its versions, what its programs print first, and which programs these are. `{}` stands for the program's name,
/// `{v}` for the version.
type Row = (&'static str, Versions, &'static str, &'static str);

const PACKAGES: &[Row] = &[
    ("findutils", ["4.5.11", "4.6.0", "4.4.0", "4.6.0", "", ""], "{} (GNU findutils) {v}", "find xargs"),
    ("diffutils", ["3.3", "3.6", "2.8.7", "3.6", "", ""], "{} (GNU diffutils) {v}", "diff cmp diff3 sdiff"),
    ("grep", ["2.20", "3.1", "2.7", "3.1", "", ""], "grep (GNU grep) {v}", "grep egrep fgrep"),
    ("sed", ["4.2.2", "4.5", "4.1.5", "4.5", "", ""], "sed (GNU sed) {v}", "sed"),
    ("gawk", ["4.0.2", "4.2.1", "3.1.8", "4.2.1", "", ""], "GNU Awk {v}", "awk gawk"),
    ("tar", ["1.26", "1.30", "1.26", "1.30", "", ""], "tar (GNU tar) {v}", "tar gtar"),
    ("cpio", ["2.11", "2.12", "2.9", "2.12", "", ""], "cpio (GNU cpio) {v}", "cpio"),
    ("gzip", ["1.5", "1.9", "1.3.12", "1.9", "", ""], "{} {v}", "gzip"),
    ("gzip", ["1.5", "1.9", "1.3.12", "1.9", "", ""], "{} (gzip) {v}", "gunzip zcat zgrep zless"),
    ("xz", ["5.2.2", "5.2.4", "5.0.3", "5.2.4", "", ""], "xz (XZ Utils) {v}\nliblzma {v}", "xz unxz xzcat"),
    ("bc", ["1.06.95", "1.07.1", "1.06", "1.07.1", "", ""], "bc {v}", "bc"),
    ("acl", ["2.2.51", "2.2.53", "2.2.47", "2.2.53", "", ""], "{} {v}", "getfacl setfacl"),
    ("less", ["458", "530", "424", "530", "", ""], "less {v}", "less"),
    ("file", ["5.11", "5.33", "4.24", "5.34", "", ""], "file-{v}", "file"),
    ("which", ["2.20", "2.21", "2.20", "2.21", "", ""], "GNU which v{v}", "which"),
    ("hostname", ["3.13", "3.20", "", "", "", ""], "hostname {v}", "hostname"),
    (
        "util-linux",
        ["2.23.2", "2.32.1", "2.19.1", "2.32", "2.27.1", "2.29.2"],
        "{} from util-linux {v}",
        "blkdiscard blkid blockdev cal chfn chmem chrt chsh col column dmesg eject fallocate fdisk findmnt flock fsck fstrim getopt \
         hexdump hwclock ionice last lastb logger losetup lsblk lscpu lslocks lslogins lsns mkfs mkswap more mountpoint namei \
         nsenter prlimit rename renice runuser script setsid sfdisk swapoff swapon taskset unshare uuidgen wall whereis wipefs \
         write",
    ),
    (
        "util-linux",
        ["2.23.2", "2.32.1", "2.19.1", "2.32", "2.27.1", "2.29.2"],
        "{} from util-linux {v} (libmount {v}: selinux)",
        "mount umount",
    ),
    (
        "procps-ng",
        ["3.3.10", "3.3.15", "", "3.3.15", "3.3.11", "3.3.12"],
        "{} from procps-ng {v}",
        "free pgrep pkill pmap ps pwdx slabtop sysctl top uptime vmstat w watch",
    ),
    (
        "procps",
        ["", "", "3.2.7", "", "", ""],
        "procps version {v}",
        "free pgrep pkill pmap ps pwdx slabtop sysctl top uptime vmstat w watch",
    ),
    ("iproute2", ["4.11.0", "5.12.0", "2.6.29", "4.18.0", "4.2.0", "4.10.0"], "", ""),
    ("pam", ["1.1.8", "1.3.1", "1.1.5", "1.3.0", "1.2.1", "1.3.0"], "", ""),
    ("psmisc", ["22.20", "23.1", "22.7", "23.2", "", ""], "{} (PSmisc) {v}", "killall pstree fuser"),
    ("glibc", ["2.17", "2.28", "2.11.3", "2.28", "", ""], "{} (GNU libc) {v}", "getent iconv ldd locale localedef"),
    ("glibc", ["2.17", "2.28", "2.11.3", "2.28", "", ""], "ldconfig (GNU libc) {v}", "ldconfig"),
    ("kmod", ["20", "25", "", "25", "", ""], "kmod version {v}", "depmod insmod lsmod modinfo modprobe rmmod"),
    ("curl", ["7.29.0", "7.61.1", "7.19.7", "7.61.1", "", ""], "curl {v}", "curl"),
    ("wget", ["1.14", "1.19.5", "1.11.4", "1.19.5", "", ""], "GNU Wget {v}", "wget"),
    ("rpm", ["4.11.3", "4.14.3", "4.4.2.3", "4.14.2", "", ""], "RPM version {v}", "rpm"),
    ("sudo", ["1.8.23", "1.8.29", "1.7.6p2", "1.8.23", "", ""], "Sudo version {v}", "sudo"),
];

/// The programs of coreutils whose name is not that of a file beside it; all of them are asked alike.
const COREUTILS: &str = "arch b2sum base32 base64 basename cat chcon chgrp chmod chown chroot cksum comm cp csplit cut date dd df \
    dir dircolors dirname du env expand expr factor fmt fold groups head hostid id install join link ln logname ls md5sum mkdir \
    mkfifo mknod mktemp mv nice nl nohup nproc numfmt od paste pathchk pinky pr printenv ptx readlink realpath rm rmdir runcon \
    seq sha1sum sha224sum sha256sum sha384sum sha512sum shred shuf sleep sort split stat stdbuf stty sum sync tac tail tee \
    timeout touch tr truncate tsort tty uname unexpand uniq unlink users vdir wc who whoami yes";

const SYSTEMD: &str = "systemctl journalctl hostnamectl timedatectl loginctl localectl systemd-analyze systemd-cat systemd-cgls \
    systemd-run systemd-tmpfiles busctl udevadm coredumpctl systemd-detect-virt systemd-escape";

impl Distro {
    /// The version of a package.
    #[must_use]
    pub fn version_of(&self, package: &str) -> Option<&'static str> {
        let at = match (self.vendor, self.major) {
            (Vendor::RedHat, ..=7) => 0,
            (Vendor::RedHat, _) => 1,
            (Vendor::Suse, _) => 2,
            (Vendor::Photon, 3) => 3,
            (Vendor::Photon, 1) => 4,
            (Vendor::Photon, 2) => 5,
            _ => return None,
        };
        let row = PACKAGES.iter().find(|row| row.0 == package)?;
        Some(row.1[at]).filter(|version| !version.is_empty())
    }

    /// Whether a package is of this version or a newer one.
    #[must_use]
    pub fn has(&self, package: &str, least: (u16, u16, u16)) -> bool {
        let number = |part: &str| part.trim_end_matches(|end: char| !end.is_ascii_digit()).parse().unwrap_or(0);
        self.version_of(package).is_some_and(|version| {
            let mut parts = version.split('.').map(number);
            let mut next = || parts.next().unwrap_or(0);
            (next(), next(), next()) >= least
        })
    }

    /// What a program prints for `--version`, the lines that are known of it; nothing where its package is not known.
    #[must_use]
    pub fn banner_of(&self, program: &str) -> Option<String> {
        let is_in = |list: &str| list.split_ascii_whitespace().any(|name| name == program);
        if self.bash.is_empty() {
            return None;
        }
        if matches!(program, "bash" | "sh") {
            let (machine, system) = self.vendor.bash_machine();
            // What `/etc/profile` of SLES sets is without the end that bash itself has.
            let end = if system == "linux" { "-gnu" } else { "" };
            return Some(format!("GNU bash, version {} ({machine}{end})", self.bash));
        }
        if is_in(COREUTILS) {
            return Some(format!("{program} (GNU coreutils) {}", self.coreutils));
        }
        if is_in(SYSTEMD) {
            let version = self.systemd?;
            return Some(match (self.vendor, self.major) {
                (Vendor::RedHat, 8) => format!("systemd {version} ({version}-58.el8)\n{RHEL_8_FEATURES}"),
                (Vendor::RedHat, 7) => format!("systemd {version}\n{RHEL_7_FEATURES}"),
                _ => format!("systemd {version}"),
            });
        }
        let mut rows = PACKAGES.iter().filter(|row| is_in(row.3));
        rows.find_map(|(package, _, form, _)| {
            let version = self.version_of(package)?;
            Some(form.replace("{v}", version).replace("{}", program))
        })
    }
}

/// What systemd of RHEL was built with.
const RHEL_7_FEATURES: &str = "+PAM +AUDIT +SELINUX +IMA -APPARMOR +SMACK +SYSVINIT +UTMP +LIBCRYPTSETUP +GCRYPT +GNUTLS +ACL \
    +XZ +LZ4 -SECCOMP +BLKID +ELFUTILS +KMOD +IDN";
const RHEL_8_FEATURES: &str = "+PAM +AUDIT +SELINUX +IMA -APPARMOR +SMACK +SYSVINIT +UTMP +LIBCRYPTSETUP +GCRYPT +GNUTLS +ACL \
    +XZ +LZ4 +SECCOMP +BLKID +ELFUTILS +KMOD +IDN2 -IDN +PCRE2 default-hierarchy=legacy";

#[cfg(test)]
mod tests {
    use crate::systems::linux::distro::find;

    #[test]
    fn versions_are_compared_as_numbers() {
        let check = |id: &str, package: &str, least: (u16, u16, u16), expect: bool| {
            assert_eq!(find(id).expect("a distribution").has(package, least), expect, "{id} {package} {least:?}");
        };
        check("rhel-7.9", "procps-ng", (3, 3, 10), true);
        check("rhel-7.9", "procps-ng", (3, 3, 11), false);
        check("rhel-8.6", "util-linux", (2, 32, 1), true);
        check("photon-1", "util-linux", (2, 9, 0), true);
        check("sles-11.3", "procps-ng", (3, 3, 0), false);
        check("sles-11.3", "nosuch", (0, 0, 0), false);
    }

    #[test]
    fn programs_name_themselves() {
        let check = |id: &str, program: &str, expect: Option<&str>| {
            let banner = find(id).expect("a distribution").banner_of(program);
            assert_eq!(banner.as_deref().and_then(|banner| banner.lines().next()), expect, "{id} {program}");
        };
        check("rhel-8.6", "ls", Some("ls (GNU coreutils) 8.30"));
        check("rhel-7.9", "egrep", Some("grep (GNU grep) 2.20"));
        check("rhel-8.6", "bash", Some("GNU bash, version 4.4.20(1)-release (x86_64-redhat-linux-gnu)"));
        check("rhel-8.6", "systemctl", Some("systemd 239 (239-58.el8)"));
        check("rhel-8.6", "xz", Some("xz (XZ Utils) 5.2.4"));
        check("photon-1", "sed", None);
        check("photon-1", "ls", Some("ls (GNU coreutils) 8.25"));
        check("photon-1", "bash", Some("GNU bash, version 4.3.30(1)-release (x86_64-unknown-linux-gnu)"));
        check("sles-11.3", "systemctl", None);
        check("esxi-6.7", "ls", None);
        check("rhel-8.6", "nosuch", None);
    }
}
