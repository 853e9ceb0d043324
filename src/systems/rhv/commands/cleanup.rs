//! `ovirt-hosted-engine-cleanup`: a host is made as if it had never been deployed (reference `hosted-engine.md` 4.4). What the
//! storage and the other hosts know of it stays.

use crate::bash::pattern::{Options, Pattern};
use crate::systems::linux;
use crate::systems::linux::fs::Cred;
use crate::systems::linux::io::Cut;
use crate::systems::linux::proc::{Ended, Proc};
use crate::systems::rhv::model::Role;
use crate::systems::rhv::{deployment, events, files, lockspaces, mounts};
use crate::world::{MachineId, World};

/// What is removed, in this order; a `*` stands for any part of a name.
const FILES: &[&str] = &[
    "/etc/init/libvirtd.conf",
    "/etc/libvirt/nwfilter/vdsm-no-mac-spoofing.xml",
    "/etc/ovirt-hosted-engine/answers.conf",
    files::CONF,
    "/etc/vdsm/vdsm.conf",
    "/etc/pki/vdsm/*/*.pem",
    "/etc/pki/CA/cacert.pem",
    "/etc/pki/libvirt/*.pem",
    "/etc/pki/libvirt/private/*.pem",
    "/etc/pki/ovirt-vmconsole/*.pem",
    "/var/cache/libvirt/*",
    "/var/run/ovirt-hosted-engine-ha/*",
];
/// From 4.4 on it comes to this, too.
const LOCAL: &str = "/var/tmp/localvm*";

/// Services that do not start at boot any more, beside those of the hosted engine.
const OTHERS: [&str; 4] = ["mom-vdsm.service", events::VDSM, "supervdsmd.service", "libvirtd.service"];

const USAGE: &str =
    "Usage: /usr/sbin/ovirt-hosted-engine-cleanup [-h] [-q]\n    -h  show this help message\n    -q  do not ask\n";

/// The program.
pub async fn cleanup(p: &mut Proc, arguments: &[String]) -> Ended {
    let mut quiet = false;
    for argument in arguments {
        match argument.as_str() {
            "-q" => quiet = true,
            "-h" => {
                p.inferred();
                p.out(USAGE).await?;
                return Ok(0);
            }
            other => {
                p.inferred();
                p.err(&format!("FATAL: Invalid option '{other}'\n")).await?;
                return Ok(1);
            }
        }
    }
    let release = p.world(|world, id| world.rhv(id).filter(|rhv| rhv.role == Role::Host).map(|rhv| rhv.release));
    let Some(release) = release else { return p.gap("ovirt-hosted-engine-cleanup on a machine that is no host") };
    if !quiet {
        let text = " This will de-configure the host to run ovirt-hosted-engine-setup from scratch. ";
        p.out(&format!("{}\nCaution, this operation should be used with care.\n\n", reversed(p, text))).await?;
        if !agrees(p).await? {
            return Ok(1);
        }
    }
    destroy(p).await?;
    section(p, "Stop HA services").await?;
    stop(p, &events::HA_UNITS);
    section(p, "Shutdown sanlock").await?;
    p.out("shutdown force 1 wait 0\nshutdown done 0\n").await?;
    p.world(|world, id| lockspaces::shut(world, id, true));
    section(p, "Disconnecting the hosted-engine storage domain").await?;
    p.world(|world, id| {
        events::change(world, id, |host, _, _, _| host.connected = false);
        mounts::sync(world, id);
    });
    section(p, "De-configure VDSM networks").await?;
    if p.world(|world, id| deployment::has_bridge(world, id)) {
        p.out("ovirtmgmt\n").await?;
        let text = " Caution, removing the management bridge you can loose network connection. ";
        if !quiet {
            p.inferred();
            p.out(&format!("{}\n\n", reversed(p, text))).await?;
            if !agrees(p).await? {
                return Ok(1);
            }
        }
    }
    section(p, "Stop other services").await?;
    stop(p, &OTHERS);
    section(p, "De-configure external daemons").await?;
    if release.setup_from([2, 5, 0]) {
        section(p, "De-configure OVN").await?;
    }
    section(p, "Removing configuration files").await?;
    for pattern in FILES.iter().copied().chain(release.python3().then_some(LOCAL)) {
        remove(p, pattern).await?;
    }
    section(p, "Removing IP Rules").await?;
    p.world(|world, id| {
        deployment::leave(world, id);
        if let Some(rhv) = world.rhv_mut(id) {
            (rhv.bridge, rhv.bootstrap) = (false, None);
        }
        let now = world.now;
        let _ = world.linux_mut(id).fs.unlink(&Cred::ROOT, "/", files::BRIDGE_FILE, now);
    });
    Ok(0)
}

/// A text in reverse video, where somebody sees it.
fn reversed(p: &Proc, text: &str) -> String {
    let on_terminal = p.files.is_terminal(1);
    let live = on_terminal && p.cx.with(|cx| cx.session.terminal.live);
    if live { format!("\u{1b}[7m{text}\u{1b}[0m") } else { text.to_owned() }
}

async fn agrees(p: &mut Proc) -> Result<bool, Cut> {
    p.out("Are you sure you want to proceed? [y/n]\n").await?;
    let line = p.read_until(0, 1024, Some(b'\n')).await?;
    if line.trim_ascii() == b"y" {
        return Ok(true);
    }
    p.err("FATAL: Please contact support for further assistance.\n").await?;
    Ok(false)
}

async fn section(p: &mut Proc, title: &str) -> Result<(), Cut> {
    p.out(&format!("  -=== {title} ===- \n")).await?;
    p.pass(crate::sim::Span::secs(2)).await
}

/// The virtual machines end: that of the engine, and one in which a deployment set up another.
async fn destroy(p: &mut Proc) -> Result<(), Cut> {
    section(p, "Destroy hosted-engine VM").await?;
    let destroyed = p
        .world(|world, id| events::change(world, id, |host, storage, now, out| host.destroy_engine(storage, now, out)));
    if destroyed != Some(true) {
        p.err("error: failed to get domain 'HostedEngine'\n").await?;
    }
    if p.world(|world, id| local_runs(world, id)) {
        section(p, "Killing left-behind HostedEngine processes").await?;
        p.world(|world, id| {
            if let Some(guest) = events::bootstrap_of(world, id) {
                linux::events::cut_power(world, guest);
            }
        });
    }
    Ok(())
}

fn local_runs(world: &World, id: MachineId) -> bool {
    events::bootstrap_of(world, id).is_some_and(|guest| world.machine(guest).vm.power == crate::vm::Power::On)
}

/// Services stop, and do not start at boot any more.
fn stop(p: &Proc, units: &[&str]) {
    p.world(|world, id| {
        let now = world.now;
        for unit in units {
            linux::events::stop_unit(world, id, unit);
            // A disk that is full keeps the links.
            let _ = world.linux_mut(id).set_enabled(unit, false, now);
        }
    });
}

/// Removes what a pattern stands for, and tells of it.
async fn remove(p: &mut Proc, pattern: &str) -> Result<(), Cut> {
    let found = p.world(|world, id| expand(world, id, pattern));
    if found.is_empty() {
        return p.out(&format!("? {pattern} already missing\n")).await;
    }
    for path in found {
        p.out(&format!("- removing {path}\n")).await?;
        let unlinked = p.fs(|fs, now| fs.unlink(&Cred::ROOT, "/", &path, now));
        if unlinked.is_err() {
            p.world(|world, id| files::remove_tree(world, id, &path));
        }
    }
    Ok(())
}

/// The paths that a pattern stands for.
fn expand(world: &World, id: MachineId, pattern: &str) -> Vec<String> {
    let fs = &world.linux(id).fs;
    let mut found = vec![String::new()];
    for part in pattern.split('/').filter(|part| !part.is_empty()) {
        let wanted = Pattern::new(part, Options::default());
        let mut next = Vec::new();
        for dir in &found {
            let above = if dir.is_empty() { "/" } else { dir };
            let Ok(ino) = fs.lookup(&Cred::ROOT, "/", above) else { continue };
            let names = fs.node(ino).entries().into_iter().flatten().map(|(name, _)| name.to_string());
            let fits = names.filter(|name| {
                if part.contains('*') { wanted.matches_path_component(name, false) } else { name == part }
            });
            next.extend(fits.map(|name| format!("{dir}/{name}")));
        }
        found = next;
    }
    found
}
