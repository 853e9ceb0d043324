//! The images of RHV-H 4.2 to 4.5 that labs name, each on the RHEL that it was made from. A layer is a logical volume in the group
//! `rhvh` with the image's name, and what is written to has volumes of its own. Names are imgbased's; sizes are those of a disk
//! of 600 GB, and what the two files say of the release is that of bug reports of 4.1 and 4.3 as remembered (inferred).

use super::rhel::{RHEL_7, RHEL_7_5, RHEL_8};
use super::{Distro, Volume, kernel, volume};

/// A file system of its size and what is used of it, in KiB. A twentieth is kept for root.
const fn ext4(device: &'static str, dir: &'static str, [size, used]: [u64; 2]) -> Volume {
    volume(device, dir, "ext4", "relatime,seclabel,discard,stripe=16", [size, used, size - used - size / 20])
}

const fn memory(device: &'static str, dir: &'static str, fstype: &'static str, options: &'static str) -> Volume {
    volume(device, dir, fstype, options, [8_067_184, 0, 8_067_184])
}

/// What is mounted, where the layer is on this device.
macro_rules! volumes {
    ($layer:literal) => {
        &[
            kernel("sysfs", "/sys", "sysfs"),
            kernel("proc", "/proc", "proc"),
            memory("devtmpfs", "/dev", "devtmpfs", "nosuid,seclabel,mode=755"),
            memory("tmpfs", "/dev/shm", "tmpfs", "nosuid,nodev,seclabel"),
            kernel("devpts", "/dev/pts", "devpts"),
            memory("tmpfs", "/run", "tmpfs", "nosuid,nodev,seclabel,mode=755"),
            memory("tmpfs", "/sys/fs/cgroup", "tmpfs", "ro,nosuid,nodev,noexec,seclabel,mode=755"),
            ext4(concat!("/dev/mapper/rhvh-", $layer, "+1"), "/", [486_306_524, 4_312_440]),
            ext4("/dev/sda1", "/boot", [999_320, 263_912]),
            ext4("/dev/mapper/rhvh-home", "/home", [999_320, 2_564]),
            ext4("/dev/mapper/rhvh-tmp", "/tmp", [999_320, 2_596]),
            ext4("/dev/mapper/rhvh-var", "/var", [15_350_768, 542_116]),
            ext4("/dev/mapper/rhvh-var_crash", "/var/crash", [10_190_100, 36_888]),
            ext4("/dev/mapper/rhvh-var_log", "/var/log", [8_125_880, 61_532]),
            ext4("/dev/mapper/rhvh-var_log_audit", "/var/log/audit", [1_998_672, 9_364]),
        ]
    };
}

/// An image: its name, that of its layer for the device mapper, the product, the release of RHEL, and that as a distribution.
macro_rules! image {
    ($name:ident, $id:literal, $layer:literal, $product:literal, $el:literal, $base:ident) => {
        pub(super) static $name: Distro = Distro {
            id: $id,
            pretty: concat!("Red Hat Virtualization Host ", $product, " (el", $el, ")"),
            volumes: volumes!($layer),
            swap: ("/dev/mapper/rhvh-swap", 4_194_300),
            release_files: &[
                ("/etc/redhat-release", concat!("Red Hat Enterprise Linux release ", $el, "\n")),
                ("/etc/system-release-cpe", concat!("cpe:/o:redhat:enterprise_linux:", $el, ":GA:hypervisor\n")),
                (
                    "/usr/lib/os-release",
                    concat!(
                        "NAME=\"Red Hat Enterprise Linux\"\nVERSION=\"",
                        $el,
                        "\"\nVERSION_ID=\"",
                        $el,
                        "\"\nID=\"rhel\"\nID_LIKE=\"fedora\"\nVARIANT=\"Red Hat Virtualization Host\"\n\
                         VARIANT_ID=\"ovirt-node\"\nPRETTY_NAME=\"Red Hat Virtualization Host ",
                        $product,
                        " (el",
                        $el,
                        ")\"\nANSI_COLOR=\"0;31\"\nCPE_NAME=\"cpe:/o:redhat:enterprise_linux:",
                        $el,
                        ":GA:hypervisor\"\nHOME_URL=\"https://www.redhat.com/\"\n\
                         BUG_REPORT_URL=\"https://bugzilla.redhat.com/\"\n"
                    ),
                ),
            ],
            ..$base
        };
    };
}

image!(RHVH_4_2_7, "rhvh-4.2.7.3-0.20181026.0", "rhvh--4.2.7.3--0.20181026.0", "4.2.7", "7.5", BASE_7_5);
image!(RHVH_4_3_9, "rhvh-4.3.9.2-0.20200324.0", "rhvh--4.3.9.2--0.20200324.0", "4.3.9", "7.9", RHEL_7);
image!(RHVH_4_3_13, "rhvh-4.3.13.2-0.20210127.0", "rhvh--4.3.13.2--0.20210127.0", "4.3.13", "7.9", RHEL_7);
image!(RHVH_4_4_10_1, "rhvh-4.4.10.1-0.20220223.0", "rhvh--4.4.10.1--0.20220223.0", "4.4.10", "8.6", RHEL_8);
image!(RHVH_4_4_10_2, "rhvh-4.4.10.2-0.20220303.0", "rhvh--4.4.10.2--0.20220303.0", "4.4.10", "8.6", RHEL_8);
image!(RHVH_4_5_3, "rhvh-4.5.3.1-0.20221011.0", "rhvh--4.5.3.1--0.20221011.0", "4.5.3", "8.6", RHEL_8);

const BASE_7_5: Distro = Distro { kernels: RHEL_7_5.kernels, ..RHEL_7 };
