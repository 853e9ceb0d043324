//! The tree around the programs: directories, devices, files that the model makes when they are read, and the few texts
//! that an installation leaves. The texts are our own; only their keys and values are the distribution's.

use super::{esxi, folders};
use crate::sim::Instant;
use crate::systems::linux::clock::{self, Zone};
use crate::systems::linux::distro::{Distro, Vendor, Volume, vcsa};

/// Path and permission bits of each directory, parents first. Those of mount points come with the mount.
const DIRECTORIES: &[(&str, u16)] = &[
    ("/boot", 0o755),
    ("/dev", 0o755),
    ("/etc", 0o755),
    ("/etc/cron.d", 0o755),
    ("/etc/default", 0o755),
    ("/etc/pam.d", 0o755),
    ("/etc/pki", 0o755),
    ("/etc/profile.d", 0o755),
    ("/etc/skel", 0o755),
    ("/etc/ssh", 0o755),
    ("/etc/ssl", 0o755),
    ("/etc/sysconfig", 0o755),
    ("/home", 0o755),
    ("/media", 0o755),
    ("/mnt", 0o755),
    ("/opt", 0o755),
    ("/proc", 0o555),
    ("/root", 0o550),
    ("/run", 0o755),
    ("/srv", 0o755),
    ("/sys", 0o555),
    ("/tmp", 0o1777),
    ("/usr", 0o755),
    ("/usr/bin", 0o755),
    ("/usr/include", 0o755),
    ("/usr/lib", 0o755),
    ("/usr/lib64", 0o755),
    ("/usr/libexec", 0o755),
    ("/usr/local", 0o755),
    ("/usr/local/bin", 0o755),
    ("/usr/local/sbin", 0o755),
    ("/usr/sbin", 0o755),
    ("/usr/share", 0o755),
    ("/usr/share/zoneinfo", 0o755),
    ("/usr/src", 0o755),
    ("/var", 0o755),
    ("/var/cache", 0o755),
    ("/var/lib", 0o755),
    ("/var/log", 0o755),
    ("/var/opt", 0o755),
    ("/var/spool", 0o755),
    ("/var/spool/cron", 0o700),
    ("/var/spool/mail", 0o775),
    ("/var/tmp", 0o1777),
];

/// The directories, parents first.
pub(super) fn directories(distro: &Distro) -> impl Iterator<Item = &'static (&'static str, u16)> + use<> {
    let common = if distro.vendor == Vendor::Esxi { &[] } else { DIRECTORIES };
    common.iter().chain(more_directories(distro))
}

/// What the package `filesystem` of RHEL lets not even root's group write into.
pub(super) fn read_only_directories(distro: &Distro) -> &'static [&'static str] {
    match distro.vendor {
        Vendor::RedHat => &["/", "/boot", "/usr/bin", "/usr/lib", "/usr/lib64", "/usr/sbin"],
        Vendor::Suse | Vendor::Photon | Vendor::Esxi => &[],
    }
}

/// The logs of logins, which belong to a group of their own.
pub const LOGIN_RECORDS: [&str; 3] = ["/var/log/wtmp", "/var/log/lastlog", "/var/log/btmp"];

/// Directories that only some have.
fn more_directories(distro: &Distro) -> &'static [(&'static str, u16)] {
    match distro.vendor {
        Vendor::RedHat => &[
            ("/usr/lib/systemd", 0o755),
            ("/usr/lib/systemd/system", 0o755),
            ("/etc/systemd", 0o755),
            ("/etc/systemd/system", 0o755),
            ("/etc/yum.repos.d", 0o755),
            ("/etc/selinux", 0o755),
            ("/etc/sysconfig/network-scripts", 0o755),
            ("/etc/pki/tls", 0o755),
            ("/etc/pki/tls/certs", 0o755),
            ("/var/log/audit", 0o700),
            ("/var/spool/anacron", 0o755),
        ],
        Vendor::Suse => &[
            ("/bin", 0o755),
            ("/sbin", 0o755),
            ("/lib", 0o755),
            ("/lib64", 0o755),
            ("/etc/init.d", 0o755),
            ("/etc/init.d/rc3.d", 0o755),
            ("/etc/init.d/rc5.d", 0o755),
            ("/etc/sysconfig/network", 0o755),
            ("/etc/ssl/certs", 0o755),
            ("/var/run", 0o755),
            ("/var/lock", 0o755),
            ("/storage", 0o755),
        ],
        Vendor::Photon => &[
            ("/usr/lib/systemd", 0o755),
            ("/usr/lib/systemd/system", 0o755),
            ("/etc/systemd", 0o755),
            ("/etc/systemd/system", 0o755),
            ("/etc/systemd/network", 0o755),
            ("/etc/ssl/certs", 0o755),
            ("/var/log/journal", 0o2755),
            ("/storage", 0o755),
        ],
        Vendor::Esxi => esxi::DIRECTORIES,
    }
}

/// Links of the tree.
pub(super) fn links(distro: &Distro) -> impl Iterator<Item = &'static (&'static str, &'static str)> + use<> {
    let kernel = if distro.vendor == Vendor::Esxi { &[] } else { KERNEL_LINKS };
    kernel.iter().chain(more_links(distro))
}

/// Links of the tree itself.
fn more_links(distro: &Distro) -> &'static [(&'static str, &'static str)] {
    match distro.vendor {
        Vendor::RedHat => &[
            ("/bin", "usr/bin"),
            ("/sbin", "usr/sbin"),
            ("/lib", "usr/lib"),
            ("/lib64", "usr/lib64"),
            ("/var/run", "../run"),
            ("/var/lock", "../run/lock"),
            ("/var/mail", "spool/mail"),
            ("/etc/mtab", "../proc/self/mounts"),
            ("/etc/os-release", "../usr/lib/os-release"),
            ("/etc/system-release", "redhat-release"),
            ("/etc/rc.local", "rc.d/rc.local"),
            ("/etc/localtime", "../usr/share/zoneinfo/UTC"),
        ],
        Vendor::Suse => &[("/var/mail", "spool/mail"), ("/etc/rc.d", "init.d")],
        Vendor::Photon => &[
            ("/bin", "usr/bin"),
            ("/sbin", "usr/sbin"),
            ("/lib", "usr/lib"),
            ("/lib64", "usr/lib64"),
            ("/var/run", "../run"),
            ("/var/lock", "../run/lock"),
            ("/var/mail", "spool/mail"),
            ("/etc/mtab", "../proc/self/mounts"),
            ("/etc/localtime", "../usr/share/zoneinfo/UTC"),
        ],
        Vendor::Esxi => esxi::LINKS,
    }
}

/// A file that the model makes when it is read.
#[derive(Debug)]
pub struct Made {
    /// Where it lies.
    pub path: &'static str,
    /// From what it is made: the name in [`crate::systems::linux::fs::Content::Made`].
    pub from: &'static str,
    /// Permission bits.
    pub mode: u16,
}

const fn made(path: &'static str, from: &'static str, mode: u16) -> Made {
    Made { path, from, mode }
}

/// What the model makes on every machine.
pub const MADE: &[Made] = &[
    made("/etc/hosts", "linux/hosts", 0o644),
    made("/etc/resolv.conf", "linux/resolv.conf", 0o644),
    made("/etc/passwd", "linux/passwd", 0o644),
    made("/etc/group", "linux/group", 0o644),
    made("/etc/shadow", "linux/shadow", 0o000),
    made("/var/log/messages", "linux/log/messages", 0o600),
    made("/var/log/wtmp", "linux/log/wtmp", 0o664),
    made("/var/log/lastlog", "linux/log/lastlog", 0o644),
    made("/var/log/btmp", "linux/log/btmp", 0o600),
    made("/proc/cmdline", "linux/proc/cmdline", 0o444),
    made("/proc/cpuinfo", "linux/proc/cpuinfo", 0o444),
    made("/proc/filesystems", "linux/proc/filesystems", 0o444),
    made("/proc/loadavg", "linux/proc/loadavg", 0o444),
    made("/proc/meminfo", "linux/proc/meminfo", 0o444),
    made("/proc/modules", "linux/proc/modules", 0o444),
    made("/proc/stat", "linux/proc/stat", 0o444),
    made("/proc/partitions", "linux/proc/partitions", 0o444),
    made("/proc/swaps", "linux/proc/swaps", 0o444),
    made("/proc/uptime", "linux/proc/uptime", 0o444),
    made("/proc/version", "linux/proc/version", 0o444),
    made("/proc/1/mounts", "linux/proc/1/mounts", 0o444),
    made("/proc/net/dev", "linux/proc/net/dev", 0o444),
    made("/proc/sys/kernel/hostname", "linux/proc/sys/kernel/hostname", 0o644),
    made("/proc/sys/kernel/osrelease", "linux/proc/sys/kernel/osrelease", 0o444),
    made("/proc/sys/net/ipv4/ip_forward", "linux/proc/sys/net/ipv4/ip_forward", 0o644),
    made("/proc/sys/vm/swappiness", "linux/proc/sys/vm/swappiness", 0o644),
];

/// What the model makes on this one.
pub fn made_on(distro: &Distro) -> impl Iterator<Item = &'static Made> + use<> {
    let kernel = distro.vendor != Vendor::Esxi;
    let common = MADE.iter().filter(move |made| kernel || made.path.starts_with("/etc/"));
    common.chain(more_made(distro))
}

fn more_made(distro: &Distro) -> &'static [Made] {
    match distro.vendor {
        Vendor::RedHat => MADE_ON_RHEL,
        Vendor::Suse => MADE_ON_SLES,
        Vendor::Photon => MADE_ON_PHOTON,
        Vendor::Esxi => esxi::MADE,
    }
}

const MADE_ON_RHEL: &[Made] = &[
    made("/etc/hostname", "linux/hostname", 0o644),
    made("/etc/gshadow", "linux/gshadow", 0o000),
    made("/etc/machine-id", "linux/machine-id", 0o444),
    made("/var/log/secure", "linux/log/secure", 0o600),
    made("/var/log/cron", "linux/log/cron", 0o600),
    made("/var/spool/anacron/cron.daily", "linux/anacron/daily", 0o600),
    made("/var/spool/anacron/cron.weekly", "linux/anacron/weekly", 0o600),
    made("/var/spool/anacron/cron.monthly", "linux/anacron/monthly", 0o600),
    made("/etc/selinux/config", "linux/selinux", 0o644),
    made("/etc/sysconfig/network-scripts/ifcfg-ens192", "linux/ifcfg", 0o644),
];

const MADE_ON_SLES: &[Made] = &[
    made("/etc/HOSTNAME", "linux/hostname", 0o644),
    // A file of its own, and no link.
    made("/etc/localtime", "linux/localtime", 0o644),
    made("/etc/mtab", "linux/proc/mounts", 0o644),
    made("/etc/sysconfig/clock", "linux/sles/clock", 0o644),
    made("/etc/sysconfig/network/ifcfg-eth0", "linux/sles/ifcfg", 0o644),
    made("/etc/sysconfig/network/routes", "linux/sles/routes", 0o644),
];

const MADE_ON_PHOTON: &[Made] = &[
    made("/etc/hostname", "linux/hostname", 0o644),
    made("/etc/machine-id", "linux/machine-id", 0o444),
    made("/etc/systemd/network/10-eth0.network", "linux/photon/network", 0o644),
];

/// Directories on what is mounted.
pub(super) fn mounted_directories(distro: &Distro) -> &'static [&'static str] {
    if distro.vendor == Vendor::Esxi { esxi::MOUNTED_DIRECTORIES } else { KERNEL_DIRECTORIES }
}

/// Directories of `/proc`, `/sys` and `/dev`.
const KERNEL_DIRECTORIES: &[&str] = &[
    "/proc/1",
    "/proc/net",
    "/proc/sys",
    "/proc/sys/kernel",
    "/proc/sys/net",
    "/proc/sys/net/ipv4",
    "/proc/sys/vm",
    "/sys/block",
    "/sys/class",
    "/sys/class/net",
    "/dev/mapper",
];

/// Name, major, minor and permission bits of the character devices.
pub(super) const CHARACTER_DEVICES: &[(&str, u32, u32, u16)] = &[
    ("console", 5, 1, 0o600),
    ("full", 1, 7, 0o666),
    ("kmsg", 1, 11, 0o644),
    ("null", 1, 3, 0o666),
    ("ptmx", 5, 2, 0o666),
    ("random", 1, 8, 0o666),
    ("tty", 5, 0, 0o666),
    ("tty0", 4, 0, 0o620),
    ("tty1", 4, 1, 0o620),
    ("urandom", 1, 9, 0o666),
    ("zero", 1, 5, 0o666),
];

/// Links of `/dev` and `/proc`.
const KERNEL_LINKS: &[(&str, &str)] = &[
    ("/dev/fd", "/proc/self/fd"),
    ("/dev/stdin", "/proc/self/fd/0"),
    ("/dev/stdout", "/proc/self/fd/1"),
    ("/dev/stderr", "/proc/self/fd/2"),
    ("/dev/cdrom", "sr0"),
    ("/proc/mounts", "self/mounts"),
    // Of whoever looks; until somebody does, of the first process.
    ("/proc/self", "1"),
];

/// Login shells as the distribution's own packages list them (inferred).
#[must_use]
pub fn shells(vendor: Vendor) -> &'static str {
    match vendor {
        Vendor::RedHat => "/bin/sh\n/bin/bash\n/usr/bin/sh\n/usr/bin/bash\n",
        Vendor::Suse => {
            "/bin/ash\n/bin/bash\n/bin/bash1\n/bin/csh\n/bin/false\n/bin/ksh\n/bin/sh\n/bin/tcsh\n/bin/true\n/bin/zsh\n\
             /usr/bin/csh\n/usr/bin/ksh\n/usr/bin/passwd\n/usr/bin/bash\n/usr/bin/tcsh\n/usr/bin/zsh\n"
        }
        Vendor::Photon | Vendor::Esxi => "/bin/sh\n/bin/bash\n",
    }
}

/// Texts of an installation: path, bits, text.
pub(super) fn texts(distro: &Distro, machine: &str, now: Instant) -> Vec<(&'static str, u16, String)> {
    if distro.vendor == Vendor::Esxi {
        return esxi::texts(distro);
    }
    let aliases = match distro.vendor {
        Vendor::RedHat => "alias rm='rm -i'\nalias cp='cp -i'\nalias mv='mv -i'\n",
        Vendor::Suse | Vendor::Photon | Vendor::Esxi => "",
    };
    let rc = match distro.vendor {
        Vendor::RedHat => "/etc/bashrc",
        Vendor::Suse | Vendor::Photon | Vendor::Esxi => "/etc/bash.bashrc",
    };
    let source = format!("[ -f {rc} ] && . {rc}\n");
    let mut texts = vec![
        ("/etc/profile", 0o644, profile(distro, rc)),
        (rc, 0o644, bashrc(distro)),
        ("/etc/fstab", 0o644, fstab(distro, machine, now)),
        ("/etc/shells", 0o644, shells(distro.vendor).to_owned()),
        ("/etc/nsswitch.conf", 0o644, "passwd: files\nshadow: files\ngroup: files\nhosts: files dns\n".to_owned()),
        ("/etc/host.conf", 0o644, "multi on\n".to_owned()),
        ("/etc/issue", 0o644, format!("{}\nKernel \\r on an \\m\n\n", distro.pretty)),
        ("/root/.bash_profile", 0o644, "[ -f ~/.bashrc ] && . ~/.bashrc\n".to_owned()),
        ("/root/.bashrc", 0o644, format!("{aliases}{source}")),
        ("/etc/skel/.bash_profile", 0o644, "[ -f ~/.bashrc ] && . ~/.bashrc\n".to_owned()),
        ("/etc/skel/.bashrc", 0o644, source),
    ];
    texts.extend(distro.profile_d().into_iter().map(|(path, text)| (path, 0o644, text.to_owned())));
    if distro.vendor == Vendor::RedHat {
        texts.extend([
            ("/root/.bash_logout", 0o644, "# What a login shell does at its end.\n".to_owned()),
            ("/etc/skel/.bash_logout", 0o644, "# What a login shell does at its end.\n".to_owned()),
            ("/root/.cshrc", 0o644, "alias rm 'rm -i'\nalias cp 'cp -i'\nalias mv 'mv -i'\n".to_owned()),
            ("/root/.tcshrc", 0o644, "alias rm 'rm -i'\nalias cp 'cp -i'\nalias mv 'mv -i'\n".to_owned()),
            ("/root/anaconda-ks.cfg", 0o600, kickstart(distro)),
        ]);
    }
    if distro.vendor == Vendor::Suse {
        texts.push(("/etc/inittab", 0o644, folders::inittab()));
    }
    texts.extend(distro.release_files().map(|(path, text)| (path, 0o644, text)));
    texts
}

/// What every login shell reads, as a script that sets what the distribution's own sets.
fn profile(distro: &Distro, rc: &str) -> String {
    let Distro { root_path, user_path, umask, user_umask, .. } = distro;
    let history = match distro.vendor {
        Vendor::RedHat => "HISTCONTROL=ignoredups\nexport HISTCONTROL HOSTNAME\n",
        Vendor::Photon => "export HISTIGNORE='&:[bf]g:exit'\n",
        Vendor::Suse | Vendor::Esxi => "",
    };
    format!(
        "# Environment of login shells.\nif [ $EUID -eq 0 ]; then\n    PATH={root_path}\n    umask {umask:03o}\nelse\n    \
         PATH={user_path}\n    umask {user_umask:03o}\nfi\nHISTSIZE=1000\nexport PATH HISTSIZE\n{history}[ -f {rc} ] && . {rc}\n"
    )
}

/// What every interactive shell reads.
fn bashrc(distro: &Distro) -> String {
    let Distro { root_prompt, user_prompt, .. } = distro;
    let more = match distro.vendor {
        Vendor::RedHat => {
            "shopt -s histappend\nshopt -s checkwinsize\nfor i in /etc/profile.d/*.sh; do\n    [ -r $i ] && . $i\ndone\nunset i\n"
        }
        Vendor::Suse => vcsa::SUSE_ALIASES,
        Vendor::Photon | Vendor::Esxi => "alias ls='ls --color=auto'\nalias grep='grep --color=auto'\n",
    };
    format!(
        "# Settings of interactive shells.\nif [ $EUID -eq 0 ]; then\n    PS1='{root_prompt}'\nelse\n    \
         PS1='{user_prompt}'\nfi\n{more}"
    )
}

/// How the installer was answered.
fn kickstart(distro: &Distro) -> String {
    let part = |volume: &Volume| format!("# {} {} {} KiB\n", volume.dir, volume.fstype, volume.size);
    let parts: String = distro.volumes.iter().filter(|volume| volume.is_on_disk()).map(part).collect();
    format!("# {}\nlang en_US.UTF-8\nkeyboard us\ntimezone UTC --isUtc\nautopart --type=lvm\n{parts}", distro.pretty)
}

/// The file systems that are mounted at boot; of Red Hat as its installer writes them.
fn fstab(distro: &Distro, machine: &str, now: Instant) -> String {
    if distro.vendor == Vendor::RedHat {
        return anaconda_fstab(distro, machine, now);
    }
    let on_disk = distro.volumes.iter().filter(|volume| volume.is_on_disk());
    let line = |volume: &Volume| {
        let pass = pass(volume);
        format!("{} {} {} defaults {pass}\n", volume.device, volume.dir, volume.fstype)
    };
    let swap = format!("{} swap swap defaults 0 0\n", distro.swap.0);
    on_disk.map(line).chain([swap]).collect()
}

/// Whether `dump` wants it, and when `fsck` comes to it.
fn pass(volume: &Volume) -> &'static str {
    match (volume.fstype, volume.dir) {
        ("xfs", _) => "0 0",
        (_, "/") => "1 1",
        _ => "1 2",
    }
}

const CREATED: &str = "# Created by anaconda on ";

/// When the installer wrote it, as a line of `/etc/fstab`.
fn created(at: Instant) -> String {
    format!("{CREATED}{}", clock::format("%a %b %e %H:%M:%S %Y", at.utc().unix_timestamp(), 0, &Zone::utc()))
}

/// `/etc/fstab` of a machine that was installed at another time.
#[must_use]
pub fn dated(fstab: &str, at: Instant) -> String {
    let line = |line: &str| if line.starts_with(CREATED) { created(at) } else { line.to_owned() };
    fstab.lines().map(|own| line(own) + "\n").collect()
}

fn anaconda_fstab(distro: &Distro, machine: &str, now: Instant) -> String {
    const HINT: &str = "See man pages fstab(5), findfs(8), mount(8) and/or blkid(8) for more info";
    let new = distro.major >= 8;
    let (slash, stop, swap) = if new { ("/", ".", "none") } else { ("", "", "swap") };
    let units = "# After editing this file, run 'systemctl daemon-reload' to update systemd\n# units generated from this file.\n#\n";
    let created = created(now);
    let mut text = format!(
        "\n#\n# /etc/fstab\n{created}\n#\n# Accessible filesystems, by reference, are maintained under \
         '/dev/disk{slash}'{stop}\n# {HINT}{stop}\n#\n{}",
        if new { units } else { "" }
    );
    let mut line = |device: &str, dir: &str, fstype: &str, pass: &str| {
        text.push_str(&format!("{device:23} {dir:23} {fstype:7} {:15} {pass}\n", "defaults"));
    };
    for volume in distro.volumes.iter().filter(|volume| volume.is_on_disk()) {
        // What is no logical volume goes by its number.
        let uuid = format!("UUID={}", super::uuid::of(machine, volume.device, false));
        let device = if volume.device.starts_with("/dev/mapper/") { volume.device } else { uuid.as_str() };
        line(device, volume.dir, volume.fstype, pass(volume));
    }
    line(distro.swap.0, swap, "swap", "0 0");
    text
}

/// SELinux types: what lies in one of these directories has its type, unless it is named itself.
pub const LABELS: &[(&str, &str)] = &[
    ("/", "root_t"),
    ("/boot", "boot_t"),
    ("/dev", "device_t"),
    ("/etc", "etc_t"),
    ("/home", "home_root_t"),
    ("/media", "mnt_t"),
    ("/mnt", "mnt_t"),
    ("/opt", "usr_t"),
    ("/proc", "proc_t"),
    ("/root", "admin_home_t"),
    ("/run", "var_run_t"),
    ("/srv", "var_t"),
    ("/sys", "sysfs_t"),
    ("/tmp", "tmp_t"),
    ("/usr", "usr_t"),
    ("/usr/bin", "bin_t"),
    ("/usr/sbin", "bin_t"),
    ("/usr/lib", "lib_t"),
    ("/usr/lib64", "lib_t"),
    ("/usr/libexec", "bin_t"),
    ("/usr/local/bin", "bin_t"),
    ("/usr/local/sbin", "bin_t"),
    ("/usr/share/zoneinfo", "locale_t"),
    ("/etc/localtime", "locale_t"),
    ("/var", "var_t"),
    ("/var/cache", "var_t"),
    ("/var/lib", "var_lib_t"),
    ("/var/log", "var_log_t"),
    ("/var/spool", "var_spool_t"),
    ("/var/tmp", "tmp_t"),
    ("/etc/pki", "cert_t"),
    ("/etc/passwd", "passwd_file_t"),
    ("/etc/group", "passwd_file_t"),
    ("/etc/shadow", "shadow_t"),
    ("/etc/gshadow", "shadow_t"),
    ("/etc/hosts", "net_conf_t"),
    ("/etc/resolv.conf", "net_conf_t"),
    ("/etc/hostname", "hostname_etc_t"),
];
