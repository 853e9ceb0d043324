//! `software-packages unstage` and `validate`: what is done with the staging area alone.

use super::report::{say, say_inferred, work};
use super::stage;
use crate::shell::{Cx, Outcome, Task};

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
    work(&cx, PURGE_MS).await;
    cx.with(|cx| {
        cx.vcsa_mut().staged = None;
        stage::leave(cx);
        say(cx, "Unstage operation completed successfully");
        cx.screen.mark_inferred();
    });
    0
}

/// `validate`.
pub(super) fn validate() -> Outcome {
    Outcome::Task(Task::new(check).on_abandon(stage::abandoned))
}

async fn check(cx: Cx) -> u8 {
    if !cx.with(stage::enter) {
        return 1;
    }
    let staged = cx.with(|cx| cx.vcsa().staged.clone());
    let status = match staged {
        None => {
            cx.with(|cx| say_inferred(cx, "Nothing is staged"));
            1
        }
        Some(staged) => {
            cx.with(|cx| say(cx, "Validating software update payload"));
            let millis = cx.with(|cx| cx.vcsa().rates.metadata_ms);
            work(&cx, millis.saturating_mul(staged.packages.len() as u64)).await;
            cx.with(|cx| {
                say(cx, "Validation successful");
                cx.screen.mark_inferred();
            });
            0
        }
    };
    cx.with(stage::leave);
    status
}
