//! The smallest programs.

use super::{Tool, tool};
use crate::sim::Span;
use crate::systems::linux::proc::{Ended, Proc};

/// The programs of this file.
pub static TOOLS: &[Tool] = &[tool!("sleep", sleep)];

async fn sleep(p: &mut Proc, spans: &[String]) -> Ended {
    for text in spans {
        let Ok(secs) = text.parse::<u64>() else {
            return p.fail(&format!("invalid time interval '{text}'")).await;
        };
        p.pass(Span::secs(secs)).await?;
    }
    Ok(0)
}
