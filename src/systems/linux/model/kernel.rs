//! What the kernel writes as it loads. The order and the wording are the kernel's; numbers follow from the machine's model.
//! Inferred: the hardware of the lab file.

use super::{Linux, Platform};
use crate::systems::linux::distro::{Distro, Vendor};
use crate::systems::linux::fs::Cred;

/// Who made the processors. Which ones they are is inferred: any that an appliance of those years ran on.
const VENDOR: &str = "GenuineIntel";
/// The processor's name.
const MODEL_NAME: &str = "Intel(R) Xeon(R) CPU E5-2690 v3 @ 2.60GHz";
/// Its family by the maker's count.
const FAMILY: u32 = 6;
/// Its model by the maker's count.
const MODEL: u32 = 63;
/// Its stepping by the maker's count.
const STEPPING: u32 = 2;
/// Its clock in MHz.
pub const MHZ: u32 = 2_600;
/// What it can do, as far as somebody asks: 64 bits, AES, and that it is virtual.
const FLAGS: &str = "fpu vme de pse tsc msr pae mce cx8 apic sep mtrr pge mca cmov pat pse36 clflush mmx fxsr sse sse2 ss \
                         syscall nx pdpe1gb rdtscp lm constant_tsc pni pclmulqdq ssse3 fma cx16 sse4_1 sse4_2 movbe popcnt aes \
                         xsave avx f16c rdrand hypervisor lahf_lm";

/// What a processor can do, where it may be virtual.
#[must_use]
pub fn flags(platform: Platform) -> String {
    match platform.name() {
        Some(_) => FLAGS.to_owned(),
        None => FLAGS.replace(" hypervisor", "").replace(" ssse3", " vmx ssse3"),
    }
}

/// What is told of each processor: its key in `/proc/cpuinfo`, that of `lscpu`, the value.
#[must_use]
pub fn processor() -> [(&'static str, &'static str, String); 6] {
    [
        ("vendor_id", "Vendor ID", VENDOR.to_owned()),
        ("cpu family", "CPU family", FAMILY.to_string()),
        ("model", "Model", MODEL.to_string()),
        ("model name", "Model name", MODEL_NAME.to_owned()),
        ("stepping", "Stepping", STEPPING.to_string()),
        ("cpu MHz", "CPU MHz", format!("{MHZ}.000")),
    ]
}

/// The loaded modules with their size in bytes and by how many they are used.
#[must_use]
pub fn modules(linux: &Linux) -> [(&'static str, u32, u32); 5] {
    let (_, root) = root_of(linux);
    let [network, disks, last] = linux.hardware.platform.modules();
    [(root, 1_556_480, 3), network, disks, ("dm_mod", 151_552, 9), last]
}

/// How long the kernel and the initial RAM disk take, in milliseconds.
pub const LOADING: u64 = 6_400;

/// When the kernel hands over to the initial RAM disk, in milliseconds.
pub const RAM_DISK: u64 = 1_950;

/// The device of the root file system, and its type.
fn root_of(linux: &Linux) -> (&'static str, &'static str) {
    let root = linux.distro.volumes.iter().find(|volume| volume.dir == "/");
    root.map_or(("/dev/sda1", "ext4"), |volume| (volume.device, volume.fstype))
}

/// By this file a kernel of RHEL keeps to FIPS: it is there from the boot on.
pub const FIPS: &str = "/proc/sys/crypto/fips_enabled";

impl Linux {
    /// Whether the kernel keeps to FIPS.
    #[must_use]
    pub fn has_fips(&self) -> bool {
        self.fs.lookup(&Cred::ROOT, "/", FIPS).is_ok()
    }
}

/// What the boot loader gave to the kernel. SLES has GRUB of old, which says nothing of the image.
#[must_use]
pub fn command_line(linux: &Linux) -> String {
    let (distro, image, (root, _)) = (&linux.distro, linux.kernel().into_owned().release, root_of(linux));
    let volume = |device: &str| {
        let (group, volume) = Distro::logical_volume(device);
        if group.is_empty() { volume } else { format!("{group}/{volume}") }
    };
    let swap = distro.swap.0;
    match (distro.vendor, distro.major) {
        (Vendor::RedHat, major) => {
            let (disk, resume) =
                if major >= 8 { ("(hd0,msdos1)", format!(" resume={swap}")) } else { ("", String::new()) };
            let (lv, swap) = (volume(root), volume(swap));
            let more = if linux.has_fips() { " fips=1" } else { "" };
            let usual = format!("crashkernel=auto{resume} rd.lvm.lv={lv} rd.lvm.lv={swap} rhgb quiet{more}");
            match lv.strip_prefix("rhvh/") {
                // A layer has its own kernels, and is found by its name.
                Some(layer) => {
                    format!(
                        "BOOT_IMAGE={disk}/{layer}/vmlinuz-{image} {usual} root=/dev/{lv} rootflags=discard img.bootid={layer}"
                    )
                }
                None => format!("BOOT_IMAGE={disk}/vmlinuz-{image} root={root} ro {usual}"),
            }
        }
        (Vendor::Suse | Vendor::Esxi, _) => format!("root={root} resume={swap} splash=silent showopts"),
        (Vendor::Photon, _) => format!("BOOT_IMAGE=/vmlinuz-{image} root={root} ro quiet"),
    }
}

/// The priority of swap space for which nobody names one: -1 for the first before Linux 4.15, which Red Hat has taken over.
#[must_use]
pub fn swap_priority(linux: &Linux) -> i32 {
    let new = linux.distro.vendor == Vendor::RedHat || linux.kernel().version() >= (4, 15);
    if new { -2 } else { -1 }
}

/// The lines, each with its moment in milliseconds after the start of the kernel.
#[must_use]
pub fn messages(linux: &Linux) -> Vec<(u64, String)> {
    let distro = &linux.distro;
    let total = linux.memory_kib();
    let (device, fstype) = root_of(linux);
    let short = distro.kernels_name(device);
    let acpi = match linux.kernel().version() {
        version if version < (3, 10) => 20_110_413,
        (3, _) => 20_130_517,
        version if version < (4, 18) => 20_160_108,
        _ => 20_180_810,
    };
    let mut lines = vec![
        (0, linux.kernel().banner()),
        (0, format!("Command line: {}", command_line(linux))),
        (0, "x86/fpu: Supporting XSAVE feature 0x001: 'x87 floating point registers'".to_owned()),
        (0, format!("Memory: {total}K/{}K available", total + total / 32)),
        (120, format!("ACPI: Core revision {acpi}")),
        (310, format!("smpboot: Total of {} processors activated", linux.hardware.processors)),
        (620, "PCI: Using configuration type 1 for base access".to_owned()),
        (1_400, "SCSI subsystem initialized".to_owned()),
        (1_900, "sd 0:0:0:0: [sda] Attached SCSI disk".to_owned()),
    ];
    if let Some(name) = linux.hardware.platform.name() {
        lines.insert(3, (0, format!("Hypervisor detected: {name}")));
    }
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
    lines.extend(linux.hardware.platform.link_is_up().map(|text| (5_100, text.to_owned())));
    let (swap, size) = distro.swap;
    let priority = swap_priority(linux);
    lines.push((5_600, format!("Adding {size}k swap on {swap}.  Priority:{priority} extents:1 across:{size}k FS")));
    let others = distro.volumes.iter().filter(|volume| volume.fstype == "xfs" && volume.dir != "/");
    for (at, volume) in (5_700..).step_by(60).zip(others) {
        let name = distro.kernels_name(volume.device);
        lines.push((at, format!("XFS ({name}): Mounting V5 Filesystem")));
        lines.push((at + 40, format!("XFS ({name}): Ending clean mount")));
    }
    lines
}
