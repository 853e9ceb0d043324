//! Programs that ESXi hosts alone have: `vmware`, which tells the version, and of the scripts of `/etc/init.d` those
//! of the daemons that the model has. What they say is from memory.

use super::{Tool, tool};
use crate::systems::linux::proc::{Ended, Proc};

/// The programs of this file.
pub static TOOLS: &[Tool] = &[
    tool!("hostd", daemon),
    tool!("rhttpproxy", daemon),
    tool!("sensord", daemon),
    tool!("vmware", vmware),
    tool!("vobd", daemon),
    tool!("vpxa", daemon),
];

/// `vmware`: the build with `-v`, the name with `-l`, both in this order with both.
async fn vmware(p: &mut Proc, arguments: &[String]) -> Ended {
    let letters: String = arguments.iter().filter_map(|word| word.strip_prefix('-')).collect();
    let known = !letters.is_empty() && letters.chars().all(|letter| "vl".contains(letter));
    if !known || arguments.iter().any(|word| !word.starts_with('-')) {
        return p.gap(format!("vmware {}", arguments.join(" ")).trim_end());
    }
    let (release, build, name) = p.peek(|linux| {
        let kernel = linux.kernel();
        (kernel.release.to_string(), kernel.build_number().to_owned(), linux.distro.pretty)
    });
    if letters.contains('v') {
        p.out(&format!("VMware ESXi {release} build-{build}\n")).await?;
    }
    if letters.contains('l') {
        p.out(&format!("{name}\n")).await?;
    }
    Ok(0)
}

/// `/etc/init.d/hostd` and its like.
async fn daemon(p: &mut Proc, arguments: &[String]) -> Ended {
    let name = p.name.rsplit('/').next().unwrap_or_default().to_owned();
    let known = name != "vpxa";
    let verb = match arguments {
        [verb] if verb == "status" || known && matches!(verb.as_str(), "start" | "stop" | "restart") => verb.as_str(),
        words => return p.gap(format!("{} {}", p.name, words.join(" ")).trim_end()),
    };
    let runs = p.peek(|linux| linux.processes.daemon_called(&[&name]).is_some());
    p.inferred();
    if verb == "status" {
        p.out(&format!("{name} is {}running.\n", if runs { "" } else { "not " })).await?;
        return Ok(if runs { 0 } else { 3 });
    }
    if verb != "start" {
        stop(p, &name, runs).await?;
    }
    if verb == "start" && runs {
        p.out(&format!("{name} already running.\n")).await?;
    } else if verb != "stop" {
        let now = p.now();
        p.linux(|linux| linux.start_daemon(&name, now));
        p.out(&format!("{name} started.\n")).await?;
    }
    Ok(0)
}

async fn stop(p: &mut Proc, name: &str, runs: bool) -> Ended {
    let watchdog = p.linux(|linux| linux.stop_daemon(name));
    if let Some(pid) = watchdog {
        p.out(&format!("watchdog-{name}: Terminating watchdog process with PID {pid}\n")).await?;
    }
    p.out(&format!("{name} {}.\n", if runs { "stopped" } else { "is not running" })).await?;
    Ok(0)
}
