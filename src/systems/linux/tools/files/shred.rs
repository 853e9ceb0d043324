//! `shred` as in GNU coreutils 8.30: a file is written over, and with `-u` it is gone. Which patterns come in between when there are
//! more than three passes is not modelled.

use super::super::input::{given, misused};
use super::show::{colon, curly};
use super::{base, join, meta, parent, refuse, show};
use crate::systems::linux::fs::Errno;
use crate::systems::linux::io::Cut;
use crate::systems::linux::proc::{CHUNK, Ended, Mode, Proc};
use crate::systems::linux::tools::getopt::{Given, Spec};
use crate::systems::linux::tools::{Tool, tool};

/// The program of this file.
pub static TOOLS: &[Tool] = &[tool!("shred", shred)];

const SPEC: Spec = Spec {
    short: "fn:s:uvxz",
    long: &[("exact", 'x'), ("force", 'f'), ("iterations:", 'n'), ("size:", 's'), ("verbose", 'v'), ("zero", 'z')],
    gaps: "--random-source: --remove::",
};

/// Files are written in whole blocks unless `-x`.
const BLOCK: u64 = 4096;
/// Passes, unless it is said otherwise.
const USUAL: u64 = 3;

async fn shred(p: &mut Proc, arguments: &[String]) -> Ended {
    let given = given!(p, &SPEC, arguments, 1);
    let mut passes = USUAL;
    if let Some(text) = given.value('n') {
        match text.parse() {
            Ok(number) => passes = number,
            Err(_) => return p.fail(&format!("invalid number of passes: {}", curly(text))).await,
        }
    }
    if passes > USUAL {
        return p.gap("shred with more than three passes");
    }
    let size = match given.value('s').map(|text| (text, show::size(text))) {
        None => None,
        Some((_, Some(size))) => Some(size),
        Some((text, None)) => return p.fail(&format!("invalid file size: {}", curly(text))).await,
    };
    if given.operands.is_empty() {
        return misused(p, "missing file operand", 1).await;
    }
    let mut status = 0;
    for path in &given.operands {
        if !overwrite(p, &given, path, passes, size).await? {
            status = 1;
        }
    }
    Ok(status)
}

async fn overwrite(p: &mut Proc, given: &Given, path: &str, passes: u64, size: Option<u64>) -> Result<bool, Cut> {
    let name = colon(p, path);
    let stat = match meta(p, path, true) {
        Ok(stat) => stat,
        Err(errno) => {
            refuse(p, &format!("{name}: failed to open for writing"), errno).await?;
            return Ok(false);
        }
    };
    if !stat.is_file() && !stat.is_dir() {
        p.complain(&format!("{name}: invalid file type")).await?;
        return Ok(false);
    }
    let mut open = p.open(path, Mode::Both);
    if matches!(open, Err(Errno::Acces))
        && given.has('f')
        && p.fs(|fs, now| fs.chmod(&p.cred, stat.ino, 0o200, now)).is_ok()
    {
        open = p.open(path, Mode::Both);
    }
    if let Err(errno) = open {
        refuse(p, &format!("{name}: failed to open for writing"), errno).await?;
        return Ok(false);
    }
    let whole = if given.has('x') { stat.size } else { stat.size.next_multiple_of(BLOCK) };
    let length = size.unwrap_or(whole);
    let all = passes + u64::from(given.has('z'));
    for pass in (1..=all).filter(|_| length > 0) {
        let zeros = pass > passes;
        if given.has('v') {
            let what = if zeros { "000000" } else { "random" };
            p.complain(&format!("{name}: pass {pass}/{all} ({what})...")).await?;
        }
        let mut at = 0;
        while at < length {
            p.tick().await?;
            let piece = usize::try_from(length - at).unwrap_or(CHUNK).min(CHUNK);
            let draw = |_| p.world(|world, _| if zeros { 0 } else { world.streams.between("shred", 0, 255) as u8 });
            let bytes: Vec<u8> = (0..piece).map(draw).collect();
            let written = p.fs(|fs, now| fs.write_at(&p.cred, stat.ino, at, &bytes, now));
            if written != Ok(piece) {
                let errno = written.err().unwrap_or(Errno::Nospc);
                refuse(p, &format!("{name}: error writing at offset {at}"), errno).await?;
                return Ok(false);
            }
            at += piece as u64;
        }
    }
    if given.has('u') { remove(p, given, path).await } else { Ok(true) }
}

/// The file gets names of zeros, each shorter than the one before, and then none. Where one is taken it is the next free one.
async fn remove(p: &mut Proc, given: &Given, path: &str) -> Result<bool, Cut> {
    let name = colon(p, path);
    if given.has('v') {
        p.complain(&format!("{name}: removing")).await?;
    }
    let mut at = path.to_owned();
    for length in (1..=base(path).len()).rev() {
        let beside = |name: String| if path.contains('/') { join(parent(path), &name) } else { name };
        let free = (0..TRIED).map(|number| beside(counted(number, length))).find(|next| meta(p, next, false).is_err());
        let Some(next) = free else { continue };
        if p.fs(|fs, now| fs.rename(&p.cred, &p.cwd, &at, &next, now)).is_ok() {
            if given.has('v') {
                p.complain(&format!("{}: renamed to {}", colon(p, &at), colon(p, &next))).await?;
            }
            at = next;
        }
    }
    if let Err(errno) = p.fs(|fs, now| fs.unlink(&p.cred, &p.cwd, &at, now)) {
        refuse(p, &format!("{name}: failed to remove"), errno).await?;
        return Ok(false);
    }
    if given.has('v') {
        p.complain(&format!("{name}: removed")).await?;
    }
    Ok(true)
}

/// So many names of a length are tried.
const TRIED: usize = 10_000;

/// The so-manyth name of a length, `00`, `01`, …, in the order of coreutils.
fn counted(mut number: usize, length: usize) -> String {
    const LETTERS: &[u8] = b"0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_";
    let mut name = vec![b'0'; length];
    for place in name.iter_mut().rev() {
        *place = LETTERS[number % LETTERS.len()];
        number /= LETTERS.len();
    }
    String::from_utf8_lossy(&name).into_owned()
}
