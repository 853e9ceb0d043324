//! systemd's programs, and the older ones that are views of the same units. Layouts: systemd 219 (RHEL 7) and 239 (RHEL 8,
//! Photon 3); 228 and 233 (Photon 1 and 2) count as 239 where the two differ.

pub mod cat;
pub mod catalog;
pub mod change;
pub mod dependencies;
pub mod derived;
pub mod dmesg;
pub mod edit;
pub mod journal;
pub mod list;
pub mod localectl;
pub mod logger;
pub mod loginctl;
pub mod matches;
pub mod mounts;
pub mod power;
pub mod record;
pub mod run;
pub mod service;
pub mod show;
pub mod sockets;
pub mod startup;
pub mod status;
pub mod timers;
pub mod tree;

use super::getopt::{Given, Spec as Options};
use super::{Tool, tool};
use crate::bash::pattern::Pattern;
use crate::shell::coroutine::Await;
use crate::sim::{Instant, Span};
use crate::systems;
use crate::systems::linux::clock;
use crate::systems::linux::model::Linux;
use crate::systems::linux::model::unit::{Spec, State};
use crate::systems::linux::proc::{Ended, Proc};
use crate::systems::linux::tools::input::given;
use crate::systems::linux::unit_programs::UNITS;

/// The programs of this file.
pub static TOOLS: &[Tool] = &[
    tool!("systemctl", systemctl),
    tool!("journalctl", journal::journalctl),
    tool!("dmesg", dmesg::dmesg),
    tool!("logger", logger::logger),
    tool!("loginctl", loginctl::loginctl),
    tool!("service", service::service),
    tool!("chkconfig", service::chkconfig),
    tool!("systemd-analyze", startup::analyze),
    tool!("runlevel", power::runlevel),
    tool!("reboot", power::reboot),
    tool!("poweroff", power::reboot),
    tool!("halt", power::reboot),
    tool!("shutdown", power::shutdown),
    tool!("init", power::init),
    tool!("telinit", power::init),
    tool!("wall", power::wall),
    tool!("localectl", localectl::localectl),
    tool!("systemd-cat", cat::cat),
    tool!("systemd-cgls", tree::list),
    tool!("systemd-run", run::run),
];

const OPTIONS: Options = Options {
    short: "at:p:lqfo:n:s:",
    long: &[
        ("type:", 't'),
        ("state:", 'S'),
        ("property:", 'p'),
        ("all", 'a'),
        ("full", 'l'),
        ("quiet", 'q'),
        ("force", 'f'),
        ("output:", 'o'),
        ("lines:", 'n'),
        ("signal:", 's'),
        ("no-pager", 'P'),
        ("no-legend", 'L'),
        ("no-block", 'B'),
        ("no-wall", 'W'),
        ("no-ask-password", 'A'),
        ("failed", 'F'),
        ("now", 'N'),
        ("value", 'v'),
        ("runtime", 'R'),
        ("system", 'Y'),
        ("kill-who:", 'k'),
        ("reverse", '1'),
        ("before", '2'),
        ("after", '3'),
        ("plain", '4'),
    ],
    gaps: "h",
};

async fn systemctl(p: &mut Proc, arguments: &[String]) -> Ended {
    let given = given!(p, &OPTIONS, arguments, |text| p.fail(&text).await);
    let (verb, units) = match given.operands.split_first() {
        Some((verb, units)) => (verb.clone(), units.to_vec()),
        None => ("list-units".to_owned(), Vec::new()),
    };
    if needs_units(&verb) && units.is_empty() {
        p.err("Too few arguments.\n").await?;
        return Ok(1);
    }
    if verb != "list-dependencies"
        && let Some(letter) = given.last_of("1234")
    {
        let option = ["reverse", "before", "after", "plain"][usize::from(letter as u8 - b'1')];
        return p.gap(&format!("systemctl --{option} {verb}"));
    }
    if given.has('R') && matches!(verb.as_str(), "mask" | "unmask" | "enable" | "disable" | "reenable" | "preset") {
        return p.gap(&format!("systemctl --runtime {verb}"));
    }
    let names: Vec<String> = units.iter().map(|name| unit_name(name)).collect();
    // A program that was sent a signal has heard of it by now.
    let hears = |linux: &Linux| linux.processes.iter().any(|(_, own)| own.unit.is_some() && own.pending.is_some());
    if p.peek(hears) {
        p.pass(Span::millis(1)).await?;
    }
    match verb.as_str() {
        "list-units" => list::units(p, &given, &units).await,
        "list-unit-files" => list::files(p, &given, &units).await,
        "list-jobs" => list::jobs(p, &given).await,
        "list-dependencies" => dependencies::list(p, &given, &names).await,
        "status" => status::status(p, &given, &names).await,
        "show" => show::show(p, &given, &names).await,
        "cat" => show::cat(p, &names).await,
        "is-active" | "is-failed" => show::is_active(p, &given, &names, verb == "is-failed").await,
        "is-enabled" => show::is_enabled(p, &given, &names).await,
        "is-system-running" => show::is_running(p, &given).await,
        "get-default" => {
            let target = p.peek(|linux| linux.default_target());
            p.out(&format!("{target}\n")).await?;
            Ok(0)
        }
        "set-default" => change::set_default(p, &units[0]).await,
        "start"
        | "stop"
        | "restart"
        | "try-restart"
        | "condrestart"
        | "reload"
        | "reload-or-restart"
        | "force-reload"
        | "reload-or-try-restart"
        | "try-reload-or-restart" => change::run(p, &given, &verb, &names).await,
        "enable" | "disable" | "reenable" => change::enable(p, &given, &verb, &names).await,
        "preset" => change::preset(p, &given, &names).await,
        "isolate" => change::isolate(p, &names).await,
        "default" => {
            let target = p.peek(|linux| linux.default_target());
            change::isolate(p, &[target]).await
        }
        "rescue" | "emergency" => change::maintain(p, &given, &verb).await,
        "list-timers" => timers::list(p, &given, &units).await,
        "list-sockets" => sockets::list(p, &given, &units).await,
        "mask" | "unmask" => change::mask(p, &given, &verb, &names).await,
        "kill" => change::kill(p, &given, &names).await,
        "reset-failed" => change::reset_failed(p, &names).await,
        "daemon-reload" | "daemon-reexec" => {
            if p.cred.is_root() {
                reload(p);
                return Ok(0);
            }
            p.err("Failed to reload daemon: Interactive authentication required.\n").await?;
            Ok(1)
        }
        "reboot" | "poweroff" | "halt" => power::go_down(p, &verb, given.has('f')).await,
        "edit" => edit::edit(p, &given, &names).await,
        "list-machines" | "suspend" | "hibernate" | "hybrid-sleep" | "kexec" | "exit" | "switch-root" | "snapshot"
        | "preset-all" | "link" | "revert" | "add-wants" | "add-requires" | "set-property" | "show-environment"
        | "set-environment" | "unset-environment" | "import-environment" | "cancel" | "help" => {
            p.gap(&format!("systemctl {verb}"))
        }
        _ => {
            p.err(&format!("Unknown operation {}.\n", quoted(p, &verb))).await?;
            Ok(1)
        }
    }
}

/// systemd 219 puts an unknown verb in quotes.
fn quoted(p: &Proc, verb: &str) -> String {
    if is_old(p) { format!("'{verb}'") } else { verb.to_owned() }
}

fn needs_units(verb: &str) -> bool {
    matches!(
        verb,
        "start"
            | "stop"
            | "restart"
            | "try-restart"
            | "condrestart"
            | "reload"
            | "reload-or-restart"
            | "force-reload"
            | "reload-or-try-restart"
            | "try-reload-or-restart"
            | "enable"
            | "disable"
            | "reenable"
            | "mask"
            | "unmask"
            | "kill"
            | "cat"
            | "preset"
            | "isolate"
            | "is-active"
            | "is-failed"
            | "is-enabled"
            | "set-default"
    )
}

/// Whether the texts are those of systemd 219.
fn is_old(p: &Proc) -> bool {
    p.peek(|linux| linux.distro.systemd == Some(219))
}

/// The kinds of units.
const KINDS: [&str; 11] =
    ["service", "target", "socket", "mount", "automount", "swap", "timer", "path", "slice", "scope", "device"];

/// A unit's name with its kind, `.service` unless it has one.
#[must_use]
pub fn unit_name(name: &str) -> String {
    match name.rsplit_once('.') {
        Some((_, kind)) if KINDS.contains(&kind) => name.to_owned(),
        _ if name.starts_with('/') && name.starts_with("/dev/") => format!("{}.device", name[1..].replace('/', "-")),
        _ if name.starts_with('/') => mount_unit(name),
        _ => format!("{name}.service"),
    }
}

/// The unit of a mounted file system.
fn mount_unit(dir: &str) -> String {
    let name = dir.trim_matches('/').replace('-', "\\x2d").replace('/', "-");
    format!("{}.mount", if name.is_empty() { "-" } else { &name })
}

/// The state of a unit, whoever owns it.
pub fn state(p: &Proc, name: &str) -> State {
    let known = p.world(|world, id| {
        let own = systems::family(world, id).unit_state(world, id, name);
        own.or_else(|| world.linux(id).units.state(name).cloned())
    });
    known.or_else(|| derived::find(p, name).map(|unit| unit.state)).unwrap_or_default()
}

/// What a unit's file says.
pub fn spec(p: &Proc, name: &str) -> Option<Spec> {
    p.peek(|linux| linux.unit(name)).or_else(|| derived::find(p, name).map(|unit| unit.spec))
}

/// The files of units are read again.
fn reload(p: &Proc) {
    let now = p.now();
    p.linux(|linux| {
        linux.manager_says(now, 6, "", "Reloading.".to_owned());
        linux.reload_units(now);
    });
}

/// Warns that the file of a unit is not the one that was read.
async fn warn_changed(p: &mut Proc, name: &str) -> Result<(), crate::systems::linux::io::Cut> {
    if !p.peek(|linux| linux.needs_reload(name)) {
        return Ok(());
    }
    let what = match is_old(p) {
        true => name.to_owned(),
        false => format!("The unit file, source configuration file or drop-ins of {name}"),
    };
    p.err(&format!("Warning: {what} changed on disk. Run 'systemctl daemon-reload' to reload units.\n")).await
}

/// Waits until a unit is through with what it does.
async fn settled(p: &Proc, name: &str) -> Result<(), crate::systems::linux::io::Cut> {
    use crate::systems::linux::model::unit::Active;
    loop {
        let state = state(p, name);
        let busy = p.peek(|linux| linux.units.is_busy(name));
        if !busy && !matches!(state.active, Active::Activating | Active::Deactivating) {
            // A timer whose time has passed comes due at once.
            let passed = name.ends_with(".timer") && state.due.is_some_and(|due| due <= p.now());
            return if passed { p.pass(Span::millis(1)).await } else { Ok(()) };
        }
        if state.turn > 0 {
            // Its programs say when they are through.
            let (news, mut told) = ([Await::Process(p.machine, UNITS)], false);
            p.when(&news, |_| std::mem::replace(&mut told, true).then_some(())).await?;
            continue;
        }
        let next = state.due.filter(|due| *due > p.now()).unwrap_or_else(|| p.now() + Span::millis(100));
        p.until(next).await?;
    }
}

/// A moment as systemd shows it.
pub fn stamp(p: &Proc, at: Instant) -> String {
    stamp_in(p, at, "%a %Y-%m-%d %H:%M:%S %Z")
}

/// A moment in a form of strftime.
pub fn stamp_in(p: &Proc, at: Instant, form: &str) -> String {
    let zone = p.peek(|linux| linux.zone.clone());
    clock::format(form, at.utc().unix_timestamp(), at.utc().nanosecond(), &zone)
}

/// How long ago something was, as systemd rounds it (`format_timestamp_relative`).
#[must_use]
pub fn ago(span: Span) -> String {
    const MINUTE: u64 = 60;
    const HOUR: u64 = 3_600;
    const DAY: u64 = 86_400;
    const MONTH: u64 = 2_629_800;
    const YEAR: u64 = 31_557_600;
    let secs = span.as_secs();
    match secs {
        YEAR.. => format!("{} years {} months ago", secs / YEAR, secs % YEAR / MONTH),
        MONTH.. => format!("{} months {} days ago", secs / MONTH, secs % MONTH / DAY),
        604_800.. => format!("{} weeks {} days ago", secs / 604_800, secs % 604_800 / DAY),
        172_800.. => format!("{} days ago", secs / DAY),
        90_000.. => format!("1 day {}h ago", (secs - DAY) / HOUR),
        21_600.. => format!("{}h ago", secs / HOUR),
        HOUR.. => format!("{}h {}min ago", secs / HOUR, secs % HOUR / MINUTE),
        300.. => format!("{}min ago", secs / MINUTE),
        MINUTE.. => format!("{}min {}s ago", secs / MINUTE, secs % MINUTE),
        1.. => format!("{secs}s ago"),
        0 if span.as_micros() >= 1_000 => format!("{}ms ago", span.as_micros() / 1_000),
        0 if span.as_micros() > 0 => format!("{}us ago", span.as_micros()),
        0 => "now".to_owned(),
    }
}

/// Whether a name fits a pattern of the shell.
fn fits(name: &str, patterns: &[String]) -> bool {
    patterns.is_empty()
        || patterns.iter().any(|pattern| {
            *pattern == name || unit_name(pattern) == name || Pattern::new(pattern, Default::default()).matches(name)
        })
}

/// Whether an option asks for a kind of units.
fn wanted_kind(given: &Given, name: &str) -> bool {
    let kind = name.rsplit('.').next().unwrap_or_default();
    given.value('t').is_none_or(|kinds| kinds.split(',').any(|wanted| wanted == kind))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_made_whole() {
        let check = |name: &str, expect: &str| assert_eq!(unit_name(name), expect);
        check("sshd", "sshd.service");
        check("multi-user.target", "multi-user.target");
        check("a.b", "a.b.service");
        check("/boot", "boot.mount");
        check("/", "-.mount");
        check("/var/lib/my-data", "var-lib-my\\x2ddata.mount");
    }

    #[test]
    fn spans_are_rounded_as_systemd_does() {
        let check = |secs: u64, expect: &str| assert_eq!(ago(Span::secs(secs)), expect);
        check(0, "now");
        check(59, "59s ago");
        check(61, "1min 1s ago");
        check(310, "5min ago");
        check(3_700, "1h 1min ago");
        check(30_000, "8h ago");
        check(100_000, "1 day 3h ago");
        check(800_000, "1 weeks 2 days ago");
    }
}
