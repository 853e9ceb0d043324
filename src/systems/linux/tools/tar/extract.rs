//! `tar -x`: one member becomes a file.

use std::sync::Arc;

use super::member::{BLOCK, Member, What, escaped};
use super::read::Source;
use super::{FILE, Tar};
use crate::sim::{Instant, Span};
use crate::systems::linux::fs::{Errno, Kind};
use crate::systems::linux::io::{Cut, Open};
use crate::systems::linux::proc::{CHUNK, Mode, Proc};

impl Tar {
    /// Makes a file of a member, and passes over its bytes. `false` when the archive ends before they do.
    pub(super) async fn extract(
        &mut self,
        p: &mut Proc,
        source: &mut Source,
        member: &Member,
        later: &mut Vec<(String, Member)>,
    ) -> Result<bool, Cut> {
        let padded = member.data().next_multiple_of(BLOCK as u64);
        let strip = self.given.value('/').and_then(|count| count.parse().ok()).unwrap_or(0);
        let Some(path) = stripped(&member.name, strip) else { return source.skip(p, padded).await };
        if path.split('/').any(|part| part == "..") && !self.given.has('P') {
            self.fail(p, &format!("{}: Member name contains '..'", member.name)).await?;
            return source.skip(p, padded).await;
        }
        let path = self.harmless(p, &path, false).await?;
        if self.given.has('v') {
            let to = if self.given.has('O') { 2 } else { 1 };
            p.write(to, format!("{}\n", escaped(&member.name)).as_bytes()).await?;
        }
        if self.given.has('O') {
            let output = p.files.get(1).cloned().filter(|_| member.kind == What::File);
            return self.content(p, source, (member, &path), output).await;
        }
        let made = self.make(p, member, &path).await?;
        match made {
            Ok(output) => {
                if !self.content(p, source, (member, &path), output).await? {
                    return Ok(false);
                }
                if member.kind == What::Dir {
                    later.push((path, member.clone()));
                } else {
                    self.settle(p, &path, member);
                }
                Ok(true)
            }
            Err(text) => {
                self.fail(p, &format!("{}: {text}", path.trim_end_matches('/'))).await?;
                source.skip(p, padded).await
            }
        }
    }

    /// Makes the file, in place of what has its name; what its bytes go to, or what is wrong.
    async fn make(
        &mut self,
        p: &mut Proc,
        member: &Member,
        path: &str,
    ) -> Result<Result<Option<Arc<Open>>, String>, Cut> {
        let bare = path.trim_end_matches('/').to_owned();
        let path = if bare.is_empty() { path.to_owned() } else { bare };
        parents(p, &path);
        let verb = match &member.kind {
            What::Dir => "Cannot mkdir".to_owned(),
            What::File => "Cannot open".to_owned(),
            What::Symlink(target) => format!("Cannot create symlink to ‘{target}’"),
            What::Hardlink(target) => format!("Cannot hard link to ‘{target}’"),
            What::Special(Kind::Fifo) => "Cannot mkfifo".to_owned(),
            What::Special(_) => "Cannot mknod".to_owned(),
        };
        let exists = p.peek(|linux| {
            let ino = linux.fs.lookup_link(&p.cred, &p.cwd, &path).ok()?;
            Some(linux.fs.node(ino).is_dir())
        });
        let wrong = |errno: Errno| Ok(Err(format!("{verb}: {}", errno.text())));
        match (exists, &member.kind) {
            (Some(true), What::Dir) => return Ok(Ok(None)),
            (Some(_), _) if self.given.has('k') => return wrong(Errno::Exist),
            (Some(true), _) => {
                if p.fs(|fs, now| fs.rmdir(&p.cred, &p.cwd, &path, now)).is_err() {
                    return wrong(Errno::Isdir);
                }
            }
            (Some(false), _) => {
                if let Err(errno) = p.fs(|fs, now| fs.unlink(&p.cred, &p.cwd, &path, now)) {
                    return wrong(errno);
                }
            }
            (None, _) => {}
        }
        let made = match &member.kind {
            What::File => p.open(&path, Mode::WriteNew).map(Some),
            // It is closed to others until its mode is set.
            What::Dir => p.fs(|fs, now| fs.mkdir(&p.cred, &p.cwd, &path, 0o700, now)).map(|_| None),
            What::Symlink(target) => p.fs(|fs, now| fs.symlink(&p.cred, &p.cwd, target, &path, now)).map(|_| None),
            What::Hardlink(target) => {
                let target = self.harmless(p, target, true).await?;
                p.fs(|fs, now| fs.link(&p.cred, &p.cwd, &target, &path, now)).map(|()| None)
            }
            What::Special(kind) => {
                p.fs(|fs, now| fs.mknod(&p.cred, &p.cwd, &path, kind.clone(), 0o600, now)).map(|_| None)
            }
        };
        Ok(made.map_err(|errno| format!("{verb}: {}", errno.text())))
    }

    /// The bytes of a member; `false` when there are too few.
    async fn content(
        &mut self,
        p: &mut Proc,
        source: &mut Source,
        (member, path): (&Member, &str),
        output: Option<Arc<Open>>,
    ) -> Result<bool, Cut> {
        let size = member.data();
        let rest = size.next_multiple_of(BLOCK as u64) - size;
        p.files.set(FILE, output);
        let mut left = size;
        while left > 0 {
            let bytes = source.take(p, usize::try_from(left).unwrap_or(CHUNK).min(CHUNK)).await?;
            if bytes.is_empty() {
                return Ok(false);
            }
            left -= bytes.len() as u64;
            if p.files.get(FILE).is_some() {
                p.write(FILE, &bytes).await?;
            }
            if let Some(errno) = p.write_error.take() {
                self.fail(p, &format!("{path}: Cannot write: {}", errno.text())).await?;
                p.files.set(FILE, None);
            }
        }
        p.files.set(FILE, None);
        source.skip(p, rest).await
    }

    /// Owner, mode and time as the archive has them.
    pub(super) fn settle(&self, p: &Proc, path: &str, member: &Member) {
        let given = &self.given;
        let root = p.cred.is_root();
        let owner = given.last_of("+!").map_or(root, |letter| letter == '+');
        let exact = given.last_of("p~").map_or(root, |letter| letter == 'p');
        let (uid, gid) = p.peek(|linux| {
            if given.has('#') {
                return (member.uid, member.gid);
            }
            let user = linux.user(&member.user).map_or(member.uid, |user| user.uid);
            let group = linux.groups().into_iter().find(|group| group.name == member.group);
            (user, group.map_or(member.gid, |group| group.gid))
        });
        let mode = if exact { member.mode } else { member.mode & 0o777 & !p.umask };
        let at = moment(member.mtime);
        // What the user may not set stays as it was made.
        let _ = p.fs(|fs, now| {
            let ino = fs.lookup_link(&p.cred, &p.cwd, path)?;
            if owner {
                let _ = fs.chown(&p.cred, ino, Some(uid), Some(gid), now);
            }
            if matches!(member.kind, What::Symlink(_)) {
                return if given.has('m') { Ok(()) } else { fs.set_times(&p.cred, ino, None, Some(at), now) };
            }
            if !matches!(member.kind, What::Hardlink(_)) {
                let _ = fs.chmod(&p.cred, ino, mode, now);
                if !given.has('m') {
                    let _ = fs.set_times(&p.cred, ino, Some(now), Some(at), now);
                }
            }
            Ok(())
        });
    }
}

/// Seconds since 1970 as a moment.
fn moment(seconds: u64) -> Instant {
    let latest = u64::try_from(Instant::LAST.utc().unix_timestamp()).unwrap_or(0);
    Instant::LAST - Span::secs(latest - seconds.min(latest)) - Span::micros(999_999)
}

/// Makes the directories above a path.
fn parents(p: &Proc, path: &str) {
    for (at, _) in path.match_indices('/').filter(|(at, _)| *at > 0) {
        // What cannot be made is told by the member itself.
        let _ = p.fs(|fs, now| fs.mkdir(&p.cred, &p.cwd, &path[..at], 0o777 & !p.umask, now));
    }
}

/// A name without its first parts; nothing when nothing is left.
fn stripped(name: &str, mut parts: usize) -> Option<String> {
    let mut rest = name;
    while parts > 0 {
        let (_, behind) = rest.trim_start_matches('/').split_once('/')?;
        rest = behind.trim_start_matches('/');
        parts -= 1;
    }
    (!rest.is_empty()).then(|| rest.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lose_their_first_parts() {
        let check = |name: &str, parts, expect: Option<&str>| {
            assert_eq!(stripped(name, parts).as_deref(), expect, "{name} {parts}");
        };
        check("d/a", 0, Some("d/a"));
        check("d/e/a", 1, Some("e/a"));
        check("/d/a", 1, Some("a"));
        check("d/", 1, None);
        check("a", 1, None);
    }

    #[test]
    fn times_are_whole_seconds() {
        let check = |seconds, expect: &str| assert_eq!(moment(seconds).to_string(), expect);
        check(0, "1970-01-01T00:00:00.000Z");
        check(1_647_288_000, "2022-03-14T20:00:00.000Z");
        check(u64::MAX, "9999-12-31T23:59:59.000Z");
    }
}
