//! Programs that ESXi hosts alone have: `vmware`, which tells the version, and of the scripts of `/etc/init.d` the state of the
//! daemons that the model has. Starting and stopping them comes with ESXi itself.

use super::{Tool, tool};
use crate::systems::linux::proc::{Ended, Proc};

/// The programs of this file.
pub static TOOLS: &[Tool] = &[tool!("hostd", daemon), tool!("vmware", vmware), tool!("vpxa", daemon)];

/// `vmware`: the build with `-v`, the name with `-l`, both in this order with both.
async fn vmware(p: &mut Proc, arguments: &[String]) -> Ended {
    let letters: String = arguments.iter().filter_map(|word| word.strip_prefix('-')).collect();
    let known = !letters.is_empty() && letters.chars().all(|letter| "vl".contains(letter));
    if !known || arguments.iter().any(|word| !word.starts_with('-')) {
        return p.gap(format!("vmware {}", arguments.join(" ")).trim_end());
    }
    let (release, build, name) = p.peek(|linux| {
        let kernel = linux.kernel();
        let build = kernel.build.split_whitespace().find_map(|word| word.strip_prefix("build-")).map(str::to_owned);
        (kernel.release.to_string(), build.unwrap_or_default(), linux.distro.pretty)
    });
    if letters.contains('v') {
        p.out(&format!("VMware ESXi {release} build-{build}\n")).await?;
    }
    if letters.contains('l') {
        p.out(&format!("{name}\n")).await?;
    }
    Ok(0)
}

/// `/etc/init.d/hostd`, `/etc/init.d/vpxa`
async fn daemon(p: &mut Proc, arguments: &[String]) -> Ended {
    let name = p.name.rsplit('/').next().unwrap_or_default().to_owned();
    if !matches!(arguments, [verb] if verb == "status") {
        return p.gap(&format!("{} {}", p.name, arguments.join(" ")));
    }
    let runs = p.peek(|linux| linux.processes.daemon_called(&[&name]).is_some());
    p.inferred();
    p.out(&format!("{name} is {}running.\n", if runs { "" } else { "not " })).await?;
    Ok(if runs { 0 } else { 3 })
}
