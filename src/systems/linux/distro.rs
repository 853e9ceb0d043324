//! The distributions under the appliances, as data: what tells a shell on one from a shell on another. Prompts, and the
//! disks of Photon 1, are captured (vCSA 6.0 and 6.5 logins). The other figures are common knowledge of each release
//! without a transcript here, and count as inferred; a capture outranks them.

use serde::{Deserialize, Serialize};

pub use kernel::Kernel;

use crate::sim::Instant;

mod esxi;
mod kernel;
mod packages;
mod rhel;
mod rhvh;
pub mod units;
pub mod vcsa;

/// Whose habits a distribution has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Vendor {
    /// Red Hat Enterprise Linux.
    RedHat,
    /// SUSE Linux Enterprise Server.
    Suse,
    /// Photon OS.
    Photon,
    /// VMware ESXi, whose kernel is no Linux: its shell and most of its programs are BusyBox.
    Esxi,
}

impl Vendor {
    /// For which kind of machine its bash says it was built, and for which system (`MACHTYPE`, `OSTYPE`); inferred, but for
    /// Red Hat. On SLES `/etc/profile` sets its own.
    #[must_use]
    pub fn bash_machine(self) -> (&'static str, &'static str) {
        match self {
            Self::RedHat => ("x86_64-redhat-linux-gnu", "linux-gnu"),
            Self::Suse => ("x86_64-suse-linux", "linux"),
            Self::Photon | Self::Esxi => ("x86_64-unknown-linux-gnu", "linux-gnu"),
        }
    }
}

/// Which language the login shell speaks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Dialect {
    /// bash.
    #[default]
    Bash,
    /// The ash of BusyBox.
    Ash,
}

/// How GNU programs set words apart in their messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quotes {
    /// `` `x' ``, whatever the locale.
    Grave,
    /// `‘x’` in a locale of UTF-8, else `'x'`.
    Locale,
    /// The same, but names of files as a shell would read them: `'it is'`, `"it's"`.
    Shell,
}

impl Quotes {
    /// The quotes of a word that is no file's name.
    #[must_use]
    pub fn around(self, utf8: bool) -> (char, char) {
        match (self, utf8) {
            (Self::Grave, _) => ('`', '\''),
            (_, true) => ('\u{2018}', '\u{2019}'),
            (_, false) => ('\'', '\''),
        }
    }
}

/// A distribution in one release.
#[derive(Debug)]
pub struct Distro {
    /// By which lab files name it, such as `rhel-7.9`.
    pub id: &'static str,
    /// Its name in full, as `hostnamectl` shows it.
    pub pretty: &'static str,
    /// Whose habits it has.
    pub vendor: Vendor,
    /// Its major version.
    pub major: u8,
    /// `PS1` of root.
    pub root_prompt: &'static str,
    /// `PS1` of everybody else.
    pub user_prompt: &'static str,
    /// `BASH_VERSION`; empty where the shell is that of BusyBox.
    pub bash: &'static str,
    /// Version of coreutils, or of BusyBox.
    pub coreutils: &'static str,
    /// What `ssh -V` shows, OpenSSH first, then OpenSSL.
    pub openssh: &'static str,
    /// The quotes in messages of coreutils and findutils.
    pub quotes: Quotes,
    /// Version of systemd; `None`: SysV init with `service` and `chkconfig`.
    pub systemd: Option<u16>,
    /// Its kernels, the oldest first: the one that it came with and errata.
    pub kernels: &'static [Kernel],
    /// What `uname -p` and `-i` show; `None`: `unknown`, which `uname -a` leaves out.
    pub processor: Option<&'static str>,
    /// `PATH` of root after login.
    pub root_path: &'static str,
    /// `PATH` of others after login, without the folders in their home.
    pub user_path: &'static str,
    /// Umask of root after login.
    pub umask: u16,
    /// Umask of others after login.
    pub user_umask: u16,
    /// Whether `/bin`, `/sbin` and `/lib` are links into `/usr`.
    pub merged_usr: bool,
    /// Whether SELinux is enforcing and files have types.
    pub selinux: bool,
    /// Users, as lines of passwd(5).
    pub users: &'static str,
    /// Groups, as lines of group(5).
    pub groups: &'static str,
    /// What is mounted after boot, in the order of `/proc/mounts`.
    pub volumes: &'static [Volume],
    /// The device of the swap space, and its size in KiB.
    pub swap: (&'static str, u64),
    /// Files that name the release, and their text, in which `{version}` stands for it: see [`Distro::release_files`].
    release_files: &'static [(&'static str, &'static str)],
}

/// A file system as it is mounted after installation; sizes in KiB, as `df` without options has them.
#[derive(Clone, Copy, Debug)]
pub struct Volume {
    /// Its device or name.
    pub device: &'static str,
    /// Where it is mounted.
    pub dir: &'static str,
    /// Its type.
    pub fstype: &'static str,
    /// Options beside `rw`.
    pub options: &'static str,
    /// Size.
    pub size: u64,
    /// In use, the files of the image included.
    pub used: u64,
    /// Left for users; what is missing to the size is reserved for root.
    pub available: u64,
}

impl Volume {
    /// Whether a disk stands behind it, and not the kernel or the memory.
    #[must_use]
    pub fn is_on_disk(&self) -> bool {
        self.device.starts_with("/dev/")
    }
}

/// A user as passwd(5) has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct User<'a> {
    /// Login name.
    pub name: &'a str,
    /// User number.
    pub uid: u32,
    /// Number of the first group.
    pub gid: u32,
    /// Full name, a comment.
    pub gecos: &'a str,
    /// Home directory.
    pub home: &'a str,
    /// Login shell.
    pub shell: &'a str,
}

/// A group as group(5) has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Group<'a> {
    /// Name.
    pub name: &'a str,
    /// Number.
    pub gid: u32,
    /// Names of its members, with commas between.
    pub members: &'a str,
}

/// Every distribution there is.
pub static ALL: &[&Distro] = &[
    &rhel::RHEL_7_5,
    &rhel::RHEL_7_9,
    &rhel::RHEL_8_5,
    &rhel::RHEL_8_6,
    &vcsa::SLES_11,
    &vcsa::PHOTON_1,
    &vcsa::PHOTON_1_OF_6_7,
    &vcsa::PHOTON_2,
    &vcsa::PHOTON_3,
    &vcsa::PHOTON_3_OF_8_0,
    &rhvh::RHVH_4_2_7,
    &rhvh::RHVH_4_3_9,
    &rhvh::RHVH_4_3_13,
    &rhvh::RHVH_4_4_10_1,
    &rhvh::RHVH_4_4_10_2,
    &rhvh::RHVH_4_5_3,
    &esxi::ESXI_5_5,
    &esxi::ESXI_6_7,
    &esxi::ESXI_7_0,
];

/// The distribution called `id`.
#[must_use]
pub fn find(id: &str) -> Option<&'static Distro> {
    ALL.iter().copied().find(|distro| distro.id == id)
}

/// Reads a line of passwd(5); `None` when it is none.
#[must_use]
pub fn user(line: &str) -> Option<User<'_>> {
    let fields: Vec<&str> = line.split(':').collect();
    let [name, _, uid, gid, gecos, home, shell] = *fields.as_slice() else { return None };
    Some(User { name, uid: uid.parse().ok()?, gid: gid.parse().ok()?, gecos, home, shell })
}

/// Reads a line of group(5); `None` when it is none.
#[must_use]
pub fn group(line: &str) -> Option<Group<'_>> {
    let fields: Vec<&str> = line.split(':').collect();
    let [name, _, gid, members] = *fields.as_slice() else { return None };
    Some(Group { name, gid: gid.parse().ok()?, members })
}

impl Distro {
    /// The users after installation, in the order of `/etc/passwd`.
    pub fn users(&self) -> impl Iterator<Item = User<'static>> + use<> {
        self.users.lines().filter_map(user)
    }

    /// The groups after installation, in the order of `/etc/group`.
    pub fn groups(&self) -> impl Iterator<Item = Group<'static>> + use<> {
        self.groups.lines().filter_map(group)
    }

    /// The file system that is mounted there after installation.
    ///
    /// # Panics
    /// Where there is none; each distribution has one at `/`.
    #[must_use]
    pub fn volume_at(&self, dir: &str) -> &'static Volume {
        self.volumes.iter().find(|volume| volume.dir == dir).expect("a file system of the distribution")
    }

    /// The kernel of a machine that was installed at this moment: the newest that had been built by then.
    ///
    /// # Panics
    /// When a distribution has no kernel, which none is.
    #[must_use]
    pub fn kernel_of(&self, installed: Instant) -> &'static Kernel {
        let known = self.kernels.iter().rev().find(|kernel| kernel.built() < installed);
        known.or(self.kernels.first()).expect("each distribution has a kernel")
    }

    /// The volumes under the device mapper in the order of their numbers, each with its size in KiB: the initial RAM disk of
    /// RHEL brings up root and swap before all others, an appliance its swap space last (inferred).
    pub fn mapped(&self) -> impl Iterator<Item = (u32, &'static str, u64)> + use<> {
        let swap_second = self.vendor == Vendor::RedHat;
        let volumes = self.volumes.iter().map(|volume| (volume.device, volume.size));
        let mut devices: Vec<_> = volumes.filter(|(device, _)| device.starts_with("/dev/mapper/")).collect();
        if self.swap.0.starts_with("/dev/mapper/") {
            devices.insert(if swap_second { devices.len().min(1) } else { devices.len() }, self.swap);
        }
        (0..).zip(devices).map(|(minor, (device, kib))| (minor, device, kib))
    }

    /// Whether what is written to has file systems of its own, one below the other.
    #[must_use]
    pub fn is_layered(&self) -> bool {
        self.volumes.iter().any(|volume| volume.dir == "/var")
    }

    /// The group and the volume behind a device of LVM, where the device mapper doubles what would divide them.
    #[must_use]
    pub fn logical_volume(device: &str) -> (String, String) {
        let name = device.trim_start_matches("/dev/mapper/");
        let (group, volume) = name.split_once('-').unwrap_or(("", name));
        (group.to_owned(), volume.replace("--", "-"))
    }

    /// The kernel's own name of a device: that of the device mapper for its volumes.
    #[must_use]
    pub fn kernels_name(&self, device: &str) -> String {
        match self.mapped().find(|(_, mapped, _)| *mapped == device) {
            Some((minor, ..)) => format!("dm-{minor}"),
            None => device.trim_start_matches("/dev/").to_owned(),
        }
    }

    /// Files that name the release, and their text.
    pub fn release_files(&self) -> impl Iterator<Item = (&'static str, String)> + use<> {
        let version = self.id.split_once('-').map_or("", |(_, version)| version);
        self.release_files.iter().map(move |(path, text)| (*path, text.replace("{version}", version)))
    }

    /// The language of its shell.
    #[must_use]
    pub fn dialect(&self) -> Dialect {
        if self.bash.is_empty() { Dialect::Ash } else { Dialect::Bash }
    }

    /// Version of OpenSSH: the major and the minor number.
    #[must_use]
    pub fn openssh_version(&self) -> (u8, u8) {
        let number = self.openssh.trim_start_matches("OpenSSH_").split('p').next().unwrap_or_default();
        let part = |at| number.split('.').nth(at).and_then(|part: &str| part.parse().ok()).unwrap_or_default();
        (part(0), part(1))
    }

    /// What `uname -s` shows.
    #[must_use]
    pub fn kernel_name(&self) -> &'static str {
        if self.vendor == Vendor::Esxi { "VMkernel" } else { "Linux" }
    }

    /// What `uname -o` shows.
    #[must_use]
    pub fn operating_system(&self) -> &'static str {
        if self.vendor == Vendor::Esxi && self.major >= 6 { "ESXi" } else { "GNU/Linux" }
    }

    /// Links to file systems by what they are for.
    #[must_use]
    pub fn places(&self) -> Vec<(&'static str, &'static str)> {
        if self.vendor == Vendor::Esxi { esxi::places(self).to_vec() } else { Vec::new() }
    }

    /// The build that the boot bank of a host has.
    #[must_use]
    pub fn bank_build(&self) -> String {
        if self.vendor == Vendor::Esxi { esxi::base_version(self) } else { String::new() }
    }

    /// What the packages of the distribution put into `/etc/profile.d`.
    #[must_use]
    pub fn profile_d(&self) -> Vec<(&'static str, &'static str)> {
        if self.vendor == Vendor::RedHat { rhel::profile_d(self.major) } else { Vec::new() }
    }

    /// The path at which a program of the table lies: `/bin` and `/sbin` are in `/usr` where they are merged.
    #[must_use]
    pub fn program_path(&self, path: &str) -> String {
        let moved = self.merged_usr && (path.starts_with("/bin/") || path.starts_with("/sbin/"));
        if moved { format!("/usr{path}") } else { path.to_owned() }
    }
}

/// A file system with blocks on a disk or in memory.
const fn volume(
    device: &'static str,
    dir: &'static str,
    fstype: &'static str,
    options: &'static str,
    [size, used, available]: [u64; 3],
) -> Volume {
    Volume { device, dir, fstype, options, size, used, available }
}

/// One of the kernel's own trees.
const fn kernel(device: &'static str, dir: &'static str, fstype: &'static str) -> Volume {
    volume(device, dir, fstype, "nosuid,nodev,noexec,relatime", [0, 0, 0])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_distribution_is_whole() {
        for distro in ALL {
            let id = distro.id;
            assert!(std::ptr::eq(find(id).expect("it is in the table"), *distro));
            assert_eq!(distro.users().count(), distro.users.lines().count(), "{id}: users");
            assert_eq!(distro.groups().count(), distro.groups.lines().count(), "{id}: groups");
            for user in distro.users() {
                assert!(distro.groups().any(|group| group.gid == user.gid), "{id}: {} has no group", user.name);
            }
            assert_eq!(distro.volumes.iter().filter(|volume| volume.dir == "/").count(), 1, "{id}");
            for volume in distro.volumes {
                assert!(volume.used + volume.available <= volume.size, "{id}: {}", volume.dir);
            }
            assert_eq!(distro.systemd.is_none(), matches!(distro.vendor, Vendor::Suse | Vendor::Esxi), "{id}");
            assert!(distro.openssh_version() >= (5, 0), "{id}: {}", distro.openssh);
            assert_eq!(distro.dialect() == Dialect::Ash, distro.vendor == Vendor::Esxi, "{id}");
        }
        assert!(find("debian-1").is_none());
    }

    #[test]
    fn the_device_mapper_counts_in_one_way() {
        let check = |id: &str, device: &str, expect: &str| {
            assert_eq!(find(id).expect("a distribution").kernels_name(device), expect, "{id} {device}");
        };
        check("rhel-8.6", "/dev/mapper/rhel-root", "dm-0");
        check("rhel-8.6", "/dev/mapper/rhel-swap", "dm-1");
        check("rhel-8.6", "/dev/mapper/rhel-home", "dm-2");
        check("rhel-8.6", "/dev/sda1", "sda1");
        check("sles-11.3", "/dev/mapper/core_vg-core", "dm-0");
        check("sles-11.3", "/dev/mapper/swap_vg-swap1", "dm-8");
    }

    #[test]
    fn kernels_say_what_they_are() {
        let check = |id: &str, expect: [&str; 2]| {
            let distro = find(id).expect("a distribution");
            assert_eq!([distro.kernel_name(), distro.operating_system()], expect, "{id}");
        };
        check("rhel-8.6", ["Linux", "GNU/Linux"]);
        check("sles-11.3", ["Linux", "GNU/Linux"]);
        check("esxi-5.5", ["VMkernel", "GNU/Linux"]);
        check("esxi-6.7", ["VMkernel", "ESXi"]);
        check("esxi-7.0", ["VMkernel", "ESXi"]);
    }

    #[test]
    fn the_places_of_esxi_are_its_file_systems() {
        for distro in ALL.iter().filter(|distro| distro.vendor == Vendor::Esxi) {
            for (name, target) in distro.places() {
                let target =
                    if target.starts_with('/') { target.to_owned() } else { format!("/vmfs/volumes/{target}") };
                let leads = distro.volumes.iter().any(|volume| volume.dir == target);
                let within =
                    |name: &str| target.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
                let link = distro.places().iter().any(|(name, _)| within(name));
                assert!(leads || link, "{}: {name} leads to {target}", distro.id);
            }
        }
        assert!(find("rhel-7.9").expect("a distribution").places().is_empty());
    }

    #[test]
    fn programs_lie_where_the_distribution_has_them() {
        let check = |id: &str, path: &str, expect: &str| {
            assert_eq!(find(id).expect("a distribution").program_path(path), expect, "{id} {path}");
        };
        check("rhel-7.9", "/bin/ls", "/usr/bin/ls");
        check("rhel-7.9", "/sbin/ip", "/usr/sbin/ip");
        check("rhel-7.9", "/usr/bin/find", "/usr/bin/find");
        check("sles-11.3", "/bin/ls", "/bin/ls");
    }
}
