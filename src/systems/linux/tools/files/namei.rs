//! `namei` (util-linux): a path step by step, links followed.

use super::super::getopt::Spec;
use super::super::input::{given, misused};
use super::super::{Tool, tool};
use crate::systems::linux::fs::{Errno, Kind};
use crate::systems::linux::mode;
use crate::systems::linux::proc::{Ended, Proc};

/// The programs of this file.
pub static TOOLS: &[Tool] = &[tool!("namei", namei)];

const NAMEI: Spec = Spec {
    short: "lmnov",
    long: &[("long", 'l'), ("modes", 'm'), ("owners", 'o'), ("nosymlinks", 'n'), ("vertical", 'v')],
    gaps: "h V x --mountpoints",
};

/// So many links are followed.
const LINKS: usize = 40;

async fn namei(p: &mut Proc, arguments: &[String]) -> Ended {
    let given = given!(p, &NAMEI, arguments, 1);
    if given.operands.is_empty() {
        return misused(p, "pathname argument is missing", 1).await;
    }
    let long = given.has('l');
    let layout =
        Layout { modes: long || given.has('m'), owners: long || given.has('o'), upright: long || given.has('v') };
    let mut status = 0;
    for path in &given.operands {
        let mut all = Vec::new();
        if !steps(p, !given.has('n'), &mut all, p.cwd.clone(), path, 0) {
            status = 1;
        }
        p.out(&format!("f: {path}\n{}", layout.text(&all))).await?;
    }
    Ok(status)
}

/// A step: how many links lead to it, its name with what a link names, and what it is, if it is there.
struct Step {
    level: usize,
    name: String,
    found: Result<Found, Errno>,
}

/// What is at a step.
struct Found {
    letters: String,
    user: String,
    group: String,
}

/// Which columns stand before a name, and whether they stand one below the other.
struct Layout {
    modes: bool,
    owners: bool,
    upright: bool,
}

impl Layout {
    fn text(&self, all: &[Step]) -> String {
        let found = || all.iter().filter_map(|step| step.found.as_ref().ok());
        let users = found().map(|found| found.user.len()).max().unwrap_or(0);
        let groups = found().map(|found| found.group.len()).max().unwrap_or(0);
        let line = |step: &Step| {
            let indent = step.level * 2;
            let (before, behind) = if self.upright { (0, indent) } else { (indent + 1, 0) };
            let letters = if self.modes { 10 } else { 1 };
            let owners = if self.owners { users + groups + 2 } else { 0 };
            match &step.found {
                Ok(found) => {
                    let owners = match self.owners {
                        true => format!(" {:users$} {:groups$}", found.user, found.group),
                        false => String::new(),
                    };
                    format!("{:before$}{}{owners} {:behind$}{}\n", "", &found.letters[..letters], "", step.name)
                }
                Err(errno) => {
                    let width = before + letters + owners + 1 + behind;
                    format!("{:width$}{} - {}\n", "", step.name, errno.text())
                }
            }
        };
        all.iter().map(line).collect()
    }
}

/// The steps of a path from a directory; whether all are there.
fn steps(p: &Proc, follows: bool, all: &mut Vec<Step>, from: String, path: &str, level: usize) -> bool {
    let mut at = from;
    let root = path.starts_with('/').then_some("/");
    for name in root.into_iter().chain(path.split('/').filter(|name| !name.is_empty())) {
        let whole = if name == "/" { "/".to_owned() } else { format!("{}/{name}", at.trim_end_matches('/')) };
        let found = p.peek(|linux| {
            let ino = linux.fs.lookup_link(&p.cred, "/", &whole)?;
            let node = linux.fs.node(ino);
            let user = linux.user_name(node.uid).unwrap_or_else(|| node.uid.to_string());
            let group = linux.group_name(node.gid).unwrap_or_else(|| node.gid.to_string());
            let found = Found { letters: mode::shown(&node.kind, node.mode), user, group };
            let target = if let Kind::Link(target) = &node.kind { Some(target.to_string()) } else { None };
            Ok::<_, Errno>((found, target))
        });
        let (found, target) = match found {
            Ok((found, target)) => (Ok(found), target),
            Err(errno) => (Err(errno), None),
        };
        let there = found.is_ok();
        let shown = target.as_ref().map_or_else(|| name.to_owned(), |target| format!("{name} -> {target}"));
        all.push(Step { level, name: shown, found });
        if !there {
            return false;
        }
        match target {
            Some(target) => {
                if follows && level < LINKS && !steps(p, follows, all, at.clone(), &target, level + 1) {
                    return false;
                }
                at = p.peek(|linux| linux.fs.canonical(&p.cred, "/", &whole)).unwrap_or(whole);
            }
            None => at = whole,
        }
    }
    true
}
