//! Whether the images are what a shell on each distribution finds.

use super::*;
use crate::systems::linux::distro::{self, ALL, Vendor};
use crate::systems::linux::fs::{Access, Errno};

fn image(id: &str) -> Fs {
    let (distro, now) = (distro::find(id).expect("a distribution"), Instant::parse("2021-03-01T08:00:00Z"));
    let now = now.expect("a good time");
    build(distro, distro.kernel_of(now), "0123456789abcdef0123456789abcdef", now)
}

/// The first program along the `PATH` of root.
fn which(id: &str, fs: &Fs, name: &str) -> Option<String> {
    let path = distro::find(id).expect("a distribution").root_path;
    path.split(':').map(|dir| format!("{dir}/{name}")).find(|path| {
        fs.lookup(&Cred::ROOT, "/", path).is_ok_and(|ino| fs.access(&Cred::ROOT, ino, Access::EXEC).is_ok())
    })
}

#[test]
fn every_image_is_sound_and_small() {
    for distro in ALL {
        let fs = image(distro.id);
        fs.check().unwrap_or_else(|e| panic!("{}: {e}", distro.id));
        let saved = serde_json::to_string(&fs).expect("plain data");
        assert_eq!(serde_json::from_str::<Fs>(&saved).expect("what was saved"), fs, "{}", distro.id);
        let inodes: usize = fs.inodes().count();
        assert!((240..=2200).contains(&inodes), "{}: {inodes} inodes", distro.id);
        for user in distro.users().filter(|user| user.uid == 0) {
            assert!(fs.lookup(&Cred::ROOT, "/", user.home).is_ok(), "{}: {}", distro.id, user.home);
            assert!(fs.lookup(&Cred::ROOT, "/", user.shell).is_ok(), "{}: {}", distro.id, user.shell);
        }
        for alias in programs::aliases(distro) {
            let path = format!("{}/{}", alias.dir, alias.name);
            assert!(fs.lookup(&Cred::ROOT, "/", &path).is_ok(), "{}: {path} leads nowhere", distro.id);
        }
    }
}

#[test]
fn what_is_used_is_in_files() {
    for distro in ALL.iter().filter(|distro| distro.vendor != Vendor::Esxi) {
        let fs = image(distro.id);
        for (index, mount) in fs.mounts().filter(|(_, mount)| mount.size > 0) {
            let volume = distro.volume_at(&mount.dir);
            let used = fs.usage(index).used >> 10;
            assert!((volume.used..=volume.used + 4).contains(&used), "{} {}: {used}", distro.id, mount.dir);
        }
        let rest = fs.mounts().find(|(_, mount)| mount.dir == "/").map_or(0, |(_, mount)| mount.used_by_rest >> 10);
        assert!(rest < distro.volume_at("/").used / 4, "{}: {rest} KiB in no file", distro.id);
    }
}

#[test]
fn numbers_of_files_do_not_hang_on_each_other() {
    let (mut fs, mut other) = (image("rhel-8.6"), image("rhel-8.6"));
    let number = |fs: &Fs, path: &str| fs.number(fs.lookup(&Cred::ROOT, "/", path).expect("it is there"));
    let now = Instant::parse("2021-03-01T08:00:00Z").expect("a good time");
    other.mkdir(&Cred::ROOT, "/", "/etc/new", 0o755, now).expect("room");
    [&mut fs, &mut other].into_iter().for_each(Fs::number_by_path);
    let all: std::collections::BTreeSet<u64> = fs.inodes().map(|(ino, _)| fs.number(ino)).collect();
    assert_eq!((all.len(), number(&fs, "/")), (fs.inodes().count(), 64));
    for fs in [&mut fs, &mut other] {
        fs.mkdir(&Cred::ROOT, "/", "/tmp/later", 0o755, now).expect("room");
    }
    for path in ["/etc/passwd", "/usr/bin/ls", "/dev/null", "/tmp/later"] {
        assert_eq!(number(&fs, path), number(&other, path), "{path}");
    }
}

#[test]
fn a_program_stands_in_one_table_once() {
    for distro in ALL {
        let names = programs::programs(distro).map(|program| program.name);
        let names = names.chain(programs::aliases(distro).map(|alias| alias.name));
        let mut known: std::collections::BTreeSet<&str> = names.collect();
        for program in programs::others(distro) {
            assert!(known.insert(program.name), "{}: {} stands in two rows", distro.id, program.name);
        }
    }
}

#[test]
fn programs_are_found_where_they_are_installed() {
    let check = |id: &str, name: &str, expect: Option<&str>| {
        assert_eq!(which(id, &image(id), name).as_deref(), expect, "{id} {name}");
    };
    check("rhel-7.9", "ls", Some("/usr/bin/ls"));
    check("rhel-7.9", "sh", Some("/usr/bin/sh"));
    check("rhel-7.9", "ip", Some("/usr/sbin/ip"));
    check("rhel-7.9", "systemctl", Some("/usr/bin/systemctl"));
    check("rhel-7.9", "python", Some("/usr/bin/python"));
    check("rhel-8.6", "python", None);
    check("rhel-8.6", "ifconfig", None);
    check("rhel-8.6", "reboot", Some("/usr/sbin/reboot"));
    check("sles-11.3", "ls", Some("/bin/ls"));
    check("sles-11.3", "find", Some("/usr/bin/find"));
    check("sles-11.3", "chkconfig", Some("/sbin/chkconfig"));
    check("sles-11.3", "systemctl", None);
    check("sles-11.3", "realpath", None);
    check("sles-11.3", "flock", Some("/usr/bin/flock"));
    check("photon-1", "b2sum", None);
    check("photon-3", "b2sum", Some("/usr/bin/b2sum"));
    check("photon-1", "vi", Some("/usr/bin/vi"));
    check("photon-3", "systemctl", Some("/usr/bin/systemctl"));
    check("photon-3", "chkconfig", None);
    check("photon-3", "zypper", None);
    check("esxi-6.7", "ls", Some("/bin/ls"));
    check("esxi-6.7", "sh", Some("/bin/sh"));
    check("esxi-6.7", "vi", Some("/bin/vi"));
    check("esxi-6.7", "esxcli", Some("/bin/esxcli"));
    check("esxi-6.7", "vmkfstools", Some("/sbin/vmkfstools"));
    for missing in ["bash", "curl", "free", "ip", "man", "rsync", "sudo", "su", "systemctl", "service", "yum"] {
        check("esxi-5.5", missing, None);
        check("esxi-6.7", missing, None);
        check("esxi-7.0", missing, None);
    }
}

#[test]
fn files_name_their_release() {
    let check = |id: &str, path: &str, expect: Option<&str>| {
        let fs = image(id);
        let found = fs.lookup(&Cred::ROOT, "/", path).and_then(|ino| fs.read(&Cred::ROOT, ino));
        match (found, expect) {
            (Ok(Content::Bytes(bytes)), Some(part)) => {
                let text = std::str::from_utf8(bytes).expect("text");
                assert!(text.contains(part), "{id} {path}: {text}");
            }
            (Ok(Content::Made(from)), Some(part)) => assert_eq!(from, part, "{id} {path}"),
            (found, expect) => {
                assert_eq!(found.err(), Some(Errno::Noent), "{id} {path}");
                assert_eq!(expect, None, "{id} {path}");
            }
        }
    };
    check("rhel-7.9", "/etc/redhat-release", Some("release 7.9 (Maipo)"));
    check("rhel-7.9", "/etc/system-release", Some("release 7.9 (Maipo)"));
    check("rhel-8.6", "/etc/os-release", Some("VERSION_ID=\"8.6\""));
    check("sles-11.3", "/etc/SuSE-release", Some("PATCHLEVEL = 3"));
    check("sles-11.3", "/etc/redhat-release", None);
    check("sles-11.3", "/etc/HOSTNAME", Some("linux/hostname"));
    check("sles-11.3", "/etc/hostname", None);
    check("photon-3", "/etc/os-release", Some("VERSION_ID=3.0"));
    check("photon-3", "/etc/hostname", Some("linux/hostname"));
    check("esxi-5.5", "/etc/profile", Some("PS1='\\w # '\n"));
    check("esxi-6.7", "/etc/profile", Some("PS1='[\\u@\\h:\\w] '\n"));
    check("esxi-6.7", "/etc/hosts", Some("linux/hosts"));
    check("esxi-6.7", "/etc/fstab", None);
    check("esxi-6.7", "/etc/os-release", None);
    check("esxi-6.7", "/proc/version", None);
    check("esxi-6.7", "/var/log/messages", None);
    check("rhel-7.9", "/etc/mtab", Some("linux/proc/1/mounts"));
    check(
        "rhel-7.9",
        "/etc/fstab",
        Some("/dev/mapper/rhel-root   /                       xfs     defaults        0 0\n"),
    );
    check("sles-11.3", "/etc/fstab", Some("/dev/mapper/core_vg-core /storage/core ext3 defaults 1 2\n"));
    check("rhel-7.9", "/etc/profile", Some("PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/root/bin\n"));
}

#[test]
fn secrets_and_homes_are_closed_to_others() {
    let eva = Cred { uid: 1000, gid: 1000, groups: Vec::new() };
    for distro in ALL {
        let fs = image(distro.id);
        let refused = |path: &str| fs.lookup(&eva, "/", path).and_then(|ino| fs.read(&eva, ino).map(drop));
        assert_eq!(refused("/etc/shadow"), Err(Errno::Acces), "{}", distro.id);
        // On ESXi root is at home in `/`.
        let home = if distro.vendor == Vendor::Esxi { Errno::Noent } else { Errno::Acces };
        assert_eq!(refused("/root/.bashrc"), Err(home), "{}", distro.id);
        assert_eq!(refused("/etc/passwd"), Ok(()), "{}", distro.id);
    }
}

#[test]
fn labels_follow_the_directories_where_selinux_is_in_force() {
    let check = |id: &str, path: &str, expect: Option<&str>| {
        let fs = image(id);
        let ino = fs.lookup_link(&Cred::ROOT, "/", path).expect("it is there");
        assert_eq!(fs.node(ino).label.as_deref(), expect, "{id} {path}");
    };
    check("rhel-7.9", "/", Some("root_t"));
    check("rhel-7.9", "/etc/fstab", Some("etc_t"));
    check("rhel-7.9", "/etc/shadow", Some("shadow_t"));
    check("rhel-7.9", "/usr/bin/ls", Some("bin_t"));
    check("rhel-7.9", "/root/.bashrc", Some("admin_home_t"));
    check("rhel-7.9", "/proc/uptime", Some("proc_t"));
    check("sles-11.3", "/etc/fstab", None);
}

#[test]
fn what_outlasts_a_boot_of_esxi_is_on_its_volumes() {
    let check = |id: &str, path: &str, fstype: &str| {
        let fs = image(id);
        let ino = fs.lookup(&Cred::ROOT, "/", path).expect("it is there");
        let mount = fs.mount_of(fs.node(ino).mount).expect("it is on one");
        assert_eq!(mount.fstype, fstype, "{id} {path}");
    };
    for id in ["esxi-5.5", "esxi-6.7", "esxi-7.0"] {
        check(id, "/bootbank", "vfat");
        check(id, "/altbootbank", "vfat");
        check(id, "/etc/profile", "visorfs");
    }
    check("esxi-6.7", "/var/log/vmkernel.log", "vfat");
    check("esxi-6.7", "/store", "vfat");
    check("esxi-6.7", "/vmfs/volumes/datastore1", "VMFS-6");
    check("esxi-5.5", "/vmfs/volumes/datastore1", "VMFS-5");
    check("esxi-7.0", "/locker", "VMFSOS");
}

/// A size as `df -h` rounds it: up, with one decimal below ten.
fn human(mut kib: u64) -> String {
    for unit in ["K", "M", "G"] {
        if kib < 1024 || unit == "G" {
            return format!("{kib}{unit}");
        }
        if kib * 10 < 1024 * 98 + 1 {
            let tenths = (kib * 10).div_ceil(1024);
            let next = if unit == "K" { "M" } else { "G" };
            return format!("{}.{}{next}", tenths / 10, tenths % 10);
        }
        kib = kib.div_ceil(1024);
    }
    unreachable!("the last unit returns")
}

#[test]
fn the_disks_of_photon_are_those_of_the_capture() {
    // From the 6.5 login in the reference: size, used, available, per cent, directory.
    let capture = "\
4.9G 0 4.9G 0% /dev
4.9G 24K 4.9G 1% /dev/shm
4.9G 696K 4.9G 1% /run
4.9G 0 4.9G 0% /sys/fs/cgroup
11G 4.1G 6.0G 41% /
4.9G 1.5M 4.9G 1% /tmp
120M 35M 80M 30% /boot
25G 45M 24G 1% /storage/core
9.8G 42M 9.2G 1% /storage/log
9.8G 95M 9.2G 2% /storage/db
15G 102M 14G 1% /storage/dblog
9.8G 49M 9.2G 1% /storage/seat
985M 1.3M 932M 1% /storage/netdump
9.8G 23M 9.2G 1% /storage/autodeploy
9.8G 23M 9.2G 1% /storage/imagebuilder
99G 75M 94G 1% /storage/updatemgr
";
    let fs = image("photon-1");
    let shown = fs.mounts().map(|(index, mount)| (fs.usage(index), mount)).filter(|(usage, _)| usage.size > 0);
    let lines = shown.map(|(usage, mount)| {
        let used = match usage.used >> 10 {
            0 => "0".to_owned(),
            kib => human(kib),
        };
        let percent = (usage.used * 100).div_ceil(usage.used + usage.available);
        format!("{} {used} {} {percent}% {}\n", human(usage.size >> 10), human(usage.available >> 10), mount.dir)
    });
    assert_eq!(lines.collect::<String>(), capture);
}

#[test]
fn packages_are_there_with_all_their_programs() {
    for (id, wanted) in [
        (
            "rhel-8.6",
            "stdbuf ptx b2sum base32 runuser renice lslogins col getfacl getcap ldconfig getconf modinfo pwdx unxz bzcat cpio",
        ),
        (
            "rhel-7.9",
            "stdbuf ptx runuser renice lslogins col getfacl getcap ldconfig getconf modinfo pwdx unxz bzcat cpio oldfind",
        ),
        ("sles-11.3", "stdbuf ptx renice col ldconfig modinfo slogin getfacl"),
        ("photon-3", "stdbuf b2sum renice ldconfig getcap"),
    ] {
        let fs = image(id);
        for name in wanted.split(' ') {
            assert!(which(id, &fs, name).is_some(), "{id}: {name}");
        }
    }
    for (id, name) in [("rhel-7.9", "b2sum"), ("rhel-7.9", "dnf"), ("photon-3", "getfacl"), ("esxi-6.7", "stdbuf")] {
        assert_eq!(which(id, &image(id), name), None, "{id}: {name}");
    }
}
