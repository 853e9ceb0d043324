//! Lab files: TOML that says which machines there are, and in what state a rehearsal begins. The bundled ones are built
//! into the program.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Deserialize;

use crate::payload;
use crate::sim::Instant;
use crate::systems::entries::{self, BackupEntry, ClusterEntry, Offer, SystemEntry};
use crate::systems::linux::fs::Errno;
use crate::systems::linux::lab_entry::FileEntry;
use crate::systems::linux::model::Linux;
use crate::vm::{Disc, Disk, Drive, Medium, Origin, Power, Vm, copy_rate};
use crate::world::{Browser, Machine, MachineId, Password, Surroundings, World};

mod check;

/// The lab that starts when none is named.
pub const DEFAULT: &str = "vcsa-6.0";

macro_rules! labs {
    ($($name:literal),*) => { &[$(($name, include_str!(concat!("../labs/", $name, ".toml")))),*] };
}

/// Name and text of each bundled lab.
pub const BUNDLED: &[(&str, &str)] = labs![
    "vcsa-6.0",
    "vcsa-6.0u1",
    "vcsa-6.0-psc",
    "vcsa-6.5",
    "vcsa-6.5-ha",
    "vcsa-6.7",
    "vcsa-7.0",
    "vcsa-8.0",
    "rhv-4.2-she",
    "rhv-4.3-she",
    "rhv-4.4-she",
    "rhv-4.4-she-1",
    "rhv-4.4-fresh",
    "linux"
];

/// A lab as its file describes it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LabFile {
    /// One line about the lab.
    pub title: String,
    /// When its virtual time starts, RFC 3339.
    pub start: String,
    /// From which number chance grows.
    #[serde(default = "one")]
    pub seed: u64,
    /// The address of the admin's desktop.
    pub desktop: String,
    /// The machines, the first of which is the one that sessions open on.
    pub machine: Vec<MachineEntry>,
    /// Files that several machines have from the beginning.
    #[serde(default)]
    pub shared: Vec<SharedEntry>,
    /// Payloads by repository address: bundled ones, or image files beside the lab file.
    #[serde(default)]
    pub repository: BTreeMap<String, String>,
    /// What stands in the network around the machines, which have its name and time servers from the beginning.
    #[serde(default)]
    pub network: Surroundings,
    /// What the machines make up together, in an RHV environment.
    pub cluster: Option<ClusterEntry>,
    /// The storage on which a hosted engine can be deployed.
    #[serde(default)]
    pub storage: Vec<Offer>,
    /// Backups of engines that lie on machines.
    #[serde(default)]
    pub backup: Vec<BackupEntry>,
}

/// One machine of a lab file.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MachineEntry {
    /// Its name in the lab, which is its host name.
    pub name: String,
    /// Its network address.
    pub address: String,
    /// Passwords of root; any when empty.
    #[serde(default)]
    pub passwords: Vec<String>,
    /// Its virtual hardware.
    pub vm: VmEntry,
    /// What it is: the name of its family, with what belongs to that.
    pub system: SystemEntry,
    /// Files that it has from the beginning.
    #[serde(default)]
    pub file: Vec<FileEntry>,
}

/// Files that are the same on several machines.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SharedEntry {
    /// The names of the machines.
    pub machines: Vec<String>,
    /// The files.
    pub file: Vec<FileEntry>,
}

/// The virtual hardware of a machine.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VmEntry {
    /// The ESXi host it runs on.
    pub host: String,
    /// Its disks.
    pub disks: Vec<Disk>,
    /// What is in the drive.
    pub drive: Option<DriveEntry>,
    /// How fast its disks are copied to a clone.
    #[serde(default = "copy_rate")]
    pub copy_bytes_per_sec: u64,
}

/// The disc in a drive.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DriveEntry {
    /// Name of a bundled payload, or the path of an image file from the folder of the lab file.
    pub disc: String,
    /// By which way it is connected.
    pub from: Origin,
}

fn one() -> u64 {
    1
}

impl LabFile {
    /// Reads a lab file.
    ///
    /// # Errors
    /// What is wrong and where, in words.
    pub fn parse(text: &str) -> Result<Self, String> {
        let file = toml::from_str(text).map_err(|e| e.to_string().trim_end().to_owned())?;
        check::check(text)?;
        Ok(file)
    }

    /// The world in which the lab starts. `start` and `seed` stand in for the file's own.
    ///
    /// # Errors
    /// What in the file names nothing that exists, in words.
    pub fn world(&self, name: &str, start: Option<Instant>, seed: Option<u64>) -> Result<World, String> {
        let start = match start {
            Some(start) => start,
            None => Instant::parse(&self.start)?,
        };
        let mut world = World::new(name, start, seed.unwrap_or(self.seed), &self.desktop);
        let mut repositories = BTreeMap::new();
        for (url, payload) in &self.repository {
            repositories.insert(url.trim_end_matches('/').to_owned(), payload_named(payload)?);
        }
        world.repositories = Arc::new(repositories);
        world.surroundings = self.network.clone();
        if self.machine.is_empty() {
            return Err("the lab has no machine".to_owned());
        }
        for entry in &self.machine {
            let id = world.add(entry.machine(start)?);
            self.network.tell(world.linux_mut(id), start)?;
            let shared = self.shared.iter().filter(|shared| shared.machines.contains(&entry.name));
            for file in shared.flat_map(|shared| &shared.file).chain(&entry.file) {
                file.put(world.linux_mut(id), start)?;
            }
            world.linux_mut(id).date_files();
            world.linux_mut(id).sshd_has_started();
        }
        for entry in &self.machine {
            entry.system.check(&entry.name, &world)?;
        }
        let unknown = |name: &&String| world.find(name).is_none();
        if let Some(name) = self.shared.iter().flat_map(|shared| &shared.machines).find(unknown) {
            return Err(format!("there is no machine {name} to share files with"));
        }
        entries::join(&mut world, self.cluster.as_ref(), &self.storage, &self.backup)?;
        let all: Vec<MachineId> = world.machines().map(|(id, _)| id).collect();
        all.into_iter().for_each(|id| world.linux_mut(id).fs.number_by_path());
        Ok(world)
    }
}

impl Surroundings {
    /// Writes down on a machine which servers there are.
    fn tell(&self, linux: &mut Linux, start: Instant) -> Result<(), String> {
        let wrong = |errno: Errno| format!("network: {}", errno.text());
        if let Some(names) = &self.names {
            linux.set_resolver(std::slice::from_ref(names), &[], start).map_err(wrong)?;
        }
        if let Some(time) = &self.time {
            linux.set_time_servers(std::slice::from_ref(time), start).map_err(wrong)?;
        }
        Ok(())
    }
}

/// A bundled payload, or the image in a file: whoever opens the lab looks for it beside the lab file.
fn payload_named(name: &str) -> Result<Medium, String> {
    match Medium::named(name) {
        Medium::File(file) if name.to_ascii_lowercase().ends_with(".iso") => Ok(Medium::File(file)),
        Medium::File(_) => {
            let known: Vec<&str> = payload::bundled_names().collect();
            Err(format!(
                "there is no bundled payload {name}; write the path of an image, *.iso, or one of {}",
                known.join(", ")
            ))
        }
        medium @ Medium::Bundled(_) => Ok(medium),
    }
}

impl MachineEntry {
    fn machine(&self, start: Instant) -> Result<Machine, String> {
        Ok(Machine {
            name: self.name.clone(),
            address: self.address.clone(),
            passwords: self.passwords.iter().map(|text| Password::of(&self.name, text)).collect(),
            vm: self.vm.vm()?,
            system: self.system.build(&self.name, start)?,
            clones: BTreeMap::new(),
            copying: Vec::new(),
            browser: Browser::default(),
        })
    }
}

impl VmEntry {
    fn vm(&self) -> Result<Vm, String> {
        let drive = match &self.drive {
            Some(entry) => Drive::Connected(Disc::unread(payload_named(&entry.disc)?, entry.from)),
            None => Drive::Empty,
        };
        Ok(Vm {
            power: Power::On,
            insertions: 0,
            host: self.host.clone(),
            disks: self.disks.clone(),
            drive,
            tasks: Arc::default(),
            copy_bytes_per_sec: self.copy_bytes_per_sec,
            mac: None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_machine_of_a_bundled_lab_runs_a_kernel_of_the_future() {
        for (name, text) in BUNDLED {
            let world = LabFile::parse(text).and_then(|lab| lab.world(name, None, None)).expect("a good lab");
            for (id, machine) in world.machines() {
                let linux = world.linux(id);
                let built = linux.kernel().built();
                assert!(
                    built < linux.booted,
                    "{name}, {}: {} is of {}",
                    machine.name,
                    linux.kernel().release,
                    built.utc()
                );
            }
        }
    }

    #[test]
    fn every_bundled_lab_makes_a_world() {
        for (name, text) in BUNDLED {
            let file = LabFile::parse(text).unwrap_or_else(|e| panic!("{name}: {e}"));
            let world = file.world(name, None, None).unwrap_or_else(|e| panic!("{name}: {e}"));
            assert!(world.machines().count() > 0, "{name}");
        }
    }

    #[test]
    fn mistakes_are_named() {
        let (_, good) = BUNDLED[0];
        let check = |from: &str, to: &str, expect: &str| {
            let made = LabFile::parse(&good.replace(from, to)).and_then(|file| file.world("x", None, None));
            let complaint = made.err().unwrap_or_default();
            assert!(complaint.contains(expect), "{from} -> {to}: {complaint}");
        };
        check("seed = 1", "sede = 1", "sede");
        check("release = \"6.0.0\"", "release = \"5.5\"", "5.5");
        check("disc = \"VC-6.0.0U1-Appliance-FP\"", "disc = \"nothing\"", "no bundled payload nothing");
        check("[[machine]]", "[[shared]]\nmachines = [\"no\"]\nfile = []\n[[machine]]", "no machine no to share");
        check("address = \"192.168.10.60\"", "address = \"hello\"", "line 16: address = \"hello\": this is no");
        check("start = \"2015-10-08T02:43:36Z\"", "start = \"now\"", "RFC 3339");
    }
}
