//! `diff` as in GNU diffutils 3.6: normal, context, unified and side-by-side output, scripts for `ed` and RCS, directories;
//! `sdiff` without its dialogue. `--color=always` and the merging formats are not modelled.

mod output;
pub(super) mod script;
mod side;

use std::collections::BTreeSet;

use crate::bash::pattern::Pattern;
use crate::systems::linux::clock;
use crate::systems::linux::fs::Errno;
use crate::systems::linux::io::Cut;
use crate::systems::linux::made_files;
use crate::systems::linux::proc::{Ended, Proc};
use crate::systems::linux::tools::getopt::{Given, Spec};
use crate::systems::linux::tools::input::{self, Out, given, misused_named};
use crate::systems::linux::tools::regex::{Options, Regex, Syntax};
use crate::systems::linux::tools::{Tool, tool};
use output::Side;
use script::Change;
use side::Columns;

/// The programs of this file.
pub static TOOLS: &[Tool] = &[tool!("diff", diff), tool!("sdiff", sdiff)];

const STRIP: char = '\u{1}';
const NO_DEREFERENCE: char = '\u{2}';
const BRIEF_CASE: char = '\u{3}';
const NORMAL: char = '\u{4}';
const LEFT_COLUMN: char = '\u{5}';
const SUPPRESS_COMMON: char = '\u{6}';
const COLOR: char = '\u{7}';
const SPEC: Spec = Spec {
    short: "0123456789abBcC:deEF:hiI:L:nNpPqrstuU:vwW:x:yZ",
    long: &[
        ("text", 'a'),
        ("ignore-space-change", 'b'),
        ("ignore-blank-lines", 'B'),
        ("context::", 'C'),
        ("ed", 'e'),
        ("expand-tabs", 't'),
        ("ignore-case", 'i'),
        ("ignore-matching-lines:", 'I'),
        ("label:", 'L'),
        ("left-column", LEFT_COLUMN),
        ("new-file", 'N'),
        ("unidirectional-new-file", 'P'),
        ("brief", 'q'),
        ("rcs", 'n'),
        ("recursive", 'r'),
        ("show-c-function", 'p'),
        ("show-function-line:", 'F'),
        ("side-by-side", 'y'),
        ("suppress-common-lines", SUPPRESS_COMMON),
        ("width:", 'W'),
        ("report-identical-files", 's'),
        ("unified::", 'U'),
        ("ignore-all-space", 'w'),
        ("ignore-trailing-space", 'Z'),
        ("ignore-tab-expansion", 'E'),
        ("exclude:", 'x'),
        ("minimal", 'd'),
        ("strip-trailing-cr", STRIP),
        ("no-dereference", NO_DEREFERENCE),
        ("ignore-file-name-case", BRIEF_CASE),
        ("normal", NORMAL),
        ("color::", COLOR),
    ],
    gaps: "--changed-group-format: --exclude-from: --from-file: --horizon-lines: --ifdef: --line-format: \
           --new-group-format: --new-line-format: --no-ignore-file-name-case --old-group-format: --old-line-format: \
           --paginate --palette: --speed-large-files --starting-file: --suppress-blank-empty --tabsize: --to-file: \
           --unchanged-group-format: --unchanged-line-format: D: f H l T --initial-tab X: S:",
};
/// So deep may directories nest that are compared.
const DEEP: usize = 60;

async fn diff(p: &mut Proc, arguments: &[String]) -> Ended {
    if let Some(word) = arguments.iter().find(|word| matches!(word.as_str(), "--help" | "--version" | "-v")) {
        return p.gap(&format!("diff {word}"));
    }
    let given = given!(p, &SPEC, arguments, |complaint| misused_named(p, &complaint).await);
    match given.last_of(&COLOR.to_string()).map(|_| given.value(COLOR).unwrap_or("auto")) {
        Some(_) if p.peek(|linux| !linux.distro.has("diffutils", (3, 4, 0))) => {
            return misused_named(p, "unrecognized option '--color'").await;
        }
        // To programs the terminal is one without colours.
        None | Some("auto" | "never") => {}
        Some("always") => return p.gap("diff --color=always"),
        Some(word) => return misused_named(p, &format!("invalid color '{word}'")).await,
    }
    let [from, to] = match &given.operands[..] {
        [from, to] => [from.clone(), to.clone()],
        operands => {
            let last = operands.last().cloned().unwrap_or_else(|| "diff".to_owned());
            let text = match operands.len() {
                0 | 1 => format!("missing operand after '{last}'"),
                _ => format!("extra operand '{}'", operands[2]),
            };
            return misused_named(p, &text).await;
        }
    };
    let compare = match Compare::read(&given, arguments) {
        Ok(compare) => compare,
        Err(complaint) => return misused_named(p, &complaint).await,
    };
    let dirs = [&from, &to].map(|file| file != "-" && input::is_dir(p, file));
    match dirs {
        [true, true] => compare.folders(p, &from, &to).await,
        [true, false] if given.has('N') && p.lookup(&to).is_err() => compare.folders(p, &from, &to).await,
        [false, true] if given.has('N') && p.lookup(&from).is_err() => compare.folders(p, &from, &to).await,
        // A file is compared with the one of its name in the directory, if it is there.
        [true, false] if to != "-" && p.lookup(&to).is_err() => compare.files(p, "/dev/null", &to, false).await,
        [false, true] if from != "-" && p.lookup(&from).is_err() => compare.files(p, &from, "/dev/null", false).await,
        [true, false] if to != "-" => compare.files(p, &within(&from, base(&to)), &to, false).await,
        [false, true] if from != "-" => compare.files(p, &from, &within(&to, base(&from)), false).await,
        [false, false] => compare.files(p, &from, &to, false).await,
        _ => input::failed(p, "cannot compare '-' to a directory", 2).await,
    }
}

/// `sdiff`: `diff -y`, with some options under other letters.
async fn sdiff(p: &mut Proc, arguments: &[String]) -> Ended {
    const SPEC: Spec = Spec {
        short: "abBdEilo:stw:WZ",
        long: &[
            ("expand-tabs", 't'),
            ("ignore-all-space", 'W'),
            ("ignore-blank-lines", 'B'),
            ("ignore-case", 'i'),
            ("ignore-space-change", 'b'),
            ("ignore-tab-expansion", 'E'),
            ("ignore-trailing-space", 'Z'),
            ("left-column", 'l'),
            ("minimal", 'd'),
            ("output:", 'o'),
            ("suppress-common-lines", 's'),
            ("text", 'a'),
            ("width:", 'w'),
        ],
        gaps: "H I: --diff-program: --ignore-matching-lines: --speed-large-files --strip-trailing-cr --tabsize:",
    };
    let given = given!(p, &SPEC, arguments, |complaint| misused_named(p, &complaint).await);
    if given.has('o') {
        return p.gap("sdiff -o");
    }
    if given.operands.len() == 2 && given.operands.iter().all(|file| input::is_dir(p, file)) {
        return input::failed(p, "both files to be compared are directories", 2).await;
    }
    let mut words = vec!["-y".to_owned()];
    for (letter, value) in &given.options {
        words.push(match letter {
            'l' => "--left-column".to_owned(),
            's' => "--suppress-common-lines".to_owned(),
            'w' => format!("-W{}", value.clone().unwrap_or_default()),
            'W' => "-w".to_owned(),
            letter => format!("-{letter}"),
        });
    }
    words.push("--".to_owned());
    words.extend(given.operands.iter().cloned());
    diff(p, &words).await
}

fn base(path: &str) -> &str {
    path.trim_end_matches('/').rsplit('/').next().unwrap_or(path)
}

fn within(dir: &str, name: &str) -> String {
    format!("{}/{name}", dir.trim_end_matches('/'))
}

/// How changes are shown.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Style {
    Normal,
    Context(usize),
    Unified(usize),
    Ed,
    Rcs,
    Side(Columns),
}

/// The style that an option asks for, by one of its letters.
fn style_of(letter: char) -> Option<char> {
    match letter {
        'c' | 'C' => Some('c'),
        'u' | 'U' => Some('u'),
        'e' | 'n' | 'y' | NORMAL => Some(letter),
        _ => None,
    }
}

struct Compare<'a> {
    given: &'a Given,
    style: Style,
    ignored: Option<Regex>,
    /// What begins a function, whose line stands in the heads of hunks.
    function: Option<Regex>,
    /// The options as they stand in the line before each pair of files in a directory.
    switches: String,
}

impl<'a> Compare<'a> {
    fn read(given: &'a Given, arguments: &[String]) -> Result<Self, String> {
        let digits: String = given.options.iter().map(|(letter, _)| *letter).filter(char::is_ascii_digit).collect();
        let length = |letter: char| match given.value(letter).or((!digits.is_empty()).then_some(digits.as_str())) {
            None => Ok(3),
            Some(text) => text.parse::<usize>().map_err(|_| format!("invalid context length '{text}'")),
        };
        let columns = || {
            let width = match given.value('W') {
                None => 130,
                Some(text) => match text.parse::<usize>() {
                    Ok(width) if width > 0 => width.min(1 << 16),
                    _ => return Err(format!("invalid width '{text}'")),
                },
            };
            Ok(Columns::new(width, given.has('t'), given.has(LEFT_COLUMN), given.has(SUPPRESS_COMMON)))
        };
        let styles: BTreeSet<char> = given.options.iter().filter_map(|(letter, _)| style_of(*letter)).collect();
        if styles.len() > 1 {
            return Err("conflicting output style options".to_owned());
        }
        let style = match given.last_of("cCuUeny\u{4}") {
            Some('c' | 'C') => Style::Context(length('C')?.min(1 << 20)),
            Some('n') => Style::Rcs,
            Some('y') => Style::Side(columns()?),
            None if given.has('p') => Style::Context(length('C')?.min(1 << 20)),
            Some('u' | 'U') => Style::Unified(length('U')?.min(1 << 20)),
            Some('e') => Style::Ed,
            _ => Style::Normal,
        };
        let patterns: Vec<&str> = given.values('I').collect();
        let ignored = match patterns.is_empty() {
            true => None,
            false => Some(Regex::new(&patterns.join("\n"), Syntax::Basic, Options::default())?),
        };
        let begins: Vec<&str> =
            given.has('p').then_some("^[[:alpha:]$_]").into_iter().chain(given.values('F')).collect();
        let function = match begins.is_empty() {
            true => None,
            false => Some(Regex::new(&begins.join("\n"), Syntax::Basic, Options::default())?),
        };
        let operands = &given.operands;
        let switches = arguments.iter().filter(|word| !operands.contains(word) && *word != "--");
        let switches = switches.map(|word| format!(" {word}")).collect();
        Ok(Self { given, style, ignored, function, switches })
    }

    fn has(&self, letter: char) -> bool {
        self.given.has(letter)
    }

    /// A line as it is compared.
    fn key(&self, line: &[u8]) -> Vec<u8> {
        let mut key: Vec<u8> = Vec::with_capacity(line.len());
        for byte in line {
            if byte.is_ascii_whitespace() && self.has('w') {
                continue;
            }
            if byte.is_ascii_whitespace() && self.has('b') {
                if key.last() != Some(&b' ') {
                    key.push(b' ');
                }
                continue;
            }
            key.push(if self.has('i') { byte.to_ascii_lowercase() } else { *byte });
        }
        if self.has('Z') || self.has('b') {
            while key.last().is_some_and(u8::is_ascii_whitespace) {
                key.pop();
            }
        }
        key
    }

    fn lines(&self, bytes: &[u8]) -> Side {
        let open = bytes.last().is_some_and(|last| *last != b'\n');
        let strips = self.has(STRIP);
        let lines = input::split_lines(bytes, b'\n').into_iter();
        let lines = lines.map(|line| if strips { line.strip_suffix(b"\r").unwrap_or(line) } else { line }.to_vec());
        Side { lines: lines.collect(), open }
    }

    fn changes(&self, a: &Side, b: &Side) -> Vec<Change> {
        let keys = |side: &Side| {
            let mut keys: Vec<Vec<u8>> = side.lines.iter().map(|line| self.key(line)).collect();
            if side.open
                && !(self.has('w') || self.has('b') || self.has('Z'))
                && let Some(last) = keys.last_mut()
            {
                // No line that ends equals one that does not.
                last.push(b'\n');
            }
            keys
        };
        let mut changes = script::changes(&keys(a), &keys(b));
        changes.retain(|change| {
            let mut lines = a.lines[change.a.clone()].iter().chain(&b.lines[change.b.clone()]);
            !lines.all(|line| {
                self.has('B') && self.key(line).is_empty()
                    || self.ignored.as_ref().is_some_and(|ignored| ignored.is_match(line))
            })
        });
        changes
    }

    /// Compares two files; within directories a line says which.
    async fn files(&self, p: &mut Proc, from: &str, to: &str, titled: bool) -> Ended {
        let mut contents = Vec::new();
        let mut missing = Vec::new();
        let mut troubled = false;
        for file in [from, to] {
            match input::read_all(p, file).await? {
                Ok(bytes) => contents.push(bytes),
                Err(Errno::Noent) if self.has('N') => {
                    missing.push(file);
                    contents.push(Vec::new());
                }
                Err(errno) => {
                    troubled = true;
                    p.complain(&format!("{file}: {}", errno.text())).await?;
                }
            }
        }
        let [first, second] = &contents[..] else { return Ok(2) };
        if troubled || missing.len() == 2 {
            return Ok(2);
        }
        let plain = !["i", "w", "b", "B", "Z", "I", "\u{1}"]
            .iter()
            .any(|letter| self.has(letter.chars().next().unwrap_or(' ')));
        let shows_equals = matches!(self.style, Style::Side(_)) && !self.has(SUPPRESS_COMMON) && !self.has('q');
        if first == second && !shows_equals {
            return self.identical(p, from, to).await;
        }
        let binary = [first, second].iter().any(|bytes| bytes.iter().take(4096).any(|byte| *byte == 0));
        if binary && !self.has('a') || self.has('q') && plain {
            let kind = if binary && !self.has('q') { "Binary files" } else { "Files" };
            p.out(&format!("{kind} {from} and {to} differ\n")).await?;
            return Ok(if binary && !self.has('q') { 2 } else { 1 });
        }
        input::bounded(first, b'\n')?;
        input::bounded(second, b'\n')?;
        let (a, b) = (self.lines(first), self.lines(second));
        p.tick().await?;
        let changes = self.changes(&a, &b);
        if changes.is_empty() && !shows_equals {
            return self.identical(p, from, to).await;
        }
        if self.has('q') {
            p.out(&format!("Files {from} and {to} differ\n")).await?;
            return Ok(1);
        }
        let mut out = Out::default();
        if titled {
            out.text(&format!("diff{} {from} {to}\n", self.switches));
        }
        let mut labels = self.given.values('L');
        let names = [from, to].map(|file| match labels.next() {
            Some(label) => label.to_owned(),
            None => format!("{file}\t{}", stamp(p, file, missing.contains(&file))),
        });
        match self.style {
            Style::Normal => output::normal(&mut out, &a, &b, &changes),
            Style::Ed => output::ed(&mut out, &b, &changes),
            Style::Rcs => output::rcs(&mut out, &b, &changes),
            Style::Side(columns) => columns.print(&mut out, &a, &b, &changes),
            Style::Unified(context) => {
                out.text(&format!("--- {}\n+++ {}\n", names[0], names[1]));
                output::unified(&mut out, &a, &b, &changes, context, self.function.as_ref());
            }
            Style::Context(context) => {
                out.text(&format!("*** {}\n--- {}\n", names[0], names[1]));
                output::contextual(&mut out, &a, &b, &changes, context, self.function.as_ref());
            }
        }
        out.flush(p).await?;
        if changes.is_empty() {
            return self.identical(p, from, to).await;
        }
        Ok(1)
    }

    async fn identical(&self, p: &mut Proc, from: &str, to: &str) -> Ended {
        if self.has('s') {
            p.out(&format!("Files {from} and {to} are identical\n")).await?;
        }
        Ok(0)
    }

    /// Compares two directories.
    async fn folders(&self, p: &mut Proc, from: &str, to: &str) -> Ended {
        let mut status = 0;
        let mut left = vec![Pair {
            paths: [from.to_owned(), to.to_owned()],
            present: [from, to].map(|path| p.lookup(path).is_ok()),
            depth: 0,
        }];
        while let Some(pair) = left.pop() {
            let dirs = [0, 1].map(|side| input::is_dir(p, &pair.paths[side]));
            // What is missing is an empty directory then.
            let both = (0..2).all(|side| dirs[side] || self.has('N') && !pair.present[side]);
            if !both || !dirs.contains(&true) {
                status = self.pair(p, &pair, dirs).await?.max(status);
                continue;
            }
            let [from, to] = &pair.paths;
            if pair.depth > 0 && !self.has('r') {
                p.out(&format!("Common subdirectories: {from} and {to}\n")).await?;
                continue;
            }
            if pair.depth > DEEP {
                status = input::failed(p, &format!("{from}: recursive directory loop"), 2).await?;
                continue;
            }
            let mut entries = Vec::new();
            for path in pair.paths.iter().zip(dirs).map(|(path, dir)| dir.then_some(path)) {
                match path.map_or(Ok(BTreeSet::new()), |path| names(p, path)) {
                    Ok(names) => entries.push(names),
                    Err(errno) => {
                        let path = path.map_or("", String::as_str);
                        status = input::failed(p, &format!("{path}: {}", errno.text()), 2).await?;
                    }
                }
            }
            let [one, two] = &entries[..] else { continue };
            let excluded =
                |name: &String| self.given.values('x').any(|glob| Pattern::new(glob, Default::default()).matches(name));
            let all: Vec<&String> = one.union(two).filter(|name| !excluded(name)).collect();
            left.extend(all.into_iter().rev().map(|name| Pair {
                paths: [within(from, name), within(to, name)],
                present: [one.contains(name), two.contains(name)],
                depth: pair.depth + 1,
            }));
        }
        Ok(status)
    }

    /// Compares what two directories have under one name, at least one of them no directory.
    async fn pair(&self, p: &mut Proc, pair: &Pair, dirs: [bool; 2]) -> Result<u8, Cut> {
        let [from, to] = &pair.paths;
        let only = match pair.present {
            [true, false] => Some(from),
            [false, true] if !self.has('P') => Some(to),
            _ => None,
        };
        match only {
            Some(path) if !self.has('N') => {
                let dir = path.rsplit_once('/').map_or(".", |(dir, _)| dir);
                p.out(&format!("Only in {dir}: {}\n", base(path))).await?;
                Ok(1)
            }
            None if dirs.contains(&true) => {
                let kind = |dir: bool| if dir { "directory" } else { "regular file" };
                let (a, b) = (kind(dirs[0]), kind(dirs[1]));
                p.out(&format!("File {from} is a {a} while file {to} is a {b}\n")).await?;
                Ok(1)
            }
            _ => self.files(p, from, to, true).await,
        }
    }
}

/// What two directories have under one name.
struct Pair {
    paths: [String; 2],
    /// Which of them has it.
    present: [bool; 2],
    depth: usize,
}

/// The names in a directory.
fn names(p: &Proc, path: &str) -> Result<BTreeSet<String>, Errno> {
    p.peek(|linux| {
        let dir = linux.fs.lookup(&p.cred, &p.cwd, path)?;
        Ok(linux.fs.readdir(&p.cred, dir)?.map(|(name, _)| name.to_string()).collect())
    })
}

/// When a file was changed, as the heads of context and unified output have it.
fn stamp(p: &Proc, file: &str, missing: bool) -> String {
    let zone = p.peek(|linux| linux.zone.clone());
    let at = match p.lookup(file) {
        _ if missing => None,
        Ok(ino) if file != "-" => Some(p.world(|world, id| made_files::inode(world, id, ino).mtime)),
        _ => Some(p.now()),
    };
    let (seconds, nanos) = at.map_or((0, 0), |at| (at.utc().unix_timestamp(), at.utc().nanosecond()));
    clock::format("%Y-%m-%d %H:%M:%S.%N %z", seconds, nanos, &zone)
}
