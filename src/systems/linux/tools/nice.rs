//! Nice values: `nice` (coreutils) and `renice` (util-linux), which is known to say less before 2.21.

use super::input::misused;
use super::procs::{table, uid};
use super::run::run;
use super::{Tool, tool};
use crate::systems::linux::model::Process;
use crate::systems::linux::proc::{Ended, Proc};

/// The programs of this file.
pub static TOOLS: &[Tool] = &[tool!("nice", nice), tool!("renice", renice)];

/// The nice value of a process.
fn niceness(p: &Proc, pid: u32) -> i64 {
    p.peek(|linux| linux.processes.get(pid).map_or(0, |process| process.niceness().into()))
}

/// The nearest nice value that there is.
fn nearest(value: i64) -> i8 {
    i8::try_from(value.clamp(-20, 19)).unwrap_or(0)
}

async fn nice(p: &mut Proc, arguments: &[String]) -> Ended {
    let mut words = arguments;
    let mut adjustment = None;
    while let Some(word) = words.first().filter(|word| word.starts_with('-') && word.len() > 1) {
        words = &words[1..];
        if word == "--" {
            break;
        }
        let digits = |text: &str| text.trim_start_matches(['-', '+']).starts_with(|first: char| first.is_ascii_digit());
        let value = if let Some(value) = word.strip_prefix("--adjustment=") {
            value.to_owned()
        } else if word == "-n" || word == "--adjustment" {
            let Some((value, rest)) = words.split_first() else {
                let text = if word == "-n" {
                    "option requires an argument -- 'n'"
                } else {
                    "option '--adjustment' requires an argument"
                };
                return misused(p, text, 125).await;
            };
            words = rest;
            value.clone()
        } else if let Some(value) = word.strip_prefix("-n") {
            value.to_owned()
        } else if digits(&word[1..]) {
            // The old way: `-5` makes nicer by 5, `--5` less nice.
            word[1..].to_owned()
        } else if word.len() > 2 && ["--help", "--version"].iter().any(|known| known.starts_with(&**word)) {
            return p.gap(&format!("nice {word}"));
        } else {
            let wrong = match word.strip_prefix("--") {
                Some(long) => format!("unrecognized option '--{long}'"),
                None => format!("invalid option -- '{}'", word.chars().nth(1).unwrap_or_default()),
            };
            return misused(p, &wrong, 125).await;
        };
        let Ok(number) = value.parse::<i64>() else {
            p.complain(&format!("invalid adjustment ‘{value}’")).await?;
            return Ok(125);
        };
        adjustment = Some(number);
    }
    let own = niceness(p, p.pid);
    if words.is_empty() {
        if adjustment.is_some() {
            return misused(p, "a command must be given with an adjustment", 125).await;
        }
        p.out(&format!("{own}\n")).await?;
        return Ok(0);
    }
    let new = nearest(own + adjustment.unwrap_or(10));
    if i64::from(new) < own && !p.cred.is_root() {
        // What it is to run runs nevertheless.
        p.complain("cannot set niceness: Permission denied").await?;
    } else {
        set(p, p.pid, new);
    }
    run(p, words.to_vec()).await
}

fn set(p: &Proc, pid: u32, nice: i8) {
    p.linux(|linux| {
        if let Some(process) = linux.processes.get_mut(pid) {
            process.nice = nice;
        }
    });
}

/// What the numbers of `renice` are.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Which {
    Process,
    Group,
    User,
}

impl Which {
    fn text(self) -> &'static str {
        match self {
            Self::Process => "process ID",
            Self::Group => "process group ID",
            Self::User => "user ID",
        }
    }
}

async fn renice(p: &mut Proc, arguments: &[String]) -> Ended {
    let mut words = arguments;
    if matches!(words.first().map(String::as_str), Some("-h" | "--help")) {
        return p.gap("renice --help");
    }
    if matches!(words.first().map(String::as_str), Some("-n" | "--priority")) {
        words = &words[1..];
    }
    let (Some(value), true) = (words.first(), words.len() > 1) else {
        return wrong(p, "not enough arguments").await;
    };
    let Ok(new) = value.parse::<i64>() else {
        return wrong(p, &format!("invalid priority '{value}'")).await;
    };
    let new = nearest(new);
    let (mut which, mut status) = (Which::Process, 0);
    for word in &words[1..] {
        which = match word.as_str() {
            "-p" | "--pid" => Which::Process,
            "-g" | "--pgrp" => Which::Group,
            "-u" | "--user" => Which::User,
            _ => {
                status |= change(p, which, word, new).await?;
                continue;
            }
        };
    }
    Ok(status)
}

async fn wrong(p: &mut Proc, text: &str) -> Ended {
    p.complain(text).await?;
    p.err("Try 'renice --help' for more information.\n").await?;
    Ok(1)
}

/// Gives one process, group or user a new value.
async fn change(p: &mut Proc, which: Which, word: &str, new: i8) -> Ended {
    let found = if which == Which::User { uid(p, word) } else { word.parse().ok() };
    let Some(number) = found else {
        let text = if which == Which::User { "unknown user" } else { "bad value" };
        let text = if which == Which::Process { "bad process ID value" } else { text };
        return p.fail(&format!("{text}{} {word}", if which == Which::User { "" } else { ":" })).await;
    };
    let is_meant = |pid: u32, process: &Process| match which {
        Which::Process => pid == number,
        Which::Group => p.peek(|linux| linux.processes.process_group(pid)) == number,
        Which::User => process.uid == number,
    };
    let all: Vec<(u32, Process)> = table(p).into_iter().filter(|(pid, process)| is_meant(*pid, process)).collect();
    let Some(old) = all.iter().map(|(_, process)| process.niceness()).min() else {
        return p.fail(&format!("failed to get priority for {number} ({}): No such process", which.text())).await;
    };
    let refused = all.iter().find_map(|(_, process)| match process {
        _ if p.cred.is_root() => None,
        process if process.uid != p.cred.uid => Some("Operation not permitted"),
        process if new < process.niceness() => Some("Permission denied"),
        _ => None,
    });
    if let Some(text) = refused {
        return p.fail(&format!("failed to set priority for {number} ({}): {text}", which.text())).await;
    }
    for (pid, _) in &all {
        set(p, *pid, new);
    }
    let named = p.peek(|linux| linux.distro.has("util-linux", (2, 21, 0)));
    let kind = if named { format!(" ({})", which.text()) } else { ":".to_owned() };
    p.out(&format!("{number}{kind} old priority {old}, new priority {new}\n")).await?;
    Ok(0)
}
