//! How the tool speaks and how it waits: stamped lines, copied to its log, and steps that it polls once a second.

use crate::shell::{Context, Cx};
use crate::sim::{Instant, Span};
use crate::systems::linux::fs::Cred;
use crate::systems::vcsa::faults::{LOG_FULL, is_full};
use crate::systems::vcsa::files::LOG;
use crate::systems::vcsa::series::Python;
use crate::systems::vcsa::stamp;

/// How long one poll takes beyond its second, in microseconds: captured gaps are whole seconds and 1.9 to 3.3 ms a poll.
const POLL_EXCESS_US: (u64, u64) = (1_700, 2_900);

/// The text with the stamp of plain messages.
fn plain(cx: &Context<'_>, text: &str) -> String {
    stamp::plain(cx.now(), &cx.vcsa().linux.zone, text)
}

/// The text with the stamp of steps.
fn stepped(cx: &Context<'_>, text: &str) -> String {
    stamp::step(cx.now(), &cx.vcsa().linux.zone, text)
}

/// The stamp with nothing behind its colon that stands above each listing.
pub(super) fn head(cx: &mut Context<'_>) {
    let line = plain(cx, "");
    cx.line(&line);
    log(cx, "INFO", "Listing software packages");
}

/// A plain message.
pub(super) fn say(cx: &mut Context<'_>, text: &str) {
    let line = plain(cx, text);
    cx.line(&line);
    log(cx, "INFO", text);
}

/// A plain message whose wording has no source.
pub(super) fn say_inferred(cx: &mut Context<'_>, text: &str) {
    let line = plain(cx, text);
    cx.inferred_line(&line);
    log(cx, "ERROR", text);
}

/// The line of a step that takes a while.
pub(super) fn step(cx: &mut Context<'_>, text: &str) {
    let line = stepped(cx, text);
    cx.line(&line);
    log(cx, "INFO", text);
}

/// The beginning of a step's line, behind which a counter runs; the blank before the counter is part of the text.
pub(super) fn counting_step(cx: &mut Context<'_>, text: &str) {
    let line = stepped(cx, text);
    cx.screen.print(&line);
    log(cx, "INFO", text.trim_end());
}

/// A line of `software-packages.log`. Its layout is inferred: the default of the same `logging` module.
pub(super) fn log(cx: &mut Context<'_>, level: &str, text: &str) {
    if log_has_room(cx) {
        let line = format!("{} - {level} - {text}", stamp::with_millis(cx.now(), &cx.vcsa().linux.zone));
        let now = cx.now();
        let vcsa = cx.vcsa_mut();
        vcsa.log.push(line);
        if let Ok(file) = vcsa.linux.fs.lookup(&Cred::ROOT, "/", LOG) {
            // Without it, when root has made the disk read-only, only the time stays behind.
            vcsa.linux.fs.set_times(&Cred::ROOT, file, None, Some(now), now).unwrap_or_default();
        }
    }
}

/// Whether the log can be written. Without room on `/storage/log` the tool ends where it notices.
pub(super) fn log_has_room(cx: &Context<'_>) -> bool {
    !is_full(cx.world, cx.machine(), LOG_FULL)
}

/// As [`log_has_room`], and says so when it has not, in the words of Python.
pub(super) fn log_is_writable(cx: &mut Context<'_>) -> bool {
    let room = log_has_room(cx);
    if !room {
        let error = match cx.vcsa().series().python {
            Python::V2_7 => "IOError",
            Python::V3_6 => "OSError",
        };
        cx.inferred_line(&format!("{error}: [Errno 28] No space left on device: '{LOG}'"));
    }
    room
}

/// Waits until a step that began at `start` and lasts at least `span` is seen to have ended: the tool looks once a second.
pub(super) async fn poll(cx: &Cx, start: Instant, span: Span) {
    let polls = span.as_secs_up().max(1);
    let end = cx.with(|cx| {
        let (low, high) = POLL_EXCESS_US;
        let excess = cx.world.streams.between("vcsa.poll", low, high);
        start + Span::secs(polls) + Span::micros(excess.saturating_mul(polls))
    });
    cx.until(end).await;
}

/// Waits for a short piece of work of `millis` milliseconds, give or take a tenth.
pub(super) async fn work(cx: &Cx, millis: u64) {
    let span = cx.with(|cx| {
        let micros = millis.saturating_mul(1_000);
        let tenth = micros / 10;
        Span::micros(cx.world.streams.between("vcsa.work", micros - tenth, micros.saturating_add(tenth)))
    });
    cx.pass(span).await;
}

/// Does a part of the tool's work. Ctrl-C ends it wherever it stands, at the EULA's pager or question as while it copies,
/// and the tool says so; then the caller ends the run as after any failure. Nothing, too, when the work failed. (Wording
/// inferred: the pager offers `Ctrl+c to quit`, and no capture shows it taken.)
pub(super) async fn or_cancelled<T>(cx: &Cx, work: impl Future<Output = Option<T>>) -> Option<T> {
    let done = cx.unless_interrupted(work).await;
    if done.is_none() {
        cx.with(|cx| say_inferred(cx, "Operation cancelled"));
    }
    done.flatten()
}
