//! `virsh -r list` and `domstate`: the virtual machines on a host as libvirt has them, read only; anything else asks for the
//! password of vdsm's account, which nobody has.

use super::host;
use crate::systems::linux::proc::{Ended, Proc};
use crate::systems::rhv::events;
use crate::systems::rhv::model::{Bootstrap, Life, VmStatus};
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
        ["domstate", name] => {
            let found = domains(p).into_iter().find(|domain| domain.name == *name);
            let Some(domain) = found else {
                p.err(&format!("error: failed to get domain '{name}'\n")).await?;
                return Ok(1);
            };
            p.out(&format!("{}\n\n", domain.state)).await?;
            Ok(0)
        }
        _ => p.gap("virsh with these arguments"),
    }
}

/// A row of the list.
struct Row {
    /// Nothing while it does not run.
    number: Option<u32>,
    name: String,
    state: &'static str,
}

/// What libvirt has: a virtual machine that is down is vdsm's memory, and not libvirt's.
fn domains(p: &Proc) -> Vec<Row> {
    let rows = host(p, |cluster, host| {
        let live = host.domains.iter().filter(|(_, domain)| !domain.life.is_without_process());
        let rows = live.map(|(name, domain)| {
            let status = host.status(&cluster.storage.engine).filter(|_| name == crate::systems::rhv::model::ENGINE);
            let state = match (domain.life, status) {
                (Life::Paused(_) | Life::Arriving, _) => "paused",
                (_, Some(VmStatus::PoweringDown)) => "in shutdown",
                _ => "running",
            };
            Row { number: Some(domain.process.id), name: name.clone(), state }
        });
        rows.collect()
    });
    let mut rows: Vec<Row> = rows.unwrap_or_default();
    let local = p.world(|world, id| {
        let guest = events::bootstrap_of(world, id)?;
        Some((world.machine(guest).vm.power, world.rhv(id)?.bootstrap.as_ref()?.process.id))
    });
    if let Some((power, number)) = local {
        let (number, state) = if power == Power::On { (Some(number), "running") } else { (None, "shut off") };
        rows.push(Row { number, name: Bootstrap::DOMAIN.to_owned(), state });
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
