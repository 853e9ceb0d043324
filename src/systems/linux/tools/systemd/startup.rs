//! `systemd-analyze`: how long the start took, as a whole and by unit. The spans are those of the model: the kernel's messages
//! and how long each unit takes.

use super::{is_old, spec};
use crate::sim::Span;
use crate::systems::linux::model::kernel::{LOADING, RAM_DISK};
use crate::systems::linux::model::unit::Active;
use crate::systems::linux::model::units::timespan;
use crate::systems::linux::proc::{Ended, Proc};

/// `systemd-analyze`
pub async fn analyze(p: &mut Proc, arguments: &[String]) -> Ended {
    let words: Vec<&str> = arguments.iter().map(String::as_str).filter(|word| *word != "--no-pager").collect();
    match words.as_slice() {
        [] | ["time"] => time(p).await,
        ["blame"] => blame(p).await,
        [
            verb @ ("critical-chain" | "plot" | "dot" | "dump" | "verify" | "calendar" | "security" | "cat-config"
            | "set-log-level" | "get-log-level" | "log-level" | "syscall-filter" | "unit-paths"),
            ..,
        ] => p.gap(&format!("systemd-analyze {verb}")),
        [option, ..] if option.starts_with('-') => p.gap(&format!("systemd-analyze {option}")),
        [verb, ..] => {
            p.err(&format!("Unknown operation {verb}.\n")).await?;
            Ok(1)
        }
    }
}

/// A span as it is shown here: no finer than milliseconds, and those behind a point.
fn shown(span: Span) -> String {
    let millis = span.as_micros() / 1_000;
    let (minutes, rest) = (millis / 60_000, millis % 60_000);
    match (minutes, rest) {
        (0, rest @ ..1_000) => format!("{rest}ms"),
        (0, rest) => format!("{}.{:03}s", rest / 1_000, rest % 1_000),
        (1..60, rest) => format!("{minutes}min {}.{:03}s", rest / 1_000, rest % 1_000),
        _ => timespan(Span::millis(millis)),
    }
}

async fn time(p: &mut Proc) -> Ended {
    let (settled, booted) = p.peek(|linux| (linux.units.is_settled(), linux.booted));
    let target = p.peek(|linux| linux.default_target());
    let reached = super::state(p, &target).since.filter(|_| settled);
    let Some(reached) = reached else {
        let text = if is_old(p) {
            "Bootup is not yet finished. Please try again later.\n"
        } else {
            "Bootup is not yet finished (org.freedesktop.systemd1.Manager.FinishTimestampMonotonic=0).\nPlease try again \
             later.\nHint: Use 'systemctl list-jobs' to see active jobs\n"
        };
        p.err(text).await?;
        return Ok(1);
    };
    let user = reached.since(booted + Span::millis(LOADING));
    let parts = [(Span::millis(RAM_DISK), "kernel"), (Span::millis(LOADING - RAM_DISK), "initrd"), (user, "userspace")];
    let parts: Vec<String> = parts.iter().map(|(span, what)| format!("{} ({what})", shown(*span))).collect();
    let mut text = format!("Startup finished in {} = {}", parts.join(" + "), shown(reached.since(booted)));
    // From systemd 238 on.
    if p.peek(|linux| linux.distro.systemd >= Some(238)) {
        text.push_str(&format!(" \n{target} reached after {} in userspace", shown(user)));
    }
    p.inferred();
    p.out(&format!("{text}\n")).await?;
    Ok(0)
}

/// `blame`: the services that are up, the slowest first.
async fn blame(p: &mut Proc) -> Ended {
    let names: Vec<String> = p.peek(|linux| {
        let up = linux.units.iter().filter(|(name, state)| {
            name.ends_with(".service") && (state.active == Active::Active || state.ran.is_some())
        });
        up.map(|(name, _)| name.to_owned()).collect()
    });
    let mut rows: Vec<(Span, String)> =
        names.into_iter().filter_map(|name| Some((spec(p, &name)?.start, name))).collect();
    rows.sort_by(|(one, a), (other, b)| other.cmp(one).then_with(|| a.cmp(b)));
    p.inferred();
    for (span, name) in &rows {
        p.out(&format!("{:>16} {name}\n", shown(*span))).await?;
    }
    Ok(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_end_with_milliseconds() {
        let check = |millis: u64, expect: &str| assert_eq!(shown(Span::millis(millis)), expect);
        check(95, "95ms");
        check(4_600, "4.600s");
        check(61_002, "1min 1.002s");
    }
}
