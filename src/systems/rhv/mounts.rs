//! The hosted-engine storage domain as a host has it while vdsm has it connected: the mount, what is in it, and the links to it
//! under `/run/vdsm/storage`. Names, sizes and options are those of vdsm as remembered; on logical units the volumes themselves
//! are not modelled, only the links to them (inferred).

use std::collections::BTreeMap;

use super::events;
use super::files::remove_tree;
use super::lab_entry::uuid;
use super::lockspaces;
use super::model::offer::Kind;
use super::model::{Cluster, Offer};
use crate::systems::linux::fs::{Content, Cred, Errno, Ino, Kind as File, Mount};
use crate::systems::linux::lab_entry::place;
use crate::systems::linux::model::{Linux, Process};
use crate::systems::linux::net;
use crate::world::{MachineId, World};

const TOP: &str = "/rhev/data-center/mnt";
const LINKS: &str = "/run/vdsm/storage";
/// What sanlock calls the agents' lockspace.
pub const AGENTS: &str = "hosted-engine";
/// vdsm, in the group of those that may use virtual machines.
pub const VDSM: (u32, u32) = (36, 36);
/// What the export of a lab without a list of its storage has, in GiB.
const USUAL_SIZE: u64 = 500;
/// What its disks take of it, in GiB.
const TAKEN: u64 = 14;

type Settings = BTreeMap<String, String>;

/// Where things of a storage domain are.
pub struct Domain<'a> {
    settings: &'a Settings,
    block: bool,
}

/// Images by their keys: what libvirt and vdsm know them by, their kind in a volume's metadata, and their size in MiB where
/// that is not the virtual machine's.
const IMAGES: [(&str, &str, &str, Option<u64>); 4] = [
    ("vm_disk", "he_virtio_disk", "HEVD", None),
    ("lockspace", "he_sanlock", "HESD", Some(1_024)),
    ("metadata", "he_metadata", "HEMD", Some(128)),
    ("conf", "HostedEngineConfigurationImage", "HECI", Some(1_024)),
];

impl<'a> Domain<'a> {
    /// That of a cluster.
    #[must_use]
    pub fn of(cluster: &'a Cluster) -> Option<Self> {
        cluster.storage.place().map(Self::new)
    }

    fn new(settings: &'a Settings) -> Self {
        let block = settings.get("domainType").is_some_and(|kind| matches!(kind.as_str(), "iscsi" | "fc"));
        Self { settings, block }
    }

    fn get(&self, key: &str) -> &str {
        self.settings.get(key).map_or("", String::as_str)
    }

    /// Its number.
    #[must_use]
    pub fn id(&self) -> &str {
        self.get("sdUUID")
    }

    /// Where a share is mounted; nothing on logical units.
    fn mount_point(&self) -> Option<String> {
        let name = self.get("storage").replace('_', "__").replace('/', "_");
        let below = if self.get("domainType") == Kind::Glusterfs.word() { "glusterSD/" } else { "" };
        (!self.block).then(|| format!("{TOP}/{below}{name}"))
    }

    /// Its directory.
    fn dir(&self) -> String {
        format!("{}/{}", self.mount_point().unwrap_or_else(|| format!("{TOP}/blockSD")), self.id())
    }

    /// The image and the volume behind a key.
    fn volume(&self, key: &str) -> (&str, &str) {
        match key {
            "vm_disk" => (self.get("vm_disk_id"), self.get("vm_disk_vol_id")),
            key => (self.get(&format!("{key}_image_UUID")), self.get(&format!("{key}_volume_UUID"))),
        }
    }

    /// The file in which sanlock keeps the host ids of the storage domain.
    #[must_use]
    pub fn ids(&self) -> String {
        if self.block { format!("/dev/{}/ids", self.id()) } else { format!("{}/dom_md/ids", self.dir()) }
    }

    /// The file in which it keeps those of the agents.
    #[must_use]
    pub fn lockspace(&self) -> String {
        let (image, volume) = self.volume("lockspace");
        format!("/var{LINKS}/{}/{image}/{volume}", self.id())
    }

    /// The file that vdsm reads to see whether the storage answers.
    #[must_use]
    pub fn metadata(&self) -> String {
        if self.block { format!("/dev/{}/metadata", self.id()) } else { format!("{}/dom_md/metadata", self.dir()) }
    }

    /// The disk of the virtual machine in the words of `vm.conf`.
    #[must_use]
    pub fn described(&self) -> String {
        let (image, volume) = self.volume("vm_disk");
        format!("volumeID:{volume},imageID:{image},domainID:{},deviceId:{image}", self.id())
    }

    /// The disk of the virtual machine, as libvirt finds it.
    #[must_use]
    pub fn disk(&self) -> String {
        let (image, volume) = self.volume("vm_disk");
        format!("/var{LINKS}/{}/{image}/{volume}", self.id())
    }

    /// The lease on the disk of the virtual machine: its name, its file, and where in that it is.
    #[must_use]
    pub fn lease(&self) -> (&str, String, u64) {
        let (image, volume) = self.volume("vm_disk");
        match self.block {
            true => (volume, format!("/dev/{}/leases", self.id()), 105 << 20),
            false => (volume, format!("{}/images/{image}/{volume}.lease", self.dir()), 0),
        }
    }
}

/// The address of a storage server of which a lab tells no more than its name (inferred).
const SERVER: &str = "192.168.10.50";

/// Whether something is in the way of a storage domain that is not connected: a file where a folder shall be, want of room.
#[must_use]
pub fn is_barred(world: &World, id: MachineId) -> bool {
    let Some((cluster, host)) = events::host(world, id) else { return false };
    let Some(domain) = Domain::of(cluster) else { return false };
    if host.connected || host.booted.is_none() || is_shown(world, id, &domain) {
        return false;
    }
    // It is tried out on a copy.
    show(&mut world.clone(), id, domain.settings).is_err()
}

/// Mounts the storage domain where it is connected and takes it away where it is not.
pub fn sync(world: &mut World, id: MachineId) {
    let Some((cluster, host)) = events::host(world, id) else { return };
    let (wanted, joined) = (host.connected && host.booted.is_some(), host.lockspace.is_some());
    let held = host.holds_ids();
    let Some(domain) = Domain::of(cluster) else { return };
    if is_shown(world, id, &domain) != wanted {
        let settings = domain.settings.clone();
        // Nothing was in the way when it was connected; it stays where something else is mounted in it.
        let _ = if wanted { show(world, id, &settings) } else { hide(world, id, &settings) };
    }
    match (wanted, held) {
        (true, true) => hold(world, id, joined),
        (true, false) => let_go(world.linux_mut(id)),
        (false, _) => {}
    }
    lockspaces::sync(world, id);
}

fn is_shown(world: &World, id: MachineId, domain: &Domain<'_>) -> bool {
    let fs = &world.linux(id).fs;
    match domain.mount_point() {
        Some(dir) => fs.mounts().any(|(_, mount)| mount.dir == dir),
        None => fs.lookup(&Cred::ROOT, "/", &format!("{TOP}/blockSD")).is_ok(),
    }
}

/// What sanlock has open keeps the share from being unmounted.
fn hold(world: &mut World, id: MachineId, joined: bool) {
    let linux = world.linux(id);
    let Some(pid) = linux.units.state(events::SANLOCK).and_then(|state| state.main_pid) else { return };
    if !linux.processes.get(pid).is_some_and(|process| process.holds.is_empty()) {
        return;
    }
    let Some((cluster, _)) = events::host(world, id) else { return };
    let Some(domain) = Domain::of(cluster) else { return };
    let files = [Some(domain.ids()), joined.then(|| domain.lockspace())].into_iter().flatten();
    let open: Vec<Ino> = files.filter_map(|file| linux.fs.lookup(&Cred::ROOT, "/", &file).ok()).collect();
    if let Some(process) = world.linux_mut(id).processes.get_mut(pid) {
        process.holds = open;
    }
}

/// Sanlock has nothing open any more.
fn let_go(linux: &mut Linux) {
    let holds = |process: &Process| process.unit.as_deref() == Some(events::SANLOCK) && !process.holds.is_empty();
    for pid in linux.processes.iter().filter(|(_, process)| holds(process)).map(|(pid, _)| pid).collect::<Vec<_>>() {
        if let Some(process) = linux.processes.get_mut(pid) {
            process.holds.clear();
        }
    }
}

fn show(world: &mut World, id: MachineId, settings: &Settings) -> Result<(), Errno> {
    let domain = Domain::new(settings);
    // What is on the storage is as old as the virtual machine.
    let guest = events::host(world, id).map(|(cluster, _)| MachineId(cluster.storage.engine.guest));
    let now = guest.map_or(world.now, |guest| world.linux(guest).booted.min(world.now));
    let root = |world: &mut World, path: &str, owner| {
        let fs = &mut world.linux_mut(id).fs;
        match fs.lookup(&Cred::ROOT, "/", path) {
            Ok(_) => Ok(()),
            Err(_) => place(fs, path, File::EMPTY_DIR, (owner, 0o755), now).map(drop),
        }
    };
    root(world, "/rhev", (0, 0))?;
    if let Some(dir) = domain.mount_point() {
        root(world, &dir, VDSM)?;
        let mount = mount(world, id, &domain);
        world.linux_mut(id).fs.mount(&Cred::ROOT, "/", mount, &dir, now)?;
    }
    let disk = size_of_disk(world, id);
    let top = domain.dir();
    let fs = &mut world.linux_mut(id).fs;
    if fs.lookup(&Cred::ROOT, "/", &top).is_err() {
        for (path, kind, mode) in tree(&domain, disk, now.utc().unix_timestamp()) {
            let path = format!("{top}/{path}");
            if fs.lookup(&Cred::ROOT, "/", &path).is_err() {
                place(fs, &path, kind, (VDSM, mode), now)?;
            }
        }
        if let Some(mount) = domain.mount_point() {
            let root = fs.lookup(&Cred::ROOT, "/", &mount)?;
            fs.chown(&Cred::ROOT, root, Some(VDSM.0), Some(VDSM.1), now)?;
        }
    }
    for (key, ..) in IMAGES {
        let (image, _) = domain.volume(key);
        let (link, target) = (format!("{LINKS}/{}/{image}", domain.id()), format!("{top}/images/{image}"));
        place(fs, &link, File::Link(target), (VDSM, 0o777), now)?;
    }
    Ok(())
}

fn hide(world: &mut World, id: MachineId, settings: &Settings) -> Result<(), Errno> {
    let now = world.now;
    let domain = Domain::new(settings);
    remove_tree(world, id, &format!("{LINKS}/{}", domain.id()));
    let Some(dir) = domain.mount_point() else {
        remove_tree(world, id, &format!("{TOP}/blockSD"));
        return Ok(());
    };
    let linux = world.linux_mut(id);
    let_go(linux);
    // vdsm does it even where somebody is in there.
    linux.fs.umount(&Cred::ROOT, "/", &dir, &[])?;
    linux.fs.rmdir(&Cred::ROOT, "/", &dir, now)
}

/// The size of the virtual machine's disk in MiB.
fn size_of_disk(world: &World, id: MachineId) -> u64 {
    let guest = events::host(world, id).map(|(cluster, _)| MachineId(cluster.storage.engine.guest));
    let disk = guest.and_then(|guest| world.machine(guest).vm.disks.first().map(|disk| u64::from(disk.size_gb)));
    disk.unwrap_or_default() << 10
}

/// A share with the options that vdsm gives to it.
fn mount(world: &World, id: MachineId, domain: &Domain<'_>) -> Mount {
    let path = domain.get("storage");
    let gluster = domain.get("domainType") == Kind::Glusterfs.word();
    let kind = if gluster { Kind::Glusterfs } else { Kind::Nfs };
    let gib = Offer::find(&world.offers, kind, path).map_or(USUAL_SIZE, |offer| offer.size_gb);
    let old = world.linux(id).distro.major < 8;
    let version = match domain.get("nfs_version").trim_start_matches('v').replace('_', ".").as_str() {
        "3" => "3".to_owned(),
        "4" => "4.0".to_owned(),
        version @ ("4.0" | "4.1" | "4.2") => version.to_owned(),
        _ if old => "4.1".to_owned(),
        _ => "4.2".to_owned(),
    };
    let server = path.split(':').next().unwrap_or_default();
    let address = net::resolve(world, id, server).map_or_else(|| SERVER.to_owned(), |host| host.address);
    let own = &world.machine(id).address;
    let patience = if old { "timeo=600,retrans=6" } else { "timeo=100,retrans=3" };
    let usual = "rsize=1048576,wsize=1048576,namlen=255,soft,nosharecache,proto=tcp";
    let (fstype, options) = match (gluster, version.as_str()) {
        (true, _) => (
            "fuse.glusterfs",
            "relatime,user_id=0,group_id=0,default_permissions,allow_other,max_read=131072".to_owned(),
        ),
        (false, "3") => (
            "nfs",
            format!(
                "relatime,vers=3,{usual},{patience},sec=sys,mountaddr={address},mountvers=3,mountport=20048,mountproto=udp,\
                 local_lock=none,addr={address}"
            ),
        ),
        (false, version) => (
            "nfs4",
            format!(
                "relatime,vers={version},{usual},{patience},sec=sys,clientaddr={own},local_lock=none,addr={address}"
            ),
        ),
    };
    let mut mount = Mount::new(path, fstype, gib << 30);
    mount.options = options;
    mount.used_by_rest = TAKEN << 30;
    mount
}

/// What is in the directory of a storage domain: paths, kinds, permission bits.
fn tree(domain: &Domain<'_>, disk: u64, made: i64) -> Vec<(String, File, u16)> {
    let sparse = |size| File::File(Content::Sparse(size));
    let mut all = Vec::new();
    for (name, size) in
        [("ids", 1 << 20), ("inbox", 16 << 20), ("leases", 2 << 20), ("outbox", 16 << 20), ("xleases", 1 << 20)]
    {
        all.push(match domain.block {
            true => (format!("dom_md/{name}"), File::Link(format!("/dev/{}/{name}", domain.id())), 0o777),
            false => (format!("dom_md/{name}"), File::File(Content::Hole(size)), 0o660),
        });
    }
    all.push(match domain.block {
        true => ("dom_md/metadata".to_owned(), File::Link(format!("/dev/{}/metadata", domain.id())), 0o777),
        false => ("dom_md/metadata".to_owned(), File::File(Content::text(metadata(domain))), 0o644),
    });
    for name in ["lockspace", "metadata"] {
        let (image, volume) = domain.volume(name);
        let target = format!("/var{LINKS}/{}/{image}/{volume}", domain.id());
        all.push((format!("ha_agent/hosted-engine.{name}"), File::Link(target), 0o777));
    }
    for (key, alias, kind, mib) in IMAGES {
        let (image, volume) = domain.volume(key);
        let path = format!("images/{image}/{volume}");
        let size = mib.unwrap_or(disk) << 20;
        if domain.block {
            all.push((path, File::Link(format!("/dev/{}/{volume}", domain.id())), 0o777));
            continue;
        }
        all.push((path.clone(), sparse(size), 0o660));
        all.push((format!("{path}.lease"), File::File(Content::Hole(1 << 20)), 0o660));
        let text = format!(
            "CAP={size}\nCTIME={made}\nDESCRIPTION={{\"DiskAlias\":\"{alias}\",\"DiskDescription\":\"{alias}\"}}\nDISKTYPE={kind}\n\
             DOMAIN={}\nFORMAT=RAW\nGEN=0\nIMAGE={image}\nLEGALITY=LEGAL\nPUUID=00000000-0000-0000-0000-000000000000\n\
             TYPE=SPARSE\nVOLTYPE=LEAF\nEOF\n",
            domain.id()
        );
        all.push((format!("{path}.meta"), File::File(Content::text(text)), 0o644));
    }
    all
}

/// The description of a storage domain on a share.
fn metadata(domain: &Domain<'_>) -> String {
    let (id, kind) = (domain.id(), domain.get("domainType").to_uppercase());
    format!(
        "ALIGNMENT=1048576\nBLOCK_SIZE=512\nCLASS=Data\nDESCRIPTION=hosted_storage\nIOOPTIMEOUTSEC=10\nLEASERETRIES=3\n\
         LEASETIMESEC=60\nLOCKPOLICY=\nLOCKRENEWALINTERVALSEC=5\nMASTER_VERSION=1\nPOOL_DESCRIPTION=Default\n\
         POOL_DOMAINS={id}:Active\nPOOL_SPM_ID=-1\nPOOL_SPM_LVER=-1\nPOOL_UUID={}\nREMOTE_PATH={}\nROLE=Master\n\
         SDUUID={id}\nTYPE={kind}\nVERSION=5\n",
        uuid(&format!("{id} pool")),
        domain.get("storage"),
    )
}
