//! `lspci` (pciutils): the devices of virtual machines of VMware and KVM, common knowledge and so inferred; and `ipcs`
//! (util-linux), where nobody has left anything.

use super::getopt::Spec;
use super::input::given;
use super::{Tool, tool};
use crate::systems::linux::model::Platform;
use crate::systems::linux::proc::{Ended, Proc};

/// The programs of this file.
pub static TOOLS: &[Tool] = &[tool!("lspci", lspci), tool!("ipcs", ipcs)];

/// A device: slot, class with its number, device with its numbers, revision.
type Device = (&'static str, &'static str, &'static str, &'static str, &'static str, u8);

const VMWARE: &[Device] = &[
    ("00:00.0", "Host bridge", "0600", "Intel Corporation 440BX/ZX/DX - 82443BX/ZX/DX Host bridge", "8086:7190", 1),
    ("00:01.0", "PCI bridge", "0604", "Intel Corporation 440BX/ZX/DX - 82443BX/ZX/DX AGP bridge", "8086:7191", 1),
    ("00:07.0", "ISA bridge", "0601", "Intel Corporation 82371AB/EB/MB PIIX4 ISA", "8086:7110", 8),
    ("00:07.1", "IDE interface", "0101", "Intel Corporation 82371AB/EB/MB PIIX4 IDE", "8086:7111", 1),
    ("00:07.3", "Bridge", "0680", "Intel Corporation 82371AB/EB/MB PIIX4 ACPI", "8086:7113", 8),
    ("00:07.7", "System peripheral", "0880", "VMware Virtual Machine Communication Interface", "15ad:0740", 16),
    ("00:0f.0", "VGA compatible controller", "0300", "VMware SVGA II Adapter", "15ad:0405", 0),
    ("00:11.0", "PCI bridge", "0604", "VMware PCI bridge", "15ad:0790", 2),
    ("00:15.0", "PCI bridge", "0604", "VMware PCI Express Root Port", "15ad:07a0", 1),
    ("00:16.0", "PCI bridge", "0604", "VMware PCI Express Root Port", "15ad:07a0", 1),
    ("00:17.0", "PCI bridge", "0604", "VMware PCI Express Root Port", "15ad:07a0", 1),
    ("00:18.0", "PCI bridge", "0604", "VMware PCI Express Root Port", "15ad:07a0", 1),
    ("02:00.0", "SATA controller", "0106", "VMware SATA AHCI controller", "15ad:07e0", 0),
    ("03:00.0", "Serial Attached SCSI controller", "0107", "VMware PVSCSI SCSI Controller", "15ad:07c0", 2),
    ("0b:00.0", "Ethernet controller", "0200", "VMware VMXNET3 Ethernet Controller", "15ad:07b0", 1),
];

const KVM: &[Device] = &[
    ("00:00.0", "Host bridge", "0600", "Intel Corporation 440FX - 82441FX PMC [Natoma]", "8086:1237", 2),
    ("00:01.0", "ISA bridge", "0601", "Intel Corporation 82371SB PIIX3 ISA [Natoma/Triton II]", "8086:7000", 0),
    ("00:01.1", "IDE interface", "0101", "Intel Corporation 82371SB PIIX3 IDE [Natoma/Triton II]", "8086:7010", 0),
    ("00:01.2", "USB controller", "0c03", "Intel Corporation 82371SB PIIX3 USB [Natoma/Triton II]", "8086:7020", 1),
    ("00:01.3", "Bridge", "0680", "Intel Corporation 82371AB/EB/MB PIIX4 ACPI", "8086:7113", 3),
    ("00:02.0", "VGA compatible controller", "0300", "Red Hat, Inc. QXL paravirtual graphic card", "1b36:0100", 5),
    ("00:03.0", "Ethernet controller", "0200", "Red Hat, Inc. Virtio network device", "1af4:1000", 0),
    ("00:04.0", "SCSI storage controller", "0100", "Red Hat, Inc. Virtio SCSI", "1af4:1004", 0),
    ("00:05.0", "Communication controller", "0780", "Red Hat, Inc. Virtio console", "1af4:1003", 0),
    ("00:06.0", "Unclassified device", "00ff", "Red Hat, Inc. Virtio memory balloon", "1af4:1002", 0),
];

async fn lspci(p: &mut Proc, arguments: &[String]) -> Ended {
    const OPTIONS: Spec =
        Spec { short: "nd:s:D", long: &[], gaps: "v k x t m b q Q P i: p: A: O: H: M F: G --help --version" };
    let given = given!(p, &OPTIONS, arguments, |complaint| {
        p.complain(&complaint).await?;
        p.err("Usage: lspci [<switches>]\n").await?;
        Ok(1)
    });
    let devices = match p.peek(|linux| linux.hardware.platform) {
        Platform::Vmware => VMWARE,
        Platform::Kvm => KVM,
        Platform::Physical => return p.gap("lspci of hardware"),
    };
    p.inferred();
    let numbers = given.options.iter().filter(|(letter, _)| *letter == 'n').count();
    let slot = |slot: &str| {
        given.value('s').is_none_or(|wanted| {
            let wanted = wanted.trim_start_matches("0000:");
            slot == wanted
                || !wanted.contains('.') && slot.starts_with(&format!("{wanted}."))
                || wanted.ends_with(':') && slot.starts_with(wanted)
        })
    };
    let made = |id: &str| {
        given.value('d').is_none_or(|wanted| {
            let (vendor, device) = wanted.split_once(':').unwrap_or((wanted, ""));
            id.starts_with(vendor) && id.ends_with(device)
        })
    };
    let mut text = String::new();
    for (place, class, class_id, name, id, revision) in devices.iter().filter(|device| slot(device.0) && made(device.4))
    {
        let domain = if given.has('D') { "0000:" } else { "" };
        let end = if *revision > 0 { format!(" (rev {revision:02x})") } else { String::new() };
        text.push_str(&match numbers {
            0 if *class_id == "00ff" => format!("{domain}{place} {class} [{class_id}]: {name}{end}\n"),
            0 => format!("{domain}{place} {class}: {name}{end}\n"),
            1 => format!("{domain}{place} {class_id}: {id}{end}\n"),
            _ => format!("{domain}{place} {class} [{class_id}]: {name} [{id}]{end}\n"),
        });
    }
    p.out(&text).await?;
    Ok(0)
}

async fn ipcs(p: &mut Proc, arguments: &[String]) -> Ended {
    const OPTIONS: Spec = Spec {
        short: "mqsa",
        long: &[("shmems", 'm'), ("queues", 'q'), ("semaphores", 's'), ("all", 'a')],
        gaps: "i: l u t p c b h V --id: --limits --summary --time --pid --creator --human --bytes",
    };
    const QUEUES: &str = "
------ Message Queues --------
key        msqid      owner      perms      used-bytes   messages    
";
    const MEMORY: &str = "
------ Shared Memory Segments --------
key        shmid      owner      perms      bytes      nattch     status      
";
    const SEMAPHORES: &str = "
------ Semaphore Arrays --------
key        semid      owner      perms      nsems     
";
    let given = given!(p, &OPTIONS, arguments, 1);
    let all = given.options.is_empty() || given.has('a');
    let parts = [('q', QUEUES), ('m', MEMORY), ('s', SEMAPHORES)];
    let text: String = parts.iter().filter(|(letter, _)| all || given.has(*letter)).map(|(_, text)| *text).collect();
    p.out(&(text + "\n")).await?;
    Ok(0)
}
