//! What the kernel of an ESXi host writes as it boots, from the machine's own processors, memory, disk, card and volumes. The
//! names of subsystems and drivers are common knowledge; the wording, the times and the hardware are inferred.

use super::super::{Linux, Platform, kernel};

/// When the kernel knows what time it is, in milliseconds after its start.
pub(super) const CLOCK: u64 = 5_200;

/// The drivers of the disks and of the card, with the identity of each on the bus.
fn drivers(linux: &Linux) -> [(&'static str, &'static str); 2] {
    let old = linux.distro.major < 6;
    match linux.hardware.platform {
        Platform::Vmware => [("pvscsi", "15ad:07c0"), (if old { "vmxnet3" } else { "nvmxnet3" }, "15ad:07b0")],
        Platform::Kvm => {
            [(if old { "ahci" } else { "vmw_ahci" }, "8086:2922"), (if old { "e1000" } else { "ne1000" }, "8086:100e")]
        }
        Platform::Physical => [
            (if old { "megaraid_sas" } else { "lsi_mr3" }, "1000:005d"),
            (if old { "ixgbe" } else { "ixgben" }, "8086:10fb"),
        ],
    }
}

/// The lines, each with its moment in milliseconds after the start of the kernel.
pub(super) fn messages(linux: &Linux) -> Vec<(u64, String)> {
    let build = linux.kernel();
    let [(disks, disk_id), (card, card_id)] = drivers(linux);
    let [_, _, _, (_, _, model), ..] = kernel::processor();
    let mut lines = vec![
        (0, format!("BootVMKernel: VMware ESXi {} [Releasebuild-{} x86_64]", build.release, build.build_number())),
        (20, format!("Cpu: {} PCPUs, {model}", linux.hardware.processors)),
        (35, format!("MemSched: {} KB of physical memory", linux.memory_kib())),
        (1_310, format!("PCI: 0000:03:00.0 {disk_id} named 'vmhba0'")),
        (1_315, format!("PCI: 0000:0b:00.0 {card_id} named 'vmnic0'")),
    ];
    for (at, driver) in [(2_600, disks), (3_400, card)] {
        lines.push((at, format!("Loading module {driver} ...")));
        lines.push((at + 210, format!("Device: Registered driver '{driver}'")));
        lines.push((at + 220, format!("Mod: Initialization of {driver} succeeded")));
        lines.push((at + 221, format!("{driver} loaded successfully.")));
    }
    let volumes = || {
        linux.distro.volumes.iter().filter_map(|volume| {
            Some((volume, volume.device.strip_prefix("mpx.").and(volume.device.rsplit_once(':'))?))
        })
    };
    if let Some((_, (disk, _))) = volumes().next() {
        let path = disk.trim_start_matches("mpx.");
        lines.extend([
            (5_610, format!("ScsiScan: Path '{path}': Vendor: 'VMware  '  Model: 'Virtual disk    '  Rev: '2.0 '")),
            (5_612, format!("ScsiScan: Path '{path}': Type: 0x0, ANSI rev: 6, TPGS: 0 (none)")),
            (5_690, format!("ScsiDevice: Successfully registered device \"{disk}\" from plugin \"NMP\" of type 0")),
        ]);
    }
    lines.push((6_020, "NetPort: vmnic0: link up, 10000 Mbps full duplex".to_owned()));
    for (at, (volume, _)) in (7_400..).step_by(85).zip(volumes()) {
        let id = volume.dir.rsplit('/').next().unwrap_or_default();
        let kind = if volume.fstype == "vfat" { "VFAT" } else { "Vol3" };
        lines.push((at, format!("{kind}: {} volume {id} on {} is open", volume.fstype, volume.device)));
    }
    lines.push((11_900, "VMKernel: Boot Successful".to_owned()));
    lines
}
