//! `md5sum` and its kin, `cksum`, `sum` as in GNU coreutils 8.30.

use blake2::Blake2b512;
use md5::Md5;
use sha1::Sha1;
use sha2::digest::DynDigest;
use sha2::{Sha224, Sha256, Sha384, Sha512};

use crate::systems::linux::io::Cut;
use crate::systems::linux::proc::{CHUNK, Ended, Proc};
use crate::systems::linux::tools::getopt::{Given, NOTHING, Spec};
use crate::systems::linux::tools::input::{self, Lines, Out, given};
use crate::systems::linux::tools::{Tool, tool};

/// The programs of this file.
pub static TOOLS: &[Tool] = &[
    tool!("b2sum", b2sum),
    tool!("cksum", cksum),
    tool!("md5sum", md5sum),
    tool!("sha1sum", sha1sum),
    tool!("sha224sum", sha224sum),
    tool!("sha256sum", sha256sum),
    tool!("sha384sum", sha384sum),
    tool!("sha512sum", sha512sum),
    tool!("sum", sysv_or_bsd),
];

/// A digest that a program computes.
#[derive(Clone, Copy)]
struct Digest {
    /// As `--tag` shows it.
    name: &'static str,
    /// In hexadecimal digits.
    length: usize,
    make: fn() -> Box<dyn DynDigest + Send>,
}

macro_rules! digest {
    ($run:ident, $name:literal, $length:literal, $kind:ty) => {
        async fn $run(p: &mut Proc, arguments: &[String]) -> Ended {
            sums(p, arguments, Digest { name: $name, length: $length, make: || Box::new(<$kind>::default()) }).await
        }
    };
}
digest!(md5sum, "MD5", 32, Md5);
digest!(sha1sum, "SHA1", 40, Sha1);
digest!(sha224sum, "SHA224", 56, Sha224);
digest!(sha256sum, "SHA256", 64, Sha256);
digest!(sha384sum, "SHA384", 96, Sha384);
digest!(sha512sum, "SHA512", 128, Sha512);
digest!(b2sum, "BLAKE2b", 128, Blake2b512);

const TAG: char = '\u{1}';
const QUIET: char = '\u{2}';
const STATUS: char = '\u{3}';
const STRICT: char = '\u{4}';
const IGNORE: char = '\u{5}';
const SPEC: Spec = Spec {
    short: "bctwz",
    long: &[
        ("binary", 'b'),
        ("check", 'c'),
        ("text", 't'),
        ("warn", 'w'),
        ("zero", 'z'),
        ("tag", TAG),
        ("quiet", QUIET),
        ("status", STATUS),
        ("strict", STRICT),
        ("ignore-missing", IGNORE),
    ],
    gaps: "",
};

async fn sums(p: &mut Proc, arguments: &[String], digest: Digest) -> Ended {
    // That one alone makes digests of other lengths.
    let spec = if digest.name == "BLAKE2b" { Spec { gaps: "l: --length:", ..SPEC } } else { SPEC };
    let given = given!(p, &spec, arguments, 1);
    let checks = [(QUIET, "quiet"), (STATUS, "status"), (STRICT, "strict"), (IGNORE, "ignore-missing"), ('w', "warn")];
    if !given.has('c')
        && let Some((_, name)) = checks.iter().find(|(letter, _)| given.has(*letter))
    {
        let text = format!("the --{name} option is meaningful only when verifying checksums");
        return input::misused(p, &text, 1).await;
    }
    let mut status = 0;
    for file in input::files(&given) {
        if given.has('c') {
            status = check(p, &file, &given, digest).await?.max(status);
            continue;
        }
        match sum(p, &file, digest).await? {
            Ok(hex) => {
                let end = if given.has('z') { '\0' } else { '\n' };
                let escapes = file.contains(['\\', '\n']) && !given.has('z');
                let name = if escapes { file.replace('\\', "\\\\").replace('\n', "\\n") } else { file.clone() };
                let mark = if given.has('b') { '*' } else { ' ' };
                let slash = if escapes { "\\" } else { "" };
                let line = match given.has(TAG) {
                    true => format!("{slash}{} ({name}) = {hex}{end}", digest.name),
                    false => format!("{slash}{hex} {mark}{name}{end}"),
                };
                p.out(&line).await?;
            }
            Err(text) => status = input::failed(p, &format!("{}: {text}", input::name(&file)), 1).await?,
        }
    }
    Ok(status)
}

/// The digest of a file in hexadecimal.
async fn sum(p: &mut Proc, file: &str, digest: Digest) -> Result<Result<String, &'static str>, Cut> {
    let fd = match input::open(p, file) {
        Ok(fd) => fd,
        Err(errno) => return Ok(Err(errno.text())),
    };
    let mut state = (digest.make)();
    loop {
        let bytes = p.read(fd, CHUNK).await?;
        if bytes.is_empty() {
            break;
        }
        state.update(&bytes);
    }
    input::close(p, fd);
    Ok(Ok(state.finalize().iter().map(|byte| format!("{byte:02x}")).collect()))
}

/// A line of a list of sums: the sum and the file.
fn parse(line: &str, digest: Digest) -> Option<(String, String)> {
    let line = line.trim_start();
    let escaped = line.starts_with('\\');
    let line = line.strip_prefix('\\').unwrap_or(line);
    let (hex, name) = match line.strip_prefix(digest.name).and_then(|rest| rest.trim_start().strip_prefix('(')) {
        Some(rest) => {
            let (name, hex) = rest.rsplit_once(')')?;
            (hex.trim_start().strip_prefix('=')?.trim(), name)
        }
        None => {
            let (hex, rest) = line.split_once(' ')?;
            (hex, rest.strip_prefix([' ', '*']).unwrap_or(rest))
        }
    };
    let fits = hex.len() == digest.length && hex.chars().all(|c| c.is_ascii_hexdigit());
    let name = if escaped { name.replace("\\n", "\n").replace("\\\\", "\\") } else { name.to_owned() };
    (fits && !name.is_empty()).then(|| (hex.to_ascii_lowercase(), name))
}

/// Compares files with a list of sums.
async fn check(p: &mut Proc, list: &str, given: &Given, digest: Digest) -> Ended {
    let fd = match input::open(p, list) {
        Ok(fd) => fd,
        Err(errno) => return input::unread(p, "", list, errno, 1).await,
    };
    let shown = input::name(if list == "-" { "standard input" } else { list });
    let (quiet, silent) = (given.has(QUIET), given.has(STATUS));
    let (mut wrong, mut missing, mut different, mut right, mut proper, mut number) =
        (0_u64, 0_u64, 0_u64, 0_u64, 0_u64, 0_u64);
    let (mut lines, mut out) = (Lines::new(fd, b'\n'), Out::default());
    while let Some(line) = lines.next(p, &mut out).await? {
        number += 1;
        let text = String::from_utf8_lossy(input::chop(&line, b'\n')).into_owned();
        if text.starts_with('#') {
            continue;
        }
        let Some((hex, name)) = parse(text.trim_end_matches('\r'), digest) else {
            wrong += 1;
            if given.has('w') {
                let text = format!("{shown}: {number}: improperly formatted {} checksum line", digest.name);
                p.complain(&text).await?;
            }
            continue;
        };
        proper += 1;
        match sum(p, &name, digest).await? {
            Err("No such file or directory") if given.has(IGNORE) => {}
            Err(text) => {
                missing += 1;
                p.complain(&format!("{}: {text}", input::name(&name))).await?;
                if !silent {
                    p.out(&format!("{name}: FAILED open or read\n")).await?;
                }
            }
            Ok(found) if found == hex => {
                right += 1;
                if !silent && !quiet {
                    p.out(&format!("{name}: OK\n")).await?;
                }
            }
            Ok(_) => {
                different += 1;
                if !silent {
                    p.out(&format!("{name}: FAILED\n")).await?;
                }
            }
        }
    }
    input::close(p, fd);
    if proper == 0 {
        return input::failed(p, &format!("{shown}: no properly formatted {} checksum lines found", digest.name), 1)
            .await;
    }
    if !silent {
        let warnings = [
            (wrong, "line is improperly formatted", "lines are improperly formatted"),
            (missing, "listed file could not be read", "listed files could not be read"),
            (different, "computed checksum did NOT match", "computed checksums did NOT match"),
        ];
        for (count, one, many) in warnings {
            if count > 0 {
                p.complain(&format!("WARNING: {count} {}", if count == 1 { one } else { many })).await?;
            }
        }
        if given.has(IGNORE) && right == 0 {
            p.complain(&format!("{shown}: no file was verified")).await?;
        }
    }
    let strict = given.has(STRICT) && wrong > 0;
    Ok(u8::from(different > 0 || missing > 0 || strict || given.has(IGNORE) && right == 0))
}

/// The checksum of POSIX: a cyclic redundancy check over the bytes and then over their number.
struct Crc {
    table: [u32; 256],
    value: u32,
    length: u64,
}

impl Crc {
    fn new() -> Self {
        let entry = |at: usize| {
            (0..8).fold((at as u32) << 24, |value, _| {
                if value & 0x8000_0000 == 0 { value << 1 } else { (value << 1) ^ 0x04c1_1db7 }
            })
        };
        Self { table: std::array::from_fn(entry), value: 0, length: 0 }
    }

    fn add(&mut self, byte: u8) {
        let at = (self.value >> 24) as u8 ^ byte;
        self.value = (self.value << 8) ^ self.table[usize::from(at)];
    }

    fn finish(mut self) -> (u32, u64) {
        let length = self.length;
        let mut rest = length;
        while rest > 0 {
            self.add(rest as u8);
            rest >>= 8;
        }
        (!self.value, length)
    }
}

/// Reads a file to its end, piece by piece; the status if it cannot be opened.
async fn through(p: &mut Proc, file: &str, mut take: impl FnMut(&[u8])) -> Result<Result<(), u8>, Cut> {
    let fd = match input::open(p, file) {
        Ok(fd) => fd,
        Err(errno) => return input::unread(p, "", file, errno, 1).await.map(Err),
    };
    loop {
        let bytes = p.read(fd, CHUNK).await?;
        if bytes.is_empty() {
            break;
        }
        take(&bytes);
    }
    input::close(p, fd);
    Ok(Ok(()))
}

async fn cksum(p: &mut Proc, arguments: &[String]) -> Ended {
    let given = given!(p, &NOTHING, arguments, 1);
    let mut status = 0;
    for file in input::files(&given) {
        let mut crc = Crc::new();
        let read = through(p, &file, |bytes| {
            crc.length += bytes.len() as u64;
            bytes.iter().for_each(|byte| crc.add(*byte));
        });
        if let Err(failed) = read.await? {
            status = failed;
            continue;
        }
        let (sum, length) = crc.finish();
        let name = if given.operands.is_empty() { String::new() } else { format!(" {file}") };
        p.out(&format!("{sum} {length}{name}\n")).await?;
    }
    Ok(status)
}

/// `sum`: 16 bits, as System V or as BSD had them.
async fn sysv_or_bsd(p: &mut Proc, arguments: &[String]) -> Ended {
    const SPEC: Spec = Spec { short: "rs", long: &[("sysv", 's')], gaps: "" };
    let given = given!(p, &SPEC, arguments, 1);
    let system_v = given.last_of("rs") == Some('s');
    let mut status = 0;
    for file in input::files(&given) {
        let (mut rotated, mut plain, mut length) = (0_u32, 0_u32, 0_u64);
        let read = through(p, &file, |bytes| {
            length += bytes.len() as u64;
            for byte in bytes {
                rotated = ((rotated >> 1) + ((rotated & 1) << 15) + u32::from(*byte)) & 0xffff;
                plain = plain.wrapping_add(u32::from(*byte));
            }
        });
        if let Err(failed) = read.await? {
            status = failed;
            continue;
        }
        let folded = (plain & 0xffff) + (plain >> 16);
        let text = match system_v {
            true => format!("{} {}", (folded & 0xffff) + (folded >> 16), length.div_ceil(512)),
            false => format!("{rotated:05} {:>5}", length.div_ceil(1024)),
        };
        let named = given.operands.len() > usize::from(!system_v);
        let name = if named { format!(" {file}") } else { String::new() };
        p.out(&format!("{text}{name}\n")).await?;
    }
    Ok(status)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_checksum_of_posix() {
        let check = |text: &str, expect: (u32, u64)| {
            let mut crc = Crc::new();
            crc.length = text.len() as u64;
            text.bytes().for_each(|byte| crc.add(byte));
            assert_eq!(crc.finish(), expect);
        };
        check("", (4_294_967_295, 0));
        check("abc\n", (1_112_837_078, 4));
    }
}
