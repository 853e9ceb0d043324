//! `systemctl show`, `cat`, `is-active`, `is-enabled`: what scripts ask.

use super::change::is_isolated;
use super::derived;
use super::{is_old, spec, stamp, state};
use crate::sim::{Instant, Span};
use crate::systems::linux::distro::units as base;
use crate::systems::linux::model::Linux;
use crate::systems::linux::model::unit::exec::Exec;
use crate::systems::linux::model::unit::{Active, End, Kind, Restart, Spec, State};
use crate::systems::linux::model::units::{Enabled, timespan};
use crate::systems::linux::proc::{Ended, Proc};
use crate::systems::linux::tools::getopt::Given;
use crate::systems::linux::tools::procs::memory;

/// `cat`
pub async fn cat(p: &mut Proc, names: &[String]) -> Ended {
    let mut first = true;
    for name in names {
        let Some(spec) = spec(p, name) else {
            p.err(&format!("No files found for {name}.\n")).await?;
            return Ok(1);
        };
        if p.peek(|linux| linux.needs_reload(name)) {
            p.err(&outdated(p, name)).await?;
        }
        if let Some(text) = derived::find(p, name).and_then(|unit| unit.text()) {
            p.out(&format!("{}{text}", if first { "" } else { "\n" })).await?;
            first = false;
            continue;
        }
        for path in std::iter::once(&spec.path).chain(&spec.drop_ins) {
            let text = p.read_path(path).unwrap_or_default();
            let gap = if first { "" } else { "\n" };
            first = false;
            p.out(&format!("{gap}# {path}\n")).await?;
            p.write(1, &text).await?;
        }
    }
    Ok(0)
}

/// What `cat` says of a unit whose file is not the one that was read.
fn outdated(p: &Proc, name: &str) -> String {
    let first = format!("# Warning: {name} changed on disk, the version systemd has loaded is outdated.\n");
    let current = "# This output shows the current version of the unit's original fragment and drop-in files.\n";
    let added = "# If fragments or drop-ins were added or removed, they are not properly reflected in this output.\n";
    let last = "# Run 'systemctl daemon-reload' to reload units.\n";
    let added = if is_old(p) { "" } else { added };
    format!("{first}{current}{added}{last}")
}

/// `is-active` and `is-failed`
pub async fn is_active(p: &mut Proc, given: &Given, names: &[String], failed: bool) -> Ended {
    let mut status = if failed { 1 } else { 3 };
    for name in names {
        let active = state(p, name).active;
        let known = spec(p, name).is_some();
        let wanted = if failed { Active::Failed } else { Active::Active };
        if active == wanted {
            status = 0;
        }
        if !given.has('q') {
            let word = if !known && is_old(p) { "unknown" } else { active.word() };
            p.out(&format!("{word}\n")).await?;
        }
    }
    Ok(status)
}

/// `is-enabled`
pub async fn is_enabled(p: &mut Proc, given: &Given, names: &[String]) -> Ended {
    let mut status = 1;
    for name in names {
        let masked = p.peek(|linux| linux.is_masked(name));
        if spec(p, name).is_none() && !masked {
            p.err(&format!("Failed to get unit file state for {name}: No such file or directory\n")).await?;
            return Ok(1);
        }
        let of_file = p.peek(|linux| linux.is_enabled(name));
        let word = derived::find(p, name).map_or(of_file.word(), |unit| unit.enabled);
        if matches!(of_file, Enabled::Enabled | Enabled::Static) || matches!(word, "generated" | "static" | "transient")
        {
            status = 0;
        }
        if word.is_empty() {
            p.err(&format!("Failed to get unit file state for {name}: No such file or directory\n")).await?;
        } else if !given.has('q') {
            p.out(&format!("{word}\n")).await?;
        }
    }
    Ok(status)
}

/// `is-system-running`
pub async fn is_running(p: &mut Proc, given: &Given) -> Ended {
    let word = p.peek(Linux::running_word);
    if !given.has('q') {
        p.out(&format!("{word}\n")).await?;
    }
    Ok(u8::from(word != "running"))
}

/// Properties that systemd has of a unit and the model has not.
const NOT_MODELLED: [&str; 24] = [
    "ActiveEnterTimestampMonotonic",
    "ActiveExitTimestamp",
    "AssertResult",
    "CPUUsageNSec",
    "ConditionResult",
    "ConditionTimestamp",
    "Environment",
    "EnvironmentFile",
    "EnvironmentFiles",
    "FragmentTimestamp",
    "Group",
    "InvocationID",
    "KillMode",
    "LimitNOFILE",
    "LimitNPROC",
    "NotifyAccess",
    "PIDFile",
    "StatusText",
    "TasksMax",
    "TimeoutStartUSec",
    "TimeoutStopUSec",
    "TriggeredBy",
    "UMask",
    "WatchdogUSec",
];

/// `show`: the properties that are modelled; systemd's own list is longer.
pub async fn show(p: &mut Proc, given: &Given, names: &[String]) -> Ended {
    if names.is_empty() {
        return p.gap("systemctl show without a unit");
    }
    let wanted: Vec<String> = given.values('p').flat_map(|list| list.split(',')).map(str::to_owned).collect();
    for (place, name) in names.iter().enumerate() {
        if place > 0 {
            p.out("\n").await?;
        }
        let properties = properties(p, name);
        if wanted.is_empty() {
            for (key, value) in &properties {
                p.out(&format!("{key}={value}\n")).await?;
            }
            continue;
        }
        for key in &wanted {
            let found = properties.iter().find(|(known, _)| known == key).map(|(_, value)| value.clone());
            match found.or_else(|| of_file(p, name, key)) {
                Some(value) if given.has('v') => p.out(&format!("{value}\n")).await?,
                Some(value) => p.out(&format!("{key}={value}\n")).await?,
                // A property that no unit has is passed over, as the real one does it.
                None if NOT_MODELLED.contains(&key.as_str()) => {
                    p.gap(&format!("systemctl show -p {key}"))?;
                }
                None => {}
            }
        }
    }
    if wanted.is_empty() {
        p.inferred();
    }
    Ok(0)
}

/// What a service's file says of a setting, as a property; nothing for what is no setting that is read from there.
fn of_file(p: &Proc, name: &str, key: &str) -> Option<String> {
    let spec = spec(p, name).filter(Spec::is_service)?;
    let files = std::iter::once(&spec.path).chain(&spec.drop_ins);
    let texts: Vec<String> = files
        .filter_map(|path| p.read_path(path).ok())
        .map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
        .collect();
    let exec = Exec::read(texts.iter().map(String::as_str));
    let span = |span: Option<Span>| match span {
        None => "1min 30s".to_owned(),
        Some(Span::ZERO) => "infinity".to_owned(),
        Some(span) => timespan(span),
    };
    Some(match key {
        "Environment" => exec.environment.join(" "),
        "EnvironmentFile" | "EnvironmentFiles" => {
            let file = |file: &String| {
                let bare = file.trim_start_matches('-');
                format!("{bare} (ignore_errors={})", yes(bare.len() < file.len()))
            };
            exec.files.iter().map(file).collect::<Vec<_>>().join(" ")
        }
        "Group" => exec.group.unwrap_or_default(),
        "KillMode" => exec.kill.unwrap_or_else(|| "control-group".to_owned()),
        "PIDFile" => exec.pid_file.unwrap_or_default(),
        "TimeoutStartUSec" if spec.kind == Kind::Oneshot && exec.start_within.is_none() => "infinity".to_owned(),
        "TimeoutStartUSec" => span(exec.start_within),
        "TimeoutStopUSec" => span(exec.stop_within),
        "UMask" => format!("{:04o}", exec.umask.unwrap_or(0o022)),
        "WorkingDirectory" => exec.directory.unwrap_or_default(),
        _ => return None,
    })
}

fn properties(p: &Proc, name: &str) -> Vec<(&'static str, String)> {
    let (state, found) = (state(p, name), spec(p, name));
    let loaded = found.is_some();
    let spec = found.unwrap_or_else(|| Spec { description: name.to_owned(), ..Spec::parse(name, "", "", &[]) });
    let moment =
        |wanted: Active| state.since.filter(|_| state.active == wanted).map(|at| stamp(p, at)).unwrap_or_default();
    let (pid, ran) = (state.main_pid.unwrap_or(0), state.ran);
    let (code, status) = match state.main_end() {
        End::Exit(status) => (1, status),
        End::Signal(signal) => (2, signal),
        _ if ran.is_some_and(|(_, _, until)| until.is_some()) => (1, 0),
        _ => (0, 0),
    };
    let mut list = Vec::new();
    if spec.is_service() {
        list.push(("Type", kind(spec.kind).to_owned()));
        list.push(("Restart", restart(spec.restart).to_owned()));
        list.push(("RestartUSec", timespan(spec.restart_after)));
        list.push(("RemainAfterExit", yes(spec.remains)));
        list.push(("MainPID", pid.to_string()));
        // Counted since systemd 235.
        if p.peek(|linux| linux.distro.systemd >= Some(235)) {
            list.push(("NRestarts", state.restarts.to_string()));
        }
        list.push(("Result", state.end.result().to_owned()));
        list.push(("ExecMainStartTimestamp", ran.map(|(_, from, _)| stamp(p, from)).unwrap_or_default()));
        list.push(("ExecMainPID", ran.map_or(0, |(pid, ..)| pid).to_string()));
        list.push(("ExecMainCode", code.to_string()));
        list.push(("ExecMainStatus", status.to_string()));
    }
    let masked = p.peek(|linux| linux.is_masked(name));
    let bad = if is_old(p) { "error" } else { "bad-setting" };
    let load = if masked {
        "masked"
    } else if loaded && spec.is_gone() {
        "not-found"
    } else if loaded && spec.is_bad() {
        bad
    } else if loaded {
        "loaded"
    } else {
        "not-found"
    };
    let derived = derived::find(p, name);
    let enabled = derived.as_ref().map_or_else(|| p.peek(|linux| linux.is_enabled(name)).word(), |unit| unit.enabled);
    let mut fragment = spec.path.clone();
    if let Some((unit, mount)) = derived.as_ref().and_then(|unit| Some((unit, unit.mount.as_ref()?))) {
        list.extend([("Where", mount.dir.clone()), ("What", mount.device.clone()), ("Options", mount.options.clone())]);
        list.push(("Type", mount.fstype.clone()));
        fragment = unit.fragment();
    }
    if spec.is_service() {
        let (tasks, kib) = p.peek(|linux| {
            let own = linux.processes.iter().filter(|(_, process)| process.unit.as_deref() == Some(name));
            own.fold((0_u32, 0), |(count, kib), (_, process)| (count + 1, kib + memory(&process.command).1))
        });
        let up = tasks > 0;
        let none = "18446744073709551615".to_owned();
        for (key, command) in [
            ("ExecStart", spec.exec_start.last()),
            ("ExecReload", spec.exec_reload.as_ref()),
            ("ExecStop", spec.exec_stop.as_ref()),
        ] {
            if let Some(command) = command {
                list.push((key, executed(p, &spec, command, &state, key == "ExecStart")));
            }
        }
        list.push(("Slice", "system.slice".to_owned()));
        list.push(("ControlGroup", if up { format!("/system.slice/{name}") } else { String::new() }));
        // As `status` shows it.
        list.push(("MemoryCurrent", if up { (kib * 512).to_string() } else { none.clone() }));
        list.push(("TasksCurrent", if up { tasks.to_string() } else { none }));
        list.push(("User", spec.user.clone().unwrap_or_default()));
    }
    let preset = p.peek(|linux| base::find(&linux.distro, name).is_some_and(|unit| unit.enabled));
    let reload = spec.exec_reload.is_some();
    list.extend([
        ("Id", name.to_owned()),
        ("Names", name.to_owned()),
        ("Requires", spec.requires.join(" ")),
        ("Wants", spec.wants.join(" ")),
        ("WantedBy", spec.wanted_by.join(" ")),
        ("RequiredBy", spec.required_by.join(" ")),
        ("Conflicts", spec.conflicts.join(" ")),
        ("Before", spec.before.join(" ")),
        ("After", spec.after.join(" ")),
        ("Documentation", spec.docs.join(" ")),
        ("Description", spec.description.clone()),
        ("LoadState", load.to_owned()),
        ("ActiveState", state.active.word().to_owned()),
        ("SubState", derived.as_ref().map_or(spec.sub(&state), |unit| unit.sub).to_owned()),
        ("FragmentPath", fragment),
        ("UnitFileState", if loaded || masked { enabled.to_owned() } else { String::new() }),
        ("UnitFilePreset", if loaded { word(preset).to_owned() } else { String::new() }),
        ("DropInPaths", spec.drop_ins.join(" ")),
        ("StateChangeTimestamp", state.since.map(|at| stamp(p, at)).unwrap_or_default()),
        ("CanStart", yes(loaded && !masked)),
        ("CanStop", yes(loaded && !spec.refuses_stop)),
        ("CanReload", yes(reload)),
        ("CanIsolate", yes(is_isolated(name))),
        ("RefuseManualStop", yes(spec.refuses_stop)),
        ("DefaultDependencies", yes(!spec.early)),
        ("NeedDaemonReload", yes(p.peek(|linux| linux.needs_reload(name)))),
        ("ActiveEnterTimestamp", moment(Active::Active)),
        ("InactiveEnterTimestamp", moment(Active::Inactive)),
    ]);
    list
}

fn yes(is: bool) -> String {
    if is { "yes" } else { "no" }.to_owned()
}

fn word(on: bool) -> &'static str {
    if on { "enabled" } else { "disabled" }
}

/// A command as it was run last.
fn executed(p: &Proc, spec: &Spec, command: &str, state: &State, is_main: bool) -> String {
    let program = command.split_whitespace().next().unwrap_or_default();
    let ran = state.ran.filter(|_| is_main);
    let moment = |at: Option<Instant>| at.map_or_else(|| "n/a".to_owned(), |at| stamp(p, at));
    let (from, until) = (moment(ran.map(|(_, from, _)| from)), moment(ran.and_then(|(.., until)| until)));
    let pid = ran.map_or(0, |(pid, ..)| pid);
    let (code, status) = match state.main_end() {
        End::Exit(status) if is_main => ("exited".to_owned(), status.to_string()),
        End::Signal(signal) if is_main => ("killed".to_owned(), signal.to_string()),
        _ if ran.is_some_and(|(.., until)| until.is_some()) => ("exited".to_owned(), "0".to_owned()),
        _ => ("(null)".to_owned(), "0/0".to_owned()),
    };
    let ignored = if is_main && spec.ignores_errors { "yes" } else { "no" };
    format!(
        "{{ path={program} ; argv[]={command} ; ignore_errors={ignored} ; start_time=[{from}] ; stop_time=[{until}] ; pid={pid} ; \
         code={code} ; status={status} }}"
    )
}

fn kind(kind: Kind) -> &'static str {
    match kind {
        Kind::Simple => "simple",
        Kind::Forking => "forking",
        Kind::Notify => "notify",
        Kind::Dbus => "dbus",
        Kind::Oneshot => "oneshot",
        Kind::Idle => "idle",
    }
}

fn restart(restart: Restart) -> &'static str {
    match restart {
        Restart::No => "no",
        Restart::OnSuccess => "on-success",
        Restart::OnFailure => "on-failure",
        Restart::OnAbnormal => "on-abnormal",
        Restart::Always => "always",
    }
}
