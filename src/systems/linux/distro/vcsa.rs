//! What lies under the vCenter appliances: SLES 11 SP3 (6.0) and Photon OS (6.5 and later), with the appliance's disks. The
//! disks of 6.5 are those of a captured `df -h` (tiny). Which disks 6.7, 7.0 and 8.0 have more, and that the system of 7.0
//! is on a volume of LVM, is from memory; their sizes follow from those of the virtual disks, and are inferred.

use std::borrow::Cow;

use super::{Distro, Kernel, Quotes, Vendor, Volume, kernel, volume};

/// The aliases of `/etc/bash.bashrc` in SLES 11; that root's `ls` shows hidden files there (`-A`) is left out, since captures of
/// the appliance do not show it.
pub const SUSE_ALIASES: &str = "\
LS_OPTIONS='-N --color=tty -T 0'
export LS_OPTIONS
alias +='pushd .'
alias -- -='popd'
alias ..='cd ..'
alias ...='cd ../..'
alias beep='echo -en \"\\007\"'
alias cd..='cd ..'
alias dir='ls -l'
alias l='ls -alF'
alias la='ls -la'
alias ll='ls -l'
alias ls='ls $LS_OPTIONS'
alias ls-l='ls -l'
alias md='mkdir -p'
alias o='less'
alias rd='rmdir'
alias rehash='hash -r'
alias unmount='echo \"Error: Try the command: umount\" 1>&2; false'
";

const ROOT_PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

pub(super) static SLES_11: Distro = Distro {
    id: "sles-11.3",
    pretty: "SUSE Linux Enterprise Server 11 SP3",
    vendor: Vendor::Suse,
    major: 11,
    root_prompt: r"\h:\w # ",
    user_prompt: r"\u@\h:\w> ",
    bash: "3.2.51(1)-release",
    coreutils: "8.12",
    openssh: "OpenSSH_6.2p2, OpenSSL 0.9.8j-fips 07 Jan 2009",
    quotes: Quotes::Grave,
    systemd: None,
    kernels: &[
        suse("3.0.101-0.46-default", "#1 SMP Wed Dec 17 11:04:10 UTC 2014 (8356111)"),
        suse("3.0.101-0.47.52-default", "#1 SMP Thu Mar 26 10:55:49 UTC 2015 (0e3c7c8)"),
    ],
    processor: Some("x86_64"),
    root_path: "/sbin:/usr/sbin:/usr/local/sbin:/root/bin:/usr/local/bin:/usr/bin:/bin",
    user_path: "/usr/local/bin:/usr/bin:/bin",
    umask: 0o022,
    user_umask: 0o022,
    merged_usr: false,
    selinux: false,
    users: "\
root:x:0:0:root:/root:/bin/bash
bin:x:1:1:bin:/bin:/bin/bash
daemon:x:2:2:Daemon:/sbin:/bin/bash
lp:x:4:7:Printing daemon:/var/spool/lpd:/bin/bash
mail:x:8:12:Mailer daemon:/var/spool/clientmqueue:/bin/false
news:x:9:13:News system:/etc/news:/bin/bash
uucp:x:10:14:Unix-to-Unix CoPy system:/etc/uucp:/bin/bash
games:x:12:100:Games account:/var/games:/bin/bash
man:x:13:62:Manual pages viewer:/var/cache/man:/bin/bash
wwwrun:x:30:8:WWW daemon apache:/var/lib/wwwrun:/bin/false
ftp:x:40:49:FTP account:/srv/ftp:/bin/bash
nobody:x:65534:65533:nobody:/var/lib/nobody:/bin/bash
messagebus:x:100:101:User for D-Bus:/var/run/dbus:/bin/false
sshd:x:71:65:SSH daemon:/var/lib/sshd:/bin/false
ntp:x:74:102:NTP daemon:/var/lib/ntp:/bin/false
",
    groups: "\
root:x:0:
bin:x:1:daemon
daemon:x:2:
sys:x:3:
tty:x:5:
disk:x:6:
lp:x:7:
www:x:8:
kmem:x:9:
wheel:x:10:
mail:x:12:
news:x:13:
uucp:x:14:
shadow:x:15:
dialout:x:16:
audio:x:17:
cdrom:x:20:
utmp:x:22:
public:x:32:
video:x:33:
games:x:40:
xok:x:41:
trusted:x:42:
modem:x:43:
ftp:x:49:
lock:x:54:
man:x:62:
sshd:x:65:
users:x:100:
messagebus:x:101:
ntp:x:102:
nogroup:x:65533:nobody
nobody:x:65534:
",
    volumes: &[
        ext3("/dev/sda3", "/", [11_354_936, 3_968_104, 6_809_944]),
        volume("udev", "/dev", "tmpfs", "relatime,nr_inodes=0,mode=755", [4_082_328, 164, 4_082_164]),
        volume("tmpfs", "/dev/shm", "tmpfs", "relatime", [4_082_328, 0, 4_082_328]),
        kernel("proc", "/proc", "proc"),
        kernel("sysfs", "/sys", "sysfs"),
        kernel("devpts", "/dev/pts", "devpts"),
        ext3("/dev/sda1", "/boot", [131_072, 39_860, 84_444]),
        ext3("/dev/mapper/core_vg-core", "/storage/core", [25_803_068, 177_068, 24_315_280]),
        ext3("/dev/mapper/log_vg-log", "/storage/log", [10_317_752, 426_312, 9_367_328]),
        ext3("/dev/mapper/db_vg-db", "/storage/db", [10_317_752, 274_368, 9_519_272]),
        ext3("/dev/mapper/dblog_vg-dblog", "/storage/dblog", [5_157_600, 256_340, 4_639_272]),
        ext3("/dev/mapper/seat_vg-seat", "/storage/seat", [10_317_752, 207_620, 9_586_020]),
        ext3("/dev/mapper/netdump_vg-netdump", "/storage/netdump", [1_031_064, 17_684, 961_004]),
        ext3("/dev/mapper/autodeploy_vg-autodeploy", "/storage/autodeploy", [10_317_752, 154_232, 9_639_408]),
        ext3("/dev/mapper/invsvc_vg-invsvc", "/storage/invsvc", [10_317_752, 184_120, 9_609_520]),
    ],
    swap: ("/dev/mapper/swap_vg-swap1", 26_206_204),
    release_files: &[
        ("/etc/SuSE-release", "SUSE Linux Enterprise Server 11 (x86_64)\nVERSION = 11\nPATCHLEVEL = 3\n"),
        (
            "/etc/os-release",
            r#"NAME="SLES"
VERSION="11.3"
VERSION_ID="11.3"
PRETTY_NAME="SUSE Linux Enterprise Server 11 SP3"
ID="sles"
ANSI_COLOR="0;32"
CPE_NAME="cpe:/o:suse:sles:11:3"
"#,
        ),
    ],
};

const fn suse(release: &'static str, build: &'static str) -> Kernel {
    let compiler = "gcc version 4.3.4 [gcc-4_3-branch revision 152973] (SUSE Linux) ";
    Kernel { release: Cow::Borrowed(release), build: Cow::Borrowed(build), by: "geeko@buildhost", compiler }
}

const fn photon(release: &'static str, build: &'static str, compiler: &'static str) -> Kernel {
    Kernel { release: Cow::Borrowed(release), build: Cow::Borrowed(build), by: "root@photon", compiler }
}

const fn ext3(device: &'static str, dir: &'static str, figures: [u64; 3]) -> Volume {
    volume(device, dir, "ext3", "relatime,errors=continue,barrier=1,data=ordered", figures)
}

const fn ext4(device: &'static str, dir: &'static str, figures: [u64; 3]) -> Volume {
    volume(device, dir, "ext4", "relatime,data=ordered", figures)
}

/// What the kernel and the memory give to every Photon.
const TREES: [Volume; 7] = [
    kernel("sysfs", "/sys", "sysfs"),
    kernel("proc", "/proc", "proc"),
    volume("devtmpfs", "/dev", "devtmpfs", "nosuid,mode=755", [5_121_264, 0, 5_121_264]),
    volume("tmpfs", "/dev/shm", "tmpfs", "nosuid,nodev", [5_132_404, 24, 5_132_380]),
    kernel("devpts", "/dev/pts", "devpts"),
    volume("tmpfs", "/run", "tmpfs", "nosuid,nodev,mode=755", [5_132_404, 696, 5_131_708]),
    volume("tmpfs", "/sys/fs/cgroup", "tmpfs", "ro,nosuid,nodev,noexec,mode=755", [5_132_404, 0, 5_132_404]),
];
const TMP: Volume = volume("tmpfs", "/tmp", "tmpfs", "nosuid,nodev", [5_132_404, 1_500, 5_130_904]);

/// The first disk of Photon 1, and of Photon 3, where the system is on a volume of LVM.
const SYSTEM_1: [Volume; 3] = [
    ext4("/dev/sda3", "/", [11_222_032, 4_262_480, 6_282_240]),
    TMP,
    ext4("/dev/sda1", "/boot", [122_835, 35_020, 81_800]),
];
const SYSTEM_3: [Volume; 4] = [
    ext4("/dev/mapper/vg_root_0-lv_root_0", "/", [49_278_612, 8_388_240, 38_358_760]),
    TMP,
    ext4("/dev/sda3", "/boot", [498_532, 40_168, 421_516]),
    volume("/dev/sda2", "/boot/efi", "vfat", "relatime,fmask=0022,dmask=0022", [10_202, 2_234, 7_968]),
];

/// A disk for each of them, in the order of the disks; those of 6.5 were captured.
const STORAGE_6_5: [Volume; 9] = [
    ext4("/dev/mapper/core_vg-core", "/storage/core", [25_673_404, 45_080, 24_301_164]),
    ext4("/dev/mapper/log_vg-log", "/storage/log", [10_190_136, 42_120, 9_607_340]),
    ext4("/dev/mapper/db_vg-db", "/storage/db", [10_190_136, 97_000, 9_552_460]),
    ext4("/dev/mapper/dblog_vg-dblog", "/storage/dblog", [15_350_768, 103_840, 14_444_108]),
    ext4("/dev/mapper/seat_vg-seat", "/storage/seat", [10_190_136, 49_320, 9_600_140]),
    ext4("/dev/mapper/netdump_vg-netdump", "/storage/netdump", [1_007_880, 1_300, 953_764]),
    ext4("/dev/mapper/autodeploy_vg-autodeploy", "/storage/autodeploy", [10_190_136, 23_028, 9_626_432]),
    ext4("/dev/mapper/imagebuilder_vg-imagebuilder", "/storage/imagebuilder", [10_190_136, 23_028, 9_626_432]),
    ext4("/dev/mapper/updatemgr_vg-updatemgr", "/storage/updatemgr", [103_080_888, 76_200, 97_745_424]),
];
/// What each line has more than the one before.
const SINCE_6_7: [Volume; 1] =
    [ext4("/dev/mapper/archive_vg-archive", "/storage/archive", [51_474_044, 53_064, 48_776_516])];
const SINCE_7_0: [Volume; 3] = [
    ext4("/dev/mapper/vtsdb_vg-vtsdb", "/storage/vtsdb", [10_190_136, 90_400, 9_559_060]),
    ext4("/dev/mapper/vtsdblog_vg-vtsdblog", "/storage/vtsdblog", [5_091_824, 53_300, 4_759_696]),
    ext4("/dev/mapper/lifecycle_vg-lifecycle", "/storage/lifecycle", [103_080_888, 61_448, 97_760_176]),
];
/// Where 8.0 keeps what its snapshots of the others take.
const SINCE_8_0: [Volume; 1] =
    [ext4("/dev/mapper/lvm_snapshot_vg-lvm_snapshot", "/storage/lvm_snapshot", [154_618_820, 61_440, 146_630_068])];

const VOLUMES_6_5: [Volume; 19] = joined(&[&TREES, &SYSTEM_1, &STORAGE_6_5]);
const VOLUMES_6_7: [Volume; 20] = joined(&[&VOLUMES_6_5, &SINCE_6_7]);
const VOLUMES_7_0: [Volume; 24] = joined(&[&TREES, &SYSTEM_3, &STORAGE_6_5, &SINCE_6_7, &SINCE_7_0]);
const VOLUMES_8_0: [Volume; 25] = joined(&[&VOLUMES_7_0, &SINCE_8_0]);

/// These lists one behind the other.
const fn joined<const ALL: usize>(lists: &[&[Volume]]) -> [Volume; ALL] {
    let (mut all, mut end, mut list) = ([TMP; ALL], 0, 0);
    while list < lists.len() {
        let mut place = 0;
        while place < lists[list].len() {
            all[end] = lists[list][place];
            end += 1;
            place += 1;
        }
        list += 1;
    }
    assert!(end == ALL, "each place is taken");
    all
}

const PHOTON_USERS: &str = "\
root:x:0:0:root:/root:/bin/bash
bin:x:1:1:bin:/dev/null:/bin/false
daemon:x:6:6:Daemon User:/dev/null:/bin/false
messagebus:x:18:18:D-Bus Message Daemon User:/var/run/dbus:/bin/false
systemd-bus-proxy:x:72:72:systemd Bus Proxy:/:/bin/false
systemd-journal-gateway:x:73:73:systemd Journal Gateway:/:/bin/false
systemd-journal-remote:x:74:74:systemd Journal Remote:/:/bin/false
systemd-journal-upload:x:75:75:systemd Journal Upload:/:/bin/false
systemd-network:x:76:76:systemd Network Management:/:/bin/false
systemd-resolve:x:77:77:systemd Resolver:/:/bin/false
systemd-timesync:x:78:78:systemd Time Synchronization:/:/bin/false
nobody:x:65534:65533:Unprivileged User:/dev/null:/bin/false
sshd:x:50:50:sshd PrivSep:/var/lib/sshd:/bin/false
";

const PHOTON_GROUPS: &str = "\
root:x:0:
bin:x:1:daemon
sys:x:2:
kmem:x:3:
tape:x:4:
tty:x:5:
daemon:x:6:
floppy:x:7:
disk:x:8:
lp:x:9:
dialout:x:10:
audio:x:11:
video:x:12:
utmp:x:13:
usb:x:14:
cdrom:x:15:
adm:x:16:
messagebus:x:18:
systemd-journal:x:23:
input:x:24:
mail:x:34:
lock:x:54:
dip:x:30:
systemd-bus-proxy:x:72:
systemd-journal-gateway:x:73:
systemd-journal-remote:x:74:
systemd-journal-upload:x:75:
systemd-network:x:76:
systemd-resolve:x:77:
systemd-timesync:x:78:
nogroup:x:65533:
users:x:999:
sudo:x:27:
wheel:x:28:
sshd:x:50:
";

/// What the releases of Photon have in common; each names the rest.
const PHOTON: Distro = Distro {
    id: "photon-1",
    pretty: "VMware Photon/Linux",
    vendor: Vendor::Photon,
    major: 1,
    root_prompt: r"\u@\h [ \w ]\$ ",
    user_prompt: r"\u@\h [ \w ]\$ ",
    bash: "4.3.30(1)-release",
    coreutils: "8.25",
    openssh: "OpenSSH_7.4p1, OpenSSL 1.0.2k  26 Jan 2017",
    quotes: Quotes::Shell,
    systemd: Some(228),
    kernels: &[photon("4.4.8", "#1-photon SMP Fri Oct 21 20:13:51 UTC 2016", "gcc version 5.3.0 (GCC) ")],
    processor: None,
    root_path: ROOT_PATH,
    user_path: "/usr/local/bin:/usr/bin:/bin",
    umask: 0o022,
    user_umask: 0o022,
    merged_usr: true,
    selinux: false,
    users: PHOTON_USERS,
    groups: PHOTON_GROUPS,
    volumes: &VOLUMES_6_5,
    swap: ("/dev/mapper/swap_vg-swap1", 26_210_300),
    release_files: &[
        ("/etc/photon-release", "VMware Photon Linux 1.0\nPHOTON_BUILD_NUMBER=62c543d\n"),
        (
            "/etc/os-release",
            r#"NAME="VMware Photon"
VERSION="1.0"
ID=photon
VERSION_ID=1.0
PRETTY_NAME="VMware Photon/Linux"
ANSI_COLOR="1;34"
HOME_URL="https://vmware.github.io/photon/"
BUG_REPORT_URL="https://github.com/vmware/photon/issues"
"#,
        ),
    ],
};

pub(super) static PHOTON_1: Distro = PHOTON;

/// Photon 1 as 6.7 has it.
pub(super) static PHOTON_1_OF_6_7: Distro = Distro { id: "vcsa-6.7", volumes: &VOLUMES_6_7, ..PHOTON };

pub(super) static PHOTON_2: Distro = Distro {
    id: "photon-2",
    major: 2,
    bash: "4.4.12(1)-release",
    coreutils: "8.27",
    openssh: "OpenSSH_7.5p1, OpenSSL 1.0.2n  7 Dec 2017",
    quotes: Quotes::Shell,
    systemd: Some(233),
    kernels: &[photon("4.9.60-1.ph2-esx", "#2-photon SMP Wed Nov 8 00:06:43 UTC 2017", "gcc version 6.3.0 (GCC) ")],
    release_files: &[
        ("/etc/photon-release", "VMware Photon Linux 2.0\nPHOTON_BUILD_NUMBER=304b817\n"),
        (
            "/etc/os-release",
            r#"NAME="VMware Photon"
VERSION="2.0"
ID=photon
VERSION_ID=2.0
PRETTY_NAME="VMware Photon/Linux"
ANSI_COLOR="1;34"
HOME_URL="https://vmware.github.io/photon/"
BUG_REPORT_URL="https://github.com/vmware/photon/issues"
"#,
        ),
    ],
    ..PHOTON
};

/// Photon 3 as 7.0 has it.
const THIRD: Distro = Distro {
    id: "photon-3",
    pretty: "VMware Photon OS/Linux",
    major: 3,
    bash: "4.4.18(2)-release",
    coreutils: "8.30",
    openssh: "OpenSSH_7.8p1, OpenSSL 1.0.2q  20 Nov 2018",
    quotes: Quotes::Shell,
    systemd: Some(239),
    kernels: &[photon("4.19.160-2.ph3", "#1-photon SMP Mon Nov 30 10:56:20 UTC 2020", "gcc version 7.3.0 (GCC)")],
    release_files: &[
        ("/etc/photon-release", "VMware Photon OS 3.0\nPHOTON_BUILD_NUMBER=a0f216d\n"),
        (
            "/etc/os-release",
            r#"NAME="VMware Photon OS"
VERSION="3.0"
ID=photon
VERSION_ID=3.0
PRETTY_NAME="VMware Photon OS/Linux"
ANSI_COLOR="1;34"
HOME_URL="https://vmware.github.io/photon/"
BUG_REPORT_URL="https://github.com/vmware/photon/issues"
"#,
        ),
    ],
    volumes: &VOLUMES_7_0,
    ..PHOTON
};

pub(super) static PHOTON_3: Distro = THIRD;

/// Photon 3 as 8.0 has it.
pub(super) static PHOTON_3_OF_8_0: Distro = Distro { id: "vcsa-8.0", volumes: &VOLUMES_8_0, ..THIRD };
