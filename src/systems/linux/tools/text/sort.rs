//! `sort` as in GNU coreutils 8.30, in the C locale's order. Random order (`-R`), merging in parallel and temporary files
//! are not modelled.

mod compare;

use compare::{Compare, Key, Line};

use crate::systems::linux::fs::Errno;
use crate::systems::linux::io::Cut;
use crate::systems::linux::proc::{Ended, Proc};
use crate::systems::linux::tools::argmatch::{Wrong, argument};
use crate::systems::linux::tools::files::collate;
use crate::systems::linux::tools::getopt::{Given, Spec};
use crate::systems::linux::tools::input::{self, Out, given};
use crate::systems::linux::tools::{Tool, tool};

/// The programs of this file.
pub static TOOLS: &[Tool] = &[tool!("sort", sort)];

const SORT_WORD: char = '\u{1}';
const SPEC: Spec = Spec {
    short: "bcCdfghik:mMno:rRsS:t:T:uVyz",
    long: &[
        ("ignore-leading-blanks", 'b'),
        ("check::", 'c'),
        ("dictionary-order", 'd'),
        ("ignore-case", 'f'),
        ("general-numeric-sort", 'g'),
        ("human-numeric-sort", 'h'),
        ("ignore-nonprinting", 'i'),
        ("key:", 'k'),
        ("merge", 'm'),
        ("month-sort", 'M'),
        ("numeric-sort", 'n'),
        ("output:", 'o'),
        ("random-sort", 'R'),
        ("reverse", 'r'),
        ("stable", 's'),
        ("buffer-size:", 'S'),
        ("field-separator:", 't'),
        ("temporary-directory:", 'T'),
        ("unique", 'u'),
        ("version-sort", 'V'),
        ("zero-terminated", 'z'),
        ("sort:", SORT_WORD),
    ],
    gaps: "--compress-program: --debug --files0-from: --random-source: --batch-size: --parallel:",
};

async fn sort(p: &mut Proc, arguments: &[String]) -> Ended {
    let given = given!(p, &SPEC, arguments, 2);
    let compare = match read(&given, collate::has_language(p)) {
        Ok(compare) => compare.salted(|| p.world(|world, _| world.streams.between("sort", 0, u64::MAX))),
        Err(Wrong::Word(complaint)) => return input::misused(p, &complaint, 1).await,
        Err(Wrong::Other(complaint)) => return input::failed(p, &complaint, 2).await,
    };
    let end = if given.has('z') { 0 } else { b'\n' };
    let files = input::files(&given);
    if given.has('c') || given.has('C') {
        let [file] = &files[..] else {
            let text = format!("extra operand {} not allowed with -c", input::quoted_name(p, &files[1]));
            return input::failed(p, &text, 2).await;
        };
        return check(p, file, &given, &compare, end).await;
    }
    let (mut all, mut starts) = (Vec::new(), Vec::new());
    for file in &files {
        match read_file(p, file).await? {
            Ok(bytes) => {
                starts.push(all.iter().filter(|byte| **byte == end).count());
                all.extend_from_slice(&bytes);
                if !bytes.is_empty() && bytes.last() != Some(&end) {
                    all.push(end);
                }
            }
            Err(status) => return Ok(status),
        }
        input::bounded(&all, end)?;
    }
    let lines = input::split_lines(&all, end);
    let mut keyed = compare.keyed(&lines);
    p.tick().await?;
    if given.has('m') {
        keyed = merged(keyed, &starts, &compare);
    } else {
        keyed.sort_by(|a, b| compare.order(a, b));
    }
    if given.has('u') {
        keyed.dedup_by(|b, a| compare.equal(a, b));
    }
    if let Some(path) = given.value('o') {
        let mut text = Vec::with_capacity(all.len());
        for line in &keyed {
            text.extend_from_slice(line.text);
            text.push(end);
        }
        return match p.write_path(path, &text) {
            Ok(()) => Ok(0),
            Err(Errno::Nospc) => input::unread(p, "write failed: ", path, Errno::Nospc, 2).await,
            Err(errno) => input::unread(p, "open failed: ", path, errno, 2).await,
        };
    }
    let mut out = Out::default();
    for line in &keyed {
        out.push(line.text);
        out.push(&[end]);
        out.spill(p).await?;
    }
    out.flush(p).await?;
    Ok(0)
}

/// The lines of files that are said to be sorted: always the least of those that come next.
fn merged<'t>(keyed: Vec<Line<'t>>, starts: &[usize], compare: &Compare) -> Vec<Line<'t>> {
    let mut rest = keyed;
    let mut files: Vec<Vec<Line<'t>>> = Vec::new();
    for start in starts.iter().rev() {
        files.push(rest.split_off(*start).into_iter().rev().collect());
    }
    files.reverse();
    let mut out = Vec::new();
    loop {
        let next = files.iter().enumerate().filter_map(|(at, file)| file.last().map(|line| (at, line)));
        let least = next.min_by(|a, b| compare.order(a.1, b.1)).map(|(at, _)| at);
        match least.and_then(|at| files[at].pop()) {
            Some(line) => out.push(line),
            None => return out,
        }
    }
}

async fn read_file(p: &mut Proc, file: &str) -> Result<Result<Vec<u8>, u8>, Cut> {
    Ok(match input::read_all(p, file).await? {
        Ok(bytes) => Ok(bytes),
        Err(Errno::Isdir) => Err(input::failed(p, &format!("read failed: {file}: Is a directory"), 2).await?),
        Err(errno) => Err(input::unread(p, "cannot read: ", file, errno, 2).await?),
    })
}

/// Whether a file is sorted.
async fn check(p: &mut Proc, file: &str, given: &Given, compare: &Compare, end: u8) -> Ended {
    let bytes = match read_file(p, file).await? {
        Ok(bytes) => bytes,
        Err(status) => return Ok(status),
    };
    input::bounded(&bytes, end)?;
    let lines = input::split_lines(&bytes, end);
    let keyed = compare.keyed(&lines);
    for (at, pair) in keyed.windows(2).enumerate() {
        let wrong = match given.has('u') {
            true => compare.order(&pair[0], &pair[1]).is_gt() || compare.equal(&pair[0], &pair[1]),
            false => compare.order(&pair[0], &pair[1]).is_gt(),
        };
        if !wrong {
            continue;
        }
        if !given.has('C') && !matches!(given.value('c'), Some("quiet" | "silent")) {
            let text = String::from_utf8_lossy(pair[1].text).into_owned();
            p.complain(&format!("{file}:{}: disorder: {text}", at + 2)).await?;
        }
        return Ok(1);
    }
    Ok(0)
}

/// What `--sort` takes.
const WORDS: [(&str, char); 6] = [
    ("general-numeric", 'g'),
    ("human-numeric", 'h'),
    ("month", 'M'),
    ("numeric", 'n'),
    ("random", 'R'),
    ("version", 'V'),
];

/// The order that the options ask for.
fn read(given: &Given, language: bool) -> Result<Compare, Wrong> {
    let mut global = Key::default();
    for (letter, value) in &given.options {
        match letter {
            'b' | 'd' | 'f' | 'g' | 'h' | 'i' | 'M' | 'n' | 'r' | 'R' | 'V' => global.flag(*letter),
            &SORT_WORD => {
                let word = argument(value.as_deref(), "--sort", &WORDS.map(|(word, _)| word))?;
                if let Some((_, letter)) = WORDS.iter().find(|(known, _)| *known == word) {
                    global.flag(*letter);
                }
            }
            _ => {}
        }
    }
    let separator = match given.value('t') {
        None => None,
        Some("") => return Err(Wrong::Other("empty tab".to_owned())),
        Some("\\0") => Some(0),
        Some(text) if text.len() == 1 => Some(text.as_bytes()[0]),
        Some(text) => return Err(Wrong::Other(format!("multi-character tab {}", input::quoted(text)))),
    };
    let mut keys = Vec::new();
    for text in given.values('k') {
        let mut key = Key::parse(text).map_err(Wrong::Other)?;
        if key.is_plain() {
            key.inherit(&global);
        }
        keys.push(key);
    }
    let whole = keys.is_empty();
    if whole {
        keys.push(global.clone());
    }
    for key in &keys {
        key.check().map_err(Wrong::Other)?;
    }
    Ok(Compare {
        // The last resort is the whole line, in the direction of the global `-r`.
        stable: given.has('s') || given.has('u') || whole && global.is_bare(),
        reverse: global.reverse,
        language,
        keys,
        separator,
    })
}
