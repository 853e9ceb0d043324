//! `tar -t` and `-x`: an archive member by member, from a stream that may be compressed.

use ::tar::EntryType;

use super::member::{BLOCK, Member, What, escaped};
use super::{ARCHIVE, Outcome, Tar};
use crate::bash::pattern::{Options, Pattern};
use crate::systems::linux::clock::Zone;
use crate::systems::linux::io::Cut;
use crate::systems::linux::proc::{CHUNK, Mode, Proc};
use crate::systems::linux::tools::deflate::{MAGIC, Trouble, Unpacker};
use crate::systems::linux::tools::packed::{self, Form};
use crate::systems::linux::tools::squeeze::bzip2;

/// So long may a name be that stands in a member of its own, and pax's words about one.
const LONG: u64 = 64 * 1024;
/// The owner and the size of a member are as wide as this, or wider.
const WIDTH: usize = 19;

/// An archive that is read.
#[derive(Default)]
pub(super) struct Source {
    /// How much was taken of it.
    pub passed: u64,
    unpacker: Option<Unpacker>,
    held: Vec<u8>,
    at: usize,
    ended: bool,
    trouble: Option<Trouble>,
}

/// Why there is no next member.
pub(super) enum Stop {
    End,
    /// There is less than a header.
    Short,
    /// What is there is no header.
    NoHeader,
    /// The archive ends within a member.
    Cut,
}

impl Source {
    /// Up to `most` bytes of the archive; none at its end.
    pub(super) async fn take(&mut self, p: &mut Proc, most: usize) -> Result<Vec<u8>, Cut> {
        while self.held.len() - self.at < most && !self.ended {
            let bytes = p.read(ARCHIVE, CHUNK).await?;
            self.ended = bytes.is_empty();
            self.feed(&bytes)?;
        }
        let end = (self.at + most).min(self.held.len());
        let taken = self.held[self.at..end].to_vec();
        self.at = end;
        self.passed += taken.len() as u64;
        if self.at > CHUNK {
            self.held.drain(..self.at);
            self.at = 0;
        }
        Ok(taken)
    }

    fn feed(&mut self, bytes: &[u8]) -> Result<(), Cut> {
        let Some(unpacker) = &mut self.unpacker else {
            self.held.extend_from_slice(bytes);
            return Ok(());
        };
        let (out, trouble) = if bytes.is_empty() { unpacker.finish()? } else { unpacker.push(bytes)? };
        self.held.extend(out);
        self.ended |= trouble.is_some();
        self.trouble = self.trouble.or(trouble);
        Ok(())
    }

    /// The next member, with the long names that come before it.
    pub(super) async fn next(&mut self, p: &mut Proc) -> Result<Result<Member, Stop>, Cut> {
        let (mut name, mut link, mut size) = (None, None, None);
        loop {
            let block = self.take(p, BLOCK).await?;
            let Ok(block) = <&[u8; BLOCK]>::try_from(block.as_slice()) else { return Ok(Err(Stop::Short)) };
            if block.iter().all(|byte| *byte == 0) {
                return Ok(Err(Stop::End));
            }
            let Some((entry, mut member)) = Member::read(block) else { return Ok(Err(Stop::NoHeader)) };
            let about_next = matches!(
                entry,
                EntryType::GNULongName | EntryType::GNULongLink | EntryType::XHeader | EntryType::XGlobalHeader
            );
            if !about_next {
                member.name = name.unwrap_or(member.name);
                member.size = size.unwrap_or(member.size);
                match (&mut member.kind, link) {
                    (What::Symlink(target) | What::Hardlink(target), Some(link)) => *target = link,
                    (kind @ What::File, _) if member.name.ends_with('/') => *kind = What::Dir,
                    _ => {}
                }
                return Ok(Ok(member));
            }
            if member.size > LONG {
                return Ok(Err(Stop::NoHeader));
            }
            let padded = usize::try_from(member.size).unwrap_or(0).next_multiple_of(BLOCK);
            let data = self.take(p, padded).await?;
            let Some(data) = data.get(..usize::try_from(member.size).unwrap_or(0)) else { return Ok(Err(Stop::Cut)) };
            let text = String::from_utf8_lossy(data).trim_end_matches('\0').to_owned();
            match entry {
                EntryType::GNULongName => name = Some(text),
                EntryType::GNULongLink => link = Some(text),
                EntryType::XHeader => {
                    for (key, value) in text.lines().filter_map(|line| line.split_once(' ')?.1.split_once('=')) {
                        match key {
                            "path" => name = Some(value.to_owned()),
                            "linkpath" => link = Some(value.to_owned()),
                            "size" => size = value.parse().ok(),
                            _ => {}
                        }
                    }
                }
                _ => {}
            }
        }
    }

    /// Passes over what is left of a member. `false` when the archive ends before.
    pub(super) async fn skip(&mut self, p: &mut Proc, mut bytes: u64) -> Result<bool, Cut> {
        while bytes > 0 {
            let most = usize::try_from(bytes).unwrap_or(CHUNK).min(CHUNK);
            let taken = self.take(p, most).await?.len();
            if taken == 0 {
                return Ok(false);
            }
            bytes -= taken as u64;
        }
        Ok(true)
    }
}

/// Which members are wanted.
struct Wanted {
    names: Vec<(String, Option<Pattern>, bool)>,
}

impl Wanted {
    fn new(tar: &Tar) -> Self {
        let wild = tar.given.last_of("*-") == Some('*');
        let options = Options { extglob: false, nocase: false };
        let names = tar.given.operands.iter().map(|name| {
            let name = name.trim_end_matches('/').to_owned();
            let pattern = wild.then(|| Pattern::new(&name, options));
            (name, pattern, false)
        });
        Self { names: names.collect() }
    }

    /// Whether a member is: by its name, or that of a directory that it is in.
    fn wants(&mut self, member: &str) -> bool {
        let member = member.trim_end_matches('/');
        let mut wanted = self.names.is_empty();
        for (name, pattern, found) in &mut self.names {
            let mut parts = std::iter::once(member.len()).chain(member.match_indices('/').map(|(at, _)| at));
            let fits = parts.any(|end| match pattern {
                Some(pattern) => pattern.matches(&member[..end]),
                None => member[..end] == **name,
            });
            *found |= fits;
            wanted |= fits;
        }
        wanted
    }
}

impl Tar {
    pub(super) async fn read(&mut self, p: &mut Proc, name: &str, list: bool) -> Result<Outcome, Cut> {
        if !self.open(p, name, Mode::Read).await? {
            return Ok(Outcome::Fatal);
        }
        if !list && !self.enter(p).await? {
            return Ok(Outcome::Fatal);
        }
        let mut source = Source::default();
        if let Some(outcome) = self.begin(p, &mut source, name).await? {
            return Ok(outcome);
        }
        let mut wanted = Wanted::new(self);
        let zone = p.peek(|linux| linux.zone.clone());
        let (mut width, mut first, mut later) = (WIDTH, true, Vec::new());
        loop {
            let member = match source.next(p).await? {
                Ok(member) => member,
                Err(Stop::Short) if !first => break,
                Err(Stop::End) => break,
                Err(Stop::NoHeader | Stop::Short) => {
                    let text = if first { "This does not look like a tar archive" } else { "Skipping to next header" };
                    self.fail(p, text).await?;
                    break;
                }
                Err(Stop::Cut) => return self.cut(p).await,
            };
            first = false;
            let padded = member.data().next_multiple_of(BLOCK as u64);
            if !wanted.wants(&member.name) || self.excludes(&member.name) {
                if !source.skip(p, padded).await? {
                    return self.cut(p).await;
                }
                continue;
            }
            if list {
                self.list(p, &member, &zone, &mut width).await?;
                if !source.skip(p, padded).await? {
                    return self.cut(p).await;
                }
            } else if !self.extract(p, &mut source, &member, &mut later).await? {
                return self.cut(p).await;
            }
        }
        // Directories get their modes and times when nothing more is put into them.
        for (path, member) in later.iter().rev() {
            self.settle(p, path, member);
        }
        for (name, _, _) in wanted.names.iter().filter(|(_, _, found)| !found) {
            self.fail(p, &format!("{name}: Not found in archive")).await?;
        }
        match source.trouble {
            None => Ok(Outcome::Through),
            Some(trouble) => self.unpacked_badly(p, trouble).await,
        }
    }

    /// Looks at the beginning: what it is compressed with.
    async fn begin(&mut self, p: &mut Proc, source: &mut Source, name: &str) -> Result<Option<Outcome>, Cut> {
        let bytes = p.read(ARCHIVE, CHUNK).await?;
        source.ended = bytes.is_empty();
        let (packed, asked) = (Form::of(&bytes), self.wish());
        let letter = match packed {
            Some(Form::Bzip2) => Some('j'),
            Some(Form::Xz) => Some('J'),
            None => bytes.starts_with(&MAGIC).then_some('z'),
        };
        if let Some(letter) = letter.filter(|letter| name == "-" && !self.given.has(*letter)) {
            p.complain(&format!("Archive is compressed. Use -{letter} option")).await?;
            return Ok(Some(Outcome::Fatal));
        }
        if let Some(form) = asked.or(packed.filter(|_| !self.given.has('z'))) {
            return self.unpack_whole(p, source, bytes, form).await;
        }
        if self.given.has('z') || bytes.starts_with(&MAGIC) {
            source.unpacker = Some(Unpacker::new());
        }
        source.feed(&bytes)?;
        match source.trouble {
            Some(trouble) if source.held.is_empty() => self.unpacked_badly(p, trouble).await.map(Some),
            _ => Ok(None),
        }
    }

    /// An archive that is compressed as a whole: all of it is read first.
    async fn unpack_whole(
        &mut self,
        p: &mut Proc,
        source: &mut Source,
        mut bytes: Vec<u8>,
        form: Form,
    ) -> Result<Option<Outcome>, Cut> {
        bytes.extend(p.read_all(ARCHIVE).await?);
        let (out, trouble) = form.unpack(&bytes)?;
        (source.held, source.ended) = (out, true);
        let Some(trouble) = trouble else { return Ok(None) };
        let text = match trouble {
            packed::Trouble::Short | packed::Trouble::Broken if form == Form::Bzip2 => {
                bzip2::gave_up("bzip2", ("(stdin)", "(stdout)"), trouble, false)
            }
            _ => format!("{}: {}\n", form.program(), form.complaint(trouble, "(stdin)")),
        };
        p.err(&text).await?;
        if trouble.is_harmless() {
            return Ok(None);
        }
        p.complain(&format!("Child returned status {}", form.failure())).await?;
        Ok(Some(Outcome::Fatal))
    }

    /// What gzip and tar say when it was no good.
    async fn unpacked_badly(&mut self, p: &mut Proc, trouble: Trouble) -> Result<Outcome, Cut> {
        let (text, status) = match trouble {
            Trouble::NotGzip => ("not in gzip format", 1),
            Trouble::Cut => ("unexpected end of file", 1),
            Trouble::Checksum => ("invalid compressed data--crc error", 1),
            Trouble::Format => ("invalid compressed data--format violated", 1),
            Trouble::Garbage => ("decompression OK, trailing garbage ignored", 2),
        };
        p.err(&format!("\ngzip: stdin: {text}\n")).await?;
        p.complain(&format!("Child returned status {status}")).await?;
        Ok(Outcome::Fatal)
    }

    async fn cut(&mut self, p: &mut Proc) -> Result<Outcome, Cut> {
        p.complain("Unexpected EOF in archive").await?;
        Ok(Outcome::Fatal)
    }

    async fn list(&self, p: &mut Proc, member: &Member, zone: &Zone, width: &mut usize) -> Result<(), Cut> {
        let line =
            if self.given.has('v') { member.line(zone, self.given.has('#'), width) } else { escaped(&member.name) };
        p.out(&format!("{line}\n")).await
    }
}
