//! `hosted-engine` of 4.2 to 4.5: the wrapper script that finds the command, and what each command does (reference
//! `hosted-engine.md` 1 and 2).

mod config;
mod console;
mod deploy;
pub mod help;
mod maintenance;
mod status;
mod storage;
mod vm;

use std::collections::BTreeMap;

use super::host;
use crate::systems::linux::io::Cut;
use crate::systems::linux::proc::{Ended, Proc};
use crate::systems::rhv::events;
use crate::systems::rhv::files::{self, CONF, VM_CONF};
use crate::systems::rhv::release::Release;

/// What a call of the program knows.
struct Call<'a> {
    release: Release,
    /// The settings of the host, empty where it is not deployed.
    conf: BTreeMap<String, String>,
    arguments: &'a [String],
}

impl Call<'_> {
    fn deployed(&self) -> bool {
        self.conf.get("vmid").is_some_and(|vmid| !vmid.is_empty())
    }

    fn vmid(&self) -> &str {
        self.conf.get("vmid").map_or("", String::as_str)
    }

    fn has(&self, option: &str) -> bool {
        self.arguments.iter().any(|argument| argument == option)
    }

    /// The value of `--name=value`.
    fn value(&self, name: &str) -> Option<&str> {
        self.arguments.iter().find_map(|argument| argument.strip_prefix(name)?.strip_prefix('='))
    }
}

fn release(p: &Proc) -> Option<Release> {
    p.world(|world, id| world.rhv(id).map(|rhv| rhv.release))
}

/// The program.
pub async fn hosted_engine(p: &mut Proc, arguments: &[String]) -> Ended {
    let Some(release) = release(p) else { return p.gap("hosted-engine on a machine that is no host") };
    let conf = p.read_path(CONF).map(|bytes| files::read_conf(&String::from_utf8_lossy(&bytes))).unwrap_or_default();
    let Some(first) = arguments.first() else {
        p.out(&help::usage(release)).await?;
        return Ok(1);
    };
    let rest = arguments.get(1..).unwrap_or_default();
    let asked =
        if first == "--help" { rest.first() } else { Some(first).filter(|_| rest.iter().any(|w| w == "--help")) };
    if first == "--help" && rest.is_empty() {
        p.out(&help::usage(release)).await?;
        return Ok(0);
    }
    let name = asked.unwrap_or(first);
    if !help::is_command(name, release) {
        p.err(&format!("Invalid option '{name}'\n")).await?;
        p.out(&help::usage(release)).await?;
        return Ok(1);
    }
    if asked.is_some() {
        return help::of_command(p, name, release).await;
    }
    let call = Call { release, conf, arguments: rest };
    run(p, first, &call).await
}

async fn run(p: &mut Proc, name: &str, call: &Call<'_>) -> Ended {
    match name {
        "--deploy" => return deploy::deploy(p, call).await,
        "--set-maintenance" => return maintenance::set(p, call).await,
        "--check-deployed" => return check_deployed(p, call).await,
        "--check-liveliness" => return vm::check_liveliness(p, call).await,
        "--set-shared-config" => return config::set(p, call).await,
        "--get-shared-config" => return config::get(p, call).await,
        _ => {}
    }
    if !call.deployed() && name == "--vm-status" && p.world(|world, id| events::bootstrap_of(world, id)).is_some() {
        p.out(
            "It seems like a previous attempt to deploy hosted-engine failed or it's still in progress. Please clean it up \
             before trying again\n",
        )
        .await?;
        return Ok(2);
    }
    if !call.deployed() {
        p.out("You must run deploy first\n").await?;
        return Ok(1);
    }
    let wants_vm_conf = matches!(name, "--vm-start" | "--vm-start-paused" | "--vm-status" | "--clean-metadata");
    let vm_conf = call.value("--vm-conf").filter(|_| name == "--vm-start").unwrap_or(VM_CONF);
    if wants_vm_conf && p.lookup(vm_conf).is_err() {
        return no_vm_conf(p, call).await;
    }
    match name {
        "--vm-status" => status::vm_status(p, call).await,
        "--vm-start" => vm::start(p, call, false).await,
        "--vm-start-paused" => vm::start(p, call, true).await,
        "--vm-shutdown" => vm::shut_down(p, call).await,
        "--vm-poweroff" => vm::power_off(p, call).await,
        "--console" => vm::console(p, call).await,
        "--add-console-password" => vm::console_password(p, call).await,
        "--connect-storage" | "--disconnect-storage" => storage::connect(p, call, name == "--connect-storage"),
        "--upgrade-appliance" | "--rollback-upgrade" => {
            deploy::appliance::appliance(p, call.release, name == "--rollback-upgrade").await
        }
        "--reinitialize-lockspace" => storage::reinitialize(p, call).await,
        "--clean-metadata" => storage::clean_metadata(p, call).await,
        other => p.gap(&format!("hosted-engine {other}")),
    }
}

async fn no_vm_conf(p: &mut Proc, call: &Call<'_>) -> Ended {
    let text = if call.release.setup_from([2, 5, 0]) {
        let active = host(p, |_, host| host.daemons.agent) == Some(true);
        let more = if active {
            "for more details please check sanlock status."
        } else {
            "please ensure that ovirt-ha-agent service is running."
        };
        format!("The hosted engine configuration has not been retrieved from shared storage yet,\n{more}\n\n")
    } else {
        "The hosted engine configuration has not been retrieved from shared storage. Please ensure that ovirt-ha-agent is \
         running and the storage server is reachable.\n"
            .to_owned()
    };
    p.out(&text).await?;
    Ok(1)
}

async fn check_deployed(p: &mut Proc, call: &Call<'_>) -> Ended {
    if !call.deployed() {
        p.out("The hosted engine has not been deployed\n").await?;
        return Ok(1);
    }
    if call.release.setup_from([2, 4, 6]) && !call.release.setup_from([2, 5, 0]) {
        p.out("The hosted engine has been deployed\n").await?;
    }
    Ok(0)
}

/// What Python says of an exception that nobody has caught in a module of the setup: who called whom, with the line of each
/// (inferred).
fn traceback(release: Release, module: &str, calls: &[(u32, &str, &str)], error: &str) -> String {
    let (python, main, code) = match release.python3() {
        false => ("2.7", (162, "\"__main__\", fname, loader, pkg_name)"), (72, "exec code in run_globals")),
        true => ("3.6", (193, "\"__main__\", mod_spec)"), (85, "exec(code, run_globals)")),
    };
    let runpy = format!("/usr/lib64/python{python}/runpy.py");
    let module = format!("/usr/lib/python{python}/site-packages/ovirt_hosted_engine_setup/{module}.py");
    let mut text = "Traceback (most recent call last):\n".to_owned();
    let mut frame = |file: &str, line: u32, of: &str, says: &str| {
        text.push_str(&format!("  File \"{file}\", line {line}, in {of}\n    {says}\n"));
    };
    frame(&runpy, main.0, "_run_module_as_main", main.1);
    frame(&runpy, code.0, "_run_code", code.1);
    for (line, of, says) in calls {
        frame(&module, *line, of, says);
    }
    text + error + "\n"
}

/// What each of these programs says when the broker does not take its connection.
const NO_DAEMON: &str = "Cannot connect to the HA daemon, please check the logs.";

async fn no_daemon(p: &mut Proc) -> Result<(), Cut> {
    p.err(&format!("{NO_DAEMON}\n")).await
}
