//! Red Hat Enterprise Linux 7.5, 7.9, 8.5 and 8.6, as a virtual machine with 16 GiB of memory and one disk in LVM.

use std::borrow::Cow;

use super::{Distro, Kernel, Quotes, Vendor, Volume, kernel, volume};

/// The files that name a release of RHEL 7.
const RELEASE_FILES_7: &[(&str, &str)] = &[
    ("/etc/redhat-release", "Red Hat Enterprise Linux Server release {version} (Maipo)\n"),
    ("/etc/system-release-cpe", "cpe:/o:redhat:enterprise_linux:{version}:ga:server\n"),
    (
        "/usr/lib/os-release",
        r#"NAME="Red Hat Enterprise Linux Server"
VERSION="{version} (Maipo)"
ID="rhel"
ID_LIKE="fedora"
VARIANT="Server"
VARIANT_ID="server"
VERSION_ID="{version}"
PRETTY_NAME="Red Hat Enterprise Linux Server {version} (Maipo)"
ANSI_COLOR="0;31"
CPE_NAME="cpe:/o:redhat:enterprise_linux:{version}:GA:server"
HOME_URL="https://www.redhat.com/"
BUG_REPORT_URL="https://bugzilla.redhat.com/"

REDHAT_BUGZILLA_PRODUCT="Red Hat Enterprise Linux 7"
REDHAT_BUGZILLA_PRODUCT_VERSION={version}
REDHAT_SUPPORT_PRODUCT="Red Hat Enterprise Linux"
REDHAT_SUPPORT_PRODUCT_VERSION="{version}"
"#,
    ),
];

/// The same of RHEL 8.
const RELEASE_FILES_8: &[(&str, &str)] = &[
    ("/etc/redhat-release", "Red Hat Enterprise Linux release {version} (Ootpa)\n"),
    ("/etc/system-release-cpe", "cpe:/o:redhat:enterprise_linux:8::baseos\n"),
    (
        "/usr/lib/os-release",
        r#"NAME="Red Hat Enterprise Linux"
VERSION="{version} (Ootpa)"
ID="rhel"
ID_LIKE="fedora"
VERSION_ID="{version}"
PLATFORM_ID="platform:el8"
PRETTY_NAME="Red Hat Enterprise Linux {version} (Ootpa)"
ANSI_COLOR="0;31"
CPE_NAME="cpe:/o:redhat:enterprise_linux:8::baseos"
HOME_URL="https://www.redhat.com/"
DOCUMENTATION_URL="https://access.redhat.com/documentation/red_hat_enterprise_linux/8/"
BUG_REPORT_URL="https://bugzilla.redhat.com/"

REDHAT_BUGZILLA_PRODUCT="Red Hat Enterprise Linux 8"
REDHAT_BUGZILLA_PRODUCT_VERSION={version}
REDHAT_SUPPORT_PRODUCT="Red Hat Enterprise Linux"
REDHAT_SUPPORT_PRODUCT_VERSION="{version}"
"#,
    ),
];

const PROMPT: &str = r"[\u@\h \W]\$ ";

/// What the kernels of RHEL have in common.
const fn built(release: &'static str, build: &'static str, by: &'static str, compiler: &'static str) -> Kernel {
    Kernel { release: Cow::Borrowed(release), build: Cow::Borrowed(build), by, compiler }
}

pub(super) static RHEL_7_9: Distro = RHEL_7;

pub(super) const RHEL_7: Distro = Distro {
    id: "rhel-7.9",
    pretty: "Red Hat Enterprise Linux Server 7.9 (Maipo)",
    vendor: Vendor::RedHat,
    major: 7,
    root_prompt: PROMPT,
    user_prompt: PROMPT,
    bash: "4.2.46(2)-release",
    coreutils: "8.22",
    openssh: "OpenSSH_7.4p1, OpenSSL 1.0.2k-fips  26 Jan 2017",
    quotes: Quotes::Locale,
    systemd: Some(219),
    kernels: &[built(
        "3.10.0-1160.el7.x86_64",
        "#1 SMP Tue Aug 18 14:50:17 EDT 2020",
        "mockbuild@x86-vm-26.build.eng.bos.redhat.com",
        "gcc version 4.8.5 20150623 (Red Hat 4.8.5-44) (GCC) ",
    )],
    processor: Some("x86_64"),
    root_path: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/root/bin",
    user_path: "/usr/local/bin:/usr/bin:/usr/local/sbin:/usr/sbin",
    umask: 0o022,
    user_umask: 0o002,
    merged_usr: true,
    selinux: true,
    users: "\
root:x:0:0:root:/root:/bin/bash
bin:x:1:1:bin:/bin:/sbin/nologin
daemon:x:2:2:daemon:/sbin:/sbin/nologin
adm:x:3:4:adm:/var/adm:/sbin/nologin
lp:x:4:7:lp:/var/spool/lpd:/sbin/nologin
sync:x:5:0:sync:/sbin:/bin/sync
shutdown:x:6:0:shutdown:/sbin:/sbin/shutdown
halt:x:7:0:halt:/sbin:/sbin/halt
mail:x:8:12:mail:/var/spool/mail:/sbin/nologin
operator:x:11:0:operator:/root:/sbin/nologin
games:x:12:100:games:/usr/games:/sbin/nologin
ftp:x:14:50:FTP User:/var/ftp:/sbin/nologin
nobody:x:99:99:Nobody:/:/sbin/nologin
systemd-network:x:192:192:systemd Network Management:/:/sbin/nologin
dbus:x:81:81:System message bus:/:/sbin/nologin
polkitd:x:999:998:User for polkitd:/:/sbin/nologin
sshd:x:74:74:Privilege-separated SSH:/var/empty/sshd:/sbin/nologin
postfix:x:89:89::/var/spool/postfix:/sbin/nologin
chrony:x:998:996::/var/lib/chrony:/sbin/nologin
",
    groups: "\
root:x:0:
bin:x:1:
daemon:x:2:
sys:x:3:
adm:x:4:
tty:x:5:
disk:x:6:
lp:x:7:
mem:x:8:
kmem:x:9:
wheel:x:10:
cdrom:x:11:
mail:x:12:postfix
man:x:15:
dialout:x:18:
floppy:x:19:
games:x:20:
utmp:x:22:
utempter:x:35:
ftp:x:50:
audio:x:63:
lock:x:54:
video:x:39:
nobody:x:99:
users:x:100:
ssh_keys:x:999:
input:x:997:
systemd-journal:x:190:
systemd-network:x:192:
dbus:x:81:
polkitd:x:998:
sshd:x:74:
postdrop:x:90:
postfix:x:89:
chrony:x:996:
",
    volumes: &[
        kernel("sysfs", "/sys", "sysfs"),
        kernel("proc", "/proc", "proc"),
        volume("devtmpfs", "/dev", "devtmpfs", "nosuid,seclabel,mode=755", [8_128_780, 0, 8_128_780]),
        volume("tmpfs", "/dev/shm", "tmpfs", "nosuid,nodev,seclabel", [8_140_692, 0, 8_140_692]),
        kernel("devpts", "/dev/pts", "devpts"),
        volume("tmpfs", "/run", "tmpfs", "nosuid,nodev,seclabel,mode=755", [8_140_692, 9_192, 8_131_500]),
        volume(
            "tmpfs",
            "/sys/fs/cgroup",
            "tmpfs",
            "ro,nosuid,nodev,noexec,seclabel,mode=755",
            [8_140_692, 0, 8_140_692],
        ),
        volume("/dev/mapper/rhel-root", "/", "xfs", XFS, [52_403_200, 1_862_560, 50_540_640]),
        volume("/dev/sda1", "/boot", "xfs", XFS, [1_038_336, 154_600, 883_736]),
        volume("/dev/mapper/rhel-home", "/home", "xfs", XFS, [43_984_640, 33_004, 43_951_636]),
    ],
    swap: ("/dev/mapper/rhel-swap", 8_257_532),
    release_files: RELEASE_FILES_7,
};

/// The release of 2018.
pub(super) static RHEL_7_5: Distro = Distro {
    id: "rhel-7.5",
    pretty: "Red Hat Enterprise Linux Server 7.5 (Maipo)",
    kernels: &[
        built(
            "3.10.0-862.el7.x86_64",
            "#1 SMP Wed Mar 21 18:14:51 EDT 2018",
            "mockbuild@x86-034.build.eng.bos.redhat.com",
            "gcc version 4.8.5 20150623 (Red Hat 4.8.5-28) (GCC) ",
        ),
        built(
            "3.10.0-862.11.6.el7.x86_64",
            "#1 SMP Fri Aug 10 16:55:11 UTC 2018",
            "mockbuild@x86-017.build.eng.bos.redhat.com",
            "gcc version 4.8.5 20150623 (Red Hat 4.8.5-28) (GCC) ",
        ),
    ],
    release_files: RELEASE_FILES_7,
    ..RHEL_7
};

const XFS: &str = "relatime,seclabel,attr2,inode64,noquota";

const XFS_8: &str = "relatime,seclabel,attr2,inode64,logbufs=8,logbsize=32k,noquota";

const VOLUMES_8: &[Volume] = &[
    kernel("sysfs", "/sys", "sysfs"),
    kernel("proc", "/proc", "proc"),
    volume("devtmpfs", "/dev", "devtmpfs", "nosuid,seclabel,mode=755", [8_038_104, 0, 8_038_104]),
    volume("tmpfs", "/dev/shm", "tmpfs", "nosuid,nodev,seclabel", [8_067_184, 0, 8_067_184]),
    kernel("devpts", "/dev/pts", "devpts"),
    volume("tmpfs", "/run", "tmpfs", "nosuid,nodev,seclabel,mode=755", [8_067_184, 9_340, 8_057_844]),
    volume("tmpfs", "/sys/fs/cgroup", "tmpfs", "ro,nosuid,nodev,noexec,seclabel,mode=755", [8_067_184, 0, 8_067_184]),
    volume("/dev/mapper/rhel-root", "/", "xfs", XFS_8, [52_403_200, 2_460_180, 49_943_020]),
    volume("/dev/sda1", "/boot", "xfs", XFS_8, [1_038_336, 217_840, 820_496]),
    volume("/dev/mapper/rhel-home", "/home", "xfs", XFS_8, [43_984_640, 339_720, 43_644_920]),
];

/// The release of 2021, with the kernels that it was out with and updated to.
pub(super) static RHEL_8_5: Distro = Distro {
    id: "rhel-8.5",
    pretty: "Red Hat Enterprise Linux 8.5 (Ootpa)",
    kernels: &[
        built(
            "4.18.0-348.el8.x86_64",
            "#1 SMP Mon Oct 4 12:17:22 EDT 2021",
            "mockbuild@x86-vm-07.build.eng.bos.redhat.com",
            "gcc version 8.5.0 20210514 (Red Hat 8.5.0-4) (GCC)",
        ),
        built(
            "4.18.0-348.7.1.el8_5.x86_64",
            "#1 SMP Wed Dec 8 21:51:17 EST 2021",
            "mockbuild@x86-vm-09.build.eng.bos.redhat.com",
            "gcc version 8.5.0 20210514 (Red Hat 8.5.0-4) (GCC)",
        ),
    ],
    release_files: RELEASE_FILES_8,
    ..RHEL_8
};

pub(super) static RHEL_8_6: Distro = RHEL_8;

pub(super) const RHEL_8: Distro = Distro {
    id: "rhel-8.6",
    pretty: "Red Hat Enterprise Linux 8.6 (Ootpa)",
    vendor: Vendor::RedHat,
    major: 8,
    root_prompt: PROMPT,
    user_prompt: PROMPT,
    bash: "4.4.20(1)-release",
    coreutils: "8.30",
    openssh: "OpenSSH_8.0p1, OpenSSL 1.1.1k  FIPS 25 Mar 2021",
    quotes: Quotes::Shell,
    systemd: Some(239),
    kernels: &[built(
        "4.18.0-372.9.1.el8.x86_64",
        "#1 SMP Fri Apr 15 22:12:19 EDT 2022",
        "mockbuild@x86-vm-08.build.eng.bos.redhat.com",
        "gcc version 8.5.0 20210514 (Red Hat 8.5.0-10) (GCC)",
    )],
    processor: Some("x86_64"),
    root_path: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/root/bin",
    user_path: "/usr/local/bin:/usr/bin:/usr/local/sbin:/usr/sbin",
    umask: 0o022,
    user_umask: 0o002,
    merged_usr: true,
    selinux: true,
    users: "\
root:x:0:0:root:/root:/bin/bash
bin:x:1:1:bin:/bin:/sbin/nologin
daemon:x:2:2:daemon:/sbin:/sbin/nologin
adm:x:3:4:adm:/var/adm:/sbin/nologin
lp:x:4:7:lp:/var/spool/lpd:/sbin/nologin
sync:x:5:0:sync:/sbin:/bin/sync
shutdown:x:6:0:shutdown:/sbin:/sbin/shutdown
halt:x:7:0:halt:/sbin:/sbin/halt
mail:x:8:12:mail:/var/spool/mail:/sbin/nologin
operator:x:11:0:operator:/root:/sbin/nologin
games:x:12:100:games:/usr/games:/sbin/nologin
ftp:x:14:50:FTP User:/var/ftp:/sbin/nologin
nobody:x:65534:65534:Kernel Overflow User:/:/sbin/nologin
dbus:x:81:81:System message bus:/:/sbin/nologin
systemd-coredump:x:999:997:systemd Core Dumper:/:/sbin/nologin
systemd-resolve:x:193:193:systemd Resolver:/:/sbin/nologin
tss:x:59:59:Account used for TPM access:/dev/null:/sbin/nologin
polkitd:x:998:996:User for polkitd:/:/sbin/nologin
sssd:x:996:993:User for sssd:/:/sbin/nologin
chrony:x:995:992::/var/lib/chrony:/sbin/nologin
sshd:x:74:74:Privilege-separated SSH:/var/empty/sshd:/sbin/nologin
",
    groups: "\
root:x:0:
bin:x:1:
daemon:x:2:
sys:x:3:
adm:x:4:
tty:x:5:
disk:x:6:
lp:x:7:
mem:x:8:
kmem:x:9:
wheel:x:10:
cdrom:x:11:
mail:x:12:
man:x:15:
dialout:x:18:
floppy:x:19:
games:x:20:
tape:x:33:
video:x:39:
ftp:x:50:
lock:x:54:
audio:x:63:
users:x:100:
nobody:x:65534:
dbus:x:81:
utmp:x:22:
utempter:x:35:
input:x:999:
kvm:x:36:
render:x:998:
systemd-journal:x:190:
systemd-coredump:x:997:
systemd-resolve:x:193:
tss:x:59:
polkitd:x:996:
ssh_keys:x:995:
sssd:x:993:
chrony:x:992:
sshd:x:74:
",
    volumes: VOLUMES_8,
    swap: ("/dev/mapper/rhel-swap", 8_257_532),
    release_files: RELEASE_FILES_8,
};

/// What coreutils, grep, which and, in RHEL 8, gzip and xz put into `/etc/profile.d`.
pub(super) fn profile_d(major: u8) -> Vec<(&'static str, &'static str)> {
    const LS: &str = "alias ll='ls -l --color=auto'\nalias l.='ls -d .* --color=auto'\nalias ls='ls --color=auto'\n";
    const GREP: &str =
        "alias grep='grep --color=auto'\nalias egrep='egrep --color=auto'\nalias fgrep='fgrep --color=auto'\n";
    const XZ: &str = "alias xzgrep='xzgrep --color=auto'\nalias xzegrep='xzegrep --color=auto'\nalias \
                      xzfgrep='xzfgrep --color=auto'\n";
    const GZIP: &str =
        "alias zgrep='zgrep --color=auto'\nalias zfgrep='zfgrep --color=auto'\nalias zegrep='zegrep --color=auto'\n";
    const WHICH_7: &str = "alias which='alias | /usr/bin/which --tty-only --read-alias --show-dot --show-tilde'\n";
    const WHICH_8: &str = "alias which='(alias; declare -f) | /usr/bin/which --tty-only --read-alias --read-functions \
                           --show-tilde --show-dot'\n";
    let mut files = vec![("/etc/profile.d/colorgrep.sh", GREP), ("/etc/profile.d/colorls.sh", LS)];
    if major >= 8 {
        files.extend([("/etc/profile.d/colorxzgrep.sh", XZ), ("/etc/profile.d/colorzgrep.sh", GZIP)]);
    }
    files.push((
        "/etc/profile.d/less.sh",
        "if [ -z \"$LESSOPEN\" ] && [ -x /usr/bin/lesspipe.sh ]; then\n    export LESSOPEN=\"||/usr/bin/lesspipe.sh %s\"\nfi\n",
    ));
    files.push(("/etc/profile.d/which2.sh", if major >= 8 { WHICH_8 } else { WHICH_7 }));
    files
}
