//! `health.*` (6.5 and later) and `resources.*.health.get`: colours that follow from the model of the appliance.

use super::Command;
use super::args::{ALL, SINCE_6_5, call, inferred, member};
use crate::shell::argparse::{Parsed, Parser};
use crate::shell::{Context, Outcome};
use crate::systems::linux::clock;
use crate::systems::vcsa::api::health::{self, Ask, Color};

const BOUNDS: &str = "the colours of the API; where they begin is a guess";
const COLORS: &str = "the colours of the API reference";

/// So often the appliance looks at itself, in seconds.
const CHECKED_EVERY: i64 = 60;

/// The commands.
pub const COMMANDS: &[&Command] = &[
    &call(
        &Parser::new("com.vmware.appliance.health.applmgmt.get")
            .description("Get health status of applmgmt services."),
        // A call that is answered was answered by it.
        |cx, _| show(cx, |_, _| Color::Green),
        &[inferred("health.applmgmt.get", SINCE_6_5, BOUNDS)],
    ),
    &call(
        &Parser::new("com.vmware.appliance.health.databasestorage.get").description("Get database storage health."),
        |cx, _| show(cx, health::database_storage),
        &[inferred("health.databasestorage.get: /storage/db, dblog and seat; gray without a database", SINCE_6_5, BOUNDS)],
    ),
    &call(
        &Parser::new("com.vmware.appliance.health.load.get").description("Get load health."),
        |cx, _| show(cx, health::load),
        &[inferred("health.load.get", SINCE_6_5, BOUNDS)],
    ),
    &call(
        &Parser::new("com.vmware.appliance.health.mem.get").description("Get memory health."),
        |cx, _| show(cx, health::memory),
        &[inferred("health.mem.get", SINCE_6_5, BOUNDS)],
    ),
    &call(
        &Parser::new("com.vmware.appliance.health.softwarepackages.get")
            .description("Get information on available software updates available in the remote vSphere Update Manager repository. Red indicates that security updates are available. Orange indicates that non-security updates are available. Green indicates that there are no updates available. Gray indicates that there was an error retrieving information on software updates."),
        software,
        &[inferred("health.softwarepackages.get: what the repository offers", SINCE_6_5, COLORS)],
    ),
    &call(
        &Parser::new("com.vmware.appliance.health.storage.get").description("Get storage health."),
        |cx, _| show(cx, health::storage),
        &[inferred("health.storage.get: a full partition turns it red", SINCE_6_5, BOUNDS)],
    ),
    &call(
        &Parser::new("com.vmware.appliance.health.swap.get").description("Get swap health."),
        |cx, _| show(cx, health::swap),
        &[inferred("health.swap.get", SINCE_6_5, BOUNDS)],
    ),
    &call(
        &Parser::new("com.vmware.appliance.health.system.get").description("Get overall health of system."),
        |cx, _| show(cx, health::system),
        &[inferred("health.system.get: the worst of all, services too", SINCE_6_5, BOUNDS)],
    ),
    &call(
        &Parser::new("com.vmware.appliance.health.system.lastcheck")
            .description("Get last health check timestamp. Timestamp format: YYYY-MM-DDThh:mm:ss.sTZD."),
        last_check,
        &[inferred("health.system.lastcheck", SINCE_6_5, "how often it is checked is a guess")],
    ),
    &call(
        &Parser::new("com.vmware.appliance.version1.resources.load.health.get").description("Get load health."),
        |cx, _| show(cx, health::load),
        &[inferred("resources.load.health.get", ALL, BOUNDS)],
    ),
    &call(
        &Parser::new("com.vmware.appliance.version1.resources.mem.health.get").description("Get memory health."),
        |cx, _| show(cx, health::memory),
        &[inferred("resources.mem.health.get", ALL, BOUNDS)],
    ),
    &call(
        &Parser::new("com.vmware.appliance.version1.resources.softwarepackages.health.get")
            .description("Get the health of the update component."),
        software,
        &[inferred("resources.softwarepackages.health.get", ALL, COLORS)],
    ),
    &call(
        &Parser::new("com.vmware.appliance.version1.resources.storage.health.get")
            .description("Get storage health statistics."),
        |cx, _| show(cx, health::storage),
        &[inferred("resources.storage.health.get: a full partition turns it red", ALL, BOUNDS)],
    ),
    &call(
        &Parser::new("com.vmware.appliance.version1.resources.swap.health.get").description("Get swap health."),
        |cx, _| show(cx, health::swap),
        &[inferred("resources.swap.health.get", ALL, BOUNDS)],
    ),
    &call(
        &Parser::new("com.vmware.appliance.version1.resources.system.health.get")
            .description("Get the overall health of the system."),
        |cx, _| show(cx, health::system),
        &[inferred("resources.system.health.get: the worst of all, services too", ALL, BOUNDS)],
    ),
];

fn show(cx: &mut Context<'_>, ask: Ask) -> Outcome {
    member(cx, "Health", |cx| ask(cx.world, cx.machine()).word())
}

fn software(cx: &mut Context<'_>, _: &Parsed) -> Outcome {
    member(cx, "Health", |cx| health::software_now(cx).word())
}

fn last_check(cx: &mut Context<'_>, _: &Parsed) -> Outcome {
    member(cx, "Lastcheck", |cx| {
        let seconds = cx.vcsa().linux.zone.reads(cx.now().utc().unix_timestamp());
        let checked = seconds - seconds.rem_euclid(CHECKED_EVERY);
        clock::format("%Y-%m-%dT%H:%M:%S.000Z", checked, 0, &clock::Zone::utc())
    })
}
