//! `ln` and `link`: more names for files.

use super::super::input::{given, misused};
use super::ask::ask;
use super::backup::{BACKUP, Backup, asked};
use super::show::{colon, curly, quoted};
use super::{base, join, meta, parent, reap, refuse, relative, same_name};
use crate::systems::linux::fs::Errno;
use crate::systems::linux::io::Cut;
use crate::systems::linux::proc::{Ended, Proc};
use crate::systems::linux::tools::getopt::{Given, NOTHING, Spec};
use crate::systems::linux::tools::{Tool, tool};

/// The programs of this file.
pub static TOOLS: &[Tool] = &[tool!("ln", ln), tool!("link", link)];

const CLI: Spec = Spec {
    short: "bdfFiLnPrsS:t:Tv",
    long: &[
        ("backup::", BACKUP),
        ("directory", 'd'),
        ("force", 'f'),
        ("interactive", 'i'),
        ("logical", 'L'),
        ("no-dereference", 'n'),
        ("no-target-directory", 'T'),
        ("physical", 'P'),
        ("relative", 'r'),
        ("suffix:", 'S'),
        ("symbolic", 's'),
        ("target-directory:", 't'),
        ("verbose", 'v'),
    ],
    gaps: "",
};

async fn ln(p: &mut Proc, arguments: &[String]) -> Ended {
    let given = given!(p, &CLI, arguments, 1);
    if given.has('r') && !given.has('s') {
        return p.fail("cannot do --relative without --symbolic").await;
    }
    let backup = match asked(p, &given).await? {
        Ok(backup) => backup,
        Err(status) => return Ok(status),
    };
    let mut operands = given.operands.clone();
    if operands.is_empty() {
        return misused(p, "missing file operand", 1).await;
    }
    let directory = match destination(p, &given, &mut operands).await? {
        Ok(directory) => directory,
        Err(status) => return Ok(status),
    };
    let mut status = 0;
    match directory {
        Some(directory) => {
            for target in &operands {
                p.tick().await?;
                let name = join(&directory, base(target));
                let name = name.strip_prefix("./").filter(|_| directory == ".").unwrap_or(&name).to_owned();
                if !one(p, &given, backup.as_ref(), target, &name).await? {
                    status = 1;
                }
            }
        }
        None => {
            if !one(p, &given, backup.as_ref(), &operands[0], &operands[1]).await? {
                status = 1;
            }
        }
    }
    reap(p);
    Ok(status)
}

/// The directory that the links go into, taken from the operands; nothing when the last one is the link's own name.
async fn destination(
    p: &mut Proc,
    given: &Given,
    operands: &mut Vec<String>,
) -> Result<Result<Option<String>, u8>, Cut> {
    if given.has('T') {
        return Ok(match operands.len() {
            2 => Ok(None),
            1 => {
                let name = quoted(p, &operands[0]);
                Err(misused(p, &format!("missing destination file operand after {name}"), 1).await?)
            }
            _ => {
                let name = quoted(p, &operands[2]);
                Err(misused(p, &format!("extra operand {name}"), 1).await?)
            }
        });
    }
    if let Some(directory) = given.value('t') {
        let name = quoted(p, directory);
        return Ok(match meta(p, directory, true) {
            Ok(meta) if meta.is_dir() => Ok(Some(directory.to_owned())),
            Ok(_) => Err(p.fail(&format!("target {name} is not a directory")).await?),
            Err(errno) => Err(refuse(p, &format!("failed to access {name}"), errno).await?),
        });
    }
    if operands.len() == 1 {
        return Ok(Ok(Some(".".to_owned())));
    }
    let last = operands.last().cloned().unwrap_or_default();
    let itself = given.has('n') && meta(p, &last, false).is_ok_and(|meta| meta.is_link());
    if !itself && meta(p, &last, true).is_ok_and(|meta| meta.is_dir()) {
        operands.pop();
        return Ok(Ok(Some(last)));
    }
    if operands.len() > 2 {
        let name = quoted(p, &last);
        return Ok(Err(p.fail(&format!("target {name} is not a directory")).await?));
    }
    Ok(Ok(None))
}

async fn one(p: &mut Proc, given: &Given, backup: Option<&Backup>, target: &str, name: &str) -> Result<bool, Cut> {
    let mut kept = None;
    let (source, dest) = (quoted(p, target), quoted(p, name));
    let symbolic = given.has('s');
    if !symbolic {
        match meta(p, target, given.has('L')) {
            Err(errno) => {
                refuse(p, &format!("failed to access {source}"), errno).await?;
                return Ok(false);
            }
            Ok(stat) if stat.is_dir() => {
                let target = colon(p, target);
                p.complain(&format!("{target}: hard link not allowed for directory")).await?;
                return Ok(false);
            }
            Ok(_) => {}
        }
    }
    if let (Ok(there), true) = (meta(p, name, false), given.has('f') || given.has('i') || backup.is_some()) {
        if there.is_dir() {
            p.complain(&format!("{}: cannot overwrite directory", colon(p, name))).await?;
            return Ok(false);
        }
        let same = meta(p, target, !symbolic).is_ok_and(|meta| meta.ino == there.ino);
        let alone = there.nlink == 1 || same_name(p, target, name);
        if same && alone && (!symbolic || backup.is_none() && !there.is_link()) {
            p.complain(&format!("{source} and {dest} are the same file")).await?;
            return Ok(false);
        }
        if given.last_of("fi") == Some('i') && !ask(p, &format!("replace {dest}")).await? {
            return Ok(true);
        }
        let gone = match backup {
            Some(backup) => backup.make(p, name).map(|name| kept = name),
            None => p.fs(|fs, now| fs.unlink(&p.cred, &p.cwd, name, now)),
        };
        if let Err(errno) = gone {
            let verb = if backup.is_some() { "backup" } else { "remove" };
            refuse(p, &format!("cannot {verb} {dest}"), errno).await?;
            return Ok(false);
        }
    }
    let text = if given.has('r') { relative_target(p, target, name) } else { target.to_owned() };
    let made = if symbolic {
        p.fs(|fs, now| fs.symlink(&p.cred, &p.cwd, &text, name, now)).map(drop)
    } else {
        p.fs(|fs, now| fs.link(&p.cred, &p.cwd, target, name, now))
    };
    match made {
        Ok(()) => {
            if given.has('v') {
                let (arrow, text) = (if symbolic { "->" } else { "=>" }, quoted(p, &text));
                let kept = kept.map(|name| format!("{} ~ ", quoted(p, &name))).unwrap_or_default();
                p.out(&format!("{kept}{dest} {arrow} {text}\n")).await?;
            }
            Ok(true)
        }
        Err(errno) => {
            let what = match errno {
                _ if symbolic && (errno == Errno::Nametoolong || text.is_empty()) => {
                    format!("failed to create symbolic link {dest} -> {source}")
                }
                _ if symbolic => format!("failed to create symbolic link {dest}"),
                Errno::Exist | Errno::Nospc | Errno::Rofs => format!("failed to create hard link {dest}"),
                _ => format!("failed to create hard link {dest} => {source}"),
            };
            refuse(p, &what, errno).await?;
            Ok(false)
        }
    }
}

/// `ln -r`: the target seen from the link's directory.
fn relative_target(p: &Proc, target: &str, name: &str) -> String {
    let canonical = |path: &str| p.peek(|linux| linux.fs.canonical_new(&p.cred, &p.cwd, path)).ok();
    let above = if name.contains('/') { parent(name) } else { "." };
    match (canonical(target), canonical(above)) {
        (Some(target), Some(directory)) => relative(&target, &directory),
        _ => target.to_owned(),
    }
}

async fn link(p: &mut Proc, arguments: &[String]) -> Ended {
    let given = given!(p, &NOTHING, arguments, 1);
    let [target, name] = &given.operands[..] else {
        return match &given.operands[..] {
            [] => misused(p, "missing operand", 1).await,
            [one] => misused(p, &format!("missing operand after {}", curly(one)), 1).await,
            [_, _, extra, ..] => misused(p, &format!("extra operand {}", curly(extra)), 1).await,
            [_, _] => Ok(1),
        };
    };
    match p.fs(|fs, now| fs.link(&p.cred, &p.cwd, target, name, now)) {
        Ok(()) => Ok(0),
        Err(errno) => {
            let (target, name) = (quoted(p, target), quoted(p, name));
            refuse(p, &format!("cannot create link {name} to {target}"), errno).await
        }
    }
}
