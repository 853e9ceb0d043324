//! `cp`, `mv`: what is copied or moved where.

use std::collections::BTreeSet;

use super::super::input::{given, misused};
use super::ask::ask;
use super::backup::{self, BACKUP, Backup, told};
use super::copy::{Clash, Copier, Follow, Keep, inside, is_within};
use super::show::{is_modern, quoted};
use super::{base, join, meta, parent, reap, refuse, trimmed};
use crate::systems::linux::fs::{Errno, Ino};
use crate::systems::linux::io::Cut;
use crate::systems::linux::proc::{Ended, Proc};
use crate::systems::linux::tools::argmatch::argument;
use crate::systems::linux::tools::getopt::{Given, Spec};
use crate::systems::linux::tools::{Tool, tool};

/// The programs of this file.
pub static TOOLS: &[Tool] = &[tool!("cp", cp), tool!("mv", mv)];

const PARENTS: char = '\u{10}';
const PRESERVE: char = '\u{11}';
const NO_PRESERVE: char = '\u{12}';
const IGNORED: char = '\u{13}';
const REMOVE_FIRST: char = '\u{14}';

const CP: Spec = Spec {
    short: "abdfHilLnprRsS:t:TuvxP",
    long: &[
        ("archive", 'a'),
        ("backup::", BACKUP),
        ("dereference", 'L'),
        ("force", 'f'),
        ("interactive", 'i'),
        ("link", 'l'),
        ("no-clobber", 'n'),
        ("no-dereference", 'P'),
        ("no-preserve:", NO_PRESERVE),
        ("no-target-directory", 'T'),
        ("one-file-system", 'x'),
        ("parents", PARENTS),
        ("path", PARENTS),
        ("preserve::", PRESERVE),
        ("recursive", 'r'),
        ("reflink::", IGNORED),
        ("remove-destination", REMOVE_FIRST),
        ("sparse:", IGNORED),
        ("strip-trailing-slashes", IGNORED),
        ("suffix:", 'S'),
        ("symbolic-link", 's'),
        ("target-directory:", 't'),
        ("update", 'u'),
        ("verbose", 'v'),
    ],
    gaps: "Z --attributes-only --copy-contents --context::",
};

const MV: Spec = Spec {
    short: "bfinS:t:Tuv",
    long: &[
        ("backup::", BACKUP),
        ("force", 'f'),
        ("interactive", 'i'),
        ("no-clobber", 'n'),
        ("no-target-directory", 'T'),
        ("strip-trailing-slashes", IGNORED),
        ("suffix:", 'S'),
        ("target-directory:", 't'),
        ("update", 'u'),
        ("verbose", 'v'),
    ],
    gaps: "Z --context",
};

/// Where files go.
pub(super) enum Goal {
    /// Each into this directory.
    Into(String),
    /// The only one to this name.
    Name(String),
}

/// Takes the destination from the operands; the status where there is none.
pub(super) async fn goal(p: &mut Proc, given: &Given, operands: &mut Vec<String>) -> Result<Result<Goal, u8>, Cut> {
    if operands.is_empty() {
        return Ok(Err(misused(p, "missing file operand", 1).await?));
    }
    if let Some(directory) = given.value('t') {
        if given.has('T') {
            p.complain("cannot combine --target-directory (-t) and --no-target-directory (-T)").await?;
            return Ok(Err(1));
        }
        let name = quoted(p, directory);
        return Ok(match meta(p, directory, true) {
            Ok(meta) if meta.is_dir() => Ok(Goal::Into(directory.to_owned())),
            Ok(_) => Err(p.fail(&format!("target {name} is not a directory")).await?),
            Err(errno) => Err(refuse(p, &format!("failed to access {name}"), errno).await?),
        });
    }
    if operands.len() == 1 {
        let name = quoted(p, &operands[0]);
        return Ok(Err(misused(p, &format!("missing destination file operand after {name}"), 1).await?));
    }
    if given.has('T') {
        if let Some(extra) = operands.get(2) {
            let name = quoted(p, extra);
            return Ok(Err(misused(p, &format!("extra operand {name}"), 1).await?));
        }
        return Ok(Ok(Goal::Name(operands.pop().unwrap_or_default())));
    }
    let last = operands.pop().unwrap_or_default();
    let found = meta(p, &last, true);
    if found.is_ok_and(|meta| meta.is_dir()) {
        return Ok(Ok(Goal::Into(last)));
    }
    if operands.len() > 1 {
        let name = quoted(p, &last);
        return Ok(Err(p.fail(&format!("target {name} is not a directory")).await?));
    }
    Ok(Ok(Goal::Name(last)))
}

async fn cp(p: &mut Proc, arguments: &[String]) -> Ended {
    let given = given!(p, &CP, arguments, 1);
    let keep = match keep(&given) {
        Ok(keep) => keep,
        Err(text) => return misused(p, &text, 1).await,
    };
    let recursive = given.has('r') || given.has('R') || given.has('a');
    let follow = match given.last_of("HLPda") {
        Some('L') => Follow::All,
        Some('H') => Follow::Named,
        Some(_) => Follow::None,
        None if recursive => Follow::None,
        None => Follow::All,
    };
    let backup = match kept(p, &given).await? {
        Ok(backup) => backup,
        Err(status) => return Ok(status),
    };
    let mut copier = Copier {
        recursive,
        keep,
        backup,
        follow,
        force: given.has('f') || given.has(REMOVE_FIRST),
        clash: clash(&given, false),
        update: given.has('u'),
        verbose: given.has('v'),
        hard: given.has('l'),
        symbolic: given.has('s'),
        one_file_system: given.has('x'),
        ..Copier::default()
    };
    let mut operands = given.operands.clone();
    let goal = match goal(p, &given, &mut operands).await? {
        Ok(goal) => goal,
        Err(status) => return Ok(status),
    };
    if given.has(PARENTS) && matches!(goal, Goal::Name(_)) {
        return misused(p, "with --parents, the destination must be a directory", 1).await;
    }
    let mut status = 0;
    for from in &operands {
        let to = match &goal {
            Goal::Name(to) => to.clone(),
            Goal::Into(directory) if given.has(PARENTS) => {
                let to = join(directory, from.trim_start_matches('/'));
                if let Err(text) = parents(p, directory, from, &copier).await? {
                    p.complain(&text).await?;
                    status = 1;
                    continue;
                }
                to
            }
            Goal::Into(directory) if base(from) == ".." => directory.clone(),
            Goal::Into(directory) => inside(directory, from),
        };
        if given.has(REMOVE_FIRST) && meta(p, from, true).is_ok() {
            p.fs(|fs, now| fs.unlink(&p.cred, &p.cwd, &to, now)).unwrap_or_default();
        }
        // A file over itself, by force: what is made is its backup.
        let own = copier.backup.clone().filter(|_| copier.force && *from == to && meta(p, from, true).is_ok());
        let good = match own {
            Some(backup) => {
                let name = backup.name(p, &to);
                let mut plain = Copier { backup: None, ..copier.clone() };
                plain.copy(p, from, &name).await?
            }
            None => copier.copy(p, from, &to).await?,
        };
        if !good {
            status = 1;
        }
    }
    reap(p);
    Ok(status)
}

/// How old files are kept, which goes with all but `-n`; the status where the wish is wrong.
async fn kept(p: &mut Proc, given: &Given) -> Result<Result<Option<Backup>, u8>, Cut> {
    match backup::asked(p, given).await? {
        Ok(Some(_)) if given.has('n') => {
            misused(p, "options --backup and --no-clobber are mutually exclusive", 1).await.map(Err)
        }
        asked => Ok(asked),
    }
}

/// `cp --parents`: the directories of the source's path below the destination.
async fn parents(p: &mut Proc, directory: &str, from: &str, copier: &Copier) -> Result<Result<(), String>, Cut> {
    let above = parent(from);
    let mut at = String::new();
    for part in above.split('/').filter(|part| !part.is_empty() && *part != ".") {
        at = if at.is_empty() { part.to_owned() } else { join(&at, part) };
        let original = if from.starts_with('/') { format!("/{at}") } else { at.clone() };
        let to = join(directory, &at);
        if meta(p, &to, true).is_ok() {
            continue;
        }
        let stat = match meta(p, &original, true) {
            Ok(stat) => stat,
            Err(errno) => {
                return Ok(Err(format!("failed to get attributes of {}: {}", quoted(p, &original), errno.text())));
            }
        };
        let mode = if copier.keep.mode { stat.mode } else { stat.mode & 0o777 & !p.umask };
        if let Err(errno) = p.fs(|fs, now| fs.mkdir(&p.cred, &p.cwd, &to, mode, now)) {
            return Ok(Err(format!("cannot make directory {}: {}", quoted(p, &to), errno.text())));
        }
        if copier.verbose {
            p.out(&format!("{original} -> {to}\n")).await?;
        }
    }
    Ok(Ok(()))
}

/// `-i`, `-n`, `-f`: for `mv` the last one counts, for `cp` `-n` beats `-i`.
fn clash(given: &Given, moves: bool) -> Clash {
    match given.last_of(if moves { "inf" } else { "in" }) {
        Some('i') => Clash::Ask,
        Some('n') => Clash::Keep,
        _ => Clash::Overwrite,
    }
}

fn keep(given: &Given) -> Result<Keep, String> {
    let mut keep = Keep::default();
    for (letter, value) in &given.options {
        match letter {
            'a' => keep = Keep { mode: true, owner: true, times: true, links: true, context: true },
            'p' => keep = Keep { mode: true, owner: true, times: true, ..keep },
            'd' => keep.links = true,
            &PRESERVE | &NO_PRESERVE => {
                let on = *letter == PRESERVE;
                for word in value.as_deref().unwrap_or("mode,ownership,timestamps").split(',') {
                    match word {
                        "mode" => keep.mode = on,
                        "ownership" => keep.owner = on,
                        "timestamps" => keep.times = on,
                        "links" => keep.links = on,
                        "context" => keep.context = on,
                        "xattr" => {}
                        "all" => keep = Keep { mode: on, owner: on, times: on, links: on, context: on },
                        _ => {
                            let option = if on { "--preserve" } else { "--no-preserve" };
                            let words = ["mode", "timestamps", "ownership", "links", "context", "xattr", "all"];
                            argument(Some(word), option, &words)?;
                        }
                    }
                }
            }
            _ => {}
        }
    }
    Ok(keep)
}

async fn mv(p: &mut Proc, arguments: &[String]) -> Ended {
    let given = given!(p, &MV, arguments, 1);
    let backup = match kept(p, &given).await? {
        Ok(backup) => backup,
        Err(status) => return Ok(status),
    };
    let mut operands = given.operands.clone();
    let goal = match goal(p, &given, &mut operands).await? {
        Ok(goal) => goal,
        Err(status) => return Ok(status),
    };
    let (mut status, mut made) = (0, BTreeSet::new());
    for from in &operands {
        p.tick().await?;
        let to = match &goal {
            Goal::Name(to) => to.clone(),
            Goal::Into(directory) => inside(directory, from),
        };
        if !move_one(p, &given, backup.as_ref(), (from, &to), &made).await? {
            status = 1;
        }
        made.extend(meta(p, &to, false).ok().map(|meta| meta.ino));
    }
    reap(p);
    Ok(status)
}

/// Moves a file or tree; what this run has `made` is not overwritten.
async fn move_one(
    p: &mut Proc,
    given: &Given,
    backup: Option<&Backup>,
    (from, to): (&str, &str),
    made: &BTreeSet<Ino>,
) -> Result<bool, Cut> {
    let (source, target) = (quoted(p, from), quoted(p, to));
    let stat = match meta(p, from, false) {
        Ok(stat) => stat,
        Err(errno) => {
            refuse(p, &format!("cannot stat {source}"), errno).await?;
            return Ok(false);
        }
    };
    if let Ok(there) = meta(p, to, false) {
        if there.ino == stat.ino {
            p.complain(&format!("{source} and {target} are the same file")).await?;
            return Ok(false);
        }
        let refused = match (stat.is_dir(), there.is_dir()) {
            (false, true) => Some(format!("cannot overwrite directory {target} with non-directory")),
            (true, false) => Some(format!("cannot overwrite non-directory {target} with directory {source}")),
            _ => None,
        };
        if let Some(text) = refused.filter(|_| backup.is_none()) {
            p.complain(&text).await?;
            return Ok(false);
        }
        if !stat.is_dir() && made.contains(&there.ino) {
            p.complain(&format!("will not overwrite just-created {target} with {source}")).await?;
            return Ok(false);
        }
        if backup.is_some_and(|backup| backup.strikes(p, from, to)) {
            backup::warn(p, &source, &target, "moved").await?;
            return Ok(false);
        }
        let clash = clash(given, true);
        if clash == Clash::Keep || given.has('u') && !stat.is_dir() && there.mtime >= stat.mtime {
            return Ok(true);
        }
        if clash == Clash::Ask && !ask(p, &format!("overwrite {target}")).await? {
            return Ok(true);
        }
    }
    if stat.is_dir() && is_within(p, trimmed(to), stat.ino) {
        p.complain(&format!("cannot move {source} to a subdirectory of itself, {target}")).await?;
        return Ok(false);
    }
    let kept = match backup.map(|backup| backup.make(p, to)).transpose() {
        Ok(kept) => kept.flatten(),
        Err(errno) => {
            refuse(p, &format!("cannot backup {target}"), errno).await?;
            return Ok(false);
        }
    };
    match p.fs(|fs, now| fs.rename(&p.cred, &p.cwd, from, to, now)) {
        Ok(()) => {
            if given.has('v') {
                let renamed = if is_modern(p) { "renamed " } else { "" };
                let kept = told(p, kept.as_ref());
                p.out(&format!("{renamed}{source} -> {target}{kept}\n")).await?;
            }
            Ok(true)
        }
        Err(Errno::Xdev) => move_across(p, given, from, to).await,
        Err(errno) => {
            if let Some(kept) = kept {
                // The old file is itself again.
                p.fs(|fs, now| fs.rename(&p.cred, &p.cwd, &kept, to, now)).unwrap_or_default();
            }
            refuse(p, &format!("cannot move {source} to {target}"), errno).await?;
            Ok(false)
        }
    }
}

/// A move to another file system: a copy with all that can be kept, and what was copied is removed.
async fn move_across(p: &mut Proc, given: &Given, from: &str, to: &str) -> Result<bool, Cut> {
    if let Ok(there) = meta(p, to, false) {
        let removed =
            p.fs(
                |fs, now| {
                    if there.is_dir() {
                        fs.rmdir(&p.cred, &p.cwd, to, now)
                    } else {
                        fs.unlink(&p.cred, &p.cwd, to, now)
                    }
                },
            );
        if let Err(errno) = removed {
            let (source, target) = (quoted(p, from), quoted(p, to));
            let what = format!("inter-device move failed: {source} to {target}; unable to remove target");
            refuse(p, &what, errno).await?;
            return Ok(false);
        }
    }
    let mut copier = Copier {
        recursive: true,
        keep: Keep { mode: true, owner: true, times: true, links: true, context: true },
        follow: Follow::None,
        verbose: given.has('v'),
        moves: true,
        ..Copier::default()
    };
    if !copier.copy(p, from, to).await? {
        return Ok(false);
    }
    super::remove::tree(p, from, given.has('v')).await
}
