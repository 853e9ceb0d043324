//! What is modelled, how faithfully, and on what evidence: the rows of `appsh coverage`. Which transcripts type a command
//! stands in `coverage.tsv` beside this file, which a test keeps true.

use super::{linux, rhv, vcsa};
use crate::shell::{Evidence, Grade};

/// A command's name, and the transcripts in which it is typed.
const TRANSCRIPTS: &str = include_str!("coverage.tsv");

/// Each system's name with its rows: what is modelled first, then what the real thing has and appsh does not.
#[must_use]
pub fn table() -> Vec<(&'static str, Vec<Evidence>)> {
    vec![("vcsa", rows_of_vcsa()), ("rhv", rows_of_rhv()), ("linux", rows_of_linux())]
}

fn rows_of_rhv() -> Vec<Evidence> {
    let gaps = rhv::coverage::UNMODELLED.iter().copied().chain(rhv::own_programs::gaps());
    let gaps = gaps.map(|what| gap(what, "4.2 to 4.5"));
    rhv::coverage::EVIDENCE.iter().copied().chain(gaps).collect()
}

/// The command that a row of the vCSA is about: its name without prefixes, or that of a program of the root shell. Rows
/// about something else have none.
#[must_use]
pub fn command(what: &str) -> Option<&str> {
    let word = what.split([' ', ':', ',']).next()?;
    vcsa::commands::short_name(word)
        .or_else(|| vcsa::files::PROGRAMS.iter().map(|tool| tool.name).find(|name| *name == word))
}

/// The transcripts in which a command of the vCSA is typed, by its name as [`command`] gives it.
#[must_use]
pub fn transcripts(command: &str) -> Vec<&'static str> {
    let row = TRANSCRIPTS.lines().filter_map(|line| line.split_once('\t')).find(|(name, _)| *name == command);
    row.map_or_else(Vec::new, |(_, names)| names.split(' ').collect())
}

fn rows_of_linux() -> Vec<Evidence> {
    let gaps = linux::coverage::unmodelled().into_iter().map(|what| gap(what, "all"));
    linux::coverage::EVIDENCE.iter().copied().chain(gaps).collect()
}

fn rows_of_vcsa() -> Vec<Evidence> {
    let commands = vcsa::commands::COMMANDS.iter().flat_map(|command| command.evidence);
    let beyond = [
        vcsa::login::EVIDENCE,
        vcsa::events::EVIDENCE,
        vcsa::web::EVIDENCE,
        vcsa::appliance::EVIDENCE,
        vcsa::logs::EVIDENCE,
        vcsa::config_files::EVIDENCE,
        vcsa::autogrow::EVIDENCE,
        vcsa::python::EVIDENCE,
        vcsa::lvm::EVIDENCE,
        vcsa::rpm::EVIDENCE,
    ];
    let beyond = beyond.into_iter().flatten();
    let modelled = commands.chain(beyond).copied();
    let gaps = vcsa::commands::known::GAPS.iter().map(|(_, row)| *row);
    modelled.chain(gaps).chain(vcsa::own_programs::gaps()).collect()
}

fn gap(what: &'static str, releases: &'static str) -> Evidence {
    Evidence { what, releases, grade: Grade::NotModelled, source: "" }
}
