//! What goes over a connection of scp: the source walks its files, the sink makes them, and a line tells of each.

use crate::sim::Span;
use crate::systems::linux::fs::{Access, Content, Errno, Ino, Inode, Kind};
use crate::systems::linux::io::{Cut, Open, OpenFile};
use crate::systems::linux::made_files;
use crate::systems::linux::proc::{Ended, Mode, Proc};

/// What a gigabit network carries of an encrypted file. Inferred.
const BYTES_PER_SEC: u64 = 112_000_000;
/// What each file takes beside its bytes. Inferred.
const PER_FILE: Span = Span::millis(2);
/// So deep may directories be.
const DEPTH: usize = 256;

/// An end of the connection: a program on its machine.
pub(super) struct End {
    pub p: Proc,
    /// Whether its complaints come from afar, with the name of the program.
    pub complains_afar: bool,
}

impl End {
    pub(super) fn here(p: &Proc) -> Self {
        Self { p: p.again(), complains_afar: false }
    }

    pub(super) fn there(p: &Proc) -> Self {
        Self { p: p.again(), complains_afar: true }
    }

    fn inode(&self, ino: Ino) -> Inode {
        self.p.world(|world, id| made_files::inode(world, id, ino))
    }

    fn complaint(&self, path: &str, why: &str) -> String {
        format!("{}{path}: {why}\n", if self.complains_afar { "scp: " } else { "" })
    }

    fn is_directory(&self, path: &str) -> bool {
        self.p.lookup(path).is_ok_and(|ino| self.inode(ino).is_dir())
    }
}

/// What is wanted.
pub(super) struct Wish {
    pub recursive: bool,
    pub preserve: bool,
    pub into_directory: bool,
    /// Whether a line tells of each file.
    pub shown: bool,
    pub bytes_per_sec: Option<u64>,
}

/// The files of one connection.
pub(super) struct Copy<'a> {
    p: &'a mut Proc,
    source: End,
    sink: End,
    wish: Wish,
    failed: bool,
}

impl<'a> Copy<'a> {
    pub(super) fn new(p: &'a mut Proc, source: End, sink: End, wish: Wish) -> Self {
        Self { p, source, sink, wish, failed: false }
    }

    pub(super) async fn run(mut self, sources: &[String], target: &str) -> Ended {
        if self.wish.into_directory && !self.sink.is_directory(target) {
            let why = if self.sink.p.lookup(target).is_ok() { Errno::Notdir } else { Errno::Noent };
            let line = self.sink.complaint(target, why.text());
            self.p.err(&line).await?;
            return Ok(1);
        }
        for source in sources {
            self.one(source, target, 0).await?;
        }
        Ok(u8::from(self.failed))
    }

    async fn fail(&mut self, line: &str) -> Result<(), Cut> {
        self.failed = true;
        self.p.err(line).await
    }

    /// A file or directory to the path `target`, or into it.
    async fn one(&mut self, path: &str, target: &str, depth: usize) -> Result<(), Cut> {
        self.p.tick().await?;
        let found = self.source.p.lookup(path).and_then(|ino| {
            let inode = self.source.inode(ino);
            let allowed = self.source.p.peek(|linux| linux.fs.access(&self.source.p.cred, ino, Access::READ));
            allowed.map(|()| (ino, inode))
        });
        let (ino, inode) = match found {
            Ok(found) => found,
            Err(errno) => {
                let line = self.source.complaint(path, errno.text());
                return self.fail(&line).await;
            }
        };
        let name = path.trim_end_matches('/').rsplit('/').next().unwrap_or(path).to_owned();
        let into = if self.sink.is_directory(target) {
            if target.ends_with('/') { format!("{target}{name}") } else { format!("{target}/{name}") }
        } else {
            target.to_owned()
        };
        match &inode.kind {
            Kind::Dir { .. } if self.wish.recursive && depth < DEPTH => {
                Box::pin(self.directory(path, (ino, &inode), &into, depth)).await
            }
            Kind::File(_) => self.file(&name, (ino, &inode), &into).await,
            _ => {
                let line = self.source.complaint(path, "not a regular file");
                self.fail(&line).await
            }
        }
    }

    async fn directory(&mut self, path: &str, dir: (Ino, &Inode), into: &str, depth: usize) -> Result<(), Cut> {
        let names = self.source.p.peek(|linux| {
            let names = linux.fs.readdir(&self.source.p.cred, dir.0)?;
            Ok::<Vec<String>, Errno>(names.map(|(name, _)| name.to_string()).collect())
        });
        let names = match names {
            Ok(names) => names,
            Err(errno) => {
                let line = self.source.complaint(path, errno.text());
                return self.fail(&line).await;
            }
        };
        let sink = &self.sink.p;
        let exists = sink.lookup(into).ok();
        let made = match exists {
            Some(ino) if self.sink.inode(ino).is_dir() => Ok(ino),
            Some(_) => Err(Errno::Notdir),
            None => sink.fs(|fs, now| fs.mkdir(&sink.cred, &sink.cwd, into, 0o700 | (dir.1.mode & !sink.umask), now)),
        };
        let ino = match made {
            Ok(ino) => ino,
            Err(errno) => {
                let line = self.sink.complaint(into, errno.text());
                return self.fail(&line).await;
            }
        };
        for name in names {
            // The names go into this directory, even where one is called as the directory itself.
            self.one(&format!("{}/{name}", path.trim_end_matches('/')), into, depth + 1).await?;
        }
        self.keep(ino, dir.1, exists.is_none());
        Ok(())
    }

    async fn file(&mut self, name: &str, (ino, inode): (Ino, &Inode), into: &str) -> Result<(), Cut> {
        let new = self.sink.p.lookup(into).is_err();
        let opened = self.sink.p.open(into, Mode::Write);
        let open = match opened {
            Ok(open) => open,
            Err(errno) => {
                let line = self.sink.complaint(into, errno.text());
                return self.fail(&line).await;
            }
        };
        let size = self.source.p.world(|world, id| made_files::size(world, id, ino));
        let started = self.p.now();
        // Whoever is far away notices when its machine goes down.
        self.wait(PER_FILE).await?;
        let mut wrong = None;
        if let Open::File(file) = &*open {
            wrong = self.bytes(ino, size, file).await?.err();
            if new || self.wish.preserve {
                self.keep(file.ino, inode, new);
            }
        }
        if self.wish.shown {
            let columns = self.p.cx.with(|cx| cx.session.terminal.columns);
            let line = progress(name, size, self.p.now().since(started), usize::from(columns));
            self.p.out(&format!("{line}\n")).await?;
        }
        if let Some(errno) = wrong {
            let line = self.sink.complaint(into, errno.text());
            self.fail(&line).await?;
        }
        Ok(())
    }

    /// The content, second by second.
    async fn bytes(&mut self, ino: Ino, size: u64, file: &OpenFile) -> Result<Result<(), Errno>, Cut> {
        let rate = self.wish.bytes_per_sec.unwrap_or(BYTES_PER_SEC).max(1);
        let hole = self.source.p.peek(|linux| {
            matches!(linux.fs.content(ino), Some(Content::Hole(_) | Content::Sparse(_) | Content::Program(..)))
        });
        let mut at = 0;
        while at < size {
            self.p.tick().await?;
            let step = (size - at).min(rate).min(8 << 20);
            let step = if hole { (size - at).min(rate) } else { step };
            self.wait(Span::micros(step * 1_000_000 / rate)).await?;
            let sink = &self.sink.p;
            let written = if hole {
                sink.fs(|fs, now| fs.zero(&sink.cred, file.ino, at + step, now))
            } else {
                let from = usize::try_from(at).unwrap_or(usize::MAX);
                let most = usize::try_from(step).unwrap_or(usize::MAX);
                let bytes = self.source.p.world(|world, id| made_files::slice(world, id, ino, from, most));
                sink.append(file, &bytes)
            };
            if let Err(errno) = written {
                return Ok(Err(errno));
            }
            at += step;
        }
        if let Some(Content::Program(name, _)) = self.source.p.peek(|linux| linux.fs.content(ino).cloned()) {
            self.sink.p.linux(|linux| linux.fs.become_program(file.ino, name));
        }
        Ok(Ok(()))
    }

    async fn wait(&mut self, span: Span) -> Result<(), Cut> {
        let afar = if self.sink.complains_afar { &self.sink } else { &self.source };
        afar.p.pass(span).await
    }

    /// Mode and times.
    fn keep(&self, ino: Ino, inode: &Inode, new: bool) {
        let sink = &self.sink.p;
        let mode = if self.wish.preserve { inode.mode } else { inode.mode & !sink.umask };
        // A file that is there already keeps what it has where the other's is not asked for.
        let _ = sink.fs(|fs, now| {
            if new || self.wish.preserve {
                fs.chmod(&sink.cred, ino, mode, now)?;
            }
            if self.wish.preserve {
                fs.set_times(&sink.cred, ino, Some(inode.atime), Some(inode.mtime), now)?;
            }
            Ok(())
        });
    }
}

/// The line of a file that went over, as OpenSSH's progress meter leaves it standing.
fn progress(name: &str, size: u64, took: Span, columns: usize) -> String {
    // The carriage return takes a column of the name's.
    let room = columns.saturating_sub(36);
    let name: String = name.chars().take(room).collect();
    let secs = took.as_secs();
    let rate = size.saturating_mul(1_000_000) / took.as_micros().max(1);
    let time = match secs / 3600 {
        0 => format!("  {:02}:{:02}", secs / 60, secs % 60),
        hours => format!("{hours}:{:02}:{:02}", secs / 60 % 60, secs % 60),
    };
    format!("{name:<room$} 100% {} {}/s {time}    ", amount(size), speed(rate))
}

/// A size in five columns and its unit.
fn amount(mut bytes: u64) -> String {
    let mut unit = 0;
    while bytes >= 10_000 && unit < 4 {
        bytes = (bytes + 512) / 1024;
        unit += 1;
    }
    format!("{bytes:>4}{}{}", [" ", "K", "M", "G", "T"][unit], if unit > 0 { "B" } else { " " })
}

/// A rate with one decimal.
fn speed(rate: u64) -> String {
    let mut rate = rate.saturating_mul(100);
    let mut unit = 0;
    while rate >= 100_000 && unit < 4 {
        rate = (rate + 512) / 1024;
        unit += 1;
    }
    if unit == 0 {
        rate = (rate + 512) / 1024;
        unit = 1;
    }
    format!("{:>3}.{}{}B", (rate + 5) / 100, (rate + 5) / 10 % 10, ["", "K", "M", "G", "T"][unit])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_is_that_of_the_progress_meter() {
        let check = |name: &str, size, took, columns, expect: &str| {
            assert_eq!(progress(name, size, took, columns), expect, "{name}");
        };
        let secs = Span::secs;
        check("a", 12, Span::millis(1), 60, "a                        100%   12    11.7KB/s   00:00    ");
        check("a", 0, Span::millis(1), 40, "a    100%    0     0.0KB/s   00:00    ");
        check("long-name", 3_221_225_472, secs(30), 40, "long 100% 3072MB 102.4MB/s   00:30    ");
        check("x", 1 << 40, secs(7_500), 40, "x    100% 1024GB 139.8MB/s 2:05:00    ");
    }
}
