//! The local virtual machine of a deployment on its host: its folder, its files, its name.

use super::Deploy;
use super::effects::{Came, failed};
use crate::systems::linux;
use crate::systems::linux::fs::{Content, Cred, Kind};
use crate::systems::linux::lab_entry::place;
use crate::systems::linux::model::{Hardware, Phase, Platform};
use crate::systems::rhv::lab_entry::uuid;
use crate::systems::rhv::model::Bootstrap;
use crate::systems::rhv::{deployment, files};
use crate::world::MachineId;

/// What the appliance takes when it is unpacked, in MiB.
const APPLIANCE: u64 = 10_240;
/// What marks the line of the local virtual machine in the host's list of names.
const MARK: &str = "# temporary entry added by hosted-engine-setup for the bootstrap VM";

impl Deploy<'_> {
    pub(super) fn destroy_local(&self) -> Came {
        let runs = self.world(|world, id| {
            let guest = world.rhv(id).and_then(|rhv| rhv.bootstrap.as_ref()?.guest).map(MachineId)?;
            let runs = world.linux(guest).phase != Phase::Off;
            linux::events::cut_power(world, guest);
            Some(runs)
        });
        self.either(runs == Some(true))
    }

    pub(super) fn undefine_local(&self) -> Came {
        let left = self.world(|world, id| world.rhv_mut(id).and_then(|rhv| rhv.bootstrap.take()));
        self.either(left.is_some_and(|bootstrap| bootstrap.guest.is_some()))
    }

    /// Its folder on the host.
    pub(super) fn folder(&self) -> String {
        format!("/var/tmp/{}", self.names.local)
    }

    /// The file of its disk in there: an image, and in it a volume.
    pub(super) fn disk(&self) -> String {
        let [image, volume] = ["image", "volume"].map(|what| uuid(&format!("{what} of {}", self.names.local)));
        format!("images/{image}/{volume}")
    }

    pub(super) fn make_folder(&self) -> Came {
        let folder = self.folder();
        self.world(|world, id| {
            let now = world.now;
            // Without room for it the next files fail.
            let _ = place(&mut world.linux_mut(id).fs, &folder, Kind::EMPTY_DIR, ((0, 0), 0o775), now);
            if let Some(rhv) = world.rhv_mut(id) {
                rhv.bootstrap = Some(Bootstrap { folder, ..Bootstrap::default() });
            }
        });
        Came::AsUsual
    }

    /// Puts files of these sizes into the folder of the local virtual machine.
    pub(super) fn put(&self, files: &[(&str, u64)]) -> Came {
        let put = files.iter().try_for_each(|(name, size)| {
            let path = format!("{}/{name}", self.folder());
            self.world(|world, id| files::renew(world, id, &path, Content::Hole(*size), 0o660))
        });
        put.map_or_else(|errno| failed(errno.text()), |()| Came::AsUsual)
    }

    pub(super) fn remove_folder(&self) -> Came {
        let folder = self.folder();
        let gone = self.world(|world, id| files::remove_tree(world, id, &folder));
        Came::As(if gone { "changed" } else { "ok" })
    }

    pub(super) fn room(&self) -> Came {
        let free = self.world(|world, id| {
            let fs = &world.linux(id).fs;
            let ino = fs.lookup(&Cred::ROOT, "/", "/var/tmp").ok()?;
            Some(fs.usage(fs.node(ino).mount).available >> 20)
        });
        match free.unwrap_or(0) {
            free if free < APPLIANCE => failed(&format!(
                "/var/tmp doesn't provide enough free space to extract the engine appliance disk image: {free} Mb are \
                 available while {APPLIANCE} Mb are required."
            )),
            _ => Came::AsUsual,
        }
    }

    pub(super) fn create(&mut self) -> Came {
        let hardware =
            Hardware { processors: self.wanted.processors, memory: Some(self.wanted.memory), platform: Platform::Kvm };
        let (fqdn, mac) = (self.wanted.fqdn.clone(), self.wanted.mac.clone());
        self.guest = self.world(|world, id| deployment::create_guest(world, id, &fqdn, hardware, &mac));
        match self.guest {
            Some(_) => Came::AsUsual,
            None => failed("the local virtual machine could not be created"),
        }
    }

    pub(super) fn enter_name(&self) -> Came {
        let Some(guest) = self.guest else { return Came::AsUsual };
        let address = self.world(|world, _| world.machine(guest).address.clone());
        let line = format!("{address} {} {MARK}\n", self.wanted.fqdn);
        self.edit_hosts(|text| format!("{line}{text}"));
        Came::AsUsual
    }

    pub(super) fn leave_name(&self) -> Came {
        let kept =
            |text: &str| text.lines().filter(|line| !line.ends_with(MARK)).map(|line| format!("{line}\n")).collect();
        Came::As(if self.edit_hosts(kept) { "changed" } else { "ok" })
    }

    /// Changes the host's list of names. Whether something in it is new.
    fn edit_hosts(&self, change: impl FnOnce(&str) -> String) -> bool {
        let before = self.talk.p.read_path("/etc/hosts").unwrap_or_default();
        let text = String::from_utf8_lossy(&before).into_owned();
        let after = change(&text);
        // A disk that is full keeps the old list.
        after != text && self.talk.p.write_path("/etc/hosts", after.as_bytes()).is_ok()
    }
}
