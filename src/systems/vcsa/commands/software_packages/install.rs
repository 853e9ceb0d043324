//! `software-packages install`: from the staging area, or from a source through it.
//!
//! Order and times: the founding run for `--staged`; the captures of 6.0 U2 from a disc and of 6.0 U1b from a repository
//! for the one-shot forms. Which package is changed when is inferred, but for the release package, which comes last: the
//! appliance calls itself new when all of it is.

use std::sync::Arc;

use super::report::{counting_step, log_is_writable, or_cancelled, poll, say, say_inferred, step};
use super::source::{self, Source};
use super::stage::{self, Selection};
use super::{From, Wishes};
use crate::payload::Package;
use crate::payload::catalog::RELEASE_PACKAGE;
use crate::shell::{Context, Cx, Outcome, Task};
use crate::sim::{Instant, Span};
use crate::systems::vcsa::events;
use crate::systems::vcsa::services::State;
use crate::systems::vcsa::staging::{Staged, StagedFrom};

/// The fault point at which the power fails during the upgrade; its object is the package being changed.
pub const UPGRADE: &str = "package.upgrade";

/// Milliseconds that the payload's processing takes for each package in a one-shot install.
const PROCESS_MS: u64 = 8;
/// Milliseconds between the services' last stop and the next step.
const STOPPED_MS: u64 = 240;

/// `install --staged`.
pub(super) fn from_staged(wishes: Wishes) -> Outcome {
    Outcome::Task(Task::new(move |cx| install_staged(cx, wishes)).on_abandon(abandoned))
}

/// `install --iso` and `install --url`.
pub(super) fn from_source(from: From, wishes: Wishes) -> Outcome {
    Outcome::Task(Task::new(move |cx| install_from(cx, from, wishes)).on_abandon(abandoned))
}

/// A killed installation: services stay as they are, and so do the packages.
fn abandoned(cx: &mut Context<'_>) {
    let now = cx.now();
    cx.vcsa_mut().break_off(now);
    stage::abandoned(cx);
}

async fn install_staged(cx: Cx, wishes: Wishes) -> u8 {
    if !cx.with(stage::enter) {
        return 1;
    }
    let staged = cx.with(|cx| cx.vcsa().staged.clone());
    let installed = match staged.filter(|staged| !staged.packages.is_empty()) {
        Some(staged) => upgrade_or_break_off(&cx, &staged, wishes).await,
        None => {
            cx.with(|cx| say_inferred(cx, "Nothing is staged"));
            false
        }
    };
    leave(&cx, installed)
}

async fn install_from(cx: Cx, from: From, wishes: Wishes) -> u8 {
    if !cx.with(stage::enter) {
        return 1;
    }
    let installed = match or_cancelled(&cx, source::open(&cx, &from, true)).await {
        None => false,
        Some(source) => {
            let installed = match or_cancelled(&cx, prepare(&cx, &from, &source, wishes)).await {
                Some(staged) => upgrade_or_break_off(&cx, &staged, Wishes::default()).await,
                None => false,
            };
            cx.with(|cx| source::close(cx, &source));
            installed
        }
    };
    leave(&cx, installed)
}

fn leave(cx: &Cx, installed: bool) -> u8 {
    cx.with(|cx| {
        stage::leave(cx);
        if !installed {
            say(cx, "Installation process failed");
        }
    });
    u8::from(!installed)
}

/// Stages on the way to an installation, in the words of the one-shot forms.
async fn prepare(cx: &Cx, from: &From, source: &Source, wishes: Wishes) -> Option<Arc<Staged>> {
    if *from == From::Iso {
        cx.with(|cx| {
            say(cx, "Verifying staging area");
            say(cx, "Running pre-stage.py");
        });
    }
    let selection = stage::settle(cx, source, wishes).await?;
    let staged_from = match from {
        From::Iso => {
            process(cx, &selection).await;
            cx.with(|cx| say(cx, &format!("({}) packages staged successfully", selection.packages.len())));
            StagedFrom::Iso
        }
        From::Url(_) => {
            cx.with(|cx| stage::announce_url(cx, &selection));
            StagedFrom::Url
        }
    };
    cx.with(|cx| counting_step(cx, "Copying software packages "));
    let newer: Vec<&Package> = selection.packages.iter().collect();
    stage::copy(cx, source, &selection, &newer).await.then_some(())?;
    cx.with(|cx| {
        stage::keep(cx, staged_from, selection)?;
        cx.vcsa().staged.clone()
    })
}

/// Looks at each package of the payload; nothing is copied yet.
async fn process(cx: &Cx, selection: &Selection) {
    let total = selection.patch.packages.len() as u64;
    let start = cx.with(|cx| {
        counting_step(cx, "Processing software packages in update payload ");
        cx.now()
    });
    for done in 1..=total {
        cx.pass(Span::millis(PROCESS_MS)).await;
        cx.with(|cx| cx.screen.counter(&format!("{done}/{total}")));
    }
    poll(cx, start, Span::millis(PROCESS_MS.saturating_mul(total))).await;
    cx.with(|cx| cx.line(""));
}

/// The upgrade, or as much of it as was done when Ctrl-C was pressed.
async fn upgrade_or_break_off(cx: &Cx, staged: &Staged, wishes: Wishes) -> bool {
    let upgraded = or_cancelled(cx, async { Some(upgrade(cx, staged, wishes).await) }).await;
    if upgraded.is_none() {
        cx.with(|cx| {
            let now = cx.now();
            cx.vcsa_mut().break_off(now);
        });
    }
    upgraded.unwrap_or(false)
}

/// From the test transaction to the request to reboot.
async fn upgrade(cx: &Cx, staged: &Staged, wishes: Wishes) -> bool {
    let packages = order(staged, wishes);
    if packages.is_empty() {
        cx.with(|cx| say_inferred(cx, "No third party packages found."));
        return false;
    }
    if !cx.with(|cx| is_supported(cx, staged) && log_is_writable(cx)) {
        return false;
    }
    let rates = cx.with(|cx| Arc::clone(&cx.vcsa().rates));
    let count = packages.len() as u64;
    let start = begin(cx, "Running test transaction ....");
    poll(cx, start, Span::millis(rates.test_ms.saturating_mul(count))).await;
    stop_services(cx, staged, packages.len()).await;
    cx.pass(Span::millis(STOPPED_MS)).await;
    let start = begin(cx, "Upgrading software packages ....");
    for package in packages {
        let unpack = package.size().saturating_mul(1_000) / rates.unpack_bytes_per_sec;
        cx.pass(Span::millis(rates.upgrade_ms.saturating_add(unpack))).await;
        if !cx.with(|cx| change(cx, package)) {
            cx.forever().await;
        }
    }
    let busy = cx.with(|cx| cx.now().since(start));
    poll(cx, start, busy).await;
    let start = begin(cx, "Running post-install script.....");
    poll(cx, start, Span::millis(rates.post_install_ms.saturating_mul(count.div_ceil(100)))).await;
    cx.with(|cx| {
        let now = cx.now();
        cx.vcsa_mut().finish_install(now);
        say(cx, "Packages upgraded successfully, Reboot is required to complete the installation.");
    });
    true
}

/// The staged packages that are to be changed, the release package last.
fn order(staged: &Staged, wishes: Wishes) -> Vec<&Package> {
    let wanted = |package: &&Package| package.third_party || !wishes.third_party_only;
    let (mut packages, last): (Vec<&Package>, Vec<&Package>) =
        staged.packages.iter().filter(wanted).partition(|package| package.name != RELEASE_PACKAGE);
    packages.extend(last);
    packages
}

/// Whether the payload may be installed over what runs. The misspelling is the tool's own (captured on 6.5).
fn is_supported(cx: &mut Context<'_>, staged: &Staged) -> bool {
    let levels = &staged.patch.version_supported;
    let supported = levels.is_empty() || levels.contains(&cx.vcsa().running.version);
    if !supported {
        say(cx, "Unsuported version of patch selected.");
    }
    supported
}

fn begin(cx: &Cx, text: &str) -> Instant {
    cx.with(|cx| {
        step(cx, text);
        cx.now()
    })
}

/// The pre-install script: the services of vCenter stop, last started first, and none comes up any more.
async fn stop_services(cx: &Cx, staged: &Staged, packages: usize) {
    let start = begin(cx, "Running pre-install script.....");
    cx.with(|cx| {
        let machine = cx.machine();
        events::cancel_starts(cx.world, machine);
        cx.vcsa_mut().begin_install(staged, packages);
    });
    while let Some(service) = cx.with(|cx| cx.vcsa().services.next_to_stop()) {
        cx.pass(Span::secs(service.stop_secs)).await;
        cx.with(|cx| cx.vcsa_mut().services.set(service.name, State::Stopped));
    }
    let busy = cx.with(|cx| cx.now().since(start));
    poll(cx, start, busy).await;
    cx.with(|cx| say(cx, "Services stopped."));
}

/// Changes one package. `false` when the power fails here: the machine goes dark, and its sessions with it.
fn change(cx: &mut Context<'_>, package: &Package) -> bool {
    if cx.strikes(UPGRADE, &package.name) {
        let machine = cx.machine();
        events::cut_power(cx.world, machine);
        return false;
    }
    cx.vcsa_mut().upgrade(package);
    true
}
