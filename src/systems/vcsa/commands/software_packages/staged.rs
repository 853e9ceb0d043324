//! `software-packages unstage` and `validate`: what is done with the staging area alone.

use super::report::{or_cancelled, say, say_inferred, work};
use super::stage;
use crate::shell::{Context, Cx, Outcome, Task};
use crate::systems::vcsa::software_update::State;
use crate::systems::vcsa::update_files;

/// Emptying the staging area, in milliseconds.
const PURGE_MS: u64 = 600;

/// `unstage`.
pub(super) fn unstage() -> Outcome {
    Outcome::Task(Task::new(purge).on_abandon(stage::abandoned))
}

async fn purge(cx: Cx) -> u8 {
    if !cx.with(stage::enter) {
        return 1;
    }
    let emptied = async {
        work(&cx, PURGE_MS).await;
        Some(())
    };
    let done = or_cancelled(&cx, emptied).await.is_some();
    cx.with(|cx| {
        stage::leave(cx);
        if done {
            empty(cx);
            say(cx, "Unstage operation completed successfully");
            cx.screen.mark_inferred();
        }
    });
    u8::from(!done)
}

/// There is nothing to install: of a stage that broke off and can go on, what its failure says is said again.
pub(super) fn say_nothing(cx: &mut Context<'_>) {
    let vcsa = cx.vcsa();
    let retry = vcsa.series().flow.stage_retry.filter(|_| vcsa.partial.is_some());
    say_inferred(cx, retry.unwrap_or("Nothing is staged"));
}

/// Nothing is staged any more.
pub fn empty(cx: &mut Context<'_>) {
    let now = cx.now();
    let vcsa = cx.vcsa_mut();
    vcsa.staged = None;
    vcsa.partial = None;
    if vcsa.software_update.state == State::UpdatesPending {
        vcsa.software_update.state = State::UpToDate;
    }
    update_files::tell(vcsa, now);
}

/// `validate`.
pub(super) fn validate() -> Outcome {
    Outcome::Task(Task::new(check).on_abandon(stage::abandoned))
}

async fn check(cx: Cx) -> u8 {
    if !cx.with(stage::enter) {
        return 1;
    }
    let valid = or_cancelled(&cx, check_staged(&cx)).await.is_some();
    cx.with(stage::leave);
    u8::from(!valid)
}

async fn check_staged(cx: &Cx) -> Option<()> {
    let Some(staged) = cx.with(|cx| cx.vcsa().staged.clone()) else {
        cx.with(say_nothing);
        return None;
    };
    cx.with(|cx| say(cx, "Validating software update payload"));
    let millis = cx.with(|cx| cx.vcsa().rates.metadata_ms);
    work(cx, millis.saturating_mul(staged.packages.len() as u64)).await;
    cx.with(|cx| {
        say(cx, "Validation successful");
        cx.screen.mark_inferred();
    });
    Some(())
}
