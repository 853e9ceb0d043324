//! `software-packages install`: from the staging area, or from a source through it.
//!
//! Order and times: the founding run for `--staged`; the captures of 6.0 U2 from a disc and of 6.0 U1b from a repository
//! for the one-shot forms. Which package is changed when is inferred.

use std::sync::Arc;

use super::report::{counting_step, poll, say, say_inferred, step};
use super::source::{self, Offer};
use super::stage;
use super::{From, Wishes};
use crate::payload::Package;
use crate::shell::{Context, Cx, Outcome, Task};
use crate::sim::Span;
use crate::systems::vcsa::model::Update;
use crate::systems::vcsa::services::State;
use crate::systems::vcsa::staging::{Staged, StagedFrom};

/// The fault point at which the power fails during the upgrade; its object is the package being changed.
pub const UPGRADE: &str = "package.upgrade";

/// Milliseconds that the payload's processing takes for each package in a one-shot install.
const PROCESS_MS: u64 = 8;

/// `install --staged`.
pub(super) fn from_staged(_: Wishes) -> Outcome {
    Outcome::Task(Task::new(install_staged).on_abandon(abandoned))
}

/// `install --iso` and `install --url`.
pub(super) fn from_source(from: From, wishes: Wishes) -> Outcome {
    Outcome::Task(Task::new(move |cx| install_from(cx, from, wishes)).on_abandon(abandoned))
}

/// A killed installation: some packages are new, and the services stay as they are.
fn abandoned(cx: &mut Context<'_>) {
    if cx.vcsa().update == Update::Installing {
        cx.vcsa_mut().update = Update::Interrupted;
    }
    stage::abandoned(cx);
}

async fn install_staged(cx: Cx) -> u8 {
    if !cx.with(stage::enter) {
        return 1;
    }
    let installed = match cx.with(|cx| cx.vcsa().staged.clone()) {
        Some(staged) => upgrade(&cx, staged).await,
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
    let installed = match source::open(&cx, &from, true).await {
        None => false,
        Some(offer) => {
            let installed = match prepare(&cx, &from, &offer, wishes).await {
                Some(staged) => upgrade(&cx, staged).await,
                None => false,
            };
            cx.with(|cx| source::close(cx, &offer));
            installed
        }
    };
    leave(&cx, installed)
}

fn leave(cx: &Cx, installed: bool) -> u8 {
    cx.with(|cx| {
        cx.vcsa_mut().tool_busy = false;
        if !installed {
            say(cx, "Installation process failed");
        }
    });
    u8::from(!installed)
}

/// Stages on the way to an installation, in the words of the one-shot forms.
async fn prepare(cx: &Cx, from: &From, offer: &Offer, wishes: Wishes) -> Option<Arc<Staged>> {
    if *from == From::Iso {
        cx.with(|cx| say(cx, "Verifying staging area"));
        cx.with(|cx| say(cx, "Running pre-stage.py"));
    }
    stage::validate_metadata(cx, offer).await;
    let accepted = stage::agree(cx, offer, wishes).await?;
    if *from != From::Iso {
        stage::announce_pre_stage(cx);
    }
    let packages = cx.with(|cx| stage::select(cx, offer, wishes))?;
    let staged_from = match from {
        From::Iso => {
            process(cx, offer).await;
            cx.with(|cx| say(cx, &format!("({}) packages staged successfully", packages.len())));
            StagedFrom::Iso
        }
        From::Url(_) => {
            cx.with(|cx| {
                stage::announce_third_party(cx, &packages);
                say(cx, &format!("Staged {} packages.", packages.len()));
            });
            StagedFrom::Url
        }
    };
    cx.with(|cx| counting_step(cx, "Copying software packages "));
    stage::copy(cx, offer, &packages).await.then_some(())?;
    cx.with(|cx| {
        stage::keep(cx, offer, staged_from, wishes, packages, accepted);
        cx.vcsa().staged.clone()
    })
}

async fn process(cx: &Cx, offer: &Offer) {
    let total = offer.patch.packages.len() as u64;
    let start = cx.with(|cx| {
        counting_step(cx, "Processing software packages in update payload ");
        cx.now()
    });
    for done in 1..=total {
        cx.pass(Span::millis(PROCESS_MS)).await;
        cx.with(|cx| cx.screen.counter(&format!("{done}/{total}")));
    }
    poll(cx, start, Span::millis(PROCESS_MS * total)).await;
    cx.with(|cx| cx.line(""));
}

/// From the test transaction to the request to reboot.
async fn upgrade(cx: &Cx, staged: Arc<Staged>) -> bool {
    let rates = cx.with(|cx| Arc::clone(&cx.vcsa().rates));
    let count = staged.packages.len() as u64;
    let start = begin(cx, "Running test transaction ....");
    poll(cx, start, Span::millis(rates.test_ms * count)).await;
    let start = begin(cx, "Running pre-install script.....");
    cx.with(|cx| cx.vcsa_mut().begin_install());
    stop_services(cx).await;
    let busy = cx.with(|cx| cx.now().since(start));
    poll(cx, start, busy).await;
    cx.with(|cx| say(cx, "Services stopped."));
    cx.pass(Span::millis(240)).await;
    let start = begin(cx, "Upgrading software packages ....");
    for package in &staged.packages {
        let unpack = package.body.size.saturating_mul(1_000) / rates.unpack_bytes_per_sec.max(1);
        cx.pass(Span::millis(rates.upgrade_ms.saturating_add(unpack))).await;
        if !cx.with(|cx| change(cx, &staged, package)) {
            cx.forever().await;
        }
    }
    let busy = cx.with(|cx| cx.now().since(start));
    poll(cx, start, busy).await;
    let start = begin(cx, "Running post-install script.....");
    poll(cx, start, Span::millis(rates.post_install_ms * count.div_ceil(100))).await;
    cx.with(|cx| {
        let now = cx.now();
        cx.vcsa_mut().finish_install(&staged, now);
        say(cx, "Packages upgraded successfully, Reboot is required to complete the installation.");
    });
    true
}

fn begin(cx: &Cx, text: &str) -> crate::sim::Instant {
    cx.with(|cx| {
        step(cx, text);
        cx.now()
    })
}

/// Stops the services of vCenter, last started first.
async fn stop_services(cx: &Cx) {
    while let Some(service) = cx.with(|cx| cx.vcsa().services.next_to_stop()) {
        cx.pass(Span::secs(service.stop_secs)).await;
        cx.with(|cx| cx.vcsa_mut().services.set(service.name, State::Stopped));
    }
}

/// Changes one package. `false` when the power fails here: the machine goes dark, and its sessions with it.
fn change(cx: &mut Context<'_>, staged: &Staged, package: &Package) -> bool {
    if cx.strikes(UPGRADE, &package.name) {
        let machine = cx.machine();
        crate::systems::cut_power(cx.world, machine);
        return false;
    }
    cx.vcsa_mut().upgrade(package, &staged.patch);
    true
}
