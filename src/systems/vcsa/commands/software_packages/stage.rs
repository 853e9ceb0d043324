//! What `stage` is made of, and `install` from a source: the choice of packages, the licence's answer, the copying.

use std::cmp::Ordering;
use std::sync::Arc;

use super::Wishes;
use super::eula::{self, Answer};
use super::report::{log, log_is_writable, poll, say_inferred};
use super::run;
use super::source::{self, Source};
use crate::payload::{Package, Patch, compare_evr, staged_size};
use crate::shell::{Context, Cx};
use crate::sim::{Instant, Span};
use crate::systems::vcsa::faults::{STAGING_FULL, UPDATEMGR_FULL, is_full, room};
use crate::systems::vcsa::software_update::Partial;
use crate::systems::vcsa::update_files;

/// Milliseconds that a package takes which need not be copied.
const SKIP_MS: u64 = 8;

/// What has been settled before anything is copied.
#[derive(Clone)]
pub(super) struct Selection {
    pub(super) patch: Arc<Patch>,
    pub(super) third_party_only: bool,
    /// The packages that would change this appliance.
    pub(super) packages: Vec<Package>,
    /// When the licence was accepted.
    pub(super) accepted: Instant,
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
    let now = cx.now();
    update_files::notice(cx.vcsa_mut(), now);
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

/// The packages that would change this appliance, if there are any. Else, it has said so. An update that is older than what
/// is installed has none: what the appliance lacks of it was dropped since. Of one whose installation broke off there may
/// be none left.
pub(super) fn select(cx: &mut Context<'_>, patch: &Patch, third_party_only: bool) -> Option<Vec<Package>> {
    let installed = &cx.vcsa().installed;
    let older = compare_evr(&patch.version, &installed.release().version) == Ordering::Less;
    let packages = installed.packages.newer(patch, third_party_only);
    if older || packages.is_empty() && !cx.vcsa().goes_on_with(patch) {
        say_inferred(cx, source::NOTHING_NEWER);
        return None;
    }
    Some(packages)
}

/// Whether what is chosen has room, beside what is staged already and without what an earlier try has left of it.
pub(super) fn fits(cx: &Context<'_>, selection: &Selection, downloads: bool) -> bool {
    let there = resumed(cx, selection).map_or(0, |partial| partial.bytes);
    has_room(cx, staged_size(&selection.packages).saturating_sub(there), downloads)
}

/// Whether `bytes` have room in the staging area, or where downloads are kept.
pub(super) fn has_room(cx: &Context<'_>, bytes: u64, downloaded: bool) -> bool {
    let full = if downloaded { UPDATEMGR_FULL } else { STAGING_FULL };
    !is_full(cx.world, cx.machine(), full)
        && room(cx.world, cx.machine(), full) >= bytes
        && cx.vcsa().staging_fits(bytes)
}

/// Acceptance of the EULA, and when it was given.
pub(super) async fn agree(cx: &Cx, patch: &Patch, wishes: Wishes) -> Option<Instant> {
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

/// Counts `total` packages that are only looked at; in these phases the power may fail.
pub(super) async fn look(cx: &Cx, total: u64, phases: &[&str]) {
    let start = cx.with(|cx| cx.now());
    count_nothing(cx, total);
    if total == 0 {
        run::power_may_fail(cx, phases, Span::ZERO).await;
    }
    for done in 1..=total {
        if done == total.div_ceil(2) {
            run::power_may_fail(cx, phases, Span::ZERO).await;
        }
        cx.pass(Span::millis(SKIP_MS)).await;
        cx.with(|cx| cx.screen.counter(&format!("{done}/{total}")));
    }
    poll(cx, start, Span::millis(SKIP_MS.saturating_mul(total))).await;
    cx.with(|cx| cx.line(""));
}

/// Where all packages are installed already, the counter says so.
fn count_nothing(cx: &Cx, total: u64) {
    if total == 0 {
        cx.with(|cx| cx.screen.counter("0/0"));
    }
}

/// What is copied, and where to.
pub(super) struct Copying<'a> {
    pub(super) source: &'a Source,
    pub(super) selection: &'a Selection,
    /// What the counter goes through: those that were chosen are copied, the others passed by.
    pub(super) packages: &'a [Package],
    /// Whether it goes on where an earlier try has broken off.
    pub(super) resumes: bool,
    /// Whether it lands where downloads are kept, and not in the staging area.
    pub(super) downloads: bool,
    /// The phases in which the power may fail.
    pub(super) phases: &'a [&'static str],
}

/// Copies and checks. There is no `0/N`: in the captures of 6.5 another message stands right behind the text's blank, before
/// the first package.
pub(super) async fn copy(cx: &Cx, copying: &Copying<'_>) -> Option<()> {
    let Copying { source, selection, packages, resumes, .. } = *copying;
    let (total, start) = (packages.len(), cx.with(|cx| cx.now()));
    let earlier = cx.with(|cx| resumed(cx, selection).filter(|_| resumes).map_or(0, |partial| partial.packages));
    if resumes && earlier == 0 {
        cx.with(|cx| {
            cx.vcsa_mut().partial = None;
            note_partial(cx, selection, 0, 0);
        });
    }
    count_nothing(cx, total as u64);
    if total == 0 {
        run::power_may_fail(cx, copying.phases, Span::ZERO).await;
    }
    let mut wanted = selection.packages.iter().peekable();
    let mut copied = 0_u64;
    for (done, package) in packages.iter().enumerate() {
        if done == total / 2 {
            run::power_may_fail(cx, copying.phases, Span::ZERO).await;
        }
        let chosen = wanted.next_if(|next| next.name == package.name).is_some();
        if chosen && done >= earlier {
            let span = cx.with(|cx| source::span_of(cx, source, package));
            cx.pass(span).await;
            copied = copied.saturating_add(package.size());
            cx.with(|cx| store(cx, copying, package, copied))?;
            if resumes {
                cx.with(|cx| note_partial(cx, selection, done + 1, package.size()));
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
        log_is_writable(cx).then_some(())
    })
}

/// Brings one package into the staging area, of which `copied` bytes are then taken by this update.
fn store(cx: &mut Context<'_>, copying: &Copying<'_>, package: &Package, copied: u64) -> Option<()> {
    // What is noted of a stage that can go on counts as taken already.
    let more = if copying.resumes { package.size() } else { copied };
    if !has_room(cx, more, copying.downloads) {
        cx.line("");
        say_inferred(cx, &format!("[Errno 28] No space left on device: '{}'", package.body.path));
        return None;
    }
    source::fetch(cx, copying.source, package).then_some(())
}

/// What an earlier try has left in the staging area of what is chosen now.
fn resumed<'a>(cx: &'a Context<'_>, selection: &Selection) -> Option<&'a Partial> {
    cx.vcsa().partial.as_ref().filter(|partial| {
        partial.manifest == selection.patch.manifest && partial.third_party_only == selection.third_party_only
    })
}

/// So much has been copied by now.
fn note_partial(cx: &mut Context<'_>, selection: &Selection, packages: usize, bytes: u64) {
    let vcsa = cx.vcsa_mut();
    let before = vcsa.partial.as_ref().map_or(0, |partial| partial.bytes);
    let Selection { patch, third_party_only, .. } = selection;
    vcsa.partial = Some(Partial {
        manifest: patch.manifest,
        third_party_only: *third_party_only,
        packages,
        bytes: before.saturating_add(bytes),
    });
    vcsa.weigh();
}
