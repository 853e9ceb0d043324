//! `shutdown`: power off or restart the appliance, now or later, or think better of it.
//!
//! The refusal of `shutdown -r now` is captured; the other usage texts follow from the same library. Delay in minutes and
//! the need for a reason: the appliance's API reference. What a scheduled shutdown prints was never seen; nothing is
//! printed here.

use super::Command;
use crate::shell::argparse::{Argument, Kind, Parsed, Parser};
use crate::shell::command::{Evidence, Grade, Run};
use crate::shell::{Context, Outcome};
use crate::sim::Span;
use crate::systems::vcsa::model::{Action, Event, Shutdown};
use crate::systems::vcsa::{appliance, events};

const DELAY: Argument =
    Argument::option(&["-d", "--delay"]).kind(Kind::Int).default("0").help("Delay in minutes before the operation");
const REASON: Argument = Argument::option(&["-r", "--reason"]).required().help("Reason of the operation");

/// The arguments of the plug-in.
pub static PARSER: Parser = Parser::new("shutdown").arguments(&[Argument::subcommands(&[
    Parser::new("poweroff").help("Power off the appliance").arguments(&[DELAY, REASON]),
    Parser::new("reboot").help("Reboot the appliance").arguments(&[DELAY, REASON]),
    Parser::new("cancel").help("Cancel pending shutdown action"),
])]);

/// The plug-in.
pub const COMMAND: Command = Command {
    name: "com.vmware.shutdown",
    summary: "Power off or reboot the appliance.",
    run: Run::Parsed(&PARSER, run),
    evidence: &[
        Evidence {
            what: "shutdown -r now: and other wrong words",
            releases: "6.0",
            grade: Grade::Captured,
            source: "vcsa/shutdown-r-now.txt",
        },
        Evidence {
            what: "shutdown reboot -r REASON",
            releases: "6.0",
            grade: Grade::Captured,
            source: "vcsa/update-60-to-60u1.txt",
        },
        Evidence {
            what: "shutdown poweroff, -d MINUTES, cancel, help texts",
            releases: "6.0 to 8.0",
            grade: Grade::Inferred,
            source: "the appliance's shutdown API; argparse of Python 2.7",
        },
    ],
};

fn run(cx: &mut Context<'_>, parsed: &Parsed) -> Outcome {
    if parsed.command().is_empty() {
        return appliance::lacks_word(cx, &PARSER);
    }
    let action = match parsed.command().first().copied() {
        Some("poweroff") => Action::Poweroff,
        Some("reboot") => Action::Reboot,
        _ => return cancel(cx),
    };
    let reason = parsed.value("reason").unwrap_or_default().to_owned();
    match order(cx, action, parsed.int("delay").unwrap_or(0), reason) {
        Ok(()) => Outcome::Silent,
        Err(why) => refuse(cx, why),
    }
}

/// Shuts down after so many minutes, in place of what was ordered before.
///
/// # Errors
/// Why the delay cannot be.
pub fn order(cx: &mut Context<'_>, action: Action, minutes: i64, reason: String) -> Result<(), &'static str> {
    let minutes = u64::try_from(minutes).map_err(|_| "the delay must not be negative")?;
    // Python's calendar ends in the year 9999, as virtual time does.
    let delay = Span::secs(60).times(minutes);
    cx.now().later(delay).ok_or("the delay is too long")?;
    withdraw(cx);
    if minutes > 0 {
        let ticket = cx.after(delay, Event::ShutdownDue);
        cx.vcsa_mut().shutdown = Some(Shutdown { action, reason, ticket });
    } else {
        let machine = cx.machine();
        events::begin_shutdown(cx.world, machine, action);
    }
    Ok(())
}

/// A delay that cannot be. No capture shows one; it is refused in the layout of the error that was captured.
fn refuse(cx: &mut Context<'_>, why: &str) -> Outcome {
    cx.screen.mark_inferred();
    appliance::complain(cx, &PARSER, why)
}

fn cancel(cx: &mut Context<'_>) -> Outcome {
    withdraw(cx);
    Outcome::Silent
}

/// Takes back a shutdown that was scheduled before.
pub fn withdraw(cx: &mut Context<'_>) {
    if let Some(shutdown) = cx.vcsa_mut().shutdown.take() {
        cx.world.queue.cancel(shutdown.ticket);
    }
}
