//! What the tasks of a deployment need: the guest that they are delegated to, its engine, files, the storage. A task that lacks it
//! fails in the words of what it calls (inferred, where no capture shows them).

use super::effects::{Came, failed, quoted};
use super::{Deploy, script};
use crate::systems::linux::net::{self, Reach};
use crate::systems::rhv::events::ENGINE_UNIT;
use crate::systems::rhv::faults;

/// Tasks that ask the engine for something.
const ASK_THE_ENGINE: [&str; 14] = [
    "Obtain SSO token using username/password credentials",
    "Ensure that the target datacenter is present",
    "Ensure that the target cluster is present in the target datacenter",
    "Add host",
    "Fetch host facts",
    "Fetch cluster facts",
    "Fetch Cluster facts",
    "Fetch Datacenter facts",
    "Add NFS storage domain",
    "Get storage domain details",
    "Activate storage domain",
    "Add HE disks",
    "Add VM",
    "Trigger hosted engine OVF update and enable the serial console",
];
/// Tasks that write on the storage domain, and what does not come through.
const WRITE: [(&str, &str); 4] = [
    ("Wait for OVF_STORE disk content", "dd: error reading 'OVF_STORE': Input/output error"),
    ("Copy configuration archive to storage", "dd: error writing 'hosted-engine.conf': Input/output error"),
    ("Initialize metadata volume", "dd: error writing 'hosted-engine.metadata': Input/output error"),
    ("Copy local VM disk to shared storage", "qemu-img: error while writing at byte 0: Input/output error"),
];

impl Deploy<'_> {
    /// What comes of a task that lacks something.
    pub(super) fn lacks(&self, block: &str, task: &script::Task) -> Option<Came> {
        match (block, task.name) {
            // Where the stage that cleans up finds nothing, it does not mind.
            ("final", "Set local_vm_disk_path" | "Give the vm time to flush dirty buffers" | "Copy engine logs") => {
                return (!self.has_disk()).then_some(Came::As("skipping"));
            }
            ("storage", "Enforce local VM dir existence") if !self.has_file(&self.folder()) => {
                return Some(failed(&format!("Local VM dir '{}' doesn't exist", self.folder())));
            }
            ("local-vm" | "target", "Set local_vm_disk_path") if !self.has_disk() => {
                return Some(failed(
                    "The task includes an option with an undefined variable. The error was: list object has no element 0",
                ));
            }
            ("restore", "Copy the backup file to the engine VM for restore") => {
                let (path, _) = self.restored.as_ref()?;
                return (!self.has_file(path)).then(|| {
                    failed(&format!(
                        "Could not find or access '{path}' on the Ansible Controller.\nIf you are using a module and expect the \
                         file to exist on the remote, see the remote_src option"
                    ))
                });
            }
            _ => {}
        }
        if task.to == Some("vm") && task.name != "Wait for the local VM" && task.result != "skipping" {
            let why = self.silence()?;
            let guest = self.guest?;
            let address = self.world(|world, _| world.machine(guest).address.clone());
            return Some(Came::Unreachable(format!("ssh: connect to host {address} port 22: {why}")));
        }
        if ASK_THE_ENGINE.contains(&task.name)
            && let Some(why) = self.engine_is_silent()
        {
            return Some(failed(&why));
        }
        if !self.world(|world, id| faults::troubles(world, id).storage) {
            return None;
        }
        if task.name == "Add HE disks" {
            let text = "Fault reason is \"Operation Failed\". Fault detail is \"[Cannot add Virtual Disk. The relevant Storage \
                        Domain's status is Unknown.]\". HTTP response code is 409.";
            return Some(failed(text));
        }
        let (_, stderr) = WRITE.iter().find(|(name, _)| *name == task.name)?;
        Some(Came::Failed(format!("\"msg\": \"non-zero return code\", \"rc\": 1, \"stderr\": {}", quoted(stderr))))
    }

    fn has_file(&self, path: &str) -> bool {
        self.talk.p.lookup(path).is_ok()
    }

    fn has_disk(&self) -> bool {
        self.has_file(&format!("{}/{}", self.folder(), self.disk()))
    }

    /// Why the guest does not answer; nothing when it does.
    fn silence(&self) -> Option<&'static str> {
        let guest = self.guest?;
        let reach = self.world(|world, id| {
            let host = net::resolve(world, id, &world.machine(guest).address)?;
            Some(net::reach_port(world, &host, net::SSH))
        });
        match reach {
            Some(Reach::Up) => None,
            Some(Reach::Refused) => Some("Connection refused"),
            Some(Reach::Silent | Reach::Barred) | None => Some("No route to host"),
            Some(Reach::NoWay) => Some("Network is unreachable"),
        }
    }

    /// What the client of the engine says when that does not answer; nothing when it does.
    fn engine_is_silent(&self) -> Option<String> {
        let guest = self.guest?;
        let fqdn = &self.wanted.fqdn;
        if let Some(why) = self.silence().filter(|why| *why != "Connection refused") {
            let what = match self.release.python3() {
                true => format!("Failed to connect to {fqdn} port 443: {why}"),
                false => format!("Failed connect to {fqdn}:443; {why}"),
            };
            return Some(format!("Error while sending HTTP request: (7, '{what}')"));
        }
        let up = self.world(|world, _| world.linux(guest).unit_is_up(ENGINE_UNIT));
        (!up).then(|| "The response content type 'text/html; charset=iso-8859-1' isn't the expected XML".to_owned())
    }
}
