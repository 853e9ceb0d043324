//! Which programs of units are part of the lab. A daemon is what its unit is; of the programs that one types only those whose
//! course their words tell run in a unit, and scripts do not.

use super::fs::{Content, Cred};
use super::tools;
use crate::world::{MachineId, World};

/// The programs that one types and that a unit can run; the daemon is both.
const KNOWN: [&str; 4] = ["true", "false", "sleep", "sshd"];

/// The command of a unit that somebody wrote, where it is not run: a script, or a program that one types.
#[must_use]
pub fn unmodelled(world: &World, id: MachineId, name: &str) -> Option<String> {
    let linux = world.linux(id);
    let spec = linux.unit(name).filter(|spec| linux.distro.systemd.is_some() && spec.is_service())?;
    if spec.shipped {
        return None;
    }
    // What is not there fails by itself.
    let lists = |command: &String| {
        let path = command.split_whitespace().next().unwrap_or_default();
        linux.fs.lookup(&Cred::ROOT, "/", path).is_ok_and(|ino| linux.fs.node(ino).mode & 0o111 != 0)
    };
    let runs = |command: &&String| {
        let path = command.split_whitespace().next().unwrap_or_default();
        let content = linux.fs.lookup(&Cred::ROOT, "/", path).ok().and_then(|ino| linux.fs.content(ino));
        match content {
            Some(Content::Program(program, _)) => {
                KNOWN.contains(&program.as_ref()) || tools::find(world, id, program).is_none()
            }
            Some(Content::Bytes(bytes)) => bytes.is_empty(),
            _ => true,
        }
    };
    let before = spec.before_start.iter().filter(|_| !spec.path.starts_with("/usr/lib/"));
    before.filter(|command| lists(command)).chain(&spec.exec_start).find(|command| !runs(command)).cloned()
}
