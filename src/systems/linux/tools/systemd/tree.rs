//! `systemctl status` without a unit: the state of the machine and its control groups with the processes in them, in the layout of systemd 219
//! and 239. Which group stands before which is inferred.

use std::collections::BTreeMap;

use super::{Options, ago, is_old, stamp};
use crate::systems::linux::model::unit::Active;
use crate::systems::linux::model::{Linux, Process};
use crate::systems::linux::proc::{Ended, Proc};
use crate::systems::linux::tools::input::given;

/// A control group: those in it, and its own processes.
#[derive(Default)]
struct Group {
    below: BTreeMap<String, Group>,
    processes: Vec<(u32, String)>,
}

/// `status` of the whole machine
pub async fn status(p: &mut Proc) -> Ended {
    let (old, now) = (is_old(p), p.now());
    let (host, booted, jobs, failed, word) = p.peek(|linux| {
        let failed = linux.units.iter().filter(|(_, state)| state.active == Active::Failed).count();
        (linux.hostname.clone(), linux.booted, linux.units.jobs().count(), failed, linux.running_word())
    });
    let mut text = format!(
        "● {host}\n    State: {word}\n     Jobs: {jobs} queued\n   Failed: {failed} units\n    Since: {}; {}\n   CGroup: /\n",
        stamp(p, booted),
        ago(now.since(booted))
    );
    let root = p.peek(|linux| groups(linux, old));
    draw(&mut text, &root, "           ");
    p.inferred();
    p.out(&text).await?;
    Ok(0)
}

/// `systemd-cgls`: all control groups, or those below one.
pub async fn list(p: &mut Proc, arguments: &[String]) -> Ended {
    const OPTIONS: Options = Options {
        short: "alku:",
        long: &[("all", 'a'), ("full", 'l'), ("no-pager", 'P'), ("unit:", 'u')],
        gaps: "h M: k --user-unit: --machine: --xattr: --cgroup-id:",
    };
    let given = given!(p, &OPTIONS, arguments, 1);
    p.inferred();
    let old = is_old(p);
    let mut wanted: Vec<(String, String)> = Vec::new();
    for unit in given.values('u') {
        let unit = super::unit_name(unit);
        let processes = p.peek(|linux| {
            let mut own = linux.processes.iter().filter(|(_, process)| process.unit.as_ref() == Some(&unit));
            own.next().map(|(pid, _)| format!("/{}", place(linux, pid, old).join("/")))
        });
        let path = processes.unwrap_or_else(|| format!("/system.slice/{unit}"));
        wanted.push((format!("Unit {unit} ({path}):"), path));
    }
    for path in &given.operands {
        let path = format!("/{}", path.trim_start_matches("/sys/fs/cgroup/systemd").trim_matches('/'));
        wanted.push((format!("Control group {path}:"), path));
    }
    if wanted.is_empty() {
        wanted.push(("Control group /:".to_owned(), "/".to_owned()));
    }
    for (head, path) in wanted {
        let names: Vec<&str> = path.split('/').filter(|name| !name.is_empty()).collect();
        let Some(group) = at(p, &names) else {
            let text = format!("Failed to list cgroup tree {path}: No such file or directory\n");
            p.err(&text).await?;
            return Ok(1);
        };
        let mut text = format!("{head}\n");
        if names.is_empty() && !old {
            text.push_str("-.slice\n");
        }
        draw(&mut text, &group, "");
        p.out(&text).await?;
    }
    Ok(0)
}

/// What is below a control group, by the names on the way to it: each line behind this indent.
pub(super) fn below(p: &Proc, path: &[&str], indent: &str) -> String {
    let mut text = String::new();
    if let Some(group) = at(p, path) {
        draw(&mut text, &group, indent);
    }
    text
}

/// The command lines of all that is below a control group.
pub(super) fn commands(p: &Proc, path: &[&str]) -> Vec<String> {
    fn gather(group: Group, all: &mut Vec<String>) {
        all.extend(group.processes.into_iter().map(|(_, command)| command));
        group.below.into_values().for_each(|inner| gather(inner, all));
    }
    let mut all = Vec::new();
    if let Some(group) = at(p, path) {
        gather(group, &mut all);
    }
    all
}

/// The control group at the end of a way.
fn at(p: &Proc, path: &[&str]) -> Option<Group> {
    let old = is_old(p);
    let root = p.peek(|linux| groups(linux, old));
    path.iter().try_fold(root, |mut group, name| group.below.remove(*name))
}

/// All processes but the threads of the kernel, each in its group.
fn groups(linux: &Linux, old: bool) -> Group {
    let mut root = Group::default();
    for (pid, process) in linux.processes.iter().filter(|(_, process)| !process.is_kernels() && process.ended.is_none())
    {
        let mut group = &mut root;
        for name in place(linux, pid, old) {
            group = group.below.entry(name).or_default();
        }
        group.processes.push((pid, process.command.clone()));
    }
    root
}

/// The group of a process: that of its unit, or of the session that somebody opened.
pub fn place(linux: &Linux, pid: u32, old: bool) -> Vec<String> {
    if pid == 1 {
        return if old { Vec::new() } else { vec!["init.scope".to_owned()] };
    }
    let mut above = Some(pid);
    // A process knows its parent, which is above it: the way up has an end, but a saved lab may say otherwise.
    for _ in 0..100 {
        let Some(process) = above.and_then(|pid| linux.processes.get(pid)) else { break };
        if let Some((session, user)) = session(linux, process) {
            return vec!["user.slice".to_owned(), format!("user-{user}.slice"), format!("session-{session}.scope")];
        }
        if let Some(unit) = process.unit.as_ref().filter(|unit| unit.starts_with("user@")) {
            let slice = format!("user-{}.slice", process.uid);
            return vec!["user.slice".to_owned(), slice, unit.clone(), "init.scope".to_owned()];
        }
        if let Some(unit) = &process.unit {
            return vec!["system.slice".to_owned(), unit.clone()];
        }
        above = (process.ppid > 1).then_some(process.ppid);
    }
    vec!["system.slice".to_owned()]
}

/// The session that a process belongs to, and the number of the user whose it is.
fn session(linux: &Linux, process: &Process) -> Option<(u32, u32)> {
    let record = linux.known_sessions().into_iter().find(|record| record.session == process.login)?;
    Some((record.session, linux.user(record.user.as_deref()?)?.uid))
}

fn draw(text: &mut String, group: &Group, indent: &str) {
    let width = group.processes.iter().map(|(pid, _)| pid.to_string().len()).max().unwrap_or(0);
    let count = group.processes.len() + group.below.len();
    let branch = |place: usize| if place + 1 == count { ("└─", "  ") } else { ("├─", "│ ") };
    for (place, (pid, command)) in group.processes.iter().enumerate() {
        text.push_str(&format!("{indent}{}{pid:width$} {command}\n", branch(place).0));
    }
    let mut below: Vec<(&String, &Group)> = group.below.iter().collect();
    below.sort_by_key(|(name, _)| match name.as_str() {
        "user.slice" => 0,
        "init.scope" => 1,
        "system.slice" => 2,
        _ => 3,
    });
    for (place, (name, inner)) in below.into_iter().enumerate() {
        let (mark, further) = branch(group.processes.len() + place);
        text.push_str(&format!("{indent}{mark}{name}\n"));
        draw(text, inner, &format!("{indent}{further}"));
    }
}
