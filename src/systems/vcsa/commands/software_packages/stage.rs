//! `software-packages stage`: from a source into the staging area.

use std::sync::Arc;

use super::eula::{self, Answer};
use super::report::{counting_step, log, log_is_writable, or_cancelled, poll, say, say_inferred, step};
use super::source::{self, Source};
use super::{From, Wishes};
use crate::payload::{Package, Patch, staged_size};
use crate::shell::{Context, Cx, Outcome, Task};
use crate::sim::{Instant, Span};
use crate::systems::vcsa::faults::STAGING_FULL;
use crate::systems::vcsa::staging::{Staged, StagedFrom};

/// Milliseconds that a package takes which need not be copied.
const SKIP_MS: u64 = 8;

/// What `stage` has settled before it copies.
pub(super) struct Selection {
    pub(super) patch: Arc<Patch>,
    third_party_only: bool,
    /// The packages that would change this appliance.
    pub(super) packages: Vec<Package>,
    accepted: Instant,
}

/// The whole of `stage`.
pub(super) fn task(from: From, wishes: Wishes) -> Outcome {
    Outcome::Task(Task::new(move |cx| stage(cx, from, wishes)).on_abandon(abandoned))
}

async fn stage(cx: Cx, from: From, wishes: Wishes) -> u8 {
    if !cx.with(enter) {
        return 1;
    }
    let staged = match or_cancelled(&cx, source::open(&cx, &from, true)).await {
        Some(source) => stage_from(&cx, &from, &source, wishes).await,
        None => false,
    };
    cx.with(|cx| {
        leave(cx);
        if staged {
            say(cx, "Staging process completed successfully");
        } else {
            say_inferred(cx, "Staging process failed");
        }
    });
    u8::from(!staged)
}

async fn stage_from(cx: &Cx, from: &From, source: &Source, wishes: Wishes) -> bool {
    let staged = match from {
        From::Iso => or_cancelled(cx, stage_iso(cx, source, wishes)).await,
        From::Url(_) => or_cancelled(cx, stage_url(cx, source, wishes)).await,
    };
    cx.with(|cx| {
        source::close(cx, source);
        if let (Some(count), From::Iso) = (staged, from) {
            say(cx, &format!("({count}) packages staged successfully"));
        }
    });
    staged.is_some()
}

/// The order of a 6.0 stage from a disc: the packages are copied at this time. The counter goes through the payload, as in
/// a one-shot install; in the founding run all of its packages were newer.
async fn stage_iso(cx: &Cx, source: &Source, wishes: Wishes) -> Option<usize> {
    let start = cx.with(|cx| {
        step(cx, "Running pre-stage script.....");
        cx.now()
    });
    poll(cx, start, Span::ZERO).await;
    cx.with(|cx| say(cx, "Verifying staging area"));
    let selection = settle(cx, source, wishes).await?;
    cx.with(|cx| counting_step(cx, "Processing software packages in update payload "));
    let every: Vec<&Package> = selection.patch.packages.iter().collect();
    copy(cx, source, &selection, &every).await.then_some(())?;
    cx.with(|cx| keep(cx, StagedFrom::Iso, selection))
}

/// The order of a 6.0 stage from a repository, as its one-shot install shows it.
async fn stage_url(cx: &Cx, source: &Source, wishes: Wishes) -> Option<usize> {
    let selection = settle(cx, source, wishes).await?;
    cx.with(|cx| {
        announce_url(cx, &selection);
        counting_step(cx, "Copying software packages ");
    });
    let newer: Vec<&Package> = selection.packages.iter().collect();
    copy(cx, source, &selection, &newer).await.then_some(())?;
    cx.with(|cx| keep(cx, StagedFrom::Url, selection))
}

/// The lines between a repository's validation and its download. The `.py` form of the pre-stage line stands in one-shot
/// installs, too.
pub(super) fn announce_url(cx: &mut Context<'_>, selection: &Selection) {
    say(cx, "Running pre-stage.py");
    say(cx, "Verifying staging area");
    if selection.packages.iter().any(|package| package.third_party) {
        say(cx, "Third party packages found.");
    }
    say(cx, &format!("Staged {} packages.", selection.packages.len()));
}

/// One user of the tool at a time: a second one is refused. (Inferred; no capture shows two at once.)
pub(super) fn enter(cx: &mut Context<'_>) -> bool {
    if !log_is_writable(cx) {
        return false;
    }
    if cx.vcsa().tool_busy {
        say_inferred(cx, "Another software update operation is in progress");
        return false;
    }
    cx.vcsa_mut().tool_busy = true;
    true
}

/// The tool is free again.
pub(super) fn leave(cx: &mut Context<'_>) {
    cx.vcsa_mut().tool_busy = false;
}

/// What a killed tool leaves behind: nothing staged that was not staged before. A machine without power writes nothing.
pub(super) fn abandoned(cx: &mut Context<'_>) {
    leave(cx);
    if cx.vcsa().takes_logins() {
        log(cx, "ERROR", "Operation interrupted");
    }
}

/// From the validation to the accepted EULA. What does not go is said before anybody has read the EULA for nothing.
pub(super) async fn settle(cx: &Cx, source: &Source, wishes: Wishes) -> Option<Selection> {
    let patch = source::validate(cx, source).await?;
    let third_party_only = wishes.third_party_only || patch.third_party;
    let packages = cx.with(|cx| select(cx, &patch, third_party_only))?;
    let accepted = agree(cx, &patch, wishes).await?;
    Some(Selection { patch, third_party_only, packages, accepted })
}

/// The packages that would change this appliance, if there are any and they fit. Else, it has said so.
fn select(cx: &mut Context<'_>, patch: &Patch, third_party_only: bool) -> Option<Vec<Package>> {
    let packages = cx.vcsa().installed.packages.newer(patch, third_party_only);
    if packages.is_empty() {
        say_inferred(cx, "Latest updates already installed on vCSA, Nothing to stage/install");
        return None;
    }
    if !has_room(cx, staged_size(&packages)) {
        say_inferred(cx, "Not enough space in the staging area /storage/core/software-update");
        return None;
    }
    Some(packages)
}

/// Whether `bytes` have room beside what is staged already.
fn has_room(cx: &Context<'_>, bytes: u64) -> bool {
    !cx.world.suffers(cx.machine(), STAGING_FULL) && cx.vcsa().staging_fits(bytes)
}

/// Acceptance of the EULA, and when it was given.
async fn agree(cx: &Cx, patch: &Patch, wishes: Wishes) -> Option<Instant> {
    if wishes.accept_eulas {
        return Some(cx.with(|cx| cx.now()));
    }
    let answer = eula::ask(cx, &patch.eula).await;
    cx.with(|cx| match answer {
        Answer::Accepted => {
            log(cx, "INFO", "EULA accepted");
            Some(cx.now())
        }
        Answer::Refused => {
            say_inferred(cx, "EULA was not accepted");
            None
        }
    })
}

/// Goes through `packages` behind the counter: those that are selected are copied and checked, the others passed by. There
/// is no `0/N`: in the captures of 6.5 another message stands right behind the text's blank, before the first package.
pub(super) async fn copy(cx: &Cx, source: &Source, selection: &Selection, packages: &[&Package]) -> bool {
    let (total, start) = (packages.len(), cx.with(|cx| cx.now()));
    let mut wanted = selection.packages.iter().peekable();
    let mut copied = 0_u64;
    for (done, package) in packages.iter().enumerate() {
        if wanted.next_if(|next| next.name == package.name).is_some() {
            let span = cx.with(|cx| source::span_of(cx, source, package));
            cx.pass(span).await;
            copied = copied.saturating_add(package.size());
            if !cx.with(|cx| store(cx, source, package, copied)) {
                return false;
            }
        } else {
            cx.pass(Span::millis(SKIP_MS)).await;
        }
        cx.with(|cx| cx.screen.counter(&format!("{}/{total}", done + 1)));
    }
    let busy = cx.with(|cx| cx.now().since(start));
    poll(cx, start, busy).await;
    cx.with(|cx| {
        cx.line("");
        log_is_writable(cx)
    })
}

/// Brings one package into the staging area, of which `copied` bytes are then taken by this update.
fn store(cx: &mut Context<'_>, source: &Source, package: &Package, copied: u64) -> bool {
    if !has_room(cx, copied) {
        cx.line("");
        say_inferred(cx, &format!("[Errno 28] No space left on device: '{}'", package.body.path));
        return false;
    }
    source::fetch(cx, source, package)
}

/// What was copied replaces what was staged before; how many packages that are.
pub(super) fn keep(cx: &mut Context<'_>, from: StagedFrom, selection: Selection) -> Option<usize> {
    let Selection { patch, third_party_only, packages, accepted: eula_accepted } = selection;
    let count = packages.len();
    cx.vcsa_mut().staged = Some(Arc::new(Staged { patch, from, third_party_only, packages, eula_accepted }));
    Some(count)
}
