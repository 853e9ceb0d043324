//! Programs that run another one in other surroundings: `chroot` (coreutils), into a directory that has nothing to run, and
//! `runcon`, whose contexts the policy does not hold apart.

use super::getopt::Spec;
use super::input::{given, misused};
use super::{Tool, tool};
use crate::systems::linux::fs::{Access, Errno};
use crate::systems::linux::proc::{Ended, Proc};
use crate::systems::linux::tools::files::show;
use crate::systems::linux::tools::input;

/// The programs of this file.
pub static TOOLS: &[Tool] = &[tool!("chroot", chroot), tool!("runcon", runcon)];

/// What these programs end with when they run nothing.
const CANNOT: u8 = 125;

async fn chroot(p: &mut Proc, arguments: &[String]) -> Ended {
    const GROUPS: char = '\u{1}';
    const USER: char = '\u{2}';
    const SKIP: char = '\u{3}';
    const OPTIONS: Spec =
        Spec { short: "", long: &[("groups:", GROUPS), ("userspec:", USER), ("skip-chdir", SKIP)], gaps: "" };
    let given = given!(strict p, &OPTIONS, arguments, CANNOT);
    let Some((root, words)) = given.operands.split_first() else {
        return misused(p, "missing operand", CANNOT).await;
    };
    let path = p.peek(|linux| linux.fs.canonical(&p.cred, &p.cwd, root));
    let path = path.and_then(|path| if input::is_dir(p, &path) { Ok(path) } else { Err(Errno::Notdir) });
    let path = match path {
        Ok(path) if p.cred.is_root() => path,
        failed => {
            let errno = failed.err().unwrap_or(Errno::Perm);
            let text = format!("cannot change root directory to {}: {}", show::quoted(p, root), errno.text());
            p.complain(&text).await?;
            return Ok(CANNOT);
        }
    };
    let shell = p.env("SHELL").unwrap_or("/bin/sh").to_owned();
    let name = words.first().unwrap_or(&shell);
    if path == "/" {
        let words = if words.is_empty() { vec![shell.clone(), "-i".to_owned()] } else { words.to_vec() };
        return super::run::run(p, words).await;
    }
    // A name without a directory is looked for along the path, in the new root.
    let places: Vec<String> = if name.contains('/') {
        vec![name.clone()]
    } else {
        p.env("PATH").unwrap_or_default().split(':').map(|dir| format!("{dir}/{name}")).collect()
    };
    let found = places.iter().find_map(|place| {
        let place = format!("{path}/{}", place.trim_start_matches('/'));
        let ino = p.lookup(&place).ok()?;
        Some(p.peek(|linux| linux.fs.access(&p.cred, ino, Access::EXEC)))
    });
    let (errno, status) = match found {
        None => (Errno::Noent, 127),
        Some(Err(errno)) => (errno, 126),
        // It is there, and what it needs besides is not looked at.
        Some(Ok(())) => return p.gap(&format!("a program in {path} as its root")),
    };
    p.complain(&format!("failed to run command {}: {}", input::quoted(name), errno.text())).await?;
    Ok(status)
}

async fn runcon(p: &mut Proc, arguments: &[String]) -> Ended {
    const OPTIONS: Spec = Spec {
        short: "ct:u:r:l:",
        long: &[("compute", 'c'), ("type:", 't'), ("user:", 'u'), ("role:", 'r'), ("range:", 'l')],
        gaps: "",
    };
    let given = given!(strict p, &OPTIONS, arguments, CANNOT);
    if !p.peek(|linux| linux.distro.selinux) {
        p.complain("runcon may be used only on a SELinux kernel").await?;
        return Ok(CANNOT);
    }
    let mut words = &given.operands[..];
    let by_parts = !given.options.is_empty();
    if !by_parts {
        let Some((context, rest)) = words.split_first() else {
            p.out("unconfined_u:unconfined_r:unconfined_t:s0-s0:c0.c1023\n").await?;
            return Ok(0);
        };
        if context.split(':').count() < 3 {
            p.complain(&format!("invalid context: {}: Invalid argument", input::quoted(context))).await?;
            return Ok(CANNOT);
        }
        words = rest;
    }
    if words.is_empty() {
        return misused(p, "no command specified", CANNOT).await;
    }
    super::run::run(p, words.to_vec()).await
}
