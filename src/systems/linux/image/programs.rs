//! Which programs are installed where, by package: what `which`, `type`, completion and the search along `PATH` find. The
//! selection is a minimal installation with what the appliance adds; programs of one system (yum, gluster, service-control …)
//! come with that system. Paths are those before `/usr` was merged; [`Distro::program_path`] tells the real one. Sizes are
//! inferred.

use super::packages;
use crate::systems::linux::distro::{Distro, Vendor};

/// A set of distributions.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct On(u8);

pub(super) const R7: On = On(1);
pub(super) const R8: On = On(2);
pub(super) const S11: On = On(4);
const P: On = On(8);
const E: On = On(16);
pub(super) const RHEL: On = On(1 | 2);
pub(super) const SYSTEMD: On = On(1 | 2 | 8);
/// All with GNU's programs: not ESXi.
pub(super) const EVERYWHERE: On = On(15);
/// All but Photon, which comes with little.
pub(super) const LARGE: On = On(1 | 2 | 4);

/// RHEL 8 and Photon.
pub(super) const RECENT: On = On(2 | 8);
/// RHEL 7 and SLES 11.
pub(super) const OLD: On = On(1 | 4);
/// SLES and Photon.
pub(super) const OTHERS: On = On(4 | 8);
/// Those whose coreutils are 8.26 or later: RHEL 8 and, of Photon, 3.
pub(super) const COREUTILS_8_26: On = On(2 | 32);

impl On {
    fn has(self, distro: &Distro) -> bool {
        let bits = match (distro.vendor, distro.major) {
            (Vendor::RedHat, ..=7) => R7.0,
            (Vendor::RedHat, _) => R8.0,
            (Vendor::Suse, _) => S11.0,
            (Vendor::Photon, ..=2) => P.0,
            (Vendor::Photon, _) => P.0 | 32,
            (Vendor::Esxi, _) => E.0,
        };
        self.0 & bits != 0
    }
}

/// An installed program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Program {
    /// Its directory, as the distribution has it.
    pub dir: String,
    /// Its name.
    pub name: &'static str,
    /// Its size in bytes.
    pub size: u64,
    /// Permission bits: suid where the program changes its user.
    pub mode: u16,
}

/// Another name of a program, a symbolic link beside it or to its path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alias {
    /// The directory of the link.
    pub dir: String,
    /// The name of the link.
    pub name: &'static str,
    /// What it names.
    pub target: &'static str,
}

/// Directory, KiB of each, names: programs of one package or kind.
type Row = (On, &'static str, u64, &'static str);

const PROGRAMS: &[Row] = &[
    (EVERYWHERE, "/bin", 940, "bash"),
    (RHEL, "/usr/bin", 1, "alias bg cd command fc fg getopts hash jobs read type ulimit umask unalias wait"),
    (
        EVERYWHERE,
        "/bin",
        64,
        "basename cat chgrp chmod chown cp date dd df dir vdir echo false ln ls mkdir mknod mktemp mv pwd rm rmdir sleep sort stat \
         stty sync touch true uname",
    ),
    (
        EVERYWHERE,
        "/usr/bin",
        40,
        "[ arch base64 chroot cksum comm csplit cut dircolors dirname du env expand expr factor fmt fold groups head hostid id \
         install join link logname md5sum mkfifo nice nl nohup nproc od paste pathchk pinky pr printenv printf readlink seq \
         sha1sum sha224sum sha256sum sha384sum sha512sum shred shuf split sum tac tail tee test timeout tr truncate tsort \
         tty unexpand uniq unlink users wc who whoami yes",
    ),
    (SYSTEMD, "/usr/bin", 60, "realpath numfmt"),
    (EVERYWHERE, "/bin", 160, "grep sed gawk"),
    (SYSTEMD, "/bin", 1, "egrep fgrep"),
    (S11, "/bin", 160, "egrep fgrep"),
    (EVERYWHERE, "/usr/bin", 200, "find xargs diff cmp diff3 sdiff"),
    (EVERYWHERE, "/usr/bin", 12, "chattr lsattr"),
    (EVERYWHERE, "/bin", 340, "tar gzip"),
    (EVERYWHERE, "/bin", 2, "zcat gunzip"),
    (EVERYWHERE, "/usr/bin", 40, "bzip2 xz"),
    (EVERYWHERE, "/usr/bin", 2, "zgrep zless"),
    (EVERYWHERE, "/usr/bin", 150, "less which file lsof"),
    (EVERYWHERE, "/bin", 40, "more dmesg login hostname"),
    (EVERYWHERE, "/bin", 44, "kill ps"),
    (EVERYWHERE, "/usr/bin", 40, "free pgrep pkill pmap top uptime vmstat w watch"),
    (EVERYWHERE, "/sbin", 20, "sysctl pidof"),
    (LARGE, "/usr/bin", 30, "killall pstree"),
    (RHEL, "/sbin", 35, "fuser"),
    (S11, "/bin", 35, "fuser"),
    (
        EVERYWHERE,
        "/usr/bin",
        30,
        "cal column getopt hexdump last lastb lastlog logger look lscpu mesg rename rev script wall whereis write",
    ),
    (SYSTEMD, "/usr/bin", 60, "lsblk findmnt flock setsid taskset"),
    (S11, "/bin", 60, "lsblk findmnt"),
    (EVERYWHERE, "/usr/bin", 30, "clear reset tput"),
    (EVERYWHERE, "/sbin", 50, "hwclock"),
    (RHEL, "/usr/bin", 30, "time"),
    (EVERYWHERE, "/sbin", 60, "blkid fdisk fsck losetup mkfs mkswap swapoff swapon"),
    (EVERYWHERE, "/sbin", 300, "lvm"),
    (EVERYWHERE, "/sbin", 80, "dmsetup e2fsck resize2fs tune2fs"),
    (RHEL, "/sbin", 400, "xfs_repair xfs_growfs"),
    (EVERYWHERE, "/sbin", 400, "ip"),
    (EVERYWHERE, "/usr/sbin", 120, "ss tcpdump"),
    (On(4 | 8), "/sbin", 80, "ifconfig route arp"),
    (On(4 | 8), "/bin", 120, "netstat"),
    (SYSTEMD, "/usr/bin", 60, "tracepath"),
    (On(4 | 8), "/usr/bin", 60, "tracepath6"),
    (EVERYWHERE, "/usr/sbin", 60, "traceroute"),
    (EVERYWHERE, "/usr/bin", 150, "curl dig nslookup host"),
    (On(4 | 8), "/usr/bin", 380, "wget"),
    (EVERYWHERE, "/usr/bin", 600, "ssh scp sftp ssh-keygen ssh-copy-id ssh-agent ssh-add rsync"),
    (EVERYWHERE, "/usr/sbin", 800, "sshd"),
    (EVERYWHERE, "/usr/bin", 550, "openssl"),
    (EVERYWHERE, "/usr/sbin", 100, "useradd usermod userdel groupadd groupmod groupdel chpasswd vipw visudo"),
    (EVERYWHERE, "/usr/bin", 30, "getent locale iconv ldd strings"),
    (LARGE, "/usr/bin", 230, "bc"),
    (OLD, "/usr/bin", 480, "screen"),
    (R8, "/usr/bin", 690, "tmux"),
    (RHEL, "/usr/bin", 110, "man"),
    (RHEL, "/usr/bin", 1200, "vim"),
    (LARGE, "/usr/bin", 19, "xxd"),
    (On(4 | 8), "/usr/bin", 1900, "vim"),
    (RHEL, "/bin", 900, "vi ex view"),
    (EVERYWHERE, "/bin", 25, "rpm"),
    (On(1 | 4 | 8), "/usr/bin", 15, "python"),
    (SYSTEMD, "/usr/bin", 400, "systemctl journalctl hostnamectl timedatectl loginctl localectl"),
    (SYSTEMD, "/usr/bin", 1400, "systemd-analyze systemd-cat systemd-cgls systemd-run systemd-tmpfiles busctl"),
    (SYSTEMD, "/usr/lib/systemd", 1600, "systemd"),
    (S11, "/sbin", 40, "init halt shutdown runlevel killproc startproc checkproc rcsyslog"),
    (LARGE, "/sbin", 40, "chkconfig"),
    (EVERYWHERE, "/sbin", 40, "service"),
    (RHEL, "/usr/bin", 700, "nmcli firewall-cmd"),
    (RHEL, "/usr/sbin", 30, "getenforce setenforce sestatus restorecon semanage getsebool setsebool faillock"),
    (RHEL, "/usr/bin", 30, "chcon runcon"),
    (RHEL, "/usr/bin", 100, "chronyc"),
    (On(4 | 8), "/usr/sbin", 200, "ntpq ntpdate"),
    (On(4 | 8), "/usr/sbin", 40, "snmpd"),
    (EVERYWHERE, "/sbin", 100, "iptables iptables-save modprobe lsmod rmmod insmod depmod ethtool"),
    (EVERYWHERE, "/sbin", 5, "nologin"),
    (RHEL, "/usr/bin", 100, "nc"),
    (S11, "/usr/bin", 30, "netcat"),
    (P, "/usr/bin", 200, "tdnf"),
    (S11, "/usr/bin", 4000, "zypper"),
    (E, "/bin", 780, "busybox"),
    (
        E,
        "/bin",
        60,
        "df dmesg esxcli esxtop kill loadESXEnable lsof nc openssl passwd ping ping6 ps python scp ssh ssh-keygen traceroute \
         vim-cmd vmkping vmware vm-support vsish",
    ),
    (
        E,
        "/sbin",
        60,
        "chkconfig dcui esxcfg-advcfg esxcfg-dumppart esxcfg-hostd esxcfg-info esxcfg-init esxcfg-module esxcfg-mpath \
         esxcfg-nas esxcfg-nics esxcfg-rescan esxcfg-route esxcfg-scsidevs esxcfg-vmknic esxcfg-volume esxcfg-vswitch lspci \
         localcli partedUtil pktcap-uw poweroff reboot services.sh tcpdump-uw vdf vmkfstools vmkvsitools",
    ),
    (
        E,
        "/etc/init.d",
        4,
        "DCUI ESXShell SSH hostd lbtd ntpd rhttpproxy sensord sfcbd-watchdog snmpd storageRM vobd vpxa vprobed wsman",
    ),
    (E, "/sbin", 4, "auto-backup.sh backup.sh firmwareConfig.py generate-certificates"),
];

/// Programs that run as their owner, root.
const SUID: &[Row] = &[
    (EVERYWHERE, "/bin", 44, "mount umount su"),
    (EVERYWHERE, "/bin", 60, "ping"),
    (OTHERS, "/bin", 60, "ping6"),
    (EVERYWHERE, "/usr/bin", 70, "crontab passwd chage chsh chfn gpasswd newgrp sudo"),
    (OTHERS, "/sbin", 18, "pam_tally2"),
];

const ALIASES: &[(On, &str, &str, &str)] = &[
    (EVERYWHERE, "/bin", "sh", "bash"),
    (EVERYWHERE, "/bin", "awk", "gawk"),
    (OTHERS, "/bin", "vi", "/usr/bin/vim"),
    (SYSTEMD, "/sbin", "reboot", "../bin/systemctl"),
    (SYSTEMD, "/sbin", "poweroff", "../bin/systemctl"),
    (SYSTEMD, "/sbin", "halt", "../bin/systemctl"),
    (SYSTEMD, "/sbin", "shutdown", "../bin/systemctl"),
    (SYSTEMD, "/sbin", "runlevel", "../bin/systemctl"),
    (SYSTEMD, "/sbin", "init", "../lib/systemd/systemd"),
    (S11, "/sbin", "reboot", "halt"),
    (S11, "/sbin", "poweroff", "halt"),
    (S11, "/sbin", "telinit", "init"),
    (S11, "/usr/bin", "awk", "/bin/gawk"),
    (S11, "/usr/bin", "sort", "/bin/sort"),
    (R8, "/usr/bin", "netcat", "nc"),
    (RHEL, "/usr/bin", "bunzip2", "bzip2"),
    (EVERYWHERE, "/sbin", "lvs", "lvm"),
    (EVERYWHERE, "/sbin", "vgs", "lvm"),
    (EVERYWHERE, "/sbin", "pvs", "lvm"),
    (EVERYWHERE, "/sbin", "lvdisplay", "lvm"),
    (EVERYWHERE, "/sbin", "vgdisplay", "lvm"),
    (EVERYWHERE, "/sbin", "pvdisplay", "lvm"),
];

/// The programs of a distribution, by package.
pub fn programs(distro: &Distro) -> impl Iterator<Item = Program> {
    let rows = PROGRAMS.iter().map(|row| (row, 0o755)).chain(SUID.iter().map(|row| (row, 0o4755)));
    rows.filter(|((on, ..), _)| on.has(distro)).flat_map(move |(&(_, dir, kib, names), mode)| {
        let dir = real_dir(distro, dir);
        let size = move |name: &str| (kib << 10) + name.bytes().map(u64::from).sum::<u64>() * 8 % 4096;
        let program = move |name| Program { dir: dir.clone(), name, size: size(name), mode };
        names.split_ascii_whitespace().map(program)
    })
}

/// The programs of whole packages, of which [`programs`] has none.
pub fn others(distro: &Distro) -> impl Iterator<Item = Program> {
    let rows = packages::PACKAGES.iter().filter(|(on, ..)| on.has(distro));
    rows.flat_map(|row| row.3.split_ascii_whitespace().map(move |name| (row.2, name))).map(move |(dir, name)| Program {
        dir: real_dir(distro, dir),
        name,
        size: 40 << 10,
        mode: 0o755,
    })
}

/// The links among the programs of a distribution.
pub fn aliases(distro: &Distro) -> impl Iterator<Item = Alias> {
    let rows = ALIASES.iter().filter(|(on, ..)| on.has(distro));
    let rows = rows.map(|&(_, dir, name, target)| Alias { dir: real_dir(distro, dir), name, target });
    let applets = if E.has(distro) { super::esxi::APPLETS } else { "" };
    let link = |name| Alias { dir: "/bin".to_owned(), name, target: "busybox" };
    rows.chain(applets.split_ascii_whitespace().map(link))
}

fn real_dir(distro: &Distro, dir: &str) -> String {
    let path = distro.program_path(&format!("{dir}/"));
    path.trim_end_matches('/').to_owned()
}
