//! `sshd` by hand: whether its settings are good (`-t`). The daemon itself is its unit's.

use super::getopt::Spec;
use super::input::given;
use super::ssh::old_style;
use super::{Tool, tool};
use crate::systems::linux::model::Sshd;
use crate::systems::linux::proc::{Ended, Proc};

/// The programs of this file.
pub static TOOLS: &[Tool] = &[tool!("sshd", sshd)];

const USAGE: &str = "usage: sshd [-46DdeiqTt] [-C connection_spec] [-c host_cert_file]
            [-E log_file] [-f config_file] [-g login_grace_time]
            [-h host_key_file] [-o option] [-p port] [-u len]
";

async fn sshd(p: &mut Proc, arguments: &[String]) -> Ended {
    const SPEC: Spec = Spec { short: "46Dtqf:", long: &[], gaps: "d e i r T b: C: c: E: g: h: k: o: p: u: V" };
    let given = given!(strict p, &SPEC, arguments, |complaint| {
            let version = p.peek(|linux| linux.distro.openssh);
            p.err(&format!("{}\n{version}\n{USAGE}", old_style(&complaint))).await?;
            Ok(1) });
    // It starts itself anew for each connection.
    if !p.name.starts_with('/') {
        p.err("sshd re-exec requires execution with an absolute path\n").await?;
        return Ok(255);
    }
    if !given.has('t') {
        return p.gap("sshd started by hand");
    }
    let file = given.value('f').unwrap_or(Sshd::FILE);
    let text = match p.read_path(file) {
        Ok(text) => String::from_utf8_lossy(&text).into_owned(),
        Err(errno) => {
            p.err(&format!("{file}: {}\n", errno.text())).await?;
            return Ok(1);
        }
    };
    let distro = p.peek(|linux| linux.distro);
    let Err(refused) = Sshd::read(file, &text, &distro) else { return Ok(0) };
    for line in &refused.lines {
        p.err(&format!("{line}\n")).await?;
    }
    Ok(refused.status)
}
