//! The actions of `find`: what is done with a file that fits.

use super::super::ask::answer;
use super::super::show::curly;
use super::super::{Meta, Owners, parent, when};
use super::test::letter;
use super::{Found, State};
use crate::sim::{Instant, Span};
use crate::systems::linux::bash::{Ran, run_words};
use crate::systems::linux::fs::Kind;
use crate::systems::linux::io::Cut;
use crate::systems::linux::mode;
use crate::systems::linux::proc::Proc;

/// So many bytes of arguments are given to one command with `+`, as `find` has it.
const ARGUMENTS: usize = 128 * 1024;

/// An action.
#[derive(Debug)]
pub enum Action {
    /// `-print`, `-print0`, `-printf`, `-ls`, and the same into a file: its place among those.
    Show(Show, Option<usize>),
    /// `-delete`
    Delete,
    /// `-prune`
    Prune,
    /// `-quit`
    Quit,
    /// `-exec ... ;`
    Run {
        /// The command.
        words: Vec<String>,
        /// Whether it runs in the file's directory (`-execdir`).
        inside: bool,
        /// Whether it is asked before (`-ok`).
        asks: bool,
    },
    /// `-exec ... {} +`
    Batch {
        /// The command without `{}`.
        words: Vec<String>,
        /// Whether it runs in the file's directory.
        inside: bool,
    },
}

/// What is shown of a file.
#[derive(Debug)]
pub enum Show {
    /// Its path, with this behind it.
    Path(&'static str),
    /// What a form says.
    Format(String),
    /// As `ls -dils` does.
    List,
}

impl Show {
    fn of(&self, p: &Proc, found: &Found) -> String {
        match self {
            Self::Path(end) => format!("{}{end}", found.path),
            Self::Format(form) => print(p, form, found),
            Self::List => listed(p, found),
        }
    }
}

/// Commands that wait for more files, each with where it runs.
#[derive(Debug, Default)]
pub struct Batches(Vec<Waiting>);

#[derive(Debug)]
struct Waiting {
    words: Vec<String>,
    files: Vec<String>,
    directory: Option<String>,
    failed: bool,
}

impl Batches {
    async fn add(
        &mut self,
        p: &mut Proc,
        words: &[String],
        file: String,
        directory: Option<String>,
    ) -> Result<(), Cut> {
        let found = self.0.iter().position(|batch| batch.words == words);
        let at = found.unwrap_or_else(|| {
            let batch =
                Waiting { words: words.to_vec(), files: Vec::new(), directory: directory.clone(), failed: false };
            self.0.push(batch);
            self.0.len() - 1
        });
        let batch = &mut self.0[at];
        let size = |words: &[String]| words.iter().map(|word| word.len() + 9).sum::<usize>();
        let full = size(&batch.words) + size(&batch.files) + file.len() > ARGUMENTS;
        if full || batch.directory != directory {
            batch.run(p).await?;
            batch.directory = directory;
        }
        batch.files.push(file);
        Ok(())
    }

    /// Runs what still waits: whether all commands went well.
    ///
    /// # Errors
    /// [`Cut`]
    pub async fn finish(&mut self, p: &mut Proc) -> Result<bool, Cut> {
        for batch in &mut self.0 {
            batch.run(p).await?;
        }
        Ok(self.0.iter().all(|batch| !batch.failed))
    }
}

impl Waiting {
    async fn run(&mut self, p: &mut Proc) -> Result<(), Cut> {
        if !self.files.is_empty() {
            let words = self.words.iter().cloned().chain(std::mem::take(&mut self.files)).collect();
            self.failed |= !start(p, words, self.directory.as_deref()).await?;
        }
        Ok(())
    }
}

/// Runs a command: whether it went well.
async fn start(p: &mut Proc, words: Vec<String>, directory: Option<&str>) -> Result<bool, Cut> {
    let name = words[0].clone();
    let before = p.cwd.clone();
    if let Some(directory) = directory {
        let path = p.peek(|linux| linux.fs.canonical(&p.cred, &p.cwd, directory));
        p.cwd = path.unwrap_or_else(|_| before.clone());
    }
    let ran = run_words(p, words).await;
    p.cwd = before;
    match ran? {
        Ran::Status(status) => Ok(status == 0),
        Ran::Refused(errno) => {
            p.complain(&format!("{}: {}", curly(&name), errno.text())).await?;
            Ok(false)
        }
    }
}

impl Action {
    /// Does it: whether it counts as a fit.
    pub(super) async fn run(&self, p: &mut Proc, found: &Found, state: &mut State) -> Result<bool, Cut> {
        match self {
            Self::Show(show, file) => {
                let text = show.of(p, found);
                let fd = file.and_then(|file| state.outputs.get(file)).copied().unwrap_or(1);
                p.write(fd, text.as_bytes()).await?;
            }
            Self::Delete => return delete(p, found, state).await,
            Self::Prune => state.prune = true,
            Self::Quit => state.quit = true,
            Self::Run { words, inside, asks } => {
                let (file, directory) = place(found, *inside);
                if *asks && !agreed(p, &words[0], found).await? {
                    return Ok(false);
                }
                let words = words.iter().map(|word| word.replace("{}", &file)).collect();
                return start(p, words, directory.as_deref()).await;
            }
            Self::Batch { words, inside } => {
                let (file, directory) = place(found, *inside);
                state.batches.add(p, words, file, directory).await?;
            }
        }
        Ok(true)
    }
}

/// The question before a command.
async fn agreed(p: &mut Proc, command: &str, found: &Found) -> Result<bool, Cut> {
    p.err(&format!("< {command} ... {} > ? ", found.path)).await?;
    answer(p).await
}

/// What a command gets as the file, and where it runs.
fn place(found: &Found, inside: bool) -> (String, Option<String>) {
    if inside {
        (format!("./{}", found.name()), Some(parent(&found.path).to_owned()))
    } else {
        (found.path.clone(), None)
    }
}

async fn delete(p: &mut Proc, found: &Found, state: &mut State) -> Result<bool, Cut> {
    if found.path == "." {
        return Ok(true);
    }
    let removed = p.fs(|fs, now| {
        if found.meta.is_dir() {
            fs.rmdir(&p.cred, &p.cwd, &found.path, now)
        } else {
            fs.unlink(&p.cred, &p.cwd, &found.path, now)
        }
    });
    match removed {
        Ok(()) => Ok(true),
        Err(errno) => {
            p.complain(&format!("cannot delete {}: {}", curly(&found.path), errno.text())).await?;
            state.status = 1;
            Ok(false)
        }
    }
}

/// `-ls`
fn listed(p: &Proc, found: &Found) -> String {
    const HALF_A_YEAR: Span = Span::secs(31_556_952 / 2);
    let stat = &found.meta;
    let owners = Owners::of(p, false);
    let size = match stat.kind {
        Kind::Char { major, minor } | Kind::Block { major, minor } => format!("{major:>3}, {minor:>3}"),
        _ => format!("{:>8}", stat.size),
    };
    let recent = stat.mtime <= p.now() && stat.mtime + HALF_A_YEAR > p.now();
    let at = when(p, stat.mtime, if recent { "%b %e %H:%M" } else { "%b %e  %Y" });
    let target = if let Kind::Link(target) = &stat.kind { format!(" -> {target}") } else { String::new() };
    format!(
        "{:>9} {:>6} {} {:>3} {:<8} {:<8} {size} {at} {}{target}\n",
        stat.number,
        stat.allocated.div_ceil(1024),
        mode::shown(&stat.kind, stat.mode),
        stat.nlink,
        owners.user(stat.uid),
        owners.group(stat.gid),
        found.path
    )
}

/// `-printf`
fn print(p: &Proc, form: &str, found: &Found) -> String {
    let mut text = String::new();
    let mut rest = form.chars().peekable();
    while let Some(character) = rest.next() {
        match character {
            '\\' => match rest.next() {
                Some('n') => text.push('\n'),
                Some('t') => text.push('\t'),
                Some('r') => text.push('\r'),
                Some('a') => text.push('\u{7}'),
                Some('b') => text.push('\u{8}'),
                Some('f') => text.push('\u{c}'),
                Some('v') => text.push('\u{b}'),
                Some('c') => return text,
                Some('\\') => text.push('\\'),
                Some(digit @ '0'..='7') => {
                    let mut number = u32::from(digit) - u32::from('0');
                    for _ in 0..2 {
                        let Some(next) = rest.next_if(|next| ('0'..='7').contains(next)) else { break };
                        number = number * 8 + u32::from(next) - u32::from('0');
                    }
                    text.extend(char::from_u32(number));
                }
                Some(other) => text.extend(['\\', other]),
                None => text.push('\\'),
            },
            '%' => {
                let mut flags = String::new();
                while let Some(flag) = rest.next_if(|next| "-0+ #".contains(*next)) {
                    flags.push(flag);
                }
                let mut width = 0;
                while let Some(digit) = rest.next_if(char::is_ascii_digit) {
                    width = (width * 10 + digit.to_digit(10).unwrap_or(0) as usize).min(1000);
                }
                let Some(letter) = rest.next() else {
                    text.push('%');
                    break;
                };
                let second = if "ACT".contains(letter) { rest.next() } else { None };
                let value = field(p, letter, second, found);
                text.push_str(&match (flags.contains('-'), flags.contains('0')) {
                    (true, _) => format!("{value:<width$}"),
                    (false, true) => format!("{value:0>width$}"),
                    (false, false) => format!("{value:>width$}"),
                });
            }
            character => text.push(character),
        }
    }
    text
}

fn field(p: &Proc, letter: char, second: Option<char>, found: &Found) -> String {
    let stat = &found.meta;
    let at = |at: Instant, second: Option<char>| match second {
        None => when(p, at, "%a %b %e %H:%M:%S.%N0 %Y"),
        Some('@') => when(p, at, "%s.%N0"),
        Some('+') => when(p, at, "%Y-%m-%d+%H:%M:%S.%N0"),
        Some('S') => when(p, at, "%S.%N0"),
        Some('T' | 'X') => when(p, at, "%H:%M:%S.%N0"),
        Some(letter) => when(p, at, &format!("%{letter}")),
    };
    let owners = || Owners::of(p, false);
    match letter {
        'p' => found.path.clone(),
        'f' => found.name().to_owned(),
        'h' => match found.path.rfind('/') {
            None => ".".to_owned(),
            Some(end) => found.path[..end].to_owned(),
        },
        'P' => found.path.strip_prefix(&found.start).unwrap_or_default().trim_start_matches('/').to_owned(),
        'H' => found.start.clone(),
        'd' => found.depth.to_string(),
        's' => stat.size.to_string(),
        'b' => (stat.allocated / 512).to_string(),
        'k' => stat.allocated.div_ceil(1024).to_string(),
        'm' => format!("{:o}", stat.mode),
        'M' => mode::shown(&stat.kind, stat.mode),
        'u' => owners().user(stat.uid),
        'g' => owners().group(stat.gid),
        'U' => stat.uid.to_string(),
        'G' => stat.gid.to_string(),
        'n' => stat.nlink.to_string(),
        'i' => stat.number.to_string(),
        'l' => {
            if let Kind::Link(target) = &stat.kind {
                target.clone()
            } else {
                String::new()
            }
        }
        'y' => self::letter(&stat.kind).to_string(),
        'Y' => target_letter(p, found, stat),
        'a' => at(stat.atime, None),
        'c' => at(stat.ctime, None),
        't' => at(stat.mtime, None),
        'A' => at(stat.atime, second),
        'C' => at(stat.ctime, second),
        'T' => at(stat.mtime, second),
        'F' => p.peek(|linux| linux.fs.mount_of(stat.mount).map_or(String::new(), |mount| mount.fstype.clone())),
        'D' => {
            let (major, minor) = super::super::device_of(p, stat.mount);
            ((major << 8) | minor).to_string()
        }
        'Z' => stat.context(),
        '%' => "%".to_owned(),
        other => format!("%{other}"),
    }
}

/// `%Y`: the kind of what a link leads to; `N` where it leads nowhere.
fn target_letter(p: &Proc, found: &Found, stat: &Meta) -> String {
    if !stat.is_link() {
        return letter(&stat.kind).to_string();
    }
    super::super::meta(p, &found.path, true).map_or("N".to_owned(), |meta| letter(&meta.kind).to_string())
}
