//! `od` as in GNU coreutils 8.30, `hexdump` of util-linux 2.32 (its own formats, `-C`, `-v`, `-n`, `-s`), `xxd` of Vim,
//! `strings` of binutils.

use crate::systems::linux::io::Cut;
use crate::systems::linux::proc::{Ended, HELD, Proc};
use crate::systems::linux::tools::getopt::{Given, Spec};
use crate::systems::linux::tools::input::{self, Lines, Out, given};
use crate::systems::linux::tools::{Tool, tool};

/// The programs of this file.
pub static TOOLS: &[Tool] = &[tool!("hexdump", hexdump), tool!("od", od), tool!("strings", strings), tool!("xxd", xxd)];

/// All operands one behind the other; complaints are said, the status is 1 when there was one.
async fn together(p: &mut Proc, files: &[String]) -> Result<(Vec<u8>, u8), Cut> {
    let (mut all, mut status) = (Vec::new(), 0);
    for file in files {
        match input::read_all(p, file).await? {
            Ok(bytes) => all.extend_from_slice(&bytes),
            Err(errno) => status = input::failed(p, &format!("{file}: {}", errno.text()), 1).await?,
        }
        if all.len() > HELD {
            return Err(Cut::Limit("held input"));
        }
    }
    Ok((all, status))
}

/// Prints blocks of bytes; equal ones in sequence become a `*`.
async fn blocks(
    p: &mut Proc,
    bytes: &[u8],
    width: usize,
    all: bool,
    mut show: impl FnMut(&[u8], usize, &mut Out),
) -> Result<(), Cut> {
    let mut out = Out::default();
    let (mut last, mut starred): (Option<&[u8]>, bool) = (None, false);
    for (at, block) in bytes.chunks(width).enumerate() {
        if !all && last == Some(block) && block.len() == width {
            if !starred {
                out.text("*\n");
            }
            starred = true;
            continue;
        }
        (last, starred) = (Some(block), false);
        show(block, at * width, &mut out);
        out.spill(p).await?;
    }
    out.flush(p).await
}

const OD: Spec = Spec {
    short: "A:abcdDeFfhHiIj:lLN:oOsS:t:vw::xX",
    long: &[
        ("address-radix:", 'A'),
        ("skip-bytes:", 'j'),
        ("read-bytes:", 'N'),
        ("format:", 't'),
        ("output-duplicates", 'v'),
        ("width::", 'w'),
        ("strings::", 'S'),
    ],
    gaps: "--traditional --endian:",
};

/// How `od` shows bytes: what kind, how many at once, and whether as characters behind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Format {
    kind: char,
    size: usize,
    text: bool,
}

impl Format {
    /// Digits of a value.
    fn digits(self) -> usize {
        let signed = [4, 6, 11, 20];
        let table = match self.kind {
            'x' => [2, 4, 8, 16],
            'o' => [3, 6, 11, 22],
            'u' => [3, 5, 10, 20],
            'd' => signed,
            'f' => [0, 0, 15, 24],
            _ => [3; 4],
        };
        table[self.size.trailing_zeros().min(3) as usize]
    }

    fn value(self, bytes: &[u8]) -> String {
        let mut full = [0; 8];
        full[..bytes.len()].copy_from_slice(bytes);
        let value = u64::from_le_bytes(full);
        let digits = self.digits();
        match self.kind {
            'x' => format!("{value:0digits$x}"),
            'o' => format!("{value:0digits$o}"),
            'u' => value.to_string(),
            'd' => {
                let shift = 64 - 8 * self.size as u32;
                ((value << shift) as i64 >> shift).to_string()
            }
            'a' => named(bytes[0] & 127),
            _ => character(bytes[0]),
        }
    }
}

fn named(byte: u8) -> String {
    const NAMES: [&str; 33] = [
        "nul", "soh", "stx", "etx", "eot", "enq", "ack", "bel", "bs", "ht", "nl", "vt", "ff", "cr", "so", "si", "dle",
        "dc1", "dc2", "dc3", "dc4", "nak", "syn", "etb", "can", "em", "sub", "esc", "fs", "gs", "rs", "us", "sp",
    ];
    match byte {
        127 => "del".to_owned(),
        byte => NAMES.get(usize::from(byte)).map_or_else(|| char::from(byte).to_string(), |name| (*name).to_owned()),
    }
}

fn character(byte: u8) -> String {
    match byte {
        0 => "\\0".to_owned(),
        7 => "\\a".to_owned(),
        8 => "\\b".to_owned(),
        9 => "\\t".to_owned(),
        10 => "\\n".to_owned(),
        11 => "\\v".to_owned(),
        12 => "\\f".to_owned(),
        13 => "\\r".to_owned(),
        32..=126 => char::from(byte).to_string(),
        byte => format!("{byte:03o}"),
    }
}

fn formats(given: &Given) -> Result<Vec<Format>, String> {
    let mut found = Vec::new();
    let plain = |kind, size| Format { kind, size, text: false };
    for (letter, value) in &given.options {
        match letter {
            'a' => found.push(plain('a', 1)),
            'b' => found.push(plain('o', 1)),
            'c' => found.push(plain('c', 1)),
            'd' => found.push(plain('u', 2)),
            'D' => found.push(plain('u', 4)),
            'i' => found.push(plain('d', 4)),
            'I' | 'l' | 'L' => found.push(plain('d', 8)),
            'o' | 'B' => found.push(plain('o', 2)),
            'O' => found.push(plain('o', 4)),
            's' => found.push(plain('d', 2)),
            'x' | 'h' => found.push(plain('x', 2)),
            'X' | 'H' => found.push(plain('x', 4)),
            't' => typed(value.as_deref().unwrap_or_default(), &mut found)?,
            _ => {}
        }
    }
    if found.is_empty() {
        found.push(plain('o', 2));
    }
    Ok(found)
}

/// `x1z`, `d4`, `oC`
fn typed(text: &str, found: &mut Vec<Format>) -> Result<(), String> {
    let mut rest = text.chars().peekable();
    while let Some(kind) = rest.next() {
        if !"acdoux".contains(kind) {
            return Err(format!("invalid character '{kind}' in type string {}", input::quoted(text)));
        }
        let mut size = match kind {
            'a' | 'c' => 1,
            _ => 4,
        };
        if !matches!(kind, 'a' | 'c') {
            let digits: String = std::iter::from_fn(|| rest.next_if(char::is_ascii_digit)).collect();
            if !digits.is_empty() {
                size = digits.parse().unwrap_or(0);
                if !matches!(size, 1 | 2 | 4 | 8) {
                    return Err(format!(
                        "invalid type string {};\nthis system doesn't provide a {digits}-byte integral type",
                        input::quoted(text)
                    ));
                }
            } else if let Some(word) = rest.next_if(|c| "CSIL".contains(*c)) {
                size = match word {
                    'C' => 1,
                    'S' => 2,
                    'I' => 4,
                    _ => 8,
                };
            }
        }
        let text = rest.next_if_eq(&'z').is_some();
        found.push(Format { kind, size, text });
    }
    Ok(())
}

async fn od(p: &mut Proc, arguments: &[String]) -> Ended {
    let given = given!(p, &OD, arguments, 1);
    if given.has('S') || given.has('e') || given.has('F') || given.has('f') {
        return p.gap("od with floating point numbers or strings");
    }
    let formats = match formats(&given) {
        Ok(formats) => formats,
        Err(complaint) => return input::failed(p, &complaint, 1).await,
    };
    let radix = given.value('A').unwrap_or("o");
    if !matches!(radix, "o" | "d" | "x" | "n") {
        let first = radix.chars().next().unwrap_or(' ');
        let text = format!("invalid output address radix '{first}'; it must be one character from [doxn]");
        return input::failed(p, &text, 1).await;
    }
    let mut numbers = [0_u64, u64::MAX];
    for (number, letter) in numbers.iter_mut().zip(['j', 'N']) {
        let Some(text) = given.value(letter) else { continue };
        let hex = text.strip_prefix("0x").and_then(|digits| u64::from_str_radix(digits, 16).ok());
        match hex.or_else(|| input::size(text)) {
            Some(found) => *number = found,
            None => return input::failed(p, &format!("invalid -{letter} argument {}", input::quoted(text)), 1).await,
        }
    }
    let (all, mut status) = together(p, &input::files(&given)).await?;
    let skip = usize::try_from(numbers[0]).unwrap_or(usize::MAX);
    if skip > all.len() {
        return input::failed(p, "cannot skip past end of combined input", 1).await;
    }
    if status != 0 && all.is_empty() {
        return Ok(status);
    }
    let bytes = &all[skip..];
    let bytes = &bytes[..bytes.len().min(usize::try_from(numbers[1]).unwrap_or(usize::MAX))];
    let largest = formats.iter().map(|format| format.size).max().unwrap_or(1);
    let asked = given.has('w').then(|| given.value('w').map_or(32, |text| text.parse().unwrap_or(0)));
    let width = match asked {
        Some(width) if width == 0 || width % largest != 0 || width > 4096 => {
            status = 1;
            let text = format!("warning: invalid width {width}; using {largest} instead");
            p.complain(&text).await?;
            largest
        }
        Some(width) => width,
        None => 16,
    };
    let address = |at: usize| match radix {
        "d" => format!("{at:07}"),
        "x" => format!("{at:06x}"),
        "n" => String::new(),
        _ => format!("{at:07o}"),
    };
    // Every format takes the same room for a line.
    let room = |format: &Format| (format.digits() + 1) * (width / format.size);
    let widest = formats.iter().map(room).max().unwrap_or(0);
    let indent = address(0).len();
    blocks(p, bytes, width, given.has('v'), |block, at, out| {
        for (number, format) in formats.iter().enumerate() {
            let head = if number == 0 { address(skip + at) } else { " ".repeat(indent) };
            let mut line = head;
            let count = width / format.size;
            let pad = widest - (format.digits()) * count;
            let mut given = 0;
            for (number, part) in block.chunks(format.size).enumerate() {
                let until = pad * (number + 1) / count;
                let cell = format.digits() + until - given;
                given = until;
                line.push_str(&format!("{:>cell$}", format.value(part)));
            }
            if format.text {
                let used = line.chars().count() - indent;
                line.push_str(&" ".repeat(widest.saturating_sub(used) + 2));
                let shown = block.iter().map(|byte| if (32..127).contains(byte) { char::from(*byte) } else { '.' });
                line.push_str(&format!(">{}<", shown.collect::<String>()));
            }
            out.text(&line);
            out.text("\n");
        }
    })
    .await?;
    if radix != "n" {
        p.out(&format!("{}\n", address(skip + bytes.len()))).await?;
    }
    Ok(status)
}

const HEXDUMP: Spec = Spec {
    short: "bcCdoxn:s:v",
    long: &[("canonical", 'C'), ("length:", 'n'), ("skip:", 's'), ("no-squeezing", 'v')],
    gaps: "L:: h V --one-byte-octal --one-byte-char --two-bytes-decimal --two-bytes-octal --two-bytes-hex --format: \
           --format-file: --color:: e: f:",
};

async fn hexdump(p: &mut Proc, arguments: &[String]) -> Ended {
    let given = given!(p, &HEXDUMP, arguments, 1);
    let files = input::files(&given);
    let (all, status) = together(p, &files).await?;
    if status != 0 && all.is_empty() {
        return input::failed(p, "all input file arguments failed", 1).await;
    }
    let number = |letter: char, usual: usize| {
        given.value(letter).and_then(input::size).and_then(|number| usize::try_from(number).ok()).unwrap_or(usual)
    };
    let skip = number('s', 0).min(all.len());
    let bytes = &all[skip..];
    let bytes = &bytes[..bytes.len().min(number('n', usize::MAX))];
    let kind = given.last_of("bcCdox").unwrap_or(' ');
    blocks(p, bytes, 16, given.has('v'), |block, at, out| {
        let line = match kind {
            'C' => canonical(block, skip + at),
            kind => format!("{:07x}{}", skip + at, cells(block, kind)),
        };
        out.text(&line);
        out.text("\n");
    })
    .await?;
    if !bytes.is_empty() || skip > 0 {
        let end = skip + bytes.len();
        p.out(&if kind == 'C' { format!("{end:08x}\n") } else { format!("{end:07x}\n") }).await?;
    }
    Ok(status)
}

fn canonical(block: &[u8], at: usize) -> String {
    let mut line = format!("{at:08x}  ");
    for number in 0..16 {
        line.push_str(&block.get(number).map_or("   ".to_owned(), |byte| format!("{byte:02x} ")));
        if number == 7 {
            line.push(' ');
        }
    }
    let shown = block.iter().map(|byte| if (32..127).contains(byte) { char::from(*byte) } else { '.' });
    format!("{line} |{}|", shown.collect::<String>())
}

fn cells(block: &[u8], kind: char) -> String {
    let single = |show: fn(u8) -> String| {
        let cells: String = block.iter().map(|byte| format!(" {:>3}", show(*byte))).collect();
        cells + &"    ".repeat(16 - block.len())
    };
    let width = match kind {
        'b' => return single(|byte| format!("{byte:03o}")),
        'c' => return single(character),
        ' ' => 5,
        _ => 8,
    };
    let mut text = String::new();
    for number in 0..8 {
        let cell = block.get(number * 2).map_or(String::new(), |low| {
            let value = u16::from(*low) | u16::from(block.get(number * 2 + 1).copied().unwrap_or(0)) << 8;
            match kind {
                'd' => format!("{value:05}"),
                'o' => format!("{value:06o}"),
                _ => format!("{value:04x}"),
            }
        });
        text.push_str(&format!("{cell:>width$}"));
    }
    text
}

const XXD: Spec = Spec { short: "abc:eEg:il:o:prs:uC", long: &[], gaps: "" };

async fn xxd(p: &mut Proc, arguments: &[String]) -> Ended {
    let given = given!(p, &XXD, arguments, 1);
    if given.has('b') || given.has('e') || given.has('E') || given.has('i') {
        return p.gap("xxd with this output");
    }
    let file = given.operands.first().map_or("-", String::as_str);
    let all = match input::read_all(p, file).await? {
        Ok(bytes) => bytes,
        Err(errno) => return input::failed(p, &format!("{file}: {}", errno.text()), 2).await,
    };
    let number = |letter: char, usual: usize| {
        given.value(letter).and_then(input::size).and_then(|number| usize::try_from(number).ok()).unwrap_or(usual)
    };
    if given.has('r') {
        let mut out = Out::default();
        out.push(&undumped(&String::from_utf8_lossy(&all), given.has('p')));
        out.flush(p).await?;
        return Ok(0);
    }
    let skip = number('s', 0).min(all.len());
    let bytes = &all[skip..];
    let bytes = &bytes[..bytes.len().min(number('l', usize::MAX))];
    let hex = |byte: u8| if given.has('u') { format!("{byte:02X}") } else { format!("{byte:02x}") };
    let mut out = Out::default();
    if given.has('p') {
        for line in bytes.chunks(number('c', 30).clamp(1, 4096)) {
            out.text(&line.iter().map(|byte| hex(*byte)).collect::<String>());
            out.text("\n");
            out.spill(p).await?;
        }
        out.flush(p).await?;
        return Ok(0);
    }
    let width = number('c', 16).clamp(1, 256);
    let group = match number('g', 2) {
        0 => width,
        group => group.min(width),
    };
    let room = 2 * width + (width - 1) / group;
    for (at, block) in bytes.chunks(width).enumerate() {
        let groups = block.chunks(group).map(|group| group.iter().map(|byte| hex(*byte)).collect::<String>());
        let cells = groups.collect::<Vec<_>>().join(" ");
        let shown: String =
            block.iter().map(|byte| if (32..127).contains(byte) { char::from(*byte) } else { '.' }).collect();
        out.text(&format!("{:08x}: {cells:<room$}  {shown}\n", skip + at * width));
        out.spill(p).await?;
    }
    out.flush(p).await?;
    Ok(0)
}

/// The bytes that a dump shows.
fn undumped(text: &str, plain: bool) -> Vec<u8> {
    let mut bytes = Vec::new();
    for line in text.lines() {
        let cells = match line.split_once(": ") {
            Some((_, rest)) if !plain => rest.split("  ").next().unwrap_or_default(),
            _ if plain => line,
            _ => continue,
        };
        let digits: Vec<u32> = cells.chars().filter_map(|c| c.to_digit(16)).collect();
        bytes.extend(digits.chunks_exact(2).map(|pair| (pair[0] * 16 + pair[1]) as u8));
    }
    bytes
}

const STRINGS: Spec = Spec {
    short: "0123456789afn:ot:wT:s:",
    long: &[("all", 'a'), ("bytes:", 'n'), ("print-file-name", 'f'), ("radix:", 't')],
    gaps: "d h v V --data --include-all-whitespace --output-separator: --target: e: --encoding:",
};

async fn strings(p: &mut Proc, arguments: &[String]) -> Ended {
    let given = given!(p, &STRINGS, arguments, 1);
    let digits: String = given.options.iter().map(|(letter, _)| *letter).filter(char::is_ascii_digit).collect();
    let text = given.value('n').unwrap_or(if digits.is_empty() { "4" } else { &digits });
    let least = match text.parse::<usize>() {
        Ok(least @ 1..) => least,
        Ok(_) => return input::failed(p, &format!("invalid minimum string length {text}"), 1).await,
        Err(_) => return input::failed(p, &format!("invalid integer argument {text}"), 1).await,
    };
    let radix = given.value('t').or(given.has('o').then_some("o")).unwrap_or_default().to_owned();
    let mut status = 0;
    for file in input::files(&given) {
        let fd = match input::open(p, &file) {
            Ok(fd) => fd,
            Err(crate::systems::linux::fs::Errno::Noent) => {
                status = input::failed(p, &format!("'{file}': No such file"), 1).await?;
                continue;
            }
            Err(crate::systems::linux::fs::Errno::Isdir) => {
                status = input::failed(p, &format!("Warning: '{file}' is a directory"), 1).await?;
                continue;
            }
            Err(errno) => {
                status = input::failed(p, &format!("{file}: {}", errno.text()), 1).await?;
                continue;
            }
        };
        let name = if given.has('f') { format!("{file}: ") } else { String::new() };
        let (mut lines, mut out, mut at) = (Lines::new(fd, b'\n'), Out::default(), 0);
        while let Some(line) = lines.next(p, &mut out).await? {
            let mut from = 0;
            for part in line.split(|byte| !matches!(byte, 32..=126 | b'\t')) {
                if part.len() >= least {
                    out.text(&name);
                    let place = at + from;
                    out.text(&match radix.as_str() {
                        "d" => format!("{place:7} "),
                        "o" => format!("{place:7o} "),
                        "x" => format!("{place:7x} "),
                        _ => String::new(),
                    });
                    out.push(part);
                    out.push(b"\n");
                }
                from += part.len() + 1;
            }
            at += line.len();
        }
        out.flush(p).await?;
        input::close(p, fd);
    }
    Ok(status)
}
