//! `chmod`, `chown`, `chgrp`: permission bits and owners.

use super::super::input::{given, misused};
use super::show::{curly, quoted};
use super::{DEEPEST, Meta, Owners, join, meta, names, number_of, refuse};
use crate::systems::linux::fs::{Content, Kind};
use crate::systems::linux::io::Cut;
use crate::systems::linux::mode;
use crate::systems::linux::proc::{Ended, Proc};
use crate::systems::linux::tools::getopt::{Given, Spec};
use crate::systems::linux::tools::{Tool, tool};

/// The programs of this file.
pub static TOOLS: &[Tool] = &[tool!("chmod", chmod), tool!("chown", chown), tool!("chgrp", chgrp)];

const REFERENCE: char = '\u{10}';
const NO_PRESERVE_ROOT: char = '\u{11}';
const PRESERVE_ROOT: char = '\u{12}';
const DEREFERENCE: char = '\u{13}';
const FROM: char = '\u{14}';

const CHMOD: Spec = Spec {
    short: "Rcfv",
    long: &[
        ("changes", 'c'),
        ("no-preserve-root", NO_PRESERVE_ROOT),
        ("preserve-root", PRESERVE_ROOT),
        ("quiet", 'f'),
        ("recursive", 'R'),
        ("reference:", REFERENCE),
        ("silent", 'f'),
        ("verbose", 'v'),
    ],
    gaps: "",
};

const CHOWN: Spec = Spec {
    short: "HLPRcfhv",
    long: &[
        ("changes", 'c'),
        ("dereference", DEREFERENCE),
        ("from:", FROM),
        ("no-dereference", 'h'),
        ("no-preserve-root", NO_PRESERVE_ROOT),
        ("preserve-root", PRESERVE_ROOT),
        ("quiet", 'f'),
        ("recursive", 'R'),
        ("reference:", REFERENCE),
        ("silent", 'f'),
        ("verbose", 'v'),
    ],
    gaps: "",
};

/// A directory tree, its top first, each with what it is or why it cannot be looked at. Links are not entered.
async fn tree(
    p: &mut Proc,
    given: &Given,
    path: &str,
    follow: bool,
    good: &mut bool,
) -> Result<Vec<(String, Meta)>, Cut> {
    let (recursive, quiet) = (given.has('R'), given.has('f'));
    let mut found = Vec::new();
    let mut pending = vec![(path.to_owned(), 0)];
    while let Some((path, level)) = pending.pop() {
        p.tick().await?;
        let name = quoted(p, &path);
        let stat = match meta(p, &path, follow && level == 0) {
            Ok(stat) => stat,
            Err(_) if follow && meta(p, &path, false).is_ok() => {
                if !quiet {
                    p.complain(&format!("cannot operate on dangling symlink {name}")).await?;
                }
                *good = false;
                continue;
            }
            Err(errno) => {
                if !quiet {
                    refuse(p, &format!("cannot access {name}"), errno).await?;
                }
                *good = false;
                continue;
            }
        };
        let enter = recursive && stat.is_dir() && level < DEEPEST;
        found.push((path.clone(), stat));
        if !enter {
            continue;
        }
        match names(p, &path) {
            Ok(inside) => pending.extend(inside.iter().rev().map(|name| (join(&path, name), level + 1))),
            Err(errno) => {
                refuse(p, &format!("cannot read directory {name}"), errno).await?;
                *good = false;
            }
        }
    }
    Ok(found)
}

/// Whether `-R` on the root of the tree is refused: the status.
async fn root_is_safe(p: &mut Proc, given: &Given) -> Result<bool, Cut> {
    if !(given.has('R') && given.last_of("\u{11}\u{12}") == Some(PRESERVE_ROOT)) {
        return Ok(true);
    }
    let root = p.peek(|linux| linux.fs.root());
    for path in &given.operands {
        if meta(p, path, true).is_ok_and(|meta| meta.ino == root) {
            let name = quoted(p, path);
            p.complain(&format!("it is dangerous to operate recursively on {name}")).await?;
            p.complain("use --no-preserve-root to override this failsafe").await?;
            return Ok(false);
        }
    }
    Ok(true)
}

async fn chmod(p: &mut Proc, arguments: &[String]) -> Ended {
    // `-x` is a mode and not an option.
    let is_mode = |word: &&String| {
        word.strip_prefix('-')
            .is_some_and(|rest| rest.starts_with(|letter: char| "rwxXstugoa,+=01234567".contains(letter)))
    };
    let end = arguments.iter().position(|word| word == "--").unwrap_or(arguments.len());
    let dashed = arguments[..end].iter().find(is_mode).cloned();
    let rest: Vec<String> = arguments.iter().filter(|word| Some(*word) != dashed.as_ref()).cloned().collect();
    let mut given = given!(p, &CHMOD, &rest, 1);
    let reference = match given.value(REFERENCE) {
        None => None,
        Some(path) => match meta(p, path, true) {
            Ok(meta) => Some(meta.mode),
            Err(errno) => {
                let name = quoted(p, path);
                return refuse(p, &format!("failed to get attributes of {name}"), errno).await;
            }
        },
    };
    let text = match (&reference, dashed) {
        (Some(_), _) => String::new(),
        (None, Some(text)) => text,
        (None, None) if given.operands.is_empty() => return misused(p, "missing operand", 1).await,
        (None, None) => given.operands.remove(0),
    };
    if given.operands.is_empty() {
        let after = if reference.is_some() { String::new() } else { format!(" after {}", curly(&text)) };
        return misused(p, &format!("missing operand{after}"), 1).await;
    }
    if reference.is_none() && mode::change(&text, 0, false, 0).is_none() {
        return misused(p, &format!("invalid mode: {}", curly(&text)), 1).await;
    }
    if !root_is_safe(p, &given).await? {
        return Ok(1);
    }
    let mut good = true;
    for path in given.operands.clone() {
        for (path, stat) in tree(p, &given, &path, true, &mut good).await? {
            if stat.is_link() {
                continue;
            }
            let bits = reference.or_else(|| mode::change(&text, stat.mode, stat.is_dir(), p.umask));
            good &= set_mode(p, &given, &path, &stat, bits.unwrap_or(stat.mode)).await?;
        }
    }
    Ok(u8::from(!good))
}

async fn set_mode(p: &mut Proc, given: &Given, path: &str, stat: &Meta, bits: u16) -> Result<bool, Cut> {
    let name = quoted(p, path);
    let set = p.fs(|fs, now| fs.chmod(&p.cred, stat.ino, bits, now));
    let shown = |bits: u16| format!("{bits:04o} ({})", &mode::shown(&Kind::File(Content::Hole(0)), bits)[1..]);
    match set {
        Err(errno) => {
            if !given.has('f') {
                refuse(p, &format!("changing permissions of {name}"), errno).await?;
            }
            if given.has('v') {
                let (old, new) = (shown(stat.mode), shown(bits));
                p.out(&format!("failed to change mode of {name} from {old} to {new}\n")).await?;
            }
        }
        Ok(()) => {
            let now = super::meta_of(p, stat.ino).mode;
            if now != stat.mode && (given.has('v') || given.has('c')) {
                p.out(&format!("mode of {name} changed from {} to {}\n", shown(stat.mode), shown(now))).await?;
            } else if given.has('v') {
                p.out(&format!("mode of {name} retained as {}\n", shown(now))).await?;
            }
        }
    }
    Ok(set.is_ok())
}

/// Who shall own a file.
#[derive(Clone, Copy, Default)]
struct Owner {
    user: Option<u32>,
    group: Option<u32>,
}

impl Owner {
    /// `user`, `user:group`, `user:`, `:group`, and with a dot where there is no such user.
    fn read(p: &Proc, text: &str) -> Result<Self, String> {
        let (user, group) = match text.split_once(':') {
            Some((user, group)) => (user, Some(group)),
            None => match text.split_once('.') {
                Some((user, group)) if number_of(p, text, false).is_none() => (user, Some(group)),
                _ => (text, None),
            },
        };
        let mut owner = Self::default();
        if !user.is_empty() {
            owner.user = Some(number_of(p, user, false).ok_or_else(|| format!("invalid user: {}", curly(text)))?);
        }
        match group {
            Some("") if !user.is_empty() => {
                let found = p.peek(|linux| linux.user(user)).map(|user| user.gid);
                owner.group = Some(found.ok_or_else(|| format!("invalid spec: {}", curly(text)))?);
            }
            Some(group) if !group.is_empty() => {
                let found = number_of(p, group, true);
                owner.group = Some(found.ok_or_else(|| format!("invalid group: {}", curly(text)))?);
            }
            _ => {}
        }
        Ok(owner)
    }
}

async fn chown(p: &mut Proc, arguments: &[String]) -> Ended {
    own(p, arguments, false).await
}

async fn chgrp(p: &mut Proc, arguments: &[String]) -> Ended {
    own(p, arguments, true).await
}

async fn own(p: &mut Proc, arguments: &[String], group_only: bool) -> Ended {
    let mut given = given!(p, &CHOWN, arguments, 1);
    let owner;
    if let Some(path) = given.value(REFERENCE) {
        match meta(p, path, true) {
            Ok(meta) => owner = Owner { user: (!group_only).then_some(meta.uid), group: Some(meta.gid) },
            Err(errno) => {
                let name = quoted(p, path);
                return refuse(p, &format!("failed to get attributes of {name}"), errno).await;
            }
        }
        if given.operands.is_empty() {
            return misused(p, "missing operand", 1).await;
        }
    } else {
        if given.operands.is_empty() {
            return misused(p, "missing operand", 1).await;
        }
        let text = given.operands.remove(0);
        if given.operands.is_empty() {
            return misused(p, &format!("missing operand after {}", curly(&text)), 1).await;
        }
        let read = if group_only {
            match number_of(p, &text, true) {
                Some(gid) => Ok(Owner { user: None, group: Some(gid) }),
                None if text.is_empty() => Ok(Owner::default()),
                None => Err(format!("invalid group: {}", curly(&text))),
            }
        } else {
            Owner::read(p, &text)
        };
        match read {
            Ok(read) => owner = read,
            Err(text) => return p.fail(&text).await,
        }
    }
    let from = match given.value(FROM).map(|text| Owner::read(p, text)).transpose() {
        Ok(from) => from.unwrap_or_default(),
        Err(text) => return p.fail(&text).await,
    };
    if !root_is_safe(p, &given).await? {
        return Ok(1);
    }
    let follow = !given.has('h') && (!given.has('R') || given.last_of("HLP").is_some_and(|letter| letter != 'P'));
    let owners = Owners::of(p, false);
    let mut good = true;
    for path in given.operands.clone() {
        for (path, stat) in tree(p, &given, &path, follow, &mut good).await? {
            let fits = |wanted: Option<u32>, has: u32| wanted.is_none_or(|wanted| wanted == has);
            if fits(from.user, stat.uid) && fits(from.group, stat.gid) {
                good &= set_owner(p, &given, &owners, &path, &stat, owner, group_only).await?;
            }
        }
    }
    Ok(u8::from(!good))
}

async fn set_owner(
    p: &mut Proc,
    given: &Given,
    owners: &Owners,
    path: &str,
    stat: &Meta,
    owner: Owner,
    group_only: bool,
) -> Result<bool, Cut> {
    let name = quoted(p, path);
    let kind = if owner.user.is_some() { "ownership" } else { "group" };
    let set = p.fs(|fs, now| fs.chown(&p.cred, stat.ino, owner.user, owner.group, now));
    let shown = |uid: u32, gid: u32| {
        let user = owner.user.map(|_| owners.user(uid));
        let group = owner.group.map(|_| owners.group(gid));
        match (user, group) {
            (Some(user), Some(group)) => format!("{user}:{group}"),
            (Some(user), None) => user,
            (None, Some(group)) if group_only => group,
            (None, Some(group)) => format!(":{group}"),
            (None, None) => String::new(),
        }
    };
    if let Err(errno) = set {
        if !given.has('f') {
            let kind = if group_only { "group" } else { kind };
            refuse(p, &format!("changing {kind} of {name}"), errno).await?;
        }
        return Ok(false);
    }
    let now = super::meta_of(p, stat.ino);
    let kind = if group_only { "group" } else { "ownership" };
    if (now.uid, now.gid) != (stat.uid, stat.gid) && (given.has('v') || given.has('c')) {
        let (old, new) = (shown(stat.uid, stat.gid), shown(now.uid, now.gid));
        p.out(&format!("changed {kind} of {name} from {old} to {new}\n")).await?;
    } else if given.has('v') {
        p.out(&format!("{kind} of {name} retained as {}\n", shown(stat.uid, stat.gid))).await?;
    }
    Ok(true)
}
