//! The programs of whole packages, beside those of [`super::programs`]: what an installation has under a name that may be
//! typed. Most of them are not modelled, and say so when they are run, which is not the same as not being there. Which
//! package has which program is common knowledge of the releases, and counts as inferred.

use super::programs::{COREUTILS_8_26, EVERYWHERE, LARGE, OLD, OTHERS, On, R7, R8, RECENT, RHEL, S11, SYSTEMD};

/// Where, package, directory, names.
pub(super) type Row = (On, &'static str, &'static str, &'static str);

pub(super) const PACKAGES: &[Row] = &[
    (EVERYWHERE, "coreutils", "/usr/bin", "ptx stdbuf"),
    (RECENT, "coreutils", "/usr/bin", "base32"),
    // With 8.26.
    (COREUTILS_8_26, "coreutils", "/usr/bin", "b2sum"),
    (
        EVERYWHERE,
        "util-linux",
        "/usr/bin",
        "chrt col colcrt colrm fallocate ionice ipcmk ipcrm ipcs isosize mcookie namei renice scriptreplay setarch setterm tailf \
         ul unshare uuidgen",
    ),
    (EVERYWHERE, "util-linux", "/bin", "mountpoint"),
    (
        SYSTEMD,
        "util-linux",
        "/usr/bin",
        "eject i386 linux32 linux64 lslocks lslogins lsns nsenter prlimit raw uname26 utmpdump wdctl x86_64",
    ),
    (R8, "util-linux", "/usr/bin", "chmem choom fincore lsipc lsmem setpriv uuidparse"),
    (
        EVERYWHERE,
        "util-linux",
        "/sbin",
        "agetty blockdev cfdisk ctrlaltdel findfs fsck.cramfs fsck.minix fsfreeze fstrim mkfs.cramfs mkfs.minix pivot_root sfdisk \
         sulogin swaplabel switch_root wipefs",
    ),
    (
        SYSTEMD,
        "util-linux",
        "/sbin",
        "addpart blkdiscard chcpu delpart ldattach partx readprofile resizepart rtcwake runuser zramctl",
    ),
    (R8, "util-linux", "/sbin", "blkzone clock rfkill"),
    (EVERYWHERE, "procps", "/usr/bin", "pwdx skill slabtop snice tload"),
    (R7, "findutils", "/usr/bin", "oldfind"),
    (R7, "gawk", "/usr/bin", "dgawk igawk pgawk"),
    (RHEL, "tar", "/usr/bin", "gtar"),
    (EVERYWHERE, "gzip", "/usr/bin", "gzexe zcmp zdiff zegrep zfgrep zforce zmore znew"),
    (EVERYWHERE, "bzip2", "/usr/bin", "bzcat bzcmp bzdiff bzgrep bzip2recover bzless bzmore"),
    (EVERYWHERE, "xz", "/usr/bin", "unxz xzcat xzcmp xzdec xzdiff xzegrep xzfgrep xzgrep xzless xzmore"),
    (EVERYWHERE, "iproute", "/usr/sbin", "bridge ctstat genl ifstat lnstat nstat routef routel rtacct rtmon rtstat"),
    (RHEL, "iproute", "/usr/sbin", "arpd devlink ifcfg rdma tc tipc"),
    (EVERYWHERE, "iputils", "/usr/sbin", "arping clockdiff"),
    (RHEL, "iputils", "/usr/sbin", "ifenslave rdisc ping6 tracepath6"),
    (EVERYWHERE, "openssh-clients", "/usr/bin", "ssh-keyscan"),
    (OLD, "openssh-clients", "/usr/bin", "slogin"),
    (
        SYSTEMD,
        "systemd",
        "/usr/bin",
        "bootctl coredumpctl kernel-install machinectl systemd-ask-password systemd-cgtop systemd-delta systemd-detect-virt \
         systemd-escape systemd-firstboot systemd-hwdb systemd-inhibit systemd-machine-id-setup systemd-notify systemd-nspawn \
         systemd-path systemd-socket-activate systemd-stdio-bridge systemd-sysusers systemd-tty-ask-password-agent udevadm",
    ),
    (R8, "systemd", "/usr/bin", "resolvectl systemd-mount systemd-resolve systemd-umount"),
    (SYSTEMD, "systemd", "/sbin", "telinit"),
    (S11, "udev", "/sbin", "udevadm"),
    (EVERYWHERE, "shadow-utils", "/usr/bin", "sg"),
    (SYSTEMD, "shadow-utils", "/usr/bin", "newgidmap newuidmap"),
    (EVERYWHERE, "shadow-utils", "/usr/sbin", "grpck grpconv grpunconv newusers pwck pwconv pwunconv vigr"),
    (SYSTEMD, "shadow-utils", "/usr/sbin", "adduser chgpasswd groupmems"),
    (LARGE, "acl", "/usr/bin", "chacl getfacl setfacl"),
    (LARGE, "attr", "/usr/bin", "attr getfattr setfattr"),
    (EVERYWHERE, "libcap", "/usr/sbin", "capsh getcap getpcaps setcap"),
    (SYSTEMD, "kmod", "/sbin", "kmod modinfo"),
    (S11, "module-init-tools", "/sbin", "modinfo"),
    (EVERYWHERE, "glibc-common", "/usr/bin", "catchsegv gencat getconf localedef pldd sprof tzselect"),
    (EVERYWHERE, "glibc", "/sbin", "ldconfig"),
    (RHEL, "glibc", "/sbin", "iconvconfig sln zdump zic"),
    (RHEL, "psmisc", "/usr/bin", "peekfd prtstat"),
    (LARGE, "cpio", "/usr/bin", "cpio"),
    (RHEL, "dbus", "/usr/bin", "dbus-monitor dbus-send dbus-uuidgen"),
    (
        EVERYWHERE,
        "e2fsprogs",
        "/sbin",
        "badblocks debugfs dumpe2fs e2image e2label e2undo filefrag fsck.ext2 fsck.ext3 fsck.ext4 logsave mke2fs mkfs.ext2 \
         mkfs.ext3 mkfs.ext4",
    ),
    (
        RHEL,
        "xfsprogs",
        "/sbin",
        "fsck.xfs mkfs.xfs xfs_admin xfs_bmap xfs_copy xfs_db xfs_estimate xfs_freeze xfs_fsr xfs_info xfs_io xfs_logprint \
         xfs_mdrestore xfs_metadump xfs_mkfile xfs_quota",
    ),
    (
        EVERYWHERE,
        "lvm2",
        "/sbin",
        "lvchange lvconvert lvcreate lvextend lvmdiskscan lvreduce lvremove lvrename lvresize lvscan pvchange pvck pvcreate \
         pvmove pvremove pvresize pvscan vgcfgbackup vgcfgrestore vgchange vgck vgcreate vgexport vgextend vgimport vgmerge \
         vgmknodes vgreduce vgremove vgrename vgscan vgsplit",
    ),
    (RHEL, "cronie", "/usr/sbin", "anacron crond"),
    (EVERYWHERE, "logrotate", "/usr/sbin", "logrotate"),
    (RHEL, "rsyslog", "/usr/sbin", "rsyslogd"),
    (RHEL, "chrony", "/usr/sbin", "chronyd"),
    (RHEL, "audit", "/usr/sbin", "auditctl auditd augenrules aureport ausearch autrace"),
    (RHEL, "audit", "/usr/bin", "aulast aulastlog ausyscall auvirt"),
    (RHEL, "NetworkManager", "/usr/bin", "nm-online nmtui nmtui-connect nmtui-edit nmtui-hostname"),
    (RHEL, "NetworkManager", "/usr/sbin", "NetworkManager"),
    (RHEL, "firewalld", "/usr/bin", "firewall-offline-cmd"),
    (RHEL, "policycoreutils", "/usr/sbin", "fixfiles genhomedircon load_policy restorecon_xattr semodule setfiles"),
    (RHEL, "policycoreutils", "/usr/bin", "secon semodule_expand semodule_link semodule_package"),
    (
        RHEL,
        "libselinux-utils",
        "/usr/sbin",
        "avcstat getpolicyload matchpathcon selabel_lookup selinuxenabled sefcontext_compile",
    ),
    (RHEL, "sudo", "/usr/bin", "cvtsudoers sudoedit sudoreplay"),
    (EVERYWHERE, "openssl", "/usr/bin", "c_rehash"),
    (RHEL, "ca-certificates", "/usr/bin", "ca-legacy update-ca-trust"),
    (R8, "crypto-policies-scripts", "/usr/bin", "fips-finish-install fips-mode-setup update-crypto-policies"),
    (RHEL, "dracut", "/usr/bin", "dracut lsinitrd"),
    (RHEL, "grubby", "/sbin", "grubby installkernel new-kernel-pkg"),
    (
        RHEL,
        "grub2-tools-minimal",
        "/usr/sbin",
        "grub2-get-kernel-settings grub2-install grub2-mkconfig grub2-probe grub2-reboot grub2-set-default grub2-setpassword",
    ),
    (
        RHEL,
        "grub2-tools-minimal",
        "/usr/bin",
        "grub2-editenv grub2-file grub2-mkimage grub2-mkpasswd-pbkdf2 grub2-script-check",
    ),
    (R7, "initscripts", "/usr/sbin", "ifdown ifup sys-unconfig"),
    (R7, "initscripts", "/usr/bin", "ipcalc usleep"),
    (R7, "authconfig", "/usr/sbin", "authconfig"),
    (R8, "authselect", "/usr/bin", "authselect"),
    (RHEL, "parted", "/sbin", "parted partprobe"),
    (RHEL, "kexec-tools", "/usr/sbin", "kexec makedumpfile"),
    (RHEL, "kexec-tools", "/usr/bin", "kdumpctl"),
    (RHEL, "dmidecode", "/usr/sbin", "biosdecode dmidecode vpddecode"),
    (RHEL, "pciutils", "/sbin", "lspci setpci"),
    (RHEL, "info", "/usr/bin", "info"),
    (RHEL, "man-db", "/usr/bin", "apropos catman lexgrog mandb manpath whatis"),
    (RHEL, "ncurses", "/usr/bin", "captoinfo infocmp infotocap tabs tic toe tset"),
    (RHEL, "tuned", "/usr/sbin", "tuned tuned-adm"),
    (RHEL, "kernel-tools", "/usr/bin", "cpupower turbostat"),
    (R8, "bind-utils", "/usr/bin", "delv mdig nsupdate"),
    (R7, "bind-utils", "/usr/bin", "nsupdate"),
    (S11, "util-linux", "/usr/bin", "flock setsid taskset"),
    (OTHERS, "bzip2", "/usr/bin", "bunzip2"),
];
