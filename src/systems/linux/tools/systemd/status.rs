//! `systemctl status`: the head of a unit, its processes, and its last lines in the journal.

use std::cmp::Reverse;

use super::derived::{self, Derived};
use super::record::{Form, How, shown};
use super::{ago, is_old, journal, spec, stamp, state, timers, tree};
use crate::systems::linux::distro::units as base;
use crate::systems::linux::model::log::Line;
use crate::systems::linux::model::unit::{Active, End, Kind, Ran, Spec, State};
use crate::systems::linux::model::units::{signal_name, status_name};
use crate::systems::linux::proc::{Ended, Proc};
use crate::systems::linux::tools::getopt::Given;
use crate::systems::linux::tools::procs::memory;

/// `status`
pub async fn status(p: &mut Proc, given: &Given, names: &[String]) -> Ended {
    if names.is_empty() {
        return tree::status(p).await;
    }
    let lines = given.value('n').and_then(|lines| lines.parse().ok()).unwrap_or(10);
    let mut status = 0;
    for (place, name) in names.iter().enumerate() {
        if place > 0 {
            p.out("\n").await?;
        }
        let code = one(p, name, lines).await?;
        if code != 0 {
            status = code;
        }
    }
    Ok(status)
}

async fn one(p: &mut Proc, name: &str, lines: usize) -> Ended {
    let number = name.trim_end_matches(".service");
    if let Ok(pid) = number.parse::<u32>() {
        return match derived::of_process(p, pid) {
            Some(unit) => Box::pin(one(p, &unit, lines)).await,
            None => {
                p.err(&format!("Failed to get unit for PID {pid}: PID {pid} does not belong to any loaded unit.\n"))
                    .await?;
                Ok(1)
            }
        };
    }
    let state = state(p, name);
    let masked = p.peek(|linux| linux.is_masked(name));
    let Some(spec) = spec(p, name) else {
        if masked {
            p.out(&format!("● {name}\n{}   Active: inactive (dead)\n", loaded_masked(p, name))).await?;
            return Ok(3);
        }
        p.err(&format!("Unit {name} could not be found.\n")).await?;
        return Ok(4);
    };
    super::warn_changed(p, name).await?;
    let text = match derived::find(p, name) {
        Some(unit) => shown_derived(p, &unit),
        None => of_file(p, name, &spec, &state, masked),
    };
    p.out(&text).await?;
    let mut text = String::new();
    let last = if journal::may_read(p) { last_lines(p, name, lines) } else { Vec::new() };
    if !last.is_empty() {
        text.push('\n');
        for line in &last {
            text.push_str(&shown(p, line, Form::Short, How::USUAL));
        }
        // A line that is longer than the terminal is cut there.
        if is_old(p) && last.iter().any(|line| line.text.len() > 200) {
            text.push_str("Hint: Some lines were ellipsized, use -l to show in full.\n");
        }
    }
    p.out(&text).await?;
    Ok(match state.active {
        Active::Active | Active::Deactivating => 0,
        Active::Activating | Active::Restarting | Active::Inactive | Active::Failed => 3,
    })
}

/// A unit that has a file.
fn of_file(p: &Proc, name: &str, spec: &Spec, state: &State, masked: bool) -> String {
    let mut text = head(p, name, spec, state, masked);
    if state.active != Active::Inactive || state.ran.is_some() {
        processes(p, &mut text, name, spec, state);
    }
    text
}

/// A unit that follows from the state of the machine.
fn shown_derived(p: &Proc, unit: &Derived) -> String {
    p.inferred();
    let Spec { name, description, drop_ins: files, docs, .. } = &unit.spec;
    let mut text = format!("● {name} - {description}\n   Loaded: loaded{}\n", unit.origin());
    if unit.enabled == "transient" {
        text.push_str("Transient: yes\n");
    }
    text.push_str(&drop_ins(files));
    // A word that says no more than the state is left out.
    let active = unit.state.active.word();
    let sub = if unit.sub == active { String::new() } else { format!(" ({})", unit.sub) };
    text.push_str(&format!("   Active: {active}{sub}{}\n", since(p, &unit.state)));
    if let Some(mount) = &unit.mount {
        text.push_str(&format!("    Where: {}\n     What: {}\n", mount.dir, mount.device));
    }
    documents(&mut text, docs);
    let Some(way) = unit.group.as_ref().filter(|_| unit.state.active != Active::Inactive) else { return text };
    let way: Vec<&str> = way.iter().map(String::as_str).collect();
    let inside = tree::commands(p, &way);
    if unit.mount.is_some() && is_old(p) {
        return text;
    }
    tasks(p, &mut text, inside.iter().map(String::as_str));
    text.push_str(&format!("   CGroup: /{}\n", way.join("/")));
    text.push_str(&tree::below(p, &way, "           "));
    text
}

/// Since when a unit is what it is.
fn since(p: &Proc, state: &State) -> String {
    state.since.map_or(String::new(), |at| format!(" since {}; {}", stamp(p, at), ago(p.now().since(at))))
}

/// How many processes there are, and what they take; systemd 219 does not count.
fn tasks<'a>(p: &Proc, text: &mut String, commands: impl Iterator<Item = &'a str> + Clone) {
    if is_old(p) {
        return;
    }
    let limit = p.peek(|linux| linux.memory_kib() / 160);
    let kib: u64 = commands.clone().map(|command| memory(command).1).sum();
    let memory = if kib == 0 { "0B".to_owned() } else { format!("{:.1}M", kib as f64 / 2048.0) };
    text.push_str(&format!("    Tasks: {} (limit: {limit})\n   Memory: {memory}\n", commands.count()));
}

fn documents(text: &mut String, docs: &[String]) {
    for (place, doc) in docs.iter().enumerate() {
        let key = if place == 0 { "     Docs: " } else { "           " };
        text.push_str(&format!("{key}{doc}\n"));
    }
}

fn head(p: &Proc, name: &str, spec: &Spec, state: &State, masked: bool) -> String {
    let enabled = p.peek(|linux| linux.is_enabled(name)).word();
    let preset = p.peek(|linux| base::find(&linux.distro, name).is_some_and(|unit| unit.enabled));
    let preset = if preset { "enabled" } else { "disabled" };
    let mut text = match spec.description.as_str() {
        _ if masked => format!("● {name}\n"),
        description if description == name => format!("● {name}\n"),
        description => format!("● {name} - {description}\n"),
    };
    if masked {
        text.push_str(&loaded_masked(p, name));
    } else if let Some(why) = not_loaded(p, spec) {
        text.push_str(&format!("   Loaded: {why}\n"));
    } else {
        text.push_str(&format!("   Loaded: loaded ({}; {enabled}; vendor preset: {preset})\n", spec.path));
    }
    text.push_str(&drop_ins(&spec.drop_ins));
    let result = match (state.active, state.end) {
        (Active::Failed | Active::Restarting, end) if end != End::Success => format!(" (Result: {})", end.result()),
        _ => format!(" ({})", spec.sub(state)),
    };
    let result = if state.active == Active::Restarting { " (auto-restart)".to_owned() + &result } else { result };
    text.push_str(&format!("   Active: {}{result}{}\n", state.active.word(), since(p, state)));
    if name.ends_with(".timer")
        && !is_old(p)
        && let Ok(Some(timer)) = timers::timer(p, name)
    {
        let next = timer.next.map(|next| format!("{}; {}", stamp(p, next), timers::left(next.since(p.now()))));
        text.push_str(&format!("  Trigger: {}\n", next.unwrap_or_else(|| "n/a".to_owned())));
    }
    if !masked {
        documents(&mut text, &spec.docs);
    }
    text
}

/// Why a unit is not loaded: its file is gone, or says too little.
fn not_loaded(p: &Proc, spec: &Spec) -> Option<String> {
    let name = &spec.name;
    let why = match (spec.is_gone(), spec.is_bad(), is_old(p)) {
        (true, _, true) => "not-found (Reason: No such file or directory)".to_owned(),
        (true, _, false) => format!("not-found (Reason: Unit {name} not found.)"),
        (_, true, true) => "error (Reason: Invalid argument)".to_owned(),
        (_, true, false) => format!("bad-setting (Reason: Unit {name} has a bad unit file setting.)"),
        _ => return None,
    };
    Some(why)
}

fn loaded_masked(p: &Proc, name: &str) -> String {
    match is_old(p) {
        true => "   Loaded: masked (/dev/null; bad)\n".to_owned(),
        false => format!("   Loaded: masked (Reason: Unit {name} is masked.)\n"),
    }
}

/// The drop-ins by their folders, in the columns of `print_status_info()`.
fn drop_ins(paths: &[String]) -> String {
    let mut text = String::new();
    let mut last = "";
    for (folder, file) in paths.iter().filter_map(|path| path.rsplit_once('/')) {
        if folder == last {
            text.push_str(&format!(", {file}"));
            continue;
        }
        let key = if last.is_empty() { "  Drop-In: " } else { "\n        " };
        text.push_str(&format!("{key}{folder}\n           └─{file}"));
        last = folder;
    }
    if text.is_empty() { text } else { text + "\n" }
}

fn processes(p: &Proc, text: &mut String, name: &str, spec: &Spec, state: &State) {
    if state.turn > 0 {
        commands(text, state);
        return inside(p, text, name, state);
    }
    let command = spec.exec_start.last().map_or("", String::as_str);
    if let (End::Exit(status), None, Some(early)) = (state.end, state.ran, spec.before_start.first()) {
        let name = status_name(status).map_or(String::new(), |name| format!("/{name}"));
        text.push_str(&format!("  Process: ExecStartPre={early} (code=exited, status={status}{name})\n"));
    }
    if let Some((pid, _, until)) = state.ran.filter(|_| !spec.is_gone()) {
        let code = code(state.main_end());
        if until.is_some() {
            // What forked the daemon ended before, and well.
            let forked = spec.kind == Kind::Forking && !matches!(state.end, End::Exit(_));
            let (first, end) = if forked { (pid - 1, "code=exited, status=0/SUCCESS") } else { (pid, code.as_str()) };
            text.push_str(&format!("  Process: {first} ExecStart={command} ({end})\n Main PID: {pid} ({code})\n"));
        } else if spec.kind == Kind::Forking {
            text.push_str(&format!("  Process: {} ExecStart={command} (code=exited, status=0/SUCCESS)\n", pid - 1));
        }
        // It runs, and systemd does not look after it any more.
        if until.is_none() && state.main_pid.is_none() {
            text.push_str(&format!(" Main PID: {pid}\n"));
        }
    }
    inside(p, text, name, state);
}

/// The commands that have ended, those of the last step first, and the main process if it has.
fn commands(text: &mut String, state: &State) {
    let mut ended: Vec<&Ran> = state.commands.iter().filter(|ran| ran.until.is_some()).collect();
    ended.reverse();
    ended.sort_by_key(|ran| Reverse(ran.step));
    for Ran { step, text: words, pid, end, .. } in ended {
        text.push_str(&format!("  Process: {pid} {}={words} ({})\n", step.key(), code(*end)));
    }
    if let Some((pid, _, Some(_))) = state.ran {
        let own = state.commands.iter().find(|ran| ran.pid == pid).map(|ran| ran.end);
        text.push_str(&format!(" Main PID: {pid} ({})\n", code(own.unwrap_or_else(|| state.main_end()))));
    }
}

/// How a process ended.
fn code(end: End) -> String {
    match end {
        // Of the names of statuses here only systemd's own.
        End::Exit(status) => match status_name(status).filter(|_| !(2..8).contains(&status)) {
            Some(name) => format!("code=exited, status={status}/{name}"),
            None => format!("code=exited, status={status}"),
        },
        End::Signal(signal) => format!("code=killed, signal={}", signal_name(signal)),
        _ => "code=exited, status=0/SUCCESS".to_owned(),
    }
}

/// The processes that it has.
fn inside(p: &Proc, text: &mut String, name: &str, state: &State) {
    let running: Vec<(u32, String)> = p.peek(|linux| {
        let own = linux.processes.iter().filter(|(_, process)| process.unit.as_deref() == Some(name));
        own.map(|(pid, process)| (pid, process.command.clone())).collect()
    });
    if let Some(pid) = state.main_pid {
        let comm = p.peek(|linux| linux.processes.get(pid).map(|process| process.comm().to_owned()));
        text.push_str(&format!(" Main PID: {pid} ({})\n", comm.unwrap_or_default()));
    }
    if running.is_empty() {
        return;
    }
    tasks(p, text, running.iter().map(|(_, command)| command.as_str()));
    text.push_str(&format!("   CGroup: /system.slice/{name}\n"));
    for (place, (pid, command)) in running.iter().enumerate() {
        let branch = if place + 1 == running.len() { "└─" } else { "├─" };
        text.push_str(&format!("           {branch}{pid} {command}\n"));
    }
}

/// The last lines of a unit since the boot.
fn last_lines(p: &Proc, name: &str, most: usize) -> Vec<Line> {
    p.peek(|linux| {
        let own = linux.log.lines().rev().filter(|line| line.boot == linux.boots && line.unit.as_deref() == Some(name));
        let mut lines: Vec<Line> = own.take(most.min(1_000)).cloned().collect();
        lines.reverse();
        lines
    })
}
