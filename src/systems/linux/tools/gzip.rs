//! `gzip`, `gunzip`, `zcat` (gzip 1.3.12 to 1.9). The words of messages and the layout of `-l` and `-v` are those of 1.12,
//! compared by hand; the compressed bytes are another compressor's.

use super::deflate::{FRAME, MAGIC, Packer, Trouble, Unpacker};
use super::getopt::Spec;
use super::{Tool, tool};
use crate::systems::linux::distro::Vendor;
use crate::systems::linux::fs::{Errno, Ino, Inode, Kind};
use crate::systems::linux::io::Cut;
use crate::systems::linux::made_files;
use crate::systems::linux::proc::{CHUNK, Ended, Mode, Proc};
use crate::systems::linux::tools::input::given;

mod list;

use list::row;

/// The programs of this file.
pub static TOOLS: &[Tool] = &[tool!("gunzip", gunzip), tool!("gzip", gzip), tool!("zcat", zcat)];

const SPEC: Spec = Spec {
    short: "acdfklnqrS:tv123456789",
    long: &[
        ("stdout", 'c'),
        ("to-stdout", 'c'),
        ("decompress", 'd'),
        ("uncompress", 'd'),
        ("force", 'f'),
        ("keep", 'k'),
        ("list", 'l'),
        ("no-name", 'n'),
        ("quiet", 'q'),
        ("silent", 'q'),
        ("recursive", 'r'),
        ("suffix:", 'S'),
        ("test", 't'),
        ("verbose", 'v'),
        ("fast", '1'),
        ("best", '9'),
    ],
    gaps: "--ascii --synchronous --rsyncable h L --license V N --name",
};

/// Descriptors of the file that is read and the one that is written.
const INPUT: u32 = 10;
const OUTPUT: u32 = 11;
/// Endings of compressed files, and what takes their place.
const ENDINGS: [(&str, &str); 7] =
    [(".tgz", ".tar"), (".taz", ".tar"), (".gz", ""), (".z", ""), ("-gz", ""), ("-z", ""), ("_z", "")];
/// So deep goes `-r`.
const DEPTH: usize = 256;

async fn gunzip(p: &mut Proc, arguments: &[String]) -> Ended {
    run(p, arguments, &['d']).await
}

async fn zcat(p: &mut Proc, arguments: &[String]) -> Ended {
    run(p, arguments, &['c', 'd']).await
}

async fn gzip(p: &mut Proc, arguments: &[String]) -> Ended {
    run(p, arguments, &[]).await
}

/// What is wanted.
struct Gzip {
    unpack: bool,
    to_stdout: bool,
    force: bool,
    keep: bool,
    list: bool,
    nameless: bool,
    quiet: bool,
    recursive: bool,
    test: bool,
    verbose: bool,
    level: u32,
    suffix: String,
    status: u8,
    /// Bytes of all files that were listed.
    totals: (u64, u64),
    listed: u32,
    /// What of the last one was no data.
    header: u64,
}

async fn run(p: &mut Proc, arguments: &[String], letters: &[char]) -> Ended {
    // gunzip and zcat are scripts that call gzip.
    "gzip".clone_into(&mut p.name);
    let given = given!(p, &SPEC, arguments, |complaint| wrong(p, &complaint).await);
    let old = p.peek(|linux| linux.distro.vendor == Vendor::Suse || linux.distro.id.starts_with("rhel-7"));
    if old && given.has('k') {
        return wrong(p, "invalid option -- 'k'").await;
    }
    let has = |letter: char| given.has(letter) || letters.contains(&letter);
    let mut gzip = Gzip {
        unpack: has('d') || has('t') || has('l'),
        to_stdout: has('c'),
        force: has('f'),
        keep: has('k'),
        list: has('l'),
        nameless: has('n'),
        quiet: has('q'),
        recursive: has('r'),
        test: has('t'),
        verbose: has('v'),
        level: given.last_of("123456789").and_then(|digit| digit.to_digit(10)).unwrap_or(6),
        suffix: given.value('S').unwrap_or(".gz").to_owned(),
        status: 0,
        totals: (0, 0),
        listed: 0,
        header: 0,
    };
    if given.operands.is_empty() {
        gzip.standard_input(p).await?;
    }
    for name in &given.operands {
        match name.as_str() {
            "-" => gzip.standard_input(p).await?,
            name => gzip.file(p, name, 0).await?,
        }
    }
    if gzip.listed > 1 {
        let (packed, whole) = gzip.totals;
        let blank = if gzip.verbose { " ".repeat(28) } else { String::new() };
        p.out(&format!(
            "{blank}{}\n",
            row(packed, whole, ratio(whole, packed.saturating_sub(gzip.header)), "(totals)")
        ))
        .await?;
    }
    Ok(gzip.status)
}

async fn wrong(p: &mut Proc, complaint: &str) -> Ended {
    p.complain(complaint).await?;
    p.err("Try `gzip --help' for more information.\n").await?;
    Ok(1)
}

impl Gzip {
    async fn fail(&mut self, p: &mut Proc, text: &str) -> Result<(), Cut> {
        self.status = 1;
        p.complain(text).await
    }

    /// A warning leaves status 2, unless something was wrong.
    async fn warn(&mut self, p: &mut Proc, text: &str) -> Result<(), Cut> {
        if self.status == 0 {
            self.status = 2;
        }
        if self.quiet { Ok(()) } else { p.complain(text).await }
    }

    async fn standard_input(&mut self, p: &mut Proc) -> Result<(), Cut> {
        let (at, what) = if self.unpack { (0, "read from") } else { (1, "written to") };
        if p.files.is_terminal(at) && !self.force && !(self.list || self.test && at == 1) {
            let verb = if self.unpack { "decompression" } else { "compression" };
            let line = format!("compressed data not {what} a terminal. Use -f to force {verb}.");
            self.fail(p, &line).await?;
            return p.err("For help, type: gzip -h\n").await;
        }
        if self.list {
            return self.list_stream(p, 0, "stdout", None).await;
        }
        if !self.unpack {
            let counts = self.pack(p, 0, 1, None).await?;
            if self.verbose {
                p.err(&format!("{}\n", ratio(counts.0, counts.1.saturating_sub(FRAME)))).await?;
            }
            return Ok(());
        }
        let to = (!self.test).then_some(1);
        match self.unpack(p, 0, to).await? {
            (_, Some(trouble)) => self.tell(p, "stdin", trouble).await,
            (_, None) if self.verbose && self.test => p.err(" OK\n").await,
            _ => Ok(()),
        }
    }

    async fn file(&mut self, p: &mut Proc, name: &str, depth: usize) -> Result<(), Cut> {
        p.tick().await?;
        let mut name = name.to_owned();
        let look = |name: &str| p.peek(|linux| linux.fs.lookup_link(&p.cred, &p.cwd, name));
        let mut found = look(&name);
        if found == Err(Errno::Noent) && self.unpack && unpacked_name(&name, &self.suffix).is_none() {
            name.push_str(&self.suffix);
            found = look(&name);
        }
        let ino = match found {
            Ok(ino) => ino,
            Err(errno) => return self.fail(p, &format!("{name}: {}", errno.text())).await,
        };
        let mut inode = p.world(|world, id| made_files::inode(world, id, ino));
        let mut ino = ino;
        if matches!(inode.kind, Kind::Link(_)) && (self.to_stdout || self.force || self.list || self.test) {
            match p.lookup(&name) {
                Ok(end) => (ino, inode) = (end, p.world(|world, id| made_files::inode(world, id, end))),
                Err(errno) => return self.fail(p, &format!("{name}: {}", errno.text())).await,
            }
        }
        match &inode.kind {
            Kind::Dir { .. } if self.recursive && depth < DEPTH => self.directory(p, &name, ino, depth).await,
            Kind::Dir { .. } => self.warn(p, &format!("{name} is a directory -- ignored")).await,
            Kind::Link(_) => self.fail(p, &format!("{name}: {}", Errno::Loop.text())).await,
            Kind::File(_) => self.regular(p, &name, (ino, &inode)).await,
            _ if self.to_stdout => self.regular(p, &name, (ino, &inode)).await,
            _ => self.warn(p, &format!("{name} is not a directory or a regular file - ignored")).await,
        }
    }

    async fn directory(&mut self, p: &mut Proc, name: &str, ino: Ino, depth: usize) -> Result<(), Cut> {
        let names = p.peek(|linux| {
            let names = linux.fs.readdir(&p.cred, ino)?;
            Ok::<Vec<String>, Errno>(names.map(|(name, _)| name.to_string()).collect())
        });
        match names {
            Err(errno) => self.fail(p, &format!("{name}: {}", errno.text())).await,
            Ok(names) => {
                for entry in names {
                    Box::pin(self.file(p, &format!("{}/{entry}", name.trim_end_matches('/')), depth + 1)).await?;
                }
                Ok(())
            }
        }
    }

    async fn regular(&mut self, p: &mut Proc, name: &str, (ino, inode): (Ino, &Inode)) -> Result<(), Cut> {
        let aside = self.to_stdout || self.list || self.test;
        let target =
            if self.unpack { unpacked_name(name, &self.suffix) } else { Some(format!("{name}{}", self.suffix)) };
        if !self.unpack
            && !self.force
            && !self.to_stdout
            && let Some((ending, _)) = ENDINGS.iter().find(|(ending, _)| name.ends_with(ending))
        {
            return self.warn(p, &format!("{name} already has {ending} suffix -- unchanged")).await;
        }
        let target = match target {
            Some(target) => target,
            None if aside => name.to_owned(),
            None => return self.warn(p, &format!("{name}: unknown suffix -- ignored")).await,
        };
        if inode.nlink > 1 && !aside && !self.force {
            let others = inode.nlink - 1;
            let links = if others == 1 { "link" } else { "links" };
            return self.warn(p, &format!("{name} has {others} other {links} -- file ignored")).await;
        }
        match p.open(name, Mode::Read) {
            Ok(open) => p.files.set(INPUT, Some(open)),
            Err(errno) => return self.fail(p, &format!("{name}: {}", errno.text())).await,
        };
        let done = self.opened(p, name, &target, (ino, inode)).await;
        p.files.set(INPUT, None);
        p.files.set(OUTPUT, None);
        done
    }

    /// A file whose input is open.
    async fn opened(&mut self, p: &mut Proc, name: &str, target: &str, (ino, inode): (Ino, &Inode)) -> Result<(), Cut> {
        if self.list {
            return self.list_stream(p, INPUT, target, Some(inode)).await;
        }
        let terminal = p.files.is_terminal(1);
        if self.to_stdout && !self.unpack && terminal && !self.force {
            self.fail(p, "compressed data not written to a terminal. Use -f to force compression.").await?;
            return p.err("For help, type: gzip -h\n").await;
        }
        let output = match (self.test, self.to_stdout) {
            (true, _) => None,
            (false, true) => Some(1),
            (false, false) => {
                if !self.make(p, target).await? {
                    return Ok(());
                }
                Some(OUTPUT)
            }
        };
        if self.verbose {
            p.err(&format!("{name}:\t")).await?;
        }
        let (whole, packed) = if self.unpack {
            let (counts, trouble) = self.unpack(p, INPUT, output).await?;
            if let Some(trouble) = trouble {
                self.tell(p, name, trouble).await?;
                if trouble != Trouble::Garbage {
                    self.unmake(p, output, target);
                    return Ok(());
                }
            }
            (counts.1, counts.0.saturating_sub(self.header))
        } else {
            let base = name.rsplit('/').next().unwrap_or(name);
            let (whole, packed) = self.pack(p, INPUT, output.unwrap_or(1), Some((base, inode))).await?;
            let header = FRAME + if self.nameless { 0 } else { base.len() as u64 + 1 };
            (whole, packed.saturating_sub(header))
        };
        if output == Some(OUTPUT) {
            if let Some(errno) = p.write_error.take() {
                self.unmake(p, output, target);
                return self.fail(p, &format!("{target}: {}", errno.text())).await;
            }
            self.replace(p, name, target, (ino, inode)).await?;
        }
        if self.verbose {
            let verb = if self.keep { "created" } else { "replaced with" };
            let text = match (self.test, self.to_stdout) {
                (true, _) => " OK".to_owned(),
                (_, true) => ratio(whole, packed),
                (_, false) => format!("{} -- {verb} {target}", ratio(whole, packed)),
            };
            p.err(&format!("{text}\n")).await?;
        }
        Ok(())
    }

    /// Makes the file that is written, if it may be.
    async fn make(&mut self, p: &mut Proc, target: &str) -> Result<bool, Cut> {
        let exists = p.peek(|linux| linux.fs.lookup_link(&p.cred, &p.cwd, target)).is_ok();
        if exists && !self.force {
            let asks = p.files.is_terminal(0);
            p.err(&format!("gzip: {target} already exists;")).await?;
            let mut yes = false;
            if asks {
                p.err(" do you wish to overwrite (y or n)? ").await?;
                yes = p.read_until(0, CHUNK, Some(b'\n')).await?.first().is_some_and(|byte| byte | 0x20 == b'y');
            }
            if !yes {
                p.err("\tnot overwritten\n").await?;
                self.status = if self.status == 0 { 2 } else { self.status };
                return Ok(false);
            }
        }
        if exists {
            let _ = p.fs(|fs, now| fs.unlink(&p.cred, &p.cwd, target, now));
        }
        match p.open(target, Mode::WriteNew) {
            Ok(open) => {
                p.files.set(OUTPUT, Some(open));
                Ok(true)
            }
            Err(errno) => {
                self.fail(p, &format!("{target}: {}", errno.text())).await?;
                Ok(false)
            }
        }
    }

    fn unmake(&self, p: &mut Proc, output: Option<u32>, target: &str) {
        if output == Some(OUTPUT) {
            p.write_error = None;
            let _ = p.fs(|fs, now| fs.unlink(&p.cred, &p.cwd, target, now));
        }
    }

    /// The new file gets what the old one had, which goes.
    async fn replace(&mut self, p: &mut Proc, name: &str, target: &str, (_, old): (Ino, &Inode)) -> Result<(), Cut> {
        let _ = p.lookup(target).and_then(|ino| {
            p.fs(|fs, now| {
                let _ = fs.chown(&p.cred, ino, Some(old.uid), Some(old.gid), now);
                fs.chmod(&p.cred, ino, old.mode & 0o7777, now)?;
                fs.set_times(&p.cred, ino, Some(old.atime), Some(old.mtime), now)
            })
        });
        if !self.keep
            && let Err(errno) = p.fs(|fs, now| fs.unlink(&p.cred, &p.cwd, name, now))
        {
            self.fail(p, &format!("{name}: {}", errno.text())).await?;
        }
        Ok(())
    }

    /// How many bytes went in and came out.
    async fn pack(
        &self,
        p: &mut Proc,
        input: u32,
        output: u32,
        file: Option<(&str, &Inode)>,
    ) -> Result<(u64, u64), Cut> {
        let file = file.filter(|_| !self.nameless);
        let mtime = file.and_then(|(_, inode)| u32::try_from(inode.mtime.utc().unix_timestamp()).ok());
        let mut packer = Packer::new(self.level, file.map(|(name, _)| name), mtime.unwrap_or(0));
        loop {
            let bytes = p.read(input, CHUNK).await?;
            if bytes.is_empty() {
                break;
            }
            let packed = packer.push(&bytes)?;
            p.write(output, &packed).await?;
        }
        let packed = packer.finish();
        p.write(output, &packed).await?;
        Ok((packer.taken, packer.given))
    }

    /// How many bytes went in and came out, and what was wrong.
    async fn unpack(
        &mut self,
        p: &mut Proc,
        input: u32,
        output: Option<u32>,
    ) -> Result<((u64, u64), Option<Trouble>), Cut> {
        let mut unpacker = Unpacker::new();
        let mut taken = 0;
        loop {
            let bytes = p.read(input, CHUNK).await?;
            let ended = bytes.is_empty();
            if taken == 0 && self.force && self.to_stdout && !ended && !bytes.starts_with(&MAGIC) {
                return self.pass(p, input, bytes).await;
            }
            taken += bytes.len() as u64;
            let (out, trouble) = if ended { unpacker.finish()? } else { unpacker.push(&bytes)? };
            if let Some(output) = output {
                p.write(output, &out).await?;
            }
            if ended || trouble.is_some() {
                self.header = unpacker.header;
                return Ok(((taken, unpacker.given), trouble));
            }
        }
    }

    /// What was not compressed goes through as it is.
    async fn pass(
        &mut self,
        p: &mut Proc,
        input: u32,
        mut bytes: Vec<u8>,
    ) -> Result<((u64, u64), Option<Trouble>), Cut> {
        let mut taken = 0;
        while !bytes.is_empty() {
            taken += bytes.len() as u64;
            p.write(1, &bytes).await?;
            bytes = p.read(input, CHUNK).await?;
        }
        Ok(((taken, taken), None))
    }

    async fn tell(&mut self, p: &mut Proc, name: &str, trouble: Trouble) -> Result<(), Cut> {
        let why = match trouble {
            Trouble::Garbage => {
                if !self.quiet {
                    p.err("\n").await?;
                }
                return self.warn(p, &format!("{name}: decompression OK, trailing garbage ignored")).await;
            }
            Trouble::NotGzip => "not in gzip format",
            Trouble::Cut => "unexpected end of file",
            Trouble::Checksum => "invalid compressed data--crc error",
            Trouble::Format => "invalid compressed data--format violated",
        };
        p.err("\n").await?;
        self.fail(p, &format!("{name}: {why}")).await
    }
}

/// How much was saved, in per cent.
fn ratio(whole: u64, packed: u64) -> String {
    let share = if whole == 0 { 0.0 } else { 100.0 * (whole as f64 - packed as f64) / whole as f64 };
    format!("{share:>5.1}%")
}

/// What a compressed file is called when it is not.
fn unpacked_name(name: &str, suffix: &str) -> Option<String> {
    let own = [(suffix, "")];
    let ending = own.iter().chain(&ENDINGS).find(|(ending, _)| name.ends_with(ending) && name.len() > ending.len());
    ending.map(|(ending, instead)| format!("{}{instead}", &name[..name.len() - ending.len()]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lose_the_endings_of_compressed_files() {
        let check = |name: &str, expect: Option<&str>| {
            assert_eq!(unpacked_name(name, ".gz").as_deref(), expect, "{name}");
        };
        check("a.gz", Some("a"));
        check("a.tgz", Some("a.tar"));
        check("d/a.tar.gz", Some("d/a.tar"));
        check(".gz", None);
        check("a.txt", None);
    }

    #[test]
    fn ratios_are_those_of_gzip() {
        let check = |whole, packed, expect: &str| assert_eq!(ratio(whole, packed), expect);
        check(3893, 1830, " 53.0%");
        check(6, 8, "-33.3%");
        check(1, 3, "-200.0%");
        check(0, 2, "  0.0%");
    }
}
