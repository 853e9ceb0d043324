//! What is modelled, how faithfully, and on what evidence: the rows of `appsh coverage`.

use super::{linux, rhv, vcsa};
use crate::shell::{Evidence, Grade};

/// Each system's name with its rows: what is modelled first, then what the real thing has and appsh does not.
#[must_use]
pub fn table() -> Vec<(&'static str, Vec<Evidence>)> {
    vec![("vcsa", rows_of_vcsa()), ("rhv", rows_of_rhv()), ("linux", rows_of_linux())]
}

fn rows_of_rhv() -> Vec<Evidence> {
    let gaps = rhv::coverage::UNMODELLED.iter().map(|what| gap(what, "4.2 to 4.5"));
    rhv::coverage::EVIDENCE.iter().copied().chain(gaps).collect()
}

fn rows_of_linux() -> Vec<Evidence> {
    let gaps = linux::coverage::unmodelled().into_iter().map(|what| gap(what, "all"));
    linux::coverage::EVIDENCE.iter().copied().chain(gaps).collect()
}

fn rows_of_vcsa() -> Vec<Evidence> {
    let commands = vcsa::commands::COMMANDS.iter().flat_map(|command| command.evidence);
    let beyond = [vcsa::login::EVIDENCE, vcsa::events::EVIDENCE, vcsa::web::EVIDENCE, vcsa::appliance::EVIDENCE];
    let beyond = beyond.into_iter().flatten();
    let modelled = commands.chain(beyond).copied();
    modelled.chain(vcsa::commands::unmodelled().map(|what| gap(what, "6.0"))).collect()
}

fn gap(what: &'static str, releases: &'static str) -> Evidence {
    Evidence { what, releases, grade: Grade::NotModelled, source: "" }
}
