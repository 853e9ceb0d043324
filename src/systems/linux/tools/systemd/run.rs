//! `systemd-run`: a command as a service of its own, at once or by a timer, or with `--scope` in its place. The unit's file is there
//! as long as the machine runs, which that of the real one is not. Words: systemd 219 and 239.

use super::super::getopt::Spec as Options;
use super::super::run::run as becomes;
use super::{change, is_old, state, unit_name};
use crate::systems::linux::fs::Errno;
use crate::systems::linux::model::unit::Active;
use crate::systems::linux::proc::{Ended, Proc};
use crate::systems::linux::tools::input::given;

/// Where such units are kept, since a boot forgets them.
const DIR: &str = "/run/systemd/system";

/// Timers by the option that makes one.
const TIMERS: [(char, &str); 5] =
    [('A', "OnActiveSec"), ('B', "OnBootSec"), ('C', "OnCalendar"), ('D', "OnUnitActiveSec"), ('F', "OnStartupSec")];

/// `systemd-run`
pub async fn run(p: &mut Proc, arguments: &[String]) -> Ended {
    const OPTIONS: Options = Options {
        short: "u:p:qrGE:",
        long: &[
            ("unit:", 'u'),
            ("property:", 'p'),
            ("description:", 'd'),
            ("quiet", 'q'),
            ("remain-after-exit", 'r'),
            ("scope", 'S'),
            ("setenv:", 'E'),
            ("uid:", 'U'),
            ("gid:", 'g'),
            ("nice:", 'n'),
            ("service-type:", 't'),
            ("working-directory:", 'w'),
            ("on-active:", 'A'),
            ("on-boot:", 'B'),
            ("on-calendar:", 'C'),
            ("on-unit-active:", 'D'),
            ("on-startup:", 'F'),
            ("collect", 'G'),
            ("no-block", 'b'),
            ("no-ask-password", 'a'),
            ("wait", 'W'),
            ("system", 's'),
        ],
        gaps: "h t P H: M: --user --host: --machine: --pty --pipe --slice: --timer-property: --path-property: --socket-property: \
               --on-unit-inactive: --send-sighup --same-dir --shell S d",
    };
    let given = given!(strict p, &OPTIONS, arguments, 1);
    if !p.cred.is_root() {
        p.err("Failed to start transient service unit: Interactive authentication required.\n").await?;
        return Ok(1);
    }
    let timers: Vec<(&str, &str)> =
        TIMERS.iter().filter_map(|(letter, key)| Some((*key, given.value(*letter)?))).collect();
    let words = given.operands.clone();
    if words.is_empty() && timers.is_empty() {
        p.err("Command line to execute required.\n").await?;
        return Ok(1);
    }
    let old = is_old(p);
    let name = match given.value('u') {
        Some(name) => {
            name.trim_end_matches(".service").trim_end_matches(".timer").trim_end_matches(".scope").to_owned()
        }
        None if old => format!("run-{}", p.pid),
        None => {
            let id = p.world(|world, id| {
                let stream = format!("linux.systemd-run.{}", id.0);
                [world.streams.next(&stream), world.streams.next(&stream)]
            });
            format!("run-r{:016x}{:016x}", id[0], id[1])
        }
    };
    let quiet = given.has('q');
    if given.has('S') {
        if !timers.is_empty() {
            return p.gap("systemd-run --scope by a timer");
        }
        let scope = format!("{name}.scope");
        p.linux(|linux| {
            if let Some(own) = linux.processes.get_mut(p.pid) {
                // It leaves the session that it was started in.
                (own.unit, own.login) = (Some(scope.clone()), 0);
            }
        });
        if !quiet {
            p.err(&told(old, &scope)).await?;
        }
        return becomes(p, words).await;
    }
    let service = unit_name(&name);
    if matches!(state(p, &service).active, Active::Active | Active::Activating) {
        p.err(&format!("Failed to start transient service unit: Unit {service} already exists.\n")).await?;
        return Ok(1);
    }
    let program = match words.first() {
        None => None,
        Some(word) => match along_path(p, word) {
            Some(path) => Some(path),
            None => {
                p.err(&format!("Failed to find executable {word}: No such file or directory\n")).await?;
                return Ok(1);
            }
        },
    };
    if let Some(program) = program {
        let line = std::iter::once(program).chain(words[1..].iter().cloned()).collect::<Vec<_>>();
        let text = service_text(p, &given, &line);
        if let Err(errno) = written(p, &service, &text) {
            p.err(&format!("Failed to start transient service unit: {}\n", errno.text())).await?;
            return Ok(1);
        }
    }
    let unit = if timers.is_empty() { service.clone() } else { format!("{name}.timer") };
    if !timers.is_empty() {
        let lines: String = timers.iter().map(|(key, value)| format!("{key}={value}\n")).collect();
        let text = format!("[Unit]\nDescription={service}\n\n[Timer]\n{lines}Unit={service}\n");
        if let Err(errno) = written(p, &unit, &text) {
            p.err(&format!("Failed to start transient timer unit: {}\n", errno.text())).await?;
            return Ok(1);
        }
    }
    let now = p.now();
    p.linux(|linux| linux.reload_units(now));
    let started = change::run(p, &super::super::getopt::Given::default(), "start", std::slice::from_ref(&unit)).await?;
    if started != 0 {
        return Ok(started);
    }
    if !quiet {
        p.err(&told(old, &unit)).await?;
        if !timers.is_empty() && !words.is_empty() {
            let text = if old {
                format!("Will run service as unit {service}.\n")
            } else {
                format!("Will run service as unit: {service}\n")
            };
            p.err(&text).await?;
        }
    }
    if given.has('W') {
        return p.gap("systemd-run --wait");
    }
    Ok(0)
}

fn told(old: bool, unit: &str) -> String {
    match (old, unit.ends_with(".scope"), unit.ends_with(".timer")) {
        (true, true, _) => format!("Running scope as unit {unit}.\n"),
        (false, true, _) => format!("Running scope as unit: {unit}\n"),
        (true, false, true) => format!("Running timer as unit {unit}.\n"),
        (false, false, true) => format!("Running timer as unit: {unit}\n"),
        (true, false, false) => format!("Running as unit {unit}.\n"),
        (false, false, false) => format!("Running as unit: {unit}\n"),
    }
}

/// The program of a word, in full.
fn along_path(p: &Proc, word: &str) -> Option<String> {
    let path = p.env("PATH").unwrap_or_default();
    let all: Vec<String> = if word.contains('/') {
        vec![word.to_owned()]
    } else {
        path.split(':').map(|dir| format!("{dir}/{word}")).collect()
    };
    all.into_iter().find_map(|path| {
        let ino = p.lookup(&path).ok()?;
        let runs = p.peek(|linux| linux.fs.node(ino).mode & 0o111 != 0 && !linux.fs.node(ino).is_dir());
        let full = p.peek(|linux| linux.fs.canonical(&p.cred, &p.cwd, &path)).unwrap_or(path);
        runs.then_some(full)
    })
}

/// A word as a unit's file has it.
fn quoted(word: &str) -> String {
    let plain = !word.is_empty() && !word.contains(|c: char| c.is_whitespace() || "\"'\\;$%".contains(c));
    if plain {
        return word.to_owned();
    }
    format!("\"{}\"", word.replace('\\', "\\\\").replace('"', "\\\"").replace('$', "$$").replace('%', "%%"))
}

fn service_text(p: &Proc, given: &super::super::getopt::Given, line: &[String]) -> String {
    let command: Vec<String> = line.iter().map(|word| quoted(word)).collect();
    let shown = given.value('d').map_or_else(|| line.join(" "), str::to_owned);
    let mut text = format!("[Unit]\nDescription={shown}\n\n[Service]\nExecStart={}\n", command.join(" "));
    let mut add = |key: &str, value: Option<&str>| {
        if let Some(value) = value {
            text.push_str(&format!("{key}={value}\n"));
        }
    };
    add("Type", given.value('t'));
    add("User", given.value('U'));
    add("Group", given.value('g'));
    add("Nice", given.value('n'));
    add("WorkingDirectory", given.value('w'));
    add("RemainAfterExit", given.has('r').then_some("yes"));
    for pair in given.values('E') {
        let value =
            if pair.contains('=') { pair.to_owned() } else { format!("{pair}={}", p.env(pair).unwrap_or_default()) };
        add("Environment", Some(&quoted(&value)));
    }
    for property in given.values('p') {
        if let Some((key, value)) = property.split_once('=') {
            add(key, Some(value));
        }
    }
    text
}

fn written(p: &Proc, unit: &str, text: &str) -> Result<(), Errno> {
    let cred = p.cred.clone();
    for dir in ["/run/systemd", DIR] {
        match p.fs(|fs, now| fs.mkdir(&cred, "/", dir, 0o755, now)) {
            Ok(_) | Err(Errno::Exist) => {}
            Err(errno) => return Err(errno),
        }
    }
    p.write_path(&format!("{DIR}/{unit}"), text.as_bytes())
}
