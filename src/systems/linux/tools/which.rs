//! `which` and `whereis`: where programs are.

use super::getopt::Spec as Options;
use super::input::given;
use super::{Tool, tool};
use crate::systems::linux::distro::Dialect;
use crate::systems::linux::fs::{Access, Kind};
use crate::systems::linux::proc::{Ended, Proc};

/// The programs of this file.
pub static TOOLS: &[Tool] = &[tool!("whereis", whereis), tool!("which", which)];

/// The programs of a name along `PATH`.
fn along_path(p: &Proc, name: &str) -> Vec<String> {
    let path = p.env("PATH").unwrap_or_default().to_owned();
    let candidates: Vec<String> = if name.contains('/') {
        vec![name.to_owned()]
    } else {
        path.split(':').map(|dir| format!("{}/{name}", if dir.is_empty() { "." } else { dir })).collect()
    };
    let runnable = |path: &String| {
        p.peek(|linux| {
            linux.fs.lookup(&p.cred, &p.cwd, path).is_ok_and(|ino| {
                matches!(linux.fs.node(ino).kind, Kind::File(_)) && linux.fs.access(&p.cred, ino, Access::EXEC).is_ok()
            })
        })
    };
    candidates.into_iter().filter(runnable).collect()
}

async fn which(p: &mut Proc, arguments: &[String]) -> Ended {
    const OPTIONS: Options = Options {
        short: "ai",
        long: &[
            ("all", 'a'),
            ("read-alias", 'i'),
            ("skip-alias", 's'),
            ("read-functions", 'f'),
            ("skip-functions", 'F'),
            ("skip-dot", 'd'),
            ("skip-tilde", 't'),
            ("show-dot", 'D'),
            ("show-tilde", 'T'),
            ("tty-only", 'y'),
        ],
        gaps: "v V",
    };
    // Behind `--tty-only` options count only where a person reads.
    let watched = p.files.is_terminal(1);
    let only = arguments.iter().position(|word| word == "--tty-only").filter(|_| !watched);
    let counts = |at: usize, word: &String| only.is_none_or(|only| at < only || !word.starts_with("--"));
    let arguments: Vec<String> =
        arguments.iter().enumerate().filter(|(at, word)| counts(*at, word)).map(|(_, word)| word.clone()).collect();
    let given = given!(p, &OPTIONS, &arguments, 1);
    let reads = |on: char, off: char| given.last_of(&format!("{on}{off}")) == Some(on);
    let said = match reads('i', 's') || reads('f', 'F') {
        true => String::from_utf8_lossy(&p.read_all(0).await?).into_owned(),
        false => String::new(),
    };
    let mut status = 0;
    for name in given.operands.clone() {
        let alias = said.lines().find_map(|line| aliased(line, &name)).filter(|_| reads('i', 's'));
        let function = defined(&said, &name).filter(|_| reads('f', 'F') && alias.is_none());
        let mut found: Vec<String> = match &alias {
            Some((line, text)) => {
                p.out(&format!("{line}\n")).await?;
                let commands = text.split(['|', '&', ';', '(', ')']);
                let commands = commands.filter_map(|command| command.split_whitespace().next());
                commands.filter_map(|command| along_path(p, command).into_iter().next()).collect()
            }
            None => along_path(p, &name),
        };
        if let Some(text) = &function {
            p.out(text).await?;
            found.clear();
        }
        if found.is_empty() && alias.is_none() && function.is_none() {
            status = 1;
            if p.peek(|linux| linux.distro.dialect()) == Dialect::Ash {
                // The applet says nothing.
                continue;
            }
            p.complain(&missing(p, &name)).await?;
        }
        if !given.has('a') && alias.is_none() {
            found.truncate(1);
        }
        let tab = if alias.is_some() { "\t" } else { "" };
        for path in found {
            p.out(&format!("{tab}{path}\n")).await?;
        }
    }
    Ok(status)
}

/// What `which` says of a name that it does not find.
fn missing(p: &Proc, name: &str) -> String {
    match name.rsplit_once('/') {
        Some((dir, name)) => format!("no {name} in ({dir})"),
        None => format!("no {name} in ({})", p.env("PATH").unwrap_or_default()),
    }
}

/// A line of `alias` that is about a name, and what the name stands for.
fn aliased(line: &str, name: &str) -> Option<(String, String)> {
    let (known, text) = line.strip_prefix("alias ").unwrap_or(line).split_once('=')?;
    let text = text.strip_prefix('\'').and_then(|text| text.strip_suffix('\'')).unwrap_or(text);
    (known == name).then(|| (line.to_owned(), text.to_owned()))
}

/// The lines of `declare -f` that define a function.
fn defined(said: &str, name: &str) -> Option<String> {
    let head = format!("{name} () ");
    let mut lines = said.lines().skip_while(|line| *line != head);
    lines.clone().next()?;
    let mut text = String::new();
    for line in lines.by_ref() {
        text.push_str(&format!("{line}\n"));
        if line == "}" {
            break;
        }
    }
    Some(text)
}

/// `whereis`: of sources and manual pages there are none.
async fn whereis(p: &mut Proc, arguments: &[String]) -> Ended {
    const PLACES: [&str; 7] = ["/usr/bin", "/usr/sbin", "/bin", "/sbin", "/etc", "/usr/local/bin", "/usr/local/sbin"];
    if let Some(option) = arguments.iter().find(|word| word.starts_with('-') && *word != "-b") {
        return p.gap(&format!("whereis {option}"));
    }
    if arguments.is_empty() {
        p.complain("not enough arguments").await?;
        return Ok(1);
    }
    for name in arguments.iter().filter(|word| !word.starts_with('-')) {
        let mut found: Vec<String> = Vec::new();
        for dir in PLACES {
            let real = p.peek(|linux| linux.fs.canonical(&p.cred, "/", dir)).unwrap_or_default();
            let path = format!("{dir}/{name}");
            if real == dir && p.lookup(&path).is_ok() {
                found.push(path);
            }
        }
        p.out(&format!("{name}:{}\n", found.iter().map(|path| format!(" {path}")).collect::<String>())).await?;
    }
    p.inferred();
    Ok(0)
}
