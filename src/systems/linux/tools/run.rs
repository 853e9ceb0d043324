//! Programs that run other programs (`env`, `timeout`, `nohup`, `nice`, `time`), that look for them (`which`, `whereis`), and
//! small ones about the terminal.

use std::collections::BTreeMap;
use std::future::poll_fn;
use std::sync::Arc;
use std::task::Poll;

use super::getopt::Spec as Options;
use super::when::{misused, span};
use super::{Tool, tool};
use crate::shell::coroutine::Await;
use crate::systems::linux::bash::{Ran, run_words};
use crate::systems::linux::distro::Dialect;
use crate::systems::linux::fs::{Access, Errno, Kind};
use crate::systems::linux::io::Open;
use crate::systems::linux::kernel;
use crate::systems::linux::model::Linux;
use crate::systems::linux::proc::{Ended, Mode, Proc};

/// The programs of this file.
pub static TOOLS: &[Tool] = &[
    tool!("env", env),
    tool!("timeout", timeout),
    tool!("nohup", nohup),
    tool!("nice", nice),
    tool!("setsid", setsid),
    tool!("time", time),
    tool!("printenv", printenv),
    tool!("which", which),
    tool!("whereis", whereis),
    tool!("clear", clear),
    tool!("reset", clear),
    tool!("stty", stty),
    tool!("crontab", crontab),
];

/// Runs a program under this one's name in messages: 126 and 127 when it cannot be run.
async fn run(p: &mut Proc, words: Vec<String>) -> Ended {
    let name = words.first().cloned().unwrap_or_default();
    match run_words(p, words).await? {
        Ran::Status(status) => Ok(status),
        Ran::Refused(errno) => cannot(p, &name, errno).await,
    }
}

async fn cannot(p: &mut Proc, name: &str, errno: Errno) -> Ended {
    let text = match p.name.as_str() {
        "env" => format!("'{name}': {}", errno.text()),
        "time" => format!("cannot run {name}: {}", errno.text()),
        "setsid" => format!("failed to execute {name}: {}", errno.text()),
        _ => format!("failed to run command '{name}': {}", errno.text()),
    };
    p.complain(&text).await?;
    Ok(if errno == Errno::Noent { 127 } else { 126 })
}

async fn env(p: &mut Proc, arguments: &[String]) -> Ended {
    const OPTIONS: Options = Options {
        short: "i0u:C:S:v",
        long: &[
            ("ignore-environment", 'i'),
            ("null", '0'),
            ("unset:", 'u'),
            ("chdir:", 'C'),
            ("split-string:", 'S'),
            ("debug", 'v'),
            ("help", 'h'),
            ("version", 'V'),
        ],
    };
    let given = match OPTIONS.read(arguments, true) {
        Ok(given) => given,
        Err(text) => {
            misused(p, &text).await?;
            return Ok(125);
        }
    };
    for letter in "CSvhV".chars() {
        if given.has(letter) {
            return p.gap(&format!("env -{letter}"));
        }
    }
    let mut environment: BTreeMap<String, String> =
        if given.has('i') { BTreeMap::new() } else { p.env.as_ref().clone() };
    for name in given.values('u') {
        environment.remove(name);
    }
    let mut words = &given.operands[..];
    if words.first().is_some_and(|word| word == "-") {
        environment.clear();
        words = &words[1..];
    }
    while let Some((name, value)) = words.first().and_then(|word| word.split_once('=')) {
        environment.insert(name.to_owned(), value.to_owned());
        words = &words[1..];
    }
    let end = if given.has('0') { '\0' } else { '\n' };
    p.env = Arc::new(environment);
    if words.is_empty() {
        let text: String = p.env.iter().map(|(name, value)| format!("{name}={value}{end}")).collect();
        p.out(&text).await?;
        return Ok(0);
    }
    run(p, words.to_vec()).await
}

async fn printenv(p: &mut Proc, arguments: &[String]) -> Ended {
    if let Some(option) = arguments.iter().find(|word| word.starts_with('-')) {
        return p.gap(&format!("printenv {option}"));
    }
    if arguments.is_empty() {
        let text: String = p.env.iter().map(|(name, value)| format!("{name}={value}\n")).collect();
        p.out(&text).await?;
        return Ok(0);
    }
    let mut status = 0;
    for name in arguments {
        match p.env(name).map(str::to_owned) {
            Some(value) => p.out(&format!("{value}\n")).await?,
            None => status = 1,
        }
    }
    Ok(status)
}

/// `timeout`: runs a program beside a clock. When that is through first, the program is sent a signal.
async fn timeout(p: &mut Proc, arguments: &[String]) -> Ended {
    const OPTIONS: Options = Options {
        short: "k:s:v",
        long: &[
            ("kill-after:", 'k'),
            ("signal:", 's'),
            ("verbose", 'v'),
            ("foreground", 'f'),
            ("preserve-status", 'p'),
            ("help", 'h'),
            ("version", 'V'),
        ],
    };
    let given = match OPTIONS.read(arguments, true) {
        Ok(given) => given,
        Err(text) => {
            misused(p, &text).await?;
            return Ok(125);
        }
    };
    if given.has('h') || given.has('V') {
        return p.gap("timeout with this option");
    }
    let [length, words @ ..] = &given.operands[..] else {
        misused(p, "missing operand").await?;
        return Ok(125);
    };
    if words.is_empty() {
        misused(p, "missing operand").await?;
        return Ok(125);
    }
    let Some(length) = span(length) else {
        misused(p, &format!("invalid time interval '{length}'")).await?;
        return Ok(125);
    };
    let signal = match given.value('s') {
        None => 15,
        Some(text) => match kernel::signal_number(text) {
            Some(signal) => signal,
            None => {
                misused(p, &format!("'{text}': invalid signal")).await?;
                return Ok(125);
            }
        },
    };
    let endless = length.as_micros() == 0;
    let until = p.now() + length;
    let preserves = given.has('p');
    // Whatever signal it is, what runs is cut off in the middle: traps for it are not run.
    let ended = {
        let clock = p.cx.clone();
        let mut program = Box::pin(run(p, words.to_vec()));
        poll_fn(|polling| {
            if let Poll::Ready(ended) = program.as_mut().poll(polling) {
                return Poll::Ready(Some(ended));
            }
            if endless || clock.with(|cx| cx.now()) < until {
                if !endless {
                    let _: Poll<()> = clock.awaits(Await::Until(until));
                }
                return Poll::Pending;
            }
            Poll::Ready(None)
        })
        .await
    };
    match ended {
        Some(ended) => ended,
        None => {
            let me = p.pid;
            p.linux(|linux| {
                for pid in descendants(linux, me).into_iter().filter(|pid| *pid != me) {
                    linux.processes.remove(pid);
                }
            });
            Ok(match (signal, preserves) {
                (9, _) => 137,
                (_, true) => 128 + signal,
                _ => 124,
            })
        }
    }
}

/// A process with all that it has started, the youngest first.
fn descendants(linux: &Linux, pid: u32) -> Vec<u32> {
    let mut found = vec![pid];
    let mut at = 0;
    while let Some(parent) = found.get(at).copied() {
        found.extend(linux.processes.iter().filter(|(_, process)| process.ppid == parent).map(|(pid, _)| pid));
        at += 1;
    }
    found.reverse();
    found
}

/// `nohup`: output that would go to the terminal goes to a file.
async fn nohup(p: &mut Proc, arguments: &[String]) -> Ended {
    if arguments.is_empty() {
        misused(p, "missing operand").await?;
        return Ok(125);
    }
    if arguments[0].starts_with("--") && arguments[0] != "--" {
        return p.gap(&format!("nohup {}", arguments[0]));
    }
    let words = if arguments[0] == "--" { &arguments[1..] } else { arguments };
    let on_terminal = |p: &Proc, fd: u32| p.files.get(fd).is_some_and(|open| matches!(**open, Open::Terminal));
    let (input, output, errors) = (on_terminal(p, 0), on_terminal(p, 1), on_terminal(p, 2));
    if output {
        let mut told = "nohup.out".to_owned();
        let mut file = p.open("nohup.out", Mode::Append);
        if file.is_err() {
            told = format!("{}/nohup.out", p.env("HOME").unwrap_or("/"));
            file = p.open(&told, Mode::Append);
        }
        match file {
            Ok(file) => {
                let ignoring = if input { "ignoring input and appending output to" } else { "appending output to" };
                p.complain(&format!("{ignoring} '{told}'")).await?;
                p.files.set(1, Some(file));
            }
            Err(errno) => {
                p.complain(&format!("failed to open '{told}': {}", errno.text())).await?;
                return Ok(125);
            }
        }
    } else if input {
        p.complain("ignoring input").await?;
    }
    if input {
        p.files.set(0, Some(Arc::new(Open::Null)));
    }
    if errors {
        let open = p.files.get(1).cloned();
        p.files.set(2, open);
    }
    run(p, words.to_vec()).await
}

async fn nice(p: &mut Proc, arguments: &[String]) -> Ended {
    let mut words = arguments;
    match words {
        [] => {
            p.out("0\n").await?;
            return Ok(0);
        }
        [option, value, ..] if option == "-n" => {
            if value.parse::<i32>().is_err() {
                misused(p, &format!("invalid adjustment '{value}'")).await?;
                return Ok(125);
            }
            words = &words[2..];
        }
        [option, ..]
            if option
                .trim_start_matches("--adjustment=")
                .trim_start_matches("-n")
                .trim_start_matches('-')
                .parse::<i32>()
                .is_ok()
                && option.starts_with('-') =>
        {
            words = &words[1..];
        }
        _ => {}
    }
    if words.is_empty() {
        misused(p, "a command must be given with an adjustment").await?;
        return Ok(125);
    }
    run(p, words.to_vec()).await
}

async fn setsid(p: &mut Proc, arguments: &[String]) -> Ended {
    if arguments.first().is_none_or(|word| word.starts_with('-')) {
        return p.gap("setsid with this option");
    }
    run(p, arguments.to_vec()).await
}

/// `time` as a program: GNU time.
async fn time(p: &mut Proc, arguments: &[String]) -> Ended {
    let (portable, words) = match arguments {
        [option, words @ ..] if option == "-p" => (true, words),
        [option, ..] if option.starts_with('-') => return p.gap(&format!("time {option}")),
        words => (false, words),
    };
    if words.is_empty() {
        return p.gap("the usage of time");
    }
    let began = p.now();
    let status = run(p, words.to_vec()).await?;
    let spent = p.now().since(began);
    let (secs, part) = (spent.as_secs(), spent.as_micros() / 10_000 % 100);
    let text = if portable {
        format!("real {secs}.{part:02}\nuser 0.00\nsys 0.00\n")
    } else {
        let elapsed = if secs >= 3_600 {
            format!("{}:{:02}:{:02}", secs / 3_600, secs / 60 % 60, secs % 60)
        } else {
            format!("{}:{:02}.{part:02}", secs / 60, secs % 60)
        };
        format!(
            "0.00user 0.00system {elapsed}elapsed 0%CPU (0avgtext+0avgdata 2048maxresident)k\n0inputs+0outputs (0major+96minor)pagefaults 0swaps\n"
        )
    };
    p.err(&text).await?;
    Ok(status)
}

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
        short: "aivV",
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
            ("version", 'v'),
            ("help", 'h'),
        ],
    };
    // Behind `--tty-only` options count only where a person reads.
    let watched = p.files.get(1).is_some_and(|open| matches!(**open, Open::Terminal));
    let only = arguments.iter().position(|word| word == "--tty-only").filter(|_| !watched);
    let counts = |at: usize, word: &String| only.is_none_or(|only| at < only || !word.starts_with("--"));
    let arguments: Vec<String> =
        arguments.iter().enumerate().filter(|(at, word)| counts(*at, word)).map(|(_, word)| word.clone()).collect();
    let given = match OPTIONS.read(&arguments, false) {
        Ok(given) => given,
        Err(text) => return misused(p, &text).await,
    };
    if given.has('v') || given.has('V') || given.has('h') {
        return p.gap("which with this option");
    }
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

/// `clear` and `reset`: what ncurses sends to an xterm.
async fn clear(p: &mut Proc, _: &[String]) -> Ended {
    let text = if p.name == "reset" {
        "\u{1b}c\u{1b}]104\u{7}\u{1b}[!p\u{1b}[?3;4l\u{1b}[4l\u{1b}>"
    } else {
        "\u{1b}[H\u{1b}[2J\u{1b}[3J"
    };
    p.out(text).await?;
    Ok(0)
}

async fn stty(p: &mut Proc, arguments: &[String]) -> Ended {
    if arguments != ["size"] {
        return p.gap(&format!("stty {}", arguments.join(" ")));
    }
    if !p.files.get(0).is_some_and(|open| matches!(**open, Open::Terminal)) {
        return p.fail("'standard input': Inappropriate ioctl for device").await;
    }
    let (rows, columns) = p.cx.with(|cx| (cx.session.terminal.rows, cx.session.terminal.columns));
    p.out(&format!("{rows} {columns}\n")).await?;
    Ok(0)
}

async fn crontab(p: &mut Proc, arguments: &[String]) -> Ended {
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let user = match words[..] {
        ["-l"] => p.user.clone(),
        ["-l", "-u", user] | ["-u", user, "-l"] => user.to_owned(),
        _ => return p.gap(&format!("crontab {}", words.join(" "))),
    };
    if user != p.user && !p.cred.is_root() {
        p.err("must be privileged to use -u\n").await?;
        return Ok(1);
    }
    if p.peek(|linux| linux.user(&user)).is_none() {
        p.err(&format!("crontab:  user `{user}' unknown\n")).await?;
        return Ok(1);
    }
    // crontab runs as root.
    let mut root = p.child(&["crontab".to_owned()]);
    root.cred = crate::systems::linux::fs::Cred::ROOT;
    let text = root
        .read_path(&format!("/var/spool/cron/{user}"))
        .or_else(|_| root.read_path(&format!("/var/spool/cron/tabs/{user}")));
    root.exit(0);
    root.reap();
    match text {
        Ok(text) => {
            p.write(1, &text).await?;
            Ok(0)
        }
        Err(_) => {
            p.err(&format!("no crontab for {user}\n")).await?;
            Ok(1)
        }
    }
}
