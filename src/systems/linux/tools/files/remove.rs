//! `rm`, `rmdir`, `unlink`: removing names.

use super::super::input::{given, misused};
use super::ask::ask;
use super::show::{curly, is_modern, quoted};
use super::{Meta, base, join, meta, names, parent, reap, refuse, trimmed};
use crate::systems::linux::fs::{Access, Errno};
use crate::systems::linux::io::Cut;
use crate::systems::linux::proc::{Ended, Proc};
use crate::systems::linux::tools::argmatch::argument;
use crate::systems::linux::tools::getopt::{NOTHING, Spec};
use crate::systems::linux::tools::{Tool, tool};

/// The programs of this file.
pub static TOOLS: &[Tool] = &[tool!("rm", rm), tool!("rmdir", rmdir), tool!("unlink", unlink)];

const PRESERVE_ROOT: char = '\u{10}';
const NO_PRESERVE_ROOT: char = '\u{11}';
const INTERACTIVE: char = '\u{12}';
const ONE_FILE_SYSTEM: char = '\u{13}';

const RM: Spec = Spec {
    short: "dfirvIR",
    long: &[
        ("dir", 'd'),
        ("force", 'f'),
        ("interactive::", INTERACTIVE),
        ("no-preserve-root", NO_PRESERVE_ROOT),
        ("one-file-system", ONE_FILE_SYSTEM),
        ("preserve-root::", PRESERVE_ROOT),
        ("recursive", 'r'),
        ("verbose", 'v'),
    ],
    gaps: "",
};

/// How `rm` goes about it.
struct Remover {
    force: bool,
    asks: bool,
    recursive: bool,
    empty_directories: bool,
    verbose: bool,
    one_file_system: bool,
}

async fn rm(p: &mut Proc, arguments: &[String]) -> Ended {
    let given = given!(p, &RM, arguments, 1);
    let mode = match given.last_of("fiI\u{12}") {
        Some(INTERACTIVE) => match given.value(INTERACTIVE) {
            None => 'i',
            Some(value) => match argument(Some(value), "--interactive", &["never|no|none", "once", "always|yes"]) {
                Ok("once") => 'I',
                Ok("always") => 'i',
                Ok(_) => 'n',
                Err(text) => return misused(p, &text, 1).await,
            },
        },
        Some(letter) => letter,
        None => ' ',
    };
    let recursive = given.has('r') || given.has('R');
    let remover = Remover {
        force: mode == 'f',
        asks: mode == 'i',
        recursive,
        empty_directories: given.has('d'),
        verbose: given.has('v'),
        one_file_system: given.has(ONE_FILE_SYSTEM),
    };
    let count = given.operands.len();
    if count == 0 {
        return if given.has('f') { Ok(0) } else { misused(p, "missing operand", 1).await };
    }
    if mode == 'I' && (recursive || count > 3) {
        let (s, how) = (if count == 1 { "" } else { "s" }, if recursive { " recursively" } else { "" });
        if !ask(p, &format!("remove {count} argument{s}{how}")).await? {
            return Ok(0);
        }
    }
    let root = p.peek(|linux| linux.fs.root());
    let mut status = 0;
    for path in &given.operands {
        let name = quoted(p, path);
        if recursive && matches!(base(path), "." | "..") {
            p.complain(&format!(
                "refusing to remove {} or {} directory: skipping {name}",
                quoted(p, "."),
                quoted(p, "..")
            ))
            .await?;
            status = 1;
            continue;
        }
        let is_root = recursive && meta(p, path, false).is_ok_and(|meta| meta.ino == root);
        if is_root && !given.has(NO_PRESERVE_ROOT) {
            let same = if path == "/" { String::new() } else { format!(" (same as {})", quoted(p, "/")) };
            p.complain(&format!("it is dangerous to operate recursively on {name}{same}")).await?;
            p.complain("use --no-preserve-root to override this failsafe").await?;
            status = 1;
            continue;
        }
        if !remover.remove(p, path).await? {
            status = 1;
        }
    }
    reap(p);
    Ok(status)
}

/// Removes a tree that a move has copied: whether nothing went wrong.
///
/// # Errors
/// [`Cut`]
pub async fn tree(p: &mut Proc, path: &str, verbose: bool) -> Result<bool, Cut> {
    let remover = Remover {
        force: true,
        asks: false,
        recursive: true,
        empty_directories: false,
        verbose,
        one_file_system: false,
    };
    remover.remove(p, path).await
}

/// A directory that is being emptied.
struct Level {
    path: String,
    rest: Vec<String>,
    /// Something in it stays: it is not tried.
    stays: bool,
}

impl Remover {
    /// Removes a file or tree: whether nothing went wrong.
    async fn remove(&self, p: &mut Proc, path: &str) -> Result<bool, Cut> {
        let mut good = true;
        let mut levels: Vec<Level> = Vec::new();
        let mut next = Some(path.to_owned());
        let mount = meta(p, path, false).map(|meta| meta.mount);
        loop {
            p.tick().await?;
            let stays = match next.take() {
                Some(path) => match self.enter(p, &path, mount).await? {
                    Entered::Gone => false,
                    Entered::Kept => true,
                    Entered::Failed => {
                        good = false;
                        true
                    }
                    Entered::Directory(rest) => {
                        levels.push(Level { path, rest, stays: false });
                        false
                    }
                },
                None => match levels.pop() {
                    None => return Ok(good),
                    Some(level) if level.stays => true,
                    Some(level) => match self.leave(p, &level.path).await? {
                        Entered::Failed => {
                            good = false;
                            true
                        }
                        Entered::Kept => true,
                        _ => false,
                    },
                },
            };
            if let Some(level) = levels.last_mut() {
                level.stays |= stays;
                next = level.rest.pop().map(|name| join(&level.path, &name));
            } else {
                return Ok(good);
            }
        }
    }

    /// A file goes; of a directory the names in it are given.
    async fn enter(&self, p: &mut Proc, path: &str, mount: Result<usize, Errno>) -> Result<Entered, Cut> {
        let name = quoted(p, path);
        let stat = match meta(p, path, false) {
            Ok(stat) => stat,
            Err(Errno::Noent | Errno::Notdir) if self.force => return Ok(Entered::Gone),
            Err(errno) => return self.failed(p, &name, errno).await,
        };
        if !stat.is_dir() {
            if self.prompts(p, &stat) {
                let guarded = if self.is_guarded(p, &stat) { "write-protected " } else { "" };
                if !ask(p, &format!("remove {guarded}{} {name}", stat.words())).await? {
                    return Ok(Entered::Kept);
                }
            }
            return match p.fs(|fs, now| fs.unlink(&p.cred, &p.cwd, path, now)) {
                Ok(()) => {
                    if self.verbose {
                        p.out(&format!("removed {name}\n")).await?;
                    }
                    Ok(Entered::Gone)
                }
                Err(errno) => self.failed(p, &name, errno).await,
            };
        }
        let empty = names(p, path).is_ok_and(|found| found.is_empty());
        if !(self.recursive || self.empty_directories && empty) {
            let errno = if self.empty_directories { Errno::Notempty } else { Errno::Isdir };
            return self.failed(p, &name, errno).await;
        }
        if self.one_file_system && Ok(stat.mount) != mount {
            p.complain(&format!("skipping {name}, since it's on a different device")).await?;
            return Ok(Entered::Failed);
        }
        if empty {
            return self.leave(p, path).await;
        }
        if self.prompts(p, &stat) {
            let guarded = if self.is_guarded(p, &stat) { "write-protected " } else { "" };
            if !ask(p, &format!("descend into {guarded}directory {name}")).await? {
                return Ok(Entered::Kept);
            }
        }
        match names(p, path) {
            Ok(mut found) => {
                found.reverse();
                Ok(Entered::Directory(found))
            }
            Err(errno) => self.failed(p, &name, errno).await,
        }
    }

    /// A directory goes that is empty by now.
    async fn leave(&self, p: &mut Proc, path: &str) -> Result<Entered, Cut> {
        let name = quoted(p, path);
        if let Ok(stat) = meta(p, path, false)
            && self.prompts(p, &stat)
            && !ask(p, &format!("remove directory {name}")).await?
        {
            return Ok(Entered::Kept);
        }
        match p.fs(|fs, now| fs.rmdir(&p.cred, &p.cwd, path, now)) {
            Ok(()) => {
                if self.verbose {
                    let colon = if is_modern(p) { "" } else { ":" };
                    p.out(&format!("removed directory{colon} {name}\n")).await?;
                }
                Ok(Entered::Gone)
            }
            Err(errno) => self.failed(p, &name, errno).await,
        }
    }

    fn prompts(&self, p: &Proc, stat: &Meta) -> bool {
        self.asks || !self.force && p.files.is_terminal(0) && self.is_guarded(p, stat)
    }

    /// Whether the user may not write to a file that they are about to remove.
    fn is_guarded(&self, p: &Proc, stat: &Meta) -> bool {
        !stat.is_link() && p.peek(|linux| linux.fs.access(&p.cred, stat.ino, Access::WRITE)) == Err(Errno::Acces)
    }

    async fn failed(&self, p: &mut Proc, name: &str, errno: Errno) -> Result<Entered, Cut> {
        refuse(p, &format!("cannot remove {name}"), errno).await?;
        Ok(Entered::Failed)
    }
}

/// What became of a file.
enum Entered {
    Gone,
    Kept,
    Failed,
    Directory(Vec<String>),
}

const RMDIR: Spec = Spec {
    short: "pv",
    long: &[("ignore-fail-on-non-empty", PRESERVE_ROOT), ("parents", 'p'), ("verbose", 'v')],
    gaps: "",
};

async fn rmdir(p: &mut Proc, arguments: &[String]) -> Ended {
    let given = given!(p, &RMDIR, arguments, 1);
    if given.operands.is_empty() {
        return misused(p, "missing operand", 1).await;
    }
    let mut status = 0;
    for path in &given.operands {
        let mut path = path.as_str();
        let mut first = true;
        loop {
            let name = quoted(p, path);
            if given.has('v') {
                p.out(&format!("rmdir: removing directory, {name}\n")).await?;
            }
            match p.fs(|fs, now| fs.rmdir(&p.cred, &p.cwd, path, now)) {
                Ok(()) => {}
                Err(Errno::Notempty) if given.has(PRESERVE_ROOT) => break,
                Err(errno) => {
                    let what = if first { "failed to remove" } else { "failed to remove directory" };
                    status = refuse(p, &format!("{what} {name}"), errno).await?;
                    break;
                }
            }
            first = false;
            if !given.has('p') || !trimmed(path).trim_start_matches('/').contains('/') {
                break;
            }
            path = parent(path);
        }
    }
    reap(p);
    Ok(status)
}

async fn unlink(p: &mut Proc, arguments: &[String]) -> Ended {
    let given = given!(p, &NOTHING, arguments, 1);
    let [path] = &given.operands[..] else {
        return match given.operands.get(1) {
            None => misused(p, "missing operand", 1).await,
            Some(extra) => misused(p, &format!("extra operand {}", curly(extra)), 1).await,
        };
    };
    let name = quoted(p, path);
    match p.fs(|fs, now| fs.unlink(&p.cred, &p.cwd, path, now)) {
        Ok(()) => {
            reap(p);
            Ok(0)
        }
        Err(errno) => refuse(p, &format!("cannot unlink {name}"), errno).await,
    }
}
