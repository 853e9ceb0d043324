//! `install` (coreutils): copies with owner and permission bits, and directories.

use super::super::input::{given, misused};
use super::backup::{BACKUP, asked};
use super::copy::{Copier, Keep, inside};
use super::cp::{Goal, goal};
use super::show::{curly, quoted};
use super::{join, meta, number_of, parent, reap, refuse};
use crate::systems::linux::io::Cut;
use crate::systems::linux::mode;
use crate::systems::linux::proc::{Ended, Proc};
use crate::systems::linux::tools::getopt::{Given, Spec};
use crate::systems::linux::tools::{Tool, tool};

/// The program of this file.
pub static TOOLS: &[Tool] = &[tool!("install", install)];

const INSTALL: Spec = Spec {
    short: "bcDdg:m:o:pS:t:Tv",
    long: &[
        ("backup::", BACKUP),
        ("directory", 'd'),
        ("group:", 'g'),
        ("mode:", 'm'),
        ("no-target-directory", 'T'),
        ("owner:", 'o'),
        ("preserve-timestamps", 'p'),
        ("suffix:", 'S'),
        ("target-directory:", 't'),
        ("verbose", 'v'),
    ],
    gaps: "C s Z --compare --strip --context:: --preserve-context --strip-program:",
};

async fn install(p: &mut Proc, arguments: &[String]) -> Ended {
    let given = given!(p, &INSTALL, arguments, 1);
    let bits = match given.value('m') {
        None => 0o755,
        Some(text) => match mode::change(text, 0, given.has('d'), 0) {
            Some(bits) => bits,
            None => return p.fail(&format!("invalid mode {}", curly(text))).await,
        },
    };
    let mut numbers = [None, None];
    for (at, letter, kind) in [(0, 'o', "user"), (1, 'g', "group")] {
        let Some(name) = given.value(letter) else { continue };
        numbers[at] = number_of(p, name, letter == 'g');
        if numbers[at].is_none() {
            return p.fail(&format!("invalid {kind} {}", curly(name))).await;
        }
    }
    let set = Set { bits, owner: numbers };
    if given.has('d') {
        return directories(p, &given, &set).await;
    }
    let mut operands = given.operands.clone();
    if given.has('D') && operands.len() == 2 && !given.has('t') {
        make_all(p, parent(&operands[1]).to_owned(), given.has('v')).await?;
    }
    let goal = match goal(p, &given, &mut operands).await? {
        Ok(goal) => goal,
        Err(status) => return Ok(status),
    };
    let keep = Keep { times: given.has('p'), ..Keep::default() };
    let backup = match asked(p, &given).await? {
        Ok(backup) => backup,
        Err(status) => return Ok(status),
    };
    let mut copier = Copier { keep, backup, force: true, verbose: given.has('v'), ..Copier::default() };
    let mut status = 0;
    for from in &operands {
        let to = match &goal {
            Goal::Name(to) => to.clone(),
            Goal::Into(directory) => inside(directory, from),
        };
        if meta(p, from, true).is_ok_and(|meta| meta.is_dir()) {
            let name = quoted(p, from);
            p.complain(&format!("omitting directory {name}")).await?;
            status = 1;
            continue;
        }
        if copier.backup.is_none()
            && meta(p, from, true).is_ok_and(|from| meta(p, &to, true).map(|to| to.ino) != Ok(from.ino))
        {
            p.fs(|fs, now| fs.unlink(&p.cred, &p.cwd, &to, now)).unwrap_or_default();
        }
        if !copier.copy(p, from, &to).await? || !set.apply(p, &to).await? {
            status = 1;
        }
    }
    reap(p);
    Ok(status)
}

/// What `install` sets on what it makes.
struct Set {
    bits: u16,
    owner: [Option<u32>; 2],
}

impl Set {
    async fn apply(&self, p: &mut Proc, path: &str) -> Result<bool, Cut> {
        let Ok(made) = meta(p, path, true) else { return Ok(false) };
        let [uid, gid] = self.owner;
        let owned = if uid.is_some() || gid.is_some() {
            p.fs(|fs, now| fs.chown(&p.cred, made.ino, uid, gid, now))
        } else {
            Ok(())
        };
        if let Err(errno) = owned {
            let name = quoted(p, path);
            refuse(p, &format!("cannot change ownership of {name}"), errno).await?;
            return Ok(false);
        }
        let set = p.fs(|fs, now| fs.chmod(&p.cred, made.ino, self.bits, now));
        if let Err(errno) = set {
            let name = quoted(p, path);
            refuse(p, &format!("cannot change permissions of {name}"), errno).await?;
        }
        Ok(set.is_ok())
    }
}

/// Makes a directory and those above it that are missing: whether it is there.
async fn make_all(p: &mut Proc, path: String, verbose: bool) -> Result<bool, Cut> {
    let mut at = if path.starts_with('/') { "/".to_owned() } else { String::new() };
    for part in path.split('/').filter(|part| !part.is_empty()) {
        at = if at.is_empty() { part.to_owned() } else { join(&at, part) };
        if meta(p, &at, true).is_ok_and(|meta| meta.is_dir()) {
            continue;
        }
        let name = quoted(p, &at);
        if let Err(errno) = p.fs(|fs, now| fs.mkdir(&p.cred, &p.cwd, &at, 0o755, now)) {
            refuse(p, &format!("cannot create directory {name}"), errno).await?;
            return Ok(false);
        }
        if verbose {
            p.out(&format!("install: creating directory {name}\n")).await?;
        }
    }
    Ok(true)
}

/// `install -d`
async fn directories(p: &mut Proc, given: &Given, set: &Set) -> Ended {
    if given.operands.is_empty() {
        return misused(p, "missing file operand", 1).await;
    }
    let mut status = 0;
    for path in &given.operands {
        if !make_all(p, path.clone(), given.has('v')).await? || !set.apply(p, path).await? {
            status = 1;
        }
    }
    Ok(status)
}
