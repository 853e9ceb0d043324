//! VMware ESXi 5.5, 6.7 and 7.0 on one local disk: what its BusyBox shell shows. Prompts and the versions of products are
//! captured; which partitions of the boot disk are banks and store is documented. The rest (users, sizes, what `uname` prints, the version of
//! BusyBox) is common knowledge without a transcript here, and counts as inferred.

use std::borrow::Cow;

use super::{Distro, Kernel, Quotes, Vendor, Volume, volume};

/// Names of the file systems, which on a real host differ from host to host.
const BOOTBANK: &str = "/vmfs/volumes/2a1f0c3e-7b9d6e41-85f2-93c1d0a4e6b7";
const ALTBOOTBANK: &str = "/vmfs/volumes/c84e5d12-06fa9b73-1d3c-4f8e2b7a9d05";
const STORE: &str = "/vmfs/volumes/5d9c6a41-3e8f1b20-7c4a-005056a31f01";
const SCRATCH: &str = "/vmfs/volumes/5d9c6a47-91d0c6f8-b25e-005056a31f01";
const DATASTORE: &str = "/vmfs/volumes/5d9c6a48-48a7f9c2-6d0b-005056a31f01";

/// A partition of the one disk.
macro_rules! disk {
    ($number:literal) => {
        concat!("mpx.vmhba0:C0:T0:L0:", $number)
    };
}

/// What the releases have in common; each names the rest.
const ESXI: Distro = Distro {
    id: "esxi-6.7",
    pretty: "VMware ESXi 6.7.0 Update 3",
    vendor: Vendor::Esxi,
    major: 6,
    root_prompt: r"[\u@\h:\w] ",
    user_prompt: r"[\u@\h:\w] ",
    bash: "",
    coreutils: "1.29.3",
    openssh: "OpenSSH_7.9p1, OpenSSL 1.0.2s-fips  28 May 2019",
    quotes: Quotes::Shell,
    systemd: None,
    kernels: &[vmkernel("6.7.0", "#1 SMP Release build-14320388 Aug  5 2019 02:47:46")],
    processor: Some("x86_64"),
    root_path: "/bin:/sbin",
    user_path: "/bin:/sbin",
    umask: 0o022,
    user_umask: 0o022,
    merged_usr: false,
    selinux: false,
    users: "\
root:x:0:0:Administrator:/:/bin/sh
daemon:x:2:2:System daemons:/:/sbin/nologin
nfsnobody:x:65534:65534:Anonymous NFS User:/:/sbin/nologin
dcui:x:100:100:DCUI User:/:/bin/false
vpxuser:x:500:100:VMware VirtualCenter administration account:/:/bin/sh
",
    groups: "\
root:x:0:root
daemon:x:2:daemon
users:x:100:
nfsnobody:x:65534:
",
    volumes: &[
        RAM,
        TMP,
        vmfs(disk!(3), "VMFS-6", DATASTORE, [70_778_880, 1_481_728, 69_297_152]),
        fat(disk!(5), BOOTBANK, [255_716, 152_836, 102_880]),
        fat(disk!(6), ALTBOOTBANK, [255_716, 0, 255_716]),
        fat(disk!(8), STORE, [292_688, 172_880, 119_808]),
        fat(disk!(2), SCRATCH, [4_192_960, 0, 4_192_960]),
    ],
    swap: ("", 0),
    release_files: &[],
};

/// The root file system is in memory, put together anew at each boot.
const RAM: Volume = volume("visorfs", "/", "visorfs", "", [32_768, 2_880, 29_888]);
/// Another one of memory.
const TMP: Volume = volume("tmp", "/tmp", "tmpfs", "", [262_144, 108, 262_036]);

/// Its kernel tells neither who built it nor with what.
const fn vmkernel(release: &'static str, build: &'static str) -> Kernel {
    Kernel { release: Cow::Borrowed(release), build: Cow::Borrowed(build), by: "", compiler: "" }
}

const fn fat(device: &'static str, dir: &'static str, figures: [u64; 3]) -> Volume {
    volume(device, dir, "vfat", "", figures)
}

const fn vmfs(device: &'static str, fstype: &'static str, dir: &'static str, figures: [u64; 3]) -> Volume {
    volume(device, dir, fstype, "", figures)
}

pub(super) static ESXI_5_5: Distro = Distro {
    id: "esxi-5.5",
    pretty: "VMware ESXi 5.5.0 Update 1",
    major: 5,
    root_prompt: r"\w # ",
    user_prompt: r"\w $ ",
    coreutils: "1.20.2",
    openssh: "OpenSSH_5.6p1, OpenSSL 1.0.1e-fips 11 Feb 2013",
    quotes: Quotes::Shell,
    kernels: &[vmkernel("5.5.0", "#1 SMP Release build-1623387 Feb 22 2014 01:37:11")],
    processor: None,
    volumes: &[
        RAM,
        TMP,
        vmfs(disk!(3), "VMFS-5", DATASTORE, [70_778_880, 984_064, 69_794_816]),
        fat(disk!(5), BOOTBANK, [255_716, 158_376, 97_340]),
        fat(disk!(6), ALTBOOTBANK, [255_716, 0, 255_716]),
        fat(disk!(8), STORE, [292_688, 180_568, 112_120]),
        fat(disk!(2), SCRATCH, [4_192_960, 0, 4_192_960]),
    ],
    ..ESXI
};

pub(super) static ESXI_6_7: Distro = ESXI;

/// From 7.0 on one volume takes the place of store and scratch.
pub(super) static ESXI_7_0: Distro = Distro {
    id: "esxi-7.0",
    pretty: "VMware ESXi 7.0 Update 1",
    major: 7,
    openssh: "OpenSSH_8.3p1, OpenSSL 1.0.2v-fips  28 May 2020",
    kernels: &[vmkernel("7.0.1", "#1 SMP Release build-16850804 Sep  4 2020 11:20:43")],
    volumes: &[
        RAM,
        TMP,
        vmfs(disk!(8), "VMFS-6", DATASTORE, [70_778_880, 1_481_728, 69_297_152]),
        fat(disk!(5), BOOTBANK, [4_192_960, 290_816, 3_902_144]),
        fat(disk!(6), ALTBOOTBANK, [4_192_960, 0, 4_192_960]),
        vmfs(disk!(7), "VMFSOS", SCRATCH, [125_829_120, 3_211_264, 122_617_856]),
    ],
    ..ESXI
};

/// Links to the file systems by what they are for: from 7.0 on what was on two is on one.
pub(super) fn places(distro: &Distro) -> [(&'static str, &'static str); 7] {
    let store = if distro.major < 7 { STORE } else { SCRATCH };
    [
        ("/bootbank", BOOTBANK),
        ("/altbootbank", ALTBOOTBANK),
        ("/store", store),
        ("/locker", "/store"),
        ("/scratch", SCRATCH),
        ("/productLocker", if distro.major < 6 { "/locker/packages/5.5.0" } else { "/locker/packages/vmtoolsRepo" }),
        ("/vmfs/volumes/datastore1", &DATASTORE["/vmfs/volumes/".len()..]),
    ]
}

/// The version of the VIB that carries the kernel, which the boot bank tells as its build.
pub(super) fn base_version(distro: &Distro) -> String {
    let kernel = &distro.kernels[0];
    let update = match distro.major {
        ..=5 => "1.15",
        6 => "3.73",
        _ => "0.0",
    };
    format!("{}-{update}.{}", kernel.release, kernel.build_number())
}
