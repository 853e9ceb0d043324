//! `virsh -r list`, `domstate`, `dominfo` and `dumpxml`: the virtual machines on a host as libvirt has them, read only; anything else asks for the
//! password of vdsm's account, which nobody has.

use crate::systems::linux::proc::{Ended, Proc};
use crate::systems::rhv::lab_entry::uuid;
use crate::systems::rhv::model::{Bootstrap, ENGINE, Life, VmStatus};
use crate::systems::rhv::mounts::Domain;
use crate::systems::rhv::network::MANAGEMENT;
use crate::systems::rhv::processes::PROGRAM;
use crate::systems::rhv::{events, processes};
use crate::vm::Power;

/// The program.
pub async fn virsh(p: &mut Proc, arguments: &[String]) -> Ended {
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let (read_only, words) = match words.as_slice() {
        ["-r" | "--readonly", rest @ ..] => (true, rest),
        rest => (false, rest),
    };
    p.inferred();
    if !read_only {
        return p.gap("virsh without -r: it asks for the password of vdsm's account");
    }
    if !p.peek(|linux| linux.unit_is_up("libvirtd.service")) {
        p.err("error: failed to connect to the hypervisor\nerror: Failed to connect socket to '/var/run/libvirt/libvirt-sock-ro': No such file or directory\n").await?;
        return Ok(1);
    }
    match words {
        ["list"] => list(p, false).await,
        ["list", "--all"] => list(p, true).await,
        [verb @ ("domstate" | "dominfo" | "dumpxml"), name] => {
            let found = domains(p).into_iter().find(|domain| domain.is(name));
            let Some(domain) = found else {
                p.err(&format!("error: failed to get domain '{name}'\n")).await?;
                return Ok(1);
            };
            let text = match *verb {
                "domstate" => format!("{}\n\n", domain.state),
                "dominfo" => domain.info(),
                _ => domain.xml(),
            };
            p.out(&text).await?;
            Ok(0)
        }
        _ => p.gap("virsh with these arguments"),
    }
}

/// A virtual machine as libvirt knows it.
struct Row {
    /// Nothing while it does not run.
    number: Option<u32>,
    name: String,
    uuid: String,
    state: &'static str,
    /// In MiB.
    memory: u64,
    processors: u32,
    /// The number of the link that leads to it.
    tap: u32,
    /// Where its disk is, with the lease on that: storage domain, volume, file of the lease, place in that.
    disk: Option<(String, [String; 3], u64)>,
    /// What kind of machine it is.
    machine: &'static str,
    bridge: &'static str,
}

impl Row {
    /// Whether it is called so, by name, number or Id.
    fn is(&self, name: &str) -> bool {
        name == self.name || name == self.uuid || name.parse().is_ok_and(|id| self.number == Some(id))
    }

    fn info(&self) -> String {
        let id = self.number.map_or_else(|| "-".to_owned(), |number| number.to_string());
        let kib = self.memory << 10;
        let rows = [
            ("Id:", id),
            ("Name:", self.name.clone()),
            ("UUID:", self.uuid.clone()),
            ("OS Type:", "hvm".to_owned()),
            ("State:", self.state.to_owned()),
            ("CPU(s):", self.processors.to_string()),
            ("Max memory:", format!("{kib} KiB")),
            ("Used memory:", format!("{kib} KiB")),
            ("Persistent:", "yes".to_owned()),
            ("Autostart:", "disable".to_owned()),
            ("Managed save:", "no".to_owned()),
            ("Security model:", "selinux".to_owned()),
            ("Security DOI:", "0".to_owned()),
        ];
        rows.into_iter().map(|(key, value)| format!("{key:<15} {value}\n")).chain(["\n".to_owned()]).collect()
    }

    /// Its description, with what the model has.
    fn xml(&self) -> String {
        let id = self.number.map(|number| format!(" id='{number}'")).unwrap_or_default();
        let kib = self.memory << 10;
        let mut text = format!(
            "<domain type='kvm'{id}>\n  <name>{}</name>\n  <uuid>{}</uuid>\n  <memory unit='KiB'>{kib}</memory>\n  \
             <currentMemory unit='KiB'>{kib}</currentMemory>\n  <vcpu placement='static' current='{}'>64</vcpu>\n  <os>\n    \
             <type arch='x86_64' machine='{}'>hvm</type>\n  </os>\n  <devices>\n    <emulator>{PROGRAM}</emulator>\n",
            self.name, self.uuid, self.processors, self.machine
        );
        if let Some((file, [space, key, lease], offset)) = &self.disk {
            text.push_str(&format!(
                "    <disk type='file' device='disk' snapshot='no'>\n      <source file='{file}'/>\n      <target dev='vda' \
                 bus='virtio'/>\n    </disk>\n    <lease>\n      <lockspace>{space}</lockspace>\n      <key>{key}</key>\n      \
                 <target path='{lease}'{}/>\n    </lease>\n",
                if *offset > 0 { format!(" offset='{offset}'") } else { String::new() }
            ));
        }
        if self.number.is_some() {
            text.push_str(&format!(
                "    <interface type='bridge'>\n      <source bridge='{}'/>\n      <target dev='vnet{}'/>\n    </interface>\n",
                self.bridge, self.tap
            ));
        }
        text.push_str("  </devices>\n</domain>\n\n");
        text
    }
}

/// What libvirt has: a virtual machine that is down is vdsm's memory, and not libvirt's.
fn domains(p: &Proc) -> Vec<Row> {
    let machine = p.peek(processes::machine);
    let rows = p.world(|world, id| {
        let (cluster, host) = events::host(world, id)?;
        let rows = host.live().map(|(name, domain)| {
            let engine = name == ENGINE;
            let status = host.status(&cluster.storage.engine).filter(|_| engine);
            let state = match (domain.life, status) {
                (Life::Paused(_) | Life::Arriving, _) => "paused",
                (_, Some(VmStatus::PoweringDown)) => "in shutdown",
                _ => "running",
            };
            let storage = Domain::of(cluster).filter(|_| engine);
            let disk = storage.map(|storage| {
                let (key, lease, at) = storage.lease();
                (storage.disk(), [storage.id().to_owned(), key.to_owned(), lease], at)
            });
            let uuid = if engine { cluster.storage.engine.vmid.clone() } else { uuid(name) };
            let (memory, tap) = (domain.memory, domain.process.tap);
            let number = Some(domain.process.id);
            let (name, processors) = (name.to_owned(), processes::processors(world, cluster, name));
            Row { number, name, uuid, state, memory, processors, tap, disk, machine, bridge: MANAGEMENT }
        });
        Some(rows.collect())
    });
    let mut rows: Vec<Row> = rows.unwrap_or_default();
    let local = p.world(|world, id| {
        let guest = events::bootstrap_of(world, id)?;
        let process = world.rhv(id)?.bootstrap.as_ref()?.process;
        let linux = world.linux(guest);
        Some((world.machine(guest).vm.power, process, linux.memory_kib() >> 10, linux.hardware.processors))
    });
    if let Some((power, process, memory, processors)) = local {
        let (number, state) = if power == Power::On { (Some(process.id), "running") } else { (None, "shut off") };
        let (name, uuid) = (Bootstrap::DOMAIN.to_owned(), uuid(Bootstrap::DOMAIN));
        let (tap, bridge) = (process.tap, "virbr0");
        rows.push(Row { number, name, uuid, state, memory, processors, tap, disk: None, machine, bridge });
    }
    rows
}

async fn list(p: &mut Proc, all: bool) -> Ended {
    let mut rows = domains(p);
    rows.retain(|row| all || row.number.is_some());
    rows.sort_by_key(|row| (row.number.is_none(), row.number));
    let old = p.peek(|linux| linux.distro.major == 7);
    let width = rows.iter().map(|row| row.name.len()).max().unwrap_or(4).max(if old { 30 } else { 4 });
    let mut text = if old {
        format!(" Id    {:<30} State\n{}\n", "Name", "-".repeat(52))
    } else {
        let head = format!(" Id   {:<width$}   State", "Name");
        format!("{head}\n{}\n", "-".repeat(head.len() + 4))
    };
    for row in &rows {
        let number = row.number.map_or_else(|| "-".to_owned(), |number| number.to_string());
        text.push_str(&match old {
            true => format!(" {number:<5} {:<30} {}\n", row.name, row.state),
            false => format!(" {number:<4} {:<width$}   {}\n", row.name, row.state),
        });
    }
    text.push('\n');
    p.out(&text).await?;
    Ok(0)
}
