//! `timesync.*`: by what the appliance keeps its time. The modes are those of the guide.

use super::Command;
use super::args::{ALL, call, documented, inferred, member, refuse, text, word};
use super::services_api::once_settled;
use crate::shell::argparse::Parser;
use crate::systems::vcsa::api::ApiError;
use crate::systems::vcsa::api::time::{self, Mode};

/// The commands.
pub const COMMANDS: &[&Command] = &[
    &call(
        &Parser::new("com.vmware.appliance.version1.timesync.get").description("Get time synchronization mode."),
        |cx, _| member(cx, "Mode", |cx| time::mode(cx.world, cx.machine()).word()),
        &[inferred("timesync.get", ALL, "one member, as the API structure has it")],
    ),
    &call(
        &Parser::new("com.vmware.appliance.version1.timesync.set")
            .description("Set time synchronization mode.")
            .arguments(&[word(&["--mode"], "Time synchronization mode: Disabled, NTP or host").required()]),
        |cx, parsed| {
            let Some(mode) = Mode::of(text(parsed, "mode")) else {
                let text = format!("Invalid mode: {}, must be one of Disabled, NTP, host", text(parsed, "mode"));
                return refuse(cx, &ApiError::invalid(text));
            };
            let id = cx.machine();
            match time::set_mode(cx.world, id, mode) {
                Ok(()) => once_settled(cx.vcsa().linux.time_unit()),
                Err(error) => refuse(cx, &error),
            }
        },
        &[documented("timesync.set: starts and stops the NTP daemon, over a boot, too", ALL, "the guide of 7.0")],
    ),
];
