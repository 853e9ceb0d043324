//! What lies on the volumes of an ESXi host: the boot banks with kernel, modules and `boot.cfg`, the store with the images of
//! VMware Tools, and what VMFS needs for itself. The files of a bank and the keys of `boot.cfg` are documented; which modules
//! a release has, the names on the store, and all sizes are inferred. On each volume one file takes what `df` shall show and
//! the others do not take.

use crate::sim::Instant;
use crate::systems::linux::distro::{Distro, Volume};
use crate::systems::linux::fs::{Content, Cred, Fs, Kind};

/// A file to be: its path, what it is, its permission bits.
type File = (String, Kind, u16);

/// Modules of the bank by release, in the order in which the loader takes them; the size of each in KiB. The one that is not
/// counted is as large as the rest.
const MODULES_5: &str = "b.b00=152 jumpstrt.gz=4 useropts.gz=4 k.b00=5120 chardevs.b00=28 a.b00=1912 user.b00=512 sb.v00=0 \
s.v00=38912 mtip32xx.v00=64 ata_pata.v00=156 block_cc.v00=84 ehci_ehc.v00=64 elxnet.v00=168 weaselin.t00=16384 \
esx_dvfi.v00=8 xlibs.v00=4 ima_qla4.v00=1736 ipmi_ipm.v00=156 lpfc.v00=508 misc_cni.v00=36 net_bnx2.v00=728 net_e100.v00=436 \
net_igb.v00=192 net_ixgb.v00=252 net_vmxn.v00=72 ohci_usb.v00=36 rste.v00=320 sata_ahc.v00=84 scsi_mpt.v00=396 \
uhci_usb.v00=36 vim.v00=21504 vmx.v00=19456 vsan.v00=72 xorg.v00=14336 imgdb.tgz=496 state.tgz=28";

const MODULES_6: &str = "jumpstrt.gz=4 useropts.gz=4 features.gz=4 k.b00=8704 uc_intel.b00=1540 uc_amd.b00=36 procfs.b00=20 \
vmx.v00=16384 vim.v00=17408 sb.v00=0 s.v00=40960 ata_liba.v00=136 block_cc.v00=84 bnxtnet.v00=236 brcmfcoe.v00=784 \
elxnet.v00=476 i40en.v00=512 igbn.v00=288 iser.v00=236 ixgben.v00=452 lpfc.v00=1532 lsi_mr3.v00=320 lsi_msgp.v00=428 \
misc_cni.v00=20 ne1000.v00=572 nenic.v00=140 nmlx5_co.v00=748 nvme.v00=232 nvmxnet3.v00=152 pvscsi.v00=88 qlnative.v00=2048 \
vmkusb.v00=616 vmw_ahci.v00=168 btldr.t00=948 esx_dvfi.v00=460 esx_ui.v00=11264 esxupdt.v00=1620 weaselin.t00=2324 \
lsu_lsi_.v00=272 native_m.v00=1804 vmware_e.v00=196 vsan.v00=14336 vsanheal.v00=7168 vsanmgmt.v00=4096 imgdb.tgz=1312 \
state.tgz=72";

const MODULES_7: &str = "jumpstrt.gz=4 useropts.gz=4 features.gz=4 k.b00=9216 uc_intel.b00=2020 uc_amd.b00=40 uc_hygon.b00=8 \
procfs.b00=20 vmx.v00=20480 vim.v00=21504 tpm.v00=12 sb.v00=0 s.v00=51200 atlantic.v00=88 bnxtnet.v00=724 elxnet.v00=632 \
i40enu.v00=576 iavmd.v00=124 icen.v00=428 igbn.v00=304 iser.v00=244 ixgben.v00=484 lpfc.v00=2292 lsi_mr3.v00=348 \
lsi_msgp.v00=464 ne1000.v00=600 nenic.v00=260 nmlx5_co.v00=1356 nvme_pci.v00=132 nvmxnet3.v00=176 pvscsi.v00=116 \
vmkusb.v00=1044 vmw_ahci.v00=240 crx.v00=10240 elx_esx_.v00=1668 btldr.v00=960 esx_dvfi.v00=492 esx_ui.v00=14336 \
esxupdt.v00=2128 weaselin.v00=2944 loadesx.v00=60 lsuv2_in.v00=120 native_m.v00=2260 vdfs.v00=13312 vsan.v00=18432 \
vsanheal.v00=7680 vsanmgmt.v00=9216 xorg.v00=0 gc.v00=1096 imgdb.tgz=1440 state.tgz=148";

/// What VMFS has for itself, in KiB; the one that is not counted is as large as the rest.
const VMFS_5: &str = ".fbb.sf=8128 .fdc.sf=61440 .pb2.sf=262144 .pbc.sf=256576 .sbc.sf=0 .vh.sf=4096";
const VMFS_6: &str = ".fbb.sf=1664 .fdc.sf=130048 .jbc.sf=274432 .pb2.sf=16384 .pbc.sf=262144 .sbc.sf=0 .vh.sf=4096";

/// The images of VMware Tools.
const TOOLS_5: &str = "darwin.iso=2392 freebsd.iso=13316 linux.iso=0 netware.iso=512 solaris.iso=13320 winPre2k.iso=13208 \
windows.iso=63488";
const TOOLS_6: &str = "linux.iso=0 linuxPreGlibc25.iso=25600 winPreVista.iso=31744 windows.iso=81920";

/// Names and sizes of a list.
fn listed(list: &str) -> impl Iterator<Item = (&str, u64)> {
    list.split_whitespace().filter_map(|word| word.split_once('=')).map(|(name, kib)| (name, kib.parse().unwrap_or(0)))
}

fn modules(distro: &Distro) -> &'static str {
    match distro.major {
        ..=5 => MODULES_5,
        6 => MODULES_6,
        _ => MODULES_7,
    }
}

/// What the loader starts first.
fn kernel(distro: &Distro) -> &'static str {
    if distro.major < 6 { "tboot.b00" } else { "b.b00" }
}

/// The file by which the loader finds a bank and what is in it.
fn boot_cfg(distro: &Distro, installed: bool) -> String {
    let names: Vec<&str> = listed(modules(distro)).map(|(name, _)| name).collect();
    let option = if distro.major < 7 { "no-auto-partition" } else { "autoPartition=FALSE" };
    let timeout = if distro.major < 6 { "" } else { "timeout=5\nprefix=\n" };
    match installed {
        true => format!(
            "bootstate=0\ntitle=Loading VMware ESXi\n{timeout}kernel={}\nkernelopt={option}\nmodules={}\nbuild={}\nupdated=1\n",
            kernel(distro),
            names.join(" --- "),
            distro.bank_build()
        ),
        // Nothing was ever installed there.
        false => "bootstate=3\nkernel=\nkernelopt=\nmodules=\nbuild=\nupdated=0\n".to_owned(),
    }
}

/// The files, directories before what is in them.
pub(super) fn files(distro: &Distro) -> Vec<File> {
    let text = |text: String| Kind::File(Content::text(text));
    let mut files = vec![
        ("/bootbank/boot.cfg".to_owned(), text(boot_cfg(distro, true)), 0o755),
        ("/altbootbank/boot.cfg".to_owned(), text(boot_cfg(distro, false)), 0o755),
        (format!("/bootbank/{}", kernel(distro)), blob(152), 0o755),
    ];
    add(&mut files, "/bootbank", modules(distro), 0o755);
    let packages = packages(distro);
    for dir in ["", "/floppies", "/vmtools"] {
        files.push((format!("{packages}{dir}"), Kind::EMPTY_DIR, 0o755));
    }
    add(&mut files, &format!("{packages}/vmtools"), tools(distro), 0o755);
    for (dir, list) in own(distro) {
        files.push((format!("{dir}/.sdd.sf"), Kind::EMPTY_DIR, 0o700));
        add(&mut files, dir, list, 0o400);
    }
    files
}

fn add(files: &mut Vec<File>, dir: &str, list: &str, mode: u16) {
    let counted = listed(list).filter(|(_, kib)| *kib > 0);
    files.extend(counted.map(|(name, kib)| (format!("{dir}/{name}"), blob(kib), mode)));
}

fn blob(kib: u64) -> Kind {
    Kind::File(Content::Hole(kib << 10))
}

fn tools(distro: &Distro) -> &'static str {
    if distro.major < 6 { TOOLS_5 } else { TOOLS_6 }
}

/// Where the store keeps them.
fn packages(distro: &Distro) -> String {
    let link = distro.places().into_iter().find(|(link, _)| *link == "/productLocker").map(|(_, to)| to);
    link.unwrap_or_default().replacen("/locker", "/store", 1)
}

/// The volumes of VMFS with what it has there.
fn own(distro: &Distro) -> Vec<(&'static str, &'static str)> {
    let is = |volume: &&Volume| volume.fstype.starts_with("VMFS");
    let volumes = distro.volumes.iter().filter(is);
    volumes.map(|volume| (volume.dir, if volume.fstype == "VMFS-5" { VMFS_5 } else { VMFS_6 })).collect()
}

/// Puts the files on their volumes that take what is left of what `df` shall show.
pub(super) fn fill(fs: &mut Fs, distro: &Distro, now: Instant) {
    let vmtools = format!("{}/vmtools", packages(distro));
    let mut lists = own(distro);
    lists.push(("/bootbank", modules(distro)));
    if distro.major < 7 {
        lists.push((&vmtools, tools(distro)));
    }
    for (dir, list) in lists {
        let Ok(ino) = fs.lookup(&Cred::ROOT, "/", dir) else { continue };
        let index = fs.node(ino).mount;
        let mounted = fs.mount_of(index).map(|mount| mount.dir.clone()).unwrap_or_default();
        let Some(volume) = distro.volumes.iter().find(|volume| volume.dir == mounted) else { continue };
        let left: Vec<&str> = listed(list).filter(|(_, kib)| *kib == 0).map(|(name, _)| name).collect();
        let kib = volume.used.saturating_sub(fs.usage(index).used >> 10) / left.len().max(1) as u64;
        let mode = if dir.starts_with("/vmfs") { 0o400 } else { 0o755 };
        for name in left {
            fs.put(&Cred::ROOT, ino, name, blob(kib / 4 * 4), mode, now)
                .unwrap_or_else(|e| panic!("no place for {dir}/{name}: {e}"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::systems::linux::distro::{ALL, Vendor};
    use crate::systems::linux::image;

    #[test]
    fn what_df_counts_is_there() {
        let now = Instant::parse("2022-03-14T20:00:00Z").expect("a good time");
        for distro in ALL.iter().filter(|distro| distro.vendor == Vendor::Esxi) {
            let fs = image::build(distro, &distro.kernels[0], "0", now);
            for (index, mount) in fs.mounts().filter(|(_, mount)| mount.dir.starts_with("/vmfs/volumes/")) {
                let volume = distro.volume_at(&mount.dir);
                assert!(mount.used_by_rest < 16 << 10, "{} {}: {}", distro.id, mount.dir, mount.used_by_rest);
                assert!(fs.usage(index).used >> 10 >= volume.used, "{} {}", distro.id, mount.dir);
            }
        }
    }

    #[test]
    fn the_bank_has_what_its_loader_is_told() {
        let now = Instant::parse("2022-03-14T20:00:00Z").expect("a good time");
        for distro in ALL.iter().filter(|distro| distro.vendor == Vendor::Esxi) {
            let fs = image::build(distro, &distro.kernels[0], "0", now);
            let cfg = boot_cfg(distro, true);
            let value = |key: &str| {
                let line = cfg.lines().find_map(|line| line.strip_prefix(key)).unwrap_or_else(|| panic!("no {key}"));
                line.split(" --- ").map(str::to_owned).collect::<Vec<_>>()
            };
            for name in value("kernel=").into_iter().chain(value("modules=")) {
                let ino = fs.lookup(&Cred::ROOT, "/bootbank", &name).unwrap_or_else(|e| panic!("{name}: {e}"));
                assert!(fs.size(ino).is_some_and(|size| size > 0), "{} {name}", distro.id);
            }
            assert!(value("build=")[0].ends_with(distro.kernels[0].build_number()), "{}", distro.id);
        }
    }
}
