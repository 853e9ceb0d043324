//! What a machine is made of: hardware, or a virtual machine of which kind, as kernel and programs tell it.

use serde::{Deserialize, Serialize};

/// What a machine is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Platform {
    /// A virtual machine of VMware.
    #[default]
    Vmware,
    /// A virtual machine of KVM, as those of oVirt are.
    Kvm,
    /// Hardware.
    Physical,
}

impl Platform {
    /// Systemd's word for the kind of virtual machine.
    #[must_use]
    pub fn word(self) -> Option<&'static str> {
        Some(self.hypervisor()?.0)
    }

    /// The kernel's name for it.
    #[must_use]
    pub fn name(self) -> Option<&'static str> {
        Some(self.hypervisor()?.1)
    }

    fn hypervisor(self) -> Option<(&'static str, &'static str)> {
        match self {
            Self::Vmware => Some(("vmware", "VMware")),
            Self::Kvm => Some(("kvm", "KVM")),
            Self::Physical => None,
        }
    }

    /// The first bytes of the hardware address of its network card: VMware's, the pool of oVirt, Intel's. As many as there are of
    /// a maker.
    #[must_use]
    pub fn hardware(self, digest: [u8; 32]) -> [u8; 6] {
        let [a, b, c, d, ..] = digest;
        match self {
            Self::Vmware => [0x00, 0x50, 0x56, 0x80 | a & 0x3f, b, c],
            Self::Kvm => [0x56, 0x6f, a, b, c, d],
            Self::Physical => [0x3c, 0xfd, 0xfe, a, b, c],
        }
    }

    /// The modules of its network card, its disks and what else it has: names, sizes in bytes, by how many they are used.
    #[must_use]
    pub fn modules(self) -> [(&'static str, u32, u32); 3] {
        match self {
            Self::Vmware => [("vmxnet3", 65_536, 0), ("vmw_pvscsi", 28_672, 4), ("vmw_balloon", 24_576, 0)],
            Self::Kvm => [("virtio_net", 53_248, 0), ("virtio_scsi", 24_576, 4), ("virtio_balloon", 24_576, 0)],
            Self::Physical => [("ixgbe", 380_928, 0), ("megaraid_sas", 172_032, 4), ("kvm_intel", 315_392, 0)],
        }
    }

    /// What the kernel writes when its network card is up.
    #[must_use]
    pub fn link_is_up(self) -> Option<&'static str> {
        match self {
            Self::Vmware => Some("vmxnet3 0000:0b:00.0 eth0: NIC Link is Up 10000 Mbps"),
            Self::Kvm => None,
            Self::Physical => Some("ixgbe 0000:0b:00.0 ens192: NIC Link is Up 10 Gbps, Flow Control: RX/TX"),
        }
    }
}
