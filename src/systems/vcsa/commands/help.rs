//! `help` and `exit`, the words of the appliance shell itself. `help api list` is captured but for the middle of the list,
//! which its source cut out; the texts of `help` alone and of `help pi list` are inferred, and so are the plug-ins' names.

use super::known::{self, API_PREFIX, PLUGIN_PREFIX};
use super::{Command, Named, find};
use crate::shell::command::{Evidence, Grade, Run};
use crate::shell::{Context, Outcome};
use crate::systems::vcsa::appliance;
use crate::systems::vcsa::series::Line;

/// `help`, also typed as `?`.
pub const HELP: Command = Command {
    name: "help",
    summary: "Show what there is.",
    run: Run::Words(help),
    evidence: &[
        Evidence {
            what: "help api list: layout; access.* to localaccounts.user.delete, services.list to timesync.set",
            releases: "6.0",
            grade: Grade::Captured,
            source: "evidence/vcsa/api-60-shell-disabled-help-api-list.txt",
        },
        Evidence {
            what: "help api list: localaccounts.user.get to resources.*",
            releases: "6.0",
            grade: Grade::Inferred,
            source: "cut out of the capture; names from the guide of 7.0",
        },
        Evidence {
            what: "help pi list: the names, and which plug-ins there are",
            releases: "6.0 to 8.0",
            grade: Grade::Inferred,
            source: "the guide of 7.0, less what came later; the heading is a guess",
        },
        Evidence {
            what: "help, help api NAME",
            releases: "6.0 to 8.0",
            grade: Grade::Inferred,
            source: "named in the greeting and the guide; texts unknown",
        },
    ],
};

/// `exit`.
pub const EXIT: Command = Command {
    name: "exit",
    summary: "Leave the shell.",
    run: Run::Words(exit),
    evidence: &[
        Evidence {
            what: "exit",
            releases: "6.0",
            grade: Grade::Captured,
            source: "evidence/vcsa/login-60u3b-raw-stream-unknown-command.txt",
        },
        Evidence {
            what: "exit",
            releases: "6.7",
            grade: Grade::Captured,
            source: "evidence/vcsa/login-67-shell-set-exit.txt",
        },
    ],
};

fn help(cx: &mut Context<'_>, words: &[&str]) -> Outcome {
    match words {
        ["api", "list"] => {
            cx.screen.mark_inferred();
            Outcome::Text(api_list(cx.vcsa().series().line))
        }
        ["pi", "list"] => {
            cx.screen.mark_inferred();
            Outcome::Text(plugin_list(cx.vcsa().series().line))
        }
        ["api", name] | ["pi", name] => {
            cx.screen.mark_inferred();
            describe(cx.vcsa().series().line, name)
        }
        _ => {
            cx.screen.mark_inferred();
            Outcome::Text(OVERVIEW.to_owned())
        }
    }
}

const OVERVIEW: &str = "
    * List APIs: \"help api list\"
    * List Plugins: \"help pi list\"
    * Describe an API: \"help api <name>\"
    * Leave this shell: \"exit\"

";

fn api_list(line: Line) -> String {
    let mut text = "\nSupported API calls by this server:\n".to_owned();
    for name in known::calls(line) {
        text.extend([API_PREFIX, name, "\n"]);
    }
    text.push('\n');
    text
}

fn plugin_list(line: Line) -> String {
    let mut text = "\nSupported plugins by this server:\n".to_owned();
    for plugin in known::plugins(line) {
        text.extend([PLUGIN_PREFIX, plugin.name, "\n"]);
    }
    text.push('\n');
    text
}

fn describe(line: Line, name: &str) -> Outcome {
    match find(line, name, false) {
        Some(Named::Command(Command { run: Run::Api(parser, _), name, .. })) => {
            Outcome::Text(appliance::api_help(name, parser))
        }
        Some(Named::Command(command)) => Outcome::Text(format!("{}\n", command.summary)),
        Some(Named::Unmodelled(name)) => match known::plugins(line).find(|plugin| plugin.name == name) {
            Some(plugin) => Outcome::Text(format!("{}.\n", plugin.about)),
            None => Outcome::Gap(format!("the help of {name}")),
        },
        None => Outcome::Refused(appliance::unknown(name), 1),
    }
}

fn exit(cx: &mut Context<'_>, _: &[&str]) -> Outcome {
    crate::systems::linux::parting::leave(cx, 0);
    Outcome::Silent
}
