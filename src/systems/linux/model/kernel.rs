//! What the kernel writes as it loads. The order and the wording are the kernel's; numbers follow from the machine's model.
//! Inferred: a virtual machine of VMware with the hardware of the lab file.

use super::Linux;
use crate::systems::linux::distro::Vendor;

/// How long the kernel and the initial RAM disk take, in milliseconds.
pub const LOADING: u64 = 6_400;

/// The lines, each with its moment in milliseconds after the start of the kernel.
#[must_use]
pub fn messages(linux: &Linux) -> Vec<(u64, String)> {
    let distro = &linux.distro;
    let total = linux.memory_kib();
    let root = distro.volumes.iter().find(|volume| volume.dir == "/");
    let (device, fstype) = root.map_or(("/dev/sda1", "ext4"), |volume| (volume.device, volume.fstype));
    let short = device.rsplit('/').next().unwrap_or(device);
    let image = distro.kernel;
    let (builder, acpi) = match (distro.vendor, distro.major) {
        (Vendor::Suse | Vendor::Esxi, _) => ("geeko@buildhost", 20_110_413),
        (Vendor::Photon, _) => ("root@photon", 20_160_108),
        (Vendor::RedHat, ..=7) => ("mockbuild@x86-vm-01.build.eng.bos.redhat.com", 20_130_517),
        (Vendor::RedHat, _) => ("mockbuild@x86-vm-08.build.eng.bos.redhat.com", 20_180_810),
    };
    let mut lines = vec![
        (0, format!("Linux version {} ({builder}) {}", distro.kernel, distro.kernel_build)),
        (0, format!("Command line: BOOT_IMAGE=/vmlinuz-{image} root={device} ro crashkernel=auto quiet")),
        (0, "x86/fpu: Supporting XSAVE feature 0x001: 'x87 floating point registers'".to_owned()),
        (0, "Hypervisor detected: VMware".to_owned()),
        (0, format!("Memory: {total}K/{}K available", total + total / 32)),
        (120, format!("ACPI: Core revision {acpi}")),
        (310, "smpboot: Total of 2 processors activated".to_owned()),
        (620, "PCI: Using configuration type 1 for base access".to_owned()),
        (1_400, "SCSI subsystem initialized".to_owned()),
        (1_900, "sd 0:0:0:0: [sda] Attached SCSI disk".to_owned()),
    ];
    if fstype == "xfs" {
        lines.push((2_700, format!("XFS ({short}): Mounting V5 Filesystem")));
        lines.push((2_760, format!("XFS ({short}): Ending clean mount")));
    } else {
        let data = "mounted filesystem with ordered data mode";
        lines.push((2_700, format!("{} ({short}): {data}", if fstype == "ext3" { "EXT3-fs" } else { "EXT4-fs" })));
    }
    if distro.selinux {
        lines.push((3_400, "SELinux:  policy capability open_perms=1".to_owned()));
    }
    lines.push((5_100, "vmxnet3 0000:0b:00.0 eth0: NIC Link is Up 10000 Mbps".to_owned()));
    let (swap, size) = distro.swap;
    lines.push((5_600, format!("Adding {size}k swap on {swap}.  Priority:-2 extents:1 across:{size}k FS")));
    lines
}
