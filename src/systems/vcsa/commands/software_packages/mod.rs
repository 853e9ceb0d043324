//! `software-packages`: stage, install, list, unstage and validate updates.
//!
//! Message orders and stamps: reference `software-packages.md` sections 1 to 4, and the founding run; they stand as tables in
//! `flows/`. Usage and help texts were never captured: their layout is that of argparse, their wording is inferred. What
//! the tool says when something goes wrong is inferred from other releases of it wherever those were captured.

mod eula;
mod install;
mod list;
mod report;
mod run;
mod source;
mod stage;
mod staged;

pub use install::{UPGRADE, ZONE};
pub use run::PHASE;
pub use source::{CHECKSUM, DISC_READ};
pub use staged::empty;

use super::Command;
use crate::shell::argparse::{Argument, Exclusive, Nargs, Parsed, Parser};
use crate::shell::command::{Evidence, Grade, Run};
use crate::shell::{Context, Outcome};
use crate::systems::vcsa::appliance;
use crate::systems::vcsa::flows::Form;

/// Group of the options that say where an update comes from.
const FROM: &str = "source";

const ISO: Argument =
    Argument::flag(&["--iso"]).exclusive(FROM).help("Use the ISO image in the CD drive of the appliance");
const URL: Argument = Argument::option(&["--url"])
    .nargs(Nargs::Optional)
    .constant("")
    .exclusive(FROM)
    .help("Use the repository at URL, or the default repository");
const STAGED: Argument = Argument::flag(&["--staged"]).exclusive(FROM).help("Use the staged packages");
const ACCEPT: Argument = Argument::flag(&["--acceptEulas"]).help("Accept all end user license agreements");
const THIRD_PARTY: Argument = Argument::flag(&["--thirdParty"]).help("Process the packages of third parties only");

/// The arguments of the tool.
pub static PARSER: Parser =
    Parser::new("software-packages").arguments(&[Argument::subcommands(&[
        Parser::new("stage")
            .help("Stage software update packages")
            .exclusive(&[Exclusive::required(FROM)])
            .arguments(&[ISO, URL, ACCEPT, THIRD_PARTY]),
        Parser::new("unstage").help("Purge staged software packages"),
        Parser::new("validate").help("Validate staged software packages"),
        Parser::new("install")
            .help("Install software update packages")
            .exclusive(&[Exclusive::required(FROM)])
            .arguments(&[ISO, URL, STAGED, ACCEPT, THIRD_PARTY]),
        Parser::new("list").help("List details of software packages").exclusive(&[Exclusive::new(FROM)]).arguments(&[
            ISO,
            URL,
            STAGED,
            Argument::flag(&["--history"]).exclusive(FROM).help("List the updates installed so far"),
            Argument::flag(&["--installed"]).exclusive(FROM).help("List the installed packages"),
            Argument::option(&["--patch"]).metavar("NAME").exclusive(FROM).help("List the details of an update"),
            THIRD_PARTY,
        ]),
    ])]);

/// The plug-in.
pub const COMMAND: Command = Command {
    name: "com.vmware.software-packages",
    summary: "Update the software of the appliance.",
    run: Run::Parsed(&PARSER, run),
    evidence: &[
        Evidence {
            what: "software-packages stage --iso, install --staged, list --staged",
            releases: "6.0",
            grade: Grade::Captured,
            source: "vcsa/update-60-to-60u1.txt",
        },
        Evidence {
            what: "software-packages install --iso",
            releases: "6.0",
            grade: Grade::Captured,
            source: "vcsa/install-without-stage.txt",
        },
        Evidence {
            what: "software-packages install --url",
            releases: "6.0",
            grade: Grade::Captured,
            source: "vcsa/install-url.txt",
        },
        Evidence {
            what: "software-packages stage --iso, install --staged",
            releases: "6.5",
            grade: Grade::Captured,
            source: "evidence/vcsa/sp-65a-install-staged-witness.txt",
        },
        Evidence {
            what: "software-packages install --iso",
            releases: "6.5",
            grade: Grade::Captured,
            source: "evidence/vcsa/sp-65u3f-install-iso-tzshift.txt",
        },
        Evidence {
            what: "software-packages install: an update that does not support what runs",
            releases: "6.5",
            grade: Grade::Captured,
            source: "evidence/vcsa/sp-65u2h-install-iso-unsupported.txt",
        },
        Evidence {
            what: "software-packages list --staged",
            releases: "6.5",
            grade: Grade::Captured,
            source: "evidence/vcsa/sp-65u2h-list-staged.txt",
        },
        Evidence {
            what: "software-packages stage --iso, install --staged",
            releases: "6.7",
            grade: Grade::Captured,
            source: "evidence/vcsa/sp-67u3n-install-staged.txt",
        },
        Evidence {
            what: "software-packages list --staged",
            releases: "6.7",
            grade: Grade::Captured,
            source: "evidence/vcsa/sp-67u3n-list-staged.txt",
        },
        Evidence {
            what: "software-packages stage, install, list --staged",
            releases: "7.0",
            grade: Grade::Inferred,
            source: "the tool of 6.7; that it asks for a password and reboots by itself is told",
        },
        Evidence {
            what: "software-packages stage --iso, install --staged: the texts from the licence on",
            releases: "8.0",
            grade: Grade::Documented,
            source: "a how-to lists them without stamps",
        },
        Evidence {
            what: "software-packages stage, install, list --staged: stamps, what comes before the licence, a stage that goes on",
            releases: "8.0",
            grade: Grade::Inferred,
            source: "the tool of 7.0; the texts of failures are quoted one by one",
        },
        Evidence {
            what: "software-packages stage --url",
            releases: "6.0 to 8.0",
            grade: Grade::Inferred,
            source: "from install --url of 6.0 U1a",
        },
        Evidence {
            what: "software-packages install --url; install --iso but on 6.0 and 6.5",
            releases: "6.5 to 8.0",
            grade: Grade::Inferred,
            source: "from the forms that were captured",
        },
        Evidence {
            what: "software-packages install: the end of an update that needs no reboot",
            releases: "6.0 to 8.0",
            grade: Grade::Inferred,
            source: "that services restart is told of 6.7a and 8.0",
        },
        Evidence {
            what: "software-packages unstage",
            releases: "6.0 to 8.0",
            grade: Grade::Inferred,
            source: "half of the line was seen in a picture",
        },
        Evidence {
            what: "software-packages list, list --installed, --iso, --url, --history, --patch",
            releases: "6.0 to 8.0",
            grade: Grade::Inferred,
            source: "layout of list --staged; what is listed follows the upgrade guide",
        },
        Evidence {
            what: "software-packages validate",
            releases: "6.0 to 8.0",
            grade: Grade::Inferred,
            source: "the validation messages of stage",
        },
        Evidence {
            what: "software-packages usage, help and option errors",
            releases: "6.0 to 8.0",
            grade: Grade::Inferred,
            source: "argparse of Python 2.7 and 3 over the documented options",
        },
        Evidence {
            what: "software-packages: root's password expired or about to, no container blobs, a manifest that is not what its signature says",
            releases: "6.5 to 8.0",
            grade: Grade::Inferred,
            source: "texts of the management page and of other tools' notes",
        },
        Evidence {
            what: "software-packages: EULA refused, Ctrl-C (anywhere), a connection that breaks, nothing staged, nothing newer, no disc, wrong disc, bad checksum, no room, no repository, wrong clock",
            releases: "6.0 to 8.0",
            grade: Grade::Inferred,
            source: "error texts of 6.5 to 8.0 where there are any",
        },
        Evidence {
            what: "files of the state of updates, and what the management page says of it",
            releases: "6.7 to 8.0",
            grade: Grade::Documented,
            source: "a support note quotes two files, a KB the page; the rest is inferred",
        },
    ],
};

/// Where an update is taken from.
#[derive(Clone, Debug, PartialEq, Eq)]
enum From {
    Iso,
    /// The repository at this address, or the default one.
    Url(Option<String>),
}

/// What was asked for, apart from the verb.
#[derive(Clone, Copy, Debug, Default)]
struct Wishes {
    accept_eulas: bool,
    third_party_only: bool,
}

fn run(cx: &mut Context<'_>, parsed: &Parsed) -> Outcome {
    if parsed.command().is_empty() {
        return appliance::lacks_word(cx, &PARSER);
    }
    let wishes = Wishes { accept_eulas: parsed.flag("acceptEulas"), third_party_only: parsed.flag("thirdParty") };
    let from = from(parsed);
    match (parsed.command().first().copied(), from) {
        (Some("stage"), Some(From::Iso)) => run::task(Form::StageIso, From::Iso, wishes),
        (Some("stage"), Some(from)) => run::task(Form::StageUrl, from, wishes),
        (Some("install"), Some(From::Iso)) => run::task(Form::InstallIso, From::Iso, wishes),
        (Some("install"), Some(from)) => run::task(Form::InstallUrl, from, wishes),
        (Some("install"), None) => run::task(Form::InstallStaged, From::Iso, wishes),
        (Some("unstage"), _) => staged::unstage(),
        (Some("validate"), _) => staged::validate(),
        (_, Some(from)) => list::offered(from, wishes),
        (_, None) if parsed.flag("staged") => list::staged(wishes),
        (_, None) if parsed.flag("history") => list::history(wishes),
        (_, None) if parsed.is_present("patch") => list::patch(parsed.value("patch").unwrap_or_default().to_owned()),
        (_, None) => list::installed(wishes),
    }
}

fn from(parsed: &Parsed) -> Option<From> {
    if parsed.flag("iso") {
        return Some(From::Iso);
    }
    let url = parsed.value("url")?;
    Some(From::Url(Some(url.to_owned()).filter(|url| !url.is_empty())))
}
