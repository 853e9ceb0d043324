//! What `service-control` takes, by release. Help of 6.0 and 7.0 is captured, of 6.5 the usage line.

use super::{Form, form};
use crate::shell::argparse::{Argument, Dialect, Nargs, Parsed, Parser, Stop};
use crate::systems::linux::proc::Proc;
use crate::systems::vcsa::appliance;
use crate::systems::vcsa::model::Vcsa;

const SERVICES: Argument =
    Argument::positional("services").help("Services on which to operate").nargs(Nargs::Remainder);
const PROFILE: Argument =
    Argument::option(&["--vmon-profile"]).help("Start/Stop services associated with given profile name.");
const ALL: Argument =
    Argument::flag(&["--all"]).help("Start/Stop all VMware services i.e. core and the default mgmt services).");
const IGNORE: Argument =
    Argument::flag(&["--ignore"]).help("Ignore errors. Continue with given operation even if errors occur.");
const START: Argument = Argument::flag(&["--start"]).help("Perform start operation on VMware services.");
const STOP: Argument = Argument::flag(&["--stop"]).help("Perform stop operation on VMware services.");
const STATUS: Argument = Argument::flag(&["--status"]).help("Get running status of VMware services.");
const LIST: Argument = Argument::flag(&["--list"])
    .help("List all controllable VMware services. This option will soon be deprecated. Please use --list-services.");
const LIST_SERVICES: Argument = Argument::flag(&["--list-services"]).help("Lists all controllable VMware services.");

const DESCRIPTION: &str = "Perform operation on VMware services. By default the services selected are based on current \
startup profile. This can be overridden by using --all and --vmon-profile options.";

/// 6.0.
pub static V6_0: Parser = Parser::new("service-control").arguments(&[
    Argument::flag(&["--start"]).help("Start all VMware services (except core)"),
    Argument::flag(&["--stop"]).help("Stop all VMware services (except core)"),
    Argument::flag(&["--all"]).help("Start/stop all VMware services (including core)"),
    Argument::flag(&["--status"]).help("Get status of all VMware services (except core) (default)"),
    Argument::flag(&["--list"]).help("List all controllable services"),
    Argument::flag(&["--ignore"]).help("Ignore errors. Continue starting or stopping services even if errors occur."),
    Argument::option(&["--file"]).help("Service config file"),
    Argument::flag(&["--dry-run"]).help("Print actions to be performed without actually doing them"),
    SERVICES,
]);

/// 6.5 and 6.7.
pub static V6_5: Parser = Parser::new("service-control").description(DESCRIPTION).arguments(&[
    START,
    STOP,
    STATUS,
    LIST,
    LIST_SERVICES,
    PROFILE,
    ALL,
    IGNORE,
    SERVICES,
]);

/// From 7.0 on.
pub static V7_0: Parser = Parser::new("service-control").description(DESCRIPTION).arguments(&[
    START,
    STOP,
    Argument::flag(&["--restart"]).help("Perform restart operation on a single VMware service."),
    STATUS,
    LIST,
    LIST_SERVICES,
    Argument::flag(&["--list-dependencies"]).help("Lists dependencies for a given service."),
    PROFILE,
    ALL,
    IGNORE,
    Argument::flag(&["--verbose"]).help("Display detailed information."),
    SERVICES,
]);

/// What is to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operation {
    /// `--start`
    Start,
    /// `--stop`
    Stop,
    /// `--restart`
    Restart,
    /// `--status`
    Status,
    /// `--list`, `--list-services`
    List,
    /// `--list-dependencies`
    Dependencies,
    /// None of them, where that says nothing.
    Help,
}

impl Operation {
    /// As messages name it, in the present and in the past.
    #[must_use]
    pub fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Stop => ("stop", "stopped"),
            Self::Restart => ("restart", "restarted"),
            _ => ("start", "started"),
        }
    }
}

/// What was asked for.
#[derive(Debug)]
pub struct Ask {
    /// What to do.
    pub operation: Operation,
    /// With which services.
    pub names: Vec<String>,
    /// `--all`
    pub all: bool,
    /// `--ignore`
    pub ignore: bool,
    /// `--dry-run`
    pub dry_run: bool,
    /// `--verbose`
    pub verbose: bool,
    /// `--vmon-profile`
    pub profile: Option<String>,
    /// `--file`
    pub file: bool,
}

/// Reads the arguments.
///
/// # Errors
/// The help, or what argparse has to say.
pub fn read(p: &Proc, arguments: &[String]) -> Result<Ask, Stop> {
    let (parser, nothing) = (form(p).options, form(p).nothing);
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let parsed = parser.parse(dialect(p), columns(p), &words)?;
    let given = |option: &str| is_given(parser, &parsed, option);
    let operation = told(parser, &parsed).unwrap_or(nothing);
    Ok(Ask {
        operation,
        names: parsed.values("services").into_iter().map(str::to_owned).collect(),
        all: given("--all"),
        ignore: given("--ignore"),
        dry_run: given("--dry-run"),
        verbose: given("--verbose"),
        profile: given("--vmon-profile").then(|| parsed.value("vmon_profile").unwrap_or_default().to_owned()),
        file: given("--file"),
    })
}

/// What the words tell it to do, where it takes them.
#[must_use]
pub fn operation(vcsa: &Vcsa, arguments: &[String]) -> Option<Operation> {
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let parser = Form::of(vcsa.series().service_control).options;
    told(parser, &parser.parse(appliance::dialect(vcsa), usize::MAX, &words).ok()?)
}

fn told(parser: &Parser, parsed: &Parsed) -> Option<Operation> {
    const FLAGS: [(&str, Operation); 7] = [
        ("--start", Operation::Start),
        ("--stop", Operation::Stop),
        ("--restart", Operation::Restart),
        ("--list", Operation::List),
        ("--list-services", Operation::List),
        ("--list-dependencies", Operation::Dependencies),
        ("--status", Operation::Status),
    ];
    FLAGS.iter().find(|(flag, _)| is_given(parser, parsed, flag)).map(|(_, operation)| *operation)
}

fn is_given(parser: &Parser, parsed: &Parsed, option: &str) -> bool {
    parser.options().any(|argument| argument.longest_name() == option) && parsed.is_present(&dest(option))
}

/// Where the parser keeps what an option was given.
fn dest(option: &str) -> String {
    option.trim_start_matches('-').replace('-', "_")
}

/// The help, which a call without an operation shows.
#[must_use]
pub fn help(p: &Proc) -> String {
    form(p).options.parse(dialect(p), columns(p), &["--help"]).err().map_or(String::new(), |stop| stop.stdout)
}

fn dialect(p: &Proc) -> Dialect {
    super::vcsa(p, appliance::dialect)
}

fn columns(p: &Proc) -> usize {
    p.cx.with(|cx| usize::from(cx.session.terminal.columns))
}
