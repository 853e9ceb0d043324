//! The steps of an installation: what each does to the model, and how long it takes.
//!
//! Times: `rates.rs`. Which package is changed when is inferred, but for the release package, which comes last: the appliance
//! calls itself new when all of it is.

use std::sync::Arc;

use super::report::{log, poll, say_inferred};
use super::run::{self, Run, power_fails, power_may_fail};
use crate::payload::catalog::RELEASE_PACKAGE;
use crate::payload::{LAYER, Package};
use crate::shell::{Context, Cx};
use crate::sim::{Instant, Span};
use crate::systems::linux::clock::Zone;
use crate::systems::vcsa::api::accounts;
use crate::systems::vcsa::faults::PASSWORD_EXPIRING;
use crate::systems::vcsa::flows::{Ending, Work};
use crate::systems::vcsa::model::{Action, Update};
use crate::systems::vcsa::{control, events, ha};

use crate::systems::vcsa::services::State;

/// The fault point at which the power fails during the upgrade; its object is the package being changed.
pub const UPGRADE: &str = "package.upgrade";
/// The fault point at which the upgrade replaces the zone data, and local time becomes UTC.
pub const ZONE: &str = "upgrade.zone";

/// Seconds that the precheck, the backup of the disks and a check of what was typed take (inferred), and seconds for each
/// container layer.
const PRECHECK_SECS: u64 = 35;
const BACKUP_SECS: u64 = 70;
const INPUT_SECS: u64 = 3;
const CONTAINER_SECS: u64 = 6;

/// One step of an installation, or of what comes before it.
pub(super) async fn step(run: &Run, cx: &Cx, text: &str, work: Work) -> Option<()> {
    if work == Work::Restart {
        return restart(run, cx, text).await;
    }
    let goes_on = cx.with(|cx| run.patch().is_some_and(|patch| cx.vcsa().goes_on_with(&patch)));
    if work == Work::Test && order(run)?.is_empty() && !goes_on {
        cx.with(|cx| say_inferred(cx, "No third party packages found."));
        return None;
    }
    let start = run.begin(cx, text);
    if work != Work::Upgrade {
        power_may_fail(cx, &run.phases, span(run, cx, work)).await;
    }
    match work {
        Work::Stop => stop_services(run, cx, start).await,
        Work::Upgrade => upgrade(run, cx, start).await,
        _ => {
            poll(cx, start, span(run, cx, work)).await;
            Some(())
        }
    }?;
    match work {
        Work::Precheck => cx.with(is_ready).then_some(()),
        Work::Input if !run.authenticated => {
            cx.with(|cx| say_inferred(cx, "Failed to authenticate the Single Sign-On administrator"));
            None
        }
        _ => Some(()),
    }
}

/// How long a step takes; of those that go through packages or services, about.
fn span(run: &Run, cx: &Cx, work: Work) -> Span {
    let count = order(run).map_or(0, |packages| packages.len() as u64);
    let containers =
        run.patch().map_or(0, |patch| patch.files.iter().filter(|file| file.path.ends_with(LAYER)).count());
    cx.with(|cx| {
        let rates = &cx.vcsa().rates;
        match work {
            Work::Glance | Work::Restart => Span::ZERO,
            Work::Script(_, secs) => Span::secs(secs),
            Work::Precheck => Span::secs(PRECHECK_SECS),
            Work::Input => Span::secs(INPUT_SECS),
            Work::Test => Span::millis(rates.test_ms.saturating_mul(count)),
            Work::Stop => {
                let services = cx.vcsa().services.iter().filter(|(_, state)| *state != State::Stopped);
                Span::secs(services.map(|(service, _)| service.stop_secs).sum())
            }
            Work::Upgrade => Span::millis(rates.upgrade_ms.saturating_mul(count)),
            Work::Post => {
                let hundreds = rates.post_install_ms.saturating_mul(count.max(1).div_ceil(100));
                Span::millis(hundreds.saturating_add(rates.post_hundred_ms.saturating_mul(count / 100)))
            }
            Work::Containers => Span::secs(CONTAINER_SECS.saturating_mul(containers as u64)),
        }
    })
}

/// The staged packages that are to be changed, the release package last.
pub(super) fn order(run: &Run) -> Option<Vec<Package>> {
    let staged = run.staged.as_ref()?;
    let wanted = |package: &&Package| package.third_party || !run.wishes.third_party_only;
    let (mut packages, last): (Vec<Package>, Vec<Package>) =
        staged.packages.iter().filter(wanted).cloned().partition(|package| package.name != RELEASE_PACKAGE);
    packages.extend(last);
    Some(packages)
}

/// Whether the appliance may be updated: root's password must last. The texts are those of the management page of 6.5,
/// which the console is told to show, too.
pub(super) fn is_ready(cx: &mut Context<'_>) -> bool {
    let machine = cx.machine();
    let expires = || accounts::is_expired(cx.world, machine, "root") || cx.world.suffers(machine, PASSWORD_EXPIRING);
    let why = if ha::forbids_update(cx.vcsa()) {
        "vCenter HA is configured. Please remove the vCenter HA cluster before installing an update."
    } else if expires() {
        "Appliance (OS) root password is expired or is going to expire soon. Please change the root password before \
         installing an update."
    } else {
        return true;
    };
    say_inferred(cx, "Environment is not ready to be updated");
    say_inferred(cx, why);
    false
}

/// The pre-install script: the services of vCenter stop, last started first, and none comes up any more.
async fn stop_services(run: &Run, cx: &Cx, start: Instant) -> Option<()> {
    let (staged, packages) = (run.staged.clone()?, order(run)?.len());
    cx.with(|cx| {
        let machine = cx.machine();
        events::cancel_starts(cx.world, machine);
        cx.vcsa_mut().begin_install(&staged, packages);
        run.note(cx);
    });
    while let Some(service) = cx.with(|cx| cx.vcsa().services.next_to_stop()) {
        let span = Span::secs(service.stop_secs);
        cx.with(|cx| {
            let machine = cx.machine();
            control::begin_stop(cx.world, machine, service, span);
        });
        cx.pass(span).await;
        cx.with(|cx| {
            let now = cx.now();
            cx.vcsa_mut().turn(service.name, State::Stopped, now);
        });
    }
    let script = cx.with(|cx| Span::secs(cx.vcsa().rates.pre_install_secs));
    cx.pass(script).await;
    let busy = cx.with(|cx| cx.now().since(start));
    poll(cx, start, busy).await;
    Some(())
}

async fn upgrade(run: &Run, cx: &Cx, start: Instant) -> Option<()> {
    let packages = order(run)?;
    let rates = cx.with(|cx| Arc::clone(&cx.vcsa().rates));
    if packages.is_empty() {
        power_may_fail(cx, &run.phases, Span::ZERO).await;
    }
    for (done, package) in packages.iter().enumerate() {
        if done == packages.len() / 2 && cx.with(|cx| cx.strikes(ZONE, "")) {
            cx.with(|cx| {
                let zone = &mut cx.vcsa_mut().linux.zone;
                *zone = Zone::utc().by_clock_of(zone);
            });
        }
        let unpack = package.size().saturating_mul(1_000) / rates.unpack_bytes_per_sec;
        cx.pass(Span::millis(rates.upgrade_ms.saturating_add(unpack))).await;
        let half = done == packages.len() / 2;
        if cx.with(|cx| cx.strikes(UPGRADE, &package.name) || half && power_fails(cx, &run.phases)) {
            run::cut(cx).await;
        }
        cx.with(|cx| {
            let now = cx.now();
            cx.vcsa_mut().upgrade(package, now);
        });
    }
    let busy = cx.with(|cx| cx.now().since(start));
    poll(cx, start, busy).await;
    Some(())
}

/// All services start again, unless a reboot does it.
async fn restart(run: &Run, cx: &Cx, text: &str) -> Option<()> {
    if run.patch()?.reboot_required {
        return Some(());
    }
    let start = run.begin(cx, text);
    await_services(cx).await;
    let busy = cx.with(|cx| cx.now().since(start));
    poll(cx, start, busy).await;
    cx.with(|cx| run.say(cx, "Services started."));
    Some(())
}

/// The services start again, and are waited for.
async fn await_services(cx: &Cx) {
    cx.with(start_services);
    while cx.with(|cx| cx.vcsa().services.iter().any(|(_, state)| state == State::StartPending)) {
        cx.pass(Span::secs(1)).await;
    }
}

fn start_services(cx: &mut Context<'_>) {
    let machine = cx.machine();
    events::start_services(cx.world, machine);
}

/// The disks are kept as they are. What an installation that broke off has left is undone first.
pub(super) async fn back_up(run: &mut Run, cx: &Cx, text: &str) {
    let start = run.begin(cx, text);
    power_may_fail(cx, &run.phases, Span::secs(BACKUP_SECS)).await;
    poll(cx, start, Span::secs(BACKUP_SECS)).await;
    cx.with(|cx| {
        let now = cx.now();
        let vcsa = cx.vcsa_mut();
        let wanted = run.patch().map(|patch| patch.manifest);
        let chosen = vcsa.staged.clone();
        let back = vcsa.roll_back(now);
        if back {
            // What is installed now may be another update than the one that broke off.
            if vcsa.staged.as_ref().map(|staged| staged.patch.manifest) != wanted {
                vcsa.staged = chosen;
                vcsa.lay_out(now);
            }
            run.staged = vcsa.staged.clone();
        }
        vcsa.back_up(now);
        if back {
            note_rollback(cx);
        }
        note_disks(cx, "The logical volumes are kept as they are");
    });
}

/// What is done with the disks stands in the tool's log and in the system's (inferred).
fn note_disks(cx: &mut Context<'_>, text: &str) {
    log(cx, "INFO", text);
    let now = cx.now();
    cx.vcsa_mut().linux.daemon_says(now, "lvm", None, None, text);
}

fn note_rollback(cx: &mut Context<'_>) {
    let text = format!("The logical volumes are rolled back to {}", cx.vcsa().running.version);
    note_disks(cx, &text);
}

/// All is changed: the new version runs after the reboot, or from now on. Without a reboot the services start before that is
/// said; where the disks were kept, one that does not start is a failure (inferred).
pub(super) async fn end(run: &Run, cx: &Cx, ending: Ending) -> Option<()> {
    let reboot = run.patch().is_none_or(|patch| patch.reboot_required);
    if !reboot && ending.starts_services {
        cx.with(|cx| cx.vcsa_mut().run_what_is_installed());
        await_services(cx).await;
        cx.with(services_are_up)?;
    }
    cx.with(|cx| {
        let now = cx.now();
        cx.vcsa_mut().finish_install(now);
        run.say(cx, if reboot { ending.reboot } else { ending.no_reboot });
        if !reboot {
            cx.screen.mark_inferred();
        } else if ending.reboots {
            let machine = cx.machine();
            events::begin_shutdown(cx.world, machine, Action::Reboot);
        }
    });
    Some(())
}

/// Whether no service has failed to start; of one that has, where that can be undone, it is said.
fn services_are_up(cx: &mut Context<'_>) -> Option<()> {
    let vcsa = cx.vcsa();
    let failed = vcsa.services.iter().find(|(_, state)| *state == State::Failed).filter(|_| vcsa.backup.is_some());
    let Some((service, _)) = failed else { return Some(()) };
    let text = format!("An error occurred while starting service '{}'", service.vmon().unwrap_or(service.name));
    say_inferred(cx, &text);
    None
}

/// What broke off, with a failure or with Ctrl-C, is undone where the disks were kept; the services start again then.
pub(super) async fn undo(run: &Run, cx: &Cx) {
    let torn = cx.with(|cx| cx.vcsa().update == Update::Installing && cx.vcsa().backup.is_some());
    if !torn {
        cx.with(|cx| {
            let now = cx.now();
            cx.vcsa_mut().break_off(now);
            if cx.vcsa().update != Update::Interrupted {
                cx.vcsa_mut().backup = None;
            }
        });
        return;
    }
    let start = run.begin(cx, "Performing LVM based backup/rollback operation ....");
    poll(cx, start, Span::secs(BACKUP_SECS)).await;
    cx.with(|cx| {
        cx.screen.mark_inferred();
        let now = cx.now();
        cx.vcsa_mut().roll_back(now);
        note_rollback(cx);
        start_services(cx);
    });
}
