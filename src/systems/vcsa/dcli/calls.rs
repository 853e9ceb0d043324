//! The calls of `dcli` that are modelled, by their words behind `com vmware appliance`: those that the appliance shell has, too,
//! and those of updates and shutdowns that it has not. A call's words are the names of the API without underscores (documented).

use std::sync::LazyLock;

use super::update;
use crate::shell::argparse::{Argument, Parsed, Parser};
use crate::shell::command::Run;
use crate::shell::{Context, Outcome};
use crate::systems::vcsa::api::key_providers::EXPORT;
use crate::systems::vcsa::commands::{self, Command, Named};
use crate::systems::vcsa::model::Vcsa;
use crate::systems::vcsa::series::Line;
use crate::systems::vcsa::settings::Role;
use crate::systems::vcsa::{appliance, rights};

/// What a call does.
pub type Body = fn(&mut Context<'_>, &Parsed) -> Outcome;

/// A call.
pub struct Call {
    /// Its words, and the same behind `com vmware appliance`.
    words: &'static str,
    full: &'static str,
    /// The first row of releases that has it.
    since: Line,
    how: How,
}

enum How {
    /// As the appliance shell does.
    Shell,
    /// By itself: who may make it, what it takes and does.
    Own(Role, &'static str, &'static [Argument], Body),
}

macro_rules! shell {
    ($words:literal) => {
        Call { words: $words, full: concat!("com vmware appliance ", $words), since: Line::V6_5, how: How::Shell }
    };
}

macro_rules! own {
    ($words:literal, $needs:ident, $about:literal, $takes:expr, $body:expr) => {
        Call {
            words: $words,
            full: concat!("com vmware appliance ", $words),
            since: Line::V6_7,
            how: How::Own(Role::$needs, $about, $takes, $body),
        }
    };
}

const VERSION: Argument =
    Argument::option(&["--version"]).required().metavar("VERSION").help("Version of the update (required)");
const URL: Argument = Argument::option(&["--url"]).metavar("URL").help("Specific URL to check");
const SOURCE: Argument = Argument::option(&["--source-type"])
    .required()
    .choices(&["LAST_CHECK", "LOCAL", "LOCAL_AND_ONLINE"])
    .help("Type of sources to search for updates (required)");
const REASON: Argument = Argument::option(&["--reason"]).required().help("Reason of the operation (required)");
const PROVIDER: Argument = Argument::option(&["--provider"]).required().help("Identifier of the provider (required)");
const DELAY: Argument = commands::args::number(&["--delay"], "Minutes before the operation (required)").required();

/// All of them.
static CALLS: [Call; 46] = [
    shell!("access consolecli get"),
    shell!("access consolecli set"),
    shell!("access dcui get"),
    shell!("access dcui set"),
    shell!("access shell get"),
    shell!("access shell set"),
    shell!("access ssh get"),
    shell!("access ssh set"),
    shell!("health applmgmt get"),
    shell!("health databasestorage get"),
    shell!("health load get"),
    shell!("health mem get"),
    shell!("health softwarepackages get"),
    shell!("health storage get"),
    shell!("health swap get"),
    shell!("health system get"),
    shell!("health system lastcheck"),
    shell!("networking dns domains add"),
    shell!("networking dns domains list"),
    shell!("networking dns domains set"),
    shell!("networking dns hostname get"),
    shell!("networking dns hostname set"),
    shell!("networking dns servers get"),
    shell!("networking dns servers set"),
    shell!("ntp get"),
    shell!("ntp set"),
    shell!("system storage resize"),
    shell!("system time get"),
    shell!("system uptime get"),
    shell!("system version get"),
    shell!("timesync get"),
    shell!("timesync set"),
    own!("shutdown cancel", Admin, "Cancel pending shutdown action.", &[], update::shutdown_cancel),
    own!("shutdown get", Operator, "Get details about the pending shutdown action.", &[], update::shutdown_get),
    own!("shutdown poweroff", Admin, "Power off the appliance.", &[DELAY, REASON], update::poweroff),
    own!("shutdown reboot", Admin, "Reboot the appliance.", &[DELAY, REASON], update::reboot),
    own!("update cancel", SuperAdmin, "Request the cancellation of the update operation.", &[], update::cancel),
    own!("update get", Operator, "Gets the current status of the appliance update.", &[], update::get),
    own!("update pending get", Operator, "Gets update information.", &[VERSION], update::pending_get),
    own!("update pending list", Operator, "Checks if new updates are available.", &[SOURCE, URL], update::pending_list),
    own!("update pending precheck", Operator, "Runs update precheck.", &[VERSION], update::precheck),
    own!(
        "update policy get",
        Operator,
        "Gets the automatic update checking and staging policy.",
        &[],
        update::policy_get
    ),
    own!(
        "update policy set",
        Admin,
        "Sets the automatic update checking and staging policy.",
        update::POLICY,
        update::policy_set
    ),
    own!("update staged delete", SuperAdmin, "Deletes the staged update.", &[], update::staged_delete),
    own!("update staged get", Operator, "Gets the current status of the staged update.", &[], update::staged_get),
    Call {
        words: EXPORT,
        full: EXPORT,
        since: Line::V7_0,
        how: How::Own(Role::Operator, "Export a provider for backup.", &[PROVIDER], update::export),
    },
];

/// The call of some words that a row of releases has.
pub fn find(words: &str, line: Line) -> Option<&'static Call> {
    CALLS.iter().find(|call| call.words == words && line >= call.since)
}

/// The same call of the appliance shell.
fn of_shell(call: &Call) -> Option<(&'static Command, &'static Parser, Body)> {
    let name = call.words.replace(' ', ".");
    Line::ALL.into_iter().rev().find_map(|line| match commands::find(line, &name, false)? {
        Named::Command(command) => match command.run {
            Run::Api(parser, run) => Some((command, parser, run)),
            Run::Words(_) | Run::Parsed(..) | Run::Program(_) => None,
        },
        Named::Unmodelled(_) => None,
    })
}

/// What a call takes.
pub fn parser(call: &'static Call) -> &'static Parser {
    static PARSERS: LazyLock<Vec<(&'static str, Parser)>> = LazyLock::new(|| {
        let made = CALLS.iter().map(|call| {
            let parser = match (&call.how, of_shell(call)) {
                (How::Own(_, about, takes, _), _) => Parser::new(call.full).description(about).arguments(takes),
                (How::Shell, Some((_, parser, _))) => parser.clone().prog(call.full),
                (How::Shell, None) => Parser::new(call.full),
            };
            (call.words, parser)
        });
        made.collect()
    });
    let found = PARSERS.iter().find(|(words, _)| *words == call.words);
    found.map_or_else(|| unreachable!("each call has its parser"), |(_, parser)| parser)
}

/// The help of a call.
pub fn help(call: &'static Call, vcsa: &Vcsa) -> String {
    parser(call).parse(appliance::dialect(vcsa), 80, &["--help"]).err().map_or_else(String::new, |stop| stop.stdout)
}

impl Call {
    /// Who may make it.
    pub fn needs(&self) -> Role {
        match self.how {
            How::Own(needs, ..) => needs,
            How::Shell => of_shell(self).map_or(Role::SuperAdmin, |(command, ..)| rights::of_call(command.name)),
        }
    }

    /// What it does.
    pub fn body(&self) -> Body {
        match self.how {
            How::Own(_, _, _, body) => body,
            How::Shell => of_shell(self).map_or(|_, _| Outcome::Silent, |(_, _, body)| body),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_call_does_something() {
        for call in &CALLS {
            assert!(matches!(call.how, How::Own(..)) || of_shell(call).is_some(), "{}", call.words);
            assert!(find(call.words, Line::LAST).is_some(), "{}", call.words);
        }
        assert!(find("update get", Line::V6_5).is_none() && find("update pending list", Line::V6_7).is_some());
    }

    #[test]
    fn who_may_patch_is_a_super_administrator() {
        let check = |words: &str, expect: Role| {
            assert_eq!(find(words, Line::LAST).map(Call::needs), Some(expect), "{words}");
        };
        check("update staged delete", Role::SuperAdmin);
        check("update pending list", Role::Operator);
        check("access ssh set", Role::Admin);
        check("access shell set", Role::SuperAdmin);
    }
}
