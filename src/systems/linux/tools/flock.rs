//! `flock` of util-linux 2.32: a lock on a file for as long as a command runs, or on an open file of the shell that calls.

use super::getopt::Spec;
use super::input::{self, failed, given, misused};
use super::{Tool, tool};
use crate::shell::coroutine::Await;
use crate::sim::Span;
use crate::systems::linux::bash::{Ran, run_words};
use crate::systems::linux::fs::{Errno, Ino};
use crate::systems::linux::io::{Cut, Open};
use crate::systems::linux::proc::{Ended, Mode, Proc};

/// The program of this file.
pub static TOOLS: &[Tool] = &[tool!("flock", flock)];

/// Exit statuses of sysexits(3).
const USAGE: u8 = 64;
const BAD_DATA: u8 = 65;
const NO_INPUT: u8 = 66;
const UNAVAILABLE: u8 = 69;
const CANNOT_CREATE: u8 = 73;

const VERBOSE: char = '\u{1}';
const SPEC: Spec = Spec {
    short: "c:eE:Fnosuw:x",
    long: &[
        ("close", 'o'),
        ("command:", 'c'),
        ("conflict-exit-code:", 'E'),
        ("exclusive", 'x'),
        ("nb", 'n'),
        ("no-fork", 'F'),
        ("nonblock", 'n'),
        ("shared", 's'),
        ("timeout:", 'w'),
        ("unlock", 'u'),
        ("verbose", VERBOSE),
        ("wait:", 'w'),
    ],
    gaps: "h V",
};

/// What a lock is wanted for.
struct Want {
    file: Ino,
    holder: u32,
    shared: bool,
    waits: bool,
    timeout: Option<Span>,
    conflict: u8,
    verbose: bool,
}

async fn flock(p: &mut Proc, arguments: &[String]) -> Ended {
    // The command may stand behind the file, its option, too.
    let given = given!(strict p, &SPEC, arguments, USAGE);
    let Some((place, words)) = given.operands.split_first() else {
        return misused(p, "not enough arguments", USAGE).await;
    };
    let timeout = match given.value('w').map(|text| (text, text.parse::<f64>())) {
        None => None,
        Some((_, Ok(seconds))) if seconds.is_finite() && (0.0..1e9).contains(&seconds) => {
            Some(Span::micros((seconds * 1e6) as u64))
        }
        Some((text, _)) => return failed(p, &format!("invalid timeout value: '{text}'"), USAGE).await,
    };
    let conflict = match given.value('E').map(|text| (text, text.parse::<u8>())) {
        None => 1,
        Some((_, Ok(status))) => status,
        Some((text, _)) => return failed(p, &format!("invalid exit code: '{text}'"), USAGE).await,
    };
    // What the shell that calls has open, its child has, too.
    let still: Vec<Ino> = p.files.inodes().collect();
    p.linux(|linux| linux.locks.keep(p.ppid, &still));
    let waits = !given.has('n') && timeout != Some(Span::ZERO);
    let (shared, verbose) = (given.last_of("sex") == Some('s'), given.has(VERBOSE));
    let want = |file: Ino, holder: u32| Want { file, holder, shared, waits, timeout, conflict, verbose };
    if words.is_empty() && !given.has('c') {
        let Ok(descriptor) = place.parse::<u32>() else {
            return failed(p, &format!("bad file descriptor: '{place}'"), USAGE).await;
        };
        let file = match p.files.get(descriptor).map(|open| &**open) {
            Some(Open::File(file)) => Some(file.ino),
            Some(_) => return p.gap("flock of what is not a file"),
            None => None,
        };
        let Some(file) = file else {
            return failed(p, &format!("{descriptor}: {}", Errno::Badf.text()), BAD_DATA).await;
        };
        // The open file is the shell's, and so is the lock.
        let holder = p.ppid;
        if given.has('u') {
            unlock(p, file, holder);
            return Ok(0);
        }
        return Ok(lock(p, &want(file, holder)).await?.err().unwrap_or(0));
    }
    let opened = match input::is_dir(p, place) {
        true => p.lookup(place),
        false => open(p, place),
    };
    let file = match opened {
        Ok(file) => file,
        Err(errno) => {
            let text = format!("cannot open lock file {place}: {}", errno.text());
            let status = match errno {
                Errno::Noent => NO_INPUT,
                Errno::Acces | Errno::Rofs | Errno::Nospc => CANNOT_CREATE,
                _ => NO_INPUT,
            };
            return failed(p, &text, status).await;
        }
    };
    let command = match words {
        [option, text] if option == "-c" || option == "--command" => shell(p, text),
        [option, ..] if option == "-c" || option == "--command" => {
            return failed(p, "-c requires exactly one command argument", USAGE).await;
        }
        words => match given.value('c') {
            Some(text) => shell(p, text),
            None => words.to_vec(),
        },
    };
    if let Err(status) = lock(p, &want(file, p.pid)).await? {
        return Ok(status);
    }
    if verbose {
        p.out(&format!("flock: executing {}\n", command.first().map_or("", String::as_str))).await?;
    }
    let name = command.first().cloned().unwrap_or_default();
    let ended = match run_words(p, command).await? {
        Ran::Status(status) => Ok(status),
        Ran::Refused(errno) => failed(p, &format!("failed to execute {name}: {}", errno.text()), UNAVAILABLE).await,
    };
    unlock(p, file, p.pid);
    ended
}

fn shell(p: &Proc, text: &str) -> Vec<String> {
    let shell = p.env("SHELL").filter(|shell| !shell.is_empty()).unwrap_or("/bin/sh");
    [shell, "-c", text].map(str::to_owned).to_vec()
}

/// The file at a path, which is made where there is none.
fn open(p: &Proc, path: &str) -> Result<Ino, Errno> {
    if p.lookup(path).is_err() {
        p.open(path, Mode::Append)?;
    }
    p.open(path, Mode::Read)?;
    p.lookup(path)
}

/// Takes a lock; the inner error is the status of who did not get it.
async fn lock(p: &mut Proc, want: &Want) -> Result<Result<(), u8>, Cut> {
    let began = p.now();
    let until = want.timeout.map(|timeout| began + timeout);
    loop {
        let taken = p.linux(|linux| linux.locks.take(&linux.processes, want.file, want.holder, want.shared));
        let Err(other) = taken else { break };
        let late = until.is_some_and(|until| p.now() >= until);
        if !want.waits || late {
            if want.verbose {
                let text = if late { "timeout while waiting to get lock" } else { "failed to get lock" };
                p.complain(text).await?;
            }
            return Ok(Err(want.conflict));
        }
        let machine = p.machine;
        let mut awaited = vec![Await::Process(machine, other)];
        awaited.extend(until.map(Await::Until));
        let (file, holder, shared) = (want.file, want.holder, want.shared);
        p.when(&awaited, |p| {
            let free = p.linux(|linux| linux.locks.take(&linux.processes, file, holder, shared)).is_ok();
            (free || until.is_some_and(|until| p.now() >= until)).then_some(())
        })
        .await?;
    }
    if want.verbose {
        let took = p.now().since(began);
        let text = format!("flock: getting lock took {}.{:06} seconds\n", took.as_secs(), took.as_micros() % 1_000_000);
        p.out(&text).await?;
    }
    Ok(Ok(()))
}

/// Ends a lock, and tells those that wait for it.
fn unlock(p: &Proc, file: Ino, holder: u32) {
    p.world(|world, id| {
        world.linux_mut(id).locks.end(file, holder);
        world.nudge(id, holder);
    });
}
