//! `rename` of util-linux 2.32: one text for another in the names of files.

use super::{base, join, parent};
use crate::systems::linux::fs::Kind;
use crate::systems::linux::proc::{Ended, Proc};
use crate::systems::linux::tools::getopt::Spec;
use crate::systems::linux::tools::input::{given, misused};
use crate::systems::linux::tools::{Tool, tool};

/// The program of this file.
pub static TOOLS: &[Tool] = &[tool!("rename", rename)];

const SPEC: Spec = Spec {
    short: "nosv",
    long: &[("no-act", 'n'), ("no-overwrite", 'o'), ("symlink", 's'), ("verbose", 'v')],
    gaps: "h V",
};

/// What a program ends with that had nothing to do, since 2.32, and one that was through with a part.
const NOTHING: u8 = 4;
const SOME: u8 = 2;

async fn rename(p: &mut Proc, arguments: &[String]) -> Ended {
    let given = given!(strict p, &SPEC, arguments, 1);
    let recent = p.peek(|linux| linux.distro.has("util-linux", (2, 32, 0)));
    if !recent && let Some(letter) = "no".chars().find(|letter| given.has(*letter)) {
        return misused(p, &format!("invalid option -- '{letter}'"), 1).await;
    }
    let [from, to, files @ ..] = &given.operands[..] else {
        return misused(p, "not enough arguments", 1).await;
    };
    if files.is_empty() {
        return misused(p, "not enough arguments", 1).await;
    }
    let (mut done, mut failed) = (0, 0);
    for file in files {
        match one(p, file, from, to, &given).await? {
            Some(true) => done += 1,
            Some(false) => failed += 1,
            None => {}
        }
    }
    Ok(match (done, failed) {
        (0, 0) if recent => NOTHING,
        (_, 0) => 0,
        (0, _) => 1,
        _ if recent => SOME,
        _ => 1,
    })
}

/// Renames one file: whether it could; nothing where its name does not have the text.
async fn one(
    p: &mut Proc,
    file: &str,
    from: &str,
    to: &str,
    given: &crate::systems::linux::tools::getopt::Given,
) -> Result<Option<bool>, crate::systems::linux::io::Cut> {
    let ino = match p.peek(|linux| linux.fs.lookup_link(&p.cred, &p.cwd, file)) {
        Ok(ino) => ino,
        Err(errno) => {
            p.complain(&format!("{file}: not accessible: {}", errno.text())).await?;
            return Ok(Some(false));
        }
    };
    let changed = |text: &str| text.contains(from).then(|| text.replacen(from, to, 1));
    if given.has('s') {
        let target = p.peek(|linux| match &linux.fs.node(ino).kind {
            Kind::Link(target) => Some(target.to_string()),
            _ => None,
        });
        let Some(target) = target else {
            p.complain(&format!("{file}: not a symbolic link")).await?;
            return Ok(Some(false));
        };
        let Some(new) = changed(&target) else { return Ok(None) };
        if !given.has('n') {
            let (cred, cwd) = (p.cred.clone(), p.cwd.clone());
            let made = p.fs(|fs, now| {
                fs.unlink(&cred, &cwd, file, now)?;
                fs.symlink(&cred, &cwd, &new, file, now)
            });
            if let Err(errno) = made {
                p.complain(&format!("{file}: symlinking to {new} failed: {}", errno.text())).await?;
                return Ok(Some(false));
            }
        }
        if given.has('v') || given.has('n') {
            p.out(&format!("{file}: `{target}' -> `{new}'\n")).await?;
        }
        return Ok(Some(true));
    }
    // The text is looked for in the last part first, as the directory is not to change.
    let new = match changed(base(file)) {
        Some(name) if file.contains('/') => join(parent(file), &name),
        Some(name) => name,
        None => return Ok(None),
    };
    if given.has('o') && p.peek(|linux| linux.fs.lookup_link(&p.cred, &p.cwd, &new)).is_ok() {
        if given.has('v') {
            p.out(&format!("Skipping existing file: `{new}'\n")).await?;
        }
        return Ok(None);
    }
    if !given.has('n') {
        let (cred, cwd) = (p.cred.clone(), p.cwd.clone());
        if let Err(errno) = p.fs(|fs, now| fs.rename(&cred, &cwd, file, &new, now)) {
            p.complain(&format!("{file}: rename to {new} failed: {}", errno.text())).await?;
            return Ok(Some(false));
        }
    }
    if given.has('v') || given.has('n') {
        p.out(&format!("`{file}' -> `{new}'\n")).await?;
    }
    Ok(Some(true))
}
