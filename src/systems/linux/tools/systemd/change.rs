//! `systemctl start`, `stop`, `enable` and the others that change something.

use super::{KINDS, derived, is_old, mounts, reload, settled, spec, state, warn_changed};
use crate::systems::linux::distro::units as base;
use crate::systems::linux::events;
use crate::systems::linux::fs::{Cred, Errno};
use crate::systems::linux::io::Cut;
use crate::systems::linux::kernel;
use crate::systems::linux::model::signals;
use crate::systems::linux::model::unit::exec;
use crate::systems::linux::model::unit::{Active, End, Kind, Spec};
use crate::systems::linux::proc::{Ended, Proc};
use crate::systems::linux::tools::getopt::Given;
use crate::systems::linux::unit_programs::{self, Programs};

/// What becomes of a unit.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Step {
    Start,
    Stop,
    Restart,
    Reload,
}

/// `start`, `stop`, `restart`, `reload` and their kin: asks for all, then waits for all.
pub async fn run(p: &mut Proc, given: &Given, verb: &str, names: &[String]) -> Ended {
    let mut status = 0;
    let mut asked = Vec::new();
    for name in names {
        if let Some(unit) = derived::find(p, name) {
            let code = mounts::change(p, verb, &unit).await?;
            status = if code == 0 { status } else { code };
            continue;
        }
        let step = match step(p, verb, name) {
            Ok(step) => step,
            Err((text, code)) => {
                p.err(&text).await?;
                status = code;
                continue;
            }
        };
        let Some(step) = step else { continue };
        if matches!(step, Step::Start | Step::Restart)
            && let Programs::Unmodelled(program) = p.world(|world, id| unit_programs::programs(world, id, name))
        {
            status = p.gap(&format!("what {name} runs: {program}"))?;
            continue;
        }
        warn_changed(p, name).await?;
        if step == Step::Restart && given.has('B') {
            settled(p, name).await?;
        }
        ask(p, step, name);
        asked.push((name, step));
    }
    if given.has('B') {
        return Ok(status);
    }
    for (name, step) in asked {
        if step == Step::Restart {
            p.linux(|linux| linux.keep_unit(Some(name)));
        }
        settled(p, name).await?;
        if step == Step::Restart {
            ask(p, Step::Start, name);
            p.linux(|linux| linux.keep_unit(None));
            settled(p, name).await?;
        }
        if step == Step::Reload && tell_reload(p, name).await?
            || matches!(step, Step::Start | Step::Restart) && !tell_failure(p, name).await?
        {
            status = 1;
        }
    }
    Ok(status)
}

/// What a verb means for a unit now; nothing when nothing is to be done.
fn step(p: &Proc, verb: &str, name: &str) -> Result<Option<Step>, (String, u8)> {
    let word = match verb {
        "condrestart" | "try-restart" | "restart" => "restart",
        "force-reload" | "reload-or-restart" | "reload-or-try-restart" | "try-reload-or-restart" => "reload-or-restart",
        verb => verb,
    };
    let wrong = |text: String, code: u8| Err((format!("Failed to {word} {name}: {text}\n"), code));
    let see = |text: &str| wrong(format!("{text}\nSee system logs and 'systemctl status {name}' for details."), 4);
    let starts = matches!(word, "start" | "restart" | "reload-or-restart");
    let found = spec(p, name).filter(|spec| !(starts && spec.is_gone()));
    let Some(spec) = found else {
        if p.peek(|linux| linux.is_masked(name)) {
            let old = is_old(p);
            return wrong(if old { "Unit is masked.".to_owned() } else { format!("Unit {name} is masked.") }, 1);
        }
        return match word {
            "stop" => wrong(format!("Unit {name} not loaded."), 5),
            _ if is_old(p) => wrong("Unit not found.".to_owned(), 5),
            _ => wrong(format!("Unit {name} not found."), 5),
        };
    };
    if !p.cred.is_root() {
        return see("Interactive authentication required.");
    }
    let masked = p.peek(|linux| linux.is_masked(name));
    if masked && word != "stop" {
        let old = is_old(p);
        return wrong(if old { "Unit is masked.".to_owned() } else { format!("Unit {name} is masked.") }, 1);
    }
    if starts && spec.is_bad() {
        return match is_old(p) {
            true => {
                let why = "Unit is not loaded properly: Invalid argument.";
                wrong(format!("{why}\nSee system logs and 'systemctl status {name}' for details."), 1)
            }
            false => {
                let why = format!("Unit {name} has a bad unit file setting.");
                wrong(format!("{why}\nSee system logs and 'systemctl status {name}' for details."), 1)
            }
        };
    }
    if let Some(missing) = starts.then(|| p.peek(|linux| linux.missing_requirement(name))).flatten() {
        let text = if is_old(p) { "Unit not found.".to_owned() } else { format!("Unit {missing} not found.") };
        return wrong(text, 5);
    }
    if spec.refuses_stop && matches!(word, "stop" | "restart") {
        let why = format!(
            "Operation refused, unit {name} may be requested by dependency only (it is configured to refuse manual \
             start/stop)."
        );
        return see(&why);
    }
    let up = state(p, name).active == Active::Active;
    Ok(match (verb, up) {
        ("start", true) => None,
        ("start", false) => Some(Step::Start),
        ("stop", _) => Some(Step::Stop),
        ("restart", _) => Some(Step::Restart),
        ("try-restart" | "condrestart" | "reload-or-try-restart" | "try-reload-or-restart", false) => None,
        ("try-restart" | "condrestart", true) => Some(Step::Restart),
        ("reload", _) if spec.exec_reload.is_none() => {
            return wrong(format!("Job type reload is not applicable for unit {name}."), 3);
        }
        ("reload", false) if is_old(p) => return Err((format!("Job for {name} invalid.\n"), 1)),
        ("reload", false) => return Err((format!("{name} is not active, cannot reload.\n"), 1)),
        (_, true) if spec.exec_reload.is_some() => Some(Step::Reload),
        _ => Some(Step::Restart),
    })
}

fn ask(p: &Proc, step: Step, name: &str) {
    p.world(|world, id| match step {
        Step::Start => events::start_unit(world, id, name),
        Step::Stop | Step::Restart => events::stop_unit(world, id, name),
        Step::Reload => {
            let now = world.now;
            let linux = world.linux_mut(id);
            let description = linux.unit(name).map_or_else(|| name.to_owned(), |spec| spec.description);
            linux.manager_says(now, 6, name, format!("Reloading {description}."));
            if linux.programs_reload(name) {
                return events::after(world, id, Vec::new());
            }
            linux.manager_says(now, 6, name, format!("Reloaded {description}."));
            events::reload_unit(world, id, name);
        }
    });
}

/// Says that the program went wrong by which a unit reads its settings again; `true` then.
async fn tell_reload(p: &mut Proc, name: &str) -> Result<bool, Cut> {
    let last = state(p, name).commands.into_iter().rfind(|ran| ran.step == exec::Step::Reload);
    let failed = last.is_some_and(|ran| !matches!(ran.end, End::Success));
    if failed {
        let (space, line) = if is_old(p) { (" ", "") } else { ("", "\n") };
        let why = "the control process exited with error code.";
        let see = format!("See \"systemctl status {name}\" and \"journalctl -xe\" for details.");
        p.err(&format!("Job for {name} failed because {why}{space}{line}{see}\n")).await?;
    }
    Ok(failed)
}

/// Says that a unit did not come up; `false` then.
async fn tell_failure(p: &mut Proc, name: &str) -> Result<bool, Cut> {
    let state = state(p, name);
    // One that is up goes wrong later, unless its other programs did.
    let is_simple = |spec: &Spec| {
        let others = state.commands.iter().any(|ran| ran.step != exec::Step::Start && ran.end != End::Success);
        matches!(spec.kind, Kind::Simple | Kind::Idle) && spec.before_start.is_empty() && !others
    };
    let simple = spec(p, name).as_ref().is_some_and(is_simple);
    let quote = if is_old(p) { "See" } else { "\nSee" };
    let why = match (state.active, state.end) {
        (Active::Inactive, End::Dependency) => {
            p.err(&format!("A dependency job for {name} failed. See 'journalctl -xe' for details.\n")).await?;
            return Ok(false);
        }
        (Active::Failed | Active::Restarting, End::Resources) => "of unavailable resources or another system error.",
        (Active::Failed | Active::Restarting, End::Timeout) => "a timeout was exceeded.",
        (Active::Failed | Active::Restarting, End::Protocol) => {
            "the service did not take the steps required by its unit configuration."
        }
        (Active::Failed | Active::Restarting, End::Exit(_)) if !simple => "the control process exited with error code.",
        (Active::Failed | Active::Restarting, End::Signal(_)) if !simple => {
            "a fatal signal was delivered to the control process."
        }
        _ => return Ok(true),
    };
    let space = if quote.starts_with('\n') { "" } else { " " };
    let text = format!(
        "Job for {name} failed because {why}{space}{quote} \"systemctl status {name}\" and \"journalctl -xe\" for details.\n"
    );
    p.err(&text).await?;
    Ok(false)
}

/// `enable`, `reenable` and `disable`.
pub async fn enable(p: &mut Proc, given: &Given, verb: &str, names: &[String]) -> Ended {
    install(p, given, verb, verb != "disable", names).await
}

/// Makes or removes the links with which units are enabled, for the verb that was typed.
async fn install(p: &mut Proc, given: &Given, verb: &str, on: bool, names: &[String]) -> Ended {
    for name in names {
        if !p.cred.is_root() {
            p.err("Failed to execute operation: Interactive authentication required.\n").await?;
            return Ok(1);
        }
        let Some(spec) = spec(p, name) else {
            let text = match is_old(p) {
                true => "Failed to execute operation: No such file or directory\n".to_owned(),
                false => format!("Failed to {verb} unit: Unit file {name} does not exist.\n"),
            };
            p.err(&text).await?;
            return Ok(1);
        };
        if p.peek(|linux| linux.is_masked(name)) && on {
            let text = match is_old(p) {
                true => "Failed to execute operation: Cannot send after transport endpoint shutdown\n".to_owned(),
                false => format!("Failed to {verb} unit: Unit file /etc/systemd/system/{name} is masked.\n"),
            };
            p.err(&text).await?;
            return Ok(1);
        }
        if spec.wanted_by.is_empty() && spec.required_by.is_empty() {
            if on {
                p.err(NO_INSTALL).await?;
            }
            continue;
        }
        let quiet = given.has('q');
        if verb == "reenable" {
            links(p, name, false, quiet).await?;
        }
        links(p, name, on, quiet).await?;
    }
    reload(p);
    if given.has('N') {
        return run(p, given, if on { "start" } else { "stop" }, names).await;
    }
    Ok(0)
}

/// `preset`: each unit is enabled or not as the vendor has it.
pub async fn preset(p: &mut Proc, given: &Given, names: &[String]) -> Ended {
    let mut status = 0;
    for name in names {
        let on = p.peek(|linux| base::find(&linux.distro, name).is_some_and(|unit| unit.enabled));
        let code = install(p, given, "preset", on, std::slice::from_ref(name)).await?;
        status = status.max(code);
    }
    Ok(status)
}

/// Whether a unit may be the only one with what it pulls in (`AllowIsolate=`).
#[must_use]
pub fn is_isolated(name: &str) -> bool {
    const ALLOWED: [&str; 10] =
        ["default", "emergency", "exit", "graphical", "halt", "kexec", "multi-user", "poweroff", "reboot", "rescue"];
    name.strip_suffix(".target").is_some_and(|short| ALLOWED.contains(&short))
}

/// `isolate`: what the target does not pull in is stopped.
pub async fn isolate(p: &mut Proc, names: &[String]) -> Ended {
    let [name] = names else {
        p.err("Too many arguments.\n").await?;
        return Ok(1);
    };
    if spec(p, name).is_none() {
        let text = if is_old(p) { "Unit not found.".to_owned() } else { format!("Unit {name} not found.") };
        p.err(&format!("Failed to start {name}: {text}\n")).await?;
        return Ok(5);
    }
    if !is_isolated(name) {
        let why = "Operation refused, unit may not be isolated.";
        p.err(&format!("Failed to start {name}: {why}\nSee system logs and 'systemctl status {name}' for details.\n"))
            .await?;
        return Ok(4);
    }
    if !p.cred.is_root() {
        p.err(&format!("Failed to start {name}: Interactive authentication required.\n")).await?;
        return Ok(4);
    }
    match name.as_str() {
        "reboot.target" => return super::power::go_down(p, "reboot", false).await,
        "poweroff.target" | "halt.target" => return super::power::go_down(p, "poweroff", false).await,
        // An appliance's console has a screen of its own.
        "rescue.target" | "emergency.target"
            if p.world(|world, id| crate::systems::family(world, id).has_own_screen()) =>
        {
            return p.gap(&format!("systemctl isolate {name}: the console of a machine in that state"));
        }
        "multi-user.target" | "graphical.target" | "rescue.target" | "emergency.target" => {}
        _ => return p.gap(&format!("systemctl isolate {name}")),
    }
    let unwanted = p.world(|world, id| events::isolate(world, id, name));
    for unit in unwanted.iter().chain([name]) {
        settled(p, unit).await?;
    }
    Ok(0)
}

/// `rescue` and `emergency`: the target of that name is isolated, and systemd 219 lets all know.
pub async fn maintain(p: &mut Proc, given: &Given, mode: &str) -> Ended {
    let status = isolate(p, &[format!("{mode}.target")]).await?;
    if status == 0 && is_old(p) && !given.has('W') {
        super::power::tell_all(p, &format!("The system is going down to {mode} mode NOW!"));
    }
    Ok(status)
}

async fn links(p: &mut Proc, name: &str, on: bool, quiet: bool) -> Ended {
    let now = p.now();
    let changed = p.linux(|linux| linux.set_enabled(name, on, now));
    match changed {
        Ok(changed) => {
            for (link, target) in changed.into_iter().filter(|_| !quiet) {
                say_link(p, &link, on.then_some(&target)).await?;
            }
            Ok(0)
        }
        Err(errno) => {
            p.err(&format!("Failed to execute operation: {}\n", errno.text())).await?;
            Ok(1)
        }
    }
}

async fn say_link(p: &mut Proc, link: &str, target: Option<&str>) -> Result<(), Cut> {
    let text = match (target, is_old(p)) {
        (Some(target), true) => format!("Created symlink from {link} to {target}.\n"),
        (Some(target), false) => format!("Created symlink {link} → {target}.\n"),
        (None, true) => format!("Removed symlink {link}.\n"),
        (None, false) => format!("Removed {link}.\n"),
    };
    p.err(&text).await
}

const NO_INSTALL: &str = "The unit files have no installation config (WantedBy, RequiredBy, Also, Alias
settings in the [Install] section, and DefaultInstance for template units).
This means they are not meant to be enabled using systemctl.
Possible reasons for having this kind of units are:
1) A unit may be statically enabled by being symlinked from another unit's
   .wants/ or .requires/ directory.
2) A unit's purpose may be to act as a helper for some other unit which has
   a requirement dependency on it.
3) A unit may be started when needed via activation (socket, path, timer,
   D-Bus, udev, scripted systemctl call, ...).
4) In case of template units, the unit is meant to be enabled with some
   instance name specified.
";

/// `mask` and `unmask`.
pub async fn mask(p: &mut Proc, given: &Given, verb: &str, names: &[String]) -> Ended {
    if !p.cred.is_root() {
        p.err("Failed to execute operation: Interactive authentication required.\n").await?;
        return Ok(1);
    }
    for name in names {
        let link = format!("/etc/systemd/system/{name}");
        let masked = p.peek(|linux| linux.is_masked(name));
        if verb == "unmask" {
            if masked && p.fs(|fs, now| fs.unlink(&Cred::ROOT, "/", &link, now)).is_ok() {
                say_link(p, &link, None).await?;
            }
            continue;
        }
        if masked {
            continue;
        }
        match p.fs(|fs, now| fs.symlink(&Cred::ROOT, "/", "/dev/null", &link, now)) {
            Ok(_) => say_link(p, &link, Some("/dev/null")).await?,
            Err(Errno::Exist) => {
                let what = if is_old(p) { "execute operation" } else { "mask unit" };
                p.err(&format!("Failed to {what}: File {link} already exists.\n")).await?;
                return Ok(1);
            }
            Err(errno) => {
                p.err(&format!("Failed to mask unit: {}\n", errno.text())).await?;
                return Ok(1);
            }
        }
    }
    reload(p);
    if given.has('N') && verb == "mask" {
        return run(p, given, "stop", names).await;
    }
    Ok(0)
}

/// `set-default`
pub async fn set_default(p: &mut Proc, name: &str) -> Ended {
    // What has no kind is a target here.
    let known = name.rsplit_once('.').is_some_and(|(_, kind)| KINDS.contains(&kind));
    let name = &*if known { name.to_owned() } else { format!("{name}.target") };
    let Some(spec) = spec(p, name).filter(|_| name.ends_with(".target")) else {
        let text = match is_old(p) {
            true => "Failed to execute operation: No such file or directory\n".to_owned(),
            false => format!("Failed to set default target: Unit file {name} does not exist.\n"),
        };
        p.err(&text).await?;
        return Ok(1);
    };
    let link = "/etc/systemd/system/default.target";
    let set = p.fs(|fs, now| {
        match fs.unlink(&Cred::ROOT, "/", link, now) {
            Ok(()) | Err(Errno::Noent) => {}
            Err(errno) => return Err(errno),
        }
        fs.symlink(&Cred::ROOT, "/", &spec.path, link, now)
    });
    if let Err(errno) = set {
        p.err(&format!("Failed to set default target: {}\n", errno.text())).await?;
        return Ok(1);
    }
    say_link(p, link, None).await?;
    say_link(p, link, Some(&spec.path)).await?;
    Ok(0)
}

/// `kill`
pub async fn kill(p: &mut Proc, given: &Given, names: &[String]) -> Ended {
    let signal = match given.value('s') {
        None => 15,
        Some(text) => match signals::number_listed(text) {
            Some(signal) => signal,
            None => {
                p.err(&format!("Failed to parse signal string {text}.\n")).await?;
                return Ok(1);
            }
        },
    };
    for name in names {
        let pids: Vec<u32> = p.peek(|linux| {
            linux
                .processes
                .iter()
                .filter(|(_, process)| process.unit.as_deref() == Some(name))
                .map(|(pid, _)| pid)
                .collect()
        });
        if pids.is_empty() {
            p.err(&format!("Failed to kill unit {name}: Unit {name} is not loaded.\n")).await?;
            return Ok(1);
        }
        for pid in pids {
            p.world(|world, id| kernel::signal(world, id, pid, signal));
        }
    }
    Ok(0)
}

/// `reset-failed`
pub async fn reset_failed(p: &mut Proc, names: &[String]) -> Ended {
    if names.is_empty() {
        p.linux(|linux| linux.reset_failed(None));
        return Ok(0);
    }
    for name in names {
        if spec(p, name).is_none() {
            p.err(&format!("Failed to reset failed state of unit {name}: Unit {name} not loaded.\n")).await?;
            return Ok(1);
        }
        p.linux(|linux| linux.reset_failed(Some(name)));
    }
    Ok(0)
}
