//! What fills the disks: the large files of packages, and what daemons keep. Names are common knowledge of the packages; where
//! a folder of a real machine has thousands of files, a few stand here that are as large as all of them (inferred). Nobody
//! reads them: libraries begin as such, all others are zeros. Their sizes are shares of what `df` counts as used on a fresh
//! installation, less what the rest of the image and the file system itself take, so that `df` and `du` tell the same.

use std::collections::BTreeMap;

use crate::sim::Instant;
use crate::systems::linux::distro::{Distro, Vendor, Volume};
use crate::systems::linux::fs::{Content, Cred, Fs, Ino, Kind};

/// A folder, and the files in it, each with its share in KiB, or `=` and its size, where that is what it is. `{id}` is the
/// machine's number.
pub type Row = (&'static str, &'static str);

/// The unit in which disks give out space.
const BLOCK: u64 = 4096;

/// The size of a journal, in KiB.
const JOURNAL: u64 = 8_192;

/// What the packages of a distribution have.
fn rows(distro: &Distro) -> Vec<Row> {
    match (distro.vendor, distro.major) {
        (Vendor::RedHat, major) => RHEL.iter().chain(if major >= 8 { RHEL_8 } else { RHEL_7 }).copied().collect(),
        (Vendor::Suse, _) => SLES.to_vec(),
        (Vendor::Photon, _) => PHOTON.to_vec(),
        (Vendor::Esxi, _) => Vec::new(),
    }
}

const RHEL: &[Row] = &[
    (
        "/usr/lib/firmware",
        "amdgpu/vega10_me.bin 21500 i915/skl_guc_ver9_33.bin 9800 iwlwifi-9000-pu-b0-jf-b0-46.ucode 29800 \
         liquidio/lio_210nv_nic.bin 24600 mellanox/mlxsw_spectrum-13.2000.2308.mfa2 18300 \
         netronome/nic_AMDA0081-0001_1x40.nffw 38200 qed/qed_init_values_zipped-8.42.2.0.bin 7900",
    ),
    (
        "/usr/share/locale",
        "de/LC_MESSAGES/coreutils.mo 14200 es/LC_MESSAGES/coreutils.mo 13100 fr/LC_MESSAGES/coreutils.mo 14900 \
         ja/LC_MESSAGES/coreutils.mo 15300 zh_CN/LC_MESSAGES/coreutils.mo 11800",
    ),
    ("/usr/share/doc", "kernel-doc.txt.gz 31000"),
    ("/usr/share/man", "man1/bash.1.gz 21400 man5/systemd.unit.5.gz 7600 man8/lvm.8.gz 13900"),
    ("/usr/share/hwdata", "oui.txt 4300 pci.ids 1190 usb.ids 680"),
    ("/usr/share/misc", "magic.mgc 3560"),
    ("/usr/share/cracklib", "pw_dict.pwd 8400 pw_dict.pwi 1500"),
    ("/usr/share/selinux/packages", "targeted.pp.bz2 9100"),
    ("/usr/share/i18n", "locales/translit_combining 9700 charmaps/UTF-8.gz 6900"),
    ("/usr/share/mime", "mime.cache 2900"),
    ("/usr/share/backgrounds", "default.png 4200"),
    ("/usr/lib64/gconv", "libCNS.so 7900"),
    ("/usr/lib64/security", "pam_unix.so 2100"),
    ("/usr/lib64/NetworkManager", "libnm-device-plugin-team.so 3800"),
    ("/usr/lib64/samba", "libsamba-security-samba4.so 15200"),
    ("/usr/lib/udev", "hwdb.bin 9400"),
    ("/usr/lib/dracut", "dracut-init.sh 1700"),
    ("/usr/lib/systemd", "systemd-journald 9800 systemd-udevd 6100"),
    ("/usr/lib/grub/i386-pc", "modinfo.sh 4100"),
    ("/usr/libexec", "man-db/manconv 2600 getconf/POSIX_V7_LP64_OFF64 1900 sudo/sudoers.so 4300"),
    ("/usr/src/kernels", "Module.symvers 2100"),
    ("/etc/udev", "hwdb.bin 9400"),
    ("/etc/pki/ca-trust/extracted", "java/cacerts 160 openssl/ca-bundle.trust.crt 350 pem/tls-ca-bundle.pem 230"),
    ("/etc/selinux/targeted", "policy/policy.31 8300 contexts/files/file_contexts.bin 2600"),
    ("/var/lib/selinux/targeted/active", "policy.kern 8300 modules/100/base/cil 32600"),
    ("/var/log", "anaconda/journal.log 6800 anaconda/packaging.log 1400 sa/sa14 3300"),
    ("/var/cache/man", "index.db 3900"),
    ("/var/cache/ldconfig", "aux-cache 60"),
    ("/run/log/journal/{id}", "system.journal =8192"),
];

const RHEL_7: &[Row] = &[
    (
        "/usr/lib64",
        "libc-2.17.so 2107 libcrypto.so.1.0.2k 2457 libglib-2.0.so.0.5600.1 1143 libgio-2.0.so.0.5600.1 1715 \
         libicudata.so.50.2 21000 libicui18n.so.50.2 2500 libmozjs-17.0.so 5400 libnss3.so 1230 libperl.so 1690 \
         libpython2.7.so.1.0 1810 librpm.so.3.2.2 430 libstdc++.so.6.0.19 991 libxml2.so.2.9.1 1450 libLLVM-7-rhel.so 48000 \
         libgtk-3.so.0.2200.30 7600 libwebkit2gtk-4.0.so.37.28.2 39000",
    ),
    (
        "/usr/lib64/python2.7",
        "lib-dynload/unicodedata.so 9300 lib2to3/Grammar2.7.13.pickle 14100 encodings/cp1006.pyc 18900",
    ),
    ("/usr/lib64/perl5", "CORE/perl.h 9700"),
    (
        "/usr/lib/python2.7/site-packages",
        "sos/plugins/networking.pyc 11800 firewall/core/fw.pyc 8700 yum/__init__.pyc 14200",
    ),
    ("/usr/lib/jvm", "rt.jar 62000"),
    ("/usr/share/perl5", "unicore/Name.pl 29400"),
    ("/usr/share/icons", "hicolor/icon-theme.cache 23000"),
    ("/usr/share/fonts", "dejavu/DejaVuSans.ttf 15500"),
    ("/usr/share/vim/vim74", "doc/version7.txt 28700"),
    ("/usr/share/gnome", "help/gnome-help.xml 38900"),
    ("/usr/libexec/gcc/x86_64-redhat-linux/4.8.5", "cc1 31800 cc1plus 22900 lto1 13400"),
    (
        "/var/cache/yum/x86_64/7Server",
        "rhel-7-server-rpms/gen/filelists_db.sqlite 96000 rhel-7-server-rpms/gen/primary_db.sqlite 88000",
    ),
    ("/var/lib/yum", "history/history.sqlite 2400 yumdb/index 6100"),
];

const RHEL_8: &[Row] = &[
    (
        "/usr/lib64",
        "libc-2.28.so 2089 libcrypto.so.1.1.1k 2994 libdnf.so.2 1910 libglib-2.0.so.0.5600.4 1172 libgio-2.0.so.0.5600.4 1756 \
         libgnutls.so.30.28.2 1920 libicudata.so.60.3 26250 libicui18n.so.60.3 2760 libmozjs-60.so.0.0.0 9200 libnss3.so 1260 \
         libperl.so.5.26.3 2200 libpython3.6m.so.1.0 3310 librpm.so.8.2.0 490 libstdc++.so.6.0.25 1640 libxml2.so.2.9.7 1500 \
         libLLVM-13.so 62000 libbpf.so.0.4.0 330 libclang-cpp.so.13 41000",
    ),
    (
        "/usr/lib64/python3.6",
        "lib-dynload/unicodedata.cpython-36m-x86_64-linux-gnu.so 12900 __pycache__/typing.cpython-36.pyc 39800",
    ),
    ("/usr/lib64/perl5", "CORE/perl.h 10100"),
    (
        "/usr/lib/python3.6/site-packages",
        "sos/report/plugins/networking.py 13200 firewall/core/fw.py 9800 dnf/base.py 12100 pip/_vendor/idna.py 10900",
    ),
    ("/usr/lib/locale/C.utf8", "LC_COLLATE 1550"),
    ("/usr/share/perl5", "unicore/Name.pl 31300"),
    ("/usr/share/icons", "hicolor/icon-theme.cache 26000"),
    ("/usr/share/vim/vim80", "doc/version8.txt 31200"),
    ("/usr/share/licenses", "kernel-core/COPYING-4.18.0 6600"),
    ("/usr/libexec/platform-python3.6", "libpython3.6m.a 9600"),
    ("/usr/libexec/gcc/x86_64-redhat-linux/8", "cc1 28800 cc1plus 24700 lto1 21500"),
    (
        "/var/cache/dnf",
        "rhel-8-for-x86_64-appstream-rpms.solv 41000 rhel-8-for-x86_64-appstream-rpms-filenames.solvx 98000 \
         rhel-8-for-x86_64-baseos-rpms.solv 26000 rhel-8-for-x86_64-baseos-rpms-filenames.solvx 62000",
    ),
    ("/var/lib/dnf", "history.sqlite 2300"),
    ("/var/lib/sss", "mc/initgroups 8100 db/cache_implicit_files.ldb 1600"),
];

const SLES: &[Row] = &[
    ("/lib64", "libc-2.11.3.so 1660 libcrypto.so.0.9.8 1680 libm-2.11.3.so 535 libglib-2.0.so.0.2200.5 900"),
    ("/lib/firmware", "radeon/R600_rlc.bin 5200"),
    ("/usr/lib64", "libpython2.6.so.1.0 1540 libxml2.so.2.7.6 1380 libstdc++.so.6.0.17 970 libperl.so 1570"),
    ("/usr/lib64/python2.6", "lib-dynload/unicodedata.so 9200 encodings/cp1006.pyc 11400"),
    ("/usr/lib/perl5/5.10.0", "unicore/Name.pl 21400"),
    ("/usr/share/locale", "de/LC_MESSAGES/coreutils.mo 8200 ja/LC_MESSAGES/coreutils.mo 9100"),
    ("/usr/share/doc/packages", "coreutils/NEWS 12300"),
    ("/usr/share/man", "man1/bash.1.gz 10400"),
    ("/usr/share/YaST2", "modules/Package.ybc 13800"),
    ("/var/cache/zypp", "solv/@System/solv 2600"),
];

const PHOTON: &[Row] = &[
    (
        "/usr/lib",
        "libcrypto.so.1.0.2 2400 libstdc++.so.6.0.22 1580 libglib-2.0.so.0.4800.2 1090 libxml2.so.2.9.6 1440 libLLVM.so 31000",
    ),
    ("/usr/lib/python2.7", "lib-dynload/unicodedata.so 9400 encodings/cp1006.pyc 13400"),
    ("/usr/lib/firmware", "radeon/R600_rlc.bin 3200"),
    ("/usr/share/locale", "de/LC_MESSAGES/coreutils.mo 5200 ja/LC_MESSAGES/coreutils.mo 6100"),
    ("/usr/share/perl5", "unicore/Name.pl 19400"),
    ("/usr/share/vim", "vim80/doc/version8.txt 12700"),
    ("/usr/libexec", "gcc/x86_64-unknown-linux-gnu/cc1 11800"),
    ("/var/cache/tdnf", "photon/solvcache/photon.solv 3900"),
];

/// What a file system keeps for itself, in KiB: its journal and its tables, as `df` shows them on one without files.
fn own(distro: &Distro, volume: &Volume) -> u64 {
    match volume.fstype {
        // Of a file system with room for copies that share their blocks.
        "xfs" if distro.major >= 8 => volume.size / 130,
        "xfs" => 33_000,
        // `df` counts the journal of the old one.
        "ext3" if volume.size > 2_000_000 => 131_072 + volume.size / 446,
        "ext3" => volume.size / 60,
        "ext4" => match volume.size {
            0..2_000_000 => 1_300,
            2_000_000..12_000_000 => 23_028,
            12_000_000..20_000_000 => 34_000,
            20_000_000..30_000_000 => 45_080,
            30_000_000..60_000_000 => 53_064,
            _ => 61_440,
        },
        // What is there beside the journal.
        "tmpfs" if volume.dir == "/run" => volume.used.saturating_sub(JOURNAL),
        _ => 0,
    }
}

/// A large file: its share or its size, and how much its last block lacks.
struct Large {
    ino: Ino,
    share: u64,
    exact: u64,
    odd: u64,
}

/// Makes the large files of a distribution, and those of its family, as large as `df` shows that they are. What no file
/// stands for is left to the file system.
pub fn settle(fs: &mut Fs, distro: &Distro, id: &str, family: &[Row], now: Instant) {
    let mut by_mount: BTreeMap<usize, Vec<Large>> = BTreeMap::new();
    for (dir, files) in rows(distro).iter().chain(family) {
        let words: Vec<&str> = files.split_whitespace().collect();
        for pair in words.chunks_exact(2) {
            let path = format!("{}/{}", dir.replace("{id}", id), pair[0]);
            let kib = |text: &str| text.parse::<u64>().unwrap_or_else(|_| panic!("{path} has no size"));
            let (share, exact) =
                pair[1].strip_prefix('=').map_or_else(|| (kib(pair[1]), 0), |size| (0, kib(size) << 10));
            if let Some(ino) = file(fs, &path, now) {
                let digest = |sum: u64, byte: u8| (sum ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3);
                let odd = path.bytes().fold(0xCBF2_9CE4_8422_2325, digest) % BLOCK;
                by_mount.entry(fs.node(ino).mount).or_default().push(Large { ino, share, exact, odd });
            }
        }
    }
    let indices: Vec<(usize, String)> = fs.mounts().map(|(index, mount)| (index, mount.dir.clone())).collect();
    for (index, dir) in indices {
        let Some(volume) = distro.volumes.iter().find(|volume| volume.dir == dir) else { continue };
        let large = by_mount.remove(&index).unwrap_or_default();
        fs.set_mount(index, |mount| (mount.used_by_rest, mount.inodes_by_rest, mount.since) = (0, 0, None));
        let free = (volume.used << 10).saturating_sub(fs.usage(index).used);
        let own = free.min(own(distro, volume) << 10);
        let left = own + share_out(fs, &large, free - own);
        // About 48 KiB a file, as a small installation has.
        let files = fs.usage(index).inodes_used;
        fs.set_mount(index, |mount| {
            mount.used_by_rest = left;
            mount.inodes_by_rest = (volume.used / 48).saturating_sub(files);
        });
    }
}

/// Gives each file its share of so many bytes, in whole blocks; what is left over is returned.
fn share_out(fs: &mut Fs, large: &[Large], mut free: u64) -> u64 {
    for file in large.iter().filter(|file| file.exact > 0) {
        let size = file.exact.min(free);
        fs.resize(file.ino, size);
        free -= size;
    }
    let large: Vec<&Large> = large.iter().filter(|file| file.share > 0).collect();
    let (blocks, shares) = (free / BLOCK, large.iter().map(|file| file.share).sum::<u64>());
    let mut given = 0;
    for (at, file) in large.iter().enumerate() {
        let own = if at + 1 == large.len() { blocks - given } else { blocks * file.share / shares };
        given += own;
        fs.resize(file.ino, (own * BLOCK).saturating_sub(file.odd));
    }
    free - given * BLOCK
}

/// The file at a path, without anything in it; it is made with the directories above it, where it is not there, and belongs to
/// whom they belong.
fn file(fs: &mut Fs, path: &str, now: Instant) -> Option<Ino> {
    if let Ok(ino) = fs.lookup(&Cred::ROOT, "/", path) {
        fs.resize(ino, 0);
        return Some(ino);
    }
    let (above, name) = path.rsplit_once('/')?;
    let (mut dir, mut owner) = (fs.root(), (0, 0));
    for (end, _) in above.match_indices('/').skip(1).chain([(above.len(), "")]) {
        dir = match fs.lookup(&Cred::ROOT, "/", &above[..end]) {
            Ok(dir) => dir,
            Err(_) => {
                let dir = fs.mkdir(&Cred::ROOT, "/", &above[..end], 0o755, now).ok()?;
                give(fs, dir, owner, now)
            }
        };
        owner = (fs.node(dir).uid, fs.node(dir).gid);
    }
    let programs = ["libexec", "/lib/systemd", "/sbin", "/bin"];
    let (kind, mode) =
        match name.ends_with(".so") || name.contains(".so.") || programs.iter().any(|part| above.contains(part)) {
            true => (Content::Program(name.to_owned().into(), 0), 0o755),
            false => (Content::Hole(0), if owner.0 == 0 { 0o644 } else { 0o600 }),
        };
    let ino = fs.put(&Cred::ROOT, dir, name, Kind::File(kind), mode, now).ok()?;
    Some(give(fs, ino, owner, now))
}

fn give(fs: &mut Fs, ino: Ino, (uid, gid): (u32, u32), now: Instant) -> Ino {
    let given = fs.chown(&Cred::ROOT, ino, Some(uid), Some(gid), now);
    given.unwrap_or_else(|errno| unreachable!("root may give a file away: {}", errno.text()));
    ino
}
