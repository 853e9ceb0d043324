//! `software-packages stage`: from a source into the staging area.

use std::sync::Arc;

use super::eula::{self, Answer};
use super::report::{counting_step, log, poll, say, say_inferred, step, work};
use super::source::{self, Offer};
use super::{From, Wishes};
use crate::payload::{Package, staged_size};
use crate::shell::{Context, Cx, Outcome, Task};
use crate::sim::{Instant, Span};
use crate::systems::vcsa::model::Phase;
use crate::systems::vcsa::staging::{Staged, StagedFrom};

/// The whole of `stage`.
pub(super) fn task(from: From, wishes: Wishes) -> Outcome {
    Outcome::Task(Task::new(move |cx| stage(cx, from, wishes)).on_abandon(abandoned))
}

async fn stage(cx: Cx, from: From, wishes: Wishes) -> u8 {
    if !cx.with(enter) {
        return 1;
    }
    let staged = stage_from(&cx, &from, wishes).await;
    cx.with(|cx| {
        cx.vcsa_mut().tool_busy = false;
        say(cx, if staged { "Staging process completed successfully" } else { "Staging process failed" });
    });
    u8::from(!staged)
}

async fn stage_from(cx: &Cx, from: &From, wishes: Wishes) -> bool {
    let Some(offer) = source::open(cx, from, true).await else { return false };
    let staged = match from {
        From::Iso => stage_iso(cx, &offer, wishes).await,
        From::Url(_) => stage_url(cx, &offer, wishes).await,
    };
    let Some(count) = staged else {
        cx.with(|cx| source::close(cx, &offer));
        return false;
    };
    cx.with(|cx| {
        source::close(cx, &offer);
        if *from == From::Iso {
            say(cx, &format!("({count}) packages staged successfully"));
        }
    });
    true
}

/// The order of a 6.0 stage from a disc: the packages are copied at this time.
async fn stage_iso(cx: &Cx, offer: &Offer, wishes: Wishes) -> Option<usize> {
    let start = cx.with(|cx| {
        step(cx, "Running pre-stage script.....");
        cx.now()
    });
    poll(cx, start, Span::ZERO).await;
    cx.with(|cx| say(cx, "Verifying staging area"));
    validate_metadata(cx, offer).await;
    let accepted = agree(cx, offer, wishes).await?;
    let packages = cx.with(|cx| select(cx, offer, wishes))?;
    cx.with(|cx| counting_step(cx, "Processing software packages in update payload "));
    let count = packages.len();
    copy(cx, offer, &packages).await.then_some(())?;
    cx.with(|cx| keep(cx, offer, StagedFrom::Iso, wishes, packages, accepted));
    Some(count)
}

/// The order of a 6.0 stage from a repository, as its one-shot install shows it.
async fn stage_url(cx: &Cx, offer: &Offer, wishes: Wishes) -> Option<usize> {
    validate_metadata(cx, offer).await;
    let accepted = agree(cx, offer, wishes).await?;
    announce_pre_stage(cx);
    let packages = cx.with(|cx| select(cx, offer, wishes))?;
    let count = packages.len();
    cx.with(|cx| {
        announce_third_party(cx, &packages);
        say(cx, &format!("Staged {count} packages."));
        counting_step(cx, "Copying software packages ");
    });
    copy(cx, offer, &packages).await.then_some(())?;
    cx.with(|cx| keep(cx, offer, StagedFrom::Url, wishes, packages, accepted));
    Some(count)
}

/// One user of the tool at a time: a second one is refused. (Inferred; no capture shows two at once.)
pub(super) fn enter(cx: &mut Context<'_>) -> bool {
    if cx.vcsa().log_full {
        cx.inferred_line(
            "IOError: [Errno 28] No space left on device: '/var/log/vmware/applmgmt/software-packages.log'",
        );
        return false;
    }
    if cx.vcsa().tool_busy {
        say_inferred(cx, "Another software update operation is in progress");
        return false;
    }
    cx.vcsa_mut().tool_busy = true;
    true
}

/// What a killed tool leaves behind: nothing staged that was not staged before.
pub(super) fn abandoned(cx: &mut Context<'_>) {
    cx.screen.settle();
    cx.vcsa_mut().tool_busy = false;
    if cx.vcsa().phase != Phase::Off {
        log(cx, "ERROR", "Operation interrupted");
    }
}

/// Announces the validation; the metadata's checksums were compared when the medium was opened.
pub(super) async fn validate_metadata(cx: &Cx, offer: &Offer) {
    cx.with(|cx| say(cx, "Validating software update payload"));
    let millis = cx.with(|cx| cx.vcsa().rates.metadata_ms).saturating_mul(offer.patch.packages.len() as u64);
    work(cx, millis).await;
    cx.with(|cx| say(cx, "Validation successful"));
}

/// The `.py` form of the pre-stage line stands in one-shot installs and in everything from a repository.
pub(super) fn announce_pre_stage(cx: &Cx) {
    cx.with(|cx| {
        say(cx, "Running pre-stage.py");
        say(cx, "Verifying staging area");
    });
}

pub(super) fn announce_third_party(cx: &mut Context<'_>, packages: &[Package]) {
    if packages.iter().any(|package| package.third_party) {
        say(cx, "Third party packages found.");
    }
}

/// Acceptance of the EULA, and when it was given.
pub(super) async fn agree(cx: &Cx, offer: &Offer, wishes: Wishes) -> Option<Instant> {
    if wishes.accept_eulas {
        return Some(cx.with(|cx| cx.now()));
    }
    let answer = eula::ask(cx, &offer.patch.eula).await;
    cx.with(|cx| match answer {
        Answer::Accepted => {
            log(cx, "INFO", "EULA accepted");
            Some(cx.now())
        }
        Answer::Refused => {
            say_inferred(cx, "EULA was not accepted");
            None
        }
        Answer::Quit => {
            say_inferred(cx, "Operation cancelled");
            None
        }
    })
}

/// The packages that would change this appliance, if there are any and they fit. Else, it has said so.
pub(super) fn select(cx: &mut Context<'_>, offer: &Offer, wishes: Wishes) -> Option<Vec<Package>> {
    let third_party_only = wishes.third_party_only || offer.patch.third_party;
    let packages = cx.vcsa().installed.packages.newer(&offer.patch, third_party_only);
    if packages.is_empty() {
        say_inferred(cx, "Latest updates already installed on vCSA, Nothing to stage/install");
        return None;
    }
    let bytes = staged_size(&packages);
    if !cx.vcsa().staging_fits(bytes) {
        say_inferred(cx, "Not enough space in the staging area /storage/core/software-update");
        return None;
    }
    Some(packages)
}

/// Copies and checks package after package; the counter stands behind the line that was begun.
pub(super) async fn copy(cx: &Cx, offer: &Offer, packages: &[Package]) -> bool {
    let (total, start) = (packages.len(), cx.with(|cx| cx.now()));
    for (done, package) in packages.iter().enumerate() {
        let span = cx.with(|cx| source::span_of(cx, offer, package));
        cx.pass(span).await;
        let fetched = cx.with(|cx| {
            let fetched = source::fetch(cx, offer, package);
            if fetched.is_ok() {
                cx.screen.counter(&format!("{}/{total}", done + 1));
            }
            fetched
        });
        if let Err(trouble) = fetched {
            cx.with(|cx| {
                cx.line("");
                say_inferred(cx, &trouble);
            });
            return false;
        }
    }
    let busy = cx.with(|cx| cx.now().since(start));
    poll(cx, start, busy).await;
    cx.with(|cx| cx.line(""));
    true
}

/// What was copied replaces what was staged before.
pub(super) fn keep(
    cx: &mut Context<'_>,
    offer: &Offer,
    from: StagedFrom,
    wishes: Wishes,
    packages: Vec<Package>,
    eula_accepted: Instant,
) {
    let third_party_only = wishes.third_party_only || offer.patch.third_party;
    let patch = Arc::clone(&offer.patch);
    cx.vcsa_mut().staged = Some(Arc::new(Staged { patch, from, third_party_only, packages, eula_accepted }));
}
