//! The commands about the Manager's virtual machine (reference `hosted-engine.md` 1.3).

use super::super::{answered, host};
use super::{Call, console};
use crate::sim::{Instant, Span};
use crate::systems::linux::io::Cut;
use crate::systems::linux::net::{self, Reach};
use crate::systems::linux::proc::{Ended, Proc};
use crate::systems::rhv::family::{HEALTH_PATH, HEALTHY};
use crate::systems::rhv::model::{ENGINE, Effect, Host, Storage, VmStatus};
use crate::systems::rhv::{events, files};

/// What a call of vdsm takes, with Python around it (inferred).
const CALL: Span = Span::millis(900);
/// How long the health page is waited for.
const PATIENCE: Span = Span::secs(20);

fn status(p: &Proc) -> Option<VmStatus> {
    host(p, |cluster, host| host.status(&cluster.storage.engine))?
}

/// What vdsm's client says of a call for a virtual machine that is not there.
async fn missing(p: &mut Proc, call: &Call<'_>, verb: &str, arguments: &str) -> Result<(), Cut> {
    let vmid = call.vmid();
    let unicode = if call.release.python3() { "" } else { "u" };
    let text = format!(
        "Command {verb} with args {{{arguments}}} failed:\n(code=1, message=Virtual machine does not exist: {{'vmId': \
         {unicode}'{vmid}'}})\n"
    );
    p.err(&text).await
}

async fn vdsm_down(p: &mut Proc) -> Result<bool, Cut> {
    answered(p, None, |host| host.daemons.vdsm && host.troubles.halted.vdsm).await?;
    if host(p, |_, host| host.daemons.vdsm) == Some(true) {
        return Ok(false);
    }
    p.inferred();
    p.err("Failed to connect to localhost:54321\n").await?;
    Ok(true)
}

/// `--vm-start` and `--vm-start-paused`
pub(super) async fn start(p: &mut Proc, call: &Call<'_>, paused: bool) -> Ended {
    p.pass(CALL).await?;
    if vdsm_down(p).await? {
        return Ok(1);
    }
    let memory = match call.value("--vm-conf") {
        None => None,
        Some(path) => {
            let text = p.read_path(path).map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default();
            let conf = files::read_conf(&text);
            if conf.get("vmId").is_none_or(|vmid| vmid != call.vmid()) {
                return p.gap("hosted-engine --vm-start of another virtual machine than the Manager's");
            }
            conf.get("memSize").and_then(|mib| mib.parse::<u64>().ok())
        }
    };
    let again = call.release.python3() && !paused;
    match status(p) {
        None => missing(p, call, "VM.getStats", &format!("'vmID': '{}'", call.vmid())).await?,
        Some(status) if status == VmStatus::Down || (again && status == VmStatus::Paused) => {
            let down = if again { "Down" } else { "down" };
            p.out(&format!("VM exists and is {down}, cleaning up and restarting\n")).await?;
            change(p, |host, storage, now, out| host.destroy_engine(storage, now, out));
        }
        Some(status) => {
            p.out(&format!("VM exists and its status is {}\n", status.word())).await?;
            return Ok(1);
        }
    }
    let started = change(p, |host, storage, _, out| {
        let fits = memory.is_none_or(|memory| memory <= host.free_memory());
        let started = fits && host.start_engine(&storage.engine, paused, out);
        if let Some(domain) = host.domains.get_mut(ENGINE).filter(|_| started) {
            domain.memory = memory.unwrap_or(domain.memory);
        }
        started
    });
    if call.release.setup_from([2, 3, 8]) {
        p.out(if started { "VM in WaitForLaunch\n" } else { "VM failed to launch\n" }).await?;
    }
    Ok(u8::from(!started))
}

fn change(p: &Proc, change: impl FnOnce(&mut Host, &mut Storage, Instant, &mut Vec<Effect>) -> bool) -> bool {
    p.world(|world, id| events::change(world, id, change)) == Some(true)
}

/// `--vm-shutdown`
pub(super) async fn shut_down(p: &mut Proc, call: &Call<'_>) -> Ended {
    p.pass(CALL).await?;
    if vdsm_down(p).await? {
        return Ok(1);
    }
    if change(p, |host, storage, _, out| host.shut_engine_down(&mut storage.engine, out)) {
        return Ok(0);
    }
    let (vmid, delay, message) =
        (format!("'vmID': '{}'", call.vmid()), "'delay': '120'", "'message': 'VM is shutting down!'");
    let arguments = if call.release.python3() {
        format!("{vmid}, {delay}, {message}")
    } else {
        format!("{delay}, {message}, {vmid}")
    };
    missing(p, call, "VM.shutdown", &arguments).await?;
    Ok(1)
}

/// `--vm-poweroff`
pub(super) async fn power_off(p: &mut Proc, call: &Call<'_>) -> Ended {
    p.pass(CALL).await?;
    if vdsm_down(p).await? {
        return Ok(1);
    }
    if change(p, |host, storage, now, out| host.destroy_engine(storage, now, out)) {
        return Ok(0);
    }
    missing(p, call, "VM.destroy", &format!("'vmID': '{}'", call.vmid())).await?;
    Ok(1)
}

/// `--console`
pub(super) async fn console(p: &mut Proc, call: &Call<'_>) -> Ended {
    p.pass(CALL).await?;
    if vdsm_down(p).await? {
        return Ok(1);
    }
    match status(p) {
        None => {
            missing(p, call, "VM.getStats", &format!("'vmID': '{}'", call.vmid())).await?;
            p.out("The engine VM is not on this host\n").await?;
            return Ok(0);
        }
        Some(VmStatus::Up) => p.out("The engine VM is running on this host\n").await?,
        Some(status) => {
            let text = format!("The engine VM is on this host but its status is {}\n", status.word());
            p.out(&text).await?;
            if !call.release.setup_from([2, 5, 0]) {
                return Ok(1);
            }
            p.out("Trying anyway to connect to its console:\n\n").await?;
        }
    }
    if !p.files.is_terminal(0) {
        p.inferred();
        p.err("error: Cannot run interactive console without a controlling TTY\n").await?;
        return Ok(1);
    }
    p.out("Escape character is ^]\n").await?;
    console::login(p).await
}

/// `--add-console-password`
pub(super) async fn console_password(p: &mut Proc, call: &Call<'_>) -> Ended {
    let given = call.value("--password").is_some() || p.env("OVIRT_HOSTED_ENGINE_CONSOLE_PASSWORD").is_some();
    if !given {
        p.err("Enter password: ").await?;
        if p.new_secret(0, true).await?.is_none() {
            p.inferred();
            p.err("EOFError\n").await?;
            return Ok(1);
        }
    }
    p.pass(CALL).await?;
    if vdsm_down(p).await? {
        return Ok(1);
    }
    if status(p).is_none() {
        // The verb is a guess, the form of the complaint is not.
        p.inferred();
        missing(p, call, "VM.updateDevice", &format!("'vmID': '{}'", call.vmid())).await?;
        return Ok(1);
    }
    let address = p.world(|world, id| world.machine(id).address.clone());
    p.out(&format!("You can now connect the hosted-engine VM with VNC at {address}:5900\n")).await?;
    Ok(0)
}

/// `--check-liveliness`
pub(super) async fn check_liveliness(p: &mut Proc, call: &Call<'_>) -> Ended {
    if call.conf.is_empty() {
        p.err("Error reading the configuration file\n").await?;
        return Ok(2);
    }
    let Some(fqdn) = call.conf.get("fqdn").filter(|fqdn| !fqdn.is_empty()) else {
        p.err("Incomplete configuration, missing FQDN of the hosted engine VM\n").await?;
        return Ok(2);
    };
    let up = healthy(p, fqdn).await?;
    p.out(if up { "Hosted Engine is up!\n" } else { "Hosted Engine is not up!\n" }).await?;
    Ok(u8::from(!up))
}

async fn healthy(p: &mut Proc, fqdn: &str) -> Result<bool, Cut> {
    let Some(target) = p.world(|world, id| net::resolve(world, id, fqdn)) else { return Ok(false) };
    match p.world(|world, _| net::reach_port(world, &target, 80)) {
        Reach::Up => {}
        Reach::Refused => return Ok(false),
        Reach::Silent | Reach::NoWay => {
            p.pass(PATIENCE).await?;
            return Ok(false);
        }
    }
    p.pass(CALL).await?;
    Ok(p.world(|world, _| {
        let page = |id| crate::systems::family(world, id).page(world, id, 80, HEALTH_PATH, None).text;
        target.machine.is_some_and(|id| page(id) == HEALTHY)
    }))
}
