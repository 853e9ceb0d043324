//! Copying files and trees, for `cp`, `mv` and `install`: coreutils' `copy.c` as far as the screen and the disk show it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::ask::ask;
use super::backup::{self, Backup, told};
use super::content::{fill, stream};
use super::show::{is_modern, quoted};
use super::{DEEPEST, Meta, base, join, meta, meta_of, names, refuse, same_name};
use crate::systems::linux::fs::{Errno, Ino, Kind, Open as How};
use crate::systems::linux::io::{Cut, Open, OpenFile};
use crate::systems::linux::proc::{Mode, Proc};

/// Which links are followed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Follow {
    /// All, which is usual without `-r`.
    #[default]
    All,
    /// Those on the command line (`-H`).
    Named,
    /// None (`-P`, `-d`, and with `-r`).
    None,
}

/// What is done about a file that is there already.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Clash {
    /// It is overwritten.
    #[default]
    Overwrite,
    /// `-i`
    Ask,
    /// `-n`
    Keep,
}

/// What a copy keeps of its original beside the content.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Keep {
    /// Permission bits.
    pub mode: bool,
    /// Owner and group.
    pub owner: bool,
    /// Times.
    pub times: bool,
    /// Hard links among what is copied.
    pub links: bool,
    /// The SELinux type.
    pub context: bool,
}

/// How copies are made.
#[derive(Clone, Debug, Default)]
pub struct Copier {
    /// `-r`
    pub recursive: bool,
    /// What is kept.
    pub keep: Keep,
    /// Which links are followed.
    pub follow: Follow,
    /// `-f`
    pub force: bool,
    /// What is done about a file that is there.
    pub clash: Clash,
    /// How the old file is kept, if it is.
    pub backup: Option<Backup>,
    /// `-u`
    pub update: bool,
    /// `-v`
    pub verbose: bool,
    /// `-l`
    pub hard: bool,
    /// `-s`
    pub symbolic: bool,
    /// `-x`
    pub one_file_system: bool,
    /// Whether this is a move to another file system.
    pub moves: bool,
    /// Copies that were made, by the number of their original.
    pub linked: BTreeMap<Ino, String>,
    /// Files that this run made: they are not overwritten.
    pub made: BTreeSet<Ino>,
}

/// What is still to be done.
enum Step {
    Copy { from: String, to: String, level: usize },
    Finish { from: Meta, to: String, fresh: bool },
}

/// What one step says about the next: a directory whose entries come, a file that is done, or trouble that was told.
enum Done {
    Directory(Meta, bool),
    File,
    Skipped,
    Failed,
}

impl Copier {
    /// Copies a file or tree: whether all of it went well.
    ///
    /// # Errors
    /// [`Cut`]
    pub async fn copy(&mut self, p: &mut Proc, from: &str, to: &str) -> Result<bool, Cut> {
        let mut steps = vec![Step::Copy { from: from.to_owned(), to: to.to_owned(), level: 0 }];
        let (mut good, mut root, mut device) = (true, None, None);
        while let Some(step) = steps.pop() {
            p.tick().await?;
            match step {
                Step::Finish { from, to, fresh } => good &= self.finish(p, &from, &to, fresh).await?,
                Step::Copy { from: source, to: target, level } => {
                    let follow = self.follow == Follow::All || level == 0 && self.follow == Follow::Named;
                    let stat = match meta(p, &source, follow) {
                        Ok(stat) => stat,
                        Err(errno) => {
                            refuse(p, &format!("cannot stat {}", quoted(p, &source)), errno).await?;
                            good = false;
                            continue;
                        }
                    };
                    if level > 0 && stat.is_dir() && (root == Some(stat.ino) || level > DEEPEST) {
                        let (from, to) = (quoted(p, from), quoted(p, to));
                        p.complain(&format!("cannot copy a directory, {from}, into itself, {to}")).await?;
                        good = false;
                        continue;
                    }
                    let mount = *device.get_or_insert(stat.mount);
                    match self.one(p, &source, &target, stat).await? {
                        Done::File | Done::Skipped => {}
                        Done::Failed => good = false,
                        Done::Directory(stat, fresh) => {
                            if level == 0 {
                                root = meta(p, &target, true).ok().map(|meta| meta.ino);
                            }
                            let crossed = self.one_file_system && stat.mount != mount;
                            steps.push(Step::Finish { from: stat, to: target.clone(), fresh });
                            match names(p, &source) {
                                Ok(_) if crossed => {}
                                Ok(found) => steps.extend(found.into_iter().rev().map(|name| Step::Copy {
                                    from: join(&source, &name),
                                    to: join(&target, &name),
                                    level: level + 1,
                                })),
                                Err(errno) => {
                                    let what = format!("cannot access {}", quoted(p, &source));
                                    refuse(p, &what, errno).await?;
                                    good = false;
                                }
                            }
                        }
                    }
                }
            }
        }
        Ok(good)
    }

    /// One file, or a directory without what is in it.
    async fn one(&mut self, p: &mut Proc, from: &str, to: &str, stat: Meta) -> Result<Done, Cut> {
        let (source, target) = (quoted(p, from), quoted(p, to));
        if stat.is_dir() && !self.recursive {
            let text = if is_modern(p) { "-r not specified; omitting directory" } else { "omitting directory" };
            p.complain(&format!("{text} {source}")).await?;
            return Ok(Done::Failed);
        }
        let special = self.recursive && !stat.is_file() && !stat.is_dir();
        let plain_link = special || self.hard || self.symbolic || self.follow == Follow::None && stat.is_link();
        let there = meta(p, to, !plain_link && !stat.is_link()).ok();
        if let Some(there) = &there {
            let is_link = |path: &str| meta(p, path, false).is_ok_and(|meta| meta.is_link());
            let renamed = self.backup.is_some() && !same_name(p, from, to) && (!is_link(from) || is_link(to));
            if there.ino == stat.ino && !(self.hard || self.force && self.symbolic || renamed) {
                p.complain(&format!("{source} and {target} are the same file")).await?;
                return Ok(Done::Failed);
            }
            match (stat.is_dir(), there.is_dir()) {
                (false, true) => {
                    p.complain(&format!("cannot overwrite directory {target} with non-directory")).await?;
                    return Ok(Done::Failed);
                }
                (true, false) => {
                    p.complain(&format!("cannot overwrite non-directory {target} with directory {source}")).await?;
                    return Ok(Done::Failed);
                }
                _ => {}
            }
            if !stat.is_dir() {
                if self.made.contains(&there.ino) {
                    p.complain(&format!("will not overwrite just-created {target} with {source}")).await?;
                    return Ok(Done::Failed);
                }
                if self.backup.as_ref().is_some_and(|backup| backup.strikes(p, from, to)) {
                    backup::warn(p, &source, &target, "copied").await?;
                    return Ok(Done::Failed);
                }
                if self.keeps(p, &stat, there, &target).await? {
                    return Ok(Done::Skipped);
                }
            }
        }
        if stat.is_dir() {
            return self.directory(p, to, stat, there.is_some(), &source, &target).await;
        }
        let kept = match self.backup.as_ref().filter(|_| there.is_some()).map(|backup| backup.make(p, to)).transpose() {
            Ok(kept) => kept.flatten(),
            Err(errno) => {
                refuse(p, &format!("cannot backup {target}"), errno).await?;
                return Ok(Done::Failed);
            }
        };
        let there = there.filter(|_| kept.is_none());
        let target = format!("{target}{}", told(p, kept.as_ref()));
        if self.keep.links && stat.nlink > 1 {
            if let Some(first) = self.linked.get(&stat.ino).cloned() {
                return self.hard_link(p, &first, to, there.is_some()).await;
            }
            self.linked.insert(stat.ino, to.to_owned());
        }
        if self.hard {
            if there.as_ref().is_some_and(|there| there.ino == stat.ino) {
                return Ok(Done::File);
            }
            let done = self.hard_link(p, from, to, there.is_some() && self.force).await?;
            return self.told(p, done, &source, &target).await;
        }
        let done = if self.symbolic {
            self.symbolic_link(p, from, to, there.is_some()).await?
        } else if let Kind::Link(text) = &stat.kind {
            self.link_itself(p, text, to, there.is_some()).await?
        } else if special {
            self.special(p, &stat, to, there.is_some()).await?
        } else {
            if self.verbose {
                self.tell(p, &source, &target).await?;
            }
            return self.file(p, from, to, &stat, there.as_ref()).await;
        };
        if matches!(done, Done::File) && stat.is_link() {
            self.finish(p, &stat, to, true).await?;
        }
        self.told(p, done, &source, &target).await
    }

    async fn tell(&self, p: &mut Proc, source: &str, target: &str) -> Result<(), Cut> {
        let copied = if self.moves && is_modern(p) { "copied " } else { "" };
        p.out(&format!("{copied}{source} -> {target}\n")).await
    }

    async fn told(&self, p: &mut Proc, done: Done, source: &str, target: &str) -> Result<Done, Cut> {
        if self.verbose && matches!(done, Done::File) {
            self.tell(p, source, target).await?;
        }
        Ok(done)
    }

    /// Whether a file that is there is left as it is.
    async fn keeps(&self, p: &mut Proc, stat: &Meta, there: &Meta, target: &str) -> Result<bool, Cut> {
        if self.clash == Clash::Keep || self.update && there.mtime >= stat.mtime {
            return Ok(true);
        }
        if self.clash == Clash::Ask {
            return Ok(!ask(p, &format!("overwrite {target}")).await?);
        }
        Ok(false)
    }

    async fn directory(
        &mut self,
        p: &mut Proc,
        to: &str,
        stat: Meta,
        there: bool,
        source: &str,
        target: &str,
    ) -> Result<Done, Cut> {
        if !there {
            let mode = stat.mode & 0o777 & !p.umask | 0o700;
            if let Err(errno) = p.fs(|fs, now| fs.mkdir(&p.cred, &p.cwd, to, mode, now)) {
                refuse(p, &format!("cannot create directory {target}"), errno).await?;
                return Ok(Done::Failed);
            }
            if self.verbose {
                let created = if self.moves { "created directory".to_owned() } else { format!("{source} ->") };
                p.out(&format!("{created} {target}\n")).await?;
            }
        }
        Ok(Done::Directory(stat, !there))
    }

    async fn hard_link(&self, p: &mut Proc, from: &str, to: &str, replace: bool) -> Result<Done, Cut> {
        if replace {
            p.fs(|fs, now| fs.unlink(&p.cred, &p.cwd, to, now)).unwrap_or_default();
        }
        match p.fs(|fs, now| fs.link(&p.cred, &p.cwd, from, to, now)) {
            Ok(()) => Ok(Done::File),
            Err(errno) => {
                let (from, to) = (quoted(p, from), quoted(p, to));
                refuse(p, &format!("cannot create hard link {to} to {from}"), errno).await?;
                Ok(Done::Failed)
            }
        }
    }

    async fn symbolic_link(&self, p: &mut Proc, from: &str, to: &str, there: bool) -> Result<Done, Cut> {
        if !from.starts_with('/') && to.contains('/') && super::parent(to) != "." {
            let name = quoted(p, to);
            p.complain(&format!("{name}: can make relative symbolic links only in current directory")).await?;
            return Ok(Done::Failed);
        }
        self.link_itself(p, from, to, there && self.force).await
    }

    async fn link_itself(&self, p: &mut Proc, text: &str, to: &str, replace: bool) -> Result<Done, Cut> {
        if replace {
            p.fs(|fs, now| fs.unlink(&p.cred, &p.cwd, to, now)).unwrap_or_default();
        }
        match p.fs(|fs, now| fs.symlink(&p.cred, &p.cwd, text, to, now)) {
            Ok(_) => Ok(Done::File),
            Err(errno) => {
                let (to, text) = (quoted(p, to), quoted(p, text));
                let what = format!("cannot create symbolic link {to}");
                refuse(p, &if self.symbolic { format!("{what} to {text}") } else { what }, errno).await?;
                Ok(Done::Failed)
            }
        }
    }

    async fn special(&self, p: &mut Proc, stat: &Meta, to: &str, there: bool) -> Result<Done, Cut> {
        if there {
            p.fs(|fs, now| fs.unlink(&p.cred, &p.cwd, to, now)).unwrap_or_default();
        }
        let mode = stat.mode & 0o777 & !p.umask;
        match p.fs(|fs, now| fs.mknod(&p.cred, &p.cwd, to, stat.kind.clone(), mode, now)) {
            Ok(_) => {
                self.finish(p, stat, to, true).await?;
                Ok(Done::File)
            }
            Err(errno) => {
                let to = quoted(p, to);
                refuse(p, &format!("cannot create special file {to}"), errno).await?;
                Ok(Done::Failed)
            }
        }
    }

    /// The content of a file, of any kind.
    async fn file(
        &mut self,
        p: &mut Proc,
        from: &str,
        to: &str,
        stat: &Meta,
        there: Option<&Meta>,
    ) -> Result<Done, Cut> {
        let input = match p.open(from, Mode::Read) {
            Ok(input) => input,
            Err(errno) => {
                let from = quoted(p, from);
                refuse(p, &format!("cannot open {from} for reading"), errno).await?;
                return Ok(Done::Failed);
            }
        };
        let mut fresh = there.is_none();
        let mut output = self.destination(p, to, stat, fresh);
        if output.is_err() && !fresh && self.force {
            p.fs(|fs, now| fs.unlink(&p.cred, &p.cwd, to, now)).unwrap_or_default();
            fresh = true;
            output = self.destination(p, to, stat, true);
        }
        let target = quoted(p, to);
        let output = match output {
            Ok(output) => output,
            Err(errno) => {
                refuse(p, &format!("cannot create regular file {target}"), errno).await?;
                return Ok(Done::Failed);
            }
        };
        if let Open::File(file) = &*output {
            self.made.insert(file.ino);
        }
        let written = match (&*input, &*output) {
            (Open::File(input), Open::File(output)) => fill(p, input.ino, output.ino),
            _ => stream(p, input, &output).await?,
        };
        if let Err(errno) = written {
            refuse(p, &format!("error writing {target}"), errno).await?;
            return Ok(Done::Failed);
        }
        let good = !matches!(&*output, Open::File(_)) || self.finish(p, stat, to, fresh).await?;
        Ok(if good { Done::File } else { Done::Failed })
    }

    /// The file that is written: a new one with the bits of the original, or what is there.
    fn destination(&self, p: &Proc, to: &str, stat: &Meta, fresh: bool) -> Result<Arc<Open>, Errno> {
        if fresh {
            let mode = stat.mode & 0o777 & !p.umask;
            if to.ends_with('/') {
                return Err(Errno::Notdir);
            }
            let how = How { write: true, create: Some(mode), exclusive: false, ..How::default() };
            p.fs(|fs, now| fs.open(&p.cred, &p.cwd, to, how, now))?;
        }
        p.open(to, Mode::Write).or_else(|errno| {
            // What was just made may be written whatever its bits say.
            let made = p.peek(|linux| linux.fs.lookup(&p.cred, &p.cwd, to)).ok().filter(|_| fresh);
            let ino = made.ok_or(errno)?;
            Ok(Arc::new(Open::File(OpenFile { writes: true, ..OpenFile::new(p.machine, ino, to) })))
        })
    }

    /// Gives a copy what is kept of its original.
    async fn finish(&self, p: &mut Proc, from: &Meta, to: &str, fresh: bool) -> Result<bool, Cut> {
        let Ok(copy) = meta(p, to, !from.is_link()) else { return Ok(true) };
        let keep = self.keep;
        if keep.context && from.label.is_some() {
            let label = from.label.clone().map(Into::into);
            p.linux(|linux| linux.fs.set_label(copy.ino, label));
        }
        let mut trouble = None;
        if keep.owner && (copy.uid, copy.gid) != (from.uid, from.gid) {
            let owned = p.fs(|fs, now| fs.chown(&p.cred, copy.ino, Some(from.uid), Some(from.gid), now));
            if let (Err(errno), true) = (owned, p.cred.is_root()) {
                trouble = Some(("failed to preserve ownership for", errno));
            }
        }
        let mode = match from.kind {
            Kind::Link(_) => None,
            _ if keep.mode => Some(from.mode),
            Kind::Dir { .. } if fresh => Some(from.mode & 0o777 & !p.umask),
            _ => None,
        };
        if let Some(mode) = mode {
            let set = p.fs(|fs, now| fs.chmod(&p.cred, copy.ino, mode, now));
            trouble = trouble.or(set.err().map(|errno| ("preserving permissions for", errno)));
        }
        if keep.times {
            let set = p.fs(|fs, now| fs.set_times(&p.cred, copy.ino, Some(from.atime), Some(from.mtime), now));
            trouble = trouble.or(set.err().map(|errno| ("preserving times for", errno)));
        }
        match trouble {
            None => Ok(true),
            Some((text, errno)) => {
                let to = quoted(p, to);
                refuse(p, &format!("{text} {to}"), errno).await?;
                Ok(false)
            }
        }
    }
}

/// Where a file goes whose destination is a directory.
pub fn inside(directory: &str, from: &str) -> String {
    join(directory, base(from))
}

/// Whether one path leads to a place in the directory at another.
pub fn is_within(p: &Proc, path: &str, directory: Ino) -> bool {
    let above = if path.contains('/') { super::parent(path) } else { "." };
    let mut at = match p.lookup(above) {
        Ok(ino) => ino,
        Err(_) => return false,
    };
    for _ in 0..DEEPEST {
        if at == directory {
            return true;
        }
        let up = p.peek(|linux| linux.fs.parent(at));
        if up == at {
            break;
        }
        at = up;
    }
    meta_of(p, at).ino == directory
}
