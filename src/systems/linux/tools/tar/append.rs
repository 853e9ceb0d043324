//! `tar -r` and `-u`: members behind the last one of an archive on a disk.

use std::collections::BTreeMap;
use std::sync::atomic::Ordering;

use super::create::Sink;
use super::member::BLOCK;
use super::read::{Source, Stop};
use super::{ARCHIVE, Outcome, Tar};
use crate::systems::linux::fs::Errno;
use crate::systems::linux::io::{Cut, Open};
use crate::systems::linux::proc::{Mode, Proc};
use crate::systems::linux::tools::deflate::MAGIC;
use crate::systems::linux::tools::packed::Form;

impl Tar {
    pub(super) async fn append(&mut self, p: &mut Proc, name: &str, update: bool) -> Result<Outcome, Cut> {
        if self.given.last_of("zjJ").is_some() {
            return Ok(Outcome::Usage("Cannot update compressed archives"));
        }
        if name == "-" {
            p.gap("tar that appends to a stream")?;
            return Ok(Outcome::Gap);
        }
        if p.lookup(name) == Err(Errno::Noent) {
            return self.create(p, name).await;
        }
        let begin = p.read_path(name).unwrap_or_default();
        if begin.starts_with(&MAGIC) || Form::of(&begin).is_some() {
            p.complain("Cannot update compressed archives").await?;
            return Ok(Outcome::Fatal);
        }
        if !self.open(p, name, Mode::Both).await? {
            return Ok(Outcome::Fatal);
        }
        let (end, members) = match self.look_through(p).await? {
            Ok(found) => found,
            Err(outcome) => return Ok(outcome),
        };
        let own = match p.files.get(ARCHIVE).map(|open| &**open) {
            Some(Open::File(file)) => {
                file.at.store(end, Ordering::Relaxed);
                let ino = file.ino;
                if let Err(errno) = p.fs(|fs, now| fs.truncate(&p.cred, ino, end, now)) {
                    p.complain(&format!("{name}: Cannot write: {}", errno.text())).await?;
                    return Ok(Outcome::Fatal);
                }
                Some(ino)
            }
            _ => None,
        };
        if !self.enter(p).await? {
            return Ok(Outcome::Fatal);
        }
        let kept = if update { members } else { BTreeMap::new() };
        let sink = Sink { written: end, own, kept, ..Sink::default() };
        self.fill(p, sink, name).await
    }

    /// Where the last member ends, and when each was changed last.
    async fn look_through(&mut self, p: &mut Proc) -> Result<Result<(u64, BTreeMap<String, u64>), Outcome>, Cut> {
        let (mut source, mut members) = (Source::default(), BTreeMap::new());
        loop {
            let before = source.passed;
            match source.next(p).await? {
                Ok(member) => {
                    let padded = member.data().next_multiple_of(BLOCK as u64);
                    members.insert(member.name, member.mtime);
                    if !source.skip(p, padded).await? {
                        p.complain("Unexpected EOF in archive").await?;
                        return Ok(Err(Outcome::Fatal));
                    }
                }
                Err(Stop::End | Stop::Short) => return Ok(Ok((before, members))),
                Err(Stop::NoHeader | Stop::Cut) => {
                    p.complain("This does not look like a tar archive").await?;
                    return Ok(Err(Outcome::Fatal));
                }
            }
        }
    }
}
