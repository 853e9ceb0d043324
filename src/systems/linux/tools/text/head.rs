//! `head` as in GNU coreutils 8.30.

use std::collections::VecDeque;

use crate::systems::linux::fs::Errno;
use crate::systems::linux::io::Cut;
use crate::systems::linux::proc::{CHUNK, Ended, HELD, Proc};
use crate::systems::linux::tools::getopt::{Given, Spec};
use crate::systems::linux::tools::input::{self, Lines, Out, given};
use crate::systems::linux::tools::{Tool, tool};

/// The programs of this file.
pub static TOOLS: &[Tool] = &[tool!("head", head)];

const SPEC: Spec = Spec {
    short: "0123456789c:n:qvz",
    long: &[
        ("bytes:", 'c'),
        ("lines:", 'n'),
        ("quiet", 'q'),
        ("silent", 'q'),
        ("verbose", 'v'),
        ("zero-terminated", 'z'),
    ],
    gaps: "",
};

/// How much is wanted.
#[derive(Clone, Copy)]
struct Part {
    lines: bool,
    /// All but the last so many.
    but: bool,
    count: u64,
}

/// The old form in the first place, `-5`, with letters behind the number: what it means in the new one; else the letter that
/// means nothing there.
fn modern(arguments: &[String]) -> Result<Vec<String>, char> {
    let word = arguments.first().and_then(|word| word.strip_prefix('-'));
    let Some(word) = word.filter(|word| word.starts_with(|c: char| c.is_ascii_digit())) else {
        return Ok(arguments.to_vec());
    };
    let (number, letters) = word.split_at(word.find(|c: char| !c.is_ascii_digit()).unwrap_or(word.len()));
    let (mut option, mut unit, mut others) = ("-n", String::new(), Vec::new());
    for letter in letters.chars() {
        match letter {
            'c' => (option, unit) = ("-c", String::new()),
            'b' | 'k' | 'm' => (option, unit) = ("-c", letter.to_string()),
            'l' => option = "-n",
            'q' | 'v' | 'z' => others.push(format!("-{letter}")),
            letter => return Err(letter),
        }
    }
    let mut words = vec![option.to_owned(), format!("{number}{unit}")];
    words.extend(others);
    words.extend_from_slice(&arguments[1..]);
    Ok(words)
}

async fn head(p: &mut Proc, arguments: &[String]) -> Ended {
    let arguments = match modern(arguments) {
        Ok(arguments) => arguments,
        Err(letter) => return input::misused(p, &format!("invalid trailing option -- {letter}"), 1).await,
    };
    let given = given!(p, &SPEC, &arguments, 1);
    if let Some((digit, _)) = given.options.iter().find(|(letter, _)| letter.is_ascii_digit()) {
        return input::misused(p, &format!("invalid trailing option -- {digit}"), 1).await;
    }
    let part = match part(&given) {
        Ok(part) => part,
        Err(complaint) => return input::failed(p, &complaint, 1).await,
    };
    let files = input::files(&given);
    let headers = match given.last_of("qv") {
        Some(letter) => letter == 'v',
        None => files.len() > 1,
    };
    let (mut status, mut first) = (0, true);
    for file in &files {
        let opened = input::open(p, file);
        if let Err(errno) = opened
            && errno != Errno::Isdir
        {
            let text = format!("cannot open {} for reading: {}", input::quoted_name(p, file), errno.text());
            status = input::failed(p, &text, 1).await?;
            continue;
        }
        if headers {
            header(p, file, &mut first).await?;
        }
        match opened {
            Ok(fd) => {
                print(p, fd, part, if given.has('z') { 0 } else { b'\n' }).await?;
                input::close(p, fd);
            }
            Err(errno) => {
                let text = format!("error reading {}: {}", input::quoted_name(p, file), errno.text());
                status = input::failed(p, &text, 1).await?;
            }
        }
    }
    Ok(status)
}

/// The line before each of several files.
pub(super) async fn header(p: &mut Proc, file: &str, first: &mut bool) -> Result<(), Cut> {
    let name = if file == "-" { "standard input" } else { file };
    let gap = if std::mem::replace(first, false) { "" } else { "\n" };
    p.out(&format!("{gap}==> {name} <==\n")).await
}

fn part(given: &Given) -> Result<Part, String> {
    let Some(letter) = given.last_of("nc") else { return Ok(Part { lines: true, but: false, count: 10 }) };
    let text = given.value(letter).unwrap_or_default();
    let (but, digits) = match text.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, text),
    };
    let what = if letter == 'n' { "invalid number of lines" } else { "invalid number of bytes" };
    let count = input::number(digits, true, 0..=u64::MAX, what)?;
    Ok(Part { lines: letter == 'n', but, count })
}

async fn print(p: &mut Proc, fd: u32, part: Part, delimiter: u8) -> Result<(), Cut> {
    let mut out = Out::default();
    let mut left = part.count;
    if part.lines {
        let mut lines = Lines::new(fd, delimiter);
        let mut held: VecDeque<Vec<u8>> = VecDeque::new();
        let mut bytes = 0;
        while part.but || left > 0 {
            let Some(line) = lines.next(p, &mut out).await? else { break };
            if !part.but {
                left -= 1;
                out.push(&line);
                continue;
            }
            bytes += line.len() + input::LINE;
            held.push_back(line);
            if held.len() as u64 > part.count
                && let Some(line) = held.pop_front()
            {
                bytes -= line.len() + input::LINE;
                out.push(&line);
            }
            if bytes > HELD {
                return Err(Cut::Limit("held input"));
            }
        }
    } else if let Some(bytes) = p.left(fd).filter(|_| part.but) {
        pass_on(p, fd, bytes.saturating_sub(part.count)).await?;
    } else if part.but {
        let all = p.read_all(fd).await?;
        let end = all.len().saturating_sub(usize::try_from(part.count).unwrap_or(usize::MAX));
        out.push(&all[..end]);
    } else {
        pass_on(p, fd, part.count).await?;
    }
    out.flush(p).await
}

/// Writes as much of a file as it is read, up to so many bytes.
pub(super) async fn pass_on(p: &mut Proc, fd: u32, mut left: u64) -> Result<(), Cut> {
    while left > 0 {
        let bytes = p.read(fd, usize::try_from(left).unwrap_or(CHUNK).min(CHUNK)).await?;
        if bytes.is_empty() {
            break;
        }
        left -= bytes.len() as u64;
        p.write(1, &bytes).await?;
    }
    Ok(())
}
