//! A first, tiny root shell: enough to read the tool's log and vCenter's version. Prompt and `logout` are captured.

use std::borrow::Cow;

use super::model::Vcsa;
use crate::shell::{Context, Outcome, Session, Step, lex};
use crate::systems::Console;
use crate::world::World;

/// The log that `software-packages` writes.
pub const LOG: &str = "/var/log/vmware/applmgmt/software-packages.log";

/// Programs that this shell has.
const PROGRAMS: &[&str] = &["cat", "exit", "logout", "vpxd"];

/// Words of bash and programs of SLES 11 and the appliance that people type: the real shell knows them, this one does not
/// yet. All else is unknown to both.
const UNMODELLED: &[&str] = &[
    "alias",
    "appliancesh",
    "awk",
    "bash",
    "cd",
    "chage",
    "chmod",
    "chown",
    "chsh",
    "cp",
    "curl",
    "date",
    "dcli",
    "df",
    "dmesg",
    "du",
    "echo",
    "env",
    "export",
    "find",
    "free",
    "grep",
    "gzip",
    "halt",
    "head",
    "help",
    "history",
    "hostname",
    "id",
    "ifconfig",
    "ip",
    "kill",
    "less",
    "ln",
    "ls",
    "lsblk",
    "lsof",
    "lvs",
    "mkdir",
    "more",
    "mount",
    "mv",
    "netstat",
    "openssl",
    "passwd",
    "ping",
    "pkill",
    "poweroff",
    "printf",
    "ps",
    "pvs",
    "pwd",
    "python",
    "reboot",
    "rm",
    "rpm",
    "scp",
    "sed",
    "service",
    "service-control",
    "set",
    "sh",
    "shutdown",
    "sleep",
    "sort",
    "source",
    "ssh",
    "stat",
    "su",
    "tail",
    "tar",
    "test",
    "top",
    "touch",
    "type",
    "umount",
    "unalias",
    "uname",
    "unset",
    "uptime",
    "vgs",
    "vi",
    "vim",
    "vmon-cli",
    "w",
    "wc",
    "wget",
    "which",
    "who",
    "whoami",
    "zypper",
];

/// The console of the root shell.
pub struct Root;

impl Console for Root {
    fn prompt<'a>(&self, world: &'a World, session: &Session) -> Cow<'a, str> {
        Cow::Owned(format!("{}:~ # ", world.vcsa(session.machine).hostname))
    }

    fn line(&self, cx: &mut Context<'_>, line: &str) -> Step {
        let split = lex::split(line);
        let words: Vec<&str> = split.words.iter().map(AsRef::as_ref).collect();
        answer(cx, &words).settle(cx)
    }

    fn end_of_input(&self, cx: &mut Context<'_>) {
        leave(cx);
    }

    fn complete(&self, _: &World, _: &Session, line: &str) -> Vec<String> {
        let last = line.rsplit(char::is_whitespace).next().unwrap_or_default();
        let candidates: &[&str] = if line.trim_start().contains(char::is_whitespace) { &[LOG] } else { PROGRAMS };
        candidates.iter().filter(|word| word.starts_with(last)).map(|word| (*word).to_owned()).collect()
    }
}

fn answer(cx: &mut Context<'_>, words: &[&str]) -> Outcome {
    match words {
        [] => Outcome::Silent,
        ["exit" | "logout", ..] => {
            leave(cx);
            Outcome::Silent
        }
        ["vpxd", "-v"] => Outcome::Text(vcenter_version(cx.vcsa())),
        ["cat", paths @ ..] if !paths.is_empty() => cat(cx, paths),
        [word, ..] if UNMODELLED.contains(word) => Outcome::Gap((*word).to_owned()),
        [program, ..] if PROGRAMS.contains(program) => Outcome::Gap(format!("{program} with these arguments")),
        [program, ..] => Outcome::Refused(format!("-bash: {program}: command not found\n"), 127),
    }
}

fn leave(cx: &mut Context<'_>) {
    cx.line("logout");
    cx.session.leave_shell();
}

/// What `vpxd -v` prints: vCenter's own version and build, which is not the appliance's.
fn vcenter_version(vcsa: &Vcsa) -> String {
    let running = &vcsa.running;
    format!("VMware VirtualCenter {} build-{}\n", running.vcenter_version, running.vcenter_build)
}

fn cat(cx: &mut Context<'_>, paths: &[&str]) -> Outcome {
    let mut status = 0;
    for path in paths {
        if *path == LOG {
            for line in cx.world.vcsa(cx.session.machine).log.lines() {
                cx.screen.line(line);
            }
        } else {
            cx.aside(&format!("not modelled: {path}"));
            status = 1;
        }
    }
    Outcome::Refused(String::new(), status)
}
