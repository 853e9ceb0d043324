//! Programs that run other programs (`env`, `timeout`, `nohup`, `time`), and small ones about the terminal.

use std::collections::BTreeMap;
use std::future::poll_fn;
use std::sync::Arc;
use std::task::Poll;

use super::date::span;
use super::files::show;
use super::getopt::Spec as Options;
use super::input::{self, given, misused};
use super::{Tool, quotes, tool};
use crate::shell::Task;
use crate::shell::coroutine::Await;
use crate::sim::{Instant, Span};
use crate::systems::linux::bash::{Ran, become_words, run_words};
use crate::systems::linux::fs::Errno;
use crate::systems::linux::io::{Cut, Open, SIGHUP, SIGKILL};
use crate::systems::linux::kernel;
use crate::systems::linux::model::Linux;
use crate::systems::linux::model::signals;
use crate::systems::linux::proc::{Ended, Mode, Proc};

/// The programs of this file.
pub static TOOLS: &[Tool] = &[
    tool!("env", env),
    tool!("timeout", timeout),
    tool!("nohup", nohup),
    tool!("stdbuf", stdbuf),
    tool!("setsid", setsid),
    tool!("time", time),
    tool!("printenv", printenv),
    tool!("clear", clear),
    tool!("reset", clear),
];

/// Becomes a program; this one's name is in messages: 126 and 127 when it cannot be run.
pub async fn run(p: &mut Proc, words: Vec<String>) -> Ended {
    let name = words.first().cloned().unwrap_or_default();
    match become_words(p, words).await? {
        Ran::Status(status) => Ok(status),
        Ran::Refused(errno) => cannot(p, &name, errno).await,
    }
}

/// Runs a program beside this one, in the same way.
async fn start(p: &mut Proc, words: Vec<String>) -> Ended {
    let name = words.first().cloned().unwrap_or_default();
    match run_words(p, words).await? {
        Ran::Status(status) => Ok(status),
        Ran::Refused(errno) => cannot(p, &name, errno).await,
    }
}

async fn cannot(p: &mut Proc, name: &str, errno: Errno) -> Ended {
    let text = match p.name.as_str() {
        // Both quote the name since 8.25.
        "env" | "nice" if !show::is_modern(p) => format!("{name}: {}", errno.text()),
        "env" | "nice" => format!("‘{name}’: {}", errno.text()),
        "nohup" => format!("failed to run command {}: {}", show::quoted(p, name), errno.text()),
        "time" => format!("cannot run {name}: {}", errno.text()),
        "setsid" => format!("failed to execute {name}: {}", errno.text()),
        _ => format!("failed to run command ‘{name}’: {}", errno.text()),
    };
    p.complain(&text).await?;
    Ok(if errno == Errno::Noent { 127 } else { 126 })
}

async fn env(p: &mut Proc, arguments: &[String]) -> Ended {
    const OPTIONS: Options = Options {
        short: "i0u:C:",
        long: &[("ignore-environment", 'i'), ("null", '0'), ("unset:", 'u'), ("chdir:", 'C')],
        gaps: "--default-signal:: --ignore-signal:: --block-signal:: --list-signal-handling S: \
               --split-string: v --debug",
    };
    let given = given!(strict p, &OPTIONS, arguments, |text| {
            misused(p, &text, 1).await?;
            Ok(125) });
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
    if let Some(directory) = given.value('C') {
        if words.is_empty() {
            misused(p, "must specify command with --chdir (-C)", 125).await?;
            return Ok(125);
        }
        if let Err(errno) = enter(p, directory) {
            let text = format!("cannot change directory to {}: {}", show::quoted(p, directory), errno.text());
            p.complain(&text).await?;
            return Ok(125);
        }
    }
    if words.is_empty() {
        let text: String = p.env.iter().map(|(name, value)| format!("{name}={value}{end}")).collect();
        p.out(&text).await?;
        return Ok(0);
    }
    run(p, words.to_vec()).await
}

/// Goes to a directory.
fn enter(p: &mut Proc, directory: &str) -> Result<(), Errno> {
    let path = p.peek(|linux| linux.fs.canonical(&p.cred, &p.cwd, directory))?;
    if !input::is_dir(p, &path) {
        return Err(Errno::Notdir);
    }
    p.cwd = path;
    Ok(())
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
        ],
        gaps: "",
    };
    let given = given!(strict p, &OPTIONS, arguments, |text| {
            misused(p, &text, 1).await?;
            Ok(125) });
    let [length, words @ ..] = &given.operands[..] else { return too_few(p).await };
    if words.is_empty() {
        return too_few(p).await;
    }
    let Some(length) = span(length) else {
        misused(p, &format!("invalid time interval ‘{length}’"), 1).await?;
        return Ok(125);
    };
    let signal = match given.value('s') {
        None => 15,
        Some(text) => match signals::number_listed(text) {
            Some(signal) => signal,
            None => {
                misused(p, &format!("‘{text}’: invalid signal"), 1).await?;
                return Ok(125);
            }
        },
    };
    let Some(grace) = given.value('k').map_or(Some(Span::ZERO), span) else {
        let text = given.value('k').unwrap_or_default();
        misused(p, &format!("invalid time interval ‘{text}’"), 1).await?;
        return Ok(125);
    };
    // What is still to be sent, and when.
    let mut due: Vec<(Instant, u8)> = Vec::new();
    if length > Span::ZERO {
        let until = p.now() + length;
        due.extend((grace > Span::ZERO).then(|| (until + grace, SIGKILL)));
        due.push((until, signal));
    }
    let (me, machine, clock) = (p.pid, p.machine, p.cx.clone());
    let (mut sent, mut struck) = (None, Vec::new());
    let ended = {
        let mut program = Box::pin(start(p, words.to_vec()));
        poll_fn(|polling| {
            while let Some((moment, signal)) = due.last().copied() {
                if clock.with(|cx| cx.now()) < moment {
                    let _: Poll<()> = clock.awaits(Await::Until(moment));
                    break;
                }
                due.pop();
                sent = Some(signal);
                clock.with(|cx| {
                    struck = descendants(cx.world.linux(machine), me);
                    struck.retain(|pid| *pid != me);
                    for pid in &struck {
                        kernel::signal(cx.world, machine, *pid, signal);
                        kernel::signal(cx.world, machine, *pid, kernel::SIGCONT);
                    }
                });
            }
            program.as_mut().poll(polling)
        })
        .await
    };
    if let Some(signal) = sent {
        // What the program has left behind is gone, too, unless it minds no such signal.
        p.world(|world, id| {
            for pid in struck {
                let falls = world.linux(id).processes.get(pid).is_some_and(|process| process.falls_to(signal));
                if falls {
                    kernel::vanish(world, id, pid);
                }
            }
        });
    }
    match sent {
        Some(SIGKILL) => Ok(137),
        Some(_) if !given.has('p') => Ok(124),
        _ => ended,
    }
}

/// `timeout` says no more of operands that are missing.
async fn too_few(p: &mut Proc) -> Ended {
    let text = quotes::try_help(p);
    p.err(&text).await?;
    Ok(125)
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

/// `stdbuf`: how a program gathers what it reads and writes. Nothing here gathers it for long, so that all come to the same.
async fn stdbuf(p: &mut Proc, arguments: &[String]) -> Ended {
    const OPTIONS: Options =
        Options { short: "i:o:e:", long: &[("input:", 'i'), ("output:", 'o'), ("error:", 'e')], gaps: "" };
    let given = given!(strict p, &OPTIONS, arguments, 125);
    for (letter, mode) in &given.options {
        let mode = mode.as_deref().unwrap_or_default();
        if *letter == 'i' && mode == "L" {
            return misused(p, "line buffering stdin is meaningless", 125).await;
        }
        if mode != "L" && show::size(mode).is_none() {
            return input::failed(p, &format!("invalid mode ‘{mode}’"), 125).await;
        }
    }
    if given.operands.is_empty() {
        return misused(p, "missing operand", 125).await;
    }
    if given.options.is_empty() {
        return misused(p, "you must specify a buffering mode option", 125).await;
    }
    run(p, given.operands).await
}

/// `nohup`: the end of the terminal is nothing to the program, and output that would go there goes to a file.
async fn nohup(p: &mut Proc, arguments: &[String]) -> Ended {
    if arguments.is_empty() {
        misused(p, "missing operand", 1).await?;
        return Ok(125);
    }
    if arguments[0].starts_with("--") && arguments[0] != "--" {
        return p.gap(&format!("nohup {}", arguments[0]));
    }
    let words = if arguments[0] == "--" { &arguments[1..] } else { arguments };
    let (input, output, errors) = (p.files.is_terminal(0), p.files.is_terminal(1), p.files.is_terminal(2));
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
                p.complain(&format!("{ignoring} {}", show::quoted(p, &told))).await?;
                p.files.set(1, Some(file));
            }
            Err(errno) => {
                p.complain(&format!("failed to open {}: {}", show::quoted(p, &told), errno.text())).await?;
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
    p.linux(|linux| linux.processes.get_mut(p.pid).map(|own| own.ignored.insert(SIGHUP)));
    run(p, words.to_vec()).await
}

/// `setsid`: the program has a session of its own, without a terminal. Who leads a job cannot have one: then a child does.
async fn setsid(p: &mut Proc, arguments: &[String]) -> Ended {
    const OPTIONS: Options = Options { short: "+fw", long: &[("fork", 'f'), ("wait", 'w')], gaps: "c --ctty" };
    let given = given!(strict p, &OPTIONS, arguments, 1);
    if given.operands.is_empty() {
        return misused(p, "no command specified", 1).await;
    }
    let leads = p.peek(|linux| linux.processes.get(p.pid).is_some_and(|own| own.group == p.pid));
    if !leads && !given.has('f') {
        p.linux(|linux| linux.processes.detach(p.pid));
        return run(p, given.operands).await;
    }
    let mut q = p.child(&given.operands);
    q.name.clone_from(&p.name);
    (q.group, q.control) = (0, Arc::new(p.control.beside()));
    p.linux(|linux| linux.processes.detach(q.pid));
    let (pid, words) = (q.pid, given.operands.clone());
    let task = Task::new(move |cx| async move {
        q.cx = cx;
        let mut ended = run(&mut q, words).await;
        if let Some(request) = q.request.take() {
            ended = q.not_entered(request, "in a session of its own");
        }
        let status = ended.unwrap_or_else(Cut::status);
        q.exit(status);
        status
    });
    p.cx.with(|cx| cx.spawned.push(task));
    if given.has('w') {
        let status = p.end_of(pid).await?.unwrap_or_default();
        p.linux(|linux| linux.processes.remove(pid));
        return Ok(status);
    }
    p.linux(|linux| linux.processes.orphan(p.pid));
    Ok(0)
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
    let status = start(p, words.to_vec()).await?;
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
