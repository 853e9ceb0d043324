//! `tar -c`: a walk through files, each as a header and its bytes.

use std::collections::BTreeMap;

use super::member::{BLOCK, Member, What, escaped};
use super::{ARCHIVE, FILE, Outcome, Tar, by_ending};
use crate::systems::linux::fs::{Errno, Ino, Inode, Kind};
use crate::systems::linux::io::{Cut, Open};
use crate::systems::linux::made_files;
use crate::systems::linux::proc::{CHUNK, HELD, Mode, Proc};
use crate::systems::linux::tools::deflate::Packer;
use crate::systems::linux::tools::packed::Form;

/// Archives are written in records of so many bytes.
const RECORD: u64 = 20 * BLOCK as u64;
/// So deep may directories be.
const DEPTH: usize = 256;
/// The level of gzip, as it is without an option.
const LEVEL: u32 = 6;

/// Where an archive goes.
#[derive(Default)]
pub(super) struct Sink {
    pub packer: Option<Packer>,
    /// What is compressed as a whole at the end.
    pub whole: Option<(Form, Vec<u8>)>,
    pub written: u64,
    /// The archive's own file, which is not packed.
    pub own: Option<Ino>,
    /// Names of files that have several.
    pub seen: BTreeMap<Ino, String>,
    /// With `-u`, when the files that the archive has were changed last, by name.
    pub kept: BTreeMap<String, u64>,
}

impl Sink {
    async fn put(&mut self, p: &mut Proc, bytes: &[u8]) -> Result<(), Cut> {
        self.written += bytes.len() as u64;
        if let Some((_, held)) = &mut self.whole {
            held.extend_from_slice(bytes);
            return if held.len() > HELD { Err(Cut::Limit("held output")) } else { p.tick().await };
        }
        match &mut self.packer {
            None => p.write(ARCHIVE, bytes).await,
            Some(packer) => {
                let packed = packer.push(bytes)?;
                p.write(ARCHIVE, &packed).await
            }
        }
    }
}

impl Tar {
    pub(super) async fn create(&mut self, p: &mut Proc, name: &str) -> Result<Outcome, Cut> {
        if self.given.operands.is_empty() {
            return Ok(Outcome::Usage("Cowardly refusing to create an empty archive"));
        }
        if !self.open(p, name, Mode::Write).await? || !self.enter(p).await? {
            return Ok(Outcome::Fatal);
        }
        let by_name = if self.given.has('a') { by_ending(name) } else { None };
        let letter = by_name.or_else(|| self.given.last_of("zjJ"));
        let packer = (letter == Some('z')).then(|| Packer::new(LEVEL, None, 0));
        let form = match letter {
            Some('j') => Some(Form::Bzip2),
            Some('J') => Some(Form::Xz),
            _ => None,
        };
        let own = match p.files.get(ARCHIVE).map(|open| &**open) {
            Some(Open::File(file)) => Some(file.ino),
            _ => None,
        };
        let whole = form.map(|form| (form, Vec::new()));
        let sink = Sink { packer, whole, written: 0, own, seen: BTreeMap::new(), kept: BTreeMap::new() };
        self.fill(p, sink, name).await
    }

    /// Packs all operands behind what is in the archive already, and ends it.
    pub(super) async fn fill(&mut self, p: &mut Proc, mut sink: Sink, name: &str) -> Result<Outcome, Cut> {
        for path in self.given.operands.clone() {
            self.pack(p, &mut sink, &path, 0).await?;
        }
        // Two empty blocks, and what fills the record.
        let end = (sink.written + 2 * BLOCK as u64).next_multiple_of(RECORD) - sink.written;
        sink.put(p, &vec![0; usize::try_from(end).unwrap_or(0)]).await?;
        if let Some((form, held)) = &sink.whole {
            p.write(ARCHIVE, &form.pack(held, form.usual_level())).await?;
        }
        if let Some(packer) = &mut sink.packer {
            let packed = packer.finish();
            p.write(ARCHIVE, &packed).await?;
        }
        match p.write_error.take() {
            None => Ok(Outcome::Through),
            Some(errno) => {
                p.complain(&format!("{name}: Cannot write: {}", errno.text())).await?;
                Ok(Outcome::Fatal)
            }
        }
    }

    async fn pack(&mut self, p: &mut Proc, sink: &mut Sink, path: &str, depth: usize) -> Result<(), Cut> {
        p.tick().await?;
        if self.excludes(path) {
            return Ok(());
        }
        let found = p.peek(|linux| {
            let ino = match self.given.has('h') {
                true => linux.fs.lookup(&p.cred, &p.cwd, path),
                false => linux.fs.lookup_link(&p.cred, &p.cwd, path),
            }?;
            Ok::<_, Errno>(ino)
        });
        let (ino, inode) = match found {
            Ok(ino) => (ino, p.world(|world, id| made_files::inode(world, id, ino))),
            Err(errno) => return self.fail(p, &format!("{path}: Cannot stat: {}", errno.text())).await,
        };
        if Some(ino) == sink.own {
            return p.complain(&format!("{path}: file is the archive; not dumped")).await;
        }
        let directory = inode.is_dir();
        let shown = if directory { format!("{}/", path.trim_end_matches('/')) } else { path.to_owned() };
        let name = self.harmless(p, &shown, false).await?;
        let mut member = describe(p, name, ino, &inode);
        if !directory && sink.kept.get(&member.name).is_some_and(|kept| *kept >= member.mtime) {
            return Ok(());
        }
        match &inode.kind {
            Kind::Socket => {
                return p.complain(&format!("{path}: socket ignored")).await;
            }
            Kind::Link(target) => member.kind = What::Symlink(target.clone()),
            Kind::Dir { .. } => member.kind = What::Dir,
            Kind::File(_) => match sink.seen.get(&ino).cloned() {
                Some(first) => {
                    member.kind = What::Hardlink(self.harmless(p, &first, true).await?);
                }
                None if inode.nlink > 1 => drop(sink.seen.insert(ino, path.to_owned())),
                None => {}
            },
            special => member.kind = What::Special(special.clone()),
        }
        if member.kind == What::File {
            match p.open(path, Mode::Read) {
                Ok(open) => p.files.set(FILE, Some(open)),
                Err(errno) => return self.fail(p, &format!("{path}: Cannot open: {}", errno.text())).await,
            };
        } else {
            member.size = 0;
        }
        self.tell(p, &shown).await?;
        sink.put(p, &member.bytes()).await?;
        if member.kind == What::File {
            self.pack_content(p, sink, member.size).await?;
        }
        if directory { Box::pin(self.entries(p, sink, path, ino, depth)).await } else { Ok(()) }
    }

    /// Says which member it is at: beside an archive on standard output on standard error.
    async fn tell(&self, p: &mut Proc, name: &str) -> Result<(), Cut> {
        if !self.given.has('v') {
            return Ok(());
        }
        let to = if self.given.value('f').is_none_or(|name| name == "-") { 2 } else { 1 };
        p.write(to, format!("{}\n", escaped(name)).as_bytes()).await
    }

    async fn pack_content(&mut self, p: &mut Proc, sink: &mut Sink, size: u64) -> Result<(), Cut> {
        let mut left = size;
        while left > 0 {
            let most = usize::try_from(left).unwrap_or(CHUNK).min(CHUNK);
            let mut bytes = p.read(FILE, most).await?;
            // A file that has become shorter meanwhile is filled up.
            if bytes.is_empty() {
                bytes = vec![0; most];
            }
            left -= bytes.len() as u64;
            sink.put(p, &bytes).await?;
        }
        let rest = size.next_multiple_of(BLOCK as u64) - size;
        sink.put(p, &vec![0; usize::try_from(rest).unwrap_or(0)]).await
    }

    async fn entries(&mut self, p: &mut Proc, sink: &mut Sink, path: &str, ino: Ino, depth: usize) -> Result<(), Cut> {
        let names = p.peek(|linux| {
            let names = linux.fs.readdir(&p.cred, ino)?;
            Ok::<Vec<String>, Errno>(names.map(|(name, _)| name.to_string()).collect())
        });
        match names {
            Ok(_) if depth >= DEPTH => p.gap("tar of a directory so deep").map(drop),
            Ok(names) => {
                for name in names {
                    self.pack(p, sink, &format!("{}/{name}", path.trim_end_matches('/')), depth + 1).await?;
                }
                Ok(())
            }
            Err(errno) => self.fail(p, &format!("{path}: Cannot open: {}", errno.text())).await,
        }
    }
}

fn describe(p: &Proc, name: String, ino: Ino, inode: &Inode) -> Member {
    let (size, user, group) = p.world(|world, id| {
        let linux = world.linux(id);
        let names = (linux.user_name(inode.uid), linux.group_name(inode.gid));
        (made_files::size(world, id, ino), names.0.unwrap_or_default(), names.1.unwrap_or_default())
    });
    Member {
        name,
        kind: What::File,
        mode: inode.mode,
        uid: inode.uid,
        gid: inode.gid,
        user,
        group,
        mtime: u64::try_from(inode.mtime.utc().unix_timestamp()).unwrap_or(0),
        size,
    }
}
