//! Files that are made from the model when they are read, so that they never disagree with it.

use super::clock::zones;
use super::distro::{self, Vendor};
use super::fs::{Content, Ino, Inode, Kind, program_start};
use super::interface::Interface;
use super::model::logins::Record;
use super::model::password::{FOREVER, Shadow, WARNED};
use super::model::{Group, Linux, Password};
use super::net;
use super::tools::ssh::host_keys;
use crate::sim::Instant;
use crate::world::{MachineId, World};

mod kernel;
mod links;
mod network;
mod process;
mod records;

pub use links::show as show_links;
pub use process::FILES as PROCESS_FILES;

/// The hosts file that follows from the machines of the lab.
pub const HOSTS: &str = "linux/hosts";

/// Up to `most` bytes of a file from the byte `at` on.
#[must_use]
pub fn slice(world: &World, id: MachineId, ino: Ino, at: usize, most: usize) -> Vec<u8> {
    let cut = |bytes: &[u8]| bytes.iter().skip(at).take(most).copied().collect::<Vec<u8>>();
    match world.linux(id).fs.content(ino) {
        Some(Content::Bytes(bytes)) => bytes.get(at..).map_or(Vec::new(), |rest| rest[..most.min(rest.len())].to_vec()),
        Some(Content::Made(name)) => cut(&make(world, id, name)),
        Some(Content::Program(name, size)) => {
            let size = usize::try_from(*size).unwrap_or(usize::MAX);
            let mut start = program_start(name);
            start.truncate(size);
            let mut bytes = start.get(at..).unwrap_or_default().to_vec();
            bytes.resize(size.saturating_sub(at).min(most), 0);
            bytes
        }
        Some(Content::Hole(size) | Content::Sparse(size)) => {
            let left = usize::try_from(*size).unwrap_or(usize::MAX).saturating_sub(at);
            vec![0; left.min(most)]
        }
        None => Vec::new(),
    }
}

/// Whether what a file holds is made up for want of a source.
#[must_use]
pub fn is_inferred(world: &World, id: MachineId, ino: Ino) -> bool {
    match world.linux(id).fs.content(ino) {
        Some(Content::Made(name)) => crate::systems::family(world, id).is_inferred(name),
        _ => false,
    }
}

/// The size of a file in bytes, whatever it is made from.
#[must_use]
pub fn size(world: &World, id: MachineId, ino: Ino) -> u64 {
    let fs = &world.linux(id).fs;
    match &fs.node(ino).kind {
        Kind::File(Content::Made(name)) => fs.size(ino).unwrap_or_else(|| make(world, id, name).len() as u64),
        _ => fs.size(ino).unwrap_or(0),
    }
}

/// What a file holds whose content has this name.
#[must_use]
pub fn make(world: &World, id: MachineId, name: &str) -> Vec<u8> {
    match name {
        "linux/log/wtmp" => records::wtmp(world.linux(id)),
        "linux/log/btmp" => records::btmp(world.linux(id)),
        "linux/log/lastlog" => records::lastlog(world.linux(id)),
        "linux/localtime" => zones::file(world.linux(id).zone.title()).unwrap_or_default().to_vec(),
        _ if name.starts_with(zones::MADE) => zones::file(&name[zones::MADE.len()..]).unwrap_or_default().to_vec(),
        _ => text(world, id, name).into_bytes(),
    }
}

/// The same of one that is text.
#[must_use]
pub fn text(world: &World, id: MachineId, name: &str) -> String {
    let linux = world.linux(id);
    let Some(own) = name.strip_prefix("linux/") else {
        return crate::systems::family(world, id).make(world, id, name);
    };
    if let Some(unit) = own.strip_prefix("unit/") {
        return distro::units::find(&linux.distro, unit).map(|unit| unit.text(&linux.distro)).unwrap_or_default();
    }
    if let Some(file) = own.strip_prefix("ssh/") {
        return host_keys::text(world, id, file);
    }
    if let Some(log) = own.strip_prefix("log/") {
        return if log == "vmksummary.log" { linux.summary(world.now) } else { linux.log_file(log) };
    }
    if let Some(file) = own.strip_prefix("proc/") {
        return kernel::file(world, id, file);
    }
    if let Some(file) = own.strip_prefix("sys/net/") {
        return links::file(world, id, file);
    }
    if let Some(period) = own.strip_prefix("anacron/") {
        return linux.anacron_stamp(period, world.now);
    }
    match own {
        "hostname" => format!("{}\n", linux.hostname),
        "passwd" => lines(linux.distro.users),
        "group" => lines(linux.distro.groups),
        "gshadow" => gshadow(linux),
        "shadow" => shadow(world, id),
        "hosts" => hosts(world, linux),
        "resolv.conf" => "# No name server: names come from /etc/hosts.\n".to_owned(),
        "ifcfg-bridge" => network::of_bridge(&Interface::of(world, id)),
        "ifcfg" => network::of_rhel(&Interface::of(world, id)),
        "sles/clock" => {
            let zone = linux.zone.title();
            format!("HWCLOCK=\"-u\"\nSYSTOHC=\"yes\"\nTIMEZONE=\"{zone}\"\nDEFAULT_TIMEZONE=\"{zone}\"\n")
        }
        "sles/ifcfg" => network::of_sles(&Interface::of(world, id)),
        "sles/routes" => network::routes_of_sles(&Interface::of(world, id)),
        "photon/network" => network::of_photon(&Interface::of(world, id)),
        "machine-id" => format!("{}\n", linux.machine_id()),
        "selinux" => "SELINUX=enforcing\nSELINUXTYPE=targeted\n".to_owned(),
        // A saved lab may name what is no longer made.
        _ => String::new(),
    }
}

/// A line for each group: those that were made later have a password that nobody has.
fn gshadow(linux: &Linux) -> String {
    let installed: Vec<&str> = linux.distro.groups.lines().filter_map(|line| line.split(':').next()).collect();
    let line = |group: &Group| {
        let password = if installed.contains(&group.name.as_str()) { "" } else { "!" };
        format!("{}:{password}::{}\n", group.name, group.members.join(","))
    };
    linux.groups().iter().map(line).collect()
}

/// When a file was changed last whose content has this name: a log with its last line, what the kernel shows just now.
/// `None`: when somebody changed it.
#[must_use]
pub fn changed(world: &World, id: MachineId, name: &str) -> Option<Instant> {
    let linux = world.linux(id);
    let Some(own) = name.strip_prefix("linux/") else {
        return crate::systems::family(world, id).changed(world, id, name);
    };
    if own.starts_with("proc/") {
        return Some(world.now);
    }
    match own.strip_prefix("log/")? {
        "wtmp" => {
            let ends = |record: &Record| record.until.map_or(record.at, |(at, _)| at.max(record.at));
            linux.logins.records().map(ends).max()
        }
        "btmp" => linux.failures.records().map(|record| record.at).max(),
        "lastlog" => linux.logins.records().filter(|record| record.user.is_some()).map(|record| record.at).max(),
        log => linux.log_file_changed(log),
    }
}

/// An inode with the times that whoever looks at the file sees.
#[must_use]
pub fn inode(world: &World, id: MachineId, ino: Ino) -> Inode {
    let mut inode = world.linux(id).fs.node(ino).clone();
    if let Kind::File(Content::Made(name)) = &inode.kind
        && let Some(at) = changed(world, id, name)
    {
        (inode.mtime, inode.ctime) = (at.max(inode.mtime), at.max(inode.ctime));
    }
    inode
}

fn lines(text: &str) -> String {
    format!("{}\n", text.trim_end_matches('\n'))
}

/// Who logs in with which password, and since when. The hashes have the form of crypt(3) and stand for those that the model
/// keeps; nobody can guess the password by them.
fn shadow(world: &World, id: MachineId) -> String {
    let (linux, machine) = (world.linux(id), world.machine(id));
    let day = |at: Instant| at.utc().unix_timestamp() / 86_400;
    // Who has none of their own has root's.
    let roots = machine.passwords.first().copied().unwrap_or_else(|| Password::any(&machine.name));
    let line = |user: super::model::User| {
        let own = linux.shadow.get(&user.name);
        let barred = user.is_systems();
        let unset = own.is_some_and(|own| own.unset);
        let hash = match own.and_then(|own| own.password) {
            _ if unset => String::new(),
            Some(own) => own.crypt(&user.name),
            None if barred => "*".to_owned(),
            None => roots.crypt(&user.name),
        };
        let lock = match own.is_some_and(|own| own.locked) {
            true if unset && linux.distro.vendor == Vendor::RedHat => "!!",
            true => "!",
            false => "",
        };
        let plain = Shadow::default();
        let own = own.unwrap_or(&plain);
        let changed = day(own.changed.unwrap_or(linux.passwords_set()));
        let (least, most) = (own.least_days.unwrap_or(0), own.most_days.unwrap_or(FOREVER));
        let warned = own.warned_days.unwrap_or(WARNED);
        let idle = own.idle_days.map_or(String::new(), |days| days.to_string());
        let expires = own.expires.map_or(String::new(), |at| day(at).to_string());
        format!("{}:{lock}{hash}:{changed}:{least}:{most}:{warned}:{idle}:{expires}:\n", user.name)
    };
    linux.users().into_iter().map(line).collect()
}

/// The machines of the lab know each other by name.
fn hosts(world: &World, linux: &Linux) -> String {
    let mut text =
        "127.0.0.1   localhost localhost.localdomain\n::1         localhost localhost.localdomain\n".to_owned();
    for (address, own, short) in host_names(world, linux) {
        let names = if short == own { own.to_owned() } else { format!("{own} {short}") };
        text.push_str(&format!("{address:<15} {names}\n"));
    }
    text
}

/// The machines in the hosts file of one of them: the address of each, its name in full and the short one.
fn host_names<'a>(world: &'a World, linux: &'a Linux) -> impl Iterator<Item = (&'a str, &'a str, &'a str)> {
    net::known_by_name(world).map(move |(id, machine)| {
        // An appliance writes its own name into its own file when that is changed.
        let itself = std::ptr::eq(world.linux(id), linux) && linux.distro.vendor != Vendor::RedHat;
        let own = if itself { linux.hostname.as_str() } else { world.linux(id).installed_as() };
        (machine.address.as_str(), own, own.split('.').next().unwrap_or(own))
    })
}

/// What the hosts file of a machine says of a name, without writing the file: the address, and the name in full. The lines of
/// the machine itself are left to whoever asks.
#[must_use]
pub fn host_called<'a>(world: &'a World, linux: &'a Linux, name: &str) -> Option<(&'a str, &'a str)> {
    let called = |names: [&str; 2]| names.iter().any(|known| known.eq_ignore_ascii_case(name));
    host_names(world, linux).find(|(_, own, short)| called([own, short])).map(|(address, own, _)| (address, own))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lab_file::LabFile;
    use crate::systems::linux::distro::ALL;
    use crate::systems::linux::fs::Cred;
    use crate::systems::linux::image::files;

    /// A lab with one machine of this distribution.
    fn world(distro: &str) -> (World, MachineId) {
        let text = format!(
            "title = \"one\"\nstart = \"2022-03-14T20:00:00Z\"\nseed = 1\ndesktop = \"192.168.10.11\"\n[[machine]]\nname = \"one\"\n\
             address = \"192.168.10.28\"\npasswords = [\"first\"]\n[machine.system.linux]\ndistro = \"{distro}\"\n[machine.vm]\nhost = \"esx01\"\ndisks = []\n"
        );
        let world = LabFile::parse(&text).expect("a good lab file").world("one", None, None).expect("a good world");
        let id = world.find("one").expect("it is there");
        (world, id)
    }

    fn read(world: &World, id: MachineId, path: &str) -> String {
        let ino = world.linux(id).fs.lookup(&Cred::ROOT, "/", path).unwrap_or_else(|e| panic!("{path}: {}", e.text()));
        String::from_utf8(slice(world, id, ino, 0, usize::MAX)).expect("text")
    }

    #[test]
    fn each_made_file_can_be_made() {
        for distro in ALL {
            let (world, id) = world(distro.id);
            // Nobody may have logged in so far, or failed to.
            let records = ["/var/log/lastlog", "/var/log/btmp"];
            for made in files::made_on(distro).filter(|made| !records.contains(&made.path)) {
                // Nothing of the cron daemon has to stand in its log, and of a host that nobody has logged in to.
                if !made.path.starts_with("/var/log/cron") && !made.path.ends_with("/auth.log") {
                    assert!(!make(&world, id, made.from).is_empty(), "{} {}", distro.id, made.path);
                }
            }
        }
    }

    #[test]
    fn files_are_as_old_as_the_installation_and_logs_as_their_last_line() {
        let (world, id) = world("rhel-8.6");
        let linux = world.linux(id);
        let at = |path: &str| {
            let ino = linux.fs.lookup(&Cred::ROOT, "/", path).unwrap_or_else(|e| panic!("{path}: {}", e.text()));
            inode(&world, id, ino).mtime
        };
        let installed = at("/etc/fstab");
        assert!(installed < linux.booted);
        for path in ["/", "/root/.bashrc", "/etc/hostname", "/usr/bin/ls", "/tmp", "/etc/systemd/system"] {
            assert_eq!(at(path), installed, "{path}");
        }
        assert_eq!(at("/dev/null"), linux.booted);
        assert_eq!(at("/proc/meminfo"), world.now);
        let last = linux.log.lines().next_back().map(|line| line.at);
        assert_eq!(Some(at("/var/log/messages")), last);
        assert_eq!(at("/var/log/btmp"), installed);
    }

    #[test]
    fn the_password_file_changes_with_the_password() {
        let (mut world, id) = world("rhel-8.6");
        let line = |world: &World, name: &str| {
            let text = read(world, id, "/etc/shadow");
            let found = text.lines().find(|line| line.starts_with(&format!("{name}:")));
            found.unwrap_or_else(|| panic!("no {name} in {text}")).to_owned()
        };
        let before = line(&world, "root");
        let hash = before.split(':').nth(1).expect("a hash");
        assert_eq!((hash.len(), &hash[..3]), (3 + 16 + 1 + 86, "$6$"));
        assert!(before.ends_with(":0:99999:7:::"), "{before}");
        assert!(line(&world, "bin").starts_with("bin:*:"));
        world.machine_mut(id).passwords = vec![Password::of("one", "second")];
        assert_ne!(line(&world, "root"), before);
    }
}
