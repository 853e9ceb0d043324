//! `systemctl start`, `stop` and their kin of a unit that has no file: what `/etc/fstab` lists is mounted, and what is mounted is
//! unmounted (systemd.mount(5)).

use super::derived::Derived;
use super::is_old;
use crate::systems::linux::fs::Cred;
use crate::systems::linux::model::mounting::{Failure, Listed, WAIT};
use crate::systems::linux::model::unit::Active;
use crate::systems::linux::proc::{Ended, Proc};
use crate::systems::linux::tools::disks;

/// What a verb does to such a unit.
pub async fn change(p: &mut Proc, verb: &str, unit: &Derived) -> Ended {
    let name = &unit.spec.name;
    let word = match verb {
        "condrestart" | "try-restart" => "restart",
        verb => verb,
    };
    if !p.cred.is_root() {
        let why = "Interactive authentication required.";
        p.err(&format!("Failed to {word} {name}: {why}\nSee system logs and 'systemctl status {name}' for details.\n"))
            .await?;
        return Ok(4);
    }
    let up = unit.state.active == Active::Active;
    match (word, &unit.mount) {
        ("start", _) if up => Ok(0),
        ("start", Some(mount)) => start(p, name, mount).await,
        ("stop", Some(_)) if !up => Ok(0),
        ("stop", Some(mount)) => stop(p, name, mount).await,
        ("restart", Some(mount)) => {
            let status = if up { stop(p, name, mount).await? } else { 0 };
            if status == 0 { start(p, name, mount).await } else { Ok(status) }
        }
        _ => p.gap(&format!("systemctl {verb} {name}")),
    }
}

fn says(p: &Proc, priority: u8, name: &str, text: String) {
    let now = p.now();
    p.linux(|linux| linux.manager_says(now, priority, name, text));
}

async fn failed(p: &mut Proc, name: &str) -> Ended {
    let space = if is_old(p) { " " } else { "\n" };
    p.err(&format!(
        "Job for {name} failed.{space}See \"systemctl status {name}\" and \"journalctl -xe\" for details.\n"
    ))
    .await?;
    Ok(1)
}

async fn start(p: &mut Proc, name: &str, mount: &Listed) -> Ended {
    let (now, dir) = (p.now(), &mount.dir);
    let listed = p.peek(|linux| linux.fstab().into_iter().find(|line| line.dir == *dir));
    let line = listed.as_ref().unwrap_or(mount);
    match p.linux(|linux| linux.mount_listed(line, now)) {
        Ok(()) => {
            says(p, 6, name, format!("Mounting {dir}..."));
            says(p, 6, name, format!("Mounted {dir}."));
            Ok(0)
        }
        Err(Failure::Refused) => {
            says(p, 6, name, format!("Mounting {dir}..."));
            says(p, 5, name, format!("{name}: Mount process exited, code=exited status=32"));
            says(p, 3, name, format!("Failed to mount {dir}."));
            failed(p, name).await
        }
        Err(Failure::NoDevice) => {
            p.until(now + WAIT).await?;
            let then = p.now();
            p.linux(|linux| linux.wait_in_vain(&line.device, dir, then));
            p.err(&format!("A dependency job for {name} failed. See 'journalctl -xe' for details.\n")).await?;
            Ok(1)
        }
    }
}

async fn stop(p: &mut Proc, name: &str, mount: &Listed) -> Ended {
    let (in_use, dir) = (disks::in_use(p), &mount.dir);
    says(p, 6, name, format!("Unmounting {dir}..."));
    if p.fs(|fs, _| fs.umount(&Cred::ROOT, "/", dir, &in_use)).is_ok() {
        says(p, 6, name, format!("Unmounted {dir}."));
        return Ok(0);
    }
    says(p, 5, name, format!("{name}: Mount process exited, code=exited status=32"));
    says(p, 3, name, format!("Failed unmounting {dir}."));
    failed(p, name).await
}
