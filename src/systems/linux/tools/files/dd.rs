//! `dd`: copying by blocks. How long a copy takes is inferred: about what a virtual disk does.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::show::{human, is_modern, quoted, size};
use super::{meta, refuse};
use crate::sim::Span;
use crate::systems::linux::fs::{Content, Errno};
use crate::systems::linux::io::{Cut, Open, OpenFile};
use crate::systems::linux::proc::{Ended, Mode, Proc};
use crate::systems::linux::tools::{Tool, tool};

/// The programs of this file.
pub static TOOLS: &[Tool] = &[tool!("dd", dd)];

/// So many bytes are held at once; larger blocks are put together from such pieces.
const PIECE: usize = 1 << 20;

/// Bytes a second, inferred.
const SPEED: u64 = 400_000_000;

#[derive(Default)]
struct Operands {
    input: Option<String>,
    output: Option<String>,
    ibs: u64,
    obs: u64,
    count: Option<u64>,
    skip: u64,
    seek: u64,
    conversions: Vec<String>,
    iflags: Vec<String>,
    oflags: Vec<String>,
    status: String,
    /// Whether blocks are written as they are read (`bs=`).
    whole: bool,
}

impl Operands {
    fn read(words: &[String]) -> Result<Self, String> {
        let mut read = Self { ibs: 512, obs: 512, ..Self::default() };
        for word in words {
            let Some((name, value)) = word.split_once('=') else {
                return Err(format!("unrecognized operand {}", super::show::curly(word)));
            };
            let number = || number(value).ok_or_else(|| format!("invalid number: {}", super::show::curly(value)));
            let block = || {
                number().and_then(|number| match number {
                    0 => Err(format!("invalid number: {}", super::show::curly(value))),
                    number => Ok(number),
                })
            };
            let list = || value.split(',').map(str::to_owned).collect::<Vec<_>>();
            match name {
                "if" => read.input = Some(value.to_owned()),
                "of" => read.output = Some(value.to_owned()),
                "bs" => (read.ibs, read.obs, read.whole) = (block()?, block()?, true),
                "ibs" => read.ibs = block()?,
                "obs" => read.obs = block()?,
                "cbs" => drop(block()?),
                "count" => read.count = Some(number()?),
                "skip" => read.skip = number()?,
                "seek" => read.seek = number()?,
                "conv" => read.conversions = list(),
                "iflag" => read.iflags = list(),
                "oflag" => read.oflags = list(),
                "status" => value.clone_into(&mut read.status),
                _ => return Err(format!("unrecognized operand {}", super::show::curly(word))),
            }
        }
        Ok(read)
    }
}

/// A number with factors, such as `2x512` or `4k`.
fn number(text: &str) -> Option<u64> {
    text.split('x').try_fold(1_u64, |product, factor| product.checked_mul(size(factor)?))
}

/// What was copied.
#[derive(Default)]
struct Counts {
    full_in: u64,
    part_in: u64,
    full_out: u64,
    part_out: u64,
    bytes: u64,
}

const CONVERSIONS: [&str; 10] =
    ["notrunc", "noerror", "sync", "fsync", "fdatasync", "ucase", "lcase", "excl", "nocreat", "sparse"];
const UNMODELLED: [&str; 6] = ["ascii", "ebcdic", "ibm", "block", "unblock", "swab"];

async fn dd(p: &mut Proc, arguments: &[String]) -> Ended {
    let option = arguments.iter().find(|word| matches!(word.as_str(), "--help" | "--version"));
    if let Some(option) = option {
        return p.gap(&format!("dd {option}"));
    }
    let operands = match Operands::read(arguments) {
        Ok(operands) => operands,
        Err(text) if text.starts_with("invalid number") => return p.fail(&text).await,
        Err(text) => return super::super::input::misused(p, &text, 1).await,
    };
    for name in &operands.conversions {
        if UNMODELLED.contains(&name.as_str()) {
            return p.gap(&format!("dd conv={name}"));
        }
        if !CONVERSIONS.contains(&name.as_str()) {
            return super::super::input::misused(p, &format!("invalid conversion: {}", super::show::curly(name)), 1)
                .await;
        }
    }
    let began = p.now();
    let before = p.files.clone();
    let mut counts = Counts::default();
    let done = copy(p, &operands, &mut counts).await;
    p.files = before;
    let status = match done? {
        Ok(()) => 0,
        Err(Some(text)) => {
            p.complain(&text).await?;
            1
        }
        Err(None) => return Ok(1),
    };
    report(p, &operands, &counts, began).await?;
    Ok(status)
}

/// Copies: nothing is reported where a file could not be opened.
async fn copy(p: &mut Proc, operands: &Operands, counts: &mut Counts) -> Result<Result<(), Option<String>>, Cut> {
    let input = match &operands.input {
        None => p.files.get(0).cloned(),
        Some(path) => match p.open(path, Mode::Read) {
            Ok(open) => Some(open),
            Err(errno) => {
                let name = quoted(p, path);
                refuse(p, &format!("failed to open {name}"), errno).await?;
                return Ok(Err(None));
            }
        },
    };
    let output = match open_output(p, operands) {
        Ok(output) => output,
        Err(errno) => {
            let name = quoted(p, operands.output.as_deref().unwrap_or_default());
            refuse(p, &format!("failed to open {name}"), errno).await?;
            return Ok(Err(None));
        }
    };
    let input = input.unwrap_or_else(|| Arc::new(Open::Null));
    if let Open::File(file) = &*input
        && p.peek(|linux| linux.fs.node(file.ino).is_dir())
    {
        let name = quoted(p, operands.input.as_deref().unwrap_or_default());
        return Ok(Err(Some(format!("error reading {name}: {}", Errno::Isdir.text()))));
    }
    let read = p.files.free(3);
    p.files.set(read, Some(Arc::clone(&input)));
    let write = p.files.free(3);
    p.files.set(write, output.clone());
    skip(p, read, &input, operands).await?;
    let in_bytes = operands.iflags.iter().any(|flag| flag == "count_bytes");
    let limit = operands.count.map(|count| if in_bytes { count } else { count.saturating_mul(operands.ibs) });
    let mut state = Copying { read, write, input, output, left: limit.unwrap_or(u64::MAX), pending: 0 };
    let result = state.run(p, operands, counts).await?;
    Ok(result.map_err(|errno| {
        let name = quoted(p, operands.output.as_deref().unwrap_or("standard output"));
        let what = if operands.whole { "error writing" } else { "writing to" };
        Some(format!("{what} {name}: {}", errno.text()))
    }))
}

/// The file that is written, emptied behind `seek` unless `notrunc`.
fn open_output(p: &Proc, operands: &Operands) -> Result<Option<Arc<Open>>, Errno> {
    let Some(path) = &operands.output else { return Ok(p.files.get(1).cloned()) };
    let has = |name: &str| operands.conversions.iter().any(|conversion| conversion == name);
    if has("nocreat") {
        meta(p, path, true)?;
    }
    if has("excl") && meta(p, path, true).is_ok() {
        return Err(Errno::Exist);
    }
    let append = operands.oflags.iter().any(|flag| flag == "append");
    let in_bytes = operands.oflags.iter().any(|flag| flag == "seek_bytes");
    let at = operands.seek.saturating_mul(if in_bytes { 1 } else { operands.obs });
    if at == 0 && !has("notrunc") && !append {
        return p.open(path, Mode::Write).map(Some);
    }
    let open = p.open(path, Mode::Append)?;
    let Open::File(file) = &*open else { return Ok(Some(open)) };
    if !has("notrunc") && !append {
        p.fs(|fs, now| fs.truncate(&p.cred, file.ino, at, now))?;
    }
    if append {
        return Ok(Some(open));
    }
    let file = OpenFile { at: AtomicU64::new(at), writes: true, ..OpenFile::new(file.machine, file.ino, path) };
    Ok(Some(Arc::new(Open::File(file))))
}

async fn skip(p: &mut Proc, read: u32, input: &Open, operands: &Operands) -> Result<(), Cut> {
    let in_bytes = operands.iflags.iter().any(|flag| flag == "skip_bytes");
    let mut left = operands.skip.saturating_mul(if in_bytes { 1 } else { operands.ibs });
    match input {
        Open::File(file) => {
            file.at.store(left, Ordering::Relaxed);
        }
        Open::Zero | Open::Null | Open::Full | Open::Random => {}
        _ => {
            while left > 0 {
                let bytes = p.read(read, usize::try_from(left).unwrap_or(PIECE).min(PIECE)).await?;
                if bytes.is_empty() {
                    break;
                }
                left -= bytes.len() as u64;
            }
        }
    }
    Ok(())
}

struct Copying {
    read: u32,
    write: u32,
    input: Arc<Open>,
    output: Option<Arc<Open>>,
    /// So many bytes may still be read.
    left: u64,
    /// Bytes of an output block that is not full yet.
    pending: u64,
}

impl Copying {
    async fn run(&mut self, p: &mut Proc, operands: &Operands, counts: &mut Counts) -> Result<Result<(), Errno>, Cut> {
        let whole = !matches!(&*self.input, Open::Reader(_) | Open::Terminal)
            || operands.iflags.iter().any(|flag| flag == "fullblock");
        while self.left > 0 {
            p.tick().await?;
            let block = operands.ibs.min(self.left);
            let (mut got, mut error) = (0, None);
            while got < block && error.is_none() {
                let (count, failed) = self.piece(p, operands, block - got, counts).await?;
                (got, error) = (got + count, failed);
                if count == 0 || !whole {
                    break;
                }
            }
            if got == 0 && error.is_none() {
                break;
            }
            self.left -= got;
            if got == operands.ibs {
                counts.full_in += 1
            } else {
                counts.part_in += 1
            }
            p.pass(Span::micros(got.saturating_mul(1_000_000) / SPEED)).await?;
            if let Some(errno) = error {
                self.flush(operands, counts);
                return Ok(Err(errno));
            }
            if got < operands.ibs && operands.conversions.iter().any(|name| name == "sync") {
                let zeros = vec![0; usize::try_from(operands.ibs - got).unwrap_or(PIECE).min(PIECE)];
                p.write(self.write, &zeros).await?;
                counts.bytes += zeros.len() as u64;
                self.pending += zeros.len() as u64;
            }
            // With one block size for both each block is written as it was read.
            if operands.whole || operands.ibs == operands.obs {
                self.flush(operands, counts);
            } else {
                counts.full_out += self.pending / operands.obs;
                self.pending %= operands.obs;
            }
        }
        self.flush(operands, counts);
        Ok(Ok(()))
    }

    fn flush(&mut self, operands: &Operands, counts: &mut Counts) {
        counts.full_out += self.pending / operands.obs;
        counts.part_out += u64::from(!self.pending.is_multiple_of(operands.obs));
        self.pending = 0;
    }

    /// Copies up to `most` bytes of a block: how many were read, and why they could not be written.
    async fn piece(
        &mut self,
        p: &mut Proc,
        operands: &Operands,
        most: u64,
        counts: &mut Counts,
    ) -> Result<(u64, Option<Errno>), Cut> {
        if let Some(done) = self.zeros(p, most) {
            let (count, written) = (done.0, done.1);
            counts.bytes += written;
            self.pending += written;
            return Ok((count, (written < count).then_some(Errno::Nospc)));
        }
        // How long it takes is reckoned by the block.
        let mut bytes = p.read_at_once(self.read, usize::try_from(most).unwrap_or(PIECE).min(PIECE), None).await?;
        p.control.bulk(bytes.len(), &self.input)?;
        for conversion in &operands.conversions {
            match conversion.as_str() {
                "ucase" => bytes.make_ascii_uppercase(),
                "lcase" => bytes.make_ascii_lowercase(),
                _ => {}
            }
        }
        let kept = p.write_error.take();
        let room = match self.output.as_deref() {
            Some(Open::File(file)) => Some((file.ino, p.peek(|linux| linux.fs.size(file.ino)).unwrap_or(0))),
            _ => None,
        };
        p.write(self.write, &bytes).await?;
        let error = std::mem::replace(&mut p.write_error, kept);
        let written = match (error, room) {
            (None, _) => bytes.len() as u64,
            (Some(_), Some((ino, before))) => {
                p.peek(|linux| linux.fs.size(ino)).unwrap_or(before).saturating_sub(before)
            }
            (Some(_), None) => 0,
        };
        counts.bytes += written;
        self.pending += written;
        Ok((bytes.len() as u64, error))
    }

    /// Zeros into a file of zeros are not held: how many were read and written. Nothing where it is something else.
    fn zeros(&self, p: &Proc, most: u64) -> Option<(u64, u64)> {
        let (Open::Zero, Some(Open::File(file))) = (&*self.input, self.output.as_deref()) else { return None };
        let at = file.at.load(Ordering::Relaxed);
        let plain = p.peek(|linux| match linux.fs.content(file.ino) {
            Some(Content::Hole(size)) => *size == at,
            Some(Content::Bytes(bytes)) => bytes.is_empty() && at == 0,
            _ => false,
        });
        if !plain || file.append {
            return None;
        }
        if p.fs(|fs, now| fs.zero(&p.cred, file.ino, at + most, now)).is_ok() {
            file.at.store(at + most, Ordering::Relaxed);
            return Some((most, most));
        }
        // What still fits, by halves.
        let (mut good, mut bad) = (0, most);
        while bad - good > 4096 {
            let middle = good + (bad - good) / 2;
            if p.fs(|fs, now| fs.zero(&p.cred, file.ino, at + middle, now)).is_ok() {
                good = middle;
            } else {
                bad = middle;
            }
        }
        file.at.store(at + good, Ordering::Relaxed);
        Some((most, good))
    }
}

async fn report(p: &mut Proc, operands: &Operands, counts: &Counts, began: crate::sim::Instant) -> Result<(), Cut> {
    if operands.status == "none" {
        return Ok(());
    }
    let Counts { full_in, part_in, full_out, part_out, bytes } = *counts;
    p.err(&format!("{full_in}+{part_in} records in\n{full_out}+{part_out} records out\n")).await?;
    if operands.status == "noxfer" {
        return Ok(());
    }
    p.inferred();
    // Opening and closing take time, too.
    let micros = p.now().since(began).as_micros().max(120) + 31;
    #[expect(clippy::cast_precision_loss, reason = "six digits are shown")]
    let (seconds, rate) = (micros as f64 / 1e6, bytes as f64 * 1e6 / micros as f64);
    let units = match (bytes, is_modern(p)) {
        (0..1000, _) => String::new(),
        (1000..1024, _) | (_, false) => format!(" ({})", decimal(bytes)),
        _ => format!(" ({}, {})", decimal(bytes), binary(bytes)),
    };
    let plural = if bytes == 1 { "byte" } else { "bytes" };
    p.err(&format!("{bytes} {plural}{units} copied, {} s, {}/s\n", significant(seconds), rated(rate))).await
}

/// `105 MB`
fn decimal(bytes: u64) -> String {
    spaced(&round(bytes, 1000), "B")
}

/// `100 MiB`
fn binary(bytes: u64) -> String {
    spaced(&round(bytes, 1024), "iB")
}

/// As `-h`, but to the nearest.
fn round(bytes: u64, base: u64) -> String {
    let mut unit = base;
    while bytes / unit >= base {
        unit *= base;
    }
    let tenths = (u128::from(bytes) * 20 + u128::from(unit)) / (u128::from(unit) * 2);
    let letter = human(unit, base);
    let letter = letter.trim_start_matches(|digit: char| !digit.is_alphabetic());
    if tenths < 100 {
        format!("{}.{}{letter}", tenths / 10, tenths % 10)
    } else {
        format!("{}{letter}", (tenths + 5) / 10)
    }
}

fn spaced(text: &str, unit: &str) -> String {
    let at = text.find(|letter: char| letter.is_alphabetic()).unwrap_or(text.len());
    format!("{} {}{unit}", &text[..at], &text[at..])
}

/// Six digits, as `%g` has them.
fn significant(number: f64) -> String {
    let text = format!("{number:.5e}");
    let (digits, power) = text.split_once('e').unwrap_or((&text, "0"));
    let power: i32 = power.parse().unwrap_or(0);
    let shown = if power < -4 {
        let digits = digits.trim_end_matches('0').trim_end_matches('.');
        return format!("{digits}e-{:02}", -power);
    } else {
        let places = usize::try_from(5 - power).unwrap_or(0);
        format!("{number:.places$}")
    };
    if shown.contains('.') { shown.trim_end_matches('0').trim_end_matches('.').to_owned() } else { shown }
}

fn rated(rate: f64) -> String {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it is shown in whole units")]
    let rate = rate.clamp(0.0, 1e18) as u64;
    decimal(rate)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_those_of_dd() {
        assert_eq!(decimal(104_857_600), "105 MB");
        assert_eq!(binary(104_857_600), "100 MiB");
        assert_eq!(decimal(1_048_576), "1.0 MB");
        assert_eq!(decimal(5_120), "5.1 kB");
        assert_eq!(significant(0.000_123_4), "0.0001234");
        assert_eq!(significant(12.345_678_9), "12.3457");
        assert_eq!(significant(0.000_012_3), "1.23e-05");
        assert_eq!(["2x512", "4k", "1M", "x"].map(number), [Some(1024), Some(4096), Some(1 << 20), None]);
    }
}
